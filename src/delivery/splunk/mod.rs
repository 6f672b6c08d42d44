//! `splunk`: events for Splunk's HTTP event collector.
//!
//! A good answer means that the events are valid, and no more: they are in the collector's memory. With `acks`, a batch is
//! delivered once the indexers have written it, which the collector is asked for under the number that it gave. A
//! collector that starts anew knows no numbers of before; then the batch is sent again.

mod codes;
mod envelope;

use std::pin::Pin;
use std::time::Duration;

use bytes::Bytes;
use http::header::{self, HeaderMap, HeaderName, HeaderValue};
use http::uri::PathAndQuery;
use tokio::time::sleep;

pub use codes::{Reply, reply};
pub use envelope::{Enveloper, SOURCETYPE, open, question};

use super::credential::Credential;
use super::http::{Http, Post, retry_after};
use super::make::Tools;
use super::receiver::{Answer, Batch, Delivering, Receiver};
use crate::audit::RequestId;
use crate::clock::Clock;
use crate::outbound::TrustFault;
use crate::policy::settings::SplunkSettings;

/// Bytes of an answer that are read: a number or two, or an acknowledgement for each of some requests.
const MOST_ANSWER: usize = 64 * 1024;
/// Bytes of events in one request: what a collector takes where nobody said otherwise.
const MOST_BODY: usize = 1 << 20;
/// Bytes of an envelope beside its event, about.
const BESIDE: usize = 400;
/// Longest that a collector which is nearly full is left in peace.
const LONGEST_PAUSE: Duration = Duration::from_secs(60);
/// To whom the answers belong: acknowledgements are numbered by channel.
const CHANNEL: HeaderName = HeaderName::from_static("x-splunk-request-channel");
const JSON: HeaderValue = HeaderValue::from_static("application/json");
/// Where the collector is, behind whatever path the policy names.
const COLLECTOR: &str = "/services/collector";

/// How long an acknowledgement is waited for.
#[derive(Clone, Copy, Debug)]
pub struct AckPatience {
    /// Before it is asked for the first time; twice as long before each next one.
    pub first: Duration,
    /// And never longer than this in between.
    pub most: Duration,
    /// After so long, what was sent is sent again.
    pub total: Duration,
}

impl Default for AckPatience {
    fn default() -> Self {
        Self { first: Duration::from_secs(1), most: Duration::from_secs(10), total: Duration::from_secs(300) }
    }
}

/// A collector.
pub struct Splunk {
    http: Http,
    enveloper: Enveloper,
    token: Credential,
    channel: HeaderValue,
    event: PathAndQuery,
    ack: PathAndQuery,
    acks: bool,
    patience: AckPatience,
    /// How long to wait before the next request.
    pause: Option<Duration>,
    clock: Clock,
}

impl Splunk {
    /// Reads the certificates that the settings name.
    pub fn load(settings: &SplunkSettings, tools: &Tools) -> Result<Self, TrustFault> {
        let http = Http::load(&settings.http, MOST_ANSWER, &tools.provider)?;
        // One for each process: nobody else asks under it.
        let channel = RequestId::new(tools.clock.wall()).to_string();
        let (event, ack) = (target(http.target(), "/event"), target(http.target(), "/ack"));
        Ok(Self {
            http,
            enveloper: Enveloper::new(settings.index.as_deref()),
            token: Credential::new(settings.token.clone()),
            channel: HeaderValue::try_from(channel).unwrap_or(HeaderValue::from_static("")),
            event,
            ack,
            acks: settings.acks,
            patience: AckPatience::default(),
            pause: None,
            clock: tools.clock.clone(),
        })
    }

    /// With another patience.
    #[must_use]
    pub const fn patient(mut self, patience: AckPatience) -> Self {
        self.patience = patience;
        self
    }

    async fn send(&mut self, batch: &Batch) -> Result<(), Answer> {
        if let Some(pause) = self.pause.take() {
            sleep(pause).await;
        }
        let (mut body, mut begin, mut acks) = (self.http.buffer(), 0, Vec::new());
        body.reserve(batch.bytes() + batch.len() * BESIDE);
        for (at, record) in batch.iter().enumerate() {
            let before = body.len();
            if !self.enveloper.envelope(record, &mut body) {
                return Err(Answer::Refused { at: Some(at), cause: "no_record" });
            }
            if body.len() > MOST_BODY && before > 0 {
                let rest = body.split_off(before);
                acks.extend(self.post(std::mem::replace(&mut body, rest), begin..at).await?);
                begin = at;
            }
        }
        acks.extend(self.post(body, begin..batch.len()).await?);
        if self.acks { self.acknowledged(acks).await } else { Ok(()) }
    }

