//! A carrier that breaks in every way, by a seed, over real sockets: whatever it does, the
//! desk has some state that was published, never an older one than before, and the newest as
//! soon as it is let.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use yanma_station::Subscription;
use yanma_station::authority::HttpAuthority;
use yanma_station::domain::{Colour, IssuerId};
use yanma_station::protocol::city_list::CityCode;
use yanma_station::store::{DirectoryOf, FeedName, FeedState};

use crate::support::cities::{FUZHOU, QUANZHOU};
use crate::support::house::{House, enrolment, reasons, root_of};
use crate::support::people::{GREEN, card};
use crate::support::province::Province;
use crate::support::publishing::Press;

const SYNCS: u64 = 60;

/// xorshift, so that a failing run can be had again.
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn below(&mut self, end: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) % end.max(1)
    }
}

/// What the carrier does to one answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Fault {
    None,
    Late,
    /// The connection breaks after some bytes.
    Breaks,
    /// A whole answer with less in it.
    Truncates,
    /// A bit is turned over.
    Corrupts,
    /// Some bytes come twice.
    Duplicates,
    /// Two halves change places.
    Reorders,
    /// The bytes of something older, or of another file.
    Replays,
    /// All of it, where the end was asked for.
    IgnoresRange,
    Answers500,
}

const FAULTS: [Fault; 10] = [
    Fault::None,
    Fault::Late,
    Fault::Breaks,
    Fault::Truncates,
    Fault::Corrupts,
    Fault::Duplicates,
    Fault::Reorders,
    Fault::Replays,
    Fault::IgnoresRange,
    Fault::Answers500,
];

#[derive(Default)]
struct Told {
    /// `None` is honest.
    random: Option<u64>,
    done: BTreeMap<Fault, u32>,
    resumed: u32,
}

/// Serves the province's files on a port of this machine, as badly as it is told to.
async fn carrier(province: Arc<Province>, told: Arc<Mutex<Told>>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            let (province, told) = (Arc::clone(&province), Arc::clone(&told));
            tokio::spawn(answer(stream, province, told));
        }
    });
    url
}

async fn answer(mut stream: TcpStream, province: Arc<Province>, told: Arc<Mutex<Told>>) {
    let mut request = Vec::new();
    let mut piece = [0; 2048];
    while !request.ends_with(b"\r\n\r\n") {
        match stream.read(&mut piece).await {
            Ok(read) if read > 0 => request.extend_from_slice(&piece[..read]),
            _ => return,
        }
    }
    let request = String::from_utf8(request).unwrap().to_ascii_lowercase();
    let path = request.split(' ').nth(1).unwrap();
    let range = request.lines().find_map(|line| line.strip_prefix("range: bytes="));
    let from: usize = range.map_or(0, |range| range.trim_end_matches('-').parse().unwrap());
    let (fault, mut random) = {
        let mut told = told.lock().unwrap();
        told.resumed += u32::from(from > 0);
        match &mut told.random {
            None => (Fault::None, Random(1)),
            Some(state) => {
                let mut random = Random(*state);
                // Half of all answers are good, or nothing would ever get through.
                let fault = match random.below(2) {
                    0 => Fault::None,
                    _ => FAULTS[random.below(FAULTS.len() as u64) as usize],
                };
                *state = random.0;
                *told.done.entry(fault).or_default() += 1;
                (fault, random)
            }
        }
    };
    let replayed = fault == Fault::Replays;
    let mut body = match path.strip_prefix("/v1/feeds/files/") {
        Some(name) => {
            let inner = province.inner();
            let other = inner.press.all_files().next().map(|(_, bytes)| bytes.clone());
            if replayed { other } else { inner.press.file(name) }.unwrap_or_default()
        }
        None => {
            let inner = province.inner();
            let older = 1 + random.below(inner.press.number) as usize;
            if replayed { inner.press.head_number(older) } else { inner.press.head().to_vec() }
        }
    };
    let mut status = "200 OK";
    if from > 0 && from < body.len() && fault != Fault::IgnoresRange {
        status = "206 Partial Content";
        body.drain(..from);
    }
    let at = random.below(body.len() as u64) as usize;
    match fault {
        Fault::Late => tokio::time::sleep(Duration::from_millis(random.below(30))).await,
        Fault::Truncates => body.truncate(at),
        Fault::Corrupts if !body.is_empty() => body[at] ^= 1 << random.below(8),
        Fault::Duplicates => body = [&body[..at], &body[at / 2..]].concat(),
        Fault::Reorders => body.rotate_left(at),
        Fault::Answers500 => status = "500 Internal Server Error",
        _ => {}
    }
    let sent = if fault == Fault::Breaks { at } else { body.len() };
    let head = format!(
        "HTTP/1.1 {status}\r\ncontent-type: application/octet-stream\r\ncontent-length: {}\r\n\
         connection: close\r\n\r\n",
        body.len()
    );
    let _ = stream.write_all(head.as_bytes()).await;
    let _ = stream.write_all(&body[..sent]).await;
}

