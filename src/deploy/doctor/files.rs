//! Files: who may read the keys (KEY-1), and who may change what the gate believes.

use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

use super::Finding;
use crate::policy::Policy;
use crate::policy::settings::NamedFile;

/// Rights of others to read or change.
const OTHERS: u32 = 0o007;
/// Rights of anybody else to change.
const CHANGED_BY_OTHERS: u32 = 0o002;

pub(super) fn look(policy: &Policy, path: &Path) -> Vec<Finding> {
    let mut findings = Vec::new();
    let own = rustix::process::geteuid().as_raw();
    for file in policy.files.iter().filter(|file| is_secret(file)) {
        findings.extend(secret(&file.path, own));
    }
    let named = policy.files.iter().map(|file| file.path.as_path());
    for path in std::iter::once(path).chain(named) {
        findings.extend(changeable(path));
    }
    findings.dedup();
    if findings.is_empty() {
        let keys = policy.files.iter().filter(|file| is_secret(file)).count();
        findings.push(Finding::well(
            "files",
            format!("{keys} keys are closed to others, and nobody else may change what the policy names"),
        ));
    }
    findings
}

/// Whether a file holds what nobody else may know.
fn is_secret(file: &NamedFile) -> bool {
    let last = file.key.rsplit('.').next().unwrap_or_default();
    matches!(last, "key" | "signing_key" | "client_secret" | "token_file")
}

fn secret(path: &Path, own: u32) -> Option<Finding> {
    let found = fs::metadata(path).ok()?;
    let shown = path.display();
    if found.mode() & OTHERS != 0 {
        let what = format!("{shown} holds a secret, and others may read it (mode {:04o})", found.mode() & 0o7777);
        return Some(Finding::wrong("files", what, format!("chmod 600 {shown}")));
    }
    if found.uid() != own && found.uid() != 0 && own != 0 {
        let what =
            format!("{shown} holds a secret and belongs to user {}, who is neither the gate's nor root", found.uid());
        return Some(Finding::wrong("files", what, format!("chown {own} {shown}")));
    }
    None
}

/// Whoever may write to a file, or to its directory without the sticky bit, says what the gate believes.
fn changeable(path: &Path) -> Option<Finding> {
    let directory = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    [path, directory].into_iter().find_map(|path| {
        let found = fs::metadata(path).ok()?;
        let open = found.mode() & CHANGED_BY_OTHERS != 0 && (found.mode() & 0o1000 == 0 || found.is_file());
        open.then(|| {
            let what = format!("every user may change {} (mode {:04o})", path.display(), found.mode() & 0o7777);
            Finding::wrong("files", what, format!("chmod o-w {}", path.display()))
        })
    })
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn keys_are_closed_and_directories_are_not_everybodys() {
        let directory = tempfile::tempdir().expect("a directory");
        let key = directory.path().join("gate.key");
        fs::write(&key, "").expect("written");
        let mode = |path: &Path, mode| fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("a mode");
        let own = rustix::process::geteuid().as_raw();
        for (bits, wrong) in [(0o600, false), (0o640, false), (0o644, true)] {
            mode(&key, bits);
            assert_eq!(secret(&key, own).is_some(), wrong, "{bits:o}");
        }
        assert_eq!(changeable(&key), None);
        mode(directory.path(), 0o777);
        assert!(changeable(&key).is_some());
        mode(directory.path(), 0o1777);
        assert_eq!(changeable(&key), None);
        assert!(is_secret(&NamedFile { key: "audit.spool.key".into(), path: key.clone() }));
        assert!(!is_secret(&NamedFile { key: "callers.token.keys".into(), path: key }));
    }
}
