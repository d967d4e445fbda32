use super::*;
use jiff::{SignedDuration, ToSpan};
use proptest::prelude::*;

use crate::colour::Scheme;

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// Facts as `kind@day` in July 2020 at 08:00, or `kind@dayThh:mm`.
fn facts(written: &[&str]) -> Vec<Fact> {
    let read = |text: &&str| {
        let (kind, when) = text.split_once('@').unwrap();
        let (day, time) = when.split_once('T').unwrap_or((when, "08:00"));
        let occurred_at = at(&format!("2020-07-{day}T{time}:00Z"));
        Fact { kind: FactKind::from_name(kind).unwrap(), occurred_at, ends_at: None }
    };
    written.iter().map(read).collect()
}

/// Expects `colour [kinds] next-change` at `now`, by one of the built-in schemes.
#[track_caller]
fn check_by(scheme: &str, written: &[&str], now: &str, expect: &str) {
    let scheme = Scheme::open(scheme).unwrap();
    let found = scheme.evaluate(&facts(written), at(now));
    let kinds: Vec<_> = found.because.iter().map(|b| b.kind.as_str()).collect();
    let next = found.next_change.map_or("-".to_owned(), |t| t.to_string());
    let shown = format!("{:?} {} {next}", found.colour, kinds.join("+"));
    assert_eq!(shown, expect, "at {now}");
}

#[track_caller]
fn check(written: &[&str], now: &str, expect: &str) {
    check_by("fujian-2020", written, now, expect);
}

/// Expects the colours by `national-2021` on one day after another, from day 1 at 08:00,
/// each a letter: `g`, `y` or `r`.
#[track_caller]
fn check_days(written: &[&str], expect: &str) {
    let scheme = Scheme::open("national-2021").unwrap();
    let begin = at("2020-07-01T08:00:00Z");
    let facts = facts(written);
    let found: String = (0..expect.len())
        .map(|day| {
            let now = begin + SignedDuration::from_hours(24 * i64::try_from(day).unwrap());
            match scheme.evaluate(&facts, now).colour {
                Colour::Green => 'g',
                Colour::Amber => 'y',
                Colour::Red => 'r',
                Colour::Withdrawn => 'w',
            }
        })
        .collect();
    assert_eq!(found, expect, "{written:?}");
}

#[test]
fn without_facts_everybody_is_green() {
    check(&[], "2020-07-01T00:00:00Z", "Green  -");
    check(&["cleared@01"], "2020-07-02T00:00:00Z", "Green  -");
}

#[test]
fn fourteen_days_end_at_the_instant_and_not_before() {
    let until = "2020-07-15T08:00:00Z";
    let orange = format!("Amber fever-clinic {until}");
    check(&["fever-clinic@01"], "2020-07-01T08:00:00Z", &orange);
    check(&["fever-clinic@01"], "2020-07-15T07:59:59.999Z", &orange);
    check(&["fever-clinic@01"], until, "Green  -");
}

#[test]
fn a_fact_of_the_future_waits() {
    check(&["confirmed@01"], "2020-07-01T07:59:59Z", "Green  2020-07-01T08:00:00Z");
}

#[test]
fn some_facts_last_until_cleared() {
    check(&["confirmed@01"], "2021-07-01T00:00:00Z", "Amber confirmed -");
    check(
        &["confirmed@01", "cleared@20"],
        "2020-07-20T07:59:59Z",
        "Amber confirmed 2020-07-20T08:00:00Z",
    );
    check(&["confirmed@01", "cleared@20"], "2020-07-20T08:00:00Z", "Green  -");
    check(&["cleared@01", "confirmed@02"], "2020-07-03T00:00:00Z", "Amber confirmed -");
}

#[test]
fn every_fact_in_force_is_named_and_the_first_to_end_changes_next() {
    check(
        &["antipyretic@03", "close-contact@01", "sealed-compound@02"],
        "2020-07-04T00:00:00Z",
        "Amber close-contact+sealed-compound+antipyretic 2020-07-15T08:00:00Z",
    );
    check(
        &["sealed-compound@01", "fever-clinic@01", "close-contact@01", "fever-clinic@01"],
        "2020-07-04T00:00:00Z",
        "Amber fever-clinic+close-contact+sealed-compound 2020-07-15T08:00:00Z",
    );
}

#[test]
fn every_condition_of_2020_turns_a_code_orange() {
    let now = at("2020-07-01T00:00:00Z");
    let scheme = Scheme::fujian_2020().unwrap();
    let seven = [
        FactKind::FeverClinic,
        FactKind::HighIncidenceArea,
        FactKind::Confirmed,
        FactKind::Suspected,
        FactKind::CloseContact,
        FactKind::SealedCompound,
        FactKind::Antipyretic,
    ];
    // What another region says is in every scheme.
    for kind in FactKind::ALL.iter().copied().filter(|kind| !kind.is_from_home()) {
        let fact = Fact { kind, occurred_at: now - 1.hour(), ends_at: None };
        let expect = if seven.contains(&kind) { Colour::Amber } else { Colour::Green };
        assert_eq!(scheme.evaluate(&[fact], now).colour, expect, "{kind:?}");
    }
}

