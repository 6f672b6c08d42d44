//! `callers[].token:` an issuer of tokens, and how the gate reaches it.

use std::time::Duration;

use super::decode::{Decoder, Fields};
use super::suggest::did_you_mean;
use crate::policy::fault::{Code, Fault, quote};
use crate::policy::http_address::{HttpAddress, HttpAddressFault, Origin};
use crate::policy::settings::{
    Binding, IntrospectionSettings, KeySource, ProviderSettings, TokenAlgorithm, TokenSettings,
};
use crate::policy::shape;
use crate::policy::yaml::Node;

/// Hosts of a provider beside those of its addresses: real ones have one for keys.
const MAX_HOSTS: usize = 16;
/// Shorter, and a provider that restarts is an outage; longer, and a key that was withdrawn is good for months.
const KEYS_MAX_AGE: (Duration, Duration) = (Duration::from_secs(300), Duration::from_secs(7 * 86_400));
/// Below a second every request asks; above, a revoked token lives on for longer than anybody expects.
const INTROSPECTION_CACHE: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(900));

/// Decodes one.
pub(super) fn token(d: &mut Decoder<'_>, node: &Node) -> Option<TokenSettings> {
    let fields = d.fields(node, &shape::TOKEN)?;
    let issuer = d.required(&fields, "issuer").and_then(|node| d.text(node, "callers.token.issuer"));
    let audience = d.required(&fields, "audience").and_then(|node| d.text(node, "callers.token.audience"));
    let introspection = fields.get("introspection").map(|node| introspection(d, node));
    let keys = match fields.get("keys") {
        None if introspection.is_some() => Some(None),
        _ => d.required(&fields, "keys").and_then(|node| key_source(d, node, issuer)).map(Some),
    };
    let algorithms = match (&keys, fields.entry("algorithms")) {
        (Some(None), Some(entry)) => {
            without_effect(d, entry.key_span, "algorithms", "there are no `keys` to check a signature with");
            Vec::new()
        }
        (Some(None), None) => Vec::new(),
        _ => d.required(&fields, "algorithms").map(|node| algorithms(d, node)).unwrap_or_default(),
    };
    let is_remote = matches!(&keys, Some(Some(KeySource::Address(_) | KeySource::Discover(_))));
    for key in ["keys_max_age", "keys_cache"].into_iter().filter(|_| keys.is_some() && !is_remote) {
        if let Some(entry) = fields.entry(key) {
            without_effect(d, entry.key_span, key, "the keys are not fetched from anywhere");
        }
    }
    if let Some(entry) = fields.entry("provider").filter(|_| keys.is_some() && !is_remote && introspection.is_none()) {
        without_effect(d, entry.key_span, "provider", "nothing is asked of one");
    }
    let (least, most) = KEYS_MAX_AGE;
    let keys_max_age =
        fields.get("keys_max_age").map(|node| d.duration(node, "callers.token.keys_max_age", least, most));
    let provider = fields.get("provider").map(|node| provider(d, node));
    let subject = match fields.get("subject") {
        Some(node) => d.text(node, "callers.token.subject").map(str::to_owned),
        None => Some("sub".to_owned()),
    };
    Some(TokenSettings {
        keys_cache: fields.get("keys_cache").and_then(|node| d.path(node, "callers.token.keys_cache")),
        roles: fields.get("roles").and_then(|node| d.text(node, "callers.token.roles")).map(str::to_owned),
        bound: fields.get("bound").and_then(|node| bound(d, node)),
        issuer: issuer?.to_owned(),
        audience: audience?.to_owned(),
        keys: keys?,
        keys_max_age: keys_max_age.unwrap_or(Some(TokenSettings::KEYS_MAX_AGE))?,
        algorithms,
        subject: subject?,
        provider: provider.unwrap_or(Some(ProviderSettings::default()))?,
        introspection: introspection.map_or(Some(None), |given| given.map(Some))?,
    })
}

