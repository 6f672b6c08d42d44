//! `alarms[].when.canary`

use super::super::decode::{Decoder, Fields};
use super::threshold::without_effect;
use crate::policy::settings::{Place, When};
use crate::policy::yaml::{Entry, Node};

const PLACES: &[(&str, Place)] =
    &[("target", Place::Target), ("headers", Place::Headers), ("body", Place::Body), ("answer", Place::Answer)];

/// Keys of detectors.
const UNUSED: &[&str] = &["over", "floor", "share", "learn", "per", "of", "routes", "zone"];

/// Decodes `canary:`, and where it is looked for.
pub(super) fn canary(d: &mut Decoder<'_>, fields: &Fields<'_>, entry: &Entry) -> Option<When> {
    for key in UNUSED.iter().filter_map(|key| fields.entry(key)) {
        without_effect(d, key, "canary");
    }
    let path = d.existing(&entry.value, "alarms.when.canary", "`portcullis canary add` makes one");
    let places = fields.get("in").map_or_else(|| Place::ALL.to_vec(), |node| places(d, node));
    Some(When::Canary { file: path?, places })
}

fn places(d: &mut Decoder<'_>, node: &Node) -> Vec<Place> {
    let mut places: Vec<Place> = Vec::new();
    let items = d.filled_list(node, "alarms.when.in").unwrap_or_default();
    for item in items {
        let Some(place) = d.word(item, "alarms.when.in", PLACES) else { continue };
        if places.contains(&place) {
            let word = d.text(item, "alarms.when.in").unwrap_or_default().to_owned();
            d.listed_twice("alarms.when.in", &word, item.span, items);
        } else {
            places.push(place);
        }
    }
    places
}
