//! Limits that never bind: others always do first, or nothing ever reaches them.

use std::sync::Arc;

use super::decode::{Decoder, Fields};
use crate::policy::fault::{Code, Fault, quote};
use crate::policy::route::Route;
use crate::policy::settings::{Limit, Quota};
use crate::policy::source::Span;
use crate::policy::yaml::{Node, Value};

/// Routes as bits.
type Bits = Vec<u64>;

/// Notes limits that never bind. `routes` carry all limits that hold on them.
pub(super) fn never(d: &mut Decoder<'_>, fields: &Fields<'_>, routes: &[Route], limits: &[Arc<Limit>]) {
    let held: Vec<Bits> = held(routes, limits.len());
    for (place, limit) in limits.iter().enumerate() {
        let Some(span) = place_of(fields, limit.name.as_str()) else { continue };
        if beyond_reach(limit) {
            let message = format!("the burst of {} is more than it lets through in a day", quote(limit.name.as_str()));
            let fault = Fault::new(Code::NeverBinds, span, message).label("holds nobody back");
            d.fault(fault.help("a burst is what may come at once: some seconds' worth").warning());
        }
        if counts_more(limit) {
            continue;
        }
        let stricter = limits.iter().enumerate().find(|(other_place, other)| {
            let first = *other_place < place;
            *other_place != place
                && always_first(other, limit, first)
                && held[place].iter().zip(&held[*other_place]).all(|(these, those)| these & !those == 0)
        });
        if let Some((_, other)) = stricter {
            let message = format!(
                "{} never binds: {} holds on the same routes and is always reached first",
                quote(limit.name.as_str()),
                quote(other.name.as_str())
            );
            let mut fault = Fault::new(Code::NeverBinds, span, message).label("without effect");
            if let Some(span) = place_of(fields, other.name.as_str()) {
                fault = fault.also(span, "always reached first");
            }
            d.fault(fault.help("take it out, or make it the stricter one").warning());
        }
    }
}

fn held(routes: &[Route], limits: usize) -> Vec<Bits> {
    let mut held = vec![vec![0; routes.len().div_ceil(64)]; limits];
    for (place, route) in routes.iter().enumerate() {
        for limit in &route.limits {
            if let Some(bits) = held.get_mut(limit.index) {
                bits[place / 64] |= 1 << (place % 64);
            }
        }
    }
    held
}

/// Whether `one` is reached no later than `other`, wherever both hold. Of two alike the `first` one counts.
fn always_first(one: &Limit, other: &Limit, first: bool) -> bool {
    let (Some(quota), Some(other_quota)) = (&one.requests, &other.requests) else { return false };
    // What is only recorded holds nobody back before another one does.
    if one.per != other.per || one.mode != other.mode || quota.burst > other_quota.burst {
        return false;
    }
    let rate = |quota: &Quota, by: &Quota| u128::from(quota.amount) * by.period.as_millis();
    let (slow, fast) = (rate(quota, other_quota), rate(other_quota, quota));
    slow <= fast && (first || slow < fast || quota.burst < other_quota.burst)
}

fn beyond_reach(limit: &Limit) -> bool {
    const DAY: u128 = 86_400_000;
    limit.requests.is_some_and(|quota| {
        let day = u128::from(quota.amount) * DAY / quota.period.as_millis().max(1);
        u128::from(quota.burst) > day.max(u128::from(quota.amount))
    })
}

/// Whether it counts something beside requests.
const fn counts_more(limit: &Limit) -> bool {
    limit.bytes.is_some() || limit.records.is_some() || limit.concurrent.is_some()
}

/// Where a limit stands.
fn place_of(fields: &Fields<'_>, name: &str) -> Option<Span> {
    let Some(Node { value: Value::List(items), .. }) = fields.get("limits") else { return None };
    items.iter().find_map(|item| {
        let Value::Map(entries) = &item.value else { return None };
        let named = entries
            .iter()
            .find(|entry| entry.key == "name" && matches!(&entry.value.value, Value::Scalar(text) if text == name))?;
        Some(named.value.span)
    })
}
