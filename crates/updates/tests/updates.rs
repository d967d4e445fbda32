//! A publisher signs, a server on a socket gives, and a desk takes it or says why not.

#![expect(clippy::unwrap_used, reason = "the helpers of tests are tests")]

use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use minisign::KeyPair;
use yanma_updates::{
    Bundle, Found, Release, Settings, SettingsError, SignatureError, Source, UpdateError, Version,
};

/// How long these desks wait for a server that says nothing, and what they take at most.
const SILENCE: Duration = Duration::from_secs(2);
const LONGEST: u64 = 64 * 1024;
/// For the same processor as the next.
const OLD: &[u8] = &[7; 30];
/// An AppImage by its first bytes, of some length.
const FILE: &[u8] = &{
    let mut file = [7; 20_000];
    let magic = b"\x7fELF\x02\x01\x01\x00AI\x02";
    let mut at = 0;
    while at < magic.len() {
        file[at] = magic[at];
        at += 1;
    }
    file
};

/// What the server does when it is asked for a path.
#[derive(Clone)]
enum Gives {
    All(Vec<u8>),
    /// It promises so many bytes, and hangs up after these.
    CutShort(Vec<u8>, usize),
    /// It says nothing of a length, and never stops.
    NoEnd,
    /// It takes the question and says nothing.
    Silence,
    Status(u16),
}
use Gives::{All, CutShort, NoEnd, Silence, Status};

struct Server {
    address: String,
}

impl Server {
    /// `about` is told the server's address, for the description.
    fn start(answers: impl FnOnce(&str) -> Vec<(&'static str, Gives)>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let answers: BTreeMap<_, _> = answers(&address).into_iter().collect();
        // Ends with the test's process.
        std::thread::spawn(move || {
            for socket in listener.incoming().flatten() {
                let answers = answers.clone();
                std::thread::spawn(move || answer(socket, &answers));
            }
        });
        Self { address }
    }
}

fn answer(mut socket: TcpStream, answers: &BTreeMap<&str, Gives>) {
    let mut asked = Vec::new();
    while !asked.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        if socket.read(&mut byte).unwrap_or(0) == 0 {
            return;
        }
        asked.push(byte[0]);
    }
    let asked = String::from_utf8(asked).unwrap();
    let path = asked.split(' ').nth(1).unwrap_or_default();
    let mut say = |status: u16, length: Option<usize>, body: &[u8]| {
        let length = length.map(|length| format!("content-length: {length}\r\n"));
        let length = length.unwrap_or_default();
        let head = format!("HTTP/1.1 {status} X\r\nconnection: close\r\n{length}\r\n");
        socket.write_all(head.as_bytes()).and_then(|()| socket.write_all(body))
    };
    match answers.get(path).cloned().unwrap_or(Status(404)) {
        All(body) => say(200, Some(body.len()), &body).unwrap_or_default(),
        CutShort(body, length) => say(200, Some(length), &body).unwrap_or_default(),
        Status(status) => say(status, Some(0), b"").unwrap_or_default(),
        NoEnd => {
            let mut went = say(200, None, b"");
            while went.is_ok() {
                went = socket.write_all(&[0; 4096]);
            }
        }
        // Until the other side has had enough.
        Silence => drop(socket.read(&mut [0; 1])),
    }
}

/// A signature as the tools of Tauri write it.
fn signed(key: &KeyPair, file: &[u8], comment: &str) -> String {
    let signature = minisign::sign(Some(&key.pk), &key.sk, file, Some(comment), None).unwrap();
    STANDARD.encode(signature.into_string())
}

fn as_version(version: &str) -> String {
    format!("timestamp:1795000000\tfile:Yanma.AppImage\tversion:{version}")
}

fn description(version: &str, url: &str, signature: &str) -> Gives {
    let target = Bundle::AppImage(PathBuf::new()).target();
    let text = serde_json::json!({
        "version": version,
        "notes": "Faster.",
        "pub_date": "2026-11-27T05:00:00Z",
        "platforms": { target: { "url": url, "signature": signature } },
    });
    All(text.to_string().into_bytes())
}

fn source(server: &Server, key: &KeyPair) -> Source {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let address = format!("{}/latest.json", server.address);
    Source::new(&address, &key.pk.to_base64()).unwrap().with_limits(SILENCE, LONGEST)
}

fn version(text: &str) -> Version {
    Version::parse(text).unwrap()
}

async fn looked(source: &Source) -> Result<Release, UpdateError> {
    match source.look(&version("0.1.0")).await? {
        Found::Newer(release) => Ok(release),
        other => panic!("{other:?}"),
    }
}

