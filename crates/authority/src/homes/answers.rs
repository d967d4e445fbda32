//! The other half: answering a region that asks about somebody of ours. Each question is
//! answered once, and what was told to whom is kept for a while.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use yanma_domain::document::DocumentNumber;
use yanma_domain::{Colour, IssuerId, KeyId};
use yanma_protocol::home::{
    APART, HomeAnswer, HomeFound, HomeQuestion, SealedPerson, feed_key, is_signed, signature_header,
};
use yanma_protocol::{FieldError, FieldProblem, hpke, json, namespace};

use crate::authority::Authority;
use crate::claims;
use crate::colour::InForce;
use crate::database::stored::ms;
use crate::database::{Change, Ddl, params};
use crate::error::Error;
use crate::facts;
use crate::register;

pub(crate) const TABLE_6: Ddl = Ddl {
    sqlite: "
CREATE TABLE home_answers (
    -- The region that asked.
    issuer        INTEGER NOT NULL CHECK (issuer BETWEEN 0 AND 255),
    nonce         BLOB NOT NULL CHECK (length(nonce) = 16),
    answered_at   INTEGER NOT NULL,
    -- About whom: the directory's keyed hash.
    document_hash INTEGER NOT NULL,
    -- The two bits of the colour that was told, NULL for no code.
    colour        INTEGER CHECK (colour BETWEEN 0 AND 3),
    PRIMARY KEY (issuer, nonce)
) STRICT, WITHOUT ROWID;
CREATE INDEX home_answers_by_time ON home_answers (answered_at);
",
    postgres: "
CREATE TABLE home_answers (
    issuer        BIGINT NOT NULL CHECK (issuer BETWEEN 0 AND 255),
    nonce         BYTEA NOT NULL CHECK (octet_length(nonce) = 16),
    answered_at   BIGINT NOT NULL,
    document_hash BIGINT NOT NULL,
    colour        BIGINT CHECK (colour BETWEEN 0 AND 3),
    PRIMARY KEY (issuer, nonce)
);
CREATE INDEX home_answers_by_time ON home_answers (answered_at);
",
};

/// How long it is kept what was told to whom: longer than a question can be sent again.
const KEPT: SignedDuration = SignedDuration::from_hours(24 * 30);

/// Answers a region's question; returns the signature and the body.
///
/// # Errors
///
/// [`Error::Signature`] when the region is not recognised or did not sign it;
/// [`Error::Field`] for a field at fault, such as `asked_at` of a clock that differs, or
/// `sealed` for what was not sealed for our key; [`Error::Replayed`];
/// [`Error::RateLimited`].
pub(crate) async fn answer(
    authority: &Arc<Authority>,
    header: &str,
    body: &[u8],
    question: HomeQuestion,
) -> Result<(String, Vec<u8>), Error> {
    question.check()?;
    let now = authority.clock.now();
    let misfit = |field| Error::from(FieldError::new(field, FieldProblem::Form));
    if question.to != authority.issuer() {
        return Err(misfit("to"));
    }
    if !is_signed_by_region(authority, header, body, &question)? {
        return Err(Error::Signature);
    }
    // Only who has signed is told more than that, and counted; what somebody signed long ago
    // anybody may send.
    if now.duration_since(question.asked_at).abs() > APART {
        return Err(misfit("asked_at"));
    }
    let taken = authority.limits.home_question.take(&question.from, 1, now);
    taken.map_err(|retry_after_seconds| Error::RateLimited { retry_after_seconds })?;
    let document = unseal(authority, &question, now).ok_or_else(|| misfit("sealed"))?;
    let mut nonce = [0; 16];
    hex::decode_to_slice(&question.nonce, &mut nonce).map_err(|_| misfit("nonce"))?;
    let hash = authority.keys.directory().hash(&document).as_u64();
    let (scheme, from) = (authority.scheme(), question.from);
    let look = move |change: &Change<'_>| {
        let found = find(change, &document, &scheme.within(change)?, now)?;
        let colour = match found {
            HomeFound::Known { colour, .. } => Some(colour),
            HomeFound::Unknown => None,
        };
        note(change, from, nonce, i64::from_ne_bytes(hash.to_ne_bytes()), colour, now)?;
        Ok(found)
    };
    let found = authority.database.write(look).await?;
    sign(authority, question, found, now)
}

