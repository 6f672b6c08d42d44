//! Redacts log lines: bytes in, the same bytes out with every personal datum and secret replaced.
//!
//! Nothing is parsed into a tree and written anew: what is found is a span of the line, spans are spliced, and all other
//! bytes stay as they are. Replacements are made of `[a-z0-9:_]`, which needs no escaping in any of the formats.
//!
//! A line is searched as it is, then with one layer of its escapes undone, and so on until none is left; what is found in
//! a decoded text is replaced where it came from. Words of base64 and hexadecimal digits that say something are searched
//! too, and replaced as a whole.
//!
//! | file | what it does |
//! |---|---|
//! | `recall` | a line in its common form: what was searched before is not searched again |
//! | `carry` | what the lines before say of this one: a private key, a table, a part of a form |
//! | `sweep` | one pass over one text, in this order: `marks`, `scan`, neighbours, `decoded` |
//! | `scan`, `places` | what is asked at each place where something may begin |
//! | `announced`, `whose` | how a text says that a value is somebody's, and whose it is |
//! | `value` | what of a value goes |
//! | `frame`, `ranges` | the brackets that are open, and what was dealt with |
//! | `view`, `decoded` | a decoded text, and where each of its bytes came from |
//! | `splice` | what was found, and the line with it replaced |
//! | `route` | what a policy's routes say of requests in a line |
//! | `state`, `memory` | what is kept from line to line |

mod announced;
mod carry;
mod decoded;
mod frame;
mod marks;
mod memory;
mod places;
mod ranges;
mod recall;
mod route;
mod scan;
mod splice;
mod state;
mod sweep;
mod value;
mod view;
mod whose;

#[cfg(test)]
mod tests;

pub use route::Route;
pub use state::{LineKind, State, Stats, UnknownLineKind};

pub(super) use splice::Quote;
pub(super) use whose::logins::is_login;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use smallvec::SmallVec;

use super::detect::Literals;
use super::{Kind, Redactor};
use sweep::Sweep;
use view::View;
use whose::special;

/// Layers of escapes that are undone: four of percent signs and as many of strings within strings.
const MAX_LEVELS: usize = 8;
/// Bytes that may be searched for each byte of a line, decoded texts included: ten times what the worst honest line
/// needs.
const WORK_PER_BYTE: usize = 48;
/// Bytes that may be searched for any line, however short.
const WORK_AT_LEAST: usize = 64 * 1024;

/// Searches of one line's output: each but the last leaves less to find.
const MAX_PASSES: usize = 8;

/// What an operator may choose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// Private, loopback and link-local addresses stay: they tell of the house's own machines.
    pub keep_private_addresses: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self { keep_private_addresses: true }
    }
}

/// The engine: built once, shared by all threads.
pub struct Engine {
    redactor: Arc<Redactor>,
    options: Options,
    routes: Vec<Route>,
    literals: Literals,
}

impl Engine {
    /// An engine whose pseudonyms are made under the redactor's key, if it has one.
    pub fn new(redactor: Arc<Redactor>, options: Options) -> Self {
        Self { redactor, options, routes: Vec::new(), literals: Literals::new() }
    }

    /// The same, which asks a policy's routes where a line shows a request to one of them.
    #[must_use]
    pub fn with_routes(self, routes: Vec<Route>) -> Self {
        Self { routes, ..self }
    }

    /// Appends `line` (without its newline), redacted and without a newline, to `out`. `kind` is a hint.
    ///
    /// A fault of the engine's own costs the line, not the stream: a marker stands for it, and it is counted.
    pub fn line(&self, state: &mut State, kind: Option<LineKind>, line: &[u8], out: &mut Vec<u8>) {
        let start = out.len();
        state.stats.lines += 1;
        let whole = catch_unwind(AssertUnwindSafe(|| self.redacted(state, kind, line, out)));
        if whole.is_err() {
            state.stats.unparsed += 1;
            out.truncate(start);
            unparsed(line.len(), "line", out);
        }
    }

