//! HTTP/1 on both sides. What passes does not depend on how the bytes were cut into reads, and every head that passes
//! is one that the next parser takes too.

#![no_main]

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use libfuzzer_sys::fuzz_target;
use portcullis::clock::{Clock, UnixMillis};
use portcullis::wire::{HeadBounds, Inbound, Reply};
use tokio::io::{AsyncRead, ReadBuf};

const BOUNDS: HeadBounds = HeadBounds { bytes: 2048, fields: 32, target: 512 };

/// Bytes that come a few at a time.
struct Cut<'a> {
    bytes: &'a [u8],
    size: usize,
}

impl AsyncRead for Cut<'_> {
    fn poll_read(mut self: Pin<&mut Self>, _: &mut Context<'_>, out: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let (now, later) = self.bytes.split_at(self.size.min(self.bytes.len()).min(out.remaining()));
        out.put_slice(now);
        self.bytes = later;
        Poll::Ready(Ok(()))
    }
}

/// Reads until nothing comes any more.
fn drain(mut io: impl AsyncRead + Unpin) -> Vec<u8> {
    let mut context = Context::from_waker(Waker::noop());
    let mut passed = Vec::new();
    loop {
        let mut buffer = [0; 4096];
        let mut out = ReadBuf::new(&mut buffer);
        match Pin::new(&mut io).poll_read(&mut context, &mut out) {
            Poll::Ready(Ok(())) if !out.filled().is_empty() => passed.extend_from_slice(out.filled()),
            Poll::Ready(_) | Poll::Pending => return passed,
        }
    }
}

/// What passes on the client's side, and whether all of it was sound.
fn inbound(bytes: &[u8], size: usize) -> (Vec<u8>, bool) {
    let (clock, _) = Clock::manual(UnixMillis(0));
    let (io, state) = Inbound::new(Cut { bytes, size }, BOUNDS, clock);
    let passed = drain(io);
    let most = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
    (passed, !state.body_fault() && (1..=most).all(|number| state.fault_of(number).is_none()))
}

/// What passes of one answer on the app's side, and whether it was sound.
fn reply(bytes: &[u8], size: usize) -> (Vec<u8>, bool) {
    let (io, state) = Reply::new(Cut { bytes, size }, BOUNDS);
    state.expect_head();
    let passed = drain(io);
    (passed, !state.fault())
}

fuzz_target!(|data: (bool, u8, &[u8])| {
    let (is_request, size, bytes) = data;
    let read = if is_request { inbound } else { reply };
    let (whole, sound) = read(bytes, usize::MAX);
    let (pieces, sound_in_pieces) = read(bytes, usize::from(size).max(1));
    assert_eq!(sound, sound_in_pieces, "a fault depends on how the bytes were cut");
    if !sound || whole.is_empty() {
        return;
    }
    assert_eq!(whole, pieces, "what passes depends on how the bytes were cut");
    let mut fields = [httparse::EMPTY_HEADER; 64];
    let parsed = if is_request {
        httparse::Request::new(&mut fields).parse(&whole)
    } else {
        httparse::Response::new(&mut fields).parse(&whole)
    };
    assert!(parsed.is_ok_and(|parsed| parsed.is_complete()), "a head passed that the next parser refuses");
});
