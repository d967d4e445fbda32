//! `yanma doctor`: what is wrong with this desk, and how to mend it.

mod hardware;

use std::process::ExitCode;

use serde::Serialize;
use yanma_devices::card::ReaderAddress;
use yanma_devices::printer::PrinterOptions;
use yanma_devices::serial::SerialDevice;
use yanma_devices::turnstile::TurnstileOptions;
use yanma_station::domain::verdict::{ClockState, Tier};
use yanma_station::sync::{CityStanding, Refusal, RegionStanding};
use yanma_station::{Desk, Mode};
use yanma_updates::{Found, Settings as UpdateSettings, this_version};

use crate::{Context, desk, output};

/// Looks for what is wrong with this desk, and says how to mend it.
#[derive(clap::Args)]
pub(crate) struct Doctor {
    /// One JSON object a line.
    #[arg(long)]
    json: bool,
    /// Ask this card reader who it is: its serial port, host:port, or usb. No window may work with
    /// the reader meanwhile.
    #[arg(long, value_name = "ADDRESS")]
    card_reader: Option<ReaderAddress>,
    /// Listen to this serial device for ten seconds, in which something is scanned or measured; once
    /// for each. No window may work with it meanwhile.
    #[arg(long, value_name = "PORT")]
    serial: Vec<SerialDevice>,
    /// Ask this turnstile's relay whether it is there, without opening it.
    #[arg(long, value_name = "OPTIONS")]
    turnstile: Option<TurnstileOptions>,
    /// Ask this printer how it is, without printing.
    #[arg(long, value_name = "OPTIONS")]
    printer: Option<PrinterOptions>,
}

/// One thing that was looked at.
#[derive(Serialize)]
struct Finding {
    what: &'static str,
    ok: bool,
    detail: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    mend: Option<String>,
}

impl Finding {
    fn good(what: &'static str, detail: impl Into<String>) -> Self {
        Self { what, ok: true, detail: detail.into(), mend: None }
    }

    /// Nothing is wrong, and something would be better.
    fn could_be_better(
        what: &'static str,
        detail: impl Into<String>,
        how: impl Into<String>,
    ) -> Self {
        Self { what, ok: true, detail: detail.into(), mend: Some(how.into()) }
    }

    fn bad(what: &'static str, detail: impl Into<String>, mend: impl Into<String>) -> Self {
        Self { what, ok: false, detail: detail.into(), mend: Some(mend.into()) }
    }
}

impl Doctor {
    pub(crate) fn run(&self, context: &Context) -> anyhow::Result<ExitCode> {
        let mut findings = Vec::new();
        match desk::open(context, Mode::Look) {
            Ok(opened) => {
                findings.extend(of_desk(&opened.desk)?);
                findings.push(of_updates(&opened.desk)?);
            }
            Err(error) => findings.push(Finding::bad(
                "file",
                format!("{error:#}"),
                "enrol this desk with `yanma enrol`, or give its folder with --data",
            )),
        }
        findings.extend(hardware::plugged_in());
        findings.extend(self.serial.iter().map(hardware::serial));
        findings.extend(self.card_reader.as_ref().map(hardware::reader));
        findings.extend(self.turnstile.as_ref().map(hardware::turnstile));
        findings.extend(self.printer.as_ref().map(hardware::printer));
        let ill = findings.iter().any(|finding| !finding.ok);
        for finding in &findings {
            if self.json {
                output::json(finding)?;
                continue;
            }
            let word = if finding.ok { "ok " } else { "BAD" };
            output::line(&format!("{word}  {:<10} {}", finding.what, finding.detail))?;
            if let Some(mend) = &finding.mend {
                output::line(&format!("     → {mend}"))?;
            }
        }
        Ok(if ill { ExitCode::from(2) } else { ExitCode::SUCCESS })
    }
}

