//! Keys of a scanner that types, taken before an input method has them.
//!
//! With GTK an input method takes keys without a word to the page, and a page that never heard of
//! them cannot put a code together. Elsewhere the page hears of every key and of its place on the
//! keyboard, whatever an input method makes of it, and does this by itself.

use serde::{Deserialize, Serialize};
use specta::Type;
use tauri_specta::Event;

/// Keys that went no further: they are a scanner's.
#[derive(Clone, Debug, Serialize, Deserialize, Type, Event)]
#[tauri_specta(event_name = "keys")]
pub(crate) struct KeysEvent {
    /// The first keys of a run. All but the last have gone their usual way, too.
    begins: bool,
    keys: Vec<KeyView>,
}

/// A key as a page would be told of it. Its `Debug` does not say which.
#[derive(Clone, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub(crate) struct KeyView {
    /// Its place on the keyboard: `KeyA`, `Digit1`.
    code: String,
    /// What the layout makes of it: `a`, `Enter`.
    key: String,
    /// In milliseconds, on a clock that wraps.
    at: u32,
    shift: bool,
    caps_lock: bool,
    /// Ctrl, Alt or Meta is down.
    command: bool,
}

impl std::fmt::Debug for KeyView {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("KeyView")
    }
}

#[cfg(not(target_os = "linux"))]
pub(crate) fn listen(_window: &tauri::WebviewWindow) -> tauri::Result<()> {
    Ok(())
}

#[cfg(target_os = "linux")]
pub(crate) use with_gtk::listen;

#[cfg(target_os = "linux")]
mod with_gtk {
    use std::cell::RefCell;
    use std::collections::HashMap;

    use gtk::gdk::keys::{Key, constants as key};
    use gtk::gdk::{Event, EventKey, EventType, ModifierType};
    use gtk::prelude::WidgetExt;
    use tauri::WebviewWindow;
    use tauri_specta::Event as _;
    use yanma_devices::wedge::{KeyRun, Press, Whose};

    use super::{KeyView, KeysEvent};

    /// Input methods (ibus, fcitx) give back what they do not want with this mark on it.
    const GIVEN_BACK: ModifierType = ModifierType::MODIFIER_RESERVED_25_MASK;

    /// GDK does not tell of a key that came up and went down again within a millisecond, as some do
    /// in a quick scanner's text. No key that is held repeats itself within this time.
    const QUICK_MS: u32 = 10;

    #[derive(Default)]
    struct Keys {
        run: KeyRun<KeyView>,
        /// What is down, and since when, so that a key that is held counts once.
        down: HashMap<u16, u32>,
    }

    /// Hears every key of `window` before anything else in this program. Input methods install
    /// hooks of their own (GTK's key snoopers), which come before every signal of a window.
    pub(crate) fn listen(window: &WebviewWindow) -> tauri::Result<()> {
        let outer = window.gtk_window()?.window();
        let page = window.clone();
        let keys = RefCell::new(Keys::default());
        Event::set_handler(Some(move |event: &mut Event| {
            if event.window() == outer {
                match keys.borrow_mut().hear(event) {
                    Told::Nothing => {}
                    Told::Stopped => return,
                    Told::Keys(told) => {
                        if let Err(error) = told.emit_to(&page, page.label()) {
                            tracing::error!(%error, "the page does not hear of a scanner's keys");
                        }
                        return;
                    }
                }
            }
            gtk::main_do_event(event);
        }));
        Ok(())
    }

    /// What became of an event.
    enum Told {
        /// It goes its usual way.
        Nothing,
        /// It goes no further.
        Stopped,
        /// The page is told of these keys instead.
        Keys(KeysEvent),
    }

    impl Keys {
        fn hear(&mut self, event: &Event) -> Told {
            match event.event_type() {
                EventType::FocusChange => {
                    self.down.clear();
                    self.run.forget();
                }
                EventType::KeyRelease => {
                    if let Some(key) = event.downcast_ref::<EventKey>() {
                        self.down.remove(&key.hardware_keycode());
                    }
                }
                EventType::KeyPress => {
                    if let Some(key) = event.downcast_ref::<EventKey>() {
                        return self.press(key);
                    }
                }
                _ => {}
            }
            Told::Nothing
        }

