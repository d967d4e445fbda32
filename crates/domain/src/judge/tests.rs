//! The judge, by tables: one line a case, both sides of every boundary.

use ed25519_dalek::{Signer, SigningKey};
use jiff::{SignedDuration, Timestamp};

use super::judge;
use crate::code::{CodeBody, DecodedCode, Lifetime, Profile};
use crate::colour::{AmberName, Colour};
use crate::document::{DirectoryKey, DocumentNumber, DocumentType};
use crate::encounter::{ColourFact, DocumentFact, Encounter, Presented, Source, View};
use crate::evidence::{Evidence, read};
use crate::ids::{IssuerId, KeyId, KeySlot, StatusIndex};
use crate::name::{HolderName, MaskedName};
use crate::policy::{
    CodeRules, ColourRules, FreshnessRules, IdentityRules, Policy, RetentionRules,
};
use crate::trust::{Issuer, PublicKey, Purpose, TrustList, TrustedKey, Words};
use crate::verdict::{ClockState, Decision, FeedPosition};

mod certificates;
mod chips;
mod hashed;
mod names;
mod national;
mod unsigned;

const INDEX: StatusIndex = StatusIndex(41);
const ANNA: &str = "11010519491231002X";
const BERT: &str = "350100190001010012";

fn now() -> Timestamp {
    "2020-07-01T08:00:00Z".parse().unwrap()
}

fn ago(seconds: i64) -> Timestamp {
    now() - SignedDuration::from_secs(seconds)
}

fn key() -> SigningKey {
    SigningKey::from_bytes(&[1; 32])
}

fn directory_key() -> DirectoryKey {
    DirectoryKey::from_bytes([9; 32])
}

fn resident(number: &str) -> DocumentNumber {
    DocumentNumber::parse(DocumentType::ResidentId, number).unwrap()
}

fn words(text: &str) -> Words {
    Words { zh: text.to_owned(), en: text.to_owned() }
}

fn trust() -> TrustList {
    let public = PublicKey::from_bytes(&key().verifying_key().to_bytes()).unwrap();
    TrustList {
        sequence: 1,
        issued_at: ago(600),
        issuers: vec![Issuer {
            id: IssuerId::FUJIAN,
            name: words("Fujian"),
            amber: AmberName::Orange,
            keys: vec![TrustedKey {
                slot: KeySlot::CODES,
                public,
                purposes: vec![Purpose::Codes],
                from: ago(86_400 * 400),
                until: None,
            }],
        }],
    }
}

fn policy() -> Policy {
    Policy {
        id: "general".to_owned(),
        version: 1,
        name: words("General"),
        freshness: FreshnessRules {
            live_minutes: 15,
            normal_minutes: 240,
            limit_minutes: 1440,
            old_green: Decision::Refer,
        },
        code: CodeRules {
            skew_seconds: 60,
            grace_seconds: 15,
            longest_life_days: 128,
            expired: Decision::Refuse,
        },
        colours: ColourRules {
            amber: Decision::Refuse,
            red: Decision::Refuse,
            withdrawn: Decision::Refuse,
        },
        identity: IdentityRules { document_with_code: false, no_code: Decision::Refer },
        retention: RetentionRules::STANDARD,
    }
}

/// One case: everything as on a good day, to be changed in one respect.
struct Case {
    body: CodeBody,
    sign_with: SigningKey,
    cards: Vec<&'static str>,
    show_code: bool,
    beside: Vec<&'static str>,
    view: View,
    policy: Policy,
}

fn good_day() -> Case {
    let body = CodeBody {
        key: KeyId { issuer: IssuerId::FUJIAN, slot: KeySlot::CODES },
        profile: Profile::Ed25519,
        colour: Colour::Green,
        document_type: DocumentType::ResidentId,
        issued_at: ago(10),
        lifetime: Lifetime::PHONE,
        index: INDEX,
        document: directory_key().hash(&resident(ANNA)),
        name: MaskedName::parse("张*明").unwrap(),
    };
    let source = Source::Feed(FeedPosition { epoch: 1, sequence: 7 });
    let view = View {
        clock: ClockState::Trusted,
        trust: Some(trust()),
        colours: vec![ColourFact {
            issuer: IssuerId::FUJIAN,
            index: INDEX,
            colour: Some(Colour::Green),
            source,
            as_of: ago(60),
        }],
        documents: vec![
            DocumentFact {
                hash: directory_key().hash(&resident(ANNA)),
                holder: Some((IssuerId::FUJIAN, INDEX)),
                source,
                as_of: ago(60),
            },
            DocumentFact {
                hash: directory_key().hash(&resident(BERT)),
                holder: None,
                source,
                as_of: ago(60),
            },
        ],
        hashed: None,
    };
    Case {
        body,
        sign_with: key(),
        cards: vec![],
        show_code: true,
        beside: vec![],
        view,
        policy: policy(),
    }
}

