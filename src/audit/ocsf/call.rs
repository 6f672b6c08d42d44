//! Calls to the operators' API: Entity Management (3004).

use super::http::{activity, endpoint};
use super::{MEDIUM, PLAIN, Scribe, category, unmapped};
use crate::audit::event::AdminCall;
use crate::audit::guard::Known;
use crate::audit::json::Json;
use crate::clock::UnixMillis;

/// Entity Management, Other.
const OTHER: u8 = 99;

impl Scribe {
    /// A call of an operator.
    pub(super) fn admin_call(&self, call: &AdminCall, logged: UnixMillis, json: &mut Json<'_>) -> Known {
        let (operation, outcome) = (call.operation, &call.outcome);
        let id = call.id.text();
        let mut known = Known::Nothing;
        json.object(|json| {
            json.key("activity_id").number(operation.activity);
            if operation.activity == OTHER {
                json.key("activity_name").word("Other");
            }
            known = self.operator(json, call.by.as_ref());
            category(json, 3, 3004);
            if let Some(reason) = &call.reason {
                json.key("comment").redacted(reason);
            }
            json.key("duration").number(call.duration_micros / 1000);
            json.key("entity").object(|json| {
                json.key("name").word(operation.name);
                json.key("type").word("Operators' API");
                json.key("type_id").number(99u8);
                if let Some(subject) = &call.subject {
                    json.key("uid").redacted(subject);
                }
            });
            json.key("http_request").object(|json| {
                if let (_, _, Some(method)) = activity(call.method) {
                    json.key("http_method").word(method);
                }
                json.key("uid").id(&id);
                json.key("url").object(|json| json.key("path").word(operation.path));
            });
            if outcome.status != 0 {
                json.key("http_response").object(|json| json.key("code").number(outcome.status));
            }
            let event_code = if outcome.done { "ADMIN.CALL" } else { "ADMIN.DENY" };
            self.metadata(json, &Self::head(id, id, event_code, logged, PLAIN), None);
            json.key("severity_id").number(if outcome.done { operation.severity } else { MEDIUM });
            if let Some(source) = &call.source {
                endpoint(json, source);
            }
            json.key("start_time").number(call.at.0);
            json.key("status_code").phrase(outcome.code);
            json.key("status_detail").phrase(outcome.text);
            json.key("status_id").number(if outcome.done { 1u8 } else { 2 });
            json.key("time").number(call.at.0);
            json.key("type_uid").number(300_400 + u64::from(operation.activity));
            unmapped(json, |json| {
                self.prev(json);
                if let Some(right) = operation.right {
                    json.key("right").word(right);
                }
                if let Some(caller) = &call.by {
                    json.key("roles").array(&caller.standing.roles, |json, role| json.name(role));
                }
            });
        });
        known
    }
}
