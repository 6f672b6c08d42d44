//! Where those who run the gate connect: each listener with a purpose of its own, all started here. They run on the main
//! thread beside the keeper, so that workers know nothing of them.

use std::sync::Arc;

use bytes::Bytes;
use http::header::{self, HeaderValue};
use http::{Method, Request, Response, StatusCode};
use hyper::body::Incoming;
use rustls::crypto::CryptoProvider;
use tokio::sync::watch;

use super::{AppFault, name};
use crate::deploy::Host;
use crate::edge::SmallListener;
use crate::gate::Terms;
use crate::policy::Policy;
use crate::policy::settings::{StaleList, TlsSettings};
use crate::telemetry::log;
use crate::telemetry::metrics::{Exposition, Source};

/// Listeners that are bound and not yet served.
#[derive(Default)]
pub(super) struct Operators {
    metrics: Option<SmallListener>,
}

impl Operators {
    /// Binds what the policy asks for.
    pub fn bind(policy: &Policy, host: &mut Host, provider: &Arc<CryptoProvider>) -> Result<Self, AppFault> {
        let Some(settings) = &policy.metrics else { return Ok(Self::default()) };
        let tls = settings.tls.as_ref().map(|tls| TlsSettings {
            certificates: vec![tls.files.clone()],
            allow_tls12: false,
            client_ca: tls.client_ca.clone(),
            crl: Vec::new(),
            crl_stale: StaleList::Refuse,
        });
        let metrics = host
            .listen(settings.listen)
            .and_then(|socket| SmallListener::over(socket, tls, provider))
            .map_err(|error| AppFault::Listen(settings.listen, error))?;
        Ok(Self { metrics: Some(metrics) })
    }

    /// Serves them for as long as the runtime runs. To be called within it.
    pub fn start(self, sources: Vec<Arc<dyn Source>>, publish: &watch::Sender<Arc<Terms>>) {
        if let Some(listener) = self.metrics
            && let Ok(exposition) = Exposition::new(sources)
        {
            if let Ok(address) = listener.address() {
                log::info!("metrics are served", address = &name(&address.to_string()));
            }
            let mut swaps = publish.subscribe();
            tokio::task::spawn_local(async move {
                let listener = std::rc::Rc::new(listener);
                let renewing = std::rc::Rc::clone(&listener);
                tokio::task::spawn_local(async move {
                    while swaps.changed().await.is_ok() {
                        renewing.renew().await;
                    }
                });
                listener.serve(move |request| scraped(request, exposition.clone())).await;
            });
        }
    }
}

/// The answer to a scrape; `/metrics` and nothing else is there.
async fn scraped(request: Request<Incoming>, exposition: Exposition) -> Response<Bytes> {
    if request.uri().path() != "/metrics" {
        return status(StatusCode::NOT_FOUND);
    }
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        let mut answer = status(StatusCode::METHOD_NOT_ALLOWED);
        answer.headers_mut().insert(header::ALLOW, HeaderValue::from_static("GET, HEAD"));
        return answer;
    }
    // Off this thread: files of `/proc` are read, and after a change certificates.
    match tokio::task::spawn_blocking(move || exposition.text()).await {
        Ok(Ok(text)) => {
            let mut answer = Response::new(Bytes::from(text));
            let fields = answer.headers_mut();
            fields.insert(header::CONTENT_TYPE, HeaderValue::from_static(Exposition::MEDIA_TYPE));
            fields.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
            answer
        }
        _ => status(StatusCode::INTERNAL_SERVER_ERROR),
    }
}

fn status(status: StatusCode) -> Response<Bytes> {
    let mut answer = Response::new(Bytes::new());
    *answer.status_mut() = status;
    answer
}
