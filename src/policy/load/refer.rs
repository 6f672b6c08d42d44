//! References of a policy to what is known only where the gate runs: `${NAME}`, `${NAME:-default}`, `!file PATH`.
//!
//! They stand in values, never in keys. What they stand for is part of the policy and of its digest, and never of a
//! message: it may be what somebody should not have put there.

use std::collections::HashMap;
use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::policy::fault::{Code, Fault};
use crate::policy::source::{Source, Span};
use crate::policy::yaml::{Node, Value};

/// Bytes of a variable or file: a policy's values are names, numbers and addresses.
const MAX_VALUE: u64 = 64 * 1024;
/// References of a policy: far more than places that differ from home to home.
const MAX_REFERENCES: usize = 1000;

const FORM: &str = "`${NAME}` or `${NAME:-default}`, with letters, digits and `_`; `$${` stands for `${` itself";

/// Where environment variables come from.
#[derive(Clone, Debug, Default)]
pub enum Variables {
    /// The process's environment.
    #[default]
    Process,
    /// These and no others.
    Fixed(Arc<HashMap<String, String>>),
    /// Nobody knows: values with references are neither judged nor missed. Such a policy cannot run.
    Unknown,
}

impl Variables {
    /// A variable's value: `None` if it is not set, an error if it is not text or too long.
    fn get(&self, name: &str) -> Result<Option<String>, &'static str> {
        let value = match self {
            Self::Fixed(map) => map.get(name).cloned(),
            Self::Unknown => None,
            Self::Process => match std::env::var(name) {
                Ok(value) => Some(value),
                Err(std::env::VarError::NotPresent) => None,
                Err(std::env::VarError::NotUnicode(_)) => return Err("is not UTF-8 text"),
            },
        };
        if value.as_ref().is_some_and(|value| value.len() as u64 > MAX_VALUE) {
            return Err("is longer than 64 KiB");
        }
        Ok(value)
    }
}

/// Values that came from references: where they stand, and what they are.
#[derive(Default)]
pub(super) struct Resolved {
    values: Vec<(Span, String)>,
    /// Files that were read for them.
    files: Vec<PathBuf>,
}

impl Resolved {
    /// In the order of the files: for the digest.
    pub(super) fn values(&self) -> impl Iterator<Item = &str> {
        self.values.iter().map(|(_, value)| value.as_str())
    }

    /// Files whose content stands in the policy: where they change, it does.
    pub(super) fn files(&self) -> &[PathBuf] {
        &self.files
    }

    /// The fault without what references stand for.
    pub(super) fn hide(&self, mut fault: Fault) -> Fault {
        if self.values.is_empty() {
            return fault;
        }
        if fault.span.is_some_and(|span| self.values.iter().any(|(place, _)| covers(*place, span)))
            && !matches!(fault.code, Code::Variable | Code::Include | Code::Secret)
        {
            fault.code.explanation().trim_end_matches('.').clone_into(&mut fault.message);
            "comes from a reference; what it stands for is not shown".clone_into(&mut fault.label);
            fault.help = Some("correct the variable or file, or write the value out".to_owned());
        }
        for (_, value) in self.values.iter().filter(|(_, value)| value.len() > 3) {
            let labels = fault.also.iter_mut().map(|(_, label)| label);
            for text in labels.chain([&mut fault.message, &mut fault.label]).chain(&mut fault.help) {
                if text.contains(value) {
                    *text = text.replace(value, "${…}");
                }
            }
        }
        fault
    }
}

fn covers(place: Span, span: Span) -> bool {
    place.file == span.file && place.start <= span.start && span.end <= place.end
}

/// Puts what references stand for in their places. `includes` are scalars that are tagged `!file`.
pub(super) fn resolve(
    root: &mut Node,
    includes: &[Span],
    source: &Source,
    variables: &Variables,
    resolved: &mut Resolved,
    faults: &mut Vec<Fault>,
) {
    if includes.is_empty() && !source.text.contains("${") {
        return;
    }
    let mut open = vec![root];
    while let Some(node) = open.pop() {
        if let Value::Scalar(text) = &node.value {
            let refers = includes.contains(&node.span) || text.contains("${");
            if refers && matches!(variables, Variables::Unknown) {
                node.value = Value::Unusable;
                continue;
            }
            let value = if includes.contains(&node.span) {
                resolved.files.push(source.directory.join(text.as_str()));
                include(text, node.span, &source.directory)
            } else if text.contains("${") {
                expand(text, node.span, variables)
            } else {
                continue;
            };
            let value = value.and_then(|value| {
                let few = resolved.values.len() < MAX_REFERENCES;
                let message = format!("more than {MAX_REFERENCES} references");
                if few { Ok(value) } else { Err(Box::new(Fault::new(Code::Bound, node.span, message))) }
            });
            node.value = match value {
                Ok(value) => {
                    resolved.values.push((node.span, value.clone()));
                    Value::Scalar(value)
                }
                Err(fault) => {
                    faults.push(*fault);
                    Value::Unusable
                }
            };
            continue;
        }
        match &mut node.value {
            Value::Map(entries) => {
                for entry in entries {
                    if entry.key.contains("${") {
                        let fault = Fault::new(Code::Variable, entry.key_span, "a reference in a key");
                        faults.push(fault.label("a key is what it says").help("references stand in values"));
                    }
                    open.push(&mut entry.value);
                }
            }
            Value::List(items) => open.extend(items),
            Value::Scalar(_) | Value::Null | Value::Unusable => {}
        }
    }
}

