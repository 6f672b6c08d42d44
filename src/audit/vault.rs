//! The spool in the writer's hands: what is not yet durable is kept until it is, and what the disk says becomes a
//! verdict.

use std::io;
use std::path::PathBuf;
use std::time::Duration;

use super::ocsf::{Own, SealedFile, Space};
use super::proof::Chain;
use super::spool::{Closed, Fill, Group, Keeper, SegmentName, Spool, is_held};
use super::undelivered::Undelivered;
use crate::clock::{Ticks, UnixMillis};
use crate::redact::Name;
use crate::telemetry::log;

/// First pause after a failure; each further one is twice as long.
const FIRST_PAUSE: Duration = Duration::from_millis(50);
/// Longest pause: a disk that was cleared is noticed within it.
const LONGEST_PAUSE: Duration = Duration::from_secs(5);
/// Between two looks at the room and at the hold.
const LOOK: Duration = Duration::from_secs(5);
/// Between two looks for what is older than the retention.
const PURGE: Duration = Duration::from_secs(3600);
/// A commit is made when so much waits, however much is behind it: some 2,000 records, of which a sync is a small part.
const PLENTY_BYTES: usize = 4 * 1024 * 1024;
/// The same in records.
const PLENTY_RECORDS: u64 = 4096;
/// Parts of a hundred from which on an alarm is raised.
const ALARM: u64 = 80;
/// Parts of a hundred from which on routes with personal data are closed.
const FULL: u64 = 95;

/// What is to be recorded of the spool.
#[derive(Debug)]
pub enum Notice {
    Hold(bool),
    Space(Space),
    Rotated(SealedFile),
    Purged(SealedFile, SegmentName),
}

impl Notice {
    /// As the record's content.
    pub const fn own(&self) -> Own<'_> {
        match self {
            Self::Hold(held) => Own::Hold(*held),
            Self::Space(space) => Own::Space(*space),
            Self::Rotated(file) => Own::Rotated(file),
            Self::Purged(file, _) => Own::Purged(file),
        }
    }
}

/// The spool, and what it still lacks.
pub struct Vault {
    spool: Spool,
    keeper: Keeper,
    /// Above the chain's directory, where a hold stands.
    path: PathBuf,
    waiting: Vec<Group>,
    waiting_bytes: usize,
    bound: usize,
    failing: bool,
    pause: Duration,
    next_try: Ticks,
    level: Level,
    fill: Option<Fill>,
    held: bool,
    looked: Option<Ticks>,
    purged: Option<Ticks>,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Level {
    Room,
    Alarm,
    Full,
}

impl Vault {
    pub fn new(spool: Spool, keeper: Keeper, path: PathBuf, bound: usize) -> Self {
        Self {
            held: is_held(&path),
            spool,
            keeper,
            path,
            waiting: Vec::new(),
            waiting_bytes: 0,
            bound,
            failing: false,
            pause: FIRST_PAUSE,
            next_try: Ticks(0),
            level: Level::Room,
            fill: None,
            looked: None,
            purged: None,
        }
    }

    /// Whether records can be made durable.
    pub fn is_sound(&self) -> bool {
        !self.failing && self.level < Level::Full
    }

    /// Whether there is room for more records to wait.
    pub const fn has_room(&self) -> bool {
        self.waiting_bytes < self.bound
    }

    /// How full the spool was at the last look.
    pub const fn fill(&self) -> Option<Fill> {
        self.fill
    }

    /// Whether the disk failed and is not to be tried yet.
    pub fn is_resting(&self, now: Ticks) -> bool {
        self.failing && now < self.next_try
    }

    /// Lets the next commit try, however soon.
    pub const fn forget_pause(&mut self) {
        self.next_try = Ticks(0);
    }

    /// Takes over a group; it waits for the next commit.
    pub fn add(&mut self, group: Group) {
        self.waiting_bytes += group.lines.len();
        self.waiting.push(group);
    }

    /// The last sequence number that is durable.
    pub const fn durable(&self) -> u64 {
        self.spool.durable()
    }

    /// Whether so much waits that nothing is gained by adding to it.
    pub fn has_plenty(&self) -> bool {
        self.waiting_bytes >= PLENTY_BYTES.min(self.bound / 2) || self.lacking() >= PLENTY_RECORDS
    }

    /// Records that are not durable.
    pub fn lacking(&self) -> u64 {
        self.waiting.iter().map(|group| group.leaves.len() as u64).sum()
    }

    /// Makes all that waits durable, and gives it back for the sinks; nothing if the disk failed.
    pub fn commit(&mut self, ticks: Ticks, wall: UnixMillis) -> Vec<Group> {
        if self.is_resting(ticks) {
            return Vec::new();
        }
        let mut done = self.spool.write(&self.waiting, ticks, wall);
        if let Err(fault) = &done
            && is_full(fault)
            && self.keeper.release(&self.spool)
        {
            log::error!("the audit spool's volume is full; its ballast is given back");
            self.level = Level::Full;
            done = self.spool.write(&self.waiting, ticks, wall);
        }
        match done {
            Ok(()) => {
                if self.failing && !self.waiting.is_empty() {
                    log::info!("the audit spool works again", path = &*self.path);
                    (self.failing, self.pause) = (false, FIRST_PAUSE);
                }
                self.waiting_bytes = 0;
                std::mem::take(&mut self.waiting)
            }
            Err(fault) => {
                if !self.failing {
                    log::error!("the audit spool cannot be written to", path = &*self.path, fault = &fault);
                }
                self.failing = true;
                self.next_try = ticks.plus(self.pause);
                self.pause = (self.pause * 2).min(LONGEST_PAUSE);
                Vec::new()
            }
        }
    }

