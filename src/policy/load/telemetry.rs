//! `metrics:` and `traces:`

use super::decode::{Decoder, Fields};
use crate::policy::fault::{Code, Fault};
use crate::policy::http_address::{HttpAddress, HttpAddressFault};
use crate::policy::settings::{MetricsSettings, MetricsTls, TraceSettings};
use crate::policy::shape;
use crate::policy::yaml::Node;

/// One in so many where nothing else is said: enough to see what is usual, and some 20 ns for each request.
const ONE_IN: u32 = 100;

/// Both sections of a policy.
pub(super) fn both(d: &mut Decoder<'_>, fields: &Fields<'_>) -> (Option<MetricsSettings>, Option<TraceSettings>) {
    let metrics = fields.get("metrics").and_then(|node| metrics(d, node));
    let traces = fields.get("traces").and_then(|node| traces(d, node));
    (metrics, traces)
}

/// Decodes `metrics:`.
fn metrics(d: &mut Decoder<'_>, node: &Node) -> Option<MetricsSettings> {
    let fields = d.fields(node, &shape::METRICS)?;
    let at = d.required(&fields, "listen");
    let listen = at.and_then(|node| d.listen(node, "metrics.listen"));
    let tls = fields.get("tls").map(|node| tls(d, node));
    let words = &[("true", true), ("false", false)];
    let plaintext = fields.get("plaintext").and_then(|node| d.word(node, "metrics.plaintext", words));
    if let (Some(at), Some(listen), None) = (at, listen, &tls)
        && !listen.ip().is_loopback()
    {
        let declared = plaintext == Some(true);
        let help = match declared {
            true => "right only where nobody but pods of this cluster can listen in; `tls` serves everywhere",
            false => "give it `tls`, listen on loopback, or declare `plaintext: true` for a network of pods",
        };
        let fault = Fault::new(Code::Plaintext, at.span, "metrics would leave this machine unencrypted (TLS-2)");
        d.fault(fault.label("plaintext to somewhere else than loopback").help(help).mild_if(declared));
    }
    // A section at fault is not one that is left out.
    let tls = match tls {
        None => None,
        Some(tls) => Some(tls?),
    };
    Some(MetricsSettings { listen: listen?, tls })
}

fn tls(d: &mut Decoder<'_>, node: &Node) -> Option<MetricsTls> {
    let fields = d.fields(node, &shape::METRICS_TLS)?;
    let files = d.certificate_files(&fields, "metrics.tls");
    let client_ca = file(d, &fields, "metrics.tls", "client_ca", "authorities that sign scrapers' certificates, PEM");
    Some(MetricsTls { files: files?, client_ca: client_ca? })
}

/// `None` if the file is at fault.
#[expect(clippy::option_option, reason = "not given, given and wrong, given and right")]
fn file(
    d: &mut Decoder<'_>,
    fields: &Fields<'_>,
    section: &str,
    key: &str,
    make: &str,
) -> Option<Option<std::path::PathBuf>> {
    match fields.get(key) {
        None => Some(None),
        Some(node) => d.existing(node, &format!("{section}.{key}"), make).map(Some),
    }
}

/// Decodes `traces:`.
fn traces(d: &mut Decoder<'_>, node: &Node) -> Option<TraceSettings> {
    let fields = d.fields(node, &shape::TRACES)?;
    let endpoint = d.required(&fields, "endpoint").and_then(|node| endpoint(d, node));
    let ca = file(d, &fields, "traces", "ca", "the PEM file of the authority that signs the receiver's certificate");
    let headers_file = file(d, &fields, "traces", "headers_file", "one `Name: value` a line");
    let one_in = fields.get("sample").map_or(Some(ONE_IN), |node| sample(d, node));
    let words = &[("honour", true), ("ignore", false)];
    let honour = fields.get("parent").map_or(Some(true), |node| d.word(node, "traces.parent", words));
    Some(TraceSettings { endpoint: endpoint?, ca: ca?, headers_file: headers_file?, one_in: one_in?, honour: honour? })
}

