//! `fact`, `enrolment`, `site`, `station`, `clerk`

use std::process::ExitCode;
use std::sync::Arc;

use clap::{Args, Subcommand};
use jiff::Timestamp;
use serde_json::json;
use yanma_authority::Authority;
use yanma_authority::clerks::Role;
use yanma_protocol::batch::ItemOutcome;
use yanma_protocol::clerks::ClerkRequest;
use yanma_protocol::facts::FactKind;
use yanma_protocol::stations::EnrolmentRequest;

use super::{Holder, say};

/// Reports a fact.
#[derive(Debug, Args)]
pub(super) struct Fact {
    #[command(flatten)]
    holder: Holder,
    /// Such as fever-clinic, close-contact, test-negative or cleared
    #[arg(long, value_parser = kind)]
    kind: FactKind,
    /// When it happened, such as 2020-07-01T08:00:00Z; now when left out
    #[arg(long)]
    occurred_at: Option<Timestamp>,
}

fn kind(name: &str) -> Result<FactKind, String> {
    FactKind::from_name(name).ok_or_else(|| {
        let names: Vec<_> = FactKind::ALL.iter().map(|kind| kind.as_str()).collect();
        format!("a kind of fact is one of {}", names.join(", "))
    })
}

impl Fact {
    pub(super) async fn run(self, authority: &Arc<Authority>) -> anyhow::Result<ExitCode> {
        let document = self.holder.document()?;
        let result = authority.report_fact(document, self.kind, self.occurred_at).await?;
        say(&result)?;
        Ok(match result.outcome {
            ItemOutcome::Rejected => ExitCode::from(2),
            ItemOutcome::Accepted | ItemOutcome::Duplicate => ExitCode::SUCCESS,
        })
    }
}

/// Hands out an enrolment code.
#[derive(Debug, Args)]
pub(super) struct Enrolment {
    /// The site's name for programs
    #[arg(long)]
    site: String,
    /// The desk's name; whoever enrols names it when left out
    #[arg(long)]
    station_name: Option<String>,
    /// general, hospital, hotel or airport; the site's when left out
    #[arg(long)]
    scene: Option<String>,
}

impl Enrolment {
    pub(super) async fn run(self, authority: &Arc<Authority>) -> anyhow::Result<()> {
        let request = EnrolmentRequest {
            site: self.site,
            station_name: self.station_name,
            scene: self.scene,
        };
        say(&authority.hand_out(request).await?)
    }
}

/// Adds or changes a site.
#[derive(Debug, Args)]
pub(super) struct Site {
    /// Its name for programs, such as hospital-1
    #[arg(long)]
    id: String,
    /// Its Chinese name
    #[arg(long)]
    zh: String,
    /// Its English name
    #[arg(long)]
    en: String,
    /// general, hospital, hotel or airport
    #[arg(long, default_value = "general")]
    scene: String,
}

impl Site {
    pub(super) async fn run(self, authority: &Arc<Authority>) -> anyhow::Result<()> {
        let Self { id, zh, en, scene } = self;
        authority.put_site(&id, &zh, &en, &scene).await?;
        say(&json!({"site": id}))
    }
}

/// Lists the stations, or ends one.
#[derive(Debug, Subcommand)]
pub(super) enum Station {
    /// Every station, one line of JSON each
    List,
    /// End a station that was stolen or taken down; its token counts no longer
    Revoke {
        /// Its name for programs, such as desk-0123456789
        id: String,
    },
}

impl Station {
    pub(super) async fn run(self, authority: &Arc<Authority>) -> anyhow::Result<()> {
        match self {
            Self::List => authority.stations().await?.iter().try_for_each(say),
            Self::Revoke { id } => {
                authority.revoke_station(&id).await?;
                say(&json!({"revoked": id}))
            }
        }
    }
}

/// Creates somebody who works at the console, lists them, or takes away a second factor.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub(super) struct Clerk {
    #[command(subcommand)]
    deed: Option<ClerkDeed>,
    #[command(flatten)]
    new: Option<NewClerk>,
}

#[derive(Debug, Subcommand)]
enum ClerkDeed {
    /// Everybody who ever had a token, one line of JSON each
    List,
    /// Take away somebody's app and recovery codes and end their sessions; they set up an app
    /// anew with their token
    ResetSecondFactor {
        /// Their number, which `clerk list` and the console show
        id: i64,
        /// Why, 4 to 200 characters; it is kept in the audit
        #[arg(long)]
        reason: String,
    },
}

#[derive(Debug, Args)]
struct NewClerk {
    /// Whom the token is for
    #[arg(long)]
    name: String,
    /// clerk, department, epidemiologist, site-manager, administrator or auditor
    #[arg(long, value_parser = role)]
    role: Role,
    /// A site of a site manager, such as hospital-1; may be given several times
    #[arg(long = "site")]
    sites: Vec<String>,
    /// A kind of facts that a department may report, such as antipyretic; may be given several
    /// times, and without it a department may report every kind
    #[arg(long = "kind", value_parser = kind)]
    kinds: Vec<FactKind>,
}

fn role(name: &str) -> Result<Role, String> {
    Role::from_name(name).ok_or_else(|| "no such role".to_owned())
}

impl Clerk {
    pub(super) async fn run(self, authority: &Arc<Authority>) -> anyhow::Result<()> {
        match (self.deed, self.new) {
            (Some(ClerkDeed::List), _) => authority.clerks().await?.iter().try_for_each(say),
            (Some(ClerkDeed::ResetSecondFactor { id, reason }), _) => {
                say(&authority.reset_second_factor(id, &reason).await?)
            }
            (None, Some(NewClerk { name, role, sites, kinds })) => {
                let request = ClerkRequest { name, role, sites, kinds };
                let token = authority.create_clerk_at(request).await?;
                say(&json!({"token": token.reveal()}))
            }
            (None, None) => anyhow::bail!("--name and --role say whom to create"),
        }
    }
}
