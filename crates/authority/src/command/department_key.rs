//! `department-key`

use std::sync::Arc;

use clap::Subcommand;
use serde_json::json;
use yanma_authority::Authority;
use yanma_domain::trust::PublicKey;

use super::say;

/// The keys with which departments sign batches of facts.
#[derive(Debug, Subcommand)]
pub(super) enum DepartmentKey {
    /// Register the public key of a department
    Add {
        /// The name of the department, as it was created
        #[arg(long)]
        name: String,
        /// Ed25519, 64 hexadecimal digits
        #[arg(long, value_parser = key)]
        public_key: PublicKey,
    },
    /// Take a key out of use, for ever
    Revoke {
        /// Ed25519, 64 hexadecimal digits
        #[arg(long, value_parser = key)]
        public_key: PublicKey,
    },
}

fn key(text: &str) -> Result<PublicKey, String> {
    PublicKey::try_from(text.to_owned()).map_err(|misfit| misfit.to_string())
}

impl DepartmentKey {
    pub(super) async fn run(self, authority: &Arc<Authority>) -> anyhow::Result<()> {
        match self {
            Self::Add { name, public_key } => {
                authority.add_department_key(&name, public_key).await?;
                say(&json!({"added": public_key}))
            }
            Self::Revoke { public_key } => {
                authority.revoke_department_key(public_key).await?;
                say(&json!({"revoked": public_key}))
            }
        }
    }
}
