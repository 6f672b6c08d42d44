//! The files of a policy: one, or those of a directory, merged.

use std::collections::HashSet;
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use super::refer::{self, Resolved, Variables};
use super::secret::{SECRET_HELP, hidden_in_text, hidden_in_tree};
use crate::policy::fault::{Code, Fault, quote};
use crate::policy::source::{FileId, Source, Sources, Span};
use crate::policy::yaml::{self, Entry, MAX_BYTES, Node, Value};

/// Files of a directory.
const MAX_FILES: usize = 1000;

/// Reads a file, or all `*.yaml` and `*.yml` of a directory, sorted by name; not those of directories within it.
pub(super) fn read(path: &Path, sources: &mut Sources, faults: &mut Vec<Fault>) {
    if !path.is_dir() {
        return read_one(path, sources, faults);
    }
    let files = match list(path) {
        Ok(files) => files,
        Err(error) => return faults.push(unreadable(path, &error)),
    };
    if files.len() > MAX_FILES {
        faults.push(Fault::nowhere(Code::Bound, format!("more than {MAX_FILES} files in {}", path.display())));
    }
    for file in files.iter().take(MAX_FILES) {
        if let Err(error) = add(file, sources, faults) {
            faults.push(unreadable(file, &error));
        }
    }
}

/// Reads one file.
pub(super) fn read_one(path: &Path, sources: &mut Sources, faults: &mut Vec<Fault>) {
    if let Err(error) = add(path, sources, faults) {
        faults.push(unreadable(path, &error));
    }
}

fn unreadable(what: &Path, error: &std::io::Error) -> Fault {
    Fault::nowhere(Code::Unreadable, format!("{} cannot be read: {error}", what.display()))
}

