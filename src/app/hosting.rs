//! What stands between reading and serving: sockets that were given or are bound, the sandbox, the trail's directory, and
//! afterwards the ends of those who wait for this gate.

use std::net::TcpListener;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;

use super::AppFault;
use super::estate::Estate;
use crate::audit::spool::{MOST_LANES, SpoolFault, lane};
use crate::audit::{AuditFault, Producer, Trail};
use crate::clock::Clock;
use crate::deploy::sandbox::Enforced;
use crate::deploy::side_door::{Seen, Tables};
use crate::deploy::systemd::{self, Pulse};
use crate::deploy::{Handover, Host, Needs, Predecessor, TOLD, sandbox};
use crate::gate::Stage;
use crate::policy::Policy;
use crate::policy::settings::{AuditSettings, TrailSettings};
use crate::redact::Name;
use crate::telemetry::log;

/// A directory that only the gate and its group may look into.
const DIRECTORY_MODE: u32 = 0o750;

/// What a gate has of its machine before it serves.
pub(super) struct Hosting {
    pub listener: TcpListener,
    pub tables: Tables,
    /// What the sandbox allows; `None` without one.
    pub fence: Option<Arc<Needs>>,
    /// What of the sandbox is in force.
    pub enforced: Enforced,
    /// What looks for side doors found.
    pub doors: Arc<Seen>,
    handover: Option<Handover>,
    predecessor: Option<Predecessor>,
    watchdog: Option<Duration>,
    /// Another gate serves, until this one is let.
    pub is_taking_over: bool,
}

impl Hosting {
    /// Binds what was not given, then enters the sandbox. From here on nothing is bound, and no file is read or written
    /// that the policy does not name. No thread may run yet.
    pub fn prepare(mut host: Host, policy: &Policy, path: Option<&Path>) -> Result<Self, AppFault> {
        let settings = &policy.gate;
        let listener = host.listen(settings.listen).map_err(|error| AppFault::Listen(settings.listen, error))?;
        for unused in host.unused() {
            log::warn!("a given socket is none that the policy names, and is closed", address = unused);
        }
        let handover = match (&settings.handover, host.handover()) {
            (Some(_), Some(given)) => Some(given),
            (Some(path), None) => Some(Handover::bind(path)?),
            (None, _) => None,
        };
        let handover = handover.map(|bound| Handover::new(bound, host.held(), host.watchdog())).transpose()?;
        let tables = Tables::open();
        let mut needs = Needs::of(policy, path);
        if let Some(ports) = &mut needs.ports {
            ports.extend(host.calls());
        }
        make_directories(&policy.audit, &needs);
        let enforced = if host.is_confined() { sandbox::enter(policy.sandbox, &needs)? } else { Enforced::default() };
        let fence = enforced.files.then_some(needs);
        let (watchdog, is_taking_over) = (host.watchdog(), host.is_taking_over());
        let fence = fence.map(Arc::new);
        let (predecessor, doors) = (host.predecessor(), Arc::default());
        Ok(Self { listener, tables, fence, enforced, doors, handover, predecessor, watchdog, is_taking_over })
    }

    /// Opens the trail. A predecessor that drains still writes into the directory of this instance: then the chain is kept
    /// in a directory beside it, under a name of its own, which comes with it.
    pub fn trail(
        &self,
        settings: &AuditSettings,
        clock: &Clock,
        producer: &Producer,
    ) -> Result<(Trail, Name), AppFault> {
        let lanes = if self.is_taking_over { MOST_LANES } else { 1 };
        let mut last = None;
        for number in 1..=lanes {
            let chain = lane(&producer.instance, number);
            let producer = Producer { instance: chain.clone(), ..producer.clone() };
            match Trail::start(settings, clock.clone(), producer) {
                Err(fault @ AuditFault::Spool(SpoolFault::Locked(_))) => last = Some(fault),
                other => return Ok((other?, chain)),
            }
        }
        Err(last.map_or_else(|| AppFault::System(std::io::ErrorKind::InvalidInput.into()), AppFault::Audit))
    }

    /// Waits until a predecessor lets this gate serve.
    pub fn may_serve(&mut self) -> Result<(), AppFault> {
        match &mut self.predecessor {
            Some(predecessor) => Ok(predecessor.ready()?),
            None => Ok(()),
        }
    }

    /// The workers' pulses, if somebody watches.
    pub fn pulse(&self, workers: usize) -> Option<Pulse> {
        Pulse::new(self.watchdog, workers)
    }

    /// Tells everybody who waits that this gate serves. From now on it may be replaced itself.
    pub fn serving(self, estate: Estate) -> Ends {
        if let Some(predecessor) = self.predecessor {
            // It has let this gate serve, and drains or not: this one serves.
            if predecessor.serving().is_err() {
                log::warn!("the old gate could not be told that this one serves");
            }
            // The command that started this process reads it there; anybody else does not.
            let _ = rustix::io::write(std::io::stdin(), TOLD);
        }
        systemd::ready();
        Ends { handover: self.handover, estate: Arc::new(estate) }
    }
}

/// What goes on beside serving.
pub(super) struct Ends {
    handover: Option<Handover>,
    estate: Arc<Estate>,
}

impl Ends {
    /// Waits for a successor, and stops this gate for it. A gate that drains hands nothing over: its sockets close.
    pub async fn keep(self, mut stage: watch::Receiver<Stage>) {
        let Some(handover) = self.handover else { return };
        let successor = tokio::select! {
            successor = handover.wait(Arc::clone(&self.estate)) => successor,
            _ = stage.wait_for(|stage| *stage >= Stage::Draining) => return,
        };
        match successor {
            Ok(_) => self.estate.stop.stop_for_successor(),
            Err(fault) => log::error!("no successor can be heard; an upgrade needs a restart", fault = &fault),
        }
    }
}

/// What the sandbox lets be written to must be there when it is made. What cannot be made is told by whoever needs it.
fn make_directories(audit: &AuditSettings, needs: &Needs) {
    let make = |path: &Path, recursive| {
        // It may be there, or may not be made: see above.
        let _ = std::fs::DirBuilder::new().mode(DIRECTORY_MODE).recursive(recursive).create(path);
    };
    if let AuditSettings::On(trail) = audit {
        let TrailSettings { spool, anchor, .. } = &**trail;
        spool.iter().map(|spool| &spool.path).chain(anchor).for_each(|path| make(path, true));
    }
    needs.write.iter().filter(|path| !path.exists()).for_each(|path| make(path, false));
}

/// Every connection is two open files; the soft limit is often 1,024 for reasons of `select(2)`, which nobody uses.
pub(super) fn raise_file_limit() {
    use rustix::process::{Resource, getrlimit, setrlimit};
    let mut limit = getrlimit(Resource::Nofile);
    limit.current = limit.maximum;
    // Without it the gate serves fewer connections, and says so when it runs out.
    if setrlimit(Resource::Nofile, limit).is_err() {
        log::warn!("the limit of open files could not be raised");
    }
}
