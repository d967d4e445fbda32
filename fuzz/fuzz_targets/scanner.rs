#![no_main]

#[path = "../bodies/device.rs"]
#[expect(dead_code, reason = "two targets share a file")]
mod body;

libfuzzer_sys::fuzz_target!(|data: &[u8]| body::scanner(data));
