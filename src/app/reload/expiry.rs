//! How long certificates still hold: the gate's own, its authorities', and those it shows to the app.

use std::path::{Path, PathBuf};

use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject as _;
use x509_parser::prelude::{FromDer as _, X509Certificate};

use super::CertificateSpan;
use crate::clock::UnixMillis;
use crate::policy::settings::NamedFile;
use crate::telemetry::log;

/// Days before the end at which it is said, each once.
const DAYS: [u64; 3] = [30, 7, 1];
const DAY: u64 = 86_400;

/// The span in which all certificates of one file hold, in Unix seconds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Span {
    /// The policy's key that names it.
    pub key: String,
    pub path: PathBuf,
    /// Whether it is shown by the gate, and not an authority among several.
    shown: bool,
    from: u64,
    until: u64,
    /// Days that were said last.
    said: Option<u64>,
}

impl Span {
    /// As the board shows it.
    pub fn told(&self) -> CertificateSpan {
        CertificateSpan { key: self.key.clone(), path: self.path.clone(), until: self.until }
    }

    /// Whether one of the certificates that the gate shows does not hold at `now`.
    pub const fn is_over(&self, now: u64) -> bool {
        self.shown && (now > self.until || now < self.from)
    }
}

/// Reads the spans of a policy's certificates. What cannot be read is judged elsewhere.
pub(super) fn spans(named: &[NamedFile]) -> Vec<Span> {
    let files = named.iter().filter(|file| file.is_certificate() && !file.is_private_key());
    files
        .filter_map(|file| {
            let (from, until) = span(&file.path)?;
            let shown = file.key.ends_with("certificate");
            Some(Span { key: file.key.clone(), path: file.path.clone(), shown, from, until, said: None })
        })
        .collect()
}

/// When the first certificate of each file ends, in Unix seconds, by the key that names the file.
pub(in crate::app) fn ends(named: &[NamedFile]) -> Vec<(&str, u64)> {
    let files = named.iter().filter(|file| file.is_certificate() && !file.is_private_key());
    files.filter_map(|file| Some((file.key.as_str(), span(&file.path)?.1))).collect()
}

fn span(path: &Path) -> Option<(u64, u64)> {
    let mut whole: Option<(u64, u64)> = None;
    for der in CertificateDer::pem_file_iter(path).ok()? {
        let der = der.ok()?;
        let (_, certificate) = X509Certificate::from_der(&der).ok()?;
        let validity = certificate.validity();
        let from = u64::try_from(validity.not_before.timestamp()).unwrap_or(0);
        let until = u64::try_from(validity.not_after.timestamp()).unwrap_or(0);
        whole = Some(whole.map_or((from, until), |(first, last)| (first.max(from), last.min(until))));
    }
    whole
}

/// What was said of certificates that stay is not said again.
pub(super) fn carry(old: &[Span], new: &mut [Span]) {
    for span in new {
        let same = old.iter().find(|known| known.path == span.path && known.until == span.until);
        span.said = same.and_then(|known| known.said);
    }
}

/// A certificate that ends soon, or has ended.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Ending {
    /// The policy's key that names it.
    pub key: String,
    /// Seconds that are left.
    pub left: u64,
    /// Seconds before the end at which it is said.
    pub allowed: u64,
}

/// Says which certificates end soon: 30, 7 and 1 days before, and when they have ended; each is for an alarm, too.
pub(super) fn say(spans: &mut [Span], now: UnixMillis) -> Vec<Ending> {
    let now = now.seconds();
    let mut endings = Vec::new();
    for span in spans {
        let days = span.until.saturating_sub(now).div_ceil(DAY);
        let Some(due) = DAYS.into_iter().filter(|due| days <= *due).min() else { continue };
        let due = if now > span.until { 0 } else { due };
        if span.said.is_some_and(|said| said <= due) {
            continue;
        }
        span.said = Some(due);
        let left = span.until.saturating_sub(now);
        endings.push(Ending { key: span.key.clone(), left, allowed: due * DAY });
        let path = span.path.as_path();
        if due == 0 {
            log::error!("a certificate has ended; put a new one in its place", path = path);
        } else {
            log::warn!("a certificate ends soon; put a new one in its place", path = path, days = days);
        }
    }
    endings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_end_is_said_at_thirty_seven_and_one_days_and_at_the_end() {
        let end = 100 * DAY;
        let mut spans = [Span {
            key: "gate.tls.certificate".into(),
            path: "a.pem".into(),
            shown: true,
            from: 0,
            until: end,
            said: None,
        }];
        let (mut said, mut endings) = (Vec::new(), Vec::new());
        for day in 60..102 {
            let before = spans[0].said;
            for _ in 0..2 {
                endings.extend(say(&mut spans, UnixMillis((day * DAY + 1) * 1000)));
            }
            if spans[0].said != before {
                said.push((day, spans[0].said));
            }
        }
        assert_eq!(said, [(70, Some(30)), (93, Some(7)), (99, Some(1)), (100, Some(0))]);
        assert_eq!(endings.iter().map(|ending| ending.allowed / DAY).collect::<Vec<_>>(), [30, 7, 1, 0]);
        let mut again = [Span { said: None, ..spans[0].clone() }];
        carry(&spans, &mut again);
        assert_eq!(say(&mut again, UnixMillis(101 * DAY * 1000)), []);
        assert!(spans[0].is_over(end + 1) && !spans[0].is_over(end));
    }
}
