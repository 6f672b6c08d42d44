//! What programs say under keys that people have as well: the verdict of a test, a count, a state, a place in a manual.

use crate::redact::Kind;
use crate::redact::detect::keep;
use crate::redact::detect::text::{Listed, run};

use super::special;

/// States of a container, a task or a service: those of Kubernetes, Docker, systemd and AWS.
static STATES: Listed = Listed::new(&[
    "running",
    "waiting",
    "terminated",
    "pending",
    "succeeded",
    "failed",
    "created",
    "restarting",
    "paused",
    "exited",
    "dead",
    "active",
    "inactive",
    "activating",
    "deactivating",
    "reloading",
    "starting",
    "started",
    "stopping",
    "stopped",
    "completed",
    "healthy",
    "unhealthy",
    "ready",
    "available",
    "unavailable",
    "enabled",
    "disabled",
    "provisioning",
    "deprovisioning",
    "closed",
    "open",
    "up",
    "down",
    "online",
    "offline",
    "idle",
    "sleeping",
]);

/// Words that functions are named by first: what they do.
static VERBS: Listed = Listed::new(&[
    "get", "set", "send", "recv", "read", "write", "parse", "load", "save", "store", "check", "verify", "handle",
    "process", "init", "create", "delete", "remove", "add", "update", "find", "lookup", "resolve", "open", "close",
    "start", "stop", "run", "do", "is", "has", "on", "try", "make", "build", "alloc", "free", "new", "put", "push",
    "pop", "fetch", "decode", "encode", "encrypt", "decrypt", "validate", "convert", "mutates",
]);

/// Whether `value` under `key`, which says that it is of `kind`, is a program's own.
pub fn is_programs(key: &[u8], kind: Kind, value: &[u8]) -> bool {
    let digits = || !value.is_empty() && value.iter().all(u8::is_ascii_digit);
    // Terraform's places for values.
    if is_operand(key, value) || matches!(value, b"known after apply" | b"sensitive value") {
        return true;
    }
    match kind {
        Kind::Password => {
            is_rule(key)
                || is_columns(value)
                // `passwd: password updated successfully`
                || value.starts_with(b"password ")
                // `second pass: 42`, `PASS: net/dial.exp: refused`
                || value.len() <= 2 && digits()
                || [&b".deb"[..], b".rpm"].iter().any(|end| value.ends_with(end))
                || key == b"PASS" && value.iter().any(|byte| matches!(byte, b' ' | b'/' | b':'))
        }
        // `concurrent sessions: 21`, `cookie=1024` of a bus or a kernel: a number that counts keeps nobody out.
        Kind::Session => digits() && (value.len() <= 4 || matches!(key.last(), Some(b's' | b'S')) && value.len() <= 9),
        Kind::Secret => value.len() <= 2 && digits(),
        Kind::Token => {
            value.len() <= 2 && digits()
                || is_switch(value)
                || is_permission(value)
                || is_expression(key, value)
                || is_columns(value)
        }
        // `lat=5`: a latency, for a place has degrees and a fraction.
        Kind::Geo => digits(),
        // `head=1024 tail=60000123` of a buffer.
        Kind::Tail => key == b"tail" && !(2..=6).contains(&value.len()) && value.iter().all(u8::is_ascii_alphanumeric),
        Kind::Tax | Kind::Identity | Kind::Device | Kind::Phone | Kind::Birth => is_url(value),
        // `CC='gcc'`, `mail: SIZE not supported by the host`
        Kind::Email => {
            matches!(key, b"cc" | b"CC" | b"mail") && !value.contains(&b'@') && !value.contains(&b'%') && {
                let word = value.iter().all(|byte| byte.is_ascii_lowercase() || matches!(byte, b'-' | b'+' | b'/'));
                word || value.contains(&b' ')
            }
        }
        Kind::Agent => is_service(value),
        Kind::Text => {
            key == b"TERM" && !value.contains(&b' ')
                || is_annotation(key)
                || is_path(value)
                || is_answer(value)
                || is_of_code(key, value)
        }
        Kind::Postal => {
            is_directory(key, value)
                || is_identifier(value)
                || is_endpoint(value)
                || contains(key, b"cipher")
                || keep::uuid(value, 0) == Some(value.len())
                // `max_addresses=16`
                || digits() && key.ends_with(b"addresses")
        }
        Kind::Place => STATES.has(value) || is_region(value),
        // `len=3 cap=8`: a capacity, for no post code under that key is so short.
        Kind::Postcode if key == b"cap" && value.len() < 4 => true,
        Kind::Postcode => !value.iter().any(|byte| byte.is_ascii_alphanumeric() || *byte >= 0x80),
        // Kubernetes keeps such names for itself.
        Kind::Name => value.starts_with(b"system:") || matches!(value, b"password" | b"pass" | b"passwd"),
        _ => false,
    }
}

