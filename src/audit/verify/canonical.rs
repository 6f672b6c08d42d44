//! A record's own bytes, from whatever a JSON parser made of them.
//!
//! The gate writes one form of each record: members in the order of their bytes at every level, no white space, ASCII
//! with everything else as `\uXXXX` (lower case), integers below 2^53. From a line that was parsed and written again,
//! these bytes come back if
//!
//! * white space, the order of members and the way in which characters are escaped differ,
//! * an integer is written as `1.0` or `1e3`,
//! * members were added at the top level, whose names no record has ([`MEMBERS`] lists those that records have), or
//!   `unmapped.portcullis.leaf`,
//! * the record stands in the member `event`, `_source`, `ocsf` or `result` of a wrapper.
//!
//! A stub (`metadata.is_truncated`), which a sink sends in place of a record that is too long for it, keeps its
//! `unmapped.portcullis.leaf`: it is what the record's place in the chain is known by.
//!
//! Anything else that differs is a change of the record. A member that is there twice is a fault: two readers could see
//! two different records.

/// Deepest nesting that is read; records have seven levels.
const DEEPEST: usize = 24;
/// Longest line that is read: records are below 16 KiB, and escapes may make six bytes of one.
pub const LONGEST: usize = 256 * 1024;
/// Integers are below this: every reader of JSON keeps them exact.
const INTEGER_BOUND: u64 = 1 << 53;

/// Names of members at a record's top level, in order. A test holds them against what the gate writes.
pub const MEMBERS: &[&str] = &[
    "action_id",
    "activity_id",
    "activity_name",
    "actor",
    "app",
    "auth_factors",
    "auth_protocol",
    "auth_protocol_id",
    "authorizations",
    "category_uid",
    "class_uid",
    "comment",
    "confidence_id",
    "connection_info",
    "count",
    "device",
    "disposition_id",
    "dst_endpoint",
    "duration",
    "end_time",
    "entity",
    "entity_result",
    "evidences",
    "file",
    "finding_info",
    "firewall_rule",
    "http_request",
    "http_response",
    "is_alert",
    "is_mfa",
    "log_name",
    "metadata",
    "policy",
    "severity_id",
    "src_endpoint",
    "start_time",
    "status_code",
    "status_detail",
    "status_id",
    "time",
    "tls",
    "traffic",
    "type_uid",
    "unmapped",
    "user",
];

/// Members that a wrapper may hold a record in.
const WRAPPERS: [&str; 4] = ["_source", "event", "ocsf", "result"];

/// The bytes of the record in `line`, without a line's end; `None` if it is no JSON object.
pub fn canonical(line: &[u8]) -> Option<Vec<u8>> {
    if line.len() > LONGEST {
        return None;
    }
    let mut reader = Reader { bytes: line, at: 0 };
    let mut members = reader.whole_object()?;
    if !members.iter().any(|(name, _)| name == "metadata")
        && let Some(at) = members.iter().position(|(name, _)| WRAPPERS.contains(&name.as_str()))
    {
        let inner = members.swap_remove(at).1;
        members = Reader { bytes: &inner, at: 0 }.whole_object()?;
    }
    members.retain(|(name, _)| MEMBERS.binary_search(&name.as_str()).is_ok());
    let stub = members.iter().any(|(name, value)| name == "metadata" && super::facts::is_stub(value));
    if let Some((_, unmapped)) = members.iter_mut().find(|(name, _)| name == "unmapped" && !stub)
        && memchr::memmem::find(unmapped, b"\"leaf\":").is_some()
    {
        *unmapped = without_leaf(unmapped)?;
    }
    let mut out = Vec::with_capacity(line.len());
    write_object(members, &mut out)?;
    Some(out)
}

/// `unmapped` without `portcullis.leaf`.
fn without_leaf(unmapped: &[u8]) -> Option<Vec<u8>> {
    let mut members = Reader { bytes: unmapped, at: 0 }.whole_object()?;
    for (_, ours) in members.iter_mut().filter(|(name, _)| name == "portcullis") {
        let mut inner = Reader { bytes: ours, at: 0 }.whole_object()?;
        inner.retain(|(name, _)| name != "leaf");
        ours.clear();
        write_object(inner, ours)?;
    }
    let mut out = Vec::with_capacity(unmapped.len());
    write_object(members, &mut out)?;
    Some(out)
}

/// A member: its name, and its value in canonical form.
type Member = (String, Vec<u8>);

/// `None` if a name is there twice.
fn write_object(mut members: Vec<Member>, out: &mut Vec<u8>) -> Option<()> {
    // RFC 8785 sorts by UTF-16 units, which for the ASCII names of records is the order of bytes.
    members.sort_unstable_by(|one, other| one.0.cmp(&other.0));
    if members.windows(2).any(|pair| pair[0].0 == pair[1].0) {
        return None;
    }
    out.push(b'{');
    for (at, (name, value)) in members.iter().enumerate() {
        if at > 0 {
            out.push(b',');
        }
        write_text(name, out);
        out.push(b':');
        out.extend_from_slice(value);
    }
    out.push(b'}');
    Some(())
}

