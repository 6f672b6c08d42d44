//! Whose doing it is.

/// Whose doing an outcome is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Blame {
    /// The client's.
    Client,
    /// The app's.
    Upstream,
    /// Our own.
    Gate,
    /// The policy's.
    Policy,
    /// Nobody's: all went well.
    None,
}

impl Blame {
    /// As `unmapped.portcullis.blame` shows it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Client => "client",
            Self::Upstream => "upstream",
            Self::Gate => "gate",
            Self::Policy => "policy",
            Self::None => "none",
        }
    }
}