/// `set_raw: ioctl failed`, `get_fingerprint: bad size`: the name of a function, which says something about its work.
pub fn is_function(key: &[u8]) -> bool {
    if matches!(key, b"recvmsg" | b"sendmsg" | b"recvmmsg" | b"sendmmsg") {
        return true;
    }
    let verb = run(key, 0, 12, |byte| byte.is_ascii_lowercase());
    key.get(verb) == Some(&b'_') && VERBS.has(&key[..verb]) && key.iter().all(|byte| !byte.is_ascii_uppercase())
}

/// `login: Disconnected (…)`, `client: Trying to connect`: what a program did, or is about to do.
pub fn begins_with_act(value: &[u8]) -> bool {
    let word = run(value, 0, 24, |byte| byte.is_ascii_alphabetic());
    let ends = value[..word].ends_with(b"ing") || value[..word].ends_with(b"ed");
    let alone =
        value.get(word).is_none_or(|byte| *byte != b' ') || value.get(word + 1).is_some_and(u8::is_ascii_lowercase);
    ends && word >= 6 && alone && !crate::redact::detect::given::sounds_known(&value[..word])
}

/// `Invalid input: Must specify a size`: what a program wants instead.
pub fn is_demand(value: &[u8]) -> bool {
    let word = run(value, 0, 12, |byte| byte.is_ascii_alphabetic());
    [&b"must"[..], b"expected", b"invalid", b"missing", b"cannot", b"unexpected", b"verify", b"unknown", b"unsupported"]
        .iter()
        .any(|known| value[..word].eq_ignore_ascii_case(known))
}

/// `--user=USER`: the operand of an option, as manuals write it.
fn is_operand(key: &[u8], value: &[u8]) -> bool {
    value.len() >= 3
        && key.len() >= value.len()
        && value.iter().all(u8::is_ascii_uppercase)
        && key[key.len() - value.len()..].eq_ignore_ascii_case(value)
}

/// `--password PASSWORD`, `--machine-id=ID`: what stands for the operand of an option, as manuals write it.
pub fn is_metavariable(value: &[u8]) -> bool {
    static NAMES: Listed = Listed::new(&[
        "password",
        "pass",
        "passwd",
        "passphrase",
        "pin",
        "secret",
        "token",
        "key",
        "string",
        "text",
        "word",
        "bool",
        "path",
        "file",
        "filename",
        "dir",
        "url",
        "uri",
        "id",
        "name",
        "value",
        "val",
        "num",
        "number",
        "n",
        "fmt",
        "format",
        "user",
        "username",
        "login",
        "host",
        "hostname",
        "addr",
        "address",
        "ip",
        "email",
        "phone",
        "home_phone",
        "arg",
        "args",
        "type",
        "level",
        "mode",
        "size",
        "time",
        "date",
        "list",
        "spec",
        "family",
    ]);
    // `--tls-key string     Path to the key`
    let kind = run(value, 0, 12, |byte| byte.is_ascii_alphabetic());
    if value[kind..].starts_with(b"  ")
        && matches!(&value[..kind], b"string" | b"strings" | b"int" | b"list" | b"bytes")
    {
        return true;
    }
    let end = run(value, 0, 24, |byte| byte.is_ascii_uppercase() || byte == b'_');
    end > 0 && value.get(end).is_none_or(|byte| !byte.is_ascii_alphanumeric()) && NAMES.has(&value[..end])
}

