//! Commands that change something; each says why.

use std::process::ExitCode;

use clap::Args;
use serde_json::{Map, Value, json};

use super::{Reach, outcome};
use crate::telemetry::LogLevel;

/// Shut a caller, an address, a role, a route or everything out, at once and until it is taken back
///
/// Open requests of whom it is about end. The gate's record says who did it and why.
#[derive(Args, Debug)]
#[command(override_usage = "portcullis quarantine <WHOM> --reason <TEXT> <--policy <PATH>|--admin <ADDRESS>>")]
pub struct Quarantine {
    #[command(flatten)]
    whom: AnySubject,
    /// Take it back
    #[arg(long, conflicts_with = "duration")]
    off: bool,
    #[command(flatten)]
    duration: For,
    #[command(flatten)]
    why: Why,
    #[command(flatten)]
    reach: Reach,
}

/// Lock a caller or an address out, for a while or until it is unlocked
#[derive(Args, Debug)]
pub struct Lock {
    #[command(flatten)]
    whom: Subject,
    #[command(flatten)]
    duration: For,
    #[command(flatten)]
    why: Why,
    #[command(flatten)]
    reach: Reach,
}

/// Let a caller or an address in again that was locked out, throttled, or asked for a second factor
#[derive(Args, Debug)]
pub struct Unlock {
    #[command(flatten)]
    whom: Subject,
    #[command(flatten)]
    why: Why,
    #[command(flatten)]
    reach: Reach,
}

/// Have a running gate take up what lies on disk, and wait for what comes of it
#[derive(Args, Debug)]
pub struct Reload {
    #[command(flatten)]
    why: Why,
    #[command(flatten)]
    reach: Reach,
}

/// Take a running gate out of service: not ready, then no new connections, then its end
#[derive(Args, Debug)]
pub struct Drain {
    /// Only say that it is not ready; whoever comes is served
    #[arg(long, conflicts_with = "off")]
    keep_serving: bool,
    /// Be ready again, after --keep-serving
    #[arg(long)]
    off: bool,
    #[command(flatten)]
    why: Why,
    #[command(flatten)]
    reach: Reach,
}

/// Have a running gate's own log say more or less for a while
#[derive(Args, Debug)]
pub struct LogLevelCommand {
    /// How much
    #[arg(value_enum)]
    level: LogLevel,
    #[command(flatten)]
    duration: For,
    #[command(flatten)]
    why: Why,
    #[command(flatten)]
    reach: Reach,
}

#[derive(Args, Debug)]
struct Why {
    /// Why: a ticket, an incident; it stands in the record
    #[arg(long, value_name = "TEXT")]
    reason: String,
}

#[derive(Args, Debug)]
struct For {
    /// How long, such as 15m, 2h or 7d
    #[arg(long = "for", value_name = "DURATION", value_parser = seconds, id = "duration")]
    seconds: Option<u64>,
}

#[derive(Args, Debug)]
#[group(required = true, multiple = false)]
struct Subject {
    /// A caller as the policy spells it, user:alice@seller.example, or by its pseudonym in records
    #[arg(long, value_name = "CALLER")]
    caller: Option<String>,
    /// A client's address
    #[arg(long, value_name = "IP")]
    address: Option<String>,
}

#[derive(Args, Debug)]
#[group(required = true, multiple = false)]
struct AnySubject {
    /// A caller as the policy spells it, user:alice@seller.example, or by its pseudonym in records
    #[arg(long, value_name = "CALLER")]
    caller: Option<String>,
    /// A client's address
    #[arg(long, value_name = "IP")]
    address: Option<String>,
    /// Whoever a role lets through
    #[arg(long, value_name = "NAME")]
    role: Option<String>,
    /// A route
    #[arg(long, value_name = "NAME")]
    route: Option<String>,
    /// Everything
    #[arg(long)]
    everything: bool,
}

