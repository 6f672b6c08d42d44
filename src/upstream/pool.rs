//! One worker's connections to the app: kept alive, reused last in first out, never shared between threads.

use std::cell::RefCell;
use std::future::Future;
use std::pin::pin;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::Response;
use http_body::Body;
use hyper::body::Incoming;
use hyper::client::conn::{http1, http2};
use hyper_util::rt::TokioIo;
use tokio::sync::Semaphore;
use tower::limit::ConcurrencyLimit;
use tower::util::ServiceExt as _;

use super::patience::Patience;
use super::{Connector, Parcel, UpstreamFault};
use crate::clock::Ticks;
use crate::policy::settings::{UpstreamProtocol, UpstreamSettings, UpstreamTimeouts};
use crate::wire::{HeadBounds, Reply, ReplyState};

/// Connections that one worker makes at the same time: more would be a storm on an app that just came back.
const CONNECTING: usize = 256;
/// Requests of one worker that wait for a connection that is made or may be: as many as come at once when a gate has just
/// started, or all idle connections were closed.
const AWAITED: usize = 4096;
/// Bytes of an answer's head, and its fields: hyper's own parser takes 100 on the stack.
const ANSWER_BOUNDS: HeadBounds = HeadBounds { bytes: 64 * 1024, fields: 100, target: 0 };
/// How long a connection may lie idle: most servers close theirs after 5 s (Node.js), 20 s (Tomcat), 60 s or more.
const MAX_IDLE: Duration = Duration::from_secs(4);

type Failure = Box<dyn std::error::Error + Send + Sync>;

/// A worker's connections to the app.
pub struct Pool<B> {
    connector: ConcurrencyLimit<Connector>,
    awaited: Semaphore,
    protocol: UpstreamProtocol,
    timeouts: UpstreamTimeouts,
    patience: Patience,
    keep: usize,
    idle: RefCell<Vec<Idle<B>>>,
    shared: tokio::sync::Mutex<Option<http2::SendRequest<B>>>,
}

struct Idle<B> {
    sender: Http1<B>,
    since: Ticks,
}

struct Http1<B> {
    send: http1::SendRequest<B>,
    wire: Arc<ReplyState>,
}

/// The right to give a connection back once its answer was read to the end. Dropped before, the connection is closed.
pub struct Lease<B> {
    pool: Rc<Pool<B>>,
    sender: Option<Http1<B>>,
}

impl<B> Lease<B> {
    /// The answer ended at `now`, and nothing of it is left on the wire.
    pub fn give_back(mut self, now: Ticks) {
        if let Some(sender) = self.sender.take()
            && !sender.wire.fault()
            && !sender.send.is_closed()
        {
            let mut idle = self.pool.idle.borrow_mut();
            if idle.len() < self.pool.keep {
                idle.push(Idle { sender, since: now });
            }
        }
    }
}

