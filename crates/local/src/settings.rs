//! What the desk keeps for other programs: whether it answers them, by which token, and whom it
//! tells.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use yanma_station::{Desk, DeskError};

use crate::hooks::Hook;

/// Under which the settings lie in the desk's file.
const KEY: &str = "local";
/// Under which the secrets lie that nobody sets.
const SECRETS_KEY: &str = "local-secrets";
/// The port when nobody chose another.
pub const DEFAULT_PORT: u16 = 8790;
/// The lowest port that may be set: those below are the system's.
const LOWEST_PORT: u16 = 1024;
/// What every token begins with, so that it is known for one where it should not be.
const TOKEN_PREFIX: &str = "yanma-desk-";

/// What is set about other programs. The token is kept as a digest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// Whether other programs on this computer are answered.
    pub on: bool,
    /// At which port of the loopback address.
    pub port: u16,
    /// SHA-256 of the token, as hexadecimal digits; `None` while none was made.
    pub token: Option<String>,
    /// Whom the desk tells what happens.
    pub hooks: Vec<Hook>,
}

impl Default for Settings {
    fn default() -> Self {
        Self { on: false, port: DEFAULT_PORT, token: None, hooks: Vec::new() }
    }
}

impl Settings {
    /// Whether other programs can be answered at such a port: 1024 to 65535.
    #[must_use]
    pub const fn is_port(port: u16) -> bool {
        port >= LOWEST_PORT
    }

    /// The settings of a desk.
    ///
    /// # Errors
    /// When they cannot be read.
    pub fn of(desk: &Desk) -> Result<Self, DeskError> {
        desk.settings(KEY)
    }

    /// Keeps them. Which were changed is written into the audit.
    ///
    /// # Errors
    /// [`DeskError::NotAllowed`]; or when they cannot be written.
    pub fn keep(&self, desk: &Desk) -> Result<(), DeskError> {
        desk.change_settings(KEY, self)
    }
}

impl Settings {
    /// Puts them in force as [`Desk::take_settings`] does, for whoever looks after the computer.
    ///
    /// # Errors
    /// When they cannot be written.
    pub fn take(&self, desk: &Desk) -> Result<(), DeskError> {
        desk.take_settings(KEY, self)
    }
}

/// Makes the token of this desk and answers it; it is not kept, so nobody sees it again. The one
/// before counts no more.
///
/// # Errors
/// [`DeskError::NotAllowed`]; or when it cannot be written.
pub fn make_token(desk: &Desk) -> Result<String, DeskError> {
    let token = format!("{TOKEN_PREFIX}{}", URL_SAFE_NO_PAD.encode(random::<32>()?));
    let settings = Settings { token: Some(hex::encode(digest(&token))), ..Settings::of(desk)? };
    settings.keep(desk)?;
    Ok(token)
}

/// By what a token is known again. It has 256 random bits: nothing is gained by a slow hash.
pub(crate) fn digest(token: &str) -> [u8; 32] {
    Sha256::digest(token.as_bytes()).into()
}

/// Random numbers of this desk that nobody sets and nobody sees.
#[derive(Clone, Default, Serialize, Deserialize)]
pub(crate) struct Secrets {
    /// From which the key of receipts is made, as hexadecimal digits.
    receipt_seed: String,
    /// Under which questions are known again, as hexadecimal digits.
    question_key: String,
}

impl Secrets {
    /// Those of this desk, made at the first time.
    pub(crate) fn of(desk: &Desk) -> Result<Self, DeskError> {
        if let Some(kept) = desk.store().setting::<Self>(SECRETS_KEY)? {
            return Ok(kept);
        }
        let made = Self {
            receipt_seed: hex::encode(random::<32>()?),
            question_key: hex::encode(random::<32>()?),
        };
        desk.store().set_setting(SECRETS_KEY, &made)?;
        Ok(made)
    }

    pub(crate) fn receipt_seed(&self) -> Result<[u8; 32], DeskError> {
        bytes(&self.receipt_seed)
    }

    pub(crate) fn question_key(&self) -> Result<[u8; 32], DeskError> {
        bytes(&self.question_key)
    }
}

fn bytes(text: &str) -> Result<[u8; 32], DeskError> {
    let mut bytes = [0; 32];
    hex::decode_to_slice(text, &mut bytes).map_err(|_| DeskError::UnknownForm)?;
    Ok(bytes)
}

pub(crate) fn random<const N: usize>() -> Result<[u8; N], DeskError> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|_| DeskError::NoRandomness)?;
    Ok(bytes)
}
