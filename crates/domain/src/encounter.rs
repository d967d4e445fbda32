//! One person at the desk: what was presented, and what the desk knows about it.
//!
//! Both are plain values that can be written down, so that a verdict can be judged again
//! from its entry a month later.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use crate::boarding_pass::Leg;
use crate::certificate::{
    Certificate, CertificateTrust, Chip, Format, PartialDate, StatementKind, latin_words,
};
use crate::code::{CodeError, DecodedCode};
use crate::colour::Colour;
use crate::document::{
    DirectoryKey, DocumentHash, DocumentNumber, DocumentType, Edition, OtherDocument, ZoneDocument,
    ZoneField,
};
use crate::evidence::{Evidence, Unknown};
use crate::ids::{IssuerId, StatusIndex};
use crate::name::MaskedName;
use crate::name_match::NameMatch;
use crate::reason::Reason;
use crate::trust::TrustList;
use crate::verdict::{ClockState, FeedPosition, Outcome};

/// The longest issuer of a certificate that is kept, in characters.
const ISSUER_CHARS: usize = 80;

/// The evidence of one person, taken together.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Encounter {
    /// What was presented, in order.
    pub presented: Vec<Presented>,
    /// Whether the boarding pass among it names the same person as the others: compared while
    /// the full names were there, which are not kept. `None` where there was nothing to compare.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub names: Option<NameMatch>,
}

impl Encounter {
    /// Whether a foreign certificate of one and a document of the other are about one person.
    pub fn shares_a_certificate_with(&self, other: &Self) -> bool {
        let one_persons = |certificates: &Self, documents: &Self| {
            certificates.presented.iter().any(|certificate| {
                let Presented::Certificate(certificate) = certificate else { return false };
                documents.presented.iter().any(|document| {
                    matches!(document, Presented::Document(document)
                        if document.marks.agree(&certificate.marks))
                })
            })
        };
        one_persons(self, other) || one_persons(other, self)
    }
}

/// A piece of evidence as it is judged and kept: no number in clear.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", content = "what", rename_all = "kebab-case")]
pub enum Presented {
    /// A health code.
    Code(Box<DecodedCode>),
    /// Several people's codes in one: nobody has said who of them is here.
    Family {
        /// How many people's.
        people: u8,
    },
    /// A broken health code.
    BrokenCode(CodeError),
    /// A document.
    Document(PresentedDocument),
    /// A number that several kinds of document could have.
    AmbiguousNumber,
    /// A document number with a wrong check digit (`true`) or an impossible one.
    BrokenNumber {
        /// The kind of document it looks like.
        document_type: DocumentType,
        /// Whether only the check digit is wrong.
        check_digit: bool,
    },
    /// A document under which no code is issued.
    OtherDocument {
        /// What it is.
        document: OtherDocument,
        /// The masked name, when it gave one.
        name: Option<MaskedName>,
    },
    /// A boarding pass, which identifies nobody.
    BoardingPass {
        /// The masked name on it.
        name: MaskedName,
        /// Its flights, in their order.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        flights: Vec<PresentedFlight>,
    },
    /// A foreign health certificate, and what checking it came to.
    Certificate(PresentedCertificate),
    /// The chip of a document that was presented before it.
    Chip(PresentedChip),
    /// One part of a certificate that comes in several.
    CertificatePart {
        /// Which part, from 1.
        number: u8,
        /// Of how many.
        of: u8,
    },
    /// A zone, licence, boarding pass or certificate that was not read whole or not read right.
    Damaged {
        /// Whether a check digit gave it away.
        check_digit: bool,
    },
    /// Another system's code.
    OtherSystem(String),
    /// The code of a place.
    Place,
    /// Something not understood.
    Unknown(Unknown),
}

/// A flight of a boarding pass as it is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PresentedFlight {
    /// Airline and number, such as `MF8101`.
    pub flight: String,
    /// The day of the year on which it leaves, 1 to 366; `None` on an open ticket.
    pub day: Option<i16>,
    /// The seat; empty when none is given.
    pub seat: String,
}

