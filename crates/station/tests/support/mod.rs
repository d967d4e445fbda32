//! What the tests and benches of this crate share: a province that publishes real signed
//! feeds, its people, and a desk in a folder of its own.

pub mod house;
pub mod people;
pub mod province;
pub mod publishing;
