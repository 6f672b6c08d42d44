//! Where operators connect: bound before anything is served.

use std::fs;
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::os::unix::fs::{FileTypeExt as _, MetadataExt as _, PermissionsExt as _};
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};

use crate::policy::Policy;
use crate::policy::settings::AdminSettings;
use crate::telemetry::log;

/// Only the gate's own user, and root.
const OWNER_ONLY: u32 = 0o600;
/// Whoever may enter its directory: who that is, the kernel says, and what he may, the roles.
const WHOEVER: u32 = 0o666;

/// Why operators cannot connect.
#[derive(Debug, thiserror::Error)]
pub enum DoorFault {
    /// The TCP listener.
    #[error("cannot listen on {0}: {1}")]
    Listen(SocketAddr, io::Error),
    /// The Unix socket.
    #[error("{}: {fault}", path.display())]
    Socket {
        /// Where it was to be.
        path: PathBuf,
        /// What the system says.
        fault: io::Error,
    },
}

/// A listener for operators.
pub enum Door {
    /// TLS.
    Tls(TcpListener),
    /// A Unix socket.
    Unix(UnixDoor),
}

/// A Unix socket and where it is.
pub struct UnixDoor {
    pub(super) listener: UnixListener,
    path: PathBuf,
    /// Device and number of what we made there: another gate may take the place.
    made: (u64, u64),
}

impl Door {
    /// Binds what `admin:` says; `listen` gives TCP listeners.
    pub fn bind(
        settings: &AdminSettings,
        policy: &Policy,
        listen: &mut dyn FnMut(SocketAddr) -> io::Result<TcpListener>,
    ) -> Result<Self, DoorFault> {
        match settings {
            AdminSettings::Tls(settings) => {
                listen(settings.listen).map(Self::Tls).map_err(|error| DoorFault::Listen(settings.listen, error))
            }
            AdminSettings::Socket(settings) => {
                let path = settings.path.clone();
                UnixDoor::bind(&path, mode(policy)).map(Self::Unix).map_err(|fault| DoorFault::Socket { path, fault })
            }
        }
    }

    /// The address of a TLS listener.
    pub fn address(&self) -> Option<SocketAddr> {
        match self {
            Self::Tls(listener) => listener.local_addr().ok(),
            Self::Unix(_) => None,
        }
    }

    /// The path of a Unix socket.
    pub fn path(&self) -> Option<&Path> {
        match self {
            Self::Tls(_) => None,
            Self::Unix(door) => Some(&door.path),
        }
    }
}

impl UnixDoor {
    /// Made beside its place and put there by a rename, with its mode from the first moment on. What an ended gate left
    /// there goes; what is no socket stays, and is a fault.
    fn bind(path: &Path, mode: u32) -> io::Result<Self> {
        match fs::symlink_metadata(path) {
            Ok(there) if !there.file_type().is_socket() => {
                return Err(io::Error::new(io::ErrorKind::AlreadyExists, "there is a file that is not a socket"));
            }
            _ => {}
        }
        if let Some(parent) = path.parent().filter(|parent| !parent.as_os_str().is_empty()) {
            fs::create_dir_all(parent)?;
        }
        let mut beside = path.as_os_str().to_owned();
        beside.push(format!(".{:x}", std::process::id()));
        let beside = PathBuf::from(beside);
        // Left by a process of this number that was killed between two lines.
        let _ = fs::remove_file(&beside);
        let listener = UnixListener::bind(&beside)?;
        let placed: io::Result<_> = (|| {
            fs::set_permissions(&beside, fs::Permissions::from_mode(mode))?;
            listener.set_nonblocking(true)?;
            let made = fs::symlink_metadata(&beside)?;
            fs::rename(&beside, path)?;
            Ok((made.dev(), made.ino()))
        })();
        let made = placed.inspect_err(|_| drop(fs::remove_file(&beside)))?;
        Ok(Self { listener, path: path.to_owned(), made })
    }

    /// Opens or closes it to users other than the gate's own, as the policy in force has it.
    pub(super) fn follow(&self, policy: &Policy) {
        let mode = mode(policy);
        let same = fs::symlink_metadata(&self.path).is_ok_and(|there| there.permissions().mode() & 0o777 == mode);
        if !same && self.is_there() && fs::set_permissions(&self.path, fs::Permissions::from_mode(mode)).is_err() {
            log::warn!("the mode of the operators' socket could not be changed", path = self.path.as_path());
        }
    }

    fn is_there(&self) -> bool {
        fs::symlink_metadata(&self.path).is_ok_and(|there| (there.dev(), there.ino()) == self.made)
    }
}

impl Drop for UnixDoor {
    fn drop(&mut self) {
        if self.is_there() {
            // The next gate puts its own in this place anyway.
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// Closed to other users unless a role that may something names one.
fn mode(policy: &Policy) -> u32 {
    let names_others = policy.roles.members().any(|(member, roles)| {
        (member.starts_with("uid:") || member.starts_with("gid:")) && !policy.roles.rights(roles).is_empty()
    });
    if names_others { WHOEVER } else { OWNER_ONLY }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_socket_is_private_from_the_first_moment_and_takes_an_old_ones_place() {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("run/admin.sock");
        let first = UnixDoor::bind(&path, OWNER_ONLY).expect("bound");
        assert_eq!(fs::metadata(&path).expect("there").permissions().mode() & 0o777, OWNER_ONLY);
        let second = UnixDoor::bind(&path, OWNER_ONLY).expect("taken over");
        drop(first);
        assert!(path.exists(), "the old one leaves the new one's socket");
        assert_eq!(fs::read_dir(directory.path().join("run")).expect("listed").count(), 1);
        drop(second);
        assert!(!path.exists());
        fs::write(&path, "mine").expect("written");
        assert!(UnixDoor::bind(&path, OWNER_ONLY).is_err());
        assert_eq!(fs::read_to_string(&path).expect("read"), "mine");
    }
}
