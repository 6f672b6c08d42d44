//! Published ways around other gates' path rules, each tried on ours: whatever the spelling, nobody reaches `/admin`,
//! and what is decided is what is forwarded.

use std::net::{IpAddr, Ipv4Addr};

use proptest::prelude::*;

use super::*;
use crate::policy::path::PathFault;
use crate::policy::settings::PathProfile;
use crate::policy::testing::{policy, roles, route};

/// What a path comes to for somebody without a role.
#[derive(Debug, PartialEq, Eq)]
enum End {
    Malformed(PathFault),
    Refused(Reason),
    /// The route, and the path that the app receives.
    Passed(String, String),
}

/// `/admin` for nobody here, and the most generous route beside it.
fn site(profile: PathProfile) -> Policy {
    let mut policy = policy([
        route("admin", "/admin/**").allow(&roles(), &["fulfilment"]),
        route("secret", "/x/secret.key").allow(&roles(), &["fulfilment"]),
        route("everything", "/**").anyone(),
    ]);
    policy.upstream.profile = profile;
    policy
}

fn end_in(policy: &Policy, raw: &str, now: u64) -> End {
    let path = match CanonicalPath::parse(raw, policy.upstream.profile) {
        Ok(path) => path,
        Err(fault) => return End::Malformed(fault),
    };
    let address = IpAddr::V4(Ipv4Addr::LOCALHOST);
    let decision = decide(policy, &Facts { method: &Method::GET, path: &path, address, caller: None, now });
    match (decision.verdict, decision.route) {
        (Verdict::Allow(_), Some(route)) => End::Passed(route.name.to_string(), path.as_str().to_owned()),
        (Verdict::Refuse(reason), _) => End::Refused(reason),
        (verdict, route) => panic!("{verdict:?} {route:?}"),
    }
}

fn end(raw: &str) -> End {
    end_in(&site(PathProfile::Default), raw, 0)
}

fn passes(raw: &str, canonical: &str) {
    assert_eq!(end(raw), End::Passed("everything".to_owned(), canonical.to_owned()), "{raw}");
}

fn refused(raws: &[&str], reason: Reason) {
    for raw in raws {
        assert_eq!(end(raw), End::Refused(reason), "{raw}");
    }
}

fn malformed(raws: &[&str], fault: PathFault) {
    for raw in raws {
        assert_eq!(end(raw), End::Malformed(fault), "{raw}");
    }
}

/// 1: CVE-2021-29492.
#[test]
fn path_encoded_separators_get_the_verdict_of_separators_or_none() {
    refused(&["/admin%2Fx", "/admin%2fx", "/%61dmin%2fx"], Reason::EncodedSlash);
    malformed(&["/admin%5cx", "/admin%5Cx", "/admin\\x"], PathFault::Backslash);
    let iis = site(PathProfile::Iis);
    for raw in ["/admin\\x", "/admin%5cx", "/x\\..\\admin", "/ADMIN%5cx"] {
        assert!(!matches!(end_in(&iis, raw, 0), End::Passed(..)), "{raw}");
    }
}

/// 2: CVE-2021-31920.
#[test]
fn path_repeated_slashes_and_dots_do_not_hide_a_segment() {
    refused(&["//admin", "/./admin", "///./admin//x", "/%2e/admin", "/admin/", "/admin/."], Reason::NoCaller);
    malformed(
        &["/a/..%2fadmin", "/a/../admin", "/a/%2e%2e/admin", "/a/.%2e/admin", "/a%2f..%2fadmin"],
        PathFault::DotDot,
    );
}

/// 3: CVE-2021-32779, CVE-2021-39156, CVE-2023-47106, CVE-2026-41059.
#[test]
fn path_fragments_are_refused() {
    malformed(&["/public#/../admin", "/admin#x", "/#", "/public#"], PathFault::Fragment);
    passes("/public%23x", "/public%23x");
}

/// 4, 12: hosts never reach a decision; the facts have no room for one.
#[test]
fn path_decisions_know_no_host() {
    malformed(&["admin.example", "http://admin.example/", "admin.example:443"], PathFault::NotAbsolute);
}

/// 5: CVE-2025-32431, -47952, -66490, CVE-2026-40912 and their like.
#[test]
fn path_what_is_decided_is_what_is_forwarded() {
    for raw in ["/%61/b", "/a//b", "/a/./b/", "/a%7eb", "/%c3%a9"] {
        let End::Passed(_, forwarded) = end(raw) else { panic!("{raw}") };
        assert_eq!(end(&forwarded), End::Passed("everything".to_owned(), forwarded.clone()), "{raw}");
    }
}

