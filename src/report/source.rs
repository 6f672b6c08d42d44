//! Files of records, read in blocks of whole lines by as many threads as there are cores.

use std::fs::{self, File};
use std::io::{self, Read};
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::mpsc::{Receiver, sync_channel};
use std::thread;

use super::record::{Line, Past, Sighted};
use crate::audit::spool::{self, SpoolFault, WrappingKey};

/// Bytes that are read at once: some thousand records.
const BLOCK: usize = 4 * 1024 * 1024;

/// Longest line; a record is below 16 KiB, and a SIEM may have added to it.
const MAX_LINE: usize = 1024 * 1024;

/// Blocks that wait for a thread.
const WAITING: usize = 2;

/// Records of the past: JSON lines in a file, or in all files of a directory that end in `.jsonl`, or had that ending
/// before they were rotated; or the segments of an audit spool.
pub struct Records(Source);

enum Source {
    Files(Vec<PathBuf>),
    Spool(Vec<PathBuf>, WrappingKey),
}

/// Why records cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum SourceFault {
    /// The system says no.
    #[error("{}: {fault}", path.display())]
    Io {
        /// The file or directory.
        path: PathBuf,
        /// What the system says.
        fault: io::Error,
    },
    /// The spool says no.
    #[error("{0}")]
    Spool(#[from] SpoolFault),
    /// A spool without its key.
    #[error("{}: an audit spool; name the file of `audit.spool.key` with --key", .0.display())]
    Sealed(PathBuf),
    /// Nothing to read.
    #[error("{}: no files that end in .jsonl; name a file, or a directory that a file sink writes to", .0.display())]
    Empty(PathBuf),
}

/// What was read beside requests.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Lines that are records of the gate.
    pub records: u64,
    /// Of these, requests.
    pub requests: u64,
    /// Lines that are none, or are broken.
    pub foreign: u64,
}

impl Counts {
    fn add(&mut self, other: Self) {
        self.records += other.records;
        self.requests += other.requests;
        self.foreign += other.foreign;
    }
}

impl Records {
    /// Finds the files, oldest name first; `key` opens a spool.
    pub fn find(path: &Path, key: Option<&Path>) -> Result<Self, SourceFault> {
        let io = |fault| SourceFault::Io { path: path.to_owned(), fault };
        if !fs::metadata(path).map_err(io)?.is_dir() {
            return Ok(Self(Source::Files(vec![path.to_owned()])));
        }
        let chains = spool::chains(path)?;
        if !chains.is_empty() {
            let key = key.ok_or_else(|| SourceFault::Sealed(path.to_owned()))?;
            return Ok(Self(Source::Spool(chains, WrappingKey::load(key)?)));
        }
        let mut files = Vec::new();
        for entry in fs::read_dir(path).map_err(io)? {
            let file = entry.map_err(io)?.path();
            let name = file.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            if file.is_file() && name.contains(".jsonl") {
                files.push(file);
            }
        }
        files.sort();
        if files.is_empty() { Err(SourceFault::Empty(path.to_owned())) } else { Ok(Self(Source::Files(files))) }
    }

