//! What a route's `path:` may be.

use std::collections::HashSet;

use crate::policy::path::{CanonicalPath, MAX_SEGMENTS, PathFault, Plain};
use crate::policy::settings::PathProfile;

/// A path template: literals, `{name}` and `*` for one segment each, `**` at the end for any number of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template<'t>(Vec<Part<'t>>);

/// One segment of a template.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part<'t> {
    /// This text, percent-encoded as written.
    Literal(&'t str),
    /// Any one segment, captured.
    Named(&'t str),
    /// Any one segment.
    Any,
    /// All further segments, or none.
    Rest,
}

/// Why a text is no template.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TemplateFault {
    /// Does not start with `/`.
    #[error("does not start with a slash")]
    NotAbsolute,
    /// `//`.
    #[error("holds an empty segment")]
    EmptySegment,
    /// More than 64 segments.
    #[error("has more than 64 segments")]
    TooManySegments,
    /// `**` before the end.
    #[error("`**` stands for the rest of a path, so nothing can follow it")]
    RestNotLast,
    /// `a*`: there are no patterns within a segment.
    #[error("`*` must be a segment of its own; a literal star is written %2A")]
    StarWithin,
    /// `a{b}`, `{`, `{}` or `{1}`.
    #[error("`{{name}}` must be a segment of its own, with a name of letters, digits and underscores")]
    Parameter,
    /// `{id}` twice.
    #[error("names a parameter twice")]
    DuplicateParameter,
    /// `%2F` in a literal: it is data, and only a parameter takes it.
    #[error("`%2F` cannot stand in a literal; use {{name}} and `encoded_slash: keep`")]
    EncodedSlash,
    /// A literal that no path can have.
    #[error("{0}")]
    Unmatchable(PathFault),
}

impl<'t> Template<'t> {
    /// Reads a template.
    pub fn parse(text: &'t str) -> Result<Self, TemplateFault> {
        let inner = text.strip_prefix('/').ok_or(TemplateFault::NotAbsolute)?;
        // A slash at the end does not count, in a template as in a path.
        let inner = inner.strip_suffix('/').unwrap_or(inner);
        if inner.is_empty() && text.len() < 2 {
            return Ok(Self(Vec::new()));
        }
        let parts = inner.split('/').map(Part::parse).collect::<Result<Vec<_>, _>>()?;
        if parts.len() > MAX_SEGMENTS {
            return Err(TemplateFault::TooManySegments);
        }
        if parts.iter().rev().skip(1).any(|part| *part == Part::Rest) {
            return Err(TemplateFault::RestNotLast);
        }
        let mut names = HashSet::new();
        if parts.iter().any(|part| matches!(part, Part::Named(name) if !names.insert(*name))) {
            return Err(TemplateFault::DuplicateParameter);
        }
        Ok(Self(parts))
    }

    /// Its segments, to keep.
    pub fn into_parts(self) -> Vec<Part<'t>> {
        self.0
    }

    /// Its segments.
    pub fn parts(&self) -> &[Part<'t>] {
        &self.0
    }
}

impl<'t> Part<'t> {
    fn parse(segment: &'t str) -> Result<Self, TemplateFault> {
        match segment {
            "" => Err(TemplateFault::EmptySegment),
            "*" => Ok(Self::Any),
            "**" => Ok(Self::Rest),
            _ if segment.contains(['{', '}']) => Self::parameter(segment),
            _ if segment.contains('*') => Err(TemplateFault::StarWithin),
            _ => Self::literal(segment),
        }
    }

    fn parameter(segment: &'t str) -> Result<Self, TemplateFault> {
        let name = segment.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')).unwrap_or_default();
        let named = !name.is_empty()
            && !name.starts_with(|first: char| first.is_ascii_digit())
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        if named { Ok(Self::Named(name)) } else { Err(TemplateFault::Parameter) }
    }

    fn literal(segment: &'t str) -> Result<Self, TemplateFault> {
        let path = format!("/{segment}");
        let path = CanonicalPath::parse(&path, PathProfile::Default).map_err(TemplateFault::Unmatchable)?;
        if path.has_encoded_slash() {
            return Err(TemplateFault::EncodedSlash);
        }
        // `/.` has a canonical form, but not one with this segment in it.
        if path.segments().next().is_none() {
            return Err(TemplateFault::EmptySegment);
        }
        Ok(Self::Literal(segment))
    }

    /// Whether it is a literal with capitals, so that a path without any may be another spelling of it.
    pub(super) fn depends_on_case(&self) -> bool {
        matches!(self, Self::Literal(text) if Self::plain(text, true) != Self::plain(text, false))
    }

    /// What a literal is compared as.
    pub(super) fn plain(segment: &str, fold: bool) -> Option<Box<[u8]>> {
        Plain::new().read(segment, fold).map(Into::into)
    }
}
