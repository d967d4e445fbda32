//! `cargo xtask package`: the AppImage, one file that runs without being installed. In it are the
//! programs, the web view with its other processes, and the libraries of both that not every
//! desktop has.
//!
//! Tauri's own way to one fetches ready-made tools; here it is made of what Debian has, behind a
//! program of the house that unpacks and starts it (`crates/appimage`).

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};

use crate::steps::{Outcome, Run};

/// Libraries that belong to the system: the C and C++ libraries, and what graphics drivers,
/// fonts and sound have to agree with. After the list that all makers of AppImages share
/// (github.com/AppImage/pkg2appimage, `excludelist`).
const OF_THE_SYSTEM: &[&str] = &[
    "ld-linux",
    "libc.",
    "libm.",
    "libmvec.",
    "libdl.",
    "libpthread.",
    "librt.",
    "libresolv.",
    "libutil.",
    "libstdc++.",
    "libgcc_s.",
    "libGL",
    "libEGL",
    "libOpenGL",
    "libdrm",
    "libgbm.",
    "libglapi.",
    "libX11",
    "libxcb",
    "libwayland-",
    "libexpat.",
    "libz.",
    "libfontconfig.",
    "libfreetype.",
    "libharfbuzz.",
    "libfribidi.",
    "libgmp.",
    "libp11-kit.",
    "libasound.",
    "libgpg-error.",
    "libcom_err.",
];
/// Where sound goes from the web view.
const SOUND: &[&str] = &[
    "alsa",
    "app",
    "audioconvert",
    "audioresample",
    "autodetect",
    "coreelements",
    "interleave",
    "pulseaudio",
    "volume",
];
const WEB_PROCESSES: [&str; 3] = ["WebKitWebProcess", "WebKitNetworkProcess", "WebKitGPUProcess"];

/// Makes it out of what the package for Debian is made of, and gives its path.
pub(crate) fn make(run: &mut Run, root: &Path, package: &Path) -> Result<(Outcome, PathBuf)> {
    let work = crate::target_folder(root).join("release/appimage");
    let tree = work.join("AppDir");
    if tree.exists() {
        std::fs::remove_dir_all(&tree)?;
    }
    std::fs::create_dir_all(&tree)?;
    let built = run.command("cargo", &["build", "--release", "-p", "yanma-appimage"])?;
    if built != Outcome::Passed {
        return Ok((built, tree));
    }
    let program = crate::target_folder(root).join("release/yanma-appimage");
    lay_out(root, package, &tree)?;
    let packed = work.join("packed");
    let (from, to) = (text(&tree), text(&packed));
    let pack = [&from, &to, "-noappend", "-root-owned", "-comp", "zstd", "-quiet", "-no-progress"];
    let outcome = run.command("mksquashfs", &pack)?;
    let stem = package.file_stem().context("a package has a name")?.to_string_lossy();
    let folder = crate::target_folder(root).join("release/bundle/appimage");
    std::fs::create_dir_all(&folder)?;
    let image = folder.join(format!("{stem}.AppImage"));
    if outcome == Outcome::Passed {
        let mut bytes = std::fs::read(&program)?;
        let end: usize = said(&text(&program), &["--appimage-offset"])?.parse()?;
        ensure!(bytes.len() == end, "the program is not all of its file");
        // By which a file is told to be an AppImage of type 2.
        bytes.get_mut(8..11).context("the program is empty")?.copy_from_slice(b"AI\x02");
        bytes.extend(std::fs::read(&packed)?);
        // It may run, as the program may.
        std::fs::copy(&program, &image)?;
        std::fs::write(&image, bytes)?;
        println!("{}", image.display());
    }
    Ok((outcome, image))
}