/// Judges the good day with one thing changed; expects a decision and the reasons' codes,
/// gravest first.
#[track_caller]
fn check(why: &str, change: impl FnOnce(&mut Case), decision: Decision, reasons: &[&str]) {
    let mut case = good_day();
    change(&mut case);
    let mut presented = Vec::new();
    if case.show_code {
        let signature = case.sign_with.sign(&case.body.signing_input().unwrap()).to_bytes();
        let code = DecodedCode::new(case.body, signature).unwrap();
        presented.push(Presented::Code(Box::new(code)));
    }
    for text in case.cards.iter().chain(&case.beside) {
        presented.push(Presented::from_evidence(read(text), Some(&directory_key())));
    }
    let verdict = judge(&Encounter { presented, names: None }, &case.view, &case.policy, now());
    let codes: Vec<_> = verdict.reasons().iter().map(|reason| reason.code()).collect();
    assert_eq!((verdict.decision, codes.as_slice()), (decision, reasons), "{why}");
}

use Decision::{Admit, Refer, Refuse};

#[test]
fn green_is_admitted_by_code_and_by_card() {
    check("a green code", |_| {}, Admit, &[]);
    check("a green card alone", |c| (c.show_code, c.cards) = (false, vec![ANNA]), Admit, &[]);
    check("code and card of one person", |c| c.cards = vec![ANNA], Admit, &[]);
    check(
        "the 15-digit number of the same person",
        |c| (c.show_code, c.cards) = (false, vec!["110105491231002"]),
        Admit,
        &["N-OLD"],
    );
}

#[test]
fn nothing_presented_admits_nobody() {
    check("nothing at all", |c| c.show_code = false, Refer, &[]);
}

#[test]
fn each_bad_code_has_its_own_reason() {
    check("forged", |c| c.sign_with = SigningKey::from_bytes(&[2; 32]), Refuse, &["S-SIG"]);
    check("foreign issuer", |c| c.body.key.issuer = IssuerId(44), Refer, &["S-ISS"]);
    check("unknown key", |c| c.body.key.slot = KeySlot::FEEDS, Refer, &["S-KEY"]);
    check("no trust list", |c| c.view.trust = None, Refer, &["D-TRUST"]);
    check(
        "key not for codes",
        |c| trust_key(c).purposes = vec![Purpose::Feeds],
        Refuse,
        &["S-KDT"],
    );
    check("key no longer in force", |c| trust_key(c).until = Some(ago(10)), Refuse, &["S-KDT"]);
    check("key still in force", |c| trust_key(c).until = Some(ago(9)), Admit, &[]);
}

fn trust_key(case: &mut Case) -> &mut TrustedKey {
    &mut case.view.trust.as_mut().unwrap().issuers[0].keys[0]
}

#[test]
fn a_code_lives_as_long_as_it_says_and_the_grace() {
    for (age, decision, reasons) in [
        (-61, Refer, &["S-FUT"][..]),
        (-60, Admit, &[]),
        (0, Admit, &[]),
        (60, Admit, &[]),
        (74, Admit, &[]),
        (75, Refuse, &["S-EXP"]),
    ] {
        check(&format!("{age} s old"), |c| c.body.issued_at = ago(age), decision, reasons);
    }
    let two_days = Lifetime::days(2).unwrap();
    check(
        "paper that lives longer than allowed",
        |c| (c.body.lifetime, c.policy.code.longest_life_days) = (two_days, 1),
        Refuse,
        &["S-LIFE"],
    );
    check(
        "paper as long as allowed",
        |c| (c.body.lifetime, c.policy.code.longest_life_days) = (two_days, 2),
        Admit,
        &[],
    );
}

#[test]
fn a_card_answers_for_an_expired_code_and_a_number_alone_leaves_it_to_a_person() {
    let expired = |beside| {
        let mut case = good_day();
        case.body.issued_at = ago(900);
        let signature = key().sign(&case.body.signing_input().unwrap()).to_bytes();
        let code = Presented::Code(Box::new(DecodedCode::new(case.body, signature).unwrap()));
        let beside = Presented::from_evidence(beside, Some(&directory_key()));
        let encounter = Encounter { presented: vec![code, beside], names: None };
        let verdict = judge(&encounter, &case.view, &case.policy, now());
        let codes: Vec<_> = verdict.reasons().iter().map(|reason| reason.code()).collect();
        (verdict.decision, codes)
    };
    let name = HolderName::parse("张三明").unwrap();
    let card = Evidence::NamedDocument(resident(ANNA), name);
    assert_eq!(expired(card), (Admit, vec!["S-EXP"]), "the card of the same person");
    assert_eq!(expired(read(ANNA)), (Refer, vec!["S-EXP"]), "their number, typed or drawn");
}

