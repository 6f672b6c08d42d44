//! `otlp`: log records for a collector of OpenTelemetry, over HTTP in protobuf (OTLP 1.x, `POST /v1/logs`).
//!
//! Any 2xx has taken the request, save for what `partial_success` says: so many records are refused, and a client must not
//! send any of them again. Which ones they are it does not say.

use std::pin::Pin;

use http::header::{self, HeaderMap, HeaderValue};
use opentelemetry_proto::tonic::collector::logs::v1::ExportLogsServiceResponse;
use prost::Message as _;

use super::credential::Credential;
use super::http::{Http, Post, Reply, cause, judge};
use super::index::Index;
use super::make::Tools;
use super::projection::otel::{instance, resource_logs, scoped};
use super::receiver::{Answer, Batch, Delivering, Receiver};
use crate::clock::{Clock, UnixMillis};
use crate::outbound::TrustFault;
use crate::policy::settings::OtlpSettings;

/// Bytes of an answer that are read: a number and a sentence.
const MOST_ANSWER: usize = 64 * 1024;
/// Bytes that a log record has beside its body, about.
const BESIDE: usize = 1_000;
const PROTOBUF: HeaderValue = HeaderValue::from_static("application/x-protobuf");

/// A collector.
pub struct Otlp {
    http: Http,
    token: Option<Credential>,
    clock: Clock,
}

impl Otlp {
    /// Reads the certificates that the settings name.
    pub fn load(settings: &OtlpSettings, tools: &Tools) -> Result<Self, TrustFault> {
        Ok(Self {
            http: Http::load(&settings.http, MOST_ANSWER, &tools.provider)?,
            token: settings.token.clone().map(Credential::new),
            clock: tools.clock.clone(),
        })
    }

    async fn send(&mut self, batch: &Batch) -> Result<Answer, Answer> {
        let mut body = self.http.buffer();
        if let Err(at) = request(batch, &mut body) {
            return Err(Answer::Refused { at: Some(at), cause: "no_record" });
        }
        let mut fields = HeaderMap::new();
        fields.insert(header::CONTENT_TYPE, PROTOBUF);
        if let Some(token) = &mut self.token {
            fields.insert(header::AUTHORIZATION, token.header("Bearer")?);
        }
        let reply = self.http.post(Post { target: None, fields, body: body.into() }).await?;
        Ok(answer(&reply, batch.len(), self.clock.wall()))
    }
}

impl Receiver for Otlp {
    fn deliver<'r>(&'r mut self, batch: &'r Batch) -> Delivering<'r> {
        Box::pin(async move { self.send(batch).await.unwrap_or_else(|answer| answer) })
    }

    fn close(&mut self) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        Box::pin(self.http.close())
    }
}

/// Appends the request of a batch (`ExportLogsServiceRequest`), or gives the place of what is no record. Records of one
/// gate stand together, in their order.
pub fn request(batch: &Batch, out: &mut Vec<u8>) -> Result<(), usize> {
    out.reserve(batch.bytes() + batch.len() * BESIDE);
    let mut index = Index::default();
    let mut records = batch.iter().enumerate().peekable();
    while let Some((at, first)) = records.peek().copied() {
        let gate = instance(first.line).ok_or(at)?;
        resource_logs(gate, batch.bytes() + batch.len() * BESIDE, out, |out| {
            let of_gate = |line| instance(line).is_none_or(|other| other == gate);
            while let Some((at, sent)) = records.next_if(|(_, sent)| of_gate(sent.line)) {
                scoped(&index.of(sent.line), out).ok_or(at)?;
            }
            Ok::<(), usize>(())
        })?;
    }
    Ok(())
}

/// What an answer to `records` records means. 429, 502, 503 and 504 are for later, as the protocol has it; it has no word
/// for what to do after another 5xx but not to send the same again, so that records are held then until somebody looks.
pub fn answer(reply: &Reply, records: usize, now: UnixMillis) -> Answer {
    if reply.status.is_server_error() && !matches!(reply.status.as_u16(), 502..=504) {
        return Answer::Misconfigured { cause: cause(reply.status) };
    }
    if !reply.status.is_success() {
        return judge(reply, now);
    }
    let kind = reply.fields.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    if kind.trim_start().to_ascii_lowercase().starts_with("text/html") {
        // A page for people, such as one to log in with.
        return Answer::Misconfigured { cause: "no_collector" };
    }
    // Some answer with nothing, or with JSON: then nothing is known to be refused.
    let said = reply.body.as_ref().and_then(|body| ExportLogsServiceResponse::decode(&body[..]).ok());
    let refused = said.and_then(|said| said.partial_success).map_or(0, |partial| partial.rejected_log_records);
    match usize::try_from(refused) {
        Ok(0) | Err(_) => Answer::Taken,
        Ok(refused) => Answer::Partly { refused: refused.min(records), cause: "partial_success" },
    }
}
