//! Answers as the page shows them. Generated into `ui/station/src/platform/bindings.ts`.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use specta::Type;
use tauri_specta::Event;
use yanma_station::domain::trust::Words;
use yanma_station::domain::verdict::{Check, ClockState, Decision, Finding, Outcome, Tier};
use yanma_station::lanes::Elsewhere;
use yanma_station::lists::Expectation;
use yanma_station::log::{Shown, upload_word};
use yanma_station::scenes::{SceneFault, SceneFileError};
use yanma_station::store::Entry;
use yanma_station::sync::{Progress, Refusal, RegionStanding};
use yanma_station::{Checked, Desk, DeskError, Knowledge, Standing};

use crate::kiosk;
use crate::lists::ExpectationView;
use crate::nearby::{ElsewhereView, LaneView};
use crate::preview::Side;
use crate::scene::ActionView;
use crate::subscription::CityView;

/// A verdict.
#[derive(Clone, Debug, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub(crate) struct VerdictView {
    entry: String,
    /// RFC 3339.
    at: String,
    decision: DecisionView,
    reasons: Vec<ReasonView>,
    colour: Option<String>,
    subject: SubjectView,
    online: bool,
    age_seconds: Option<f64>,
    tier: TierView,
    /// "code", "card", "typed", "scanned".
    methods: Vec<String>,
    /// Code and document were compared and are one person's.
    identity_matched: bool,
    /// The chip of the document was read: its country vouches for it, and it says what the page
    /// says.
    chip_holds: bool,
    /// Nobody shows anything now: it is a later word on what was shown, the authority's or with a
    /// chip.
    pub(crate) later: bool,
    /// The entry of the same encounter that this one puts right or completes.
    amends: Option<String>,
    /// Replaces an earlier verdict of the same encounter with a worse one.
    overturned: bool,
    /// What had been done with the person already.
    done: Option<ActionView>,
    /// Whether they are on a list of today, where there is one.
    expectation: Option<ExpectationView>,
    /// Since when this person has been inside, where people are counted in and out.
    inside_since: Option<String>,
    /// The lane at which they were let through today, when it was another.
    elsewhere: Option<ElsewhereView>,
    elapsed_ms: f64,
}

/// A new verdict, from whatever device.
#[derive(Clone, Debug, Serialize, Deserialize, Type, Event)]
#[tauri_specta(event_name = "verdict")]
pub(crate) struct VerdictEvent(pub VerdictView);

/// The desk as it stands now.
#[derive(Clone, Debug, Serialize, Deserialize, Type, Event)]
#[tauri_specta(event_name = "station")]
pub(crate) struct StationEvent(pub StationView);

/// 放行, 不放行, 人工处理.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "lowercase")]
pub(crate) enum DecisionView {
    Admit,
    Refuse,
    Refer,
}

impl DecisionView {
    /// `admit`, `refuse` or `refer`.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Admit => "admit",
            Self::Refuse => "refuse",
            Self::Refer => "refer",
        }
    }
}

impl From<Decision> for DecisionView {
    fn from(decision: Decision) -> Self {
        match decision {
            Decision::Admit => Self::Admit,
            Decision::Refuse => Self::Refuse,
            Decision::Refer => Self::Refer,
        }
    }
}

/// How old the data is, by the policy's tiers.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub(crate) enum TierView {
    Live,
    Normal,
    Old,
    TooOld,
    None,
}

impl From<Tier> for TierView {
    fn from(tier: Tier) -> Self {
        match tier {
            Tier::Live => Self::Live,
            Tier::Normal => Self::Normal,
            Tier::Old => Self::Old,
            Tier::TooOld => Self::TooOld,
            Tier::None => Self::None,
        }
    }
}

/// A reason by its code; the page has the words.
#[derive(Clone, Debug, Serialize, Deserialize, Type)]
pub(crate) struct ReasonView {
    code: String,
    weight: Weight,
}

/// How much a reason weighs.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Weight {
    Failed,
    NotChecked,
    Notice,
}

/// The person, masked.
#[derive(Clone, Debug, Default, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SubjectView {
    name: Option<String>,
    document: Option<String>,
    document_type: Option<String>,
    issuer_zh: Option<String>,
    issuer_en: Option<String>,
}

