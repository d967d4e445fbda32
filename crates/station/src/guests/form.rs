//! What is written of a guest: as it was typed, filled in from what they showed, checked.

use jiff::tz::TimeZone;
use jiff::{Span, Timestamp};
use uuid::Uuid;
use yanma_domain::document::{DocumentNumber, DocumentType, Sex, ZoneDocument};
use yanma_domain::evidence::Evidence;
use yanma_domain::name::HolderName;
use yanma_store::GuestRow;

use super::CHINA;
use crate::desk::Desk;
use crate::error::DeskError;
use crate::reading::{Input, Reading};

const LONGEST_ADDRESS: usize = 200;
const LONGEST_ROOM: usize = 12;
const LONGEST_ETHNICITY: usize = 20;
const MOST_NIGHTS: i32 = 365;
/// Nobody was born before this year.
const EARLIEST_YEAR: i16 = 1880;

/// What is written of a guest, as it was typed.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct GuestForm {
    /// The name in full.
    pub name: String,
    /// The kind of document by its name for programs, such as `resident-id`.
    pub document_type: String,
    /// Its number.
    pub document: String,
    /// `male` or `female`; where the number tells, it counts.
    pub sex: String,
    /// The day of birth, YYYY-MM-DD; where the number tells, it counts.
    pub born: String,
    /// Three letters of ICAO 9303.
    pub nationality: String,
    /// The ethnic group; may be empty.
    pub ethnicity: String,
    /// Where they live.
    pub address: String,
    /// The room.
    pub room: String,
    /// For how many nights, from today.
    pub nights: String,
}

impl GuestForm {
    /// The form as it would have been filled in for a guest of the register.
    pub(super) fn of(guest: &GuestRow) -> Self {
        let arrived = guest.arrived_at.to_zoned(TimeZone::system()).date();
        let nights = arrived.until(guest.due).map_or(1, |nights| nights.get_days());
        Self {
            name: guest.name.clone(),
            document_type: guest.document_type.clone(),
            document: guest.document.clone(),
            sex: guest.sex.clone().unwrap_or_default(),
            born: guest.born.map(|day| day.to_string()).unwrap_or_default(),
            nationality: guest.nationality.clone(),
            ethnicity: guest.ethnicity.clone().unwrap_or_default(),
            address: guest.address.clone(),
            room: guest.room.clone(),
            nights: nights.to_string(),
        }
    }
}

/// Never shows anybody.
impl std::fmt::Debug for GuestForm {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("GuestForm").finish_non_exhaustive()
    }
}

/// What somebody showed at the desk, in memory only, to fill the form with.
#[derive(Clone)]
pub(crate) struct Papers {
    pub(super) form: GuestForm,
    pub(super) at: Timestamp,
}

impl Papers {
    /// What the last of these readings that names somebody tells in full.
    pub(crate) fn of(readings: &[Reading], at: Timestamp) -> Option<Self> {
        let form = readings.iter().rev().find_map(form_of)?;
        Some(Self { form, at })
    }
}

fn form_of(reading: &Reading) -> Option<GuestForm> {
    let of = |number: &DocumentNumber, name: Option<&HolderName>| GuestForm {
        name: name.map(|name| name.reveal().to_owned()).unwrap_or_default(),
        document_type: number.document_type().as_str().to_owned(),
        document: number.reveal().to_owned(),
        sex: number.sex().map(word_of).unwrap_or_default().to_owned(),
        born: number.birth_date().map(|day| day.to_string()).unwrap_or_default(),
        nationality: nationality_by(number.document_type()).unwrap_or_default().to_owned(),
        ..GuestForm::default()
    };
    if let Input::Card(card) = &reading.input {
        return Some(GuestForm {
            sex: card.sex.map(word_of).unwrap_or_default().to_owned(),
            born: card.birth.to_string(),
            ..of(&card.number, Some(&card.name))
        });
    }
    match reading.evidence() {
        Evidence::Document(number) => Some(of(&number, None)),
        Evidence::NamedDocument(number, name) => Some(of(&number, Some(&name))),
        Evidence::Zone(zone) => match zone.document() {
            ZoneDocument::Known(number) => {
                let form = of(number, zone.name());
                let told = zone.nationality().unwrap_or_default().to_owned();
                let nationality = if form.nationality.is_empty() { told } else { form.nationality };
                let sex = zone.sex().map(word_of).unwrap_or_default().to_owned();
                Some(GuestForm { nationality, sex, ..form })
            }
            ZoneDocument::Other(_) => None,
        },
        _ => None,
    }
}

