//! What a policy asks for beside credentials: networks, methods, limits, second factors, shadow mode (ACC-1, NET-1,
//! ID-5), and what every answer carries.

use crate::support::credentials::minted;
use crate::support::http2::Http2;
use crate::support::upstream::raw;
use crate::support::{Gate, Person, Policy, Record, Then, Upstream, answer, assert_refused, token};

const ALICE: &str = "alice@seller.example";

fn get(path: &str, fields: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n{fields}\r\n")
}

fn shadow(record: &Record) -> &str {
    record.0.pointer("/unmapped/portcullis/shadow/status_code").and_then(|code| code.as_str()).unwrap_or_default()
}

#[test]
fn policy_in_shadow_lets_pass_and_records_what_it_would_have_refused() {
    let app = Upstream::start(answer("hello"));
    let policy = Policy::new(&app)
        .top("mode: shadow")
        .top("network: { deny: [10.0.0.0/8] }")
        .route("{ name: read-only, path: /read-only, methods: [GET], allow: [anyone] }")
        .route("{ name: any, path: /any/**, allow: [anyone] }")
        .route("{ name: upper, path: /any/x/upper, allow: [support] }");
    let gate = Gate::start(&policy);
    let stranger = format!("Authorization: Bearer {}\r\n", token("bob@seller.example", &[], false));
    let alice = format!("Authorization: Bearer {}\r\n", token(ALICE, &[], false));
    let rows = [
        (get("/open", ""), ""),
        (get("/admin/x", ""), "caller_required"),
        (get("/nowhere", ""), "no_route"),
        (get("/inside", ""), "address_refused"),
        (get("/support/x", &stranger), "role_missing"),
        (get("/second-factor", &alice), "mfa_required"),
        (get("/any/x/UPPER", ""), "ambiguous_path"),
        (get("/read-only", "").replace("GET", "DELETE"), "method_not_allowed"),
        (get("/open", "Authorization: Bearer x.y.z\r\n"), "token_malformed"),
    ];
    let mut client = gate.connect();
    for (count, (request, code)) in rows.iter().enumerate() {
        assert_eq!(client.ask(request).status, 200, "{code}");
        let record = &gate.records(count + 1)[count];
        assert_eq!((record.code(), shadow(record)), ("allowed", *code), "{request}");
        assert_eq!(record.event(), "HTTP.ALLOW");
    }
    // Nobody is told to the app whom nobody proved to be.
    assert!(app.requests_when(rows.len())[8].field("x-portcullis-caller").is_none());
    // What is malformed is refused in any mode.
    assert_refused(&gate, &gate.connect().ask(get("/a/../admin", "")), 400, "path_dot_dot");
    assert_refused(&gate, &gate.connect().ask(get("/open#x", "")), 400, "target_fragment");
}

#[test]
fn policy_of_one_route_in_shadow_lifts_what_the_route_asks_for_alone() {
    let app = Upstream::start(answer("hello"));
    let policy =
        Policy::new(&app).route("{ name: trial, path: /trial/**, methods: [GET], allow: [support], mode: shadow }");
    let gate = Gate::start(&policy);
    let mut client = gate.connect();
    assert_eq!(client.ask(get("/trial/x", "")).status, 200);
    assert_eq!(client.ask(get("/trial/x", "").replace("GET", "PUT")).status, 200);
    assert_eq!(client.ask(get("/trial/x", "Authorization: Basic YTpi\r\n")).status, 200);
    let codes: Vec<_> = gate.records(3).iter().map(|record| shadow(record).to_owned()).collect();
    assert_eq!(codes, ["caller_required", "method_not_allowed", "unsupported_scheme"]);
    assert_refused(&gate, &client.ask(get("/support/x", "")), 401, "caller_required");
    assert_refused(&gate, &client.ask(get("/Trial/x", "")), 403, "no_route");
    app.requests_when(3);
}

