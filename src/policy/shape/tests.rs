use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use granit_parser::{Event, Parser, ScalarStyle};
use jsonschema::Validator;
use serde_json::{Map, Value, json};

use super::*;
use crate::policy::fault::{Code, Fault};
use crate::policy::{LoadOptions, load_text};

/// Faults that the tables and the decoders must agree about.
const SHAPE: &[Code] = &[
    Code::UnknownKey,
    Code::MissingKey,
    Code::Type,
    Code::Word,
    Code::Number,
    Code::Duration,
    Code::Size,
    Code::Rate,
    Code::Network,
    Code::Empty,
    Code::Name,
];

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn validator(of_cases: bool) -> Validator {
    jsonschema::draft202012::new(&schema(of_cases)).expect("a schema")
}

/// A YAML text as the JSON value that schemas judge; `None` if it is not YAML.
fn to_json(text: &str) -> Option<Value> {
    enum Open {
        List(Vec<Value>),
        Map(Map<String, Value>, Option<String>),
    }
    let mut open = Vec::new();
    let mut root = Value::Null;
    for next in Parser::new_from_str(text) {
        let value = match next.ok()?.0 {
            Event::Scalar(text, style, ..) if style != ScalarStyle::Plain => Value::String(text.into_owned()),
            Event::Scalar(text, ..) => match &*text {
                "" | "~" | "null" => Value::Null,
                "true" => json!(true),
                "false" => json!(false),
                other => {
                    let number = serde_json::from_str::<Value>(other).ok().filter(Value::is_number);
                    number.unwrap_or_else(|| Value::String(other.to_owned()))
                }
            },
            Event::SequenceStart(..) => {
                open.push(Open::List(Vec::new()));
                continue;
            }
            Event::MappingStart(..) => {
                open.push(Open::Map(Map::new(), None));
                continue;
            }
            Event::SequenceEnd | Event::MappingEnd => match open.pop()? {
                Open::List(list) => Value::Array(list),
                Open::Map(map, _) => Value::Object(map),
            },
            _ => continue,
        };
        match open.last_mut() {
            None => root = value,
            Some(Open::List(list)) => list.push(value),
            Some(Open::Map(map, key)) => match key.take() {
                None => *key = Some(value.as_str().map_or_else(|| value.to_string(), str::to_owned)),
                Some(key) => {
                    map.insert(key, value);
                }
            },
        }
    }
    Some(root)
}

/// A value of a kind; for a map all that it must have.
fn sample(kind: Kind) -> Value {
    match kind {
        Kind::Text(form) => json!(form.example),
        Kind::Words(words) => json!(words[0]),
        Kind::Number(least, most) => json!(u64::midpoint(least, most)),
        Kind::List(item) | Kind::Filled(item) => json!([sample(*item)]),
        Kind::Map(section) => section
            .keys
            .iter()
            .filter(|key| key.required)
            .map(|key| (key.name.to_owned(), sample(key.kind)))
            .collect::<Map<_, _>>()
            .into(),
        Kind::One(section) => json!({ (section.keys[0].name): sample(section.keys[0].kind) }),
        Kind::Named(value) => json!({ "fulfilment": sample(*value) }),
        Kind::Either(_, other) => sample(*other),
    }
}

/// Values that a kind never has.
fn wrong(kind: Kind) -> Vec<Value> {
    match kind {
        Kind::Text(form) if form.pattern.is_empty() => vec![json!([]), json!({}), json!("")],
        Kind::Text(form) if form.pattern == forms::NAME.pattern => vec![json!([]), json!("a b"), json!("")],
        Kind::Text(_) => vec![json!([]), json!("no such \u{e9} thing"), json!("")],
        Kind::Words(_) => vec![json!("zzyzx"), json!([["x"]]), json!({ "x": {} })],
        Kind::Number(least, most) => {
            let below = least.checked_sub(1).map_or(json!(-1), |below| json!(below));
            vec![below, json!(most + 1), json!("many"), json!([]), json!({})]
        }
        Kind::List(_) => vec![json!("x"), json!({}), Value::Null],
        Kind::Filled(_) => vec![json!("x"), json!({}), json!([]), Value::Null],
        Kind::Map(_) => vec![json!("x"), json!([]), json!({ "zzyzx": 1 }), Value::Null],
        Kind::One(_) => vec![json!(["x"]), json!({ "zzyzx": {} }), json!({}), Value::Null],
        Kind::Named(_) => vec![json!("x"), json!([])],
        Kind::Either(_, Kind::Text(form)) if form.pattern.is_empty() => vec![json!([]), json!({}), json!("")],
        Kind::Either(..) => vec![json!("zzyzx"), json!([["x"]]), json!({ "zzyzx": {} })],
    }
}

