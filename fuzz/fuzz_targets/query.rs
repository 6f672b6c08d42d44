//! Query redaction: nothing with an `@` is ever shown, whatever it is called and however it is encoded.

#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use portcullis::redact::{Name, PseudonymKey, Redactor, query};

static REDACTOR: LazyLock<Redactor> =
    LazyLock::new(|| Redactor::new(PseudonymKey::new(1, &[7; 32]).expect("long enough")));
static ALLOWED: LazyLock<[Name; 3]> =
    LazyLock::new(|| ["MarketplaceIds", "CreatedAfter", "q"].map(|name| Name::configured(name).expect("a name")));

fuzz_target!(|raw: &str| {
    let (shown, hidden) = query(raw, &*ALLOWED, &REDACTOR);
    let parts = raw.split(['&', ';']).filter(|part| !part.is_empty()).count();
    assert_eq!(shown.len() + hidden as usize, parts, "a parameter is neither shown nor counted");
    for (_, value) in &shown {
        assert!(!value.as_str().contains(['@', '%']) && value.as_str().len() < 8192, "{value}");
    }
});
