//! The commands, and what they have in common.

mod by_hand;
mod department_key;
mod fill;
mod import;
mod region;
mod sealed_log;
mod serve;
mod show;
mod statistics;
mod verifications;

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Context;
use clap::{Args, Parser, Subcommand, ValueEnum};
use serde::Serialize;
use serde_json::json;
use yanma_authority::colour::Scheme;
use yanma_authority::database::{Database, DatabaseUrl, SCHEMA_VERSION};
use yanma_authority::keys::KeyRing;
use yanma_authority::register::Register;
use yanma_authority::rotation;
use yanma_authority::simulate::{MOST_HOLDERS, simulate};
use yanma_authority::{Authority, Clock, DEFAULT_CODE_HOST, Settings, http};
use yanma_domain::IssuerId;
use yanma_domain::code::CodeHost;
use yanma_domain::document::{DocumentNumber, DocumentType};
use yanma_domain::trust::Words;

/// Issues health codes, colours them, publishes the colours, and answers the desks.
#[derive(Debug, Parser)]
#[command(name = "yanma-authority", version)]
pub(crate) struct Arguments {
    #[command(flatten)]
    place: Place,
    #[command(subcommand)]
    command: Command,
}

/// Where everything lies.
#[derive(Debug, Args)]
struct Place {
    /// The database: sqlite:PATH, or postgres://USER@HOST/NAME
    #[arg(
        long,
        global = true,
        env = "YANMA_DATABASE",
        default_value = "sqlite:.yanma/authority/authority.db"
    )]
    database: String,
    /// Folder of the keys and of the published files
    #[arg(long, global = true, env = "YANMA_AUTHORITY_DATA", default_value = ".yanma/authority")]
    data: PathBuf,
    /// The colour scheme to put in force, by name (fujian-2020, national-2021) or from a
    /// file; everybody is coloured anew. The one in force stays when this is left out; that
    /// of a new database is fujian-2020
    #[arg(long, global = true, env = "YANMA_SCHEME", value_name = "NAME|FILE")]
    scheme: Option<String>,
    /// Whose codes these are: the two digits of GB/T 2260, 35 for Fujian
    #[arg(long, global = true, env = "YANMA_ISSUER", default_value_t = 35)]
    issuer: u8,
    /// The issuer's name in Chinese
    #[arg(long, global = true, env = "YANMA_ISSUER_NAME_ZH", default_value = "福建省")]
    issuer_name_zh: String,
    /// The issuer's name in English
    #[arg(long, global = true, env = "YANMA_ISSUER_NAME_EN", default_value = "Fujian Province")]
    issuer_name_en: String,
    /// The host in the text of codes
    #[arg(long, global = true, env = "YANMA_CODE_HOST", default_value = DEFAULT_CODE_HOST)]
    code_host: String,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Answer citizens, desks and clerks until told to stop
    Serve(serve::Serve),
    /// Bring the database's schema up to date
    Migrate,
    /// Make the authority's keys; existing ones are never overwritten
    MakeKey,
    /// Make another key, and start every process anew. A code that the key before it signs
    /// within a day still counts; the lists are signed anew at once; under another directory
    /// key the directory is published anew, and desks that ask with their token are given it
    RotateKey {
        /// Of which use
        #[arg(long = "use", value_enum, default_value = "codes")]
        of: KeyUse,
    },
    /// Import the population register from CSV: document_type,number,name
    Import {
        /// The file; - for standard input
        file: PathBuf,
    },
    /// Import the register of arrivals from abroad: document_type,number,name,entered_on
    ///
    /// Of several rows about a person the latest day counts, tomorrow at the latest. It takes
    /// the place of what an earlier file said, be it earlier or later; whoever is not in the
    /// file stays as they were.
    Arrivals {
        /// The file; - for standard input
        file: PathBuf,
    },
    /// Make a demo with synthetic people of every kind; above 5,000, fill the database with
    /// the people of a province
    Simulate {
        /// How many people, such as 20710000
        #[arg(long, default_value_t = 48)]
        holders: usize,
        /// The same seed makes the same people
        #[arg(long, default_value_t = 7)]
        seed: u64,
        /// Folder of demo.json; the data folder when left out
        #[arg(long)]
        out: Option<PathBuf>,
    },
    /// Show the code of a holder, as a line of JSON and as a picture
    Show(show::Show),
    /// Print how many codes there are, for whom, and shown how often
    Statistics(statistics::Statistics),
    /// Report a fact about a person
    Fact(by_hand::Fact),
    /// Hand out a one-time code that enrols a desk
    Enrolment(by_hand::Enrolment),
    /// Add a site, or change its names and scene
    Site(by_hand::Site),
    /// Other issuers whose codes count: list them, add one, or end one
    #[command(subcommand)]
    Region(region::Region),
    /// List the stations, or end one
    #[command(subcommand)]
    Station(by_hand::Station),
    /// Logs that desks sealed, and that came another way than by the network: read one, or take
    /// it in
    #[command(subcommand)]
    SealedLog(sealed_log::SealedLog),
    /// Register or revoke the key with which a department signs batches of facts
    #[command(subcommand)]
    DepartmentKey(department_key::DepartmentKey),
    /// Create somebody who works at the console, and print the token once; list them; or reset
    /// somebody's second factor
    Clerk(by_hand::Clerk),
    /// Print whom stations looked up, when, why and what they were told, as lines of JSON
    Verifications(verifications::Verifications),
    /// Print the description of the HTTP interface: docs/openapi.json
    Openapi,
    /// Follow the chain of audit records; the exit code is 2 when it is broken
    Audit,
}

