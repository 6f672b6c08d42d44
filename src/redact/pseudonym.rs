//! Keyed pseudonyms: the same datum gives the same token under the same key, and no token gives the datum back.

use std::fmt::Write as _;
use std::net::IpAddr;

use aws_lc_rs::hmac;

use super::{HIDDEN, Kind, Redacted};

/// How an address stands in a record (`redaction.address`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum AddressForm {
    /// As it is: for listeners that only staff and services use.
    Full,
    /// IPv4 by /24, IPv6 by /48.
    Prefix,
    /// A keyed pseudonym.
    #[default]
    Keyed,
    /// Left out.
    None,
}

/// How a caller stands in a record (`redaction.caller`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum CallerForm {
    /// A keyed pseudonym.
    #[default]
    Pseudonym,
    /// The id as it is: where ids are opaque or staff only.
    Id,
}

/// Longest id that stands in a record as it is: a SPIFFE id or an address of staff is shorter, a token's subject that
/// is longer is data.
const MAX_ID_BYTES: usize = 128;

/// The secret of all pseudonyms, with the id that tokens show so that rotation stays visible. No `Debug`.
pub struct PseudonymKey {
    id: u16,
    key: hmac::Key,
}

impl PseudonymKey {
    /// A key from at least 32 random bytes; `None` if there are fewer.
    pub fn new(id: u16, secret: &[u8]) -> Option<Self> {
        (secret.len() >= 32).then(|| Self { id, key: hmac::Key::new(hmac::HMAC_SHA256, secret) })
    }
}

/// Makes [`Redacted`] text under one key, or hides where there is none.
pub struct Redactor {
    key: Option<PseudonymKey>,
}

impl Redactor {
    /// A redactor under `key`.
    pub const fn new(key: PseudonymKey) -> Self {
        Self { key: Some(key) }
    }

    /// A redactor without a key: what would become a pseudonym is hidden.
    pub const fn hiding() -> Self {
        Self { key: None }
    }

    /// `pii_<kind>_k<id>_<16 hex digits>`: HMAC-SHA-256 over kind, a zero byte and the canonical value, first 64 bits.
    /// Without a key, `hidden`.
    pub fn pseudonym(&self, kind: Kind, canonical: &str) -> Redacted {
        let Some(key) = &self.key else { return HIDDEN };
        let mut context = hmac::Context::with_key(&key.key);
        context.update(kind.word().as_bytes());
        context.update(&[0]);
        context.update(canonical.as_bytes());
        let tag = context.sign();
        let mut text = format!("pii_{}_k{}_", kind.word(), key.id);
        for byte in &tag.as_ref()[..8] {
            // Writing to a String cannot fail.
            let _ = write!(text, "{byte:02x}");
        }
        Redacted::made(text)
    }

    /// A caller's id (`user:alice`) in the form that the policy chose. An id that is longer than 128 bytes, or holds
    /// anything but printable ASCII without quote and backslash, becomes a pseudonym in either form.
    pub fn caller(&self, id: &str, form: CallerForm) -> Redacted {
        let plain = |byte: u8| matches!(byte, b' '..=b'~') && !matches!(byte, b'"' | b'\\');
        match form {
            CallerForm::Id if !id.is_empty() && id.len() <= MAX_ID_BYTES && id.bytes().all(plain) => Redacted::made(id),
            CallerForm::Id | CallerForm::Pseudonym => self.pseudonym(Kind::Caller, id),
        }
    }

    /// An address in the form that the policy chose. IPv4-mapped IPv6 counts as IPv4.
    pub fn address(&self, address: IpAddr, form: AddressForm) -> Redacted {
        let address = address.to_canonical();
        match form {
            AddressForm::Full => Redacted::made(address.to_string()),
            AddressForm::Keyed => self.pseudonym(Kind::Address, &address.to_string()),
            AddressForm::None => HIDDEN,
            AddressForm::Prefix => Redacted::made(match address {
                IpAddr::V4(v4) => {
                    let [a, b, c, _] = v4.octets();
                    format!("{a}.{b}.{c}.0/24")
                }
                IpAddr::V6(v6) => {
                    let [a, b, c, ..] = v6.segments();
                    format!("{a:x}:{b:x}:{c:x}::/48")
                }
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_that_could_break_a_record_becomes_a_pseudonym() {
        let redactor = Redactor::new(PseudonymKey::new(1, &[7; 32]).expect("long enough"));
        assert_eq!(
            redactor.caller("cert:spiffe://seller/picker", CallerForm::Id).as_str(),
            "cert:spiffe://seller/picker"
        );
        for id in ["", "user:a\nb", "user:a\"b", "user:a\\b", "user:zoë", &"x".repeat(129)] {
            assert_eq!(redactor.caller(id, CallerForm::Id), redactor.pseudonym(Kind::Caller, id), "{id:?}");
        }
        assert!(redactor.caller("user:alice", CallerForm::Pseudonym).as_str().starts_with("pii_caller_k1_"));
    }
}
