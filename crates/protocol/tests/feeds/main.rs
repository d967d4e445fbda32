//! The feeds from outside: formats, refusals, heads, sizes, pinned vectors.

#[cfg(test)]
mod common;
#[cfg(test)]
mod formats;
#[cfg(test)]
mod heads;
#[cfg(test)]
mod sizes;
#[cfg(test)]
mod vectors;
