//! What a policy declares of a route, asked where a line shows a request to it: parameters that its records may show
//! stay, segments are judged by the names that its template gives them, and on a route of personal data a parameter that
//! is not listed and could be anybody's goes, whatever it is called.
//!
//! Of the marketplace's own operations the table of [`lexicon::schema`] knows which parameters are personal, and which
//! segments.

use smallvec::SmallVec;

use crate::redact::detect::text::{before, is_edge, run, run_back};
use crate::redact::lexicon::{self, Meaning, schema};
use crate::redact::shape::{self, Verdict};
use crate::redact::{Kind, decode};

use super::view::View;
use super::whose::special;

/// Longest path with its query, in bytes: what a request's head may have.
const MAX_TARGET: usize = 16 * 1024;
/// Segments of a template or a path.
const MAX_SEGMENTS: usize = 64;
/// Requests in one line that are looked at.
const MAX_REQUESTS: usize = 16;

/// A route, as a policy declares it.
#[derive(Clone, Debug)]
pub struct Route {
    methods: Vec<String>,
    segments: Vec<Segment>,
    shown: Vec<String>,
    personal: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Segment {
    Literal(String),
    /// `{name}`
    Parameter(String),
    /// `**`
    Rest,
}

/// What is to be done with a part of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// It goes.
    Goes(Kind, usize, usize),
    /// It stays, whatever it looks like.
    Stays(usize, usize),
}

impl Route {
    /// A route with its template (`/orders/{orderId}/address`, `/static/**`), the methods that it takes (none for all), the
    /// query parameters whose values may be shown, and whether its answers are personal.
    pub fn new(template: &str, methods: Vec<String>, shown: Vec<String>, personal: bool) -> Self {
        let segments = template.split('/').filter(|segment| !segment.is_empty()).map(Segment::read).collect();
        Self { methods, segments, shown, personal }
    }

    fn matches(&self, method: Option<&[u8]>, path: &[&[u8]]) -> bool {
        let takes = method.is_none_or(|method| {
            self.methods.is_empty() || self.methods.iter().any(|known| known.as_bytes() == method)
        });
        let open = self.segments.last() == Some(&Segment::Rest);
        let fixed = self.segments.len() - usize::from(open);
        takes
            && (path.len() == fixed || open && path.len() > fixed)
            && self.segments.iter().zip(path).all(|(segment, part)| match segment {
                Segment::Literal(known) => known.as_bytes() == *part,
                Segment::Parameter(_) | Segment::Rest => true,
            })
    }

    /// Literal segments win over parameters, and these over the rest of a path.
    fn rank(&self) -> (bool, usize) {
        let literal = self.segments.iter().filter(|segment| matches!(segment, Segment::Literal(_))).count();
        (self.segments.last() != Some(&Segment::Rest), literal)
    }
}

impl Segment {
    fn read(text: &str) -> Self {
        match text.strip_prefix('{').and_then(|text| text.strip_suffix('}')) {
            Some(name) => Self::Parameter(name.to_owned()),
            None if text == "**" => Self::Rest,
            // Any one segment, without a name.
            None if text == "*" => Self::Parameter(String::new()),
            None => Self::Literal(text.to_owned()),
        }
    }
}

/// Gives `found` what the routes say of the requests in a line.
pub(super) fn requests(routes: &[Route], view: &View<'_>, mut found: impl FnMut(Found)) {
    let text = view.text;
    let mut next = 0;
    let mut count = 0;
    while count < MAX_REQUESTS {
        let Some(slash) = memchr::memchr(b'/', &text[next..]).map(|place| next + place) else { return };
        next = slash + 1;
        if !begins(text, slash) {
            continue;
        }
        let end =
            slash + run(text, slash, MAX_TARGET, |byte| !is_edge(byte) && !matches!(byte, b'|' | b'\\' | b',' | b'#'));
        let target = &text[slash..end];
        let path = memchr::memchr(b'?', target).map_or(end, |mark| slash + mark);
        let parts: SmallVec<[&[u8]; 16]> =
            text[slash..path].split(|byte| *byte == b'/').filter(|part| !part.is_empty()).take(MAX_SEGMENTS).collect();
        let method = method(text, slash);
        let route = routes.iter().filter(|route| route.matches(method, &parts)).max_by_key(|route| route.rank());
        next = end.max(next);
        let Some(route) = route else { continue };
        count += 1;
        segments(route, text, (slash, path), &mut found);
        query(route, method, text, (slash, path, end), &mut found);
    }
}

