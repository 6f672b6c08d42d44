//! A receiver that nobody here has written: Rotel, an OpenTelemetry collector in one binary. `make collector` installs it.

use std::io::{BufRead as _, BufReader};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};

use crate::support::{Gate, Policy, Upstream, answer, wait_for};

/// Where `make collector` puts it, if it did. Its absence is a loud skip, or a failure where it must be there.
fn binary() -> Option<PathBuf> {
    let lib = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/collector/lib");
    let pythons = std::fs::read_dir(&lib).into_iter().flatten().flatten();
    let found = pythons.map(|python| python.path().join("site-packages/rotel/rotel-agent")).find(|path| path.exists());
    let required = std::env::var_os("PORTCULLIS_REQUIRE_SERVICES").is_some_and(|value| value == "1");
    assert!(found.is_some() || !required, "rotel is required and not there: run `make collector`");
    if found.is_none() {
        eprintln!("SKIPPED: rotel is not installed; `make collector` does that");
    }
    found
}

/// The collector's process. Killed when dropped.
pub struct Collector {
    child: Child,
    said: Arc<Mutex<String>>,
    pub address: SocketAddr,
}

impl Collector {
    /// One that says what it gets of a signal, `traces` or `logs`, if it is installed.
    pub fn of(signal: &str) -> Option<Self> {
        binary().map(|binary| Self::start(&binary, signal))
    }

    /// What it said so far.
    pub fn said(&self) -> String {
        self.said.lock().expect("what it said").clone()
    }

    fn start(binary: &Path, signal: &str) -> Self {
        let free = || TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("an address");
        let (http, grpc) = (free(), free());
        let mut child = Command::new(binary)
            .args(["start", "--exporter", "blackhole", "--debug-log", signal, "--debug-log-verbosity", "detailed"])
            .args(["--otlp-http-endpoint", &http.to_string(), "--otlp-grpc-endpoint", &grpc.to_string()])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("rotel");
        let said = Arc::new(Mutex::new(String::new()));
        let out = BufReader::new(child.stdout.take().expect("a pipe"));
        let err = BufReader::new(child.stderr.take().expect("a pipe"));
        for lines in [Box::new(out) as Box<dyn std::io::BufRead + Send>, Box::new(err)] {
            let said = Arc::clone(&said);
            std::thread::spawn(move || {
                for line in lines.lines().map_while(Result::ok) {
                    let mut said = said.lock().expect("what it said");
                    said.push_str(&line);
                    said.push('\n');
                }
            });
        }
        wait_for("the collector listens", || TcpStream::connect(http).ok());
        Self { child, said, address: http }
    }
}

impl Drop for Collector {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn a_collector_takes_our_spans() {
    let Some(collector) = Collector::of("traces") else { return };
    let app = Upstream::start(answer("hello"));
    let traces = format!("traces: {{ endpoint: 'http://{}/v1/traces', sample: 1/1 }}", collector.address);
    let gate = Gate::start(&Policy::new(&app).top(&traces));
    let request = "GET /folders/jane-doe HTTP/1.1\r\nHost: localhost\r\n\r\n";
    assert_eq!(gate.connect().ask(request).status, 200);
    let record = gate.only_record();
    let trace = record.0["unmapped"]["portcullis"]["trace_id"].as_str().expect("a trace").to_owned();
    let stopped = gate.stop();
    assert!(!stopped.log.contains("spans cannot be sent"), "{}", stopped.log);
    let said = wait_for(&format!("the trace {trace} at the collector"), || {
        let said = collector.said();
        (said.contains(&trace) && said.matches("/folders/{name}").count() > 0).then_some(said)
    });
    for expected in ["portcullis", "http.route", "GET /folders/{name}"] {
        assert!(said.contains(expected), "{expected} in {said}");
    }
    assert!(!said.contains("jane-doe"), "{said}");
}
