//! What was learned, over a restart: one file beside the trail's segments, replaced in one step. It holds keyed hashes and
//! numbers, and a digest over all of it; a file that does not fit is set aside, and learning begins anew.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use aws_lc_rs::digest::{SHA256, digest};

use super::brief::Brief;
use super::detect::Detectors;
use super::detect::store::MOST_BYTES;
use crate::clock::Moment;
use crate::redact::Redacted;
use crate::telemetry::log;

/// Bytes of the digest at the end.
const DIGEST: usize = 32;
/// Bytes that tell under which key the file was made.
const CHECK: usize = 8;

/// Takes up what a file holds; says what was learned, or that it is learned anew.
pub(super) fn restore(path: &Path, brief: &Brief, detectors: &mut Detectors, now: Moment) {
    if !brief.lens.is_lasting() {
        log::warn!("what is usual is learned anew after each start: there is no redaction.key to know callers by");
        return;
    }
    match read(path) {
        Ok(None) => log::info!("detectors begin to learn what is usual"),
        Ok(Some(bytes)) => match whole(&bytes, brief.lens.check()) {
            Ok(body) => match detectors.decode(body, now) {
                Ok(keys) => log::info!("detectors go on with what they learned", keys = keys),
                Err(_) => set_aside(path, "it is of another version, or damaged"),
            },
            Err(why) => set_aside(path, why),
        },
        Err(fault) => {
            log::error!("what detectors learned cannot be read; it is learned anew", file = path, reason = &fault);
        }
    }
}

fn set_aside(path: &Path, why: &'static str) {
    log::error!(
        "what detectors learned is of no use; it is learned anew",
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

/// Writes what was learned.
pub(super) fn save(path: &Path, brief: &Brief, detectors: &Detectors) {
    let mut bytes = brief.lens.check().to_le_bytes().to_vec();
    bytes.extend(detectors.encode());
    let sum = digest(&SHA256, &bytes);
    bytes.extend_from_slice(sum.as_ref());
    if let Err(fault) = write(path, &bytes) {
        log::error!("what detectors learned could not be written", file = path, reason = &fault);
    }
}

fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let new = path.with_extension("new");
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&new)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&new, path)?;
    if let Some(directory) = path.parent() {
        File::open(directory)?.sync_all()?;
    }
    Ok(())
}
