//! What delivery itself tells: records in the trail, alarms, lines of the own log.

use std::sync::Arc;

use parking_lot::Mutex;

use crate::audit::{Alarm, AlarmKind, Event, PolicyRecord, RequestId, SinkEvent, SinkMatter, Trail};
use crate::clock::Clock;
use crate::redact::Name;

/// Tells of one sink.
#[derive(Clone)]
pub struct Herald {
    trail: Trail,
    clock: Clock,
    policy: Arc<Mutex<Arc<PolicyRecord>>>,
}

impl Herald {
    /// Into `trail`, under the policy that is in force.
    pub fn new(trail: Trail, clock: Clock, policy: Arc<PolicyRecord>) -> Self {
        Self { trail, clock, policy: Arc::new(Mutex::new(policy)) }
    }

    /// Another policy is in force.
    pub fn renew(&self, policy: Arc<PolicyRecord>) {
        *self.policy.lock() = policy;
    }

    /// The clock of records.
    pub const fn clock(&self) -> &Clock {
        &self.clock
    }

    /// Where records go.
    pub const fn trail(&self) -> &Trail {
        &self.trail
    }

    /// Records what became of records of an epoch. Whether there was room for that.
    pub fn tell(&self, sink: &Name, epoch: Option<RequestId>, matter: SinkMatter) -> bool {
        let at = self.clock.wall();
        let event = SinkEvent { id: RequestId::new(at), at, sink: sink.clone(), epoch, matter };
        self.trail.record(Event::Sink(Box::new(event)))
    }

    /// Raises an alarm: what was observed, and what is allowed, in whole seconds or records.
    pub fn alarm(&self, sink: &Name, kind: AlarmKind, observed: u64, allowed: Option<u64>) {
        let at = self.clock.wall();
        let alarm = Alarm {
            id: RequestId::new(at),
            at,
            kind,
            rule: sink.clone(),
            first: at,
            last: at,
            observed,
            allowed,
            caller: None,
            source: None,
            route: None,
            subject: Some(sink.clone()),
            requests: Default::default(),
            policy: Arc::clone(&self.policy.lock()),
        };
        self.trail.record(Event::Alarm(Box::new(alarm)));
    }
}
