//! Checkpoints: when they are due, and where they are held besides the trail itself.

use std::fs;
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use super::proof::{Chain, CheckpointSigner};
use crate::clock::Ticks;
use crate::telemetry::log;

/// Records after which a checkpoint is due.
const RECORDS: u64 = 1_000;
/// Time after which one is due if there were records.
const PERIOD: Duration = Duration::from_secs(10);
/// Time after which one is due in any case: who follows the chain sees that it lives.
const HEARTBEAT: Duration = Duration::from_secs(60);
/// Checkpoints that wait for a slow anchor; the next ones cover what is dropped.
const ANCHOR_QUEUE: usize = 64;

/// Signs the chain's head from time to time.
pub struct Notary {
    signer: CheckpointSigner,
    anchor: Option<Anchor>,
    /// Size of the tree at the last checkpoint, its own record included.
    size: u64,
    at: Ticks,
}

/// A thread that puts checkpoints into a directory: it may be far away, and hang.
struct Anchor {
    notes: Option<SyncSender<(u64, String)>>,
    thread: Option<JoinHandle<()>>,
}

impl Notary {
    /// Signs with `signer`, and keeps each checkpoint as a file of its own in `anchor`.
    pub fn new(signer: CheckpointSigner, anchor: Option<&Path>, now: Ticks) -> io::Result<Self> {
        let anchor = anchor.map(|directory| Anchor::open(directory, signer.origin().log_name())).transpose()?;
        Ok(Self { signer, anchor, size: 0, at: now })
    }

    /// Whether a checkpoint is due for the chain.
    pub fn is_due(&self, chain: &Chain, now: Ticks) -> bool {
        let waited = now.since(self.at);
        let records = chain.size().saturating_sub(self.size);
        let micros = |duration: Duration| u64::try_from(duration.as_micros()).unwrap_or(u64::MAX);
        records >= RECORDS || (records > 0 && waited >= micros(PERIOD)) || waited >= micros(HEARTBEAT)
    }

    /// What signs.
    pub const fn signer(&self) -> &CheckpointSigner {
        &self.signer
    }

    /// Keeps a checkpoint of this size in the anchor.
    pub fn keep(&self, size: u64, note: &str) {
        if let Some(notes) = self.anchor.as_ref().and_then(|anchor| anchor.notes.as_ref())
            && notes.try_send((size, note.to_owned())).is_err()
        {
            log::error!("an anchor does not keep up; a checkpoint is left out there", size = size);
        }
    }

    /// Takes note of when the last one was made; `chain` has its record.
    pub fn made(&mut self, chain: &Chain, now: Ticks) {
        (self.size, self.at) = (chain.size(), now);
    }
}

impl Drop for Anchor {
    fn drop(&mut self) {
        // The thread ends once it has written all that waits.
        self.notes = None;
        if let Some(thread) = self.thread.take() {
            // It has said what went wrong.
            let _ = thread.join();
        }
    }
}

impl Anchor {
    fn open(directory: &Path, log_name: &str) -> io::Result<Self> {
        match fs::DirBuilder::new().mode(0o750).create(directory) {
            Err(fault) if fault.kind() != io::ErrorKind::AlreadyExists => return Err(fault),
            _ => {}
        }
        let directory = directory.to_owned();
        let name = log_name.replace('/', "_");
        let (sender, receiver) = sync_channel::<(u64, String)>(ANCHOR_QUEUE);
        let write = move || {
            let mut failed = false;
            for (size, note) in receiver {
                let done = put(&directory.join(format!("{name}-{size:020}.note")), &note);
                match &done {
                    Err(fault) if !failed => log::error!("an anchor cannot be written to", fault = fault),
                    Ok(()) if failed => log::info!("an anchor works again"),
                    _ => {}
                }
                failed = done.is_err();
            }
        };
        let thread = thread::Builder::new().name("anchor".into()).spawn(write)?;
        Ok(Self { notes: Some(sender), thread: Some(thread) })
    }
}

/// Creates the file, never writes over one: an anchor may be a place where nobody can.
fn put(path: &PathBuf, note: &str) -> io::Result<()> {
    let mut file = match fs::OpenOptions::new().write(true).create_new(true).mode(0o640).open(path) {
        // The same chain at the same size has the same root and, Ed25519 being what it is, the same note.
        Err(fault) if fault.kind() == io::ErrorKind::AlreadyExists => return Ok(()),
        other => other?,
    };
    file.write_all(note.as_bytes())?;
    file.sync_all()
}
