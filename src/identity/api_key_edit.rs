//! A file of API keys as its operators change it: line by line, so that comments and order stay, and never to something
//! that reads in another way than was meant.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use super::IdentityFault;
use super::api_key::{self, KeyDigest};
use super::api_key_file::{self, Entry};
use crate::redact::Name;

/// What a new key is to be.
pub struct KeyRequest<'a> {
    /// Whose key it is.
    pub caller: &'a Name,
    /// When it is made, in Unix seconds.
    pub created: Option<u64>,
    /// The moment from which on it is not valid, in Unix seconds.
    pub expires: Option<u64>,
    /// The caller's groups.
    pub groups: &'a [Name],
    /// Of the caller's roles, the only ones that the key carries; all of them if none is named.
    pub roles: &'a [Name],
}

/// A key of a file.
#[derive(Clone, Copy)]
pub struct KeyEntry<'a>(&'a Entry);

impl<'a> KeyEntry<'a> {
    /// How records and `revoked:` name it.
    pub const fn id(self) -> &'a Name {
        &self.0.id
    }

    /// Whose it is.
    pub fn caller(self) -> &'a str {
        &self.0.caller
    }

    /// When it was made, in Unix seconds.
    pub const fn created(self) -> Option<u64> {
        self.0.created
    }

    /// From when on it is not valid.
    pub const fn expires(self) -> Option<u64> {
        self.0.expires
    }

    /// When it was revoked.
    pub const fn revoked(self) -> Option<u64> {
        self.0.revoked
    }

    /// The groups of its caller.
    pub fn groups(self) -> &'a [String] {
        &self.0.groups
    }

    /// The only roles that it carries.
    pub fn roles(self) -> Option<&'a [String]> {
        self.0.roles.as_deref()
    }

    /// Whether the gate takes it at `now`.
    pub fn is_valid(self, now: u64) -> bool {
        self.0.revoked.is_none() && self.0.expires.is_none_or(|expires| now < expires)
    }
}

/// A file of keys.
pub struct KeyFile {
    path: PathBuf,
    text: String,
    entries: Vec<Entry>,
}

impl KeyFile {
    /// Reads a text.
    pub fn parse(path: &Path, text: String) -> Result<Self, IdentityFault> {
        let entries = api_key_file::parse(path, text.as_bytes())?;
        Ok(Self { path: path.to_owned(), text, entries })
    }

    /// The text as it is now.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Its keys, in order.
    pub fn keys(&self) -> impl Iterator<Item = KeyEntry<'_>> {
        self.entries.iter().map(KeyEntry)
    }

    /// The entry of a key.
    pub fn find(&self, key: &str) -> Option<KeyEntry<'_>> {
        let digest = api_key::digest_if_formed(key.as_bytes())?;
        self.keys().find(|entry| entry.0.digest == digest)
    }

    /// Adds the text of an entry at the end.
    pub fn append(&mut self, entry: &str) -> Result<(), IdentityFault> {
        let mut text = self.text.clone();
        if !text.ends_with('\n') {
            text.push('\n');
        }
        text.push_str(entry);
        let more = self.entries.len() + 1;
        self.become_if(text, |entries| entries.len() == more)
    }

    /// From when on a key is not valid.
    pub fn expire(&mut self, id: &Name, at: u64) -> Result<(), IdentityFault> {
        let line = format!("expires: {}", moment(at));
        self.change(id, &["expires"], &[line], |entry| entry.expires = Some(at))
    }

    /// Revokes a key, for a reason.
    pub fn revoke(&mut self, id: &Name, at: u64, reason: &str) -> Result<(), IdentityFault> {
        let reason = reason.replace('\'', "''");
        let lines = [format!("revoked: {}", moment(at)), format!("reason: '{reason}'")];
        self.change(id, &["revoked", "reason"], &lines, |entry| entry.revoked = Some(at))
    }

    /// Takes lines out of an entry and puts others at its end.
    fn change(
        &mut self,
        id: &Name,
        keys: &[&str],
        lines: &[String],
        meant: impl Fn(&mut Entry),
    ) -> Result<(), IdentityFault> {
        let Some(place) = self.entries.iter().position(|entry| entry.id == *id) else {
            return Err(IdentityFault::file(&self.path, format!("has no key `{id}`")));
        };
        let (first, last) = (self.entries[place].line, self.entries[place].last_line);
        let mut text = String::with_capacity(self.text.len() + 100);
        let mut indent = "    ".to_owned();
        for (number, line) in self.text.lines().enumerate().map(|(place, line)| (place + 1, line)) {
            let own = (first..=last).contains(&number);
            if number == first {
                indent = " ".repeat(line.len() - line.trim_start_matches([' ', '-']).len());
            }
            let key = line.trim_start().split(':').next().unwrap_or_default();
            if !(own && keys.contains(&key)) {
                text.push_str(line);
                text.push('\n');
            }
            if number == last {
                for line in lines {
                    let _ = writeln!(text, "{indent}{line}");
                }
            }
        }
        let mut wanted = self.entries.clone();
        meant(&mut wanted[place]);
        self.become_if(text, |entries| {
            let same = |(a, b): (&Entry, &Entry)| {
                Entry { line: 0, last_line: 0, ..a.clone() } == Entry { line: 0, last_line: 0, ..b.clone() }
            };
            entries.len() == wanted.len() && entries.iter().zip(&wanted).all(same)
        })
    }

    fn become_if(&mut self, text: String, as_meant: impl FnOnce(&[Entry]) -> bool) -> Result<(), IdentityFault> {
        let entries = api_key_file::parse(&self.path, text.as_bytes()).ok().filter(|entries| as_meant(entries));
        let Some(entries) = entries else {
            return Err(IdentityFault::file(
                &self.path,
                "was left as it is, since an entry cannot be changed by lines; write its keys one below the other, each \
                 as `  - caller: …` with a line for each setting, and run the command again",
            ));
        };
        (self.text, self.entries) = (text, entries);
        Ok(())
    }
}

