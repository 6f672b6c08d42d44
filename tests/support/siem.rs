//! A receiver of records over HTTP that is strict about what it is sent and answers as the test says.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use serde_json::Value;

use super::wait_for;

/// A request that came whole.
#[derive(Clone, Debug)]
pub struct Post {
    /// Request line.
    pub line: String,
    /// Fields, names in lower case.
    pub fields: BTreeMap<String, String>,
    /// The body, unpacked.
    pub body: Vec<u8>,
}

/// What it does with a request.
#[derive(Clone, Debug)]
pub enum Then {
    /// Keeps what it was sent, and answers with this status.
    Take(u16),
    /// Keeps nothing, and answers with this status and these fields.
    Refuse(u16, &'static str),
    /// Keeps what it was sent, and cuts the connection before an answer.
    TakeAndReset,
    /// Cuts the connection in the middle of its answer.
    ResetInAnswer,
    /// Says no more, and reads no more, but holds the connection.
    Hang,
    /// Keeps nothing, and answers one byte at a time, for longer than anybody waits.
    Drip,
    /// Ends its side of the connection without an answer.
    HalfClose,
    /// Keeps what it was sent, and answers with more than anybody reads.
    TakeAndTalk,
}

type Script = Arc<dyn Fn(&Post, usize) -> Then + Send + Sync>;

/// A receiver. It goes down when dropped.
pub struct Siem {
    address: SocketAddr,
    kept: Arc<Mutex<Vec<Post>>>,
    seen: Arc<AtomicUsize>,
    down: Arc<AtomicBool>,
    /// Open connections by number: whoever is down cuts them.
    streams: Arc<Mutex<BTreeMap<usize, TcpStream>>>,
    script: Script,
    tls: Option<Arc<rustls::ServerConfig>>,
}

impl Siem {
    /// One that takes everything.
    pub fn start() -> Self {
        Self::answering(|_, _| Then::Take(200))
    }

    /// One that does as it is told with each request, which are counted from 0.
    pub fn answering(script: impl Fn(&Post, usize) -> Then + Send + Sync + 'static) -> Self {
        Self::at("127.0.0.1:0".parse().unwrap(), Arc::new(script), None, Arc::default())
    }

    /// One that speaks TLS.
    pub fn over_tls(tls: rustls::ServerConfig) -> Self {
        Self::at("127.0.0.1:0".parse().unwrap(), Arc::new(|_, _| Then::Take(200)), Some(Arc::new(tls)), Arc::default())
    }

    fn at(
        address: SocketAddr,
        script: Script,
        tls: Option<Arc<rustls::ServerConfig>>,
        kept: Arc<Mutex<Vec<Post>>>,
    ) -> Self {
        let listener = wait_for("a port", || TcpListener::bind(address).ok());
        let address = listener.local_addr().unwrap();
        let siem =
            Self { address, kept, seen: Arc::default(), down: Arc::default(), streams: Arc::default(), script, tls };
        let (kept, seen, down) = (Arc::clone(&siem.kept), Arc::clone(&siem.seen), Arc::clone(&siem.down));
        let (streams, script, tls) = (Arc::clone(&siem.streams), Arc::clone(&siem.script), siem.tls.clone());
        thread::spawn(move || {
            for (connection, stream) in listener.incoming().enumerate() {
                if down.load(Ordering::SeqCst) {
                    return;
                }
                let Ok(stream) = stream else { continue };
                streams.lock().unwrap().insert(connection, stream.try_clone().unwrap());
                let streams = Arc::clone(&streams);
                let (kept, seen, script, tls) =
                    (Arc::clone(&kept), Arc::clone(&seen), Arc::clone(&script), tls.clone());
                thread::spawn(move || {
                    let wire = stream.try_clone().unwrap();
                    match tls.map(rustls::ServerConnection::new) {
                        None => serve(wire, &stream, &script, &kept, &seen),
                        Some(session) => {
                            serve(rustls::StreamOwned::new(session.unwrap(), wire), &stream, &script, &kept, &seen);
                        }
                    }
                    // The last handle closes, or resets, the connection.
                    streams.lock().unwrap().remove(&connection);
                });
            }
        });
        siem
    }

    /// Its address.
    pub fn url(&self) -> String {
        let scheme = if self.tls.is_some() { "https" } else { "http" };
        format!("{scheme}://{}/in", self.address)
    }

    /// What it keeps.
    pub fn kept(&self) -> Vec<Post> {
        self.kept.lock().unwrap().clone()
    }

    /// How many requests it has seen.
    pub fn seen(&self) -> usize {
        self.seen.load(Ordering::SeqCst)
    }

    /// Lines that it keeps, of bodies that are NDJSON.
    pub fn lines(&self) -> Vec<String> {
        let kept = self.kept.lock().unwrap();
        kept.iter().flat_map(|post| str::from_utf8(&post.body).unwrap().lines().map(str::to_owned)).collect()
    }

