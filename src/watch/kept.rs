//! Alarms over a restart: those that are open, and those that are over and opened an incident that is still due, so that
//! neither a clock nor what was told of is forgotten. One file beside the trail's segments, replaced in one step.
//!
//! Text, a line each, words separated by one space; `-` stands for nothing:
//!
//! ```text
//! portcullis-alarms-v1 KEY WRITTEN
//! alarm RULE ID SUBJECT SHARED OPENED LAST OVER OBSERVED ALLOWED LEARNING SIGNS COUNT DUE QUIET SEEN TOLD PAUSE REQUESTS
//!   ACTIONS KIND CALLER ADDRESS ROUTE ISSUER
//! sha256 DIGEST
//! ```
//!
//! (an alarm is one line). Times are milliseconds of Unix time; `SEEN` and `TOLD` say how many microseconds ago, for
//! clocks begin anew. Subjects are keyed hashes, callers and addresses as records show them. The digest tells of a file
//! that broke; who may write the file may write all of it.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;

use aws_lc_rs::digest::{SHA256, digest};
use smallvec::SmallVec;

use super::alarms::Open;
use super::brief::Brief;
use super::detect::{Excess, Signs};
use super::respond::Evidence;
use super::state::line::{kind_of, kind_word, record, shown, word};
use crate::audit::RequestId;
use crate::clock::{Moment, Ticks, UnixMillis};
use crate::policy::settings::Action;
use crate::redact::{Name, Redacted};

const MARK: &str = "portcullis-alarms-v1";
const NOTHING: &str = "-";
/// A line is below 2 KiB, and of alarms there are some five thousand.
const MOST_BYTES: u64 = 16 * 1024 * 1024;