#[test]
fn a_close_contact_is_red_then_yellow_then_green_by_a_test_from_the_tenth_day() {
    check_days(&["close-contact@01"], "rrrrrrryyyyyyyy");
    check_days(&["close-contact@01", "test-negative@09"], "rrrrrrryyyyyyyy");
    check_days(&["close-contact@01", "test-negative@10"], "rrrrrrryyygggg");
    check_days(&["close-contact@01", "test-negative@13"], "rrrrrrryyyyygg");
    let contact = ["close-contact@01"];
    let now = "2020-07-05T00:00:00Z";
    check_by("national-2021", &contact, now, "Red close-contact 2020-07-08T08:00:00Z");
    let now = "2020-07-12T00:00:00Z";
    check_by("national-2021", &contact, now, "Amber close-contact -");
    let tested = ["close-contact@01", "test-negative@10T08:00"];
    let now = "2020-07-10T09:00:00Z";
    check_by("national-2021", &tested, now, "Amber close-contact 2020-07-11T08:00:00Z");
}

#[test]
fn entrants_turn_by_time_alone() {
    check_days(&["entrant@01"], "rrrrrrryyygg");
    check_days(&["high-incidence-area@01"], "rrrrrrryyygg");
}

#[test]
fn a_secondary_contact_is_yellow_for_seven_days_and_until_tested() {
    check_days(&["secondary-contact@01"], "yyyyyyyyyy");
    check_days(&["secondary-contact@01", "test-negative@06"], "yyyyyyyyyy");
    check_days(&["secondary-contact@01", "test-negative@07"], "yyyyyyygg");
}

#[test]
fn a_case_is_red_until_a_week_after_hospital_and_yellow_for_another() {
    check_days(&["confirmed@01"], "rrrrrrrrrrrrrrrrrrrrrrr");
    check_days(&["confirmed@01", "discharged@03"], "rrrrrrrrryyyyyyygg");
    check_days(&["test-positive@01", "discharged@03"], "rrrrrrrrryyyyyyygg");
    check_days(&["confirmed@01", "discharged@03", "cleared@04"], "rrrggg");
}

#[test]
fn two_negative_tests_a_day_apart_within_three_days_end_a_yellow() {
    for kind in
        ["fever-clinic", "cold-chain", "mid-risk-area", "investigation", "pop-up", "antipyretic"]
    {
        let fact = format!("{kind}@01");
        check_days(&[&fact], "yyyyyyyyyyyyyyyyyyyy");
        check_days(&[&fact, "test-negative@02"], "yyyyyy");
        check_days(&[&fact, "test-negative@02", "test-negative@03"], "yygg");
        check_days(&[&fact, "test-negative@02", "test-negative@03T07:59"], "yyyyy");
        check_days(&[&fact, "test-negative@02", "test-negative@05"], "yyyygg");
        check_days(&[&fact, "test-negative@02", "test-negative@05T08:01"], "yyyyyyyy");
        let three = [&*fact, "test-negative@02", "test-negative@06", "test-negative@07"];
        check_days(&three, "yyyyyygg");
        let before = ["test-negative@01T07:00", &*fact, "test-negative@02T08:00"];
        check_days(&before, "yyyyy");
    }
}

#[test]
fn a_positive_test_makes_the_negative_ones_before_it_void() {
    let facts = ["fever-clinic@01", "test-negative@02", "mixed-tube-positive@02T20:00"];
    check_days(&[facts[0], facts[1], facts[2], "test-negative@03"], "yyyyyy");
    check_days(&[facts[0], facts[1], facts[2], "test-negative@03", "test-negative@04"], "yyygg");
    let together = ["fever-clinic@01", "test-negative@02", "test-positive@02", "cleared@02T09:00"];
    check_days(&together, "yrg");
}

#[test]
fn a_pooled_sample_counts_for_twelve_hours() {
    let pooled = ["mixed-tube-positive@01"];
    let until = "2020-07-01T20:00:00Z";
    let now = "2020-07-01T19:59:59.999Z";
    let yellow = format!("Amber mixed-tube-positive {until}");
    check_by("national-2021", &pooled, now, &yellow);
    check_by("national-2021", &pooled, until, "Green  -");
}

#[test]
fn the_reason_of_a_lesser_colour_is_told_once_the_worse_one_is_over() {
    let facts = ["entrant@01", "sealed-compound@02"];
    let now = "2020-07-03T00:00:00Z";
    check_by("national-2021", &facts, now, "Red entrant 2020-07-08T08:00:00Z");
    let now = "2020-07-09T00:00:00Z";
    let both = "Amber entrant+sealed-compound 2020-07-11T08:00:00Z";
    check_by("national-2021", &facts, now, both);
    let found = Scheme::open("national-2021").unwrap().evaluate(&self::facts(&facts), at(now));
    assert_eq!(found.because[0].reason.zh, "入境人员");
    assert_eq!(found.because[0].until, Some(at("2020-07-11T08:00:00Z")));
    assert_eq!(found.because[1].until, None);
}

