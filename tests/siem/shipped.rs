//! What is shipped for Elasticsearch, OpenSearch and Kibana, and as Sigma rules: well-formed, and of nothing that records
//! and documents do not have.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use granit_parser::{Event, Parser, ScalarStyle};
use serde_json::{Map, Value};

use super::ecs::document_of;
use crate::ocsf::events::{long_samples, samples};
use crate::support::elastic::{STREAM, leaves, shipped_mappings};

fn shipped(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("deploy/siem").join(name)
}

fn json(name: &str) -> Value {
    let text = fs::read(shipped(name)).unwrap_or_else(|fault| panic!("{name}: {fault}"));
    serde_json::from_slice(&text).unwrap_or_else(|fault| panic!("{name}: {fault}"))
}

#[test]
fn the_index_template_is_of_our_stream_and_keeps_it_for_long_enough() {
    let template = json("elastic/index-template.json");
    assert_eq!(template["data_stream"], serde_json::json!({}));
    let pattern = template["index_patterns"][0].as_str().unwrap();
    assert!(STREAM.starts_with(pattern.strip_suffix('*').unwrap()), "{pattern}");
    // Above those that Elasticsearch has built in for `logs-*-*`.
    assert!(template["priority"].as_u64().unwrap() > 200);
    assert_eq!(template["composed_of"], serde_json::json!(["portcullis-audit-mappings", "portcullis-audit-settings"]));
    let days = |text: &Value| text.as_str().unwrap().strip_suffix('d').unwrap().parse::<u32>().unwrap();
    let policy = json("elastic/ilm-policy.json");
    let phases = &policy["policy"]["phases"];
    assert!(days(&phases["delete"]["min_age"]) >= 400);
    assert!(phases["hot"]["actions"]["rollover"].is_object());
    let settings = json("elastic/component-settings.json");
    assert_eq!(settings.pointer("/template/settings/index/lifecycle/name").unwrap(), "portcullis-audit");
    let limit = settings.pointer("/template/settings/index/mapping/total_fields/limit").unwrap().as_u64().unwrap();
    assert!((shipped_mappings().len() as u64) * 2 < limit);
    let open = json("elastic/opensearch-ism-policy.json");
    let states = open["policy"]["states"].as_array().unwrap();
    assert!(days(&states[0]["transitions"][0]["conditions"]["min_rollover_age"]) >= 400);
    assert_eq!(open["policy"]["ism_template"][0]["index_patterns"][0], pattern);
    // A field of Elasticsearch's that OpenSearch has not would refuse the template.
    assert!(json("elastic/opensearch-component-settings.json").pointer("/template/settings/index/lifecycle").is_none());
    let role = json("elastic/role.json");
    assert_eq!(role["indices"][0]["privileges"], serde_json::json!(["create_doc", "auto_configure"]));
}

#[test]
fn what_a_document_may_get_later_is_not_refused() {
    let mappings = json("elastic/component-mappings.json");
    let mappings = &mappings["template"]["mappings"];
    assert_eq!((&mappings["dynamic"], &mappings["date_detection"]), (&false.into(), &false.into()));
    let original = &mappings["properties"]["event"]["properties"]["original"];
    // Longer than a term may be: kept, and not indexed.
    assert_eq!((&original["index"], &original["doc_values"]), (&false.into(), &false.into()));
    assert!(original.get("ignore_above").is_none());
}

/// Words of a query in Kibana's language that are fields: what stands before a colon.
fn fields_of_query(query: &str) -> Vec<String> {
    let word = |byte: char| byte.is_ascii_alphanumeric() || "._@".contains(byte);
    query
        .match_indices(':')
        .map(|(at, _)| query[..at].rsplit(|byte| !word(byte)).next().unwrap_or_default().to_owned())
        .collect()
}

/// The saved objects of the dashboard's file.
fn saved_objects() -> Vec<Value> {
    let text = fs::read_to_string(shipped("elastic/dashboard.ndjson")).unwrap();
    text.lines().map(|line| serde_json::from_str(line).expect("a saved object")).collect()
}

/// JSON that stands in an attribute as text.
fn inside(value: &Value) -> Option<Value> {
    value.as_str().map(|text| serde_json::from_str(text).expect("JSON in a text"))
}

