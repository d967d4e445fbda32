//! IATA boarding passes: the text of a bar-coded boarding pass (BCBP, Resolution 792).
//!
//! A pass says a name, flights and a day. It has no date of birth and no document number, so
//! it identifies nobody; a desk takes it as something shown beside a code or a document. Its
//! security field is kept unread: its keys belong to airlines.
//!
//! ```
//! use yanma_domain::boarding_pass::BoardingPass;
//!
//! let pass = BoardingPass::read("M1ZHENG/YANGBEN       EABC123 FOCPEKMF 8101 045Y012A0025 100")?;
//! assert_eq!(pass.legs[0].flight(), "MF8101");
//! assert_eq!(pass.legs[0].date("2020-02-10".parse().unwrap()), "2020-02-14".parse().ok());
//! # Ok::<(), yanma_domain::boarding_pass::PassError>(())
//! ```

mod cut;

use std::fmt;

use jiff::civil::Date;

use crate::name::HolderName;
use cut::Cut;

/// The longest name field.
const NAME: usize = 20;

/// A field of a boarding pass, to say in an error where it went wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PassField {
    /// How many legs there are.
    Legs,
    /// The passenger's name.
    Name,
    /// The booking reference.
    Booking,
    /// The airport of departure or arrival.
    Airport,
    /// The airline.
    Carrier,
    /// The flight's number.
    Flight,
    /// The day of the year.
    Day,
    /// Seat, cabin, sequence number or status.
    Seat,
    /// The size of the items that may follow a leg.
    Size,
    /// The items that may follow a leg.
    Items,
    /// The security data at the end.
    Security,
}

/// Why a text is no boarding pass. Never carries anything of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PassError {
    /// It does not begin like one: something else was read.
    #[error("this is no boarding pass")]
    NotAPass,
    /// It ends in the middle of a field: read it again.
    #[error("the boarding pass ends in its field {0:?}")]
    Short(PassField),
    /// The field holds what cannot stand there.
    #[error("the boarding pass's field {0:?} cannot be read")]
    Field(PassField),
}

/// A boarding pass, taken apart.
///
/// `Debug` shows the number of legs only.
#[derive(Clone, PartialEq, Eq)]
pub struct BoardingPass {
    /// The name, `SURNAME, GIVEN NAME` as far as there was room for it.
    pub name: HolderName,
    /// Whether the ticket is an electronic one.
    pub electronic: bool,
    /// One to four flights, in their order.
    pub legs: Vec<Leg>,
    /// What was said once for the whole journey.
    pub journey: Journey,
    /// The security data, when the pass ends with some.
    pub security: Option<Security>,
}

/// One flight. Fields are as printed, without the spaces that fill them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Leg {
    /// The booking reference of the airline that operates the flight.
    pub booking: String,
    /// The airport of departure: three letters.
    pub from: String,
    /// The airport of arrival: three letters.
    pub to: String,
    /// The airline that operates the flight.
    pub carrier: String,
    /// The flight's number, with a letter at its end where it has one.
    pub number: String,
    /// The day of the year, 1 to 366; `None` on an open ticket.
    pub day: Option<i16>,
    /// The cabin.
    pub cabin: String,
    /// The seat, without zeros in front; empty when none is given.
    pub seat: String,
    /// The number of the check-in.
    pub sequence: String,
    /// Where the passenger is between ticket and seat.
    pub status: Status,
    /// What may be left out.
    pub items: LegItems,
    /// What is for the airline alone; its spaces are kept.
    pub airline_use: String,
}

/// Where a passenger is between ticket and seat.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Status {
    /// The ticket was issued; not checked in (0).
    #[default]
    NotCheckedIn,
    /// Checked in (1).
    CheckedIn,
    /// Baggage is checked and the passenger is not (2).
    BaggageOnly,
    /// Baggage and passenger are checked (3).
    WithBaggage,
    /// Past security (4).
    PastSecurity,
    /// Past the gate (5).
    Boarded,
    /// In transit (6).
    Transit,
    /// On standby; no seat yet (7).
    Standby,
    /// Boarding was revalidated (8).
    Revalidated,
    /// The original line used when the ticket was issued (9).
    Original,
    /// A character that the resolution does not name.
    Other(char),
}

/// What a pass says once; each item may be absent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Journey {
    /// The version of the format.
    pub version: Option<char>,
    /// Adult, child, and so on.
    pub passenger: Option<String>,
    /// Where the check-in was done.
    pub check_in_source: Option<String>,
    /// Where the pass was issued.
    pub issued_at: Option<String>,
    /// The last digit of the year and the day of the year of issue.
    pub issued_on: Option<String>,
    /// Boarding pass (`B`) or itinerary receipt (`I`).
    pub document: Option<String>,
    /// The airline that issued the pass.
    pub issuer: Option<String>,
    /// Up to three ranges of baggage tags.
    pub baggage_tags: Vec<String>,
}