/// `cvc-elt.1`: a validity constraint of XML Schema (W3C, appendix C), and no number of a card.
fn is_rule(key: &[u8]) -> bool {
    key.strip_prefix(b"cvc-").is_some_and(|rest| rest.first().is_some_and(u8::is_ascii_lowercase))
}

/// `interface=org.freedesktop.login1.Manager member=Inhibit`: a method that a bus was asked for, and nobody.
pub fn is_bus_call(text: &[u8], member: usize) -> bool {
    let Some(space) =
        member.checked_sub(1).filter(|space| text[*space] == b' ' && text[member..].starts_with(b"member="))
    else {
        return false;
    };
    let start = text[..space].iter().rposition(|byte| *byte == b' ').map_or(0, |before| before + 1);
    text[start..member].starts_with(b"interface=")
}

/// Cells of a table that spaces align.
fn is_columns(value: &[u8]) -> bool {
    memchr::memmem::find(value, b"  ").is_some()
}

/// `on`, `OK`, `Configuration`: whether something is so, or a word of prose.
fn is_switch(value: &[u8]) -> bool {
    let word = value.first().is_some_and(u8::is_ascii_uppercase) && value[1..].iter().all(u8::is_ascii_lowercase);
    [&b"on"[..], b"off", b"ok", b"done", b"enabled", b"disabled"].iter().any(|word| value.eq_ignore_ascii_case(word))
        || word && value.len() <= 16
}

/// `compute.instances.create`: what somebody may do.
fn is_permission(value: &[u8]) -> bool {
    let mut parts = value.split(|byte| *byte == b'.');
    memchr::memchr_iter(b'.', value).count() >= 2
        && value.len() <= 80
        && value.first().is_some_and(u8::is_ascii_lowercase)
        && parts.all(|part| part.len() >= 2 && part.iter().all(|byte| byte.is_ascii_alphabetic() || *byte == b'_'))
}

/// `Assertion 'fd >= 0' failed`: what a program took for granted.
fn is_expression(key: &[u8], value: &[u8]) -> bool {
    (key.is_empty() || contains(key, b"assertion")) && value.len() < 160 && {
        let spaced = [&b" >= "[..], b" <= ", b" == ", b" != ", b" > ", b" < ", b" && ", b" || "];
        spaced.iter().any(|operator| memchr::memmem::find(value, operator).is_some())
            || value.first() == Some(&b'!')
            || value.ends_with(b")") && value.contains(&b'(')
    }
}

fn is_url(value: &[u8]) -> bool {
    value.starts_with(b"http://") || value.starts_with(b"https://")
}

/// `autoscaling.amazonaws.com`: a service that came by itself.
fn is_service(value: &[u8]) -> bool {
    memchr::memchr_iter(b'.', value).count() >= 2
        && value.iter().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'.' | b'-'))
        && value.iter().any(u8::is_ascii_lowercase)
}

/// `authorization.k8s.io/reason`: what Kubernetes notes of an event.
fn is_annotation(key: &[u8]) -> bool {
    memchr::memmem::find(key, b"k8s.io/").is_some() || memchr::memmem::find(key, b"kubernetes.io/").is_some()
}

/// `/srv/shop/lib/http_body.so`
fn is_path(value: &[u8]) -> bool {
    let first = run(value, 0, value.len(), |byte| byte > b' ');
    value.first() == Some(&b'/') && memchr::memchr_iter(b'/', &value[..first]).count() >= 3 && special::is_link(value)
}

