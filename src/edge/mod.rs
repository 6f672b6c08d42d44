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
pub use slots::{NoPlace, Place, Slots};
pub use small::SmallListener;
pub use tls::{TlsFault, TlsTerms};

/// How a connection may end on a listener of another room.
pub mod end {
    pub use super::accept::outcome_of_handshake as of_handshake;
    use super::outcome;
    use crate::audit::OutcomeRow;

    /// The handshake took too long.
    pub static HANDSHAKE_TIMEOUT: &OutcomeRow = &outcome::HANDSHAKE_TIMEOUT;
    /// The client left before anything was asked.
    pub static EMPTY: &OutcomeRow = &outcome::EMPTY;
    /// A head that never ended.
    pub static HEADER_TIMEOUT: &OutcomeRow = &outcome::HEADER_TIMEOUT;
    /// A head that is none.
    pub static MALFORMED: &OutcomeRow = &outcome::HTTP1;
    /// All places are taken.
    pub static SLOTS: &OutcomeRow = &outcome::SLOTS;
    /// All places of one address are taken.
    pub static SLOTS_OF_ADDRESS: &OutcomeRow = &outcome::SLOTS_OF_ADDRESS;
}
