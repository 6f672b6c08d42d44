//! Every fault that a policy can have, as people see it.
//!
//! A case is `CODE-what.yaml` in this directory, expected output beside it in `.txt`. A case holds only what it is
//! about: sections that it lacks come from `base.yaml`, after its own lines, unless its first line is `# whole`. `# run`
//! judges as `portcullis run` does, anything else as `portcullis check`. `UPDATE_GOLDEN=1 cargo test` writes what is
//! expected.

use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};

use portcullis::policy::fault::{Code, Faults, example};
use portcullis::policy::{LoadOptions, Loaded, load, load_text};

/// Codes whose cases are files or amounts rather than texts; they have tests of their own below.
const ELSEWHERE: &[Code] = &[
    Code::Unreadable,
    Code::NoPolicy,
    Code::TooLarge,
    Code::NotText,
    Code::TooMany,
    Code::Merge,
    Code::Bound,
    Code::SharedRole,
    Code::Expiry,
    Code::CaseCaller,
    Code::CaseRequest,
    Code::CaseRoute,
    Code::CaseContradiction,
];

fn directory() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/faults")
}

fn cases() -> Vec<PathBuf> {
    let entries = fs::read_dir(directory()).expect("the cases");
    let mut cases: Vec<_> = entries.map(|entry| entry.expect("a case").path()).collect();
    cases.retain(|path| path.extension().is_some_and(|extension| extension == "yaml"));
    // The base is no case, and what the published contract warns of depends on which files lie about.
    cases.retain(|path| !matches!(stem(path), "base" | "design"));
    cases.sort();
    cases
}

fn stem(path: &Path) -> &str {
    path.file_stem().and_then(|stem| stem.to_str()).expect("a name")
}

/// The case's text, and the base's sections that it lacks.
fn text_of(case: &Path) -> String {
    let mut text = fs::read_to_string(case).expect("a case");
    if text.starts_with("# whole") {
        return text;
    }
    let base = fs::read_to_string(directory().join("base.yaml")).expect("the base");
    for section in base.split("\n\n") {
        let key = section.split(':').next().expect("a key");
        if !text.lines().any(|line| line.starts_with(&format!("{key}:"))) {
            text.push_str(section);
            text.push('\n');
        }
    }
    text
}

fn faults_of(text: &str, name: &str, options: &LoadOptions) -> (bool, Faults) {
    match load_text(name, text, &directory(), options) {
        Ok(Loaded { warnings, .. }) => (true, warnings),
        Err(faults) => (false, faults),
    }
}

