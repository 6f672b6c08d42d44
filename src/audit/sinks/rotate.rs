//! When a file of records ends and the next one begins. The old one is renamed, never copied, so that no record is ever
//! in two files or in none, and its name is never given to another file.

use std::fs::{self, File};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use jiff::Timestamp;

use crate::clock::UnixMillis;
use crate::policy::settings::RotateSettings;
use crate::telemetry::log;

/// Tries to find a name that nobody has: more files than that do not end in one millisecond.
const MOST_NAMES: u32 = 1000;
/// Milliseconds in UTC, as names have them: `20260502T081500.123Z`.
const STAMP: &str = "%Y%m%dT%H%M%S%.3fZ";
/// Length of such a text.
const STAMP_BYTES: usize = 20;

/// Whether a file of so many bytes, begun at `born`, ends before so many more are written.
pub fn is_due(settings: &RotateSettings, bytes: u64, more: usize, born: UnixMillis, now: UnixMillis) -> bool {
    let full = settings.size.is_some_and(|most| bytes + more as u64 > most);
    let age = u128::from(now.0.saturating_sub(born.0));
    let old = settings.age.is_some_and(|most| age >= most.as_millis());
    // An empty file is not ended, however small the bound or old the file.
    bytes > 0 && (full || old)
}

/// Gives the file a name of its own, `<stem>-<time>-<number>.<ending>`, which sorts as time does, and takes away the oldest
/// of more than `keep`. Gives that name.
pub fn rotate(path: &Path, settings: &RotateSettings, now: UnixMillis) -> io::Result<PathBuf> {
    let stamp = stamp(now);
    for number in 0..MOST_NAMES {
        let name = rotated(path, &format!("{stamp}-{number:03}"));
        match rename(path, &name) {
            Ok(()) => {
                File::open(directory(path))?.sync_all()?;
                if let Some(keep) = settings.keep {
                    clear(path, keep);
                }
                return Ok(name);
            }
            Err(fault) if fault.kind() == ErrorKind::AlreadyExists => {}
            Err(fault) => return Err(fault),
        }
    }
    Err(io::Error::new(ErrorKind::AlreadyExists, "no name is left for the rotated file"))
}

/// Never over a file that is there.
fn rename(from: &Path, to: &Path) -> io::Result<()> {
    use rustix::fs::{CWD, RenameFlags, renameat_with};
    match renameat_with(CWD, from, CWD, to, RenameFlags::NOREPLACE) {
        // Some file systems know no such renaming; nobody else gives names to these files.
        Err(rustix::io::Errno::INVAL | rustix::io::Errno::NOSYS) if fs::symlink_metadata(to).is_err() => {
            fs::rename(from, to)
        }
        other => other.map_err(io::Error::from),
    }
}

/// Takes away the oldest files. One that cannot be taken away keeps no record out.
fn clear(path: &Path, keep: u32) {
    let mut there = match rotated_files(path) {
        Ok(there) => there,
        Err(fault) => {
            log::error!("rotated audit files cannot be listed", fault = &fault);
            return;
        }
    };
    there.sort();
    let surplus = there.len().saturating_sub(keep as usize);
    for old in there.drain(..surplus) {
        if let Err(fault) = fs::remove_file(&old) {
            log::error!("an old audit file cannot be removed", path = &*old, fault = &fault);
        }
    }
}

/// Files that once had this path's name.
fn rotated_files(path: &Path) -> io::Result<Vec<PathBuf>> {
    let (stem, ending) = parts(path);
    let mut files = Vec::new();
    for entry in fs::read_dir(directory(path))? {
        let entry = entry?;
        let name = entry.file_name();
        let rest = name.to_str().and_then(|name| name.strip_prefix(&stem)?.strip_prefix('-')?.strip_suffix(&ending));
        if rest.is_some_and(is_stamp) && entry.file_type()?.is_file() {
            files.push(entry.path());
        }
    }
    Ok(files)
}

