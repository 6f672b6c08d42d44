//! Certificates that are not valid any more, or not for long: told who asks with the time at hand, as `check` does.

use std::fs;
use std::io::Read as _;
use std::path::Path;

use x509_parser::pem::Pem;

use super::decode::Decoder;
use crate::policy::fault::{Code, Fault};
use crate::policy::yaml::Node;

/// Bytes of a file of certificates that are looked at: some hundred of them.
const MAX_BYTES: u64 = 1024 * 1024;
const DAY: i64 = 86_400;
/// Soon: long enough to get another one, even over a holiday.
const SOON: i64 = 21 * DAY;

impl Decoder<'_> {
    /// Notes dates of a file of certificates, if the time is known and the file can be read.
    pub(super) fn dates(&mut self, node: &Node, what: &str, path: &Path) {
        let Some(now) = self.options.now.and_then(|now| i64::try_from(now).ok()) else { return };
        let Some((from, until)) = narrowest(path) else { return };
        let days = (until - now) / DAY;
        let message = if now < from {
            format!("{what} is not valid for another {} days", (from - now) / DAY + 1)
        } else if until < now {
            format!("{what} has not been valid for {} days", -days)
        } else if until - now < SOON {
            format!("{what} is valid for {days} more days")
        } else {
            return;
        };
        let fault = Fault::new(Code::Expiry, node.span, message).label("mind the dates of this certificate");
        self.fault(fault.help("replace it: nobody who checks it will go on then").warning());
    }
}

/// The latest start and the earliest end of all certificates in a file, seconds since the epoch.
fn narrowest(path: &Path) -> Option<(i64, i64)> {
    if !fs::metadata(path).ok()?.is_file() {
        return None;
    }
    let mut bytes = Vec::new();
    fs::File::open(path).ok()?.take(MAX_BYTES).read_to_end(&mut bytes).ok()?;
    let dates = Pem::iter_from_buffer(&bytes).filter_map(|pem| {
        let pem = pem.ok().filter(|pem| pem.label == "CERTIFICATE")?;
        let certificate = pem.parse_x509().ok()?;
        Some((certificate.validity.not_before.timestamp(), certificate.validity.not_after.timestamp()))
    });
    dates.reduce(|(from, until), (start, end)| (from.max(start), until.min(end)))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use crate::policy::fault::Code;
    use crate::policy::{LoadOptions, load_text};

    const ISSUED: u64 = 1_767_225_600;
    const DAY: u64 = 86_400;

    #[test]
    fn old_new_and_ending_certificates_are_told_apart() {
        let here = tempfile::tempdir().expect("a directory");
        let key = rcgen::KeyPair::generate().expect("a key");
        let mut parameters = rcgen::CertificateParams::new(["gate.seller.example".to_owned()]).expect("a name");
        parameters.not_before = rcgen::date_time_ymd(2026, 1, 1);
        parameters.not_after = rcgen::date_time_ymd(2026, 4, 1);
        let certificate = parameters.self_signed(&key).expect("a certificate");
        fs::write(here.path().join("a.pem"), certificate.pem()).expect("written");
        let text = "
version: 1
gate: { listen: '127.0.0.1:8443', tls: { certificate: a.pem, key: a.pem } }
upstream: { url: 'http://localhost:8080' }
redaction: { address: none, caller: id }
routes: [{ name: all, path: '/**', allow: [anyone] }]
";
        let said = |now: Option<u64>| {
            let options = LoadOptions { now, ..LoadOptions::check() };
            let loaded = load_text("p", text, here.path(), &options).expect("sound");
            let list = loaded.warnings.list;
            assert!(list.iter().all(|fault| fault.code == Code::Expiry), "{list:?}");
            list.into_iter().map(|fault| fault.message).next().unwrap_or_default()
        };
        assert_eq!(said(Some(ISSUED + 30 * DAY)), "");
        assert_eq!(said(None), "");
        assert_eq!(said(Some(ISSUED + 80 * DAY)), "gate.tls.certificate is valid for 10 more days");
        assert_eq!(said(Some(ISSUED + 100 * DAY)), "gate.tls.certificate has not been valid for 10 days");
        assert_eq!(said(Some(ISSUED - 10 * DAY)), "gate.tls.certificate is not valid for another 11 days");
    }
}
