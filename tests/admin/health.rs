//! Health and readiness: a status and nothing else, whoever holds the port.

use std::io::{Read as _, Write as _};
use std::net::{IpAddr, SocketAddr, TcpStream};
use std::process::Command;

use super::House;
use crate::support::{has_tool, wait_for};

/// Asks; gives the whole answer.
pub fn probe(address: SocketAddr, request: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    // Whoever is closed before it has said all gets what there is.
    let _ = stream.write_all(request.as_bytes());
    let mut said = Vec::new();
    let _ = stream.read_to_end(&mut said);
    String::from_utf8_lossy(&said).into_owned()
}

/// The status of a path; 0 for no answer.
pub fn status(address: SocketAddr, path: &str) -> u16 {
    let answer = probe(address, &format!("GET {path} HTTP/1.1\r\nHost: {address}\r\n\r\n"));
    answer.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or_default()
}

#[test]
fn health_tells_a_status_and_nothing_else() {
    let house = House::start();
    for (path, wanted) in [
        ("/livez", 200),
        ("/readyz", 200),
        ("/healthz", 200),
        ("/", 404),
        ("/v1/status", 404),
        ("/metrics", 404),
        ("/open", 404),
    ] {
        let answer = probe(house.health(), &format!("GET {path} HTTP/1.1\r\nHost: x\r\n\r\n"));
        assert!(answer.starts_with(&format!("HTTP/1.1 {wanted} ")), "{path}: {answer}");
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        assert_eq!(body, "");
        let names: Vec<_> = head.lines().skip(1).map(|line| line.split(':').next().unwrap().to_owned()).collect();
        assert_eq!(names, ["cache-control", "connection", "content-length", "date"], "{answer}");
    }
    assert!(
        probe(house.health(), "POST /livez HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n")
            .starts_with("HTTP/1.1 405 ")
    );
    assert!(
        probe(house.health(), &format!("GET /livez HTTP/1.1\r\nHost: x\r\nX: {}\r\n\r\n", "x".repeat(9000)))
            .starts_with("HTTP/1.1 431 ")
    );
    // Callers find nothing of it where they are, but for what routes say.
    assert_eq!(house.gate.connect().ask("GET /readyz HTTP/1.1\r\nHost: localhost\r\n\r\n").status, 403);
    if has_tool("curl") {
        let url = format!("http://{}/readyz", house.health());
        let output =
            Command::new("curl").args(["-sS", "-o", "/dev/null", "-w", "%{http_code}", &url]).output().unwrap();
        assert_eq!(String::from_utf8_lossy(&output.stdout), "200");
    }
}

/// From an address of this machine.
fn from(ip: [u8; 4], to: SocketAddr) -> TcpStream {
    let socket = socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::STREAM, None).unwrap();
    socket.bind(&SocketAddr::new(IpAddr::from(ip), 0).into()).unwrap();
    socket.connect(&to.into()).unwrap();
    socket.into()
}

#[test]
fn health_answers_while_others_hold_the_port_and_cuts_them() {
    let house = House::start();
    let address = house.health();
    let mut slow: Vec<TcpStream> = (0..40).map(|_| from([127, 0, 0, 2], address)).collect();
    for stream in &mut slow {
        // Those beyond what one address may have are closed already.
        let _ = stream.write_all(b"GET /livez HTTP/1.1\r\nHost: x\r\nX-Slow: ");
    }
    assert_eq!(status(address, "/readyz"), 200);
    let mut said = Vec::new();
    for mut stream in slow {
        let _ = stream.read_to_end(&mut said);
    }
    assert!(!said.windows(5).any(|bytes| bytes == b" 200 "), "{}", String::from_utf8_lossy(&said));
    wait_for("their places are free again", || {
        let mut stream = from([127, 0, 0, 2], address);
        let _ = stream.write_all(b"GET /livez HTTP/1.1\r\nHost: x\r\n\r\n");
        let mut answer = String::new();
        let _ = stream.read_to_string(&mut answer);
        answer.starts_with("HTTP/1.1 200").then_some(())
    });
}

#[test]
fn readiness_follows_the_trail() {
    // A sink that takes nothing: records are not kept, and routes with personal data are closed.
    let house = House::start_with(|policy| policy.sink("file: { path: /dev/full }"));
    assert_eq!(house.gate.connect().ask("GET /open HTTP/1.1\r\nHost: localhost\r\n\r\n").status, 200);
    wait_for("it is not ready", || (status(house.health(), "/readyz") == 503).then_some(()));
    assert_eq!(status(house.health(), "/livez"), 200, "a start would change nothing");
}
