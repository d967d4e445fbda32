//! Sends what happened, one event after another, until each was taken.

use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use reqwest::header::CONTENT_TYPE;
use reqwest::{Client, Url};
use tokio::task::JoinSet;
use yanma_station::{Desk, DeskError, Told};

use super::standing::{Standing, Standings};
use super::{Hook, Trouble, sign, url};
use crate::answer::station_of;
use crate::event::Event;

/// How long a connection, and a whole answer, may take.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);
const ANSWER_TIMEOUT: Duration = Duration::from_secs(10);
/// Events that are read from the log at once; how far it is, is kept after so many at the latest.
const PAGE: u32 = 20;
/// The waits after a try that failed, in seconds; the last one again and again.
const WAITS: [i64; 7] = [2, 10, 30, 120, 600, 1800, 3600];
/// Tries, about two hours apart from first to last, after which an event that is refused (400 to
/// 499) is not sent again: those behind it wait.
const MOST_REFUSALS: u32 = 8;
/// The longest sleep, since the clock may be set.
const LOOK_AGAIN: Duration = Duration::from_secs(60);

/// The hooks that are at work. They end when this is dropped.
#[derive(Default)]
pub(crate) struct Hooks {
    hooks: Vec<Hook>,
    tasks: JoinSet<()>,
}

impl Hooks {
    /// Tells these from now on, and nobody else.
    pub(crate) async fn apply(&mut self, desk: &Arc<Desk>, hooks: &[Hook]) {
        if self.hooks == hooks {
            return;
        }
        self.tasks.shutdown().await;
        self.hooks = hooks.to_vec();
        for hook in hooks {
            let (desk, hook) = (Arc::clone(desk), hook.clone());
            self.tasks.spawn(async move {
                while let Err(error) = tell_for_ever(&desk, &hook).await {
                    tracing::error!(%error, hook = hook.id, "a web hook cannot be told");
                    tokio::time::sleep(LOOK_AGAIN).await;
                }
            });
        }
    }
}

/// What became of one try.
enum Tried {
    Taken,
    Failed(Trouble),
}

async fn tell_for_ever(desk: &Arc<Desk>, hook: &Hook) -> Result<(), DeskError> {
    let Ok(address) = url::read(&hook.url) else { return Err(DeskError::UnknownForm) };
    let client = client(&address)?;
    let mut written = desk.entries_written();
    let mut standing = Standings::of(desk)?.get(&hook.id);
    if standing.trouble == Some(Trouble::Ended) {
        return Ok(());
    }
    loop {
        written.mark_unchanged();
        if let Some(rest) = standing.next_at.and_then(|next| rest_until(next, desk.now())) {
            tokio::time::sleep(rest).await;
            continue;
        }
        let page = page_after(desk, standing.after).await?;
        if page.is_empty() {
            if written.changed().await.is_err() {
                return Ok(());
            }
            continue;
        }
        let mut kept = standing.clone();
        for told in &page {
            let tried = attempt(&client, &address, hook, told, desk).await;
            kept = after(kept, told, &tried, desk.now());
            if matches!(tried, Tried::Failed(_)) {
                break;
            }
        }
        standing = kept;
        keep(desk, &hook.id, &standing).await?;
        if standing.trouble == Some(Trouble::Ended) {
            tracing::warn!(hook = hook.id, "a web hook is gone (410) and is told nothing more");
            return Ok(());
        }
    }
}

fn client(address: &Url) -> Result<Client, DeskError> {
    let mut builder = Client::builder()
        .connect_timeout(CONNECT_TIMEOUT)
        .timeout(ANSWER_TIMEOUT)
        .redirect(reqwest::redirect::Policy::none())
        .user_agent(concat!("yanma/", env!("CARGO_PKG_VERSION")));
    if address.scheme() == "http" {
        // What is not encrypted goes straight there.
        builder = builder.no_proxy();
    }
    builder.build().map_err(|error| {
        tracing::error!(%error, "this computer's certificates or network cannot be used");
        DeskError::UnknownForm
    })
}

/// How long to wait for an instant; `None` once it has come.
fn rest_until(next: Timestamp, now: Timestamp) -> Option<Duration> {
    let rest = Duration::try_from(now.duration_until(next)).ok()?;
    (!rest.is_zero()).then(|| rest.min(LOOK_AGAIN))
}

async fn page_after(desk: &Arc<Desk>, number: u64) -> Result<Vec<Told>, DeskError> {
    let desk = Arc::clone(desk);
    let read = tokio::task::spawn_blocking(move || desk.told_after(number, PAGE)).await;
    read.map_err(|_| DeskError::Interrupted)?
}

async fn keep(desk: &Arc<Desk>, id: &str, standing: &Standing) -> Result<(), DeskError> {
    let (desk, id, standing) = (Arc::clone(desk), id.to_owned(), standing.clone());
    let kept = tokio::task::spawn_blocking(move || Standings::keep(&desk, &id, &standing)).await;
    match kept.map_err(|_| DeskError::Interrupted)? {
        Ok(()) => {}
        // A full disk: what is sent twice has the same name.
        Err(error) => tracing::error!(%error, "how far a web hook is could not be kept"),
    }
    Ok(())
}