impl PresentedFlight {
    fn new(leg: &Leg) -> Self {
        Self { flight: leg.flight(), day: leg.day, seat: leg.seat.clone() }
    }
}

/// A document as it is judged and kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PresentedDocument {
    /// Its kind.
    pub document_type: DocumentType,
    /// The keyed hash of its number; `None` while this desk has no directory key.
    pub hash: Option<DocumentHash>,
    /// The same under the directory keys of before: codes that were signed then carry one of
    /// these. Nothing is looked up by them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub earlier: Vec<DocumentHash>,
    /// The masked number.
    pub masked: String,
    /// The masked name, when the document gave one.
    pub name: Option<MaskedName>,
    /// Whether it is a number of 15 digits, good for look-up only.
    pub old_number: bool,
    /// Whether there was nothing but the number, typed or in a symbol that anybody can draw: no
    /// card and no page.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub bare: bool,
    /// Whom it is about, to compare with a foreign certificate.
    #[serde(default, skip_serializing_if = "Marks::is_empty")]
    pub marks: Marks,
}

/// A foreign certificate as it is judged and kept: what it says stays with its bearer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PresentedCertificate {
    /// Its kind.
    pub format: Format,
    /// Who says to have issued it, as far as a screen has room.
    pub issuer: String,
    /// What kinds of things it says, each once.
    pub says: Vec<StatementKind>,
    /// The masked name, when it gave one.
    pub name: Option<MaskedName>,
    /// What checking it came to when it was presented.
    pub standing: Outcome,
    /// Whom it is about, to compare with a document.
    #[serde(default, skip_serializing_if = "Marks::is_empty")]
    pub marks: Marks,
}

/// The chip of a document as it is judged and kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PresentedChip {
    /// Whether it says what the page says: compared while both were there.
    pub agrees: bool,
    /// Whether a country vouches for it.
    pub standing: Outcome,
}

impl PresentedChip {
    /// Holds a chip against its page and against the countries that are trusted.
    pub fn held_against(chip: &Chip, against: Against<'_>) -> Self {
        let standing = chip.check(against.certificates, against.now);
        Self { agrees: chip.agrees(), standing }
    }
}

/// Whom a piece of evidence is about, under the desk's directory key: enough to see whether
/// a certificate and a document are about one person, and nothing of who that is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Marks {
    /// Of the name in Latin letters.
    pub name: Option<DocumentHash>,
    /// Of the whole date of birth.
    pub birth: Option<DocumentHash>,
}

impl Marks {
    fn new(name: Option<&str>, birth: Option<Date>, key: Option<&DirectoryKey>) -> Self {
        let mark = |text: String| Some(key?.mark(&text));
        Self {
            name: name.and_then(|name| mark(format!("name {name}"))),
            birth: birth.and_then(|birth| mark(format!("birth {birth}"))),
        }
    }

    fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Whether both are about one person, as far as marks tell: born on the same day, and not of
    /// two names.
    pub fn agree(&self, other: &Self) -> bool {
        let names = self.name.zip(other.name).is_none_or(|(one, other)| one == other);
        self.birth.is_some() && self.birth == other.birth && names
    }
}

/// The name in Latin letters and the date of birth that a document gives.
fn whom(evidence: &Evidence, now: Timestamp) -> (Option<String>, Option<Date>) {
    match evidence {
        Evidence::Document(number) => (None, number.birth_date()),
        Evidence::NamedDocument(number, name) => (latin_words(name.reveal()), number.birth_date()),
        Evidence::Zone(zone) => {
            let today = now.to_zoned(TimeZone::UTC).date();
            // Of a doubtful name no letter is sure; the day of birth alone tells then.
            let is_doubtful = zone.doubtful().contains(&ZoneField::Name);
            let name = zone.latin_name().filter(|_| !is_doubtful);
            let name = name.and_then(|name| latin_words(name.reveal()));
            (name, zone.birth().resolve_birth(today))
        }
        _ => (None, None),
    }
}

