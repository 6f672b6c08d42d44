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

use arc_swap::ArcSwapOption;
use tokio::sync::watch;

use super::assembly::Assembled;
use super::reload::{Board, CertificateSpan, LastLook, Outcome, Reloader};
use super::{App, AppFault, Stopper, name, runtime};
use crate::admin::{
    CertificateEnd, Desk, Door, Health, House, HouseStanding, LastReload, Pulse, Reloaded, Service, SocketPlace, serve,
    serve_health,
};
use crate::audit::{Author, Trail};
use crate::clock::{Clock, Moment};
use crate::delivery::{self, Deliveries};
use crate::deploy::Host;
use crate::deploy::sandbox::Enforced;
use crate::deploy::side_door::Seen;
use crate::edge::{Slots, TlsTerms};
use crate::gate::{Counts, Stage, Tally};
use crate::identity::Providers;
use crate::policy::Policy;
use crate::telemetry::log;
use crate::upstream::Probes;

/// A worker looks at its connections four times a second. One that has not for so long hangs: not even a long look at
/// all open streams after a change takes a tenth of it.
const STUCK: Duration = Duration::from_secs(10);

/// The listeners, bound before anything is served.
pub(super) struct Doors {
    operators: Option<Door>,
    health: Option<TcpListener>,
    /// The terms of the operators' handshake, as the keeper renews them.
    terms: Arc<ArcSwapOption<TlsTerms>>,
    /// When the gate was put together.
    started: Moment,
    /// Probes of the app.
    probes: Arc<Probes>,
}

impl Doors {
    /// Binds what the policy says.
    pub fn bind(policy: &Policy, host: &mut Host, started: Moment) -> Result<Self, AppFault> {
        let mut listen = |address| host.listen(address);
        let operators = policy.admin.as_ref().map(|settings| Door::bind(settings, policy, &mut listen)).transpose()?;
        let health = policy
            .health
            .map(|settings| listen(settings.listen).map_err(|error| AppFault::Listen(settings.listen, error)));
        Ok(Self { operators, health: health.transpose()?, terms: Arc::default(), started, probes: Arc::default() })
    }

    /// Whom the operators' handshake believes.
    pub fn trust(&self, assembled: &Assembled) {
        self.terms.store(assembled.operators.clone());
    }

    /// Where the keeper puts new terms.
    pub fn terms(&self) -> Arc<ArcSwapOption<TlsTerms>> {
        Arc::clone(&self.terms)
    }

    /// Says where they are.
    fn say(&self) {
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
    pub sinks: Option<Arc<delivery::Board>>,
    pub sandbox: Enforced,
    pub doors: Arc<Seen>,
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
            sinks: self.sinks.as_ref().map(|board| board.statuses()).unwrap_or_default(),
            sandbox: self.sandbox,
            doors: self.doors.last(),
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
        Outcome::NeedsRestart(keys) => {
            ("restart_needed", "It takes a restart, or an upgrade; what was in force stays.", false, keys)
        }
        Outcome::TakenBack => ("taken_back", "It was taken back, and is not tried again until it changes.", false, 0),
        Outcome::Moving => ("moving", "The files kept changing while they were read.", false, 0),
        Outcome::Off => ("off", "There is no file to read, or the gate is stopping.", false, 0),
    };
    Reloaded { code, text, done, faults }
}

/// The thread that serves them, if there is a listener.
pub(super) struct Control {
    vitals: Arc<Vitals>,
    thread: Option<JoinHandle<()>>,
    stop: watch::Sender<bool>,
    place: Option<Arc<SocketPlace>>,
}

impl App {
    /// Has it answer probes of the app on its health port.
    pub fn answering(mut self, probes: Probes) -> Result<Self, AppFault> {
        if !probes.is_empty() && self.doors.health.is_none() {
            return Err(AppFault::NoHealth);
        }
        self.doors.probes = Arc::new(probes);
        Ok(self)
    }

