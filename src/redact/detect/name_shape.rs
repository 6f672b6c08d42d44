//! What is written as names are and is none: words run together, constants, what programs call their parts.

use super::given;
use super::text::{Listed, at, run};

/// Roles that programs and their parts play as well as people.
static BOTH: Listed = Listed::new(&[
    "name",
    "names",
    "named",
    "client",
    "agent",
    "member",
    "user",
    "owner",
    "driver",
    "receiver",
    "sender",
    "holder",
    "guest",
    "host",
    "signer",
    "subscriber",
    "contact",
    "hello",
]);

/// Whether the name at `place`, of some words, behind `word`, which is what was done to somebody or else a role, is what
/// a program or a protocol calls something: `client CA`, `sending MQTT CONNECT`, `User Timeout`, `client: Too many …`. A
/// name that stands so has a word that is known as one.
pub(super) fn is_technical(text: &[u8], word: &[u8], place: (usize, usize), (count, done): (usize, bool)) -> bool {
    let name = &text[place.0..place.1];
    let both = BOTH.has(word);
    if !name.is_ascii() || !(both || done) || is_known(name) {
        return false;
    }
    // `is not accepted. Supported Versions`: another sentence; `client: Ignoring 12 bytes`: what it does.
    if text[..place.0].ends_with(b". ") || both && name.ends_with(b"ing") && name.len() >= 6 {
        return true;
    }
    let shouts = |word: &[u8]| word.iter().all(|byte| byte.is_ascii_uppercase() || matches!(byte, b' ' | b'-'));
    let (small, capital) = (word[1..].iter().all(u8::is_ascii_lowercase), word[0].is_ascii_uppercase());
    if shouts(name) {
        return small && (done || count == 1 && name.len() <= 4) || both && shouts(word);
    }
    // `CLIENT: Mechanism 'x' …`
    if both && count == 1 && word.len() > 2 && shouts(word) {
        return true;
    }
    if !both || count > 1 || name.len() < 3 {
        return false;
    }
    let goes_on = at(text, place.1) == b' ' && at(text, place.1 + 1).is_ascii_lowercase();
    // `User jdoe changed …`
    let behind = &text[text.len().min(place.1 + 1)..];
    let acts = &behind[..run(behind, 0, 24, |byte| byte.is_ascii_lowercase())];
    let acts = acts.ends_with(b"ed") || matches!(acts, b"has" | b"is" | b"was" | b"did" | b"with" | b"from");
    let gap = &text[..place.0];
    if gap.ends_with(b": ") {
        goes_on && !acts || is_reason(&text[place.0..])
    } else {
        small && capital && gap.ends_with(b" ") && !acts
    }
}

/// Whether a word of it is known as a name, whatever its case.
fn is_known(name: &[u8]) -> bool {
    let mut said: smallvec::SmallVec<[u8; 48]> = smallvec::SmallVec::from_slice(name);
    for index in 1..said.len() {
        if said[index - 1].is_ascii_alphabetic() {
            said[index].make_ascii_lowercase();
        }
    }
    given::sounds_known(&said)
}

/// `CertificateVerify`, `DFSOutputStream`: words run together as programs do, of which none is known as a name.
pub(super) fn is_identifier(word: &[u8]) -> bool {
    let Some(small) = word.iter().position(u8::is_ascii_lowercase) else { return false };
    if small > 2 {
        return word.len() - small >= 3 && word.is_ascii() && !word.iter().any(|byte| matches!(byte, b'-' | b'\''));
    }
    let first = small + run(word, small, 64, |byte| byte.is_ascii_lowercase());
    small == 1
        && first >= 5
        && word.get(first).is_some_and(u8::is_ascii_uppercase)
        && !word.starts_with(b"Fitz")
        && !given::sounds_known(&word[..first])
}

/// What a call of the system fails with (POSIX, `strerror`), as far as a capital begins it.
const REASONS: [&str; 44] = [
    "Address already in use",
    "Address family not supported",
    "Address not available",
    "Argument list too long",
    "Bad address",
    "Bad file descriptor",
    "Bad message",
    "Broken pipe",
    "Cannot allocate memory",
    "Cannot assign requested address",
    "Connection aborted",
    "Connection refused",
    "Connection reset by peer",
    "Connection timed out",
    "Device or resource busy",
    "Directory not empty",
    "Exec format error",
    "File exists",
    "File name too long",
    "File too large",
    "Function not implemented",
    "Host is down",
    "Input/output error",
    "Interrupted system call",
    "Invalid argument",
    "Invalid cross-device link",
    "Is a directory",
    "Message too long",
    "Network is ",
    "No ",
    "Not a directory",
    "Numerical ",
    "Operation ",
    "Out of memory",
    "Permission denied",
    "Protocol not ",
    "Read-only file system",
    "Resource ",
    "Socket ",
    "Stale file handle",
    "Success",
    "Too many ",
    "Transport endpoint ",
    "Value too large",
];

/// `Permission denied`: why a call of the system failed.
pub fn is_reason(text: &[u8]) -> bool {
    at(text, 0).is_ascii_uppercase() && REASONS.iter().any(|reason| text.starts_with(reason.as_bytes()))
}
