//! Places of a text that were dealt with already, and what is not asked there.

use smallvec::SmallVec;

/// Ranges of a text in its order; those that overlap are one. Asked by halving, so that a line of many costs no more for
/// each place than a line of few.
#[derive(Default)]
pub struct Ranges(SmallVec<[(usize, usize); 4]>);

impl Ranges {
    /// Adds `start..end`: at the end of all, as a rule.
    pub fn add(&mut self, start: usize, end: usize) {
        let Self(list) = self;
        let place = list.partition_point(|range| range.1 <= start);
        let after = place + list[place..].partition_point(|range| range.0 < end);
        let joined =
            list[place..after].iter().fold((start, end), |all, range| (all.0.min(range.0), all.1.max(range.1)));
        if place == after {
            list.insert(place, joined);
        } else {
            list[place] = joined;
            list.drain(place + 1..after);
        }
    }

    /// The last range that begins at `place` or before it.
    fn last_before(&self, place: usize) -> Option<(usize, usize)> {
        let count = self.0.partition_point(|range| range.0 <= place);
        count.checked_sub(1).map(|last| self.0[last])
    }

    /// Whether one of them has all of `start..end`.
    pub fn cover(&self, start: usize, end: usize) -> bool {
        self.last_before(start).is_some_and(|range| end <= range.1)
    }

    /// Whether the byte at `place` is in one of them.
    pub fn has(&self, place: usize) -> bool {
        self.last_before(place).is_some_and(|range| place < range.1)
    }
}

/// Where detectors that guess are not asked.
#[derive(Default)]
pub struct Quiet {
    /// The last value that an operator needs, or that is known to be nobody's.
    value: (usize, usize),
    /// Cells of goods in a table.
    cells: Ranges,
}

impl Quiet {
    /// No guess is made in the value at `start..end`; the search is behind the one before.
    pub fn keep(&mut self, start: usize, end: usize) {
        self.value = (start, end);
    }

    /// No guess is made in the cell at `start..end`.
    pub fn add_cell(&mut self, start: usize, end: usize) {
        self.cells.add(start, end);
    }

    /// Whether no guess is made at `start..end`.
    pub fn covers(&self, start: usize, end: usize) -> bool {
        self.value.0 <= start && end <= self.value.1 || self.cells.cover(start, end)
    }

    /// Whether the value that is kept goes on behind `place`.
    pub fn keeps_behind(&self, place: usize) -> bool {
        self.value.1 > place
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_answer_as_a_list_of_them_would() {
        let mut ranges = Ranges::default();
        let all = [(10, 20), (30, 40), (40, 41), (5, 8), (35, 60), (70, 71), (1, 2), (18, 31)];
        for (count, (start, end)) in all.into_iter().enumerate() {
            ranges.add(start, end);
            for place in 0..80 {
                let expected = all[..=count].iter().any(|(from, to)| (*from..*to).contains(&place));
                assert_eq!(ranges.has(place), expected, "{place} of {:?}", &all[..=count]);
            }
        }
        assert!(ranges.cover(10, 60) && ranges.cover(70, 71) && !ranges.cover(60, 61) && !ranges.cover(69, 71));
        assert!(ranges.0.windows(2).all(|two| two[0].1 <= two[1].0));
    }
}
