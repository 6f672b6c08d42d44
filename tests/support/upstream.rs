//! An app that keeps every byte it is sent and answers as the test says, in order or out of it.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::thread;

use super::client::find;
use super::{PATIENCE, wait_for};

/// A request as it came over the wire.
#[derive(Clone, Debug)]
pub struct Request {
    /// The head with its empty line.
    pub head: String,
    /// The body with its framing.
    pub body: Vec<u8>,
    /// Whether the body came to its end.
    pub whole: bool,
    /// Which connection it came on, counted from 0.
    pub connection: usize,
    /// Which request of that connection it is, counted from 0.
    pub number: usize,
}

impl Request {
    /// Method and target.
    pub fn line(&self) -> &str {
        self.head.split("\r\n").next().unwrap_or_default()
    }

    /// The target.
    pub fn target(&self) -> &str {
        self.line().split(' ').nth(1).unwrap_or_default()
    }

    /// All values of a field.
    pub fn all(&self, name: &str) -> Vec<&str> {
        let fields = self.head.split("\r\n").skip(1).filter_map(|line| line.split_once(": "));
        fields.filter(|(other, _)| other.eq_ignore_ascii_case(name)).map(|(_, value)| value).collect()
    }

    /// The value of a field that is there once.
    pub fn field(&self, name: &str) -> Option<&str> {
        let all = self.all(name);
        assert!(all.len() <= 1, "{name} is there more than once: {}", self.head);
        all.first().copied()
    }

    /// Field names, in lower case and in order.
    pub fn names(&self) -> Vec<String> {
        let fields = self.head.trim_end().split("\r\n").skip(1).filter_map(|line| line.split_once(':'));
        fields.map(|(name, _)| name.to_ascii_lowercase()).collect()
    }

    /// The body without its framing.
    pub fn content(&self) -> Vec<u8> {
        if !self.names().iter().any(|name| name == "transfer-encoding") {
            return self.body.clone();
        }
        let mut content = Vec::new();
        let mut rest = &self.body[..];
        while let Some(end) = find(rest, b"\r\n") {
            let line = String::from_utf8_lossy(&rest[..end]);
            let size = usize::from_str_radix(line.trim(), 16).unwrap_or_default();
            if size == 0 || rest.len() < end + 2 + size {
                break;
            }
            content.extend_from_slice(&rest[end + 2..end + 2 + size]);
            rest = rest.get(end + 4 + size..).unwrap_or_default();
        }
        content
    }
}

/// What the app does with the connection after its answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Then {
    /// Reads the next request.
    Keep,
    /// Closes.
    Close,
    /// Sends back whatever comes, until the other side is done: another protocol.
    Echo,
}

/// A byte stream of whatever kind.
pub trait Wire: Read + Write + Send {}
impl<T: Read + Write + Send> Wire for T {}

type Script = dyn Fn(&Request, &mut dyn Wire) -> Then + Send + Sync;

/// A sound answer, and the connection is kept.
pub fn answer(body: &str) -> impl Fn(&Request, &mut dyn Wire) -> Then + Send + Sync + 'static {
    let body = body.to_owned();
    move |request, wire| {
        let sent = if request.line().starts_with("HEAD ") { "" } else { &body };
        say(wire, format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{sent}", body.len()));
        Then::Keep
    }
}

/// Exactly these bytes, whatever is asked.
pub fn raw(bytes: impl Into<Vec<u8>>, then: Then) -> impl Fn(&Request, &mut dyn Wire) -> Then + Send + Sync + 'static {
    let bytes = bytes.into();
    move |_, wire| {
        say(wire, &bytes);
        then
    }
}

/// Writes; the gate may have gone.
pub fn say(wire: &mut dyn Wire, bytes: impl AsRef<[u8]>) {
    let _ = wire.write_all(bytes.as_ref()).and_then(|()| wire.flush());
}

/// An app. Its listener goes when it is dropped.
pub struct Upstream {
    state: Arc<State>,
    place: Place,
}

enum Place {
    Tcp(SocketAddr),
    Tls(SocketAddr),
    Unix(PathBuf, tempfile::TempDir),
}

