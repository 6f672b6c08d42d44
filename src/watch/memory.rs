//! What was learned, over a restart: one file beside the trail's segments, replaced in one step. It holds keyed hashes and
//! numbers, and a digest over all of it; a file that does not fit is set aside, and learning begins anew.

use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::thread::{self, JoinHandle};

use aws_lc_rs::digest::{SHA256, digest};

use super::brief::Brief;
use super::detect::Detectors;
use super::detect::store::MOST_BYTES;
use super::state;
use crate::clock::Moment;
use crate::redact::Redacted;
use crate::telemetry::log;

/// Bytes of the digest at the end.
const DIGEST: usize = 32;
/// Bytes that tell under which key the file was made.
const CHECK: usize = 8;

/// Takes up what a file holds; says what was learned, or that it is learned anew. `false` if there was a file, and what
/// it holds is lost.
pub(super) fn restore(path: &Path, brief: &Brief, detectors: &mut Detectors, now: Moment) -> bool {
    if !brief.lens.is_lasting() {
        log::warn!("what is usual is learned anew after each start: there is no redaction.key to know callers by");
        return true;
    }
    match read(path) {
        Ok(None) => {
            log::info!("detectors begin to learn what is usual");
            return true;
        }
        Ok(Some(bytes)) => match whole(&bytes, brief.lens.check()) {
            Ok(body) => match detectors.decode(body, now) {
                Ok(keys) => {
                    log::info!("detectors go on with what they learned", keys = keys);
                    return true;
                }
                Err(_) => set_aside(path, "it is of another version, or damaged"),
            },
            Err(why) => set_aside(path, why),
        },
        Err(fault) => {
            log::error!("what detectors learned cannot be read; it is learned anew", file = path, reason = &fault);
        }
    }
    false
}

/// Puts a file that is of no use out of the way, for somebody to look at.
pub(super) fn set_aside(path: &Path, why: &'static str) {
    log::error!(
        "what detectors knew before the start is of no use; they begin anew",
        file = path,
        reason = &Redacted::literal(why)
    );
    if fs::rename(path, path.with_extension("broken")).is_err() {
        log::error!("the file could not be set aside", file = path);
    }
}

fn read(path: &Path) -> io::Result<Option<Vec<u8>>> {
    let file = match File::open(path) {
        Err(fault) if fault.kind() == io::ErrorKind::NotFound => return Ok(None),
        file => file?,
    };
    let mut bytes = Vec::new();
    file.take(MOST_BYTES + 1).read_to_end(&mut bytes)?;
    Ok(Some(bytes))
}

fn whole(bytes: &[u8], check: u64) -> Result<&[u8], &'static str> {
    let (content, sum) = bytes.split_at_checked(bytes.len().saturating_sub(DIGEST)).ok_or("it is too short")?;
    if digest(&SHA256, content).as_ref() != sum {
        return Err("it is not whole, or was changed");
    }
    let (key, body) = content.split_at_checked(CHECK).ok_or("it is too short")?;
    if key == check.to_le_bytes() { Ok(body) } else { Err("it was made under another key") }
}

/// Where what detectors know is kept over a restart.
pub struct Memory {
    /// What was learned.
    pub learned: PathBuf,
    /// Alarms.
    pub alarms: PathBuf,
    /// Whether this process still keeps them: a successor has read them, and keeps them from then on.
    pub is_ours: Box<dyn Fn() -> bool + Send>,
}

/// Writes them, on a thread that ends with each file: a disk that does not answer holds up no detector.
pub(super) struct Archive {
    pub memory: Memory,
    writer: Option<JoinHandle<()>>,
}

impl Archive {
    pub(super) const fn new(memory: Memory) -> Self {
        Self { memory, writer: None }
    }

    /// Whether the last file is written.
    pub(super) fn is_idle(&self) -> bool {
        self.writer.as_ref().is_none_or(JoinHandle::is_finished)
    }

    /// Puts a file into the place of the old one.
    pub(super) fn put(&mut self, path: PathBuf, bytes: Vec<u8>) {
        self.wait();
        if !(self.memory.is_ours)() {
            return;
        }
        let write = move || {
            if let Err(fault) = state::write(&path, &bytes) {
                log::error!("what detectors know could not be written", file = &*path, reason = &fault);
            }
        };
        match thread::Builder::new().name("archive".to_owned()).spawn(write) {
            Ok(writer) => self.writer = Some(writer),
            Err(fault) => log::error!("what detectors know could not be written", reason = &fault),
        }
    }

    /// Waits until the last file is written.
    pub(super) fn wait(&mut self) {
        if let Some(writer) = self.writer.take() {
            // A thread that panicked has said so.
            let _ = writer.join();
        }
    }
}

/// What the file is to hold.
pub(super) fn content(brief: &Brief, detectors: &Detectors) -> Vec<u8> {
    let mut bytes = brief.lens.check().to_le_bytes().to_vec();
    bytes.extend(detectors.encode());
    let sum = digest(&SHA256, &bytes);
    bytes.extend_from_slice(sum.as_ref());
    bytes
}
