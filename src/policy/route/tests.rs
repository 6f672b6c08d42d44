use proptest::prelude::*;

use super::*;
use crate::policy::path::PathFault;
use crate::policy::settings::PathProfile;
use crate::policy::testing::{open_table, route, table};

/// The template that a path lands on.
fn lands(table: &RouteTable, raw: &str, profile: PathProfile) -> Option<String> {
    let path = CanonicalPath::parse(raw, profile).unwrap_or_else(|fault| panic!("{raw}: {fault}"));
    table.find(&path).routes.first().map(|route| route.template.to_string())
}

fn check(templates: &[&str], rows: &[(&str, Option<&str>)]) {
    let table = open_table(templates);
    for (raw, template) in rows {
        assert_eq!(lands(&table, raw, PathProfile::Default).as_deref(), *template, "{raw} in {templates:?}");
    }
}

#[test]
fn the_most_specific_template_wins_from_left_to_right() {
    check(
        &["/**", "/a/*", "/a/{id}", "/a/b", "/a/{id}/x", "/*/b/y", "/a/b/z/**"],
        &[
            ("/", Some("/**")),
            ("/q", Some("/**")),
            ("/a/b", Some("/a/b")),
            ("/a/b/", Some("/a/b")),
            ("/a/c", Some("/a/{id}")),
            ("/a/b/x", Some("/a/{id}/x")),
            ("/a/b/y", Some("/*/b/y")),
            ("/a/b/z", Some("/a/b/z/**")),
            ("/a/b/z/1/2", Some("/a/b/z/**")),
            ("/a/b/q", Some("/**")),
        ],
    );
}

#[test]
fn a_rest_takes_its_own_root_and_a_segment_is_never_empty() {
    check(&["/a/**"], &[("/a", Some("/a/**")), ("/a/", Some("/a/**")), ("/a/b/c", Some("/a/**")), ("/ab", None)]);
    check(&["/a/{id}", "/"], &[("/a", None), ("/a/", None), ("/", Some("/")), ("/a/b", Some("/a/{id}"))]);
    check(&["/a/", "/*"], &[("/a", Some("/a/")), ("/", None), ("/b/", Some("/*"))]);
    check(&["/a"], &[("/a//", Some("/a")), ("/a/.", Some("/a")), ("/A", None)]);
}

#[test]
fn literals_compare_by_what_they_stand_for() {
    check(&["/@scope/a%20b"], &[("/%40scope/a%20b", Some("/@scope/a%20b")), ("/@scope/ab", None)]);
    check(&["/a.b"], &[("/axb", None), ("/a.b", Some("/a.b"))]);
    check(&["/a+b", "/x$", "/(a)"], &[("/aab", None), ("/aaab", None), ("/x", None), ("/a", None)]);
    check(&["/a/b", "/a/{id}"], &[("/a/b%2Fc", Some("/a/{id}"))]);
}

#[test]
fn an_encoded_slash_never_stands_for_a_literals_end() {
    check(&["/a/b", "/*/x"], &[("/a%2Fb", None), ("/a%2Fb/x", Some("/*/x"))]);
    assert_eq!(Template::parse("/a%2Fb"), Err(TemplateFault::EncodedSlash));
}

#[test]
fn iis_has_no_regard_for_case_and_tomcat_none_for_parameters() {
    let table = open_table(&["/Admin/{id}", "/Files/r%C3%A9sum%C3%A9"]);
    for raw in ["/admin/1", "/ADMIN/1", "/ADM%49N/1", "/adm%C4%B0n/1", "/adm%C4%B1n/1"] {
        assert_eq!(lands(&table, raw, PathProfile::Iis).as_deref(), Some("/Admin/{id}"), "{raw}");
        assert_eq!(lands(&table, raw, PathProfile::Php), None, "{raw}");
    }
    assert!(lands(&table, "/FILES/R%C3%89SUM%C3%89", PathProfile::Iis).is_some());
    assert!(lands(&table, "/Admin;a=1/1;b", PathProfile::Tomcat).is_some());
}

#[test]
fn routes_of_one_shape_land_together() {
    let table = table([route("one", "/a/{x}"), route("two", "/a/{y}/"), route("other", "/a/*")]);
    let path = CanonicalPath::parse("/a/1", PathProfile::Default).expect("a path");
    let names: Vec<_> = table.find(&path).routes.iter().map(|route| route.name.to_string()).collect();
    assert_eq!(names, ["one", "two"]);
    assert_eq!(table.routes()[1].captures(&path).collect::<Vec<_>>(), [("y", "1")]);
}

#[test]
fn a_template_that_is_none_is_refused_and_never_found() {
    for (text, fault) in [
        ("a", TemplateFault::NotAbsolute),
        ("/a//b", TemplateFault::EmptySegment),
        ("//", TemplateFault::EmptySegment),
        ("/.", TemplateFault::EmptySegment),
        ("/**/a", TemplateFault::RestNotLast),
        ("/a*", TemplateFault::StarWithin),
        ("/***", TemplateFault::StarWithin),
        ("/a{b}", TemplateFault::Parameter),
        ("/{}", TemplateFault::Parameter),
        ("/{1}", TemplateFault::Parameter),
        ("/{a-b}", TemplateFault::Parameter),
        ("/{a}/{a}", TemplateFault::DuplicateParameter),
        ("/a;b", TemplateFault::Unmatchable(PathFault::Semicolon)),
        ("/..", TemplateFault::Unmatchable(PathFault::DotDot)),
        ("/%zz", TemplateFault::Unmatchable(PathFault::MalformedPercent)),
    ] {
        assert_eq!(Template::parse(text), Err(fault), "{text}");
        let table = open_table(&[text]);
        assert_eq!(lands(&table, "/a/b", PathProfile::Default), None, "{text}");
    }
    assert!(Template::parse(&"/a".repeat(65)).is_err());
    assert_eq!(Template::parse("/").map(Template::into_parts), Ok(vec![]));
}