#[test]
fn policy_networks_hold_for_all_and_for_one_route() {
    let app = Upstream::start(answer("hello"));
    let gate = Gate::start(&Policy::new(&app));
    assert_eq!(gate.connect().ask(get("/open", "")).status, 200);
    assert_refused(&gate, &gate.connect().ask(get("/inside", "")), 403, "address_refused");
    let closed = Gate::start(&Policy::new(&app).top("network: { deny: [127.0.0.0/8] }"));
    let mut client = closed.connect();
    assert!(client.handshake().is_err(), "refused before the handshake");
    let record = closed.only_record();
    assert_eq!((record.code(), record.is_connection()), ("address_refused", true));
    let listed = Gate::start(&Policy::new(&app).top("network: { allow: [10.0.0.0/8] }"));
    assert!(listed.connect().handshake().is_err());
    app.requests_when(1);
}

#[test]
fn policy_believes_forwarded_addresses_of_trusted_proxies_alone() {
    let app = Upstream::start(answer("hello"));
    let network = "network: { deny: [203.0.113.0/24] }";
    let trusting = Gate::start(&Policy::new(&app).gate("trusted_proxies: [127.0.0.1]").top(network));
    let other = Gate::start(&Policy::new(&app).gate("trusted_proxies: [10.0.0.0/8]").top(network));
    let denied = "X-Forwarded-For: 203.0.113.9\r\n";
    assert_refused(&trusting, &trusting.connect().ask(get("/open", denied)), 403, "address_refused");
    let forged = "X-Forwarded-For: 198.51.100.1, 203.0.113.9\r\n";
    assert_refused(&trusting, &trusting.connect().ask(get("/open", forged)), 403, "address_refused");
    let split = "X-Forwarded-For: 203.0.113.9\r\nX-Forwarded-For: 198.51.100.1\r\n";
    assert_eq!(trusting.connect().ask(get("/open", split)).status, 200);
    for bad in ["unknown", "203.0.113.9, fe80::1%eth0", "0xcb007109", "203.0.113"] {
        let answer = trusting.connect().ask(get("/open", &format!("X-Forwarded-For: {bad}\r\n")));
        assert_refused(&trusting, &answer, 400, "forwarded_address");
    }
    // A route for this machine's own: what the client says of itself opens nothing.
    let inside = "X-Forwarded-For: 10.0.0.1\r\nForwarded: for=10.0.0.1\r\nX-Real-IP: 10.0.0.1\r\n";
    assert_refused(&other, &other.connect().ask(get("/inside", inside)), 403, "address_refused");
    assert_eq!(other.connect().ask(get("/open", denied)).status, 200);
    let requests = app.requests_when(2);
    assert_eq!(requests[0].all("x-forwarded-for").join(", "), "203.0.113.9, 198.51.100.1, 127.0.0.1");
    assert_eq!(requests[1].all("x-forwarded-for"), ["127.0.0.1"]);
}

#[test]
fn policy_limits_answer_429_with_the_time_to_come_again() {
    let app = Upstream::start(answer("hello"));
    let gate = Gate::start(&Policy::new(&app));
    assert_eq!(gate.connect().ask(get("/once", "")).status, 200);
    for fields in ["", "X-Forwarded-For: 10.1.2.3\r\n", "Authorization: Bearer x\r\n"] {
        let answer = gate.connect().ask(get("/once", fields));
        if answer.status == 401 {
            continue;
        }
        assert_refused(&gate, &answer, 429, "rate_limited");
        let wait: u64 = answer.field("retry-after").expect("a field").parse().expect("seconds");
        assert!((1..=61).contains(&wait), "{wait}");
    }
    assert_eq!(Http2::connect(&gate, None).get("/once").status, 429);
    assert_eq!(gate.connect().ask(get("/open", "")).status, 200, "other routes go on");
    app.requests_when(2);
}

