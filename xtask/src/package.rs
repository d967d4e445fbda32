//! `cargo xtask package`: the installer for Debian and the AppImage, and a try of both, and of
//! updating them, on a computer that has nothing.

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use xtask::children::Running;
use xtask::offer::{Publisher, VERSION};

use crate::appimage;
use crate::install::{self, Purpose};
use crate::steps::{Outcome, Run};

/// What a new computer has.
const SUITE: &str = "bookworm";
const MIRROR: &str = "http://deb.debian.org/debian";
/// What the package is called, and its menu entry.
const PACKAGE: &str = "yanma";
/// What every desktop has and an AppImage does not bring, with a font.
const DESKTOP: &str = "ca-certificates libgl1 libegl1 libgles2 libgbm1 libx11-6 libx11-xcb1 \
                       libfontconfig1 libfreetype6 libharfbuzz0b libfribidi0 libexpat1 zlib1g \
                       libasound2 libgmp10 libp11-kit0 libgpg-error0 libcom-err2 \
                       libwayland-client0 libwayland-cursor0 libwayland-egl1 \
                       libwayland-server0 libxcb-shm0 libxcb-render0 libstdc++6 fonts-noto-cjk";
/// How long the window may take to show itself on a computer without a graphics card.
const PATIENCE: Duration = Duration::from_secs(60);

#[derive(clap::Args)]
pub(crate) struct Options {
    /// Do not try it: only make the package
    #[arg(long)]
    only_make: bool,
}

pub(crate) fn run(options: &Options) -> Result<ExitCode> {
    let root = crate::project_root()?;
    let mut run = Run::new(&root, false);
    run.step("install", |_| {
        install::packages(if options.only_make { Purpose::Installers } else { Purpose::Package })?;
        install::node_modules(&root)?;
        Ok(Outcome::Passed)
    })?;
    run.step("package", |run| make(run, &root))?;
    let mut image = PathBuf::new();
    run.step("appimage", |run| {
        let (outcome, made) = appimage::make(run, &root, &package(&root)?)?;
        image = made;
        Ok(outcome)
    })?;
    if !options.only_make {
        let computer = crate::target_folder(&root).join("clean-debian");
        run.step("computer", |run| clean_computer(run, &computer))?;
        run.step("try appimage", |run| try_appimage(run, &root, &computer, &image))?;
        run.step("try", |run| try_it(run, &root, &computer))?;
    }
    Ok(run.close())
}

/// The programs, and then the package around them.
fn make(run: &mut Run, root: &Path) -> Result<Outcome> {
    let built = run.command_in(&root.join("ui"), "npm", &["run", "--silent", "build"])?;
    if built != Outcome::Passed {
        return Ok(built);
    }
    let built = run.command("cargo", &["build", "--release", "-p", "yanma-cli"])?;
    if built != Outcome::Passed {
        return Ok(built);
    }
    let tauri = root.join("ui/node_modules/.bin/tauri").display().to_string();
    let made = run.command_in(&root.join("src-tauri"), &tauri, &["build", "--bundles", "deb"])?;
    if made == Outcome::Passed {
        println!("{}", package(root)?.display());
    }
    Ok(made)
}

fn package(root: &Path) -> Result<PathBuf> {
    let folder = crate::target_folder(root).join("release/bundle/deb");
    let files = std::fs::read_dir(&folder).with_context(|| folder.display().to_string())?;
    let is_deb = |path: &PathBuf| path.extension().is_some_and(|ending| ending == "deb");
    let newest = files
        .flatten()
        .map(|file| file.path())
        .filter(is_deb)
        .max_by_key(|path| path.metadata().and_then(|data| data.modified()).ok());
    newest.context("no package was made")
}

/// A Debian of nothing but what every Debian has, in a folder. Needs root, as any chroot does.
fn clean_computer(run: &mut Run, computer: &Path) -> Result<Outcome> {
    if computer.exists() {
        std::fs::remove_dir_all(computer)?;
    }
    let computer = computer.display().to_string();
    run.command("debootstrap", &["--variant=minbase", SUITE, &computer, MIRROR])
}

