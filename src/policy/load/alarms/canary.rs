//! `alarms[].when.canary`

use super::super::decode::{Decoder, Fields};
use crate::policy::fault::{Code, Fault};
use crate::policy::settings::{Place, When};
use crate::policy::yaml::{Entry, Node};

const PLACES: &[(&str, Place)] =
    &[("target", Place::Target), ("headers", Place::Headers), ("body", Place::Body), ("answer", Place::Answer)];

/// Decodes `canary:`, and where it is looked for.
pub(super) fn canary(d: &mut Decoder<'_>, fields: &Fields<'_>, entry: &Entry) -> Option<When> {
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

/// `in` beside something else.
pub(super) fn beside(d: &mut Decoder<'_>, fields: &Fields<'_>) {
    if let Some(entry) = fields.entry("in") {
        let fault = Fault::new(Code::Word, entry.value.span, "`in` says where canaries are looked for");
        d.fault(fault.label("nothing is looked for here").help("leave it out; `routes` says which requests are counted"));
    }
}
