//! What all requests of one client connection share, and what its watch needs to know.

use std::any::Any;
use std::cell::{Cell, RefCell};
use std::net::SocketAddr;
use std::rc::Rc;
use std::sync::Arc;

use http::HeaderValue;

use crate::audit::{ConnectionRecord, Slot};
use crate::clock::Ticks;
use crate::identity::{Identity, IdentityRefusal};
use crate::wire::InboundState;

/// One client connection after its handshake.
pub struct Connection {
    record: Arc<ConnectionRecord>,
    /// The client's socket, or what a PROXY protocol header said.
    pub peer: SocketAddr,
    /// `X-Forwarded-For` of the client's socket.
    pub forwarded_for: HeaderValue,
    /// The host name of the TLS handshake.
    pub server_name: Option<Box<str>>,
    /// Whose certificate the client showed; a certificate that names nobody fit refuses every request.
    pub certificate: Result<Option<Arc<Identity>>, IdentityRefusal>,
    /// The wire of an HTTP/1 connection.
    pub wire: Option<Arc<InboundState>>,
    /// Room for a record of its own; given back once a request makes one.
    slot: Cell<Option<Slot>>,
    requests: Cell<u32>,
    open: Cell<u32>,
    idle_since: Cell<Ticks>,
    draining: Cell<bool>,
    stalled: Cell<bool>,
    /// Answers that wait for the client to read, by the watch's round in which they began to.
    waiting: RefCell<Vec<Option<u32>>>,
    round: Cell<u32>,
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
        certificate: Result<Option<Arc<Identity>>, IdentityRefusal>,
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
            certificate,
            wire,
            slot: Cell::new(slot),
            requests: Cell::new(0),
            open: Cell::new(0),
            idle_since: Cell::new(now),
            draining: Cell::new(false),
            stalled: Cell::new(false),
            waiting: RefCell::new(Vec::new()),
            round: Cell::new(0),
            _place: place,
        })
    }

    /// What its records say of it.
    pub fn record(&self) -> Arc<ConnectionRecord> {
        Arc::clone(&self.record)
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

    /// Ends a round of the watch; whether an answer has waited for the client through a whole one.
    pub fn next_round(&self) -> bool {
        let round = self.round.get();
        self.round.set(round.wrapping_add(1));
        self.waiting.borrow().iter().flatten().any(|since| round.wrapping_sub(*since) >= 1)
    }

    /// A place for an answer that is sent in pieces.
    pub(super) fn watch_answer(&self) -> usize {
        let mut waiting = self.waiting.borrow_mut();
        match waiting.iter().position(Option::is_none) {
            Some(place) => {
                waiting[place] = Some(self.round.get());
                place
            }
            None => {
                waiting.push(Some(self.round.get()));
                waiting.len() - 1
            }
        }
    }

    /// The answer's piece was taken: it waits for the client again from now on.
    pub(super) fn answer_moved(&self, place: usize) {
        if let Some(since) = self.waiting.borrow_mut().get_mut(place) {
            *since = Some(self.round.get());
        }
    }

    /// The answer waits for the app, or has ended.
    pub(super) fn answer_rests(&self, place: usize) {
        if let Some(since) = self.waiting.borrow_mut().get_mut(place) {
            *since = None;
        }
    }
}
