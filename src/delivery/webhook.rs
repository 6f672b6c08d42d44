//! `webhook`: OCSF records as they stand in the trail, posted to a web address.

use std::fmt::Write as _;
use std::pin::Pin;

use aws_lc_rs::hmac;
use http::header::{self, HeaderMap, HeaderName, HeaderValue};

use super::credential::Credential;
use super::http::{Http, Post, judge};
use super::make::Tools;
use super::members::chain;
use super::receiver::{Answer, Batch, Delivering, Receiver};
use crate::clock::Clock;
use crate::outbound::TrustFault;
use crate::policy::settings::{WebhookForm, WebhookSettings};

/// Bytes of an answer that are read, so that the connection can be used again; they say nothing.
const MOST_ANSWER: usize = 16 * 1024;
/// `t=<seconds since 1970>,v1=<hexadecimal HMAC-SHA256 of "<t>.<body>">`
const SIGNATURE: HeaderName = HeaderName::from_static("x-portcullis-signature");
/// `<chain>:<first>-<last>`: the same for the same records.
const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// Posts to one address.
pub struct Webhook {
    http: Http,
    form: WebhookForm,
    content_type: HeaderValue,
    hmac_key: Option<Credential>,
    token: Option<Credential>,
    clock: Clock,
}

impl Webhook {
    /// Reads the certificates that the settings name.
    pub fn load(settings: &WebhookSettings, tools: &Tools) -> Result<Self, TrustFault> {
        Ok(Self {
            http: Http::load(&settings.http, MOST_ANSWER, &tools.provider)?,
            form: settings.form,
            content_type: settings.content_type.clone(),
            hmac_key: settings.hmac_key.clone().map(Credential::new),
            token: settings.token.clone().map(Credential::new),
            clock: tools.clock.clone(),
        })
    }

    async fn send(&mut self, batch: &Batch) -> Result<Answer, Answer> {
        let mut body = self.http.buffer();
        write(self.form, batch, &mut body);
        let mut fields = HeaderMap::new();
        fields.insert(header::CONTENT_TYPE, self.content_type.clone());
        if let Some(key) = key_of(batch) {
            fields.insert(IDEMPOTENCY_KEY, key);
        }
        if let Some(token) = &mut self.token {
            fields.insert(header::AUTHORIZATION, token.header("Bearer")?);
        }
        let now = self.clock.wall();
        if let Some(key) = &mut self.hmac_key {
            fields.insert(SIGNATURE, signature(key.current()?, now.seconds(), &body));
        }
        let reply = self.http.post(Post { target: None, fields, body: body.into() }).await?;
        Ok(judge(&reply, self.clock.wall()))
    }
}

impl Receiver for Webhook {
    fn deliver<'r>(&'r mut self, batch: &'r Batch) -> Delivering<'r> {
        Box::pin(async move { self.send(batch).await.unwrap_or_else(|answer| answer) })
    }

    fn close(&mut self) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        Box::pin(self.http.close())
    }
}

fn write(form: WebhookForm, batch: &Batch, body: &mut Vec<u8>) {
    body.reserve(batch.bytes() + batch.len() + 2);
    match form {
        WebhookForm::Ndjson => {
            for record in batch.iter() {
                body.extend_from_slice(record.line);
                body.push(b'\n');
            }
        }
        WebhookForm::Array => {
            body.push(b'[');
            for (place, record) in batch.iter().enumerate() {
                if place > 0 {
                    body.push(b',');
                }
                body.extend_from_slice(record.line);
            }
            body.push(b']');
        }
    }
}

/// The chain that the records are of, and their sequence numbers.
fn key_of(batch: &Batch) -> Option<HeaderValue> {
    let (first, last) = batch.span()?;
    let chain = chain(batch.get(0)?.line).and_then(|chain| str::from_utf8(chain).ok());
    HeaderValue::from_str(&format!("\"{}:{first}-{last}\"", chain.unwrap_or_default())).ok()
}

fn signature(key: &[u8], seconds: u64, body: &[u8]) -> HeaderValue {
    let mut context = hmac::Context::with_key(&hmac::Key::new(hmac::HMAC_SHA256, key));
    context.update(seconds.to_string().as_bytes());
    context.update(b".");
    context.update(body);
    let mut text = format!("t={seconds},v1=");
    for byte in context.sign().as_ref() {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    // Digits and letters.
    HeaderValue::try_from(text).unwrap_or_else(|_| HeaderValue::from_static(""))
}

#[cfg(test)]
mod tests {
    use super::super::receiver::Sent;
    use super::*;

    fn batch() -> Batch {
        let mut batch = Batch::default();
        for (sequence, line) in [(7, &b"{\"metadata\":{\"log_name\":\"edge-1/x\"}}"[..]), (8, b"{\"a\":1}")] {
            batch.push(Sent { sequence, line });
        }
        batch
    }

    #[test]
    fn a_body_has_each_record_byte_for_byte() {
        let batch = batch();
        let body = |form, batch: &Batch| {
            let mut body = Vec::new();
            write(form, batch, &mut body);
            body
        };
        assert_eq!(body(WebhookForm::Ndjson, &batch), &b"{\"metadata\":{\"log_name\":\"edge-1/x\"}}\n{\"a\":1}\n"[..]);
        assert_eq!(body(WebhookForm::Array, &batch), &b"[{\"metadata\":{\"log_name\":\"edge-1/x\"}},{\"a\":1}]"[..]);
        assert_eq!(key_of(&batch).unwrap(), "\"edge-1/x:7-8\"");
    }

    #[test]
    fn a_signature_is_the_one_that_anybody_with_the_key_makes() {
        // printf '1700000000.{}' | openssl dgst -sha256 -hmac key
        let expected = "t=1700000000,v1=9d713ed406bb7076d4123f0dc2c39d2df5c654ed4b0cd56b52c8b4c940bd63ae";
        let made = signature(b"key", 1_700_000_000, b"{}");
        assert_eq!(made, expected);
        assert_ne!(made, signature(b"key", 1_700_000_001, b"{}"));
        assert_ne!(made, signature(b"kez", 1_700_000_000, b"{}"));
    }
}
