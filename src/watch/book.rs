//! The sanctions in force: bounded, shared by the workers, read on every request's way once there is one.

mod tally;

use std::collections::HashMap;
use std::sync::atomic::{AtomicU8, AtomicU64, Ordering};

use parking_lot::RwLock;
use smallvec::SmallVec;
use tokio::sync::watch;

use super::act::Lately;
use super::entry::{Depth, Entry, applies, is_stronger};
use super::failures::Failures;
use super::replicas::Journal;
use super::sanction::{Author, Imposition, Judgement, Sanction, Sort};
use super::subject::{Keys, Subject, Whom};
use super::{Asked, told};
use crate::audit::{PolicyRecord, Trail};
use crate::clock::{Clock, Moment, Ticks};
use crate::policy::settings::Mode;

/// Callers with a sanction: as many as a large seller has keys and people. At some 400 bytes each, 26 MiB.
pub const MAX_CALLERS: usize = 65_536;
/// Addresses with a sanction. They are counted apart, so that a crowd of addresses leaves room for callers.
pub const MAX_ADDRESSES: usize = 65_536;
/// Roles and routes are names of a policy, and operators' words.
const MAX_NAMES: usize = 4_096;
/// What became of an imposition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Imposed {
    /// It is in force.
    New,
    /// One of its sort was there, and holds longer now.
    Longer,
    /// One of its sort is there that holds at least as long.
    Kept,
    /// There is no room: nobody is put out for it.
    Full,
}

/// All sanctions of a gate.
pub struct Sanctions {
    keys: Keys,
    clock: Clock,
    trail: Trail,
    /// Bits of [`Whom`] for which there is one.
    present: AtomicU8,
    book: RwLock<Book>,
    changes: watch::Sender<u64>,
    edits: watch::Sender<u64>,
    /// Counts what may end open streams, addresses' included.
    version: AtomicU64,
    pub(super) failures: Failures,
    pub(super) lately: Lately,
    overfull: AtomicU64,
    pub(super) journal: Journal,
}

#[derive(Default)]
struct Book {
    entries: HashMap<Subject, SmallVec<[Entry; 1]>>,
    counts: [usize; 5],
}

impl Sanctions {
    /// None, in an empty book. `keys` decide how callers and addresses are known.
    pub fn new(keys: Keys, clock: Clock, trail: Trail) -> Self {
        let (changes, _) = watch::channel(0);
        Self {
            keys,
            clock,
            trail,
            present: AtomicU8::new(0),
            book: RwLock::default(),
            changes,
            edits: watch::channel(0).0,
            version: AtomicU64::new(0),
            failures: Failures::default(),
            lately: Lately::default(),
            overfull: AtomicU64::new(0),
            journal: Journal::default(),
        }
    }

    /// How callers and addresses are known.
    pub const fn keys(&self) -> &Keys {
        &self.keys
    }

    /// Whether nothing is imposed on anybody.
    pub fn is_quiet(&self) -> bool {
        self.present.load(Ordering::Acquire) == 0
    }

    /// How many impositions found no room.
    pub fn overfull(&self) -> u64 {
        self.overfull.load(Ordering::Relaxed)
    }

    /// Whether something was imposed that `seen` does not know of, and may end open streams.
    pub fn has_changed(&self, seen: &mut u64) -> bool {
        let version = self.version.load(Ordering::Acquire);
        std::mem::replace(seen, version) != version
    }

    /// A receiver that is woken when anything changes that outlives the process.
    pub fn edits(&self) -> watch::Receiver<u64> {
        self.edits.subscribe()
    }

    /// A receiver that is woken when something is imposed that may end open streams.
    pub fn changes(&self) -> watch::Receiver<u64> {
        self.changes.subscribe()
    }

    /// Imposes a sanction, and records that. What is in force is never shortened: see [`lift`](Self::lift).
    pub fn impose(&self, imposition: Imposition) -> Imposed {
        let now = self.clock.moment();
        let whom = imposition.subject.whom();
        let imposed = self.enter(&imposition, now.wall, now.ticks);
        match imposed {
            Imposed::New | Imposed::Longer => {
                told::imposed(&self.trail, &imposition, now);
                if let Some(sanction) = self.held(&imposition.subject, imposition.kind.sort()) {
                    self.journal.imposed(&sanction, now);
                }
                // Open streams from an address are found at the next look: a crowd of addresses is no reason to look
                // at all streams for each of them.
                self.woken(whom != Whom::Address);
            }
            Imposed::Kept => {}
            Imposed::Full => {
                self.overfull.fetch_add(1, Ordering::Relaxed);
            }
        }
        imposed
    }