#[test]
fn the_list_has_the_last_word_on_colour() {
    for (colour, reason) in
        [(Colour::Amber, "C-ORA"), (Colour::Red, "C-RED"), (Colour::Withdrawn, "C-WDR")]
    {
        let listed = move |c: &mut Case| c.view.colours[0].colour = Some(colour);
        check("listed as bad", listed, Refuse, &[reason]);
    }
    check(
        "yellow where the scheme says yellow",
        |c| {
            c.view.trust.as_mut().unwrap().issuers[0].amber = AmberName::Yellow;
            c.view.colours[0].colour = Some(Colour::Amber);
        },
        Refuse,
        &["C-YEL"],
    );
    check(
        "green again since the code was signed",
        |c| (c.body.colour, c.body.issued_at) = (Colour::Amber, ago(61)),
        Admit,
        &[],
    );
    check(
        "orange since the list was issued",
        |c| (c.body.colour, c.body.issued_at) = (Colour::Amber, ago(59)),
        Refuse,
        &["C-ORA"],
    );
    check("past the list's end", |c| c.view.colours[0].colour = None, Refer, &["C-UNK"]);
    check("no list", |c| c.view.colours.clear(), Refer, &["C-ONL"]);
    check(
        "no list, and orange at issue",
        |c| {
            c.view.colours.clear();
            c.body.colour = Colour::Amber;
        },
        Refuse,
        &["C-ORA"],
    );
}

#[test]
fn the_age_of_the_data_is_part_of_the_verdict() {
    let aged = |minutes: i64| move |c: &mut Case| c.view.colours[0].as_of = ago(minutes * 60);
    check("four hours", aged(240), Admit, &[]);
    check("past four hours", aged(241), Refer, &["D-OLD"]);
    check("a day", aged(1440), Refer, &["D-OLD"]);
    check("past a day", aged(1441), Refer, &["D-STALE"]);
    check(
        "past four hours where the scene admits",
        |c| {
            aged(241)(c);
            c.policy.freshness.old_green = Admit;
        },
        Admit,
        &["D-OLD"],
    );
    check(
        "orange never expires by age",
        |c| {
            aged(14_400)(c);
            c.view.colours[0].colour = Some(Colour::Amber);
        },
        Refuse,
        &["C-ORA"],
    );
    check("a clock set back", |c| c.view.clock = ClockState::SetBack, Refer, &["T-CLK"]);
    check("data from the future", aged(-2), Refer, &["T-CLK"]);
}

#[test]
fn code_and_card_must_be_one_person() {
    check("somebody else's card", |c| c.cards = vec![BERT], Refuse, &["I-MIS", "N-NONE"]);
    check(
        "a card of another kind, which cannot be compared",
        |c| c.cards = vec!["810000199408230021"],
        Refer,
        &["N-DIR"],
    );
    check(
        "the scene wants the card too",
        |c| c.policy.identity.document_with_code = true,
        Refer,
        &["I-REQ"],
    );
    check(
        "two cards",
        |c| (c.show_code, c.cards) = (false, vec![ANNA, BERT]),
        Refer,
        &["N-NONE", "I-TWO"],
    );
}

#[test]
fn a_card_without_code_or_directory_is_referred() {
    check("no code", |c| (c.show_code, c.cards) = (false, vec![BERT]), Refer, &["N-NONE"]);
    check(
        "no directory",
        |c| {
            (c.show_code, c.cards) = (false, vec![ANNA]);
            c.view.documents.clear();
        },
        Refer,
        &["N-DIR"],
    );
}

#[test]
fn a_bad_scan_never_blocks_a_good_one() {
    for (text, reason) in [
        ("HTTPS://YM.TEST/1234", "F-PART"),
        ("hello", "F-UNK"),
        ("https://gate.test/qrcode/traffic/?QR=1", "F-PLACE"),
        ("HC1:NCFOXN", "F-READ"),
        ("shc:/56762909", "F-READ"),
        ("shc:/1/2/56762909", "X-PART"),
        ("https://s.sh.gov.cn/1642941877644", "F-OTHER"),
        ("110105194912310021", "N-CHK"),
    ] {
        check(text, |c| (c.show_code, c.beside) = (false, vec![text]), Refer, &[reason]);
        check(text, |c| c.beside = vec![text], Admit, &[reason]);
    }
}

/// Nobody is let in, and nobody refused, by a code of several people of whom nobody has said who
/// is here; a code of one of them beside it counts.
#[test]
fn a_familys_code_alone_is_nobodys() {
    let digits = |index| {
        let body = CodeBody { index: StatusIndex(index), ..good_day().body };
        DecodedCode::new(body, [7; 64]).unwrap().digits()
    };
    let family: &str = format!("HTTPS://YM.TEST/{}/{}", digits(41), digits(42)).leak();
    check("a family", |c| (c.show_code, c.beside) = (false, vec![family]), Refer, &["F-FAM"]);
    check("and a code", |c| c.beside = vec![family], Admit, &["F-FAM"]);
}

