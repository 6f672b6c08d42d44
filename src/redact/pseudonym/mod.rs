//! Keyed pseudonyms: the same datum gives the same token under the same key, and no token gives the datum back.

mod cache;
mod canonical;

use std::net::IpAddr;
use std::sync::Arc;

use aws_lc_rs::hmac;
use smallvec::SmallVec;

pub use self::cache::TokenCache;
use super::keep::KeepPattern;
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

/// One generation of the secret of all pseudonyms, with the id that tokens show so that rotation stays visible. No
/// `Debug`.
pub struct PseudonymKey {
    id: u16,
    from: u64,
    key: hmac::Key,
}

impl PseudonymKey {
    /// A key from at least 32 random bytes; `None` if there are fewer. Valid from the beginning of time.
    pub fn new(id: u16, secret: &[u8]) -> Option<Self> {
        (secret.len() >= 32).then(|| Self { id, from: 0, key: hmac::Key::new(hmac::HMAC_SHA256, secret) })
    }

    /// The same key, valid from `from` on: seconds since 1970.
    pub fn valid_from(self, from: u64) -> Self {
        Self { from, ..self }
    }

    /// The id that tokens show.
    pub const fn id(&self) -> u16 {
        self.id
    }

    /// When it became or becomes valid: seconds since 1970; 0 if that is not known.
    pub const fn from(&self) -> u64 {
        self.from
    }

    /// Appends `pii_<kind>_k<id>_<16 hex digits>`.
    fn append(&self, kind: Kind, canonical: &[u8], out: &mut Vec<u8>) {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        // In one piece: most data are short.
        let mut datum: SmallVec<[u8; 128]> = SmallVec::from_slice(kind.word().as_bytes());
        datum.push(0);
        datum.extend_from_slice(canonical);
        let tag = hmac::sign(&self.key, &datum);
        out.extend_from_slice(b"pii_");
        out.extend_from_slice(kind.word().as_bytes());
        out.extend_from_slice(b"_k");
        out.extend_from_slice(itoa::Buffer::new().format(self.id).as_bytes());
        out.push(b'_');
        for byte in &tag.as_ref()[..8] {
            out.extend([DIGITS[usize::from(byte >> 4)], DIGITS[usize::from(byte & 15)]]);
        }
    }

    fn token(&self, kind: Kind, canonical: &str) -> Redacted {
        let mut token = Vec::with_capacity(cache::MOST_TOKEN_BYTES);
        self.append(kind, canonical.as_bytes(), &mut token);
        // ASCII alone was appended.
        Redacted::made(String::from_utf8(token).unwrap_or_default())
    }
}

/// Makes [`Redacted`] text under one key, or hides where there is none.
#[derive(Default)]
pub struct Redactor {
    /// The key in force first, then older ones, which make no new tokens but find old ones.
    keys: Vec<PseudonymKey>,
    keep: Arc<[KeepPattern]>,
}

impl Redactor {
    /// A redactor under `key`.
    pub fn new(key: PseudonymKey) -> Self {
        Self { keys: vec![key], ..Self::default() }
    }

    /// A redactor without a key: what would become a pseudonym is hidden.
    pub fn hiding() -> Self {
        Self::default()
    }

    /// A redactor under the key that is in force at `now` (seconds since 1970): the one that became valid last. Keys
    /// that are not valid yet are left out; if none is valid, the first that will be is in force.
    pub fn rotating(mut keys: Vec<PseudonymKey>, now: u64) -> Self {
        keys.sort_by_key(|key| std::cmp::Reverse((key.from, key.id)));
        let valid = keys.iter().position(|key| key.from <= now).unwrap_or(keys.len().saturating_sub(1));
        keys.drain(..valid);
        Self { keys, ..Self::default() }
    }

    /// The same redactor, which lets values stand that match one of `keep`.
    pub fn keeping(self, keep: impl Into<Arc<[KeepPattern]>>) -> Self {
        Self { keep: keep.into(), ..self }
    }

    /// A key for another purpose, of the one in force: nobody who has the one can tell the other. `None` without a key.
    pub fn derive(&self, purpose: &str) -> Option<[u8; 16]> {
        let key = self.keys.first()?;
        // A zero byte first: no kind of datum begins with one.
        let mut context = hmac::Context::with_key(&key.key);
        context.update(&[0]);
        context.update(purpose.as_bytes());
        let mut derived = [0; 16];
        derived.copy_from_slice(&context.sign().as_ref()[..16]);
        Some(derived)
    }

    /// Whether there is a key to make pseudonyms with.
    pub fn has_key(&self) -> bool {
        !self.keys.is_empty()
    }

    /// Whether the policy lets `value` (decoded, whole) stand: `redaction.keep`.
    pub fn keeps(&self, value: &[u8]) -> bool {
        self.keep.iter().any(|pattern| pattern.matches(value))
    }

    /// Whether the policy names values that may stand.
    pub fn keeps_any(&self) -> bool {
        !self.keep.is_empty()
    }

