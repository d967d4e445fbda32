//! Every screen of the citizen's page and of the console, looked at in a real browser with a real
//! authority behind it: by axe with contrast on, in Chinese and English, light and dark; and with
//! text of twice its size, on a phone, a small and a large screen.

mod citizen;
mod console;
mod sight;
