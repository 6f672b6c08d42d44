//! What an alarm's rule does to whom it found.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;

use super::Sanctions;
use super::book::Imposed;
use super::sanction::{Author, Imposition, Kind};
use super::subject::{Shown, Subject};
use crate::audit::{PolicyRecord, RequestId};
use crate::clock::Ticks;
use crate::policy::settings::{Action, AlarmRule, Mode};

/// The same finding on the same subject is one alarm in this time.
const ONCE_IN: Duration = Duration::from_secs(60);
/// Findings that are remembered for that; beyond them an alarm is rather raised twice than not.
const MAX_REMEMBERED: usize = 4_096;

/// Whom a rule found.
pub struct Culprit<'a> {
    /// Whom it acts on.
    pub subject: Subject,
    /// How that is shown.
    pub shown: Shown,
    /// The request that led to it.
    pub request: Option<RequestId>,
    /// The policy in force.
    pub policy: &'a Arc<PolicyRecord>,
}

/// What was found lately, and when.
#[derive(Default)]
pub(super) struct Lately(Mutex<HashMap<u64, Ticks>>);

impl Sanctions {
    /// Does to somebody what a rule says. Says whether anything was imposed.
    pub fn act(&self, rule: &AlarmRule, culprit: &Culprit<'_>, now: Ticks) -> bool {
        if rule.mode == Mode::Shadow {
            return false;
        }
        let lasting = Some(now.plus(rule.lasts));
        let mut acted = false;
        for action in &rule.then {
            let (kind, until) = match action {
                Action::Alarm | Action::Cut => continue,
                Action::Throttle => (Kind::Throttle(rule.rate), lasting),
                Action::RequireMfa => (Kind::RequireMfa, lasting),
                Action::Lock => (Kind::Lock, lasting),
                Action::Quarantine => (Kind::Quarantine, None),
            };
            let imposed = self.impose(Imposition {
                subject: culprit.subject.clone(),
                shown: culprit.shown.clone(),
                kind,
                until,
                cause: rule.name.clone(),
                mode: rule.mode,
                spares_proven: matches!(culprit.subject, Subject::Address(_)),
                author: Author::Gate,
                failures: 1,
                request: culprit.request,
                policy: Arc::clone(culprit.policy),
            });
            acted |= matches!(imposed, Imposed::New | Imposed::Longer);
        }
        acted
    }

    /// Whether a finding, known by a hash, is the first of its kind in a minute.
    pub fn is_news(&self, finding: u64, now: Ticks) -> bool {
        let mut lately = self.lately.0.lock();
        if lately.len() >= MAX_REMEMBERED {
            lately.retain(|_, at| at.plus(ONCE_IN) > now);
        }
        match lately.get(&finding) {
            Some(at) if at.plus(ONCE_IN) > now => false,
            _ => {
                if lately.len() < MAX_REMEMBERED {
                    lately.insert(finding, now);
                }
                true
            }
        }
    }
}