impl VerdictView {
    /// A verdict that was just made.
    pub(crate) fn of(
        checked: &Checked,
        knowledge: &Knowledge,
        expectation: Expectation,
        inside_since: Option<Timestamp>,
        elsewhere: Option<Elsewhere>,
    ) -> Self {
        let verdict = &checked.verdict;
        let subject = &verdict.subject;
        let issuer = subject.issuer.and_then(|id| knowledge.trust.as_ref()?.issuer(id));
        Self {
            entry: checked.entry.to_string(),
            at: checked.at.to_string(),
            decision: verdict.decision.into(),
            reasons: reasons(&verdict.findings),
            colour: verdict.colour_name().map(str::to_owned),
            subject: SubjectView {
                name: subject.name.as_ref().map(ToString::to_string),
                document: subject.document.clone(),
                document_type: subject.document_type.map(|kind| kind.as_str().to_owned()),
                issuer_zh: issuer.map(|issuer| issuer.name.zh.clone()),
                issuer_en: issuer.map(|issuer| issuer.name.en.clone()),
            },
            online: verdict.basis.online,
            age_seconds: verdict.basis.age_seconds.map(seconds),
            tier: verdict.basis.tier.into(),
            methods: checked.methods.iter().map(|method| method.as_str().to_owned()).collect(),
            identity_matched: identity_matched(&verdict.findings),
            chip_holds: chip_holds(&verdict.findings),
            later: false,
            amends: checked.amends.map(|amends| amends.entry.to_string()),
            overturned: checked.overturns(),
            done: checked.done.map(ActionView::from),
            expectation: ExpectationView::of(expectation),
            inside_since: inside_since.map(|since| since.to_string()),
            elsewhere: elsewhere.map(ElsewhereView::from),
            elapsed_ms: checked.elapsed.as_secs_f64() * 1000.0,
        }
    }

    /// A verdict of the log.
    pub(crate) fn of_entry(entry: &Entry) -> Result<Self, DeskError> {
        let body = yanma_station::log::body_of(entry)?;
        let shown = Shown::of_entry(entry)?;
        Ok(Self {
            entry: entry.id.to_string(),
            at: entry.at.to_string(),
            decision: body.decision.into(),
            reasons: reasons(&body.findings),
            colour: entry.colour.clone(),
            subject: SubjectView {
                name: shown.name,
                document: shown.document,
                document_type: shown.document_type.map(|kind| kind.as_str().to_owned()),
                ..SubjectView::default()
            },
            online: body.basis.online,
            age_seconds: body.basis.age_seconds.map(seconds),
            tier: body.basis.tier.into(),
            methods: entry.methods.clone(),
            identity_matched: identity_matched(&body.findings),
            chip_holds: chip_holds(&body.findings),
            later: false,
            amends: entry.amends.map(|id| id.to_string()),
            overturned: body.overturns(),
            done: body.done().map(ActionView::from),
            expectation: None,
            inside_since: None,
            elsewhere: None,
            elapsed_ms: 0.0,
        })
    }
}

fn chip_holds(findings: &[Finding]) -> bool {
    let mut outcomes = findings.iter().filter(|finding| finding.check == Check::Chip).peekable();
    outcomes.peek().is_some() && outcomes.all(|finding| finding.outcome == Outcome::Passed)
}

fn identity_matched(findings: &[Finding]) -> bool {
    let matched =
        |finding: &Finding| finding.check == Check::Identity && finding.outcome == Outcome::Passed;
    findings.iter().any(matched)
}

/// The gravest first, each once.
fn reasons(findings: &[Finding]) -> Vec<ReasonView> {
    let weight_of = |code: &str| {
        let outcome = findings.iter().map(|finding| finding.outcome);
        let mut of_code =
            outcome.filter(|outcome| outcome.reason().is_some_and(|reason| reason.code() == code));
        match of_code.next() {
            Some(Outcome::Failed(_)) => Weight::Failed,
            Some(Outcome::NotChecked(_)) => Weight::NotChecked,
            _ => Weight::Notice,
        }
    };
    yanma_station::domain::verdict::reasons(findings)
        .into_iter()
        .map(|reason| ReasonView {
            code: reason.code().to_owned(),
            weight: weight_of(reason.code()),
        })
        .collect()
}

/// JavaScript has no 64-bit integers; seconds of any age fit a double exactly.
#[expect(clippy::cast_precision_loss, reason = "ages are far below 2^53 seconds")]
pub(crate) fn seconds(seconds: i64) -> f64 {
    seconds as f64
}

/// A device and how it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
pub(crate) struct DeviceView {
    pub(crate) id: String,
    pub(crate) kind: DeviceKind,
    pub(crate) name: String,
    pub(crate) state: DeviceState,
    pub(crate) chosen: bool,
    /// Of a camera in use, or what stands in for one: the side that it watches.
    pub(crate) side: Option<Side>,
    /// What is wrong with it, or with what lies on it, and what to do.
    pub(crate) trouble: Option<WordsView>,
}

