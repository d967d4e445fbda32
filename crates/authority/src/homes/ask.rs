//! One question to one region: sealed, signed, sent, and the answer believed or not.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use jiff::Timestamp;
use reqwest::{Client, StatusCode};
use tokio::sync::Notify;
use yanma_domain::document::DocumentNumber;
use yanma_domain::trust::{Purpose, TrustList};
use yanma_domain::{Colour, IssuerId, StatusIndex};
use yanma_protocol::home::{
    APART, HOME_COLOUR_PATH, HomeAnswer, HomeFound, HomeQuestion, SEALED_BYTES, SIGNATURE_HEADER,
    SealedPerson, is_signed, signature_header,
};
use yanma_protocol::{hpke, json, namespace};
use zeroize::Zeroizing;

use super::found::Outcome;
use super::table::{Row, Trouble};
use crate::authority::Authority;
use crate::breaker::Breaker;
use crate::error::Error;
use crate::outbound;
use crate::regions::{Away, RegionRow};
use crate::secret;

/// How long a region may take to be reached, and to answer one question.
const CONNECT_WITHIN: Duration = Duration::from_secs(3);
const ANSWER_WITHIN: Duration = Duration::from_secs(8);

/// Most bytes of an answer.
const ANSWER_MAX_BYTES: u64 = 4_096;

/// What it takes to ask other regions about people.
#[derive(Debug)]
pub(crate) struct Homes {
    client: Client,
    /// Each region stands alone: one that is down holds up no other.
    breakers: Mutex<BTreeMap<IssuerId, Arc<Breaker>>>,
    /// Rings when somebody has claimed, or is due: they are asked about at once.
    pub(crate) due: Notify,
}

impl Homes {
    pub(crate) fn new() -> Result<Self, Error> {
        let client =
            outbound::client(CONNECT_WITHIN, ANSWER_WITHIN).map_err(|_| Error::Panicked)?;
        Ok(Self { client, breakers: Mutex::default(), due: Notify::new() })
    }

    /// Learns the colour at one home: from its published list when its code was shown, else
    /// by asking.
    pub(super) async fn ask(
        &self,
        authority: &Authority,
        row: &Row,
        document: &DocumentNumber,
        now: Timestamp,
    ) -> Result<Outcome, Error> {
        let regions = authority.region_rows();
        let region = regions.iter().find(|region| region.issuer == row.issuer && !region.removed);
        let Some(region) = region else {
            return Ok(Outcome::Failed(Trouble::NotRecognised));
        };
        let Some(place) = row.place else {
            return self.question(authority, region, document, now).await;
        };
        let listed = look_up(authority, row.issuer, place, now)?;
        match listed {
            // Only the region knows since when, and whether it is its own word.
            Outcome::Answered(HomeFound::Known { colour, .. }) if colour != Colour::Green => {
                let asked = self.question(authority, region, document, now).await?;
                let known = matches!(asked, Outcome::Answered(HomeFound::Known { .. }));
                Ok(if known { asked } else { listed })
            }
            Outcome::Answered(_) => Ok(listed),
            _ => self.question(authority, region, document, now).await,
        }
    }

    /// Asks about a person by document.
    async fn question(
        &self,
        authority: &Authority,
        region: &RegionRow,
        document: &DocumentNumber,
        now: Timestamp,
    ) -> Result<Outcome, Error> {
        let Some(trust) = &region.trust else {
            return Ok(Outcome::Failed(Trouble::Unreachable));
        };
        let breaker = self.breaker(region.issuer)?;
        let mut asking = match breaker.may_ask(now) {
            Ok(asking) => asking,
            Err(seconds) => return Ok(Outcome::Later(seconds)),
        };
        let Some((question, body)) = question(authority, trust, region.issuer, document, now)?
        else {
            return Ok(Outcome::Failed(Trouble::NotRecognised));
        };
        let answered = self.send(authority, region, body).await?;
        asking.went(!matches!(answered, Answered::Not), now);
        Ok(match answered {
            Answered::Not => Outcome::Failed(Trouble::Unreachable),
            Answered::No(status) => {
                tracing::warn!(issuer = %region.issuer, %status, "a region refused a question");
                Outcome::Failed(Trouble::Refused)
            }
            Answered::With(signature, body) => {
                match believed(&question, trust, &signature, &body) {
                    Some(found) => Outcome::Answered(found),
                    None => {
                        tracing::warn!(issuer = %region.issuer, "an answer was not believed");
                        Outcome::Failed(Trouble::WrongAnswer)
                    }
                }
            }
        })
    }

