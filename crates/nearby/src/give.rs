//! Giving the lists: a folder that follows what the desk has, and whoever serves it.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinSet;
use yanma_station::{Desk, DeskError};

use crate::find::{FEEDS, FindError, Speaker, Where};
use crate::serve::{self, Server};

/// How often it is looked whether the desk has a newer head, or is enrolled no more.
const LOOK_EVERY: Duration = Duration::from_secs(2);
/// How long after the folder could not be brought up to date it is tried again.
const AGAIN: Duration = Duration::from_secs(30);

/// Why lists are not given, or other lanes not told.
#[derive(Debug, thiserror::Error)]
pub enum GiveError {
    /// Nothing can be listened at.
    #[error("this computer gives no connections to other desks: {0}")]
    Listen(#[from] std::io::Error),
    /// Nobody would find it.
    #[error(transparent)]
    Find(#[from] FindError),
    /// Nobody can be asked.
    #[error("this machine's network cannot be used")]
    Client,
    /// No name could be made.
    #[error(transparent)]
    Desk(#[from] DeskError),
}

/// Gives lists until it is dropped.
pub struct Giving {
    port: u16,
    desk: Arc<Desk>,
    /// Ended with this.
    work: JoinSet<()>,
}

impl Giving {
    /// Gives the lists of this desk, from the next time that it reaches the authority on, at a
    /// port that is free. While the desk is not enrolled nothing is given, and nobody told.
    ///
    /// # Errors
    /// [`GiveError`].
    pub async fn start(desk: Arc<Desk>, on: Where) -> Result<Self, GiveError> {
        let server = Server::bind().await?;
        let port = server.port();
        let speaker = announce(on, port)?;
        let mut work = JoinSet::new();
        work.spawn(keep_up(Arc::clone(&desk), on, port, speaker));
        work.spawn(server.serve(serve::lists(desk.given_folder())));
        tracing::info!(port, "other desks in this network are given the lists");
        Ok(Self { port, desk, work })
    }

    /// Gives no more, and takes away what was given.
    pub(crate) async fn end(mut self) {
        self.work.shutdown().await;
        self.desk.remove_given();
    }

    /// The TCP port.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }
}

fn announce(on: Where, port: u16) -> Result<Speaker, GiveError> {
    let speaker = Speaker::on(on)?;
    speaker.announce(FEEDS, &random_name()?, port)?;
    Ok(speaker)
}

pub(crate) fn random_name() -> Result<String, DeskError> {
    let mut bytes = [0; 6];
    getrandom::fill(&mut bytes).map_err(|_| DeskError::NoRandomness)?;
    Ok(format!("yanma-{}", hex::encode(bytes)))
}

/// Keeps the folder as the desk is, and has it found while the desk is enrolled.
async fn keep_up(desk: Arc<Desk>, on: Where, port: u16, speaker: Speaker) {
    let folder = desk.given_folder();
    let (mut given, mut found_by) = (0, Some(speaker));
    loop {
        if desk.enrolment().is_none() {
            // What an export was writing when the desk was ended goes too.
            (given, found_by) = (0, None);
            desk.remove_given();
            tokio::time::sleep(LOOK_EVERY).await;
            continue;
        }
        if found_by.is_none() {
            match announce(on, port) {
                Ok(speaker) => found_by = Some(speaker),
                Err(error) => tracing::warn!(%error, "no other desk finds the lists"),
            }
        }
        let has = desk.knowledge().head_number;
        if has <= given {
            tokio::time::sleep(LOOK_EVERY).await;
            continue;
        }
        match bring(&desk, &folder).await {
            Ok(head) => given = head,
            Err(error) => {
                tracing::info!(%error, "what other desks are given stays as it is");
                // One that was ended meanwhile has something to remove at once.
                if desk.enrolment().is_some() {
                    tokio::time::sleep(AGAIN).await;
                }
            }
        }
    }
}

async fn bring(desk: &Desk, folder: &Path) -> Result<u64, DeskError> {
    let exported = desk.export(folder).await?;
    serve::remove_old(folder);
    Ok(exported.head)
}