    /// Says that something is imposed that was not; `at_once` if open streams are to be looked at now.
    pub(super) fn woken(&self, at_once: bool) {
        self.version.fetch_add(1, Ordering::Release);
        self.edits.send_modify(|edits| *edits += 1);
        if at_once {
            self.changes.send_modify(|generation| *generation += 1);
        }
    }

    fn held(&self, subject: &Subject, sort: Sort) -> Option<Sanction> {
        let book = self.book.read();
        let entries = book.entries.get(subject)?;
        entries.iter().map(|entry| &entry.sanction).find(|sanction| sanction.kind.sort() == sort).cloned()
    }

    /// Puts what another replica imposed in force, unless what is here is stronger. Whether it was put there.
    pub(super) fn replace(&self, sanction: Sanction) -> bool {
        let (subject, sort, now) = (sanction.subject.clone(), sanction.kind.sort(), self.clock.ticks());
        if sanction.until.is_some_and(|until| until <= now) {
            return false;
        }
        let known = self.held(&subject, sort);
        if known.is_some_and(|known| known.until.is_none_or(|until| until > now) && is_stronger(&known, &sanction)) {
            return false;
        }
        self.forget(&subject, sort);
        self.enter_again(sanction)
    }

    /// Takes out what another replica lifted.
    pub(super) fn forget(&self, subject: &Subject, sort: Sort) {
        let mut book = self.book.write();
        let gone = book.remove(subject, |sanction| sanction.kind.sort() == sort);
        self.present.store(book.present(), Ordering::Release);
        drop(book);
        if !gone.is_empty() {
            if sort == Sort::Lock {
                self.failures.forgive(subject);
            }
            self.edits.send_modify(|edits| *edits += 1);
        }
    }

    /// Takes out all that is in force and all that is known of failures.
    pub(super) fn empty(&self) {
        *self.book.write() = Book::default();
        self.present.store(0, Ordering::Release);
        self.failures.clear();
    }

    /// Both clocks.
    pub fn moment(&self) -> Moment {
        self.clock.moment()
    }

    /// Puts a sanction of before the start in force again; what has run out meanwhile is recorded at the next sweep.
    pub(super) fn enter_again(&self, sanction: Sanction) -> bool {
        let whom = sanction.subject.whom();
        let mut book = self.book.write();
        if book.counts[whom as usize] >= most(whom) {
            self.overfull.fetch_add(1, Ordering::Relaxed);
            return false;
        }
        let subject = sanction.subject.clone();
        book.entries.entry(subject).or_default().push(Entry::new(sanction));
        book.counts[whom as usize] += 1;
        drop(book);
        self.present.fetch_or(whom.bit(), Ordering::Release);
        true
    }

    fn enter(&self, imposition: &Imposition, since: crate::clock::UnixMillis, now: Ticks) -> Imposed {
        let Imposition { subject, shown, kind, until, cause, mode, spares_proven, author, failures, .. } =
            imposition.clone();
        let whom = subject.whom();
        let sanction = Sanction {
            subject: subject.clone(),
            shown,
            kind,
            since,
            until,
            cause,
            mode,
            spares_proven,
            author,
            failures,
        };
        let mut book = self.book.write();
        let mut imposed = Imposed::New;
        let count = book.counts[whom as usize];
        if let Some(entries) = book.entries.get_mut(&subject)
            && let Some(place) = entries.iter().position(|entry| entry.sanction.kind.sort() == kind.sort())
        {
            let known = &entries[place].sanction;
            let holds = known.until.is_none_or(|until| until > now);
            if holds && is_stronger(known, &sanction) {
                return Imposed::Kept;
            }
            imposed = if holds { Imposed::Longer } else { Imposed::New };
            entries[place] = Entry::new(sanction);
        } else {
            if count >= most(whom) {
                return Imposed::Full;
            }
            book.entries.entry(subject).or_default().push(Entry::new(sanction));
            book.counts[whom as usize] += 1;
        }
        self.present.fetch_or(whom.bit(), Ordering::Release);
        imposed
    }

    /// Takes a sanction back, and records that. Gives it, if it was there.
    pub fn lift(
        &self,
        subject: &Subject,
        sort: Sort,
        author: &Author,
        policy: &std::sync::Arc<PolicyRecord>,
    ) -> Option<Sanction> {
        let lifted = {
            let mut book = self.book.write();
            let lifted = book.remove(subject, |sanction| sanction.kind.sort() == sort).pop();
            self.present.store(book.present(), Ordering::Release);
            lifted
        };
        if let Some(sanction) = &lifted {
            if sort == Sort::Lock {
                self.failures.forgive(subject);
            }
            told::lifted(&self.trail, sanction, author, policy, self.clock.wall());
            self.journal.lifted(sanction, true);
            self.edits.send_modify(|edits| *edits += 1);
        }
        lifted
    }

