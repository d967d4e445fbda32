//! Machine-readable zones: the lines of `<` and capitals on passports, visas, identity cards
//! and the exit-entry permits of the mainland.
//!
//! Five layouts are those of ICAO Doc 9303 (TD1, TD2, TD3, MRV-A, MRV-B); three are the
//! mainland's own (GA/T 704): one line for 往来港澳/台湾通行证, three lines for 回乡证 and
//! 台胞证, and the 回乡证 of 1999. A [`Zone`] exists only if every check digit that its
//! layout is known to have is right. What it says is not proved by that: anybody can print one.
//!
//! ```
//! use yanma_domain::document::{Zone, ZoneLayout};
//!
//! let text = "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<\n\
//!             L898902C36UTO7408122F1204159ZE184226B<<<<<10";
//! let zone = Zone::read(text)?;
//! assert_eq!(zone.layout(), ZoneLayout::Td3);
//! assert_eq!(zone.birth().resolve_birth("2020-03-01".parse().unwrap()), "1974-08-12".parse().ok());
//! # Ok::<(), yanma_domain::document::ZoneError>(())
//! ```

mod date;
mod icao;
mod lines;
mod names;
mod national;
mod scan;

use super::check_digit::icao_731;
use super::{DocumentNumber, DocumentType, Sex};
use crate::name::HolderName;

pub use date::ZoneDate;

/// How the lines of a zone are laid out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ZoneLayout {
    /// Three lines of 30: identity cards.
    Td1,
    /// Two lines of 36: older identity cards and some travel documents.
    Td2,
    /// Two lines of 44: passports.
    Td3,
    /// Two lines of 44: visas.
    VisaA,
    /// Two lines of 36: smaller visas.
    VisaB,
    /// One line of 30, `CS` or `CD`: 往来港澳通行证, 往来台湾通行证.
    ExitPermit,
    /// Three lines of 30, `CR`, `CT` or `CF`: 回乡证, 台胞证, 回乡证 of other nationals.
    EntryPermit,
    /// Three lines of 30, `C<CHN`: the 回乡证 of 1999.
    HomeReturn1999,
}

/// A field of a zone, to say where something is wrong or was mended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ZoneField {
    /// The two letters at the beginning.
    Kind,
    /// The state or organisation that issued the document.
    Issuer,
    /// The holder's name.
    Name,
    /// The number of the document.
    Number,
    /// The holder's nationality.
    Nationality,
    /// The date of birth.
    Birth,
    /// The sex.
    Sex,
    /// The last day of validity.
    Expiry,
    /// How often the document was issued.
    IssueCount,
    /// What the issuer added: a personal number, or the identity number of home.
    Optional,
    /// The check digit over several fields.
    Composite,
}

/// Why a text is no zone. Never carries anything of the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ZoneError {
    /// It has not the characters and the beginning of a zone: something else was read.
    #[error("this is no machine-readable zone")]
    NotAZone,
    /// Too few or too many characters for any layout: a line is missing, or was cut.
    #[error("{found} characters make no machine-readable zone: a line is missing or was cut")]
    Length {
        /// The characters found, line ends not counted.
        found: usize,
    },
    /// A character that cannot stand in the field.
    #[error("the field {0:?} of the zone has a character that cannot stand there")]
    Alphabet(ZoneField),
    /// The check digit of the field does not fit: a character was misread.
    #[error("the check digit of the zone's field {0:?} is wrong")]
    CheckDigit(ZoneField),
    /// A date that is not in the calendar.
    #[error("the date in the zone's field {0:?} does not exist")]
    Date(ZoneField),
}

/// What may stand in the document's place in a zone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ZoneDocument {
    /// A document under which health codes are issued.
    Known(DocumentNumber),
    /// Another document, such as a visa or the identity card of another state: nothing is
    /// kept under it in a directory.
    Other(OtherDocument),
}

