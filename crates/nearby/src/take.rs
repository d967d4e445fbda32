//! Taking the lists of another desk, while the authority is not reached.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinHandle;
use tokio::time::{Instant, timeout};
use yanma_station::authority::{AuthorityError, HttpAuthority};
use yanma_station::sync::Synced;
use yanma_station::{Connection, Desk, DeskError};

use crate::find::{FEEDS, FindError, Found, Speaker, Where};

/// How often it is looked whether lists are wanted.
const LOOK_EVERY: Duration = Duration::from_secs(10);
/// How long after a desk was asked it is not asked again.
const REST: Duration = Duration::from_secs(60);
/// How long a desk that gave what was refused, or was slow, is left alone.
const REFUSED_REST: Duration = Duration::from_secs(15 * 60);
/// How long one desk may take: the authority is not asked meanwhile. What came of a directory is
/// gone on with the next time.
const LONGEST: Duration = Duration::from_secs(60);
/// How long a command looks for others before it says that there are none. They are asked for at
/// once and after 1, 2 and 4 seconds, and an answer may be lost.
const FIRST_LOOK: Duration = Duration::from_secs(10);
/// How long between two looks at who was found.
const GLANCE: Duration = Duration::from_millis(200);

/// Takes lists until it is dropped.
pub(crate) struct Taking {
    work: JoinHandle<()>,
    _speaker: Speaker,
}

impl Drop for Taking {
    fn drop(&mut self) {
        self.work.abort();
    }
}

impl Taking {
    pub(crate) fn start(desk: Arc<Desk>, on: Where) -> Result<Self, FindError> {
        let speaker = Speaker::on(on)?;
        let found = speaker.look(FEEDS)?;
        let work = tokio::spawn(keep_taking(desk, found));
        Ok(Self { work, _speaker: speaker })
    }
}

async fn keep_taking(desk: Arc<Desk>, found: Found) {
    let mut asked = Asked::default();
    loop {
        tokio::time::sleep(LOOK_EVERY).await;
        if desk.enrolment().is_none() || desk.connection() != Connection::Offline {
            continue;
        }
        for (name, addresses) in found.now() {
            if asked.rests(&name) {
                continue;
            }
            match take_from(&desk, &addresses).await {
                Ok(Took { newer: true, synced, .. }) => {
                    asked.note(name, REST);
                    tracing::info!(head = synced.head, "the lists of a desk in this network");
                    break;
                }
                Ok(_) => asked.note(name, REST),
                Err(error) => {
                    tracing::info!(%error, name, "what a desk in this network gave is not taken");
                    asked.note(name, rest_after(&error));
                }
            }
        }
    }
}

/// Whoever gave what was refused is left alone for longer.
fn rest_after(error: &TakeError) -> Duration {
    match error {
        TakeError::Desk(DeskError::Feed(_)) | TakeError::TooSlow => REFUSED_REST,
        _ => REST,
    }
}

/// Until when those who were asked are not asked again.
#[derive(Default)]
struct Asked(BTreeMap<String, Instant>);

impl Asked {
    fn rests(&mut self, name: &str) -> bool {
        let now = Instant::now();
        self.0.retain(|_, until| *until > now);
        self.0.contains_key(name)
    }

    fn note(&mut self, name: String, rest: Duration) {
        self.0.insert(name, Instant::now() + rest);
    }
}

/// What another desk gave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Took {
    /// Its address.
    pub from: SocketAddr,
    /// What it brought.
    pub synced: Synced,
    /// Whether its head is newer than the one before.
    pub newer: bool,
}

/// Why nothing was taken.
#[derive(Debug, thiserror::Error)]
pub enum TakeError {
    /// Nobody gives lists in this network.
    #[error("no other desk in this network gives its lists")]
    Nobody,
    /// It did not end within a minute. What was fetched of a directory is gone on with.
    #[error("the other desk took too long")]
    TooSlow,
    /// Multicast DNS.
    #[error(transparent)]
    Find(#[from] FindError),
    /// What the other desk gave was refused, or it went away.
    #[error(transparent)]
    Desk(#[from] DeskError),
}

/// Looks for other desks and takes the first newer lists that one of them gives, for a command
/// that ends.
///
/// # Errors
/// [`TakeError`]: of the last that was asked, when none had anything newer.
pub async fn take_once(desk: &Desk, on: Where) -> Result<Took, TakeError> {
    let speaker = Speaker::on(on)?;
    let found = speaker.look(FEEDS)?;
    let mut asked = Vec::new();
    let mut last = Err(TakeError::Nobody);
    let end = Instant::now() + FIRST_LOOK;
    while Instant::now() < end {
        for (name, addresses) in found.now() {
            if asked.contains(&name) {
                continue;
            }
            last = take_from(desk, &addresses).await;
            match last {
                Ok(Took { newer: true, .. }) => return last,
                // Not all of its addresses may be known yet.
                Err(TakeError::Desk(DeskError::Authority(AuthorityError::Unreachable))) => {}
                _ => asked.push(name),
            }
        }
        tokio::time::sleep(GLANCE).await;
    }
    last
}

/// From the first address that leads there.
async fn take_from(desk: &Desk, addresses: &[SocketAddr]) -> Result<Took, TakeError> {
    let before = desk.knowledge().head_number;
    let mut last = Err(TakeError::Nobody);
    for from in addresses.iter().copied() {
        let carrier = HttpAuthority::carrier(from).map_err(DeskError::from)?;
        let taken = timeout(LONGEST, desk.import_from(Arc::new(carrier))).await;
        match taken.map_err(|_| TakeError::TooSlow)? {
            Ok(synced) => return Ok(Took { from, synced, newer: synced.head > before }),
            Err(error @ DeskError::Authority(AuthorityError::Unreachable)) => {
                last = Err(error.into());
            }
            Err(error) => return Err(error.into()),
        }
    }
    last
}
