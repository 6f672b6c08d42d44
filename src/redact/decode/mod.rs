//! Undoes one layer of the encodings that text in logs wears, and remembers where each byte came from.
//!
//! `escape` knows `%40`, `\u0040` and `&#64;`, `printable` knows `=40`, `token` words of base64 and hexadecimal digits; `map` is
//! the memory.

mod escape;
mod map;
mod printable;
mod token;

pub(super) use escape::{escapes, is_escaped, unescape};
pub(super) use map::Map;
pub(super) use printable::unprintable;
pub(super) use token::{base64, decoded, is_digest, is_printed, may_be_text, printed, tokens};