/// A path begins at a slash after a space, a quote or a host.
fn begins(text: &[u8], slash: usize) -> bool {
    if text.get(slash + 1) == Some(&b'/') || before(text, slash) == b'/' {
        return false;
    }
    if matches!(before(text, slash), 0 | b' ' | b'"' | b'\'' | b'=' | b':' | b'(' | b'[' | b'`') {
        return true;
    }
    let host = run_back(text, slash, 256, |byte| {
        byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b':' | b'[' | b']' | b'@' | b'_')
    });
    text[..slash - host].ends_with(b"://")
}

/// `GET `, `"GET `, `method=GET path=`: the word in capitals before the path.
fn method(text: &[u8], slash: usize) -> Option<&[u8]> {
    let end = slash - run_back(text, slash, 1, |byte| byte == b' ');
    let length = run_back(text, end, 8, |byte| byte.is_ascii_uppercase());
    (slash > end && (3..=7).contains(&length)).then(|| &text[end - length..end])
}

fn segments(route: &Route, text: &[u8], (start, end): (usize, usize), found: &mut impl FnMut(Found)) {
    let mut from = start;
    let mut index = 0;
    for part in text[start..end].split(|byte| *byte == b'/') {
        let to = from + part.len();
        if !part.is_empty() {
            if let Some(Segment::Parameter(name)) = route.segments.get(index)
                && !special::is_nothing(part)
            {
                match lexicon::meaning(name.as_bytes(), None) {
                    Meaning::Personal(kind) | Meaning::Secret(kind) | Meaning::FreeText(kind) => {
                        found(Found::Goes(kind, from, to));
                    }
                    Meaning::Doubtful(kind @ Kind::Name) if route.personal && !is_harmless(name, part) => {
                        found(Found::Goes(kind, from, to));
                    }
                    _ => {}
                }
            }
            index += 1;
        }
        from = to + 1;
    }
}

fn query(
    route: &Route,
    method: Option<&[u8]>,
    text: &[u8],
    (start, path, end): (usize, usize, usize),
    found: &mut impl FnMut(Found),
) {
    if path >= end {
        return;
    }
    let called = std::str::from_utf8(&text[start..path]).ok();
    let method = method.and_then(|method| std::str::from_utf8(method).ok()).unwrap_or("GET");
    let operation = called.and_then(|path| schema::operation(method, path));
    let mut from = path + 1;
    for part in text[path + 1..end].split(|byte| matches!(byte, b'&' | b';')) {
        let to = from + part.len();
        if let Some(equals) = memchr::memchr(b'=', part) {
            let (name, value) = (&part[..equals], &part[equals + 1..]);
            let place = (from + equals + 1, to);
            let name = String::from_utf8_lossy(name);
            let known = operation.and_then(|operation| operation.is_personal(&name));
            if value.is_empty() || special::is_nothing(value) {
            } else if let Some(kind) = known {
                found(Found::Goes(kind, place.0, place.1));
            } else if route.shown.iter().any(|shown| **shown == *name) {
                match judged(&name, value) {
                    Verdict::Harmless => found(Found::Stays(place.0, place.1)),
                    // As any other value.
                    Verdict::Opaque => {}
                    Verdict::Personal => found(Found::Goes(Kind::Value, place.0, place.1)),
                }
            } else if route.personal && !is_harmless(&name, value) {
                found(Found::Goes(Kind::Value, place.0, place.1));
            }
        }
        from = to + 1;
    }
}

/// Whether a value cannot be anybody's personal datum.
fn is_harmless(name: &str, value: &[u8]) -> bool {
    judged(name, value) == Verdict::Harmless
}

/// What the gate's own records think of a listed parameter.
fn judged(name: &str, value: &[u8]) -> Verdict {
    let said = special::said(value);
    if decode::is_escaped(&said) {
        return Verdict::Opaque;
    }
    std::str::from_utf8(&said).map_or(Verdict::Opaque, |value| shape::judge(name, value))
}
