//! The PROXY protocol, both versions: a header is read, and nothing of what follows it.

#![no_main]

use std::pin::pin;
use std::task::{Context, Poll, Waker};

use libfuzzer_sys::fuzz_target;
use portcullis::edge::read_proxy_header;

fuzz_target!(|bytes: &[u8]| {
    let mut stream = bytes;
    let read = {
        let future = pin!(read_proxy_header(&mut stream));
        match future.poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(read) => read,
            Poll::Pending => panic!("a slice is always ready"),
        }
    };
    if read.is_ok() {
        let header = &bytes[..bytes.len() - stream.len()];
        let v1 = header.starts_with(b"PROXY ") && header.ends_with(b"\r\n") && header.len() <= 107;
        let v2 = header.len() >= 16 && header.len() == 16 + usize::from(u16::from_be_bytes([header[14], header[15]]));
        assert!(v1 || v2, "another length than the header's own");
    }
});
