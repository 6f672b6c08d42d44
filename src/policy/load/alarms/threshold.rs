//! `alarms[].when.distinct` and `alarms[].when.count`

use super::super::decode::{Decoder, Fields};
use super::super::units;
use crate::policy::fault::{Code, Fault};
use crate::policy::settings::When;

/// Validates a threshold; without a running form in this build.
pub(super) fn threshold(d: &mut Decoder<'_>, fields: &Fields<'_>) -> Option<When> {
    let counted: Vec<_> = ["distinct", "count"].into_iter().filter_map(|key| fields.entry(key)).collect();
    for entry in &counted {
        d.text(&entry.value, "what an alarm counts");
        d.part("alarms.when.threshold", entry.key_span);
    }
    if counted.len() != 1 {
        let fault = Fault::new(Code::MissingKey, fields.at, "an alarm counts exactly one thing")
            .help("`distinct: path.order_id`, `count: …` or `canary: FILE`");
        d.fault(fault);
    }
    if let Some(node) = d.required(fields, "per") {
        let keys = &[("caller", ()), ("address", ()), ("role", ()), ("route", ()), ("caller+route", ())];
        d.word(node, "alarms.when.per", keys);
    }
    if let Some(node) = d.required(fields, "over") {
        d.rate(node, "alarms.when.over", units::rate, "`200/10m`");
    }
    None
}
