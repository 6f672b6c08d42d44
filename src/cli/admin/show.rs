//! `portcullis status`: how a running gate does.

use std::fmt::Write as _;
use std::process::ExitCode;

use clap::{Args, ValueEnum};
use serde_json::{Map, Value, json};

use super::Reach;
use super::client::Reply;
use crate::cli::replay::moment;

/// Show how a running gate does: what is in force, who is shut out, what is spent, when certificates end
#[derive(Args, Debug)]
pub struct Status {
    /// What to show
    #[arg(value_enum, default_value = "gate")]
    what: What,
    /// Whose limits: user:alice@seller.example, or the pseudonym in records
    #[arg(long, value_name = "CALLER")]
    caller: Option<String>,
    #[command(flatten)]
    reach: Reach,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum What {
    /// The gate as a whole
    Gate,
    /// What is in force, by digests and names
    Policy,
    /// Who may not go on as before
    Sanctions,
    /// Alarms of detectors that are open, and canaries that were seen
    Alarms,
    /// How far the sinks on the network have come
    Sinks,
    /// What is spent of limits, by a caller or by roles and routes
    Limits,
}

impl Status {
    /// Runs the command.
    pub fn run(self) -> ExitCode {
        match self.what {
            What::Gate => self.reach.call("/v1/status", None, gate),
            What::Policy => self.reach.call("/v1/policy", None, policy),
            What::Sanctions => self.reach.call("/v1/sanctions", None, sanctions),
            What::Alarms => self.reach.call("/v1/alarms", None, alarms),
            What::Sinks => self.reach.call("/v1/sinks", None, sinks),
            What::Limits => {
                let caller = self.caller.map(|caller| ("caller".to_owned(), json!(caller)));
                self.reach.call("/v1/limits", Some(caller.into_iter().collect::<Map<_, _>>()), limits)
            }
        }
    }
}

fn shown(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => "-".to_owned(),
        other => other.to_string(),
    }
}

fn yes(value: &Value, yes: &'static str, no: &'static str) -> &'static str {
    if value.as_bool() == Some(true) { yes } else { no }
}

