//! Alarms: Detection Finding (2004). And a request that nobody saw the end of: HTTP Activity (4002).

use super::http::endpoint;
use super::own::Aborted;
use super::{CONTROL, CRITICAL, MEDIUM, Scribe, actor, category, policy, unmapped};
use crate::audit::event::{Alarm, AlarmRow, PolicyRecord};
use crate::audit::guard::Known;
use crate::audit::id::{IdText, RequestId};
use crate::audit::json::Json;
use crate::clock::UnixMillis;

/// Why records of the last guard are an alarm.
const LOG_PII: AlarmRow = AlarmRow {
    event_code: "ALARM.LOG_PII",
    title: "Text that may be personal was withheld from records",
    analytic: 1,
    severity: CRITICAL,
    confidence: 2,
    suspected_breach: false,
};

impl Scribe {
    pub(super) fn alarm(&self, alarm: &Alarm, logged: UnixMillis, json: &mut Json<'_>) -> Known {
        let row = alarm.kind.row();
        let id = alarm.id.text();
        let correlation = alarm.requests.last().map_or(id, |request| request.text());
        let mut known = Known::Nothing;
        let info = |json: &mut Json<'_>| {
            analytic(json, &row, |json| json.key("uid").name(&alarm.rule));
            json.key("created_time").number(alarm.at.0);
            json.key("first_seen_time").number(alarm.first.0);
            json.key("last_seen_time").number(alarm.last.0);
            if !alarm.requests.is_empty() {
                json.key("related_events").array(&alarm.requests, |json, request| {
                    json.object(|json| json.key("uid").id(&request.text()));
                });
            }
        };
        let evidence = |json: &mut Json<'_>| known = evidence(json, alarm, None);
        let head = Self::head(id, correlation, row.event_code, logged, CONTROL);
        self.finding(&row, (&head, alarm.at, &alarm.policy), json, evidence, info);
        known
    }

    /// The last guard found fault with records.
    pub(super) fn withheld_alarm(&self, count: u64, id: RequestId, now: UnixMillis, json: &mut Json<'_>) {
        let info = |json: &mut Json<'_>| {
            analytic(json, &LOG_PII, |json| json.key("uid").word("last-guard"));
            json.key("created_time").number(now.0);
        };
        let evidence = |json: &mut Json<'_>| {
            json.key("data").object(|json| json.key("observed").number(count));
        };
        let head = Self::head(id.text(), self.correlation(), LOG_PII.event_code, now, CONTROL);
        self.finding(&LOG_PII, (&head, now, &self.producer.policy), json, evidence, info);
    }

    /// `action_id` 3 is Observed, `disposition_id` 19 Alert, `status_id` 1 New.
    fn finding(
        &self,
        row: &AlarmRow,
        (head, at, in_force): (&super::Head, UnixMillis, &PolicyRecord),
        json: &mut Json<'_>,
        evidence: impl FnOnce(&mut Json<'_>),
        info: impl FnOnce(&mut Json<'_>),
    ) {
        json.object(|json| {
            json.key("action_id").number(3u8);
            json.key("activity_id").number(1u8);
            category(json, 2, 2004);
            json.key("confidence_id").number(row.confidence);
            json.key("disposition_id").number(19u8);
            json.key("evidences").array([evidence], |json, evidence| json.object(evidence));
            json.key("finding_info").object(|json| {
                info(json);
                json.key("title").phrase(row.title);
                json.key("types").array([row.event_code], |json, word| json.word(word));
                json.key("uid").id(&head.id);
            });
            json.key("is_alert").boolean(true);
            self.metadata(json, head, None);
            policy(json, in_force);
            json.key("severity_id").number(row.severity);
            json.key("status_id").number(1u8);
            json.key("time").number(at.0);
            json.key("type_uid").number(200_401u64);
            unmapped(json, |json| {
                self.prev(json);
                json.key("suspected_breach").boolean(row.suspected_breach);
            });
        });
    }

    /// A decision without an end: the gate ended first.
    pub(super) fn aborted(&self, aborted: &Aborted, id: RequestId, now: UnixMillis, json: &mut Json<'_>) {
        let request = aborted.request.text();
        json.object(|json| {
            json.key("activity_id").number(99u8);
            json.key("activity_name").word("Aborted");
            category(json, 4, 4002);
            json.key("http_request").object(|json| json.key("uid").id(&request));
            self.metadata(json, &Self::head(id.text(), request, "HTTP.ABORTED", now, CONTROL), None);
            json.key("severity_id").number(MEDIUM);
            json.key("start_time").number(aborted.decided.0);
            json.key("status_code").word("aborted");
            json.key("status_detail")
                .phrase("the gate ended before the request did; what the app answered is not known");
            json.key("status_id").number(2u8);
            json.key("time").number(now.0);
            json.key("type_uid").number(400_299u64);
            unmapped(json, |json| {
                json.key("decision_sequence").number(aborted.sequence);
                self.prev(json);
            });
        });
    }

    /// What the writer's own records belong to: this run of the chain.
    pub(super) fn correlation(&self) -> IdText {
        self.producer.epoch.text()
    }
}

pub(super) fn analytic(json: &mut Json<'_>, row: &AlarmRow, uid: impl FnOnce(&mut Json<'_>)) {
    json.key("analytic").object(|json| {
        json.key("type").word(if row.analytic == 1 { "Rule" } else { "Statistical" });
        json.key("type_id").number(row.analytic);
        uid(json);
    });
}

pub(super) fn evidence(json: &mut Json<'_>, alarm: &Alarm, window: Option<u64>) -> Known {
    let mut known = Known::Nothing;
    if let Some(caller) = &alarm.caller {
        json.key("actor");
        known = actor(json, caller);
    }
    if let Some(route) = &alarm.route {
        json.key("api").object(|json| json.key("operation").name(&route.name));
    }
    json.key("data").object(|json| {
        if let Some(allowed) = alarm.allowed {
            json.key("allowed").number(allowed);
        }
        json.key("observed").number(alarm.observed);
        if let Some(subject) = &alarm.subject {
            json.key("subject").name(subject);
        }
        if let Some(window) = window {
            json.key("window_seconds").number(window);
        }
    });
    if let Some(address) = &alarm.source {
        endpoint(json, address);
    }
    known
}
