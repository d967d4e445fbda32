//! `show`

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Context, bail};
use clap::Args;
use jiff::SignedDuration;
use serde_json::json;
use yanma_authority::Authority;
use yanma_barcode::draw::qr_for_code;
use yanma_domain::code::Lifetime;

use super::{Holder, say};

/// Shows a code.
#[derive(Debug, Args)]
pub(super) struct Show {
    #[command(flatten)]
    holder: Holder,
    /// Write the QR code as PNG
    #[arg(long)]
    picture: Option<PathBuf>,
    /// How long the code lives: 1m to 127m, or 1d to 128d
    #[arg(long, default_value = "1m")]
    lifetime: String,
    /// Make the code this much older (90s, 10m, 2h), to try an expired one; the key counts
    /// from a day before it was made
    #[arg(long)]
    age: Option<String>,
}

impl Show {
    pub(super) async fn run(self, authority: &Arc<Authority>) -> anyhow::Result<()> {
        let lifetime = lifetime(&self.lifetime).context("--lifetime")?;
        let age = self.age.as_deref().map(duration).transpose();
        let age = age.context("--age")?.unwrap_or_default();
        let shown = authority.show(self.holder.document()?, lifetime, age).await?;
        let text = shown.text.reveal();
        if let Some(path) = &self.picture {
            let png = qr_for_code(text)?.to_png();
            std::fs::write(path, png).with_context(|| path.display().to_string())?;
        }
        say(&json!({"text": text, "picture": self.picture}))
    }
}

/// Reads `2m` or `30d`.
pub(super) fn lifetime(text: &str) -> anyhow::Result<Lifetime> {
    let (number, unit) = split(text)?;
    let number = u8::try_from(number).unwrap_or(u8::MAX);
    let lifetime = match unit {
        "m" => Lifetime::minutes(number),
        "d" => Lifetime::days(number),
        _ => None,
    };
    lifetime.context("a lifetime is 1m to 127m, or 1d to 128d")
}

/// Reads `90s`, `10m`, `2h` or `3d`.
fn duration(text: &str) -> anyhow::Result<SignedDuration> {
    let (number, unit) = split(text)?;
    let number = i64::from(number);
    Ok(match unit {
        "s" => SignedDuration::from_secs(number),
        "m" => SignedDuration::from_mins(number),
        "h" => SignedDuration::from_hours(number),
        "d" => SignedDuration::from_hours(24 * number),
        _ => bail!("a time is a number and s, m, h or d"),
    })
}

fn split(text: &str) -> anyhow::Result<(u32, &str)> {
    let at = text.find(|c: char| !c.is_ascii_digit()).context("the unit is missing")?;
    let (number, unit) = text.split_at_checked(at).context("not a time")?;
    Ok((number.parse().context("the number is missing")?, unit))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lifetimes_have_a_unit_and_a_range() {
        assert_eq!(lifetime("2m").unwrap(), Lifetime::minutes(2).unwrap());
        assert_eq!(lifetime("30d").unwrap(), Lifetime::days(30).unwrap());
        for bad in ["", "2", "m", "0m", "128m", "129d", "2h", "-1m", "2mm", "99999999999m"] {
            assert!(lifetime(bad).is_err(), "{bad} was taken");
        }
        assert_eq!(duration("90s").unwrap(), SignedDuration::from_secs(90));
        assert!(duration("90").is_err());
    }
}
