use std::fmt::Write as _;
use std::time::Duration;

use super::*;
use crate::policy::settings::{AuditSettings, Endpoint, LimitKey, SinkSettings};

fn load_or_panic(text: &str, options: &LoadOptions) -> Policy {
    let loaded = load_text("p", text, Path::new("/nowhere"), options);
    loaded.unwrap_or_else(|faults| panic!("{faults}")).policy
}

const SMALL: &str = "
version: 1
gate: { listen: '127.0.0.1:8443', tls: { certificate: a.pem, key: b.pem } }
upstream: { url: 'http://localhost:8080' }
redaction: { address: none, caller: id }
routes: [{ name: all, path: '/**', allow: [anyone] }]
";

#[test]
fn what_is_not_said_has_its_default() {
    let policy = load_or_panic(SMALL, &LoadOptions::check());
    assert!(matches!(policy.upstream.endpoint, Endpoint::Loopback(at) if at == ([127, 0, 0, 1], 8080).into()));
    assert!(matches!(&policy.audit, AuditSettings::On(trail) if matches!(trail.sinks[..], [SinkSettings::Stdout])));
    assert_eq!(policy.gate.timeouts.header, Duration::from_secs(10));
    assert_eq!(policy.gate.bounds.header_count, 100);
    assert!(policy.gate.tls.allow_tls12 && policy.gate.workers.is_none());
    let route = &policy.routes.routes()[0];
    assert!(route.anyone && route.methods.is_empty() && route.limits.is_empty() && !route.keep_encoded_slash);
    assert_eq!(route.upgrades.iter().map(Name::as_str).collect::<Vec<_>>(), ["websocket"]);
}

#[test]
fn a_limit_that_no_route_names_holds_on_all() {
    let policy = load_or_panic(include_str!("../../../policies/quickstart.yaml"), &LoadOptions::check());
    let limits = |name: &str| {
        let route = policy.routes.routes().iter().find(|route| route.name.as_str() == name).expect("the route");
        route.limits.iter().map(|limit| limit.name.as_str().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(limits("order-address"), ["pii-reads", "per-caller"]);
    assert_eq!(limits("health"), ["per-caller"]);
    let [caller, reads] = &policy.limits[..] else { panic!("two limits") };
    assert_eq!(
        (caller.per, caller.requests.map(|quota| (quota.amount, quota.burst))),
        (LimitKey::Caller, Some((50, 100)))
    );
    assert_eq!(reads.requests.map(|quota| (quota.period, quota.burst)), Some((Duration::from_secs(60), 60)));
}

#[test]
fn shadow_of_the_whole_policy_shadows_every_route() {
    let policy = load_or_panic(&format!("{SMALL}mode: shadow\n"), &LoadOptions::check());
    assert_eq!(policy.routes.routes()[0].mode, Mode::Shadow);
}

#[test]
fn ten_thousand_routes_load() {
    let mut text = SMALL.replace("routes: [{ name: all, path: '/**', allow: [anyone] }]\n", "routes:\n");
    for route in 0..10_000 {
        let _ = writeln!(text, "  - {{ name: r{route}, path: '/a/{{id}}/r{route}/*', allow: [anyone] }}");
    }
    assert_eq!(load_or_panic(&text, &LoadOptions::check()).routes.routes().len(), 10_000);
}

#[test]
fn run_wants_the_files_that_check_only_misses() {
    let faults = load_text("p", SMALL, Path::new("/nowhere"), &LoadOptions::run()).expect_err("no files");
    assert!(faults.list.iter().all(|fault| fault.code == Code::File && fault.severity == Severity::Error));
    assert_eq!(faults.errors(), 2);
}

#[test]
fn what_is_called_unreachable_is() {
    let route = |template: &str| {
        let policy = load_or_panic(&SMALL.replace("/**", template), &LoadOptions::check());
        Arc::clone(&policy.routes.routes()[0])
    };
    for (winner, loser) in [("/a/{x}", "/a/*"), ("/{x}/*", "/*/{y}"), ("/{x}/b/*", "/*/b/{y}"), ("/{x}/**", "/*/**")] {
        for templates in [[winner, loser], [loser, winner]] {
            let table = RouteTable::new(templates.map(route).to_vec());
            for path in ["/a/b", "/a/b/c", "/x/y", "/q/b/c"] {
                let path = crate::policy::path::CanonicalPath::parse(path, PathProfile::Default).expect("a path");
                let found = table.find(&path);
                assert!(found.routes.iter().all(|found| found.template.as_str() == winner), "{winner} {loser}");
            }
            let routes = templates.map(|path| format!("{{ name: '{path}', path: '{path}', allow: [anyone] }}"));
            let text = SMALL.replace("{ name: all, path: '/**', allow: [anyone] }", &routes.join(", "));
            let faults = load_text("p", &text, Path::new(""), &LoadOptions::check()).expect_err("unreachable");
            let unreachable = faults.list.iter().filter(|fault| fault.code == Code::Unreachable);
            let messages: Vec<_> = unreachable.map(|fault| fault.message.as_str()).collect();
            assert_eq!(messages, [format!("`{loser}` can never match")]);
        }
    }
}
