//! `callers:` the ways to prove who you are.

use std::sync::Arc;

use super::decode::Decoder;
use super::token::token;
use crate::policy::fault::{Code, Fault, quote};
use crate::policy::settings::{ApiKeySettings, CallerMethod, CertificateSubject};
use crate::policy::shape;
use crate::policy::source::Span;
use crate::policy::yaml::{Node, Value};
use crate::redact::Name;

/// More ways to prove who you are than anybody has; each costs time on requests that use none.
const MAX_METHODS: usize = 32;

/// Headers that mean something else already: a key in them would be logged, forwarded or overwritten.
const TAKEN_HEADERS: &[&str] = &[
    "authorization",
    "connection",
    "content-length",
    "content-type",
    "cookie",
    "expect",
    "forwarded",
    "host",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "via",
    "x-forwarded-for",
    "x-forwarded-host",
    "x-forwarded-proto",
];

/// Decodes the section: the methods with the place of each.
pub(super) fn callers(d: &mut Decoder<'_>, node: &Node) -> Vec<(CallerMethod, Span)> {
    let items = d.list(node, "callers").unwrap_or_default();
    if items.len() > MAX_METHODS {
        d.fault(Fault::new(Code::Bound, node.span, format!("more than {MAX_METHODS} caller methods")));
    }
    let mut methods: Vec<(CallerMethod, Span)> = Vec::new();
    for item in items.iter().take(MAX_METHODS) {
        let Some((method, span)) = method(d, item) else { continue };
        if let Some((_, first)) = methods.iter().find(|(known, _)| same(known, &method)) {
            d.twice("callers", "the same method", span, *first);
        } else {
            methods.push((method, span));
        }
    }
    one_introspects(d, &methods);
    methods
}

fn method(d: &mut Decoder<'_>, item: &Node) -> Option<(CallerMethod, Span)> {
    d.fields(item, &shape::CALLER)?;
    let Value::Map(entries) = &item.value else { return None };
    let [entry] = entries.as_slice() else {
        let fault = Fault::new(Code::Type, item.span, "an entry of callers is exactly one method")
            .help("one `- ` for each: their order decides who wins");
        d.fault(fault);
        return None;
    };
    let method = match entry.key.as_str() {
        "certificate" => CallerMethod::Certificate(certificate(d, &entry.value)?),
        "token" => CallerMethod::Token(Arc::new(token(d, &entry.value)?)),
        "api_key" => CallerMethod::ApiKey(Arc::new(api_key(d, &entry.value)?)),
        _ => return None,
    };
    Some((method, entry.key_span))
}

/// A token that only its issuer can read does not say whose it is: there is one to ask, or nobody knows whom.
fn one_introspects(d: &mut Decoder<'_>, methods: &[(CallerMethod, Span)]) {
    let introspects =
        |method: &CallerMethod| matches!(method, CallerMethod::Token(token) if token.introspection.is_some());
    let mut asked = methods.iter().filter(|(method, _)| introspects(method));
    if let (Some((_, first)), Some((_, second))) = (asked.next(), asked.next()) {
        d.twice("callers.token", "introspection", *second, *first);
    }
}

/// Whether two methods would read the same credential, so that the second never applies.
fn same(a: &CallerMethod, b: &CallerMethod) -> bool {
    match (a, b) {
        (CallerMethod::Certificate(a), CallerMethod::Certificate(b)) => a == b,
        (CallerMethod::Token(a), CallerMethod::Token(b)) => a.issuer == b.issuer && a.audience == b.audience,
        (CallerMethod::ApiKey(a), CallerMethod::ApiKey(b)) => a.header == b.header,
        _ => false,
    }
}

fn certificate(d: &mut Decoder<'_>, node: &Node) -> Option<CertificateSubject> {
    let fields = d.fields(node, &shape::CERTIFICATE)?;
    let subjects = &[
        ("san_uri", Some(CertificateSubject::SanUri)),
        ("san_dns", Some(CertificateSubject::SanDns)),
        ("san_email", Some(CertificateSubject::SanEmail)),
        ("common_name", Some(CertificateSubject::CommonName)),
        ("spiffe", None),
    ];
    let subject = d.required(&fields, "subject").and_then(|node| {
        let text = d.text(node, "callers.certificate.subject")?.to_owned();
        let words: Vec<(&str, usize)> = subjects.iter().enumerate().map(|(place, (word, _))| (*word, place)).collect();
        let place = d.word(node, "callers.certificate.subject", &words)?;
        Some((text, subjects[place].1.clone()))
    })?;
    let domains = fields.entry("trust_domains");
    match (subject.1, domains) {
        (Some(subject), None) => Some(subject),
        (Some(_), Some(entry)) => {
            let fault = Fault::new(Code::Trust, entry.key_span, "trust domains belong to `subject: spiffe`");
            d.fault(fault.help(format!("`subject: spiffe` instead of `subject: {}`", subject.0)));
            None
        }
        (None, None) => {
            let fault = Fault::new(Code::Trust, fields.at, "`subject: spiffe` without `trust_domains`");
            d.fault(fault.label("whose workloads?").help("name them: `trust_domains: [seller.example]`"));
            None
        }
        (None, Some(entry)) => Some(CertificateSubject::Spiffe(trust_domains(d, &entry.value))),
    }
}

fn trust_domains(d: &mut Decoder<'_>, node: &Node) -> Arc<[Box<str>]> {
    let mut domains = Vec::new();
    for item in d.filled_list(node, "callers.certificate.trust_domains").unwrap_or_default() {
        let Some(text) = d.text(item, "a trust domain") else { continue };
        let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b".-_".contains(&byte);
        if text.len() <= 255 && text.bytes().all(plain) {
            domains.push(text.into());
        } else {
            let fault = Fault::new(Code::Address, item.span, format!("{} is no trust domain", quote(text)));
            d.fault(fault.help("lower-case letters, digits, `.`, `-` and `_`, without scheme and path"));
        }
    }
    domains.into()
}

fn api_key(d: &mut Decoder<'_>, node: &Node) -> Option<ApiKeySettings> {
    let fields = d.fields(node, &shape::API_KEY)?;
    let header = d.required(&fields, "header").and_then(|node| header(d, node));
    let file = d.required(&fields, "file").and_then(|node| {
        d.existing(
            node,
            "callers.api_key.file",
            "`portcullis keys api new --caller NAME --file FILE` makes a key and puts its digest there",
        )
    });
    Some(ApiKeySettings { header: header?, file: file? })
}

fn header(d: &mut Decoder<'_>, node: &Node) -> Option<Name> {
    let text = d.text(node, "callers.api_key.header")?;
    let lower = text.to_ascii_lowercase();
    let help = if TAKEN_HEADERS.contains(&lower.as_str()) {
        "this header has a meaning of its own; use one like `x-api-key`"
    } else if http::HeaderName::from_bytes(lower.as_bytes()).is_err() {
        "letters, digits and `-`: `x-api-key`"
    } else {
        return Name::configured(&lower).ok();
    };
    d.fault(Fault::new(Code::Header, node.span, format!("{} cannot carry an API key", quote(text))).help(help));
    None
}
