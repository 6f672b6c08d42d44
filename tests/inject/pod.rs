//! An injected pod, run as its manifest says: two network namespaces, the rules, the gate and an app without any
//! protection. From outside there is the gate and nothing else, probes tell how the app is, and a Job ends.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use serde_json::Value;

use super::kubelet::{Container, Node, POD, POD6, volumes};
use super::{home, inject, manifest};
use crate::cli::portcullis;

const JOB: &str = r"apiVersion: batch/v1
kind: Job
metadata: { name: export }
spec:
  template:
    spec:
      restartPolicy: Never
      containers:
      - name: app
        image: registry.example/export:1
        ports: [{ containerPort: 8080 }]
        readinessProbe: { httpGet: { path: /ready, port: 8080 } }
";

/// A pod that runs.
struct Pod {
    gate: Container,
    app: Container,
    spec: Value,
    keys: PathBuf,
    node: Node,
}

impl Pod {
    /// Runs the pod of a manifest, in the order of a kubelet.
    fn run(node: Node, manifest: &Value) -> Self {
        let spec = manifest["spec"]["template"]["spec"].clone();
        let keys = node.root.path().join("keys");
        let run = |arguments: &[&str]| {
            assert!(portcullis().args(arguments).output().unwrap().status.success(), "{arguments:?}");
        };
        run(&["certs", "dev", "--dir", keys.to_str().unwrap()]);
        for (kind, file) in [("audit", "audit.key"), ("signing", "audit-sign.key")] {
            run(&["keys", "new", kind, keys.join(file).to_str().unwrap()]);
        }
        let policies = home("deploy/kubernetes/overlays/sidecar/policies");
        let sources =
            BTreeMap::from([("portcullis-policies", policies.as_path()), ("portcullis-keys", Path::new(&keys))]);
        let volumes = volumes(&node, &spec, &sources);
        let binary = node.root.path().join("portcullis");
        fs::copy(env!("CARGO_BIN_EXE_portcullis"), &binary).unwrap();
        let mut gate = None;
        for container in spec["initContainers"].as_array().unwrap() {
            let mut started = node.start(container, &[binary.to_str().unwrap()], &volumes);
            if container["restartPolicy"] == "Always" {
                assert!(node.started(&container["startupProbe"]), "the gate is not ready\n{}", started.log());
                assert!(node.probe(&container["readinessProbe"]) && node.probe(&container["livenessProbe"]));
                gate = Some(started);
            } else {
                assert_eq!(started.end(), Some(0), "{}", started.log());
            }
        }
        let container = &spec["containers"][0];
        assert!(!node.probe(&container["readinessProbe"]), "the app is not there yet");
        let script = home("tests/inject/app.py");
        let app = node.start(container, &["python3", script.to_str().unwrap()], &volumes);
        Self { gate: gate.expect("a gate"), app, spec, keys, node }
    }

    fn probe(&self, name: &str) -> bool {
        self.node.probe(&self.spec["containers"][0][name])
    }

    /// The status of an address behind the gate, for somebody with a certificate.
    fn through_gate(&self, host: &str, port: u16, path: &str) -> u16 {
        let file = |name: &str| self.keys.join(name).display().to_string();
        let (ca, certificate, key) = (file("ca.pem"), file("client.pem"), file("client.key"));
        let (to, url) = (format!("localhost:8443:{host}:{port}"), format!("https://localhost:8443{path}"));
        self.node.status(&["--cacert", &ca, "--cert", &certificate, "--key", &key, "--connect-to", &to, &url])
    }

    /// What the app heard.
    fn heard(&self, what: &str) -> usize {
        self.app.log().lines().filter(|line| line.contains(what)).count()
    }
}

const ORDER: &str = "/orders/v0/orders/1/address";

