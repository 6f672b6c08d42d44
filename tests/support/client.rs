//! A client that sends exactly the bytes it is told to, over verified TLS.

use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::sync::Arc;

use rustls::pki_types::ServerName;
use rustls::{ClientConfig, ClientConnection, StreamOwned};
use serde_json::Value;

use super::{PATIENCE, Person, credentials};

/// A TLS connection.
pub struct Client {
    stream: StreamOwned<ClientConnection, TcpStream>,
    /// What was read and not yet asked for.
    rest: Vec<u8>,
}

/// An answer on HTTP/1.
#[derive(Clone, Debug)]
pub struct Answer {
    pub status: u16,
    /// The head's first line.
    pub line: String,
    /// Names in lower case, in the order in which they came.
    pub fields: Vec<(String, String)>,
    pub body: Vec<u8>,
    /// Whether the body came to the end that its framing announced.
    pub whole: bool,
}

/// A client's terms.
pub fn terms(person: Option<&Person>, protocols: &[&str]) -> ClientConfig {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let builder = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_root_certificates(credentials::trusted());
    let mut config = match person {
        None => builder.with_no_client_auth(),
        Some(person) => {
            let (chain, key) = person.chain();
            builder.with_client_auth_cert(chain, key).expect("a certificate")
        }
    };
    config.alpn_protocols = protocols.iter().map(|name| name.as_bytes().to_vec()).collect();
    config
}

impl Client {
    /// HTTP/1.1, to `localhost`.
    pub fn connect(address: SocketAddr, person: Option<&Person>) -> Self {
        Self::with(address, terms(person, &["http/1.1"]), "localhost")
    }

    /// By terms of one's own, to a host by its name; an address as name sends no SNI.
    pub fn with(address: SocketAddr, terms: ClientConfig, name: &str) -> Self {
        Self::over(tcp(address), terms, name)
    }

    /// Over a socket on which something was said already.
    pub fn over(socket: TcpStream, terms: ClientConfig, name: &str) -> Self {
        let name = ServerName::try_from(name.to_owned()).expect("a name");
        let connection = ClientConnection::new(Arc::new(terms), name).expect("a client");
        Self { stream: StreamOwned::new(connection, socket), rest: Vec::new() }
    }

    /// Goes on with a connection of which something was said already.
    pub fn on(connection: ClientConnection, socket: TcpStream) -> Self {
        Self { stream: StreamOwned::new(connection, socket), rest: Vec::new() }
    }

    /// The TLS connection, to ask what was agreed.
    pub const fn tls(&self) -> &ClientConnection {
        &self.stream.conn
    }

    /// Shakes hands now rather than with the first byte; an error is what the gate made of it.
    pub fn handshake(&mut self) -> std::io::Result<()> {
        while self.stream.conn.is_handshaking() {
            self.stream.conn.complete_io(&mut self.stream.sock)?;
        }
        Ok(())
    }

    /// Sends bytes. The gate may have closed already: what it made of it shows in what is read.
    pub fn send(&mut self, bytes: impl AsRef<[u8]>) -> &mut Self {
        let _ = self.stream.write_all(bytes.as_ref()).and_then(|()| self.stream.flush());
        self
    }

    /// Sends, and says whether all of it went out.
    pub fn try_send(&mut self, bytes: &[u8]) -> bool {
        self.stream.write_all(bytes).and_then(|()| self.stream.flush()).is_ok()
    }

    /// Sends a request and reads its answer.
    pub fn ask(&mut self, request: impl AsRef<[u8]>) -> Answer {
        self.send(request).answer().expect("an answer")
    }

    /// Reads one answer; `None` if the connection ends before a head is whole. Interim answers are passed over.
    pub fn answer(&mut self) -> Option<Answer> {
        self.answer_to("GET")
    }

    /// Reads the answer to a request by this method.
    pub fn answer_to(&mut self, method: &str) -> Option<Answer> {
        loop {
            let head = loop {
                if let Some(end) = find(&self.rest, b"\r\n\r\n") {
                    break self.rest.drain(..end + 4).collect::<Vec<u8>>();
                }
                if !self.more() {
                    return None;
                }
            };
            let mut answer = parse_head(&head);
            if (100..200).contains(&answer.status) && answer.status != 101 {
                continue;
            }
            if method != "HEAD" && ![101, 204, 304].contains(&answer.status) {
                self.body(&mut answer);
            }
            return Some(answer);
        }
    }

    fn body(&mut self, answer: &mut Answer) {
        if answer.field("transfer-encoding") == Some("chunked") {
            loop {
                let Some(end) = self.until(b"\r\n") else { return };
                let line = String::from_utf8_lossy(&self.rest[..end]).into_owned();
                let size = usize::from_str_radix(line.split(';').next().unwrap_or_default(), 16).expect("a size");
                self.rest.drain(..end + 2);
                if size == 0 {
                    // Trailers, if any, and the empty line.
                    loop {
                        let Some(end) = self.until(b"\r\n") else { return };
                        let line: Vec<u8> = self.rest.drain(..end + 2).take(end).collect();
                        if line.is_empty() {
                            answer.whole = true;
                            return;
                        }
                        answer.fields.push(parse_field(&String::from_utf8_lossy(&line)));
                    }
                }
                if !self.at_least(size + 2) {
                    answer.body.append(&mut self.rest);
                    return;
                }
                answer.body.extend(self.rest.drain(..size + 2).take(size));
            }
        }
        match answer.field("content-length").map(|length| length.parse::<usize>().expect("a length")) {
            Some(length) => {
                answer.whole = self.at_least(length);
                let here = length.min(self.rest.len());
                answer.body.extend(self.rest.drain(..here));
            }
            None => {
                while self.more() {}
                answer.body.append(&mut self.rest);
                answer.whole = true;
            }
        }
    }

