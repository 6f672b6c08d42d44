//! What this gate counts together with its replicas: connected beside the requests, which never wait for it.

use std::sync::Arc;

use crate::audit::{Alarm, AlarmKind, Event, PolicyRecord, RequestId, Trail};
use crate::clock::Clock;
use crate::limits::shared::{Changed, Exchanger, Pool};
use crate::policy::Policy;
use crate::redact::Name;
use crate::shared::{Link, LinkFault, Reach, SharedFault};
use crate::telemetry::log;

/// The link of a gate that counts with others.
pub(super) struct Replicas {
    pool: Arc<Pool>,
    reach: Reach,
    name: Name,
}

impl Replicas {
    /// Reads what the policy names; `None` where this gate counts alone. Nobody is called yet.
    pub fn load(policy: &Policy, pool: Option<Arc<Pool>>) -> Result<Option<Self>, SharedFault> {
        let (Some(settings), Some(pool)) = (&policy.shared, pool) else { return Ok(None) };
        Ok(Some(Self { pool, reach: Reach::load(settings)?, name: settings.name.clone() }))
    }

    /// Keeps the pool in touch with the servers.
    pub async fn keep(self, clock: Clock, trail: Trail, policy: Arc<PolicyRecord>) {
        let Self { pool, reach, name } = self;
        let replica = RequestId::new(clock.wall()).to_string();
        let link = Link::new(reach, replica, clock.clone());
        let mut exchanger = Exchanger::new(Arc::clone(&pool), link, clock.clone());
        let mut since = None;
        // A server that is not there from the start is told of as one that went away.
        let mut first = true;
        loop {
            let changed = exchanger.turn().await;
            let gone = match changed {
                Some(Changed::Gone(fault)) => Some(fault),
                None if first && !pool.is_linked() => Some(LinkFault::Connect),
                _ => None,
            };
            first = false;
            if let Some(fault) = gone {
                let replicas = usize::try_from(pool.replicas()).unwrap_or(usize::MAX);
                log::error!(
                    "shared limits: each replica keeps its own share",
                    fault = fault.code(),
                    replicas = replicas
                );
                since = Some(clock.wall());
                let at = clock.wall();
                trail.record(Event::Alarm(Box::new(Alarm {
                    id: RequestId::new(at),
                    at,
                    kind: AlarmKind::SharedState,
                    rule: name.clone(),
                    first: at,
                    last: at,
                    observed: 0,
                    allowed: None,
                    caller: None,
                    source: None,
                    route: None,
                    subject: Name::configured(fault.code()).ok(),
                    requests: smallvec::SmallVec::new(),
                    policy: Arc::clone(&policy),
                })));
            }
            if let Some(Changed::Linked) = changed {
                let gone = since.take().map_or(0, |since| clock.wall().seconds().saturating_sub(since.seconds()));
                let seconds = usize::try_from(gone).unwrap_or(usize::MAX);
                log::info!("shared limits: replicas count together", without_for_seconds = seconds);
            }
            exchanger.rest().await;
        }
    }
}
