//! Asking another region for the colour of somebody who came from there (跨省互认).
//!
//! The question names one person by document, sealed so that only the region that is asked
//! can read it; question and answer are signed. `docs/regions.md` is the contract.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use yanma_domain::document::DocumentType;
use yanma_domain::ids::KeySlot;
use yanma_domain::trust::{PublicKey, Purpose, TrustList};
use yanma_domain::{Colour, IssuerId, KeyId};

use crate::field::{self, FieldError, FieldProblem};
use crate::secret::Secret;

/// `POST` [`HomeQuestion`] → 200 [`HomeAnswer`]; by another region, whose signature is in
/// [`SIGNATURE_HEADER`], as is that of the answer.
pub const HOME_COLOUR_PATH: &str = "/v1/home-colour";

/// The slot of the feed key that signed, and the Ed25519 signature over the namespace and the
/// bytes of the body: `2:` and 128 hexadecimal digits.
pub const SIGNATURE_HEADER: &str = "yanma-signature";

/// How far the time of a question or an answer may be from the reader's clock.
pub const APART: SignedDuration = SignedDuration::from_mins(5);

/// What is sealed is filled up with spaces to this many bytes, so that its length tells
/// nothing.
pub const SEALED_BYTES: usize = 160;

/// Most hexadecimal digits of [`HomeQuestion::sealed`].
const SEALED_MAX_DIGITS: usize = 1_024;

/// Asks for the colour of one person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct HomeQuestion {
    /// Who asks.
    pub from: IssuerId,
    /// Who is asked.
    pub to: IssuerId,
    /// When; at most five minutes from the clock of who is asked.
    pub asked_at: Timestamp,
    /// 32 hexadecimal digits that were never used before; a question counts once.
    #[cfg_attr(feature = "schema", schemars(extend("pattern" = "^[0-9a-f]{32}$")))]
    pub nonce: String,
    /// The slot of the feed key that [`sealed`](Self::sealed) is for.
    #[cfg_attr(feature = "schema", schemars(with = "u8", range(max = 15)))]
    pub key: KeySlot,
    /// A [`SealedPerson`] as JSON, sealed by HPKE (RFC 9180) in base mode for that key, in
    /// hexadecimal: the encapsulated key, then the ciphertext.
    #[cfg_attr(
        feature = "schema",
        schemars(length(max = SEALED_MAX_DIGITS), extend("pattern" = "^[0-9a-f]*$"))
    )]
    pub sealed: String,
}

impl HomeQuestion {
    /// Checks the limits.
    ///
    /// # Errors
    /// `nonce` or `sealed`.
    pub fn check(&self) -> Result<(), FieldError> {
        let hex = |text: &str| text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        field::form("nonce", self.nonce.len() == 32 && hex(&self.nonce))?;
        field::form("sealed", self.sealed.len() <= SEALED_MAX_DIGITS && hex(&self.sealed))
    }

    /// What the seal is bound to: a sealed person cannot be put into another question.
    pub fn bound_to(&self) -> String {
        let Self { from, to, asked_at, nonce, .. } = self;
        format!("{from} {to} {asked_at} {nonce}")
    }
}

/// Whom a question is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SealedPerson {
    /// The kind of document that `number` is of.
    pub document_type: DocumentType,
    /// Its number, normalised.
    pub number: Secret,
}

/// The answer to one question.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct HomeAnswer {
    /// Who answers: [`HomeQuestion::to`].
    pub from: IssuerId,
    /// Who asked: [`HomeQuestion::from`].
    pub to: IssuerId,
    /// The question's.
    pub nonce: String,
    /// When it was answered.
    pub answered_at: Timestamp,
    /// What is known.
    pub found: HomeFound,
}

/// What a region knows about a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "outcome", rename_all = "lowercase")]
pub enum HomeFound {
    /// The person has a code there that is in force.
    Known {
        /// Its colour now.
        colour: Colour,
        /// Since when.
        since: Timestamp,
        /// When it ends by itself; `null` for green, and while something else must end it.
        until: Option<Timestamp>,
    },
    /// No code in force there. That says nothing about a colour.
    Unknown,
}

/// How it stands with the colour of somebody's code at home, as the citizen is told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct HomeColour {
    /// The region that was asked.
    pub issuer: IssuerId,
    /// Its name; `null` when it is not recognised here.
    pub name: Option<yanma_domain::trust::Words>,
    /// How far it is.
    pub state: HomeState,
    /// The colour there; with [`HomeState::Known`] only.
    pub colour: Option<Colour>,
    /// What amber is called there.
    pub amber_name: Option<yanma_domain::AmberName>,
    /// When it ends by itself, as the region says.
    pub until: Option<Timestamp>,
    /// When the region last answered.
    pub answered_at: Option<Timestamp>,
    /// When it is asked again; `null` when it is not.
    pub again_at: Option<Timestamp>,
}

