//! Opaque tokens: their issuer is asked (RFC 7662). One call for any number of requests with the same token, an answer
//! that is kept for a short time, and a refusal where there is none.

use std::collections::HashMap;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue, Method, StatusCode};
use parking_lot::Mutex;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_encode};
use quick_cache::sync::Cache;
use serde_json::Value;
use tokio::sync::watch;
use zeroize::Zeroizing;

use super::cache::{DigestHasher, TokenDigest, VerifiedToken};
use super::caller::IdentityMaker;
use super::claims::{judge, read_claims};
use super::json::Members;
use super::remote::{ASKING, Providers};
use super::token::Verdict;
use super::{IdentityFault, IdentityRefusal, secret_file};
use crate::outbound::{Call, Client, Reply};
use crate::policy::http_address::HttpAddress;
use crate::policy::settings::{IntrospectionSettings, TokenSettings};
use crate::redact::Name;
use crate::telemetry::log;

/// Answers that are kept, of each kind: tokens that are good do not make room for a stranger's guesses.
const CAPACITY: usize = 10_000;
/// How long a token that was found bad is not asked about again: long enough to take the weight of a loop, short enough
/// for a token that its issuer's other half does not know yet.
const BAD_FOR: u64 = 5;
/// Tokens that are asked about at once; the client lets fewer calls out, and refuses the rest.
const MAX_PENDING: usize = 64;
/// Longest secret.
const MAX_SECRET_BYTES: usize = 1024;

/// What `application/x-www-form-urlencoded` does not let stand.
const FORM: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'*');

type Answers<T> = Cache<TokenDigest, T, quick_cache::UnitWeighter, DigestHasher>;

/// Asks one issuer.
pub(super) struct Introspector {
    settings: Arc<TokenSettings>,
    /// The issuer's place among the policy's.
    place: usize,
    address: HttpAddress,
    client: Client,
    /// `Authorization`, where the gate has a secret.
    authorization: Option<HeaderValue>,
    /// `client_id=…`, where its certificate says who asks.
    client_id: String,
    /// The longest time that an answer is used, in seconds.
    keep: u64,
    good: Answers<Answer<VerifiedToken>>,
    bad: Answers<Answer<IdentityRefusal>>,
    pending: Mutex<HashMap<[u8; 32], watch::Receiver<Option<Verdict>>>>,
    name: Option<Name>,
}

/// An answer and the first second at which it is too old.
#[derive(Clone)]
struct Answer<T> {
    said: T,
    until: u64,
}

impl Introspector {
    /// Reads the gate's secret and its way to the provider.
    pub fn load(
        settings: &Arc<TokenSettings>,
        asked: &IntrospectionSettings,
        place: usize,
        providers: &Providers,
    ) -> Result<Self, IdentityFault> {
        let authorization = match &asked.client_secret {
            None if settings.provider.client.is_none() => {
                return Err(IdentityFault::setting(
                    "introspection needs a `client_secret_file`, or a certificate in `provider`: nobody tells a \
                     stranger whose a token is",
                ));
            }
            None => None,
            Some(path) => {
                let secret = secret_file::read(path, MAX_SECRET_BYTES)?;
                let secret = secret.strip_suffix(b"\n").unwrap_or(&secret);
                let secret = secret.strip_suffix(b"\r").unwrap_or(secret);
                Some(basic(&asked.client_id, secret).ok_or_else(|| IdentityFault::file(path, "is no secret"))?)
            }
        };
        let answers = || (CAPACITY, CAPACITY as u64, quick_cache::UnitWeighter, DigestHasher::default());
        let (items, weight, weighter, hasher) = answers();
        let good = Cache::with(items, weight, weighter, hasher, Default::default());
        let (items, weight, weighter, hasher) = answers();
        let bad = Cache::with(items, weight, weighter, hasher, Default::default());
        Ok(Self {
            place,
            address: asked.address.clone(),
            client: providers.client(settings, ASKING)?,
            client_id: match authorization {
                None => format!("&client_id={}", percent_encode(asked.client_id.as_bytes(), FORM)),
                Some(_) => String::new(),
            },
            authorization,
            keep: asked.cache.as_secs(),
            good,
            bad,
            pending: Mutex::default(),
            name: Name::configured(&settings.issuer).ok(),
            settings: Arc::clone(settings),
        })
    }

    /// What the issuer says of a token; of late, or now.
    pub async fn ask(self: &Arc<Self>, token: &[u8], maker: &Arc<IdentityMaker>, now: u64) -> Verdict {
        let digest = TokenDigest::of(token);
        if let Some(known) = self.known(digest, now) {
            return known;
        }
        let mut answer = match self.line_up(digest, token, maker, now) {
            Some(answer) => answer,
            None => return Err(IdentityRefusal::IntrospectionUnavailable),
        };
        // The sender is gone without an answer only if the gate is being torn down.
        match answer.wait_for(Option::is_some).await {
            Ok(answer) => answer.clone().unwrap_or(Err(IdentityRefusal::IntrospectionUnavailable)),
            Err(_) => Err(IdentityRefusal::IntrospectionUnavailable),
        }
    }

