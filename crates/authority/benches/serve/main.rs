//! The server under load, over real sockets on this machine.
//!
//! `cargo bench -p yanma-authority --bench serve -- verify show` loads a province and asks
//! with 64 connections. Verifications are asked about by code and by document, by `POST` and
//! by `GET`, while every one of them is recorded durably, and stand beside the same server
//! answering a constant of the same size; shows stand beside signing alone. `replay` plays a day
//! of the province, 100 times as fast, and looks afterwards whether everything that was
//! acknowledged is there once.
//!
//! - `--holders 20710000` loads the whole province (200,000 without it);
//! - `--database postgres://…` takes an empty PostgreSQL instead of a SQLite file;
//! - `--seconds 5` is the length of a round, `--rounds 3` their number;
//! - `--speed 100` and `--fraction 1.0` are the replay's.
//!
//! Load and server share the machine's cores, so what is compared is measured in turns.
#![expect(clippy::unwrap_used, reason = "a bench that cannot run has nothing to say")]
#![expect(clippy::print_stdout, reason = "it prints figures, which criterion does not")]

mod load;
mod province;
mod published;
mod replay;

use std::hint::black_box;
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Bytes;
use axum::http::header::CONTENT_TYPE;
use axum::routing::get;
use ed25519_dalek::{Signer, SigningKey};
use mimalloc::MiMalloc;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use yanma_authority::http;

use crate::load::{CONNECTIONS, Load, Request};
use crate::province::Province;

const CONSTANT_PATH: &str = "/bench/constant";

/// As in the program itself.
#[global_allocator]
static MEMORY: MiMalloc = MiMalloc;

/// What was asked for on the command line.
struct Plan {
    verify: bool,
    show: bool,
    replay: bool,
    holders: u32,
    database: Option<String>,
    round: Duration,
    rounds: usize,
    speed: f64,
    fraction: f64,
}

fn plan() -> Plan {
    let words: Vec<_> = std::env::args().collect();
    let has = |word: &str| words.iter().any(|given| given == word);
    let value = |name: &str| {
        let at = words.iter().position(|word| word == name)?;
        words.get(at + 1).cloned()
    };
    let number = |name: &str, usual: f64| value(name).map_or(usual, |text| text.parse().unwrap());
    let none = !has("verify") && !has("show") && !has("replay");
    Plan {
        verify: none || has("verify"),
        show: none || has("show"),
        replay: has("replay"),
        holders: number("--holders", 200_000.0) as u32,
        database: value("--database"),
        round: Duration::from_secs_f64(number("--seconds", 5.0)),
        rounds: number("--rounds", 3.0) as usize,
        speed: number("--speed", 100.0),
        fraction: number("--fraction", 1.0),
    }
}

fn main() {
    let plan = plan();
    // reqwest, which follows other issuers, is built without a provider of its own.
    drop(rustls::crypto::ring::default_provider().install_default());
    let province = Province::load(plan.holders, plan.database.as_deref(), |router| {
        router.merge(http::layered(
            Router::new().route(CONSTANT_PATH, get(constant).post(constant)).with_state(()),
        ))
    });
    if plan.verify {
        verify(&province, &plan);
    }
    if plan.show {
        show(&province, &plan);
    }
    if plan.replay {
        replay::replay(&province, plan.speed, plan.fraction);
    }
    province.stop();
}

