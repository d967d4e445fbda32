//! Finding each other: DNS-SD over multicast DNS.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};

use mdns_sd::{IfKind, Receiver, ResolvedService, ServiceDaemon, ServiceEvent, ServiceInfo};

/// The service of those who give lists, RFC 6763: at most 15 letters, with [`Where::apart`].
pub(crate) const FEEDS: &str = "yanma-feeds";
/// The service of lanes.
pub(crate) const LANES: &str = "yanma-lanes";
/// The most that are kept: somebody may announce thousands.
const MOST_FOUND: usize = 64;
/// The most addresses of one.
const MOST_ADDRESSES: usize = 4;

/// Where desks look for each other.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Where {
    /// On the loopback address too, for several desks on one computer.
    pub loopback: bool,
    /// Desks with different ones do not find each other, for tests that run side by side. They
    /// cannot have ports of their own: a question from another port than 5353 is answered to one
    /// socket alone (RFC 6762, 6.7), which need not be the one that asked.
    pub apart: Option<u16>,
}

impl Where {
    /// The name of a service, as DNS-SD has it.
    pub fn service(self, name: &str) -> String {
        let apart = self.apart.map(|apart| format!("{apart:x}")).unwrap_or_default();
        format!("_{name}{apart}._tcp.local.")
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
pub(crate) struct Speaker {
    daemon: ServiceDaemon,
    on: Where,
}

impl Speaker {
    pub(crate) fn on(on: Where) -> Result<Self, FindError> {
        let daemon = ServiceDaemon::new()?;
        if on.loopback {
            daemon.enable_interface(IfKind::LoopbackV4)?;
        }
        Ok(Self { daemon, on })
    }

    /// Says that this computer has a service at a TCP port, and under which full name. `name`
    /// tells it from others and says nothing of who it is.
    pub(crate) fn announce(
        &self,
        service: &str,
        name: &str,
        port: u16,
    ) -> Result<String, FindError> {
        let service = self.on.service(service);
        let host = format!("{name}.local.");
        let nothing: &[(&str, &str)] = &[];
        let info = ServiceInfo::new(&service, name, &host, "", port, nothing)?.enable_addr_auto();
        let full = info.get_fullname().to_owned();
        self.daemon.register(info)?;
        Ok(full)
    }

    /// Looks for those who have a service.
    pub(crate) fn look(&self, service: &str) -> Result<Found, FindError> {
        let found = Found::default();
        let events = self.daemon.browse(&self.on.service(service))?;
        tokio::spawn(note(events, Arc::clone(&found.0)));
        Ok(found)
    }
}

impl Drop for Speaker {
    fn drop(&mut self) {
        if let Err(error) = self.daemon.shutdown() {
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
    /// These.
    #[cfg(test)]
    pub(crate) fn of<const N: usize>(those: [(&str, Vec<SocketAddr>); N]) -> Self {
        let named = those.map(|(name, addresses)| (name.to_owned(), addresses));
        Self(Arc::new(Mutex::new(named.into())))
    }

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