/// What kind of device.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "lowercase")]
pub(crate) enum DeviceKind {
    Camera,
    Pictures,
    Serial,
    Hid,
    Wedge,
    Card,
    Turnstile,
    Printer,
}

/// How a device is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "lowercase")]
pub(crate) enum DeviceState {
    Working,
    Opening,
    Lost,
    Busy,
    Refused,
    Off,
}

/// Words in two languages.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
pub(crate) struct WordsView {
    zh: String,
    en: String,
}

impl WordsView {
    /// The same in both languages.
    pub(crate) fn new(zh: &str, en: &str) -> Self {
        Self { zh: zh.to_owned(), en: en.to_owned() }
    }
}

impl From<&Words> for WordsView {
    fn from(words: &Words) -> Self {
        Self { zh: words.zh.clone(), en: words.en.clone() }
    }
}

/// How far a sync is that takes longer than a second.
#[derive(Clone, Debug, Serialize, Deserialize, Type)]
pub(crate) struct SyncProgress {
    /// "trust", "policy", "status" or "directory".
    feed: String,
    /// "fetch", in bytes, "build", in rows, or "show", in symbols before the camera.
    stage: String,
    done: u32,
    total: u32,
}

impl From<Progress> for SyncProgress {
    fn from(progress: Progress) -> Self {
        let Progress { feed, stage, done, total } = progress;
        // No feed has 2^32 bytes or rows.
        let count = |number| u32::try_from(number).unwrap_or(u32::MAX);
        Self {
            feed: feed.as_str().to_owned(),
            stage: stage.as_str().to_owned(),
            done: count(done),
            total: count(total),
        }
    }
}

/// A file that was refused, and what the desk does instead.
#[derive(Clone, Debug, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RefusalView {
    /// Its technical name.
    file: String,
    /// To be read out on the telephone.
    code: String,
    /// "damaged", "missing", "foreign", "wrong", "old" or "future".
    why: String,
    /// "again" or "next-head".
    instead: String,
    /// As of when is what stays in force, as RFC 3339; nothing does on a desk that has no data.
    kept_as_of: Option<String>,
}

impl RefusalView {
    fn of(refusal: &Refusal, kept_as_of: Option<Timestamp>) -> Self {
        Self {
            file: refusal.file.clone(),
            code: refusal.code.clone(),
            why: refusal.why.as_str().to_owned(),
            instead: refusal.instead.as_str().to_owned(),
            kept_as_of: kept_as_of.map(|as_of| as_of.to_string()),
        }
    }
}

/// The list of another issuer whose codes are recognised.
#[derive(Clone, Debug, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RegionView {
    /// As in its codes.
    issuer: u8,
    name: WordsView,
    /// Of its list; none while it is not on this desk.
    age_seconds: Option<f64>,
    refusal: Option<RefusalView>,
}

impl RegionView {
    fn of(desk: &Desk, region: &RegionStanding) -> Self {
        let age = |as_of: Timestamp| (desk.now().as_second() - as_of.as_second()).max(0);
        let refusal = region.refusal.as_ref();
        Self {
            issuer: region.issuer.0,
            name: (&region.name).into(),
            age_seconds: region.as_of.map(age).map(seconds),
            refusal: refusal.map(|refusal| RefusalView::of(refusal, region.as_of)),
        }
    }
}

/// How the authority was last heard of.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, Type)]
#[serde(rename_all = "lowercase")]
pub(crate) enum ConnectionView {
    Online,
    Offline,
    Connecting,
}

impl From<yanma_station::Connection> for ConnectionView {
    fn from(connection: yanma_station::Connection) -> Self {
        match connection {
            yanma_station::Connection::Online => Self::Online,
            yanma_station::Connection::Offline => Self::Offline,
            yanma_station::Connection::Connecting => Self::Connecting,
        }
    }
}

/// The desk, for the bar.
#[derive(Clone, Debug, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub(crate) struct StationView {
    station: Option<String>,
    site: Option<WordsView>,
    scene: String,
    operator: Option<String>,
    /// Somebody must sign in before anything may be done.
    sign_in_needed: bool,
    enrolled: bool,
    connection: ConnectionView,
    age_seconds: Option<f64>,
    tier: TierView,
    holders: u32,
    epoch: u32,
    sequence: u32,
    clock_trusted: bool,
    outbox: u32,
    quarantined: u32,
    /// How many people are inside, where the scene counts them.
    inside: Option<u32>,
    /// The other lanes that were ever heard; `None` for a desk that is no lane.
    lanes: Option<Vec<LaneView>>,
    devices: Vec<DeviceView>,
    sync: Option<SyncProgress>,
    refusal: Option<RefusalView>,
    /// The directories of the chosen cities; none while the whole one is wanted.
    cities: Vec<CityView>,
    /// The lists of other issuers, in the order of the trust list.
    regions: Vec<RegionView>,
    read_only: bool,
    /// The window fills the screen until somebody who may leaves it.
    kiosk: bool,
    notices: Vec<String>,
    /// Of the notice SCENE-FILE: what is wrong in which file.
    pub(crate) scene_faults: Vec<SceneFaultView>,
}

