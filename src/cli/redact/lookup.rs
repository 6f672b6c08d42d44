//! `portcullis redact lookup`: which pseudonyms stand for a datum, so that support can search logs that do not hold it.
//! Who asks is recorded first, where the policy records everything else; without a place for that there is no answer.

use std::fs;
use std::io::{self, Read as _, Write as _};
use std::net::IpAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use clap::Args;

use super::Complaint;
use crate::app;
use crate::audit::{Event, Lookup as Asked, PolicyRecord, Producer, RequestId, Trail};
use crate::cli::files;
use crate::clock::Clock;
use crate::policy::settings::{AuditSettings, Mode, SinkSettings};
use crate::policy::{LoadOptions, Policy, load};
use crate::redact::engine::{Engine, Options};
use crate::redact::{self, Kind, Name};

/// Longest value, in bytes: what a pseudonym's canonical form takes into account.
const MAX_VALUE: usize = 512;
/// How long the record may take to reach the sinks.
const PATIENCE: Duration = Duration::from_secs(10);
/// Longest list of users that is searched for a name.
const MAX_USERS: u64 = 1024 * 1024;

/// Print the pseudonyms of one person's datum under every key, and record that somebody asked.
///
/// One pseudonym in each line, the key in force first: `portcullis redact lookup … | grep -F -f - app.log`. The record
/// holds who asked, why, and the pseudonym, not the datum. Give `-` as the value to have it read from standard input,
/// which other users of the machine cannot see.
#[derive(Args, Debug)]
#[command(override_usage = "portcullis redact lookup --policy <PATH> --reason <TEXT> --<KIND> <VALUE>")]
pub(super) struct Lookup {
    /// The policy whose keys made the pseudonyms and whose sinks take the record
    #[arg(long, value_name = "PATH")]
    policy: PathBuf,
    /// Why you ask: a ticket, a request by the person concerned
    #[arg(long, value_name = "TEXT")]
    reason: String,
    #[command(flatten)]
    datum: Datum,
}

/// What is looked for.
#[derive(Args, Debug)]
#[group(required = true, multiple = false)]
struct Datum {
    /// An e-mail address
    #[arg(long, value_name = "VALUE")]
    email: Option<String>,
    /// A telephone number
    #[arg(long, value_name = "VALUE", allow_hyphen_values = true)]
    phone: Option<String>,
    /// A person's name, as it was written
    #[arg(long, value_name = "VALUE")]
    name: Option<String>,
    /// An Internet address
    #[arg(long, value_name = "VALUE")]
    address: Option<String>,
    /// A caller's id, such as `user:alice` or `key:sync`
    #[arg(long, value_name = "VALUE")]
    caller: Option<String>,
}

impl Lookup {
    /// Runs the command. 0 with the pseudonyms, 1 if there is no key, no place for the record, or no answer else.
    pub(super) fn run(self) -> ExitCode {
        match self.answer() {
            Ok(()) => ExitCode::SUCCESS,
            Err(complaint) => {
                // Nobody may be reading.
                let _ = writeln!(io::stderr(), "portcullis: {complaint}");
                ExitCode::FAILURE
            }
        }
    }

    fn answer(self) -> Result<(), Complaint> {
        let loaded = load(&self.policy, &LoadOptions::check()).map_err(|faults| faults.render(false))?;
        let policy = loaded.policy;
        let clock = Clock::system();
        let redactor = Arc::new(app::redactor(&policy.redaction, &clock).map_err(|fault| fault.to_string())?);
        let engine = Engine::new(Arc::clone(&redactor), Options::default());
        let reason = redact::reason(&engine, &self.reason).map_err(|fault| format!("the reason {fault}"))?;
        let (kind, value) = self.datum.read()?;
        let tokens: Vec<_> = redactor.tokens(kind, &value).map(|(_, token)| token).collect();
        let Some(first) = tokens.first() else {
            return Err("the policy has no `redaction.key`: its logs hold markers, not pseudonyms".to_owned());
        };
        let uid = rustix::process::getuid().as_raw();
        let asked = Asked {
            id: RequestId::new(clock.wall()),
            at: clock.wall(),
            kind: kind.word(),
            token: first.clone(),
            user: user_name(uid),
            uid,
            login_uid: login_uid(),
            reason,
        };
        record(&policy, clock, asked)?;
        let lines: Vec<&str> = tokens.iter().map(redact::Redacted::as_str).collect();
        files::say(&lines.join("\n")).map_err(|fault| fault.to_string())
    }
}

