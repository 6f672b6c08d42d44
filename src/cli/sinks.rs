//! `portcullis sinks`: how far the sinks on the network have come, and delivering again.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;
use std::thread;
use std::time::Duration;

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::files;
use super::format::Format;
use crate::app;
use crate::clock::Clock;
use crate::delivery::{Offline, Standing};
use crate::policy::settings::NetworkSink;
use crate::policy::{LoadOptions, Policy, load};
use crate::redact::Name;

/// How often, and how long in between, a gate that runs is given to take up a request.
const LOOKS: (u32, Duration) = (50, Duration::from_millis(100));

/// Look after the sinks on the network: how far they have come, and delivering again
#[derive(Args)]
pub struct Sinks {
    #[command(subcommand)]
    command: SinksCommand,
}

#[derive(Subcommand)]
enum SinksCommand {
    /// Show how far each sink has come; 1 if one of them lacks records
    Status(Status),
    /// Deliver records again, from one on: the gate that runs takes it up, or the next one that starts
    Replay(Replay),
}

#[derive(Args)]
struct Status {
    #[command(flatten)]
    place: Place,
    /// How to print the answer
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

#[derive(Args)]
struct Replay {
    #[command(flatten)]
    place: Place,
    /// The sink, by its name
    #[arg(long, value_name = "NAME")]
    sink: String,
    /// The first record to deliver again: its `metadata.sequence`
    #[arg(long, value_name = "SEQ", value_parser = clap::value_parser!(u64).range(1..))]
    from: u64,
    /// The chain, where upgrades left more than one; without it, the one that a gate writes
    #[arg(long, value_name = "CHAIN")]
    chain: Option<String>,
}

#[derive(Args)]
struct Place {
    /// The policy that names the spool and the sinks
    #[arg(long, value_name = "PATH")]
    policy: PathBuf,
}

impl Sinks {
    /// Runs the command. 0 done, 1 the answer is no, 2 it cannot be answered.
    pub fn run(self) -> ExitCode {
        let done = match self.command {
            SinksCommand::Status(status) => status.run(),
            SinksCommand::Replay(replay) => replay.run(),
        };
        done.unwrap_or_else(|complaint| {
            eprintln!("portcullis: {complaint}");
            ExitCode::from(2)
        })
    }
}

impl Place {
    /// The policy, and the chains of this machine's gate as they lie on the disk: its own, and those of earlier ones.
    fn open(&self) -> Result<(Policy, Vec<(Name, Offline)>), String> {
        let loaded = load(&self.policy, &LoadOptions::check()).map_err(|faults| faults.render(false))?;
        let Some(spool) = loaded.policy.audit.spool() else {
            return Err("the policy has no `audit.spool`, and so no sink on the network".to_owned());
        };
        let chains = Offline::look_at_all(spool, &app::instance()).map_err(|fault| fault.to_string())?;
        Ok((loaded.policy, chains))
    }
}

impl Status {
    fn run(&self) -> Result<ExitCode, String> {
        let (policy, chains) = self.place.open()?;
        let now = Clock::system().wall();
        let mut found = Vec::new();
        for (chain, offline) in &chains {
            let standing = |sink| offline.standing(sink, now).map(|standing| (sink, standing));
            let sinks: Vec<_> =
                policy.audit.network().map(standing).collect::<Result<_, _>>().map_err(|fault| fault.to_string())?;
            found.push(Chain { name: chain, runs: offline.is_running(), sinks });
        }
        let page = match self.format {
            Format::Text => text(&found),
            Format::Json => format!("{:#}", object_of(&found)),
        };
        files::say(&page).map_err(|fault| fault.to_string())?;
        let behind = found.iter().flat_map(|chain| &chain.sinks).any(|(_, standing)| standing.lag_records > 0);
        Ok(if behind { ExitCode::FAILURE } else { ExitCode::SUCCESS })
    }
}

/// What is found of a chain.
struct Chain<'c> {
    name: &'c Name,
    /// A gate writes it, or looks after it.
    runs: bool,
    sinks: Vec<(&'c NetworkSink, Standing)>,
}

/// The chain that is looked at if none is named: the first that a gate writes, or the first of all.
fn first<T>(chains: &[T], runs: impl Fn(&T) -> bool) -> Option<&T> {
    chains.iter().find(|chain| runs(chain)).or_else(|| chains.first())
}

/// One chain as ever; where upgrades left others, each under its name.
fn text(chains: &[Chain<'_>]) -> String {
    let mut page = if chains.iter().any(|chain| chain.runs) { "a gate runs" } else { "no gate runs" }.to_owned();
    for chain in chains {
        if chains.len() > 1 {
            // Writing to a String cannot fail.
            let _ = write!(page, "\nchain {}", chain.name);
        }
        sinks(&mut page, &chain.sinks);
    }
    page
}

fn object_of(chains: &[Chain<'_>]) -> Value {
    let list =
        |chain: &Chain<'_>| chain.sinks.iter().map(|(sink, standing)| object(sink, standing)).collect::<Vec<_>>();
    let of = |chain: &Chain<'_>| json!({ "chain": chain.name.as_str(), "running": chain.runs, "sinks": list(chain) });
    let main = first(chains, |chain| chain.runs);
    json!({
        "running": chains.iter().any(|chain| chain.runs),
        "sinks": main.map(list),
        "chains": chains.iter().map(of).collect::<Vec<_>>(),
    })
}

fn sinks(page: &mut String, sinks: &[(&NetworkSink, Standing)]) {
    for (sink, standing) in sinks {
        let (name, kind) = (sink.name.as_str(), sink.kind.word());
        let Standing { saved, lag_records, lag_seconds, asked } = standing;
        // Writing to a String cannot fail.
        let _ = match saved {
            None => write!(page, "\n{name} ({kind})  not begun, lacks {lag_records} records"),
            Some(saved) => write!(
                page,
                "\n{name} ({kind})  {}{}  delivered {}, lacks {lag_records} records, the oldest {lag_seconds} s old; \
                 {} rejected, {} left out",
                saved.state,
                if saved.cause == "-" { String::new() } else { format!(" ({})", saved.cause) },
                saved.next.saturating_sub(1),
                saved.rejected,
                saved.left_out,
            ),
        };
        if let Some(from) = asked {
            let _ = write!(page, "\n  to be delivered again from {from}");
        }
    }
}

fn object(sink: &NetworkSink, standing: &Standing) -> Value {
    let saved = standing.saved.as_ref();
    json!({
        "name": sink.name.as_str(),
        "kind": sink.kind.word(),
        "state": saved.map_or("not begun", |saved| saved.state.as_str()),
        "cause": saved.map(|saved| saved.cause.as_str()).filter(|cause| *cause != "-"),
        "delivered": saved.map_or(0, |saved| saved.next.saturating_sub(1)),
        "lag_records": standing.lag_records,
        "lag_seconds": standing.lag_seconds,
        "rejected": saved.map_or(0, |saved| saved.rejected),
        "left_out": saved.map_or(0, |saved| saved.left_out),
        "replay_from": standing.asked,
        "as_of": saved.map(|saved| saved.at),
    })
}

impl Replay {
    fn run(&self) -> Result<ExitCode, String> {
        let (policy, chains) = self.place.open()?;
        let offline = self.chain(&chains)?;
        let names = || policy.audit.network().map(|sink| sink.name.as_str()).collect::<Vec<_>>().join(", ");
        let Some(sink) = policy.audit.network().find(|sink| sink.name.as_str() == self.sink) else {
            return Err(format!("the policy has no sink of the name {}; it has: {}", self.sink, names()));
        };
        let standing = offline.standing(sink, Clock::system().wall()).map_err(|fault| fault.to_string())?;
        let Some((epoch, next)) = standing.saved.and_then(|saved| Some((saved.epoch?, saved.next))) else {
            return Err(format!("nothing was delivered to {} yet: it gets all there is", self.sink));
        };
        let (first, last) = offline.kept(epoch).unwrap_or((1, 0));
        if self.from < first {
            return Err(format!("record {} is not in the spool any more, which begins with {first}", self.from));
        }
        if self.from >= next || self.from > last {
            let delivered = next.saturating_sub(1);
            return Err(format!("{} has come to record {delivered}; there is nothing to deliver again", self.sink));
        }
        let fault = |fault: std::io::Error| format!("the request cannot be left beside the spool: {fault}");
        offline.places().ask(sink, self.from).map_err(fault)?;
        let records = next - self.from;
        let said = if !offline.is_running() {
            "no gate runs: the next one that starts takes it up"
        } else if self.is_taken_up(offline, sink) {
            "the gate that runs has taken it up"
        } else {
            "the gate that runs has not taken it up yet; it does so when its exchange comes to an end"
        };
        files::say(&format!("{records} records are delivered to {} again, from {}: {said}", self.sink, self.from))
            .map_err(|fault| fault.to_string())?;
        Ok(ExitCode::SUCCESS)
    }

    /// The chain that is meant.
    fn chain<'c>(&self, chains: &'c [(Name, Offline)]) -> Result<&'c Offline, String> {
        let found = match &self.chain {
            Some(named) => chains.iter().find(|(chain, _)| chain.as_str() == named),
            None => first(chains, |(_, offline)| offline.is_running()),
        };
        found.map(|(_, offline)| offline).ok_or_else(|| {
            let names: Vec<_> = chains.iter().map(|(chain, _)| chain.as_str()).collect();
            format!("the spool has no chain of this name; it has: {}", names.join(", "))
        })
    }

    fn is_taken_up(&self, offline: &Offline, sink: &NetworkSink) -> bool {
        (0..LOOKS.0).any(|_| {
            thread::sleep(LOOKS.1);
            !matches!(offline.places().asked(sink), Ok(Some(from)) if from == self.from)
        })
    }
}
