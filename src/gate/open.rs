//! What one worker serves at this moment, so that a change of the policy reaches open streams too: each is judged again
//! by the new terms, as it was asked for, and cut if it would be refused now. One whose credential ends is cut as well.

use std::cell::{Cell, RefCell};
use std::future::{Future, poll_fn};
use std::net::IpAddr;
use std::pin::pin;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use http::Method;
use http::uri::PathAndQuery;

use super::connection::{Connection, Order};
use super::denial::Denial;
use super::{Gate, Permit};
use crate::audit::End;
use crate::identity::{Identity, IdentityRefusal};
use crate::policy::decide::{self, CallerFacts, DeviceFact, Facts, Verdict};
use crate::policy::path::CanonicalPath;
use crate::policy::roles::{PrincipalKind, RoleIndex};
use crate::policy::route::Route;
use crate::policy::settings::Mode;
use crate::redact::Name;

/// Visits that are judged in one go before others get their turn: some 200 µs.
const AT_ONCE: usize = 128;

/// A request that was let through and has not ended.
pub struct Open {
    gate: Rc<Gate>,
    connection: Rc<Connection>,
    method: Method,
    target: PathAndQuery,
    address: IpAddr,
    identity: Option<Arc<Identity>>,
    route: Option<usize>,
    role: Option<RoleIndex>,
    /// When it was asked for, in Unix seconds.
    began: u64,
    /// The terms by which it was judged last.
    judged: Cell<u64>,
    /// Whether its answer has begun.
    answering: Cell<bool>,
    cut: Cell<Option<Cut>>,
    waker: Cell<Option<Waker>>,
}

/// Why an open request is ended.
#[derive(Clone, Copy, Debug)]
pub struct Cut {
    /// What the record says of its end.
    pub end: End,
    /// Why.
    pub denial: Denial,
}

impl Open {
    /// A request that `permit` lets through.
    pub(super) fn new(
        gate: &Rc<Gate>,
        connection: &Rc<Connection>,
        permit: &Permit<'_>,
        method: Method,
        target: PathAndQuery,
        began: u64,
    ) -> Self {
        Self {
            gate: Rc::clone(gate),
            connection: Rc::clone(connection),
            method,
            target,
            address: permit.address,
            identity: permit.identity.clone(),
            route: permit.route.map(|route| route.index),
            role: permit.role,
            began,
            judged: Cell::new(gate.generation),
            answering: Cell::new(false),
            cut: Cell::new(None),
            waker: Cell::new(None),
        }
    }

    /// Who calls.
    pub fn identity(&self) -> Option<&Identity> {
        self.identity.as_deref()
    }

    /// The route that was found.
    pub fn route(&self) -> Option<&Arc<Route>> {
        self.gate.policy.routes.routes().get(self.route?)
    }

    /// The role that let it through.
    pub fn role(&self) -> Option<&Name> {
        self.gate.policy.roles.name(self.role?)
    }

    /// When it was asked for, in Unix seconds.
    pub const fn began(&self) -> u64 {
        self.began
    }

    /// The client's address.
    pub const fn address(&self) -> IpAddr {
        self.address
    }

    /// Whether it came on this connection.
    pub fn is_of(&self, connection: &Rc<Connection>) -> bool {
        Rc::ptr_eq(&self.connection, connection)
    }

    /// The request's method.
    pub const fn method(&self) -> &Method {
        &self.method
    }

    /// The first second at which its credential is no longer accepted.
    fn ends_at(&self) -> u64 {
        self.identity.as_ref().and_then(|identity| identity.ends_at()).unwrap_or(u64::MAX)
    }

    /// Why it is to end, if it is.
    pub fn is_cut(&self) -> Option<Cut> {
        self.cut.get()
    }

    /// Its answer begins: from here on only the connection or stream can tell that it is cut.
    pub(super) fn answers(&self) {
        self.answering.set(true);
    }

    /// Its answer ends with what has gone out: whoever sends it finds this before the next piece.
    pub(super) fn ends(&self, cut: Cut) {
        if self.cut.get().is_none() {
            self.cut.set(Some(cut));
        }
        if let Some(waker) = self.waker.take() {
            waker.wake();
        }
    }

    /// Ends it.
    fn cut(&self, cut: Cut) {
        if self.cut.get().is_some() {
            return;
        }
        self.cut.set(Some(cut));
        if let Some(waker) = self.waker.take() {
            waker.wake();
        }
        // A client that does not read its answer keeps hyper from asking for more of it, and so from the end. HTTP/1 has
        // nothing but this answer on its connection.
        if self.answering.get() && self.connection.wire.as_ref().is_some_and(|wire| !wire.is_tunnel()) {
            self.connection.order(Order::Cut(None));
        }
    }

    /// Why it is to end; without a reason, `cx` is woken once there is one.
    pub(super) fn poll_cut(&self, cx: &Context<'_>) -> Poll<Cut> {
        if let Some(cut) = self.cut.get() {
            return Poll::Ready(cut);
        }
        let parked = self.waker.take().filter(|parked| parked.will_wake(cx.waker()));
        self.waker.set(Some(parked.unwrap_or_else(|| cx.waker().clone())));
        Poll::Pending
    }

    /// Waits until it is to end.
    pub(super) async fn until_cut(&self) -> Cut {
        poll_fn(|cx| self.poll_cut(cx)).await
    }

