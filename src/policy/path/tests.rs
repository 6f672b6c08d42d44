use proptest::prelude::*;

use super::*;
use crate::policy::testing::open_table;

const PROFILES: [PathProfile; 4] = [PathProfile::Default, PathProfile::Tomcat, PathProfile::Iis, PathProfile::Php];

fn parse(raw: &str, profile: PathProfile) -> Result<String, PathFault> {
    CanonicalPath::parse(raw, profile).map(|path| path.as_str().to_owned())
}

fn strict(raw: &str) -> Result<String, PathFault> {
    parse(raw, PathProfile::Default)
}

#[test]
fn each_fault_is_found() {
    let long = format!("/{}", "a".repeat(8 * 1024));
    let deep = "/a".repeat(65);
    let rows: &[(PathFault, &[&str])] = &[
        (PathFault::Empty, &[""]),
        (PathFault::NotAbsolute, &["*", "a", "http://x/", "%2Fa", "\\a", "host:443", " /a"]),
        (PathFault::TooLong, &[&long]),
        (PathFault::TooManySegments, &[&deep]),
        (PathFault::Nul, &["/\0", "/a%00", "/%00.png"]),
        (PathFault::Control, &["/\n", "/\x7f", "/%0d%0A", "/%7f", "/%1F", "/%c2%80", "/%C2%9F", "/%09"]),
        (PathFault::Fragment, &["/a#b", "/#", "/a#/../b"]),
        (PathFault::Backslash, &["/a\\b", "/a%5Cb", "/a%5cb", "/..\\a", "/%5c%5c"]),
        (PathFault::Semicolon, &["/a;b", "/a;", "/a%3Bb", "/a%3b", "/..;/a", "/;/a"]),
        (PathFault::MalformedPercent, &["/%", "/%2", "/%zz", "/a%z1b", "/%u002f", "/%%32%65", "/%2%35", "/% 20"]),
        (PathFault::DoubleEncoding, &["/%252F", "/%252e%252e/", "/%25%32%46", "/%25%32f", "/a%2500", "/%25u002F"]),
        (PathFault::NotUtf8, &["/%ff", "/%C0%AF", "/%c0%ae%c0%ae", "/%E0%80%AF", "/%C3", "/%C3x", "/%ED%A0%80"]),
        (PathFault::NotUtf8, &["/%80", "/%F4%90%80%80", "/%F0%80%80%AF", "/%E2%82/%AC", "/%c3%28"]),
        (PathFault::DotDot, &["/..", "/../", "/a/..", "/a/../b", "/%2e%2e", "/.%2E/", "/%2E./x", "/a//../b"]),
        (PathFault::DotDot, &["/a/..%2Fb", "/a%2F..%2fb", "/a%2f%2e%2e", "/..%20/a", "/.%20", "/a/..%20%20"]),
        (PathFault::NonAscii, &["/é", "/a/ſ", "/İ", "/\u{80}", "/\u{ff0f}"]),
        (PathFault::Character, &["/a b", "/a\"b", "/<", "/>", "/^", "/`", "/{id}", "/}", "/|", "/[a]", "/a?b"]),
    ];
    for (fault, raws) in rows {
        for raw in *raws {
            assert_eq!(strict(raw), Err(*fault), "{raw:?}");
        }
    }
}

#[test]
fn each_fault_has_a_code_of_its_own() {
    let codes: std::collections::HashSet<_> = PathFault::ALL.iter().map(|fault| fault.code()).collect();
    assert_eq!(codes.len(), PathFault::ALL.len());
    for code in codes {
        assert!(
            code.starts_with("path_") && code.bytes().all(|byte| byte.is_ascii_lowercase() || b"_8".contains(&byte))
        );
    }
}

