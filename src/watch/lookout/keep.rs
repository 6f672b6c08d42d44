//! What outlives the process: what was learned, alarms and incidents; and what operators see of them.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use smallvec::SmallVec;

use super::{Case, Unsaved, Watchman};
use crate::audit::{Alarm, AlarmKind, Behaviour, Event, RequestId};
use crate::clock::{Moment, Ticks, UnixMillis};
use crate::redact::Name;
use crate::telemetry::log;
use crate::watch::alarms::Open;
use crate::watch::board::OpenAlarm;
use crate::watch::brief::Brief;
use crate::watch::kept;
use crate::watch::memory::{self, Memory};
use crate::watch::respond::behaviour;
use crate::watch::told::state_lost;

/// Between two alarms that tell of sightings lost, or of tables that are full.
const BLIND_EVERY: u64 = 600_000_000;
/// Closed alarms that are kept for their incidents; beyond them the one that is due first goes.
const MOST_OVER: usize = 1024;

impl Watchman {
    /// What a closed alarm's incident needs is kept until it is due, and a while longer.
    pub(super) fn leave_incident(&mut self, open: Open, at: UnixMillis) {
        if self.over.len() >= MOST_OVER
            && let Some(first) =
                (0..self.over.len()).min_by_key(|place| self.over.get(*place).map(|(open, _)| open.due))
        {
            let (gone, _) = self.over.swap_remove(first);
            self.cases.remove(&gone.id);
        }
        self.over.push((open, at));
    }

    /// Writes all that outlives the process, and waits until it is written.
    pub(super) fn save_all(&mut self) {
        self.save();
        self.save_alarms();
        if let Some(archive) = &mut self.archive {
            archive.wait();
        }
    }

    pub(super) fn save(&mut self) {
        if let (Some(archive), Some(brief)) = (&mut self.archive, &self.brief)
            && brief.lens.is_on()
            && brief.lens.is_lasting()
        {
            archive.put(archive.memory.learned.clone(), memory::content(brief, &self.detectors));
        }
    }

    /// Writes alarms, so that a restart closes none and stops no clock.
    pub(super) fn save_alarms(&mut self) {
        let (Some(archive), Some(brief)) = (&mut self.archive, &self.brief) else { return };
        // A policy without detectors leaves what is there for the next one that has some.
        if !brief.lens.is_on() {
            return;
        }
        let now = self.means.clock.moment();
        let open = self.alarms.all().into_iter().map(|open| (open, None));
        let all = open.chain(self.over.iter().map(|(open, at)| (open, Some(*at))));
        let alarms = all.filter_map(|(open, over)| {
            let case = self.cases.get(&open.id)?;
            Some((&case.rule, open, &case.evidence, &case.actions[..], over))
        });
        let text = kept::write(brief.lens.check(), now, alarms);
        archive.put(archive.memory.alarms.clone(), text.into_bytes());
        self.unsaved = Unsaved::Nothing;
        self.written = now.ticks;
    }

    /// Takes up what was known before the start.
    pub(super) fn restore(&mut self, brief: &Brief, now: Moment) {
        let Some(archive) = &self.archive else { return };
        let Memory { learned, alarms, .. } = &archive.memory;
        let lost = |path: &Path| {
            let file = path.file_name().and_then(|name| name.to_str()).unwrap_or("state");
            state_lost(&self.means.trail, now.wall, file, &brief.policy);
        };
        if !memory::restore(learned, brief, &mut self.detectors, now) {
            lost(learned);
        }
        let kept = kept::read(alarms, brief, now).unwrap_or_else(|fault| {
            match fault {
                kept::Fault::Broken => memory::set_aside(alarms, "it is not whole, or was changed"),
                kept::Fault::System => log::error!("alarms of before the start cannot be read", file = &**alarms),
            }
            lost(alarms);
            Vec::new()
        });
        let (mut open, mut incidents) = (0_u64, 0_u64);
        for mut one in kept {
            let (id, due) = (one.open.id, one.open.due);
            let place = brief.rules.iter().position(|rule| rule.name == one.rule);
            let case = Case { rule: one.rule, evidence: one.evidence, actions: one.actions };
            one.open.rule = place.unwrap_or(usize::MAX);
            let taken = match (place, one.over) {
                (Some(_), None) => {
                    open += 1;
                    self.alarms.take_up(one.open)
                }
                // Its rule is gone: nothing is found any more, and the incident stays.
                (_, over) if due.is_some() => {
                    incidents += 1;
                    self.over.push((one.open, over.unwrap_or(now.wall)));
                    true
                }
                _ => false,
            };
            if taken {
                self.cases.insert(id, case);
            }
        }
        if open + incidents > 0 {
            log::info!("alarms of before the start go on", open = open, incidents = incidents);
        }
    }

    /// Brings what operators see up to date.
    pub(super) fn show(&self, brief: &Brief) {
        let shown = |open: &&Open| {
            let (rule, detector) = brief.rule(open.rule)?;
            let case = self.cases.get(&open.id)?;
            Some(OpenAlarm::new(open, rule, detector, &case.evidence, &case.actions))
        };
        let open = self.alarms.all().iter().filter_map(shown).collect();
        let incidents = self.over.iter().filter_map(|(open, at)| {
            let case = self.cases.get(&open.id)?;
            let place = brief.rules.iter().position(|rule| rule.name == case.rule);
            let kind = place.and_then(|place| brief.rule(place)).map(|(_, detector)| behaviour(detector));
            Some(OpenAlarm::over(open, *at, kind, &case.rule, &case.evidence, &case.actions))
        });
        let incidents = incidents.collect();
        let load = self.detectors.load();
        let mut board = self.lookout.board.lock();
        board.open = open;
        board.incidents = incidents;
        board.counts.open = self.alarms.len();
        (board.counts.keys, board.counts.overflowed, board.counts.full) = (load.keys, load.overflowed, load.full);
    }

    /// Tells of sightings that were lost, and of newcomers that found a table full.
    pub(super) fn blind(&mut self, brief: &Brief, now: Ticks) {
        let lost = self.lookout.lost.load(Ordering::Relaxed);
        let crowded = self.detectors.load().overflowed;
        let waits = self.blind.is_some_and(|told| now.since(told) < BLIND_EVERY);
        if waits || (lost <= self.told.0 && crowded <= self.told.1) {
            return;
        }
        self.blind = Some(now);
        for (subject, count) in [("queue", lost - self.told.0), ("tables", crowded.saturating_sub(self.told.1))] {
            let (Ok(rule), Ok(subject)) = (Name::configured("detectors"), Name::configured(subject)) else { continue };
            let at = self.means.clock.wall();
            if count > 0 {
                self.means.trail.record(Event::Alarm(Box::new(Alarm {
                    id: RequestId::new(at),
                    at,
                    kind: AlarmKind::Behaviour(Behaviour::Blind),
                    rule,
                    first: at,
                    last: at,
                    observed: count,
                    allowed: Some(0),
                    caller: None,
                    source: None,
                    route: None,
                    subject: Some(subject),
                    requests: SmallVec::new(),
                    policy: Arc::clone(&brief.policy),
                })));
            }
        }
        self.told = (lost, crowded);
    }
}
