//! `revoked:` who and what counts no more, in the policy itself or in files of its own that change without it.

use std::path::PathBuf;

use super::decode::{Decoder, Fields};
use super::secret::hidden_in_text;
use super::{FileCheck, files};
use crate::policy::fault::{Code, Fault, quote};
use crate::policy::revocation::{Revocations, Revoked, Serial, Sha256, token_digest};
use crate::policy::shape;
use crate::policy::source::{FileId, Sources, Span};
use crate::policy::yaml::{self, Node, Value};

/// Entries of all lists together: at some 100 bytes each a few MiB. A certificate authority that revokes more has a
/// revocation list of its own, for `gate.tls.crl`.
const MAX_ENTRIES: usize = 20_000;
/// Files of a policy.
const MAX_FILES: usize = 16;
/// Longest reason.
const MAX_REASON_BYTES: usize = 200;
/// Longest `jti`, caller or issuer.
const MAX_TEXT_BYTES: usize = 300;

const KINDS: &[&str] = &["caller", "serial", "certificate_sha256", "spki_sha256", "key_id", "jti"];

/// A list of its own.
pub(super) struct ListFile {
    path: PathBuf,
    /// `None` if it could not be read; that was said already.
    source: Option<FileId>,
    root: Option<Node>,
}

/// Reads the files that `revoked:` names, before anything is decoded: their places are shown like the policy's own.
pub(super) fn read(root: &Node, sources: &mut Sources, check: FileCheck, faults: &mut Vec<Fault>) -> Vec<ListFile> {
    let mut read = Vec::new();
    for (text, span) in named(root).into_iter().take(MAX_FILES) {
        let path = files::resolve(sources, span, &text);
        if read.iter().any(|known: &ListFile| known.path == path) {
            continue;
        }
        let (source, root) = match files::open(&path) {
            Ok(source) => {
                let text = source.text.clone();
                let file = sources.add(source);
                sources.hide(file, hidden_in_text(&text));
                (Some(file), yaml::parse(file, &text, faults))
            }
            Err(problem) => {
                let fault = Fault::new(Code::File, span, format!("revoked.file cannot be read: {problem}"))
                    .label("looked for in the policy's directory, then in the current one")
                    .help("make it, if only with the line `revoked: []`: without the list nobody knows who is on it");
                faults.push(fault.mild_if(check == FileCheck::Warn));
                (None, None)
            }
        };
        read.push(ListFile { path, source, root });
    }
    read
}

/// The `file:` entries of the section.
fn named(root: &Node) -> Vec<(String, Span)> {
    let get = |node: &Node, key: &str| match &node.value {
        Value::Map(entries) => entries.iter().find(|entry| entry.key == key).map(|entry| entry.value.clone()),
        _ => None,
    };
    let Some(Node { value: Value::List(items), .. }) = get(root, "revoked") else { return Vec::new() };
    let file = |item: &Node| match get(item, "file") {
        Some(Node { value: Value::Scalar(text), span }) if !text.is_empty() => Some((text, span)),
        _ => None,
    };
    items.iter().filter_map(file).collect()
}

/// Decodes the section and its files.
pub(super) fn revoked(d: &mut Decoder<'_>, node: Option<&Node>, lists: &[ListFile]) -> Revocations {
    let mut made = Revocations::default();
    let mut count = 0;
    if let Some(node) = node {
        entries(d, node, true, &mut made, &mut count);
    }
    for list in lists {
        d.named("revoked.file", &list.path);
        let Some(root) = &list.root else { continue };
        let Some(fields) = d.fields(root, &shape::REVOCATIONS) else { continue };
        if let Some(node) = d.required(&fields, "revoked") {
            entries(d, node, false, &mut made, &mut count);
        }
    }
    made
}

fn entries(d: &mut Decoder<'_>, node: &Node, may_name_files: bool, made: &mut Revocations, count: &mut usize) {
    let mut files = 0;
    for item in d.list(node, "revoked").unwrap_or_default() {
        let Some(fields) = d.fields(item, &shape::REVOKED) else { continue };
        *count += 1;
        if *count > MAX_ENTRIES {
            let fault = Fault::new(Code::Bound, item.span, format!("more than {MAX_ENTRIES} revocations"));
            d.fault(fault.help("take out what has expired; for whole authorities there is `gate.tls.crl`"));
            return;
        }
        if let Some(entry) = fields.entry("file") {
            files += 1;
            let message = match item.value {
                Value::Map(ref entries) if entries.len() > 1 => "`file` stands alone in its entry".to_owned(),
                _ if !may_name_files => "a file of revocations names no other file".to_owned(),
                _ if files > MAX_FILES => format!("more than {MAX_FILES} files of revocations"),
                _ => continue,
            };
            d.fault(Fault::new(Code::Type, entry.key_span, message).help("one `- file: PATH` for each"));
            continue;
        }
        if let Some(revoked) = entry(d, &fields) {
            made.add(revoked);
        }
    }
}

