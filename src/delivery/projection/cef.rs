//! CEF 0 (ArcSight Common Event Format, revision 25): one line of text, for SIEMs that know no JSON. It has less room
//! than a record; what it leaves out is in the spool and in every other sink.
//!
//! ```text
//! CEF:0|Portcullis|Portcullis|<version>|<event code>|<name>|<0 to 10>|rt=… externalId=… src=… act=… …
//! ```
//!
//! All of it is ASCII: a character beyond it, or a control character, stands as `\\uXXXX`.

use super::super::members::{Members, first, inner, member, members, number, text};

/// Longest value of an extension where the line is short enough: the dictionary's bound of most of its keys.
const VALUE: usize = 1023;
/// Longest value where the line would be too long otherwise: with it, all keys together stay below 7,000 bytes.
const SHORT_VALUE: usize = 120;

/// The parts of a record that a line is made of, as they stand.
#[derive(Default)]
struct Parts<'l> {
    action: Option<&'l [u8]>,
    activity_name: Option<&'l [u8]>,
    actor: Option<&'l [u8]>,
    authorizations: Option<&'l [u8]>,
    category: Option<&'l [u8]>,
    count: Option<&'l [u8]>,
    device: Option<&'l [u8]>,
    destination: Option<&'l [u8]>,
    duration: Option<&'l [u8]>,
    end: Option<&'l [u8]>,
    entity: Option<&'l [u8]>,
    entity_result: Option<&'l [u8]>,
    evidences: Option<&'l [u8]>,
    file: Option<&'l [u8]>,
    finding: Option<&'l [u8]>,
    rule: Option<&'l [u8]>,
    request: Option<&'l [u8]>,
    response: Option<&'l [u8]>,
    metadata: Metadata<'l>,
    policy: Option<&'l [u8]>,
    severity: Option<&'l [u8]>,
    source: Option<&'l [u8]>,
    start: Option<&'l [u8]>,
    code: Option<&'l [u8]>,
    detail: Option<&'l [u8]>,
    status: Option<&'l [u8]>,
    time: Option<&'l [u8]>,
    tls: Option<&'l [u8]>,
    traffic: Option<&'l [u8]>,
    user: Option<&'l [u8]>,
}

/// What a record says of itself, of which much is wanted.
#[derive(Default)]
struct Metadata<'l> {
    uid: Option<&'l [u8]>,
    correlation: Option<&'l [u8]>,
    code: Option<&'l [u8]>,
    chain: Option<&'l [u8]>,
    product: Option<&'l [u8]>,
    sequence: Option<&'l [u8]>,
}

impl<'l> Metadata<'l> {
    fn of(object: &'l [u8]) -> Self {
        let keys = ["uid", "correlation_uid", "event_code", "log_name", "product", "sequence"];
        let [uid, correlation, code, chain, product, sequence] = members(Some(object), keys);
        Self { uid, correlation, code, chain, product, sequence }
    }
}

impl<'l> Parts<'l> {
    fn of(line: &'l [u8]) -> Self {
        let mut parts = Self::default();
        for (key, value) in Members::of(line) {
            let place = match key {
                b"action_id" => &mut parts.action,
                b"activity_name" => &mut parts.activity_name,
                b"actor" => &mut parts.actor,
                b"authorizations" => &mut parts.authorizations,
                b"category_uid" => &mut parts.category,
                b"count" => &mut parts.count,
                b"device" => &mut parts.device,
                b"dst_endpoint" => &mut parts.destination,
                b"duration" => &mut parts.duration,
                b"end_time" => &mut parts.end,
                b"entity" => &mut parts.entity,
                b"entity_result" => &mut parts.entity_result,
                b"evidences" => &mut parts.evidences,
                b"file" => &mut parts.file,
                b"finding_info" => &mut parts.finding,
                b"firewall_rule" => &mut parts.rule,
                b"http_request" => &mut parts.request,
                b"http_response" => &mut parts.response,
                b"metadata" => {
                    parts.metadata = Metadata::of(value);
                    continue;
                }
                b"policy" => &mut parts.policy,
                b"severity_id" => &mut parts.severity,
                b"src_endpoint" => &mut parts.source,
                b"start_time" => &mut parts.start,
                b"status_code" => &mut parts.code,
                b"status_detail" => &mut parts.detail,
                b"status_id" => &mut parts.status,
                b"time" => &mut parts.time,
                b"tls" => &mut parts.tls,
                b"traffic" => &mut parts.traffic,
                b"user" => &mut parts.user,
                _ => continue,
            };
            *place = Some(value);
        }
        parts
    }
}

/// Appends the CEF line of a record, not longer than `most` bytes; with values cut, if need be, and the record's own
/// length as `flexNumber1`.
pub fn cef(line: &[u8], most: usize, out: &mut Vec<u8>) {
    let parts = Parts::of(line);
    let begin = out.len();
    for longest in [VALUE, SHORT_VALUE] {
        out.truncate(begin);
        let mut writer = Writer { out, longest, first: true, cut: false };
        writer.header(&parts);
        writer.extension(&parts);
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
    fn header(&mut self, parts: &Parts<'_>) {
        let version = inner(parts.metadata.product, &["version"]);
        let code = parts.metadata.code;
        let name = inner(parts.finding, &["title"]).or(parts.detail).or(code);
        self.out.extend_from_slice(b"CEF:0|Portcullis|Portcullis|");
        for value in [version, code, name] {
            self.shown(value, HEADER);
            self.out.push(b'|');
        }
        self.out.extend_from_slice(severity(parts.severity));
        self.out.push(b'|');
    }

    fn extension(&mut self, parts: &Parts<'_>) {
        self.pair("rt", parts.time);
        self.pair("externalId", parts.metadata.uid);
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
        self.pair("fname", inner(parts.file, &["name"]));
        self.pair("fsize", inner(parts.file, &["size"]));
        self.pair("fileHash", inner(inner(parts.file, &["hashes"]).and_then(first), &["value"]));
        self.labelled("cs1", "policyVersion", inner(parts.policy, &["uid"]));
        self.labelled("cs2", "ruleId", inner(parts.rule, &["name"]).or_else(|| analytic(parts)));
        self.labelled("cs3", "requestId", parts.metadata.correlation);
        self.labelled("cs4", "chain", parts.metadata.chain);
        self.labelled("cs5", "entity", inner(parts.entity_result.or(parts.entity), &["uid"]));
        let role = inner(parts.authorizations.and_then(first), &["policy", "name"]);
        self.labelled("cs6", "role", role);
        self.labelled("cn1", "httpStatus", inner(parts.response, &["code"]));
        self.labelled("cn2", "sequence", parts.metadata.sequence);
        self.labelled("cn3", "durationMilliseconds", parts.duration);
    }

    /// From where, who, and to where.
    fn places(&mut self, parts: &Parts<'_>) {
        let evidence = parts.evidences.and_then(first);
        let source = parts.source.or_else(|| inner(evidence, &["src_endpoint"]));
        let actor = parts.actor.or_else(|| inner(evidence, &["actor"]));
        let [ip, uid, port, proxy] = members(source, ["ip", "uid", "port", "proxy_endpoint"]);
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
        self.pair("dhost", inner(parts.tls, &["sni"]));
        self.pair("destinationServiceName", inner(parts.destination, &["svc_name"]));
        self.pair("dvchost", inner(parts.device, &["name"]));
    }

    fn http(&mut self, parts: &Parts<'_>) {
        if parts.category == Some(b"4") {
            self.word("app", if parts.tls.is_some() { "HTTPS" } else { "HTTP" });
        }
        let [url, method] = members(parts.request, ["url", "http_method"]);
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
