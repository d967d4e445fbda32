//! The feeds from outside: formats, refusals, heads, sizes, pinned vectors.

#[cfg(test)]
mod common;
#[cfg(test)]
mod formats;
