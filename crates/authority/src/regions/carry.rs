//! What other issuers publish of their colours, for our desks: their heads and status lists as
//! they are, signed by them, in a folder for each beside our own feeds.
//!
//! A desk verifies them by our trust list, which has their keys, so it matters as little who
//! carries these as who carries ours. What is in a head beside the status list stays at home.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex as StdMutex, PoisonError};
use std::time::Duration;

use reqwest::Client;
use tokio::sync::Mutex;
use tokio::task::{JoinSet, spawn_blocking};
use tokio::time::timeout;
use yanma_domain::IssuerId;

use super::follow::{Followed, Source};
use super::table::RegionRow;
use crate::error::Error;
use crate::feeds::{Folder, PublishError};

/// How long one issuer may take in one round. What was fetched until then stays fetched.
const ROUND: Duration = Duration::from_secs(60);

/// The folders of other issuers, for whoever publishes.
#[derive(Debug, Default)]
pub(super) struct Carried(Mutex<BTreeMap<IssuerId, Arc<Mutex<Carrier>>>>);

/// The folder of one issuer.
#[derive(Debug)]
struct Carrier {
    /// Written away from the threads that serve requests.
    folder: Arc<StdMutex<Folder>>,
    /// The number of the head that lies there, once that is known.
    number: Option<u64>,
}

/// Where an issuer's folder is.
pub(crate) fn folder_of(feeds: &Path, issuer: IssuerId) -> PathBuf {
    feeds.join("regions").join(issuer.to_string())
}

impl Carried {
    /// Brings every folder to what is known of its issuer, all at the same time. What goes wrong
    /// with one is told to the log and tried again; what lies there stays in force.
    pub(super) async fn bring(
        &self,
        feeds: &Path,
        client: &Client,
        known: Vec<(RegionRow, Arc<Followed>)>,
    ) -> Result<(), Error> {
        let mut carriers = self.0.lock().await;
        let recognised = |issuer: &IssuerId| known.iter().any(|(row, _)| row.issuer == *issuer);
        carriers.retain(|issuer, _| recognised(issuer));
        let mut work = JoinSet::new();
        for (row, followed) in known {
            let carrier = match carriers.get(&row.issuer) {
                Some(carrier) => Arc::clone(carrier),
                None => {
                    let path = folder_of(feeds, row.issuer);
                    let carrier = Arc::new(Mutex::new(Carrier::open(path, &followed).await?));
                    carriers.insert(row.issuer, Arc::clone(&carrier));
                    carrier
                }
            };
            let client = client.clone();
            work.spawn(async move {
                let mut carrier = carrier.lock().await;
                let source = Source { client: &client, region: &row };
                match timeout(ROUND, carrier.take(&source, &followed)).await {
                    Ok(Ok(())) => {}
                    Ok(Err(error)) => {
                        tracing::warn!(issuer = %row.issuer, %error, "a region's list is not carried");
                    }
                    Err(_) => tracing::warn!(issuer = %row.issuer, "a region's list comes slowly"),
                }
            });
        }
        while let Some(done) = work.join_next().await {
            done.map_err(|_| Error::Panicked)?;
        }
        Ok(())
    }
}

/// Removes what lies there of issuers that are not recognised any more.
pub(super) fn remove_but(feeds: &Path, recognised: &[IssuerId]) -> std::io::Result<()> {
    let folders = match std::fs::read_dir(feeds.join("regions")) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        folders => folders?,
    };
    for folder in folders {
        let folder = folder?;
        let issuer = folder.file_name().to_str().and_then(|name| name.parse().ok()).map(IssuerId);
        if issuer.is_some_and(|issuer| !recognised.contains(&issuer)) {
            std::fs::remove_dir_all(folder.path())?;
        }
    }
    Ok(())
}

impl Carrier {
    /// What another process left there may be newer than what this one knows; a head that cannot
    /// be opened is replaced.
    async fn open(path: PathBuf, followed: &Arc<Followed>) -> Result<Self, Error> {
        let followed = Arc::clone(followed);
        aside(move || {
            let folder = Folder::open(&path)?;
            let lies_there = folder.read_head()?;
            let number = lies_there.and_then(|bytes| followed.number_of(&bytes));
            Ok(Self { folder: Arc::new(StdMutex::new(folder)), number })
        })
        .await
    }

    /// Fetches what the head names and is not there, and puts the head in its place last.
    async fn take(&mut self, source: &Source<'_>, followed: &Followed) -> Result<(), CarryError> {
        if self.number.is_some_and(|there| there >= followed.mark.number) {
            return Ok(());
        }
        for file in followed.head.feeds.status.files() {
            let file = *file;
            if self.in_folder(move |folder| Ok(folder.check_there(&file).is_err())).await? {
                let bytes = source.file(&file).await?;
                self.in_folder(move |folder| folder.write(&file, &bytes)).await?;
            }
        }
        let (head, bytes) = (followed.head.clone(), followed.bytes.clone());
        self.in_folder(move |folder| folder.write_head(&head, &bytes, [])).await?;
        self.number = Some(followed.mark.number);
        Ok(())
    }

    async fn in_folder<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Folder) -> Result<T, PublishError> + Send + 'static,
    ) -> Result<T, Error> {
        let folder = Arc::clone(&self.folder);
        aside(move || work(&mut folder.lock().unwrap_or_else(PoisonError::into_inner))).await
    }
}

#[derive(Debug, thiserror::Error)]
enum CarryError {
    #[error(transparent)]
    Follow(#[from] super::follow::FollowError),
    #[error(transparent)]
    Folder(#[from] Error),
}

async fn aside<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, PublishError> + Send + 'static,
) -> Result<T, Error> {
    Ok(spawn_blocking(work).await.map_err(|_| Error::Panicked)??)
}
