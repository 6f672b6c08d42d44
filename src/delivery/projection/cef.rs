//! CEF 0 (ArcSight Common Event Format, revision 25): one line of text, for SIEMs that know no JSON. It has less room
//! than a record; what it leaves out is in the spool and in every other sink.
//!
//! ```text
//! CEF:0|Portcullis|Portcullis|<version>|<event code>|<name>|<0 to 10>|rt=… externalId=… src=… act=… …
//! ```
//!
//! All of it is ASCII: a character beyond it, or a control character, stands as `\\uXXXX`.

use super::super::index::{Path, View};
use super::super::members::{number, text};
use super::parts::{Actor, Source};

/// Longest value of an extension where the line is short enough: the dictionary's bound of most of its keys.
const VALUE: usize = 1023;
/// Longest value where the line would be too long otherwise: with it, all keys together stay below 7,000 bytes.
const SHORT_VALUE: usize = 120;

/// Appends the CEF line of a record, not longer than `most` bytes; with values cut, if need be, and the record's own
/// length as `flexNumber1`.
pub fn cef(view: &View<'_>, most: usize, out: &mut Vec<u8>) {
    let begin = out.len();
    for longest in [VALUE, SHORT_VALUE] {
        out.truncate(begin);
        let mut writer = Writer { view, out, longest, first: true, cut: false };
        writer.header();
        writer.extension();
        if writer.cut {
            writer.labelled("flexNumber1", "untruncatedSize", Some(view.line.len().to_string().as_bytes()));
        }
        if out.len() - begin <= most {
            return;
        }
    }
    // Only a bound of less than 7,000 bytes leads here.
    out.truncate(begin + most);
}

struct Writer<'l, 'o> {
    view: &'o View<'l>,
    out: &'o mut Vec<u8>,
    longest: usize,
    /// Whether nothing stands in the extension yet.
    first: bool,
    cut: bool,
}

impl<'l> Writer<'l, '_> {
    fn header(&mut self) {
        self.out.extend_from_slice(b"CEF:0|Portcullis|Portcullis|");
        let name = self.view.either(&[Path::FindingTitle, Path::StatusDetail, Path::MetadataCode]);
        for value in [self.at(Path::MetadataVersion), self.at(Path::MetadataCode), name] {
            self.shown(value, HEADER);
            self.out.push(b'|');
        }
        self.out.extend_from_slice(severity(self.at(Path::Severity)));
        self.out.push(b'|');
    }

    fn extension(&mut self) {
        self.member("rt", Path::Time);
        self.member("externalId", Path::MetadataUid);
        self.places();
        self.http();
        self.word("act", action(self.at(Path::Action), self.at(Path::Status)));
        // The status of a finding is how far it has come.
        let has_failed = self.at(Path::Status) == Some(b"2") && self.at(Path::Finding).is_none();
        self.word("outcome", if has_failed { "failure" } else { "success" });
        self.member("reason", Path::StatusCode);
        self.member("msg", Path::StatusDetail);
        self.member("cat", Path::RuleCategory);
        self.member("start", Path::Start);
        self.member("end", Path::End);
        self.pair("cnt", self.view.either(&[Path::Count, Path::SeenObserved]));
        self.member("fname", Path::FileName);
        self.member("fsize", Path::FileSize);
        self.member("fileHash", Path::FileHash);
        self.labelled("cs1", "policyVersion", self.at(Path::Policy));
        self.labelled("cs2", "ruleId", self.view.either(&[Path::RuleName, Path::FindingAnalytic]));
        self.labelled("cs3", "requestId", self.at(Path::MetadataCorrelation));
        self.labelled("cs4", "chain", self.at(Path::MetadataChain));
        self.labelled("cs5", "entity", self.entity());
        self.labelled("cs6", "role", self.at(Path::Role));
        self.labelled("cn1", "httpStatus", self.at(Path::ResponseCode));
        self.labelled("cn2", "sequence", self.at(Path::MetadataSequence));
        self.labelled("cn3", "durationMilliseconds", self.at(Path::Duration));
    }

    fn at(&self, path: Path) -> Option<&'l [u8]> {
        self.view.at(path)
    }

    fn member(&mut self, key: &str, path: Path) {
        self.pair(key, self.view.at(path));
    }

    /// What was changed: as it is now, or where nothing came of it, as it was.
    fn entity(&self) -> Option<&'l [u8]> {
        self.at(if self.at(Path::Result).is_some() { Path::ResultUid } else { Path::EntityUid })
    }

    /// From where, who, and to where.
    fn places(&mut self) {
        let (source, actor) = (Source::of(self.view), Actor::of(self.view));
        self.pair("src", source.ip);
        // A network or a pseudonym is no address, and `src` takes nothing else.
        self.pair("shost", source.uid);
        self.pair("spt", source.proxy.unwrap_or(source.port));
        // Who acts is the source; who something happens to, such as a lock-out, the destination.
        match (self.at(Path::User), self.at(Path::Source)) {
            (Some(_), Some(_)) => self.member("suid", Path::UserUid),
            (Some(_), None) => {
                self.pair("suid", actor.uid);
                self.member("duid", Path::UserUid);
            }
            _ => self.pair("suid", actor.uid),
        }
        self.pair("suser", actor.name);
        self.pair("sproc", actor.app);
        self.member("dhost", Path::TlsSni);
        self.member("destinationServiceName", Path::Listener);
        self.member("dvchost", Path::Device);
    }

    fn http(&mut self) {
        if self.at(Path::Category) == Some(b"4") {
            self.word("app", if self.at(Path::Tls).is_some() { "HTTPS" } else { "HTTP" });
        }
        let request = self.at(Path::RequestPath);
        let method = self.at(Path::RequestMethod);
        self.pair("requestMethod", method.or_else(|| self.at(Path::ActivityName).filter(|_| request.is_some())));
        self.pair("request", request);
        self.member("in", Path::TrafficIn);
        self.member("out", Path::TrafficOut);
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
fn action(action: Option<&[u8]>, status: Option<&[u8]>) -> &'static str {
    match (action, status) {
        (Some(b"1"), _) => "allowed",
        (Some(b"2"), _) => "denied",
        (Some(b"3"), _) => "observed",
        (_, Some(b"2")) => "failed",
        _ => "done",
    }
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