/// The lists that the desk has are whole, and those of one head; a directory that has to come
/// whole comes after, and is that of an earlier head until then. Answers the head's number.
fn has_one_head(house: &House, case: &str) -> u64 {
    let known = house.desk.knowledge();
    if known.head_number == 0 {
        return 0;
    }
    let store = house.desk.store();
    let states = store.feed_states().unwrap();
    let state = |feed| states.iter().find(|state| state.1 == feed).map(|state| state.2);
    let status = state(FeedName::Status).unwrap();
    assert_eq!(known.lists[&IssuerId::FUJIAN].list.root(), status.root, "{case}");
    for (city, state) in store.city_states(IssuerId::FUJIAN).unwrap() {
        let of = DirectoryOf { issuer: IssuerId::FUJIAN, city: Some(city) };
        assert_eq!(root_of(store, of), state.root, "{case}: {of}");
    }
    let Some(directory) = state(FeedName::Directory) else {
        assert_eq!(known.directory, None, "{case}");
        return known.head_number;
    };
    assert_eq!(root_of(store, IssuerId::FUJIAN), directory.root, "{case}");
    // Both lists change with each head, in step.
    let place = |state: FeedState| (state.epoch, state.sequence);
    if known.directory_is_behind() {
        assert!(place(directory) < place(status), "{case}");
    } else {
        assert_eq!(place(directory), place(status), "{case}");
    }
    known.head_number
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_a_carrier_does_the_desk_has_what_was_published() {
    break_syncs(None).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_a_carrier_does_a_desk_has_each_chosen_city_as_it_was_published() {
    break_syncs(Some(vec![CityCode::NONE, FUZHOU, QUANZHOU])).await;
}

async fn break_syncs(cities: Option<Vec<CityCode>>) {
    let number = |name: &str| std::env::var(name).ok().map(|given| given.parse::<u64>().unwrap());
    let syncs = number("YANMA_CHAOS").unwrap_or(SYNCS);
    let seed = number("YANMA_CHAOS_SEED").unwrap_or(20_200_701);
    let house = House::unpacked();
    let told = Arc::new(Mutex::new(Told::default()));
    let url = carrier(Arc::clone(&house.province), Arc::clone(&told)).await;
    let authority = HttpAuthority::new(&url, None).unwrap();
    house.desk.enrol_with(enrolment("general"), Arc::new(authority)).unwrap();
    house.province.change(Press::publish_cities);
    let subscription = Subscription { cities: cities.clone(), ..Subscription::default() };
    house.desk.subscribe(&subscription).await.unwrap();
    let (mut before, mut taken) = (0, 0);
    let mut cities_before = BTreeMap::new();
    for turn in 0..syncs {
        let case = format!("sync {turn} of seed {seed}");
        house.clock.turn(30);
        // News in both lists, now and then of a new epoch, so that there are snapshots.
        house.province.change(|press| {
            let index = 50 + turn as u32;
            press.set(index, if turn % 2 == 0 { Colour::Red } else { Colour::Green });
            press.move_to(index, [FUZHOU, QUANZHOU][turn as usize % 2]);
            for n in 0..60 {
                press.claim((turn * 64 + n + 1) << 40 | 9, index);
            }
            if turn % 7 == 6 {
                press.begin_epoch(10 + turn as u32);
            }
        });
        told.lock().unwrap().random = Some((seed + turn).wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
        let synced = house.desk.sync().await;
        taken += u32::from(synced.is_ok());
        let now = has_one_head(&house, &case);
        assert!(now >= before, "{case}: went back from {before} to {now}");
        if let Ok(synced) = synced {
            assert_eq!(synced.head, now, "{case}");
        }
        before = now;
        for (city, state) in house.desk.store().city_states(IssuerId::FUJIAN).unwrap() {
            let place = (state.epoch, state.sequence);
            let last = cities_before.insert(city, place);
            assert!(last <= Some(place), "{case}: city {city} went back from {last:?}");
        }
    }
    let newest = house.province.inner().press.number;
    {
        let mut told = told.lock().unwrap();
        told.random = None;
        eprintln!("{syncs} syncs, {taken} taken, {} resumed, {:?}", told.resumed, told.done);
        let done = |fault| told.done.get(&fault).copied().unwrap_or(0);
        assert!(FAULTS.iter().all(|fault| done(*fault) > 0), "every fault came: {:?}", told.done);
        assert!(told.resumed > 0, "a file was gone on with");
    }
    assert!(u64::from(taken) > syncs / 20, "some got through: {taken}");
    house.desk.sync().await.unwrap();
    assert_eq!(has_one_head(&house, "honest"), newest);
    let at_hand = house.desk.store().city_states(IssuerId::FUJIAN).unwrap().into_iter();
    let at_hand: Vec<_> = at_hand.map(|(city, state)| (CityCode(city), state.root)).collect();
    let published = house.province.inner().press.city_list().clone();
    let chosen = cities.unwrap_or_default().into_iter();
    let chosen = chosen.map(|code| (code, published.of(code).unwrap().directory.root.0));
    assert_eq!(at_hand, chosen.collect::<Vec<_>>());
    assert_eq!(reasons(&house.show(card())), "");
    assert_eq!(GREEN.colour, Colour::Green);
    house.close();
}
