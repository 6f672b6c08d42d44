//! One connection from its handshake to its end: hyper serves it, and the worker's watch keeps its dead-lines.

use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::task::Poll;

use http::Request;
use hyper::body::Incoming;
use hyper::server::conn::{http1, http2};
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio_rustls::server::TlsStream;

use super::outcome;
use crate::audit::OutcomeRow;
use crate::gate::{Connection, Current, Gate, Order, handle};
use crate::upstream::LocalExecutor;
use crate::wire::{Coalesced, HeadBounds, Inbound, Single, Streams};

/// Streams of one HTTP/2 connection at once: browsers open up to 100.
const MAX_STREAMS: u32 = 128;
/// Bytes that hyper holds of one HTTP/2 stream's answer.
const MAX_SEND_BUFFER: usize = 256 * 1024;
/// Streams that a client reset and that are not yet gone (CVE-2023-44487).
const MAX_RESET_STREAMS: usize = 32;
/// Streams that we reset because of what the client did (CVE-2025-8671).
const MAX_OWN_RESETS: usize = 256;
/// Bytes that hyper holds of an HTTP/1 answer or of a head that it reads.
const MAX_BUFFER: usize = 256 * 1024;

/// How a connection ended.
pub(super) enum Ended {
    /// As it should.
    Well,
    /// By somebody's fault: to be recorded, unless a request's record tells it.
    By(&'static OutcomeRow),
}

/// The bounds of a head by policy.
pub(super) fn head_bounds(gate: &Gate) -> HeadBounds {
    let bounds = gate.policy.gate.bounds;
    HeadBounds { bytes: bounds.header_bytes, fields: bounds.header_count, target: bounds.header_bytes.min(8 * 1024) }
}

/// Serves HTTP/1.
pub(super) async fn http1(
    current: &Rc<Current>,
    connection: &Rc<Connection>,
    io: Inbound<TlsStream<Single<TcpStream>>>,
) -> Ended {
    let service = {
        let (current, connection) = (Rc::clone(current), Rc::clone(connection));
        service_fn(move |request: Request<Incoming>| {
            if connection.is_draining() {
                // This answer is the last.
                connection.order(Order::Farewell);
            }
            handle(current.gate(), Rc::clone(&connection), request)
        })
    };
    let served = http1::Builder::new()
        .header_read_timeout(None)
        .max_buf_size(MAX_BUFFER)
        .serve_connection(TokioIo::new(io), service)
        .with_upgrades();
    let ended = |result| ending_of_http1(connection, result);
    ordered(connection, pin!(served), |served| served.graceful_shutdown(), ended).await
}

/// How an HTTP/1 connection ended. The wire has judged the framing: what hyper cannot read after it is a target that is
/// no URI. Whatever else it says, the client left; perhaps within a head.
fn ending_of_http1(connection: &Connection, result: hyper::Result<()>) -> Ended {
    let Some(wire) = &connection.wire else { return Ended::Well };
    match result {
        Err(error) if error.is_parse() => by(&outcome::HTTP1, connection),
        _ if wire.head_began().is_some() && !connection.is_draining() => by(&outcome::HEADER_ABORTED, connection),
        // hyper looks for the connection's end before it calls the service: that request has no visit.
        Err(error) if error.is_incomplete_message() && wire.heads() > connection.requests() => {
            by(&outcome::REQUEST_ABORTED, connection)
        }
        _ => Ended::Well,
    }
}

/// Serves HTTP/2.
pub(super) async fn http2(
    current: &Rc<Current>,
    connection: &Rc<Connection>,
    io: TlsStream<Single<TcpStream>>,
) -> Ended {
    let service = {
        let (current, connection) = (Rc::clone(current), Rc::clone(connection));
        service_fn(move |request: Request<Incoming>| handle(current.gate(), Rc::clone(&connection), request))
    };
    // h2 answers 431 by itself, without a record: the gate's own bound is half of what h2 takes, and comes first.
    let header_list = u32::try_from(current.gate().policy.gate.bounds.header_bytes * 2).unwrap_or(u32::MAX);
    let (io, opened) = Streams::new(io);
    let served = http2::Builder::new(LocalExecutor)
        .max_concurrent_streams(MAX_STREAMS)
        .max_header_list_size(header_list)
        .max_send_buf_size(MAX_SEND_BUFFER)
        .max_pending_accept_reset_streams(MAX_RESET_STREAMS)
        .max_local_error_reset_streams(MAX_OWN_RESETS)
        .serve_connection(TokioIo::new(Coalesced::new(io)), service);
    let ended = |result: hyper::Result<()>| match result {
        Err(error) if is_protocol_fault(&error) => by(&outcome::HTTP2, connection),
        // Streams that came after the gate's good-bye are the client's to repeat elsewhere.
        _ if opened.get() > connection.requests() && !connection.is_draining() => Ended::By(&outcome::HTTP2_STREAM),
        _ => Ended::Well,
    };
    ordered(connection, pin!(served), |served| served.graceful_shutdown(), ended).await
}

/// Ended by a fault between requests. Within one, the request's own record tells of it, and it is the only one.
const fn by(row: &'static OutcomeRow, connection: &Connection) -> Ended {
    if connection.open() == 0 { Ended::By(row) } else { Ended::Well }
}

/// Drives a connection, and does what its watch orders.
async fn ordered<F>(
    connection: &Connection,
    mut served: Pin<&mut F>,
    farewell: impl Fn(Pin<&mut F>),
    judge: impl FnOnce(hyper::Result<()>) -> Ended,
) -> Ended
where
    F: Future<Output = hyper::Result<()>>,
{
    let mut judge = Some(judge);
    poll_fn(|cx| {
        loop {
            if let Poll::Ready(result) = served.as_mut().poll(cx) {
                // Ready is given once, so the judge is still there.
                return Poll::Ready(judge.take().map_or(Ended::Well, |judge| judge(result)));
            }
            match connection.ordered(cx.waker()) {
                None => return Poll::Pending,
                Some(Order::Farewell) => farewell(served.as_mut()),
                Some(Order::Cut(row)) => return Poll::Ready(row.map_or(Ended::Well, Ended::By)),
            }
        }
    })
    .await
}

/// Whether an HTTP/2 connection ended by a broken rule rather than by a client that left.
fn is_protocol_fault(error: &hyper::Error) -> bool {
    use std::error::Error as _;
    let Some(error) = error.source().and_then(|source| source.downcast_ref::<h2::Error>()) else { return false };
    error.is_library() || error.is_reset() || error.is_go_away() && error.reason() != Some(h2::Reason::NO_ERROR)
}
