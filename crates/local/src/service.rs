//! Starts and stops what other programs are answered, as the settings have it.

use std::sync::{Arc, PoisonError};

use tokio::sync::Mutex;
use tokio::task::JoinHandle;
use yanma_station::{Desk, DeskError};

use crate::hooks::Hooks;
use crate::once::Once;
use crate::receipt::ReceiptKey;
use crate::serve::{self, Listeners};
use crate::settings::{Secrets, Settings};
use crate::{Local, Take, door};

/// Whether other programs are answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// Nobody is: it is switched off, as it is at first.
    Off,
    /// At this port of the loopback address.
    On {
        /// The port.
        port: u16,
    },
    /// It is switched on, and could not be started.
    Failed(StartError),
}

/// Why other programs could not be answered.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StartError {
    /// No token was made yet; without one nobody could be let in.
    #[error("make a token first: without one nobody is let in")]
    NoToken,
    /// The port is another program's, or may not be used. Choose another one.
    #[error("port {port} cannot be used: choose another one")]
    Port {
        /// The port.
        port: u16,
    },
    /// The desk's file.
    #[error("the desk's file cannot be read")]
    Desk,
}

impl From<DeskError> for StartError {
    fn from(error: DeskError) -> Self {
        tracing::error!(%error, "other programs cannot be answered");
        Self::Desk
    }
}

/// What answers other programs, and tells those that are to be told. It ends when this is dropped.
pub struct Service {
    desk: Arc<Desk>,
    take: Take,
    running: Mutex<Option<Running>>,
    hooks: Mutex<Hooks>,
    state: std::sync::Mutex<State>,
}

struct Running(JoinHandle<()>);

impl Drop for Running {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl Service {
    /// Off, until settings are applied.
    pub fn new(desk: Arc<Desk>, take: Take) -> Self {
        Self {
            desk,
            take,
            running: Mutex::default(),
            hooks: Mutex::default(),
            state: std::sync::Mutex::new(State::Off),
        }
    }

    /// How it is.
    pub fn state(&self) -> State {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Makes it as these settings have it, and says how it is then. Whoever is connected is cut
    /// off: an old token counts no more.
    pub async fn apply(&self, settings: &Settings) -> State {
        self.hooks.lock().await.apply(&self.desk, &settings.hooks).await;
        let mut running = self.running.lock().await;
        if let Some(mut before) = running.take() {
            before.0.abort();
            // Its port is free only when it has ended.
            let _ = (&mut before.0).await;
        }
        let state = if settings.on {
            match self.start(settings).await {
                Ok((handle, port)) => {
                    *running = Some(Running(handle));
                    State::On { port }
                }
                Err(error) => State::Failed(error),
            }
        } else {
            State::Off
        };
        self.state.lock().unwrap_or_else(PoisonError::into_inner).clone_from(&state);
        state
    }

    async fn start(&self, settings: &Settings) -> Result<(JoinHandle<()>, u16), StartError> {
        let token = settings.token.as_deref().ok_or(StartError::NoToken)?;
        let mut digest = [0; 32];
        hex::decode_to_slice(token, &mut digest).map_err(|_| StartError::NoToken)?;
        let secrets = Secrets::of(&self.desk)?;
        let local = Arc::new(Local {
            desk: Arc::clone(&self.desk),
            take: Arc::clone(&self.take),
            key: ReceiptKey::from_seed(&secrets.receipt_seed()?),
            token: digest,
            once: Mutex::new(Once::of(&self.desk, secrets.question_key()?)?),
            rates: door::Rates::default(),
            listeners: Local::listeners(),
        });
        let port = settings.port;
        let listeners = Listeners::at(port).await.map_err(|_| StartError::Port { port })?;
        let port = listeners.port;
        tracing::info!(port, "other programs on this computer are answered");
        Ok((tokio::spawn(serve::serve(local, listeners)), port))
    }
}