#[test]
fn other_spellings_come_into_canonical_form() {
    for (raw, canonical) in [
        ("//", "/"),
        ("/.", "/"),
        ("/./", "/"),
        ("/%2e/", "/"),
        ("//evil.example/a", "/evil.example/a"),
        ("///a//b///", "/a/b/"),
        ("/a/./b/.", "/a/b/"),
        ("/a/%2E/b", "/a/b"),
        ("/%61%2d%5A%5f%7e%39", "/a-Z_~9"),
        ("/a%2fb", "/a%2Fb"),
        ("/%c3%a9", "/%C3%A9"),
        ("/a%3ab%40", "/a%3Ab%40"),
    ] {
        assert_eq!(strict(raw), Ok(canonical.to_owned()), "{raw}");
    }
}

#[test]
fn ordinary_look_alikes_pass_as_they_are() {
    let ordinary = [
        "/",
        "/a/",
        "/files/report..pdf",
        "/a/...",
        "/...",
        "/v1.2/x",
        "/orders/ABC-123",
        "/x/%20y",
        "/100%25",
        "/100%25%20off",
        "/~user",
        "/@scope/pkg",
        "/.well-known/x",
        "/a.",
        "/..a",
        "/a..",
        "/%C3%A9t%C3%A9",
        "/a%2Fb",
        "/a:b",
        "/a,b=c",
        "/!$&'()*+,=:@-._~",
        "/*",
        "/a%3Fb",
        "/a%23b",
        "/%E2%82%AC",
        "/%F0%9F%98%80",
        "/a%20b/c.php",
    ];
    for raw in ordinary {
        let path = CanonicalPath::parse(raw, PathProfile::Default).unwrap_or_else(|fault| panic!("{raw}: {fault}"));
        assert_eq!((path.as_str(), path.is_unchanged()), (raw, true));
        assert_eq!(path.has_encoded_slash(), raw.contains("%2F"));
    }
    let deepest = "/a".repeat(64);
    assert_eq!(strict(&deepest).as_deref(), Ok(deepest.as_str()));
    assert_eq!(strict(&format!("{deepest}/")), Ok(format!("{deepest}/")));
}

#[test]
fn iis_reads_backslashes_as_slashes_and_takes_no_loose_ends() {
    let iis = |raw| parse(raw, PathProfile::Iis);
    assert_eq!(iis("/a\\b%5cc%5C"), Ok("/a/b/c/".into()));
    assert_eq!(iis("/a\\..\\b"), Err(PathFault::DotDot));
    assert_eq!(iis("/a%5c%2e%2e%5cb"), Err(PathFault::DotDot));
    for raw in ["/a.", "/a%20", "/a./b", "/a.%20/", "/..."] {
        assert_eq!(iis(raw), Err(PathFault::TrailingDotOrSpace), "{raw}");
    }
    for raw in ["/a::$DATA", "/a:b", "/a%3Ab"] {
        assert_eq!(iis(raw), Err(PathFault::Colon), "{raw}");
    }
    assert_eq!(iis("/a;b"), Err(PathFault::Semicolon));
}

#[test]
fn tomcat_keeps_path_parameters_and_does_not_match_them() {
    let tomcat = |raw| parse(raw, PathProfile::Tomcat);
    let path = CanonicalPath::parse("/a;v=1/b;jsessionid=1;x/", PathProfile::Tomcat).expect("a path");
    assert_eq!(path.as_str(), "/a;v=1/b;jsessionid=1;x/");
    assert_eq!(path.segments().collect::<Vec<_>>(), ["a", "b"]);
    for raw in ["/..;/a", "/a/..;x=1/b", "/%2e%2e;a/", "/a;x=%2F..%2Fb"] {
        assert_eq!(tomcat(raw), Err(PathFault::DotDot), "{raw}");
    }
    for raw in ["/;x/a", "/.;/a", "/;", "/a%3Bb", "/%2e;x"] {
        assert_eq!(tomcat(raw), Err(PathFault::Semicolon), "{raw}");
    }
}

/// A raw path of pieces that matter, and of any text.
fn raw_paths() -> impl Strategy<Value = String> {
    let pieces = prop::sample::select(vec![
        "/", "//", ".", "..", "%2e", "%2E", "%2f", "%2F", "%5c", "\\", ";", "%3b", "%25", "%", "2F", "u002f", "%20",
        " ", "a", "B", "admin", "ADM%49N", ".php", ".php/", "%C3%A9", "%c3", "%a9", "é", "%00", "%7E", "%41", "*", "#",
        ":", "@", "%40", "{", "İ", "%C4%B0", "\0", "%0a", "%C2%85", "~", "=",
    ])
    .prop_map(str::to_owned);
    let piece = prop_oneof![4 => pieces, 1 => any::<String>()];
    prop::collection::vec(piece, 0..12).prop_map(|pieces| format!("/{}", pieces.concat()))
}

