//! Where operators connect: bound before anything is served.

use std::fs;
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::os::unix::fs::{FileTypeExt as _, MetadataExt as _, PermissionsExt as _};
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use parking_lot::Mutex;

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
    place: Arc<SocketPlace>,
}

/// Where a Unix socket is: beside its place at first, and there once its gate may serve. What another gate made there is
/// left alone.
pub struct SocketPlace {
    path: PathBuf,
    beside: PathBuf,
    /// Device and number of what we made.
    made: (u64, u64),
    stands: Mutex<Stands>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Stands {
    Beside,
    InPlace,
    Gone,
}

impl Door {
    /// Binds what `admin:` says; `listen` gives TCP listeners. A Unix socket is not in its place yet.
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
            Self::Unix(door) => Some(&door.place.path),
        }
    }

    /// The place of a Unix socket, to be taken.
    pub fn place(&self) -> Option<Arc<SocketPlace>> {
        match self {
            Self::Tls(_) => None,
            Self::Unix(door) => Some(Arc::clone(&door.place)),
        }
    }
}

impl UnixDoor {
    /// Made beside its place, with its mode from the first moment on: what is no socket there is a fault.
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
        let made: io::Result<_> = (|| {
            fs::set_permissions(&beside, fs::Permissions::from_mode(mode))?;
            listener.set_nonblocking(true)?;
            let made = fs::symlink_metadata(&beside)?;
            Ok((made.dev(), made.ino()))
        })();
        let made = made.inspect_err(|_| drop(fs::remove_file(&beside)))?;
        let place = SocketPlace { path: path.to_owned(), beside, made, stands: Mutex::new(Stands::Beside) };
        Ok(Self { listener, place: Arc::new(place) })
    }

    /// Opens or closes it to users other than the gate's own, as the policy in force has it.
    pub(super) fn follow(&self, policy: &Policy) {
        let (path, mode) = (&self.place.path, mode(policy));
        let same = fs::symlink_metadata(path).is_ok_and(|there| there.permissions().mode() & 0o777 == mode);
        if !same && self.place.is_there() && fs::set_permissions(path, fs::Permissions::from_mode(mode)).is_err() {
            log::warn!("the mode of the operators' socket could not be changed", path = path.as_path());
        }
    }
}

impl SocketPlace {
    /// Puts the socket in its place. What an ended gate left there goes, and so does that of a gate which is upgraded.
    pub fn take(&self) -> io::Result<()> {
        let mut stands = self.stands.lock();
        if *stands == Stands::Beside {
            fs::rename(&self.beside, &self.path)?;
            *stands = Stands::InPlace;
        }
        Ok(())
    }

    /// Removes what was made; from the second call on nothing is done.
    pub fn leave(&self) {
        let mut stands = self.stands.lock();
        // The next gate puts its own in this place anyway, so that a fault does no harm.
        let _ = match *stands {
            Stands::Beside => fs::remove_file(&self.beside),
            Stands::InPlace if self.is_there() => fs::remove_file(&self.path),
            Stands::InPlace | Stands::Gone => Ok(()),
        };
        *stands = Stands::Gone;
    }

    fn is_there(&self) -> bool {
        fs::symlink_metadata(&self.path).is_ok_and(|there| (there.dev(), there.ino()) == self.made)
    }
}

impl Drop for UnixDoor {
    fn drop(&mut self) {
        self.place.leave();
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
        first.place.take().expect("placed");
        assert_eq!(fs::metadata(&path).expect("there").permissions().mode() & 0o777, OWNER_ONLY);
        drop(UnixDoor::bind(&path, OWNER_ONLY).expect("bound"));
        assert!(first.place.is_there(), "one that never served leaves the place as it is");
        let second = UnixDoor::bind(&path, OWNER_ONLY).expect("bound");
        second.place.take().expect("taken over");
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
