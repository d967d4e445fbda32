//! Two processes on one database under uploads, shows and facts, while each of them is killed
//! in its turn, the one that publishes first.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use reqwest::{Client, StatusCode};
use serde_json::{Value, json};
use yanma_authority::Clock;
use yanma_domain::{Colour, StatusIndex};

use crate::crash::{Pace, Server as Process, program};
use crate::feeds::Desk;
use crate::place;
use crate::processes::PUBLISHERS;
use crate::world::{entry, id, until};

const LIMIT: Duration = Duration::from_secs(30);

/// How long the load lasts before, between and after the two kills.
const WHILE: Duration = Duration::from_millis(1_500);

/// Ids of facts begin here, so that they are no entries'.
const FACTS: u32 = 1_000_000;

/// Where the two processes listen now, and whether the load goes on.
#[derive(Clone)]
struct Load {
    urls: Arc<Mutex<[String; 2]>>,
    /// How quickly the database took what was sent, by the address it was sent to.
    paces: Arc<Mutex<BTreeMap<String, Pace>>>,
    ends: Arc<AtomicBool>,
    client: Client,
}

impl Load {
    fn url(&self, turn: usize) -> String {
        self.urls.lock().unwrap()[turn % 2].clone()
    }

    fn goes_on(&self) -> bool {
        !self.ends.load(Ordering::SeqCst)
    }

    /// Sends the same again, to the one and the other, until one of them has answered 200.
    async fn send_until_taken(&self, path: &str, token: &str, body: &Value, first: usize) -> Value {
        for turn in first.. {
            let (url, sent) = (self.url(turn), Instant::now());
            let request = self.client.post(format!("{url}{path}"));
            let Ok(answer) = request.bearer_auth(token).json(body).send().await else {
                tokio::time::sleep(Duration::from_millis(20)).await;
                continue;
            };
            let status = answer.status();
            let Ok(body) = answer.json::<Value>().await else { continue };
            match status {
                StatusCode::OK => {
                    self.paces.lock().unwrap().entry(url).or_insert_with(Pace::new).taken(sent);
                    return body;
                }
                StatusCode::SERVICE_UNAVAILABLE => {
                    tokio::time::sleep(Duration::from_millis(20)).await;
                }
                other => panic!("{path} {other}: {body}"),
            }
        }
        unreachable!()
    }

    /// Uploads entry after entry; returns the last parts of the ids that were acknowledged.
    async fn upload(self, token: String, station: String, first: u32) -> Vec<u32> {
        let mut taken = Vec::new();
        for nth in 0.. {
            if !self.goes_on() {
                return taken;
            }
            let tail = first + nth;
            let body = json!({"entries": [entry(&station, tail)]});
            let answer = self.send_until_taken("/v1/entries", &token, &body, tail as usize).await;
            let outcome = answer["results"][0]["outcome"].as_str().unwrap();
            assert!(["accepted", "duplicate"].contains(&outcome), "{answer}");
            taken.push(tail);
        }
        taken
    }

    /// Reports that the holders are ill and well again; returns the ids that were taken.
    async fn report(self, token: String, people: Vec<Value>) -> Vec<u32> {
        let mut taken = Vec::new();
        for nth in 0.. {
            // It ends with everybody ill.
            let is_ill = nth % 2 == 0;
            if !self.goes_on() && is_ill && nth > 0 {
                return taken;
            }
            let first = FACTS + nth * 100;
            let now = Clock::system().now();
            let facts: Vec<_> = (first..)
                .zip(&people)
                .map(|(tail, person)| {
                    json!({"id": id(tail), "document_type": person["document_type"],
                        "number": person["number"], "occurred_at": now,
                        "kind": if is_ill { "confirmed" } else { "cleared" }})
                })
                .collect();
            let body = json!({"facts": facts});
            let answer = self.send_until_taken("/v1/facts", &token, &body, nth as usize).await;
            for (tail, result) in (first..).zip(answer["results"].as_array().unwrap()) {
                assert_ne!(result["outcome"], "rejected", "{result}");
                taken.push(tail);
            }
        }
        taken
    }

