//! A body temperature.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::width;

/// A body temperature in degrees Celsius, to a tenth, between 30.0 and 45.0: as thermometers
/// show them and people type them.
///
/// ```
/// use yanma_domain::scene::Celsius;
///
/// assert_eq!("37.3".parse::<Celsius>().unwrap().to_string(), "37.3");
/// assert_eq!("３７，３℃".parse::<Celsius>().unwrap(), "37.3".parse().unwrap());
/// assert!("98.6".parse::<Celsius>().is_err(), "nobody means Fahrenheit here");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Celsius {
    tenths: u16,
}

/// It is not a body temperature in degrees Celsius, such as 36.8.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a body temperature between 30.0 and 45.0 °C")]
pub struct CelsiusError;

impl Celsius {
    /// 36.0: below the least that can be called a fever.
    pub(crate) const NORMAL: Self = Self { tenths: 360 };
    /// 40.0: above the most that need not be called one.
    pub(crate) const HIGH: Self = Self { tenths: 400 };

    /// In tenths of a degree.
    pub const fn tenths(self) -> u16 {
        self.tenths
    }
}

impl FromStr for Celsius {
    type Err = CelsiusError;

    /// Takes a point, a comma or their full-width forms, one digit behind it or none, and a
    /// degree sign.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let plain: String = text.trim().chars().map(plain).collect();
        let plain = plain.trim_end_matches(['℃', '°', 'C', 'c', '度']).trim_end();
        let (whole, tenth) = plain.split_once('.').unwrap_or((plain, "0"));
        let digits = |part: &str, count: usize| {
            part.len() == count && part.bytes().all(|byte| byte.is_ascii_digit())
        };
        if !digits(whole, 2) || !digits(tenth, 1) {
            return Err(CelsiusError);
        }
        let tenths: u16 = format!("{whole}{tenth}").parse().map_err(|_| CelsiusError)?;
        if (300..=450).contains(&tenths) { Ok(Self { tenths }) } else { Err(CelsiusError) }
    }
}

fn plain(c: char) -> char {
    match c {
        '０'..='９' => width::half(c),
        ',' | '，' | '．' | '。' => '.',
        c => c,
    }
}

impl TryFrom<String> for Celsius {
    type Error = CelsiusError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<Celsius> for String {
    fn from(celsius: Celsius) -> Self {
        celsius.to_string()
    }
}

impl fmt::Display for Celsius {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.tenths / 10, self.tenths % 10)
    }
}
