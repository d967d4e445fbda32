//! Pictures that were made to do harm, or were cut off: each is loaded in a process of its own, and
//! what it cost there is measured. Linux only, where a process can tell.
#![cfg(target_os = "linux")]

use std::fs;
use std::io::Cursor;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use image::{DynamicImage, GrayImage, ImageFormat, Luma, Rgb, RgbImage};
use yanma_barcode::{Budget, Formats, GreyImage, PictureError, Symbology, load, read_or_hint};

/// Which case the child is to load.
const CASE: &str = "YANMA_HOSTILE_PICTURE";

const MOST_MS: u128 = 100;
const MOST_BYTES: u64 = 64 << 20;

type Make = fn() -> Vec<u8>;

/// Photographs that are larger than others, and how each is to end. They may take their time.
const LARGE: [(&str, Make, &str); 3] = [
    ("photograph-50-megapixels", || jpeg(8_160, 6_120, false), "picture"),
    ("photograph-progressive", || jpeg(3_000, 2_400, true), "picture"),
    ("photograph-progressive-large", || jpeg(5_000, 4_000, true), "too large"),
];

/// The cases, and how each is to end: with a picture, or with which error.
const CASES: [(&str, Make, &str); 25] = [
    ("nothing", Vec::new, "not a picture"),
    ("one-pixel", || file(&grey(1, 1), ImageFormat::Png), "picture"),
    ("wide", || file(&grey(100_000, 1), ImageFormat::Png), "too large"),
    ("high", || file(&grey(1, 100_000), ImageFormat::Png), "too large"),
    ("wide-jpeg", || file(&grey(65_000, 1), ImageFormat::Jpeg), "too large"),
    ("bomb-grey", || file(&grey(7_000, 7_000), ImageFormat::Png), "too large"),
    ("bomb-colour", || file(&colour(4_500, 4_000), ImageFormat::Png), "too large"),
    ("bomb-promised", || promising(16_000, 2_400), "too large"),
    ("bomb-largest", || promising(u32::MAX >> 1, u32::MAX >> 1), "damaged or too large"),
    ("bomb-profile", || with_profile(100 << 20), "any"),
    ("bomb-profile-small-picture", || with_profile(1 << 20), "picture"),
    ("bomb-jpeg", || file(&colour(4_500, 4_000), ImageFormat::Jpeg), "too large"),
    ("padded-jpeg", || padded(corpus("rgb.jpg"), 45 << 20), "picture"),
    ("16-bits", || corpus("16.png"), "picture"),
    ("16-bits-large", || sixteen(2_000, 1_500), "picture"),
    ("cmyk", || corpus("cmyk.jpg"), "picture"),
    ("progressive", || corpus("progressive.jpg"), "picture"),
    ("animated", || corpus("animated.png"), "picture"),
    ("animated-gif", || corpus("gif"), "not a picture"),
    (
        "page-called-a-picture",
        || b"<!doctype html><title>code.png</title>".to_vec(),
        "not a picture",
    ),
    ("archive", || b"PK\x03\x04code.png".repeat(1_000), "not a picture"),
    ("cut-png", || half(file(&noise(2_000, 1_500), ImageFormat::Png)), "damaged"),
    ("cut-jpeg", || half(file(&noise(2_000, 1_500), ImageFormat::Jpeg)), "damaged"),
    ("cut-progressive", || half(corpus("progressive.jpg")), "damaged"),
    (
        "zeros-after-the-header",
        || zeros_after(file(&grey(3_000, 3_000), ImageFormat::Png)),
        "damaged",
    ),
];

fn file(picture: &DynamicImage, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Vec::new();
    picture.write_to(&mut Cursor::new(&mut bytes), format).expect("as this test makes it");
    bytes
}

fn grey(width: u32, height: u32) -> DynamicImage {
    DynamicImage::ImageLuma8(GrayImage::from_pixel(width, height, Luma([0])))
}

fn colour(width: u32, height: u32) -> DynamicImage {
    DynamicImage::ImageRgb8(RgbImage::from_pixel(width, height, Rgb([1, 2, 3])))
}

