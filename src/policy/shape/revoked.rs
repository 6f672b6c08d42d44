//! `excused:` and `revoked:`

use super::forms::{DAY, FILE, HEX, NAME, TEXT};
use super::{Key, Kind, Section};

/// `revoked[]`
pub static REVOKED: Section = Section {
    what: "an entry of revoked",
    doc: "Somebody or something that counts no more (ID-7): exactly one of `caller`, `serial`, `certificate_sha256`, \
          `spki_sha256`, `key_id`, `jti`, `file`; with `reason` and `date`, except for `file`.",
    keys: &[
        Key::optional("caller", Kind::Text(&TEXT), "A caller: `user:…`, `cert:…` or `key:…`."),
        Key::optional("serial", Kind::Text(&HEX), "A certificate's serial number in hexadecimal digits."),
        Key::optional("issuer", Kind::Text(&TEXT), "Goes with `serial`: the authority that gave it."),
        Key::optional("certificate_sha256", Kind::Text(&HEX), "SHA-256 of a certificate."),
        Key::optional("spki_sha256", Kind::Text(&HEX), "SHA-256 of a certificate's public key (SPKI)."),
        Key::optional("key_id", Kind::Text(&NAME), "The id of an API key."),
        Key::optional("jti", Kind::Text(&TEXT), "The id of a token."),
        Key::optional("reason", Kind::Text(&TEXT), "Why; goes into no record."),
        Key::optional("date", Kind::Text(&DAY), "When it was decided."),
        Key::optional("file", Kind::Text(&FILE), "A file with a list `revoked:` of its own, which may change alone."),
    ],
};

/// A file of revocations.
pub static REVOCATIONS: Section = Section {
    what: "a file of revocations",
    doc: "A list of its own.",
    keys: &[Key::required("revoked", Kind::List(&Kind::Map(&REVOKED)), "The entries.")],
};