impl Desk {
    /// What is to be written of a guest who came at `arrived_at`.
    pub(super) fn guest_of(
        &self,
        form: &GuestForm,
        arrived_at: Timestamp,
        id: Uuid,
    ) -> Result<GuestRow, DeskError> {
        let field = DeskError::bad_field;
        let name = HolderName::parse(&form.name).map_err(|_| field("name"))?;
        let kind: DocumentType = form.document_type.parse().map_err(|_| field("documentType"))?;
        let number = DocumentNumber::parse(kind, &form.document).map_err(|_| field("document"))?;
        let today = arrived_at.to_zoned(TimeZone::system()).date();
        let born = match number.birth_date() {
            Some(born) => born,
            None => form.born.trim().parse().map_err(|_| field("born"))?,
        };
        if born > today || born.year() < EARLIEST_YEAR {
            return Err(field("born"));
        }
        let sex = match (number.sex(), form.sex.trim()) {
            (Some(sex), _) => word_of(sex),
            (None, "male") => word_of(Sex::Male),
            (None, "female") => word_of(Sex::Female),
            _ => return Err(field("sex")),
        };
        let nationality = nationality_of(kind, &form.nationality)?;
        let ethnicity = line(&form.ethnicity, 0..=LONGEST_ETHNICITY, "ethnicity")?;
        let nights: i32 = form.nights.trim().parse().map_err(|_| field("nights"))?;
        if !(1..=MOST_NIGHTS).contains(&nights) {
            return Err(field("nights"));
        }
        Ok(GuestRow {
            number: 0,
            id,
            party: id,
            name: name.reveal().to_owned(),
            sex: Some(sex.to_owned()),
            ethnicity: Some(ethnicity).filter(|text| !text.is_empty()),
            born: Some(born),
            nationality,
            document_type: kind.as_str().to_owned(),
            document: number.reveal().to_owned(),
            address: line(&form.address, 1..=LONGEST_ADDRESS, "address")?,
            room: line(&form.room, 1..=LONGEST_ROOM, "room")?,
            arrived_at,
            due: today.saturating_add(Span::new().days(nights)),
            left_at: None,
            reported_at: None,
            operator: self.duty().operator,
        })
    }
}

fn line(
    text: &str,
    length: std::ops::RangeInclusive<usize>,
    field: &str,
) -> Result<String, DeskError> {
    let text = text.trim();
    let fits = length.contains(&text.chars().count()) && !text.chars().any(char::is_control);
    if fits { Ok(text.to_owned()) } else { Err(DeskError::bad_field(field)) }
}

/// The nationality that a kind of document proves.
const fn nationality_by(kind: DocumentType) -> Option<&'static str> {
    match kind {
        DocumentType::PermanentResidence
        | DocumentType::ForeignPassport
        | DocumentType::HomeReturn
        | DocumentType::HkMacauResidence => None,
        DocumentType::ResidentId
        | DocumentType::TaiwanResidence
        | DocumentType::ChinesePassport
        | DocumentType::ExitHkMacau
        | DocumentType::ExitTaiwan
        | DocumentType::MainlandTaiwan => Some(CHINA),
    }
}

/// The nationality: what the document proves, or what was typed. A foreigner's document does
/// not make a citizen.
fn nationality_of(kind: DocumentType, typed: &str) -> Result<String, DeskError> {
    if let Some(proven) = nationality_by(kind) {
        return Ok(proven.to_owned());
    }
    let typed = typed.trim().to_ascii_uppercase();
    let fits = (1..=3).contains(&typed.len()) && typed.bytes().all(|b| b.is_ascii_uppercase());
    let foreign = matches!(kind, DocumentType::PermanentResidence | DocumentType::ForeignPassport);
    if fits && !(foreign && typed == CHINA) {
        Ok(typed)
    } else {
        Err(DeskError::bad_field("nationality"))
    }
}

const fn word_of(sex: Sex) -> &'static str {
    match sex {
        Sex::Male => "male",
        Sex::Female => "female",
    }
}
