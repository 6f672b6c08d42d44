//! `gate:`, `upstream:` and `network:`

use super::forms::{APP, DURATION, FILE, HEADER, HOST, LISTEN, NETWORK as NETWORK_FORM, OUTPUT, SIZE, TEXT};
use super::{Key, Kind, Section};

const NETWORKS: Kind = Kind::List(&Kind::Text(&NETWORK_FORM));
const TIMEOUT: Kind = Kind::Text(&DURATION);

/// `gate:`
pub static GATE: Section = Section {
    what: "gate",
    doc: "The side of the gate that callers see.",
    keys: &[
        Key::required(
            "listen",
            Kind::Text(&LISTEN),
            "Where callers connect, over TLS; there is no plaintext listener.",
        ),
        Key::required("tls", Kind::Map(&TLS), TLS.doc),
        Key::optional("hosts", Kind::List(&Kind::Text(&HOST)), "Host names that the gate answers to; any if empty.")
            .or("[]"),
        Key::optional(
            "trusted_proxies",
            NETWORKS,
            "Peers whose `X-Forwarded-For` and `Forwarded` are believed; nobody by default.",
        )
        .or("[]"),
        Key::optional("proxy_protocol", Kind::Map(&PROXY_PROTOCOL), PROXY_PROTOCOL.doc),
        Key::optional(
            "workers",
            Kind::Either(&Kind::Words(&["auto"]), &Kind::Number(1, 1024)),
            "Worker threads; `auto` is one for each core that is available.",
        )
        .or("auto"),
        Key::optional("connections", Kind::Map(&CONNECTIONS), CONNECTIONS.doc),
        Key::optional("timeouts", Kind::Map(&CLIENT_TIMEOUTS), CLIENT_TIMEOUTS.doc),
        Key::optional("bounds", Kind::Map(&BOUNDS), BOUNDS.doc),
        Key::optional("headers", Kind::Map(&APP_HEADERS), APP_HEADERS.doc),
        Key::optional("assertion", Kind::Map(&ASSERTION), ASSERTION.doc),
        Key::optional(
            "handover",
            Kind::Text(&OUTPUT),
            "A Unix socket over which `portcullis upgrade` hands the listener to a new binary; no upgrade without.",
        ),
    ],
};

/// `gate.tls:`
pub static TLS: Section = Section {
    what: "gate.tls",
    doc: "Certificates and versions of TLS (TLS-1).",
    keys: &[
        Key::required("certificate", Kind::Text(&FILE), "Certificate chain, PEM, the gate's own first."),
        Key::required("key", Kind::Text(&FILE), "Its private key, PEM."),
        Key::optional("min_version", Kind::Words(&["1.2", "1.3"]), "The oldest version of TLS that is offered.")
            .or("\"1.2\""),
        Key::optional(
            "client_ca",
            Kind::Text(&FILE),
            "Authorities that sign callers' certificates, PEM. With it certificates are asked for.",
        ),
        Key::optional(
            "crl",
            Kind::Either(&Kind::Filled(&Kind::Text(&FILE)), &Kind::Text(&FILE)),
            "Revocation lists (CRL), PEM or DER, one of every authority that signs in a caller's chain: without one its \
             certificates are refused.",
        ),
        Key::optional(
            "crl_stale",
            Kind::Words(&["refuse", "warn"]),
            "What becomes of certificates whose list is past its next update.",
        )
        .or("refuse"),
        Key::optional(
            "more",
            Kind::Filled(&Kind::Map(&MORE_CERTIFICATES)),
            "Further certificates, chosen by the name that the caller asks for (SNI).",
        ),
    ],
};

/// `gate.tls.more[]`
pub static MORE_CERTIFICATES: Section = Section {
    what: "gate.tls.more",
    doc: "A further certificate and its key.",
    keys: &[
        Key::required("certificate", Kind::Text(&FILE), "Certificate chain, PEM."),
        Key::required("key", Kind::Text(&FILE), "Its private key, PEM."),
    ],
};

/// `gate.proxy_protocol:`
pub static PROXY_PROTOCOL: Section = Section {
    what: "gate.proxy_protocol",
    doc: "Load balancers that send a PROXY protocol header, and must; all others must not.",
    keys: &[Key::required("from", NETWORKS, "Addresses of the load balancers.")],
};

/// `gate.connections:`
pub static CONNECTIONS: Section = Section {
    what: "gate.connections",
    doc: "Connections at once; the newest beyond a bound is refused.",
    keys: &[
        Key::optional("max", Kind::Number(1, 1_000_000), "Of all callers together.").or("10000"),
        Key::optional("per_address", Kind::Number(1, 1_000_000), "From one address (IPv6: one /64).").or("5000"),
    ],
};

/// `gate.timeouts:`
pub static CLIENT_TIMEOUTS: Section = Section {
    what: "gate.timeouts",
    doc: "Dead-lines on the callers' side, from 100ms to 1h.",
    keys: &[
        Key::optional("handshake", TIMEOUT, "From accept to the end of the TLS handshake.").or("10s"),
        Key::optional("header", TIMEOUT, "From a request's first byte to the end of its head.").or("10s"),
        Key::optional("body_idle", TIMEOUT, "Between two pieces of a body.").or("30s"),
        Key::optional("keep_alive", TIMEOUT, "Between two requests on a connection.").or("75s"),
        Key::optional("drain", TIMEOUT, "From the end of `drain_delay` until open requests are cut.").or("30s"),
        Key::optional(
            "drain_delay",
            TIMEOUT,
            "From SIGTERM until no new connections are taken, 0s to 15m: what balances load reads `/readyz` meanwhile.",
        )
        .or("5s with `health`, otherwise 0s"),
    ],
};

