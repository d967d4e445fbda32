//! `region`

use std::sync::Arc;

use anyhow::Context;
use clap::Subcommand;
use serde_json::json;
use yanma_authority::Authority;
use yanma_authority::regions::NewRegion;
use yanma_domain::IssuerId;
use yanma_domain::trust::{PublicKey, Words};

use super::say;

/// Other issuers whose codes count.
#[derive(Debug, Subcommand)]
pub(super) enum Region {
    /// Every other issuer, one line of JSON each
    List,
    /// Add another issuer, or change one
    Add {
        /// Its number: 0 for the national platform, else the two digits of GB/T 2260
        #[arg(long)]
        number: u8,
        /// Its name in Chinese
        #[arg(long)]
        name_zh: String,
        /// Its name in English
        #[arg(long)]
        name_en: String,
        /// Where its feeds are, such as https://health.example
        #[arg(long)]
        url: String,
        /// Its root key, 64 hexadecimal digits, as its `make-key` printed it
        #[arg(long)]
        root_key: String,
    },
    /// Its codes count no longer
    Remove {
        /// Its number
        number: u8,
    },
}

impl Region {
    pub(super) async fn run(self, authority: &Arc<Authority>) -> anyhow::Result<()> {
        match self {
            Self::List => authority.regions().await?.iter().try_for_each(say),
            Self::Add { number, name_zh, name_en, url, root_key } => {
                let mut key = [0; 32];
                hex::decode_to_slice(&root_key, &mut key).context("--root-key")?;
                let region = NewRegion {
                    issuer: IssuerId(number),
                    name: Words { zh: name_zh, en: name_en },
                    url,
                    root_key: PublicKey::from_bytes(&key).context("--root-key")?,
                };
                authority.put_region(region).await?;
                say(&json!({"added": number}))
            }
            Self::Remove { number } => {
                authority.remove_region(IssuerId(number)).await?;
                say(&json!({"removed": number}))
            }
        }
    }
}
