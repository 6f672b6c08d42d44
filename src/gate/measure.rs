//! What metrics and traces want to know of one request, gathered on its way and given away at its end. There is none of
//! it where neither is on.

use http::header::HeaderMap;

use super::connection::Connection;
use super::meters::{Class, Ended};
use super::visit::Visit;
use super::{Denial, Gate};
use crate::audit::{Blame, End, HttpVersion, MethodWord, OutcomeRow, RequestId};
use crate::clock::{Ticks, UnixMillis};
use crate::telemetry::spans::{Spoken, Trace};

/// One request's numbers.
pub struct Measure {
    id: RequestId,
    began: Ticks,
    started: UnixMillis,
    method: MethodWord,
    version: HttpVersion,
    trace: Option<Trace>,
    pub(super) route: Option<usize>,
    denial: Option<Denial>,
    shadow: Option<&'static OutcomeRow>,
    pub(super) status: u16,
    departed: Option<Ticks>,
    answered: Option<Ticks>,
    pub(super) bytes_in: u64,
    pub(super) bytes_out: u64,
}

impl Measure {
    /// Of a request that begins now; `None` where nobody wants to know.
    pub fn begin(
        gate: &Gate,
        id: RequestId,
        (began, started): (Ticks, UnixMillis),
        (method, version): (MethodWord, HttpVersion),
    ) -> Option<Self> {
        if gate.meters.is_none() && gate.tracing.is_none() {
            return None;
        }
        gate.tally.open.add(1);
        Some(Self {
            id,
            began,
            started,
            method,
            version,
            trace: None,
            route: None,
            denial: None,
            shadow: None,
            status: 0,
            departed: None,
            answered: None,
            bytes_in: 0,
            bytes_out: 0,
        })
    }

    /// Begins its trace, or goes on with that of a peer who may say so; gives it where traces are on.
    pub fn traced(&mut self, gate: &Gate, connection: &Connection, fields: &HeaderMap) -> Option<&Trace> {
        let tracing = gate.tracing.as_ref()?;
        // Who showed a certificate that was verified is known, and so is who stands in `gate.trusted_proxies`.
        let trusted = !connection.chain().is_empty() || gate.policy.gate.trusted_proxies.contains(connection.peer.ip());
        self.trace = Some(tracing.begin(self.id.bits(), fields, trusted));
        self.trace.as_ref()
    }

    /// The trace, where traces are on.
    pub const fn trace(&self) -> Option<&Trace> {
        self.trace.as_ref()
    }

    /// Its method is not known.
    pub const fn unparsed(&mut self) {
        self.method = MethodWord::Other;
    }

    /// It leaves for the app.
    pub const fn departs(&mut self, now: Ticks) {
        self.departed = Some(now);
    }

    /// The head of the app's answer is there.
    pub const fn answered(&mut self, now: Ticks) {
        self.answered = Some(now);
    }

    /// It would have been refused. The first reason stays.
    pub fn shadowed(&mut self, row: &'static OutcomeRow) {
        self.shadow.get_or_insert(row);
    }

    /// It is refused.
    pub const fn refused(&mut self, denial: Denial) {
        self.denial = Some(denial);
    }

    /// It has ended.
    pub fn end(self, gate: &Gate, end: End, cut: Option<Denial>, now: Ticks) {
        let denial = self.denial.or(cut);
        let class = self.class(end, denial);
        let micros = now.since(self.began);
        let tally = &gate.tally;
        tally.open.subtract(1);
        // What was refused before it was sent took only the gate's time.
        tally.own.observe(self.departed.map_or(micros, |at| at.since(self.began)));
        if let Some(denial) = denial {
            tally.codes.count(denial.row().outcome.code);
        }
        if let Some(shadow) = self.shadow {
            tally.shadowed.count(shadow.code);
        }
        if let Some(meters) = &gate.meters {
            let upstream = self.departed.zip(self.answered).map(|(from, to)| to.since(from));
            let ended = Ended { class, micros, upstream, bytes_in: self.bytes_in, bytes_out: self.bytes_out };
            if let Some(lane) = meters.lane(self.route, tally.worker) {
                lane.count(&ended);
            }
            if let Some(limit) = denial.and_then(Denial::limit) {
                meters.limit_refused(limit);
            }
        }
        if let (Some(tracing), Some(trace)) = (&gate.tracing, &self.trace)
            && trace.is_sampled()
        {
            tracing.end(trace, &self.spoken(gate, end, denial, (micros, class)));
        }
    }

    fn class(&self, end: End, denial: Option<Denial>) -> Class {
        match self.denial {
            Some(refused) => {
                return match refused.row().outcome.blame {
                    Blame::Gate | Blame::Upstream => Class::Failed,
                    Blame::Client | Blame::Policy | Blame::None => Class::Refused,
                };
            }
            None if denial.is_some() => return Class::Cut,
            None => {}
        }
        if !matches!(end, End::Complete | End::UpgradeClosed) {
            return Class::Cut;
        }
        match self.status {
            500.. => Class::ServerError,
            400..500 => Class::ClientError,
            _ => Class::Served,
        }
    }

    fn spoken<'g>(
        &self,
        gate: &'g Gate,
        end: End,
        denial: Option<Denial>,
        (micros, class): (u64, Class),
    ) -> Spoken<'g> {
        let route = self.route.and_then(|route| gate.route_records.get(route));
        let since = |at: Ticks| at.since(self.began);
        let cut = (class == Class::Cut).then(|| end.word());
        Spoken {
            method: word(self.method),
            version: self.version.word(),
            route: route.map(|route| &route.template),
            name: route.map(|route| &route.name),
            status: self.status,
            error: denial.map(|denial| denial.row().outcome.code).or(cut),
            end: end.word(),
            began: self.started,
            micros,
            upstream: self.departed.map(|at| (since(at), self.answered.map_or(micros, since))),
            answered: self.answered.is_some() && self.denial.is_none(),
        }
    }
}

/// What a visit does for metrics and traces.
impl Visit {
    /// What metrics and traces want to know, where they are on.
    pub(super) fn measured(&mut self, write: impl FnOnce(&mut Measure)) {
        if let Some(measure) = &mut self.measure {
            write(measure);
        }
    }

    /// Its trace begins or goes on, where traces are on.
    pub fn traced(&mut self, fields: &HeaderMap) {
        let Some(measure) = &mut self.measure else { return };
        let id = measure.traced(&self.gate, &self.connection, fields).map(Trace::id);
        self.note(|access| access.trace = id);
    }

    /// The app is told of the trace, where traces are on.
    pub fn tells_app(&self, fields: &mut HeaderMap) {
        if let Some(trace) = self.measure.as_ref().and_then(Measure::trace) {
            trace.tell(fields);
        }
    }

    /// It leaves for the app.
    pub fn departs(&mut self) {
        let Some(measure) = &mut self.measure else { return };
        measure.departs(self.gate.clock.ticks());
    }
}

/// The method, if it is known.
const fn word(method: MethodWord) -> Option<&'static str> {
    Some(match method {
        MethodWord::Get => "GET",
        MethodWord::Head => "HEAD",
        MethodWord::Post => "POST",
        MethodWord::Put => "PUT",
        MethodWord::Patch => "PATCH",
        MethodWord::Delete => "DELETE",
        MethodWord::Options => "OPTIONS",
        MethodWord::Trace => "TRACE",
        MethodWord::Connect => "CONNECT",
        MethodWord::Other => return None,
    })
}
