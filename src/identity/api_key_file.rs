//! `policies/api-keys.yaml`: the digests of API keys and whose they are.
//!
//! ```yaml
//! keys:
//!   - caller: warehouse-sync
//!     id: key-6f1c02d94ab3             # optional; how records and `revoked:` name it, by default made of the digest
//!     digest: sha256:<64 hexadecimal digits>
//!     created: 2026-11-21T09:00:00Z    # optional
//!     expires: 2027-01-01              # optional; not valid from this day on, or from this moment on, UTC
//!     groups: [warehouse]              # optional
//!     roles: [fulfilment]              # optional; of the caller's roles, the only ones that this key carries
//!     revoked: 2026-12-01T10:30:00Z    # optional; not valid, whatever the day
//!     reason: left in a repository     # optional; why it is revoked
//! ```

use std::collections::HashSet;
use std::path::Path;

use granit_parser::{Event, Parser, Span, StrInput};

use super::IdentityFault;
use super::api_key::KeyDigest;
use super::caller::is_name;
use super::secret_file::decode_hex;
use crate::redact::Name;

/// Longest file: room for [`MAX_KEYS`] entries of 200 bytes.
pub(super) const MAX_FILE_BYTES: usize = 2 * 1024 * 1024;
/// Most keys of one file.
const MAX_KEYS: usize = 10_000;
/// Most groups or roles of one key.
const MAX_GROUPS: usize = 256;
/// Longest reason of a revocation.
const MAX_REASON_BYTES: usize = 200;

/// One key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    pub caller: String,
    pub id: Name,
    pub digest: KeyDigest,
    /// The first second at which it is no longer valid.
    pub expires: Option<u64>,
    pub groups: Vec<String>,
    /// The only roles that the key carries; all of its caller's if not set.
    pub roles: Option<Vec<String>>,
    /// When it was revoked.
    pub revoked: Option<u64>,
    /// When it was made.
    pub created: Option<u64>,
    /// The line of the file on which the entry begins, and the last one.
    pub line: usize,
    pub last_line: usize,
}

/// All keys of a file, or the first fault with its line.
pub(super) fn parse(path: &Path, bytes: &[u8]) -> Result<Vec<Entry>, IdentityFault> {
    let text = std::str::from_utf8(bytes).map_err(|_| IdentityFault::file(path, "is not UTF-8 text"))?;
    let mut reader = Reader { path, parser: Parser::new_from_str(text), line: 1 };
    reader.demand(|event| matches!(event, Event::StreamStart), "is not YAML")?;
    reader.demand(
        |event| matches!(event, Event::DocumentStart(..)),
        "holds no key; add one with `portcullis keys api new`",
    )?;
    reader.demand(|event| matches!(event, Event::MappingStart(_, 0, None)), "must begin with `keys:`")?;
    if reader.scalar()? != "keys" {
        return Err(reader.fault("must begin with `keys:`"));
    }
    reader.demand(|event| matches!(event, Event::SequenceStart(_, 0, None)), "`keys` must be a list")?;
    let mut entries = Vec::new();
    let (mut digests, mut ids) = (HashSet::new(), HashSet::new());
    while reader.item()? {
        let entry = reader.entry()?;
        if !digests.insert(entry.digest) {
            return Err(reader.fault("this digest is in the file already; one key has one caller"));
        }
        if !ids.insert(entry.id.clone()) {
            return Err(reader.fault(format!("the id `{}` is in the file already", entry.id)));
        }
        entries.push(entry);
        if entries.len() > MAX_KEYS {
            return Err(reader.fault(format!("there are more than {MAX_KEYS} keys")));
        }
    }
    reader.demand(|event| matches!(event, Event::MappingEnd), "nothing but `keys` may stand here")?;
    reader.demand(|event| matches!(event, Event::DocumentEnd), "the file must end after `keys`")?;
    reader.demand(|event| matches!(event, Event::StreamEnd), "the file must hold one document only")?;
    if entries.is_empty() {
        return Err(IdentityFault::file(path, "holds no key; add one with `portcullis keys api new`"));
    }
    Ok(entries)
}

/// The id of a key that was given none: the begin of its digest tells nothing of the key.
pub(super) fn id_of(digest: &KeyDigest) -> String {
    use std::fmt::Write as _;
    let mut id = "key-".to_owned();
    for byte in &digest[..6] {
        // Writing to a String cannot fail.
        let _ = write!(id, "{byte:02x}");
    }
    id
}

/// The first second of a day, UTC.
pub(super) fn midnight(date: jiff::civil::Date) -> Option<u64> {
    let at = date.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp().as_second();
    u64::try_from(at).ok().filter(|&at| at > 0)
}

struct Reader<'a> {
    path: &'a Path,
    parser: Parser<'a, StrInput<'a>>,
    line: usize,
}

impl<'a> Reader<'a> {
    fn fault(&self, what: impl Into<String>) -> IdentityFault {
        IdentityFault::line(self.path, self.line, what)
    }

