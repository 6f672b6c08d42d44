//! Writing files that must not fall into other hands, and must not replace what is there by accident.

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

/// Keys: the owner alone.
pub(super) const SECRET: u32 = 0o600;
/// Certificates and key sets: anybody may read them.
pub(super) const PUBLIC: u32 = 0o644;

/// A sentence for standard error: what went wrong with which file, and what to do.
#[derive(Debug, thiserror::Error)]
pub(super) enum FileFault {
    /// It is there, and `--force` was not given.
    #[error("{} is there already; add --force to replace it; what was made with the old one stops working then", .0.display())]
    Exists(PathBuf),
    /// The operating system refused.
    #[error("{}: {action} failed: {error}", path.display())]
    System {
        /// Which file.
        path: PathBuf,
        /// What was tried.
        action: &'static str,
        /// What came of it.
        error: io::Error,
    },
}

/// Makes a file that was not there, with its mode from the first moment on.
pub(super) fn create(path: &Path, contents: &str, mode: u32) -> Result<(), FileFault> {
    let mut file = match new_file(path, mode) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::AlreadyExists => return Err(FileFault::Exists(path.to_owned())),
        Err(error) => return Err(system(path, "creating it", error)),
    };
    let written = file.write_all(contents.as_bytes()).and_then(|()| file.sync_all());
    written.map_err(|error| system(path, "writing it", error))
}

/// Puts a file in the place of one that may be there: written beside it, then renamed, so that a reader sees the old
/// one or the new one, and the mode is never that of the old one.
pub(super) fn replace(path: &Path, contents: &str, mode: u32) -> Result<(), FileFault> {
    let mut beside = path.as_os_str().to_owned();
    beside.push(format!(".{}.new", std::process::id()));
    let beside = PathBuf::from(beside);
    create(&beside, contents, mode)?;
    fs::rename(&beside, path).map_err(|error| {
        let _ = fs::remove_file(&beside);
        system(path, "replacing it", error)
    })
}

/// [`create`] or [`replace`], in a directory that is made if need be.
pub(super) fn write(path: &Path, contents: &str, mode: u32, force: bool) -> Result<(), FileFault> {
    if let Some(parent) = path.parent().filter(|parent| !parent.as_os_str().is_empty()) {
        directory(parent)?;
    }
    if force { replace(path, contents, mode) } else { create(path, contents, mode) }
}

/// A result on standard output: a reader that went away is a fault to report, not a panic.
pub(super) fn say(text: &str) -> Result<(), FileFault> {
    let mut out = io::stdout().lock();
    let said = writeln!(out, "{text}").and_then(|()| out.flush());
    said.map_err(|error| system(Path::new("standard output"), "writing to it", error))
}

/// A directory and those above it.
pub(super) fn directory(path: &Path) -> Result<(), FileFault> {
    fs::create_dir_all(path).map_err(|error| system(path, "making the directory", error))
}

fn new_file(path: &Path, mode: u32) -> io::Result<File> {
    OpenOptions::new().write(true).create_new(true).mode(mode).open(path)
}

fn system(path: &Path, action: &'static str, error: io::Error) -> FileFault {
    FileFault::System { path: path.to_owned(), action, error }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn a_file_is_replaced_on_demand_only_and_takes_the_new_mode() {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("a.key");
        create(&path, "old", PUBLIC).expect("made");
        assert!(matches!(create(&path, "new", SECRET), Err(FileFault::Exists(_))));
        assert_eq!(fs::read_to_string(&path).expect("read"), "old");
        replace(&path, "new", SECRET).expect("replaced");
        assert_eq!(fs::read_to_string(&path).expect("read"), "new");
        assert_eq!(fs::metadata(&path).expect("there").permissions().mode() & 0o777, SECRET);
        assert_eq!(fs::read_dir(directory.path()).expect("listed").count(), 1);
    }
}
