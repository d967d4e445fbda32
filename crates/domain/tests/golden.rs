//! The golden vectors of the health code, stage by stage. They were made by another
//! implementation (`tests/vectors/code/generate.py`); `docs/health-code.md` explains them.

use std::collections::BTreeMap;

use ed25519_dalek::{Signer, SigningKey};
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use yanma_domain::code::{
    CodeBody, CodeError, CodeHost, DecodedCode, Lifetime, NAMESPACE, Profile, VerifyError,
};
use yanma_domain::document::{DirectoryKey, DocumentHash, DocumentNumber, DocumentType};
use yanma_domain::encounter::{ColourFact, Encounter, Presented, Source, View};
use yanma_domain::evidence::{Evidence, read};
use yanma_domain::judge::judge;
use yanma_domain::name::MaskedName;
use yanma_domain::policy::{ColourRules, Policy, PolicyError, RetentionRules};
use yanma_domain::reason::Reason;
use yanma_domain::trust::TrustList;
use yanma_domain::verdict::{ClockState, Decision, FeedPosition};
use yanma_domain::{Colour, IssuerId, KeyId, KeySlot, StatusIndex};

#[derive(Deserialize)]
struct Vectors {
    namespace: String,
    directory_key: String,
    keys: BTreeMap<String, Key>,
    trust_list: TrustList,
    policies: Vec<Policy>,
    codes: Vec<Code>,
    readings: Vec<Reading>,
    malformed: Vec<Malformed>,
}

#[derive(Deserialize)]
struct Key {
    seed: String,
    public: String,
}

#[derive(Deserialize)]
struct Code {
    name: String,
    fields: Fields,
    body: String,
    signing_input: String,
    signature: String,
    bytes: String,
    digits: String,
    host: String,
    text: String,
    trust: bool,
    /// `None` where there is no trust list to verify with.
    verify: Option<String>,
    status: Option<Status>,
    policy: String,
    clock: ClockState,
    now: Timestamp,
    expect: Expect,
}

#[derive(Deserialize)]
struct Fields {
    version: u8,
    profile: u8,
    colour: Colour,
    issuer: u8,
    key_slot: u8,
    document_type_code: u8,
    document_type: Option<DocumentType>,
    document_number: Option<String>,
    issued_at: Timestamp,
    lifetime: u8,
    lifetime_seconds: u64,
    index: u32,
    document_hash: DocumentHash,
    name: String,
}

#[derive(Deserialize)]
struct Status {
    colour: Option<Colour>,
    age_seconds: i64,
}

#[derive(Deserialize)]
struct Expect {
    decision: Decision,
    reasons: Vec<Reason>,
}

#[derive(Deserialize)]
struct Reading {
    name: String,
    text: String,
}

#[derive(Deserialize)]
struct Malformed {
    name: String,
    text: String,
    error: CodeError,
    reason: Reason,
    bytes: Option<String>,
    bytes_error: Option<CodeError>,
}

fn vectors() -> Vectors {
    let text = include_str!("../../../tests/vectors/code/v1.json");
    serde_json::from_str(text).expect("the vectors have the form that this test reads")
}

fn seed(text: &str) -> [u8; 32] {
    let mut seed = [0; 32];
    hex::decode_to_slice(text, &mut seed).expect("a seed has 64 hexadecimal digits");
    seed
}

impl Code {
    /// The body that the fields describe: for an altered code, as it was before.
    fn body(&self) -> CodeBody {
        let fields = &self.fields;
        assert_eq!((fields.version, fields.profile), (1, 0), "{}", self.name);
        CodeBody {
            key: KeyId {
                issuer: IssuerId(fields.issuer),
                slot: KeySlot::new(fields.key_slot).expect("a slot of four bits"),
            },
            profile: Profile::Ed25519,
            colour: fields.colour,
            document_type: DocumentType::from_code(fields.document_type_code)
                .expect("a type of the table"),
            issued_at: fields.issued_at,
            lifetime: Lifetime::from_byte(fields.lifetime).expect("a lifetime"),
            index: StatusIndex(fields.index),
            document: fields.document_hash,
            name: MaskedName::parse(&fields.name).expect("a masked name"),
        }
    }

    fn is_altered(&self) -> bool {
        self.name.starts_with("altered-")
    }

    fn view(&self, code: &DecodedCode, trust: &TrustList) -> View {
        let body = code.body();
        let source = Source::Feed(FeedPosition { epoch: 1, sequence: 1 });
        let fact = self.status.as_ref().map(|status| ColourFact {
            issuer: body.key.issuer,
            index: body.index,
            colour: status.colour,
            source,
            as_of: self.now - SignedDuration::from_secs(status.age_seconds),
        });
        View {
            clock: self.clock,
            trust: self.trust.then(|| trust.clone()),
            colours: fact.into_iter().collect(),
            documents: Vec::new(),
            hashed: None,
        }
    }
}

