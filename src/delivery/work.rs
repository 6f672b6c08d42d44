//! One batch on its way: what of it is still to be given over, in which pieces, and what an answer makes of that. Every
//! answer that refuses something takes a record off or halves a piece, so that no record can be refused for ever.

use std::time::Duration;

use super::receiver::{Answer, Batch, Item, Sent};

/// What is still to be given over; the last piece is the next, and earlier in the trail than those before it.
#[derive(Debug)]
pub struct Work {
    pieces: Vec<Batch>,
}

/// What is to be done after an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Go on with the next piece.
    Go,
    /// Wait, then the same again.
    Wait {
        /// At least so long.
        after: Option<Duration>,
        /// Why.
        cause: &'static str,
    },
    /// Hold until a setting was changed.
    Hold {
        /// Why.
        cause: &'static str,
    },
    /// Go back by so many records before the current piece.
    Back {
        /// How many.
        records: u64,
        /// Why.
        cause: &'static str,
    },
}

/// Records that a receiver will never take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The first and last that it may be.
    pub sequences: (u64, u64),
    /// How many of these are refused: all of them, or some, nobody knows which.
    pub count: u64,
    /// Why.
    pub cause: &'static str,
    /// They tell of refusals themselves. One that told of theirs would be refused too, and so on for ever.
    pub tells: bool,
}

impl Refusal {
    fn one(record: Sent<'_>, cause: &'static str) -> Self {
        Self { sequences: (record.sequence, record.sequence), count: 1, cause, tells: tells(record) }
    }
}

/// Whether a record is a LOG.REJECTED. Text of others has its quotes escaped.
fn tells(record: Sent<'_>) -> bool {
    memchr::memmem::find(record.line, b"\"event_code\":\"LOG.REJECTED\"").is_some()
}

/// An answer that does not fit what it answers.
const MALFORMED: Verdict = Verdict::Wait { after: None, cause: "answer_malformed" };

impl Work {
    /// All of a batch.
    pub fn new(batch: Batch) -> Self {
        Self { pieces: if batch.is_empty() { Vec::new() } else { vec![batch] } }
    }

    /// What to give over next.
    pub fn next(&self) -> Option<&Batch> {
        self.pieces.last()
    }

    /// The first record that is not done with.
    pub fn open(&self) -> Option<u64> {
        self.pieces.iter().filter_map(Batch::span).map(|(first, _)| first).min()
    }

    /// Takes in the answer to [`Self::next`]; `refused` is told of each record that is refused for good.
    pub fn judge(&mut self, answer: Answer, mut refused: impl FnMut(Refusal)) -> Verdict {
        let Some(piece) = self.pieces.pop() else { return Verdict::Go };
        match answer {
            Answer::Taken => Verdict::Go,
            Answer::Later { after, cause } => {
                self.pieces.push(piece);
                Verdict::Wait { after, cause }
            }
            Answer::Misconfigured { cause } => {
                self.pieces.push(piece);
                Verdict::Hold { cause }
            }
            Answer::Again { records, cause } => {
                self.pieces.push(piece);
                Verdict::Back { records, cause }
            }
            Answer::TooLarge => self.split(&piece, "too_large", refused),
            Answer::Refused { at: Some(at), cause } if at < piece.len() && piece.len() > 1 => {
                // Those before it may have been taken, or not; those behind it were not.
                self.put(piece.part(at + 1..piece.len()));
                self.put(piece.part(0..at));
                if let Some(record) = piece.get(at) {
                    refused(Refusal::one(record, cause));
                }
                Verdict::Go
            }
            Answer::Refused { cause, .. } => self.split(&piece, cause, refused),
            Answer::Partly { refused: count, cause } => {
                if let Some(sequences) = piece.span() {
                    let count = count.clamp(1, piece.len()) as u64;
                    refused(Refusal { sequences, count, cause, tells: piece.iter().all(tells) });
                }
                Verdict::Go
            }
            Answer::Each(items) if items.len() == piece.len() => self.each(&piece, &items, &mut refused),
            Answer::Each(_) => {
                self.pieces.push(piece);
                MALFORMED
            }
        }
    }

    /// Halves a piece; a single record is refused.
    fn split(&mut self, piece: &Batch, cause: &'static str, mut refused: impl FnMut(Refusal)) -> Verdict {
        if piece.len() <= 1 {
            piece.iter().for_each(|record| refused(Refusal::one(record, cause)));
            return Verdict::Go;
        }
        let half = piece.len() / 2;
        self.put(piece.part(half..piece.len()));
        self.put(piece.part(0..half));
        Verdict::Go
    }

    fn each(&mut self, piece: &Batch, items: &[Item], refused: &mut impl FnMut(Refusal)) -> Verdict {
        let (mut left, mut verdict) = (Batch::default(), Verdict::Go);
        for (at, (record, item)) in piece.iter().zip(items).enumerate() {
            match *item {
                Item::Taken => continue,
                Item::Refused(cause) => {
                    refused(Refusal::one(record, cause));
                    continue;
                }
                // What needs somebody's hand is said before what passes.
                Item::Misconfigured(cause) => verdict = Verdict::Hold { cause },
                Item::Later(cause) => {
                    if verdict == Verdict::Go {
                        verdict = Verdict::Wait { after: None, cause };
                    }
                }
            }
            left.adopt(piece, at);
        }
        self.put(left);
        verdict
    }

