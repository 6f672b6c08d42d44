//! Accepting operators: few at once, each connection for one call, and every dead-line short. A connection that carries
//! no call has a record of its own.

use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream, UnixListener, UnixStream};
use tokio::sync::watch;
use tokio_rustls::TlsAcceptor;
use tower::ServiceExt as _;

use super::Desk;
use super::call::{Line, infallible, router};
use super::listen::{Door, UnixDoor};
use super::operator::Peer;
use crate::audit::{ConnectionEnd, ConnectionRecord, Event, Outcome, OutcomeRow, RequestId};
use crate::clock::Moment;
use crate::edge::{NoPlace, Place, Slots, end};
use crate::policy::settings::ConnectionBounds;
use crate::redact::{Name, Redacted};
use crate::telemetry::log;

/// Connections at once: operators and their tools. One address that holds its places keeps no other one out.
const BOUNDS: ConnectionBounds = ConnectionBounds { max: 64, per_address: 16 };
/// How long whoever is being answered has at the end.
const FAREWELL: Duration = Duration::from_secs(1);
/// From accept to the end of the handshake.
const HANDSHAKE: Duration = Duration::from_secs(5);
/// A request's head.
const HEAD: Duration = Duration::from_secs(5);
/// A whole connection: the longest call is a reload of a mount that answers slowly.
const CONNECTION: Duration = Duration::from_secs(60);
/// Bytes of a head.
const MAX_HEAD: usize = 16 * 1024;
/// Fields of a head.
const MAX_FIELDS: usize = 32;
/// After a fault of `accept`: out of files or memory.
const PAUSE: Duration = Duration::from_millis(100);

/// Serves operators until `stop` says so, or its sender is gone.
pub async fn serve(desk: Arc<Desk>, door: Door, mut stop: watch::Receiver<bool>) {
    let slots = Slots::new(BOUNDS);
    let accepting = async {
        match door {
            Door::Tls(listener) => match TcpListener::from_std(listener) {
                Ok(listener) => over_tls(&desk, &listener, &slots).await,
                Err(error) => log::error!("operators cannot be served", fault = &error),
            },
            Door::Unix(door) => on_socket(&desk, &door, &slots).await,
        }
    };
    tokio::select! {
        () = accepting => {}
        _ = stop.wait_for(|stop| *stop) => {}
    }
    let empty = async {
        while slots.taken() > 0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    let _ = tokio::time::timeout(FAREWELL, empty).await;
}

/// A place, or the record that there is none.
fn place(desk: &Desk, slots: &Arc<Slots>, from: Option<SocketAddr>) -> Option<Place> {
    let address = from.map_or(IpAddr::V4(Ipv4Addr::LOCALHOST), |from| from.ip());
    let row = match slots.take(address) {
        Ok(place) => return Some(place),
        Err(NoPlace::All) => end::SLOTS,
        Err(NoPlace::Address) => end::SLOTS_OF_ADDRESS,
    };
    told(desk, desk.clock.moment(), from, row);
    None
}

async fn over_tls(desk: &Arc<Desk>, listener: &TcpListener, slots: &Arc<Slots>) {
    loop {
        match listener.accept().await {
            Ok((stream, from)) => {
                let Some(place) = place(desk, slots, Some(from)) else { continue };
                let desk = Arc::clone(desk);
                tokio::spawn(async move {
                    let began = desk.clock.moment();
                    let served = tokio::time::timeout(CONNECTION, Box::pin(tls(&desk, stream, from, began)));
                    let _ = served.await;
                    drop(place);
                });
            }
            Err(_) => tokio::time::sleep(PAUSE).await,
        }
    }
}

async fn on_socket(desk: &Arc<Desk>, door: &UnixDoor, slots: &Arc<Slots>) {
    let listener = match door.listener.try_clone().and_then(UnixListener::from_std) {
        Ok(listener) => listener,
        Err(error) => return log::error!("operators cannot be served", fault = &error),
    };
    let mut terms = desk.terms.clone();
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            Ok(()) = terms.changed() => {
                let policy = Arc::clone(&terms.borrow_and_update().policy);
                door.follow(&policy);
                continue;
            }
        };
        match accepted {
            Ok((stream, _)) => {
                let Some(place) = place(desk, slots, None) else { continue };
                let desk = Arc::clone(desk);
                tokio::spawn(async move {
                    let _ = tokio::time::timeout(CONNECTION, Box::pin(local(&desk, stream))).await;
                    drop(place);
                });
            }
            Err(_) => tokio::time::sleep(PAUSE).await,
        }
    }
}

