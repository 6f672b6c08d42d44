//! Bearer tokens: compact JWS (RFC 7515) with JWT claims (RFC 7519), verified as RFC 8725 advises and stricter where
//! that costs no honest issuer anything. Own code rather than a library's: each rule stands here, where it is read.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;

use super::cache::{TokenCache, TokenDigest, VerifiedToken};
use super::caller::{IdentityMaker, Proven, is_name};
use super::credential::Credential;
use super::json::{Members, NotSeconds, seconds};
use super::jwks::{Key, KeySet, MAX_KEY_ID_BYTES};
use super::{Identity, IdentityFault, IdentityRefusal};
use crate::policy::revocation::token_digest;
use crate::policy::roles::PrincipalKind;
use crate::policy::settings::{TokenAlgorithm, TokenSettings};

/// Longest token: twice what an issuer with a long list of groups makes; servers refuse 8 KiB headers anyway.
const MAX_TOKEN_BYTES: usize = 8 * 1024;
/// Longest decoded header: a `kid` of 256 bytes and a certificate's digest stay far below.
const MAX_HEADER_BYTES: usize = 1024;
/// Most groups of a token.
const MAX_GROUPS: usize = 256;
/// How far an issuer's clock may be from ours: hosts under NTP differ by less than a second, virtual machines after a
/// pause by some; 30 s keeps them working and gives a stolen token half a minute at most.
const LEEWAY: u64 = 30;

/// Header parameters that change what is verified, bring a key along, or make it an encryption (RFC 7515 sections
/// 4.1.2 to 4.1.6 and 4.1.11, RFC 7797, RFC 7516 section 4.1).
const FORBIDDEN_PARAMETERS: [&str; 15] =
    ["crit", "jku", "jwk", "x5u", "x5c", "b64", "zip", "enc", "epk", "apu", "apv", "p2s", "p2c", "cty", "iv"];

/// All token issuers of a policy, and the tokens of theirs that verified.
pub(super) struct TokenVerifier {
    issuers: Vec<Issuer>,
    cache: TokenCache,
}

/// One issuer: its settings and its keys.
struct Issuer {
    settings: Arc<TokenSettings>,
    keys: KeySet,
}

/// What the header of a token says, after it was found harmless.
struct Header {
    algorithm: TokenAlgorithm,
    key_id: Option<String>,
}

impl TokenVerifier {
    pub fn new() -> Self {
        Self { issuers: Vec::new(), cache: TokenCache::new() }
    }

    /// Adds an issuer and reads its keys.
    pub fn add(&mut self, settings: &Arc<TokenSettings>) -> Result<(), IdentityFault> {
        let TokenSettings { issuer, audience, keys, algorithms, subject, roles: _ } = &**settings;
        if issuer.is_empty() || audience.is_empty() || subject.is_empty() || algorithms.is_empty() {
            return Err(IdentityFault::setting(
                "a token method needs an issuer, an audience, a subject claim and at least one algorithm",
            ));
        }
        if self.issuers.iter().any(|other| other.settings.issuer == *issuer) {
            return Err(IdentityFault::setting(format!("the token issuer {issuer} is configured twice; join the two")));
        }
        let keys = KeySet::load(keys, algorithms)?;
        self.issuers.push(Issuer { settings: Arc::clone(settings), keys });
        Ok(())
    }

    /// Whether tokens of an issuer are accepted at all.
    pub fn accepts(&self, issuer: &str) -> bool {
        self.issuers.iter().any(|one| one.settings.issuer == issuer)
    }

    pub const fn is_empty(&self) -> bool {
        self.issuers.is_empty()
    }

    /// What was left out of the key sets.
    pub fn warnings(&self) -> impl Iterator<Item = String> {
        self.issuers.iter().flat_map(|issuer| {
            let file = issuer.settings.keys.display();
            issuer.keys.warnings.iter().map(move |warning| format!("{file}: {warning}"))
        })
    }

    /// The caller that a token proves at `now`.
    pub fn verify(&self, token: &[u8], maker: &IdentityMaker, now: u64) -> Result<Arc<Identity>, IdentityRefusal> {
        if token.len() > MAX_TOKEN_BYTES {
            return Err(IdentityRefusal::TokenTooLarge);
        }
        let digest = TokenDigest::of(token);
        if let Some(known) = self.cache.get(&digest) {
            return match judge(known.not_before, known.expires, now) {
                Ok(()) => Ok(known.identity),
                Err(refusal) => {
                    if refusal == IdentityRefusal::TokenExpired {
                        self.cache.remove(&digest);
                    }
                    Err(refusal)
                }
            };
        }
        let verified = self.verify_anew(token, maker, now)?;
        let identity = Arc::clone(&verified.identity);
        self.cache.insert(digest, verified);
        Ok(identity)
    }