/// A file, an address, or `discover`.
fn key_source(d: &mut Decoder<'_>, node: &Node, issuer: Option<&str>) -> Option<KeySource> {
    let text = d.text(node, "callers.token.keys")?;
    if text == "discover" {
        let base = issuer.and_then(|issuer| HttpAddress::parse(issuer).ok()).filter(|base| !base.target.contains('?'));
        if base.is_none() && issuer.is_some() {
            let help = "an issuer that is an https:// URL without query; or name the address of the key set here";
            d.bad_address(node.span, "the issuer of `keys: discover`", help);
        }
        return base.map(KeySource::Discover);
    }
    if !text.contains("://") && !text.starts_with("unix:") {
        let help = "save the issuer's JWK set (RFC 7517) under this name, or write `discover`";
        return d.existing(node, "callers.token.keys", help).map(KeySource::File);
    }
    address(d, node, "callers.token.keys", "the keys that tokens are checked with").map(KeySource::Address)
}

/// An address that the gate calls.
fn address(d: &mut Decoder<'_>, node: &Node, what: &str, carried: &str) -> Option<HttpAddress> {
    let text = d.text(node, what)?;
    match HttpAddress::parse(text) {
        Ok(address) => Some(address),
        Err(HttpAddressFault::Plaintext) => {
            d.plaintext(node.span, carried, "use https://");
            None
        }
        Err(HttpAddressFault::Form) => {
            d.bad_address(node.span, what, "an https:// URL without user names and fragment");
            None
        }
    }
}

fn without_effect(d: &mut Decoder<'_>, span: crate::policy::source::Span, key: &str, why: &str) {
    let fault = Fault::new(Code::Address, span, format!("callers.token.{key} has no effect here: {why}"));
    d.fault(fault.label("never used").help("leave it out"));
}

fn bound(d: &mut Decoder<'_>, node: &Node) -> Option<Binding> {
    let words = &[("certificate", Binding::Certificate), ("dpop", Binding::Dpop), ("any", Binding::Any)];
    d.word(node, "callers.token.bound", words)
}

fn provider(d: &mut Decoder<'_>, node: &Node) -> Option<ProviderSettings> {
    let fields = d.fields(node, &shape::PROVIDER)?;
    let ca = fields.get("ca").map(|node| {
        d.existing(
            node,
            "callers.token.provider.ca",
            "the PEM file of the authority that signs the provider's certificate",
        )
    });
    let has_client = fields.get("certificate").is_some() || fields.get("key").is_some();
    let client = if has_client { Some(d.certificate_files(&fields, "callers.token.provider")?) } else { None };
    Some(ProviderSettings { ca: ca.map_or(Some(None), |ca| ca.map(Some))?, client, hosts: hosts(d, &fields) })
}

fn hosts(d: &mut Decoder<'_>, fields: &Fields<'_>) -> Vec<Origin> {
    let Some(node) = fields.get("hosts") else { return Vec::new() };
    let items = d.filled_list(node, "callers.token.provider.hosts").unwrap_or_default();
    if items.len() > MAX_HOSTS {
        d.fault(Fault::new(Code::Bound, node.span, format!("more than {MAX_HOSTS} hosts of one provider")));
    }
    let mut hosts = Vec::new();
    for item in items.iter().take(MAX_HOSTS) {
        let Some(text) = d.text(item, "callers.token.provider.hosts") else { continue };
        match Origin::parse(text) {
            Some(origin) => hosts.push(origin),
            None => d.bad_address(item.span, "callers.token.provider.hosts", "`host` or `host:port`"),
        }
    }
    hosts
}

fn introspection(d: &mut Decoder<'_>, node: &Node) -> Option<IntrospectionSettings> {
    let fields = d.fields(node, &shape::INTROSPECTION)?;
    let address = d
        .required(&fields, "url")
        .and_then(|node| address(d, node, "callers.token.introspection.url", "the tokens that are asked about"));
    let client_id =
        d.required(&fields, "client_id").and_then(|node| d.text(node, "callers.token.introspection.client_id"));
    let secret = fields.get("client_secret_file").map(|node| {
        let help = "a file with the secret that the provider gave the gate, closed to other users";
        d.existing(node, "callers.token.introspection.client_secret_file", help)
    });
    let (least, most) = INTROSPECTION_CACHE;
    let cache = fields.get("cache").map(|node| d.duration(node, "callers.token.introspection.cache", least, most));
    Some(IntrospectionSettings {
        address: address?,
        client_id: client_id?.to_owned(),
        client_secret: secret.map_or(Some(None), |secret| secret.map(Some))?,
        cache: cache.unwrap_or(Some(IntrospectionSettings::CACHE))?,
    })
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
