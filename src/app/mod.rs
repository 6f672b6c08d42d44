//! Assembly: everything is read and bound first, then started, then drained. What cannot be read or bound stops the
//! start; nothing is served by half a gate.

mod assembly;
mod chains;
mod control;
mod deliver;
mod detectors;
mod drain;
mod estate;
mod fault;
mod hosting;
mod metrics;
mod operators;
mod reload;
mod replicas;
mod sanctions;
mod traces;
mod worker;

use std::io;
use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};
use std::thread;
use std::time::Duration;

use rustls::crypto::CryptoProvider;
use tokio::sync::watch;

use crate::audit::{Producer, RequestId, Trail};
use crate::clock::Clock;
use crate::delivery::Deliveries;
use crate::deploy::Host;
use crate::deploy::side_door::{self, Lookout};
use crate::edge::{Edge, Slots, Worker};
use crate::gate::{Stage, Tally, Terms};
use crate::identity::Providers;
use crate::policy::settings::Mode;
use crate::policy::{Loaded, Policy};
use crate::redact::Name;
use crate::shared;
use crate::telemetry::log;
use crate::watch::{self as behaviour, Sanctions};
pub(crate) use assembly::redactor;
use assembly::{Assembled, assemble};
use chains::Chains;
use control::Doors;
pub use drain::Stopper;
use drain::{Signals, until_stopped};
use estate::{Estate, Place};
pub use fault::AppFault;
use hosting::{Hosting, raise_file_limit};
use operators::Operators;
pub use reload::{Board, CertificateSpan, LastGoodFault, LastLook, Outcome, ReloadCounts, Reloader, recover};
use reload::{Keeper, Means, Seen};
use replicas::Replicas;
use worker::{runtime, work};

/// What the trail has to write its last records.
const LAST_RECORDS: Duration = Duration::from_secs(5);
/// What the last spans have to leave.
const LAST_SPANS: Duration = Duration::from_secs(2);
/// What sinks have to take these, and what they lack besides.
const LAST_DELIVERIES: Duration = Duration::from_secs(5);
/// What the start waits for the key sets of providers; who calls before they are there is told to come again.
const FIRST_KEYS: Duration = Duration::from_secs(3);

/// A gate that is bound and not yet started.
pub struct App {
    shared: Shared,
    publish: watch::Sender<Arc<Terms>>,
    edge: Arc<Edge>,
    workers: Vec<Worker>,
    hosting: Hosting,
    provider: Arc<CryptoProvider>,
    stage: watch::Sender<Stage>,
    stop: Stopper,
    reloader: Reloader,
    keeper: Option<Keeper>,
    /// One for each worker.
    tallies: Arc<[Arc<Tally>]>,
    providers: Providers,
    /// Where operators and probes connect.
    doors: Doors,
    /// Where sanctions are kept over a restart.
    place: Option<Place>,
    replicas: Option<Replicas>,
    operators: Operators,
    /// Sinks on the network, where there is a spool to deliver from.
    deliveries: Option<Deliveries>,
    /// What earlier gates left.
    chains: Chains,
}

/// What each worker's gate is made of.
#[derive(Clone)]
struct Shared {
    terms: watch::Receiver<Arc<Terms>>,
    trail: Trail,
    sanctions: Arc<Sanctions>,
    lookout: Arc<behaviour::Lookout>,
    clock: Clock,
    stage: watch::Receiver<Stage>,
}

impl App {
    /// Reads every file that the policy names, binds the listener and opens the trail. The policy stays as it is, and the
    /// process is left as it is, too: there is no sandbox.
    pub fn prepare(policy: Policy, clock: Clock) -> Result<Self, AppFault> {
        Self::prepare_with(policy, None, Host::shared(), clock)
    }

    /// The same, and takes up what changes: in `path`, from which the policy was loaded, and in the files it names.
    pub fn prepare_watching(loaded: Loaded, path: PathBuf, host: Host, clock: Clock) -> Result<Self, AppFault> {
        let seen = Seen::before_reading(path, loaded.texts, &loaded.policy, false);
        Self::prepare_with(loaded.policy, Some(seen), host, clock)
    }

    /// The same with the last good policy, in place of one at fault in `path`.
    pub fn prepare_recovered(loaded: Loaded, path: PathBuf, host: Host, clock: Clock) -> Result<Self, AppFault> {
        let seen = Seen::before_reading(path, loaded.texts, &loaded.policy, true);
        Self::prepare_with(loaded.policy, Some(seen), host, clock)
    }

