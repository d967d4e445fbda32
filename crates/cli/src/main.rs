//! `yanma`: the engine of a desk without a window, for gates, scripts and tests.
//!
//! With `--json` every answer is one JSON object a line, with stable fields; without, it is
//! words for people. Logs go to standard error and never carry what was read.

mod api;
mod bench;
mod bench_decode;
mod camera;
mod certificates;
mod chip;
mod decode;
mod desk;
mod doctor;
mod done;
mod feed;
mod gate;
mod input;
mod lists;
mod log;
mod output;
mod read;
mod scanner;
mod simulate_printer;
mod simulate_reader;
mod simulate_serial;
mod simulate_turnstile;
mod simulated_card;
mod update;
mod verdict_line;
mod verify;
mod watch;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use output::Language;

/// A verification desk on the command line.
#[derive(Parser)]
#[command(name = "yanma", version, about, max_term_width = 96)]
struct Arguments {
    /// Folder of the desk: its file and its key.
    #[arg(long, env = "YANMA_DATA", global = true, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Language of words for people: zh or en.
    #[arg(long, env = "YANMA_LANGUAGE", global = true, default_value = "en")]
    language: Language,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Reads the symbols in pictures.
    Decode(decode::Decode),
    /// Says how much of a folder of pictures with known texts is read, and how fast.
    BenchDecode(bench_decode::BenchDecode),
    /// Says what a text is; no verdict.
    Read(read::Read),
    /// Reads the chip of a passport or an identity card; no verdict.
    Chip(chip::Chip),
    /// Checks what one person presents, and keeps an entry.
    Verify(verify::Verify),
    /// Keeps devices open and prints a verdict for everybody who presents something.
    Watch(watch::Watch),
    /// Says what was done with the person of an entry.
    Done(done::Done),
    /// People who are expected: taken in from a file, checked ahead.
    #[command(subcommand)]
    List(lists::List),
    /// Looks back: list, export, check, days, replay, audit.
    #[command(subcommand)]
    Log(log::Log),
    /// Fetches the newest lists and sends the entries.
    Sync(desk::Sync),
    /// Carries the lists to a desk without a network: on a stick, or over a share.
    #[command(subcommand)]
    Feed(feed::Feed),
    /// Makes this the desk of an authority.
    Enrol(desk::Enrol),
    /// What this desk has for other programs on the same computer.
    #[command(subcommand)]
    Api(api::Api),
    /// Looks for what is wrong with this desk, and says how to mend it.
    Doctor(doctor::Doctor),
    /// Says whether there is a newer version, and installs it when asked to.
    Update(update::Update),
    /// Says which cameras there are and what of them can be set, and sets it.
    Camera(camera::Camera),
    /// Shows a maker's barcode that sets a scanner to another mode.
    Scanner(scanner::Scanner),
    /// Speaks as a card reader does, for trying a desk without one.
    SimulateReader(simulate_reader::SimulateReader),
    /// Speaks as the relay of a turnstile does.
    SimulateTurnstile(simulate_turnstile::SimulateTurnstile),
    /// Speaks as a printer of slips does.
    SimulatePrinter(simulate_printer::SimulatePrinter),
    /// Says what a scanner or a thermometer on a serial port says.
    SimulateSerial(simulate_serial::SimulateSerial),
}

/// What every command may need to know.
struct Context {
    data: PathBuf,
    language: Language,
}

fn main() -> ExitCode {
    tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .with_env_filter(
            tracing_subscriber::EnvFilter::try_from_env("YANMA_LOG")
                .unwrap_or_else(|_| "warn".into()),
        )
        .init();
    // The first caller wins; a second provider would be an error nobody can act on.
    let _ = rustls::crypto::ring::default_provider().install_default();
    match run(Arguments::parse()) {
        Ok(code) => code,
        Err(error) => {
            output::complain(&error);
            ExitCode::from(1)
        }
    }
}

fn run(arguments: Arguments) -> anyhow::Result<ExitCode> {
    let data = match arguments.data {
        Some(data) => data,
        None => desk::usual_folder()?,
    };
    let context = Context { data, language: arguments.language };
    match arguments.command {
        Command::Decode(decode) => decode.run(),
        Command::BenchDecode(bench) => bench.run(),
        Command::Read(read) => read.run(&context),
        Command::Chip(chip) => chip.run(&context),
        Command::Verify(verify) => verify.run(&context),
        Command::Watch(watch) => watch.run(&context),
        Command::Done(done) => done.run(&context),
        Command::List(list) => list.run(&context),
        Command::Log(log) => log.run(&context),
        Command::Sync(sync) => sync.run(&context),
        Command::Feed(feed) => feed.run(&context),
        Command::Enrol(enrol) => enrol.run(&context),
        Command::Api(api) => api.run(&context),
        Command::Doctor(doctor) => doctor.run(&context),
        Command::Update(update) => update.run(&context),
        Command::Camera(camera) => camera.run(),
        Command::Scanner(scanner) => scanner.run(),
        Command::SimulateReader(simulate) => simulate.run(),
        Command::SimulateTurnstile(simulate) => simulate.run(),
        Command::SimulatePrinter(simulate) => simulate.run(),
        Command::SimulateSerial(simulate) => simulate.run(),
    }
}
