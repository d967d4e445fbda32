//! What holds for every code and for every verdict, whatever the values.

mod code;
mod text;
mod verdict;
mod world;
