//! Ten thousand desks that fetch from one server of feed files.
//!
//! `cargo bench -p yanma-authority --bench desks` publishes a province and serves its folder in a
//! process of its own, over real sockets on this machine. The desks ask as desks do, each over its
//! own connection: for the head once in 54 to 60 seconds, with its tag, and for what is new in it,
//! while 5,000 colours change every minute. Then as quickly as ten times as many would; all at the
//! same moment, after half an hour without a network; and new ones for everything at once. Last,
//! what the server answers at most, beside a constant of the same size from memory, in turns.
//!
//! - `--desks 10000`, `--holders 20710000`, `--new 100` (desks that have nothing);
//! - `--minutes 5` at their own pace, and half of that ten times as fast;
//! - `--nginx` does all of it with nginx over the same folder as well.
//!
//! Desks and server share the machine's cores. `ulimit -n` must allow a file for each desk.
#![expect(clippy::unwrap_used, reason = "a bench that cannot run has nothing to say")]
#![expect(clippy::print_stdout, reason = "it prints figures, which criterion does not")]

mod desk;
mod limits;
#[expect(dead_code, reason = "another bench makes claims as well")]
mod province;
mod server;
mod wire;

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use mimalloc::MiMalloc;
use tokio::runtime::{Builder, Runtime};
use tokio::task::JoinSet;
use tokio::time::sleep;
use yanma_authority::Clock;
use yanma_protocol::head::Head;

use crate::desk::{Asked, Desk, Heads, Tally};
use crate::province::{Province, mixed};
use crate::server::{SERVE, Server};

/// As in the program itself.
#[global_allocator]
static MEMORY: MiMalloc = MiMalloc;

/// How long a desk waits, less up to a tenth of it by chance; and how often colours come.
const MINUTE: Duration = Duration::from_secs(60);

/// How much quicker the second round is.
const QUICKER: u32 = 10;

/// Publications that were missed when all come back: more than there are single steps.
const MISSED: usize = 30;

struct Plan {
    desks: usize,
    holders: u32,
    new: usize,
    minutes: u32,
    nginx: bool,
}

fn plan(words: &[String]) -> Plan {
    let number = |name: &str, usual: u32| {
        let at = words.iter().position(|word| word == name);
        at.and_then(|at| words.get(at + 1)).map_or(usual, |text| text.parse().unwrap())
    };
    Plan {
        desks: number("--desks", 10_000) as usize,
        holders: number("--holders", 20_710_000),
        new: number("--new", 100) as usize,
        minutes: number("--minutes", 5),
        nginx: words.iter().any(|word| word == "--nginx"),
    }
}

fn main() {
    let words: Vec<_> = std::env::args().collect();
    if words.get(1).is_some_and(|word| word == SERVE) {
        return server::serve_folder(Path::new(&words[2]));
    }
    let plan = plan(&words);
    let place = tempfile::tempdir().unwrap();
    let own = Server::own(place.path());
    let feeds = place.path().join("feeds");
    let begun = Instant::now();
    let mut province = Province::new(&feeds, plan.holders, Clock::system().now());
    let mut head = province.publish().head;
    println!("{} holders published in {:.1?}", plan.holders, begun.elapsed());
    let desks = Builder::new_multi_thread().worker_threads(1).enable_all().build();
    let mut house = House {
        heads: Arc::new(Heads::new(province.keys.feeds.public)),
        desks: desks.unwrap(),
        server: own,
    };
    house.measure(&plan, &mut province, &mut head);
    if plan.nginx {
        let nginx = Server::nginx(&feeds, place.path());
        std::mem::replace(&mut house.server, nginx).stop();
        house.measure(&plan, &mut province, &mut head);
    }
    house.server.stop();
}

/// A server and who asks it.
struct House {
    server: Server,
    desks: Runtime,
    heads: Arc<Heads>,
}

impl House {
    fn measure(&self, plan: &Plan, province: &mut Province, head: &mut Head) {
        println!("\n{}:", self.server.name);
        self.minutes(plan, 1, province, head);
        self.minutes(plan, QUICKER, province, head);
        self.all_at_once(plan, province, head);
        self.new_ones(plan.new);
        limits::print(&self.server, &self.desks, head);
    }

    fn desk(&self, head: &Head) -> Desk {
        Desk::that_has(self.server.address, Arc::clone(&self.heads), head)
    }

