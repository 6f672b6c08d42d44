//! Upgraded streams: WebSocket and what else a route lets pass. Bytes of the new protocol move only after the app has
//! agreed to it.

use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

use http::header::{self, HeaderMap, HeaderValue};
use http::{Method, Response, StatusCode, Version};
use hyper::body::Incoming;
use hyper::upgrade::{OnUpgrade, Upgraded};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};

use super::connection::Connection;
use super::denial::{Denial, RequestFault};
use super::forward::{Answered, AppBody};
use super::headers;
use super::visit::Visit;
use crate::audit::End;
use crate::policy::route::Route;
use crate::policy::settings::AppHeaders;
use crate::upstream::UpstreamFault;

/// Bytes that one direction of a tunnel holds.
const BUFFER: usize = 16 * 1024;

/// A sound wish to upgrade, for a protocol that the route lets pass.
pub struct Upgrade {
    protocol: HeaderValue,
}

/// Both ends of a stream to be.
pub struct Ends {
    client: OnUpgrade,
    app: OnUpgrade,
}

/// Whether the request asks for another protocol (RFC 9110 section 7.8).
pub fn wanted(
    method: &Method,
    version: Version,
    fields: &HeaderMap,
    has_body: bool,
    route: Option<&Route>,
) -> Result<Option<Upgrade>, Denial> {
    let Some(protocol) = fields.get(header::UPGRADE) else { return Ok(None) };
    let announced = fields
        .get_all(header::CONNECTION)
        .iter()
        .flat_map(|value| value.as_bytes().split(|byte| *byte == b','))
        .any(|token| token.trim_ascii().eq_ignore_ascii_case(b"upgrade"));
    let single = fields.get_all(header::UPGRADE).iter().count() == 1;
    let sound = announced && single && *method == Method::GET && version == Version::HTTP_11 && !has_body;
    let lets_pass = route.is_some_and(|route| {
        route.upgrades.iter().any(|name| protocol.as_bytes().eq_ignore_ascii_case(name.as_str().as_bytes()))
    });
    if sound && lets_pass {
        Ok(Some(Upgrade { protocol: protocol.clone() }))
    } else {
        Err(Denial::Request(RequestFault::Upgrade))
    }
}

impl Upgrade {
    /// Tells the app.
    pub fn announce(&self, headers: &mut HeaderMap) {
        headers.insert(header::CONNECTION, HeaderValue::from_static("upgrade"));
        headers.insert(header::UPGRADE, self.protocol.clone());
    }

    /// What the app said: 101 with the same protocol, or any other answer, after which the connection closes: bytes
    /// that follow the request may be meant for the protocol that was refused, and are never read as requests.
    pub fn answered(
        &self,
        mut answer: Response<Incoming>,
        client: OnUpgrade,
        pii: bool,
        own: &AppHeaders,
    ) -> Result<Answered, Denial> {
        let switched = answer.status() == StatusCode::SWITCHING_PROTOCOLS;
        let agreed = answer
            .headers()
            .get(header::UPGRADE)
            .is_some_and(|protocol| protocol.as_bytes().eq_ignore_ascii_case(self.protocol.as_bytes()));
        if switched && !agreed || !switched && answer.status().is_informational() {
            return Err(Denial::Upstream(UpstreamFault::BadAnswer));
        }
        let app = hyper::upgrade::on(&mut answer);
        let (mut head, body) = answer.into_parts();
        headers::clean_answer(&mut head.headers, own);
        if !switched {
            head.headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
            return Ok(Answered { head, body: AppBody::Stream(body, None), pii });
        }
        head.headers.remove(header::CONTENT_LENGTH);
        self.announce(&mut head.headers);
        Ok(Answered { head, body: AppBody::Upgraded(Ends { client, app }), pii })
    }
}

/// Moves bytes both ways until one side ends, or nothing moves for `idle`; then the visit ends.
pub fn run(ends: Ends, connection: &Rc<Connection>, idle: Duration, mut visit: Visit) {
    if let Some(wire) = &connection.wire {
        wire.become_tunnel();
    }
    let gate = Rc::clone(visit.gate());
    tokio::task::spawn_local(async move {
        let (client, app) = match (ends.client.await, ends.app.await) {
            (Ok(client), Ok(app)) => (client, app),
            (Err(_), _) => {
                visit.finish(End::ClientGone);
                return;
            }
            (Ok(_), Err(_)) => {
                visit.finish(End::UpstreamBroken);
                return;
            }
        };
        let open = visit.open();
        let cut = async {
            let not_allowed = async {
                match open {
                    Some(open) => open.until_cut().await.end,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                end = not_allowed => end,
                () = gate.cut() => End::Drained,
            }
        };
        let end = shuttle(client, app, idle, cut, &mut visit).await;
        visit.finish(end);
    });
}

async fn shuttle(
    client: Upgraded,
    app: Upgraded,
    idle: Duration,
    cut: impl Future<Output = End>,
    visit: &mut Visit,
) -> End {
    let (mut from_client, mut to_client) = tokio::io::split(TokioIo::new(client));
    let (mut from_app, mut to_app) = tokio::io::split(TokioIo::new(app));
    let (received, sent) = (Cell::new(0), Cell::new(0));
    let moved = Cell::new(tokio::time::Instant::now());
    let end = {
        let up = pump(&mut from_client, &mut to_app, &received, &moved, |length| length);
        let down = pump(&mut from_app, &mut to_client, &sent, &moved, |length| visit.passes_bytes(length));
        let both = async { tokio::join!(up, down) };
        tokio::select! {
            _ = both => End::UpgradeClosed,
            () = silence(idle, &moved) => End::TimedOut,
            end = cut => end,
        }
    };
    // However it ended, what went through is counted.
    visit.received(received.get());
    visit.sent(sent.get());
    end
}

/// Copies one direction to its end, or to where `may_pass` says that not all bytes of a piece may, then tells the other
/// side.
async fn pump(
    from: &mut (impl AsyncRead + Unpin),
    to: &mut (impl AsyncWrite + Unpin),
    count: &Cell<u64>,
    moved: &Cell<tokio::time::Instant>,
    mut may_pass: impl FnMut(usize) -> usize,
) {
    let mut buffer = vec![0; BUFFER];
    while let Ok(came) = from.read(&mut buffer).await {
        let length = may_pass(came);
        if length == 0 || to.write_all(&buffer[..length]).await.is_err() || to.flush().await.is_err() {
            break;
        }
        count.set(count.get() + length as u64);
        moved.set(tokio::time::Instant::now());
        if length < came {
            break;
        }
    }
    // The other side may be gone already; there is nobody left to tell.
    let _ = to.shutdown().await;
}

/// Ends once nothing has moved for `idle`.
async fn silence(idle: Duration, moved: &Cell<tokio::time::Instant>) {
    loop {
        let until = moved.get() + idle;
        if until <= tokio::time::Instant::now() {
            return;
        }
        tokio::time::sleep_until(until).await;
    }
}
