//! OpenTelemetry: golden log records of every event, a strict collector of our own, and a real one.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::time::Duration;

use opentelemetry_proto::tonic::collector::logs::v1::{
    ExportLogsPartialSuccess, ExportLogsServiceRequest, ExportLogsServiceResponse,
};
use opentelemetry_proto::tonic::common::v1::any_value::Value as Any;
use opentelemetry_proto::tonic::common::v1::{AnyValue, KeyValue};
use opentelemetry_proto::tonic::logs::v1::LogRecord;
use portcullis::delivery::Index;
use portcullis::delivery::http::Reply;
use portcullis::delivery::otlp::{Otlp, answer as outcome, request};
use portcullis::delivery::projection::otel::{instance, log_record};
use portcullis::delivery::{Answer, Batch, Receiver as _, Sent};
use portcullis::policy::http_address::HttpAddress;
use portcullis::policy::settings::{Compression, HttpSettings, OtlpSettings};
use prost::Message as _;
use serde_json::{Value, json};

use super::rsyslog::{tools, verify};
use super::whole::{OPEN, home, long_request, policy, sequences};
use crate::ocsf::events::{long_samples, samples};
use crate::support::pki::Files;
use crate::support::siem::{Post, Siem, Then};
use crate::support::{Gate, Upstream, answer, wait_for};
use crate::telemetry::rotel::Collector;

fn shown(value: &AnyValue) -> Value {
    match value.value.as_ref().expect("a value") {
        Any::StringValue(text) => json!(text),
        Any::IntValue(number) => json!(number),
        Any::ArrayValue(array) => array.values.iter().map(shown).collect(),
        other => panic!("{other:?}"),
    }
}

fn attributes(of: &[KeyValue]) -> BTreeMap<String, Value> {
    let map: BTreeMap<_, _> =
        of.iter().map(|one| (one.key.clone(), shown(one.value.as_ref().expect("a value")))).collect();
    assert_eq!(map.len(), of.len(), "a key that is there twice");
    map
}

/// Holds a log record against the data model, and the record that it was made of.
fn checked(line: &[u8]) -> (LogRecord, BTreeMap<String, Value>) {
    let record: Value = serde_json::from_slice(line).unwrap();
    let mut wire = Vec::new();
    log_record(&Index::default().of(line), &mut wire).expect("a record");
    assert_eq!(instance(line), Some("gate-0"));
    let log = LogRecord::decode(&wire[..]).unwrap();
    assert_eq!(log.encode_to_vec(), wire, "as others write it");
    assert_eq!(shown(log.body.as_ref().unwrap()).as_str().unwrap().as_bytes(), line, "byte for byte");
    assert_eq!(log.time_unix_nano, record["time"].as_u64().unwrap() * 1_000_000);
    assert_eq!(log.observed_time_unix_nano, record["metadata"]["logged_time"].as_u64().unwrap() * 1_000_000);
    assert!([9, 13, 17, 21].contains(&log.severity_number), "{}", log.severity_number);
    let code = record["metadata"]["event_code"].as_str().unwrap();
    assert_eq!(log.event_name, format!("portcullis.{}", code.to_lowercase()));
    assert!(log.trace_id.is_empty() || log.trace_id.len() == 16);
    let attributes = attributes(&log.attributes);
    assert_eq!(attributes["log.record.uid"], record["metadata"]["uid"]);
    assert_eq!(attributes["ocsf.class_uid"], record["class_uid"]);
    assert_eq!(attributes["portcullis.sequence"], record["metadata"]["sequence"]);
    assert!(!(attributes.contains_key("user.id") && attributes.contains_key("user.hash")));
    (log, attributes)
}

fn of(code: &str) -> Vec<u8> {
    let needle = format!("\"event_code\":\"{code}\"");
    let is = |record: &Vec<u8>| record.windows(needle.len()).any(|window| window == needle.as_bytes());
    samples().into_iter().find(is).unwrap_or_else(|| panic!("{code}"))
}

#[test]
fn log_records_of_every_event_are_as_they_were() {
    let lines: String = samples()
        .iter()
        .map(|record| {
            let (log, mut attributes) = checked(record);
            let id = attributes.get_mut("log.record.uid").unwrap();
            if !id.as_str().unwrap().starts_with("019b76da-a800-7000-8000-") {
                *id = "(drawn)".into();
                attributes.entry("portcullis.finding.id".to_owned()).and_modify(|id| *id = "(drawn)".into());
            }
            let line = json!({
                "attributes": attributes, "event_name": log.event_name, "severity_number": log.severity_number,
                "severity_text": log.severity_text, "time_unix_nano": log.time_unix_nano,
            });
            line.to_string() + "\n"
        })
        .collect();
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/otel.ndjson");
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        fs::write(&golden, &lines).unwrap();
    }
    assert_eq!(lines, fs::read_to_string(&golden).unwrap_or_default(), "UPDATE_GOLDEN=1 writes the file anew");
}

