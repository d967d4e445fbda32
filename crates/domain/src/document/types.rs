//! The documents a desk understands.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A type of identity document.
///
/// The name on the wire is [`as_str`](Self::as_str); inside a health code and under a
/// directory hash it is [`code`](Self::code). Both are fixed for ever. They are this
/// system's own: the public tables (GA/T 517 and the commercial ones) disagree about the
/// residence permits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum DocumentType {
    /// 居民身份证, GB 11643: 18 characters, or 15 digits before 2013.
    ResidentId,
    /// 港澳居民居住证: an 18-character number that begins 810000 or 820000.
    HkMacauResidence,
    /// 台湾居民居住证: an 18-character number that begins 830000.
    TaiwanResidence,
    /// 外国人永久居留身份证: three letters and twelve digits (2017), or 18 characters that
    /// begin with 9 (from 2023-12-01).
    PermanentResidence,
    /// A passport of the People's Republic, of any kind, and those of Hong Kong and Macau.
    #[serde(rename = "passport-cn")]
    ChinesePassport,
    /// A passport of any other state.
    #[serde(rename = "passport-foreign")]
    ForeignPassport,
    /// 往来港澳通行证, a mainland resident's permit for Hong Kong and Macau.
    ExitHkMacau,
    /// 往来台湾通行证, a mainland resident's permit for Taiwan.
    ExitTaiwan,
    /// 港澳居民来往内地通行证, the "home return permit".
    HomeReturn,
    /// 台湾居民来往大陆通行证, a Taiwan resident's permit for the mainland.
    MainlandTaiwan,
}

/// The text or code stands for no document type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown document type")]
pub struct UnknownDocumentType;

impl DocumentType {
    /// Every type, in the order of [`code`](Self::code).
    pub const ALL: [Self; 10] = [
        Self::ResidentId,
        Self::HkMacauResidence,
        Self::TaiwanResidence,
        Self::PermanentResidence,
        Self::ChinesePassport,
        Self::ForeignPassport,
        Self::ExitHkMacau,
        Self::ExitTaiwan,
        Self::HomeReturn,
        Self::MainlandTaiwan,
    ];

    /// The code of the type, 1 to 10; it fits the 4 bits a health code has for it.
    #[must_use]
    pub const fn code(self) -> u8 {
        match self {
            Self::ResidentId => 1,
            Self::HkMacauResidence => 2,
            Self::TaiwanResidence => 3,
            Self::PermanentResidence => 4,
            Self::ChinesePassport => 5,
            Self::ForeignPassport => 6,
            Self::ExitHkMacau => 7,
            Self::ExitTaiwan => 8,
            Self::HomeReturn => 9,
            Self::MainlandTaiwan => 10,
        }
    }

    /// The type of a code; `None` outside 1 to 10.
    #[must_use]
    pub fn from_code(code: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|t| t.code() == code)
    }

    /// The name on the wire, such as `resident-id`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ResidentId => "resident-id",
            Self::HkMacauResidence => "hk-macau-residence",
            Self::TaiwanResidence => "taiwan-residence",
            Self::PermanentResidence => "permanent-residence",
            Self::ChinesePassport => "passport-cn",
            Self::ForeignPassport => "passport-foreign",
            Self::ExitHkMacau => "exit-hk-macau",
            Self::ExitTaiwan => "exit-taiwan",
            Self::HomeReturn => "home-return",
            Self::MainlandTaiwan => "mainland-taiwan",
        }
    }

    /// The official Chinese name, as a screen shows it.
    #[must_use]
    pub const fn name_zh(self) -> &'static str {
        match self {
            Self::ResidentId => "居民身份证",
            Self::HkMacauResidence => "港澳居民居住证",
            Self::TaiwanResidence => "台湾居民居住证",
            Self::PermanentResidence => "外国人永久居留身份证",
            Self::ChinesePassport => "中国护照",
            Self::ForeignPassport => "外国护照",
            Self::ExitHkMacau => "往来港澳通行证",
            Self::ExitTaiwan => "往来台湾通行证",
            Self::HomeReturn => "港澳居民来往内地通行证",
            Self::MainlandTaiwan => "台湾居民来往大陆通行证",
        }
    }

    /// The English name, as a screen shows it.
    #[must_use]
    pub const fn name_en(self) -> &'static str {
        match self {
            Self::ResidentId => "Resident identity card",
            Self::HkMacauResidence => "Residence permit for Hong Kong and Macau residents",
            Self::TaiwanResidence => "Residence permit for Taiwan residents",
            Self::PermanentResidence => "Foreign permanent resident card",
            Self::ChinesePassport => "Chinese passport",
            Self::ForeignPassport => "Foreign passport",
            Self::ExitHkMacau => "Permit for travel to Hong Kong and Macau",
            Self::ExitTaiwan => "Permit for travel to Taiwan",
            Self::HomeReturn => "Mainland travel permit for Hong Kong and Macau residents",
            Self::MainlandTaiwan => "Mainland travel permit for Taiwan residents",
        }
    }
}

impl fmt::Display for DocumentType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for DocumentType {
    type Err = UnknownDocumentType;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|t| t.as_str() == text).ok_or(UnknownDocumentType)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Pinned: a change here would make every code and directory in the field unreadable.
    #[test]
    fn codes_and_names_are_fixed() {
        let found: Vec<_> = DocumentType::ALL.map(|t| (t.code(), t.as_str())).to_vec();
        let expect = vec![
            (1, "resident-id"),
            (2, "hk-macau-residence"),
            (3, "taiwan-residence"),
            (4, "permanent-residence"),
            (5, "passport-cn"),
            (6, "passport-foreign"),
            (7, "exit-hk-macau"),
            (8, "exit-taiwan"),
            (9, "home-return"),
            (10, "mainland-taiwan"),
        ];
        assert_eq!(found, expect);
    }

    #[test]
    fn every_spelling_leads_back_to_the_type() {
        for t in DocumentType::ALL {
            assert_eq!(DocumentType::from_code(t.code()), Some(t));
            assert_eq!(t.as_str().parse(), Ok(t));
            let json = serde_json::to_string(&t).unwrap();
            assert_eq!(json, format!("\"{}\"", t.as_str()), "serde and as_str agree");
            assert_eq!(serde_json::from_str::<DocumentType>(&json).unwrap(), t);
        }
        for code in [0, 11, 15, 255] {
            assert_eq!(DocumentType::from_code(code), None, "{code} is no type");
        }
        assert_eq!("Resident-Id".parse::<DocumentType>(), Err(UnknownDocumentType));
    }
}
