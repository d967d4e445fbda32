//! What goes wrong around a desk, and that nothing is lost by it.

mod closed;
mod ended;
mod kiosk;
mod network;
mod rotated;
mod two_at_once;
