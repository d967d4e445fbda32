//! `yanma watch`: a desk without a window, with its devices armed, until it is ended.

use std::collections::HashMap;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, Sender};

use anyhow::Context as _;
use serde_json::json;
use tokio::runtime::Runtime;
use uuid::Uuid;
use yanma_devices::camera::{
    self, Camera, CameraHandle, CameraOptions, ControlSetting, NokhwaCamera, PictureFolder,
};
use yanma_devices::card::{self, CardEvent, CardHandle, ReaderAddress, Status};
use yanma_devices::hid::{self, HidChoice, HidHandle, HidScanner};
use yanma_devices::printer::{self, Printed};
use yanma_devices::serial::{self, SerialDevice, SerialHandle};
use yanma_devices::turnstile::Passage;
use yanma_devices::{
    Affix, DeviceEvent, DeviceId, DeviceKind, DeviceState, Framing, SeenKind, Sink,
};
use yanma_local::Service;
use yanma_nearby::{self as nearby, LaneKey, Nearby, Where};
use yanma_station::domain::document::Zone;
use yanma_station::run::{SYNC_EVERY, keep_in_step};
use yanma_station::sync::Seen;
use yanma_station::{Checked, Desk, DeskError, Input, Mode, Reading, Via};

use crate::output::{self, Language};
use crate::{Context, api, desk, gate, verdict_line};

/// Keeps this desk's devices open and prints a verdict for everybody who presents something.
///
/// Cameras, scanners and card reader are armed at once; what belongs to one person is one
/// encounter, as in the window. Devices that go away are told and used again when they come back.
/// A turnstile opens on ADMIT, and whoever went through is counted as let in; a printer gives the
/// slips of the scene.
#[derive(clap::Args)]
pub(crate) struct Watch {
    /// One JSON object a line.
    #[arg(long)]
    json: bool,
    /// A folder whose newest picture is what the desk sees.
    #[arg(long, value_name = "DIR")]
    pictures: Option<PathBuf>,
    /// A camera by its number.
    #[arg(long, value_name = "N", conflicts_with = "pictures")]
    camera: Option<u32>,
    /// Sets the camera each time it is opened, as `yanma camera` does: brightness=40, focus=auto;
    /// once for each control.
    #[arg(long, value_name = "CONTROL=VALUE", requires = "camera")]
    set: Vec<ControlSetting>,
    /// A scanner's or a thermometer's serial port, with `baud=115200` behind it where its speed is
    /// not to be found by what comes; once for each.
    #[arg(long, value_name = "PORT")]
    serial: Vec<SerialDevice>,
    /// A scanner in the mode HID POS: the first there is, or the one with these USB numbers, such
    /// as 0c2e:0b61 or 0c2e:0b61:SERIAL.
    #[arg(long, value_name = "SCANNER", num_args = 0..=1, default_missing_value = "any")]
    hid: Option<HidChoice>,
    /// What the scanners put before every code, to be taken off: as it is, `\x02` for a control
    /// character. An AIM identifier is taken off in any case.
    #[arg(long, value_name = "TEXT", default_value = "")]
    prefix: Affix,
    /// What they put behind it.
    #[arg(long, value_name = "TEXT", default_value = "")]
    suffix: Affix,
    /// A card reader: its serial port, host:port, or usb for one that speaks over USB in its own
    /// way.
    #[arg(long, value_name = "ADDRESS")]
    card_reader: Option<ReaderAddress>,
    #[command(flatten)]
    out: gate::Wanted,
    /// Also answers programs on this computer that have the token, at this port of the loopback
    /// address; see docs/desk-api.md.
    #[arg(long, value_name = "PORT")]
    api: Option<u16>,
    /// Gives the lists to other desks in this network, as signed files.
    #[arg(long)]
    give_lists: bool,
    /// Takes the lists of another desk in this network while the authority is not reached.
    #[arg(long, conflicts_with = "offline")]
    take_lists: bool,
    /// Is one of several lanes, which share their counts, under the key in this file: as the
    /// settings of a desk's window show it.
    #[arg(long, value_name = "FILE")]
    lane_key: Option<PathBuf>,
    /// Do not ask the authority and do not send entries; judge by what this desk knows.
    #[arg(long)]
    offline: bool,
}

/// What there is to print.
pub(crate) enum News {
    Reading(Reading),
    State(DeviceId, DeviceState),
    Trouble(DeviceId, Option<Status>),
    /// A card was read that says what no card can.
    BadCard(DeviceId, String),
    /// Another program had somebody checked.
    Asked(Box<Checked>),
    Later(Box<Checked>, Before),
    /// What came of opening the turnstile on an entry.
    Passage(String, Passage),
    /// What came of an entry's slip.
    Slip(String, Printed),
    PrinterTrouble(DeviceId, Option<printer::Trouble>),
}

/// What brought somebody before the desk.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Before {
    /// They stand at it: a turnstile opens for them, a slip is printed.
    Desk,
    /// Another program asked, and they may be anywhere.
    Program,
}

