//! `docs/walkthrough.md` shows what really comes out: its commands are run as they stand, by a shell, with a real gate
//! and an app behind it, and what they print must be what the page says.
//!
//! In the page, a `yaml` block is a file whose name is in its first line; a `diff` block makes the second file of the
//! first; a `console` block is commands and what they print; a comment `until FILE has N of TEXT` waits.
//! `UPDATE_GOLDEN=1 cargo test` writes what was printed into the page.

use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Duration;

use regex_automata::meta::Regex;

use crate::support::{Upstream, answer, has_tool, wait_for};

const PAGE: &str = "docs/walkthrough.md";
/// What ends the output of a command.
const MARK: &str = "=== the shell is through with it ===";
/// How long one command may take.
const PATIENCE: Duration = Duration::from_secs(60);
/// Where gate and app are, in the page.
const GATE: &str = "localhost:8443";
const APP: &str = "127.0.0.1:8080";

#[test]
fn walkthrough_shows_what_its_commands_print() {
    if !["bash", "curl", "jq"].into_iter().all(has_tool) {
        return;
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(PAGE);
    let page = fs::read_to_string(&path).expect("the page");
    let home = tempfile::tempdir().expect("a directory");
    let app = Upstream::start(answer("{\"payload\":{}}"));
    let real = Walk::new(home.path(), &app.url()).through(&page);
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        fs::write(&path, &real).expect("written");
    }
    let differing = real.lines().zip(page.lines()).find(|(real, page)| real != page);
    assert!(real == page || std::env::var_os("UPDATE_GOLDEN").is_some(), "{PAGE}: {differing:#?}\n\n{real}");
    assert!(!real.contains("internal fault") && !real.contains("command not found"), "{real}");
}

/// One run through the page.
struct Walk<'w> {
    home: &'w Path,
    shell: Shell,
    names: Names,
    app: String,
    /// The port that the gate was given.
    port: Option<String>,
}

impl<'w> Walk<'w> {
    fn new(home: &'w Path, app: &str) -> Self {
        let app = app.trim_start_matches("http://").to_owned();
        Self { home, shell: Shell::start(home), names: Names::default(), app, port: None }
    }

    /// The page with what its commands print now.
    fn through(mut self, page: &str) -> String {
        let mut lines = page.lines();
        let mut real = String::new();
        while let Some(line) = lines.next() {
            real.push_str(line);
            real.push('\n');
            if let Some(wait) = line.strip_prefix("<!-- until ") {
                self.wait(wait.trim_end_matches(" -->"));
            }
            let Some(kind @ ("yaml" | "diff" | "console")) = line.strip_prefix("```") else { continue };
            let block: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
            match kind {
                "yaml" => self.write(block[0].trim_start_matches("# "), &(block.join("\n") + "\n")),
                "diff" => self.edit(&block),
                _ => {
                    for command in block.iter().filter_map(|line| line.strip_prefix("$ ")) {
                        real.push_str(&format!("$ {command}\n{}", self.run(command)));
                    }
                }
            }
            if kind != "console" {
                real.push_str(&(block.join("\n") + "\n"));
            }
            real.push_str("```\n");
        }
        real
    }

    /// Writes a file with the ports of this run.
    fn write(&self, name: &str, text: &str) {
        let text = text.replace("127.0.0.1:8443", "127.0.0.1:0").replace(APP, &self.app);
        fs::write(self.home.join(name), text).expect("written");
    }

    /// Makes the second file of the first. Lines that are taken out or stay must be there, in their order.
    fn edit(&self, block: &[&str]) {
        let name = |line: &str, mark| line.strip_prefix(mark).expect("the name of a file").to_owned();
        let old = fs::read_to_string(self.home.join(name(block[0], "--- "))).expect("the file");
        let (mut left, mut new) = (old.lines(), String::new());
        for line in &block[2..] {
            let (sign, text) = line.split_at(line.len().min(1));
            if sign == "+" {
                new.push_str(&format!("{text}\n"));
                continue;
            }
            let text = text.replace(APP, &self.app);
            loop {
                let next = left.next().unwrap_or_else(|| panic!("{line:?} is not in\n{old}"));
                if sign != "-" || next != text {
                    new.push_str(&format!("{next}\n"));
                }
                if next == text {
                    break;
                }
            }
        }
        left.for_each(|line| new.push_str(&format!("{line}\n")));
        self.write(&name(block[1], "+++ "), &new);
    }

    /// What a command prints, as the page shows it.
    fn run(&mut self, command: &str) -> String {
        let command = match &self.port {
            Some(port) => command.replace(GATE, &format!("localhost:{port}")),
            None => command.to_owned(),
        };
        let printed = self.shell.run(&self.names.real(&command));
        let printed = printed.replace(&self.app, APP).replace("127.0.0.1:0\"", "127.0.0.1:8443\"");
        let printed = match &self.port {
            Some(port) => printed.replace(&format!("127.0.0.1:{port}"), "127.0.0.1:8443"),
            None => printed,
        };
        self.names.stable(&printed)
    }

    /// Waits until a file has a text so many times: `FILE has N of TEXT`.
    fn wait(&mut self, until: &str) {
        let (file, rest) = until.split_once(" has ").expect("a file");
        let (count, text) = rest.split_once(" of ").expect("a count");
        let count: usize = count.parse().expect("a number");
        let held = wait_for(until, || {
            let held = fs::read_to_string(self.home.join(file)).unwrap_or_default();
            (held.matches(text).count() >= count).then_some(held)
        });
        let port = held.split_once("listening address=127.0.0.1:").and_then(|(_, rest)| rest.split(' ').next());
        self.port = port.map(str::to_owned).or(self.port.take());
    }
}