async fn attempt(client: &Client, address: &Url, hook: &Hook, told: &Told, desk: &Desk) -> Tried {
    let event = Event::of(told, station_of(desk));
    let body = serde_json::to_vec(&event).unwrap_or_default();
    // The same for each try of the same event, also after a restart.
    let id = format!("evt_{}", told.entry.simple());
    let seconds = desk.now().as_second();
    let Some(signature) = sign::sign(hook.secret.reveal(), &id, seconds, &body) else {
        return Tried::Failed(Trouble::Unreachable);
    };
    let sent = client
        .post(address.clone())
        .header(CONTENT_TYPE, "application/json")
        .header("webhook-id", &id)
        .header("webhook-timestamp", seconds.to_string())
        .header("webhook-signature", signature)
        .body(body)
        .send()
        .await;
    match sent.map(|response| response.status().as_u16()) {
        Ok(200..=299) => Tried::Taken,
        Ok(410) => Tried::Failed(Trouble::Ended),
        Ok(status) => Tried::Failed(Trouble::Status(status)),
        Err(error) => {
            tracing::info!(error = %error.without_url(), hook = hook.id, "a web hook was not told");
            Tried::Failed(Trouble::Unreachable)
        }
    }
}

/// How far a hook is after a try.
fn after(before: Standing, told: &Told, tried: &Tried, now: Timestamp) -> Standing {
    let number = told.number.unwrap_or(before.after);
    match tried {
        Tried::Taken => Standing {
            after: number,
            attempts: 0,
            next_at: None,
            trouble: None,
            given_up: before.given_up,
        },
        Tried::Failed(trouble) => {
            let attempts = before.attempts + 1;
            if attempts >= MOST_REFUSALS && is_refusal(*trouble) {
                return Standing {
                    after: number,
                    attempts: 0,
                    next_at: None,
                    trouble: Some(*trouble),
                    given_up: before.given_up + 1,
                };
            }
            let step = usize::try_from(attempts - 1).unwrap_or(usize::MAX).min(WAITS.len() - 1);
            let wait = SignedDuration::from_secs(WAITS[step]);
            Standing { attempts, next_at: Some(now + wait), trouble: Some(*trouble), ..before }
        }
    }
}

/// Whether the same will be refused again: not where the other side asks for patience.
fn is_refusal(trouble: Trouble) -> bool {
    matches!(trouble, Trouble::Status(status)
        if (400..500).contains(&status) && !matches!(status, 408 | 425 | 429))
}

#[cfg(test)]
mod tests {
    use yanma_station::Kind;
    use yanma_station::domain::verdict::Decision;

    use super::*;

    fn event(number: u64) -> Told {
        let at = Timestamp::UNIX_EPOCH;
        Told {
            entry: uuid::Uuid::nil(),
            number: Some(number),
            kind: Kind::Verdict,
            at,
            judged_at: at,
            decision: Decision::Admit,
            reasons: Vec::new(),
            list_age_seconds: None,
            online: false,
            scene: "general".to_owned(),
            done: None,
            amends: None,
            reference: None,
        }
    }

    /// So many tries that fail alike; the waits between them, and where it is then.
    fn failing(trouble: Trouble, tries: u32) -> (Vec<i64>, Standing) {
        let mut standing = Standing { after: 6, ..Standing::default() };
        let mut waits = Vec::new();
        for _ in 0..tries {
            standing = after(standing, &event(7), &Tried::Failed(trouble), Timestamp::UNIX_EPOCH);
            waits.extend(standing.next_at.map(Timestamp::as_second));
        }
        (waits, standing)
    }

    #[test]
    fn a_receiver_that_is_away_is_waited_for_as_long_as_it_takes() {
        for trouble in [Trouble::Unreachable, Trouble::Status(500), Trouble::Status(429)] {
            let (waits, standing) = failing(trouble, 10);
            assert_eq!(waits, [2, 10, 30, 120, 600, 1800, 3600, 3600, 3600, 3600]);
            assert_eq!((standing.after, standing.given_up), (6, 0));
            let taken = after(standing, &event(7), &Tried::Taken, Timestamp::UNIX_EPOCH);
            assert_eq!(taken, Standing { after: 7, ..Standing::default() });
        }
    }

    #[test]
    fn an_event_that_is_refused_again_and_again_does_not_hold_up_those_behind_it() {
        let (waits, standing) = failing(Trouble::Status(422), MOST_REFUSALS);
        assert_eq!(waits.len(), 7, "the eighth refusal is the last");
        assert_eq!((standing.after, standing.given_up, standing.next_at), (7, 1, None));
        assert_eq!(standing.trouble, Some(Trouble::Status(422)), "and somebody can see it");
        assert_eq!(failing(Trouble::Status(422), MOST_REFUSALS - 1).1.after, 6);
    }
}
