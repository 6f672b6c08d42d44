//! The gate on its machine: sandbox, side door, sockets that are given and handed over, `doctor`.

mod doctor;
mod handover;
mod kept;
mod package;
mod sandbox;
mod side_door;
mod systemd;

use std::process::Command;

use crate::support::{Gate, wait_for};

/// Alarms so far with this code.
fn alarms(gate: &Gate, code: &str) -> usize {
    gate.trail().matches(&format!("\"event_code\":\"{code}\"")).count()
}

/// `portcullis` with arguments, in a gate's directory.
fn beside(gate: &Gate, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_portcullis"));
    command.args(arguments).current_dir(gate.directory()).env("NO_COLOR", "1");
    command
}

/// What `/proc/<id>/status` says under a name.
fn status(process: u32, name: &str) -> String {
    let text = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
    line.unwrap_or_default().trim().to_owned()
}

/// A process that is not a child of this test; killed when dropped.
struct Stray(u32);

impl Stray {
    fn pid(&self) -> rustix::process::Pid {
        i32::try_from(self.0).ok().and_then(rustix::process::Pid::from_raw).expect("a process id")
    }

    fn signal(&self, signal: rustix::process::Signal) {
        rustix::process::kill_process(self.pid(), signal).expect("a signal");
    }

    /// Waits until it is gone; one that ended and that nobody has asked about is a zombie of whoever adopted it.
    fn wait(&self) {
        wait_for("the process ends", || {
            let state = status(self.0, "State");
            (state.is_empty() || state.starts_with('Z')).then_some(())
        });
    }
}

impl Drop for Stray {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = rustix::process::kill_process(self.pid(), rustix::process::Signal::KILL);
    }
}
