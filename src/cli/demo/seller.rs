//! The app behind the demo's gate: a few answers in the marketplace's form, about a customer who does not exist.

use std::convert::Infallible;
use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use bytes::Bytes;
use http::{Request, Response, StatusCode, header};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use serde_json::json;

/// The order of the customer who does not exist.
pub(super) const ORDER: &str = "902-3159896-1390916";
/// The customer, as the app answers; none of it may stand in a record.
pub(super) const CUSTOMER: [&str; 3] = ["Jane Roe", "12 Example Street", "+1-555-0100"];
/// The customer's e-mail address as a careless client puts it into a URL.
pub(super) const EMAIL_IN_URL: &str = "jane.roe%40mail.example";

/// The running app.
pub(super) struct Seller {
    address: SocketAddr,
    heard_email: Arc<AtomicBool>,
}

impl Seller {
    /// Starts it on a free port of the loopback address. It lives as long as the process.
    pub fn start() -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let heard_email = Arc::new(AtomicBool::new(false));
        let heard = Arc::clone(&heard_email);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        thread::Builder::new().name("sample-app".to_owned()).spawn(move || runtime.block_on(serve(listener, heard)))?;
        Ok(Self { address, heard_email })
    }

    /// Where it listens.
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Whether a request with the e-mail address came.
    pub fn heard_email(&self) -> bool {
        self.heard_email.load(Ordering::Relaxed)
    }
}

async fn serve(listener: TcpListener, heard: Arc<AtomicBool>) -> io::Result<()> {
    let listener = tokio::net::TcpListener::from_std(listener)?;
    loop {
        let (stream, _) = listener.accept().await?;
        let heard = Arc::clone(&heard);
        let service = service_fn(move |request: Request<Incoming>| {
            if request.uri().query().is_some_and(|query| query.contains(EMAIL_IN_URL)) {
                heard.store(true, Ordering::Relaxed);
            }
            let answer = answer(request.uri().path());
            async { Ok::<_, Infallible>(answer) }
        });
        // A connection that breaks is the gate's to notice.
        tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), service));
    }
}

fn answer(path: &str) -> Response<Full<Bytes>> {
    let [name, street, phone] = CUSTOMER;
    let address = json!({ "Name": name, "AddressLine1": street, "City": "Springfield", "Phone": phone });
    let (status, body) = match path {
        "/healthz" => (StatusCode::OK, json!({ "status": "up" })),
        "/orders/v0/orders" => {
            let order = json!({ "AmazonOrderId": ORDER, "OrderStatus": "Unshipped", "NumberOfItemsUnshipped": 1 });
            (StatusCode::OK, json!({ "payload": { "Orders": [order] } }))
        }
        path if path.strip_suffix("/address").is_some_and(|path| path.ends_with(ORDER)) => {
            (StatusCode::OK, json!({ "payload": { "AmazonOrderId": ORDER, "ShippingAddress": address } }))
        }
        _ => (StatusCode::NOT_FOUND, json!({ "errors": [{ "code": "NotFound" }] })),
    };
    let mut response = Response::new(Full::new(Bytes::from(format!("{body}\n"))));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, header::HeaderValue::from_static("application/json"));
    response
}
