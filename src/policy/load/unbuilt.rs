//! What of the policy's contract this build does not enforce. Building a part means deleting its line.

/// Keys and what they stand for.
const UNBUILT: &[(&str, &str)] = &[
    ("routes.mask", "masking of response fields"),
    ("limits.scope.shared", "limits shared across replicas"),
    ("roles.admin", "operator rights"),
    ("audit.sinks.webhook", "the webhook sink"),
    ("audit.sinks.syslog", "the syslog sink"),
    ("audit.sinks.splunk", "the Splunk sink"),
    ("audit.sinks.elastic", "the Elasticsearch sink"),
    ("audit.sinks.otlp", "the OpenTelemetry sink"),
    ("admin", "the operators' listener"),
];

/// What a part is, if this build lacks it.
pub(super) fn missing(part: &str) -> Option<&'static str> {
    UNBUILT.iter().find(|(key, _)| *key == part).map(|(_, what)| *what)
}
