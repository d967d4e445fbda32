//! The authority from outside: over real sockets, and as a process that is killed.

#![expect(clippy::unwrap_used, reason = "the helpers of tests are tests")]

mod appeals;
mod authenticator;
mod bad_input;
mod briefing;
mod cities;
mod claims;
mod console;
mod cookies;
mod counter;
mod crash;
mod described;
#[cfg(target_os = "linux")]
mod disk_full;
mod documents;
mod every_field;
mod facts;
mod family;
mod feeds;
mod file;
mod fill;
mod flips;
mod history;
mod homes;
mod identity;
#[cfg(target_os = "linux")]
mod large_files;
mod limits;
mod pages;
mod papers;
mod place;
mod region_carried;
mod region_carrier;
mod region_console;
mod regions;
mod retention;
mod schemes;
mod sealed_log;
mod second_factor;
mod shows;
mod slow_regions;
mod sockets;
mod statistics;
mod steps;
mod story;
mod traces;
mod upgrade;
mod verify;
mod world;
