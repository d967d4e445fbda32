//! Arbitrary codes, encounters and views, in a world so small that its parts meet: two
//! issuers and a stranger, three holders, three documents.

use std::sync::LazyLock;

use ed25519_dalek::{Signer, SigningKey};
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use yanma_domain::code::{CodeBody, CodeError, DecodedCode, Lifetime, Profile};
use yanma_domain::document::{DocumentHash, DocumentType, OtherDocument};
use yanma_domain::encounter::{
    ColourFact, DocumentFact, Encounter, Marks, Presented, PresentedDocument, Source, View,
};
use yanma_domain::evidence::Unknown;
use yanma_domain::name::{HolderName, MaskedName};
use yanma_domain::name_match::NameMatch;
use yanma_domain::policy::{
    CodeRules, ColourRules, FreshnessRules, IdentityRules, Policy, RetentionRules,
};
use yanma_domain::trust::{Issuer, PublicKey, Purpose, TrustList, TrustedKey, Words};
use yanma_domain::verdict::{ClockState, Decision, FeedPosition};
use yanma_domain::{AmberName, Colour, IssuerId, KeyId, KeySlot, StatusIndex};

/// How far clocks may be apart under every policy of this world.
pub(crate) const SKEW_SECONDS: i64 = 60;

pub(crate) static NOW: LazyLock<Timestamp> =
    LazyLock::new(|| "2020-07-01T08:00:00Z".parse().expect("an instant"));

pub(crate) static KEY: LazyLock<SigningKey> = LazyLock::new(|| SigningKey::from_bytes(&[1; 32]));

pub(crate) fn ago(seconds: i64) -> Timestamp {
    *NOW - SignedDuration::from_secs(seconds)
}

pub(crate) fn sign(body: CodeBody) -> DecodedCode {
    let input = body.signing_input().expect("a time that fits");
    DecodedCode::new(body, KEY.sign(&input).to_bytes()).expect("a time that fits")
}

pub(crate) fn words() -> Words {
    Words { zh: "甲".to_owned(), en: "A".to_owned() }
}

/// A trust list with one key for these issuers and slots.
pub(crate) fn trust(issuers: impl Iterator<Item = u8>, slots: std::ops::Range<u8>) -> TrustList {
    let public = PublicKey::from_bytes(&KEY.verifying_key().to_bytes()).expect("a good key");
    let key = |slot| TrustedKey {
        slot,
        public,
        purposes: vec![Purpose::Codes],
        from: Timestamp::UNIX_EPOCH,
        until: None,
    };
    let keys: Vec<_> = slots.filter_map(KeySlot::new).map(key).collect();
    let issuer = |id| Issuer {
        id: IssuerId(id),
        name: words(),
        amber: if id == 0 { AmberName::Yellow } else { AmberName::Orange },
        keys: keys.clone(),
    };
    TrustList { sequence: 1, issued_at: ago(600), issuers: issuers.map(issuer).collect() }
}

pub(crate) fn colour() -> impl Strategy<Value = Colour> {
    prop_oneof![8 => Just(Colour::Green), 3 => proptest::sample::select(&Colour::ALL[1..])]
}

pub(crate) fn masked_name() -> impl Strategy<Value = MaskedName> {
    let made = "\\PC{1,12}".prop_filter_map("a name", |text| HolderName::parse(&text).ok());
    prop_oneof![
        made.prop_map(|name| name.mask()),
        "\\PC{1,9}".prop_filter_map("a masked name", |text| MaskedName::parse(&text).ok()),
        "[!-~]{1,9}".prop_filter_map("letters", |text| MaskedName::parse(&text).ok()),
    ]
}

/// Any body that version 1 can carry.
pub(crate) fn body() -> impl Strategy<Value = CodeBody> {
    let key = (any::<u8>(), 0_u8..16);
    let claims = (0_u8..4, 1_u8..=10, any::<u32>(), 1_u8..=255);
    (key, claims, any::<u32>(), any::<[u8; 8]>(), masked_name()).prop_map(
        |((issuer, slot), (colour, document, seconds, lifetime), index, hash, name)| CodeBody {
            key: KeyId { issuer: IssuerId(issuer), slot: KeySlot::new(slot).expect("four bits") },
            profile: Profile::Ed25519,
            colour: Colour::from_bits(colour),
            document_type: DocumentType::from_code(document).expect("1 to 10"),
            issued_at: Timestamp::from_second(1_577_836_800 + i64::from(seconds))
                .expect("before 2157"),
            lifetime: Lifetime::from_byte(lifetime).expect("not zero"),
            index: StatusIndex(index),
            document: DocumentHash::from_bytes(hash),
            name,
        },
    )
}