/// Documents that say who somebody is, but under which no health code is issued.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "kebab-case")]
pub enum OtherDocument {
    /// A visa, which is a page in a passport: its number is not the passport's.
    Visa,
    /// An identity card of another state.
    ForeignIdCard,
    /// A travel document whose issuer or number fits no type known here.
    TravelDocument,
    /// 香港居民身份证
    HongKongId,
    /// 澳门居民身份证
    MacauId,
    /// 台湾居民的身份证
    TaiwanId,
    /// A driving licence or identity card of a North American state (AAMVA).
    AmericanLicence,
}

/// A zone whose check digits are right.
///
/// `Debug` shows the layout and what was mended only.
#[derive(Clone, PartialEq, Eq)]
pub struct Zone {
    layout: ZoneLayout,
    kind: [u8; 2],
    issuer: String,
    nationality: Option<String>,
    document: ZoneDocument,
    number: String,
    latin: Option<HolderName>,
    chinese: Option<HolderName>,
    name_is_cut: bool,
    birth: ZoneDate,
    expiry: ZoneDate,
    sex: Option<Sex>,
    issue_count: Option<u8>,
    optional: Option<String>,
    mended: Vec<ZoneField>,
    doubtful: Vec<ZoneField>,
}

impl Zone {
    /// Reads a zone from the text of a scanner, a camera or a keyboard.
    ///
    /// Line ends and spaces are left out, wherever they are: the whole may come as one line,
    /// two or three. A name line that lost its fillers gets them back. Small letters become
    /// capitals, full-width forms plain ones, and `《`, `〈` count as `<`, which is what a
    /// Chinese input method makes of it. Where a field has digits only (or letters only), a
    /// letter that is mistaken for one digit (`O I S B Z G`, `Q`, `D`, `L`) becomes that digit (or
    /// the other way round), and [`mended`](Self::mended) says so. Nothing else is changed. Of the
    /// letters that are mistaken for 0 or 1 a state has the one that makes a state; a name or a
    /// kind has the likeliest, and [`doubtful`](Self::doubtful) says so.
    ///
    /// # Errors
    /// [`ZoneError`], with the first field that is wrong in the order of the lines.
    pub fn read(text: &str) -> Result<Self, ZoneError> {
        let lines = lines::arrange(text)?;
        match lines.layout {
            ZoneLayout::ExitPermit => national::exit_permit(&lines.text),
            ZoneLayout::EntryPermit => national::entry_permit(&lines.text),
            ZoneLayout::HomeReturn1999 => national::home_return_1999(&lines.text),
            ZoneLayout::Td1 => icao::three_lines(&lines.text),
            layout => icao::two_lines(layout, &lines.text),
        }
        .map(|mut zone| {
            if lines.padded && !zone.mended.contains(&ZoneField::Name) {
                zone.mended.push(ZoneField::Name);
            }
            zone
        })
    }

    /// Whether a text has nothing but characters of a zone, and enough of the filler to be
    /// none of the other things a desk is given.
    #[must_use]
    pub fn looks_like_one(text: &str) -> bool {
        lines::looks_like_zone(text)
    }

    /// How the lines are laid out.
    #[must_use]
    pub fn layout(&self) -> ZoneLayout {
        self.layout
    }

    /// The two characters at the beginning, such as `PO` or `I<`.
    #[must_use]
    pub fn kind(&self) -> String {
        self.kind.iter().copied().map(char::from).collect()
    }

    /// The state or organisation that issued the document: one to three letters of Doc 9303.
    #[must_use]
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// The holder's nationality: one to three letters; `None` where the layout has none.
    #[must_use]
    pub fn nationality(&self) -> Option<&str> {
        self.nationality.as_deref()
    }

    /// The document the zone is on.
    #[must_use]
    pub fn document(&self) -> &ZoneDocument {
        &self.document
    }

    /// The number as it is printed, without fillers. Never for a log or an error message.
    #[must_use]
    pub fn reveal_number(&self) -> &str {
        &self.number
    }

