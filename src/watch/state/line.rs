//! The lines of a state file.

use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Duration;

use crate::audit::{CallerKind, CallerRecord};
use crate::clock::{Moment, Ticks, UnixMillis};
use crate::policy::settings::{Mode, Quota};
use crate::redact::{Name, Redacted};
use crate::watch::failures::Offender;
use crate::watch::sanction::{Author, Kind, Sanction, Sort};
use crate::watch::subject::{AddressKey, CallerKey, Shown, Subject};

const NOTHING: &str = "-";

pub(super) fn hex(bytes: &[u8; 16]) -> String {
    format!("{:032x}", u128::from_be_bytes(*bytes))
}

/// A subject's id, as one word.
pub(in crate::watch) fn subject(subject: &Subject) -> String {
    match subject {
        Subject::Caller(CallerKey(key)) | Subject::Address(AddressKey(key)) => format!("{key:016x}"),
        Subject::Role(name) | Subject::Route(name) => name.as_str().to_owned(),
        Subject::All => NOTHING.to_owned(),
    }
}

/// The subject of these words.
pub(in crate::watch) fn subject_of(whom: &str, id: &str) -> Option<Subject> {
    let key = || u64::from_str_radix(id, 16).ok();
    let name = || Name::configured(id).ok();
    Some(match whom {
        "caller" => Subject::Caller(CallerKey(key()?)),
        "address" => Subject::Address(AddressKey(key()?)),
        "role" => Subject::Role(name()?),
        "route" => Subject::Route(name()?),
        "everything" => Subject::All,
        _ => return None,
    })
}

/// What a word says is imposed.
pub(in crate::watch) fn sort_of(word: &str) -> Option<Sort> {
    [Sort::Quarantine, Sort::Lock, Sort::RequireMfa, Sort::Throttle].into_iter().find(|sort| sort.word() == word)
}

/// A sanction's line, by itself.
pub(in crate::watch) fn of(sanction: &Sanction, now: Moment) -> String {
    let mut text = String::new();
    write_sanction(&mut text, sanction, now);
    text.truncate(text.trim_end().len());
    text
}

/// Reads a line that stands by itself.
pub(in crate::watch) fn read(text: &str, written: u64, now: Moment) -> Option<Sanction> {
    let words: Vec<&str> = text.split(' ').collect();
    match words.split_first()? {
        (&"sanction", words) => sanction(words, written, now),
        _ => None,
    }
}

/// Writes a sanction's line.
pub(super) fn write_sanction(text: &mut String, sanction: &Sanction, now: Moment) {
    let id = subject(&sanction.subject);
    let rate = match sanction.kind {
        Kind::Throttle(quota) => format!("{}/{}/{}", quota.amount, quota.period.as_millis(), quota.burst),
        Kind::Quarantine | Kind::Lock | Kind::RequireMfa => NOTHING.to_owned(),
    };
    let left = sanction.until.map(|until| until.since(now.ticks) / 1000);
    let number = |number: Option<u64>| number.map_or_else(|| NOTHING.to_owned(), |number| number.to_string());
    let (kind, shown) = match &sanction.shown {
        Shown::Caller(record) => (kind_word(record.kind), word(&record.record)),
        Shown::Address(address) => ("address", word(address)),
        Shown::Itself => (NOTHING, NOTHING.to_owned()),
    };
    let author = match &sanction.author {
        Author::Gate => NOTHING.to_owned(),
        Author::Operator(record) => word(&record.record),
    };
    // Writing to a String cannot fail.
    let _ = writeln!(
        text,
        "sanction {} {id} {} {rate} {} {} {} {} {} {author} {} {} {kind} {shown}",
        sanction.subject.whom().word(),
        sanction.kind.sort().word(),
        sanction.since.0,
        number(left.map(|left| now.wall.0.saturating_add(left))),
        number(left),
        if sanction.mode == Mode::Enforce { "enforce" } else { "shadow" },
        if sanction.spares_proven { "proven" } else { NOTHING },
        sanction.failures,
        sanction.cause,
    );
}

/// Writes an offender's line.
pub(super) fn write_offender(text: &mut String, whom: &str, key: u64, locks: u8, last: Ticks, now: Moment) {
    // A lock that still holds is a line of its own: here it counts from now.
    let ago = now.ticks.since(last) / 1000;
    let _ = writeln!(text, "offender {whom} {key:016x} {locks} {ago}");
}

