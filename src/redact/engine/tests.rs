//! Lines in, lines out; and what holds of any line.

mod hostile;
mod kept;
mod memory;
mod programs;
mod samples;
mod untold;

use std::fmt::Write as _;

use base64::Engine as _;
use proptest::prelude::*;

use super::*;
use crate::redact::PseudonymKey;

fn engine() -> Engine {
    let key = PseudonymKey::new(3, &[7; 32]).unwrap();
    Engine::new(Arc::new(Redactor::new(key)), Options::default())
}

fn redacted(line: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    engine().line(&mut State::new(), None, line, &mut out);
    out
}

fn text(line: &str) -> String {
    String::from_utf8(redacted(line.as_bytes())).unwrap()
}

/// Lines with what must go between `⟦` and `⟧`; all else must stay as it is.
const LINES: &[&str] = &[
    "IMEI ⟦490154203237518⟧ blocked, mobile 404 page, phone 12 templates",
    "card exp ⟦12/27⟧ cvv ⟦123⟧ amount 99.90, exp 1798358400, ending in 5 seconds",
    "born ⟦1985-07-14⟧, DOB ⟦14.07.1985⟧ on 2026-03-02, ZIP ⟦80331⟧, zip 9",
    "VAT ⟦DE129273398⟧, VAT 19%, passport ⟦C01X00T47⟧, passport-jwt 4.0.1, pin 4096 pages",
    "at (/app/address.js:12:5) latitude ⟦52.520008⟧ longitude ⟦-13.404954⟧",
    "{\"recipient\":{\"line1\":\"⟦Hauptstraße 5⟧\",\"cc\":\"DE\"}}",
    // Access logs.
    r#"⟦203.0.113.9⟧ - ⟦alice⟧ [10/Oct/2026:13:55:36 +0000] "GET /orders/028-0340236-1234567?email=⟦a%40b.example⟧&page=2 HTTP/1.1" 200 2326"#,
    r#"10.0.0.1 - - [10/Oct/2026:13:55:36 +0000] "GET /healthz HTTP/1.1" 200 2 "-" "ELB-HealthChecker/2.0""#,
    "GET /validate/⟦12%20Example%20Street⟧/⟦12345⟧?carrier=x 200",
    r#"Content-Disposition: form-data; name="passwort" | ⟦W0dn+x5KN⟧ | Content-Disposition: form-data; name="lang" | cs-CZ"#,
    "changed: [ip-10-70-145-57] => item={mail: ⟦jane@b.example⟧, shell: /bin/false, groups: [lager]}",
    "=ERROR REPORT==== 18-Nov-2026::05:50:10 === peer ⟦2001:db8::10⟧ gone",
    r#"{"ім’я": "⟦Людмила⟧", "імʼя": "⟦Людмила⟧"}"#,
    "adressen.csv content=⟦TmFtZTtTdHJhc3NlO1BMWgpSb2hpdCBCYWxhc3VicmFtYW5pYW47NjIsIDR0aCBDcm9zcywgSmF5YW5hZ2FyOzYxNCA1NDc=⟧",
    "GET /a?q1=⟦4111 1111 1111 1111⟧&n=1 200",
    // Pairs.
    r#"level=info msg="label created" recipient="⟦Jane Doe⟧" order=028-0340236-1234567 took=5.5"#,
    r#"{"buyer":{"name":"⟦Jane \"JJ\" Doe⟧","id":17},"sku":"A-1"}"#,
    r#"{"body":"{\"buyerEmail\":\"⟦jane\\u0040mail.example⟧\"}"}"#,
    r#"{"fields":[{"name":"customer_email","value":"⟦jd⟧"},{"value":"⟦Jane⟧","name":"first_name"},{"name":"sku","value":"A1"}]}"#,
    r#"{"emails":["⟦a@b.example⟧","⟦c@d.example⟧"],"n":[1,2]}"#,
    "Order{id=028-0340236-1234567, buyer=Buyer{name=⟦Jane van Doe⟧, phone=⟦+49 176 5550 1234⟧}, total=3.199,96}",
    r#"{"buyer_name"=>"⟦Jane Doe⟧", :page=>2}"#,
    "Array ( [email] => ⟦a@b.example⟧ [total] => 19.95 )",
    r#"a:1:{s:10:"buyer_name";s:8:"⟦Jane Doe⟧";}"#,
    // Markup, forms, SQL.
    "<Order><BuyerName>⟦Jane Doe⟧</BuyerName><SKU>LAMP.1</SKU></Order>",
    "INSERT INTO buyers (id, email, name) VALUES ('028-0340236-1234567', '⟦o''brien@b.example⟧', '⟦Jane Doe⟧') -- 8.343 ms",
    "UPDATE users SET last_name = '⟦Doe⟧', visits = 3 WHERE id = 7",
    "grant_type=refresh_token&client_secret=⟦amzn1.oa2-cs.v1.00ff⟧&client_id=amzn1.application-oa2-client.00ff",
    // Headers.
    "Cookie: session=⟦abc⟧; lang=de",
    "x-forwarded-for: ⟦2001:db8::1⟧, 172.26.178.96",
    "authorization: Basic ⟦YWxpY2U6c2VjcmV0⟧",
    "connect to https://⟦alice⟧:⟦s$cr#t⟧@ftp.example.net/x",
    // Beside what is personal, under keys that nobody knows.
    r#"{"mail":"⟦a@b.example⟧","whoCares":"⟦Quill Ndiaye⟧","reachAt":"⟦07700 900123⟧","receiptNumber":"5148-8508","method":"Parcel Box"}"#,
    r#"{"rcv":{"fn":"⟦Quill⟧","ln":"⟦Ndiaye⟧","st":"⟦Ilica 12⟧","pc":"⟦10000⟧"},"fn":"Handler","st":"Done"}"#,
    "GET /label?n=⟦Bronte+McAllister⟧&s=⟦Kingsway+Road+4⟧&z=⟦86150⟧&o=271-5573345-2577356 200",
    "<to name=\"⟦Quill Ndiaye⟧\" zip=\"⟦50968⟧\" countryCode=\"DE\"/>",
    "<input name=\"billing_lastname\" value=\"⟦Ndiaye⟧\"><input name=\"sku\" value=\"AB-12\">",
    "<table><tr><th>Order</th><th>Customer</th></tr><tr><td>302-5550001-1234567</td><td>⟦Quill Ndiaye⟧</td></tr></table>",
    "<tr><td>Name</td><td>⟦Quill Ndiaye⟧</td></tr><tr><td>Status</td><td>SHIPPED</td></tr>",
    "<tr><td>Name</td><td>api-gateway</td></tr>",
    "<b:Name>⟦Quill Ndiaye⟧</b:Name><b:StreetLine>⟦Nowhere 7⟧</b:StreetLine><b:Reference>302-5550001-1234567</b:Reference>",
    "dn: uid=7080c5,dc=example | cn:: ⟦UXVpbGwgTmRpYXll⟧ | objectClass: person",
    "PID|1||12345||⟦DOE^JANE⟧||⟦19800101⟧|F",
    "login_failed passwort_versuch=⟦k7VdLG0$sE3⟧ versuche=7/10",
    "⟦王小明⟧様、追跡番号：LX119557417DE",
    "GET /cas?service=https%253A%252F%252Fa.example%252Fc%253Fnome%253D⟦Quill%2520Ndiaye⟧%2526morada%253D⟦Ilica%252012⟧%2526ref%253D7 1",
    "<a><email><![CDATA[⟦zoe@buyer.example⟧]]></email><address><city><![CDATA[⟦Zagreb⟧]]></city><upd>2026-11-06 07:11:10</upd></address></a>",
    // What an operator needs.
    r#"{"md5OfBody":"5faf1f5064134d2e6a014382dbaed95b"} statement=STMT-2026-3076 msgId=CAMT41882098100377 serial=2026111853 wersja 17.0.5.71"#,
    "floor=8,397.53 dsn=4.7.1 driver=com.mysql.cj.jdbc.Driver Direction=inbound subject=\"Order shipped\"",
    r#"{"name":"POST /shipments/{id}/labels","message":"Gateway Timeout","barkod":"5904883978362"}"#,
    "pod label-worker-dbhhpphhzp-qppzf version 4.13.1.60 at 0.0.0.0:8443 git@github.com:acme/portal.git lodash@4.17.21",
    "2026-11-22 01:57:50,417 DEBUG [sync-64] c.a.Orders synced 039-3787677-1795161 asin=B03VTGLTMQ commit ge3ff991 took 685ms",
    "trace=8f2191616116c7655998523f8a6e768d ean=5900393668496 tracking=9400113623423563757011 start=1763923967121",
];

