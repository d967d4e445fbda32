//! The authority (发码方): issues health codes, colours them, publishes the colours, answers
//! the desks and keeps what they report.
//!
//! Each room is a module: [`register`] (who exists), [`accounts`] (who is asking), [`claims`]
//! (who has a code), [`facts`] (what departments report), [`colour`] (rules over facts),
//! [`codes`] (showing), [`lists`] (what is answered from memory), [`verify`], [`entries`],
//! [`stations`], [`clerks`] (who works at the console; what opens their sessions is in `second_factor`), [`audit`] (who did what), [`traces`] (who was where), [`holders`] (who that is); [`http`] is the way in, [`database`] the way down, and
//! [`publishing`] the way out, by way of [`feeds`]. [`keys`] is the only file that touches private keys and
//! [`clock`] the only one that reads the clock.
//!
//! It judges nobody: whether a person passes is decided at the desk. It does not speak TLS:
//! a proxy in front of it does.

pub mod accounts;
pub mod appeals;
pub mod audit;
mod authority;
mod breaker;
mod by_hand;
mod callers;
pub mod claims;
pub mod clerks;
pub mod clock;
pub mod codes;
pub mod colour;
pub mod database;
mod days;
pub mod entries;
pub mod error;
pub mod facts;
pub mod feeds;
pub mod holders;
mod homes;
pub mod http;
pub mod identity;
pub mod keys;
pub mod limits;
pub mod lists;
mod outbound;
pub mod papers;
mod policies;
pub mod publishing;
pub mod regions;
pub mod register;
pub mod retention;
pub mod rotation;
mod rules;
mod second_factor;
mod secret;
pub mod shows;
pub mod simulate;
pub mod stations;
pub mod statistics;
pub mod traces;
pub mod verify;

pub use authority::{Authority, DEFAULT_CODE_HOST, Settings};
pub use clock::Clock;
pub use error::Error;