    /// Desks at their own pace, or quicker, while colours come.
    fn minutes(&self, plan: &Plan, quicker: u32, province: &mut Province, head: &mut Head) {
        let minute = MINUTE / quicker;
        let time = minute * if quicker == 1 { plan.minutes } else { plan.minutes * quicker / 2 };
        let over = Instant::now() + time;
        let desks = (0..plan.desks).map(|number| (number, self.desk(head))).collect();
        let what = format!("{} desks, {quicker} times as quick, for {time:.0?}", plan.desks);
        self.run(&what, || {
            let asking = self.desks.spawn(all(desks, move |number, mut desk| async move {
                let mut turn = mixed(number as u64);
                sleep(minute.mul_f64(chance(turn))).await;
                while Instant::now() < over {
                    desk.sync().await;
                    turn = mixed(turn);
                    let rest = minute.mul_f64(1.0 - chance(turn) / 10.0);
                    sleep(rest.min(over.saturating_duration_since(Instant::now()))).await;
                }
                desk.tally
            }));
            while Instant::now() + minute < over {
                std::thread::sleep(minute);
                province.flip();
                *head = province.publish().head;
            }
            self.desks.block_on(asking).unwrap()
        });
    }

    /// Desks that were away for half an hour, and come back in one moment.
    fn all_at_once(&self, plan: &Plan, province: &mut Province, head: &mut Head) {
        let desks = (0..plan.desks).map(|number| (number, self.desk(head))).collect();
        for _ in 0..MISSED {
            province.flip();
            *head = province.publish().head;
        }
        let what = format!("{} desks at once, {MISSED} publications behind", plan.desks);
        self.run(&what, || {
            self.desks.block_on(all(desks, |_, mut desk| async move {
                desk.sync().await;
                desk.tally
            }))
        });
    }

    /// Desks that have nothing, and fetch everything in one moment.
    fn new_ones(&self, count: usize) {
        let address = self.server.address;
        let desk = |number| (number, Desk::new(address, Arc::clone(&self.heads)));
        let desks = (0..count).map(desk).collect();
        self.run(&format!("{count} new desks at once"), || {
            self.desks.block_on(all(desks, |_, mut desk| async move {
                desk.sync().await;
                desk.tally
            }))
        });
    }

    /// Runs a load, and says what came of it and what it cost.
    fn run(&self, what: &str, load: impl FnOnce() -> Tally) {
        let (watch, idle) = (self.server.watch(), self.server.watch().end());
        let (begun, worked) = (Instant::now(), self.server.worked());
        let tally = load();
        let (time, worked) = (begun.elapsed(), self.server.worked() - worked);
        let most = watch.end();
        let seconds = time.as_secs_f64();
        let requests = tally.requests.len();
        println!("  {what}: {requests} requests in {time:.1?}");
        let of = |asked| tally.count(asked);
        println!(
            "    {} heads known, {} new, {} files, {} directories; {} unanswered",
            of(Asked::Known),
            of(Asked::Head),
            of(Asked::File),
            of(Asked::Directory),
            tally.failed
        );
        println!(
            "    {:.0} requests/s, {:.3} MB/s, p50 {:.2} ms, p99 {:.2} ms, longest {:.0} ms",
            requests as f64 / seconds,
            tally.bytes as f64 / seconds / 1e6,
            tally.within_ms(0.5),
            tally.within_ms(0.99),
            tally.within_ms(1.0)
        );
        println!(
            "    server: {:.2} s of a core, {:.1} % of one; {:.0} µs a request, {:.2} s a GB",
            worked.as_secs_f64(),
            100.0 * worked.as_secs_f64() / seconds,
            worked.as_secs_f64() * 1e6 / requests as f64,
            worked.as_secs_f64() * 1e9 / tally.bytes as f64
        );
        println!(
            "    {} connections made, {} files open at most; {:.1} MB more memory at most",
            tally.connections,
            most.open_files,
            most.resident_bytes.saturating_sub(idle.resident_bytes) as f64 / 1e6
        );
    }
}

/// Lets each desk ask as a task of its own.
async fn all<F>(desks: Vec<(usize, Desk)>, ask: impl Fn(usize, Desk) -> F) -> Tally
where
    F: Future<Output = Tally> + Send + 'static,
{
    let mut asking = JoinSet::new();
    for (number, desk) in desks {
        asking.spawn(ask(number, desk));
    }
    let mut tally = Tally::default();
    while let Some(asked) = asking.join_next().await {
        tally.add(asked.unwrap());
    }
    tally
}

/// A number below one, made of a random one.
fn chance(turn: u64) -> f64 {
    (turn >> 11) as f64 / (1_u64 << 53) as f64
}
