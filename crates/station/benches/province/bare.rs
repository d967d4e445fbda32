//! The same without this program: bare tables, a bare decode, a bare wait for the disk.

use std::hint::black_box;
use std::io::Write as _;
use std::path::Path;
use std::time::Instant;

use rusqlite::Connection;
use yanma_station::domain::IssuerId;
use yanma_station::protocol::directory_file::DirectorySnapshot;
use yanma_station::protocol::envelope::{self, Envelope, FileKind, Keys};
use yanma_station::protocol::head::{FileRef, Head};
use yanma_station::protocol::status_file::StatusSnapshot;
use yanma_station::protocol::trust_file::TrustFile;

use crate::publish::{comes, goes, hash_of, head_folder};
use crate::support::province::Signer;

/// Reads, verifies and decodes both snapshots, and says the seconds.
pub(crate) fn verify_and_decode(folder: &Path) {
    let own = head_folder(folder, 1);
    let read = |file: &FileRef| std::fs::read(own.join("files").join(file.name.to_string()));
    let head = std::fs::read(own.join("head.yf")).unwrap();
    let named = Head::peek_trust(&Envelope::parse(&head).unwrap()).unwrap();
    let root = Signer::Root.public();
    let trust = read(&named).unwrap();
    let trust = envelope::open(&trust, FileKind::Trust, IssuerId::FUJIAN, Keys::Root(&root));
    let trust = TrustFile::decode(&trust.unwrap()).unwrap().0;
    let issued_at = trust.issued_at;
    let keys = Keys::Trusted(&trust, issued_at);
    let head = envelope::open(&head, FileKind::Head, IssuerId::FUJIAN, keys).unwrap();
    let head = Head::decode(&head).unwrap();

    let started = Instant::now();
    for (list, kind) in [
        (&head.feeds.directory, FileKind::DirectorySnapshot),
        (&head.feeds.status, FileKind::StatusSnapshot),
    ] {
        let bytes = read(&list.snapshot).unwrap();
        list.snapshot.check(&bytes).unwrap();
        let file = envelope::open(&bytes, kind, IssuerId::FUJIAN, keys).unwrap();
        if kind == FileKind::DirectorySnapshot {
            black_box(DirectorySnapshot::decode(&file).unwrap());
        } else {
            black_box(StatusSnapshot::decode(&file).unwrap());
        }
    }
    println!("{}", started.elapsed().as_secs_f64());
}

/// One table of hash and place, and nothing else.
pub(crate) struct Table(pub(crate) Connection);

impl Table {
    pub(crate) fn filled(path: &Path, holders: u32, encrypted: bool) -> Self {
        let db = Connection::open(path).unwrap();
        if encrypted {
            db.execute_batch(&format!("PRAGMA key = \"x'{}'\"", "01".repeat(32))).unwrap();
        }
        db.execute_batch(
            "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -65536;
             CREATE TABLE bare (hash INTEGER PRIMARY KEY, place INTEGER NOT NULL); BEGIN",
        )
        .unwrap();
        let mut rows: Vec<_> =
            (0..holders).map(|holder| (hash_of(holder).cast_signed(), holder)).collect();
        rows.sort_unstable();
        let mut insert = db.prepare("INSERT INTO bare (hash, place) VALUES (?1, ?2)").unwrap();
        for row in rows {
            insert.execute(row).unwrap();
        }
        drop(insert);
        db.execute_batch("COMMIT").unwrap();
        drop(db);
        let db = Connection::open(path).unwrap();
        if encrypted {
            db.execute_batch(&format!("PRAGMA key = \"x'{}'\"", "01".repeat(32))).unwrap();
        }
        // The cache that a base has.
        db.execute_batch(
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA cache_size = -4096",
        )
        .unwrap();
        Self(db)
    }

    pub(crate) fn get(&self, hash: u64) -> Option<u32> {
        let mut get = self.0.prepare_cached("SELECT place FROM bare WHERE hash = ?1").unwrap();
        get.query_row([hash.cast_signed()], |row| row.get(0)).ok()
    }

    /// The changes of the second head, made in place; answers the seconds.
    pub(crate) fn change(&mut self, holders: u32) -> f64 {
        let sorted = |holders: &mut dyn Iterator<Item = u32>| {
            let mut rows: Vec<_> =
                holders.map(|holder| (hash_of(holder).cast_signed(), holder)).collect();
            rows.sort_unstable();
            rows
        };
        let (gone, new) = (sorted(&mut goes(holders)), sorted(&mut comes(holders)));
        let started = Instant::now();
        let change = self.0.transaction().unwrap();
        let mut delete = change.prepare("DELETE FROM bare WHERE hash = ?1").unwrap();
        for (hash, _) in gone {
            delete.execute([hash]).unwrap();
        }
        let mut insert = change.prepare("INSERT INTO bare (hash, place) VALUES (?1, ?2)").unwrap();
        for row in new {
            insert.execute(row).unwrap();
        }
        drop((delete, insert));
        change.commit().unwrap();
        started.elapsed().as_secs_f64()
    }
}

/// A file to which a page is written and waited for.
pub(crate) struct Disk(std::fs::File);

impl Disk {
    pub(crate) fn new(path: &Path) -> Self {
        Self(std::fs::File::create(path).unwrap())
    }

    pub(crate) fn wait(&mut self) -> f64 {
        let started = Instant::now();
        self.0.write_all(&[0x55; 4096]).unwrap();
        self.0.sync_data().unwrap();
        started.elapsed().as_secs_f64()
    }
}
