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
    assert_eq!(report["limits"][0]["refused"], 0);
    let unjudged = report["not_judged"].to_string();
    assert!(unjudged.contains("moved: no record holds a hash of query.page"), "{unjudged}");
    let text = simulate(&policy, &records, "text");
    for line in ["digging: 1 subjects", "in shadow", "suggested: over 14", "not judged"] {
        assert!(text.contains(line), "{line}\n{text}");
    }
}
