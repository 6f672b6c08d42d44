//! `elastic`: documents for a data stream of Elasticsearch or OpenSearch, by `_bulk`.
//!
//! Each document's id is its record's (`metadata.uid`), and is created or there already: what comes twice is stored once,
//! as long as the data stream has not rolled over in between. A status of 200 says that the cluster read the request; what
//! became of each document stands in the answer.

mod bulk;

use std::pin::Pin;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::header::{self, HeaderMap, HeaderValue};
use http::uri::PathAndQuery;
use zeroize::Zeroizing;

pub use bulk::{Body, answer};

use super::credential::Credential;
use super::http::{Http, Post, judge};
use super::make::Tools;
use super::receiver::{Answer, Batch, Delivering, Receiver};
use crate::clock::Clock;
use crate::outbound::TrustFault;
use crate::policy::settings::{ElasticScheme, ElasticSettings};

/// Bytes of an answer that are read: some two hundred for each of the most records that a batch may have.
const MOST_ANSWER: usize = 4 << 20;
const NDJSON: HeaderValue = HeaderValue::from_static("application/x-ndjson");
/// What is asked for of the answer; a cluster's own words about a document may repeat what stands in it.
const ASKED: &str = "filter_path=errors,items.*.status,items.*.error.type";

/// A cluster.
pub struct Elastic {
    http: Http,
    body: Body,
    target: PathAndQuery,
    scheme: ElasticScheme,
    token: Option<Credential>,
    clock: Clock,
}

impl Elastic {
    /// Reads the certificates that the settings name.
    pub fn load(settings: &ElasticSettings, tools: &Tools) -> Result<Self, TrustFault> {
        let http = Http::load(&settings.http, MOST_ANSWER, &tools.provider)?;
        Ok(Self {
            target: target(http.target(), &settings.data_stream),
            http,
            body: Body::new(&settings.data_stream),
            scheme: settings.scheme,
            token: settings.token.clone().map(Credential::new),
            clock: tools.clock.clone(),
        })
    }

    async fn send(&mut self, batch: &Batch) -> Result<Answer, Answer> {
        let mut body = self.http.buffer();
        if let Err(at) = self.body.write(batch, &mut body) {
            return Err(Answer::Refused { at: Some(at), cause: "no_record" });
        }
        let mut fields = HeaderMap::new();
        fields.insert(header::CONTENT_TYPE, NDJSON);
        if let Some(token) = &mut self.token {
            fields.insert(header::AUTHORIZATION, authorization(self.scheme, token)?);
        }
        let reply = self.http.post(Post { target: Some(self.target.clone()), fields, body: body.into() }).await?;
        if !reply.status.is_success() {
            return Ok(judge(&reply, self.clock.wall()));
        }
        Ok(match &reply.body {
            Some(body) => answer(body, batch.len()),
            // Half as many documents have half as long an answer.
            None if batch.len() > 1 => Answer::TooLarge,
            None => Answer::Misconfigured { cause: "no_cluster" },
        })
    }
}

impl Receiver for Elastic {
    fn deliver<'r>(&'r mut self, batch: &'r Batch) -> Delivering<'r> {
        Box::pin(async move { self.send(batch).await.unwrap_or_else(|answer| answer) })
    }

    fn close(&mut self) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        Box::pin(self.http.close())
    }
}

/// The value of `Authorization`.
fn authorization(scheme: ElasticScheme, token: &mut Credential) -> Result<HeaderValue, Answer> {
    match scheme {
        ElasticScheme::ApiKey => token.header("ApiKey"),
        ElasticScheme::Bearer => token.header("Bearer"),
        ElasticScheme::Basic => {
            let text = Zeroizing::new(STANDARD.encode(token.current()?));
            let value = Zeroizing::new(format!("Basic {}", *text));
            let mut value = HeaderValue::try_from(value.as_str())
                .map_err(|_| Answer::Misconfigured { cause: "credential_file" })?;
            value.set_sensitive(true);
            Ok(value)
        }
    }
}

/// `/<data stream>/_bulk`, behind the path that the policy names.
fn target(named: &PathAndQuery, stream: &str) -> PathAndQuery {
    let path = named.path().trim_end_matches('/');
    // What was a path stays one: the stream's name is of letters, digits, `.`, `_` and `-`.
    format!("{path}/{stream}/_bulk?{ASKED}").parse().unwrap_or_else(|_| named.clone())
}
