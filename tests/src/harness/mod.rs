//! What the tests hold the house with: a screen, two drivers, and a proxy that breaks things.

pub(crate) mod authenticator;
pub(crate) mod browser;
pub(crate) mod caller;
pub(crate) mod driver;
#[cfg(feature = "virtual-desk")]
pub(crate) mod guest;
pub(crate) mod house;
pub(crate) mod input_method;
pub(crate) mod keyboard;
pub(crate) mod monitors;
pub(crate) mod paper;
pub(crate) mod passport;
pub(crate) mod processes;
pub(crate) mod proxy;
pub(crate) mod reader;
pub(crate) mod scanner;
pub(crate) mod screen;

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Result, bail};

/// Where pictures of failed and finished tests are left (not under version control).
pub(crate) fn artefact(name: &str) -> Result<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("artefacts");
    std::fs::create_dir_all(&folder)?;
    Ok(folder.join(name))
}

/// Asks `question` again and again until it has an answer, at most for `limit`.
pub(crate) async fn eventually<T>(
    what: &str,
    limit: Duration,
    mut question: impl AsyncFnMut() -> Result<Option<T>>,
) -> Result<T> {
    let start = Instant::now();
    loop {
        if let Some(answer) = question().await? {
            return Ok(answer);
        }
        if start.elapsed() > limit {
            bail!("{what}: not within {} ms", limit.as_millis());
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
}
