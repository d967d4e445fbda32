//! Reports in a CSV file, a line each: a stray quotation mark costs its own row and no other.

use std::io::Read;

use csv::{ByteRecord, ReaderBuilder, StringRecord};
use uuid::Uuid;
use yanma_protocol::batch::{Item, RefusedItem};
use yanma_protocol::facts::{FactKind, FactReport};
use yanma_protocol::{FieldError, FieldProblem, Secret};

use super::ReadReport;

/// A row of the file.
#[derive(Debug)]
pub(crate) struct CsvRow {
    /// Its line in the file, from 1; the heading is line 1.
    pub(crate) line: u64,
    /// What it reports.
    pub(crate) report: ReadReport,
}

const REQUIRED: [&str; 5] = ["id", "document_type", "number", "kind", "occurred_at"];
const OPTIONAL: [&str; 2] = ["detail", "retracts"];

/// Reads a file in UTF-8, with or without a byte order mark. A bad row does not stop the
/// others. Lines with nothing on them are passed over.
///
/// # Errors
///
/// `heading` when a column is missing, unknown or there twice; `facts` when there are no rows
/// or more than 1,000.
pub(crate) fn read_csv(file: &[u8]) -> Result<Vec<CsvRow>, FieldError> {
    let mut lines = lines(file);
    let heading = lines.next().and_then(|(_, line)| cells(line));
    let heading = heading.and_then(|row| StringRecord::from_byte_record(row).ok());
    let heading = heading.ok_or_else(|| FieldError::new("heading", FieldProblem::Form))?;
    check(&heading)?;
    let rows: Vec<_> = lines
        .take(FactReport::MAX + 1)
        .map(|(line, text)| CsvRow { line, report: read(cells(text), &heading) })
        .collect();
    if (1..=FactReport::MAX).contains(&rows.len()) {
        Ok(rows)
    } else {
        let problem = FieldProblem::Count { min: 1, max: FactReport::MAX };
        Err(FieldError::new(FactReport::LIST, problem))
    }
}

/// The lines that say something, each with its number.
fn lines(file: &[u8]) -> impl Iterator<Item = (u64, &[u8])> {
    let mut rest = file;
    let lines = std::iter::from_fn(move || {
        let end = rest.iter().position(|byte| matches!(byte, b'\r' | b'\n'));
        let (line, after) = rest.split_at(end.unwrap_or(rest.len()));
        let next = after.strip_prefix(b"\r\n").or_else(|| after.get(1..)).unwrap_or_default();
        (!rest.is_empty()).then(|| {
            rest = next;
            line
        })
    });
    (1..).zip(lines).filter(|(_, line)| !line.trim_ascii().is_empty())
}

/// The cells of a line; `None` when a quotation mark is not closed on it.
fn cells(line: &[u8]) -> Option<ByteRecord> {
    // The line end that is put back belongs to a cell while a quotation mark is open.
    let mut reader = ReaderBuilder::new().has_headers(false).from_reader(line.chain(&b"\n"[..]));
    let mut row = ByteRecord::new();
    reader.read_byte_record(&mut row).ok()?;
    if row.iter().any(|cell| cell.contains(&b'\n')) {
        return None;
    }
    row.trim();
    Some(row)
}

fn check(heading: &StringRecord) -> Result<(), FieldError> {
    let times = |name: &str| heading.iter().filter(|column| *column == name).count();
    let complete = REQUIRED.iter().all(|name| times(name) == 1)
        && OPTIONAL.iter().all(|name| times(name) <= 1);
    let known = |column| REQUIRED.contains(&column) || OPTIONAL.contains(&column);
    if complete && heading.iter().all(known) {
        Ok(())
    } else {
        Err(FieldError::new("heading", FieldProblem::Shape))
    }
}

