//! The real binary on a port of its own, with a directory of its own.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use tempfile::TempDir;

use super::client::Client;
use super::{Person, Policy, credentials, wait_for};

/// A running gate. Killed when dropped.
pub struct Gate {
    child: Child,
    address: SocketAddr,
    directory: TempDir,
    log: Arc<Mutex<String>>,
    output: Arc<Mutex<String>>,
}

/// A gate that has stopped.
pub struct Stopped {
    pub status: ExitStatus,
    /// All that it said on standard error.
    pub log: String,
    /// All that it said on standard output.
    pub output: String,
    pub records: Vec<Record>,
    /// The audit file as it is.
    pub trail: String,
}

impl Gate {
    /// Starts a gate and waits until it listens.
    pub fn start(policy: &Policy) -> Self {
        Self::start_logging(policy, "json")
    }

    /// The same with its own log in this form, `text` or `json`.
    pub fn start_logging(policy: &Policy, form: &str) -> Self {
        Self::launched(launch(policy, form))
    }

    /// Starts a gate where another one was, with what that one left there.
    pub fn start_in(directory: TempDir, policy: &Policy) -> Self {
        Self::launched(launch_in(directory, policy, "json", &[], in_place))
    }

    /// The same with the policy's file where `place` puts it; it is told the gate's directory.
    pub fn start_at(policy: &Policy, place: impl FnOnce(&str) -> PathBuf) -> Self {
        Self::launched(launch_at(policy, "json", &[], |_, directory| place(directory)))
    }

    /// The same with more on its command line.
    pub fn start_with(policy: &Policy, more: &[&str]) -> Self {
        Self::launched(launch_at(policy, "json", more, in_place))
    }

    /// The same with these variables in its environment.
    pub fn start_under(policy: &Policy, environment: &[(&str, &str)]) -> Self {
        let directory = tempfile::tempdir().expect("a directory");
        Self::launched(launch_under(directory, policy, "json", &[], environment, in_place))
    }

    /// The same in a directory, with a standard output that nobody reads.
    pub fn start_unread(directory: TempDir, policy: &Policy) -> Self {
        credentials::write(directory.path());
        let place = directory.path().display().to_string();
        let path = in_place(policy.text().replace("{dir}", &place), &place);
        let mut child = command(&path, "json", directory.path()).spawn().expect("the binary");
        let log = kept(child.stderr.take().expect("a pipe"));
        Self::launched((directory, child, [Arc::default(), log]))
    }

    fn launched((directory, mut child, [output, log]): (TempDir, Child, [Arc<Mutex<String>>; 2])) -> Self {
        let address = wait_for("the gate listens", || {
            if let Some(status) = child.try_wait().expect("a child") {
                panic!("the gate did not start: {status}\n{}", log.lock().expect("a log"));
            }
            listening(&log.lock().expect("a log"))
        });
        Self { child, address, directory, log, output }
    }

    /// Starts a gate that is to refuse its start; gives its status and what it said.
    pub fn refuses_to_start(policy: &Policy) -> (ExitStatus, String) {
        let (_directory, mut child, [_, log]) = launch(policy, "json");
        let status = wait_for("the gate refuses to start", || child.try_wait().expect("a child"));
        // The pipe is read by another thread, which says that it is through by letting go.
        let text =
            wait_for("the log's end", || (Arc::strong_count(&log) == 1).then(|| log.lock().expect("a log").clone()));
        (status, text)
    }

    /// Where it listens.
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Its directory: `policy.yaml`, `certs/`, `audit.jsonl`.
    pub fn directory(&self) -> &Path {
        self.directory.path()
    }

    /// The process's id.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// An HTTP/1.1 connection of nobody in particular.
    pub fn connect(&self) -> Client {
        Client::connect(self.address, None)
    }

    /// An HTTP/1.1 connection with a client certificate.
    pub fn connect_as(&self, person: &Person) -> Client {
        Client::connect(self.address, Some(person))
    }

    /// What it has said so far.
    pub fn log(&self) -> String {
        self.log.lock().expect("a log").clone()
    }

    /// What it has said so far on standard output.
    pub fn output(&self) -> String {
        self.output.lock().expect("an output").clone()
    }

    /// The audit file as it is now.
    pub fn trail(&self) -> String {
        fs::read_to_string(self.directory().join("audit.jsonl")).unwrap_or_default()
    }

    /// The records so far, those of start and stop left out.
    pub fn records_so_far(&self) -> Vec<Record> {
        records_of(&self.trail()).into_iter().filter(Record::is_end).collect()
    }

