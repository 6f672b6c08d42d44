//! What sanctions make of a request, and what refusals make of its caller. They are no part of a decision: like limits
//! they depend on what came before, and are judged beside it.

use std::net::IpAddr;
use std::sync::Arc;

use http::header::HeaderMap;

use super::connection::Connection;
use super::denial::{BodyFault, Denial, RequestFault};
use super::open::Open;
use super::visit::Visit;
use super::{Gate, guard};
use crate::audit::CallerRecord;
use crate::identity::{Identity, IdentityRefusal};
use crate::policy::decide::Reason;
use crate::policy::path::PathFault;
use crate::policy::roles::RoleIndex;
use crate::policy::route::Route;
use crate::policy::settings::{LockoutSettings, Mode};
use crate::redact::Name;
use crate::watch::{Asked, Failing, Judgement, Offender, Shown};
use crate::wire::HeadFault;

/// Refuses who is shut out before anything is done for it: everything's quarantine, and an address that is locked, unless
/// it shows a credential that may spare it.
pub fn at_the_door(gate: &Gate, connection: &Connection, fields: &HeaderMap, visit: &mut Visit) -> Result<(), Denial> {
    if gate.sanctions.is_quiet() {
        return Ok(());
    }
    // What is no address is refused by the guard.
    let Some(address) = guard::address(gate, connection, fields) else { return Ok(()) };
    let shown = gate.identifier.credential_headers().any(|name| fields.contains_key(name));
    let presents = shown || !connection.chain().is_empty();
    let asked = Asked { caller: None, presents, address, role: None, route: None, wall: visit.now() };
    let judgement = gate.sanctions.shuts_out(&asked, visit.began());
    apply(gate, judgement, visit)
}

/// Counts a request that is not sound.
pub fn malformed(gate: &Gate, connection: &Connection, fields: &HeaderMap, denial: Denial, visit: &Visit) {
    if gate.policy.lockout.is_some()
        && let Some(address) = guard::address(gate, connection, fields)
    {
        Asking { identity: None, address, route: None }.refused(gate, denial, Mode::Enforce, visit);
    }
}

/// Ends what is open and may not go on, if something was imposed since `seen`.
pub fn cut(gate: &Gate, seen: &mut u64) {
    if !gate.sanctions.has_changed(seen) || gate.sanctions.is_quiet() {
        return;
    }
    gate.open.cut(|open| holds(gate, open));
}

/// Why what is open may not go on, if it may not.
pub(super) fn holds(gate: &Gate, open: &Open) -> Option<Denial> {
    let asked = Asked {
        caller: open.identity(),
        presents: false,
        address: open.address(),
        role: open.role(),
        route: open.route().map(|route| &route.name),
        wall: open.began(),
    };
    let judgement = gate.sanctions.judge_open(&asked, gate.lately.get().ticks)?;
    judgement.refuses(gate.policy.mode).then_some(Denial::Sanction(judgement.held))
}

/// Who asks for what.
pub struct Asking<'a> {
    /// Who proved to be the caller.
    pub identity: Option<&'a Identity>,
    /// The client's address.
    pub address: IpAddr,
    /// The route that was found.
    pub route: Option<&'a Arc<Route>>,
}

impl Asking<'_> {
    fn asked<'b>(&'b self, role: Option<&'b Name>, visit: &Visit) -> Asked<'b> {
        Asked {
            caller: self.identity,
            presents: false,
            address: self.address,
            role,
            route: self.route.map(|route| &route.name),
            wall: visit.now(),
        }
    }

    /// Whether it is shut out, whatever the policy says.
    pub fn shut_out(&self, gate: &Gate, visit: &mut Visit) -> Result<(), Denial> {
        let judgement = gate.sanctions.shuts_out(&self.asked(None, visit), visit.began());
        apply(gate, judgement, visit)
    }

    /// Whether what the policy lets through by `role` passes. Where that role is shut, another of the caller's that the
    /// route allows does as well; gives the one by which it passes.
    pub fn pass(&self, gate: &Gate, role: Option<RoleIndex>, visit: &mut Visit) -> Result<Option<RoleIndex>, Denial> {
        if gate.sanctions.is_quiet() {
            return Ok(role);
        }
        let name = |role: Option<RoleIndex>| role.and_then(|role| gate.policy.roles.name(role));
        let is_shut = |role: Option<RoleIndex>| {
            let judgement = gate.sanctions.shuts_out(&self.asked(name(role), visit), visit.began());
            judgement.is_some_and(|judgement| judgement.refuses(gate.policy.mode))
        };
        let shared = self.identity.zip(self.route).filter(|_| role.is_some());
        let others = shared.map(|(identity, route)| identity.roles.intersection(&route.allow));
        let open = others.and_then(|others| others.iter().map(Some).find(|role| !is_shut(*role)));
        let role = open.unwrap_or(role);
        let judgement = gate.sanctions.judge(&self.asked(name(role), visit), visit.began());
        apply(gate, judgement, visit).map(|()| role)
    }

    /// It is refused: one failure, if that tells of misuse, of the caller whose credential was verified, or else of the
    /// address. Nobody can make another caller fail without showing that caller's credential.
    ///
    /// What passes because its route is in shadow is none: the route may be wrong. Where all of the policy is in shadow,
    /// so is the lock that comes of it.
    pub fn refused(&self, gate: &Gate, denial: Denial, mode: Mode, visit: &Visit) {
        let Some(lockout) = &gate.policy.lockout else { return };
        if tells_of_misuse(denial) && (mode == Mode::Enforce || gate.policy.mode == Mode::Shadow) {
            self.failed(gate, lockout, visit);
        }
    }

    fn failed(&self, gate: &Gate, lockout: &LockoutSettings, visit: &Visit) {
        let keys = gate.sanctions.keys();
        let (offender, threshold) = match self.identity {
            Some(identity) => (Offender::Caller(keys.caller(identity)), &lockout.caller),
            // A trusted proxy stands for everybody behind it.
            None if gate.policy.gate.trusted_proxies.contains(self.address) => return,
            None => (Offender::Address(keys.address(self.address), keys.site(self.address)), &lockout.address),
        };
        let Some(threshold) = threshold else { return };
        let shown = || match self.identity {
            Some(identity) => Shown::Caller(Box::new(CallerRecord::of(identity, visit.now()))),
            None => Shown::Address(gate.redactor.address(self.address, gate.policy.redaction.address)),
        };
        let failing = Failing {
            offender,
            shown,
            threshold,
            rule: lockout.rule.clone(),
            mode: lockout.mode,
            spares_proven: lockout.spares_proven,
            request: visit.id(),
            policy: &gate.policy_record,
        };
        gate.sanctions.failed(failing, visit.began());
    }
}

