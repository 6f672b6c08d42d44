//! The request's way. Each step gives evidence that only it can make, and the next one demands it:
//!
//! ```text
//! normalise ─► identify ─► guard ─► authorise ─► admit ─► forward
//! Normalised   Caller      Cleared  Permit       Admitted  Answered
//! ```
//!
//! [`handle`] owns the clock, the id and the visit; [`way`] is the list of steps.

mod admit;
mod authorise;
mod body;
mod connection;
mod denial;
mod forward;
mod guard;
mod headers;
mod identify;
mod normalise;
mod refuse;
mod tunnel;
mod visit;

use std::cell::Cell;
use std::rc::Rc;
use std::sync::Arc;

use http::{Request, Response, header};
use http_body::Body as _;
use hyper::body::Incoming;
use tokio::sync::watch;

use crate::audit::{PolicyRecord, RouteRecord, Trail};
use crate::clock::{Clock, Ticks};
use crate::identity::{AssertionSigner, Identifier};
use crate::limits::Limits;
use crate::policy::Policy;
use crate::redact::Redactor;
use crate::upstream::Pool;
pub use body::{AnswerBody, ClientBody};
pub use connection::{Connection, Order};
pub use denial::{ALLOWED, BodyFault, Denial, GateFault, RequestFault, Row};
use forward::{Answered, Arrived};
use visit::Visit;

/// How far the gate is with stopping.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// It serves.
    Serving,
    /// It takes no new connections and lets open requests end.
    Draining,
    /// What is still open is cut.
    Cutting,
}

/// All that a request needs of a gate; one for each worker, what can be shared is shared.
pub struct Gate {
    /// The policy in force.
    pub policy: Arc<Policy>,
    /// What records say of it.
    pub policy_record: Arc<PolicyRecord>,
    /// What records say of its routes, by their index.
    pub route_records: Vec<Arc<RouteRecord>>,
    /// The ways to prove who one is.
    pub identifier: Arc<Identifier>,
    /// Signs the assertion to the app, if configured.
    pub signer: Option<AssertionSigner>,
    /// The maker of redacted text.
    pub redactor: Arc<Redactor>,
    /// The limits, shared by the workers.
    pub limits: Arc<Limits>,
    /// The trail, shared by the workers.
    pub trail: Trail,
    /// This worker's connections to the app.
    pub pool: Rc<Pool<ClientBody>>,
    /// The scheme by which the app is spoken to.
    pub scheme: http::uri::Scheme,
    /// Time.
    pub clock: Clock,
    /// The time of the watch's last look at this worker's connections: for dead-lines that need no clock call.
    pub lately: Cell<Ticks>,
    /// How far the gate is with stopping.
    pub stage: watch::Receiver<Stage>,
}

impl Gate {
    /// Waits until open streams are to be cut.
    pub async fn cut(&self) {
        // An error means that the sender is gone, and with it the gate.
        let _ = self.stage.clone().wait_for(|stage| *stage == Stage::Cutting).await;
    }
}

/// Serves one request. Whatever happens, its visit ends in exactly one record.
pub async fn handle(
    gate: Rc<Gate>,
    connection: Rc<Connection>,
    mut request: Request<Incoming>,
) -> Response<AnswerBody> {
    let slot = gate.trail.reserve();
    let kept = slot.is_some();
    let mut visit = Visit::begin(&gate, &connection, request.method(), request.version(), slot);
    let fault = connection.wire.as_ref().and_then(|wire| wire.fault_of(connection.requests()));
    if let Some(fault) = fault {
        visit.unparsed();
        return refuse::refuse(Denial::Head(fault), None, true, visit);
    }
    if !kept {
        return refuse::refuse(Denial::Gate(GateFault::Audit), None, false, visit);
    }
    let upgrade = request.headers().contains_key(header::UPGRADE).then(|| hyper::upgrade::on(&mut request));
    let (parts, body) = request.into_parts();
    let has_body = !body.is_end_stream();
    let arrived = Arrived { method: parts.method, version: parts.version, fields: parts.headers, body, upgrade };
    match way(&gate, &connection, &parts.uri, arrived, &mut visit).await {
        Ok((answered, pii)) => forward::answer(&connection, answered, pii, visit),
        Err((denial, route)) => {
            // A body that nobody reads is not left in front of the next request.
            let close = has_body && connection.wire.is_some();
            refuse::refuse(denial, route.as_deref(), close, visit)
        }
    }
}

/// A refusal, and the route that was found before it, if one was.
type Refused = (Denial, Option<Arc<crate::policy::route::Route>>);

/// The way.
async fn way(
    gate: &Rc<Gate>,
    connection: &Rc<Connection>,
    uri: &http::Uri,
    arrived: Arrived,
    visit: &mut Visit,
) -> Result<(Answered, bool), Refused> {
    let early = |denial| (denial, None);
    let Arrived { method, version, fields, .. } = &arrived;
    let normalised = normalise::normalise(gate, connection, method, uri, *version, fields).map_err(early)?;
    let caller = identify::identify(gate, connection, &normalised, fields, visit);
    let cleared = guard::guard(gate, connection, caller, fields, visit).map_err(early)?;
    let permit = authorise::authorise(gate, &normalised, method, cleared, visit)?;
    let route = permit.route;
    let late = |denial| (denial, route.cloned());
    let admitted = admit::admit(gate, permit, fields).map_err(late)?;
    let answered = forward::forward(gate, connection, uri, normalised, admitted, arrived, visit).await;
    Ok((answered.map_err(late)?, route.is_some_and(|route| route.is_pii())))
}
