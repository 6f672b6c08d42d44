//! Searches a line in its common form; what was searched before is not searched again.
//!
//! Whether a form is known changes nothing but the time it takes: all that a search reads is in the form and in what tells
//! forms apart, and all that it does is kept.

use super::Engine;
use super::carry::Opened;
use super::memory::alike::Form;
use super::memory::check::Check;
use super::memory::seen::{Fate, Found, Outcome};
use super::splice::Kept;
use super::state::{State, Stats};
use super::view::View;

impl Engine {
    /// Adds what is found in a line to its spans.
    pub(super) fn search(&self, state: &mut State, line: &[u8]) {
        let mut form = std::mem::take(&mut state.form);
        // What an operator lets stand is named digit by digit, and what the lines before say of this one place by place.
        if self.redactor.keeps_any() || !state.spans.is_empty() || !state.carry.quiet().is_empty() {
            form.copy(line);
        } else {
            form.read(line);
        }
        if !self.search_form(state, &form) {
            form.copy(line);
            self.search_form(state, &form);
        }
        state.form = form;
    }

    /// `false` if more than the form decides what is found, and nothing was done.
    fn search_form(&self, state: &mut State, form: &Form) -> bool {
        let check = state.seen.check(form.text(), form.sum(), &state.spans, state.carry.quiet());
        recall(state, form, check).unwrap_or_else(|| self.search_anew(state, form, check))
    }

    fn search_anew(&self, state: &mut State, form: &Form, check: Check) -> bool {
        let (count, levels, work) = (state.spans.len(), state.stats.levels, state.work);
        state.spent = false;
        // A search that failed in the middle may have left something.
        state.carry.take_opened();
        self.sweep(state, &View { text: form.text(), origin: None, level: 0 });
        let opened = state.carry.take_opened();
        // A pseudonym is that of what really stands there.
        if !state.spans.since(count).all(|(start, end, decoded)| form.fits(start, end, decoded)) {
            state.spans.truncate(count);
            (state.stats.levels, state.work) = (levels, work);
            state.seen.add(check, Fate::ByLine);
            return false;
        }
        // What was left of the work that a line is worth decides what is found, only if it did not suffice.
        if !state.spent {
            self.keep(state, check, opened, (count, levels, work));
        }
        state.spans.shift(count, |start, end| form.source(start, end));
        state.carry.open(opened);
        true
    }

    /// Keeps what a search did since there were so many spans and counts and so much work was left.
    fn keep(&self, state: &mut State, check: Check, opened: Opened, since: (usize, [u64; 8], usize)) {
        let (count, levels, work) = since;
        let State { seen, spans, cache, stats, .. } = state;
        let Ok(work) = u32::try_from(work - state.work) else { return };
        // What stands within what was found before is counted, and not found again.
        let found = if spans.len() == count && stats.levels == levels {
            None
        } else if !seen.comes_again(check) {
            return;
        } else {
            let Some(kept) = spans.keep(count, None, &self.redactor, cache) else { return };
            let levels = std::array::from_fn(|level| stats.levels[level] - levels[level]);
            Some(Box::new(Found { kept, levels }))
        };
        seen.add(check, Fate::Searched(Outcome { literal: state.literal, opened, work, found }));
    }

    /// Writes what was written for this line before, if it is known.
    pub(super) fn replay(&self, state: &mut State, check: Check, line: &[u8], out: &mut Vec<u8>) -> bool {
        let State { lines, spans, cache, stats, carry, .. } = state;
        let Some(outcome) = lines.find(check) else { return false };
        carry.open(outcome.opened);
        let Some(found) = &outcome.found else {
            out.extend_from_slice(line);
            return true;
        };
        found.count(stats);
        stats.changed += 1;
        spans.clear();
        spans.restore(&found.kept, |start, end| (start, end));
        spans.write(line, &self.redactor, cache, stats, out);
        true
    }
}

impl Found {
    fn count(&self, stats: &mut Stats) {
        for (sum, count) in stats.levels.iter_mut().zip(self.levels) {
            *sum += count;
        }
    }
}

impl State {
    /// What tells this line from others, if it is asked whether it is known as it is. Cells of a table are not: how the next
    /// lines are read depends on what was written for this one.
    pub(super) fn ask(&mut self, line: &[u8]) -> Option<Check> {
        if self.carry.quiet().is_empty() { self.lines.ask(line, &self.spans) } else { None }
    }

    /// Keeps what was found in a line, and that there was nothing more in what was written for it. `levels`: counts before.
    pub(super) fn learn(&mut self, check: Check, kept: Option<Kept>, levels: [u64; 8]) {
        let levels = std::array::from_fn(|level| self.stats.levels[level] - levels[level]);
        let found = kept.map(|kept| Box::new(Found { kept, levels }));
        self.lines.add(check, Outcome { literal: false, opened: self.carry.begun(), work: 0, found });
    }
}

/// Does what the search of a form that is known did; `None` if it is not known, `Some(false)` if it did nothing.
fn recall(state: &mut State, form: &Form, check: Check) -> Option<bool> {
    let State { seen, spans, stats, carry, work, literal, .. } = state;
    let outcome = match seen.find(check)? {
        Fate::ByLine => return Some(false),
        Fate::Searched(outcome) => outcome,
    };
    *work = work.checked_sub(outcome.work as usize)?;
    *literal = outcome.literal;
    if let Some(found) = &outcome.found {
        spans.restore(&found.kept, |start, end| form.source(start, end));
        found.count(stats);
    }
    carry.open(outcome.opened);
    Some(true)
}
