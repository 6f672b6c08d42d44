mod restyled;

use std::fs;
use std::path::Path;

use super::{format, meaning};
use crate::policy::{LoadOptions, load_text};

fn formatted(text: &str) -> String {
    format(text).unwrap_or_else(|fault| panic!("{fault}: {text}"))
}

/// Formatting does not change what is formatted, nor what is said.
fn holds(text: &str) -> String {
    let once = formatted(text);
    assert_eq!(formatted(&once), once, "not twice the same: {text}");
    assert_eq!(meaning(text), meaning(&once));
    once
}

#[test]
fn keys_come_in_order_and_bring_their_comments() {
    let text = "
# About the whole.

upstream:
    # where the app is
    url:   'http://127.0.0.1:8080'   # loopback
    # how long we wait
    timeouts: {idle: 60s,   connect: 2s}
    # nothing else

version: 1
routes:
- path: '/a'
  name: \"a\"    # its name
  allow: [ anyone ]


# before b
- { name: b, allow: [anyone], path: '/b/*' }
# the end
";
    assert_eq!(
        holds(text),
        "# About the whole.

version: 1

upstream:
  # where the app is
  url: \"http://127.0.0.1:8080\"       # loopback
  # how long we wait
  timeouts: { connect: 2s, idle: 60s }
  # nothing else

routes:
  - name: a    # its name
    path: /a
    allow: [anyone]

  # before b
  - { name: b, path: \"/b/*\", allow: [anyone] }
# the end
"
    );
}

#[test]
fn long_lines_are_broken_and_comments_open_lists() {
    let names: Vec<String> = (0..40).map(|number| format!("CreatedAfter{number}")).collect();
    let text = std::format!(
        "routes:\n  - name: a\n    log: {{ query: [{}] }}\n    allow: [one, # first\n      two\n      # none\n    ]\n",
        names.join(", ")
    );
    let shown = holds(&text);
    assert!(shown.lines().all(|line| line.chars().count() <= 120), "{shown}");
    assert!(
        shown.contains("    allow:\n      - one # first\n      - two\n      # none\n") || shown.contains("- one "),
        "{shown}"
    );
    assert!(shown.contains("    log:\n      query: [CreatedAfter0, CreatedAfter1,"), "{shown}");
}

#[test]
fn what_is_too_long_for_a_line_takes_one_for_each_key() {
    let text = "
alarms:
  # Who reads very many orders.
  - { name: a-rather-long-name-of-a-rule, when: { distinct: path.orderId, over: 120/10m }, then: [alarm, throttle], incident: 24h } # LOG-6
  - { name: short, when: { sequence: path.orderId, over: 10/10m }, then: [alarm] }   # kept
limits:
- { per: caller, records: { count: 500/d, at: '$.payload.Orders[*].a.rather.long.path.to.what.is.counted.in.answers' }, name: l }
network: {
  allow: [10.0.0.0/8],

  deny: [] }
";
    assert_eq!(
        holds(text),
        "limits:
  - name: l
    per: caller
    records: { count: 500/d, at: \"$.payload.Orders[*].a.rather.long.path.to.what.is.counted.in.answers\" }

network: { allow: [10.0.0.0/8], deny: [] }

alarms:
  # Who reads very many orders.
  - name: a-rather-long-name-of-a-rule  # LOG-6
    when: { distinct: path.orderId, over: 120/10m }
    then: [alarm, throttle]
    incident: 24h
  - { name: short, when: { sequence: path.orderId, over: 10/10m }, then: [alarm] }   # kept
"
    );
}

#[test]
fn quotes_are_kept_where_somebody_might_read_something_else() {
    let text =
        "a: ['off', 'GET', \"1.2\", 'it''s', '\\d', \"a\\tb\", '', \"null\", 'a: b', '#x', '${X}', !file 'b c']\n";
    assert_eq!(
        holds(text),
        "a: [\"off\", GET, \"1.2\", \"it's\", '\\d', \"a\\tb\", \"\", \"null\", \"a: b\", \"#x\", \"${X}\", !file \"b c\"]\n"
    );
}

#[test]
fn odd_places_of_comments_lose_none() {
    for text in [
        "# only\na: 1\n",
        "a: # beside\n  b: 1\n",
        "a:\n  # above\n  b: 1 # beside\n  # below b\n# below a\nc: 2\n",
        "a:\n  - # beside dash\n    b: 1\n  -\n    # above\n    c: 2\n",
        "a: { b: 1, # one\n  c: 2 # two\n  }\n",
        "a: [ # open\n  1\n  ] # close\n",
        "a: []   # empty\nb: {}\n",
        "a: |  # block\n  text\n  # no comment\nb: 1\n",
        "a: \"x # y\" # z\nb: x#y\n",
        "a:\n  b:\n    c: 1\n    # in b\n  # in a\n# in root\n",
        "a:\n  b:\n    - 1\n      # deep\n    # list\n  # map\n\n\n\n# root\nc: 1\n",
        "a: 1\n\n\n# end\n\n\n",
        "a: 1 # x  \n# y\t\n",
        "version: 1 # v\nmode: enforce\n# why\ngate:\n  listen: x\n",
        "a: >\n  folded\n  text\n\nb: 1\n",
        "- 1\n- 2 # two\n",
        "a:\n- b: 1\n  c: 2\n- - 1\n  - 2\n",
        "a: 'x\n  y'\nb: p\n  q\n",
        "\u{feff}a: 1\r\n# b\r\nc: 2\r\n",
    ] {
        if let Ok(once) = format(text) {
            assert_eq!(format(&once).as_deref(), Ok(once.as_str()), "{text}");
        } else {
            // Left as it is rather than changed: only what a policy has no use for.
            assert!(text.contains("|  #"), "{text}");
        }
    }
}

#[test]
fn what_no_policy_is_stays_as_it_is() {
    for text in ["a: &x 1\n", "a: &x [1]\nb: *x\n", "a: !secret b\n", "a: !!map { b: c }\n", "a: 1\n---\nb: 2\n", "[\n"]
    {
        assert_eq!(format(text), Err(super::FormatFault::NotYaml), "{text}");
    }
}

#[test]
fn shipped_policies_are_formatted() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for directory in [
        "policies",
        "policies/tests",
        "deploy/package",
        "deploy/kubernetes/overlays/gateway/policies",
        "deploy/kubernetes/overlays/sidecar/policies",
    ] {
        let entries = fs::read_dir(root.join(directory)).expect(directory);
        for path in entries.map(|entry| entry.expect("a file").path()) {
            if path.extension().is_some_and(|extension| extension == "yaml") {
                let text = fs::read_to_string(&path).expect("text");
                let once = holds(&text);
                if std::env::var_os("UPDATE_GOLDEN").is_some() {
                    fs::write(&path, &once).expect("written");
                } else {
                    assert!(once == text, "{}: portcullis fmt", path.display());
                }
            }
        }
    }
}

#[test]
fn a_formatted_policy_is_the_same_policy() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for name in
        ["policies/quickstart.yaml", "policies/sp-api.yaml", "tests/faults/base.yaml", "tests/faults/design.yaml"]
    {
        let text = fs::read_to_string(root.join(name)).expect("a policy");
        let policy = |text: &str| {
            let loaded = load_text("p", text, Path::new("/nowhere"), &LoadOptions::check());
            let policy = loaded.unwrap_or_else(|faults| panic!("{faults}")).policy;
            let digest = policy.digest.as_str().to_owned();
            // Maps have no order of their own.
            let roles = std::format!("{:?}", policy.roles.names());
            (std::format!("{:?}{:?}{roles}", policy.gate, policy.routes).replace(&digest, ""), policy.limits.len())
        };
        assert_eq!(policy(&text), policy(&holds(&text)), "{name}");
    }
}

