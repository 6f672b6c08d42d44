//! Addresses, networks and URLs.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use ipnet::IpNet;

use super::decode::{Decoder, Fields};
use crate::policy::fault::{Code, Fault, quote};
use crate::policy::settings::{NetworkRule, Networks};
use crate::policy::shape::Section;
use crate::policy::source::Span;
use crate::policy::yaml::Node;

/// An address as the policy writes it: `scheme://host:port`, and `path` after that.
pub(in crate::policy) struct Url<'t> {
    pub(in crate::policy) scheme: &'t str,
    pub(in crate::policy) host: &'t str,
    pub(in crate::policy) port: Option<u16>,
    pub(in crate::policy) path: &'t str,
}

impl<'t> Url<'t> {
    /// Takes an address apart; `None` if it has user names in it, or no host, or is none at all.
    pub(in crate::policy) fn parse(text: &'t str) -> Option<Self> {
        let (scheme, rest) = text.split_once("://")?;
        let (authority, path) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
        let (host, port) = match authority.strip_prefix('[') {
            Some(six) => {
                let (host, after) = six.split_once(']')?;
                host.parse::<Ipv6Addr>().ok()?;
                (host, after.strip_prefix(':').or_else(|| after.is_empty().then_some("")))
            }
            None => match authority.split_once(':') {
                Some((host, port)) => (host, Some(port)),
                None => (authority, Some("")),
            },
        };
        let port = match port? {
            "" => None,
            digits if digits.bytes().all(|byte| byte.is_ascii_digit()) => Some(digits.parse().ok().filter(|p| *p > 0)?),
            _ => return None,
        };
        (is_host(host)).then_some(Self { scheme, host, port, path })
    }

    /// The address if the host is on this machine. `localhost` is taken for 127.0.0.1, not asked of a name server.
    pub(in crate::policy) fn loopback(&self) -> Option<IpAddr> {
        if self.host.eq_ignore_ascii_case("localhost") {
            return Some(IpAddr::V4(Ipv4Addr::LOCALHOST));
        }
        self.host.parse::<IpAddr>().ok().filter(|address| address.to_canonical().is_loopback())
    }
}

/// A host name (RFC 1123) or an IP address without brackets.
pub(in crate::policy) fn is_host(host: &str) -> bool {
    let label = |label: &str| {
        !label.is_empty()
            && label.len() <= 63
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
    };
    host.parse::<IpAddr>().is_ok() || (host.len() <= 253 && host.split('.').all(label))
}

