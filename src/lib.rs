//! Portcullis: a gate in front of an app that cannot protect its data itself. This is the map.
//!
//! # The way of a request
//!
//! ```text
//!  client ══TLS══► edge ─ accept ─ slot ─ (PROXY header) ─ handshake ─ hyper behind `wire`
//!                   │                                                   │
//!                   │ a connection's end                                ▼ a request
//!                   │        gate ─ normalise ─ identify ─ guard ─ authorise ─ admit ─ forward ──► upstream ══► app
//!                   │                  path       identity           policy     limits                │
//!                   │                    └────────────┴──── visit ──────┴─────────┴───────────────────┘
//!                   ▼                                         ▼ finished or dropped: exactly one record
//!                 audit ─ bounded queue ─ writer thread ─ OCSF lines ─► spool ─► sinks
//! ```
//!
//! Whatever a record, a log line or a header to the app says of a request went through [`redact`] or is a name that the
//! policy gave.
//!
//! # The rooms, in reading order
//!
//! | room | what is in it |
//! |---|---|
//! | [`gate`] | the request's way, one step in each file; `denial` lists every refusal, `visit` becomes the record |
//! | [`policy`] | YAML in, one immutable policy out, or every fault at once; `decide` says who may do what |
//! | [`identity`] | how a caller proves itself: certificate, token, API key |
//! | [`limits`] | how much in how long: requests, bytes, records, requests in progress, in tables of fixed size |
//! | [`shared`] | what replicas count together, in a Redis |
//! | [`watch`] | who may not go on as before: lockout, detectors, alarms, canaries, and the sanctions that follow |
//! | [`redact`] | the only maker of text that may leave the gate |
//! | [`audit`] | exactly one record for every end, as a SIEM reads it |
//! | [`delivery`] | the trail's ways out: each sink reads the spool and gets every record at least once |
//! | [`edge`] | client sockets: accepted, bounded, handshaken, watched |
//! | [`admin`] | the operators' API, health and readiness, on listeners of their own |
//! | [`outbound`] | the gate's own calls: verified, bounded, and only where the policy or the open internet is |
//! | [`wire`] | HTTP/1 framing, read strictly before hyper reads it |
//! | [`upstream`] | the way to the app: pooled connections, verified |
//! | [`deploy`] | the machine: given sockets, sandbox, side door, hand-over to a new binary, `doctor` |
//! | [`report`] | what past records tell: replayed under another policy, or let through by shadow mode |
//! | [`inject`] | a Kubernetes manifest with the gate in it, by splicing |
//! | [`telemetry`] | the gate's own log, which knows nothing of requests |
//! | [`clock`] | time, injected |
//! | [`app`] | assembly: everything is read and bound, then started, changed while it runs, and drained |
//! | [`cli`] | one thin file for each command |
//!
//! # Who may import whom
//!
//! Imports point to the left, never to the right, and never in a circle; `tests/architecture.rs` reads `src/` and holds
//! this, together with who may open sockets and who may read files into structs.
//!
//! ```text
//! clock redact telemetry wire < policy audit upstream outbound identity delivery inject < limits shared watch < gate < admin edge report deploy < app < cli
//! ```

#![cfg_attr(
    test,
    allow(
        missing_docs,
        clippy::disallowed_methods,
        clippy::disallowed_macros,
        clippy::cast_possible_truncation,
        clippy::large_stack_arrays,
        clippy::format_push_string,
        reason = "tests live in real time, and their helpers explain themselves"
    )
)]

pub mod admin;
pub mod app;
pub mod audit;
pub mod cli;
pub mod clock;
pub mod delivery;
pub mod deploy;
pub mod edge;
pub mod gate;
pub mod identity;
pub mod inject;
pub mod limits;
pub mod outbound;
pub mod policy;
pub mod redact;
pub mod report;
pub mod shared;
pub mod telemetry;
pub mod upstream;
pub mod watch;
pub mod wire;
