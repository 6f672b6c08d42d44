//! The tools that every section of a policy is decoded with. None of them stops at a fault: each notes it and gives
//! `None`, and decoding goes on, so that all faults come out at once.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::refer::Resolved;
use super::suggest::{did_you_mean, nearest};
use super::{FileCheck, LoadOptions, Unbuilt, files, unbuilt, units};
use crate::policy::fault::{Code, Fault, quote};
use crate::policy::settings::{LastGoodSettings, NamedFile};
use crate::policy::shape::Section;
use crate::policy::source::{Sources, Span};
use crate::policy::yaml::{Entry, Node, Value};
use crate::redact::Name;

/// Faults that are shown; what has more is not a policy.
const MAX_FAULTS: usize = 500;

/// Takes a tree apart and notes what is wrong with it.
pub(super) struct Decoder<'s> {
    sources: &'s Sources,
    pub(super) options: &'s LoadOptions,
    faults: Vec<Fault>,
    /// Values that are secrets, each of which was reported as such.
    secrets: HashSet<Span>,
    files: Vec<NamedFile>,
    /// Values that came from references, which no fault shows.
    resolved: Resolved,
    /// `reload.last_good:`, which a policy with faults elsewhere still says.
    pub(super) last_good: Option<LastGoodSettings>,
    /// Where limits say that they are shared.
    pub(super) shares: Vec<Span>,
}

/// The entries of a map whose keys were checked.
pub(super) struct Fields<'t> {
    /// Where the map is, for faults about what it lacks.
    pub(super) at: Span,
    section: &'static Section,
    entries: &'t [Entry],
    /// Keys that an unknown one was probably meant to be; they are not reported as missing as well.
    meant: Vec<&'static str>,
}

impl<'t> Fields<'t> {
    /// The value of a key.
    pub(super) fn get(&self, key: &str) -> Option<&'t Node> {
        self.entry(key).map(|entry| &entry.value)
    }

    /// Key and value.
    pub(super) fn entry(&self, key: &str) -> Option<&'t Entry> {
        self.entries.iter().find(|entry| entry.key == key)
    }
}

impl<'s> Decoder<'s> {
    pub(super) fn new(
        sources: &'s Sources,
        options: &'s LoadOptions,
        faults: Vec<Fault>,
        secrets: HashSet<Span>,
        resolved: Resolved,
    ) -> Self {
        Self { sources, options, faults, secrets, resolved, files: Vec::new(), last_good: None, shares: Vec::new() }
    }

    /// The files that were named so far.
    pub(super) fn take_files(&mut self) -> Vec<NamedFile> {
        let mut files = std::mem::take(&mut self.files);
        let included = self.resolved.files().iter().cloned();
        files.extend(included.map(|path| NamedFile { key: NamedFile::INCLUDED.to_owned(), path }));
        files
    }

    pub(super) fn finish(self) -> Vec<Fault> {
        self.faults
    }

    /// Notes a fault.
    pub(super) fn fault(&mut self, fault: Fault) {
        if self.faults.len() < MAX_FAULTS {
            self.faults.push(self.resolved.hide(fault));
        } else if self.faults.len() == MAX_FAULTS {
            let message = format!("more than {MAX_FAULTS} faults; the rest is not shown");
            self.faults.push(Fault::nowhere(Code::TooMany, message));
        }
    }

    /// Notes that a key was understood but has no effect in this build, if it is listed as such.
    pub(super) fn part(&mut self, part: &'static str, span: Span) {
        let Some(what) = unbuilt::missing(part) else { return };
        let fault = Fault::new(Code::NotBuilt, span, format!("{what}: understood, but this build does not enforce it"))
            .label("has no effect yet");
        self.fault(
            match self.options.unbuilt {
                Unbuilt::Warn => {
                    fault.help("`portcullis run` refuses a policy that has it: nothing is silently ignored")
                }
                Unbuilt::Refuse => fault.help("leave it out: the gate does not start with a rule that it cannot keep"),
            }
            .mild_if(self.options.unbuilt == Unbuilt::Warn),
        );
    }

