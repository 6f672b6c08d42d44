//! A manifest as Kubernetes reads it.

use granit_parser::{Event, Parser, ScalarStyle};
use serde_json::{Map, Value, json};

/// The first document of a text, as JSON. Anchors are not followed.
pub fn read(text: &str) -> Value {
    let mut open: Vec<(Option<String>, Value)> = Vec::new();
    for next in Parser::new_from_str(text) {
        let done = match next.unwrap().0 {
            Event::Scalar(text, style, ..) => scalar(&text, style == ScalarStyle::Plain),
            Event::SequenceStart(..) => {
                open.push((None, json!([])));
                continue;
            }
            Event::MappingStart(..) => {
                open.push((None, json!({})));
                continue;
            }
            Event::SequenceEnd | Event::MappingEnd => open.pop().unwrap().1,
            _ => continue,
        };
        match open.last_mut() {
            None => return done,
            Some((_, Value::Array(items))) => items.push(done),
            Some((key @ None, _)) => *key = Some(done.as_str().map_or_else(|| done.to_string(), str::to_owned)),
            Some((key, map)) => {
                map.as_object_mut().unwrap_or(&mut Map::new()).insert(key.take().unwrap(), done);
            }
        }
    }
    Value::Null
}

fn scalar(text: &str, is_plain: bool) -> Value {
    match text {
        "true" if is_plain => json!(true),
        "false" if is_plain => json!(false),
        "" | "null" | "~" if is_plain => Value::Null,
        _ => text.parse::<i64>().ok().filter(|_| is_plain).map_or_else(|| json!(text), Value::from),
    }
}
