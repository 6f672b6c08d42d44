//! The command line, as people and scripts meet it: help of every command, usage errors, exit codes.
//!
//! What is expected stands in `.txt` files in this directory; `UPDATE_GOLDEN=1 cargo test` writes them.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use portcullis::policy::{LoadOptions, load_text};

/// The program, free of whatever the terminal and the user's settings are.
pub fn portcullis() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_portcullis"));
    command.current_dir(env!("CARGO_MANIFEST_DIR")).stdin(Stdio::null()).env_remove("COLUMNS").env("NO_COLOR", "1");
    command
}

fn run(arguments: &[&str]) -> Output {
    portcullis().args(arguments).output().expect("the program runs")
}

fn golden(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cli").join(name)
}

/// Compares with a file; `Some` says how they differ.
fn differs(name: &str, actual: &str) -> Option<String> {
    let path = golden(name);
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        fs::write(&path, actual).expect("written");
    }
    let expected = fs::read_to_string(&path).unwrap_or_default();
    (actual != expected).then(|| format!("{}, expected:\n{expected}\nfound:\n{actual}", path.display()))
}

/// The commands below one, by its own help.
fn commands(help: &str) -> Vec<String> {
    let list = help.lines().skip_while(|line| *line != "Commands:").skip(1).take_while(|line| !line.is_empty());
    // A description that goes on in the next line stands further in.
    list.filter(|line| line.starts_with("  ") && !line.starts_with("   "))
        .filter_map(|line| line.split_whitespace().next().map(str::to_owned))
        .collect()
}

#[test]
fn a_result_that_cannot_be_written_is_no_result() {
    let policy = "policies/quickstart.yaml";
    for arguments in [
        &["schema"][..],
        &["schema", "--format", "markdown"],
        &["check", policy, "--format", "json"],
        &["check", policy],
        &["explain", "PC0805"],
        &["explain", "--policy", policy, "--path", "/healthz"],
        &["diff", policy, policy],
        &["test", "policies"],
        &["inject", "-f", "tests/inject/job.yaml"],
    ] {
        let sound = run(arguments);
        assert_eq!(sound.status.code(), Some(0), "{arguments:?}: {}", String::from_utf8_lossy(&sound.stderr));
        let full = fs::OpenOptions::new().write(true).open("/dev/full").expect("there");
        let output = portcullis().args(arguments).stdout(full).stderr(Stdio::piped()).output().expect("it runs");
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        let said = String::from_utf8(output.stderr).expect("text");
        assert!(said.contains("standard output cannot be written: No space left on device"), "{arguments:?}: {said}");
    }
}

#[test]
fn help_of_every_command_is_as_written_down() {
    let readme = readme();
    let mut wrong = Vec::new();
    let mut files = Vec::new();
    let mut left: Vec<Vec<String>> = vec![Vec::new()];
    while let Some(command) = left.pop() {
        let mut arguments: Vec<&str> = command.iter().map(String::as_str).collect();
        arguments.push("--help");
        let output = run(&arguments);
        assert_eq!(output.status.code(), Some(0), "{arguments:?}");
        let help = String::from_utf8(output.stdout).expect("text");
        let longest = help.lines().map(|line| line.chars().count()).max();
        assert!(longest <= Some(100), "the help of {command:?} is wider than 100 columns");
        let name = format!("help{}.txt", command.iter().fold(String::new(), |name, word| name + "-" + word));
        wrong.extend(differs(&name, &help));
        files.push(name);
        if commands(&help).is_empty() {
            let row = format!("| `portcullis {}", command.join(" "));
            assert!(readme.contains(&row), "the README has no row for {command:?}");
        }
        left.extend(commands(&help).into_iter().map(|word| [command.clone(), vec![word]].concat()));
    }
    assert!(files.len() >= 10, "{files:?}");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    for entry in fs::read_dir(golden("")).expect("the files") {
        let name = entry.expect("a file").file_name().into_string().expect("text");
        assert!(!name.starts_with("help") || files.contains(&name), "{name} is of a command that is gone");
    }
}

fn readme() -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md")).expect("the README")
}

#[test]
fn the_policy_in_the_readme_is_sound() {
    let readme = readme();
    let (_, rest) = readme.split_once("```yaml\n").expect("a policy");
    let (policy, _) = rest.split_once("```").expect("its end");
    let loaded = load_text("README.md", policy, Path::new("/nowhere"), &LoadOptions::check());
    let faults = loaded.map_or_else(|faults| faults, |loaded| loaded.warnings);
    // The certificates that it names are the reader's to make.
    assert_eq!(faults.errors(), 0, "{}", faults.render(false));
    assert!(!faults.to_json().contains("PC0901"), "it uses what is not built yet");
}

