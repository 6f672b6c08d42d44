//! The pages say what is so: every command that they show is one that the program takes, and every control names keys
//! that the policy has, commands that there are, and tests that prove it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use clap::error::ErrorKind;
use portcullis::cli::judge;

use crate::cli::portcullis;

/// Every id of the controls. They are cited by policies and records, so none is ever given another meaning.
const CONTROLS: &[&str] = &[
    "NET-1", "TLS-1", "TLS-2", "TLS-3", "TLS-4", "ID-1", "ID-2", "ID-3", "ID-4", "ID-5", "ID-6", "ID-7", "ID-8",
    "ACC-1", "ACC-2", "ACC-3", "ACC-4", "LOG-1", "LOG-2", "LOG-3", "LOG-4", "LOG-5", "LOG-6", "LOG-7", "LOG-8",
    "INC-1", "INC-2", "INC-3", "RET-1", "RET-2", "GOV-1", "GOV-2", "KEY-1", "VUL-1",
];

fn home(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

fn read(path: &str) -> String {
    fs::read_to_string(home(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The pages by name.
fn pages() -> BTreeMap<String, String> {
    let docs = fs::read_dir(home("docs")).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let names = docs.filter(|name| name.ends_with(".md")).map(|name| format!("docs/{name}"));
    let names = names.chain(["README.md".to_owned(), "CONTRIBUTING.md".to_owned()]);
    names.map(|name| (name.clone(), read(&name))).collect()
}

/// Lines of fenced blocks that a shell would take, continued lines joined; and what stands in single back quotes.
fn code(page: &str) -> (Vec<String>, Vec<String>) {
    let (mut blocks, mut spans) = (Vec::new(), Vec::new());
    let mut fence: Option<String> = None;
    let mut joined = String::new();
    let mut prose = String::new();
    for line in page.lines() {
        if let Some(kind) = line.trim_start().strip_prefix("```") {
            fence = if fence.is_some() { None } else { Some(kind.to_owned()) };
            continue;
        }
        match fence.as_deref() {
            None => {
                prose.push_str(line);
                prose.push(' ');
            }
            Some("sh" | "console" | "bash") => {
                let line = line.strip_prefix("$ ").unwrap_or(line);
                joined.push_str(line.strip_suffix('\\').unwrap_or(line));
                if !line.ends_with('\\') {
                    blocks.push(std::mem::take(&mut joined));
                }
            }
            // Comments in policies say commands, too.
            Some(_) => {
                let command = line.split_once("# portcullis ").and_then(|(_, rest)| rest.split(", ").next());
                spans.extend(command.map(|command| format!("portcullis {command}")));
            }
        }
    }
    spans.extend(prose.split('`').skip(1).step_by(2).map(str::to_owned));
    (blocks, spans)
}

/// Every call of the program in a line of shell, as words. What the shell would put in the place of `$…` is a word.
fn calls(line: &str) -> Vec<Vec<String>> {
    let mut calls: Vec<Vec<String>> = vec![Vec::new()];
    let mut word: Option<String> = None;
    let mut letters = line.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '\'' => word.get_or_insert_default().extend(letters.by_ref().take_while(|letter| *letter != '\'')),
            '"' => word.get_or_insert_default().extend(letters.by_ref().take_while(|letter| *letter != '"')),
            '$' if letters.peek() == Some(&'(') => {
                letters.next();
                let (mut depth, mut inner) = (1, String::new());
                for letter in letters.by_ref() {
                    depth += i32::from(letter == '(') - i32::from(letter == ')');
                    if depth == 0 {
                        break;
                    }
                    inner.push(letter);
                }
                let within = self::calls(&inner);
                let at = calls.len() - 1;
                calls.splice(at..at, within);
                word.get_or_insert_default().push('1');
            }
            '#' if word.is_none() => break,
            '|' | '&' | ';' | '<' | '>' => {
                // `2>&1`, `2> file`: the number is the shell's.
                let last = word
                    .take()
                    .filter(|word| !(matches!(letter, '<' | '>') && word.chars().all(|c| c.is_ascii_digit())));
                calls.last_mut().unwrap().extend(last);
                calls.push(Vec::new());
            }
            letter if letter.is_whitespace() => calls.last_mut().unwrap().extend(word.take()),
            letter => word.get_or_insert_default().push(letter),
        }
    }
    calls.last_mut().unwrap().extend(word);
    let is_setting = |word: &String| word.contains('=') && !word.starts_with('-');
    let whole = calls.into_iter().map(|words| words.into_iter().skip_while(is_setting).collect::<Vec<_>>());
    let begun = |words: &Vec<String>| {
        words.first().is_some_and(|word| Path::new(word).file_name() == Some("portcullis".as_ref()))
    };
    whole.filter(begun).collect()
}

#[test]
fn every_command_in_the_pages_is_one_that_the_program_takes() {
    let (mut wrong, mut seen) = (Vec::new(), 0);
    for (name, page) in pages() {
        let (blocks, spans) = code(&page);
        for words in blocks.iter().flat_map(|line| calls(line)) {
            seen += 1;
            if let Some(error) = judge(&words)
                .filter(|error| !matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion))
            {
                wrong.push(format!("{name}: {words:?}: {error}"));
            }
        }
        // In prose, values are left out or stand for others; names are not.
        let names =
            |error: &clap::Error| matches!(error.kind(), ErrorKind::InvalidSubcommand | ErrorKind::UnknownArgument);
        for words in spans.iter().filter(|span| span.starts_with("portcullis ")).flat_map(|span| calls(span)) {
            seen += 1;
            let words: Vec<String> = words.into_iter().take_while(|word| !word.contains(['…', '|', '\\'])).collect();
            if let Some(error) = judge(&words).filter(names) {
                wrong.push(format!("{name}: {words:?}: {error}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(seen > 60, "only {seen} commands were found");
}

#[test]
fn commands_are_found_as_a_shell_would() {
    let words = |line: &str| calls(line).into_iter().map(|words| words.join(" ")).collect::<Vec<_>>();
    assert_eq!(
        words("A=1 portcullis check x && portcullis run --policy y > log 2>&1 &"),
        ["portcullis check x", "portcullis run --policy y"]
    );
    assert_eq!(words("T=$(portcullis keys token --subject 'a b')"), ["portcullis keys token --subject a b"]);
    assert_eq!(words("app 2>&1 | ./portcullis redact # portcullis no"), ["./portcullis redact"]);
    assert_eq!(words("echo portcullis"), [""; 0]);
    assert!(judge(&["portcullis".to_owned(), "nonsense".to_owned()]).is_some());
}

/// The rows of docs/controls.md: id to its cells.
fn rows() -> BTreeMap<String, Vec<String>> {
    let page = read("docs/controls.md");
    let rows =
        page.lines().filter(|line| line.starts_with("| ") && !line.starts_with("| id ") && !line.starts_with("|--"));
    rows.map(|line| {
        let cells: Vec<String> = line.trim_matches('|').split(" | ").map(|cell| cell.trim().to_owned()).collect();
        assert_eq!(cells.len(), 4, "{line}");
        (cells[0].clone(), cells)
    })
    .collect()
}

/// What stands in back quotes.
fn quoted(cell: &str) -> Vec<&str> {
    cell.split('`').skip(1).step_by(2).collect()
}

/// `fn` names of tests by file, below `src` and `tests`.
fn tests(directory: &Path, found: &mut BTreeSet<String>) {
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            tests(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = fs::read_to_string(&path).unwrap();
            let mut is_test = false;
            for line in text.lines().map(str::trim) {
                is_test |= line.starts_with("#[test]") || line.starts_with("#[tokio::test");
                if let Some((_, rest)) =
                    line.split_once("fn ").filter(|(before, _)| matches!(*before, "" | "async " | "pub "))
                {
                    if is_test {
                        let file = path.strip_prefix(env!("CARGO_MANIFEST_DIR")).unwrap().display();
                        found.insert(format!("{file} {}", rest.split('(').next().unwrap()));
                    }
                    is_test = false;
                }
            }
        }
    }
}

/// Every key of the policy, written `routes[].require.mfa`.
fn keys() -> BTreeSet<String> {
    let output = portcullis().arg("schema").output().unwrap();
    let schema: serde_json::Value = serde_json::from_slice(&output.stdout).expect("a schema");
    let mut found = BTreeSet::new();
    walk(&schema, &schema, "", 0, &mut found);
    found
}

fn walk(root: &serde_json::Value, node: &serde_json::Value, path: &str, depth: usize, found: &mut BTreeSet<String>) {
    if depth > 24 {
        return;
    }
    if let Some(reference) = node["$ref"].as_str() {
        walk(root, root.pointer(reference.trim_start_matches('#')).expect("a definition"), path, depth + 1, found);
    }
    for (key, value) in node["properties"].as_object().into_iter().flatten() {
        let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
        found.insert(path.clone());
        walk(root, value, &path, depth + 1, found);
    }
    for key in ["anyOf", "oneOf", "allOf"] {
        node[key].as_array().into_iter().flatten().for_each(|node| walk(root, node, path, depth + 1, found));
    }
    if node["items"].is_object() {
        walk(root, &node["items"], &format!("{path}[]"), depth + 1, found);
    }
    if node["additionalProperties"].is_object() {
        walk(root, &node["additionalProperties"], &format!("{path}.*"), depth + 1, found);
    }
}

/// Whether something that a row calls unbuilt is there: a report, a key of the policy, or what nobody has named yet.
fn is_built(what: &str, keys: &BTreeSet<String>, unbuilt: &str) -> bool {
    if let Some(report) = what.strip_prefix("report ") {
        let words = ["portcullis", "report", report].map(str::to_owned);
        return judge(&words).is_none_or(|error| error.kind() != ErrorKind::InvalidSubcommand);
    }
    let key = what.replace("[]", "").replace(".*", "");
    keys.contains(what) && !unbuilt.lines().any(|line| line.contains(&format!("\"{key}")))
}

#[test]
fn every_control_names_what_meets_it_and_tests_that_prove_it() {
    let rows = rows();
    assert_eq!(rows.keys().map(String::as_str).collect::<BTreeSet<_>>(), CONTROLS.iter().copied().collect());
    let (mut known, keys) = (BTreeSet::new(), keys());
    tests(&home("src"), &mut known);
    tests(&home("tests"), &mut known);
    let unbuilt = read("src/policy/load/unbuilt.rs");
    let mut wrong = Vec::new();
    for (id, cells) in &rows {
        let lacks = |what: String| format!("{id}: {what}");
        for word in quoted(cells[2].split("Not built: ").next().unwrap()) {
            if home(word).exists() {
                continue;
            }
            if word.contains('/') {
                wrong.push(lacks(format!("{word} is not there")));
            } else if word.starts_with("portcullis ") {
                let words: Vec<String> = word.split(' ').map(str::to_owned).collect();
                let names = |error: &clap::Error| {
                    matches!(error.kind(), ErrorKind::InvalidSubcommand | ErrorKind::UnknownArgument)
                };
                wrong.extend(judge(&words).filter(names).map(|error| lacks(format!("{word}: {error}"))));
            } else if !keys.contains(word)
                && !word.contains(' ')
                && word.chars().all(|c| c.is_ascii_lowercase() || "._[]*".contains(c))
            {
                wrong.push(lacks(format!("the policy has no key `{word}`")));
            }
        }
        if let Some((_, lacking)) = cells[2].split_once("Not built: ") {
            let what = quoted(lacking);
            assert!(!what.is_empty(), "{id} says in back quotes what is not built");
            wrong.extend(
                what.iter()
                    .filter(|what| is_built(what, &keys, &unbuilt))
                    .map(|what| lacks(format!("{what} is built by now"))),
            );
        }
        let proofs = quoted(&cells[3]);
        if proofs.is_empty() && !cells[2].contains("Not built: ") {
            wrong.push(lacks("no test proves it".to_owned()));
        }
        for proof in proofs {
            let (file, name) = proof.split_once("::").unwrap_or((proof, ""));
            if !known.contains(&format!("{file} {name}")) {
                wrong.push(lacks(format!("there is no test {proof}")));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
