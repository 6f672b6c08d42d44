use std::path::Path;

use super::*;
use crate::policy::{LoadOptions, load_text};

const BASE: &str = "
version: 1
gate: { listen: '127.0.0.1:8443', tls: { certificate: a.pem, key: b.pem, client_ca: c.pem } }
upstream: { url: 'http://localhost:8080' }
callers: [ certificate: { subject: san_uri } ]
redaction: { address: none, caller: id }
roles:
  picker: { members: ['cert:spiffe://a/picker'] }
  support: { members: ['cert:spiffe://a/alice', 'cert:spiffe://a/bob'] }
limits: [ { name: calm, per: caller, requests: 5/s } ]
routes:
  - { name: address, path: '/orders/{id}/address', allow: [picker] }
  - { name: orders, path: '/orders/**', allow: [picker, support] }
  - { name: health, path: '/healthz', allow: [anyone] }
";

fn policy(text: &str) -> Policy {
    let loaded = load_text("p", text, Path::new("/nowhere"), &LoadOptions::check());
    loaded.unwrap_or_else(|faults| panic!("{faults}")).policy
}

fn said(new: &str) -> Vec<String> {
    let diff = Diff::between(&policy(BASE), &policy(new));
    diff.sentences().iter().map(|sentence| sentence.as_str().to_owned()).collect()
}

#[test]
fn a_comment_changes_nothing() {
    assert!(Diff::between(&policy(BASE), &policy(&format!("# read me\n{BASE}"))).is_empty());
}

#[test]
fn who_gains_and_who_loses_is_said_by_role_and_route() {
    let new = BASE
        .replace("address', allow: [picker]", "address', allow: [support]")
        .replace("{ name: health, path: '/healthz', allow: [anyone] }", "{ name: new, path: '/n', allow: [anyone] }");
    assert_eq!(
        said(&new),
        [
            "1 route added: new",
            "1 route removed: health",
            "1 route changed: address",
            "anyone gains 1 route: new",
            "support gains 1 route: address",
            "anyone loses 1 route: health",
            "picker loses 1 route: address",
        ]
    );
}

#[test]
fn members_are_counted_and_never_named() {
    let new = BASE.replace("'cert:spiffe://a/bob'", "'cert:spiffe://a/carol', 'cert:spiffe://a/dave'");
    assert_eq!(said(&new), ["1 role changed: support", "support: 2 members added, 1 removed"]);
    let diff = Diff::between(&policy(BASE), &policy(&new));
    assert_eq!(*diff.members[0].removed[0], *"cert:spiffe://a/bob");
}

#[test]
fn a_role_before_others_changes_no_route() {
    let new = BASE.replace("roles:\n", "roles:\n  auditor: { members: ['cert:spiffe://a/eve'] }\n");
    let new = new.replace("[anyone] }", "[anyone] }\n  - { name: trail, path: /trail, allow: [auditor] }");
    let diff = Diff::between(&policy(BASE), &policy(&new));
    assert!(diff.routes.changed.is_empty() && diff.losses.is_empty(), "{diff:?}");
    assert_eq!(diff.gains.len(), 1);
}

#[test]
fn limits_and_sections_are_named() {
    let new = BASE.replace("5/s", "6/s").replace("address: none", "address: full");
    assert_eq!(said(&new), ["1 limit changed: calm", "redaction: changed"]);
    assert!(needs_restart(&policy(BASE), &policy(&new)).is_empty());
    let moved =
        BASE.replace("8443", "9443").replace("tls:", "workers: 3, tls:") + "audit: { sinks: [file: { path: x }] }\n";
    assert_eq!(needs_restart(&policy(BASE), &policy(&moved)), ["gate.listen", "gate.workers", "audit"]);
}

#[test]
fn long_lists_are_cut_and_counted() {
    let more: String = (0..25)
        .fold(String::new(), |all, n| all + &format!("  - {{ name: r{n:02}, path: '/r{n}', allow: [anyone] }}\n"));
    let said = said(&format!("{BASE}{more}"));
    assert!(said[0].starts_with("25 routes added: r00, ") && said[0].ends_with("r09 and 15 more"), "{}", said[0]);
}
