//! A running gate, an app behind it and clients before it: what the tests from outside are made of.
//!
//! ```ignore
//! let app = Upstream::start(answer("hello"));
//! let gate = Gate::start(&Policy::new(&app));
//! let answer = gate.connect().ask("GET /open HTTP/1.1\r\nHost: localhost\r\n\r\n");
//! assert_eq!(answer.status, 200);
//! let record = gate.only_record();
//! assert_eq!(record.code(), "allowed");
//! ```
//!
//! Nothing here sleeps to let time pass: every wait is for an outcome, and ends the test if none comes.
#![allow(dead_code, unused_imports, reason = "not every test file needs every tool")]

pub mod between;
pub mod client;
pub mod credentials;
pub mod elastic;
pub mod flow;
pub mod frames;
pub mod gate;
pub mod hec;
pub mod http2;
pub mod https;
pub mod pki;
pub mod policy;
pub mod redis;
pub mod refusal;
pub mod rsyslog;
pub mod siem;
pub mod token_attacks;
pub mod upstream;
pub mod upstream_http2;

use std::time::{Duration, Instant};

pub use client::{Answer, Client};
pub use credentials::{Key, Person, token};
pub use gate::{Gate, Record};
pub use policy::Policy;
pub use refusal::{assert_all_refused, assert_refused};
pub use upstream::{Latch, Request, Then, Upstream, answer};

/// How long an outcome may take before the test fails: far more than any takes on a busy machine.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// Waits for `outcome`, looking often; panics with `what` if it does not come.
pub fn wait_for<T>(what: &str, mut outcome: impl FnMut() -> Option<T>) -> T {
    const LOOKS: u32 = 1000;
    // A machine that stood still for a while has not been patient: there must have been so many looks as well.
    // What goes through several time-outs of a sink takes as long as these.
    let (until, mut looks) = (Instant::now() + 3 * PATIENCE, 0);
    loop {
        if let Some(found) = outcome() {
            return found;
        }
        looks += 1;
        assert!(looks < LOOKS || Instant::now() < until, "did not happen: {what}");
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// Whether an external tool is there. Where it must be (`PORTCULLIS_REQUIRE_SERVICES=1`), its absence is a failure;
/// elsewhere the test says loudly that it is skipped.
pub fn has_tool(tool: &str) -> bool {
    has_program(tool, &["--version"])
}

/// The same of a program that says so when it is called with these arguments.
pub fn has_program(tool: &str, arguments: &[&str]) -> bool {
    let mut command = std::process::Command::new(tool);
    command.args(arguments).stdout(std::process::Stdio::null()).stderr(std::process::Stdio::null());
    is_there(tool, command.status().is_ok())
}

/// The same of anything that was found or not.
pub fn is_there(what: &str, found: bool) -> bool {
    let required = std::env::var_os("PORTCULLIS_REQUIRE_SERVICES").is_some_and(|value| value == "1");
    assert!(found || !required, "{what} is required and not there");
    if !found {
        eprintln!("SKIPPED: {what} is not installed");
    }
    found
}
