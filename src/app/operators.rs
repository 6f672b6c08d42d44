//! The listeners that are not for callers: operators, and what watches the gate. They have a thread of their own, so
//! that an answer never waits for a worker, and is given until the end.

use std::future::Future;
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use tokio::sync::watch;

use super::reload::{Board, CertificateSpan, LastLook, Outcome, Reloader};
use super::{AppFault, Stopper, name, runtime};
use crate::admin::{
    CertificateEnd, Desk, Door, Health, House, HouseStanding, LastReload, Pulse, Reloaded, Service, serve, serve_health,
};
use crate::audit::{Author, Trail};
use crate::clock::Clock;
use crate::edge::{self, Slots};
use crate::gate::{Counts, Stage, Tally};
use crate::identity::Providers;
use crate::policy::Policy;
use crate::telemetry::log;

/// A worker looks at its connections four times a second. One that has not for so long hangs: not even a long look at
/// all open streams after a change takes a tenth of it.
const STUCK: Duration = Duration::from_secs(10);

/// The listeners, bound before anything is served.
#[derive(Default)]
pub(super) struct Doors {
    operators: Option<Door>,
    health: Option<TcpListener>,
}

impl Doors {
    /// Binds what the policy says.
    pub fn bind(policy: &Policy) -> Result<Self, AppFault> {
        let operators = policy.admin.as_ref().map(|settings| Door::bind(settings, policy)).transpose()?;
        let health = policy
            .health
            .map(|settings| edge::listen(settings.listen).map_err(|error| AppFault::Listen(settings.listen, error)));
        Ok(Self { operators, health: health.transpose()? })
    }

    /// Says where they are.
    pub fn say(&self) {
        let shown = |address: Option<SocketAddr>| address.map(|address| name(&address.to_string()));
        if let Some(door) = &self.operators {
            if let Some(address) = shown(door.address()) {
                log::info!("operators connect here", address = &address);
            }
            if let Some(path) = door.path() {
                log::info!("operators connect here", path = path);
            }
        }
        if let Some(address) = self.health.as_ref().and_then(|listener| shown(listener.local_addr().ok())) {
            log::info!("health is told here", address = &address);
        }
    }
}

/// How the gate is, for whoever watches it.
pub(super) struct Vitals {
    pub tallies: Arc<[Arc<Tally>]>,
    pub clock: Clock,
    pub trail: Trail,
    pub stage: watch::Receiver<Stage>,
    /// Workers accept: everything is read, bound, and key sets are there or were waited for.
    pub serving: AtomicBool,
    /// An operator wants it to be sent nobody.
    pub held: AtomicBool,
}

impl Vitals {
    fn stuck(&self) -> usize {
        let now = self.clock.ticks();
        let looked = self.tallies.iter().filter_map(|tally| tally.looked());
        looked.filter(|looked| looked.plus(STUCK) < now).count()
    }
}

impl Pulse for Vitals {
    /// Workers that have not begun are not stuck, nor are those that have ended.
    fn is_live(&self) -> bool {
        *self.stage.borrow() != Stage::Serving || self.stuck() == 0
    }

    fn is_ready(&self) -> bool {
        let said = |flag: &AtomicBool| flag.load(Ordering::Relaxed);
        said(&self.serving) && !said(&self.held) && *self.stage.borrow() == Stage::Serving && self.trail.healthy()
    }
}

/// What operators reach of the house.
pub(super) struct Rooms {
    pub vitals: Arc<Vitals>,
    pub slots: Arc<Slots>,
    pub reloader: Reloader,
    pub stop: Stopper,
    pub providers: Providers,
}

impl House for Rooms {
    fn standing(&self) -> HouseStanding {
        let counts = self.reloader.counts();
        let board: &Board = self.reloader.board();
        HouseStanding {
            workers: self.vitals.tallies.len(),
            stuck: self.vitals.stuck(),
            connections: self.slots.taken(),
            ready: self.vitals.is_live() && self.vitals.is_ready(),
            counts: self.vitals.tallies.iter().fold(Counts::default(), |all, tally| all.and(tally.counts())),
            reloads: [&counts.changed, &counts.refused, &counts.taken_back].map(|count| count.load(Ordering::Relaxed)),
            last_reload: board.last().map(|LastLook { at, outcome, author }| LastReload {
                at,
                outcome: told(outcome),
                author,
            }),
            issuers: self.providers.states(),
            certificates: board
                .certificates()
                .into_iter()
                .map(|CertificateSpan { key, path, until }| CertificateEnd { key, path, until })
                .collect(),
        }
    }

    fn reload(&self, author: Author) -> Pin<Box<dyn Future<Output = Reloaded> + Send + '_>> {
        Box::pin(async move { told(self.reloader.reload(author).await) })
    }

    fn drain(&self, to: Service) {
        match to {
            Service::Ready => self.vitals.held.store(false, Ordering::Relaxed),
            Service::NotReady => self.vitals.held.store(true, Ordering::Relaxed),
            Service::Stop => self.stop.stop(),
        }
    }
}

const fn told(outcome: Outcome) -> Reloaded {
    let (code, text, done, faults) = match outcome {
        Outcome::Changed(_) => ("changed", "What lies on disk is in force.", true, 0),
        Outcome::Unchanged => ("unchanged", "It was in force already.", true, 0),
        Outcome::Refused(faults) => ("refused", "It is not fit to run; what was in force stays.", false, faults),
        Outcome::TakenBack => ("taken_back", "It was taken back, and is not tried again until it changes.", false, 0),
        Outcome::Moving => ("moving", "The files kept changing while they were read.", false, 0),
        Outcome::Off => ("off", "There is no file to read, or the gate is stopping.", false, 0),
    };
    Reloaded { code, text, done, faults }
}

/// The thread that serves them.
pub(super) struct Operators {
    thread: JoinHandle<()>,
    stop: watch::Sender<bool>,
}

impl Operators {
    /// Starts it, where there is a listener.
    pub fn start(doors: Doors, desk: Desk, health: Health) -> io::Result<Option<Self>> {
        if doors.operators.is_none() && doors.health.is_none() {
            return Ok(None);
        }
        let (stop, stopped) = watch::channel(false);
        let thread = thread::Builder::new().name("operators".to_owned()).spawn(move || {
            let Ok(runtime) = runtime() else { return log::error!("operators cannot be served") };
            runtime.block_on(async {
                let health = doors.health.map(|listener| tokio::spawn(serve_health(listener, health, stopped.clone())));
                if let Some(door) = doors.operators {
                    serve(Arc::new(desk), door, stopped.clone()).await;
                }
                if let Some(health) = health {
                    // It ends as the others do.
                    let _ = health.await;
                }
            });
        })?;
        Ok(Some(Self { thread, stop }))
    }

    /// Ends it, and waits for that.
    pub fn end(self) {
        self.stop.send_replace(true);
        // A thread that panicked has said so.
        let _ = self.thread.join();
    }
}