    /// The name in Latin letters, `SURNAME, GIVEN NAMES`; `None` where the layout has none,
    /// or nothing but fillers stands there.
    #[must_use]
    pub fn latin_name(&self) -> Option<&HolderName> {
        self.latin.as_ref()
    }

    /// The Chinese name, where the zone has it whole: a name whose end was left out for want
    /// of room is no name to compare with.
    #[must_use]
    pub fn chinese_name(&self) -> Option<&HolderName> {
        self.chinese.as_ref()
    }

    /// The Chinese name, or else the Latin one.
    #[must_use]
    pub fn name(&self) -> Option<&HolderName> {
        self.chinese.as_ref().or(self.latin.as_ref())
    }

    /// Whether the Latin name may go on after the end of its line.
    #[must_use]
    pub fn name_is_cut(&self) -> bool {
        self.name_is_cut
    }

    /// The date of birth.
    #[must_use]
    pub fn birth(&self) -> ZoneDate {
        self.birth
    }

    /// The last day of validity.
    #[must_use]
    pub fn expiry(&self) -> ZoneDate {
        self.expiry
    }

    /// The sex; `None` where it is not stated.
    #[must_use]
    pub fn sex(&self) -> Option<Sex> {
        self.sex
    }

    /// How often the permit was issued, on the permits that say it.
    #[must_use]
    pub fn issue_count(&self) -> Option<u8> {
        self.issue_count
    }

    /// What the chip of this document opens with (Doc 9303, part 11, 4.3): number, birth and
    /// expiry with their check digits. `None` where the layout is none of the international ones,
    /// or a date is not known whole. Never for a log or an error message.
    #[must_use]
    pub fn reveal_chip_key(&self) -> Option<String> {
        if !matches!(self.layout, ZoneLayout::Td1 | ZoneLayout::Td2 | ZoneLayout::Td3) {
            return None;
        }
        let fields = [format!("{:<<9}", self.number), self.birth.six()?, self.expiry.six()?];
        let checked = fields.into_iter().map(|field| {
            let digit = icao_731(field.as_bytes())?;
            Some(format!("{field}{}", char::from(digit)))
        });
        checked.collect()
    }

    /// What the issuer added, without fillers: a personal number, or the identity number of
    /// home. Never for a log or an error message.
    #[must_use]
    pub fn reveal_optional(&self) -> Option<&str> {
        self.optional.as_deref()
    }

    /// The fields in which a misread character was put right, each once.
    #[must_use]
    pub fn mended(&self) -> &[ZoneField] {
        &self.mended
    }

    /// The fields in which a character may be another that is read alike, `D` for `O` or `L` for
    /// `I`: no difference there is one of persons.
    #[must_use]
    pub fn doubtful(&self) -> &[ZoneField] {
        &self.doubtful
    }

    /// Whether a field that says `here` may say `there`: character by character, but for those
    /// that are read alike where the field is doubtful.
    pub(crate) fn may_be(&self, field: ZoneField, here: &str, there: &str) -> bool {
        here == there || (self.doubtful.contains(&field) && scan::alike(here) == scan::alike(there))
    }
}

impl std::fmt::Debug for Zone {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Zone({:?}, mended {:?})", self.layout, self.mended)
    }
}

/// Finds the type of a travel document from its issuer: the mainland, Hong Kong and Macau
/// issue as `CHN`; Taiwan's passports are none of the types under which codes are issued.
fn passport(issuer: &str, number: &str) -> ZoneDocument {
    let document_type = match issuer {
        "CHN" => DocumentType::ChinesePassport,
        "TWN" => return ZoneDocument::Other(OtherDocument::TravelDocument),
        _ => DocumentType::ForeignPassport,
    };
    known(document_type, number)
}

fn known(document_type: DocumentType, number: &str) -> ZoneDocument {
    DocumentNumber::parse(document_type, number)
        .map_or(ZoneDocument::Other(OtherDocument::TravelDocument), ZoneDocument::Known)
}

#[cfg(test)]
mod tests;
