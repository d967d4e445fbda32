#![no_main]

#[path = "../bodies/picture.rs"]
#[expect(dead_code, reason = "the other half of it is another target's")]
mod body;

libfuzzer_sys::fuzz_target!(|data: &[u8]| body::loader(data));
