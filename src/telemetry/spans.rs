//! Traces: which requests are traced, what a span says, and how it leaves. A request that is not sampled costs its ids
//! and one field to the app; a sampled one makes two spans when it ends, which a thread of its own exports in batches.
//!
//! A span says what a record says and less: the method, the route's template, statuses, a refusal's code. Its fields
//! cannot hold a request's text; the URL is left out on purpose, although the conventions ask for it.

use std::borrow::Cow;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use http::HeaderValue;
use http::header::HeaderMap;
use opentelemetry::trace::{SpanContext, SpanKind, Status, TraceFlags, TraceState};
use opentelemetry::{InstrumentationScope, KeyValue, SpanId as OtelSpanId, TraceId as OtelTraceId};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::trace::{
    BatchConfigBuilder, BatchSpanProcessor, Sampler, SamplingDecision, ShouldSample as _, SpanData, SpanEvents,
    SpanExporter, SpanLinks, SpanProcessor as _,
};

use super::context::{Parent, SpanId, TRACEPARENT, TRACESTATE, TraceId, traceparent};
use super::metrics::{SPAN_QUEUE, SPANS, Sheet, Source};
use crate::clock::UnixMillis;
use crate::redact::Name;

/// Spans that wait to be exported, at some 1 KiB each; more are dropped and counted. Two seconds of 1,000 sampled requests
/// a second.
const QUEUE: usize = 4096;
/// Spans of one export: some 200 KiB.
const BATCH: usize = 512;
/// Between two exports.
const DELAY: Duration = Duration::from_secs(2);

/// How often what happened to spans.
#[derive(Debug, Default)]
struct Counts {
    waiting: AtomicUsize,
    exported: AtomicU64,
    dropped: AtomicU64,
    failed: AtomicU64,
}

/// The way out of spans: a bounded queue, and a thread that sends what is in it.
#[derive(Debug)]
pub struct Exporter {
    processor: BatchSpanProcessor,
    counts: Arc<Counts>,
    scope: InstrumentationScope,
}

/// Counts what comes of batches.
#[derive(Debug)]
struct Counted<E> {
    inner: E,
    counts: Arc<Counts>,
}

impl<E: SpanExporter> SpanExporter for Counted<E> {
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        let count = batch.len();
        let exported = self.inner.export(batch).await;
        self.counts.waiting.fetch_sub(count, Ordering::Relaxed);
        let counter = if exported.is_ok() { &self.counts.exported } else { &self.counts.failed };
        counter.fetch_add(count as u64, Ordering::Relaxed);
        exported
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.inner.shutdown_with_timeout(timeout)
    }
}

impl Exporter {
    /// Starts the thread. `instance` is this gate's name among its replicas. Nothing of this is taken from variables of
    /// the environment: what is not in the policy does not decide where spans go.
    pub fn start(mut sends: impl SpanExporter + 'static, instance: &Name) -> Arc<Self> {
        let resource = Resource::builder_empty()
            .with_attributes([
                KeyValue::new("service.name", "portcullis"),
                KeyValue::new("service.version", env!("CARGO_PKG_VERSION")),
                KeyValue::new("service.instance.id", instance.as_str().to_owned()),
            ])
            .build();
        sends.set_resource(&resource);
        let counts = Arc::new(Counts::default());
        let config = BatchConfigBuilder::default()
            .with_max_queue_size(QUEUE)
            .with_max_export_batch_size(BATCH)
            .with_scheduled_delay(DELAY)
            .build();
        let counted = Counted { inner: sends, counts: Arc::clone(&counts) };
        let scope = InstrumentationScope::builder("portcullis").with_version(env!("CARGO_PKG_VERSION")).build();
        Arc::new(Self { processor: BatchSpanProcessor::new(counted, config), counts, scope })
    }

    /// Sends what waits, and ends the thread. Blocks for at most so long.
    pub fn close(&self, patience: Duration) {
        // What could not be sent by then is lost, and counted as waiting for ever after.
        let _ = self.processor.shutdown_with_timeout(patience);
    }

    fn take(&self, span: SpanData) {
        if self.counts.waiting.fetch_add(1, Ordering::Relaxed) >= QUEUE {
            self.counts.waiting.fetch_sub(1, Ordering::Relaxed);
            self.counts.dropped.fetch_add(1, Ordering::Relaxed);
            return;
        }
        self.processor.on_end(span);
    }
}