fn noise(width: u32, height: u32) -> DynamicImage {
    let at = |x: u32, y: u32| {
        let mixed = (x.wrapping_mul(2_654_435_761) ^ y.wrapping_mul(40_503)).wrapping_mul(69_069);
        mixed.to_be_bytes()
    };
    DynamicImage::ImageRgb8(RgbImage::from_fn(width, height, |x, y| {
        let [a, b, c, _] = at(x, y);
        Rgb([a, b, c])
    }))
}

/// Noise as a photograph, with half the colours across and down as cameras write them.
fn jpeg(width: u16, height: u16, progressive: bool) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = jpeg_encoder::Encoder::new(&mut bytes, 75);
    encoder.set_progressive(progressive);
    encoder.set_sampling_factor(jpeg_encoder::SamplingFactor::F_2_2);
    let noise = noise(width.into(), height.into()).into_rgb8();
    encoder
        .encode(&noise, width, height, jpeg_encoder::ColorType::Rgb)
        .expect("as this test makes it");
    bytes
}

fn sixteen(width: u32, height: u32) -> Vec<u8> {
    file(&DynamicImage::ImageRgba16(noise(width, height).into_rgba16()), ImageFormat::Png)
}

fn corpus(name: &str) -> Vec<u8> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus/picture");
    fs::read(folder.join(format!("seed-{name}"))).expect("as this test makes it")
}

fn half(mut bytes: Vec<u8>) -> Vec<u8> {
    bytes.truncate(bytes.len() / 2);
    bytes
}

/// With so many zeros behind its end.
fn padded(mut bytes: Vec<u8>, zeros: usize) -> Vec<u8> {
    bytes.resize(bytes.len() + zeros, 0);
    bytes
}

fn zeros_after(mut bytes: Vec<u8>) -> Vec<u8> {
    bytes.iter_mut().skip(60).for_each(|byte| *byte = 0);
    bytes
}

fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| {
            (crc >> 1) ^ (0xEDB8_8320 & 0u32.wrapping_sub(crc & 1))
        })
    })
}

/// A chunk of PNG.
fn chunk(kind: &[u8; 4], data: &[u8]) -> Vec<u8> {
    let body = [&kind[..], data].concat();
    let length = u32::try_from(data.len()).expect("as this test makes it").to_be_bytes();
    [&length[..], &body, &crc32(&body).to_be_bytes()].concat()
}

/// A small PNG whose header says it is larger, in colour.
fn promising(width: u32, height: u32) -> Vec<u8> {
    let small = file(&colour(40, 30), ImageFormat::Png);
    let mut header = small[16..29].to_vec();
    header[..4].copy_from_slice(&width.to_be_bytes());
    header[4..8].copy_from_slice(&height.to_be_bytes());
    [&small[..8], &chunk(b"IHDR", &header), &small[33..]].concat()
}

/// A small PNG with a colour profile of so many zeros, packed.
fn with_profile(bytes: usize) -> Vec<u8> {
    // The packed rows of a black picture that is as large, one byte before each row.
    let side = u32::try_from(bytes.isqrt()).expect("as this test makes it");
    let black = file(&grey(side, side), ImageFormat::Png);
    let mut packed = Vec::new();
    let mut rest = &black[33..];
    while let [a, b, c, d, kind @ ..] = rest {
        let length = u32::from_be_bytes([*a, *b, *c, *d]) as usize;
        if kind.starts_with(b"IDAT") {
            packed.extend(&kind[4..4 + length]);
        }
        rest = &kind[8 + length..];
    }
    let profile = [b"bomb\0\0".to_vec(), packed].concat();
    let small = file(&colour(40, 30), ImageFormat::Png);
    [&small[..33], &chunk(b"iCCP", &profile), &small[33..]].concat()
}

/// The most memory this process has had, in bytes, since [`forget_peak`].
fn peak() -> u64 {
    let status = fs::read_to_string("/proc/self/status").expect("as this test makes it");
    let line =
        status.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("as this test makes it");
    line.trim().trim_end_matches("kB").trim().parse::<u64>().expect("as this test makes it") << 10
}

fn forget_peak() {
    fs::write("/proc/self/clear_refs", "5").expect("as this test makes it");
}

