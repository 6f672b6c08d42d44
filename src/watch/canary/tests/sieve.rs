//! The first look, by every kind of instructions that this processor has, beside one that looks at each byte.

use fearless_simd::Level;

use super::*;
use crate::watch::canary::sieve::{Sieve, Sifted, WINDOW};

fn levels() -> Vec<Level> {
    let widest = Level::new();
    #[cfg(target_arch = "x86_64")]
    let others =
        [widest.as_avx2().map(Level::Avx2), widest.as_sse4_2().map(Level::Sse4_2), widest.as_sse2().map(Level::Sse2)];
    #[cfg(not(target_arch = "x86_64"))]
    let others: [Option<Level>; 0] = [];
    others.into_iter().flatten().chain([widest]).collect()
}

/// Begins and lengths of all runs of digits and what counts as such.
fn runs_of(text: &[u8]) -> Vec<(usize, usize)> {
    let mut runs = Vec::new();
    let mut at = 0;
    while at < text.len() {
        let length = text[at..].iter().take_while(|byte| matches!(byte, b'-'..=b'9')).count();
        if length > 0 {
            runs.push((at, length));
        }
        at += length + 1;
    }
    runs
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    /// Nothing that counts is passed over, and what is told is so.
    #[test]
    fn every_processor_sees_the_same(
        words in prop::collection::vec("[a-z\":,]{0,9}|[0-9-]{1,70}|[@ \"]{1,4}|[0-9]{3}-[0-9]{7}-[0-9]{7}|\\\\|[%&./ü-]{1,2}", 0..120),
        shortest in 10_u32..30, more in 0_u32..8,
    ) {
        let text = words.concat();
        let text = text.as_bytes();
        for level in levels() {
            let sieve = Sieve::new(true, true, Some((shortest, shortest + more))).at(level);
            let mut sifted = Box::new(Sifted::new());
            let mut windows = 0;
            sieve.sift(text, &mut sifted, |window, sifted| {
                windows += 1;
                assert_eq!(window, text);
                assert_eq!(sifted.escapes, text.iter().any(|byte| b"\\%&".contains(byte)));
                let mut rare = Vec::new();
                sifted.ats.each(|at| rare.push(at));
                sifted.spaces.each(|at| rare.push(at));
                for (at, byte) in text.iter().enumerate() {
                    let next = text.get(at + 1).copied().unwrap_or_default();
                    let counts = *byte == b'@' || *byte == b' ' && !matches!(next, b' ' | b'"');
                    assert!(!counts || rare.contains(&at), "{at}");
                    assert!(counts || *byte == b' ' && at % 64 == 63 || !rare.contains(&at), "{at}");
                }
                for (begin, length) in runs_of(text).into_iter().filter(|(_, length)| *length >= shortest as usize) {
                    let hyphens = (0..).zip(&text[begin..begin + length.min(64)]).fold(0, |bits, (at, byte)| bits | u64::from(*byte == b'-') << at);
                    let is_told = sifted.runs().iter().any(|run| match run.length {
                        0 => (begin..begin + length).contains(&(run.begin as usize)),
                        whole => (run.begin as usize, whole as usize, run.hyphens) == (begin, length, hyphens),
                    });
                    assert!(is_told, "{begin} {length} by {level:?}");
                }
            });
            prop_assert_eq!(windows, 1);
        }
    }

    /// Longer than a window, full of digits, and with many patterns of them.
    #[test]
    fn long_texts_hide_nothing(
        values in prop::collection::hash_set("[0-9]{2,9}-[0-9]{5,9}-[0-9]{1,9}|[12]{10,30}|[a-z]{4} [a-z]{6,20}|[a-z]{4,9}@[a-z]{7,9}", 1..9),
        which in any::<prop::sample::Index>(), filler in "[a-z0-9 :,\"-]{1,40}|[0-9]{40}|-|@| ", at in 0_usize..40_000,
        sizes in prop::collection::vec(1_usize..50_000, 1..5),
    ) {
        let values: Vec<String> = values.into_iter().collect();
        let (set, _) = numbered(&values, false);
        let place = which.index(values.len());
        let filler = filler.repeat(40_000 / filler.len());
        let at = at.min(filler.len());
        let text = format!("{}{}{}", &filler[..at], values[place], &filler[at..]);
        let found = in_pieces(&set, text.as_bytes(), &sizes);
        let expected = format!("c{place}");
        prop_assert!(found.len() >= 8 || found.contains(&expected), "at {}", at);
        let mut at_once = Found::some();
        set.search(text.as_bytes(), &mut at_once);
        let known = name(&format!("c{place}"));
        prop_assert!(at_once.names().len() >= 8 || at_once.names().contains(&known));
    }
}

#[test]
fn a_value_is_found_wherever_it_stands_in_a_window() {
    let set = planted();
    let places = (0..150).chain((150..WINDOW - 700).step_by(97)).chain(WINDOW - 700..WINDOW + 200);
    for before in places {
        let (value, name) = match before % 3 {
            0 => ("902-1234567-7654321", "order_id"),
            1 => ("zelda.fitz@mail.example", "email"),
            _ => ("Zelda Fitzcanary", "name"),
        };
        let text = format!("{}{value}{}", "x".repeat(before), "y".repeat(before % 70));
        assert_eq!(in_pieces(&set, text.as_bytes(), &[text.len()]), [name], "after {before}");
    }
}
