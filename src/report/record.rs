//! One line of the trail, read back: the members of a record that say what was asked and what became of it. Records are
//! ours (OCSF 1.5.0, class 4002), but may have gone through a SIEM: members may stand in any order, with further ones
//! between them.

mod line;

pub(super) use line::Line;

use line::{Ours, Text};

use crate::policy::decide::Reason;

/// A request of the past.
#[derive(Debug)]
pub struct Past<'a> {
    /// `metadata.uid`
    pub uid: &'a str,
    /// When it came, in Unix milliseconds.
    pub time: u64,
    /// The method, if it is one that the gate knows.
    pub method: Option<&'a str>,
    /// Name and template of the route that was found.
    pub route: Option<(&'a str, &'a str)>,
    /// Who called; `None` for nobody in particular.
    pub caller: Option<PastCaller<'a>>,
    /// The client's address, if the record shows it whole.
    pub address: Option<&'a str>,
    /// The limit that refused, or would have.
    pub limit: Option<&'a str>,
    /// Digest of the policy that was in force.
    pub policy: &'a str,
    /// The code of the refusal that shadow mode let pass, the policy's or another.
    pub shadow: Option<&'a str>,
    /// What became of it.
    pub outcome: Outcome<'a>,
}

/// A caller of the past.
#[derive(Debug)]
pub struct PastCaller<'a> {
    /// As the record shows it: a pseudonym, an id or `hidden`.
    pub uid: &'a str,
    /// Roles that it had.
    pub roles: Vec<&'a str>,
    /// Groups that it was in and that the policy of then knew.
    pub groups: Vec<&'a str>,
    /// Whether it had shown a second factor.
    pub is_mfa: bool,
    /// How old that was, in seconds.
    pub mfa_age: Option<u64>,
}

/// A request of the past, as detectors saw it at its end.
#[derive(Debug)]
pub struct Sighted<'a> {
    /// The request's id.
    pub uid: &'a str,
    /// When it came, in Unix milliseconds.
    pub started: u64,
    /// When it ended.
    pub ended: u64,
    /// The caller as the record shows it.
    pub caller: Option<&'a str>,
    /// The client's address, as the record shows it.
    pub address: Option<&'a str>,
    /// What proved the caller.
    pub credential: Option<&'a str>,
    /// The issuer of the token that was shown, where the policy of then counted by issuer.
    pub issuer: Option<&'a str>,
    /// The role that let it through.
    pub role: Option<&'a str>,
    /// The route that was found.
    pub route: Option<&'a str>,
    /// `firewall_rule.category` of what became of it, or would have without shadow mode.
    pub category: &'a str,
    /// `status_code` of the same.
    pub code: &'a str,
    /// Whether shadow mode let it through.
    pub passed: bool,
    /// The answer's status.
    pub status: u16,
    /// Bytes of the answer.
    pub bytes: u64,
    /// Records in it.
    pub records: u64,
    /// Name, keyed hash and the next one's of values that were watched.
    pub watched: Vec<(&'a str, u64, u64)>,
}

