//! `portcullis simulate`: what it says of a gate's records is what that gate's detectors said.

use std::process::Command;

use super::*;

fn simulate(policy: &std::path::Path, records: &std::path::Path, format: &str) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_portcullis"))
        .args(["simulate", "--format", format, "--policy"])
        .arg(policy)
        .arg("--records")
        .arg(records)
        .output()
        .expect("the binary");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("text")
}

#[test]
fn simulate_finds_in_records_what_the_gate_found_and_suggests_thresholds() {
    let app = Upstream::start(answer("ok"));
    let rules = [
        "name: digging, when: { count: refusals, over: 5/10m }, then: [alarm, throttle], mode: shadow",
        "name: scraping, when: { distinct: path.name, over: 6/10m }, then: [alarm]",
        "name: counting, when: { sequence: path.name, over: 4/10m }, then: [alarm]",
        "name: moved, when: { distinct: query.page, over: 6/10m }, then: [alarm]",
    ];
    let gate = Gate::start(&watching(&app, &rules));
    let robot = format!("X-Api-Key: {}\r\n", credentials().robot.text);
    let mut client = gate.connect();
    for number in 1..10 {
        client.ask(get("/admin", &robot));
        client.ask(get(&format!("/files/{number}"), &robot));
    }
    settle(&gate, 1);
    let found: Vec<(String, u64, String)> = alarms(&gate)
        .iter()
        .map(|alarm| {
            let request = alarm.0["finding_info"]["related_events"][0]["uid"].as_str().expect("a request");
            (rule(alarm).to_owned(), data(alarm, "observed"), request.to_owned())
        })
        .collect();
    assert_eq!(found.len(), 3);
    let stopped = gate.stop();
    let place = tempfile::tempdir().expect("a directory");
    let (policy, records) = (place.path().join("policy.yaml"), place.path().join("records.jsonl"));
    std::fs::write(&policy, watching(&app, &rules).text().replace("{dir}", "/nowhere")).expect("written");
    std::fs::write(&records, &stopped.trail).expect("written");
    let report: serde_json::Value = serde_json::from_str(&simulate(&policy, &records, "json")).expect("JSON");
    let simulated: Vec<(String, u64, String)> = report["alarms"]
        .as_array()
        .expect("alarms")
        .iter()
        .map(|alarm| {
            let text = |member: &str| alarm[member].as_str().expect("text").to_owned();
            (text("rule"), alarm["observed"].as_u64().expect("a number"), text("request"))
        })
        .filter(|(rule, ..)| !rule.starts_with("sentinel"))
        .collect();
    assert_eq!(simulated, found);
    assert_eq!(report["rules"][0]["observed"]["most"], 9);
    assert_eq!(report["rules"][1]["observed"]["most"], 9);
    assert_eq!(report["limits"][0]["refused"], 0);
    let unjudged = report["not_judged"].to_string();
    assert!(unjudged.contains("moved: no record holds a hash of query.page"), "{unjudged}");
    let text = simulate(&policy, &records, "text");
    let digging = text.lines().find(|line| line.contains("digging")).expect("a line");
    let cells: Vec<&str> = digging.split_whitespace().collect();
    assert_eq!(cells, ["digging", "in", "shadow", "over", "5", "1", "1", "4", "9", "9", "9", "9", "9", "14"], "{text}");
    assert!(text.contains("not judged"), "{text}");
}