impl Decoder<'_> {
    /// An address to listen on.
    pub(super) fn listen(&mut self, node: &Node, what: &str) -> Option<SocketAddr> {
        let text = self.text(node, what)?;
        let address = text.parse().ok();
        if address.is_none() {
            let fault = Fault::new(Code::Address, node.span, format!("{what} is not an address and port"));
            self.fault(fault.help("an IP address and a port: `0.0.0.0:8443`, `[::]:8443`, `127.0.0.1:9443`"));
        }
        address
    }

    /// A list of networks.
    pub(super) fn networks(&mut self, node: &Node, what: &str) -> Networks {
        let items = self.list(node, what).unwrap_or_default();
        Networks(items.iter().filter_map(|item| self.network(item, what)).collect())
    }

    /// A list of networks that something is believed from: never all of them.
    pub(super) fn trusted(&mut self, node: &Node, what: &str) -> Networks {
        let networks = self.networks(node, what);
        if networks.0.iter().any(|network| network.prefix_len() == 0) {
            let fault = Fault::new(Code::Trust, node.span, format!("{what} trusts every address there is"))
                .label("anybody could claim to be anybody")
                .help("list the addresses of your own load balancers");
            self.fault(fault);
        }
        networks
    }

    /// `allow` and `deny`.
    pub(super) fn network_rule(&mut self, node: &Node, section: &'static Section) -> NetworkRule {
        let Some(fields) = self.fields(node, section) else { return NetworkRule::default() };
        let mut side = |key: &str| {
            fields
                .get(key)
                .map_or_else(Networks::default, |node| self.networks(node, &format!("{}.{key}", section.what)))
        };
        NetworkRule { allow: side("allow"), deny: side("deny") }
    }

    fn network(&mut self, node: &Node, what: &str) -> Option<IpNet> {
        let text = self.text(node, what)?;
        let network = text.parse::<IpNet>().ok().or_else(|| text.parse::<IpAddr>().ok().map(IpNet::from));
        let Some(network) = network else {
            let fault = Fault::new(Code::Network, node.span, format!("{what}: {} is not a network", quote(text)));
            self.fault(fault.label("not a network").help("an address and a prefix length: `10.0.0.0/8`, `fd00::/8`"));
            return None;
        };
        if network.trunc() != network {
            let fault =
                Fault::new(Code::Network, node.span, format!("{what}: {} is an address within a network", quote(text)));
            self.fault(fault.label("bits beyond the prefix").help(format!("did you mean `{}`?", network.trunc())));
            return None;
        }
        // `::ffff:10.0.0.0/104` would never match: addresses are compared in canonical form.
        if let IpNet::V6(six) = network
            && six.addr().to_ipv4_mapped().is_some()
        {
            let fault =
                Fault::new(Code::Network, node.span, format!("{what}: {} is IPv4 written as IPv6", quote(text)));
            self.fault(fault.help("write it as IPv4"));
            return None;
        }
        Some(network)
    }

    /// Notes an unencrypted connection that would leave the machine.
    pub(super) fn plaintext(&mut self, span: Span, what: &str, instead: &str) {
        let fault = Fault::new(Code::Plaintext, span, format!("{what} would leave this machine unencrypted (TLS-2)"))
            .label("plaintext to somewhere else than loopback")
            .help(instead);
        self.fault(fault);
    }

    /// Notes an address of the wrong form.
    pub(super) fn bad_address(&mut self, span: Span, what: &str, help: &str) {
        self.fault(
            Fault::new(Code::Address, span, format!("{what} is not an address that can be used here")).help(help),
        );
    }

    /// A PEM certificate and its key, from two keys of one map; both or neither.
    pub(super) fn certificate_files(
        &mut self,
        fields: &Fields<'_>,
        what: &str,
    ) -> Option<crate::policy::settings::CertificateFiles> {
        const MAKE: &str = "`portcullis certs dev` makes a development certificate and key under certs/";
        let certificate = self.required(fields, "certificate");
        let key = self.required(fields, "key");
        let certificate = certificate.and_then(|node| {
            let name = format!("{what}.certificate");
            self.existing(node, &name, MAKE).inspect(|path| self.dates(node, &name, path))
        });
        let key = key.and_then(|node| self.existing(node, &format!("{what}.key"), MAKE));
        Some(crate::policy::settings::CertificateFiles { certificate: certificate?, key: key? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_are_taken_apart_or_refused() {
        let url = Url::parse("https://idp.example:8443/keys?x").expect("a URL");
        assert_eq!((url.scheme, url.host, url.port, url.path), ("https", "idp.example", Some(8443), "/keys?x"));
        let six = Url::parse("http://[::1]:8080").expect("a URL");
        assert_eq!((six.host, six.port), ("::1", Some(8080)));
        assert!(six.loopback().is_some());
        for bad in [
            "",
            "http://",
            "http://a b",
            "http://u:p@h",
            "http://h:0",
            "http://h:99999",
            "http://h:+1",
            "http://[::1",
            "h:80",
        ] {
            assert!(Url::parse(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn only_this_machine_is_loopback() {
        let loopback = |text| Url::parse(text).is_some_and(|url| url.loopback().is_some());
        assert!(loopback("http://127.0.0.1:1") && loopback("http://127.9.9.9") && loopback("http://localhost"));
        assert!(
            !loopback("http://localhost.example")
                && !loopback("http://0.0.0.0")
                && !loopback("http://127.0.0.1.nip.example")
        );
    }
}
