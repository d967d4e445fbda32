//! From the bytes of a file, or a text that was pasted, to the people on it.
//!
//! What front desks have: CSV out of a booking system in UTF-8 or GB18030, with commas,
//! semicolons or tabs; a table copied from a spreadsheet; a title merged over the header, or a
//! header in two lines with cells merged over the lower one. Of cells that were merged over several
//! people a file has the first one's alone: whether the others share it cannot be told from an
//! empty cell, and is not guessed.

use encoding_rs::{Encoding, GB18030, UTF_8, UTF_16BE, UTF_16LE};
use yanma_domain::boarding_pass::flight_name;
use yanma_domain::document::{DocumentNumber, DocumentType, Recognised};
use yanma_domain::name::HolderName;

/// The largest file, in bytes.
pub const LARGEST: usize = 8 * 1024 * 1024;
/// Most people of one list.
pub const MOST_PEOPLE: usize = 20_000;
/// In how many lines the header is looked for: titles stand above it.
const HEADER_WITHIN: usize = 10;
/// The longest room, in characters.
const LONGEST_ROOM: usize = 12;
/// The longest note, in characters; longer ones are cut.
const LONGEST_NOTE: usize = 120;
/// The longest seat, in characters.
const LONGEST_SEAT: usize = 4;
/// Most nights.
const MOST_NIGHTS: u32 = 365;

/// Why a file is no list. Never carries what is in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ListError {
    /// Nothing in it.
    #[error("there is nothing in it")]
    Empty,
    /// Larger than [`LARGEST`], or more people than [`MOST_PEOPLE`].
    #[error("it is too large: 8 MiB and 20,000 people at most")]
    TooLarge,
    /// Neither UTF-8, UTF-16 nor GB18030. Save it as CSV (UTF-8).
    #[error("it is neither UTF-8, UTF-16 nor GB18030; save it as CSV (UTF-8)")]
    Encoding,
    /// A workbook instead of a text. Save it as CSV.
    #[error("it is a workbook; save it as CSV")]
    Workbook,
    /// No line among the first ten names the column of the names.
    #[error("no column is called 姓名 or name")]
    NoNameColumn,
    /// The header names a column twice.
    #[error("the column of {0} is there twice")]
    ColumnTwice(&'static str),
}

/// A list, read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ReadList {
    /// In which encoding it was: `UTF-8`, `UTF-16LE`, `UTF-16BE`, `gb18030`.
    pub encoding: &'static str,
    /// Its people, in order.
    pub people: Vec<ReadPerson>,
}

/// Somebody of a file.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct ReadPerson {
    /// The line, from 1.
    pub line: u32,
    /// The name; empty when the line has none.
    pub name: String,
    /// The document, or what is wrong with it.
    pub document: Result<DocumentNumber, RowProblem>,
    /// The room.
    pub room: Option<String>,
    /// For how many nights.
    pub nights: Option<u32>,
    /// The flight.
    pub flight: Option<String>,
    /// The seat in it.
    pub seat: Option<String>,
    /// Anything else.
    pub note: Option<String>,
}

/// Never shows anybody.
impl std::fmt::Debug for ReadPerson {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ReadPerson").field("line", &self.line).finish_non_exhaustive()
    }
}

/// Why somebody of a list cannot be checked ahead. The line stays on the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RowProblem {
    /// No name, or one that cannot be.
    #[error("name")]
    Name,
    /// No document number.
    #[error("no-document")]
    NoDocument,
    /// The number cannot be one of its kind: length, characters, date or check digit.
    #[error("document")]
    Document,
    /// The number fits several kinds of document, and no column says which.
    #[error("which-document")]
    WhichDocument,
    /// The kind of document is not known here.
    #[error("document-type")]
    DocumentType,
    /// A room that is too long, or nights that are no number from 1 to 365.
    #[error("stay")]
    Stay,
    /// A flight that is none, or a seat that is too long.
    #[error("flight")]
    Flight,
}

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Column {
    Name,
    Kind,
    Number,
    /// The number of one kind of document.
    NumberOf(DocumentType),
    Room,
    Nights,
    Flight,
    Seat,
    Note,
}

