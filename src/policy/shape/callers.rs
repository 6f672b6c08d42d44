//! `callers:` and `roles:`

use super::forms::{DURATION, FILE, HEADER, HOST, HTTPS, KEY_SET, MEMBER, ORIGIN, OUTPUT, TEXT};
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
    doc: "A token in `Authorization: Bearer` or `DPoP`; its members are `user:` and `group:`.",
    keys: &[
        Key::required("issuer", Kind::Text(&TEXT), "Its `iss`, exactly."),
        Key::required("audience", Kind::Text(&TEXT), "One of its `aud`."),
        Key::optional(
            "keys",
            Kind::Text(&KEY_SET),
            "The issuer's JWK set (RFC 7517). Needed unless `introspection` is there.",
        ),
        Key::optional(
            "keys_max_age",
            Kind::Text(&DURATION),
            "How long the last good set is used while the provider cannot be reached, 5m to 7d; then token callers get 503.",
        )
        .or("24h"),
        Key::optional(
            "keys_cache",
            Kind::Text(&OUTPUT),
            "A file that keeps the last good set over a restart, for as long as `keys_max_age` allows.",
        ),
        Key::optional(
            "algorithms",
            Kind::Filled(&Kind::Words(&["ES256", "RS256", "EdDSA"])),
            "The only signatures that are accepted; none is symmetric. Needed with `keys`.",
        ),
        Key::optional("subject", Kind::Text(&TEXT), "The claim that names the caller.").or("sub"),
        Key::optional(
            "roles",
            Kind::Text(&TEXT),
            "The claim that lists the caller's groups; without it there are none.",
        ),
        Key::optional(
            "bound",
            Kind::Words(&["certificate", "dpop", "any"]),
            "What every token must be bound to: the client's certificate (RFC 8705), a key that signs each request \
             (DPoP, RFC 9449), or one of the two. A binding that a token has is held in any case.",
        ),
        Key::optional("provider", Kind::Map(&PROVIDER), PROVIDER.doc),
        Key::optional("introspection", Kind::Map(&INTROSPECTION), INTROSPECTION.doc),
    ],
};

/// `callers[].token.provider:`
pub static PROVIDER: Section = Section {
    what: "callers.token.provider",
    doc: "How the gate reaches the issuer's provider.",
    keys: &[
        Key::optional("ca", Kind::Text(&FILE), "Authorities of the provider's certificate; the system's without it."),
        Key::optional("certificate", Kind::Text(&FILE), "The gate's own certificate to the provider."),
        Key::optional("key", Kind::Text(&FILE), "The key of that certificate."),
        Key::optional(
            "hosts",
            Kind::Filled(&Kind::Text(&ORIGIN)),
            "Hosts that may lie within the own network, beside those that the policy's addresses name. What the \
             provider's metadata names must lie outside otherwise.",
        ),
    ],
};

/// `callers[].token.introspection:`
pub static INTROSPECTION: Section = Section {
    what: "callers.token.introspection",
    doc: "Where the issuer is asked about tokens that only it can read (RFC 7662); one issuer at most.",
    keys: &[
        Key::required("url", Kind::Text(&HTTPS), "The issuer's introspection end-point."),
        Key::required("client_id", Kind::Text(&TEXT), "The gate's name there."),
        Key::optional(
            "client_secret_file",
            Kind::Text(&FILE),
            "The gate's secret there; without one the certificate of `provider` says who asks.",
        ),
        Key::optional("cache", Kind::Text(&DURATION), "How long a good answer is used at most, 1s to 15m.").or("30s"),
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
            Kind::Filled(&Kind::Words(super::admin::RIGHTS)),
            "What it may do as an operator (ACC-3). `export` and `erase` are not built yet: `check` says so (PC0901), and \
             `run` refuses a policy that has them.",
        ),
    ],
};