#[derive(Default)]
struct State {
    requests: Mutex<Vec<Request>>,
    connections: AtomicUsize,
    open: AtomicUsize,
    /// Bytes that came and never made a whole head.
    strays: Mutex<Vec<u8>>,
    gone: AtomicBool,
}

impl Upstream {
    /// Starts an app on loopback.
    pub fn start(script: impl Fn(&Request, &mut dyn Wire) -> Then + Send + Sync + 'static) -> Self {
        Self::listening(script, |socket| Some(Box::new(socket)), Place::Tcp)
    }

    /// Starts an app that speaks TLS by these terms.
    pub fn tls(
        terms: rustls::ServerConfig,
        script: impl Fn(&Request, &mut dyn Wire) -> Then + Send + Sync + 'static,
    ) -> Self {
        let terms = Arc::new(terms);
        let wrap = move |socket: TcpStream| -> Option<Box<dyn Wire>> {
            let connection = rustls::ServerConnection::new(Arc::clone(&terms)).ok()?;
            Some(Box::new(rustls::StreamOwned::new(connection, socket)))
        };
        Self::listening(script, wrap, Place::Tls)
    }

    /// Starts an app on a Unix socket.
    pub fn unix(script: impl Fn(&Request, &mut dyn Wire) -> Then + Send + Sync + 'static) -> Self {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("app.sock");
        let listener = UnixListener::bind(&path).expect("a socket");
        let (state, script): (_, Arc<Script>) = (Arc::new(State::default()), Arc::new(script));
        let app = Arc::clone(&state);
        thread::spawn(move || {
            for socket in listener.incoming().map_while(Result::ok) {
                if app.gone.load(Ordering::SeqCst) {
                    return;
                }
                app.converse(Box::new(socket), &script);
            }
        });
        Self { state, place: Place::Unix(path, directory) }
    }

    fn listening(
        script: impl Fn(&Request, &mut dyn Wire) -> Then + Send + Sync + 'static,
        wrap: impl Fn(TcpStream) -> Option<Box<dyn Wire>> + Send + 'static,
        place: impl FnOnce(SocketAddr) -> Place,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address");
        let (state, script): (_, Arc<Script>) = (Arc::new(State::default()), Arc::new(script));
        let app = Arc::clone(&state);
        thread::spawn(move || {
            for socket in listener.incoming().map_while(Result::ok) {
                if app.gone.load(Ordering::SeqCst) {
                    return;
                }
                socket.set_read_timeout(Some(PATIENCE)).expect("a socket option");
                socket.set_nodelay(true).expect("a socket option");
                if let Some(wire) = wrap(socket) {
                    app.converse(wire, &script);
                }
            }
        });
        Self { state, place: place(address) }
    }

    /// As `upstream.url` names it.
    pub fn url(&self) -> String {
        match &self.place {
            Place::Tcp(address) => format!("http://{address}"),
            Place::Tls(address) => format!("https://localhost:{}", address.port()),
            Place::Unix(path, _) => format!("unix:{}", path.display()),
        }
    }

    /// The requests so far.
    pub fn requests(&self) -> Vec<Request> {
        self.state.requests.lock().expect("requests").clone()
    }

    /// Waits for so many requests; more of them is a failure.
    pub fn requests_when(&self, count: usize) -> Vec<Request> {
        let requests =
            wait_for("requests at the app", || Some(self.requests()).filter(|requests| requests.len() >= count));
        assert_eq!(requests.len(), count, "{requests:#?}");
        requests
    }

    /// The one request that there is to be.
    pub fn only_request(&self) -> Request {
        self.requests_when(1).remove(0)
    }

    /// How many connections were made.
    pub fn connections(&self) -> usize {
        self.state.connections.load(Ordering::SeqCst)
    }

    /// How many of them are open.
    pub fn open(&self) -> usize {
        self.state.open.load(Ordering::SeqCst)
    }

    /// Panics if anything at all came.
    pub fn assert_untouched(&self) {
        let requests = self.requests();
        assert!(requests.is_empty(), "the app was called: {requests:#?}");
        let strays = self.state.strays.lock().expect("strays");
        assert!(strays.is_empty(), "bytes came: {}", String::from_utf8_lossy(&strays));
    }
}