#[test]
fn every_case_shows_what_it_should() {
    let update = std::env::var_os("UPDATE_GOLDEN").is_some();
    let mut wrong = Vec::new();
    for case in cases() {
        let text = text_of(&case);
        let options = if text.starts_with("# run") { LoadOptions::run() } else { LoadOptions::check() };
        let (sound, faults) = faults_of(&text, stem(&case), &options);
        let verdict = if sound { "sound" } else { "refused" };
        let shown = format!("{}\n\n{verdict}\n", faults.render(false));
        let expected = case.with_extension("txt");
        if update {
            fs::write(&expected, &shown).expect("written");
        } else if fs::read_to_string(&expected).unwrap_or_default() != shown {
            wrong.push(format!("--- {}\n{shown}", stem(&case)));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_code_has_a_case_that_raises_it() {
    let mut seen = HashSet::new();
    for case in cases() {
        let text = text_of(&case);
        let options = if text.starts_with("# run") { LoadOptions::run() } else { LoadOptions::check() };
        let (_, faults) = faults_of(&text, stem(&case), &options);
        let raised: Vec<_> = faults.list.iter().map(|fault| fault.code).collect();
        if let Some((code, _)) = stem(&case).split_once('-').filter(|(code, _)| code.starts_with("PC")) {
            assert!(raised.iter().any(|one| one.id() == code), "{} raises {raised:?}", stem(&case));
        }
        seen.extend(raised);
    }
    let missing: Vec<_> = Code::ALL.iter().filter(|code| !seen.contains(code) && !ELSEWHERE.contains(code)).collect();
    assert!(missing.is_empty(), "no case for {missing:?}");
}

/// The text with the base's sections that it lacks.
fn whole(text: &str) -> String {
    let base = fs::read_to_string(directory().join("base.yaml")).expect("the base");
    let mut whole = format!("{text}\n");
    for section in base.split("\n\n") {
        let key = section.split(':').next().expect("a key");
        if !text.lines().any(|line| line.starts_with(&format!("{key}:"))) {
            whole = format!("{whole}{section}\n");
        }
    }
    whole
}

#[test]
fn every_code_is_explained_with_wrong_and_right() {
    for code in Code::ALL.iter().copied() {
        let example = example(code).unwrap_or_else(|| panic!("no example of {}", code.id()));
        if example.wrong.starts_with('$') {
            continue;
        }
        let options = LoadOptions { notes: true, ..LoadOptions::check() };
        let has = |faults: &Faults| faults.list.iter().any(|fault| fault.code == code);
        let (_, faults) = faults_of(&whole(example.wrong), "wrong", &options);
        assert!(has(&faults), "{}: {faults}", code.id());
        let (sound, faults) = faults_of(&whole(example.right), "right", &options);
        assert!(sound && !has(&faults), "{}: {faults}", code.id());
    }
}

#[test]
fn notes_are_for_who_asks() {
    let text = "routes:\n  - { name: a, path: /a, methods: [GET], allow: [picker], pii: [address] }\n  \
                - { name: b, path: /b, allow: [picker] }\n";
    let (_, faults) = faults_of(&whole(text), "p", &LoadOptions::check());
    assert!(faults.is_empty(), "{faults}");
    let (sound, faults) = faults_of(&whole(text), "p", &LoadOptions { notes: true, ..LoadOptions::check() });
    assert!(sound && faults.errors() + faults.warnings() == 0);
    let codes: Vec<_> = faults.list.iter().map(|fault| fault.code).collect();
    assert_eq!(codes, [Code::SharedRole]);
    assert!(faults.render(false).starts_with("note[PC0804]"), "{faults}");
}

#[test]
fn a_log_of_faults_is_sarif() {
    let schema = fs::read_to_string(directory().join("../schemas/sarif-2.1.0.json")).expect("the schema");
    let mut schema: serde_json::Value = serde_json::from_str(&schema).expect("JSON");
    // As published, this pattern is not a regular expression; nothing here has a language.
    for of in ["run", "toolComponent"] {
        let language = schema["definitions"][of]["properties"]["language"].as_object_mut();
        language.expect("the language").remove("pattern");
    }
    let validator = jsonschema::draft7::new(&schema).expect("a schema");
    let mut judged = 0;
    for case in cases() {
        let text = text_of(&case);
        let (_, faults) = faults_of(&text, "policies/a: b#c é.yaml", &LoadOptions::check());
        let log: serde_json::Value = serde_json::from_str(&faults.to_sarif()).expect("JSON");
        let errors: Vec<_> =
            validator.iter_errors(&log).map(|error| format!("{} {error}", error.instance_path())).collect();
        assert!(errors.is_empty(), "{}: {errors:?}", case.display());
        let run = &log["runs"][0];
        let results = run["results"].as_array().expect("results");
        assert_eq!(results.len(), faults.list.len());
        for (result, fault) in results.iter().zip(&faults.list) {
            let rule = result["ruleIndex"].as_u64().and_then(|at| usize::try_from(at).ok()).expect("a rule");
            assert_eq!(run["tool"]["driver"]["rules"][rule]["id"], fault.code.id());
            if let Some((start, _)) = fault.span.and_then(|span| faults.sources.position(span)) {
                let place = &result["locations"][0]["physicalLocation"];
                assert_eq!(place["artifactLocation"]["uri"], "policies/a%3A%20b%23c%20%C3%A9.yaml");
                assert_eq!(place["region"]["startLine"], start.line);
                judged += 1;
            }
        }
    }
    assert!(judged > 50, "{judged}");
    // The validator is not one that takes anything.
    assert!(!validator.is_valid(&serde_json::json!({ "version": "2.1.0" })));
}

#[test]
fn workflow_commands_are_one_line_for_each_fault() {
    let (_, faults) = faults_of(&whole("mode: enforced\nlimits: []\nzz: 1"), "a,b.yaml", &LoadOptions::check());
    let shown = faults.to_github();
    assert_eq!(shown.lines().count(), faults.list.len());
    assert_eq!(
        shown.lines().next(),
        Some(
            "::error file=a%2Cb.yaml,line=1,endLine=1,col=7,endColumn=15,title=PC0204 mode cannot be `enforced`::mode \
             cannot be `enforced`%0Aunknown word%0Adid you mean `enforce`?"
        )
    );
}

#[test]
fn faults_of_every_file_of_a_directory_come_at_once() {
    let here = tempfile::tempdir().expect("a directory");
    let write = |name: &str, text: &str| fs::write(here.path().join(name), text).expect("written");
    fs::create_dir(here.path().join("files")).expect("a directory");
    write("files/any", "x");
    write("a.yaml", &fs::read_to_string(directory().join("base.yaml")).expect("the base"));
    write("b.yaml", "version: 1\nroutes:\n  - { name: night, pth: /night, allow: [picker] }\n");
    write("c.yaml", "version: 1\nroles:\n  guard: { members: [\"crt:x\"] }\nmode: enforced\n");
    write("d.yaml", "version: 1\nroutes:\n  - { name: day, path: /day, allow: [piker] }\n");
    let faults = load(here.path(), &LoadOptions::check()).expect_err("faults");
    let shown = faults.render(false);
    for wanted in ["b.yaml:3:", "c.yaml:3:", "c.yaml:4:", "d.yaml:3:", "did you mean `path`?", "did you mean `picker`?"]
    {
        assert!(shown.contains(wanted), "{wanted}: {shown}");
    }
    write("e.yaml", "version: 1\nroutes: [\n");
    let shown = load(here.path(), &LoadOptions::check()).expect_err("faults").render(false);
    for wanted in ["e.yaml:2:", "b.yaml:3:", "c.yaml:4:"] {
        assert!(shown.contains(wanted), "{wanted}: {shown}");
    }
    // What is missing may stand in the file that cannot be read.
    assert!(!shown.contains("piker"), "{shown}");
}

#[test]
fn the_base_is_sound_without_a_word() {
    let base = fs::read_to_string(directory().join("base.yaml")).expect("the base");
    let (sound, faults) = faults_of(&base, "base", &LoadOptions::run());
    assert!(sound && faults.is_empty(), "{faults}");
}

#[test]
fn the_contract_as_published_loads_for_check_and_not_for_run() {
    let text = fs::read_to_string(directory().join("design.yaml")).expect("the contract");
    let (sound, faults) = faults_of(&text, "design", &LoadOptions::check());
    assert!(sound, "{faults}");
    let (sound, faults) = faults_of(&text, "design", &LoadOptions::run());
    assert!(!sound);
    assert!(faults.list.iter().any(|fault| fault.code == Code::NotBuilt));
}

#[test]
fn shipped_policies_are_sound_and_use_only_what_is_built() {
    let policies = Path::new(env!("CARGO_MANIFEST_DIR")).join("policies");
    let mut names = Vec::new();
    for entry in fs::read_dir(policies).expect("policies") {
        let path = entry.expect("a policy").path();
        let text = fs::read_to_string(&path).unwrap_or_default();
        if !text.lines().any(|line| line.starts_with("version:")) {
            continue;
        }
        let loaded = load(&path, &LoadOptions::check());
        let warnings = loaded.unwrap_or_else(|faults| panic!("{faults}")).warnings;
        let other: Vec<_> = warnings.list.iter().filter(|fault| fault.code != Code::File).collect();
        assert!(other.is_empty(), "{other:?}");
        names.push(stem(&path).to_owned());
    }
    names.sort();
    assert_eq!(names, ["demo", "quickstart", "sp-api"]);
}

#[test]
fn a_secret_in_a_policy_is_named_and_never_shown() {
    let secret = "q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQ";
    let texts = [
        format!("redaction: {{ key: {secret} }}\n"),
        format!("redaction: {{ key: {secret}, keep: }}\n"),
        format!("redaction:\n  key: |\n    {secret}\n"),
        format!("password: {secret}\n"),
        format!("roles:\n  token: {secret}\n  x: [\n"),
        format!("upstream: {{ url: \"https://gate:{secret}@app.example\" }}\n"),
        format!("api_key: [ {secret} ]\n"),
        format!("keys:\n  - {secret}\n  x: [\n"),
        format!("[ {secret}\n: {secret}"),
        format!("{{\"token\":\"{secret}\"}}"),
        format!("version: 1\nversion: {{ secret: {secret} }}\n"),
    ];
    for text in texts {
        let (sound, faults) = faults_of(&text, "p", &LoadOptions::check());
        assert!(!sound);
        for shown in [faults.render(false), faults.render(true), faults.to_json(), format!("{faults:?}")] {
            assert!(!shown.contains(secret), "{shown}");
        }
    }
}

#[test]
fn a_directory_merges_and_says_where_it_cannot() {
    let here = tempfile::tempdir().expect("a directory");
    let write = |name: &str, text: &str| fs::write(here.path().join(name), text).expect("written");
    let base = fs::read_to_string(directory().join("base.yaml")).expect("the base");
    fs::create_dir(here.path().join("files")).expect("a directory");
    write("files/any", "x");
    write("10-base.yaml", &base);
    let routes = "routes:\n  - { name: night, path: /night, allow: [night] }\n";
    write("20-more.yml", &format!("version: 1\nroles:\n  night: {{ members: [\"cert:night\"] }}\n{routes}"));
    write("api-keys.yaml", "keys: []\n");
    write("notes.txt", "version: [\n");
    let loaded = load(here.path(), &LoadOptions::run()).unwrap_or_else(|faults| panic!("{faults}"));
    assert_eq!(loaded.policy.roles.names().len(), 2);
    assert!(loaded.policy.routes.routes().iter().any(|route| route.name.as_str() == "night"));

    write("30-again.yaml", "version: 1\nmode: shadow\nupstream: { url: http://127.0.0.1:1 }\n");
    let faults = load(here.path(), &LoadOptions::run()).expect_err("given twice");
    let merge = faults.list.iter().find(|fault| fault.code == Code::Merge).expect("a fault of merging");
    assert_eq!(merge.also.len(), 1);
    let shown = faults.render(false);
    assert!(shown.contains("10-base.yaml") && shown.contains("30-again.yaml"), "{shown}");
}

#[test]
fn the_digest_follows_every_file() {
    let base = fs::read_to_string(directory().join("base.yaml")).expect("the base");
    let digest = |text: &str| match load_text("p", text, &directory(), &LoadOptions::run()) {
        Ok(loaded) => loaded.policy.digest.as_str().to_owned(),
        Err(faults) => panic!("{faults}"),
    };
    assert_eq!(digest(&base).len(), 64);
    assert_eq!(digest(&base), digest(&base));
    assert_ne!(digest(&base), digest(&format!("{base}# a comment\n")));
}

#[test]
fn what_cannot_be_read_is_a_fault_too() {
    let here = tempfile::tempdir().expect("a directory");
    let code = |path: &Path| load(path, &LoadOptions::check()).expect_err("no policy").list[0].code;
    assert_eq!(code(&here.path().join("nothing.yaml")), Code::Unreadable);
    assert_eq!(code(here.path()), Code::NoPolicy);
    let file = here.path().join("p.yaml");
    fs::write(&file, b"version: \xff\n").expect("written");
    assert_eq!(code(&file), Code::NotText);
    fs::write(&file, vec![b'#'; 5 << 20]).expect("written");
    assert_eq!(code(&file), Code::TooLarge);
}

#[test]
fn amounts_are_bounded() {
    let with = |section: &str, text: String| {
        let base = fs::read_to_string(directory().join("base.yaml")).expect("the base");
        let others = base.split("\n\n").filter(|part| !part.starts_with(&format!("{section}:")));
        let text = format!("{text}\n{}\n", others.collect::<Vec<_>>().join("\n"));
        faults_of(&text, "p", &LoadOptions::check()).1
    };
    let many = |count: usize, line: fn(usize) -> String| (0..count).map(line).collect::<String>();
    let bounded = |faults: &Faults| faults.list.iter().any(|fault| fault.code == Code::Bound);
    let roles = many(257, |i| format!("  r{i}: {{ members: [\"cert:x\"] }}\n"));
    assert!(bounded(&with("roles", format!("roles:\n  picker: {{ members: [\"cert:x\"] }}\n{roles}"))));
    let limits = many(1001, |i| format!("  - {{ name: l{i}, per: caller, requests: 1/s }}\n"));
    assert!(bounded(&with("limits", format!("limits:\n{limits}"))));
    let routes = many(10_001, |i| format!("  - {{ name: r{i}, path: /r{i}, allow: [picker] }}\n"));
    assert!(bounded(&with("routes", format!("routes:\n{routes}"))));
    let members = many(100_001, |i| format!("c:{i},")).replace("c:", "cert:");
    assert!(bounded(&with("roles", format!("roles: {{ picker: {{ members: [{members}] }} }}"))));
    let unknown = many(600, |i| format!("x{i}: 1\n"));
    let faults = with("network", unknown);
    assert_eq!(faults.list[0].code, Code::TooMany);
    assert!(faults.list.len() <= 501);
}

#[test]
fn machines_get_places_and_advice() {
    let (_, faults) = faults_of("version: 1\ngate:\n  lisen: é\n", "p.yaml", &LoadOptions::check());
    let list: serde_json::Value = serde_json::from_str(&faults.to_json()).expect("JSON");
    let fault = list.as_array().expect("an array").iter().find(|fault| fault["code"] == "PC0201").expect("the key");
    assert_eq!(fault["severity"], "error");
    assert_eq!(fault["file"], "p.yaml");
    assert_eq!((&fault["line"], &fault["column"]), (&3.into(), &3.into()));
    assert_eq!((&fault["end_line"], &fault["end_column"]), (&3.into(), &8.into()));
    assert_eq!(fault["help"], "did you mean `listen`?");
}

mod whatever {
    use proptest::prelude::*;

    use super::*;

    /// No panic, not even in showing what is wrong; and no refusal without a reason.
    fn holds(text: &str) {
        for options in [LoadOptions::check(), LoadOptions::run()] {
            let (sound, faults) = faults_of(text, "p", &options);
            assert_eq!(sound, faults.errors() == 0, "{text:?}: {faults}");
            let _ = (faults.render(true), faults.to_json());
        }
    }

    fn policies() -> Vec<String> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        ["tests/faults/base.yaml", "tests/faults/design.yaml", "policies/quickstart.yaml"]
            .map(|path| fs::read_to_string(root.join(path)).expect("a policy"))
            .to_vec()
    }

    /// Pieces that mean something to YAML or to a policy.
    const PIECES: &[&str] = &[
        "\n",
        "  ",
        ":",
        ": ",
        "- ",
        "[",
        "]",
        "{",
        "}",
        "\"",
        "'",
        "#",
        "&a",
        "*a",
        "!!x",
        "|",
        ">",
        "~",
        "\t",
        "\r\n",
        "é",
        "\u{85}",
        "\u{feff}",
        "%",
        "0",
        "-1",
        "99999999999999999999",
        "1s",
        "50/s",
        "anyone",
        "off",
        "null",
        "---\n",
        "/**",
        "{id}",
        "https://a:b@c",
        "10.0.0.0/8",
        "-----BEGIN PRIVATE KEY-----",
        "key: AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
    ];

    proptest! {
        #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
            holds(&String::from_utf8_lossy(&bytes));
        }

        #[test]
        fn pieces_never_panic(pieces in prop::collection::vec(prop::sample::select(PIECES), 0..60)) {
            holds(&pieces.concat());
        }

        #[test]
        fn mutations_never_panic(
            policy in prop::sample::select(policies()),
            edits in prop::collection::vec(
                (any::<prop::sample::Index>(), 0..12_usize, prop::sample::select(PIECES)),
                1..5,
            ),
        ) {
            let mut characters: Vec<char> = policy.chars().collect();
            for (at, cut, piece) in edits {
                let at = at.index(characters.len().max(1));
                let end = (at + cut).min(characters.len());
                characters.splice(at.min(end)..end, piece.chars());
            }
            holds(&characters.into_iter().collect::<String>());
        }

        #[test]
        fn lines_may_go_missing(policy in prop::sample::select(policies()), keep in any::<u128>()) {
            let lines = policy.lines().enumerate().filter(|(at, _)| keep >> (at % 128) & 1 == 1);
            holds(&lines.map(|(_, line)| format!("{line}\n")).collect::<String>());
        }
    }
}
