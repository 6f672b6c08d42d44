//! A caller that proved who it is.

use std::collections::HashSet;
use std::sync::Arc;

use http::HeaderValue;
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

use super::IdentityRefusal;
use super::assertion::AssertionSlot;
use super::claims::LEEWAY;
use super::credential::{Credential, CredentialRecord};
use super::recent::Recent;
use crate::policy::revocation::Revocations;
use crate::policy::roles::{PrincipalKind, RoleSet, Roles, Standing};
use crate::redact::{CallerForm, Name, Redacted, Redactor};

/// What an identity header cannot carry as it is. The percent sign is in it, so that decoding gives the id back; the
/// comma too, since it separates roles.
const ENCODED: &AsciiSet = &CONTROLS.add(b' ').add(b'%').add(b',').add(b'"');

/// A caller that proved who it is, with everything that a request needs of it paid once. No `Debug`: the subject is a
/// personal datum, and [`record`](Self::record) is what may be shown.
pub struct Identity {
    /// How it proved its name.
    pub kind: PrincipalKind,
    /// The subject with its kind.
    id: Box<str>,
    /// The groups that the credential gave it, for roles of another policy.
    groups: Box<[String]>,
    /// What proved it.
    pub credential: Credential,
    /// What proved it, as records show it.
    pub credential_record: Arc<CredentialRecord>,
    /// The policy's roles that it has.
    pub roles: RoleSet,
    /// When it last passed a second factor, in Unix seconds.
    pub mfa_at: Option<u64>,
    /// When its credential ends, in Unix seconds: a stream must not outlive it.
    pub expires: Option<u64>,
    /// How it stands in records.
    pub record: Redacted,
    /// `X-Portcullis-Caller`: `user:alice@seller.example`, percent-encoded outside visible ASCII.
    pub caller_header: HeaderValue,
    /// The subject by itself, of a caller that proved itself by a token.
    pub user_header: Option<HeaderValue>,
    /// `X-Portcullis-Roles`: role names, separated by commas.
    pub roles_header: HeaderValue,
    /// What the policy makes of it, as records show it.
    pub standing: Arc<Standing>,
    pub(super) assertion: AssertionSlot,
}

impl Identity {
    /// The bare subject: `alice@seller.example`, without the kind. Never for a record, a log line or a label.
    pub fn subject(&self) -> &str {
        &self.id[self.kind.prefix().len() + 1..]
    }

    /// The subject with its kind, as `roles.*.members` spell it: `user:alice@seller.example`.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The first second at which its credential is no longer accepted, as requests are judged.
    pub fn ends_at(&self) -> Option<u64> {
        self.expires.map(|expires| match self.kind {
            PrincipalKind::User => expires.saturating_add(LEEWAY),
            // `notAfter` is the last second that counts (RFC 5280 section 4.1.2.5).
            PrincipalKind::Certificate => expires.saturating_add(1),
            PrincipalKind::Key => expires,
        })
    }

    /// The groups that its credential gave it.
    pub fn groups(&self) -> impl Iterator<Item = &str> {
        self.groups.iter().map(String::as_str)
    }

    /// What it proved, once more.
    pub(super) fn proven(&self) -> Proven {
        Proven {
            kind: self.kind,
            subject: self.subject().into(),
            groups: self.groups.to_vec(),
            mfa_at: self.mfa_at,
            expires: self.expires,
            credential: self.credential.clone(),
            scope: None,
        }
    }
}

/// What a credential proved, before roles and headers are made of it.
pub(super) struct Proven {
    pub kind: PrincipalKind,
    pub subject: Box<str>,
    pub groups: Vec<String>,
    pub mfa_at: Option<u64>,
    pub expires: Option<u64>,
    pub credential: Credential,
    /// The only roles that it may have, if the credential says so.
    pub scope: Option<RoleSet>,
}

/// Makes an [`Identity`] of what a credential proved: the one place where roles, record form and headers are decided.
pub(super) struct IdentityMaker {
    pub roles: Roles,
    pub redactor: Option<Arc<Redactor>>,
    pub form: CallerForm,
    pub revoked: Revocations,
    /// Callers with a generic name that may be one all the same.
    pub excused: HashSet<Box<str>>,
    /// Who called lately, for operators who have a pseudonym from a record.
    pub recent: Arc<Recent>,
}

