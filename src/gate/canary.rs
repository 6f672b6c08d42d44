//! Canaries on a request's way: in its path, query and fields before anything is decided, in its body before the app sees
//! it, and in the app's answer before it goes out: fields, body, trailers.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::rc::Rc;
use std::sync::Arc;

use bytes::Bytes;
use http::header::{self, HeaderMap, HeaderValue};
use http::response::Parts;
use http::status::StatusCode;
use http_body::Frame;
use percent_encoding::percent_decode_str;
use smallvec::{SmallVec, smallvec};

use super::Gate;
use super::denial::Denial;
use super::open::{Cut, Open};
use super::sanction::{self, Asking};
use super::visit::Visit;
use crate::audit::{Alarm, AlarmKind, CallerRecord, End, Event, RequestId};
use crate::clock::Ticks;
use crate::policy::settings::{Action, AlarmRule, Mode, Place};
use crate::redact::Name;
use crate::watch::canary::{CanarySet, Coding, Found, MIN_BYTES, Reader, search_request};
use crate::watch::{Culprit, Shown, Subject};

/// A rule of canaries, ready to look.
#[derive(Clone)]
pub struct CanaryRule {
    /// The rule.
    pub rule: Arc<AlarmRule>,
    /// What was planted.
    pub set: Arc<CanarySet>,
}

/// An answer that is looked through, for each rule that does; none once it cannot be read.
pub(super) struct Watching(Readers);

/// For each rule, what reads for it.
type Readers = SmallVec<[Option<Reader>; 1]>;

/// Looks through a path, a query and fields. Whoever shows a canary is dealt with before this same request is judged.
pub fn in_request(
    gate: &Gate,
    path: &str,
    query: Option<&str>,
    fields: &HeaderMap,
    asking: &Asking<'_>,
    visit: &Visit,
) -> Result<(), Denial> {
    let mut cut = Ok(());
    let mut values = None;
    for watched in &gate.canaries {
        let mut found = Found::some();
        if watched.rule.when.searches(Place::Target) {
            in_target(&watched.set, path, query, &mut found);
        }
        if watched.rule.when.searches(Place::Headers) {
            search_request(&watched.set, values.get_or_insert_with(|| text_of(fields)), &mut found);
        }
        for name in found.names() {
            raise(gate, &watched.rule, name, asking, &visit.moment());
        }
        if !found.names().is_empty() && cuts(&watched.rule) {
            cut = Err(Denial::Canary);
        }
    }
    cut
}

fn in_target(set: &Arc<CanarySet>, path: &str, query: Option<&str>, found: &mut Found) {
    let mut look = |text: &str| set.search_value(text, found);
    look(&percent_decode_str(path).decode_utf8_lossy());
    let Some(query) = query else { return };
    let spaced = query.replace('+', " ");
    let once = percent_decode_str(&spaced).decode_utf8_lossy();
    look(&once);
    // A plus of an address is often sent as it is.
    look(&percent_decode_str(query).decode_utf8_lossy());
    if once.contains('%') {
        look(&percent_decode_str(&once).decode_utf8_lossy());
    }
    // A parameter that holds JSON or HTML.
    if once.contains('\\') || once.contains("&#") {
        search_request(set, once.as_bytes(), found);
    }
}

/// All values that may hold a canary, one after the other.
fn text_of(fields: &HeaderMap) -> Vec<u8> {
    let mut text = Vec::new();
    for value in fields.values().filter(|value| value.len() >= MIN_BYTES) {
        text.extend_from_slice(value.as_bytes());
        text.push(b'\n');
    }
    text
}

fn cuts(rule: &AlarmRule) -> bool {
    rule.mode == Mode::Enforce && rule.then.contains(&Action::Cut)
}

/// Of which request an alarm tells.
struct Moment {
    id: RequestId,
    /// Seconds since the epoch.
    now: u64,
    began: Ticks,
}

