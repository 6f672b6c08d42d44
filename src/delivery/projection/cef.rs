//! CEF 0 (ArcSight Common Event Format, revision 25): one line of text, for SIEMs that know no JSON. It has less room
//! than a record; what it leaves out is in the spool and in every other sink.
//!
//! ```text
//! CEF:0|Portcullis|Portcullis|<version>|<event code>|<name>|<0 to 10>|rt=… externalId=… src=… act=… …
//! ```
//!
//! All of it is ASCII: a character beyond it, or a control character, stands as `\\uXXXX`.

use super::super::members::{first, inner, member, members, number, text};
use super::parts::{Endpoint, Metadata, Parts, Request, of};

/// Longest value of an extension where the line is short enough: the dictionary's bound of most of its keys.
const VALUE: usize = 1023;
/// Longest value where the line would be too long otherwise: with it, all keys together stay below 7,000 bytes.
const SHORT_VALUE: usize = 120;

/// Appends the CEF line of a record, not longer than `most` bytes; with values cut, if need be, and the record's own
/// length as `flexNumber1`.
pub fn cef(line: &[u8], most: usize, out: &mut Vec<u8>) {
    let parts: Parts<'_> = of(line);
    let metadata = parts.metadata.unwrap_or_default();
    let begin = out.len();
    for longest in [VALUE, SHORT_VALUE] {
        out.truncate(begin);
        let mut writer = Writer { out, longest, first: true, cut: false };
        writer.header(&parts, &metadata);
        writer.extension(&parts, &metadata);
        if writer.cut {
            writer.labelled("flexNumber1", "untruncatedSize", Some(line.len().to_string().as_bytes()));
        }
        if out.len() - begin <= most {
            return;
        }
    }
    // Only a bound of less than 7,000 bytes leads here.
    out.truncate(begin + most);
}

struct Writer<'o> {
    out: &'o mut Vec<u8>,
    longest: usize,
    /// Whether nothing stands in the extension yet.
    first: bool,
    cut: bool,
}

impl Writer<'_> {
    fn header(&mut self, parts: &Parts<'_>, metadata: &Metadata<'_>) {
        let version = inner(metadata.product, &["version"]);
        let code = metadata.code;
        let name = inner(parts.finding, &["title"]).or(parts.detail).or(code);
        self.out.extend_from_slice(b"CEF:0|Portcullis|Portcullis|");
        for value in [version, code, name] {
            self.shown(value, HEADER);
            self.out.push(b'|');
        }
        self.out.extend_from_slice(severity(parts.severity));
        self.out.push(b'|');
    }

    fn extension(&mut self, parts: &Parts<'_>, metadata: &Metadata<'_>) {
        self.pair("rt", parts.time);
        self.pair("externalId", metadata.uid);
        self.places(parts);
        self.http(parts);
        self.word("act", action(parts));
        // The status of a finding is how far it has come.
        let has_failed = parts.status == Some(b"2") && parts.finding.is_none();
        self.word("outcome", if has_failed { "failure" } else { "success" });
        self.pair("reason", parts.code);
        self.pair("msg", parts.detail);
        self.pair("cat", inner(parts.rule, &["category"]));
        self.pair("start", parts.start);
        self.pair("end", parts.end);
        let observed = || inner(parts.evidences.and_then(first), &["data", "observed"]);
        self.pair("cnt", parts.count.or_else(observed));
        let [name, size, hashes] = members(parts.file, ["name", "size", "hashes"]);
        self.pair("fname", name);
        self.pair("fsize", size);
        self.pair("fileHash", inner(hashes.and_then(first), &["value"]));
        self.labelled("cs1", "policyVersion", inner(parts.policy, &["uid"]));
        self.labelled("cs2", "ruleId", inner(parts.rule, &["name"]).or_else(|| analytic(parts)));
        self.labelled("cs3", "requestId", metadata.correlation);
        self.labelled("cs4", "chain", metadata.chain);
        self.labelled("cs5", "entity", inner(parts.entity_result.or(parts.entity), &["uid"]));
        let role = inner(parts.authorizations.and_then(first), &["policy", "name"]);
        self.labelled("cs6", "role", role);
        self.labelled("cn1", "httpStatus", inner(parts.response, &["code"]));
        self.labelled("cn2", "sequence", metadata.sequence);
        self.labelled("cn3", "durationMilliseconds", parts.duration);
    }

    /// From where, who, and to where.
    fn places(&mut self, parts: &Parts<'_>) {
        let evidence = parts.evidences.and_then(first);
        let seen = || inner(evidence, &["src_endpoint"]).map(of);
        let actor = parts.actor.or_else(|| inner(evidence, &["actor"]));
        let Endpoint { ip, uid, port, proxy } = parts.source.or_else(seen).unwrap_or_default();
        self.pair("src", ip);
        // A network or a pseudonym is no address, and `src` takes nothing else.
        self.pair("shost", uid);
        self.pair("spt", proxy.map_or(port, |near| member(near, "port")));
        // Who acts is the source; who something happens to, such as a lock-out, the destination.
        let [acts, called] = members(inner(actor, &["user"]), ["uid", "name"]);
        match (parts.user, parts.category, parts.source) {
            (Some(user), _, Some(_)) => self.pair("suid", member(user, "uid")),
            (Some(user), _, None) => {
                self.pair("suid", acts);
                self.pair("duid", member(user, "uid"));
            }
            _ => self.pair("suid", acts),
        }
        self.pair("suser", called);
        self.pair("sproc", inner(actor, &["app_name"]));
        self.pair("dhost", parts.tls.and_then(|tls| tls.sni));
        self.pair("destinationServiceName", inner(parts.destination, &["svc_name"]));
        self.pair("dvchost", inner(parts.device, &["name"]));
    }

    fn http(&mut self, parts: &Parts<'_>) {
        if parts.category == Some(b"4") {
            self.word("app", if parts.tls.is_some() { "HTTPS" } else { "HTTP" });
        }
        let Request { url, method, .. } = parts.request.unwrap_or_default();
        let request = inner(url, &["path"]);
        self.pair("requestMethod", method.or(parts.activity_name.filter(|_| request.is_some())));
        self.pair("request", request);
        let [bytes_in, bytes_out] = members(parts.traffic, ["bytes_in", "bytes_out"]);
        self.pair("in", bytes_in);
        self.pair("out", bytes_out);
    }

    fn labelled(&mut self, key: &str, label: &'static str, value: Option<&[u8]>) {
        if value.is_some() {
            self.pair(key, value);
            self.out.push(b' ');
            self.out.extend_from_slice(key.as_bytes());
            self.out.extend_from_slice(b"Label=");
            self.out.extend_from_slice(label.as_bytes());
        }
    }

    fn word(&mut self, key: &str, word: &'static str) {
        self.key(key);
        self.out.extend_from_slice(word.as_bytes());
    }

    fn pair(&mut self, key: &str, value: Option<&[u8]>) {
        if value.is_some() {
            self.key(key);
            self.shown(value, EXTENSION);
        }
    }

    fn key(&mut self, key: &str) {
        // Behind the header's last bar, nothing separates.
        if !std::mem::take(&mut self.first) {
            self.out.push(b' ');
        }
        self.out.extend_from_slice(key.as_bytes());
        self.out.push(b'=');
    }

    /// A text or a number, with `escapes` for what would end it.
    fn shown(&mut self, value: Option<&[u8]>, escapes: Escapes) {
        let Some(value) = value else { return };
        // Nearly all values: nothing in them ends or begins an escape, here or in JSON.
        let plain = value.strip_prefix(b"\"").and_then(|value| value.strip_suffix(b"\"")).unwrap_or(value);
        if plain.len() <= self.longest && plain.iter().all(|byte| is_plain(*byte, escapes)) {
            return self.out.extend_from_slice(plain);
        }
        let shown = text(value).unwrap_or_else(|| String::from_utf8_lossy(value));
        let room = self.out.len() + self.longest;
        for character in shown.chars() {
            let before = self.out.len();
            escaped(character, escapes, self.out);
            if self.out.len() > room {
                self.out.truncate(before);
                self.cut = true;
                return;
            }
        }
    }
}

