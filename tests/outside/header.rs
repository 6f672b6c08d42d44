//! Fields that claim an identity, an address or a path (classes B 16 to 26), in both directions.

use crate::support::credentials::{credentials, minted};
use crate::support::frames::{END_STREAM, Fate, Frames, head};
use crate::support::http2::{Http2, Rest};
use crate::support::upstream::{raw, say};
use crate::support::{Gate, Person, Policy, Then, Upstream, answer, assert_all_refused, assert_refused, token};

/// What the app sees of a request that brings nothing itself.
const OURS: [&str; 4] = ["host", "x-forwarded-for", "x-forwarded-proto", "x-portcullis-request-id"];

fn get(path: &str, fields: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n{fields}\r\n")
}

#[test]
fn header_claims_of_identity_never_reach_the_app() {
    let app = Upstream::start(answer("fine"));
    let gate = Gate::start(&Policy::new(&app).gate("assertion: { key: certs/assertion.key, audience: app }"));
    let claims = "X-Portcullis-Caller: user:root\r\nx-portcullis-roles: support\r\nX-PORTCULLIS-ASSERTION: a.b.c\r\n\
                  XPortcullis-Caller: x\r\nX-Port-Cullis-Caller: x\r\nX-Portcullis-Request-Id: 1\r\n\
                  X-Portcullis-New: x\r\n";
    assert_eq!(gate.connect().ask(get("/open", claims)).status, 200);
    assert_eq!(gate.connect_as(&Person::picker()).ask(get("/admin", claims)).status, 200);
    // Nobody by a claim either: refused, and not forwarded.
    assert_refused(&gate, &gate.connect().ask(get("/admin", claims)), 401, "caller_required");
    let [nobody, picker] = <[_; 2]>::try_from(app.requests_when(2)).expect("two requests");
    let mut names = nobody.names();
    names.sort();
    assert_eq!(names, OURS);
    assert_eq!(picker.field("x-portcullis-caller"), Some("cert:spiffe://seller/picker"));
    assert_eq!(picker.field("x-portcullis-roles"), Some("fulfilment"));
    let assertion = picker.field("x-portcullis-assertion").expect("an assertion");
    assert_eq!(assertion.split('.').count(), 3);
    let records = gate.records(3);
    assert_eq!(picker.field("x-portcullis-request-id"), Some(records[1].id()));
}

#[test]
fn header_names_that_frameworks_fold_are_refused() {
    let app = Upstream::start(answer("fine"));
    let gate = Gate::start(&Policy::new(&app));
    let rows: Vec<_> = b"!#$%&'*+.^_`|~"
        .iter()
        .map(|separator| format!("X{0}Portcullis{0}Caller: user:root\r\n", char::from(*separator)))
        .chain(["X_Forwarded_For: 1.1.1.1\r\n".into(), "Content_Length: 3\r\n".into(), "A.b: c\r\n".into()])
        .map(|field| (get("/open", &field), 400, "header_name"))
        .collect();
    assert_all_refused(&gate, &rows);
    for name in ["x_portcullis_caller", "x.portcullis.caller", "transfer_encoding", "content_length", "a!b"] {
        let mut frames = Frames::connect(&gate, None);
        let mut fields = head("GET", "/open");
        fields.push((name, "x"));
        let fate = frames.headers(1, &fields, END_STREAM).fate(1);
        assert!(matches!(fate, Fate::Answered(body) if body.starts_with(b"{\"incident\"")), "{name}");
    }
    let records = gate.records(rows.len() + 5);
    assert!(records.iter().all(|record| record.code() == "header_name"));
    app.assert_untouched();
}

