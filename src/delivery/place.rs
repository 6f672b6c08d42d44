//! How far a sink has come, kept in a file beside the spool. The file is advice: without it, or with one that cannot be
//! believed, delivery begins at the oldest record, and what was delivered before is delivered again.
//!
//! ```text
//! <spool>/<instance>/sinks/<name>.cursor   how far it has come
//!                          <name>.began    where it began: tells a cursor that was lost from a sink that is new
//!                          <name>.replay   where an operator wants it to go on from
//! ```

use std::fmt::Write as _;
use std::io;
use std::path::{Path, PathBuf};

use aws_lc_rs::digest::{SHA256, digest};

use crate::audit::RequestId;
use crate::audit::spool::disk::{self, Disk as _, RealDisk};
use crate::clock::UnixMillis;
use crate::policy::settings::NetworkSink;

/// The first line of a cursor's file.
const MAGIC: &str = "portcullis cursor 1";
/// Longest file of ours.
const MOST_BYTES: u64 = 4096;

/// How far a sink has come.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Saved {
    /// The epoch of the trail; `None` before the first record.
    pub epoch: Option<RequestId>,
    /// The first record that it may lack.
    pub next: u64,
    /// Records that it refused.
    pub rejected: u64,
    /// Records that it did not get by the policy.
    pub left_out: u64,
    /// Those of them that no record tells of yet: first and last sequence number, and how many.
    pub untold: Option<(u64, u64, u64)>,
    /// Its state, as [`super::State::word`] has it.
    pub state: String,
    /// Why it is in it.
    pub cause: String,
    /// When this was written.
    pub at: u64,
}

impl Saved {
    /// Reads the text of a cursor's file; `None` if it is not whole.
    pub fn parse(text: &str) -> Option<Self> {
        let (body, last) = text.strip_suffix('\n')?.rsplit_once('\n')?;
        let body = &text[..=body.len()];
        if last.strip_prefix("sum ")? != sum(body) {
            return None;
        }
        let mut lines = body.lines();
        (lines.next()? == MAGIC).then_some(())?;
        let mut value = |key: &str| lines.next()?.strip_prefix(key)?.strip_prefix(' ');
        let epoch = match value("epoch")? {
            "-" => None,
            text => Some(RequestId::parse(text)?),
        };
        let next = value("next")?.parse().ok()?;
        let rejected = value("rejected")?.parse().ok()?;
        let left_out = value("left-out")?.parse().ok()?;
        let mut untold = value("untold")?.split(' ').map(str::parse);
        let untold = (untold.next()?.ok()?, untold.next()?.ok()?, untold.next()?.ok()?);
        let (state, cause) = (value("state")?.to_owned(), value("cause")?.to_owned());
        let at = value("at")?.parse().ok()?;
        Some(Self { epoch, next, rejected, left_out, untold: (untold.2 > 0).then_some(untold), state, cause, at })
    }
}

/// What was found of a cursor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// It was never kept.
    None,
    /// It was kept once, and is not there or cannot be believed. Where the sink began, if that is known.
    Lost(Option<(Option<RequestId>, u64)>),
    /// It was kept.
    Saved(Saved),
}

/// Where the cursors of a chain's sinks are kept.
#[derive(Clone, Debug)]
pub struct Places(PathBuf);

impl Places {
    /// Below the directory of a chain.
    pub fn new(chain: &Path) -> Self {
        Self(chain.join("sinks"))
    }

    fn path(&self, sink: &NetworkSink, ending: &str) -> PathBuf {
        self.0.join(format!("{}.{ending}", sink.name.as_str()))
    }

    /// What was kept of a sink's cursor.
    pub fn load(&self, sink: &NetworkSink) -> io::Result<Found> {
        let parse = |bytes: &Vec<u8>| str::from_utf8(bytes).ok().and_then(Saved::parse);
        let cursor = read(&self.path(sink, "cursor"))?;
        if let Some(saved) = cursor.as_ref().and_then(parse) {
            return Ok(Found::Saved(saved));
        }
        let began = read(&self.path(sink, "began"))?;
        Ok(match (cursor, began) {
            (None, None) => Found::None,
            (_, began) => Found::Lost(began.as_ref().and_then(parse).map(|saved| (saved.epoch, saved.next))),
        })
    }