fn expand(text: &str, span: Span, variables: &Variables) -> Result<String, Box<Fault>> {
    let malformed = || {
        let fault = Fault::new(Code::Variable, span, "this is no reference to a variable").label("not a reference");
        Box::new(fault.help(FORM))
    };
    let mut value = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("${") {
        if let Some(before) = rest[..at].strip_suffix('$') {
            value.push_str(before);
            value.push_str("${");
            rest = &rest[at + 2..];
            continue;
        }
        value.push_str(&rest[..at]);
        let (inner, after) = rest[at + 2..].split_once('}').ok_or_else(malformed)?;
        let (name, default) = inner.split_once(":-").map_or((inner, None), |(name, default)| (name, Some(default)));
        if !is_name(name) {
            return Err(malformed());
        }
        let found = variables.get(name).map_err(|why| {
            Box::new(Fault::new(Code::Variable, span, format!("the environment variable `{name}` {why}")))
        })?;
        match (found.filter(|found| !found.is_empty() || default.is_none()), default) {
            (Some(found), _) => value.push_str(&found),
            (None, Some(default)) => value.push_str(default),
            (None, None) => {
                let fault = Fault::new(Code::Variable, span, format!("the environment variable `{name}` is not set"));
                let help = format!("set it where the gate runs, or give a default: `${{{name}:-…}}`");
                return Err(Box::new(fault.label("stands for nothing").help(help)));
            }
        }
        rest = after;
    }
    value.push_str(rest);
    Ok(value)
}