/// A record of a request on a route with limits, as the gate writes it.
fn record(number: u64, (started, ended): (u64, u64), caller: &str, bytes: u64, records: u64, code: &str) -> String {
    let start = 1_772_409_600_000;
    let (category, status) = if code == "allowed" { ("authz", 200) } else { ("authn", 401) };
    let actor = if caller.is_empty() { String::new() } else { format!(r#""actor":{{"user":{{"uid":"{caller}"}}}},"#) };
    format!(
        r#"{{"class_uid":4002,"activity_name":"Get",{actor}"metadata":{{"correlation_uid":"019b76da-a800-7000-8000-{number:012x}","uid":"019b76da-a800-7000-8000-{number:012x}","event_code":"HTTP.ALLOW","log_provider":"portcullis"}},"time":{},"end_time":{},"firewall_rule":{{"category":"{category}","name":"orders"}},"http_request":{{"http_method":"GET","url":{{"path":"/orders"}}}},"http_response":{{"code":{status}}},"src_endpoint":{{"uid":"address_{}"}},"status_code":"{code}","traffic":{{"bytes_out":{bytes}}},"unmapped":{{"portcullis":{{"records":{records}}}}}}}"#,
        start + started,
        start + ended,
        if caller.is_empty() { "forger" } else { caller },
    )
}

const LIMITED: &str = r#"version: 1
gate: { listen: "127.0.0.1:0", tls: { certificate: a.pem, key: a.key, client_ca: ca.pem } }
upstream: { url: "http://127.0.0.1:1" }
audit: off
callers: [ certificate: { subject: san_uri } ]
roles: { picker: { members: ["cert:spiffe://seller/picker"] } }
routes: [ { name: orders, path: /orders, allow: [picker], limits: [most] } ]
limits:
  - { name: most, per: caller, requests: 5/m, bytes: 10kB/h, records: { count: 20/d, at: "$.Orders[*]" }, concurrent: 2 }
lockout: { after: 3 failures/10m, for: 15m, grow: 2x, max: 24h }
alarms:
  - { name: busy, when: { baseline: requests, over: 4x, floor: 1000/h }, then: [alarm] }
"#;

#[test]
fn simulate_judges_everything_that_a_limit_counts_and_lockout() {
    let place = tempfile::tempdir().expect("a directory");
    let (policy, records) = (place.path().join("policy.yaml"), place.path().join("records.jsonl"));
    std::fs::write(&policy, LIMITED).expect("written");
    let mut lines = Vec::new();
    let mut add = |span, caller: &str, bytes, records, code: &str| {
        lines.push(record(lines.len() as u64, span, caller, bytes, records, code));
    };
    // Six in a minute, where five are allowed.
    for number in 0..6 {
        add((number * 1000, number * 1000 + 10), "quick", 10, 0, "allowed");
    }
    // Twice eight of ten kilobytes: the second is ended on its way, the third refused.
    for number in 0..3 {
        add((100_000 + number * 60_000, 100_500 + number * 60_000), "greedy", 8000, 0, "allowed");
    }
    // Fifteen records twice, of twenty a day.
    for number in 0..2 {
        add((400_000 + number * 60_000, 400_500 + number * 60_000), "reader", 10, 15, "allowed");
    }
    // Three at once.
    for number in 0..3 {
        add((600_000 + number, 650_000 + number), "parallel", 10, 0, "allowed");
    }
    // Four forged credentials: locked by the third, and the fourth refused unread.
    for number in 0..4 {
        add((700_000 + number * 1000, 700_000 + number * 1000), "", 0, 0, "token_signature");
    }
    // What an honest client meets is no failure.
    for number in 0..5 {
        add((2_000_000 + number, 2_000_000 + number), "", 0, 0, "token_expired");
    }
    std::fs::write(&records, lines.join("\n") + "\n").expect("written");
    let report: serde_json::Value = serde_json::from_str(&simulate(&policy, &records, "json")).expect("JSON");
    let limit = |counts: &str| {
        let all = report["limits"].as_array().expect("limits");
        let of = all.iter().find(|limit| limit["counts"] == counts).expect("a part").clone();
        (of["refused"].as_u64(), of["ended"].as_u64(), of["subjects"].clone(), of["observed"]["most"].as_u64())
    };
    assert_eq!(limit("requests"), (Some(1), Some(0), serde_json::json!(["quick"]), Some(6)));
    assert_eq!(limit("bytes"), (Some(1), Some(1), serde_json::json!(["greedy"]), Some(24_000)));
    assert_eq!(limit("records"), (Some(0), Some(1), serde_json::json!(["reader"]), Some(30)));
    assert_eq!(limit("concurrent"), (Some(1), Some(0), serde_json::json!(["parallel"]), Some(3)));
    let by_address = &report["lockout"][1];
    assert_eq!(by_address["of"], "address");
    assert_eq!((&by_address["failures"], &by_address["locks"]), (&3.into(), &1.into()), "{by_address}");
    assert_eq!((&by_address["refused"], &by_address["longest_seconds"]), (&1.into(), &900.into()));
    assert_eq!(by_address["subjects"], serde_json::json!(["address_forger"]));
    assert_eq!(report["rules"][0]["threshold"], "floor");
    assert_eq!(
        (&report["rules"][0]["observed"]["most"], &report["rules"][0]["suggested_over"]),
        (&9.into(), &14.into())
    );
}