#[test]
fn header_claims_of_address_and_path_from_strangers_are_dropped() {
    let app = Upstream::start(answer("fine"));
    let gate = Gate::start(&Policy::new(&app).top("network: { deny: [203.0.113.0/24] }"));
    let claims = [
        "Forwarded: for=203.0.113.9",
        "X-Forwarded-For: 203.0.113.9",
        "X-Forwarded-Host: evil",
        "X-Forwarded-Port: 1",
        "X-Forwarded-Proto: http",
        "X-Forwarded-Prefix: /admin",
        "X-Forwarded-Uri: /open",
        "X-Forwarded-Method: GET",
        "X-Forwarded-Server: evil",
        "X-Forwarded-Tls-Client-Cert: x",
        "X-Forwarded-Ssl: on",
        "X-Original-Url: /open",
        "X-Original-Uri: /open",
        "X-Original-Method: GET",
        "X-Original-Forwarded-For: 1.1.1.1",
        "X-Rewrite-Url: /open",
        "X-Real-Ip: 203.0.113.9",
        "X-Client-Ip: 1.1.1.1",
        "X-Cluster-Client-Ip: 1.1.1.1",
        "True-Client-Ip: 1.1.1.1",
        "CF-Connecting-Ip: 1.1.1.1",
        "Via: 1.1 evil",
        "X-Http-Method-Override: DELETE",
        "X-Http-Method: DELETE",
        "X-Method-Override: DELETE",
        "X-Envoy-External-Address: 1.1.1.1",
        "X-Envoy-Internal: true",
        "X-Host: evil",
        "X-SSL-Client-Cert: x",
        "Client-Cert: x",
        "Proxy: http://evil.example:8080",
        "Remote-User: root",
        "X-Remote-User: root",
        "X-Remote-Addr: 1.1.1.1",
        "X-Auth-Request-Email: root@seller.example",
        "X-WebAuth-User: root",
        "X-Goog-Authenticated-User-Email: accounts.google.com:root@seller.example",
        "X-Ms-Client-Principal: e30=",
        "X-Amzn-Oidc-Data: a.b.c",
        "Ssl-Client-Verify: SUCCESS",
        "Client-Ip: 1.1.1.1",
        "Forwarded-For: 1.1.1.1",
        "X-Originating-Ip: 1.1.1.1",
        "WL-Proxy-Client-Ip: 1.1.1.1",
        "X-Scheme: http",
        "Front-End-Https: off",
        "User-Agent: kube-probe/1.30",
        "Accept: */*",
    ]
    .join("\r\n");
    // None of them chooses a route or an address: /admin stays shut, and /open is asked for by 127.0.0.1.
    assert_refused(&gate, &gate.connect().ask(get("/admin", &format!("{claims}\r\n"))), 401, "caller_required");
    assert_eq!(gate.connect().ask(get("/open", &format!("{claims}\r\n"))).status, 200);
    let seen = app.only_request();
    let mut names = seen.names();
    names.sort();
    let mut expected = OURS.to_vec();
    expected.extend(["accept", "user-agent"]);
    expected.sort_unstable();
    assert_eq!(names, expected);
    assert_eq!(seen.field("x-forwarded-for"), Some("127.0.0.1"));
    assert_eq!(seen.field("x-forwarded-proto"), Some("https"));
}

#[test]
fn header_connection_strips_none_of_ours() {
    let app = Upstream::start(answer("fine"));
    let gate = Gate::start(&Policy::new(&app));
    let fields = "Connection: X-Forwarded-For, x-portcullis-caller, X-Portcullis-Roles, host, X-Mine, x-forwarded-proto\r\n\
                  Connection: authorization, content-length, keep-alive\r\nKeep-Alive: timeout=5\r\nX-Mine: 1\r\n\
                  Proxy-Connection: close\r\nProxy-Authorization: Basic x\r\nTE: trailers\r\nCookie: a=b\r\n";
    assert_eq!(gate.connect_as(&Person::picker()).ask(get("/admin", fields)).status, 200);
    let mut names = app.only_request().names();
    names.sort();
    let mut expected = OURS.to_vec();
    expected.extend(["cookie", "x-portcullis-caller", "x-portcullis-roles"]);
    expected.sort_unstable();
    assert_eq!(names, expected);
}

