//! Accepting: each worker takes connections from the one listening socket, hands one on if another worker has fewer,
//! and brings it through address check, PROXY header and handshake.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use arc_swap::ArcSwap;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use super::listen::{BACKLOG, Scarcity};
use super::serve::{self, Ended};
use super::slots::{NoPlace, Place, Slots};
use super::tls::TlsTerms;
use super::watch::Watch;
use super::{clients, outcome, proxy_header};
use crate::audit::{ConnectionEnd, ConnectionRecord, Event, Outcome, OutcomeRow, RequestId, Slot, TlsRecord};
use crate::clock::{Ticks, UnixMillis};
use crate::gate::{Connection, Current, Gate, Stage};
use crate::policy::settings::Mode;
use crate::redact::{Name, Redacted};
use crate::wire::{Inbound, Single};

/// Connections that wait for a worker they were handed to: more than it can take in tens of milliseconds.
const INBOX: usize = 1024;
/// The share of its connections by which a worker may be busier than the idlest and still keep one: few long connections
/// are spread exactly, and many short ones are not handed to and fro.
const SLACK: usize = 8;

/// What all workers of an edge share.
pub struct Edge {
    /// The terms of the handshake, for connections that arrive from now on.
    pub tls: ArcSwap<TlsTerms>,
    /// Places for connections.
    pub slots: Arc<Slots>,
    /// The listener's name in records.
    pub listener: Name,
    loads: Vec<AtomicUsize>,
    inboxes: Vec<mpsc::Sender<std::net::TcpStream>>,
    accepting: Arc<AtomicUsize>,
}

/// One worker's part of an edge.
pub struct Worker {
    index: usize,
    inbox: mpsc::Receiver<std::net::TcpStream>,
    accepting: Accepting,
}

/// Held by a worker for as long as a connection may come to it, or wait for it.
struct Accepting(Arc<AtomicUsize>);

impl Accepting {
    fn new(among: &Arc<AtomicUsize>) -> Self {
        among.fetch_add(1, Ordering::Relaxed);
        Self(Arc::clone(among))
    }
}

impl Drop for Accepting {
    fn drop(&mut self) {
        // Who sees that nobody accepts any more sees what was accepted before.
        self.0.fetch_sub(1, Ordering::Release);
    }
}

/// A connection that counts for its worker, however its task ends.
struct Counted {
    edge: Arc<Edge>,
    worker: usize,
}

impl Counted {
    fn new(edge: &Arc<Edge>, worker: usize) -> Self {
        edge.loads[worker].fetch_add(1, Ordering::Relaxed);
        Self { edge: Arc::clone(edge), worker }
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.edge.loads[self.worker].fetch_sub(1, Ordering::Relaxed);
    }
}

impl Edge {
    /// An edge for so many workers.
    pub fn new(tls: Arc<TlsTerms>, slots: Arc<Slots>, listener: Name, workers: usize) -> (Arc<Self>, Vec<Worker>) {
        let (inboxes, receivers): (Vec<_>, Vec<_>) = (0..workers).map(|_| mpsc::channel(INBOX)).unzip();
        let loads = (0..workers).map(|_| AtomicUsize::new(0)).collect();
        let accepting = Arc::default();
        let workers = receivers.into_iter().enumerate();
        let workers = workers.map(|(index, inbox)| Worker { index, inbox, accepting: Accepting::new(&accepting) });
        let workers = workers.collect();
        (Arc::new(Self { tls: ArcSwap::new(tls), slots, listener, loads, inboxes, accepting }), workers)
    }

    /// Whether no connection is left, and none can come: not one without a place yet, that was accepted a moment ago.
    pub fn is_deserted(&self) -> bool {
        self.accepting.load(Ordering::Acquire) == 0
            && self.loads.iter().all(|load| load.load(Ordering::Relaxed) == 0)
            && self.slots.taken() == 0
    }

    /// How many workers there are.
    pub fn workers(&self) -> usize {
        self.loads.len()
    }
}

/// The worker with the fewest connections, if it has markedly fewer than `own`: a few long HTTP/2 connections would
/// otherwise end up on one worker by chance.
fn idler(loads: &[AtomicUsize], own: usize) -> Option<usize> {
    let load = loads.get(own)?.load(Ordering::Relaxed);
    let each = loads.iter().map(|load| load.load(Ordering::Relaxed)).enumerate();
    let (idlest, least) = each.min_by_key(|(_, load)| *load)?;
    (least + load / SLACK < load).then_some(idlest)
}

