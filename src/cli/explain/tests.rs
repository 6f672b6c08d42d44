use std::time::Duration;

use clap::Parser;

use super::*;
use crate::policy::testing::{policy, roles, route};

#[derive(Parser)]
struct CommandLine {
    #[command(flatten)]
    explain: Explain,
}

fn seller() -> Policy {
    policy([
        route("order-address", "/orders/v0/orders/{order_id}/address")
            .methods(&[Method::GET])
            .allow(&roles(), &["fulfilment"])
            .mfa(Duration::from_secs(900)),
        route("orders", "/orders/v0/**").methods(&[Method::GET]).allow(&roles(), &["fulfilment", "support"]),
        route("health", "/healthz").anyone(),
    ])
}

fn asked(arguments: &[&str]) -> Explanation {
    let line = ["explain", "--policy", "p.yaml"].iter().chain(arguments);
    let explain = CommandLine::try_parse_from(line).expect("a command line").explain;
    let (clock, _hands) = Clock::manual(crate::clock::UnixMillis(1_700_000_000_000));
    super::explain(&seller(), &explain.request(&clock))
}

const ADDRESS: &str = "/orders/v0/orders/17/address";

#[test]
fn a_refusal_names_the_role_that_is_lacking() {
    let explanation = asked(&["--caller", "user:alice@seller.example", "--path", ADDRESS]);
    assert!(!explanation.passes());
    let expected = "\
REFUSED  role_missing: The caller has none of the roles that the route allows.

  request   GET /orders/v0/orders/17/address
  caller    user:alice@seller.example (roles: support)
  address   127.0.0.1
  route     order-address  /orders/v0/orders/{order_id}/address

checks, in order
  ok    network of the policy  127.0.0.1 is admitted
  ok    route                  /orders/v0/orders/{order_id}/address is the most specific path that matches
  ok    one reading            no other reading of the path lands on another route
  ok    encoded slash          the path has none
  ok    method                 GET; route order-address takes GET
  ok    network of the route   127.0.0.1 is admitted
  ok    caller                 a caller is known
  FAIL  role                   role fulfilment; caller has support

routes looked at
  * order-address  /orders/v0/orders/{order_id}/address  matches
    orders         /orders/v0/**                         matches, but /orders/v0/orders/{order_id}/address is more specific
    health         /healthz                              segment 1 is `orders`, not `healthz`

nearest miss: order-address  /orders/v0/orders/{order_id}/address
  lacking   role fulfilment; caller has support
";
    assert_eq!(render::text(&explanation), expected);
}

#[test]
fn a_path_that_no_route_has_names_the_one_that_came_closest() {
    let page = render::text(&asked(&["--path", "/orders/v1/x?y=1"]));
    assert!(page.starts_with("REFUSED  no_route: "), "{page}");
    assert!(page.contains("lacking   segment 2 is `v1`, not `v0`"), "{page}");
}

#[test]
fn groups_and_a_second_factor_let_through() {
    let explanation = asked(&["--caller", "user:bob", "--group", "warehouse", "--mfa-age", "5m", "--path", ADDRESS]);
    assert!(explanation.passes());
    let page = render::text(&explanation);
    assert!(page.starts_with("ALLOWED  by role fulfilment\n"), "{page}");
    assert!(!page.contains("nearest miss"), "{page}");
    let old = asked(&["--caller", "user:bob", "--group", "warehouse", "--mfa-age", "20m", "--path", ADDRESS]);
    assert!(render::text(&old).contains("the caller's is 1200 s old"));
}

#[test]
fn a_malformed_path_is_refused_with_its_code_and_cannot_move_the_cursor() {
    let explanation = asked(&["--path", "/a/\u{1b}[2J"]);
    assert!(!explanation.passes());
    let page = render::text(&explanation);
    assert!(page.starts_with("REFUSED  path_control: "), "{page}");
    assert!(!page.contains('\u{1b}'));
}

#[test]
fn another_spelling_is_shown_as_it_is_read() {
    let page = render::text(&asked(&["--path", "/%68ealthz"]));
    assert!(page.starts_with("ALLOWED  for anyone\n") && page.contains("  reads as  /healthz\n"), "{page}");
}

#[test]
fn groups_of_nobody_are_told_to_count_for_nothing() {
    let page = render::text(&asked(&["--group", "warehouse", "--path", ADDRESS]));
    assert!(page.starts_with("REFUSED  caller_required: ") && page.contains("  note      without --caller"), "{page}");
}

#[test]
fn programs_get_the_same_as_people() {
    let answer = render::json(&asked(&["--caller", "user:alice@seller.example", "--path", ADDRESS]));
    assert_eq!(answer["verdict"], "refuse");
    assert_eq!(answer["reason"], "role_missing");
    assert_eq!(answer["route"], "order-address");
    assert_eq!(answer["nearest"]["lacking"], "role fulfilment; caller has support");
    assert_eq!(answer["steps"].as_array().map(Vec::len), Some(8));
    assert_eq!(answer["routes"][2]["chosen"], false);
    let malformed = render::json(&asked(&["--path", "/a/../b"]));
    assert_eq!((&malformed["reason"], &malformed["passes"]), (&"path_dot_dot".into(), &false.into()));
}

#[test]
fn callers_and_ages_are_read_or_refused() {
    assert_eq!("anonymous".parse(), Ok(Caller::Anonymous));
    let spiffe = Caller::Principal(PrincipalKind::Certificate, "spiffe://seller/picker".to_owned());
    assert_eq!("cert:spiffe://seller/picker".parse(), Ok(spiffe));
    for bad in ["", "alice", "user:", "group:warehouse", "USER:alice"] {
        assert_eq!(bad.parse::<Caller>(), Err(CallerFault), "{bad}");
    }
    assert_eq!(age("90s"), Ok(Duration::from_secs(90)));
    assert_eq!(age("1d"), Ok(Duration::from_secs(86_400)));
    for bad in ["", "m", "5", "5x", "-5m", "5é", "99999999999999999999d", "9999999999999999999d"] {
        assert!(age(bad).is_err(), "{bad}");
    }
}
