#![no_main]

#[path = "../bodies/document.rs"]
#[expect(dead_code, reason = "three targets share a file")]
mod body;

libfuzzer_sys::fuzz_target!(|data: &[u8]| body::pass(data));