/// How records show something, as one word: hidden, if it is none.
pub(in crate::watch) fn word(shown: &Redacted) -> String {
    Name::configured(shown.as_str()).map_or_else(|_| "hidden".to_owned(), |name| name.as_str().to_owned())
}

pub(in crate::watch) fn shown(word: &str) -> Option<Redacted> {
    Some(Redacted::from(&Name::configured(word).ok()?))
}

pub(in crate::watch) const fn kind_word(kind: CallerKind) -> &'static str {
    match kind {
        CallerKind::User => "user",
        CallerKind::Certificate => "cert",
        CallerKind::Key => "key",
        CallerKind::System => "system",
    }
}

/// The kind of caller that a word says.
pub(in crate::watch) fn kind_of(word: &str) -> Option<CallerKind> {
    let all = [CallerKind::User, CallerKind::Certificate, CallerKind::Key, CallerKind::System];
    all.into_iter().find(|kind| kind_word(*kind) == word)
}

/// A caller as far as a state file knows it.
pub(in crate::watch) fn record(kind: CallerKind, word: &str) -> Option<CallerRecord> {
    Some(CallerRecord {
        record: shown(word)?,
        kind,
        is_mfa: false,
        mfa_age: None,
        standing: Arc::default(),
        credential: None,
    })
}

/// Reads a sanction's line.
pub(super) fn sanction(words: &[&str], written: u64, now: Moment) -> Option<Sanction> {
    let &[whom, id, sort, rate, since, until, left, mode, spares, author, failures, cause, kind, shown_as] = words
    else {
        return None;
    };
    let subject = subject_of(whom, id)?;
    let caller = |kind| Some(Shown::Caller(Box::new(record(kind, shown_as)?)));
    let shown = match kind {
        "user" => caller(CallerKind::User)?,
        "cert" => caller(CallerKind::Certificate)?,
        "system" => caller(CallerKind::System)?,
        "key" => caller(CallerKind::Key)?,
        "address" => Shown::Address(shown(shown_as)?),
        NOTHING => Shown::Itself,
        _ => return None,
    };
    Some(Sanction {
        subject,
        shown,
        kind: match sort_of(sort)? {
            Sort::Quarantine => Kind::Quarantine,
            Sort::Lock => Kind::Lock,
            Sort::RequireMfa => Kind::RequireMfa,
            Sort::Throttle => Kind::Throttle(quota(rate)?),
        },
        since: UnixMillis(since.parse().ok()?),
        until: match (until, left) {
            (NOTHING, NOTHING) => None,
            (until, left) => Some(until_again(until.parse().ok()?, left.parse().ok()?, written, now)),
        },
        cause: Name::configured(cause).ok()?,
        mode: match mode {
            "enforce" => Mode::Enforce,
            "shadow" => Mode::Shadow,
            _ => return None,
        },
        spares_proven: spares == "proven",
        author: match author {
            NOTHING => Author::Gate,
            word => Author::Operator(Box::new(record(CallerKind::User, word)?)),
        },
        failures: failures.parse().ok()?,
    })
}

/// Until when it holds on this start's clock. A wall clock that was set back since, or a machine without one, makes
/// nothing longer than it was, nor shorter than what has certainly not passed.
fn until_again(until: u64, left: u64, written: u64, now: Moment) -> Ticks {
    let left = if now.wall.0 < written { left } else { left.min(until.saturating_sub(now.wall.0)) };
    now.ticks.plus(Duration::from_millis(left))
}

fn quota(rate: &str) -> Option<Quota> {
    let mut parts = rate.split('/').map(|part| part.parse::<u64>().ok().filter(|part| *part > 0));
    let (amount, period, burst) = (parts.next()??, parts.next()??, parts.next()??);
    Some(Quota { amount, period: Duration::from_millis(period), burst })
}

/// Reads an offender's line. The monotonic clock begins anew: what was long ago counts as of its begin.
pub(super) fn offender(words: &[&str], written: u64, now: Moment) -> Option<(Offender, u8, Ticks)> {
    let &[whom, key, locks, ago] = words else { return None };
    let key = u64::from_str_radix(key, 16).ok()?;
    let offender = match whom {
        "caller" => Offender::Caller(CallerKey(key)),
        "address" => Offender::Address(AddressKey(key), None),
        _ => return None,
    };
    let ago = ago.parse::<u64>().ok()?.saturating_add(now.wall.0.saturating_sub(written));
    Some((offender, locks.parse().ok()?, Ticks(now.ticks.0.saturating_sub(ago.saturating_mul(1000)))))
}
