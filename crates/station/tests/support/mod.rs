//! What the tests and benches of this crate share: a province that publishes real signed
//! feeds, its people, and a desk in a folder of its own.

pub(crate) mod cities;
pub(crate) mod house;
pub(crate) mod people;
pub(crate) mod province;
pub(crate) mod publishing;