    /// Waits until what the records say holds.
    pub fn records_when(&self, what: &str, holds: impl Fn(&[Record]) -> bool) -> Vec<Record> {
        let mut last = 0;
        wait_for(&format!("{what}; the log: {}", self.log()), || {
            let records = self.records_so_far();
            if records.len() != last {
                last = records.len();
            }
            holds(&records).then_some(records)
        })
    }

    /// Waits for so many records; more of them is a failure.
    pub fn records(&self, count: usize) -> Vec<Record> {
        let records = self.records_when(&format!("{count} records"), |records| records.len() >= count);
        let codes: Vec<_> = records.iter().map(Record::code).collect();
        assert_eq!(records.len(), count, "records: {codes:?}");
        records
    }

    /// Waits for the one record that there is to be.
    pub fn only_record(&self) -> Record {
        self.records(1).remove(0)
    }

    /// The record of a request by its id, as a refused client sees it.
    pub fn record_of(&self, id: &str) -> Record {
        wait_for(&format!("a record of {id}"), || self.records_so_far().into_iter().find(|record| record.id() == id))
    }

    /// Puts another policy in the place of the old one, by a rename.
    pub fn change(&self, policy: &Policy) {
        self.put("policy.yaml", &policy.text().replace("{dir}", &self.directory().display().to_string()));
    }

    /// Puts a file in the place of what is there, by a rename; nobody else may read it.
    pub fn put(&self, name: &str, contents: &str) {
        let (beside, path) = (self.directory().join("new.tmp"), self.directory().join(name));
        fs::write(&beside, contents).expect("written");
        fs::set_permissions(&beside, fs::Permissions::from_mode(0o600)).expect("a mode");
        fs::rename(&beside, &path).expect("renamed");
    }

    /// Waits until so many records of changes are there.
    pub fn changes(&self, count: usize) -> Vec<Record> {
        let changes = || -> Vec<Record> {
            records_of(&self.trail()).into_iter().filter(|record| record.0["class_uid"] == 3004).collect()
        };
        wait_for(&format!("{count} changes; the log: {}", self.log()), || {
            let changes = changes();
            (changes.len() >= count).then_some(changes)
        })
    }

    /// Waits until its log says this.
    pub fn says(&self, text: &str) {
        wait_for(&format!("{text:?} in the log: {}", self.log()), || self.log().contains(text).then_some(()));
    }

    /// Sends SIGTERM.
    pub fn terminate(&self) {
        self.signal(Signal::TERM);
    }

    /// Sends SIGHUP.
    pub fn hang_up(&self) {
        self.signal(Signal::HUP);
    }

    fn signal(&self, signal: Signal) {
        let id = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw).expect("a process id");
        kill_process(id, signal).expect("a signal");
    }

    /// Kills it where it stands (SIGKILL); gives its directory.
    pub fn kill(mut self) -> TempDir {
        self.child.kill().expect("killed");
        self.child.wait().expect("a child");
        std::mem::replace(&mut self.directory, tempfile::tempdir().expect("a directory"))
    }

    /// Waits for the end of a gate that was told to stop; gives its directory.
    pub fn ended(mut self) -> TempDir {
        let status = wait_for("the gate stops", || self.child.try_wait().expect("a child"));
        assert!(status.success(), "{status}");
        std::mem::replace(&mut self.directory, tempfile::tempdir().expect("a directory"))
    }

    /// Stops it and waits for its end.
    pub fn stop(mut self) -> Stopped {
        self.terminate();
        self.wait_until_stopped()
    }

    /// Waits for its end, which somebody else has asked for.
    pub fn wait_until_stopped(&mut self) -> Stopped {
        let status = wait_for("the gate stops", || self.child.try_wait().expect("a child"));
        let said = |text: &Arc<Mutex<String>>| Arc::strong_count(text) == 1;
        wait_for("the log's end", || (said(&self.log) && said(&self.output)).then_some(()));
        let trail = self.trail();
        Stopped { status, log: self.log(), output: self.output(), records: records_of(&trail), trail }
    }
}

impl Drop for Gate {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Stopped {
    /// The records of requests and connections.
    pub fn ends(&self) -> Vec<&Record> {
        self.records.iter().filter(|record| record.is_end()).collect()
    }