fn is_name(text: &str) -> bool {
    !text.is_empty()
        && !text.starts_with(|c: char| c.is_ascii_digit())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

/// The content of a file, without the line's end at its end.
fn include(path: &str, span: Span, directory: &Path) -> Result<String, Box<Fault>> {
    let fault = |why: String| Box::new(Fault::new(Code::Include, span, format!("the file {why}")));
    let full = directory.join(path);
    let read = || {
        // A pipe or device is not opened: that could wait for ever.
        if !fs::metadata(&full)?.is_file() {
            return Err(std::io::Error::other("not a file"));
        }
        let mut bytes = Vec::new();
        fs::File::open(&full)?.take(MAX_VALUE + 1).read_to_end(&mut bytes)?;
        Ok(bytes)
    };
    let bytes = read().map_err(|error| {
        let fault = fault(format!("cannot be read: {error}")).label("relative to the directory of this file");
        Box::new(fault)
    })?;
    if bytes.len() as u64 > MAX_VALUE {
        return Err(fault("is longer than 64 KiB".to_owned()));
    }
    let mut text = String::from_utf8(bytes).map_err(|_| fault("is not UTF-8 text".to_owned()))?;
    if text.ends_with('\n') {
        text.pop();
        if text.ends_with('\r') {
            text.pop();
        }
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::policy::fault::Severity;
    use crate::policy::load::{LoadOptions, load_text};

    const SMALL: &str = "
version: 1
gate: { listen: '127.0.0.1:8443', tls: { certificate: a.pem, key: b.pem } }
upstream: { url: 'http://localhost:${PORT:-8080}' }
redaction: { address: none, caller: id }
routes: [{ name: 'all${SUFFIX:-}', path: '/**', allow: [anyone] }]
";

    fn options(variables: &[(&str, &str)]) -> LoadOptions {
        let map = variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        LoadOptions { variables: Variables::Fixed(Arc::new(map)), ..LoadOptions::check() }
    }

    fn load(text: &str, variables: &[(&str, &str)]) -> Result<crate::policy::Policy, String> {
        let loaded = load_text("p", text, Path::new("/nowhere"), &options(variables));
        loaded.map(|loaded| loaded.policy).map_err(|faults| faults.render(false) + &faults.to_json())
    }

    #[test]
    fn what_references_stand_for_is_in_force_and_in_the_digest() {
        let plain = load(SMALL, &[]).expect("sound");
        let other = load(SMALL, &[("PORT", "9090"), ("SUFFIX", "-x")]).expect("sound");
        assert!(format!("{:?}", plain.upstream.endpoint).contains("8080"));
        assert!(format!("{:?}", other.upstream.endpoint).contains("9090"));
        assert_eq!(other.routes.routes()[0].name.as_str(), "all-x");
        assert_ne!(plain.digest, other.digest);
        assert_eq!(plain.digest, load(SMALL, &[("PORT", "8080")]).expect("sound").digest);
    }

    #[test]
    fn escapes_and_forms() {
        let expand = |text: &str| {
            let map = HashMap::from([("A".to_owned(), "x".to_owned()), ("E".to_owned(), String::new())]);
            let span = Span::new(file(), 0..1);
            expand(text, span, &Variables::Fixed(Arc::new(map))).map_err(|fault| fault.code.id())
        };
        for (text, value) in [
            ("a${A}b${A}", "axbx"),
            ("$${A}", "${A}"),
            ("$$${A}", "$${A}"),
            ("${E}", ""),
            ("${E:-d}", "d"),
            ("${N:-}", ""),
            ("$A", "$A"),
            ("${A:-${B}", "x"),
        ] {
            assert_eq!(expand(text).as_deref(), Ok(value), "{text}");
        }
        for bad in ["${N}", "${", "${}", "${1}", "${A B}", "${A", "${A-x}"] {
            assert_eq!(expand(bad), Err("PC0611"), "{bad}");
        }
    }

    fn file() -> crate::policy::source::FileId {
        let source = Source { name: String::new(), directory: "".into(), text: String::new(), hidden: Vec::new() };
        crate::policy::source::Sources::default().add(source)
    }

    #[test]
    fn what_they_stand_for_is_in_no_message() {
        let secret = "hunter2hunter2";
        for text in [
            SMALL.replace("${PORT:-8080}", "8080/${X}"),
            SMALL.replace("name: 'all${SUFFIX:-}'", "name: '${X} ${X}'"),
            SMALL.replace("/**", "${X}"),
            SMALL.replace("allow: [anyone]", "allow: ['${X}']"),
            SMALL.replace("allow: [anyone]", "allow: [anyone], methods: ['get ${X}']"),
            SMALL.replace("allow: [anyone]", "allow: [anyone], body: '${X}'"),
            SMALL.replace("address: none", "address: '${X}'"),
            SMALL.replace(
                "routes: [",
                "routes: [{ name: '${X}', path: /a, allow: [anyone] }, { name: '${X}', path: /a, allow: [anyone] }, ",
            ),
        ] {
            let shown = load(&text, &[("X", secret)]).expect_err("faults");
            assert!(!shown.contains(secret), "{shown}");
        }
        let key = SMALL.replace("caller: id", "caller: id, key: '${X}'");
        let shown = load(&key, &[("X", "q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQ")]).expect_err("a secret");
        assert!(shown.contains("PC0502") && !shown.contains("q83v"), "{shown}");
    }

    #[test]
    fn files_are_read_beside_the_policy_and_bounded() {
        let here = tempfile::tempdir().expect("a directory");
        let write = |name: &str, text: &str| fs::write(here.path().join(name), text).expect("written");
        write("port", "http://localhost:7070\r\n");
        write("long", &"x".repeat(70_000));
        let load = |path: &str| {
            let text = SMALL.replace("'http://localhost:${PORT:-8080}'", path);
            let loaded = load_text("p", &text, here.path(), &options(&[]));
            loaded.map(|loaded| loaded.policy).map_err(|faults| {
                let error = faults.list.iter().find(|fault| fault.severity == Severity::Error);
                error.expect("an error").code
            })
        };
        let policy = load("!file port").expect("sound");
        assert!(format!("{:?}", policy.upstream.endpoint).contains("7070"));
        let before = policy.digest;
        write("port", "http://localhost:7071\n");
        assert_ne!(load("!file port").expect("sound").digest, before);
        assert_eq!(load("!file nothing").expect_err("a fault"), Code::Include);
        assert_eq!(load("!file long").expect_err("a fault"), Code::Include);
        assert_eq!(load("!file [port]").expect_err("a fault"), Code::Tag);
        assert_eq!(load("!other port").expect_err("a fault"), Code::Tag);
    }

    #[test]
    fn keys_are_what_they_say() {
        let shown = load(&SMALL.replace("redaction:", "'${X}': 1\nredaction:"), &[("X", "mode")]).expect_err("a key");
        assert!(shown.contains("PC0611"), "{shown}");
    }
}