/// A key that can be rotated.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum KeyUse {
    /// That which signs codes
    Codes,
    /// That which signs heads, lists and policies, and what is said to other regions
    Feeds,
    /// That under which documents are hashed, which every desk has
    Directory,
    /// That which signs the trust list; desks and other regions follow to the new one, and the
    /// private half of the one before is gone
    Root,
}

/// A person, by document.
#[derive(Debug, Args)]
struct Holder {
    /// Such as resident-id
    #[arg(long)]
    document_type: DocumentType,
    /// The number of the document
    #[arg(long)]
    number: String,
}

impl Holder {
    fn document(&self) -> anyhow::Result<DocumentNumber> {
        DocumentNumber::parse(self.document_type, &self.number)
            .with_context(|| format!("--number is no {}", self.document_type))
    }
}

/// Runs the command that was given.
pub(crate) async fn run(arguments: Arguments) -> anyhow::Result<ExitCode> {
    let Arguments { place, command } = arguments;
    match command {
        Command::Serve(serve) => serve.run(place.settings()?).await?,
        Command::Migrate => {
            drop(Database::open(&place.url()?)?);
            say(&json!({"schema": SCHEMA_VERSION}))?;
        }
        Command::MakeKey => {
            let settings = place.settings()?;
            KeyRing::make(&settings.keys(), Clock::system().now())?;
            let keys = KeyRing::load(&settings.keys())?;
            say(&json!({"keys": settings.keys(), "root_key": keys.root_public()?}))?;
        }
        Command::RotateKey { of } => {
            let of = match of {
                KeyUse::Codes => rotation::KeyUse::Codes,
                KeyUse::Feeds => rotation::KeyUse::Feeds,
                KeyUse::Directory => rotation::KeyUse::Directory,
                KeyUse::Root => rotation::KeyUse::Root,
            };
            say(&rotation::rotate(&place.settings()?, of, Clock::system().now()).await?)?;
        }
        Command::Import { file } => {
            return import::run(&place.url()?, Register::Population, &file).await;
        }
        Command::Arrivals { file } => {
            return import::run(&place.url()?, Register::Arrivals, &file).await;
        }
        Command::Simulate { holders, seed, out: _ } if holders > MOST_HOLDERS => {
            fill::run(&place.settings()?, holders, seed).await?;
        }
        Command::Simulate { holders, seed, out } => {
            let settings = place.settings()?;
            let out = out.unwrap_or_else(|| settings.data.clone());
            if !KeyRing::exists(&settings.keys()) {
                KeyRing::make(&settings.keys(), Clock::system().now())?;
            }
            let authority = open(settings).await?;
            let demo = simulate(&authority, holders, seed, &out).await?;
            say(&json!({"holders": demo.holders.len(), "demo": out.join("demo.json")}))?;
        }
        Command::Show(show) => show.run(&open(place.settings()?).await?).await?,
        Command::Statistics(statistics) => {
            statistics.run(&place.url()?, IssuerId(place.issuer)).await?;
        }
        Command::Fact(fact) => return fact.run(&open(place.settings()?).await?).await,
        Command::Enrolment(enrolment) => {
            enrolment.run(&open(place.settings()?).await?).await?;
        }
        Command::Site(site) => site.run(&open(place.settings()?).await?).await?,
        Command::Region(region) => region.run(&open(place.settings()?).await?).await?,
        Command::Station(station) => station.run(&open(place.settings()?).await?).await?,
        Command::SealedLog(log) => return log.run(&*open(place.settings()?).await?).await,
        Command::DepartmentKey(key) => key.run(&open(place.settings()?).await?).await?,
        Command::Clerk(clerk) => clerk.run(&open(place.settings()?).await?).await?,
        Command::Verifications(verifications) => {
            verifications.run(&*open(place.settings()?).await?).await?;
        }
        Command::Openapi => print(http::openapi())?,
        Command::Audit => {
            let check = open(place.settings()?).await?.check_audit().await?;
            say(&check)?;
            if check.broken_at.is_some() {
                return Ok(ExitCode::from(2));
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}

impl Place {
    fn url(&self) -> anyhow::Result<DatabaseUrl> {
        self.database.parse().context("--database")
    }

    fn settings(&self) -> anyhow::Result<Settings> {
        let mut settings = Settings::new(self.url()?, &self.data)?;
        settings.code_host = CodeHost::parse(&self.code_host).context("--code-host")?;
        settings.issuer = IssuerId(self.issuer);
        settings.issuer_name =
            Words { zh: self.issuer_name_zh.clone(), en: self.issuer_name_en.clone() };
        settings.scheme = self.scheme.as_deref().map(Scheme::open).transpose()?;
        Ok(settings)
    }
}

async fn open(settings: Settings) -> anyhow::Result<Arc<Authority>> {
    Ok(Authority::open(settings, Clock::system()).await?)
}

/// Prints one line of JSON.
fn say(line: &impl Serialize) -> anyhow::Result<()> {
    print(&(serde_json::to_string(line)? + "\n"))
}

/// Prints a text. Whoever reads it may have gone away, which is an error like any other.
fn print(text: &str) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    out.write_all(text.as_bytes())?;
    out.flush()?;
    Ok(())
}
