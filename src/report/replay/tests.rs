use std::io::Write as _;
use std::sync::Arc;
use std::time::Duration;

use proptest::prelude::*;

use super::judge::{ADDRESS, CALLER, PATH, SPELLING};
use super::*;
use crate::audit::Outcome as Became;
use crate::audit::ocsf::Scribe;
use crate::audit::{
    Access, CallerKind, CallerRecord, ConnectionRecord, End, Event, HttpVersion, MethodWord, PolicyRecord, Producer,
    RequestId, RouteRecord, Stage,
};
use crate::clock::UnixMillis;
use crate::gate::{ALLOWED, Denial};
use crate::policy::decide::DeviceFact;
use crate::policy::decide::{Facts, decide};
use crate::policy::path::CanonicalPath;
use crate::policy::roles::Roles;
use crate::policy::roles::{PrincipalKind, Standing};
use crate::policy::route::Route;
use crate::policy::testing::{name, policy, roles, route};
use crate::redact::Redacted;
use http::Method;

const NOW: UnixMillis = UnixMillis(1_767_225_600_000);
const GET: &[Method] = &[Method::GET];

/// Somebody who asks.
#[derive(Clone, Debug)]
struct Someone {
    id: &'static str,
    groups: Vec<&'static str>,
    mfa_age: Option<u64>,
}

fn picker() -> Someone {
    Someone { id: "user:bob@seller.example", groups: vec!["warehouse"], mfa_age: Some(60) }
}

fn facts<'a>(policy: &Policy, method: &'a Method, path: &'a CanonicalPath<'a>, who: Option<&Someone>) -> Facts<'a> {
    let caller = who.map(|who| {
        let subject = who.id.strip_prefix("user:").expect("a user");
        let roles = policy.roles.of(PrincipalKind::User, subject, who.groups.iter().copied());
        CallerFacts { roles, mfa_at: who.mfa_age.map(|age| NOW.seconds() - age), device: DeviceFact::None }
    });
    Facts { method, path, address: IpAddr::from([192, 0, 2, 7]), caller, now: NOW.seconds() }
}

/// The record that the gate would write of this request.
#[expect(clippy::too_many_lines, reason = "one record, field by field")]
fn recorded(policy: &Policy, method: &Method, path: &str, who: Option<&Someone>) -> String {
    let path = CanonicalPath::parse(path, policy.upstream.profile).expect("a path");
    let decision = decide(policy, &facts(policy, method, &path, who));
    let row = |reason| &Denial::Policy(reason).row().outcome;
    let (passed, shadow) = match decision.verdict {
        Verdict::Allow(_) => (&ALLOWED, None),
        Verdict::Shadow(reason) => (&ALLOWED, Some(row(reason))),
        Verdict::Refuse(reason) => (row(reason), None),
    };
    let standing = |who: &Someone| {
        let roles = facts(policy, method, &path, Some(who)).caller.expect("a caller").roles;
        let known = who.groups.iter().filter(|group| policy.roles.of_group(group).is_some());
        Standing {
            roles: roles.iter().filter_map(|role| policy.roles.name(role).cloned()).collect(),
            groups: known.map(|group| name(group)).collect(),
        }
    };
    let record = Arc::new(PolicyRecord { digest: name("then"), enforced: true });
    let access = Access {
        stage: Stage::Whole,
        id: RequestId::new(NOW),
        started: NOW,
        duration_micros: 1,
        upstream_micros: None,
        connection: Arc::new(ConnectionRecord {
            id: RequestId::new(NOW),
            source: Redacted::literal("hidden"),
            source_port: None,
            tls: None,
            listener: name("https"),
        }),
        method: MethodWord::from(method),
        version: HttpVersion::Http11,
        route: decision.route.map(|route| {
            let (name, template) = (route.name.clone(), route.template.clone());
            Arc::new(RouteRecord { name, template, pii: Vec::new(), controls: Vec::new(), commit: Default::default() })
        }),
        query: smallvec::SmallVec::new(),
        hidden_parameters: 0,
        watched: smallvec::SmallVec::new(),
        records: None,
        trace: None,
        issuer: None,
        limit: None,
        rule: None,
        caller: who.map(|who| CallerRecord {
            record: Redactor::hiding().caller(who.id, CallerForm::Id),
            kind: CallerKind::User,
            is_mfa: who.mfa_age.is_some(),
            mfa_age: who.mfa_age,
            standing: Arc::new(standing(who)),
            credential: None,
        }),
        role: None,
        client: None,
        outcome: Became { row: passed, shadow },
        status: 200,
        bytes_in: 0,
        bytes_out: 0,
        end: End::Complete,
        cut: None,
        policy: Arc::clone(&record),
    };
    rendered(access, record)
}

