//! As much of a node as a pod needs to see: a network namespace for the node, one for the pod, a cable between them,
//! and containers that run what their manifest says.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::support::{has_tool, wait_for};

/// Addresses of the pod, as the node reaches them.
pub const POD: &str = "10.77.0.2";
pub const POD6: &str = "[fd77::2]";

/// A process that keeps a network namespace there.
struct Namespace {
    keeper: Child,
    /// It lies in a user namespace of its own.
    is_own: bool,
}

impl Namespace {
    fn keep(mut command: Command, is_own: bool) -> Self {
        let keeper = command.stdin(Stdio::null()).spawn().unwrap();
        let name = format!("/proc/{}/comm", keeper.id());
        wait_for("a namespace", || fs::read_to_string(&name).ok().filter(|name| name.trim() == "sleep"));
        Self { keeper, is_own }
    }

    /// A program in this namespace.
    fn enter(&self, program: &str) -> Command {
        let mut command = Command::new("nsenter");
        command.arg(format!("--net=/proc/{}/ns/net", self.keeper.id()));
        if self.is_own {
            command.args([&format!("--user=/proc/{}/ns/user", self.keeper.id()), "--preserve-credentials"]);
        }
        command.arg("--").arg(program).stdin(Stdio::null());
        command
    }

    fn run(&self, program: &str, arguments: &str) {
        let output = self.enter(program).args(arguments.split(' ')).output().unwrap();
        assert!(output.status.success(), "{program} {arguments}: {}", String::from_utf8_lossy(&output.stderr));
    }
}

impl Drop for Namespace {
    fn drop(&mut self) {
        self.keeper.kill().ok();
        self.keeper.wait().ok();
    }
}

/// A node with a pod's network in it.
pub struct Node {
    pod: Namespace,
    node: Namespace,
    is_root: bool,
    /// What containers see as `/`.
    pub root: tempfile::TempDir,
}

impl Node {
    /// Makes both namespaces; none, loudly, where that is not allowed.
    pub fn make() -> Option<Self> {
        if !["nft", "ip", "curl", "python3", "nsenter", "unshare", "setpriv"].into_iter().all(has_tool) {
            return None;
        }
        let is_root = rustix::process::geteuid().is_root();
        let unshare: &[&str] = if is_root { &["--net"] } else { &["--map-root-user", "--net"] };
        let is_allowed = Command::new("unshare").args(unshare).arg("true").output().unwrap().status.success();
        let required = std::env::var_os("PORTCULLIS_REQUIRE_SERVICES").is_some_and(|value| value == "1");
        assert!(is_allowed || !required, "network namespaces are required and not allowed");
        if !is_allowed {
            eprintln!("SKIPPED: network namespaces are not allowed here");
            return None;
        }
        let mut command = Command::new("unshare");
        command.args(unshare).args(["sleep", "infinity"]);
        let node = Namespace::keep(command, !is_root);
        let mut command = node.enter("unshare");
        command.args(["--net", "sleep", "infinity"]);
        if is_root {
            command = Command::new("unshare");
            command.args(["--net", "sleep", "infinity"]);
        }
        let pod = Namespace::keep(command, !is_root);
        node.run("ip", &format!("link add veth0 type veth peer name eth0 netns {}", pod.keeper.id()));
        for (namespace, link, host) in [(&node, "veth0", 1), (&pod, "eth0", 2)] {
            namespace.run("ip", &format!("address add 10.77.0.{host}/24 dev {link}"));
            namespace.run("ip", &format!("address add fd77::{host}/64 dev {link} nodad"));
            namespace.run("ip", &format!("link set {link} up"));
            namespace.run("ip", "link set lo up");
        }
        let root = tempfile::tempdir().unwrap();
        fs::set_permissions(root.path(), fs::Permissions::from_mode(0o755)).unwrap();
        Some(Self { pod, node, is_root, root })
    }

    /// `curl` on the node, as anybody outside the pod.
    pub fn curl(&self, arguments: &[&str]) -> Output {
        self.node.enter("curl").args(["-sS", "-m", "5"]).args(arguments).output().unwrap()
    }

    /// The status of a URL for somebody outside; 0 if there is none.
    pub fn status(&self, arguments: &[&str]) -> u16 {
        let output = self.curl(&[&["-o", "/dev/null", "-w", "%{http_code}"], arguments].concat());
        String::from_utf8(output.stdout).unwrap().parse().unwrap()
    }

    /// A probe or hook as the kubelet makes it: against the pod's address.
    pub fn probe(&self, probe: &Value) -> bool {
        let get = &probe["httpGet"];
        let (path, port) = (get["path"].as_str().expect("a path"), get["port"].as_u64().expect("a number"));
        let timeout = probe["timeoutSeconds"].as_u64().unwrap_or(1).to_string();
        let url = format!("http://{POD}:{port}{path}");
        let mut arguments =
            vec!["-m".to_owned(), timeout, "-L".to_owned(), "-A".to_owned(), "kube-probe/1.33".to_owned(), url];
        for header in get["httpHeaders"].as_array().into_iter().flatten() {
            arguments.push("-H".to_owned());
            arguments.push(format!("{}: {}", header["name"].as_str().unwrap(), header["value"].as_str().unwrap()));
        }
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        (200..400).contains(&self.status(&arguments))
    }

