//! What goes out of `yanma watch`: a turnstile that is opened, and slips that are printed.

use std::sync::Arc;
use std::sync::mpsc::Sender;

use serde_json::json;
use yanma_devices::printer::{
    self, Page, Printed, PrinterEvent, PrinterHandle, PrinterOptions, Trouble,
};
use yanma_devices::turnstile::{self, Passage, TurnstileEvent, TurnstileHandle, TurnstileOptions};
use yanma_station::{Checked, Desk};

use crate::output::{self, Language};
use crate::watch::News;

/// Which devices.
#[derive(clap::Args)]
pub(crate) struct Wanted {
    /// A turnstile's relay, such as `modbus:/dev/ttyUSB0 input=1` or
    /// `http://10.0.0.9/relay/0?turn=on&timer=1`; see docs/devices.md.
    #[arg(long, value_name = "OPTIONS")]
    turnstile: Option<TurnstileOptions>,
    /// A printer of slips: /dev/usb/lp0, a serial port or host:9100, with `width=384` on narrow
    /// paper.
    #[arg(long, value_name = "OPTIONS")]
    printer: Option<PrinterOptions>,
}

/// They, at work.
pub(crate) struct Out {
    turnstile: Option<TurnstileHandle>,
    printer: Option<Arc<PrinterHandle>>,
    width_dots: u16,
}

impl Wanted {
    /// Opens the ways to them.
    pub(crate) fn open(&self, sender: &Sender<News>) -> Out {
        let turnstile = self.turnstile.as_ref().map(|options| {
            let (id, sender) = (options.id(), sender.clone());
            let tell = move |event| {
                drop(sender.send(match event {
                    TurnstileEvent::Passage { ticket, passage } => News::Passage(ticket, passage),
                    TurnstileEvent::State(state) => News::State(id.clone(), state),
                }));
            };
            turnstile::run(options.clone(), Arc::new(tell))
        });
        let printer = self.printer.as_ref().map(|options| {
            let (id, sender) = (options.id(), sender.clone());
            let tell = move |event| {
                drop(sender.send(match event {
                    PrinterEvent::Job { ticket, printed } => News::Slip(ticket, printed),
                    PrinterEvent::Trouble(trouble) => News::PrinterTrouble(id.clone(), trouble),
                    PrinterEvent::State(state) => News::State(id.clone(), state),
                }));
            };
            Arc::new(printer::run(options.clone(), Arc::new(tell)))
        });
        let width_dots = self.printer.as_ref().map_or(0, |options| options.width_dots);
        Out { turnstile, printer, width_dots }
    }
}

impl Out {
    /// What follows a verdict that was told already. Nothing here is waited for.
    pub(crate) fn follow(&self, desk: &Arc<Desk>, checked: &Checked, sender: &Sender<News>) {
        self.open(desk, checked, sender);
        let ticket = checked.entry.to_string();
        if let Some(printer) = &self.printer
            && let Some(slip) = desk.slip_unattended(checked)
        {
            let (printer, sender) = (Arc::clone(printer), sender.clone());
            let width_dots = self.width_dots;
            std::thread::spawn(move || match slip.draw(width_dots) {
                Ok(dots) => {
                    let page = Page::new(dots.bytes_a_row, dots.rows);
                    if !printer.print(ticket.clone(), page) {
                        let busy = Printed::Failed(Trouble::Offline);
                        drop(sender.send(News::Slip(ticket, busy)));
                    }
                }
                Err(error) => output::complain(&error.into()),
            });
        }
    }

    /// Opens the turnstile, where this verdict does; who did not go through may show the same
    /// again, and gets no second slip.
    pub(crate) fn open(&self, desk: &Arc<Desk>, checked: &Checked, sender: &Sender<News>) {
        let Some(turnstile) = &self.turnstile else { return };
        if !desk.opens(checked) {
            return;
        }
        let (ticket, entry, of) = (checked.entry.to_string(), checked.entry, Arc::clone(desk));
        if !turnstile.open(ticket.clone(), move || of.still_opens(entry)) {
            drop(sender.send(News::Passage(ticket, Passage::Late)));
        }
    }
}

/// Tells what the arm did, and writes down who went through.
pub(crate) fn count(
    desk: &Desk,
    ticket: &str,
    passage: Passage,
    as_json: bool,
) -> anyhow::Result<()> {
    let entry = ticket.parse()?;
    let counted = match passage {
        Passage::Turned => desk.went_through(entry)?.map(|finished| finished.entry),
        Passage::NotTurned => {
            desk.stayed_outside(entry)?;
            None
        }
        Passage::Late | Passage::Failed => {
            desk.did_not_open(entry);
            None
        }
        Passage::Opened => None,
    };
    if as_json {
        let passage = passage.name();
        return output::json(&json!({ "passage": passage, "entry": entry, "counted": counted }));
    }
    let words = match passage {
        Passage::Turned => "went through",
        Passage::NotTurned => "the arm did not turn: not counted",
        Passage::Opened => "opened",
        Passage::Late => "did not open: it was still open for somebody else",
        Passage::Failed => "did not open: the relay does not answer",
    };
    output::line(&format!("  turnstile {words}"))
}

/// Tells what came of a slip.
pub(crate) fn slip(
    ticket: &str,
    printed: Printed,
    as_json: bool,
    language: Language,
) -> anyhow::Result<()> {
    let (name, trouble) = match printed {
        Printed::Done => ("printed", None),
        Printed::Sent => ("sent", Some(Trouble::Silent)),
        Printed::Failed(trouble) => ("failed", Some(trouble)),
    };
    let words = trouble.map(|trouble| words_of(trouble, language));
    if as_json {
        return output::json(&json!({ "slip": name, "entry": ticket, "words": words }));
    }
    let words = words.map(|words| format!(": {words}")).unwrap_or_default();
    output::line(&format!("  slip {name}{words}"))
}

/// The words of what is wrong with a printer.
pub(crate) fn words_of(trouble: Trouble, language: Language) -> &'static str {
    match language {
        Language::Zh => trouble.in_chinese(),
        Language::En => trouble.in_english(),
    }
}