#[test]
fn the_authoritys_newer_word_counts() {
    let online = |colour, seconds| ColourFact {
        issuer: IssuerId::FUJIAN,
        index: INDEX,
        colour: Some(colour),
        source: Source::Authority(FeedPosition { epoch: 1, sequence: 8 }),
        as_of: ago(seconds),
    };
    check(
        "orange since the list",
        |c| c.view.colours.push(online(Colour::Amber, 0)),
        Refuse,
        &["C-ORA"],
    );
    check(
        "an old list, confirmed online",
        |c| {
            c.view.colours[0].as_of = ago(86_400 * 3);
            c.view.colours.push(online(Colour::Green, 0));
        },
        Admit,
        &[],
    );
}

#[test]
fn the_order_of_showing_changes_nothing() {
    let code = good_day();
    let amber = |c: &mut Case| (c.body.colour, c.body.issued_at) = (Colour::Amber, ago(59));
    let presented = |change: &dyn Fn(&mut Case)| {
        let mut case = good_day();
        change(&mut case);
        let signature = key().sign(&case.body.signing_input().unwrap()).to_bytes();
        Presented::Code(Box::new(DecodedCode::new(case.body, signature).unwrap()))
    };
    let card = Presented::from_evidence(read(ANNA), Some(&directory_key()));
    let earlier = presented(&|c| c.body.issued_at = ago(60));
    let later = presented(&amber);
    for (why, presented) in [
        ("an orange code, then the card", vec![later.clone(), card.clone()]),
        ("the card, then an orange code", vec![card, later.clone()]),
        ("a green code, then a later orange one", vec![earlier.clone(), later.clone()]),
        ("an orange code, then an earlier green one", vec![later, earlier]),
    ] {
        let verdict = judge(&Encounter { presented, names: None }, &code.view, &code.policy, now());
        assert_eq!(verdict.decision, Refuse, "{why}");
    }
}

#[test]
fn of_list_and_newer_code_the_worse_counts() {
    check(
        "withdrawn in the list, orange when the code was signed",
        |c| {
            c.view.colours[0].colour = Some(Colour::Withdrawn);
            (c.body.colour, c.body.issued_at) = (Colour::Amber, ago(59));
        },
        Refuse,
        &["C-WDR"],
    );
    check(
        "orange when signed, and past the end of a later list",
        |c| {
            c.view.colours[0].colour = None;
            (c.body.colour, c.body.issued_at) = (Colour::Amber, ago(61));
        },
        Refuse,
        &["C-ORA"],
    );
}

#[test]
fn code_and_card_of_one_person_need_no_directory() {
    let no_directory = |c: &mut Case| {
        c.cards = vec![ANNA];
        c.view.documents.clear();
    };
    check("the hash in the code is the card's", no_directory, Admit, &["N-DIR"]);
    check(
        "claimed since the directory was made",
        |c| (c.cards, c.view.documents[0].holder) = (vec![ANNA], None),
        Admit,
        &["N-NONE"],
    );
    check(
        "and a second card, of somebody else",
        |c| {
            no_directory(c);
            c.cards.push(BERT);
        },
        Refer,
        &["N-DIR", "I-TWO"],
    );
}

#[test]
fn the_hashes_of_two_issuers_are_not_compared() {
    check(
        "one person may have codes of two provinces",
        |c| {
            c.cards = vec![ANNA];
            let other = Some((IssuerId::NATIONAL, INDEX));
            c.view.documents[0].holder = other;
            c.body.document = directory_key().hash(&resident(BERT));
            let mut colour = c.view.colours[0].clone();
            colour.issuer = IssuerId::NATIONAL;
            c.view.colours.push(colour);
        },
        Refer,
        &["I-TWO"],
    );
}

#[test]
fn other_systems_long_numbers_are_not_parts_of_ours() {
    let smart_health_card = format!("shc:/{}", "5676290952432060".repeat(70));
    let place = format!("https://gate.test/qrcode/traffic/?QR={}", "1234567890".repeat(4));
    for (text, reason) in [
        (smart_health_card.as_str(), "F-READ"),
        ("https://s.sh.gov.cn/1642941877644", "F-OTHER"),
        (place.as_str(), "F-PLACE"),
    ] {
        let case = good_day();
        let presented = vec![Presented::from_evidence(read(text), None)];
        let verdict = judge(&Encounter { presented, names: None }, &case.view, &case.policy, now());
        let codes: Vec<_> = verdict.reasons().iter().map(|reason| reason.code()).collect();
        assert_eq!(codes, [reason], "{text}");
    }
}