#[test]
fn what_is_personal_goes_and_nothing_else() {
    for sample in LINES {
        let line: String = sample.chars().filter(|character| !matches!(character, '⟦' | '⟧')).collect();
        let out = text(&line);
        let mut rest = out.as_str();
        for (index, part) in sample.split(['⟦', '⟧']).enumerate() {
            if index % 2 == 1 {
                assert!(rest.starts_with("pii_"), "{part} stayed in {out}");
                let end =
                    rest.find(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_').unwrap_or(rest.len());
                rest = &rest[end..];
            } else {
                rest = rest.strip_prefix(part).unwrap_or_else(|| panic!("{part:?} is not at {rest:?} of {out}"));
            }
        }
        assert_eq!(rest, "", "{out}");
    }
}

#[test]
fn a_key_over_several_lines_goes_whole() {
    let (engine, mut state) = (engine(), State::new());
    let begin = concat!("x -----BEGIN ", "PRIVATE KEY-----");
    let end = concat!("-----END ", "PRIVATE KEY-----");
    let lines = [begin, "MIIEvQIBADANBgkqhkiG", "9w0BAQEFAASCBKcwggSj", end, "level=info ready"];
    let mut all = Vec::new();
    for line in lines {
        engine.line(&mut state, None, line.as_bytes(), &mut all);
        all.push(b'\n');
    }
    let all = String::from_utf8(all).unwrap();
    assert!(!all.contains("MII") && !all.contains("9w0"), "{all}");
    assert!(all.ends_with("level=info ready\n"), "{all}");
}

#[test]
fn columns_are_known_by_their_first_line() {
    let (engine, mut state) = (engine(), State::new());
    let mut all = Vec::new();
    for line in ["order-id\tbuyer-name\tship-city\tsku", "028-0340236-1234567\tJane Doe\tBonn\tA-1", "", "done"] {
        engine.line(&mut state, None, line.as_bytes(), &mut all);
        all.push(b'\n');
    }
    let all = String::from_utf8(all).unwrap();
    assert!(!all.contains("Jane") && !all.contains("Bonn"), "{all}");
    assert!(all.contains("028-0340236-1234567\t") && all.contains("\tA-1\n") && all.ends_with("\ndone\n"), "{all}");
}

#[test]
fn a_part_of_a_form_is_known_by_its_head() {
    let (engine, mut state) = (engine(), State::new());
    let mut all = Vec::new();
    for line in ["Content-Disposition: form-data; name=\"buyer_name\"\r", "\r", "jane\r", "--x--\r"] {
        engine.line(&mut state, None, line.as_bytes(), &mut all);
        all.push(b'\n');
    }
    let all = String::from_utf8(all).unwrap();
    assert!(!all.contains("jane") && all.contains("--x--"), "{all}");
}

#[test]
fn without_a_key_there_are_markers_alone() {
    let engine = Engine::new(Arc::new(Redactor::hiding()), Options::default());
    let mut out = Vec::new();
    engine.line(&mut State::new(), None, b"mail to a@b.example", &mut out);
    assert_eq!(out, b"mail to pii_email_hidden");
}

#[test]
fn what_is_wrapped_too_often_is_not_shown() {
    let mut value = String::from("jane@mail.example");
    for _ in 0..12 {
        value = percent(&value);
    }
    let out = text(&format!("q?x={value} ok"));
    assert!(out.contains("[unparsed len=") && out.ends_with(" ok") && !out.contains("%25"), "{out}");
}

/// Bytes of line that are searched for each byte of it, decoded texts included: what keeps a long line's cost to its
/// length.
#[test]
fn a_long_line_is_searched_a_few_times_and_no_more() {
    let parts = [
        "name=\"x",
        "{\"a\":[",
        "(user=a,b",
        "%2540",
        " VALUES (",
        "eyJhbGciOiJub25lIn0.",
        "-----BEGIN X KEY-----",
        "?a=+",
        "=?utf-8?B?",
        "form-data; name=\"email\"",
        "<Name><![CDATA[",
        "\";s:1:\"",
        "NAD+'",
        "\\\\",
    ];
    for part in parts {
        let line = part.repeat(200_000 / part.len());
        let (engine, mut state, mut out) = (engine(), State::new(), Vec::new());
        engine.line(&mut state, None, line.as_bytes(), &mut out);
        let left = state.work;
        assert!(left > line.len() * (WORK_PER_BYTE - 12), "{part}: {left} of {}", line.len() * WORK_PER_BYTE);
        assert!(out.len() < 4 * line.len(), "{part}: {}", out.len());
    }
}

#[test]
fn counts_say_what_was_done() {
    let (engine, mut state, mut out) = (engine(), State::new(), Vec::new());
    engine.line(&mut state, None, b"a@b.example from 203.0.113.9", &mut out);
    engine.line(&mut state, None, b"nothing", &mut out);
    let stats = state.stats();
    assert_eq!((stats.lines, stats.changed, stats.unparsed), (2, 1, 0));
    assert_eq!(stats.by_kind().collect::<Vec<_>>(), [("email", 1), ("ip", 1)]);
}

fn percent(value: &str) -> String {
    percent_encoding::utf8_percent_encode(value, percent_encoding::NON_ALPHANUMERIC).to_string()
}

fn unicode(value: &str) -> String {
    let mut out = String::new();
    for unit in value.encode_utf16() {
        let _ = write!(out, "\\u{unit:04x}");
    }
    out
}

fn encoded(value: &str, by: u8) -> String {
    match by {
        0 => percent(value),
        1 => unicode(value),
        2 => value.bytes().fold(String::new(), |mut out, byte| {
            let _ = write!(out, "\\x{byte:02x}");
            out
        }),
        3 => value.chars().fold(String::new(), |mut out, character| {
            let _ = write!(out, "&#{};", u32::from(character));
            out
        }),
        4 => base64::engine::general_purpose::STANDARD.encode(value),
        5 => base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(value),
        6 => value.bytes().fold(String::new(), |mut out, byte| {
            let _ = write!(out, "{byte:02x}");
            out
        }),
        7 => serde_json::to_string(value).unwrap(),
        // A form.
        8 => percent(value).replace("%20", "+"),
        9 => value.chars().fold(String::new(), |mut out, character| {
            let _ = write!(out, "&#x{:x};", u32::from(character));
            out
        }),
        _ => value.bytes().fold(String::new(), |mut out, byte| {
            let _ = write!(out, "%{byte:02x}");
            out
        }),
    }
}

/// Encodings that [`encoded`] knows.
const ENCODINGS: u8 = 11;

/// A value of each kind that stands by itself or with its key, and what of it must not be seen.
const EVERY_KIND: [(&str, &str); 14] = [
    ("jane.doe@mail.example", "jane.doe"),
    ("DE89 3704 0044 0532 0130 00", "0044 0532"),
    ("4111 1111 1111 1111", "1111 1111"),
    ("203.0.113.77", "203.0.113"),
    ("2001:db8:1:2::77", "2001:db8"),
    ("+49 176 5550 1234", "5550 1234"),
    ("Atza|IwEBIJxxxxxxxxxxxxxxxxxx", "IwEBIJ"),
    ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJqYW5lIn0.c2lnbmF0dXJlLXg", "c2lnbmF0dXJl"),
    ("amzn1.oa2-cs.v1.00ff00ff00ff00ff00ff00ff00ff00ff", "00ff00ff00ff"),
    ("buyer_name=Jane Doe", "Jane Doe"),
    ("street=12 Example Street", "Example Street"),
    ("password=Hunter2-Hunter2", "Hunter2"),
    ("Cookie: session=s3cr3ts3cr3t", "s3cr3ts3cr3t"),
    ("00:1b:44:11:3a:b7", "44:11:3a"),
];

const VALUES: [&str; 8] = [
    "jane.doe@mail.example",
    "müller@bücher.example",
    "DE89 3704 0044 0532 0130 00",
    "4111 1111 1111 1111",
    "203.0.113.77",
    "Atza|IwEBIJxxxxxxxxxxxxxxxxxx",
    "+49 176 5550 1234",
    "buyer_name=Jane Doe",
];

const KEPT: [&str; 10] = [
    "028-0340236-1234567",
    "B03VTGLTMQ",
    "2026-11-14T15:18:00.123Z",
    "1763923967121",
    "8f2191616116c7655998523f8a6e768d",
    "6f253ba5-8f7f-4d56-b549-fd35460d3188",
    "4.17.21",
    "10.1.2.3",
    "label-worker-dbhhpphhzp-qppzf",
    "9400113623423563757011",
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn no_chain_of_three_encodings_hides_a_value(
        value in prop::sample::select(VALUES.to_vec()),
        chain in prop::collection::vec(0u8..ENCODINGS, 0..=3),
        frame in prop::sample::select(vec!["x={}", "GET /a?q1={}&n=1 200", "{\"field\":\"{}\"}", "said {} then"]),
    ) {
        let wrapped = chain.iter().fold(value.to_owned(), |text, by| encoded(&text, *by));
        let line = frame.replacen("{}", &wrapped, 1);
        let out = text(&line);
        let core = value.rsplit('=').next().unwrap_or(value);
        prop_assert!(!out.contains(&wrapped) && !out.contains(core), "{chain:?} {line} gave {out}");
    }

    #[test]
    fn what_an_operator_needs_stays(
        words in prop::collection::vec(prop::sample::select(KEPT.to_vec()), 1..6),
        keys in prop::collection::vec(prop::sample::select(vec!["order", "asin", "at", "trace", "ref", "pod"]), 6),
    ) {
        let line: Vec<String> = words.iter().zip(&keys).map(|(word, key)| format!("{key}={word}")).collect();
        let line = line.join(" ");
        prop_assert_eq!(text(&line), line);
    }

    #[test]
    fn twice_is_as_once(
        lines in prop::collection::vec(prop::sample::select(LINES.to_vec()), 1..4),
        between in prop::sample::select(vec![" ", "\t", " | ", "; "]),
        cut in 0usize..400,
    ) {
        let mut line = lines.join(between).replace(['⟦', '⟧'], "");
        line.truncate((0..=cut.min(line.len())).rev().find(|at| line.is_char_boundary(*at)).unwrap_or(0));
        let once = redacted(line.as_bytes());
        let twice = redacted(&once);
        prop_assert_eq!(String::from_utf8_lossy(&twice), String::from_utf8_lossy(&once), "{}", line);
    }

    /// What a stream remembers saves time and changes nothing, whatever numbers stand in its lines.
    #[test]
    fn what_is_remembered_changes_nothing(
        lines in prop::collection::vec(prop::sample::select(LINES.to_vec()), 1..4),
        numbers in prop::collection::vec(prop::collection::vec(0u8..10, 1..40), 1..6),
    ) {
        let (engine, mut state) = (engine(), State::new());
        let line = lines.join(" ").replace(['⟦', '⟧'], "");
        for digits in numbers {
            let mut next = digits.iter().cycle();
            let other: String = line
                .chars()
                .map(|letter| if letter.is_ascii_digit() { char::from(b'0' + next.next().unwrap()) } else { letter })
                .collect();
            for line in [&line, &other, &other] {
                let mut out = Vec::new();
                state.carry = carry::Carry::default();
                engine.line(&mut state, None, line.as_bytes(), &mut out);
                let fresh = redacted(line.as_bytes());
                prop_assert_eq!(String::from_utf8_lossy(&out), String::from_utf8_lossy(&fresh));
            }
        }
    }

    #[test]
    fn any_bytes_come_through(line in prop::collection::vec(any::<u8>(), 0..300)) {
        let (engine, mut state, mut out) = (engine(), State::new(), Vec::new());
        engine.line(&mut state, None, &line, &mut out);
        prop_assert_eq!(state.stats().unparsed, out.windows(9).filter(|part| part == b"[unparsed").count() as u64);
    }

    #[test]
    fn structure_in_any_order_comes_through(
        parts in prop::collection::vec(prop::sample::select(vec![
            "{", "}", "[", "]", "\"", "'", "\\", "name", "email", ":", "=", "=>", ",", ";", "&", "?", "<Name>", "</Name>", "VALUES (",
            "s:3:\"", "\";s:", "%41", "\\u0041", " a@b.example ", "4111111111111111", " ", "|", "NAD+", "-u ", "Bearer ", "://", "@", "\n", "é",
        ]), 0..40),
    ) {
        let line = parts.concat();
        let (engine, mut state, mut out) = (engine(), State::new(), Vec::new());
        engine.line(&mut state, None, line.as_bytes(), &mut out);
        prop_assert_eq!(state.stats().unparsed, 0, "{}", line);
        prop_assert!(!String::from_utf8_lossy(&out).contains("a@b.example"), "{} gave {}", line, String::from_utf8_lossy(&out));
    }
}

/// Pieces of lines, put together without sense.
const PIECES: [&str; 20] = [
    "Jane Doe",
    "|",
    ";",
    ", ",
    "\t",
    "12 Example Street",
    "0151 555 0123",
    "phone=",
    "{\"name\":\"",
    "\"}",
    "('",
    "')",
    "028-0340236-1234567",
    "jane@mail.example",
    " = $1 ",
    "%20",
    "order ",
    "to ",
    "K1A 0B1",
    "binding parameter [",
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    /// Whatever the first pass leaves, the second one leaves as well, of noise too.
    #[test]
    fn a_second_pass_over_noise_changes_nothing(
        order in proptest::collection::vec(0..PIECES.len(), 1..14),
        chain in proptest::collection::vec(0u8..ENCODINGS, 0..=2),
    ) {
        let line: String = order.iter().map(|index| PIECES[*index]).collect();
        let line = chain.iter().fold(line, |text, by| encoded(&text, *by));
        let once = redacted(line.as_bytes());
        let twice = redacted(&once);
        prop_assert_eq!(String::from_utf8_lossy(&twice), String::from_utf8_lossy(&once), "{}", line);
    }

    #[test]
    fn a_second_pass_over_lines_that_were_cut_and_mixed_changes_nothing(
        lines in proptest::collection::vec(prop::sample::select(LINES.to_vec()), 1..4),
        cuts in proptest::collection::vec((0usize..600, 0usize..600), 0..4),
        letters in proptest::collection::vec((0usize..600, prop::sample::select(vec!["\"", "'", "{", "}", "=", ":", ",", "&", "<", ">", "\\", "%", " ", "|", "+"])), 0..4),
    ) {
        let mut line: Vec<char> = lines.join(" ").replace(['⟦', '⟧'], "").chars().collect();
        for (from, to) in cuts {
            let (from, to) = (from.min(line.len()), to.min(line.len()));
            if from < to && to - from < 40 {
                line.drain(from..to);
            }
        }
        for (at, letter) in letters {
            let at = at.min(line.len());
            line.splice(at..at, letter.chars());
        }
        let line: String = line.into_iter().collect();
        let once = redacted(line.as_bytes());
        let twice = redacted(&once);
        prop_assert_eq!(String::from_utf8_lossy(&twice), String::from_utf8_lossy(&once), "{}", line);
    }
}

/// Every value under every chain of up to three encodings: 1,464 chains for each kind of value.
#[test]
fn no_value_of_any_kind_is_hidden_by_any_chain_of_three_encodings() {
    let frames = ["x={}", "GET /a?q1={}&n=1 200", "{\"field\":\"{}\"}", "said {} then", "<a>{}</a>", "a, {}, b"];
    let (engine, mut state, mut out) = (engine(), State::new(), Vec::new());
    let mut count = 0_usize;
    for (value, core) in EVERY_KIND {
        let mut chains: Vec<(Vec<u8>, String)> = vec![(Vec::new(), (*value).to_owned())];
        let mut from = 0;
        for _ in 0..3 {
            let to = chains.len();
            for index in from..to {
                for by in 0..ENCODINGS {
                    let (chain, text) = &chains[index];
                    let next = ([&chain[..], &[by]].concat(), encoded(text, by));
                    chains.push(next);
                }
            }
            from = to;
        }
        for (chain, wrapped) in chains {
            let line = frames[count % frames.len()].replacen("{}", &wrapped, 1);
            count += 1;
            out.clear();
            engine.line(&mut state, None, line.as_bytes(), &mut out);
            let shown = String::from_utf8_lossy(&out);
            assert!(!shown.contains(&wrapped) && !shown.contains(core), "{chain:?} {line} gave {shown}");
        }
    }
    assert_eq!(count, EVERY_KIND.len() * 1464);
}