/// Accepts on one worker until the gate is stopped, then waits for its connections to end.
pub async fn run(
    edge: Arc<Edge>,
    mut worker: Worker,
    current: Rc<Current>,
    listener: std::net::TcpListener,
) -> io::Result<()> {
    let listener = TcpListener::from_std(listener)?;
    let mut stage = current.gate().stage.clone();
    let mut scarcity = Scarcity::default();
    let watch = Rc::new(Watch::default());
    {
        let (watch, edge, current) = (Rc::clone(&watch), Arc::clone(&edge), Rc::clone(&current));
        tokio::task::spawn_local(async move { watch.keep(&edge, &current).await });
    }
    let start = |stream: TcpStream, from: SocketAddr| {
        let counted = Counted::new(&edge, worker.index);
        current.gate().tally.accepted.add(1);
        let (current, watch) = (Rc::clone(&current), Rc::clone(&watch));
        tokio::task::spawn_local(async move {
            Arrival::new(&counted.edge, &current, &watch, from).bring_in(stream).await;
        });
    };
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, from)) => {
                    if let Some(stream) = hand_over(&edge, worker.index, stream) {
                        start(stream, from);
                    }
                }
                // Out of files or memory: what is open must end first. Another attempt at once would only spin.
                Err(fault) => {
                    scarcity.meet(&fault, current.gate().clock.ticks());
                    tokio::time::sleep(Duration::from_millis(20)).await;
                }
            },
            Some(stream) = worker.inbox.recv() => {
                if let Ok(stream) = TcpStream::from_std(stream)
                    && let Ok(from) = stream.peer_addr()
                {
                    start(stream, from);
                }
            }
            _ = stage.wait_for(|stage| *stage >= Stage::Replaced) => break,
        }
    }
    // What another worker has handed over would be reset with the inbox; from here on others keep theirs.
    worker.inbox.close();
    while let Some(stream) = worker.inbox.recv().await {
        if let Ok(stream) = TcpStream::from_std(stream)
            && let Ok(from) = stream.peer_addr()
        {
            start(stream, from);
        }
    }
    accept_waiting(&listener.into_std()?, start)?;
    drop(worker.accepting);
    Ok(())
}

/// What the kernel has accepted already would be reset when the last listener closes: it gets its one answer. The kernel
/// is asked itself, since what arrived this moment has not woken the runtime yet.
fn accept_waiting(listener: &std::net::TcpListener, start: impl Fn(TcpStream, SocketAddr)) -> io::Result<()> {
    for _ in 0..BACKLOG {
        match listener.accept() {
            Ok((stream, from)) => {
                stream.set_nonblocking(true)?;
                start(TcpStream::from_std(stream)?, from);
            }
            Err(gone) if matches!(gone.kind(), io::ErrorKind::ConnectionAborted | io::ErrorKind::Interrupted) => {}
            Err(_) => break,
        }
    }
    Ok(())
}

/// Hands a connection to an idler worker; gives it back if this one keeps it.
fn hand_over(edge: &Edge, own: usize, stream: TcpStream) -> Option<TcpStream> {
    if edge.loads.len() == 1 {
        return Some(stream);
    }
    let Some(idler) = idler(&edge.loads, own) else { return Some(stream) };
    let Ok(stream) = stream.into_std() else { return None };
    match edge.inboxes[idler].try_send(stream) {
        Ok(()) => None,
        Err(mpsc::error::TrySendError::Full(stream) | mpsc::error::TrySendError::Closed(stream)) => {
            TcpStream::from_std(stream).ok()
        }
    }
}

/// A connection that has just arrived, and what its record will say.
struct Arrival<'e> {
    edge: &'e Edge,
    current: &'e Rc<Current>,
    /// On the terms that were in force when it arrived, and once it is let in, on those of that moment.
    gate: Rc<Gate>,
    tls: Arc<TlsTerms>,
    watch: &'e Watch,
    from: SocketAddr,
    started: UnixMillis,
    began: Ticks,
}