/// The text of an entry, as the file is read. Names need no escape.
pub(super) fn render(request: &KeyRequest<'_>, digest: &KeyDigest) -> String {
    let mut text = format!("  - caller: \"{}\"\n    id: {}\n", request.caller, api_key_file::id_of(digest));
    text.push_str("    digest: sha256:");
    for byte in digest {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    text.push('\n');
    for (key, at) in [("created", request.created), ("expires", request.expires)] {
        if let Some(at) = at {
            let _ = writeln!(text, "    {key}: {}", moment(at));
        }
    }
    for (key, names) in [("groups", request.groups), ("roles", request.roles)] {
        if !names.is_empty() {
            let quoted: Vec<String> = names.iter().map(|name| format!("\"{name}\"")).collect();
            let _ = writeln!(text, "    {key}: [{}]", quoted.join(", "));
        }
    }
    text
}

/// A moment as the file has it: RFC 3339, UTC; the day alone at midnight.
pub fn moment(seconds: u64) -> String {
    let Some(at) = i64::try_from(seconds).ok().and_then(|at| jiff::Timestamp::from_second(at).ok()) else {
        return "never".to_owned();
    };
    let text = at.to_string();
    text.strip_suffix("T00:00:00Z").map_or_else(|| text.clone(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "# ours\nkeys:\n  # of the warehouse\n  - caller: sync\n    digest: sha256:\
        1111111111111111111111111111111111111111111111111111111111111111\n    expires: 2030-01-01   # a while\n    \
        groups: [a,\n      b]\n\n  - caller: 'other'\n    id: other-1\n    digest: \"sha256:\
        2222222222222222222222222222222222222222222222222222222222222222\"\n";

    fn file(text: &str) -> KeyFile {
        KeyFile::parse(Path::new("keys.yaml"), text.to_owned()).unwrap_or_else(|fault| panic!("{fault}"))
    }

    fn id(text: &str) -> Name {
        Name::configured(text).expect("a name")
    }

    #[test]
    fn an_entry_is_changed_and_all_else_stays() {
        let mut keys = file(FILE);
        keys.expire(&id("key-111111111111"), 1_800_000_000).unwrap_or_else(|fault| panic!("{fault}"));
        keys.revoke(&id("other-1"), 1_800_000_000, "it's in a repository: #1")
            .unwrap_or_else(|fault| panic!("{fault}"));
        let text = keys.text();
        assert!(text.starts_with("# ours\nkeys:\n  # of the warehouse\n  - caller: sync\n"), "{text}");
        assert!(text.contains("    groups: [a,\n      b]\n    expires: 2027-01-15T08:00:00Z\n\n"), "{text}");
        assert!(!text.contains("2030"), "{text}");
        assert!(
            text.ends_with("    revoked: 2027-01-15T08:00:00Z\n    reason: 'it''s in a repository: #1'\n"),
            "{text}"
        );
        let [sync, other] = &keys.keys().collect::<Vec<_>>()[..] else { panic!("two keys") };
        assert!(sync.is_valid(1_799_999_999) && !sync.is_valid(1_800_000_000));
        assert!(!other.is_valid(0) && other.revoked() == Some(1_800_000_000));
        // Twice is once.
        let before = keys.text().to_owned();
        keys.revoke(&id("other-1"), 1_800_000_000, "it's in a repository: #1")
            .unwrap_or_else(|fault| panic!("{fault}"));
        assert_eq!(keys.text(), before);
    }

    #[test]
    fn an_entry_in_flow_style_is_left_as_it_is() {
        let digest = "ab".repeat(32);
        let flow = format!("keys: [{{caller: a, digest: 'sha256:{digest}'}}]\n");
        let mut keys = file(&flow);
        let only = keys.keys().next().expect("a key").id().clone();
        assert!(keys.expire(&only, 1).expect_err("refused").to_string().contains("left as it is"));
        assert!(keys.revoke(&id("nobody"), 1, "x").expect_err("refused").to_string().contains("no key"));
        assert_eq!(keys.text(), flow);
    }

    #[test]
    fn moments_at_midnight_are_days() {
        assert_eq!(moment(1_798_761_600), "2027-01-01");
        assert_eq!(moment(1_798_761_601), "2027-01-01T00:00:01Z");
    }
}