/// Answers as many bytes as the request's address asks for, without looking at its body.
async fn constant(
    uri: axum::http::Uri,
    _body: Bytes,
) -> ([(axum::http::HeaderName, &'static str); 1], String) {
    let size = uri.query().and_then(|query| query.split('&').next()?.parse().ok()).unwrap_or(0);
    ([(CONTENT_TYPE, "application/json")], format!("\"{}\"", "x".repeat(size - 2)))
}

fn verify(province: &Province, plan: &Plan) {
    let codes = province.codes();
    println!("verify, {CONNECTIONS} connections, {} holders loaded:", plan.holders);
    let before = province.count(RECORDED);
    let mut asked = 0;
    let hash = |at: usize| province.document_hash(at);
    let code = |at: usize| &codes[at % codes.len()];
    let posted = |path: &str, item: String, token: &str| {
        Request::post(path, Some(token), None, &format!(r#"{{"items":[{item}]}}"#))
    };
    // Each asks the address that it is given with `?` or `&` at its end.
    type Ask<'a> = &'a dyn Fn(&str, usize, &str) -> Request;
    let by_document: Ask<'_> = &|path, at, token| {
        let hash = hash(at);
        let item = format!(
            r#"{{"document":{{"document_type":"resident-id","hash":"{hash}","basis":"epidemic-control"}}}}"#
        );
        posted(path, item, token)
    };
    let by_code: Ask<'_> =
        &|path, at, token| posted(path, format!(r#"{{"code":"{}"}}"#, code(at)), token);
    let get_document: Ask<'_> = &|path, at, token| {
        let query = format!("document_type=resident-id&hash={}&basis=epidemic-control", hash(at));
        Request::get(&format!("{path}{query}"), Some(token))
    };
    let get_code: Ask<'_> = &|path, at, token| {
        let code = utf8_percent_encode(code(at), NON_ALPHANUMERIC);
        Request::get(&format!("{path}code={code}"), Some(token))
    };
    for (what, ask) in [
        ("by document", by_document),
        ("by code", by_code),
        ("by document, GET", get_document),
        ("by code, GET", get_code),
    ] {
        let all = |path: &str| -> Vec<Request> {
            let request = |at| ask(path, at, &Province::station_token(at % CONNECTIONS));
            (0..codes.len()).map(request).collect()
        };
        let requests = all("/v1/verify?");
        let size = province.answer_bytes(&requests[0]);
        asked += 1;
        let same = all(&format!("{CONSTANT_PATH}?{size}&"));
        let (mut ours, mut theirs) = (Load::default(), Load::default());
        // A round of each that is not counted, then in turns.
        theirs_and_ours(province, &same, &requests, plan.round / 5, &mut asked);
        for _ in 0..plan.rounds {
            let (constant, verified) =
                theirs_and_ours(province, &same, &requests, plan.round, &mut asked);
            theirs.add(constant);
            ours.add(verified);
        }
        println!("  constant of {size} bytes: {theirs}");
        println!("  {what}: {ours}");
        println!("  ratio: {:.2}", ours.rate() / theirs.rate());
    }
    let begun = Instant::now();
    let recorded = || province.count(RECORDED) - before;
    while recorded() < asked {
        assert!(begun.elapsed() < Duration::from_secs(60), "{} of {asked}", recorded());
        std::thread::sleep(Duration::from_millis(5));
    }
    println!("  {} verifications recorded, the last {:?} after it", recorded(), begun.elapsed());
    assert_eq!(recorded(), asked, "a verification was recorded twice");
}

const RECORDED: &str = "SELECT CAST (sum(records) AS BIGINT) AS n FROM verification_pages";

fn theirs_and_ours(
    province: &Province,
    same: &[Request],
    requests: &[Request],
    time: Duration,
    asked: &mut u64,
) -> (Load, Load) {
    let constant = province.ask(same, time);
    let verified = province.ask(requests, time);
    *asked += verified.requests();
    (constant, verified)
}

fn show(province: &Province, plan: &Plan) {
    let requests = province.show_requests();
    println!("show, {CONNECTIONS} connections, {} holders in turn:", requests.len());
    let (before, by_day) = (province.shown(), province.count(SHOWN_BY_DAY));
    province.ask(&requests, plan.round / 5);
    let mut shows = Load::default();
    for _ in 0..plan.rounds {
        shows.add(province.ask(&requests, plan.round));
    }
    println!("  sign and count: {shows}");
    println!("  limit, signing alone on one core: {:.0} a second", signatures_per_second());
    std::thread::sleep(Duration::from_secs(2));
    let (counted, in_days) = (province.shown() - before, province.count(SHOWN_BY_DAY) - by_day);
    println!("  {counted} shows are counted on the disk, {in_days} by days");
    assert_eq!(counted, in_days);
    assert!(counted >= shows.requests(), "a show was lost");
}

const SHOWN_BY_DAY: &str = "SELECT CAST (sum(count) AS BIGINT) AS n FROM shown_by_day";

fn signatures_per_second() -> f64 {
    let key = SigningKey::from_bytes(&[7; 32]);
    let begun = Instant::now();
    for n in 0..20_000u32 {
        let mut message = [0; 64];
        message[..4].copy_from_slice(&n.to_le_bytes());
        black_box(key.sign(&message));
    }
    20_000.0 / begun.elapsed().as_secs_f64()
}
