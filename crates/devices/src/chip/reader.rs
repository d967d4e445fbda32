//! Smart-card readers, through the system's own service: PC/SC, on Linux pcscd.

use std::ffi::{CStr, CString};
use std::io;
use std::time::Duration;

use pcsc::{Card, Context, Disposition, Error, Protocols, ReaderState, Scope, ShareMode, State};

use super::{ChipError, ChipFiles, ChipKey, read_chip};

/// The longest answer: 256 bytes and a status.
const LONGEST_ANSWER: usize = 258;

/// A chip on a reader, held alone until this is dropped.
pub struct ChipReader {
    /// `None` only while it is being dropped.
    card: Option<Card>,
}

/// The names of the readers that are plugged in, as the system gives them.
///
/// # Errors
/// When the service does not run, or does not answer.
pub fn chip_readers() -> io::Result<Vec<String>> {
    let names = names(&context()?)?;
    Ok(names.iter().map(|name| name.to_string_lossy().into_owned()).collect())
}

/// A chip on a reader. Laid down again it is another one.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct LaidChip {
    reader: CString,
    /// How often a chip came to this reader, or left it.
    event: u32,
}

/// The chips that lie on readers; none where the service does not run.
pub(super) fn laid_chips() -> Vec<LaidChip> {
    let laid = || -> io::Result<Vec<LaidChip>> {
        let context = context()?;
        let readers = names(&context)?;
        let unaware = |name: &CString| ReaderState::new(name.clone(), State::UNAWARE);
        let mut states: Vec<_> = readers.iter().map(unaware).collect();
        if states.is_empty() {
            return Ok(Vec::new());
        }
        context.get_status_change(Duration::ZERO, &mut states).map_err(io::Error::other)?;
        let present = states.iter().filter(|state| state.event_state().contains(State::PRESENT));
        let laid = |state: &ReaderState| LaidChip {
            reader: state.name().to_owned(),
            event: state.event_count(),
        };
        Ok(present.map(laid).collect())
    };
    laid().unwrap_or_default()
}

impl ChipReader {
    /// Takes a chip.
    ///
    /// # Errors
    /// When it is not there any more, or another program holds it.
    pub(super) fn take(laid: &LaidChip) -> io::Result<Self> {
        let card = context()?.connect(&laid.reader, ShareMode::Exclusive, Protocols::ANY);
        Ok(Self { card: Some(card.map_err(io::Error::other)?) })
    }

    /// Takes the chip that lies on the reader whose name holds `name`; on the first reader that
    /// has one when that is empty.
    ///
    /// # Errors
    /// When there is no such reader, no chip on it, or another program holds it.
    pub fn connect(name: &str) -> io::Result<Self> {
        let context = context()?;
        let mut problem = Error::UnknownReader;
        for reader in names(&context)? {
            if !reader.to_string_lossy().contains(name) {
                continue;
            }
            match context.connect(&reader, ShareMode::Exclusive, Protocols::ANY) {
                Ok(card) => return Ok(Self { card: Some(card) }),
                Err(error) => problem = error,
            }
        }
        Err(io::Error::other(problem))
    }

    /// Opens the chip and reads its zone and its security object.
    ///
    /// # Errors
    /// [`ChipError`].
    pub fn read(&mut self, key: &ChipKey) -> Result<ChipFiles, ChipError> {
        let mut random = [0; 24];
        getrandom::fill(&mut random).map_err(|error| io::Error::other(error.to_string()))?;
        read_chip(|command| self.exchange(command), key, &random)
    }

    /// Carries a command to the chip and brings the answer.
    fn exchange(&mut self, command: &[u8]) -> io::Result<Vec<u8>> {
        let card = self.card.as_ref().ok_or(io::ErrorKind::NotConnected)?;
        let mut answer = [0; LONGEST_ANSWER];
        let answer = card.transmit(command, &mut answer).map_err(io::Error::other)?;
        // Every answer ends with a status. Some drivers answer nothing when the chip is gone.
        if answer.len() < 2 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        Ok(answer.to_vec())
    }
}

impl Drop for ChipReader {
    /// The chip forgets what was agreed with it.
    fn drop(&mut self) {
        if let Some(card) = self.card.take() {
            // Dropping the card, which is what is left then, ends it in the gentle way.
            let _ = card.disconnect(Disposition::ResetCard);
        }
    }
}

fn context() -> io::Result<Context> {
    Context::establish(Scope::User).map_err(io::Error::other)
}

fn names(context: &Context) -> io::Result<Vec<CString>> {
    let size = match context.list_readers_len() {
        Err(Error::NoReadersAvailable) => return Ok(Vec::new()),
        other => other.map_err(io::Error::other)?,
    };
    let mut buffer = vec![0; size];
    match context.list_readers(&mut buffer) {
        Ok(names) => Ok(names.map(CStr::to_owned).collect()),
        Err(Error::NoReadersAvailable) => Ok(Vec::new()),
        Err(error) => Err(io::Error::other(error)),
    }
}
