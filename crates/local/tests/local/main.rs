//! What other programs are answered, over real sockets, by a desk that knows a province.
#![expect(clippy::unwrap_used, reason = "the helpers of tests are tests")]

#[path = "../../../station/tests/support/mod.rs"]
#[expect(dead_code, reason = "the tests of the desk use more of it")]
mod support;

mod caller;
mod checks;
mod door;
mod events;
mod examples;
mod hooks;
mod receipts;
