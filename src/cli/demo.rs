//! `portcullis demo`: a sample app, the gate in front of it and a file of records, in one process and one terminal.
//!
//! Nothing is staged: the keys are made now, the calls go over TLS through the same gate that `run` starts, and what is
//! said about the records is looked up in the file that the gate wrote.

mod client;
mod home;
mod record;
mod seller;
mod show;

use std::net::{Ipv4Addr, SocketAddr};
use std::process::ExitCode;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use clap::Args;
use tokio::signal::unix::{SignalKind, signal};

use super::files::say;
use crate::app::{App, AppFault, Stopper};
use crate::clock::Clock;
use crate::policy::{LoadOptions, load};
use crate::telemetry::{self, LogFormat, LogLevel};
use client::Client;
use home::Home;
use record::Follower;
use seller::Seller;

/// How often the file of records is looked at.
const LOOK: Duration = Duration::from_millis(20);

/// Show the gate at work: a sample app, calls through the gate, and the record of each.
///
/// Makes keys and a policy in a private directory, starts a sample app and the gate, shows an allowed call, a refused
/// one and one with personal data in its URL, then stays up and shows records as they come, until Ctrl-C.
#[derive(Args, Debug)]
pub struct Demo {
    /// Where the gate listens, on this machine; a free port by default
    #[arg(long, value_name = "ADDRESS", default_value_t = SocketAddr::new(Ipv4Addr::LOCALHOST.into(), 0),
          hide_default_value = true, value_parser = loopback)]
    listen: SocketAddr,
    /// Run through once, check everything that is shown, and end: 1 if anything is not as claimed
    #[arg(long)]
    once: bool,
}

/// A sentence for standard error.
type Complaint = String;

impl Demo {
    /// Runs the demo. 0 if everything was as claimed, 1 if not or if it could not start.
    pub fn run(self) -> ExitCode {
        // Its own log would stand between the lines that are to be read.
        telemetry::init(LogLevel::Warn, LogFormat::Text);
        telemetry::install_panic_hook();
        match self.play() {
            Ok(()) => ExitCode::SUCCESS,
            Err(complaint) => {
                eprintln!("portcullis: {complaint}");
                ExitCode::FAILURE
            }
        }
    }

    fn play(&self) -> Result<(), Complaint> {
        let seller = Seller::start().map_err(|error| format!("the sample app did not start: {error}"))?;
        let home = Home::make(self.listen, seller.address())?;
        let gate = RunningGate::start(&home)?;
        let client = Client::new(home.pki(), gate.address)?;
        let mut records = Follower::open(&home.records()).map_err(|error| error.to_string())?;

        show::opening(&home, &gate.address, seller.address())?;
        show::calls(&home, &client, &mut records, &seller)?;
        if !self.once {
            show::things_to_try(&home, &gate.address)?;
            while gate.is_up() {
                match records.next().map_err(|error| error.to_string())? {
                    // The trail's own bookkeeping, and the first of two records, would stand between the calls.
                    Some(record) if record.is_aside() => {}
                    Some(record) => say(&record.line()).map_err(|fault| fault.to_string())?,
                    None => thread::sleep(LOOK),
                }
            }
        }
        gate.stop()?;
        // What the gate writes last is held to the same.
        show::search(&home).map(drop)
    }
}

/// The gate on a thread of its own. Dropped, it is stopped.
struct RunningGate {
    address: SocketAddr,
    stopper: Stopper,
    thread: Option<JoinHandle<Result<(), AppFault>>>,
}

impl RunningGate {
    fn start(home: &Home) -> Result<Self, Complaint> {
        let loaded = load(&home.policy(), &LoadOptions::run()).map_err(|faults| faults.render(false))?;
        let app = App::prepare(loaded.policy, Clock::system()).map_err(|fault| fault.to_string())?;
        let address = app.address().map_err(|error| error.to_string())?;
        let stopper = app.stopper();
        stop_at_hangup(stopper.clone())?;
        let thread = thread::Builder::new().name("gate".to_owned()).spawn(move || app.run());
        Ok(Self { address, stopper, thread: Some(thread.map_err(|error| error.to_string())?) })
    }

    /// Whether it serves; it stops by itself on Ctrl-C and SIGTERM.
    fn is_up(&self) -> bool {
        self.thread.as_ref().is_some_and(|thread| !thread.is_finished())
    }

    fn stop(mut self) -> Result<(), Complaint> {
        self.stopper.stop();
        match self.thread.take().map(JoinHandle::join) {
            Some(Ok(Ok(()))) | None => Ok(()),
            Some(Ok(Err(fault))) => Err(fault.to_string()),
            Some(Err(_)) => Err("the gate stopped by an internal fault".to_owned()),
        }
    }
}

impl Drop for RunningGate {
    fn drop(&mut self) {
        self.stopper.stop();
        if let Some(thread) = self.thread.take() {
            // Its directory is removed next, so it must be gone; how it ended is no matter any more.
            let _ = thread.join();
        }
    }
}

/// Who closes the terminal does not want the keys to stay behind.
fn stop_at_hangup(stopper: Stopper) -> Result<(), Complaint> {
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_io().build().map_err(|error| error.to_string())?;
    let mut hangup = {
        let _inside = runtime.enter();
        signal(SignalKind::hangup()).map_err(|error| error.to_string())?
    };
    let wait = move || {
        runtime.block_on(hangup.recv());
        stopper.stop();
    };
    thread::Builder::new().name("hangup".to_owned()).spawn(wait).map(drop).map_err(|error| error.to_string())
}

fn loopback(text: &str) -> Result<SocketAddr, String> {
    let address: SocketAddr = text.parse().map_err(|_| "give an address and a port, such as 127.0.0.1:8443")?;
    if address.ip().is_loopback() { Ok(address) } else { Err("the demo's keys are for this machine alone".to_owned()) }
}
