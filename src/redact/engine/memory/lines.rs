//! Lines that a stream has shown more than once, byte by byte: health checks, stack traces, messages without a time.

use super::check::Check;
use super::seen::{Fate, Outcome, Seen};
use crate::redact::engine::splice::Spans;

/// Lines of one generation, in 3 MiB with what tells them apart.
const MOST_LINES: usize = 56 * 1024;
/// Bytes that one generation keeps of what was found in its lines.
const MOST_BYTES: usize = 8 * 1024 * 1024;
/// Lines after which it is judged whether asking for them pays: more than a corpus of samples has.
const ROUND: u32 = 16 * 1024;
/// Of so many lines asked for one must be known: asking costs an eighth of what it saves.
const LEAST_KNOWN: u32 = 8;
/// Where asking does not pay, one line of so many is asked for, to see whether that changes.
const SELDOM: u64 = 16;

/// What was found in whole lines, and in what was written for them nothing more. A stream whose lines all have a time of
/// their own is asked for few of them.
pub struct Lines {
    seen: Seen,
    asked: u32,
    known: u32,
    passed: u32,
    seldom: bool,
}

impl Default for Lines {
    fn default() -> Self {
        Self { seen: Seen::new(MOST_LINES, MOST_BYTES), asked: 0, known: 0, passed: 0, seldom: false }
    }
}

impl Lines {
    /// What tells `line`, in which `spans` were found before, from others; `None` if it is not asked for.
    pub fn ask(&mut self, line: &[u8], spans: &Spans) -> Option<Check> {
        if self.asked + self.passed >= ROUND {
            self.seldom = self.known * LEAST_KNOWN < self.asked;
            (self.asked, self.known, self.passed) = (0, 0, 0);
        }
        if self.seldom && !is_chosen(line) {
            self.passed += 1;
            return None;
        }
        self.asked += 1;
        Some(self.seen.check(line, 0, spans, &[]))
    }

    /// What was found in that line; `None` if it is not known.
    pub fn find(&mut self, check: Check) -> Option<&Outcome> {
        match self.seen.find(check)? {
            Fate::Searched(outcome) => {
                self.known += 1;
                Some(outcome)
            }
            Fate::ByLine => None,
        }
    }

    /// Keeps what was found in that line.
    pub fn add(&mut self, check: Check, outcome: Outcome) {
        self.seen.add(check, Fate::Searched(outcome));
    }

    /// Never finds anything again.
    #[cfg(test)]
    pub fn forget(&mut self) {
        self.seen.forget();
    }
}

/// Whether a line is one of the few that are always asked for: by its length and some of its bytes, so that the same line
/// always is.
fn is_chosen(line: &[u8]) -> bool {
    let eight =
        |from: usize| line.get(from..).and_then(<[u8]>::first_chunk::<8>).map_or(0, |eight| u64::from_le_bytes(*eight));
    let sum = eight(line.len() / 2) ^ eight(line.len().saturating_sub(8)).rotate_left(32) ^ line.len() as u64;
    sum.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 32 & (SELDOM - 1) == 0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::redact::engine::carry::Opened;

    const CALM: Outcome = Outcome { literal: false, opened: Opened::NOTHING, work: 0, found: None };

    fn asked(lines: &mut Lines, line: &str) -> bool {
        let Some(check) = lines.ask(line.as_bytes(), &Spans::default()) else { return false };
        if lines.find(check).is_none() {
            lines.add(check, CALM);
        }
        true
    }

    #[test]
    fn lines_that_never_come_back_are_seldom_asked_for() {
        let mut lines = Lines::default();
        let count = |lines: &mut Lines, from: u32, name: &str| {
            (0..ROUND).filter(|number| asked(lines, &format!("{name} number {}", from + number % 1000))).count()
        };
        assert!((0..ROUND).all(|number| asked(&mut lines, &format!("line number {number}"))));
        let few = (0..ROUND).filter(|number| asked(&mut lines, &format!("other number {number}"))).count();
        assert!((1..ROUND as usize / 4).contains(&few), "{few}");
        // Then they come back.
        let (few, all) = (count(&mut lines, 0, "third"), count(&mut lines, 0, "third"));
        assert!(few < ROUND as usize / 4 && all == ROUND as usize, "{few} {all}");
    }
}