    #[expect(clippy::too_many_lines, reason = "one thing after the other: read, bind, confine, open")]
    fn prepare_with(policy: Policy, seen: Option<Seen>, mut host: Host, clock: Clock) -> Result<Self, AppFault> {
        raise_file_limit();
        let provider: Arc<CryptoProvider> = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let providers = Providers::new(&provider, clock.clone());
        let policy = Arc::new(policy);
        let (workers, instance) = (worker_count(&policy), instance());
        let operators = Operators::bind(&policy, &mut host, &provider)?;
        let doors = Doors::bind(&policy, &mut host, clock.moment())?;
        // From here on the process is confined: nothing is bound any more, and threads may start.
        let hosting = Hosting::prepare(host, &policy, seen.as_ref().map(Seen::path))?;
        let assembled = assemble(policy, None, &provider, &providers, &clock)?;
        let Assembled { terms, tls, .. } = assembled.clone();
        doors.trust(&assembled);
        let settings = &terms.policy.gate;
        let policy_record = Arc::clone(&terms.policy_record);
        let producer =
            Producer { instance: instance.clone(), epoch: RequestId::new(clock.wall()), policy: policy_record };
        let (trail, chain) = hosting.trail(&terms.policy.audit, &clock, &producer)?;
        let state = sanctions::path(&terms.policy.audit, &instance);
        let place = state.map(|state| Place::new(&state, &instance, &chain));
        let secret = terms.policy.shared.as_ref().map(shared::key).transpose()?.map(|key| key.other_half());
        let sanctions = sanctions::restore(place.as_ref(), secret, &clock, &trail, &terms);
        let replicas = Replicas::load(&terms.policy, terms.limits.pool(), &sanctions)?;
        let deliveries = deliver::start(&terms, (&trail, &chain), &provider, &clock)?;
        let slots = Slots::new(settings.connections);
        let (edge, workers) = Edge::new(tls, slots, name("https"), workers);
        let (stage, stages) = watch::channel(Stage::Serving);
        let (publish, terms) = watch::channel(Arc::clone(&terms));
        let tools = (clock.clone(), Arc::clone(&provider));
        let chains = Chains::new(terms.clone(), tools, (instance, chain), deliveries.clone());
        let shared = Shared { terms, trail, sanctions, lookout: behaviour::Lookout::new(), clock, stage: stages };
        let (reloader, orders) = Reloader::new();
        let tallies: Arc<[Arc<Tally>]> = (0..workers.len()).map(|worker| Arc::new(Tally::of(worker))).collect();
        let keeper = seen.map(|seen| {
            let (trail, clock) = (shared.trail.clone(), shared.clock.clone());
            let (edge, publish, tallies) = (Arc::clone(&edge), publish.clone(), Arc::clone(&tallies));
            let (provider, fence) = (Arc::clone(&provider), hosting.fence.clone());
            let (providers, deliveries, operators) = (providers.clone(), deliveries.clone(), doors.terms());
            let means = Means {
                provider,
                providers,
                clock,
                trail,
                edge,
                operators,
                publish,
                orders,
                tallies,
                deliveries,
                fence,
            };
            Keeper::new(means, seen, assembled)
        });
        Ok(Self {
            shared,
            publish,
            edge,
            workers,
            hosting,
            provider,
            stage,
            stop: Stopper::default(),
            reloader,
            keeper,
            tallies,
            providers,
            doors,
            place,
            replicas,
            operators,
            deliveries,
            chains,
        })
    }

    /// What makes this gate take up its files anew.
    pub fn reloader(&self) -> Reloader {
        self.reloader.clone()
    }

    /// The sinks on the network, and how they do.
    pub const fn deliveries(&self) -> Option<&Deliveries> {
        self.deliveries.as_ref()
    }

    /// The address that is listened on.
    pub fn address(&self) -> io::Result<SocketAddr> {
        self.hosting.listener.local_addr()
    }

    /// What is imposed on callers, addresses, roles and routes: for operators to list, impose and lift.
    pub fn sanctions(&self) -> Arc<Sanctions> {
        Arc::clone(&self.shared.sanctions)
    }

    /// What stops this gate.
    pub fn stopper(&self) -> Stopper {
        self.stop.clone()
    }

