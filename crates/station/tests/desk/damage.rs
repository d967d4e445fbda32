//! A file that is damaged under a desk at work, by a seed: it is set aside, read as far as it can
//! be read, and the desk goes on. `YANMA_DAMAGES` makes more of them, `YANMA_DAMAGE_SEED` begins
//! elsewhere.
#![cfg(unix)]

use std::collections::BTreeSet;
use std::fs::{self, OpenOptions};
use std::os::unix::fs::FileExt as _;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use uuid::Uuid;
use yanma_station::domain::verdict::Decision;
use yanma_station::protocol::city_list::CityCode;
use yanma_station::store::StoreError;
use yanma_station::{Mode, Notice, Subscription, run};

use crate::chaos::Random;
use crate::support::cities::{FUZHOU, QUANZHOU};
use crate::support::house::{House, reasons};
use crate::support::people::{GREEN, ORANGE, card, code_of, typed};
use crate::support::publishing::Press;

const DAMAGES: u64 = 12;
const PEOPLE: usize = 40;
const PAGE: u64 = 4096;

pub(crate) fn number(name: &str, otherwise: u64) -> u64 {
    std::env::var(name).map_or(otherwise, |text| text.parse().unwrap())
}

/// A desk that has let people in, some of whom the authority knows of, and whose file is closed
/// and open again, so that what was written lies in it and not in the log ahead or in memory; and
/// its entries. It has the directories of some cities, or the whole one.
async fn at_work(cities: Option<Vec<CityCode>>) -> (House, BTreeSet<Uuid>) {
    let house = House::enrolled("general");
    house.province.change(Press::publish_cities);
    house.desk.subscribe(&Subscription { cities, ..Subscription::default() }).await.unwrap();
    house.desk.sync().await.unwrap();
    for person in 0..PEOPLE {
        house.next_person();
        assert!(house.show(if person % 3 == 0 { typed(ORANGE.number) } else { card() }).recorded);
        if person == PEOPLE / 2 {
            house.desk.upload().await.unwrap();
        }
    }
    let entries = ids(&house);
    let house = house.restarted();
    house.enrol_as_before();
    house.next_person();
    (house, entries)
}

fn ids(house: &House) -> BTreeSet<Uuid> {
    house.desk.store().last(1000).unwrap().iter().map(|entry| entry.id).collect()
}

/// Overwrites, wipes or turns over some of the file, from a place that the seed says.
fn damage(file: &Path, random: &mut Random) -> String {
    let pages = fs::metadata(file).unwrap().len() / PAGE;
    let (first, long) = (random.below(pages), 1 + random.below(pages / 4));
    let (kind, open) =
        (random.below(3), OpenOptions::new().write(true).read(true).open(file).unwrap());
    for page in first..(first + long).min(pages) {
        let mut bytes = vec![0; usize::try_from(PAGE).unwrap()];
        open.read_exact_at(&mut bytes, page * PAGE).unwrap();
        match kind {
            0 => bytes.fill(0),
            1 => bytes[usize::try_from(random.below(PAGE)).unwrap()] ^= 1 << random.below(8),
            _ => bytes.iter_mut().for_each(|byte| *byte = random.below(256).to_le_bytes()[0]),
        }
        open.write_all_at(&bytes, page * PAGE).unwrap();
    }
    format!("{long} of {pages} pages from {first} on, kind {kind}")
}

#[tokio::test]
async fn whatever_is_damaged_the_desk_goes_on_with_what_is_left() {
    let first = number("YANMA_DAMAGE_SEED", 1);
    let (mut met, mut carried, mut lost) = (0, 0, 0);
    for seed in first..first + number("YANMA_DAMAGES", DAMAGES) {
        let cities = seed.is_multiple_of(2).then(|| vec![FUZHOU, QUANZHOU]);
        let (house, before) = at_work(cities).await;
        let file = house.folder.path().join("desk.db");
        // Spread over all bits: the first draws of small seeds are alike.
        let mut random = Random(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15));
        let what = format!("seed {seed}: {}", damage(&file, &mut random));

        // Somebody looks back, and somebody steps up.
        let looked = house.desk.store().check();
        let shown = house.desk.present(&[card()]);
        if let Ok(shown) = &shown {
            // What cannot be looked up is referred.
            assert_ne!(shown.verdict.decision, Decision::Refuse, "{what}");
        }
        assert!(looked.is_ok() || house.desk.store().met_damage(), "{what}: {looked:?}");
        let mut mended = house.desk.mend_file().unwrap_or_else(|error| panic!("{what}: {error}"));

        // It checks as before once it has heard of the authority; what else is damaged is met and
        // mended on the way.
        house.province.publish();
        let mut rounds = 0;
        let (shown, check) = loop {
            house.next_person();
            let synced = house.desk.sync().await;
            let shown = house.desk.present(&[typed(ORANGE.number)]);
            match (synced, shown, house.desk.store().check()) {
                (Ok(_), Ok(shown), Ok(check))
                    if shown.recorded && !house.desk.store().met_damage() =>
                {
                    break (shown, check);
                }
                not_yet => assert!(rounds < 5, "{what}: {not_yet:?}"),
            }
            rounds += 1;
            mended |= house.desk.mend_file().unwrap_or_else(|error| panic!("{what}: {error}"));
        };
        assert_eq!(reasons(&shown), "C-ORA", "{what}");
        assert_eq!(house.notices().contains(&Notice::SetAside), mended, "{what}");
        let aside = fs::read_dir(house.folder.path()).unwrap().flatten();
        let aside = aside.filter(|f| f.file_name().to_string_lossy().contains(".damaged-"));
        assert_eq!(aside.count() > 0, mended, "{what}");
        let there = ids(&house);
        let gone = before.difference(&there).count();
        assert!(mended || gone == 0, "{what}");
        assert_eq!(check.entries, there.len() as u64, "{what}");

        // What was not sent is sent, and nothing that was is taken in twice.
        while house.desk.upload().await.unwrap().sent > 0 {}
        assert_eq!(house.pending(), 0, "{what}");
        let sent: Vec<_> = house.province.inner().entries.iter().map(|entry| entry.id).collect();
        let once: BTreeSet<_> = sent.iter().copied().collect();
        assert_eq!(sent.len(), once.len(), "{what}: once each");
        assert!(there.is_subset(&once), "{what}");
        met += u64::from(mended);
        carried += before.intersection(&there).count();
        lost += gone;
    }
    // Where the damage hits the root of a table, all of its rows are gone.
    assert!(met > 0 && carried > 0, "{met} met, {carried} carried over, {lost} lost");
}

