//! What the sinks of a chain read together: the spool is read, opened and judged once for all that are near one another.
//! Who is further behind reads by itself until it has come near.
//!
//! ```text
//! spool ══ frames ═► reader ─► [ block | block | block ]   at most 2 MiB of them
//!                                 ▲        ▲        ▲
//!                                sink     sink     sink
//! ```
//!
//! A block that every reader has passed is let go of; batches hold on to theirs until they are delivered.

use std::collections::VecDeque;
use std::sync::Arc;

use parking_lot::Mutex;

use super::block::{Block, LONG, Pool, Slice};
use super::facets::Facets;
use super::receiver::Sent;
use crate::audit::RequestId;
use crate::audit::spool::{Cursor, SpoolFault};

/// Bytes that are kept for those who are behind: two batches of the usual size.
const WINDOW: usize = 2 << 20;
/// The epoch and the sequence number of the next record; no epoch before the first one.
pub type Position = (Option<RequestId>, u64);

/// Makes blocks of what a cursor gives.
pub struct Reader {
    cursor: Cursor,
    /// What the next block follows.
    at: Position,
    pool: Pool,
}

impl Reader {
    /// With a cursor of its own.
    pub const fn new(cursor: Cursor, pool: Pool) -> Self {
        Self { at: cursor.position(), cursor, pool }
    }

    /// What the next block follows.
    pub const fn at(&self) -> Position {
        self.at
    }

    /// The next block, of what is durable; `None` if there is nothing new.
    pub fn read(&mut self, durable: u64) -> Result<Option<Arc<Block>>, SpoolFault> {
        let mut block = Block::with_room(&self.pool);
        let given = self.cursor.read_some(durable, LONG, |sequence, line| {
            block.push(Sent { sequence, line }, Facets::of(line));
        })?;
        if given == 0 {
            return Ok(None);
        }
        let block = block.fitted().of(self.cursor.position().0);
        self.at = block.end();
        Ok(Some(Arc::new(block)))
    }
}

/// Blocks for several readers. Cheap to clone.
#[derive(Clone, Default)]
pub struct Shelf {
    state: Arc<Mutex<State>>,
    pool: Pool,
}

#[derive(Default)]
struct State {
    /// One behind the other, as they were read; the last one ends where `reader` stands.
    blocks: VecDeque<Arc<Block>>,
    bytes: usize,
    reader: Option<Reader>,
    /// Where those stand who read.
    places: Vec<(u64, Position)>,
    next_place: u64,
}

/// Somebody who reads.
pub struct Seat {
    shelf: Shelf,
    number: u64,
}

/// What the shelf has for somebody.
pub enum Taken {
    /// This is next.
    Slice(Slice),
    /// There is nothing new.
    Nothing,
    /// It is not near: it reads by itself.
    Apart,
}

impl Shelf {
    /// The memory of blocks.
    pub fn pool(&self) -> Pool {
        self.pool.clone()
    }

    /// A seat for one more.
    pub fn seat(&self) -> Seat {
        let mut state = self.state.lock();
        state.next_place += 1;
        let number = state.next_place;
        state.places.push((number, (None, 0)));
        Seat { shelf: self.clone(), number }
    }
}

impl Seat {
    /// What follows a place; `cursor` makes one that stands there, if the shelf is to be filled from there on.
    pub fn take(&self, at: Position, durable: u64, cursor: impl FnOnce() -> Cursor) -> Result<Taken, SpoolFault> {
        let mut state = self.shelf.state.lock();
        state.stands(self.number, at);
        if let Some(index) = state.find(at) {
            let block = Arc::clone(&state.blocks[index]);
            let from = block.find(at).unwrap_or(0);
            state.stands(self.number, block.end());
            state.clear();
            return Ok(Taken::Slice(Slice { block, from }));
        }
        if state.is_deserted() {
            (state.blocks, state.bytes) = (VecDeque::new(), 0);
            state.reader = Some(Reader::new(cursor(), self.shelf.pool.clone()));
        }
        let Some(reader) = state.reader.as_mut().filter(|reader| reader.at() == at) else {
            return Ok(Taken::Apart);
        };
        let read = reader.read(durable);
        let Some(block) = read.inspect_err(|_| state.reader = None)? else { return Ok(Taken::Nothing) };
        state.bytes += block.bytes();
        state.blocks.push_back(Arc::clone(&block));
        state.stands(self.number, block.end());
        state.clear();
        Ok(Taken::Slice(Slice { block, from: 0 }))
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut state = self.shelf.state.lock();
        state.places.retain(|(number, _)| *number != self.number);
        state.clear();
    }
}

