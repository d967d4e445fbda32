//! The authority from outside: over real sockets, and as a process that is killed.

mod bad_input;
mod crash;
mod feeds;
mod limits;
mod pages;
mod story;
mod world;
