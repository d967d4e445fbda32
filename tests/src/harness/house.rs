//! A whole house for one test: authority, desk, window, citizen; all of it gone afterwards.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use fantoccini::key::Key;
use serde_json::{Value, json};
use tempfile::TempDir;
use xtask::children::{free_port, http};
use xtask::demo::{DemoAuthority, Holder, Programs};
use xtask::station::DemoStation;

use super::artefact;
use super::driver::Page;
use super::keyboard::BETWEEN_KEYS;
use super::screen::Screen;

/// An authority that answers, and a desk that may be enrolled with it.
pub(crate) struct House {
    pub(crate) authority: DemoAuthority,
    pub(crate) desk: DemoStation,
    programs: Programs,
    folder: TempDir,
}

impl House {
    /// A new authority with its synthetic people, answering; a desk that nobody has enrolled.
    pub(crate) fn open() -> Result<Self> {
        let here = std::env::current_exe()?;
        let built = here.ancestors().nth(2).context("a test lies in target/debug/deps")?;
        let programs = Programs::in_folder(built);
        let folder = tempfile::tempdir()?;
        let port = free_port()?;
        let mut authority =
            DemoAuthority::prepare(&programs, &folder.path().join("authority"), port)?;
        authority.start(Some(&portal()?))?;
        let desk = DemoStation::new(&programs, &folder.path().join("desk"));
        for there in ["pictures", "stick"] {
            std::fs::create_dir_all(folder.path().join(there))?;
        }
        Ok(Self { authority, desk, programs, folder })
    }

    /// The same with an enrolled desk.
    pub(crate) fn enrolled(scene: &str) -> Result<Self> {
        let house = Self::open()?;
        house.desk.enrol(&house.authority, &house.authority.url(), scene, "Test desk")?;
        Ok(house)
    }

    /// A folder that goes with the house.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Another authority with keys of its own, on the address of this one; not started.
    pub(crate) fn impostor(&self) -> Result<DemoAuthority> {
        let folder = self.folder.path().join("impostor");
        DemoAuthority::prepare(&self.programs, &folder, self.authority.port())
    }

    /// Where the programs are, for another desk.
    pub(crate) fn programs(&self) -> Programs {
        self.programs.clone()
    }

    /// The folder that the picture camera looks at.
    pub(crate) fn pictures(&self) -> PathBuf {
        self.folder.path().join("pictures")
    }

    /// A folder that the window takes for a stick.
    pub(crate) fn stick(&self) -> PathBuf {
        self.folder.path().join("stick")
    }

    /// Starts the authority again, on the same port.
    pub(crate) fn restart_authority(&mut self) -> Result<()> {
        self.authority.start(Some(&portal()?))
    }

    /// Opens the desk's real window.
    pub(crate) async fn window(&self, screen: &Screen) -> Result<Page> {
        self.window_with(screen, Vec::new()).await
    }

    /// The same with more variables in its environment.
    pub(crate) async fn window_with(
        &self,
        screen: &Screen,
        mut variables: Vec<(String, String)>,
    ) -> Result<Page> {
        let data = self.desk.folder();
        std::fs::create_dir_all(data)?;
        variables.push(("YANMA_DATA".to_owned(), data.display().to_string()));
        // A desk syncs once a minute; a test should not wait for that.
        variables.push(("YANMA_SYNC_SECONDS".to_owned(), "1".to_owned()));
        variables.push(("YANMA_STICKS".to_owned(), self.stick().display().to_string()));
        Page::of_program(screen, &self.programs.path("yanma-desk")?, &[], &variables).await
    }

    /// The entries that the authority has received, as a clerk sees them.
    pub(crate) fn received(&self) -> Result<Vec<Value>> {
        let token = format!("Bearer {}", self.authority.clerk_token());
        let headers = [("authorization", token.as_str())];
        let answer = http(self.authority.port(), "GET", "/v1/entries?limit=500", &headers, None)?;
        if answer.status != 200 {
            bail!("the authority answered {} to a clerk: {}", answer.status, answer.body);
        }
        let body: Value = serde_json::from_str(&answer.body)?;
        Ok(body["entries"].as_array().cloned().unwrap_or_default())
    }

    /// How many times the authority holds the entry `id`.
    pub(crate) fn times_received(&self, id: &str) -> Result<usize> {
        Ok(self.received()?.iter().filter(|entry| entry["id"] == id).count())
    }

    /// A department reports that `holder` was in a fever clinic, as its programs do.
    pub(crate) fn report_fever(&self, holder: &Holder, id: &str) -> Result<()> {
        let token = format!("Bearer {}", self.authority.department_token());
        let body = json!({"facts": [{
            "id": id,
            "document_type": holder.document_type,
            "number": holder.number,
            "kind": "fever-clinic",
            "occurred_at": self.now()?,
        }]});
        let headers = [("authorization", token.as_str())];
        let answer =
            http(self.authority.port(), "POST", "/v1/facts", &headers, Some(&body.to_string()))?;
        let said: Value = serde_json::from_str(&answer.body)?;
        if said["results"][0]["outcome"] != "accepted" {
            bail!("the fact was not accepted ({}): {}", answer.status, answer.body);
        }
        Ok(())
    }

