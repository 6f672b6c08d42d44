//! Assembly: everything is read and bound first, then started, then drained. What cannot be read or bound stops the
//! start; nothing is served by half a gate.

use std::cell::Cell;
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::num::NonZeroUsize;
use std::rc::Rc;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use rustls::crypto::CryptoProvider;
use tokio::runtime::{Builder, LocalOptions, LocalRuntime};
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::{Notify, watch};

use crate::audit::{AuditFault, PolicyRecord, Producer, RequestId, RouteRecord, Trail};
use crate::clock::Clock;
use crate::edge::{self, Edge, Slots, TlsFault, TlsTerms, Worker};
use crate::gate::{Gate, Stage};
use crate::identity::{AssertionSigner, Identifier, IdentityFault, secret_file};
use crate::limits::Limits;
use crate::policy::Policy;
use crate::policy::settings::Mode;
use crate::redact::{Name, PseudonymKey, Redactor};
use crate::telemetry::log;
use crate::upstream::{ConnectFault, Connector, Pool};

/// What an open request has left after it is cut, to write its record.
const AFTER_CUT: Duration = Duration::from_secs(1);
/// What the trail has to write its last records.
const LAST_RECORDS: Duration = Duration::from_secs(5);
/// Tasks that run between two looks at the sockets: under load a look then finds more of them ready at once.
const EVENT_INTERVAL: u32 = 127;
/// The id of the pseudonym key that a policy names.
const PSEUDONYM_KEY_ID: u16 = 1;

