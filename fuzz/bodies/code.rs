//! Whatever the bytes are: a code that decodes is canonical, none of them verifies, and
//! nobody is admitted.

use std::sync::LazyLock;

use ed25519_dalek::SigningKey;
use jiff::Timestamp;
use yanma_domain::code::{CodeHost, DecodedCode};
use yanma_domain::encounter::{Encounter, Presented, View};
use yanma_domain::evidence::{Evidence, MAX_TEXT_BYTES, read};
use yanma_domain::judge::judge;
use yanma_domain::policy::{
    CodeRules, ColourRules, FreshnessRules, IdentityRules, Policy, RetentionRules,
};
use yanma_domain::trust::{Issuer, PublicKey, Purpose, TrustList, TrustedKey, Words};
use yanma_domain::verdict::{ClockState, Decision};
use yanma_domain::{AmberName, IssuerId, KeySlot};

/// Every issuer with every slot, all one key that has signed nothing.
static TRUST: LazyLock<TrustList> = LazyLock::new(|| {
    let key = SigningKey::from_bytes(&[0x5a; 32]).verifying_key().to_bytes();
    let public = PublicKey::from_bytes(&key).expect("a signing key has a good public key");
    let from = Timestamp::UNIX_EPOCH;
    let purposes = || vec![Purpose::Codes];
    let keys = (0..16).filter_map(KeySlot::new);
    let keys: Vec<_> = keys
        .map(|slot| TrustedKey { slot, public, purposes: purposes(), from, until: None })
        .collect();
    let issuer = |id| Issuer {
        id: IssuerId(id),
        name: words(),
        amber: AmberName::Orange,
        keys: keys.clone(),
    };
    TrustList { sequence: 1, issued_at: from, issuers: (0..=255).map(issuer).collect() }
});

static VIEW: LazyLock<View> =
    LazyLock::new(|| View { trust: Some(TRUST.clone()), ..View::empty(ClockState::Trusted) });

static POLICY: LazyLock<Policy> = LazyLock::new(|| Policy {
    id: "fuzz".to_owned(),
    version: 1,
    name: words(),
    freshness: FreshnessRules {
        live_minutes: 15,
        normal_minutes: 240,
        limit_minutes: 1440,
        old_green: Decision::Admit,
    },
    code: CodeRules {
        skew_seconds: 60,
        grace_seconds: 15,
        longest_life_days: 128,
        expired: Decision::Refer,
    },
    colours: ColourRules {
        amber: Decision::Refer,
        red: Decision::Refer,
        withdrawn: Decision::Refer,
    },
    identity: IdentityRules { document_with_code: false, no_code: Decision::Refer },
    retention: RetentionRules::STANDARD,
});

fn words() -> Words {
    Words { zh: String::new(), en: String::new() }
}

/// Takes the input as the bytes of a code, and as a text.
pub(crate) fn run(data: &[u8]) {
    if let Ok(code) = DecodedCode::from_bytes(data) {
        assert_eq!(code.bytes(), data, "a code keeps its bytes");
        check_code(&code);
    }
    let text = String::from_utf8_lossy(data);
    let decoded = DecodedCode::from_text(&text);
    if let Ok(code) = &decoded {
        let (_, digits) = check_code(code);
        assert!(text.contains(&digits), "the digits of the text are the code's only digits");
    }
    let evidence = read(&text);
    if let Ok(code) = decoded
        && text.is_ascii()
        && text.len() <= MAX_TEXT_BYTES
    {
        assert_eq!(evidence, Evidence::Code(Box::new(code)), "a code is read as one");
    }
    check_evidence(evidence);
}

/// Gives the text and its digits.
fn check_code(code: &DecodedCode) -> (String, String) {
    let host = CodeHost::parse("YM.TEST").expect("a host");
    let text = code.to_text(&host);
    let digits = text.trim_start_matches("HTTPS://YM.TEST/").to_owned();
    assert_eq!(DecodedCode::from_text(&text).as_ref(), Ok(code), "the text comes back");
    let body = code.body().clone();
    let signature = code.bytes().last_chunk().expect("64 bytes of signature");
    assert_eq!(DecodedCode::new(body, *signature).as_ref(), Ok(code), "the fields come back");
    assert!(code.verify(&TRUST).is_err(), "a key that signed nothing verifies nothing");
    (text, digits)
}

fn check_evidence(evidence: Evidence) {
    let presented = vec![Presented::from_evidence(evidence, None)];
    let encounter = Encounter { presented, names: None };
    let kept = serde_json::to_string(&encounter).expect("evidence can be kept");
    let back: Encounter = serde_json::from_str(&kept).expect("and read again");
    assert_eq!(back, encounter);
    let verdict = judge(&encounter, &VIEW, &POLICY, Timestamp::UNIX_EPOCH);
    assert_ne!(verdict.decision, Decision::Admit, "nothing here has a colour");
}
