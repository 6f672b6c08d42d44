//! One pod's template with the gate in it.

use serde_json::{Map, Value as Json, json};

use super::edit::Edits;
use super::fault::Fault;
use super::probes::{self, Rewritten, port_of};
use super::tree::{Entry, Node};
use super::workload::{Workload, any_list, any_map, block_list, block_map, own};
use super::write::{Yaml, entry, flow, item, quote, quoted};
use super::{ANNOTATION, Close, Options, Spool, sidecar};

/// What the app's port is called from now on, if it had a name: the name itself goes to the gate, and with it every
/// Service that targets the port by name.
pub(super) const BEHIND: &str = "behind-gate";
/// What the gate's port is called if the app's had no name.
const GATE_PORT_NAME: &str = "gate-https";

/// Where the app is, if nobody says: as in the policies of this project.
const APP_PORT: u16 = 8080;
/// Names of ports for callers, by which one is told from those for metrics and the like.
const FOR_CALLERS: &[&str] = &["http", "https", "http2", "h2c", "grpc", "web"];

/// The app's port.
struct AppPort<'t> {
    number: u16,
    /// The container's name and the entry of the port's, if it has one.
    name: Option<(&'t str, &'t Entry)>,
    container: &'t Node,
}

/// Everything in one place.
struct Splicer<'e, 't> {
    edits: &'e mut Edits<'t>,
    workload: &'e Workload<'t>,
    options: &'e Options,
    indent_lists: bool,
    made: Vec<Json>,
    undo: Map<String, Json>,
}

/// Splices the gate into one workload.
pub(super) fn splice<'t>(
    edits: &mut Edits<'t>,
    workload: &Workload<'t>,
    options: &Options,
    notes: &mut Vec<String>,
) -> Result<(), Fault> {
    let (text, spec) = (workload.text, &workload.spec.value);
    let containers = spec.entry("containers").ok_or_else(|| {
        Fault::at(text, workload.spec.key.span.start, format!("{} has no containers", workload.name))
            .help("a pod runs at least one")
    })?;
    any_list(text, &containers.value, "containers")?;
    let Some(first) = containers.value.items().first().map(|item| item.dash) else {
        let fault = Fault::at(text, containers.key.span.start, format!("{} has no containers", workload.name));
        return Err(fault.help("a pod runs at least one"));
    };
    let is_block = !containers.value.is_flow();
    let indent_lists = is_block && edits.column(first) > edits.column(containers.key.span.start);
    let mut splicer = Splicer { edits, workload, options, indent_lists, made: Vec::new(), undo: Map::new() };
    splicer.check(notes)?;
    let app = splicer.app_port(notes)?;
    let rewritten = splicer.probes()?;
    let port_name = splicer.port_name(&app)?;
    splicer.environment(&app)?;
    splicer.grace()?;
    let mut init = Vec::new();
    init.extend(sidecar::closer(options, app.number));
    init.push(sidecar::gate(options, app.number, &port_name, &rewritten.arguments));
    splicer.list("initContainers", init)?;
    splicer.list("volumes", sidecar::volumes(options))?;
    if !rewritten.undo.is_empty() {
        splicer.undo.insert("probes".into(), Json::Object(rewritten.undo));
    }
    splicer.annotate()
}

