//! A newer version takes the place of the window's program, and the desk goes on as that.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use serde_json::json;
use xtask::offer::{Publisher, VERSION};

use crate::harness::eventually;
use crate::harness::house::{House, invoke};
use crate::harness::screen::Screen;

/// How long the window may take to come back, on a busy machine.
const LIMIT: Duration = Duration::from_secs(120);

/// The window believes to be in an AppImage. The newer one is the window's own program with the mark
/// of an AppImage, so that it runs, and its path tells which of the two does.
#[tokio::test(flavor = "multi_thread")]
async fn a_desk_becomes_what_its_publisher_signed_and_nothing_else() -> Result<()> {
    let house = House::enrolled("general")?;
    let folder = tempfile::tempdir()?;
    let image = folder.path().join("Yanma.AppImage");
    let program = house.programs().path("yanma-desk")?;
    let mut newer = std::fs::read(&program)?;
    newer.get_mut(8..11).context("a program")?.copy_from_slice(b"AI\x02");
    // The head of a program for the same processor.
    let old = [newer.get(..64).context("a program")?, b"the old one"].concat();
    std::fs::write(&image, &old)?;
    std::fs::set_permissions(&image, PermissionsExt::from_mode(0o755))?;
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let publisher = Publisher::start(&root, &folder.path().join("updates"))?;
    publisher.offer("yanma", &newer, "linux-x86_64-appimage")?;

    let screen = Screen::open()?;
    let inside = program.parent().context("a program lies in a folder")?;
    let variables = [("APPIMAGE", image.as_path()), ("APPDIR", inside)];
    let variables = variables.map(|(name, path)| (name.to_owned(), path.display().to_string()));
    let window = house.window_with(&screen, variables.to_vec()).await?;
    window.find("[data-testid='status-connection'][data-state='online']").await?;
    let settings = json!({"address": publisher.address, "key": publisher.key});
    invoke(&window, "save_updates", settings).await?;
    window.press("nav-settings").await?;
    let offered = window.part("updates-standing").await?.text().await?;
    ensure!(offered.contains(VERSION), "it says {offered}");

    publisher.spoil("yanma")?;
    window.press("updates-install").await?;
    window.press("updates-yes").await?;
    let why = window.part("updates-problem").await?.text().await?;
    ensure!(why.contains("签名不对"), "it says {why}");
    ensure!(std::fs::read(&image)? == old, "a spoilt file was installed");

    publisher.spoil("yanma")?;
    let before = running(&program);
    window.press("updates-install").await?;
    // It may be gone before it answers.
    let _ = window.press("updates-yes").await;
    eventually("the newer version runs", LIMIT, async || {
        Ok(running(&image).iter().any(|id| before.contains(id)).then_some(()))
    })
    .await?;
    ensure!(std::fs::read(&image)? == newer);
    eventually("the newer version takes a scan", LIMIT, async || {
        if screen.focus()? {
            screen.scan("11010519491231002X")?;
        }
        tokio::time::sleep(Duration::from_millis(300)).await;
        Ok((!house.desk.entries()?.is_empty()).then_some(()))
    })
    .await?;
    for id in running(&image) {
        xtask::demo::output(std::process::Command::new("kill").arg(id.to_string()))?;
    }
    let _ = window.close().await;
    Ok(())
}

/// The processes that run a program.
fn running(program: &Path) -> Vec<u32> {
    let of = |id: &u32| std::fs::read_link(PathBuf::from(format!("/proc/{id}/exe"))).ok();
    let all = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    let ids = all.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    ids.filter(|id| of(id).is_some_and(|path| path == program)).collect()
}