#[test]
fn a_pod_is_reached_through_its_gate_alone() {
    let Some(node) = Node::make() else { return };
    let manifest = manifest::read(&fs::read_to_string(home("tests/inject/deployment.injected.yaml")).unwrap());
    let mut pod = Pod::run(node, &manifest);
    let container = pod.spec["containers"][0].clone();
    assert!(pod.node.started(&container["startupProbe"]), "{}", pod.app.log());

    // Through the gate, at its own port and at the one that used to be the app's.
    assert_eq!(pod.through_gate(POD, 8443, ORDER), 200, "{}", pod.gate.log());
    assert_eq!(pod.through_gate(POD, 8080, ORDER), 200);
    assert_eq!(pod.heard(ORDER), 2);
    // Past it: in plaintext, to another port of the app, over IPv6.
    for url in [
        format!("http://{POD}:8080/past"),
        format!("http://{POD}:9100/past"),
        format!("http://{POD6}:8080/past"),
        format!("http://{POD6}:9100/past"),
        format!("http://{POD}:9080/past"),
    ] {
        let status = pod.node.status(&["-m", "1", &url]);
        assert!(matches!(status, 0 | 400 | 404), "{url}: {status}");
    }
    assert_eq!(pod.heard("/past"), 0, "{}", pod.app.log());
    // The app itself is up at both, for whoever is in the pod.
    assert!(pod.app.is_running());

    // Probes tell how the app is.
    assert!(pod.probe("livenessProbe") && pod.probe("readinessProbe"));
    assert!(pod.heard("asked 8080 /healthz kubelet") >= 1, "{}", pod.app.log());
    fs::write(pod.node.inside("ill"), "").unwrap();
    let until = Instant::now() + Duration::from_secs(10);
    while pod.probe("livenessProbe") {
        assert!(Instant::now() < until, "the probe says well of an ill app");
    }
    fs::remove_file(pod.node.inside("ill")).unwrap();

    // Rules that are loaded once more, after a restart of the init container, are the same rules.
    let closer = &pod.spec["initContainers"][0];
    assert_eq!(closer["name"], "portcullis-close");
    assert_eq!(pod.node.start(closer, &[], &BTreeMap::new()).end(), Some(0));
    assert_eq!(pod.through_gate(POD, 8080, ORDER), 200);
    drop(pod);
}

#[test]
fn a_job_ends_when_its_app_ends() {
    let Some(node) = Node::make() else { return };
    let file = node.root.path().join("job.yaml");
    fs::write(&file, JOB).unwrap();
    let injected = inject(file.to_str().unwrap(), &["--loopback-env", "HOST=127.0.0.1"]);
    let mut pod = Pod::run(node, &manifest::read(&injected));
    let until = Instant::now() + Duration::from_secs(20);
    while !pod.probe("readinessProbe") {
        assert!(Instant::now() < until, "{}", pod.app.log());
    }
    // No rules are needed: the app listens on loopback.
    assert_eq!(pod.node.status(&["-m", "1", &format!("http://{POD}:8080/past")]), 0);
    assert_eq!(pod.through_gate(POD, 8443, ORDER), 200, "{}", pod.gate.log());

    // The last order ends the app; then the kubelet ends the sidecar, which does not keep the Job from completing.
    assert_eq!(pod.through_gate(POD, 8443, "/orders/v0/orders/last/address"), 200);
    assert_eq!(pod.app.end(), Some(0));
    assert!(pod.gate.is_running());
    let asked = Instant::now();
    pod.gate.terminate();
    assert_eq!(pod.gate.end(), Some(0), "{}", pod.gate.log());
    let grace = Duration::from_secs(pod.spec["terminationGracePeriodSeconds"].as_u64().unwrap());
    assert!(asked.elapsed() < grace);
    // Records of what it served are in the trail that it leaves behind.
    let trail = pod.node.inside("srv/portcullis/var/audit");
    assert!(fs::read_dir(&trail).unwrap().count() > 0);
    assert_eq!(pod.gate.log().matches("\"event_code\":\"HTTP.END\"").count(), 2, "one record of each end");
    assert!(fs::metadata(&trail).unwrap().permissions().mode() & 0o007 == 0);
}
