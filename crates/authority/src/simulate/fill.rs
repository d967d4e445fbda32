//! Fills a database with the people of a province.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use tokio::task::JoinHandle;
use uuid::Uuid;
use yanma_domain::{Colour, StatusIndex};
use yanma_protocol::claims::ClaimGroup;
use yanma_protocol::facts::FactKind;
use yanma_protocol::{FieldError, FieldProblem};

use super::household::Household;
use super::province::{Province, Somebody, mixed};
use crate::authority::Settings;
use crate::clock::Clock;
use crate::colour::{self, Cause, ColourChange, Evaluation, Fact, InForce, KnownFact, Reasons};
use crate::database::stored::ms;
use crate::database::{Change, Database, DatabaseError, Ddl, Rows, ToValue, Value, params};
use crate::error::Error;
use crate::keys::KeyRing;
use crate::lists::Shard;
use crate::lists::issuing::{self, ShardKey};
use crate::statistics::tallies::{self, Figure};
use crate::{accounts, clerks, statistics};

/// People whose rows are in memory at once, and in one commit where several processes may
/// write.
const BATCH: u32 = 100_000;

/// People in one commit of SQLite. Documents and places are random numbers: a hundred thousand
/// touch half of the pages of a province's indexes, ten times as many hardly more, and each
/// commit writes all of them twice.
const SQLITE_COMMIT: u32 = 10 * BATCH;

/// Most people of a fill.
pub const MOST_FILLED: u32 = 1_000_000_000;

pub(crate) const TABLE_2: Ddl = Ddl {
    sqlite: "
-- How far a fill with simulated people has come; empty without one.
CREATE TABLE fills (
    id      INTEGER PRIMARY KEY CHECK (id = 1),
    holders INTEGER NOT NULL,
    seed    INTEGER NOT NULL,
    done    INTEGER NOT NULL
) STRICT;
",
    postgres: "
CREATE TABLE fills (
    id      BIGINT PRIMARY KEY CHECK (id = 1),
    holders BIGINT NOT NULL,
    seed    BIGINT NOT NULL,
    done    BIGINT NOT NULL
);
",
};

/// Adds `holders` people with codes to the database of `settings`, in the mix of the briefing
/// of July 2020: groups, cities, ages, families of up to 13, and one in a hundred not green
/// because of a fact. Nobody can log in.
///
/// Each commit is there as a whole or not at all. A fill that was stopped goes on when it is
/// started again with the same numbers; one that is complete adds nobody. `progress` is told
/// how many are there after each.
///
/// # Errors
///
/// [`Error::Field`] for a number out of range, or another one than that of the fill that was
/// begun; [`Error::Key`] without keys, and what the database says.
pub async fn fill(
    settings: &Settings,
    clock: &Clock,
    holders: u32,
    seed: u32,
    mut progress: impl FnMut(u32),
) -> Result<(), Error> {
    if !(1..=MOST_FILLED).contains(&holders) {
        let problem = FieldProblem::Count { min: 1, max: MOST_FILLED as usize };
        return Err(FieldError::new("holders", problem).into());
    }
    // A database that no server could open is not worth filling.
    KeyRing::load(&settings.keys())?;
    let province = Province::new(holders, u64::from(seed))?;
    let database = Database::open(&settings.database)?;
    let password = accounts::Passwords::new(settings.password_cost)?.of_nobody();
    let (wanted, now) = (settings.scheme.clone(), clock.now());
    let in_force =
        database.write(move |change| colour::put_in_force(change, wanted.as_ref(), now)).await?;
    let filler = Filler {
        province,
        shard_key: database.read(ShardKey::read).await?,
        rules: in_force,
        password,
        holders,
    };
    let filler = Arc::new(filler);
    let commit = if database.is_shared() { BATCH } else { SQLITE_COMMIT };
    let mut done = database.write(move |change| begin(change, holders, seed)).await?;
    let mut next = filler.prepare(done, commit);
    while done < holders {
        let people = next.await.map_err(|_| Error::Panicked)??;
        let (count, first) = (people.len() as u32, done);
        // The next people are made up while these are loaded.
        next = filler.prepare(first + count, commit);
        let (filler, now) = (Arc::clone(&filler), clock.now());
        done = database
            .write(move |change| {
                if begin(change, holders, seed)? != first {
                    tracing::error!("another process fills the same database");
                    return Err(Error::NotStored(DatabaseError::Busy));
                }
                for (batch, first) in
                    people.chunks(BATCH as usize).zip((first..).step_by(BATCH as usize))
                {
                    filler.add(change, first, batch, now)?;
                }
                change.execute("UPDATE fills SET done = $1", params![first + count])?;
                if first + count == holders {
                    // What a planner knows of empty tables is of no use any more.
                    change.execute("ANALYZE", params![])?;
                }
                Ok(first + count)
            })
            .await?;
        progress(done);
    }
    next.abort();
    Ok(())
}

