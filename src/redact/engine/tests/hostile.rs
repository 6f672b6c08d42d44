//! Lines that nobody meant: cut anywhere, or one text over and over.

use super::*;
use crate::redact::detect::TABLE;

/// Lines whose last bytes once were looked for behind their end.
const CUT: [&str; 7] = [
    "retried 3, 1000",
    "batch sizes 3, 10000",
    "Content-Disposition: attachment; filename=Rechnung_Doe_",
    "filename=\"invoice-Jane-Doe",
    "<td>Jane Doe <td>12 Example Street</td></td>",
    "upgrade libssl3:amd64 14.1.5.197 14.1.5.198",
    "call tel:%",
];

/// What is left of `line` in the stream's counts: lines that a fault of the engine's own has cost.
fn is_read(engine: &Engine, state: &mut State, line: &[u8]) -> bool {
    let before = state.stats().unparsed;
    engine.line(state, None, line, &mut Vec::new());
    state.stats().unparsed == before
}

#[test]
fn no_line_is_lost_wherever_it_is_cut() {
    let samples = [LINES, kept::LINES, samples::LINES, untold::LINES, &CUT].into_iter().flatten();
    let rows = TABLE.iter().flat_map(|row| row.hits.iter().chain(row.misses));
    let engine = engine();
    let mut state = State::new();
    for sample in samples.chain(rows) {
        let line = sample.replace(['⟦', '⟧'], "");
        let line = line.as_bytes();
        // Where the cut is does not matter on most lines, so every third place is enough of the long ones.
        let step = if line.len() > 60 { 3 } else { 1 };
        for place in (0..=line.len()).step_by(step) {
            for part in [&line[..place], &line[place..]] {
                assert!(is_read(&engine, &mut state, part), "{}", String::from_utf8_lossy(part));
            }
        }
    }
}

#[test]
fn a_list_of_addresses_asks_each_once() {
    // One that asked all before it would need a stack as deep as the list is long.
    let line = "203.0.113.9 ".repeat(40_000);
    let out = redacted(line.as_bytes());
    assert_eq!(out.split(|byte| *byte == b' ').filter(|word| word.starts_with(b"pii_ip_")).count(), 40_000);
}

#[test]
fn a_value_that_is_none_is_not_read_for_ever() {
    // For the value of each of these keys all of the line behind it is read, and most of it is not replaced.
    for part in ["note: a(b(", "note=", "address : ; ", "address='b 'c "] {
        let line = part.repeat(60_000 / part.len());
        let mut state = State::new();
        let mut out = Vec::new();
        engine().line(&mut state, None, line.as_bytes(), &mut out);
        assert_eq!(state.stats().unparsed, 1, "{part}");
        assert!(out.len() < 100, "{part}: {}", out.len());
    }
}

#[test]
fn rows_are_read_however_many_a_line_has() {
    let engine = engine();
    let names = ["Jorid Sandnes", "Emil Tymczak", "Carla Ohlinger"];
    let row = |index: usize| {
        format!("{};Lindenweg {};{};Berlin;u{index}@b.example", names[index % 3], index % 90 + 1, 10_000 + index * 17)
    };
    let rows: Vec<String> = (0..200).map(row).collect();
    for line in [format!("export:\\n{}", rows.join("\\n")), format!("export [{}]", rows.join("], ["))] {
        let mut out = Vec::new();
        engine.line(&mut State::new(), None, line.as_bytes(), &mut out);
        let out = String::from_utf8_lossy(&out);
        for name in ["Sandnes", "Tymczak", "Ohlinger", "Lindenweg", "@b.example"] {
            assert!(!out.contains(name), "{name} in {out}");
        }
    }
}
