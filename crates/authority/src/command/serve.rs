//! `serve`

use std::net::SocketAddr;
use std::num::NonZeroU16;
use std::path::PathBuf;

use anyhow::Context;
use clap::Args;
use jiff::civil::Date;
use serde_json::json;
use tokio::net::TcpListener;
use tokio::signal;
use yanma_authority::clerks::Role;
use yanma_authority::identity::ServiceSettings;
use yanma_authority::retention::Retention;
use yanma_authority::{Authority, Clock, Settings, http};
use yanma_protocol::Secret;
use yanma_protocol::accounts::AccountLevel;

use super::say;
use super::show::lifetime;

/// What can be set about the server.
#[derive(Debug, Args)]
pub(super) struct Serve {
    /// Address and port; port 0 takes a free one
    #[arg(long, env = "YANMA_LISTEN", default_value = "127.0.0.1:8420")]
    listen: SocketAddr,
    /// Folder of the citizen page (ui/portal/dist)
    #[arg(long, env = "YANMA_PORTAL")]
    portal: Option<PathBuf>,
    /// Publish a fresh head at least this often
    #[arg(long, default_value_t = 60, value_parser = clap::value_parser!(u32).range(1..=86_400))]
    publish_seconds: u32,
    /// Ask other issuers for what is new this often
    #[arg(long, default_value_t = 30, value_parser = clap::value_parser!(u32).range(1..=86_400))]
    region_seconds: u32,
    /// How long a code on a phone lives: 1m to 127m, or 1d to 128d
    #[arg(long, default_value = "1m")]
    show_lifetime: String,
    /// A service that knows who people are (docs/identity-service.md)
    #[arg(long, env = "YANMA_IDENTITY_SERVICE")]
    identity_service: Option<reqwest::Url>,
    /// Names to that service the secret in YANMA_IDENTITY_SECRET
    #[arg(long, env = "YANMA_IDENTITY_KEY", default_value = "yanma")]
    identity_key: String,
    /// A role that works only with one-time passwords, beside administrators: clerk,
    /// epidemiologist, site-manager or auditor; several with commas between them
    #[arg(long, env = "YANMA_SECOND_FACTOR_FOR", value_delimiter = ',', value_parser = person)]
    second_factor_for: Vec<Role>,
    /// How well one must be identified to claim one's own code: register-match, sms or face
    #[arg(long, default_value = "register-match", value_parser = level)]
    claim_level: AccountLevel,
    /// How well one must be identified to claim for the family
    #[arg(long, default_value = "register-match", value_parser = level)]
    family_level: AccountLevel,
    /// How long a code on paper lives: 1d to 128d
    #[arg(long, default_value = "90d")]
    paper_lifetime: String,
    /// A font file with Chinese characters, for codes on paper; one of the system's without
    #[arg(long, env = "YANMA_PAPER_FONT")]
    paper_font: Option<PathBuf>,
    /// What desks check foreign certificates against (JSON, docs/certificates.md); read anew
    /// with every publication.
    #[arg(long, value_name = "FILE")]
    certificate_trust: Option<PathBuf>,
    /// Codes for people from abroad who entered on this day or later
    #[arg(long, default_value = "2020-03-05")]
    arrivals_since: Date,
    /// For how many days, after a day is over, its entries are kept
    #[arg(long, env = "YANMA_KEEP_ENTRIES_DAYS", default_value_t = Retention::STANDARD.entries_days)]
    keep_entries_days: NonZeroU16,
    /// The same for the records of who was looked up by which desk
    #[arg(
        long,
        env = "YANMA_KEEP_VERIFICATIONS_DAYS",
        default_value_t = Retention::STANDARD.verifications_days
    )]
    keep_verifications_days: NonZeroU16,
    /// The same for which commits of shows were counted; the counts themselves stay
    #[arg(long, env = "YANMA_KEEP_SHOWS_DAYS", default_value_t = Retention::STANDARD.shows_days)]
    keep_shows_days: NonZeroU16,
    /// The same for which colours codes had before, and why; the colour of now is always
    /// explained
    #[arg(long, env = "YANMA_KEEP_COLOURS_DAYS", default_value_t = Retention::STANDARD.colours_days)]
    keep_colours_days: NonZeroU16,
    /// Let everybody try so many times as often as usual; for tests with people who do not
    /// exist, for it makes guessing easier by as much
    #[arg(long, hide = true, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..))]
    rate_factor: u32,
    /// Send the session cookie over HTTPS only; set this behind TLS
    #[arg(long)]
    secure_cookie: bool,
    /// Take callers' addresses from x-forwarded-for; set this behind a proxy, only then
    #[arg(long)]
    behind_proxy: bool,
}

impl Serve {
    pub(super) async fn run(self, mut settings: Settings) -> anyhow::Result<()> {
        settings.show_lifetime = lifetime(&self.show_lifetime).context("--show-lifetime")?;
        if let Some(base) = self.identity_service {
            // In the environment: arguments are seen by everybody on the machine.
            let secret = std::env::var("YANMA_IDENTITY_SECRET");
            let secret = Secret::new(secret.context("YANMA_IDENTITY_SECRET is not set")?);
            settings.identity = Some(ServiceSettings { base, key: self.identity_key, secret });
        }
        settings.second_factor_for = self.second_factor_for;
        settings.claim_level = self.claim_level;
        settings.family_level = self.family_level;
        settings.paper_lifetime = lifetime(&self.paper_lifetime).context("--paper-lifetime")?;
        settings.paper_font = self.paper_font;
        settings.certificate_trust = self.certificate_trust;
        settings.arrivals_since = self.arrivals_since;
        settings.retention = Retention {
            entries_days: self.keep_entries_days,
            verifications_days: self.keep_verifications_days,
            shows_days: self.keep_shows_days,
            colours_days: self.keep_colours_days,
        };
        settings.portal = self.portal;
        settings.region_seconds = self.region_seconds;
        settings.publish_seconds = self.publish_seconds;
        settings.secure_cookie = self.secure_cookie;
        settings.rates = settings.rates.times(self.rate_factor);
        if self.rate_factor > 1 {
            tracing::warn!(rate_factor = self.rate_factor, "guessing is limited less than usual");
        }
        settings.behind_proxy = self.behind_proxy;
        let authority = Authority::open(settings, Clock::system()).await?;
        let listener = TcpListener::bind(self.listen)
            .await
            .with_context(|| format!("cannot listen on {}", self.listen))?;
        let address = listener.local_addr()?;
        say(&json!({"listening": format!("http://{address}")}))?;
        http::serve(authority, listener, stop()).await?;
        tracing::info!("stopped in order");
        Ok(())
    }
}

/// A role of people; what a department runs types no passwords.
fn person(name: &str) -> Result<Role, &'static str> {
    let role = Role::from_name(name).filter(|role| *role != Role::Department);
    role.ok_or("clerk, epidemiologist, site-manager or auditor")
}

fn level(name: &str) -> Result<AccountLevel, &'static str> {
    AccountLevel::from_name(name).ok_or("register-match, sms or face")
}

/// Ends with ctrl-c or SIGTERM.
async fn stop() {
    let interrupt = signal::ctrl_c();
    #[cfg(unix)]
    {
        match signal::unix::signal(signal::unix::SignalKind::terminate()) {
            Ok(mut terminate) => {
                tokio::select! {
                    _ = interrupt => {}
                    _ = terminate.recv() => {}
                }
            }
            Err(_) => drop(interrupt.await),
        }
    }
    #[cfg(not(unix))]
    drop(interrupt.await);
}