    /// Panics if `secret` stands anywhere in the gate's log or records.
    pub fn assert_never_said(&self, secret: &str) {
        assert!(!self.log.contains(secret), "the log says {secret:?}");
        assert!(!self.trail.contains(secret), "a record says {secret:?}");
    }
}

fn launch(policy: &Policy, form: &str) -> (TempDir, Child, [Arc<Mutex<String>>; 2]) {
    launch_at(policy, form, &[], in_place)
}

/// Writes the policy into the gate's directory.
fn in_place(text: String, directory: &str) -> PathBuf {
    let path = Path::new(directory).join("policy.yaml");
    fs::write(&path, text).expect("a policy");
    path
}

fn launch_at(
    policy: &Policy,
    form: &str,
    more: &[&str],
    put: impl FnOnce(String, &str) -> PathBuf,
) -> (TempDir, Child, [Arc<Mutex<String>>; 2]) {
    launch_in(tempfile::tempdir().expect("a directory"), policy, form, more, put)
}

fn launch_in(
    directory: TempDir,
    policy: &Policy,
    form: &str,
    more: &[&str],
    put: impl FnOnce(String, &str) -> PathBuf,
) -> (TempDir, Child, [Arc<Mutex<String>>; 2]) {
    launch_under(directory, policy, form, more, &[], put)
}

fn launch_under(
    directory: TempDir,
    policy: &Policy,
    form: &str,
    more: &[&str],
    environment: &[(&str, &str)],
    put: impl FnOnce(String, &str) -> PathBuf,
) -> (TempDir, Child, [Arc<Mutex<String>>; 2]) {
    credentials::write(directory.path());
    let place = directory.path().display().to_string();
    let path = put(policy.text().replace("{dir}", &place), &place);
    let mut child = command(&path, form, directory.path())
        .args(more)
        .envs(environment.iter().copied())
        .spawn()
        .expect("the binary");
    let output = kept(child.stdout.take().expect("a pipe"));
    let log = kept(child.stderr.take().expect("a pipe"));
    (directory, child, [output, log])
}

fn command(policy: &Path, form: &str, directory: &Path) -> Command {
    // Figures are those of another build of it.
    let program = std::env::var("PORTCULLIS_PROGRAM").unwrap_or_else(|_| env!("CARGO_BIN_EXE_portcullis").to_owned());
    let mut command = Command::new(program);
    command.args(["run", "--log-level", "debug", "--log-format", form, "--policy"]).arg(policy);
    command.current_dir(directory).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// Keeps what comes out of a pipe, line by line, bytes that are no text replaced.
fn kept(pipe: impl std::io::Read + Send + 'static) -> Arc<Mutex<String>> {
    let text = Arc::new(Mutex::new(String::new()));
    let (mut pipe, kept) = (BufReader::new(pipe), Arc::clone(&text));
    std::thread::spawn(move || {
        let mut line = Vec::new();
        while pipe.read_until(b'\n', &mut line).is_ok_and(|count| count > 0) {
            kept.lock().expect("a log").push_str(&String::from_utf8_lossy(&line));
            line.clear();
        }
    });
    text
}

fn listening(log: &str) -> Option<SocketAddr> {
    log.lines().find_map(|line| {
        if let Some((_, fields)) = line.split_once(" INFO listening address=") {
            return fields.split(' ').next()?.parse().ok();
        }
        let line: Value = serde_json::from_str(line).ok()?;
        (line["message"] == "listening").then(|| line["address"].as_str()?.parse().ok())?
    })
}

/// All records of a trail; a last line that is still being written is left out.
pub fn records_of(trail: &str) -> Vec<Record> {
    let whole = trail.rfind('\n').map_or("", |end| &trail[..end]);
    whole.lines().map(|line| Record(serde_json::from_str(line).expect("a record is JSON"))).collect()
}

/// One record.
#[derive(Clone, Debug)]
pub struct Record(pub Value);

impl Record {
    /// Whether it tells the end of a request or of a connection without one.
    pub fn is_end(&self) -> bool {
        self.0["class_uid"] == 4002
    }

    /// Whether it tells the end of a connection without a request.
    pub fn is_connection(&self) -> bool {
        self.0["activity_name"] == "Connection"
    }

    fn text(&self, path: &str) -> &str {
        self.0.pointer(path).and_then(Value::as_str).unwrap_or_default()
    }

    /// `status_code`.
    pub fn code(&self) -> &str {
        self.text("/status_code")
    }

    /// `metadata.uid`.
    pub fn id(&self) -> &str {
        self.text("/metadata/uid")
    }

    /// `metadata.event_code`.
    pub fn event(&self) -> &str {
        self.text("/metadata/event_code")
    }

    /// The status of the answer; 0 for none.
    pub fn status(&self) -> u64 {
        self.0.pointer("/http_response/code").and_then(Value::as_u64).unwrap_or_default()
    }

    /// How the request ended.
    pub fn end(&self) -> &str {
        self.text("/unmapped/portcullis/end")
    }

    /// The route's name.
    pub fn route(&self) -> &str {
        self.text("/firewall_rule/name")
    }

    /// Counted bytes of the request's and the answer's body.
    pub fn bytes(&self) -> (u64, u64) {
        let count = |name: &str| self.0["traffic"][name].as_u64().unwrap_or_default();
        (count("bytes_in"), count("bytes_out"))
    }
}
