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
mod tests {
    use opentelemetry::trace::TraceContextExt as _;
    use parking_lot::Mutex;

    use super::*;

    /// Keeps what it is given.
    #[derive(Clone, Debug, Default)]
    struct Memory(Arc<Mutex<Vec<SpanData>>>);

    impl SpanExporter for Memory {
        async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
            self.0.lock().extend(batch);
            Ok(())
        }
    }

    fn tracing(one_in: u32, honour: bool) -> (Tracing, Memory) {
        let memory = Memory::default();
        let exporter = Exporter::start(memory.clone(), &Name::configured("gate-1").expect("a name"));
        let place = Place { app: "127.0.0.1".to_owned(), app_port: Some(8080), port: 8443 };
        (Tracing::new(one_in, honour, exporter, place), memory)
    }

    fn fields(parent: &str) -> HeaderMap {
        let mut fields = HeaderMap::new();
        fields.insert(&TRACEPARENT, HeaderValue::from_str(parent).expect("a value"));
        fields.insert(&TRACESTATE, HeaderValue::from_static("vendor=jane-doe"));
        fields
    }

    const PARENT: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

    fn spoken<'a>() -> Spoken<'a> {
        Spoken {
            method: Some("GET"),
            version: "2",
            route: None,
            name: None,
            status: 200,
            error: None,
            end: "complete",
            began: UnixMillis(1_000),
            micros: 900,
            upstream: Some((100, 700)),
            answered: true,
        }
    }

    #[test]
    fn only_a_trusted_peer_chooses_trace_and_cost() {
        let (tracing, _) = tracing(0, true);
        let trusted = tracing.begin(7, &fields(PARENT), true);
        assert!(trusted.is_sampled());
        assert_eq!(trusted.id().to_string(), "4bf92f3577b34da6a3ce929d0e0e4736");
        let anybody = tracing.begin(7, &fields(PARENT), false);
        assert!(!anybody.is_sampled() && anybody.id() != trusted.id());
        let mut told = fields(PARENT);
        anybody.tell(&mut told);
        assert!(!told.contains_key(&TRACESTATE));
        assert!(told[&TRACEPARENT].to_str().is_ok_and(|text| text.ends_with("-00") && !text.contains("4bf92f")));
        assert!(!self::tracing(0, false).0.begin(7, &fields(PARENT), true).is_sampled());
        // A parent that is not sampled is gone on with as such, whatever the share.
        let off = PARENT.replace("-01", "-00");
        assert!(!self::tracing(1, true).0.begin(7, &fields(&off), true).is_sampled());
        assert!(self::tracing(1, true).0.begin(7, &fields("00-nonsense"), true).is_sampled());
    }

    /// The standard's own parent-based sampler comes to the same verdicts.
    #[test]
    fn verdicts_are_those_of_the_parent_based_sampler() {
        let (tracing, _) = tracing(4, true);
        let sampler = Sampler::ParentBased(Box::new(Sampler::TraceIdRatioBased(0.25)));
        let verdict = |trace: TraceId, parent: Option<bool>| {
            let trace = OtelTraceId::from(trace.number());
            let context = parent.map(|sampled| {
                let flags = if sampled { TraceFlags::SAMPLED } else { TraceFlags::default() };
                let span = SpanContext::new(trace, OtelSpanId::from(9), flags, true, TraceState::NONE);
                opentelemetry::Context::new().with_remote_span_context(span)
            });
            let result = sampler.should_sample(context.as_ref(), trace, "", &SpanKind::Server, &[], &[]);
            result.decision == SamplingDecision::RecordAndSample
        };
        let mut sampled = 0;
        for request in 0..4000_u128 {
            let root = tracing.begin(request, &HeaderMap::new(), true);
            assert_eq!(root.is_sampled(), verdict(root.id(), None));
            sampled += u32::from(root.is_sampled());
            for flag in ["00", "01"] {
                let text = format!("00-{}-00f067aa0ba902b7-{flag}", root.id());
                let child = tracing.begin(request, &fields(&text), true);
                assert_eq!(child.is_sampled(), verdict(child.id(), Some(flag == "01")));
            }
        }
        assert!((900..1100).contains(&sampled), "{sampled} of 4000");
    }

    #[test]
    fn a_request_makes_a_server_span_and_a_client_span_below_it() {
        let (tracing, memory) = tracing(1, true);
        let trace = tracing.begin(7, &fields(PARENT), true);
        let (route, name) =
            (Name::configured("/orders/{id}").expect("a name"), Name::configured("orders").expect("one"));
        tracing.end(&trace, &Spoken { route: Some(&route), name: Some(&name), ..spoken() });
        let refused = tracing.begin(8, &HeaderMap::new(), true);
        tracing.end(
            &refused,
            &Spoken { status: 403, error: Some("role_missing"), upstream: None, answered: false, ..spoken() },
        );
        tracing.exporter.processor.force_flush().expect("flushed");
        let spans = memory.0.lock().clone();
        let [client, server, alone] = &spans[..] else { panic!("{} spans", spans.len()) };
        assert_eq!((&*server.name, &server.span_kind), ("GET /orders/{id}", &SpanKind::Server));
        assert_eq!((&*client.name, &client.span_kind), ("GET", &SpanKind::Client));
        assert_eq!(client.parent_span_id, server.span_context.span_id());
        assert_eq!(server.parent_span_id, OtelSpanId::from(0x00f0_67aa_0ba9_02b7));
        assert_eq!(client.span_context.trace_id(), server.span_context.trace_id());
        let mut told = HeaderMap::new();
        trace.tell(&mut told);
        let told = told[&TRACEPARENT].to_str().expect("text");
        assert!(told.contains(&client.span_context.span_id().to_string()), "the app's spans are below the gate's call");
        assert_eq!(server.end_time.duration_since(server.start_time).expect("time").as_micros(), 900);
        assert_eq!(client.end_time.duration_since(client.start_time).expect("time").as_micros(), 600);
        let said = |span: &SpanData, key: &str| {
            span.attributes.iter().find(|one| one.key.as_str() == key).map(|one| one.value.to_string())
        };
        assert_eq!(said(server, "http.route").as_deref(), Some("/orders/{id}"));
        assert_eq!(said(server, "http.response.status_code").as_deref(), Some("200"));
        assert_eq!(said(client, "server.port").as_deref(), Some("8080"));
        assert_eq!(said(alone, "error.type").as_deref(), Some("role_missing"));
        assert_eq!((said(server, "error.type"), &alone.status), (None, &Status::Unset));
        assert!(!format!("{spans:?}").contains("jane-doe"), "a state is passed on, and said to nobody");
    }

    #[test]
    fn what_finds_the_queue_full_is_dropped_and_counted() {
        /// Never sends anything.
        #[derive(Debug)]
        struct Stuck;
        impl SpanExporter for Stuck {
            async fn export(&self, _: Vec<SpanData>) -> OTelSdkResult {
                std::future::pending().await
            }
        }
        let exporter = Exporter::start(Stuck, &Name::configured("gate-1").expect("a name"));
        let place = Place { app: String::new(), app_port: None, port: 1 };
        let tracing = Tracing::new(1, true, Arc::clone(&exporter), place);
        for request in 0..QUEUE as u128 {
            tracing.end(&tracing.begin(request, &HeaderMap::new(), false), &spoken());
        }
        assert_eq!(exporter.counts.waiting.load(Ordering::Relaxed), QUEUE);
        assert_eq!(exporter.counts.dropped.load(Ordering::Relaxed), QUEUE as u64);
    }
}
