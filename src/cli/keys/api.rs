//! `portcullis keys api`: API keys for callers, from the first to the last day.

use std::fmt::Write as _;
use std::fs;
use std::io::{ErrorKind, Read as _};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use jiff::SignedDuration;
use jiff::civil::Date;
use zeroize::Zeroizing;

use super::super::files::{self, PUBLIC};
use super::{Complaint, name};
use crate::cli::format::Format;
use crate::clock::Clock;
use crate::identity::api_key_edit::{KeyEntry, KeyFile, KeyRequest, moment};
use crate::identity::dev::{self, NewApiKey};
use crate::identity::secret_file;
use crate::policy::is_generic;
use crate::redact::Name;

/// Longest file of digests that is edited here, as in the gate.
const MAX_FILE: usize = 2 * 1024 * 1024;
/// Longest time that an old key and a new one are valid side by side.
const MAX_OVERLAP: u64 = 90 * 86_400;

#[derive(Args)]
pub struct Api {
    #[command(subcommand)]
    command: ApiCommand,
}

#[derive(Subcommand)]
enum ApiCommand {
    /// Make an API key: print it once, and add its digest to a file
    New(NewKey),
    /// List the keys of a file
    List(List),
    /// Make a new key for a caller and let the old ones expire
    Rotate(Rotate),
    /// Revoke a key, or all of a caller's
    Revoke(Revoke),
    /// Read a key from standard input and say whose it is
    Find(Find),
}

#[derive(Args)]
struct NewKey {
    /// Whose key it is, as `key:<name>` in `roles.*.members`
    #[arg(long, value_parser = name)]
    caller: Name,
    /// The file of digests; made if it is not there
    #[arg(long, default_value = "policies/api-keys.yaml")]
    file: PathBuf,
    /// The day from which on the key is not valid any more, UTC
    #[arg(long, value_name = "DATE")]
    expires: Option<Date>,
    /// A group of the caller, as `group:<name>` in `roles.*.members`; may be given more than once
    #[arg(long = "group", value_name = "NAME", value_parser = name)]
    groups: Vec<Name>,
    /// Of the caller's roles, one that the key carries; may be given more than once; all roles without it
    #[arg(long = "role", value_name = "NAME", value_parser = name)]
    roles: Vec<Name>,
}

