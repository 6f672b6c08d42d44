//! Manifests that nobody wrote: whatever form they have, the way back is exact, and nothing else changes.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use proptest::prelude::*;

use super::*;
use crate::inject::tree::{Node, Value};

/// What a node says, without form and place.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Said {
    Text(String),
    List(Vec<Said>),
    Map(BTreeMap<String, Said>),
}

fn said(node: &Node) -> Said {
    match &node.value {
        Value::Scalar { text, .. } => Said::Text(text.clone()),
        Value::List { items, .. } => Said::List(items.iter().map(|item| said(&item.node)).collect()),
        Value::Map { entries, .. } => Said::Map(
            entries.iter().map(|entry| (entry.key.text().unwrap_or("~").to_owned(), said(&entry.value))).collect(),
        ),
        Value::Alias => Said::Text("*".to_owned()),
    }
}

impl Said {
    fn map(&mut self) -> &mut BTreeMap<String, Self> {
        let Self::Map(map) = self else { panic!("a map") };
        map
    }

    fn at(&mut self, path: &[&str]) -> &mut Self {
        path.iter().fold(self, |said, key| said.map().get_mut(*key).unwrap_or_else(|| panic!("no {key}")))
    }
}

/// Takes out of a pod's spec, by what it says alone, all that inject may have put there or changed.
fn without_the_gate(template: &mut Said) {
    let ours = |item: &Said| matches!(item, Said::Map(map) if matches!(map.get("name"), Some(Said::Text(name)) if name.starts_with("portcullis")));
    let spec = template.at(&["spec"]).map();
    for key in ["initContainers", "volumes"] {
        let Some(Said::List(items)) = spec.get_mut(key) else { continue };
        items.retain(|item| !ours(item));
        if items.is_empty() {
            spec.remove(key);
        }
    }
    spec.remove("terminationGracePeriodSeconds");
    for key in ["containers", "initContainers"] {
        let Some(Said::List(items)) = spec.get_mut(key) else { continue };
        for item in items {
            let container = item.map();
            for probe in ["startupProbe", "livenessProbe", "readinessProbe"] {
                for action in ["httpGet", "tcpSocket", "grpc"] {
                    container.get_mut(probe).map(|probe| probe.map().remove(action));
                }
            }
            for port in container.get_mut("ports").into_iter().flat_map(|ports| match ports {
                Said::List(ports) => ports.iter_mut(),
                _ => panic!("a list"),
            }) {
                port.map().remove("name");
            }
        }
    }
    if let Some(metadata) = template.map().get_mut("metadata") {
        if let Some(annotations) = metadata.map().get_mut("annotations") {
            annotations.map().remove(ANNOTATION);
            if annotations.map().is_empty() {
                metadata.map().remove("annotations");
            }
        }
        if metadata.map().is_empty() {
            template.map().remove("metadata");
        }
    }
}

/// Pieces of a manifest's form.
#[derive(Clone, Debug)]
struct Form {
    list_indent: usize,
    step: usize,
    comments: Vec<u8>,
    crlf: bool,
    last_newline: bool,
    path: &'static [&'static str],
    order: u8,
    init: bool,
    volumes: bool,
    annotations: bool,
    metadata: bool,
    probes: Vec<u8>,
    named: bool,
    flow_port: bool,
    flow: bool,
}

fn form() -> impl Strategy<Value = Form> {
    let paths = prop::sample::select(vec![
        &[][..],
        &["spec", "template"][..],
        &["spec", "jobTemplate", "spec", "template"][..],
    ]);
    let switches = prop::array::uniform9(any::<bool>());
    (
        0..2_usize,
        1..5_usize,
        prop::collection::vec(0..6_u8, 40),
        paths,
        any::<u8>(),
        prop::collection::vec(0..7_u8, 3),
        switches,
    )
        .prop_map(|(list_indent, step, comments, path, order, probes, switches)| {
            let [crlf, last_newline, init, volumes, annotations, metadata, named, flow_port, flow] = switches;
            Form {
                list_indent: list_indent * step,
                step,
                comments,
                crlf,
                last_newline,
                path,
                order,
                init,
                volumes,
                annotations,
                metadata: metadata || path.is_empty(),
                probes,
                named,
                flow_port,
                flow,
            }
        })
}

/// Writes lines with comments and blank lines strewn in.
struct Page<'f> {
    form: &'f Form,
    text: String,
    count: usize,
}

impl Page<'_> {
    fn line(&mut self, indent: usize, line: &str) {
        let chance = self.form.comments[self.count % self.form.comments.len()];
        self.count += 1;
        let pad = " ".repeat(indent);
        match chance {
            0 => writeln!(self.text, "{pad}# above {}: it's - [here]", self.count).unwrap(),
            1 => self.text.push('\n'),
            2 => writeln!(self.text, "   # astray {}", self.count).unwrap(),
            _ => {}
        }
        writeln!(self.text, "{pad}{line}{}", if chance == 3 { "   # beside" } else { "" }).unwrap();
    }
}

