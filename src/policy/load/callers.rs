//! `callers:` the ways to prove who you are.

use std::path::PathBuf;
use std::sync::Arc;

use super::address::Url;
use super::decode::Decoder;
use super::suggest::did_you_mean;
use crate::policy::fault::{Code, Fault, quote};
use crate::policy::settings::{ApiKeySettings, CallerMethod, CertificateSubject, TokenAlgorithm, TokenSettings};
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

fn token(d: &mut Decoder<'_>, node: &Node) -> Option<TokenSettings> {
    let fields = d.fields(node, &shape::TOKEN)?;
    let issuer = d.required(&fields, "issuer").and_then(|node| d.text(node, "callers.token.issuer"));
    let audience = d.required(&fields, "audience").and_then(|node| d.text(node, "callers.token.audience"));
    let keys = d.required(&fields, "keys").and_then(|node| key_set(d, node));
    let algorithms = d.required(&fields, "algorithms").map(|node| algorithms(d, node)).unwrap_or_default();
    let subject = match fields.get("subject") {
        Some(node) => d.text(node, "callers.token.subject").map(str::to_owned),
        None => Some("sub".to_owned()),
    };
    let roles = fields.get("roles").and_then(|node| d.text(node, "callers.token.roles")).map(str::to_owned);
    Some(TokenSettings {
        issuer: issuer?.to_owned(),
        audience: audience?.to_owned(),
        keys: keys?,
        algorithms,
        subject: subject?,
        roles,
    })
}

/// A file, or an https address.
fn key_set(d: &mut Decoder<'_>, node: &Node) -> Option<PathBuf> {
    let text = d.text(node, "callers.token.keys")?;
    if !text.contains("://") {
        return d.existing(node, "callers.token.keys", "save the issuer's JWK set (RFC 7517) under this name");
    }
    let Some(url) = Url::parse(text).filter(|url| matches!(url.scheme, "http" | "https")) else {
        d.bad_address(node.span, "callers.token.keys", "a file, or an https:// URL without user names");
        return None;
    };
    if url.scheme == "http" && url.loopback().is_none() {
        d.plaintext(node.span, "the keys that tokens are checked with", "use https://, or a file");
        return None;
    }
    d.part("callers.token.keys.url", node.span);
    Some(PathBuf::from(text))
}

fn algorithms(d: &mut Decoder<'_>, node: &Node) -> Vec<TokenAlgorithm> {
    const ALL: &[(&str, TokenAlgorithm)] =
        &[("ES256", TokenAlgorithm::Es256), ("RS256", TokenAlgorithm::Rs256), ("EdDSA", TokenAlgorithm::EdDsa)];
    let mut algorithms: Vec<TokenAlgorithm> = Vec::new();
    let items = d.filled_list(node, "callers.token.algorithms").unwrap_or_default();
    for item in items {
        let Some(text) = d.text(item, "callers.token.algorithms") else { continue };
        match ALL.iter().find(|(name, _)| *name == text) {
            Some((_, algorithm)) if algorithms.contains(algorithm) => {
                d.listed_twice("callers.token.algorithms", text, item.span, items);
            }
            Some((_, algorithm)) => algorithms.push(*algorithm),
            None => {
                let help = if text.starts_with("HS") {
                    "a symmetric algorithm: whoever can check such a token can also make one; use ES256".to_owned()
                } else if text.eq_ignore_ascii_case("none") {
                    "a token without a signature proves nothing; use ES256".to_owned()
                } else {
                    did_you_mean(text, ALL.iter().map(|(name, _)| *name))
                        .unwrap_or_else(|| "one of: ES256, RS256, EdDSA".to_owned())
                };
                let message = format!("callers.token.algorithms cannot have {}", quote(text));
                d.fault(Fault::new(Code::Word, item.span, message).label("not accepted").help(help));
            }
        }
    }
    algorithms
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
