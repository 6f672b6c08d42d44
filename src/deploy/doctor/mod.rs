//! What is wrong with the machine that a policy is to run on, and what to do: every check once, in a fixed order, each
//! with an answer. Nothing here is needed to serve, and nothing is changed.

mod certificates;
mod clock;
mod disk;
mod files;
mod network;
mod system;

use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;

use rustls::crypto::CryptoProvider;
use serde_json::{Value, json};

use crate::clock::Clock;
use crate::policy::Policy;

/// How a thing stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// As it should be.
    Well,
    /// It could not be found out here.
    Unknown,
    /// It is not as it should be.
    Wrong,
}

impl State {
    const fn word(self) -> &'static str {
        match self {
            Self::Well => "ok",
            Self::Unknown => "unknown",
            Self::Wrong => "wrong",
        }
    }
}

/// What came of one check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What was looked at: a stable word.
    pub check: &'static str,
    /// How it stands.
    pub state: State,
    /// In words.
    pub what: String,
    /// What to do, unless all is well.
    pub advice: Option<String>,
}

impl Finding {
    fn well(check: &'static str, what: impl Into<String>) -> Self {
        Self { check, state: State::Well, what: what.into(), advice: None }
    }

    fn unknown(check: &'static str, what: impl Into<String>, advice: impl Into<String>) -> Self {
        Self { check, state: State::Unknown, what: what.into(), advice: Some(advice.into()) }
    }

    fn wrong(check: &'static str, what: impl Into<String>, advice: impl Into<String>) -> Self {
        Self { check, state: State::Wrong, what: what.into(), advice: Some(advice.into()) }
    }
}

/// Looks at everything.
pub fn examine(policy: &Policy, path: &Path, clock: &Clock) -> Vec<Finding> {
    let provider: Arc<CryptoProvider> = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let mut findings = clock::look(policy, clock);
    findings.extend(files::look(policy, path));
    findings.extend(certificates::look(policy, &provider, clock));
    findings.extend(disk::look(policy));
    findings.extend(system::look(policy));
    findings.extend(network::look(policy, &provider, clock));
    findings
}

/// For people.
pub fn text(findings: &[Finding]) -> String {
    let mut text = String::new();
    for Finding { check, state, what, advice } in findings {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{:<8}{check:<14}{what}", state.word());
        if let Some(advice) = advice {
            let _ = writeln!(text, "{:22}-> {advice}", "");
        }
    }
    let wrong = findings.iter().filter(|finding| finding.state == State::Wrong).count();
    let _ = match wrong {
        0 => writeln!(text, "nothing is wrong"),
        1 => writeln!(text, "1 thing is wrong"),
        wrong => writeln!(text, "{wrong} things are wrong"),
    };
    text
}

/// For machines.
pub fn json(findings: &[Finding]) -> String {
    let one = |finding: &Finding| {
        json!({
            "check": finding.check,
            "state": finding.state.word(),
            "what": finding.what,
            "advice": finding.advice,
        })
    };
    format!("{:#}\n", Value::Array(findings.iter().map(one).collect()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_and_machines_are_told_the_same() {
        let findings = [
            Finding::well("disk", "12 GiB are free"),
            Finding::wrong("modes", "certs/gate.key can be read by others", "chmod 600 certs/gate.key"),
            Finding::unknown("clock", "nobody says", "run an NTP client"),
        ];
        assert_eq!(
            text(&findings),
            "ok      disk          12 GiB are free\n\
             wrong   modes         certs/gate.key can be read by others\n                      \
             -> chmod 600 certs/gate.key\n\
             unknown clock         nobody says\n                      -> run an NTP client\n1 thing is wrong\n"
        );
        let parsed: Value = serde_json::from_str(&json(&findings)).expect("JSON");
        assert_eq!(parsed[1]["state"], "wrong");
        assert_eq!(parsed[0]["advice"], Value::Null);
    }
}
