//! Health and readiness for what watches the gate (kubelet, load balancers): a status and nothing else, in plaintext, on
//! a port that shows nothing else. What a stranger learns here is what every connection attempt tells it, too. Where the
//! gate stands in the app's pod, the app's own probes are answered here as well, since nobody else can reach the app.

use std::convert::Infallible;
use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderValue, Method, Request, Response, StatusCode, header};
use http_body_util::Empty;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::TcpStream;
use tokio::sync::watch;

use crate::clock::Clock;
use crate::edge::Slots;
use crate::policy::settings::ConnectionBounds;
use crate::upstream::Probes;

/// Probes come from a handful of addresses, a few a second. One address that holds its places keeps nobody else out.
const BOUNDS: ConnectionBounds = ConnectionBounds { max: 256, per_address: 16 };
/// A request's head.
const HEAD: Duration = Duration::from_secs(2);
/// A whole connection: one question, one answer.
const CONNECTION: Duration = Duration::from_secs(5);
/// The smallest buffer that hyper takes.
const MAX_HEAD: usize = 8 * 1024;
/// Fields of a head; a kubelet sends four.
const MAX_FIELDS: usize = 32;
/// After a fault of `accept`: out of files or memory.
const PAUSE: Duration = Duration::from_millis(100);

/// How the gate is, at the moment of the question.
pub trait Pulse: Send + Sync {
    /// Whether its workers go on; one that does not should be started anew.
    fn is_live(&self) -> bool;
    /// Whether it should be sent new connections.
    fn is_ready(&self) -> bool;
}

/// What is answered.
#[derive(Clone)]
pub struct Health {
    /// For the gate itself.
    pub pulse: Arc<dyn Pulse>,
    /// For the app.
    pub probes: Arc<Probes>,
    /// By which answers grow old.
    pub clock: Clock,
}

/// Answers probes until `stop` says so, or its sender is gone.
pub async fn serve(listener: TcpListener, health: Health, mut stop: watch::Receiver<bool>) {
    // Whoever asks for the app waits for one who asked before, and then for the app.
    let longest = CONNECTION + health.probes.longest() * 2;
    let Ok(listener) = tokio::net::TcpListener::from_std(listener) else { return };
    let slots = Slots::new(BOUNDS);
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, from)) => {
                    // Whoever has as many as it may, or comes when all are taken, is closed.
                    let Ok(place) = slots.take(from.ip()) else { continue };
                    let health = health.clone();
                    tokio::spawn(async move {
                        let _ = tokio::time::timeout(longest, answer(stream, health)).await;
                        drop(place);
                    });
                }
                Err(_) => tokio::time::sleep(PAUSE).await,
            },
            () = until(&mut stop) => return,
        }
    }
}

/// Waits until it is to stop, or nobody is left who could say so.
async fn until(stop: &mut watch::Receiver<bool>) {
    let _ = stop.wait_for(|stop| *stop).await;
}

async fn answer(stream: TcpStream, health: Health) {
    let service = service_fn(move |request: Request<Incoming>| {
        let health = health.clone();
        async move {
            // Its body is nobody's; the fields of its head change nothing.
            let well = match request.method() {
                &Method::GET | &Method::HEAD => health.probes.ask(request.uri().path(), &health.clock).await,
                _ => None,
            };
            let response = well.map_or_else(|| respond(&request, &*health.pulse), |well| empty(status(well)));
            Ok::<_, Infallible>(response)
        }
    });
    // How it ends is the prober's matter.
    let _ = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD)
        .max_buf_size(MAX_HEAD)
        .max_headers(MAX_FIELDS)
        .keep_alive(false)
        .serve_connection(TokioIo::new(stream), service)
        .await;
}

fn respond<B>(request: &Request<B>, pulse: &dyn Pulse) -> Response<Empty<Bytes>> {
    let good = match request.uri().path() {
        "/livez" | "/healthz" => pulse.is_live(),
        "/readyz" => pulse.is_live() && pulse.is_ready(),
        _ => return empty(StatusCode::NOT_FOUND),
    };
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        let mut response = empty(StatusCode::METHOD_NOT_ALLOWED);
        response.headers_mut().insert(header::ALLOW, HeaderValue::from_static("GET, HEAD"));
        return response;
    }
    empty(status(good))
}

const fn status(good: bool) -> StatusCode {
    if good { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE }
}

fn empty(status: StatusCode) -> Response<Empty<Bytes>> {
    let mut response = Response::new(Empty::new());
    *response.status_mut() = status;
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Fixed(bool, bool);

    impl Pulse for Fixed {
        fn is_live(&self) -> bool {
            self.0
        }

        fn is_ready(&self) -> bool {
            self.1
        }
    }

    #[test]
    fn a_status_says_all_there_is_to_say() {
        let ask = |method: &str, path: &str, live, ready| {
            let request = Request::builder().method(method).uri(path).body(()).expect("a request");
            respond(&request, &Fixed(live, ready)).status().as_u16()
        };
        for (path, live, ready, status) in [
            ("/livez", true, false, 200),
            ("/livez", false, true, 503),
            ("/healthz", true, false, 200),
            ("/readyz", true, true, 200),
            ("/readyz", true, false, 503),
            ("/readyz", false, true, 503),
            ("/readyz?verbose", true, true, 200),
            ("/", true, true, 404),
            ("/metrics", true, true, 404),
            ("/livez/", true, true, 404),
        ] {
            assert_eq!(ask("GET", path, live, ready), status, "{path}");
        }
        assert_eq!(ask("POST", "/readyz", true, true), 405);
        assert_eq!(ask("HEAD", "/readyz", true, true), 200);
    }
}