    fn verify_anew(&self, token: &[u8], maker: &IdentityMaker, now: u64) -> Result<VerifiedToken, IdentityRefusal> {
        let parts = Parts::split(token)?;
        let header = read_header(&parts.header)?;
        let claims = Members::parse(&parts.claims).ok_or(IdentityRefusal::TokenMalformed)?;
        // Not verified yet: it picks whose keys are tried, and those decide.
        let named = claims.get("iss").and_then(Value::as_str).ok_or(IdentityRefusal::TokenIssuer)?;
        let issuer =
            self.issuers.iter().find(|one| one.settings.issuer == named).ok_or(IdentityRefusal::TokenIssuer)?;
        let key = issuer.key_for(&header)?;
        if !key.verifies(parts.signed, &parts.signature) {
            return Err(IdentityRefusal::TokenSignature);
        }
        let (proven, not_before, expires) = read_claims(&claims, &issuer.settings, now)?;
        Ok(VerifiedToken { identity: maker.make(proven)?, not_before, expires })
    }
}

impl Issuer {
    /// The one key that a header can mean: by `kid`, or, without one, the only key of its algorithm.
    fn key_for(&self, header: &Header) -> Result<&Key, IdentityRefusal> {
        if !self.settings.algorithms.contains(&header.algorithm) {
            return Err(IdentityRefusal::TokenAlgorithm);
        }
        if let Some(id) = &header.key_id {
            let key = self.keys.keys.iter().find(|key| key.id.as_deref() == Some(id));
            let key = key.ok_or(IdentityRefusal::TokenKeyUnknown)?;
            return if key.algorithm == header.algorithm { Ok(key) } else { Err(IdentityRefusal::TokenAlgorithm) };
        }
        let mut fitting = self.keys.keys.iter().filter(|key| key.algorithm == header.algorithm);
        match (fitting.next(), fitting.next()) {
            (Some(key), None) => Ok(key),
            _ => Err(IdentityRefusal::TokenKeyUnknown),
        }
    }
}

/// The three parts of a compact serialization (RFC 7515 section 7.1), decoded.
struct Parts<'a> {
    signed: &'a [u8],
    header: Vec<u8>,
    claims: Vec<u8>,
    signature: Vec<u8>,
}

impl<'a> Parts<'a> {
    fn split(token: &'a [u8]) -> Result<Self, IdentityRefusal> {
        let mut dots = memchr::memchr_iter(b'.', token);
        let (Some(first), Some(second), None) = (dots.next(), dots.next(), dots.next()) else {
            return Err(IdentityRefusal::TokenMalformed);
        };
        // The engine refuses padding, white space, and a last character with bits that say nothing.
        let decode = |part: &[u8]| match URL_SAFE_NO_PAD.decode(part) {
            Ok(bytes) if !bytes.is_empty() => Ok(bytes),
            _ => Err(IdentityRefusal::TokenMalformed),
        };
        let header = decode(&token[..first])?;
        if header.len() > MAX_HEADER_BYTES {
            return Err(IdentityRefusal::TokenTooLarge);
        }
        let claims = decode(&token[first + 1..second])?;
        // `none` has an empty signature: that is judged by `alg`, which comes first in the order of checks.
        let signature = URL_SAFE_NO_PAD.decode(&token[second + 1..]).map_err(|_| IdentityRefusal::TokenMalformed)?;
        Ok(Self { signed: &token[..second], header, claims, signature })
    }
}

fn read_header(bytes: &[u8]) -> Result<Header, IdentityRefusal> {
    let header = Members::parse(bytes).ok_or(IdentityRefusal::TokenMalformed)?;
    if header.names().any(|name| FORBIDDEN_PARAMETERS.contains(&name)) {
        return Err(IdentityRefusal::TokenHeaderForbidden);
    }
    let algorithm = match header.get("alg").and_then(Value::as_str) {
        Some("ES256") => TokenAlgorithm::Es256,
        Some("RS256") => TokenAlgorithm::Rs256,
        Some("EdDSA") => TokenAlgorithm::EdDsa,
        _ => return Err(IdentityRefusal::TokenAlgorithm),
    };
    // RFC 8725 section 3.11: a token made for another purpose says so here. `at+jwt` is RFC 9068's access token.
    match header.get("typ") {
        None => {}
        Some(Value::String(kind)) if kind.eq_ignore_ascii_case("JWT") || kind.eq_ignore_ascii_case("at+jwt") => {}
        Some(_) => return Err(IdentityRefusal::TokenMalformed),
    }
    let key_id = match header.get("kid") {
        None => None,
        Some(Value::String(id)) if id.len() <= MAX_KEY_ID_BYTES => Some(id.clone()),
        Some(_) => return Err(IdentityRefusal::TokenKeyUnknown),
    };
    Ok(Header { algorithm, key_id })
}