    /// What comes of `inner`, unless it is to end before.
    pub(super) async fn unless_cut<T>(&self, inner: impl Future<Output = Result<T, Denial>>) -> Result<T, Denial> {
        let mut inner = pin!(inner);
        poll_fn(|cx| match inner.as_mut().poll(cx) {
            // What came too late to be let through is not let through.
            Poll::Ready(answer) => Poll::Ready(self.cut.get().map_or(answer, |cut| Err(cut.denial))),
            Poll::Pending => self.poll_cut(cx).map(|cut| Err(cut.denial)),
        })
        .await
    }

    /// Whether the same request would be let through by the terms of `gate`. It is judged as of its own moment: a second
    /// factor that was fresh then is fresh.
    fn judge(&self, gate: &Gate) -> Result<(), Denial> {
        let (identity, refusal) = match &self.identity {
            None => (None, None),
            Some(identity) => match gate.identifier.again(identity) {
                Ok(identity) => (Some(identity), None),
                Err(refusal) => (None, Some(Denial::Identity(refusal))),
            },
        };
        let peer = self.connection.peer_certificate(gate);
        let refusal = refusal.or(peer.caller.err().map(Denial::Identity));
        let device =
            |identity: &Arc<Identity>| peer.device.as_ref().map_or(DeviceFact::None, |device| device.fact(identity));
        let path = CanonicalPath::parse(self.target.path(), gate.policy.upstream.profile).map_err(Denial::Path)?;
        let facts = Facts {
            method: &self.method,
            path: &path,
            address: self.address,
            caller: identity.as_ref().map(|identity| CallerFacts {
                roles: identity.roles,
                mfa_at: identity.mfa_at,
                device: device(identity),
            }),
            now: self.began,
        };
        let decision = decide::decide(&gate.policy, &facts);
        let mode = decision.route.map_or(gate.policy.mode, |route| route.mode);
        match (refusal, decision.verdict) {
            (Some(refusal), _) if mode == Mode::Enforce => Err(refusal),
            (_, Verdict::Refuse(reason)) => Err(Denial::Policy(reason)),
            _ => Ok(()),
        }
    }
}

/// The open requests of one worker. Bounded by its connections and their streams.
#[derive(Default)]
pub struct OpenVisits {
    places: RefCell<Vec<Option<Held>>>,
    free: RefCell<Vec<usize>>,
}

struct Held {
    open: Rc<Open>,
    ends_at: u64,
}

/// A request's place among the open ones; free again when it is dropped.
pub struct Place {
    visits: Rc<OpenVisits>,
    index: usize,
    open: Rc<Open>,
}

impl Place {
    /// The request.
    pub const fn open(&self) -> &Rc<Open> {
        &self.open
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let (mut places, mut free) = (self.visits.places.borrow_mut(), self.visits.free.borrow_mut());
        if let Some(place) = places.get_mut(self.index) {
            *place = None;
            free.push(self.index);
        }
        // The places of a busy moment need not be looked at any more.
        if free.len() == places.len() {
            places.clear();
            free.clear();
        }
    }
}

impl OpenVisits {
    /// Takes a request in.
    pub(super) fn enter(self: &Rc<Self>, open: Open) -> Place {
        let open = Rc::new(open);
        let held = Some(Held { ends_at: open.ends_at(), open: Rc::clone(&open) });
        let mut places = self.places.borrow_mut();
        let index = if let Some(index) = self.free.borrow_mut().pop() {
            places[index] = held;
            index
        } else {
            places.push(held);
            places.len() - 1
        };
        Place { visits: Rc::clone(self), index, open }
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.places.borrow().len() - self.free.borrow().len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Ends every one for which `reason` gives one: for quarantines and lockouts.
    pub fn cut(&self, reason: impl Fn(&Open) -> Option<Denial>) {
        for open in self.slice(0, usize::MAX) {
            if let Some(denial) = reason(&open) {
                open.cut(Cut { end: End::Revoked, denial });
            }
        }
    }

    /// Ends those whose credential is no longer accepted at `now`, in Unix seconds.
    pub fn expire(&self, now: u64) {
        let places = self.places.borrow();
        let ended = places.iter().flatten().filter(|held| held.ends_at <= now);
        let ended: Vec<_> = ended.map(|held| Rc::clone(&held.open)).collect();
        drop(places);
        for open in ended {
            let refusal = match open.identity.as_ref().map(|identity| identity.kind) {
                Some(PrincipalKind::Certificate) => IdentityRefusal::CertificateExpired,
                Some(PrincipalKind::Key) => IdentityRefusal::ApiKeyExpired,
                Some(PrincipalKind::User) | None => IdentityRefusal::TokenExpired,
            };
            open.cut(Cut { end: End::Expired, denial: Denial::Identity(refusal) });
        }
    }

    /// Judges all of them by the terms of `gate`, some at a time.
    pub async fn judge_again(&self, gate: &Gate) {
        let mut from = 0;
        loop {
            let some = self.slice(from, AT_ONCE);
            from += AT_ONCE;
            for open in some.iter().filter(|open| open.judged.replace(gate.generation) != gate.generation) {
                if let Err(denial) = open.judge(gate) {
                    open.cut(Cut { end: End::Revoked, denial });
                }
            }
            if from >= self.places.borrow().len() {
                return;
            }
            tokio::task::yield_now().await;
        }
    }

    /// Some of them; what is done with one may change the places.
    fn slice(&self, from: usize, count: usize) -> Vec<Rc<Open>> {
        self.places.borrow().iter().skip(from).take(count).flatten().map(|held| Rc::clone(&held.open)).collect()
    }
}
