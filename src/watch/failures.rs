//! Who failed how often: bounded tables of records, one for callers and one for addresses, and the locks that come of
//! them.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use parking_lot::Mutex;

use super::Sanctions;
use super::book::Imposed;
use super::lockout::Record;
use super::sanction::{Author, Imposition, Kind};
use super::subject::{AddressKey, CallerKey, Shown, Subject};
use crate::audit::{PolicyRecord, RequestId};
use crate::clock::Ticks;
use crate::policy::settings::{Mode, Threshold};
use crate::redact::Name;

/// Callers, and addresses, whose failures are remembered: at some 100 bytes each, 13 MiB for both.
const MAX_RECORDS: usize = 65_536;
/// A full table is looked through for what is forgotten at most once in this many microseconds.
const SWEEP_EVERY: u64 = 1_000_000;
/// A site (IPv6 /48) has up to 65,536 subscribers: so many times the failures of one of them lock all of it.
const SITE_FACTOR: u32 = 10;

/// Who was locked, how often, and when good behaviour began.
type Remembered<K> = Vec<(K, u8, Ticks)>;

/// Who a failure counts to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Offender {
    /// A caller whose credential was verified.
    Caller(CallerKey),
    /// An address, and the site that it is in.
    Address(AddressKey, Option<AddressKey>),
}

/// A failure that tells of misuse.
pub struct Failing<'a, F> {
    /// Who it counts to.
    pub offender: Offender,
    /// How the offender is shown, asked for only where it is locked.
    pub shown: F,
    /// When it is too much.
    pub threshold: &'a Threshold,
    /// The rule's name.
    pub rule: Name,
    /// Whether it locks.
    pub mode: Mode,
    /// Whether callers that prove themselves pass an address's lock.
    pub spares_proven: bool,
    /// The request.
    pub request: RequestId,
    /// The policy in force.
    pub policy: &'a Arc<PolicyRecord>,
}

/// Failures of all.
#[derive(Default)]
pub(super) struct Failures {
    callers: Mutex<Table<CallerKey>>,
    addresses: Mutex<Table<AddressKey>>,
    crowded: AtomicU64,
}

pub(super) struct Table<K> {
    records: HashMap<K, Record>,
    /// What newcomers share while the table is full.
    crowd: Record,
    swept: Option<Ticks>,
}

impl<K> Default for Table<K> {
    fn default() -> Self {
        Self { records: HashMap::new(), crowd: Record::remembered(0, Ticks(0)), swept: None }
    }
}

impl Sanctions {
    /// Counts a failure, and locks who failed too often. Says whether it did.
    pub fn failed(&self, failing: Failing<'_, impl Fn() -> Shown>, now: Ticks) -> bool {
        let threshold = *failing.threshold;
        let site = Threshold { failures: threshold.failures.saturating_mul(SITE_FACTOR), ..threshold };
        match failing.offender {
            Offender::Caller(key) => {
                let lasts = self.failures.callers.lock().fail(key, &threshold, now, &self.failures.crowded);
                self.lock_out(&failing, Subject::Caller(key), &threshold, lasts, now)
            }
            Offender::Address(key, of) => {
                let mut table = self.failures.addresses.lock();
                let crowded = &self.failures.crowded;
                let lasts = table.fail(key, &threshold, now, crowded);
                let of = of.map(|of| (of, table.fail(of, &site, now, crowded)));
                drop(table);
                let locked = self.lock_out(&failing, Subject::Address(key), &threshold, lasts, now);
                let site_locked =
                    of.is_some_and(|(of, lasts)| self.lock_out(&failing, Subject::Address(of), &site, lasts, now));
                locked || site_locked
            }
        }
    }

