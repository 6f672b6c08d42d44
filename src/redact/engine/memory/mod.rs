//! What a stream has shown, so that it is not worked out once more.
//!
//! | file | what it keeps |
//! |---|---|
//! | `known` | what the lexicon says of keys |
//! | `silent` | words before numbers that announce nothing |
//! | `alike` | a line's common form, in which times, counts and ids are the same wherever they stand |
//! | `seen` | such forms, and what was found in each |
//! | `check` | a hash that tells them apart |
//! | `lines` | whole lines, byte by byte |

pub mod alike;
pub mod check;
pub mod known;
pub mod lines;
pub mod seen;
pub mod silent;
