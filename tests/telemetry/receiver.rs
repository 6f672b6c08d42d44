//! A receiver of spans that holds every export to the protocol (OTLP 1.x over HTTP, protobuf).

use opentelemetry_proto::tonic::collector::trace::v1::{ExportTraceServiceRequest, ExportTraceServiceResponse};
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::common::v1::{AnyValue, KeyValue};
use opentelemetry_proto::tonic::trace::v1::Span;
use prost::Message as _;

use crate::support::upstream::say;
use crate::support::{Request, Then, Upstream};

/// What a span may say; there is no URL, no address and no header among it.
const KEYS: &[&str] = &[
    "error.type",
    "http.request.method",
    "http.response.status_code",
    "http.route",
    "network.protocol.name",
    "network.protocol.version",
    "portcullis.end",
    "portcullis.route",
    "server.address",
    "server.port",
    "url.scheme",
];

/// Kinds of spans, by their number.
pub const SERVER: i32 = 2;
pub const CLIENT: i32 = 3;

/// A receiver on a port of its own.
pub struct Receiver(Upstream);

impl Receiver {
    /// Takes everything.
    pub fn start() -> Self {
        Self(Upstream::start(|_, wire| {
            let body = ExportTraceServiceResponse::default().encode_to_vec();
            say(
                wire,
                format!(
                    "HTTP/1.1 200 OK\r\nContent-Type: application/x-protobuf\r\nContent-Length: {}\r\n\r\n",
                    body.len()
                ),
            );
            say(wire, body);
            Then::Keep
        }))
    }

    /// Takes nothing, for this reason.
    pub fn refusing(status: &'static str) -> Self {
        Self(Upstream::start(move |_, wire| {
            say(wire, format!("HTTP/1.1 {status}\r\nContent-Length: 0\r\n\r\n"));
            Then::Keep
        }))
    }

    /// The policy's section, with more settings.
    pub fn traces(&self, more: &str) -> String {
        format!("traces: {{ endpoint: '{}/v1/traces', {more} }}", self.0.url())
    }

    /// Exports as they came.
    pub fn exports(&self) -> Vec<Request> {
        self.0.requests()
    }

    /// All spans so far, each export judged.
    pub fn spans(&self) -> Vec<Span> {
        self.exports().iter().flat_map(spans_of).collect()
    }
}

fn spans_of(export: &Request) -> Vec<Span> {
    assert_eq!(export.line(), "POST /v1/traces HTTP/1.1");
    assert_eq!(export.field("content-type"), Some("application/x-protobuf"));
    let request = ExportTraceServiceRequest::decode(&*export.content()).expect("an export");
    let mut spans = Vec::new();
    for of_resource in request.resource_spans {
        let resource = of_resource.resource.expect("a resource");
        let said = |key: &str| text(&resource.attributes, key);
        assert_eq!(said("service.name"), "portcullis");
        assert!(!said("service.instance.id").is_empty());
        assert_eq!(resource.attributes.len(), 3, "{resource:?}");
        for of_scope in of_resource.scope_spans {
            assert_eq!(of_scope.scope.expect("a scope").name, "portcullis");
            for span in of_scope.spans {
                judge(&span);
                spans.push(span);
            }
        }
    }
    spans
}

fn judge(span: &Span) {
    assert!(span.trace_id.len() == 16 && span.trace_id.iter().any(|byte| *byte != 0), "{span:?}");
    assert!(span.span_id.len() == 8 && span.span_id.iter().any(|byte| *byte != 0), "{span:?}");
    assert!([0, 8].contains(&span.parent_span_id.len()), "{span:?}");
    assert!([SERVER, CLIENT].contains(&span.kind), "{span:?}");
    assert!(span.start_time_unix_nano > 0 && span.start_time_unix_nano <= span.end_time_unix_nano, "{span:?}");
    assert!(span.events.is_empty() && span.links.is_empty() && span.trace_state.is_empty(), "{span:?}");
    for attribute in &span.attributes {
        assert!(KEYS.contains(&attribute.key.as_str()), "{} in {span:?}", attribute.key);
    }
    assert!(span.attributes.iter().any(|attribute| attribute.key == "http.request.method"), "{span:?}");
}

/// An attribute as text; empty if it is not there.
pub fn text(attributes: &[KeyValue], key: &str) -> String {
    let value = attributes.iter().find(|attribute| attribute.key == key).and_then(|attribute| attribute.value.clone());
    match value {
        Some(AnyValue { value: Some(Value::StringValue(text)) }) => text,
        Some(AnyValue { value: Some(Value::IntValue(number)) }) => number.to_string(),
        _ => String::new(),
    }
}

/// An id as it stands in fields and records.
pub fn hex(id: &[u8]) -> String {
    id.iter().map(|byte| format!("{byte:02x}")).collect()
}
