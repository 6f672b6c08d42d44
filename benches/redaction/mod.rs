//! How fast lines go through the redaction engine: megabytes of input for each second of one core.

use std::hint::black_box;
use std::sync::Arc;
use std::time::{Duration, Instant};

use portcullis::redact::engine::{Engine, Options, State};
use portcullis::redact::{PseudonymKey, Redactor};

/// Lines without anything personal, as services write them.
const CLEAN: &[&str] = &[
    "2026-11-22 01:57:50,417 DEBUG [sync-worker-64] org.apache.http.impl.conn.PoolingHttpClientConnectionManager synced \
     order 039-3787677-1795161 asin=B03VTGLTMQ sku=TSHIRT-BLK-XL-269 trace_id=8f2191616116c7655998523f8a6e768d took 685ms",
    "10.89.246.250 - - [21/Nov/2026:03:16:32 +0000] \"GET /orders/v0/orders/444-3606257-6892700/orderItems HTTP/1.1\" 200 \
     266015 \"-\" \"ELB-HealthChecker/2.0\"",
    "2026-11-14T15:18:00.123Z INFO pod label-worker-dbhhpphhzp-qppzf version 4.13.1.60 listening on 0.0.0.0:8443 upstream \
     192.168.134.159:9000",
    "level=info ts=2026-11-07T15:19:45Z caller=store.go:271 msg=\"compaction of index finished without errors\" \
     segments=17 bytes=838861 duration=1.204s",
    "[2026-11-20 03:51:45] production.INFO: Queue worker restarted after deployment, waiting for jobs on connection default",
];

/// Lines full of what must go.
const DENSE: &[&str] = &[
    "117.120.218.8 - - [07/Nov/2026:20:54:56 +0000] \"POST /api/v1/buyers?email=jhoward%40example.in&marketplaceId=\
     A2Q3Y263D00KWC&page=2 HTTP/1.1\" 201 6616315 \"-\" \"Mozilla/5.0 (X11; Linux x86_64; rv:117.0) Gecko/20100101 \
     Firefox/117.0\"",
    "{\"payload\":{\"AmazonOrderId\":\"277-2659075-3140838\",\"BuyerInfo\":{\"BuyerEmail\":\"x8alv@marketplace.example\",\
     \"BuyerName\":\"Marvin Montgomery\"},\"ShippingAddress\":{\"Name\":\"Anna Ewing\",\"AddressLine1\":\"5207 Ward Union\",\
     \"City\":\"Nicholaston\",\"PostalCode\":\"18179\",\"Phone\":\"+91 82211 64694\"},\"IsPrime\":false}}",
    "SQL: INSERT INTO buyers (order_id, email, name, phone) VALUES ('058-0447387-3956479', 'barbara16@example.jp', \
     'Zoey Martens', '+49 (0)89 5443347') -- 8.343 ms",
    "DEBUG app.services Order{id=615-8485981-9407432, buyer=Buyer{name=Mads Kuipers, email=will@example.com, phone=+39 344 \
     1086655}, total=3.199,96}",
    "refund to card 4111 1111 1111 1111 and IBAN DE89 3704 0044 0532 0130 00 (Eric Steen) from 203.0.113.9 failed",
];

/// Lines of each kind, so many that a stream does not remember all of them.
const LINES: usize = 4000;

/// Prints megabytes for each second: of clean lines and of dense ones, always the same; and of lines of the same make, of
/// which each has its own numbers.
pub fn run() {
    let Some(key) = PseudonymKey::new(3, &[7; 32]) else { return };
    let engine = Engine::new(Arc::new(Redactor::new(key)), Options::default());
    let owned = |lines: &[&str]| lines.iter().map(|line| (*line).to_owned()).collect();
    let kinds: [(&str, Vec<String>); 4] = [
        ("redact clean lines, the same ones", owned(CLEAN)),
        ("redact dense lines, the same ones", owned(DENSE)),
        ("redact clean lines, other numbers in each", varied(CLEAN)),
        ("redact dense lines, other people in each", varied(DENSE)),
    ];
    for (name, lines) in kinds {
        let mut state = State::new();
        let mut out = Vec::with_capacity(64 * 1024);
        let bytes: usize = lines.iter().map(|line| line.len() + 1).sum();
        let rounds = (LINES / lines.len()).max(1);
        let best = (0..20)
            .map(|_| {
                let start = Instant::now();
                for _ in 0..rounds {
                    out.clear();
                    for line in &lines {
                        engine.line(&mut state, None, black_box(line.as_bytes()), &mut out);
                        out.push(b'\n');
                    }
                    black_box(&out);
                }
                start.elapsed()
            })
            .min()
            .unwrap_or(Duration::MAX);
        let each = best.as_nanos().max(1);
        let rate = (bytes * rounds) as u128 * 1000 / each;
        super::say(name, &format!("{rate} MB/s"));
    }
}

/// Given names and family names of the varied lines.
const NAMES: [&str; 8] = ["Marvin", "Anna", "Zoey", "Eric", "Laura", "Peter", "Sofia", "Karl"];
const FAMILIES: [&str; 8] = ["Montgomery", "Ewing", "Martens", "Steen", "Keller", "Rossi", "Larsen", "Novak"];

/// The lines over and over, with other names, other small numbers, and other digits at the end of longer ones: a year stays
/// one, an address stays one.
fn varied(lines: &[&str]) -> Vec<String> {
    let mut random = 0x2545_f491_4f6c_dd1d_u64;
    let mut next = move |below: u64| {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        random % below
    };
    lines.iter().cycle().take(LINES).map(|line| another(line, &mut next)).collect()
}

/// `line` with other names and numbers.
fn another(line: &str, next: &mut impl FnMut(u64) -> u64) -> String {
    let mut out = String::with_capacity(line.len());
    let mut before = ' ';
    for word in line.split_inclusive(|letter: char| !letter.is_ascii_alphanumeric()) {
        let core = word.trim_end_matches(|letter: char| !letter.is_ascii_alphanumeric());
        let chosen = |list: &[&str], next: &mut dyn FnMut(u64) -> u64| {
            let index = usize::try_from(next(list.len() as u64)).unwrap_or(0);
            list[index % list.len()].to_owned()
        };
        let digits = core.bytes().filter(u8::is_ascii_digit).count();
        // A year, a status, a percent-escape and what belongs to a checksum stay.
        let stays =
            digits == 0 || before == '%' || core.starts_with("20") || matches!(core, "200" | "201" | "1" | "117");
        if NAMES.contains(&core) {
            out += &chosen(&NAMES, next);
        } else if FAMILIES.contains(&core) {
            out += &chosen(&FAMILIES, next);
        } else if stays {
            out += core;
        } else {
            let last = core.rfind(|letter: char| letter.is_ascii_digit()).unwrap_or(0);
            for (index, letter) in core.char_indices() {
                let other = letter.is_ascii_digit() && (index == last || digits > 4 && index > 1);
                out.push(if other { char::from(b'0' + u8::try_from(next(10)).unwrap_or(0)) } else { letter });
            }
        }
        out += &word[core.len()..];
        before = word.chars().next_back().unwrap_or(' ');
    }
    out
}