/// Raises the alarm, and does what the rule says.
fn raise(gate: &Gate, rule: &AlarmRule, name: &Name, asking: &Asking<'_>, moment: &Moment) {
    gate.lookout.canary(&rule.name);
    let keys = gate.sanctions.keys();
    let (subject, shown) = match asking.identity {
        Some(identity) => {
            (Subject::Caller(keys.caller(identity)), Shown::Caller(Box::new(CallerRecord::of(identity, moment.now))))
        }
        None => {
            let address = gate.redactor.address(asking.address, gate.policy.redaction.address);
            (Subject::Address(keys.address(asking.address)), Shown::Address(address))
        }
    };
    let mut finding = DefaultHasher::new();
    (rule.name.as_str(), name.as_str(), &subject).hash(&mut finding);
    let now = gate.lately.get().ticks.max(moment.began);
    if gate.sanctions.is_news(finding.finish(), now) {
        let at = gate.clock.wall();
        let alarm = Alarm {
            id: RequestId::new(at),
            at,
            kind: AlarmKind::Canary,
            rule: rule.name.clone(),
            first: at,
            last: at,
            observed: 1,
            allowed: Some(0),
            caller: asking.identity.map(|identity| CallerRecord::of(identity, moment.now)),
            source: Some(gate.redactor.address(asking.address, gate.policy.redaction.address)),
            route: asking.route.and_then(|route| gate.route_records.get(route.index)).map(Arc::clone),
            subject: Some(name.clone()),
            requests: smallvec![moment.id],
            policy: Arc::clone(&gate.policy_record),
        };
        // Without room the trail counts a lost record.
        gate.trail.record(Event::Alarm(Box::new(alarm)));
    }
    // A trusted proxy stands for everybody behind it.
    if asking.identity.is_none() && gate.policy.gate.trusted_proxies.contains(asking.address) {
        return;
    }
    let culprit = Culprit { subject, shown, request: Some(moment.id), policy: &gate.policy_record };
    gate.sanctions.act(rule, &culprit, now);
}

impl Visit {
    fn moment(&self) -> Moment {
        Moment { id: self.id(), now: self.now(), began: self.began() }
    }

    /// Whether its answer is looked through: then the app is to send it plain and whole.
    pub(super) fn is_watched(&self) -> bool {
        self.gate.canaries.iter().any(|watched| watched.rule.when.searches(Place::Answer))
    }

    /// The head of its answer is there: its fields are looked through. What cannot be looked through does not pass, unless
    /// no rule is enforced.
    pub(super) fn watches(&mut self, head: &Parts) -> Result<(), Denial> {
        let gate = Rc::clone(&self.gate);
        if !self.is_watched() {
            return Ok(());
        }
        if let Some(open) = self.open() {
            in_fields(&gate, Place::Answer, &head.headers, &open, &self.moment())?;
        }
        let coding = coding(&head.headers).filter(|_| head.status != StatusCode::PARTIAL_CONTENT);
        let Some(coding) = coding else {
            if is_enforced(&gate, Place::Answer) {
                return Err(Denial::Unsearchable);
            }
            self.shadowed(&Denial::Unsearchable.row().outcome);
            return Ok(());
        };
        let readers = readers(&gate, Place::Answer, |watched| Reader::answer(&watched.set, coding));
        self.watching = Some(Box::new(Watching(readers)));
        Ok(())
    }

    /// A piece of the answer is about to go out. It stays back if a rule cuts the answer.
    pub(super) fn looks(&mut self, piece: &mut Bytes) {
        let Some(mut watching) = self.watching.take() else { return };
        let gate = Rc::clone(&self.gate);
        if let Some(open) = self.open()
            && let Err(denial) = look(&gate, &mut watching.0, piece, &open, &self.moment(), Denial::Unsearchable)
        {
            piece.clear();
            open.ends(Cut { end: End::Revoked, denial });
        }
        self.watching = Some(watching);
    }

    /// The same of what comes behind the last piece.
    pub(super) fn looks_behind(&self, trailers: &HeaderMap) {
        if let Some(open) = self.open().filter(|_| self.is_watched())
            && let Err(denial) = in_fields(&self.gate, Place::Answer, trailers, &open, &self.moment())
        {
            open.ends(Cut { end: End::Revoked, denial });
        }
    }
}

/// A request's body that is looked through on its way to the app.
pub struct Body {
    gate: Rc<Gate>,
    open: Rc<Open>,
    moment: Moment,
    readers: Readers,
}

