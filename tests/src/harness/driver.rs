//! A page under a WebDriver: the window's or the browser's.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result};
use fantoccini::elements::Element;
use fantoccini::error::CmdError;
use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::Value;
use xtask::children::{Running, free_port, listens};

use super::eventually;
use super::screen::Screen;

/// A session with one page; its driver and everything that the driver started end with it.
pub(crate) struct Page {
    client: Client,
    driver: Running,
}

impl Page {
    /// Starts `driver` on a free port and opens a session with `capabilities`.
    async fn open(
        driver: &str,
        command: &mut Command,
        port: u16,
        capabilities: Value,
    ) -> Result<Self> {
        let mut running = Running::start_group(driver, command.stdin(Stdio::null()))?;
        running.wait_until(Duration::from_secs(20), || listens(port))?;
        let Value::Object(capabilities) = capabilities else {
            anyhow::bail!("capabilities are a JSON object");
        };
        let client = ClientBuilder::new(HttpConnector::new())
            .capabilities(capabilities)
            .connect(&format!("http://127.0.0.1:{port}"))
            .await
            .with_context(|| format!("{driver} opened no session"))?;
        Ok(Self { client, driver: running })
    }

    /// Opens a program's web view on `screen`. The program inherits `variables`.
    pub(crate) async fn of_program(
        screen: &Screen,
        program: &Path,
        arguments: &[String],
        variables: &[(String, String)],
    ) -> Result<Self> {
        let port = free_port()?;
        let mut command = Command::new("WebKitWebDriver");
        command
            .args(["--host=127.0.0.1", &format!("--port={port}")])
            .env("DISPLAY", screen.display())
            // Wry lets a driver in when this is set.
            .env("TAURI_WEBVIEW_AUTOMATION", "true")
            // There is no graphics card here; painting without one is quicker this way.
            .env("WEBKIT_DISABLE_DMABUF_RENDERER", "1")
            .envs(variables.iter().map(|(name, value)| (name, value)));
        let capabilities = serde_json::json!({
            "webkitgtk:browserOptions": {"binary": program, "args": arguments}
        });
        Self::open("WebKitWebDriver", &mut command, port, capabilities).await
    }

    /// Opens headless Chromium as a phone with `width`×`height` CSS pixels that speaks Chinese; its
    /// profile lies in `profile`.
    pub(crate) async fn of_chromium(profile: &Path, width: u32, height: u32) -> Result<Self> {
        let metrics = serde_json::json!({"width": width, "height": height, "pixelRatio": 2.0});
        let phone = serde_json::json!({"mobileEmulation": {"deviceMetrics": metrics}});
        Self::chromium(profile, phone).await
    }

    /// Opens headless Chromium as on a desk, speaking Chinese; [`Page::resize`] gives it a size.
    pub(crate) async fn of_browser(profile: &Path) -> Result<Self> {
        Self::chromium(profile, serde_json::json!({})).await
    }

    async fn chromium(profile: &Path, mut options: Value) -> Result<Self> {
        let port = free_port()?;
        let mut command = Command::new("chromedriver");
        command.arg(format!("--port={port}")).stdout(Stdio::null());
        options["prefs"] = serde_json::json!({"intl.accept_languages": "zh-CN,zh"});
        options["args"] = serde_json::json!([
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--disable-dev-shm-usage",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--hide-scrollbars",
            format!("--user-data-dir={}", profile.display()),
        ]);
        let capabilities = serde_json::json!({"goog:chromeOptions": options});
        Self::open("chromedriver", &mut command, port, capabilities).await
    }

    /// Gives the page of a browser `width`×`height` CSS pixels. Not for phones: theirs is fixed.
    pub(crate) async fn resize(&self, width: u32, height: u32) -> Result<()> {
        // The window has bars beside the page.
        self.client.set_window_rect(0, 0, width, height).await?;
        let inside = self.client.execute("return innerHeight", Vec::new()).await?;
        let bars = height.saturating_sub(u32::try_from(inside.as_u64().unwrap_or(0))?);
        self.client.set_window_rect(0, 0, width, height + bars).await?;
        Ok(())
    }

    /// The session itself.
    pub(crate) fn client(&self) -> &Client {
        &self.client
    }

    /// Waits until an element matches `css` and returns it.
    pub(crate) async fn find(&self, css: &str) -> Result<Element> {
        self.find_within(css, Duration::from_secs(10)).await
    }

    /// The same with another patience.
    pub(crate) async fn find_within(&self, css: &str, limit: Duration) -> Result<Element> {
        eventually(css, limit, async || match self.client.find_all(Locator::Css(css)).await {
            Ok(found) => Ok(found.into_iter().next()),
            Err(error) if is_gone(&error) => Ok(None),
            Err(error) => Err(error.into()),
        })
        .await
    }

    /// Waits for the element with this `data-testid`.
    pub(crate) async fn part(&self, id: &str) -> Result<Element> {
        self.find(&format!("[data-testid='{id}']")).await
    }

    /// Presses the element with this `data-testid`.
    pub(crate) async fn press(&self, id: &str) -> Result<()> {
        eventually(id, Duration::from_secs(10), async || match self.part(id).await?.click().await {
            Ok(()) => Ok(Some(())),
            Err(error) if is_gone(&error) => Ok(None),
            Err(error) => Err(error.into()),
        })
        .await
    }

    /// Saves what is seen as PNG. For WebKit take the screen's picture instead: its driver's
    /// first one is a frame late.
    pub(crate) async fn picture(&self, path: &Path) -> Result<()> {
        std::fs::write(path, self.client.screenshot().await?)?;
        Ok(())
    }

    /// Ends the session in good order; dropping a page ends it, too, but less politely.
    pub(crate) async fn close(mut self) -> Result<()> {
        self.client.close().await?;
        self.driver.stop();
        Ok(())
    }
}

/// Whether the page put another element in its place between two steps of the driver. WebKit's says
/// so in several ways.
fn is_gone(error: &CmdError) -> bool {
    let text = error.to_string();
    error.is_stale_element_reference()
        || text.contains("Stale element")
        || (text.contains("Node with identifier") && text.contains("was not found"))
}
