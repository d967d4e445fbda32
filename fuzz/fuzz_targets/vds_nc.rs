#![no_main]

#[path = "../bodies/certificate.rs"]
#[expect(dead_code, reason = "four targets share a file")]
mod body;

libfuzzer_sys::fuzz_target!(|data: &[u8]| body::vds_nc(data));
