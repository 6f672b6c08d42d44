//! A sound HTTP/2 client, by the `h2` crate. What is not sound is for [`super::frames`].

use std::net::SocketAddr;
use std::sync::Arc;

use bytes::Bytes;
use h2::client::SendRequest;
use http::{HeaderMap, Request};
use rustls::pki_types::ServerName;
use tokio::runtime::{Builder, Runtime};
use tokio_rustls::TlsConnector;

use super::client::{Answer, terms};
use super::{Gate, PATIENCE, Person};

/// An HTTP/2 connection. Its calls block; its streams may be many.
pub struct Http2 {
    runtime: Runtime,
    send: SendRequest<Bytes>,
}

/// What a request brings beside its head.
#[derive(Clone, Default)]
pub struct Rest {
    pub pieces: Vec<Bytes>,
    pub trailers: Option<HeaderMap>,
}

impl Rest {
    /// One piece.
    pub fn of(piece: impl Into<Bytes>) -> Self {
        Self { pieces: vec![piece.into()], trailers: None }
    }

    /// With trailers after it.
    #[must_use]
    pub fn then(mut self, name: &'static str, value: &'static str) -> Self {
        self.trailers.get_or_insert_default().append(name, http::HeaderValue::from_static(value));
        self
    }
}

impl Http2 {
    /// Connects to `localhost`.
    pub fn connect(gate: &Gate, person: Option<&Person>) -> Self {
        Self::to(gate.address(), person)
    }

    /// Connects to an address.
    pub fn to(address: SocketAddr, person: Option<&Person>) -> Self {
        let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build().expect("a runtime");
        let connector = TlsConnector::from(Arc::new(terms(person, &["h2"])));
        let send = runtime.block_on(async {
            let socket = tokio::net::TcpStream::connect(address).await.expect("a connection");
            let name = ServerName::try_from("localhost").expect("a name");
            let stream = connector.connect(name, socket).await.expect("a handshake");
            let (send, connection) = h2::client::handshake(stream).await.expect("HTTP/2");
            tokio::spawn(async move {
                // Its end shows in the answers.
                let _ = connection.await;
            });
            send
        });
        Self { runtime, send }
    }

    /// Lets a future run on this client's runtime.
    pub fn run<T>(&self, work: impl Future<Output = T>) -> T {
        self.runtime.block_on(async { tokio::time::timeout(PATIENCE, work).await.expect("nothing came") })
    }

    /// Lets a future run beside the test.
    pub fn spawn(&self, work: impl Future<Output = ()> + Send + 'static) -> tokio::task::JoinHandle<()> {
        self.runtime.spawn(work)
    }

    /// The sending half, for streams by hand; to be used within [`Self::run`].
    pub fn sender(&self) -> SendRequest<Bytes> {
        self.send.clone()
    }

    /// Asks for a path without a body.
    pub fn get(&self, path: &str) -> Answer {
        self.ask(Request::get(format!("https://localhost{path}")).body(()).expect("a request")).expect("an answer")
    }

    /// Sends a head that ends its stream.
    pub fn ask(&self, request: Request<()>) -> Result<Answer, h2::Error> {
        self.exchange(request, None)
    }

    /// Sends a head and what comes after it.
    pub fn ask_with(&self, request: Request<()>, rest: Rest) -> Result<Answer, h2::Error> {
        self.exchange(request, Some(rest))
    }

    fn exchange(&self, request: Request<()>, rest: Option<Rest>) -> Result<Answer, h2::Error> {
        self.runtime.block_on(async {
            let exchange = exchange(self.send.clone(), request, rest);
            tokio::time::timeout(PATIENCE, exchange).await.expect("nothing came")
        })
    }

    /// Opens a stream and leaves it open: what the app sees, it sees for as long as the guard lives.
    pub fn open(&self, request: Request<()>) -> (h2::client::ResponseFuture, h2::SendStream<Bytes>) {
        self.runtime.block_on(async {
            let mut send = self.send.clone().ready().await.expect("a stream");
            send.send_request(request, false).expect("a stream")
        })
    }
}

async fn exchange(send: SendRequest<Bytes>, request: Request<()>, rest: Option<Rest>) -> Result<Answer, h2::Error> {
    let (answer, mut stream) = send.ready().await?.send_request(request, rest.is_none())?;
    if let Some(Rest { pieces, trailers }) = rest {
        let last = pieces.len().saturating_sub(1);
        for (place, piece) in pieces.into_iter().enumerate() {
            // A stream that was reset takes no more; why shows in the answer.
            let _ = stream.send_data(piece, trailers.is_none() && place == last);
        }
        if let Some(trailers) = trailers {
            let _ = stream.send_trailers(trailers);
        }
    }
    let (head, mut body) = answer.await?.into_parts();
    let fields = |map: &HeaderMap| -> Vec<(String, String)> {
        map.iter().map(|(name, value)| (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into())).collect()
    };
    let mut answer = Answer {
        status: head.status.as_u16(),
        line: String::new(),
        fields: fields(&head.headers),
        body: Vec::new(),
        whole: false,
    };
    while let Some(piece) = body.data().await {
        let piece = piece?;
        let _ = body.flow_control().release_capacity(piece.len());
        answer.body.extend_from_slice(&piece);
    }
    if let Some(trailers) = body.trailers().await? {
        answer.fields.extend(fields(&trailers));
    }
    answer.whole = true;
    Ok(answer)
}
