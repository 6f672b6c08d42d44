//! As a service: sockets that the manager has bound, and what the manager is told.

use std::net::TcpListener;
use std::os::unix::net::UnixDatagram;
use std::process::{Command, Stdio};
use std::time::Duration;

use super::Stray;
use crate::support::{Client, PATIENCE, Policy, Upstream, answer, credentials, has_tool, wait_for};

const GET: &str = "GET /open HTTP/1.1\r\nHost: localhost\r\n\r\n";

/// A gate as systemd starts it; everything that it tells comes out of the socket.
struct Service {
    directory: tempfile::TempDir,
    told: UnixDatagram,
    child: std::process::Child,
}

impl Service {
    fn start(policy: &Policy, watchdog: &str, listener: Option<&TcpListener>) -> Self {
        let directory = tempfile::tempdir().expect("a directory");
        credentials::write(directory.path());
        let text = policy.text().replace("{dir}", &directory.path().display().to_string());
        std::fs::write(directory.path().join("policy.yaml"), text).expect("a policy");
        let told = UnixDatagram::bind(directory.path().join("notify.sock")).expect("a socket");
        told.set_read_timeout(Some(PATIENCE)).expect("a time-out");
        // `systemd-socket-activate` without systemd: descriptor 3, and the environment of sd_listen_fds(3).
        let script =
            "exec 3<&0 </dev/null; LISTEN_FDS=$1 LISTEN_PID=$$ exec \"$2\" run --policy policy.yaml --log-format json";
        let mut command = Command::new("bash");
        command
            .args(["-c", script, "bash", if listener.is_some() { "1" } else { "0" }, env!("CARGO_BIN_EXE_portcullis")])
            .current_dir(directory.path())
            .env("NOTIFY_SOCKET", directory.path().join("notify.sock"))
            .env("WATCHDOG_USEC", watchdog)
            .stdin(Stdio::null())
            .stderr(std::fs::File::create(directory.path().join("log")).expect("a log"));
        if let Some(listener) = listener {
            command.stdin(std::os::fd::OwnedFd::from(listener.try_clone().expect("a socket")));
        }
        Self { child: command.spawn().expect("a gate"), directory, told }
    }

    /// The next message that is no sign of life.
    fn next(&self) -> String {
        loop {
            let mut message = [0; 512];
            let length = self.told.recv(&mut message).unwrap_or_else(|_| panic!("nothing told: {}", self.log()));
            let text = String::from_utf8_lossy(&message[..length]).into_owned();
            if text.trim() != "WATCHDOG=1" {
                return text;
            }
        }
    }

    fn log(&self) -> String {
        std::fs::read_to_string(self.directory.path().join("log")).unwrap_or_default()
    }

