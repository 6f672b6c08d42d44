//! The detectors' thread. Workers hand it a sighting of each request and go on: a bounded queue, no lock, no wake-up, and
//! where it is full the sighting is counted as lost and an alarm tells of it. All that is learned has one owner, so that
//! nothing of it needs a lock, and a request pays for a few hashes and a push. What is found acts on the next request: some
//! milliseconds later.

mod keep;

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use crossbeam_queue::SegQueue;
use parking_lot::{Condvar, Mutex};
use smallvec::SmallVec;

use super::Sanctions;
use super::alarms::{Alarms, Open};
use super::board::{Board, Counts, OpenAlarm};
use super::brief::Brief;
use super::detect::{Detectors, Finding, Observation};
use super::memory::Archive;
pub use super::memory::Memory;
use super::respond::{Evidence, Who, respond};
use crate::audit::{Event, RequestId, Step, Trail};
use crate::clock::{Clock, Ticks, UnixMillis};
use crate::policy::settings::Mode;
use crate::redact::Name;
use crate::telemetry::log;

/// Sightings that wait: what a gate serves in a tenth of a second at its fastest. At some 300 bytes, 5 MB.
const WAITING: usize = 16_384;
/// Between two looks at an empty queue: what is found acts that much later at most. Nobody is woken on a request's way.
const NAP: Duration = Duration::from_millis(5);
/// The same where nothing came for a while: what comes first then acts that much later at most.
const LONG_NAP: Duration = Duration::from_millis(25);
/// Naps in which nothing came, after which they are long.
const QUIET: u32 = 200;
/// The same of a policy without detectors.
const SLEEP: Duration = Duration::from_millis(100);
/// Sightings that are looked at before anything else is.
const BATCH: usize = 1024;
/// Between two looks for alarms that are over, in microseconds.
const LOOK_EVERY: u64 = 1_000_000;
/// Between two writes of what was learned.
const SAVE_EVERY: u64 = 300_000_000;
/// Between two writes of alarms in which nothing but numbers changed.
const NUMBERS_EVERY: u64 = 60_000_000;
/// How long an incident is shown that is overdue, in milliseconds: whoever comes the next morning sees it.
const OVERDUE: u64 = 86_400_000;

/// A request, for the detectors.
pub struct Sighting {
    /// Its numbers.
    pub observation: Observation,
    /// What an alarm would show of it.
    pub who: Who,
}

/// The way to the detectors' thread. Shared by the workers.
pub struct Lookout {
    /// Grows as it fills: an idle gate holds nothing for it.
    queue: SegQueue<Sighting>,
    /// How many wait, or a few more while one is handed over.
    waiting: AtomicUsize,
    lost: AtomicU64,
    seen: AtomicU64,
    stopping: AtomicBool,
    board: Mutex<Board>,
    /// How often somebody asked that all be written, and what of it is done.
    asked: AtomicU64,
    written: (Mutex<u64>, Condvar),
}

/// What the thread works with.
pub struct Means {
    /// Time.
    pub clock: Clock,
    /// Where alarms are recorded.
    pub trail: Trail,
    /// What alarms impose.
    pub sanctions: Arc<Sanctions>,
    /// Where what is known is kept over a restart, if anywhere.
    pub memory: Option<Memory>,
    /// Another policy, if one was put in force since the last call: at the first call, the one in force.
    pub next: Box<dyn FnMut() -> Option<Arc<Brief>> + Send>,
}

impl Lookout {
    /// A way to a thread that is not started yet.
    pub fn new() -> Arc<Self> {
        Arc::new(Self {
            queue: SegQueue::new(),
            waiting: AtomicUsize::new(0),
            lost: AtomicU64::new(0),
            seen: AtomicU64::new(0),
            stopping: AtomicBool::new(false),
            board: Mutex::default(),
            asked: AtomicU64::new(0),
            written: Default::default(),
        })
    }

    /// Hands over a sighting, or counts it as lost.
    pub fn see(&self, sighting: Sighting) {
        if self.waiting.fetch_add(1, Ordering::Relaxed) >= WAITING {
            self.waiting.fetch_sub(1, Ordering::Relaxed);
            self.lost.fetch_add(1, Ordering::Relaxed);
            return;
        }
        self.queue.push(sighting);
    }

    /// A planted record was seen, by this rule. Rare enough for a lock.
    pub fn canary(&self, rule: &Name) {
        // As many names as policies had: an operator gives them.
        *self.board.lock().counts.canaries.entry(rule.to_string()).or_default() += 1;
    }