/// How many are there already.
fn begin(change: &Change<'_>, holders: u32, seed: u32) -> Result<u32, Error> {
    change.execute(
        "INSERT INTO fills (id, holders, seed, done) VALUES (1, $1, $2, 0)
         ON CONFLICT DO NOTHING",
        params![holders, seed],
    )?;
    let found = change.row("SELECT holders, seed, done FROM fills", params![], |row| {
        Ok((row.get::<u32>("holders")?, row.get::<u32>("seed")?, row.get::<u32>("done")?))
    })?;
    match found {
        Some((before, with, done)) if (before, with) == (holders, seed) => Ok(done),
        Some((before, with, _)) => {
            let field = if before == holders { "seed" } else { "holders" };
            tracing::error!(holders = before, seed = with, "another fill was begun here");
            Err(FieldError::new(field, FieldProblem::Form).into())
        }
        None => Err(Error::Damaged("fills")),
    }
}

/// What a fill needs beside the database.
struct Filler {
    province: Province,
    shard_key: ShardKey,
    rules: InForce,
    /// The hash of a password that nobody knows.
    password: String,
    holders: u32,
}

/// The rows of a batch.
struct Batch {
    persons: Rows,
    entrants: Rows,
    accounts: Rows,
    holders: Rows,
    declarations: Rows,
    facts: Rows,
    colour_changes: Rows,
}

impl Batch {
    fn new() -> Self {
        Self {
            persons: Rows::new(
                "persons",
                &["id", "document_type", "number", "name", "imported_at", "source"],
            ),
            entrants: Rows::new("entrants", &["person", "entered_on"]),
            accounts: Rows::new(
                "accounts",
                &["id", "phone", "password_hash", "person", "level", "created_at"],
            ),
            holders: Rows::new(
                "holders",
                &[
                    "shard",
                    "status_index",
                    "person",
                    "account",
                    "colour",
                    "colour_since",
                    "next_change_at",
                    "claimed_at",
                    "shown_count",
                    "revision",
                    "claim_group",
                    "relation",
                    "city",
                    "medium",
                ],
            ),
            declarations: Rows::new(
                "declarations",
                &["shard", "holder", "departure", "household", "contact", "declared_at"],
            ),
            facts: Rows::new(
                "facts",
                &[
                    "shard",
                    "id",
                    "document_type",
                    "number",
                    "kind",
                    "occurred_at",
                    "received_at",
                    "reporter",
                ],
            ),
            colour_changes: Rows::new(colour::CHANGES, &colour::CHANGES_COLUMNS),
        }
    }

    fn load(&self, change: &Change<'_>) -> Result<(), Error> {
        for rows in [
            &self.persons,
            &self.entrants,
            &self.accounts,
            &self.holders,
            &self.declarations,
            &self.facts,
            &self.colour_changes,
        ] {
            if !rows.is_empty() {
                change.load(rows)?;
            }
        }
        Ok(())
    }
}

/// Somebody, and the shard of their document.
type Prepared = (Somebody, Shard);

