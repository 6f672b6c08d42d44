//! The way back: what `inject` put in is taken out, and what it replaced is put back from the annotation.

use serde_json::Value as Json;

use super::ANNOTATION;
use super::edit::Edits;
use super::fault::Fault;
use super::sidecar::{CLOSER, GATE, KEYS, POLICIES, STATE};
use super::tree::{Entry, Item, Node};
use super::workload::Workload;

/// The annotation of a workload that the gate is in.
fn annotation<'t>(workload: &Workload<'t>) -> Option<(&'t Entry, &'t Entry, &'t Entry)> {
    let metadata = workload.template.0.entry("metadata")?;
    let annotations = metadata.value.entry("annotations")?;
    Some((metadata, annotations, annotations.value.entry(ANNOTATION)?))
}

fn is_ours(node: &Node) -> bool {
    node.get("name").and_then(Node::text).is_some_and(|name| [GATE, CLOSER, POLICIES, KEYS, STATE].contains(&name))
}

/// Whether the gate is in it with all of its parts.
pub(super) fn is_complete(workload: &Workload<'_>) -> bool {
    let has = |list: &str, name: &str| {
        let items = workload.spec.value.get(list).map(Node::items).unwrap_or_default();
        items.iter().any(|item| item.node.get("name").and_then(Node::text) == Some(name))
    };
    annotation(workload).is_some()
        && has("initContainers", GATE)
        && [POLICIES, KEYS, STATE].iter().all(|volume| has("volumes", volume))
}

/// Takes the gate out of one workload, if it is in it.
pub(super) fn undo(edits: &mut Edits<'_>, workload: &Workload<'_>) -> Result<(), Fault> {
    let Some((metadata, annotations, ours)) = annotation(workload) else { return Ok(()) };
    let record: Json = ours.value.text().and_then(|text| serde_json::from_str(text).ok()).ok_or_else(|| {
        Fault::at(workload.text, ours.key.span.start, format!("the annotation `{ANNOTATION}` is damaged"))
            .help("put back the file from before, or take the gate's parts out by hand and the annotation with them")
    })?;
    let made: Vec<&str> = record["made"].as_array().into_iter().flatten().filter_map(Json::as_str).collect();
    let spec = &workload.spec.value;

    let only_ours = annotations.value.entries().len() == 1;
    if made.contains(&"metadata") && only_ours && metadata.value.entries().len() == 1 {
        edits.cut_entry(workload.template.0, metadata);
    } else if only_ours && (made.contains(&"annotations") || made.contains(&"metadata")) {
        edits.cut_entry(&metadata.value, annotations);
    } else {
        edits.cut_entry(&annotations.value, ours);
    }
    for key in ["initContainers", "volumes"] {
        let Some(list) = spec.entry(key) else { continue };
        let items = list.value.items();
        if made.contains(&key) && items.iter().all(|item| is_ours(&item.node)) {
            edits.cut_entry(spec, list);
        } else {
            items.iter().filter(|item| is_ours(&item.node)).for_each(|item| edits.cut_item(&list.value, item));
        }
    }
    grace(edits, spec, &record, made.contains(&"terminationGracePeriodSeconds"));
    if let Some(port) = record.get("port") {
        port_name(edits, spec, port);
    }
    if let Some(env) = record.get("env") {
        environment(edits, spec, env);
    }
    for (place, replaced) in record["probes"].as_object().into_iter().flatten() {
        probe(edits, spec, place, replaced);
    }
    Ok(())
}

fn grace(edits: &mut Edits<'_>, spec: &Node, record: &Json, made: bool) {
    let Some(entry) = spec.entry("terminationGracePeriodSeconds") else { return };
    if made {
        edits.cut_entry(spec, entry);
    } else if let Some(raw) = record["grace"].as_str() {
        edits.replace(entry.span(), raw);
    }
}

/// The container of a name, among those that `inject` changes.
fn container<'t>(spec: &'t Node, name: &str) -> Option<&'t Node> {
    let lists = ["initContainers", "containers"].into_iter().filter_map(|key| spec.get(key));
    lists.flat_map(Node::items).map(|item| &item.node).find(|node| node.get("name").and_then(Node::text) == Some(name))
}

fn port_name(edits: &mut Edits<'_>, spec: &Node, record: &Json) {
    let (Some(name), Some(raw)) = (record["container"].as_str(), record["name"].as_str()) else { return };
    let ports = container(spec, name).and_then(|container| container.get("ports")).map(Node::items).unwrap_or_default();
    let entries = ports.iter().filter_map(|item| item.node.entry("name"));
    if let Some(entry) = entries.into_iter().find(|entry| entry.value.text() == Some(super::splice::BEHIND)) {
        edits.replace(entry.span(), raw);
    }
}

fn environment(edits: &mut Edits<'_>, spec: &Node, record: &Json) {
    let (Some(name), Some(variable)) = (record["container"].as_str(), record["name"].as_str()) else { return };
    let Some(container) = container(spec, name) else { return };
    let Some(env) = container.entry("env") else { return };
    let is_it = |item: &&Item| item.node.get("name").and_then(Node::text) == Some(variable);
    let items = env.value.items();
    if record["made"] == Json::Bool(true) && items.len() == 1 && items.iter().all(|item| is_it(&item)) {
        edits.cut_entry(container, env);
    } else if let Some(item) = items.iter().find(is_it) {
        edits.cut_item(&env.value, item);
    }
}

fn probe(edits: &mut Edits<'_>, spec: &Node, place: &str, replaced: &Json) {
    let Some((name, called)) = place.split_once('/') else { return };
    let path = super::probes::place(called);
    let Some(probe) = container(spec, name).and_then(|container| container.at(path)) else { return };
    let Some(action) = probe.entry("httpGet") else { return };
    let whole = &action.value;
    // A probe that somebody has pointed elsewhere since is theirs.
    let ours = format!("/probe/{place}");
    let (Some(path), Some(port)) = (whole.entry("path"), whole.entry("port")) else { return };
    if path.value.text() != Some(&ours) {
        return;
    }
    if let Some(raw) = replaced["action"].as_str() {
        edits.replace(action.key.span.clone(), raw);
    }
    if let Some(raw) = replaced["port"].as_str() {
        edits.replace(port.span(), raw);
    }
    let next = whole.entries().iter().map(|entry| entry.key.span.start).find(|start| *start > path.key.span.start);
    match (replaced["path"].as_str(), next) {
        (Some(raw), _) => edits.replace(path.span(), raw),
        (None, Some(next)) => edits.replace(path.key.span.start..next, ""),
        (None, None) => {}
    }
}
