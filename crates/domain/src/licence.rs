//! Driving licences and identity cards of North American states: the PDF417 symbol of AAMVA.
//!
//! No health code is issued under such a card; a desk reads it to say what was shown, and a
//! name. A wedge scanner may swallow the control characters of the header, so the elements
//! are found by their subfile where its place is right, and by lines where it is not.
//!
//! ```
//! use yanma_domain::licence::Licence;
//!
//! let text = "@\n\x1e\rANSI 636000100102DL00410278ZV03190008DLDAQT64235789\nDCSSAMPLE\nDACMICHAEL\n\
//!             DBB06061986\nDCGUSA\r";
//! let licence = Licence::read(text)?;
//! assert_eq!(licence.birth, "1986-06-06".parse().ok());
//! # Ok::<(), yanma_domain::licence::LicenceError>(())
//! ```

use std::collections::BTreeMap;
use std::fmt;

use jiff::civil::Date;

use crate::document::Sex;
use crate::name::HolderName;

/// Why a text is no such card. Never carries anything of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LicenceError {
    /// It has no AAMVA header: something else was read.
    #[error("this is no AAMVA licence")]
    NotALicence,
    /// The header is cut or has letters where digits belong.
    #[error("the header of the licence cannot be read")]
    Header,
    /// There is no licence or identity card in it, or its lines ran together.
    #[error("the licence has no part that could be read")]
    Subfile,
    /// An element that every card has is missing.
    #[error("the licence has no element {0}")]
    Missing(&'static str),
    /// An element cannot be read, by its three letters.
    #[error("the licence's element {0} cannot be read")]
    Element(&'static str),
}

/// A licence or identity card, as far as a desk reads it.
///
/// `Debug` shows the issuer and the version only. Address, height and the like are dropped
/// unread.
#[derive(Clone, PartialEq, Eq)]
pub struct Licence {
    /// Who issued it: six digits that AAMVA assigns.
    pub issuer: u32,
    /// The version of the AAMVA format, 1 to 99.
    pub version: u8,
    /// Whether it is an identity card and no licence.
    pub identity_card: bool,
    /// The name, `FAMILY, FIRST MIDDLE`.
    pub name: HolderName,
    /// The date of birth.
    pub birth: Option<Date>,
    /// The last day of validity.
    pub expiry: Option<Date>,
    /// The day of issue.
    pub issued: Option<Date>,
    /// The sex; `None` where it is not stated.
    pub sex: Option<Sex>,
    /// `USA`, `CAN`, or what the card says.
    pub country: Option<String>,
    number: String,
}

/// The marks of the header; the second stands on some cards of the first versions.
const MARKS: [&str; 2] = ["ANSI ", "AAMVA"];

/// The longest header before the mark: `@`, LF, RS, CR.
const LONGEST_LEAD: usize = 4;

impl Licence {
    /// Whether a text begins like one.
    #[must_use]
    pub fn looks_like_one(text: &str) -> bool {
        mark(text).is_some()
    }

    /// Takes a card apart.
    ///
    /// # Errors
    /// [`LicenceError`]: header first, then parts, then elements.
    pub fn read(text: &str) -> Result<Self, LicenceError> {
        let (start, body) = mark(text).ok_or(LicenceError::NotALicence)?;
        let header = |from: usize, to: usize| -> Result<u32, LicenceError> {
            let digits = body.get(from..to).filter(|d| d.bytes().all(|b| b.is_ascii_digit()));
            digits.and_then(|d| d.parse().ok()).ok_or(LicenceError::Header)
        };
        let issuer = header(0, 6)?;
        let version = u8::try_from(header(6, 8)?).map_err(|_| LicenceError::Header)?;
        // From version 2 on, two digits of the jurisdiction's own version come between.
        let count_at = if version >= 2 { 10 } else { 8 };
        // A count with two digits is what the specification has; cards without are read on.
        let (count, designators_at) = match header(count_at, count_at + 2) {
            Ok(count) => (count, count_at + 2),
            Err(_) if version < 2 => return Err(LicenceError::Header),
            Err(error) => return Err(error),
        };
        let subfile = find_subfile(text, start, body, designators_at, count)?;
        let elements = elements(subfile.text);
        Self::from_elements(issuer, version, subfile.identity_card, &elements)
    }

    fn from_elements(
        issuer: u32,
        version: u8,
        identity_card: bool,
        elements: &BTreeMap<&str, &str>,
    ) -> Result<Self, LicenceError> {
        let get = |key: &str| elements.get(key).copied().filter(|value| !value.is_empty());
        let number = get("DAQ").ok_or(LicenceError::Missing("DAQ"))?;
        let country = get("DCG").map(str::to_owned);
        // Before version 3 and in the United States the month comes first.
        let month_first =
            version < 3 || country.as_deref() != Some("CAN") && country.as_deref() != Some("MEX");
        let date = |key: &'static str| {
            let plain = get(key).filter(|value| !matches!(*value, "NONE" | "UNAVL" | "unavl"));
            plain
                .map(|value| date(value, month_first).ok_or(LicenceError::Element(key)))
                .transpose()
        };
        Ok(Self {
            issuer,
            version,
            identity_card,
            name: name(&get)?,
            birth: date("DBB")?,
            expiry: date("DBA")?,
            issued: date("DBD")?,
            sex: match get("DBC") {
                Some("1" | "M") => Some(Sex::Male),
                Some("2" | "F") => Some(Sex::Female),
                _ => None,
            },
            country,
            number: number.to_owned(),
        })
    }

    /// The number of the card. Never for a log or an error message.
    #[must_use]
    pub fn reveal_number(&self) -> &str {
        &self.number
    }

    /// The number with all but two characters at each end starred; all of a short one.
    #[must_use]
    pub fn masked_number(&self) -> String {
        let length = self.number.chars().count();
        let shown = |at: usize| length >= 8 && (at < 2 || at + 2 >= length);
        self.number.chars().enumerate().map(|(at, c)| if shown(at) { c } else { '*' }).collect()
    }
}

