//! Path templates: what they may be, and which of them can never match.

use crate::policy::path::CanonicalPath;
use crate::policy::settings::PathProfile;

/// More segments than any path that the canonical form lets through would need.
const MAX_SEGMENTS: usize = 64;

/// What is wrong with a template.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum TemplateFault {
    /// It is none; why, and what to do.
    Malformed(&'static str),
    /// Requests are matched in canonical form, and this is not it; the canonical form, if there is one.
    NotCanonical(Option<String>),
}

/// Judges a template.
pub(super) fn judge(template: &str, profile: PathProfile) -> Result<(), TemplateFault> {
    let Some(rest) = template.strip_prefix('/') else {
        return Err(TemplateFault::Malformed("a template starts with `/`"));
    };
    let segments: Vec<&str> = rest.split('/').collect();
    if segments.len() > MAX_SEGMENTS {
        return Err(TemplateFault::Malformed("a template has at most 64 segments"));
    }
    let mut names = Vec::new();
    for (position, segment) in segments.iter().enumerate() {
        let last = position + 1 == segments.len();
        if let Some(name) = parameter(segment) {
            if !is_parameter_name(name) {
                return Err(TemplateFault::Malformed(
                    "a parameter is `{name}` with letters, digits and `_` in it, and no digit first",
                ));
            }
            if names.contains(&name) {
                return Err(TemplateFault::Malformed("two parameters have the same name"));
            }
            names.push(name);
            continue;
        }
        match *segment {
            "**" if !last => return Err(TemplateFault::Malformed("`**` stands for the rest of a path: it comes last")),
            "*" | "**" => {}
            "" if last => {}
            literal => literal_segment(literal)?,
        }
    }
    let encoded = canonical_escapes(template);
    if encoded != template {
        return Err(TemplateFault::NotCanonical(Some(encoded)));
    }
    canonical(template, &segments, profile)
}

/// Percent-encoding in capital hexadecimal, and none where RFC 3986 section 2.3 needs none.
fn canonical_escapes(template: &str) -> String {
    let mut parts = template.split('%');
    let mut canonical = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (digits, rest) = part.split_at_checked(2).unwrap_or((part, ""));
        match u8::from_str_radix(digits, 16) {
            Ok(byte) if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) => canonical.push(char::from(byte)),
            _ => {
                canonical.push('%');
                canonical.push_str(&digits.to_ascii_uppercase());
            }
        }
        canonical.push_str(rest);
    }
    canonical
}

fn parameter(segment: &str) -> Option<&str> {
    segment.strip_prefix('{')?.strip_suffix('}')
}

