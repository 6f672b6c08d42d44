//! What a start finds, and how it closes what was left open. Nothing is written into a segment again: its valid begin is
//! sealed as it is, and a new segment with a new key begins.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;

use super::SpoolFault;
use super::disk::{self, Disk};
use super::frame::{Opener, find};
use super::header::{Closed, Header, SegmentName, Summary};
use super::key::WrappingKey;
use super::scan::{Scanned, scan};
use super::store::finish;
use crate::audit::id::RequestId;
use crate::audit::pending::Pending;
use crate::audit::proof::{Chain, Leaf};
use crate::clock::UnixMillis;

/// Longest segment that is read whole: four times what one may grow to.
const MOST_BYTES: u64 = 256 << 20;
/// Segments that are searched for decisions whose requests never ended: a request rarely outlives one.
const SEARCHED: usize = 2;

/// What a start found.
#[derive(Debug)]
pub struct Recovered {
    /// The epoch in which the chain goes on.
    pub epoch: RequestId,
    /// Whether the chain begins anew, since no predecessor is known or its end cannot be read.
    pub anew: bool,
    /// Whether there was nothing at all.
    pub fresh: bool,
    /// Number of the last segment of the epoch.
    pub number: u64,
    /// The chain.
    pub chain: Chain,
    /// Whether the last run had stopped in order.
    pub clean: bool,
    /// Bytes of torn frames that count no more.
    pub cut: u64,
    /// Records that can no longer be read.
    pub skipped: u64,
    /// Segments that were closed now.
    pub closed: u64,
    /// Requests that were let through and of whose end there is no record.
    pub pending: Pending,
}

impl Recovered {
    /// Where nothing was read yet.
    fn nothing(epoch: Option<RequestId>, now: UnixMillis) -> Self {
        Self {
            epoch: epoch.unwrap_or_else(|| RequestId::new(now)),
            anew: epoch.is_none(),
            fresh: false,
            number: 0,
            chain: Chain::new(),
            clean: true,
            cut: 0,
            skipped: 0,
            closed: 0,
            pending: Pending::default(),
        }
    }
}

/// A segment as a start finds it.
struct Piece {
    name: SegmentName,
    open: bool,
}

/// What was read of a piece.
struct Reading {
    header: Header,
    chain: Chain,
    leaves: Vec<Leaf>,
    scanned: Scanned,
    length: usize,
}

