//! Synthetic persons, and what they show.

use jiff::SignedDuration;
use yanma_station::domain::code::{CodeBody, CodeHost, DecodedCode, Lifetime, Profile};
use yanma_station::domain::document::{DirectoryKey, DocumentNumber, DocumentType};
use yanma_station::domain::name::HolderName;
use yanma_station::domain::{Colour, IssuerId, KeyId, KeySlot, StatusIndex};
use yanma_station::{Input, Reading, Via};

use super::province::{DIRECTORY_KEY, Signer, begin};

/// The chips of two cards, as a reader answers.
const RESIDENT_CARD: &str = include_str!("../../../../tests/vectors/samv/samv_resident.hex");
const PERMIT_CARD: &str = include_str!("../../../../tests/vectors/samv/samv_J.hex");

/// A person who may have a code. The index is the place in the status list.
#[derive(Clone, Copy)]
pub(crate) struct Person {
    pub(crate) index: u32,
    pub(crate) number: &'static str,
    pub(crate) name: &'static str,
    pub(crate) colour: Colour,
}

const fn person(index: u32, number: &'static str, name: &'static str, colour: Colour) -> Person {
    Person { index, number, name, colour }
}

/// Has the resident's card of the test vectors.
pub(crate) const GREEN: Person = person(3, "11010519491231002X", "证件样本", Colour::Green);
pub(crate) const ORANGE: Person = person(5, "350100190001010012", "李小红", Colour::Amber);
pub(crate) const RED: Person = person(8, "350100190001010020", "王小兰", Colour::Red);
pub(crate) const WITHDRAWN: Person = person(13, "350100190001010039", "陈小芳", Colour::Withdrawn);
/// Green as well, with the Hong Kong resident's permit of the test vectors.
pub(crate) const GUEST: Person = person(21, "810000199001010019", "证件样本", Colour::Green);
/// Green, and known by the passport of the test vectors.
pub(crate) const TRAVELLER: Person = person(22, "EA0000001", "张三", Colour::Green);
/// Nobody ever issued a code for this number.
pub(crate) const STRANGER: &str = "350100190001010047";

pub(crate) const PEOPLE: [Person; 6] = [GREEN, ORANGE, RED, WITHDRAWN, GUEST, TRAVELLER];
/// Holders in the list: more than the people above.
pub(crate) const HOLDERS: u32 = 40;

impl Person {
    pub(crate) fn document(&self) -> DocumentNumber {
        let document_type = match self.number {
            number if number.starts_with('E') => DocumentType::ChinesePassport,
            number if number.starts_with("81") => DocumentType::HkMacauResidence,
            _ => DocumentType::ResidentId,
        };
        DocumentNumber::parse(document_type, self.number).unwrap()
    }

    pub(crate) fn hash(&self) -> u64 {
        DirectoryKey::from_bytes(DIRECTORY_KEY).hash(&self.document()).as_u64()
    }
}

/// A code in the making: what a good one has, to be spoilt in one point.
pub(crate) struct Make {
    pub(crate) body: CodeBody,
    pub(crate) signer: Signer,
}

/// A good code of a person, issued ten seconds before the story begins, for a minute.
pub(crate) fn code_of(person: &Person) -> Make {
    let key = KeyId { issuer: IssuerId::FUJIAN, slot: KeySlot::CODES };
    let document = person.document();
    Make {
        body: CodeBody {
            key,
            profile: Profile::Ed25519,
            colour: Colour::Green,
            document_type: document.document_type(),
            issued_at: begin() - SignedDuration::from_secs(10),
            lifetime: Lifetime::PHONE,
            index: StatusIndex(person.index),
            document: DirectoryKey::from_bytes(DIRECTORY_KEY).hash(&document),
            name: HolderName::parse(person.name).unwrap().mask(),
        },
        signer: Signer::Codes,
    }
}

impl Make {
    pub(crate) fn with(mut self, change: impl FnOnce(&mut CodeBody)) -> Self {
        change(&mut self.body);
        self
    }

    pub(crate) fn signed_by(self, signer: Signer) -> Self {
        Self { signer, ..self }
    }

    pub(crate) fn code(self) -> DecodedCode {
        let signature = self.signer.sign(&self.body.signing_input().unwrap());
        DecodedCode::new(self.body, signature).unwrap()
    }

    pub(crate) fn text(self) -> String {
        self.code().to_text(&host())
    }

    /// The same code with one bit turned over.
    pub(crate) fn text_with_bit(self, bit: usize) -> String {
        let mut bytes = self.code().bytes().to_vec();
        bytes[bit / 8] ^= 1 << (bit % 8);
        DecodedCode::from_bytes(&bytes).unwrap().to_text(&host())
    }

    pub(crate) fn scanned(self) -> Reading {
        scan(&self.text())
    }
}

fn host() -> CodeHost {
    CodeHost::parse("JKM.FUJIAN.GOV.CN").unwrap()
}

pub(crate) fn scan(text: &str) -> Reading {
    Reading { input: Input::Text(text.to_owned()), via: Via::Camera }
}

pub(crate) fn typed(number: &str) -> Reading {
    Reading { input: Input::Text(number.to_owned()), via: Via::Keyboard }
}

/// What a scanner types.
pub(crate) fn wedge(text: &str) -> Reading {
    Reading { input: Input::Text(text.to_owned()), via: Via::Scanner }
}

/// What a thermometer sends, or a scanner, over a serial line.
pub(crate) fn serial(text: &str) -> Reading {
    Reading { input: Input::Text(text.to_owned()), via: Via::Serial }
}

/// A number of which the operator said what it is on.
pub(crate) fn typed_as(document_type: DocumentType, number: &str) -> Reading {
    Reading { input: Input::Number(document_type, number.to_owned()), via: Via::Keyboard }
}

/// The chip card of [`GREEN`].
pub(crate) fn card() -> Reading {
    chip(RESIDENT_CARD)
}

/// The chip card of [`GUEST`].
pub(crate) fn permit() -> Reading {
    chip(PERMIT_CARD)
}

fn chip(frame: &str) -> Reading {
    let frame = hex::decode(frame.trim()).unwrap();
    Reading::of_card(&frame).unwrap()
}