/// `note: expected struct `String``, `Note: --fast is ignored`: what a program notes of its code and its options.
fn is_of_code(key: &[u8], value: &[u8]) -> bool {
    [&b"note"[..], b"notes"].iter().any(|word| key.eq_ignore_ascii_case(word))
        && (value.contains(&b'`')
            || value.starts_with(b"--")
            || [&b" --"[..], b"()", b"::"].iter().any(|mark| memchr::memmem::find(value, mark).is_some()))
}

/// `502 Bad Gateway`: a status of HTTP and its reason.
fn is_answer(value: &[u8]) -> bool {
    let [b'1'..=b'5', b'0'..=b'9', b'0'..=b'9', b' ', reason @ ..] = value else { return false };
    (2..=32).contains(&reason.len())
        && reason[0].is_ascii_uppercase()
        && reason.iter().all(|byte| byte.is_ascii_alphabetic() || matches!(byte, b' ' | b'-' | b'\''))
        && memchr::memchr_iter(b' ', reason).count() <= 3
}

/// `install_dir=opt`, `dir="forward"`: a folder or a way, unless it has a street's number beside a name.
fn is_directory(key: &[u8], value: &[u8]) -> bool {
    let end = &key[key.len().saturating_sub(3)..];
    // `errorStr`: a string, and no German street without a number.
    if key.len() > 3 && end.eq_ignore_ascii_case(b"str") && !value.iter().any(u8::is_ascii_digit) {
        return true;
    }
    // `addr=main`: a name that programs know each other by.
    if key.ends_with(b"addr")
        && value.iter().all(|byte| byte.is_ascii_lowercase() || matches!(byte, b'.' | b'-' | b'_'))
    {
        return true;
    }
    // `GIT_DIR=.git`
    let begins = value.first().is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte >= 0x80);
    let street = begins && memchr::memchr3(b' ', b'+', b',', value).is_some() && value.iter().any(u8::is_ascii_digit);
    end.eq_ignore_ascii_case(b"dir") && !street
}

/// `web-01`, `bz2`, `ECDHE_RSA`: one word as programs write their names, which no street and no house has.
fn is_identifier(value: &[u8]) -> bool {
    let begins = value.first().is_some_and(|byte| byte.is_ascii_lowercase() || *byte == b'-') || value.contains(&b'_');
    let mixed = value.iter().any(|byte| byte.is_ascii_digit() || matches!(byte, b'_' | b'-'));
    begins
        && mixed
        && value.len() <= 48
        && value.iter().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.'))
        && !value.starts_with(b"pii_")
        && run(value, 0, 48, |byte| byte.is_ascii_alphabetic()) <= 10
}

/// `localhost:2019`
fn is_endpoint(value: &[u8]) -> bool {
    let host = run(value, 0, 255, |byte| {
        byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'.' | b'-' | b'_')
    });
    let port = &value[host..];
    host > 1
        && value[0].is_ascii_lowercase()
        && (2..=6).contains(&port.len())
        && port[0] == b':'
        && port[1..].iter().all(u8::is_ascii_digit)
}

/// `eu-west-1`, `europe-west1`: where a cloud has its machines.
fn is_region(value: &[u8]) -> bool {
    let mut parts = value.split(|byte| *byte == b'-');
    let first = parts.next().unwrap_or_default();
    value.len() <= 24
        && first.iter().all(u8::is_ascii_lowercase)
        && first.len() >= 2
        && value.contains(&b'-')
        && value.last().is_some_and(u8::is_ascii_digit)
        && parts
            .all(|part| !part.is_empty() && part.iter().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit()))
}

/// `main.c:2:59: note: …`, `   = note: …`: a key that a compiler put behind a place in a source.
pub fn is_diagnostic(text: &[u8], key: usize) -> bool {
    let lead = &text[..key];
    text[key..].starts_with(b"note:")
        && (lead.ends_with(b" = ")
            || lead.strip_suffix(b": ").is_some_and(|place| place.last().is_some_and(u8::is_ascii_digit)))
}

fn contains(key: &[u8], word: &[u8]) -> bool {
    key.windows(word.len()).any(|window| window.eq_ignore_ascii_case(word))
}
