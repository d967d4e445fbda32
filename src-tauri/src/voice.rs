//! The system's voice: what the guest's screen shows is said aloud, in Chinese and in English.
//!
//! The voice is a program of the system: speech-dispatcher's `spd-say` or `espeak-ng` on Linux, `say`
//! on macOS, .NET's synthesizer by way of PowerShell on Windows. No verdict waits for it, and what is
//! said of somebody is cut off by what is said of the next.

use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::time::Duration;

use yanma_station::domain::trust::Words;

/// How often it is looked whether a sentence is at its end.
const GLANCE: Duration = Duration::from_millis(50);
/// No sentence of a guest's screen lasts so long: a program that hangs is ended.
const LONGEST_GLANCES: u32 = 20 * 20;

/// A language that a system has a voice for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Tongue {
    Chinese,
    English,
}

/// One sentence.
type Sentence = (Tongue, String);

/// Says one thing at a time.
pub(crate) struct Voice {
    /// Whether it is wanted.
    on: AtomicBool,
    wishes: Sender<Vec<Sentence>>,
}

impl Voice {
    /// The voice of this system.
    pub(crate) fn of_the_system() -> Self {
        Self::speaking(system)
    }

    fn speaking(start: impl Fn(&Sentence) -> std::io::Result<Child> + Send + 'static) -> Self {
        let (sender, wishes) = mpsc::channel();
        std::thread::spawn(move || speak(&wishes, start));
        Self { on: AtomicBool::default(), wishes: sender }
    }

    /// Takes the setting.
    pub(crate) fn switch(&self, on: bool) {
        self.on.store(on, Ordering::Relaxed);
    }

    /// Says words in both languages, where that is wanted.
    pub(crate) fn say_both(&self, words: &Words) {
        if !self.on.load(Ordering::Relaxed) {
            return;
        }
        self.say(vec![(Tongue::Chinese, words.zh.clone()), (Tongue::English, words.en.clone())]);
    }

    /// Says these sentences one after the other, and nothing more of what came before.
    fn say(&self, sentences: Vec<Sentence>) {
        // The thread ends with this.
        drop(self.wishes.send(sentences));
    }
}

fn speak(wishes: &Receiver<Vec<Sentence>>, start: impl Fn(&Sentence) -> std::io::Result<Child>) {
    let mut next = wishes.recv().ok();
    while let Some(sentences) = next {
        next = say_all(&sentences, wishes, &start).or_else(|| wishes.recv().ok());
    }
}

/// What was wished for meanwhile, if anything.
fn say_all(
    sentences: &[Sentence],
    wishes: &Receiver<Vec<Sentence>>,
    start: &impl Fn(&Sentence) -> std::io::Result<Child>,
) -> Option<Vec<Sentence>> {
    for sentence in sentences {
        let mut voice = match start(sentence) {
            Ok(voice) => voice,
            Err(error) => {
                tracing::warn!(%error, "this system has no voice");
                continue;
            }
        };
        let newer = wait(&mut voice, wishes);
        if newer.is_some() {
            return newer;
        }
    }
    None
}

/// Until the sentence is at its end, or something else is to be said.
fn wait(voice: &mut Child, wishes: &Receiver<Vec<Sentence>>) -> Option<Vec<Sentence>> {
    let mut newer = None;
    for _ in 0..LONGEST_GLANCES {
        if !matches!(voice.try_wait(), Ok(None)) {
            return None;
        }
        match wishes.recv_timeout(GLANCE) {
            Err(RecvTimeoutError::Timeout) => {}
            Ok(wish) => {
                newer = Some(wish);
                break;
            }
            Err(RecvTimeoutError::Disconnected) => break,
        }
    }
    drop(voice.kill());
    drop(voice.wait());
    newer
}

/// Starts a program that speaks.
fn start(command: &mut Command) -> std::io::Result<Child> {
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn()
}

#[cfg(target_os = "linux")]
fn system((tongue, text): &Sentence) -> std::io::Result<Child> {
    let (language, voice) = match tongue {
        Tongue::Chinese => ("zh", "cmn"),
        Tongue::English => ("en", "en"),
    };
    start(Command::new("spd-say").args(["--wait", "--language", language, "--", text]))
        .or_else(|_| start(Command::new("espeak-ng").args(["-v", voice, "--", text])))
}

#[cfg(target_os = "macos")]
fn system((tongue, text): &Sentence) -> std::io::Result<Child> {
    let voice = match tongue {
        Tongue::Chinese => "Tingting",
        Tongue::English => "Samantha",
    };
    start(Command::new("say").args(["-v", voice, "--", text]))
}

#[cfg(windows)]
fn system((tongue, text): &Sentence) -> std::io::Result<Child> {
    let culture = match tongue {
        Tongue::Chinese => "zh-CN",
        Tongue::English => "en-US",
    };
    // The text is a variable of the environment: in the script it could be a command.
    let script = "Add-Type -AssemblyName System.Speech; \
                  $voice = New-Object System.Speech.Synthesis.SpeechSynthesizer; \
                  $voice.SelectVoiceByHints('NotSet', 'NotSet', 0, [cultureinfo]$env:YANMA_CULTURE); \
                  $voice.Speak($env:YANMA_SAYS)";
    let mut command = Command::new("powershell");
    command.args(["-NoProfile", "-NonInteractive", "-Command", script]);
    command.env("YANMA_CULTURE", culture).env("YANMA_SAYS", text);
    start(&mut command)
}

#[cfg(all(test, unix))]
mod tests {
    use std::path::Path;
    use std::time::Instant;

    use super::*;

    /// A voice that writes down what it begins to say and takes a while over it.
    fn writing(file: &Path, seconds: &'static str) -> Voice {
        let file = file.display().to_string();
        Voice::speaking(move |(tongue, text)| {
            let line = format!("{tongue:?} {text}");
            let script = "echo \"$1\" >> \"$2\"; exec sleep \"$3\"";
            start(Command::new("sh").args(["-c", script, "sh", &line, &file, seconds]))
        })
    }

    fn said(file: &Path, lines: usize) -> Vec<String> {
        let started = Instant::now();
        loop {
            let text = std::fs::read_to_string(file).unwrap_or_default();
            if text.lines().count() >= lines || started.elapsed() > Duration::from_secs(30) {
                return text.lines().map(str::to_owned).collect();
            }
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    fn both(chinese: &str, english: &str) -> Vec<Sentence> {
        vec![(Tongue::Chinese, chinese.to_owned()), (Tongue::English, english.to_owned())]
    }

    #[test]
    fn both_languages_are_said_one_after_the_other() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("said");
        let voice = writing(&file, "0.1");
        voice.say(both("请进", "Please go in"));
        assert_eq!(said(&file, 2), ["Chinese 请进", "English Please go in"]);
    }

    #[test]
    fn what_is_said_of_the_next_person_cuts_off_what_was_said_before() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("said");
        let voice = writing(&file, "60");
        voice.say(both("请稍候", "One moment"));
        assert_eq!(said(&file, 1), ["Chinese 请稍候"]);
        let started = Instant::now();
        voice.say(both("请进", "Please go in"));
        assert_eq!(said(&file, 2), ["Chinese 请稍候", "Chinese 请进"]);
        assert!(started.elapsed() < Duration::from_secs(30));
    }

    #[test]
    fn a_system_without_a_voice_is_silent() {
        let voice = Voice::speaking(|_| start(&mut Command::new("there-is-no-such-program")));
        voice.say(both("请进", "Please go in"));
        voice.say(both("请进", "Please go in"));
    }
}
