//! One request from its first byte to its record. The visit travels with the answer's body and writes itself when it
//! ends, or when it is dropped; either way there is exactly one record. It decides nothing.

use std::cell::Cell;
use std::rc::Rc;
use std::task::{Context, Poll};

use http::{Method, Uri, Version};

use super::Permit;
use super::canary::Watching;
use super::connection::Connection;
use super::measure::Measure;
use super::open::{Cut, Open, Place};
use super::sighting::Sighted;
use super::{Denial, Gate, GateFault, denial};
use crate::audit::{
    Access, CallerRecord, Decided, End, Event, HttpVersion, MethodWord, Outcome, OutcomeRow, RequestId, Slot, Stage,
};
use crate::clock::Ticks;
use crate::identity::Identity;
use crate::limits::{Grant, Over};
use crate::policy::roles::RoleIndex;
use crate::policy::route::Route;
use crate::policy::settings::Commit;
use crate::redact::{self, Name, Redacted};

/// What is known of a request so far, redacted at capture.
pub struct Visit {
    pub(super) gate: Rc<Gate>,
    pub(super) connection: Rc<Connection>,
    id: RequestId,
    now: u64,
    began: Ticks,
    /// Whether it has not ended yet.
    open: bool,
    /// What the record will say, and the room for it; taken when it is written. `None` where nothing is recorded.
    pub(super) record: Option<(Box<Access>, Option<Slot>)>,
    /// What metrics and traces want to know, if they are on.
    pub(super) measure: Option<Measure>,
    body_bytes: Option<Rc<Cell<u64>>>,
    /// Its place among the open ones, once it was let through.
    place: Option<Place>,
    /// What it still owes the limits.
    pub(super) account: Option<Box<Grant>>,
    pub(super) sighted: Sighted,
    /// Its answer is looked through.
    pub(super) watching: Option<Box<Watching>>,
    /// A sanction refuses it.
    sanctioned: bool,
}

impl Visit {
    /// Begins a visit. `slot` is `None` if the trail has no room: then the request is to be refused.
    pub fn begin(
        gate: &Rc<Gate>,
        connection: &Rc<Connection>,
        method: &Method,
        version: Version,
        slot: Option<Slot>,
    ) -> Self {
        let lately = gate.lately.get();
        // Without a record nobody asks for microseconds.
        let unwatched = gate.trail.is_off() && gate.meters.is_none() && gate.tracing.is_none();
        let began = if unwatched { lately.ticks } else { gate.clock.ticks() };
        let started = lately.wall_at(began);
        connection.request_began();
        let id = RequestId::new(started);
        let method = MethodWord::from(method);
        let version = match version {
            Version::HTTP_2 => HttpVersion::Http2,
            Version::HTTP_10 => HttpVersion::Http10,
            _ => HttpVersion::Http11,
        };
        let access = || Access {
            id,
            stage: Stage::Whole,
            started,
            duration_micros: 0,
            upstream_micros: None,
            connection: connection.record(),
            method,
            version,
            route: None,
            query: smallvec::SmallVec::new(),
            hidden_parameters: 0,
            watched: smallvec::SmallVec::new(),
            records: None,
            trace: None,
            issuer: None,
            limit: None,
            rule: None,
            caller: None,
            role: None,
            client: None,
            outcome: Outcome { row: &denial::ALLOWED, shadow: None },
            status: 0,
            bytes_in: 0,
            bytes_out: 0,
            end: End::Complete,
            cut: None,
            policy: std::sync::Arc::clone(&gate.policy_record),
        };
        Self {
            gate: Rc::clone(gate),
            connection: Rc::clone(connection),
            id,
            now: started.seconds(),
            began,
            open: true,
            record: (!gate.trail.is_off()).then(|| (Box::new(access()), slot)),
            measure: Measure::begin(gate, id, (began, started), (method, version)),
            body_bytes: None,
            place: None,
            account: None,
            sighted: Sighted::new(connection.peer.ip()),
            watching: None,
            sanctioned: false,
        }
    }

    /// The request's id, which a refused client sees as the incident id.
    pub const fn id(&self) -> RequestId {
        self.id
    }

    /// When the request began.
    pub const fn began(&self) -> Ticks {
        self.began
    }

    /// Seconds since the epoch at the request's begin.
    pub const fn now(&self) -> u64 {
        self.now
    }

    /// The gate that it visits.
    pub const fn gate(&self) -> &Rc<Gate> {
        &self.gate
    }

