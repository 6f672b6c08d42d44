//! A request on its way to the app, and what is needed to send it a second time.

use std::cell::Cell;
use std::rc::Rc;

use http::header::{HeaderMap, HeaderName, HeaderValue};
use http::{Method, Request, Uri};

use crate::clock::Ticks;

/// A request for the app, handed over by reference so that it is moved once.
pub struct Parcel<B> {
    request: Option<Request<B>>,
    spare: Option<Spare>,
    /// `true` once the request's own body has been read to its end.
    body_ended: Option<Rc<Cell<bool>>>,
    sent_at: Ticks,
}

/// What makes the same request again. Kept as plain bytes: it is hardly ever needed, and copying them costs a fraction
/// of a copied header map.
struct Spare {
    method: Method,
    target: Uri,
    /// `name:value\n` for each field.
    fields: Vec<u8>,
}

impl<B> Parcel<B> {
    /// A request that is sent once, now; `body_ended` tells when its body is through.
    pub const fn once(request: Request<B>, now: Ticks, body_ended: Option<Rc<Cell<bool>>>) -> Self {
        Self { request: Some(request), spare: None, body_ended, sent_at: now }
    }

    /// A request that may be sent again because it has no body and is idempotent (RFC 9110 section 9.2.2).
    pub fn repeatable(request: Request<B>, now: Ticks) -> Self {
        let mut fields = Vec::with_capacity(512);
        for (name, value) in request.headers() {
            fields.extend_from_slice(name.as_str().as_bytes());
            fields.push(b':');
            fields.extend_from_slice(value.as_bytes());
            fields.push(b'\n');
        }
        let spare = Spare { method: request.method().clone(), target: request.uri().clone(), fields };
        Self { request: Some(request), spare: Some(spare), body_ended: None, sent_at: now }
    }

    /// The request, the first time.
    pub(super) const fn take(&mut self) -> Option<Request<B>> {
        self.request.take()
    }

    /// When it was sent.
    pub(super) const fn sent_at(&self) -> Ticks {
        self.sent_at
    }

    /// The request was not sent after all.
    pub(super) fn put_back(&mut self, request: Request<B>) {
        self.request = Some(request);
    }

    /// Whether the request's own body is still under way: until then the app's dead-line does not run.
    pub(super) fn is_sending(&self) -> bool {
        self.body_ended.as_ref().is_some_and(|ended| !ended.get())
    }
}

impl<B: Default> Parcel<B> {
    /// Makes the request again, if that is safe; `false` if it is not.
    pub(super) fn repeat(&mut self) -> bool {
        let Some(spare) = self.spare.take() else { return false };
        let mut request = Request::new(B::default());
        *request.method_mut() = spare.method;
        *request.uri_mut() = spare.target;
        *request.headers_mut() = fields(&spare.fields);
        self.request = Some(request);
        true
    }
}

fn fields(lines: &[u8]) -> HeaderMap {
    let mut fields = HeaderMap::new();
    for line in lines.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
        // Names hold no colon and values no line feed, so what was a field is one again.
        let Some(colon) = memchr::memchr(b':', line) else { continue };
        if let (Ok(name), Ok(value)) =
            (HeaderName::from_bytes(&line[..colon]), HeaderValue::from_bytes(&line[colon + 1..]))
        {
            fields.append(name, value);
        }
    }
    fields
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_repeated_request_is_the_same_request() {
        let request = Request::get("/a?b=c:d")
            .header("host", "seller.example:8443")
            .header("x-a", "1")
            .header("x-a", "2: three")
            .header("x-empty", "")
            .body(())
            .expect("a request");
        let (before, target) = (request.headers().clone(), request.uri().clone());
        let mut parcel = Parcel::repeatable(request, Ticks(0));
        let _ = parcel.take();
        assert!(parcel.repeat());
        let again = parcel.take().expect("a request");
        assert_eq!(*again.headers(), before);
        assert_eq!(*again.uri(), target);
        assert!(!parcel.repeat(), "once only");
    }
}
