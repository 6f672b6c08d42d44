//! The binary is changed while it serves: a new process asks the running one for its listening sockets, gets ready beside
//! it, and only then does the old one drain. Whatever goes wrong before that leaves the old one serving.
//!
//! ```text
//!  new                                          old
//!   │ connect, `portcullis-handover 1`           │  the peer's user is the same, or root
//!   │ ◄──── listening sockets (SCM_RIGHTS) ───── │
//!   │ reads policy, keys; sandbox; trail         │  serves
//!   │ `ready` ─────────────────────────────────► │  writes sanctions, alarms, what was learned
//!   │ ◄───────────────────────────────────── `go`│  nothing is accepted by both: connections wait in the kernel
//!   │ reads them, and keeps them from then on    │
//!   │ workers accept                             │
//!   │ `serving` ───────────────────────────────► │  tells the service manager who is the gate, drains, ends
//! ```
//!
//! The old process starts no program, so that its sandbox need not allow any. Both have the same socket: no connection
//! that the kernel has accepted is lost when the old one closes its own descriptor.

use std::io::{self, IoSlice, IoSliceMut, Read as _, Write as _};
use std::mem::MaybeUninit;
use std::net::TcpListener;
use std::os::fd::{AsFd as _, OwnedFd};
use std::os::unix::fs::{FileTypeExt as _, MetadataExt as _};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::time::Duration;

use rustix::net::{
    RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendAncillaryBuffer, SendAncillaryMessage, SendFlags,
    recvmsg, sendmsg, sockopt,
};

use super::systemd;
use crate::telemetry::log;

/// The first word, with the version of what follows.
const HELLO: &[u8] = b"portcullis-handover 1\n";
/// Another first word: which binary runs? As long as the first, so that both are read alike.
const WHICH: &[u8] = b"portcullis-identity 1\n";
const READY: &[u8] = b"ready\n";
const GO: &[u8] = b"go\n";
const SERVING: &[u8] = b"serving\n";
/// What a new gate writes to the command that started it.
pub const TOLD: &[u8] = SERVING;

/// Descriptors that one message carries: the listeners, the socket for the next upgrade, standard output and error.
const MOST_SOCKETS: usize = 8;
/// For an answer that needs no work.
const SOON: Duration = Duration::from_secs(5);
/// For reading a policy, its files and what a crash left in the spool.
const START: Duration = Duration::from_secs(60);

/// Why nothing was handed over.
#[derive(Debug, thiserror::Error)]
pub enum HandoverFault {
    /// The socket.
    #[error("{path}: {fault}; is a gate running whose policy has this as `gate.handover`?", path = .path.display())]
    Socket {
        /// Its path.
        path: PathBuf,
        /// What the system says.
        fault: io::Error,
    },
    /// Somebody listens there already.
    #[error("{}: a gate listens there; `portcullis upgrade` takes over from it", .0.display())]
    Taken(PathBuf),
    /// What is there is not ours to remove.
    #[error("{}: there is something else than a socket", .0.display())]
    NoSocket(PathBuf),
    /// The other side is another user.
    #[error("the process at the other end runs as another user")]
    Stranger,
    /// The other side said something else.
    #[error("the other process answered otherwise than it should; are both of a version that can hand over?")]
    Answer,
    /// The other side went away, or does not answer.
    #[error("the other process is gone, or does not answer: {0}")]
    Gone(io::Error),
}

/// What a gate knows and leaves to its successor.
pub trait Estate: Send + Sync + 'static {
    /// Writes what a successor reads while it gets ready.
    fn write(&self);
    /// Writes all of it, and nothing from here on: the successor keeps it.
    fn leave(&self);
    /// The successor does not serve: this gate keeps it.
    fn keep(&self);
}

/// The running gate's side: waits for a successor.
pub struct Handover {
    listener: UnixListener,
    sockets: Vec<OwnedFd>,
    watchdog: Option<Duration>,
    binary: String,
}

impl Handover {
    /// Listens at `path`, for the user of this process alone.
    pub fn bind(path: &Path) -> Result<UnixListener, HandoverFault> {
        let socket = |fault| HandoverFault::Socket { path: path.to_owned(), fault };
        match std::fs::symlink_metadata(path) {
            Ok(found) if !found.file_type().is_socket() => return Err(HandoverFault::NoSocket(path.to_owned())),
            Ok(_) if UnixStream::connect(path).is_ok() => return Err(HandoverFault::Taken(path.to_owned())),
            // A gate that has ended left it.
            Ok(_) => std::fs::remove_file(path).map_err(socket)?,
            Err(_) => {}
        }
        let before = rustix::process::umask(rustix::fs::Mode::from_raw_mode(0o177));
        let bound = UnixListener::bind(path);
        rustix::process::umask(before);
        bound.map_err(socket)
    }

