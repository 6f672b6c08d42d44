//! Readings: the ways in which an app may take a canonical path.
//!
//! An app that has no regard for case, drops dots and spaces at a segment's end, or takes what follows a script's
//! name for a parameter, reads more than one path as the same resource. The search takes each such reading as it is,
//! without writing it out: a reading is a part of the text and what to leave out of account in its segments.

use super::survey::Traits;
use crate::policy::settings::PathProfile;

/// Longest decoded segment that can equal a literal of a route: a template is a name, and that has 256 bytes at most.
const MAX_LITERAL: usize = 256;

/// One way to read a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reading<'a> {
    text: &'a str,
    /// Case does not count.
    pub(in crate::policy) fold: bool,
    /// The text ends with a script's name, and what follows it was cut.
    pub(in crate::policy) script: bool,
    trim: bool,
    parameters: bool,
    escapes: bool,
}

impl<'a> Reading<'a> {
    pub(super) fn canonical(text: &'a str, traits: Traits, profile: PathProfile) -> Self {
        Self {
            text,
            fold: profile == PathProfile::Iis,
            script: false,
            trim: false,
            parameters: profile == PathProfile::Tomcat,
            escapes: traits.escapes,
        }
    }

    /// Its segments, still encoded.
    pub const fn segments(self) -> Segments<'a> {
        Segments { rest: self.text, reading: self }
    }

    /// What distinguishes it from the canonical one, for people.
    pub const fn describe(self) -> &'static str {
        match (self.fold, self.trim) {
            (true, true) => "without regard to case, nor to dots and spaces at a segment's end",
            (true, false) => "without regard to case",
            (false, true) => "without dots and spaces at a segment's end",
            (false, false) if self.script => "up to a script's name",
            (false, false) => "from behind a script's name",
        }
    }

    /// What a segment of this reading is compared as. `None` for what no literal equals.
    pub(in crate::policy) fn plain<'b>(&self, segment: &'b str, buffer: &'b mut Plain) -> Option<&'b [u8]> {
        if self.fold || (self.escapes && segment.contains('%')) {
            return buffer.read(segment, self.fold);
        }
        Some(segment.as_bytes())
    }
}

/// The segments of a reading, from the left; copied to go back.
#[derive(Clone, Copy, Debug)]
pub struct Segments<'a> {
    rest: &'a str,
    reading: Reading<'a>,
}

impl<'a> Iterator for Segments<'a> {
    type Item = &'a str;

    fn next(&mut self) -> Option<&'a str> {
        while let Some(rest) = self.rest.strip_prefix('/') {
            let end = memchr::memchr(b'/', rest.as_bytes()).unwrap_or(rest.len());
            let (mut segment, rest) = rest.split_at(end);
            self.rest = rest;
            if self.reading.parameters {
                segment = segment.split_once(';').map_or(segment, |(name, _)| name);
            }
            if self.reading.trim {
                segment = trim(segment);
            }
            if !segment.is_empty() {
                return Some(segment);
            }
        }
        None
    }
}

impl<'a> Segments<'a> {
    /// The reading whose segments these are.
    pub(in crate::policy) const fn reading(&self) -> &Reading<'a> {
        &self.reading
    }
}

/// Drops dots and spaces at the end.
fn trim(segment: &str) -> &str {
    let mut name = segment;
    while let Some(shorter) = name.strip_suffix('.').or_else(|| name.strip_suffix("%20")) {
        name = shorter;
    }
    name
}

/// Other readings that `profile` allows; none for an ordinary path.
pub(super) fn others<'a>(
    text: &'a str,
    traits: Traits,
    profile: PathProfile,
    fold_always: bool,
) -> impl Iterator<Item = Reading<'a>> {
    let strict = profile == PathProfile::Default;
    let canonical = Reading::canonical(text, traits, profile);
    let scripts = profile != PathProfile::Tomcat && traits.script;
    let folds = if strict && (traits.capitals || fold_always) { 2 } else { 1 };
    let trims = if strict && traits.loose_ends { 2 } else { 1 };
    let parts = std::iter::once((text, false)).chain(scripts.then(|| script_parts(text)).into_iter().flatten());
    parts
        .flat_map(move |part| (0..folds).map(move |fold| (part, fold)))
        .flat_map(move |(part, fold)| (0..trims).map(move |trim| (part, fold, trim)))
        .map(move |((text, script), fold, trim)| Reading {
            text,
            script,
            fold: canonical.fold || fold == 1,
            trim: trim == 1,
            ..canonical
        })
        .filter(move |reading| *reading != canonical)
}

/// The parts of a path around a script's name: up to it, which is the file that runs, and behind it, which is the path
/// that a front controller serves (RFC 3875 section 4.1.5). Servers split at the first or at the last.
fn script_parts(text: &str) -> impl Iterator<Item = (&str, bool)> {
    let ends = || {
        memchr::memchr_iter(b'/', text.as_bytes()).filter(|end| text[..*end].rsplit('/').next().is_some_and(is_script))
    };
    let first = ends().next();
    let last = ends().next_back().filter(|last| Some(*last) != first);
    first.into_iter().chain(last).flat_map(|end| [(&text[..end], true), (&text[end..], false)])
}

/// Whether a segment is named like a file that servers run.
fn is_script(segment: &str) -> bool {
    const EXTENSIONS: [&str; 6] = ["asp", "aspx", "ashx", "asmx", "cgi", "phar"];
    let Some((_, extension)) = trim(segment).rsplit_once('.') else { return false };
    let extension = extension.to_ascii_lowercase();
    extension.starts_with("php") || extension == "phtml" || EXTENSIONS.contains(&extension.as_str())
}

/// Room for one decoded segment.
pub(in crate::policy) struct Plain {
    bytes: [u8; MAX_LITERAL],
    length: usize,
}

impl Plain {
    pub(in crate::policy) const fn new() -> Self {
        Self { bytes: [0; MAX_LITERAL], length: 0 }
    }

    /// Decodes a segment, and folds its case.
    pub(in crate::policy) fn read(&mut self, segment: &str, fold: bool) -> Option<&[u8]> {
        self.length = 0;
        for byte in percent_encoding::percent_decode_str(segment) {
            self.push(&[byte])?;
        }
        if fold && self.bytes[..self.length].is_ascii() {
            self.bytes[..self.length].make_ascii_lowercase();
        } else if fold {
            let decoded = self.bytes;
            let text = std::str::from_utf8(&decoded[..self.length]).ok()?;
            self.length = 0;
            for character in text.chars() {
                self.push(fold_character(character).encode_utf8(&mut [0; 4]).as_bytes())?;
            }
        }
        Some(&self.bytes[..self.length])
    }

    fn push(&mut self, bytes: &[u8]) -> Option<()> {
        let end = self.length + bytes.len();
        self.bytes.get_mut(self.length..end)?.copy_from_slice(bytes);
        self.length = end;
        Some(())
    }
}

/// What a reader without regard to case may take a character for. Generous: `ſ` is `s`, `K` (the Kelvin sign) is `k`,
/// both Turkish i are `i`, full-width letters are ASCII; one character stays one.
fn fold_character(character: char) -> char {
    let narrow = match u32::from(character) {
        wide @ 0xFF01..=0xFF5E => char::from_u32(wide - 0xFEE0).unwrap_or(character),
        _ => character,
    };
    let mut upper = narrow.to_uppercase();
    let upper = if upper.len() == 1 { upper.next().unwrap_or(narrow) } else { narrow };
    upper.to_lowercase().next().unwrap_or(upper)
}
