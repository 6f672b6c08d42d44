//! The demo holds what it promises: it checks itself, shows nothing personal in what it shows of records, the lines
//! that it tells people to try work, and it leaves nothing behind.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};

use crate::cli::portcullis;

/// Personal data that the demo sends and receives; in lower case.
const PLANTED: [&str; 8] =
    ["jane", "roe", "mail.example", "example street", "555-0100", "902-3159896-1390916", "mia@", "tom@"];

const PATIENCE: Duration = Duration::from_secs(60);

#[test]
fn once_shows_three_calls_on_one_screen_and_nobody_in_the_records() {
    let home = tempfile::tempdir().expect("a directory");
    let output = portcullis().args(["demo", "--once"]).env("TMPDIR", home.path()).output().expect("the program runs");
    let (shown, said) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert_eq!((output.status.code(), &*said), (Some(0), ""), "{shown}");
    assert!(shown.lines().count() <= 35, "{shown}");

    let records: Vec<&str> = shown.lines().filter_map(|line| line.strip_prefix("   | ")).collect();
    let text = records.join("\n").to_lowercase();
    for planted in PLANTED {
        assert!(!text.contains(planted), "{planted} stands in a record:\n{text}");
    }
    for expected in [
        "route  GET /orders/v0/orders/{order_id}/address",
        "rule   order-address: allowed for the role fulfilment",
        "rule   order-address: role_missing",
        "bytes  0 in, 118 out; query: MarketplaceIds=ATVPDKIKX0DER, 1 hidden",
    ] {
        assert!(records.contains(&expected), "{expected} is missing:\n{shown}");
    }
    assert_eq!(records.iter().filter(|line| line.starts_with("who    pii_caller_")).count(), 3, "{shown}");
    assert!(shown.contains("found 0."), "{shown}");
    assert_nothing_left(home.path());
}

#[test]
fn the_lines_to_try_work_and_their_records_come() {
    if !has_curl() {
        return;
    }
    let home = tempfile::tempdir().expect("a directory");
    let mut child =
        portcullis().arg("demo").env("TMPDIR", home.path()).stdout(Stdio::piped()).spawn().expect("it runs");
    let pid = Pid::from_child(&child);
    let lines = follow(child.stdout.take().expect("a pipe"));
    let next = || lines.recv_timeout(PATIENCE).expect("a line in time");

    while !next().starts_with("Try it") {}
    let enter = next();
    // All of them are printed before the first record comes.
    let mut records = Vec::new();
    for (status, record) in [
        ("200", "200 allowed  GET /orders/v0/orders/{order_id}/address  pii_caller_"),
        ("403", "403 no_route  GET (no route)  pii_caller_"),
        ("200", "200 allowed  GET /orders/v0/orders  pii_caller_"),
    ] {
        let script = format!("{enter}\n{} --silent --output /dev/null --write-out '%{{http_code}}'", next());
        let output = Command::new("sh").args(["-c", &script]).output().expect("a shell");
        assert_eq!(String::from_utf8_lossy(&output.stdout), status, "{script}\n{output:?}");
        records.push(record);
    }
    for record in records {
        let line = next();
        assert!(line.contains(record), "{line}");
        assert!(!PLANTED.iter().any(|planted| line.to_lowercase().contains(planted)), "{line}");
    }
    kill_process(pid, Signal::INT).expect("it is there");
    assert_eq!(child.wait().expect("it ends").code(), Some(0));
    assert_nothing_left(home.path());
}

/// The lines of a pipe as they come.
fn follow(pipe: impl std::io::Read + Send + 'static) -> mpsc::Receiver<String> {
    let (sender, lines) = mpsc::sync_channel(1000);
    thread::spawn(move || {
        for line in BufReader::new(pipe).lines().map_while(Result::ok) {
            if sender.send(line).is_err() {
                return;
            }
        }
    });
    lines
}

fn assert_nothing_left(home: &Path) {
    let left: Vec<_> = std::fs::read_dir(home).expect("the directory").collect();
    assert!(left.is_empty(), "the demo left its keys behind: {left:?}");
}

fn has_curl() -> bool {
    let there = Command::new("curl").arg("--version").output().is_ok();
    assert!(there || std::env::var_os("PORTCULLIS_REQUIRE_SERVICES").is_none(), "curl is not installed");
    there
}
