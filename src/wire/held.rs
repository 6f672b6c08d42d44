//! What the two watched streams have in common: bytes that did not fit into a reader's buffer, and writes that pass.

use tokio::io::ReadBuf;

/// Sound bytes that wait for room in a reader's buffer.
#[derive(Debug, Default)]
pub(super) struct Held {
    bytes: Vec<u8>,
    from: usize,
}

impl Held {
    /// Holds more.
    pub(super) fn hold(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    /// Hands out as much as there is room for; `false` if nothing is held.
    pub(super) fn hand_out(&mut self, out: &mut ReadBuf<'_>) -> bool {
        let held = &self.bytes[self.from..];
        if held.is_empty() {
            return false;
        }
        let take = held.len().min(out.remaining());
        out.put_slice(&held[..take]);
        self.from += take;
        if self.from == self.bytes.len() {
            *self = Self::default();
        }
        true
    }
}

/// Implements `AsyncWrite` by the stream within: only what is read is watched.
macro_rules! writes_pass {
    ($watched:ident) => {
        impl<IO: tokio::io::AsyncWrite + Unpin> tokio::io::AsyncWrite for $watched<IO> {
            fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
                Pin::new(&mut self.get_mut().io).poll_write(cx, bytes)
            }

            fn poll_write_vectored(
                self: Pin<&mut Self>,
                cx: &mut Context<'_>,
                slices: &[io::IoSlice<'_>],
            ) -> Poll<io::Result<usize>> {
                Pin::new(&mut self.get_mut().io).poll_write_vectored(cx, slices)
            }

            fn is_write_vectored(&self) -> bool {
                self.io.is_write_vectored()
            }

            fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
                Pin::new(&mut self.get_mut().io).poll_flush(cx)
            }

            fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
                Pin::new(&mut self.get_mut().io).poll_shutdown(cx)
            }
        }
    };
}
pub(super) use writes_pass;
