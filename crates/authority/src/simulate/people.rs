//! People that do not exist, the same ones for the same seed.
//!
//! Numbers carry the area 350100: the city as a whole, which is no place of registration, so
//! no real person has one. Telephone numbers begin with 100, which no mobile network uses.

use yanma_domain::document::{DocumentNumber, DocumentType, check_digit};
use yanma_domain::name::HolderName;
use yanma_protocol::facts::FactKind;

/// Where a simulated person stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Plan {
    /// A green code.
    Green,
    /// A green code, and a fact that has expired.
    Expired,
    /// A green code, and a fact that was cleared.
    Cleared,
    /// An orange code because of this.
    Orange(FactKind),
    /// A code that was withdrawn.
    Withdrawn,
    /// An account without a code.
    NoClaim,
    /// In the register only.
    NoAccount,
    /// In no register; the number is possible, nothing more.
    Unknown,
}

/// A person that does not exist.
#[derive(Debug, Clone)]
pub struct SimulatedPerson {
    /// Whom they stand for, in a few words.
    pub label: &'static str,
    /// Their document.
    pub document: DocumentNumber,
    /// Their name.
    pub name: HolderName,
    /// Their telephone number.
    pub phone: String,
    /// Their password. Demo accounts have passwords that anybody can know.
    pub password: String,
    /// Where they stand.
    pub plan: Plan,
}

/// A range of birth years.
#[derive(Clone, Copy)]
struct Age {
    from: u32,
    to: u32,
}

const ADULT: Age = Age { from: 1962, to: 2001 };
const ELDERLY: Age = Age { from: 1932, to: 1955 };
const CHILD: Age = Age { from: 2008, to: 2017 };

#[derive(Clone, Copy)]
enum Kind {
    Resident,
    HongKong,
    Macau,
    Taiwan,
    Permanent2017,
    Permanent2023,
}

/// The first of every demo, in this order; whoever comes after is a green adult resident.
const CAST: &[(&str, Kind, Age, Plan)] = &[
    ("adult, green", Kind::Resident, ADULT, Plan::Green),
    ("adult, orange: fever clinic", Kind::Resident, ADULT, Plan::Orange(FactKind::FeverClinic)),
    ("adult, code withdrawn", Kind::Resident, ADULT, Plan::Withdrawn),
    ("elderly person without a code", Kind::Resident, ELDERLY, Plan::NoAccount),
    ("elderly person, green", Kind::Resident, ELDERLY, Plan::Green),
    ("child, green", Kind::Resident, CHILD, Plan::Green),
    ("adult, in no register", Kind::Resident, ADULT, Plan::Unknown),
    ("adult, account without a code", Kind::Resident, ADULT, Plan::NoClaim),
    (
        "adult, orange: high-incidence area",
        Kind::Resident,
        ADULT,
        Plan::Orange(FactKind::HighIncidenceArea),
    ),
    ("adult, orange: confirmed", Kind::Resident, ADULT, Plan::Orange(FactKind::Confirmed)),
    ("adult, orange: suspected", Kind::Resident, ADULT, Plan::Orange(FactKind::Suspected)),
    ("adult, orange: close contact", Kind::Resident, ADULT, Plan::Orange(FactKind::CloseContact)),
    (
        "elderly person, orange: sealed compound",
        Kind::Resident,
        ELDERLY,
        Plan::Orange(FactKind::SealedCompound),
    ),
    ("adult, orange: fever medicine", Kind::Resident, ADULT, Plan::Orange(FactKind::Antipyretic)),
    ("adult, green again: fact expired", Kind::Resident, ADULT, Plan::Expired),
    ("adult, green again: cleared", Kind::Resident, ADULT, Plan::Cleared),
    ("Hong Kong residence permit, green", Kind::HongKong, ADULT, Plan::Green),
    ("Macau residence permit, green", Kind::Macau, ADULT, Plan::Green),
    ("Taiwan residence permit, green", Kind::Taiwan, ADULT, Plan::Green),
    ("permanent residence card of 2017, green", Kind::Permanent2017, ADULT, Plan::Green),
    ("permanent residence card of 2023, green", Kind::Permanent2023, ADULT, Plan::Green),
    (
        "Taiwan residence permit, orange",
        Kind::Taiwan,
        ADULT,
        Plan::Orange(FactKind::HighIncidenceArea),
    ),
    (
        "permanent residence card of 2023, orange",
        Kind::Permanent2023,
        ADULT,
        Plan::Orange(FactKind::CloseContact),
    ),
    ("Hong Kong residence permit without a code", Kind::HongKong, ELDERLY, Plan::NoAccount),
];

pub(super) const FAMILY: [&str; 12] =
    ["林", "陈", "黄", "张", "吴", "李", "郑", "王", "刘", "苏", "欧阳", "上官"];
pub(super) const GIVEN: [&str; 16] = [
    "样本", "试一", "试二", "明样", "芳例", "例", "样", "小例", "志样", "丽样", "国例", "秀例",
    "建样", "玉例", "海样", "春例",
];
const LATIN: [&str; 6] = [
    "SAMPLE, MARIA",
    "SPECIMEN, JOHN",
    "EXAMPLE, AMINA",
    "SAMPLE, PIERRE",
    "EXAMPLE, YUKI",
    "SPECIMEN, ANNA",
];