/// Every key of the tables with the way to it, as one sees it in a policy.
fn every_key() -> Vec<(String, &'static Key)> {
    fn walk(way: &str, kind: Kind, found: &mut Vec<(String, &'static Key)>) {
        match kind {
            Kind::Map(section) | Kind::One(section) => {
                for key in section.keys {
                    let way = format!("{way}/{}", key.name);
                    found.push((way.clone(), key));
                    walk(&way, key.kind, found);
                }
            }
            Kind::List(item) | Kind::Filled(item) => walk(&format!("{way}/0"), *item, found),
            Kind::Named(item) => walk(&format!("{way}/fulfilment"), *item, found),
            Kind::Either(one, other) => {
                walk(way, *one, found);
                walk(way, *other, found);
            }
            Kind::Text(_) | Kind::Words(_) | Kind::Number(..) => {}
        }
    }
    let mut found = Vec::new();
    walk("", Kind::Map(&POLICY), &mut found);
    found
}

/// A policy with all that it must have, and one key, at the end of the way to it, with a value. `None` takes it out.
fn policy_with(way: &str, value: Option<Value>) -> Value {
    fn put(here: &mut Value, kind: Kind, way: &[&str], value: Option<Value>) {
        let [step, rest @ ..] = way else {
            *here = value.expect("a value");
            return;
        };
        match kind {
            Kind::Map(section) | Kind::One(section) => {
                let key = section.key(step).expect("a key");
                let map = here.as_object_mut().expect("a map");
                if matches!(kind, Kind::One(_)) && !map.contains_key(*step) {
                    map.clear();
                }
                if rest.is_empty() && value.is_none() {
                    map.shift_remove(*step);
                    return;
                }
                put(map.entry(*step).or_insert_with(|| sample(key.kind)), key.kind, rest, value);
            }
            Kind::List(item) | Kind::Filled(item) => put(&mut here[0], *item, rest, value),
            Kind::Named(item) => put(&mut here["fulfilment"], *item, rest, value),
            Kind::Either(one, other) => {
                let has_map = matches!(other, Kind::Map(_) | Kind::One(_));
                put(here, if has_map { *other } else { *one }, way, value);
            }
            Kind::Text(_) | Kind::Words(_) | Kind::Number(..) => panic!("nothing below"),
        }
    }
    let mut policy = sample(Kind::Map(&POLICY));
    if way.starts_with("/upstream/tls") {
        policy["upstream"]["url"] = json!("https://app.example");
    }
    let way: Vec<&str> = way.split('/').skip(1).collect();
    put(&mut policy, Kind::Map(&POLICY), &way, value);
    policy
}

fn faults(policy: &Value) -> Vec<Fault> {
    let text = serde_json::to_string_pretty(policy).expect("JSON");
    let loaded = load_text("p", &text, Path::new("/nowhere"), &LoadOptions::check());
    loaded.map_or_else(|faults| faults, |loaded| loaded.warnings).list
}

fn shape_faults(policy: &Value) -> Vec<String> {
    let shape = faults(policy).into_iter().filter(|fault| SHAPE.contains(&fault.code));
    shape.map(|fault| format!("{}: {}", fault.code.id(), fault.message)).collect()
}

#[test]
fn what_the_tables_allow_the_decoders_take_and_the_schema_too() {
    let validator = validator(false);
    let mut wrong = Vec::new();
    for (way, key) in every_key() {
        let policy = policy_with(&way, Some(sample(key.kind)));
        // `burst` needs `requests`, `certificate` needs `key`, a threshold needs all its parts, a token needs keys or
        // introspection, a trail sinks or a spool, and some keys mean something beside others alone: beyond the tables.
        let beyond = |text: &String| {
            [
                "admin listens",
                "an entry of revoked",
                "burst",
                "audit needs the key",
                "audit.anchor without",
                "audit.commit without",
                "alarm looks for",
                "limit counts",
                "alarms.when needs",
                "audit.sinks.webhook needs",
                "audit.sinks.splunk needs",
                "audit.sinks.syslog needs",
                "audit.sinks.elastic needs",
                "audit.sinks.otlp needs",
                "audit needs the key `sinks`",
                "without `audit.s",
                "upstream.tls needs",
                "shared without",
                "shared.master",
                "shared.kind",
                "shared.timeout",
                "shared.certificate",
                "shared.redis names",
                "callers.token needs",
                "callers.token.provider needs",
                "has no effect here",
            ]
            .iter()
            .any(|word| text.contains(word))
        };
        wrong.extend(
            shape_faults(&policy).into_iter().filter(|text| !beyond(text)).map(|text| format!("{way}: {text}")),
        );
        wrong.extend(validator.iter_errors(&policy).map(|error| format!("{way}: schema: {error}")));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_the_tables_forbid_the_decoders_refuse_and_the_schema_too() {
    let validator = validator(false);
    let mut missed = Vec::new();
    for (way, key) in every_key() {
        for value in wrong(key.kind) {
            let policy = policy_with(&way, Some(value.clone()));
            if !faults(&policy).iter().any(|fault| fault.code != Code::File && fault.code != Code::NotBuilt) {
                missed.push(format!("the decoder takes {way}: {value}"));
            }
            if validator.is_valid(&policy) {
                missed.push(format!("the schema takes {way}: {value}"));
            }
        }
        if key.required {
            let policy = policy_with(&way, None);
            let lacking = [Code::MissingKey, Code::NobodyHas];
            if !faults(&policy).iter().any(|fault| lacking.contains(&fault.code)) || validator.is_valid(&policy) {
                missed.push(format!("{way} is not missed"));
            }
        }
        let beside = format!("{}/zzyzx", way.rsplit_once('/').expect("a way").0);
        let mut policy = policy_with(&way, Some(sample(key.kind)));
        if let Some(Value::Object(map)) = policy.pointer_mut(beside.trim_end_matches("/zzyzx")) {
            map.insert("zzyzx".to_owned(), json!(1));
        }
        if !faults(&policy).iter().any(|fault| fault.code == Code::UnknownKey) || validator.is_valid(&policy) {
            missed.push(format!("{beside} is not refused"));
        }
    }
    assert!(missed.is_empty(), "{}", missed.join("\n"));
}

#[test]
fn words_and_bounds_of_tables_are_those_of_decoders() {
    let mut wrong = Vec::new();
    for (way, key) in every_key() {
        let item = match key.kind {
            Kind::List(item) | Kind::Filled(item) => *item,
            kind => kind,
        };
        let listed = !matches!(key.kind, Kind::Words(_) | Kind::Number(..));
        let bogus = |text: &str| if listed { json!([text]) } else { json!(text) };
        if let Kind::Words(words) = item {
            let policy = policy_with(&way, Some(bogus("zzyzx")));
            let said = faults(&policy).into_iter().filter(|fault| fault.code == Code::Word);
            let helps: Vec<String> = said.filter_map(|fault| fault.help).collect();
            if way != "/version" && !helps.contains(&format!("one of: {}", words.join(", "))) {
                wrong.push(format!("{way} has {words:?}, its decoder {helps:?}"));
            }
            for word in words {
                let policy = policy_with(&way, Some(bogus(word)));
                wrong.extend(shape_faults(&policy).into_iter().filter(|text| text.starts_with("PC0204")));
            }
        }
        if let Kind::Number(least, most) = item {
            for (value, good) in [(least, true), (most, true), (most + 1, false)] {
                let policy = policy_with(&way, Some(json!(value)));
                let taken = !faults(&policy).iter().any(|fault| fault.code == Code::Number);
                if taken != good {
                    wrong.push(format!("{way}: {value}"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn golden_cases_of_keys_types_and_words_are_refused_by_the_schema_too() {
    let validator = validator(false);
    let directory = root().join("tests/faults");
    let base = fs::read_to_string(directory.join("base.yaml")).expect("the base");
    let mut judged = 0;
    for entry in fs::read_dir(&directory).expect("cases") {
        let path = entry.expect("a case").path();
        let name = path.file_name().and_then(|name| name.to_str()).expect("a name").to_owned();
        if !["PC0201", "PC0202", "PC0203", "PC0204", "PC0205"].iter().any(|code| name.starts_with(code))
            || path.extension().is_none_or(|extension| extension != "yaml")
            // Keys that exclude each other: beyond the tables.
            || name == "PC0201-token.yaml"
            || name == "PC0202-audit-without-effect.yaml"
            || name == "PC0202-sink-without-spool.yaml"
        {
            continue;
        }
        // Keys that have no effect beside others are known to the tables, and to the schema.
        let shown = fs::read_to_string(path.with_extension("txt")).expect("what is shown");
        if name.starts_with("PC0201") && !shown.contains("has no key") {
            continue;
        }
        let mut text = fs::read_to_string(&path).expect("a case");
        if !text.starts_with("# whole") {
            for section in base.split("\n\n") {
                let key = section.split(':').next().expect("a key");
                if !text.lines().any(|line| line.starts_with(&format!("{key}:"))) {
                    text = format!("{text}\n{section}\n");
                }
            }
        }
        assert!(!validator.is_valid(&to_json(&text).expect("YAML")), "{name}");
        judged += 1;
    }
    assert!(judged >= 5);
}

#[test]
fn shipped_policies_and_cases_are_what_the_schema_says() {
    let (policies, cases) = (validator(false), validator(true));
    let mut judged = BTreeSet::new();
    for directory in ["policies", "policies/tests", "tests/faults"] {
        let Ok(entries) = fs::read_dir(root().join(directory)) else { continue };
        for entry in entries {
            let path = entry.expect("a policy").path();
            let name = path.file_name().and_then(|name| name.to_str()).expect("a name").to_owned();
            let own = directory != "tests/faults" || name == "base.yaml" || name == "design.yaml";
            if !own || path.extension().is_none_or(|extension| extension != "yaml") {
                continue;
            }
            let value = to_json(&fs::read_to_string(&path).expect("text")).expect("YAML");
            let validator = if value.get("cases").is_some() { &cases } else { &policies };
            let errors: Vec<_> =
                validator.iter_errors(&value).map(|error| format!("{} {error}", error.instance_path())).collect();
            assert!(errors.is_empty(), "{name}: {}", errors.join("\n"));
            judged.insert(name);
        }
    }
    assert!(["sp-api.yaml", "quickstart.yaml", "demo.yaml", "design.yaml"].iter().all(|name| judged.contains(*name)));
}

/// `UPDATE_GOLDEN=1 cargo test` writes them.
#[test]
fn schema_and_reference_are_as_published() {
    let published = [
        ("policies/schema.json", format!("{:#}\n", schema(false))),
        ("policies/cases.schema.json", format!("{:#}\n", schema(true))),
        ("docs/policy.md", reference()),
    ];
    for (name, now) in published {
        let path = root().join(name);
        if std::env::var_os("UPDATE_GOLDEN").is_some() {
            fs::write(&path, &now).expect("written");
        }
        assert!(fs::read_to_string(&path).unwrap_or_default() == now, "{name} is old: UPDATE_GOLDEN=1 cargo test");
    }
}

#[test]
fn tables_are_well_formed() {
    fn walk(section: &Section, seen: &mut Vec<&'static str>) {
        assert!(section.doc.ends_with('.'), "{}", section.what);
        for (place, key) in section.keys.iter().enumerate() {
            assert!(key.doc.ends_with('.'), "{}.{}", section.what, key.name);
            assert!(section.keys.iter().skip(place + 1).all(|other| other.name != key.name));
            assert!(!key.required || key.default.is_empty(), "{}.{}", section.what, key.name);
            let mut kind = key.kind;
            while let Kind::List(item) | Kind::Filled(item) | Kind::Named(item) | Kind::Either(_, item) = kind {
                kind = *item;
            }
            if let Kind::Map(inner) | Kind::One(inner) = kind
                && !seen.contains(&inner.what)
            {
                seen.push(inner.what);
                walk(inner, seen);
            }
        }
    }
    let mut seen = Vec::new();
    walk(&POLICY, &mut seen);
    walk(&cases::FILE_OF_CASES, &mut seen);
    assert!(seen.len() > 30);
}
