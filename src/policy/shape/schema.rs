//! The tables as a JSON Schema (2020-12), for editors and other validators.
//!
//! The schema is never stricter than the decoders, and knows less: names that refer to each other, files, and what holds
//! across routes are for `portcullis check` to judge.

use serde_json::{Map, Value, json};

use super::forms::{FACTOR, NAME, PII_KIND, SIZE};
use super::{Form, Key, Kind, POLICY, Section, cases};

/// Where the schema of policies is published, beside the policies.
const POLICY_ID: &str = "https://portcullis.example/policy.schema.json";
/// Where that of case files is.
const CASES_ID: &str = "https://portcullis.example/cases.schema.json";

/// The schema of a policy, or of a file of cases.
pub fn schema(of_cases: bool) -> Value {
    let (section, id, title) = if of_cases {
        (&cases::FILE_OF_CASES, CASES_ID, "Cases of a portcullis policy")
    } else {
        (&POLICY, POLICY_ID, "Policy of a portcullis gate")
    };
    let mut defs = Map::new();
    let mut root = object(section, &mut defs);
    defs.insert("reference".to_owned(), reference());
    let mut schema = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": id,
        "title": title,
    });
    if let (Value::Object(schema), Value::Object(root)) = (&mut schema, &mut root) {
        schema.append(root);
        schema.insert("$defs".to_owned(), Value::Object(defs));
    }
    schema
}

/// `${NAME}` in a text whose value is only known where the gate runs.
fn reference() -> Value {
    json!({
        "type": "string",
        "pattern": "\\$\\{",
        "description": "Text with a reference to an environment variable: `${NAME}` or `${NAME:-default}`.",
    })
}

fn object(section: &Section, defs: &mut Map<String, Value>) -> Value {
    let properties: Map<_, _> = section.keys.iter().map(|key| (key.name.to_owned(), property(key, defs))).collect();
    let required: Vec<_> = section.keys.iter().filter(|key| key.required).map(|key| key.name).collect();
    let mut schema = json!({
        "type": "object",
        "description": section.doc,
        "properties": properties,
        "additionalProperties": false,
    });
    if !required.is_empty() {
        schema["required"] = json!(required);
    }
    schema
}

fn property(key: &Key, defs: &mut Map<String, Value>) -> Value {
    let mut schema = kind(key.kind, defs);
    let mut doc = key.doc.to_owned();
    if !key.default.is_empty() {
        doc = format!("{doc}\n\nDefault: `{}`", key.default.replace('`', ""));
        if let Some(value) = default(key.default) {
            schema["default"] = value;
        }
    }
    schema["description"] = Value::String(doc);
    schema
}

/// A default as a value, if it is written as one.
fn default(text: &str) -> Option<Value> {
    match text {
        "[]" | "{}" => serde_json::from_str(text).ok(),
        _ if text.contains([' ', '`', '[', '{']) => None,
        _ => serde_json::from_str(text).ok().or_else(|| Some(Value::String(text.to_owned()))),
    }
}

fn kind(kind_of: Kind, defs: &mut Map<String, Value>) -> Value {
    match kind_of {
        Kind::Text(form) => text(form),
        Kind::Words(words) => one_of_words(words),
        Kind::Number(least, most) => json!({ "anyOf": [
            { "type": "integer", "minimum": least, "maximum": most },
            { "type": "string", "pattern": "^[0-9]+$" },
            { "$ref": "#/$defs/reference" },
        ] }),
        Kind::List(item) => json!({ "type": "array", "items": kind(*item, defs) }),
        Kind::Filled(item) => json!({ "type": "array", "items": kind(*item, defs), "minItems": 1 }),
        Kind::Map(section) => define(section, defs, false),
        Kind::One(section) => define(section, defs, true),
        Kind::Named(value) => json!({ "type": "object", "additionalProperties": kind(*value, defs) }),
        Kind::Either(one, other) => json!({ "anyOf": [kind(*one, defs), kind(*other, defs)] }),
    }
}

fn define(section: &'static Section, defs: &mut Map<String, Value>, one: bool) -> Value {
    let name = section.what.replace([' ', '\''], "-");
    if !defs.contains_key(&name) {
        let mut schema = object(section, defs);
        if one {
            schema["minProperties"] = json!(1);
            schema["maxProperties"] = json!(1);
        }
        defs.insert(name.clone(), schema);
    }
    json!({ "$ref": format!("#/$defs/{name}") })
}

/// Words that YAML takes for numbers may stand with or without quotes.
fn one_of_words(words: &[&str]) -> Value {
    let numbers = words.iter().filter_map(|word| serde_json::from_str::<Value>(word).ok()).filter(Value::is_number);
    let all: Vec<Value> = words.iter().map(|word| json!(word)).chain(numbers).collect();
    json!({ "anyOf": [{ "enum": all }, { "$ref": "#/$defs/reference" }] })
}

/// Text without quotes may be a number or a truth value to YAML, and is text to a policy.
fn text(form: &Form) -> Value {
    let is = |other: &Form| std::ptr::eq(form, other);
    let types = if form.pattern.is_empty() || is(&NAME) || is(&PII_KIND) {
        json!(["string", "number", "boolean"])
    } else if is(&SIZE) || is(&FACTOR) {
        json!(["string", "integer"])
    } else {
        json!("string")
    };
    let mut schema = json!({ "type": types, "minLength": 1 });
    if !form.pattern.is_empty() {
        schema["pattern"] = json!(format!("(?:{})|\\$\\{{", form.pattern));
    }
    schema["examples"] = json!([form.example]);
    schema
}
