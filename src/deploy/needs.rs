//! What a policy needs of the system while the gate serves: the one list that the sandbox is made from, and that tells
//! whether a changed policy still fits into it.
//!
//! Every part of a policy is taken apart by name, without a rest: a part that is added later does not compile until
//! somebody has said here what it reads, writes and calls.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::policy::Policy;
use crate::policy::http_address::{HttpAddress, HttpPlace};
use crate::policy::settings::{
    AdminSettings, AuditSettings, CallerMethod, ElasticSettings, Endpoint, GateSettings, KeySource, NetworkKind,
    OtlpSettings, ReloadSettings, SharedKind, SharedServers, SharedSettings, SinkSettings, SplunkSettings,
    SpoolSettings, TokenSettings, TrailSettings, UpstreamSettings, WebhookSettings,
};

/// Where names are looked up over TCP, if an answer is too long for a datagram (RFC 7766).
const DNS: u16 = 53;

/// What the system keeps of names, and where its authorities are. Files, and directories for what is replaced while the
/// gate runs.
const SYSTEM: &[&str] = &[
    "/etc/hosts",
    "/etc/host.conf",
    "/etc/resolv.conf",
    "/etc/nsswitch.conf",
    "/etc/gai.conf",
    "/etc/services",
    "/etc/ssl/certs",
    "/etc/pki/tls/certs",
    "/etc/pki/ca-trust/extracted",
    "/etc/ssl/cert.pem",
    "/etc/ssl/ca-bundle.pem",
    "/usr/lib/ssl",
    "/usr/share/ca-certificates",
    "/usr/local/share/ca-certificates",
    // Metrics of the process itself, and what `doctor` says of it.
    "/proc/self",
    "/proc/stat",
    "/dev/null",
    "/dev/random",
    "/dev/urandom",
];

/// Read, written and called.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Needs {
    /// Directories and files that are read.
    pub read: BTreeSet<PathBuf>,
    /// Directories in which files are made, written, renamed and removed; or devices that are written to.
    pub write: BTreeSet<PathBuf>,
    /// Directories among these in which a socket is moved to its place.
    pub sockets: BTreeSet<PathBuf>,
    /// TCP ports that are called; `None` if a provider's own metadata says which.
    pub ports: Option<BTreeSet<u16>>,
}

/// What a sandbox does not allow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Beyond {
    /// To read below this directory.
    Read(PathBuf),
    /// To write below it.
    Write(PathBuf),
    /// To call this TCP port; `None` for any.
    Port(Option<u16>),
}

impl Needs {
    /// What `policy`, which lies at `path`, needs.
    #[expect(clippy::too_many_lines, reason = "takes every part of a policy apart by name")]
    pub fn of(policy: &Policy, path: Option<&Path>) -> Self {
        let Policy {
            digest: _,
            mode: _,
            gate,
            upstream,
            callers,
            devices: _,
            roles: _,
            excused: _,
            revoked: _,
            routes: _,
            limits: _,
            shared,
            network: _,
            lockout: _,
            alarms: _,
            redaction,
            audit,
            reload,
            sandbox: _,
            admin,
            health: _,
            metrics: _,
            traces,
            files,
        } = policy;
        let mut needs = Self { ports: Some(BTreeSet::from([DNS])), ..Self::default() };
        needs.system();
        if let Some(path) = path {
            needs.reads(path);
        }
        for file in files {
            needs.reads(&file.path);
        }
        if let Some(key) = &redaction.key {
            needs.reads(key);
        }
        Self::gate(gate);
        needs.upstream(upstream);
        for method in callers {
            match method {
                CallerMethod::Certificate(_) | CallerMethod::ApiKey(_) => {}
                CallerMethod::Token(token) => needs.token(token),
            }
        }
        match audit {
            AuditSettings::Off => {}
            AuditSettings::On(trail) => needs.trail(trail),
        }
        if let Some(AdminSettings::Socket(socket)) = admin {
            // The gate puts it there when it serves, and removes it at its end.
            let parent = socket.path.parent().map(whole);
            needs.sockets.extend(parent.clone());
            needs.write.extend(parent);
        }
        if let Some(shared) = shared {
            needs.shared(shared);
        }
        if let Some(traces) = traces {
            needs.address(&traces.endpoint);
        }
        let ReloadSettings { poll: _, last_good, rollback: _ } = reload;
        if let Some(last_good) = last_good {
            needs.writes_beside(&last_good.path);
        }
        needs
    }

