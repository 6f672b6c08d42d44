//! `metrics:` and `traces:`

use super::forms::{FILE, LISTEN, OTLP, SAMPLE};
use super::{Key, Kind, Section};

/// `metrics:`
pub static METRICS: Section = Section {
    what: "metrics",
    doc: "Where Prometheus scrapes the gate, at `/metrics`; nothing is counted without it.",
    keys: &[
        Key::required("listen", Kind::Text(&LISTEN), "Where scrapers connect; without `tls` on loopback (TLS-2)."),
        Key::optional("tls", Kind::Map(&METRICS_TLS), METRICS_TLS.doc),
        Key::optional(
            "plaintext",
            Kind::Words(&["true", "false"]),
            "Declares that scrapes leave the machine unencrypted, within a network of pods that nobody else reads.",
        )
        .or("false"),
    ],
};

/// `metrics.tls:`
pub static METRICS_TLS: Section = Section {
    what: "metrics.tls",
    doc: "Encryption of scrapes, TLS 1.3.",
    keys: &[
        Key::required("certificate", Kind::Text(&FILE), "Certificate chain, PEM."),
        Key::required("key", Kind::Text(&FILE), "Its private key, PEM."),
        Key::optional(
            "client_ca",
            Kind::Text(&FILE),
            "Authorities that sign scrapers' certificates, PEM; with it nobody else is answered.",
        ),
    ],
};

/// `traces:`
pub static TRACES: Section = Section {
    what: "traces",
    doc: "Spans of requests by OTLP over HTTP, and W3C trace context to the app; neither without it.",
    keys: &[
        Key::required(
            "endpoint",
            Kind::Text(&OTLP),
            "Where spans are sent, path included: `https://otel.example/v1/traces`; plaintext on loopback only (TLS-2).",
        ),
        Key::optional("ca", Kind::Text(&FILE), "Authorities of that place, PEM.").or("the system's authorities"),
        Key::optional(
            "headers_file",
            Kind::Text(&FILE),
            "Header fields of each export, one `Name: value` a line, read anew each time (KEY-1).",
        ),
        Key::optional(
            "sample",
            Kind::Text(&SAMPLE),
            "The share of requests that is traced where no parent decides: `1/100`, or `0` for none.",
        )
        .or("1/100"),
        Key::optional(
            "parent",
            Kind::Words(&["honour", "ignore"]),
            "`honour` goes on with traces, and their choice to sample, of `gate.trusted_proxies` and of peers with a \
             client certificate; all others begin a new one.",
        )
        .or("honour"),
    ],
};