    /// Hands `listeners` over when asked.
    pub fn new<'l>(
        listener: UnixListener,
        listeners: impl Iterator<Item = &'l TcpListener>,
        watchdog: Option<Duration>,
    ) -> io::Result<Self> {
        let mut sockets =
            listeners.map(|listener| listener.as_fd().try_clone_to_owned()).collect::<io::Result<Vec<_>>>()?;
        sockets.push(listener.as_fd().try_clone_to_owned()?);
        let binary = identity(Path::new("/proc/self/exe"))?;
        Ok(Self { listener, sockets, watchdog, binary })
    }

    /// Waits until a successor serves, to which `estate` is left; gives its process id. Successors that fail are told of, and
    /// forgotten.
    pub async fn wait(self, estate: std::sync::Arc<impl Estate>) -> io::Result<u32> {
        self.listener.set_nonblocking(true)?;
        let listener = tokio::net::UnixListener::from_std(self.listener.try_clone()?)?;
        let old = std::sync::Arc::new(self);
        loop {
            let (stream, _) = listener.accept().await?;
            let (old, stream) = (std::sync::Arc::clone(&old), stream.into_std()?);
            let estate = std::sync::Arc::clone(&estate);
            // Blocks, with a dead-line for each step: upgrades are rare, and one at a time.
            let done = tokio::task::spawn_blocking(move || old.serve(stream, &*estate)).await;
            match done {
                Ok(Ok(None)) => {}
                Ok(Ok(Some(successor))) => {
                    log::info!("handed over", successor = successor);
                    systemd::handed_over(successor);
                    return Ok(successor);
                }
                Ok(Err(HandoverFault::Stranger)) => log::error!("another user asked for the gate's sockets"),
                Ok(Err(_)) => log::error!("the new gate did not get ready; this one goes on"),
                Err(_) => log::error!("an upgrade failed; this gate goes on"),
            }
        }
    }

    /// Serves one that asks; gives the process id of one that took over.
    fn serve(&self, mut stream: UnixStream, estate: &impl Estate) -> Result<Option<u32>, HandoverFault> {
        stream.set_nonblocking(false).map_err(HandoverFault::Gone)?;
        let successor = same_user(&stream)?;
        let mut asked = [0; HELLO.len()];
        stream.set_read_timeout(Some(SOON)).map_err(HandoverFault::Gone)?;
        stream.read_exact(&mut asked).map_err(HandoverFault::Gone)?;
        if asked == WHICH {
            return stream.write_all(self.binary.as_bytes()).map(|()| None).map_err(HandoverFault::Gone);
        }
        if asked != HELLO {
            return Err(HandoverFault::Answer);
        }
        log::info!("a new gate asks for the sockets", process = successor);
        estate.write();
        self.give(&stream).map_err(HandoverFault::Gone)?;
        expect(&mut stream, READY, START)?;
        estate.leave();
        let serves =
            stream.write_all(GO).map_err(HandoverFault::Gone).and_then(|()| expect(&mut stream, SERVING, SOON));
        if serves.is_err() {
            estate.keep();
        }
        serves.map(|()| Some(successor))
    }

    fn give(&self, stream: &UnixStream) -> io::Result<()> {
        let micros = self.watchdog.map_or(0, |interval| interval.as_micros());
        let mut sockets: Vec<_> = self.sockets.iter().map(|socket| socket.as_fd()).collect();
        // Records and the own log go on to where they go now.
        let (output, error) = (io::stdout(), io::stderr());
        sockets.extend([output.as_fd(), error.as_fd()]);
        let text = format!("sockets {} watchdog {micros}\n", sockets.len());
        let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(MOST_SOCKETS))];
        let mut control = SendAncillaryBuffer::new(&mut space);
        if !control.push(SendAncillaryMessage::ScmRights(&sockets)) {
            return Err(io::ErrorKind::InvalidInput.into());
        }
        sendmsg(stream, &[IoSlice::new(text.as_bytes())], &mut control, SendFlags::NOSIGNAL)?;
        Ok(())
    }
}

/// The new gate's side: who waits for it.
pub struct Predecessor {
    stream: UnixStream,
    output: [OwnedFd; 2],
}

/// What was handed over.
pub(super) struct Given {
    pub listeners: Vec<TcpListener>,
    pub handover: UnixListener,
    pub watchdog: Option<Duration>,
}

impl Predecessor {
    /// Asks the gate that listens at `path` for its sockets.
    pub(super) fn ask(path: &Path) -> Result<(Self, Given), HandoverFault> {
        let mut stream = connect(path)?;
        stream.write_all(HELLO).map_err(HandoverFault::Gone)?;
        let (given, output) = Given::receive(&stream)?;
        Ok((Self { stream, output }, given))
    }

