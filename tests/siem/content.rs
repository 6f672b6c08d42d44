//! What is shipped for SIEMs: every field that it speaks of is one that records have.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use portcullis::delivery::splunk::SOURCETYPE;
use portcullis::policy::settings::SyslogFormat;
use regex_automata::meta::Regex;
use serde_json::Value;

use super::frames::framed;
use crate::ocsf::events::{long_samples, samples};

fn shipped(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("deploy/siem").join(name)
}

/// Fields of all records, as Splunk names them: `unmapped.portcullis.query{}.name`.
fn fields_of_records() -> BTreeSet<String> {
    fn walk(value: &Value, name: &str, fields: &mut BTreeSet<String>) {
        match value {
            Value::Object(members) => members.iter().for_each(|(key, value)| {
                walk(value, &if name.is_empty() { key.clone() } else { format!("{name}.{key}") }, fields);
            }),
            Value::Array(items) => items.iter().for_each(|item| walk(item, &format!("{name}{{}}"), fields)),
            _ => _ = fields.insert(name.to_owned()),
        }
    }
    let mut fields = BTreeSet::new();
    for message in framed(&[samples(), long_samples()].concat(), SyslogFormat::Ocsf) {
        let record = serde_json::from_str(&message[message.find("] {").unwrap() + 2..]).unwrap();
        walk(&record, "", &mut fields);
    }
    fields
}

type Stanzas = BTreeMap<String, BTreeMap<String, String>>;

/// A `.conf` of Splunk's, read strictly: no stanza and no key twice, nothing outside of a stanza.
fn conf(name: &str) -> Stanzas {
    let text = fs::read_to_string(shipped("splunk/TA-portcullis").join(name)).unwrap();
    let mut stanzas = Stanzas::new();
    let mut current = None;
    for line in text.lines().map(str::trim_end).filter(|line| !line.is_empty() && !line.starts_with('#')) {
        if let Some(stanza) = line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
            assert!(stanzas.insert(stanza.to_owned(), BTreeMap::new()).is_none(), "{name}: [{stanza}] twice");
            current = Some(stanza.to_owned());
            continue;
        }
        let (key, value) = line.split_once(" = ").unwrap_or_else(|| panic!("{name}: {line}"));
        let keys = stanzas.get_mut(current.as_ref().expect("a stanza")).unwrap();
        assert!(keys.insert(key.to_owned(), value.to_owned()).is_none(), "{name}: {key} twice");
        assert!(value.matches('"').count() % 2 == 0 && value.matches('\'').count() % 2 == 0, "{name}: {line}");
        let depth = value.matches('(').count().checked_sub(value.matches(')').count());
        assert!(depth == Some(0) || key == "LINE_BREAKER", "{name}: {line}");
    }
    stanzas
}

/// Aliases and calculated fields, by their names.
fn made(props: &BTreeMap<String, String>) -> (BTreeSet<String>, BTreeSet<String>) {
    let alias = |(key, value): (&String, &String)| {
        key.strip_prefix("FIELDALIAS-")?;
        Some(value.split_once(" AS ").expect("an alias").1.to_owned())
    };
    let aliases: Vec<_> = props.iter().filter_map(alias).collect();
    let calculated = props.keys().filter_map(|key| key.strip_prefix("EVAL-").map(str::to_owned)).collect();
    let unique: BTreeSet<_> = aliases.iter().cloned().collect();
    assert_eq!(unique.len(), aliases.len(), "an alias is made twice");
    (unique, calculated)
}

#[test]
fn aliases_are_of_fields_that_records_have() {
    let (records, props) = (fields_of_records(), conf("default/props.conf"));
    assert_eq!(props.keys().collect::<Vec<_>>(), [SOURCETYPE]);
    let props = &props[SOURCETYPE];
    for (key, value) in props {
        if key.starts_with("FIELDALIAS-") {
            let (field, _) = value.split_once(" AS ").unwrap();
            assert!(records.contains(field), "{key}: no record has {field}");
        } else if key.starts_with("EVAL-") {
            // Calculated fields are made at once: none can be made of another.
            let mut named = value.split('\'').skip(1).step_by(2).peekable();
            assert!(named.peek().is_some() || value.starts_with('"'), "{key} is made of nothing");
            for field in named {
                assert!(records.contains(field), "{key}: no record has {field}");
            }
        }
    }
    let (aliases, calculated) = made(props);
    assert!(aliases.is_disjoint(&calculated));
    // CIM: Web, Authentication, Change and Alerts, as far as the gate knows what they ask for.
    for field in [
        "action",
        "app",
        "authentication_method",
        "bytes",
        "bytes_in",
        "bytes_out",
        "category",
        "change_type",
        "command",
        "dest",
        "description",
        "duration",
        "dvc",
        "http_method",
        "id",
        "object",
        "object_category",
        "object_id",
        "response_time",
        "severity",
        "signature",
        "signature_id",
        "site",
        "src",
        "src_port",
        "status",
        "type",
        "uri_path",
        "user",
        "vendor_product",
    ] {
        assert!(aliases.contains(field) || calculated.contains(field), "{field} is missing");
    }
}

