//! Every metric that the gate has: name, type, labels and meaning, in one place. `docs/metrics.md` is made of this, and
//! whoever gives a number must name its family: `sheet.counter(&REQUESTS, [name.into(), "served".into()], 3)`. A family
//! that is not here, too few labels, or the wrong type do not compile.
//!
//! A label's value is a [`Name`] of the policy or a word of our own source, never text of a request, so that neither a
//! person nor an unbounded number of series can come into them. Names and units follow
//! <https://prometheus.io/docs/practices/naming/>: seconds, bytes, ratios from 0 to 1, `_total` for what only grows.

mod cells;
mod process;
mod reference;
mod sheet;

use std::marker::PhantomData;

pub use cells::{Codes, Count, MOST_CODES, Spread};
pub use process::process;
pub use reference::reference;
pub use sheet::{Exposition, Label, Sheet, Source};

#[cfg(doc)]
use crate::redact::Name;

/// Series that one gate shows at most. Each costs a Prometheus some 3 KiB of memory: 30 MiB for the largest policy.
/// `(other)` takes what comes beyond the bounds of routes and limits, which keep all families together below this.
pub const MOST_SERIES: usize = 10_000;
/// Routes with series of their own, the first of the policy; the others are counted together. At 36 series a route,
/// this is most of what a gate shows.
pub const MOST_ROUTES: usize = 200;
/// Limits with series of their own, the first of the policy.
pub const MOST_LIMITS: usize = 200;
/// Sinks with series of their own.
pub const MOST_SINKS: usize = 32;
/// Issuers and certificate files with series of their own.
pub const MOST_FILES: usize = 32;
/// Roles with series of their own, the first of the policy.
pub const MOST_ROLES: usize = 200;
/// Rules of alarms with series of their own, the first of the policy.
pub const MOST_RULES: usize = 100;

/// What a bounded label says of whatever came too late for a value of its own. No name of a policy has parentheses that
/// mean this: such a name is counted here as well.
pub const OTHER: &str = "(other)";
/// What the route's label says of requests that no route was found for.
pub const NONE: &str = "(none)";

/// Upper bounds of a histogram's buckets, in microseconds.
pub type Bounds = [u64; 12];

/// What the gate itself takes: tens of microseconds, unless it asks somebody.
pub static OWN_BOUNDS: Bounds = [10, 25, 50, 100, 250, 500, 1_000, 2_500, 10_000, 50_000, 250_000, 1_000_000];
/// What apps take: milliseconds to seconds.
pub static APP_BOUNDS: Bounds =
    [1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000, 5_000_000, 30_000_000];
/// What a sync takes: below a millisecond on a good disk, seconds on one that is failing.
pub static COMMIT_BOUNDS: Bounds =
    [100, 250, 500, 1_000, 2_500, 5_000, 10_000, 25_000, 100_000, 500_000, 1_000_000, 5_000_000];

/// The type of a number that only grows.
#[derive(Clone, Copy, Debug)]
pub enum Counter {}
/// The type of a number that goes up and down.
#[derive(Clone, Copy, Debug)]
pub enum Gauge {}
/// The type of a distribution over [`Bounds`].
#[derive(Clone, Copy, Debug)]
pub enum Histogram {}

/// A family of series: one for each combination of values of its labels.
#[derive(Debug)]
pub struct Family<K, const N: usize> {
    /// Its name.
    pub name: &'static str,
    /// Its labels' names.
    pub labels: [&'static str; N],
    kind: PhantomData<K>,
}

/// A family as documentation and exposition see it.
#[derive(Debug)]
pub struct Row {
    /// Its name.
    pub name: &'static str,
    /// `counter`, `gauge` or `histogram`.
    pub kind: &'static str,
    /// Its labels' names.
    pub labels: &'static [&'static str],
    /// What it counts, in a sentence.
    pub help: &'static str,
}

macro_rules! kind {
    (Counter) => {
        "counter"
    };
    (Gauge) => {
        "gauge"
    };
    (Histogram) => {
        "histogram"
    };
}

