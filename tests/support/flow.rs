//! Apps for what does not fit into memory or into a script: one that is handed the stream itself, and one that speaks
//! HTTP/2 by the `h2` crate.

use std::future::Future;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;

use aws_lc_rs::digest::{Context, SHA256};
use bytes::Bytes;
use h2::RecvStream;
use h2::server::SendResponse;
use http::{HeaderMap, Request};
use tokio::runtime::Builder;
use tokio_rustls::TlsAcceptor;

use super::PATIENCE;

/// A stream to the gate.
pub type Stream = BufReader<TcpStream>;

/// Starts an app on loopback that gets each request's head and the stream after it, and says whether to go on. Gives
/// its address as `upstream.url` has it.
pub fn app(serve: impl Fn(&str, &mut Stream) -> bool + Send + Sync + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    let serve = Arc::new(serve);
    thread::spawn(move || {
        for socket in listener.incoming().map_while(Result::ok) {
            socket.set_read_timeout(Some(PATIENCE)).expect("a socket option");
            let serve = Arc::clone(&serve);
            thread::spawn(move || {
                let mut stream = BufReader::new(socket);
                while let Some(head) = read_head(&mut stream) {
                    if !serve(&head, &mut stream) {
                        return;
                    }
                }
            });
        }
    });
    format!("http://{address}")
}

fn read_head(stream: &mut Stream) -> Option<String> {
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if stream.read_line(&mut head).ok()? == 0 {
            return None;
        }
    }
    Some(head)
}

/// Writes; whether it all went out.
pub fn send(stream: &mut Stream, bytes: impl AsRef<[u8]>) -> bool {
    stream.get_mut().write_all(bytes.as_ref()).is_ok()
}

/// Reads a chunked body to its end, piece by piece; `None` if it breaks off.
pub fn read_chunked(stream: &mut Stream, mut piece: impl FnMut(&[u8])) -> Option<()> {
    loop {
        let mut line = String::new();
        stream.read_line(&mut line).ok()?;
        let size = usize::from_str_radix(line.trim_end(), 16).ok()?;
        let mut bytes = vec![0; size + 2];
        stream.read_exact(&mut bytes).ok()?;
        if size == 0 {
            return Some(());
        }
        piece(&bytes[..size]);
    }
}

/// A body that has a checksum: so many bytes, different all along, in pieces of different sizes.
pub fn pieces(total: usize) -> impl Iterator<Item = Vec<u8>> {
    let (mut left, mut state) = (total, 0x2545_f491_4f6c_dd1d_u64);
    std::iter::from_fn(move || {
        if left == 0 {
            return None;
        }
        let mut next = || {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            state
        };
        let size = left.min(1 + usize::try_from(next() % 40_000).expect("small"));
        let mut piece = Vec::with_capacity(size + 8);
        while piece.len() < size {
            piece.extend(next().to_le_bytes());
        }
        piece.truncate(size);
        left -= size;
        Some(piece)
    })
}

/// SHA-256 of what it is given, as text.
pub struct Sum(Context);

impl Sum {
    /// Of nothing yet.
    pub fn new() -> Self {
        Self(Context::new(&SHA256))
    }

    /// Takes another piece in.
    pub fn add(&mut self, piece: &[u8]) {
        self.0.update(piece);
    }

    /// Of all pieces.
    pub fn text(self) -> String {
        self.0.finish().as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// Of [`pieces`].
    pub fn of(total: usize) -> String {
        let mut sum = Self::new();
        pieces(total).for_each(|piece| sum.add(&piece));
        sum.text()
    }
}

/// Bytes of memory that a process has now.
pub fn resident(process: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).expect("a process");
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("a size");
    line.trim().trim_end_matches(" kB").parse::<u64>().expect("a number") * 1024
}

/// Waits until a number has stopped to change: what could move has moved.
pub fn settled(number: impl Fn() -> u64) -> u64 {
    const LOOKS: u32 = 150;
    let (mut last, mut same) = (number(), 0);
    super::wait_for("a number settles", || {
        let now = number();
        same = if now == last { same + 1 } else { 0 };
        last = now;
        (same >= LOOKS).then_some(now)
    })
}

/// Starts an app that speaks HTTP/2, in plain text or by these terms. Each request runs on its own.
pub fn http2<F>(
    terms: Option<rustls::ServerConfig>,
    serve: impl Fn(Request<RecvStream>, SendResponse<Bytes>) -> F + Send + Sync + 'static,
) -> SocketAddr
where
    F: Future<Output = ()> + Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.set_nonblocking(true).expect("a socket option");
    let address = listener.local_addr().expect("an address");
    let (serve, acceptor) = (Arc::new(serve), terms.map(|terms| TlsAcceptor::from(Arc::new(terms))));
    thread::spawn(move || {
        let runtime = Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(async move {
            let listener = tokio::net::TcpListener::from_std(listener).expect("a listener");
            while let Ok((socket, _)) = listener.accept().await {
                let (serve, acceptor) = (Arc::clone(&serve), acceptor.clone());
                tokio::spawn(async move {
                    match acceptor {
                        None => converse(socket, serve).await,
                        Some(acceptor) => {
                            if let Ok(stream) = acceptor.accept(socket).await {
                                converse(stream, serve).await;
                            }
                        }
                    }
                });
            }
        });
    });
    address
}

async fn converse<S, F>(stream: S, serve: Arc<impl Fn(Request<RecvStream>, SendResponse<Bytes>) -> F>)
where
    S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin,
    F: Future<Output = ()> + Send + 'static,
{
    let Ok(mut connection) = h2::server::handshake(stream).await else { return };
    while let Some(Ok((request, answer))) = connection.accept().await {
        tokio::spawn(serve(request, answer));
    }
}

/// The next piece of a body, its window given back.
pub async fn piece(body: &mut RecvStream) -> Option<Result<Bytes, h2::Error>> {
    let piece = body.data().await?;
    if let Ok(bytes) = &piece {
        // A stream that has ended gives nothing back.
        let _ = body.flow_control().release_capacity(bytes.len());
    }
    Some(piece)
}

/// A whole body and its trailers.
pub async fn whole(body: &mut RecvStream) -> Result<(Vec<u8>, Option<HeaderMap>), h2::Error> {
    let mut bytes = Vec::new();
    while let Some(next) = piece(body).await {
        bytes.extend_from_slice(&next?);
    }
    Ok((bytes, body.trailers().await?))
}

/// Sends when the other side has room; `false` once it takes no more.
pub async fn send_when_room(stream: &mut h2::SendStream<Bytes>, mut bytes: Bytes) -> bool {
    while !bytes.is_empty() {
        stream.reserve_capacity(bytes.len());
        let Some(Ok(room)) = std::future::poll_fn(|cx| stream.poll_capacity(cx)).await else { return false };
        let part = bytes.split_to(room.min(bytes.len()));
        if stream.send_data(part, false).is_err() {
            return false;
        }
    }
    true
}