pub fn recover(disk: &dyn Disk, directory: &Path, key: &WrappingKey, now: UnixMillis) -> Result<Recovered, SpoolFault> {
    let files = disk.list(directory).map_err(SpoolFault::disk(directory))?;
    let mut pieces = pieces(&files);
    let epoch = pieces.last().map(|piece| piece.name.epoch);
    let gone = files.iter().filter_map(|(file, _)| SegmentName::parse(file)).map(|(name, _)| name);
    // A number is used once, whatever became of its segment.
    let number = gone.filter(|name| Some(name.epoch) == epoch).map(|name| name.number).max().unwrap_or(0);
    let cut = cut_off(&files, &pieces);
    let fresh = epoch.is_none() && cut.is_none();
    let mut recovered = Recovered { fresh, number, ..Recovered::nothing(epoch, now) };
    let was_open = pieces.iter().any(|piece| piece.open);
    let lost = set_aside(disk, directory, &mut pieces)?;
    let searched = if was_open { SEARCHED } else { 1 };
    let from = pieces.len().saturating_sub(searched);
    // Where the next segment begins, this one ends.
    let mut limits = BTreeMap::new();
    for at in 0..pieces.len() {
        if let Some(next) = pieces.get(at + 1).filter(|next| next.name.epoch == pieces[at].name.epoch)
            && (pieces[at].open || at >= from)
        {
            limits.insert(pieces[at].name, header(disk, directory, next)?.before.size());
        }
    }
    let mut broken = lost || cut.is_some() || pieces.last().map(|piece| piece.name.epoch) != epoch;
    for (at, piece) in pieces.iter().enumerate().filter(|(at, piece)| piece.open || *at >= from) {
        let search = if at >= from { Some(&mut recovered.pending) } else { None };
        let reading = read(disk, directory, piece, key, limits.get(&piece.name).copied(), search)?;
        let Some(reading) = reading else {
            broken |= at + 1 == pieces.len();
            continue;
        };
        if piece.open {
            recovered.cut += (reading.length - reading.scanned.end) as u64;
            recovered.closed += 1;
            close(disk, directory, piece.name, &reading)?;
        }
        if at + 1 == pieces.len() {
            // What was sealed has its end in its footer, even if frames can no longer be read.
            let sealed = if piece.open { None } else { summary(disk, directory, piece.name) };
            let readable = reading.scanned.next - 1 - reading.scanned.skipped;
            let (end, skipped) = match sealed {
                Some(summary) => (summary.after.clone(), summary.after.size().saturating_sub(readable)),
                None => (reading.chain, reading.scanned.skipped),
            };
            recovered.skipped += skipped;
            broken |= end.size() + 1 < reading.scanned.next;
            recovered.chain = end;
        }
    }
    if let Some(summary) = cut.and_then(|name| summary(disk, directory, name)) {
        recovered.skipped += summary.after.size().saturating_sub(recovered.chain.size());
    }
    recovered.clean = !was_open && !broken && !recovered.anew;
    if broken {
        // Its tree cannot be gone on with: leaves are missing. The new epoch sorts after it, even if the clock was set
        // back.
        let after = recovered.epoch.time().0 + 1;
        recovered.epoch = RequestId::new(UnixMillis(now.0.max(after)));
        (recovered.anew, recovered.number, recovered.chain) = (true, 0, Chain::new());
    }
    Ok(recovered)
}

/// A sealed segment behind the last one that is there, of which only the files beside it are left: somebody took its
/// records away. Going on before it would hide that.
fn cut_off(files: &[(String, u64)], pieces: &[Piece]) -> Option<SegmentName> {
    let of = |wanted: &[&str]| {
        let named = files.iter().filter_map(|(file, _)| SegmentName::parse(file));
        named.filter(|(_, ending)| wanted.contains(ending)).map(|(name, _)| name).max()
    };
    let there = pieces.last().map(|piece| piece.name).max(of(&["gone", "torn"]));
    of(&["sum", "note", "lh"]).filter(|name| Some(*name) > there)
}

/// Segments in order. A name that is there twice, open and sealed, is taken as sealed.
fn pieces(files: &[(String, u64)]) -> Vec<Piece> {
    let mut found = BTreeMap::new();
    for (file, _) in files {
        match SegmentName::parse(file) {
            Some((name, "open")) => {
                found.entry(name).or_insert(true);
            }
            Some((name, "seg")) => {
                found.insert(name, false);
            }
            _ => {}
        }
    }
    found.into_iter().map(|(name, open)| Piece { name, open }).collect()
}

fn path(directory: &Path, piece: &Piece) -> std::path::PathBuf {
    directory.join(piece.name.file(if piece.open { "open" } else { "seg" }))
}

fn header(disk: &dyn Disk, directory: &Path, piece: &Piece) -> Result<Header, SpoolFault> {
    let path = path(directory, piece);
    let bytes = disk::read(disk, &path, 0, super::header::MOST_BYTES as u64).map_err(SpoolFault::disk(&path))?;
    let parsed = Header::parse(&bytes).filter(|(header, _)| header.name == piece.name);
    parsed.map(|(header, _)| header).ok_or_else(|| SpoolFault::Disk {
        path,
        fault: io::Error::new(io::ErrorKind::InvalidData, "the segment's header cannot be read"),
    })
}

