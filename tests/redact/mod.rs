//! `portcullis redact` from outside: lines in, lines out.

mod corpus;
mod follow;
mod lookup;
mod routes;
mod settled;

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Output, Stdio};
use std::{fs, thread};

use crate::cli::portcullis;

/// A key of its own for each test, made by the program.
fn key(directory: &Path) -> String {
    let path = directory.join("pseudonym.key");
    let made = portcullis().args(["keys", "new", "pseudonym"]).arg(&path).output().unwrap();
    assert!(made.status.success());
    path.to_str().unwrap().to_owned()
}

fn redact(arguments: &[&str]) -> Command {
    let mut command = portcullis();
    command.arg("redact").args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// All of the input at once, all of the output.
fn through(arguments: &[&str], input: &[u8]) -> Output {
    let mut child = redact(arguments).spawn().unwrap();
    let mut to = child.stdin.take().unwrap();
    let input = input.to_vec();
    let writer = thread::spawn(move || drop(to.write_all(&input)));
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap();
    output
}

fn text(input: &str) -> String {
    let output = through(&[], input.as_bytes());
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn one_line_out_for_each_line_in() {
    assert_eq!(text(""), "");
    assert_eq!(text("\n\n"), "\n\n");
    assert_eq!(text("order=902-3159896-1390916 level=info\n"), "order=902-3159896-1390916 level=info\n");
    assert_eq!(text("email=zoe@buyer.example"), "email=pii_email_hidden");
    assert_eq!(text("email=zoe@buyer.example\r\nok\r\n"), "email=pii_email_hidden\r\nok\r\n");
}

#[test]
fn one_key_gives_one_pseudonym_wherever_the_datum_stands() {
    let directory = tempfile::tempdir().unwrap();
    let key = key(directory.path());
    let input = "email=Zoe@Buyer.example\n{\"buyerEmail\":\"zoe@buyer.example\"}\nGET /?e=zoe%40buyer.example 200\n";
    let run = || String::from_utf8(through(&["--key", &key], input.as_bytes()).stdout).unwrap();
    let output = run();
    let tokens: Vec<&str> = output.lines().map(|line| &line[line.find("pii_email_k1_").unwrap()..][..29]).collect();
    assert!(tokens.windows(2).all(|pair| pair[0] == pair[1]), "{output}");
    assert_eq!(output, run());
    assert_eq!(String::from_utf8(through(&["--key", &key], output.as_bytes()).stdout).unwrap(), output, "again");
}

#[test]
fn a_kind_before_the_line_is_taken_off() {
    let input = b"form\ttel=%2B4917612345678\nnonsense\temail=zoe@buyer.example\n";
    let output = through(&["--kind-prefix"], input);
    assert_eq!(String::from_utf8(output.stdout).unwrap(), "tel=pii_phone_hidden\nnonsense\temail=pii_email_hidden\n");
}

#[test]
fn bytes_that_are_no_text_do_no_harm() {
    let mut input = Vec::new();
    for index in 0..2000_u32 {
        input.extend((0..40).map(|at| u8::try_from((index * 31 + at * 17 + index * at) % 251).unwrap()));
        input.extend_from_slice(b" zoe@buyer.example \xff\xfe");
    }
    input.push(b'\n');
    let output = through(&[], &input);
    assert!(output.status.success());
    let lines = |bytes: &[u8]| bytes.split(|byte| *byte == b'\n').count();
    assert_eq!(lines(&output.stdout), lines(&input));
    assert!(!output.stdout.windows(9).any(|window| window == b"zoe@buyer"));
}

#[test]
fn long_lines_are_redacted_and_longer_ones_are_marked() {
    let mut input = "x".repeat(10 * 1024 * 1024);
    input.push_str(" email=zoe@buyer.example ");
    input.push_str(&"y ".repeat(1000));
    input.push_str("\nshort\n");
    let output = through(&[], input.as_bytes());
    assert!(!output.stdout.windows(9).any(|window| window == b"zoe@buyer"));
    assert!(output.stdout.ends_with(b"\nshort\n"));

    let long = format!("{} email=zoe@buyer.example\nshort\n", "x".repeat(17 * 1024 * 1024));
    let output = through(&["--stats"], long.as_bytes());
    let length = long.len() - "\nshort\n".len();
    assert_eq!(String::from_utf8(output.stdout).unwrap(), format!("[unparsed len={length} kind=long]\nshort\n"));
    assert!(String::from_utf8(output.stderr).unwrap().contains("lines=2 "));
}

/// A running filter: a line in, a line out.
struct Running {
    child: Child,
    to: Option<ChildStdin>,
    from: BufReader<std::process::ChildStdout>,
}

impl Running {
    fn start(arguments: &[&str]) -> Self {
        let mut child = redact(arguments).spawn().unwrap();
        let (to, from) = (child.stdin.take(), BufReader::new(child.stdout.take().unwrap()));
        Self { child, to, from }
    }

    fn send(&mut self, bytes: &[u8]) {
        let to = self.to.as_mut().unwrap();
        to.write_all(bytes).unwrap();
        to.flush().unwrap();
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        self.from.read_line(&mut line).unwrap();
        line
    }
}

#[test]
fn a_line_comes_out_before_the_next_goes_in() {
    let mut running = Running::start(&[]);
    for index in 0..3 {
        running.send(format!("n={index} email=zoe@buy").as_bytes());
        running.send(b"er.example\n");
        assert_eq!(running.line(), format!("n={index} email=pii_email_hidden\n"));
    }
    running.to = None;
    assert!(running.child.wait().unwrap().success());
}

#[test]
fn numbers_are_shown_on_a_signal_and_at_the_end_and_hold_no_value() {
    let mut running = Running::start(&["--stats"]);
    let mut errors = BufReader::new(running.child.stderr.take().unwrap());
    running.send(b"email=zoe@buyer.example\n");
    running.line();
    let id = i32::try_from(running.child.id()).unwrap();
    let process = rustix::process::Pid::from_raw(id).unwrap();
    rustix::process::kill_process(process, rustix::process::Signal::USR1).unwrap();
    let mut shown = String::new();
    errors.read_line(&mut shown).unwrap();
    assert!(shown.starts_with("lines=1 changed=1 ") && shown.contains(" email=1"), "{shown}");
    running.send(b"fine\n");
    running.to = None;
    assert!(running.child.wait().unwrap().success());
    let mut rest = String::new();
    errors.read_to_string(&mut rest).unwrap();
    assert!(rest.starts_with("lines=2 ") && !rest.contains("zoe"), "{rest}");
}

#[test]
fn a_reader_that_left_is_no_fault_and_a_full_disk_is_one() {
    let mut running = Running::start(&[]);
    running.send(b"a\n");
    running.line();
    let Running { mut child, to, from } = running;
    drop(from);
    let mut to = to.unwrap();
    for _ in 0..100 {
        if to.write_all(&b"b\n".repeat(1000)).is_err() {
            break;
        }
    }
    drop(to);
    let output = child.wait().unwrap();
    assert!(output.success(), "{output}");

    let full = fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let mut child = redact(&[]).stdout(full).spawn().unwrap();
    child.stdin.take().unwrap().write_all(b"a\n").unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8(output.stderr).unwrap().contains("standard output"));
}

#[test]
fn a_key_that_cannot_be_read_stops_the_start() {
    let output = through(&["--key", "/nowhere/pseudonym.key"], b"email=zoe@buyer.example\n");
    assert_eq!(output.status.code(), Some(1));
    assert!(output.stdout.is_empty());
}

#[test]
fn who_names_a_file_is_told_how_files_are_read() {
    let output = through(&["app.log"], b"");
    assert_eq!(output.status.code(), Some(2));
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("portcullis redact < app.log") && said.contains("--follow app.log"), "{said}");
}