    /// What the record will say, until the visit has ended.
    pub(super) fn note(&mut self, write: impl FnOnce(&mut Access)) {
        if let Some((access, _)) = &mut self.record {
            write(access);
        }
    }

    /// The request was not parsed: its method is not known.
    pub fn unparsed(&mut self) {
        self.note(|access| access.method = MethodWord::Other);
        self.measured(Measure::unparsed);
    }

    /// The caller proved who it is.
    pub fn called_by(&mut self, identity: &std::sync::Arc<Identity>) {
        if self.gate.lens.is_on() {
            self.sighted.identity = Some(std::sync::Arc::clone(identity));
        }
        let now = self.now;
        self.note(|access| access.caller = Some(CallerRecord::of(identity, now)));
    }

    /// The client's address came from a trusted proxy.
    pub fn forwarded_for(&mut self, client: Redacted) {
        self.note(|access| access.client = Some(client));
    }

    /// A route was found; of the query, what it allows to be logged is kept.
    pub fn found(&mut self, route: &Route, query: Option<&str>) {
        self.measured(|measure| measure.route = Some(route.index));
        if self.gate.trail.is_off() {
            return;
        }
        let Some((access, _)) = &mut self.record else { return };
        access.route = self.gate.route_records.get(route.index).map(std::sync::Arc::clone);
        if let Some(query) = query {
            (access.query, access.hidden_parameters) = redact::query(query, &route.log_query, &self.gate.redactor);
        }
    }

    /// No route was found: of the query, only the number of parameters is kept.
    pub fn found_nothing(&mut self, query: Option<&str>) {
        if let Some(query) = query {
            let hidden = redact::query(query, &[], &self.gate.redactor).1;
            self.note(|access| access.hidden_parameters = hidden);
        }
    }

    /// A role lets the request through.
    pub fn passes_as(&mut self, role: Option<RoleIndex>) {
        self.sighted.role = role;
        let name = role.and_then(|role| self.gate.policy.roles.name(role)).cloned();
        self.note(|access| access.role = name);
    }

    /// The request would have been refused, had the policy been enforced. The first reason stays.
    pub fn shadowed(&mut self, row: &'static OutcomeRow) {
        self.measured(|measure| measure.shadowed(row));
        self.note(|access| {
            access.outcome.shadow.get_or_insert(row);
        });
    }

    fn limit_of(&self, denial: Denial) -> Option<Name> {
        self.gate.policy.limits.get(denial.limit()?).map(|limit| limit.name.clone())
    }

    /// A limit in shadow would have refused the request, or ended its answer. The first reason stays, and its limit.
    pub(super) fn limit_in_shadow(&mut self, over: Over) {
        let denial = Denial::from(over);
        let limit = self.limit_of(denial);
        self.measured(|measure| measure.shadowed(&denial.row().outcome));
        self.note(|access| {
            if access.outcome.shadow.is_none() {
                access.outcome.shadow = Some(&denial.row().outcome);
                access.limit = limit;
            }
        });
    }

    /// The policy let it through: what may change until it ends can end it.
    pub fn let_through(&mut self, permit: &Permit<'_>, method: &Method, uri: &Uri) {
        // A target without a path was refused long before.
        let Some(target) = uri.path_and_query() else { return };
        let open = Open::new(&self.gate, &self.connection, permit, method.clone(), target.clone(), self.now);
        self.place = Some(self.gate.open.enter(open));
    }

    /// What may end it early.
    pub fn open(&self) -> Option<Rc<Open>> {
        self.place.as_ref().map(|place| Rc::clone(place.open()))
    }

    /// Why it is to end, if it is.
    pub fn is_cut(&self) -> Option<Cut> {
        self.place.as_ref().and_then(|place| place.open().is_cut())
    }

    /// Why it is to end; without a reason, `cx` is woken once there is one.
    pub fn poll_cut(&self, cx: &Context<'_>) -> Poll<Cut> {
        self.place.as_ref().map_or(Poll::Pending, |place| place.open().poll_cut(cx))
    }

    /// Its answer begins.
    pub fn answer_begins(&self) {
        if let Some(place) = &self.place {
            place.open().answers();
        }
    }

    /// By which rule a sanction holds it back, or would have.
    pub(super) fn held_by(&mut self, cause: Name) {
        self.note(|access| {
            access.rule.get_or_insert(cause);
        });
    }