impl Source for Exporter {
    fn gather(&self, sheet: &mut Sheet) {
        let counts = &self.counts;
        for (result, counter) in
            [("exported", &counts.exported), ("dropped", &counts.dropped), ("failed", &counts.failed)]
        {
            sheet.counter(&SPANS, [result.into()], counter.load(Ordering::Relaxed));
        }
        sheet.gauge(&SPAN_QUEUE, [], counts.waiting.load(Ordering::Relaxed) as u64);
    }
}

/// Which requests are traced, and the way out of their spans.
#[derive(Clone, Debug)]
pub struct Tracing {
    sampler: Sampler,
    honour: bool,
    exporter: Arc<Exporter>,
    place: Arc<Place>,
}

/// What all spans of a policy say of where the gate and the app are.
#[derive(Clone, Debug)]
pub struct Place {
    /// `server.address` of the app.
    pub app: String,
    /// `server.port` of the app; `None` on a Unix socket.
    pub app_port: Option<u16>,
    /// `server.port` of the gate.
    pub port: u16,
}

/// One request's trace.
#[derive(Clone, Debug)]
pub struct Trace {
    id: TraceId,
    parent: Option<SpanId>,
    server: SpanId,
    client: SpanId,
    sampled: bool,
    state: Option<HeaderValue>,
}

/// What spans say of a request that has ended.
#[derive(Debug)]
pub struct Spoken<'a> {
    /// `http.request.method`; `None` for one that is not known.
    pub method: Option<&'static str>,
    /// `network.protocol.version`.
    pub version: &'static str,
    /// `http.route`, the template.
    pub route: Option<&'a Name>,
    /// `portcullis.route`, the route's name.
    pub name: Option<&'a Name>,
    /// `http.response.status_code`; 0 if no answer was begun.
    pub status: u16,
    /// `error.type`: why it was refused, failed or cut.
    pub error: Option<&'static str>,
    /// `portcullis.end`.
    pub end: &'static str,
    /// When it began.
    pub began: UnixMillis,
    /// Microseconds from there to its end.
    pub micros: u64,
    /// Microseconds from there to its departure for the app and to the head of the app's answer, or to its end if none
    /// came; `None` if it was not sent.
    pub upstream: Option<(u64, u64)>,
    /// Whether the status is the app's.
    pub answered: bool,
}

impl Tracing {
    /// One in `one_in` requests is sampled where no parent decides, none if that is 0. `honour`: a trusted peer's trace is
    /// gone on with.
    pub fn new(one_in: u32, honour: bool, exporter: Arc<Exporter>, place: Place) -> Self {
        let sampler = match one_in {
            0 => Sampler::AlwaysOff,
            1 => Sampler::AlwaysOn,
            many => Sampler::TraceIdRatioBased(1.0 / f64::from(many)),
        };
        Self { sampler, honour, exporter, place: Arc::new(place) }
    }

    /// Where spans go.
    pub const fn exporter(&self) -> &Arc<Exporter> {
        &self.exporter
    }

    /// The trace of a request with this id. The fields of a peer that is not trusted are not looked at: whoever chooses
    /// trace ids and samples chooses what records say and what traces cost.
    pub fn begin(&self, bits: u128, fields: &HeaderMap, trusted: bool) -> Trace {
        let (server, client) = (SpanId::of_request(bits, 0), SpanId::of_request(bits, 1));
        let parent = if self.honour && trusted { Parent::read(fields) } else { None };
        match parent {
            Some(Parent { trace, span, sampled, state }) => {
                Trace { id: trace, parent: Some(span), server, client, sampled, state }
            }
            None => {
                let id = TraceId::of_request(bits);
                Trace { id, parent: None, server, client, sampled: self.samples(id), state: None }
            }
        }
    }

    fn samples(&self, trace: TraceId) -> bool {
        let trace = OtelTraceId::from(trace.number());
        let result = self.sampler.should_sample(None, trace, "", &SpanKind::Server, &[], &[]);
        result.decision == SamplingDecision::RecordAndSample
    }

    /// Hands over a sampled request's spans.
    pub fn end(&self, trace: &Trace, spoken: &Spoken<'_>) {
        if !trace.sampled {
            return;
        }
        let begin = UNIX_EPOCH + Duration::from_millis(spoken.began.0);
        let at = |micros: u64| begin + Duration::from_micros(micros);
        if let Some((departed, answered)) = spoken.upstream {
            self.exporter.take(self.client_span(trace, spoken, (at(departed), at(answered))));
        }
        self.exporter.take(self.server_span(trace, spoken, (begin, at(spoken.micros))));
    }

