//! One canonical path: matched and forwarded alike.
//!
//! A path is either canonical already (then it is borrowed, and nothing is allocated), or it is brought into its
//! canonical form, or it is refused. It is never guessed at: where two readers could take one text for two resources,
//! either the text is refused here, or its other [`Reading`]s must land on the same route.
//!
//! The canonical form (RFC 3986 section 6.2.2): unreserved characters stand for themselves, every other escape is
//! upper case and stays an escape, no empty and no `.` segments, one leading slash.

mod fault;
mod reading;
mod survey;

use std::borrow::Cow;

pub use fault::PathFault;
pub use reading::{Reading, Segments};

use super::settings::PathProfile;
pub(super) use reading::Plain;
use survey::{Finding, Traits};

/// Longest path, in bytes: what servers behind us take for the whole request line.
const MAX_BYTES: usize = 8 * 1024;

/// Most segments of a path; bounds the depth of a search.
pub(super) const MAX_SEGMENTS: usize = 64;

/// A path that has one reading: the same text is matched against routes and sent to the app.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CanonicalPath<'a> {
    text: Cow<'a, str>,
    traits: Traits,
    profile: PathProfile,
}

impl<'a> CanonicalPath<'a> {
    /// Reads the path of a request target (no query), as an app of this profile would.
    pub fn parse(raw: &'a str, profile: PathProfile) -> Result<Self, PathFault> {
        if raw.is_empty() {
            return Err(PathFault::Empty);
        }
        if !raw.starts_with('/') {
            return Err(PathFault::NotAbsolute);
        }
        if raw.len() > MAX_BYTES {
            return Err(PathFault::TooLong);
        }
        match survey::survey(raw, profile) {
            Ok(traits) => Ok(Self { text: Cow::Borrowed(raw), traits, profile }),
            Err(Finding::Fault(fault)) => Err(fault),
            Err(Finding::NotCanonical) => Self::normalised(raw, profile),
        }
    }

    /// The way of a path that is not canonical yet: normalise it, then hold it to the same rules as any other.
    #[cold]
    fn normalised(raw: &str, profile: PathProfile) -> Result<Self, PathFault> {
        let text = survey::normalise(raw, profile)?;
        match survey::survey(&text, profile) {
            Ok(traits) => Ok(Self { text: Cow::Owned(text), traits, profile }),
            Err(Finding::Fault(fault)) => Err(fault),
            // Normalising twice changes nothing (a property test holds this); were it wrong, the path is refused.
            Err(Finding::NotCanonical) => Err(PathFault::MalformedPercent),
        }
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
        self.traits.encoded_slash
    }

    /// The segments as routes see them: without path parameters, without the empty one after a trailing slash.
    pub fn segments(&self) -> Segments<'_> {
        self.canonical_reading().segments()
    }

    /// The reading that decides: exact, or without regard to case where the app has none.
    pub(super) fn canonical_reading(&self) -> Reading<'_> {
        Reading::canonical(&self.text, self.traits, self.profile)
    }

    /// Other readings that the app's profile allows. None, without looking further, for an ordinary path;
    /// `fold_always` says that routes are spelt with capitals, so that a path without any can be another's.
    pub(super) fn readings(&self, fold_always: bool) -> impl Iterator<Item = Reading<'_>> {
        reading::others(&self.text, self.traits, self.profile, fold_always)
    }
}

#[cfg(test)]
mod tests;