    /// What of `other` is not among these, if something is.
    pub fn beyond(&self, other: &Self) -> Option<Beyond> {
        let below = |paths: &BTreeSet<PathBuf>, path: &PathBuf| paths.iter().any(|parent| path.starts_with(parent));
        if let Some(path) = other.read.iter().find(|path| !below(&self.read, path) && path.exists()) {
            return Some(Beyond::Read(path.clone()));
        }
        if let Some(path) = other.write.iter().find(|path| !below(&self.write, path)) {
            return Some(Beyond::Write(path.clone()));
        }
        match (&self.ports, &other.ports) {
            (None, _) => None,
            (Some(_), None) => Some(Beyond::Port(None)),
            (Some(ours), Some(theirs)) => theirs.difference(ours).next().map(|port| Beyond::Port(Some(*port))),
        }
    }

    fn gate(gate: &GateSettings) {
        // What it reads is among the named files; sockets are bound before.
        let GateSettings {
            listen: _,
            tls: _,
            trusted_proxies: _,
            proxy_protocol: _,
            workers: _,
            hosts: _,
            connections: _,
            timeouts: _,
            bounds: _,
            headers: _,
            assertion: _,
            handover: _,
        } = gate;
    }

    fn upstream(&mut self, upstream: &UpstreamSettings) {
        match &upstream.endpoint {
            Endpoint::Loopback(address) => self.calls(address.port()),
            Endpoint::Unix(path) => self.sockets(path),
            Endpoint::Tls(endpoint) => self.calls(endpoint.port),
        }
    }

    fn token(&mut self, token: &TokenSettings) {
        match &token.keys {
            None | Some(KeySource::File(_)) => {}
            Some(KeySource::Address(address)) => self.address(address),
            // The address of the keys is whatever the provider says, on any port.
            Some(KeySource::Discover(_)) => self.ports = None,
        }
        if let Some(introspection) = &token.introspection {
            self.address(&introspection.address);
        }
        if let Some(cache) = &token.keys_cache {
            self.writes_beside(cache);
        }
    }

    fn trail(&mut self, trail: &TrailSettings) {
        let TrailSettings { sinks, spool, signing_key: _, anchor, commit: _, on_failure: _ } = trail;
        for sink in sinks {
            match sink {
                SinkSettings::File(path) | SinkSettings::Rotated(path, _) => self.writes_beside(path),
                SinkSettings::Stdout => {}
                SinkSettings::Network(sink) => match &sink.kind {
                    NetworkKind::Webhook(WebhookSettings { http, .. })
                    | NetworkKind::Splunk(SplunkSettings { http, .. })
                    | NetworkKind::Elastic(ElasticSettings { http, .. })
                    | NetworkKind::Otlp(OtlpSettings { http, .. }) => self.address(&http.address),
                    NetworkKind::Syslog(syslog) => self.place(&syslog.place),
                },
            }
        }
        if let Some(SpoolSettings { path, key: _, retention: _, max: _ }) = spool {
            self.write.insert(whole(path));
        }
        if let Some(anchor) = anchor {
            self.write.insert(whole(anchor));
        }
    }

    fn shared(&mut self, shared: &SharedSettings) {
        match &shared.servers {
            SharedServers::Unix(path) => self.sockets(path),
            SharedServers::Loopback(servers) | SharedServers::Tls { servers, .. } => {
                for server in servers {
                    self.calls(server.port);
                }
            }
        }
        match &shared.kind {
            SharedKind::Single => {}
            // Which servers there are besides, and on which ports, these say themselves.
            SharedKind::Sentinel(_) | SharedKind::Cluster => self.ports = None,
        }
    }

    fn address(&mut self, address: &HttpAddress) {
        self.place(&address.place);
    }

    fn place(&mut self, place: &HttpPlace) {
        match place {
            HttpPlace::Tls(origin) => self.calls(origin.port),
            HttpPlace::Loopback(address) => self.calls(address.port()),
            HttpPlace::Unix(path) => self.sockets(path),
        }
    }

    fn calls(&mut self, port: u16) {
        if let Some(ports) = &mut self.ports {
            ports.insert(port);
        }
    }

