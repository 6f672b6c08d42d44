//! The claims of a token (RFC 7519), whichever way they were proven: by a signature or by the issuer's own word.

use std::sync::Arc;

use serde_json::Value;

use super::IdentityRefusal;
use super::binding::Confirmation;
use super::cache::VerifiedToken;
use super::caller::{IdentityMaker, Proven, is_name};
use super::credential::Credential;
use super::json::{Members, NotSeconds, seconds};
use crate::policy::revocation::token_digest;
use crate::policy::roles::PrincipalKind;
use crate::policy::settings::TokenSettings;

/// Most groups of a token.
const MAX_GROUPS: usize = 256;
/// How far an issuer's clock may be from ours: hosts under NTP differ by less than a second, virtual machines after a
/// pause by some; 30 s keeps them working and gives a stolen token half a minute at most.
pub(super) const LEEWAY: u64 = 30;

/// What a token proves, and the span in which it does.
pub(super) struct Claims {
    pub proven: Proven,
    pub not_before: u64,
    pub expires: u64,
    /// What the token is bound to.
    pub confirmation: Option<Arc<Confirmation>>,
}

impl Claims {
    /// Whose they are, unless the policy revokes it.
    pub fn verified(
        self,
        maker: &IdentityMaker,
        issuer: usize,
        generation: u64,
    ) -> Result<VerifiedToken, IdentityRefusal> {
        Ok(VerifiedToken {
            identity: maker.make(self.proven)?,
            not_before: self.not_before,
            expires: self.expires,
            issuer,
            generation,
            confirmation: self.confirmation,
        })
    }
}

/// The claims of a token whose signature verified: what it proves, and the span in which it does.
pub(super) fn read_claims(claims: &Members, settings: &TokenSettings, now: u64) -> Result<Claims, IdentityRefusal> {
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
    Ok(Claims { proven, not_before, expires, confirmation: Confirmation::read(claims)? })
}

/// Whether `now` lies between the two, by [`LEEWAY`]. For new tokens and at every hit of the cache.
pub(super) fn judge(not_before: u64, expires: u64, now: u64) -> Result<(), IdentityRefusal> {
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
