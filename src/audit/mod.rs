//! The audit trail: exactly one record for every end of a request or connection and for every change, in the form
//! that a SIEM reads (OCSF 1.5.0, one JSON object a line).
//!
//! ```text
//! visit ── Trail::reserve ─► Slot ── write(Event) ─► bounded queue ─► writer thread ─► one write(2) a batch ─► sinks
//!   │        (room is taken when a visit begins, so that its end always has a place)
//!   └───── Trail::decide ─► Decided ◄─ durable ─ one sync for all that wait ─ spool
//!            (awaited before an answer with personal data goes out: no record, no answer)
//! ```
//!
//! Reading order: `event` (what is recorded), `ocsf` (how it is spelt), `trail` (the handle), `writer` (the thread),
//! `vault` and `spool` (where records stay), `notary` and `proof` (what makes them evidence), `verify`.

mod author;
mod counts;
pub mod event;
mod guard;
pub mod id;
mod json;
mod keys;
mod means;
mod notary;
pub mod ocsf;
mod pending;
pub mod proof;
pub mod sinks;
pub mod spool;
pub mod trail;
mod undelivered;
mod vault;
pub mod verify;
mod writer;

pub use author::Author;
pub use counts::{TrailCounts, TrailState};
pub use event::{
    Access, AdminCall, AdminOperation, AdminOutcome, Alarm, AlarmKind, Authentication, AuthenticationStep, Behaviour,
    Blame, CallerKind, CallerRecord, Change, ConnectionEnd, ConnectionRecord, CredentialRecord, Decision, Detected,
    End, Event, Factor, HttpVersion, KillScope, KillSwitch, Lockout, LockoutSubject, Lookup, Measure, MethodWord,
    Outcome, OutcomeRow, PolicyRecord, Protocol, RouteRecord, SinkEvent, SinkMatter, Stage, Step, Subject, TlsRecord,
    Watched,
};
pub use id::RequestId;
pub use trail::{AuditFault, Bounds, Closed, Decided, Producer, Slot, Trail};
pub use undelivered::Undelivered;