impl Datum {
    fn read(self) -> Result<(Kind, String), Complaint> {
        let given = [
            (Kind::Email, self.email),
            (Kind::Phone, self.phone),
            (Kind::Name, self.name),
            (Kind::Address, self.address),
            (Kind::Caller, self.caller),
        ];
        let found = given.into_iter().find_map(|(kind, value)| Some((kind, value?)));
        // The command line demands one of them.
        let Some((kind, value)) = found else { return Err("nothing to look up".to_owned()) };
        let value = if value == "-" { from_input()? } else { value };
        let value = value.trim().to_owned();
        if value.is_empty() || value.len() > MAX_VALUE {
            return Err(format!("the value is empty or longer than {MAX_VALUE} bytes"));
        }
        // A typing mistake gives a pseudonym like any other, and nobody would notice.
        let fits = match kind {
            Kind::Email => value.contains('@'),
            Kind::Phone => value.bytes().filter(u8::is_ascii_digit).count() >= 5,
            Kind::Address => value.parse::<IpAddr>().is_ok(),
            Kind::Caller => value.contains(':'),
            _ => true,
        };
        if fits { Ok((kind, value)) } else { Err(format!("this is no {}", described(kind))) }
    }
}

const fn described(kind: Kind) -> &'static str {
    match kind {
        Kind::Email => "e-mail address",
        Kind::Phone => "telephone number",
        Kind::Address => "Internet address",
        Kind::Caller => "caller's id such as `user:alice`",
        _ => "value",
    }
}

fn from_input() -> Result<String, Complaint> {
    let mut bytes = Vec::new();
    let read = io::stdin().lock().take(MAX_VALUE as u64 + 3).read_to_end(&mut bytes);
    read.map_err(|error| format!("standard input cannot be read: {error}"))?;
    String::from_utf8(bytes).map_err(|_| "standard input is not UTF-8 text".to_owned())
}

/// Writes the record and waits until it is where the policy wants it.
fn record(policy: &Policy, clock: Clock, asked: Asked) -> Result<(), Complaint> {
    let kept = match &policy.audit {
        AuditSettings::Off => false,
        AuditSettings::On(trail) => trail.sinks.iter().any(keeps),
    };
    if !kept {
        return Err("a lookup is recorded, and this policy's `audit.sinks` has no place that keeps records; standard \
                    output is this command's answer. Add a `file` sink"
            .to_owned());
    }
    let producer = Producer {
        instance: app::instance(),
        epoch: RequestId::new(clock.wall()),
        policy: Arc::new(PolicyRecord { digest: policy.digest.clone(), enforced: policy.mode == Mode::Enforce }),
    };
    let settings = without_stdout(&policy.audit);
    let trail =
        Trail::start(&settings, clock, producer).map_err(|fault| format!("not recorded, so no answer: {fault}"))?;
    let taken = trail.record(Event::Lookup(Box::new(asked)));
    let closed = trail.close(PATIENCE);
    if taken && closed.lost == 0 {
        Ok(())
    } else {
        Err("the record could not be written, so there is no answer".to_owned())
    }
}

/// Whether a sink keeps what this command writes: standard output is its answer, and the network is reached from the
/// spool alone.
const fn keeps(sink: &SinkSettings) -> bool {
    matches!(sink, SinkSettings::File(_) | SinkSettings::Rotated(..))
}

/// The sinks without standard output, where the answer goes, and without the spool, which the gate holds.
fn without_stdout(audit: &AuditSettings) -> AuditSettings {
    match audit {
        AuditSettings::Off => AuditSettings::Off,
        AuditSettings::On(trail) => {
            AuditSettings::sinks(trail.sinks.iter().filter(|sink| keeps(sink)).cloned().collect())
        }
    }
}

/// The name of a user of this machine.
fn user_name(uid: u32) -> Option<Name> {
    let mut users = String::new();
    fs::File::open("/etc/passwd").ok()?.take(MAX_USERS).read_to_string(&mut users).ok()?;
    let line = users.lines().find(|line| line.split(':').nth(2).and_then(|text| text.parse().ok()) == Some(uid))?;
    Name::configured(line.split(':').next()?).ok()
}

/// Who logged in, as the kernel's audit keeps it through `su` and `sudo`.
fn login_uid() -> Option<u32> {
    let text = fs::read_to_string("/proc/self/loginuid").ok()?;
    text.trim().parse().ok().filter(|&uid| uid != u32::MAX)
}