fn rendered(access: Access, policy: Arc<PolicyRecord>) -> String {
    let mut line = Vec::new();
    let producer = Producer { instance: name("gate-0"), epoch: RequestId::new(NOW), policy };
    Scribe::new(producer).event(&Event::Access(Box::new(access)), NOW, &mut line);
    String::from_utf8(line).expect("ASCII")
}

fn replayed(new: &Policy, old: Option<&Policy>, lines: &[String]) -> Report {
    let mut file = tempfile::NamedTempFile::new().expect("a file");
    for line in lines {
        file.write_all(line.as_bytes()).expect("a line");
    }
    Replay::new(new, old).run(&Records::find(file.path(), None).expect("a file")).expect("records")
}

fn old() -> Policy {
    policy([
        route("address", "/orders/{order_id}/address").methods(GET).allow(&roles(), &["fulfilment"]),
        route("orders", "/orders/**").methods(GET).allow(&roles(), &["fulfilment", "support"]),
        route("health", "/healthz").anyone(),
    ])
}

fn traffic() -> Vec<String> {
    let (old, alice) = (old(), Someone { id: "user:alice@seller.example", groups: vec![], mfa_age: None });
    vec![
        recorded(&old, &Method::GET, "/orders/17/address", Some(&picker())),
        recorded(&old, &Method::GET, "/orders/18/address", Some(&picker())),
        recorded(&old, &Method::GET, "/orders/17/address", Some(&alice)),
        recorded(&old, &Method::GET, "/orders", Some(&alice)),
        recorded(&old, &Method::GET, "/healthz", None),
        recorded(&old, &Method::GET, "/elsewhere", None),
    ]
}

#[test]
fn the_same_policy_changes_nothing() {
    let report = replayed(&old(), Some(&old()), &traffic());
    assert_eq!((report.same, report.counts.requests), (5, 6));
    assert_eq!(report.undecided.keys().collect::<Vec<_>>(), [NO_ROUTE]);
    assert_eq!(report.loses.total.count + report.gains.total.count + report.shadowed.total.count, 0);
}

#[test]
fn who_loses_and_who_gains_is_told_by_route_role_and_caller() {
    let new = policy([
        route("address", "/orders/{order_id}/address").methods(GET).allow(&roles(), &["support"]),
        route("orders", "/orders/**").methods(GET).allow(&roles(), &["fulfilment", "support"]),
        route("health", "/healthz").anyone(),
    ]);
    let report = replayed(&new, Some(&old()), &traffic());
    assert_eq!(report.loses.total.count, 2);
    assert_eq!(report.loses.roles.keys().collect::<Vec<_>>(), ["fulfilment"]);
    assert_eq!(report.loses.callers["user:bob@seller.example"].count, 2);
    assert_eq!(report.loses.reasons.keys().collect::<Vec<_>>(), ["role_missing"]);
    assert_eq!(report.gains.total.count, 1);
    assert_eq!(report.gains.callers.keys().collect::<Vec<_>>(), ["user:alice@seller.example"]);
}

#[test]
fn a_second_factor_counts_by_its_age() {
    let with = |age| {
        policy([
            route("address", "/orders/{order_id}/address")
                .allow(&roles(), &["fulfilment"])
                .mfa(Duration::from_secs(age)),
            route("orders", "/orders/**").allow(&roles(), &["fulfilment", "support"]),
        ])
    };
    let lines = [recorded(&old(), &Method::GET, "/orders/17/address", Some(&picker()))];
    assert_eq!(replayed(&with(90), Some(&old()), &lines).same, 1);
    assert_eq!(replayed(&with(30), Some(&old()), &lines).loses.reasons.keys().collect::<Vec<_>>(), ["mfa_required"]);
}

#[test]
fn shadow_mode_loses_nothing_yet_and_says_so() {
    let new = policy([
        route("address", "/orders/{order_id}/address").allow(&roles(), &["support"]).shadow(),
        route("orders", "/orders/**").allow(&roles(), &["fulfilment", "support"]),
    ]);
    let report = replayed(&new, Some(&old()), &traffic()[..2]);
    assert_eq!((report.shadowed.total.count, report.loses.total.count), (2, 0));
}

#[test]
fn what_a_record_leaves_open_is_not_guessed() {
    let lines = traffic();
    let by_address = policy([
        route("address", "/orders/{order_id}/address").allow(&roles(), &["fulfilment"]).network(&["10.0.0.0/8"], &[]),
        route("orders", "/orders/**").allow(&roles(), &["fulfilment", "support"]),
    ]);
    let report = replayed(&by_address, Some(&old()), &lines[..1]);
    assert_eq!(report.undecided.keys().collect::<Vec<_>>(), [ADDRESS]);
    let by_path = policy([
        route("address", "/orders/{order_id}/address").allow(&roles(), &["fulfilment"]),
        route("export", "/orders/17/address").allow(&roles(), &["support"]),
        route("orders", "/orders/**").allow(&roles(), &["fulfilment", "support"]),
    ]);
    let report = replayed(&by_path, Some(&old()), &lines[..1]);
    assert_eq!(report.undecided.keys().collect::<Vec<_>>(), [PATH]);
    let new_roles = || Roles::new([(name("fulfilment"), vec!["group:night-shift"])]);
    let mut by_group = policy([route("address", "/orders/{order_id}/address").allow(&new_roles(), &["fulfilment"])]);
    by_group.roles = new_roles();
    let report = replayed(&by_group, Some(&old()), &lines[..1]);
    assert_eq!(report.undecided.keys().collect::<Vec<_>>(), [CALLER]);
}

