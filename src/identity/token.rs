//! Access tokens: signed ones (JWT, RFC 7519) verified as RFC 8725 advises and stricter where that costs no honest issuer
//! anything; opaque ones by asking their issuer. Own code rather than a library's: each rule stands here, where it is
//! read.

use std::sync::Arc;

use serde_json::Value;

use super::binding::Confirmation;
use super::cache::{TokenCache, TokenDigest, VerifiedToken};
use super::caller::IdentityMaker;
use super::claims::{judge, read_claims};
use super::introspection::Introspector;
use super::json::Members;
use super::jwks::KeySet;
use super::jws::{Header, Parts, read_header};
use super::remote::{Providers, RemoteKeys};
use super::replay::Replays;
use super::{IdentityFault, IdentityRefusal, Presented, dpop};
use crate::policy::settings::{KeySource, TokenSettings};

/// Longest token: twice what an issuer with a long list of groups makes; servers refuse 8 KiB headers anyway.
const MAX_TOKEN_BYTES: usize = 8 * 1024;

/// What becomes of a token.
pub type Verdict = Result<VerifiedToken, IdentityRefusal>;

/// How a token is presented.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scheme {
    /// Whoever has it may use it (RFC 6750).
    Bearer,
    /// With a proof of the key that it is bound to (RFC 9449).
    Dpop,
}

/// All token issuers of a policy, and the tokens of theirs that verified.
pub(super) struct TokenVerifier {
    issuers: Vec<Issuer>,
    cache: TokenCache,
    replays: Arc<Replays>,
    /// The one that opaque tokens are asked about.
    introspector: Option<Arc<Introspector>>,
}

/// One issuer: its settings and its keys.
struct Issuer {
    settings: Arc<TokenSettings>,
    keys: Keys,
}

/// Where an issuer's keys are.
enum Keys {
    /// From a file, until the next policy.
    Local(KeySet),
    /// From its provider.
    Remote(Arc<RemoteKeys>),
    /// Nowhere: its tokens are introspected.
    None,
}

/// What has to be had before a token can be judged.
enum Need {
    /// A set of keys with the token's in it.
    Keys(Arc<RemoteKeys>),
    /// Its issuer's word.
    Introspection(Arc<Introspector>),
}

impl Need {
    /// What the token is refused with where the need is not met.
    const fn unmet(&self) -> IdentityRefusal {
        match self {
            Self::Keys(_) => IdentityRefusal::TokenKeyUnknown,
            Self::Introspection(_) => IdentityRefusal::IntrospectionUnavailable,
        }
    }
}

impl TokenVerifier {
    pub fn new(providers: &Providers) -> Self {
        Self { issuers: Vec::new(), cache: TokenCache::new(), replays: providers.replays(), introspector: None }
    }

    /// Adds an issuer and reads its keys, or has them fetched.
    pub fn add(&mut self, settings: &Arc<TokenSettings>, providers: &Providers) -> Result<(), IdentityFault> {
        let TokenSettings { issuer, audience, keys, algorithms, subject, introspection, .. } = &**settings;
        if issuer.is_empty() || audience.is_empty() || subject.is_empty() || (keys.is_some() && algorithms.is_empty()) {
            return Err(IdentityFault::setting(
                "a token method needs an issuer, an audience, a subject claim and at least one algorithm",
            ));
        }
        if self.issuers.iter().any(|other| other.settings.issuer == *issuer) {
            return Err(IdentityFault::setting(format!("the token issuer {issuer} is configured twice; join the two")));
        }
        let keys = match keys {
            None => Keys::None,
            Some(KeySource::File(path)) => Keys::Local(KeySet::load(path, algorithms)?),
            Some(KeySource::Address(_) | KeySource::Discover(_)) => Keys::Remote(providers.keys(settings)?),
        };
        match introspection {
            None if matches!(keys, Keys::None) => {
                return Err(IdentityFault::setting(format!("the token issuer {issuer} needs keys or introspection")));
            }
            None => {}
            Some(_) if self.introspector.is_some() => {
                return Err(IdentityFault::setting("two token issuers have `introspection`; an opaque token has one"));
            }
            Some(asked) => {
                let place = self.issuers.len();
                self.introspector = Some(Arc::new(Introspector::load(settings, asked, place, providers)?));
            }
        }
        self.issuers.push(Issuer { settings: Arc::clone(settings), keys });
        Ok(())
    }

