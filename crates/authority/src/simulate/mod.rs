//! A demo: synthetic people of every kind, with accounts, codes and colours.
//!
//! Each step looks first whether it has been done, so a second run keeps everything and
//! mends what time has undone: a fact that has expired is reported again, an enrolment code
//! that was used is replaced.

mod demo;
mod fill;
mod household;
mod people;
mod province;

use std::path::Path;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use yanma_domain::Colour;
use yanma_protocol::claims::Origin;
use yanma_protocol::facts::FactKind;
use yanma_protocol::stations::EnrolmentRequest;
use yanma_protocol::{FieldError, FieldProblem, accounts as wire};

pub use demo::{Demo, DemoEnrolment, DemoHolder, DemoSite};
pub(crate) use fill::TABLE_2;
pub use fill::{MOST_FILLED, fill};
pub use people::{Plan, SimulatedPerson, people};
pub use province::{Province, Somebody};

use crate::accounts;
use crate::authority::Authority;
use crate::claims;
use crate::clerks::Role;
use crate::error::Error;
use crate::register;
use crate::stations;

/// Fewest people: with fewer, not every kind is there.
pub const FEWEST_HOLDERS: usize = 24;
/// Most people: this is a demo, not a load test.
pub const MOST_HOLDERS: usize = 5_000;

/// Makes the demo, or completes one that is there; `out` is the folder of `demo.json`.
///
/// # Errors
///
/// [`Error::Field`] for a number of holders out of range, [`Error::Io`] when the file cannot
/// be written, and what the database says.
pub async fn simulate(
    authority: &Arc<Authority>,
    holders: usize,
    seed: u64,
    out: &Path,
) -> Result<Demo, Error> {
    if !(FEWEST_HOLDERS..=MOST_HOLDERS).contains(&holders) {
        let problem = FieldProblem::Count { min: FEWEST_HOLDERS, max: MOST_HOLDERS };
        return Err(FieldError::new("holders", problem).into());
    }
    let today = authority.clock.now();
    let people = people(holders, seed);
    for person in &people {
        put(authority, person, today).await?;
    }
    let before = Demo::read(out);
    let demo = Demo {
        issuer: authority.issuer(),
        scheme: authority.scheme().id.clone(),
        code_host: authority.settings.code_host.as_str().to_owned(),
        holders: people
            .iter()
            .map(|person| DemoHolder::new(person, authority.scheme().amber_name))
            .collect(),
        clerk_token: token(authority, before.as_ref(), Role::Clerk).await?,
        department_token: token(authority, before.as_ref(), Role::Department).await?,
        administrator_token: token(authority, before.as_ref(), Role::Administrator).await?,
        sites: sites(authority).await?,
        enrolment_codes: enrolments(authority, before.as_ref()).await?,
    };
    demo.write(out)?;
    Ok(demo)
}

/// Brings one person to where the plan wants them.
async fn put(
    authority: &Arc<Authority>,
    person: &SimulatedPerson,
    now: Timestamp,
) -> Result<(), Error> {
    if person.plan == Plan::Unknown {
        return Ok(());
    }
    let (document, name) = (person.document.clone(), person.name.clone());
    let has_account = authority
        .database
        .write(move |change| {
            register::put(change, &document, &name, now)?;
            let found = register::find(change, &document)?.ok_or(Error::Damaged("person"))?;
            Ok(accounts::find_by_person(change, found.id)?.is_some())
        })
        .await?;
    if person.plan == Plan::NoAccount {
        return Ok(());
    }
    if !has_account {
        let registration = wire::RegisterRequest {
            document_type: person.document.document_type(),
            number: person.document.reveal().into(),
            name: person.name.reveal().into(),
            phone: person.phone.as_str().into(),
            password: person.password.as_str().into(),
        }
        .parse()?;
        let (database, passwords) = (&authority.database, &authority.passwords);
        accounts::register(database, &authority.identity, passwords, registration, now).await?;
    }
    if person.plan != Plan::NoClaim {
        claim(authority, person, now).await?;
        colour(authority, person, now).await?;
    }
    Ok(())
}

