//! A count over the last so many minutes, in eight parts.

use crate::clock::Ticks;

/// Parts of a window. What is counted is at least the last seven eighths of it and never more than all of it: an alarm
/// says what is true, and comes at most an eighth too late.
const PARTS: usize = 8;

/// One key's count. 72 bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Window {
    parts: [u64; PARTS],
    /// The number of the part that is being counted, from the clock's begin.
    part: u64,
}

/// How long a part is, in microseconds.
#[derive(Clone, Copy, Debug)]
pub(super) struct Span(u64);

impl Span {
    pub(super) fn of(window: std::time::Duration) -> Self {
        Self((u64::try_from(window.as_micros()).unwrap_or(u64::MAX) / PARTS as u64).max(1))
    }

    /// The part that a moment lies in.
    pub(super) const fn part(self, now: Ticks) -> u64 {
        now.0 / self.0
    }
}

impl Window {
    /// Counts so many more, and says how many there are.
    pub(super) fn add(&mut self, span: Span, now: Ticks, count: u64) -> u64 {
        self.turn(span.part(now));
        if let Some(part) = self.parts.get_mut(place(self.part)) {
            *part = part.saturating_add(count);
        }
        self.parts.iter().fold(0, |sum: u64, part| sum.saturating_add(*part))
    }

    /// Empties the parts that have gone by. Moments of different workers differ a little; time does not go back.
    fn turn(&mut self, part: u64) {
        let gone = part.saturating_sub(self.part);
        if gone >= PARTS as u64 {
            self.parts = [0; PARTS];
        } else {
            for number in 0..gone {
                if let Some(old) = self.parts.get_mut(place(self.part + 1 + number)) {
                    *old = 0;
                }
            }
        }
        self.part = self.part.max(part);
    }

    /// Takes back one that was counted in this part, if the part still counts.
    pub(super) fn take(&mut self, part: u64) {
        if part + PARTS as u64 > self.part
            && let Some(count) = self.parts.get_mut(place(part))
        {
            *count = count.saturating_sub(1);
        }
    }

    /// The part that is being counted.
    pub(super) const fn part(&self) -> u64 {
        self.part
    }

    /// The oldest part that counts.
    pub(super) const fn oldest(&self) -> u64 {
        self.part.saturating_sub(PARTS as u64 - 1)
    }

    /// Starts again.
    pub(super) const fn clear(&mut self) {
        self.parts = [0; PARTS];
    }
}

#[expect(clippy::cast_possible_truncation, reason = "below eight")]
const fn place(part: u64) -> usize {
    (part % PARTS as u64) as usize
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn what_is_older_than_the_window_does_not_count_and_seven_eighths_always_do() {
        let span = Span::of(Duration::from_secs(80));
        let mut window = Window::default();
        let at = |seconds: u64| Ticks(seconds * 1_000_000);
        assert_eq!(window.add(span, at(3), 5), 5);
        assert_eq!(window.add(span, at(72), 1), 6);
        assert_eq!(window.add(span, at(80), 1), 2, "the first part is gone");
        assert_eq!(window.add(span, at(79), 1), 3, "a worker whose clock is a little behind");
        assert_eq!(window.add(span, at(1000), 1), 1);
    }
}