    /// The issuer that a token names, if it is one of these; nothing of it is verified.
    pub fn named_issuer(&self, token: &[u8]) -> Option<&str> {
        if token.len() > MAX_TOKEN_BYTES {
            return None;
        }
        if is_opaque(token) {
            let asked = self.issuers.iter().find(|one| one.settings.introspection.is_some());
            return asked.map(|one| one.settings.issuer.as_str());
        }
        let (_, _, claims) = take_apart(token).ok()?;
        let named = claims.get("iss").and_then(Value::as_str)?;
        self.issuers.iter().map(|one| one.settings.issuer.as_str()).find(|issuer| *issuer == named)
    }

    /// Whether tokens of an issuer are accepted at all.
    pub fn accepts(&self, issuer: &str) -> bool {
        self.issuers.iter().any(|one| one.settings.issuer == issuer)
    }

    pub const fn is_empty(&self) -> bool {
        self.issuers.is_empty()
    }

    /// Whether a token may need something that is not here.
    pub fn may_need(&self) -> bool {
        self.introspector.is_some() || self.issuers.iter().any(|issuer| matches!(issuer.keys, Keys::Remote(_)))
    }

    /// What was left out of the key sets of files.
    pub fn warnings(&self) -> impl Iterator<Item = String> {
        self.issuers.iter().flat_map(|issuer| {
            let (warnings, file) = match (&issuer.keys, &issuer.settings.keys) {
                (Keys::Local(set), Some(KeySource::File(path))) => {
                    (set.warnings.as_slice(), path.display().to_string())
                }
                _ => (&[][..], String::new()),
            };
            warnings.iter().map(move |warning| format!("{file}: {warning}"))
        })
    }

    /// What a token proves at `now`, by what is known here.
    pub fn verify(&self, token: &[u8], maker: &IdentityMaker, now: u64) -> Verdict {
        self.judge(token, maker, now).unwrap_or_else(|need| Err(need.unmet()))
    }

    /// The same, and what is lacking is asked for.
    pub async fn verify_ahead(&self, token: &[u8], maker: &Arc<IdentityMaker>, now: u64) -> Verdict {
        match self.judge(token, maker, now) {
            Ok(verdict) => verdict,
            Err(Need::Keys(keys)) if keys.look_again().await => self.verify(token, maker, now),
            Err(need @ Need::Keys(_)) => Err(need.unmet()),
            Err(Need::Introspection(issuer)) => issuer.ask(token, maker, now).await,
        }
    }

    fn judge(&self, token: &[u8], maker: &IdentityMaker, now: u64) -> Result<Verdict, Need> {
        if token.len() > MAX_TOKEN_BYTES {
            return Ok(Err(IdentityRefusal::TokenTooLarge));
        }
        if let Some(introspector) = &self.introspector
            && is_opaque(token)
        {
            return Err(Need::Introspection(Arc::clone(introspector)));
        }
        let digest = TokenDigest::of(token);
        if let Some(known) = self.cache.get(&digest) {
            match self.holds(&known, now) {
                None => return Ok(Err(IdentityRefusal::KeysUnavailable)),
                Some(false) => self.cache.remove(&digest),
                Some(true) => {
                    let judged = judge(known.not_before, known.expires, now);
                    if judged == Err(IdentityRefusal::TokenExpired) {
                        self.cache.remove(&digest);
                    }
                    return Ok(judged.map(|()| known));
                }
            }
        }
        let verdict = self.verify_anew(token, maker, now)?;
        if let Ok(verified) = &verdict {
            self.cache.insert(digest, verified.clone());
        }
        Ok(verdict)
    }

    /// Whether the keys that a token verified under are still its issuer's.
    fn holds(&self, known: &VerifiedToken, now: u64) -> Option<bool> {
        match self.issuers.get(known.issuer).map(|issuer| &issuer.keys) {
            Some(Keys::Local(_)) => Some(true),
            Some(Keys::Remote(keys)) => keys.holds(known.generation, now),
            Some(Keys::None) | None => Some(false),
        }
    }