#[tokio::test]
async fn what_is_known_in_memory_is_written_back_and_there_after_the_next_start() {
    let (house, _) = at_work(None).await;
    house.province.carry_neighbour();
    house.desk.sync().await.unwrap();
    let house = house.restarted();
    let before = house.desk.knowledge();
    assert_eq!((before.lists.len(), before.directory.is_some()), (2, true));
    let file = house.folder.path().join("desk.db");
    let open = OpenOptions::new().write(true).open(&file).unwrap();
    let length = fs::metadata(&file).unwrap().len() - PAGE;
    // All but the page by which it is known to be this desk's.
    open.write_all_at(&vec![0xee; usize::try_from(length).unwrap()], PAGE).unwrap();
    assert!(house.desk.store().check().is_err());
    assert!(house.desk.mend_file().unwrap());
    let is_as_before = |house: &House| {
        let now = house.desk.knowledge();
        assert_eq!((&now.trust, now.trust_root), (&before.trust, before.trust_root));
        assert_eq!(now.head_number, before.head_number);
        assert_eq!(now.head_issued_at, before.head_issued_at);
        assert_eq!(
            (&now.policies, now.policy_position),
            (&before.policies, before.policy_position)
        );
        for (issuer, list) in &before.lists {
            let now = &now.lists[issuer];
            assert_eq!(
                (&now.list, now.position, now.as_of),
                (&list.list, list.position, list.as_of)
            );
        }
        assert_eq!(now.directory, None, "which is not in memory");
        house.next_person();
        let code = code_of(&GREEN).with(|body| body.issued_at = house.desk.now());
        assert_eq!(house.show(code.scanned()).verdict.decision, Decision::Admit);
    };
    is_as_before(&house);
    assert_eq!(house.desk.store().high_water().unwrap().heads.len(), 2, "neither may go back");
    let house = house.restarted();
    is_as_before(&house);
    house.enrol_as_before();
    house.desk.sync().await.unwrap();
    house.next_person();
    assert_eq!(house.show(card()).verdict.decision, Decision::Admit);
    house.close();
}

#[tokio::test]
async fn a_desk_at_work_mends_its_file_by_itself() {
    let (house, _) = at_work(None).await;
    let file = house.folder.path().join("desk.db");
    let pages = fs::metadata(&file).unwrap().len() / PAGE;
    let open = OpenOptions::new().write(true).open(&file).unwrap();
    let half = vec![0xee; usize::try_from(pages / 2 * PAGE).unwrap()];
    open.write_all_at(&half, pages / 2 * PAGE).unwrap();
    let desk = Arc::clone(&house.desk);
    let work = tokio::spawn(run::keep_in_step(desk, Duration::from_secs(1), || {}));
    assert!(matches!(house.desk.store().check(), Err(StoreError::Damaged)));
    let since = Instant::now();
    let is_mended = |house: &House| {
        let standing = house.desk.standing();
        standing.is_ok_and(|standing| standing.notices.contains(&Notice::SetAside))
    };
    while !is_mended(&house) {
        assert!(since.elapsed() < Duration::from_secs(60), "within a minute");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    house.next_person();
    let shown = house.show(card());
    assert!(shown.recorded);
    while !house.province.inner().entries.iter().any(|entry| entry.id == shown.entry) {
        assert!(since.elapsed() < Duration::from_secs(60), "heard of within a minute");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    work.abort();
    let _ = work.await;
    // The next start finds nothing to mend.
    let House { folder, clock, province, desk } = house;
    drop(Arc::into_inner(desk).unwrap());
    let opened = yanma_station::Desk::at(folder.path(), Mode::Work, clock.clone()).unwrap();
    assert_eq!(opened.report.set_aside, None);
    House { folder, clock, province, desk: Arc::new(opened.desk) }.close();
}
