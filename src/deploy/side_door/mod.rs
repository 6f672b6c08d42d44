//! The side door (TLS-3): whether the app can be reached past the gate. Everything that the gate promises is worth nothing
//! to whoever can talk to the app directly.
//!
//! | app | what is looked at |
//! |---|---|
//! | on loopback | which sockets of this network namespace listen on its port, and whether it answers on the machine's own addresses |
//! | on a Unix socket | who may connect to it, by its mode and that of its directory |
//! | over TLS | whether it serves a caller without the gate's certificate |

mod listeners;
mod probe;

use std::fmt;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use rustls::crypto::CryptoProvider;
use smallvec::SmallVec;
use tokio::sync::watch;
use tokio::time::sleep;

use crate::audit::{Alarm, AlarmKind, Event, RequestId, Trail};
use crate::clock::{Clock, UnixMillis};
use crate::gate::Terms;
use crate::policy::Policy;
use crate::policy::settings::{Endpoint, SideDoor};
use crate::redact::Name;
use crate::telemetry::log;
pub use listeners::Tables;
pub use probe::speaks;

/// Between two looks: an app that was restarted with another address is noticed within a minute.
const EVERY: Duration = Duration::from_secs(60);
/// Doors of one app that are told; more of them are the same mistake.
const MOST: usize = 16;

/// A way to the app past the gate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Door {
    /// A socket on the app's port listens beyond loopback.
    Listens(SocketAddr),
    /// Somebody answers on the app's port at an address of this machine.
    Answers(SocketAddr),
    /// Every user of this machine may connect to the app's socket.
    Socket,
    /// The app serves a caller without a certificate.
    NoCertificate,
}

impl Door {
    /// What to do.
    pub const fn advice(&self) -> &'static str {
        match self {
            Self::Listens(_) => "let the app listen on 127.0.0.1 or ::1 alone",
            Self::Answers(_) => "let no rule of the firewall or proxy lead to the app but through the gate",
            Self::Socket => "take the rights of others from the socket or from its directory (mode 0770 or less)",
            Self::NoCertificate => "let the app demand the gate's certificate (mutual TLS)",
        }
    }

    /// Where it is, as records show it.
    fn place(&self) -> Option<Name> {
        let text = match self {
            Self::Listens(address) | Self::Answers(address) => address.to_string(),
            Self::Socket => "unix-socket".to_owned(),
            Self::NoCertificate => "no-client-certificate".to_owned(),
        };
        Name::configured(&text).ok()
    }
}

impl fmt::Display for Door {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Listens(address) => write!(f, "the app's port is open beyond loopback, at {address}"),
            Self::Answers(address) => write!(f, "the app's port answers at {address}"),
            Self::Socket => f.write_str("every user of this machine may connect to the app's socket"),
            Self::NoCertificate => f.write_str("the app serves callers without the gate's certificate"),
        }
    }
}

/// Why a gate does not start.
#[derive(Debug, thiserror::Error)]
#[error("`upstream.side_door: refuse`, and {door}; {}", door.advice())]
pub struct SideDoorFault {
    door: Door,
}

/// All ways past the gate that can be found now. Takes up to two seconds if the app is slow to answer.
pub async fn look(policy: &Policy, tables: &Tables, provider: &Arc<CryptoProvider>) -> Vec<Door> {
    let mut doors = match &policy.upstream.endpoint {
        Endpoint::Loopback(app) => {
            let own = |found: &SocketAddr| is_gate(policy.gate.listen, *found);
            let mut doors: Vec<Door> = tables.listening(app.port()).map(Door::Listens).collect();
            let told = |doors: &[Door], address: SocketAddr| {
                doors.iter().any(|door| matches!(door, Door::Listens(at) if at.ip().is_unspecified() || *at == address))
            };
            for address in tables.addresses().map(|address| SocketAddr::new(address, app.port())) {
                if !own(&address) && !told(&doors, address) && probe::answers(address).await {
                    doors.push(Door::Answers(address));
                }
            }
            doors.retain(|door| !matches!(door, Door::Listens(at) if own(at)));
            doors
        }
        Endpoint::Unix(path) if is_open_to_all(path) => vec![Door::Socket],
        Endpoint::Unix(_) => Vec::new(),
        Endpoint::Tls(endpoint) if endpoint.client.is_some() => {
            let served = probe::serves_anybody(&policy.upstream, endpoint, provider).await;
            if served { vec![Door::NoCertificate] } else { Vec::new() }
        }
        Endpoint::Tls(_) => Vec::new(),
    };
    doors.truncate(MOST);
    doors
}

/// Whether `found` is the gate's own listener: on the app's port, but on another address.
fn is_gate(listen: SocketAddr, found: SocketAddr) -> bool {
    listen.port() == found.port() && (listen.ip() == found.ip() || listen.ip().is_unspecified())
}

/// Connecting takes the right to write to the socket, and to pass every directory above it (unix(7), path_resolution(7)).
fn is_open_to_all(path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    let others = |path: &Path, right: u32| std::fs::metadata(path).is_ok_and(|found| found.mode() & right == right);
    others(path, 0o002) && path.ancestors().skip(1).all(|parent| parent.as_os_str().is_empty() || others(parent, 0o001))
}

