//! What a JPEG's header says of the memory it takes, and large photographs unpacked to grey at once.

use zune_jpeg::JpegDecoder;
use zune_jpeg::zune_core::bytestream::ZCursor;
use zune_jpeg::zune_core::colorspace::ColorSpace;
use zune_jpeg::zune_core::options::DecoderOptions;

use crate::load::MAX_SIDE;

/// What comes before the first scan (ISO/IEC 10918-1, B.2).
pub(crate) struct Header<'a> {
    /// How many samples of each component stand in a block of the picture, across and down.
    sampling: Vec<(u64, u64)>,
    /// The first scan has every component to the last bit.
    whole: bool,
    /// From the first scan on.
    scans: &'a [u8],
}

impl<'a> Header<'a> {
    /// Segments say how long they are, and may hold a small JPEG with an end of its own. None when
    /// there is no scan.
    pub(crate) fn of(bytes: &'a [u8]) -> Option<Self> {
        let (mut sampling, mut sequential) = (Vec::new(), false);
        let mut rest = bytes.get(2..)?;
        while let [0xFF, marker, ..] = *rest {
            let (length, segment) = match (marker, rest) {
                // Fill bytes, and markers without a length.
                (0xFF, _) => (1, &[][..]),
                (0x01 | 0xD0..=0xD7, _) => (2, &[][..]),
                (_, [_, _, high, low, ..]) => {
                    let length = usize::from(u16::from_be_bytes([*high, *low]));
                    (2 + length, rest.get(4..2 + length).unwrap_or_default())
                }
                _ => return None,
            };
            match marker {
                // A frame; 0xC4, 0xC8 and 0xCC are something else.
                0xC0..=0xC3 | 0xC5..=0xC7 | 0xC9..=0xCB | 0xCD..=0xCF => {
                    sequential = marker <= 0xC1;
                    let components = segment.get(6..).unwrap_or_default().chunks_exact(3);
                    sampling = components
                        .map(|one| (u64::from(one[1] >> 4), u64::from(one[1] & 15)))
                        .collect();
                }
                0xDA => {
                    let all = segment.first().is_some_and(|n| usize::from(*n) == sampling.len());
                    return Some(Self { sampling, whole: sequential && all, scans: rest });
                }
                _ => {}
            }
            rest = rest.get(length..)?;
        }
        None
    }

    /// Whether the file goes on to the picture's end.
    pub(crate) fn ends(&self) -> bool {
        self.scans.windows(2).any(|pair| pair == [0xFF, 0xD9])
    }

    /// The bytes that a decoder keeps until the last scan, beside the picture itself.
    pub(crate) fn kept(&self, pixels: u64) -> u64 {
        let most = |pick: fn(&(u64, u64)) -> u64| self.sampling.iter().map(pick).max().unwrap_or(1);
        let block = (most(|one| one.0) * most(|one| one.1)).max(1);
        let samples: u64 = self.sampling.iter().map(|(across, down)| across * down).sum();
        if self.whole { 0 } else { 2 * pixels * samples / block }
    }
}

/// Unpacks brightness alone, which takes a byte a pixel. None when the file is damaged, or its
/// colours have no brightness of their own.
pub(crate) fn grey(bytes: &[u8]) -> Option<Vec<u8>> {
    let options = DecoderOptions::default()
        .jpeg_set_out_colorspace(ColorSpace::Luma)
        .set_max_width(MAX_SIDE as usize)
        .set_max_height(MAX_SIDE as usize);
    JpegDecoder::new_with_options(ZCursor::new(bytes), options).decode().ok()
}
