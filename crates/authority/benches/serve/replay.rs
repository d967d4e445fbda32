//! A day of the province, faster: shows, entries, facts and claims, and where they went. The lists
//! are published meanwhile, and read at the end as a desk reads them.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use jiff::Timestamp;
use yanma_authority::Clock;

use crate::load::{CONNECTIONS, Connection, Request};
use crate::province::{Province, RELATIVES, STATIONS, memory, mixed, station, uuid};
use crate::published;

/// Shows of a day, and as many entries: whoever shows a code is let in or not.
const SHOWS: f64 = 900_000.0;

/// Of a day's traffic, in thousandths, what each hour sees.
const HOURS: [u32; 24] =
    [4, 2, 1, 1, 2, 10, 40, 85, 95, 70, 55, 60, 70, 55, 50, 55, 65, 85, 75, 50, 35, 20, 10, 5];

/// Facts of a day, each of which turns a code: two thousand an hour.
const FACTS: f64 = 48_000.0;

/// Facts in one report.
const REPORT: u64 = 50;

/// Codes that are claimed in a day.
const CLAIMS: f64 = RELATIVES as f64;

/// A desk uploads when it has gathered as many entries.
const UPLOAD: u64 = 20;

#[derive(Default)]
struct Tally {
    shown: AtomicU64,
    accepted: AtomicU64,
    reported: AtomicU64,
    claimed: AtomicU64,
    refused: AtomicU64,
    latest_ms: AtomicU64,
}

impl Tally {
    /// Counts an answer that was not the wanted one, and shows the first.
    fn refuse(&self, status: u16, answer: &[u8]) {
        if self.refused.fetch_add(1, Ordering::SeqCst) == 0 {
            println!("  refused: {status} {}", String::from_utf8_lossy(answer));
        }
    }
}

enum Work {
    Show(usize),
    Upload { station: usize, first: u64, count: u64 },
    Send { request: Request, count: u64, kind: Kind },
}

/// What a request that is sent as it is does.
#[derive(Clone, Copy)]
enum Kind {
    Facts,
    Claim,
}

pub(crate) fn replay(province: &Province, speed: f64, fraction: f64) {
    let day = Day::new(province, fraction);
    let length = Duration::from_secs_f64(86_400.0 * fraction / speed);
    println!(
        "replay: {} shows and entries of {STATIONS} desks, {} facts and {} claims in {length:.0?}",
        day.shows, day.facts, day.claims
    );
    let shown = province.shown();
    let before = [ENTRIES, HOLDERS, AMBER, REPORTED].map(|sql| province.count(sql));
    let tally = Arc::new(Tally::default());
    let begun = Instant::now();
    let watched = province.callers().block_on(async {
        let over = Arc::new(AtomicU64::new(0));
        let watching = tokio::spawn(published::watch(province.address(), Arc::clone(&over)));
        play(province, &day, length, fraction, &tally).await;
        over.store(1, Ordering::SeqCst);
        watching.await.unwrap()
    });
    let took = begun.elapsed();
    std::thread::sleep(Duration::from_secs(2));
    let of = |count: &AtomicU64| count.load(Ordering::SeqCst);
    let shown = province.shown() - shown;
    let after = [ENTRIES, HOLDERS, AMBER, REPORTED].map(|sql| province.count(sql));
    let mut more = after.iter().zip(before).map(|(after, before)| after - before);
    let [kept, holders, amber, reported] = std::array::from_fn(|_| more.next().unwrap());
    let ids = province.count("SELECT count(DISTINCT id) AS n FROM entries") - before[0];
    println!("  took {took:.1?}; at most {} ms behind the clock", of(&tally.latest_ms));
    println!("  {} shows acknowledged, {shown} counted", of(&tally.shown));
    println!("  {} entries acknowledged, {kept} kept, {ids} ids", of(&tally.accepted));
    println!("  {} facts acknowledged, {reported} kept, {amber} codes turned", of(&tally.reported));
    println!("  {} claims acknowledged, {holders} codes made", of(&tally.claimed));
    println!("  {watched}");
    let published = province.callers().block_on(published::amber(province));
    println!("  {published} codes are amber in the published list, {} in the database", after[2]);
    println!("  {} requests refused; {}", of(&tally.refused), memory());
    assert_eq!(of(&tally.refused), 0);
    assert_eq!((of(&tally.shown), of(&tally.accepted)), (shown, kept), "lost, or twice");
    assert_eq!((of(&tally.reported), of(&tally.claimed)), (reported, holders), "lost, or twice");
    assert_eq!((kept, amber), (ids, reported));
    assert_eq!(published, after[2], "what was published last is what is stored");
}

const ENTRIES: &str = "SELECT count(*) AS n FROM entries";
const HOLDERS: &str = "SELECT count(*) AS n FROM holders";
const AMBER: &str = "SELECT count(*) AS n FROM holders WHERE colour = 1";
const REPORTED: &str = "SELECT count(*) AS n FROM facts";

/// What there is to do in the whole replay.
struct Day {
    shows: u64,
    facts: u64,
    claims: u64,
    /// When the facts happened.
    at: Timestamp,
}

impl Day {
    fn new(province: &Province, fraction: f64) -> Self {
        Self {
            shows: (SHOWS * fraction) as u64,
            facts: ((FACTS * fraction) as u64).min(province.reportable()) / REPORT * REPORT,
            claims: (CLAIMS * fraction) as u64,
            at: Clock::system().now(),
        }
    }
}

