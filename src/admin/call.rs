//! The way of a call, from its head to its one record.

use std::convert::Infallible;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::response::Response;
use axum::routing::any;
use http::{HeaderValue, StatusCode, header};
use serde_json::{Map, Value, json};

use super::control;
use super::guard::guard;
use super::input::Input;
use super::operator::{Operator, Peer};
use super::outcome;
use super::table::{Act, NOTHING, Operation, TABLE};
use super::{Desk, behaviour, view};
use crate::audit::{AdminCall, AdminOperation, AdminOutcome, Event, MethodWord, RequestId, Slot};
use crate::clock::Ticks;
use crate::gate::Terms;
use crate::policy::rights::Right;
use crate::redact::Redacted;
use crate::telemetry::log;

/// What a call answers beside what came of it.
pub(super) type Answer = Map<String, Value>;

/// One connection: whose it is, and whether it has called.
pub(super) struct Line {
    pub desk: Arc<Desk>,
    pub peer: Peer,
    /// Whether a call came on it; then that has the record.
    pub called: AtomicBool,
}

/// All calls of one connection.
pub(super) fn router(line: &Arc<Line>) -> Router {
    let mut router = Router::new();
    for operation in TABLE {
        let line = Arc::clone(line);
        let answer = move |request| handle(Arc::clone(&line), Some(operation), request);
        router = router.route(operation.row.path, any(answer));
    }
    let line = Arc::clone(line);
    router.fallback(move |request| handle(Arc::clone(&line), None, request))
}

/// Answers a request. What was begun is ended even if nobody waits for it.
async fn handle(line: Arc<Line>, operation: Option<&'static Operation>, request: Request) -> Response {
    line.called.store(true, Ordering::Relaxed);
    let task = tokio::spawn(serve(line, operation, request));
    Aborting(task).await.unwrap_or_else(|| answered(&outcome::INTERNAL, None, Answer::new()))
}

/// A task that is waited for; a panic in it is an answer as any other.
struct Aborting(tokio::task::JoinHandle<Response>);

impl Future for Aborting {
    type Output = Option<Response>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Response>> {
        Pin::new(&mut self.0).poll(cx).map(Result::ok)
    }
}

async fn serve(line: Arc<Line>, operation: Option<&'static Operation>, request: Request) -> Response {
    let terms = Arc::clone(&line.desk.terms.borrow());
    // Without room for its record a call is not served.
    let Some(slot) = line.desk.trail.reserve() else { return answered(&outcome::BUSY, None, Answer::new()) };
    let row = operation.map_or(&NOTHING, |operation| &operation.row);
    let mut call = Call::begin(&line, &terms, row, MethodWord::from(request.method()), slot);
    match way(&line, &terms, operation, request, &mut call).await {
        Ok((outcome, answer)) => call.end(outcome, answer),
        Err(outcome) => call.end(outcome, Answer::new()),
    }
}

/// The way: each step refuses, or the next one comes.
async fn way(
    line: &Line,
    terms: &Arc<Terms>,
    operation: Option<&'static Operation>,
    request: Request,
    call: &mut Call,
) -> Result<(AdminOutcome, Answer), AdminOutcome> {
    let (parts, body) = request.into_parts();
    let Operator { record, rights } = line.peer.operator(terms)?;
    call.record.by = Some(record);
    guard(&parts, &line.peer, terms.policy.admin.as_ref())?;
    // Who has no right at all is not told what there is.
    if rights.is_empty() {
        return Err(outcome::RIGHT);
    }
    let operation = operation.ok_or(outcome::ABSENT)?;
    if !rights.contains(operation.right) {
        return Err(outcome::RIGHT);
    }
    if parts.method != operation.method {
        return Err(outcome::METHOD);
    }
    let mut input = match operation.method {
        http::Method::POST => Input::read(&parts.headers, body).await?,
        _ if http_body::Body::is_end_stream(&body) => Input::default(),
        _ => return Err(outcome::BODY),
    };
    call.record.reason = input.reason(&terms.redactor)?;
    if operation.changes && call.record.reason.is_none() {
        return Err(outcome::REASON);
    }
    act(line, terms, operation.act, input, call).await
}