    /// A map with names of the policy's own as keys.
    pub(super) fn entries<'t>(&mut self, node: &'t Node, what: &str) -> Option<&'t [Entry]> {
        if let Value::Map(entries) = &node.value {
            return Some(entries);
        }
        self.wrong_type(node, &format!("{what} is a map"));
        None
    }

    /// A map and its entries; keys that the section does not have are faults.
    pub(super) fn fields<'t>(&mut self, node: &'t Node, section: &'static Section) -> Option<Fields<'t>> {
        let what = section.what;
        let entries = self.entries(node, what)?;
        let mut meant = Vec::new();
        for entry in entries.iter().filter(|entry| section.key(&entry.key).is_none()) {
            let near = nearest(&entry.key, section.names());
            let help = near.map_or_else(
                || format!("{what} has: {}", section.names().collect::<Vec<_>>().join(", ")),
                |near| format!("did you mean `{near}`?"),
            );
            meant.extend(near);
            let message = format!("{what} has no key {}", quote(&entry.key));
            self.fault(Fault::new(Code::UnknownKey, entry.key_span, message).label("unknown key").help(help));
        }
        Some(Fields { at: node.span, section, entries, meant })
    }

    /// The value of a key that must be there.
    pub(super) fn required<'t>(&mut self, fields: &Fields<'t>, key: &'static str) -> Option<&'t Node> {
        let node = fields.get(key);
        if node.is_none() && !fields.meant.contains(&key) {
            let message = format!("{} needs the key `{key}`", fields.section.what);
            self.fault(Fault::new(Code::MissingKey, fields.at, message).label(format!("no `{key}` here")));
        }
        node
    }

    /// A list; empty only where that means something.
    pub(super) fn list<'t>(&mut self, node: &'t Node, what: &str) -> Option<&'t [Node]> {
        match &node.value {
            Value::List(items) => Some(items),
            _ => {
                self.wrong_type(node, &format!("{what} is a list"));
                None
            }
        }
    }

    /// A list with at least one entry.
    pub(super) fn filled_list<'t>(&mut self, node: &'t Node, what: &str) -> Option<&'t [Node]> {
        let items = self.list(node, what)?;
        if items.is_empty() {
            self.fault(
                Fault::new(Code::Empty, node.span, format!("{what} is empty")).help("leave the key out, or fill it"),
            );
            return None;
        }
        Some(items)
    }

    /// Text of any kind, not empty.
    pub(super) fn text<'t>(&mut self, node: &'t Node, what: &str) -> Option<&'t str> {
        match &node.value {
            // A secret instead of a name or path; that was said when the tree was searched for secrets.
            Value::Scalar(_) if self.secrets.contains(&node.span) => None,
            Value::Scalar(text) if !text.is_empty() => Some(text),
            Value::Scalar(_) => {
                self.fault(Fault::new(Code::Empty, node.span, format!("{what} is empty")));
                None
            }
            _ => {
                self.wrong_type(node, &format!("{what} is text"));
                None
            }
        }
    }

    /// A name that may stand in records.
    pub(super) fn name(&mut self, node: &Node, what: &str) -> Option<Name> {
        let text = self.text(node, what)?;
        match Name::configured(text) {
            Ok(name) => Some(name),
            Err(why) => {
                self.fault(Fault::new(Code::Name, node.span, format!("{what} {why}")).help(NAME_HELP));
                None
            }
        }
    }

    /// A list of names, none twice.
    pub(super) fn names(&mut self, node: &Node, what: &str) -> Vec<Name> {
        let mut names: Vec<(Name, Span)> = Vec::new();
        for item in self.list(node, what).unwrap_or_default() {
            let Some(name) = self.name(item, what) else { continue };
            match names.iter().find(|(known, _)| *known == name) {
                Some((_, first)) => self.twice(what, name.as_str(), item.span, *first),
                None => names.push((name, item.span)),
            }
        }
        names.into_iter().map(|(name, _)| name).collect()
    }

    /// Notes an item of a list that stands twice, and where it stood first.
    pub(super) fn listed_twice(&mut self, what: &str, name: &str, again: Span, items: &[Node]) {
        let same = |item: &&Node| matches!(&item.value, Value::Scalar(text) if text == name);
        let first = items.iter().find(same).map_or(again, |item| item.span);
        self.twice(what, name, again, first);
    }

    /// Notes a name that stands twice.
    pub(super) fn twice(&mut self, what: &str, name: &str, again: Span, first: Span) {
        let message = format!("{what}: {} stands twice", quote(name));
        self.fault(Fault::new(Code::DuplicateName, again, message).label("here again").also(first, "first here"));
    }

    /// One of some words.
    pub(super) fn word<T: Clone>(&mut self, node: &Node, what: &str, words: &[(&str, T)]) -> Option<T> {
        let text = self.text(node, what)?;
        let found = words.iter().find(|(word, _)| *word == text).map(|(_, value)| value.clone());
        if found.is_none() {
            let all: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
            let help = did_you_mean(text, all.iter().copied()).unwrap_or_else(|| format!("one of: {}", all.join(", ")));
            let message = format!("{what} cannot be {}", quote(text));
            self.fault(Fault::new(Code::Word, node.span, message).label("unknown word").help(help));
        }
        found
    }

    /// A whole number within bounds.
    pub(super) fn number(&mut self, node: &Node, what: &str, least: u64, most: u64) -> Option<u64> {
        let text = self.text(node, what)?;
        let number = text.parse().ok().filter(|number| (least..=most).contains(number));
        if number.is_none() {
            let message = format!("{what} is a whole number from {least} to {most}");
            self.fault(Fault::new(Code::Number, node.span, message).label("not one of these"));
        }
        number
    }

    /// A duration within bounds.
    pub(super) fn duration(&mut self, node: &Node, what: &str, least: Duration, most: Duration) -> Option<Duration> {
        let text = self.text(node, what)?;
        let Some(duration) = units::duration(text) else {
            let help = "a whole number and one of ms, s, m, h, d: `500ms`, `2s`, `15m`, `1h`, `400d`";
            let message = format!("{what} is not a duration");
            self.fault(Fault::new(Code::Duration, node.span, message).label("not a duration").help(help));
            return None;
        };
        if !(least..=most).contains(&duration) {
            let message = format!("{what} is from {} to {}", units::show(least), units::show(most));
            self.fault(Fault::new(Code::Duration, node.span, message).label("out of range"));
            return None;
        }
        Some(duration)
    }

    /// A size in bytes within bounds.
    pub(super) fn size(&mut self, node: &Node, what: &str, least: u64, most: u64) -> Option<u64> {
        let text = self.text(node, what)?;
        let Some(size) = units::size(text) else {
            let help = "a whole number of bytes, or with one of kB, MB, GB, KiB, MiB, GiB: `20MB`, `16MiB`";
            self.fault(
                Fault::new(Code::Size, node.span, format!("{what} is not a size")).label("not a size").help(help),
            );
            return None;
        };
        if !(least..=most).contains(&size) {
            let message = format!("{what} is from {least} to {most} bytes");
            self.fault(Fault::new(Code::Size, node.span, message).label("out of range"));
            return None;
        }
        Some(size)
    }

    /// A rate in one of the notations of [`units`].
    pub(super) fn rate(
        &mut self,
        node: &Node,
        what: &str,
        read: fn(&str) -> Option<units::Rate>,
        example: &str,
    ) -> Option<units::Rate> {
        let rate = read(self.text(node, what)?);
        if rate.is_none() {
            let fault = Fault::new(Code::Rate, node.span, format!("{what} is not a rate")).label("not a rate");
            self.fault(fault.help(format!("an amount above 0 for each s, m, h or d: {example}")));
        }
        rate
    }

    /// A file that the policy only names: relative to the directory of the file that names it if it is there, or else
    /// to the current directory.
    pub(super) fn path(&mut self, node: &Node, what: &str) -> Option<PathBuf> {
        let text = self.text(node, what)?;
        Some(files::resolve(self.sources, node.span, text))
    }

    /// Notes a file that was read, so that a change of it is seen.
    pub(super) fn named(&mut self, key: &str, path: &Path) {
        self.files.push(NamedFile { key: key.to_owned(), path: path.to_owned() });
    }

    /// A file that must be there.
    pub(super) fn existing(&mut self, node: &Node, what: &str, make: &str) -> Option<PathBuf> {
        let path = self.path(node, what)?;
        self.named(what, &path);
        if let Err(error) = readable(&path) {
            let fault = Fault::new(Code::File, node.span, format!("{what} cannot be read: {error}"))
                .label("looked for in the policy's directory, then in the current one")
                .help(make);
            self.fault(fault.mild_if(self.options.files == FileCheck::Warn));
        }
        Some(path)
    }

    /// A file, or a directory of files named `*.key`, that must be there.
    pub(super) fn existing_or_directory(&mut self, node: &Node, what: &str, make: &str) -> Option<PathBuf> {
        let path = self.path(node, what)?;
        let Ok(entries) = std::fs::read_dir(&path) else { return self.existing(node, what, make) };
        let mut files: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
        files.retain(|file| file.extension().is_some_and(|extension| extension == "key"));
        files.sort();
        self.files.extend(files.into_iter().map(|path| NamedFile { key: what.to_owned(), path }));
        Some(path)
    }

    fn wrong_type(&mut self, node: &Node, expected: &str) {
        let found = match &node.value {
            Value::Null => {
                let fault = Fault::new(Code::Empty, node.span, format!("{expected}; there is nothing"));
                let whole = expected.starts_with("a policy is");
                let help =
                    if whole { "a policy starts with `version: 1`" } else { "leave the key out, or give it a value" };
                self.fault(fault.label("nothing here").help(help));
                return;
            }
            Value::Scalar(_) => "text",
            Value::List(_) => "a list",
            Value::Map(_) => "a map",
            Value::Unusable => return,
        };
        let fault = Fault::new(Code::Type, node.span, format!("{expected}, not {found}"));
        let help = match (found, expected.ends_with("is a list")) {
            ("text", true) => Some("a list stands in brackets, also with one item: `[…]`".to_owned()),
            _ => None,
        };
        self.fault(fault.label(format!("this is {found}")).maybe_help(help));
    }
}

const NAME_HELP: &str = "1 to 256 printable ASCII characters without space, quotes and backslash";

/// Whether a regular file can be opened. A pipe or device is not opened: that could wait for ever.
fn readable(path: &Path) -> std::io::Result<()> {
    if !std::fs::metadata(path)?.is_file() {
        return Err(std::io::Error::other("not a file"));
    }
    std::fs::File::open(path).map(drop)
}