    fn put(&mut self, piece: Batch) {
        if !piece.is_empty() {
            self.pieces.push(piece);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::receiver::Sent;
    use super::*;

    fn batch(sequences: std::ops::Range<u64>) -> Batch {
        let mut batch = Batch::default();
        sequences.for_each(|sequence| batch.push(Sent { sequence, line: b"{}" }));
        batch
    }

    fn next(work: &Work) -> Vec<u64> {
        work.next().map(|piece| piece.iter().map(|record| record.sequence).collect()).unwrap_or_default()
    }

    #[test]
    fn a_poisonous_record_is_found_by_halving_and_all_others_come_through() {
        let (mut work, mut refused, mut taken, mut exchanges) = (Work::new(batch(0..500)), vec![], vec![], 0);
        while let Some(piece) = work.next() {
            exchanges += 1;
            let poison = piece.iter().any(|record| record.sequence == 321);
            let answer = if poison { Answer::Refused { at: None, cause: "http_400" } } else { Answer::Taken };
            if !poison {
                taken.extend(next(&work));
            }
            assert_eq!(work.judge(answer, |refusal| refused.push((refusal.sequences.0, refusal.cause))), Verdict::Go);
        }
        assert_eq!(refused, [(321, "http_400")]);
        assert_eq!(taken, (0..500).filter(|sequence| *sequence != 321).collect::<Vec<_>>(), "in order");
        assert!(exchanges < 25, "{exchanges}");
    }

    #[test]
    fn a_record_that_is_named_is_taken_out_at_once() {
        let (mut work, mut refused) = (Work::new(batch(0..5)), vec![]);
        work.judge(Answer::Refused { at: Some(2), cause: "code_6" }, |refusal| refused.push(refusal.sequences.0));
        assert_eq!((next(&work), refused, work.open()), (vec![0, 1], vec![2], Some(0)));
        work.judge(Answer::Taken, |_| {});
        assert_eq!((next(&work), work.open()), (vec![3, 4], Some(3)));
        // A place that there is not: it is one of them, and nobody knows which.
        work.judge(Answer::Refused { at: Some(9), cause: "code_6" }, |_| panic!("not refused"));
        assert_eq!(next(&work), [3]);
    }

    #[test]
    fn what_is_too_large_is_halved_down_to_one() {
        let (mut work, mut refused) = (Work::new(batch(0..3)), vec![]);
        while work.next().is_some() {
            work.judge(Answer::TooLarge, |refusal| refused.push((refusal.sequences.0, refusal.cause)));
        }
        assert_eq!(refused, [(0, "too_large"), (1, "too_large"), (2, "too_large")]);
    }

    #[test]
    fn each_record_has_its_own_fate() {
        let (mut work, mut refused) = (Work::new(batch(0..5)), vec![]);
        let items = vec![
            Item::Taken,
            Item::Later("http_429"),
            Item::Refused("mapper"),
            Item::Misconfigured("http_403"),
            Item::Taken,
        ];
        let verdict = work.judge(Answer::Each(items), |refusal| refused.push((refusal.sequences.0, refusal.cause)));
        assert_eq!((verdict, refused), (Verdict::Hold { cause: "http_403" }, vec![(2, "mapper")]));
        assert_eq!((next(&work), work.open()), (vec![1, 3], Some(1)));
        assert_eq!(work.judge(Answer::Each(vec![Item::Taken]), |_| {}), MALFORMED);
        assert_eq!(next(&work), [1, 3], "nothing is lost by an answer that fits nothing");
        let verdict = work.judge(Answer::Each(vec![Item::Taken; 2]), |_| {});
        assert_eq!((verdict, work.open()), (Verdict::Go, None));
    }

    #[test]
    fn what_is_refused_in_part_is_told_once_and_not_given_again() {
        let (mut work, mut refused) = (Work::new(batch(3..9)), vec![]);
        let answer = Answer::Partly { refused: 2, cause: "partial_success" };
        assert_eq!(work.judge(answer, |refusal| refused.push(refusal)), Verdict::Go);
        let refusal = Refusal { sequences: (3, 8), count: 2, cause: "partial_success", tells: false };
        assert_eq!((refused, work.open()), (vec![refusal], None));
    }

    #[test]
    fn a_record_that_tells_of_a_refusal_is_known() {
        let mut told = Batch::default();
        told.push(Sent { sequence: 7, line: br#"{"metadata":{"event_code":"LOG.REJECTED"}}"# });
        told.push(Sent { sequence: 8, line: br#"{"a":"\"event_code\":\"LOG.REJECTED\""}"# });
        let (mut work, mut tells) = (Work::new(told), vec![]);
        work.judge(Answer::Each(vec![Item::Refused("mapper"); 2]), |refusal| tells.push(refusal.tells));
        assert_eq!(tells, [true, false]);
    }
}
