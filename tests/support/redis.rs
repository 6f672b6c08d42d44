//! Real Redis servers on loopback ports of their own: one, one behind TLS, a sentinel's, a cluster of three.

use std::fs;
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

use super::wait_for;

/// A server. Killed when dropped.
pub struct Redis {
    child: Child,
    pub port: u16,
    directory: TempDir,
    arguments: Vec<String>,
}

/// A port that nobody listens on. A cluster's node listens 10,000 above it too.
fn free_port() -> u16 {
    loop {
        let port = TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("an address").port();
        if port < 55_000 && TcpListener::bind(("127.0.0.1", port + 10_000)).is_ok() {
            return port;
        }
    }
}

impl Redis {
    /// A server with these options more.
    pub fn start(options: &[&str]) -> Self {
        Self::start_at(free_port(), options, false)
    }

    /// A sentinel that watches `master` under the name `portcullis`.
    pub fn sentinel(master: &Self) -> Self {
        let port = free_port();
        Self::start_at(port, &["sentinel", &master.port.to_string()], true)
    }

    /// One that copies this one, and may only be read.
    pub fn replica(&self) -> Self {
        let replica =
            Self::start(&["--replicaof", &format!("127.0.0.1 {}", self.port), "--repl-diskless-sync-delay", "0"]);
        wait_for("the replica copies", || {
            replica.ask(&["info", "replication"]).contains("link_status:up").then_some(())
        });
        replica
    }

    /// A cluster of three.
    pub fn cluster() -> Vec<Self> {
        Self::cluster_of(3, &[])
    }

    /// A cluster of three, each with one that copies it. The first three are the masters.
    pub fn cluster_with_replicas() -> Vec<Self> {
        Self::cluster_of(6, &["--cluster-replicas", "1"])
    }

    fn cluster_of(count: usize, more: &[&str]) -> Vec<Self> {
        let options = ["--cluster-enabled", "yes", "--cluster-node-timeout", "1000", "--repl-diskless-sync-delay", "0"];
        let nodes: Vec<Self> = (0..count).map(|_| Self::start(&options)).collect();
        let addresses: Vec<String> = nodes.iter().map(|node| format!("127.0.0.1:{}", node.port)).collect();
        let mut create = Command::new("redis-cli");
        create.args(["--cluster", "create"]).args(&addresses).args(more).arg("--cluster-yes");
        let made = create.output().expect("redis-cli");
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stdout));
        for node in &nodes {
            wait_for("the cluster is whole", || {
                node.ask(&["cluster", "info"]).contains("cluster_state:ok").then_some(())
            });
        }
        nodes
    }

    fn start_at(port: u16, options: &[&str], sentinel: bool) -> Self {
        let directory = tempfile::tempdir().expect("a directory");
        let mut arguments: Vec<String> = Vec::new();
        if sentinel {
            let path = directory.path().join("sentinel.conf");
            let text = format!(
                "port {port}\nbind 127.0.0.1\nsentinel monitor portcullis 127.0.0.1 {} 1\n\
                 sentinel down-after-milliseconds portcullis 500\n",
                options[1]
            );
            fs::write(&path, text).expect("a file");
            arguments.extend([path.to_str().expect("UTF-8").to_owned(), "--sentinel".to_owned()]);
        } else {
            arguments.extend(["--bind", "127.0.0.1", "--save", "", "--appendonly", "no"].map(str::to_owned));
            if !options.contains(&"--tls-port") {
                arguments.extend(["--port".to_owned(), port.to_string()]);
            }
            let place = |option: &&str| option.replace("PORT", &port.to_string());
            arguments.extend(options.iter().map(place));
        }
        let child = spawn(&arguments, directory.path());
        let server = Self { child, port, directory, arguments };
        server.is_there();
        server
    }

    fn is_there(&self) {
        wait_for("the server listens", || TcpStream::connect(("127.0.0.1", self.port)).ok());
    }

    /// What it answers to `redis-cli`.
    pub fn ask(&self, words: &[&str]) -> String {
        let answer = Command::new("redis-cli").args(["-p", &self.port.to_string()]).args(words).output();
        String::from_utf8_lossy(&answer.expect("redis-cli").stdout).into_owned()
    }

    /// Kills it where it stands.
    pub fn kill(&mut self) {
        self.child.kill().expect("a child");
        self.child.wait().expect("a child");
    }

    /// Starts it again, empty, on the same port.
    pub fn revive(&mut self) {
        self.child = spawn(&self.arguments, self.directory.path());
        self.is_there();
    }

    /// Lets it neither answer nor go away.
    pub fn freeze(&self, frozen: bool) {
        let pid = Pid::from_child(&self.child);
        kill_process(pid, if frozen { Signal::STOP } else { Signal::CONT }).expect("a process");
    }
}

fn spawn(arguments: &[String], directory: &Path) -> Child {
    let mut command = Command::new("redis-server");
    command.args(arguments).current_dir(directory).stdout(Stdio::null()).stderr(Stdio::null());
    command.spawn().expect("redis-server")
}

impl Drop for Redis {
    fn drop(&mut self) {
        // One that is gone is gone.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