fn endpoint(d: &mut Decoder<'_>, node: &Node) -> Option<HttpAddress> {
    let text = d.text(node, "traces.endpoint")?;
    match HttpAddress::parse(text) {
        Ok(address) => Some(address),
        Err(HttpAddressFault::Plaintext) => {
            d.plaintext(node.span, "spans", "use https://");
            None
        }
        Err(HttpAddressFault::Form) => {
            let help = "an https:// URL without user names and fragment: `https://otel.example/v1/traces`";
            d.bad_address(node.span, "traces.endpoint", help);
            None
        }
    }
}

/// `0` or `1/n`.
fn sample(d: &mut Decoder<'_>, node: &Node) -> Option<u32> {
    let text = d.text(node, "traces.sample")?;
    let one_in = match text.split_once('/') {
        None if text == "0" => Some(0),
        Some(("1", many)) if many.bytes().all(|byte| byte.is_ascii_digit()) && !many.starts_with('0') => {
            many.parse().ok().filter(|many| *many <= 1_000_000_000)
        }
        _ => None,
    };
    if one_in.is_none() {
        let fault = Fault::new(Code::Number, node.span, "traces.sample is a share of requests").label("not a share");
        d.fault(fault.help("`1/100` for one in a hundred, `1/1` for all, `0` for none"));
    }
    one_in
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use crate::policy::fault::{Code, Faults, Severity};
    use crate::policy::{LoadOptions, Loaded, load_text};

    fn load(more: &str) -> Result<Loaded, Faults> {
        let text = format!(
            "version: 1\ngate: {{ listen: '127.0.0.1:8443', tls: {{ certificate: a.pem, key: b.pem }} }}\n\
             upstream: {{ url: 'http://localhost:8080' }}\nredaction: {{ address: none }}\n\
             routes: [{{ name: all, path: '/**', allow: [anyone] }}]\n{more}\n"
        );
        load_text("p", &text, Path::new("/nowhere"), &LoadOptions::check())
    }

    #[test]
    fn scrapes_are_encrypted_or_stay_on_the_machine_or_are_declared() {
        let metrics = |text: &str| load(text).map(|loaded| loaded.policy.metrics.is_some());
        assert_eq!(metrics("metrics: { listen: '127.0.0.1:9090' }").ok(), Some(true));
        assert_eq!(
            metrics("metrics: { listen: '0.0.0.0:9090', tls: { certificate: a.pem, key: b.pem } }").ok(),
            Some(true)
        );
        let faults = metrics("metrics: { listen: '0.0.0.0:9090' }").expect_err("plaintext");
        assert!(faults.list.iter().any(|fault| fault.code == Code::Plaintext && fault.severity == Severity::Error));
        let loaded = load("metrics: { listen: '0.0.0.0:9090', plaintext: true }").expect("declared");
        let warned =
            |fault: &crate::policy::fault::Fault| fault.code == Code::Plaintext && fault.severity == Severity::Warning;
        assert!(loaded.warnings.list.iter().any(warned), "{}", loaded.warnings);
    }

    #[test]
    fn shares_and_endpoints_are_read_strictly() {
        let traces = |text: &str| {
            let loaded = load(&format!("traces: {{ endpoint: 'https://otel.example/v1/traces', {text} }}"));
            loaded.ok().and_then(|loaded| loaded.policy.traces).map(|traces| (traces.one_in, traces.honour))
        };
        assert_eq!(traces(""), Some((100, true)));
        assert_eq!(traces("sample: 1/1, parent: ignore"), Some((1, false)));
        assert_eq!(traces("sample: 0"), Some((0, true)));
        for bad in ["2/3", "1/0", "0.5", "1/", "1/+5", "1/01", "50%", "1/9999999999"] {
            assert_eq!(traces(&format!("sample: '{bad}'")), None, "{bad}");
        }
        assert!(load("traces: { endpoint: 'http://127.0.0.1:4318/v1/traces' }").is_ok());
        let faults = load("traces: { endpoint: 'http://otel.example/v1/traces' }").expect_err("plaintext");
        assert!(faults.list.iter().any(|fault| fault.code == Code::Plaintext));
    }
}