    fn server_span(&self, trace: &Trace, spoken: &Spoken<'_>, time: (SystemTime, SystemTime)) -> SpanData {
        let mut said = common(spoken);
        said.push(KeyValue::new("url.scheme", "https"));
        said.push(KeyValue::new("server.port", i64::from(self.place.port)));
        said.push(KeyValue::new("network.protocol.name", "http"));
        said.push(KeyValue::new("network.protocol.version", spoken.version));
        said.push(KeyValue::new("portcullis.end", spoken.end));
        if let Some(template) = spoken.route {
            said.push(KeyValue::new("http.route", template.as_str().to_owned()));
        }
        if let Some(name) = spoken.name {
            said.push(KeyValue::new("portcullis.route", name.as_str().to_owned()));
        }
        if spoken.status != 0 {
            said.push(KeyValue::new("http.response.status_code", i64::from(spoken.status)));
        }
        // The conventions leave a client's faults unset on the server's side.
        let status = error_status(spoken.status >= 500 || spoken.status == 0);
        error_type(&mut said, spoken.error, spoken.status, 500);
        let method = spoken.method.unwrap_or("HTTP");
        let name = spoken.route.map_or(Cow::Borrowed(method), |route| format!("{method} {route}").into());
        let of = (trace.server, trace.parent, trace.parent.is_some());
        self.span(trace, SpanKind::Server, of, name, time, said, status)
    }

    fn client_span(&self, trace: &Trace, spoken: &Spoken<'_>, time: (SystemTime, SystemTime)) -> SpanData {
        let mut said = common(spoken);
        said.push(KeyValue::new("server.address", self.place.app.clone()));
        if let Some(port) = self.place.app_port {
            said.push(KeyValue::new("server.port", i64::from(port)));
        }
        let status = if spoken.answered { spoken.status } else { 0 };
        if status != 0 {
            said.push(KeyValue::new("http.response.status_code", i64::from(status)));
        }
        error_type(&mut said, spoken.error.filter(|_| !spoken.answered), status, 400);
        let of = (trace.client, Some(trace.server), false);
        let name = Cow::Borrowed(spoken.method.unwrap_or("HTTP"));
        self.span(trace, SpanKind::Client, of, name, time, said, error_status(status >= 400 || status == 0))
    }

    #[expect(clippy::too_many_arguments, reason = "called twice, with all that tells two spans apart")]
    fn span(
        &self,
        trace: &Trace,
        kind: SpanKind,
        (own, parent, remote): (SpanId, Option<SpanId>, bool),
        name: Cow<'static, str>,
        (start_time, end_time): (SystemTime, SystemTime),
        attributes: Vec<KeyValue>,
        status: Status,
    ) -> SpanData {
        let id = |id: SpanId| OtelSpanId::from(id.number());
        let trace = OtelTraceId::from(trace.id.number());
        SpanData {
            span_context: SpanContext::new(trace, id(own), TraceFlags::SAMPLED, false, TraceState::NONE),
            parent_span_id: parent.map_or(OtelSpanId::INVALID, id),
            parent_span_is_remote: remote,
            span_kind: kind,
            name,
            start_time,
            end_time,
            attributes,
            dropped_attributes_count: 0,
            events: SpanEvents::default(),
            links: SpanLinks::default(),
            status,
            instrumentation_scope: self.exporter.scope.clone(),
        }
    }
}

fn common(spoken: &Spoken<'_>) -> Vec<KeyValue> {
    let mut said = Vec::with_capacity(12);
    said.push(KeyValue::new("http.request.method", spoken.method.unwrap_or("_OTHER")));
    said
}

/// What went wrong: our code, or the status as the conventions have it.
fn error_type(said: &mut Vec<KeyValue>, code: Option<&'static str>, status: u16, from: u16) {
    match code {
        Some(code) => said.push(KeyValue::new("error.type", code)),
        None if status >= from => said.push(KeyValue::new("error.type", status.to_string())),
        None => {}
    }
}

const fn error_status(failed: bool) -> Status {
    if failed { Status::Error { description: Cow::Borrowed("") } } else { Status::Unset }
}

impl Trace {
    /// The trace's id, for the record.
    pub const fn id(&self) -> TraceId {
        self.id
    }

    /// Whether its spans are kept.
    pub const fn is_sampled(&self) -> bool {
        self.sampled
    }

    /// Tells the app: what it does is the child of the gate's call, or where that is not kept, of the same parent.
    pub fn tell(&self, fields: &mut HeaderMap) {
        let span = if self.sampled { self.client } else { self.server };
        fields.insert(&TRACEPARENT, traceparent(self.id, span, self.sampled));
        match &self.state {
            Some(state) => drop(fields.insert(&TRACESTATE, state.clone())),
            None => drop(fields.remove(&TRACESTATE)),
        }
    }
}

#[cfg(test)]
mod tests;
