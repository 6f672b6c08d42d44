//! What the kernel tells of changes (inotify(7)). Directories are watched, not files: editors and Kubernetes put new
//! files in the place of old ones, and a watch on a file would go with the old one.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rustix::fs::inotify::{self, CreateFlags, WatchFlags};
use tokio::net::unix::pipe::Receiver;

/// Directories that are watched: a policy names a few dozen files at most, in a few directories.
const MOST: usize = 256;
/// Links that are followed on the way to one file, as the kernel does (path_resolution(7)).
const MOST_LINKS: usize = 40;
/// A change is over once nothing has happened for so long.
const QUIET: Duration = Duration::from_millis(50);
/// Or after so long, if things never get quiet.
const LONGEST: Duration = Duration::from_secs(1);

/// The directories of some files.
pub(super) struct FileWatch {
    kernel: Receiver,
    /// Descriptors by directory; a directory that was replaced under its name gets a new one.
    watched: RefCell<BTreeSet<i32>>,
}

impl FileWatch {
    /// Begins to watch. Fails where the kernel gives no instance; then contents are compared from time to time only.
    pub fn new() -> io::Result<Self> {
        let kernel = inotify::init(CreateFlags::NONBLOCK | CreateFlags::CLOEXEC)?;
        // Not a pipe, and read like one.
        let kernel = Receiver::from_owned_fd_unchecked(kernel)?;
        Ok(Self { kernel, watched: RefCell::default() })
    }

    /// Watches the directories on the way to these files, and no others. Called again after each change: links lead
    /// elsewhere then.
    pub fn watch<'p>(&self, files: impl Iterator<Item = &'p Path>) {
        let mut directories = BTreeSet::new();
        files.for_each(|file| on_the_way(file, &mut directories));
        let flags = WatchFlags::ATTRIB
            | WatchFlags::CLOSE_WRITE
            | WatchFlags::CREATE
            | WatchFlags::DELETE
            | WatchFlags::DELETE_SELF
            | WatchFlags::MOVED_FROM
            | WatchFlags::MOVED_TO
            | WatchFlags::MOVE_SELF
            | WatchFlags::ONLYDIR;
        // What is not there yet is told of by the directory above it.
        let now: BTreeSet<i32> = directories
            .iter()
            .take(MOST)
            .filter_map(|directory| inotify::add_watch(&self.kernel, directory, flags).ok())
            .collect();
        let mut watched = self.watched.borrow_mut();
        for gone in watched.difference(&now) {
            // It may be gone with its directory.
            let _ = inotify::remove_watch(&self.kernel, *gone);
        }
        *watched = now;
    }

    /// Waits until something has happened and is over.
    pub async fn changed(&self) -> io::Result<()> {
        self.told().await?;
        let quiet = async { while let Ok(Ok(())) = tokio::time::timeout(QUIET, self.told()).await {} };
        // Whether it got quiet or not, it is time to look.
        let _ = tokio::time::timeout(LONGEST, quiet).await;
        Ok(())
    }

    async fn told(&self) -> io::Result<()> {
        // What happened does not matter: contents are compared.
        let mut events = [0; 4096];
        loop {
            self.kernel.readable().await?;
            let mut some = false;
            loop {
                match self.kernel.try_read(&mut events) {
                    Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
                    Ok(_) => some = true,
                    Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
                    Err(error) => return Err(error),
                }
            }
            if some {
                return Ok(());
            }
        }
    }
}

/// The directory of every link on the way to a file, and the one where the way ends.
fn on_the_way(file: &Path, directories: &mut BTreeSet<PathBuf>) {
    let Ok(mut path) = std::path::absolute(file) else { return };
    for _ in 0..MOST_LINKS {
        let link = path.ancestors().collect::<Vec<_>>().into_iter().rev().find_map(|prefix| {
            let target = std::fs::read_link(prefix).ok()?;
            Some((prefix.to_owned(), target))
        });
        let Some((link, target)) = link else { break };
        let parent = link.parent().unwrap_or(Path::new("/"));
        directories.insert(parent.to_owned());
        let rest = path.strip_prefix(&link).map(Path::to_owned).unwrap_or_default();
        path = parent.join(target);
        if !rest.as_os_str().is_empty() {
            path.push(rest);
        }
    }
    let last = if path.is_dir() { Some(path.as_path()) } else { path.parent() };
    directories.extend(last.map(Path::to_owned));
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn every_directory_on_the_way_is_found() {
        let directory = tempfile::tempdir().expect("a directory");
        let root = fs::canonicalize(directory.path()).expect("a path");
        fs::create_dir(root.join("..2026")).expect("a directory");
        fs::write(root.join("..2026/policy.yaml"), "a").expect("written");
        symlink("..2026", root.join("..data")).expect("linked");
        symlink("..data/policy.yaml", root.join("policy.yaml")).expect("linked");
        let mut found = BTreeSet::new();
        on_the_way(&root.join("policy.yaml"), &mut found);
        assert_eq!(found, BTreeSet::from([root.clone(), root.join("..2026")]));
        symlink("loop", root.join("loop")).expect("linked");
        on_the_way(&root.join("loop"), &mut found);
    }

    #[tokio::test]
    async fn a_swapped_link_is_told_of() {
        let directory = tempfile::tempdir().expect("a directory");
        let root = directory.path();
        for data in ["one", "two"] {
            fs::create_dir(root.join(data)).expect("a directory");
            fs::write(root.join(data).join("policy.yaml"), data).expect("written");
        }
        symlink("one", root.join("..data")).expect("linked");
        symlink("..data/policy.yaml", root.join("policy.yaml")).expect("linked");
        let watch = FileWatch::new().expect("an instance");
        watch.watch([root.join("policy.yaml").as_path()].into_iter());
        symlink("two", root.join("new")).expect("linked");
        fs::rename(root.join("new"), root.join("..data")).expect("swapped");
        watch.changed().await.expect("told");
    }
}
