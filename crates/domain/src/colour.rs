//! The colour of a code, and what a scheme calls it.

use serde::{Deserialize, Serialize};

/// The four states of a holder: two bits in the status list and in a code.
///
/// The first three values of the wire are the ones in use in the field (`00`, `01`, `10`;
/// `domain.md` §1.1); `11` is ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Colour {
    /// 绿: nothing known against passing.
    Green,
    /// 黄 or 橙: the issuer's scheme names it, see [`AmberName`].
    Amber,
    /// 红: isolation.
    Red,
    /// 注销: the code was withdrawn and stands for nobody any more.
    Withdrawn,
}

impl Colour {
    /// Every colour, in the order of its bits.
    pub const ALL: [Self; 4] = [Self::Green, Self::Amber, Self::Red, Self::Withdrawn];

    /// The two bits: 0 to 3.
    pub const fn bits(self) -> u8 {
        self as u8
    }

    /// The colour of the two lowest bits; the others are not looked at.
    pub const fn from_bits(bits: u8) -> Self {
        match bits & 3 {
            0 => Self::Green,
            1 => Self::Amber,
            2 => Self::Red,
            _ => Self::Withdrawn,
        }
    }

    /// What an issuer calls this colour: `green`, `orange`, `yellow`, `red`, `withdrawn`.
    pub const fn called(self, amber: AmberName) -> &'static str {
        match (self, amber) {
            (Self::Green, _) => "green",
            (Self::Amber, AmberName::Orange) => "orange",
            (Self::Amber, AmberName::Yellow) => "yellow",
            (Self::Red, _) => "red",
            (Self::Withdrawn, _) => "withdrawn",
        }
    }
}

/// What an issuer's scheme calls the colour between green and red.
///
/// Fujian's scheme of 2020 knew green and orange; since 2021-09-21 it is green, yellow and
/// red (`domain.md` §2.1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum AmberName {
    /// 橙 (`fujian-2020`).
    #[default]
    Orange,
    /// 黄 (`national-2021`).
    Yellow,
}
