//! `shared:`

use super::forms::{DURATION, FILE, NAME, REDIS, TEXT};
use super::{Key, Kind, Section};

/// `shared:`
pub static SHARED: Section = Section {
    what: "shared",
    doc: "Where replicas keep what they count together: a Redis or Valkey, version 6.2 or later. It holds keyed hashes and \
          numbers, nothing of a caller.",
    keys: &[
        Key::required(
            "redis",
            Kind::Filled(&Kind::Text(&REDIS)),
            "The server, the sentinels, or some nodes of a cluster.",
        ),
        Key::optional("kind", Kind::Words(&["single", "sentinel", "cluster"]), "What the addresses are those of.")
            .or("single"),
        Key::optional("master", Kind::Text(&TEXT), "The name under which sentinels know the server."),
        Key::optional("database", Kind::Number(0, 255), "The server's database; a cluster has one.").or("0"),
        Key::optional("username", Kind::Text(&TEXT), "The gate's user there (ACL).").or("default"),
        Key::optional("password_file", Kind::Text(&FILE), "A file that holds its password."),
        Key::optional("ca", Kind::Text(&FILE), "Authorities that sign the servers' certificates, PEM.")
            .or("the system's"),
        Key::optional("certificate", Kind::Text(&FILE), "The gate's own certificate; `certificate_key` goes with it."),
        Key::optional("certificate_key", Kind::Text(&FILE), "Its private key, PEM."),
        Key::required(
            "key",
            Kind::Text(&FILE),
            "32 bytes that all replicas have, of which names are made: `portcullis keys new shared certs/shared.key`.",
        ),
        Key::required("name", Kind::Text(&NAME), "What the gate's replicas have in common; keys begin with it."),
        Key::optional(
            "replicas",
            Kind::Number(1, 1000),
            "How many replicas share a limit while nobody can be asked; otherwise they are counted.",
        )
        .or("3"),
        Key::optional("timeout", Kind::Text(&DURATION), "For one exchange, 5ms to 5s. No request waits for it.")
            .or("100ms"),
    ],
};
