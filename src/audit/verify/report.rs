//! What a verification says, for people and for machines.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::close::ChainReport;
use super::finding::{Findings, Verdict};
use crate::audit::proof::time_text;

/// A verification's result.
#[derive(Debug)]
pub struct Report {
    /// Chains, by name.
    pub chains: Vec<ChainReport>,
    /// What is wrong.
    pub findings: Findings,
    /// Whether a roster was given.
    pub signatures_asked: bool,
    /// Whether checkpoints that were kept elsewhere were given.
    pub anchored: bool,
    /// Segments of a spool of which nothing can be said without its key: those that are written now.
    pub unopened: u64,
}

impl Report {
    /// What it comes to.
    pub fn verdict(&self) -> Verdict {
        self.findings.verdict()
    }

    /// For people.
    pub fn text(&self) -> String {
        let mut out = String::new();
        for chain in &self.chains {
            render(chain, self.signatures_asked, &mut out);
        }
        for finding in self.findings.list() {
            line(&mut out, &self.findings.sentence(finding));
        }
        if self.findings.more() > 0 {
            line(&mut out, &format!("and {} further findings", self.findings.more()));
        }
        if !self.signatures_asked {
            line(&mut out, "note: without --roster, nobody was asked whose signatures these are");
        }
        if !self.anchored {
            line(
                &mut out,
                "note: without --anchors, nobody was asked whether a chain went on behind its last record here, or was \
                 written anew",
            );
        }
        let sealed: u64 = self.chains.iter().map(|chain| chain.totals.sealed).sum();
        if sealed + self.unopened > 0 {
            let text = format!(
                "note: without --key, {} were held against their leaf hashes alone, and {} not looked into",
                counted(sealed, "record"),
                counted(self.unopened, "open segment")
            );
            line(&mut out, &text);
        }
        let stubs: u64 = self.chains.iter().map(|chain| chain.totals.stubs).sum();
        if stubs > 0 {
            let text = format!(
                "note: of {} there is only a stub, which shows where it stands and not all that it says: it was too long \
                 for the sink, and the spool has it",
                counted(stubs, "record")
            );
            line(&mut out, &text);
        }
        let verdict = self.verdict();
        let records: u64 = self.chains.iter().map(|chain| chain.totals.records).sum();
        line(
            &mut out,
            &format!(
                "RESULT: {}   {} records in {}   {}   (exit {})",
                verdict.text(),
                grouped(records),
                counted(self.chains.len() as u64, "chain"),
                counted(self.findings.list().len() as u64 + self.findings.more(), "finding"),
                verdict as u8
            ),
        );
        out
    }

    /// For machines: one JSON object.
    pub fn json(&self) -> String {
        let chains: Vec<Value> = self.chains.iter().map(chain_json).collect();
        let findings: Vec<Value> = self
            .findings
            .list()
            .iter()
            .map(|finding| {
                json!({
                    "kind": finding.kind.word(),
                    "chain": finding.chain,
                    "file": finding.place.and_then(|place| self.findings.files.get(place.file)).map(|file| file.display().to_string()),
                    "line": finding.place.map(|place| place.line).filter(|line| *line > 0),
                    "first_sequence": finding.sequence.map(|(first, _)| first),
                    "last_sequence": finding.sequence.map(|(_, last)| last),
                    "time": finding.time.map(time_text),
                    "text": finding.text,
                })
            })
            .collect();
        let verdict = self.verdict();
        json!({
            "verdict": verdict.text().to_lowercase().replace(' ', "_"),
            "exit_code": verdict as u8,
            "signatures_checked": self.signatures_asked,
            "anchors_checked": self.anchored,
            "chains": chains,
            "findings": findings,
            "unopened_segments": self.unopened,
            "further_findings": self.findings.more(),
        })
        .to_string()
    }
}

fn render(chain: &ChainReport, asked: bool, out: &mut String) {
    let totals = &chain.totals;
    let keys = if chain.keys.is_empty() { String::new() } else { format!("   key {}", chain.keys.join(", ")) };
    line(out, &format!("chain {}{keys}", chain.log_name));
    let root = chain.root.map_or_else(|| "not known, records are missing".to_owned(), |root| root.to_string());
    line(
        out,
        &format!(
            "  records {}  seq {}..{}  {} to {}",
            grouped(totals.records),
            chain.sequence.0,
            chain.sequence.1,
            time_text(chain.times.0),
            time_text(chain.times.1)
        ),
    );
    line(out, &format!("  root {root}"));
    let signatures = if asked {
        format!("{} signed well, {} not", grouped(totals.signed), grouped(totals.refused))
    } else {
        format!("{} consistent, signatures not asked for", grouped(totals.unsigned))
    };
    line(
        out,
        &format!(
            "  checkpoints {signatures}   anchors matched {}   not yet covered {}",
            totals.anchors,
            chain.sequence.1.saturating_sub(chain.covered)
        ),
    );
    line(
        out,
        &format!(
            "  restarts {} ({} unclean)   longest silence {} s   lost {}   purged {}   again {}   written anew {}   {}",
            totals.restarts,
            totals.unclean,
            totals.silence / 1000,
            totals.lost,
            totals.purged,
            totals.duplicates,
            totals.rewritten,
            if chain.stopped { "stopped" } else { "open end" }
        ),
    );
}

fn line(out: &mut String, text: &str) {
    // Writing to a String cannot fail.
    let _ = writeln!(out, "{text}");
}

fn chain_json(chain: &ChainReport) -> Value {
    let totals = &chain.totals;
    json!({
        "chain": chain.log_name,
        "instance": chain.instance,
        "first_sequence": chain.sequence.0,
        "last_sequence": chain.sequence.1,
        "first_time": time_text(chain.times.0),
        "last_time": time_text(chain.times.1),
        "root": chain.root.map(|root| root.to_string()),
        "covered": chain.covered,
        "keys": chain.keys,
        "stopped": chain.stopped,
        "records": totals.records,
        "duplicates": totals.duplicates,
        "rewritten": totals.rewritten,
        "checkpoints_signed": totals.signed,
        "checkpoints_unsigned": totals.unsigned,
        "checkpoints_refused": totals.refused,
        "anchors_matched": totals.anchors,
        "restarts": totals.restarts,
        "unclean_restarts": totals.unclean,
        "longest_silence_ms": totals.silence,
        "lost": totals.lost,
        "purged": totals.purged,
        "sealed": totals.sealed,
        "stubs": totals.stubs,
    })
}

/// `1 chain`, `2 chains`.
fn counted(number: u64, what: &str) -> String {
    format!("{} {what}{}", grouped(number), if number == 1 { "" } else { "s" })
}

/// `1,234,567`.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}