/// How long this thread has had a processor: others on the machine do not count.
fn busy() -> Duration {
    let ran = fs::read_to_string("/proc/thread-self/schedstat").expect("as this test makes it");
    Duration::from_nanos(
        ran.split(' ')
            .next()
            .expect("as this test makes it")
            .parse()
            .expect("as this test makes it"),
    )
}

/// In the child: loads one case and says how it ended, the milliseconds and the bytes.
#[expect(clippy::print_stdout, reason = "the child's answer")]
fn load_one(name: &str) {
    let (_, make, _) =
        CASES.iter().chain(&LARGE).find(|(case, ..)| *case == name).expect("as this test makes it");
    let bytes = make();
    forget_peak();
    let (before, begun) = (peak(), busy());
    let end = match load(&bytes) {
        Ok(_) => "picture",
        Err(PictureError::NotAPicture) => "not a picture",
        Err(PictureError::Damaged) => "damaged",
        Err(PictureError::TooLarge { .. }) => "too large",
        Err(_) => "another error",
    };
    let took = busy().saturating_sub(begun).as_millis();
    println!("\nHOSTILE {took} {} {end}", peak().saturating_sub(before));
}

#[test]
fn each_ends_soon_and_in_little_memory() {
    if let Ok(name) = std::env::var(CASE) {
        return load_one(&name);
    }
    for (name, _, expected) in CASES.into_iter().chain(LARGE) {
        let out = Command::new(std::env::current_exe().expect("as this test makes it"))
            .args(["--exact", "each_ends_soon_and_in_little_memory", "--nocapture"])
            .env(CASE, name)
            .output()
            .expect("as this test makes it");
        let said = String::from_utf8_lossy(&out.stdout);
        let line = said.lines().find_map(|line| line.strip_prefix("HOSTILE "));
        let line = line.unwrap_or_else(|| panic!("{name}: the process fell over: {said}"));
        let mut words = line.splitn(3, ' ');
        let ms: u128 =
            words.next().expect("as this test makes it").parse().expect("as this test makes it");
        let bytes: u64 =
            words.next().expect("as this test makes it").parse().expect("as this test makes it");
        let end = words.next().expect("as this test makes it");
        println!("{name:26} {end:14} {ms:4} ms {:6} kB", bytes >> 10);
        assert!(expected == "any" || expected.split(" or ").any(|one| one == end), "{name}: {end}");
        let hasty = CASES.iter().any(|(case, ..)| *case == name);
        assert!(!hasty || ms <= MOST_MS, "{name}: {ms} ms");
        assert!(bytes <= MOST_BYTES, "{name}: {bytes} bytes");
    }
}

#[test]
fn a_file_cut_anywhere_is_no_picture() {
    for (name, end) in [("rgb.png", 12), ("rgb.jpg", 0), ("progressive.jpg", 0), ("16.png", 12)] {
        let whole = corpus(name);
        assert!(load(&whole).is_ok(), "{name}");
        // Of PNG the last chunk says only that it is the last.
        for length in 0..whole.len() - end {
            let loaded = load(&whole[..length]);
            let refused = matches!(loaded, Err(PictureError::NotAPicture | PictureError::Damaged));
            assert!(refused, "{name} cut at {length} of {}", whole.len());
        }
    }
}

#[test]
fn pictures_of_strange_shapes_are_looked_at_in_time() {
    let budget = Budget { time: Duration::from_millis(100), exhaustive: false };
    let all = Formats::of(&Symbology::ALL);
    for (width, height) in [(1, 1), (2, 1), (1, 2), (3, 3), (16_384, 1), (1, 16_384), (16_384, 600)]
    {
        for kind in 0..3u32 {
            let mixed = |at: u32| at.wrapping_mul(2_654_435_761).to_be_bytes()[kind as usize];
            let pixels: Vec<u8> = match kind {
                0 => vec![0; (width * height) as usize],
                _ => (0..width * height).map(mixed).collect(),
            };
            let image = GreyImage::new(width, height, pixels).expect("as this test makes it");
            let begun = Instant::now();
            let (symbols, _) = read_or_hint(&image, &all, budget);
            assert!(symbols.is_empty(), "{width}×{height}: {symbols:?}");
            // Ten times as much for a machine that does other things.
            assert!(begun.elapsed() < Duration::from_secs(1), "{width}×{height}");
        }
    }
}
