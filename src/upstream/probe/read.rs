//! The arguments of `--probe`, read strictly: what is not understood is refused, not passed over.

use std::time::Duration;

use http::{HeaderMap, HeaderName, HeaderValue, Uri};
use serde_json::{Map, Value};

use super::{Probe, ProbeFault, Way};

/// Every probe's path begins so.
const PREFIX: &str = "/probe/";
/// Seconds, if none are given: the kubelet's own.
const TIMEOUT: u64 = 1;
/// Longest; the kubelet's own field has no bound, and a probe that takes longer tells nothing.
const MAX_TIMEOUT: u64 = 600;
/// Fields of a request.
const MAX_HEADERS: usize = 32;

fn fault(what: impl Into<String>) -> ProbeFault {
    ProbeFault(what.into())
}

/// One argument.
pub(super) fn probe(argument: &str) -> Result<(String, Probe), ProbeFault> {
    let value: Value = serde_json::from_str(argument).map_err(|error| fault(format!("not JSON: {error}")))?;
    let map = object(&value, &["path", "http", "tcp", "grpc", "timeout"])?;
    let path = map.get("path").and_then(Value::as_str).unwrap_or_default();
    if !path.starts_with(PREFIX) || !path.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"/-._".contains(&byte)) {
        return Err(fault(format!("`path` is not `{PREFIX}CONTAINER/NAME`")));
    }
    let seconds = map.get("timeout").map_or(Some(TIMEOUT), Value::as_u64);
    let seconds = seconds.filter(|seconds| (1..=MAX_TIMEOUT).contains(seconds));
    let seconds =
        seconds.ok_or_else(|| fault(format!("`timeout` is not a number of seconds from 1 to {MAX_TIMEOUT}")))?;
    let (port, way) = match (map.get("http"), map.get("tcp"), map.get("grpc")) {
        (Some(http), None, None) => self::http(http)?,
        (None, Some(tcp), None) => (port(object(tcp, &["port"])?)?, Way::Tcp),
        (None, None, Some(grpc)) => {
            let grpc = object(grpc, &["port", "service"])?;
            let service = grpc.get("service").map_or(Some(""), Value::as_str);
            (port(grpc)?, Way::Grpc(service.ok_or_else(|| fault("`service` is not a text"))?.to_owned()))
        }
        _ => return Err(fault("one of `http`, `tcp` and `grpc` says how to ask")),
    };
    Ok((path.to_owned(), Probe { port, way, timeout: Duration::from_secs(seconds) }))
}

fn http(http: &Value) -> Result<(u16, Way), ProbeFault> {
    let http = object(http, &["port", "path", "headers"])?;
    let port = port(http)?;
    let path = http.get("path").map_or(Some("/"), Value::as_str).ok_or_else(|| fault("`path` is not a text"))?;
    // The kubelet takes a path without its slash.
    let path = if path.starts_with('/') { path.to_owned() } else { format!("/{path}") };
    let target = Uri::try_from(path).map_err(|_| fault("`http.path` is no path of a URL"))?;
    let mut headers = HeaderMap::new();
    let given = http.get("headers").map_or(Some(&[][..]), |list| list.as_array().map(Vec::as_slice));
    let given = given.filter(|list| list.len() <= MAX_HEADERS);
    for pair in given.ok_or_else(|| fault(format!("`headers` is not a list of at most {MAX_HEADERS} pairs")))? {
        let text = |place: usize| pair.get(place).and_then(Value::as_str);
        let name = text(0).and_then(|name| HeaderName::try_from(name).ok());
        let value = text(1).and_then(|value| HeaderValue::try_from(value).ok());
        let (Some(name), Some(value)) = (name, value) else {
            return Err(fault("`headers` is not a list of pairs of name and value"));
        };
        if matches!(name.as_str(), "connection" | "content-length" | "transfer-encoding" | "upgrade") {
            return Err(fault(format!("the header `{name}` is the connection's own")));
        }
        headers.append(name, value);
    }
    if !headers.contains_key(http::header::HOST) {
        let host = HeaderValue::try_from(format!("127.0.0.1:{port}"));
        headers.insert(http::header::HOST, host.map_err(|_| fault("`port` is not a port"))?);
    }
    Ok((port, Way::Http { target, headers }))
}

fn object<'v>(value: &'v Value, known: &[&str]) -> Result<&'v Map<String, Value>, ProbeFault> {
    let map = value.as_object().ok_or_else(|| fault("not a map"))?;
    match map.keys().find(|key| !known.contains(&key.as_str())) {
        Some(key) => Err(fault(format!("`{key}` is not one of {}", known.join(", ")))),
        None => Ok(map),
    }
}

fn port(map: &Map<String, Value>) -> Result<u16, ProbeFault> {
    let port = map.get("port").and_then(Value::as_u64).and_then(|port| u16::try_from(port).ok());
    port.filter(|port| *port > 0).ok_or_else(|| fault("`port` is not a port"))
}
