//! What this gate counts together with its replicas: connected beside the requests, which never wait for it.

use std::sync::Arc;
use std::time::Duration;

use crate::audit::{Alarm, AlarmKind, Event, PolicyRecord, RequestId, Trail};
use crate::clock::Clock;
use crate::limits::shared::{Changed, Exchanger, Pool};
use crate::policy::Policy;
use crate::redact::Name;
use crate::shared::{Link, MOST, Reach, SharedFault};
use crate::telemetry::log;
use crate::watch::Sanctions;

/// The link of a gate that counts with others.
pub(super) struct Replicas {
    pool: Arc<Pool>,
    reach: Reach,
    name: Name,
    sanctions: Arc<Sanctions>,
}

/// Between two looks at what others imposed.
const NOTICE: Duration = Duration::from_millis(250);

impl Replicas {
    /// Reads what the policy names; `None` where this gate counts alone. Nobody is called yet.
    pub fn load(
        policy: &Policy,
        pool: Option<Arc<Pool>>,
        sanctions: &Arc<Sanctions>,
    ) -> Result<Option<Self>, SharedFault> {
        let (Some(settings), Some(pool)) = (&policy.shared, pool) else { return Ok(None) };
        let (reach, name) = (Reach::load(settings)?, settings.name.clone());
        Ok(Some(Self { pool, reach, name, sanctions: Arc::clone(sanctions) }))
    }

    /// Keeps the pool in touch with the servers.
    pub async fn keep(self, clock: Clock, trail: Trail, policy: Arc<PolicyRecord>) {
        let Self { pool, reach, name, sanctions } = self;
        sanctions.share();
        let (mut seen, mut noticed) = (0, clock.ticks());
        let replica = RequestId::new(clock.wall()).to_string();
        let link = Link::new(reach, replica, clock.clone());
        let mut exchanger = Exchanger::new(Arc::clone(&pool), link, clock.clone());
        let mut since = None;
        loop {
            let changed = exchanger.turn().await;
            // A server that is not there from the start is told of as one that went away.
            if let Some(Changed::Gone(fault)) = changed {
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
            if pool.is_linked() && noticed.plus(NOTICE) <= clock.ticks() {
                noticed = clock.ticks();
                notice(exchanger.count(), &sanctions, &mut seen).await;
            }
            exchanger.rest().await;
        }
    }
}

/// Tells what was imposed here, and takes up what others did. What cannot be told now is told later.
async fn notice(link: &mut Link, sanctions: &Sanctions, seen: &mut u64) {
    loop {
        let edits = sanctions.edits_to_tell(MOST);
        let Ok(heard) = link.notices(&edits, *seen).await else {
            sanctions.not_told(edits);
            return;
        };
        // A server that lost its memory is told all that is in force here.
        if heard.last < *seen {
            *seen = 0;
            sanctions.tell_all();
            continue;
        }
        *seen = heard.seen;
        for (field, value, age) in &heard.fields {
            if !sanctions.learn(field, value.as_deref(), *age) {
                log::error!("a replica's sanction is not understood");
            }
        }
        if heard.fields.len() < MOST && edits.len() < MOST {
            return;
        }
    }
}