/// How far a question about the colour at home is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum HomeState {
    /// It is being asked.
    Asking,
    /// It has answered with a colour.
    Known,
    /// It has answered that the person has no code there.
    Unknown,
    /// It could not be asked so far: neither yes nor no.
    CouldNotAsk,
}

/// The value of [`SIGNATURE_HEADER`].
pub fn signature_header(slot: KeySlot, signature: &[u8; 64]) -> String {
    format!("{}:{}", slot.get(), hex::encode(signature))
}

/// Whether `header` is a signature of `issuer` over a body, by a feed key of `trust` that is
/// in force at `at`.
///
/// # Errors
/// `yanma-signature`, when it is not of its form.
pub fn is_signed(
    header: &str,
    namespace: &[u8],
    body: &[u8],
    issuer: IssuerId,
    trust: &TrustList,
    at: Timestamp,
) -> Result<bool, FieldError> {
    let form = || FieldError::new(SIGNATURE_HEADER, FieldProblem::Form);
    let (slot, signature) = header.split_once(':').ok_or_else(form)?;
    let slot = slot.parse().ok().and_then(KeySlot::new).ok_or_else(form)?;
    let mut bytes = [0; 64];
    hex::decode_to_slice(signature, &mut bytes).map_err(|_| form())?;
    let key = feed_key(trust, KeyId { issuer, slot }, at);
    Ok(key.is_some_and(|key| key.signed(&[namespace, body].concat(), &bytes)))
}

/// The feed key of this name, when it is in force at `at`.
pub fn feed_key(trust: &TrustList, id: KeyId, at: Timestamp) -> Option<PublicKey> {
    trust.key(id).filter(|key| key.covers(Purpose::Feeds, at)).map(|key| key.public)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::namespace;
    use crate::testing::{public, sign, trust_list};
    use serde_json::json;

    fn question() -> serde_json::Value {
        json!({"from": 35, "to": 33, "asked_at": "2020-07-01T08:00:00Z",
            "nonce": "0".repeat(32), "key": 2, "sealed": "ab".repeat(100)})
    }

    #[test]
    fn the_field_at_fault_is_named() {
        let check = |field: &str, value: serde_json::Value, fits: bool| {
            let mut body = question();
            body[field] = value;
            let question: HomeQuestion = serde_json::from_value(body).unwrap();
            let refused = question.check().err().map(|misfit| misfit.field);
            assert_eq!(refused.as_deref(), (!fits).then_some(field));
        };
        check("nonce", json!("f".repeat(32)), true);
        check("nonce", json!("F".repeat(32)), false);
        check("nonce", json!("f".repeat(31)), false);
        check("sealed", json!("0".repeat(1_024)), true);
        check("sealed", json!("0".repeat(1_025)), false);
        check("sealed", json!("geheim"), false);
    }

    #[test]
    fn an_answer_has_this_json() {
        let answer = json!({"from": 33, "to": 35, "nonce": "0".repeat(32),
            "answered_at": "2020-07-01T08:00:00Z",
            "found": {"outcome": "known", "colour": "amber",
                "since": "2020-06-30T08:00:00Z", "until": null}});
        let read: HomeAnswer = serde_json::from_value(answer.clone()).unwrap();
        assert_eq!(serde_json::to_value(&read).unwrap(), answer);
        assert_eq!(
            serde_json::to_value(HomeFound::Unknown).unwrap(),
            json!({"outcome": "unknown"})
        );
    }

    #[test]
    fn a_signature_is_of_one_purpose_one_body_and_one_key() {
        let (list, at) = (trust_list(), Timestamp::from_second(1).unwrap());
        let own = IssuerId::FUJIAN;
        let message = [namespace::HOME_QUESTION, &b"body"[..]].concat();
        let header = signature_header(KeySlot::FEEDS, &sign(&message));
        let check = |header: &str, namespace: &[u8], body: &[u8], issuer: IssuerId| {
            is_signed(header, namespace, body, issuer, &list, at)
        };
        assert_eq!(check(&header, namespace::HOME_QUESTION, b"body", own), Ok(true));
        assert_eq!(check(&header, namespace::HOME_ANSWER, b"body", own), Ok(false));
        assert_eq!(check(&header, namespace::HOME_QUESTION, b"bodz", own), Ok(false));
        assert_eq!(check(&header, namespace::HOME_QUESTION, b"body", IssuerId(36)), Ok(false));
        let other_slot = header.replacen("2:", "1:", 1);
        assert_eq!(check(&other_slot, namespace::HOME_QUESTION, b"body", own), Ok(false));
        for bad in ["", "2", "2:", "16:00", "x:00", "2:zz"] {
            assert!(check(bad, namespace::HOME_QUESTION, b"body", own).is_err(), "{bad}");
        }
        let id = KeyId { issuer: own, slot: KeySlot::FEEDS };
        assert_eq!(feed_key(&list, id, at), Some(public()));
        assert_eq!(feed_key(&list, KeyId { slot: KeySlot::CODES, ..id }, at), None);
    }
}
