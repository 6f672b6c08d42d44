//! HTTP/2 frame by frame (RFC 9113 section 4), to send what no sound client would.

use super::client::{Client, terms};
use super::{Gate, Person};

/// An HTTP/2 connection by hand.
pub struct Frames(Client);

/// A frame that came.
#[derive(Debug)]
pub struct Frame {
    pub kind: u8,
    pub flags: u8,
    pub stream: u32,
    pub payload: Vec<u8>,
}

/// What became of a stream.
#[derive(Debug, PartialEq, Eq)]
pub enum Fate {
    /// An answer came to its end; its body.
    Answered(Vec<u8>),
    /// The stream was reset, with this code.
    Reset(u32),
    /// The connection was given up, with this code.
    GoneAway(u32),
    /// The connection ended without a word.
    Closed,
}

pub const DATA: u8 = 0;
pub const HEADERS: u8 = 1;
pub const RST_STREAM: u8 = 3;
pub const SETTINGS: u8 = 4;
pub const GOAWAY: u8 = 7;
pub const WINDOW_UPDATE: u8 = 8;
pub const CONTINUATION: u8 = 9;
pub const END_STREAM: u8 = 1;
pub const END_HEADERS: u8 = 4;

/// A sound head for `path`, to be spoilt.
pub fn head<'a>(method: &'a str, path: &'a str) -> Vec<(&'a str, &'a str)> {
    vec![(":method", method), (":scheme", "https"), (":authority", "localhost"), (":path", path)]
}

impl Frames {
    /// Connects and sends the preface and empty settings.
    pub fn connect(gate: &Gate, person: Option<&Person>) -> Self {
        let mut frames = Self(Client::with(gate.address(), terms(person, &["h2"]), "localhost"));
        frames.0.send(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
        frames.frame(SETTINGS, 0, 0, &[]);
        frames
    }

    /// The connection below.
    pub const fn client(&mut self) -> &mut Client {
        &mut self.0
    }

    /// Sends a frame.
    pub fn frame(&mut self, kind: u8, flags: u8, stream: u32, payload: &[u8]) -> &mut Self {
        let length = u32::try_from(payload.len()).expect("a short frame").to_be_bytes();
        let mut bytes = vec![length[1], length[2], length[3], kind, flags];
        bytes.extend(stream.to_be_bytes());
        bytes.extend(payload);
        self.0.send(bytes);
        self
    }

    /// Sends fields as they are, none of them compressed.
    pub fn headers<N: AsRef<[u8]>, V: AsRef<[u8]>>(&mut self, stream: u32, fields: &[(N, V)], flags: u8) -> &mut Self {
        self.frame(HEADERS, flags | END_HEADERS, stream, &block(fields))
    }

    /// Sends a piece of a body.
    pub fn data(&mut self, stream: u32, bytes: &[u8], flags: u8) -> &mut Self {
        self.frame(DATA, flags, stream, bytes)
    }

    /// The next frame.
    pub fn next(&mut self) -> Option<Frame> {
        let head = self.0.take(9)?;
        let length = usize::from(head[0]) << 16 | usize::from(head[1]) << 8 | usize::from(head[2]);
        let stream = u32::from_be_bytes([head[5] & 0x7f, head[6], head[7], head[8]]);
        Some(Frame { kind: head[3], flags: head[4], stream, payload: self.0.take(length)? })
    }

    /// Reads until it is clear what became of a stream.
    pub fn fate(&mut self, stream: u32) -> Fate {
        let mut body = Vec::new();
        while let Some(frame) = self.next() {
            let code = |at: usize| u32::from_be_bytes(frame.payload[at..at + 4].try_into().expect("four bytes"));
            match frame.kind {
                SETTINGS if frame.flags == 0 => drop(self.frame(SETTINGS, 1, 0, &[])),
                RST_STREAM if frame.stream == stream => return Fate::Reset(code(0)),
                GOAWAY if code(4) != 0 => return Fate::GoneAway(code(4)),
                DATA if frame.stream == stream => body.extend_from_slice(&frame.payload),
                _ => {}
            }
            let ends = matches!(frame.kind, DATA | HEADERS) && frame.flags & END_STREAM != 0;
            if ends && frame.stream == stream {
                return Fate::Answered(body);
            }
        }
        Fate::Closed
    }
}

/// A header block (RFC 7541 section 6.2.2): literals without indexing, new names, no Huffman coding.
pub fn block<N: AsRef<[u8]>, V: AsRef<[u8]>>(fields: &[(N, V)]) -> Vec<u8> {
    let mut block = Vec::new();
    for (name, value) in fields {
        block.push(0);
        for text in [name.as_ref(), value.as_ref()] {
            length(&mut block, text.len());
            block.extend(text);
        }
    }
    block
}

/// An integer with a prefix of seven bits (RFC 7541 section 5.1).
fn length(block: &mut Vec<u8>, length: usize) {
    let Some(mut rest) = length.checked_sub(127) else {
        block.push(u8::try_from(length).expect("below 127"));
        return;
    };
    block.push(127);
    while rest >= 128 {
        block.push(u8::try_from(rest % 128).expect("seven bits") | 128);
        rest /= 128;
    }
    block.push(u8::try_from(rest).expect("seven bits"));
}
