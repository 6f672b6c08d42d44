//! Path templates as a policy may write them: of one canonical form, and none that another one always hides.

use crate::policy::path::CanonicalPath;
use crate::policy::route::{Part, Template};
use crate::policy::settings::PathProfile;

/// What is wrong with a template.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum TemplateFault {
    /// It is none, and why.
    Malformed(String),
    /// Requests are matched in canonical form, and this is not it; the canonical form, if there is one.
    NotCanonical(Option<String>),
}

/// Judges a template.
pub(super) fn judge(template: &str, profile: PathProfile) -> Result<(), TemplateFault> {
    let parsed = Template::parse(template).map_err(|fault| TemplateFault::Malformed(fault.to_string()))?;
    let encoded = canonical_escapes(template);
    if encoded != template {
        return Err(TemplateFault::NotCanonical(Some(encoded)));
    }
    // A path that the template stands for, read as the gate reads requests for this app.
    let sample: Vec<&str> =
        parsed.parts().iter().map(|part| if let Part::Literal(text) = part { text } else { "x" }).collect();
    let sample = format!("/{}", sample.join("/"));
    match CanonicalPath::parse(&sample, profile) {
        Ok(path) if path.as_str() == sample => Ok(()),
        Ok(path) if sample == template => Err(TemplateFault::NotCanonical(Some(path.as_str().to_owned()))),
        Ok(_) | Err(_) => Err(TemplateFault::NotCanonical(None)),
    }
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

/// The template as far as it decides what matches: without parameter names and a slash at the end, and without case
/// where the app has none. Templates of one shape match the same paths.
pub(super) fn shape(template: &str, profile: PathProfile) -> String {
    let Ok(template) = Template::parse(template) else { return String::new() };
    let segments = template.parts().iter().map(|part| match part {
        Part::Literal(text) if profile == PathProfile::Iis => text.to_lowercase(),
        Part::Literal(text) => (*text).to_owned(),
        Part::Named(_) => "{}".to_owned(),
        Part::Any => "*".to_owned(),
        Part::Rest => "**".to_owned(),
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
