//! `portcullis canary`: planted records, kept as keyed hashes.

use std::fmt::Write as _;
use std::fs;
use std::io::{IsTerminal as _, Read as _};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use clap::{Args, Subcommand, ValueEnum};
use serde_json::json;
use zeroize::Zeroizing;

use super::files::{self, PUBLIC, SECRET};
use super::format::Format;
use crate::identity::dev;
use crate::redact::Name;
use crate::watch::canary::{CanaryFile, Found, Kind, MAX_BYTES, Planted, forms, search_request};

/// Longest standard input: 10,000 values of the longest kind.
const MAX_INPUT: u64 = 4 * 1024 * 1024;

/// Plant records that nobody has a reason to use, and hear when somebody does.
///
/// A value is read from standard input and never stands in the file: only its keyed hash does, with its length and sealed
/// digests of its parts. The policy names the file: `alarms: [{ name: …, when: { canary: FILE }, then: [alarm] }]`. It is
/// looked for in paths, queries, fields and bodies of requests, and in answers; `in:` beside `canary:` narrows that.
#[derive(Args)]
pub struct Canary {
    #[command(subcommand)]
    command: CanaryCommand,
}

#[derive(Subcommand)]
enum CanaryCommand {
    /// Make the key under which values are hashed
    NewKey(NewKey),
    /// Read values from standard input, one a line, and add their hashes to a file
    Add(Add),
    /// List the canaries of a file
    List(List),
    /// Take a canary out of a file
    Remove(Remove),
    /// Read text from standard input and say which canaries are in it; 1 if there is none
    Test(Test),
}

#[derive(Args)]
struct NewKey {
    /// The file to make, mode 0600
    path: PathBuf,
    /// Replace the file if it is there: what was hashed with the old key is found no more
    #[arg(long)]
    force: bool,
}

#[derive(Args)]
struct Add {
    /// The file of hashes; made if it is not there
    #[arg(long, default_value = "policies/canaries.yaml")]
    file: PathBuf,
    /// The key's file, for a file of hashes that is made; relative to its directory, and made if it is not there
    #[arg(long, default_value = "canary.key")]
    key: PathBuf,
    /// What alarms call it; of several values, the first is NAME-1
    #[arg(long, value_parser = name)]
    name: Name,
    /// What the value is
    #[arg(long, value_enum)]
    kind: Word,
}

#[derive(Clone, Copy, ValueEnum)]
enum Word {
    /// An order's id: letters and digits in groups
    #[value(name = "order_id")]
    OrderId,
    /// An e-mail address
    Email,
    /// A person's name
    Name,
    /// Any other text
    Text,
}

impl From<Word> for Kind {
    fn from(word: Word) -> Self {
        match word {
            Word::OrderId => Self::OrderId,
            Word::Email => Self::Email,
            Word::Name => Self::Name,
            Word::Text => Self::Text,
        }
    }
}

