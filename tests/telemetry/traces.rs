//! Spans, and the context that the app gets.

use opentelemetry_proto::tonic::trace::v1::Span;

use super::receiver::{CLIENT, Receiver, SERVER, hex, text};
use super::{METRICS, value_when};
use crate::support::pki::Files;
use crate::support::upstream::{raw, say};
use crate::support::{Gate, Person, Policy, Then, Upstream, answer, wait_for};

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
const PARENT: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

fn get(path: &str, fields: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n{fields}\r\n")
}

fn of_kind(spans: &[Span], kind: i32) -> Vec<&Span> {
    spans.iter().filter(|span| span.kind == kind).collect()
}

#[test]
fn a_request_makes_two_spans_and_record_and_app_know_the_trace() {
    let (receiver, app) = (Receiver::start(), Upstream::start(answer("hello")));
    let gate = Gate::start(&Policy::new(&app).top(&receiver.traces("sample: 1/1")));
    let mut client = gate.connect();
    assert_eq!(client.ask(get("/folders/jane-doe?page=1", "")).status, 200);
    assert_eq!(client.ask(get("/admin", "")).status, 401);
    let stopped = gate.stop();
    let spans = receiver.spans();
    let (servers, clients) = (of_kind(&spans, SERVER), of_kind(&spans, CLIENT));
    assert_eq!((servers.len(), clients.len()), (2, 1), "{spans:?}");
    let allowed = servers.iter().find(|span| span.name == "GET /folders/{name}").expect("the request's span");
    let refused = servers.iter().find(|span| span.name == "GET /admin").expect("the refused request's span");
    let said = |span: &Span, key: &str| text(&span.attributes, key);
    assert_eq!(said(allowed, "http.route"), "/folders/{name}");
    assert_eq!(said(allowed, "portcullis.route"), "folders");
    assert_eq!(said(allowed, "http.response.status_code"), "200");
    assert_eq!(said(allowed, "network.protocol.version"), "1.1");
    assert_eq!(said(refused, "error.type"), "caller_required");
    assert_eq!(said(refused, "http.response.status_code"), "401");
    assert_eq!(clients[0].parent_span_id, allowed.span_id);
    assert_eq!(clients[0].trace_id, allowed.trace_id);
    assert!(clients[0].start_time_unix_nano >= allowed.start_time_unix_nano);
    assert!(clients[0].end_time_unix_nano <= allowed.end_time_unix_nano);
    let told = app.requests()[0].field("traceparent").expect("a parent").to_owned();
    assert_eq!(told, format!("00-{}-{}-01", hex(&clients[0].trace_id), hex(&clients[0].span_id)));
    let record = stopped.ends().into_iter().find(|record| record.route() == "folders").expect("a record");
    assert_eq!(record.0["unmapped"]["portcullis"]["trace_id"], hex(&allowed.trace_id));
    stopped.assert_never_said("jane-doe");
}

#[test]
fn what_the_app_lacks_shows_in_the_client_span() {
    let (receiver, app) = (Receiver::start(), Upstream::start(raw("garbage\r\n\r\n", Then::Close)));
    let gate = Gate::start(&Policy::new(&app).top(&receiver.traces("sample: 1/1")));
    assert_eq!(gate.connect().ask(get("/open", "")).status, 502);
    gate.stop();
    let spans = receiver.spans();
    let client = of_kind(&spans, CLIENT)[0];
    assert!(text(&client.attributes, "error.type").starts_with("upstream_"), "{client:?}");
    assert_eq!(client.status.as_ref().map(|status| status.code), Some(2));
    assert_eq!(of_kind(&spans, SERVER)[0].status.as_ref().map(|status| status.code), Some(2));
}

#[test]
fn nobody_but_a_trusted_peer_chooses_the_trace() {
    let (receiver, app) = (Receiver::start(), Upstream::start(answer("hello")));
    let policy = Policy::new(&app).top(&receiver.traces("sample: 0"));
    let hostile = [
        format!("traceparent: {PARENT}\r\ntracestate: vendor=jane-doe\r\nbaggage: user=jane-doe\r\n"),
        format!("traceparent: {PARENT}\r\ntraceparent: {PARENT}\r\n"),
        "traceparent: 00-jane-doe-1-01\r\n".to_owned(),
        format!("traceparent: {PARENT}{}\r\n", "-x".repeat(2000)),
        format!("{}\r\n", "tracestate: a=b\r\n".repeat(40).trim_end()),
    ];
    let gate = Gate::start(&policy);
    let mut client = gate.connect();
    for fields in &hostile {
        assert_eq!(client.ask(get("/open", fields)).status, 200);
    }
    for request in app.requests() {
        let told = request.field("traceparent").expect("a parent of the gate's own");
        assert!(told.len() == 55 && told.ends_with("-00") && !told.contains(TRACE), "{told}");
        assert_eq!(request.all("tracestate"), Vec::<&str>::new());
    }
    let stopped = gate.stop();
    stopped.assert_never_said(TRACE);
    assert_eq!(receiver.exports().len(), 0, "nothing was sampled");
    // The same from a peer that the policy names, and from one with a certificate.
    for (gate, person) in [
        (Gate::start(&policy.clone().gate("trusted_proxies: [127.0.0.1]")), None),
        (Gate::start(&policy), Some(Person::picker())),
    ] {
        let mut client = match person {
            None => gate.connect(),
            Some(person) => gate.connect_as(&person),
        };
        assert_eq!(client.ask(get("/open", &hostile[0])).status, 200);
        let request = app.requests().pop().expect("a request");
        assert!(request.field("traceparent").is_some_and(|told| told.contains(TRACE) && told.ends_with("-01")));
        assert_eq!(request.field("tracestate"), Some("vendor=jane-doe"));
        let stopped = gate.stop();
        assert_eq!(stopped.ends()[0].0["unmapped"]["portcullis"]["trace_id"], TRACE);
        stopped.assert_never_said("jane-doe");
    }
    let spans = receiver.spans();
    assert_eq!(of_kind(&spans, SERVER).len(), 2);
    for span in of_kind(&spans, SERVER) {
        assert_eq!((hex(&span.trace_id), hex(&span.parent_span_id)), (TRACE.to_owned(), "00f067aa0ba902b7".to_owned()));
    }
    assert!(!format!("{spans:?}").contains("jane"));
}

