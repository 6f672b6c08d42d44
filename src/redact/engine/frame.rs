//! What stands around a pair: brackets and elements that are open, with the keys that they are under.

use smallvec::SmallVec;

use crate::redact::lexicon::Meaning;

/// Brackets within brackets that are followed; deeper ones are read without knowing what is around.
const MAX_DEPTH: usize = 64;

/// An open bracket or element.
#[derive(Clone, Copy, Debug, Default)]
pub struct Frame {
    /// Where the key is that it stands under.
    pub key: (usize, usize),
    /// What all in it is, unless its own key says more.
    pub meaning: Option<Meaning>,
    /// A personal key was seen in it.
    pub personal: bool,
    /// The meaning that the value of a name in it gave: `{"name": "email", …`.
    pub named: Option<Meaning>,
    /// A value whose name has not come yet.
    pub waiting: Option<(usize, usize)>,
    /// It is an element, not a bracket.
    pub element: bool,
}

/// All that is open.
#[derive(Default)]
pub struct Frames {
    open: SmallVec<[Frame; 4]>,
    /// How many more are open than are kept.
    deeper: usize,
    /// What stands outside of all.
    root: Frame,
}

impl Frames {
    /// A bracket or element opens.
    pub fn push(&mut self, frame: Frame) {
        if self.open.len() < MAX_DEPTH { self.open.push(frame) } else { self.deeper += 1 }
    }

    /// The last one closes, if it is of that sort.
    pub fn pop(&mut self, element: bool) {
        if self.deeper > 0 {
            self.deeper -= 1;
        } else if self.open.last().is_some_and(|frame| frame.element == element) {
            self.open.pop();
        }
    }

    /// The innermost, or what is outside of all.
    pub fn top(&mut self) -> &mut Frame {
        self.open.last_mut().unwrap_or(&mut self.root)
    }

    /// Whether what is around says nothing of what is in it.
    pub fn is_plain(&self) -> bool {
        self.open.last().is_none_or(|frame| frame.meaning.is_none() && frame.named.is_none())
    }

    /// Whether a bracket is open.
    pub fn is_nested(&self) -> bool {
        self.open.last().is_some_and(|frame| !frame.element)
    }

    /// Keys of all that are open, the innermost first.
    pub fn keys(&self) -> impl Iterator<Item = (usize, usize)> + '_ {
        self.open.iter().rev().map(|frame| frame.key).filter(|key| key.0 < key.1)
    }

    /// The key of the innermost that has one.
    pub fn parent(&self) -> Option<(usize, usize)> {
        self.open.iter().rev().map(|frame| frame.key).find(|key| key.0 < key.1)
    }
}