fn items(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn duration(seconds: u64) -> String {
    let (days, hours, minutes) = (seconds / 86_400, seconds / 3600 % 24, seconds / 60 % 60);
    match (days, hours, minutes) {
        (0, 0, 0) => format!("{seconds}s"),
        (0, 0, minutes) => format!("{minutes}m {}s", seconds % 60),
        (0, hours, minutes) => format!("{hours}h {minutes}m"),
        (days, hours, _) => format!("{days}d {hours}h"),
    }
}

// Writing to a String cannot fail: what `write!` gives is passed over below.

fn gate(reply: &Reply) -> String {
    let body = &reply.body;
    let mut page = String::new();
    let mut line = |name: &str, text: String| {
        let _ = writeln!(page, "{name:<13}{text}");
    };
    let uptime = body["uptime_seconds"].as_u64().unwrap_or_default();
    line("version", format!("{}, up {}", reply.text("/version"), duration(uptime)));
    line("stage", format!("{}, {}", reply.text("/stage"), yes(&body["ready"], "ready", "not ready")));
    let policy = &body["policy"];
    line(
        "policy",
        format!("{}, generation {}, {}", shown(&policy["digest"]), policy["generation"], shown(&policy["mode"])),
    );
    let reloads = &body["reloads"];
    let last = &reloads["last"];
    let when = last["at"].as_u64().map_or_else(
        || "none yet".to_owned(),
        |at| format!("last {} by {}: {}", moment(at), shown(&last["author"]), shown(&last["text"])),
    );
    line(
        "reloads",
        format!(
            "{} in force, {} refused, {} taken back; {when}",
            reloads["changed"], reloads["refused"], reloads["taken_back"]
        ),
    );
    line("workers", format!("{}, {} stuck", body["workers"]["count"], body["workers"]["stuck"]));
    line("connections", format!("{} of {}", body["connections"]["open"], body["connections"]["most"]));
    let requests = &body["requests"];
    line(
        "requests",
        format!("{}, {} refused, {} errors", requests["answered"], requests["refused"], requests["errors"]),
    );
    let trail = &body["trail"];
    let kept = match (trail["on"].as_bool(), trail["spooled"].as_bool()) {
        (Some(false), _) => "off".to_owned(),
        (_, Some(true)) => format!("durable up to {}", trail["durable"]),
        _ => "without a spool".to_owned(),
    };
    line("trail", format!("{}, {kept}", yes(&trail["healthy"], "healthy", "NOT HEALTHY")));
    let sanctions = &body["sanctions"];
    line(
        "sanctions",
        format!(
            "{} quarantined, {} locked, {} throttled, {} asked for a second factor",
            sanctions["quarantine"], sanctions["lock"], sanctions["throttle"], sanctions["require_mfa"]
        ),
    );
    for (name, text) in rooms(body).into_iter().chain(ends(body)) {
        line(name, text);
    }
    line("log level", reply.text("/log_level").to_owned());
    page
}

/// Certificates and issuers.
fn ends(body: &Value) -> Vec<(&'static str, String)> {
    let certificates = items(&body["certificates"]).map(|end| {
        let left = end["seconds_left"].as_u64().unwrap_or_default();
        let text = if end["ended"] == true { "ENDED".to_owned() } else { format!("ends in {}", duration(left)) };
        ("certificate", format!("{text}: {} ({})", shown(&end["key"]), shown(&end["file"])))
    });
    let issuers = items(&body["issuers"]).map(|issuer| {
        let state = yes(&issuer["usable"], "usable", "NOT USABLE");
        ("issuer", format!("{}: {state}, {} failures", shown(&issuer["issuer"]), issuer["failures"]))
    });
    certificates.chain(issuers).collect()
}

/// Sinks, alarms, shared state, sandbox and side door: a line for each that there is.
fn rooms(body: &Value) -> Vec<(&'static str, String)> {
    let mut lines: Vec<_> = items(&body["sinks"]).map(|of| ("sink", sink(of))).collect();
    let alarms = &body["alarms"];
    let due = alarms["first_due"].as_u64().map_or_else(String::new, |due| format!(", the first due {}", moment(due)));
    lines.push(("alarms", format!("{} open, {} incidents{due}", alarms["open"], alarms["incidents"])));
    let lost = alarms["detectors"]["lost"].as_u64().unwrap_or_default();
    if lost > 0 {
        lines.push(("detectors", format!("BLIND: {lost} requests were not looked at")));
    }
    if body["shared"].is_object() {
        let shared = &body["shared"];
        let state = yes(&shared["linked"], "linked", "NOT LINKED, each replica keeps its own share");
        lines.push(("shared state", format!("{state}; {} replicas", shared["replicas"])));
    }
    let sandbox = &body["sandbox"];
    let held = |held: bool| {
        let parts = sandbox["enforced"].as_object().into_iter().flatten();
        parts.filter(|(_, is)| **is == held).map(|(part, _)| part.as_str()).collect::<Vec<_>>().join(", ")
    };
    let text = match (held(true), held(false)) {
        (held, _) if held.is_empty() => "NOT IN FORCE".to_owned(),
        (held, lacks) if lacks.is_empty() => held,
        (held, lacks) => format!("{held}; not {lacks}"),
    };
    lines.push(("sandbox", format!("{}: {text}", shown(&sandbox["wanted"]))));
    let doors = &body["side_door"];
    let looked = doors["looked"].as_u64();
    let found: Vec<_> =
        items(&doors["found"]).map(|door| ("side door", format!("OPEN: {}", shown(&door["what"])))).collect();
    match looked {
        None => {
            lines.push(("side door", yes(&json!(doors["wanted"] == "off"), "off", "not looked for yet").to_owned()));
        }
        Some(_) if found.is_empty() => lines.push(("side door", "none found".to_owned())),
        Some(_) => lines.extend(found),
    }
    lines
}

fn sink(of: &Value) -> String {
    let cause = of["cause"].as_str().map_or_else(String::new, |cause| format!(" ({cause})"));
    format!(
        "{} ({})  {}{cause}  delivered {}, lacks {} records, the oldest {} s old; {} rejected, {} left out, {} undelivered",
        shown(&of["name"]),
        shown(&of["kind"]),
        shown(&of["state"]),
        of["delivered"],
        of["lag_records"],
        of["lag_seconds"],
        of["rejected"],
        of["left_out"],
        of["undelivered"],
    )
}

fn sinks(reply: &Reply) -> String {
    let page: String = items(&reply.body["sinks"]).map(|of| sink(of) + "\n").collect();
    if page.is_empty() { "the policy has no sink on the network\n".to_owned() } else { page }
}

fn alarms(reply: &Reply) -> String {
    let mut page = String::new();
    for alarm in items(&reply.body["alarms"]) {
        let since = moment(alarm["since"].as_u64().unwrap_or_default());
        let who = ["caller", "address", "route"]
            .into_iter()
            .filter_map(|key| Some(format!("  {key} {}", alarm[key].as_str()?)));
        let who: String = who.collect();
        let due = alarm["due"].as_u64().map_or_else(String::new, |due| format!("  INCIDENT, due {}", moment(due)));
        let actions: Vec<_> = items(&alarm["actions"]).map(shown).collect();
        let then = match (alarm["mode"].as_str(), actions.is_empty()) {
            (Some("shadow"), _) => "  in shadow".to_owned(),
            (_, true) => String::new(),
            (_, false) => format!("  then {}", actions.join(", ")),
        };
        let signs: Vec<_> = items(&alarm["signs"]).map(shown).collect();
        let signs = if signs.is_empty() { String::new() } else { format!("  new: {}", signs.join(", ")) };
        let over = if alarm["state"] == "closed" { "  closed" } else { "" };
        let _ = writeln!(
            page,
            "{}  {}{over}  since {since}  {} requests, {} where {} are allowed{signs}{who}{then}{due}",
            shown(&alarm["rule"]),
            shown(&alarm["behaviour"]),
            alarm["requests"],
            alarm["observed"],
            alarm["allowed"],
        );
    }
    if page.is_empty() {
        page.push_str("no alarm is open\n");
    }
    for (rule, hits) in reply.body["canaries"].as_object().into_iter().flatten() {
        let _ = writeln!(page, "canaries of {rule}: seen {hits} times since the start");
    }
    let lost = reply.body["detectors"]["lost"].as_u64().unwrap_or_default();
    if lost > 0 {
        let _ = writeln!(page, "detectors are blind: {lost} requests were not looked at since the start");
    }
    page
}

fn policy(reply: &Reply) -> String {
    let body = &reply.body;
    let mut page =
        format!("policy {}, generation {}, {}\n", reply.text("/digest"), body["generation"], reply.text("/mode"));
    for role in items(&body["roles"]) {
        let rights: Vec<_> = items(&role["admin"]).map(shown).collect();
        let rights = if rights.is_empty() { String::new() } else { format!(": {}", rights.join(", ")) };
        let _ = writeln!(page, "role   {}{rights}", shown(&role["name"]));
    }
    for route in items(&body["routes"]) {
        let _ =
            writeln!(page, "route  {}  {}  {}", shown(&route["name"]), shown(&route["path"]), shown(&route["mode"]));
    }
    for limit in items(&body["limits"]) {
        let _ =
            writeln!(page, "limit  {}  per {}  {}", shown(&limit["name"]), shown(&limit["per"]), shown(&limit["mode"]));
    }
    page
}

fn sanctions(reply: &Reply) -> String {
    let mut page = String::new();
    for sanction in items(&reply.body["sanctions"]) {
        let until =
            sanction["until"].as_u64().map_or_else(|| "until lifted".to_owned(), |at| format!("until {}", moment(at)));
        let since = moment(sanction["since"].as_u64().unwrap_or_default());
        let _ = writeln!(
            page,
            "{}  {} {}  since {since} {until}  by {}: {}",
            shown(&sanction["sanction"]),
            shown(&sanction["on"]),
            shown(&sanction["name"]),
            shown(&sanction["by"]),
            shown(&sanction["cause"]),
        );
    }
    if page.is_empty() { "nobody is shut out\n".to_owned() } else { page }
}

fn limits(reply: &Reply) -> String {
    let mut page = String::new();
    for limit in items(&reply.body["limits"]) {
        let of = if limit["of"].is_null() { String::new() } else { format!(" of {}", shown(&limit["of"])) };
        let _ = writeln!(
            page,
            "{}{of}: {} of {} {} left, all back in {} ms",
            shown(&limit["limit"]),
            limit["left"],
            limit["most"],
            shown(&limit["measure"]),
            limit["full_in_ms"],
        );
    }
    if page.is_empty() { "nothing is spent\n".to_owned() } else { page }
}