impl IdentityMaker {
    /// The identity of what was proved, unless the policy revokes it or what proved it (ID-7). Whoever keeps the answer
    /// keeps it for this policy alone.
    pub fn make(&self, proven: Proven) -> Result<Arc<Identity>, IdentityRefusal> {
        let Proven { kind, subject, groups, mfa_at, expires, credential, scope } = proven;
        let id = id(kind, &subject);
        credential.judge(&self.revoked)?;
        if self.revoked.has_caller(&id) {
            return Err(IdentityRefusal::CallerRevoked);
        }
        let roles = self.roles.of(kind, &subject, groups.iter().map(String::as_str));
        let roles = scope.map_or(roles, |scope| roles.intersection(&scope));
        let standing = self.standing(roles, &groups);
        // Without a key there is no pseudonym, and without a rule there is no text: the caller stays hidden.
        let record = match &self.redactor {
            Some(redactor) => redactor.caller(&id, self.form),
            None => Redacted::literal("hidden"),
        };
        if self.form == CallerForm::Pseudonym && self.redactor.is_some() {
            self.recent.note(&record, &id);
        }
        let listed = standing.roles.iter().map(|name| encoded(name.as_str())).collect::<Vec<_>>().join(",");
        let user_header = (kind == PrincipalKind::User).then(|| visible(&encoded(&subject)));
        let caller_header = visible(&encoded(&id));
        Ok(Arc::new(Identity {
            kind,
            id: id.into(),
            groups: groups.into(),
            credential_record: Arc::new(credential.record()),
            credential,
            roles,
            mfa_at,
            expires,
            record,
            caller_header,
            user_header,
            roles_header: visible(&listed),
            standing: Arc::new(standing),
            assertion: AssertionSlot::default(),
        }))
    }
}

impl IdentityMaker {
    /// Only groups that the policy names: the others are the token's own words.
    fn standing(&self, roles: RoleSet, groups: &[String]) -> Standing {
        let known = groups.iter().filter(|group| self.roles.of_group(group).is_some());
        Standing {
            roles: roles.iter().filter_map(|role| self.roles.name(role).cloned()).collect(),
            groups: known.filter_map(|group| group_name(group)).take(MAX_RECORDED_GROUPS).collect(),
        }
    }
}

/// Groups in one record: it stays below its bound of 16 KiB.
const MAX_RECORDED_GROUPS: usize = 16;

/// A group that a policy names, as records spell it: percent-encoded where a [`Name`] could not hold it.
pub fn group_name(group: &str) -> Option<Name> {
    Name::configured(&encoded(group).replace('\'', "%27").replace('\\', "%5C")).ok()
}

fn id(kind: PrincipalKind, subject: &str) -> String {
    format!("{}:{subject}", kind.prefix())
}

fn encoded(text: &str) -> String {
    utf8_percent_encode(text, ENCODED).to_string()
}

/// `text` is percent-encoded, hence visible ASCII and always a header value; an empty one names nobody.
fn visible(text: &str) -> HeaderValue {
    HeaderValue::from_str(text).unwrap_or(HeaderValue::from_static(""))
}

/// Longest subject or group: an e-mail address has at most 254 bytes, a SPIFFE id in use is shorter.
pub(super) const MAX_NAME_BYTES: usize = 256;

/// Whether a text can name a caller or a group: not empty, bounded, no control character, no line or paragraph
/// separator, nothing invisible or that turns the writing direction, so that two names that look alike are alike.
pub(super) fn is_name(text: &str) -> bool {
    let shown = |c: char| {
        !c.is_control()
            && (c == ' ' || !c.is_whitespace())
            && !matches!(c, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}')
            && !matches!(c, '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
    };
    !text.is_empty()
        && text.len() <= MAX_NAME_BYTES
        && !text.starts_with(' ')
        && !text.ends_with(' ')
        && text.chars().all(shown)
}
