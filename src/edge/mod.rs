//! Client sockets: accepted, bounded, handshaken, watched. Everything here is about connections; what a request may do
//! is the gate's part.

mod accept;
mod clients;
mod listen;
mod outcome;
mod proxy_header;
mod serve;
mod slots;
mod small;
mod tls;
mod watch;

pub use accept::{Edge, Worker, run};
pub use listen::{adopt, listen};
#[cfg(fuzzing)]
pub use proxy_header::read as read_proxy_header;
pub use slots::Slots;
pub use small::SmallListener;
pub use tls::{TlsFault, TlsTerms};
