//! `cargo xtask run`: the house at work with synthetic people, from a fresh checkout.

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};

use anyhow::{Context, Result, bail};
use xtask::children::Running;
use xtask::demo::{DemoAuthority, Holder, Programs};
use xtask::scenes::{self, Scene};
use xtask::station::DemoStation;

use crate::install::{self, Purpose};
use crate::telling;

/// The demo's port; fixed, so that the desk finds its authority again on the next start.
const PORT: u16 = 8420;

#[derive(clap::Args)]
pub(crate) struct Options {
    /// The place whose desk is opened
    #[arg(long, value_enum, default_value_t)]
    scene: Scene,
    /// Without a window: present a series of codes and cards, print the verdicts, end
    #[arg(long)]
    headless: bool,
    /// Build with optimisation: slower to build, as quick as the real thing
    #[arg(long)]
    release: bool,
    /// Port of the demo authority; a desk that was enrolled with another one enrols again
    #[arg(long, default_value_t = PORT)]
    port: u16,
}

#[derive(clap::Args)]
pub(crate) struct ShowOptions {
    /// Which of the demo's holders, from 1
    #[arg(default_value_t = 1)]
    holder: usize,
    /// Make the code this much older, e.g. 10m, to try an expired one
    #[arg(long)]
    age: Option<String>,
}

/// Everything that the demo keeps.
pub(crate) struct Place {
    root: PathBuf,
}

impl Place {
    pub(crate) fn of_project() -> Result<Self> {
        Ok(Self { root: crate::project_root()? })
    }

    fn folder(&self) -> PathBuf {
        self.root.join(".yanma/demo")
    }

    /// The folder that the demo's camera looks at.
    pub(crate) fn pictures(&self) -> PathBuf {
        self.folder().join("pictures")
    }

    /// The words of the reason codes.
    pub(crate) fn words(&self) -> PathBuf {
        self.root.join("assets/words/reasons.json")
    }

    /// The pinned codes of the format.
    pub(crate) fn code_vectors(&self) -> PathBuf {
        self.root.join("tests/vectors/code/v1.json")
    }

    fn programs(&self, release: bool) -> Programs {
        let target = crate::target_folder(&self.root);
        Programs::in_folder(&target.join(if release { "release" } else { "debug" }))
    }

    fn authority(&self, programs: &Programs, port: u16) -> Result<DemoAuthority> {
        DemoAuthority::prepare(programs, &self.folder().join("authority"), port)
    }
}

pub(crate) fn run(options: &Options) -> Result<ExitCode> {
    let headless = options.headless || !has_display();
    let place = Place::of_project()?;
    install::packages(if headless { Purpose::Headless } else { Purpose::Run })?;
    build(&place.root, headless, options.release)?;

    let programs = place.programs(options.release);
    std::fs::create_dir_all(place.pictures())?;
    let mut authority = place.authority(&programs, options.port)?;
    let portal = place.root.join("ui/portal/dist");
    authority.start((!headless).then_some(portal.as_path())).with_context(|| {
        format!(
            "is port {} in use? try --port (log: {})",
            options.port,
            log_of(&authority).display()
        )
    })?;
    let scene = options.scene;
    let desk = DemoStation::new(&programs, &place.folder().join(scene.folder()));
    enrol_once(&desk, &authority, scene)?;
    let furnished = scenes::furnish(scene, &authority, &desk, headless)?;
    if headless && scene == Scene::General {
        crate::headless::present_all(&place, &authority, &desk)
    } else if headless {
        telling::tell(scene, &authority, &desk)?;
        Ok(ExitCode::SUCCESS)
    } else {
        if furnished {
            scenes::begin(scene, &authority, &desk)?;
        }
        window(&place, &programs, &authority, &desk)
    }
}

/// `cargo xtask show N`: a fresh code before the demo's camera.
pub(crate) fn show(options: &ShowOptions) -> Result<ExitCode> {
    let place = Place::of_project()?;
    let programs = [false, true]
        .map(|release| place.programs(release))
        .into_iter()
        .find(|programs| programs.path("yanma-authority").is_ok())
        .context("nothing is built yet; start `cargo xtask run` first")?;
    let authority = place.authority(&programs, PORT)?;
    let holders = with_account(&authority);
    let Some(holder) = options.holder.checked_sub(1).and_then(|index| holders.get(index)) else {
        bail!("the demo has holders 1 to {}", holders.len());
    };
    let picture = place.pictures().join(format!("holder-{}.png", options.holder));
    authority.show(holder, options.age.as_deref(), Some(&picture))?;
    println!("{} ({}): {}", holder.name, holder.label, picture.display());
    Ok(ExitCode::SUCCESS)
}

