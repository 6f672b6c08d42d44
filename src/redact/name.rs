//! Names that an operator gave in configuration: routes, roles, rules, templates, parameters.

use std::fmt::{self, Write as _};
use std::sync::Arc;

/// Longest configured name, in bytes: a route template of the marketplace's API is below 120.
const MAX_BYTES: usize = 256;

/// A name from configuration: printable ASCII without space, quote or backslash, 1 to 256 bytes. It can stand in any
/// record, log line or label as it is.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Name(Arc<str>);

/// Why a text cannot be a [`Name`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NameFault {
    /// Nothing there.
    #[error("is empty")]
    Empty,
    /// More than 256 bytes.
    #[error("is longer than 256 bytes")]
    TooLong,
    /// A space, quote, backslash, control or non-ASCII character.
    #[error("holds a character other than printable ASCII without space, quotes and backslash")]
    Character,
}

impl Name {
    /// Takes a name from configuration, never from a request.
    pub fn configured(text: &str) -> Result<Self, NameFault> {
        if text.is_empty() {
            return Err(NameFault::Empty);
        }
        if text.len() > MAX_BYTES {
            return Err(NameFault::TooLong);
        }
        if !text.bytes().all(|byte| byte.is_ascii_graphic() && !matches!(byte, b'"' | b'\'' | b'\\')) {
            return Err(NameFault::Character);
        }
        Ok(Self(text.into()))
    }

    /// A digest in lower-case hex, as policies and files are named by their contents.
    pub fn digest(digest: &[u8]) -> Self {
        let mut hex = String::with_capacity(2 * digest.len());
        for byte in digest.iter().take(MAX_BYTES / 2) {
            // Writing to a String cannot fail.
            write!(hex, "{byte:02x}").unwrap_or_default();
        }
        Self(hex.into())
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub(super) fn shared(&self) -> Arc<str> {
        Arc::clone(&self.0)
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&*self.0, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_cannot_break_a_record() {
        assert!(Name::configured("/orders/v0/orders/{order_id}/**").is_ok());
        for bad in ["", "a b", "a\"b", "a\\b", "a\nb", "é", &"x".repeat(257)] {
            assert!(Name::configured(bad).is_err(), "{bad:?}");
        }
    }
}
