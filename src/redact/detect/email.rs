//! E-mail addresses, in any script.

use super::text::{at, before, is_word, run, run_back};

/// Longest local part and domain, in bytes: RFC 5321 allows 64 and 255; characters beyond ASCII take more bytes.
const MAX_LOCAL: usize = 192;
const MAX_DOMAIN: usize = 400;

/// The address around the `@` (or the full-width one) at `sign`.
pub fn find(text: &[u8], sign: usize) -> Option<(usize, usize)> {
    let width = match at(text, sign) {
        b'@' => 1,
        0xEF if text.get(sign..sign + 3) == Some("＠".as_bytes()) => 3,
        _ => return None,
    };
    if let Some(found) = dialled(text, sign) {
        return Some(found);
    }
    let end = domain(text, sign + width)?;
    let start = local(text, sign)?;
    let is_git = &text[start..sign] == b"git" && at(text, end) == b':';
    let domain = &text[sign + width..end];
    // What stands for a number that is called: its host stays.
    let is_dialled = crate::redact::engine::is_marker(&text[start..sign]);
    (!is_git && !is_dialled && !is_unit(domain) && !is_node(&text[start..sign], domain) && !is_message_id(text, start))
        .then_some((start, end))
}

/// `sip:+15550100@sbc.example`: a number (RFC 3261 section 19.1.1) at the host that calls go through.
fn dialled(text: &[u8], sign: usize) -> Option<(usize, usize)> {
    let digits = run_back(text, sign, 20, |byte| byte.is_ascii_digit());
    let start = sign - digits - usize::from(before(text, sign - digits) == b'+');
    let told = text[..start].ends_with(b"sip:") || text[..start].ends_with(b"sips:");
    (digits >= 7 && told).then_some((start, sign))
}

/// `postgresql@15-main.service`: an instance of a unit of systemd, no top-level domain; and a pod of a cluster.
fn is_unit(domain: &[u8]) -> bool {
    [
        &b".service"[..],
        b".socket",
        b".timer",
        b".mount",
        b".automount",
        b".swap",
        b".slice",
        b".scope",
        b".device",
        b".svc",
        b".cluster.local",
        b".compute.internal",
        b".ec2.internal",
    ]
    .iter()
    .any(|unit| domain.ends_with(unit))
}

/// `rabbit@mq-1.internal`: a node of a program (Erlang, Celery) on a machine of the house.
fn is_node(program: &[u8], domain: &[u8]) -> bool {
    const PROGRAMS: [&[u8]; 12] = [
        b"rabbit",
        b"rabbitmq",
        b"celery",
        b"couchdb",
        b"ejabberd",
        b"emqx",
        b"vernemq",
        b"riak",
        b"mongooseim",
        b"nonode",
        b"verne",
        b"worker",
    ];
    PROGRAMS.contains(&program)
        && [&b".local"[..], b".internal", b".lan", b".localdomain", b".consul", b".intern", b".home", b".corp"]
            .iter()
            .any(|end| domain.ends_with(end))
}

/// `Message-ID: <…@host>` (RFC 5322 section 3.6.4) names a message and no mailbox.
fn is_message_id(text: &[u8], start: usize) -> bool {
    const IDS: [&[u8]; 8] = [b"id", b"mid", b"msg", b"message", b"msg-id", b"msgId", b"smtp-id", b"mail-id"];
    const NAMES: [&[u8]; 6] = [b"message-id", b"in-reply-to", b"references", b"content-id", b"messageid", b"msgid"];
    let open = start - run_back(text, start, 4, |byte| matches!(byte, b'<' | b'"' | b'\''));
    let end = open - run_back(text, open, 4, |byte| matches!(byte, b':' | b'=' | b' ' | b'"'));
    if end == open {
        return false;
    }
    let length = run_back(text, end, 24, |byte| byte.is_ascii_alphabetic() || matches!(byte, b'-' | b'_'));
    let key = &text[end - length..end];
    if NAMES.iter().any(|name| key.eq_ignore_ascii_case(name)) {
        return true;
    }
    // `id: <710e444d1e3f@mx.example>`, `mid=<20261120.7f3a@mx.example>`: a random word in brackets under an id's key.
    let local = &text[start..start + run(text, start, 80, is_local)];
    let digits = local.iter().filter(|byte| byte.is_ascii_digit()).count();
    let hex = local.iter().filter(|byte| byte.is_ascii_hexdigit() || matches!(byte, b'-' | b'.')).count();
    let is_hex = hex == local.len() && digits >= 2;
    (before(text, start) == b'<' || is_hex && local.len() >= 12)
        && IDS.iter().any(|name| key.eq_ignore_ascii_case(name))
        && local.len() >= 8
        && (is_hex || digits * 2 >= local.len())
}

