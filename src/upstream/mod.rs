//! The way to the app: verified TLS, loopback or a Unix socket, over connections that each worker pools for itself.

mod connect;
mod parcel;
mod patience;
mod pool;
mod probe;

pub use connect::{ConnectFault, Connector, Stream};
pub use parcel::Parcel;
pub use pool::{Lease, LocalExecutor, Pool};
pub use probe::{ProbeFault, Probes};

/// Why the app gave no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UpstreamFault {
    /// No connection: refused, unreachable, name not found, TLS not verified.
    Connect,
    /// No connection within the dead-line.
    ConnectTimeout,
    /// Too many connections are being made already.
    Busy,
    /// The connection ended before an answer began.
    Closed,
    /// The answer's head breaks the rules of HTTP.
    BadAnswer,
    /// No answer within the dead-line.
    Timeout,
    /// The request's own body failed on the way.
    RequestBody,
}
