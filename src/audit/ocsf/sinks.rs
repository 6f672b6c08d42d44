//! What became of records on their way to a sink: Event Log Activity (1008).

use super::log::{Line, Parts};
use super::{HIGH, INFORMATIONAL, LOW, MEDIUM, Scribe};
use crate::audit::event::{SinkEvent, SinkMatter};
use crate::audit::guard::Known;
use crate::audit::json::Json;
use crate::clock::UnixMillis;

impl Scribe {
    pub(super) fn sink(&self, event: &SinkEvent, logged: UnixMillis, json: &mut Json<'_>) -> Known {
        let (name, event_code, severity, code, text) = match event.matter {
            SinkMatter::Rejected { sequences: (first, last), .. } if first != last => (
                "Rejected",
                "LOG.REJECTED",
                HIGH,
                "sink_refused",
                "the sink refused some of these records and does not say which; they stay in the spool",
            ),
            SinkMatter::Rejected { .. } => {
                ("Rejected", "LOG.REJECTED", HIGH, "sink_refused", "the sink refused a record; it stays in the spool")
            }
            SinkMatter::Undelivered { .. } => (
                "Undelivered",
                "LOG.UNDELIVERED",
                HIGH,
                "records_gone",
                "records left the spool before the sink had them",
            ),
            SinkMatter::LeftOut { .. } => (
                "Sampled",
                "LOG.SAMPLED",
                INFORMATIONAL,
                "left_out",
                "by the policy, the sink did not get these records; they stay in the spool",
            ),
            SinkMatter::Replayed { .. } => {
                ("Replay", "LOG.REPLAY", LOW, "replayed", "an operator has records delivered again")
            }
            SinkMatter::Rebuilt { .. } => (
                "Cursor",
                "LOG.CURSOR",
                MEDIUM,
                "cursor_lost",
                "how far the sink had come was lost; records come again",
            ),
            SinkMatter::Resumed => {
                ("Delivery", "LOG.DELIVERY", INFORMATIONAL, "delivery_resumed", "the sink keeps up again")
            }
        };
        let well = severity < MEDIUM;
        let line = Line { activity: 99, name: Some(name), event_code, severity, code, text, well };
        let count = match event.matter {
            SinkMatter::Undelivered { sequences: (first, last) } => Some(last.saturating_sub(first) + 1),
            SinkMatter::Rejected { count, .. } | SinkMatter::LeftOut { count, .. } => Some(count),
            _ => None,
        };
        let parts = Parts { count, ..Parts::default() };
        self.log_at(&line, &parts, (event.id, event.at, logged), json, |json| self.of_sink(event, json));
        Known::Nothing
    }

    /// In alphabetical order, as everything.
    fn of_sink(&self, event: &SinkEvent, json: &mut Json<'_>) {
        match event.matter {
            SinkMatter::Rejected { cause, .. } => json.key("cause").word(cause),
            SinkMatter::Replayed { before, .. } => json.key("before_sequence").number(before),
            _ => {}
        }
        if let Some(epoch) = event.epoch {
            json.key("epoch").id(&epoch.text());
        }
        match event.matter {
            SinkMatter::Rejected { sequences: (first, last), .. } => {
                if first == last {
                    self.prev(json);
                    json.key("rejected_sequence").number(first);
                } else {
                    json.key("first_sequence").number(first);
                    json.key("last_sequence").number(last);
                    self.prev(json);
                }
            }
            SinkMatter::Undelivered { sequences: (first, last) }
            | SinkMatter::LeftOut { sequences: (first, last), .. } => {
                json.key("first_sequence").number(first);
                json.key("last_sequence").number(last);
                self.prev(json);
            }
            SinkMatter::Replayed { from, .. } => {
                json.key("first_sequence").number(from);
                self.prev(json);
            }
            SinkMatter::Rebuilt { from } => {
                json.key("first_sequence").number(from);
                self.prev(json);
            }
            SinkMatter::Resumed => self.prev(json),
        }
        json.key("sink").name(&event.sink);
    }
}