/// What booking systems and people call the columns; compared without spaces, in small letters.
const TITLES: [(Column, &[&str]); 10] = [
    (
        Column::Name,
        &["姓名", "客人姓名", "旅客姓名", "住客姓名", "name", "fullname", "guest", "guestname"],
    ),
    (Column::Kind, &["证件类型", "证件种类", "documenttype", "idtype", "doctype"]),
    (
        Column::Number,
        &["证件号码", "证件号", "证件编号", "documentnumber", "document", "idnumber", "docnumber"],
    ),
    (
        Column::NumberOf(DocumentType::ResidentId),
        &["身份证号", "身份证号码", "身份证", "residentid"],
    ),
    (Column::NumberOf(DocumentType::ForeignPassport), &["foreignpassport", "外国护照号码"]),
    (Column::Room, &["房号", "房间", "房间号", "room", "roomnumber", "roomno"]),
    (Column::Nights, &["晚数", "入住晚数", "间夜", "天数", "nights"]),
    (Column::Flight, &["航班", "航班号", "flight", "flightno", "flightnumber"]),
    (Column::Seat, &["座位", "座位号", "seat", "seatno", "seatnumber"]),
    (Column::Note, &["备注", "说明", "note", "notes", "remark", "remarks"]),
];

/// Reads a list.
///
/// # Errors
/// [`ListError`]. What is wrong with one line is said in its line.
pub(super) fn read(bytes: &[u8]) -> Result<ReadList, ListError> {
    if bytes.len() > LARGEST {
        return Err(ListError::TooLarge);
    }
    let (text, encoding) = decode(bytes)?;
    let rows = rows_of(&text)?;
    let (at, columns) = header(&rows)?;
    let people: Vec<_> = rows
        .iter()
        .skip(at + 1)
        .filter(|(_, cells)| cells.iter().any(|cell| !cell.is_empty()))
        .map(|(line, cells)| person(*line, cells, &columns))
        .collect();
    match people.len() {
        0 => Err(ListError::Empty),
        1..=MOST_PEOPLE => Ok(ReadList { encoding: encoding.name(), people }),
        _ => Err(ListError::TooLarge),
    }
}

fn decode(bytes: &[u8]) -> Result<(String, &'static Encoding), ListError> {
    // A zip archive (xlsx) or a compound file (xls).
    if bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(&[0xD0, 0xCF, 0x11, 0xE0]) {
        return Err(ListError::Workbook);
    }
    if bytes.iter().all(u8::is_ascii_whitespace) {
        return Err(ListError::Empty);
    }
    let marked = Encoding::for_bom(bytes).map(|(encoding, _)| encoding);
    let encodings = match marked {
        Some(encoding) if encoding == UTF_16LE || encoding == UTF_16BE => vec![encoding],
        _ => vec![UTF_8, GB18030],
    };
    for encoding in encodings {
        let (text, wrong) = encoding.decode_with_bom_removal(bytes);
        // A text with zeros in it is no text in that encoding.
        if !wrong && !text.contains('\0') {
            return Ok((text.into_owned(), encoding));
        }
    }
    Err(ListError::Encoding)
}

/// The lines with their numbers; the separator is the one the text has most of.
fn rows_of(text: &str) -> Result<Vec<(u32, Vec<String>)>, ListError> {
    let head: Vec<_> = text.lines().take(HEADER_WITHIN).collect();
    let count = |separator: char| -> usize {
        head.iter().map(|line| line.matches(separator).count()).sum()
    };
    // Of as many, the one before: a comma in a note does not make a table of tabs one of commas.
    let separator =
        ['\t', ';', ','].into_iter().rev().max_by_key(|separator| count(*separator)).unwrap_or(',');
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(u8::try_from(separator).unwrap_or(b','))
        .from_reader(text.as_bytes());
    let mut rows = Vec::new();
    let mut record = csv::StringRecord::new();
    while reader.read_record(&mut record).map_err(|_| ListError::Encoding)? {
        if rows.len() > MOST_PEOPLE + HEADER_WITHIN {
            return Err(ListError::TooLarge);
        }
        let line = record.position().map_or(0, csv::Position::line);
        let cells = record.iter().map(clean).collect();
        rows.push((u32::try_from(line).unwrap_or(u32::MAX), cells));
    }
    Ok(rows)
}