impl Drop for Upstream {
    fn drop(&mut self) {
        self.state.gone.store(true, Ordering::SeqCst);
        // Wakes the thread that accepts.
        let _ = match &self.place {
            Place::Tcp(address) | Place::Tls(address) => {
                TcpStream::connect(address).map(|socket| socket.shutdown(Shutdown::Both).is_ok())
            }
            Place::Unix(path, _) => UnixStream::connect(path as &Path).map(|_| true),
        };
    }
}

impl State {
    fn converse(self: &Arc<Self>, mut wire: Box<dyn Wire>, script: &Arc<Script>) {
        let connection = self.connections.fetch_add(1, Ordering::SeqCst);
        self.open.fetch_add(1, Ordering::SeqCst);
        let (state, script) = (Arc::clone(self), Arc::clone(script));
        thread::spawn(move || {
            let mut buffered = Vec::new();
            for number in 0.. {
                let Some(mut request) = read_request(wire.as_mut(), &mut buffered) else { break };
                (request.connection, request.number) = (connection, number);
                state.requests.lock().expect("requests").push(request.clone());
                match script(&request, wire.as_mut()) {
                    Then::Keep if request.whole => {}
                    Then::Keep | Then::Close => break,
                    Then::Echo => {
                        echo(wire.as_mut(), &mut buffered);
                        break;
                    }
                }
            }
            state.strays.lock().expect("strays").append(&mut buffered);
            state.open.fetch_sub(1, Ordering::SeqCst);
        });
    }
}

fn echo(wire: &mut dyn Wire, buffered: &mut Vec<u8>) {
    loop {
        say(wire, std::mem::take(buffered));
        if !more(wire, buffered) {
            return;
        }
    }
}

fn more(wire: &mut dyn Wire, buffered: &mut Vec<u8>) -> bool {
    let mut buffer = [0; 16 * 1024];
    match wire.read(&mut buffer) {
        Ok(count) if count > 0 => {
            buffered.extend_from_slice(&buffer[..count]);
            true
        }
        _ => false,
    }
}

/// Reads a request; a head that breaks off is none, a body that breaks off makes one that is not whole.
fn read_request(wire: &mut dyn Wire, buffered: &mut Vec<u8>) -> Option<Request> {
    let end = loop {
        if let Some(end) = find(buffered, b"\r\n\r\n") {
            break end + 4;
        }
        if !more(wire, buffered) {
            return None;
        }
    };
    let head = String::from_utf8_lossy(&buffered.drain(..end).collect::<Vec<u8>>()).into_owned();
    let mut request = Request { head, body: Vec::new(), whole: true, connection: 0, number: 0 };
    let length = request.field("content-length").map(|length| length.parse::<usize>().expect("a length"));
    let chunked = request.field("transfer-encoding").is_some();
    let ends_at = |buffered: &[u8]| match (length, chunked) {
        (Some(length), _) => Some(length),
        // No test sends this inside a chunk.
        (None, true) => last_chunk(buffered).and_then(|at| Some(at + find(&buffered[at..], b"\r\n\r\n")? + 4)),
        (None, false) => Some(0),
    };
    loop {
        match ends_at(buffered) {
            Some(end) if buffered.len() >= end => {
                request.body = buffered.drain(..end).collect();
                return Some(request);
            }
            _ if more(wire, buffered) => {}
            _ => {
                request.whole = false;
                request.body = std::mem::take(buffered);
                return Some(request);
            }
        }
    }
}

/// Where the last chunk's size stands.
fn last_chunk(buffered: &[u8]) -> Option<usize> {
    if buffered.starts_with(b"0\r\n") { Some(0) } else { find(buffered, b"\r\n0\r\n").map(|at| at + 2) }
}

/// Something that a test lets happen when it is time.
#[derive(Clone, Default)]
pub struct Latch(Arc<(Mutex<bool>, Condvar)>);

impl Latch {
    /// Closed.
    pub fn new() -> Self {
        Self::default()
    }

    /// Lets everybody pass from now on.
    pub fn open(&self) {
        *self.0.0.lock().expect("a latch") = true;
        self.0.1.notify_all();
    }

    /// Waits until it is open, or until the test must have failed.
    pub fn wait(&self) {
        let open = self.0.0.lock().expect("a latch");
        drop(self.0.1.wait_timeout_while(open, PATIENCE, |open| !*open).expect("a latch"));
    }
}