fn write_text(text: &str, out: &mut Vec<u8>) {
    crate::audit::json::Json::new(out).own(text);
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Reader<'_> {
    fn peek(&mut self) -> Option<u8> {
        while matches!(self.bytes.get(self.at), Some(b' ' | b'\t' | b'\r' | b'\n')) {
            self.at += 1;
        }
        self.bytes.get(self.at).copied()
    }

    fn take(&mut self, byte: u8) -> Option<()> {
        (self.peek()? == byte).then(|| self.at += 1)
    }

    /// An object, and nothing behind it.
    fn whole_object(&mut self) -> Option<Vec<Member>> {
        let members = self.members(0)?;
        self.peek().is_none().then_some(members)
    }

    fn members(&mut self, depth: usize) -> Option<Vec<Member>> {
        self.take(b'{')?;
        let mut members = Vec::new();
        if self.peek()? == b'}' {
            self.at += 1;
            return Some(members);
        }
        loop {
            let name = self.text()?;
            self.take(b':')?;
            let mut value = Vec::new();
            self.value(depth + 1, &mut value)?;
            members.push((name, value));
            match self.peek()? {
                b',' => self.at += 1,
                b'}' => break,
                _ => return None,
            }
        }
        self.at += 1;
        Some(members)
    }

    fn value(&mut self, depth: usize, out: &mut Vec<u8>) -> Option<()> {
        if depth > DEEPEST {
            return None;
        }
        match self.peek()? {
            b'{' => {
                let members = self.members(depth)?;
                write_object(members, out)
            }
            b'[' => self.array(depth, out),
            b'"' => {
                write_text(&self.text()?, out);
                Some(())
            }
            b't' => self.word(b"true", out),
            b'f' => self.word(b"false", out),
            b'n' => self.word(b"null", out),
            _ => self.number(out),
        }
    }

    fn array(&mut self, depth: usize, out: &mut Vec<u8>) -> Option<()> {
        self.take(b'[')?;
        out.push(b'[');
        if self.peek()? != b']' {
            loop {
                self.value(depth + 1, out)?;
                match self.peek()? {
                    b',' => self.at += 1,
                    b']' => break,
                    _ => return None,
                }
                out.push(b',');
            }
        }
        self.at += 1;
        out.push(b']');
        Some(())
    }

    fn word(&mut self, word: &[u8], out: &mut Vec<u8>) -> Option<()> {
        self.bytes[self.at..].starts_with(word).then(|| {
            self.at += word.len();
            out.extend_from_slice(word);
        })
    }

    /// An integer, in whichever way a parser wrote it. Other numbers stay as they are: records have none, what was added
    /// to them may.
    fn number(&mut self, out: &mut Vec<u8>) -> Option<()> {
        let rest = &self.bytes[self.at..];
        let end = rest.iter().position(|byte| !matches!(byte, b'0'..=b'9' | b'-' | b'+' | b'.' | b'e' | b'E'));
        let text = str::from_utf8(&rest[..end.unwrap_or(rest.len())]).ok()?;
        let plain = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        let number = if plain { text.parse().ok() } else { integral(text) };
        let sound = text.starts_with(|first: char| first == '-' || first.is_ascii_digit())
            && text.parse::<f64>().is_ok()
            && !(plain && text.len() > 1 && text.starts_with('0'));
        if !sound {
            return None;
        }
        self.at += text.len();
        match number.filter(|number| *number < INTEGER_BOUND) {
            Some(number) => out.extend_from_slice(itoa::Buffer::new().format(number).as_bytes()),
            None => out.extend_from_slice(text.as_bytes()),
        }
        Some(())
    }

    fn text(&mut self) -> Option<String> {
        self.take(b'"')?;
        let mut text = String::new();
        loop {
            let rest = &self.bytes[self.at..];
            let plain = rest.iter().position(|byte| matches!(byte, b'"' | b'\\' | 0..b' '))?;
            text.push_str(str::from_utf8(&rest[..plain]).ok()?);
            self.at += plain + 1;
            match rest[plain] {
                b'"' => return Some(text),
                b'\\' => text.push(self.escaped()?),
                _ => return None,
            }
        }
    }

    fn escaped(&mut self) -> Option<char> {
        let letter = *self.bytes.get(self.at)?;
        self.at += 1;
        Some(match letter {
            b'"' => '"',
            b'\\' => '\\',
            b'/' => '/',
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => {
                let unit = self.unit()?;
                if (0xd800..0xdc00).contains(&unit) {
                    let low = self.bytes[self.at..].starts_with(b"\\u").then(|| {
                        self.at += 2;
                        self.unit()
                    })??;
                    char::decode_utf16([unit, low]).next()?.ok()?
                } else {
                    char::from_u32(u32::from(unit))?
                }
            }
            _ => return None,
        })
    }

    fn unit(&mut self) -> Option<u16> {
        let digits = self.bytes.get(self.at..self.at + 4)?;
        self.at += 4;
        digits.iter().try_fold(0u16, |unit, digit| {
            Some(unit << 4 | u16::try_from(char::from(*digit).to_digit(16)?).unwrap_or(0))
        })
    }
}

/// A number with a point or an exponent that is an integer all the same.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "the number was found to be an integer from 0 to 2^53"
)]
fn integral(text: &str) -> Option<u64> {
    let number: f64 = text.parse().ok()?;
    let whole = number.is_sign_positive() && number < INTEGER_BOUND as f64 && number.fract() == 0.0;
    (whole && text.starts_with(|first: char| first.is_ascii_digit())).then_some(number as u64)
}

#[cfg(test)]
mod tests;
