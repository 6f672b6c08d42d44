//! What those who run the gate see of it: metrics as Prometheus scrapes them, and spans as a receiver gets them.

mod behaviour;
mod metrics;
mod monitoring;
pub mod receiver;
pub mod rotel;
mod traces;

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};

use crate::support::{Gate, PATIENCE, wait_for};

/// Metrics on a port of their own.
pub const METRICS: &str = "metrics: { listen: '127.0.0.1:0' }";

/// Where a gate's metrics are, by what its log says.
pub fn metrics_of(gate: &Gate) -> SocketAddr {
    wait_for("metrics are served", || {
        gate.log().lines().find_map(|line| {
            let line: serde_json::Value = serde_json::from_str(line).ok()?;
            (line["message"] == "metrics are served").then(|| line["address"].as_str()?.parse().ok())?
        })
    })
}

/// Sends bytes in plaintext and reads to the end.
pub fn exchange(address: SocketAddr, request: &str) -> String {
    let mut stream = TcpStream::connect(address).expect("a connection");
    stream.set_read_timeout(Some(PATIENCE)).expect("a dead-line");
    stream.write_all(request.as_bytes()).expect("sent");
    let mut answer = String::new();
    // It may be cut off in the middle, which is what some tests are about.
    let _ = stream.read_to_string(&mut answer);
    answer
}

/// One scrape.
pub fn scrape(gate: &Gate) -> String {
    let answer = exchange(metrics_of(gate), "GET /metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    let (head, body) = answer.split_once("\r\n\r\n").expect("an answer");
    assert!(head.starts_with("HTTP/1.1 200 "), "{head}");
    body.to_owned()
}

/// The value of a series, as it is written: `name{label="value"}`.
pub fn value(text: &str, series: &str) -> Option<f64> {
    text.lines().find_map(|line| line.strip_prefix(series)?.strip_prefix(' ')?.parse().ok())
}

/// Scrapes until a series has a value.
pub fn value_when(gate: &Gate, series: &str, wanted: f64) {
    let mut last = None;
    wait_for(&format!("{series} is {wanted}"), || {
        let now = value(&scrape(gate), series);
        if now != last {
            last = now;
        }
        (now == Some(wanted)).then_some(())
    });
}