        fn press(&mut self, event: &EventKey) -> Told {
            if event.state().contains(GIVEN_BACK) {
                // It was counted when it came the first time.
                return if self.run.is_scanners() { Told::Stopped } else { Told::Nothing };
            }
            let press = press(event);
            let before = self.down.insert(event.hardware_keycode(), event.time());
            let held = before.is_some_and(|before| event.time().wrapping_sub(before) > QUICK_MS);
            if press != Press::Modifier && held {
                self.run.forget();
                return Told::Nothing;
            }
            match self.run.press(view(event), press, event.time()) {
                Whose::Anybodys => Told::Nothing,
                Whose::Scanners(keys) => Told::Keys(KeysEvent { begins: keys.len() > 1, keys }),
            }
        }
    }

    fn press(event: &EventKey) -> Press {
        let name = name(event.keyval());
        match (name, event.keyval().to_unicode()) {
            (Some("Enter" | "Tab"), _) => Press::Control,
            (Some("Shift" | "Control" | "Alt" | "AltGraph" | "Meta" | "CapsLock"), _) => {
                Press::Modifier
            }
            (None, Some(_)) if command(event) => Press::Control,
            (None, Some(character)) => Press::Types(character),
            _ => Press::Other,
        }
    }

    fn view(event: &EventKey) -> KeyView {
        let value = event.keyval();
        let character = || value.to_unicode().map_or_else(|| "Unidentified".into(), String::from);
        KeyView {
            code: code(event.hardware_keycode()).to_owned(),
            key: name(value).map_or_else(character, str::to_owned),
            at: event.time(),
            shift: event.state().contains(ModifierType::SHIFT_MASK),
            caps_lock: event.state().contains(ModifierType::LOCK_MASK),
            command: command(event),
        }
    }

    fn command(event: &EventKey) -> bool {
        let commands =
            ModifierType::CONTROL_MASK | ModifierType::MOD1_MASK | ModifierType::META_MASK;
        event.state().intersects(commands)
    }

    /// What a page calls a key that types no character.
    fn name(value: Key) -> Option<&'static str> {
        Some(match value {
            key::Return | key::KP_Enter | key::ISO_Enter => "Enter",
            key::Tab | key::KP_Tab | key::ISO_Left_Tab => "Tab",
            key::Shift_L | key::Shift_R => "Shift",
            key::Control_L | key::Control_R => "Control",
            key::Alt_L | key::Alt_R => "Alt",
            key::ISO_Level3_Shift => "AltGraph",
            key::Meta_L | key::Meta_R | key::Super_L | key::Super_R => "Meta",
            key::Caps_Lock => "CapsLock",
            key::BackSpace => "Backspace",
            key::Escape => "Escape",
            key::Delete => "Delete",
            _ => return None,
        })
    }

    /// The place of a key, by its number in the kernel (`linux/input-event-codes.h`), to which X11
    /// adds eight.
    fn code(hardware: u16) -> &'static str {
        const NUMBERED: [&str; 84] = [
            "",
            "Escape",
            "Digit1",
            "Digit2",
            "Digit3",
            "Digit4",
            "Digit5",
            "Digit6",
            "Digit7",
            "Digit8",
            "Digit9",
            "Digit0",
            "Minus",
            "Equal",
            "Backspace",
            "Tab",
            "KeyQ",
            "KeyW",
            "KeyE",
            "KeyR",
            "KeyT",
            "KeyY",
            "KeyU",
            "KeyI",
            "KeyO",
            "KeyP",
            "BracketLeft",
            "BracketRight",
            "Enter",
            "ControlLeft",
            "KeyA",
            "KeyS",
            "KeyD",
            "KeyF",
            "KeyG",
            "KeyH",
            "KeyJ",
            "KeyK",
            "KeyL",
            "Semicolon",
            "Quote",
            "Backquote",
            "ShiftLeft",
            "Backslash",
            "KeyZ",
            "KeyX",
            "KeyC",
            "KeyV",
            "KeyB",
            "KeyN",
            "KeyM",
            "Comma",
            "Period",
            "Slash",
            "ShiftRight",
            "NumpadMultiply",
            "AltLeft",
            "Space",
            "CapsLock",
            "F1",
            "F2",
            "F3",
            "F4",
            "F5",
            "F6",
            "F7",
            "F8",
            "F9",
            "F10",
            "NumLock",
            "ScrollLock",
            "Numpad7",
            "Numpad8",
            "Numpad9",
            "NumpadSubtract",
            "Numpad4",
            "Numpad5",
            "Numpad6",
            "NumpadAdd",
            "Numpad1",
            "Numpad2",
            "Numpad3",
            "Numpad0",
            "NumpadDecimal",
        ];
        let number = usize::from(hardware).wrapping_sub(8);
        NUMBERED.get(number).copied().unwrap_or("")
    }
}
