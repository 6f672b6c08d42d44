//! What all requests of one client connection share, and what its watch needs to know.

use std::any::Any;
use std::cell::{Cell, RefCell};
use std::net::SocketAddr;
use std::rc::Rc;
use std::sync::Arc;
use std::task::Waker;
use std::time::Duration;

use http::HeaderValue;
use rustls_pki_types::CertificateDer;

use super::Gate;
use crate::audit::{ConnectionRecord, OutcomeRow, Slot};
use crate::clock::Ticks;
use crate::identity::{CertificateThumbprint, Peer};
use crate::wire::InboundState;

/// What a connection's watch tells the one who serves it.
#[derive(Clone, Copy, Debug)]
pub enum Order {
    /// Take no more requests and end.
    Farewell,
    /// End now, for this reason if there is one to record.
    Cut(Option<&'static OutcomeRow>),
}

/// One client connection after its handshake.
pub struct Connection {
    record: Arc<ConnectionRecord>,
    /// The client's socket, or what a PROXY protocol header said.
    pub peer: SocketAddr,
    /// `X-Forwarded-For` of the client's socket.
    pub forwarded_for: HeaderValue,
    /// The host name of the TLS handshake.
    pub server_name: Option<Box<str>>,
    /// The certificates that the client showed, its own first.
    chain: Box<[CertificateDer<'static>]>,
    /// The digest of its own, for tokens that are bound to it; `None` without one.
    pub thumbprint: Option<CertificateThumbprint>,
    /// What they say, by the terms of that generation.
    peer_certificate: RefCell<(u64, Peer)>,
    /// The wire of an HTTP/1 connection.
    pub wire: Option<Arc<InboundState>>,
    /// Room for a record of its own; given back once a request makes one.
    slot: Cell<Option<Slot>>,
    requests: Cell<u32>,
    open: Cell<u32>,
    idle_since: Cell<Ticks>,
    draining: Cell<bool>,
    stalled: Cell<bool>,
    /// Answers that wait for the client to read, and since when.
    waiting: RefCell<Vec<Option<Ticks>>>,
    order: Cell<Option<Order>>,
    waker: Cell<Option<Waker>>,
    /// The place among the gate's connections; free again when the last of its streams has ended.
    _place: Box<dyn Any>,
}

impl Connection {
    /// A connection that was accepted at `now`.
    #[expect(clippy::too_many_arguments, reason = "made in one place, of what the handshake gave")]
    pub fn new(
        record: Arc<ConnectionRecord>,
        peer: SocketAddr,
        server_name: Option<Box<str>>,
        chain: Box<[CertificateDer<'static>]>,
        wire: Option<Arc<InboundState>>,
        slot: Option<Slot>,
        place: Box<dyn Any>,
        now: Ticks,
    ) -> Rc<Self> {
        let address = peer.ip().to_canonical().to_string();
        Rc::new(Self {
            record,
            peer,
            // An address is digits, dots, colons and letters: always a sound value.
            forwarded_for: HeaderValue::try_from(address).unwrap_or(HeaderValue::from_static("unknown")),
            server_name,
            thumbprint: chain.first().map(|leaf| CertificateThumbprint::of(leaf)),
            chain,
            peer_certificate: RefCell::new((0, Peer::nobody())),
            wire,
            slot: Cell::new(slot),
            requests: Cell::new(0),
            open: Cell::new(0),
            idle_since: Cell::new(now),
            draining: Cell::new(false),
            stalled: Cell::new(false),
            waiting: RefCell::new(Vec::new()),
            order: Cell::new(None),
            waker: Cell::new(None),
            _place: place,
        })
    }

    /// What its records say of it.
    pub fn record(&self) -> Arc<ConnectionRecord> {
        Arc::clone(&self.record)
    }

    /// The certificates that the client showed, its own first.
    pub fn chain(&self) -> &[CertificateDer<'static>] {
        &self.chain
    }

    /// What the client's certificate says by the gate's terms: found out anew after each swap, and after every
    /// handshake, also where a session was resumed.
    pub fn peer_certificate(&self, gate: &Gate) -> Peer {
        if self.chain.is_empty() {
            return Peer::nobody();
        }
        let mut known = self.peer_certificate.borrow_mut();
        if known.0 != gate.generation {
            *known = (gate.generation, gate.identifier.peer(&self.chain));
        }
        known.1.clone()
    }

    /// How many requests it has carried.
    pub const fn requests(&self) -> u32 {
        self.requests.get()
    }

    /// How many of them are open.
    pub const fn open(&self) -> u32 {
        self.open.get()
    }

    /// Since when none is open.
    pub const fn idle_since(&self) -> Ticks {
        self.idle_since.get()
    }

    /// Whether the gate is being stopped.
    pub const fn is_draining(&self) -> bool {
        self.draining.get()
    }

    /// The gate is being stopped.
    pub fn drain(&self) {
        self.draining.set(true);
    }

    /// Whether it is cut because the client does not read its answers.
    pub(super) const fn is_stalled(&self) -> bool {
        self.stalled.get()
    }

    /// The client does not read its answers: what is open is cut, and its records tell why.
    pub fn stall(&self) {
        self.stalled.set(true);
        self.order(Order::Cut(None));
    }

    /// Room for a record of the connection itself, if no request has made one.
    pub fn take_slot(&self) -> Option<Slot> {
        self.slot.take()
    }

    pub(super) fn request_began(&self) {
        self.requests.set(self.requests.get().saturating_add(1));
        self.open.set(self.open.get().saturating_add(1));
        if self.requests.get() == 1
            && let Some(slot) = self.slot.take()
        {
            slot.release();
        }
    }

    pub(super) fn request_ended(&self, now: Ticks) {
        self.open.set(self.open.get().saturating_sub(1));
        self.idle_since.set(now);
    }

    /// Whether an answer has waited for the client for `limit` or longer at `now`.
    pub fn has_waited(&self, now: Ticks, limit: Duration) -> bool {
        self.waiting.borrow().iter().flatten().any(|since| since.plus(limit) <= now)
    }

    /// Tells the one who serves the connection.
    pub fn order(&self, order: Order) {
        self.order.set(Some(order));
        if let Some(waker) = self.waker.take() {
            waker.wake();
        }
    }

    /// The order that was given since the last call; without one, the next will wake `waker`.
    pub fn ordered(&self, waker: &Waker) -> Option<Order> {
        let order = self.order.take();
        if order.is_none() {
            let parked = self.waker.take().filter(|parked| parked.will_wake(waker));
            self.waker.set(Some(parked.unwrap_or_else(|| waker.clone())));
        }
        order
    }

    /// A place for an answer that is sent in pieces, and waits for the client from `now` on.
    pub(super) fn watch_answer(&self, now: Ticks) -> usize {
        let mut waiting = self.waiting.borrow_mut();
        match waiting.iter().position(Option::is_none) {
            Some(place) => {
                waiting[place] = Some(now);
                place
            }
            None => {
                waiting.push(Some(now));
                waiting.len() - 1
            }
        }
    }

    /// The answer's piece was taken: it waits for the client again from `now` on.
    pub(super) fn answer_moved(&self, place: usize, now: Ticks) {
        if let Some(since) = self.waiting.borrow_mut().get_mut(place) {
            *since = Some(now);
        }
    }

    /// The answer waits for the app, or has ended.
    pub(super) fn answer_rests(&self, place: usize) {
        if let Some(since) = self.waiting.borrow_mut().get_mut(place) {
            *since = None;
        }
    }
}