#[test]
fn the_dashboard_has_all_that_it_refers_to() {
    let objects = saved_objects();
    let name = |value: &Value| (value["type"].as_str().unwrap().to_owned(), value["id"].as_str().unwrap().to_owned());
    let known: BTreeSet<_> = objects.iter().map(name).collect();
    assert_eq!(known.len(), objects.len(), "an object that is there twice");
    assert_eq!(objects.iter().filter(|object| object["type"] == "dashboard").count(), 1);
    let view = objects.iter().find(|object| object["type"] == "index-pattern").unwrap();
    assert_eq!(view["attributes"]["title"], json("elastic/index-template.json")["index_patterns"][0]);
    for object in &objects {
        let references = object["references"].as_array().expect("references");
        let names: BTreeSet<_> = references.iter().map(|one| one["name"].as_str().unwrap()).collect();
        assert!(references.iter().all(|one| known.contains(&name(one))), "{object}");
        let source = inside(&object["attributes"]["kibanaSavedObjectMeta"]["searchSourceJSON"]).unwrap_or_default();
        assert!(source["indexRefName"].as_str().is_none_or(|name| names.contains(name)), "{object}");
        for panel in inside(&object["attributes"]["panelsJSON"]).iter().flat_map(|panels| panels.as_array().unwrap()) {
            let name = format!("{}:{}", panel["panelIndex"].as_str().unwrap(), panel["panelRefName"].as_str().unwrap());
            assert!(names.contains(&*name), "{name}");
        }
    }
}

#[test]
fn searches_of_the_dashboard_are_of_fields_that_are_mapped_and_codes_that_records_have() {
    let (mapped, codes_of_records, mut named) = (shipped_mappings(), codes_of_records(), Vec::new());
    for object in saved_objects() {
        let attributes = &object["attributes"];
        let source = inside(&attributes["kibanaSavedObjectMeta"]["searchSourceJSON"]).unwrap_or_default();
        let query = source["query"]["query"].as_str().unwrap_or_default();
        named.extend(fields_of_query(query));
        let codes = query.split(|byte: char| !(byte.is_ascii_uppercase() || "._".contains(byte)));
        for code in codes.filter(|code| code.contains('.') && code.len() > 4) {
            assert!(codes_of_records.contains(code), "no record has the code {code}");
        }
        let columns = attributes["columns"].as_array().into_iter().flatten();
        named.extend(columns.map(|column| column.as_str().unwrap().to_owned()));
    }
    assert!(named.len() > 30);
    for field in named {
        assert!(mapped.contains_key(&field), "{field} is not mapped");
    }
}

#[test]
fn figures_of_the_dashboard_are_of_fields_that_can_be_counted() {
    let mapped = shipped_mappings();
    for state in saved_objects().iter().filter_map(|object| inside(&object["attributes"]["visState"])) {
        let aggregations = state["aggs"].as_array().unwrap();
        let ids: BTreeSet<_> = aggregations.iter().map(|one| one["id"].as_str().unwrap()).collect();
        assert_eq!(ids.len(), aggregations.len(), "{state}");
        for aggregation in aggregations {
            let Some(field) = aggregation["params"]["field"].as_str() else { continue };
            let kind = mapped.get(field).unwrap_or_else(|| panic!("{field} is not mapped"));
            let counts = matches!(aggregation["type"].as_str(), Some("sum" | "min" | "max"));
            assert!(if counts { kind == "long" } else { kind != "text" }, "{field} is {kind}");
        }
    }
}

fn codes_of_records() -> BTreeSet<String> {
    samples()
        .iter()
        .map(|record| serde_json::from_slice::<Value>(record).unwrap())
        .map(|record| record["metadata"]["event_code"].as_str().unwrap().to_owned())
        .collect()
}

