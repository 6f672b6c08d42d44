//! The state of one sink: how far it has come, kept in its file; how it does, on the board; what somebody must be told.

mod told;

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::Instant;

use super::feed::Portion;
use super::herald::Herald;
use super::place::{Found, Places, Saved};
use super::source::Source;
use super::status::{Board, State, Status};
use crate::audit::{RequestId, SinkMatter};
use crate::clock::{Ticks, UnixMillis};
use crate::policy::settings::{FromRecord, NetworkSink};
use crate::telemetry::log;
use told::Alarmed;

/// Between two times that the cursor is kept: what a crash has delivered again is below it.
const SAVE: Duration = Duration::from_secs(1);

/// What a sink's task is told to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// Deliver.
    Run,
    /// Tell of what was left out: the trail is about to end.
    Tell,
    /// Deliver what there is, then end: the trail has its last record.
    Drain,
    /// End.
    Quit,
}

/// One sink's state.
pub struct Desk {
    pub sink: Arc<NetworkSink>,
    places: Places,
    herald: Herald,
    board: Arc<Board>,
    orders: watch::Receiver<Order>,
    saved: Saved,
    dirty: bool,
    save_failed: bool,
    saved_at: Instant,
    status: Status,
    oldest: Option<Oldest>,
    /// What was gone, and no record tells of yet: epoch, first and last sequence number.
    lost: Vec<(Option<RequestId>, u64, u64)>,
    held_since: Option<Instant>,
    untold_since: Option<Instant>,
    alarmed: Alarmed,
    /// A request that was done and could not be removed.
    replayed: Option<u64>,
}

/// The oldest record that the sink lacks.
#[derive(Clone, Copy, Debug)]
struct Oldest {
    written: UnixMillis,
    /// How old it was when it became the oldest, in milliseconds. From then on it ages as time goes by: a wall clock that
    /// leaps makes no lag.
    age: u64,
    since: Ticks,
}

impl Desk {
    pub fn new(
        sink: Arc<NetworkSink>,
        places: Places,
        herald: Herald,
        board: Arc<Board>,
        orders: watch::Receiver<Order>,
    ) -> Self {
        let status = Status::new(sink.name.clone(), sink.kind.word());
        Self {
            sink,
            places,
            herald,
            board,
            orders,
            saved: Saved::default(),
            dirty: false,
            save_failed: false,
            saved_at: Instant::now(),
            status,
            oldest: None,
            lost: Vec::new(),
            held_since: None,
            untold_since: None,
            alarmed: Alarmed::default(),
            replayed: None,
        }
    }

    /// What the task is to do.
    pub fn order(&self) -> Order {
        *self.orders.borrow()
    }

    /// Waits for another order.
    pub async fn ordered(&mut self) {
        if self.orders.changed().await.is_err() {
            // Whoever gave orders is gone without one to end: there is nobody left who could.
            std::future::pending::<()>().await;
        }
    }

    /// Puts `source` where the sink's cursor stands.
    pub fn begin(&mut self, source: &mut dyn Source) {
        let found = self.places.load(&self.sink).unwrap_or_else(|fault| {
            log::error!("a sink's cursor cannot be read", sink = &self.sink.name, fault = &fault);
            Found::Lost(None)
        });
        let (newest, end) = source.end();
        match found {
            Found::Saved(saved) if !(saved.epoch == newest && saved.next > end) => {
                source.seek(saved.epoch, saved.next);
                self.untold_since = saved.untold.map(|_| Instant::now());
                self.saved = saved;
            }
            Found::None => {
                // By name: of what goes before the sink has had anything, it is known that it lacked it.
                let (epoch, next) = match self.sink.from {
                    FromRecord::Oldest => source.oldest(),
                    FromRecord::Now => (newest, end),
                };
                source.seek(epoch, next);
                let (epoch, next) = source.position();
                self.stands(epoch, next);
                if let Err(fault) = self.places.begin(&self.sink, &self.saved, self.herald.clock().wall()) {
                    log::error!("a sink's cursor cannot be kept", sink = &self.sink.name, fault = &fault);
                }
                log::info!("a sink begins", sink = &self.sink.name, lacking = source.lacking(epoch, next));
            }
            found @ (Found::Saved(_) | Found::Lost(_)) => {
                // A cursor ahead of the trail is one of another trail.
                let (epoch, next) = if let Found::Lost(Some(began)) = found { began } else { source.oldest() };
                let (epoch, next) = if epoch == newest && next > end { source.oldest() } else { (epoch, next) };
                source.seek(epoch, next);
                let lacking = source.lacking(epoch, next);
                self.stands(epoch, next);
                let sink = &self.sink.name;
                log::error!("a sink's cursor is lost; records come again", sink = sink, records = lacking);
                self.herald.tell(sink, epoch, SinkMatter::Rebuilt { from: next.max(1) });
            }
        }
        (self.status.rejected, self.status.left_out) = (self.saved.rejected, self.saved.left_out);
    }

