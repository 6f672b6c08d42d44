//! Each row against its own samples, and all of them against a slow reading of the same rules.

use proptest::prelude::*;

use super::*;

/// The text without marks, and what stands between them.
fn marked(sample: &str) -> (String, Vec<(usize, usize)>) {
    let mut text = String::new();
    let mut spans = Vec::new();
    let mut start = 0;
    for character in sample.chars() {
        match character {
            '⟦' => start = text.len(),
            '⟧' => spans.push((start, text.len())),
            _ => text.push(character),
        }
    }
    (text, spans)
}

/// Whether a row may be asked at `at`, read slowly from what its trigger says.
fn is_triggered(row: &Detector, text: &[u8], at: usize) -> bool {
    let rest = &text[at..];
    match row.trigger {
        Trigger::At => rest.starts_with(b"@") || rest.starts_with("＠".as_bytes()),
        Trigger::Digit | Trigger::Digits(_) | Trigger::Code | Trigger::Number => {
            rest[0].is_ascii_digit() && !(at > 0 && text[at - 1].is_ascii_digit())
        }
        Trigger::Colon => rest[0] == b':',
        Trigger::Pair => matches!(rest[0], b':' | b'-'),
        Trigger::Capital => {
            (rest[0].is_ascii_uppercase() || rest[0] >= 0x80)
                && at > 0
                && matches!(text[at - 1], b' ' | b'"' | b'\'' | b'(' | b'[' | b':' | b',')
        }
        Trigger::Literal(texts) => texts.iter().any(|known| rest.starts_with(known.as_bytes())),
    }
}

/// What a row finds when it is asked wherever it may be.
fn found(row: &Detector, text: &[u8]) -> Vec<(usize, usize)> {
    let mut spans: Vec<(usize, usize)> = Vec::new();
    for at in 0..text.len() {
        if is_triggered(row, text, at)
            && let Some(span) = (row.find)(text, at)
            && spans.last().is_none_or(|last| span.0 >= last.1)
        {
            spans.push(span);
        }
    }
    spans
}

#[test]
fn no_row_asks_for_more_digits_than_it_finds() {
    for row in &TABLE {
        let Trigger::Digits(least) = row.trigger else { continue };
        for sample in row.hits {
            let (text, spans) = marked(sample);
            for (start, end) in spans {
                let count = text[start..end].bytes().filter(u8::is_ascii_digit).count();
                assert!(count >= least, "{}: {sample}", row.name);
            }
        }
    }
}

#[test]
fn every_row_finds_its_samples_and_nothing_more() {
    for row in &TABLE {
        for sample in row.hits {
            let (text, expected) = marked(sample);
            let found = found(row, text.as_bytes());
            assert_eq!(found, expected, "{}: {sample}", row.name);
        }
        for sample in row.misses {
            let found = found(row, sample.as_bytes());
            assert!(found.is_empty(), "{} finds {found:?} in {sample}", row.name);
        }
        assert!(!row.misses.is_empty(), "{} has no sample that it must leave", row.name);
    }
}

#[test]
fn every_beginning_of_a_secret_is_found() {
    let literals = Literals::new();
    for prefix in &secret::PREFIXES {
        let tail = if prefix.tail == secret::Tail::Upper { "X" } else { "x" }.repeat(prefix.least);
        let text = format!("a {}{tail} b", prefix.text);
        assert!(literals.has_secret(text.as_bytes()), "{text}");
        let short = format!("a {}x b", prefix.text);
        assert!(prefix.least < 2 || !literals.has_secret(short.as_bytes()), "{short}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn no_row_panics_or_points_outside(text in prop::collection::vec(any::<u8>(), 0..200)) {
        for row in &TABLE {
            for at in 0..text.len() {
                if is_triggered(row, &text, at) && let Some((start, end)) = (row.find)(&text, at) {
                    prop_assert!(start <= end && end <= text.len(), "{}", row.name);
                }
            }
        }
    }

    #[test]
    fn no_row_panics_on_what_resembles_data(text in "[0-9A-Fa-f:.@+() xX/-]{0,60}") {
        for row in &TABLE {
            for at in 0..text.len() {
                if is_triggered(row, text.as_bytes(), at) && let Some((start, end)) = (row.find)(text.as_bytes(), at) {
                    prop_assert!(start <= end && end <= text.len(), "{}", row.name);
                }
            }
        }
    }

    #[test]
    fn cards_agree_with_a_slow_reading(text in "[3-6][0-9]{15}( [0-9]{1,4})?") {
        let bytes = text.as_bytes();
        let digits: Vec<u32> = text[..16].chars().filter_map(|digit| digit.to_digit(10)).collect();
        let sum: u32 = digits.iter().enumerate().map(|(place, digit)| {
            if place % 2 == 1 { *digit } else { let twice = digit * 2; if twice > 9 { twice - 9 } else { twice } }
        }).sum();
        if card::card(bytes, 0) == Some((0, 16)) {
            prop_assert_eq!(sum % 10, 0);
        } else if text.starts_with('4') && text.len() == 16 && digits.iter().any(|digit| *digit != 4) {
            prop_assert_ne!(sum % 10, 0);
        }
    }
}

/// All texts that are sought, with what stands between them in a line.
fn pieces() -> impl Strategy<Value = String> {
    let rows =
        TABLE.iter().filter_map(|row| if let Trigger::Literal(known) = row.trigger { Some(known) } else { None });
    let mut texts: Vec<&'static str> = rows.flat_map(|known| known.iter().copied()).collect();
    texts.extend(secret::PREFIXES.iter().map(|prefix| prefix.text).chain(mark::MARKS.map(|(mark, _)| mark)));
    let whole = prop::sample::select(texts.clone());
    // Ends and beginnings, which beside others may make a text anew.
    let part = (prop::sample::select(texts), 1..6_usize)
        .prop_map(|(text, count)| text.chars().take(count).collect::<String>());
    let plain = prop::sample::select(vec!["", " ", "~", "user ", "x", "12", "-", "for ", "/", "é", "="]);
    let piece = prop_oneof![whole.prop_map(str::to_owned), part, plain.prop_map(str::to_owned)];
    prop::collection::vec(piece, 0..8).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    /// The search by rare bytes finds what one finds that compares every text at every place.
    #[test]
    fn every_text_is_found_wherever_it_stands(text in pieces()) {
        let (hits, mask) = Literals::new().find(text.as_bytes());
        let mut found: Vec<usize> = hits.iter().map(|(_, place, _)| *place).collect();
        let mut expected = Vec::new();
        for row in &TABLE {
            if let Trigger::Literal(known) = row.trigger {
                expected.extend(known.iter().flat_map(|known| places(&text, known)));
            }
        }
        expected.extend(secret::PREFIXES.iter().flat_map(|prefix| places(&text, prefix.text)));
        expected.extend(mark::MARKS.iter().flat_map(|(mark, _)| places(&text, mark)));
        found.sort_unstable();
        expected.sort_unstable();
        prop_assert_eq!(found, expected);
        for mark in *b"+%&=@{[(" {
            prop_assert_eq!(mask.has(mark), text.as_bytes().contains(&mark));
        }
    }
}

/// Where `sought` stands in `text`, in whatever overlap.
fn places(text: &str, sought: &str) -> Vec<usize> {
    (0..text.len()).filter(|place| text.as_bytes()[*place..].starts_with(sought.as_bytes())).collect()
}