impl Body {
    /// That of a request with these fields, if it `has` one. One that cannot be looked through does not pass, unless no
    /// rule is enforced.
    pub fn of(gate: &Gate, fields: &HeaderMap, has: bool, visit: &mut Visit) -> Result<Option<Box<Self>>, Denial> {
        if !has || !gate.canaries.iter().any(|watched| watched.rule.when.searches(Place::Body)) {
            return Ok(None);
        }
        let Some(open) = visit.open() else { return Ok(None) };
        let Some(coding) = coding(fields) else {
            if is_enforced(gate, Place::Body) {
                return Err(Denial::UnsearchableBody);
            }
            visit.shadowed(&Denial::UnsearchableBody.row().outcome);
            return Ok(None);
        };
        let media = fields.get(header::CONTENT_TYPE).map(|value| value.as_bytes().to_ascii_lowercase());
        let form = media.is_some_and(|media| media.starts_with(b"application/x-www-form-urlencoded"));
        let gate = Rc::clone(visit.gate());
        let readers = readers(&gate, Place::Body, |watched| Reader::request(&watched.set, coding, form));
        Ok(Some(Box::new(Self { moment: visit.moment(), gate, open, readers })))
    }

    /// A piece is about to go to the app, or trailers; an error if they may not, and then the request is ended.
    pub fn looks(&mut self, frame: &Frame<Bytes>) -> Result<(), Denial> {
        let Self { gate, open, moment, readers } = self;
        let looked = match (frame.data_ref(), frame.trailers_ref()) {
            (Some(piece), _) => look(gate, readers, piece, open, moment, Denial::UnsearchableBody),
            (None, Some(trailers)) => in_fields(gate, Place::Body, trailers, open, moment),
            (None, None) => Ok(false),
        };
        // Who is locked for what this body shows does not have it served.
        let looked = looked.and_then(|found| match found {
            true => sanction::holds(gate, open).map_or(Ok(()), Err),
            false => Ok(()),
        });
        looked.inspect_err(|denial| open.ends(Cut { end: End::Revoked, denial: *denial }))
    }
}

/// Reads a piece for every rule, and raises what is found; whether there was any. An error if a rule ends the request.
fn look(
    gate: &Gate,
    readers: &mut Readers,
    piece: &[u8],
    open: &Open,
    moment: &Moment,
    unreadable: Denial,
) -> Result<bool, Denial> {
    let (mut any, mut ends) = (false, Ok(()));
    for (watched, reader) in gate.canaries.iter().zip(readers) {
        let Some(read) = reader.as_mut().map(|reader| reader.read(piece)) else { continue };
        let Ok(found) = read else {
            // Where it is only watched, the rest passes unseen.
            *reader = None;
            if watched.rule.mode == Mode::Enforce {
                ends = Err(unreadable);
            }
            continue;
        };
        any |= !found.is_empty();
        ends = tell(gate, &watched.rule, &found, open, moment).and(ends);
    }
    ends.map(|()| any)
}

/// Looks through fields that are whole: of an answer, or trailers. They are read as loosely as what a request says.
fn in_fields(gate: &Gate, place: Place, fields: &HeaderMap, open: &Open, moment: &Moment) -> Result<bool, Denial> {
    let mut text = None;
    let (mut any, mut ends) = (false, Ok(()));
    for watched in gate.canaries.iter().filter(|watched| watched.rule.when.searches(place)) {
        let mut found = Found::some();
        search_request(&watched.set, text.get_or_insert_with(|| text_of(fields)), &mut found);
        any |= !found.names().is_empty();
        ends = tell(gate, &watched.rule, found.names(), open, moment).and(ends);
    }
    ends.map(|()| any)
}

/// Raises what a rule has found on the way; an error if it ends the request for that.
fn tell(gate: &Gate, rule: &AlarmRule, found: &[Name], open: &Open, moment: &Moment) -> Result<(), Denial> {
    let asking = Asking { identity: open.identity(), address: open.address(), route: open.route() };
    for name in found {
        raise(gate, rule, name, &asking, moment);
    }
    if !found.is_empty() && cuts(rule) { Err(Denial::Canary) } else { Ok(()) }
}

fn readers(gate: &Gate, place: Place, reader: impl Fn(&CanaryRule) -> Reader) -> Readers {
    let of = |watched: &CanaryRule| watched.rule.when.searches(place).then(|| reader(watched));
    gate.canaries.iter().map(of).collect()
}

fn is_enforced(gate: &Gate, place: Place) -> bool {
    gate.canaries.iter().any(|watched| watched.rule.mode == Mode::Enforce && watched.rule.when.searches(place))
}

fn coding(fields: &HeaderMap) -> Option<Coding> {
    Coding::of(fields.get_all(header::CONTENT_ENCODING).iter().map(HeaderValue::as_bytes))
}
