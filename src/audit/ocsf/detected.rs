//! Alarms with a course: Detection Finding (2004), activities Create, Update and Close.

use super::alarm::{analytic, evidence};
use super::{CONTROL, Scribe, category, policy, unmapped};
use crate::audit::event::{Detected, Step};
use crate::audit::guard::Known;
use crate::audit::json::Json;
use crate::clock::UnixMillis;

impl Scribe {
    /// `action_id` 3 is Observed; `disposition_id` 19 Alert, 17 Logged; `status_id` 1 New, 2 In Progress, 4 Resolved.
    pub(super) fn detected(&self, detected: &Detected, logged: UnixMillis, json: &mut Json<'_>) -> Known {
        let Detected { alarm, step, shadow, .. } = detected;
        let row = alarm.kind.row();
        let id = detected.id.text();
        let correlation = alarm.requests.last().map_or(id, |request| request.text());
        let (activity, status) = match step {
            Step::Opened => (1u8, 1u8),
            Step::Updated => (2, 2),
            Step::Closed => (3, 4),
        };
        let mut known = Known::Nothing;
        json.object(|json| {
            json.key("action_id").number(3u8);
            json.key("activity_id").number(activity);
            category(json, 2, 2004);
            json.key("confidence_id").number(row.confidence);
            json.key("disposition_id").number(if *shadow { 17u8 } else { 19 });
            json.key("evidences").array([()], |json, ()| {
                json.object(|json| known = evidence(json, alarm, detected.window));
            });
            json.key("finding_info").object(|json| {
                analytic(json, &row, |json| json.key("uid").name(&alarm.rule));
                json.key("created_time").number(alarm.first.0);
                json.key("first_seen_time").number(alarm.first.0);
                json.key("last_seen_time").number(alarm.last.0);
                if !alarm.requests.is_empty() {
                    json.key("related_events").array(&alarm.requests, |json, request| {
                        json.object(|json| json.key("uid").id(&request.text()));
                    });
                }
                json.key("related_events_count").number(detected.count);
                json.key("title").phrase(row.title);
                json.key("types").array([row.event_code], |json, word| json.word(word));
                json.key("uid").id(&alarm.id.text());
            });
            json.key("is_alert").boolean(!shadow);
            self.metadata(json, &Self::head(id, correlation, row.event_code, logged, CONTROL), None);
            policy(json, &alarm.policy);
            json.key("severity_id").number(row.severity);
            json.key("status_id").number(status);
            json.key("time").number(alarm.at.0);
            json.key("type_uid").number(200_400 + u64::from(activity));
            unmapped(json, |json| self.course(json, detected, row.suspected_breach));
        });
        known
    }

    fn course(&self, json: &mut Json<'_>, detected: &Detected, suspected_breach: bool) {
        if !detected.actions.is_empty() {
            json.key("actions").array(&detected.actions, |json, action| json.word(action));
        }
        if let Some(due) = detected.due {
            json.key("incident").object(|json| {
                json.key("due").number(due.0);
                json.key("opened").number(detected.alarm.first.0);
            });
        }
        if detected.learning {
            json.key("learning").boolean(true);
        }
        if detected.shadow {
            json.key("mode").word("shadow");
        }
        self.prev(json);
        if detected.shared {
            json.key("shared").boolean(true);
        }
        if !detected.signs.is_empty() {
            json.key("signs").array(&detected.signs, |json, sign| json.word(sign));
        }
        json.key("suspected_breach").boolean(suspected_breach || detected.due.is_some() && !detected.shadow);
    }
}
