//! Words of letters and digits without order: tokens of pages, ids of sessions of machines.

use super::Form;
use crate::redact::decode;
use crate::redact::detect::text::{at, before, run, run_back};

/// A shorter word may be a name with its owner's numbers.
const LEAST: usize = 20;
const MOST: usize = 64;
/// Changes from letters to digits and back: a word that somebody chose has few.
const LEAST_TURNS: usize = 5;
/// Digits in a row, fewer than any number of a person has.
const MOST_DIGITS: usize = 4;
/// Letters in a row, fewer than a name and what stands beside it.
const MOST_LETTERS: usize = 9;
/// Ends of keys whose value is nobody's name and no login.
const KEYS: [&[u8]; 6] = [b"Token", b"token", b"Cursor", b"cursor", b"etag", b"nonce"];
/// Digits of a number that is somebody's under its key, and of a device's.
const NUMBER: usize = 7;
const DEVICE: usize = 4;

/// With four digits and with seven. As base64 both would be control characters, with the first letter and the first digit
/// in each other's place as well.
const FEW_DIGITS: &[u8; MOST] = b"qk4b4x4b4qkxzqkxzqkxzqkxzqkxzqkxzqkxzqkxzqkxzqkxzqkxzqkxzqkxzqkx";
const DIGITS: &[u8; MOST] = b"qk4b4x4b4q4k4x4zqkxzqkxzqkxzqkxzqkxzqkxzqkxzqkxzqkxzqkxzqkxzqkxz";

impl Form {
    /// `nextToken=4ub22x1ipdoo8ar9b8hy41mr`, at a run of digits at `place`.
    pub(super) fn token(&mut self, line: &[u8], place: usize) -> Option<usize> {
        let is_letter = |byte: u8| (byte.wrapping_sub(b'0') < 10) | (byte.wrapping_sub(b'a') < 26);
        let from = place - run_back(line, place, MOST, is_letter);
        let length = run(line, from, MOST + 1, is_letter);
        let end = from + length;
        if !(LEAST..=MOST).contains(&length) || !is_value(line, from, end) {
            return None;
        }
        let word = &line[from..end];
        // The country and the check digits of an account's number.
        let is_account = word[..2].iter().all(u8::is_ascii_lowercase) && word[2..4].iter().all(u8::is_ascii_digit);
        let digits = digits_of_random(word).filter(|digits| *digits >= DEVICE && !is_account)?;
        if !decode::is_digest(word, &mut self.said) {
            return None;
        }
        let mut text = if digits < NUMBER { *FEW_DIGITS } else { *DIGITS };
        if word[0].is_ascii_digit() {
            text.swap(0, 2);
        }
        self.put_first(line, from, end, &text, length);
        Some(end)
    }
}

/// Whether `from..end` is the whole value of a key that says what it is, whatever it looks like.
fn is_value(line: &[u8], from: usize, end: usize) -> bool {
    let (left, right) = (before(line, from), at(line, end));
    let whole = match left {
        b'=' => matches!(right, 0 | b' ' | b'&' | b'"' | b'\''),
        b'"' | b'\'' => right == left,
        _ => false,
    };
    let key = from - run_back(line, from, 4, |byte| matches!(byte, b'=' | b':' | b'"' | b'\'' | b' '));
    whole && KEYS.iter().any(|end| line[..key].ends_with(end))
}

/// How many digits are in `word`, if it turns from letters to digits and back too often to say anything.
fn digits_of_random(word: &[u8]) -> Option<usize> {
    let (mut digits, mut turns, mut row, mut last) = (0, 0, 0, None);
    for byte in word {
        let is_digit = byte.is_ascii_digit();
        digits += usize::from(is_digit);
        turns += usize::from(last != Some(is_digit));
        row = if last == Some(is_digit) { row + 1 } else { 1 };
        if row > if is_digit { MOST_DIGITS } else { MOST_LETTERS } {
            return None;
        }
        last = Some(is_digit);
    }
    (turns > LEAST_TURNS).then_some(digits)
}
