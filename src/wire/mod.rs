//! HTTP/1 framing, read strictly before hyper reads it (RFC 9112). What hyper would repair, merge or skip is a fault
//! here: two readers of one connection must never disagree about where a message ends.

mod body;
mod coalesce;
mod head;
mod held;
mod inbound;
mod reply;
mod single;
mod streams;

pub use coalesce::Coalesced;
pub use head::{HeadBounds, HeadFault};
pub use inbound::{Inbound, InboundState};
pub use reply::{Reply, ReplyState};
pub use single::{Single, spare_loopback};
pub use streams::Streams;
