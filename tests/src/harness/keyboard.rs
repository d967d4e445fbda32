//! A person without a mouse: everything is reached with the tab key, and what has the keyboard can
//! be seen to have it.

use std::time::Duration;

use anyhow::{Result, bail, ensure};
use fantoccini::elements::Element;
use fantoccini::key::Key;
use serde_json::{Value, json};

use super::driver::Page;

/// Further than this nobody goes for one button.
const MOST_TABS: usize = 60;

/// How long fingers take from one key to the next.
pub(crate) const BETWEEN_KEYS: Duration = Duration::from_millis(110);

/// Whether what has the keyboard matches, and whether one sees that it has it. The ring may be
/// round the label of a control that cannot be seen itself.
const HELD: &str = "
    const held = document.activeElement;
    const ring = (each) => each && getComputedStyle(each).outlineStyle !== 'none'
        && getComputedStyle(each).outlineWidth !== '0px';
    return [held.matches(arguments[0]),
        [held, held.nextElementSibling, held.closest('label')].some(ring)];";

/// The keyboard in front of a page.
pub(crate) struct Keyboard<'a>(pub(crate) &'a Page);

impl Keyboard<'_> {
    /// Goes on with the tab key to what matches `css`, which is waited for.
    pub(crate) async fn to(&self, css: &str) -> Result<Element> {
        self.0.find(css).await?;
        for _ in 0..MOST_TABS {
            let [held, seen] = self.held(css).await?;
            if held {
                ensure!(seen, "{css} has the keyboard, and nothing shows it");
                return Ok(self.0.client().active_element().await?);
            }
            self.key(Key::Tab).await?;
        }
        bail!("{css} is not reached with the tab key");
    }

    /// Goes to a button or link and presses Enter.
    pub(crate) async fn press(&self, css: &str) -> Result<()> {
        self.to(css).await?;
        self.key(Key::Enter).await
    }

    /// Goes to a field and types.
    pub(crate) async fn write(&self, css: &str, text: &str) -> Result<()> {
        self.to(css).await?.send_keys(text).await?;
        Ok(())
    }

    /// Goes to a field of the desk's window and types as fingers do: keys that follow each other
    /// faster are a scanner's there, and never reach a field.
    pub(crate) async fn write_by_hand(&self, css: &str, text: &str) -> Result<()> {
        let field = self.to(css).await?;
        for key in text.chars() {
            field.send_keys(&key.to_string()).await?;
            tokio::time::sleep(BETWEEN_KEYS).await;
        }
        Ok(())
    }

    /// Presses one key where the keyboard is.
    pub(crate) async fn key(&self, key: Key) -> Result<()> {
        let held = self.0.client().active_element().await?;
        held.send_keys(&char::from(key).to_string()).await?;
        Ok(())
    }

    async fn held(&self, css: &str) -> Result<[bool; 2]> {
        let answer = self.0.client().execute(HELD, vec![json!(css)]).await?;
        Ok([answer[0] == Value::Bool(true), answer[1] == Value::Bool(true)])
    }
}
