//! Syslog (RFC 5424) over TLS (RFC 5425), or over TCP within this machine.
//!
//! The protocol has no acknowledgement. A write that succeeds means that the kernel took the bytes: of what a receiver
//! was given before it died, the last thousand records may be lost. Therefore the connection is looked at before and
//! after each write, and where it broke, what was sent last is given again. Who receives tells copies by `seq`.

mod frame;
mod sent;
mod stub;

use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use std::task::Poll;
use std::time::Duration;

use rustls::AlertDescription;
use tokio::io::{AsyncRead as _, AsyncReadExt as _, AsyncWriteExt as _, ReadBuf};
use tokio::time::timeout;

pub use frame::{Framer, LONGEST};
pub use stub::stub;

use super::http::transport;
use super::make::Tools;
use super::receiver::{Answer, Batch, Delivering, Receiver};
use crate::clock::Clock;
use crate::outbound::{Dialer, TrustFault, Wire, refuses_certificate};
use crate::policy::http_address::HttpPlace;
use crate::policy::settings::SyslogSettings;
use sent::Unsure;

/// How long a receiver that closes a new connection at once is waited for: it does not want this gate, or has nobody
/// behind it.
const FIRST_LOOK: Duration = Duration::from_millis(100);
/// How long the end of a connection may take.
const CLOSE: Duration = Duration::from_secs(5);
/// Bytes that are written at once.
const PIECE: usize = 256 * 1024;

/// A connection in both directions.
type Stream = Box<dyn Wire>;

/// A syslog receiver.
pub struct Syslog {
    dialer: Dialer,
    place: HttpPlace,
    framer: Framer,
    clock: Clock,
    /// How long a connection may take to be made, and a piece of a batch to be taken.
    patience: Duration,
    stream: Option<Stream>,
    unsure: Unsure,
    /// Records before the first batch that an earlier process may have sent to nobody; sent again once.
    inherited: u64,
    /// The receiver broke the last connection off because of who we are.
    refused: Option<&'static str>,
    frames: Vec<u8>,
}

/// Why a connection is not there any more.
struct Broken {
    cause: &'static str,
    /// Nothing will help but another certificate, here or there.
    refused: bool,
}

impl Broken {
    const fn by(cause: &'static str) -> Self {
        Self { cause, refused: false }
    }
}

impl Syslog {
    /// Reads the files that the settings name; connects with the first batch.
    pub fn load(settings: &SyslogSettings, tools: &Tools) -> Result<Self, TrustFault> {
        let mut dialer = Dialer::load(settings.ca.as_deref(), settings.client.as_ref(), &[], &tools.provider)?;
        // The policy's decoder took nothing that is no name.
        let _ = dialer.called(settings.server_name.as_deref());
        Ok(Self {
            dialer,
            place: settings.place.clone(),
            framer: Framer::new(settings.facility, settings.format, settings.enterprise, std::process::id()),
            clock: tools.clock.clone(),
            patience: settings.timeout,
            stream: None,
            unsure: Unsure::new(settings.rewind),
            inherited: settings.rewind.records,
            refused: None,
            frames: Vec::with_capacity(PIECE + 2 * LONGEST),
        })
    }

    async fn give(&mut self, batch: &Batch) -> Answer {
        if let Some(cause) = self.refused.take() {
            return Answer::Misconfigured { cause };
        }
        if let Some(stream) = &mut self.stream
            && let Err(broken) = look(stream).await
        {
            return self.broken(broken);
        }
        if self.stream.is_none()
            && let Err(answer) = self.connect().await
        {
            return answer;
        }
        // What an earlier process had written when it ended may not have arrived, and nobody could tell it.
        if std::mem::take(&mut self.inherited) > 0 {
            return Answer::Again { records: self.unsure.window(), cause: "process_began" };
        }
        match self.write(batch).await {
            Ok(()) => {
                self.unsure.sent(batch.len() as u64, self.clock.ticks());
                Answer::Taken
            }
            Err(Written::Broken(broken)) => self.broken(broken),
            Err(Written::NoRecord(at)) => Answer::Refused { at: Some(at), cause: "no_record" },
        }
    }

    async fn connect(&mut self) -> Result<(), Answer> {
        let later = |cause| Err(Answer::Later { after: None, cause });
        let mut stream = match timeout(self.patience, self.dialer.dial(&self.place)).await {
            Ok(Ok(stream)) => stream,
            Ok(Err(fault)) => return Err(transport(fault)),
            Err(_) => return later("timeout"),
        };
        // With TLS 1.3 the handshake ends here before the receiver has judged our certificate.
        match timeout(FIRST_LOOK, heard(&mut stream)).await {
            Err(_) => {}
            Ok(Broken { cause, refused: true }) => return Err(Answer::Misconfigured { cause }),
            Ok(Broken { cause, .. }) => return later(cause),
        }
        self.stream = Some(stream);
        self.unsure.begin();
        Ok(())
    }