/// The devices that are open; they close when these are dropped.
type Open = (Option<CameraHandle>, Vec<SerialHandle>, Option<HidHandle>, Option<CardHandle>);

impl Watch {
    pub(crate) fn run(&self, context: &Context) -> anyhow::Result<ExitCode> {
        let armed = self.pictures.is_some()
            || self.camera.is_some()
            || !self.serial.is_empty()
            || self.hid.is_some()
            || self.card_reader.is_some()
            || self.api.is_some();
        anyhow::ensure!(
            armed,
            "give --pictures, --camera, --serial, --hid, --card-reader or --api"
        );
        let desk = Arc::new(desk::open(context, Mode::Work)?.desk);
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
        if !self.offline {
            runtime.spawn(keep_in_step(Arc::clone(&desk), SYNC_EVERY, || {}));
        }
        let nearby = Nearby::new(Arc::clone(&desk), Where::default());
        let (give, take) = (self.give_lists, self.take_lists);
        let wanted = nearby::Settings { give, take, lane_key: self.lane_key()? };
        runtime.block_on(nearby.apply(&wanted))?;
        let (sender, news) = mpsc::channel();
        let _open = self.open(&sender);
        let _answers = self.answer_others(&desk, &runtime, &sender)?;
        let out = self.out.open(&sender);
        let ask = |checked: Checked, before| {
            if self.offline {
                return;
            }
            let (desk, sender) = (Arc::clone(&desk), sender.clone());
            runtime.spawn(async move {
                match desk.ask(&checked).await {
                    Ok(Some(later)) => drop(sender.send(News::Later(Box::new(later), before))),
                    Ok(None) | Err(DeskError::NotEnrolled) => {}
                    Err(error) => tracing::info!(%error, "not confirmed"),
                }
            });
        };
        let follow = |checked: &Checked, is_news: bool| match is_news {
            true => out.follow(&desk, checked, &sender),
            false => out.open(&desk, checked, &sender),
        };
        self.tell(&news, &desk, &runtime, context.language, follow, ask)?;
        Ok(ExitCode::SUCCESS)
    }

    fn lane_key(&self) -> anyhow::Result<Option<LaneKey>> {
        let Some(path) = &self.lane_key else { return Ok(None) };
        let text = std::fs::read_to_string(path).with_context(|| path.display().to_string())?;
        Ok(Some(text.parse().with_context(|| path.display().to_string())?))
    }

    /// Tells the addresses that are set, and answers other programs where that is wanted; their verdicts are news like all others.
    fn answer_others(
        &self,
        desk: &Arc<Desk>,
        runtime: &Runtime,
        sender: &Sender<News>,
    ) -> anyhow::Result<Service> {
        let sender = sender.clone();
        let tell = move |checked| drop(sender.send(News::Asked(Box::new(checked))));
        let (service, port) = api::answer(desk, runtime, self.api, tell)?;
        let address = port.map(|port| format!("http://127.0.0.1:{port}"));
        match address {
            Some(address) if self.json => output::json(&json!({ "api": address }))?,
            Some(address) => {
                output::line(&format!("other programs are answered on {address}"))?;
            }
            None => {}
        }
        Ok(service)
    }

    fn open(&self, sender: &Sender<News>) -> Open {
        let camera: Option<Arc<dyn Camera>> = match (&self.pictures, self.camera) {
            (Some(folder), _) => Some(Arc::new(PictureFolder::new(folder.clone()))),
            (None, Some(number)) => Some(Arc::new(NokhwaCamera::new(number))),
            (None, None) => None,
        };
        let camera = camera.map(|camera| {
            let zone = |text: &str| Zone::read(text).is_ok();
            let controls = self.set.clone();
            let options = CameraOptions { zone: Some(zone), controls, ..CameraOptions::default() };
            camera::run(camera, options, self.device_sink(sender))
        });
        let listen = |device: &SerialDevice| serial::run(device.clone(), self.device_sink(sender));
        let serial = self.serial.iter().map(listen).collect();
        let hid = self
            .hid
            .as_ref()
            .map(|choice| hid::run(HidScanner(choice.clone()), self.device_sink(sender)));
        let reader = self.card_reader.as_ref().map(|address| {
            let (id, sender) = (address.id(DeviceKind::Card), sender.clone());
            let tell = move |event| {
                let news = match event {
                    CardEvent::Card(frame) => match Reading::of_card(&frame.into_bytes()) {
                        Ok(reading) => News::Reading(reading),
                        Err(error) => News::BadCard(id.clone(), error.to_string()),
                    },
                    CardEvent::Trouble(status) => News::Trouble(id.clone(), status),
                    CardEvent::State(state) => News::State(id.clone(), state),
                };
                drop(sender.send(news));
            };
            card::run(address.clone(), Arc::new(tell))
        });
        (camera, serial, hid, reader)
    }

