//! The dead-lines of a worker's connections, kept by one look at all of them from time to time. A timer for each would
//! cost every request more than a look costs an idle connection.

use std::cell::RefCell;
use std::rc::{Rc, Weak};
use std::sync::Arc;
use std::time::Duration;

use super::tls::TlsTerms;
use super::{Edge, outcome};
use crate::clock::Ticks;
use crate::gate::{self, Connection, Current, Denial, Gate, Order, Stage};
use crate::identity::IdentityRefusal;
use crate::policy::Policy;
use crate::policy::settings::ClientTimeouts;

/// Between two looks, unless a dead-line is shorter. Dead-lines are kept to within this.
const MAX_PAUSE: Duration = Duration::from_millis(250);
/// How long a connection has to say good-bye once it is told to.
const FAREWELL: Duration = Duration::from_secs(1);
/// How long a client that has just connected has for its first request while the gate drains: it was on its way already,
/// at most once around the world.
const FIRST_REQUEST: Duration = Duration::from_millis(300);

/// A worker's connections.
#[derive(Default)]
pub(super) struct Watch {
    /// Bounded by the gate's places.
    watched: RefCell<Vec<Watched>>,
}

struct Watched {
    connection: Weak<Connection>,
    /// By which its certificates were judged last.
    tls: Arc<TlsTerms>,
    leaving_since: Option<Ticks>,
}

impl Watch {
    /// Watches a connection until it is dropped.
    pub(super) fn add(&self, connection: &Rc<Connection>, tls: &Arc<TlsTerms>) {
        let (connection, tls) = (Rc::downgrade(connection), Arc::clone(tls));
        self.watched.borrow_mut().push(Watched { connection, tls, leaving_since: None });
    }

    /// Looks, for as long as the worker runs.
    pub(super) async fn keep(&self, edge: &Edge, current: &Current) {
        let mut stage = current.gate().stage.clone();
        let mut swaps = current.swaps();
        let (mut imposed, mut seen) = (current.gate().sanctions.changes(), 0);
        loop {
            tokio::select! {
                () = tokio::time::sleep(pause(&current.gate().policy)) => {}
                // Without a sender there is no gate left to stop, or to change.
                Ok(()) = stage.changed() => {}
                Ok(()) = imposed.changed() => {}
                Ok(()) = swaps.changed() => {
                    let gate = current.gate();
                    gate.open.judge_again(&gate).await;
                    self.verify_again(&edge.tls.load_full(), &gate).await;
                }
            }
            let stage = *stage.borrow();
            let gate = current.gate();
            let moment = gate.clock.moment();
            let now = moment.ticks;
            gate.lately.set(moment);
            gate.tally.looks(now);
            current.look(now);
            gate.open.expire(moment.wall.seconds());
            gate::cut(&gate, &mut seen);
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

/// Chains that are verified in one go before others get their turn: some 3 ms.
const AT_ONCE: usize = 16;

impl Watch {
    /// Verifies the certificates of connections that were let in by other terms. Who would not be let in now is cut: a
    /// change of authorities or lists holds for those who are there already.
    async fn verify_again(&self, tls: &Arc<TlsTerms>, gate: &Gate) {
        let mut from = 0;
        loop {
            let (some, next) = self.others(tls, from);
            let now = gate.clock.wall();
            for connection in some.iter().filter(|connection| !tls.trusts(connection.chain(), now)) {
                gate.open.cut(|open| {
                    open.is_of(connection).then_some(Denial::Identity(IdentityRefusal::CredentialWithdrawn))
                });
                connection.order(Order::Cut(Some(&outcome::CLIENT_CERTIFICATE)));
            }
            let Some(next) = next else { return };
            from = next;
            tokio::task::yield_now().await;
        }
    }

    /// Some connections that were let in by other terms, from a place on, and the place where there are more. They count
    /// as judged by these.
    fn others(&self, tls: &Arc<TlsTerms>, from: usize) -> (Vec<Rc<Connection>>, Option<usize>) {
        let mut some = Vec::new();
        for (place, watched) in self.watched.borrow_mut().iter_mut().enumerate().skip(from) {
            if Arc::ptr_eq(&watched.tls, tls) {
                continue;
            }
            if some.len() == AT_ONCE {
                return (some, Some(place));
            }
            watched.tls = Arc::clone(tls);
            some.extend(watched.connection.upgrade().filter(|connection| !connection.chain().is_empty()));
        }
        (some, None)
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
    let passed = |since: Ticks, limit: Duration| since.plus(limit) <= now;
    // A client on HTTP/1 may be about to send, above all one that has just connected: its next answer says that the
    // connection closes.
    let is_new = connection.requests() == 0 && !passed(connection.idle_since(), FIRST_REQUEST);
    let may_send = (stage == Stage::Replaced || stage == Stage::Draining && is_new)
        && connection.wire.is_some()
        && connection.open() == 0;
    if may_send && leaving_since.is_none() {
        connection.drain();
        return None;
    }
    if stage >= Stage::Replaced && (!connection.is_draining() || leaving_since.is_none()) {
        connection.drain();
        *leaving_since = Some(now);
        return Some(Order::Farewell);
    }
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