/// Updates it by itself where nothing of it is installed, and starts what came of that.
fn try_appimage(run: &mut Run, root: &Path, computer: &Path, image: &Path) -> Result<Outcome> {
    let apt = format!(
        "export DEBIAN_FRONTEND=noninteractive; apt-get -qq update && \
         apt-get -qq -y --no-install-recommends install {DESKTOP} >/dev/null"
    );
    if let failed @ Outcome::Failed(_) =
        run.command("chroot", &[&path(computer), "sh", "-c", &apt])?
    {
        return Ok(failed);
    }
    let there = computer.join("root/Yanma.AppImage");
    std::fs::copy(image, &there)?;
    // Called `yanma` it is the command line.
    inside(computer, &["ln", "-sf", "/root/Yanma.AppImage", "/root/yanma"])?;
    // A newer one is the same with something behind its end, which no file system looks at.
    let newer = [std::fs::read(image)?, vec![0; 512]].concat();
    let publisher = publisher(root)?;
    publisher.offer("yanma", &newer, "linux-x86_64-appimage")?;
    updates_itself(computer, "/root/yanma", &publisher, || Ok(std::fs::read(&there)? == newer))?;
    shows_itself(root, computer, "appimage", "exec /root/Yanma.AppImage")?;
    let unpacked = computer.join("root/.cache/yanma/appimage");
    let unpacked = std::fs::read_dir(unpacked)?.flatten().filter(|entry| entry.path().is_dir());
    ensure!(unpacked.count() == 1, "the version of before is still unpacked");
    for file in ["Yanma.AppImage", "yanma"] {
        std::fs::remove_file(computer.join("root").join(file))?;
    }
    std::fs::remove_dir_all(computer.join("root/.cache/yanma"))?;
    Ok(Outcome::Passed)
}

fn publisher(root: &Path) -> Result<Publisher> {
    Publisher::start(root, &crate::target_folder(root).join("release/updates"))
}

/// A spoilt file is refused and changes nothing; a signed one is installed.
fn updates_itself(
    computer: &Path,
    yanma: &str,
    publisher: &Publisher,
    is_newer: impl Fn() -> Result<bool>,
) -> Result<()> {
    let (address, key) = (&publisher.address, &publisher.key);
    let update = format!("{yanma} update --install --address {address} --key {key}");
    publisher.spoil("yanma")?;
    let refused = alone(computer, &update).output()?;
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    ensure!(!refused.status.success() && said.contains("not signed"), "spoilt: {said}");
    ensure!(!is_newer()?, "a spoilt file was installed");
    publisher.spoil("yanma")?;
    let updated = alone(computer, &update).output()?;
    let said = String::from_utf8_lossy(&updated.stdout).into_owned();
    let why = String::from_utf8_lossy(&updated.stderr).into_owned();
    ensure!(updated.status.success() && said.contains(VERSION), "not updated: {said}{why}");
    ensure!(is_newer()?, "it says {said}, and is not the newer one");
    print!("a spoilt file was refused: {}\n{said}", last_line(&refused.stderr));
    Ok(())
}

fn last_line(text: &[u8]) -> String {
    String::from_utf8_lossy(text).lines().last().unwrap_or_default().to_owned()
}

fn try_it(run: &mut Run, root: &Path, computer: &Path) -> Result<Outcome> {
    let before = files_of(computer)?;
    let deb = package(root)?;
    std::fs::copy(&deb, computer.join("tmp/yanma.deb"))?;
    // No services, and nothing that is only recommended.
    let apt = "export DEBIAN_FRONTEND=noninteractive; apt-get -qq update && \
               apt-get -qq -y --no-install-recommends install /tmp/yanma.deb >/dev/null";
    if let failed @ Outcome::Failed(_) =
        run.command("chroot", &[&path(computer), "sh", "-c", apt])?
    {
        return Ok(failed);
    }
    println!("{}", inside(computer, &["dpkg-query", "-s", PACKAGE])?);
    let listed = inside(computer, &["dpkg-query", "-L", PACKAGE])?;
    println!("{listed}");
    let said = inside(computer, &["yanma", "read", "--json", "11010519491231002X"])?;
    if !said.contains("resident-id") {
        bail!("the installed `yanma` says {said}");
    }
    shows_itself(root, computer, "installed", "exec yanma-desk")?;
    update_package(root, computer, &deb)?;

    inside(computer, &["apt-get", "-qq", "-y", "purge", PACKAGE])?;
    let ours = |file: &&PathBuf| file.to_string_lossy().to_lowercase().contains(PACKAGE);
    let left: Vec<_> =
        files_of(computer)?.into_iter().filter(|file| !before.contains(file)).collect();
    // What the tried desk wrote into its user's home is its user's, and stays.
    let is_the_users = |file: &&PathBuf| file.starts_with("root") || file.starts_with("tmp");
    let left: Vec<_> = left.iter().filter(ours).filter(|file| !is_the_users(file)).collect();
    if !left.is_empty() {
        return Ok(Outcome::Failed(format!("left behind: {left:?}")));
    }
    println!("removed, and nothing of it is left");
    Ok(Outcome::Passed)
}

