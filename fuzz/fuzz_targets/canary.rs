//! Planted records: no bytes, in whatever pieces and under whatever coding, stop the search, make one of what was not
//! planted, or hide what follows them.

#![no_main]

use std::sync::{Arc, LazyLock};

use libfuzzer_sys::fuzz_target;
use portcullis::redact::Name;
use portcullis::watch::canary::{CanaryKey, CanarySet, Coding, Kind, Planted, Reader, Scanner, forms};
use zeroize::Zeroizing;

static SET: LazyLock<Arc<CanarySet>> = LazyLock::new(|| {
    let key = CanaryKey::new(&Zeroizing::new([7; 32]));
    let values = [
        (Kind::OrderId, "902-1234567-7654321"),
        (Kind::Email, "zelda.fitz@mail.example"),
        (Kind::Name, "Zelda Fitzcanary"),
        (Kind::Text, "canary-without-rare-letters"),
    ];
    let planted = values.into_iter().flat_map(|(kind, value)| {
        let name = Name::configured(kind.word()).expect("a name");
        let spelt = forms(kind, value).expect("fit");
        spelt.iter().map(|form| Planted::new(&key, &name, kind, form).expect("fit")).collect::<Vec<_>>()
    });
    let planted = planted.collect();
    Arc::new(CanarySet::new(key, planted).expect("of this key"))
});

fuzz_target!(|input: (u8, &[u8])| {
    let (size, text) = (usize::from(input.0).max(1), input.1);
    let mut scanner = Scanner::answer(&SET);
    let mut request = Scanner::request(&SET, size % 2 == 0);
    let before: usize = text.chunks(size).map(|piece| scanner.read(piece).len()).sum();
    for piece in text.chunks(size) {
        request.read(piece);
    }
    // Two bytes end whatever escape the text ended in.
    let after = scanner
        .read(b"||902-1234567-7654321|zelda.fitz@mail.example|Zelda Fitzcanary|canary-without-rare-letters|")
        .len();
    assert_eq!(before + after, 4);
    for coding in [Coding::Gzip, Coding::Deflate] {
        let mut reader = Reader::answer(&SET, coding);
        let _ = text.chunks(size).try_for_each(|piece| reader.read(piece).map(drop));
    }
});
