use std::sync::Arc;

use proptest::prelude::*;
use zeroize::Zeroizing;

use super::anchor::Anchor;
use super::form::folded;
use super::marks::Marks;
use super::set::Kept;
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
fn in_pieces(set: &Arc<CanarySet>, text: &[u8], sizes: &[usize]) -> Vec<String> {
    found_by(Scanner::answer(set), text, sizes)
}

fn found_by(mut scanner: Scanner, text: &[u8], sizes: &[usize]) -> Vec<String> {
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
        let mut found = in_pieces(&set, answer.as_bytes(), &[size]);
        found.sort();
        assert_eq!(found, ["name", "order_id"], "in pieces of {size}");
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
        assert_eq!(in_pieces(&set, text.as_bytes(), &[11]), [format!("c{number}")]);
    }
    assert!(in_pieces(&set, b"Christina 2000 Canaryman, Christina 0007 Canarymen", &[64]).is_empty());
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
        let found = in_pieces(&set, text.as_bytes(), &sizes);
        prop_assert_eq!(found.len(), 1);
    }

    /// Hostile bytes break nothing.
    #[test]
    fn any_bytes_are_read(bytes in prop::collection::vec(any::<u8>(), 0..400), sizes in prop::collection::vec(1_usize..40, 1..9)) {
        prop_assert!(in_pieces(&planted(), &bytes, &sizes).is_empty());
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

/// As it was before marks were sealed.
fn old(key: &CanaryKey, planted: &Planted, form: &str) -> Planted {
    let blocks = key.marks(form.as_bytes()).blocks;
    Planted { kept: Kept::Plain(Box::new(Marks::plain(blocks))), ..planted.clone() }
}

/// As it was before anchors.
fn sealed(key: &CanaryKey, planted: &Planted, form: &str) -> Planted {
    let marks = Marks { anchor: Anchor::Unknown, ..key.marks(form.as_bytes()) };
    Planted { kept: Kept::Sealed(key.seal(planted.bytes, &marks, &planted.hash).into()), ..planted.clone() }
}

/// All spellings of some values, each value's number its name; every third entry of the first form of files, if wanted, and
/// every fifth of the second.
fn numbered(values: &[String], with_old: bool) -> (Arc<CanarySet>, Vec<(String, String)>) {
    let key = key();
    let (mut planted, mut spelt) = (Vec::new(), Vec::new());
    for (number, value) in values.iter().enumerate() {
        for form in forms(Kind::Text, value).expect("fit") {
            let mut entry = Planted::new(&key, &name(&format!("c{number}")), Kind::Text, &form).expect("fit");
            if with_old && planted.len() % 3 == 0 {
                entry = old(&key, &entry, &form);
            } else if with_old && planted.len() % 5 == 0 {
                entry = sealed(&key, &entry, &form);
            }
            planted.push(entry);
            spelt.push((format!("c{number}"), form));
        }
    }
    (Arc::new(CanarySet::new(key, planted).expect("of this key")), spelt)
}

/// What is found by looking at every place for every spelling.
fn by_every_place(spelt: &[(String, String)], text: &[u8]) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for (name, form) in spelt {
        let is_here = |place: &[u8]| {
            str::from_utf8(place).is_ok_and(|place| folded(place) == folded(form))
                // Letters of other alphabets are met as they are spelt.
                && place.iter().zip(form.as_bytes()).all(|(one, other)| one | 0x20 == other | 0x20)
        };
        if text.windows(form.len()).any(is_here) && !found.contains(name) {
            found.push(name.clone());
        }
    }
    found.sort();
    found
}

/// Letters now large, now small, by the bits of a number.
fn cased(text: &str, bits: u64) -> String {
    let letters = text.chars().enumerate();
    letters
        .map(|(place, letter)| if bits >> (place % 64) & 1 == 0 { letter } else { letter.to_ascii_uppercase() })
        .collect()
}

/// Letters now escaped, now not, by the bits of a number.
fn escaped_here_and_there(text: &str, bits: u64) -> String {
    let letters = text.chars().enumerate();
    letters
        .map(|(place, letter)| match (bits >> (place % 64) & 1, letter) {
            (0, '"' | '\\') => format!("\\{letter}"),
            (0, _) => letter.to_string(),
            (_, '/') => "\\/".to_owned(),
            _ => escaped(&letter.to_string()),
        })
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    /// Whatever is planted, wherever it stands, however it is spelt and cut into pieces: it is found, once.
    #[test]
    fn what_is_planted_is_found(
        values in prop::collection::hash_set("[a-z0-9@ü.é-]{9,60}|[0-9-]{9,40}|[0-9]{10}|[a-z]{1,12} [a-zé]{8,20}|[a-z0-9]{1,9}@[a-z]{7,9}", 1..12), which in any::<prop::sample::Index>(),
        before in "[ -~äß]{0,300}", after in "[ -~äß]{0,300}", case in any::<u64>(), escapes in any::<u64>(),
        sizes in prop::collection::vec(1_usize..700, 1..20), with_old in any::<bool>(),
    ) {
        let values: Vec<String> = values.into_iter().collect();
        let (set, _) = numbered(&values, with_old);
        let value = &values[which.index(values.len())];
        let text = format!("{before}{}{after}", cased(value, case));
        let is_found = |found: Vec<String>| {
            let name = format!("c{}", which.index(values.len()));
            found.len() >= 8 || found.iter().filter(|found| **found == name).count() == 1
        };
        prop_assert!(is_found(in_pieces(&set, text.as_bytes(), &sizes)));
        let text = escaped_here_and_there(&text, escapes);
        prop_assert!(is_found(in_pieces(&set, text.as_bytes(), &sizes)), "{}", text);
    }

    /// What is found is what a search at every place finds, no more and no less, in texts that are full of beginnings and
    /// ends of planted values.
    #[test]
    fn nothing_else_is_found(
        values in prop::collection::hash_set("[a-d1-3]{9,14}|[a-d]{5}[ é@][a-d]{4,30}|903-[12]{7}-[12]{7}", 1..6),
        shreds in prop::collection::vec((any::<prop::sample::Index>(), 0_usize..40, 0_usize..40, "[a-d12 -]{0,3}"), 0..60),
        case in any::<u64>(), with_old in any::<bool>(),
    ) {
        let values: Vec<String> = values.into_iter().collect();
        let (set, spelt) = numbered(&values, with_old);
        let mut text = String::new();
        for (which, from, to, noise) in shreds {
            let letters: Vec<char> = values[which.index(values.len())].chars().collect();
            text.extend(letters.iter().skip(from.saturating_sub(25)).take(60 - to));
            text.push_str(&noise);
        }
        let text = cased(&text, case);
        let mut found = in_pieces(&set, text.as_bytes(), &[text.len().max(1)]);
        found.sort();
        prop_assert_eq!(found, by_every_place(&spelt, text.as_bytes()));
    }
}

