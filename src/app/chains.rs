//! Chains of predecessors. A gate that takes over from one that still drains writes a chain of its own, and the other one
//! lies idle from then on: what of it sinks lack is delivered, and what is older than the retention removed, by whoever
//! serves. For as long as that takes, the chain is taken over whole, so that its own records tell of it.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use parking_lot::Mutex;
use rustls::crypto::CryptoProvider;
use tokio::sync::watch;

use super::{AppFault, LAST_DELIVERIES, LAST_RECORDS, deliver};
use crate::audit::spool::{MOST_LANES, SpoolFault, idle, is_idle, lane, may_shrink};
use crate::audit::{AuditFault, Bounds, Producer, RequestId, Trail};
use crate::clock::{Clock, Ticks};
use crate::delivery::{Deliveries, Offline};
use crate::gate::Terms;
use crate::policy::settings::{AuditSettings, TrailSettings};
use crate::redact::Name;
use crate::telemetry::log;

/// Between two looks for chains that nobody writes any more.
const LOOK: Duration = Duration::from_secs(5);
/// One that was looked at or done with is left alone so long, unless somebody writes it meanwhile: a look reads as many
/// files as it has segments, and each time that it is taken over leaves a few records in it.
const REST: Duration = Duration::from_secs(3600);
/// Chains at once: while a sink is away, upgrades still find one that is free.
const MOST: usize = 4;
/// What sinks have to take what they lack of them when this gate ends: the next one goes on with that.
const AT_THE_END: Duration = Duration::from_secs(1);
/// Nobody's requests are recorded there: only what becomes of the chain itself.
const BOUNDS: Bounds = Bounds { in_flight: 256, backlog_bytes: 1 << 20 };

/// Looks after them.
#[derive(Clone)]
pub(super) struct Chains(Arc<Keeper>);

struct Keeper {
    terms: watch::Receiver<Arc<Terms>>,
    clock: Clock,
    provider: Arc<CryptoProvider>,
    instance: Name,
    /// The chain of this gate itself, and its sinks.
    own: Name,
    sinks: Option<Deliveries>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    taken: Vec<Taken>,
    /// When a chain was looked at or done with.
    done: BTreeMap<usize, Ticks>,
    /// The policy that this was for.
    generation: u64,
    ended: bool,
}

/// A chain that is taken over.
struct Taken {
    number: usize,
    chain: Name,
    trail: Trail,
    deliveries: Option<Deliveries>,
    generation: u64,
}

impl Chains {
    /// Of this instance, besides its own chain.
    pub fn new(
        terms: watch::Receiver<Arc<Terms>>,
        (clock, provider): (Clock, Arc<CryptoProvider>),
        (instance, own): (Name, Name),
        sinks: Option<Deliveries>,
    ) -> Self {
        Self(Arc::new(Keeper { terms, clock, provider, instance, own, sinks, state: Mutex::default() }))
    }

    /// Looks after them for as long as the runtime runs. The disk is looked at on a thread that may wait.
    pub async fn keep(self) {
        if self.0.terms.borrow().policy.audit.spool().is_none() {
            return;
        }
        loop {
            let keeper = Arc::clone(&self.0);
            // One that broke down has said so.
            let _ = tokio::task::spawn_blocking(move || keeper.look()).await;
            tokio::time::sleep(LOOK).await;
        }
    }

    /// Gives back what is taken over; what is left to do is done by whoever serves next. Blocks its thread.
    pub fn end(&self) {
        let mut state = self.0.state.lock();
        state.ended = true;
        thread::scope(|scope| {
            for taken in state.taken.drain(..) {
                scope.spawn(|| taken.give_back(AT_THE_END));
            }
        });
    }
}

