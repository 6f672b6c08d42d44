//! What a policy gives, in one piece, and how a worker comes to it. A swap is one pointer: all workers see the new terms
//! at the beginning of their next request, and a request keeps those that it began with.

use std::cell::{Cell, RefCell};
use std::ops::Deref;
use std::rc::{Rc, Weak};
use std::sync::Arc;

use tokio::sync::watch;

use super::body::ClientBody;
use super::canary::CanaryRule;
use super::{Gate, Meters, Stage, Tally};
use crate::audit::{PolicyRecord, RouteRecord, Trail};
use crate::clock::{Clock, Ticks};
use crate::identity::{AssertionSigner, Identifier};
use crate::limits::Limits;
use crate::policy::Policy;
use crate::redact::Redactor;
use crate::telemetry::spans::Tracing;
use crate::upstream::{Connector, Pool};
use crate::watch::{Brief, Lens, Lookout, Sanctions};

/// All that a policy and the files it names give to a request. Never changed after it is made.
#[derive(Clone)]
pub struct Terms {
    /// Counts the swaps of this process, from 1.
    pub generation: u64,
    /// The policy in force.
    pub policy: Arc<Policy>,
    /// What records say of it.
    pub policy_record: Arc<PolicyRecord>,
    /// What records say of its routes, by their index.
    pub route_records: Vec<Arc<RouteRecord>>,
    /// The ways to prove who one is.
    pub identifier: Arc<Identifier>,
    /// Signs the assertion to the app, if configured.
    pub signer: Option<AssertionSigner>,
    /// The maker of redacted text.
    pub redactor: Arc<Redactor>,
    /// The limits, shared by the workers.
    pub limits: Arc<Limits>,
    /// What detectors look at in a request.
    pub lens: Arc<Lens>,
    /// What the detectors' thread needs of the policy.
    pub brief: Arc<Brief>,
    /// Rules of canaries.
    pub canaries: Vec<CanaryRule>,
    /// Makes connections to the app.
    pub connector: Connector,
    /// What is counted by route and limit, if metrics are on.
    pub meters: Option<Arc<Meters>>,
    /// Which requests are traced, if traces are on.
    pub tracing: Option<Tracing>,
}

impl Deref for Gate {
    type Target = Terms;

    fn deref(&self) -> &Terms {
        &self.terms
    }
}

/// One worker's way to the terms in force.
pub struct Current {
    published: RefCell<watch::Receiver<Arc<Terms>>>,
    gate: RefCell<Rc<Gate>>,
    /// Pools of earlier terms whose requests are not all done. Each goes when its last request does.
    retired: RefCell<Vec<Weak<Pool<ClientBody>>>>,
}

impl Current {
    /// A worker's gate on the terms that are in force now.
    pub fn new(
        published: watch::Receiver<Arc<Terms>>,
        trail: Trail,
        (sanctions, lookout): (Arc<Sanctions>, Arc<Lookout>),
        clock: Clock,
        tally: Arc<Tally>,
        stage: watch::Receiver<Stage>,
    ) -> Rc<Self> {
        let mut published = published;
        let terms = Arc::clone(&published.borrow_and_update());
        let gate = Gate {
            pool: Pool::new(terms.connector.clone(), &terms.policy.upstream),
            scheme: terms.connector.scheme(),
            terms,
            trail,
            sanctions,
            lookout,
            lately: Rc::new(Cell::new(clock.moment())),
            open: Rc::default(),
            tally,
            clock,
            stage,
        };
        Rc::new(Self {
            published: RefCell::new(published),
            gate: RefCell::new(Rc::new(gate)),
            retired: RefCell::default(),
        })
    }

    /// The gate on the terms in force: one load of an atomic number, unless there was a swap since the last call.
    pub fn gate(&self) -> Rc<Gate> {
        // An error means that nobody can swap any more.
        if self.published.borrow().has_changed().unwrap_or(false) {
            self.renew();
        }
        Rc::clone(&self.gate.borrow())
    }

    #[cold]
    fn renew(&self) {
        let terms = Arc::clone(&self.published.borrow_mut().borrow_and_update());
        let mut gate = self.gate.borrow_mut();
        let keeps_pool = terms.connector.is(&gate.connector) && terms.policy.upstream == gate.policy.upstream;
        let pool = if keeps_pool {
            Rc::clone(&gate.pool)
        } else {
            let mut retired = self.retired.borrow_mut();
            retired.retain(|pool| pool.strong_count() > 0);
            retired.push(Rc::downgrade(&gate.pool));
            Pool::new(terms.connector.clone(), &terms.policy.upstream)
        };
        *gate = Rc::new(Gate {
            pool,
            scheme: terms.connector.scheme(),
            terms,
            trail: gate.trail.clone(),
            sanctions: Arc::clone(&gate.sanctions),
            lookout: Arc::clone(&gate.lookout),
            lately: Rc::clone(&gate.lately),
            open: Rc::clone(&gate.open),
            tally: Arc::clone(&gate.tally),
            clock: gate.clock.clone(),
            stage: gate.stage.clone(),
        });
    }

    /// A receiver that is woken by the next swap.
    pub fn swaps(&self) -> watch::Receiver<Arc<Terms>> {
        self.published.borrow().clone()
    }

    /// Looks at what waits for the app: see [`Pool::look`].
    pub fn look(&self, now: Ticks) {
        self.gate.borrow().pool.look(now);
        self.retired.borrow_mut().retain(|pool| match pool.upgrade() {
            None => false,
            Some(pool) => {
                pool.look(now);
                true
            }
        });
    }
}