async fn act(
    line: &Line,
    terms: &Arc<Terms>,
    act: Act,
    input: Input,
    call: &mut Call,
) -> Result<(AdminOutcome, Answer), AdminOutcome> {
    let desk = &*line.desk;
    match act {
        Act::Status => looked(input, || view::status(desk, terms)),
        Act::Policy => looked(input, || view::policy(terms)),
        Act::Sanctions => looked(input, || behaviour::sanctions(desk)),
        Act::Alarms => looked(input, || behaviour::alarms(desk)),
        Act::Sinks => looked(input, || view::sinks(desk)),
        Act::Limits => view::limits(desk, terms, input, call),
        Act::Lock => control::lock(desk, terms, input, call),
        Act::Unlock => control::unlock(desk, terms, input, call),
        Act::Quarantine => control::quarantine(desk, terms, input, call),
        Act::Release => control::release(desk, terms, input, call),
        Act::Reload => control::reload(desk, input, call).await,
        Act::Drain => control::drain(desk, input),
        Act::Undrain => control::undrain(desk, input),
        Act::LogLevel => control::log_level(desk, input),
    }
}

fn looked(input: Input, look: impl FnOnce() -> Answer) -> Result<(AdminOutcome, Answer), AdminOutcome> {
    input.end()?;
    Ok((outcome::DONE, look()))
}

/// A call and what its record will say. Dropped without an end, it says that.
pub(super) struct Call {
    slot: Option<Slot>,
    pub record: AdminCall,
    began: Ticks,
    line: Arc<Line>,
}

impl Call {
    fn begin(
        line: &Arc<Line>,
        terms: &Terms,
        operation: &'static AdminOperation,
        method: MethodWord,
        slot: Slot,
    ) -> Self {
        let moment = line.desk.clock.moment();
        let record = AdminCall {
            id: RequestId::new(moment.wall),
            at: moment.wall,
            duration_micros: 0,
            method,
            operation,
            by: None,
            source: line.peer.source(terms),
            subject: None,
            reason: None,
            outcome: outcome::UNKNOWN,
        };
        Self { slot: Some(slot), record, began: moment.ticks, line: Arc::clone(line) }
    }

    /// Whom or what it is about.
    pub(super) fn is_about(&mut self, subject: Redacted) {
        self.record.subject = Some(subject);
    }

    fn end(mut self, outcome: AdminOutcome, answer: Answer) -> Response {
        self.record.outcome = outcome;
        let id = self.record.id;
        // Looks are many where a tool makes them.
        let looked = self.record.operation.right == Some(Right::View.word());
        if outcome.done && looked {
            log::debug!("an operator looked", call = self.record.operation.name);
        } else if outcome.done {
            log::info!("an operator called", call = self.record.operation.name);
        } else {
            log::warn!("an operator's call is refused", call = self.record.operation.name, code = outcome.code);
        }
        answered(&outcome, Some(id), answer)
    }
}

impl Drop for Call {
    fn drop(&mut self) {
        let Some(slot) = self.slot.take() else { return };
        let mut record = self.record.clone();
        record.duration_micros = self.line.desk.clock.ticks().since(self.began);
        slot.write(Event::AdminCall(Box::new(record)));
    }
}

/// The answer: what came of it, the id of its record, and what the call answers.
fn answered(outcome: &AdminOutcome, id: Option<RequestId>, answer: Answer) -> Response {
    let mut whole = Map::new();
    if let Some(id) = id {
        whole.insert("record".to_owned(), json!(id.to_string()));
    }
    whole.insert("outcome".to_owned(), json!({ "code": outcome.code, "text": outcome.text }));
    whole.extend(answer);
    let mut response = Response::new(Body::from(Value::Object(whole).to_string() + "\n"));
    *response.status_mut() = StatusCode::from_u16(outcome.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let fixed = [
        (header::CONTENT_TYPE, "application/json"),
        (header::CACHE_CONTROL, "no-store"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    for (name, value) in fixed {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response
}

/// A router never fails.
pub(super) fn infallible<T>(result: Result<T, Infallible>) -> T {
    match result {
        Ok(value) => value,
        Err(never) => match never {},
    }
}
