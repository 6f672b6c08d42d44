//! Detectors: what a datum looks like, wherever it stands. Each is one row of [`TABLE`]; a trigger finds places cheaply,
//! a validator of the row judges each.
//!
//! | what is found | files |
//! |---|---|
//! | the rows, and the texts that trigger them | `table`, `samples`, `literals`, `mark`, `mask`, `blocks` |
//! | e-mail and Internet addresses, browsers, positions | `email`, `address` (no `version_step`), `user_agent`, `geo` |
//! | telephone numbers | `phone`, by the words of `phone_words` |
//! | cards and accounts, tax and identity numbers | `card`, `tax`, `vat` |
//! | tokens, passwords and logins | `secret`, `login` |
//! | names: announced, well known, at a format's fixed place | `names` by `name_words`, `given`, `name_in_format`, `encoded_word`, `honorific`, `chinese_name` |
//! | postal addresses: in prose, as a value, in East Asia | `street` by `street_words`, `residence`, `after_street`, `address_block`, `postal`, `cjk_address` |
//! | what a cell without a header may be | `cell` |
//! | what is nobody's: order ids and dates, firms, brands and goods, a shop's own words | `keep`, `firms`, `goods`, `boilerplate` |
//! | bytes, words and lists of words | `text`, `words` |

mod address;
pub(super) mod address_block;
pub(super) mod after_street;
pub(super) mod blocks;
pub(super) mod boilerplate;
mod card;
pub(super) mod cell;
mod chinese_name;
mod cjk_address;
pub(super) mod email;
mod encoded_word;
mod file_name;
pub(super) mod firms;
mod geo;
pub(super) mod given;
pub(super) mod goods;
mod honorific;
pub(super) mod keep;
mod literals;
mod login;
mod mark;
mod mask;
mod name_in_format;
mod name_introduced;
mod name_words;
pub(super) mod names;
pub(super) mod party;
mod path_parameter;
pub(super) mod phone;
mod phone_words;
pub(super) mod postal;
pub(super) mod residence;
mod samples;
mod secret;
pub(super) mod signer;
pub(super) mod street;
mod street_words;
mod table;
mod tax;
pub(super) mod text;
mod title;
pub(super) mod user_agent;
mod vat;
mod version_step;
mod version_word;
pub(super) mod voice;
pub(super) mod words;

#[cfg(test)]
mod tests;

use super::Kind;

pub(super) use address::{is_private, parsed};
pub(super) use literals::{Literal, Literals};
pub(super) use mark::Mark;
pub(super) use mask::Mask;
pub(super) use phone_words::{is_document, is_number};
pub(super) use table::TABLE;

/// Most digits of a house number.
pub(super) const MAX_HOUSE: usize = 5;

/// Whether a detector whose shape is proof finds something in a short value.
pub(super) fn proves(value: &[u8]) -> bool {
    (0..value.len()).any(|at| {
        let digit = value[at].is_ascii_digit() && !(at > 0 && value[at - 1].is_ascii_digit());
        let may = |trigger: Trigger| match trigger {
            Trigger::Digit | Trigger::Digits(_) | Trigger::Code | Trigger::Number => digit,
            Trigger::At => matches!(value[at], b'@' | 0xEF),
            Trigger::Colon => value[at] == b':',
            Trigger::Pair => matches!(value[at], b':' | b'-'),
            Trigger::Capital | Trigger::Literal(_) => false,
        };
        TABLE.iter().any(|row| row.proves && may(row.trigger) && (row.find)(value, at).is_some())
    })
}

/// Where a validator is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trigger {
    /// At `@`, plain or full-width.
    At,
    /// At the first digit of a run that begins a word.
    Digit,
    /// The same, if so many digits follow with no more than marks between them.
    Digits(usize),
    /// At the first digit of a run with a few letters before it.
    Code,
    /// At the first digit of any run that begins a word, however short.
    Number,
    /// At a colon.
    Colon,
    /// At a dash or colon between pairs of hexadecimal digits.
    Pair,
    /// At a capital, or a letter beyond ASCII, after a space or an opening mark.
    Capital,
    /// At one of some texts.
    Literal(&'static [&'static str]),
}

impl Trigger {
    /// Where rows with this trigger are kept; `None` for texts.
    #[inline]
    pub const fn place(self) -> Option<usize> {
        match self {
            Self::At => Some(0),
            Self::Digit | Self::Digits(_) => Some(1),
            Self::Colon => Some(2),
            Self::Pair => Some(3),
            Self::Capital => Some(4),
            Self::Code => Some(5),
            Self::Number => Some(6),
            Self::Literal(_) => None,
        }
    }
}

/// A validator: the text and the trigger's place give a span.
type Find = fn(&[u8], usize) -> Option<(usize, usize)>;

/// One detector.
#[cfg_attr(not(test), expect(dead_code, reason = "samples are for the tests, and names for those who read them"))]
pub struct Detector {
    /// For people.
    pub name: &'static str,
    /// What it finds.
    pub kind: Kind,
    /// Where it looks.
    pub trigger: Trigger,
    /// What it asks there.
    pub find: Find,
    /// Whether the shape proves what was found; else a key that an operator needs keeps it out.
    pub proves: bool,
    /// Texts in which it finds what stands between `⟦` and `⟧`.
    pub hits: &'static [&'static str],
    /// Texts in which it finds nothing.
    pub misses: &'static [&'static str],
}

/// A detector that proves what it finds: nothing else has the shape.
const fn row(
    name: &'static str,
    kind: Kind,
    trigger: Trigger,
    find: Find,
    hits: &'static [&'static str],
    misses: &'static [&'static str],
) -> Detector {
    Detector { name, kind, trigger, find, proves: true, hits, misses }
}

/// A detector that guesses: under a key that an operator needs it is not asked.
const fn guess(
    name: &'static str,
    kind: Kind,
    trigger: Trigger,
    find: Find,
    hits: &'static [&'static str],
    misses: &'static [&'static str],
) -> Detector {
    Detector { name, kind, trigger, find, proves: false, hits, misses }
}