#[test]
fn the_readme_names_what_is_not_built_and_nothing_else() {
    let table = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/policy/load/unbuilt.rs");
    let table = fs::read_to_string(table).expect("the table");
    let mut unbuilt: Vec<&str> =
        table.lines().filter_map(|line| line.trim().strip_suffix("\"),")?.rsplit('"').next()).collect();
    let readme = readme().replace('\n', " ");
    let (_, rest) = readme.split_once("that nobody relies on a rule that is not kept: ").expect("the paragraph");
    let (list, _) = rest.split_once(". ").expect("its end");
    let mut named: Vec<&str> = list.split(", ").collect();
    unbuilt.sort_unstable();
    named.sort_unstable();
    assert_eq!(named, unbuilt, "the README's list is not the one of unbuilt.rs");
}

#[test]
fn links_of_the_pages_lead_somewhere() {
    let home = Path::new(env!("CARGO_MANIFEST_DIR"));
    let docs = fs::read_dir(home.join("docs")).expect("the pages").map(|entry| entry.expect("a page").path());
    let mut lost = Vec::new();
    for page in docs.chain(["README.md", "CONTRIBUTING.md", "CHANGELOG.md"].map(|name| home.join(name))) {
        let text = fs::read_to_string(&page).expect("text");
        let targets = text.split("](").skip(1).filter_map(|rest| rest.split_once(')').map(|(target, _)| target));
        for target in targets.filter(|target| !target.contains("://") && !target.contains(char::is_whitespace)) {
            let (file, part) = target.split_once('#').unwrap_or((target, ""));
            let other = if file.is_empty() { page.clone() } else { page.with_file_name(file) };
            let has_part =
                |text: String| part.is_empty() || text.lines().any(|line| anchor(line) == Some(part.to_owned()));
            if !other.exists() || (other.is_file() && !fs::read_to_string(&other).is_ok_and(has_part)) {
                lost.push(format!("{}: {target}", page.display()));
            }
        }
    }
    assert!(lost.is_empty(), "{lost:#?}");
}

/// What a heading is linked to by.
fn anchor(line: &str) -> Option<String> {
    let heading = line.strip_prefix('#')?.trim_start_matches('#').trim().to_lowercase();
    let kept = heading.chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
    Some(kept.map(|c| if c == ' ' { '-' } else { c }).collect())
}

/// Exit code, and the command line that has it.
const ANSWERS: &[(i32, &str)] = &[
    (0, "--version"),
    (0, "check policies/quickstart.yaml --format json"),
    (0, "check policies/demo.yaml --format json"),
    (0, "explain --policy policies/quickstart.yaml --path /healthz"),
    (1, "explain --policy policies/quickstart.yaml --path /nowhere"),
    (1, "check tests/faults/PC0101-tab.yaml"),
    (1, "run --policy tests/faults/PC0101-tab.yaml"),
    (1, "keys token --key nowhere.key --issuer i --audience a --subject s"),
    (1, "keys new tls Cargo.toml"),
    (2, "check nowhere.yaml"),
    (2, "run --policy nowhere.yaml"),
];

/// Command lines that are no command: 2, the reason on standard error, nothing on standard output.
const USAGE: &[&str] = &[
    "",
    "gate",
    "run",
    "run --policy",
    "run --policy p.yaml --log-level loud",
    "check",
    "check a.yaml b.yaml",
    "check a.yaml --format xml",
    "explain --policy a.yaml",
    "explain --policy a.yaml --path / --caller nobody",
    "demo --listen 0.0.0.0:8443",
    "demo --listen 8443",
    "certs",
    "certs dev --name",
    "keys",
    "keys new pseudonym",
    "keys new password a.key",
    "keys api new",
    "keys token --issuer i --audience a --subject s --ttl 25h",
];

#[test]
fn exit_codes_are_the_answer() {
    for (code, line) in ANSWERS {
        let output = run(&line.split_whitespace().collect::<Vec<_>>());
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(*code), "portcullis {line}\n{said}");
        assert!(*code != 0 || !output.stdout.is_empty(), "portcullis {line}: no result");
        assert!(!said.contains("internal fault"), "portcullis {line}\n{said}");
    }
}

#[test]
fn usage_errors_say_what_is_wrong() {
    let mut text = String::new();
    for line in USAGE {
        let output = run(&line.split_whitespace().collect::<Vec<_>>());
        assert_eq!(output.status.code(), Some(2), "portcullis {line}");
        assert!(output.stdout.is_empty(), "portcullis {line}: results without a result");
        // Without arguments the whole help is shown, which has its own file.
        let said = String::from_utf8(output.stderr).expect("text");
        let said = if line.is_empty() { "(help)\n" } else { &said };
        write!(text, "$ portcullis {line}\n{}\n", said.replace("\n\n", "\n")).expect("a string takes all");
    }
    if let Some(difference) = differs("usage.txt", &text) {
        panic!("{difference}");
    }
}

#[test]
fn a_reader_that_goes_away_is_no_fault_of_ours() {
    let mut command = portcullis();
    command.args(["check", "policies/sp-api.yaml", "--format", "json"]).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("the program runs");
    drop(child.stdout.take());
    let output = child.wait_with_output().expect("it ends");
    assert!(output.status.code().is_some_and(|code| code < 2), "{output:?}");
    assert!(output.stderr.is_empty(), "{output:?}");
}