fn read(row: Option<ByteRecord>, heading: &StringRecord) -> ReadReport {
    let misfit = |id, field, problem| RefusedItem { id, error: FieldError::new(field, problem) };
    let row = row.ok_or_else(|| misfit(None, "row", FieldProblem::Form))?;
    let row = StringRecord::from_byte_record(row)
        .map_err(|_| misfit(None, "utf-8", FieldProblem::Form))?;
    if row.len() != heading.len() {
        return Err(misfit(None, "row", FieldProblem::Shape));
    }
    let cell = |name: &str| {
        let at = heading.iter().position(|column| column == name)?;
        row.get(at).filter(|cell| !cell.is_empty())
    };
    let id: Option<Uuid> = cell("id").and_then(|text| text.parse().ok());
    let form = |field| misfit(id, field, FieldProblem::Form);
    let some = |name| cell(name).ok_or_else(|| misfit(id, name, FieldProblem::Shape));
    let retracts = cell("retracts").map(|text| text.parse().map_err(|_| form("retracts")));
    let report = FactReport {
        id: id.ok_or_else(|| form("id"))?,
        document_type: some("document_type")?.parse().map_err(|_| form("document_type"))?,
        number: Secret::new(some("number")?),
        kind: FactKind::from_name(some("kind")?).ok_or_else(|| form("kind"))?,
        occurred_at: some("occurred_at")?.parse().map_err(|_| form("occurred_at"))?,
        detail: cell("detail").map(str::to_owned),
        retracts: retracts.transpose()?,
    };
    report.check().map_err(|error| RefusedItem { id, error })?;
    Ok(report)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADING: &str = "id,document_type,number,kind,occurred_at";
    const ID: &str = "01730000-0000-7000-8000-000000000001";

    /// Reads rows below the usual heading; says `line field` for each, `ok` for a good one.
    fn fields(rows: &[&[u8]]) -> Vec<String> {
        let mut file = format!("\u{feff}{HEADING}\n").into_bytes();
        for row in rows {
            file.extend_from_slice(row);
            file.push(b'\n');
        }
        let said = |row: &CsvRow| match &row.report {
            Ok(_) => format!("{} ok", row.line),
            Err(refused) => format!("{} {}", row.line, refused.error.field),
        };
        read_csv(&file).unwrap().iter().map(said).collect()
    }

    #[test]
    fn a_bad_row_is_named_by_line_and_the_others_are_read() {
        let good = format!("{ID},resident-id,350100190001010004,confirmed,2020-07-01T00:00:00Z");
        let with = |from: &str, to: &str| good.replace(from, to).into_bytes();
        let mut latin = good.clone().into_bytes();
        latin.splice(0..1, [0xd5, 0xc5]);
        let rows = [
            good.clone().into_bytes(),
            latin,
            with(ID, "7"),
            with("resident-id", "library-card"),
            with("confirmed", "rumour"),
            with("confirmed", "retraction"),
            with("2020-07-01T", "yesterday "),
            with("350100190001010004", ""),
            with(",confirmed", ""),
            good.clone().into_bytes(),
        ];
        let rows: Vec<&[u8]> = rows.iter().map(Vec::as_slice).collect();
        assert_eq!(
            fields(&rows),
            [
                "2 ok",
                "3 utf-8",
                "4 id",
                "5 document_type",
                "6 kind",
                "7 retracts",
                "8 occurred_at",
                "9 number",
                "10 row",
                "11 ok"
            ]
        );
    }

    #[test]
    fn a_row_ends_with_its_line_and_keeps_its_number_whatever_ends_the_lines() {
        let row =
            |detail: &str| format!("{ID},resident-id,1,confirmed,2020-07-01T00:00:00Z,{detail}");
        let rows = [
            format!("{HEADING},detail"),
            row("\"bed 3, \"\"left\"\"\""),
            String::new(),
            row("\"window"),
            row("door\""),
            "  ".to_owned(),
            row("\"\"\"\"\""),
            row("\""),
        ];
        for end in ["\n", "\r\n", "\r"] {
            let read = read_csv(rows.join(end).as_bytes()).unwrap();
            let said: Vec<_> = read
                .iter()
                .map(|row| match &row.report {
                    Ok(report) => (row.line, report.detail.clone().unwrap_or_default()),
                    Err(refused) => (row.line, refused.error.to_string()),
                })
                .collect();
            let refused = FieldError::new("row", FieldProblem::Form).to_string();
            let expect = [
                (2, "bed 3, \"left\"".to_owned()),
                (4, refused.clone()),
                (5, "door\"".to_owned()),
                (7, refused.clone()),
                (8, refused),
            ];
            assert_eq!(said, expect, "{end:?}");
        }
    }

    #[test]
    fn the_console_takes_every_kind_that_may_be_reported() {
        let file = include_str!("../../../../ui/portal/console/wire.ts");
        let list = file.split_once("FACT_KINDS = [").unwrap().1.split_once(']').unwrap().0;
        let mut taken: Vec<&str> = list.split('"').skip(1).step_by(2).collect();
        let reported = FactKind::ALL.iter().filter(|kind| !kind.is_from_home());
        let mut reported: Vec<&str> = reported.map(|kind| kind.as_str()).collect();
        taken.sort_unstable();
        reported.sort_unstable();
        assert_eq!(taken, reported, "ui/portal/console/wire.ts");
    }

    #[test]
    fn a_heading_that_does_not_fit_and_too_many_rows_are_refused() {
        let field = |file: &str| read_csv(file.as_bytes()).unwrap_err().field;
        assert_eq!(field(""), "heading");
        assert_eq!(field("id,number\n1,2\n"), "heading");
        assert_eq!(field(&format!("\"{HEADING}\n")), "heading");
        assert_eq!(field(&format!("{HEADING},name\n")), "heading");
        assert_eq!(field(&format!("{HEADING},id\n")), "heading");
        assert_eq!(field(&format!("{HEADING}\n")), "facts");
        assert_eq!(field(&format!("{HEADING}\n{}", "x\n".repeat(1001))), "facts");
    }
}
