//! Why a credential is refused, and why an [`Identifier`](super::Identifier) cannot be built.

use std::fmt;
use std::path::{Path, PathBuf};

/// A credential that was presented and does not prove a caller. Closed: every way to fail has a code of its own, and
/// none of them carries a byte of the request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum IdentityRefusal {
    /// Not a compact JWS with JSON objects in it.
    TokenMalformed,
    /// Longer than 8 KiB.
    TokenTooLarge,
    /// A header parameter that could bring a key, an extension or an encryption along.
    TokenHeaderForbidden,
    /// `alg` is none of the issuer's, or not the key's.
    TokenAlgorithm,
    /// No key by that `kid`, or none that fits beyond doubt.
    TokenKeyUnknown,
    /// The signature does not verify.
    TokenSignature,
    /// `iss` is no configured issuer.
    TokenIssuer,
    /// `aud` does not name us.
    TokenAudience,
    /// `exp` has passed.
    TokenExpired,
    /// `nbf` or `iat` has not come.
    TokenNotYetValid,
    /// The policy revokes it by its `jti`.
    TokenRevoked,
    /// A claim is missing or of the wrong type.
    TokenClaims,
    /// The token is bound to a certificate or key that was not shown, or not bound though it must be.
    TokenBinding,
    /// The issuer says that the token is not, or no longer, good.
    TokenInactive,
    /// A token bound to a key came without a proof.
    DpopMissing,
    /// The proof is none, or lacks what it must have.
    DpopMalformed,
    /// The proof's signature does not verify.
    DpopSignature,
    /// The proof is of another key than the token's, or for another token.
    DpopBinding,
    /// The proof is for another request.
    DpopTarget,
    /// The proof was not made just now.
    DpopTime,
    /// The proof was seen before.
    DpopReplayed,
    /// No more proofs can be remembered, so none is taken.
    DpopReplaysFull,
    /// There is no usable key set of the token's issuer.
    KeysUnavailable,
    /// The issuer could not be asked about the token.
    IntrospectionUnavailable,
    /// `Authorization` with a scheme other than Bearer and DPoP.
    UnsupportedScheme,
    /// A credential's header is there more than once.
    CredentialRepeated,
    /// Two credentials prove different callers.
    CredentialConflict,
    /// Not in the form of a key.
    ApiKeyMalformed,
    /// No such key.
    ApiKeyUnknown,
    /// The key's last day has passed.
    ApiKeyExpired,
    /// The policy or the key's own file revokes it.
    ApiKeyRevoked,
    /// The certificate has no name that is fit to be a caller, or more than one.
    CertificateName,
    /// The certificate's last moment has passed while the connection stood.
    CertificateExpired,
    /// The policy or its authority's list revokes it.
    CertificateRevoked,
    /// The policy revokes the caller, whatever it proves itself with.
    CallerRevoked,
    /// The policy in force does not accept this kind of credential any more.
    CredentialWithdrawn,
}

impl IdentityRefusal {
    /// All of them, for metrics that are there before they count anything.
    pub const ALL: [Self; 36] = [
        Self::TokenMalformed,
        Self::TokenTooLarge,
        Self::TokenHeaderForbidden,
        Self::TokenAlgorithm,
        Self::TokenKeyUnknown,
        Self::TokenSignature,
        Self::TokenIssuer,
        Self::TokenAudience,
        Self::TokenExpired,
        Self::TokenNotYetValid,
        Self::TokenRevoked,
        Self::TokenClaims,
        Self::TokenBinding,
        Self::TokenInactive,
        Self::DpopMissing,
        Self::DpopMalformed,
        Self::DpopSignature,
        Self::DpopBinding,
        Self::DpopTarget,
        Self::DpopTime,
        Self::DpopReplayed,
        Self::DpopReplaysFull,
        Self::KeysUnavailable,
        Self::IntrospectionUnavailable,
        Self::UnsupportedScheme,
        Self::CredentialRepeated,
        Self::CredentialConflict,
        Self::ApiKeyMalformed,
        Self::ApiKeyUnknown,
        Self::ApiKeyExpired,
        Self::ApiKeyRevoked,
        Self::CertificateName,
        Self::CertificateExpired,
        Self::CertificateRevoked,
        Self::CallerRevoked,
        Self::CredentialWithdrawn,
    ];