#[test]
fn attributes_are_those_of_the_semantic_conventions() {
    let (log, allowed) = checked(&of("HTTP.ALLOW"));
    assert_eq!((log.severity_number, log.event_name.as_str()), (9, "portcullis.http.allow"));
    for (key, expected) in [
        ("http.request.method", json!("GET")),
        ("http.route", json!("/orders/v0/orders/{order_id}/address")),
        ("http.response.status_code", json!(200)),
        ("client.address", json!("pii_ip_k1_304b4d48e2bcbec3")),
        ("user.hash", json!("pii_caller_k1_50f44529dcbda063")),
        ("portcullis.pii", json!(["name", "address", "phone"])),
        ("event.outcome", json!("success")),
        ("tls.protocol.version", json!("1.3")),
    ] {
        assert_eq!(allowed[key], expected, "{key}");
    }
    let (log, canary) = checked(&of("ALARM.CANARY"));
    assert_eq!((log.severity_number, &canary["user.id"]), (21, &json!("caller:1:abc")));
    let (_, failed) = checked(&of("AUTHN.FAIL"));
    assert_eq!((&failed["event.outcome"], &failed["error.type"]), (&json!("failure"), &json!("token_expired")));
    long_samples().iter().for_each(|line| _ = checked(line));
    let mut traced: Value = serde_json::from_slice(&of("HTTP.ALLOW")).unwrap();
    traced["unmapped"]["portcullis"]["trace_id"] = "4bf92f3577b34da6a3ce929d0e0e4736".into();
    let (log, _) = checked(traced.to_string().as_bytes());
    assert_eq!(log.trace_id[..3], [0x4b, 0xf9, 0x2f]);
    for line in ["", "{}", r#"{"time":5}"#] {
        assert!(log_record(&Index::default().of(line.as_bytes()), &mut Vec::new()).is_none(), "{line}");
    }
}

fn batch(lines: &[Vec<u8>]) -> Batch {
    let mut batch = Batch::default();
    for (line, sequence) in lines.iter().zip(1..) {
        batch.push(Sent { sequence, line });
    }
    batch
}

#[test]
fn records_stand_in_their_order_under_the_gate_that_wrote_them() {
    let mut lines = samples();
    lines.push(String::from_utf8(samples()[0].clone()).unwrap().replace("gate-0/", "gate-1/").into_bytes());
    let mut wire = Vec::new();
    request(&batch(&lines), &mut wire).unwrap();
    let made = ExportLogsServiceRequest::decode(&wire[..]).unwrap();
    assert_eq!(made.encode_to_vec(), wire, "as others write it");
    let instances: Vec<_> = made
        .resource_logs
        .iter()
        .map(|logs| {
            let attributes = attributes(&logs.resource.as_ref().unwrap().attributes);
            assert_eq!(attributes["service.name"], "portcullis");
            assert_eq!(logs.scope_logs[0].scope.as_ref().unwrap().name, "portcullis.audit");
            (attributes["service.instance.id"].clone(), logs.scope_logs[0].log_records.len())
        })
        .collect();
    assert_eq!(instances, [(json!("gate-0"), lines.len() - 1), (json!("gate-1"), 1)]);
    lines.insert(3, b"{}".to_vec());
    assert_eq!(request(&batch(&lines), &mut Vec::new()), Err(3));
}

#[test]
fn an_answer_has_the_meaning_that_the_protocol_gives_it() {
    let reply = |status: u16, kind: Option<&'static str>, body: Option<Vec<u8>>| {
        let mut fields = http::HeaderMap::new();
        fields.extend(kind.map(|kind| (http::header::CONTENT_TYPE, http::HeaderValue::from_static(kind))));
        let status = http::StatusCode::from_u16(status).unwrap();
        outcome(&Reply { status, fields, body: body.map(Into::into) }, 10, portcullis::clock::UnixMillis(0))
    };
    for status in [200, 201, 202, 204] {
        assert_eq!(reply(status, None, Some(Vec::new())), Answer::Taken, "{status}");
    }
    assert_eq!(reply(200, Some("application/json"), Some(b"{}".to_vec())), Answer::Taken);
    assert_eq!(reply(200, None, None), Answer::Taken);
    let partial = |rejected_log_records| {
        let error_message = "no".to_owned();
        let partial_success = Some(ExportLogsPartialSuccess { rejected_log_records, error_message });
        Some(ExportLogsServiceResponse { partial_success }.encode_to_vec())
    };
    let partly = |refused| Answer::Partly { refused, cause: "partial_success" };
    assert_eq!(reply(200, None, partial(0)), Answer::Taken, "a warning");
    assert_eq!(reply(200, None, partial(3)), partly(3));
    assert_eq!(reply(200, None, partial(99)), partly(10));
    assert_eq!(reply(200, Some("text/html; charset=utf-8"), None), Answer::Misconfigured { cause: "no_collector" });
    for status in [429, 502, 503, 504] {
        assert!(matches!(reply(status, None, None), Answer::Later { .. }), "{status}");
    }
    for status in [301, 401, 403, 404, 405, 415, 500, 501, 505] {
        assert!(matches!(reply(status, None, None), Answer::Misconfigured { .. }), "{status}");
    }
    for status in [400, 422] {
        assert!(matches!(reply(status, None, None), Answer::Refused { at: None, .. }), "{status}");
    }
    assert_eq!(reply(413, None, None), Answer::TooLarge);
}