impl<'t> Splicer<'_, 't> {
    fn spec(&self) -> &'t Node {
        &self.workload.spec.value
    }

    /// Containers that may have ports and probes: the app's, and sidecars.
    fn containers(&self) -> impl Iterator<Item = &'t Node> + use<'t> {
        let spec = self.spec();
        let lists = ["initContainers", "containers"].into_iter().filter_map(|key| spec.get(key));
        lists.flat_map(Node::items).map(|item| &item.node)
    }

    /// What no splicing can make right.
    fn check(&self, notes: &mut Vec<String>) -> Result<(), Fault> {
        let (text, spec) = (self.workload.text, self.spec());
        for container in self.containers() {
            own(text, container, "a container")?;
            if let Some(merge) = container.entry("<<") {
                let fault = Fault::at(text, merge.key.span.start, "a merge key (`<<`) in a container");
                return Err(fault.help("write its keys out: ports and probes may be among what it brings in"));
            }
        }
        let taken = |node: &'t Node| {
            node.get("name")
                .filter(|name| name.text().is_some_and(|name| name == sidecar::GATE || name.starts_with("portcullis-")))
        };
        let volumes = spec.get("volumes").map(Node::items).unwrap_or_default().iter().map(|item| &item.node);
        if let Some(name) = self.containers().chain(volumes).find_map(taken) {
            return Err(Fault::at(
                text,
                name.span.start,
                "the name is the gate's own, and was not put here by `inject`",
            )
            .help("take the part out, or give it another name"));
        }
        let is_on = |key: &str| spec.get(key).filter(|node| node.text() == Some("true"));
        if let (Some(node), Close::Nftables) = (is_on("hostNetwork"), &self.options.close) {
            return Err(Fault::at(
                text,
                node.span.start,
                "`hostNetwork: true`: rules for the pod would be rules for the node",
            )
            .help("take it out, or bind the app to loopback and use `--close loopback`"));
        }
        let systems = [["os", "name"], ["nodeSelector", "kubernetes.io/os"], ["nodeSelector", "beta.kubernetes.io/os"]];
        let windows = systems.iter().filter_map(|path| spec.at(path)).find(|node| node.text() == Some("windows"));
        if let Some(node) = windows {
            return Err(Fault::at(text, node.span.start, "a pod for Windows").help("the gate runs on Linux"));
        }
        if matches!(self.options.spool, Spool::Claim(_)) && spec.at(&["securityContext", "fsGroup"]).is_none() {
            return Err(Fault::at(text, self.workload.spec.key.span.start, "a claim's files belong to root, and the gate is not root")
                .help("set `securityContext.fsGroup` in the pod's spec, such as 65532, with `fsGroupChangePolicy: OnRootMismatch`"));
        }
        if matches!(self.options.spool, Spool::Empty { .. }) {
            notes.push(format!(
                "{}: records wait in an emptyDir, which is gone with the pod; `--spool-claim` keeps them",
                self.workload.name
            ));
        }
        Ok(())
    }

    /// The app's port: the one that is asked for, or the only one that is declared.
    fn app_port(&self, notes: &mut Vec<String>) -> Result<AppPort<'t>, Fault> {
        let (text, name) = (self.workload.text, &self.workload.name);
        let mut found: Vec<AppPort<'t>> = Vec::new();
        for container in self.containers() {
            let Some(ports) = container.get("ports") else { continue };
            own(text, ports, "ports")?;
            for item in ports.items() {
                own(text, &item.node, "a port")?;
                let protocol = item.node.get("protocol").and_then(Node::text).unwrap_or("TCP");
                let Some(number) = item.node.get("containerPort").and_then(port_of) else { continue };
                if protocol == "TCP" {
                    let container_name = container.get("name").and_then(Node::text).unwrap_or_default();
                    let name = item.node.entry("name").map(|entry| (container_name, entry));
                    found.push(AppPort { number, name, container });
                }
            }
        }
        let ours = [self.options.gate_port, self.options.health_port];
        if let Some(port) = found.iter().find(|port| ours.contains(&port.number)) {
            return Err(Fault::at(
                text,
                port.container.span.start,
                format!("the app has port {} itself, which is the gate's", port.number),
            )
            .help("give the gate others: `--gate-port` as in the policy's `gate.listen`, `--health-port`"));
        }
        let at = match self.options.app_port {
            Some(number) => found.iter().position(|port| port.number == number),
            None => self.only_port(&found, notes)?,
        };
        let open = &self.options.open_ports;
        let others =
            found.iter().enumerate().filter(|(place, port)| Some(*place) != at && !open.contains(&port.number));
        let closed: Vec<String> = others.map(|(_, port)| port.number.to_string()).collect();
        if !closed.is_empty() && self.options.close == Close::Nftables {
            let closed = closed.join(", ");
            notes.push(format!("{name}: closed to other pods as well: {closed}; `--open-port N` leaves one open"));
        }
        match at {
            Some(at) => Ok(found.swap_remove(at)),
            None => {
                let first = self.spec().get("containers").and_then(|list| list.items().first());
                let container = first.map_or(self.spec(), |item| &item.node);
                Ok(AppPort { number: self.options.app_port.unwrap_or(APP_PORT), name: None, container })
            }
        }
    }

    /// The port that there is no doubt about; none if the manifest declares none, which says nothing of what is there.
    fn only_port(&self, found: &[AppPort<'t>], notes: &mut Vec<String>) -> Result<Option<usize>, Fault> {
        let name = &self.workload.name;
        let of_callers = |port: &AppPort<'_>| {
            let called = port.name.and_then(|(_, entry)| entry.value.text());
            called.is_some_and(|called| FOR_CALLERS.contains(&called))
        };
        let mut named = found.iter().enumerate().filter(|(_, port)| of_callers(port)).map(|(at, _)| at);
        match (found, named.next(), named.next()) {
            ([], ..) => {
                notes.push(format!(
                    "{name}: declares no port; the gate expects the app at {APP_PORT}, or at `--app-port N`"
                ));
                Ok(None)
            }
            ([_], ..) => Ok(Some(0)),
            (_, Some(at), None) => Ok(Some(at)),
            _ => {
                let ports: Vec<String> = found.iter().map(|port| port.number.to_string()).collect();
                let what = format!("{name} declares several ports: {}", ports.join(", "));
                Err(Fault::at(self.workload.text, self.workload.spec.key.span.start, what)
                    .help("say which one the gate stands in front of: `--app-port N`"))
            }
        }
    }

    fn probes(&mut self) -> Result<Rewritten, Fault> {
        let mut rewritten = Rewritten::default();
        for container in self.containers() {
            probes::rewrite(self.edits, self.workload.text, container, self.options.health_port, &mut rewritten)?;
        }
        Ok(rewritten)
    }

    /// Moves the name of the app's port to the gate.
    fn port_name(&mut self, app: &AppPort<'t>) -> Result<String, Fault> {
        let Some((container, name)) = app.name else { return Ok(GATE_PORT_NAME.to_owned()) };
        own(self.workload.text, &name.value, "a port's name")?;
        let raw = &self.workload.text[name.span()];
        self.undo.insert("port".into(), json!({ "container": container, "name": raw }));
        self.edits.replace(name.span(), format!("name: {BEHIND}"));
        Ok(self.workload.text[name.value.span.clone()].to_owned())
    }

    /// The variable that binds the app to loopback.
    fn environment(&mut self, app: &AppPort<'t>) -> Result<(), Fault> {
        let Close::Loopback(Some((name, value))) = &self.options.close else { return Ok(()) };
        let text = self.workload.text;
        let container = app.container;
        let called = container
            .entry("name")
            .ok_or_else(|| Fault::at(text, container.span.start, "a container without a name").help("name it"))?;
        let variable = Yaml::Map(vec![("name".to_owned(), quoted(name)), ("value".to_owned(), quoted(value))]);
        let mut undo = json!({ "container": called.value.text(), "name": name });
        match container.entry("env") {
            Some(env) => {
                block_list(text, &env.value, "env")?;
                let mut items = env.value.items().iter();
                if let Some(there) = items.find(|item| item.node.get("name").and_then(Node::text) == Some(name)) {
                    if there.node.get("value").and_then(Node::text) == Some(value) {
                        return Ok(());
                    }
                    return Err(Fault::at(text, there.node.span.start, format!("`{name}` is set to something else"))
                        .help(format!("set it to `{value}` here")));
                }
                let column = self.edits.column(env.value.items().first().map_or(0, |item| item.dash));
                self.edits.below(env.key.span.end, &item(&variable, column, self.indent_lists));
            }
            None => {
                block_map(text, container, "a container")?;
                undo["made"] = json!(true);
                let column = self.edits.column(called.key.span.start);
                let lines = entry("env", &Yaml::List(vec![variable]), column, self.indent_lists);
                self.edits.below(called.value.span.end, &lines);
            }
        }
        self.undo.insert("env".into(), undo);
        Ok(())
    }

    /// Time for open requests when the pod ends.
    fn grace(&mut self) -> Result<(), Fault> {
        let key = "terminationGracePeriodSeconds";
        let grace = format!("{key}: {}", self.options.grace);
        match self.spec().entry(key) {
            None => {
                self.made.push(json!(key));
                let lines = [format!("{}{grace}", " ".repeat(self.spec_column()))];
                self.edits.below(self.workload.spec.key.span.end, &lines);
            }
            Some(there) => {
                own(self.workload.text, &there.value, key)?;
                let seconds: u32 = there.value.text().and_then(|text| text.parse().ok()).ok_or_else(|| {
                    Fault::at(self.workload.text, there.value.span.start, format!("`{key}` is not a number"))
                        .help("write seconds")
                })?;
                if seconds < self.options.grace {
                    self.undo.insert("grace".into(), json!(self.workload.text[there.span()]));
                    self.edits.replace(there.span(), grace);
                }
            }
        }
        Ok(())
    }

    fn spec_column(&self) -> usize {
        self.edits.column(self.spec().span.start)
    }

    /// Puts items in front of a list of the pod's spec, which is made if it is not there.
    fn list(&mut self, key: &str, items: Vec<Yaml>) -> Result<(), Fault> {
        let Some(there) = self.spec().entry(key) else {
            self.made.push(json!(key));
            let lines = entry(key, &Yaml::List(items), self.spec_column(), self.indent_lists);
            self.edits.below(self.workload.spec.key.span.end, &lines);
            return Ok(());
        };
        any_list(self.workload.text, &there.value, key)?;
        if there.value.is_flow() {
            let items: Vec<String> = items.iter().map(flow).collect();
            self.edits.within(&there.value, &items.join(", "));
            return Ok(());
        }
        let column = self.edits.column(there.value.items().first().map_or(0, |item| item.dash));
        for yaml in &items {
            self.edits.below(there.key.span.end, &item(yaml, column, self.indent_lists));
        }
        Ok(())
    }

    /// Puts an entry in front of a map's others.
    fn first(&mut self, map: &Entry, key: &str, value: &Yaml) {
        if map.value.is_flow() {
            self.edits.within(&map.value, &format!("{key}: {}", flow(value)));
        } else {
            let column = self.edits.column(map.value.span.start);
            self.edits.below(map.key.span.end, &entry(key, value, column, self.indent_lists));
        }
    }

    /// Says in the pod's annotations that the gate is in it, and what was replaced.
    fn annotate(mut self) -> Result<(), Fault> {
        let text = self.workload.text;
        let (template, key) = self.workload.template;
        let metadata = template.entry("metadata");
        let annotations = metadata.and_then(|metadata| metadata.value.entry("annotations"));
        if annotations.is_none() {
            self.made.push(json!(if metadata.is_none() { "metadata" } else { "annotations" }));
        }
        self.undo.insert("made".into(), Json::Array(std::mem::take(&mut self.made)));
        let record = Yaml::Scalar(quote(&Json::Object(std::mem::take(&mut self.undo)).to_string()));
        let annotation = Yaml::Map(vec![(ANNOTATION.to_owned(), record.clone())]);
        match (metadata, annotations) {
            (Some(metadata), Some(annotations)) => {
                any_map(text, &metadata.value, "metadata")?;
                any_map(text, &annotations.value, "annotations")?;
                self.first(annotations, ANNOTATION, &record);
            }
            (Some(metadata), None) => {
                any_map(text, &metadata.value, "metadata")?;
                self.first(metadata, "annotations", &annotation);
            }
            (None, _) => {
                let Some(key) = key else {
                    return Err(
                        Fault::at(text, template.span.start, "a Pod without `metadata`").help("a Pod needs a name")
                    );
                };
                let column = self.edits.column(template.span.start);
                let metadata = Yaml::Map(vec![("annotations".to_owned(), annotation)]);
                self.edits.below(key.key.span.end, &entry("metadata", &metadata, column, self.indent_lists));
            }
        }
        Ok(())
    }
}
