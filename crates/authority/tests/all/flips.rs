//! Thousands of holders whose colours change within one publishing period.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use yanma_authority::colour::Scheme;
use yanma_domain::{Colour, StatusIndex};
use yanma_protocol::head::Head;
use yanma_protocol::status_file::StatusSnapshot;

use crate::feeds::Desk;
use crate::place;
use crate::world::{World, fact};

const HOLDERS: u32 = 6_000;
const FLIPS: usize = 5_000;

/// Facts of one batch, as many as may be.
const BATCH: usize = 1_000;

/// `Settings::publish_seconds` of the tests.
const PERIOD: Duration = Duration::from_secs(60);

/// A change in a file, at most: two bits of colour belong to one of three sets of gaps, and
/// here a gap is a few bits. In a list of a province it is 13 (see the tests of `feeds`).
const BITS_OF_A_FLIP: u64 = 8;

/// Holders who are green: index and number.
fn green(world: &World) -> Vec<(StatusIndex, String)> {
    let sql = format!(
        "SELECT status_index, number FROM holders JOIN persons ON persons.id = person
         WHERE document_type = 1 AND colour = 0 ORDER BY number LIMIT {FLIPS}"
    );
    let found = place::ask(world.folder(), &sql);
    let read = |line: &str| {
        let (index, number) = line.split_once('|').unwrap();
        (StatusIndex(index.parse().unwrap()), number.to_owned())
    };
    found.lines().map(read).collect()
}

/// Reports a fact about each, in batches, all at once.
async fn report(world: &World, people: &[(StatusIndex, String)], fact_of: impl Fn(usize) -> Value) {
    let facts: Vec<Value> = (0..people.len()).map(fact_of).collect();
    let batches = facts.chunks(BATCH).map(|facts| {
        let (url, token) = (format!("{}/v1/facts", world.url), world.department.clone());
        let body = json!({"facts": facts}).to_string();
        let client = world.nobody().client;
        tokio::spawn(async move {
            let request = client.post(url).bearer_auth(token);
            let request = request.header("content-type", "application/json").body(body);
            let answer: Value = request.send().await.unwrap().json().await.unwrap();
            let results = answer["results"].as_array().unwrap();
            assert!(results.iter().all(|result| result["outcome"] == "accepted"), "{answer}");
            results.len()
        })
    });
    let mut taken = 0;
    for batch in batches.collect::<Vec<_>>() {
        taken += batch.await.unwrap();
    }
    assert_eq!(taken, people.len());
}