fn is_parameter_name(name: &str) -> bool {
    let starts = name.bytes().next().is_some_and(|byte| !byte.is_ascii_digit());
    starts && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

fn literal_segment(segment: &str) -> Result<(), TemplateFault> {
    let malformed = |why| Err(TemplateFault::Malformed(why));
    match segment {
        "" => return malformed("an empty segment (`//`)"),
        "." | ".." => return malformed("a dot segment: no request still has one when it is matched"),
        _ => {}
    }
    if segment.contains(['{', '}', '*']) {
        return malformed("`{name}`, `*` and `**` stand for whole segments, not for parts of one");
    }
    if segment.contains(';') {
        return malformed("`;` starts path parameters in some apps: no request with one passes");
    }
    if segment.contains(['?', '#']) {
        return malformed("a template is a path, without query and fragment");
    }
    // pchar of RFC 3986 section 3.3, without `;` and `'`.
    let pchar = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~!$&()*+,=:@%".contains(&byte);
    if !segment.bytes().all(pchar) {
        return malformed("a character that a path does not have; write it percent-encoded");
    }
    escapes(segment)
}

/// Percent-encoded bytes that could mean more than themselves.
fn escapes(segment: &str) -> Result<(), TemplateFault> {
    for (at, _) in segment.match_indices('%') {
        let digits = segment.get(at + 1..at + 3).and_then(|digits| u8::from_str_radix(digits, 16).ok());
        match digits {
            None => return Err(TemplateFault::Malformed("`%` without two hexadecimal digits")),
            Some(0..0x20 | 0x7f) => return Err(TemplateFault::Malformed("a control character")),
            Some(b'/' | b'\\') => {
                return Err(TemplateFault::Malformed("an encoded slash: what it means differs from app to app"));
            }
            Some(_) => {}
        }
    }
    Ok(())
}

/// Asks the gate's own path reader about a path that the template stands for: one list of rules, not two.
fn canonical(template: &str, segments: &[&str], profile: PathProfile) -> Result<(), TemplateFault> {
    let sample: Vec<&str> = segments
        .iter()
        .map(|segment| if parameter(segment).is_some() || segment.starts_with('*') { "x" } else { segment })
        .collect();
    let sample = format!("/{}", sample.join("/"));
    match CanonicalPath::parse(&sample, profile) {
        Ok(path) if path.as_str() == sample => Ok(()),
        Ok(path) if sample == template => Err(TemplateFault::NotCanonical(Some(path.as_str().to_owned()))),
        Ok(_) | Err(_) => Err(TemplateFault::NotCanonical(None)),
    }
}

/// The template as far as it decides what matches: without parameter names and a slash at the end, and without case
/// where the app has none. Templates of one shape match the same paths.
pub(super) fn shape(template: &str, profile: PathProfile) -> String {
    let template = template.strip_suffix('/').unwrap_or(template);
    let segments = template.split('/').map(|segment| match parameter(segment) {
        Some(_) => "{}".to_owned(),
        None if profile == PathProfile::Iis => segment.to_lowercase(),
        None => segment.to_owned(),
    });
    segments.collect::<Vec<_>>().join("/")
}

/// The shape with `{}` and `*` alike. Of two shapes that differ in nothing else, the one with `{}` where they first
/// differ always wins, because it is the more specific one for every path that both match.
pub(super) fn reach(shape: &str) -> String {
    shape.split('/').map(|segment| if segment == "{}" { "*" } else { segment }).collect::<Vec<_>>().join("/")
}

/// Orders shapes of one reach: the winner is the least.
pub(super) fn precedence(shape: &str) -> Vec<bool> {
    shape.split('/').map(|segment| segment == "*").collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn templates_of_the_marketplace_are_good() {
        for good in [
            "/",
            "/healthz",
            "/orders/v0/orders/{order_id}/address",
            "/orders/v0/**",
            "/*/x",
            "/a/",
            "/a%20b",
            "/orders/2026-01-01/orders/{orderId}",
        ] {
            assert_eq!(judge(good, PathProfile::Default), Ok(()), "{good}");
        }
    }

    #[test]
    fn what_no_request_could_match_is_refused() {
        for bad in [
            "", "a", "/a//b", "/a/../b", "/./a", "/a;b", "/a?b", "/a{b}", "/{}", "/{a b}", "/{a}/{a}", "/**/a", "/a*",
            "/a%2fb", "/a%5Cb", "/a%00", "/a%", "/a%é", "/é", "/a b",
        ] {
            assert!(judge(bad, PathProfile::Default).is_err(), "{bad}");
        }
        assert!(judge(&"/a".repeat(65), PathProfile::Default).is_err());
    }

    #[test]
    fn escapes_have_one_form() {
        let canonical = |text: &str| Err(TemplateFault::NotCanonical(Some(text.to_owned())));
        assert_eq!(judge("/a%c3%a9", PathProfile::Default), canonical("/a%C3%A9"));
        assert_eq!(judge("/%7Euser", PathProfile::Default), canonical("/~user"));
    }

    #[test]
    fn a_star_never_matches_beside_a_parameter() {
        let shape = |template| shape(template, PathProfile::Default);
        let (named, star) = (shape("/a/{x}"), shape("/a/*"));
        assert_eq!(reach(&named), reach(&star));
        assert!(precedence(&named) < precedence(&star));
        assert_eq!(shape("/a/{x}"), shape("/a/{y}/"));
    }

    #[test]
    fn case_counts_where_the_app_has_any() {
        assert_ne!(shape("/A", PathProfile::Default), shape("/a", PathProfile::Default));
        assert_eq!(shape("/A/{X}", PathProfile::Iis), shape("/a/{y}", PathProfile::Iis));
    }
}
