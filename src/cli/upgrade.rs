//! `portcullis upgrade`: a new binary in the place of a running one.

use std::io::Read as _;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitCode, Stdio};
use std::time::Duration;

use clap::Args;

use super::files::say;
use crate::deploy::{TOLD, runs};
use crate::policy::{LoadOptions, load};
use crate::telemetry::{LogFormat, LogLevel};

/// Longer than a gate waits for its successor.
const PATIENCE: Duration = Duration::from_secs(90);

/// Start a new gate that takes the sockets over from the running one, which drains and ends.
///
/// No connection is refused meanwhile. If the new gate does not get ready, the old one goes on. The policy must have
/// `gate.handover`; the user must be the gate's, or root.
#[derive(Args, Debug)]
pub struct Upgrade {
    /// The policy of the running gate and of the new one
    #[arg(long, value_name = "PATH")]
    policy: PathBuf,
    /// The new binary; this one by default
    #[arg(long, value_name = "FILE")]
    binary: Option<PathBuf>,
    /// Do nothing if the running gate has this binary already
    #[arg(long)]
    if_changed: bool,
    /// How much the new gate says of itself on standard error
    #[arg(long, value_enum, default_value = "info")]
    log_level: LogLevel,
    /// In which form
    #[arg(long, value_enum, default_value = "text")]
    log_format: LogFormat,
}

impl Upgrade {
    /// 0 once the new gate serves, or nothing had to be done; 1 if the old one goes on; 2 without a policy.
    pub fn run(self) -> ExitCode {
        let loaded = match load(&self.policy, &LoadOptions::check()) {
            Ok(loaded) => loaded,
            Err(faults) => {
                eprintln!("{}", faults.render(false));
                return if faults.is_unreadable() { ExitCode::from(2) } else { ExitCode::FAILURE };
            }
        };
        let done = match &loaded.policy.gate.handover {
            Some(socket) => self.upgrade(socket),
            None => Err("the policy has no `gate.handover`: a gate without it is upgraded by a restart".to_owned()),
        };
        let text = match done {
            Ok(text) => text,
            Err(fault) => {
                eprintln!("portcullis: {fault}");
                return ExitCode::FAILURE;
            }
        };
        match say(&text) {
            Ok(()) => ExitCode::SUCCESS,
            Err(_) => ExitCode::FAILURE,
        }
    }

    fn upgrade(&self, socket: &Path) -> Result<String, String> {
        let binary = match &self.binary {
            Some(binary) => binary.clone(),
            None => std::env::current_exe().map_err(|fault| format!("this binary cannot be found: {fault}"))?,
        };
        if self.if_changed && runs(socket, &binary).map_err(|fault| fault.to_string())? {
            return Ok("the running gate has this binary already".to_owned());
        }
        let (mut told, tells) = UnixStream::pair().map_err(|fault| fault.to_string())?;
        let mut child = self
            .start(&binary, socket, tells)
            .map_err(|fault| format!("{} cannot be started: {fault}; the old gate goes on", binary.display()))?;
        let mut word = vec![0; TOLD.len()];
        let ready = told.set_read_timeout(Some(PATIENCE)).and_then(|()| told.read_exact(&mut word));
        if ready.is_ok() && word == TOLD {
            return Ok(format!("process {} serves; the old gate drains", child.id()));
        }
        // What it could not do stands on its standard error.
        let _ = child.kill();
        let status = child.wait().map_or_else(|fault| fault.to_string(), |status| status.to_string());
        Err(format!("the new gate did not get ready ({status}); the old one goes on"))
    }

    fn start(&self, binary: &Path, socket: &Path, tells: UnixStream) -> std::io::Result<Child> {
        Command::new(binary)
            .args(["run".as_ref(), "--policy".as_ref(), self.policy.as_os_str()])
            .args(["--take-over".as_ref(), socket.as_os_str()])
            .args(["--log-level", self.log_level.word(), "--log-format", self.log_format.word()])
            .stdin(Stdio::from(OwnedFd::from(tells)))
            // It takes over the old gate's; standard error as well, once it serves.
            .stdout(Stdio::null())
            // Of its own, so that what is typed at this command's terminal does not end the gate.
            .process_group(0)
            .spawn()
    }
}