/// Sets aside open segments whose header never came to the disk whole: no record was promised in them. Whether one of
/// the last epoch holds frames all the same, which then can no longer be read.
fn set_aside(disk: &dyn Disk, directory: &Path, pieces: &mut Vec<Piece>) -> Result<bool, SpoolFault> {
    let (mut lost, mut aside) = (false, Vec::new());
    for (at, piece) in pieces.iter().enumerate() {
        let from = path(directory, piece);
        if piece.open {
            disk.settle(&from).map_err(SpoolFault::disk(&from))?;
        }
        let bytes =
            disk::read(disk, &from, 0, super::header::MOST_BYTES as u64 * 4).map_err(SpoolFault::disk(&from))?;
        if Header::parse(&bytes).is_some_and(|(header, _)| header.name == piece.name) {
            continue;
        }
        let frames = find(&bytes).is_some() || !piece.open;
        lost |= frames && at + 1 == pieces.len();
        aside.push(piece.name);
        if piece.open {
            disk.rename(&from, &directory.join(piece.name.file("torn"))).map_err(SpoolFault::disk(&from))?;
        }
    }
    if !aside.is_empty() {
        disk.sync_directory(directory).map_err(SpoolFault::disk(directory))?;
        pieces.retain(|piece| !aside.contains(&piece.name));
    }
    Ok(lost)
}

/// Reads a segment whole. `None` if its key is ours by name and does not open it: then the header was changed.
fn read(
    disk: &dyn Disk,
    directory: &Path,
    piece: &Piece,
    key: &WrappingKey,
    last: Option<u64>,
    mut search: Option<&mut Pending>,
) -> Result<Option<Reading>, SpoolFault> {
    let path = path(directory, piece);
    // Of a sealed one, what its footer says counts.
    let sealed = if piece.open { None } else { summary(disk, directory, piece.name) };
    let most = sealed.map_or(MOST_BYTES, |summary| summary.bytes.min(MOST_BYTES));
    let bytes = disk::read(disk, &path, 0, most).map_err(SpoolFault::disk(&path))?;
    let Some((header, begin)) = Header::parse(&bytes) else { return Ok(None) };
    let sidecar = directory.join(piece.name.file("dek"));
    let sidecar = disk::read(disk, &sidecar, 0, 1024).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    let Some(data) = header.open(key, sidecar.as_deref()) else {
        if header.key == key.id() {
            return Ok(None);
        }
        return Err(SpoolFault::WrongKey { path, wanted: header.key, given: key.id().to_owned() });
    };
    let mut opener = Opener::new(data, &header).map_err(SpoolFault::disk(&path))?;
    let (mut chain, mut leaves) = (header.before.clone(), Vec::new());
    let first = chain.size() + 1;
    let scanned = scan(&bytes, begin, first, last, &mut opener, |sequence, record| {
        // Behind a hole there is no tree to grow; the leaves are kept all the same.
        if sequence == chain.size() + 1 {
            leaves.push(chain.push(record));
        } else {
            leaves.push(Leaf::of(record));
        }
        if let Some(pending) = &mut search {
            pending.see(sequence, record);
        }
    });
    Ok(Some(Reading { header, chain, leaves, scanned, length: bytes.len() }))
}

fn summary(disk: &dyn Disk, directory: &Path, name: SegmentName) -> Option<Summary> {
    let bytes = disk::read(disk, &directory.join(name.file("sum")), 0, super::header::MOST_BYTES as u64).ok()?;
    Summary::parse(str::from_utf8(&bytes).ok()?)
}

/// Seals what was left open.
fn close(disk: &dyn Disk, directory: &Path, name: SegmentName, reading: &Reading) -> Result<(), SpoolFault> {
    let summary = Summary {
        after: reading.chain.clone(),
        records: reading.scanned.records,
        bytes: reading.scanned.end as u64,
        cut: (reading.length - reading.scanned.end) as u64,
        skipped: reading.scanned.skipped,
        // The last record's own time stands in it; the segment's begin is close enough for a retention of months.
        last: reading.header.created,
        closed: Closed::Recovered,
    };
    finish(disk, directory, name, &reading.leaves, &summary, None).map_err(SpoolFault::disk(directory))
}
