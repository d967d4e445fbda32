//! Finding each other: DNS-SD over multicast DNS.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};

use mdns_sd::{IfKind, Receiver, ResolvedService, ServiceDaemon, ServiceEvent, ServiceInfo};

/// The service of those who give lists, RFC 6763: at most 15 letters.
pub(crate) const FEEDS: &str = "_yanma-feeds._tcp.local.";
/// The service of lanes.
pub(crate) const LANES: &str = "_yanma-lanes._tcp.local.";
/// The port of multicast DNS, RFC 6762.
pub const MDNS_PORT: u16 = 5353;
/// The most that are kept: somebody may announce thousands.
const MOST_FOUND: usize = 64;
/// The most addresses of one.
const MOST_ADDRESSES: usize = 4;

/// Where desks look for each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Where {
    /// The UDP port: [`MDNS_PORT`] but in tests.
    pub port: u16,
    /// On the loopback address too, for several desks on one computer.
    pub loopback: bool,
}

impl Default for Where {
    fn default() -> Self {
        Self { port: MDNS_PORT, loopback: false }
    }
}

/// Multicast DNS cannot be used on this computer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("other desks cannot be looked for on this network: {0}")]
pub struct FindError(String);

impl From<mdns_sd::Error> for FindError {
    fn from(error: mdns_sd::Error) -> Self {
        Self(error.to_string())
    }
}

/// Speaks multicast DNS until it is dropped; says goodbye then.
pub(crate) struct Speaker(ServiceDaemon);

impl Speaker {
    pub(crate) fn on(on: Where) -> Result<Self, FindError> {
        let daemon = ServiceDaemon::new_with_port(on.port)?;
        if on.loopback {
            daemon.enable_interface(IfKind::LoopbackV4)?;
        }
        Ok(Self(daemon))
    }

    /// Says that this computer has a service at a TCP port. `name` tells it from others and says
    /// nothing of who it is.
    pub(crate) fn announce(&self, service: &str, name: &str, port: u16) -> Result<(), FindError> {
        let host = format!("{name}.local.");
        let nothing: &[(&str, &str)] = &[];
        let info = ServiceInfo::new(service, name, &host, "", port, nothing)?.enable_addr_auto();
        Ok(self.0.register(info)?)
    }

    /// Looks for those who have a service.
    pub(crate) fn look(&self, service: &str) -> Result<Found, FindError> {
        let found = Found::default();
        let events = self.0.browse(service)?;
        tokio::spawn(note(events, Arc::clone(&found.0)));
        Ok(found)
    }
}

impl Drop for Speaker {
    fn drop(&mut self) {
        if let Err(error) = self.0.shutdown() {
            tracing::debug!(%error, "multicast DNS did not say goodbye");
        }
    }
}

/// The addresses of each.
type ByName = BTreeMap<String, Vec<SocketAddr>>;

/// Those who have a service now.
#[derive(Clone, Default)]
pub(crate) struct Found(Arc<Mutex<ByName>>);

impl Found {
    /// Their addresses, by their names.
    pub(crate) fn now(&self) -> ByName {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// Ends with the speaker.
async fn note(events: Receiver<ServiceEvent>, found: Arc<Mutex<ByName>>) {
    while let Ok(event) = events.recv_async().await {
        let mut found = found.lock().unwrap_or_else(PoisonError::into_inner);
        match event {
            ServiceEvent::ServiceResolved(service) => {
                let is_known = found.contains_key(&service.fullname);
                if is_known || found.len() < MOST_FOUND {
                    let addresses = addresses_of(&service);
                    found.insert(service.fullname, addresses);
                }
            }
            ServiceEvent::ServiceRemoved(_, name) => {
                found.remove(&name);
            }
            _ => {}
        }
    }
}

/// Its IPv4 addresses, since that is what is listened at; of a computer in several networks one
/// may lead there and another not.
fn addresses_of(service: &ResolvedService) -> Vec<SocketAddr> {
    let addresses = service.addresses.iter().map(|address| address.to_ip_addr());
    let mut addresses: Vec<_> = addresses
        .filter(IpAddr::is_ipv4)
        .take(MOST_ADDRESSES)
        .map(|address| SocketAddr::new(address, service.port))
        .collect();
    addresses.sort_unstable();
    addresses
}