/// Without spaces around it, without the apostrophe and the `="…"` that keep a spreadsheet
/// from making a number of it.
fn clean(cell: &str) -> String {
    let cell = cell.trim_matches(|c: char| c.is_whitespace() || c == '\u{FEFF}');
    let inner = cell.strip_prefix("=\"").and_then(|cell| cell.strip_suffix('"'));
    let cell = inner.unwrap_or(cell);
    cell.strip_prefix('\'').unwrap_or(cell).trim().to_owned()
}

fn header(rows: &[(u32, Vec<String>)]) -> Result<(usize, Vec<Option<Column>>), ListError> {
    for (at, (_, cells)) in rows.iter().enumerate().take(HEADER_WITHIN) {
        let columns: Vec<_> = cells.iter().map(|cell| column(cell)).collect();
        let has =
            |wanted: fn(&Column) -> bool| columns.iter().flatten().filter(|c| wanted(c)).count();
        match has(|column| *column == Column::Name) {
            0 => continue,
            1 => {}
            _ => return Err(ListError::ColumnTwice("names")),
        }
        for (wanted, name) in [
            (Column::Number, "document numbers"),
            (Column::Room, "rooms"),
            (Column::Nights, "nights"),
            (Column::Flight, "flights"),
            (Column::Seat, "seats"),
        ] {
            if columns.iter().flatten().filter(|column| **column == wanted).count() > 1 {
                return Err(ListError::ColumnTwice(name));
            }
        }
        return Ok(
            match rows.get(at + 1).and_then(|(_, below)| two_lines(cells, below, &columns)) {
                Some(columns) => (at + 1, columns),
                None => (at, columns),
            },
        );
    }
    Err(ListError::NoNameColumn)
}

/// The columns of a header in two lines, such as 证件 merged over 类型 and 号码; `None` when the
/// line below is somebody's: not every cell of it is a title.
fn two_lines(
    above: &[String],
    below: &[String],
    columns: &[Option<Column>],
) -> Option<Vec<Option<Column>>> {
    let name = columns.iter().position(|column| *column == Some(Column::Name))?;
    if below.get(name).is_some_and(|cell| !cell.is_empty()) {
        return None;
    }
    let mut merged = "";
    let mut found = columns.to_vec();
    found.resize(columns.len().max(below.len()), None);
    for ((at, under), found) in below.iter().enumerate().zip(&mut found) {
        merged =
            above.get(at).map(String::as_str).filter(|cell| !cell.is_empty()).unwrap_or(merged);
        if under.is_empty() {
            continue;
        }
        let here = column(under).or_else(|| column(&format!("{merged}{under}")))?;
        found.get_or_insert(here);
    }
    (found != columns).then_some(found)
}

fn column(title: &str) -> Option<Column> {
    let title: String =
        title.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect();
    let known = TITLES.iter().find(|(_, titles)| titles.contains(&title.as_str()));
    known.map(|(column, _)| *column)
}

