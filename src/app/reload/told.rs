//! What the trail is told of changes, and of certificates that end.

use std::sync::Arc;

use smallvec::SmallVec;

use super::attempt::{InForce, Place, Refusal};
use super::contents::{Contents, Group};
use super::expiry::Ending;
use crate::audit::{Alarm, AlarmKind, Author, Change, Event, RequestId, Subject, Trail};
use crate::clock::Clock;
use crate::gate::Terms;
use crate::redact::{Name, Part, Redacted};

/// What is recorded for a group of files.
const fn subject(group: Group) -> Subject {
    match group {
        Group::Policy => Subject::Policy,
        Group::Certificates => Subject::Certificate,
        Group::Keys => Subject::Keys,
    }
}

/// Names what is in force of a group.
fn digest(state: &InForce, group: Group) -> Name {
    match group {
        Group::Policy => state.assembled.terms.policy.digest.clone(),
        other => state.contents.digest(other),
    }
}

/// A record for each group of files that is not as it was.
pub(super) fn accepted(
    trail: &Trail,
    clock: &Clock,
    [before, after]: [&InForce; 2],
    author: &Author,
    changes: Vec<Redacted>,
) {
    let back = *author == Author::Rollback;
    let mut changes = Some(changes);
    for (group, text) in [
        (Group::Policy, if back { "A policy was taken back." } else { "A policy was put in force." }),
        (Group::Certificates, if back { "Certificates were taken back." } else { "Certificates were put in force." }),
        (Group::Keys, if back { "Keys were taken back." } else { "Keys were put in force." }),
    ] {
        let (old, new) = (digest(before, group), digest(after, group));
        if old == new {
            continue;
        }
        // What is said is of the policy, or of why something was taken back: it stands in the first record.
        let changes = if group == Group::Policy || back { changes.take().unwrap_or_default() } else { Vec::new() };
        let generation = after.assembled.terms.generation;
        record(
            trail,
            clock,
            Told { group, before: old, after: Some(new), text, author: author.clone(), changes, generation },
        );
    }
}

/// A record of a start with the last good policy.
pub(super) fn recovered(trail: &Trail, place: &Place, terms: &Terms) {
    record(
        trail,
        &place.clock,
        Told {
            group: Group::Policy,
            before: Contents::of(&place.policy, &[]).digest(Group::Policy),
            after: Some(terms.policy.digest.clone()),
            text: "The policy was at fault at the start; the last good one was put in force.",
            author: Author::Start,
            changes: Vec::new(),
            generation: terms.generation,
        },
    );
}

/// A record of what is not put in force.
pub(super) fn refused(trail: &Trail, clock: &Clock, current: &InForce, refusal: &Refusal, author: Author) {
    let mut changes: Vec<_> = refusal.faults.iter().map(super::attempt::Fault::sentence).collect();
    if refusal.more > 0 {
        changes.push(Redacted::sentence(&[Part::Text("and "), Part::Count(refusal.more), Part::Text(" more faults")]));
    }
    record(
        trail,
        clock,
        Told {
            group: refusal.group,
            before: digest(current, refusal.group),
            after: None,
            text: "A change is not fit to run; what was in force stays.",
            author,
            changes,
            generation: current.assembled.terms.generation,
        },
    );
}

/// An alarm for each certificate that ends soon, or has ended.
pub(super) fn ending(trail: &Trail, clock: &Clock, current: &InForce, endings: &[Ending]) {
    for Ending { key, left, allowed } in endings {
        let (Ok(rule), at) = (Name::configured("certificate-expiry"), clock.wall()) else { continue };
        trail.record(Event::Alarm(Box::new(Alarm {
            id: RequestId::new(at),
            at,
            kind: AlarmKind::CertificateExpiry,
            rule,
            first: at,
            last: at,
            observed: *left,
            allowed: Some(*allowed),
            caller: None,
            source: None,
            route: None,
            subject: Name::configured(key).ok(),
            requests: SmallVec::new(),
            policy: Arc::clone(&current.assembled.terms.policy_record),
        })));
    }
}

struct Told {
    group: Group,
    before: Name,
    after: Option<Name>,
    text: &'static str,
    author: Author,
    changes: Vec<Redacted>,
    generation: u64,
}

fn record(trail: &Trail, clock: &Clock, told: Told) {
    let at = clock.wall();
    let Told { group, before, after, text, author, changes, generation } = told;
    let subject = subject(group);
    let change = Change { id: RequestId::new(at), at, subject, before, after, text, author, changes, generation };
    // Without room the trail counts a lost record.
    trail.record(Event::Change(Box::new(change)));
}
