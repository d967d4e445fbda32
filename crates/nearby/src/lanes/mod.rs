//! Desks of one site that tell each other whom they let through: each asks all the others every
//! two seconds what they have.
//!
//! Question and answer are under the key of the site ([`LaneKey`]): whoever has another is
//! answered nothing, and an answer of before is none to a new question. What is said is in
//! [`yanma_station::lanes`]: keyed hashes, no name and no number.

mod key;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::routing::get;
use reqwest::Client;
use ring::digest::{SHA256, digest};
use serde::{Deserialize, Serialize};
use tokio::task::{AbortHandle, JoinSet};
use tokio::time::MissedTickBehavior;
use yanma_station::lanes::LaneState;
use yanma_station::{Desk, DeskError};

pub use self::key::{LaneKey, LaneKeyError};
use self::key::{SALT_LEN, TAG_LEN};
use crate::find::{Found, LANES, Speaker, Where};
use crate::give::{GiveError, random_name};
use crate::serve::Server;

/// How often every other lane is asked.
const ASK_EVERY: Duration = Duration::from_secs(2);
/// How long one may take, at all its addresses together, with all that a busy lane has.
const LONGEST: Duration = Duration::from_secs(5);
/// How soon an address answers in one network.
const CONNECTED_WITHIN: Duration = Duration::from_secs(1);
/// The longest answer, in bytes: 100,000 people of a day with room to spare.
const MAX_ANSWER: usize = 32 << 20;
/// Length of a digest, in bytes.
const DIGEST_LEN: usize = 32;

/// What one lane answers another.
#[derive(Serialize, Deserialize)]
struct Answer {
    /// The station, as the authority names it.
    lane: String,
    /// What the people at the site call it.
    name: String,
    /// SHA-256 of what it has, as hexadecimal digits.
    digest: String,
    /// What it has; left out where whoever asks knows it.
    state: Option<LaneState>,
}

/// Asks and answers until it is dropped.
pub(crate) struct Lane {
    key: LaneKey,
    desk: Arc<Desk>,
    /// Ended with this.
    _work: JoinSet<()>,
    _speaker: Speaker,
}

impl Lane {
    /// Makes this desk a lane among those who have the key.
    ///
    /// # Errors
    /// [`GiveError`].
    pub(crate) async fn start(desk: Arc<Desk>, on: Where, key: LaneKey) -> Result<Self, GiveError> {
        let client = Client::builder().no_proxy().connect_timeout(CONNECTED_WITHIN).build();
        let client = client.map_err(|_| GiveError::Client)?;
        let server = Server::bind().await?;
        let speaker = Speaker::on(on)?;
        let own = speaker.announce(LANES, &random_name()?, server.port())?;
        let found = speaker.look(LANES)?;
        let mut work = JoinSet::new();
        let known = Mutex::default();
        let asking = Arc::new(Asking { desk: Arc::clone(&desk), key: key.clone(), client, known });
        work.spawn(keep_asking(found, own, move |name, addresses| {
            let asking = Arc::clone(&asking);
            async move { asking.follow(name, &addresses).await }
        }));
        work.spawn(server.serve(router(Arc::clone(&desk), key.clone())));
        desk.work_with_lanes(true);
        Ok(Self { key, desk, _work: work, _speaker: speaker })
    }

    pub(crate) fn has(&self, key: &LaneKey) -> bool {
        self.key == *key
    }
}

impl Drop for Lane {
    fn drop(&mut self) {
        self.desk.work_with_lanes(false);
    }
}

/// The path of a question: its salt, the digest of what is known, the tag of both.
pub(crate) const PATH: &str = "/v1/lane/";

fn router(desk: Arc<Desk>, key: LaneKey) -> Router {
    Router::new()
        .route(&format!("{PATH}{{salt}}/{{known}}/{{tag}}"), get(answer))
        .with_state((desk, key))
}

/// A question that is not under this site's key is told that there is nothing here.
async fn answer(
    State((desk, key)): State<(Arc<Desk>, LaneKey)>,
    Path((salt, known, tag)): Path<(String, String, String)>,
) -> Result<Vec<u8>, StatusCode> {
    let (salt, known, tag) = question(&salt, &known, &tag).ok_or(StatusCode::NOT_FOUND)?;
    if !key.asks(&salt, &known, &tag) {
        return Err(StatusCode::NOT_FOUND);
    }
    let sealed = tokio::task::spawn_blocking(move || {
        let answer = serde_json::to_vec(&answer_of(&desk, &known)?);
        key.seal(&salt, answer.map_err(|_| DeskError::UnknownForm)?)
    });
    let sealed = sealed.await.map_err(|_| DeskError::Interrupted).flatten();
    sealed.map_err(|error| {
        tracing::info!(%error, "another lane could not be answered");
        StatusCode::SERVICE_UNAVAILABLE
    })
}

type Question = ([u8; SALT_LEN], [u8; DIGEST_LEN], [u8; TAG_LEN]);

fn question(salt: &str, known: &str, tag: &str) -> Option<Question> {
    let (mut question, [of_salt, of_known, of_tag]) =
        (([0; SALT_LEN], [0; DIGEST_LEN], [0; TAG_LEN]), [salt, known, tag]);
    hex::decode_to_slice(of_salt, &mut question.0).ok()?;
    hex::decode_to_slice(of_known, &mut question.1).ok()?;
    hex::decode_to_slice(of_tag, &mut question.2).ok()?;
    Some(question)
}