/// Words of a search outside of texts, each with the character behind it.
fn words(search: &str) -> Vec<(String, char)> {
    let mut words = Vec::new();
    let mut word = String::new();
    let mut text = false;
    for character in search.chars().chain([' ']) {
        if character == '"' {
            text = !text;
        } else if !text && (character.is_ascii_alphanumeric() || "_.{}".contains(character)) {
            word.push(character);
            continue;
        }
        if !word.is_empty() {
            words.push((std::mem::take(&mut word), character));
        }
    }
    words
}

#[test]
fn searches_speak_of_fields_that_are_there() {
    const WORDS: &[&str] = &[
        "tstats",
        "stats",
        "table",
        "sort",
        "where",
        "WHERE",
        "eval",
        "bin",
        "BY",
        "AS",
        "AND",
        "OR",
        "count",
        "span",
        "sourcetype",
        "_time",
        "true",
        "authz",
        "allowed",
        "blocked",
        "failure",
        "LOG.GAP",
        "LOG.REJECTED",
        "CONFIG.KILLSWITCH",
    ];
    let (records, props) = (fields_of_records(), conf("default/props.conf"));
    let (aliases, calculated) = made(&props[SOURCETYPE]);
    let indexed: BTreeSet<_> = conf("default/fields.conf").into_keys().collect();
    let searches = conf("default/savedsearches.conf");
    assert!(searches.len() >= 8);
    let types = conf("default/eventtypes.conf");
    let all = searches.iter().chain(&types).map(|(name, keys)| (name, &keys["search"]));
    for (name, search) in all {
        assert!(search.contains(&format!("sourcetype=\"{SOURCETYPE}\"")), "{name} searches everything");
        let words = words(search);
        let own: BTreeSet<_> = words
            .windows(2)
            .filter(|pair| pair[0].0 == "AS" || pair[0].0 == "eval")
            .map(|pair| pair[1].0.clone())
            .collect();
        for (word, behind) in &words {
            let known = *behind == '('
                || word.starts_with(|first: char| first.is_ascii_digit())
                || WORDS.contains(&word.as_str())
                || [&records, &aliases, &calculated, &indexed, &own].iter().any(|fields| fields.contains(word));
            assert!(known, "[{name}] speaks of {word}");
        }
        assert!(!own.iter().any(|field| records.contains(field)), "[{name}]");
    }
    for (tagged, _) in conf("default/tags.conf") {
        assert!(types.contains_key(tagged.strip_prefix("eventtype=").unwrap()), "{tagged}");
    }
    for keys in searches.values() {
        assert_eq!(keys["enableSched"], "0", "nobody is told of anything without having asked");
    }
    conf("default/app.conf");
    conf("metadata/default.meta");
}

#[test]
fn codes_that_searches_name_are_codes_of_records() {
    let codes: BTreeSet<String> = samples()
        .iter()
        .map(|record| {
            serde_json::from_slice::<Value>(record).unwrap()["metadata"]["event_code"].as_str().unwrap().into()
        })
        .collect();
    let text = fs::read_to_string(shipped("splunk/TA-portcullis/default/savedsearches.conf")).unwrap();
    for code in ["LOG.GAP", "LOG.REJECTED", "CONFIG.KILLSWITCH", "PROC.STOP"] {
        assert!(text.contains(code) && codes.contains(code), "{code}");
    }
}