impl State {
    fn stands(&mut self, number: u64, at: Position) {
        if let Some((_, place)) = self.places.iter_mut().find(|(other, _)| *other == number) {
            *place = at;
        }
    }

    /// The block that has the record of this place, or comes behind the gap in which it would be.
    fn find(&self, at: Position) -> Option<usize> {
        let follows = |index: usize| index > 0 && self.blocks[index - 1].end() == at;
        (0..self.blocks.len()).find(|index| follows(*index) || self.blocks[*index].find(at).is_some())
    }

    /// Whether nobody stands where the shelf has, or will have, what is next.
    fn is_deserted(&self) -> bool {
        let Some(reader) = &self.reader else { return true };
        !self.places.iter().any(|(_, at)| *at == reader.at() || self.find(*at).is_some())
    }

    /// Lets go of what nobody will come by any more, and of the oldest beyond the bound.
    fn clear(&mut self) {
        let mut passed = self.places.iter().filter_map(|(_, at)| self.find(*at)).min().unwrap_or(self.blocks.len());
        while passed > 0 || self.bytes > WINDOW {
            let Some(oldest) = self.blocks.pop_front() else { return };
            self.bytes -= oldest.bytes();
            passed = passed.saturating_sub(1);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn epoch() -> Option<RequestId> {
        RequestId::parse("019b76da-a800-7000-8000-0000000000e0")
    }

    /// A block of the records `first` to `last`, each of so many bytes.
    fn block(first: u64, last: u64, bytes: usize) -> Arc<Block> {
        let mut block = Block::default().of(epoch());
        let line = vec![b'x'; bytes];
        (first..=last).for_each(|sequence| block.push(Sent { sequence, line: &line }, Facets::of(b"{}")));
        Arc::new(block)
    }

    fn state(blocks: &[Arc<Block>], places: &[u64]) -> State {
        State {
            bytes: blocks.iter().map(|block| block.bytes()).sum(),
            blocks: blocks.iter().cloned().collect(),
            places: places.iter().map(|next| (*next, (epoch(), *next))).collect(),
            ..State::default()
        }
    }

    #[test]
    fn whoever_is_near_finds_what_is_next_and_what_all_have_passed_goes() {
        // Between the second and the third, records are gone.
        let blocks = [block(1, 10, 10), block(11, 20, 10), block(31, 40, 10)];
        let mut shelf = state(&blocks, &[12, 21]);
        let found: Vec<_> = [1, 10, 11, 20, 21, 31, 40].map(|next| shelf.find((epoch(), next))).to_vec();
        assert_eq!(found, [Some(0), Some(0), Some(1), Some(1), Some(2), Some(2), Some(2)]);
        assert_eq!((shelf.find((epoch(), 41)), shelf.find((epoch(), 0)), shelf.find((None, 5))), (None, None, None));
        shelf.clear();
        assert_eq!((shelf.blocks.len(), shelf.bytes), (2, 200), "nobody will come by the first");
        shelf.stands(12, (epoch(), 41));
        shelf.clear();
        assert_eq!((shelf.blocks.len(), shelf.bytes), (1, 100));
        shelf.stands(21, (epoch(), 41));
        shelf.clear();
        assert_eq!((shelf.blocks.len(), shelf.bytes), (0, 0), "what one sink alone reads is not kept");
    }

    #[test]
    fn who_falls_behind_is_not_waited_for() {
        let piece = WINDOW / 4;
        let blocks: Vec<_> = (1..=6).map(|number| block(number, number, piece)).collect();
        let mut shelf = state(&blocks, &[1, 7]);
        shelf.clear();
        assert_eq!((shelf.blocks.len(), shelf.bytes), (4, WINDOW));
        assert_eq!(shelf.find((epoch(), 1)), None, "it reads by itself");
        assert_eq!(shelf.find((epoch(), 3)), Some(0), "until it has come near");
    }
}
