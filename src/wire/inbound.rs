//! The client's side of an HTTP/1 connection: bytes reach hyper only when their framing is sound.
//!
//! A faulty head never does. In its place hyper reads a harmless one, and [`InboundState::fault_of`] tells the service
//! which request that is, so that it is refused, answered and recorded like any other. A head is passed on whole, so
//! hyper never waits in the middle of one.

use std::io;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, ReadBuf};

use super::body::{Advance, Rest};
use super::head::{self, HeadBounds, HeadFault, Scan};
use super::held::{Held, writes_pass};
use crate::clock::{Clock, Ticks};

/// What hyper reads instead of a faulty head.
const STAND_IN: &[u8] = b"GET / HTTP/1.1\r\nhost: refused\r\nconnection: close\r\n\r\n";

/// What the service and the connection's watch see of the wire.
#[derive(Debug, Default)]
pub struct InboundState {
    fault: OnceLock<(u32, HeadFault)>,
    body_fault: AtomicBool,
    /// Whole heads that were passed on, or stood in for.
    heads: AtomicU32,
    /// When the head that is still incomplete began; 0 for none. Ticks start at 1 for this use.
    head_began: AtomicU64,
    tunnel: AtomicBool,
}

impl InboundState {
    /// The fault of the connection's `number`th request, counted from 1.
    pub fn fault_of(&self, number: u32) -> Option<HeadFault> {
        self.fault.get().filter(|(faulty, _)| *faulty == number).map(|(_, fault)| *fault)
    }

    /// How many heads came whole.
    pub fn heads(&self) -> u32 {
        self.heads.load(Ordering::Relaxed)
    }

    /// Whether a body broke its framing.
    pub fn body_fault(&self) -> bool {
        self.body_fault.load(Ordering::Relaxed)
    }

    /// When the head began that has not ended yet.
    pub fn head_began(&self) -> Option<Ticks> {
        match self.head_began.load(Ordering::Relaxed) {
            0 => None,
            ticks => Some(Ticks(ticks)),
        }
    }

    /// Whether the bytes are another protocol's.
    pub fn is_tunnel(&self) -> bool {
        self.tunnel.load(Ordering::Relaxed)
    }

    /// From now on the bytes are another protocol's. To be called before the answer 101 is sent.
    pub fn become_tunnel(&self) {
        self.tunnel.store(true, Ordering::Relaxed);
    }
}

/// A client's byte stream under [`InboundState`]'s eyes.
#[derive(Debug)]
pub struct Inbound<IO> {
    io: IO,
    state: Arc<InboundState>,
    clock: Clock,
    bounds: HeadBounds,
    phase: Phase,
    heads: u32,
    /// The start of a head whose end has not come yet.
    partial: Vec<u8>,
    /// Sound bytes that did not fit into the reader's buffer.
    held: Held,
}

#[derive(Debug)]
enum Phase {
    Head,
    Body(Rest),
    /// A head was refused; nothing after it is read.
    Refused,
    /// A body broke its framing.
    Broken,
}

impl<IO> Inbound<IO> {
    /// Watches `io`.
    pub fn new(io: IO, bounds: HeadBounds, clock: Clock) -> (Self, Arc<InboundState>) {
        let state = Arc::new(InboundState::default());
        let inbound = Self {
            io,
            state: Arc::clone(&state),
            clock,
            bounds,
            phase: Phase::Head,
            heads: 0,
            partial: Vec::new(),
            held: Held::default(),
        };
        (inbound, state)
    }

    /// How many of `bytes` may be passed on; the rest is the start of a head, or refused.
    fn follow(&mut self, bytes: &[u8]) -> usize {
        let mut at = 0;
        while at < bytes.len() {
            match &mut self.phase {
                Phase::Head => match head::request(&bytes[at..], &self.bounds) {
                    Scan::Partial => break,
                    Scan::Complete { end, framing } => {
                        at += end;
                        self.heads = self.heads.saturating_add(1);
                        self.state.heads.store(self.heads, Ordering::Relaxed);
                        if let Some(rest) = Rest::of(framing) {
                            self.phase = Phase::Body(rest);
                        }
                    }
                    Scan::Fault(fault) => {
                        self.heads = self.heads.saturating_add(1);
                        // Set once: nothing is read after the first fault.
                        let _ = self.state.fault.set((self.heads, fault));
                        self.phase = Phase::Refused;
                        break;
                    }
                },
                Phase::Body(rest) => match rest.advance(&bytes[at..]) {
                    Advance::Open => at = bytes.len(),
                    Advance::Ended(end) => {
                        at += end;
                        self.phase = Phase::Head;
                    }
                    Advance::Fault(end) => {
                        at += end;
                        self.state.body_fault.store(true, Ordering::Relaxed);
                        self.phase = Phase::Broken;
                        break;
                    }
                },
                Phase::Refused | Phase::Broken => break,
            }
        }
        at
    }