/// Legal characters spelt in one of their ways.
fn spelt(text: &str, ways: &[u8]) -> String {
    let mut spelling = String::new();
    for (place, byte) in text.bytes().enumerate() {
        match ways[place % ways.len()] {
            0 if byte != b'/' => spelling.push_str(&format!("%{byte:02x}")),
            1 if byte != b'/' => spelling.push_str(&format!("%{byte:02X}")),
            2 if byte == b'/' => spelling.push_str("//"),
            3 if byte == b'/' => spelling.push_str("/./"),
            4 if byte == b'/' => spelling.push_str("/%2e/"),
            _ => spelling.push(char::from(byte)),
        }
    }
    spelling
}

fn assert_canonical(text: &str) {
    assert!(text.starts_with('/') && !text.contains("//"), "{text}");
    assert!(text.split('/').all(|segment| segment != "." && segment != ".."), "{text}");
    for (place, _) in text.match_indices('%') {
        let digits = &text[place + 1..place + 3];
        assert_eq!(digits, digits.to_ascii_uppercase());
        let byte = u8::from_str_radix(digits, 16).expect("hexadecimal digits");
        assert!(!byte.is_ascii_alphanumeric() && !b"-._~;\\".contains(&byte) && !byte.is_ascii_control(), "{text}");
    }
    let decoded = percent_encoding::percent_decode_str(text).decode_utf8().expect("UTF-8");
    assert!(!decoded.chars().any(char::is_control), "{text}");
    assert!(text.is_ascii() && !text.contains(['\\', '#', '?', ' ', '{', '}', '|', '"', '<', '>', '^', '`']), "{text}");
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 2000, ..ProptestConfig::default() })]

    #[test]
    fn what_is_canonical_stays_as_it_is(raw in raw_paths()) {
        for profile in PROFILES {
            let Ok(path) = CanonicalPath::parse(&raw, profile) else { continue };
            assert_canonical(path.as_str());
            let again = CanonicalPath::parse(path.as_str(), profile).expect("canonical text is accepted");
            prop_assert!(again.is_unchanged());
            prop_assert_eq!(again.as_str(), path.as_str());
            prop_assert_eq!(again.traits, path.traits);
            prop_assert!(path.segments().count() <= MAX_SEGMENTS);
        }
    }

    #[test]
    fn no_text_makes_it_panic(raw in any::<String>(), bytes in any::<Vec<u8>>()) {
        for profile in PROFILES {
            for text in [raw.as_str(), &String::from_utf8_lossy(&bytes)] {
                if let Ok(path) = CanonicalPath::parse(text, profile) {
                    prop_assert!(path.readings(true).count() < 24);
                }
            }
        }
    }

    #[test]
    fn unreserved_text_has_one_form_however_it_is_spelt(
        text in "(/[a-zA-Z0-9_~-]{1,6}){1,4}/?", ways in prop::collection::vec(0_u8..6, 1..9)
    ) {
        let spelling = spelt(&text, &ways);
        prop_assert_eq!(strict(&spelling), Ok(text), "{}", spelling);
    }

    #[test]
    fn every_legal_character_is_a_segments_own(segment in "[a-zA-Z0-9._~!$&'()*+,=:@-]{1,12}") {
        prop_assume!(segment != "." && segment != "..");
        let raw = format!("/x/{segment}/y");
        let path = CanonicalPath::parse(&raw, PathProfile::Default).expect("legal characters");
        prop_assert!(path.is_unchanged());
        let table = open_table(&["/x/{segment}/y"]);
        let found = table.find(&path);
        prop_assert_eq!(found.routes[0].captures(&path).collect::<Vec<_>>(), vec![("segment", segment.as_str())]);
    }
}
