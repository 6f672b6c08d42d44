//! Bodies on their way through, both directions: counted, bounded, timed, their trailers cleaned.

use std::cell::Cell;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use hyper::body::Incoming;
use tokio::time::Sleep;

use super::connection::Connection;
use super::denial::BodyFault;
use super::headers;
use super::open::Cut;
use super::visit::Visit;
use super::{Gate, canary};
use crate::audit::End;
use crate::policy::settings::AppHeaders;
use crate::upstream::Lease;
use crate::wire::InboundState;

/// The error type of bodies; hyper only passes it on.
pub type Failure = Box<dyn std::error::Error + Send + Sync>;

/// A dead-line between two pieces, armed only while one is waited for.
struct Idle {
    limit: Duration,
    sleep: Option<Pin<Box<Sleep>>>,
}

impl Idle {
    const fn new(limit: Duration) -> Self {
        Self { limit, sleep: None }
    }

    /// Nothing is there yet: whether the dead-line has passed.
    fn expired(&mut self, cx: &mut Context<'_>) -> bool {
        let limit = self.limit;
        let sleep = self.sleep.get_or_insert_with(|| Box::pin(tokio::time::sleep(limit)));
        sleep.as_mut().poll(cx).is_ready()
    }

    fn rest(&mut self) {
        self.sleep = None;
    }
}

/// How far a request body is; shared between the body, which goes to the app, and the steps that wait for the answer.
#[derive(Debug, Default)]
pub struct Progress {
    /// Bytes that came.
    pub bytes: Rc<Cell<u64>>,
    /// Whether the last byte has come, or none will.
    pub ended: Rc<Cell<bool>>,
    /// What went wrong.
    pub fault: Cell<Option<BodyFault>>,
}

/// A request body on its way to the app; none by default.
#[derive(Default)]
pub struct ClientBody(Option<Streaming>);

struct Streaming {
    inner: Incoming,
    progress: Rc<Progress>,
    wire: Option<Arc<InboundState>>,
    bound: u64,
    idle: Idle,
    own: AppHeaders,
    watched: Option<Box<canary::Body>>,
}

impl ClientBody {
    /// A body of at most `bound` bytes, with at most `idle` between two pieces.
    pub fn streaming(
        inner: Incoming,
        bound: u64,
        idle: Duration,
        wire: Option<Arc<InboundState>>,
        own: AppHeaders,
        watched: Option<Box<canary::Body>>,
    ) -> (Self, Rc<Progress>) {
        let progress = Rc::new(Progress::default());
        let body =
            Streaming { inner, progress: Rc::clone(&progress), wire, bound, idle: Idle::new(idle), own, watched };
        (Self(Some(body)), progress)
    }
}

impl Streaming {
    fn fail(&self, fault: BodyFault) -> Poll<Option<Result<Frame<Bytes>, Failure>>> {
        self.progress.fault.set(Some(fault));
        self.progress.ended.set(true);
        Poll::Ready(Some(Err("the request body failed".into())))
    }
}

