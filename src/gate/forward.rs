//! Step six: to the app and back. What was authorised is what is forwarded.

use std::rc::Rc;

use http::header::{self, HeaderMap, HeaderValue};
use http::uri::{Authority, PathAndQuery};
use http::{Method, Request, Response, Uri, Version};
use http_body::Body as _;
use hyper::body::Incoming;
use hyper::upgrade::OnUpgrade;

use super::admit::Admitted;
use super::body::{AnswerBody, ClientBody, Progress};
use super::connection::Connection;
use super::denial::{Denial, GateFault, RequestFault};
use super::normalise::Normalised;
use super::visit::Visit;
use super::{Gate, canary, headers, meter, tunnel};
use crate::policy::route::Route;
use crate::policy::settings::UpstreamProtocol;
use crate::upstream::{Lease, Parcel, UpstreamFault};

/// What a request still has to give when it is forwarded.
pub struct Arrived {
    /// Its method.
    pub method: Method,
    /// Its version.
    pub version: Version,
    /// Its fields.
    pub fields: HeaderMap,
    /// Its body.
    pub body: Incoming,
    /// The client's end of an upgraded stream, if it asks for one.
    pub upgrade: Option<OnUpgrade>,
}

/// A request that is ready to leave for the app. It can only be made of what was admitted.
pub struct Departure {
    parcel: Parcel<ClientBody>,
    upgrade: Option<(tunnel::Upgrade, OnUpgrade)>,
    body: Option<Rc<Progress>>,
    pii: bool,
}

/// The app's answer, cleaned.
pub struct Answered {
    /// Its head.
    pub head: http::response::Parts,
    /// What follows.
    pub body: AppBody,
    /// Whether it carries personal data.
    pub pii: bool,
}

/// What follows the head of the app's answer.
pub enum AppBody {
    /// A body, and the pooled connection that brings it.
    Stream(Incoming, Option<Lease<ClientBody>>),
    /// Another protocol's bytes.
    Upgraded(tunnel::Ends),
}

/// Makes the request that goes to the app.
pub fn depart(
    gate: &Gate,
    connection: &Connection,
    uri: &Uri,
    normalised: &Normalised<'_>,
    admitted: &Admitted<'_>,
    arrived: Arrived,
    visit: &mut Visit,
) -> Result<Departure, Denial> {
    let Arrived { method, version, mut fields, body, upgrade } = arrived;
    let route = admitted.permit.route.map(AsRef::as_ref);
    let pii = route.is_some_and(Route::is_pii);
    let watched = canary::Body::of(gate, &fields, !body.is_end_stream(), visit)?;
    let upgrading = tunnel::wanted(&method, version, &fields, !body.is_end_stream(), route)?;
    cross(gate, connection, normalised, admitted, &mut fields, visit)?;
    let target = target(gate, normalised, uri)?;
    if let Some(upgrading) = upgrading {
        if gate.policy.upstream.protocol == UpstreamProtocol::Http2 {
            return Err(Denial::Request(RequestFault::Upgrade));
        }
        let client = upgrade.ok_or(Denial::Request(RequestFault::Upgrade))?;
        upgrading.announce(&mut fields);
        let parcel = Parcel::once(request(gate, method, target, fields, ClientBody::default()), visit.began(), None);
        return Ok(Departure { parcel, upgrade: Some((upgrading, client)), body: None, pii });
    }
    if body.is_end_stream() {
        let repeatable = method.is_idempotent();
        let request = request(gate, method, target, fields, ClientBody::default());
        let parcel = if repeatable {
            Parcel::repeatable(request, visit.began())
        } else {
            Parcel::once(request, visit.began(), None)
        };
        return Ok(Departure { parcel, upgrade: None, body: None, pii });
    }
    let (idle, own) = (gate.policy.gate.timeouts.body_idle, gate.policy.gate.headers.clone());
    let (body, progress) = ClientBody::streaming(body, admitted.body, idle, connection.wire.clone(), own, watched);
    visit.counts_body(Rc::clone(&progress.bytes));
    let parcel =
        Parcel::once(request(gate, method, target, fields, body), visit.began(), Some(Rc::clone(&progress.ended)));
    Ok(Departure { parcel, upgrade: None, body: Some(progress), pii })
}

/// Sends the request and waits for the head of the app's answer.
pub async fn forward(gate: &Gate, departure: &mut Departure, visit: &mut Visit) -> Result<Answered, Denial> {
    let own = &gate.policy.gate.headers;
    if let Some((upgrade, client)) = departure.upgrade.take() {
        let answer = Box::pin(gate.pool.exchange_upgradable(&mut departure.parcel)).await;
        visit.answered_by_app();
        let answered = upgrade.answered(answer.map_err(Denial::Upstream)?, client, departure.pii, own)?;
        visit.countable(&answered.head, matches!(answered.body, AppBody::Stream(..)))?;
        return Ok(answered);
    }
    let exchanged = gate.pool.exchange(&mut departure.parcel).await;
    let (answer, lease) = exchanged.map_err(|fault| blame(fault, departure.body.as_deref()))?;
    visit.answered_by_app();
    let (mut head, body) = answer.into_parts();
    // A body that is announced and has no place (HEAD, 304) comes all the same from some apps. Late, it would be read as
    // the next answer, so such a connection is not used again.
    let lease = (!body.is_end_stream() || !announces_body(&head.headers)).then_some(lease);
    headers::clean_answer(&mut head.headers, own);
    if !body.is_end_stream() {
        visit.countable(&head, true)?;
        visit.watches(&head)?;
    }
    Ok(Answered { head, body: AppBody::Stream(body, lease), pii: departure.pii })
}

