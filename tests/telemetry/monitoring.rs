//! The shipped monitoring content (`deploy/monitoring`), held against the metrics that there are, and against a real
//! Prometheus.

use std::collections::BTreeSet;
use std::fs;
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use portcullis::telemetry::metrics::ALL;
use serde_json::Value;

use super::{METRICS, exchange, metrics_of, scrape};
use crate::support::{Gate, Policy, Upstream, answer, has_tool, wait_for};

fn shipped(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("deploy/monitoring").join(name)
}

fn read(name: &str) -> String {
    fs::read_to_string(shipped(name)).expect("a shipped file")
}

fn promtool(arguments: &[&str]) -> Output {
    Command::new("promtool").args(arguments).current_dir(shipped("")).stdin(Stdio::null()).output().expect("promtool")
}

fn assert_sound(output: &Output) {
    let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{said}");
}

/// Every expression of the dashboard, with its variables in place, and every query of its variables.
fn dashboard() -> Vec<String> {
    fn collect(value: &Value, found: &mut Vec<String>) {
        match value {
            Value::Object(members) => members.iter().for_each(|(name, value)| match value {
                Value::String(text) if name == "expr" => found.push(text.clone()),
                other => collect(other, found),
            }),
            Value::Array(items) => items.iter().for_each(|item| collect(item, found)),
            _ => {}
        }
    }
    let parsed: Value = serde_json::from_str(&read("dashboard.json")).expect("JSON");
    let mut found = Vec::new();
    collect(&parsed, &mut found);
    assert!(found.len() > 30, "{}", found.len());
    let places = [("$__rate_interval", "1m"), ("$job", "portcullis"), ("$instance", ".*"), ("$route", ".*")];
    found.iter().map(|text| places.iter().fold(text.clone(), |text, (name, value)| text.replace(name, value))).collect()
}

/// Names of metrics in a text.
fn names(text: &str) -> BTreeSet<String> {
    let words = text.split(|letter: char| !(letter.is_ascii_alphanumeric() || letter == '_'));
    words.filter(|word| word.starts_with("portcullis_") || word.starts_with("process_")).map(str::to_owned).collect()
}

fn is_known(name: &str) -> bool {
    ALL.iter().any(|row| {
        let of_histogram = row.kind == "histogram" && name.strip_suffix("_bucket") == Some(row.name);
        name == row.name && row.kind != "histogram" || of_histogram
    })
}

#[test]
fn every_name_and_label_in_rules_and_dashboard_is_one_that_there_is() {
    let all = format!("{}{}", read("alerts.yaml"), read("dashboard.json"));
    let used = names(&all);
    let unknown: Vec<_> = used.iter().filter(|name| !is_known(name)).collect();
    assert!(unknown.is_empty(), "{unknown:?}");
    let labels: BTreeSet<&str> = ALL.iter().flat_map(|row| row.labels).copied().collect();
    for expression in dashboard() {
        for grouped in expression.split("by (").skip(1) {
            let list = grouped.split(')').next().unwrap_or_default();
            for label in list.split(", ") {
                assert!(labels.contains(label) || ["le", "instance", "job"].contains(&label), "{expression}");
            }
        }
    }
    // What is counted and looked at nowhere helps nobody.
    let rare = ["process_start_time_seconds", "process_virtual_memory_bytes", "process_threads"];
    let idle: Vec<_> = ALL
        .iter()
        .filter(|row| !used.contains(row.name) && !used.contains(&format!("{}_bucket", row.name)))
        .filter(|row| !rare.contains(&row.name))
        .map(|row| row.name)
        .collect();
    assert!(idle.len() <= 8, "neither in an alert nor on the dashboard: {idle:?}");
}

#[test]
fn every_alert_has_a_place_in_the_runbook() {
    let runbook = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/operations.md")).expect("a page");
    let rules = read("alerts.yaml");
    let alerts: Vec<&str> = rules.lines().filter_map(|line| line.trim().strip_prefix("- alert: ")).collect();
    let links: Vec<&str> = rules.lines().filter_map(|line| line.trim().strip_prefix("runbook_url: ")).collect();
    assert!(alerts.len() > 15 && alerts.len() == links.len());
    for (alert, link) in alerts.iter().zip(links) {
        assert!(runbook.contains(&format!("\n### {alert}\n")), "{alert} is not explained in docs/operations.md");
        assert_eq!(link, format!("docs/operations.md#{}", alert.to_lowercase()));
    }
    for heading in runbook.lines().filter_map(|line| line.strip_prefix("### Portcullis")) {
        assert!(rules.contains(&format!("alert: Portcullis{heading}\n")), "Portcullis{heading} is no alert any more");
    }
}

#[test]
fn rules_are_sound_and_speak_up_where_they_must() {
    if !has_tool("promtool") {
        return;
    }
    assert_sound(&promtool(&["check", "rules", "alerts.yaml"]));
    assert_sound(&promtool(&["test", "rules", "tests.yaml"]));
    assert_sound(&promtool(&["check", "config", "prometheus.yaml"]));
    let (rules, tests) = (read("alerts.yaml"), read("tests.yaml"));
    for alert in rules.lines().filter_map(|line| line.trim().strip_prefix("- alert: ")) {
        assert!(tests.contains(&format!("alertname: {alert}\n")), "{alert} has no test");
        assert!(tests.contains(&format!("alertname: {alert}, exp_alerts: []")), "{alert} has no quiet test");
    }
}