    fn next(&mut self) -> Result<Event<'a>, IdentityFault> {
        match self.parser.next_event() {
            Some(Ok((event, Span { start, .. }))) => {
                self.line = start.line();
                Ok(event)
            }
            Some(Err(error)) => {
                self.line = error.marker().line();
                Err(self.fault("is not YAML from here on"))
            }
            None => Err(self.fault("ends too early")),
        }
    }

    fn demand(&mut self, fits: impl Fn(&Event<'_>) -> bool, what: &str) -> Result<(), IdentityFault> {
        let event = self.next()?;
        if fits(&event) { Ok(()) } else { Err(self.fault(what)) }
    }

    /// A plain or quoted text. Anchors, aliases and tags have no use here, and hide what a file says.
    fn scalar(&mut self) -> Result<String, IdentityFault> {
        match self.next()? {
            Event::Scalar(text, _, 0, None) => Ok(text.into_owned()),
            _ => Err(self.fault("a text is expected here, without anchor, alias or tag")),
        }
    }

    /// Whether another item of a list of mappings begins.
    fn item(&mut self) -> Result<bool, IdentityFault> {
        match self.next()? {
            Event::MappingStart(_, 0, None) => Ok(true),
            Event::SequenceEnd => Ok(false),
            _ => Err(self.fault("each key is written as `- caller: …` with its `digest` below")),
        }
    }

    fn entry(&mut self) -> Result<Entry, IdentityFault> {
        let first_line = self.line;
        let (mut caller, mut digest, mut expires, mut groups) = (None, None, None, None);
        let (mut id, mut roles, mut revoked, mut created, mut reason) = (None, None, None, None, None);
        let mut last_line = first_line;
        loop {
            let key = match self.next()? {
                Event::MappingEnd => break,
                Event::Scalar(key, _, 0, None) => key,
                _ => return Err(self.fault("a text is expected here, without anchor, alias or tag")),
            };
            let twice = match &*key {
                "caller" => caller.replace(self.caller()?).is_some(),
                "digest" => digest.replace(self.digest()?).is_some(),
                "expires" => expires.replace(self.moment("expires")?).is_some(),
                "groups" => groups.replace(self.names("groups")?).is_some(),
                "id" => id.replace(self.id()?).is_some(),
                "roles" => roles.replace(self.names("roles")?).is_some(),
                "revoked" => revoked.replace(self.moment("revoked")?).is_some(),
                "created" => created.replace(self.moment("created")?).is_some(),
                "reason" => reason.replace(self.reason()?).is_some(),
                _ => {
                    return Err(self.fault(
                        "only `caller`, `id`, `digest`, `created`, `expires`, `groups`, `roles`, `revoked` and \
                         `reason` may stand here",
                    ));
                }
            };
            last_line = self.line;
            if twice {
                return Err(self.fault(format!("`{key}` is there twice")));
            }
        }
        match (caller, digest) {
            (Some(caller), Some(digest)) => Ok(Entry {
                caller,
                id: id.map_or_else(|| self.default_id(&digest), Ok)?,
                digest,
                expires,
                groups: groups.unwrap_or_default(),
                roles,
                revoked,
                created,
                line: first_line,
                last_line,
            }),
            _ => Err(IdentityFault::line(self.path, first_line, "a key needs both `caller` and `digest`")),
        }
    }

    fn caller(&mut self) -> Result<String, IdentityFault> {
        let caller = self.scalar()?;
        if is_name(&caller) { Ok(caller) } else { Err(self.fault("this cannot be a caller's name")) }
    }

    fn digest(&mut self) -> Result<KeyDigest, IdentityFault> {
        let text = self.scalar()?;
        let mut digest = [0; 32];
        text.strip_prefix("sha256:").and_then(|digits| decode_hex(digits.as_bytes(), &mut digest)).ok_or_else(
            || {
                // The text is not repeated: it may be a key that was pasted here by mistake.
                self.fault("the digest must be `sha256:` and 64 hexadecimal digits; a key itself does not belong here")
            },
        )?;
        Ok(digest)
    }

    fn id(&mut self) -> Result<Name, IdentityFault> {
        let text = self.scalar()?;
        Name::configured(&text).map_err(|why| self.fault(format!("the id {why}")))
    }

    fn default_id(&self, digest: &KeyDigest) -> Result<Name, IdentityFault> {
        Name::configured(&id_of(digest)).map_err(|why| self.fault(format!("the id {why}")))
    }

    /// A day, whose first second counts, or a moment.
    fn moment(&mut self, key: &str) -> Result<u64, IdentityFault> {
        let text = self.scalar()?;
        let day = || text.parse().ok().filter(|_| text.len() == "2027-01-01".len()).and_then(midnight);
        let moment = || {
            let at: jiff::Timestamp = text.parse().ok().filter(|_| text.ends_with('Z'))?;
            u64::try_from(at.as_second()).ok().filter(|&at| at > 0)
        };
        let at = day().or_else(moment);
        at.ok_or_else(|| self.fault(format!("`{key}` must be a day such as 2027-01-01, or 2027-01-01T12:00:00Z")))
    }

    fn reason(&mut self) -> Result<(), IdentityFault> {
        let text = self.scalar()?;
        if text.len() <= MAX_REASON_BYTES { Ok(()) } else { Err(self.fault("the reason is too long")) }
    }

    fn names(&mut self, key: &str) -> Result<Vec<String>, IdentityFault> {
        if !matches!(self.next()?, Event::SequenceStart(_, 0, None)) {
            return Err(self.fault(format!("`{key}` must be a list such as [warehouse]")));
        }
        let mut groups = Vec::new();
        loop {
            match self.next()? {
                Event::SequenceEnd => return Ok(groups),
                Event::Scalar(group, _, 0, None) if is_name(&group) && groups.len() < MAX_GROUPS => {
                    groups.push(group.into_owned());
                }
                _ => return Err(self.fault("this cannot be the name of a group or role, or there are too many")),
            }
        }
    }
}