fn write(form: &Form) -> String {
    let mut page = Page { form, text: String::new(), count: 0 };
    let step = form.step;
    let (version, kind) = match form.path.len() {
        0 => ("v1", "Pod"),
        2 => ("apps/v1", "Deployment"),
        _ => ("batch/v1", "CronJob"),
    };
    page.line(0, &format!("apiVersion: {version}"));
    page.line(0, &format!("kind: \"{kind}\""));
    if !form.path.is_empty() {
        page.line(0, "metadata: {name: w, labels: {a: b}}");
    }
    let mut at = 0;
    for key in form.path {
        page.line(at, &format!("{key}:"));
        at += step;
    }
    if form.metadata && form.order & 1 == 0 {
        metadata(&mut page, at);
    }
    page.line(at, "spec:");
    let spec = at + step;
    if form.volumes && form.flow {
        let volumes = ["[]", "[ ]", "[{name: data, emptyDir: {}}]", "[ {name: data, emptyDir: {}} ]"];
        page.line(spec, &format!("volumes: {}", volumes[usize::from(form.order >> 4 & 3)]));
    } else if form.volumes {
        page.line(spec, "volumes:");
        page.line(spec + form.list_indent, "- name: data");
        page.line(spec + form.list_indent + 2, "emptyDir: {}");
    }
    if form.order & 2 == 0 {
        page.line(spec, "terminationGracePeriodSeconds: 10");
    }
    if form.init {
        page.line(spec, "initContainers:");
        page.line(spec + form.list_indent, "-   name: migrate");
        page.line(spec + form.list_indent + 4, "image: 'registry.example/migrate@sha256:00'");
    }
    page.line(spec, "containers:");
    container(&mut page, spec + form.list_indent);
    if form.order & 4 == 0 {
        page.line(spec, "restartPolicy: Always");
    }
    if form.metadata && form.order & 1 == 1 {
        metadata(&mut page, at);
    }
    let mut text = page.text;
    if !form.last_newline {
        text.truncate(text.trim_end().len());
    }
    if form.crlf { text.replace('\n', "\r\n") } else { text }
}

fn metadata(page: &mut Page<'_>, at: usize) {
    let step = page.form.step;
    if page.form.flow {
        let annotations = ["annotations: {}", "annotations: { }", "annotations: {a: b}", "labels: {a: b}"];
        let annotations = annotations[usize::from(page.form.order >> 6)];
        return page.line(at, &format!("metadata: {{ name: w, {annotations}}}"));
    }
    page.line(at, "metadata:");
    page.line(at + step, "name: w");
    if page.form.annotations {
        page.line(at + step, "annotations:");
        page.line(at + 2 * step, "example/note: 'it''s'");
    }
}

fn container(page: &mut Page<'_>, at: usize) {
    let form = page.form;
    page.line(at, "- name: app");
    let at = at + 2;
    page.line(at, "image: \"registry.example/app:1\"");
    page.line(at, "args:");
    page.line(at, "- |");
    page.text.push_str(&format!("{0}# not a comment\n{0}- x: [\n", " ".repeat(at + 2)));
    page.line(at, "ports:");
    match (form.flow_port, form.named) {
        (true, true) => page.line(at + form.list_indent, "- { name: web, containerPort: 8080 }"),
        (true, false) => page.line(at + form.list_indent, "- {containerPort: 8080}"),
        (false, named) => {
            page.line(at + form.list_indent, "- containerPort: 8080");
            if named {
                page.line(at + form.list_indent + 2, "name: web");
            }
        }
    }
    for (name, kind) in ["livenessProbe", "readinessProbe", "startupProbe"].iter().zip(&form.probes) {
        let port = if form.named { "web" } else { "8080" };
        match kind {
            0 => page.line(
                at,
                &format!("{name}: {{httpGet: {{path: \"/a b#c\", port: {port}}}, periodSeconds: 3}}")
                    .replace("a b#c", "a%20b"),
            ),
            1 | 2 => {
                page.line(at, &format!("{name}:"));
                page.line(at + 2, "httpGet:");
                if *kind == 1 {
                    page.line(at + 4, "path: /ready?a=b");
                }
                page.line(at + 4, &format!("port: {port}"));
                page.line(at + 2, "timeoutSeconds: 2");
            }
            3 => {
                page.line(at, &format!("{name}:"));
                page.line(at + 2, "timeoutSeconds: 2");
                page.line(at + 2, "tcpSocket:");
                page.line(at + 4, "port:   8080");
            }
            4 => {
                page.line(at, &format!("{name}:"));
                page.line(at + 2, "grpc:");
                page.line(at + 4, "port: 8080");
                page.line(at + 4, "service: 'a.B'");
            }
            5 => page.line(at, &format!("{name}: {{exec: {{command: [\"true\"]}}}}")),
            _ => {}
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn whatever_the_form_the_way_back_is_exact_and_nothing_else_changes(form in form(), with_variable: bool) {
        let text = write(&form);
        let options = if with_variable { Options { close: Close::Loopback(None), ..options() } } else { options() };
        let injected = there_and_back(&text, &options);
        for line in text.lines().filter(|line| line.contains('#')) {
            let comment = &line[line.find('#').unwrap()..];
            prop_assert!(injected.text.contains(comment), "lost: {comment}");
        }
        let (before, after) = (tree::read(&text).unwrap(), tree::read(&injected.text).unwrap());
        let (mut before, mut after) = (said(&before[0]), said(&after[0]));
        without_the_gate(before.at(form.path));
        without_the_gate(after.at(form.path));
        prop_assert_eq!(before, after);
    }

    #[test]
    fn any_text_is_answered_without_a_panic(text in "[ -~\n]{0,200}", at in 0..400_usize) {
        let _ = inject(&text, &options());
        // A manifest with a piece of something else in it.
        let mut manifest = inject(&pod(""), &options()).unwrap().text;
        manifest.insert_str(at.min(manifest.len()), &text);
        if let Ok(injected) = inject(&manifest, &options()) {
            prop_assert_eq!(remove(&injected.text).unwrap(), remove(&manifest).unwrap());
        }
    }
}
