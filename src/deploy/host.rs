//! What a start was given: sockets that listen already, a predecessor that waits for it, a service manager that watches.

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::time::Duration;

use listenfd::ListenFd;

use super::handover::{HandoverFault, Predecessor};
use super::systemd;
use crate::edge;
use crate::telemetry::log;

/// What a start was given.
#[derive(Default)]
pub struct Host {
    listeners: Vec<TcpListener>,
    /// Of what listens for the gate, to be handed over.
    held: Vec<TcpListener>,
    /// The predecessor's own socket for the next upgrade.
    handover: Option<UnixListener>,
    predecessor: Option<Predecessor>,
    watchdog: Option<Duration>,
    confined: bool,
    /// Ports that are called beyond those of the policy.
    calls: Vec<u16>,
}

impl Host {
    /// Nothing, and without a sandbox: for a gate beside others in one process.
    pub fn shared() -> Self {
        Self::default()
    }

    /// The same, and ports that the gate calls beyond those of the policy: the sandbox allows them.
    #[must_use]
    pub fn calling(mut self, ports: impl IntoIterator<Item = u16>) -> Self {
        self.calls.extend(ports);
        self
    }

    /// Ports that are called beyond those of the policy.
    pub fn calls(&self) -> &[u16] {
        &self.calls
    }

    /// What the service manager gave (sd_listen_fds(3), sd_watchdog_enabled(3)). To be called before threads start.
    pub fn from_environment() -> Self {
        let mut given = ListenFd::from_env();
        let listeners = (0..given.len()).filter_map(|place| given.take_tcp_listener(place).ok().flatten()).collect();
        Self { listeners, watchdog: systemd::watchdog(), confined: true, ..Self::default() }
    }

    /// What the gate that listens on `socket` hands over.
    pub fn taking_over(socket: &Path) -> Result<Self, HandoverFault> {
        let (predecessor, given) = Predecessor::ask(socket)?;
        predecessor.take_output().map_err(HandoverFault::Gone)?;
        Ok(Self {
            listeners: given.listeners,
            handover: Some(given.handover),
            predecessor: Some(predecessor),
            watchdog: given.watchdog,
            confined: true,
            ..Self::default()
        })
    }

    /// A socket that listens on `address`: a given one, or one of our own. Whatever listens for the gate goes through here,
    /// so that a successor gets all of it.
    pub fn listen(&mut self, address: SocketAddr) -> io::Result<TcpListener> {
        let listener = match self.given(address) {
            Some(listener) => {
                log::info!("a listening socket was given", address = address);
                edge::adopt(&listener)?;
                listener
            }
            None => edge::listen(address)?,
        };
        self.held.push(listener.try_clone()?);
        Ok(listener)
    }

    /// The given socket of an address. Port 0 is the predecessor's, whichever it has.
    fn given(&mut self, address: SocketAddr) -> Option<TcpListener> {
        let any_port = address.port() == 0 && self.predecessor.is_some();
        let fits = |listener: &TcpListener| {
            let found = listener.local_addr();
            found.is_ok_and(|found| found == address || (any_port && found.ip() == address.ip()))
        };
        let place = self.listeners.iter().position(fits)?;
        Some(self.listeners.remove(place))
    }

    /// All that listens for the gate.
    pub fn held(&self) -> impl Iterator<Item = &TcpListener> {
        self.held.iter()
    }

    /// Where given sockets listen that nobody asked for.
    pub fn unused(&self) -> impl Iterator<Item = SocketAddr> {
        self.listeners.iter().filter_map(|listener| listener.local_addr().ok())
    }

    /// The socket on which the predecessor was asked.
    pub const fn handover(&mut self) -> Option<UnixListener> {
        self.handover.take()
    }

    /// Who waits for this gate to be ready.
    pub const fn predecessor(&mut self) -> Option<Predecessor> {
        self.predecessor.take()
    }

    /// Whether this gate takes over from another one that still writes its records.
    pub const fn is_taking_over(&self) -> bool {
        self.predecessor.is_some()
    }

    /// How often the service manager wants to hear from the gate.
    pub const fn watchdog(&self) -> Option<Duration> {
        self.watchdog
    }

    /// Whether the process is the gate's own, so that a sandbox may be made of it.
    pub const fn is_confined(&self) -> bool {
        self.confined
    }
}