fn word(error: VerifyError) -> &'static str {
    match error {
        VerifyError::UnknownIssuer => "unknown-issuer",
        VerifyError::UnknownKey => "unknown-key",
        VerifyError::Signature => "signature",
        VerifyError::KeyNotInForce => "key-not-in-force",
    }
}

#[test]
fn the_vectors_cover_what_they_should() {
    let vectors = vectors();
    assert!(vectors.codes.len() >= 80, "{} codes", vectors.codes.len());
    assert!(vectors.malformed.len() >= 30, "{} malformed", vectors.malformed.len());
    assert_eq!(vectors.namespace.as_bytes(), NAMESPACE);
    let bytes = |length: usize| vectors.codes.iter().any(|code| code.bytes.len() == 2 * length);
    assert!(bytes(85) && bytes(93), "the shortest and the longest code");
    for document_type in DocumentType::ALL {
        let code = document_type.code();
        assert!(vectors.codes.iter().any(|c| c.fields.document_type_code == code), "type {code}");
    }
    for colour in Colour::ALL {
        assert!(vectors.codes.iter().any(|code| code.fields.colour == colour), "{colour:?}");
    }
    for policy in &vectors.policies {
        assert_eq!(policy.check(), Ok(()), "{}", policy.id);
    }
}

#[test]
fn a_policy_that_takes_a_worse_colour_more_lightly_is_refused() {
    let mut policy = vectors().policies.remove(0);
    let mut check = |amber, red, withdrawn| {
        policy.colours = ColourRules { amber, red, withdrawn };
        policy.check()
    };
    let (refer, refuse) = (Decision::Refer, Decision::Refuse);
    assert_eq!(check(refer, refuse, refuse), Ok(()));
    let red = PolicyError::Milder("colours.red", "colours.amber");
    assert_eq!(check(refuse, refer, refuse), Err(red));
    let withdrawn = PolicyError::Milder("colours.withdrawn", "colours.red");
    assert_eq!(check(refer, refuse, refer), Err(withdrawn));
}

#[test]
fn a_policy_says_for_how_many_days_and_may_leave_it_away() {
    let policy = vectors().policies.remove(0);
    assert_eq!(policy.retention, RetentionRules::STANDARD);
    let text = serde_json::to_string(&policy).unwrap();
    assert!(!text.contains("retention"), "older desks read what says nothing new: {text}");
    for (entries_days, personal_days, expect) in [
        (1, 0, Ok(())),
        (30, 30, Ok(())),
        (1095, 1095, Ok(())),
        (0, 0, Err(PolicyError::EntriesDays)),
        (1096, 0, Err(PolicyError::EntriesDays)),
        (30, 31, Err(PolicyError::PersonalDays)),
    ] {
        let retention = RetentionRules { entries_days, personal_days };
        let policy = Policy { retention, ..policy.clone() };
        assert_eq!(policy.check(), expect, "{entries_days} {personal_days}");
        let again = serde_json::from_str::<Policy>(&serde_json::to_string(&policy).unwrap());
        assert_eq!(again.unwrap(), policy);
    }
}

#[test]
fn every_stage_of_encoding_gives_the_same() {
    for code in vectors().codes.iter().filter(|code| !code.is_altered()) {
        let body = code.body();
        let input = body.signing_input().expect("a time that fits");
        assert_eq!(hex::encode(&input), code.signing_input, "{}: signing input", code.name);
        assert_eq!(hex::encode(&input[NAMESPACE.len()..]), code.body, "{}: body", code.name);
        let signature = hex::decode(&code.signature).ok().and_then(|bytes| bytes.try_into().ok());
        let made = DecodedCode::new(body, signature.expect("64 bytes")).expect("a time that fits");
        assert_eq!(hex::encode(made.bytes()), code.bytes, "{}: bytes", code.name);
        let host = CodeHost::parse(&code.host).expect("a host");
        assert_eq!(made.to_text(&host), code.text, "{}: text", code.name);
        assert_eq!(made.digits(), code.digits, "{}: digits", code.name);
        let seconds = made.body().lifetime.duration().as_secs();
        assert_eq!(seconds, code.fields.lifetime_seconds, "{}: lifetime", code.name);
    }
}

#[test]
fn the_same_key_gives_the_same_signature() {
    let vectors = vectors();
    let key = &vectors.keys["fujian-codes"];
    let signing = SigningKey::from_bytes(&seed(&key.seed));
    assert_eq!(hex::encode(signing.verifying_key().to_bytes()), key.public);
    for code in &vectors.codes {
        let genuine = code.verify.as_deref() == Some("ok");
        if genuine && code.fields.issuer == 35 && code.fields.key_slot == 1 {
            let input = hex::decode(&code.signing_input).expect("hexadecimal");
            let signature = hex::encode(signing.sign(&input).to_bytes());
            assert_eq!(signature, code.signature, "{}", code.name);
        }
    }
}