    /// Alarms that are open, the oldest first.
    pub fn open(&self) -> Vec<OpenAlarm> {
        self.board.lock().open.clone()
    }

    /// Alarms that are over, and opened an incident that is still to be looked after.
    pub fn incidents(&self) -> Vec<OpenAlarm> {
        self.board.lock().incidents.clone()
    }

    /// What was counted since the start.
    pub fn counts(&self) -> Counts {
        let mut counts = self.board.lock().counts.clone();
        counts.seen = self.seen.load(Ordering::Relaxed);
        counts.lost = self.lost.load(Ordering::Relaxed);
        counts
    }

    /// Starts the thread.
    pub fn start(self: &Arc<Self>, means: Means) -> std::io::Result<thread::JoinHandle<()>> {
        let lookout = Arc::clone(self);
        thread::Builder::new().name("detectors".to_owned()).spawn(move || Watchman::new(lookout, means).run())
    }

    /// Has the thread look at what waits and write all that it knows; waits for that, but no longer than `patience`.
    pub fn write(&self, patience: Duration) {
        let number = self.asked.fetch_add(1, Ordering::AcqRel) + 1;
        let (written, told) = &self.written;
        if told.wait_while_for(&mut written.lock(), |written| *written < number, patience).timed_out() {
            log::error!("detectors could not write in time what they know");
        }
    }

    /// Has the thread end, once it has looked at what waits.
    pub fn stop(&self) {
        self.stopping.store(true, Ordering::Release);
    }
}

/// An alarm's evidence and what followed, while it is open.
struct Case {
    /// The name of its rule.
    rule: Name,
    evidence: Evidence,
    actions: SmallVec<[&'static str; 4]>,
}

/// What of alarms is not written yet.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Unsaved {
    Nothing,
    /// How much there was.
    Numbers,
    /// One began or ended, or was told of.
    Steps,
}

/// The thread.
struct Watchman {
    lookout: Arc<Lookout>,
    means: Means,
    brief: Option<Arc<Brief>>,
    detectors: Detectors,
    alarms: Alarms,
    cases: HashMap<RequestId, Case>,
    /// Alarms that are over, with their incidents, and when they were quiet.
    over: Vec<(Open, UnixMillis)>,
    archive: Option<Archive>,
    /// What of alarms is not written yet.
    unsaved: Unsaved,
    written: Ticks,
    found: Vec<Finding>,
    looked: Ticks,
    saved: Ticks,
    /// When an alarm of blindness was last raised, and what was lost by then.
    blind: Option<Ticks>,
    told: (u64, u64),
}

impl Watchman {
    fn new(lookout: Arc<Lookout>, mut means: Means) -> Self {
        let now = means.clock.ticks();
        Self {
            archive: means.memory.take().map(Archive::new),
            over: Vec::new(),
            unsaved: Unsaved::Nothing,
            written: now,
            lookout,
            means,
            brief: None,
            detectors: Detectors::new(&[]),
            alarms: Alarms::default(),
            cases: HashMap::new(),
            found: Vec::new(),
            looked: now,
            saved: now,
            blind: None,
            told: (0, 0),
        }
    }

    fn run(mut self) {
        let mut quiet = 0_u32;
        loop {
            // Asked first: what was handed over before the gate stopped is looked at.
            let stopping = self.lookout.stopping.load(Ordering::Acquire);
            let asked = self.lookout.asked.load(Ordering::Acquire);
            if let Some(next) = (self.means.next)() {
                self.renew(next);
            }
            let mut count = 0;
            while count < BATCH
                && let Some(sighting) = self.lookout.queue.pop()
            {
                self.look_at(&sighting);
                count += 1;
            }
            self.lookout.waiting.fetch_sub(count, Ordering::Relaxed);
            self.lookout.seen.fetch_add(count as u64, Ordering::Relaxed);
            self.upkeep(self.means.clock.ticks());
            if count == 0 && (stopping || *self.lookout.written.0.lock() < asked) {
                self.save_all();
                *self.lookout.written.0.lock() = asked;
                self.lookout.written.1.notify_all();
                if stopping {
                    return;
                }
            }
            if count == 0 {
                quiet = quiet.saturating_add(1);
                let is_on = self.brief.as_ref().is_some_and(|brief| brief.lens.is_on());
                let nap = if quiet < QUIET { NAP } else { LONG_NAP };
                thread::sleep(if is_on { nap } else { SLEEP });
            } else {
                quiet = 0;
            }
        }
    }

