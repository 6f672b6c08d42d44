//! One canonical path: matched and forwarded alike.

use std::borrow::Cow;

use super::settings::PathProfile;

/// A path that has one reading: the same text is matched against routes and sent to the app.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CanonicalPath<'a> {
    text: Cow<'a, str>,
    encoded_slash: bool,
}

/// Why a path is refused; never repaired by guess.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PathFault {
    /// Does not start with `/`.
    NotAbsolute,
}

impl<'a> CanonicalPath<'a> {
    /// Reads the path of a request target (no query).
    pub fn parse(raw: &'a str, _profile: PathProfile) -> Result<Self, PathFault> {
        if !raw.starts_with('/') {
            return Err(PathFault::NotAbsolute);
        }
        Ok(Self { text: Cow::Borrowed(raw), encoded_slash: false })
    }

    /// The canonical text, percent-encoded where RFC 3986 asks for it.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether the text is the request's own, so that the request's target can be forwarded as it is.
    pub const fn is_unchanged(&self) -> bool {
        matches!(self.text, Cow::Borrowed(_))
    }

    /// Whether a segment holds `%2F`: only routes with `encoded_slash: keep` take such a path.
    pub const fn has_encoded_slash(&self) -> bool {
        self.encoded_slash
    }
}