impl Filler {
    /// Makes up the people of a commit, aside.
    fn prepare(
        self: &Arc<Self>,
        first: u32,
        count: u32,
    ) -> JoinHandle<Result<Vec<Prepared>, Error>> {
        let filler = Arc::clone(self);
        tokio::task::spawn_blocking(move || {
            let last = first.saturating_add(count).min(filler.holders);
            (first..last)
                .map(|place| {
                    let somebody = filler.province.at(place);
                    let somebody = somebody.ok_or(Error::Damaged("simulated person"))?;
                    let shard = filler.shard_key.shard_of(&somebody.document);
                    Ok((somebody, shard))
                })
                .collect()
        })
    }

    fn add(
        &self,
        change: &Change<'_>,
        first: u32,
        people: &[Prepared],
        now: Timestamp,
    ) -> Result<(), Error> {
        let reporter = clerks::command_line(change, now)?.id;
        let mut counts: BTreeMap<Shard, u32> = BTreeMap::new();
        for (_, shard) in people {
            *counts.entry(*shard).or_default() += 1;
        }
        let (mut serials, permutation) = issuing::next_serials(change, &counts)?;
        let mut revisions = issuing::next_revisions(change, &counts)?;
        let mut person = last_id(change, "SELECT coalesce(max(id), 0) AS id FROM persons")?;
        let mut account = last_id(change, "SELECT coalesce(max(id), 0) AS id FROM accounts")?;
        let mut batch = Batch::new();
        let mut claims: HashMap<(Shard, ClaimGroup, Option<u16>), i64> = HashMap::new();
        let mut colours: BTreeMap<(Shard, u8), i64> = BTreeMap::new();
        let mut shown = 0;
        let mut household = Household::default();
        let today = now.to_zoned(TimeZone::UTC).date();
        for (place, (somebody, shard)) in (first..).zip(people) {
            person += 1;
            let relation =
                if place == first { None } else { household.take_in(somebody.born, today) };
            if relation.is_none() {
                account += 1;
                household = Household::new(mixed(somebody.dice));
                batch.accounts.push([
                    account.to_value(),
                    format!("100{:08}", 10_000_000 + place).to_value(),
                    self.password.to_value(),
                    person.to_value(),
                    "register-match".to_value(),
                    ms(now).to_value(),
                ])?;
            }
            let (Some(serial), Some(revision)) = (serials.get_mut(shard), revisions.get_mut(shard))
            else {
                return Err(Error::Damaged("shards"));
            };
            let index = permutation.index_of(*shard, *serial).ok_or(Error::IndexesUsedUp)?;
            let reported = self.report(&mut batch, somebody, *shard, reporter, now)?;
            let colour = reported.as_ref().map_or(Colour::Green, |(it, _)| it.colour);
            let next_change = reported.as_ref().and_then(|(it, _)| it.next_change);
            batch.put_person(somebody, person, today, now)?;
            batch.put_declaration(somebody, index, now)?;
            batch.holders.push([
                shard.to_value(),
                index.0.to_value(),
                person.to_value(),
                account.to_value(),
                colour.bits().to_value(),
                ms(now).to_value(),
                next_change.map(ms).to_value(),
                ms(now).to_value(),
                somebody.shown.to_value(),
                (*revision).to_value(),
                statistics::group_code(somebody.group).to_value(),
                relation.unwrap_or(0).to_value(),
                somebody.city.to_value(),
                Value::Integer(0),
            ])?;
            if let Some((evaluation, reasons)) = reported
                && evaluation.colour != Colour::Green
            {
                let first = ColourChange {
                    index,
                    revision: *revision,
                    at: now,
                    before: None,
                    colour: evaluation.colour,
                    scheme: self.rules.generation,
                    cause: Cause::Claim,
                    reasons,
                };
                batch.colour_changes.push(first.values()?)?;
            }
            *claims.entry((*shard, somebody.group, somebody.city)).or_default() += 1;
            *colours.entry((*shard, colour.bits())).or_default() += 1;
            shown += i64::from(somebody.shown);
            (*serial, *revision) = (*serial + 1, *revision + 1);
        }
        batch.load(change)?;
        change.continue_ids("persons", person)?;
        change.continue_ids("accounts", account)?;
        for ((shard, group, city), number) in claims {
            statistics::count_claims(change, shard, group, city, number)?;
        }
        for ((shard, colour), number) in colours {
            let colour = Colour::from_bits(colour);
            tallies::count_colours(change, shard, None, Some(colour), number, now)?;
        }
        let (day, reported) = (tallies::day(now), batch.facts.len() as i64);
        for (shard, count) in &counts {
            tallies::count(change, *shard, Figure::Claimed, day, i64::from(*count))?;
        }
        if let Some(shard) = counts.keys().next() {
            tallies::count(change, *shard, Figure::Reported, day, reported)?;
        }
        statistics::count_shows(change, shown)
    }