    fn breaker(&self, issuer: IssuerId) -> Result<Arc<Breaker>, Error> {
        let mut breakers = self.breakers.lock().map_err(|_| Error::Panicked)?;
        Ok(Arc::clone(breakers.entry(issuer).or_default()))
    }

    async fn send(
        &self,
        authority: &Authority,
        region: &RegionRow,
        body: Vec<u8>,
    ) -> Result<Answered, Error> {
        let key = authority.keys.feed_keys()?.feeds;
        let signature = (key.sign)(&[namespace::HOME_QUESTION, &body].concat());
        let header = signature_header(key.slot, &signature);
        drop(key);
        let url = format!("{}{HOME_COLOUR_PATH}", region.url.trim_end_matches('/'));
        let request = self
            .client
            .post(url)
            .header("content-type", "application/json")
            .header(SIGNATURE_HEADER, header)
            .body(body);
        let Ok(response) = request.send().await else {
            return Ok(Answered::Not);
        };
        match response.status() {
            StatusCode::OK => {}
            status if status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS => {
                return Ok(Answered::Not);
            }
            status => return Ok(Answered::No(status)),
        }
        let signature = response.headers().get(SIGNATURE_HEADER);
        let signature = signature.and_then(|value| value.to_str().ok()).unwrap_or_default();
        let signature = signature.to_owned();
        Ok(match outbound::body(response, ANSWER_MAX_BYTES).await {
            Ok(Some(body)) => Answered::With(signature, body),
            // Whoever sends so much is not the region.
            Ok(None) => Answered::With(String::new(), Vec::new()),
            Err(_) => Answered::Not,
        })
    }
}

enum Answered {
    /// Nobody, or somebody who cannot now.
    Not,
    /// It does not like the question.
    No(StatusCode),
    /// Signature and body, not believed yet.
    With(String, Vec<u8>),
}

/// The colour by the published list. A withdrawn code is none.
fn look_up(
    authority: &Authority,
    issuer: IssuerId,
    place: StatusIndex,
    now: Timestamp,
) -> Result<Outcome, Error> {
    Ok(match authority.regions.colour(issuer, place, now)? {
        Away::Colour(Colour::Withdrawn) | Away::Unknown => Outcome::Answered(HomeFound::Unknown),
        Away::Colour(colour) => {
            Outcome::Answered(HomeFound::Known { colour, since: now, until: None })
        }
        Away::Unchecked => Outcome::Failed(Trouble::ListTooOld),
    })
}

/// The question, and its body as it is signed; `None` when the region has no key to seal for.
fn question(
    authority: &Authority,
    trust: &TrustList,
    to: IssuerId,
    document: &DocumentNumber,
    now: Timestamp,
) -> Result<Option<(HomeQuestion, Vec<u8>)>, Error> {
    let region = trust.issuer(to);
    let Some(key) = region.and_then(|region| region.newest_key(Purpose::Feeds, now)) else {
        return Ok(None);
    };
    let person =
        SealedPerson { document_type: document.document_type(), number: document.reveal().into() };
    let json = |_| Error::Damaged("question");
    // Of its full length from the start, so that no copy is left behind.
    let mut message = Zeroizing::new(Vec::with_capacity(SEALED_BYTES));
    serde_json::to_writer(&mut *message, &person).map_err(json)?;
    let length = message.len().max(SEALED_BYTES);
    message.resize(length, b' ');
    let mut question = HomeQuestion {
        from: authority.issuer(),
        to,
        asked_at: now,
        nonce: hex::encode(secret::random::<16>()?),
        key: key.slot,
        sealed: String::new(),
    };
    let ephemeral = Zeroizing::new(secret::random::<32>()?);
    let bound = question.bound_to();
    let info = namespace::HOME_QUESTION;
    let sealed = hpke::seal(&key.public, &ephemeral, info, bound.as_bytes(), &message)
        .map_err(|_| Error::Damaged("key"))?;
    question.sealed = hex::encode(sealed);
    let body = serde_json::to_vec(&question).map_err(json)?;
    Ok(Some((question, body)))
}

/// What the answer says, if it is the region's and to this question.
fn believed(
    question: &HomeQuestion,
    trust: &TrustList,
    signature: &str,
    body: &[u8],
) -> Option<HomeFound> {
    let answer: HomeAnswer = json::read_answer(body)?;
    let HomeAnswer { from, to, nonce, answered_at, found } = answer;
    let fits = from == question.to && to == question.from && nonce == question.nonce;
    let apart = answered_at.duration_since(question.asked_at).abs();
    let namespace = namespace::HOME_ANSWER;
    let signed = is_signed(signature, namespace, body, from, trust, answered_at);
    (fits && apart <= APART && signed == Ok(true)).then_some(found)
}
