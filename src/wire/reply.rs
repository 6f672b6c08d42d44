//! The app's side of an HTTP/1 connection: the head of every answer is read strictly before hyper reads it.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, ReadBuf};

use super::head::{self, HeadBounds, Scan};
use super::held::{Held, writes_pass};

/// Interim answers (RFC 9110, section 15.2) before a final one: apps send one or two. More are an app that does not come to
/// an end.
const MOST_INTERIM: usize = 16;

/// Shared with whoever sends the requests.
#[derive(Debug, Default)]
pub struct ReplyState {
    expecting: AtomicBool,
    fault: AtomicBool,
}

impl ReplyState {
    /// The next bytes are the head of an answer. To be called before a request is sent.
    pub fn expect_head(&self) {
        self.expecting.store(true, Ordering::Relaxed);
    }

    /// Whether an answer broke the rules; the connection is of no further use.
    pub fn fault(&self) -> bool {
        self.fault.load(Ordering::Relaxed)
    }
}

/// An app's byte stream under [`ReplyState`]'s eyes.
#[derive(Debug)]
pub struct Reply<IO> {
    io: IO,
    state: Arc<ReplyState>,
    bounds: HeadBounds,
    /// Interim answers since the last final one.
    interim: usize,
    partial: Vec<u8>,
    held: Held,
}

impl<IO> Reply<IO> {
    /// Watches `io`.
    pub fn new(io: IO, bounds: HeadBounds) -> (Self, Arc<ReplyState>) {
        let state = Arc::new(ReplyState::default());
        (Self { io, state: Arc::clone(&state), bounds, interim: 0, partial: Vec::new(), held: Held::default() }, state)
    }

    /// Follows heads from the start of `bytes`, interim ones (1xx) included; how many bytes may pass.
    fn follow(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut at = 0;
        while at < bytes.len() && self.state.expecting.load(Ordering::Relaxed) {
            match head::answer(&bytes[at..], &self.bounds) {
                Scan::Partial => return Ok(at),
                Scan::Complete { end, .. } => {
                    // `HTTP/1.1 1..` announces another head, except 101, which ends HTTP on this connection.
                    let status = &bytes[at + 9..at + 12];
                    if status[0] != b'1' || status == b"101" {
                        self.state.expecting.store(false, Ordering::Relaxed);
                        self.interim = 0;
                    } else if self.interim < MOST_INTERIM {
                        self.interim += 1;
                    } else {
                        return Err(self.broken());
                    }
                    at += end;
                }
                Scan::Fault(_) => return Err(self.broken()),
            }
        }
        if self.state.expecting.load(Ordering::Relaxed) { Ok(at) } else { Ok(bytes.len()) }
    }

    fn broken(&self) -> io::Error {
        self.state.fault.store(true, Ordering::Relaxed);
        io::Error::from(io::ErrorKind::InvalidData)
    }
}

impl<IO: AsyncRead + Unpin> AsyncRead for Reply<IO> {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, out: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        if this.held.hand_out(out) {
            return Poll::Ready(Ok(()));
        }
        loop {
            let before = out.filled().len();
            ready!(Pin::new(&mut this.io).poll_read(cx, out))?;
            let fresh = &out.filled()[before..];
            if fresh.is_empty() {
                return Poll::Ready(Ok(()));
            }
            if !this.state.expecting.load(Ordering::Relaxed) {
                return Poll::Ready(Ok(()));
            }
            if this.partial.is_empty() {
                let pass = this.follow(fresh)?;
                this.partial.extend_from_slice(&fresh[pass..]);
                out.set_filled(before + pass);
            } else {
                this.partial.extend_from_slice(fresh);
                out.set_filled(before);
                let bytes = std::mem::take(&mut this.partial);
                let pass = this.follow(&bytes)?;
                this.held.hold(&bytes[..pass]);
                this.partial.extend_from_slice(&bytes[pass..]);
            }
            if out.filled().len() > before || this.held.hand_out(out) {
                return Poll::Ready(Ok(()));
            }
        }
    }
}

writes_pass!(Reply);

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;

    const BOUNDS: HeadBounds = HeadBounds { bytes: 512, fields: 16, target: 0 };

    async fn through(bytes: &[u8], cut: usize) -> io::Result<Vec<u8>> {
        let (mut app, gate) = tokio::io::duplex(4096);
        let (mut reply, state) = Reply::new(gate, BOUNDS);
        state.expect_head();
        let mut seen = Vec::new();
        for piece in [&bytes[..cut], &bytes[cut..]] {
            app.write_all(piece).await?;
            let mut buffer = [0; 4096];
            while let Ok(count) =
                tokio::time::timeout(std::time::Duration::from_millis(1), reply.read(&mut buffer)).await
            {
                seen.extend_from_slice(&buffer[..count?]);
            }
        }
        Ok(seen)
    }

    #[tokio::test(start_paused = true)]
    async fn framing_answers_pass_unchanged_interim_ones_too() {
        let bytes = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\na\nb";
        for cut in 1..bytes.len() {
            assert_eq!(through(bytes, cut).await.expect("sound"), bytes, "{cut}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn framing_answers_with_loose_heads_are_errors() {
        for bytes in [
            &b"HTTP/1.1 200 OK\nContent-Length: 3\n\nabc"[..],
            b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\nabc",
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\nabc",
            b"HTTP/2 200\r\n\r\n",
            b"HTTP/1.1 200 O\0K\r\n\r\n",
            b"HTTP/1.1 200 OK\rContent-Length: 3\r\n\r\nabc",
        ] {
            for cut in 1..bytes.len() - 4 {
                assert!(through(bytes, cut).await.is_err(), "{cut} {bytes:?}");
            }
        }
    }

    #[tokio::test(start_paused = true)]
    async fn framing_interim_answers_without_end_are_an_error() {
        let most = b"HTTP/1.1 102 Processing\r\n\r\n".repeat(MOST_INTERIM);
        let sound = [&most, &b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"[..]].concat();
        let endless = [&most, &b"HTTP/1.1 102 Processing\r\n\r\n"[..]].concat();
        for cut in [1, 26, 40, sound.len() - 30] {
            assert_eq!(through(&sound, cut).await.expect("sound"), sound, "{cut}");
            assert!(through(&endless, cut).await.is_err(), "{cut}");
        }
    }
}
