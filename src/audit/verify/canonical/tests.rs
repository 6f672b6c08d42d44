use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

fn text(line: &str) -> Option<String> {
    canonical(line.as_bytes()).map(|bytes| String::from_utf8(bytes).unwrap())
}

#[test]
fn what_parsers_change_is_undone_and_what_they_do_not_change_is_kept() {
    let plain = r#"{"metadata":{"b":"\u00e9","sequence":1},"time":5}"#;
    for line in [
        plain,
        r#" { "time" : 5 , "metadata" : { "sequence" : 1 , "b" : "é" } } "#,
        r#"{"time":5.0,"metadata":{"sequence":1e0,"b":"\u00E9"},"extra":{"time":7}}"#,
        r#"{"event":{"time":5,"metadata":{"b":"é","sequence":1}},"host":"h"}"#,
        r#"{"_source":{"time":5,"metadata":{"b":"\u00e9","sequence":1}},"sort":[1.5,-2,null,1e400]}"#,
    ] {
        assert_eq!(text(line).as_deref(), Some(plain), "{line}");
    }
    for other in [r#"{"metadata":{"b":"\u00e8","sequence":1},"time":5}"#, r#"{"metadata":{"sequence":1},"time":5}"#] {
        assert_ne!(text(other).as_deref(), Some(plain));
    }
}

#[test]
fn what_is_no_record_is_refused() {
    let deep = format!("{}{}", "{\"time\":[".repeat(30), "]}".repeat(30));
    for bad in [
        "",
        "{",
        "[]",
        "1",
        "\"x\"",
        "{} {}",
        r#"{"time":1,"time":1}"#,
        r#"{"time":{"a":1,"a":2}}"#,
        r#"{"time":+1}"#,
        r#"{"time":01}"#,
        r#"{"time":1.5.5}"#,
        r#"{"time":1-1}"#,
        r#"{"time":"\ud800"}"#,
        r#"{"time":"\x"}"#,
        "{\"time\":\"\n\"}",
        r#"{"time":}"#,
        r#"{"time":tru}"#,
        r#"{"time":1,}"#,
        &deep,
    ] {
        assert_eq!(text(bad), None, "{bad}");
    }
    assert_eq!(canonical(&[b' '; LONGEST + 1]), None);
    assert_eq!(canonical(b"{\"time\":\"\xff\"}"), None);
}

fn any_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        any::<bool>().prop_map(Value::from),
        (0u64..1 << 53).prop_map(Value::from),
        any::<String>().prop_map(Value::from)
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map("[a-z]{1,4}", inner, 0..4).prop_map(|map| map.into_iter().collect()),
        ]
    })
}

proptest! {
    #[test]
    fn one_value_has_one_form(value in any_value(), bytes in any::<Vec<u8>>()) {
        let record = json!({"metadata": value});
        let form = text(&record.to_string()).unwrap();
        prop_assert!(form.is_ascii());
        prop_assert_eq!(&text(&form).unwrap(), &form);
        prop_assert_eq!(&text(&format!("{record:#}")).unwrap(), &form);
        prop_assert_eq!(serde_json::from_str::<Value>(&form).unwrap(), record);
        if let Some(form) = canonical(&bytes) {
            prop_assert!(canonical(&form).is_some_and(|again| again == form));
        }
    }
}