    /// A socket's directory: whoever listens there may make it anew.
    fn sockets(&mut self, path: &Path) {
        if let Some(parent) = path.parent() {
            self.read.insert(whole(parent));
        }
    }

    /// A file's directory, since new files are put in the place of old ones; and for each link on the way, the
    /// directory that it leads to. Of a file in the root, itself alone.
    fn reads(&mut self, path: &Path) {
        if path.is_dir() {
            self.read.insert(whole(path));
            return;
        }
        let Ok(path) = std::path::absolute(path) else { return };
        for path in [path.canonicalize().unwrap_or_else(|_| path.clone()), path] {
            match path.parent() {
                Some(parent) if parent != Path::new("/") => self.read.insert(whole(parent)),
                _ => self.read.insert(path),
            };
        }
    }

    /// A file that is written, renamed and made anew: its directory. A device is itself.
    fn writes_beside(&mut self, path: &Path) {
        let is_other = std::fs::metadata(path).is_ok_and(|found| !found.is_file());
        let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
        self.write.insert(whole(if is_other { path } else { parent }));
    }

    fn system(&mut self) {
        for path in SYSTEM.iter().map(Path::new).filter(|path| path.exists()) {
            let real = whole(path);
            // What is linked from elsewhere is replaced there: `/run/systemd/resolve/stub-resolv.conf`.
            match real.parent().filter(|_| real != path && real.is_file()) {
                Some(parent) if !parent.starts_with("/etc") => self.read.insert(parent.to_owned()),
                _ => self.read.insert(real),
            };
        }
        for named in ["SSL_CERT_FILE", "SSL_CERT_DIR"].into_iter().filter_map(std::env::var_os) {
            self.read.insert(whole(Path::new(&named)));
        }
    }
}

/// The path without links, as far as it is there.
fn whole(path: &Path) -> PathBuf {
    let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let mut missing = Vec::new();
    for ancestor in path.ancestors() {
        if let Ok(found) = ancestor.canonicalize() {
            return missing.into_iter().rev().fold(found, |path, part| path.join(part));
        }
        missing.extend(ancestor.file_name());
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::{LoadOptions, load_text};

    fn needs(swap: &[(&str, &str)]) -> Needs {
        let text = "
version: 1
gate: { listen: '127.0.0.1:8443', tls: { certificate: /a/gate.pem, key: /b/gate.key } }
upstream: { url: 'http://127.0.0.1:8080' }
redaction: { address: none, caller: id }
routes: [{ name: all, path: '/**', allow: [anyone] }]
audit: { sinks: [file: { path: /c/audit.jsonl }] }
";
        let text = swap.iter().fold(text.to_owned(), |text, (from, to)| text.replace(from, to));
        let loaded = load_text("p", &text, Path::new("/nowhere"), &LoadOptions::check());
        let policy = loaded.unwrap_or_else(|faults| panic!("{faults}")).policy;
        Needs::of(&policy, Some(Path::new("/d/policy.yaml")))
    }

    #[test]
    fn directories_of_named_files_are_read_and_those_of_sinks_written() {
        let needs = needs(&[]);
        for directory in ["/a", "/b", "/d"] {
            assert!(needs.read.contains(Path::new(directory)), "{directory}: {:?}", needs.read);
        }
        assert_eq!(needs.write, BTreeSet::from(["/c".into()]));
        assert_eq!(needs.ports, Some(BTreeSet::from([53, 8080])));
    }

    #[test]
    fn what_lies_elsewhere_does_not_fit() {
        let (old, directory) = (needs(&[]), tempfile::tempdir().expect("a directory"));
        assert_eq!(old.beyond(&needs(&[])), None);
        assert_eq!(old.beyond(&needs(&[("/a/gate.pem", "/a/new.pem")])), None);
        let elsewhere = directory.path().join("gate.pem");
        std::fs::write(&elsewhere, "").expect("written");
        assert!(old.beyond(&needs(&[("/a/gate.pem", elsewhere.to_str().expect("text"))])).is_some());
        assert_eq!(old.beyond(&needs(&[("8080", "8081")])), Some(Beyond::Port(Some(8081))));
        assert!(old.beyond(&needs(&[("/c/", "/e/")])).is_some());
    }
}