/// Why a gate does not start.
#[derive(Debug, thiserror::Error)]
pub enum AppFault {
    /// Certificates, keys or client CA.
    #[error("{0}")]
    Tls(#[from] TlsFault),
    /// Keys of callers or of the assertion, or the pseudonym key.
    #[error("{0}")]
    Identity(#[from] IdentityFault),
    /// The way to the app.
    #[error("{0}")]
    Upstream(#[from] ConnectFault),
    /// The trail.
    #[error("{0}")]
    Audit(#[from] AuditFault),
    /// The listener.
    #[error("cannot listen on {0}: {1}")]
    Listen(SocketAddr, io::Error),
    /// Threads, runtimes, signals.
    #[error("cannot start: {0}")]
    System(#[from] io::Error),
}

/// A gate that is bound and not yet started.
pub struct App {
    shared: Shared,
    edge: Arc<Edge>,
    workers: Vec<Worker>,
    listener: TcpListener,
    stage: watch::Sender<Stage>,
    stop: Stopper,
}

/// Stops a gate from another thread, as SIGTERM would.
#[derive(Clone, Default)]
pub struct Stopper(Arc<Notify>);

impl Stopper {
    /// Stops the gate, even one that is not running yet.
    pub fn stop(&self) {
        self.0.notify_one();
    }
}

/// What each worker's [`Gate`] is made of.
#[derive(Clone)]
struct Shared {
    policy: Arc<Policy>,
    policy_record: Arc<PolicyRecord>,
    route_records: Vec<Arc<RouteRecord>>,
    identifier: Arc<Identifier>,
    signer: Option<AssertionSigner>,
    redactor: Arc<Redactor>,
    limits: Arc<Limits>,
    trail: Trail,
    connector: Connector,
    clock: Clock,
    stage: watch::Receiver<Stage>,
}

impl Shared {
    fn gate(self) -> Gate {
        Gate {
            pool: Pool::new(self.connector.clone(), &self.policy.upstream),
            scheme: self.connector.scheme(),
            policy: self.policy,
            policy_record: self.policy_record,
            route_records: self.route_records,
            identifier: self.identifier,
            signer: self.signer,
            redactor: self.redactor,
            limits: self.limits,
            trail: self.trail,
            lately: Cell::new(self.clock.moment()),
            clock: self.clock,
            stage: self.stage,
        }
    }
}

impl App {
    /// Reads every file that the policy names, opens the trail and binds the listener.
    pub fn prepare(policy: Policy, clock: Clock) -> Result<Self, AppFault> {
        raise_file_limit();
        let provider: Arc<CryptoProvider> = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let redactor = Arc::new(redactor(&policy)?);
        let identifier =
            Identifier::load(&policy.callers, &policy.roles, Some(Arc::clone(&redactor)), policy.redaction.caller)?;
        let signer = policy.gate.assertion.as_ref().map(AssertionSigner::load).transpose()?;
        let connector = Connector::load(&policy.upstream, &provider)?;
        let tls = TlsTerms::load(&policy.gate.tls, &provider)?;
        let listener = edge::listen(policy.gate.listen).map_err(|error| AppFault::Listen(policy.gate.listen, error))?;
        let policy_record =
            Arc::new(PolicyRecord { digest: policy.digest.clone(), enforced: policy.mode == Mode::Enforce });
        let producer =
            Producer { instance: instance(), epoch: RequestId::new(clock.wall()), policy: Arc::clone(&policy_record) };
        let trail = Trail::start(&policy.audit, clock.clone(), producer)?;
        let workers = policy.gate.workers.map_or_else(cores, NonZeroUsize::get);
        let slots = Slots::new(policy.gate.connections);
        let (edge, workers) = Edge::new(tls, slots, name("https"), workers);
        let (stage, stages) = watch::channel(Stage::Serving);
        let shared = Shared {
            route_records: policy.routes.routes().iter().map(|route| Arc::new(route_record(&policy, route))).collect(),
            limits: Arc::new(Limits::new(&policy.limits, &clock)),
            policy: Arc::new(policy),
            policy_record,
            identifier: Arc::new(identifier),
            signer,
            redactor,
            trail,
            connector,
            clock,
            stage: stages,
        };
        Ok(Self { shared, edge, workers, listener, stage, stop: Stopper::default() })
    }

    /// The address that is listened on.
    pub fn address(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// What stops this gate.
    pub fn stopper(&self) -> Stopper {
        self.stop.clone()
    }

    /// Serves until SIGTERM, SIGINT or its [`Stopper`], then drains; a second signal cuts what is still open. Blocks its
    /// thread.
    pub fn run(self) -> Result<(), AppFault> {
        // Before anything is served: a signal that nobody listens for ends the process where it stands.
        let runtime = runtime()?;
        let signals = runtime.block_on(async { Signals::listen() })?;
        self.say_what_is_on()?;
        let Self { shared, edge, workers, listener, stage, stop } = self;
        let drain = shared.policy.gate.timeouts.drain;
        let trail = shared.trail.clone();
        let limits = Arc::clone(&shared.limits);
        let mut threads = Vec::new();
        for (number, worker) in workers.into_iter().enumerate() {
            let (shared, edge, listener) = (shared.clone(), Arc::clone(&edge), listener.try_clone()?);
            let thread = thread::Builder::new().name(format!("worker-{number}"));
            threads.push(thread.spawn(move || work(worker, shared, &edge, listener))?);
        }
        drop((shared, listener));
        runtime.block_on(until_stopped(signals, &stage, &stop, &edge.slots, drain));
        for thread in threads {
            // A worker that panicked has said so; the others are still to be waited for.
            let _ = thread.join();
        }
        if limits.overflowed() > 0 {
            log::warn!("a limit's table was full, and newcomers shared a bucket", requests = limits.overflowed());
        }
        let closed = trail.close(LAST_RECORDS);
        if closed.lost > 0 {
            log::error!("records were lost", count = closed.lost);
        }
        log::info!("stopped");
        Ok(())
    }

    fn say_what_is_on(&self) -> io::Result<()> {
        let policy = &self.shared.policy;
        for warning in self.shared.identifier.warnings() {
            if let Ok(text) = Name::configured(&warning.replace(' ', "_")) {
                log::warn!("a key of a key set was left out", key = &text);
            }
        }
        let on = |yes: bool| if yes { name("on") } else { name("off") };
        log::info!(
            "listening",
            address = &name(&self.address()?.to_string()),
            workers = self.edge.workers(),
            routes = policy.routes.routes().len(),
            enforced = &on(policy.mode == Mode::Enforce),
            audit = &on(!self.shared.trail.is_off()),
            client_certificates = &on(policy.gate.tls.client_ca.is_some()),
            assertion = &on(self.shared.signer.is_some()),
            policy = &policy.digest,
        );
        Ok(())
    }
}

/// One worker's life, on its own thread and runtime.
fn work(worker: Worker, shared: Shared, edge: &Arc<Edge>, listener: TcpListener) {
    let Ok(runtime) = runtime() else {
        log::error!("a worker could not start");
        return;
    };
    runtime.block_on(async {
        let gate = Rc::new(shared.gate());
        let cut = gate.cut();
        if edge::run(Arc::clone(edge), worker, Rc::clone(&gate), listener).await.is_err() {
            log::error!("a worker could not accept");
        }
        let all_gone = async {
            while edge.slots.taken() > 0 {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        tokio::select! {
            () = all_gone => {}
            () = async { cut.await; tokio::time::sleep(AFTER_CUT).await } => {}
        }
    });
}

/// The signals that stop a gate.
struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    /// Listens from now on.
    fn listen() -> io::Result<Self> {
        Ok(Self { terminate: signal(SignalKind::terminate())?, interrupt: signal(SignalKind::interrupt())? })
    }

    /// Waits for the next one.
    async fn next(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}

/// Waits for a signal, then leads the gate through its stages.
async fn until_stopped(
    mut signals: Signals,
    stage: &watch::Sender<Stage>,
    stop: &Stopper,
    slots: &Slots,
    drain: Duration,
) {
    tokio::select! {
        () = signals.next() => {}
        () = stop.0.notified() => {}
    }
    log::info!("draining", connections = slots.taken());
    stage.send_replace(Stage::Draining);
    let empty = async {
        while slots.taken() > 0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::select! {
        () = empty => {}
        () = tokio::time::sleep(drain) => log::warn!("cutting what is still open", connections = slots.taken()),
        () = signals.next() => {}
    }
    stage.send_replace(Stage::Cutting);
}

fn runtime() -> io::Result<LocalRuntime> {
    Builder::new_current_thread().enable_all().event_interval(EVENT_INTERVAL).build_local(LocalOptions::default())
}

fn redactor(policy: &Policy) -> Result<Redactor, IdentityFault> {
    let Some(path) = &policy.redaction.key else { return Ok(Redactor::hiding()) };
    let secret = secret_file::symmetric(path)?;
    // 32 bytes are what a key needs, and what the file gave.
    Ok(PseudonymKey::new(PSEUDONYM_KEY_ID, &secret[..]).map_or_else(Redactor::hiding, Redactor::new))
}

fn route_record(policy: &Policy, route: &crate::policy::route::Route) -> RouteRecord {
    RouteRecord {
        name: route.name.clone(),
        template: route.template.clone(),
        pii: route.pii.clone(),
        controls: route.controls.clone(),
        commit: route.commit(&policy.audit),
    }
}

/// This gate's name among its replicas: the pod's or the machine's.
fn instance() -> Name {
    let host = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    Name::configured(host.trim()).unwrap_or_else(|_| name("gate"))
}

/// A name of our own source.
fn name(text: &str) -> Name {
    Name::configured(text).expect("our own names are printable ASCII without spaces and quotes")
}

fn cores() -> usize {
    thread::available_parallelism().map_or(1, NonZeroUsize::get)
}

/// Every connection is two open files; the soft limit is often 1,024 for reasons of `select(2)`, which nobody uses.
fn raise_file_limit() {
    use rustix::process::{Resource, getrlimit, setrlimit};
    let mut limit = getrlimit(Resource::Nofile);
    limit.current = limit.maximum;
    // Without it the gate serves fewer connections, and says so when it runs out.
    if setrlimit(Resource::Nofile, limit).is_err() {
        log::warn!("the limit of open files could not be raised");
    }
}