    fn known(&self, digest: TokenDigest, now: u64) -> Option<Verdict> {
        if let Some(answer) = self.good.get(&digest).filter(|answer| now < answer.until) {
            let VerifiedToken { not_before, expires, .. } = answer.said;
            return Some(judge(not_before, expires, now).map(|()| answer.said));
        }
        let answer = self.bad.get(&digest).filter(|answer| now < answer.until)?;
        Some(Err(answer.said))
    }

    /// Joins those who wait for this token's answer. The first has the call made, by a task of its own: it outlives the
    /// request, so that nobody's leaving takes the answer from the others. None if there are too many already.
    fn line_up(
        self: &Arc<Self>,
        digest: TokenDigest,
        token: &[u8],
        maker: &Arc<IdentityMaker>,
        now: u64,
    ) -> Option<watch::Receiver<Option<Verdict>>> {
        let mut pending = self.pending.lock();
        if let Some(answer) = pending.get(&digest.0) {
            return Some(answer.clone());
        }
        if pending.len() >= MAX_PENDING {
            return None;
        }
        let (sender, answer) = watch::channel(None);
        pending.insert(digest.0, answer.clone());
        drop(pending);
        let (this, maker, token) = (Arc::clone(self), Arc::clone(maker), Zeroizing::new(token.to_vec()));
        let leave = Leave { introspector: Arc::clone(self), digest };
        tokio::spawn(async move {
            let verdict = this.call(&token, &maker, now).await;
            this.keep(digest, &verdict, now);
            // Out of the line before the answer is there: who comes now finds it kept.
            drop(leave);
            sender.send_replace(Some(verdict));
        });
        Some(answer)
    }

    fn keep(&self, digest: TokenDigest, verdict: &Verdict, now: u64) {
        match verdict {
            Ok(verified) => {
                let until = now.saturating_add(self.keep).min(verified.expires);
                self.good.insert(digest, Answer { said: verified.clone(), until });
            }
            // An outage is over when it is over.
            Err(refusal) if refusal.is_outage() => {}
            Err(refusal) => self.bad.insert(digest, Answer { said: *refusal, until: now.saturating_add(BAD_FOR) }),
        }
    }

    async fn call(&self, token: &[u8], maker: &IdentityMaker, now: u64) -> Verdict {
        let mut fields = HeaderMap::new();
        fields.insert(ACCEPT, HeaderValue::from_static("application/json"));
        fields.insert(CONTENT_TYPE, HeaderValue::from_static("application/x-www-form-urlencoded"));
        if let Some(authorization) = &self.authorization {
            fields.insert(AUTHORIZATION, authorization.clone());
        }
        let token = percent_encode(token, FORM);
        let body = format!("token={token}&token_type_hint=access_token{}", self.client_id);
        let call = Call { method: Method::POST, address: self.address.clone(), fields, body: Bytes::from(body) };
        match self.client.call(call).await {
            Ok(reply) if reply.status == StatusCode::OK => self.read(&reply, maker, now),
            Ok(_) => Err(self.outage("status")),
            Err(fault) => Err(self.outage(fault.code())),
        }
    }

    /// Reads an answer (RFC 7662 section 2.2). That a token is active is not enough: it must be of this issuer, for us,
    /// and end some time.
    fn read(&self, reply: &Reply, maker: &IdentityMaker, now: u64) -> Verdict {
        let is_json = reply.media_type().as_deref() == Some("application/json");
        let members = Members::parse(&reply.body).filter(|_| is_json);
        let Some((members, active)) =
            members.and_then(|members| members.get("active").and_then(Value::as_bool).map(|it| (members, it)))
        else {
            return Err(self.outage("malformed"));
        };
        if !active {
            return Err(IdentityRefusal::TokenInactive);
        }
        if members.get("iss").is_some_and(|issuer| *issuer != *self.settings.issuer) {
            return Err(IdentityRefusal::TokenIssuer);
        }
        read_claims(&members, &self.settings, now)?.verified(maker, self.place, 0)
    }

    fn outage(&self, fault: &'static str) -> IdentityRefusal {
        if let Some(issuer) = &self.name {
            log::warn!("an issuer could not be asked about a token", issuer = issuer, fault = fault);
        }
        IdentityRefusal::IntrospectionUnavailable
    }
}

/// Takes a token out of the line, whatever becomes of the call.
struct Leave {
    introspector: Arc<Introspector>,
    digest: TokenDigest,
}

impl Drop for Leave {
    fn drop(&mut self) {
        self.introspector.pending.lock().remove(&self.digest.0);
    }
}

/// `client_secret_basic` (RFC 6749 section 2.3.1): both halves as in a form, then as Basic has them.
fn basic(client_id: &str, secret: &[u8]) -> Option<HeaderValue> {
    if secret.is_empty() {
        return None;
    }
    let pair = format!("{}:{}", percent_encode(client_id.as_bytes(), FORM), percent_encode(secret, FORM));
    let pair = Zeroizing::new(pair);
    let mut value = HeaderValue::try_from(format!("Basic {}", STANDARD.encode(&*pair))).ok()?;
    value.set_sensitive(true);
    Some(value)
}
