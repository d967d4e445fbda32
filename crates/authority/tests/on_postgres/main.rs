//! The authority on PostgreSQL: the tests of `all`, and what only PostgreSQL can do.

#![expect(clippy::unwrap_used, reason = "the helpers of tests are tests")]

#[path = "../all/appeals.rs"]
mod appeals;
#[path = "../all/authenticator.rs"]
mod authenticator;
#[path = "../all/bad_input.rs"]
mod bad_input;
#[path = "../all/briefing.rs"]
mod briefing;
#[path = "../all/claims.rs"]
mod claims;
#[path = "../all/console.rs"]
mod console;
#[path = "../all/counter.rs"]
mod counter;
#[path = "../all/crash.rs"]
mod crash;
mod days;
#[path = "../all/described.rs"]
mod described;
#[path = "../all/documents.rs"]
mod documents;
#[path = "../all/every_field.rs"]
mod every_field;
#[path = "../all/facts.rs"]
mod facts;
#[path = "../all/family.rs"]
mod family;
mod faults;
#[path = "../all/feeds.rs"]
mod feeds;
#[path = "../all/fill.rs"]
mod fill;
#[path = "../all/flips.rs"]
mod flips;
mod full_disk;
#[path = "../all/history.rs"]
mod history;
#[path = "../all/homes.rs"]
mod homes;
#[path = "../all/identity.rs"]
mod identity;
#[path = "../all/limits.rs"]
mod limits;
mod load;
mod lost_answers;
#[path = "../all/pages.rs"]
mod pages;
#[path = "../all/papers.rs"]
mod papers;
mod place;
mod processes;
#[path = "../all/region_carrier.rs"]
mod region_carrier;
#[path = "../all/region_console.rs"]
mod region_console;
#[path = "../all/regions.rs"]
mod regions;
#[path = "../all/retention.rs"]
mod retention;
mod schema;
#[path = "../all/schemes.rs"]
mod schemes;
#[path = "../all/second_factor.rs"]
mod second_factor;
mod server;
#[path = "../all/shows.rs"]
mod shows;
#[path = "../all/statistics.rs"]
mod statistics;
#[path = "../all/steps.rs"]
mod steps;
#[path = "../all/story.rs"]
mod story;
mod tls;
#[path = "../all/traces.rs"]
mod traces;
#[path = "../all/upgrade.rs"]
mod upgrade;
#[path = "../all/verify.rs"]
mod verify;
#[path = "../all/world.rs"]
mod world;
