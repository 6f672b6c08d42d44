//! Planted values as answers and requests spell them.

use super::*;

/// How text stands in a format; which characters are escaped, bits of a number say.
#[derive(Clone, Copy, Debug)]
enum Way {
    Json,
    Script,
    Percent,
    Decimal,
    Hexadecimal,
    Named,
}

const WAYS: [Way; 6] = [Way::Json, Way::Script, Way::Percent, Way::Decimal, Way::Hexadecimal, Way::Named];

fn spelt(text: &str, way: Way, bits: u64) -> String {
    let letters = text.chars().enumerate();
    letters
        .map(|(place, letter)| match (bits >> (place % 61) & 1, way) {
            // What begins an escape is escaped where text is.
            (0, Way::Json | Way::Script) if matches!(letter, '"' | '\\') => format!("\\{letter}"),
            (0, Way::Percent) if letter == '%' => "%25".to_owned(),
            (0, Way::Decimal | Way::Hexadecimal | Way::Named) if letter == '&' => "&amp;".to_owned(),
            (0, _) => letter.to_string(),
            (_, Way::Json) if letter == '/' => "\\/".to_owned(),
            (_, Way::Json) => escaped(&letter.to_string()),
            (_, Way::Script) if u32::from(letter) < 256 => format!("\\x{:02x}", u32::from(letter)),
            (_, Way::Script) => escaped(&letter.to_string()).to_lowercase(),
            (_, Way::Percent) => {
                letter.to_string().bytes().map(|byte| format!("%{byte:02X}")).collect::<Vec<_>>().concat()
            }
            (_, Way::Decimal) => format!("&#{:05};", u32::from(letter)),
            (_, Way::Hexadecimal) => format!("&#x{:x};", u32::from(letter)),
            (_, Way::Named) => match letter {
                '@' => "&commat;".to_owned(),
                '.' => "&period;".to_owned(),
                '&' => "&amp;".to_owned(),
                ' ' => "&nbsp;".to_owned(),
                'ü' => "&uuml;".to_owned(),
                _ => letter.to_string(),
            },
        })
        .collect()
}

fn noise() -> impl Strategy<Value = String> {
    let words = prop::sample::select(vec![
        "{\"id\":\"",
        "\",\"b\":",
        "<td class=\"x\">",
        "</td>\n",
        ";",
        ",",
        "\r\n",
        "902-",
        "9021234",
        "zelda",
        "@",
        " ",
        "%",
        "&",
        "\\\"",
        "\\n",
        "&amp;",
        "%2",
        "\\u00",
        "&#",
        "https:\\/\\/",
        "?a=b&c=d",
        "ä",
        "\"",
        "-7654321",
        "Fitz",
    ]);
    prop::collection::vec(words, 0..40).prop_map(|words| words.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    /// Under every escape, and one escape within another, wherever it stands and however it is cut.
    #[test]
    fn escapes_of_every_kind_hide_nothing(
        which in 0_usize..4, ways in prop::collection::vec(prop::sample::select(WAYS.to_vec()), 0..3),
        bits in any::<[u64; 2]>(), before in noise(), after in noise(),
        sizes in prop::collection::vec(1_usize..90, 1..20),
    ) {
        let set = set(&[
            (Kind::OrderId, "902-1234567-7654321"),
            (Kind::Email, "zelda.fitz@mail.example"),
            (Kind::Name, "zelda fitzcanary"),
            (Kind::Text, "smith & sons, münchen"),
        ]);
        let value = ["902-1234567-7654321", "zelda.fitz@mail.example", "zelda fitzcanary", "smith & sons, münchen"][which];
        let mut text = value.to_owned();
        for (way, bits) in ways.iter().zip(bits) {
            text = spelt(&text, *way, bits);
        }
        // A number's end is seen where something else follows.
        let text = format!("{before}|{text}|{after}");
        let found = in_pieces(&set, text.as_bytes(), &sizes);
        let name = ["order_id", "email", "name", "text"][which];
        prop_assert_eq!(found.iter().filter(|found| *found == name).count(), 1, "{}", text);
    }

    /// Nothing is found where nothing was planted.
    #[test]
    fn no_text_without_a_canary_alarms(before in noise(), after in noise(), sizes in prop::collection::vec(1_usize..90, 1..20)) {
        let text = format!("{before}902-1234567-7654320 zelda.fitz@mail.examples fitz zelda{after}");
        let set = set(&[(Kind::OrderId, "902-1234567-7654321"), (Kind::Name, "zelda fitzcanary")]);
        prop_assert!(in_pieces(&set, text.as_bytes(), &sizes).is_empty());
    }

    /// Digits and hyphens of every length and form, in texts that are full of them.
    #[test]
    fn ids_are_found_among_digits(
        values in prop::collection::hash_set("[0-9-]{9,40}|[12]{10}|[12]{3}-[12]{7}-[12]{7}|[12]{17}", 1..8),
        which in any::<prop::sample::Index>(), before in "[12:. -]{0,200}", after in "[12:. -]{0,200}",
        sizes in prop::collection::vec(1_usize..300, 1..9), with_old in any::<bool>(),
    ) {
        let values: Vec<String> = values.into_iter().collect();
        let (set, spelt) = numbered(&values, with_old);
        let text = format!("{before}{}{after}", values[which.index(values.len())]);
        let mut found = in_pieces(&set, text.as_bytes(), &sizes);
        found.sort();
        prop_assert_eq!(found, by_every_place(&spelt, text.as_bytes()));
    }
}

#[test]
fn requests_are_read_loosely() {
    let set = planted();
    for (text, form, name) in [
        ("{\"order\":\"902_1234567_7654321\"}", false, "order_id"),
        ("id=902 1234567/7654321", false, "order_id"),
        ("{\"to\":\"ZELDA.fitz+other@mail.example\"}", false, "email"),
        ("{\"to\":\"zelda.fitz+other\\u0040mail.example\"}", false, "email"),
        ("a=1&mail=zelda.fitz%2Bx%40mail.example&b=2", true, "email"),
        ("name=Zelda+Fitzcanary", true, "name"),
    ] {
        for size in [1, 3, 7, 1000] {
            let found = found_by(Scanner::request(&set, form), text.as_bytes(), &[size]);
            assert_eq!(found, [name], "{text} in pieces of {size}");
        }
    }
    assert!(found_by(Scanner::request(&set, false), b"name=Zelda+Fitzcanary", &[9]).is_empty());
}

#[test]
fn what_costs_most_is_bounded_by_the_text() {
    let ids: Vec<String> = (0..3000).map(|number| format!("902-{number:07}-1234567")).collect();
    let (set, _) = numbered(&ids, false);
    // Nothing but beginnings, and nothing but places at which something may begin.
    for text in ["902-0000007-1234568", "9", "12-4567890"] {
        let text = text.repeat(10_000);
        assert!(set.parts_in(text.as_bytes()) <= text.len() / 8, "{}", &text[..30]);
    }
    let mut scanner = Scanner::answer(&set);
    assert!(scanner.read("\\u0026#64;%2540&amp;amp;\\\\".repeat(5_000).as_bytes()).is_empty());
}
