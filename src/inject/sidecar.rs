//! The containers and volumes that go into a pod.

use serde_json::Value as Json;

use super::write::{Yaml, bare, map, quote, quoted};
use super::{Close, Options, Spool, close};

/// Names of what we put in; nobody else's start so.
pub(super) const GATE: &str = "portcullis";
/// The init container that closes the app's ports.
pub(super) const CLOSER: &str = "portcullis-close";
/// Volumes.
pub(super) const POLICIES: &str = "portcullis-policies";
pub(super) const KEYS: &str = "portcullis-keys";
pub(super) const STATE: &str = "portcullis-state";
/// The gate's user, as images without a shell have it: nobody's.
const USER: u32 = 65532;
/// 0440: a Secret's files belong to root, and the gate's user reads them by their group. 0400 would shut it out, and
/// an `fsGroup`, which would not, would change the app's volumes.
const KEY_MODE: &str = "288  # 0440";

/// The gate, as a native sidecar.
pub(super) fn gate(options: &Options, app_port: u16, port_name: &str, probes: &[Json]) -> Yaml {
    let mut arguments = vec![bare("run"), bare("--policy=policies"), bare("--log-format=json")];
    for probe in probes {
        // The kubelet puts variables in the place of `$(NAME)`, and takes `$$(` for the text itself.
        let probe = probe.to_string().replace("$(", "$$(");
        arguments.push(Yaml::Scalar(quote(&format!("--probe={probe}"))));
    }
    let variable = |name: &str, value: u16| map([("name", bare(name)), ("value", quoted(&value.to_string()))]);
    let port =
        |name: &str, port: u16| map([("name", bare(name)), ("containerPort", bare(port)), ("protocol", bare("TCP"))]);
    let probe = |path: &str, period: u32, failures: u32| {
        let get = map([("path", bare(path)), ("port", bare(options.health_port))]);
        map([("httpGet", get), ("periodSeconds", bare(period)), ("failureThreshold", bare(failures))])
    };
    let mount = |name: &str, path: &str, read_only: bool| {
        let mut mount = vec![("name".to_owned(), bare(name)), ("mountPath".to_owned(), bare(path))];
        if read_only {
            mount.push(("readOnly".to_owned(), bare(true)));
        }
        Yaml::Map(mount)
    };
    map([
        ("name", bare(GATE)),
        ("image", quoted(&options.image)),
        ("restartPolicy", bare("Always")),
        ("workingDir", bare("/srv/portcullis")),
        ("args", Yaml::List(arguments)),
        (
            "env",
            Yaml::List(vec![
                variable("APP_PORT", app_port),
                variable("GATE_PORT", options.gate_port),
                variable("HEALTH_PORT", options.health_port),
            ]),
        ),
        ("ports", Yaml::List(vec![port(port_name, options.gate_port), port("gate-health", options.health_port)])),
        // The app's own start waits for this one: at once, then half a minute until the pod is given up.
        ("startupProbe", probe("/readyz", 1, 30)),
        ("readinessProbe", probe("/readyz", 5, 2)),
        ("livenessProbe", probe("/livez", 10, 3)),
        ("resources", resources()),
        (
            "securityContext",
            map([
                ("allowPrivilegeEscalation", bare(false)),
                ("capabilities", map([("drop", Yaml::List(vec![bare("ALL")]))])),
                ("privileged", bare(false)),
                ("readOnlyRootFilesystem", bare(true)),
                ("runAsGroup", bare("0  # reads keys; the group has no other rights")),
                ("runAsNonRoot", bare(true)),
                ("runAsUser", bare(USER)),
                ("seccompProfile", map([("type", bare("RuntimeDefault"))])),
            ]),
        ),
        (
            "volumeMounts",
            Yaml::List(vec![
                mount(POLICIES, "/srv/portcullis/policies", true),
                mount(KEYS, "/srv/portcullis/certs", true),
                mount(STATE, "/srv/portcullis/var", false),
            ]),
        ),
    ])
}

/// From what was measured (bench/README.md): a request with all checks takes 16.5 µs, a full handshake 139.5 µs; an
/// idle gate holds 14.2 MB, an idle connection 30 KiB. The request is for some 4,000 requests a second over 1,000
/// connections; the limit of memory for all 10,000 connections that the gate takes by default.
fn resources() -> Yaml {
    let amounts = |cpu: &str, memory: &str| map([("cpu", bare(cpu)), ("memory", bare(memory))]);
    map([("requests", amounts("100m", "64Mi")), ("limits", amounts("2", "512Mi"))])
}

/// The init container that closes the app's ports, where the app itself cannot.
pub(super) fn closer(options: &Options, app_port: u16) -> Option<Yaml> {
    if !matches!(options.close, Close::Nftables) {
        return None;
    }
    let rules = close::rules(app_port, options.gate_port, options.health_port, &options.open_ports);
    let amounts = |cpu: &str, memory: &str| map([("cpu", bare(cpu)), ("memory", bare(memory))]);
    Some(map([
        ("name", bare(CLOSER)),
        ("image", quoted(&options.close_image)),
        ("command", Yaml::List(vec![bare("nft")])),
        ("args", Yaml::List(vec![Yaml::Block(rules)])),
        ("resources", map([("requests", amounts("10m", "16Mi")), ("limits", amounts("100m", "64Mi"))])),
        (
            "securityContext",
            map([
                ("allowPrivilegeEscalation", bare(false)),
                (
                    "capabilities",
                    map([("add", Yaml::List(vec![bare("NET_ADMIN")])), ("drop", Yaml::List(vec![bare("ALL")]))]),
                ),
                ("privileged", bare(false)),
                ("readOnlyRootFilesystem", bare(true)),
                ("runAsGroup", bare(0)),
                ("runAsNonRoot", bare("false  # a capability reaches no other user")),
                ("runAsUser", bare(0)),
                ("seccompProfile", map([("type", bare("RuntimeDefault"))])),
            ]),
        ),
    ]))
}

/// The volumes.
pub(super) fn volumes(options: &Options) -> Vec<Yaml> {
    let state = match &options.spool {
        Spool::Empty { size } => ("emptyDir", map([("sizeLimit", bare(size))])),
        Spool::Claim(name) => ("persistentVolumeClaim", map([("claimName", bare(name))])),
    };
    vec![
        map([("name", bare(POLICIES)), ("configMap", map([("name", bare(&options.policies))]))]),
        map([
            ("name", bare(KEYS)),
            ("secret", map([("secretName", bare(&options.keys)), ("defaultMode", bare(KEY_MODE))])),
        ]),
        map([("name", bare(STATE)), state]),
    ]
}
