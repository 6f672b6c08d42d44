//! Paths and targets that two readers take for different resources (classes A 1 to 15 of the attacks on other gates).
//!
//! The worst policy for it stands in front: everything is open to anyone, except for what lies below `/admin`.

use crate::support::client::terms;
use crate::support::frames::{END_STREAM, Fate, Frames, head};
use crate::support::{Client, Gate, Person, Policy, Upstream, answer, assert_all_refused, assert_refused};

fn everything_open(app: &Upstream) -> Policy {
    Policy::new(app).route("{ name: everything, path: /**, allow: [anyone] }")
}

fn get(target: &str) -> String {
    format!("GET {target} HTTP/1.1\r\nHost: localhost\r\n\r\n")
}

/// Has each target refused, and nothing reach the app.
#[track_caller]
fn refused(policy: impl Fn(&Upstream) -> Policy, rows: &[(&str, u16, &str)]) {
    let app = Upstream::start(answer("secret"));
    let gate = Gate::start(&policy(&app));
    let rows: Vec<_> = rows.iter().map(|(target, status, code)| (get(target), *status, *code)).collect();
    assert_all_refused(&gate, &rows);
    app.assert_untouched();
}

/// Has each target reach the app in the form that was matched, on this route.
#[track_caller]
fn forwarded(policy: impl Fn(&Upstream) -> Policy, rows: &[(&str, &str, &str)]) {
    let app = Upstream::start(answer("fine"));
    let gate = Gate::start(&policy(&app));
    let mut client = gate.connect();
    for (count, (target, canonical, route)) in rows.iter().enumerate() {
        assert_eq!(client.ask(get(target)).status, 200, "{target}");
        assert_eq!(app.requests_when(count + 1)[count].target(), *canonical, "{target}");
        assert_eq!(gate.records(count + 1)[count].route(), *route, "{target}");
    }
}

#[test]
fn path_spellings_of_a_guarded_path_are_guarded() {
    let rows = [
        "/admin",
        "/admin/",
        "/admin/x",
        "//admin",
        "/./admin",
        "///admin//x",
        "/%61dmin",
        "/%2e/admin",
        "/admin/./x",
        "/a%64min/x",
        "/.//admin",
        "/admin//",
        "/admin?x=/open",
        "/admin?/../open",
        "/admin?x=/health",
    ];
    refused(everything_open, &rows.map(|target| (target, 401, "caller_required")));
}

#[test]
fn path_dot_segments_in_any_spelling_are_refused() {
    let rows = [
        "/a/../admin",
        "/a/%2e%2e/admin",
        "/a/.%2e/admin",
        "/a/..%2fadmin",
        "/a/..%2Fadmin",
        "/..",
        "/a/..",
        "/..%20/x",
        "/a%2f..%2fadmin",
        "/a/%2e%2e%2fadmin",
    ];
    refused(everything_open, &rows.map(|target| (target, 400, "path_dot_dot")));
}

#[test]
fn path_encoded_separators_are_refused() {
    refused(
        everything_open,
        &[
            ("/admin%2Fx", 400, "encoded_slash"),
            ("/admin%2fx", 400, "encoded_slash"),
            ("/x%2F%2Fadmin", 400, "encoded_slash"),
            ("/admin%5cx", 400, "path_backslash"),
            ("/admin%5Cx", 400, "path_backslash"),
            ("/admin\\x", 400, "path_backslash"),
            ("/a\\..\\admin", 400, "path_backslash"),
            ("/admin;a=1/users", 400, "path_semicolon"),
            ("/x;/../admin", 400, "path_semicolon"),
            ("/x%3b/admin", 400, "path_semicolon"),
            ("/;/admin", 400, "path_semicolon"),
        ],
    );
}

#[test]
fn path_escapes_without_a_single_meaning_are_refused() {
    refused(
        everything_open,
        &[
            ("/%252e%252e/admin", 400, "path_double_encoding"),
            ("/%2561dmin", 400, "path_double_encoding"),
            ("/admin%252fx", 400, "path_double_encoding"),
            ("/%25u002e/admin", 400, "path_double_encoding"),
            ("/%zz", 400, "path_malformed_percent"),
            ("/%", 400, "path_malformed_percent"),
            ("/a%2", 400, "path_malformed_percent"),
            ("/%u0061dmin", 400, "path_malformed_percent"),
            ("/admin%00", 400, "path_nul"),
            ("/admin%00.html", 400, "path_nul"),
            ("/admin%0a", 400, "path_control"),
            ("/admin%0d%0aX-A:%20b", 400, "path_control"),
            ("/admin%7f", 400, "path_control"),
            ("/admin%C2%85", 400, "path_control"),
            ("/%c0%afadmin", 400, "path_not_utf8"),
            ("/%c0%ae%c0%ae/admin", 400, "path_not_utf8"),
            ("/%ff", 400, "path_not_utf8"),
            ("/%ed%a0%80", 400, "path_not_utf8"),
            ("/a|b", 400, "path_character"),
            ("/a[b]", 400, "path_character"),
            ("/a{b}", 400, "path_character"),
            ("/a^b", 400, "path_character"),
        ],
    );
}

