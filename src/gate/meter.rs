//! Answers as limits see them: bytes and records are counted on their way out, and an answer ends where its limits do.

use bytes::Bytes;
use http::HeaderMap;
use http::header::{self, HeaderName, HeaderValue};
use http::response::Parts;
use http::status::StatusCode;

use super::denial::Denial;
use super::open::Cut;
use super::visit::Visit;
use crate::audit::End;
use crate::limits::{Grant, Measure, Over, Spent, Standing};
use crate::policy::settings::{Limit, Quota};

/// draft-ietf-httpapi-ratelimit-headers-10 section 3: what holds.
static POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");
/// Section 4: what is left of it.
static LEFT: HeaderName = HeaderName::from_static("ratelimit");

impl Visit {
    /// The limits let it through, on these terms.
    pub(super) fn holds(&mut self, grant: Grant) {
        if let Some(over) = grant.shadowed() {
            self.limit_in_shadow(over);
        }
        if grant.is_open() {
            self.account = Some(Box::new(grant));
        }
    }

    /// Whether records of its answer are counted: then the app is to send it plain and whole.
    pub(super) fn counts_records(&self) -> bool {
        self.account.as_ref().is_some_and(|account| account.counts_records())
    }

    /// Whether what is to be counted in the answer can be. `plain` is false for another protocol's bytes.
    pub(super) fn countable(&mut self, head: &Parts, plain: bool) -> Result<(), Denial> {
        let Some(account) = self.account.as_mut().filter(|account| account.counts_records()) else { return Ok(()) };
        let before = account.shadowed();
        let found = match (plain && is_plain(head), head.status.is_success(), is_json(&head.headers)) {
            (true, _, true) => Ok(()),
            // An app's word that something failed is no record, and often no JSON.
            (true, false, false) => {
                account.has_no_records();
                Ok(())
            }
            _ => account.not_countable(),
        };
        let after = account.shadowed();
        if let Some(over) = after.filter(|_| before.is_none()) {
            self.limit_in_shadow(over);
        }
        found.map_err(Denial::from)
    }

    /// A piece of the answer is about to go out; it is shortened to what may. `last` if nothing comes behind it. What
    /// ends the answer is then a reason to cut it.
    pub(super) fn passes(&mut self, piece: &mut Bytes, last: bool) {
        let Some(account) = self.account.as_mut() else { return };
        let gate = std::rc::Rc::clone(&self.gate);
        let before = account.shadowed();
        let ended = account.pass(&gate.limits, piece, last, gate.lately.get().ticks);
        let after = account.shadowed();
        self.settle(before, after, ended);
    }

    /// Bytes of another protocol are about to go out: how many may.
    pub(super) fn passes_bytes(&mut self, wanted: usize) -> usize {
        let Some(account) = self.account.as_mut() else { return wanted };
        let gate = std::rc::Rc::clone(&self.gate);
        let before = account.shadowed();
        let (granted, ended) = account.pass_bytes(&gate.limits, wanted as u64, gate.lately.get().ticks);
        let after = account.shadowed();
        self.settle(before, after, ended);
        usize::try_from(granted).unwrap_or(wanted)
    }

    fn settle(&mut self, before: Option<Over>, after: Option<Over>, ended: Result<(), Over>) {
        if let Some(over) = after.filter(|_| before.is_none()) {
            self.limit_in_shadow(over);
        }
        if let (Err(over), Some(open)) = (ended, self.open()) {
            let end = match over {
                Over::Spent(_) => End::LimitReached,
                Over::Uncountable(_) => End::Uncountable,
            };
            open.ends(Cut { end, denial: Denial::from(over) });
        }
    }

    /// Tells the caller what is left, if a limit is to.
    pub(super) fn tells(&self, fields: &mut HeaderMap) {
        let Some(standing) = self.account.as_ref().and_then(|account| account.standing()) else { return };
        let Some(limit) = self.gate.policy.limits.get(standing.limit) else { return };
        say(fields, limit, &standing);
    }
}

/// `RateLimit-Policy`, `RateLimit` and `Retry-After` of a refusal.
pub(super) fn refusal(fields: &mut HeaderMap, limit: Option<&Limit>, spent: &Spent) {
    let wait = spent.wait.as_secs().saturating_add(1);
    fields.insert(header::RETRY_AFTER, HeaderValue::from(wait));
    if let Some(limit) = limit {
        let full_in = std::time::Duration::from_secs(wait);
        say(fields, limit, &Standing { limit: spent.limit, measure: spent.measure, most: 0, left: 0, full_in });
    }
}

/// Names are tokens, so they stand in a string of RFC 9651 as they are.
fn say(fields: &mut HeaderMap, limit: &Limit, standing: &Standing) {
    let name = limit.name.as_str();
    let window = |quota: &Quota| {
        // Windows are whole seconds.
        let (nanos, whole) = (quota.period.as_nanos().max(1), quota.period.as_nanos().div_ceil(1_000_000_000).max(1));
        (u128::from(quota.amount) * whole * 1_000_000_000 / nanos, whole)
    };
    let (item, quota, unit) = match standing.measure {
        Measure::Requests => (name.to_owned(), limit.requests, "requests"),
        Measure::Bytes => (format!("{name}.bytes"), limit.bytes, "content-bytes"),
        Measure::Records => (format!("{name}.records"), limit.records.as_ref().map(|records| records.quota), "records"),
        Measure::Concurrent => (format!("{name}.concurrent"), None, "concurrent-requests"),
    };
    let policy = match quota.as_ref().map(window) {
        Some((amount, seconds)) if unit == "requests" => format!("\"{item}\";q={amount};w={seconds}"),
        Some((amount, seconds)) => format!("\"{item}\";q={amount};w={seconds};qu=\"{unit}\""),
        None => format!("\"{item}\";q={};qu=\"{unit}\"", limit.concurrent.unwrap_or_default()),
    };
    let seconds = standing.full_in.as_secs() + u64::from(standing.full_in.subsec_nanos() > 0);
    let left = format!("\"{item}\";r={};t={seconds}", standing.left);
    if let (Ok(policy), Ok(left)) = (HeaderValue::try_from(policy), HeaderValue::try_from(left)) {
        fields.insert(POLICY.clone(), policy);
        fields.insert(LEFT.clone(), left);
    }
}

/// Whether an answer is whole and as it is written.
pub(super) fn is_plain(head: &Parts) -> bool {
    let identity = |value: &HeaderValue| value.as_bytes().eq_ignore_ascii_case(b"identity");
    head.status != StatusCode::PARTIAL_CONTENT && head.headers.get_all(header::CONTENT_ENCODING).iter().all(identity)
}

/// `application/json`, or a type with the suffix `+json` (RFC 6839 section 3.1).
pub(super) fn is_json(fields: &HeaderMap) -> bool {
    let types = fields.get_all(header::CONTENT_TYPE);
    let mut types = types.iter();
    let (Some(value), None) = (types.next(), types.next()) else { return false };
    let Ok(value) = value.to_str() else { return false };
    let essence = value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    essence == "application/json" || essence == "text/json" || essence.ends_with("+json")
}

/// Asks the app for an answer that is plain and whole.
pub(super) fn ask_for_plain(fields: &mut HeaderMap) {
    fields.insert(header::ACCEPT_ENCODING, HeaderValue::from_static("identity"));
    fields.remove(header::RANGE);
    fields.remove(header::IF_RANGE);
}
