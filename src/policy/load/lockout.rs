//! `lockout:`

use std::time::Duration;

use super::decode::{Decoder, Fields};
use super::units;
use crate::policy::fault::{Code, Fault};
use crate::policy::settings::{LockoutSettings, Mode, Threshold};
use crate::policy::shape;
use crate::policy::yaml::{Entry, Node, Value};
use crate::redact::Name;

const SECOND: Duration = Duration::from_secs(1);
const DAY: Duration = Duration::from_secs(86_400);
const MONTH: Duration = Duration::from_secs(31 * 86_400);
/// Each failure is remembered with its time: 65,536 offenders at 100 failures take 52 MB.
const MAX_FAILURES: u64 = 100;

/// What of a threshold is given.
#[derive(Clone, Copy, Default)]
struct Given {
    after: Option<units::Rate>,
    lasts: Option<Duration>,
    grow: Option<u8>,
    max: Option<Duration>,
    forget: Option<Duration>,
}

/// Decodes `lockout:`.
pub(super) fn lockout(d: &mut Decoder<'_>, entry: &Entry) -> Option<LockoutSettings> {
    let fields = d.fields(&entry.value, &shape::LOCKOUT)?;
    d.required(&fields, "after");
    d.required(&fields, "for");
    let base = given(d, &fields);
    let caller = of(d, fields.get("caller"), base);
    let address = of(d, fields.get("address"), base);
    let proven = fields.get("proven").and_then(|node| {
        let words = &[("pass", true), ("refuse", false)];
        d.word(node, "lockout.proven", words)
    });
    let mode = fields.get("mode").and_then(|node| super::routes::mode(d, node, "lockout.mode"));
    Some(LockoutSettings {
        rule: Name::configured("lockout").ok()?,
        caller: caller?,
        address: address?,
        spares_proven: proven.unwrap_or(true),
        mode: mode.unwrap_or(Mode::Enforce),
    })
}

/// What holds for one kind; `None` if it is not sound, `Some(None)` where it is off.
fn of(d: &mut Decoder<'_>, node: Option<&Node>, base: Given) -> Option<Option<Threshold>> {
    let own = match node {
        Some(Node { value: Value::Scalar(_), .. }) => {
            d.word(node?, "lockout of callers or addresses", &[("off", ())])?;
            return Some(None);
        }
        Some(node) => {
            let fields = d.fields(node, &shape::LOCKOUT_OF)?;
            given(d, &fields)
        }
        None => Given::default(),
    };
    let after = own.after.or(base.after)?;
    let lasts = own.lasts.or(base.lasts)?;
    Some(Some(Threshold {
        failures: u32::try_from(after.count).ok()?,
        window: after.period,
        lasts,
        grow: own.grow.or(base.grow).unwrap_or(1),
        max: own.max.or(base.max).unwrap_or(DAY).max(lasts),
        forget: own.forget.or(base.forget).unwrap_or(DAY),
    }))
}

fn given(d: &mut Decoder<'_>, fields: &Fields<'_>) -> Given {
    Given {
        after: fields.get("after").and_then(|node| after(d, node)),
        lasts: fields.get("for").and_then(|node| d.duration(node, "lockout.for", SECOND, MONTH)),
        grow: fields.get("grow").and_then(|node| grow(d, node)),
        max: fields.get("max").and_then(|node| d.duration(node, "lockout.max", SECOND, MONTH)),
        forget: fields
            .get("forget")
            .and_then(|node| d.duration(node, "lockout.forget", Duration::from_secs(60), MONTH)),
    }
}

fn after(d: &mut Decoder<'_>, node: &Node) -> Option<units::Rate> {
    let rate = d.rate(node, "lockout.after", units::failure_rate, "`5 failures/10m`")?;
    if rate.count > MAX_FAILURES || !(SECOND..=DAY).contains(&rate.period) {
        let message = format!("lockout.after is at most {MAX_FAILURES} failures in 1s to 1d");
        d.fault(Fault::new(Code::Rate, node.span, message).label("out of range"));
        return None;
    }
    Some(rate)
}

fn grow(d: &mut Decoder<'_>, node: &Node) -> Option<u8> {
    let text = d.text(node, "lockout.grow")?;
    let factor = text.strip_suffix('x').and_then(|n| n.parse::<u8>().ok()).filter(|factor| (1..=10).contains(factor));
    if factor.is_none() {
        let fault = Fault::new(Code::Number, node.span, "lockout.grow is a factor from 1x to 10x");
        d.fault(fault.label("not one of these"));
    }
    factor
}
