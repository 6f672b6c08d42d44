//! `admin:` and `health:`

use super::forms::{FILE, HOST, LISTEN, OUTPUT};
use super::{Key, Kind, Section};

/// What a role may do as an operator.
pub(super) const RIGHTS: &[&str] = &["view", "quarantine", "unlock", "reload", "drain", "log", "export", "erase"];

/// `admin:`
pub static ADMIN: Section = Section {
    what: "admin",
    doc: "The operators' API: `listen` for TLS with certificates, or `socket` for this machine. Plaintext is not offered, \
          on loopback neither. Without it there is none.",
    keys: &[
        Key::optional("listen", Kind::Text(&LISTEN), "Where operators connect, over TLS and with a certificate."),
        Key::optional("tls", Kind::Map(&ADMIN_TLS), ADMIN_TLS.doc).or("certificate, key and authorities of `gate.tls`"),
        Key::optional(
            "subject",
            Kind::Words(&["san_uri", "san_dns", "san_email", "common_name"]),
            "Which name of an operator's certificate is its name: `cert:` members of roles.",
        )
        .or("san_uri"),
        Key::optional(
            "hosts",
            Kind::List(&Kind::Text(&HOST)),
            "Further names by which operators call the listener; its addresses and the names in its certificate always \
             count.",
        )
        .or("[]"),
        Key::optional(
            "socket",
            Kind::Text(&OUTPUT),
            "A Unix socket, mode 0600, instead of `listen`: the kernel says who calls, `uid:` and `gid:` members of roles.",
        ),
        Key::optional(
            "owner",
            Kind::List(&Kind::Words(OWNER_RIGHTS)),
            "What root and the gate's own user may on the socket without a role.",
        )
        .or("all rights"),
    ],
};

/// What root and the gate's own user may be given.
const OWNER_RIGHTS: &[&str] = &["view", "quarantine", "unlock", "reload", "drain", "log"];

/// `admin.tls:`
pub static ADMIN_TLS: Section = Section {
    what: "admin.tls",
    doc: "The operators' listener: its certificate, and whose certificates it takes. TLS 1.3 alone.",
    keys: &[
        Key::required("certificate", Kind::Text(&FILE), "Certificate chain, PEM, the listener's own first."),
        Key::required("key", Kind::Text(&FILE), "Its private key, PEM."),
        Key::required("client_ca", Kind::Text(&FILE), "Authorities that sign operators' certificates, PEM."),
        Key::optional(
            "crl",
            Kind::Either(&Kind::Filled(&Kind::Text(&FILE)), &Kind::Text(&FILE)),
            "Revocation lists (CRL) of these authorities, PEM or DER.",
        ),
        Key::optional(
            "crl_stale",
            Kind::Words(&["refuse", "warn"]),
            "What becomes of certificates whose list is past its next update.",
        )
        .or("refuse"),
    ],
};

/// `health:`
pub static HEALTH: Section = Section {
    what: "health",
    doc: "`/livez` and `/readyz` for what watches the gate, in plaintext on a port that shows nothing else.",
    keys: &[Key::required("listen", Kind::Text(&LISTEN), "Where probes connect: `0.0.0.0:9080`.")],
};
