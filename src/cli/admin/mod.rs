//! What operators do from a terminal: `status`, `quarantine`, `lock`, `unlock`, `reload`, `drain`, `log-level`. Each is one
//! call to the API of a running gate.

mod client;
mod control;
mod show;

pub use control::{Drain, Lock, LogLevelCommand, Quarantine, Reload, Unlock};
pub use show::Status;

use std::io::{self, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use serde_json::{Map, Value};

use super::format::Format;
use client::{Client, Reply};

/// How the gate is reached.
#[derive(Args, Debug)]
pub(super) struct Reach {
    /// The gate's policy, which says where operators connect
    #[arg(long, value_name = "PATH", required_unless_present = "admin", conflicts_with = "admin")]
    policy: Option<PathBuf>,
    /// Where operators connect: unix:/PATH or https://HOST:PORT
    #[arg(long, value_name = "ADDRESS")]
    admin: Option<String>,
    /// Your certificate, PEM, for https
    #[arg(long, value_name = "FILE", requires = "key")]
    certificate: Option<PathBuf>,
    /// Its private key, PEM
    #[arg(long, value_name = "FILE", requires = "certificate")]
    key: Option<PathBuf>,
    /// Authorities that the gate's certificate is held to, PEM; those of the system without it
    #[arg(long, value_name = "FILE")]
    ca: Option<PathBuf>,
    /// How to print the answer
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

impl Reach {
    /// Calls, and prints what comes. 0 if it was done, 1 if the gate says no, 2 if it could not be asked.
    fn call(&self, path: &str, body: Option<Map<String, Value>>, print: impl FnOnce(&Reply) -> String) -> ExitCode {
        let asked = Client::new(self).and_then(|client| client.call(path, body.as_ref()));
        let reply = match asked {
            Ok(reply) => reply,
            Err(complaint) => {
                // Nobody may be reading.
                let _ = writeln!(io::stderr(), "portcullis: {complaint}");
                return ExitCode::from(2);
            }
        };
        let page = match self.format {
            Format::Json => format!("{:#}\n", reply.body),
            Format::Text if reply.is_done() => print(&reply),
            Format::Text => String::new(),
        };
        if !reply.is_done() {
            let _ = writeln!(io::stderr(), "portcullis: {}", reply.complaint());
        }
        super::answer(&page, ExitCode::from(u8::from(!reply.is_done())))
    }
}

/// What came of a call, for people: what the gate says, and the record that tells of it.
fn outcome(reply: &Reply) -> String {
    format!("{} Record {}.\n", reply.text("/outcome/text"), reply.text("/record"))
}
