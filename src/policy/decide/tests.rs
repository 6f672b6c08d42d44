use super::*;
use crate::policy::settings::NetworkRule;
use crate::policy::testing::{networks, policy, roles, route};

const NOW: u64 = 1_700_000_000;

/// A request as a test writes it.
struct Asked {
    method: Method,
    path: &'static str,
    address: &'static str,
    caller: Option<CallerFacts>,
}

fn get(path: &'static str) -> Asked {
    Asked { method: Method::GET, path, address: "127.0.0.1", caller: None }
}

impl Asked {
    fn by(self, caller: CallerFacts) -> Self {
        Self { caller: Some(caller), ..self }
    }

    fn from(self, address: &'static str) -> Self {
        Self { address, ..self }
    }

    fn with(self, method: Method) -> Self {
        Self { method, ..self }
    }

    fn of(&self, policy: &Policy) -> (Option<String>, Verdict) {
        let path = CanonicalPath::parse(self.path, policy.upstream.profile).expect("a path");
        let facts = Facts {
            method: &self.method,
            path: &path,
            address: self.address.parse().expect("an address"),
            caller: self.caller,
            now: NOW,
        };
        let decision = decide(policy, &facts);
        let (traced, trace) = decide_traced(policy, &facts);
        assert_eq!(decision.verdict, traced.verdict, "being watched changes nothing");
        assert_eq!(trace.steps.iter().all(|step| step.passed), decision.reason().is_none(), "{trace:?}");
        assert_eq!(trace.candidates.iter().filter(|candidate| candidate.chosen).count(), decision.route.iter().len());
        (decision.route.map(|route| route.name.to_string()), decision.verdict)
    }
}

fn alice() -> CallerFacts {
    let roles = roles().of(crate::policy::roles::PrincipalKind::User, "alice@seller.example", []);
    CallerFacts { roles, mfa_at: None, device: DeviceFact::None }
}

fn picker() -> CallerFacts {
    let roles = roles().of(crate::policy::roles::PrincipalKind::User, "bob", ["warehouse"]);
    CallerFacts { roles, mfa_at: None, device: DeviceFact::None }
}

/// The example of the handbook, in small.
fn seller() -> Policy {
    let roles = roles();
    policy([
        route("order-address", "/orders/v0/orders/{order_id}/address")
            .methods(&[Method::GET])
            .allow(&roles, &["fulfilment"])
            .mfa(Duration::from_secs(900)),
        route("orders", "/orders/v0/**").methods(&[Method::GET]).allow(&roles, &["fulfilment", "support"]),
        route("orders-write", "/orders/v0/**").methods(&[Method::POST]).allow(&roles, &["fulfilment"]),
        route("inside", "/inside").anyone().network(&["10.0.0.0/8"], &[]),
        route("health", "/healthz").anyone(),
    ])
}

#[test]
fn each_check_refuses_with_its_own_reason() {
    let policy = seller();
    let refused = |asked: &Asked| match asked.of(&policy) {
        (_, Verdict::Refuse(reason)) => reason,
        (route, verdict) => panic!("{route:?} {verdict:?}"),
    };
    assert_eq!(refused(&get("/unknown")), Reason::NoRoute);
    assert_eq!(refused(&get("/orders/v0/a%2Fb").by(alice())), Reason::EncodedSlash);
    assert_eq!(refused(&get("/orders/v0/a").by(alice()).with(Method::DELETE)), Reason::Method);
    assert_eq!(refused(&get("/inside").from("203.0.113.7")), Reason::Address);
    assert_eq!(refused(&get("/orders/v0/a")), Reason::NoCaller);
    assert_eq!(refused(&get("/orders/v0/a").by(CallerFacts { roles: RoleSet::default(), ..alice() })), Reason::Role);
    assert_eq!(refused(&get("/orders/v0/orders/7/address").by(alice())), Reason::Role);
    assert_eq!(refused(&get("/orders/v0/orders/7/address").by(picker())), Reason::Mfa(Duration::from_secs(900)));
}

#[test]
fn what_is_allowed_passes_by_a_role() {
    let policy = seller();
    assert_eq!(get("/healthz").of(&policy), (Some("health".into()), Verdict::Allow(None)));
    assert_eq!(get("/healthz").by(alice()).of(&policy), (Some("health".into()), Verdict::Allow(None)));
    assert_eq!(get("/inside").from("::ffff:10.1.2.3").of(&policy).1, Verdict::Allow(None));
    assert_eq!(get("/orders/v0").by(alice()).of(&policy), (Some("orders".into()), Verdict::Allow(Some(RoleIndex(1)))));
    let fresh = CallerFacts { mfa_at: Some(NOW - 900), ..picker() };
    assert_eq!(get("/orders/v0/orders/7/address").by(fresh).of(&policy).1, Verdict::Allow(Some(RoleIndex(0))));
}

#[test]
fn a_method_chooses_among_routes_of_one_template_and_never_falls_through() {
    let policy = seller();
    let write = get("/orders/v0/a").with(Method::POST);
    assert_eq!(write.by(picker()).of(&policy).0.as_deref(), Some("orders-write"));
    let address = get("/orders/v0/orders/7/address").with(Method::POST).by(picker());
    assert_eq!(address.of(&policy), (Some("order-address".into()), Verdict::Refuse(Reason::Method)));
    for method in [Method::CONNECT, Method::TRACE] {
        assert_eq!(get("/healthz").with(method).of(&policy).1, Verdict::Refuse(Reason::Method));
    }
}