fn answer_of(desk: &Desk, known: &[u8; DIGEST_LEN]) -> Result<Answer, DeskError> {
    let enrolment = desk.enrolment().ok_or(DeskError::NotEnrolled)?;
    let state = desk.lane_state()?;
    let bytes = serde_json::to_vec(&state).map_err(|_| DeskError::UnknownForm)?;
    let now = digest(&SHA256, &bytes);
    let is_known = now.as_ref() == known;
    Ok(Answer {
        lane: enrolment.station.clone(),
        name: enrolment.station_name.clone(),
        digest: hex::encode(now),
        state: (!is_known).then_some(state),
    })
}

struct Asking {
    desk: Arc<Desk>,
    key: LaneKey,
    client: Client,
    /// The digest of what each said last, by the name under which it is found.
    known: Mutex<BTreeMap<String, [u8; DIGEST_LEN]>>,
}

/// Asks each of the others in turn of its own: one that is slow, or an announcement behind which
/// nobody is, holds up no other and is not asked again meanwhile.
async fn keep_asking<Ask>(found: Found, own: String, ask: impl Fn(String, Vec<SocketAddr>) -> Ask)
where
    Ask: Future<Output = ()> + Send + 'static,
{
    let mut ticks = tokio::time::interval(ASK_EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut work = JoinSet::new();
    let mut asked: BTreeMap<String, AbortHandle> = BTreeMap::new();
    loop {
        ticks.tick().await;
        while work.try_join_next().is_some() {}
        asked.retain(|_, asked| !asked.is_finished());
        for (name, addresses) in found.now().into_iter().filter(|(name, _)| *name != own) {
            let ask_it = |name: &String| work.spawn(ask(name.clone(), addresses));
            asked.entry(name).or_insert_with_key(ask_it);
        }
    }
}

/// Why a lane was not heard.
#[derive(Debug, thiserror::Error)]
enum AskError {
    /// It did not answer, or said that there is nothing: it has another key.
    #[error("it did not answer")]
    Silent,
    /// The answer is not under this site's key, or not to this question.
    #[error("its answer is not under the key of this site")]
    Foreign,
    /// What it says is not what lanes say.
    #[error("its answer is in a form that this program does not know")]
    Form,
    /// It cannot be kept.
    #[error(transparent)]
    Desk(#[from] DeskError),
}

impl Asking {
    /// Asks a lane what is new there.
    async fn follow(&self, name: String, addresses: &[SocketAddr]) {
        let known = || self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let before = known().get(&name).copied().unwrap_or_default();
        let heard = tokio::time::timeout(LONGEST, self.ask(addresses, before)).await;
        match heard.unwrap_or(Err(AskError::Silent)) {
            Ok(digest) => drop(known().insert(name, digest)),
            Err(error) => {
                // Asked for the whole of it the next time.
                known().remove(&name);
                tracing::debug!(%error, name, "a lane was not heard");
            }
        }
    }

    /// Takes what a lane has, from the first address that leads there, and gives its digest.
    async fn ask(
        &self,
        addresses: &[SocketAddr],
        known: [u8; DIGEST_LEN],
    ) -> Result<[u8; DIGEST_LEN], AskError> {
        let mut salt = [0; SALT_LEN];
        getrandom::fill(&mut salt).map_err(|_| DeskError::NoRandomness)?;
        let tag = self.key.ask(&salt, &known);
        let (asked, knows, tag) = (hex::encode(salt), hex::encode(known), hex::encode(tag));
        let mut sealed = None;
        for address in addresses {
            sealed = self.fetch(&format!("http://{address}{PATH}{asked}/{knows}/{tag}")).await;
            if sealed.is_some() {
                break;
            }
        }
        let answer = self.key.open(&salt, &sealed.ok_or(AskError::Silent)?);
        let answer: Answer = serde_json::from_slice(&answer.ok_or(AskError::Foreign)?)
            .map_err(|_| AskError::Form)?;
        let mut digest = [0; DIGEST_LEN];
        hex::decode_to_slice(&answer.digest, &mut digest).map_err(|_| AskError::Form)?;
        let desk = Arc::clone(&self.desk);
        let hear = move || desk.hear_lane(&answer.lane, &answer.name, answer.state);
        tokio::task::spawn_blocking(hear).await.map_err(|_| DeskError::Interrupted)??;
        Ok(digest)
    }

    async fn fetch(&self, url: &str) -> Option<Vec<u8>> {
        let mut response = self.client.get(url).send().await.ok()?.error_for_status().ok()?;
        let mut bytes = Vec::new();
        while let Some(piece) = response.chunk().await.ok()? {
            if bytes.len() + piece.len() > MAX_ANSWER {
                return None;
            }
            bytes.extend_from_slice(&piece);
        }
        Some(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn an_announcement_behind_which_nobody_is_holds_up_no_lane() {
        let address = SocketAddr::from(([127, 0, 0, 1], 9));
        let found = Found::of(["gate-2", "own", "silent"].map(|name| (name, vec![address])));
        let asked = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&asked);
        let asking = keep_asking(found, "own".to_owned(), move |name, _| {
            seen.lock().unwrap().push(name.clone());
            async move {
                if name == "silent" {
                    tokio::time::sleep(Duration::from_secs(15)).await;
                }
            }
        });
        tokio::time::timeout(Duration::from_secs(19), asking).await.unwrap_err();
        let asked = asked.lock().unwrap();
        let times = |name: &str| asked.iter().filter(|asked| *asked == name).count();
        assert_eq!((times("gate-2"), times("silent"), times("own")), (10, 2, 0));
    }
}
