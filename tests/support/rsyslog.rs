//! A real rsyslogd on loopback, with the configuration that is shipped.

use std::fs;
use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use rustix::process::{Pid, Signal, kill_process};

use super::pki::{Authority, Files, Leaf};
use super::{has_program, is_there, wait_for};

const SHIPPED: &str = include_str!("../../deploy/siem/rsyslog/portcullis.conf");

/// Where distributions put its plug-in for TLS.
const PLUGINS: [&str; 4] = [
    "/usr/lib/x86_64-linux-gnu/rsyslog/lmnsd_gtls.so",
    "/usr/lib/aarch64-linux-gnu/rsyslog/lmnsd_gtls.so",
    "/usr/lib64/rsyslog/lmnsd_gtls.so",
    "/usr/lib/rsyslog/lmnsd_gtls.so",
];

/// An rsyslogd, its authority and its file of records.
pub struct Rsyslog {
    files: Files,
    pub authority: Authority,
    address: SocketAddr,
    child: Option<Child>,
}

impl Rsyslog {
    /// Starts one; `None` if there is none on this machine.
    pub fn start() -> Option<Self> {
        let plugin = PLUGINS.iter().any(|path| fs::exists(path).unwrap_or(false));
        if !has_program("rsyslogd", &["-v"]) || !is_there("rsyslogd's plug-in for TLS (rsyslog-gnutls)", plugin) {
            return None;
        }
        let (files, authority) = (Files::new(), Authority::new("Authority of the SIEM"));
        files.write("ca.pem", &authority.pem);
        files.person("server", &authority.issue(&Leaf::server(&["siem.example", "127.0.0.1"])));
        files.person("client", &authority.issue(&Leaf::client(&["spiffe://seller/gate"])));
        let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let mut rsyslog = Self { files, authority, address, child: None };
        let directory = rsyslog.path("").display().to_string();
        let directory = directory.trim_end_matches('/');
        let mut configuration = SHIPPED.to_owned();
        for (shipped, here) in [
            ("/etc/rsyslog.d/portcullis", directory.to_owned()),
            ("/var/log/portcullis", directory.to_owned()),
            ("port=\"6514\"", format!("port=\"{}\" address=\"127.0.0.1\"", address.port())),
            ("global(\n", format!("global(\n    workDirectory=\"{directory}\"\n")),
        ] {
            assert!(configuration.contains(shipped), "{shipped}");
            configuration = configuration.replace(shipped, &here);
        }
        // What it says of itself.
        configuration += &format!("\naction(type=\"omfile\" file=\"{directory}/own.txt\")\n");
        rsyslog.files.write("rsyslog.conf", &configuration);
        rsyslog.run();
        Some(rsyslog)
    }

    /// Starts it again after [`Self::kill`].
    pub fn run(&mut self) {
        let _ = fs::remove_file(self.path("pid"));
        let (configuration, pid) = (self.path("rsyslog.conf"), self.path("pid"));
        let child = Command::new("rsyslogd")
            .arg("-n")
            .arg("-f")
            .arg(configuration)
            .arg("-i")
            .arg(pid)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(fs::File::create(self.path("stderr.txt")).unwrap())
            .spawn()
            .expect("rsyslogd");
        self.child = Some(child);
        wait_for(&format!("rsyslogd listens: {}", self.says()), || is_listening(self.address.port()).then_some(()));
    }

    /// Kills it where it stands.
    pub fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            child.kill().expect("killed");
            child.wait().expect("a child");
        }
    }

    /// Ends it in order.
    pub fn terminate(&mut self) {
        if let Some(mut child) = self.child.take() {
            let id = i32::try_from(child.id()).ok().and_then(Pid::from_raw).expect("a process id");
            kill_process(id, Signal::TERM).expect("a signal");
            child.wait().expect("a child");
        }
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// A file of its directory: `ca.pem`, `client.pem`, `client.key`, `records.jsonl`.
    pub fn path(&self, name: &str) -> PathBuf {
        self.files.path(name)
    }

    /// The copy of the trail.
    pub fn records(&self) -> String {
        fs::read_to_string(self.path("records.jsonl")).unwrap_or_default()
    }

    /// What it says of itself.
    pub fn says(&self) -> String {
        ["own.txt", "stderr.txt"].map(|name| fs::read_to_string(self.path(name)).unwrap_or_default()).concat()
    }

    /// The sink's entry in a policy.
    pub fn sink(&self) -> String {
        let file = |name: &str| self.path(name).display().to_string();
        format!(
            "syslog: {{ address: \"tls://127.0.0.1:{}\", ca: \"{}\", certificate: \"{}\", key: \"{}\" }}",
            self.address.port(),
            file("ca.pem"),
            file("client.pem"),
            file("client.key")
        )
    }
}

/// Asks the kernel: a connection that is closed before its handshake is a fault to rsyslogd.
fn is_listening(port: u16) -> bool {
    let table = fs::read_to_string("/proc/net/tcp").unwrap_or_default();
    table.lines().any(|line| line.contains(&format!(" 0100007F:{port:04X} 00000000:0000 0A ")))
}

impl Drop for Rsyslog {
    fn drop(&mut self) {
        self.kill();
    }
}