    /// Sends the events of a range of the batch.
    async fn post(&mut self, body: Vec<u8>, range: std::ops::Range<usize>) -> Result<Option<u64>, Answer> {
        let (status, after, said) = self.exchange(self.event.clone(), body.into()).await?;
        match reply(status, &said, after, range.len()) {
            Reply::Taken { ack: None, .. } if self.acks => Err(Answer::Misconfigured { cause: "acks_disabled" }),
            Reply::Taken { ack, pause } => {
                self.pause = pause.map(|pause| pause.min(LONGEST_PAUSE));
                Ok(ack)
            }
            Reply::Not(Answer::Refused { at: Some(at), cause }) => {
                Err(Answer::Refused { at: Some(range.start + at), cause })
            }
            // One of these, and not of the batch: where there is but one, it is the one.
            Reply::Not(Answer::Refused { at: None, cause }) if range.len() == 1 => {
                Err(Answer::Refused { at: Some(range.start), cause })
            }
            Reply::Not(answer) => Err(answer),
        }
    }

    /// Asks until the indexers have all.
    async fn acknowledged(&mut self, mut acks: Vec<u64>) -> Result<(), Answer> {
        let (begun, mut pause) = (self.clock.ticks(), self.patience.first);
        while !acks.is_empty() {
            if Duration::from_micros(self.clock.ticks().since(begun)) >= self.patience.total {
                return Err(Answer::Later { after: None, cause: "ack_timeout" });
            }
            sleep(pause).await;
            pause = (pause * 2).min(self.patience.most);
            let asked = self.exchange(self.ack.clone(), question(&acks).into()).await;
            // What does not answer now may do so at the next question.
            let Ok((status, after, said)) = asked else { continue };
            match open(&acks, &said).filter(|_| status == 200) {
                Some(open) => acks = open,
                None => {
                    if let Reply::Not(answer @ Answer::Misconfigured { .. }) = reply(status, &said, after, 0) {
                        return Err(answer);
                    }
                }
            }
        }
        Ok(())
    }

    /// Status, `Retry-After` and body of an answer.
    async fn exchange(&mut self, target: PathAndQuery, body: Bytes) -> Result<(u16, Option<Duration>, Bytes), Answer> {
        let mut fields = HeaderMap::new();
        fields.insert(header::AUTHORIZATION, self.token.header("Splunk")?);
        fields.insert(header::CONTENT_TYPE, JSON);
        fields.insert(CHANNEL, self.channel.clone());
        let reply = self.http.post(Post { target: Some(target), fields, body }).await?;
        let after = retry_after(&reply.fields, self.clock.wall());
        Ok((reply.status.as_u16(), after, reply.body.unwrap_or_default()))
    }
}

impl Receiver for Splunk {
    fn deliver<'r>(&'r mut self, batch: &'r Batch) -> Delivering<'r> {
        Box::pin(async move { self.send(batch).await.err().unwrap_or(Answer::Taken) })
    }

    fn close(&mut self) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        Box::pin(self.http.close())
    }
}

/// `/services/collector` and what follows it, behind the path that the policy names; which may have it already.
fn target(named: &PathAndQuery, last: &str) -> PathAndQuery {
    let path = named.path().trim_end_matches('/');
    let path = path.strip_suffix("/event").unwrap_or(path);
    let path = path.strip_suffix(COLLECTOR).unwrap_or(path);
    // What was a path stays one.
    format!("{path}{COLLECTOR}{last}").parse().unwrap_or_else(|_| named.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_collector_is_found_behind_any_path() {
        for (named, event) in [
            ("/", "/services/collector/event"),
            ("/services/collector", "/services/collector/event"),
            ("/services/collector/event", "/services/collector/event"),
            ("/splunk/", "/splunk/services/collector/event"),
        ] {
            assert_eq!(target(&named.parse().unwrap(), "/event"), event, "{named}");
        }
        assert_eq!(target(&"/".parse().unwrap(), "/ack"), "/services/collector/ack");
    }
}
