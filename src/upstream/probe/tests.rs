use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::server::conn::{http1, http2};
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::net::TcpListener;

use super::*;
use crate::clock::UnixMillis;

/// An app that counts who asks, on a free port.
async fn app(is_http2: bool) -> (u16, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let asked = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&asked);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let counter = Arc::clone(&counter);
            let service = service_fn(move |request| answer(request, Arc::clone(&counter)));
            tokio::spawn(async move {
                let stream = TokioIo::new(stream);
                if is_http2 {
                    drop(http2::Builder::new(TokioExecutor::new()).serve_connection(stream, service).await);
                } else {
                    drop(http1::Builder::new().serve_connection(stream, service).await);
                }
            });
        }
    });
    (port, asked)
}

async fn answer(request: Request<Incoming>, asked: Arc<AtomicUsize>) -> Result<Response<Full<Bytes>>, Infallible> {
    asked.fetch_add(1, Ordering::Relaxed);
    let (head, body) = request.into_parts();
    let status = match head.uri.path_and_query().map_or("", |path| path.as_str()) {
        "/well?deep=1" if head.headers.get("host").is_some_and(|host| host == "shop") => StatusCode::OK,
        "/moved" => StatusCode::FOUND,
        "/grpc.health.v1.Health/Check" => {
            let body = body.collect().await.unwrap().to_bytes();
            let serving = if body.ends_with(b"shop.Orders") { 1 } else { 2 };
            return Ok(Response::new(Full::new(Bytes::from(vec![0, 0, 0, 0, 2, 8, serving]))));
        }
        "/slow" => std::future::pending().await,
        _ => StatusCode::SERVICE_UNAVAILABLE,
    };
    let mut response = Response::new(Full::default());
    *response.status_mut() = status;
    Ok(response)
}

async fn ask(argument: String) -> Option<bool> {
    let probes = Probes::read(&[argument]).unwrap();
    probes.ask("/probe/app/x", &Clock::system()).await
}

#[tokio::test]
async fn the_app_is_asked_as_the_kubelet_would() {
    let (port, _) = app(false).await;
    let http = |path: &str, headers: &str| {
        format!(r#"{{"path":"/probe/app/x","http":{{"port":{port},"path":"{path}","headers":{headers}}}}}"#)
    };
    assert_eq!(ask(http("/well?deep=1", r#"[["Host","shop"]]"#)).await, Some(true));
    assert_eq!(ask(http("/well?deep=1", "[]")).await, Some(false));
    assert_eq!(ask(http("moved", "[]")).await, Some(true));
    assert_eq!(ask(http("/ill", "[]")).await, Some(false));
    assert_eq!(ask(http("/slow", "[]")).await, Some(false));
    assert_eq!(ask(format!(r#"{{"path":"/probe/app/x","tcp":{{"port":{port}}}}}"#)).await, Some(true));
    assert_eq!(ask(r#"{"path":"/probe/app/x","tcp":{"port":1}}"#.to_owned()).await, Some(false));
}

#[tokio::test]
async fn the_health_service_of_grpc_is_asked_for_a_service() {
    let (port, _) = app(true).await;
    let grpc = |service: &str| format!(r#"{{"path":"/probe/app/x","grpc":{{"port":{port},"service":"{service}"}}}}"#);
    assert_eq!(ask(grpc("shop.Orders")).await, Some(true));
    assert_eq!(ask(grpc("")).await, Some(false));
    assert_eq!(ask(grpc(&"long.".repeat(40))).await, Some(false));
}

#[tokio::test]
async fn an_answer_holds_for_half_a_second_whoever_asks() {
    let (port, asked) = app(false).await;
    let probes =
        Probes::read(&[format!(r#"{{"path":"/probe/app/x","http":{{"port":{port},"path":"/moved"}}}}"#)]).unwrap();
    let (clock, hands) = Clock::manual(UnixMillis(0));
    for _ in 0..10 {
        assert_eq!(probes.ask("/probe/app/x", &clock).await, Some(true));
    }
    assert_eq!(asked.load(Ordering::Relaxed), 1);
    hands.advance(FRESH);
    assert_eq!(probes.ask("/probe/app/x", &clock).await, Some(true));
    assert_eq!(asked.load(Ordering::Relaxed), 2);
    assert_eq!(probes.ask("/probe/app/y", &clock).await, None);
}

#[test]
fn what_is_not_understood_is_refused() {
    for wrong in [
        "",
        "[]",
        "{}",
        r#"{"path":"/probe/a/b"}"#,
        r#"{"path":"/readyz","tcp":{"port":1}}"#,
        r#"{"path":"/probe/a/b?c","tcp":{"port":1}}"#,
        r#"{"path":"/probe/a/b","tcp":{"port":0}}"#,
        r#"{"path":"/probe/a/b","tcp":{"port":65536}}"#,
        r#"{"path":"/probe/a/b","tcp":{"port":1},"grpc":{"port":1}}"#,
        r#"{"path":"/probe/a/b","tcp":{"port":1,"host":"elsewhere"}}"#,
        r#"{"path":"/probe/a/b","tcp":{"port":1},"timeout":0}"#,
        r#"{"path":"/probe/a/b","tcp":{"port":1},"more":1}"#,
        r#"{"path":"/probe/a/b","http":{"port":1,"path":"/a b"}}"#,
        r#"{"path":"/probe/a/b","http":{"port":1,"headers":[["A\n","b"]]}}"#,
        r#"{"path":"/probe/a/b","http":{"port":1,"headers":[["Transfer-Encoding","chunked"]]}}"#,
    ] {
        assert!(Probes::read(&[wrong.to_owned()]).is_err(), "{wrong}");
    }
    let one = r#"{"path":"/probe/a/b","tcp":{"port":1}}"#.to_owned();
    assert!(Probes::read(&[one.clone(), one]).is_err());
}