    /// The request is refused.
    pub fn refused(&mut self, denial: Denial) {
        // A sanction's refusals are no sign of a bad policy.
        self.sanctioned = matches!(denial, Denial::Sanction(_) | Denial::Canary);
        if !denial.row().status.is_server_error() && !self.sanctioned {
            self.gate.tally.refused();
        }
        self.measured(|measure| measure.refused(denial));
        let limit = self.limit_of(denial);
        self.note(|access| {
            access.outcome.row = &denial.row().outcome;
            access.limit = limit.or(access.limit.take());
        });
    }

    /// Records that the request is let through, where its route wants that to be durable before the answer; gives what
    /// is to be waited for then. The visit's own record tells of the end alone from here on.
    pub fn decided(&mut self) -> Result<Option<Decided>, Denial> {
        if !self.gate.trail.is_spooled() {
            return Ok(None);
        }
        let Some((access, _)) = &mut self.record else { return Ok(None) };
        if access.route.as_ref().is_none_or(|route| route.commit != Commit::BeforeResponse) {
            return Ok(None);
        }
        let decision = Access { stage: Stage::Decided, ..(**access).clone() };
        let decided = self.gate.trail.decide(decision).ok_or(Denial::Gate(GateFault::Audit))?;
        access.stage = Stage::Ended(RequestId::new(access.started));
        Ok(Some(decided))
    }

    /// The request's body is counted there.
    pub fn counts_body(&mut self, bytes: Rc<Cell<u64>>) {
        self.body_bytes = Some(bytes);
    }

    /// The head of the app's answer is there. The steps before took microseconds, so the time since the visit's begin
    /// is the app's.
    pub fn answered_by_app(&mut self) {
        if !self.gate.trail.is_off() || self.measure.is_some() {
            let now = self.gate.clock.ticks();
            let micros = now.since(self.began);
            self.note(|access| access.upstream_micros = Some(micros));
            self.measured(|measure| measure.answered(now));
        }
    }

    /// The status that goes to the client.
    pub fn answers(&mut self, status: http::StatusCode) {
        // Nor are its answers the app's errors.
        if !self.sanctioned {
            self.gate.tally.answered(status);
        }
        self.note(|access| access.status = status.as_u16());
        self.measured(|measure| measure.status = status.as_u16());
    }

    /// Bytes of the answer's body went out.
    pub fn sent(&mut self, bytes: u64) {
        self.note(|access| access.bytes_out += bytes);
        self.measured(|measure| measure.bytes_out += bytes);
    }

    /// Bytes of an upgraded stream came in.
    pub fn received(&mut self, bytes: u64) {
        self.note(|access| access.bytes_in += bytes);
        self.measured(|measure| measure.bytes_in += bytes);
    }

    /// Ends the visit and writes its record; later calls do nothing. Gives the moment.
    pub fn finish(&mut self, end: End) -> Ticks {
        let now = if self.record.is_some() || self.measure.is_some() {
            self.gate.clock.ticks()
        } else {
            self.gate.lately.get().ticks
        };
        if !std::mem::replace(&mut self.open, false) {
            return now;
        }
        if matches!(end, End::Revoked | End::LimitReached) {
            self.gate.tally.refused();
        }
        self.connection.request_ended(now);
        // Its places among the requests in progress are free before it is written down.
        let records = self.account.take().and_then(|account| account.records());
        let cut = self.place.take().and_then(|place| place.open().is_cut()).map(|cut| cut.denial);
        let limit = cut.and_then(|denial| self.limit_of(denial));
        let came = self.body_bytes.as_ref().map_or(0, |bytes| bytes.get());
        if let Some(mut measure) = self.measure.take() {
            measure.bytes_in += came;
            measure.end(&self.gate, end, cut, now);
        }
        if let Some((mut access, Some(slot))) = self.record.take() {
            access.end = end;
            // Refused on the way, the reason stands in the outcome.
            let cut = cut.filter(|_| matches!(end, End::Revoked | End::Expired | End::LimitReached | End::Uncountable));
            access.cut = cut.map(|denial| &denial.row().outcome);
            if cut.is_some() && limit.is_some() {
                access.limit = limit;
            }
            access.duration_micros = now.since(self.began);
            access.bytes_in += came;
            access.records = records;
            self.seen(&access, now);
            slot.write(Event::Access(access));
        }
        now
    }
}

impl Drop for Visit {
    fn drop(&mut self) {
        if !self.open {
            return;
        }
        let cut = self.is_cut();
        let end = match &self.connection {
            _ if cut.is_some() => cut.map_or(End::ClientGone, |cut| cut.end),
            connection if connection.is_stalled() => End::TimedOut,
            connection if connection.is_draining() => End::Drained,
            _ => End::ClientGone,
        };
        self.finish(end);
    }
}