#[test]
fn path_fragments_and_raw_characters_are_refused() {
    refused(
        everything_open,
        &[
            ("/public#/../admin", 400, "target_fragment"),
            ("/admin#x", 400, "target_fragment"),
            ("/#", 400, "target_fragment"),
            ("/open?a#b", 400, "target_fragment"),
            ("/\u{e9}", 400, "target_character"),
            ("/\"", 400, "target_character"),
            ("/<", 400, "target_character"),
            ("/`id`", 400, "target_character"),
            ("/a\u{7f}", 400, "target_character"),
            ("/a\tb", 400, "target_character"),
            ("/open?q=\u{e9}", 400, "target_character"),
        ],
    );
}

#[test]
fn path_readings_without_regard_to_case_do_not_pass_a_guard() {
    let rows = [
        "/ADMIN",
        "/Admin/x",
        "/ADM%49N",
        "/admIN/",
        "/adm%C4%B0n",
        "/%C5%BFupport/x",
        "/Support/x",
        "/admin.",
        "/admin%20",
        "/admin./x",
        "/admin%20/x",
        "/admin...",
    ];
    refused(everything_open, &rows.map(|target| (target, 400, "ambiguous_path")));
}

#[test]
fn path_look_alikes_that_are_other_resources_pass() {
    forwarded(
        everything_open,
        &[
            ("/administrator", "/administrator", "everything"),
            ("/%C3%A9t%c3%a9", "/%C3%A9t%C3%A9", "everything"),
            ("/a/...", "/a/...", "everything"),
            ("/100%25", "/100%25", "everything"),
            ("/a%20b", "/a%20b", "everything"),
            ("//evil/admin", "/evil/admin", "everything"),
            ("/x/admin", "/x/admin", "everything"),
            ("/%7Euser", "/~user", "everything"),
            ("/https://evil/admin", "/https:/evil/admin", "everything"),
        ],
    );
}

#[test]
fn path_template_segments_take_every_character_that_may_stand_in_one() {
    forwarded(
        Policy::new,
        &[
            ("/files/*", "/files/*", "files"),
            ("/files/!$&'()*+,=:@-._~", "/files/!$&'()*+,=:@-._~", "files"),
            ("/files/a%2fb", "/files/a%2Fb", "files"),
            ("/files/%3f%23%5B", "/files/%3F%23%5B", "files"),
            ("/a.b", "/a.b", "dotted"),
        ],
    );
}

#[test]
fn path_literals_are_no_patterns() {
    let rows = ["/axb", "/a%2ab", "/a", "/a/b", "/files", "/files/a/b", "/openx", "/ope", "/open.", "/files/"];
    refused(Policy::new, &rows.map(|target| (target, 403, "no_route")));
}

#[test]
fn path_lengths_are_bounded() {
    let deep = "/a".repeat(65);
    let long = format!("/{}", "a".repeat(8192));
    refused(everything_open, &[(&deep, 400, "path_too_many_segments"), (&long, 414, "target_too_long")]);
    let longest = format!("/{}", "a".repeat(8191));
    let deepest = "/a".repeat(64);
    forwarded(everything_open, &[(&longest, &longest, "everything"), (&deepest, &deepest, "everything")]);
}

#[test]
fn path_queries_pass_as_they_are_and_choose_no_route() {
    let rows = [
        "/open?a=1&a=2",
        "/open?a=1;b=2",
        "/open?%61=+",
        "/open?",
        "/open??",
        "/open?/admin",
        "/open?a=%00%0d%0a",
        "/open?x='{}|^[]",
    ];
    forwarded(everything_open, &rows.map(|target| (target, target, "open")));
}

#[test]
fn path_targets_in_other_forms_are_held_to_the_same_rules() {
    let app = Upstream::start(answer("secret"));
    let gate = Gate::start(&everything_open(&app));
    let with = |target: &str, host: &str| format!("GET {target} HTTP/1.1\r\nHost: {host}\r\n\r\n");
    assert_all_refused(
        &gate,
        &[
            (with("https://localhost/admin", "localhost"), 401, "caller_required"),
            (with("http://localhost/open", "localhost"), 400, "target_form"),
            (with("ftp://localhost/open", "localhost"), 400, "target_form"),
            (with("https://evil/admin", "localhost"), 400, "host_conflict"),
            (with("https://localhost:444/open", "localhost"), 400, "host_conflict"),
            (with("https://user@localhost/open", "localhost"), 400, "host_conflict"),
            (with("https://user@localhost/open", "user@localhost"), 400, "host_malformed"),
            (with("localhost:443", "localhost:443"), 400, "target_form"),
            (with("*", "localhost"), 400, "target_form"),
            ("OPTIONS * HTTP/1.1\r\nHost: localhost\r\n\r\n".into(), 400, "target_form"),
            (with("https:///admin", "localhost"), 400, "framing_request_line"),
            (with("localhost/admin", "localhost"), 400, "framing_request_line"),
            (with("?/admin", "localhost"), 400, "framing_request_line"),
            (with("https://[::1/admin", "localhost"), 400, "framing_request_line"),
            (with("admin", "localhost"), 400, "target_form"),
        ],
    );
    app.assert_untouched();
}

