//! Sanctions that replicas have together: what this one imposes or lifts is told to the others, and what they do is taken
//! up here. Each replica's trail has the record of what it did itself.
//!
//! An edit is of one field: on whom, and what. Its value is the line that a state file would have, after the moment at
//! which it was written. It names nobody but in keyed hashes and as records show them.

use std::collections::HashMap;

use parking_lot::Mutex;

use super::Sanctions;
use super::sanction::Sanction;
use super::state::line;
use super::subject::Whom;
use crate::clock::{Moment, UnixMillis};

/// Edits that wait to be told; beyond them the state is told as a whole once that is possible.
const MOST_EDITS: usize = 65_536;

/// A sanction that was imposed, changed or lifted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    /// On whom, and what: `caller:0123456789abcdef:lock`.
    pub field: String,
    /// What holds; `None` if nothing does any more.
    pub value: Option<String>,
    /// What was there before, as far as this replica knows: nobody takes back what another has made longer.
    pub before: Option<String>,
}

/// What is to be told, and what was learnt.
#[derive(Default)]
pub(super) struct Journal(Mutex<Option<Pages>>);

#[derive(Default)]
struct Pages {
    edits: Vec<Edit>,
    /// Values as the others know them.
    known: HashMap<String, String>,
    /// There were more edits than are kept.
    torn: bool,
}

impl Journal {
    fn keep(&self, edit: impl FnOnce(&HashMap<String, String>) -> Edit) {
        let mut pages = self.0.lock();
        let Some(pages) = &mut *pages else { return };
        if pages.edits.len() >= MOST_EDITS {
            pages.torn = true;
            return;
        }
        let edit = edit(&pages.known);
        match &edit.value {
            Some(value) => pages.known.insert(edit.field.clone(), value.clone()),
            None => pages.known.remove(&edit.field),
        };
        pages.edits.push(edit);
    }

    pub(super) fn imposed(&self, sanction: &Sanction, now: Moment) {
        if self.0.lock().is_none() {
            return;
        }
        let value = format!("{} {}", now.wall.0, line::of(sanction, now));
        self.keep(|_| Edit { field: field(sanction), value: Some(value), before: None });
    }

    pub(super) fn lifted(&self, sanction: &Sanction, by_hand: bool) {
        self.keep(|known| {
            let field = field(sanction);
            // An operator means whatever is in force; what has run out is that value alone.
            let before = known.get(&field).cloned().filter(|_| !by_hand);
            Edit { before, field, value: None }
        });
    }
}

fn field(sanction: &Sanction) -> String {
    let words = line::subject(&sanction.subject);
    format!("{}:{words}:{}", sanction.subject.whom().word(), sanction.kind.sort().word())
}

impl Sanctions {
    /// From now on edits are kept for others; what is in force already is the first of them.
    pub fn share(&self) {
        *self.journal.0.lock() = Some(Pages::default());
        self.tell_all();
    }

    /// Makes edits of all that is in force: others may have lost them.
    pub fn tell_all(&self) {
        let now = self.moment();
        for sanction in self.list() {
            self.journal.imposed(&sanction, now);
        }
    }

    /// Takes up to `most` edits that are to be told.
    pub fn edits_to_tell(&self, most: usize) -> Vec<Edit> {
        let (edits, torn) = {
            let mut pages = self.journal.0.lock();
            let Some(pages) = &mut *pages else { return Vec::new() };
            let most = most.min(pages.edits.len());
            let edits = pages.edits.drain(..most).collect();
            (edits, pages.edits.is_empty() && std::mem::take(&mut pages.torn))
        };
        if torn {
            self.tell_all();
        }
        edits
    }

    /// Puts back edits that nobody could be told.
    pub fn not_told(&self, edits: Vec<Edit>) {
        if let Some(pages) = &mut *self.journal.0.lock() {
            pages.edits.splice(0..0, edits);
        }
    }

    /// Takes up what another replica did `age` milliseconds ago, by the clock of those who carried it; `false` if it is not
    /// understood. What the other one's clock says now, or this one's, shortens nothing.
    pub fn learn(&self, field: &str, value: Option<&str>, age: u64) -> bool {
        let now = self.moment();
        let known = self.journal.0.lock().as_ref().and_then(|pages| pages.known.get(field).cloned());
        if known.as_deref() == value {
            return true;
        }
        let mut words = field.split(':');
        let (Some(whom), Some(id), Some(sort), None) = (words.next(), words.next(), words.next(), words.next()) else {
            return false;
        };
        let Some(subject) = line::subject_of(whom, id) else { return false };
        let Some(sort) = line::sort_of(sort) else { return false };
        match value {
            Some(value) => {
                let Some((written, text)) = value.split_once(' ') else { return false };
                let Ok(written) = written.parse::<u64>() else { return false };
                let theirs = Moment { wall: UnixMillis(written.saturating_add(age)), ..now };
                let Some(sanction) = line::read(text, written, theirs) else { return false };
                if sanction.subject != subject || sanction.kind.sort() != sort {
                    return false;
                }
                let ends = subject.whom() != Whom::Address;
                if self.replace(sanction) {
                    self.woken(ends);
                }
            }
            None => {
                self.forget(&subject, sort);
            }
        }
        if let Some(pages) = &mut *self.journal.0.lock() {
            match value {
                Some(value) => pages.known.insert(field.to_owned(), value.to_owned()),
                None => pages.known.remove(field),
            };
        }
        true
    }
}
