//! Redaction of lines: no bytes stop it, what went once does not come back, and an address is never shown.

#![no_main]

use std::sync::{Arc, LazyLock};

use libfuzzer_sys::fuzz_target;
use portcullis::redact::engine::{Engine, Options, State};
use portcullis::redact::{PseudonymKey, Redactor};

static ENGINE: LazyLock<Engine> = LazyLock::new(|| {
    let key = PseudonymKey::new(1, &[7; 32]).expect("long enough");
    Engine::new(Arc::new(Redactor::new(key)), Options::default())
});

fuzz_target!(|lines: &[u8]| {
    let mut state = State::new();
    for line in lines.split(|byte| *byte == b'\n') {
        let mut out = Vec::new();
        ENGINE.line(&mut state, None, line, &mut out);
        assert_eq!(state.stats().unparsed, out.windows(14).filter(|part| part == b"[unparsed len=").count() as u64);
        state = State::new();
        let mut known = line.to_vec();
        known.extend_from_slice(b" jane.doe@mail.example ");
        out.clear();
        ENGINE.line(&mut state, None, &known, &mut out);
        assert!(find(&out, b"jane.doe@mail.example").is_none());
        state = State::new();
    }
});

fn find(text: &[u8], needle: &[u8]) -> Option<usize> {
    text.windows(needle.len()).position(|window| window == needle)
}