macro_rules! families {
    ($($static:ident: $kind:ident $name:literal [$($label:literal),*] $help:literal;)*) => {
        $(#[doc = $help] pub static $static: Family<$kind, { const LABELS: &[&str] = &[$($label),*]; LABELS.len() }> =
            Family { name: $name, labels: [$($label),*], kind: PhantomData };)*

        /// All families, in the order of the documentation.
        pub static ALL: &[Row] =
            &[$(Row { name: $name, kind: kind!($kind), labels: &[$($label),*], help: $help },)*];
    };
}

families! {
    // Requests.
    REQUESTS: Counter "portcullis_requests_total" ["route", "outcome"]
        "Requests that ended. Outcome: served (the app answered below 400), client_error (the app answered 400 to 499), server_error (the app answered 500 to 599), refused (the gate said no), failed (the gate or the app could not answer), cut (let through and ended early).";
    REFUSALS: Counter "portcullis_refusals_total" ["code"]
        "Requests that the gate did not let through or could not have answered, by the code that stands in their records.";
    SHADOWED: Counter "portcullis_shadow_refusals_total" ["code"]
        "Requests that were let through in shadow mode and would have been refused, by code.";
    REQUEST_SECONDS: Histogram "portcullis_request_duration_seconds" ["route"]
        "From a request's head to the end of its answer.";
    UPSTREAM_SECONDS: Histogram "portcullis_upstream_duration_seconds" ["route"]
        "From a request's departure to the head of the app's answer.";
    GATE_SECONDS: Histogram "portcullis_gate_duration_seconds" []
        "From a request's head to its departure for the app or its refusal: what the gate itself takes, questions to issuers included.";
    OPEN: Gauge "portcullis_requests_in_progress" []
        "Requests that were begun and have not ended.";
    BYTES_IN: Counter "portcullis_request_body_bytes_total" ["route"]
        "Bytes of request bodies, counted as they came in.";
    BYTES_OUT: Counter "portcullis_response_body_bytes_total" ["route"]
        "Bytes of answers' bodies, counted as they went out.";

    // Connections.
    CONNECTIONS: Gauge "portcullis_connections" []
        "Client connections that are open.";
    CONNECTIONS_MAX: Gauge "portcullis_connections_max" []
        "Client connections that may be open at once (gate.connections.max).";
    ACCEPTED: Counter "portcullis_connections_accepted_total" []
        "Client connections that were accepted, those refused afterwards included.";
    HANDSHAKES: Counter "portcullis_tls_handshakes_total" ["version"]
        "TLS handshakes that came to their end, by the version agreed on.";
    CONNECTION_ENDS: Counter "portcullis_connection_failures_total" ["reason"]
        "Connections that were refused, failed in the handshake or ended by a fault between requests, by the code that stands in their records.";

    // Limits.
    LIMIT_REFUSALS: Counter "portcullis_limit_refusals_total" ["limit"]
        "Requests that a limit refused or whose answer it ended.";
    LIMIT_OVERFLOW: Counter "portcullis_limit_table_overflow_total" []
        "Requests of newcomers who found a limit's table full and shared a bucket.";

    // The trail.
    RECORDS: Counter "portcullis_audit_records_total" []
        "Records that were written to the trail.";
    RECORDS_LOST: Counter "portcullis_audit_records_lost_total" []
        "Records that were lost; gap records in the trail tell of them.";
    RECORDS_WITHHELD: Counter "portcullis_audit_records_withheld_total" []
        "Records from which the last guard took text that a redaction rule should have hidden: every one is a fault in the rules.";
    QUEUE: Gauge "portcullis_audit_queue_records" []
        "Places of the trail's queue that are taken: visits in progress and records that wait for the writer.";
    QUEUE_MAX: Gauge "portcullis_audit_queue_max_records" []
        "Places that the trail's queue has; beyond them requests are refused.";
    TRAIL_HEALTHY: Gauge "portcullis_audit_healthy" []
        "1 while records can be kept; 0 closes routes with personal data.";
    COMMIT_SECONDS: Histogram "portcullis_audit_commit_duration_seconds" []
        "What making records durable takes, the sync included.";
    SPOOL_WAITING: Gauge "portcullis_audit_spool_waiting_records" []
        "Records that are not durable yet.";
    SPOOL_BYTES: Gauge "portcullis_audit_spool_bytes" []
        "Bytes of the spool's files.";
    SPOOL_MAX: Gauge "portcullis_audit_spool_max_bytes" []
        "Bytes that the spool's files may come to: the quota, or what the volume has left.";
    SEQUENCE: Gauge "portcullis_audit_durable_sequence" []
        "Sequence number of the last record that is durable.";

    // Sinks on the network.
    SINK_LAG: Gauge "portcullis_sink_lag_records" ["sink"]
        "Durable records that a sink does not have yet.";
    SINK_LAG_SECONDS: Gauge "portcullis_sink_lag_seconds" ["sink"]
        "Age of the oldest record that a sink does not have yet.";
    SINK_RECORDS: Counter "portcullis_sink_records_total" ["sink", "result"]
        "Records by what became of them: delivered (those that came twice included), rejected (refused for good), left_out (not for this sink by the policy), undelivered (gone from the spool before the sink had them).";
    SINK_FAILING: Gauge "portcullis_sink_failing" ["sink"]
        "1 while the last exchange with the sink failed.";
    SINK_HELD: Gauge "portcullis_sink_held" ["sink"]
        "1 while the sink takes nothing until somebody changes a setting, here or there.";

    // Detectors, alarms and canaries.
    DETECTOR_REQUESTS: Counter "portcullis_detector_requests_total" ["result"]
        "Requests that were handed to the detectors: seen, or lost because their queue was full.";
    DETECTOR_KEYS: Gauge "portcullis_detector_keys" []
        "Keys in the tables of detectors: callers, addresses, routes.";
    DETECTOR_OVERFLOW: Counter "portcullis_detector_table_overflow_total" []
        "Requests of newcomers who found a detector's table full and were counted together.";
    FINDINGS: Counter "portcullis_alarms_opened_total" ["rule"]
        "Alarms that detectors opened, by rule.";
    ALARMS_OPEN: Gauge "portcullis_alarms_open" ["rule", "mode"]
        "Alarms of detectors that are open, by rule; mode is enforce, or shadow for a rule that only records.";
    INCIDENTS_OPEN: Gauge "portcullis_incidents_open" ["rule"]
        "Open alarms that began an incident, which must be reported in time.";
    INCIDENT_DUE: Gauge "portcullis_incident_due_timestamp_seconds" []
        "When the first of the open incidents must be reported, in Unix time; no series without one.";
    CANARY_HITS: Counter "portcullis_canary_hits_total" ["rule"]
        "Planted records that requests or answers had in them, by rule.";

    // Sanctions.
    SANCTIONS: Gauge "portcullis_sanctions" ["sanction", "on", "mode"]
        "Sanctions in force: quarantine, lock, require-mfa or throttle; on a caller, an address, a role, a route or everything; mode is enforce, or shadow for those that refuse nobody.";
    SANCTIONS_FULL: Counter "portcullis_sanctions_found_no_room_total" []
        "Sanctions that were not imposed because their table was full.";
    FAILURES_CROWDED: Counter "portcullis_lockout_table_overflow_total" []
        "Failures of newcomers who found the table of failures full and shared a place.";

    // What replicas share.
    SHARED_LINKED: Gauge "portcullis_shared_linked" []
        "1 while the servers of the shared state answer; 0 while this replica keeps its own share of limits.";
    SHARED_REPLICAS: Gauge "portcullis_shared_replicas" []
        "Replicas that count together, this one included, as of the last answer.";
    SHARED_EXCHANGES: Counter "portcullis_shared_exchanges_total" ["result"]
        "Exchanges with the servers of the shared state: done or failed.";

    // The policy.
    POLICY: Gauge "portcullis_policy_info" ["digest", "mode"]
        "1 for the policy in force: the digest that stands in records, and enforce or shadow. One series at any time.";
    GENERATION: Gauge "portcullis_policy_generation" []
        "Counts the policies that were in force since the start, from 1.";
    ROUTES: Gauge "portcullis_policy_routes" []
        "Routes of the policy in force.";
    RELOADS: Counter "portcullis_policy_reloads_total" ["result"]
        "Changes of the policy or of files that it names: changed (in force), refused (not fit to run), taken_back (in force and put back).";
    RELOADED: Gauge "portcullis_policy_last_change_timestamp_seconds" []
        "When what is in force came into force, in Unix time.";
    RELOAD_OK: Gauge "portcullis_policy_last_reload_successful" []
        "1 if the last change that was tried is in force; 0 while what lies on disk is refused.";
    CERTIFICATE_END: Gauge "portcullis_certificate_not_after_timestamp_seconds" ["key", "index"]
        "When the first certificate of a file ends, in Unix time; by the policy's key that names the file, and its place among the files of that key.";

    // Identity.
    KEY_SET_USABLE: Gauge "portcullis_key_set_usable" ["issuer"]
        "1 if the issuer's tokens can be judged.";
    KEY_SET_FETCHED: Gauge "portcullis_key_set_fetched_timestamp_seconds" ["issuer"]
        "When the issuer's keys were last fetched, in Unix time; 0 for never.";
    KEY_SET_FAILURES: Gauge "portcullis_key_set_failures" ["issuer"]
        "Fetches of the issuer's keys that failed since the last that did not.";

    // The machine.
    SIDE_DOORS: Gauge "portcullis_side_doors" []
        "Ways to the app past the gate that the last look found; no series before the first look, or with upstream.side_door: off.";
    SANDBOX: Gauge "portcullis_sandbox_enforced" ["part"]
        "1 for each part of the sandbox that is in force: privileges, dumps, files, ports, signals, calls.";

    // Traces.
    SPANS: Counter "portcullis_spans_total" ["result"]
        "Spans of sampled requests: exported, dropped (the queue was full), failed (the receiver did not take them).";
    SPAN_QUEUE: Gauge "portcullis_span_queue" []
        "Spans that wait to be exported.";

    // The gate's own log.
    LOG_SUPPRESSED: Counter "portcullis_log_suppressed_total" []
        "Lines of the gate's own log that were counted rather than written, because they repeat one of the last seconds.";
    PANICS: Counter "portcullis_panics_total" []
        "Internal faults that ended a task. Every one is a bug.";

    // The process, under the names that dashboards of every program know.
    CPU: Counter "process_cpu_seconds_total" []
        "User and system CPU time spent in seconds.";
    RSS: Gauge "process_resident_memory_bytes" []
        "Resident memory size in bytes.";
    VIRTUAL: Gauge "process_virtual_memory_bytes" []
        "Virtual memory size in bytes.";
    FILES: Gauge "process_open_fds" []
        "Number of open file descriptors.";
    FILES_MAX: Gauge "process_max_fds" []
        "Maximum number of open file descriptors.";
    THREADS: Gauge "process_threads" []
        "Number of threads.";
    STARTED: Gauge "process_start_time_seconds" []
        "Start time of the process since the Unix epoch in seconds.";
    BUILD: Gauge "portcullis_build_info" ["version"]
        "1 for the version of the program.";
    SERIES_LEFT_OUT: Gauge "portcullis_series_left_out" []
        "Series of this scrape that were left out because there were too many. Not 0 is a fault of the program.";
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn names_follow_the_conventions() {
        let names: HashSet<_> = ALL.iter().map(|row| row.name).collect();
        assert_eq!(names.len(), ALL.len(), "a name stands twice");
        for row in ALL {
            assert!(row.name.starts_with("portcullis_") || row.name.starts_with("process_"), "{}", row.name);
            assert_eq!(row.kind == "counter", row.name.ends_with("_total"), "{}", row.name);
            assert!(row.kind != "histogram" || row.name.ends_with("_seconds"), "{}", row.name);
            assert!(row.help.ends_with('.') && !row.help.contains('\n'), "{}", row.name);
            let is_word = |text: &str| text.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
            assert!(is_word(row.name) && row.labels.iter().all(|label| is_word(label)), "{}", row.name);
            for milli in ["_ms", "_millis", "_micros", "_kb", "_percent"] {
                assert!(!row.name.contains(milli), "{} has no base unit", row.name);
            }
        }
    }

    #[test]
    fn bounds_grow() {
        for bounds in [OWN_BOUNDS, APP_BOUNDS, COMMIT_BOUNDS] {
            assert!(bounds.windows(2).all(|pair| pair[0] < pair[1]));
        }
    }
}