/// Whether a name's part is a time and a number behind it.
fn is_stamp(text: &str) -> bool {
    let (time, number) = text.split_at_checked(STAMP_BYTES).unwrap_or((text, ""));
    let fits = |(at, byte): (usize, u8)| match at {
        8 => byte == b'T',
        15 => byte == b'.',
        19 => byte == b'Z',
        _ => byte.is_ascii_digit(),
    };
    let digits = |number: &str| number.len() == 3 && number.bytes().all(|byte| byte.is_ascii_digit());
    time.len() == STAMP_BYTES && time.bytes().enumerate().all(fits) && number.strip_prefix('-').is_some_and(digits)
}

fn stamp(now: UnixMillis) -> String {
    let millis = i64::try_from(now.0).unwrap_or(i64::MAX);
    Timestamp::from_millisecond(millis).unwrap_or(Timestamp::MAX).strftime(STAMP).to_string()
}

fn rotated(path: &Path, stamp: &str) -> PathBuf {
    let (stem, ending) = parts(path);
    path.with_file_name(format!("{stem}-{stamp}{ending}"))
}

/// A name before and from its last dot.
fn parts(path: &Path) -> (String, String) {
    let part = |part: Option<&std::ffi::OsStr>| part.map(|part| part.to_string_lossy().into_owned());
    (
        part(path.file_stem()).unwrap_or_default(),
        part(path.extension()).map(|end| format!(".{end}")).unwrap_or_default(),
    )
}

fn directory(path: &Path) -> &Path {
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    const NOW: UnixMillis = UnixMillis(1_767_225_600_123);

    fn names(home: &Path) -> Vec<String> {
        let mut names: Vec<_> =
            fs::read_dir(home).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    #[test]
    fn a_file_ends_when_it_is_full_or_old_and_holds_something() {
        let settings = RotateSettings { size: Some(100), age: Some(Duration::from_secs(60)), keep: None };
        let due = |bytes, more, age| is_due(&settings, bytes, more, NOW, UnixMillis(NOW.0 + age));
        assert!(!due(90, 10, 0) && due(90, 11, 0) && due(1, 1, 60_000));
        assert!(!due(0, 1_000, 90_000), "there is nothing in it");
        let never = RotateSettings { size: None, age: None, keep: None };
        assert!(!is_due(&never, 1 << 50, 1, NOW, UnixMillis(u64::MAX)));
        // A clock that goes back ends nothing.
        assert!(!is_due(&settings, 1, 1, NOW, UnixMillis(0)));
    }

    #[test]
    fn names_are_never_given_twice_and_the_oldest_go() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("trail.jsonl");
        for other in ["trail-notes.jsonl", "trail-20260101T000000.123Z-000.txt", "other-20260101T000000.123Z-000.jsonl"]
        {
            fs::write(home.path().join(other), "").unwrap();
        }
        let settings = RotateSettings { size: None, age: None, keep: Some(3) };
        for number in 0..5 {
            fs::write(&path, format!("{number}")).unwrap();
            rotate(&path, &settings, UnixMillis(NOW.0 + number / 2)).unwrap();
        }
        let found: Vec<_> = names(home.path())
            .into_iter()
            .filter(|name| name.ends_with("0.jsonl") || name.ends_with("1.jsonl"))
            .collect();
        let expected = [
            "other-20260101T000000.123Z-000.jsonl",
            "trail-20260101T000000.124Z-000.jsonl",
            "trail-20260101T000000.124Z-001.jsonl",
            "trail-20260101T000000.125Z-000.jsonl",
        ];
        assert_eq!(found, expected);
        assert_eq!(fs::read(home.path().join(expected[2])).unwrap(), b"3");
        assert_eq!(names(home.path()).len(), 6, "files of other names stay");
    }

    #[test]
    fn a_name_without_an_ending_works_too() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("trail");
        fs::write(&path, "x").unwrap();
        rotate(&path, &RotateSettings { size: None, age: None, keep: None }, NOW).unwrap();
        assert_eq!(names(home.path()), ["trail-20260101T000000.123Z-000"]);
    }
}