impl fmt::Debug for Licence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Licence({:06}, version {})", self.issuer, self.version)
    }
}

/// Where the text begins, counted as the header counts, and what follows the mark.
fn mark(text: &str) -> Option<(usize, &str)> {
    let at_sign = text.find('@').filter(|at| *at <= LONGEST_LEAD);
    MARKS.iter().find_map(|mark| {
        let at = text.find(mark)?;
        let lead = at.checked_sub(at_sign.unwrap_or(0))?;
        let body = text.get(at + mark.len()..)?;
        let digits = body.bytes().take(6).filter(u8::is_ascii_digit).count();
        (lead <= LONGEST_LEAD && digits == 6).then_some((at_sign.unwrap_or(0), body))
    })
}

struct Subfile<'a> {
    identity_card: bool,
    text: &'a str,
}

/// The part with the card's elements: where the header says it is, or else from the first
/// line that begins with its letters.
fn find_subfile<'a>(
    text: &'a str,
    start: usize,
    body: &'a str,
    designators_at: usize,
    count: u32,
) -> Result<Subfile<'a>, LicenceError> {
    let count = usize::try_from(count).unwrap_or(0);
    let mut kinds = Vec::new();
    for at in (0..count).map(|at| designators_at + 10 * at) {
        let Some(designator) = body.get(at..at + 10) else { break };
        let (Some(kind), Some(offset), Some(length)) = (
            designator.get(..2).filter(|kind| matches!(*kind, "DL" | "ID")),
            designator.get(2..6).and_then(|n| n.parse::<usize>().ok()),
            designator.get(6..10).and_then(|n| n.parse::<usize>().ok()),
        ) else {
            continue;
        };
        kinds.push((kind, at + 10));
        let whole = text.get(start + offset..);
        if let Some(found) = whole.and_then(|rest| rest.strip_prefix(kind)) {
            // The length is often wrong; the CR at the end is not.
            let end = found.find('\r').unwrap_or(found.len().min(length));
            let text = found.get(..end).unwrap_or(found);
            return Ok(Subfile { identity_card: kind == "ID", text });
        }
    }
    let (kind, after) = kinds.first().copied().ok_or(LicenceError::Subfile)?;
    // The letters of the part may be there with control characters lost before them.
    let rest = body.get(after..).unwrap_or_default();
    let at = rest.find(&format!("{kind}DAQ")).or_else(|| rest.find(&format!("{kind}D")));
    let text = at.and_then(|at| rest.get(at + 2..)).ok_or(LicenceError::Subfile)?;
    Ok(Subfile { identity_card: kind == "ID", text })
}

/// Three letters and a value a line.
fn elements(subfile: &str) -> BTreeMap<&str, &str> {
    let mut elements = BTreeMap::new();
    for line in subfile.split(['\n', '\r', '\u{1e}']) {
        if let Some((key, value)) = line.split_at_checked(3)
            && key.bytes().all(|byte| byte.is_ascii_uppercase())
        {
            elements.entry(key).or_insert(value.trim());
        }
    }
    elements
}

/// Family and given names; the first version has them in one element.
fn name<'a>(get: &impl Fn(&str) -> Option<&'a str>) -> Result<HolderName, LicenceError> {
    let given = [get("DAC").or_else(|| get("DCT")), get("DAD")];
    let given = given.into_iter().flatten().filter(|part| *part != "NONE");
    let given = given.collect::<Vec<_>>().join(" ");
    let name = match (get("DCS").or_else(|| get("DAB")), given.is_empty()) {
        (Some(family), true) => family.to_owned(),
        (Some(family), false) => format!("{family}, {given}"),
        (None, false) => given,
        (None, true) => get("DAA").ok_or(LicenceError::Missing("DCS"))?.to_owned(),
    };
    // A name of many parts is longer than any screen: its first 60 characters are kept.
    let kept: String = name.chars().take(60).collect();
    HolderName::parse(&kept).map_err(|_| LicenceError::Element("DCS"))
}

/// Eight digits, month or year first.
fn date(text: &str, month_first: bool) -> Option<Date> {
    let number = |from: usize, to: usize| {
        let digits = text.get(from..to).filter(|d| d.bytes().all(|b| b.is_ascii_digit()))?;
        digits.parse::<i16>().ok()
    };
    if text.len() != 8 {
        return None;
    }
    let (year, month, day) = if month_first {
        (number(4, 8)?, number(0, 2)?, number(2, 4)?)
    } else {
        (number(0, 4)?, number(4, 6)?, number(6, 8)?)
    };
    Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()
}
