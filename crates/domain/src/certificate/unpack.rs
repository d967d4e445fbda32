//! Unpacking, up to a limit: a few bytes can be made to unpack to gigabytes.

use miniz_oxide::inflate::{self, TINFLStatus};

use super::CertificateError;

/// The most that a certificate may unpack to, in bytes. A full European one takes under
/// 1 kB, a health card with a dozen entries under 10 kB.
const LIMIT_BYTES: usize = 64 * 1024;

/// Unpacks DEFLATE (RFC 1951) without a checksum, as health cards have it.
pub(super) fn deflate(packed: &[u8]) -> Result<Vec<u8>, CertificateError> {
    inflate::decompress_to_vec_with_limit(packed, LIMIT_BYTES).map_err(|error| why(error.status))
}

/// Unpacks zlib (RFC 1950), checksum included.
pub(super) fn zlib(packed: &[u8]) -> Result<Vec<u8>, CertificateError> {
    inflate::decompress_to_vec_zlib_with_limit(packed, LIMIT_BYTES)
        .map_err(|error| why(error.status))
}

const fn why(status: TINFLStatus) -> CertificateError {
    match status {
        TINFLStatus::HasMoreOutput => CertificateError::TooLong,
        _ => CertificateError::Packed,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use miniz_oxide::deflate::{compress_to_vec, compress_to_vec_zlib};

    #[test]
    fn a_small_packet_does_not_become_a_large_one() {
        let check = |bytes: usize, expect: Result<usize, CertificateError>| {
            let packed = compress_to_vec_zlib(&vec![0; bytes], 9);
            assert_eq!(zlib(&packed).map(|plain| plain.len()), expect, "{bytes} bytes");
            let packed = compress_to_vec(&vec![0; bytes], 9);
            assert_eq!(deflate(&packed).map(|plain| plain.len()), expect, "{bytes} bytes");
        };
        check(0, Ok(0));
        check(LIMIT_BYTES, Ok(LIMIT_BYTES));
        check(LIMIT_BYTES + 1, Err(CertificateError::TooLong));
        check(64 << 20, Err(CertificateError::TooLong));
    }

    #[test]
    fn a_damaged_packet_is_refused() {
        let mut packed = compress_to_vec_zlib(b"some certificate", 9);
        assert_eq!(zlib(&packed[..packed.len() - 1]), Err(CertificateError::Packed));
        let last = packed.len() - 1;
        packed[last] ^= 1;
        assert_eq!(zlib(&packed), Err(CertificateError::Packed), "the checksum is looked at");
    }
}