    fn redacted(&self, state: &mut State, kind: Option<LineKind>, line: &[u8], out: &mut Vec<u8>) {
        state.spans.clear();
        state.work = line.len().saturating_mul(WORK_PER_BYTE).saturating_add(WORK_AT_LEAST);
        let view = View { text: line, origin: None, level: 0 };
        carry::before(self, state, &view, kind);
        let (asked, levels) = (state.ask(line), state.stats.levels);
        if asked.is_some_and(|check| self.replay(state, check, line, out)) {
            return;
        }
        self.search(state, line);
        if state.spans.is_empty() {
            // What only seemed to be found is counted as well.
            if let Some(check) = asked.filter(|_| state.stats.levels == levels) {
                state.learn(check, None, levels);
            }
            return out.extend_from_slice(line);
        }
        state.stats.changed += 1;
        let start = out.len();
        let State { spans, cache, stats, .. } = state;
        spans.write(line, &self.redactor, cache, stats, out);
        let kept = asked.and_then(|_| spans.keep(0, Some(line), &self.redactor, cache));
        let Some(passes) = self.settled(state, start, out) else {
            state.stats.unparsed += 1;
            out.truncate(start);
            return unparsed(line.len(), "line", out);
        };
        // The last search looked for the same texts, and most often saw none.
        if state.literal && self.literals.has_secret(&out[start..]) {
            state.stats.dropped += 1;
            out.truncate(start);
            return unparsed(line.len(), "secret", out);
        }
        if passes == 1
            && let (Some(check), Some(kept)) = (asked, kept)
        {
            state.learn(check, Some(kept), levels);
        }
    }
}

impl Engine {
    /// Searches a text for what detectors know, and asks the routes of its requests.
    fn sweep(&self, state: &mut State, view: &View<'_>) {
        if self.routes.is_empty() {
            Sweep::new(self, &self.literals, state, view).run();
            return;
        }
        let mut stays: SmallVec<[(usize, usize); 4]> = SmallVec::new();
        route::requests(&self.routes, view, |found| match found {
            route::Found::Stays(start, end) => stays.push((start, end)),
            route::Found::Goes(kind, start, end) => {
                let value = &view.text[start..end];
                if !is_marker(value) && !self.redactor.keeps(value) {
                    state.spans.add(start, end, kind, Some(&special::said(value)), Quote::default());
                }
            }
        });
        Sweep::new(self, &self.literals, state, view).run();
        if !stays.is_empty() {
            state.spans.leave(&stays);
        }
    }

    /// Searches what was written until nothing more is found in it, so that a second pass over the output changes nothing:
    /// a replacement may end a value, or stand beside one, where its text did not. After how many searches that was; `None`
    /// if there is no end to it.
    fn settled(&self, state: &mut State, start: usize, out: &mut Vec<u8>) -> Option<usize> {
        for pass in 1..=MAX_PASSES {
            let mut line = state.buffers.text();
            line.extend_from_slice(&out[start..]);
            state.spans.clear();
            state.carry.settle(&line);
            self.search(state, &line);
            let settled = state.spans.is_empty();
            if !settled {
                out.truncate(start);
                let State { spans, cache, stats, .. } = &mut *state;
                spans.write(&line, &self.redactor, cache, stats, out);
            }
            state.buffers.give_text(line);
            if settled {
                return Some(pass);
            }
        }
        None
    }
}

/// Appends what stands for text that could not be read, or may not be shown.
fn unparsed(length: usize, kind: &str, out: &mut Vec<u8>) {
    out.extend_from_slice(b"[unparsed len=");
    out.extend_from_slice(itoa::Buffer::new().format(length).as_bytes());
    out.extend_from_slice(b" kind=");
    out.extend_from_slice(kind.as_bytes());
    out.push(b']');
}

/// Whether `value` is a replacement of ours: `pii_<kind>_hidden`, `pii_<kind>_k<id>_<16 hexadecimal digits>`.
pub(super) fn is_marker(value: &[u8]) -> bool {
    let Some(rest) = value.strip_prefix(b"pii_") else { return false };
    let Some(split) = rest.iter().position(|byte| *byte == b'_') else { return false };
    let (word, tail) = (&rest[..split], &rest[split + 1..]);
    let is_kind = Kind::ALL.iter().any(|kind| kind.word().as_bytes() == word);
    let is_token = || {
        let digits = tail.strip_prefix(b"k").unwrap_or_default();
        let id = digits.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let tag = digits.get(id..).and_then(|tag| tag.strip_prefix(b"_")).unwrap_or_default();
        (1..=5).contains(&id)
            && tag.len() == 16
            && tag.iter().all(|byte| byte.is_ascii_digit() || matches!(byte, b'a'..=b'f'))
    };
    is_kind && (tail == b"hidden" || is_token())
}