/// Why a scene of this site's own could not be taken.
#[derive(Clone, Debug, Serialize, Deserialize, Type)]
pub(crate) struct SceneFaultView {
    file: String,
    line: Option<u32>,
    key: Option<String>,
    /// What is wrong, in English.
    problem: String,
}

impl SceneFaultView {
    pub(crate) fn of(error: SceneFileError) -> Self {
        let SceneFault { line, key, problem } = error.fault;
        let line = line.and_then(|line| u32::try_from(line).ok());
        Self { file: error.file, line, key, problem }
    }
}

impl StationView {
    /// The desk as it stands, with its devices and what was noticed at its start.
    pub(crate) fn of(
        desk: &Desk,
        standing: &Standing,
        devices: Vec<DeviceView>,
        at_start: &[&'static str],
    ) -> Self {
        let enrolment = desk.enrolment();
        let notices = standing.notices.iter().map(|notice| notice.code());
        let small = |count: u64| u32::try_from(count).unwrap_or(u32::MAX);
        Self {
            station: enrolment.as_ref().map(|enrolment| enrolment.station_name.clone()),
            site: enrolment.as_ref().map(|enrolment| (&enrolment.site.name).into()),
            scene: desk.scene(),
            operator: desk.signed_in().map(|one| one.name).or(desk.duty().operator),
            sign_in_needed: desk.asks_for_sign_in(),
            enrolled: enrolment.is_some(),
            connection: standing.connection.into(),
            age_seconds: standing.age_seconds.map(seconds),
            tier: standing.tier.into(),
            holders: standing.holders,
            epoch: standing.position.map_or(0, |position| position.epoch),
            sequence: standing.position.map_or(0, |position| position.sequence),
            clock_trusted: standing.clock != ClockState::SetBack,
            outbox: small(standing.outbox.pending),
            quarantined: small(standing.outbox.rejected),
            inside: desk.count_inside(),
            lanes: desk.lanes().map(|lanes| lanes.into_iter().map(LaneView::from).collect()),
            devices,
            sync: desk.progress().map(SyncProgress::from),
            refusal: standing
                .refusal
                .as_ref()
                .map(|refusal| RefusalView::of(refusal, desk.kept_as_of(refusal))),
            cities: standing.cities.iter().map(|city| CityView::of(desk, city)).collect(),
            regions: standing.regions.iter().map(|region| RegionView::of(desk, region)).collect(),
            read_only: desk.is_read_only(),
            kiosk: kiosk::is_on(),
            notices: notices.chain(at_start.iter().copied()).map(str::to_owned).collect(),
            scene_faults: Vec::new(),
        }
    }
}

/// A row of the log.
#[derive(Clone, Debug, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub(crate) struct EntryRow {
    id: String,
    number: f64,
    at: String,
    decision: String,
    reasons: Vec<String>,
    colour: Option<String>,
    name: Option<String>,
    document: Option<String>,
    document_type: Option<String>,
    methods: Vec<String>,
    site: Option<String>,
    operator: Option<String>,
    upload: String,
    amends: Option<String>,
}

impl EntryRow {
    /// A row for an entry.
    #[expect(clippy::cast_precision_loss, reason = "a log has far fewer than 2^53 entries")]
    pub(crate) fn of(entry: &Entry) -> Result<Self, DeskError> {
        let shown = Shown::of_entry(entry)?;
        Ok(Self {
            id: entry.id.to_string(),
            number: entry.number.0 as f64,
            at: entry.at.to_string(),
            decision: entry.decision.clone(),
            reasons: entry.reasons.clone(),
            colour: entry.colour.clone(),
            name: shown.name,
            document: shown.document,
            document_type: shown.document_type.map(|kind| kind.as_str().to_owned()),
            methods: entry.methods.clone(),
            site: entry.site.clone(),
            operator: entry.operator.clone(),
            upload: upload_word(entry).to_owned(),
            amends: entry.amends.map(|id| id.to_string()),
        })
    }
}