#[test]
fn the_environment_neither_redirects_nor_adds_anything() {
    let (receiver, elsewhere, app) = (Receiver::start(), Receiver::start(), Upstream::start(answer("hello")));
    let files = Files::new();
    let headers = files.write("headers", "# The tenant.\nX-Tenant: seller\nAuthorization: Bearer synthetic-word\n");
    let more = format!("sample: 1/1, headers_file: {headers}");
    let url = elsewhere.traces("").split('\'').nth(1).expect("an address").to_owned();
    let environment = [
        ("OTEL_EXPORTER_OTLP_ENDPOINT", url.as_str()),
        ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", &url),
        ("OTEL_EXPORTER_OTLP_HEADERS", "x-tenant=other,x-added=yes"),
        ("OTEL_EXPORTER_OTLP_TRACES_HEADERS", "x-tenant=other,x-added=yes"),
        ("OTEL_EXPORTER_OTLP_COMPRESSION", "gzip"),
        ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/json"),
        ("OTEL_SERVICE_NAME", "somebody"),
        ("OTEL_RESOURCE_ATTRIBUTES", "a=b"),
        ("OTEL_TRACES_SAMPLER", "always_off"),
        ("OTEL_BSP_MAX_QUEUE_SIZE", "1"),
        ("HTTP_PROXY", &url),
    ];
    let gate = Gate::start_under(&Policy::new(&app).top(&receiver.traces(&more)), &environment);
    assert_eq!(gate.connect().ask(get("/open", "")).status, 200);
    let stopped = gate.stop();
    assert_eq!((receiver.spans().len(), elsewhere.exports().len()), (2, 0));
    let export = receiver.exports().remove(0);
    assert_eq!(export.field("x-tenant"), Some("seller"));
    assert_eq!(export.field("authorization"), Some("Bearer synthetic-word"));
    assert_eq!(export.field("x-added"), None);
    stopped.assert_never_said("synthetic-word");
}

#[test]
fn a_receiver_that_is_down_costs_no_request_and_is_said_once() {
    let (receiver, app) = (Receiver::refusing("400 Bad Request"), Upstream::start(answer("hello")));
    let gate = Gate::start(&Policy::new(&app).top(METRICS).top(&receiver.traces("sample: 1/1")));
    let mut client = gate.connect();
    for _ in 0..5 {
        assert_eq!(client.ask(get("/open", "")).status, 200);
    }
    value_when(&gate, "portcullis_spans_total{result=\"failed\"}", 10.0);
    value_when(&gate, "portcullis_span_queue", 0.0);
    assert_eq!(gate.stop().log.matches("spans cannot be sent").count(), 1);
}

#[test]
fn a_changed_share_is_taken_up_and_another_receiver_wants_a_restart() {
    let (receiver, app) = (Receiver::start(), Upstream::start(answer("hello")));
    let policy = Policy::new(&app);
    let gate = Gate::start(&policy.clone().top(&receiver.traces("sample: 0")));
    let mut client = gate.connect();
    assert_eq!(client.ask(get("/open", "")).status, 200);
    gate.change(&policy.clone().top(&receiver.traces("sample: 1/1")));
    assert_eq!(gate.changes(1)[0].code(), "changed");
    assert_eq!(client.ask(get("/open", "")).status, 200);
    gate.change(&policy.clone().top("traces: { endpoint: 'https://elsewhere.example/v1/traces' }"));
    assert_eq!(gate.changes(2)[1].code(), "change_refused");
    gate.change(&policy);
    assert_eq!(gate.changes(3)[2].code(), "change_refused");
    gate.stop();
    assert_eq!(receiver.spans().len(), 2);
}

#[test]
fn without_the_key_the_clients_context_passes_as_it_is() {
    let app = Upstream::start(|_, wire| {
        say(wire, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
        Then::Keep
    });
    let gate = Gate::start(&Policy::new(&app));
    assert_eq!(gate.connect().ask(get("/open", &format!("traceparent: {PARENT}\r\n"))).status, 200);
    wait_for("the request", || app.requests().pop()).field("traceparent").filter(|told| *told == PARENT).expect("it");
    assert!(gate.only_record().0["unmapped"]["portcullis"].get("trace_id").is_none());
}

#[test]
fn a_file_of_fields_that_is_open_to_all_stops_the_start() {
    use std::os::unix::fs::PermissionsExt as _;
    let (receiver, app, files) = (Receiver::start(), Upstream::start(answer("hello")), Files::new());
    let headers = files.write("headers", "Authorization: Bearer synthetic-word\n");
    std::fs::set_permissions(&headers, std::fs::Permissions::from_mode(0o644)).expect("a mode");
    let more = receiver.traces(&format!("headers_file: {headers}"));
    let (status, log) = Gate::refuses_to_start(&Policy::new(&app).top(&more));
    assert!(!status.success());
    assert!(log.contains("traces.headers_file") && !log.contains("synthetic-word"), "{log}");
}
