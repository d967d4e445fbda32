//! Giving the lists: a folder that follows what the desk has, and whoever serves it.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinSet;
use yanma_station::{Desk, DeskError};

use crate::find::{FEEDS, FindError, Speaker, Where};
use crate::serve::{self, Server};

/// The folder beside the desk's file.
const FOLDER: &str = "nearby";
/// How often it is looked whether the desk has a newer head.
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
    /// Ended with this.
    _work: JoinSet<()>,
    _speaker: Speaker,
}

impl Giving {
    /// Gives the lists of this desk, from the next time that it reaches the authority on, at a
    /// port that is free.
    ///
    /// # Errors
    /// [`GiveError`].
    pub async fn start(desk: Arc<Desk>, on: Where) -> Result<Self, GiveError> {
        let folder = desk.store().path().with_file_name(FOLDER);
        let server = Server::bind().await?;
        let port = server.port();
        let speaker = Speaker::on(on)?;
        speaker.announce(FEEDS, &random_name()?, port)?;
        let mut work = JoinSet::new();
        work.spawn(keep_up(desk, folder.clone()));
        work.spawn(server.serve(serve::lists(folder)));
        tracing::info!(port, "other desks in this network are given the lists");
        Ok(Self { port, _work: work, _speaker: speaker })
    }

    /// The TCP port.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }
}

pub(crate) fn random_name() -> Result<String, DeskError> {
    let mut bytes = [0; 6];
    getrandom::fill(&mut bytes).map_err(|_| DeskError::NoRandomness)?;
    Ok(format!("yanma-{}", hex::encode(bytes)))
}

/// Keeps the folder as the desk is.
async fn keep_up(desk: Arc<Desk>, folder: PathBuf) {
    let mut given = 0;
    loop {
        let has = desk.knowledge().head_number;
        if has <= given {
            tokio::time::sleep(LOOK_EVERY).await;
            continue;
        }
        match bring(&desk, &folder).await {
            Ok(head) => given = head,
            Err(error) => {
                tracing::info!(%error, "what other desks are given stays as it is");
                tokio::time::sleep(AGAIN).await;
            }
        }
    }
}

async fn bring(desk: &Desk, folder: &Path) -> Result<u64, DeskError> {
    let exported = desk.export(folder).await?;
    serve::remove_old(folder);
    Ok(exported.head)
}