    /// Whether all is durable, so that a checkpoint or a seal can be made.
    pub fn is_settled(&self, chain: &Chain) -> bool {
        self.waiting.is_empty() && self.spool.durable() == chain.size()
    }

    /// Whether the open segment is full or old.
    pub fn is_due(&self, now: Ticks) -> bool {
        self.spool.is_due(now)
    }

    /// Seals the open segment under the checkpoint over it.
    pub fn seal(&mut self, chain: &Chain, note: Option<String>, closed: Closed) -> Option<Notice> {
        let sealed = match self.spool.seal(chain, note, closed) {
            Ok(sealed) => sealed?,
            Err(fault) => {
                log::error!("a segment of the audit spool cannot be sealed yet", fault = &fault);
                return None;
            }
        };
        self.measure();
        let last = sealed.after.size();
        Some(Notice::Rotated(SealedFile {
            name: file_name(self.spool.last_name())?,
            bytes: sealed.bytes,
            sha256: None,
            first: last + 1 - sealed.records,
            last,
            root: Some(sealed.after.root()),
        }))
    }

    /// Keeps a checkpoint beside the open segment.
    pub fn note(&self, note: &str) {
        if let Err(fault) = self.spool.note(note) {
            log::error!("a checkpoint cannot be kept in the audit spool", fault = &fault);
        }
    }

    fn measure(&mut self) {
        if let Err(fault) = self.keeper.measure(&self.spool) {
            log::error!("the audit spool cannot be measured", fault = &fault);
        }
    }

    /// Looks at the room and at the hold, from time to time; gives what is to be recorded.
    pub fn look(&mut self, now: Ticks) -> Vec<Notice> {
        if self.looked.is_some_and(|at| now < at.plus(LOOK)) {
            return Vec::new();
        }
        self.looked = Some(now);
        let mut own = Vec::new();
        if let Err(fault) = self.spool.heal() {
            log::error!("a segment of the audit spool cannot be sealed yet", fault = &fault);
        }
        let held = is_held(&self.path);
        if held != self.held {
            self.held = held;
            own.push(Notice::Hold(held));
        }
        own.extend(self.look_at_room());
        own
    }

    fn look_at_room(&mut self) -> Option<Notice> {
        // Without its ballast a spool stays closed until there is room for that again.
        let missed = self.level == Level::Full && !self.keeper.has_ballast();
        if missed && let Err(fault) = self.keeper.restore(&self.spool) {
            log::error!("the audit spool's ballast cannot be set aside", fault = &fault);
        }
        let fill = match self.keeper.fill(&self.spool) {
            Ok(fill) => fill,
            Err(fault) => {
                log::error!("the audit spool's volume cannot be looked at", fault = &fault);
                return None;
            }
        };
        self.fill = Some(fill);
        let percent = fill.percent();
        let level = match percent {
            FULL.. => Level::Full,
            _ if missed && !self.keeper.has_ballast() => Level::Full,
            ALARM.. => Level::Alarm,
            _ => Level::Room,
        };
        if level == self.level {
            return None;
        }
        let relieved = level < self.level;
        self.level = level;
        // What was kept for a sink may have to go now.
        self.purged = None;
        match level {
            Level::Full => {
                log::error!("the audit spool is full: routes with personal data are closed", percent = percent);
            }
            Level::Alarm => log::warn!("the audit spool fills", percent = percent),
            Level::Room => log::info!("the audit spool has room again", percent = percent),
        }
        Some(Notice::Space(Space { percent, closed: level == Level::Full, relieved }))
    }

    /// What is older than the retention, from time to time: to be recorded before it is removed. What a sink still lacks
    /// stays, until the room comes to its end.
    pub fn expired(&mut self, ticks: Ticks, wall: UnixMillis, undelivered: Undelivered) -> Vec<Notice> {
        if self.purged.is_some_and(|at| ticks < at.plus(PURGE)) || !self.is_writable() {
            return Vec::new();
        }
        // Sinks say soon how far they have come.
        if undelivered == Undelivered::Unknown && self.level < Level::Alarm {
            return Vec::new();
        }
        self.purged = Some(ticks);
        let expired = self.keeper.expired(&self.spool, wall).unwrap_or_else(|fault| {
            log::error!("the audit spool's age cannot be looked at", fault = &fault);
            Vec::new()
        });
        let notice = |gone: super::spool::Purged| {
            let (first, last) = gone.sequences;
            let name = file_name(gone.name)?;
            let file = SealedFile { name, bytes: gone.bytes, sha256: None, first, last, root: Some(gone.root) };
            Some(Notice::Purged(file, gone.name))
        };
        let crowded = self.level >= Level::Alarm;
        let may_go = |gone: &super::spool::Purged| undelivered.may_go(gone.name.epoch, gone.sequences.1, crowded);
        expired.into_iter().take_while(may_go).filter_map(notice).collect()
    }

    /// Whether the disk did not fail the last time.
    pub const fn is_writable(&self) -> bool {
        !self.failing
    }

    /// Removes segments whose removal is recorded.
    pub fn purge(&mut self, recorded: &[Notice]) {
        for notice in recorded {
            if let Notice::Purged(_, name) = notice
                && let Err(fault) = self.keeper.purge(&self.spool, *name)
            {
                log::error!("a segment of the audit spool cannot be removed", fault = &fault);
            }
        }
        self.measure();
    }
}

/// A segment's name, as records show it.
fn file_name(name: SegmentName) -> Option<Name> {
    Name::configured(&name.file("seg")).ok()
}

fn is_full(fault: &io::Error) -> bool {
    matches!(fault.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge)
}