    /// Serves until SIGTERM, SIGINT or its [`Stopper`], then drains; a second signal cuts what is still open. Blocks its
    /// thread.
    #[expect(clippy::too_many_lines, reason = "one thing after the other: start, serve, drain, close")]
    pub fn run(mut self) -> Result<(), AppFault> {
        // Before anything is served: a signal that nobody listens for ends the process where it stands.
        let runtime = runtime()?;
        let (signals, hangup) = runtime.block_on(async { Signals::listen() })?;
        let control = self.open_doors()?;
        runtime.block_on(async {
            tokio::spawn(self.providers.clone().keep());
            self.providers.settled(FIRST_KEYS).await;
        });
        let policy = Arc::clone(&self.publish.borrow().policy);
        runtime.block_on(side_door::refuse(&policy, &self.hosting.tables, &self.provider))?;
        self.say_what_is_on()?;
        let sources = self.sources();
        let Self { shared, publish, edge, workers, mut hosting, provider, stage, stop, keeper, tallies, place, .. } =
            self;
        let Self { replicas, operators, deliveries, chains, .. } = self;
        hosting.may_serve()?;
        let newer = place.as_ref().filter(|_| hosting.is_taking_over);
        if let Some(place) = newer {
            sanctions::take_over(place, &shared);
        }
        control.take_place()?;
        let pulse = hosting.pulse(workers.len());
        let (trail, sanctions) = (shared.trail.clone(), Arc::clone(&shared.sanctions));
        let state = place.as_ref().map(|place| &*place.state);
        let detectors = detectors::start(&shared, state, &stop)?;
        let clock = shared.clock.clone();
        let kept = sanctions::keep(Arc::clone(&sanctions), shared.terms.clone(), place.clone(), stop.clone());
        let mut threads = Vec::new();
        for (number, (worker, tally)) in workers.into_iter().zip(tallies.iter()).enumerate() {
            let (shared, tally) = (shared.clone(), Arc::clone(tally));
            let (edge, listener) = (Arc::clone(&edge), hosting.listener.try_clone()?);
            let pulse = pulse.clone().map(|pulse| (pulse, number));
            let thread = thread::Builder::new().name(format!("worker-{number}"));
            threads.push(thread.spawn(move || work(worker, shared, tally, &edge, listener, pulse))?);
        }
        let tables = std::mem::take(&mut hosting.tables);
        let (terms, seen) = (publish.subscribe(), Arc::clone(&hosting.doors));
        let lookout = Lookout { tables, provider, terms, trail: trail.clone(), clock: clock.clone(), seen };
        let estate = Estate::of(&shared, place.clone(), stop.clone());
        let ends = hosting.serving(estate);
        drop(shared);
        control.serves();
        runtime.block_on(async {
            tokio::task::spawn_local(lookout.keep());
            tokio::task::spawn_local(ends.keep(stage.subscribe()));
            if let Some(pulse) = pulse {
                tokio::task::spawn_local(pulse.feed());
            }
            tokio::task::spawn_local(kept);
            tokio::task::spawn_local(chains.clone().keep());
            if let Some(replicas) = replicas {
                let policy = Arc::clone(&publish.borrow().policy_record);
                tokio::task::spawn_local(replicas.keep(clock, trail.clone(), policy));
            }
            operators.start(sources, &publish);
            if let Some(keeper) = keeper {
                tokio::task::spawn_local(keeper.keep(hangup));
            }
            until_stopped(signals, &stage, &stop, &edge, || Arc::clone(&publish.borrow().policy)).await;
        });
        // A look at a mount that does not answer is not waited for.
        runtime.shutdown_background();
        for thread in threads {
            // A worker that panicked has said so; the others are still to be waited for.
            let _ = thread.join();
        }
        detectors.end();
        control.end();
        let overflowed = publish.borrow().limits.overflowed();
        if overflowed > 0 {
            log::warn!("a limit's table was full, and newcomers shared a bucket", requests = overflowed);
        }
        if let Some(place) = &place {
            sanctions::save_last(place, &sanctions, &stop);
        }
        if let Some(tracing) = &publish.borrow().tracing {
            tracing.exporter().close(LAST_SPANS);
        }
        chains.end();
        if let Some(deliveries) = &deliveries {
            deliveries.tell();
        }
        let closed = trail.close(LAST_RECORDS);
        if let Some(deliveries) = &deliveries {
            deliveries.close(LAST_DELIVERIES);
        }
        if closed.lost > 0 {
            log::error!("records were lost", count = closed.lost);
        }
        log::info!("stopped");
        Ok(())
    }

    fn say_what_is_on(&self) -> io::Result<()> {
        let terms = Arc::clone(&self.publish.borrow());
        let policy = &terms.policy;
        for warning in terms.identifier.warnings() {
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
            assertion = &on(terms.signer.is_some()),
            policy = &policy.digest,
        );
        Ok(())
    }
}

/// This gate's name among its replicas: the pod's or the machine's. Asked for once: a confined process cannot ask again.
pub(crate) fn instance() -> Name {
    static INSTANCE: OnceLock<Name> = OnceLock::new();
    let ask = || {
        let host = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
        Name::configured(host.trim()).unwrap_or_else(|_| name("gate"))
    };
    INSTANCE.get_or_init(ask).clone()
}

/// A name of our own source.
fn name(text: &str) -> Name {
    Name::configured(text).expect("our own names are printable ASCII without spaces and quotes")
}

/// How many workers a policy asks for.
fn worker_count(policy: &Policy) -> usize {
    policy.gate.workers.map_or_else(cores, NonZeroUsize::get)
}

fn cores() -> usize {
    thread::available_parallelism().map_or(1, NonZeroUsize::get)
}