fn is_signed_by_region(
    authority: &Authority,
    header: &str,
    body: &[u8],
    question: &HomeQuestion,
) -> Result<bool, Error> {
    let regions = authority.region_rows();
    let asking = regions.iter().find(|region| region.issuer == question.from && !region.removed);
    let Some(trust) = asking.and_then(|region| region.trust.as_ref()) else {
        return Ok(false);
    };
    let namespace = namespace::HOME_QUESTION;
    Ok(is_signed(header, namespace, body, question.from, trust, question.asked_at)?)
}

/// Whom the question is about; `None` when it was not sealed for a key of ours.
fn unseal(
    authority: &Authority,
    question: &HomeQuestion,
    now: Timestamp,
) -> Option<DocumentNumber> {
    let id = KeyId { issuer: authority.issuer(), slot: question.key };
    let own = feed_key(&authority.trust(), id, now)?;
    let (info, bound) = (namespace::HOME_QUESTION, question.bound_to());
    let sealed = hex::decode(&question.sealed).ok()?;
    let agree = |theirs: &[u8; 32]| authority.keys.agree(&own, theirs);
    let opened = hpke::open(&own, agree, info, bound.as_bytes(), &sealed).ok()?;
    let person: SealedPerson = json::read_answer(&opened)?;
    DocumentNumber::parse(person.document_type, person.number.reveal()).ok()
}

/// The colour of whoever has this document and a code in force.
fn find(
    change: &Change<'_>,
    document: &DocumentNumber,
    scheme: &InForce,
    now: Timestamp,
) -> Result<HomeFound, Error> {
    let Some(person) = register::find(change, document)? else {
        return Ok(HomeFound::Unknown);
    };
    let holder = match claims::current(change, &person, scheme, now) {
        Ok(holder) => holder,
        Err(Error::NoCode) => return Ok(HomeFound::Unknown),
        Err(error) => return Err(error),
    };
    // What other regions said is theirs to say: two that repeat each other would never end.
    let mut facts = facts::about(change, &person.document)?;
    facts.retain(|fact| !fact.kind.is_from_home());
    let evaluation = scheme.evaluate(&facts, now);
    let because = &evaluation.because;
    let since = because.iter().map(|fact| fact.since).min().unwrap_or(holder.colour_since);
    let lasts = because.iter().any(|fact| fact.until.is_none());
    let until = because.iter().filter_map(|fact| fact.until).max().filter(|_| !lasts);
    Ok(HomeFound::Known { colour: evaluation.colour, since, until })
}

/// Keeps what is told; a nonce is taken once.
fn note(
    change: &Change<'_>,
    from: IssuerId,
    nonce: [u8; 16],
    document_hash: i64,
    colour: Option<Colour>,
    now: Timestamp,
) -> Result<(), Error> {
    let added = change.execute(
        "INSERT INTO home_answers (issuer, nonce, answered_at, document_hash, colour)
         VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING",
        params![from.0, nonce.to_vec(), ms(now), document_hash, colour.map(Colour::bits)],
    )?;
    if added == 1 { Ok(()) } else { Err(Error::Replayed) }
}

fn sign(
    authority: &Authority,
    question: HomeQuestion,
    found: HomeFound,
    now: Timestamp,
) -> Result<(String, Vec<u8>), Error> {
    let answer = HomeAnswer {
        from: question.to,
        to: question.from,
        nonce: question.nonce,
        answered_at: now,
        found,
    };
    let body = serde_json::to_vec(&answer).map_err(|_| Error::Damaged("answer"))?;
    let key = authority.keys.feed_keys()?.feeds;
    let signature = (key.sign)(&[namespace::HOME_ANSWER, &body].concat());
    Ok((signature_header(key.slot, &signature), body))
}

/// Forgets what was told, and what was learnt about people who are asked about no longer,
/// when its time is over.
pub(crate) fn forget_old(change: &Change<'_>, now: Timestamp) -> Result<(), Error> {
    let before = ms(now.saturating_sub(KEPT).unwrap_or(Timestamp::MIN));
    change.execute("DELETE FROM home_answers WHERE answered_at < $1", params![before])?;
    change.execute(
        "DELETE FROM home_colours WHERE next_ask_at IS NULL AND ask_until < $1",
        params![before],
    )?;
    Ok(())
}
