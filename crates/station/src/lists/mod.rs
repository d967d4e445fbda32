//! Lists of people who are expected: taken in from a file, checked ahead, met at the desk.
//!
//! A list names people in full, so it is a right of its own to see it, seeing it is written
//! down, and it goes two days after its day.

mod read;

use std::collections::HashMap;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use uuid::Uuid;
use yanma_domain::document::{DocumentNumber, DocumentType};
use yanma_domain::encounter::Presented;
use yanma_domain::verdict::{Decision, Verdict};
use yanma_protocol::spreadsheet::harmless;
use yanma_store::{FoundAhead, ListRow, ListedRow, StoreError};

pub use self::read::{LARGEST, ListError, MOST_PEOPLE, RowProblem};
use crate::check::{Checked, new_id};
use crate::desk::Desk;
use crate::error::DeskError;
use crate::log::ExportError;
use crate::reading::{Input, Reading, Via};
use crate::record::Receipt;
use crate::rights::Right;

/// The longest name of a list, in characters.
const LONGEST_NAME: usize = 60;
/// How many are checked before it is kept and told how far it is.
const AT_ONCE: usize = 100;

/// A list that was taken in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TakenIn {
    /// The list.
    pub list: Uuid,
    /// In which encoding the file was.
    pub encoding: &'static str,
    /// How many people are on it.
    pub people: usize,
    /// How many cannot be checked ahead, whatever is wrong with their line.
    pub problems: usize,
    /// How many of these are on it a second time.
    pub twice: usize,
}

/// Whether somebody at the desk is on a list of today.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Expectation {
    /// There is no list for today.
    NoList,
    /// There is, and they are not on it.
    WalkIn,
    /// They are expected: the list's name, and their line.
    Expected(String, Box<ListedRow>),
    /// They are on it and have come already.
    CameBefore(String, Box<ListedRow>),
}

impl Desk {
    /// Takes in a list from the bytes of a file. Who is on it twice keeps both lines, and
    /// the second one says so.
    ///
    /// # Errors
    /// [`DeskError::NotAllowed`], [`DeskError::List`], [`DeskError::Field`] for `name`.
    pub fn take_list(&self, name: &str, day: Date, bytes: &[u8]) -> Result<TakenIn, DeskError> {
        self.allow(Right::Lists)?;
        let name = name.trim();
        let fits = !name.is_empty()
            && name.chars().count() <= LONGEST_NAME
            && !name.chars().any(char::is_control);
        if !fits {
            return Err(DeskError::bad_field("name"));
        }
        let read = read::read(bytes)?;
        let (key, _) = self.directory_keys();
        let mut seen: HashMap<(DocumentType, String), u32> = HashMap::new();
        let mut twice = 0;
        let people: Vec<_> = read
            .people
            .into_iter()
            .map(|person| {
                let number = person.document.as_ref().ok();
                let first = number.and_then(|number| {
                    let whose = (number.document_type(), number.reveal().to_owned());
                    let first = *seen.entry(whose).or_insert(person.line);
                    (first != person.line).then_some(first)
                });
                twice += usize::from(first.is_some());
                let problem = match (&person.document, first) {
                    (Err(problem), _) => Some(problem.to_string()),
                    (Ok(_), Some(first)) => Some(format!("twice {first}")),
                    (Ok(_), None) => None,
                };
                ListedRow {
                    line: person.line,
                    name: person.name,
                    document_type: number.map(|number| number.document_type().as_str().to_owned()),
                    document: number.map(|number| number.reveal().to_owned()),
                    hash: key.as_ref().zip(number).map(|(key, number)| key.hash(number).as_u64()),
                    room: person.room,
                    nights: person.nights,
                    flight: person.flight,
                    seat: person.seat,
                    note: person.note,
                    problem,
                    decision: None,
                    reasons: Vec::new(),
                    checked_at: None,
                    entry: None,
                    arrived_at: None,
                }
            })
            .collect();
        let made_at = self.now();
        let list = ListRow {
            id: new_id(made_at)?,
            name: name.to_owned(),
            day,
            made_at,
            people: 0,
            checked: 0,
            arrived: 0,
        };
        let count = people.len().to_string();
        self.write_down("take-list", Some(&list.id.to_string()), Some(&count))?;
        self.store.put_list(&list, &people)?;
        let problems = people.iter().filter(|person| person.problem.is_some()).count();
        let (list, encoding) = (list.id, read.encoding);
        Ok(TakenIn { list, encoding, people: people.len(), problems, twice })
    }

    /// Every list with how far it is, the newest day first. Nobody of them is named.
    ///
    /// # Errors
    /// [`DeskError::NotAllowed`]; or when the store cannot be read.
    pub fn lists(&self) -> Result<Vec<ListRow>, DeskError> {
        self.allow(Right::Lists)?;
        Ok(self.store.lists()?)
    }