/// The age of a code in seconds, mostly a good one.
fn code_age() -> impl Strategy<Value = i64> {
    prop_oneof![5 => 0_i64..60, 1 => -70_i64..100, 1 => 0_i64..200_000]
}

/// The age of data in seconds, mostly a good one.
fn data_age() -> impl Strategy<Value = i64> {
    prop_oneof![4 => 0_i64..900, 2 => -70_i64..100, 1 => 0_i64..100_000]
}

fn issuer() -> impl Strategy<Value = IssuerId> {
    prop_oneof![8 => Just(IssuerId::FUJIAN), 2 => Just(IssuerId::NATIONAL), 1 => Just(IssuerId(44))]
}

fn index() -> impl Strategy<Value = StatusIndex> {
    prop_oneof![4 => Just(0), 1 => 1_u32..3].prop_map(StatusIndex)
}

/// A document of the world: its kind and its hash belong together.
fn document() -> impl Strategy<Value = (DocumentType, DocumentHash)> {
    prop_oneof![4 => Just(0_u64), 1 => 1_u64..3].prop_map(|number| {
        let kind =
            if number == 2 { DocumentType::ChinesePassport } else { DocumentType::ResidentId };
        (kind, DocumentHash::from_u64(number))
    })
}

/// A code of this world, signed or (rarely) not.
fn code() -> impl Strategy<Value = DecodedCode> {
    let lifetime = prop_oneof![Just(1_u8), Just(128), Just(130)];
    let forged = prop_oneof![9 => Just(false), 1 => Just(true)];
    let claims = (issuer(), index(), document(), colour());
    (claims, code_age(), lifetime, forged).prop_map(
        |((issuer, index, (document_type, document), colour), age, lifetime, forged)| {
            let body = CodeBody {
                key: KeyId { issuer, slot: KeySlot::CODES },
                profile: Profile::Ed25519,
                colour,
                document_type,
                issued_at: ago(age),
                lifetime: Lifetime::from_byte(lifetime).expect("not zero"),
                index,
                document,
                name: MaskedName::parse("张*明").expect("a masked name"),
            };
            if forged {
                DecodedCode::new(body, [7; 64]).expect("a time that fits")
            } else {
                sign(body)
            }
        },
    )
}

fn card() -> impl Strategy<Value = PresentedDocument> {
    let hashed = prop_oneof![9 => Just(true), 1 => Just(false)];
    let flags = (any::<bool>(), any::<bool>());
    (document(), hashed, flags).prop_map(|((document_type, hash), hashed, (old_number, bare))| {
        PresentedDocument {
            document_type,
            hash: hashed.then_some(hash),
            earlier: Vec::new(),
            masked: "****".to_owned(),
            name: None,
            old_number,
            bare,
            marks: Marks::default(),
        }
    })
}

/// Something beside the point.
pub(crate) fn bad_scan() -> impl Strategy<Value = Presented> {
    let unknown = Unknown { bytes: 3, hash: "00".to_owned() };
    proptest::sample::select(vec![
        Presented::BrokenCode(CodeError::Incomplete),
        Presented::BrokenCode(CodeError::Version(2)),
        Presented::AmbiguousNumber,
        Presented::BrokenNumber { document_type: DocumentType::ResidentId, check_digit: true },
        Presented::OtherSystem("EU DCC".to_owned()),
        Presented::OtherDocument { document: OtherDocument::Visa, name: None },
        Presented::BoardingPass {
            name: MaskedName::parse("Z***N").expect("five bytes"),
            flights: Vec::new(),
        },
        Presented::Damaged { check_digit: true },
        Presented::Damaged { check_digit: false },
        Presented::Place,
        Presented::Unknown(unknown),
    ])
}

pub(crate) fn encounter() -> impl Strategy<Value = Encounter> {
    let presented = prop_oneof![
        5 => code().prop_map(|code| Presented::Code(Box::new(code))),
        4 => card().prop_map(Presented::Document),
        1 => bad_scan(),
    ]
    .boxed();
    let count = prop_oneof![1 => Just(0_usize), 8 => Just(1), 6 => Just(2), 4 => 3_usize..5];
    let presented =
        count.prop_flat_map(move |count| proptest::collection::vec(presented.clone(), count));
    let names = proptest::option::of(proptest::sample::select(vec![
        NameMatch::Same,
        NameMatch::Different,
        NameMatch::CannotTell,
    ]));
    (presented, names).prop_map(|(presented, names)| Encounter { presented, names })
}