    /// Serves operators and probes from now on, before callers are.
    pub(super) fn open_doors(&mut self) -> io::Result<Control> {
        self.doors.say();
        let vitals = Arc::new(Vitals {
            tallies: Arc::clone(&self.tallies),
            clock: self.shared.clock.clone(),
            trail: self.shared.trail.clone(),
            stage: self.stage.subscribe(),
            serving: AtomicBool::new(false),
            held: AtomicBool::new(false),
        });
        let rooms = Rooms {
            vitals: Arc::clone(&vitals),
            slots: Arc::clone(&self.edge.slots),
            reloader: self.reloader.clone(),
            stop: self.stop.clone(),
            providers: self.providers.clone(),
            sinks: self.deliveries.as_ref().map(Deliveries::board),
            sandbox: self.hosting.enforced,
            doors: Arc::clone(&self.hosting.doors),
        };
        let desk = Desk {
            terms: self.publish.subscribe(),
            tls: self.doors.terms(),
            sanctions: Arc::clone(&self.shared.sanctions),
            lookout: Arc::clone(&self.shared.lookout),
            trail: self.shared.trail.clone(),
            clock: self.shared.clock.clone(),
            stage: self.stage.subscribe(),
            started: self.doors.started,
            house: Box::new(rooms),
        };
        let health = Health {
            pulse: Arc::clone(&vitals) as Arc<dyn Pulse>,
            probes: Arc::clone(&self.doors.probes),
            clock: self.shared.clock.clone(),
        };
        let health = self.doors.health.take().map(|listener| (listener, health));
        let control = Control::start(self.doors.operators.take(), health, desk, vitals)?;
        if !self.hosting.is_taking_over {
            control.take_place()?;
        }
        Ok(control)
    }
}

impl Control {
    fn start(
        operators: Option<Door>,
        health: Option<(TcpListener, Health)>,
        desk: Desk,
        vitals: Arc<Vitals>,
    ) -> io::Result<Self> {
        let (stop, stopped) = watch::channel(false);
        let place = operators.as_ref().and_then(Door::place);
        if operators.is_none() && health.is_none() {
            return Ok(Self { vitals, thread: None, stop, place });
        }
        let serve_both = move || {
            let Ok(runtime) = runtime() else { return log::error!("operators cannot be served") };
            runtime.block_on(async {
                let probes =
                    health.map(|(listener, health)| tokio::spawn(serve_health(listener, health, stopped.clone())));
                if let Some(door) = operators {
                    serve(Arc::new(desk), door, stopped.clone()).await;
                }
                if let Some(probes) = probes {
                    // It ends as the other does.
                    let _ = probes.await;
                }
            });
        };
        let thread = thread::Builder::new().name("operators".to_owned()).spawn(serve_both)?;
        Ok(Self { vitals, thread: Some(thread), stop, place })
    }

    /// Operators find this gate from now on, and no longer one that it takes over from.
    pub fn take_place(&self) -> io::Result<()> {
        self.place.as_ref().map_or(Ok(()), |place| place.take())
    }

    /// Callers are served.
    pub fn serves(&self) {
        self.vitals.serving.store(true, Ordering::Relaxed);
    }

    /// Ends it, and waits for that.
    pub fn end(mut self) {
        self.stop.send_replace(true);
        if let Some(thread) = self.thread.take() {
            // A thread that panicked has said so.
            let _ = thread.join();
        }
    }
}

impl Drop for Control {
    /// A start that fails leaves nothing behind, although its thread is not waited for.
    fn drop(&mut self) {
        if let Some(place) = &self.place {
            place.leave();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::UnixMillis;

    #[test]
    fn a_worker_that_does_not_look_is_noticed_and_one_that_did_not_begin_is_not() {
        let (clock, hands) = Clock::manual(UnixMillis(1_000_000));
        hands.advance(Duration::from_secs(1));
        let (stage, stages) = watch::channel(Stage::Serving);
        let tallies: Arc<[Arc<Tally>]> = (0..3).map(|worker| Arc::new(Tally::of(worker))).collect();
        let vitals = Vitals {
            tallies: Arc::clone(&tallies),
            clock: clock.clone(),
            trail: Trail::off(),
            stage: stages,
            serving: AtomicBool::new(false),
            held: AtomicBool::new(false),
        };
        assert!(vitals.is_live() && !vitals.is_ready(), "it starts");
        vitals.serving.store(true, Ordering::Relaxed);
        assert!(vitals.is_ready());
        tallies.iter().take(2).for_each(|tally| tally.looks(clock.ticks()));
        hands.advance(STUCK);
        assert!(vitals.is_live());
        tallies[0].looks(clock.ticks());
        hands.advance(Duration::from_millis(1));
        assert!(!vitals.is_live());
        assert_eq!(vitals.stuck(), 1);
        tallies[1].looks(clock.ticks());
        assert!(vitals.is_live() && vitals.is_ready());
        vitals.held.store(true, Ordering::Relaxed);
        assert!(vitals.is_live() && !vitals.is_ready());
        vitals.held.store(false, Ordering::Relaxed);
        for (to, live) in [(Stage::Leaving, true), (Stage::Draining, true), (Stage::Cutting, true)] {
            stage.send_replace(to);
            assert_eq!((vitals.is_live(), vitals.is_ready()), (live, false));
        }
    }
}