#[test]
fn header_connection_cannot_take_the_length_from_a_body() {
    let app = Upstream::start(answer("fine"));
    let gate = Gate::start(&Policy::new(&app));
    let request = "POST /open HTTP/1.1\r\nHost: localhost\r\nConnection: content-length, content-type\r\n\
                   Content-Type: text/plain\r\nContent-Length: 3\r\n\r\nabc";
    let mut client = gate.connect();
    assert_eq!(client.ask(request).status, 200);
    assert_eq!(client.ask(get("/open", "")).status, 200);
    let requests = app.requests_when(2);
    assert_eq!(requests[0].content(), b"abc");
    assert_eq!(requests[0].field("content-type"), Some("text/plain"));
}

#[test]
fn header_credentials_stay_at_the_gate() {
    let app = Upstream::start(answer("fine"));
    let gate = Gate::start(&Policy::new(&app));
    let secret = token("alice@seller.example", &[], true);
    let robot = &credentials().robot.text;
    assert_eq!(gate.connect().ask(get("/support/x", &format!("Authorization: Bearer {secret}\r\n"))).status, 200);
    assert_eq!(gate.connect().ask(get("/support/x", &format!("X-Api-Key: {robot}\r\n"))).status, 200);
    for request in app.requests_when(2) {
        assert!(request.field("authorization").is_none() && request.field("x-api-key").is_none(), "{}", request.head);
    }
    let stopped = gate.stop();
    for said in [&secret, robot, "alice@seller.example"] {
        stopped.assert_never_said(said);
    }
}

#[test]
fn header_repeated_credentials_are_refused() {
    let app = Upstream::start(answer("fine"));
    let gate = Gate::start(&Policy::new(&app));
    let token = token("alice@seller.example", &[], true);
    let robot = &credentials().robot.text;
    let rows = [
        format!("Authorization: Bearer {token}\r\nAuthorization: Bearer {token}\r\n"),
        format!("Authorization: Bearer {token}\r\nauthorization: Basic YTpi\r\n"),
        format!("Authorization: Bearer {token}, Bearer {token}\r\n"),
        format!("X-Api-Key: {robot}\r\nX-Api-Key: {robot}\r\n"),
        format!("X-Api-Key: {robot},{robot}\r\n"),
    ];
    assert_all_refused(&gate, &rows.map(|fields| (get("/support/x", &fields), 401, "credential_repeated")));
    app.assert_untouched();
}

#[test]
fn header_bytes_beyond_ascii_open_nothing() {
    let app = Upstream::start(answer("fine"));
    let gate = Gate::start(&Policy::new(&app).gate("trusted_proxies: [127.0.0.1/32]"));
    let with = |field: &str| {
        let mut request = b"GET /support/x HTTP/1.1\r\nHost: localhost\r\n".to_vec();
        request.extend(field.bytes().map(|byte| if byte == b'~' { 0xff } else { byte }));
        request.extend(b"\r\n\r\n");
        request
    };
    assert_all_refused(
        &gate,
        &[
            (with("Authorization: Bearer ~"), 401, "token_malformed"),
            (with("Authorization: ~"), 401, "unsupported_scheme"),
            (with("X-Api-Key: ~"), 401, "api_key_malformed"),
            (with("X-Forwarded-For: ~"), 400, "forwarded_address"),
            (with("X-Other: ~"), 401, "caller_required"),
            (with("Expect: ~"), 417, "expectation"),
            (with("X~A: b"), 400, "header_name"),
            (b"GET /open HTTP/1.1\r\nHost: loc\xffalhost\r\n\r\n".to_vec(), 400, "host_malformed"),
        ],
    );
    app.assert_untouched();
}

