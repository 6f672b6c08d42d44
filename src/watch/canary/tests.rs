use std::sync::Arc;

use proptest::prelude::*;
use zeroize::Zeroizing;

use super::*;
use crate::redact::Name;

fn name(text: &str) -> Name {
    Name::configured(text).expect("a name")
}

fn key() -> CanaryKey {
    CanaryKey::new(&Zeroizing::new([9; 32]))
}

fn set(values: &[(Kind, &str)]) -> Arc<CanarySet> {
    let key = key();
    let planted = values.iter().flat_map(|(kind, value)| {
        let forms = forms(*kind, value).expect("fit");
        let name = name(kind.word());
        forms.iter().map(|form| Planted::new(&key, &name, *kind, form).expect("fit")).collect::<Vec<_>>()
    });
    let planted = planted.collect();
    Arc::new(CanarySet::new(key, planted).expect("of this key"))
}

fn in_text(set: &CanarySet, text: &str) -> Vec<String> {
    let mut found = Found::all();
    set.search_value(text, &mut found);
    let mut found: Vec<_> = found.names().iter().map(|name| name.as_str().to_owned()).collect();
    found.sort();
    found
}

fn planted() -> Arc<CanarySet> {
    set(&[
        (Kind::OrderId, "902-1234567-7654321"),
        (Kind::Email, "Zelda.Fitz+shop@mail.example"),
        (Kind::Name, "Zelda Fitzcanary"),
        (Kind::Text, "Älteres Kanarienvögelchen"),
    ])
}

#[test]
fn a_value_is_found_however_it_is_spelt() {
    let set = planted();
    for (text, expected) in [
        ("902-1234567-7654321", "order_id"),
        ("/orders/902-1234567-7654321/address", "order_id"),
        ("id=902_1234567_7654321&x=1", "order_id"),
        ("id=902 1234567 7654321", "order_id"),
        ("id=90212345677654321", "order_id"),
        ("ZELDA.FITZ@MAIL.EXAMPLE", "email"),
        ("to=zelda.fitz+other@mail.example", "email"),
        ("dear  zelda   FITZCANARY,", "name"),
        ("Fitzcanary, Zelda", "name"),
        ("ÄLTERES KANARIENVÖGELCHEN", "text"),
    ] {
        assert_eq!(in_text(&set, text), [expected], "{text}");
    }
    for text in ["902-1234567-7654322", "zelda@mail.example", "Zelda Fitz", "", "9", "90212345677654320"] {
        assert!(in_text(&set, text).is_empty(), "{text}");
    }
}

#[test]
fn what_would_be_met_by_chance_or_spelt_in_many_ways_is_no_canary() {
    for (kind, value, fault) in [
        (Kind::Name, "Ana Lee", FormFault::Short),
        (Kind::Text, "a\"quoted\" thing", FormFault::Character),
        (Kind::Text, "a tab\tbetween", FormFault::Character),
        (Kind::Email, "nobody-at-all", FormFault::Kind),
        (Kind::Email, "two@ats@mail.example", FormFault::Kind),
        (Kind::OrderId, "902--1234567", FormFault::Kind),
    ] {
        assert_eq!(forms(kind, value), Err(fault), "{value}");
    }
    assert_eq!(forms(Kind::Text, &"x".repeat(300)), Err(FormFault::Long));
}

/// How often which canary is found in an answer that comes in these pieces.
fn in_pieces(set: &Arc<CanarySet>, text: &[u8], sizes: &[usize], json: bool) -> Vec<String> {
    let mut scanner = Scanner::new(set, json);
    let (mut rest, mut found) = (text, Vec::new());
    for size in sizes.iter().cycle() {
        let (piece, more) = rest.split_at((*size).clamp(1, rest.len().max(1)).min(rest.len()));
        found.extend(scanner.read(piece).iter().map(|name| name.as_str().to_owned()));
        rest = more;
        if rest.is_empty() {
            return found;
        }
    }
    found
}