    /// Gives every request to one of the sinks, which `make` makes, one for each thread; in no order.
    pub fn read<S: Send>(
        &self,
        make: impl Fn() -> S + Sync,
        see: impl Fn(&mut S, &Past<'_>) + Sync,
    ) -> Result<(Vec<S>, Counts), SourceFault> {
        let threads = thread::available_parallelism().map_or(1, NonZeroUsize::get);
        let (send, receive) = sync_channel::<Vec<u8>>(WAITING);
        let receive = Mutex::new(receive);
        thread::scope(|scope| {
            let workers: Vec<_> = (0..threads).map(|_| scope.spawn(|| work(&receive, &make, &see))).collect();
            let fed = self.blocks(|block| send.send(block).is_ok());
            drop(send);
            let mut sinks = Vec::new();
            let mut counts = Counts::default();
            for worker in workers {
                // A thread that panicked has said so; the count of lines would be wrong without it.
                let Ok((sink, counted)) = worker.join() else {
                    return Err(SourceFault::Io {
                        path: PathBuf::from("records"),
                        fault: io::Error::other("a reading thread ended early"),
                    });
                };
                sinks.push(sink);
                counts.add(counted);
            }
            fed.map(|()| (sinks, counts))
        })
    }

    /// Gives every request to `see`, in the order of the files.
    pub fn read_in_order(&self, mut see: impl FnMut(&Past<'_>)) -> Result<Counts, SourceFault> {
        let mut counts = Counts::default();
        self.blocks(|block| {
            lines(&block, &mut counts, &mut see);
            true
        })?;
        Ok(counts)
    }

    /// Gives every request's last record to `see`, as detectors want it, in the order of the files.
    pub fn sighted_in_order(&self, mut see: impl FnMut(&Sighted<'_>)) -> Result<Counts, SourceFault> {
        let mut counts = Counts::default();
        self.blocks(|block| {
            each_line(&block, &mut counts, &mut |line| {
                line.sighted().is_some_and(|sighted| {
                    see(&sighted);
                    true
                })
            });
            true
        })?;
        Ok(counts)
    }

    /// Gives all there is in blocks of whole lines, until `give` wants no more.
    fn blocks(&self, mut give: impl FnMut(Vec<u8>) -> bool) -> Result<(), SourceFault> {
        match &self.0 {
            Source::Files(files) => files.iter().try_for_each(|path| {
                let io = |fault| SourceFault::Io { path: path.clone(), fault };
                blocks(File::open(path).map_err(io)?, &mut give).map_err(io)
            }),
            Source::Spool(chains, key) => chains.iter().try_for_each(|chain| sealed_blocks(chain, key, &mut give)),
        }
    }
}

/// Records of one chain.
fn sealed_blocks(chain: &Path, key: &WrappingKey, give: &mut impl FnMut(Vec<u8>) -> bool) -> Result<(), SourceFault> {
    let mut block = Vec::with_capacity(BLOCK + MAX_LINE);
    let mut wanted = true;
    for segment in spool::segments(chain)? {
        segment.records(key, |_, record| {
            block.extend_from_slice(record);
            block.push(b'\n');
            if block.len() >= BLOCK {
                wanted = wanted && give(std::mem::take(&mut block));
            }
        })?;
        if !wanted {
            return Ok(());
        }
    }
    if !block.is_empty() {
        give(block);
    }
    Ok(())
}

fn work<S>(
    blocks: &Mutex<Receiver<Vec<u8>>>,
    make: &(impl Fn() -> S + Sync),
    see: &(impl Fn(&mut S, &Past<'_>) + Sync),
) -> (S, Counts) {
    let (mut sink, mut counts) = (make(), Counts::default());
    loop {
        // Another thread that panicked with the lock held has taken nothing out of the channel.
        let next = blocks.lock().unwrap_or_else(std::sync::PoisonError::into_inner).recv();
        let Ok(block) = next else { return (sink, counts) };
        lines(&block, &mut counts, &mut |past| see(&mut sink, past));
    }
}

fn lines(block: &[u8], counts: &mut Counts, see: &mut impl FnMut(&Past<'_>)) {
    each_line(block, counts, &mut |line| {
        line.request().is_some_and(|past| {
            see(&past);
            true
        })
    });
}

/// Gives every record to `take`, which says whether it was a request's.
fn each_line(block: &[u8], counts: &mut Counts, take: &mut impl FnMut(&Line<'_>) -> bool) {
    let mut rest = block;
    while !rest.is_empty() {
        let end = memchr::memchr(b'\n', rest).unwrap_or(rest.len());
        let text = &rest[..end];
        rest = &rest[(end + 1).min(rest.len())..];
        if text.is_empty() {
            continue;
        }
        match serde_json::from_slice::<Line<'_>>(text) {
            Ok(line) if line.is_ours() => {
                counts.records += 1;
                counts.requests += u64::from(take(&line));
            }
            _ => counts.foreign += 1,
        }
    }
}

/// Reads blocks that end where a line ends. A line that is too long is cut, and its pieces are no records.
fn blocks(mut file: impl Read, mut give: impl FnMut(Vec<u8>) -> bool) -> io::Result<()> {
    let mut begun = Vec::new();
    loop {
        let mut block = Vec::with_capacity(BLOCK + begun.len());
        block.append(&mut begun);
        let read = file.by_ref().take(BLOCK as u64).read_to_end(&mut block)?;
        if read == 0 {
            if !block.is_empty() {
                give(block);
            }
            return Ok(());
        }
        let whole = memchr::memrchr(b'\n', &block).map_or(0, |end| end + 1);
        begun = block.split_off(whole);
        if begun.len() > MAX_LINE {
            begun.push(b'\n');
            block.append(&mut begun);
        }
        if !block.is_empty() && !give(block) {
            return Ok(());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_end_where_lines_end_and_nothing_is_lost() {
        let text: Vec<u8> = (0..900_000).flat_map(|number| format!("line {number}\n").into_bytes()).collect();
        let mut read = Vec::new();
        blocks(&text[..text.len() - 1], |block| {
            assert!(block.ends_with(b"\n") || block.ends_with(b"899999"));
            read.extend(block);
            true
        })
        .expect("memory");
        assert_eq!(read, &text[..text.len() - 1]);
    }

    #[test]
    fn what_is_no_record_is_counted() {
        let directory = tempfile::tempdir().expect("a directory");
        assert!(matches!(Records::find(directory.path(), None), Err(SourceFault::Empty(_))));
        let golden: serde_json::Value =
            serde_json::from_str(include_str!("../../tests/golden/access.json")).expect("JSON");
        fs::write(directory.path().join("a.jsonl"), format!("{golden}\nnot a record\n\n{{}}\n")).expect("a file");
        fs::write(directory.path().join("a.jsonl.1"), format!("{golden}\n{golden}")).expect("a file");
        fs::write(directory.path().join("b.txt"), "not looked at").expect("a file");
        let records = Records::find(directory.path(), None).expect("files");
        let (seen, counts) = records.read(|| 0, |seen, _| *seen += 1).expect("records");
        assert_eq!(seen.into_iter().sum::<i32>(), 3);
        assert_eq!(counts, Counts { records: 3, requests: 3, foreign: 2 });
        let mut seen = 0;
        assert_eq!(records.read_in_order(|_| seen += 1).expect("records"), counts);
        assert_eq!(seen, 3);
    }
}
