//! The desk, exercised through its public face against a province that publishes really
//! signed feeds, and against real sockets.
#![expect(clippy::unwrap_used, reason = "the helpers of tests are tests")]

#[path = "../support/mod.rs"]
mod support;

mod bad_feeds;
mod carried;
mod certificates;
mod chaos;
mod chips;
mod cities;
mod clock;
mod damage;
mod disk;
mod documents;
mod encounters;
mod feeds;
mod finish;
mod first_sync;
mod flights;
mod gate;
mod guests;
mod http;
mod inside;
mod kill;
mod lanes;
mod leave;
mod lists;
mod log;
mod online;
mod operators;
mod passes;
mod regions;
mod report;
mod retention;
mod roots;
mod rotation;
mod sealed_log;
mod settings;
mod steps;
mod subscription;
mod symbols;
mod uploads;
mod verdicts;
mod windows;