    /// Sifts what was just read into `out` after `before`.
    fn sift(&mut self, out: &mut ReadBuf<'_>, before: usize) {
        if self.partial.is_empty() {
            let fresh = &out.filled()[before..];
            let pass = self.follow(fresh);
            if pass < fresh.len() && matches!(self.phase, Phase::Head) {
                self.partial.extend_from_slice(&fresh[pass..]);
            }
            out.set_filled(before + pass);
        } else {
            let fresh = &out.filled()[before..];
            let may_end = fresh.contains(&b'\n') || self.partial.len() + fresh.len() >= self.bounds.bytes;
            self.partial.extend_from_slice(fresh);
            out.set_filled(before);
            // Without a new line the head cannot have ended: scanning again would make slow heads quadratic.
            let target_is_open = memchr::memchr(b'\n', &self.partial).is_none();
            if may_end || target_is_open && self.partial.len() > self.bounds.target {
                let bytes = std::mem::take(&mut self.partial);
                let pass = self.follow(&bytes);
                self.held.hold(&bytes[..pass]);
                if matches!(self.phase, Phase::Head) {
                    self.partial.extend_from_slice(&bytes[pass..]);
                }
            }
        }
        if matches!(self.phase, Phase::Refused) {
            self.partial = Vec::new();
            self.held.hold(STAND_IN);
        }
        let began = match (self.partial.is_empty(), self.state.head_began.load(Ordering::Relaxed)) {
            (true, 0) => return,
            (true, _) => 0,
            (false, 0) => self.clock.ticks().0.max(1),
            (false, _) => return,
        };
        self.state.head_began.store(began, Ordering::Relaxed);
    }
}

impl<IO: AsyncRead + Unpin> AsyncRead for Inbound<IO> {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, out: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        if this.held.hand_out(out) {
            return Poll::Ready(Ok(()));
        }
        if this.state.tunnel.load(Ordering::Relaxed) {
            this.held.hold(&std::mem::take(&mut this.partial));
            return if this.held.hand_out(out) {
                Poll::Ready(Ok(()))
            } else {
                Pin::new(&mut this.io).poll_read(cx, out)
            };
        }
        loop {
            match this.phase {
                // The answer to the refused request closes the connection; until then there is nothing to read.
                Phase::Refused => return Poll::Pending,
                Phase::Broken => return Poll::Ready(Err(io::Error::from(io::ErrorKind::InvalidData))),
                Phase::Head | Phase::Body(_) => {}
            }
            let before = out.filled().len();
            ready!(Pin::new(&mut this.io).poll_read(cx, out))?;
            if out.filled().len() == before {
                return Poll::Ready(Ok(()));
            }
            this.sift(out, before);
            if out.filled().len() > before || this.held.hand_out(out) {
                return Poll::Ready(Ok(()));
            }
        }
    }
}

writes_pass!(Inbound);

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;

    const BOUNDS: HeadBounds = HeadBounds { bytes: 512, fields: 16, target: 128 };

    /// What comes out when `pieces` are written one by one, and the state after.
    async fn through(pieces: &[&[u8]]) -> (Vec<u8>, Arc<InboundState>) {
        let (mut client, server) = tokio::io::duplex(4096);
        let (mut inbound, state) = Inbound::new(server, BOUNDS, Clock::system());
        let mut seen = Vec::new();
        for piece in pieces {
            client.write_all(piece).await.expect("room");
            let mut buffer = [0; 64];
            // Reads until the wire has no more for us right now.
            while let Ok(Ok(count)) =
                tokio::time::timeout(std::time::Duration::from_millis(1), inbound.read(&mut buffer)).await
            {
                seen.extend_from_slice(&buffer[..count]);
            }
        }
        (seen, state)
    }

    const TWO: &[u8] =
        b"POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhelloGET /b HTTP/1.1\r\nHost: a\r\n\r\n";

    #[tokio::test(start_paused = true)]
    async fn framing_sound_bytes_pass_unchanged_however_they_are_cut() {
        for cut in 1..TWO.len() {
            let (seen, state) = through(&[&TWO[..cut], &TWO[cut..]]).await;
            assert_eq!(seen, TWO, "{cut}");
            assert_eq!(state.fault.get(), None);
            assert_eq!(state.head_began(), None);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn framing_a_faulty_second_head_is_replaced_and_numbered() {
        let bad = b"GET /c HTTP/1.1\r\nHost: a\nX: smuggled\r\n\r\n";
        let all = [TWO, bad].concat();
        for cut in 1..all.len() {
            let (seen, state) = through(&[&all[..cut], &all[cut..]]).await;
            assert_eq!(seen, [TWO, STAND_IN].concat(), "{cut}");
            assert_eq!(state.fault_of(3), Some(HeadFault::BareLineFeed));
            assert_eq!(state.fault_of(2), None);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn framing_half_a_head_never_reaches_the_parser() {
        let (seen, state) = through(&[b"GET / HTTP/1.1\r\nHo"]).await;
        assert!(seen.is_empty());
        assert!(state.head_began().is_some());
    }

    #[tokio::test(start_paused = true)]
    async fn framing_a_broken_chunk_is_an_error_not_an_end() {
        let (mut client, server) = tokio::io::duplex(4096);
        let (mut inbound, state) = Inbound::new(server, BOUNDS, Clock::system());
        client
            .write_all(b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2\nab\r\n0\r\n\r\n")
            .await
            .expect("room");
        let mut all = Vec::new();
        let error = inbound.read_to_end(&mut all).await.expect_err("an error");
        assert_eq!(error.kind(), io::ErrorKind::InvalidData);
        assert!(state.body_fault());
    }
}
