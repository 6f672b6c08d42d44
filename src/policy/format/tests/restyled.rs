//! Real policies as other hands might have written them: the same content with other brackets, quotes, line ends, orders
//! of keys and comments anywhere.

use std::fs;
use std::path::{Path, PathBuf};

use proptest::prelude::*;

use super::super::{Entry, Node, Scalar, Value, WIDTH, format, meaning, pass, read};
use super::loaded;
use crate::policy::diff::Diff;
use crate::policy::{LoadOptions, Policy, load_text};

/// Every policy of the project.
fn policies() -> Vec<(PathBuf, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = Vec::new();
    for directory in [
        "policies",
        "policies/tests",
        "tests/faults",
        "deploy/package",
        "deploy/kubernetes/overlays/gateway/policies",
        "deploy/kubernetes/overlays/sidecar/policies",
    ] {
        for entry in fs::read_dir(root.join(directory)).expect(directory) {
            let path = entry.expect("a file").path();
            if path.extension().is_some_and(|extension| extension == "yaml") {
                found.push((path.clone(), fs::read_to_string(path).expect("text")));
            }
        }
    }
    for page in
        ["README.md", "docs/walkthrough.md", "docs/behaviour-detectors.md", "docs/behaviour.md", "docs/sinks.md"]
    {
        let path = root.join(page);
        let text = fs::read_to_string(&path).expect(page);
        let blocks = text.split("```yaml\n").skip(1).filter_map(|rest| rest.split_once("```"));
        found.extend(blocks.map(|(block, _)| (path.clone(), block.to_owned())));
    }
    assert!(found.len() > 80, "{} policies", found.len());
    found
}

/// The comments of a text, sorted; their columns may change.
fn comments(text: &str) -> Vec<String> {
    let mut comments = read::read(text).expect("a tree").comments;
    comments.sort_unstable();
    comments
}

/// One pass is enough, and loses and changes nothing.
fn holds(text: &str) -> Result<String, TestCaseError> {
    let once = format(text).map_err(|fault| TestCaseError::fail(format!("{fault}:\n{text}")))?;
    prop_assert!(pass(text).is_ok_and(|first| first == once), "not in one pass:\n{}", text);
    let twice = format(&once).map_err(|fault| TestCaseError::fail(format!("again, {fault}:\n{once}")))?;
    prop_assert_eq!(&twice, &once, "not twice the same:\n{}", text);
    prop_assert_eq!(meaning(text), meaning(&once), "{}", text);
    prop_assert_eq!(comments(text), comments(&once), "{}", text);
    prop_assert!(!once.contains(" -\n") && !once.contains(" \n"), "a dash alone, or spaces at an end:\n{}", once);
    Ok(once)
}

fn policy(text: &str) -> Option<Policy> {
    load_text("p", text, Path::new("/nowhere"), &LoadOptions::check()).ok().map(|loaded| loaded.policy)
}

#[test]
fn every_policy_of_the_project_keeps_its_meaning() {
    for (path, text) in policies() {
        // Some are there because they are no YAML, or none that a policy may be.
        let Ok(once) = format(&text) else { continue };
        assert_eq!(format(&once).as_deref(), Ok(once.as_str()), "{}", path.display());
        assert_eq!(loaded(&text), loaded(&once), "{}", path.display());
        if let (Some(before), Some(after)) = (policy(&text), policy(&once)) {
            let diff = Diff::between(&before, &after);
            assert_eq!(diff, Diff::default(), "{}", path.display());
        }
    }
}

/// A hand of its own: chooses without pattern, the same for the same seed.
struct Hand {
    state: u64,
    comments: usize,
    /// Whether values grow until lines have to be broken.
    long: bool,
}

impl Hand {
    fn below(&mut self, bound: usize) -> usize {
        // xorshift64
        self.state ^= self.state << 13;
        self.state ^= self.state >> 7;
        self.state ^= self.state << 17;
        (self.state >> 33) as usize % bound
    }

    fn comment(&mut self) -> String {
        self.comments += 1;
        format!("# c{}", self.comments)
    }

    /// A comment at a line's end, at times.
    fn beside(&mut self) -> String {
        if self.below(6) > 0 {
            return String::new();
        }
        format!("{}{}", " ".repeat(1 + self.below(40)), self.comment())
    }

    /// Blank lines and comments above a line, at times.
    fn above(&mut self, indent: usize) -> String {
        match self.below(10) {
            0 => format!("\n{}{}\n", " ".repeat(indent), self.comment()),
            1 => "\n\n".to_owned(),
            2 => format!("{}{}\n\n", " ".repeat(indent), self.comment()),
            _ => String::new(),
        }
    }

