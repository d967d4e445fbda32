//! Reports of scanners as their manuals show them: `tests/vectors/hid-pos/reports.json`, and what
//! no table says.

use std::time::{Duration, Instant};

use serde_json::Value;
use yanma_devices::hid::{CONTINUES_WITHIN, HidReading, ReportStream, layouts};
use yanma_devices::serial::MAX_READING_BYTES;

const HONEYWELL: u16 = 0x0C2E;

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
fn every_reading_of_the_table_comes_out_of_its_reports() {
    let table = include_str!("../../../tests/vectors/hid-pos/reports.json");
    let rows: Vec<Value> = serde_json::from_str(table).expect("a table");
    assert!(rows.len() > 12, "only {} rows", rows.len());
    let bytes =
        |hex_text: &Value| hex::decode(hex_text.as_str().expect("a text")).expect("hexadecimal");
    for row in &rows {
        let vendor = row["vendor"].as_u64().and_then(|vendor| u16::try_from(vendor).ok());
        let reports = row["reports"].as_array().expect("reports");
        let reports: Vec<_> = reports.iter().map(|report| (8, bytes(report))).collect();
        let aim = row["aim"].as_str().map(|aim| aim.as_bytes().try_into().expect("three"));
        println!("{}", row["name"]);
        check(vendor.expect("a vendor"), &reports, &[scan(&bytes(&row["reads"]), aim)]);
    }
}

#[test]
fn a_full_report_without_a_flag_ends_with_the_pause() {
    let long = [b'7'; 62];
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