/// `15m` in seconds.
fn seconds(text: &str) -> Result<u64, String> {
    let wanted = || "a whole number and one of s, m, h, d: 15m".to_owned();
    let unit = text.chars().last().and_then(|unit| match unit {
        's' => Some(1),
        'm' => Some(60),
        'h' => Some(3600),
        'd' => Some(86_400),
        _ => None,
    });
    let unit: u64 = unit.ok_or_else(wanted)?;
    let count: u64 = text[..text.len() - 1].parse().map_err(|_| wanted())?;
    count.checked_mul(unit).filter(|seconds| *seconds > 0).ok_or_else(wanted)
}

/// A body of the members that are there.
fn body<const N: usize>(members: [(&str, Value); N]) -> Map<String, Value> {
    let there = members.into_iter().filter(|(_, value)| !value.is_null() && *value != json!(false));
    there.map(|(name, value)| (name.to_owned(), value)).collect()
}

impl Quarantine {
    /// Runs the command.
    pub fn run(self) -> ExitCode {
        let AnySubject { caller, address, role, route, everything } = self.whom;
        let members = [
            ("caller", json!(caller)),
            ("address", json!(address)),
            ("role", json!(role)),
            ("route", json!(route)),
            ("everything", json!(everything)),
            ("for", json!(self.duration.seconds)),
            ("reason", json!(self.why.reason)),
        ];
        let path = if self.off { "/v1/release" } else { "/v1/quarantine" };
        self.reach.call(path, Some(body(members)), outcome)
    }
}

impl Lock {
    /// Runs the command.
    pub fn run(self) -> ExitCode {
        let Subject { caller, address } = self.whom;
        let members = [
            ("caller", json!(caller)),
            ("address", json!(address)),
            ("for", json!(self.duration.seconds)),
            ("reason", json!(self.why.reason)),
        ];
        self.reach.call("/v1/lock", Some(body(members)), outcome)
    }
}

impl Unlock {
    /// Runs the command.
    pub fn run(self) -> ExitCode {
        let Subject { caller, address } = self.whom;
        let members = [("caller", json!(caller)), ("address", json!(address)), ("reason", json!(self.why.reason))];
        self.reach.call("/v1/unlock", Some(body(members)), outcome)
    }
}

impl Reload {
    /// Runs the command.
    pub fn run(self) -> ExitCode {
        let members = [("reason", json!(self.why.reason))];
        self.reach.call("/v1/reload", Some(body(members)), |reply| {
            let generation = &reply.body["policy"]["generation"];
            let (text, digest) = (reply.text("/reload/text"), reply.text("/policy/digest"));
            format!("{text} Policy {digest}, generation {generation}. Record {}.\n", reply.text("/record"))
        })
    }
}

impl Drain {
    /// Runs the command.
    pub fn run(self) -> ExitCode {
        let members = [("keep_serving", json!(self.keep_serving)), ("reason", json!(self.why.reason))];
        let path = if self.off { "/v1/undrain" } else { "/v1/drain" };
        self.reach.call(path, Some(body(members)), outcome)
    }
}

impl LogLevelCommand {
    /// Runs the command.
    pub fn run(self) -> ExitCode {
        let members = [
            ("level", json!(self.level.word())),
            ("for", json!(self.duration.seconds)),
            ("reason", json!(self.why.reason)),
        ];
        self.reach.call("/v1/log-level", Some(body(members)), |reply| {
            let seconds = &reply.body["for_seconds"];
            format!("{} for {seconds} s, then as before. Record {}.\n", reply.text("/level"), reply.text("/record"))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_whole_and_have_a_unit() {
        assert_eq!(seconds("15m"), Ok(900));
        assert_eq!(seconds("7d"), Ok(604_800));
        for bad in ["", "m", "15", "0s", "-1s", "1.5h", "15 m", "é", "99999999999999999999d"] {
            assert!(seconds(bad).is_err(), "{bad}");
        }
    }
}