    fn scalar(&mut self, of: &Scalar) -> String {
        let tag = if of.tagged { "!file " } else { "" };
        let longer = if self.long && self.below(12) == 0 { "x".repeat(50) } else { String::new() };
        let text = format!("{}{longer}", of.text);
        let plain_control = text.chars().any(char::is_control);
        // A plain text between brackets ends at the next one.
        let bare = of.plain && !text.contains(['{', '}', '[', ']', ',']);
        let body = match self.below(3) {
            0 if bare => text,
            1 if !(plain_control || of.plain && of.text.is_empty()) => format!("'{}'", text.replace('\'', "''")),
            _ if bare => text,
            _ => serde_json::to_string(&text).expect("text"),
        };
        format!("{tag}{body}")
    }

    fn entries<'n>(&mut self, node: &'n Node) -> Vec<&'n Entry> {
        let (Value::Map { items, .. } | Value::List { items, .. }) = &node.value else { return Vec::new() };
        let mut entries: Vec<&Entry> = items.iter().collect();
        if matches!(node.value, Value::Map { .. }) {
            for place in (1..entries.len()).rev() {
                let other = self.below(place + 1);
                entries.swap(place, other);
            }
        }
        entries
    }

    /// Between brackets, now and then over several lines.
    fn flow(&mut self, node: &Node, indent: usize) -> String {
        let (open, close) = match &node.value {
            Value::Scalar(text) => return self.scalar(text),
            Value::Map { .. } => ("{", "}"),
            Value::List { .. } => ("[", "]"),
        };
        let mut out = open.to_owned();
        for (place, entry) in self.entries(node).into_iter().enumerate() {
            if place > 0 {
                out.push(',');
            }
            match self.below(30) {
                0 => out.push_str(&format!(" {}\n{}", self.comment(), " ".repeat(indent + 4))),
                1 => out.push_str(&format!("\n\n{}", " ".repeat(indent + 3))),
                other => out.push_str(&" ".repeat(1 + other % 3)),
            }
            if let Some(key) = &entry.key {
                out.push_str(&format!("{}: ", self.scalar_of_key(key)));
            }
            out.push_str(&self.flow(&entry.value, indent));
        }
        out.push_str(close);
        out
    }

    fn scalar_of_key(&mut self, key: &Scalar) -> String {
        let long = std::mem::replace(&mut self.long, false);
        let text = self.scalar(key);
        self.long = long;
        text
    }

    /// What follows a key or a dash in a block.
    fn behind(&mut self, node: &Node, indent: usize) -> String {
        let entries = self.entries(node);
        if entries.is_empty() || self.below(3) == 0 {
            return format!(" {}{}\n", self.flow(node, indent), self.beside());
        }
        let inner = indent + 1 + self.below(4);
        format!("{}\n{}", self.beside(), self.block(&entries, inner))
    }

    fn block(&mut self, entries: &[&Entry], indent: usize) -> String {
        let mut out = String::new();
        for entry in entries {
            out.push_str(&self.above(indent));
            out.push_str(&" ".repeat(indent));
            match &entry.key {
                Some(key) => out.push_str(&format!("{}:", self.scalar_of_key(key))),
                None => out.push('-'),
            }
            out.push_str(&self.behind(&entry.value, indent));
        }
        out
    }
}

fn restyled(text: &str, seed: u64) -> Option<String> {
    let tree = read::read(text)?;
    let mut hand = Hand { state: seed | 1, comments: 0, long: seed.is_multiple_of(2) };
    let entries = hand.entries(&tree.root);
    if entries.is_empty() { None } else { Some(hand.block(&entries, 0)) }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn as_another_hand_wrote_it(which in any::<prop::sample::Index>(), seed in any::<u64>()) {
        let policies: &Vec<String> = POLICIES.get_or_init(|| {
            policies().into_iter().map(|(_, text)| text).filter(|text| format(text).is_ok()).collect()
        });
        let Some(text) = restyled(&policies[which.index(policies.len())], seed) else { return Ok(()) };
        let once = holds(&text)?;
        prop_assert_eq!(loaded(&text), loaded(&once), "{}", text);
        let long = once.lines().find(|line| {
            let code = line.split_once(" # ").map_or(*line, |(code, _)| code.trim_end());
            // A text alone in its line has nowhere to go.
            code.chars().count() > WIDTH && code.contains(['{', '['])
        });
        prop_assert!(long.is_none_or(|line| !line.contains(", ")), "{:?}:\n{}\n{}", long, text, once);
    }
}

static POLICIES: std::sync::OnceLock<Vec<String>> = std::sync::OnceLock::new();
