//! SPIFFE ids and the certificates that carry them, to the letter of the SPIFFE ID and X.509-SVID standards: whatever
//! another reader might take for another workload is none.

use x509_parser::certificate::X509Certificate;

/// Longest trust domain (SPIFFE ID, section 2.1).
pub const MAX_TRUST_DOMAIN_BYTES: usize = 255;

const SCHEME: &str = "spiffe://";

/// Whether a text is a trust domain: `seller.example`.
pub fn is_trust_domain(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'.' | b'-' | b'_');
    (1..=MAX_TRUST_DOMAIN_BYTES).contains(&text.len()) && text.bytes().all(plain)
}

/// The trust domain of a workload's id: `spiffe://domain/segments`, without user, port, query, fragment, percent signs,
/// empty segments, dots for segments, or a slash at the end. An id without a path is a trust domain's, not a workload's.
pub(super) fn trust_domain(id: &str) -> Option<&str> {
    let (domain, path) = id.strip_prefix(SCHEME)?.split_once('/')?;
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_');
    let segment = |segment: &str| !matches!(segment, "" | "." | "..") && segment.bytes().all(plain);
    (is_trust_domain(domain) && path.split('/').all(segment)).then_some(domain)
}

/// Whether a certificate is fit to be a workload's: it is no authority and signs neither certificates nor lists
/// (X.509-SVID, sections 4.1 and 4.3).
pub(super) fn is_workload(certificate: &X509Certificate<'_>) -> bool {
    let authority = match certificate.basic_constraints() {
        Ok(constraints) => constraints.is_some_and(|constraints| constraints.value.ca),
        Err(_) => return false,
    };
    let signs = match certificate.key_usage() {
        Ok(usage) => usage.is_some_and(|usage| usage.value.key_cert_sign() || usage.value.crl_sign()),
        Err(_) => return false,
    };
    !authority && !signs
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_has_one_spelling() {
        assert_eq!(trust_domain("spiffe://seller.example/ns/shop/sa/picker"), Some("seller.example"));
        assert_eq!(trust_domain("spiffe://a_b-c.1/X.y_z-0"), Some("a_b-c.1"));
        let long = format!("spiffe://{}/a", "a".repeat(256));
        for bad in [
            "spiffe://seller.example",
            "spiffe://seller.example/",
            "spiffe://seller.example/a/",
            "spiffe://seller.example//a",
            "spiffe://seller.example/./a",
            "spiffe://seller.example/a/..",
            "spiffe://Seller.example/a",
            "SPIFFE://seller.example/a",
            "spiffe:/seller.example/a",
            "spiffe://seller.example:443/a",
            "spiffe://user@seller.example/a",
            "spiffe://seller.example/a?b=c",
            "spiffe://seller.example/a#b",
            "spiffe://seller.example/a%2fb",
            "spiffe://seller.example/a b",
            "spiffe://seller.example/\u{e9}",
            "spiffe://[::1]/a",
            "spiffe:///a",
            "https://seller.example/a",
            long.as_str(),
        ] {
            assert_eq!(trust_domain(bad), None, "{bad}");
        }
    }
}