    /// The sink has, refused, or is not to have all of `portion` before `to`.
    pub fn settle(&mut self, portion: &mut Portion, to: u64) {
        let (gone, ahead): (Vec<_>, Vec<_>) = portion.gaps.drain(..).partition(|(_, last)| *last < to);
        portion.gaps = ahead;
        for (first, last) in gone.iter().copied() {
            self.lost(portion.epoch, first, last);
        }
        let gone: u64 = gone.iter().map(|(first, last)| last - first + 1).sum();
        // Sequence numbers of two epochs are told of apart.
        if self.saved.epoch != portion.epoch && self.saved.untold.is_some() && !self.tell_left_out() {
            log::error!("what was left out of an earlier epoch could not be recorded", sink = &self.sink.name);
            (self.saved.untold, self.untold_since) = (None, None);
        }
        let range = portion.from..to;
        let delivered = portion.sequences.iter().filter(|sequence| range.contains(sequence)).count() as u64;
        let left_out = to.saturating_sub(portion.from).saturating_sub(gone).saturating_sub(delivered);
        if left_out > 0 {
            let (first, last, count) = self.saved.untold.unwrap_or((portion.from, 0, 0));
            self.saved.untold = Some((first.min(portion.from), last.max(to - 1), count + left_out));
            self.saved.left_out += left_out;
            self.untold_since.get_or_insert_with(Instant::now);
        }
        self.status.records += delivered;
        portion.from = to;
        self.stands(portion.epoch, to);
    }

    /// The sink stands before this record.
    pub fn stands(&mut self, epoch: Option<RequestId>, next: u64) {
        (self.saved.epoch, self.saved.next, self.dirty) = (epoch, next, true);
    }

    /// Where the sink stands.
    pub const fn position(&self) -> (Option<RequestId>, u64) {
        (self.saved.epoch, self.saved.next)
    }

    /// An exchange came to its end.
    pub const fn exchanged(&mut self) {
        self.status.exchanges += 1;
    }

    /// When the oldest record was written that the sink lacks.
    pub fn lacks_since(&mut self, oldest: Option<UnixMillis>) {
        if self.oldest.map(|known| known.written) != oldest {
            let (wall, since) = (self.herald.clock().wall(), self.herald.clock().ticks());
            let of = |written: UnixMillis| Oldest { written, age: wall.0.saturating_sub(written.0), since };
            self.oldest = oldest.map(of);
        }
    }

    /// The sink is in this state now.
    pub fn turn(&mut self, state: State, cause: Option<&'static str>) {
        let before = std::mem::replace(&mut self.status.state, state);
        let sink = &self.sink.name;
        match (state, cause) {
            (State::Waiting, Some(cause)) if self.status.cause != Some(cause) => {
                log::warn!("a sink does not take records; it is tried again", sink = sink, cause = cause);
            }
            (State::Held, Some(cause)) if self.status.cause != Some(cause) => {
                log::error!("a sink takes no records until a setting is changed", sink = sink, cause = cause);
            }
            (State::Delivering | State::Idle, None) if self.status.cause.is_some() => {
                log::info!("a sink takes records again", sink = sink);
            }
            _ => {}
        }
        self.status.cause = cause;
        match state {
            State::Held => _ = self.held_since.get_or_insert_with(Instant::now),
            _ => self.held_since = None,
        }
        if before != state {
            self.dirty = true;
        }
    }

    /// How the sink does.
    pub const fn status(&self) -> &Status {
        &self.status
    }

    /// What is done from time to time: the board, alarms, the cursor's file.
    pub fn look(&mut self, source: &dyn Source) {
        let (epoch, next) = self.position();
        let status = &mut self.status;
        status.delivered = next.saturating_sub(1);
        status.lag_records = source.lacking(epoch, next);
        let now = self.herald.clock().ticks();
        let age = self.oldest.map_or(0, |oldest| (oldest.age + now.since(oldest.since) / 1000) / 1000);
        status.lag_seconds = if status.lag_records == 0 { 0 } else { age };
        (status.rejected, status.left_out) = (self.saved.rejected, self.saved.left_out);
        self.board.put(status.clone(), (epoch, next));
        self.alarms();
        self.tell_of_lost();
        self.tell_of_left_out();
        if self.dirty && self.saved_at.elapsed() >= SAVE {
            self.save();
        }
    }

    /// Keeps the cursor now; not beyond what somebody must first be told of.
    pub fn save(&mut self) {
        if !self.lost.is_empty() {
            return;
        }
        let now = self.herald.clock().wall();
        self.status.state.word().clone_into(&mut self.saved.state);
        self.status.cause.unwrap_or("").clone_into(&mut self.saved.cause);
        let done = self.places.save(&self.sink, &self.saved, now);
        match &done {
            Ok(()) => self.dirty = false,
            Err(fault) if !self.save_failed => {
                log::error!(
                    "a sink's cursor cannot be kept; a restart delivers again",
                    sink = &self.sink.name,
                    fault = fault
                );
            }
            Err(_) => {}
        }
        self.save_failed = done.is_err();
        self.saved_at = Instant::now();
    }

    /// Where an operator wants delivery to go on from.
    pub fn asked(&self) -> Option<u64> {
        self.places.asked(&self.sink).ok().flatten().filter(|from| self.replayed != Some(*from))
    }

    /// Goes on from where an operator wants it to; the request is done with.
    pub fn replay(&mut self, epoch: Option<RequestId>, from: u64) {
        let before = self.saved.next;
        log::info!("records are delivered again", sink = &self.sink.name, from = from, before = before);
        self.herald.tell(&self.sink.name, epoch, SinkMatter::Replayed { from, before });
        self.stands(epoch, from);
        self.save();
        self.replayed = None;
        if let Err(fault) = self.places.done(&self.sink) {
            // Not for ever.
            self.replayed = Some(from);
            log::error!("a request to deliver again cannot be removed", sink = &self.sink.name, fault = &fault);
        }
    }
}
