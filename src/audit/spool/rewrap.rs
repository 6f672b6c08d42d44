//! Another wrapping key: data keys are wrapped anew in a file beside their segment; what is sealed is not touched.

use std::io;
use std::path::Path;

use super::SpoolFault;
use super::disk::{self, Disk as _, RealDisk};
use super::header::{Header, MOST_BYTES, SegmentName};
use super::key::WrappingKey;
use super::read::chains;

/// What a rotation did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rewrapped {
    /// Segments that the new key opens from now on.
    pub rewrapped: u64,
    /// Segments that it opened before.
    pub already: u64,
    /// Segments that neither key opens.
    pub foreign: u64,
}

/// Lets `new` open every segment below `path` that `old` opens. Safe beside a running gate and as often as one likes.
pub fn rewrap(path: &Path, old: &WrappingKey, new: &WrappingKey) -> Result<Rewrapped, SpoolFault> {
    let mut done = Rewrapped::default();
    for directory in chains(path)? {
        for (file, _) in RealDisk.list(&directory).map_err(SpoolFault::disk(&directory))? {
            let Some((name, "seg" | "open")) = SegmentName::parse(&file) else { continue };
            let at = directory.join(&file);
            let bytes = match disk::read(&RealDisk, &at, 0, MOST_BYTES as u64) {
                // Sealed or removed meanwhile: under its new name it is found by the next run.
                Err(fault) if fault.kind() == io::ErrorKind::NotFound => continue,
                other => other.map_err(SpoolFault::disk(&at))?,
            };
            let Some((header, _)) = Header::parse(&bytes) else {
                done.foreign += 1;
                continue;
            };
            let beside = directory.join(name.file("dek"));
            let sidecar = disk::read(&RealDisk, &beside, 0, 1024).ok().and_then(|bytes| String::from_utf8(bytes).ok());
            if header.open(new, sidecar.as_deref()).is_some() {
                done.already += 1;
            } else if let Some(text) = header.rewrap(old, new, sidecar.as_deref()) {
                disk::put(&RealDisk, &beside, text.as_bytes()).map_err(SpoolFault::disk(&beside))?;
                done.rewrapped += 1;
            } else {
                done.foreign += 1;
            }
        }
        RealDisk.sync_directory(&directory).map_err(SpoolFault::disk(&directory))?;
    }
    Ok(done)
}
