//! What a sink was given last: from how many records to where in the trail. A sink that is not given all has long ways
//! between its records.

use std::collections::VecDeque;

/// Batches that are remembered: at 500 records each, more than anybody may go back by.
const MOST: usize = 1024;

/// The last batches that were taken in their turn: sequence number of the first record, and how many there were.
#[derive(Debug, Default)]
pub struct Given(VecDeque<(u64, u64)>);

impl Given {
    /// A batch was taken.
    pub fn note(&mut self, first: u64, records: u64) {
        if self.0.len() == MOST {
            self.0.pop_front();
        }
        self.0.push_back((first, records));
    }

    /// The sequence number `records` records before the record `from`. Beyond what is remembered, each number counts as
    /// a record.
    pub fn back(&mut self, from: u64, records: u64) -> u64 {
        let (mut to, mut left) = (from, records);
        while left > 0
            && let Some((first, count)) = self.0.pop_back()
        {
            if first < to {
                to = first;
                left = left.saturating_sub(count);
            }
        }
        to.saturating_sub(left).max(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_are_counted_as_they_were_given() {
        let mut given = Given::default();
        // Of a hundred records, one.
        (0..50).for_each(|batch| given.note(1 + batch * 1_000, 10));
        assert_eq!(given.back(50_001, 25), 47_001);
        // What was gone back by is given anew, and noted then.
        assert_eq!(given.back(47_001, 0), 47_001);
        assert_eq!(given.back(47_001, 10), 46_001);
        assert_eq!(given.back(46_001, 460), 1, "at the beginning");
        assert_eq!(given.back(300, 100), 200, "nothing is known of before");
        assert_eq!(Given::default().back(5, 100), 1);
    }

    #[test]
    fn what_is_remembered_has_a_bound() {
        let mut given = Given::default();
        (0..10_000).for_each(|batch| given.note(batch, 1));
        assert_eq!(given.0.len(), MOST);
    }
}