/// The claims of a token whose signature verified: what it proves, and the span in which it does.
fn read_claims(claims: &Members, settings: &TokenSettings, now: u64) -> Result<(Proven, u64, u64), IdentityRefusal> {
    if !names_audience(claims.get("aud"), &settings.audience) {
        return Err(IdentityRefusal::TokenAudience);
    }
    let moment = |name: &str| seconds(claims, name).map_err(|NotSeconds| IdentityRefusal::TokenClaims);
    let expires = moment("exp")?.ok_or(IdentityRefusal::TokenClaims)?;
    // A token from the future comes from a clock that cannot be trusted with its expiry either.
    let not_before = moment("nbf")?.max(moment("iat")?).unwrap_or(0);
    judge(not_before, expires, now)?;
    let subject = claims.get(&settings.subject).and_then(Value::as_str).filter(|subject| is_name(subject));
    let groups = match &settings.roles {
        Some(claim) => read_groups(claims.get(claim))?,
        None => Vec::new(),
    };
    // Not needed for anything but revocation: an id that is no text counts as none.
    let id = claims.get("jti").and_then(Value::as_str).map(token_digest);
    let proven = Proven {
        credential: Credential::Token { issuer: settings.issuer.as_str().into(), id },
        scope: None,
        kind: PrincipalKind::User,
        subject: subject.ok_or(IdentityRefusal::TokenClaims)?.into(),
        groups,
        mfa_at: read_mfa(claims, now)?,
        expires: Some(expires),
    };
    Ok((proven, not_before, expires))
}

/// Whether `now` lies between the two, by [`LEEWAY`]. For new tokens and at every hit of the cache.
fn judge(not_before: u64, expires: u64, now: u64) -> Result<(), IdentityRefusal> {
    if now >= expires.saturating_add(LEEWAY) {
        return Err(IdentityRefusal::TokenExpired);
    }
    if now.saturating_add(LEEWAY) < not_before {
        return Err(IdentityRefusal::TokenNotYetValid);
    }
    Ok(())
}

/// `aud` (RFC 7519 section 4.1.3): a string, or an array of nothing but strings.
fn names_audience(claim: Option<&Value>, audience: &str) -> bool {
    match claim {
        Some(Value::String(one)) => one == audience,
        Some(Value::Array(many)) => many.iter().all(Value::is_string) && many.iter().any(|one| one == audience),
        _ => false,
    }
}

/// The groups: an array of strings, or one string that is one group. None if the claim is not there.
fn read_groups(claim: Option<&Value>) -> Result<Vec<String>, IdentityRefusal> {
    let group = |value: &Value| match value {
        Value::String(name) if is_name(name) => Ok(name.clone()),
        _ => Err(IdentityRefusal::TokenClaims),
    };
    match claim {
        None => Ok(Vec::new()),
        Some(Value::Array(many)) if many.len() <= MAX_GROUPS => many.iter().map(group).collect(),
        Some(one) => Ok(vec![group(one)?]),
    }
}

/// When the caller passed a second factor: `auth_time` (OpenID Connect Core section 2), if `amr` says that there was
/// one. An `auth_time` that has not come proves nothing.
fn read_mfa(claims: &Members, now: u64) -> Result<Option<u64>, IdentityRefusal> {
    let methods = match claims.get("amr") {
        None => return Ok(None),
        Some(Value::Array(methods)) => methods,
        Some(_) => return Err(IdentityRefusal::TokenClaims),
    };
    let methods: Option<Vec<&str>> = methods.iter().map(Value::as_str).collect();
    let methods = methods.ok_or(IdentityRefusal::TokenClaims)?;
    let at = seconds(claims, "auth_time").map_err(|NotSeconds| IdentityRefusal::TokenClaims)?;
    Ok(at.filter(|&at| is_multi_factor(&methods) && at <= now.saturating_add(LEEWAY)))
}

/// What a factor is: something known, had, or been (NIST SP 800-63B).
#[derive(Clone, Copy, PartialEq, Eq)]
enum Factor {
    Knowledge,
    Possession,
    Inherence,
}

/// Whether `amr` (RFC 8176 section 2) says "mfa", or names methods of two kinds. Two of one kind are one factor.
fn is_multi_factor(methods: &[&str]) -> bool {
    let factor = |method: &&str| match *method {
        "pwd" | "pin" | "kba" => Some(Factor::Knowledge),
        "otp" | "hwk" | "swk" | "sms" | "tel" | "sc" | "pop" => Some(Factor::Possession),
        "face" | "fpt" | "iris" | "retina" | "vbm" => Some(Factor::Inherence),
        // The rest says how, from where or how risky, or is a word of the issuer's own.
        _ => None,
    };
    let mut factors = methods.iter().filter_map(factor);
    let first = factors.next();
    methods.contains(&"mfa") || factors.any(|other| Some(other) != first)
}