/// Whether there is a newer version, where it is looked for one.
fn of_updates(desk: &Desk) -> anyhow::Result<Finding> {
    let what = "version";
    let this = this_version();
    let Some(source) = UpdateSettings::of(desk)?.source()? else {
        return Ok(Finding::good(what, format!("{this}; newer ones are not looked for")));
    };
    Ok(match desk::runtime()?.block_on(source.look(&this)) {
        Ok(Found::Same) => Finding::good(what, format!("{this}, the newest")),
        Ok(Found::Older(older)) => {
            Finding::good(what, format!("{this}; the server for updates has {older}"))
        }
        Ok(Found::Newer(release)) => Finding::could_be_better(
            what,
            format!("{this}; {} is there", release.version),
            "install it in the window's settings or with `yanma update --install`, when nobody \
             stands at the desk",
        ),
        Err(error) => Finding::bad(
            what,
            format!("{this}; {error}"),
            "see the address and the key for updates in the window's settings",
        ),
    })
}

fn of_desk(desk: &Desk) -> anyhow::Result<Vec<Finding>> {
    let standing = desk.standing()?;
    let mut findings = vec![Finding::good("file", desk.store().path().display().to_string())];
    findings.push(match desk.enrolment() {
        Some(enrolment) => Finding::good(
            "enrolment",
            format!("{} at {}", enrolment.station, enrolment.authority_url),
        ),
        None => Finding::bad(
            "enrolment",
            "this desk has not been enrolled",
            "ask a clerk of the authority for a code and run `yanma enrol`",
        ),
    });
    findings.push(match standing.clock {
        ClockState::SetBack => Finding::bad(
            "clock",
            "the clock stands before an instant that has already been",
            "set the clock, or switch on network time",
        ),
        ClockState::Trusted | ClockState::Unconfirmed => {
            Finding::good("clock", desk.now().to_string())
        }
    });
    let age = standing.age_seconds.map_or("none".to_owned(), |age| format!("{} min", age / 60));
    let detail = format!("{} holders, age {age}", standing.holders);
    findings.push(match standing.tier {
        Tier::Live | Tier::Normal | Tier::Old => Finding::good("lists", detail),
        Tier::TooOld | Tier::None => {
            Finding::bad("lists", detail, "run `yanma sync` while the authority can be reached")
        }
    });
    findings.extend(standing.refusal.as_ref().map(|refusal| {
        let Refusal { file, code, why, since, .. } = refusal;
        let kept = desk.kept_as_of(refusal);
        let age = kept.map(|as_of| (desk.now().as_second() - as_of.as_second()).max(0));
        Finding::bad(
            "feeds",
            format!("{file} was refused ({code}): {}; since {since:.0}", why.in_english()),
            format!(
                "{}; {}; if it stays so for an hour, tell the authority the code",
                desk::kept_words(kept, age),
                refusal.instead.in_english()
            ),
        )
    }));
    for CityStanding { name, as_of, documents, .. } in &standing.cities {
        let age = as_of.map(|as_of| (desk.now().as_second() - as_of.as_second()).max(0));
        let age = age.map_or("none".to_owned(), |age| format!("{} min", age / 60));
        let detail = format!("{}: {documents} documents, age {age}", name.en);
        findings.push(match as_of {
            Some(_) => Finding::good("city", detail),
            None => {
                Finding::bad("city", detail, "run `yanma sync`; see that the city is published")
            }
        });
    }
    for RegionStanding { name, as_of, holders, refusal, .. } in &standing.regions {
        let age = as_of.map(|as_of| (desk.now().as_second() - as_of.as_second()).max(0));
        let age = age.map_or("none".to_owned(), |age| format!("{} min", age / 60));
        let detail = format!("{}: {holders} holders, age {age}", name.en);
        findings.push(match refusal {
            None => Finding::good("region", detail),
            Some(Refusal { file, code, why, .. }) => Finding::bad(
                "region",
                format!("{detail}; {file} was refused ({code}): {}", why.in_english()),
                "its codes are judged by the list at hand; if it stays so, tell the authority",
            ),
        });
    }
    let waiting = standing.outbox;
    let detail = format!("{} entries wait, {} were rejected", waiting.pending, waiting.rejected);
    findings.push(if waiting.rejected == 0 {
        Finding::good("outbox", detail)
    } else {
        Finding::bad("outbox", detail, "see `yanma log list` and ask the authority")
    });
    findings.push(match desk.store().check() {
        Ok(report) => Finding::good("log", format!("{} entries, all as written", report.entries)),
        Err(error) => Finding::bad("log", error.to_string(), "keep the file and report it"),
    });
    Ok(findings)
}