/// The people of a demo.
pub fn people(count: usize, seed: u64) -> Vec<SimulatedPerson> {
    let mut random = SplitMix(seed);
    (0..count)
        .filter_map(|at| {
            let (label, kind, age, plan) = CAST.get(at).copied().unwrap_or((
                "adult, green",
                Kind::Resident,
                ADULT,
                Plan::Green,
            ));
            let document = document(kind, age, at, &mut random)?;
            Some(SimulatedPerson {
                label,
                name: name(kind, &mut random)?,
                document,
                phone: format!("100{:08}", at + 1),
                password: format!("yanma-demo-{:04}", at + 1),
                plan,
            })
        })
        .collect()
}

fn document(kind: Kind, age: Age, at: usize, random: &mut SplitMix) -> Option<DocumentNumber> {
    let year = age.from + random.below(age.to - age.from + 1);
    let (month, day) = (1 + random.below(12), 1 + random.below(28));
    let date = format!("{year:04}{month:02}{day:02}");
    // The sequence holds the person's place, so that no two share a number.
    let sequence = format!("{:03}", (at + 1) % 1000);
    let (document_type, number) = match kind {
        Kind::Resident => (DocumentType::ResidentId, mod_11_2(format!("350100{date}{sequence}"))?),
        Kind::HongKong => {
            (DocumentType::HkMacauResidence, mod_11_2(format!("810000{date}{sequence}"))?)
        }
        Kind::Macau => {
            (DocumentType::HkMacauResidence, mod_11_2(format!("820000{date}{sequence}"))?)
        }
        Kind::Taiwan => {
            (DocumentType::TaiwanResidence, mod_11_2(format!("830000{date}{sequence}"))?)
        }
        Kind::Permanent2017 => {
            let short: String = date.chars().skip(2).collect();
            let body = format!("UTO3501{short}{}", at % 10);
            let check = check_digit::icao_731(body.as_bytes())?;
            (DocumentType::PermanentResidence, format!("{body}{}", char::from(check)))
        }
        Kind::Permanent2023 => {
            (DocumentType::PermanentResidence, mod_11_2(format!("935398{date}{sequence}"))?)
        }
    };
    DocumentNumber::parse(document_type, &number).ok()
}

fn mod_11_2(body: String) -> Option<String> {
    let check = check_digit::mod_11_2(body.as_bytes())?;
    Some(format!("{body}{}", char::from(check)))
}

fn name(kind: Kind, random: &mut SplitMix) -> Option<HolderName> {
    let name = match kind {
        Kind::Permanent2017 | Kind::Permanent2023 => random.pick(&LATIN)?.to_owned(),
        _ => format!("{}{}", random.pick(&FAMILY)?, random.pick(&GIVEN)?),
    };
    HolderName::parse(&name).ok()
}

/// SplitMix64 (Steele, Lea, Flood 2014): small, and the same everywhere.
struct SplitMix(u64);

impl SplitMix {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    fn below(&mut self, limit: u32) -> u32 {
        u32::try_from(self.next() % u64::from(limit)).unwrap_or(0)
    }

    fn pick<'a>(&mut self, words: &[&'a str]) -> Option<&'a str> {
        let at = self.next() % u64::try_from(words.len()).ok()?;
        words.get(usize::try_from(at).ok()?).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn the_same_seed_gives_the_same_people_and_another_seed_others() {
        let numbers = |seed| -> Vec<String> {
            let people = people(48, seed);
            people.iter().map(|p| p.document.reveal().to_owned()).collect()
        };
        assert_eq!(numbers(7), numbers(7));
        assert_ne!(numbers(7), numbers(8));
        assert_eq!(numbers(7).len(), 48);
    }

    #[test]
    fn nobody_shares_a_number_or_a_phone() {
        let people = people(999, 7);
        assert_eq!(people.len(), 999);
        let numbers: HashSet<_> = people.iter().map(|p| p.document.reveal()).collect();
        let phones: HashSet<_> = people.iter().map(|p| &p.phone).collect();
        assert_eq!((numbers.len(), phones.len()), (999, 999));
    }

    #[test]
    fn the_smallest_demo_has_every_kind() {
        let people = people(crate::simulate::FEWEST_HOLDERS, 1);
        let kinds: HashSet<_> = people.iter().map(|p| p.document.document_type()).collect();
        assert_eq!(kinds.len(), 4);
        let scheme = crate::colour::Scheme::fujian_2020().unwrap();
        for rule in scheme.rules().iter().filter(|rule| !rule.kind.is_from_home()) {
            assert!(people.iter().any(|p| p.plan == Plan::Orange(rule.kind)), "{:?}", rule.kind);
        }
        for plan in [Plan::Withdrawn, Plan::NoAccount, Plan::NoClaim, Plan::Unknown] {
            assert!(people.iter().any(|p| p.plan == plan), "{plan:?}");
        }
    }

    #[test]
    fn every_resident_is_of_the_area_that_is_no_place() {
        for person in people(100, 3) {
            if person.document.document_type() == DocumentType::ResidentId {
                assert!(person.document.reveal().starts_with("350100"));
            }
        }
    }
}