#[test]
fn a_second_factor_is_fresh_up_to_its_age_and_not_from_the_future() {
    let max_age = Duration::from_secs(900);
    for (at, fresh) in [
        (NOW, true),
        (NOW - 900, true),
        (NOW - 901, false),
        (NOW + 60, true),
        (NOW + 61, false),
        (0, false),
        (u64::MAX, false),
    ] {
        assert_eq!(is_fresh(at, NOW, max_age), fresh, "{at}");
    }
}

#[test]
fn a_second_factor_is_asked_of_somebody_even_on_a_route_for_anyone() {
    let policy = policy([route("odd", "/odd").anyone().mfa(Duration::from_secs(60))]);
    assert_eq!(get("/odd").of(&policy).1, Verdict::Refuse(Reason::NoCaller));
    assert_eq!(get("/odd").by(alice()).of(&policy).1, Verdict::Refuse(Reason::Mfa(Duration::from_secs(60))));
    let fresh = CallerFacts { mfa_at: Some(NOW), ..alice() };
    assert_eq!(get("/odd").by(fresh).of(&policy).1, Verdict::Allow(None));
}

#[test]
fn a_route_that_lists_no_role_lets_nobody_in() {
    let policy = policy([route("closed", "/closed")]);
    assert_eq!(get("/closed").by(alice()).of(&policy).1, Verdict::Refuse(Reason::Role));
}

#[test]
fn the_policys_network_comes_first_and_the_record_still_names_the_route() {
    let mut policy = seller();
    policy.network = NetworkRule { allow: networks(&["10.0.0.0/8"]), deny: networks(&["10.9.0.0/16"]) };
    let address = |address| get("/healthz").from(address).of(&policy).1;
    assert_eq!(address("10.1.1.1"), Verdict::Allow(None));
    assert_eq!(address("10.9.1.1"), Verdict::Refuse(Reason::Address));
    assert_eq!(get("/healthz").from("192.0.2.1").of(&policy).0.as_deref(), Some("health"));
    assert_eq!(get("/none").from("192.0.2.1").of(&policy), (None, Verdict::Refuse(Reason::Address)));
}

#[test]
fn a_route_in_shadow_lifts_its_own_checks_but_not_the_policys() {
    let mut policy = policy([route("shadowed", "/shadowed/{id}").methods(&[Method::GET]).shadow()]);
    assert_eq!(get("/shadowed/1").of(&policy).1, Verdict::Shadow(Reason::NoCaller));
    assert_eq!(get("/shadowed/1").with(Method::PUT).of(&policy).1, Verdict::Shadow(Reason::Method));
    assert_eq!(get("/elsewhere").of(&policy).1, Verdict::Refuse(Reason::NoRoute));
    policy.network.deny = networks(&["127.0.0.0/8"]);
    assert_eq!(get("/shadowed/1").of(&policy).1, Verdict::Refuse(Reason::Address));
    policy.mode = Mode::Shadow;
    assert_eq!(get("/shadowed/1").of(&policy), (Some("shadowed".into()), Verdict::Shadow(Reason::Address)));
}

#[test]
fn shadow_never_changes_the_route_or_the_reason() {
    let (enforced, mut shadowed) = (seller(), seller());
    shadowed.mode = Mode::Shadow;
    for asked in [
        get("/unknown"),
        get("/HEALTHZ"),
        get("/orders/v0/a"),
        get("/orders/v0/a%2Fb"),
        get("/orders/v0/orders/7/address").by(alice()),
        get("/orders/v0/orders/7/Address").by(alice()),
        get("/inside").from("203.0.113.7"),
        get("/healthz"),
    ] {
        let ((route, enforced), (same_route, shadowed)) = (asked.of(&enforced), asked.of(&shadowed));
        assert_eq!(route, same_route);
        match enforced {
            Verdict::Refuse(reason) => assert_eq!(shadowed, Verdict::Shadow(reason)),
            other => assert_eq!(shadowed, other),
        }
    }
}

#[test]
fn a_reading_that_lands_on_another_route_is_refused() {
    let policy = policy([
        route("admin", "/orders/admin").allow(&roles(), &["fulfilment"]),
        route("orders", "/orders/{id}").anyone(),
    ]);
    let verdict = |path| get(path).of(&policy).1;
    for path in ["/orders/Admin", "/orders/ADM%49N", "/orders/admin.", "/orders/admin%20", "/orders/admin%20."] {
        assert_eq!(verdict(path), Verdict::Refuse(Reason::AmbiguousPath), "{path}");
    }
    for path in ["/orders/ABC-123", "/orders/administrator", "/orders/x.", "/orders/%20admin", "/orders/..."] {
        assert_eq!(verdict(path), Verdict::Allow(None), "{path}");
    }
}

#[test]
fn codes_are_distinct_and_in_snake_case() {
    let codes: std::collections::HashSet<_> = Reason::ALL.iter().map(|reason| reason.code()).collect();
    assert_eq!(codes.len(), Reason::ALL.len());
    assert!(codes.iter().all(|code| code.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_')));
}