    /// Takes a symbol of a series of lists that is shown to the camera; whether it was one.
    fn takes_symbol(
        &self,
        desk: &Desk,
        runtime: &Runtime,
        reading: &Reading,
    ) -> anyhow::Result<bool> {
        let Input::Text(text) = &reading.input else { return Ok(false) };
        match runtime.block_on(desk.see_symbol(text)) {
            None => return Ok(false),
            Some(Ok(Seen::Known)) => {}
            Some(Ok(Seen::Part { have, of })) if self.json => {
                output::json(&json!({ "symbols": have, "of": of }))?;
            }
            Some(Ok(Seen::Part { have, of })) => {
                output::line(&format!("{have} of {of} symbols"))?;
            }
            Some(Ok(Seen::Whole(taken))) if self.json => {
                output::json(&json!({ "head": taken.head, "issued_at": taken.issued_at }))?;
            }
            Some(Ok(Seen::Whole(taken))) => {
                output::line(&format!("in step with head {} of {}", taken.head, taken.issued_at))?;
            }
            Some(Err(error)) => output::complain(&error.into()),
        }
        Ok(true)
    }

    /// Prints what comes, for as long as anybody reads it.
    fn tell(
        &self,
        news: &Receiver<News>,
        desk: &Desk,
        runtime: &Runtime,
        language: Language,
        follow: impl Fn(&Checked, bool),
        ask: impl Fn(Checked, Before),
    ) -> anyhow::Result<()> {
        // The same thing shown again is the same entry, and no news.
        let mut told: HashMap<DeviceId, DeviceState> = HashMap::new();
        let mut last: Option<Uuid> = None;
        for news in news {
            match news {
                News::Reading(reading) if self.takes_symbol(desk, runtime, &reading)? => {}
                News::Reading(reading) => match desk.present(&[reading]) {
                    Ok(checked) if last != Some(checked.entry) => {
                        last = Some(checked.entry);
                        verdict_line::show(desk, &checked, self.json, language)?;
                        follow(&checked, true);
                        ask(checked, Before::Desk);
                    }
                    // Who did not go through may show the same again.
                    Ok(checked) => follow(&checked, false),
                    Err(error) => output::complain(&error.into()),
                },
                News::Asked(checked) if last == Some(checked.entry) => {}
                News::Asked(checked) => {
                    last = Some(checked.entry);
                    verdict_line::show(desk, &checked, self.json, language)?;
                    ask(*checked, Before::Program);
                }
                News::Later(checked, before) => {
                    last = Some(checked.entry);
                    verdict_line::show(desk, &checked, self.json, language)?;
                    // By then somebody else may stand there.
                    if before == Before::Desk && desk.is_before(&checked) {
                        follow(&checked, true);
                    }
                }
                News::Passage(ticket, passage) => {
                    if let Err(error) = gate::count(desk, &ticket, passage, self.json) {
                        output::complain(&error);
                    }
                }
                News::Slip(ticket, printed) => gate::slip(&ticket, printed, self.json, language)?,
                News::PrinterTrouble(id, trouble) => match trouble {
                    Some(trouble) => {
                        self.device(&id, "trouble", Some(gate::words_of(trouble, language)))?;
                    }
                    None => self.device(&id, "no-trouble", None)?,
                },
                News::State(id, state) => {
                    if told.insert(id.clone(), state) != Some(state) {
                        self.device(&id, state.name(), None)?;
                    }
                }
                News::Trouble(id, Some(status)) => {
                    let words = match language {
                        Language::Zh => status.in_chinese(),
                        Language::En => status.in_english(),
                    };
                    self.device(&id, "trouble", Some(words))?;
                }
                News::Trouble(id, None) => self.device(&id, "no-trouble", None)?,
                News::BadCard(id, why) => self.device(&id, "trouble", Some(&why))?,
            }
        }
        Ok(())
    }

    fn device(&self, id: &DeviceId, state: &str, words: Option<&str>) -> anyhow::Result<()> {
        if self.json {
            return output::json(&json!({ "device": id.as_str(), "state": state, "words": words }));
        }
        let words = words.map(|words| format!(": {words}")).unwrap_or_default();
        output::line(&format!("{id} {state}{words}"))
    }

    fn device_sink(&self, sender: &Sender<News>) -> Sink {
        let sender = sender.clone();
        let framing = Framing { prefix: self.prefix.clone(), suffix: self.suffix.clone() };
        Arc::new(move |event| {
            let news = match event {
                DeviceEvent::Seen(seen) => {
                    let bare = || framing.bare(&seen.text).to_owned();
                    let (via, text) = match seen.kind {
                        SeenKind::Camera => (Via::Camera, seen.text),
                        SeenKind::Serial => (Via::Serial, bare()),
                        SeenKind::Hid | SeenKind::Wedge => (Via::Scanner, bare()),
                    };
                    News::Reading(Reading { input: Input::Text(text), via })
                }
                DeviceEvent::State { id, state } => News::State(id, state),
                DeviceEvent::Notice { id, notice } => {
                    tracing::warn!(device = %id, notice = notice.code(), "a device has trouble");
                    return;
                }
                DeviceEvent::Found { .. }
                | DeviceEvent::Advice { .. }
                | DeviceEvent::Preview { .. } => return,
            };
            drop(sender.send(news));
        })
    }
}
