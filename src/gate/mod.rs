//! The request's way. Each step gives evidence that only it can make, and the next one demands it:
//!
//! ```text
//! normalise ─► identify ─► guard ─► authorise ─► admit ──► depart ───► forward
//! Normalised   Caller      Cleared  Permit       Admitted  Departure   Answered
//! ```
//!
//! [`handle`] owns the visit and waits for the app, and before that for an issuer whose word a token needs; [`way`] is
//! the list of steps that judge.

mod admit;
mod authorise;
mod body;
mod canary;
mod connection;
mod denial;
mod forward;
mod guard;
mod headers;
mod identify;
mod measure;
mod meter;
mod meters;
mod normalise;
mod open;
mod refuse;
mod sanction;
mod sighting;
mod tally;
mod terms;
mod tunnel;
mod visit;

use std::cell::Cell;
use std::convert::Infallible;
use std::rc::Rc;
use std::sync::Arc;

use http::{Request, Response, header};
use http_body::Body as _;
use hyper::body::Incoming;
use tokio::sync::watch;

use crate::audit::Trail;
use crate::clock::{Clock, Moment};
use crate::identity::Verdict;
use crate::policy::route::Route;
use crate::upstream::Pool;
use crate::watch::{Lookout, Sanctions};
use authorise::Permit;
pub use body::{AnswerBody, ClientBody};
pub use canary::CanaryRule;
pub use connection::{Connection, Order};
pub use denial::{ALLOWED, BodyFault, Denial, GateFault, RequestFault, Row};
use forward::{Answered, Arrived, Departure};
pub use meters::{Class, Ended, Meters};
pub use open::{Open, OpenVisits};
pub use sanction::{cut, is_misuse};
pub use tally::{Counts, Tally};
pub use terms::{Current, Terms};
use visit::Visit;

/// How far the gate is with stopping.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// It serves.
    Serving,
    /// It serves, and says that it will not for long: what balances load sends new connections elsewhere.
    Leaving,
    /// Another process serves in its place: it takes no new connections, and says good-bye where no request can be on its
    /// way to it.
    Replaced,
    /// It takes no new connections and lets open requests end.
    Draining,
    /// What is still open is cut.
    Cutting,
}

/// All that a request needs of a gate: the terms that it began with, which this derefs to, and what its worker has. A
/// worker makes a new one at a swap; see [`Current::gate`].
pub struct Gate {
    /// What the policy gave.
    pub terms: Arc<Terms>,
    /// The trail, shared by the workers.
    pub trail: Trail,
    /// What is imposed on callers, addresses and routes, shared by the workers.
    pub sanctions: Arc<Sanctions>,
    /// The way to the detectors, shared by the workers.
    pub lookout: Arc<Lookout>,
    /// This worker's connections to the app.
    pub pool: Rc<Pool<ClientBody>>,
    /// The scheme by which the app is spoken to.
    pub scheme: http::uri::Scheme,
    /// Time.
    pub clock: Clock,
    /// The time of the watch's last look at this worker's connections, at most a quarter of a second ago: for
    /// dead-lines and wall times that need no clock call.
    pub lately: Rc<Cell<Moment>>,
    /// What this worker serves at this moment.
    pub open: Rc<OpenVisits>,
    /// What this worker has answered.
    pub tally: Arc<Tally>,
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
    request: Request<Incoming>,
) -> Result<Response<AnswerBody>, Infallible> {
    let slot = gate.trail.reserve();
    let kept = slot.is_some();
    let mut visit = Visit::begin(&gate, &connection, request.method(), request.version(), slot);
    visit.traced(request.headers());
    let fault = connection.wire.as_ref().and_then(|wire| wire.fault_of(connection.requests()));
    if let Some(fault) = fault {
        visit.unparsed();
        sanction::malformed(&gate, &connection, request.headers(), Denial::Head(fault), &visit);
        return Ok(refuse::refuse(Denial::Head(fault), None, true, visit));
    }
    if !kept {
        return Ok(refuse::refuse(Denial::Gate(GateFault::Audit), None, false, visit));
    }
    // A body that nobody reads is not left in front of the next request.
    let close = connection.wire.is_some() && !request.body().is_end_stream();
    if let Err(denial) = sanction::at_the_door(&gate, &connection, request.headers(), &mut visit) {
        return Ok(refuse::refuse(denial, None, close, visit));
    }
    let ahead = identify::look_ahead(&gate, request.headers(), &visit).await;
    let mut departure = match way(&gate, &connection, request, ahead, &mut visit) {
        Ok(departure) => departure,
        Err((denial, route)) => return Ok(refuse::refuse(denial, route.as_deref(), close, visit)),
    };
    let open = visit.open();
    let exchanged = exchange(&gate, &mut departure, &mut visit);
    let answered = match &open {
        Some(open) => open.unless_cut(exchanged).await,
        None => exchanged.await,
    };
    Ok(match answered {
        Ok(answered) => forward::answer(&connection, answered, visit),
        Err(denial) => refuse::refuse(denial, None, close, visit),
    })
}

/// To the app and back. Where the route demands it, the record that the request was let through is on its way to the
/// disk meanwhile, and the answer waits for it: no record, no answer.
async fn exchange(gate: &Gate, departure: &mut Departure, visit: &mut Visit) -> Result<Answered, Denial> {
    let decided = visit.decided()?;
    visit.departs();
    let answered = forward::forward(gate, departure, visit).await?;
    if let Some(decided) = decided
        && !decided.durable().await
    {
        return Err(Denial::Gate(GateFault::Audit));
    }
    Ok(answered)
}

/// A refusal, and the route that was found before it, if one was.
type Refused = (Denial, Option<Arc<Route>>);

/// The way. Nothing in it awaits, so nothing comes between a decision and the facts it was made of.
fn way(
    gate: &Gate,
    connection: &Connection,
    mut request: Request<Incoming>,
    ahead: Option<Verdict>,
    visit: &mut Visit,
) -> Result<Departure, Refused> {
    let upgrade = request.headers().contains_key(header::UPGRADE).then(|| hyper::upgrade::on(&mut request));
    let (http::request::Parts { method, uri, version, headers: fields, .. }, body) = request.into_parts();
    let early = |denial| (denial, None);
    let normalised = normalise::normalise(gate, connection, &method, &uri, version, &fields).map_err(|denial| {
        sanction::malformed(gate, connection, &fields, denial, visit);
        early(denial)
    })?;
    let caller = identify::identify(gate, connection, &normalised, (&method, &fields), ahead, visit);
    visit.sent_with(&fields, &caller);
    let cleared = guard::guard(gate, connection, caller, &fields, visit).map_err(early)?;
    let permit = authorise::authorise(gate, &normalised, &method, cleared, &fields, visit)?;
    let route = permit.route;
    let late = |denial| (denial, route.cloned());
    let admitted = admit::admit(gate, permit, &fields, visit).map_err(late)?;
    visit.let_through(&admitted.permit, &method, &uri);
    let arrived = Arrived { method, version, fields, body, upgrade };
    forward::depart(gate, connection, &uri, &normalised, &admitted, arrived, visit).map_err(late)
}
