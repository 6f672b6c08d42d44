//! One connection from its handshake to its end: hyper serves it, a watch keeps its dead-lines.

use std::convert::Infallible;
use std::future::Future;
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::time::Duration;

use http::Request;
use hyper::body::Incoming;
use hyper::server::conn::{http1, http2};
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio_rustls::server::TlsStream;

use super::outcome;
use crate::audit::OutcomeRow;
use crate::gate::{Connection, Gate, Stage, handle};
use crate::policy::settings::ClientTimeouts;
use crate::upstream::LocalExecutor;
use crate::wire::{HeadBounds, Inbound};

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
/// How long a connection has to say good-bye once it is told to.
const FAREWELL: Duration = Duration::from_secs(1);

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
pub(super) async fn http1(gate: &Rc<Gate>, connection: &Rc<Connection>, io: Inbound<TlsStream<TcpStream>>) -> Ended {
    let service = {
        let (gate, connection) = (Rc::clone(gate), Rc::clone(connection));
        service_fn(move |request: Request<Incoming>| {
            let way = handle(Rc::clone(&gate), Rc::clone(&connection), request);
            async move { Ok::<_, Infallible>(way.await) }
        })
    };
    let served = http1::Builder::new()
        .header_read_timeout(None)
        .max_buf_size(MAX_BUFFER)
        .serve_connection(TokioIo::new(io), service)
        .with_upgrades();
    let judge = |_: Option<&hyper::Error>| outcome_of_http1(connection);
    watched(gate, connection, pin!(served), |served| served.graceful_shutdown(), judge).await
}

/// Serves HTTP/2.
pub(super) async fn http2(gate: &Rc<Gate>, connection: &Rc<Connection>, io: TlsStream<TcpStream>) -> Ended {
    let service = {
        let (gate, connection) = (Rc::clone(gate), Rc::clone(connection));
        service_fn(move |request: Request<Incoming>| {
            let way = handle(Rc::clone(&gate), Rc::clone(&connection), request);
            async move { Ok::<_, Infallible>(way.await) }
        })
    };
    // h2 answers 431 by itself, without a record: the gate's own bound is half of what h2 takes, and comes first.
    let header_list = u32::try_from(gate.policy.gate.bounds.header_bytes * 2).unwrap_or(u32::MAX);
    let served = http2::Builder::new(LocalExecutor)
        .max_concurrent_streams(MAX_STREAMS)
        .max_header_list_size(header_list)
        .max_send_buf_size(MAX_SEND_BUFFER)
        .max_pending_accept_reset_streams(MAX_RESET_STREAMS)
        .max_local_error_reset_streams(MAX_OWN_RESETS)
        .serve_connection(TokioIo::new(io), service);
    let judge = |error: Option<&hyper::Error>| match error {
        Some(error) if is_protocol_fault(error) => by(&outcome::HTTP2, connection),
        _ => Ended::Well,
    };
    watched(gate, connection, pin!(served), |served| served.graceful_shutdown(), judge).await
}

/// Drives a connection, looks at its dead-lines from time to time, and tells it when the gate is being stopped.
async fn watched<F>(
    gate: &Rc<Gate>,
    connection: &Rc<Connection>,
    mut served: Pin<&mut F>,
    farewell: impl Fn(Pin<&mut F>),
    judge: impl FnOnce(Option<&hyper::Error>) -> Ended,
) -> Ended
where
    F: Future<Output = hyper::Result<()>>,
{
    let timeouts = &gate.policy.gate.timeouts;
    let mut stage = gate.stage.clone();
    let mut drained = pin!(async move { stage.wait_for(|stage| *stage > Stage::Serving).await.is_ok() });
    let mut cut = pin!(gate.cut());
    let mut round = pin!(tokio::time::sleep(timeouts.header));
    let mut leaving = false;
    loop {
        tokio::select! {
            biased;
            ended = served.as_mut() => return judge(ended.err().as_ref()),
            _ = drained.as_mut(), if !leaving => {
                connection.drain();
                farewell(served.as_mut());
                leaving = true;
            }
            () = cut.as_mut(), if leaving => return Ended::Well,
            () = round.as_mut() => {
                let wait = match look(gate, connection, timeouts) {
                    Look::Wait(wait) => wait,
                    Look::Cut(row) => return by(row, connection),
                    Look::Stalled => {
                        connection.stall();
                        return Ended::Well;
                    }
                    Look::Rest if connection.is_draining() => FAREWELL,
                    // The second time it has had its second.
                    Look::Rest if leaving => return Ended::Well,
                    Look::Rest => {
                        farewell(served.as_mut());
                        leaving = true;
                        FAREWELL
                    }
                };
                round.as_mut().reset(tokio::time::Instant::now() + wait);
            }
        }
    }
}

/// What a look at a connection's dead-lines says.
enum Look {
    /// Look again after this long.
    Wait(Duration),
    /// It has rested for long enough: say good-bye.
    Rest,
    /// It broke a dead-line.
    Cut(&'static OutcomeRow),
    /// An answer waits for the client to read it, and has waited for too long.
    Stalled,
}

/// Looks at a connection. Looks are rare, so a dead-line is kept to within once its length, and costs requests
/// nothing.
fn look(gate: &Gate, connection: &Connection, timeouts: &ClientTimeouts) -> Look {
    let now = gate.clock.ticks();
    let left = |since: crate::clock::Ticks, limit: Duration| {
        limit.checked_sub(Duration::from_micros(now.since(since))).filter(|left| !left.is_zero())
    };
    if connection.open() > 0 {
        return if connection.next_round() { Look::Stalled } else { Look::Wait(timeouts.body_idle) };
    }
    if let Some(began) = connection.wire.as_ref().and_then(|wire| wire.head_began()) {
        return left(began, timeouts.header).map_or(Look::Cut(&outcome::HEADER_TIMEOUT), Look::Wait);
    }
    let limit = if connection.requests() == 0 { timeouts.header } else { timeouts.keep_alive };
    left(connection.idle_since(), limit).map_or(Look::Rest, |left| Look::Wait(left.min(timeouts.header)))
}

/// Ended by a fault between requests. Within one, the request's own record tells of it, and it is the only one.
fn by(row: &'static OutcomeRow, connection: &Connection) -> Ended {
    if connection.open() == 0 { Ended::By(row) } else { Ended::Well }
}

/// On HTTP/1 the wire has judged the framing, so what is left is a client that went away, with a word or without.
fn outcome_of_http1(connection: &Connection) -> Ended {
    let wire = connection.wire.as_ref();
    if !connection.is_draining() && wire.is_some_and(|wire| wire.head_began().is_some()) {
        return by(&outcome::HEADER_ABORTED, connection);
    }
    Ended::Well
}

/// Whether an HTTP/2 connection ended by a broken rule rather than by a client that left.
fn is_protocol_fault(error: &hyper::Error) -> bool {
    use std::error::Error as _;
    let Some(error) = error.source().and_then(|source| source.downcast_ref::<h2::Error>()) else { return false };
    error.is_library() || error.is_reset() || error.is_go_away() && error.reason() != Some(h2::Reason::NO_ERROR)
}