fn entry(d: &mut Decoder<'_>, fields: &Fields<'_>) -> Option<Revoked> {
    reason_and_date(d, fields);
    let mut given = KINDS.iter().filter_map(|kind| Some((*kind, fields.get(kind)?)));
    let (Some((kind, node)), None) = (given.next(), given.next()) else {
        let fault = Fault::new(Code::Type, fields.at, "an entry of revoked names exactly one thing")
            .help(format!("one of: {}, file", KINDS.join(", ")));
        d.fault(fault);
        return None;
    };
    if let (Some(entry), true) = (fields.entry("issuer"), kind != "serial") {
        let fault = Fault::new(Code::Type, entry.key_span, "`issuer` belongs to a `serial`");
        d.fault(fault.help("a digest or a name means one thing whoever signed it"));
    }
    let what = format!("revoked.{kind}");
    match kind {
        "caller" => caller(d, node).map(Revoked::Caller),
        "serial" => {
            let issuer = fields.get("issuer").and_then(|node| bounded(d, node, "revoked.issuer"));
            serial(d, node).map(|serial| Revoked::Serial(serial, issuer.map(Box::from)))
        }
        "certificate_sha256" => sha256(d, node, &what).map(Revoked::Certificate),
        "spki_sha256" => sha256(d, node, &what).map(Revoked::PublicKey),
        "key_id" => d.name(node, &what).map(Revoked::ApiKey),
        _ => bounded(d, node, &what).map(|jti| Revoked::Token(token_digest(jti))),
    }
}

/// Who is to know later why: both must be there.
fn reason_and_date(d: &mut Decoder<'_>, fields: &Fields<'_>) {
    if let Some(node) = d.required(fields, "reason")
        && let Some(text) = d.text(node, "revoked.reason")
        && text.len() > MAX_REASON_BYTES
    {
        d.fault(Fault::new(Code::Bound, node.span, format!("a reason is at most {MAX_REASON_BYTES} bytes long")));
    }
    if let Some(node) = d.required(fields, "date")
        && let Some(text) = d.text(node, "revoked.date")
        && text.parse::<jiff::civil::Date>().is_err()
        && text.parse::<jiff::Timestamp>().is_err()
    {
        let fault = Fault::new(Code::Date, node.span, "revoked.date is no day").label("not a day");
        d.fault(fault.help("`2026-11-21`, or with the time: `2026-11-21T14:30:00Z`"));
    }
}

fn bounded<'t>(d: &mut Decoder<'_>, node: &'t Node, what: &str) -> Option<&'t str> {
    let text = d.text(node, what)?;
    if text.len() > MAX_TEXT_BYTES {
        d.fault(Fault::new(Code::Bound, node.span, format!("{what} is longer than {MAX_TEXT_BYTES} bytes")));
        return None;
    }
    Some(text)
}

fn caller(d: &mut Decoder<'_>, node: &Node) -> Option<Box<str>> {
    let text = bounded(d, node, "revoked.caller")?;
    if ["user:", "cert:", "key:"].iter().any(|kind| text.len() > kind.len() && text.starts_with(kind)) {
        return Some(text.into());
    }
    let help = match text.starts_with("group:") {
        true => "a group is not revoked: take it out of `roles`, or its members at the issuer",
        false => "say how the caller proves its name: `user:`, `cert:` or `key:` before it",
    };
    d.fault(Fault::new(Code::Member, node.span, format!("{} is no caller", quote(text))).help(help));
    None
}

fn serial(d: &mut Decoder<'_>, node: &Node) -> Option<Serial> {
    let text = d.text(node, "revoked.serial")?;
    let digits = text.strip_prefix("0x").unwrap_or(text);
    let serial = hex(digits).and_then(|bytes| Serial::new(&bytes)).filter(|serial| !serial.bytes().is_empty());
    if serial.is_none() {
        let fault = Fault::new(Code::Digest, node.span, "revoked.serial is no serial number")
            .label("not hexadecimal")
            .help("hexadecimal digits, with or without colons, as `openssl x509 -noout -serial` prints them");
        d.fault(fault);
    }
    serial
}

fn sha256(d: &mut Decoder<'_>, node: &Node, what: &str) -> Option<Sha256> {
    let text = d.text(node, what)?;
    let digits = text.strip_prefix("sha256:").unwrap_or(text);
    let digest = hex(digits).and_then(|bytes| Sha256::try_from(bytes).ok());
    if digest.is_none() {
        let fault = Fault::new(Code::Digest, node.span, format!("{what} is no SHA-256"))
            .label("not 64 hexadecimal digits")
            .help("with or without colons, as `openssl x509 -noout -fingerprint -sha256` prints it");
        d.fault(fault);
    }
    digest
}

/// Bytes of hexadecimal digits in either case, with colons between the bytes or without.
fn hex(text: &str) -> Option<Vec<u8>> {
    let digits: Vec<u8> = match text.contains(':') {
        false => text.bytes().collect(),
        true => text
            .split(':')
            .map(|pair| (pair.len() == 2).then(|| pair.bytes()))
            .collect::<Option<Vec<_>>>()?
            .into_iter()
            .flatten()
            .collect(),
    };
    // A number may have been written without its leading zero.
    let odd = digits.len() % 2 == 1;
    let digits: Vec<u8> = odd.then_some(b'0').into_iter().chain(digits).collect();
    let value = |digit: u8| char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok());
    digits.chunks_exact(2).map(|pair| Some(value(pair[0])? << 4 | value(pair[1])?)).collect()
}

impl ListFile {
    /// Its text: part of what the policy's digest stands for.
    pub(super) const fn source(&self) -> Option<FileId> {
        self.source
    }
}

#[cfg(test)]
mod tests {
    use super::hex;

    #[test]
    fn digits_are_read_as_the_usual_tools_print_them() {
        assert_eq!(hex("0A:1b:FF"), Some(vec![10, 27, 255]));
        assert_eq!(hex("a1bff"), Some(vec![10, 27, 255]));
        assert_eq!(hex(""), Some(vec![]));
        for bad in ["g1", "0A:1", ":", "0A::1B", "0 1", "é1"] {
            assert_eq!(hex(bad), None, "{bad}");
        }
    }
}