/// Routes of a small world, so that templates meet.
fn any_route(place: usize) -> impl Strategy<Value = Route> {
    let segment = prop::sample::select(vec!["a", "b", "{x}", "*"]);
    let template = (prop::collection::vec(segment, 1..4), any::<bool>()).prop_map(|(segments, rest)| {
        let path = format!("/{}", segments.join("/"));
        let path = if path.matches("{x}").count() > 1 {
            path.replacen("{x}", "c", path.matches("{x}").count() - 1)
        } else {
            path
        };
        if rest { format!("{path}/**") } else { path }
    });
    let methods = prop::sample::select(vec![vec![], vec![Method::GET], vec![Method::GET, Method::POST]]);
    let allow = prop::sample::subsequence(vec!["fulfilment", "support"], 0..=2);
    let mfa = prop::option::of(prop::sample::select(vec![30u64, 90]));
    (template, methods, allow, mfa, any::<(bool, bool)>()).prop_map(
        move |(template, methods, allow, mfa, (shadow, anyone))| {
            let made = route(&format!("r{place}"), &template).methods(&methods).allow(&roles(), &allow);
            let made = if anyone { made.anyone() } else { made };
            let made = mfa.map_or(made.clone(), |age| made.mfa(Duration::from_secs(age)));
            if shadow { made.shadow() } else { made }
        },
    )
}

fn any_policy() -> impl Strategy<Value = Policy> {
    let routes = (any_route(0), any_route(1), any_route(2), any_route(3));
    routes.prop_map(|(a, b, c, d)| {
        // Two routes of one template are the loader's fault to report.
        let mut routes: Vec<Route> = Vec::new();
        for route in [a, b, c, d] {
            if routes.iter().all(|other| other.template != route.template) {
                routes.push(route);
            }
        }
        policy(routes)
    })
}

fn any_request() -> impl Strategy<Value = (Method, String, Option<Someone>)> {
    let segment = prop::sample::select(vec!["a", "b", "c", "17"]);
    let path = prop::collection::vec(segment, 1..5).prop_map(|segments| format!("/{}", segments.join("/")));
    let who = (
        prop::sample::select(vec!["user:alice@seller.example", "user:bob@seller.example"]),
        prop::sample::subsequence(vec!["warehouse"], 0..=1),
        prop::option::of(prop::sample::select(vec![10u64, 60, 600])),
    );
    let who = who.prop_map(|(id, groups, mfa_age)| Someone { id, groups, mfa_age });
    (prop::sample::select(vec![Method::GET, Method::POST]), path, prop::option::of(who))
}

proptest! {
    /// What a replay decides is what the gate would have decided, had it run the new policy then.
    #[test]
    fn a_replay_never_says_what_the_gate_would_not(
        old in any_policy(), new in any_policy(), (method, path, who) in any_request(), knows_old in any::<bool>(),
    ) {
        let line = recorded(&old, &method, &path, who.as_ref());
        let report = replayed(&new, knows_old.then_some(&old), std::slice::from_ref(&line));
        let canonical = CanonicalPath::parse(&path, new.upstream.profile).expect("a path");
        let before = decide(&old, &facts(&old, &method, &canonical, who.as_ref())).verdict;
        let after = decide(&new, &facts(&new, &method, &canonical, who.as_ref())).verdict;
        if report.undecided.is_empty() {
            let passed = !matches!(before, Verdict::Refuse(_));
            let passes = !matches!(after, Verdict::Refuse(_));
            prop_assert_eq!(report.loses.total.count > 0, passed && !passes, "{}", line);
            prop_assert_eq!(report.gains.total.count > 0, !passed && passes, "{}", line);
        }
    }

    /// Against the policy that was in force, nothing changes and nothing is left open but what has no route.
    #[test]
    fn the_policy_that_was_in_force_agrees_with_itself(
        policy in any_policy(), (method, path, who) in any_request(),
    ) {
        let line = recorded(&policy, &method, &path, who.as_ref());
        let report = replayed(&policy, Some(&policy), &[line]);
        let open: Vec<_> = report.undecided.keys().filter(|cause| !matches!(cause.as_str(), NO_ROUTE | SPELLING)).collect();
        prop_assert!(open.is_empty(), "{:?}", open);
        prop_assert_eq!(report.loses.total.count + report.gains.total.count, 0);
    }
}
