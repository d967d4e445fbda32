//! Successive frames of shaky codes: how many it takes.

#[expect(dead_code, reason = "single frames are for the example")]
mod desk;

use yanma_barcode::{Budget, Formats, Reader, read};

/// Enough time on a slow machine: what is tested is how many frames it takes, not how long.
const BUDGET: Budget = Budget { time: std::time::Duration::from_secs(20), exhaustive: false };

const FRAMES: u32 = 8;

const NEVER: usize = FRAMES as usize + 1;

/// The frame, counted from 1, in which something is read first, and whether it was the text.
fn first_reading(frames: &[desk::DeskFrame]) -> Option<(usize, bool)> {
    let mut reader = Reader::new(Formats::CODES, BUDGET);
    frames.iter().enumerate().find_map(|(at, frame)| {
        let symbol = reader.frame(&frame.image).symbols.into_iter().next()?;
        Some((at + 1, Some(symbol.text) == frame.text))
    })
}

/// For each sequence: which frames are readable alone, and the first in which the reader reads.
fn measure(numbers: &[u32], noise: (f32, f32)) -> Vec<(Vec<bool>, usize)> {
    let alone = |frame: &desk::DeskFrame| !read(&frame.image, &Formats::CODES, BUDGET).is_empty();
    let one = |number: &u32| {
        let frames = desk::shaky(*number, FRAMES, noise);
        let (first, right) = first_reading(&frames).unwrap_or((NEVER, true));
        assert!(right, "sequence {number}: a wrong text");
        (frames.iter().map(alone).collect(), first)
    };
    numbers.iter().map(one).collect()
}

fn first_alone(single: &[bool]) -> usize {
    single.iter().position(|readable| *readable).map_or(NEVER, |at| at + 1)
}

#[test]
fn what_nearly_one_frame_in_two_shows_is_read_within_three() {
    let numbers: Vec<u32> = (0..12).collect();
    let measured = measure(&numbers, (0.03, 0.1));
    let readable = measured.iter().flat_map(|(single, _)| single).filter(|one| **one).count();
    let share = readable as f32 / (measured.len() * FRAMES as usize) as f32;
    let mut needed: Vec<usize> = measured.iter().map(|(_, first)| *first).collect();
    needed.sort_unstable();
    println!("a single frame succeeds in {share}; frames needed: {needed:?}");
    assert!((0.25..0.6).contains(&share), "a single frame is to succeed now and then: {share}");
    assert!(needed[needed.len() / 2] <= 3, "the median is above three: {needed:?}");
    for (single, first) in measured {
        assert!(first <= first_alone(&single), "laying frames together cost a reading");
    }
}

#[test]
fn what_no_frame_shows_for_long_is_read_from_several() {
    // Of the last one no frame of ten is readable.
    for number in [3, 116, 100] {
        let frames = desk::shaky(number, 5, (0.03, 0.1));
        let alone =
            |frame: &desk::DeskFrame| read(&frame.image, &Formats::CODES, BUDGET).is_empty();
        assert!(frames.iter().all(alone), "sequence {number}: a frame is readable alone");
        let (first, right) = first_reading(&frames).expect("several frames together are readable");
        assert!(right, "sequence {number}: a wrong text");
        assert!(first <= 4, "sequence {number}: only after {first} frames");
    }
}
