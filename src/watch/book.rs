//! The sanctions in force: bounded, shared by the workers, read on every request's way once there is one.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU8, AtomicU64, Ordering};
use std::time::Duration;

use parking_lot::RwLock;
use smallvec::SmallVec;
use tokio::sync::watch;

use super::act::Lately;
use super::failures::Failures;
use super::sanction::{Author, Held, How, Imposition, Judgement, Kind, Sanction, Sort};
use super::subject::{Keys, Subject, Whom};
use super::{Asked, told};
use crate::audit::{PolicyRecord, Trail};
use crate::clock::{Clock, Moment, Ticks};
use crate::policy::settings::{Mode, Quota};

/// Callers with a sanction: as many as a large seller has keys and people. At some 400 bytes each, 26 MiB.
pub const MAX_CALLERS: usize = 65_536;
/// Addresses with a sanction. They are counted apart, so that a crowd of addresses leaves room for callers.
pub const MAX_ADDRESSES: usize = 65_536;
/// Roles and routes are names of a policy, and operators' words.
const MAX_NAMES: usize = 4_096;
/// How far an issuer's clock may be ahead, in seconds: as in a decision on a second factor.
const SKEW: u64 = 60;

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
}

/// What of the sanctions is asked for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Depth {
    /// Those that let nothing pass.
    Shut,
    /// All of them.
    Whole,
    /// Those that end what is open.
    Open,
}

#[derive(Default)]
struct Book {
    entries: HashMap<Subject, SmallVec<[Entry; 1]>>,
    counts: [usize; 5],
}

pub(super) struct Entry {
    pub sanction: Sanction,
    /// Theoretical arrival time of the next request of a throttled one, in nanoseconds of the monotonic clock.
    next: AtomicU64,
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
                self.version.fetch_add(1, Ordering::Release);
                self.edits.send_modify(|edits| *edits += 1);
                // Open streams from an address are found at the next look: a crowd of addresses is no reason to look
                // at all streams for each of them.
                if whom != Whom::Address {
                    self.changes.send_modify(|generation| *generation += 1);
                }
            }
            Imposed::Kept => {}
            Imposed::Full => {
                self.overfull.fetch_add(1, Ordering::Relaxed);
            }
        }
        imposed
    }

    pub(super) fn now(&self) -> Moment {
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
        book.entries.entry(subject).or_default().push(Entry { sanction, next: AtomicU64::new(0) });
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
            entries[place] = Entry { sanction, next: AtomicU64::new(0) };
        } else {
            if count >= most(whom) {
                return Imposed::Full;
            }
            book.entries.entry(subject).or_default().push(Entry { sanction, next: AtomicU64::new(0) });
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

impl Entry {
    fn hold(&self, asked: &Asked<'_>, now: Ticks, depth: Depth) -> Option<Held> {
        let sanction = &self.sanction;
        let left = sanction.until.map(|until| Duration::from_micros(until.since(now)));
        let (how, wait) = match sanction.kind {
            Kind::Quarantine => (How::Quarantined, left),
            Kind::Lock => (How::Locked, left),
            Kind::RequireMfa | Kind::Throttle(_) if depth == Depth::Shut => return None,
            Kind::RequireMfa => {
                let since = sanction.since.seconds();
                let shown = asked.caller.and_then(|caller| caller.mfa_at);
                if shown.is_some_and(|at| at >= since && at <= asked.wall.saturating_add(SKEW)) {
                    return None;
                }
                (How::StepUp(Duration::from_secs(asked.wall.saturating_sub(since))), None)
            }
            Kind::Throttle(quota) if depth == Depth::Whole => (How::Throttled, Some(self.take(&quota, now).err()?)),
            Kind::Throttle(_) => return None,
        };
        Some(Held { whom: sanction.subject.whom(), how, wait })
    }

    /// Takes one request at a rate (GCRA), or says how long until there is one.
    fn take(&self, quota: &Quota, now: Ticks) -> Result<(), Duration> {
        let nanos = |duration: Duration| u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX);
        let step = (nanos(quota.period) / quota.amount.max(1)).max(1);
        let ahead = step.saturating_mul(quota.burst.saturating_sub(1));
        let now = now.0.saturating_mul(1000);
        let taken = self.next.fetch_update(Ordering::AcqRel, Ordering::Acquire, |next| {
            (next <= now.saturating_add(ahead)).then(|| next.max(now).saturating_add(step))
        });
        taken.map(|_| ()).map_err(|next| Duration::from_nanos(next.saturating_sub(now.saturating_add(ahead))))
    }
}

impl Book {
    fn remove(&mut self, subject: &Subject, of: impl Fn(&Sanction) -> bool) -> Vec<Sanction> {
        let Some(entries) = self.entries.get_mut(subject) else { return Vec::new() };
        let mut removed = Vec::new();
        entries.retain(|entry| {
            let goes = of(&entry.sanction);
            if goes {
                removed.push(entry.sanction.clone());
            }
            !goes
        });
        if entries.is_empty() {
            self.entries.remove(subject);
        }
        let count = &mut self.counts[subject.whom() as usize];
        *count = count.saturating_sub(removed.len());
        removed
    }

    fn present(&self) -> u8 {
        let all = [Whom::Caller, Whom::Address, Whom::Role, Whom::Route, Whom::All];
        all.into_iter().filter(|whom| self.counts[*whom as usize] > 0).map(Whom::bit).sum()
    }
}

const fn most(whom: Whom) -> usize {
    match whom {
        Whom::Caller => MAX_CALLERS,
        Whom::Address => MAX_ADDRESSES,
        Whom::Role | Whom::Route | Whom::All => MAX_NAMES,
    }
}

/// Whether what is in force holds at least as long as what is to be imposed, and as strictly.
fn is_stronger(known: &Sanction, new: &Sanction) -> bool {
    let longer = match (known.until, new.until) {
        (None, _) => true,
        (Some(_), None) => false,
        (Some(known), Some(new)) => known >= new,
    };
    longer && (known.mode == Mode::Enforce || new.mode == Mode::Shadow)
}

fn applies(sanction: &Sanction, asked: &Asked<'_>, now: Ticks) -> bool {
    let spared = sanction.spares_proven && (asked.caller.is_some() || asked.presents);
    sanction.until.is_none_or(|until| until > now) && !spared
}
