//! Values that follow one another as numbers do, found without the numbers: of each value there are the keyed hash of
//! itself and that of the value behind it. Where one is the other of a value that came just before, they are neighbours.

use std::collections::VecDeque;

use super::window::{Span, Window};
use crate::clock::Ticks;

/// Values that a new one is compared with: so many workers of a scraper may share the numbers among them.
const REMEMBERED: usize = 16;

/// One key's last values.
#[derive(Clone, Debug, Default)]
pub(super) struct Chain {
    last: VecDeque<(u64, u64)>,
    steps: Window,
}

impl Chain {
    /// Takes note of a value, by its hash and its follower's, and says how many steps there were in the window.
    pub(super) fn add(&mut self, span: Span, now: Ticks, hash: u64, next: u64) -> u64 {
        if next == 0 || self.last.iter().any(|(known, _)| *known == hash) {
            // No number, or once more.
            return self.steps.add(span, now, 0);
        }
        let neighbour = self.last.iter().any(|(known, follows)| *follows == hash || *known == next);
        if self.last.len() >= REMEMBERED {
            self.last.pop_front();
        }
        self.last.push_back((hash, next));
        self.steps.add(span, now, u64::from(neighbour))
    }

    /// Starts again.
    pub(super) fn clear(&mut self) {
        self.steps.clear();
    }
}

/// The text of the number behind the one that `text` ends with, or holds last: `INV-0099-B` gives `INV-0100-B`. The
/// width stays; `None` where there is no number, or none behind it of this width.
pub(in crate::watch) fn follower<'b>(text: &[u8], buffer: &'b mut [u8; LONGEST]) -> Option<&'b [u8]> {
    let buffer = buffer.get_mut(..text.len())?;
    buffer.copy_from_slice(text);
    let last = buffer.iter().rposition(u8::is_ascii_digit)?;
    for place in (0..=last).rev() {
        let digit = buffer.get_mut(place).filter(|digit| digit.is_ascii_digit())?;
        if *digit < b'9' {
            *digit += 1;
            return Some(buffer);
        }
        *digit = b'0';
    }
    None
}

/// Longest value that numbers are looked for in: ids are shorter.
pub(in crate::watch) const LONGEST: usize = 64;

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn after(text: &str) -> Option<String> {
        follower(text.as_bytes(), &mut [0; LONGEST]).map(|next| String::from_utf8(next.to_vec()).unwrap())
    }

    #[test]
    fn the_number_behind_a_number() {
        assert_eq!(after("1041").as_deref(), Some("1042"));
        assert_eq!(after("INV-0099-B").as_deref(), Some("INV-0100-B"));
        assert_eq!(after("902-3159896-1390919").as_deref(), Some("902-3159896-1390920"));
        assert_eq!(after("999"), None);
        assert_eq!(after("none"), None);
        assert_eq!(after(&"1".repeat(LONGEST + 1)), None);
    }

    #[test]
    fn steps_up_and_down_and_by_several_hands_are_found_and_a_stroll_is_not() {
        let span = Span::of(Duration::from_secs(600));
        let count = |values: &[u64]| {
            let mut chain = Chain::default();
            values.iter().map(|value| chain.add(span, Ticks(0), *value, value + 1)).last().unwrap()
        };
        assert_eq!(count(&[10, 11, 12, 13]), 3);
        assert_eq!(count(&[13, 12, 11, 10]), 3);
        assert_eq!(count(&[10, 50, 11, 51, 12, 52]), 4);
        assert_eq!(count(&[10, 10, 10, 10]), 0, "the same one again is no step");
        assert_eq!(count(&[10, 500, 3, 77, 1000]), 0);
    }
}
