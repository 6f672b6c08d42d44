//! One exchange on the kept connection: the heart of the stack.

use std::fmt;
use std::future::{Future, Ready, ready};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http::{Request, header};
use http_body::Body as _;
use http_body_util::{BodyExt as _, Full, LengthLimitError, Limited};
use hyper::body::Incoming;
use hyper::client::conn::http1::{Builder, SendRequest};
use hyper_util::rt::TokioIo;
use tokio::sync::Mutex;
use tokio::task::JoinHandle;

use super::Reply;
use crate::outbound::{Dialer, OutboundFault};
use crate::policy::http_address::HttpPlace;

/// Longest head of an answer.
const MAX_HEAD_BYTES: usize = 32 * 1024;
/// Most fields of one.
const MAX_FIELDS: usize = 100;
/// What an end in order may take: a flush, and the notice of it in TLS.
const FAREWELL: Duration = Duration::from_secs(1);

/// Why there was no answer.
#[derive(Clone, Copy, Debug)]
pub(super) struct Fault {
    pub why: OutboundFault,
    /// A kept connection had ended before anything of an answer came: the receiver's patience was over, as it may be at
    /// any time, and nothing is wrong.
    stale: bool,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.why.fmt(f)
    }
}

impl std::error::Error for Fault {}

impl From<OutboundFault> for Fault {
    fn from(why: OutboundFault) -> Self {
        Self { why, stale: false }
    }
}

/// Tries once more, at once, where a kept connection had ended.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Stale {
    tried: bool,
}

impl tower::retry::Policy<Request<Bytes>, Reply, Fault> for Stale {
    type Future = Ready<()>;

    fn retry(&mut self, _: &mut Request<Bytes>, result: &mut Result<Reply, Fault>) -> Option<Ready<()>> {
        let again = !self.tried && matches!(result, Err(fault) if fault.stale);
        self.tried = true;
        again.then(|| ready(()))
    }

    fn clone_request(&mut self, request: &Request<Bytes>) -> Option<Request<Bytes>> {
        Some(request.clone())
    }
}

/// Exchanges on one connection. Clones share it.
#[derive(Clone)]
pub(super) struct Exchange(Arc<Mutex<Line>>);

struct Line {
    dialer: Dialer,
    place: HttpPlace,
    max_body: usize,
    kept: Option<Kept>,
}

/// A connection between two exchanges.
struct Kept {
    sender: SendRequest<Full<Bytes>>,
    task: Task,
}

/// What reads and writes a connection; it ends with whoever uses it.
struct Task(Option<JoinHandle<()>>);

impl Drop for Task {
    fn drop(&mut self) {
        if let Some(task) = &self.0 {
            task.abort();
        }
    }
}

impl Exchange {
    pub fn new(dialer: Dialer, place: HttpPlace, max_body: usize) -> Self {
        Self(Arc::new(Mutex::new(Line { dialer, place, max_body, kept: None })))
    }

    /// Ends the connection in order.
    pub async fn close(&self) {
        let Some(Kept { sender, mut task }) = self.0.lock().await.kept.take() else { return };
        drop(sender);
        if let Some(running) = &mut task.0 {
            // A receiver that does not listen any more is not waited for.
            let _ = tokio::time::timeout(FAREWELL, running).await;
        }
    }
}

impl tower::Service<Request<Bytes>> for Exchange {
    type Response = Reply;
    type Error = Fault;
    type Future = Pin<Box<dyn Future<Output = Result<Reply, Fault>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Fault>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Bytes>) -> Self::Future {
        let line = Arc::clone(&self.0);
        Box::pin(async move { line.lock().await.exchange(request).await })
    }
}

impl Line {
    async fn exchange(&mut self, request: Request<Bytes>) -> Result<Reply, Fault> {
        let kept = self.kept.take().filter(|kept| !kept.sender.is_closed());
        let was_kept = kept.is_some();
        let mut line = match kept {
            Some(kept) => kept,
            None => self.open().await?,
        };
        let faulty = |error: &hyper::Error| {
            let why = fault_of(error);
            let stale = was_kept && (error.is_canceled() || error.is_closed() || error.is_incomplete_message());
            Fault { why, stale }
        };
        line.sender.ready().await.map_err(|error| faulty(&error))?;
        let response = line.sender.send_request(request.map(Full::new)).await.map_err(|error| faulty(&error))?;
        let reply = read(response, self.max_body).await?;
        // An answer that was not read to its end leaves a connection that nothing can be read from.
        if reply.body.is_some() {
            self.kept = Some(line);
        }
        Ok(reply)
    }

    async fn open(&mut self) -> Result<Kept, Fault> {
        let wire = self.dialer.dial(&self.place).await?;
        let (sender, connection) = Builder::new()
            .max_buf_size(MAX_HEAD_BYTES.max(64 * 1024))
            .max_headers(MAX_FIELDS)
            .handshake(TokioIo::new(wire))
            .await
            .map_err(|_| OutboundFault::Connect)?;
        let task = tokio::spawn(async move {
            // How it ended is told to the exchange that it ended in, or does not matter.
            let _ = connection.await;
        });
        Ok(Kept { sender, task: Task(Some(task)) })
    }
}

async fn read(response: http::Response<Incoming>, most: usize) -> Result<Reply, Fault> {
    let (head, body) = response.into_parts();
    let mut reply = Reply { status: head.status, fields: head.headers, body: None };
    // Nothing but plain bytes was asked for, and what unpacks has no bound of its own.
    if reply.fields.contains_key(header::CONTENT_ENCODING) || body.size_hint().lower() > most as u64 {
        return Ok(reply);
    }
    match Limited::new(body, most).collect().await {
        Ok(whole) => reply.body = Some(whole.to_bytes()),
        Err(error) if error.is::<LengthLimitError>() => {}
        Err(_) => return Err(OutboundFault::Connect.into()),
    }
    Ok(reply)
}

fn fault_of(error: &hyper::Error) -> OutboundFault {
    if error.is_parse() || error.is_parse_too_large() { OutboundFault::Malformed } else { OutboundFault::Connect }
}