/// `gate.bounds:`
pub static BOUNDS: Section = Section {
    what: "gate.bounds",
    doc: "Bounds of one request.",
    keys: &[
        Key::optional("header_bytes", Kind::Text(&SIZE), "Bytes of a request's head, 8KiB to 1MiB.").or("32KiB"),
        Key::optional("header_count", Kind::Number(1, 100), "Header fields of a request.").or("100"),
        Key::optional("body", Kind::Text(&SIZE), "Bytes of a request's body, 0 to 64GiB; a route may say otherwise.")
            .or("16MiB"),
    ],
};

/// `gate.headers:`
pub static APP_HEADERS: Section = Section {
    what: "gate.headers",
    doc: "Under which names the app hears who calls. From clients none of them passes, in any spelling.",
    keys: &[
        Key::optional("caller", Kind::Text(&HEADER), "The caller with its kind: `user:alice@seller.example`.")
            .or("X-Portcullis-Caller"),
        Key::optional("user", Kind::Text(&HEADER), "A token's subject by itself; not set for other callers."),
        Key::optional("roles", Kind::Text(&HEADER), "The caller's roles, separated by commas.")
            .or("X-Portcullis-Roles"),
        Key::optional("assertion", Kind::Text(&HEADER), "The signed assertion.").or("X-Portcullis-Assertion"),
    ],
};

/// `gate.assertion:`
pub static ASSERTION: Section = Section {
    what: "gate.assertion",
    doc: "A signed token (JWT, ES256) to the app that says who calls.",
    keys: &[
        Key::required("key", Kind::Text(&FILE), "Key that signs it: EC P-256, PKCS#8, PEM."),
        Key::required("audience", Kind::Text(&TEXT), "Its `aud`."),
        Key::optional("lifetime", Kind::Text(&DURATION), "Its `exp` minus `iat`, 1s to 1h.").or("60s"),
    ],
};

/// `upstream:`
pub static UPSTREAM: Section = Section {
    what: "upstream",
    doc: "The app behind the gate.",
    keys: &[
        Key::required(
            "url",
            Kind::Text(&APP),
            "Where it is. Plaintext reaches loopback or a Unix socket only (TLS-2).",
        ),
        Key::optional("protocol", Kind::Words(&["http1", "http2"]), "HTTP/1.1, or HTTP/2 as gRPC needs it.")
            .or("http1"),
        Key::optional(
            "profile",
            Kind::Words(&["default", "tomcat", "iis", "php"]),
            "How the app's framework reads a path. `default` wants all of their readings to agree.",
        )
        .or("default"),
        Key::optional("timeouts", Kind::Map(&UPSTREAM_TIMEOUTS), UPSTREAM_TIMEOUTS.doc),
        Key::optional("tls", Kind::Map(&UPSTREAM_TLS), UPSTREAM_TLS.doc),
        Key::optional("idle_connections", Kind::Number(0, 10_000), "Idle connections kept for each worker.").or("512"),
        Key::optional(
            "side_door",
            Kind::Words(&["report", "refuse", "off"]),
            "What becomes of an app that can be reached past the gate (TLS-3): an alarm, or with `refuse` no start.",
        )
        .or("report"),
    ],
};

/// `upstream.timeouts:`
pub static UPSTREAM_TIMEOUTS: Section = Section {
    what: "upstream.timeouts",
    doc: "Dead-lines on the app's side, from 100ms to 1h.",
    keys: &[
        Key::optional("connect", TIMEOUT, "To connect, TLS included.").or("2s"),
        Key::optional("response", TIMEOUT, "From the end of a request to the head of its answer.").or("30s"),
        Key::optional("idle", TIMEOUT, "Between two pieces of an answer, and on an upgraded stream.").or("60s"),
    ],
};

/// `upstream.tls:`
pub static UPSTREAM_TLS: Section = Section {
    what: "upstream.tls",
    doc: "How the app is known, and how the gate is known to it; needed for https.",
    keys: &[
        Key::required("ca", Kind::Text(&FILE), "Authorities that sign the app's certificate, PEM."),
        Key::optional("server_name", Kind::Text(&HOST), "The name in the app's certificate.").or("the host of `url`"),
        Key::optional("certificate", Kind::Text(&FILE), "The gate's own certificate to the app; `key` goes with it."),
        Key::optional("key", Kind::Text(&FILE), "Its private key, PEM."),
    ],
};

/// `network:`
pub static NETWORK: Section = Section {
    what: "network",
    doc: "Who may connect at all (NET-1): `deny` wins, and an empty `allow` admits all that are not denied.",
    keys: NETWORK_KEYS,
};

pub(super) const NETWORK_KEYS: &[Key] = &[
    Key::optional("allow", NETWORKS, "Networks that are admitted; all if empty.").or("[]"),
    Key::optional("deny", NETWORKS, "Networks that are not.").or("[]"),
];
