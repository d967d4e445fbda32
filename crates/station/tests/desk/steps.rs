//! The work beside the checking, in a time that runs as fast as it can.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::task::JoinHandle;
use yanma_station::Connection;
use yanma_station::domain::Colour;
use yanma_station::domain::policy::RetentionRules;
use yanma_station::run::{SYNC_EVERY, keep_in_step};

use crate::support::house::{House, reasons};
use crate::support::people::{GREEN, card, typed};
use crate::support::province::{Desk, Health};

struct AtWork {
    house: House,
    rounds: Arc<AtomicUsize>,
    work: JoinHandle<()>,
}

impl AtWork {
    fn begin(house: House) -> Self {
        let rounds = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&rounds);
        let work = keep_in_step(Arc::clone(&house.desk), SYNC_EVERY, move || {
            counted.fetch_add(1, Ordering::Relaxed);
        });
        Self { house, rounds, work: tokio::spawn(work) }
    }

    /// Lets so many seconds pass, on the wall and inside.
    async fn pass(&self, seconds: u32) {
        for _ in 0..seconds {
            tokio::time::sleep(Duration::from_secs(1)).await;
            self.house.clock.turn(1);
        }
    }

    async fn end(self) -> House {
        self.work.abort();
        let _ = self.work.await;
        self.house
    }
}

#[tokio::test(start_paused = true)]
async fn an_entry_goes_out_at_once_and_a_fact_comes_in_within_a_minute() {
    let at_work = AtWork::begin(House::enrolled("general"));
    at_work.pass(1).await;
    let house = &at_work.house;
    assert_eq!(house.desk.connection(), Connection::Online);
    house.show(card());
    at_work.pass(1).await;
    assert_eq!(house.province.inner().entries.len(), 1);
    house.province.colour(GREEN.index, Colour::Amber);
    at_work.pass(60).await;
    assert_eq!(reasons(&house.show(card())), "C-ORA");
    at_work.end().await.close();
}

#[tokio::test(start_paused = true)]
async fn ten_minutes_without_an_authority_are_quiet_and_then_everything_arrives_once() {
    let house = House::at_work().await;
    house.province.is(Health::Down);
    let before = house.province.inner().asked;
    let at_work = AtWork::begin(house);
    at_work.pass(1).await;
    let house = &at_work.house;
    for number in 0..3 {
        house.show(typed(&format!("https://example.com/poster-{number}")));
    }
    at_work.pass(599).await;
    let asked = house.province.inner().asked;
    let (heads, uploads) = (asked.heads - before.heads, asked.uploads);
    assert!((8..=20).contains(&heads), "{heads} heads in ten minutes");
    assert!((8..=20).contains(&uploads), "{uploads} uploads in ten minutes");
    let rounds = at_work.rounds.load(Ordering::Relaxed);
    assert!(rounds <= 400, "{rounds} rounds in ten minutes: it spins");
    assert_eq!(house.desk.connection(), Connection::Offline);
    assert_eq!(house.pending(), 3);

    house.province.is(Health::Well);
    at_work.pass(62).await;
    assert_eq!(house.desk.connection(), Connection::Online);
    assert_eq!((house.pending(), house.province.inner().entries.len()), (0, 3));
    assert_eq!(house.desk.standing().unwrap().notices, []);
    at_work.end().await.close();
}

#[tokio::test(start_paused = true)]
async fn lost_answers_and_empty_ones_do_not_make_it_spin() {
    for desk in [Desk::LosesAnswers, Desk::AnswersFor(0), Desk::AnswersForOthers] {
        let house = House::at_work().await;
        house.province.desk(desk);
        house.show(card());
        let at_work = AtWork::begin(house);
        at_work.pass(600).await;
        let uploads = at_work.house.province.inner().asked.uploads;
        assert!((5..=20).contains(&uploads), "{desk:?}: {uploads} uploads in ten minutes");
        at_work.house.province.desk(Desk::Takes);
        at_work.pass(62).await;
        assert_eq!(at_work.house.pending(), 0, "{desk:?}");
        assert_eq!(at_work.house.province.inner().entries.len(), 1, "{desk:?}");
        at_work.end().await.close();
    }
}

#[tokio::test(start_paused = true)]
async fn quiet_days_ask_for_a_head_a_minute_and_nothing_else() {
    let at_work = AtWork::begin(House::enrolled("general"));
    at_work.pass(3600).await;
    let asked = at_work.house.province.inner().asked;
    // Each wait is 54 to 60 seconds.
    assert!((60..=68).contains(&asked.heads), "{} heads in an hour", asked.heads);
    assert_eq!((asked.files, asked.verifies, asked.uploads), (4, 0, 0));
    at_work.end().await.close();
}

#[tokio::test(start_paused = true)]
async fn a_desk_without_an_authority_watches_its_clock_all_the_same() {
    let at_work = AtWork::begin(House::unpacked());
    at_work.pass(120).await;
    at_work.house.clock.turn(-86_400);
    at_work.pass(62).await;
    assert_eq!(at_work.house.notices(), [yanma_station::Notice::ClockBack]);
    at_work.end().await.close();
}

#[tokio::test(start_paused = true)]
async fn days_go_by_themselves_while_the_desk_works() {
    let house = House::at_work().await;
    house.province.change(|press| {
        press.revise("general", |policy| {
            policy.retention = RetentionRules { entries_days: 1, personal_days: 0 };
        });
    });
    let at_work = AtWork::begin(house);
    at_work.pass(1).await;
    let house = &at_work.house;
    house.show(card());
    at_work.pass(2).await;
    assert_eq!(house.pending(), 0);
    let left = || {
        let days = house.desk.store().days().unwrap();
        days.iter().map(|day| (day.entries_kept, day.details_kept)).collect::<Vec<_>>()
    };
    for expect in [(true, true), (true, false), (false, false)].windows(2) {
        // By the clock alone no day passes; with the next head it does.
        house.clock.turn(24 * 3600);
        at_work.pass(62).await;
        assert_eq!(left(), [expect[0]]);
        house.province.publish();
        at_work.pass(62).await;
        assert_eq!(left(), [expect[1]]);
    }
    house.desk.store().check().unwrap();
    at_work.end().await;
}