impl<'e> Arrival<'e> {
    fn new(edge: &'e Edge, current: &'e Rc<Current>, watch: &'e Watch, from: SocketAddr) -> Self {
        let gate = current.gate();
        let (started, began) = (gate.clock.wall(), gate.clock.ticks());
        Self { edge, current, gate, tls: edge.tls.load_full(), watch, from, started, began }
    }

    /// Brings it in, serves it, and sees to its record.
    async fn bring_in(mut self, mut stream: TcpStream) {
        // Without room for its record a connection is not served; the trail counts what it could not take.
        let Some(slot) = self.gate.trail.reserve() else { return };
        let place = match self.edge.slots.take(self.from.ip()) {
            Ok(place) => place,
            Err(NoPlace::All) => return self.record(&self.connection_record(None), &outcome::SLOTS, slot),
            Err(NoPlace::Address) => {
                return self.record(&self.connection_record(None), &outcome::SLOTS_OF_ADDRESS, slot);
            }
        };
        let acceptor = TlsAcceptor::from(Arc::clone(&self.tls.config));
        let shaken = tokio::time::timeout(self.gate.policy.gate.timeouts.handshake, async {
            self.admit_address(&mut stream).await?;
            acceptor.accept(Single(stream)).await.map_err(|error| outcome_of_handshake(&error))
        });
        let failed = match shaken.await {
            Ok(Ok(stream)) => return self.serve(stream, slot, place).await,
            Ok(Err(row)) => row,
            Err(_) => &outcome::HANDSHAKE_TIMEOUT,
        };
        self.record(&self.connection_record(None), failed, slot);
    }

    /// Reads a PROXY header where one must be, and checks the address it gives, or the peer's.
    async fn admit_address(&mut self, stream: &mut TcpStream) -> Result<(), &'static OutcomeRow> {
        let settings = &self.gate.policy.gate;
        let peer = self.from.ip();
        let mut is_client = !settings.trusted_proxies.contains(peer);
        if settings.proxy_protocol.contains(peer) {
            match proxy_header::read(stream).await {
                Err(proxy_header::BadHeader) => return Err(&outcome::PROXY_HEADER),
                Ok(Some(client)) => self.from = client,
                // A health check of the balancer's own: its address is not a client's.
                Ok(None) => is_client = false,
            }
        }
        if is_client && self.gate.policy.mode == Mode::Enforce && !self.gate.policy.network.admits(self.from.ip()) {
            return Err(&outcome::ADDRESS);
        }
        Ok(())
    }

    async fn serve(mut self, stream: TlsStream<Single<TcpStream>>, slot: Slot, place: Place) {
        let session = stream.get_ref().1;
        let chain: Box<[_]> = session.peer_certificates().map(Box::from).unwrap_or_default();
        // What was changed during the handshake holds for it, too.
        let tls = self.edge.tls.load_full();
        if !Arc::ptr_eq(&tls, &self.tls) && !tls.trusts(&chain, self.gate.clock.wall()) {
            return self.record(
                &self.connection_record(Some(self.tls_record(session))),
                &outcome::CLIENT_CERTIFICATE,
                slot,
            );
        }
        let server_name = session.server_name().map(Box::from);
        let is_newest = session.protocol_version() == Some(rustls::ProtocolVersion::TLSv1_3);
        self.gate.tally.handshakes[usize::from(is_newest)].add(1);
        let record = Arc::new(self.connection_record(Some(self.tls_record(session))));
        let http2 = session.alpn_protocol() == Some(b"h2");
        self.gate = self.current.gate();
        let (gate, peer, now) = (&self.gate, self.from, self.gate.clock.ticks());
        let (connection, ended) = if http2 {
            let connection = Connection::new(record, peer, server_name, chain, None, Some(slot), Box::new(place), now);
            self.watch.add(&connection, &tls);
            let ended = serve::http2(self.current, &connection, stream).await;
            (connection, ended)
        } else {
            let (io, wire) = Inbound::new(stream, serve::head_bounds(gate), gate.clock.clone());
            let connection =
                Connection::new(record, peer, server_name, chain, Some(wire), Some(slot), Box::new(place), now);
            self.watch.add(&connection, &tls);
            let ended = serve::http1(self.current, &connection, io).await;
            (connection, ended)
        };
        self.end(&connection, ended);
    }

    /// A connection without a request has a record of its own; so has one that ended by a fault between requests.
    fn end(&self, connection: &Connection, ended: Ended) {
        let row = match ended {
            Ended::By(row) => row,
            Ended::Well => &outcome::EMPTY,
        };
        let by_fault = matches!(ended, Ended::By(_));
        let slot = connection.take_slot().or_else(|| by_fault.then(|| self.gate.trail.reserve()).flatten());
        if let Some(slot) = slot {
            self.record(&connection.record(), row, slot);
        }
    }

    fn record(&self, connection: &ConnectionRecord, row: &'static OutcomeRow, slot: Slot) {
        self.gate.tally.connections.count(row.code);
        slot.write(Event::Connection(Box::new(ConnectionEnd {
            id: RequestId::new(self.started),
            started: self.started,
            duration_micros: self.gate.clock.ticks().since(self.began),
            connection: Arc::new(connection.clone()),
            outcome: Outcome { row, shadow: None },
            policy: Arc::clone(&self.gate.policy_record),
        })));
    }

    fn connection_record(&self, tls: Option<TlsRecord>) -> ConnectionRecord {
        ConnectionRecord {
            id: RequestId::new(self.started),
            source: self.redacted(self.from.ip()),
            source_port: Some(self.from.port()),
            tls,
            listener: self.edge.listener.clone(),
        }
    }

    fn redacted(&self, address: IpAddr) -> Redacted {
        self.gate.redactor.address(address, self.gate.policy.redaction.address)
    }

    fn tls_record(&self, session: &rustls::ServerConnection) -> TlsRecord {
        let sni = session.server_name().map(|name| match self.tls.known_name(name) {
            Some(name) => Redacted::from(name),
            None => Redacted::literal("other"),
        });
        TlsRecord {
            version: session.protocol_version().and_then(|version| version.as_str()).unwrap_or("unknown"),
            cipher: session.negotiated_cipher_suite().and_then(|suite| suite.suite().as_str()).unwrap_or("unknown"),
            group: session.negotiated_key_exchange_group().and_then(|group| group.name().as_str()).unwrap_or("unknown"),
            sni,
            client_certificate: session.peer_certificates().is_some(),
        }
    }
}

