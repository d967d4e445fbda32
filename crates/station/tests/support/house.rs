//! A desk in a folder of its own, a clock that stands, and the province it belongs to.

use std::sync::Arc;

use tempfile::TempDir;
use yanma_station::authority::Authority;
use yanma_station::protocol::directory_file::DirectoryRoot;
use yanma_station::protocol::stations::EnrolRequest;
use yanma_station::store::{DirectoryOf, Filter, OpenReport, Store};
use yanma_station::{
    Checked, Desk, DeskError, Duty, Enrolment, Mode, Notice, Reading, StandingClock,
};

use super::province::{Province, begin};

pub(crate) struct House {
    pub(crate) folder: TempDir,
    pub(crate) clock: Arc<StandingClock>,
    pub(crate) province: Arc<Province>,
    pub(crate) desk: Arc<Desk>,
}

/// An enrolment whose address leads nowhere: the tests put the province in its place.
pub(crate) fn enrolment(scene: &str) -> Enrolment {
    let request =
        EnrolRequest { enrolment_code: "ABCD-EFGH".into(), station_name: "Desk 1".to_owned() };
    let response = Province::enrolment(scene);
    Enrolment::from_response("https://jkm.invalid/", &request, response).unwrap()
}

impl House {
    /// A desk out of its box.
    pub(crate) fn unpacked() -> Self {
        // The HTTP client is built without a provider of its own, and never used here.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let folder = tempfile::tempdir().unwrap();
        let clock = Arc::new(StandingClock::at(begin()));
        let opened = Desk::at(folder.path(), Mode::Work, clock.clone()).unwrap();
        assert!(opened.report.created);
        let province = Province::new(&clock);
        Self { folder, clock, province, desk: Arc::new(opened.desk) }
    }

    /// A desk that belongs to the province, and knows nothing yet.
    pub(crate) fn enrolled(scene: &str) -> Self {
        let house = Self::unpacked();
        house.enrol(scene);
        house
    }

    /// A desk at work.
    pub(crate) async fn at_work() -> Self {
        Self::in_scene("general").await
    }

    pub(crate) async fn in_scene(scene: &str) -> Self {
        let house = Self::enrolled(scene);
        house.desk.sync().await.unwrap();
        house
    }

    pub(crate) fn enrol(&self, scene: &str) {
        let province: Arc<dyn Authority> = self.province.clone();
        self.desk.enrol_with(enrolment(scene), province).unwrap();
    }

    /// Ends the program and starts it again. The authority is not there yet.
    pub(crate) fn restarted(self) -> Self {
        let Self { folder, clock, province, desk } = self;
        let alone = Arc::into_inner(desk).expect("nobody else holds the desk");
        drop(alone);
        let opened = Desk::at(folder.path(), Mode::Work, clock.clone()).unwrap();
        assert_eq!(opened.report, OpenReport::default(), "nothing but opened");
        Self { folder, clock, province, desk: Arc::new(opened.desk) }
    }

    /// The authority is there again for a desk that was restarted; it was enrolled all the time.
    pub(crate) fn enrol_as_before(&self) {
        let province: Arc<dyn Authority> = self.province.clone();
        let enrolment = self.desk.enrolment().unwrap();
        self.desk.enrol_with(Enrolment::clone(&enrolment), province).unwrap();
    }

    /// Another program that looks at the desk's file, and does not write.
    pub(crate) fn looking(&self) -> Desk {
        Desk::at(self.folder.path(), Mode::Look, self.clock.clone()).unwrap().desk
    }

    pub(crate) fn show(&self, reading: Reading) -> Checked {
        self.desk.present(&[reading]).unwrap()
    }

    /// Lets the next person step up.
    pub(crate) fn next_person(&self) {
        self.clock.turn(9);
    }

    /// So many days later the authority has published again, and the desk has heard of it.
    pub(crate) async fn later(&self, days: i64) {
        self.clock.turn(days * 24 * 3600);
        self.province.publish();
        self.desk.sync().await.unwrap();
    }

    pub(crate) fn notices(&self) -> Vec<Notice> {
        self.desk.standing().unwrap().notices
    }

    pub(crate) fn pending(&self) -> u64 {
        self.desk.standing().unwrap().outbox.pending
    }

    pub(crate) fn entries(&self) -> usize {
        self.desk.store().search(&Filter { limit: 10_000, ..Filter::default() }).unwrap().len()
    }

    pub(crate) fn set_scene(&self, scene: &str) -> Result<(), DeskError> {
        self.desk.set_duty(Duty { scene: Some(scene.to_owned()), operator: None })
    }

    /// The end of every story: the log is whole, and each entry is judged again as it was,
    /// whatever the lists and the clock say by now.
    pub(crate) fn close(self) {
        self.clock.turn(3 * 24 * 3600);
        let store = self.desk.store();
        let entries: Vec<_> = store.export(&Filter::default()).map(Result::unwrap).collect();
        assert_eq!(store.check().unwrap().entries, entries.len() as u64);
        for entry in &entries {
            let again = self.desk.replay(entry.id).unwrap();
            assert!(again.same, "entry {} is judged otherwise now: {again:?}", entry.number);
            assert_eq!(again.recorded.decision.as_str(), entry.decision);
        }
    }
}

/// The root over all rows that a directory has at hand.
pub(crate) fn root_of(store: &Store, of: impl Into<DirectoryOf>) -> [u8; 32] {
    let of = of.into();
    let mut root = DirectoryRoot::new(store.directory_len(of).unwrap() as u32);
    store.directory_rows(of, |row| root.push(row.hash.as_u64(), row.index.0)).unwrap();
    root.finish()
}

/// The reasons of a verdict, in one line.
pub(crate) fn reasons(checked: &Checked) -> String {
    let codes: Vec<_> = checked.verdict.reasons().iter().map(|reason| reason.code()).collect();
    codes.join(" ")
}