#[test]
fn policy_second_factors_are_asked_for_and_grow_old() {
    let app = Upstream::start(answer("hello"));
    let gate = Gate::start(&Policy::new(&app));
    let old = minted(
        |mut token| {
            token.now -= 20 * 60;
            token.lifetime = 3600;
            token
        },
        ALICE,
        &[],
        true,
    );
    for token in [token(ALICE, &[], false), old] {
        let answer = gate.connect().ask(get("/second-factor", &format!("Authorization: Bearer {token}\r\n")));
        let record = assert_refused(&gate, &answer, 401, "mfa_required");
        assert_eq!(record.event(), "HTTP.DENY.MFA");
        let challenge = answer.field("www-authenticate").expect("a challenge");
        // RFC 9470 section 3.
        assert!(challenge.contains("error=\"insufficient_user_authentication\""), "{challenge}");
        assert!(challenge.contains("max_age=\"900\"") || challenge.contains("max_age=900"), "{challenge}");
    }
    let fresh = format!("Authorization: Bearer {}\r\n", token(ALICE, &[], true));
    assert_eq!(gate.connect().ask(get("/second-factor", &fresh)).status, 200);
    app.requests_when(1);
}

#[test]
fn policy_routes_are_chosen_by_the_most_specific_path() {
    let app = Upstream::start(answer("hello"));
    let policy = Policy::new(&app)
        .route("{ name: wide, path: /shop/**, allow: [anyone] }")
        .route("{ name: any, path: \"/shop/*/items\", allow: [support] }")
        .route("{ name: named, path: \"/shop/{id}/items/{item}\", allow: [support] }")
        .route("{ name: literal, path: /shop/1/items, allow: [fulfilment] }");
    let gate = Gate::start(&policy);
    let rows = [
        ("/shop/x", "wide", 200),
        ("/shop/2/items", "any", 401),
        ("/shop/2/items/3", "named", 401),
        ("/shop/1/items", "literal", 401),
        ("/shop/1/items/3/more", "wide", 200),
    ];
    for (count, (path, route, status)) in rows.into_iter().enumerate() {
        assert_eq!(gate.connect().ask(get(path, "")).status, status, "{path}");
        assert_eq!(gate.records(count + 1)[count].route(), route, "{path}");
    }
}

#[test]
fn policy_methods_that_a_route_lacks_are_405_with_those_it_has() {
    let app = Upstream::start(answer("hello"));
    let gate = Gate::start(&Policy::new(&app));
    let answer = gate.connect().ask(get("/public/x", "").replace("GET", "DELETE"));
    assert_refused(&gate, &answer, 405, "method_not_allowed");
    assert_eq!(answer.field("allow"), Some("GET, POST"));
    // HEAD is not GET: a route that lets it pass says so.
    let head = gate.connect().send(get("/public/x", "").replace("GET", "HEAD")).answer_to("HEAD").expect("an answer");
    assert_eq!(head.status, 405);
    app.assert_untouched();
}

#[test]
fn policy_of_personal_data_forbids_caches_and_hsts_is_everywhere() {
    let cached = "HTTP/1.1 200 OK\r\nCache-Control: public, max-age=600\r\nContent-Length: 2\r\n\r\nhi";
    let app = Upstream::start(raw(cached, Then::Keep));
    let gate = Gate::start(&Policy::new(&app));
    let picker = Person::picker();
    let mut client = gate.connect_as(&picker);
    let address = client.ask(get("/orders/1/address", ""));
    assert_eq!((address.status, address.field("cache-control")), (200, Some("no-store")));
    let open = client.ask(get("/open", ""));
    assert_eq!(open.field("cache-control"), Some("public, max-age=600"));
    let refused = [client.ask(get("/support/x", "")), client.ask(get("/nowhere", "")), gate.connect().ask("x\r\n\r\n")];
    for answer in [&address, &open].into_iter().chain(&refused) {
        assert!(
            answer.field("strict-transport-security").is_some_and(|value| value.starts_with("max-age=")),
            "{answer:?}"
        );
    }
    let over2 = Http2::connect(&gate, Some(&picker)).get("/orders/1/address");
    assert_eq!(over2.field("cache-control"), Some("no-store"));
    assert!(over2.field("strict-transport-security").is_some());
    let record = &gate.records(6)[0];
    assert_eq!(record.route(), "address");
    assert!(record.0["metadata"]["profiles"].to_string().contains("data_classification"), "{record:?}");
}