/// Reads YAML with the reader of policies: one document, without anchors, aliases and tags.
fn yaml(text: &str) -> Value {
    enum Open {
        List(Vec<Value>),
        Map(Map<String, Value>, Option<String>),
    }
    fn put(open: &mut [Open], root: &mut Option<Value>, value: Value) {
        match open.last_mut() {
            None => assert!(root.replace(value).is_none(), "one document"),
            Some(Open::List(items)) => items.push(value),
            Some(Open::Map(map, key)) => match key.take() {
                None => *key = Some(value.as_str().expect("a key is text").to_owned()),
                Some(key) => assert!(map.insert(key.clone(), value).is_none(), "{key} twice"),
            },
        }
    }
    let (mut open, mut root) = (Vec::new(), None);
    for next in Parser::new_from_str(text) {
        let (event, _) = next.expect("YAML");
        assert!(!event.is_alias() && event.anchor_id().is_none() && event.tag().is_none());
        let value = match event {
            Event::Scalar(text, style, ..) => match (style, text.parse::<u64>()) {
                (ScalarStyle::Plain, Ok(number)) => number.into(),
                (ScalarStyle::Plain, _) if matches!(&*text, "true" | "false") => (&*text == "true").into(),
                _ => text.into_owned().into(),
            },
            Event::SequenceStart(..) => {
                open.push(Open::List(Vec::new()));
                continue;
            }
            Event::MappingStart(..) => {
                open.push(Open::Map(Map::new(), None));
                continue;
            }
            Event::SequenceEnd | Event::MappingEnd => match open.pop().expect("an open one") {
                Open::List(items) => items.into(),
                Open::Map(map, _) => map.into(),
            },
            _ => continue,
        };
        put(&mut open, &mut root, value);
    }
    root.expect("a document")
}

/// The rules by their files' names.
fn rules() -> BTreeMap<String, Value> {
    let files = fs::read_dir(shipped("sigma/rules")).unwrap().map(|entry| entry.unwrap().path());
    let rules = files.filter(|path| path.extension().is_some_and(|extension| extension == "yml"));
    rules
        .map(|path| (path.file_stem().unwrap().to_str().unwrap().to_owned(), yaml(&fs::read_to_string(&path).unwrap())))
        .collect()
}

/// What records have of a field, by its dotted name.
fn values_of_records() -> BTreeMap<String, Vec<Value>> {
    let mut values: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    for line in samples().iter().chain(&long_samples()) {
        for (name, value) in leaves(&serde_json::from_slice(line).unwrap()) {
            values.entry(name).or_default().push(value);
        }
    }
    values
}

fn text<'v>(rule: &'v Value, key: &str, name: &str) -> &'v str {
    rule[key].as_str().filter(|text| !text.is_empty()).unwrap_or_else(|| panic!("{name} has no {key}"))
}

#[test]
fn rules_have_what_sigma_asks_for() {
    let rules = rules();
    assert!(rules.len() >= 10);
    let (mut ids, mut titles) = (BTreeSet::new(), BTreeSet::new());
    let names: BTreeSet<_> = rules.values().filter_map(|rule| rule["name"].as_str()).collect();
    for (name, rule) in &rules {
        assert!(ids.insert(uuid::Uuid::try_parse(text(rule, "id", name)).expect("a UUID")), "{name}");
        let title = text(rule, "title", name);
        assert!(title.len() <= 256 && titles.insert(title), "{name}");
        text(rule, "description", name);
        assert_eq!(text(rule, "status", name), "stable");
        assert!(text(rule, "date", name).parse::<jiff::civil::Date>().is_ok());
        assert!(["informational", "low", "medium", "high", "critical"].contains(&text(rule, "level", name)), "{name}");
        assert!(!rule["falsepositives"].as_array().expect("false positives").is_empty());
        for tag in rule["tags"].as_array().expect("tags") {
            assert!(tag.as_str().unwrap().starts_with("attack."), "{name}");
        }
        if let Some(correlation) = rule.get("correlation") {
            assert_eq!(correlation["type"], "event_count");
            for base in correlation["rules"].as_array().unwrap() {
                assert!(names.contains(base.as_str().unwrap()), "{name} is of {base}, which is not there");
            }
            assert!(correlation["condition"]["gte"].as_u64().is_some() && correlation["timespan"].is_string());
            continue;
        }
        assert_eq!(rule["logsource"], serde_json::json!({ "product": "portcullis", "service": "audit" }), "{name}");
        let detection = rule["detection"].as_object().expect("detection");
        let condition = text(&rule["detection"], "condition", name);
        let words: BTreeSet<_> = condition.split(' ').filter(|word| !["and", "or", "not"].contains(word)).collect();
        let parts: BTreeSet<_> = detection.keys().map(String::as_str).filter(|key| *key != "condition").collect();
        assert_eq!(words, parts, "{name}");
    }
}

