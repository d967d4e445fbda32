//! How a screen is looked at, and what is wrong with it.

use std::path::Path;

use anyhow::{Context, Result, bail, ensure};
use serde_json::{Value, json};

use crate::harness::artefact;
use crate::harness::driver::Page;

/// CSS pixels: a phone, a small and a large screen.
const SIZES: [(u32, u32); 3] = [(390, 844), (1280, 800), (1920, 1080)];
const LANGUAGES: [&str; 2] = ["zh-CN", "en"];
const SCHEMES: [&str; 2] = ["light", "dark"];
/// Text of twice its size, as the desk's setting makes it.
const LARGE: &str = "const root = document.documentElement;\
    root.style.fontSize = '200%'; root.toggleAttribute('data-large', true)";
const USUAL: &str = "const root = document.documentElement;\
    root.style.fontSize = ''; root.toggleAttribute('data-large', false)";
const LOOK: &str = include_str!("look.js");

/// Looks at the screens of one page and keeps what is wrong with them.
pub(super) struct Sight<'a> {
    page: &'a Page,
    axe: String,
    /// None for a window, which keeps its size.
    sizes: &'static [(u32, u32)],
    screens: usize,
    complaints: Vec<String>,
    /// What a screen reader is given of each screen, by its name.
    outlines: Vec<(String, Vec<String>)>,
}

impl<'a> Sight<'a> {
    /// Ready to look at `page`, in Chinese and in the light.
    pub(super) fn of(page: &'a Page) -> Result<Self> {
        let path =
            Path::new(env!("CARGO_MANIFEST_DIR")).join("../ui/node_modules/axe-core/axe.min.js");
        let axe = std::fs::read_to_string(&path)
            .with_context(|| format!("{}; run `cargo xtask test --only ui`", path.display()))?;
        Ok(Self {
            page,
            axe,
            sizes: &SIZES,
            screens: 0,
            complaints: Vec::new(),
            outlines: Vec::new(),
        })
    }

    /// Ready to look at a window, in Chinese and in the light.
    pub(super) fn of_window(page: &'a Page) -> Result<Self> {
        Ok(Self { sizes: &[], ..Self::of(page)? })
    }

    /// Looks at the screen as it is, in every way, and leaves it as it was.
    pub(super) async fn at(&mut self, name: &str) -> Result<()> {
        self.screens += 1;
        let before = self.complaints.len();
        let known = self.run("return typeof axe !== 'undefined'").await? == json!(true);
        if !known {
            self.page.client().execute(&self.axe, Vec::new()).await?;
        }
        for language in LANGUAGES {
            self.speak(language).await?;
            if language == LANGUAGES[0] {
                let lines = self.ask("outline").await?;
                let lines = lines.as_array().map(Vec::as_slice).unwrap_or_default();
                let lines = lines.iter().filter_map(Value::as_str).map(str::to_owned).collect();
                self.outlines.push((name.to_owned(), lines));
            }
            for scheme in SCHEMES {
                self.run(&format!("document.documentElement.dataset.scheme = '{scheme}'")).await?;
                let found = self.ask("axeComplaints").await?;
                self.keep(&format!("{name}, {language}, {scheme}"), &found);
            }
            self.run("document.documentElement.dataset.scheme = 'light'").await?;
            self.run(LARGE).await?;
            for (width, height) in self.sizes {
                self.page.resize(*width, *height).await?;
                let found = self.ask("roomComplaints").await?;
                self.keep(&format!("{name}, {language}, text of 200 %, {width} wide"), &found);
            }
            if let Some((width, height)) = self.sizes.get(1) {
                self.page.resize(*width, *height).await?;
            } else {
                let found = self.ask("roomComplaints").await?;
                self.keep(&format!("{name}, {language}, text of 200 %"), &found);
            }
            self.run(USUAL).await?;
        }
        self.speak(LANGUAGES[0]).await?;
        if self.complaints.len() > before {
            self.page.picture(&artefact(&format!("seen-{}.png", name.replace(' ', "-")))?).await?;
        }
        Ok(())
    }

    /// Fails with everything that was seen; with `walked`, when the way ended early.
    pub(super) fn judge(self, walked: Result<()>, fewest_screens: usize) -> Result<()> {
        println!("{} screens, {} complaints", self.screens, self.complaints.len());
        if !self.complaints.is_empty() {
            let also = walked.err().map(|error| format!("\nand: {error:#}")).unwrap_or_default();
            bail!("{}{also}", self.complaints.join("\n"));
        }
        walked?;
        ensure!(self.screens >= fewest_screens, "only {} screens were seen", self.screens);
        Ok(())
    }

    /// What a screen reader is given of every screen that was seen, by its name.
    pub(super) fn outlines(&self) -> &[(String, Vec<String>)] {
        &self.outlines
    }

    fn keep(&mut self, seen: &str, found: &Value) {
        let found = found.as_array().map(Vec::as_slice).unwrap_or_default();
        let told = found.iter().filter_map(Value::as_str).map(|each| format!("{seen}: {each}"));
        self.complaints.extend(told);
    }

    /// Changes the language with the page's own button.
    async fn speak(&self, language: &str) -> Result<()> {
        let press = format!(
            "const done = arguments[arguments.length - 1], root = document.documentElement;\
             if (root.lang !== '{language}') \
             document.querySelector('[data-testid=language],\
             [data-testid=guest-language-{language}]').click();\
             const late = Date.now() + 3000;\
             const look = () => root.lang === '{language}' || Date.now() > late \
             ? done(root.lang) : setTimeout(look, 10);\
             look();"
        );
        let spoken = self.page.client().execute_async(&press, Vec::new()).await?;
        ensure!(spoken == language, "the page speaks {spoken} and not {language}");
        Ok(())
    }

    async fn run(&self, script: &str) -> Result<Value> {
        Ok(self.page.client().execute(script, Vec::new()).await?)
    }

    /// The answer of one of the functions of `look.js`.
    async fn ask(&self, function: &str) -> Result<Value> {
        let script = format!(
            "{LOOK}\nconst done = arguments[arguments.length - 1];\
             {function}().then(done, (error) => done([`could not look: ${{error}}`]));"
        );
        Ok(self.page.client().execute_async(&script, Vec::new()).await?)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_read_or_has_no_room_is_seen() -> Result<()> {
    const PAGE: &str = "<!doctype html><html lang=zh-CN><meta charset=utf-8><title>t</title><main>\
        <h1>验码</h1><button data-testid=language>English</button>\
        <p style='color:#999;background:#fff'>pale</p>\
        <div style='width:60px'><p style='white-space:nowrap'>one line that is far too long</p></div>\
        </main><script>document.querySelector('button').onclick = () => {\
        const root = document.documentElement; root.lang = root.lang === 'en' ? 'zh-CN' : 'en' }\
        </script>";
    let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
    let address = format!("http://{}/", listener.local_addr()?);
    let _server = crate::harness::proxy::serve(listener, "text/html", PAGE);
    let profile = tempfile::tempdir()?;
    let page = Page::of_browser(profile.path()).await?;
    page.client().goto(&address).await?;
    let mut sight = Sight::of(&page)?;
    sight.at("a bad page").await?;
    let told = sight.judge(Ok(()), 1).unwrap_err().to_string();
    for expected in [
        "a bad page, zh-CN, light: color-contrast: main > p",
        "a bad page, en, dark: color-contrast: main > p",
        "a bad page, en, text of 200 %, 390 wide: \"one line that is far too long\" runs out of",
    ] {
        ensure!(told.contains(expected), "{expected:?} is not in:\n{told}");
    }
    page.close().await
}
