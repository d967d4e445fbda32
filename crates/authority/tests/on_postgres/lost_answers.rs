//! The connection breaks in the very moment of a commit.

use std::io::{Read, Write};
use std::net::Shutdown;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::spawn;

use tempfile::TempDir;
use yanma_authority::Error;
use yanma_authority::database::{Database, DatabaseError};

use crate::place;

const SOCKET: &str = ".s.PGSQL.5432";

/// What the next commit meets.
#[derive(Clone, Copy, PartialEq)]
enum Cut {
    /// It does not reach the server.
    Before,
    /// It is carried out, and the answer does not reach the client.
    After,
    /// The same, and the server cannot be reached again.
    AfterForGood,
}

/// A socket in front of the server's, which carries bytes until a commit comes.
struct Proxy {
    cut: Cut,
    armed: AtomicBool,
    gone: AtomicBool,
    server: PathBuf,
}

impl Proxy {
    fn carry(self: &Arc<Self>, client: UnixStream) {
        let server = UnixStream::connect(&self.server).unwrap();
        let ending = Arc::new(AtomicBool::new(false));
        let (proxy, is_ending) = (Arc::clone(self), Arc::clone(&ending));
        let (from, to) = (client.try_clone().unwrap(), server.try_clone().unwrap());
        spawn(move || {
            copy(from, to, |bytes| {
                let commits = bytes.windows(7).any(|part| part == b"COMMIT\0");
                if commits && proxy.armed.swap(false, Ordering::SeqCst) {
                    proxy.gone.store(proxy.cut == Cut::AfterForGood, Ordering::SeqCst);
                    is_ending.store(true, Ordering::SeqCst);
                    return proxy.cut != Cut::Before;
                }
                true
            });
        });
        spawn(move || copy(server, client, |_| !ending.load(Ordering::SeqCst)));
    }
}

/// Carries bytes as long as `passes` says so; then ends both connections.
fn copy(mut from: UnixStream, mut to: UnixStream, mut passes: impl FnMut(&[u8]) -> bool) {
    let mut bytes = [0; 64 * 1024];
    while let Ok(count @ 1..) = from.read(&mut bytes) {
        if !passes(&bytes[..count]) || to.write_all(&bytes[..count]).is_err() {
            break;
        }
    }
    drop((from.shutdown(Shutdown::Both), to.shutdown(Shutdown::Both)));
}

/// Writes a row whose commit is cut; says what the caller heard, and how many rows there are.
async fn check(cut: Cut) -> (Result<u64, Error>, String) {
    let folder: TempDir = tempfile::tempdir().unwrap();
    drop(Database::open(&place::url(folder.path()).parse().unwrap()).unwrap());
    let listener = UnixListener::bind(folder.path().join(SOCKET)).unwrap();
    let proxy = Arc::new(Proxy {
        cut,
        armed: AtomicBool::new(false),
        gone: AtomicBool::new(false),
        server: place::socket(),
    });
    let carrier = Arc::clone(&proxy);
    spawn(move || {
        for client in listener.incoming() {
            if !carrier.gone.load(Ordering::SeqCst) {
                carrier.carry(client.unwrap());
            }
        }
    });
    let url = place::url_by_way_of(folder.path());
    let database = Database::open(&url.parse().unwrap()).unwrap();
    proxy.armed.store(true, Ordering::SeqCst);
    let written = database
        .write(|change| change.execute("INSERT INTO sites VALUES ('a', '一', 'A', 'hotel')", &[]))
        .await;
    assert!(!proxy.armed.load(Ordering::SeqCst), "no commit came");
    (written, place::ask(folder.path(), "SELECT count(*) FROM sites"))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_commit_whose_answer_is_lost_counts() {
    let (written, rows) = check(Cut::After).await;
    assert_eq!((written.unwrap(), rows.as_str()), (1, "1"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_commit_that_never_arrived_is_told_as_not_stored() {
    let (written, rows) = check(Cut::Before).await;
    assert!(matches!(written, Err(Error::NotStored(DatabaseError::Lost(_)))), "{written:?}");
    assert_eq!(rows, "0");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_commit_that_cannot_be_asked_about_is_told_as_not_known() {
    let (written, rows) = check(Cut::AfterForGood).await;
    assert!(matches!(written, Err(Error::Unsure)), "{written:?}");
    assert_eq!(rows, "1");
}
