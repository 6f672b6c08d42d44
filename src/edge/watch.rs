//! The dead-lines of a worker's connections, kept by one look at all of them from time to time. A timer for each would
//! cost every request more than a look costs an idle connection.

use std::cell::RefCell;
use std::rc::{Rc, Weak};
use std::time::Duration;

use super::outcome;
use crate::clock::Ticks;
use crate::gate::{Connection, Current, Order, Stage};
use crate::policy::Policy;
use crate::policy::settings::ClientTimeouts;

/// Between two looks, unless a dead-line is shorter. Dead-lines are kept to within this.
const MAX_PAUSE: Duration = Duration::from_millis(250);
/// How long a connection has to say good-bye once it is told to.
const FAREWELL: Duration = Duration::from_secs(1);

/// A worker's connections.
#[derive(Default)]
pub(super) struct Watch {
    /// Bounded by the gate's places.
    watched: RefCell<Vec<Watched>>,
}

struct Watched {
    connection: Weak<Connection>,
    leaving_since: Option<Ticks>,
}

impl Watch {
    /// Watches a connection until it is dropped.
    pub(super) fn add(&self, connection: &Rc<Connection>) {
        let connection = Rc::downgrade(connection);
        self.watched.borrow_mut().push(Watched { connection, leaving_since: None });
    }

    /// Looks, for as long as the worker runs.
    pub(super) async fn keep(&self, current: &Current) {
        let mut stage = current.gate().stage.clone();
        let mut swaps = current.swaps();
        loop {
            tokio::select! {
                () = tokio::time::sleep(pause(&current.gate().policy)) => {}
                // Without a sender there is no gate left to stop, or to change.
                Ok(()) = stage.changed() => {}
                Ok(()) = swaps.changed() => {}
            }
            let stage = *stage.borrow();
            let gate = current.gate();
            let moment = gate.clock.moment();
            let now = moment.ticks;
            gate.lately.set(moment);
            current.look(now);
            let timeouts = &gate.policy.gate.timeouts;
            self.watched.borrow_mut().retain_mut(|watched| {
                let Some(connection) = watched.connection.upgrade() else { return false };
                if let Some(order) = look(&connection, &mut watched.leaving_since, now, timeouts, stage) {
                    connection.order(order);
                }
                true
            });
        }
    }
}

/// Between two looks: a quarter of the shortest dead-line.
fn pause(policy: &Policy) -> Duration {
    let timeouts = &policy.gate.timeouts;
    let shortest = timeouts.header.min(timeouts.body_idle).min(timeouts.keep_alive);
    (shortest.min(policy.upstream.timeouts.response) / 4).clamp(Duration::from_millis(5), MAX_PAUSE)
}

/// Looks at one connection.
fn look(
    connection: &Connection,
    leaving_since: &mut Option<Ticks>,
    now: Ticks,
    timeouts: &ClientTimeouts,
    stage: Stage,
) -> Option<Order> {
    if stage == Stage::Cutting {
        return Some(Order::Cut(None));
    }
    if stage == Stage::Draining && !connection.is_draining() {
        connection.drain();
        *leaving_since = Some(now);
        return Some(Order::Farewell);
    }
    let passed = |since: Ticks, limit: Duration| since.plus(limit) <= now;
    if connection.open() > 0 {
        if connection.has_waited(now, timeouts.body_idle) {
            connection.stall();
        }
        return None;
    }
    if let Some(began) = connection.wire.as_ref().and_then(|wire| wire.head_began()) {
        return passed(began, timeouts.header).then_some(Order::Cut(Some(&outcome::HEADER_TIMEOUT)));
    }
    let limit = if connection.requests() == 0 { timeouts.header } else { timeouts.keep_alive };
    match *leaving_since {
        Some(since) => {
            (passed(since, FAREWELL) && passed(connection.idle_since(), FAREWELL)).then_some(Order::Cut(None))
        }
        None if passed(connection.idle_since(), limit) => {
            *leaving_since = Some(now);
            Some(Order::Farewell)
        }
        None => None,
    }
}
