//! Titles with a dot: `Ing. Doe`, `Dott.ssa Doe`. Without it they are other words, or names.

use super::text::{Listed, at, before};

/// Titles that are other words or names without their dot.
static DOTTED: Listed = Listed::new(&[
    "ing", "mag", "drs", "mw", "inż", "inz", "mgr", "dipl", "ir", "avv", "geom", "rag", "lic", "mudr", "judr", "phdr",
    "rndr", "hr", "fr", "sr", "sra", "hab", "univ", "med", "jur", "phil", "rer", "nat",
]);
/// Titles with a dot in them.
const INNER: [&str; 12] = [
    "Sig.ra", "Sig.na", "sig.ra", "Dott.ssa", "dott.ssa", "Prof.ssa", "Dr.in", "Mag.a", "D.ª", "Sr.ª", "Dr.ª",
    "Prof.in",
];

/// Whether the word before, which begins at `start` and ends at `end`, is a title with its dot.
pub fn is_dotted(text: &[u8], start: usize, end: usize) -> bool {
    let word = &text[start..end];
    // `Dr. med. Doe`
    let capital = || word[0].is_ascii_uppercase() || text[..start].ends_with(b"Dr. ");
    at(text, end) == b'.'
        && at(text, end + 1) == b' '
        && (matches!(word, b"drs" | b"mgr" | b"ir") || word == "inż".as_bytes() || DOTTED.has(word) && capital())
}

/// Whether such a word is a part of what begins with a title: `Frau Mag. Beispiel`.
pub fn is_dotted_word(word: &[u8]) -> bool {
    word.starts_with(b"Dipl") || word.first().is_some_and(u8::is_ascii_uppercase) && DOTTED.has(word)
}

/// Whether a title with a dot in it stands before the space at `from - 1`.
pub fn follows_inner(text: &[u8], from: usize) -> bool {
    let Some(end) = from.checked_sub(1).filter(|space| text[*space] == b' ') else { return false };
    // Most words before a capital end in other letters.
    text[..end].ends_with(b"Dipl.-Ing.")
        || matches!(before(text, end), b'a' | b'n' | 0xAA)
            && INNER.iter().any(|title| text[..end].ends_with(title.as_bytes()))
}