    /// The time of day as `date` tells it: tests read no clock of their own.
    pub(crate) fn now(&self) -> Result<String> {
        let mut command = std::process::Command::new("date");
        let text = xtask::demo::output(command.args(["-u", "+%Y-%m-%dT%H:%M:%SZ"]))?;
        Ok(text.trim().to_owned())
    }
}

fn portal() -> Result<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../ui/portal/dist");
    if !path.join("index.html").is_file() {
        bail!("the citizen page is not built; run `cargo xtask test --only ui`");
    }
    Ok(path)
}

/// Opens the desk's window, tells `story`, and keeps a picture of how it ended as `NAME.png`.
pub(crate) async fn at_the_window(
    name: &str,
    mut house: House,
    story: impl AsyncFnOnce(&mut House, &Screen, &Page) -> Result<()>,
) -> Result<()> {
    let screen = Screen::open()?;
    let window = house.window(&screen).await?;
    let told = story(&mut house, &screen, &window).await;
    screen.picture(&artefact(&format!("{name}.png"))?)?;
    window.close().await?;
    told
}

/// Writes `text` into the field that matches `css`, in place of what is there.
pub(crate) async fn fill(page: &Page, css: &str, text: &str) -> Result<()> {
    let field = page.find(css).await?;
    field.clear().await?;
    field.send_keys(text).await?;
    Ok(())
}

/// Types `text` into the window as a person does. Keys that follow each other faster than fingers
/// are a scanner's to the desk, and never reach a field.
pub(crate) async fn type_by_hand(window: &Page, css: &str, text: &str) -> Result<()> {
    let field = window.find(css).await?;
    field.click().await?;
    for key in text.chars() {
        field.send_keys(&key.to_string()).await?;
        tokio::time::sleep(BETWEEN_KEYS).await;
    }
    Ok(())
}

/// A new desk asks for its authority first; a clerk's one-time code answers.
pub(crate) async fn enrol_in_the_window(house: &House, window: &Page, scene: &str) -> Result<()> {
    let code = house.authority.enrolment_code(scene)?;
    type_by_hand(window, "[data-testid='enrol-url']", &house.authority.url()).await?;
    type_by_hand(window, "[data-testid='enrol-code']", &code).await?;
    type_by_hand(window, "[data-testid='enrol-name']", "一号台").await?;
    window.part("enrol-submit").await?.click().await?;
    let online = "[data-testid='status-connection'][data-state='online']";
    window.find_within(online, Duration::from_secs(45)).await?;
    Ok(())
}

/// Points the desk's picture camera at `folder`, on the devices page.
pub(crate) async fn use_pictures(window: &Page, folder: &Path) -> Result<()> {
    window.part("nav-devices").await?.click().await?;
    let field = "form input[aria-describedby]:not([type])";
    type_by_hand(window, field, &folder.display().to_string()).await?;
    let enter = char::from(Key::Enter).to_string();
    window.find(field).await?.send_keys(&enter).await?;
    window.part("nav-check").await?.click().await?;
    Ok(())
}

/// Has `folder` stand in for the camera that looks down on the counter, and shows the page anew.
pub(crate) async fn use_counter(window: &Page, folder: &Path) -> Result<()> {
    let mut settings = invoke(window, "settings", json!({})).await?;
    settings["documentCamera"] = json!(format!("pictures:{}", folder.display()));
    invoke(window, "save_settings", json!({"settings": settings})).await?;
    window.client().refresh().await?;
    Ok(())
}

/// Waits for a verdict with `decision` and returns the entry's id.
pub(crate) async fn verdict(window: &Page, decision: &str, limit: Duration) -> Result<String> {
    let css = format!("[data-testid='verdict'][data-decision='{decision}']");
    super::eventually(&css, limit, async || {
        let element = window.find_within(&css, limit).await?;
        // The one before may be there still, and go while it is asked.
        match element.attr("data-entry").await {
            Ok(entry) => Ok(Some(entry.context("a verdict names its entry")?)),
            Err(_) => Ok(None),
        }
    })
    .await
}

/// Calls a command as the page does.
pub(crate) async fn invoke(window: &Page, command: &str, arguments: Value) -> Result<Value> {
    const CALL: &str = "
        const [command, given, done] = arguments;
        window.__TAURI_INTERNALS__.invoke(command, given)
            .then((answer) => done({ answer }), (refused) => done({ refused }));";
    let said = window.client().execute_async(CALL, vec![command.into(), arguments]).await?;
    match said.get("refused") {
        Some(refused) => bail!("{command} was refused: {refused}"),
        None => Ok(said["answer"].clone()),
    }
}
