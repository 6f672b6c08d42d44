//! Records in an app's answers: what is counted does not depend on how the answer was cut, and is what a parser counts that
//! reads the whole document.

#![no_main]

use std::sync::{Arc, LazyLock};

use libfuzzer_sys::fuzz_target;
use portcullis::limits::count_records;
use portcullis::policy::json_path::JsonPath;
use serde_json::Value;

/// Paths as policies have them, and what each of them comes to in a document that is there as a whole.
static PATHS: LazyLock<[(Arc<JsonPath>, fn(&Value) -> u64); 4]> = LazyLock::new(|| {
    let path = |text| Arc::new(JsonPath::parse(text).expect("a path"));
    [
        (path("$.payload.Orders[*]"), |it| held(it.get("payload").and_then(|it| it.get("Orders")))),
        (path("$[*]"), |it| held(Some(it))),
        (path("$..id"), |it| below(it, "id")),
        (path("$.a[1].*"), |it| held(it.get("a").filter(|it| it.is_array()).and_then(|it| it.get(1)))),
    ]
});

fn held(value: Option<&Value>) -> u64 {
    match value {
        Some(Value::Array(all)) => all.len() as u64,
        Some(Value::Object(all)) => all.len() as u64,
        _ => 0,
    }
}

fn below(value: &Value, name: &str) -> u64 {
    match value {
        Value::Array(all) => all.iter().map(|one| below(one, name)).sum(),
        Value::Object(all) => all.iter().map(|(key, one)| u64::from(key == name) + below(one, name)).sum(),
        _ => 0,
    }
}

/// Whether a key stands twice in an object: the parser keeps one of the two, the scanner counts both.
fn is_ambiguous(text: &[u8], value: &Value) -> bool {
    // Every key is followed by a colon; one within a text makes this only too careful.
    let keys = text.iter().filter(|byte| **byte == b':').count();
    keys != members(value)
}

fn members(value: &Value) -> usize {
    match value {
        Value::Array(all) => all.iter().map(members).sum(),
        Value::Object(all) => all.len() + all.values().map(members).sum::<usize>(),
        _ => 0,
    }
}

fuzz_target!(|input: (u8, &[u8])| {
    let (size, text) = (usize::from(input.0).max(1), input.1);
    let parsed: Option<Value> = serde_json::from_slice(text).ok();
    for (path, whole) in &*PATHS {
        let counted = count_records(path, std::iter::once(text));
        assert_eq!(counted, count_records(path, text.chunks(size)), "it depends on how the bytes were cut");
        if let Some(value) = parsed.as_ref().filter(|value| !is_ambiguous(text, value)) {
            assert_eq!(counted, Some(whole(value)));
        }
    }
});