/// What the policy of then said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome<'a> {
    /// It let the request through, whatever became of it then.
    Passed,
    /// It would have refused, and shadow mode let the request through: the code.
    Shadowed(&'a str),
    /// It refused: the code.
    Refused(&'a str),
    /// It was not asked: the request was refused for its form, or its credential proved nobody. The code.
    NotAsked(&'a str),
}

impl Line<'_> {
    /// Whether the gate wrote it.
    pub fn is_ours(&self) -> bool {
        &*self.metadata.log_provider.0 == "portcullis"
    }

    /// The request that it tells of; `None` for every other event, and for the second record of a request.
    pub fn request(&self) -> Option<Past<'_>> {
        let code = &*self.metadata.event_code.0;
        if self.class_uid != 4002 || matches!(code, "HTTP.END" | "HTTP.ABORTED") {
            return None;
        }
        // A connection without a request has an id for one, and no more.
        let asked = self.http_request.as_ref()?;
        if self.activity_name.as_ref().is_some_and(|name| &*name.0 == "Connection") {
            return None;
        }
        let rule = self.firewall_rule.as_ref();
        let ours = self.unmapped.as_ref().and_then(|unmapped| unmapped.portcullis.as_ref());
        let name = rule.and_then(|rule| rule.name.as_deref());
        let path = asked.url.as_ref().and_then(|url| url.path.as_deref());
        let patch = || self.activity_name.as_deref().filter(|name| *name == "Patch").map(|_| "PATCH");
        Some(Past {
            uid: &self.metadata.uid.0,
            time: self.time,
            method: asked.http_method.as_deref().or_else(patch),
            route: name.zip(path),
            caller: self.caller(ours),
            address: self.src_endpoint.as_ref().and_then(|source| source.ip.as_deref()),
            limit: ours.and_then(|ours| ours.limit.as_deref()),
            policy: self.policy.as_ref().map_or("", |policy| &policy.uid.0),
            shadow: ours.and_then(|ours| ours.shadow.as_ref()).map(|shadow| &*shadow.status_code.0),
            outcome: self.outcome(rule.map_or("", |rule| &rule.category.0), ours),
        })
    }

    /// The end of a request, as detectors saw it; `None` for a decision whose end has a record of its own, and for every
    /// other event.
    pub fn sighted(&self) -> Option<Sighted<'_>> {
        if self.class_uid != 4002 || &*self.metadata.event_code.0 == "HTTP.ABORTED" || self.http_request.is_none() {
            return None;
        }
        let ours = self.unmapped.as_ref().and_then(|unmapped| unmapped.portcullis.as_ref());
        let is_connection = self.activity_name.as_ref().is_some_and(|name| &*name.0 == "Connection");
        if is_connection || ours.and_then(|ours| ours.stage.as_deref()).is_some_and(|stage| stage == "decided") {
            return None;
        }
        let rule = self.firewall_rule.as_ref();
        let shadow = ours.and_then(|ours| ours.shadow.as_ref());
        let own = (rule.map_or("", |rule| &*rule.category.0), self.status_code.as_deref().unwrap_or(""));
        let (category, code) = shadow.map_or(own, |shadow| (&*shadow.category.0, &*shadow.status_code.0));
        let source = self.src_endpoint.as_ref();
        let keyed = |text: &Text<'_>| u64::from_str_radix(text.strip_prefix('h')?, 16).ok();
        let watched = ours.into_iter().flat_map(|ours| &ours.watched).filter_map(|seen| {
            Some((&*seen.name.0, keyed(&seen.value)?, seen.next.as_ref().and_then(keyed).unwrap_or(0)))
        });
        Some(Sighted {
            uid: &self.metadata.correlation_uid.0,
            started: self.time,
            ended: self.end_time.unwrap_or(self.time),
            caller: self.actor.as_ref().and_then(|actor| actor.user.as_ref()).map(|user| &*user.uid.0),
            address: source.and_then(|source| source.ip.as_deref().or(source.uid.as_deref())),
            credential: ours.and_then(|ours| ours.credential.as_ref()?.id.as_deref()),
            issuer: ours.and_then(|ours| ours.issuer.as_deref()),
            role: self.authorizations.first().and_then(|first| first.policy.as_ref()?.name.as_deref()),
            route: rule.and_then(|rule| rule.name.as_deref()),
            category,
            code,
            passed: shadow.is_some(),
            status: self.http_response.as_ref().map_or(0, |answer| answer.code),
            bytes: self.traffic.as_ref().map_or(0, |traffic| traffic.bytes_out),
            records: ours.map_or(0, |ours| ours.records),
            watched: watched.collect(),
        })
    }

    fn caller<'l>(&'l self, ours: Option<&'l Ours<'_>>) -> Option<PastCaller<'l>> {
        let actor = self.actor.as_ref()?;
        let standing = ours.and_then(|ours| ours.caller.as_ref());
        let texts = |texts: &'l [Text<'_>]| texts.iter().map(|text| &*text.0).collect();
        Some(PastCaller {
            uid: actor.user.as_ref().map_or("", |user| &user.uid.0),
            roles: standing.map(|standing| texts(&standing.roles)).unwrap_or_default(),
            groups: standing.map(|standing| texts(&standing.groups)).unwrap_or_default(),
            is_mfa: actor.session.as_ref().is_some_and(|session| session.is_mfa),
            mfa_age: standing.and_then(|standing| standing.mfa_age_seconds),
        })
    }

    fn outcome<'l>(&'l self, category: &str, ours: Option<&'l Ours<'_>>) -> Outcome<'l> {
        let code = self.status_code.as_deref().unwrap_or("");
        let is_policy = |code: &str| Reason::ALL.iter().any(|reason| reason.code() == code);
        if is_policy(code) {
            return Outcome::Refused(code);
        }
        if matches!(category, "authn" | "protocol" | "lockout") {
            return Outcome::NotAsked(code);
        }
        match ours.and_then(|ours| ours.shadow.as_ref()).map(|shadow| &*shadow.status_code.0) {
            Some(code) if is_policy(code) => Outcome::Shadowed(code),
            _ => Outcome::Passed,
        }
    }
}

#[cfg(test)]
mod tests;