    /// The stable code, for records and metrics.
    pub const fn code(self) -> &'static str {
        match self {
            Self::TokenMalformed => "token_malformed",
            Self::TokenTooLarge => "token_too_large",
            Self::TokenHeaderForbidden => "token_header_forbidden",
            Self::TokenAlgorithm => "token_algorithm",
            Self::TokenKeyUnknown => "token_key_unknown",
            Self::TokenSignature => "token_signature",
            Self::TokenIssuer => "token_issuer",
            Self::TokenAudience => "token_audience",
            Self::TokenExpired => "token_expired",
            Self::TokenNotYetValid => "token_not_yet_valid",
            Self::TokenRevoked => "token_revoked",
            Self::TokenClaims => "token_claims",
            Self::TokenBinding => "token_binding",
            Self::TokenInactive => "token_inactive",
            Self::DpopMissing => "dpop_missing",
            Self::DpopMalformed => "dpop_malformed",
            Self::DpopSignature => "dpop_signature",
            Self::DpopBinding => "dpop_binding",
            Self::DpopTarget => "dpop_target",
            Self::DpopTime => "dpop_time",
            Self::DpopReplayed => "dpop_replayed",
            Self::DpopReplaysFull => "dpop_replays_full",
            Self::KeysUnavailable => "keys_unavailable",
            Self::IntrospectionUnavailable => "introspection_unavailable",
            Self::UnsupportedScheme => "unsupported_scheme",
            Self::CredentialRepeated => "credential_repeated",
            Self::CredentialConflict => "credential_conflict",
            Self::ApiKeyMalformed => "api_key_malformed",
            Self::ApiKeyUnknown => "api_key_unknown",
            Self::ApiKeyExpired => "api_key_expired",
            Self::ApiKeyRevoked => "api_key_revoked",
            Self::CertificateName => "certificate_name",
            Self::CertificateExpired => "certificate_expired",
            Self::CertificateRevoked => "certificate_revoked",
            Self::CallerRevoked => "caller_revoked",
            Self::CredentialWithdrawn => "credential_withdrawn",
        }
    }

    /// The scheme and the error of a `WWW-Authenticate` challenge (RFC 6750 section 3.1, RFC 9449 section 7.1), for a
    /// token or proof that was refused. It says no more than that: which check failed is for the record.
    pub const fn challenge(self) -> Option<(&'static str, &'static str)> {
        match self {
            Self::TokenMalformed
            | Self::TokenTooLarge
            | Self::TokenHeaderForbidden
            | Self::TokenAlgorithm
            | Self::TokenKeyUnknown
            | Self::TokenSignature
            | Self::TokenIssuer
            | Self::TokenAudience
            | Self::TokenExpired
            | Self::TokenNotYetValid
            | Self::TokenRevoked
            | Self::TokenClaims
            | Self::TokenBinding
            | Self::TokenInactive => Some(("Bearer", "error=\"invalid_token\"")),
            Self::DpopMissing
            | Self::DpopMalformed
            | Self::DpopSignature
            | Self::DpopBinding
            | Self::DpopTarget
            | Self::DpopTime
            | Self::DpopReplayed => Some(("DPoP", "error=\"invalid_dpop_proof\", algs=\"ES256 RS256 EdDSA\"")),
            Self::DpopReplaysFull
            | Self::KeysUnavailable
            | Self::IntrospectionUnavailable
            | Self::UnsupportedScheme
            | Self::CredentialRepeated
            | Self::CredentialConflict
            | Self::ApiKeyMalformed
            | Self::ApiKeyUnknown
            | Self::ApiKeyExpired
            | Self::ApiKeyRevoked
            | Self::CertificateName
            | Self::CertificateExpired
            | Self::CertificateRevoked
            | Self::CallerRevoked
            | Self::CredentialWithdrawn => None,
        }
    }

    /// Whether it is a token that was refused, or could not be judged.
    pub fn is_of_token(self) -> bool {
        ["token_", "dpop_", "keys_", "introspection_"].iter().any(|kind| self.code().starts_with(kind))
    }

    /// Whether the gate could not judge the credential, rather than judged it bad.
    pub const fn is_outage(self) -> bool {
        matches!(self, Self::DpopReplaysFull | Self::KeysUnavailable | Self::IntrospectionUnavailable)
    }
}

impl fmt::Display for IdentityRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// A file or setting that cannot be used: where, what, and what to do. It never repeats what a key file holds.
#[derive(Debug, PartialEq, Eq)]
pub struct IdentityFault {
    path: Option<PathBuf>,
    line: Option<usize>,
    what: String,
}

impl IdentityFault {
    pub(crate) fn setting(what: impl Into<String>) -> Self {
        Self { path: None, line: None, what: what.into() }
    }

    pub(crate) fn file(path: &Path, what: impl Into<String>) -> Self {
        Self { path: Some(path.to_owned()), line: None, what: what.into() }
    }

    pub(crate) fn line(path: &Path, line: usize, what: impl Into<String>) -> Self {
        Self { path: Some(path.to_owned()), line: Some(line), what: what.into() }
    }

    /// The file, if the fault is one of a file.
    pub fn path(&self) -> Option<&Path> {
        self.path.as_deref()
    }
}

impl fmt::Display for IdentityFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.path, self.line) {
            (Some(path), Some(line)) => write!(f, "{}:{line}: {}", path.display(), self.what),
            (Some(path), None) => write!(f, "{}: {}", path.display(), self.what),
            (None, _) => f.write_str(&self.what),
        }
    }
}

impl std::error::Error for IdentityFault {}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_refusal_has_a_code_of_its_own() {
        let codes: HashSet<&str> = IdentityRefusal::ALL.iter().map(|refusal| refusal.code()).collect();
        assert_eq!(codes.len(), IdentityRefusal::ALL.len());
        for refusal in IdentityRefusal::ALL {
            let scheme = refusal.challenge().map(|(scheme, _)| scheme);
            let expected = match refusal.code() {
                _ if refusal.is_outage() => None,
                code if code.starts_with("token_") => Some("Bearer"),
                code if code.starts_with("dpop_") => Some("DPoP"),
                _ => None,
            };
            assert_eq!(scheme, expected, "{refusal}");
        }
    }
}
