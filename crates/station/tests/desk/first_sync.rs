//! A first sync that takes long: colours count before the directory is there, and it is said how
//! far it is.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Semaphore;
use yanma_station::authority::{Authority, AuthorityError, Pending, Take};
use yanma_station::domain::verdict::Decision;
use yanma_station::protocol::entries::{EntriesRequest, EntriesResponse};
use yanma_station::protocol::file_name::{FeedName, FileName};
use yanma_station::protocol::stations::{DirectoryKeys, EnrolRequest, EnrolResponse};
use yanma_station::protocol::verify::{VerifyRequest, VerifyResponse};
use yanma_station::sync::{Progress, Stage};

use crate::support::house::{House, enrolment, reasons};
use crate::support::people::{GREEN, card, code_of};
use crate::support::province::{Carrier, Province};

const PATIENCE: Duration = Duration::from_secs(30);
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// A line on which the second half of a directory's snapshot comes when it is let.
struct SlowLine {
    province: Arc<Province>,
    let_through: Semaphore,
}

impl Authority for SlowLine {
    fn enrol<'a>(&'a self, request: &'a EnrolRequest) -> Pending<'a, EnrolResponse> {
        self.province.enrol(request)
    }

    fn head(&self) -> Pending<'_, Vec<u8>> {
        self.province.head()
    }

    fn file<'a>(&'a self, name: &'a str, limit: u64) -> Pending<'a, Vec<u8>> {
        self.province.file(name, limit)
    }

    fn file_from<'a>(
        &'a self,
        name: &'a str,
        from: u64,
        limit: u64,
        take: &'a mut Take<'a>,
    ) -> Pending<'a, ()> {
        Box::pin(async move {
            let bytes = self.province.file(name, limit).await?;
            let kept = |kept: bool| if kept { Ok(()) } else { Err(AuthorityError::NotKept) };
            let file: FileName = name.parse().unwrap();
            let from = usize::try_from(from).unwrap();
            if file.feed() != FeedName::Directory || file.is_delta() {
                return kept(take(0, &bytes));
            }
            let half = bytes.len() / 2;
            if from < half {
                kept(take(from as u64, &bytes[from..half]))?;
            }
            self.let_through.acquire().await.unwrap().forget();
            let from = from.max(half);
            kept(take(from as u64, &bytes[from..]))
        })
    }

    fn directory_keys(&self) -> Pending<'_, DirectoryKeys> {
        self.province.directory_keys()
    }

    fn verify<'a>(&'a self, request: &'a VerifyRequest) -> Pending<'a, VerifyResponse> {
        self.province.verify(request)
    }

    fn upload<'a>(&'a self, request: &'a EntriesRequest) -> Pending<'a, EntriesResponse> {
        self.province.upload(request)
    }
}

/// A desk that knows nothing yet, on such a line.
fn on_a_slow_line() -> (House, Arc<SlowLine>) {
    let house = House::unpacked();
    let province = Arc::clone(&house.province);
    let line = Arc::new(SlowLine { province, let_through: Semaphore::new(0) });
    house.desk.enrol_with(enrolment("general"), line.clone()).unwrap();
    (house, line)
}

#[tokio::test]
async fn colours_count_while_the_directory_is_fetched_and_it_is_said_how_far_that_is() {
    let (house, line) = on_a_slow_line();
    assert_eq!(house.desk.progress(), None);
    let desk = Arc::clone(&house.desk);
    let syncing = tokio::spawn(async move { desk.sync().await });
    let progress = tokio::time::timeout(PATIENCE, async {
        loop {
            if let Some(progress) = house.desk.progress() {
                return progress;
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
    });
    let Progress { feed, stage, done, total } = progress.await.expect("it is said");
    assert_eq!((feed, stage, done), (FeedName::Directory, Stage::Fetch, total / 2));

    let standing = house.desk.standing().unwrap();
    assert!(standing.holders > 0 && standing.age_seconds == Some(0), "{standing:?}");
    assert_eq!(house.show(code_of(&GREEN).scanned()).verdict.decision, Decision::Admit);
    house.next_person();
    assert_eq!(reasons(&house.show(card())), "N-DIR", "a document is not checked yet");
    assert_eq!(house.notices(), [], "nothing is wrong");

    line.let_through.add_permits(1);
    assert_eq!(syncing.await.unwrap().unwrap().files, 4);
    assert_eq!(house.desk.progress(), None, "it is over");
    house.next_person();
    assert_eq!(house.show(card()).verdict.decision, Decision::Admit);
    house.close();
}

#[tokio::test]
async fn colours_go_on_while_the_directory_fails_again_and_again() {
    let house = House::enrolled("general");
    house.province.carried_by(Carrier::Breaks(FeedName::Directory));
    for _ in 0..3 {
        house.desk.sync().await.unwrap_err();
        assert_eq!(house.desk.standing().unwrap().age_seconds, Some(0));
        house.clock.turn(60);
        house.province.publish();
    }
    house.desk.sync().await.unwrap_err();
    assert_eq!(house.desk.standing().unwrap().age_seconds, Some(0));
    let asked = house.province.inner().asked.files;
    house.desk.sync().await.unwrap_err();
    let now = house.province.inner().asked.files;
    assert_eq!(now - asked, 2, "of the same head only the directory is asked for, twice");

    let house = house.restarted();
    assert_eq!(house.desk.knowledge().directory, None);
    house.enrol_as_before();
    house.province.carried_by(Carrier::Honest);
    house.desk.sync().await.unwrap();
    house.next_person();
    assert_eq!(house.show(card()).verdict.decision, Decision::Admit);
    house.close();
}
