//! A card for the simulated reader: one of the four kinds, with any number and name.

use anyhow::{Context as _, bail};
use clap::ValueEnum;
use jiff::civil::Date;
use yanma_station::domain::document::{CardLayout, ChipCard, DocumentNumber, DocumentType};
use yanma_station::domain::name::HolderName;

/// The four kinds of card. The people on them do not exist.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Kind {
    /// 居民身份证.
    Resident,
    /// 港澳居民居住证 and 台湾居民居住证.
    Permit,
    /// 外国人永久居留身份证 of 2017.
    #[value(name = "permanent-2017")]
    Permanent2017,
    /// 外国人永久居留身份证 of 2023.
    #[value(name = "permanent-2023")]
    Permanent2023,
}

/// The card that was asked for.
#[derive(Clone, Debug, Default, clap::Args)]
pub(crate) struct Wanted {
    /// The card that lies on it from the beginning; none when left out.
    #[arg(long, value_enum, value_name = "KIND")]
    card: Option<Kind>,
    /// The number on the card.
    #[arg(long, requires = "card")]
    number: Option<String>,
    /// The name on the card.
    #[arg(long, requires = "card")]
    name: Option<String>,
    /// The Latin name on a foreigner's card.
    #[arg(long, requires = "card")]
    latin_name: Option<String>,
    /// The first day on which it is valid.
    #[arg(long, requires = "card", value_name = "DAY")]
    from: Option<Date>,
    /// The last day on which it is valid; without end when left out.
    #[arg(long, requires = "card", value_name = "DAY")]
    to: Option<Date>,
}

impl Wanted {
    /// Whether there is a card at all.
    pub(crate) fn is_wanted(&self) -> bool {
        self.card.is_some()
    }

    /// Kind, number and name, each of which may be left out from the end.
    pub(crate) fn from_words(words: &[&str]) -> anyhow::Result<Self> {
        let (kind, number, name) = match words {
            [] => (None, None, None),
            [kind] => (Some(kind), None, None),
            [kind, number] => (Some(kind), Some(number), None),
            [kind, number, name @ ..] => (Some(kind), Some(number), Some(name.join(" "))),
        };
        let kind = match kind {
            None => Kind::Resident,
            Some(kind) => Kind::from_str(kind, true)
                .map_err(|_| anyhow::anyhow!("there is no kind of card `{kind}`"))?,
        };
        let number = number.map(|number| (*number).to_owned());
        Ok(Self { card: Some(kind), number, name, ..Self::default() })
    }

    /// The text of its chip.
    pub(crate) fn text(&self) -> anyhow::Result<[u8; 256]> {
        Ok(self.chip()?.to_text()?)
    }

    fn chip(&self) -> anyhow::Result<ChipCard> {
        use Kind::{Permanent2017, Permanent2023, Permit, Resident};
        let kind = self.card.unwrap_or(Resident);
        let (layout, number, name, latin_name) = match kind {
            Resident => (CardLayout::Resident, "11010519491231002X", "证件样本", None),
            Permit => (CardLayout::ResidencePermit, "810000199001010019", "证件样本", None),
            Permanent2017 => {
                (CardLayout::Permanent2017, "UTO350100010104", "安娜", Some("ERIKSSON, ANNA MARIA"))
            }
            Permanent2023 => (
                CardLayout::Permanent2023,
                "911398199012310021",
                "安娜",
                Some("ERIKSSON, ANNA MARIA"),
            ),
        };
        let number = self.number.as_deref().unwrap_or(number);
        let document_type = match kind {
            Resident => DocumentType::ResidentId,
            Permit if number.starts_with("83") => DocumentType::TaiwanResidence,
            Permit => DocumentType::HkMacauResidence,
            Permanent2017 | Permanent2023 => DocumentType::PermanentResidence,
        };
        let number = DocumentNumber::parse(document_type, number).context("--number")?;
        if self.latin_name.is_some() && latin_name.is_none() {
            bail!("--latin-name: only a foreigner's card has one");
        }
        let latin_name = self.latin_name.as_deref().or(latin_name);
        Ok(ChipCard {
            layout,
            name: HolderName::parse(self.name.as_deref().unwrap_or(name)).context("--name")?,
            latin_name: latin_name.map(HolderName::parse).transpose().context("--latin-name")?,
            sex: number.sex(),
            birth: number.birth_date().unwrap_or(SOME_DAY),
            from: self.from.unwrap_or(jiff::civil::date(2020, 1, 1)),
            to: self.to,
            number,
        })
    }
}

/// The birthday of a card whose number does not say the century.
const SOME_DAY: Date = jiff::civil::date(1990, 1, 1);