/// Which end of the closed list a failed handshake is.
pub fn outcome_of_handshake(error: &io::Error) -> &'static OutcomeRow {
    use rustls::{CertificateError, Error};
    match error.get_ref().and_then(|inner| inner.downcast_ref::<Error>()) {
        None => &outcome::HANDSHAKE_ABORTED,
        Some(Error::InvalidCertificate(CertificateError::Revoked)) => &outcome::CLIENT_CERTIFICATE_REVOKED,
        Some(Error::InvalidCertificate(CertificateError::UnknownRevocationStatus)) => &outcome::REVOCATION_UNKNOWN,
        Some(error) if clients::is_stale(error) => &outcome::REVOCATION_LIST_STALE,
        Some(Error::NoCertificatesPresented | Error::InvalidCertificate(_) | Error::InvalidCertRevocationList(_)) => {
            &outcome::CLIENT_CERTIFICATE
        }
        Some(Error::PeerIncompatible(_) | Error::NoApplicationProtocol) => &outcome::TLS_INCOMPATIBLE,
        Some(Error::AlertReceived(_)) => &outcome::TLS_ALERT,
        Some(_) => &outcome::TLS_MALFORMED,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_worker_that_is_gone_accepts_no_more() {
        let accepting = Arc::default();
        let (one, other) = (Accepting::new(&accepting), Accepting::new(&accepting));
        drop(one);
        assert_eq!(accepting.load(Ordering::Acquire), 1);
        drop(other);
        assert_eq!(accepting.load(Ordering::Acquire), 0);
    }

    #[test]
    fn few_connections_are_spread_exactly_and_many_are_left_where_they_are() {
        let idler = |loads: &[usize], own| {
            let loads: Vec<_> = loads.iter().map(|load| AtomicUsize::new(*load)).collect();
            idler(&loads, own)
        };
        assert_eq!(idler(&[0, 0], 0), None);
        assert_eq!(idler(&[1, 0], 0), Some(1));
        assert_eq!(idler(&[0, 1], 0), None);
        assert_eq!(idler(&[3, 2, 1], 0), Some(2));
        assert_eq!(idler(&[100, 90], 0), None);
        assert_eq!(idler(&[100, 80], 0), Some(1));
    }
}