    /// Reports a fact, if there is one to report; returns the colour that follows, and why.
    fn report(
        &self,
        batch: &mut Batch,
        somebody: &Somebody,
        shard: Shard,
        reporter: i64,
        now: Timestamp,
    ) -> Result<Option<(Evaluation, Reasons)>, Error> {
        if !somebody.is_reported {
            return Ok(None);
        }
        let kinds: Vec<FactKind> = self.rules.rules().iter().map(|rule| rule.kind).collect();
        let dice = somebody.dice;
        let kind = kinds.get((dice % kinds.len().max(1) as u64) as usize);
        let kind = *kind.ok_or(Error::Damaged("scheme"))?;
        // Recent enough for the shortest rule.
        let ago = SignedDuration::from_millis(((dice >> 8) % 36_000_000) as i64);
        let occurred_at = now - ago;
        let document = &somebody.document;
        let id = id(occurred_at, dice);
        batch.facts.push([
            shard.to_value(),
            id.to_value(),
            document.document_type().code().to_value(),
            document.reveal().to_value(),
            kind.as_str().to_value(),
            ms(occurred_at).to_value(),
            ms(now).to_value(),
            reporter.to_value(),
        ])?;
        // As the table keeps it.
        let occurred_at = Timestamp::from_millisecond(ms(occurred_at))
            .map_err(|_| Error::Damaged("occurred_at"))?;
        let fact = Fact { kind, occurred_at, ends_at: None };
        let evaluation = self.rules.evaluate(&[fact], now);
        let reasons = Reasons::of(&evaluation, &[KnownFact { id, fact }], &[]);
        Ok(Some((evaluation, reasons)))
    }
}

impl Batch {
    fn put_person(
        &mut self,
        somebody: &Somebody,
        id: i64,
        today: Date,
        now: Timestamp,
    ) -> Result<(), Error> {
        let from_abroad = somebody.group == ClaimGroup::Abroad;
        self.persons.push([
            id.to_value(),
            somebody.document.document_type().code().to_value(),
            somebody.document.reveal().to_value(),
            somebody.name.reveal().to_value(),
            ms(now).to_value(),
            if from_abroad { 2u8 } else { 1 }.to_value(),
        ])?;
        if from_abroad {
            self.entrants.push([id.to_value(), today.to_string().to_value()])?;
        }
        Ok(())
    }

    fn put_declaration(
        &mut self,
        somebody: &Somebody,
        holder: StatusIndex,
        now: Timestamp,
    ) -> Result<(), Error> {
        let area = match somebody.group {
            ClaimGroup::Resident => return Ok(()),
            ClaimGroup::OtherProvince => somebody.document.reveal().get(..6),
            ClaimGroup::Abroad => None,
        };
        self.declarations.push([
            Shard::of(holder).to_value(),
            holder.0.to_value(),
            area.to_value(),
            area.to_value(),
            Value::Null,
            ms(now).to_value(),
        ])
    }
}

fn last_id(change: &Change<'_>, sql: &str) -> Result<i64, Error> {
    Ok(change.row(sql, params![], |row| row.get("id"))?.unwrap_or(0))
}

/// A UUID of version 7 from chance.
fn id(at: Timestamp, dice: u64) -> Uuid {
    let ms = u64::try_from(at.as_millisecond()).unwrap_or(0);
    let mut random = [0; 10];
    let chance = [mixed(dice).to_be_bytes(), mixed(dice ^ 1).to_be_bytes()].concat();
    random.iter_mut().zip(chance).for_each(|(place, byte)| *place = byte);
    uuid::Builder::from_unix_timestamp_millis(ms, &random).into_uuid()
}
