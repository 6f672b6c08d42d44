//! `callers:` and `roles:`

use super::forms::{FILE, HEADER, HOST, MEMBER, TEXT};
use super::{Key, Kind, Section};

/// `callers[]`
pub static CALLER: Section = Section {
    what: "an entry of callers",
    doc: "One way to prove who you are.",
    keys: &[
        Key::optional("certificate", Kind::Map(&CERTIFICATE), CERTIFICATE.doc),
        Key::optional("token", Kind::Map(&TOKEN), TOKEN.doc),
        Key::optional("api_key", Kind::Map(&API_KEY), API_KEY.doc),
    ],
};

/// `callers[].certificate:`
pub static CERTIFICATE: Section = Section {
    what: "callers.certificate",
    doc: "A client certificate signed by `gate.tls.client_ca`; its members are `cert:`.",
    keys: &[
        Key::required(
            "subject",
            Kind::Words(&["san_uri", "san_dns", "san_email", "common_name", "spiffe"]),
            "Which name of the certificate is the caller; `spiffe` is a URI that is a SPIFFE id to the letter.",
        ),
        Key::optional(
            "trust_domains",
            Kind::Filled(&Kind::Text(&HOST)),
            "With `spiffe`, which it needs: the trust domains whose workloads may call.",
        ),
    ],
};

/// `callers[].token:`
pub static TOKEN: Section = Section {
    what: "callers.token",
    doc: "A signed token (JWT) in `Authorization: Bearer`; its members are `user:` and `group:`.",
    keys: &[
        Key::required("issuer", Kind::Text(&TEXT), "Its `iss`, exactly."),
        Key::required("audience", Kind::Text(&TEXT), "One of its `aud`."),
        Key::required("keys", Kind::Text(&FILE), "The issuer's JWK set (RFC 7517): a file, or an https URL."),
        Key::required(
            "algorithms",
            Kind::Filled(&Kind::Words(&["ES256", "RS256", "EdDSA"])),
            "The only signatures that are accepted; none is symmetric.",
        ),
        Key::optional("subject", Kind::Text(&TEXT), "The claim that names the caller.").or("sub"),
        Key::optional(
            "roles",
            Kind::Text(&TEXT),
            "The claim that lists the caller's groups; without it there are none.",
        ),
    ],
};

/// `callers[].api_key:`
pub static API_KEY: Section = Section {
    what: "callers.api_key",
    doc: "A long random key in a header; its members are `key:`.",
    keys: &[
        Key::required("header", Kind::Text(&HEADER), "The header that carries it."),
        Key::required("file", Kind::Text(&FILE), "Digests of the keys, never the keys: `portcullis keys api new`."),
    ],
};

/// `roles.*:`
pub static ROLE: Section = Section {
    what: "a role",
    doc: "Who has the role.",
    keys: &[
        Key::required("members", Kind::List(&Kind::Text(&MEMBER)), "Callers and groups that have it."),
        Key::optional(
            "admin",
            Kind::Filled(&Kind::Words(&["view", "quarantine", "unlock", "reload", "export", "erase"])),
            "What it may do as an operator (ACC-3).",
        ),
    ],
};
