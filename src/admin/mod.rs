//! The operators' API and what watches the gate, each on a listener of its own: nothing of this is reachable where
//! callers are.
//!
//! ```text
//! accept ─ handshake with certificate │ Unix socket with the kernel's word ─► who
//!    │                                                                         │
//!    └─ axum ─ guard (browsers, hosts) ─ right ─ body and reason ─ act ─ answer, and exactly one record
//! ```
//!
//! Reading order: `table` (every call that there is), `call` (a call's way and its record), `guard`, `operator`, then what
//! the calls do: `view`, `behaviour` and `control`.

mod accept;
mod behaviour;
mod call;
mod control;
mod guard;
mod health;
mod input;
mod listen;
mod operator;
mod outcome;
mod table;
mod view;

use std::future::Future;
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::Arc;

use arc_swap::ArcSwapOption;
use tokio::sync::watch;

use crate::audit::{Author, Trail};
use crate::clock::{Clock, Moment, UnixMillis};
use crate::delivery;
use crate::deploy::sandbox::Enforced;
use crate::deploy::side_door;
use crate::edge::TlsTerms;
use crate::gate::{Counts, Stage, Terms};
use crate::identity::ProviderState;
use crate::redact::Redacted;
use crate::watch::{Lookout, Sanctions};
pub use accept::serve;
pub use health::{Health, Pulse, serve as serve_health};
pub use listen::{Door, DoorFault, SocketPlace};

/// What a call works upon.
pub struct Desk {
    /// The terms in force.
    pub terms: watch::Receiver<Arc<Terms>>,
    /// The terms of the operators' own handshake.
    pub tls: Arc<ArcSwapOption<TlsTerms>>,
    /// Who may not go on as before.
    pub sanctions: Arc<Sanctions>,
    /// Alarms that are open.
    pub lookout: Arc<Lookout>,
    /// Where calls are recorded.
    pub trail: Trail,
    /// Time.
    pub clock: Clock,
    /// How far the gate is with stopping.
    pub stage: watch::Receiver<Stage>,
    /// When the gate was put together.
    pub started: Moment,
    /// The rest of the house.
    pub house: Box<dyn House>,
}

/// What only the assembly above can do or tell.
pub trait House: Send + Sync {
    /// How things stand.
    fn standing(&self) -> HouseStanding;
    /// Takes up what lies on disk.
    fn reload(&self, author: Author) -> Pin<Box<dyn Future<Output = Reloaded> + Send + '_>>;
    /// Leads the gate out of service, or back into it.
    fn drain(&self, to: Service);
}

/// How the gate is to serve.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Service {
    /// As ever.
    Ready,
    /// It serves whoever comes and says that it is not ready: what balances load sends nobody.
    NotReady,
    /// It drains and ends, as by SIGTERM.
    Stop,
}

/// What came of an order to reload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reloaded {
    /// Stable code: `changed`, `unchanged`, `refused`, `restart_needed`, `taken_back`, `moving`, `off`.
    pub code: &'static str,
    /// For people.
    pub text: &'static str,
    /// Whether what lies on disk is in force now.
    pub done: bool,
    /// Faults that it was refused for.
    pub faults: usize,
}

/// How the house stands.
pub struct HouseStanding {
    /// Threads that serve.
    pub workers: usize,
    /// Of these, threads that have not looked at their connections for too long.
    pub stuck: usize,
    /// Connections of callers.
    pub connections: usize,
    /// Whether it says that it is ready.
    pub ready: bool,
    /// Requests since the start.
    pub counts: Counts,
    /// Changes in force, refused, and taken back since the start.
    pub reloads: [u64; 3],
    /// The last look at the files that an operator asked for or that found something.
    pub last_reload: Option<LastReload>,
    /// Issuers of tokens: name, whether its tokens can be judged, when its keys were last fetched (Unix seconds), and
    /// fetches that failed since.
    pub issuers: Vec<ProviderState>,
    /// Certificates that the policy names.
    pub certificates: Vec<CertificateEnd>,
    /// Sinks on the network.
    pub sinks: Vec<delivery::Status>,
    /// What of the sandbox is in force.
    pub sandbox: Enforced,
    /// When a look for side doors was last taken, and what it found.
    pub doors: Option<(UnixMillis, Vec<side_door::Door>)>,
}

/// A look at what lies on disk.
#[derive(Clone)]
pub struct LastReload {
    /// When.
    pub at: UnixMillis,
    /// What came of it.
    pub outcome: Reloaded,
    /// Who asked, if somebody did.
    pub author: Option<Redacted>,
}

/// How long a certificate holds.
#[derive(Clone)]
pub struct CertificateEnd {
    /// The policy's key that names it: `gate.tls.certificate`.
    pub key: String,
    /// Its file.
    pub path: PathBuf,
    /// Its last second, since 1970.
    pub until: u64,
}