    /// Shows a code; counts what was asked for, and says who answered when.
    async fn show(self, person: Value) -> (u32, Vec<(String, Instant)>) {
        let browser = Client::builder().cookie_store(true).build().unwrap();
        let login = json!({"phone": person["phone"], "password": person["password"]});
        let url = format!("{}/v1/accounts/login", self.url(0));
        assert_eq!(browser.post(url).json(&login).send().await.unwrap().status(), 200);
        let (mut asked, mut shown) = (0, Vec::new());
        for turn in 0.. {
            if !self.goes_on() {
                break;
            }
            // Cookies go to the address, whatever the port.
            let url = self.url(turn);
            let request = browser.post(format!("{url}/v1/shows"));
            asked += 1;
            match request.json(&json!({})).send().await.map(|answer| answer.status()) {
                Ok(StatusCode::OK) => shown.push((url, Instant::now())),
                // One holder may show so often only; who is refused has shown nothing.
                Ok(StatusCode::TOO_MANY_REQUESTS) => {
                    asked -= 1;
                    tokio::time::sleep(Duration::from_millis(100)).await;
                }
                _ => tokio::time::sleep(Duration::from_millis(20)).await,
            }
        }
        (asked, shown)
    }

    /// Reads the head at the one and the other; it never goes back. Returns how many there
    /// were.
    async fn watch(self, desk: Arc<Desk>, heads: Arc<AtomicU32>) {
        let mut last = desk.head().await;
        for turn in 0.. {
            if !self.goes_on() {
                return;
            }
            let asked = self.client.get(format!("{}/v1/feeds/head", self.url(turn))).send().await;
            let Ok(answer) = asked else { continue };
            if answer.status() != StatusCode::OK {
                continue;
            }
            let Ok(bytes) = answer.bytes().await else { continue };
            let head = desk.open_head(&bytes);
            if head.mark() != last.mark() {
                head.check_after(&last.mark()).unwrap();
                last = head;
                heads.fetch_add(1, Ordering::SeqCst);
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn under_load_each_of_two_is_killed_and_nothing_is_lost_or_twice() {
    drop(rustls::crypto::ring::default_provider().install_default());
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let made = program(folder).args(["simulate", "--holders", "32"]).status();
    assert!(made.unwrap().success());
    let demo = std::fs::read_to_string(folder.join("demo.json")).unwrap();
    let demo: Value = serde_json::from_str(&demo).unwrap();
    let publishes = || place::ask(folder, PUBLISHERS) == "1";
    let first = Process::start(folder);
    until(LIMIT, async || publishes()).await;
    // Whoever comes second stands ready.
    let second = Process::start(folder);

    let client = Client::new();
    let code = &demo["enrolment_codes"][0]["enrolment_code"];
    let enrol = json!({"enrolment_code": code, "station_name": "desk"});
    let enrolled = client.post(format!("{}/v1/stations/enrol", first.url)).json(&enrol);
    let enrolled: Value = enrolled.send().await.unwrap().json().await.unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let (token, station) = (text(&enrolled["token"]), text(&enrolled["station"]));
    let department = text(&demo["department_token"]);
    let green = |person: &&Value| person["label"] == "adult, green";
    let people: Vec<Value> =
        demo["holders"].as_array().unwrap().iter().filter(green).take(6).cloned().collect();
    let ask = |sql: &str| place::ask(folder, sql);
    let before: u32 = ask("SELECT coalesce(sum(shown_count), 0) FROM holders").parse().unwrap();

    let load = Load {
        urls: Arc::new(Mutex::new([first.url.clone(), second.url.clone()])),
        paces: Arc::default(),
        ends: Arc::default(),
        client,
    };
    let heads = Arc::new(AtomicU32::new(0));
    let desk = Arc::new(Desk::of(&first.url, &enrolled).await);
    let uploads: Vec<_> = (0..3)
        .map(|task| {
            let first = 1 + task * 100_000;
            tokio::spawn(load.clone().upload(token.clone(), station.clone(), first))
        })
        .collect();
    let shows: Vec<_> =
        people.iter().map(|person| tokio::spawn(load.clone().show(person.clone()))).collect();
    let facts = tokio::spawn(load.clone().report(department, people.clone()));
    let watch = tokio::spawn(load.clone().watch(Arc::clone(&desk), Arc::clone(&heads)));
    let grows = async |what: &str| {
        let before = heads.load(Ordering::SeqCst);
        until(LIMIT, async || heads.load(Ordering::SeqCst) > before).await;
        assert!(publishes(), "{what}: one publishes");
    };

    tokio::time::sleep(WHILE).await;
    grows("before").await;
    let mut killed = BTreeMap::from([(first.url.clone(), Instant::now())]);
    tokio::task::spawn_blocking(|| first.kill()).await.unwrap();
    // The other takes over while the load goes on, and another one stands ready.
    until(LIMIT, async || publishes()).await;
    grows("after the first").await;
    let third = Process::start(folder);
    load.urls.lock().unwrap()[0] = third.url.clone();
    tokio::time::sleep(WHILE).await;
    killed.insert(second.url.clone(), Instant::now());
    tokio::task::spawn_blocking(|| second.kill()).await.unwrap();
    until(LIMIT, async || publishes()).await;
    grows("after the second").await;
    load.urls.lock().unwrap()[1] = third.url.clone();
    tokio::time::sleep(WHILE).await;
    load.ends.store(true, Ordering::SeqCst);

    let mut taken = Vec::new();
    for upload in uploads {
        let own = upload.await.unwrap();
        assert!(own.len() > 30, "only {} entries were taken", own.len());
        taken.extend(own);
    }
    let reported = facts.await.unwrap();
    watch.await.unwrap();
    let (mut asked, mut shown) = (0, Vec::new());
    for show in shows {
        let (of_asked, of_shown) = show.await.unwrap();
        asked += of_asked;
        shown.extend(of_shown);
    }

    // Every id that was acknowledged is there, once, and no other one is.
    for (table, taken) in [("entries", &taken), ("facts", &reported)] {
        let sql = format!(
            "SELECT encode(id, 'hex') FROM {table} WHERE encode(id, 'hex') LIKE '017300000000%'"
        );
        let found = ask(&sql);
        let rows: Vec<&str> = found.lines().collect();
        let there: BTreeSet<String> = rows.iter().map(|row| (*row).to_owned()).collect();
        assert_eq!(rows.len(), there.len(), "{table}: twice");
        let want: BTreeSet<String> = taken.iter().map(|tail| id(*tail).replace('-', "")).collect();
        assert_eq!(there, want, "{table}");
    }
    let per_entry = ask("SELECT count(*) FROM entries");
    let tallied = ask("SELECT sum(count) FROM tallies WHERE figure = 'admit'");
    assert_eq!(per_entry, tallied, "each is in the figures once");

    // Shows: none counts twice; a kill may take those of its last second with it.
    assert!(shown.len() > 100, "only {} shows", shown.len());
    let paces = load.paces.lock().unwrap().clone();
    let is_sure = |(url, at): &&(String, Instant)| {
        killed.get(url).is_none_or(|killed| *at <= paces[url].counted_up_to(*killed))
    };
    let sure = u32::try_from(shown.iter().filter(is_sure).count()).unwrap();
    assert!(sure > 50, "only {sure} of {} shows long before a kill", shown.len());
    let counted = || -> u32 {
        let sum: u32 = ask("SELECT sum(shown_count) FROM holders").parse().unwrap();
        sum - before
    };
    until(LIMIT, async || counted() >= sure).await;
    assert!(counted() <= asked, "{} counted of {asked} that were asked for", counted());
    let figure = ask("SELECT (SELECT total FROM show_total) + sum(count) FROM shown_by_day");
    assert_eq!(figure, ask("SELECT sum(shown_count) FROM holders"), "the figure is their sum");

    // What is published in the end is what the database says of everybody.
    let desk = Desk::of(&third.url, &enrolled).await;
    let colours = || -> BTreeMap<StatusIndex, Colour> {
        let found = ask(
            "SELECT status_index, CASE WHEN withdrawn_at IS NULL THEN colour ELSE 3 END FROM holders",
        );
        let read = |line: &str| {
            let (index, colour) = line.split_once('|').unwrap();
            (StatusIndex(index.parse().unwrap()), Colour::from_bits(colour.parse().unwrap()))
        };
        found.lines().map(read).collect()
    };
    until(LIMIT, async || {
        let list = desk.follow(&desk.head().await, None).await;
        colours().iter().all(|(index, colour)| list.list.get(*index) == Some(*colour))
    })
    .await;
    third.kill();
}