fn local(text: &[u8], sign: usize) -> Option<usize> {
    if before(text, sign) == b'"' {
        return quoted(text, sign);
    }
    let mut start = sign - run_back(text, sign, MAX_LOCAL, |byte| is_local(byte) || byte == b'\'');
    // A quote within is an apostrophe, doubled in SQL, if letters stand on both sides of it.
    if let Some(quote) = text[start..sign].iter().rposition(|byte| *byte == b'\'').map(|place| place + start) {
        let first = if before(text, quote) == b'\'' { quote - 1 } else { quote };
        let is_apostrophe =
            first > start && is_word(text[first - 1]) && is_word(at(text, quote + 1)) && quote - start < 24;
        if !is_apostrophe {
            start = quote + 1;
        } else if let Some(opens) = text[start..first].iter().rposition(|byte| *byte == b'\'') {
            start += opens + 1;
        }
    }
    // `COM+jane@mail.example:EM'` of EDIFACT.
    if let Some(found) = memchr::memmem::rfind(&text[start..sign], b"COM+") {
        start += found + 4;
    }
    // Marks that may stand in an address but seldom begin one.
    start += run(text, start, sign - start, |byte| matches!(byte, b'.' | b'*' | b'~' | b'^' | b'!' | b'-'));
    start = after_wide_mark(text, start, sign);
    // `\njane@…`: the letter of an escape, unless it is all that there is.
    if before(text, start) == b'\\' && matches!(at(text, start), b'n' | b'r' | b't') && sign - start > 1 {
        start += 1;
    }
    (start < sign).then_some(start)
}

/// Full-width punctuation and quotes that touch an address do not belong to it.
fn after_wide_mark(text: &[u8], start: usize, sign: usize) -> usize {
    let marks = [
        "「", "」", "『", "』", "（", "）", "：", "，", "、", "。", "；", "＜", "＞", "“", "”", "‘", "’", "«", "»",
        "\u{3000}", "\u{a0}",
    ];
    if text[start..sign].is_ascii() {
        return start;
    }
    let last = marks.iter().filter_map(|mark| {
        let found = memchr::memmem::rfind(&text[start..sign], mark.as_bytes())?;
        Some(start + found + mark.len())
    });
    last.max().unwrap_or(start)
}

/// `"john smith"@`
fn quoted(text: &[u8], sign: usize) -> Option<usize> {
    let inner = sign.checked_sub(1)?;
    let length = run_back(text, inner, 64, |byte| byte != b'"' && byte >= b' ');
    let start = inner.checked_sub(length + 1)?;
    let opens = text[start] == b'"' && length > 0 && !is_word(before(text, start));
    opens.then_some(start)
}

const fn is_local(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
        || byte >= 0x80
        || matches!(byte, b'.' | b'_' | b'-' | b'+' | b'!' | b'#' | b'$' | b'*' | b'^' | b'~')
}

/// Where the domain ends: at least two labels, the last one of letters.
fn domain(text: &[u8], from: usize) -> Option<usize> {
    if at(text, from) == b'[' {
        let length = run(text, from + 1, 64, |byte| {
            byte.is_ascii_hexdigit() || matches!(byte, b'.' | b':' | b'I' | b'P' | b'v')
        });
        return (length >= 7 && at(text, from + 1 + length) == b']').then_some(from + length + 2);
    }
    let length =
        run(text, from, MAX_DOMAIN, |byte| byte.is_ascii_alphanumeric() || byte >= 0x80 || matches!(byte, b'.' | b'-'));
    let mut end = from + length;
    end = before_wide_mark(text, from, end);
    loop {
        while end > from && matches!(text[end - 1], b'.' | b'-') {
            end -= 1;
        }
        let slice = &text[from..end];
        let dot = slice.iter().rposition(|byte| *byte == b'.')?;
        if is_top(&slice[dot + 1..]) && is_host(&slice[..dot]) {
            return Some(end);
        }
        // `jane@mail.example-A1B2C3`: a key of two columns.
        let label = &slice[dot + 1..];
        let dash = label.iter().position(|byte| *byte == b'-');
        if let Some(dash) = dash.filter(|dash| is_top(&label[..*dash]) && !label.starts_with(b"xn--"))
            && is_host(&slice[..dot])
        {
            return Some(from + dot + 1 + dash);
        }
        // What follows the last dot may be the next sentence, or a file's suffix.
        end = from + dot;
    }
}

fn before_wide_mark(text: &[u8], from: usize, end: usize) -> usize {
    let marks =
        ["」", "』", "（", "）", "：", "，", "、", "；", "＜", "＞", "“", "”", "’", "»", "\u{3000}", "\u{a0}", "…"];
    let first = marks.iter().filter_map(|mark| memchr::memmem::find(&text[from..end], mark.as_bytes()));
    first.min().map_or(end, |found| from + found)
}

/// Two or more letters, or a name in another script, plain or as `xn--`.
fn is_top(label: &[u8]) -> bool {
    let is_name = label.len() >= 2 && label.iter().all(|byte| byte.is_ascii_alphabetic() || *byte >= 0x80);
    is_name || label.len() > 4 && label[..4].eq_ignore_ascii_case(b"xn--")
}

/// Labels before the last: none empty, and not the numbers of a version.
fn is_host(labels: &[u8]) -> bool {
    let mut parts = labels.split(|byte| *byte == b'.');
    let first = parts.clone().next().unwrap_or_default();
    let is_number = |label: &[u8]| !label.is_empty() && label.iter().all(u8::is_ascii_digit);
    let digits = first.strip_prefix(b"v").unwrap_or(first);
    let is_version =
        is_number(digits) && parts.clone().nth(1).is_some_and(|label| label.first().is_some_and(u8::is_ascii_digit));
    !is_version && parts.all(|label| !label.is_empty() && label[0] != b'-' && label.len() <= 192)
}