/// Puts the same package with a newer number in the place of the installed one.
fn update_package(root: &Path, computer: &Path, deb: &Path) -> Result<()> {
    let work = crate::target_folder(root).join("release/newer");
    if work.exists() {
        std::fs::remove_dir_all(&work)?;
    }
    let (tree, packed) = (work.join("tree"), work.join("yanma.deb"));
    std::fs::create_dir_all(&work)?;
    said("dpkg-deb", &["--raw-extract", &path(deb), &path(&tree)])?;
    let control = tree.join("DEBIAN/control");
    let text = std::fs::read_to_string(&control)?;
    let newer = |line: &str| match line.starts_with("Version: ") {
        true => format!("Version: {VERSION}\n"),
        false => format!("{line}\n"),
    };
    std::fs::write(&control, text.lines().map(newer).collect::<String>())?;
    said("dpkg-deb", &["--root-owner-group", "-Zgzip", "--build", &path(&tree), &path(&packed)])?;
    let publisher = publisher(root)?;
    publisher.offer("yanma", &std::fs::read(&packed)?, "linux-x86_64-deb")?;
    std::fs::remove_dir_all(&work)?;
    updates_itself(computer, "yanma", &publisher, || {
        Ok(inside(computer, &["dpkg-query", "-s", PACKAGE])?
            .contains(&format!("Version: {VERSION}")))
    })
}

/// A command in a system of its own for processes, with what a computer has in /proc and /dev.
fn alone(computer: &Path, command: &str) -> Command {
    let start = "mkdir -p /dev/shm; mount -t proc proc /proc && mount -t tmpfs tmpfs /dev/shm;";
    let mut alone = Command::new("unshare");
    alone
        .args(["--mount", "--pid", "--fork", "--kill-child", "chroot"])
        .arg(computer)
        .args(["sh", "-c", &format!("{start} {command}")])
        .env_clear()
        .env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin")
        .env("HOME", "/root")
        .env("LANG", "C.UTF-8");
    alone
}

/// Starts the window on a screen of its own and leaves a picture of it.
fn shows_itself(root: &Path, computer: &Path, name: &str, start: &str) -> Result<()> {
    let mut screen = Running::start(
        "Xvfb",
        Command::new("Xvfb")
            .args(["-displayfd", "1", "-screen", "0", "1280x800x24", "-nolisten", "tcp"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null()),
    )?;
    let output = screen.child().stdout.take().context("standard output is piped")?;
    let mut number = String::new();
    std::io::BufRead::read_line(&mut std::io::BufReader::new(output), &mut number)?;
    let display = format!(":{}", number.trim());
    let mut window = alone(computer, start);
    window.env("YANMA_DATA", format!("/root/desk-{name}")).env("DISPLAY", &display);
    let mut window = Running::start("yanma-desk", &mut window)?;
    let started = Instant::now();
    let picture = root.join(format!("tests/artefacts/{name}.png"));
    while !is_there(&display)? {
        if let Some(status) = window.ended()? {
            bail!("the installed window ended with {status}");
        }
        if started.elapsed() > PATIENCE {
            bail!("the installed window did not show itself");
        }
        sleep(Duration::from_millis(250));
    }
    // The first page has to be painted.
    sleep(Duration::from_secs(3));
    std::fs::create_dir_all(root.join("tests/artefacts"))?;
    let taken = Command::new("import")
        .args(["-display", &display, "-window", "root"])
        .arg(&picture)
        .status()?;
    if !taken.success() || window.ended()?.is_some() {
        bail!("there is no picture of the installed window");
    }
    println!("it shows itself: {}", picture.display());
    if !computer.join(format!("root/desk-{name}/desk.db")).is_file() {
        bail!("the installed window made no desk");
    }
    Ok(())
}

fn is_there(display: &str) -> Result<bool> {
    let found = Command::new("xdotool")
        .args(["search", "--onlyvisible", "--name", "Yanma"])
        .env("DISPLAY", display)
        .stderr(Stdio::null())
        .output()
        .context("xdotool could not be started")?;
    Ok(!found.stdout.is_empty())
}

fn path(path: &Path) -> String {
    path.display().to_string()
}

/// What a command says on that computer.
fn inside(computer: &Path, command: &[&str]) -> Result<String> {
    said("chroot", &[&[&*path(computer)], command].concat())
}

fn said(program: &str, arguments: &[&str]) -> Result<String> {
    let output = Command::new(program).args(arguments).output().context(program.to_owned())?;
    if !output.status.success() {
        bail!("{program} {arguments:?}: {}", String::from_utf8_lossy(&output.stderr).trim());
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Every file of that computer, but not of what its kernel makes up.
fn files_of(computer: &Path) -> Result<std::collections::BTreeSet<PathBuf>> {
    let found = Command::new("find")
        .args([".", "-xdev", "(", "-path", "./proc", "-o", "-path", "./dev", ")", "-prune", "-o"])
        .args(["-not", "-type", "d", "-printf", "%P\\n"])
        .current_dir(computer)
        .output()?;
    Ok(String::from_utf8_lossy(&found.stdout).lines().map(PathBuf::from).collect())
}
