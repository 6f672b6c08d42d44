//! Where records stay: room, inodes, the kind of file system, how fast it makes things durable.

use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::path::Path;
use std::time::{Duration, Instant};

use super::Finding;
use crate::policy::Policy;
use crate::policy::settings::{AuditSettings, SinkSettings};

const CHECK: &str = "disk";
/// Below a twentieth the spool warns and soon closes routes.
const LEAST_PART: u64 = 20;
/// Half a gigabyte: a day of a small gate.
const LEAST_BYTES: u64 = 512 << 20;
/// Files: a segment is five of them, one an hour.
const LEAST_FILES: u64 = 10_000;
/// File systems in memory (statfs(2)): records are gone with the machine.
const MEMORY: &[i64] = &[0x0102_1994, 0x8584_58f6];
/// Those of other machines: what is durable there, and who holds a lock, is a matter of their settings.
const REMOTE: &[i64] = &[0x6969, 0x517b, 0xff53_4d42_u32 as i64, 0x6573_5546];
/// Writes that are measured.
const SAMPLES: usize = 16;
/// A record is durable before the answer goes out: this is added to every answer with personal data.
const SLOW: Duration = Duration::from_millis(20);

pub(super) fn look(policy: &Policy) -> Vec<Finding> {
    let AuditSettings::On(trail) = &policy.audit else {
        return vec![Finding::wrong(CHECK, "`audit: off` keeps no records", "keep them in a spool or a file")];
    };
    let mut findings = Vec::new();
    if let Some(spool) = &trail.spool {
        findings.extend(directory(&spool.path, true));
    }
    for sink in &trail.sinks {
        if let SinkSettings::File(path) | SinkSettings::Rotated(path, _) = sink
            && let Some(parent) = path.parent()
            && (fs::metadata(path).is_err() || fs::metadata(path).is_ok_and(|found| found.is_file()))
        {
            findings.extend(directory(parent, false));
        }
    }
    findings
}

/// The directory, or the nearest one above it that is there.
fn directory(path: &Path, durable: bool) -> Vec<Finding> {
    // The directory of a bare file name is the current one.
    let path = if path.as_os_str().is_empty() { Path::new(".") } else { path };
    let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let Some(found) = path.ancestors().find(|path| path.is_dir()) else {
        return vec![Finding::wrong(
            CHECK,
            format!("{} cannot be made", path.display()),
            "make it, for the gate's user",
        )];
    };
    let mut findings = room(found);
    if durable {
        findings.extend(kind(found));
    }
    match speed(found) {
        Err(fault) => {
            let what = format!("{} cannot be written to: {}", found.display(), fault.kind());
            findings.push(Finding::wrong(CHECK, what, "give the directory to the gate's user"));
        }
        Ok(each) if durable && each > SLOW => {
            let what = format!("{} takes {} ms to make a record durable", found.display(), each.as_millis());
            findings.push(Finding::wrong(
                CHECK,
                what,
                "use a faster volume, or `commit: batched` where records may be",
            ));
        }
        Ok(each) if findings.is_empty() => {
            let how = if durable { format!(", and durable in {} us", each.as_micros()) } else { String::new() };
            findings.push(Finding::well(CHECK, format!("{} has room and is writable{how}", found.display())));
        }
        Ok(_) => {}
    }
    findings
}

fn room(path: &Path) -> Vec<Finding> {
    let Ok(found) = rustix::fs::statvfs(path) else {
        return vec![Finding::unknown(
            CHECK,
            format!("{} does not tell how full it is", path.display()),
            "look yourself",
        )];
    };
    let (free, total) = (found.f_bavail * found.f_frsize, found.f_blocks * found.f_frsize);
    let mut findings = Vec::new();
    if free < LEAST_BYTES || free < total / LEAST_PART {
        let what = format!("{} has {} MiB left of {}", path.display(), free >> 20, total >> 20);
        findings.push(Finding::wrong(
            CHECK,
            what,
            "make room, or shorten `audit.spool.retention` as far as LOG-4 allows",
        ));
    }
    // Some file systems make them as they are needed, and say 0.
    if found.f_files > 0 && found.f_favail < LEAST_FILES {
        let what = format!("{} has room for {} more files", path.display(), found.f_favail);
        findings.push(Finding::wrong(CHECK, what, "remove files, or make a file system with more inodes"));
    }
    findings
}

fn kind(path: &Path) -> Option<Finding> {
    let found = rustix::fs::statfs(path).ok()?.f_type;
    if MEMORY.contains(&found) {
        let what = format!("{} lies in memory: records are gone with the machine", path.display());
        return Some(Finding::wrong(CHECK, what, "put `audit.spool.path` on a disk or a persistent volume"));
    }
    REMOTE.contains(&found).then(|| {
        let what = format!("{} lies on another machine", path.display());
        Finding::unknown(CHECK, what, "see to it that it is durable and locks hold; a local disk is better")
    })
}

/// The median time that a small write takes to be durable.
#[expect(clippy::disallowed_methods, reason = "a disk is measured in real time")]
fn speed(directory: &Path) -> std::io::Result<Duration> {
    let path = directory.join(format!(".portcullis-doctor-{}", std::process::id()));
    let mut file = OpenOptions::new().write(true).create_new(true).open(&path)?;
    let measured: std::io::Result<Vec<Duration>> = (0..SAMPLES)
        .map(|_| {
            let began = Instant::now();
            file.write_all(&[0; 4096])?;
            file.sync_data()?;
            Ok(began.elapsed())
        })
        .collect();
    fs::remove_file(&path)?;
    let mut times = measured?;
    times.sort_unstable();
    Ok(times[SAMPLES / 2])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::deploy::doctor::State;

    #[test]
    fn memory_is_no_place_for_records() {
        let shm = Path::new("/dev/shm");
        if shm.is_dir() {
            assert_eq!(kind(shm).map(|finding| finding.state), Some(State::Wrong));
        }
    }

    #[test]
    fn a_bare_file_name_has_the_current_directory() {
        let found = directory(Path::new(""), false);
        // How much room there is, is the machine's own business.
        assert!(!found.is_empty() && found.iter().all(|finding| !finding.what.contains("cannot be made")), "{found:?}");
    }

    #[test]
    fn nothing_is_left_behind_by_the_measurement() {
        let directory = tempfile::tempdir().expect("a directory");
        assert!(speed(directory.path()).is_ok());
        assert_eq!(fs::read_dir(directory.path()).expect("listed").count(), 0);
        let missing = super::directory(&directory.path().join("a/b"), false);
        assert!(missing.iter().all(|finding| finding.state != State::Unknown), "{missing:?}");
    }
}