/// Puts work into a queue when its time has come; the connections take it from there.
async fn play(province: &Province, day: &Day, length: Duration, fraction: f64, tally: &Arc<Tally>) {
    let queue: Arc<Mutex<VecDeque<(Instant, Work)>>> = Arc::default();
    let over = Arc::new(AtomicU64::new(0));
    let shows: Arc<[Request]> = province.show_requests().into();
    let mut workers = Vec::new();
    for _ in 0..CONNECTIONS {
        let mut connection = Connection::open(province.address()).await;
        let (queue, over, tally) = (Arc::clone(&queue), Arc::clone(&over), Arc::clone(tally));
        let shows = Arc::clone(&shows);
        workers.push(tokio::spawn(async move {
            loop {
                let next = queue.lock().unwrap().pop_front();
                let Some((due, work)) = next else {
                    if over.load(Ordering::SeqCst) > 0 {
                        return;
                    }
                    tokio::time::sleep(Duration::from_millis(1)).await;
                    continue;
                };
                let behind = u64::try_from(due.elapsed().as_millis()).unwrap();
                tally.latest_ms.fetch_max(behind, Ordering::SeqCst);
                carry_out(&mut connection, &shows, work, &tally).await;
            }
        }));
    }
    // What each desk has gathered: a day has thousands of entries for few desks and few for
    // most, so that the busiest upload every second.
    let mut gathered = vec![0u64; STATIONS];
    let (mut made, mut reported, mut claimed) = (0, 0, 0);
    let begun = Instant::now();
    let mut told = 0;
    let events = day.shows;
    while made < events {
        tokio::time::sleep(Duration::from_millis(2)).await;
        let time = begun.elapsed().as_secs_f64() / length.as_secs_f64();
        let part = (through(time * fraction) / through(fraction)).min(1.0);
        let until = (part * events as f64) as u64;
        let now = Instant::now();
        let mut queue = queue.lock().unwrap();
        while reported + REPORT <= (part * day.facts as f64) as u64 {
            let request = province.facts(reported, REPORT, day.at);
            queue.push_back((now, Work::Send { request, count: REPORT, kind: Kind::Facts }));
            reported += REPORT;
        }
        while claimed < (part * day.claims as f64) as u64 {
            let request = province.claim(claimed as u32);
            queue.push_back((now, Work::Send { request, count: 1, kind: Kind::Claim }));
            claimed += 1;
        }
        while made < until.min(events) {
            let dice = mixed(made);
            queue.push_back((now, Work::Show((dice % shows.len() as u64) as usize)));
            let place = (dice >> 32) as f64 / f64::from(u32::MAX);
            let desk = ((place * place * STATIONS as f64) as usize).min(STATIONS - 1);
            gathered[desk] += 1;
            if gathered[desk] == UPLOAD {
                let first = made * 2 * UPLOAD;
                queue.push_back((now, Work::Upload { station: desk, first, count: UPLOAD }));
                gathered[desk] = 0;
            }
            made += 1;
        }
        if made * 10 / events > told {
            told = made * 10 / events;
            println!("  {} %: {} in the queue, {}", told * 10, queue.len(), memory());
        }
    }
    for (desk, count) in gathered.into_iter().enumerate().filter(|(_, count)| *count > 0) {
        let first = (events + desk as u64) * 2 * UPLOAD;
        let work = Work::Upload { station: desk, first, count };
        queue.lock().unwrap().push_back((Instant::now(), work));
    }
    over.store(1, Ordering::SeqCst);
    for worker in workers {
        worker.await.unwrap();
    }
}

/// Which part of a day's traffic has come after a part of the day.
fn through(day: f64) -> f64 {
    let hours = day.clamp(0.0, 1.0) * 24.0;
    let whole = hours as usize;
    let before: u32 = HOURS.iter().take(whole).sum();
    let within = HOURS.get(whole).copied().unwrap_or(0);
    f64::from(before) + f64::from(within) * hours.fract()
}

async fn carry_out(connection: &mut Connection, shows: &[Request], work: Work, tally: &Tally) {
    match work {
        Work::Show(at) => match connection.ask(&shows[at]).await {
            (200, _) => drop(tally.shown.fetch_add(1, Ordering::SeqCst)),
            (status, answer) => tally.refuse(status, answer),
        },
        Work::Send { request, count, kind } => {
            let (status, answer) = connection.ask(&request).await;
            let accepted = String::from_utf8_lossy(answer).matches(r#""accepted""#).count() as u64;
            match (kind, status) {
                (Kind::Facts, 200) if accepted == count => {
                    tally.reported.fetch_add(count, Ordering::SeqCst);
                }
                (Kind::Claim, 201) => drop(tally.claimed.fetch_add(1, Ordering::SeqCst)),
                _ => tally.refuse(status, answer),
            }
        }
        Work::Upload { station: desk, first, count } => {
            let entries: Vec<_> =
                (first..first + count).map(|n| entry(&station(desk), n)).collect();
            let body = format!(r#"{{"entries":[{}]}}"#, entries.join(","));
            let token = Province::station_token(desk);
            let request = Request::post("/v1/entries", Some(&token), None, &body);
            let (status, answer) = connection.ask(&request).await;
            let text = String::from_utf8_lossy(answer);
            let accepted = text.matches(r#""accepted""#).count() as u64;
            if status == 200 && accepted == count {
                tally.accepted.fetch_add(accepted, Ordering::SeqCst);
            } else {
                tally.refuse(status, answer);
            }
        }
    }
}

fn entry(station: &str, n: u64) -> String {
    let id = uuid(n);
    let index = mixed(n) % 200_000;
    format!(
        r#"{{"id":"{id}","station":"{station}","at":"2020-07-01T08:00:01Z","scene":"hospital","decision":"admit","reasons":[],"colour":"green","subject":{{"issuer":35,"index":{index}}},"method":["code"],"action":"none","basis":{{"online":true,"status_epoch":1,"status_sequence":1,"age_seconds":3,"policy":"hospital/1"}}}}"#
    )
}
