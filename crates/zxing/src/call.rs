//! The border to C++, and the only unsafe code.
#![expect(unsafe_code, reason = "calling C++ is what this crate is for")]

use std::ffi::c_void;

use crate::{Effort, Finder, Format, Found, Part};

/// As `shim.cpp` lays it out.
#[repr(C)]
struct RawFound {
    format: Format,
    text: *const u8,
    text_length: usize,
    bytes: *const u8,
    bytes_length: usize,
    corners: [i32; 8],
    error: u32,
    inverted: u32,
    lines: i32,
    sequence_index: i32,
    sequence_size: i32,
    sequence_id: *const u8,
    sequence_id_length: usize,
}

/// As `shim.cpp` lays it out.
#[repr(C)]
struct Order {
    pixels: *const u8,
    width: i32,
    height: i32,
    formats: *const Format,
    formats_length: usize,
    flags: u32,
    most: u32,
}

unsafe extern "C" {
    fn yanma_zxing_read(
        order: *const Order,
        context: *mut c_void,
        each: extern "C" fn(*mut c_void, *const RawFound),
    ) -> i32;
    fn yanma_zxing_finders(
        order: *const Order,
        context: *mut c_void,
        each: extern "C" fn(*mut c_void, f32, f32, f32),
    ) -> i32;
}

/// The caller has checked that the pixels are as many as the sides say, and the sides' range.
pub(crate) fn read(
    pixels: &[u8],
    width: u32,
    height: u32,
    formats: &[Format],
    effort: Effort,
    most: u8,
) -> Vec<Found> {
    let bits = [
        effort.harder,
        effort.rotate,
        effort.invert,
        effort.downscale,
        effort.close,
        effort.errors,
        effort.global_threshold,
    ];
    let flags = bits.iter().enumerate().fold(0, |flags, (n, on)| flags | u32::from(*on) << n);
    let order = Order {
        pixels: pixels.as_ptr(),
        width: width.cast_signed(),
        height: height.cast_signed(),
        formats: formats.as_ptr(),
        formats_length: formats.len(),
        flags,
        most: u32::from(most),
    };
    let mut found: Vec<Found> = Vec::new();
    // SAFETY: `order` points at `pixels` and `formats`, which outlive the call and are only read,
    // within width × height and the number of formats; `take` gets the address of `found` back,
    // which nothing else touches during the call; C++ catches its own exceptions.
    let ended = unsafe { yanma_zxing_read(&raw const order, (&raw mut found).cast(), take) };
    if ended == 0 { found } else { Vec::new() }
}

/// The caller has checked what [`read`]'s caller checks.
pub(crate) fn finders(pixels: &[u8], width: u32, height: u32) -> Vec<Finder> {
    let order = Order {
        pixels: pixels.as_ptr(),
        width: width.cast_signed(),
        height: height.cast_signed(),
        formats: std::ptr::null(),
        formats_length: 0,
        flags: 0,
        most: 0,
    };
    let mut found: Vec<Finder> = Vec::new();
    // SAFETY: as in `read`; the formats are not looked at.
    unsafe { yanma_zxing_finders(&raw const order, (&raw mut found).cast(), take_finder) };
    found
}

extern "C" fn take_finder(context: *mut c_void, x: f32, y: f32, width: f32) {
    // SAFETY: `context` is the vector that `finders` lent for the length of its call.
    let found = unsafe { &mut *context.cast::<Vec<Finder>>() };
    found.push(Finder { x, y, width });
}

extern "C" fn take(context: *mut c_void, raw: *const RawFound) {
    // SAFETY: `context` is the vector that `read` lent for the length of its call, and `raw`
    // lives until this function returns.
    let (found, raw) = unsafe { (&mut *context.cast::<Vec<Found>>(), &*raw) };
    // SAFETY: these ranges belong to what C++ holds until this function returns.
    let (text, bytes, whole) = unsafe {
        (
            copy(raw.text, raw.text_length),
            copy(raw.bytes, raw.bytes_length),
            copy(raw.sequence_id, raw.sequence_id_length),
        )
    };
    let Ok(text) = String::from_utf8(text) else { return };
    let corner = |n: usize| (raw.corners[2 * n] as f32, raw.corners[2 * n + 1] as f32);
    let part = match (u32::try_from(raw.sequence_index), u32::try_from(raw.sequence_size)) {
        (Ok(index), Ok(of)) => {
            Some(Part { index, of, whole: String::from_utf8_lossy(&whole).into_owned() })
        }
        _ => None,
    };
    found.push(Found {
        format: raw.format,
        text,
        bytes,
        corners: [corner(0), corner(1), corner(2), corner(3)],
        damaged: raw.error != 0,
        inverted: raw.inverted != 0,
        lines: u32::try_from(raw.lines).unwrap_or(0),
        part,
    });
}

/// # Safety
/// `from` is null, or points at `length` bytes.
unsafe fn copy(from: *const u8, length: usize) -> Vec<u8> {
    if from.is_null() || length == 0 {
        return Vec::new();
    }
    // SAFETY: the caller's promise.
    unsafe { std::slice::from_raw_parts(from, length) }.to_vec()
}
