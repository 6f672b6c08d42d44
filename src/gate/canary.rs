//! Canaries on a request's way: in its path and query before anything is decided, and in the app's answer before it goes
//! out.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::Arc;

use bytes::Bytes;
use http::response::Parts;
use percent_encoding::percent_decode_str;
use smallvec::{SmallVec, smallvec};

use super::denial::Denial;
use super::identify::caller_record;
use super::open::Cut;
use super::sanction::Asking;
use super::visit::Visit;
use super::{Gate, meter};
use crate::audit::{Alarm, AlarmKind, End, Event, RequestId};
use crate::policy::settings::{Action, AlarmRule, Mode};
use crate::redact::Name;
use crate::watch::canary::{CanarySet, Found, Scanner};
use crate::watch::{Culprit, Shown, Subject};

/// A rule of canaries, ready to look.
#[derive(Clone)]
pub struct CanaryRule {
    /// The rule.
    pub rule: Arc<AlarmRule>,
    /// What was planted.
    pub set: Arc<CanarySet>,
}

/// An answer that is looked through, for each rule.
pub(super) struct Watching(SmallVec<[Scanner; 1]>);

/// Looks through a path and a query. Whoever shows a canary is dealt with before this same request is judged.
pub fn in_request(
    gate: &Gate,
    path: &str,
    query: Option<&str>,
    asking: &Asking<'_>,
    visit: &Visit,
) -> Result<(), Denial> {
    let mut cut = Ok(());
    for watched in &gate.canaries {
        let mut found = Found::some();
        let mut look = |text: &str| watched.set.search_value(text, &mut found);
        look(&percent_decode_str(path).decode_utf8_lossy());
        if let Some(query) = query {
            let spaced = query.replace('+', " ");
            let once = percent_decode_str(&spaced).decode_utf8_lossy();
            look(&once);
            // A plus of an address is often sent as it is.
            look(&percent_decode_str(query).decode_utf8_lossy());
            if once.contains('%') {
                look(&percent_decode_str(&once).decode_utf8_lossy());
            }
        }
        for name in found.names() {
            raise(gate, &watched.rule, name, asking, visit);
        }
        if !found.names().is_empty() && cuts(&watched.rule) {
            cut = Err(Denial::Canary);
        }
    }
    cut
}

fn cuts(rule: &AlarmRule) -> bool {
    rule.mode == Mode::Enforce && rule.then.contains(&Action::Cut)
}

/// Raises the alarm, and does what the rule says.
fn raise(gate: &Gate, rule: &AlarmRule, name: &Name, asking: &Asking<'_>, visit: &Visit) {
    gate.lookout.canary(&rule.name);
    let keys = gate.sanctions.keys();
    let (subject, shown) = match asking.identity {
        Some(identity) => {
            (Subject::Caller(keys.caller(identity)), Shown::Caller(Box::new(caller_record(identity, visit.now()))))
        }
        None => {
            let address = gate.redactor.address(asking.address, gate.policy.redaction.address);
            (Subject::Address(keys.address(asking.address)), Shown::Address(address))
        }
    };
    let mut finding = DefaultHasher::new();
    (rule.name.as_str(), name.as_str(), &subject).hash(&mut finding);
    let now = gate.lately.get().ticks.max(visit.began());
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
            caller: asking.identity.map(|identity| caller_record(identity, visit.now())),
            source: Some(gate.redactor.address(asking.address, gate.policy.redaction.address)),
            route: asking.route.and_then(|route| gate.route_records.get(route.index)).map(Arc::clone),
            subject: Some(name.clone()),
            requests: smallvec![visit.id()],
            policy: Arc::clone(&gate.policy_record),
        };
        // Without room the trail counts a lost record.
        gate.trail.record(Event::Alarm(Box::new(alarm)));
    }
    // A trusted proxy stands for everybody behind it.
    if asking.identity.is_none() && gate.policy.gate.trusted_proxies.contains(asking.address) {
        return;
    }
    let culprit = Culprit { subject, shown, request: Some(visit.id()), policy: &gate.policy_record };
    gate.sanctions.act(rule, &culprit, now);
}

impl Visit {
    /// Whether its answer is looked through: then the app is to send it plain and whole.
    pub(super) fn is_watched(&self) -> bool {
        !self.gate.canaries.is_empty()
    }

    /// The head of its answer is there. What cannot be looked through does not pass, unless no rule is enforced.
    pub(super) fn watches(&mut self, head: &Parts) -> Result<(), Denial> {
        let gate = std::rc::Rc::clone(&self.gate);
        if gate.canaries.is_empty() {
            return Ok(());
        }
        if !meter::is_plain(head) {
            if gate.canaries.iter().any(|watched| watched.rule.mode == Mode::Enforce) {
                return Err(Denial::Unsearchable);
            }
            self.shadowed(&Denial::Unsearchable.row().outcome);
            return Ok(());
        }
        let json = meter::is_json(&head.headers);
        let scanners = gate.canaries.iter().map(|watched| Scanner::new(&watched.set, json));
        self.watching = Some(Box::new(Watching(scanners.collect())));
        Ok(())
    }

    /// A piece of the answer is about to go out. It stays back if a rule cuts the answer.
    pub(super) fn looks(&mut self, piece: &mut Bytes) {
        let Some(mut watching) = self.watching.take() else { return };
        let gate = std::rc::Rc::clone(&self.gate);
        for (watched, scanner) in gate.canaries.iter().zip(&mut watching.0) {
            let found = scanner.read(piece);
            let Some(open) = self.open().filter(|_| !found.is_empty()) else { continue };
            let asking = Asking { identity: open.identity(), address: open.address(), route: open.route() };
            for name in found {
                raise(&gate, &watched.rule, name, &asking, self);
            }
            if cuts(&watched.rule) {
                piece.clear();
                open.ends(Cut { end: End::Revoked, denial: Denial::Canary });
            }
        }
        self.watching = Some(watching);
    }
}