async fn tls(desk: &Arc<Desk>, stream: TcpStream, from: SocketAddr, began: Moment) {
    let at = stream.local_addr().map_or_else(|_| from.ip(), |at| at.ip());
    // Only where `admin:` is about TLS is there a listener of it.
    let Some(terms) = desk.tls.load_full() else { return };
    let acceptor = TlsAcceptor::from(Arc::clone(&terms.config));
    let unheard = |row| told(desk, began, Some(from), row);
    let stream = match tokio::time::timeout(HANDSHAKE, acceptor.accept(stream)).await {
        Ok(Ok(stream)) => stream,
        Ok(Err(error)) => return unheard(end::of_handshake(&error)),
        Err(_) => return unheard(end::HANDSHAKE_TIMEOUT),
    };
    let chain = stream.get_ref().1.peer_certificates().map(Box::from).unwrap_or_default();
    let is_own_name = Box::new(move |name: &str| terms.known_name(name).is_some());
    http(desk, stream, Peer::Tls { chain, from, at, is_own_name }, began).await;
}

async fn local(desk: &Arc<Desk>, stream: UnixStream) {
    let began = desk.clock.moment();
    match stream.peer_cred() {
        Ok(peer) => http(desk, stream, Peer::Unix { uid: peer.uid(), gid: peer.gid() }, began).await,
        Err(_) => told(desk, began, None, end::EMPTY),
    }
}

/// Serves one request.
async fn http<IO>(desk: &Arc<Desk>, io: IO, peer: Peer, began: Moment)
where
    IO: AsyncRead + AsyncWrite + Unpin,
{
    let from = match &peer {
        Peer::Tls { from, .. } => Some(*from),
        Peer::Unix { .. } => None,
    };
    let line = Arc::new(Line { desk: Arc::clone(desk), peer, called: AtomicBool::new(false) });
    let router = router(&line);
    let service = service_fn(move |request| {
        let router = router.clone();
        async move { Ok::<_, io::Error>(infallible(router.oneshot(request).await)) }
    });
    let served = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD)
        .max_buf_size(MAX_HEAD)
        .max_headers(MAX_FIELDS)
        .keep_alive(false)
        .serve_connection(TokioIo::new(io), service);
    let row = match served.await {
        Err(error) if error.is_parse() => end::MALFORMED,
        Err(error) if error.is_timeout() => end::HEADER_TIMEOUT,
        _ => end::EMPTY,
    };
    if !line.called.load(Ordering::Relaxed) {
        told(desk, began, from, row);
    }
}

/// Records a connection without a call. Without room the trail counts a lost record.
fn told(desk: &Desk, began: Moment, from: Option<SocketAddr>, row: &'static OutcomeRow) {
    let terms = Arc::clone(&desk.terms.borrow());
    let Ok(listener) = Name::configured("admin") else { return };
    let source = from.map_or_else(
        || Redacted::literal("local"),
        |from| terms.redactor.address(from.ip(), terms.policy.redaction.address),
    );
    desk.trail.record(Event::Connection(Box::new(ConnectionEnd {
        id: RequestId::new(began.wall),
        started: began.wall,
        duration_micros: desk.clock.ticks().since(began.ticks),
        connection: Arc::new(ConnectionRecord {
            id: RequestId::new(began.wall),
            source,
            source_port: from.map(|from| from.port()),
            tls: None,
            listener,
        }),
        outcome: Outcome { row, shadow: None },
        policy: Arc::clone(&terms.policy_record),
    })));
}