    fn lock_out(
        &self,
        failing: &Failing<'_, impl Fn() -> Shown>,
        subject: Subject,
        threshold: &Threshold,
        lasts: Option<Duration>,
        now: Ticks,
    ) -> bool {
        let Some(lasts) = lasts else { return false };
        let imposed = self.impose(Imposition {
            spares_proven: failing.spares_proven && matches!(subject, Subject::Address(_)),
            subject,
            shown: (failing.shown)(),
            kind: Kind::Lock,
            until: Some(now.plus(lasts)),
            cause: failing.rule.clone(),
            mode: failing.mode,
            author: Author::Gate,
            failures: u64::from(threshold.failures),
            request: Some(failing.request),
            policy: Arc::clone(failing.policy),
        });
        matches!(imposed, Imposed::New | Imposed::Longer)
    }

    /// How many failures found the table full, and counted to the crowd.
    pub fn crowded(&self) -> u64 {
        self.failures.crowded.load(Ordering::Relaxed)
    }
}

impl Failures {
    /// An operator lifted a lock: what led to it is forgotten.
    pub(super) fn forgive(&self, subject: &Subject) {
        match subject {
            Subject::Caller(key) => drop(self.callers.lock().records.remove(key)),
            Subject::Address(key) => drop(self.addresses.lock().records.remove(key)),
            Subject::Role(_) | Subject::Route(_) | Subject::All => {}
        }
    }

    /// Forgets all of them.
    pub(super) fn clear(&self) {
        *self.callers.lock() = Table::default();
        *self.addresses.lock() = Table::default();
    }

    /// Who was locked before and how often, for the state file.
    pub(super) fn remembered(&self) -> (Remembered<CallerKey>, Remembered<AddressKey>) {
        (self.callers.lock().remembered(), self.addresses.lock().remembered())
    }

    /// Takes up what a state file says, within the bounds.
    pub(super) fn remember(&self, offender: Offender, locks: u8, last: Ticks) {
        let record = Record::remembered(locks, last);
        match offender {
            Offender::Caller(key) => self.callers.lock().remember(key, record),
            Offender::Address(key, _) => self.addresses.lock().remember(key, record),
        }
    }
}

impl<K: Copy + Eq + std::hash::Hash> Table<K> {
    /// Counts a failure; how long it is locked. Nobody is put out for a newcomer: while the table is full, newcomers
    /// share one record, and each that fails once it is over the threshold is locked at once.
    fn fail(&mut self, key: K, threshold: &Threshold, now: Ticks, crowded: &AtomicU64) -> Option<Duration> {
        if self.records.len() >= MAX_RECORDS && !self.records.contains_key(&key) {
            self.sweep(threshold, now);
        }
        let full = self.records.len() >= MAX_RECORDS;
        match self.records.entry(key) {
            Entry::Occupied(mut record) => record.get_mut().fail(threshold, now),
            Entry::Vacant(vacant) if !full => {
                let mut record = Record::remembered(0, now);
                let lasts = record.fail(threshold, now);
                vacant.insert(record);
                lasts
            }
            Entry::Vacant(_) => {
                crowded.fetch_add(1, Ordering::Relaxed);
                let hot = self.crowd.last > now;
                let lasts = self.crowd.fail(threshold, now);
                (hot || lasts.is_some()).then_some(threshold.lasts)
            }
        }
    }

    fn sweep(&mut self, threshold: &Threshold, now: Ticks) {
        if self.swept.is_some_and(|swept| now.since(swept) < SWEEP_EVERY) {
            return;
        }
        self.swept = Some(now);
        self.records.retain(|_, record| {
            record.settle(threshold, now);
            !record.is_clean() || record.last > now
        });
    }

    fn remembered(&self) -> Remembered<K> {
        let locked = self.records.iter().filter(|(_, record)| record.locks > 0);
        locked.map(|(key, record)| (*key, record.locks, record.last)).collect()
    }

    fn remember(&mut self, key: K, record: Record) {
        if self.records.len() < MAX_RECORDS {
            self.records.insert(key, record);
        }
    }
}
