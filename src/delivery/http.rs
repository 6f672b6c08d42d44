//! The way of those that speak HTTP: one kept connection, one exchange at a time, within a time, by a stack of `tower`.
//!
//! ```text
//! Post ─ one at a time ─ dead-line ─ once more if a kept connection had ended ─ exchange ─► Reply, or an Answer
//! ```

use std::io::Write as _;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use flate2::Compression as Level;
use flate2::write::GzEncoder;
use http::header::{self, HeaderMap, HeaderValue};
use http::uri::PathAndQuery;
use http::{Request, StatusCode};
use jiff::fmt::rfc2822::DateTimeParser;
use rustls::crypto::CryptoProvider;
use tower::util::BoxService;
use tower::{BoxError, Service as _, ServiceBuilder, ServiceExt as _};

use super::receiver::Answer;
use crate::clock::UnixMillis;
use crate::outbound::{Dialer, OutboundFault, TrustFault};
use crate::policy::settings::{Compression, HttpSettings};

mod exchange;

use exchange::{Exchange, Fault, Stale};

/// Longest `Retry-After` that is honoured: an hour. What is asked for beyond it is asked for again then.
const LONGEST_WAIT: Duration = Duration::from_secs(3600);
/// By what the gate is known.
const USER_AGENT: HeaderValue = HeaderValue::from_static(concat!("portcullis/", env!("CARGO_PKG_VERSION")));
/// What is offered in TLS.
pub(super) const ALPN: &[&[u8]] = &[b"http/1.1"];

/// What is sent.
#[derive(Clone)]
pub struct Post {
    /// Path and query, in place of the settings'.
    pub target: Option<PathAndQuery>,
    /// Fields beside `Host`, `User-Agent`, `Content-Length` and `Content-Encoding`.
    pub fields: HeaderMap,
    /// The body, not yet compressed.
    pub body: Bytes,
}

/// What came back, whatever its status. A redirect is a status as any other.
#[derive(Debug)]
pub struct Reply {
    /// Status.
    pub status: StatusCode,
    /// Fields.
    pub fields: HeaderMap,
    /// The whole body; `None` if it is longer than was to be read, or encoded in a way that was not asked for.
    pub body: Option<Bytes>,
}

/// A client of one receiver.
pub struct Http {
    stack: BoxService<Request<Bytes>, Reply, BoxError>,
    exchange: Exchange,
    host: HeaderValue,
    target: PathAndQuery,
    compression: Compression,
    /// The last body, of which the memory is kept: fresh pages for each would cost more than what is written into them.
    spare: Vec<u8>,
}

impl Http {
    /// Reads the files that the settings name; `answer` is how many bytes of an answer's body are read.
    pub fn load(settings: &HttpSettings, answer: usize, provider: &Arc<CryptoProvider>) -> Result<Self, TrustFault> {
        let dialer = Dialer::load(settings.ca.as_deref(), settings.client.as_ref(), ALPN, provider)?;
        let address = &settings.address;
        let host = address.origin().map_or_else(|| "localhost".to_owned(), |origin| origin.to_string());
        let exchange = Exchange::new(dialer, address.place.clone(), answer);
        let stack = ServiceBuilder::new()
            .concurrency_limit(1)
            .timeout(settings.timeout)
            .retry(Stale::default())
            .service(exchange.clone());
        Ok(Self {
            stack: BoxService::new(stack),
            exchange,
            // Both were taken apart when the policy was loaded.
            host: HeaderValue::try_from(host).unwrap_or_else(|_| HeaderValue::from_static("localhost")),
            target: address.target.parse().unwrap_or_else(|_| PathAndQuery::from_static("/")),
            compression: settings.compression,
            spare: Vec::new(),
        })
    }

    /// An empty buffer for the next body.
    pub fn buffer(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.spare)
    }

    /// The target that the settings name.
    pub const fn target(&self) -> &PathAndQuery {
        &self.target
    }

    /// Sends, and reads the answer. What went wrong on the way is an answer for the engine.
    pub async fn post(&mut self, post: Post) -> Result<Reply, Answer> {
        let Post { target, mut fields, body } = post;
        let kept = body.clone();
        let body = match self.compression {
            Compression::None => body,
            Compression::Gzip => {
                fields.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
                gzip(&body)
            }
        };
        fields.insert(header::HOST, self.host.clone());
        fields.insert(header::USER_AGENT, USER_AGENT);
        let mut request = Request::new(body);
        *request.method_mut() = http::Method::POST;
        *request.uri_mut() = target.unwrap_or_else(|| self.target.clone()).into();
        *request.headers_mut() = fields;
        let ready = self.stack.ready().await.map_err(|error| answer_of(&error))?;
        let reply = ready.call(request).await.map_err(|error| answer_of(&error));
        // A connection that answered early may still hold it.
        if kept.is_unique() {
            self.spare = kept.into();
            self.spare.clear();
        }
        reply
    }

    /// Ends the connection in order.
    pub async fn close(&mut self) {
        self.exchange.close().await;
    }
}

/// `body`, compressed for `Content-Encoding: gzip`.
pub fn gzip(body: &[u8]) -> Bytes {
    let mut encoder = GzEncoder::new(Vec::with_capacity(body.len() / 8), Level::fast());
    // Writing to memory cannot fail.
    let _ = encoder.write_all(body);
    encoder.finish().unwrap_or_default().into()
}

/// What the stack's faults mean.
fn answer_of(error: &BoxError) -> Answer {
    // What is left of the stack is its dead-line.
    let fault = error.downcast_ref::<Fault>().map_or(OutboundFault::Timeout, |fault| fault.why);
    transport(fault)
}