/// The lines of a flat policy in any order, so that maps come in any: what is loaded is the same.
fn loaded(text: &str) -> Result<String, Vec<&'static str>> {
    match load_text("p", text, Path::new("/nowhere"), &LoadOptions::check()) {
        Ok(loaded) => {
            let policy = loaded.policy;
            let roles = policy.roles.names();
            let parts = (&policy.gate, &policy.upstream, &policy.callers, &policy.routes, &policy.limits);
            Ok(std::format!("{parts:?}{:?}{:?}{:?}{roles:?}", policy.network, policy.redaction, policy.audit))
        }
        Err(faults) => {
            let mut codes: Vec<_> = faults.list.iter().map(|fault| fault.code.id()).collect();
            codes.sort_unstable();
            Err(codes)
        }
    }
}

mod whatever {
    use proptest::prelude::*;

    use super::*;

    /// A random tree of policy-like YAML with comments anywhere.
    fn lines() -> impl Strategy<Value = String> {
        let line = prop_oneof![
            Just("# a comment".to_owned()),
            Just(String::new()),
            "[a-e]: [a-z]{1,3}( # c)?",
            "[a-e]:( # c)?",
            "- [a-z]{1,3}( # c)?",
            "- [a-e]: '[a-z #]{0,3}'( #c)?",
            "[a-e]: \\[[a-c], [a-c]\\]( # c)?",
            "[a-e]: \\{ [a-c]: [a-c] \\}( # c)?",
            "[a-e]: \\[[a-c], # c",
            "[a-c]\\]( # c)?",
            "- \\{ [a-c]: [a-c] \\}( # c)?",
            "- \\[[a-c]\\]( # c)?",
            "[a-c]: \\[[a-c]: [a-c]\\]",
            Just("-".to_owned()),
        ];
        prop::collection::vec((0..4_usize, line), 1..20).prop_map(|lines| {
            let lines = lines.iter().map(|(depth, line)| std::format!("{}{line}\n", "  ".repeat(*depth)));
            lines.collect::<Vec<_>>().concat()
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn nothing_is_lost_and_twice_is_once(text in lines()) {
            if meaning(&text).is_some() && let Ok(once) = format(&text) {
                let twice = format(&once);
                prop_assert_eq!(twice.as_deref(), Ok(once.as_str()), "{}", text);
            }
        }

        #[test]
        fn what_is_loaded_is_what_was_written(
            rows in prop::collection::vec((0..6_usize, 0..5_usize, 0..4_usize, any::<bool>()), 0..8),
            sections in Just(vec![0, 1, 2, 3, 4, 5, 6]).prop_shuffle(),
        ) {
            let mut parts = [
                "version: 1\n".to_owned(),
                "gate:\n   tls: {key: 'b.pem', certificate: a.pem, client_ca: c.pem}\n   listen: '127.0.0.1:1'\n".to_owned(),
                "upstream: {timeouts: {idle: 5s, connect: 1s}, url: 'http://127.0.0.1:2'}\n".to_owned(),
                "callers: [certificate: {subject: san_uri}]\n".to_owned(),
                "roles: {b: {members: ['cert:x']}, a: {members: ['cert:y', \"cert:z\"]}}   # who\n".to_owned(),
                "limits:\n- {requests: 9/s, name: l, per: caller}\n".to_owned(),
                "routes:\n".to_owned(),
            ];
            for (place, (path, allow, methods, block)) in rows.iter().enumerate() {
                let path = ["/a", "/a/{x}", "/a/*/b", "/c/**", "/{x}/y", "/d%20e"][*path];
                let allow = ["[a]", "[b, a]", "[anyone]", "['b']", "[nobody]"][*allow];
                let methods = ["[GET]", "[POST, 'GET']", "[get]", "[PUT]"][*methods];
                let row = if *block {
                    std::format!("- path: '{path}'\n  # why\n  allow: {allow}\n  name: r{place}\n  methods: {methods}\n")
                } else {
                    std::format!("- {{allow: {allow}, name: r{place}, methods: {methods}, path: \"{path}\"}} # {place}\n")
                };
                parts[6].push_str(&row);
            }
            if rows.is_empty() {
                parts[6].push_str("- {name: r, path: /r, allow: [a]}\n");
            }
            let text: String = sections.iter().map(|place| parts[*place].as_str()).collect();
            let once = formatted(&text);
            prop_assert_eq!(loaded(&text), loaded(&once), "{}", text);
            prop_assert_eq!(&formatted(&once), &once);
        }

        #[test]
        fn bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = format(&String::from_utf8_lossy(&bytes));
        }
    }
}