/// The number of a document that has a directory.
fn number_of(evidence: &Evidence) -> Option<&DocumentNumber> {
    match evidence {
        Evidence::Document(number) | Evidence::NamedDocument(number, _) => Some(number),
        Evidence::Zone(zone) => match zone.document() {
            ZoneDocument::Known(number) => Some(number),
            ZoneDocument::Other(_) => None,
        },
        _ => None,
    }
}

/// What evidence is held against when it is presented.
#[derive(Clone, Copy, Debug)]
pub struct Against<'a> {
    /// The key of the desk's directory; `None` while it has none.
    pub key: Option<&'a DirectoryKey>,
    /// The keys before it under which codes that are still alive may have been made.
    pub earlier: &'a [DirectoryKey],
    /// What foreign certificates are checked against.
    pub certificates: &'a CertificateTrust,
    /// The time.
    pub now: Timestamp,
}

impl Presented {
    /// Takes from a piece of evidence what may be kept, and checks what must be checked
    /// while all of it is there.
    pub fn held_against(evidence: Evidence, against: Against<'_>) -> Self {
        match evidence {
            Evidence::Certificate(certificate) => {
                let standing = certificate.check(against.certificates, against.now);
                let mut presented = PresentedCertificate::new(&certificate, standing);
                let birth = certificate.subject.birth.and_then(PartialDate::whole);
                presented.marks = Marks::new(certificate.subject.name_key(), birth, against.key);
                Self::Certificate(presented)
            }
            other => {
                let (name, birth) = whom(&other, against.now);
                let marks = Marks::new(name.as_deref(), birth, against.key);
                let earlier = number_of(&other).map_or_else(Vec::new, |number| {
                    against.earlier.iter().map(|key| key.hash(number)).collect()
                });
                let mut presented = Self::from_evidence(other, against.key);
                if let Self::Document(document) = &mut presented {
                    document.marks = marks;
                    document.earlier = earlier;
                }
                presented
            }
        }
    }

    /// Takes from a piece of evidence what may be kept. A certificate is left unchecked.
    pub fn from_evidence(evidence: Evidence, key: Option<&DirectoryKey>) -> Self {
        match evidence {
            Evidence::Certificate(certificate) => {
                let standing = Outcome::NotChecked(Some(Reason::NoCertificateTrust));
                Self::Certificate(PresentedCertificate::new(&certificate, standing))
            }
            Evidence::Code(code) => Self::Code(code),
            Evidence::Family(family) => {
                Self::Family { people: u8::try_from(family.codes().len()).unwrap_or(u8::MAX) }
            }
            Evidence::BrokenCode(error) => Self::BrokenCode(error),
            Evidence::Document(number) => Self::Document(PresentedDocument {
                bare: true,
                ..PresentedDocument::new(&number, None, key)
            }),
            Evidence::NamedDocument(number, name) => {
                Self::Document(PresentedDocument::new(&number, Some(name.mask()), key))
            }
            Evidence::AmbiguousNumber(_) => Self::AmbiguousNumber,
            Evidence::BrokenNumber(document_type, error) => Self::BrokenNumber {
                document_type,
                check_digit: error == crate::document::NumberError::CheckDigit,
            },
            Evidence::Zone(zone) => {
                let name = zone.name().map(|name| name.mask());
                match zone.document() {
                    ZoneDocument::Known(number) => {
                        Self::Document(PresentedDocument::new(number, name, key))
                    }
                    ZoneDocument::Other(document) => Self::other(*document, name),
                }
            }
            Evidence::Regional(number) => Self::other(number.kind(), None),
            Evidence::Licence(licence) => {
                Self::other(OtherDocument::AmericanLicence, Some(licence.name.mask()))
            }
            Evidence::BoardingPass(pass) => Self::BoardingPass {
                name: pass.name.mask(),
                flights: pass.legs.iter().map(PresentedFlight::new).collect(),
            },
            Evidence::CertificatePart(part) => {
                Self::CertificatePart { number: part.number, of: part.of }
            }
            Evidence::Damaged(damaged) => Self::Damaged { check_digit: damaged.by_check_digit() },
            Evidence::OtherSystem(name) => Self::OtherSystem(name.to_owned()),
            Evidence::Place => Self::Place,
            Evidence::Unknown(unknown) => Self::Unknown(unknown),
        }
    }

