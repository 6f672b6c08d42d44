//! The listening socket.

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::time::Duration;

use socket2::{Domain, Protocol, SockRef, Socket, Type};

use crate::clock::Ticks;
use crate::telemetry::log;
use crate::wire::spare_loopback;

/// Connections that the kernel keeps ready: what arrives within some tens of milliseconds at full handshake rate.
pub(super) const BACKLOG: i32 = 4096;

/// Binds and listens. `TCP_NODELAY` and keep-alive are set on the listener, since Linux hands them on to accepted sockets.
pub fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
    socket.set_reuse_address(true)?;
    if address.ip().is_loopback() {
        spare_loopback(&socket);
    }
    socket.bind(&address.into())?;
    socket.listen(BACKLOG)?;
    let listener = socket.into();
    adopt(&listener)?;
    Ok(listener)
}

/// Makes a listening socket, also one that somebody else has bound, what the gate expects of it.
pub fn adopt(listener: &TcpListener) -> io::Result<()> {
    let socket = SockRef::from(listener);
    socket.set_tcp_nodelay(true)?;
    socket.set_keepalive(true)?;
    socket.set_nonblocking(true)
}

/// Between two lines of the log that say that no connection can be accepted.
const EVERY: Duration = Duration::from_mins(1);

/// A worker's trouble with accepting: told once, and again from time to time while it lasts.
#[derive(Debug, Default)]
pub(super) struct Scarcity {
    told: Option<Ticks>,
}

impl Scarcity {
    /// A connection could not be accepted at `now`.
    pub(super) fn meet(&mut self, fault: &io::Error, now: Ticks) {
        if self.told.is_none_or(|told| told.plus(EVERY) <= now) {
            self.told = Some(now);
            log::warn!(
                "connections cannot be accepted and wait; `portcullis doctor` says how many files may be open",
                fault = fault,
            );
        }
    }
}