fn person(line: u32, cells: &[String], columns: &[Option<Column>]) -> ReadPerson {
    let cell = |wanted: Column| {
        let at = columns.iter().position(|column| *column == Some(wanted))?;
        cells.get(at).map(String::as_str).filter(|cell| !cell.is_empty())
    };
    let name = cell(Column::Name).and_then(|name| HolderName::parse(name).ok());
    let room = cell(Column::Room);
    let nights = cell(Column::Nights);
    let counted = nights.map(|nights| nights.parse::<u32>().ok());
    let nights = counted.flatten().filter(|nights| (1..=MOST_NIGHTS).contains(nights));
    let fits = room.is_none_or(|room| room.chars().count() <= LONGEST_ROOM);
    let flown = cell(Column::Flight).map(flight_name);
    let seat = cell(Column::Seat).map(seat_name);
    let document = match &name {
        None => Err(RowProblem::Name),
        Some(_) if flown == Some(None) || seat == Some(None) => Err(RowProblem::Flight),
        Some(_) if !fits || (counted.is_some() && nights.is_none()) => Err(RowProblem::Stay),
        Some(_) => document(cell, columns),
    };
    ReadPerson {
        line,
        name: name.map(|name| name.reveal().to_owned()).unwrap_or_default(),
        document,
        room: room.filter(|_| fits).map(str::to_owned),
        nights,
        flight: flown.flatten(),
        seat: seat.flatten(),
        note: cell(Column::Note).map(|note| note.chars().take(LONGEST_NOTE).collect()),
    }
}

fn document<'a>(
    cell: impl Fn(Column) -> Option<&'a str>,
    columns: &[Option<Column>],
) -> Result<DocumentNumber, RowProblem> {
    let of_one_kind = columns.iter().flatten().find_map(|column| match column {
        Column::NumberOf(kind) => Some((*kind, cell(*column)?)),
        _ => None,
    });
    if let Some((kind, number)) = of_one_kind {
        return DocumentNumber::parse(kind, number).map_err(|_| RowProblem::Document);
    }
    let number = cell(Column::Number).ok_or(RowProblem::NoDocument)?;
    match cell(Column::Kind) {
        Some(kind) => {
            let kind = kind_called(kind).ok_or(RowProblem::DocumentType)?;
            DocumentNumber::parse(kind, number).map_err(|_| RowProblem::Document)
        }
        None => match DocumentNumber::recognise(number) {
            Recognised::One(number) => Ok(number),
            Recognised::Several(_) => Err(RowProblem::WhichDocument),
            Recognised::Broken { .. } | Recognised::No => Err(RowProblem::Document),
        },
    }
}

/// A seat as boarding passes have it: capitals, without zeros in front.
fn seat_name(text: &str) -> Option<String> {
    let seat = text.trim_start_matches('0').to_uppercase();
    let fits = (1..=LONGEST_SEAT).contains(&seat.len())
        && seat.bytes().all(|byte| byte.is_ascii_alphanumeric());
    fits.then_some(seat)
}