    /// The people of a list, in the order of its file.
    ///
    /// # Errors
    /// [`DeskError::NotAllowed`]; or when it cannot be written down.
    pub fn listed(&self, list: Uuid) -> Result<Vec<ListedRow>, DeskError> {
        self.reveal(Right::Lists, "see-list", Some(&list.to_string()))?;
        Ok(self.store.listed(list)?)
    }

    /// Checks everybody of a list ahead, by what the desk knows now; the network is not
    /// asked. Nobody has come by that: no entry is written. `progress` is told how many of
    /// how many are done.
    ///
    /// # Errors
    /// [`DeskError::NotAllowed`]; when the desk has locked itself, the scene has no policy, or the
    /// store cannot be used.
    pub fn check_list(
        &self,
        list: Uuid,
        mut progress: impl FnMut(usize, usize),
    ) -> Result<(), DeskError> {
        self.allow(Right::Lists)?;
        self.write_down("check-list", Some(&list.to_string()), None)?;
        let people = self.store.listed(list)?;
        let checkable: Vec<_> = people.iter().filter(|one| one.problem.is_none()).collect();
        let mut done = 0;
        for some in checkable.chunks(AT_ONCE) {
            let mut found = Vec::with_capacity(some.len());
            for one in some {
                let Some(reading) = reading_of(one) else { continue };
                let verdict = self.judge_ahead(&reading)?;
                let reasons = verdict.reasons().iter().map(|reason| reason.code()).collect();
                let decision = verdict.decision.as_str();
                found.push(FoundAhead { line: one.line, decision, reasons, at: self.now() });
            }
            self.store.keep_found(list, &found)?;
            done += some.len();
            progress(done, checkable.len());
        }
        Ok(())
    }

    /// What is known of a document ahead of its holder. The code is still to be shown, so
    /// what the scene asks of codes and documents together is left for then.
    fn judge_ahead(&self, reading: &Reading) -> Result<Verdict, DeskError> {
        let mut policy = self.policy()?;
        policy.identity.document_with_code = false;
        policy.identity.no_code = Decision::Admit;
        self.judge_by(std::slice::from_ref(reading), &policy)
    }

    /// Judges somebody of a list who stands at the desk, by the number that the list has, as
    /// if it had been typed.
    ///
    /// # Errors
    /// [`DeskError::NoSuchEntry`] when there is no such line or it has no number; as
    /// [`Desk::present`].
    pub fn present_listed(&self, list: Uuid, line: u32) -> Result<Checked, DeskError> {
        self.allow(Right::Lists)?;
        let one = self.store.listed_at(list, line)?;
        let reading = one.as_ref().and_then(reading_of).ok_or(DeskError::NoSuchEntry)?;
        self.present(&[reading])
    }

    /// Forgets a list and everybody on it.
    ///
    /// # Errors
    /// [`DeskError::NotAllowed`]; or when it cannot be written.
    pub fn forget_list(&self, list: Uuid) -> Result<(), DeskError> {
        self.allow(Right::Lists)?;
        self.write_down("forget-list", Some(&list.to_string()), None)?;
        self.store.forget_list(list)?;
        Ok(())
    }

    /// Writes a list with what was found as CSV (RFC 4180), in the order of its file.
    /// Numbers are masked.
    ///
    /// # Errors
    /// [`DeskError::NotAllowed`]; when the store cannot be read or `out` not be written.
    pub fn export_list(&self, list: Uuid, out: &mut dyn std::io::Write) -> Result<(), ExportError> {
        self.reveal(Right::ExportLog, "export-list", Some(&list.to_string()))?;
        let mut csv = csv::Writer::from_writer(out);
        csv.write_record(COLUMNS)?;
        for one in self.store.listed(list).map_err(DeskError::from)? {
            let shown = |text: Option<String>| text.unwrap_or_default();
            let masked = masked(&one);
            let row = [
                one.line.to_string(),
                one.name,
                shown(one.document_type),
                shown(masked),
                shown(one.room),
                shown(one.nights.map(|nights| nights.to_string())),
                shown(one.flight),
                shown(one.seat),
                shown(one.note),
                shown(one.problem),
                shown(one.decision),
                one.reasons.join(" "),
                shown(one.checked_at.map(|at| at.to_string())),
                shown(one.arrived_at.map(|at| at.to_string())),
            ];
            csv.write_record(row.map(harmless))?;
        }
        csv.flush()?;
        Ok(())
    }