/// An alarm, what it showed and what followed.
pub(super) struct Kept {
    pub rule: Name,
    pub open: Open,
    pub evidence: Evidence,
    pub actions: SmallVec<[&'static str; 4]>,
    /// When it was quiet, if it was: then only its incident is left.
    pub over: Option<UnixMillis>,
}

/// Why a file is not used.
#[derive(Debug)]
pub(super) enum Fault {
    /// The system.
    System,
    /// Not what was written.
    Broken,
}

/// What the file is to say.
pub(super) fn write<'a>(
    check: u64,
    now: Moment,
    alarms: impl Iterator<Item = (&'a Name, &'a Open, &'a Evidence, &'a [&'static str], Option<UnixMillis>)>,
) -> String {
    let mut text = format!("{MARK} {check:016x} {}\n", now.wall.0);
    for (rule, open, evidence, actions, over) in alarms {
        let number = |number: Option<UnixMillis>| number.map_or_else(|| NOTHING.to_owned(), |at| at.0.to_string());
        let listed = |words: Vec<String>| if words.is_empty() { NOTHING.to_owned() } else { words.join(",") };
        let named = |name: Option<&Name>| name.map_or(NOTHING, Name::as_str).to_owned();
        let (kind, caller) = evidence
            .caller
            .as_ref()
            .map_or_else(|| (NOTHING, NOTHING.to_owned()), |caller| (kind_word(caller.kind), word(&caller.record)));
        let words = [
            "alarm".to_owned(),
            rule.to_string(),
            open.id.to_string(),
            format!("{:016x}", open.subject),
            u8::from(open.shared).to_string(),
            open.opened.0.to_string(),
            open.last.0.to_string(),
            number(over),
            open.excess.observed.to_string(),
            open.excess.allowed.to_string(),
            u8::from(open.excess.learning).to_string(),
            open.excess.signs.bits().to_string(),
            open.count.to_string(),
            number(open.due),
            open.quiet.to_string(),
            now.ticks.since(open.seen).to_string(),
            now.ticks.since(open.told).to_string(),
            open.pause.to_string(),
            listed(open.requests.iter().map(ToString::to_string).collect()),
            listed(actions.iter().map(|action| (*action).to_owned()).collect()),
            kind.to_owned(),
            caller,
            evidence.source.as_ref().map_or_else(|| NOTHING.to_owned(), word),
            named(evidence.route.as_ref().map(|route| &route.name)),
            named(evidence.issuer.as_ref()),
        ];
        text.push_str(&words.join(" "));
        text.push('\n');
    }
    let seal = Redacted::hex(digest(&SHA256, text.as_bytes()).as_ref());
    text.push_str("sha256 ");
    text.push_str(seal.as_str());
    text.push('\n');
    text
}

/// Reads a file; nothing if there is none.
pub(super) fn read(path: &Path, brief: &Brief, now: Moment) -> Result<Vec<Kept>, Fault> {
    let file = match File::open(path) {
        Err(fault) if fault.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        file => file.map_err(|_| Fault::System)?,
    };
    let mut bytes = Vec::new();
    file.take(MOST_BYTES + 1).read_to_end(&mut bytes).map_err(|_| Fault::System)?;
    String::from_utf8(bytes).ok().and_then(|text| parse(&text, brief, now)).ok_or(Fault::Broken)
}

fn parse(text: &str, brief: &Brief, now: Moment) -> Option<Vec<Kept>> {
    let (lines, sealed) = text.strip_suffix('\n')?.rsplit_once('\n')?;
    let whole = text.get(..=lines.len())?;
    if Redacted::hex(digest(&SHA256, whole.as_bytes()).as_ref()).as_str() != sealed.strip_prefix("sha256 ")? {
        return None;
    }
    let mut lines = lines.lines();
    let mut first = lines.next()?.split(' ');
    if first.next()? != MARK {
        return None;
    }
    let _key = first.next()?;
    let written: u64 = first.next()?.parse().ok()?;
    // While nothing ran, time went on; a wall clock that was set back says nothing of how long.
    let away = now.wall.0.saturating_sub(written).saturating_mul(1000);
    lines.map(|line| alarm(line, brief, now, away)).collect()
}

fn alarm(line: &str, brief: &Brief, now: Moment, away: u64) -> Option<Kept> {
    let words: Vec<&str> = line.split(' ').collect();
    let &[
        "alarm",
        rule,
        id,
        subject,
        shared,
        opened,
        last,
        over,
        observed,
        allowed,
        learning,
        signs,
        count,
        due,
        quiet,
        seen,
        told,
        pause,
        requests,
        actions,
        kind,
        caller,
        source,
        route,
        issuer,
    ] = &words[..]
    else {
        return None;
    };
    let number = |text: &str| text.parse::<u64>().ok();
    let given = |text: &str| (text != NOTHING).then(|| text.to_owned());
    let moment = |text: &str| match given(text) {
        None => Some(None),
        Some(text) => number(&text).map(|at| Some(UnixMillis(at))),
    };
    let ago = |text: &str| Some(Ticks(now.ticks.0.saturating_sub(number(text)?.saturating_add(away))));
    let listed = |text: &str| given(text).map(|text| text.split(',').map(str::to_owned).collect::<Vec<_>>());
    let requests = listed(requests).unwrap_or_default();
    let actions = listed(actions).unwrap_or_default();
    let named = |text: &str| given(text).map_or(Some(None), |text| Name::configured(&text).ok().map(Some));
    let route = named(route)?;
    Some(Kept {
        rule: Name::configured(rule).ok()?,
        open: Open {
            id: RequestId::parse(id)?,
            rule: usize::MAX,
            subject: u64::from_str_radix(subject, 16).ok()?,
            shared: shared == "1",
            opened: UnixMillis(number(opened)?),
            last: UnixMillis(number(last)?),
            excess: Excess {
                observed: number(observed)?,
                allowed: number(allowed)?,
                learning: learning == "1",
                signs: Signs::of_bits(signs.parse().ok()?),
            },
            count: number(count)?,
            requests: requests.iter().map(|id| RequestId::parse(id)).collect::<Option<_>>()?,
            due: moment(due)?,
            quiet: number(quiet)?,
            seen: ago(seen)?,
            told: ago(told)?,
            pause: number(pause)?.max(1),
        },
        evidence: Evidence {
            caller: match kind {
                NOTHING => None,
                kind => Some(record(kind_of(kind)?, caller)?),
            },
            source: given(source).map_or(Some(None), |text| shown(&text).map(Some))?,
            // The route may be gone since.
            route: route.and_then(|name| brief.routes.iter().find(|route| route.name == name).cloned()),
            issuer: named(issuer)?,
        },
        actions: actions.iter().map(|word| action(word)).collect::<Option<_>>()?,
        over: moment(over)?,
    })
}

fn action(word: &str) -> Option<&'static str> {
    let all = [Action::Alarm, Action::Throttle, Action::RequireMfa, Action::Lock, Action::Quarantine, Action::Cut];
    all.into_iter().map(|action| action.word()).find(|known| *known == word)
}
