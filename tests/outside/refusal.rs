//! Every refusal of the closed list: its status, its record, and an answer that says nothing but the incident's id.

use std::collections::BTreeSet;

use portcullis::gate::{BodyFault, Denial, GateFault, RequestFault};
use portcullis::identity::IdentityRefusal;
use portcullis::policy::decide::Reason;
use portcullis::policy::path::PathFault;
use portcullis::upstream::UpstreamFault;
use portcullis::watch::{Held, How, Whom};
use portcullis::wire::HeadFault;

use super::refused_credentials;
use crate::identity;
use crate::support::frames::{END_STREAM, Fate, Frames, head};
use crate::support::http2::Http2;
use crate::support::upstream::say;
use crate::support::{Gate, Person, Policy, Then, Upstream, answer, assert_all_refused, assert_refused, token};

fn get(target: &str, fields: &str) -> String {
    format!("GET {target} HTTP/1.1\r\nHost: localhost\r\n{fields}\r\n")
}

/// A request, the status it gets and the code that its record tells.
type Row = (String, u16, &'static str);

/// Heads and bodies that are not sound, by what is wrong with them.
fn malformed() -> Vec<Row> {
    let head = |fields: &str| get("/open", fields);
    let path = |path: &str, code| (get(path, ""), 400, code);
    vec![
        ("GET /open\r\n\r\n".into(), 400, "framing_request_line"),
        ("GET /open HTTP/1.2\r\nHost: localhost\r\n\r\n".into(), 505, "framing_version"),
        (get("/\u{e9}", ""), 400, "target_character"),
        (get("/open#a", ""), 400, "target_fragment"),
        ("GET /open HTTP/1.1\nHost: localhost\n\n".into(), 400, "framing_bare_line_feed"),
        (head("X-A: b\r\n c\r\n"), 400, "framing_folded"),
        (head("X_A: b\r\n"), 400, "header_name"),
        (head("X-A: \0\r\n"), 400, "header_value"),
        (head("Content-Length: x\r\n"), 400, "framing_length"),
        (head("Content-Length: 1\r\nContent-Length: 1\r\n"), 400, "framing_repeated_length"),
        (head("Transfer-Encoding: gzip\r\n"), 400, "framing_encoding"),
        (head("Content-Length: 1\r\nTransfer-Encoding: chunked\r\n"), 400, "framing_length_and_encoding"),
        ("GET /open HTTP/1.1\r\n\r\n".into(), 400, "host_missing"),
        (head("Host: localhost\r\n"), 400, "host_repeated"),
        (head(&format!("X-A: {}\r\n", "b".repeat(40_000))), 431, "header_too_large"),
        (get(&format!("/{}", "a".repeat(9000)), ""), 414, "target_too_long"),
        path(&"/a".repeat(65), "path_too_many_segments"),
        path("/a%00", "path_nul"),
        path("/a%0a", "path_control"),
        path("/a%5cb", "path_backslash"),
        path("/a;b", "path_semicolon"),
        path("/a%zz", "path_malformed_percent"),
        path("/a%252f", "path_double_encoding"),
        path("/a%ff", "path_not_utf8"),
        path("/a/../b", "path_dot_dot"),
        path("/a|b", "path_character"),
        ("TRACE /open HTTP/1.1\r\nHost: localhost\r\n\r\n".into(), 501, "method_refused"),
        ("CONNECT localhost:22 HTTP/1.1\r\nHost: localhost:22\r\n\r\n".into(), 501, "method_refused"),
        ("get /open HTTP/1.1\r\nHost: localhost\r\n\r\n".into(), 501, "method_refused"),
        (get("http://localhost/open", ""), 400, "target_form"),
        ("GET /open HTTP/1.1\r\nHost: a,b\r\n\r\n".into(), 400, "host_malformed"),
        (get("https://evil/open", ""), 400, "host_conflict"),
        ("GET /open HTTP/1.1\r\nHost: evil\r\n\r\n".into(), 421, "host_misdirected"),
        (head("Expect: x\r\n"), 417, "expectation"),
        (head("Upgrade: h2c\r\nConnection: upgrade\r\n"), 400, "upgrade_refused"),
        (head("Upgrade: websocket\r\n"), 400, "upgrade_refused"),
        (head("Upgrade: websocket, x\r\nConnection: upgrade\r\n"), 400, "upgrade_refused"),
        (get("/no-upgrade", "Upgrade: websocket\r\nConnection: upgrade\r\n"), 400, "upgrade_refused"),
    ]
}

/// What the standard policy refuses to strangers, by route.
fn by_policy() -> Vec<Row> {
    let someone = |subject, mfa| format!("Authorization: Bearer {}\r\n", token(subject, &[], mfa));
    vec![
        (get("/inside", ""), 403, "address_refused"),
        (get("/nowhere", ""), 403, "no_route"),
        (get("/OPEN/x", ""), 403, "no_route"),
        (get("/folders/a%2fb", ""), 400, "encoded_slash"),
        ("DELETE /public/x HTTP/1.1\r\nHost: localhost\r\n\r\n".into(), 405, "method_not_allowed"),
        (get("/admin", ""), 401, "caller_required"),
        (get("/admin", &someone("alice@seller.example", true)), 403, "role_missing"),
        (get("/second-factor", &someone("alice@seller.example", false)), 401, "mfa_required"),
    ]
}

/// Codes that have a test of their own below, or elsewhere in this directory.
const ELSEWHERE: [&str; 42] = [
    // In `tests/watch`.
    "caller_locked",
    "address_locked",
    "role_locked",
    "route_locked",
    "gate_locked",
    "caller_quarantined",
    "address_quarantined",
    "role_quarantined",
    "route_quarantined",
    "gate_quarantined",
    "step_up_required",
    "throttled",
    "canary_used",
    "answer_unsearchable",
    "body_unsearchable",
    // In `tests/credentials`.
    "token_revoked",
    "api_key_revoked",
    "certificate_revoked",
    "caller_revoked",
    "device_required",
    "device_not_bound",
    "answer_uncountable",
    "path_too_long",
    "path_non_ascii",
    "path_colon",
    "path_trailing_dot_or_space",
    "query_character",
    "forwarded_address",
    "ambiguous_path",
    "rate_limited",
    "body_too_large",
    "body_stalled",
    "body_broken",
    "body_aborted",
    "audit_unavailable",
    "upstream_connect",
    "upstream_connect_timeout",
    "upstream_busy",
    "upstream_closed",
    "upstream_bad_answer",
    "upstream_timeout",
    "certificate_name",
    "certificate_expired",
];

/// Codes that no client can bring about: hyper or the wire says no before, or nothing of ours fails; or it would take a
/// hundred thousand proofs, as the memory's own test does.
const UNREACHABLE: [&str; 6] =
    ["path_empty", "path_not_absolute", "path_fragment", "internal", "credential_withdrawn", "dpop_replays_full"];

/// Every refusal by a sanction.
fn sanctions() -> impl Iterator<Item = Denial> {
    let whom = [Whom::Caller, Whom::Address, Whom::Role, Whom::Route, Whom::All];
    let how = [How::Quarantined, How::Locked, How::StepUp(std::time::Duration::ZERO), How::Throttled];
    how.into_iter().flat_map(move |how| whom.map(|whom| Denial::Sanction(Held { whom, how, wait: None })))
}

#[test]
fn refusal_of_every_kind_has_a_test() {
    use HeadFault as H;
    use RequestFault as R;
    use UpstreamFault as U;
    let heads = [
        H::RequestLine,
        H::Version,
        H::TargetCharacter,
        H::Fragment,
        H::BareLineFeed,
        H::Folded,
        H::FieldName,
        H::FieldValue,
        H::Length,
        H::RepeatedLength,
        H::Encoding,
        H::LengthAndEncoding,
        H::NoHost,
        H::RepeatedHost,
        H::TooLarge,
        H::TargetTooLong,
    ];
    let requests = [
        R::Method,
        R::TargetForm,
        R::Query,
        R::Host,
        R::HostConflict,
        R::Misdirected,
        R::FieldName,
        R::Expectation,
        R::Upgrade,
        R::ForwardedAddress,
    ];
    let bodies = [BodyFault::TooLarge, BodyFault::Stalled, BodyFault::Broken, BodyFault::Gone];
    let reasons = [
        Reason::Address,
        Reason::NoRoute,
        Reason::AmbiguousPath,
        Reason::EncodedSlash,
        Reason::Method,
        Reason::NoCaller,
        Reason::Role,
        Reason::NoDevice,
        Reason::OtherDevice,
        Reason::Mfa(std::time::Duration::ZERO),
    ];
    let upstream = [U::Connect, U::ConnectTimeout, U::Busy, U::Closed, U::BadAnswer, U::Timeout, U::RequestBody];
    let spent = portcullis::limits::Spent {
        limit: 0,
        measure: portcullis::limits::Measure::Requests,
        wait: std::time::Duration::ZERO,
    };
    let all = heads.map(Denial::Head).into_iter().chain(PathFault::ALL.map(Denial::Path));
    let all = all.chain(requests.map(Denial::Request)).chain(bodies.map(Denial::Body));
    let all = all.chain(IdentityRefusal::ALL.map(Denial::Identity)).chain(reasons.map(Denial::Policy));
    let all = all
        .chain([
            Denial::Limit(spent),
            Denial::Uncountable(0),
            Denial::Canary,
            Denial::Unsearchable,
            Denial::UnsearchableBody,
        ])
        .chain(sanctions());
    let all =
        all.chain([GateFault::Audit, GateFault::Internal].map(Denial::Gate)).chain(upstream.map(Denial::Upstream));
    let listed: BTreeSet<&str> = all.map(|denial| denial.row().outcome.code).collect();
    let tables = malformed().into_iter().chain(by_policy()).map(|(_, _, code)| code);
    let credentials = refused_credentials::rows().into_iter().map(|(_, code)| code);
    let tested: BTreeSet<&str> = tables
        .chain(credentials)
        .chain(ELSEWHERE)
        .chain(UNREACHABLE)
        .chain(identity::CODES)
        .chain(["credential_conflict"])
        .collect();
    assert_eq!(listed, tested);
}

#[test]
fn refusal_of_what_is_not_sound() {
    let app = Upstream::start(answer("fine"));
    let gate = Gate::start(&Policy::new(&app));
    assert_all_refused(&gate, &malformed());
    app.assert_untouched();
}

#[test]
fn refusal_by_policy() {
    let app = Upstream::start(answer("fine"));
    let gate = Gate::start(&Policy::new(&app));
    let rows = by_policy();
    assert_all_refused(&gate, &rows);
    app.assert_untouched();
    // On HTTP/2 the same.
    let client = Http2::connect(&gate, None);
    for (path, status, code) in [("/nowhere", 403, "no_route"), ("/admin", 401, "caller_required")] {
        assert_refused(&gate, &client.get(path), status, code);
    }
    gate.records(rows.len() + 2);
}

#[test]
fn refusal_of_a_method_lists_those_that_are_allowed() {
    let app = Upstream::start(answer("fine"));
    let gate = Gate::start(&Policy::new(&app));
    let answer = gate.connect().ask("DELETE /public/x HTTP/1.1\r\nHost: localhost\r\n\r\n");
    assert_eq!(answer.field("allow"), Some("GET, POST"));
    assert_refused(&gate, &answer, 405, "method_not_allowed");
}

#[test]
fn refusal_with_a_challenge_says_what_is_lacking_and_no_more() {
    let app = Upstream::start(answer("fine"));
    let gate = Gate::start(&Policy::new(&app));
    let challenge = |target: &str, fields: &str| {
        let answer = gate.connect().ask(get(target, fields));
        assert_eq!(answer.status, 401);
        answer.field("www-authenticate").expect("a challenge").to_owned()
    };
    let without = token("alice@seller.example", &[], false);
    assert_eq!(challenge("/admin", ""), "Bearer realm=\"portcullis\"");
    assert_eq!(
        challenge("/admin", "Authorization: Bearer a.b.c\r\n"),
        "Bearer realm=\"portcullis\", error=\"invalid_token\""
    );
    let step_up = challenge("/second-factor", &format!("Authorization: Bearer {without}\r\n"));
    assert!(step_up.contains("error=\"insufficient_user_authentication\""), "{step_up}");
    assert!(step_up.contains("max_age=\"900\""), "{step_up}");
}

#[test]
fn refusal_of_a_head_request_has_no_body() {
    let app = Upstream::start(answer("fine"));
    let gate = Gate::start(&Policy::new(&app));
    let mut client = gate.connect();
    client.send("HEAD /nowhere HTTP/1.1\r\nHost: localhost\r\n\r\n");
    assert_eq!(client.answer_to("HEAD").expect("an answer").status, 403);
    assert_eq!(client.ask(get("/open", "")).text(), "fine");
    gate.records(2);
}

#[test]
fn refusal_of_an_answer_whose_records_cannot_be_counted() {
    let coded =
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Encoding: br\r\nContent-Length: 1\r\n\r\nx";
    let app = Upstream::start(crate::support::upstream::raw(coded, Then::Keep));
    let once = "  - { name: once, per: address, requests: 1/m }\n";
    let counted = "  - { name: reads, per: address, records: { count: 9/d, at: \"$[*]\" } }\n";
    let gate = Gate::start(&Policy::new(&app).swap(once, &format!("{once}{counted}")));
    for answer in [gate.connect().ask(get("/open", "")), Http2::connect(&gate, None).get("/open")] {
        assert_refused(&gate, &answer, 502, "answer_uncountable");
    }
}

#[test]
fn refusal_by_a_limit_says_when_to_come_again() {
    let app = Upstream::start(answer("fine"));
    let gate = Gate::start(&Policy::new(&app));
    assert_eq!(gate.connect().ask(get("/once", "")).status, 200);
    for answer in [gate.connect().ask(get("/once", "")), Http2::connect(&gate, None).get("/once")] {
        let record = assert_refused(&gate, &answer, 429, "rate_limited");
        assert_eq!(record.event(), "HTTP.DENY.RATE");
        assert_eq!(record.0["unmapped"]["portcullis"]["limit"], "once");
        let wait: u64 = answer.field("retry-after").expect("a time").parse().expect("seconds");
        assert!((1..=61).contains(&wait), "{wait}");
    }
    assert_eq!(app.requests().len(), 1);
    gate.records(3);
}

#[test]
fn refusal_of_a_body_that_is_too_large() {
    let app = Upstream::start(answer("fine"));
    let gate = Gate::start(&Policy::new(&app));
    let post = |fields: &str, body: &str| format!("POST /small HTTP/1.1\r\nHost: localhost\r\n{fields}\r\n{body}");
    // Declared: the app never hears of it, whether the body is sent or not.
    let declared = post("Content-Length: 17\r\n", "");
    assert_refused(&gate, &gate.connect().ask(declared), 413, "body_too_large");
    let waiting = post("Content-Length: 17\r\nExpect: 100-continue\r\n", "");
    let mut client = gate.connect();
    assert_refused(&gate, &client.ask(waiting), 413, "body_too_large");
    assert!(client.is_closed());
    app.assert_untouched();
    // On the way: the app sees a body that never ends.
    let streamed = post("Transfer-Encoding: chunked\r\n", "10\r\n0123456789abcdef\r\n1\r\nx\r\n0\r\n\r\n");
    assert_refused(&gate, &gate.connect().ask(streamed), 413, "body_too_large");
    let request = http::Request::post("https://localhost/small").body(()).expect("a request");
    let rest = crate::support::http2::Rest::of("0123456789abcdefg");
    assert_refused(
        &gate,
        &Http2::connect(&gate, None).ask_with(request, rest).expect("an answer"),
        413,
        "body_too_large",
    );
    assert!(app.requests().iter().all(|request| !request.whole), "{:?}", app.requests());
    // Just as much as is allowed.
    assert_eq!(gate.connect().ask(post("Content-Length: 16\r\n", "0123456789abcdef")).status, 200);
    gate.records(5);
}

#[test]
fn refusal_of_a_body_that_stalls() {
    let app = Upstream::start(answer("fine"));
    let gate = Gate::start(&Policy::new(&app).gate("timeouts: { body_idle: 300ms }"));
    for body in ["Content-Length: 10\r\n\r\nabc", "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n"] {
        let mut client = gate.connect();
        let answer = client.ask(format!("POST /open HTTP/1.1\r\nHost: localhost\r\n{body}"));
        let record = assert_refused(&gate, &answer, 408, "body_stalled");
        assert_eq!(record.bytes().0, 3);
        assert!(client.is_closed());
    }
    let mut frames = Frames::connect(&gate, None);
    let fate = frames.headers(1, &head("POST", "/open"), 0).data(1, b"abc", 0).fate(1);
    assert!(matches!(&fate, Fate::Answered(body) if body.starts_with(b"{\"incident\"")), "{fate:?}");
    assert_eq!(gate.records(3)[2].code(), "body_stalled");
    assert!(app.requests().iter().all(|request| !request.whole), "{:?}", app.requests());
}

#[test]
fn refusal_of_a_body_that_is_not_read_leaves_http2_connections_alone() {
    let app = Upstream::start(answer("fine"));
    let gate = Gate::start(&Policy::new(&app));
    let mut frames = Frames::connect(&gate, None);
    frames.headers(1, &head("POST", "/nowhere"), 0).data(1, &[0; 1000], 0);
    assert!(matches!(frames.fate(1), Fate::Answered(_)));
    let fate = frames.headers(3, &head("GET", "/open"), END_STREAM).fate(3);
    assert_eq!(fate, Fate::Answered(b"fine".to_vec()));
    gate.records(2);
}

#[test]
fn refusal_of_personal_data_while_the_trail_cannot_be_kept() {
    let app = Upstream::start(answer("fine"));
    let gate = Gate::start(&Policy::new(&app).sink("file: { path: /dev/full }"));
    let picker = Person::picker();
    let answer = gate.connect_as(&picker).ask(get("/orders/1/address", ""));
    assert_refused(&gate, &answer, 503, "audit_unavailable");
    app.assert_untouched();
    assert_eq!(gate.connect_as(&picker).ask(get("/admin", "")).status, 200, "other routes go on");
    gate.records(2);
}

#[test]
fn refusal_in_shadow_mode_is_recorded_and_not_enforced() {
    let app = Upstream::start(answer("fine"));
    let gate = Gate::start(&Policy::new(&app).top("mode: shadow"));
    for (target, code) in [("/admin", "caller_required"), ("/nowhere", "no_route"), ("/inside", "address_refused")] {
        assert_eq!(gate.connect().ask(get(target, "")).status, 200, "{target}");
        let records = gate.records_when("a record", |records| records.iter().any(|record| shadow(record) == code));
        assert!(records.iter().all(|record| record.code() == "allowed"), "{target}");
    }
    // What has no single reading is refused all the same.
    assert_refused(&gate, &gate.connect().ask(get("/a/../admin", "")), 400, "path_dot_dot");
    assert_refused(&gate, &gate.connect().ask(get("/open", "X_A: b\r\n")), 400, "header_name");
    app.requests_when(3);
    gate.records(5);
}

fn shadow(record: &crate::support::Record) -> &str {
    record.0.pointer("/unmapped/portcullis/shadow/status_code").and_then(|code| code.as_str()).unwrap_or_default()
}

#[test]
fn refusal_of_an_upgrade_by_the_app_ends_the_connection() {
    let app = Upstream::start(|_, wire| {
        say(wire, "HTTP/1.1 400 No\r\nContent-Length: 2\r\n\r\nno");
        Then::Keep
    });
    let gate = Gate::start(&Policy::new(&app));
    let mut client = gate.connect();
    let smuggled = get("/public/smuggled", "");
    let answer = client.ask(get("/open", "Upgrade: websocket\r\nConnection: upgrade\r\n") + &smuggled);
    assert_eq!((answer.status, answer.text().as_str()), (400, "no"));
    assert!(client.is_closed());
    assert_eq!(app.only_request().target(), "/open");
    gate.only_record();
}
