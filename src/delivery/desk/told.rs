//! What somebody must be told of a sink: what it lost, refused or did not get by the policy, and that it does not keep up.

use std::time::Duration;

use tokio::time::Instant;

use super::super::work::Refusal;
use super::{Desk, Order};
use crate::audit::{AlarmKind, RequestId, SinkMatter};
use crate::telemetry::log;

/// Records left out after which a record tells of them.
const TELL_COUNT: u64 = 10_000;
/// Ranges of lost records that are kept until there is room to tell of them.
const MOST_LOST: usize = 64;
/// Time after which one does.
const TELL_AFTER: Duration = Duration::from_secs(60);

/// What alarms tell of at present.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Alarmed {
    lag: bool,
    backlog: bool,
    held: bool,
}

impl Desk {
    /// Records left the spool before they were given to the sink in their turn.
    pub(super) fn lost(&mut self, epoch: Option<RequestId>, first: u64, last: u64) {
        let (sink, count) = (&self.sink.name, last - first + 1);
        log::error!("records were gone before a sink had them", sink = sink, first = first, last = last);
        self.herald.alarm(sink, AlarmKind::SinkLoss, count, None);
        self.status.undelivered += count;
        let is_full = self.lost.len() >= MOST_LOST;
        match self.lost.last_mut() {
            Some((before, _, end)) if *before == epoch && (*end + 1 == first || is_full) => {
                // Beyond the bound, more than is lost is told: what lies between was delivered.
                *end = last;
            }
            _ => self.lost.push((epoch, first, last)),
        }
        self.tell_of_lost();
    }

    /// Records it, as soon as there is room. The cursor is kept a while later, so that it never says that records were
    /// passed over of which nobody was told.
    pub(super) fn tell_of_lost(&mut self) {
        while let Some((epoch, first, last)) = self.lost.first().copied() {
            let matter = SinkMatter::Undelivered { sequences: (first, last) };
            self.saved_at = Instant::now();
            if !self.herald.tell(&self.sink.name, epoch, matter) {
                return;
            }
            self.lost.remove(0);
        }
    }

    /// Records of an epoch were refused for good.
    pub fn refused(&mut self, epoch: Option<RequestId>, refusal: Refusal) {
        let Refusal { sequences, count, cause, tells } = refusal;
        let ((first, last), sink) = (sequences, &self.sink.name);
        log::error!("a sink refused records", sink = sink, records = count, first = first, last = last, cause = cause);
        if !tells {
            self.herald.tell(sink, epoch, SinkMatter::Rejected { sequences, count, cause });
        }
        self.saved.rejected += count;
        self.dirty = true;
    }

    pub(super) fn alarms(&mut self) {
        let (sink, alarm) = (&self.sink.name, self.sink.alarm);
        let lag = Duration::from_secs(self.status.lag_seconds);
        let held = self.held_since.map_or(Duration::ZERO, |since| since.elapsed());
        let before = self.alarmed;
        if lag >= alarm.lag && !before.lag {
            self.alarmed.lag = true;
            self.herald.alarm(sink, AlarmKind::SinkLag, lag.as_secs(), Some(alarm.lag.as_secs()));
        }
        let lacking = self.status.lag_records;
        if lacking >= alarm.records && !before.backlog {
            self.alarmed.backlog = true;
            self.herald.alarm(sink, AlarmKind::SinkBacklog, lacking, Some(alarm.records));
        }
        if held >= alarm.held && self.held_since.is_some() && !before.held {
            self.alarmed.held = true;
            self.herald.alarm(sink, AlarmKind::SinkHeld, held.as_secs(), Some(alarm.held.as_secs()));
        }
        let keeps_up = lag <= alarm.lag / 2 && lacking <= alarm.records / 2;
        let well = self.held_since.is_none() && self.status.cause.is_none() && keeps_up;
        if well && (before.lag || before.backlog || before.held) {
            self.alarmed = Alarmed::default();
            self.herald.tell(sink, None, SinkMatter::Resumed);
            log::info!("a sink keeps up again", sink = sink);
        }
    }

    pub(super) fn tell_of_left_out(&mut self) {
        let Some((.., count)) = self.saved.untold else { return };
        let waited = self.untold_since.is_some_and(|since| since.elapsed() >= TELL_AFTER);
        if (count >= TELL_COUNT || waited || self.order() == Order::Tell) && self.tell_left_out() {
            self.save();
        }
    }

    /// Records what was left out of the epoch in which the sink stands. Whether there was room for that.
    pub(super) fn tell_left_out(&mut self) -> bool {
        let Some((first, last, count)) = self.saved.untold else { return true };
        let matter = SinkMatter::LeftOut { sequences: (first, last), count };
        let told = self.herald.tell(&self.sink.name, self.saved.epoch, matter);
        if told {
            (self.saved.untold, self.untold_since) = (None, None);
        }
        told
    }
}
