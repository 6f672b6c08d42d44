//! Probes of the app, led through the gate: the kubelet cannot reach a port that is closed to everybody, so it asks the
//! gate's health port, and the gate asks the app on this pod's loopback (`run --probe`).
//!
//! | probe | becomes | what the gate does |
//! |---|---|---|
//! | `httpGet` | `httpGet` of the gate | the same request; 200 to 399 is well, as for the kubelet |
//! | `tcpSocket` | `httpGet` of the gate | connects |
//! | `grpc` | `httpGet` of the gate | `grpc.health.v1.Health/Check` |
//! | `exec` | stays | nothing: it runs in the app's own container |

use serde_json::{Map, Value as Json, json};

use super::edit::Edits;
use super::fault::Fault;
use super::tree::{Entry, Node, Value};
use super::workload::own;

/// Where a probe stands in a container, and its name in the path that the gate answers.
const PLACES: &[(&[&str], &str)] = &[
    (&["startupProbe"], "startup"),
    (&["livenessProbe"], "liveness"),
    (&["readinessProbe"], "readiness"),
    (&["lifecycle", "postStart"], "post-start"),
    (&["lifecycle", "preStop"], "pre-stop"),
];

/// Where the probe of a name stands.
pub(super) fn place(called: &str) -> &'static [&'static str] {
    PLACES.iter().find(|(_, name)| *name == called).map_or(&["?"], |(path, _)| path)
}

/// What the gate is told, and what brings the manifest back.
#[derive(Default)]
pub(super) struct Rewritten {
    /// Arguments of `--probe`.
    pub arguments: Vec<Json>,
    /// `CONTAINER/PROBE` to the texts that were replaced.
    pub undo: Map<String, Json>,
}

/// Rewrites the probes of one container.
pub(super) fn rewrite(
    edits: &mut Edits<'_>,
    text: &str,
    container: &Node,
    health_port: u16,
    done: &mut Rewritten,
) -> Result<(), Fault> {
    let name = container.get("name").and_then(Node::text).unwrap_or_default();
    for (path, called) in PLACES {
        let Some(probe) = probe_at(text, container, path)? else { continue };
        let path = format!("/probe/{name}/{called}");
        if let Some((argument, undo)) = one(edits, text, container, probe, &path, health_port)? {
            done.arguments.push(argument);
            done.undo.insert(format!("{name}/{called}"), undo);
        }
    }
    Ok(())
}

/// The probe, with nothing on the way to it that stands elsewhere.
fn probe_at<'t>(text: &str, container: &'t Node, path: &[&str]) -> Result<Option<&'t Node>, Fault> {
    let mut node = container;
    for step in path {
        let Some(next) = node.get(step) else { return Ok(None) };
        own(text, next, step)?;
        node = next;
    }
    if let Some(merge) = node.entry("<<") {
        let fault = Fault::at(text, merge.key.span.start, format!("a merge key (`<<`) in `{}`", path.join(".")));
        return Err(fault.help("write the probe out: what the key brings in cannot be changed here"));
    }
    Ok(Some(node))
}

fn one(
    edits: &mut Edits<'_>,
    text: &str,
    container: &Node,
    probe: &Node,
    path: &str,
    health_port: u16,
) -> Result<Option<(Json, Json)>, Fault> {
    let Some(action) = ["httpGet", "tcpSocket", "grpc"].iter().find_map(|key| probe.entry(key)) else {
        return Ok(None);
    };
    let kind = action.key.text().unwrap_or_default();
    let whole = &action.value;
    own(text, whole, kind)?;
    let Value::Map { flow, .. } = &whole.value else {
        return Err(
            Fault::at(text, action.key.span.start, format!("`{kind}` is not a map")).help("see the pod's reference")
        );
    };
    // The kubelet asks somebody else than this pod.
    if whole.get("host").is_some() {
        return Ok(None);
    }
    let port_entry = whole.entry("port").ok_or_else(|| {
        Fault::at(text, action.key.span.start, format!("`{kind}` without a `port`")).help("name the port")
    })?;
    own(text, &port_entry.value, "port")?;
    let port = port_number(text, container, &port_entry.value)?;
    let argument = argument(text, probe, action, path, port)?;

    let raw = |entry: &Entry| text.get(entry.span()).unwrap_or_default();
    let mut undo = Map::new();
    undo.insert("action".into(), json!(text.get(action.key.span.clone())));
    undo.insert("port".into(), json!(raw(port_entry)));
    if kind != "httpGet" {
        edits.replace(action.key.span.clone(), "httpGet");
    }
    let replaced = whole.entry(if kind == "grpc" { "service" } else { "path" });
    match replaced {
        Some(entry) => {
            own(text, &entry.value, "path")?;
            undo.insert("path".into(), json!(raw(entry)));
            edits.replace(entry.span(), format!("path: {path}"));
        }
        None => edits.before(port_entry, *flow, &format!("path: {path}")),
    }
    edits.replace(port_entry.span(), format!("port: {health_port}"));
    Ok(Some((argument, Json::Object(undo))))
}