fn list(directory: &Path) -> std::io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(directory)? {
        let path = entry?.path();
        let yaml = path.extension().is_some_and(|extension| extension == "yaml" || extension == "yml");
        if yaml && path.is_file() {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

/// A file that the policy names, relative to the directory of the file that names it if it is there, or else to the
/// current directory.
pub(super) fn resolve(sources: &Sources, span: Span, text: &str) -> PathBuf {
    let beside = sources.get(span.file).map(|source| source.directory.join(text));
    beside.filter(|path| path.exists()).unwrap_or_else(|| PathBuf::from(text))
}

/// One more file that is part of a policy. A pipe or device is not opened: that could wait for ever.
pub(super) fn open(path: &Path) -> Result<Source, String> {
    if !fs::metadata(path).map_err(|error| error.to_string())?.is_file() {
        return Err("not a file".to_owned());
    }
    let file = fs::File::open(path).map_err(|error| error.to_string())?;
    let mut bytes = Vec::new();
    file.take(MAX_BYTES + 1).read_to_end(&mut bytes).map_err(|error| error.to_string())?;
    if bytes.len() as u64 > MAX_BYTES {
        return Err(format!("it is larger than {MAX_BYTES} bytes"));
    }
    let text = String::from_utf8(bytes).map_err(|_| "it is not UTF-8 text".to_owned())?;
    let directory = path.parent().unwrap_or(Path::new("")).to_path_buf();
    Ok(Source { name: path.display().to_string(), directory, text, hidden: Vec::new() })
}

fn add(path: &Path, sources: &mut Sources, faults: &mut Vec<Fault>) -> std::io::Result<()> {
    let file = fs::File::open(path)?;
    let mut bytes = Vec::new();
    file.take(MAX_BYTES + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MAX_BYTES {
        faults.push(Fault::nowhere(Code::TooLarge, format!("{} is larger than {MAX_BYTES} bytes", path.display())));
        return Ok(());
    }
    let text = match String::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => {
            faults.push(not_text(path, error.as_bytes(), error.utf8_error().valid_up_to()));
            return Ok(());
        }
    };
    let directory = path.parent().unwrap_or(Path::new("")).to_path_buf();
    sources.add(Source { name: path.display().to_string(), directory, text, hidden: Vec::new() });
    Ok(())
}

/// A file that is not UTF-8 text from a byte on: where, and what to do.
fn not_text(path: &Path, bytes: &[u8], from: usize) -> Fault {
    let line = memchr::memchr_iter(b'\n', &bytes[..from]).count() + 1;
    let fault = Fault::nowhere(Code::NotText, format!("{} is not UTF-8 text from line {line} on", path.display()));
    if bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff") {
        return fault.help("it looks like UTF-16: save it as UTF-8");
    }
    fault.help("save it as UTF-8; an editor may have taken it for Latin-1 or Windows-1252")
}

/// All files as one tree.
pub(super) struct Merged {
    pub(super) root: Node,
    /// The files that are part of it.
    pub(super) files: Vec<FileId>,
    /// Values that are secrets, each of which was reported as such.
    pub(super) secrets: HashSet<Span>,
    /// Values that came from references.
    pub(super) resolved: Resolved,
    /// Every file could be read: what one refers to is in another, or nowhere.
    pub(super) whole: bool,
}

/// Parses and merges all sources. `skip` leaves out files without a top-level `version:`: those beside a policy in its
/// directory that are no part of it. `None` if there is nothing to decode.
pub(super) fn merge(
    sources: &mut Sources,
    skip: bool,
    variables: &Variables,
    faults: &mut Vec<Fault>,
) -> Option<Merged> {
    let files: Vec<FileId> = sources.iter().map(|(id, _)| id).collect();
    let mut parts = Vec::new();
    let mut secrets = HashSet::new();
    let mut resolved = Resolved::default();
    let mut whole = true;
    for file in files {
        let Some(source) = sources.get(file) else { continue };
        let mut own = Vec::new();
        let parsed = yaml::parse_with_includes(file, &source.text, &mut own);
        let (mut root, includes) = parsed.map_or((None, Vec::new()), |(root, includes)| (Some(root), includes));
        if skip && !has_version(root.as_ref(), &source.text) {
            continue;
        }
        faults.append(&mut own);
        if let Some(root) = &mut root {
            refer::resolve(root, &includes, source, variables, &mut resolved, faults);
        }
        // By line as well: a value that was dropped as a duplicate is not in the tree, and is still in the text.
        let mut hidden = hidden_in_text(&source.text);
        for span in root.as_ref().map(hidden_in_tree).unwrap_or_default() {
            faults.push(secret(span));
            hidden.push(span.range());
            secrets.insert(span);
        }
        sources.hide(file, hidden);
        whole &= root.is_some();
        parts.extend(root.map(|root| (root, file)));
    }
    if parts.is_empty() && whole {
        let fault = Fault::nowhere(Code::NoPolicy, "no file with a top-level `version:`");
        faults.push(fault.help("a policy starts with `version: 1`"));
    }
    let used = parts.iter().map(|(_, file)| *file).collect();
    let mut parts = parts.into_iter().map(|(root, _)| root);
    let mut all = parts.next()?;
    for part in parts {
        merge_into(&mut all, part, true, faults);
    }
    Some(Merged { root: all, files: used, secrets, resolved, whole })
}

fn secret(span: Span) -> Fault {
    Fault::new(Code::Secret, span, "a secret in the policy itself (KEY-1)").label("hidden").help(SECRET_HELP)
}

fn has_version(root: Option<&Node>, text: &str) -> bool {
    match root {
        Some(Node { value: Value::Map(entries), .. }) => entries.iter().any(|entry| entry.key == "version"),
        Some(_) => false,
        // It does not parse: better a fault too many than a policy that is silently left out.
        None => text.lines().any(|line| line.starts_with("version:")),
    }
}

/// Lists join, maps merge, and anything else may be given once. `version` is in every file.
fn merge_into(whole: &mut Node, part: Node, top: bool, faults: &mut Vec<Fault>) {
    let (Value::Map(entries), Value::Map(more)) = (&mut whole.value, part.value) else { return };
    for entry in more {
        let Some(known) = entries.iter_mut().find(|known| known.key == entry.key) else {
            entries.push(entry);
            continue;
        };
        match (&mut known.value.value, entry.value.value) {
            (Value::List(items), Value::List(more)) => items.extend(more),
            (Value::Map(_), value @ Value::Map(_)) => {
                merge_into(&mut known.value, Node { span: entry.value.span, value }, false, faults);
            }
            (Value::Scalar(a), Value::Scalar(b)) if top && entry.key == "version" && *a == b => {}
            _ => faults.push(twice(known, &entry.key, entry.key_span)),
        }
    }
}

fn twice(known: &Entry, key: &str, again: Span) -> Fault {
    Fault::new(Code::Merge, again, format!("two files give {}", quote(key)))
        .label("given again")
        .also(known.key_span, "given first")
        .help("lists join and maps merge; a single value stands in one file only")
}
