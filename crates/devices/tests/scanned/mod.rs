//! How a scanner in the mode HID POS tells what it read, in the layout of Honeywell.

/// The reports in which a scanner tells a text.
pub(crate) fn reports(text: &[u8], aim: [u8; 3]) -> Vec<Vec<u8>> {
    let parts: Vec<&[u8]> = text.chunks(56).collect();
    let report = |(at, part): (usize, &&[u8])| {
        let mut report = vec![2, u8::try_from(part.len()).expect("short")];
        report.extend(aim);
        report.extend(*part);
        report.resize(64, 0);
        report[63] = u8::from(at + 1 < parts.len());
        report
    };
    parts.iter().enumerate().map(report).collect()
}
