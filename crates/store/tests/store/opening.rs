//! Who may open the file, and what they are told otherwise.

use std::fs;
use std::process::Command;

use yanma_store::{Act, FileKey, KeyFile, Keystore, OpenReport, SCHEMA_VERSION, Store, StoreError};

use crate::{at, desk, entry, fill, key, open};

#[test]
fn a_second_writer_is_refused_and_may_read() {
    let folder = tempfile::tempdir().unwrap();
    let (store, report) = open(&desk(&folder)).unwrap();
    assert_eq!(report, OpenReport { created: true, ..OpenReport::default() });
    fill(&store, 3);
    assert!(matches!(open(&desk(&folder)), Err(StoreError::InUse)));

    let reader = Store::open_read_only(&desk(&folder), &key()).unwrap();
    assert!(reader.is_read_only() && !store.is_read_only());
    assert_eq!(reader.check().unwrap().entries, 3);
    store.append(&entry(4)).unwrap();
    assert_eq!(reader.last(1).unwrap()[0].number.0, 4, "sees what is written meanwhile");
    assert!(matches!(reader.append(&entry(5)), Err(StoreError::ReadOnly)));
    assert!(matches!(reader.set_setting("a", &1), Err(StoreError::ReadOnly)));
    assert!(matches!(reader.mend(at(0)), Err(StoreError::ReadOnly)), "nor is it moved away");
    assert_eq!(reader.check().unwrap().entries, 4);
    drop(store);
    assert_eq!(reader.check().unwrap().entries, 4, "also after the writer has gone");
    let (store, report) = open(&desk(&folder)).expect("the lock went with the first writer");
    assert_eq!(report, OpenReport::default());
    store.append(&entry(5)).unwrap();
    assert_eq!(reader.check().unwrap().entries, 5);
}

#[test]
fn the_audit_alone_is_written_beside_the_writer() {
    let folder = tempfile::tempdir().unwrap();
    let (store, _) = open(&desk(&folder)).unwrap();
    let act = |operator| Act { at: at(1), operator, act: "read-log", subject: None, detail: None };
    assert_eq!(store.audit(&act(Some("wang"))).unwrap(), 1);
    let reader = Store::open_read_only(&desk(&folder), &key()).unwrap();
    assert_eq!(reader.audit(&act(Some("terminal:root"))).unwrap(), 2);
    std::thread::scope(|scope| {
        for store in [&store, &reader] {
            scope.spawn(move || {
                for _ in 0..20 {
                    store.audit(&act(None)).unwrap();
                }
            });
        }
        scope.spawn(|| fill(&store, 20));
    });
    assert_eq!(store.check_audit().unwrap(), 42, "one chain of both");
    assert_eq!(store.check().unwrap().entries, 20);
    drop(store);
    assert_eq!(reader.audit(&act(None)).unwrap(), 43, "nor need anybody else be there");
    drop(reader);
    let (store, report) = open(&desk(&folder)).unwrap();
    assert_eq!((store.check_audit().unwrap(), report), (43, OpenReport::default()));
}

#[test]
fn a_wrong_key_is_said_and_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = desk(&folder);
    let (store, _) = open(&path).unwrap();
    fill(&store, 3);
    drop(store);
    let before = fs::read(&path).unwrap();
    let wrong = FileKey::from_bytes([0x43; 32]);
    assert!(matches!(Store::open(&path, &wrong, at(0)), Err(StoreError::WrongKey)));
    assert!(matches!(Store::open_read_only(&path, &wrong), Err(StoreError::WrongKey)));
    // Without the fingerprint nobody can tell, and nothing is moved either.
    fs::remove_file(folder.path().join("desk.db.keycheck")).unwrap();
    assert!(matches!(Store::open(&path, &wrong, at(0)), Err(StoreError::WrongKey)));
    assert_eq!(fs::read(&path).unwrap(), before);
    let (store, report) = open(&path).unwrap();
    assert_eq!((report, store.check().unwrap().entries), (OpenReport::default(), 3));
}