    /// This gate is ready; waits until it may serve.
    pub fn ready(&mut self) -> Result<(), HandoverFault> {
        self.stream.write_all(READY).map_err(HandoverFault::Gone)?;
        expect(&mut self.stream, GO, SOON)
    }

    /// Writes records to where the other gate writes them; to be called before the first.
    pub fn take_output(&self) -> io::Result<()> {
        Ok(rustix::stdio::dup2_stdout(&self.output[0])?)
    }

    /// This gate serves: the other one may go.
    pub fn serving(mut self) -> Result<(), HandoverFault> {
        // Until now, what went wrong was said to whoever started this process.
        rustix::stdio::dup2_stderr(&self.output[1]).map_err(|fault| HandoverFault::Gone(fault.into()))?;
        self.stream.write_all(SERVING).map_err(HandoverFault::Gone)
    }
}

impl Given {
    /// What came, and the other gate's standard output and error.
    fn receive(stream: &UnixStream) -> Result<(Self, [OwnedFd; 2]), HandoverFault> {
        let mut text = [0; 128];
        let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(MOST_SOCKETS))];
        let mut control = RecvAncillaryBuffer::new(&mut space);
        let received = recvmsg(stream, &mut [IoSliceMut::new(&mut text)], &mut control, RecvFlags::CMSG_CLOEXEC)
            .map_err(|fault| HandoverFault::Gone(fault.into()))?;
        let mut sockets: Vec<OwnedFd> = control
            .drain()
            .filter_map(|message| match message {
                RecvAncillaryMessage::ScmRights(sockets) => Some(sockets),
                _ => None,
            })
            .flatten()
            .collect();
        let said = std::str::from_utf8(&text[..received.bytes]).map_err(|_| HandoverFault::Answer)?;
        let words: Vec<&str> = said.split_ascii_whitespace().collect();
        let ["sockets", count, "watchdog", micros] = words[..] else { return Err(HandoverFault::Answer) };
        if count.parse() != Ok(sockets.len()) {
            return Err(HandoverFault::Answer);
        }
        let micros: u64 = micros.parse().map_err(|_| HandoverFault::Answer)?;
        let (Some(error), Some(output), Some(handover)) = (sockets.pop(), sockets.pop(), sockets.pop()) else {
            return Err(HandoverFault::Answer);
        };
        let given = Self {
            listeners: sockets.into_iter().map(TcpListener::from).collect(),
            handover: UnixListener::from(handover),
            watchdog: (micros > 0).then(|| Duration::from_micros(micros)),
        };
        Ok((given, [output, error]))
    }
}

/// Whether the gate that listens at `path` runs the binary `binary`.
pub fn runs(path: &Path, binary: &Path) -> Result<bool, HandoverFault> {
    let mut stream = connect(path)?;
    stream.write_all(WHICH).map_err(HandoverFault::Gone)?;
    let mut theirs = String::new();
    stream.take(256).read_to_string(&mut theirs).map_err(HandoverFault::Gone)?;
    let ours = identity(binary).map_err(|fault| HandoverFault::Socket { path: binary.to_owned(), fault })?;
    if theirs.starts_with("binary ") { Ok(ours == theirs) } else { Err(HandoverFault::Answer) }
}

fn connect(path: &Path) -> Result<UnixStream, HandoverFault> {
    let stream = UnixStream::connect(path).map_err(|fault| HandoverFault::Socket { path: path.to_owned(), fault })?;
    same_user(&stream)?;
    stream.set_read_timeout(Some(SOON)).map_err(HandoverFault::Gone)?;
    Ok(stream)
}

/// A file as it is: another one under the same name, or the same one changed, is another binary.
fn identity(binary: &Path) -> io::Result<String> {
    let found = std::fs::metadata(binary)?;
    Ok(format!("binary {} {} {} {}\n", found.dev(), found.ino(), found.mtime(), found.mtime_nsec()))
}

/// The process at the other end, if it is of this process's user, or root's.
fn same_user(stream: &UnixStream) -> Result<u32, HandoverFault> {
    let peer = sockopt::socket_peercred(stream).map_err(|fault| HandoverFault::Gone(fault.into()))?;
    if peer.uid != rustix::process::geteuid() && !peer.uid.is_root() {
        return Err(HandoverFault::Stranger);
    }
    u32::try_from(peer.pid.as_raw_nonzero().get()).map_err(|_| HandoverFault::Stranger)
}

