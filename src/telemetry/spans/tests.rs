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
    let (route, name) = (Name::configured("/orders/{id}").expect("a name"), Name::configured("orders").expect("one"));
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