/// What the gate is told of a probe.
fn argument(text: &str, probe: &Node, action: &Entry, path: &str, port: u16) -> Result<Json, Fault> {
    let mut told = Map::new();
    told.insert("path".into(), json!(path));
    let whole = &action.value;
    match action.key.text() {
        Some("httpGet") => {
            if let Some(scheme) = whole.get("scheme").filter(|node| node.text().is_some_and(|text| text != "HTTP")) {
                return Err(Fault::at(text, scheme.span.start, "a probe over HTTPS, whose certificate nobody checks")
                    .help("probe over HTTP, or with `tcpSocket`: the gate reaches the app on loopback alone"));
            }
            let mut http = Map::new();
            http.insert("port".into(), json!(port));
            http.insert("path".into(), json!(whole.get("path").and_then(Node::text).unwrap_or("/")));
            let headers = headers(text, whole)?;
            if !headers.is_empty() {
                http.insert("headers".into(), Json::Array(headers));
            }
            told.insert("http".into(), Json::Object(http));
        }
        Some("grpc") => {
            let service = whole.get("service").and_then(Node::text).unwrap_or_default();
            told.insert("grpc".into(), json!({ "port": port, "service": service }));
        }
        _ => {
            told.insert("tcp".into(), json!({ "port": port }));
        }
    }
    if let Some(seconds) = probe.get("timeoutSeconds") {
        let number = seconds.text().and_then(|text| text.parse::<u32>().ok()).filter(|seconds| *seconds > 0);
        let number = number.ok_or_else(|| {
            Fault::at(text, seconds.span.start, "`timeoutSeconds` is not a whole number above 0")
                .help("write 1 or more")
        })?;
        told.insert("timeout".into(), json!(number));
    }
    Ok(Json::Object(told))
}

fn headers(text: &str, whole: &Node) -> Result<Vec<Json>, Fault> {
    let Some(list) = whole.get("httpHeaders") else { return Ok(Vec::new()) };
    own(text, list, "httpHeaders")?;
    let pair = |item: &Node| Some(json!([item.get("name")?.text()?, item.get("value")?.text().unwrap_or_default()]));
    let pairs: Option<Vec<Json>> = list.items().iter().map(|item| pair(&item.node)).collect();
    pairs.ok_or_else(|| {
        Fault::at(text, list.span.start, "`httpHeaders` is not a list of names and values")
            .help("write `- name: X` and `value: Y` out")
    })
}

/// A port by number, or by the name that the container gives it.
fn port_number(text: &str, container: &Node, port: &Node) -> Result<u16, Fault> {
    let said = port.text().unwrap_or_default();
    if let Some(number) = port_of(port) {
        return Ok(number);
    }
    let named = |ports: &Node| {
        let found = ports.items().iter().find(|item| item.node.get("name").and_then(Node::text) == Some(said))?;
        found.node.get("containerPort").and_then(port_of)
    };
    container.get("ports").and_then(named).ok_or_else(|| {
        Fault::at(text, port.span.start, format!("the container has no port named `{said}`"))
            .help("give the port's number, or name it under `ports`")
    })
}

/// A port's number.
pub(super) fn port_of(node: &Node) -> Option<u16> {
    node.text()?.parse().ok().filter(|port| *port > 0)
}
