//! What a stream remembers saves time and changes nothing.

use super::*;

/// Lines of services, with what each of them writes there.
const CORPORA: [&str; 6] = [
    include_str!("../../../../tests/redact/third.jsonl"),
    include_str!("../../../../tests/redact/fourth.jsonl"),
    include_str!("../../../../tests/redact/fifth.jsonl"),
    include_str!("../../../../tests/redact/sixth.jsonl"),
    include_str!("../../../../tests/redact/seventh.jsonl"),
    include_str!("../../../../tests/redact/eighth.jsonl"),
];

/// Lines that go on in the next ones.
const OVER_LINES: [&str; 12] = [
    "order-id\tbuyer-name\tship-city\tsku",
    "028-0340236-1234567\tJane Doe\tBonn\tA-1",
    "028-0340236-7654321\tJohn Roe\tKiel\tA-2",
    "",
    concat!("x -----BEGIN ", "PRIVATE KEY-----"),
    "MIIEvQIBADANBgkqhkiG",
    concat!("-----END ", "PRIVATE KEY-----"),
    "Content-Disposition: form-data; name=\"buyer_name\"\r",
    "\r",
    "jane\r",
    "--x--\r",
    "done",
];

fn lines() -> Vec<String> {
    let inputs = CORPORA.iter().flat_map(|corpus| corpus.lines()).map(|line| {
        let row: serde_json::Value = serde_json::from_str(line).unwrap();
        row["input"].as_str().unwrap().to_owned()
    });
    let own = LINES.iter().map(|line| line.replace(['⟦', '⟧'], ""));
    inputs.chain(own).chain(OVER_LINES.map(str::to_owned)).collect()
}

/// What a stream makes of `lines`, and what it counts.
fn through(state: &mut State, lines: &[&str]) -> (Vec<String>, Stats) {
    let engine = engine();
    let one = |line: &&str| {
        let mut out = Vec::new();
        engine.line(state, None, line.as_bytes(), &mut out);
        String::from_utf8_lossy(&out).into_owned()
    };
    let all = lines.iter().map(one).collect();
    (all, state.stats().clone())
}

/// Whether a stream that remembers makes the same of `lines` as one that does not.
fn is_same(lines: &[&str]) {
    let mut forgetful = State::new();
    forgetful.seen.forget();
    forgetful.lines.forget();
    let (shown, counts) = through(&mut State::new(), lines);
    let (meant, all) = through(&mut forgetful, lines);
    for ((shown, meant), line) in shown.iter().zip(&meant).zip(lines) {
        assert_eq!(shown, meant, "{line}");
    }
    assert_eq!(counts, all);
}

/// `line` with other digits.
fn renumbered(line: &str, digits: &[u8]) -> String {
    let mut next = digits.iter().cycle();
    let other = |letter: char| if letter.is_ascii_digit() { char::from(b'0' + next.next().unwrap()) } else { letter };
    line.chars().map(other).collect()
}

#[test]
fn every_line_three_times_over() {
    let lines = lines();
    let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
    is_same(&[&lines[..], &lines, &lines].concat());
}

/// A pattern that nothing matches: what an operator lets stand is searched as it is.
#[test]
fn what_is_found_in_the_form_is_what_is_found_in_the_line() {
    let name = crate::redact::Name::configured("none").unwrap();
    let pattern = crate::redact::KeepPattern::new(name, "no such value").unwrap();
    let key = PseudonymKey::new(3, &[7; 32]).unwrap();
    let exact = Engine::new(Arc::new(Redactor::new(key).keeping(vec![pattern])), Options::default());
    let (engine, mut state, mut other) = (engine(), State::new(), State::new());
    for line in lines() {
        let (mut shown, mut meant) = (Vec::new(), Vec::new());
        engine.line(&mut state, None, line.as_bytes(), &mut shown);
        exact.line(&mut other, None, line.as_bytes(), &mut meant);
        assert_eq!(String::from_utf8_lossy(&shown), String::from_utf8_lossy(&meant), "{line}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn any_lines_in_any_order_with_any_numbers(
        order in proptest::collection::vec((any::<prop::sample::Index>(), 0usize..4), 1..60),
        numbers in proptest::collection::vec(proptest::collection::vec(0u8..10, 1..40), 3),
        over in proptest::collection::vec((0usize..60, 0..OVER_LINES.len()), 0..20),
    ) {
        let lines = lines();
        let mut stream: Vec<String> = Vec::new();
        for (index, by) in order {
            let line = &lines[index.index(lines.len())];
            stream.push(line.clone());
            stream.push(by.checked_sub(1).map_or_else(|| line.clone(), |by| renumbered(line, &numbers[by])));
        }
        for (at, line) in over {
            stream.insert(at.min(stream.len()), OVER_LINES[line].to_owned());
        }
        let once: Vec<&str> = stream.iter().map(String::as_str).collect();
        is_same(&[&once[..], &once].concat());
    }
}
