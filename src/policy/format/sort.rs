//! Keys in the order of the tables.

use super::{Entry, Node, Value};
use crate::policy::shape::{Kind, POLICY, Section, cases};

/// Sorts the keys of every section; what the policy names itself stays in its order.
pub(super) fn sort(root: &mut Node) {
    let Value::Map { items, .. } = &root.value else { return };
    let is_cases = items.iter().any(|entry| entry.named("cases"));
    let section = if is_cases { &cases::FILE_OF_CASES } else { &POLICY };
    node(root, Kind::Map(section));
}

fn node(of: &mut Node, kind: Kind) {
    match (kind, &mut of.value) {
        (Kind::Map(section) | Kind::One(section), Value::Map { items, .. }) => entries(items, section),
        (Kind::List(item) | Kind::Filled(item), Value::List { items, .. })
        | (Kind::Named(item), Value::Map { items, .. }) => {
            for entry in items {
                node(&mut entry.value, *item);
            }
        }
        (Kind::Either(one, other), _) => {
            node(of, *one);
            node(of, *other);
        }
        _ => {}
    }
}

fn entries(items: &mut [Entry], section: &'static Section) {
    for entry in items.iter_mut() {
        let key = section.keys.iter().find(|key| entry.named(key.name));
        if let Some(key) = key {
            node(&mut entry.value, key.kind);
        }
    }
    let place = |entry: &Entry| section.keys.iter().position(|key| entry.named(key.name)).unwrap_or(usize::MAX);
    items.sort_by_key(place);
}
impl Entry {
    fn named(&self, name: &str) -> bool {
        self.key.as_ref().is_some_and(|key| key.text == name)
    }
}
