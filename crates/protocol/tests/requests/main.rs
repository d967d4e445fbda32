//! Requests and answers from outside: their JSON, their limits, and what `Debug` shows.

#[cfg(test)]
mod limits;
#[cfg(test)]
mod samples;
#[cfg(test)]
mod shapes;
