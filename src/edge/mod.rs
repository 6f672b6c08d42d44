//! Client sockets: accepted, bounded, handshaken, watched. Everything here is about connections; what a request may do
//! is the gate's part.

mod accept;
mod listen;
mod outcome;
mod proxy_header;
mod serve;
mod slots;
mod tls;
mod watch;

pub use accept::{Edge, Worker, run};
pub use listen::listen;
pub use slots::Slots;
pub use tls::{TlsFault, TlsTerms};