/// The kind of document that people call so.
fn kind_called(text: &str) -> Option<DocumentType> {
    let text = text.trim().to_lowercase();
    if let Ok(kind) = text.parse() {
        return Some(kind);
    }
    let called: [(&str, DocumentType); 9] = [
        ("身份证", DocumentType::ResidentId),
        ("id card", DocumentType::ResidentId),
        ("中国护照", DocumentType::ChinesePassport),
        ("外国护照", DocumentType::ForeignPassport),
        ("passport", DocumentType::ForeignPassport),
        ("回乡证", DocumentType::HomeReturn),
        ("台胞证", DocumentType::MainlandTaiwan),
        ("永居证", DocumentType::PermanentResidence),
        ("港澳通行证", DocumentType::ExitHkMacau),
    ];
    let by_name = DocumentType::ALL.into_iter().find(|kind| kind.name_zh() == text);
    by_name.or_else(|| called.iter().find(|(name, _)| *name == text).map(|(_, kind)| *kind))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each line as `line name document|problem room/nights`.
    fn lines(bytes: &[u8]) -> Vec<String> {
        let list = read(bytes).unwrap();
        let shown = |person: &ReadPerson| {
            let document = match &person.document {
                Ok(number) => number.reveal().to_owned(),
                Err(problem) => problem.to_string(),
            };
            let room = person.room.as_deref().unwrap_or("-");
            let nights = person.nights.map_or("-".to_owned(), |nights| nights.to_string());
            format!("{} {} {document} {room}/{nights}", person.line, person.name)
        };
        list.people.iter().map(shown).collect()
    }

    const TABLE: &str = "姓名,证件号码,房号,入住晚数\n林小明,350100190001010012,1208,2\n";

    #[test]
    fn every_encoding_a_desk_meets_is_told_apart() {
        let expect = ["2 林小明 350100190001010012 1208/2"];
        let gbk = encoding_rs::GBK.encode(TABLE).0.into_owned();
        let marked = [b"\xEF\xBB\xBF", TABLE.as_bytes()].concat();
        let wide = |order: fn(u16) -> [u8; 2]| -> Vec<u8> {
            std::iter::once(0xFEFF).chain(TABLE.encode_utf16()).flat_map(order).collect()
        };
        for (bytes, encoding) in [
            (TABLE.as_bytes().to_vec(), "UTF-8"),
            (marked, "UTF-8"),
            (gbk, "gb18030"),
            (wide(u16::to_le_bytes), "UTF-16LE"),
            (wide(u16::to_be_bytes), "UTF-16BE"),
        ] {
            assert_eq!(lines(&bytes), expect, "{encoding}");
            assert_eq!(read(&bytes).unwrap().encoding, encoding);
        }
        // A character of GB18030's four bytes, which GBK does not have.
        let rare = "姓名,身份证号\n㐂小明,350100190001010012\n";
        let bytes = GB18030.encode(rare).0.into_owned();
        assert_eq!(lines(&bytes), ["2 㐂小明 350100190001010012 -/-"]);
    }

    #[test]
    fn what_a_spreadsheet_makes_of_a_table_is_read() {
        for text in [
            "name\tID number\troom\n林小明\t350100190001010012\t1208\n",
            "Name;Document number;Room No.\n林小明;'350100190001010012;1208\n",
            "旅行团名单,,\n,,\n 姓 名 ,证件号码,房号\n林小明,=\"350100190001010012\",1208\n,,\n",
            "姓名,身份证号码,房间,备注\r\n林小明,350100190001010012,1208,\"两张床, 高层\"\r\n",
        ] {
            let lines = lines(text.as_bytes());
            assert_eq!(lines.len(), 1, "{text}");
            assert!(lines[0].ends_with("林小明 350100190001010012 1208/-"), "{lines:?}");
        }
    }

    #[test]
    fn merged_cells_lose_nobody_and_lend_nobody_a_room() {
        // A title over the whole table, a header in two lines, and a room for two. The second line
        // of a family whose name was merged has none, and stays on the list for a person to mend.
        let text = "旅行团名单,,,,\n姓名,证件,,入住,\n,类型,号码,房号,晚数\n\
            林小明,身份证,350100190001010012,1208,2\n\
            李小红,身份证,350100190001010012,,\n\
            ,身份证,350100190001010012,1209,1\n";
        assert_eq!(
            lines(text.as_bytes()),
            [
                "4 林小明 350100190001010012 1208/2",
                "5 李小红 350100190001010012 -/-",
                "6  name 1209/1",
            ]
        );
        // The same out of a Chinese spreadsheet, with tabs.
        let bytes = GB18030.encode(&text.replace(',', "\t")).0.into_owned();
        assert_eq!(read(&bytes).unwrap().encoding, "gb18030");
        assert_eq!(lines(&bytes), lines(text.as_bytes()));
        // A first guest without a name is no second line of the header.
        let text = "姓名,证件号码,房号\n,350100190001010012,1208\n";
        assert_eq!(lines(text.as_bytes()), ["2  name 1208/-"]);
    }

    #[test]
    fn a_document_that_cannot_be_is_never_taken_for_another() {
        let check = |number: &str, expect: &str| {
            let text = format!("姓名,证件类型,证件号码\n林小明,身份证,{number}\n");
            assert_eq!(lines(text.as_bytes()), [format!("2 林小明 {expect} -/-")], "{number}");
        };
        check("350100190001010012", "350100190001010012");
        check("35010019000101001X", "document");
        check("350100199902300017", "document");
        check("350100199913010013", "document");
        check("3501001900010100", "document");
        check("350100190001010012350100190001010012", "document");
        check("3.50100E+17", "document");
        check("0", "document");
    }

    #[test]
    fn flights_and_seats_are_as_boarding_passes_have_them() {
        let text = "姓名,身份证号,航班,座位\n\
            林小明,350100190001010012,mf 0812,012A\n\
            李小红,,MF-812,3c\n\
            王某,350100190001010012,八一二,1A\n\
            赵某,350100190001010012,MF812,前排靠窗的\n\
            钱某,350100190001010012,,\n";
        let shown: Vec<_> = read(text.as_bytes())
            .unwrap()
            .people
            .into_iter()
            .map(|one| {
                let problem = one.document.err().map(|problem| problem.to_string());
                let shown = |text: Option<String>| text.unwrap_or_else(|| "-".to_owned());
                format!("{} {} {}", shown(one.flight), shown(one.seat), shown(problem))
            })
            .collect();
        assert_eq!(
            shown,
            ["MF812 12A -", "MF812 3C no-document", "- 1A flight", "MF812 - flight", "- - -"]
        );
    }

    #[test]
    fn half_a_character_is_no_encoding() {
        let bytes = GB18030.encode(TABLE).0.into_owned();
        let cut = &bytes[..bytes.len() - 30];
        let torn = [cut, &bytes[bytes.len() - 27..]].concat();
        assert_eq!(read(&torn), Err(ListError::Encoding));
        let cut = &TABLE.as_bytes()[1..];
        assert_eq!(read(cut), Err(ListError::Encoding), "nor is UTF-8 that begins in the middle");
    }

    #[test]
    fn what_is_wrong_with_a_line_stays_with_the_line() {
        let text = "姓名,证件类型,证件号码,房号,晚数\n\
            ,,350100190001010012,,\n\
            林小明,,,1208,\n\
            林小明,身份证,350100190001010013,1208,\n\
            林小明,,E12345678,1208,1\n\
            林小明,渔船证,E12345678,1208,1\n\
            林小明,passport-cn,E12345678,1208,1\n\
            林小明,身份证,350100190001010012,1208,一\n\
            林小明,身份证,350100190001010012,1208,366\n\
            林小明,身份证,350100190001010012,十二层东侧一二零八号房间里,1\n\
            合计,,9,,\n";
        assert_eq!(
            lines(text.as_bytes()),
            [
                "2  name -/-",
                "3 林小明 no-document 1208/-",
                "4 林小明 document 1208/-",
                "5 林小明 which-document 1208/1",
                "6 林小明 document-type 1208/1",
                "7 林小明 E12345678 1208/1",
                "8 林小明 stay 1208/-",
                "9 林小明 stay 1208/-",
                "10 林小明 stay -/1",
                "11 合计 document -/-",
            ]
        );
    }

    #[test]
    fn what_is_no_list_is_said() {
        let many = "姓名\n".to_owned() + &"林\n".repeat(MOST_PEOPLE + 1);
        for (bytes, expect) in [
            (&b""[..], ListError::Empty),
            (b" \r\n\t", ListError::Empty),
            (TABLE.lines().next().unwrap().as_bytes(), ListError::Empty),
            (b"PK\x03\x04\x14\x00", ListError::Workbook),
            (b"\xD0\xCF\x11\xE0\xA1\xB1", ListError::Workbook),
            (b"\xFF\xFF\x80\x80\xFF", ListError::Encoding),
            (b"name\0x\0", ListError::Encoding),
            (b"a,b\n1,2\n", ListError::NoNameColumn),
            ("姓名,name\n林,林\n".as_bytes(), ListError::ColumnTwice("names")),
            ("姓名,房号,room\n林,1,2\n".as_bytes(), ListError::ColumnTwice("rooms")),
            (many.as_bytes(), ListError::TooLarge),
            (&vec![b'a'; LARGEST + 1], ListError::TooLarge),
        ] {
            assert_eq!(read(bytes), Err(expect));
        }
    }
}