#[test]
fn readings_that_land_elsewhere_are_found_for_each_profile() {
    let other = |templates: &[&str], raw: &str, profile| {
        let table = open_table(templates);
        let path = CanonicalPath::parse(raw, profile).expect("a path");
        let found = table.find(&path);
        table.other_reading(&path, &found).map(|other| other.routes[0].template.to_string())
    };
    let admin = Some("/admin".to_owned());
    let open = ["/admin", "/{page}", "/index.php/**", "/**"];
    for raw in ["/Admin", "/admin.", "/admin%20", "/ADMIN%20.", "/%EF%BD%81dmin", "/index.php/admin"] {
        assert_eq!(other(&open, raw, PathProfile::Default), admin, "{raw}");
    }
    assert!(other(&open, "/index.php/ADMIN", PathProfile::Default).is_some());
    assert_eq!(other(&open, "/index.php/admin", PathProfile::Php), admin);
    assert_eq!(other(&open, "/index.php/admin", PathProfile::Tomcat), None);
    assert_eq!(other(&open, "/Admin", PathProfile::Php), None);
    assert_eq!(other(&open, "/Admin", PathProfile::Tomcat), None);
    for raw in ["/q.php/index.php/admin", "/index.php/q.php/admin"] {
        assert_eq!(other(&["/admin", "/*/**"], raw, PathProfile::Php), admin, "{raw}");
    }
    // The script's own rule was written for what comes behind it.
    assert_eq!(other(&["/index.php", "/index.php/**"], "/index.php/x", PathProfile::Php), None);
    let script = ["/run.php", "/{any}/{thing}"];
    assert_eq!(other(&script, "/run.php/x", PathProfile::Php), Some("/run.php".to_owned()));
    // The route is spelt with a capital, the path is not.
    assert_eq!(other(&["/Admin", "/{page}"], "/admin", PathProfile::Default), Some("/Admin".to_owned()));
    assert_eq!(other(&["/Users", "/users"], "/users", PathProfile::Default), None);
    assert_eq!(other(&["/Users", "/users"], "/Users", PathProfile::Default), None);
    for raw in ["/orders/ABC-123", "/a/...", "/files/report..pdf", "/v1.2/x", "/x/%20y", "/%C3%89", "/a.php", "/a.php/"]
    {
        assert_eq!(other(&["/orders/{id}", "/a/**", "/**", "/admin"], raw, PathProfile::Default), None, "{raw}");
    }
}

/// Slow and plain: try every template, keep the most specific.
fn reference(templates: &[String], raw: &str) -> Option<String> {
    let path: Vec<&str> = raw.split('/').filter(|segment| !segment.is_empty()).collect();
    let rank = |template: &str| -> Option<Vec<u8>> {
        let parts: Vec<&str> = template.split('/').filter(|part| !part.is_empty()).collect();
        let mut ranks = Vec::new();
        for (place, part) in parts.iter().enumerate() {
            if *part == "**" {
                ranks.push(4);
                return Some(ranks);
            }
            let segment = path.get(place)?;
            ranks.push(match *part {
                part if part.starts_with('{') => 2,
                "*" => 3,
                part if part == *segment => 1,
                _ => return None,
            });
        }
        (parts.len() == path.len()).then_some(ranks)
    };
    // A shorter list of ranks is a prefix of the longer: it ends where the other has `**` left, and goes first.
    templates
        .iter()
        .filter_map(|template| Some((rank(template)?, template)))
        .min_by(|a, b| a.0.cmp(&b.0))
        .map(|(_, template)| template.clone())
}

fn templates() -> impl Strategy<Value = Vec<String>> {
    let part = prop::sample::select(vec!["a", "b", "c.d", "*", "{x}", "@e"]);
    let parts = (prop::collection::vec(part, 0..5), any::<bool>()).prop_map(|(parts, rest)| {
        let mut seen = 0;
        let named = parts.iter().map(|part| {
            seen += 1;
            if *part == "{x}" { format!("/{{x{seen}}}") } else { format!("/{part}") }
        });
        let text = named.collect::<String>();
        match (rest, text.is_empty()) {
            (true, _) => format!("{text}/**"),
            (false, true) => "/".to_owned(),
            (false, false) => text,
        }
    });
    prop::collection::vec(parts, 1..24)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 1500, ..ProptestConfig::default() })]

    #[test]
    fn the_tree_agrees_with_trying_every_template(
        templates in templates(),
        paths in prop::collection::vec("(/(a|b|c\\.d|cxd|@e|%40e|q|\\*)){0,6}/?", 1..12),
    ) {
        let table = open_table(&templates.iter().map(String::as_str).collect::<Vec<_>>());
        for raw in paths.iter().filter(|raw| !raw.is_empty()) {
            let expected = reference(&templates, &raw.replace("%40", "@"));
            prop_assert_eq!(lands(&table, raw, PathProfile::Default), expected, "{}", raw);
        }
    }
}
