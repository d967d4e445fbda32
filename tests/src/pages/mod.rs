//! Every screen of the citizen's page and of the console, looked at in a real browser, and of the
//! desk's window, in its real web view; with a real authority behind them: by axe with contrast on,
//! in Chinese and English, light and dark; and with text of twice its size, the pages on a phone, a
//! small and a large screen.

mod citizen;
mod console;
mod desk;
mod outline;
mod sight;