/// Everything that is in it, at its place.
fn lay_out(root: &Path, package: &Path, tree: &Path) -> Result<()> {
    said("dpkg-deb", &["--extract", &text(package), &text(tree)])?;
    // Rules for devices and services are the system's, and an AppImage installs none.
    for of_the_system in ["usr/lib/udev", "usr/lib/systemd"] {
        std::fs::remove_dir_all(tree.join(of_the_system))?;
    }
    let libraries = PathBuf::from(said("pkg-config", &["--variable=libdir", "webkit2gtk-4.1"])?);
    let inside = tree.join(libraries.strip_prefix("/")?);
    let (web, its_web) = (libraries.join("webkit2gtk-4.1"), inside.join("webkit2gtk-4.1"));
    let mut programs: Vec<_> =
        ["yanma", "yanma-desk"].map(|name| tree.join("usr/bin").join(name)).into();
    for process in WEB_PROCESSES {
        programs.push(copied(&web.join(process), &its_web)?);
    }
    let bundle = "injected-bundle/libwebkit2gtkinjectedbundle.so";
    let mut loaded = vec![copied(&web.join(bundle), &its_web.join("injected-bundle"))?];
    for name in SOUND {
        let plugin = libraries.join(format!("gstreamer-1.0/libgst{name}.so"));
        if plugin.is_file() {
            loaded.push(copied(&plugin, &tree.join("usr/lib/gstreamer-1.0"))?);
        }
    }
    let schemas = "usr/share/glib-2.0/schemas";
    copied(&Path::new("/").join(schemas).join("gschemas.compiled"), &tree.join(schemas))?;

    let mut needed = BTreeSet::new();
    for program in programs.iter().chain(&loaded) {
        needed.extend(needs(program)?);
    }
    for library in &needed {
        loaded.push(copied(library, &inside)?);
    }
    look_here(&inside.join("libwebkit2gtk-4.1.so.0"), &text(&web))?;
    // What a library says of where its own lie would go before what the program says.
    for library in &loaded {
        said("patchelf", &["--remove-rpath", &text(library)])?;
    }
    let beside = format!("$ORIGIN/../{}", libraries.strip_prefix("/usr")?.display());
    for program in &programs {
        let path = if program.starts_with(&its_web) { "$ORIGIN/.." } else { &beside };
        said("patchelf", &["--force-rpath", "--set-rpath", path, &text(program)])?;
    }
    copied(&root.join("crates/appimage/AppRun"), tree)?;
    copied(&tree.join("usr/share/applications/Yanma.desktop"), tree)?;
    for icon in ["yanma-desk.png", ".DirIcon"] {
        std::fs::copy(root.join("assets/icons/128x128.png"), tree.join(icon))?;
    }
    Ok(())
}

/// The libraries that a program or library needs and the system does not have for certain.
fn needs(program: &Path) -> Result<Vec<PathBuf>> {
    let listed = said("ldd", &[&text(program)])?;
    ensure!(!listed.contains("not found"), "{}: {listed}", program.display());
    let paths = listed.lines().filter_map(|line| line.split(" => ").nth(1)?.split(' ').next());
    let paths = paths.map(PathBuf::from).filter(|path| path.is_absolute());
    Ok(paths.filter(|path| !is_of_the_system(path)).collect())
}

fn is_of_the_system(library: &Path) -> bool {
    let name = library.file_name().unwrap_or_default().to_string_lossy().into_owned();
    OF_THE_SYSTEM.iter().any(|start| name.starts_with(start))
}

/// The web view has the place of its other processes built in. It is made one that counts from
/// where the program stands, of the same length: `AppRun` goes into `usr` first.
fn look_here(library: &Path, web: &str) -> Result<()> {
    let mut bytes = std::fs::read(library)?;
    let here = format!("././{}", web.strip_prefix("/usr").context("a folder of the system")?);
    ensure!(here.len() == web.len(), "{here} is not as long as {web}");
    let places: Vec<_> = bytes
        .windows(web.len())
        .enumerate()
        .filter_map(|(at, window)| (window == web.as_bytes()).then_some(at))
        .collect();
    if places.is_empty() {
        bail!("{} does not say where its processes are", library.display());
    }
    for at in places {
        bytes.get_mut(at..at + here.len()).context("found there")?.copy_from_slice(here.as_bytes());
    }
    Ok(std::fs::write(library, bytes)?)
}

/// Copies a file into a folder; links are followed.
fn copied(file: &Path, folder: &Path) -> Result<PathBuf> {
    std::fs::create_dir_all(folder)?;
    let to = folder.join(file.file_name().context("a file has a name")?);
    std::fs::copy(file, &to).with_context(|| file.display().to_string())?;
    Ok(to)
}

fn said(program: &str, arguments: &[&str]) -> Result<String> {
    let output = Command::new(program).args(arguments).output().context(program.to_owned())?;
    let why = || format!("{program} {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    ensure!(output.status.success(), "{}", why());
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

fn text(path: &Path) -> String {
    path.display().to_string()
}