    /// Reads until the connection ends; gives all that came.
    pub fn read_to_end(&mut self) -> Vec<u8> {
        while self.more() {}
        std::mem::take(&mut self.rest)
    }

    /// Whether the gate closes the connection without another byte.
    pub fn is_closed(&mut self) -> bool {
        self.read_to_end().is_empty()
    }

    /// All answers until the connection ends.
    pub fn answers(&mut self) -> Vec<Answer> {
        std::iter::from_fn(|| self.answer()).collect()
    }

    /// Exactly so many bytes; `None` if the connection ends before.
    pub fn take(&mut self, length: usize) -> Option<Vec<u8>> {
        self.at_least(length).then(|| self.rest.drain(..length).collect())
    }

    /// Reads at least one byte of whatever there is.
    pub fn read_some(&mut self) -> Vec<u8> {
        if self.rest.is_empty() {
            self.more();
        }
        std::mem::take(&mut self.rest)
    }

    fn until(&mut self, mark: &[u8]) -> Option<usize> {
        loop {
            if let Some(end) = find(&self.rest, mark) {
                return Some(end);
            }
            if !self.more() {
                return None;
            }
        }
    }

    fn at_least(&mut self, length: usize) -> bool {
        while self.rest.len() < length {
            if !self.more() {
                return false;
            }
        }
        true
    }

    /// Reads once; `false` at the end.
    fn more(&mut self) -> bool {
        let mut buffer = [0; 16 * 1024];
        match self.stream.read(&mut buffer) {
            Ok(0) => false,
            Ok(count) => {
                self.rest.extend_from_slice(&buffer[..count]);
                true
            }
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
                panic!("nothing came; so far: {}", String::from_utf8_lossy(&self.rest))
            }
            Err(_) => false,
        }
    }

    /// Says good-bye in TLS and ends the sending side.
    pub fn finish(&mut self) -> &mut Self {
        self.stream.conn.send_close_notify();
        let _ = self.stream.flush();
        let _ = self.stream.sock.shutdown(Shutdown::Write);
        self
    }

    /// Ends the connection with a reset, as a client that crashed.
    pub fn reset(self) {
        let socket = socket2::SockRef::from(&self.stream.sock);
        socket.set_linger(Some(std::time::Duration::ZERO)).expect("a socket option");
    }

    /// The connection's own address.
    pub fn local_address(&self) -> SocketAddr {
        self.stream.sock.local_addr().expect("an address")
    }
}

/// A plain socket to the gate, which waits patiently but not for ever.
pub fn tcp(address: SocketAddr) -> TcpStream {
    let socket = TcpStream::connect(address).expect("a connection");
    socket.set_read_timeout(Some(PATIENCE)).expect("a socket option");
    socket.set_write_timeout(Some(PATIENCE)).expect("a socket option");
    socket.set_nodelay(true).expect("a socket option");
    socket
}

impl Answer {
    /// The value of a field that is there once.
    pub fn field(&self, name: &str) -> Option<&str> {
        let mut values = self.fields.iter().filter(|(other, _)| other == name);
        let value = values.next().map(|(_, value)| value.as_str());
        assert!(values.next().is_none(), "{name} is there twice: {:?}", self.fields);
        value
    }

    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The incident id, if the body is what a refused client may see: that and nothing else.
    pub fn incident(&self) -> String {
        let body: Value = serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("no refusal: {self:?}"));
        let members = body.as_object().expect("an object");
        assert_eq!(members.len(), 1, "{body}");
        members["incident"].as_str().expect("an id").to_owned()
    }
}

pub(super) fn find(bytes: &[u8], mark: &[u8]) -> Option<usize> {
    bytes.windows(mark.len()).position(|window| window == mark)
}

fn parse_field(line: &str) -> (String, String) {
    let (name, value) = line.split_once(':').unwrap_or_else(|| panic!("no field: {line:?}"));
    (name.to_ascii_lowercase(), value.trim().to_owned())
}

fn parse_head(head: &[u8]) -> Answer {
    let text = String::from_utf8_lossy(head);
    let mut lines = text.trim_end().split("\r\n");
    let line = lines.next().unwrap_or_default().to_owned();
    let status = line.get(9..12).and_then(|code| code.parse().ok()).unwrap_or_else(|| panic!("no status: {line:?}"));
    let bodiless = [101, 204, 304].contains(&status);
    Answer { status, line, fields: lines.map(parse_field).collect(), body: Vec::new(), whole: bodiless }
}
