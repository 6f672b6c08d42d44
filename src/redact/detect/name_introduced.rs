//! Verbs, prepositions and amounts between what was done and whoever's name follows.

use super::names::{ACT, ROLE, is, word_before};

/// `buyer is Jane`, `the name on it is Jane Doe`, `hi, this is Jane Doe`: how many words a name needs after the verb.
pub(super) fn verb(text: &[u8], verb: &[u8], start: usize) -> Option<usize> {
    let (mut earlier, mut begin) = word_before(text, start)?;
    if is(earlier, ROLE) {
        return Some(1);
    }
    if !matches!(verb, b"is" | b"ist") {
        return None;
    }
    // `hier ist …`, behind a greeting or a mark.
    if matches!(earlier, b"this" | b"hier" | b"here" | b"it") {
        let greeted = word_before(text, begin).is_some_and(|(word, _)| is(word, ROLE))
            || begin > 1 && matches!(text[begin - 2], b',' | b':' | b'!' | b'-');
        return greeted.then_some(2);
    }
    for _ in 0..3 {
        if !matches!(earlier, b"on" | b"it" | b"the" | b"card" | b"account" | b"of" | b"for") {
            break;
        }
        (earlier, begin) = word_before(text, begin)?;
    }
    earlier.eq_ignore_ascii_case(b"name").then_some(2)
}

/// `refund of 437.90 € for …`: an amount between what was done and for whom.
pub(super) fn is_of_amount(text: &[u8], start: usize, last: &[u8]) -> bool {
    let near = &text[start.saturating_sub(40)..start + last.len()];
    let amount = near.iter().any(u8::is_ascii_digit)
        && ["€", "zł", "EUR", "PLN", "USD", "GBP", "SEK", "kr", "$", "£", "Kč", "lei", "Ft", "TL"]
            .iter()
            .any(|sign| near.trim_ascii_end().ends_with(sign.as_bytes()));
    amount && near.split(|byte| *byte == b' ').any(|word| is(word, ACT))
}

/// Words that say who did something.
const BY: [&[u8]; 8] = [b"by", b"von", b"par", b"por", b"da", b"door", b"przez", b"av"];

/// What people open, write or send, a number of which follows.
const MATTERS: &str = "ticket order case return review comment reply claim dispute message refund complaint inquiry \
    question request rma bestellung anfrage commande pedido ordine retoure";

/// Whether a word says who did something.
pub(super) fn is_by(word: &[u8]) -> bool {
    BY.contains(&word)
}

/// Whether people open, write or send such a thing.
pub(super) fn is_matter(word: &[u8]) -> bool {
    MATTERS.split(' ').any(|matter| word.eq_ignore_ascii_case(matter.as_bytes()))
}

/// `opened`, `ouvert`, `geschlossen`: what was done to something.
pub(super) fn is_done(word: &[u8]) -> bool {
    const ENDS: [&str; 18] = [
        "lto", "sto", "cho", "rto", "tto", "uto", "ed", "en", "té", "ée", "ert", "ado", "ada", "ido", "ato", "ata",
        "ito", "ny",
    ];
    word.len() >= 5 && word[0].is_ascii_lowercase() && ENDS.iter().any(|end| word.ends_with(end.as_bytes()))
}