    /// Probes until the first success, as often and as long as the probe says.
    pub fn started(&self, probe: &Value) -> bool {
        let often = probe["failureThreshold"].as_u64().unwrap_or(3);
        let period = Duration::from_secs(probe["periodSeconds"].as_u64().unwrap_or(10));
        (0..often).any(|_| {
            let until = Instant::now() + period;
            self.probe(probe) || {
                std::thread::sleep(until.saturating_duration_since(Instant::now()));
                false
            }
        })
    }

    /// Starts a container. `program` stands for the image's own; volumes are what `volumes` holds by name.
    pub fn start(&self, container: &Value, program: &[&str], volumes: &BTreeMap<String, PathBuf>) -> Container {
        for mount in container["volumeMounts"].as_array().into_iter().flatten() {
            let place = self.inside(mount["mountPath"].as_str().unwrap());
            fs::create_dir_all(place.parent().unwrap()).unwrap();
            std::os::unix::fs::symlink(&volumes[mount["name"].as_str().unwrap()], place).unwrap();
        }
        let said = |key: &str| -> Vec<String> {
            let list = container[key].as_array().into_iter().flatten();
            list.map(|item| item.as_str().map_or_else(|| item.to_string(), str::to_owned)).collect()
        };
        let own = said("command");
        let mut words: Vec<String> =
            if own.is_empty() { program.iter().map(|word| (*word).to_owned()).collect() } else { own };
        // As the kubelet does: `$$` is a dollar.
        words.extend(said("args").iter().map(|word| word.replace("$$", "$")));
        let mut command = self.pod.enter("setpriv");
        command.args(self.privileges(&container["securityContext"])).args(words);
        command.current_dir(self.inside(container["workingDir"].as_str().unwrap_or("/")));
        command.env_clear().env("PATH", std::env::var_os("PATH").unwrap_or_default());
        for variable in container["env"].as_array().into_iter().flatten() {
            command.env(variable["name"].as_str().unwrap(), variable["value"].as_str().unwrap());
        }
        let name = container["name"].as_str().unwrap();
        let log = self.root.path().join(format!("{name}.log"));
        let file = fs::File::create(&log).unwrap();
        command.stdout(file.try_clone().unwrap()).stderr(file);
        Container { child: command.spawn().unwrap(), log }
    }

    /// A path as the pod has it.
    pub fn inside(&self, path: &str) -> PathBuf {
        self.root.path().join(path.trim_start_matches('/'))
    }

    /// The user and capabilities that a container has.
    fn privileges(&self, context: &Value) -> Vec<String> {
        let mut arguments = vec!["--no-new-privs".to_owned()];
        if context.is_null() {
            return arguments;
        }
        assert_eq!(context["allowPrivilegeEscalation"], false);
        let mut kept = "-all".to_owned();
        for added in context["capabilities"]["add"].as_array().into_iter().flatten() {
            kept += &format!(",+{}", added.as_str().unwrap().to_lowercase());
        }
        arguments.extend([format!("--bounding-set={kept}"), "--inh-caps=-all".to_owned()]);
        if self.is_root && !context["runAsUser"].is_null() {
            let (user, group) = (&context["runAsUser"], &context["runAsGroup"]);
            arguments.extend([format!("--reuid={user}"), format!("--regid={group}"), "--clear-groups".to_owned()]);
        }
        arguments
    }
}

/// A running container.
pub struct Container {
    child: Child,
    log: PathBuf,
}

impl Container {
    /// What it said.
    pub fn log(&self) -> String {
        fs::read_to_string(&self.log).unwrap_or_default()
    }

    /// Waits for its end, and gives its exit code.
    pub fn end(&mut self) -> Option<i32> {
        wait_for("a container's end", || self.child.try_wait().unwrap()).code()
    }

    /// Whether it still runs.
    pub fn is_running(&mut self) -> bool {
        self.child.try_wait().unwrap().is_none()
    }

    /// SIGTERM, as the kubelet sends it.
    pub fn terminate(&self) {
        let pid = rustix::process::Pid::from_child(&self.child);
        rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
    }
}

impl Drop for Container {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("{}:\n{}", self.log.display(), self.log());
        }
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// The volumes of a pod: ConfigMaps and Secrets from directories, with the modes that the manifest gives them.
pub fn volumes(node: &Node, spec: &Value, sources: &BTreeMap<&str, &Path>) -> BTreeMap<String, PathBuf> {
    let mut made = BTreeMap::new();
    for volume in spec["volumes"].as_array().unwrap() {
        let name = volume["name"].as_str().unwrap();
        let place = node.root.path().join("volumes").join(name);
        fs::create_dir_all(&place).unwrap();
        let source = volume["configMap"]["name"].as_str().or(volume["secret"]["secretName"].as_str());
        match source {
            Some(source) => {
                let mode = u32::try_from(volume["secret"]["defaultMode"].as_u64().unwrap_or(0o644)).unwrap();
                for file in fs::read_dir(sources[source]).unwrap() {
                    let file = file.unwrap().path();
                    let copy = place.join(file.file_name().unwrap());
                    fs::copy(&file, &copy).unwrap();
                    fs::set_permissions(&copy, fs::Permissions::from_mode(mode)).unwrap();
                }
            }
            None => {
                assert!(volume["emptyDir"]["sizeLimit"].is_string(), "{volume}");
                fs::set_permissions(&place, fs::Permissions::from_mode(0o777)).unwrap();
            }
        }
        made.insert(name.to_owned(), place);
    }
    made
}