fn apply(gate: &Gate, judgement: Option<Judgement>, visit: &mut Visit) -> Result<(), Denial> {
    let Some(judgement) = judgement else { return Ok(()) };
    let denial = Denial::Sanction(judgement.held);
    let refuses = judgement.refuses(gate.policy.mode);
    visit.held_by(judgement.cause);
    if refuses {
        return Err(denial);
    }
    visit.shadowed(&denial.row().outcome);
    Ok(())
}

/// Heads that only an attack sends.
const HEADS: [HeadFault; 7] = [
    HeadFault::BareLineFeed,
    HeadFault::Folded,
    HeadFault::Length,
    HeadFault::RepeatedLength,
    HeadFault::Encoding,
    HeadFault::LengthAndEncoding,
    HeadFault::RepeatedHost,
];

/// Whether a refusal of the past, by its code in records, told of misuse.
pub fn is_misuse(code: &str) -> bool {
    let heads = HEADS.into_iter().map(Denial::Head);
    let paths = PathFault::ALL.into_iter().map(Denial::Path);
    let credentials = IdentityRefusal::ALL.into_iter().map(Denial::Identity);
    let reasons = Reason::ALL.into_iter().map(Denial::Policy);
    let mut all = heads.chain(paths).chain(credentials).chain(reasons);
    code == Denial::Request(RequestFault::HostConflict).row().outcome.code
        || all.any(|denial| denial.row().outcome.code == code && tells_of_misuse(denial))
}

/// Whether a refusal tells of misuse: what a sound client with a sound credential does not do, and not by mistake. What
/// an honest client meets in its day (an expired token, a second factor to be shown again, a path without a route, a
/// limit) is none.
fn tells_of_misuse(denial: Denial) -> bool {
    match denial {
        Denial::Head(fault) => HEADS.contains(&fault),
        Denial::Path(fault) => matches!(
            fault,
            PathFault::Nul
                | PathFault::Control
                | PathFault::Backslash
                | PathFault::DoubleEncoding
                | PathFault::NotUtf8
                | PathFault::DotDot
        ),
        Denial::Request(fault) => matches!(fault, RequestFault::HostConflict),
        Denial::Identity(refusal) => is_forged(refusal),
        Denial::Policy(reason) => matches!(
            reason,
            Reason::Address | Reason::AmbiguousPath | Reason::Role | Reason::NoDevice | Reason::OtherDevice
        ),
        Denial::Body(BodyFault::TooLarge | BodyFault::Stalled | BodyFault::Broken | BodyFault::Gone)
        | Denial::Limit(_)
        | Denial::Uncountable(_)
        | Denial::Sanction(_)
        | Denial::Canary
        | Denial::Unsearchable
        | Denial::UnsearchableBody
        | Denial::Gate(_)
        | Denial::Upstream(_) => false,
    }
}

/// Whether a credential that proves nobody was made up, stolen or taken back. One that has run out, or that cannot be
/// judged, is an honest client's.
const fn is_forged(refusal: IdentityRefusal) -> bool {
    !matches!(
        refusal,
        IdentityRefusal::TokenExpired
            | IdentityRefusal::TokenNotYetValid
            | IdentityRefusal::ApiKeyExpired
            | IdentityRefusal::CertificateExpired
            | IdentityRefusal::DpopTime
            | IdentityRefusal::DpopReplaysFull
            | IdentityRefusal::KeysUnavailable
            | IdentityRefusal::IntrospectionUnavailable
    )
}