#[test]
fn the_documents_hash_to_what_the_codes_carry() {
    let vectors = vectors();
    let key = DirectoryKey::from_hex(&vectors.directory_key).expect("a directory key");
    for code in &vectors.codes {
        let fields = &code.fields;
        if let (Some(document_type), Some(number)) = (fields.document_type, &fields.document_number)
        {
            let number = DocumentNumber::parse(document_type, number).expect("a valid number");
            assert_eq!(key.hash(&number), fields.document_hash, "{}", code.name);
            assert_eq!(document_type.code(), fields.document_type_code, "{}", code.name);
        }
    }
}

#[test]
fn every_code_decodes_verifies_and_is_judged_as_written() {
    let vectors = vectors();
    for vector in &vectors.codes {
        let name = &vector.name;
        let code = DecodedCode::from_text(&vector.text).expect(name);
        assert_eq!(hex::encode(code.bytes()), vector.bytes, "{name}: bytes");
        assert_eq!(Ok(&code), DecodedCode::from_bytes(code.bytes()).as_ref(), "{name}: by bytes");
        if !vector.is_altered() {
            assert_eq!(*code.body(), vector.body(), "{name}: fields");
        }
        if let Some(expected) = &vector.verify {
            let verified = code.verify(&vectors.trust_list);
            assert_eq!(verified.map_or_else(word, |_| "ok"), expected, "{name}: verify");
        }

        let Evidence::Code(read) = read(&vector.text) else { panic!("{name}: not read as a code") };
        assert_eq!(*read, code, "{name}: read");
        let policy = vectors.policies.iter().find(|policy| policy.id == vector.policy);
        let view = vector.view(&code, &vectors.trust_list);
        let encounter = Encounter { presented: vec![Presented::Code(read)], names: None };
        let verdict = judge(&encounter, &view, policy.expect("a policy of the file"), vector.now);
        assert_eq!(
            (verdict.decision, verdict.reasons()),
            (vector.expect.decision, vector.expect.reasons.clone()),
            "{name}: verdict"
        );
    }
}

#[test]
fn a_code_is_found_in_whatever_a_device_makes_of_it() {
    let vectors = vectors();
    let expected = DecodedCode::from_text(&vectors.codes[0].text).expect("the first code");
    assert!(vectors.readings.len() >= 6);
    for reading in &vectors.readings {
        let evidence = read(&reading.text);
        assert_eq!(evidence, Evidence::Code(Box::new(expected.clone())), "{}", reading.name);
    }
}

#[test]
fn every_malformed_text_says_what_is_wrong_with_it() {
    let vectors = vectors();
    for vector in &vectors.malformed {
        let name = &vector.name;
        assert_eq!(DecodedCode::from_text(&vector.text), Err(vector.error.clone()), "{name}");
        let presented = vec![Presented::from_evidence(read(&vector.text), None)];
        let view = View::empty(ClockState::Trusted);
        let verdict = judge(
            &Encounter { presented, names: None },
            &view,
            &vectors.policies[0],
            Timestamp::UNIX_EPOCH,
        );
        assert_eq!(verdict.decision, Decision::Refer, "{name}: a bad scan is nobody's fault");
        assert_eq!(verdict.reasons(), [vector.reason], "{name}: reason");
        if let (Some(bytes), Some(error)) = (&vector.bytes, &vector.bytes_error) {
            let bytes = hex::decode(bytes).expect("hexadecimal");
            assert_eq!(DecodedCode::from_bytes(&bytes), Err(error.clone()), "{name}: bytes");
        }
    }
}

/// Bits of a segment: mode, count, characters (ISO/IEC 18004, 7.4; versions 1 to 9).
fn alphanumeric_bits(characters: usize) -> usize {
    4 + 9 + 11 * (characters / 2) + 6 * (characters % 2)
}

fn numeric_bits(digits: usize) -> usize {
    4 + 10 + 10 * (digits / 3) + [0, 4, 7][digits % 3]
}

/// The data bits of QR versions 6 and 7 with error correction M: 108 and 124 codewords
/// (ISO/IEC 18004, table 7).
const VERSION_6M_BITS: usize = 108 * 8;
const VERSION_7M_BITS: usize = 124 * 8;

#[test]
fn every_code_fits_a_qr_symbol_of_version_6_behind_a_short_host() {
    for code in vectors().codes {
        let prefix = code.text.len() - code.digits.len();
        let bits = alphanumeric_bits(prefix) + numeric_bits(code.digits.len());
        let most = if code.host.len() <= 7 { VERSION_6M_BITS } else { VERSION_7M_BITS };
        assert!(bits <= most, "{}: {bits} bits", code.name);
    }
    // The longest code there can be: 223 digits, since 93 bytes that begin with 0x13 stay
    // below 10^223.
    let bits = |host: &str| alphanumeric_bits(format!("HTTPS://{host}/").len()) + numeric_bits(223);
    assert_eq!(bits("YM.TEST"), 859, "5 bits of version 6 are left");
    assert!(bits("YM1.TEST") > VERSION_6M_BITS, "8 characters are too many for a longest code");
    assert!(bits("CODES-1.HEALTH.FJ.EXAMPLE") <= VERSION_7M_BITS, "the longest host: version 7");
}