/// What a pass says of one leg; each item may be absent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LegItems {
    /// The number of the airline.
    pub airline_number: Option<String>,
    /// The serial number of the ticket.
    pub serial: Option<String>,
    /// Selected for a search.
    pub selectee: Option<String>,
    /// Whether travel documents must be, or were, seen.
    pub documents_seen: Option<String>,
    /// The airline that sold the flight.
    pub marketed_by: Option<String>,
    /// The airline of the frequent-flyer number.
    pub frequent_flyer_airline: Option<String>,
    /// The frequent-flyer number. Never for a log.
    pub frequent_flyer: Option<String>,
    /// Flies at the rate of the industry's people.
    pub discount: Option<String>,
    /// Free baggage.
    pub baggage_allowance: Option<String>,
    /// Whether the fast lane is open.
    pub fast_track: Option<String>,
}

/// The data that proves a pass to its airline.
#[derive(Clone, PartialEq, Eq)]
pub struct Security {
    /// The kind of data.
    pub kind: char,
    /// The data, as it stands.
    pub data: String,
}

impl BoardingPass {
    /// Takes a pass apart. Spaces are significant: only line ends are left out at the end.
    ///
    /// # Errors
    /// [`PassError`], with the first field that is wrong.
    pub fn read(text: &str) -> Result<Self, PassError> {
        let text = text.trim_end_matches(['\r', '\n']);
        if !Self::looks_like_one(text) {
            return Err(PassError::NotAPass);
        }
        let mut cut = Cut::new(text);
        cut.take(1, PassField::Legs)?;
        let legs = cut.take(1, PassField::Legs)?.parse::<u8>().ok();
        let legs = legs.filter(|legs| (1..=4).contains(legs));
        let legs = legs.ok_or(PassError::Field(PassField::Legs))?;
        let name = name(cut.take(NAME, PassField::Name)?)?;
        let electronic = match cut.take(1, PassField::Name)? {
            "E" => true,
            " " => false,
            _ => return Err(PassError::Field(PassField::Name)),
        };
        let mut journey = Journey::default();
        let mut found = Vec::new();
        for at in 0..legs {
            found.push(leg(&mut cut, (at == 0).then_some(&mut journey))?);
        }
        let security = security(&mut cut)?;
        Ok(Self { name, electronic, legs: found, journey, security })
    }

    /// Whether a text begins like a boarding pass of format M: enough to say what it was
    /// when the rest cannot be read.
    #[must_use]
    pub fn looks_like_one(text: &str) -> bool {
        let mut bytes = text.bytes();
        let head = (bytes.next(), bytes.next());
        matches!(head, (Some(b'M'), Some(b'1'..=b'9')))
            && text.is_ascii()
            && text.len() >= 58
            // Two airports, and an airline of two or three characters.
            && text.get(30..36).is_some_and(|airports| airports.bytes().all(|b| b.is_ascii_uppercase()))
            && matches!(text.get(22..23), Some("E" | " "))
    }
}

impl fmt::Debug for BoardingPass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "BoardingPass({} legs)", self.legs.len())
    }
}

impl fmt::Debug for Security {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Security({}, {} characters)", self.kind, self.data.len())
    }
}

impl Leg {
    /// Airline and number, such as `MF8101`: zeros in front of the number are left out.
    #[must_use]
    pub fn flight(&self) -> String {
        format!("{}{}", self.carrier, self.number.trim_start_matches('0'))
    }

    /// The date of the flight: the pass says the day of a year, and the year is the one that
    /// brings it nearest to `today`. `None` on an open ticket, and for day 366 where no year
    /// nearby has one.
    #[must_use]
    pub fn date(&self, today: Date) -> Option<Date> {
        let day = self.day?;
        let year = today.year();
        [year - 1, year, year + 1]
            .into_iter()
            .filter_map(|year| {
                let first = Date::new(year, 1, 1).ok()?;
                (day <= first.days_in_year()).then_some(())?;
                first.checked_add(jiff::Span::new().days(day - 1)).ok()
            })
            .min_by_key(|date| {
                today.until(*date).map(|span| span.get_days().abs()).unwrap_or(i32::MAX)
            })
    }
}

/// The name of a flight as [`Leg::flight`] has it, from what people write: `mf 0812` is `MF812`.
/// `None` for what can be none: two characters of an airline, or three letters, one to four
/// digits that are not all nought, and a letter at most.
///
/// ```
/// use yanma_domain::boarding_pass::flight_name;
///
/// assert_eq!(flight_name("mf-0812").as_deref(), Some("MF812"));
/// assert_eq!(flight_name("812"), None);
/// ```
#[must_use]
pub fn flight_name(text: &str) -> Option<String> {
    let plain: String =
        text.chars().filter(|c| !c.is_whitespace() && *c != '-').collect::<String>().to_uppercase();
    let is_carrier = |carrier: &str| {
        carrier.bytes().any(|b| b.is_ascii_uppercase())
            && carrier.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
    };
    let letters = plain.bytes().take_while(u8::is_ascii_uppercase).count();
    let (carrier, number) = plain.split_at_checked(if letters == 3 { 3 } else { 2 })?;
    let digits = number.strip_suffix(|c: char| c.is_ascii_uppercase()).unwrap_or(number);
    let is_number = (1..=4).contains(&digits.len())
        && digits.bytes().all(|b| b.is_ascii_digit())
        && digits.bytes().any(|b| b != b'0');
    (is_carrier(carrier) && is_number)
        .then(|| format!("{carrier}{}", number.trim_start_matches('0')))
}