#[test]
fn the_colour_at_home_counts_until_its_own_end_and_no_scheme_forgets_it() {
    let (begin, end) = (at("2020-07-01T08:00:00Z"), at("2020-07-04T08:00:00Z"));
    let home = |kind| Fact { kind, occurred_at: begin, ends_at: Some(end) };
    for (scheme, kind, colour) in [
        ("fujian-2020", FactKind::HomeAmber, Colour::Amber),
        ("fujian-2020", FactKind::HomeRed, Colour::Amber),
        ("national-2021", FactKind::HomeAmber, Colour::Amber),
        ("national-2021", FactKind::HomeRed, Colour::Red),
    ] {
        let scheme = Scheme::open(scheme).unwrap();
        let found = scheme.evaluate(&[home(kind)], begin);
        assert_eq!((found.colour, found.next_change), (colour, Some(end)), "{kind:?}");
        assert_eq!(found.because[0].until, Some(end));
        let before = end - 1.millisecond();
        assert_eq!(scheme.evaluate(&[home(kind)], before).colour, colour);
        assert_eq!(scheme.evaluate(&[home(kind)], end).colour, Colour::Green);
        // A clerk's clearance ends it as it ends everything before it.
        let cleared = Fact { kind: FactKind::Cleared, occurred_at: begin, ends_at: None };
        assert_eq!(scheme.evaluate(&[home(kind), cleared], begin).colour, Colour::Green);
    }
    // The rule's own end comes first when it is earlier.
    let fact = Fact { kind: FactKind::FeverClinic, occurred_at: begin, ends_at: Some(end) };
    let scheme = Scheme::open("fujian-2020").unwrap();
    assert_eq!(scheme.evaluate(&[fact], begin).because[0].until, Some(end));
    let fact = Fact { ends_at: Some(begin + (24 * 30).hours()), ..fact };
    assert_eq!(scheme.evaluate(&[fact], begin).because[0].until, Some(begin + (24 * 14).hours()));
}

#[test]
fn two_of_one_kind_and_instant_are_told_in_one_order() {
    let scheme = Scheme::open("national-2021").unwrap();
    let begin = at("2020-07-06T00:00:00Z");
    let reported = Fact { kind: FactKind::MidRiskArea, occurred_at: begin, ends_at: None };
    let ending = Fact { ends_at: Some(begin + SignedDuration::from_hours(200)), ..reported };
    let told = scheme.evaluate(&[reported, ending], begin);
    assert_eq!(told, scheme.evaluate(&[ending, reported], begin));
    assert_eq!(told.because.len(), 2);
    assert_eq!(told.because[0].until, ending.ends_at, "what ends first is told first");
}

/// Facts of one month in steps of six hours, so that many meet at one instant.
fn any_facts() -> impl Strategy<Value = Vec<Fact>> {
    let begin = at("2020-07-01T00:00:00Z");
    let end = prop::option::weighted(0.2, 0i64..200);
    let fact = (0..FactKind::ALL.len(), 0i64..120, end).prop_map(move |(kind, step, end)| Fact {
        kind: FactKind::ALL[kind],
        occurred_at: begin + SignedDuration::from_hours(6 * step),
        ends_at: end.map(|end| begin + SignedDuration::from_hours(6 * end)),
    });
    prop::collection::vec(fact, 0..8)
}

proptest! {
    #[test]
    fn the_answer_lasts_until_the_very_instant_at_which_it_is_said_to_change(
        facts in any_facts(),
        hour in 0i64..1500,
        scheme in prop::sample::select(vec!["fujian-2020", "national-2021"]),
    ) {
        let scheme = Scheme::open(scheme).unwrap();
        let now = at("2020-07-01T00:00:00Z") + SignedDuration::from_hours(hour);
        let found = scheme.evaluate(&facts, now);
        let answer = |instant| {
            let found = scheme.evaluate(&facts, instant);
            (found.colour, found.because)
        };
        let same = (found.colour, found.because.clone());
        match found.next_change {
            Some(next) => {
                prop_assert!(next > now);
                prop_assert_eq!(answer(next - 1.millisecond()), same.clone());
                prop_assert_ne!(answer(next), same.clone());
                let middle = now + next.duration_since(now) / 2;
                prop_assert_eq!(answer(middle), same);
            }
            None => {
                for days in [1, 10, 100, 1000] {
                    prop_assert_eq!(answer(now + SignedDuration::from_hours(24 * days)), same.clone());
                }
            }
        }
    }

    #[test]
    fn the_order_of_the_facts_does_not_matter(facts in any_facts(), hour in 0i64..1500) {
        let scheme = Scheme::open("national-2021").unwrap();
        let now = at("2020-07-01T00:00:00Z") + SignedDuration::from_hours(hour);
        let mut other = facts.clone();
        other.reverse();
        prop_assert_eq!(scheme.evaluate(&facts, now), scheme.evaluate(&other, now));
    }
}
