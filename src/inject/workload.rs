//! Which parts of a file run pods, and where a pod's template stands in them.

use super::fault::Fault;
use super::tree::{Entry, Node, Value};

/// Something that runs pods.
pub(super) struct Workload<'t> {
    pub text: &'t str,
    /// `Deployment/shop`, for people.
    pub name: String,
    /// The map that holds `metadata` and `spec` of the pod, and the key before it; none for a Pod itself.
    pub template: (&'t Node, Option<&'t Entry>),
    /// The pod's own `spec`.
    pub spec: &'t Entry,
}

/// Kinds with the first part of their `apiVersion`, and where the pod's template is.
const KINDS: &[(&str, &str, &[&str])] = &[
    ("Pod", "v1", &[]),
    ("Deployment", "apps/", &["spec", "template"]),
    ("StatefulSet", "apps/", &["spec", "template"]),
    ("DaemonSet", "apps/", &["spec", "template"]),
    ("Job", "batch/", &["spec", "template"]),
    ("CronJob", "batch/", &["spec", "jobTemplate", "spec", "template"]),
];

/// Lists within lists.
const MAX_LISTS: usize = 4;

/// All of them, in the order of the file. Everything else is nobody's business here.
pub(super) fn find<'t>(text: &'t str, roots: &'t [Node]) -> Result<Vec<Workload<'t>>, Fault> {
    let mut found = Vec::new();
    for root in roots {
        add(text, root, 0, &mut found)?;
    }
    Ok(found)
}

fn add<'t>(text: &'t str, node: &'t Node, depth: usize, found: &mut Vec<Workload<'t>>) -> Result<(), Fault> {
    let (Some(kind), Some(version)) = (said(node, "kind"), said(node, "apiVersion")) else { return Ok(()) };
    if kind == "List" && version == "v1" && depth < MAX_LISTS {
        for item in node.get("items").map(Node::items).unwrap_or_default() {
            add(text, &item.node, depth + 1, found)?;
        }
        return Ok(());
    }
    let Some((.., path)) = KINDS.iter().find(|(name, group, _)| *name == kind && is_version_of(version, group)) else {
        return Ok(());
    };
    let given = node.at(&["metadata", "name"]).or_else(|| node.at(&["metadata", "generateName"]));
    let name = format!("{kind}/{}", given.and_then(Node::text).unwrap_or("?"));
    block_map(text, node, &name)?;
    let (mut template, mut key) = (node, None);
    for step in *path {
        let entry = template.entry(step).ok_or_else(|| lacking(text, template, &name, step))?;
        block_map(text, &entry.value, step)?;
        (template, key) = (&entry.value, Some(entry));
    }
    let spec = template.entry("spec").ok_or_else(|| lacking(text, template, &name, "spec"))?;
    block_map(text, &spec.value, "spec")?;
    found.push(Workload { text, name, template: (template, key), spec });
    Ok(())
}

/// `apps/v1` is of `apps/`, `v1` of `v1` alone.
fn is_version_of(version: &str, group: &str) -> bool {
    if group.ends_with('/') { version.starts_with(group) } else { version == group }
}

fn said<'t>(node: &'t Node, key: &str) -> Option<&'t str> {
    node.get(key).and_then(Node::text)
}

fn lacking(text: &str, node: &Node, name: &str, key: &str) -> Fault {
    Fault::at(text, node.span.start, format!("{name} has no `{key}` here"))
        .help("check it with `kubectl apply --dry-run=client -f`")
}

/// A map in block style, without anything that pulls in what stands elsewhere.
pub(super) fn block_map(text: &str, node: &Node, what: &str) -> Result<(), Fault> {
    any_map(text, node, what)?;
    if node.is_flow() { Err(flow(text, node, what)) } else { Ok(()) }
}

/// The same in either style.
pub(super) fn any_map(text: &str, node: &Node, what: &str) -> Result<(), Fault> {
    own(text, node, what)?;
    match &node.value {
        Value::Map { entries, .. } => match entries.iter().find(|entry| entry.key.text() == Some("<<")) {
            None => Ok(()),
            Some(merge) => Err(Fault::at(text, merge.key.span.start, format!("a merge key (`<<`) in `{what}`"))
                .help("write its keys out: what it brings in cannot be changed here")),
        },
        _ => Err(Fault::at(text, node.span.start, format!("`{what}` is not a map"))
            .help("check it with `kubectl apply --dry-run=client -f`")),
    }
}

/// A list in either style; in block style, one with something in it.
pub(super) fn any_list(text: &str, node: &Node, what: &str) -> Result<(), Fault> {
    if node.is_flow() && matches!(node.value, Value::List { .. }) {
        return own(text, node, what);
    }
    block_list(text, node, what)
}

/// A list in block style.
pub(super) fn block_list(text: &str, node: &Node, what: &str) -> Result<(), Fault> {
    own(text, node, what)?;
    match &node.value {
        Value::List { flow: false, items } if !items.is_empty() => Ok(()),
        Value::List { .. } => Err(flow(text, node, what)),
        _ => Err(Fault::at(text, node.span.start, format!("`{what}` is not a list with something in it"))
            .help("leave the key out if there is nothing to say")),
    }
}

/// No alias, and no anchor that others refer to.
pub(super) fn own(text: &str, node: &Node, what: &str) -> Result<(), Fault> {
    if !node.is_marked {
        return Ok(());
    }
    let mark = if matches!(node.value, Value::Alias) { "an alias" } else { "an anchor or a tag" };
    Err(Fault::at(text, node.span.start, format!("{mark} at `{what}`, which has to be changed"))
        .help("write the value out here, so that nothing else changes with it"))
}

fn flow(text: &str, node: &Node, what: &str) -> Fault {
    let help = if text.trim_start().starts_with(['{', '[']) {
        "this is JSON: have it written as YAML in block style first, by `yq -P` for one"
    } else {
        "write it in block style, one line for each entry; leave it out if it is empty"
    };
    Fault::at(text, node.span.start, format!("`{what}` stands in brackets, into which nothing can be spliced"))
        .help(help)
}