    fn verify_anew(&self, token: &[u8], maker: &IdentityMaker, now: u64) -> Result<Verdict, Need> {
        let (parts, header, claims) = match take_apart(token) {
            Ok(taken) => taken,
            Err(refusal) => return Ok(Err(refusal)),
        };
        // Not verified yet: it picks whose keys are tried, and those decide.
        let named = claims.get("iss").and_then(Value::as_str);
        let found = self.issuers.iter().enumerate().find(|(_, one)| Some(one.settings.issuer.as_str()) == named);
        let Some((place, issuer)) = found else { return Ok(Err(IdentityRefusal::TokenIssuer)) };
        let set;
        let set = match &issuer.keys {
            Keys::Local(set) => set,
            Keys::Remote(keys) => {
                let Some(usable) = keys.usable(now) else {
                    keys.wish();
                    return Ok(Err(IdentityRefusal::KeysUnavailable));
                };
                set = usable;
                &*set
            }
            Keys::None => match &self.introspector {
                Some(introspector) => return Err(Need::Introspection(Arc::clone(introspector))),
                None => return Ok(Err(IdentityRefusal::TokenIssuer)),
            },
        };
        let verdict = issuer.verify(set, &parts, &header, &claims, now);
        match (verdict, &issuer.keys) {
            (Err(IdentityRefusal::TokenKeyUnknown), Keys::Remote(keys)) => Err(Need::Keys(Arc::clone(keys))),
            (verdict, _) => Ok(verdict.and_then(|claims| claims.verified(maker, place, set.generation))),
        }
    }

    /// Holds a token to what it is bound to, and to what it must be bound to.
    pub fn hold_binding(
        &self,
        scheme: Scheme,
        token: &[u8],
        verified: &VerifiedToken,
        presented: &Presented<'_>,
        now: u64,
    ) -> Result<(), IdentityRefusal> {
        let confirmation = verified.confirmation.as_deref();
        let demanded = self.issuers.get(verified.issuer).and_then(|issuer| issuer.settings.bound);
        if !Confirmation::satisfies(confirmation, demanded)
            || confirmation.is_some_and(|it| !it.admits(presented.thumbprint))
        {
            return Err(IdentityRefusal::TokenBinding);
        }
        match (scheme, confirmation.and_then(|it| it.key.as_ref())) {
            (Scheme::Bearer, None) => Ok(()),
            // RFC 9449 section 7.2: a bound token as a bearer token is a downgrade, and a proof binds nothing that is not.
            (Scheme::Bearer, Some(_)) | (Scheme::Dpop, None) => Err(IdentityRefusal::TokenBinding),
            (Scheme::Dpop, Some(key)) => {
                dpop::verify(presented.headers, &presented.target, token, key, &self.replays, now)
            }
        }
    }
}

impl Issuer {
    fn verify(
        &self,
        set: &KeySet,
        parts: &Parts<'_>,
        header: &Header,
        claims: &Members,
        now: u64,
    ) -> Result<super::claims::Claims, IdentityRefusal> {
        if !self.settings.algorithms.contains(&header.algorithm) {
            return Err(IdentityRefusal::TokenAlgorithm);
        }
        if !set.key_for(header)?.verifies(parts.signed, &parts.signature) {
            return Err(IdentityRefusal::TokenSignature);
        }
        read_claims(claims, &self.settings, now)
    }
}

fn take_apart(token: &[u8]) -> Result<(Parts<'_>, Header, Members), IdentityRefusal> {
    let parts = Parts::of_token(token)?;
    let header = read_header(&parts.header)?;
    let claims = Members::parse(&parts.claims).ok_or(IdentityRefusal::TokenMalformed)?;
    Ok((parts, header, claims))
}

/// Whether a token is not meant to be read by anybody but its issuer: of the form that RFC 6750 section 2.1 gives, and
/// without the dots of a JWT. What looks like a JWT is judged as one, never sent anywhere to be told that it is good.
fn is_opaque(token: &[u8]) -> bool {
    let end = token.iter().rposition(|byte| *byte != b'=').map_or(0, |last| last + 1);
    end > 0 && token[..end].iter().all(|byte| byte.is_ascii_alphanumeric() || b"-_~+/".contains(byte))
}