#[test]
fn what_is_scraped_passes_the_linter_of_prometheus() {
    if !has_tool("promtool") {
        return;
    }
    let app = Upstream::start(answer("hello"));
    let gate = Gate::start(&Policy::new(&app).top(METRICS));
    let mut client = gate.connect();
    for path in ["/open", "/admin", "/once", "/once"] {
        let _ = client.ask(format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n"));
    }
    let file = gate.directory().join("metrics.txt");
    fs::write(&file, scrape(&gate)).expect("written");
    let linted = Command::new("promtool")
        .args(["check", "metrics"])
        .stdin(fs::File::open(&file).expect("a file"))
        .output()
        .expect("promtool");
    assert_sound(&linted);
}

/// A Prometheus with the shipped rules. Killed when dropped.
struct Prometheus {
    child: Child,
    address: SocketAddr,
    directory: tempfile::TempDir,
}

impl Prometheus {
    /// Scrapes a gate every fifth of a second.
    fn start(gate: SocketAddr) -> Self {
        let directory = tempfile::tempdir().expect("a directory");
        fs::copy(shipped("alerts.yaml"), directory.path().join("alerts.yaml")).expect("copied");
        let config = read("prometheus.yaml").replace("127.0.0.1:9090", &gate.to_string()).replace("15s", "200ms");
        fs::write(directory.path().join("prometheus.yaml"), config).expect("written");
        let address = TcpListener::bind("127.0.0.1:0").and_then(|port| port.local_addr()).expect("a port");
        let log = fs::File::create(directory.path().join("log")).expect("a file");
        let child = Command::new("prometheus")
            .arg(format!("--config.file={}", directory.path().join("prometheus.yaml").display()))
            .arg(format!("--storage.tsdb.path={}", directory.path().join("data").display()))
            .arg(format!("--web.listen-address={address}"))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .expect("prometheus");
        Self { child, address, directory }
    }

    /// An answer of its interface; nothing while it does not listen yet.
    fn ask(&self, path: &str) -> Option<Value> {
        std::net::TcpStream::connect(self.address).ok()?;
        let request = format!("GET {path} HTTP/1.0\r\nHost: localhost\r\n\r\n");
        let answer = exchange(self.address, &request);
        serde_json::from_str(answer.split_once("\r\n\r\n")?.1).ok()
    }

    fn query(&self, expression: &str) -> Option<Value> {
        let encoded = percent_encoding::utf8_percent_encode(expression, percent_encoding::NON_ALPHANUMERIC);
        self.ask(&format!("/api/v1/query?query={encoded}"))
    }
}

impl Drop for Prometheus {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
        if std::thread::panicking() {
            eprintln!("{}", fs::read_to_string(self.directory.path().join("log")).unwrap_or_default());
        }
    }
}

#[test]
fn a_real_prometheus_scrapes_a_gate_and_answers_every_question_of_the_dashboard() {
    if !has_tool("prometheus") {
        return;
    }
    let app = Upstream::start(answer("hello"));
    let gate = Gate::start(&Policy::new(&app).workers(2).top(METRICS));
    let prometheus = Prometheus::start(metrics_of(&gate));
    let mut client = gate.connect();
    let served = "sum(portcullis_requests_total{outcome=\"served\", route=\"open\"}) > 4";
    wait_for("Prometheus has seen requests", || {
        assert_eq!(client.ask("GET /open HTTP/1.1\r\nHost: localhost\r\n\r\n").status, 200);
        let found = prometheus.query(served)?;
        (found["data"]["result"].as_array().is_some_and(|found| !found.is_empty())).then_some(())
    });
    let targets = prometheus.ask("/api/v1/targets").expect("targets");
    assert_eq!(targets["data"]["activeTargets"][0]["health"], "up", "{targets}");
    assert_eq!(targets["data"]["activeTargets"][0]["lastError"], "", "{targets}");
    // This gate has no spool, issuer, trace, refusal, rule of alarms or replica.
    let may_be_silent = [
        "spool",
        "commit",
        "key_set",
        "spans",
        "refusals",
        "failures",
        "sink",
        "alarms",
        "incident",
        "canary",
        "shared",
        "side_doors",
    ];
    for expression in dashboard() {
        let silent = may_be_silent.iter().any(|part| expression.contains(part));
        // A rate wants two scrapes.
        wait_for(&format!("something to show for {expression}"), || {
            let found = prometheus.query(&expression)?;
            assert_eq!(found["status"], "success", "{expression}: {found}");
            (silent || found["data"]["result"].as_array().is_some_and(|found| !found.is_empty())).then_some(())
        });
    }
    let rules = prometheus.ask("/api/v1/rules").expect("rules");
    let rules = rules["data"]["groups"][0]["rules"].as_array().expect("rules").clone();
    assert!(rules.len() > 15);
    wait_for("every rule was evaluated", || {
        let rules = prometheus.ask("/api/v1/rules")?;
        let rules = rules["data"]["groups"][0]["rules"].as_array()?.clone();
        rules.iter().all(|rule| rule["health"] == "ok").then_some(())
    });
    let alerts = prometheus.ask("/api/v1/alerts").expect("alerts");
    let firing = alerts["data"]["alerts"].as_array().expect("alerts");
    assert!(firing.iter().all(|alert| alert["state"] != "firing"), "{alerts}");
}
