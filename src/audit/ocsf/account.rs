//! Callers as such: Authentication (3002) and Account Change (3001).

use super::http::{destination, source};
use super::{CONTROL, HIGH, INFORMATIONAL, LOW, MEDIUM, Scribe, category, policy, unmapped, user};
use crate::audit::event::{
    Authentication, AuthenticationStep, CallerRecord, Factor, Lockout, LockoutSubject, Measure, Protocol,
};
use crate::audit::guard::Known;
use crate::audit::json::Json;
use crate::clock::UnixMillis;

/// Account Change, an activity that the class has no number for.
const OTHER: u8 = 99;

impl Scribe {
    pub(super) fn authentication(&self, attempt: &Authentication, logged: UnixMillis, json: &mut Json<'_>) -> Known {
        let (activity, event_code) = match (attempt.step, attempt.refused) {
            (AuthenticationStep::Logon, None) => (1u8, "AUTHN.OK"),
            (AuthenticationStep::Logon, Some(_)) => (1, "AUTHN.FAIL"),
            (AuthenticationStep::Logoff, _) => (2, "AUTHN.END"),
        };
        let (protocol, protocol_id) = protocol(attempt.protocol);
        let mut known = Known::Nothing;
        json.object(|json| {
            json.key("activity_id").number(activity);
            if !attempt.factors.is_empty() {
                json.key("auth_factors").array(attempt.factors, |json, of| {
                    json.object(|json| json.key("factor_type_id").number(factor(*of)));
                });
            }
            json.key("auth_protocol").phrase(protocol);
            json.key("auth_protocol_id").number(protocol_id);
            category(json, 3, 3002);
            destination(json, &attempt.connection);
            json.key("http_request").object(|json| json.key("uid").id(&attempt.request.text()));
            json.key("is_mfa").boolean(attempt.caller.as_ref().is_some_and(|caller| caller.is_mfa));
            let head = Self::head(attempt.id.text(), attempt.request.text(), event_code, logged, CONTROL);
            self.metadata(json, &head, None);
            policy(json, &attempt.policy);
            json.key("severity_id").number(if attempt.refused.is_some() { LOW } else { INFORMATIONAL });
            source(json, &attempt.connection, None);
            json.key("status_code").phrase(attempt.refused.unwrap_or("authenticated"));
            json.key("status_detail").phrase(attempt.text);
            json.key("status_id").number(if attempt.refused.is_some() { 2u8 } else { 1 });
            json.key("time").number(attempt.at.0);
            json.key("type_uid").number(300_200 + u64::from(activity));
            unmapped(json, |json| self.prev(json));
            json.key("user");
            known = caller(json, attempt.caller.as_ref());
        });
        known
    }

    pub(super) fn lockout(&self, lockout: &Lockout, logged: UnixMillis, json: &mut Json<'_>) -> Known {
        let (activity, event_code, severity, code, text) = match (lockout.measure, lockout.locked) {
            (Measure::Lock, true) => (9u8, "ACCOUNT.LOCK", HIGH, "locked", "locked out for a while"),
            (Measure::Lock, false) => (12, "ACCOUNT.UNLOCK", MEDIUM, "unlocked", "locked out no more"),
            (Measure::StepUp, true) => (OTHER, "ACCOUNT.STEP_UP", HIGH, "step_up", "a fresh second factor is demanded"),
            (Measure::StepUp, false) => {
                (OTHER, "ACCOUNT.STEP_UP_END", MEDIUM, "step_up_ended", "no fresh second factor is demanded any more")
            }
            (Measure::Throttle, true) => {
                (OTHER, "ACCOUNT.THROTTLE", MEDIUM, "throttled", "requests pass at a lower rate for a while")
            }
            (Measure::Throttle, false) => {
                (OTHER, "ACCOUNT.THROTTLE_END", MEDIUM, "throttle_ended", "requests pass as before")
            }
        };
        let id = lockout.id.text();
        let request = lockout.request.unwrap_or(lockout.id).text();
        let (mut by, mut whom) = (Known::Nothing, Known::Nothing);
        json.object(|json| {
            json.key("activity_id").number(activity);
            if activity == OTHER {
                json.key("activity_name").word(if lockout.locked { "Restrict" } else { "Unrestrict" });
            }
            by = self.operator(json, lockout.by.as_ref());
            category(json, 3, 3001);
            json.key("count").number(lockout.failures);
            json.key("is_alert").boolean(lockout.locked);
            self.metadata(json, &Self::head(id, request, event_code, logged, CONTROL), None);
            policy(json, &lockout.policy);
            json.key("severity_id").number(severity);
            json.key("status_code").word(code);
            json.key("status_detail").phrase(text);
            json.key("status_id").number(1u8);
            json.key("time").number(lockout.at.0);
            json.key("type_uid").number(300_100 + u64::from(activity));
            unmapped(json, |json| {
                self.prev(json);
                json.key("rule").name(&lockout.rule);
                if let Some(until) = lockout.until {
                    json.key("until").number(until.0);
                }
            });
            json.key("user");
            whom = subject(json, &lockout.subject);
        });
        by.and(whom)
    }
}

fn subject(json: &mut Json<'_>, subject: &LockoutSubject) -> Known {
    match subject {
        LockoutSubject::Caller(record) => user(json, record),
        LockoutSubject::Address(address) => {
            json.object(|json| {
                json.key("type").word("Address");
                json.key("type_id").number(99u8);
                json.key("uid").redacted(address);
            });
            Known::Nothing
        }
    }
}

/// Who it was; the class asks for a user where there is none, too.
fn caller(json: &mut Json<'_>, record: Option<&CallerRecord>) -> Known {
    if let Some(record) = record {
        return user(json, record);
    }
    json.object(|json| {
        json.key("type").word("Unknown");
        json.key("type_id").number(0u8);
        json.key("uid").word("unknown");
    });
    Known::Nothing
}

const fn protocol(protocol: Protocol) -> (&'static str, u8) {
    match protocol {
        Protocol::OpenId => ("OpenID", 4),
        Protocol::Saml => ("SAML", 5),
        Protocol::OAuth2 => ("OAUTH 2.0", 6),
        Protocol::Basic => ("Basic Authentication", 11),
        Protocol::ApiKey => ("API key", 99),
        Protocol::Certificate => ("Client certificate", 99),
    }
}

const fn factor(factor: Factor) -> u8 {
    match factor {
        Factor::Otp => 7,
        Factor::WebAuthn => 10,
        Factor::Password => 11,
        Factor::Other => 99,
    }
}