#[test]
fn header_hosts_that_are_none_are_refused() {
    let app = Upstream::start(answer("fine"));
    let gate = Gate::start(&Policy::new(&app));
    let host = |host: &str| format!("GET /open HTTP/1.1\r\nHost: {host}\r\n\r\n");
    let mut rows: Vec<_> =
        ["", "a,b", "a/b", "user@localhost", "a b", "a:b", "a:99999", "[::1", "[::1%25eth0]", "a..b"]
            .map(|name| (host(name), 400, "host_malformed"))
            .to_vec();
    rows.push(("GET /open HTTP/1.1\r\n\r\n".into(), 400, "host_missing"));
    rows.push(("GET /open HTTP/1.0\r\n\r\n".into(), 400, "host_malformed"));
    rows.push((host("localhost\r\nHost: localhost"), 400, "host_repeated"));
    rows.push((host("localhost\r\nhost: evil"), 400, "host_repeated"));
    rows.push((host("evil.example"), 421, "host_misdirected"));
    rows.push((host("[::1]"), 421, "host_misdirected"));
    assert_all_refused(&gate, &rows);
    app.assert_untouched();
}

#[test]
fn header_addresses_from_a_trusted_proxy_are_judged() {
    let app = Upstream::start(answer("fine"));
    let policy = Policy::new(&app).gate("trusted_proxies: [127.0.0.0/8]");
    let gate = Gate::start(&policy.top("network: { deny: [203.0.113.0/24] }"));
    for denied in [
        "X-Forwarded-For: 203.0.113.9\r\n",
        "X-Forwarded-For: ::ffff:203.0.113.9\r\n",
        "X-Forwarded-For: 8.8.8.8\r\nX-Forwarded-For: 203.0.113.9, 127.0.0.9\r\n",
        "X-Forwarded-For: 203.0.113.9:4711\r\n",
        "Forwarded: for=8.8.8.8, for=\"203.0.113.9:1\";proto=https\r\n",
    ] {
        let record = assert_refused(&gate, &gate.connect().ask(get("/open", denied)), 403, "address_refused");
        assert_eq!(record.event(), "HTTP.DENY.IP");
    }
    for bad in ["unknown", "", "0x7f.1", "127.1", "0177.0.0.1", "fe80::1%eth0", "203.0.113.9 8.8.8.8", "8.8.8.8,"] {
        let answer = gate.connect().ask(get("/open", &format!("X-Forwarded-For: {bad}\r\n")));
        assert_refused(&gate, &answer, 400, "forwarded_address");
    }
    app.assert_untouched();
    let chain = "X-Forwarded-For: 203.0.113.9, 198.51.100.7\r\n";
    assert_eq!(gate.connect().ask(get("/open", chain)).status, 200);
    let seen = app.only_request();
    assert_eq!(seen.all("x-forwarded-for"), ["203.0.113.9, 198.51.100.7", "127.0.0.1"]);
    let records = gate.records(14);
    let source = &records[13].0["src_endpoint"];
    assert!(source["proxy_endpoint"].is_object(), "{source}");
}

#[test]
fn header_subjects_are_whole_names() {
    let app = Upstream::start(answer("fine"));
    let gate = Gate::start(&Policy::new(&app));
    for (subject, code, status) in [
        ("alice@seller.example@evil.example", "role_missing", 403),
        ("Alice@seller.example", "role_missing", 403),
        ("user:alice@seller.example", "role_missing", 403),
        ("key:robot", "role_missing", 403),
        ("alice@seller.example\n", "token_claims", 401),
        ("", "token_claims", 401),
    ] {
        let fields = format!("Authorization: Bearer {}\r\n", token(subject, &[], true));
        assert_refused(&gate, &gate.connect().ask(get("/support/x", &fields)), status, code);
    }
    let stranger = minted(|request| request, "x", &["user:alice@seller.example", "support"], true);
    let answer = gate.connect().ask(get("/support/x", &format!("Authorization: Bearer {stranger}\r\n")));
    assert_refused(&gate, &answer, 403, "role_missing");
    app.assert_untouched();
}

