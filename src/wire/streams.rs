//! How many streams a client opened on an HTTP/2 connection, counted on the wire: those that break the rules are ended by
//! the library before a request is made of them, and nobody would hear of them.

use std::cell::Cell;
use std::io;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// What comes before the first frame (RFC 9113 section 3.4).
const PREFACE: usize = 24;
/// Bytes of a frame's header (RFC 9113 section 4.1).
const HEADER: usize = 9;
/// The type of frames that open streams.
const HEADERS: u8 = 1;

/// Streams that the client opened so far.
pub type Opened = Rc<Cell<u32>>;

/// A stream of HTTP/2 frames in which HEADERS of new streams are counted as they are read.
#[derive(Debug)]
pub struct Streams<IO> {
    io: IO,
    opened: Opened,
    /// Bytes up to the next frame's header.
    skip: usize,
    header: [u8; HEADER],
    filled: usize,
    /// The highest stream so far: a new one has a higher number (RFC 9113 section 5.1.1).
    last: u32,
}

impl<IO> Streams<IO> {
    /// Counts what is read of `io`, and gives the count.
    pub fn new(io: IO) -> (Self, Opened) {
        let opened = Opened::default();
        let streams = Self { io, opened: Rc::clone(&opened), skip: PREFACE, header: [0; HEADER], filled: 0, last: 0 };
        (streams, opened)
    }

    fn see(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            let skipped = self.skip.min(bytes.len());
            self.skip -= skipped;
            bytes = &bytes[skipped..];
            let taken = (HEADER - self.filled).min(bytes.len());
            self.header[self.filled..self.filled + taken].copy_from_slice(&bytes[..taken]);
            self.filled += taken;
            bytes = &bytes[taken..];
            if self.filled == HEADER {
                self.filled = 0;
                self.frame();
            }
        }
    }

    fn frame(&mut self) {
        let [long, middle, short, kind, _, number @ ..] = self.header;
        self.skip = usize::from(long) << 16 | usize::from(middle) << 8 | usize::from(short);
        let stream = u32::from_be_bytes(number) & 0x7fff_ffff;
        if kind == HEADERS && stream > self.last {
            self.last = stream;
            self.opened.set(self.opened.get().saturating_add(1));
        }
    }
}

impl<IO: AsyncRead + Unpin> AsyncRead for Streams<IO> {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, out: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let before = out.filled().len();
        ready!(Pin::new(&mut this.io).poll_read(cx, out))?;
        this.see(&out.filled()[before..]);
        Poll::Ready(Ok(()))
    }
}

impl<IO: AsyncWrite + Unpin> AsyncWrite for Streams<IO> {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.get_mut().io).poll_write(cx, bytes)
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().io).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().io).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(kind: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
        let length = u32::try_from(payload.len()).expect("short").to_be_bytes();
        [&length[1..], &[kind, 0], &stream.to_be_bytes(), payload].concat()
    }

    #[test]
    fn framing_http2_streams_are_counted_however_the_bytes_come() {
        let frames = [
            frame(4, 0, &[]),
            frame(1, 1, &[0; 20]),
            frame(9, 1, &[1; 30]),
            frame(0, 1, &[1; 300]),
            frame(1, 1, b"trailers"),
            frame(1, 5, &[]),
            frame(8, 0, &[0; 4]),
            frame(1, 0x8000_0007, b"the reserved bit is nobody's"),
            frame(1, 3, b"lower"),
        ];
        let wire = [&b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"[..], &frames.concat()].concat();
        for size in [1, 2, 7, 9, 10, 64, wire.len()] {
            let (mut streams, opened) = Streams::new(tokio::io::empty());
            wire.chunks(size).for_each(|piece| streams.see(piece));
            assert_eq!(opened.get(), 3, "{size}");
        }
    }
}
