//! The gate's own sandbox: what it may still do once it has read and bound, and before it serves. Whoever takes the gate
//! over through a hostile request finds a process that cannot start a program, read beyond its own files, or call beyond
//! the ports that the policy names.
//!
//! ```text
//! no new privileges ─ no core dumps ─ Landlock: files, TCP ports, signals ─ seccomp: system calls ─► serve
//! ```
//!
//! All of it is for life, and inherited by every thread that starts later; so it is entered before the first one starts.
//! A call that is not allowed fails with `EPERM` and does not kill: the code below us handles a fault, and a process that
//! dies of one would give whoever provokes it an off-switch for the gate.

mod calls;
mod files;

use std::fmt;
use std::net::ToSocketAddrs as _;

use rustix::process::{DumpableBehavior, Resource, Rlimit, set_dumpable_behavior, setrlimit};

use super::Needs;
use crate::policy::settings::Confinement;
use crate::telemetry::log;
pub use files::Kernel;

/// Why a gate that demands its sandbox does not start.
#[derive(Debug, thiserror::Error)]
#[error("`sandbox: required`, and {0}; use a kernel that has it, or `sandbox: best-effort`")]
pub struct SandboxFault(Lack);

/// What could not be had.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lack {
    /// `PR_SET_NO_NEW_PRIVS`.
    Privileges,
    /// `RLIMIT_CORE` or `PR_SET_DUMPABLE`.
    Dumps,
    /// Landlock.
    Files,
    /// seccomp filters.
    Calls,
}

impl fmt::Display for Lack {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Privileges => "new privileges cannot be ruled out",
            Self::Dumps => "core dumps cannot be ruled out",
            Self::Files => "the kernel has no Landlock (5.13 or later, with `landlock` among its security modules)",
            Self::Calls => "the kernel filters no system calls (seccomp)",
        })
    }
}

/// What of the sandbox holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Enforced {
    /// No program that is started may have more rights.
    pub privileges: bool,
    /// Memory, with keys in it, comes to no disk, and no process of the same user can look into it.
    pub dumps: bool,
    /// Files.
    pub files: bool,
    /// TCP ports that are called and bound.
    pub ports: bool,
    /// Signals to others.
    pub signals: bool,
    /// System calls.
    pub calls: bool,
}

/// What this kernel can do, for `doctor`.
pub fn kernel() -> Kernel {
    files::kernel()
}

/// Enters. The calling thread must be the only one: Landlock holds for it and for those that it starts.
pub fn enter(confinement: Confinement, needs: &Needs) -> Result<Enforced, SandboxFault> {
    if confinement == Confinement::Off {
        log::warn!("the sandbox is off");
        return Ok(Enforced::default());
    }
    let required = confinement == Confinement::Required;
    let hold = |held: bool, lack: Lack| if held || !required { Ok(held) } else { Err(SandboxFault(lack)) };
    // Where names are looked up through libraries, those are loaded now: later no file of the system is executable.
    let _ = ("localhost", 0).to_socket_addrs();
    let privileges = hold(rustix::thread::set_no_new_privs(true).is_ok(), Lack::Privileges)?;
    let dumps = hold(no_dumps(), Lack::Dumps)?;
    let files = files::restrict(needs);
    hold(files.files, Lack::Files)?;
    let calls = hold(calls::restrict(), Lack::Calls)?;
    let enforced =
        Enforced { privileges, dumps, files: files.files, ports: files.ports, signals: files.signals, calls };
    enforced.say(needs);
    Ok(enforced)
}

/// A limit of zero holds for what runs under the same user; the other one for handlers that ignore limits.
fn no_dumps() -> bool {
    let none = Rlimit { current: Some(0), maximum: Some(0) };
    setrlimit(Resource::Core, none).is_ok() && set_dumpable_behavior(DumpableBehavior::NotDumpable).is_ok()
}

impl Enforced {
    /// Its parts by name, and whether they are in force.
    pub const fn parts(self) -> [(&'static str, bool); 6] {
        [
            ("privileges", self.privileges),
            ("dumps", self.dumps),
            ("files", self.files),
            ("ports", self.ports),
            ("signals", self.signals),
            ("calls", self.calls),
        ]
    }

    fn say(self, needs: &Needs) {
        let word = |held: bool| if held { "enforced" } else { "not enforced" };
        let ports = if self.ports && needs.ports.is_none() { "bind only" } else { word(self.ports) };
        log::info!(
            "sandbox",
            no_new_privileges = word(self.privileges),
            no_core_dumps = word(self.dumps),
            files = word(self.files),
            tcp_ports = ports,
            signals = word(self.signals),
            system_calls = word(self.calls),
            readable = needs.read.len(),
            writable = needs.write.len(),
        );
        for path in &needs.read {
            log::debug!("the sandbox allows to read below", path = path.as_path());
        }
        for path in &needs.write {
            log::debug!("the sandbox allows to write below", path = path.as_path());
        }
    }
}
