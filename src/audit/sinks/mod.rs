//! Where records go, and what happens while one of these places cannot be written to.

mod file;
mod lane;
mod rotate;
mod stdout;

use std::io;
use std::path::Path;

use super::trail::AuditFault;
use crate::clock::Clock;
use crate::policy::settings::SinkSettings;
use crate::redact::Name;

pub use file::FileSink;
pub(super) use lane::Lane;
pub use stdout::StdoutSink;

/// A place for lines.
pub trait Sink: Send {
    /// Where it writes to, for the log.
    fn place(&self) -> &Path;

    /// Writes whole lines. After an error, the next call begins with the first line that was not taken whole; the sink
    /// sees to it that a line which was written in part does not run into another.
    fn write(&mut self, lines: &[u8]) -> Result<(), Refused>;

    /// Makes what was written durable.
    fn sync(&mut self) -> io::Result<()>;

    /// A file that the sink itself has ended since it was last asked: it will not change any more.
    fn ended(&mut self) -> Option<EndedFile> {
        None
    }
}

/// A file of records that a sink has ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EndedFile {
    /// Its name, without its directory.
    pub name: Name,
    /// Its length.
    pub bytes: u64,
    /// Sequence numbers of its first and last record.
    pub sequences: (u64, u64),
}

/// A sink that could not take all.
#[derive(Debug)]
pub struct Refused {
    /// Bytes that it took: whole lines.
    pub taken: usize,
    /// What the system says.
    pub fault: io::Error,
}

/// Opens what the policy names; `None` for a place on the network, which is delivered to from the spool.
pub fn open(settings: &SinkSettings, clock: &Clock, has_spool: bool) -> Result<Option<Box<dyn Sink>>, AuditFault> {
    let file = |path: &Path, sink: io::Result<FileSink>| match sink {
        Ok(sink) => Ok(Box::new(sink) as Box<dyn Sink>),
        Err(fault) => Err(AuditFault::Sink { path: path.to_owned(), fault }),
    };
    let sink = match settings {
        SinkSettings::Network(_) => return Ok(None),
        SinkSettings::File(path) => file(path, FileSink::open(path)),
        SinkSettings::Rotated(path, rotate) => file(path, FileSink::rotated(path, *rotate, clock.clone())),
        SinkSettings::Stdout => match StdoutSink::open(has_spool) {
            Ok(sink) => Ok(Box::new(sink) as Box<dyn Sink>),
            Err(fault) => Err(AuditFault::Sink { path: "stdout".into(), fault }),
        },
    };
    sink.map(Some)
}