#[test]
fn header_answers_are_cleaned_before_the_client_sees_them() {
    let app = Upstream::start(raw(
        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-Portcullis-Caller: user:root\r\nXPortcullis-Roles: x\r\n\
         Connection: X-Hop, set-cookie\r\nX-Hop: 1\r\nKeep-Alive: timeout=5\r\nProxy-Connection: close\r\n\
         Set-Cookie: a=b\r\nX-App: 1\r\nCache-Control: public\r\n\r\nok",
        Then::Keep,
    ));
    let gate = Gate::start(&Policy::new(&app));
    let names = |answer: &crate::support::Answer| {
        let mut names: Vec<_> = answer.fields.iter().map(|(name, _)| name.clone()).collect();
        names.sort();
        names
    };
    let open = gate.connect().ask(get("/open", ""));
    let expected = ["cache-control", "content-length", "date", "set-cookie", "strict-transport-security", "x-app"];
    assert_eq!(names(&open), expected);
    assert_eq!(open.field("cache-control"), Some("public"));
    let pii = gate.connect_as(&Person::picker()).ask(get("/orders/1/address", ""));
    assert_eq!(names(&pii), expected);
    assert_eq!(pii.field("cache-control"), Some("no-store"));
    assert_eq!(names(&Http2::connect(&gate, None).get("/open")), expected);
}

#[test]
fn header_trailers_are_cleaned_in_both_directions() {
    let app = Upstream::start(|_, wire| {
        say(
            wire,
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n2\r\nok\r\n0\r\n\
             X-Sum: 1\r\nX-Portcullis-Caller: root\r\nSet-Cookie: a=b\r\nContent-Length: 5\r\nHost: evil\r\n\r\n",
        );
        Then::Keep
    });
    let gate = Gate::start(&Policy::new(&app));
    let request = http::Request::post("https://localhost/open").body(()).expect("a request");
    let rest = Rest::of("abc")
        .then("x-sum", "2")
        .then("x-portcullis-caller", "user:root")
        .then("authorization", "x")
        .then("x-forwarded-for", "1.1.1.1")
        .then("host", "evil");
    let answer = Http2::connect(&gate, None).ask_with(request, rest).expect("an answer");
    assert_eq!((answer.status, answer.text().as_str()), (200, "ok"));
    assert_eq!(answer.field("x-sum"), Some("1"));
    for gone in ["x-portcullis-caller", "set-cookie", "content-length", "host"] {
        assert_eq!(answer.field(gone), None);
    }
    let body = String::from_utf8(app.only_request().body).expect("text").to_lowercase();
    for gone in ["portcullis", "authorization", "forwarded", "evil"] {
        assert!(!body.contains(gone), "{body}");
    }
}

#[test]
fn header_cookie_crumbs_of_http2_are_one_field_of_http1() {
    let app = Upstream::start(answer("fine"));
    let gate = Gate::start(&Policy::new(&app));
    let request = http::Request::get("https://localhost/open").header("cookie", "a=1").header("cookie", "b=2");
    Http2::connect(&gate, None).ask(request.body(()).expect("a request")).expect("an answer");
    assert_eq!(app.only_request().field("cookie"), Some("a=1; b=2"));
}

#[test]
fn header_bounds_hold_on_both_protocols() {
    let app = Upstream::start(answer("fine"));
    let gate = Gate::start(&Policy::new(&app));
    let many = get("/open", &"X-A: b\r\n".repeat(100));
    let long = get("/open", &format!("X-A: {}\r\n", "b".repeat(33 * 1024)));
    let name = get("/open", &format!("{}: b\r\n", "X".repeat(33 * 1024)));
    assert_all_refused(&gate, &[many, long, name].map(|request| (request, 431, "header_too_large")));
    let client = Http2::connect(&gate, None);
    let mut request = http::Request::get("https://localhost/open");
    for number in 0..101 {
        request = request.header(format!("x-{number}"), "b");
    }
    let answer = client.ask(request.body(()).expect("a request")).expect("an answer");
    assert_refused(&gate, &answer, 431, "header_too_large");
    app.assert_untouched();
    assert_eq!(gate.connect().ask(get("/open", &"X-A: b\r\n".repeat(99))).status, 200);
}
