//! Small writes gathered until a flush: HTTP/2 hands over every frame on its own, and each would become a TLS record
//! and a system call.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// Bytes that are gathered: the plaintext of one TLS record (RFC 8446 section 5.1).
const MAX: usize = 16 * 1024;

/// A stream whose writes go out at a flush, or when a record is full.
#[derive(Debug)]
pub struct Coalesced<IO> {
    io: IO,
    gathered: Vec<u8>,
    written: usize,
}

impl<IO> Coalesced<IO> {
    /// Gathers what is written to `io`.
    pub const fn new(io: IO) -> Self {
        Self { io, gathered: Vec::new(), written: 0 }
    }
}

impl<IO: AsyncWrite + Unpin> Coalesced<IO> {
    fn poll_empty(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        while self.written < self.gathered.len() {
            let count = ready!(Pin::new(&mut self.io).poll_write(cx, &self.gathered[self.written..]))?;
            if count == 0 {
                return Poll::Ready(Err(io::Error::from(io::ErrorKind::WriteZero)));
            }
            self.written += count;
        }
        // An idle connection keeps no buffer; taking a new one for the next burst costs little.
        self.gathered = Vec::new();
        self.written = 0;
        Poll::Ready(Ok(()))
    }
}

impl<IO: AsyncRead + Unpin> AsyncRead for Coalesced<IO> {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, out: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().io).poll_read(cx, out)
    }
}

impl<IO: AsyncWrite + Unpin> AsyncWrite for Coalesced<IO> {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        if this.gathered.len() + bytes.len() > MAX {
            ready!(this.poll_empty(cx))?;
            if bytes.len() >= MAX {
                return Pin::new(&mut this.io).poll_write(cx, bytes);
            }
        }
        if this.gathered.capacity() == 0 {
            this.gathered.reserve(MAX);
        }
        this.gathered.extend_from_slice(bytes);
        Poll::Ready(Ok(bytes.len()))
    }

    /// Frames below 1 KiB are then copied into one buffer by the writer itself.
    fn is_write_vectored(&self) -> bool {
        false
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        ready!(this.poll_empty(cx))?;
        Pin::new(&mut this.io).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        ready!(this.poll_empty(cx))?;
        Pin::new(&mut this.io).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;

    #[tokio::test]
    async fn everything_comes_out_in_order_and_only_after_a_flush() {
        let (mut far, near) = tokio::io::duplex(64);
        let mut stream = Coalesced::new(near);
        let all: Vec<u8> = (0..100_000_u32).flat_map(u32::to_le_bytes).collect();
        stream.write_all(b"held").await.expect("room");
        let mut byte = [0; 4];
        let early = tokio::time::timeout(std::time::Duration::from_millis(1), far.read(&mut byte)).await;
        assert!(early.is_err(), "nothing goes out before a flush");
        let reader = tokio::spawn(async move {
            let mut seen = Vec::new();
            far.read_to_end(&mut seen).await.map(|_| seen)
        });
        for piece in all.chunks(777).chain(all.chunks(40_000)) {
            stream.write_all(piece).await.expect("a reader");
        }
        stream.shutdown().await.expect("a reader");
        drop(stream);
        let seen = reader.await.expect("no panic").expect("no error");
        assert_eq!(seen, [b"held", &all[..], &all[..]].concat());
    }
}
