//! What the machine needs, what of it is missing, and how it is installed.

use std::io::{IsTerminal, Write};
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

/// How the presence of something is told, on any distribution.
enum Probe {
    /// A program on the path.
    Program(&'static str),
    /// A program that Debian keeps where only root looks: /usr/sbin.
    System(&'static str),
    /// A library that pkg-config knows.
    Library(&'static str),
    /// libclang, which no pkg-config file describes.
    Libclang,
    /// The Pinyin engine of ibus.
    Pinyin,
    /// What brings ibus into programs with GTK 3.
    GtkInputMethod,
    /// pcscd's driver of a reader that is not there.
    VirtualReader,
    /// Xorg's driver of monitors that are not there.
    DummyMonitors,
    /// A font with Chinese characters.
    ChineseFont,
    /// Python with what makes environments; Debian has that apart.
    Venv,
    /// PostgreSQL's server; Debian keeps its programs off the path.
    Postgres,
}

struct Need {
    probe: Probe,
    debian: &'static str,
    why: &'static str,
}

const fn need(probe: Probe, debian: &'static str, why: &'static str) -> Need {
    Need { probe, debian, why }
}

/// Without these nothing builds.
const BUILD: &[Need] = &[
    need(Probe::Program("cc"), "build-essential", "C parts of SQLCipher and ring"),
    need(Probe::Program("pkg-config"), "pkg-config", "finds the libraries below"),
    need(Probe::Library("libcrypto"), "libssl-dev", "SQLCipher's cipher"),
    need(Probe::Library("libpcsclite"), "libpcsclite-dev", "smart-card readers"),
    need(Probe::Libclang, "libclang-dev", "describes the kernel's camera interface"),
];

/// The window.
const VIEW: &[Need] = &[
    need(Probe::Library("webkit2gtk-4.1"), "libwebkit2gtk-4.1-dev", "the window's web view"),
    need(Probe::ChineseFont, "fonts-noto-cjk", "Chinese text on screen"),
];

/// The tests drive the real window and a real browser with these.
const TEST: &[Need] = &[
    need(Probe::Postgres, "postgresql", "the authority's other database"),
    need(Probe::System("pgbouncer"), "pgbouncer", "what may stand before that database"),
    need(Probe::Program("valgrind"), "valgrind", "counts instructions"),
    need(Probe::Venv, "python3-venv", "an environment for schemathesis, which tries the interface"),
    need(Probe::Program("Xvfb"), "xvfb", "a screen for the window under test"),
    need(Probe::Program("Xorg"), "xserver-xorg-core", "a computer with two monitors"),
    need(Probe::DummyMonitors, "xserver-xorg-video-dummy", "monitors that are not there"),
    need(Probe::Program("xrandr"), "x11-xserver-utils", "plugs them in and pulls them out"),
    need(Probe::Program("WebKitWebDriver"), "webkit2gtk-driver", "drives the window"),
    need(Probe::Program("chromium"), "chromium", "opens the citizen page"),
    need(Probe::Program("chromedriver"), "chromium-driver", "drives the citizen page"),
    need(Probe::Program("import"), "imagemagick", "pictures of the screen"),
    need(Probe::Program("xdotool"), "xdotool", "types like a keyboard-wedge scanner"),
    need(Probe::System("pcscd"), "pcscd", "smart-card readers"),
    need(Probe::VirtualReader, "vsmartcard-vpcd", "a smart-card reader that is not there"),
    need(Probe::Program("ibus-daemon"), "ibus", "a Chinese input method before the window"),
    need(Probe::Pinyin, "ibus-libpinyin", "its Pinyin"),
    need(Probe::GtkInputMethod, "ibus-gtk3", "takes its keys from the window"),
];

/// The AppImage.
const IMAGE: &[Need] = &[
    need(Probe::Program("mksquashfs"), "squashfs-tools", "packs the file"),
    need(Probe::Program("patchelf"), "patchelf", "says where libraries are"),
];

/// A computer that has nothing, and a screen for it.
const CLEAN: &[Need] = &[
    need(Probe::System("debootstrap"), "debootstrap", "a clean Debian to try the package on"),
    need(Probe::Program("Xvfb"), "xvfb", "a screen for the window under test"),
    need(Probe::Program("import"), "imagemagick", "pictures of the screen"),
    need(Probe::Program("xdotool"), "xdotool", "sees whether the window is there"),
];

/// Lets the workspace be checked for Windows.
const WINDOWS: &[Need] = &[
    need(
        Probe::Program("x86_64-w64-mingw32-gcc"),
        "gcc-mingw-w64-x86-64-win32",
        "C parts, for Windows",
    ),
    need(Probe::Program("perl"), "perl", "configures OpenSSL for Windows"),
    need(Probe::Program("make"), "make", "builds OpenSSL for Windows"),
];

/// What is to be done with the machine afterwards.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// Build and use the programs that have no window.
    Headless,
    /// Build and use the window as well.
    Run,
    /// Make the installers.
    Installers,
    /// Make the installers and try them on a clean computer.
    Package,
    /// Run every test as well.
    Test,
}

/// Installs what is missing for `purpose`.
///
/// Says what it installs; asks first, unless it runs as root or `CI=true` is set.
pub(crate) fn packages(purpose: Purpose) -> Result<()> {
    if purpose != Purpose::Headless {
        node()?;
    }
    if !cfg!(target_os = "linux") {
        println!("packages: not Linux; install Tauri's prerequisites by hand if a build fails");
        return Ok(());
    }
    let wanted: Vec<&Need> = match purpose {
        Purpose::Headless => BUILD.iter().collect(),
        Purpose::Run => BUILD.iter().chain(VIEW).collect(),
        Purpose::Installers => BUILD.iter().chain(VIEW).chain(IMAGE).collect(),
        Purpose::Package => BUILD.iter().chain(VIEW).chain(IMAGE).chain(CLEAN).collect(),
        Purpose::Test => BUILD.iter().chain(VIEW).chain(TEST).chain(WINDOWS).collect(),
    };
    let missing: Vec<&Need> = wanted.into_iter().filter(|need| !present(&need.probe)).collect();
    if missing.is_empty() {
        println!("packages: nothing is missing");
        return Ok(());
    }
    println!("packages to install:");
    for need in &missing {
        println!("  {:<28} {}", need.debian, need.why);
    }
    let names: Vec<&str> = missing.iter().map(|need| need.debian).collect();
    if !on_path("apt-get") {
        bail!("no apt-get here; install these by hand (Debian's names): {}", names.join(" "));
    }
    let root = is_root();
    if !root && !in_ci() && !agreed()? {
        bail!("not installed; run: sudo apt-get install {}", names.join(" "));
    }
    apt(root, &["update", "--quiet"])?;
    let mut install = vec!["install", "--yes", "--quiet", "--no-install-recommends"];
    install.extend(&names);
    apt(root, &install)?;
    match missing.iter().find(|need| !present(&need.probe)) {
        Some(need) => bail!("{} was installed, yet what it brings is not found", need.debian),
        None => Ok(()),
    }
}

fn present(probe: &Probe) -> bool {
    match probe {
        Probe::Program(name) => on_path(name),
        Probe::System(name) => on_path(name) || Path::new("/usr/sbin").join(name).is_file(),
        Probe::Library(name) => succeeds("pkg-config", &["--exists", name]),
        Probe::Libclang => ["/usr/lib", "/usr/lib64", "/usr/lib/llvm"]
            .iter()
            .any(|folder| holds_libclang(Path::new(folder), 3)),
        Probe::Venv => succeeds("python3", &["-c", "import ensurepip, venv"]),
        Probe::Postgres => on_path("initdb") || holds_initdb(Path::new("/usr/lib/postgresql")),
        Probe::DummyMonitors => Path::new("/usr/lib/xorg/modules/drivers/dummy_drv.so").is_file(),
        Probe::VirtualReader => Path::new("/usr/lib/pcsc/drivers/serial/libifdvpcd.so").is_file(),
        Probe::Pinyin => Path::new("/usr/share/ibus/component/libpinyin.xml").is_file(),
        Probe::GtkInputMethod => text_of("pkg-config", &["--variable=libdir", "gtk+-3.0"])
            .is_ok_and(|libraries| {
                Path::new(&libraries).join("gtk-3.0/3.0.0/immodules/im-ibus.so").is_file()
            }),
        Probe::ChineseFont => Command::new("fc-list")
            .arg(":lang=zh-cn")
            .output()
            .is_ok_and(|output| !output.stdout.is_empty()),
    }
}

fn holds_initdb(folder: &Path) -> bool {
    std::fs::read_dir(folder).is_ok_and(|versions| {
        versions.flatten().any(|version| version.path().join("bin/initdb").is_file())
    })
}

fn holds_libclang(folder: &Path, depth: u8) -> bool {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return false;
    };
    entries.flatten().any(|entry| {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        // Only where clang lives: the whole of /usr/lib is large.
        let search = name.starts_with("llvm") || name == "lib" || name.ends_with("-linux-gnu");
        (name.starts_with("libclang") && name.contains(".so") && !name.starts_with("libclang-cpp"))
            || (depth > 0 && search && holds_libclang(&entry.path(), depth - 1))
    })
}

/// Whether `program` is on the path.
pub(crate) fn on_path(program: &str) -> bool {
    std::env::var_os("PATH").is_some_and(|paths| {
        std::env::split_paths(&paths).any(|folder| {
            folder.join(program).is_file() || folder.join(format!("{program}.exe")).is_file()
        })
    })
}

fn succeeds(program: &str, arguments: &[&str]) -> bool {
    Command::new(program)
        .args(arguments)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

fn text_of(program: &str, arguments: &[&str]) -> Result<String> {
    let output = Command::new(program)
        .args(arguments)
        .output()
        .with_context(|| format!("{program} could not be started"))?;
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

fn is_root() -> bool {
    text_of("id", &["-u"]).is_ok_and(|id| id == "0")
}

fn in_ci() -> bool {
    std::env::var("CI").is_ok_and(|value| value == "true")
}

fn agreed() -> Result<bool> {
    if !std::io::stdin().is_terminal() {
        return Ok(false);
    }
    print!("install them with sudo apt-get? [y/N] ");
    std::io::stdout().flush()?;
    let mut answer = String::new();
    std::io::stdin().read_line(&mut answer)?;
    Ok(matches!(answer.trim(), "y" | "Y" | "yes"))
}

fn apt(root: bool, arguments: &[&str]) -> Result<()> {
    let mut command = if root {
        Command::new("apt-get")
    } else {
        let mut sudo = Command::new("sudo");
        // sudo drops the environment, so the variable goes through env.
        sudo.args(["env", "DEBIAN_FRONTEND=noninteractive", "apt-get"]);
        sudo
    };
    println!("$ apt-get {}", arguments.join(" "));
    let status = command
        .args(arguments)
        .env("DEBIAN_FRONTEND", "noninteractive")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .status()
        .context("apt-get could not be started")?;
    if !status.success() {
        bail!("`apt-get {}` ended with {status}", arguments.join(" "));
    }
    Ok(())
}

/// Vite 8 needs Node 20.19 or newer.
fn node() -> Result<()> {
    let version = text_of("node", &["--version"]).context(
        "Node.js 20.19 or newer is needed (https://nodejs.org or the system's packages)",
    )?;
    let mut parts =
        version.trim_start_matches('v').split('.').map(|part| part.parse::<u32>().unwrap_or(0));
    let found = (parts.next().unwrap_or(0), parts.next().unwrap_or(0));
    if found < (20, 19) {
        bail!("Node.js 20.19 or newer is needed, this is {version}");
    }
    Ok(())
}

/// Installs the UI's packages if its lock file changed since the last time.
pub(crate) fn node_modules(root: &Path) -> Result<()> {
    let ui = root.join("ui");
    let lock = std::fs::read(ui.join("package-lock.json")).context("ui/package-lock.json")?;
    let stamp = ui.join("node_modules/.lock-installed");
    if std::fs::read(&stamp).is_ok_and(|installed| installed == lock) {
        return Ok(());
    }
    println!("$ npm ci (in ui/)");
    let status = Command::new("npm")
        .args(["ci", "--no-audit", "--no-fund"])
        .current_dir(&ui)
        .stdin(Stdio::null())
        .status()
        .context("npm could not be started")?;
    if !status.success() {
        bail!("`npm ci` ended with {status}");
    }
    std::fs::write(&stamp, lock)?;
    Ok(())
}

/// Why the workspace cannot be checked for `target` here; `None` if it can.
pub(crate) fn windows_target(target: &str) -> Option<String> {
    if let Some(need) = WINDOWS.iter().find(|need| !present(&need.probe)) {
        return Some(format!("{} is missing ({})", need.debian, need.why));
    }
    if !on_path("rustup") {
        return Some("rustup is not here to add the target".to_owned());
    }
    let installed = text_of("rustup", &["target", "list", "--installed"]).unwrap_or_default();
    if installed.lines().any(|line| line == target)
        || succeeds("rustup", &["target", "add", target])
    {
        return None;
    }
    Some(format!("`rustup target add {target}` failed"))
}
