//! Paths: a canonical path is its own canonical form, whatever the app's profile; and the route that decides is the one
//! that an app would serve, however late it decodes.

#![no_main]

use std::path::Path;
use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use portcullis::policy::path::CanonicalPath;
use portcullis::policy::route::RouteTable;
use portcullis::policy::settings::PathProfile;
use portcullis::policy::{LoadOptions, load_text};

const TEMPLATES: [&str; 9] = [
    "/orders/v0/orders/{order_id}/address",
    "/orders/v0/orders/{order_id}",
    "/orders/v0/orders",
    "/orders/v0/Orders/export",
    "/orders/**",
    "/admin/*/keys",
    "/admin/**",
    "/caf%C3%A9",
    "/a%20b",
];

static ROUTES: LazyLock<RouteTable> = LazyLock::new(|| {
    let routes: String = (TEMPLATES.iter().enumerate())
        .map(|(at, template)| format!("  - {{ name: r{at}, path: \"{template}\", allow: [anyone] }}\n"))
        .collect();
    let policy = format!(
        "version: 1\ngate: {{ listen: \"127.0.0.1:8443\", tls: {{ certificate: a.pem, key: a.key }} }}\n\
         upstream: {{ url: \"http://127.0.0.1:8080\" }}\nroutes:\n{routes}redaction: {{ key: p.key }}\n"
    );
    let loaded = load_text("policy.yaml", &policy, Path::new("/nonexistent"), &LoadOptions::check());
    loaded.unwrap_or_else(|faults| panic!("{}", faults.render(false))).policy.routes
});

/// What an app makes of a path: its segments, decoded as a whole before they are told apart. Parameters behind a `;` are
/// no part of a segment for those that know them.
fn segments(path: &str, profile: PathProfile) -> Vec<Vec<u8>> {
    let parts = path.split('/').map(|part| match profile {
        PathProfile::Tomcat => part.split(';').next().unwrap_or_default(),
        _ => part,
    });
    let decoded = percent_encoding::percent_decode_str(&parts.collect::<Vec<_>>().join("/")).collect::<Vec<u8>>();
    decoded.split(|byte| *byte == b'/').filter(|part| !part.is_empty()).map(<[u8]>::to_vec).collect()
}

/// How a template's segments meet a path's, by how special each is; `None` if they do not.
fn meets(template: &str, path: &[Vec<u8>], fold: bool) -> Option<Vec<u8>> {
    let mut kinds = Vec::new();
    let mut path = path.iter();
    for part in template.split('/').filter(|part| !part.is_empty()) {
        let literal = percent_encoding::percent_decode_str(part).collect::<Vec<u8>>();
        if part == "**" {
            kinds.push(3);
            return Some(kinds);
        }
        let segment = path.next()?;
        let is_same = if fold { segment.eq_ignore_ascii_case(&literal) } else { *segment == literal };
        match part {
            "*" => kinds.push(2),
            _ if part.starts_with('{') => kinds.push(1),
            _ if is_same => kinds.push(0),
            _ => return None,
        }
    }
    path.next().is_none().then_some(kinds)
}

/// The template that an app's router would take.
fn served(path: &[Vec<u8>], fold: bool) -> Option<&'static str> {
    let met = TEMPLATES.iter().filter_map(|template| Some((meets(template, path, fold)?, *template)));
    met.min().map(|(_, template)| template)
}

fuzz_target!(|raw: &str| {
    for profile in [PathProfile::Default, PathProfile::Tomcat, PathProfile::Iis, PathProfile::Php] {
        let Ok(path) = CanonicalPath::parse(raw, profile) else { continue };
        let text = path.as_str();
        assert!(text.starts_with('/') && text.is_ascii());
        assert!(!text.split('/').any(|segment| matches!(segment, "." | "..")), "{text}");
        let again = CanonicalPath::parse(text, profile).expect("a canonical path is sound");
        assert!(again.is_unchanged(), "{text} became {}", again.as_str());
        let found = ROUTES.find(&path);
        let name = |routes: &[std::sync::Arc<portcullis::policy::route::Route>]| {
            routes.first().map(|route| route.name.to_string())
        };
        assert_eq!(name(found.routes), name(ROUTES.find(&again).routes), "what goes on is another resource");
        if path.has_encoded_slash() {
            continue;
        }
        let read = segments(text, profile);
        for segment in &read {
            let is_dots = matches!(&segment[..], b"." | b"..");
            assert!(!is_dots && !segment.iter().any(|byte| byte.is_ascii_control() || *byte == b'\\'), "{text}");
        }
        let fold = profile == PathProfile::Iis;
        let template = found.routes.first().map(|route| route.template.to_string());
        assert_eq!(template.as_deref(), served(&read, fold), "{text}: an app serves another route");
        if profile == PathProfile::Default
            && let Some(template) = &template
            && served(&read, true).is_some_and(|other| other != template)
        {
            let other = ROUTES.other_reading(&path, &found);
            assert!(other.is_some(), "{text}: an app without regard to case serves another route");
        }
    }
});
