//! The running gate, attacked and used from outside: real sockets, the real binary, an app that keeps what it is sent.

mod accounting;
mod arrivals;
mod bodies;
mod connections;
mod dos;
mod framing;
mod framing_answers;
mod framing_http2;
mod harness;
mod header;
mod path;
mod refusal;
mod refused_credentials;
mod upstream;