/// 6: CVE-2026-27587.
#[test]
fn path_encoded_letters_fold_like_raw_ones() {
    refused(&["/ADM%49N", "/ADMIN", "/%41dmin/x", "/admi%4E"], Reason::AmbiguousPath);
    let iis = site(PathProfile::Iis);
    for raw in ["/ADM%49N", "/Admin/X", "/aDMIN"] {
        assert_eq!(end_in(&iis, raw, 0), End::Refused(Reason::NoCaller), "{raw}");
    }
}

/// 7: CVE-2026-27590, CVE-2026-45135.
#[test]
fn path_folding_that_changes_length_stays_in_its_segment() {
    malformed(&["/adm\u{130}n", "/x/\u{17f}ecret.key", "/x/secret.\u{212a}ey"], PathFault::NonAscii);
    refused(&["/adm%C4%B0n", "/adm%c4%b1n/x", "/x/%C5%BFecret.key", "/x/secret.%E2%84%AAey"], Reason::AmbiguousPath);
    passes("/x%C4%B0/%E2%84%AA%C5%BF", "/x%C4%B0/%E2%84%AA%C5%BF");
    let long = format!("/{}", "%C4%B0".repeat(500));
    passes(&long, &long);
}

/// 8: CVE-2026-73511, CVE-2026-73553.
#[test]
fn path_parameters_neither_hide_nor_make_a_segment() {
    let attacks = ["/admin;a=1/users", "/x;/../admin", "/x/..;/admin", "/;/admin", "/admin;", "/admin%3Ba=1/users"];
    for raw in attacks {
        for profile in [PathProfile::Default, PathProfile::Tomcat, PathProfile::Iis, PathProfile::Php] {
            let got = end_in(&site(profile), raw, 0);
            assert!(!matches!(got, End::Passed(..)), "{raw} {profile:?} {got:?}");
        }
    }
    malformed(&["/admin;a=1/users", "/admin%3ba"], PathFault::Semicolon);
    let tomcat = site(PathProfile::Tomcat);
    assert_eq!(end_in(&tomcat, "/admin;a=1/users", 0), End::Refused(Reason::NoCaller));
    assert_eq!(end_in(&tomcat, "/a;b=1/c", 0), End::Passed("everything".into(), "/a;b=1/c".into()));
}

/// 9: CVE-2025-46821.
#[test]
fn path_a_segment_takes_every_legal_character() {
    let policy = policy([
        route("guarded", "/files/{name}/raw").allow(&roles(), &["fulfilment"]),
        route("everything", "/**").anyone(),
    ]);
    for character in "abcXYZ019-._~!$&'()*+,=:@".chars() {
        let raw = format!("/files/{character}{character}x{character}/raw");
        assert_eq!(end_in(&policy, &raw, 0), End::Refused(Reason::NoCaller), "{raw}");
    }
    for raw in ["/files/*/raw", "/files/**/raw", "/files/%7Bname%7D/raw", "/files/%2A/raw", "/files/%5B/raw"] {
        assert_eq!(end_in(&policy, raw, 0), End::Refused(Reason::NoCaller), "{raw}");
    }
}

/// 10: CVE-2026-26205.
#[test]
fn path_two_slashes_are_no_authority() {
    refused(&["//admin", "///admin"], Reason::NoCaller);
    passes("//evil/x", "/evil/x");
    malformed(&["http://evil/admin", "evil:80", "*", "evil/admin"], PathFault::NotAbsolute);
    for raw in ["//evil.example/%2e/", "/.//evil.example", "/%2e//evil.example", "////evil.example"] {
        let End::Passed(_, forwarded) = end(raw) else { panic!("{raw}") };
        assert!(!forwarded.starts_with("//"), "{raw}");
    }
}

/// 11, 13: CVE-2025-54576, CVE-2022-34296.
#[test]
fn path_a_query_is_no_part_of_it() {
    malformed(&["/private?x=/health", "/admin?"], PathFault::Character);
    passes("/private%3Fx=/health", "/private%3Fx=/health");
}

/// 14: CVE-2026-39350.
#[test]
fn path_literals_are_literal() {
    let policy = policy([route("dots", "/a.b").anyone(), route("signs", "/v1+(x)$").anyone()]);
    assert_eq!(end_in(&policy, "/axb", 0), End::Refused(Reason::NoRoute));
    assert_eq!(end_in(&policy, "/a.b", 0), End::Passed("dots".into(), "/a.b".into()));
    assert_eq!(end_in(&policy, "/v1+(x)$", 0), End::Passed("signs".into(), "/v1+(x)$".into()));
    for raw in ["/v11x", "/v1(x)", "/v1+x", "/v1"] {
        assert_eq!(end_in(&policy, raw, 0), End::Refused(Reason::NoRoute), "{raw}");
    }
}

