use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

fn scanner(path: &str) -> Scanner {
    Scanner::new(&Arc::new(JsonPath::parse(path).expect("a path")))
}

fn count(path: &str, document: &str) -> Result<u64, Uncountable> {
    let mut scanner = scanner(path);
    let count = scanner.read(document.as_bytes())?;
    scanner.ended().map(|()| count)
}

/// What the path selects, by looking at all of the document.
fn selected(steps: &[Step], value: &Value, found: &mut Vec<*const Value>) {
    let Some((step, rest)) = steps.split_first() else {
        if !found.contains(&std::ptr::from_ref(value)) {
            found.push(value);
        }
        return;
    };
    let children: Vec<&Value> = match value {
        Value::Array(items) => items.iter().collect(),
        Value::Object(members) => members.values().collect(),
        _ => Vec::new(),
    };
    match step {
        Step::All => children.iter().for_each(|child| selected(rest, child, found)),
        Step::Member(name) => value.get(&**name).into_iter().for_each(|child| selected(rest, child, found)),
        Step::Element(place) => {
            value
                .get(usize::try_from(*place).expect("small"))
                .into_iter()
                .for_each(|child| selected(rest, child, found));
        }
        Step::Descendants(name) => {
            value.get(&**name).into_iter().for_each(|child| selected(rest, child, found));
            for child in children {
                selected(steps, child, found);
            }
        }
    }
}

fn name() -> impl Strategy<Value = String> {
    prop_oneof!["[abc]", Just("ab".to_owned()), Just("é\"\\/\n".to_owned()), Just("\u{1f600}".to_owned())]
}

fn document() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(json!(null)),
        any::<bool>().prop_map(Value::from),
        any::<i32>().prop_map(Value::from),
        any::<f32>().prop_map(|number| json!(number)),
        r#"[ -~\n\t"\\\[\]{},:é]{0,9}"#.prop_map(Value::from),
    ];
    leaf.prop_recursive(6, 60, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::vec((name(), inner), 0..6)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

fn path() -> impl Strategy<Value = String> {
    let step = prop_oneof![
        "\\.[abc]",
        Just(".ab".to_owned()),
        "\\.\\.[abc]",
        Just("[*]".to_owned()),
        Just(".*".to_owned()),
        "\\[[0-3]\\]",
        "\\['[abc]'\\]",
        Just("['\u{1f600}']".to_owned()),
    ];
    prop::collection::vec(step, 0..5).prop_map(|steps| format!("${}", steps.concat()))
}

/// All of it beyond ASCII as escapes, in upper or lower case.
fn escaped(text: &str) -> String {
    text.chars()
        .flat_map(|c| {
            let mut units = [0; 2];
            let units = c.encode_utf16(&mut units).to_vec();
            if c.is_ascii() { vec![c.to_string()] } else { units.iter().map(|unit| format!("\\u{unit:04X}")).collect() }
        })
        .collect()
}

proptest! {
    #[test]
    fn counts_what_the_path_selects_wherever_the_document_is_split(
        document in document(), path in path(), pretty: bool, escape: bool
    ) {
        let text = if pretty { serde_json::to_string_pretty(&document) } else { serde_json::to_string(&document) };
        let text = text.expect("a document");
        let text = if escape { escaped(&text) } else { text };
        let mut found = Vec::new();
        selected(JsonPath::parse(&path).expect("a path").steps(), &document, &mut found);
        let expected = found.len() as u64;
        prop_assert_eq!(count(&path, &text), Ok(expected), "{} {}", &path, &text);
        for split in 0..=text.len() {
            let (one, two) = text.as_bytes().split_at(split);
            let mut scanner = scanner(&path);
            let begin = scanner.read(one).expect("sound");
            // Half a document is not a whole one, but for a number's.
            prop_assert!(split == 0 || split == text.len() || scanner.ended().is_err() || !document.is_array());
            let rest = scanner.read(two).expect("sound");
            prop_assert_eq!((begin + rest, scanner.ended()), (expected, Ok(())));
        }
        let mut scanner = scanner(&path);
        let bytes: u64 = text.as_bytes().chunks(1).map(|byte| scanner.read(byte).expect("sound")).sum();
        prop_assert_eq!((bytes, scanner.ended()), (expected, Ok(())));
    }

    #[test]
    fn what_serde_json_reads_is_countable_and_nothing_panics(text in r#"[\[\]{},:"\\ 01a-]{0,14}"#) {
        let counted = count("$..a", &text);
        if serde_json::from_str::<Value>(&text).is_ok() {
            prop_assert!(counted.is_ok(), "{}", text);
        }
    }
}

#[test]
fn structure_is_checked() {
    for bad in [
        "[",
        "]",
        "{",
        "}",
        "[1,]",
        "[,1]",
        "{\"a\"}",
        "{\"a\":}",
        "{\"a\":1,}",
        "{a:1}",
        "[1 2]",
        "[1}",
        "{\"a\":1]",
        "\"a",
        "1 2",
        "[] []",
        "{} x",
        "'a'",
        "[1]//",
        "{\"a\\x\":1}",
        "{\"\\u12g4\":1}",
        "[\u{a0}]",
        ",",
        ":",
    ] {
        assert_eq!(count("$[*]", bad), Err(Uncountable), "{bad}");
    }
    for good in ["", " \r\n", "1", "-1.5e+3 ", "true", "\"\\\"\"", " [ ] ", "{}", "[[],{}]"] {
        assert!(count("$", good).is_ok(), "{good}");
    }
}

#[test]
fn keys_mean_what_their_escapes_say_and_one_that_comes_twice_counts_twice() {
    assert_eq!(count("$.Orders[*]", r#"{"\u004frder\u0073":[1,2],"Orders":[3]}"#), Ok(3));
    assert_eq!(count("$['\u{1f600}']", r#"{"\ud83d\ude00":1}"#), Ok(1));
    for other in [r#"{"\ud83d":1}"#, r#"{"\ud83dx\ude00":1}"#, r#"{"\ude00\ud83d":1}"#, r#"{"\ud83d\ud83d\ude00":1}"#] {
        assert_eq!(count("$['\u{1f600}']", other), Ok(0), "{other}");
    }
    let long = format!("{{\"{}\":1,\"a\":2}}", "a".repeat(1_000_000));
    assert_eq!(count("$.a", &long), Ok(1));
}

#[test]
fn depth_is_bounded() {
    let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    assert_eq!(count("$", &nested(MAX_DEPTH)), Ok(1));
    assert_eq!(count("$", &nested(MAX_DEPTH + 1)), Err(Uncountable));
}
