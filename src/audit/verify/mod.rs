//! The trail, looked at by somebody who did not write it: whole, or what is wrong and where.
//!
//! ```text
//! lines ─┐                    ┌─► tree, checkpoints, anchors
//! spool ─┴─► Found ─► Ledger ─┤                              ─► Findings ─► Report
//!            (a record)  (a chain)  └─► links, gaps, silence
//! ```
//!
//! Reading order: `canonical` (a record's own bytes), `facts`, `finding`, `parts`, `ledger`, `astray` and `judge` (one chain),
//! `close` (its end), `lines` (files), `report`.

mod astray;
pub mod canonical;
mod close;
mod facts;
mod finding;
mod judge;
mod ledger;
mod left_out;
mod lines;
mod parts;
mod prove;
mod report;
mod segments;
mod spool;
mod stub;

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

pub use close::ChainReport;
pub use finding::{Finding, Findings, Kind, Place, Verdict};
pub use prove::{Disproved, ProveFault, Target, check, prove};
pub use report::Report;

use crate::audit::proof::{Checkpoint, Note, Origin, Roster};
use crate::audit::spool::{SpoolFault, WrappingKey};
use crate::clock::UnixMillis;
use ledger::{Ledger, SILENCE_MILLIS};
use lines::Piece;
use parts::{Anchor, Found};

/// Most chains: one for each start of a gate without a spool.
const MOST_CHAINS: usize = 100_000;
/// Bytes of records that may wait for those before them, of all chains: with `any_order`, a trail of half a million
/// records whose first line comes last. In order, and with files in any order, next to nothing waits.
const MOST_WAITING: usize = 1 << 30;
/// Longest file of an anchor.
const MOST_ANCHOR_BYTES: u64 = 256 * 1024;

/// What is to be verified, and how.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Whose signatures count.
    pub roster: Option<Roster>,
    /// Directories and files of checkpoints that were kept elsewhere.
    pub anchors: Vec<PathBuf>,
    /// Nothing before this counts, and the begin of a chain may be missing.
    pub from: Option<UnixMillis>,
    /// Nothing after this counts.
    pub to: Option<UnixMillis>,
    /// Lines may stand in any order, as a SIEM may export them.
    pub any_order: bool,
}

/// Why nothing can be said.
#[derive(Debug, thiserror::Error)]
pub enum VerifyFault {
    /// A file or directory.
    #[error("{}: {fault}", path.display())]
    Read {
        /// Which.
        path: PathBuf,
        /// What the system says.
        fault: io::Error,
    },
    /// A spool.
    #[error("{0}")]
    Spool(SpoolFault),
    /// The records of a spool are asked for.
    #[error("the spool's records are encrypted; give its key with --key")]
    NoKey,
    /// There is nothing.
    #[error("{}: no records are there; name a spool, or files of records (.jsonl, .ndjson, .json, .log)", .0.display())]
    Nothing(PathBuf),
    /// Too many chains for one look.
    #[error("more than 100,000 chains")]
    TooMany,
    /// Too many records before those that they follow.
    #[error("more than 1 GiB of records stand before those that they follow; sort the lines by metadata.sequence")]
    TooFarApart,
}

/// A verification that goes on.
struct Verification<'a> {
    key: Option<&'a WrappingKey>,
    /// Segments of which nothing can be said without the key.
    unopened: u64,
    /// Bytes of records that wait for those before them.
    waiting: usize,
    options: Options,
    ledgers: BTreeMap<String, Ledger>,
    findings: Findings,
    anchors: BTreeMap<Origin, Vec<Anchor>>,
}

/// Verifies what lies in `paths`: spools, directories and files. With `key`, the records of a spool are read.
pub fn verify(paths: &[PathBuf], options: Options, key: Option<&WrappingKey>) -> Result<Report, VerifyFault> {
    let findings = Findings::within(options.from, options.to);
    let mut verification = Verification {
        key,
        unopened: 0,
        waiting: 0,
        options,
        ledgers: BTreeMap::new(),
        findings,
        anchors: BTreeMap::new(),
    };
    verification.read_anchors()?;
    for source in in_order(paths)? {
        match source {
            Source::File(path) => verification.file(&path)?,
            Source::Spool(path) => verification.spool(&path, verification.key)?,
        }
    }
    if verification.ledgers.is_empty() && verification.findings.list().is_empty() {
        return Err(VerifyFault::Nothing(paths.first().cloned().unwrap_or_default()));
    }
    Ok(verification.close())
}

/// Where records are.
enum Source {
    File(PathBuf),
    Spool(PathBuf),
}