#[test]
fn path_absolute_targets_reach_the_app_in_origin_form() {
    let app = Upstream::start(answer("fine"));
    let gate = Gate::start(&everything_open(&app));
    let request = "GET https://localhost//open?x HTTP/1.1\r\nHost: LOCALHOST\r\n\r\n";
    assert_eq!(gate.connect().ask(request).status, 200);
    let seen = app.only_request();
    assert_eq!((seen.target(), seen.field("host")), ("/open?x", Some("LOCALHOST")));
}

#[test]
fn path_hosts_are_compared_as_names() {
    let app = Upstream::start(answer("fine"));
    let gate = Gate::start(&Policy::new(&app).gate("hosts: [gate.test]"));
    let ask = |sni: &str, host: &str| {
        let request = format!("GET /open HTTP/1.1\r\nHost: {host}\r\n\r\n");
        Client::with(gate.address(), terms(None, &["http/1.1"]), sni).ask(request)
    };
    for host in ["gate.test", "GATE.TEST", "gate.test.", "gate.test:443"] {
        assert_eq!(ask("gate.test", host).status, 200, "{host}");
        assert_eq!(ask("127.0.0.1", host).status, 200, "{host} without SNI");
    }
    for (sni, host) in [
        ("gate.test", "other.test"),
        ("other.test", "gate.test"),
        ("127.0.0.1", "other.test"),
        ("127.0.0.1", "127.0.0.1"),
        ("gate.test", "gate.test.evil.example"),
        ("gate.test", "xgate.test"),
    ] {
        assert_refused(&gate, &ask(sni, host), 421, "host_misdirected");
    }
    app.requests_when(8);
}

#[test]
fn path_over_http2_is_held_to_the_same_rules() {
    let app = Upstream::start(answer("secret"));
    let gate = Gate::start(&everything_open(&app));
    for (path, code) in [
        ("//admin", "caller_required"),
        ("/admin%2fx", "encoded_slash"),
        ("/a/../admin", "path_dot_dot"),
        ("/\u{e9}", "path_non_ascii"),
        ("/ADMIN", "ambiguous_path"),
        ("/a\"b", "path_character"),
        ("/open?q=\u{e9}", "query_character"),
        // A fragment is no part of what is matched, nor of what is forwarded.
        ("/admin#/../open", "caller_required"),
        ("*", "target_form"),
        (&format!("/{}", "a".repeat(8192)), "path_too_long"),
    ] {
        let mut frames = Frames::connect(&gate, None);
        let fate = frames.headers(1, &head("GET", path), END_STREAM).fate(1);
        let Fate::Answered(body) = fate else { panic!("{path}: {fate:?}") };
        let id = serde_json::from_slice::<serde_json::Value>(&body).expect("JSON")["incident"].clone();
        assert_eq!(gate.record_of(id.as_str().expect("an id")).code(), code, "{path}");
    }
    app.assert_untouched();
    gate.records(10);
}

#[test]
fn path_profiles_read_as_their_apps_do() {
    let tomcat = |app: &Upstream| everything_open(app).upstream("profile: tomcat");
    let iis = |app: &Upstream| everything_open(app).upstream("profile: iis");
    let php = |app: &Upstream| everything_open(app).upstream("profile: php");
    refused(
        tomcat,
        &[
            ("/admin;a=1/users", 401, "caller_required"),
            ("/admin;x", 401, "caller_required"),
            ("/x;/..;/admin", 400, "path_dot_dot"),
            ("/;/admin", 400, "path_semicolon"),
        ],
    );
    refused(
        iis,
        &[
            ("/ADMIN", 401, "caller_required"),
            ("/x\\..\\admin", 400, "path_dot_dot"),
            ("/\\admin", 401, "caller_required"),
            ("/admin.", 400, "path_trailing_dot_or_space"),
            ("/admin::$DATA", 400, "path_colon"),
        ],
    );
    refused(php, &[("/index.php/admin/x", 400, "ambiguous_path")]);
    forwarded(tomcat, &[("/open;jsessionid=1", "/open;jsessionid=1", "open")]);
}

#[test]
fn path_text_from_requests_forges_no_record() {
    let app = Upstream::start(answer("fine"));
    let gate = Gate::start(&Policy::new(&app));
    let page = "%22%7D%0a%7B%22status_code%22:%22allowed%22%7D%25REQ(x)%25";
    let request = format!(
        "GET /orders/1%22%7D/address?page={page} HTTP/1.1\r\nHost: localhost\r\nUser-Agent: \"}}%REQ(a)%`id`\r\n\r\n"
    );
    assert_eq!(gate.connect_as(&Person::picker()).ask(request).status, 200);
    let record = gate.only_record();
    assert_eq!(record.0["http_request"]["url"]["path"], "/orders/{order_id}/address");
    let stopped = gate.stop();
    assert_eq!(stopped.records.len(), 3);
    for text in ["REQ(", "`id`", "1%22%7D", "{\"status_code"] {
        stopped.assert_never_said(text);
    }
}
