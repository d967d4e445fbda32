//! The programs of the house as child processes.
//!
//! `cargo xtask run` starts a demo with these, and the outside tests (`yanma-tests`) start the
//! same programs the same way; so what a newcomer sees is what the tests try. Nothing here links
//! a crate of ours: programs are met at their command lines and their ports only.

pub mod card;
pub mod children;
pub mod demo;
#[cfg(unix)]
mod ending;
pub mod offer;
pub mod scenes;
pub mod station;
