//! The house exercised from outside: its rules, its programs, its window, and what breaks them.
//!
//! No crate of ours is linked here except the child-process part of `xtask`: programs are met the
//! way their users meet them. `cargo xtask test` builds them first.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "every line here is a test; what it measured is printed beside its result"
)]

mod faults;
mod harness;
mod pages;
mod rules;
mod stories;