/// Readings of real back ends: twice decoded, over-long, cut at a dot, a space or a NUL.
#[test]
fn path_readings_of_back_ends_do_not_reach_around() {
    malformed(&["/%2561dmin", "/x/%252e%252e/admin", "/admin%252Fx"], PathFault::DoubleEncoding);
    malformed(&["/x/%c0%ae%c0%ae/admin", "/admin%c0%afx"], PathFault::NotUtf8);
    malformed(&["/admin%00.png", "/admin\0"], PathFault::Nul);
    refused(&["/admin.", "/admin%20", "/admin./x", "/admin...", "/Admin%20."], Reason::AmbiguousPath);
    refused(&["/index.php/admin/x", "/a/b.PHP/admin", "/run.cgi/admin"], Reason::AmbiguousPath);
}

/// Nobody is refused who only looks odd.
#[test]
fn path_ordinary_look_alikes_pass() {
    for raw in [
        "/files/report..pdf",
        "/a/...",
        "/v1.2/x",
        "/orders/ABC-123",
        "/x/%20y",
        "/100%25",
        "/~user",
        "/@scope/pkg",
        "/administrator",
        "/Administration",
        "/x/admin",
        "/x/ADMIN",
        "/index.php",
        "/index.php/",
        "/index.php/page/7",
        "/a.b./c",
        "/.well-known/openid-configuration",
        "/%E6%97%A5%E6%9C%AC",
        "/a,b=c",
        "/a:b",
        "/x/secret.keys",
    ] {
        passes(raw, raw);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 2000, ..ProptestConfig::default() })]

    /// Any spelling of anything: an app that decodes once, drops empty and `.` segments and follows its profile never
    /// sees `/admin` on a path that passed.
    #[test]
    fn path_no_spelling_reaches_the_guarded_route(
        pieces in prop::collection::vec(prop::sample::select(vec![
            "/", "//", "/./", "admin", "ADMIN", "adm", "in", "%49N", "%61", ".", "..", "%2e", "%2F", "%5C", "\\", ";",
            ";x=1", "%20", "%25", "2F", "x", "index.php", "%C4%B0", "%C4%B1n", "%E2%84%AA",
        ]), 1..9)
    ) {
        let raw = format!("/{}", pieces.concat());
        for profile in [PathProfile::Default, PathProfile::Tomcat, PathProfile::Iis, PathProfile::Php] {
            if let End::Passed(_, forwarded) = end_in(&site(profile), &raw, 0) {
                prop_assert_ne!(first_segment(&forwarded, profile), "admin", "{} {:?}", raw, profile);
            }
        }
    }

    #[test]
    fn a_decision_is_a_function_of_its_facts(
        raw in "/[a-zA-Z0-9%./;]{0,20}", now in any::<u64>(), earlier in "/[a-z/]{0,9}"
    ) {
        let policy = site(PathProfile::Default);
        let first = end_in(&policy, &raw, now);
        let _ = end_in(&policy, &earlier, now);
        prop_assert_eq!(&end_in(&policy, &raw, now), &first);
        // Another spelling of one canonical text has its fate.
        if let Ok(path) = CanonicalPath::parse(&raw, PathProfile::Default) {
            prop_assert_eq!(end_in(&policy, path.as_str(), now), first);
        }
    }
}

/// The first segment as an app of this profile reads it.
fn first_segment(path: &str, profile: PathProfile) -> String {
    let decoded = percent_encoding::percent_decode_str(path).decode_utf8().expect("UTF-8").into_owned();
    let decoded = match profile {
        PathProfile::Default => decoded.to_lowercase(),
        PathProfile::Iis => decoded.to_lowercase().replace('\\', "/"),
        PathProfile::Tomcat | PathProfile::Php => decoded,
    };
    let mut segments = decoded.split('/').map(|segment| match profile {
        PathProfile::Tomcat => segment.split(';').next().unwrap_or_default(),
        PathProfile::Default | PathProfile::Iis => segment.trim_end_matches(['.', ' ']),
        PathProfile::Php => segment,
    });
    segments.find(|segment| !segment.is_empty() && *segment != ".").unwrap_or_default().to_owned()
}
