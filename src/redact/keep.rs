//! Values that the policy lets stand (`redaction.keep`): an order's number in a house's own form, say.

use std::error::Error;
use std::fmt;

use regex_automata::meta::{Config, Regex};
use regex_automata::util::syntax;
use regex_automata::{Anchored, Input};

use super::Name;

/// Longest pattern, in bytes.
const MAX_BYTES: usize = 256;
/// Largest automaton, in bytes: a pattern of ten repeated classes needs 10 KiB.
const MAX_AUTOMATON: usize = 128 * 1024;
/// Deepest nesting of a pattern.
const MAX_NESTING: u32 = 32;
/// Longest value that is compared, in bytes: an identifier is shorter.
const MAX_VALUE: usize = 256;

/// What no pattern may let through.
const PERSONAL: [(&str, &str); 10] = [
    ("alice.smith@mail.example", "an e-mail address"),
    ("Jane Doe", "a name"),
    ("12 Main Street", "an address"),
    ("+12125550123", "a telephone number"),
    ("+49 176 12345678", "a telephone number"),
    ("4111111111111111", "a card number"),
    ("DE89370400440532013000", "an IBAN"),
    ("203.0.113.9", "an Internet address"),
    ("Atza|IwEBIJx8sK0d2vYh", "an access token"),
    ("", "an empty value"),
];

/// A named pattern of whole values.
#[derive(Clone)]
pub struct KeepPattern {
    name: Name,
    text: Box<str>,
    pattern: Regex,
}

impl fmt::Debug for KeepPattern {
    /// The name and the text; two patterns are the same if these are.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.name, self.text)
    }
}

/// Why a pattern cannot say what is kept.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeepFault {
    /// More than 256 bytes.
    #[error("is longer than {MAX_BYTES} bytes")]
    TooLong,
    /// It is no pattern, or one whose automaton would be too large.
    #[error("is no pattern that can be used: {0}")]
    Pattern(String),
    /// It matches what is personal.
    #[error("would let {0} stand")]
    Personal(&'static str),
}

impl KeepPattern {
    /// Reads a pattern in the syntax of Rust's `regex`, of which `\w` and `\d` are ASCII alone; it is matched against whole values. Patterns that match
    /// anything, or samples of what is personal, are refused.
    pub fn new(name: Name, pattern: &str) -> Result<Self, KeepFault> {
        if pattern.len() > MAX_BYTES {
            return Err(KeepFault::TooLong);
        }
        let config = Config::new()
            .nfa_size_limit(Some(MAX_AUTOMATON))
            .onepass_size_limit(Some(MAX_AUTOMATON))
            .hybrid_cache_capacity(MAX_AUTOMATON);
        let build = |text: &str| {
            // ASCII classes: an identifier has no other letters, and what has some is somebody's name.
            let syntax = syntax::Config::new().nest_limit(MAX_NESTING).unicode(false).utf8(false);
            let built = Regex::builder().configure(config.clone()).syntax(syntax).build(text);
            built.map_err(|error| KeepFault::Pattern(reason(&error)))
        };
        // By itself first: `a)|(b` is a pattern only within other parentheses, and would not be held at the ends.
        build(pattern)?;
        let whole = build(&format!(r"\A(?:{pattern})\z"))?;
        let pattern = Self { name, text: pattern.into(), pattern: whole };
        if pattern.matches_anything() {
            return Err(KeepFault::Personal("any text of some length"));
        }
        match PERSONAL.iter().find(|(sample, _)| pattern.matches(sample.as_bytes())) {
            Some((_, what)) => Err(KeepFault::Personal(what)),
            None => Ok(pattern),
        }
    }

    /// Its name in the policy.
    pub const fn name(&self) -> &Name {
        &self.name
    }

    /// Whether `value` as a whole is of this form.
    pub(super) fn matches(&self, value: &[u8]) -> bool {
        value.len() <= MAX_VALUE && self.pattern.is_match(Input::new(value).anchored(Anchored::Yes))
    }

    /// `.{5}` and its like: text of a length in which no identifier could be.
    fn matches_anything(&self) -> bool {
        (1..=64).any(|length| {
            let text: String = "Zoë Groß, 12 Rue de l'Été; ".chars().cycle().take(length).collect();
            length >= 3 && self.matches(text.as_bytes()) || self.matches("@".repeat(length).as_bytes())
        })
    }
}

/// What the parser has to say, without its drawing of where.
fn reason(error: &dyn Error) -> String {
    let mut cause = error;
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    let text = cause.to_string();
    text.lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pattern(text: &str) -> Result<KeepPattern, KeepFault> {
        KeepPattern::new(Name::configured("order_id").unwrap(), text)
    }

    #[test]
    fn whole_values_are_kept() {
        let orders = pattern(r"\d{3}-\d{7}-\d{7}").unwrap();
        assert!(orders.matches(b"902-3159896-1390916"));
        for other in ["x902-3159896-1390916", "902-3159896-1390916 Jane", "902-3159896-1390916\n", "902"] {
            assert!(!orders.matches(other.as_bytes()), "{other:?}");
        }
        for good in ["[A-Z0-9]{10}", r"FBA\w{9}", r"X00[A-Z0-9]{7}"] {
            assert!(pattern(good).is_ok(), "{good}");
        }
        let either = pattern("(?i)PO-[0-9]{5}|so-[a-f]{4}").unwrap();
        assert!(either.matches(b"po-12345") && either.matches(b"SO-ABCD") && !either.matches(b"PO-12345x"));
    }

    #[test]
    fn what_lets_anything_through_is_refused() {
        for all in [
            ".*",
            "(?s).+",
            ".{5}",
            r"\S+",
            r"[^,]*",
            ".{8,20}",
            r"\w*",
            "x?",
            r"[\w@.]+",
            r"\d+",
            r"[\w ]+",
            r"\+?\d{6,15}",
            "[A-Z0-9]{10,30}",
        ] {
            assert!(matches!(pattern(all), Err(KeepFault::Personal(_))), "{all}");
        }
    }

    #[test]
    fn a_pattern_is_bounded() {
        assert_eq!(pattern(&"a".repeat(257)).unwrap_err(), KeepFault::TooLong);
        for bad in ["a)|(b", "(", r"(?:\w{1000}){1000}", &"(".repeat(40), r"\pL{500}"] {
            assert!(matches!(pattern(bad), Err(KeepFault::Pattern(_))), "{bad}");
        }
    }
}