fn with_account(authority: &DemoAuthority) -> Vec<Holder> {
    authority.holders().into_iter().filter(|holder| holder.phone.is_some()).collect()
}

fn has_display() -> bool {
    !cfg!(target_os = "linux")
        || ["DISPLAY", "WAYLAND_DISPLAY"]
            .iter()
            .any(|name| std::env::var_os(name).is_some_and(|value| !value.is_empty()))
}

fn build(root: &Path, headless: bool, release: bool) -> Result<()> {
    if !headless {
        install::node_modules(root)?;
        tell(Command::new("npm").args(["run", "--silent", "build"]).current_dir(root.join("ui")))?;
    }
    let mut cargo = Command::new("cargo");
    cargo.current_dir(root).args(["build", "--bins", "-p", "yanma-cli", "-p", "yanma-authority"]);
    if !headless {
        cargo.args(["-p", "yanma-desk"]);
    }
    if release {
        cargo.arg("--release");
    }
    tell(&mut cargo)
}

/// Runs a command that speaks for itself.
fn tell(command: &mut Command) -> Result<()> {
    let arguments: Vec<_> = command.get_args().map(|word| word.to_string_lossy()).collect();
    println!("$ {} {}", command.get_program().to_string_lossy(), arguments.join(" "));
    let status = command.stdin(Stdio::null()).status()?;
    if !status.success() {
        bail!("it ended with {status}");
    }
    Ok(())
}

/// Enrols the desk unless it is enrolled with this authority already.
fn enrol_once(desk: &DemoStation, authority: &DemoAuthority, scene: Scene) -> Result<()> {
    let stamp = desk.folder().join("enrolled-with");
    if std::fs::read_to_string(&stamp).is_ok_and(|url| url == authority.url()) {
        return Ok(());
    }
    desk.enrol(authority, &authority.url(), scene.as_str(), scene.desk_name())?;
    std::fs::write(&stamp, authority.url())?;
    Ok(())
}

/// Where the authority says what it does.
pub(crate) fn log_of(authority: &DemoAuthority) -> PathBuf {
    authority.folder().join("authority.log")
}

fn window(
    place: &Place,
    programs: &Programs,
    authority: &DemoAuthority,
    desk: &DemoStation,
) -> Result<ExitCode> {
    // What an earlier start showed is long expired; the camera should see an empty desk.
    for picture in std::fs::read_dir(place.pictures())?.flatten() {
        std::fs::remove_file(picture.path())?;
    }
    println!("\nThe window opens; closing it ends the demo. What is kept lies in .yanma/demo.");
    println!("  citizen page   {}", authority.url());
    if let Some(holder) = with_account(authority).first() {
        let phone = holder.phone.as_deref().unwrap_or_default();
        let password = holder.password.as_deref().unwrap_or_default();
        println!(
            "  log in there   phone {phone}, password {password} ({}, {})",
            holder.name, holder.label
        );
    }
    println!("  console        {}/console", authority.url());
    println!("  sign in there  clerk          {}", authority.clerk_token());
    println!("                 administrator  {}", authority.administrator_token());
    println!(
        "                 (an administrator sets up an authenticator app there at first; after"
    );
    println!(
        "                 that, sign-in takes the token and the six digits that the app shows)"
    );
    println!("  show a code    a folder of pictures stands in for the guest's camera:");
    println!(
        "                 cargo xtask show 1    (puts a fresh code before the picture camera)"
    );
    println!(
        "                 cargo xtask show 2    (another holder; 1 to {})",
        with_account(authority).len()
    );
    println!("  authority log  {}", log_of(authority).display());
    let mut command = programs.command("yanma-desk")?;
    command.env("YANMA_DATA", desk.folder()).env("YANMA_PICTURES", place.pictures());
    let status = Running::start("yanma-desk", &mut command)?.wait()?;
    if !status.success() {
        bail!("the window ended with {status}");
    }
    Ok(ExitCode::SUCCESS)
}