    /// Whether the person of a verdict is on a list of today.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn expectation(&self, checked: &Checked) -> Result<Expectation, DeskError> {
        self.expectation_of(&checked.receipt)
    }

    fn expectation_of(&self, receipt: &Receipt) -> Result<Expectation, DeskError> {
        let mut lists = Vec::new();
        let mut lines = Vec::new();
        for day in self.days_of_lists(self.now()) {
            lists.extend(self.store.lists_on(day)?);
            lines.extend(self.lines_of(receipt, day)?);
        }
        if lists.is_empty() {
            return Ok(Expectation::NoList);
        }
        let mut came_before = None;
        for (list, one) in lines {
            let list = lists.iter().find(|(known, _)| *known == list);
            let name = list.map(|(_, name)| name.clone()).unwrap_or_default();
            if one.arrived_at.is_none() {
                return Ok(Expectation::Expected(name, Box::new(one)));
            }
            came_before.get_or_insert(Expectation::CameBefore(name, Box::new(one)));
        }
        Ok(came_before.unwrap_or(Expectation::WalkIn))
    }

    /// The days whose lists count now. Whoever comes to stay may come after midnight: until noon
    /// the list of the evening before counts, too.
    pub(crate) fn days_of_lists(&self, now: Timestamp) -> impl Iterator<Item = Date> {
        let now = now.to_zoned(TimeZone::system());
        let is_late = now.hour() < 12 && self.scene_in_force().guest_register;
        let before = is_late.then(|| now.date().yesterday().ok()).flatten();
        [Some(now.date()), before].into_iter().flatten()
    }

    /// Notes on every list in force that somebody has come. A list is a help: that it cannot
    /// be written holds nobody up.
    pub(crate) fn note_arrival(&self, receipt: &Receipt, entry: Uuid) {
        let at = self.now();
        let noted = self.days_of_lists(at).try_for_each(|day| {
            self.lines_of(receipt, day)?.iter().try_for_each(|(list, one)| {
                self.store.set_arrived(*list, one.line, entry, at).map(|_| ())
            })
        });
        if let Err(error) = noted {
            tracing::error!(%error, "an arrival could not be noted on its list");
        }
    }

    /// The lines of a day's lists that are about the people of an encounter, each with its list.
    pub(crate) fn lines_of(
        &self,
        receipt: &Receipt,
        day: Date,
    ) -> Result<Vec<(Uuid, ListedRow)>, StoreError> {
        let hashes = hashes(receipt);
        let mut lines = Vec::new();
        for hash in &hashes {
            lines.extend(self.store.expected(*hash, day)?);
        }
        if lines.is_empty() {
            lines = self.lines_by_seat(receipt, &hashes, day)?;
        }
        let (key, earlier) = self.directory_keys();
        if !lines.is_empty() || earlier.is_empty() || hashes.is_empty() {
            return Ok(lines);
        }
        // The list was taken in under one directory key, and the code made under another.
        let keys: Vec<_> = key.into_iter().chain(earlier).collect();
        for (list, _) in self.store.lists_on(day)? {
            for one in self.store.listed(list)? {
                let Some(number) = number_of(&one) else { continue };
                if keys.iter().any(|key| hashes.contains(&key.hash(&number).as_u64())) {
                    lines.push((list, one));
                }
            }
        }
        Ok(lines)
    }
}

const COLUMNS: [&str; 14] = [
    "line",
    "name",
    "document_type",
    "document",
    "room",
    "nights",
    "flight",
    "seat",
    "note",
    "problem",
    "ahead",
    "reasons",
    "checked_at",
    "arrived_at",
];

/// The number of somebody listed, masked.
pub fn masked(one: &ListedRow) -> Option<String> {
    number_of(one).map(|number| number.masked())
}

fn number_of(one: &ListedRow) -> Option<DocumentNumber> {
    let kind = one.document_type.as_deref()?.parse().ok()?;
    DocumentNumber::parse(kind, one.document.as_deref()?).ok()
}

fn reading_of(one: &ListedRow) -> Option<Reading> {
    let number = number_of(one)?;
    let input = Input::Number(number.document_type(), number.reveal().to_owned());
    Some(Reading { input, via: Via::Keyboard })
}

/// The keyed hashes under which the people of an encounter may be listed: a code's counts
/// only when its signature holds.
pub(crate) fn hashes(receipt: &Receipt) -> Vec<u64> {
    let presented = receipt.encounter.presented.iter();
    let mut hashes: Vec<_> = presented
        .flat_map(|presented| match presented {
            Presented::Code(code) if receipt.view.vouches_for(code) => vec![code.body().document],
            Presented::Document(document) => {
                document.hash.iter().chain(&document.earlier).copied().collect()
            }
            _ => Vec::new(),
        })
        .map(|hash| hash.as_u64())
        .collect();
    hashes.dedup();
    hashes
}