#[derive(Args)]
struct List {
    /// The file of digests
    #[arg(long, default_value = "policies/api-keys.yaml")]
    file: PathBuf,
    /// How to print the list
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

#[derive(Args)]
struct Rotate {
    /// Whose key is to be replaced
    #[arg(long, value_parser = name)]
    caller: Name,
    /// How long the old keys stay valid beside the new one, at most 90 days
    #[arg(long, default_value = "7d", value_name = "DURATION", value_parser = overlap)]
    overlap: u64,
    /// The day from which on the new key is not valid any more, UTC
    #[arg(long, value_name = "DATE")]
    expires: Option<Date>,
    /// The file of digests
    #[arg(long, default_value = "policies/api-keys.yaml")]
    file: PathBuf,
}

#[derive(Args)]
struct Revoke {
    /// The key, by its id
    #[arg(long, value_parser = name, required_unless_present = "caller", conflicts_with = "caller")]
    id: Option<Name>,
    /// All keys of a caller
    #[arg(long, value_parser = name)]
    caller: Option<Name>,
    /// Why
    #[arg(long)]
    reason: String,
    /// The file of digests
    #[arg(long, default_value = "policies/api-keys.yaml")]
    file: PathBuf,
}

#[derive(Args)]
struct Find {
    /// The file of digests
    #[arg(long, default_value = "policies/api-keys.yaml")]
    file: PathBuf,
}

impl Api {
    pub(super) fn run(self) -> Result<(), Complaint> {
        let now = Clock::system().wall().seconds();
        match self.command {
            ApiCommand::New(new) => new.run(now),
            ApiCommand::List(list) => list.run(now),
            ApiCommand::Rotate(rotate) => rotate.run(now),
            ApiCommand::Revoke(revoke) => revoke.run(now),
            ApiCommand::Find(find) => find.run(now),
        }
    }
}

impl NewKey {
    fn run(self, now: u64) -> Result<(), Complaint> {
        let request = KeyRequest {
            caller: &self.caller,
            created: Some(now),
            expires: self.expires.map(midnight).transpose()?,
            groups: &self.groups,
            roles: &self.roles,
        };
        let made = dev::api_key_for(&request).map_err(|fault| fault.to_string())?;
        add(&self.file, &made)?;
        if is_generic(&format!("key:{}", self.caller)) {
            eprintln!("`{}` is nobody in particular: `run` wants it under `excused:` (ID-2).", self.caller);
        }
        shown_once(&self.file, &made)
    }
}

/// Prints a key, after its digest was written.
fn shown_once(file: &Path, made: &NewApiKey) -> Result<(), Complaint> {
    files::say(&made.key).map_err(|fault| fault.to_string())?;
    eprintln!(
        "This is the only time that the key is shown. Its digest is in {}; reload the gate to let it in.",
        file.display()
    );
    Ok(())
}

impl List {
    fn run(self, now: u64) -> Result<(), Complaint> {
        let (file, _) = open(&self.file)?;
        let text = match self.format {
            Format::Text => table(&file, now),
            Format::Json => {
                let keys: Vec<_> = file.keys().map(|key| json(key, now)).collect();
                format!("{:#}", serde_json::Value::from(keys))
            }
        };
        files::say(text.trim_end()).map_err(|fault| fault.to_string())
    }
}

fn state(key: KeyEntry<'_>, now: u64) -> &'static str {
    match key {
        key if key.revoked().is_some() => "revoked",
        key if !key.is_valid(now) => "expired",
        _ => "valid",
    }
}

fn table(file: &KeyFile, now: u64) -> String {
    let shown = |at: Option<u64>| at.map_or_else(|| "-".to_owned(), moment);
    let width = |of: fn(KeyEntry<'_>) -> usize, least: usize| file.keys().map(of).max().unwrap_or(0).max(least);
    let (id, caller) = (width(|key| key.id().as_str().len(), 2), width(|key| key.caller().chars().count(), 6));
    let mut text =
        format!("{:id$}  {:caller$}  {:7}  {:20}  {:20}  GRANTS\n", "ID", "CALLER", "STATE", "CREATED", "EXPIRES");
    for key in file.keys() {
        let groups = key.groups().iter().map(|group| format!("group:{group}"));
        let roles = key.roles().unwrap_or_default().iter().map(|role| format!("only:{role}"));
        let grants = groups.chain(roles).collect::<Vec<_>>().join(" ");
        // Writing to a String cannot fail.
        let _ = writeln!(
            text,
            "{:id$}  {:caller$}  {:7}  {:20}  {:20}  {}",
            key.id().as_str(),
            key.caller(),
            state(key, now),
            shown(key.created()),
            shown(key.expires()),
            if grants.is_empty() { "-" } else { &grants },
        );
    }
    text
}

fn json(key: KeyEntry<'_>, now: u64) -> serde_json::Value {
    serde_json::json!({
        "id": key.id().as_str(),
        "caller": key.caller(),
        "state": state(key, now),
        "created": key.created().map(moment),
        "expires": key.expires().map(moment),
        "revoked": key.revoked().map(moment),
        "groups": key.groups(),
        "roles": key.roles(),
    })
}

impl Rotate {
    fn run(self, now: u64) -> Result<(), Complaint> {
        let (mut file, mode) = open(&self.file)?;
        let old: Vec<_> = file.keys().filter(|key| key.caller() == self.caller.as_str() && key.is_valid(now)).collect();
        let Some(last) = old.last().copied() else {
            return Err(format!(
                "{} has no valid key of `{}`; make one with `keys api new`",
                self.file.display(),
                self.caller
            ));
        };
        let names = |texts: &[String]| texts.iter().map(|text| name(text)).collect::<Result<Vec<_>, _>>();
        let (groups, roles) = (names(last.groups())?, names(last.roles().unwrap_or_default())?);
        let until = now.saturating_add(self.overlap);
        let ends: Vec<Name> =
            old.iter().filter(|key| key.expires().is_none_or(|at| at > until)).map(|key| key.id().clone()).collect();
        let request = KeyRequest {
            caller: &self.caller,
            created: Some(now),
            expires: self.expires.map(midnight).transpose()?,
            groups: &groups,
            roles: &roles,
        };
        let made = dev::api_key_for(&request).map_err(|fault| fault.to_string())?;
        for id in &ends {
            file.expire(id, until).map_err(|fault| fault.to_string())?;
        }
        file.append(&made.entry).map_err(|fault| fault.to_string())?;
        save(&self.file, &file, mode)?;
        for id in &ends {
            eprintln!("{id} is valid until {}.", moment(until));
        }
        shown_once(&self.file, &made)
    }
}

impl Revoke {
    fn run(self, now: u64) -> Result<(), Complaint> {
        let (mut file, mode) = open(&self.file)?;
        let chosen: Vec<Name> = match (&self.id, &self.caller) {
            (Some(id), _) => vec![id.clone()],
            (None, Some(caller)) => {
                let own = file.keys().filter(|key| key.caller() == caller.as_str() && key.revoked().is_none());
                own.map(|key| key.id().clone()).collect()
            }
            (None, None) => Vec::new(),
        };
        if chosen.is_empty() {
            return Err(format!("{} has no such key that is not revoked", self.file.display()));
        }
        if self.reason.is_empty() || self.reason.chars().any(char::is_control) {
            return Err("give the reason in a line of text".to_owned());
        }
        for id in &chosen {
            file.revoke(id, now, &self.reason).map_err(|fault| fault.to_string())?;
        }
        save(&self.file, &file, mode)?;
        let listed = chosen.iter().map(Name::as_str).collect::<Vec<_>>().join("\n");
        files::say(&listed).map_err(|fault| fault.to_string())?;
        eprintln!("Reload the gate to shut it out.");
        Ok(())
    }
}

impl Find {
    fn run(self, now: u64) -> Result<(), Complaint> {
        let (file, _) = open(&self.file)?;
        let mut text = Zeroizing::new(String::new());
        let read = std::io::stdin().lock().take(4096).read_to_string(&mut text);
        read.map_err(|error| format!("standard input cannot be read: {error}"))?;
        if !dev::is_api_key(text.trim()) {
            return Err("this is no API key: its form or its checksum does not fit".to_owned());
        }
        let Some(found) = file.find(text.trim()) else {
            return Err(format!("it has the form of an API key, and {} does not know it", self.file.display()));
        };
        files::say(&format!("{:#}", json(found, now))).map_err(|fault| fault.to_string())
    }
}

/// Reads a file of digests; gives its mode too.
fn open(path: &Path) -> Result<(KeyFile, u32), Complaint> {
    if !path.exists() {
        return Err(format!("{} is not there; `portcullis keys api new` makes it with its first key", path.display()));
    }
    let bytes = secret_file::read_public(path, MAX_FILE).map_err(|fault| fault.to_string())?;
    let mode = fs::metadata(path).map_err(|error| format!("{} cannot be examined: {error}", path.display()))?.mode();
    let text = String::from_utf8(bytes.to_vec()).map_err(|_| format!("{} is not UTF-8 text", path.display()))?;
    Ok((KeyFile::parse(path, text).map_err(|fault| fault.to_string())?, mode & 0o777))
}

fn save(path: &Path, file: &KeyFile, mode: u32) -> Result<(), Complaint> {
    files::replace(path, file.text(), mode).map_err(|fault| fault.to_string())
}

/// Adds an entry at the end of a file of digests, or makes the file.
fn add(path: &Path, made: &NewApiKey) -> Result<(), Complaint> {
    match fs::metadata(path) {
        Ok(_) => {
            let (mut file, mode) = open(path)?;
            file.append(&made.entry).map_err(|fault| fault.to_string())?;
            save(path, &file, mode)
        }
        Err(error) if error.kind() == ErrorKind::NotFound => {
            let text =
                format!("# Digests of API keys, never keys. Made by `portcullis keys api new`.\nkeys:\n{}", made.entry);
            files::write(path, &text, PUBLIC, false).map_err(|fault| fault.to_string())
        }
        Err(error) => Err(format!("{} cannot be examined: {error}", path.display())),
    }
}

fn midnight(date: Date) -> Result<u64, Complaint> {
    dev::midnight(date).ok_or_else(|| "give a day after 1970".to_owned())
}

/// Days as `7d`, beside what the duration's own grammar knows.
fn overlap(text: &str) -> Result<u64, String> {
    let complaint = || "give a duration from 0s to 90d, such as 7d".to_owned();
    let seconds = match text.strip_suffix('d').map(str::parse::<u64>) {
        Some(Ok(days)) => days.checked_mul(86_400).ok_or_else(complaint)?,
        _ => {
            let duration: SignedDuration = text.parse().map_err(|_| complaint())?;
            u64::try_from(duration.as_secs()).map_err(|_| complaint())?
        }
    };
    if seconds > MAX_OVERLAP { Err(complaint()) } else { Ok(seconds) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn new_key() -> NewApiKey {
        dev::api_key(&name("sync").expect("a name"), None, &[]).expect("a key")
    }

    #[test]
    fn api_keys_are_added_one_by_one_and_keys_are_not_in_the_file() {
        let directory = tempfile::tempdir().expect("a directory");
        let file = directory.path().join("policies/api-keys.yaml");
        for count in 1..=3 {
            let made = new_key();
            add(&file, &made).expect("added");
            let (keys, _) = open(&file).expect("read");
            assert_eq!(keys.keys().count(), count);
            assert!(!keys.text().contains(&made.key[4..20]));
            assert!(keys.find(&made.key).is_some_and(|key| state(key, 0) == "valid"));
        }
    }

    #[test]
    fn a_file_in_flow_style_is_left_as_it_is() {
        let directory = tempfile::tempdir().expect("a directory");
        let file = directory.path().join("api-keys.yaml");
        let flow = format!("{{keys: [{{caller: a, digest: 'sha256:{}'}}]}}\n", "ab".repeat(32));
        fs::write(&file, &flow).expect("written");
        assert!(add(&file, &new_key()).expect_err("refused").contains("left as it is"));
        assert_eq!(fs::read_to_string(&file).expect("read"), flow);
    }

    #[test]
    fn overlaps_are_bounded() {
        assert_eq!(overlap("7d"), Ok(604_800));
        assert_eq!(overlap("0s"), Ok(0));
        assert_eq!(overlap("12h"), Ok(43_200));
        for bad in ["", "91d", "-1h", "d", "7", "99999999999999999999d"] {
            assert!(overlap(bad).is_err(), "{bad}");
        }
    }
}
