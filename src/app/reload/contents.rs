//! What lies on disk, as digests: whether anything has changed is a question of contents, not of times.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use aws_lc_rs::digest::{Context, SHA256};
use zeroize::Zeroizing;

use crate::policy::settings::NamedFile;
use crate::redact::Name;

/// Bytes of one file that count: more than a policy, a bundle or a key file may have.
const MOST: u64 = 16 * 1024 * 1024;
/// Files of a policy's directory that count; more are refused by the policy's compiler.
const MOST_FILES: usize = 2000;

type Sum = [u8; 32];

/// What a file is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Group {
    /// The policy itself.
    Policy,
    /// Certificates, their keys, authorities.
    Certificates,
    /// Whatever else the policy names.
    Keys,
}

/// The contents of a policy and of every file that it names. A file that cannot be read is a content too.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Contents(BTreeMap<PathBuf, (Group, Sum)>);

impl Contents {
    /// Reads all of them. Blocks: on a network mount, for as long as that takes.
    pub fn of(policy: &Path, named: &[NamedFile]) -> Self {
        let mut all = BTreeMap::new();
        for file in named.iter().filter(|file| file.is_reloadable()) {
            let group = match file {
                file if file.is_policy() => Group::Policy,
                file if file.is_certificate() => Group::Certificates,
                _ => Group::Keys,
            };
            all.insert(file.path.clone(), (group, sum(&file.path)));
        }
        for path in files_of(policy) {
            let sum = sum(&path);
            all.insert(path, (Group::Policy, sum));
        }
        Self(all)
    }

    /// Different from whatever lies there.
    pub const fn unknown() -> Self {
        Self(BTreeMap::new())
    }

    /// Names the contents of one group in records.
    pub fn digest(&self, group: Group) -> Name {
        let mut context = Context::new(&SHA256);
        for (_, sum) in self.0.values().filter(|(one, _)| *one == group) {
            context.update(sum);
        }
        Name::digest(context.finish().as_ref())
    }

    /// The files of a group that are not as they were.
    pub fn changed<'c>(&'c self, before: &'c Self) -> impl Iterator<Item = (&'c Path, Group)> {
        let gone = before.0.iter().filter(|(path, _)| !self.0.contains_key(*path));
        let other = self.0.iter().filter(|(path, content)| before.0.get(*path) != Some(content));
        gone.chain(other).map(|(path, (group, _))| (path.as_path(), *group))
    }

    /// Whether a group is as it was.
    pub fn same(&self, before: &Self, group: Group) -> bool {
        !self.changed(before).any(|(_, changed)| changed == group)
    }
}

/// Who owns a file.
pub(super) fn owner(path: &Path) -> Option<u32> {
    std::fs::metadata(path).ok().map(|file| file.uid())
}

/// The policy's file, or the YAML files of its directory.
fn files_of(policy: &Path) -> Vec<PathBuf> {
    if !policy.is_dir() {
        return vec![policy.to_owned()];
    }
    let entries = std::fs::read_dir(policy).into_iter().flatten().flatten().map(|entry| entry.path());
    let is_yaml = |path: &PathBuf| path.extension().is_some_and(|end| end == "yaml" || end == "yml");
    entries.filter(is_yaml).take(MOST_FILES).collect()
}

fn sum(path: &Path) -> Sum {
    let mut context = Context::new(&SHA256);
    // Keys go through this buffer.
    let mut buffer = Zeroizing::new([0; 8192]);
    let opened = std::fs::metadata(path).and_then(|file| match file.is_file() {
        true => File::open(path),
        // A pipe or device would be waited for.
        false => Err(std::io::ErrorKind::InvalidInput.into()),
    });
    match opened {
        Err(error) => context.update(format!("{:?}", error.kind()).as_bytes()),
        Ok(file) => {
            // A key that strangers can read is refused: mending its mode is a change.
            let mode = file.metadata().map_or(0, |file| file.mode());
            context.update(&mode.to_be_bytes());
            let mut file = file.take(MOST);
            loop {
                match file.read(&mut *buffer) {
                    Ok(0) => break,
                    Ok(length) => context.update(&buffer[..length]),
                    Err(error) => {
                        context.update(format!("{:?}", error.kind()).as_bytes());
                        break;
                    }
                }
            }
        }
    }
    let mut sum = [0; 32];
    sum.copy_from_slice(context.finish().as_ref());
    sum
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    use super::*;

    fn named(key: &str, path: &Path) -> NamedFile {
        NamedFile { key: key.to_owned(), path: path.to_owned() }
    }

    #[test]
    fn contents_tell_what_changed_and_times_do_not() {
        let directory = tempfile::tempdir().expect("a directory");
        let (policy, key) = (directory.path().join("policy.yaml"), directory.path().join("gate.key"));
        fs::write(&policy, "a").expect("written");
        fs::write(&key, "b").expect("written");
        let files = [named("gate.tls.key", &key), named("audit.spool.key", Path::new("/nowhere"))];
        let before = Contents::of(&policy, &files);
        fs::write(&policy, "a").expect("written");
        assert_eq!(Contents::of(&policy, &files), before);
        fs::write(&key, "c").expect("written");
        let after = Contents::of(&policy, &files);
        assert_eq!(after.changed(&before).collect::<Vec<_>>(), [(key.as_path(), Group::Certificates)]);
        assert!(after.same(&before, Group::Policy) && !after.same(&before, Group::Certificates));
        assert_ne!(after.digest(Group::Certificates), before.digest(Group::Certificates));
        assert_eq!(after.digest(Group::Policy), before.digest(Group::Policy));
        fs::set_permissions(&key, fs::Permissions::from_mode(0o600)).expect("a mode");
        assert_ne!(Contents::of(&policy, &files), after);
        fs::remove_file(&key).expect("removed");
        assert_ne!(Contents::of(&policy, &files), before);
    }

    #[test]
    fn contents_behind_links_and_in_directories_count() {
        let directory = tempfile::tempdir().expect("a directory");
        for (data, text) in [("one", "1"), ("two", "2")] {
            fs::create_dir(directory.path().join(data)).expect("a directory");
            fs::write(directory.path().join(data).join("policy.yaml"), text).expect("written");
        }
        let link = directory.path().join("..data");
        symlink("one", &link).expect("linked");
        symlink("..data/policy.yaml", directory.path().join("policy.yaml")).expect("linked");
        let before = Contents::of(directory.path(), &[]);
        symlink("two", directory.path().join("..data_tmp")).expect("linked");
        fs::rename(directory.path().join("..data_tmp"), &link).expect("swapped");
        assert_ne!(Contents::of(directory.path(), &[]), before);
    }
}