/// What a fault on the way to a receiver means: one of trust is a setting's, any other passes.
pub const fn transport(fault: OutboundFault) -> Answer {
    match fault {
        OutboundFault::Tls | OutboundFault::Files | OutboundFault::Inside => {
            Answer::Misconfigured { cause: fault.code() }
        }
        _ => Answer::Later { after: None, cause: fault.code() },
    }
}

/// What a status means where a receiver's own protocol says nothing else: 2xx is taken, 408, 425, 429 and 5xx are for
/// later, 413 is too large; what is about the address, the credential or the form of the body is a setting's fault, as is
/// a redirect, which is never followed; any other 4xx refuses.
pub fn judge(reply: &Reply, now: UnixMillis) -> Answer {
    let cause = cause(reply.status);
    match reply.status.as_u16() {
        _ if reply.status.is_success() => Answer::Taken,
        413 => Answer::TooLarge,
        _ if reply.status.is_server_error() || matches!(reply.status.as_u16(), 408 | 425 | 429) => {
            Answer::Later { after: retry_after(&reply.fields, now), cause }
        }
        401 | 402 | 403 | 404 | 405 | 406 | 407 | 410 | 411 | 415 | 421 | 426 => Answer::Misconfigured { cause },
        _ if reply.status.is_client_error() => Answer::Refused { at: None, cause },
        // Redirects; and what is no final answer at all.
        _ => Answer::Misconfigured { cause },
    }
}

/// A status as a cause: `http_503`.
pub const fn cause(status: StatusCode) -> &'static str {
    match status.as_u16() {
        301 | 302 | 303 | 307 | 308 => "http_redirect",
        400 => "http_400",
        401 => "http_401",
        402 => "http_402",
        403 => "http_403",
        404 => "http_404",
        405 => "http_405",
        406 => "http_406",
        407 => "http_407",
        408 => "http_408",
        409 => "http_409",
        410 => "http_410",
        411 => "http_411",
        413 => "http_413",
        415 => "http_415",
        421 => "http_421",
        422 => "http_422",
        425 => "http_425",
        426 => "http_426",
        429 => "http_429",
        431 => "http_431",
        500 => "http_500",
        501 => "http_501",
        502 => "http_502",
        503 => "http_503",
        504 => "http_504",
        507 => "http_507",
        other => match other / 100 {
            2 => "http_2xx",
            4 => "http_4xx",
            5 => "http_5xx",
            _ => "http_status",
        },
    }
}

/// `Retry-After` (RFC 9110 section 10.2.3): seconds, or a date.
pub fn retry_after(fields: &HeaderMap, now: UnixMillis) -> Option<Duration> {
    static DATES: DateTimeParser = DateTimeParser::new();
    let text = fields.get(header::RETRY_AFTER)?.to_str().ok()?.trim();
    let wait = match text.parse() {
        Ok(seconds) => Duration::from_secs(seconds),
        Err(_) if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) => LONGEST_WAIT,
        Err(_) => {
            let then = DATES.parse_timestamp(text).ok()?.as_millisecond();
            Duration::from_millis(u64::try_from(then).ok()?.saturating_sub(now.0))
        }
    };
    Some(wait.min(LONGEST_WAIT))
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use super::*;

    fn reply(status: u16, after: Option<&'static str>) -> Reply {
        let mut fields = HeaderMap::new();
        fields.extend(after.map(|after| (header::RETRY_AFTER, HeaderValue::from_static(after))));
        Reply { status: StatusCode::from_u16(status).unwrap(), fields, body: None }
    }

    #[test]
    fn a_status_has_one_meaning() {
        let judge = |status| judge(&reply(status, None), UnixMillis(0));
        for status in [200, 201, 202, 204] {
            assert_eq!(judge(status), Answer::Taken, "{status}");
        }
        for status in [408, 425, 429, 500, 502, 503, 504, 599] {
            assert!(matches!(judge(status), Answer::Later { after: None, .. }), "{status}");
        }
        for status in [301, 302, 307, 308, 401, 403, 404, 405, 415] {
            assert!(matches!(judge(status), Answer::Misconfigured { .. }), "{status}");
        }
        for status in [400, 409, 418, 422, 431] {
            assert!(matches!(judge(status), Answer::Refused { at: None, .. }), "{status}");
        }
        assert_eq!(judge(413), Answer::TooLarge);
    }

    #[test]
    fn retry_after_is_seconds_or_a_date_and_has_a_bound() {
        let now = UnixMillis(784_111_777_000); // Sun, 06 Nov 1994 08:49:37 GMT
        let after = |text| retry_after(&reply(503, Some(text)).fields, now);
        assert_eq!(after("120"), Some(Duration::from_secs(120)));
        assert_eq!(after("Sun, 06 Nov 1994 08:50:07 GMT"), Some(Duration::from_secs(30)));
        assert_eq!(after("Sun, 06 Nov 1994 08:49:00 GMT"), Some(Duration::ZERO));
        assert_eq!(after("99999999999999999999999"), Some(LONGEST_WAIT));
        assert_eq!(after("100000"), Some(LONGEST_WAIT));
        for none in ["", "soon", "-5", "1.5"] {
            assert_eq!(after(none), None, "{none}");
        }
    }

    #[test]
    fn gzip_is_gzip() {
        let text = b"{\"a\":1}\n".repeat(1000);
        let packed = gzip(&text);
        assert!(packed.len() < text.len() / 10);
        let mut back = Vec::new();
        flate2::read::GzDecoder::new(&packed[..]).read_to_end(&mut back).unwrap();
        assert_eq!(back, text);
    }
}
