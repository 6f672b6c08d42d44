//! A file as it grows.

use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::path::Path;
use std::process::Stdio;

use super::{Running, redact};

fn append(path: &Path, text: &str) {
    let mut file = OpenOptions::new().create(true).append(true).open(path).unwrap();
    file.write_all(text.as_bytes()).unwrap();
}

fn stop(mut running: Running) -> std::process::ExitStatus {
    let process = rustix::process::Pid::from_raw(i32::try_from(running.child.id()).unwrap()).unwrap();
    rustix::process::kill_process(process, rustix::process::Signal::TERM).unwrap();
    running.child.wait().unwrap()
}

#[test]
fn a_log_is_read_through_rotation_and_truncation() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("app.log");
    let mut running = Running::start(&["--follow", path.to_str().unwrap()]);
    // Made only after the start.
    append(&path, "n=1 email=zoe@buyer.example\nn=2 email=zoe@bu");
    assert_eq!(running.line(), "n=1 email=pii_email_hidden\n");
    append(&path, "yer.example\n");
    assert_eq!(running.line(), "n=2 email=pii_email_hidden\n");
    // Renamed away; its writer still has it open for one more line, then makes a new one.
    let old = directory.path().join("app.log.1");
    fs::rename(&path, &old).unwrap();
    append(&old, "n=3\n");
    assert_eq!(running.line(), "n=3\n");
    append(&path, "n=4 email=zoe@buyer.example\n");
    assert_eq!(running.line(), "n=4 email=pii_email_hidden\n");
    // Truncated where it stands.
    fs::write(&path, "n=5\n").unwrap();
    assert_eq!(running.line(), "n=5\n");
    append(&path, "n=6 half");
    assert!(stop(running).success());
}

#[test]
fn a_restart_goes_on_where_the_output_ended() {
    let directory = tempfile::tempdir().unwrap();
    let (path, position) = (directory.path().join("app.log"), directory.path().join("position"));
    let arguments = ["--follow", path.to_str().unwrap(), "--position", position.to_str().unwrap()];
    append(&path, "n=1\nn=2\n");
    let mut running = Running::start(&arguments);
    assert_eq!(running.line(), "n=1\n");
    assert_eq!(running.line(), "n=2\n");
    assert!(stop(running).success());
    append(&path, "n=3\n");
    let mut running = Running::start(&arguments);
    assert_eq!(running.line(), "n=3\n");
    assert!(stop(running).success());
    // Another file at the same path is read from its beginning.
    fs::rename(&path, directory.path().join("app.log.1")).unwrap();
    append(&path, "n=4\n");
    let mut running = Running::start(&arguments);
    assert_eq!(running.line(), "n=4\n");
    assert!(stop(running).success());
}

#[test]
fn a_position_that_nobody_wrote_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    let position = directory.path().join("position");
    fs::write(&position, "somewhere").unwrap();
    let arguments = ["--follow", "/dev/null", "--position", position.to_str().unwrap()];
    let output = redact(&arguments).stdin(Stdio::null()).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8(output.stderr).unwrap().contains("no position that this command wrote"));
}
