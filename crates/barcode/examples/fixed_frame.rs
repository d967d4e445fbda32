//! One of three frames that never change, read once: what `cargo xtask test --only callgrind`
//! counts the instructions of. The same frame with `prepare` is made and not read, and costs what
//! has to be taken off.
//!
//! `cargo run -p yanma-barcode --example fixed_frame -- plain|nothing|hard read|prepare`

#[path = "../tests/desk/mod.rs"]
#[expect(dead_code, reason = "sequences are for tests, and the names of hardships")]
mod desk;

use std::time::Duration;

use yanma_barcode::{Budget, Formats, read};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let (hardship, number) = match arguments.next().as_deref() {
        Some("plain") => ("plain", 1),
        Some("nothing") => ("nothing", 1),
        Some("hard") => ("crumpled", 3),
        _ => return Err("say which frame: plain, nothing or hard".into()),
    };
    let frame = desk::frame(hardship, number, 0);
    match arguments.next().as_deref() {
        Some("prepare") => return Ok(()),
        Some("read") => {}
        _ => return Err("say what to do: read or prepare".into()),
    }
    // The looks of a live frame, and no clock: a count must not depend on the machine's speed.
    let budget = Budget { time: Duration::from_secs(600), exhaustive: false };
    let read = read(&frame.image, &Formats::CODES, budget);
    let texts: Vec<&str> = read.iter().map(|symbol| symbol.text.as_str()).collect();
    if texts == Vec::from_iter(frame.text.as_deref()) {
        return Ok(());
    }
    Err(format!("{} texts, and not what the frame holds", texts.len()).into())
}
