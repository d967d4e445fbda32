#![no_main]

#[path = "../bodies/feed.rs"]
#[expect(dead_code, reason = "two targets share a file")]
mod body;
#[path = "../bodies/seal.rs"]
mod seal;

libfuzzer_sys::fuzz_target!(|data: &[u8]| body::cities(data));