/// Characters that end a part, beside the backslash: of the header, the bar; of an extension, the equals sign. A header
/// has no line breaks.
type Escapes = (u8, bool);

const HEADER: Escapes = (b'|', false);
const EXTENSION: Escapes = (b'=', true);

const fn is_plain(byte: u8, escapes: Escapes) -> bool {
    byte >= b' ' && byte < 0x7f && byte != b'\\' && byte != escapes.0
}

fn escaped(character: char, (ends, breaks): Escapes, out: &mut Vec<u8>) {
    match character {
        '\\' => out.extend_from_slice(b"\\\\"),
        _ if character == char::from(ends) => out.extend_from_slice(&[b'\\', ends]),
        '\n' if breaks => out.extend_from_slice(b"\\n"),
        '\r' if breaks => out.extend_from_slice(b"\\r"),
        ' '..='~' => out.push(u8::try_from(character).unwrap_or(b'?')),
        _ => {
            for unit in character.encode_utf16(&mut [0; 2]) {
                out.extend_from_slice(format!("\\\\u{unit:04x}").as_bytes());
            }
        }
    }
}

/// OCSF `action_id` where there is one; otherwise what was done, where OCSF has no word for it, or whether it was done.
fn action(parts: &Parts<'_>) -> &'static str {
    match (parts.action, parts.status) {
        (Some(b"1"), _) => "allowed",
        (Some(b"2"), _) => "denied",
        (Some(b"3"), _) => "observed",
        (_, Some(b"2")) => "failed",
        _ => "done",
    }
}

/// The rule of an alarm.
fn analytic<'l>(parts: &Parts<'l>) -> Option<&'l [u8]> {
    inner(parts.finding, &["analytic", "uid"])
}

/// From OCSF's six to ten: 0 to 3 is low, 4 to 6 medium, 7 and 8 high, 9 and 10 very high.
fn severity(id: Option<&[u8]>) -> &'static [u8] {
    match id.and_then(number) {
        Some(1) => b"1",
        Some(2) => b"3",
        Some(3) => b"5",
        Some(4) => b"8",
        Some(5 | 6) => b"10",
        _ => b"0",
    }
}
