//! What is recorded of callers as such: how they proved who they are, and when they were locked out.

use std::sync::Arc;

use super::{ConnectionRecord, PolicyRecord};
use crate::audit::id::RequestId;
use crate::clock::UnixMillis;
use crate::identity::{CredentialRecord, Identity};
use crate::policy::roles::{PrincipalKind, Standing};
use crate::redact::{Name, Redacted};

/// A caller, as records show it.
#[derive(Clone, Debug)]
pub struct CallerRecord {
    /// `actor.user.uid`: a pseudonym, or the id where the policy says that ids may stand.
    pub record: Redacted,
    /// `actor.user.type`.
    pub kind: CallerKind,
    /// `actor.session.is_mfa`.
    pub is_mfa: bool,
    /// How old the second factor was when the request came, in seconds: `unmapped.portcullis.caller.mfa_age_seconds`.
    pub mfa_age: Option<u64>,
    /// What the policy makes of the caller.
    pub standing: Arc<Standing>,
    /// What proved it, shared by all requests that it proved.
    pub credential: Option<Arc<CredentialRecord>>,
}

impl CallerRecord {
    /// Who an identity is at `now`, in Unix seconds.
    pub fn of(identity: &Identity, now: u64) -> Self {
        Self {
            record: identity.record.clone(),
            kind: identity.kind.into(),
            is_mfa: identity.mfa_at.is_some(),
            mfa_age: identity.mfa_at.map(|at| now.saturating_sub(at)),
            standing: Arc::clone(&identity.standing),
            credential: Some(Arc::clone(&identity.credential_record)),
        }
    }
}

/// How a caller proved who it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CallerKind {
    /// By a token.
    User,
    /// By a client certificate.
    Certificate,
    /// By an API key.
    Key,
    /// A user of this machine's operating system, by the kernel's word.
    System,
}

impl From<PrincipalKind> for CallerKind {
    fn from(kind: PrincipalKind) -> Self {
        match kind {
            PrincipalKind::User => Self::User,
            PrincipalKind::Certificate => Self::Certificate,
            PrincipalKind::Key => Self::Key,
        }
    }
}

/// An attempt to prove who one is, or the end of a session: OCSF Authentication (3002).
#[derive(Clone, Debug)]
pub struct Authentication {
    /// `metadata.uid`.
    pub id: RequestId,
    /// The request that it was for: `metadata.correlation_uid`.
    pub request: RequestId,
    /// `time`.
    pub at: UnixMillis,
    /// The activity.
    pub step: AuthenticationStep,
    /// Stable code: `status_code`, e.g. `token_expired`; `None` if it went well.
    pub refused: Option<&'static str>,
    /// Fixed text for people: `status_detail`.
    pub text: &'static str,
    /// Who it was; `None` if nobody knows.
    pub caller: Option<CallerRecord>,
    /// `auth_protocol_id`.
    pub protocol: Protocol,
    /// `auth_factors[].factor_type_id`.
    pub factors: &'static [Factor],
    /// The connection.
    pub connection: Arc<ConnectionRecord>,
    /// The policy in force: `policy`.
    pub policy: Arc<PolicyRecord>,
}

/// What an [`Authentication`] tells of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AuthenticationStep {
    /// Logon: `AUTHN.OK` or `AUTHN.FAIL`.
    Logon,
    /// Logoff: `AUTHN.END`.
    Logoff,
}

/// How a caller proves who it is, as OCSF `auth_protocol_id` numbers it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protocol {
    /// OpenID Connect: 4.
    OpenId,
    /// SAML: 5.
    Saml,
    /// OAuth 2.0, bearer tokens: 6.
    OAuth2,
    /// Basic Authentication: 11.
    Basic,
    /// An API key: 99.
    ApiKey,
    /// A client certificate: 99.
    Certificate,
}

/// What a caller proves itself with, as OCSF `factor_type_id` numbers it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Factor {
    /// A one-time password: 7.
    Otp,
    /// A security key or passkey: 10.
    WebAuthn,
    /// A password: 11.
    Password,
    /// A further factor that the identity provider vouches for: 99.
    Other,
}

/// A caller or an address is locked out, or is so no more: OCSF Account Change (3001).
#[derive(Clone, Debug)]
pub struct Lockout {
    /// `metadata.uid`.
    pub id: RequestId,
    /// The request that led to it: `metadata.correlation_uid`.
    pub request: Option<RequestId>,
    /// `time`.
    pub at: UnixMillis,
    /// What is done to it.
    pub measure: Measure,
    /// Locked, or unlocked: whether it begins.
    pub locked: bool,
    /// Who: `user`.
    pub subject: LockoutSubject,
    /// The rule: `unmapped.portcullis.rule`.
    pub rule: Name,
    /// How many failures led to it: `count`.
    pub failures: u64,
    /// Until when: `unmapped.portcullis.until`.
    pub until: Option<UnixMillis>,
    /// The operator who did it; `None` if the gate did it by itself: `actor`.
    pub by: Option<CallerRecord>,
    /// The policy in force: `policy`.
    pub policy: Arc<PolicyRecord>,
}

/// What is done to somebody for a while.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Measure {
    /// It is locked out: `ACCOUNT.LOCK` and `ACCOUNT.UNLOCK`.
    Lock,
    /// A fresh second factor is demanded of it: `ACCOUNT.STEP_UP` and `ACCOUNT.STEP_UP_END`.
    StepUp,
    /// Its requests pass at a lower rate: `ACCOUNT.THROTTLE` and `ACCOUNT.THROTTLE_END`.
    Throttle,
}

/// Who is locked out.
#[derive(Clone, Debug)]
pub enum LockoutSubject {
    /// A caller.
    Caller(CallerRecord),
    /// An address, in the policy's form.
    Address(Redacted),
}