fn source() -> impl Strategy<Value = Source> {
    let position = FeedPosition { epoch: 1, sequence: 7 };
    proptest::sample::select(vec![Source::Feed(position), Source::Authority(position)])
}

pub(crate) fn colour_fact() -> impl Strategy<Value = ColourFact> {
    let known = prop_oneof![9 => colour().prop_map(Some), 1 => Just(None)];
    (issuer(), index(), known, source(), data_age()).prop_map(
        |(issuer, index, colour, source, age)| ColourFact {
            issuer,
            index,
            colour,
            source,
            as_of: ago(age),
        },
    )
}

fn document_fact() -> impl Strategy<Value = DocumentFact> {
    let holder = prop_oneof![4 => (issuer(), index()).prop_map(Some), 1 => Just(None)];
    (document(), holder, source(), data_age()).prop_map(|((_, hash), holder, source, age)| {
        DocumentFact { hash, holder, source, as_of: ago(age) }
    })
}

pub(crate) fn view() -> impl Strategy<Value = View> {
    let clock = prop_oneof![
        8 => Just(ClockState::Trusted),
        1 => Just(ClockState::Unconfirmed),
        1 => Just(ClockState::SetBack),
    ];
    let known = prop_oneof![9 => Just(true), 1 => Just(false)];
    // The first holder and the first document are mostly known.
    let colours = proptest::collection::vec(colour_fact(), 0..5);
    let first = proptest::option::weighted(0.8, colour_fact()).prop_map(|fact| {
        fact.map(|fact| ColourFact { issuer: IssuerId::FUJIAN, index: StatusIndex(0), ..fact })
    });
    let colours =
        (first, colours).prop_map(|(first, more)| first.into_iter().chain(more).collect());
    let documents = proptest::collection::vec(document_fact(), 0..4);
    let first = proptest::option::weighted(0.7, document_fact()).prop_map(|fact| {
        let holder = Some((IssuerId::FUJIAN, StatusIndex(0)));
        fact.map(|fact| DocumentFact { hash: DocumentHash::from_u64(0), holder, ..fact })
    });
    let documents =
        (first, documents).prop_map(|(first, more)| first.into_iter().chain(more).collect());
    (clock, known, colours, documents).prop_map(|(clock, known, colours, documents)| View {
        clock,
        trust: known.then(|| trust([35, 0].into_iter(), 1..2)),
        colours,
        documents,
        hashed: None,
    })
}

/// Any policy that passes [`Policy::check`] and is no milder to a worse colour.
pub(crate) fn policy() -> impl Strategy<Value = Policy> {
    let no = || proptest::sample::select(vec![Decision::Refer, Decision::Refuse]);
    let old_green = proptest::sample::select(vec![Decision::Admit, Decision::Refer]);
    let days = proptest::sample::select(vec![1_u32, 128]);
    let document = prop_oneof![3 => Just(false), 1 => Just(true)];
    (old_green, days, no(), [no(), no(), no()], document, no()).prop_map(
        |(old_green, longest_life_days, expired, mut colours, document_with_code, no_code)| {
            colours.sort();
            let [amber, red, withdrawn] = colours;
            Policy {
                id: "world".to_owned(),
                version: 1,
                name: words(),
                freshness: FreshnessRules {
                    live_minutes: 15,
                    normal_minutes: 240,
                    limit_minutes: 1440,
                    old_green,
                },
                code: CodeRules {
                    skew_seconds: SKEW_SECONDS as u32,
                    grace_seconds: 15,
                    longest_life_days,
                    expired,
                },
                colours: ColourRules { amber, red, withdrawn },
                identity: IdentityRules { document_with_code, no_code },
                retention: RetentionRules::STANDARD,
            }
        },
    )
}

/// Any policy at all, also one that [`Policy::check`] refuses.
pub(crate) fn bad_policy() -> impl Strategy<Value = Policy> {
    let any = || proptest::sample::select(vec![Decision::Admit, Decision::Refer, Decision::Refuse]);
    (policy(), [any(), any(), any(), any(), any(), any()]).prop_map(|(mut policy, decisions)| {
        let [amber, red, withdrawn, expired, no_code, old_green] = decisions;
        policy.colours = ColourRules { amber, red, withdrawn };
        policy.code.expired = expired;
        policy.identity.no_code = no_code;
        policy.freshness.old_green = old_green;
        policy
    })
}