/// Every character of a text as an escape of JSON.
fn escaped(text: &str) -> String {
    use std::fmt::Write as _;
    text.encode_utf16().fold(String::new(), |mut text, unit| {
        write!(text, "\\u{unit:04X}").expect("a String takes all");
        text
    })
}

#[test]
fn escapes_hide_nothing() {
    let set = planted();
    let answer =
        format!("{{\"a\":\"{}\",\"n\":\"x\\/y\\n {}\"}}", escaped("902-1234567-7654321"), escaped("Zelda Fitz"));
    let answer = answer.replace("\"}", "canary\"}");
    for size in [1, 2, 3, 5, 7, 64, 1000] {
        let mut found = in_pieces(&set, answer.as_bytes(), &[size], true);
        found.sort();
        assert_eq!(found, ["name", "order_id"], "in pieces of {size}");
        assert!(in_pieces(&set, answer.as_bytes(), &[size], false).is_empty());
    }
}

#[test]
fn canaries_that_begin_or_end_alike_are_told_apart() {
    let values: Vec<String> = (0..2000).map(|number| format!("Christina {number:04} Canaryman")).collect();
    let key = key();
    let planted = values.iter().enumerate().map(|(number, value)| {
        let form = &forms(Kind::Text, value).expect("fit")[0];
        Planted::new(&key, &name(&format!("c{number}")), Kind::Text, form).expect("fit")
    });
    let planted = planted.collect();
    let set = Arc::new(CanarySet::new(key, planted).expect("of this key"));
    for number in [0, 7, 1024, 1999] {
        let text =
            format!("[\"Christina 9999 Canaryman\",\"CHRISTINA {number:04} CanaryMan\",\"Christina 1 Canaryman\"]");
        assert_eq!(in_pieces(&set, text.as_bytes(), &[11], true), [format!("c{number}")]);
    }
    assert!(in_pieces(&set, b"Christina 2000 Canaryman, Christina 0007 Canarymen", &[64], true).is_empty());
}

proptest! {
    /// Wherever a canary stands, in whatever pieces it comes, it is found once.
    #[test]
    fn borders_of_pieces_hide_nothing(
        before in "[ -~]{0,80}", after in "[ -~]{0,80}", sizes in prop::collection::vec(1_usize..40, 1..20),
        which in 0_usize..3,
    ) {
        let set = planted();
        let value = ["902-1234567-7654321", "ZELDA.fitz+shop@mail.example", "zelda fitzcanary"][which];
        let text = format!("{}|{value}|{}", before.replace('\\', "/"), after.replace('\\', "/"));
        let found = in_pieces(&set, text.as_bytes(), &sizes, true);
        prop_assert_eq!(found.len(), 1);
    }

    /// Hostile bytes break nothing.
    #[test]
    fn any_bytes_are_read(bytes in prop::collection::vec(any::<u8>(), 0..400), sizes in prop::collection::vec(1_usize..40, 1..9)) {
        prop_assert!(in_pieces(&planted(), &bytes, &sizes, true).is_empty());
    }
}

#[test]
fn a_file_says_nothing_of_its_values_and_reads_as_it_was_written() {
    let home = tempfile::tempdir().expect("a directory");
    let path = home.path().join("canaries.yaml");
    let key = key();
    let forms = forms(Kind::Email, "zelda@mail.example").expect("fit");
    let planted: Vec<_> =
        forms.iter().map(|form| Planted::new(&key, &name("planted-1"), Kind::Email, form).expect("fit")).collect();
    let file = CanaryFile { key: "canary.key".into(), planted };
    let text = file.text();
    assert!(!text.contains("zelda") && !text.contains("mail.example"), "{text}");
    std::fs::write(&path, &text).expect("written");
    let read = CanaryFile::read(&path).expect("sound");
    assert_eq!((read.key.clone(), read.planted), (file.key, file.planted));
    for (from, to) in [("email 18", "email 8"), ("email", "mail"), ("key: ", "kex: "), ("  - ", "  + ")] {
        std::fs::write(&path, text.replace(from, to)).expect("written");
        assert!(CanaryFile::read(&path).is_err(), "{from}");
    }
}
