//! An AppImage of this program and a small squashfs, started as a user starts it.
#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "the helpers of tests are tests")]

use std::fs::{self, File};
use std::io::{BufRead as _, BufReader, Cursor, Write as _};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use backhand::compression::Compressor;
use backhand::{FilesystemCompressor, FilesystemWriter, NodeHeader};
use tempfile::TempDir;

const PROGRAM: &str = env!("CARGO_BIN_EXE_yanma-appimage");

/// Says what it was started with.
const APP_RUN: &str = r#"#!/bin/sh
echo "$(cat "$APPDIR/usr/share/version") by $ARGV0 of $APPIMAGE with $*"
[ "$1" = wait ] && read -r _
exit 3
"#;

/// An image that says a version.
fn put_image(folder: &Path, version: &str) -> PathBuf {
    let mut tree = FilesystemWriter::default();
    tree.set_compressor(FilesystemCompressor::new(Compressor::Zstd, None).unwrap());
    let header = |permissions| NodeHeader { permissions, ..NodeHeader::default() };
    tree.push_dir_all("usr/share", header(0o755)).unwrap();
    let said = Cursor::new(version.as_bytes().to_vec());
    tree.push_file(said, "usr/share/version", header(0o644)).unwrap();
    tree.push_file(Cursor::new(APP_RUN.as_bytes()), "usr/run", header(0o755)).unwrap();
    tree.push_symlink("usr/run", "AppRun", header(0o777)).unwrap();
    let mut packed = Cursor::new(Vec::new());
    tree.write(&mut packed).unwrap();

    let offset = Command::new(PROGRAM).arg("--appimage-offset").output().unwrap().stdout;
    let offset: usize = String::from_utf8(offset).unwrap().trim().parse().unwrap();
    let mut bytes = fs::read(PROGRAM).unwrap();
    bytes.truncate(offset);
    bytes.extend(packed.into_inner());
    let image = folder.join("Yanma.AppImage");
    // As an update does: another file in its place.
    let new = folder.join("new");
    File::create(&new).unwrap().write_all(&bytes).unwrap();
    fs::set_permissions(&new, PermissionsExt::from_mode(0o755)).unwrap();
    fs::rename(&new, &image).unwrap();
    image
}

fn command(image: &Path, words: &[&str]) -> Command {
    let folder = image.parent().unwrap();
    let mut command = Command::new(image);
    command.args(words).current_dir(folder).env("XDG_CACHE_HOME", folder.join("cache"));
    command
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

/// The versions that lie unpacked.
fn unpacked(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder.join("cache/yanma/appimage")).unwrap();
    entries.map(|entry| entry.unwrap().path()).filter(|path| path.is_dir()).collect()
}

fn folder() -> TempDir {
    tempfile::tempdir().unwrap()
}

#[test]
fn what_is_packed_is_started_with_its_words_and_its_end_is_told() {
    let folder = folder();
    let image = put_image(folder.path(), "one");
    for words in [&["a b", "c"][..], &["--appimage-extract-and-run", "a b", "c"]] {
        let output = command(&image, words).output().unwrap();
        let place = image.display();
        assert_eq!(said(&output), format!("one by {place} of {place} with a b c"));
        assert_eq!(output.status.code(), Some(3));
    }
    assert_eq!(unpacked(folder.path()).len(), 1);
}

#[test]
fn a_new_version_is_unpacked_and_the_one_of_before_goes_when_nobody_runs_it() {
    let folder = folder();
    let image = put_image(folder.path(), "one");
    let mut running =
        command(&image, &["wait"]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut first = String::new();
    BufReader::new(running.stdout.take().unwrap()).read_line(&mut first).unwrap();
    assert!(first.starts_with("one "), "{first}");

    put_image(folder.path(), "two");
    assert!(said(&command(&image, &[]).output().unwrap()).starts_with("two "));
    assert_eq!(unpacked(folder.path()).len(), 2, "the first still runs");
    drop(running.stdin.take());
    running.wait().unwrap();
    assert!(said(&command(&image, &[]).output().unwrap()).starts_with("two "));
    assert_eq!(unpacked(folder.path()).len(), 1);
}

#[test]
fn what_a_kill_left_half_unpacked_is_taken_away() {
    let folder = folder();
    let image = put_image(folder.path(), "one");
    let left = folder.path().join("cache/yanma/appimage/.part-left");
    fs::create_dir_all(&left).unwrap();
    assert!(said(&command(&image, &[]).output().unwrap()).starts_with("one "));
    assert!(!left.exists());
}

#[test]
fn it_can_be_unpacked_to_look_inside() {
    let folder = folder();
    let image = put_image(folder.path(), "one");
    assert!(command(&image, &["--appimage-extract"]).status().unwrap().success());
    let inside = folder.path().join("squashfs-root");
    assert_eq!(fs::read_to_string(inside.join("usr/share/version")).unwrap(), "one");
    assert_eq!(inside.join("AppRun").metadata().unwrap().permissions().mode() & 0o777, 0o755);
}

#[test]
fn a_program_with_nothing_behind_it_says_so() {
    let folder = folder();
    let mut command = Command::new(PROGRAM);
    let output = command.env("XDG_CACHE_HOME", folder.path()).output().unwrap();
    assert_eq!(output.status.code(), Some(127));
    assert!(String::from_utf8_lossy(&output.stderr).contains("nothing is packed into it"));
}