    fn other(document: OtherDocument, name: Option<MaskedName>) -> Self {
        Self::OtherDocument { document, name }
    }
}

impl PresentedCertificate {
    fn new(certificate: &Certificate, standing: Outcome) -> Self {
        let mut says: Vec<_> = certificate.statements.iter().map(|said| said.kind()).collect();
        says.sort_unstable();
        says.dedup();
        Self {
            format: certificate.format,
            issuer: certificate.issuer.chars().take(ISSUER_CHARS).collect(),
            says,
            name: certificate.subject.name.as_ref().map(|name| name.mask()),
            standing,
            marks: Marks::default(),
        }
    }
}

impl PresentedDocument {
    fn new(number: &DocumentNumber, name: Option<MaskedName>, key: Option<&DirectoryKey>) -> Self {
        Self {
            document_type: number.document_type(),
            hash: key.map(|key| key.hash(number)),
            earlier: Vec::new(),
            masked: number.masked(),
            name,
            old_number: number.edition() == Edition::Fifteen,
            bare: false,
            marks: Marks::default(),
        }
    }
}

/// What the desk knows that bears on one encounter: values with their age.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct View {
    /// Whether the desk's clock may be believed.
    pub clock: ClockState,
    /// The trust list, or as much of it as bears on the encounter; `None` while there is
    /// none on this desk.
    pub trust: Option<TrustList>,
    /// What is known of the colours of the holders in question.
    pub colours: Vec<ColourFact>,
    /// What the directory, or the authority, says of the documents in question.
    pub documents: Vec<DocumentFact>,
    /// The directory key of the documents' hashes; `None` without one, and in entries of
    /// before there was a second one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hashed: Option<Hashed>,
}

/// The directory key under which the documents of a view were hashed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hashed {
    /// Whose key it is. Each issuer has its own, so codes of others carry hashes that say
    /// nothing here.
    pub issuer: IssuerId,
    /// Which of the issuer's directory keys it is; the first is 1.
    pub generation: u32,
    /// Codes that were signed up to this instant are under this key or one before it. A later
    /// one may be under a key that the desk did not have, so that another hash in it says
    /// nothing: so is every code at a desk without a directory, which has 1970 here. `None` in
    /// entries that do not tell, and every code then counts as one of these.
    pub until: Option<Timestamp>,
}

impl View {
    /// What a desk knows that has just been unpacked.
    pub fn empty(clock: ClockState) -> Self {
        Self { clock, trust: None, colours: Vec::new(), documents: Vec::new(), hashed: None }
    }

    /// Whether the signature of a code holds by the trust list of this view: only then does
    /// what the code says of a person count for anything.
    pub fn vouches_for(&self, code: &DecodedCode) -> bool {
        self.trust.as_ref().is_some_and(|trust| code.verify(trust).is_ok())
    }
}

/// What one source says of one holder's colour.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ColourFact {
    /// Whose list.
    pub issuer: IssuerId,
    /// Whose colour.
    pub index: StatusIndex,
    /// The colour; `None` when the list ends before the index.
    pub colour: Option<Colour>,
    /// Where it was read.
    pub source: Source,
    /// When the source was issued.
    pub as_of: Timestamp,
}

/// Where a fact was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Source {
    /// A feed on this desk, at this position.
    Feed(FeedPosition),
    /// The authority's own answer, given at this position.
    Authority(FeedPosition),
}

impl Source {
    /// The position, whichever source it is.
    pub const fn position(self) -> FeedPosition {
        match self {
            Self::Feed(position) | Self::Authority(position) => position,
        }
    }
}

/// What is known of a document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DocumentFact {
    /// The document.
    pub hash: DocumentHash,
    /// The holder it stands for; `None` when no code was issued for it.
    pub holder: Option<(IssuerId, StatusIndex)>,
    /// Where that was read.
    pub source: Source,
    /// When the source was issued.
    pub as_of: Timestamp,
}