    /// `pii_<kind>_k<id>_<16 hex digits>`: HMAC-SHA-256 over kind, a zero byte and the canonical value, first 64 bits.
    /// Without a key, `hidden`.
    pub fn pseudonym(&self, kind: Kind, canonical: &str) -> Redacted {
        self.keys.first().map_or(HIDDEN, |key| key.token(kind, canonical))
    }

    /// Appends what stands for `value`, which is decoded but not yet canonical: a pseudonym, or the kind's marker where
    /// there is no key or a pseudonym would give too much away ([`Kind::is_keyed`]).
    pub fn append(&self, kind: Kind, value: &[u8], cache: &mut TokenCache, out: &mut Vec<u8>) {
        let key = self.keys.first().filter(|_| kind.is_keyed());
        let Some(key) = key else { return out.extend_from_slice(kind.marker().as_bytes()) };
        cache.append(kind, value, out, |out| match std::str::from_utf8(value) {
            Ok(text) => key.append(kind, canonical::canonical(kind, text).as_bytes(), out),
            Err(_) => key.append(kind, value, out),
        });
    }

    /// The tokens of a value under every key, the one in force first: what to search for in logs of any age. Empty for
    /// a kind without pseudonyms.
    pub fn tokens(&self, kind: Kind, value: &str) -> impl Iterator<Item = (&PseudonymKey, Redacted)> {
        let canonical = canonical::canonical(kind, value).into_owned();
        let keys = if kind.is_keyed() { &self.keys[..] } else { &[] };
        keys.iter().map(move |key| (key, key.token(kind, &canonical)))
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

    fn key(id: u16, from: u64) -> PseudonymKey {
        PseudonymKey::new(id, &[u8::try_from(id).unwrap_or(0); 32]).expect("long enough").valid_from(from)
    }

    fn appended(redactor: &Redactor, kind: Kind, value: &[u8], cache: &mut TokenCache) -> String {
        let mut out = Vec::new();
        redactor.append(kind, value, cache, &mut out);
        String::from_utf8(out).expect("ASCII")
    }

    #[test]
    fn every_spelling_gives_one_token_and_the_cache_changes_nothing() {
        let redactor = Redactor::new(key(3, 0));
        let cache = &mut TokenCache::new();
        let first = appended(&redactor, Kind::Email, b"Alice@Example.com", cache);
        assert!(first.starts_with("pii_email_k3_") && first.len() == 29, "{first}");
        for _ in 0..3 {
            assert_eq!(appended(&redactor, Kind::Email, b"alice@example.COM", cache), first);
            assert_eq!(appended(&redactor, Kind::Email, b"Alice@Example.com", cache), first);
        }
        assert_eq!(redactor.pseudonym(Kind::Email, "alice@example.com").as_str(), first);
        assert_ne!(appended(&redactor, Kind::Name, b"Alice@Example.com", cache)[12..], first[13..]);
        for index in 0..5000_u32 {
            let value = format!("user{index}@example.com");
            assert_eq!(
                appended(&redactor, Kind::Email, value.as_bytes(), cache),
                redactor.pseudonym(Kind::Email, &value).as_str()
            );
        }
        assert!(appended(&redactor, Kind::Name, b"\xff\xfe", cache).starts_with("pii_name_k3_"));
    }

    #[test]
    fn few_values_and_free_text_have_no_pseudonym() {
        let (redactor, cache) = (Redactor::new(key(3, 0)), &mut TokenCache::new());
        assert_eq!(appended(&redactor, Kind::Postcode, b"10115", cache), "pii_postcode_hidden");
        assert_eq!(appended(&redactor, Kind::Gift, b"Happy birthday", cache), "pii_gift_hidden");
        assert_eq!(appended(&Redactor::hiding(), Kind::Email, b"a@b.example", cache), "pii_email_hidden");
        assert_eq!(redactor.tokens(Kind::Postcode, "10115").count(), 0);
        for kind in Kind::ALL {
            let shown = appended(&redactor, kind, b"x", cache);
            assert!(
                shown.len() <= cache::MOST_TOKEN_BYTES && shown.starts_with(&format!("pii_{}_", kind.word())),
                "{shown}"
            );
            assert!(shown.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_')));
            assert_eq!(kind.marker(), format!("pii_{}_hidden", kind.word()));
        }
    }

    #[test]
    fn the_newest_valid_key_makes_tokens_and_older_ones_find_them() {
        let redactor = Redactor::rotating(vec![key(1, 0), key(3, 900), key(2, 500)], 600);
        let ids: Vec<u16> = redactor.tokens(Kind::Email, "A@b.example").map(|(key, _)| key.id()).collect();
        assert_eq!(ids, [2, 1]);
        assert!(redactor.pseudonym(Kind::Email, "a@b.example").as_str().starts_with("pii_email_k2_"));
        let early = Redactor::rotating(vec![key(5, 900)], 0);
        assert!(early.pseudonym(Kind::Email, "a@b.example").as_str().starts_with("pii_email_k5_"));
        assert_eq!(Redactor::rotating(Vec::new(), 0).pseudonym(Kind::Email, "x").as_str(), "hidden");
    }
}