    /// Keeps where a sink begins.
    pub fn begin(&self, sink: &NetworkSink, saved: &Saved, now: UnixMillis) -> io::Result<()> {
        RealDisk.make_directory(&self.0)?;
        disk::put(&RealDisk, &self.path(sink, "began"), text(saved, now).as_bytes())?;
        self.save(sink, saved, now)
    }

    /// Keeps it, durably.
    pub fn save(&self, sink: &NetworkSink, saved: &Saved, now: UnixMillis) -> io::Result<()> {
        RealDisk.make_directory(&self.0)?;
        disk::put(&RealDisk, &self.path(sink, "cursor"), text(saved, now).as_bytes())?;
        RealDisk.sync_directory(&self.0)
    }

    /// Asks for a sink's records to be delivered again from `from` on.
    pub fn ask(&self, sink: &NetworkSink, from: u64) -> io::Result<()> {
        RealDisk.make_directory(&self.0)?;
        disk::put(&RealDisk, &self.path(sink, "replay"), format!("from {from}\n").as_bytes())?;
        RealDisk.sync_directory(&self.0)
    }

    /// What was asked for and is not yet done. What cannot be read asks for nothing.
    pub fn asked(&self, sink: &NetworkSink) -> io::Result<Option<u64>> {
        let bytes = read(&self.path(sink, "replay"))?;
        let text = bytes.as_deref().and_then(|bytes| str::from_utf8(bytes).ok());
        Ok(text.and_then(|text| text.trim().strip_prefix("from ")?.parse().ok()))
    }

    /// It is done.
    pub fn done(&self, sink: &NetworkSink) -> io::Result<()> {
        match RealDisk.remove(&self.path(sink, "replay")) {
            Err(fault) if fault.kind() != io::ErrorKind::NotFound => Err(fault),
            _ => RealDisk.sync_directory(&self.0),
        }
    }
}

fn read(path: &Path) -> io::Result<Option<Vec<u8>>> {
    match disk::read(&RealDisk, path, 0, MOST_BYTES) {
        Err(fault) if fault.kind() == io::ErrorKind::NotFound => Ok(None),
        other => other.map(Some),
    }
}

fn text(saved: &Saved, now: UnixMillis) -> String {
    let mut text = format!("{MAGIC}\n");
    let (first, last, count) = saved.untold.unwrap_or_default();
    let epoch = saved.epoch.map_or_else(|| "-".to_owned(), |epoch| epoch.to_string());
    let word = |word: &str| if word.is_empty() { "-".to_owned() } else { word.to_owned() };
    // Writing to a String cannot fail.
    let _ = writeln!(text, "epoch {epoch}\nnext {}\nrejected {}", saved.next, saved.rejected);
    let _ = writeln!(text, "left-out {}\nuntold {first} {last} {count}", saved.left_out);
    let _ = writeln!(text, "state {}\ncause {}\nat {}", word(&saved.state), word(&saved.cause), now.0);
    let sum = sum(&text);
    let _ = writeln!(text, "sum {sum}");
    text
}

/// Tells a file that was written whole from one that was not: no secret is in it.
fn sum(text: &str) -> String {
    digest(&SHA256, text.as_bytes()).as_ref().iter().take(16).fold(String::new(), |mut sum, byte| {
        // Writing to a String cannot fail.
        let _ = write!(sum, "{byte:02x}");
        sum
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_comes_back_as_it_was_or_is_not_believed() {
        let saved = Saved {
            epoch: Some(RequestId::new(UnixMillis(1_767_225_600_000))),
            next: 17,
            rejected: 2,
            left_out: 9,
            untold: Some((3, 12, 4)),
            state: "waiting".to_owned(),
            cause: "http_503".to_owned(),
            at: 99,
        };
        let kept = text(&saved, UnixMillis(99));
        assert_eq!(Saved::parse(&kept), Some(saved));
        let new = Saved { state: "-".to_owned(), cause: "-".to_owned(), ..Saved::default() };
        assert_eq!(Saved::parse(&text(&new, UnixMillis(0))), Some(new));
        for cut in 0..kept.len() {
            assert_eq!(Saved::parse(&kept[..cut]), None, "{cut}");
        }
        for at in 0..kept.len() {
            let mut changed = kept.clone().into_bytes();
            changed[at] ^= 1;
            assert_eq!(str::from_utf8(&changed).ok().and_then(Saved::parse), None, "{at}");
        }
    }
}