/// Fluent Bit takes messages apart by a regular expression: held against every message, with the one difference in
/// syntax between its engine and ours.
#[test]
fn fluent_bit_finds_the_record_in_every_message() {
    let text = fs::read_to_string(shipped("fluent-bit/portcullis.yaml")).unwrap();
    let line = text.lines().find_map(|line| line.trim().strip_prefix("regex: '")).unwrap();
    let pattern = line.strip_suffix('\'').unwrap().replace("\\<", "<").replace("\\>", ">");
    let regex = Regex::new(&pattern).unwrap();
    for message in framed(&[samples(), long_samples()].concat(), SyslogFormat::Ocsf) {
        let mut found = regex.create_captures();
        regex.captures(&message, &mut found);
        let record = found.get_group_by_name("record").unwrap_or_else(|| panic!("{message}"));
        let record: Value = serde_json::from_str(&message[record.range()]).unwrap();
        let code = found.get_group_by_name("code").unwrap();
        assert_eq!(record["metadata"]["event_code"], message[code.range()]);
    }
    for setting in ["format: octet_counting", "tls.verify_client_cert: on", "storage.checksum: off"] {
        assert!(text.contains(setting), "{setting}");
    }
}

/// What the manual of Fluent Bit 4.2 has for the plugins that the shipped configuration uses, by the place where it stands;
/// behind the key the words or the form that it takes. It passes over no key that it does not know: it does not start.
const FLUENT_BIT: &[(&str, &[(&str, &str)])] = &[
    (
        "/service",
        &[
            ("flush", "number"),
            ("storage.path", "path"),
            ("storage.sync", "normal|full"),
            ("storage.checksum", "on|off"),
        ],
    ),
    (
        "/parsers/0",
        &[
            ("name", "text"),
            ("format", "json|regex|ltsv|logfmt"),
            ("regex", "text"),
            ("time_key", "text"),
            ("time_format", "text"),
        ],
    ),
    (
        "/pipeline/inputs/0",
        &[
            ("name", "syslog"),
            ("tag", "text"),
            ("mode", "unix_udp|unix_tcp|tcp|udp"),
            ("listen", "text"),
            ("port", "number"),
            ("format", "newline|octet_counting"),
            ("parser", "text"),
            ("buffer_chunk_size", "size"),
            ("buffer_max_size", "size"),
            ("storage.type", "memory|filesystem"),
            ("tls", "on|off"),
            ("tls.verify", "on|off"),
            ("tls.ca_file", "path"),
            ("tls.crt_file", "path"),
            ("tls.key_file", "path"),
            ("tls.verify_client_cert", "on|off"),
        ],
    ),
    (
        "/pipeline/outputs/0",
        &[
            ("name", "file"),
            ("match", "text"),
            ("path", "path"),
            ("file", "text"),
            ("format", "out_file|plain|csv|ltsv|template"),
            ("template", "text"),
        ],
    ),
];

/// Fluent Bit is in no repository of this machine: its configuration is held against what its manual says, key by key.
#[test]
fn fluent_bits_configuration_has_nothing_that_its_manual_does_not_have() {
    let Some(python) = super::python() else { return };
    // As it reads it: `on` and `off` are words there, and no truth values.
    let script = "import json, sys, yaml; print(json.dumps(yaml.load(open(sys.argv[1]), yaml.BaseLoader)))";
    let path = shipped("fluent-bit/portcullis.yaml");
    let output = std::process::Command::new(python).args(["-c", script]).arg(path).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let shipped: Value = serde_json::from_slice(&output.stdout).unwrap();
    let keys = |value: &Value| value.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    assert_eq!(keys(&shipped), ["service", "parsers", "pipeline"]);
    assert_eq!(keys(&shipped["pipeline"]), ["inputs", "outputs"]);
    for list in ["/parsers", "/pipeline/inputs", "/pipeline/outputs"] {
        assert_eq!(shipped.pointer(list).and_then(Value::as_array).map(Vec::len), Some(1), "{list}");
    }
    for (place, known) in FLUENT_BIT {
        for (key, value) in shipped.pointer(place).and_then(Value::as_object).unwrap() {
            let (_, form) = known.iter().find(|(known, _)| known == key).unwrap_or_else(|| panic!("{place}: {key}"));
            let value = value.as_str().unwrap_or_else(|| panic!("{place}: {key} is no single value"));
            let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
            let fits = match *form {
                "number" => is_number(value),
                "size" => is_number(value.trim_end_matches(['k', 'K', 'M', 'G'])),
                "path" => value.starts_with('/'),
                "text" => !value.is_empty(),
                words => words.split('|').any(|word| word == value),
            };
            assert!(fits, "{place}: {key}: {value} is not {form}");
        }
    }
    let (input, output) = (&shipped["pipeline"]["inputs"][0], &shipped["pipeline"]["outputs"][0]);
    assert_eq!(input["parser"], shipped["parsers"][0]["name"]);
    assert_eq!(input["tag"], output["match"]);
    assert_eq!(output["template"], "{record}", "a group of the parser's expression");
}