#[test]
fn nothing_is_readable_without_the_key() {
    let folder = tempfile::tempdir().unwrap();
    let (store, _) = open(&desk(&folder)).unwrap();
    fill(&store, 50);
    store.set_setting("token", "a-secret-token").unwrap();
    drop(store);
    let (store, _) = open(&desk(&folder)).unwrap();
    store.append(&entry(51)).unwrap();
    let mut looked_at = 0;
    for file in fs::read_dir(folder.path()).unwrap() {
        let bytes = fs::read(file.unwrap().path()).unwrap();
        looked_at += bytes.len();
        for needle in
            ["SQLite format", "airport-1", "a-secret-token", "xxxxxxxx", "C-ORA", "CREATE"]
        {
            let found = bytes.windows(needle.len()).any(|w| w == needle.as_bytes());
            assert!(!found, "{needle} lies in clear");
        }
    }
    assert!(looked_at > 50 * 500, "file and write-ahead log were looked at");
}

#[test]
fn a_newer_schema_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = desk(&folder);
    drop(open(&path).unwrap());
    let known = SCHEMA_VERSION;
    let raw = crate::schemas::raw(&path);
    raw.pragma_update(None, "user_version", known + 1).unwrap();
    drop(raw);
    for got in [open(&path).map(|_| ()), Store::open_read_only(&path, &key()).map(|_| ())] {
        assert!(
            matches!(got, Err(StoreError::NewerSchema { found, known: k }) if found == known + 1 && k == known),
            "{got:?}"
        );
    }
}

#[test]
fn a_reader_makes_no_file_and_upgrades_none() {
    let folder = tempfile::tempdir().unwrap();
    let path = desk(&folder);
    assert!(matches!(Store::open_read_only(&path, &key()), Err(StoreError::Missing)));
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    drop(open(&path).unwrap());
    crate::schemas::raw(&path).pragma_update(None, "user_version", 0).unwrap();
    let older = Store::open_read_only(&path, &key());
    assert!(matches!(older, Err(StoreError::OlderSchema { found: 0, .. })));
}

#[cfg(unix)]
#[test]
fn the_files_are_for_their_owner_only() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let (store, _) = open(&desk(&folder)).unwrap();
    store.append(&entry(1)).unwrap();
    for name in ["desk.db", "desk.db-wal", "desk.db-shm", "desk.db.lock"] {
        let mode = fs::metadata(folder.path().join(name)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{name}");
    }
}

#[test]
fn a_missing_folder_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let got = open(&folder.path().join("no/desk.db"));
    assert!(matches!(got, Err(StoreError::Io { .. })), "{got:?}");
}

#[test]
fn the_key_file_opens_the_store() {
    let folder = tempfile::tempdir().unwrap();
    let keys = KeyFile::new(folder.path().join("desk.key"));
    for created in [true, false] {
        let key = keys.get_or_create().unwrap();
        let (_store, report) = Store::open(&desk(&folder), &key, at(0)).unwrap();
        assert_eq!(report.created, created);
    }
}

/// A folder that may only be read. Root may write anywhere, so as root the test runs again
/// as a user who may not.
#[cfg(unix)]
#[test]
fn a_folder_that_may_not_be_written_is_said() {
    use std::os::unix::fs::{MetadataExt, PermissionsExt};
    use std::os::unix::process::CommandExt;
    const FOLDER: &str = "YANMA_STORE_READ_ONLY_FOLDER";
    const NOBODY: u32 = 65534;

    if let Some(folder) = std::env::var_os(FOLDER) {
        let path = std::path::Path::new(&folder).join("desk.db");
        let got = open(&path);
        assert!(matches!(got, Err(StoreError::NotWritable)), "{got:?}");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let (store, _) = open(&desk(&folder)).unwrap();
    fill(&store, 2);
    drop(store);
    for entry in fs::read_dir(folder.path()).unwrap() {
        fs::set_permissions(entry.unwrap().path(), fs::Permissions::from_mode(0o444)).unwrap();
    }
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o555)).unwrap();
    let is_root = fs::metadata("/proc/self").is_ok_and(|me| me.uid() == 0);
    // A copy that any user may start, wherever the test was built.
    let program = folder.path().with_extension("test-program");
    fs::copy(std::env::current_exe().unwrap(), &program).unwrap();
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
    let mut again = Command::new(&program);
    again
        .args(["--exact", "opening::a_folder_that_may_not_be_written_is_said"])
        .env(FOLDER, folder.path())
        .current_dir("/");
    if is_root {
        again.uid(NOBODY).gid(NOBODY);
    }
    let ran = again.output().unwrap();
    fs::remove_file(&program).unwrap();
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
    let said = String::from_utf8_lossy(&ran.stdout);
    assert!(ran.status.success() && said.contains("1 passed"), "{said}");
}