    async fn write(&mut self, batch: &Batch) -> Result<(), Written> {
        let Some(stream) = &mut self.stream else { return Err(Written::Broken(Broken::by("connect"))) };
        self.frames.clear();
        for (at, record) in batch.iter().enumerate() {
            if !self.framer.frame(record, &mut self.frames) {
                // What came before it is sent with the part of the batch that is given again.
                return Err(Written::NoRecord(at));
            }
            if self.frames.len() >= PIECE {
                write_all(stream, &self.frames, self.patience).await.map_err(Written::Broken)?;
                self.frames.clear();
            }
        }
        write_all(stream, &self.frames, self.patience).await.map_err(Written::Broken)?;
        look(stream).await.map_err(Written::Broken)
    }

    /// Gives the connection up, and asks for what may be lost with it.
    fn broken(&mut self, broken: Broken) -> Answer {
        self.stream = None;
        if broken.refused {
            self.refused = Some(broken.cause);
        }
        match self.unsure.take(self.clock.ticks()) {
            0 => Answer::Later { after: None, cause: broken.cause },
            records => Answer::Again { records, cause: broken.cause },
        }
    }

    async fn end(&mut self) {
        let Some(mut stream) = self.stream.take() else { return };
        let in_order = async {
            // TLS says close_notify; then the receiver reads to the end, and closes its own side.
            stream.shutdown().await?;
            heard(&mut stream).await;
            io::Result::Ok(())
        };
        // At the end of its patience the connection is dropped: what was sent last is sent again at the next start.
        let _ = timeout(CLOSE, in_order).await;
    }
}

impl Receiver for Syslog {
    fn deliver<'r>(&'r mut self, batch: &'r Batch) -> Delivering<'r> {
        Box::pin(self.give(batch))
    }

    fn look(&mut self) -> Pin<Box<dyn Future<Output = Option<Answer>> + Send + '_>> {
        Box::pin(async {
            let broken = look(self.stream.as_mut()?).await.err()?;
            Some(self.broken(broken))
        })
    }

    fn close(&mut self) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        Box::pin(self.end())
    }
}

/// Why a batch was not written.
enum Written {
    Broken(Broken),
    NoRecord(usize),
}

async fn write_all(stream: &mut Stream, bytes: &[u8], patience: Duration) -> Result<(), Broken> {
    let written = async {
        stream.write_all(bytes).await?;
        stream.flush().await
    };
    match timeout(patience, written).await {
        Ok(Ok(())) => Ok(()),
        Ok(Err(fault)) => Err(fault_of(&fault)),
        Err(_) => Err(Broken::by("write_timeout")),
    }
}

/// Looks once whether the receiver has closed its side. It has nothing to say; what it says is passed over.
async fn look(stream: &mut Stream) -> Result<(), Broken> {
    poll_fn(|cx| {
        let mut bytes = [0u8; 512];
        // So often at most: a receiver that never stops to talk must not hold us.
        for _ in 0..8 {
            let mut buffer = ReadBuf::new(&mut bytes);
            match Pin::new(&mut *stream).poll_read(cx, &mut buffer) {
                Poll::Pending => break,
                Poll::Ready(Ok(())) if buffer.filled().is_empty() => return Poll::Ready(Err(Broken::by("closed"))),
                Poll::Ready(Ok(())) => {}
                Poll::Ready(Err(fault)) => return Poll::Ready(Err(fault_of(&fault))),
            }
        }
        Poll::Ready(Ok(()))
    })
    .await
}

/// Waits for the end of what the receiver says.
async fn heard(stream: &mut Stream) -> Broken {
    let mut bytes = [0u8; 512];
    loop {
        match stream.read(&mut bytes).await {
            Ok(0) => return Broken::by("closed"),
            Ok(_) => {}
            Err(fault) => return fault_of(&fault),
        }
    }
}

/// An alert about certificates is a setting at fault, anything else a connection that broke.
fn fault_of(fault: &io::Error) -> Broken {
    let of_tls = fault.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>());
    match of_tls {
        Some(rustls::Error::AlertReceived(alert))
            if *alert == AlertDescription::HandshakeFailure || refuses_certificate(*alert) =>
        {
            Broken { cause: "certificate_refused", refused: true }
        }
        Some(_) => Broken::by("tls_broken"),
        None if fault.kind() == io::ErrorKind::UnexpectedEof => Broken::by("closed"),
        None => Broken::by("broken"),
    }
}