/// Looks once, before a start that is to be refused.
pub async fn refuse(policy: &Policy, tables: &Tables, provider: &Arc<CryptoProvider>) -> Result<(), SideDoorFault> {
    if policy.upstream.side_door != SideDoor::Refuse {
        return Ok(());
    }
    match look(policy, tables, provider).await.into_iter().next() {
        Some(door) => Err(SideDoorFault { door }),
        None => Ok(()),
    }
}

/// What the last look found, for whoever wants to know.
#[derive(Debug, Default)]
pub struct Seen(Mutex<Option<(UnixMillis, Vec<Door>)>>);

impl Seen {
    /// When the last look was, and what it found; `None` before the first one, and where nobody looks.
    pub fn last(&self) -> Option<(UnixMillis, Vec<Door>)> {
        self.0.lock().clone()
    }
}

/// Looks from time to time, and tells what was not there before and what is there no more.
pub struct Lookout {
    /// Opened before the sandbox.
    pub tables: Tables,
    /// Of the TLS calls to an app behind TLS.
    pub provider: Arc<CryptoProvider>,
    /// What is in force.
    pub terms: watch::Receiver<Arc<Terms>>,
    /// Where alarms go.
    pub trail: Trail,
    /// For the time of alarms.
    pub clock: Clock,
    /// Where it leaves what it found.
    pub seen: Arc<Seen>,
}

impl Lookout {
    /// Looks for as long as the gate serves.
    pub async fn keep(self) {
        let mut known: Vec<(Door, UnixMillis)> = Vec::new();
        loop {
            let terms = Arc::clone(&self.terms.borrow());
            let doors = match terms.policy.upstream.side_door {
                SideDoor::Off => Vec::new(),
                SideDoor::Report | SideDoor::Refuse => look(&terms.policy, &self.tables, &self.provider).await,
            };
            let off = terms.policy.upstream.side_door == SideDoor::Off;
            *self.seen.0.lock() = (!off).then(|| (self.clock.wall(), doors.clone()));
            for door in &doors {
                if !known.iter().any(|(old, _)| old == door) {
                    let now = self.clock.wall();
                    known.push((door.clone(), now));
                    self.tell(&terms, door, now);
                }
            }
            let before = known.len();
            known.retain(|(door, _)| doors.contains(door));
            if known.len() < before && known.is_empty() {
                log::info!("the app cannot be reached past the gate any more");
            }
            sleep(EVERY).await;
        }
    }

    fn tell(&self, terms: &Terms, door: &Door, now: UnixMillis) {
        let (what, place) = (door_text(door), door.place());
        let at = place.clone().unwrap_or_else(|| terms.policy.digest.clone());
        log::error!("the app can be reached past the gate (TLS-3)", what = what, at = &at, advice = door.advice());
        let alarm = Alarm {
            id: RequestId::new(now),
            at: now,
            kind: AlarmKind::SideDoor,
            rule: rule(),
            first: now,
            last: now,
            observed: 1,
            allowed: Some(0),
            caller: None,
            source: None,
            route: None,
            subject: place,
            requests: SmallVec::new(),
            policy: Arc::clone(&terms.policy_record),
        };
        // A trail without room counts it among its losses, and says so itself.
        let _ = self.trail.record(Event::Alarm(Box::new(alarm)));
    }
}

const fn door_text(door: &Door) -> &'static str {
    match door {
        Door::Listens(_) => "its port is open beyond loopback",
        Door::Answers(_) => "its port answers at an address of this machine",
        Door::Socket => "every user of this machine may connect to its socket",
        Door::NoCertificate => "it serves callers without the gate's certificate",
    }
}

fn rule() -> Name {
    Name::configured("upstream.side_door").expect("a key of our own is printable ASCII")
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn the_gates_own_listener_is_no_side_door() {
        let at = |text: &str| text.parse::<SocketAddr>().expect("an address");
        assert!(is_gate(at("10.0.0.5:8080"), at("10.0.0.5:8080")));
        assert!(is_gate(at("0.0.0.0:8080"), at("10.0.0.5:8080")));
        assert!(!is_gate(at("10.0.0.5:8080"), at("10.0.0.6:8080")));
        assert!(!is_gate(at("0.0.0.0:8443"), at("10.0.0.5:8080")));
    }

    #[test]
    fn a_socket_is_as_closed_as_the_most_closed_directory_above_it() {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("app.sock");
        let _listener = std::os::unix::net::UnixListener::bind(&path).expect("a socket");
        let mode = |path: &Path, mode| {
            std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).expect("a mode");
        };
        mode(directory.path(), 0o755);
        mode(&path, 0o777);
        assert!(is_open_to_all(&path));
        mode(&path, 0o770);
        assert!(!is_open_to_all(&path));
        mode(&path, 0o777);
        mode(directory.path(), 0o750);
        assert!(!is_open_to_all(&path));
    }
}