    fn signal(&self, signal: rustix::process::Signal) {
        let pid = i32::try_from(self.child.id()).ok().and_then(rustix::process::Pid::from_raw).expect("a process id");
        rustix::process::kill_process(pid, signal).expect("a signal");
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn a_given_socket_is_served_and_the_manager_hears_of_every_step() {
    let app = Upstream::start(answer("hello"));
    let listener = TcpListener::bind("127.0.0.1:0").expect("a socket");
    let address = listener.local_addr().expect("an address");
    let mut service = Service::start(&Policy::new(&app).listening_on(address), "0", Some(&listener));
    assert_eq!(service.next(), "READY=1\n");
    assert_eq!(Client::connect(address, None).ask(GET).text(), "hello");
    wait_for("it says so", || service.log().contains("a listening socket was given").then_some(()));
    service.signal(rustix::process::Signal::HUP);
    let reloading = service.next();
    assert!(reloading.starts_with("RELOADING=1\nMONOTONIC_USEC="), "{reloading}");
    assert_eq!(service.next(), "READY=1\n");
    service.signal(rustix::process::Signal::TERM);
    assert_eq!(service.next(), "STOPPING=1\n");
    assert!(service.child.wait().expect("a child").success());
    // The socket is the manager's: who comes now waits for the next start.
    std::net::TcpStream::connect_timeout(&address, Duration::from_secs(1)).expect("a queue");
}

#[test]
fn the_watchdog_hears_from_workers_that_live() {
    let app = Upstream::start(answer("hello"));
    let service = Service::start(&Policy::new(&app), "400000", None);
    assert_eq!(service.next(), "READY=1\n");
    for _ in 0..3 {
        let mut message = [0; 64];
        let length = service.told.recv(&mut message).expect("a sign of life");
        assert_eq!(&message[..length], b"WATCHDOG=1\n");
    }
}

#[test]
fn an_upgrade_tells_the_manager_who_the_gate_is() {
    let app = Upstream::start(answer("hello"));
    let service = Service::start(&Policy::new(&app).gate("handover: \"{dir}/handover.sock\""), "5000000", None);
    assert_eq!(service.next(), "READY=1\n");
    let done = Command::new(env!("CARGO_BIN_EXE_portcullis"))
        .args(["upgrade", "--policy", "policy.yaml"])
        .current_dir(service.directory.path())
        .env("NOTIFY_SOCKET", service.directory.path().join("notify.sock"))
        .stderr(Stdio::null())
        .output()
        .expect("runs");
    let said = String::from_utf8_lossy(&done.stdout).into_owned();
    let new = Stray(said.split_whitespace().nth(1).and_then(|id| id.parse().ok()).expect("a process"));
    let mut told = [service.next(), service.next()];
    told.sort();
    assert_eq!(told, [format!("MAINPID={}\n", new.0), "READY=1\n".to_owned()]);
    // The old gate says no more: it is not the service any longer.
    new.signal(rustix::process::Signal::TERM);
    assert_eq!(service.next(), "STOPPING=1\n");
    new.wait();
}

#[test]
fn the_unit_is_hardened() {
    if !has_tool("systemd-analyze") {
        return;
    }
    let unit = concat!(env!("CARGO_MANIFEST_DIR"), "/deploy/systemd/portcullis.service");
    let done = Command::new("systemd-analyze")
        .args(["security", "--offline=true", "--threshold=15", "--no-pager", unit])
        .output()
        .expect("runs");
    let said = String::from_utf8_lossy(&done.stdout) + String::from_utf8_lossy(&done.stderr);
    assert!(done.status.success(), "{said}");
    let level = said.lines().find(|line| line.contains("Overall exposure level")).expect("a level");
    println!("{}", level.trim());
}

#[test]
fn the_units_are_sound() {
    if !has_tool("systemd-analyze") {
        return;
    }
    let directory = tempfile::tempdir().expect("a directory");
    for unit in ["portcullis.service", "portcullis.socket"] {
        let text =
            std::fs::read_to_string(format!("{}/deploy/systemd/{unit}", env!("CARGO_MANIFEST_DIR"))).expect("a unit");
        // The binary is where the package puts it; here it is where cargo did.
        let text = text.replace("/usr/bin/portcullis", env!("CARGO_BIN_EXE_portcullis"));
        std::fs::write(directory.path().join(unit), text).expect("written");
    }
    let done = Command::new("systemd-analyze")
        .args(["verify", "--man=no", "portcullis.service", "portcullis.socket"])
        .current_dir(directory.path())
        .output()
        .expect("runs");
    let said = String::from_utf8_lossy(&done.stderr).into_owned();
    let ours: Vec<_> = said.lines().filter(|line| line.contains("portcullis")).collect();
    assert!(ours.is_empty(), "{said}");
}

#[test]
fn a_gate_without_a_manager_tells_nobody() {
    let app = Upstream::start(answer("hello"));
    let gate = crate::support::Gate::start(&Policy::new(&app));
    wait_for("an answer", || (gate.connect().ask(GET).status == 200).then_some(()));
    assert!(!gate.log().contains("service manager"), "{}", gate.log());
}