fn announces_body(fields: &HeaderMap) -> bool {
    fields.contains_key(header::TRANSFER_ENCODING)
        || fields.get(header::CONTENT_LENGTH).is_some_and(|length| length.as_bytes() != b"0")
}

/// A request whose own body failed is the client's fault, whatever the app made of it.
fn blame(fault: UpstreamFault, body: Option<&Progress>) -> Denial {
    body.and_then(|body| body.fault.get()).map_or(Denial::Upstream(fault), Denial::Body)
}

fn request(gate: &Gate, method: Method, target: Uri, fields: HeaderMap, body: ClientBody) -> Request<ClientBody> {
    let mut request = Request::new(body);
    *request.method_mut() = method;
    *request.uri_mut() = target;
    *request.headers_mut() = fields;
    *request.version_mut() = match gate.policy.upstream.protocol {
        UpstreamProtocol::Http1 => Version::HTTP_11,
        UpstreamProtocol::Http2 => Version::HTTP_2,
    };
    request
}

/// Turns the client's fields into the gate's: claims are taken out, then what the gate knows is put in.
fn cross(
    gate: &Gate,
    connection: &Connection,
    normalised: &Normalised<'_>,
    admitted: &Admitted<'_>,
    fields: &mut HeaderMap,
    visit: &Visit,
) -> Result<(), Denial> {
    let own = &gate.policy.gate.headers;
    let http2 = gate.policy.upstream.protocol == UpstreamProtocol::Http2;
    let wants_trailers =
        http2 && fields.get(header::TE).is_some_and(|te| te.as_bytes().eq_ignore_ascii_case(b"trailers"));
    // Room for what is added, taken once.
    fields.reserve(8);
    let from_proxy = gate.policy.gate.trusted_proxies.contains(connection.peer.ip());
    let chain: Vec<HeaderValue> = match from_proxy {
        true => fields.get_all(&headers::FORWARDED_FOR).iter().cloned().collect(),
        false => Vec::new(),
    };
    headers::clean_request(fields, own, gate.identifier.credential_headers());
    match gate.policy.upstream.protocol {
        UpstreamProtocol::Http1 => {
            headers::join_cookies(fields);
            if !fields.contains_key(header::HOST) {
                fields.insert(header::HOST, normalised.authority.clone());
            }
        }
        UpstreamProtocol::Http2 => {
            fields.remove(header::HOST);
            if wants_trailers {
                fields.insert(header::TE, HeaderValue::from_static("trailers"));
            }
        }
    }
    for earlier in chain {
        fields.append(&headers::FORWARDED_FOR, earlier);
    }
    fields.append(&headers::FORWARDED_FOR, connection.forwarded_for.clone());
    if visit.counts_records() || visit.is_watched() {
        meter::ask_for_plain(fields);
    }
    visit.tells_app(fields);
    fields.insert(&headers::FORWARDED_PROTO, HeaderValue::from_static("https"));
    if let Ok(id) = HeaderValue::from_bytes(visit.id().text().as_bytes()) {
        fields.insert(&headers::REQUEST_ID, id);
    }
    if let Some(identity) = &admitted.permit.identity {
        fields.insert(own.caller(), identity.caller_header.clone());
        fields.insert(own.roles(), identity.roles_header.clone());
        if let (Some(name), Some(user)) = (own.user(), &identity.user_header) {
            fields.insert(name, user.clone());
        }
        if let Some(signer) = &gate.signer {
            let assertion = signer.header(identity, visit.now()).ok_or(Denial::Gate(GateFault::Internal))?;
            fields.insert(own.assertion(), assertion);
        }
    }
    Ok(())
}

/// The canonical target; the request's own bytes where they are canonical already.
fn target(gate: &Gate, normalised: &Normalised<'_>, uri: &Uri) -> Result<Uri, Denial> {
    let own = uri.path_and_query().filter(|_| normalised.path.is_unchanged()).cloned();
    let path_and_query = match (own, normalised.query) {
        (Some(own), _) => own,
        (None, None) => parsed(normalised.path.as_str())?,
        (None, Some(query)) => parsed(&format!("{}?{query}", normalised.path.as_str()))?,
    };
    if gate.policy.upstream.protocol == UpstreamProtocol::Http1 {
        return Ok(Uri::from(path_and_query));
    }
    let mut parts = http::uri::Parts::default();
    parts.path_and_query = Some(path_and_query);
    parts.scheme = Some(gate.scheme.clone());
    let authority = Authority::try_from(normalised.authority.as_bytes());
    parts.authority = Some(authority.map_err(|_| Denial::Request(RequestFault::Host))?);
    Uri::from_parts(parts).map_err(|_| Denial::Request(RequestFault::TargetForm))
}

fn parsed(text: &str) -> Result<PathAndQuery, Denial> {
    PathAndQuery::try_from(text).map_err(|_| Denial::Request(RequestFault::TargetForm))
}

/// Makes the client's answer of the app's. `pii` forbids every cache to keep it (RET-1).
pub fn answer(connection: &Rc<Connection>, answered: Answered, mut visit: Visit) -> Response<AnswerBody> {
    let Answered { mut head, body, pii } = answered;
    head.version = Version::HTTP_11;
    head.extensions.clear();
    head.headers.entry(header::STRICT_TRANSPORT_SECURITY).or_insert_with(|| headers::HSTS.clone());
    if pii {
        head.headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    visit.tells(&mut head.headers);
    visit.answers(head.status);
    visit.answer_begins();
    let idle = visit.gate().policy.upstream.timeouts.idle;
    let body = match body {
        AppBody::Stream(stream, lease) => AnswerBody::app(stream, lease, Rc::clone(connection), idle, visit),
        AppBody::Upgraded(ends) => {
            tunnel::run(ends, connection, idle, visit);
            AnswerBody::upgraded()
        }
    };
    Response::from_parts(head, body)
}