/// Bodies of log records that a strict collector kept.
fn bodies(posts: &[Post]) -> Vec<String> {
    let mut bodies = Vec::new();
    for post in posts {
        assert_eq!(post.line, "POST /in HTTP/1.1");
        assert_eq!(post.fields["content-type"], "application/x-protobuf");
        let request = ExportLogsServiceRequest::decode(&post.body[..]).expect("a request");
        for log in request.resource_logs.iter().flat_map(|logs| &logs.scope_logs).flat_map(|logs| &logs.log_records) {
            bodies.push(shown(log.body.as_ref().expect("a body")).as_str().expect("a text").to_owned());
        }
    }
    bodies
}

#[test]
fn a_collector_has_every_record_whatever_it_answers() {
    let files = Files::new();
    let token = files.write("otlp.token", "not-a-secret\n");
    let siem = Siem::answering(|_, number| match number {
        0 => Then::Refuse(503, "Retry-After: 0\r\n"),
        1 => Then::TakeAndReset,
        2 => Then::Refuse(429, "Retry-After: 0\r\n"),
        3 => Then::Refuse(413, ""),
        _ => Then::Take(if number % 2 == 0 { 200 } else { 201 }),
    });
    let sink = format!(
        "otlp: {{ url: \"{}\", token_file: \"{token}\", compression: gzip, batch: {{ records: 20, time: 20ms }} }}",
        siem.url()
    );
    let app = Upstream::start(answer("hello"));
    let gate = Gate::start_in(home(), &policy(&app, &sink));
    let mut anybody = gate.connect();
    for number in 0..50 {
        assert_eq!(anybody.ask(&if number % 10 == 0 { long_request() } else { OPEN.to_owned() }).status, 200);
    }
    wait_for(&format!("what was asked: {}", gate.log()), || (bodies(&siem.kept()).len() >= 51).then_some(()));
    let stopped = gate.stop();
    let copy = bodies(&siem.kept()).iter().map(|line| format!("{line}\n")).collect::<String>();
    assert!(siem.kept().iter().all(|post| post.fields["authorization"] == "Bearer not-a-secret"));
    assert!(sequences(&stopped.trail).is_subset(&sequences(&copy)));
    let (code, said) = verify(&[files.write("copy.jsonl", &copy).as_ref()]);
    assert_eq!(code, Some(0), "{said}");
    stopped.assert_never_said("not-a-secret");
}

fn settings(url: &str) -> OtlpSettings {
    let http = HttpSettings {
        address: HttpAddress::parse(url).unwrap(),
        ca: None,
        client: None,
        compression: Compression::Gzip,
        timeout: Duration::from_secs(10),
    };
    OtlpSettings { http, token: None }
}

/// Rotel, which nobody here has written, reads what is sent and says what it read.
#[test]
fn a_real_collector_takes_our_records() {
    let Some(collector) = Collector::of("logs") else { return };
    let lines = [samples(), long_samples()].concat();
    let mut otlp = Otlp::load(&settings(&format!("http://{}/v1/logs", collector.address)), &tools()).unwrap();
    let answer = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
        let answer = otlp.deliver(&batch(&lines)).await;
        otlp.close().await;
        answer
    });
    assert_eq!(answer, Answer::Taken);
    let names: BTreeSet<_> = lines.iter().map(|line| checked(line).0.event_name).collect();
    wait_for(&format!("all of {names:?}"), || {
        let said = collector.said();
        let words = ["gate-0", "portcullis.audit", "/orders/v0/orders/{order_id}/address", "log.record.uid"];
        words.iter().all(|word| said.contains(word)).then_some(())
    });
}