#[test]
fn rules_are_of_fields_and_values_that_records_have() {
    let (values, mapped) = (values_of_records(), shipped_mappings());
    let pipeline = yaml(&fs::read_to_string(shipped("sigma/pipelines/ecs.yml")).unwrap());
    let ecs = pipeline["transformations"][0]["mapping"].as_object().unwrap();
    let known = |name: &str, field: &str| -> &Vec<Value> {
        let target = ecs.get(field).unwrap_or_else(|| panic!("{name}: {field} has no field of ECS")).as_str().unwrap();
        assert!(mapped.contains_key(target), "{name}: {target} is not mapped");
        values.get(field).unwrap_or_else(|| panic!("{name}: no record has {field}"))
    };
    let mut used = BTreeSet::new();
    for (name, rule) in rules() {
        for by in rule["correlation"]["group-by"].as_array().into_iter().flatten() {
            known(&name, by.as_str().unwrap());
            used.insert(by.as_str().unwrap().to_owned());
        }
        let Some(detection) = rule["detection"].as_object() else { continue };
        for (field, wanted) in detection.values().filter_map(Value::as_object).flatten() {
            used.insert(field.to_owned());
            let had = known(&name, field);
            for wanted in wanted.as_array().map_or(vec![wanted], |wanted| wanted.iter().collect()) {
                assert!(had.contains(wanted), "{name}: no record has {wanted} as {field}");
            }
        }
    }
    assert_eq!(used, ecs.keys().cloned().collect(), "fields of the pipeline that no rule uses");
}

/// A rule and the pipeline of ECS find in documents what the rule finds in records.
#[test]
fn a_field_has_the_same_value_in_a_record_and_in_its_document() {
    let pipeline = yaml(&fs::read_to_string(shipped("sigma/pipelines/ecs.yml")).unwrap());
    for line in samples() {
        let (record, document): (Value, _) = (serde_json::from_slice(&line).unwrap(), document_of(&line));
        let (record, document) = (leaves(&record), leaves(&document));
        let value =
            |of: &[(String, Value)], name: &str| of.iter().find(|(key, _)| key == name).map(|pair| pair.1.clone());
        for (from, to) in pipeline["transformations"][0]["mapping"].as_object().unwrap() {
            if let Some(expected) = value(&record, from) {
                assert_eq!(value(&document, to.as_str().unwrap()), Some(expected), "{from}");
            }
        }
    }
}

/// pySigma of PyPI reads the rules and makes queries of them, as backends of SIEMs do.
#[test]
fn sigma_takes_the_rules() {
    const SCRIPT: &str = r#"
import pathlib, sys
from sigma.backends.test import TextQueryTestBackend
from sigma.collection import SigmaCollection
from sigma.processing.pipeline import ProcessingPipeline
rules = "\n---\n".join(path.read_text() for path in sorted(pathlib.Path(sys.argv[1]).glob("*.yml")))
pipeline = ProcessingPipeline.from_yaml(pathlib.Path(sys.argv[2]).read_text())
print("\n".join(TextQueryTestBackend(pipeline).convert(SigmaCollection.from_yaml(rules))))
"#;
    let required = std::env::var_os("PORTCULLIS_REQUIRE_SERVICES").is_some_and(|value| value == "1");
    let there = |python: &PathBuf| Command::new(python).args(["-c", "import sigma"]).output().unwrap().status.success();
    let Some(python) = super::python().filter(there) else {
        assert!(!required, "pySigma is required and not there: run `make readers`");
        eprintln!("SKIPPED: pySigma is not installed; `make readers` does that");
        return;
    };
    let (rules, pipeline) = (shipped("sigma/rules"), shipped("sigma/pipelines/ecs.yml"));
    let output = Command::new(python).args(["-c", SCRIPT]).args([rules, pipeline]).output().expect("python");
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    for expected in ["'event.code'=\"ALARM.CANARY\"", "window=10min count() as event_count by 'portcullis.chain'"] {
        assert!(said.contains(expected), "{expected} in {said}");
    }
    assert!(
        !said.contains("metadata.") && !said.contains("unmapped."),
        "a field that the pipeline does not know: {said}"
    );
}