/// Follows the feed until it says `expect` of everybody, within one period. Returns the list,
/// and how many publications it took.
async fn settle(
    desk: &Desk,
    before: &StatusSnapshot,
    expect: &BTreeMap<StatusIndex, Colour>,
) -> (StatusSnapshot, u32) {
    let begun = Instant::now();
    loop {
        let head = desk.head().await;
        let list = desk.follow(&head, Some(before.clone())).await;
        let mut wrong =
            expect.iter().filter(|(index, colour)| list.list.get(**index) != Some(**colour));
        match wrong.next() {
            None => {
                check_size(&head, before, expect.len());
                return (list, head.feeds.status.sequence - before.position.sequence);
            }
            Some(first) => {
                let left = wrong.count() + 1;
                assert!(begun.elapsed() < PERIOD, "{left} are not right, such as {first:?}");
            }
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// A desk that was there before fetches no more than the changes.
fn check_size(head: &Head, before: &StatusSnapshot, flips: usize) {
    let way = head.feeds.status.route(Some(before.position)).unwrap();
    let bytes: u64 = way.iter().map(|file| file.bytes).sum();
    // Heading, roots and signature of each file.
    let most = 250 * way.len() as u64 + flips as u64 * BITS_OF_A_FLIP / 8;
    assert!(bytes <= most.min(10_000), "{bytes} bytes for {flips} flips in {} files", way.len());
}

/// Whoever else was green is. (People of the fill who were not have facts of their own.)
fn check_others(
    before: &StatusSnapshot,
    after: &StatusSnapshot,
    flipped: &BTreeMap<StatusIndex, Colour>,
) {
    let is_other = |index: &StatusIndex| {
        !flipped.contains_key(index) && before.list.get(*index) == Some(Colour::Green)
    };
    for index in (0..before.list.len()).map(StatusIndex).filter(is_other) {
        assert_eq!(after.list.get(index), Some(Colour::Green), "{index:?}");
    }
}

async fn colours(world: &World) -> Value {
    let days = world.with_token(&world.clerk).get("/v1/statistics/days?days=1").await;
    days.expect(200)["colours"].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn five_thousand_flips_are_out_within_one_period_and_end_together() {
    let mut world = World::with(|settings| {
        settings.scheme = Some(Scheme::open("national-2021").unwrap());
    })
    .await;
    world.fill(HOLDERS).await;
    let people = green(&world);
    assert_eq!(people.len(), FLIPS);
    let desk = Desk::new(&world).await;
    let head = desk.head().await;
    let before = desk.follow(&head, None).await;
    let first_colours = colours(&world).await;

    // One in three red, the rest yellow, all at the same time.
    let at: Timestamp = world.now() - SignedDuration::from_hours(1);
    let is_red = |nth: usize| nth.is_multiple_of(3);
    report(&world, &people, |nth| {
        let kind = if is_red(nth) { "entrant" } else { "mixed-tube-positive" };
        fact(&people[nth].1, kind, at, u32::try_from(nth).unwrap())
    })
    .await;
    let by = |colour: &dyn Fn(usize) -> Colour| -> BTreeMap<StatusIndex, Colour> {
        people.iter().enumerate().map(|(nth, (index, _))| (*index, colour(nth))).collect()
    };
    let flipped = by(&|nth| if is_red(nth) { Colour::Red } else { Colour::Amber });
    let (list, publications) = settle(&desk, &before, &flipped).await;
    check_others(&before, &list, &flipped);
    // What comes while it is gathered goes out together: a few files, not one for each batch.
    assert!(publications <= 6, "{publications} publications");
    let red = people.len().div_ceil(3) as u64;
    let of = |colours: &Value, colour: &str| colours[colour].as_u64().unwrap();
    let now = colours(&world).await;
    assert_eq!(of(&now, "red"), of(&first_colours, "red") + red);
    assert_eq!(of(&now, "amber"), of(&first_colours, "amber") + FLIPS as u64 - red);

    // Yellow for 12 hours: nothing ends a moment before, and then all end together.
    let end = at + SignedDuration::from_hours(12);
    world.pass(end.duration_since(world.now()) - SignedDuration::from_secs(30));
    let (early, _) = settle(&desk, &list, &flipped).await;
    check_others(&list, &early, &flipped);
    world.pass(SignedDuration::from_secs(31));
    let ended = by(&|nth| if is_red(nth) { Colour::Red } else { Colour::Green });
    let (list, publications) = settle(&desk, &list, &ended).await;
    assert!(publications <= 6, "{publications} publications");
    assert_eq!(of(&colours(&world).await, "red"), of(&now, "red"));

    // Red for 7 days, then yellow for 3: those change together too, and nobody has to ask.
    world.pass(SignedDuration::from_hours(7 * 24 - 12));
    let ended = by(&|nth| if is_red(nth) { Colour::Amber } else { Colour::Green });
    settle(&desk, &list, &ended).await;
    drop(desk);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn five_thousand_facts_expire_together() {
    let mut world = World::new().await;
    world.fill(HOLDERS).await;
    let people = green(&world);
    let desk = Desk::new(&world).await;
    let before = desk.follow(&desk.head().await, None).await;
    let at = world.now() - SignedDuration::from_hours(24);
    report(&world, &people, |nth| {
        fact(&people[nth].1, "antipyretic", at, u32::try_from(nth).unwrap())
    })
    .await;
    let all = |colour| people.iter().map(|(index, _)| (*index, colour)).collect();
    let (list, _) = settle(&desk, &before, &all(Colour::Amber)).await;
    let end = at + SignedDuration::from_hours(14 * 24);
    world.pass(end.duration_since(world.now()));
    let begun = Instant::now();
    let green = all(Colour::Green);
    let (after, publications) = settle(&desk, &list, &green).await;
    assert!(begun.elapsed() < PERIOD);
    assert!(publications <= 6, "{publications} publications");
    // Those of the fill had facts of their own, of which some end on the same day.
    let worse = |index: &StatusIndex| after.list.get(*index) > list.list.get(*index);
    assert_eq!((0..after.list.len()).map(StatusIndex).filter(worse).count(), 0);
    drop(desk);
    world.stop().await;
}