#[test]
fn thousands_that_share_a_part_are_found_at_the_price_of_one() {
    // All addresses share a domain, all names a surname and all ids their end: what is looked at for such a block is one
    // entry for each length, not one for each value.
    let values: Vec<String> = (0..3000).map(|number| format!("buyer.{number:04}@planted.example")).collect();
    let (set, _) = numbered(&values, false);
    let text = "@planted.example".repeat(4000);
    assert!(in_pieces(&set, text.as_bytes(), &[16_384]).is_empty());
    assert!(set.parts_in(text.as_bytes()) <= text.len() / 8);
    let answer = format!("[{text}\"Buyer.2999@PLANTED.example\"]");
    assert_eq!(in_pieces(&set, answer.as_bytes(), &[1000]), ["c2999"]);
}

#[test]
fn eight_canaries_are_told_of_one_answer_and_then_the_search_is_over() {
    let values: Vec<String> = (0..20).map(|number| format!("canary number {number:02}")).collect();
    let (set, _) = numbered(&values, false);
    let mut found = in_pieces(&set, values.join(",").as_bytes(), &[50]);
    found.sort();
    assert_eq!(found, (0..8).map(|number| format!("c{number}")).collect::<Vec<_>>());
}

#[test]
fn letters_of_other_alphabets_are_met_small_large_and_with_capitals() {
    let set = set(&[(Kind::Name, "Željko Čapekovič"), (Kind::Email, "ωμέγα@mail.example")]);
    for text in ["željko čapekovič", "Željko Čapekovič", "ŽELJKO ČAPEKOVIČ", "\"Čapekovič, Željko\""] {
        for before in 0..17 {
            let text = format!("{}{text}", &"{\"AddressLine1\":\"____"[..before]);
            assert_eq!(in_pieces(&set, text.as_bytes(), &[64]), ["name"], "{text}");
        }
    }
    assert_eq!(in_pieces(&set, "<Ωμέγα@MAIL.example>".as_bytes(), &[64]), ["email"]);
}

#[test]
fn entries_of_older_forms_are_read_as_before() {
    let home = tempfile::tempdir().expect("a directory");
    let path = home.path().join("canaries.yaml");
    let key = key();
    let planted = Planted::new(&key, &name("order-1"), Kind::OrderId, "902-1234567-7654321").expect("fit");
    let before = old(&key, &planted, "902-1234567-7654321");
    let second = sealed(&key, &planted, "902-1234567-7654321");
    let file = CanaryFile { key: "canary.key".into(), planted: vec![before, second, planted] };
    std::fs::write(&path, file.text()).expect("written");
    let read = CanaryFile::read(&path).expect("sound").planted;
    assert_eq!(read, file.planted);
    let set = Arc::new(CanarySet::new(key, read).expect("of this key"));
    assert_eq!(set.old(), 2);
    assert_eq!(in_pieces(&set, b"{\"id\":\"902-1234567-7654321\"}", &[9]), ["order-1"]);
}

#[test]
fn entries_of_another_key_or_changed_ones_are_refused_and_marks_are_covered() {
    let (key, other) = (key(), CanaryKey::new(&Zeroizing::new([8; 32])));
    let planted = Planted::new(&key, &name("order-1"), Kind::OrderId, "902-1234567-7654321").expect("fit");
    assert_eq!(CanarySet::new(other, vec![planted.clone()]).err(), Some(Foreign(name("order-1"))));
    let Kept::Anchored(sealed) = &planted.kept else { panic!("it is sealed") };
    for place in [0, 20, sealed.len() - 1] {
        let mut changed = sealed.clone();
        changed[place] ^= 1;
        let changed = Planted { kept: Kept::Anchored(changed), ..planted.clone() };
        assert!(CanarySet::new(self::key(), vec![changed]).is_err());
    }
    let shorter = Planted { bytes: 18, ..planted.clone() };
    assert!(CanarySet::new(self::key(), vec![shorter]).is_err());
    // Two values that begin alike have no marks in common.
    let alike = Planted::new(&key, &name("order-2"), Kind::OrderId, "902-1234567-7654322").expect("fit");
    let Kept::Anchored(of_alike) = &alike.kept else { panic!("it is sealed") };
    let same = sealed.iter().zip(of_alike.iter()).filter(|(one, other)| one == other).count();
    assert!(same < sealed.len() / 10, "{same} bytes of {} are the same", sealed.len());
}

mod coded;
mod sieve;
mod spelt;