fn expect(stream: &mut UnixStream, word: &[u8], patience: Duration) -> Result<(), HandoverFault> {
    stream.set_read_timeout(Some(patience)).map_err(HandoverFault::Gone)?;
    let mut said = [0; 32];
    let said = said.get_mut(..word.len()).ok_or(HandoverFault::Answer)?;
    stream.read_exact(said).map_err(HandoverFault::Gone)?;
    if said == word { Ok(()) } else { Err(HandoverFault::Answer) }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    /// Counts how often it was written, left and kept.
    #[derive(Default)]
    struct Counted([AtomicUsize; 3]);

    impl Estate for Counted {
        fn write(&self) {
            self.0[0].fetch_add(1, Ordering::Relaxed);
        }

        fn leave(&self) {
            self.0[1].fetch_add(1, Ordering::Relaxed);
        }

        fn keep(&self) {
            self.0[2].fetch_add(1, Ordering::Relaxed);
        }
    }

    impl Counted {
        fn counts(&self) -> [usize; 3] {
            self.0.each_ref().map(|count| count.load(Ordering::Relaxed))
        }
    }

    fn gate(path: &Path) -> (TcpListener, Handover) {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a socket");
        let bound = Handover::bind(path).expect("a socket");
        let handover = Handover::new(bound, [&listener].into_iter(), Some(Duration::from_secs(30)));
        (listener, handover.expect("sockets"))
    }

    fn one_upgrade(
        old: Handover,
        new: impl FnOnce(&Path) + Send + 'static,
        path: &Path,
    ) -> (Result<Option<u32>, HandoverFault>, [usize; 3]) {
        let path = path.to_owned();
        let asking = std::thread::spawn(move || new(&path));
        let (stream, _) = old.listener.accept().expect("a connection");
        let estate = Counted::default();
        let done = old.serve(stream, &estate);
        asking.join().expect("the new gate");
        (done, estate.counts())
    }

    #[test]
    fn a_gate_tells_which_binary_it_runs() {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("handover.sock");
        for (binary, same) in [("/proc/self/exe", true), ("/bin/sh", false)] {
            let (_listener, old) = gate(&path);
            let ask = move |path: &Path| assert_eq!(runs(path, Path::new(binary)).expect("an answer"), same);
            let (told, estate) = one_upgrade(old, ask, &path);
            assert_eq!((told.expect("told"), estate), (None, [0; 3]));
        }
    }

    #[test]
    fn the_same_socket_comes_over_and_the_successor_is_known() {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("handover.sock");
        let (listener, old) = gate(&path);
        let address = listener.local_addr().expect("an address");
        let new = move |path: &Path| {
            let (mut predecessor, given) = Predecessor::ask(path).expect("asked");
            assert_eq!(given.listeners[0].local_addr().expect("an address"), address);
            assert_eq!(given.watchdog, Some(Duration::from_secs(30)));
            predecessor.ready().expect("go");
            predecessor.serving().expect("told");
        };
        let (done, estate) = one_upgrade(old, new, &path);
        assert_eq!((done.expect("handed over"), estate), (Some(std::process::id()), [1, 1, 0]));
    }

    #[test]
    fn a_successor_that_ends_too_early_is_no_successor() {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("handover.sock");
        for give_up in [false, true] {
            let (_listener, old) = gate(&path);
            let new = move |path: &Path| {
                let (mut predecessor, _given) = Predecessor::ask(path).expect("asked");
                if give_up {
                    predecessor.ready().expect("go");
                }
            };
            let (done, estate) = one_upgrade(old, new, &path);
            assert!(matches!(done, Err(HandoverFault::Gone(_))));
            // What was left to it is taken back.
            let left = usize::from(give_up);
            assert_eq!(estate, [1, left, left]);
        }
    }

    #[test]
    fn whoever_says_something_else_gets_nothing() {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("handover.sock");
        let (_listener, old) = gate(&path);
        let new = |path: &Path| {
            let mut stream = UnixStream::connect(path).expect("connected");
            stream.write_all(b"portcullis-handover 9\n").expect("said");
            let mut rest = Vec::new();
            // It may be reset, for what it said was not read to its end.
            let _ = stream.read_to_end(&mut rest);
            assert!(rest.is_empty());
        };
        assert!(matches!(one_upgrade(old, new, &path).0, Err(HandoverFault::Answer)));
    }

    #[test]
    fn a_socket_in_use_and_what_is_no_socket_are_left_alone() {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("handover.sock");
        let first = Handover::bind(&path).expect("a socket");
        assert!(matches!(Handover::bind(&path), Err(HandoverFault::Taken(_))));
        drop(first);
        assert!(Handover::bind(&path).is_ok(), "a stale one is replaced");
        let file = directory.path().join("file");
        std::fs::write(&file, "").expect("written");
        assert!(matches!(Handover::bind(&file), Err(HandoverFault::NoSocket(_))));
    }
}