    /// Takes out what has run out, and records that.
    pub fn sweep(&self, policy: &std::sync::Arc<PolicyRecord>) {
        if self.is_quiet() {
            return;
        }
        let now = self.clock.moment();
        let is_over = |sanction: &Sanction| sanction.until.is_some_and(|until| until <= now.ticks);
        let subjects: Vec<Subject> = {
            let book = self.book.read();
            let over = book.entries.iter().filter(|(_, entries)| entries.iter().any(|entry| is_over(&entry.sanction)));
            over.map(|(subject, _)| subject.clone()).collect()
        };
        if subjects.is_empty() {
            return;
        }
        let over: Vec<Sanction> = {
            let mut book = self.book.write();
            let over = subjects.iter().flat_map(|subject| book.remove(subject, is_over)).collect();
            self.present.store(book.present(), Ordering::Release);
            over
        };
        self.edits.send_modify(|edits| *edits += 1);
        for sanction in &over {
            told::lifted(&self.trail, sanction, &Author::Gate, policy, now.wall);
            self.journal.lifted(sanction, false);
        }
    }

    /// All that are in force, those on everything first.
    pub fn list(&self) -> Vec<Sanction> {
        let now = self.clock.ticks();
        let book = self.book.read();
        let holds = |sanction: &&Sanction| sanction.until.is_none_or(|until| until > now);
        let all = book.entries.values().flatten().map(|entry| &entry.sanction);
        let mut all: Vec<_> = all.filter(holds).cloned().collect();
        drop(book);
        all.sort_by_key(|sanction| (std::cmp::Reverse(sanction.subject.whom()), sanction.since));
        all
    }

    /// Whether a request is shut out, whatever the policy makes of it.
    pub fn shuts_out(&self, asked: &Asked<'_>, now: Ticks) -> Option<Judgement> {
        if self.is_quiet() {
            return None;
        }
        self.strictest(asked, now, Depth::Shut)
    }

    /// What sanctions make of a request that the policy lets through. One that is throttled is counted here.
    pub fn judge(&self, asked: &Asked<'_>, now: Ticks) -> Option<Judgement> {
        if self.is_quiet() {
            return None;
        }
        self.strictest(asked, now, Depth::Whole)
    }

    /// The same of a request that was let through before: at what rate requests come is not its concern.
    pub fn judge_open(&self, asked: &Asked<'_>, now: Ticks) -> Option<Judgement> {
        if self.is_quiet() {
            return None;
        }
        self.strictest(asked, now, Depth::Open)
    }

    #[cold]
    fn strictest(&self, asked: &Asked<'_>, now: Ticks, depth: Depth) -> Option<Judgement> {
        let present = self.present.load(Ordering::Acquire);
        let is = |whom: Whom| present & whom.bit() != 0;
        let mut subjects: SmallVec<[Subject; 6]> = SmallVec::new();
        if is(Whom::All) {
            subjects.push(Subject::All);
        }
        if is(Whom::Route) {
            subjects.extend(asked.route.cloned().map(Subject::Route));
        }
        if is(Whom::Role) {
            subjects.extend(asked.role.cloned().map(Subject::Role));
        }
        if is(Whom::Caller) {
            subjects.extend(asked.caller.map(|caller| Subject::Caller(self.keys.caller(caller))));
        }
        if is(Whom::Address) {
            subjects.push(Subject::Address(self.keys.address(asked.address)));
            subjects.extend(self.keys.site(asked.address).map(Subject::Address));
        }
        let book = self.book.read();
        let entries = subjects.iter().filter_map(|subject| book.entries.get(subject)).flatten();
        let mut on_it: SmallVec<[&Entry; 4]> = entries.filter(|entry| applies(&entry.sanction, asked, now)).collect();
        // Enforced before shadow, strict before mild: only what is the last word counts a request.
        on_it.sort_by_key(|entry| (entry.sanction.mode == Mode::Shadow, entry.sanction.kind.sort()));
        on_it.iter().find_map(|entry| {
            let sanction = &entry.sanction;
            let held = entry.hold(asked, now, depth)?;
            let by_operator = matches!(sanction.author, Author::Operator(_));
            Some(Judgement { held, cause: sanction.cause.clone(), mode: sanction.mode, by_operator })
        })
    }
}

const fn most(whom: Whom) -> usize {
    match whom {
        Whom::Caller => MAX_CALLERS,
        Whom::Address => MAX_ADDRESSES,
        Whom::Role | Whom::Route | Whom::All => MAX_NAMES,
    }
}