    fn look_at(&mut self, sighting: &Sighting) {
        let Some(brief) = self.brief.clone() else { return };
        self.detectors.observe(&sighting.observation, &mut self.found);
        if self.found.is_empty() {
            return;
        }
        for finding in std::mem::take(&mut self.found) {
            self.found_one(&finding, &sighting.who, &brief);
        }
        self.show(&brief);
    }

    fn found_one(&mut self, finding: &Finding, who: &Who, brief: &Brief) {
        let Some((rule, detector)) = brief.rule(finding.rule) else { return };
        let window = detector.pattern.window();
        let (step, open) = self.alarms.take(finding.rule, rule, window, finding);
        // Of a crowd, whoever goes on is dealt with, told of or not.
        if step.is_none() && !finding.shared {
            return;
        }
        let open = open.clone();
        let case = self.cases.entry(open.id).or_insert_with(|| Case {
            rule: rule.name.clone(),
            evidence: Evidence::of(who, detector.per, brief, finding.at),
            actions: SmallVec::new(),
        });
        let mut detected = case.evidence.record(&open, step.unwrap_or(Step::Updated), rule, detector, brief);
        // Once more with each update: what was imposed may have run out by now.
        for action in respond(&self.means.sanctions, &self.means.clock, rule, &detected, who, brief) {
            if !case.actions.contains(&action) {
                case.actions.push(action);
            }
        }
        self.unsaved = self.unsaved.max(if step.is_some() { Unsaved::Steps } else { Unsaved::Numbers });
        let Some(step) = step else { return };
        detected.actions.clone_from(&case.actions);
        self.lookout.board.lock().counts.told(&rule.name, step);
        // Without room the trail counts a lost record.
        self.means.trail.record(Event::Detected(Box::new(detected)));
    }

    fn renew(&mut self, brief: Arc<Brief>) {
        let now = self.means.clock.moment();
        let first = self.brief.is_none();
        let old = self.brief.replace(Arc::clone(&brief));
        let detectors = std::mem::replace(&mut self.detectors, Detectors::new(&[]));
        self.detectors = if first { Detectors::new(&brief.specs) } else { detectors.renewed(&brief.specs, now.wall) };
        if first && brief.lens.is_on() {
            self.restore(&brief, now);
            self.show(&brief);
        }
        let Some(old) = old else { return };
        let place = |was: usize| {
            let name = &old.rules.get(was)?.name;
            brief.rules.iter().position(|rule| rule.name == *name)
        };
        for open in self.alarms.renew(place) {
            self.close(&open, &old);
        }
        self.show(&brief);
    }

    fn upkeep(&mut self, now: Ticks) {
        if now.since(self.looked) < LOOK_EVERY {
            return;
        }
        self.looked = now;
        let Some(brief) = self.brief.clone() else { return };
        let closed = self.alarms.close(now);
        for open in &closed {
            self.close(open, &brief);
        }
        self.blind(&brief, now);
        let wall = self.means.clock.wall();
        let before = self.over.len();
        self.over.retain(|(open, _)| open.due.is_some_and(|due| due.0.saturating_add(OVERDUE) > wall.0));
        if self.over.len() < before {
            self.unsaved = Unsaved::Steps;
        }
        if now.since(self.saved) >= SAVE_EVERY {
            self.saved = now;
            self.save();
        }
        let pause = if self.unsaved == Unsaved::Steps { 0 } else { NUMBERS_EVERY };
        let idle = self.archive.as_ref().is_some_and(Archive::is_idle);
        if idle && self.unsaved > Unsaved::Nothing && now.since(self.written) >= pause {
            self.save_alarms();
        }
        self.show(&brief);
    }

    fn close(&mut self, open: &Open, brief: &Brief) {
        self.unsaved = Unsaved::Steps;
        let Some(case) = self.cases.get(&open.id) else { return };
        let Some((rule, detector)) = brief.rule(open.rule) else { return };
        let mut detected = case.evidence.record(open, Step::Closed, rule, detector, brief);
        detected.alarm.at = self.means.clock.wall();
        detected.id = RequestId::new(detected.alarm.at);
        detected.actions.clone_from(&case.actions);
        let at = detected.alarm.at;
        self.lookout.board.lock().counts.told(&rule.name, Step::Closed);
        self.means.trail.record(Event::Detected(Box::new(detected)));
        if open.due.is_some() && rule.mode == Mode::Enforce {
            self.leave_incident(open.clone(), at);
        } else {
            self.cases.remove(&open.id);
        }
    }
}