#[derive(Args)]
struct List {
    /// The file of hashes
    #[arg(long, default_value = "policies/canaries.yaml")]
    file: PathBuf,
    /// How to print the list
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

#[derive(Args)]
struct Remove {
    /// The file of hashes
    #[arg(long, default_value = "policies/canaries.yaml")]
    file: PathBuf,
    /// Which one
    #[arg(long, value_parser = name)]
    name: Name,
}

#[derive(Args)]
struct Test {
    /// The file of hashes
    #[arg(long, default_value = "policies/canaries.yaml")]
    file: PathBuf,
}

/// A sentence for standard error.
type Complaint = String;

impl Canary {
    /// Runs the command.
    pub fn run(self) -> ExitCode {
        let done = match self.command {
            CanaryCommand::NewKey(new) => new.run().map(|()| ExitCode::SUCCESS),
            CanaryCommand::Add(add) => add.run().map(|()| ExitCode::SUCCESS),
            CanaryCommand::List(list) => list.run().map(|()| ExitCode::SUCCESS),
            CanaryCommand::Remove(remove) => remove.run().map(|()| ExitCode::SUCCESS),
            CanaryCommand::Test(test) => test.run(),
        };
        done.unwrap_or_else(|complaint| {
            eprintln!("portcullis: {complaint}");
            ExitCode::FAILURE
        })
    }
}

impl NewKey {
    fn run(self) -> Result<(), Complaint> {
        make_key(&self.path, self.force)?;
        say(&self.path.display().to_string())
    }
}

impl Add {
    fn run(self) -> Result<(), Complaint> {
        let (mut file, mode) = match fs::metadata(&self.file) {
            Ok(metadata) => (open(&self.file)?, metadata.mode() & 0o777),
            Err(_) => (CanaryFile { key: self.key.clone(), planted: Vec::new() }, PUBLIC),
        };
        let key = self.file.parent().unwrap_or(Path::new(".")).join(&file.key);
        if file.planted.is_empty() && !key.exists() {
            make_key(&key, false)?;
            eprintln!("{} is new: keep it, and keep it to yourself.", key.display());
        }
        let key = file.load_key(&self.file).map_err(|fault| fault.to_string())?;
        let text = input("values, one a line")?;
        let values: Vec<&str> = text.lines().map(str::trim).filter(|value| !value.is_empty()).collect();
        if values.is_empty() {
            return Err("standard input holds no value".to_owned());
        }
        let kind = Kind::from(self.kind);
        let mut known: std::collections::HashMap<[u8; 32], Name> =
            file.planted.iter().map(|form| (form.hash, form.name.clone())).collect();
        let mut added = Vec::new();
        for (place, value) in (1..).zip(&values) {
            let name = if values.len() == 1 { self.name.clone() } else { numbered(&self.name, place)? };
            if file.planted.iter().any(|form| form.name == name) {
                return Err(format!("{} has a canary of the name {name} already", self.file.display()));
            }
            // A value is never shown, not even where it is at fault.
            let spelt = forms(kind, value).map_err(|fault| format!("value {place} {fault}"))?;
            for form in &spelt {
                let planted = Planted::new(&key, &name, kind, form);
                let planted = planted.ok_or_else(|| format!("value {place} has more than {MAX_BYTES} bytes"))?;
                match known.get(&planted.hash) {
                    Some(other) if *other != name => {
                        return Err(format!("value {place} is planted already, as {other}"));
                    }
                    // A spelling in capitals has the hash of the one in small letters.
                    Some(_) => {}
                    None => drop(known.insert(planted.hash, name.clone())),
                }
                file.planted.push(planted);
            }
            added.push(name);
        }
        save(&self.file, &file, mode)?;
        let listed = added.iter().map(Name::as_str).collect::<Vec<_>>().join("\n");
        say(&listed)
    }
}

impl List {
    fn run(self) -> Result<(), Complaint> {
        let file = open(&self.file)?;
        let old = file.planted.iter().filter(|form| form.is_old()).count();
        if old > 0 {
            eprintln!(
                "{old} lines stem from an older version and make every answer dearer: remove their canaries and add the values anew."
            );
        }
        let mut canaries: Vec<(&Name, Kind, usize)> = Vec::new();
        for form in &file.planted {
            match canaries.last_mut() {
                Some((name, _, count)) if **name == form.name => *count += 1,
                _ => canaries.push((&form.name, form.kind, 1)),
            }
        }
        let text = match self.format {
            Format::Text => {
                let width = canaries.iter().map(|(name, ..)| name.as_str().len()).max().unwrap_or(0);
                canaries.iter().fold(String::new(), |mut text, (name, kind, count)| {
                    let spellings = if *count == 1 { "spelling" } else { "spellings" };
                    // Writing to a String cannot fail.
                    let _ = writeln!(text, "{:width$}  {:8}  {count} {spellings}", name.as_str(), kind.word());
                    text
                })
            }
            Format::Json => {
                let entry = |(name, kind, count): &(&Name, Kind, usize)| json!({ "name": name.as_str(), "kind": kind.word(), "spellings": count });
                format!("{:#}\n", json!(canaries.iter().map(entry).collect::<Vec<_>>()))
            }
        };
        if text.is_empty() {
            eprintln!("There is none.");
            return Ok(());
        }
        say(text.trim_end())
    }
}

impl Remove {
    fn run(self) -> Result<(), Complaint> {
        let mut file = open(&self.file)?;
        let before = file.planted.len();
        file.planted.retain(|form| form.name != self.name);
        if file.planted.len() == before {
            return Err(format!("{} has no canary of the name {}", self.file.display(), self.name));
        }
        let mode = fs::metadata(&self.file).map_or(PUBLIC, |metadata| metadata.mode() & 0o777);
        save(&self.file, &file, mode)?;
        say(self.name.as_str())
    }
}

impl Test {
    fn run(self) -> Result<ExitCode, Complaint> {
        there(&self.file)?;
        let set = Arc::new(CanaryFile::load(&self.file).map_err(|fault| fault.to_string())?);
        let text = input("text")?;
        let mut found = Found::all();
        set.search_value(&text, &mut found);
        search_request(&set, text.as_bytes(), &mut found);
        let found = found.names();
        if found.is_empty() {
            eprintln!("None of the canaries is in it.");
            return Ok(ExitCode::FAILURE);
        }
        say(&found.iter().map(Name::as_str).collect::<Vec<_>>().join("\n"))?;
        Ok(ExitCode::SUCCESS)
    }
}

fn make_key(path: &Path, force: bool) -> Result<(), Complaint> {
    let key = dev::symmetric_key().map_err(|fault| fault.to_string())?;
    files::write(path, &key, SECRET, force).map_err(|fault| fault.to_string())
}

fn open(path: &Path) -> Result<CanaryFile, Complaint> {
    there(path)?;
    CanaryFile::read(path).map_err(|fault| fault.to_string())
}

fn there(path: &Path) -> Result<(), Complaint> {
    let missing = || format!("{} is not there; `portcullis canary add` makes it with its first canary", path.display());
    if path.exists() { Ok(()) } else { Err(missing()) }
}

/// Puts the file into the place of what is there, with its directory if need be.
fn save(path: &Path, file: &CanaryFile, mode: u32) -> Result<(), Complaint> {
    files::write(path, &file.text(), mode, true).map_err(|fault| fault.to_string())
}

fn say(text: &str) -> Result<(), Complaint> {
    files::say(text).map_err(|fault| fault.to_string())
}

/// Standard input: it may hold what must not be seen, so it is wiped afterwards.
fn input(what: &str) -> Result<Zeroizing<String>, Complaint> {
    if std::io::stdin().is_terminal() {
        eprintln!("Type {what}, and end with Ctrl-D.");
    }
    let mut text = Zeroizing::new(String::new());
    let read = std::io::stdin().lock().take(MAX_INPUT).read_to_string(&mut text);
    read.map_err(|error| format!("standard input cannot be read: {error}"))?;
    Ok(text)
}

fn numbered(name: &Name, place: usize) -> Result<Name, Complaint> {
    self::name(&format!("{name}-{place}"))
}

fn name(text: &str) -> Result<Name, String> {
    Name::configured(text).map_err(|fault| format!("this cannot be a name, it {fault}"))
}