impl<B> Pool<B>
where
    B: Body<Data = Bytes, Error = Failure> + Default + Unpin + 'static,
{
    /// An empty pool.
    pub fn new(connector: Connector, settings: &UpstreamSettings) -> Rc<Self> {
        Rc::new(Self {
            connector: ConcurrencyLimit::new(connector, CONNECTING),
            awaited: Semaphore::new(AWAITED),
            protocol: settings.protocol,
            timeouts: settings.timeouts,
            patience: Patience::default(),
            keep: settings.idle_connections,
            idle: RefCell::new(Vec::new()),
            shared: tokio::sync::Mutex::new(None),
        })
    }

    /// Sends a request whose target is in origin form, and waits for the head of the answer. A reused connection that
    /// ended before it brought a byte of an answer gives way to a new one, once, if the parcel can be repeated.
    pub async fn exchange(
        self: &Rc<Self>,
        parcel: &mut Parcel<B>,
    ) -> Result<(Response<Incoming>, Lease<B>), UpstreamFault> {
        if self.protocol == UpstreamProtocol::Http2 {
            return Box::pin(self.exchange_http2(parcel)).await;
        }
        if let Some(mut sender) = self.take_idle(parcel.sent_at())
            && let Some(request) = parcel.take()
        {
            sender.wire.expect_head();
            let sent = sender.send.try_send_request(request);
            match self.deadline(sent, parcel).await? {
                Ok(answer) => return self.leased(answer, sender),
                Err(mut error) => match error.take_message() {
                    // Never written: any request may go again.
                    Some(unsent) => parcel.put_back(unsent),
                    None if ended_early(error.error()) && !sender.wire.fault() && parcel.repeat() => {}
                    None => return Err(fault_of(error.error(), &sender.wire)),
                },
            }
        }
        // Rare beside the way above: kept out of what every request carries along.
        Box::pin(self.exchange_fresh(parcel)).await
    }

    async fn exchange_fresh(
        self: &Rc<Self>,
        parcel: &mut Parcel<B>,
    ) -> Result<(Response<Incoming>, Lease<B>), UpstreamFault> {
        let (mut sender, connection) = self.handshake().await?;
        tokio::task::spawn_local(async move {
            // Its end shows in the answer.
            let _ = connection.await;
        });
        let Some(request) = parcel.take() else { return Err(UpstreamFault::Closed) };
        sender.wire.expect_head();
        let sent = sender.send.send_request(request);
        match self.deadline(sent, parcel).await? {
            Ok(answer) => self.leased(answer, sender),
            Err(error) => Err(fault_of(&error, &sender.wire)),
        }
    }

    /// The same over a connection of its own, which can be upgraded and is never pooled.
    pub async fn exchange_upgradable(&self, parcel: &mut Parcel<B>) -> Result<Response<Incoming>, UpstreamFault> {
        let (mut sender, connection) = self.handshake().await?;
        tokio::task::spawn_local(async move {
            // Its end shows in the answer, or in the upgraded stream.
            let _ = connection.with_upgrades().await;
        });
        let Some(request) = parcel.take() else { return Err(UpstreamFault::Closed) };
        sender.wire.expect_head();
        let sent = sender.send.send_request(request);
        self.deadline(sent, parcel).await?.map_err(|error| fault_of(&error, &sender.wire))
    }

    fn leased(
        self: &Rc<Self>,
        answer: Response<Incoming>,
        sender: Http1<B>,
    ) -> Result<(Response<Incoming>, Lease<B>), UpstreamFault> {
        // 101 without an upgrade that we asked for, and other interim answers, are no answers (RFC 9110 section 15.2).
        if answer.status().is_informational() {
            return Err(UpstreamFault::BadAnswer);
        }
        Ok((answer, Lease { pool: Rc::clone(self), sender: Some(sender) }))
    }

    async fn exchange_http2(
        self: &Rc<Self>,
        parcel: &mut Parcel<B>,
    ) -> Result<(Response<Incoming>, Lease<B>), UpstreamFault> {
        let mut send = self.shared_http2().await?;
        let Some(request) = parcel.take() else { return Err(UpstreamFault::Closed) };
        let sent = send.send_request(request);
        match self.deadline(sent, parcel).await? {
            Ok(answer) => Ok((answer, Lease { pool: Rc::clone(self), sender: None })),
            Err(error) => Err(fault_of(&error, &ReplyState::default())),
        }
    }

    async fn shared_http2(&self) -> Result<http2::SendRequest<B>, UpstreamFault> {
        let mut shared = self.shared.lock().await;
        if let Some(send) = shared.as_ref()
            && !send.is_closed()
        {
            return Ok(send.clone());
        }
        let stream = self.connect().await?;
        let (send, connection) = http2::Builder::new(LocalExecutor)
            .max_header_list_size(64 * 1024)
            .handshake(TokioIo::new(stream))
            .await
            .map_err(|_| UpstreamFault::Connect)?;
        tokio::task::spawn_local(async move {
            // Its end shows in the answers.
            let _ = connection.await;
        });
        *shared = Some(send.clone());
        Ok(send)
    }

    /// The idle connection that was used last and is still good.
    fn take_idle(&self, now: Ticks) -> Option<Http1<B>> {
        let mut idle = self.idle.borrow_mut();
        let mut place = idle.len();
        while place > 0 {
            place -= 1;
            let candidate = &idle[place];
            let stale = now.since(candidate.since) > u64::try_from(MAX_IDLE.as_micros()).unwrap_or(u64::MAX);
            if stale || candidate.sender.send.is_closed() {
                idle.remove(place);
            } else if candidate.sender.send.is_ready() {
                return Some(idle.remove(place).sender);
            }
        }
        None
    }

    async fn handshake(
        &self,
    ) -> Result<(Http1<B>, http1::Connection<TokioIo<Reply<super::Stream>>, B>), UpstreamFault> {
        let stream = self.connect().await?;
        let (reply, wire) = Reply::new(stream, ANSWER_BOUNDS);
        let (send, connection) = http1::Builder::new()
            .max_header_size(ANSWER_BOUNDS.bytes)
            .handshake(TokioIo::new(reply))
            .await
            .map_err(|_| UpstreamFault::Connect)?;
        Ok((Http1 { send, wire }, connection))
    }

    async fn connect(&self) -> Result<super::Stream, UpstreamFault> {
        let Ok(_place) = self.awaited.try_acquire() else { return Err(UpstreamFault::Busy) };
        match tokio::time::timeout(self.timeouts.connect, self.connector.clone().oneshot(())).await {
            Err(_) => Err(UpstreamFault::ConnectTimeout),
            Ok(Ok(stream)) => Ok(stream),
            Ok(Err(_)) => Err(UpstreamFault::Connect),
        }
    }

    async fn deadline<T>(&self, answer: impl Future<Output = T>, parcel: &Parcel<B>) -> Result<T, UpstreamFault> {
        let mut answer = pin!(answer);
        let mut since = parcel.sent_at();
        loop {
            match self.patience.wait(answer.as_mut(), since).await {
                Some(answer) => return Ok(answer),
                None if parcel.is_sending() => since = since.plus(self.timeouts.response),
                None => return Err(UpstreamFault::Timeout),
            }
        }
    }

    /// Looks at what waits for an answer: to be called from time to time, for dead-lines hold to within that.
    pub fn look(&self, now: Ticks) {
        self.patience.look(now, self.timeouts.response);
    }
}

/// Whether a connection ended before it brought anything, as a kept-alive one does when the app closes it.
fn ended_early(error: &hyper::Error) -> bool {
    error.is_incomplete_message() || error.is_closed() || error.is_canceled()
}

fn fault_of(error: &hyper::Error, wire: &ReplyState) -> UpstreamFault {
    if wire.fault() || error.is_parse() {
        UpstreamFault::BadAnswer
    } else if error.is_user() {
        UpstreamFault::RequestBody
    } else {
        UpstreamFault::Closed
    }
}

/// Runs hyper's tasks on the worker's own thread.
#[derive(Clone, Copy, Debug)]
pub struct LocalExecutor;

impl<F: Future + 'static> hyper::rt::Executor<F> for LocalExecutor
where
    F::Output: 'static,
{
    fn execute(&self, task: F) {
        tokio::task::spawn_local(task);
    }
}
