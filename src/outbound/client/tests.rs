//! Calls to servers of all kinds on this machine.

use std::path::Path;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, UnixListener};

use super::*;

const OK: &str = "HTTP/1.1 200 OK\r\nContent-Type: Application/JSON; charset=utf-8\r\nContent-Length: 2\r\n\r\n{}";

fn client(named: &[&HttpAddress], bounds: ClientBounds) -> Client {
    let named = named.iter().filter_map(|address| address.origin()).collect();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    Client::load(&ClientSettings { named, ..ClientSettings::default() }, bounds, &provider).expect("a client")
}

const fn bounds() -> ClientBounds {
    ClientBounds { time: Duration::from_secs(10), body: 1000, calls: 2 }
}

/// A server that reads a head and sends this, then goes on for as long as the other side does.
async fn serving(reply: impl Into<Vec<u8>>) -> HttpAddress {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let reply = reply.into();
    tokio::spawn(async move {
        while let Ok((mut socket, _)) = listener.accept().await {
            let reply = reply.clone();
            tokio::spawn(async move {
                let mut head = [0; 4096];
                let _ = socket.read(&mut head).await;
                let _ = socket.write_all(&reply).await;
                // Open until the client leaves.
                let _ = socket.read(&mut head).await;
            });
        }
    });
    HttpAddress::parse(&format!("http://{address}/keys")).expect("an address")
}

async fn answer_of(reply: impl Into<Vec<u8>>) -> Result<Reply, OutboundFault> {
    let address = serving(reply).await;
    client(&[&address], bounds()).call(Call::get(address)).await
}

#[tokio::test]
async fn a_call_is_answered_whole() {
    let reply = answer_of(OK).await.expect("a reply");
    assert_eq!((reply.status, &reply.body[..]), (StatusCode::OK, &b"{}"[..]));
    assert_eq!(reply.media_type().as_deref(), Some("application/json"));
    let chunked = "HTTP/1.1 404 No\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n";
    let reply = answer_of(chunked).await.expect("a reply");
    assert_eq!((reply.status, &reply.body[..]), (StatusCode::NOT_FOUND, &b"{}"[..]));
}

#[tokio::test]
async fn a_redirect_is_an_answer_like_any_other() {
    let elsewhere = serving(OK).await;
    let to = format!("http://{}/", elsewhere.origin().expect("an origin"));
    let reply = answer_of(format!("HTTP/1.1 302 Found\r\nLocation: {to}\r\nContent-Length: 0\r\n\r\n")).await;
    assert_eq!(reply.expect("a reply").status, StatusCode::FOUND);
}

#[tokio::test]
async fn an_answer_has_bounds() {
    let body = |length: usize| format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n{}", "x".repeat(length));
    assert!(answer_of(body(1000)).await.is_ok());
    assert_eq!(answer_of(body(1001)).await.err(), Some(OutboundFault::TooLarge));
    let chunked = format!("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3e9\r\n{}\r\n", "x".repeat(1001));
    assert_eq!(answer_of(chunked).await.err(), Some(OutboundFault::TooLarge));
    let long_head = format!("HTTP/1.1 200 OK\r\nX-Long: {}\r\n\r\n", "x".repeat(100_000));
    assert_eq!(answer_of(long_head).await.err(), Some(OutboundFault::TooLarge));
    for malformed in [
        "SSH-2.0-OpenSSH_9.6\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}",
        "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 2\r\n\r\n{}",
    ] {
        assert_eq!(answer_of(malformed).await.err(), Some(OutboundFault::Malformed), "{malformed}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_does_not_end_is_not_waited_for() {
    for begun in ["", "HTTP/1.1 200 OK\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{"] {
        assert_eq!(answer_of(begun).await.err(), Some(OutboundFault::Timeout), "{begun:?}");
    }
}

#[tokio::test]
async fn calls_at_once_are_bounded_and_the_next_is_refused() {
    let address = serving("").await;
    let client = client(&[&address], bounds());
    let held: Vec<_> = (0..2)
        .map(|_| {
            let (client, address) = (client.clone(), address.clone());
            tokio::spawn(async move { client.call(Call::get(address)).await.err() })
        })
        .collect();
    // Both have begun, and wait for an answer that does not come.
    tokio::task::yield_now().await;
    assert_eq!(client.call(Call::get(address)).await.err(), Some(OutboundFault::Busy));
    held.iter().for_each(tokio::task::JoinHandle::abort);
    for held in held {
        assert!(held.await.is_err());
    }
    let free = serving(OK).await;
    assert!(self::client(&[&free], bounds()).call(Call::get(free)).await.is_ok());
}

#[tokio::test]
async fn a_place_on_this_machine_is_called_only_where_the_policy_names_it() {
    let address = serving(OK).await;
    let refused = client(&[], bounds()).call(Call::get(address.clone())).await;
    assert_eq!(refused.err(), Some(OutboundFault::Inside));
    // Another port of a host that is named is another place.
    let other = serving(OK).await;
    assert_eq!(client(&[&other], bounds()).call(Call::get(address)).await.err(), Some(OutboundFault::Inside));
    let secret = HttpAddress::parse("https://localhost:1/").expect("an address");
    assert_eq!(client(&[], bounds()).call(Call::get(secret)).await.err(), Some(OutboundFault::Inside));
}

#[tokio::test]
async fn a_socket_in_the_file_system_is_called() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("idp.sock");
    let listener = UnixListener::bind(&path).expect("a socket");
    tokio::spawn(async move {
        let (mut socket, _) = listener.accept().await.expect("a connection");
        let mut head = vec![0; 4096];
        let count = socket.read(&mut head).await.expect("a head");
        assert!(head[..count].starts_with(b"GET /keys?a=b HTTP/1.1\r\n"));
        socket.write_all(OK.as_bytes()).await.expect("written");
    });
    let address = HttpAddress::parse(&format!("unix:{}:/keys?a=b", path.display())).expect("an address");
    assert!(client(&[], bounds()).call(Call::get(address)).await.is_ok());
}

#[tokio::test]
async fn tls_is_spoken_to_nobody_who_does_not_speak_it() {
    let plain = serving(OK).await;
    let port = plain.origin().expect("an origin").port;
    let address = HttpAddress::parse(&format!("https://localhost:{port}/")).expect("an address");
    let reply = client(&[&address], bounds()).call(Call::get(address)).await;
    assert_eq!(reply.err(), Some(OutboundFault::Tls));
}

#[test]
fn a_bundle_that_is_not_one_is_a_fault_with_its_path() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("ca.pem");
    let load = |path: &Path| {
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let settings = ClientSettings { ca: Some(path.to_owned()), ..ClientSettings::default() };
        Client::load(&settings, bounds(), &provider).err().map(|fault| fault.to_string())
    };
    assert!(load(&path).is_some_and(|fault| fault.contains("ca.pem")));
    for text in ["", "no certificate", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"] {
        std::fs::write(&path, text).expect("written");
        assert!(load(&path).is_some_and(|fault| fault.contains("ca.pem")), "{text}");
    }
}
