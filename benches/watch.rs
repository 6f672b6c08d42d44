//! What watching costs: sanctions that are asked for, canaries that are looked for. Plain loops, the best of many rounds:
//! `cargo bench --bench watch`.
#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    clippy::disallowed_macros,
    clippy::print_stdout,
    clippy::cast_precision_loss,
    clippy::format_push_string,
    reason = "a bench prints what it measured, and panics if it cannot"
)]

use std::hint::black_box;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::time::{Duration, Instant};

use portcullis::audit::{PolicyRecord, Trail};
use portcullis::clock::{Clock, Ticks};
use portcullis::policy::settings::Mode;
use portcullis::redact::{Name, Redacted};
use portcullis::watch::canary::{CanaryKey, CanarySet, Kind as Planting, Planted, Scanner, forms};
use portcullis::watch::{Asked, Author, Imposition, Keys, Kind, Sanctions, Shown, Subject};
use zeroize::Zeroizing;

fn main() {
    sanctions();
    canaries();
}

/// The best of 50 rounds, for each call.
fn measure(name: &str, calls: u32, mut call: impl FnMut()) -> f64 {
    let best = (0..50)
        .map(|_| {
            let start = Instant::now();
            (0..calls).for_each(|_| call());
            start.elapsed()
        })
        .min()
        .unwrap_or(Duration::ZERO);
    let each = best.as_nanos() as f64 / f64::from(calls);
    println!("{name:<60} {each:>12.1} ns");
    each
}

fn name(text: &str) -> Name {
    Name::configured(text).unwrap()
}

fn sanctions() {
    let sanctions = Sanctions::new(Keys::new([1; 16]), Clock::system(), Trail::off());
    let route = name("orders");
    let mut number = 0_u32;
    let mut ask = |sanctions: &Sanctions| {
        number = number.wrapping_add(7919);
        let asked = Asked {
            caller: None,
            presents: false,
            address: IpAddr::V4(Ipv4Addr::from_bits(number)),
            role: None,
            route: Some(&route),
            wall: 0,
        };
        black_box(sanctions.shuts_out(&asked, Ticks(1)).is_none());
        black_box(sanctions.judge(&asked, Ticks(1)).is_none());
    };
    measure("sanctions, nothing imposed: both questions of a request", 100_000, || ask(&sanctions));
    for number in 0..10_000 {
        sanctions.impose(Imposition {
            subject: Subject::Address(sanctions.keys().address(IpAddr::V4(Ipv4Addr::from_bits(number)))),
            shown: Shown::Address(Redacted::literal("hidden")),
            kind: Kind::Lock,
            until: None,
            cause: name("bench"),
            mode: Mode::Enforce,
            spares_proven: false,
            author: Author::Gate,
            failures: 1,
            request: None,
            policy: Arc::new(PolicyRecord { digest: name("bench"), enforced: true }),
        });
    }
    measure("sanctions, 10,000 addresses locked: both questions", 100_000, || ask(&sanctions));
}

/// A marketplace's page of orders, some 1 MiB.
fn orders() -> String {
    let mut json = "{\"payload\":{\"Orders\":[".to_owned();
    let mut number = 1_u64;
    while json.len() < 1 << 20 {
        number = number.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let (a, b) = (number >> 40 & 0xf_ffff, number >> 20 & 0xf_ffff);
        json.push_str(&format!(
            "{{\"AmazonOrderId\":\"902-{a:07}-{b:07}\",\"PurchaseDate\":\"2026-11-{:02}T08:{:02}:11Z\",\"OrderStatus\":\
             \"Shipped\",\"FulfillmentChannel\":\"MFN\",\"OrderTotal\":{{\"CurrencyCode\":\"EUR\",\"Amount\":\"{}.95\"}},\
             \"BuyerInfo\":{{\"BuyerEmail\":\"buyer{a}@marketplace.example\",\"BuyerName\":\"Buyer Number {b}\"}},\
             \"ShippingAddress\":{{\"AddressLine1\":\"{} Example Street\",\"City\":\"Sampleton\",\"PostalCode\":\"{:05}\",\
             \"CountryCode\":\"DE\"}},\"NumberOfItemsShipped\":1,\"IsPrime\":false}},",
            a % 28 + 1,
            b % 60,
            a % 500,
            b % 200,
            a % 99_999,
        ));
    }
    json.push_str("]}}");
    json
}

fn canaries() {
    let json = orders();
    let bytes = json.as_bytes();
    for (what, kind, value) in [
        ("10,000 order ids of 17 and 19 bytes", Planting::OrderId, "902-{:07}-1234567"),
        ("10,000 e-mail addresses of 30 bytes", Planting::Email, "zelda.{:07}@planted.example.com"),
        ("10,000 names of 11 bytes", Planting::Name, "Ze {:08}"),
    ] {
        let key = CanaryKey::new(&Zeroizing::new([1; 32]));
        let planted = (0..10_000_u32).flat_map(|number| {
            // None of them is in the answer: what is measured is the common case.
            let value =
                value.replace("{:07}", &format!("{:07}", 9_000_000 + number)).replace("{:08}", &format!("{number:08}"));
            let forms = forms(kind, &value).unwrap();
            forms.iter().map(|form| Planted::new(&key, &name("bench"), kind, form).unwrap()).collect::<Vec<_>>()
        });
        let planted: Vec<_> = planted.collect();
        let set = Arc::new(CanarySet::new(key, planted).unwrap());
        let each = measure(&format!("1 MiB of JSON in pieces of 16 KiB, {what}"), 20, || {
            let mut scanner = Scanner::answer(&set);
            for piece in bytes.chunks(16 * 1024) {
                assert!(scanner.read(piece).is_empty());
            }
        });
        println!("{:<60} {:>12.3} ns", "    for each byte", each / bytes.len() as f64);
    }
}