fn name(field: &str) -> Result<HolderName, PassError> {
    let text = field.trim_end();
    let name = match text.split_once('/') {
        Some((surname, given)) if !given.is_empty() => format!("{surname}, {given}"),
        _ => text.trim_end_matches('/').to_owned(),
    };
    HolderName::parse(&name).map_err(|_| PassError::Field(PassField::Name))
}

/// The 35 characters of every leg, and what its size says follows. The first leg's has what
/// is said once for the journey.
fn leg(cut: &mut Cut<'_>, journey: Option<&mut Journey>) -> Result<Leg, PassError> {
    let mut leg = Leg {
        booking: cut.word(7, PassField::Booking)?,
        from: cut.letters(3, PassField::Airport)?,
        to: cut.letters(3, PassField::Airport)?,
        carrier: cut.word(3, PassField::Carrier)?,
        number: cut.word(5, PassField::Flight)?,
        ..Leg::default()
    };
    leg.day = match cut.take(3, PassField::Day)? {
        "   " | "000" => None,
        day => {
            let day = day.parse().ok().filter(|day| (1..=366).contains(day));
            Some(day.ok_or(PassError::Field(PassField::Day))?)
        }
    };
    leg.cabin = cut.word(1, PassField::Seat)?;
    leg.seat = cut.word(4, PassField::Seat)?.trim_start_matches('0').to_owned();
    leg.sequence = cut.word(5, PassField::Seat)?;
    leg.status = status(cut.take(1, PassField::Seat)?);
    let size = cut.size(PassField::Size)?;
    let mut items = cut.part(size, PassField::Items)?;
    if let Some(journey) = journey {
        if items.rest().starts_with('>') {
            items.take(1, PassField::Items)?;
            journey.version = items.take(1, PassField::Items)?.chars().next();
            let mut once = items.part_by_size(PassField::Items)?;
            journey.passenger = once.item(1);
            journey.check_in_source = once.item(1);
            journey.issued_at = once.item(1);
            journey.issued_on = once.item(4);
            journey.document = once.item(1);
            journey.issuer = once.item(3);
            journey.baggage_tags = (0..3).filter_map(|_| once.item(13)).collect();
        } else {
            // Without the mark all of it is the airline's.
            leg.airline_use = items.rest().to_owned();
            return Ok(leg);
        }
    }
    if !items.rest().is_empty() {
        let mut repeated = items.part_by_size(PassField::Items)?;
        leg.items = LegItems {
            airline_number: repeated.item(3),
            serial: repeated.item(10),
            selectee: repeated.item(1),
            documents_seen: repeated.item(1),
            marketed_by: repeated.item(3),
            frequent_flyer_airline: repeated.item(3),
            frequent_flyer: repeated.item(16),
            discount: repeated.item(1),
            baggage_allowance: repeated.item(3),
            fast_track: repeated.item(1),
        };
    }
    leg.airline_use = items.rest().to_owned();
    Ok(leg)
}

fn status(text: &str) -> Status {
    match text.chars().next().unwrap_or(' ') {
        '0' => Status::NotCheckedIn,
        '1' => Status::CheckedIn,
        '2' => Status::BaggageOnly,
        '3' => Status::WithBaggage,
        '4' => Status::PastSecurity,
        '5' => Status::Boarded,
        '6' => Status::Transit,
        '7' => Status::Standby,
        '8' => Status::Revalidated,
        '9' => Status::Original,
        other => Status::Other(other),
    }
}

/// `^`, a kind, a size and the data; nothing may follow.
fn security(cut: &mut Cut<'_>) -> Result<Option<Security>, PassError> {
    let wrong = PassError::Field(PassField::Security);
    // Spaces may fill a pass up to its end.
    if cut.rest().bytes().all(|byte| byte == b' ') {
        return Ok(None);
    }
    if cut.take(1, PassField::Security)? != "^" {
        return Err(wrong);
    }
    let kind = cut.take(1, PassField::Security)?.chars().next().ok_or(wrong)?;
    let size = cut.size(PassField::Security)?;
    let data = cut.part(size, PassField::Security)?.rest().to_owned();
    if !cut.rest().bytes().all(|byte| byte == b' ') {
        return Err(wrong);
    }
    Ok(Some(Security { kind, data }))
}