impl Body for ClientBody {
    type Data = Bytes;
    type Error = Failure;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Failure>>> {
        let Some(body) = &mut self.get_mut().0 else { return Poll::Ready(None) };
        match Pin::new(&mut body.inner).poll_frame(cx) {
            Poll::Pending if body.idle.expired(cx) => body.fail(BodyFault::Stalled),
            Poll::Pending => Poll::Pending,
            Poll::Ready(None) => {
                body.progress.ended.set(true);
                Poll::Ready(None)
            }
            Poll::Ready(Some(Err(_))) => {
                let broken = body.wire.as_ref().is_some_and(|wire| wire.body_fault());
                body.fail(if broken { BodyFault::Broken } else { BodyFault::Gone })
            }
            Poll::Ready(Some(Ok(frame))) => {
                body.idle.rest();
                let length = frame.data_ref().map_or(0, Bytes::len);
                let bytes = body.progress.bytes.get() + length as u64;
                if bytes > body.bound {
                    return body.fail(BodyFault::TooLarge);
                }
                body.progress.bytes.set(bytes);
                let frame = headers::clean_trailers(frame, &body.own);
                if let Some(watched) = &mut body.watched
                    && watched.looks(&frame).is_err()
                {
                    // The app sees neither this nor an end; the client is told why by what cut the request.
                    body.progress.ended.set(true);
                    return Poll::Ready(Some(Err("the request may not go on".into())));
                }
                body.progress.ended.set(body.inner.is_end_stream());
                Poll::Ready(Some(Ok(frame)))
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.0.as_ref().is_none_or(|body| body.inner.is_end_stream())
    }

    fn size_hint(&self) -> SizeHint {
        self.0.as_ref().map_or_else(|| SizeHint::with_exact(0), |body| body.inner.size_hint())
    }
}

impl Drop for ClientBody {
    fn drop(&mut self) {
        if let Some(body) = &self.0 {
            body.progress.ended.set(true);
        }
    }
}

/// An answer's body on its way to the client, with the visit that ends when it does.
pub struct AnswerBody {
    source: Source,
    visit: Option<Visit>,
}

enum Source {
    /// Nothing, or no more.
    Done,
    /// The gate's own words.
    Own(Bytes),
    /// The app's.
    App(Box<FromApp>),
}

struct FromApp {
    inner: Incoming,
    lease: Option<Lease<ClientBody>>,
    connection: Rc<Connection>,
    gate: Rc<Gate>,
    idle: Idle,
    place: Option<usize>,
    /// Whether what may still go out was given a chance to.
    flushed: bool,
}

impl AnswerBody {
    /// The gate's own words; never none.
    pub const fn own(text: Bytes, visit: Visit) -> Self {
        Self { source: Source::Own(text), visit: Some(visit) }
    }

    /// An answer whose body is somebody else's business: the visit goes with it.
    pub const fn upgraded() -> Self {
        Self { source: Source::Done, visit: None }
    }

    /// The app's body, with at most `idle` between two pieces.
    pub fn app(
        inner: Incoming,
        lease: Option<Lease<ClientBody>>,
        connection: Rc<Connection>,
        idle: Duration,
        visit: Visit,
    ) -> Self {
        if inner.is_end_stream() {
            let mut body = Self { source: Source::Done, visit: Some(visit) };
            body.finish(End::Complete, lease);
            return body;
        }
        let gate = Rc::clone(visit.gate());
        let from_app = FromApp { inner, lease, connection, gate, idle: Idle::new(idle), place: None, flushed: false };
        Self { source: Source::App(Box::new(from_app)), visit: Some(visit) }
    }

    fn finish(&mut self, end: End, lease: Option<Lease<ClientBody>>) {
        if let Source::App(from_app) = std::mem::replace(&mut self.source, Source::Done)
            && let Some(place) = from_app.place
        {
            from_app.connection.answer_rests(place);
        }
        if let Some(mut visit) = self.visit.take() {
            let now = visit.finish(end);
            if let Some(lease) = lease {
                lease.give_back(now);
            }
        }
    }

    /// The limits count a piece, or that there is no more, and may shorten it; then the answer is cut.
    fn passes(&mut self, piece: Option<&mut Bytes>, last: bool) -> Option<Cut> {
        let visit = self.visit.as_mut()?;
        let mut none = Bytes::new();
        let piece = piece.unwrap_or(&mut none);
        visit.looks(piece);
        visit.passes(piece, last);
        visit.sent(piece.len() as u64);
        visit.is_cut()
    }

    /// Ends the answer before its end. What limits let pass is given a chance to leave first: hyper writes it out when
    /// nothing more is there, and not any more after an error.
    fn cut_off(&mut self, cut: Cut, cx: &Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Failure>>> {
        if let Source::App(from_app) = &mut self.source
            && cut.denial.limit().is_some()
            && !std::mem::replace(&mut from_app.flushed, true)
        {
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        self.finish(cut.end, None);
        Poll::Ready(Some(Err("the request may not go on".into())))
    }

    fn poll_app(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Failure>>> {
        let Source::App(from_app) = &mut self.source else { return Poll::Ready(None) };
        if let Some(cut) = self.visit.as_ref().and_then(Visit::is_cut) {
            return self.cut_off(cut, cx);
        }
        let polled = Pin::new(&mut from_app.inner).poll_frame(cx);
        if polled.is_pending() {
            if let Some(visit) = &self.visit {
                // It was not cut a moment ago, and nothing else ran since: this leaves the waker.
                let _ = visit.poll_cut(cx);
            }
            if let Some(place) = from_app.place.take() {
                from_app.connection.answer_rests(place);
            }
            if from_app.idle.expired(cx) {
                self.finish(End::TimedOut, None);
                return Poll::Ready(Some(Err("the app's answer stalled".into())));
            }
        }
        match ready!(polled) {
            None => {
                let lease = from_app.lease.take();
                if let Some(cut) = self.passes(None, true) {
                    return self.cut_off(cut, cx);
                }
                self.finish(End::Complete, lease);
                Poll::Ready(None)
            }
            Some(Err(_)) => {
                self.finish(End::UpstreamBroken, None);
                Poll::Ready(Some(Err("the app's answer broke off".into())))
            }
            Some(Ok(frame)) => {
                let mut frame = headers::clean_trailers(frame, &from_app.gate.policy.gate.headers);
                from_app.idle.rest();
                if let (Some(trailers), Some(visit)) = (frame.trailers_ref(), &self.visit) {
                    visit.looks_behind(trailers);
                }
                // Trailers are the last there is; some readers do not ask again after them.
                let last = frame.is_trailers() || from_app.inner.is_end_stream();
                let cut = self.passes(frame.data_mut(), last);
                if let Some(cut) = cut.filter(|_| frame.data_ref().is_none_or(Bytes::is_empty)) {
                    return self.cut_off(cut, cx);
                }
                let Source::App(from_app) = &mut self.source else { return Poll::Ready(None) };
                // What is cut ends with the next look, behind what may still go out.
                if last && cut.is_none() {
                    let lease = from_app.lease.take();
                    self.finish(End::Complete, lease);
                } else {
                    match from_app.place {
                        Some(place) => from_app.connection.answer_moved(place, from_app.gate.lately.get().ticks),
                        None => {
                            let now = from_app.gate.lately.get().ticks;
                            from_app.place = Some(from_app.connection.watch_answer(now));
                        }
                    }
                }
                Poll::Ready(Some(Ok(frame)))
            }
        }
    }
}

impl Body for AnswerBody {
    type Data = Bytes;
    type Error = Failure;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Failure>>> {
        let this = self.get_mut();
        match &mut this.source {
            Source::Done => Poll::Ready(None),
            Source::App(_) => this.poll_app(cx),
            Source::Own(text) => {
                let text = std::mem::take(text);
                if let Some(visit) = this.visit.as_mut() {
                    visit.sent(text.len() as u64);
                }
                this.finish(End::Complete, None);
                Poll::Ready(Some(Ok(Frame::data(text))))
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        matches!(self.source, Source::Done)
    }

    fn size_hint(&self) -> SizeHint {
        match &self.source {
            Source::Done => SizeHint::with_exact(0),
            Source::Own(text) => SizeHint::with_exact(text.len() as u64),
            Source::App(from_app) => from_app.inner.size_hint(),
        }
    }
}

impl Drop for AnswerBody {
    fn drop(&mut self) {
        if let Source::App(from_app) = &self.source
            && let Some(place) = from_app.place
        {
            from_app.connection.answer_rests(place);
        }
    }
}