impl Drop for Walk<'_> {
    fn drop(&mut self) {
        if thread::panicking() {
            for file in ["seller.yaml", "gate.log"] {
                println!("{file}:\n{}", fs::read_to_string(self.home.join(file)).unwrap_or_default());
            }
        }
    }
}

/// A shell that runs one command after another.
struct Shell {
    child: Child,
    input: Option<ChildStdin>,
    output: Receiver<String>,
}

impl Shell {
    fn start(home: &Path) -> Self {
        let program = Path::new(env!("CARGO_BIN_EXE_portcullis"));
        let beside = program.parent().expect("a directory").display();
        let paths = std::env::var("PATH").unwrap_or_default();
        let mut child = Command::new("bash")
            .args(["--noprofile", "--norc"])
            .current_dir(home)
            .env("PATH", format!("{beside}:{paths}"))
            .env("NO_COLOR", "1")
            .env("LC_ALL", "C")
            .env_remove("COLUMNS")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("a shell");
        let (sender, output) = channel();
        let pipe = BufReader::new(child.stdout.take().expect("a pipe"));
        thread::spawn(move || pipe.lines().map_while(Result::ok).try_for_each(|line| sender.send(line)));
        let input = child.stdin.take();
        let mut shell = Self { child, input, output };
        // Whatever becomes of the test, the gate goes with the shell.
        shell.say("exec 2>&1; trap '[ -z \"$GATE\" ] || kill \"$GATE\" 2> /dev/null' EXIT\n");
        shell
    }

    fn say(&mut self, text: &str) {
        self.input.as_mut().expect("a pipe").write_all(text.as_bytes()).expect("the shell listens");
    }

    /// What a command prints on both its outputs, lines whole.
    fn run(&mut self, command: &str) -> String {
        self.say(&format!("{command}\nprintf '\\n%s\\n' '{MARK}'\n"));
        let mut lines = Vec::new();
        loop {
            let line = self.output.recv_timeout(PATIENCE).unwrap_or_else(|_| panic!("no end of {command}: {lines:?}"));
            if line == MARK {
                break;
            }
            lines.push(line);
        }
        // The mark's own empty line ends an output that ended in the middle of a line.
        if lines.last().is_some_and(String::is_empty) {
            lines.pop();
        }
        lines.iter().map(|line| format!("{}\n", line.trim_end())).collect()
    }
}

impl Drop for Shell {
    fn drop(&mut self) {
        // Without its input it ends, and its trap runs.
        self.input.take();
        let _ = self.child.wait();
    }
}

/// What is another with every run, and what the page has in its place.
#[derive(Default)]
struct Names {
    known: Vec<(String, String)>,
}

/// A pattern, and what stands for the n-th that is found.
type Rule = (&'static str, fn(usize, &str) -> String);

const RULES: &[Rule] = &[
    (r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}", |n, _| {
        format!("01a20000-0000-7000-8000-{n:012}")
    }),
    (r"\b[0-9a-f]{64}\b", |n, _| format!("{:02x}", n * 17 % 256).repeat(32)),
    (r"pii_[a-z]+_k1_[0-9a-f]{16}", |n, found| {
        format!("{}{}", &found[..found.len() - 16], format!("{:02x}", n * 17 % 256).repeat(8))
    }),
];

/// What is one and the same in the page.
const CONSTANT: &[(&str, &str)] = &[
    // Of this century: a time that nobody set shows.
    (r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", "2026-03-02T09:00:00.000000Z"),
    (r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ", "2026-03-02T09:00:00Z"),
    // Whether the refusal before is still in the window.
    (r"rose from \d% to", "rose from 0% to"),
    (r"workers=\d+", "workers=2"),
    // The gate may see the changed file before it is told to look.
    (r"author=uid:\d+", "author=signal"),
    (r#""author": "uid:\d+""#, r#""author": "signal""#),
];

impl Names {
    /// Text of a run as the page has it.
    fn stable(&mut self, text: &str) -> String {
        let mut text = text.to_owned();
        for (pattern, name) in RULES {
            let regex = Regex::new(pattern).expect("a pattern");
            let found: Vec<String> = regex.find_iter(&text).map(|place| text[place.range()].to_owned()).collect();
            for found in found {
                if self.known.iter().any(|(real, stable)| *real == found || *stable == found) {
                    continue;
                }
                let of_its_kind = self.known.iter().filter(|(real, _)| regex.is_match(real.as_str())).count();
                self.known.push((found.clone(), name(of_its_kind + 1, &found)));
            }
        }
        for (real, stable) in &self.known {
            text = text.replace(real, stable);
        }
        for (pattern, constant) in CONSTANT {
            let regex = Regex::new(pattern).expect("a pattern");
            let places: Vec<_> = regex.find_iter(&text).map(|place| place.range()).collect();
            places.into_iter().rev().for_each(|place| text.replace_range(place, constant));
        }
        text
    }

    /// A command of the page with the ids of this run.
    fn real(&self, command: &str) -> String {
        self.known.iter().fold(command.to_owned(), |command, (real, stable)| command.replace(stable, real))
    }
}