async fn claim(
    authority: &Arc<Authority>,
    person: &SimulatedPerson,
    now: Timestamp,
) -> Result<(), Error> {
    let inside = Arc::clone(authority);
    let document = person.document.clone();
    let withdrawn = person.plan == Plan::Withdrawn;
    authority
        .database
        .write(move |change| {
            let found = register::find(change, &document)?.ok_or(Error::Damaged("person"))?;
            let account = accounts::find_by_person(change, found.id)?;
            let account = account.ok_or(Error::Damaged("account"))?;
            let has_one = match withdrawn {
                true => claims::ever_claimed(change, found.id)?,
                false => claims::find_by_person(change, found.id)?.is_some(),
            };
            if has_one {
                return Ok(());
            }
            let terms = inside.terms(change)?;
            claims::claim(change, &account, &Origin::Resident {}, &terms, now)?;
            if withdrawn {
                claims::withdraw(change, &account, None, &terms.scheme, now)?;
            }
            Ok(())
        })
        .await
}

/// Reports what the plan says, unless it is in force already.
async fn colour(
    authority: &Arc<Authority>,
    person: &SimulatedPerson,
    now: Timestamp,
) -> Result<(), Error> {
    let document = person.document.clone();
    let scheme = authority.scheme();
    let (known, colour) = authority
        .database
        .read(move |connection| {
            let facts = crate::facts::about(connection, &document)?;
            let colour = scheme.evaluate(&facts, now).colour;
            Ok((!facts.is_empty(), colour))
        })
        .await?;
    let ago = |hours| now - SignedDuration::from_hours(hours);
    let facts: Vec<(FactKind, Timestamp)> = match person.plan {
        Plan::Orange(kind) if colour == Colour::Green => vec![(kind, ago(30))],
        Plan::Expired if !known => vec![(FactKind::FeverClinic, ago(24 * 20))],
        Plan::Cleared if !known => {
            vec![(FactKind::Suspected, ago(24 * 9)), (FactKind::Cleared, ago(24 * 2))]
        }
        _ => Vec::new(),
    };
    for (kind, occurred_at) in facts {
        let document = person.document.clone();
        authority.report_fact(document, kind, Some(occurred_at)).await?;
    }
    Ok(())
}

/// The token of the demo before, if it still works, or a new one.
async fn token(authority: &Authority, before: Option<&Demo>, role: Role) -> Result<String, Error> {
    let (name, kept) = match role {
        Role::Department => ("demo department", before.map(|demo| demo.department_token.clone())),
        Role::Administrator => {
            ("demo administrator", before.map(|demo| demo.administrator_token.clone()))
        }
        _ => ("demo clerk", before.map(|demo| demo.clerk_token.clone())),
    };
    if let Some(token) = kept {
        let hash = crate::secret::hash(&token);
        let clerk = authority
            .database
            .read(move |connection| crate::clerks::find(connection, &hash))
            .await?;
        if clerk.is_some() {
            return Ok(token);
        }
    }
    let token = authority.create_clerk(name, role).await?;
    Ok(token.reveal().to_owned())
}

async fn sites(authority: &Authority) -> Result<Vec<DemoSite>, Error> {
    let sites = demo::sites();
    for site in &sites {
        let name = &site.name;
        authority.put_site(&site.id, &name.zh, &name.en, &site.scene).await?;
    }
    Ok(sites)
}

/// One code for each site that still works.
async fn enrolments(
    authority: &Authority,
    before: Option<&Demo>,
) -> Result<Vec<DemoEnrolment>, Error> {
    let now = authority.clock.now();
    let mut codes = Vec::new();
    for site in demo::sites() {
        let kept = before.and_then(|demo| demo.enrolment_codes.iter().find(|e| e.site == site.id));
        if let Some(kept) = kept {
            let hash = stations::enrolment_hash(&kept.enrolment_code);
            let usable = authority
                .database
                .read(move |connection| stations::enrolment_usable(connection, &hash, now))
                .await?;
            if usable {
                codes.push(kept.clone());
                continue;
            }
        }
        let request = EnrolmentRequest { site: site.id.clone(), station_name: None, scene: None };
        let handed_out = authority.hand_out(request).await?;
        codes.push(DemoEnrolment {
            site: site.id,
            scene: site.scene,
            enrolment_code: handed_out.enrolment_code.reveal().to_owned(),
            expires_at: handed_out.expires_at,
        });
    }
    Ok(codes)
}
