//! Why replicas cannot count together.

use std::fmt;

use redis::{ErrorKind, RedisError, ServerErrorKind};

/// Why the settings cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SharedFault {
    /// The key or the password.
    #[error("{0}")]
    Secret(#[from] crate::identity::IdentityFault),
    /// The library does not take them.
    #[error("shared: the servers' addresses, or the certificates in `ca` and `certificate`, cannot be used")]
    Settings,
}

/// Why an exchange failed. A server's own words are not among it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkFault {
    /// Nobody there.
    Connect,
    /// No answer in time.
    Timeout,
    /// It wants another user or password, or does not let this one do what is needed.
    Refused,
    /// It is loading, fails over, or may not be written to.
    Unready,
    /// It answered what it should not.
    Malformed,
}

impl LinkFault {
    /// The stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Connect => "connect",
            Self::Timeout => "timeout",
            Self::Refused => "refused",
            Self::Unready => "unready",
            Self::Malformed => "malformed",
        }
    }
}

impl fmt::Display for LinkFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl std::error::Error for LinkFault {}

impl From<RedisError> for LinkFault {
    fn from(error: RedisError) -> Self {
        if error.is_timeout() {
            return Self::Timeout;
        }
        match error.kind() {
            ErrorKind::AuthenticationFailed => Self::Refused,
            ErrorKind::Server(ServerErrorKind::NoPerm) => Self::Refused,
            ErrorKind::Server(_) | ErrorKind::ClusterConnectionNotFound | ErrorKind::MasterNameNotFoundBySentinel => {
                Self::Unready
            }
            ErrorKind::UnexpectedReturnType | ErrorKind::Parse => Self::Malformed,
            _ => Self::Connect,
        }
    }
}