/// What comes of an update of which server and file are given, and that a desk that refuses it is
/// as it was: the program unchanged, nothing left of what came.
async fn taken(answers: Vec<(&'static str, Gives)>, key: &KeyPair) -> Result<(), UpdateError> {
    let folder = tempfile::tempdir().unwrap();
    let (image, updates) = (folder.path().join("Yanma.AppImage"), folder.path().join("updates"));
    std::fs::write(&image, OLD).unwrap();
    let source = source(&Server::start(|_| answers), key);
    let bundle = Bundle::AppImage(image.clone());
    let mut heard = Vec::new();
    let fetched = async {
        let release = looked(&source).await?;
        source.fetch(&release, &bundle, &updates, |done, total| heard.push((done, total))).await
    };
    match fetched.await {
        Ok(file) => {
            assert_eq!(heard.last(), Some(&(FILE.len() as u64, Some(FILE.len() as u64))));
            assert_eq!(left_in(&updates), std::slice::from_ref(&file));
            bundle.install(&file, &[]).unwrap();
            assert!(std::fs::read(&image).unwrap() == FILE);
            Ok(())
        }
        Err(error) => {
            assert_eq!(std::fs::read(&image).unwrap(), OLD);
            assert_eq!(left_in(&updates), [] as [PathBuf; 0], "{error}");
            Err(error)
        }
    }
}

fn left_in(folder: &Path) -> Vec<PathBuf> {
    std::fs::read_dir(folder)
        .map_or(Vec::new(), |files| files.flatten().map(|file| file.path()).collect())
}

fn key() -> KeyPair {
    KeyPair::generate_unencrypted_keypair().unwrap()
}

/// An update signed with a comment, of which the server gives something.
async fn given(gives: Gives, comment: &str) -> Result<(), UpdateError> {
    let key = key();
    let signature = signed(&key, FILE, comment);
    let description = description("0.2.0", "files/yanma", &signature);
    taken(vec![("/latest.json", description), ("/files/yanma", gives)], &key).await
}

#[tokio::test]
async fn what_the_publisher_signed_takes_the_place_of_the_program() {
    given(All(FILE.to_vec()), &as_version("0.2.0")).await.unwrap();
    given(All(FILE.to_vec()), &as_version("v0.2.0")).await.unwrap();
}

#[tokio::test]
async fn a_file_that_is_not_the_signed_one_is_not_taken() {
    let mut other = FILE.to_vec();
    other[10_000] ^= 1;
    for file in [other, FILE[..19_999].to_vec(), [FILE, b"x"].concat(), Vec::new()] {
        let error = given(All(file), &as_version("0.2.0")).await.unwrap_err();
        assert!(matches!(error, UpdateError::Signature(SignatureError::Wrong)), "{error}");
    }
}

#[tokio::test]
async fn another_publishers_signature_counts_for_nothing() {
    let (ours, theirs) = (key(), key());
    let signature = signed(&theirs, FILE, &as_version("0.2.0"));
    let description = description("0.2.0", "yanma", &signature);
    let answers = vec![("/latest.json", description), ("/yanma", All(FILE.to_vec()))];
    let error = taken(answers, &ours).await.unwrap_err();
    assert!(matches!(error, UpdateError::Signature(SignatureError::Wrong)), "{error}");
}

#[tokio::test]
async fn a_comment_that_was_changed_after_signing_breaks_the_signature() {
    let key = key();
    let text = STANDARD.decode(signed(&key, FILE, &as_version("0.1.0"))).unwrap();
    let text = String::from_utf8(text).unwrap().replace("version:0.1.0", "version:0.2.0");
    let description = description("0.2.0", "yanma", &text);
    let answers = vec![("/latest.json", description), ("/yanma", All(FILE.to_vec()))];
    let error = taken(answers, &key).await.unwrap_err();
    assert!(matches!(error, UpdateError::Signature(SignatureError::Wrong)), "{error}");
}

#[tokio::test]
async fn an_old_file_announced_as_new_is_not_taken() {
    let error = given(All(FILE.to_vec()), &as_version("0.0.9")).await.unwrap_err();
    let UpdateError::Signature(SignatureError::OtherVersion { announced, signed }) = error else {
        panic!("{error}");
    };
    assert_eq!((announced, signed.as_str()), (version("0.2.0"), "0.0.9"));
    let error = given(All(FILE.to_vec()), "timestamp:1795000000").await.unwrap_err();
    assert!(matches!(error, UpdateError::Signature(SignatureError::NoVersion)), "{error}");
}

#[tokio::test]
async fn only_a_newer_version_is_offered() {
    for (announced, running, expected) in [
        ("0.1.0", "0.1.0", "same"),
        ("v0.1.0", "0.1.0", "same"),
        ("0.1.0+build.7", "0.1.0", "same"),
        ("0.0.9", "0.1.0", "older"),
        ("0.1.0-rc.1", "0.1.0", "older"),
        ("0.9.9", "0.10.0", "older"),
        ("0.10.0", "0.9.9", "newer"),
        ("0.1.0", "0.1.0-rc.1", "newer"),
    ] {
        let server = Server::start(|_| vec![("/latest.json", description(announced, "x", "x"))]);
        let found = source(&server, &key()).look(&version(running)).await.unwrap();
        let word = match &found {
            Found::Same => "same",
            Found::Older(older) => {
                assert_eq!(older.to_string(), announced);
                "older"
            }
            Found::Newer(release) => {
                assert_eq!(release.notes, "Faster.");
                assert_eq!(release.date.unwrap().to_string(), "2026-11-27T05:00:00Z");
                "newer"
            }
        };
        assert_eq!(word, expected, "{announced} beside {running}");
    }
}

#[tokio::test]
async fn a_server_that_breaks_off_hangs_or_never_ends_is_left() {
    let comment = as_version("0.2.0");
    let error = given(CutShort(FILE[..5000].to_vec(), FILE.len()), &comment).await.unwrap_err();
    assert!(matches!(error, UpdateError::CutShort), "{error}");
    let error = given(Silence, &comment).await.unwrap_err();
    assert!(matches!(error, UpdateError::Silent), "{error}");
    let error = given(NoEnd, &comment).await.unwrap_err();
    assert!(matches!(error, UpdateError::TooLarge(LONGEST)), "{error}");
    let error = given(CutShort(Vec::new(), 1 << 40), &comment).await.unwrap_err();
    assert!(matches!(error, UpdateError::TooLarge(LONGEST)), "{error}");
    let error = given(Status(403), &comment).await.unwrap_err();
    assert!(matches!(error, UpdateError::Status(403)), "{error}");
}

#[tokio::test]
async fn a_description_that_is_none_is_an_error() {
    let text = |text: &str| All(text.as_bytes().to_vec());
    for (gives, said) in [
        (Silence, "does not answer"),
        (Status(500), "500"),
        (NoEnd, "larger"),
        (text("<html>"), "description"),
        (text("{}"), "version"),
        (text(r#"{"version": "new"}"#), "version"),
        (text(r#"{"version": "0.2.0", "pub_date": "today"}"#), "pub_date"),
    ] {
        let server = Server::start(|_| vec![("/latest.json", gives)]);
        let error = source(&server, &key()).look(&version("0.1.0")).await.unwrap_err().to_string();
        assert!(error.contains(said), "{said}: {error}");
    }
    // Nobody listens there any more.
    let gone = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let gone = Server { address: format!("http://{gone}") };
    let error = source(&gone, &key()).look(&version("0.1.0")).await.unwrap_err();
    assert!(matches!(error, UpdateError::Unreachable), "{error}");
}

#[tokio::test]
async fn a_file_for_another_system_or_on_an_open_way_is_none() {
    let key = key();
    let signature = signed(&key, FILE, &as_version("0.2.0"));
    let description = description("0.2.0", "http://updates.example/yanma", &signature);
    let server = Server::start(|_| vec![("/latest.json", description)]);
    let source = source(&server, &key);
    let release = looked(&source).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let fetched = source.fetch(&release, &Bundle::Deb, folder.path(), |_, _| ()).await;
    let error = fetched.unwrap_err();
    assert!(matches!(&error, UpdateError::NoFile(target) if target.ends_with("-deb")), "{error}");
    let bundle = Bundle::AppImage(folder.path().join("yanma"));
    let error = source.fetch(&release, &bundle, folder.path(), |_, _| ()).await.unwrap_err();
    assert!(error.to_string().contains("url"), "{error}");
}

#[test]
fn settings_say_which_of_them_cannot_be() {
    let key = key();
    let line = key.pk.to_base64();
    let file = key.pk.to_box().unwrap().into_string();
    let packed = STANDARD.encode(&file);
    let settings = |address: &str, key: &str| Settings {
        address: Some(address.to_owned()),
        key: Some(key.to_owned()),
    };
    for form in [&line, &file, &packed] {
        let settings = settings("https://updates.example/latest.json", form);
        assert!(settings.source().unwrap().is_some(), "{form}");
    }
    for address in ["http://updates.example/latest.json", "ftp://127.0.0.1/", "updates", ""] {
        let error = settings(address, &line).check().unwrap_err();
        assert_eq!(error, SettingsError::Address, "{address}");
    }
    for wrong in ["RWQ", "", line.get(..54).unwrap()] {
        let error = settings("http://127.0.0.1:9/", wrong).check().unwrap_err();
        assert_eq!(error, SettingsError::Key, "{wrong}");
    }
    let half = Settings { key: None, ..settings("https://updates.example/", &line) };
    half.check().unwrap();
    assert!(half.source().unwrap().is_none(), "without both nothing is looked for");
}