    /// The records that it keeps.
    pub fn records(&self) -> Vec<Value> {
        self.lines().iter().map(|line| serde_json::from_str(line).expect("a record")).collect()
    }

    /// The sequence numbers that it keeps, in the order in which they came.
    pub fn sequences(&self) -> Vec<u64> {
        self.records().iter().map(|record| record["metadata"]["sequence"].as_u64().unwrap()).collect()
    }

    /// Goes down: nobody listens there, and connections are cut.
    pub fn go_down(&self) {
        self.down.store(true, Ordering::SeqCst);
        // Wakes who waits for a connection.
        drop(TcpStream::connect(self.address));
        for stream in self.streams.lock().unwrap().values() {
            drop(stream.shutdown(Shutdown::Both));
        }
    }

    /// Comes up again at the same address, with what it keeps.
    pub fn come_up(&self) -> Self {
        Self::at(self.address, Arc::clone(&self.script), self.tls.clone(), Arc::clone(&self.kept))
    }

    /// The same, and does from now on as it is told.
    pub fn come_up_answering(&self, script: impl Fn(&Post, usize) -> Then + Send + Sync + 'static) -> Self {
        Self::at(self.address, Arc::new(script), self.tls.clone(), Arc::clone(&self.kept))
    }
}

impl Drop for Siem {
    fn drop(&mut self) {
        self.go_down();
    }
}

fn serve(
    mut wire: impl Read + Write,
    stream: &TcpStream,
    script: &Script,
    kept: &Mutex<Vec<Post>>,
    seen: &AtomicUsize,
) {
    while let Some(post) = read(&mut wire) {
        let number = seen.fetch_add(1, Ordering::SeqCst);
        let then = script(&post, number);
        let answer = |status: u16, fields: &str| format!("HTTP/1.1 {status} X\r\n{fields}Content-Length: 2\r\n\r\nok");
        let keep = || kept.lock().unwrap().push(post.clone());
        let sent = match then {
            Then::Take(status) => {
                keep();
                wire.write_all(answer(status, "").as_bytes())
            }
            Then::Refuse(status, fields) => wire.write_all(answer(status, fields).as_bytes()),
            Then::TakeAndReset => {
                keep();
                // What is not read is answered by a reset.
                rustix::net::sockopt::set_socket_linger(stream, Some(Duration::ZERO)).unwrap();
                return;
            }
            Then::ResetInAnswer => {
                drop(wire.write_all(b"HTTP/1.1 200 X\r\nContent-Length: 1000\r\n\r\nhalf"));
                drop(wire.flush());
                drop(stream.shutdown(Shutdown::Both));
                return;
            }
            Then::Hang => {
                thread::sleep(Duration::from_secs(600));
                return;
            }
            Then::Drip => {
                for byte in answer(200, "X-Padding: as long as it takes, and then some more of the same\r\n").bytes() {
                    if wire.write_all(&[byte]).and_then(|()| wire.flush()).is_err() {
                        return;
                    }
                    thread::sleep(Duration::from_millis(200));
                }
                return;
            }
            Then::HalfClose => {
                drop(stream.shutdown(Shutdown::Write));
                let mut rest = Vec::new();
                drop(wire.read_to_end(&mut rest));
                return;
            }
            Then::TakeAndTalk => {
                keep();
                let text = "x".repeat(100_000);
                wire.write_all(format!("HTTP/1.1 200 X\r\nContent-Length: 100000000\r\n\r\n{text}").as_bytes())
            }
        };
        if sent.and_then(|()| wire.flush()).is_err() {
            return;
        }
    }
}

/// One request with its whole body; anything else ends the connection.
fn read(wire: &mut impl Read) -> Option<Post> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        wire.read_exact(&mut byte).ok()?;
        head.push(byte[0]);
        assert!(head.len() < 16_384, "a head without an end");
    }
    let head = String::from_utf8(head).expect("a head is ASCII");
    let mut lines = head.trim_end().split("\r\n");
    let line = lines.next().unwrap().to_owned();
    let mut fields = BTreeMap::new();
    for field in lines {
        let (name, value) = field.split_once(": ").expect("a field");
        assert!(fields.insert(name.to_ascii_lowercase(), value.to_owned()).is_none(), "{name} twice");
    }
    let length: usize = fields.get("content-length").expect("a length").parse().expect("a number");
    let mut body = vec![0; length];
    wire.read_exact(&mut body).ok()?;
    if fields.get("content-encoding").is_some_and(|encoding| encoding == "gzip") {
        let mut plain = Vec::new();
        flate2::read::GzDecoder::new(&body[..]).read_to_end(&mut plain).expect("gzip");
        body = plain;
    }
    Some(Post { line, fields, body })
}
