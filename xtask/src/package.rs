//! `cargo xtask package`: the installer for Debian, and a try of it on a computer that has nothing.

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use xtask::children::Running;

use crate::install::{self, Purpose};
use crate::steps::{Outcome, Run};

/// What a new computer has.
const SUITE: &str = "bookworm";
const MIRROR: &str = "http://deb.debian.org/debian";
/// What the package is called, and its menu entry.
const PACKAGE: &str = "yanma";
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
        install::packages(if options.only_make { Purpose::Run } else { Purpose::Package })?;
        install::node_modules(&root)?;
        Ok(Outcome::Passed)
    })?;
    run.step("package", |run| make(run, &root))?;
    if !options.only_make {
        let computer = crate::target_folder(&root).join("clean-debian");
        run.step("computer", |run| clean_computer(run, &computer))?;
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
    shows_itself(root, computer)?;

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

/// Starts the window on a screen of its own and leaves a picture of it.
fn shows_itself(root: &Path, computer: &Path) -> Result<()> {
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
    // A system of its own for processes, with what a computer has in /proc and /dev.
    let start = "mount -t proc proc /proc && mount -t tmpfs tmpfs /dev/shm; exec yanma-desk";
    let mut window = Command::new("unshare");
    window
        .args(["--mount", "--pid", "--fork", "--kill-child", "chroot"])
        .arg(computer)
        .args(["sh", "-c", &format!("mkdir -p /dev/shm; {start}")])
        .env_clear()
        .env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin")
        .env("HOME", "/root")
        .env("LANG", "C.UTF-8")
        .env("YANMA_DATA", "/root/desk")
        .env("DISPLAY", &display);
    let mut window = Running::start("yanma-desk", &mut window)?;
    let started = Instant::now();
    let picture = root.join("tests/artefacts/installed.png");
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
    if !computer.join("root/desk/desk.db").is_file() {
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
    let output = Command::new("chroot").arg(computer).args(command).output()?;
    if !output.status.success() {
        bail!("{command:?}: {}", String::from_utf8_lossy(&output.stderr).trim());
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
