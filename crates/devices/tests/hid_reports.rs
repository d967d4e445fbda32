//! Reports of scanners as their manuals show them.

use std::time::{Duration, Instant};

use yanma_devices::hid::{CONTINUES_WITHIN, HidReading, ReportStream, layouts};
use yanma_devices::serial::MAX_READING_BYTES;

const HONEYWELL: u16 = 0x0C2E;
const NEWLAND: u16 = 0x1EAB;

/// A report of 64 bytes: what stands at its beginning, and the last byte.
fn report(start: &[&[u8]], last: u8) -> Vec<u8> {
    let mut report = start.concat();
    report.resize(64, 0);
    report[63] = last;
    report
}

fn scan(bytes: &[u8], aim: Option<&[u8; 3]>) -> HidReading {
    HidReading::Scan { bytes: bytes.to_vec(), aim: aim.copied() }
}

/// Reports with the pause before each, and what they make of a scanner that describes nothing.
#[track_caller]
fn check(vendor: u16, reports: &[(u64, Vec<u8>)], expected: &[HidReading]) {
    let mut stream = ReportStream::new(layouts(vendor, &[]));
    let mut now = Instant::now();
    let mut readings = Vec::new();
    for (pause_ms, report) in reports {
        now += Duration::from_millis(*pause_ms);
        readings.extend(stream.report(report, now));
    }
    readings.extend(stream.idle(now + CONTINUES_WITHIN));
    assert_eq!(readings, expected);
    assert_eq!(stream.end(), None, "nothing is left");
}

#[test]
fn the_example_of_the_manual_is_one_reading_of_sixty_bytes() {
    let pass = b"M1GATHERGOOD/MICHAEL  YABCDEF LHRDURAK 3542 052Y003D23  100 ";
    let (first, second) = pass.split_at(56);
    let reports = [
        (0, report(&[&[2, 56], b"]Q0", first, b"s"], 1)),
        (8, report(&[&[2, 4], b"]Q0", second], 0)),
    ];
    check(HONEYWELL, &reports, &[scan(pass, Some(b"]Q0"))]);
}

#[test]
fn newland_has_no_symbology_and_microscan_no_flag() {
    check(NEWLAND, &[(0, report(&[&[2, 5], b"35010"], 0))], &[scan(b"35010", None)]);
    let long = [b'7'; 62];
    let reports = [(0, report(&[&[1, 62], &long], b'7')), (8, report(&[&[1, 3], b"end"], 0))];
    check(HONEYWELL, &reports, &[scan(&[&long[..], b"end"].concat(), None)]);
    // Exactly full, and then nothing.
    check(HONEYWELL, &[(0, report(&[&[1, 62], &long], b'7'))], &[scan(&long, None)]);
}

#[test]
fn bytes_that_are_no_text_are_kept_and_line_ends_after_them_are_not() {
    let one = report(&[&[2, 7], b"]d1", b"\xC9\x00\xFF\x1D1\r\n"], 0);
    check(HONEYWELL, &[(0, one)], &[scan(b"\xC9\x00\xFF\x1D1", Some(b"]d1"))]);
    check(HONEYWELL, &[(0, report(&[&[2, 1], b"]d1", b"\r"], 0))], &[]);
    check(HONEYWELL, &[(0, report(&[&[2, 0]], 0))], &[]);
    check(HONEYWELL, &[(0, report(&[&[2, 1], &[0, 0, 0], b"7"], 0))], &[scan(b"7", None)]);
}

#[test]
fn an_id_that_the_system_took_away_is_no_loss() {
    let two = report(&[&[2, 2], b"]Q1", b"42"], 0);
    check(HONEYWELL, &[(0, two[1..].to_vec())], &[scan(b"42", Some(b"]Q1"))]);
}

#[test]
fn half_a_reading_is_none() {
    use HidReading::Broken;
    let half = report(&[&[2, 56], b"]Q1", &[b'7'; 56]], 1);
    let next = report(&[&[2, 4], b"]L0", b"next"], 0);
    check(HONEYWELL, &[(0, half.clone())], &[Broken]);
    check(
        HONEYWELL,
        &[(0, half.clone()), (5, next.clone())],
        &[Broken, scan(b"next", Some(b"]L0"))],
    );
    let same = report(&[&[2, 4], b"]Q1", b"next"], 0);
    check(HONEYWELL, &[(0, half.clone()), (1000, same)], &[Broken, scan(b"next", Some(b"]Q1"))]);
    // A length that does not fit breaks what has begun as well.
    let bad = report(&[&[2, 57], b"]Q1"], 0);
    check(HONEYWELL, &[(0, half), (5, bad.clone())], &[Broken]);
    check(HONEYWELL, &[(0, bad), (5, next)], &[Broken, scan(b"next", Some(b"]L0"))]);
}

#[test]
fn a_report_cut_short_is_taken_as_far_as_it_says() {
    check(HONEYWELL, &[(0, b"\x02\x03]Q1abc".to_vec())], &[scan(b"abc", Some(b"]Q1"))]);
    check(HONEYWELL, &[(0, b"\x02\x04]Q1abc".to_vec())], &[HidReading::Broken]);
    check(HONEYWELL, &[(0, vec![2])], &[HidReading::Broken]);
}

#[test]
fn reports_of_other_kinds_are_passed_over() {
    let half = report(&[&[2, 56], b"]Q1", &[b'7'; 56]], 1);
    let end = report(&[&[2, 1], b"]Q1", b"8"], 0);
    let reports = [(0, half), (1, report(&[&[9, 3], b"abc"], 0)), (1, Vec::new()), (1, end)];
    let whole = [&[b'7'; 56][..], b"8"].concat();
    check(HONEYWELL, &reports, &[scan(&whole, Some(b"]Q1"))]);
}

#[test]
fn too_long_is_told_once_and_the_next_reading_is_whole() {
    let full = report(&[&[2, 56], b"]Q1", &[b'7'; 56]], 1);
    let mut reports = vec![(1, full); MAX_READING_BYTES / 56 + 1];
    reports.push((1, report(&[&[2, 1], b"]Q1", b"8"], 0)));
    reports.push((1, report(&[&[2, 1], b"]Q1", b"9"], 0)));
    check(HONEYWELL, &reports, &[HidReading::TooLong, scan(b"9", Some(b"]Q1"))]);
}