impl Keeper {
    fn look(&self) {
        let terms = Arc::clone(&self.terms.borrow());
        let AuditSettings::On(trail) = &terms.policy.audit else { return };
        let mut state = self.state.lock();
        if state.ended {
            return;
        }
        let now = self.clock.ticks();
        if std::mem::replace(&mut state.generation, terms.generation) != terms.generation {
            // It may have a sink more.
            state.done.clear();
        }
        for taken in state.taken.iter_mut().filter(|taken| taken.generation != terms.generation) {
            taken.generation = terms.generation;
            taken.deliveries.iter().for_each(|deliveries| deliver::renew(deliveries, &terms));
        }
        let (done, stay): (Vec<_>, Vec<_>) = state.taken.drain(..).partition(|taken| self.is_done(taken, &terms));
        state.taken = stay;
        for taken in done {
            state.done.insert(taken.number, now);
            log::info!("the chain of an earlier gate was looked after", chain = &taken.chain);
            taken.give_back(LAST_DELIVERIES);
        }
        for number in 1..=MOST_LANES {
            let chain = lane(&self.instance, number);
            if chain == self.own || state.taken.iter().any(|taken| taken.number == number) {
                continue;
            }
            if !trail.spool.as_ref().is_some_and(|spool| is_idle(&spool.path, &chain).unwrap_or(false)) {
                state.done.remove(&number);
                continue;
            }
            let rests = state.done.get(&number).is_some_and(|done| now < done.plus(REST));
            if rests || state.taken.len() >= MOST {
                continue;
            }
            match self.take_if_wanted(number, &chain, &terms, trail) {
                Ok(Some(taken)) => state.taken.push(taken),
                Ok(None) => _ = state.done.insert(number, now),
                Err(fault) => {
                    state.done.insert(number, now);
                    let word = match fault {
                        AppFault::Audit(AuditFault::Spool(SpoolFault::WrongKey { .. })) => "sealed with another key",
                        AppFault::Audit(AuditFault::Spool(SpoolFault::Disk { .. })) => "cannot be read or written",
                        _ => "the trail or a sink cannot be opened",
                    };
                    log::error!("the chain of an earlier gate is left alone", chain = &chain, fault = word);
                }
            }
        }
    }

    /// Takes a chain over that nobody writes and that something is left to do with.
    fn take_if_wanted(
        &self,
        number: usize,
        chain: &Name,
        terms: &Arc<Terms>,
        settings: &TrailSettings,
    ) -> Result<Option<Taken>, AppFault> {
        let Some(spool) = &settings.spool else { return Ok(None) };
        let fault = |fault| AppFault::Audit(AuditFault::Spool(fault));
        let idle = idle(&spool.path, chain, spool.retention, self.clock.wall()).map_err(fault)?;
        let has_sinks = terms.policy.audit.network().next().is_some();
        if !(idle.open || idle.expired || (has_sinks && self.lacks(chain, terms).map_err(fault)?)) {
            return Ok(None);
        }
        let record = Arc::clone(&terms.policy_record);
        let producer =
            Producer { instance: chain.clone(), epoch: RequestId::new(self.clock.wall()), policy: Arc::clone(&record) };
        let trail = match Trail::start_bounded(&terms.policy.audit, self.clock.clone(), producer, BOUNDS) {
            // Somebody came first.
            Err(AuditFault::Spool(SpoolFault::Locked(_))) => return Ok(None),
            other => other?,
        };
        log::info!("the chain of an earlier gate is looked after", chain = chain);
        let deliveries =
            if has_sinks { deliver::start(terms, (&trail, chain), &self.provider, &self.clock)? } else { None };
        if let (Some(own), Some(other)) = (&self.sinks, &deliveries) {
            own.board().counts_too(&other.board());
        }
        Ok(Some(Taken { number, chain: chain.clone(), trail, deliveries, generation: terms.generation }))
    }

    /// Whether some sink does not have all of it.
    fn lacks(&self, chain: &Name, terms: &Terms) -> Result<bool, SpoolFault> {
        let Some(spool) = terms.policy.audit.spool() else { return Ok(false) };
        let (offline, now) = (Offline::look(spool, chain)?, self.clock.wall());
        for sink in terms.policy.audit.network() {
            if offline.standing(sink, now)?.lag_records > 0 {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Whether all is delivered, and nothing more can be removed.
    fn is_done(&self, taken: &Taken, terms: &Terms) -> bool {
        let Some(spool) = terms.policy.audit.spool() else { return true };
        let sinks = terms.policy.audit.network().count();
        let delivered = taken.deliveries.as_ref().is_none_or(|deliveries| deliveries.board().has_all(sinks));
        // What cannot be looked at now is looked at when it is taken over again.
        delivered && !may_shrink(&spool.path, &taken.chain, spool.retention, self.clock.wall()).unwrap_or(false)
    }
}

impl Taken {
    fn give_back(self, patience: Duration) {
        if let Some(deliveries) = &self.deliveries {
            deliveries.tell();
        }
        self.trail.close(LAST_RECORDS);
        if let Some(deliveries) = &self.deliveries {
            deliveries.close(patience);
        }
    }
}