/// The spools and files of `paths`, files in the order of their records.
fn in_order(paths: &[PathBuf]) -> Result<Vec<Source>, VerifyFault> {
    let (mut spools, mut files) = (Vec::new(), Vec::new());
    for path in paths {
        let is_spool = spool::is_spool(path);
        if is_spool {
            spools.push(Source::Spool(path.clone()));
        }
        let found = if path.is_dir() { lines::files(path).map_err(read_fault(path))? } else { vec![path.clone()] };
        if found.is_empty() && !is_spool {
            return Err(VerifyFault::Nothing(path.clone()));
        }
        files.extend(found);
    }
    let mut ordered = Vec::new();
    for path in files {
        let first = lines::first(&path).map_err(read_fault(&path))?;
        ordered.push((first.is_none(), first, path));
    }
    ordered.sort();
    ordered.dedup_by(|one, other| one.2 == other.2);
    spools.extend(ordered.into_iter().map(|(.., path)| Source::File(path)));
    Ok(spools)
}

fn read_fault(path: &Path) -> impl FnOnce(io::Error) -> VerifyFault {
    let path = path.to_owned();
    move |fault| VerifyFault::Read { path, fault }
}

impl Verification<'_> {
    fn file(&mut self, path: &Path) -> Result<(), VerifyFault> {
        let file = self.findings.file(path.to_owned());
        // A line that is no record: what it is depends on what follows.
        let mut bad: Option<Place> = None;
        let mut failed = None;
        lines::read(path, file, |piece, place| {
            if failed.is_some() {
                return;
            }
            let (text, ended) = match piece {
                Piece::Record(text) => (text, true),
                Piece::Unended(text) => (text, false),
                Piece::TooLong => return self.unreadable(place, "this line is longer than any record"),
            };
            match self.text(text, place) {
                Ok(Some(began)) => {
                    if let Some(bad) = bad.take() {
                        self.unfinished(bad, began);
                    }
                }
                Ok(None) if ended => {
                    if let Some(before) = bad.replace(place) {
                        self.unfinished(before, false);
                    }
                }
                Ok(None) => self.cut(place),
                Err(fault) => failed = Some(fault),
            }
        })
        .map_err(read_fault(path))?;
        if let Some(bad) = bad {
            self.unfinished(bad, false);
        }
        failed.map_or(Ok(()), Err)
    }

    /// Takes in one text. Whether it is the first record after a start; `None` if it is no record.
    fn text(&mut self, text: &[u8], place: Place) -> Result<Option<bool>, VerifyFault> {
        let raw = facts::Facts::read(text);
        let rewritten = raw.is_none_or(|facts| self.ledgers.get(facts.log_name).is_none_or(Ledger::is_rewritten));
        let canonical = if rewritten { canonical::canonical(text) } else { None };
        let found = match (&canonical, raw) {
            (Some(bytes), _) => Found::exact(bytes, place),
            (None, Some(_)) if rewritten => None,
            (None, Some(facts)) => {
                let leaf = facts::leaf_of(text);
                Some(Found { record: text, facts, leaf, place, exact: false })
            }
            (None, None) => None,
        };
        let Some(found) = found else { return Ok(None) };
        self.open_ledger(found.facts.log_name)?;
        if let Some(ledger) = self.ledgers.get_mut(found.facts.log_name) {
            if rewritten && found.record != text {
                ledger.was_rewritten();
            }
            let before = ledger.waiting();
            ledger.accept(&found, &mut self.findings);
            self.waiting = self.waiting - before + ledger.waiting();
        }
        if self.waiting > MOST_WAITING {
            return Err(VerifyFault::TooFarApart);
        }
        Ok(Some(found.facts.code == "PROC.START"))
    }

    /// Makes sure that there is a ledger for a chain.
    fn open_ledger(&mut self, log_name: &str) -> Result<(), VerifyFault> {
        if !self.ledgers.contains_key(log_name) {
            if self.ledgers.len() == MOST_CHAINS {
                return Err(VerifyFault::TooMany);
            }
            let ledger = self.ledger(log_name);
            self.ledgers.insert(log_name.to_owned(), ledger);
        }
        Ok(())
    }

    fn ledger(&mut self, log_name: &str) -> Ledger {
        let origin = Origin::of_log_name(log_name);
        let keys = self
            .options
            .roster
            .as_ref()
            .map(|roster| origin.as_ref().map(|origin| roster.of(origin.key_name())).unwrap_or_default());
        let anchors = origin.and_then(|origin| self.anchors.remove(&origin)).unwrap_or_default();
        Ledger::new(log_name, keys, anchors, self.options.any_order)
    }

    fn unreadable(&mut self, place: Place, text: &str) {
        self.note(Kind::Unreadable, place, text.to_owned());
    }

    /// A line that is no record. Before a start it is what a crash left; the file sink ends such a line.
    fn unfinished(&mut self, place: Place, before_start: bool) {
        if before_start {
            let text = "a record was left unfinished, and the gate started anew behind it".to_owned();
            self.note(Kind::Truncated, place, text);
        } else {
            self.unreadable(place, "this is no record: it cannot be read, or says something twice");
        }
    }

    fn cut(&mut self, place: Place) {
        self.note(Kind::Truncated, place, "the file ends in the middle of a record".to_owned());
    }

    fn note(&mut self, kind: Kind, place: Place, text: String) {
        self.findings.add(Finding { kind, chain: None, place: Some(place), sequence: None, time: None, text });
    }

    fn read_anchors(&mut self) -> Result<(), VerifyFault> {
        for path in self.options.anchors.clone() {
            let mut files = vec![path.clone()];
            if path.is_dir() {
                files.clear();
                for entry in std::fs::read_dir(&path).map_err(read_fault(&path))? {
                    files.push(entry.map_err(read_fault(&path))?.path());
                }
                files.sort();
            }
            for file in files.into_iter().filter(|file| file.is_file()) {
                self.anchor(file)?;
            }
        }
        Ok(())
    }

    /// One file with one or more notes: a checkpoint whose signature is wrong anchors nothing.
    fn anchor(&mut self, path: PathBuf) -> Result<(), VerifyFault> {
        use io::Read as _;
        let mut text = String::new();
        let opened = std::fs::File::open(&path).map_err(read_fault(&path))?;
        let read = opened.take(MOST_ANCHOR_BYTES).read_to_string(&mut text);
        let place = Place { file: self.findings.file(path), line: 0 };
        if read.is_err() {
            self.note(Kind::Signature, place, "this is no checkpoint".to_owned());
            return Ok(());
        }
        let parsed = Note::parse(&text).map_err(|fault| fault.to_string());
        let parsed = parsed.and_then(|note| match Checkpoint::parse(&note.text) {
            Ok(checkpoint) => Ok((note, checkpoint)),
            Err(fault) => Err(fault.to_string()),
        });
        match parsed {
            Err(fault) => self.note(Kind::Signature, place, format!("this is no checkpoint: {fault}")),
            Ok((note, checkpoint)) => {
                let keys = self.options.roster.as_ref().map(|roster| roster.of(checkpoint.origin.key_name()));
                let judged = keys.as_ref().map(|keys| note.judge(keys.iter().map(|entry| &entry.key)));
                if judged.is_none_or(|judged| matches!(judged, crate::audit::proof::Judged::Signed(_))) {
                    let anchor = Anchor { size: checkpoint.size, root: checkpoint.root, place };
                    self.anchors.entry(checkpoint.origin).or_default().push(anchor);
                } else {
                    let text = "the checkpoint kept elsewhere is not signed by a key of the roster".to_owned();
                    self.note(Kind::Signature, place, text);
                }
            }
        }
        Ok(())
    }

    fn close(mut self) -> Report {
        let whole_begin = self.options.from.is_none();
        let mut chains = Vec::new();
        for (_, ledger) in std::mem::take(&mut self.ledgers) {
            chains.extend(ledger.close(whole_begin, &mut self.findings));
        }
        for (origin, anchors) in std::mem::take(&mut self.anchors) {
            let Some(anchor) = anchors.iter().max_by_key(|anchor| anchor.size) else { continue };
            let text = format!(
                "the whole chain is missing, of which a checkpoint over {} records is kept elsewhere",
                anchor.size
            );
            let (chain, place) = (Some(origin.log_name().to_owned()), Some(anchor.place));
            self.findings.add(Finding { kind: Kind::Truncated, chain, place, sequence: None, time: None, text });
        }
        self.name_replicas(&chains);
        Report {
            chains,
            findings: self.findings,
            signatures_asked: self.options.roster.is_some(),
            unopened: self.unopened,
        }
    }

    /// Gates of the roster of which nothing is there, and gates that fell silent before the others did.
    fn name_replicas(&mut self, chains: &[ChainReport]) {
        let newest = chains.iter().map(|chain| chain.times.1).max().unwrap_or(UnixMillis(0));
        let (from, to) = (self.options.from.unwrap_or(UnixMillis(0)), self.options.to.unwrap_or(newest));
        let Some(roster) = &self.options.roster else { return };
        let mut known: Vec<&str> = Vec::new();
        for entry in roster.entries().iter().filter(|entry| !entry.is_shared()) {
            let Some(instance) = entry.key.name().strip_prefix("portcullis/") else { continue };
            let due = entry.from.is_none_or(|begin| begin <= to) && entry.until.is_none_or(|end| from < end);
            if !due || known.contains(&instance) {
                continue;
            }
            known.push(instance);
            let of_instance = chains.iter().filter(|chain| chain.instance == instance);
            let last = of_instance.max_by_key(|chain| chain.times.1);
            let text = match last {
                None => format!("the roster has a key of the gate {instance}, and no record of it is there"),
                Some(chain) if !chain.stopped && chain.times.1.0 + SILENCE_MILLIS < to.0 => {
                    let seconds = (to.0 - chain.times.1.0) / 1000;
                    format!(
                        "the gate {instance} is silent for {seconds} s at the end, and no record says that it stopped"
                    )
                }
                Some(_) => continue,
            };
            let (chain, time) = (last.map(|chain| chain.log_name.clone()), last.map(|chain| chain.times.1));
            self.findings.add(Finding { kind: Kind::Silent, chain, place: None, sequence: None, time, text });
        }
    }
}
