//! Vectors: Go's `sumdb/note` (BSD-3-Clause) and the examples of C2SP's `signed-note` and `tlog-checkpoint`.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use proptest::prelude::*;

use crate::audit::id::RequestId;
use crate::audit::proof::*;
use crate::clock::UnixMillis;
use crate::identity::{dev, secret_file};
use crate::redact::Name;

const PETER: &str = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
const ENOCH: &str = "EnochRoot+af0cfe78+ATtqJ7zOtqQtYqOo0CpvDXNlMhV3HeJDpjrASKGLWdop";
const TEXT: &str =
    "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n";
const PETER_LINE: &str =
    "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";
const ENOCH_LINE: &str =
    "— EnochRoot rwz+eBzmZa0SO3NbfRGzPCpDckykFXSdeX+MNtCOXm2/5n2tiOHp+vAF1aGrQ5ovTG01oOTGwnWLox33WWd1RvMc+QQ=\n";

fn key(text: &str) -> VerifierKey {
    VerifierKey::parse(text).unwrap()
}

fn note(lines: &[&str]) -> Note {
    Note::parse(&format!("{TEXT}\n{}", lines.concat())).unwrap()
}

fn signer(instance: &str) -> CheckpointSigner {
    let pem = dev::ed25519_key().unwrap();
    let der = secret_file::pkcs8_from_pem(pem.as_bytes()).unwrap();
    let origin = Origin::new(&Name::configured(instance).unwrap(), RequestId::new(UnixMillis(1)));
    CheckpointSigner::from_pkcs8(&der, origin).unwrap()
}

#[test]
fn verifier_keys_read_as_elsewhere_and_mangled_ones_do_not() {
    assert_eq!(key(PETER).to_string(), PETER);
    for start in 0..PETER.len() {
        for end in start..=PETER.len() {
            assert!((start, end) == (0, PETER.len()) || VerifierKey::parse(&PETER[start..end]).is_err());
        }
        let mut mangled = PETER.as_bytes().to_vec();
        mangled[start] += 1;
        assert!(VerifierKey::parse(str::from_utf8(&mangled).unwrap()).is_err(), "{start}");
    }
    let long = "PeterNeumann+cc469956+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TWBADKEY==";
    let other = "PeterNeumann+173116ae+ZRpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
    assert_eq!(VerifierKey::parse(long), Err(VerifierKeyFault::Form));
    assert_eq!(VerifierKey::parse(other), Err(VerifierKeyFault::Algorithm));
}

#[test]
fn known_keys_are_verified_and_unknown_ones_passed_over() {
    let (peter, enoch) = (key(PETER), key(ENOCH));
    let both = note(&[PETER_LINE, ENOCH_LINE]);
    assert_eq!(both.text, TEXT);
    assert_eq!(both.to_string(), format!("{TEXT}\n{PETER_LINE}{ENOCH_LINE}"));
    assert_eq!(both.judge([&peter]), Judged::Signed(&peter));
    assert_eq!(both.judge([&enoch]), Judged::Signed(&enoch));
    assert_eq!(both.judge([]), Judged::Unknown);
    assert_eq!(note(&[ENOCH_LINE]).judge([&peter]), Judged::Unknown);
    let misnamed = PETER_LINE.replace("PeterNeumann", "CarmenSandiego");
    assert_eq!(note(&[&misnamed]).judge([&peter]), Judged::Unknown);
    let other_id = PETER_LINE.replace("x08g", "xxxx");
    assert_eq!(note(&[&other_id]).judge([&peter]), Judged::Unknown);
    let longer = format!("{}ABCD{}", &PETER_LINE[..60], &PETER_LINE[60..]);
    assert_eq!(note(&[&longer]).judge([&peter]), Judged::Forged(&peter));
    assert_eq!(note(&[ENOCH_LINE, &longer]).judge([&peter, &enoch]), Judged::Forged(&peter));
    let other_text = Note { text: TEXT.replace("answer", "Answer"), ..both };
    assert_eq!(other_text.judge([&peter]), Judged::Forged(&peter));
}

#[test]
fn what_is_no_note_is_refused() {
    let cut = &PETER_LINE[..PETER_LINE.len() - 1];
    let bad = [
        TEXT.to_owned(),
        format!("{TEXT}\n"),
        format!("{TEXT}\n{cut}"),
        format!("\u{1}{TEXT}\n{PETER_LINE}"),
        format!(
            "{TEXT}\n— Bad Name x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
        ),
        format!("{TEXT}\n{PETER_LINE}Unexpected line.\n"),
        format!("{TEXT}\n{}", PETER_LINE.replace('\u{2014}', "-")),
        format!("{TEXT}\n— PeterNeumann x08gow==\n"),
        format!("{TEXT}\n{}", PETER_LINE.repeat(101)),
        format!("{}\n\n{PETER_LINE}", "x".repeat(200_000)),
        String::new(),
        "\n\n".to_owned(),
    ];
    for bad in bad {
        assert!(Note::parse(&bad).is_err(), "{bad}");
    }
    assert_eq!(note(&[&PETER_LINE.repeat(16)]).signatures.len(), 16);
}

