//! Who may not go on as before: sanctions that rules and operators impose, and what leads to them.
//!
//! ```text
//! refusals that tell of misuse ──► lockout ──┐
//! detectors, canaries ──► alarm rules ───────┼──► Sanctions ──► judged on a request's way, and of open streams
//! operators ─────────────────────────────────┘        └──────► audit, state file
//! ```
//!
//! All of it is shared by the workers and outlives a policy. Where nothing is imposed, a request pays for one load of an
//! atomic number.

mod act;
pub mod alarms;
mod board;
mod book;
mod brief;
pub mod canary;
pub mod detect;
mod entry;
mod failures;
mod kept;
pub mod key;
mod lens;
mod lockout;
mod lookout;
mod memory;
mod past;
mod replicas;
mod respond;
mod sanction;
pub mod state;
mod subject;
mod told;

pub use act::Culprit;
pub use board::{Counts, OpenAlarm};
pub use book::{Imposed, MAX_ADDRESSES, MAX_CALLERS, Sanctions};
pub use brief::Brief;
pub use failures::{Failing, Offender};
pub use lens::{Lens, specs};
pub use lookout::{Lookout, Means, Memory, Sighting};
pub use past::PastFailures;
pub use replicas::Edit;
pub use respond::{Who, behaviour};
pub use sanction::{Author, Held, How, Imposition, Judgement, Kind, Sanction, Sort};
pub use subject::{AddressKey, CallerKey, Keys, Shown, Subject, Whom};
pub use told::state_lost;

use std::net::IpAddr;

use crate::identity::Identity;
use crate::redact::Name;

/// What of a request is judged.
#[derive(Clone, Copy)]
pub struct Asked<'a> {
    /// The caller, if its credential was verified.
    pub caller: Option<&'a Identity>,
    /// Whether it shows a credential that was not looked at yet: what spares callers that prove themselves waits.
    pub presents: bool,
    /// The client's address.
    pub address: IpAddr,
    /// The role that would let the request through.
    pub role: Option<&'a Name>,
    /// The route that was found.
    pub route: Option<&'a Name>,
    /// When it was asked, in Unix seconds: a second factor is judged by it.
    pub wall: u64,
}
