//! What an operator may do: rights that a role has, and that a call to the operators' API needs.

/// One right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Right {
    /// To see how the gate does.
    View,
    /// To shut callers, roles, routes or everything out, and to let them in again.
    Quarantine,
    /// To lift a lock.
    Unlock,
    /// To have the files read again.
    Reload,
    /// To take the gate out of service.
    Drain,
    /// To change how much the own log says.
    Log,
}

impl Right {
    /// All of them.
    pub const ALL: [Self; 6] = [Self::View, Self::Quarantine, Self::Unlock, Self::Reload, Self::Drain, Self::Log];

    /// As the policy spells it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::View => "view",
            Self::Quarantine => "quarantine",
            Self::Unlock => "unlock",
            Self::Reload => "reload",
            Self::Drain => "drain",
            Self::Log => "log",
        }
    }
}

/// A set of rights.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rights(u8);

impl Rights {
    /// Every right there is.
    pub fn all() -> Self {
        Right::ALL.into_iter().collect()
    }

    /// Whether the right is in the set.
    pub const fn contains(self, right: Right) -> bool {
        self.0 & (1 << right as u8) != 0
    }

    /// Whether there is none.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The rights of both sets.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// The rights, in their order.
    pub fn iter(self) -> impl Iterator<Item = Right> {
        Right::ALL.into_iter().filter(move |right| self.contains(*right))
    }
}

impl FromIterator<Right> for Rights {
    fn from_iter<I: IntoIterator<Item = Right>>(rights: I) -> Self {
        Self(rights.into_iter().fold(0, |set, right| set | 1 << right as u8))
    }
}