#[test]
fn the_example_of_the_specification_reads() {
    let text = "Ognuno sta solo sul cuor della terra\ntrafitto da un raggio di sole:\n\ned è subito sera.\n";
    let line = "— quasimodo.example/salvatore NnugSzTjtVAewIS+Z/iJhUPeFDkO/5QQ2i5ddnGITLlC+EhfLW9oJKONrMouFSQU0xMcXxj99ihAQwaqP3ZekRwNtIc=\n";
    let parsed = Note::parse(&format!("{text}\n{line}")).unwrap();
    assert_eq!(parsed.text, text);
    assert_eq!(parsed.signatures[0].name, "quasimodo.example/salvatore");
    assert_eq!(parsed.signatures[0].bytes.len(), 64);
}

#[test]
fn a_checkpoint_comes_back_and_only_its_key_signs_it() {
    let (ours, other) = (signer("gate-0"), signer("gate-0"));
    let root = Leaf::of(b"x").node();
    let note = Note::parse(&ours.note(7, root)).unwrap();
    assert_eq!(note.judge([other.public(), ours.public()]), Judged::Signed(ours.public()));
    assert_eq!(note.judge([other.public()]), Judged::Unknown);
    let checkpoint = Checkpoint::parse(&note.text).unwrap();
    assert_eq!(checkpoint, Checkpoint { origin: ours.origin().clone(), size: 7, root });
    assert_eq!(checkpoint.origin.key_name(), "portcullis/gate-0");
    assert_eq!(checkpoint.origin.instance(), "gate-0");
    assert_eq!(Origin::of_log_name(checkpoint.origin.log_name()), Some(checkpoint.origin.clone()));
    assert_eq!(VerifierKey::parse(&ours.public().to_string()).as_ref(), Ok(ours.public()));
    let forged = Note { text: note.text.replace("\n7\n", "\n8\n"), ..note };
    assert_eq!(forged.judge([ours.public()]), Judged::Forged(ours.public()));
}

#[test]
fn what_is_no_checkpoint_is_refused() {
    let origin = signer("gate-0").origin().clone();
    let root = STANDARD.encode([7; 32]);
    let short = STANDARD.encode([7; 31]);
    assert!(Checkpoint::parse(&format!("{origin}\n0\n{root}\n")).is_ok());
    for (bad, fault) in [
        (format!("{origin}\n5\n{root}"), CheckpointFault::Lines),
        (format!("{origin}\n5\n{root}\nmore\n"), CheckpointFault::Lines),
        (format!("{origin}\n5\n"), CheckpointFault::Lines),
        (format!("example.com/log\n5\n{root}\n"), CheckpointFault::Origin),
        (format!("portcullis/gate\n5\n{root}\n"), CheckpointFault::Origin),
        (format!("{origin}\n05\n{root}\n"), CheckpointFault::Size),
        (format!("{origin}\n+5\n{root}\n"), CheckpointFault::Size),
        (format!("{origin}\n\n{root}\n"), CheckpointFault::Size),
        (format!("{origin}\n99999999999999999999\n{root}\n"), CheckpointFault::Size),
        (format!("{origin}\n5\n{short}\n"), CheckpointFault::Root),
        (format!("{origin}\n5\n*\n"), CheckpointFault::Root),
    ] {
        assert_eq!(Checkpoint::parse(&bad), Err(fault), "{bad}");
    }
}

proptest! {
    #[test]
    fn any_text_is_a_note_or_refused_and_a_note_has_one_text(text in any::<String>(), lines in "(— [a-z]{0,3} [A-Za-z0-9+/=]{0,12}\n){0,3}") {
        let peter = key(PETER);
        for text in [text.clone(), format!("{text}\n\n{lines}"), format!("{TEXT}\n{lines}")] {
            if let Ok(note) = Note::parse(&text) {
                prop_assert_eq!(note.to_string(), text);
                prop_assert_eq!(note.judge([&peter]), Judged::Unknown);
            }
        }
    }

    #[test]
    fn any_text_is_a_verifier_key_or_refused(text in "[a-zA-Z0-9+/=é ]{0,80}") {
        if let Ok(key) = VerifierKey::parse(&text) {
            prop_assert_eq!(key.to_string(), text);
        }
    }
}
