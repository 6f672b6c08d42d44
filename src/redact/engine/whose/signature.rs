//! Signatures with parameters: of a request, and of a message of mail.

use super::special::is_nothing;

/// Schemes whose credentials are a list of parameters, of which one is the signature: OAuth 1.0 (RFC 5849), Hawk, MAC,
/// version 4 of Amazon's and of Google's, signatures of HTTP (draft-cavage-http-signatures).
const SCHEMES: [&[u8]; 7] = [
    b"OAuth ",
    b"Hawk ",
    b"MAC ",
    b"AWS4-HMAC-SHA256 ",
    b"AWS4-ECDSA-P256-SHA256 ",
    b"GOOG4-RSA-SHA256 ",
    b"Signature ",
];
/// Parameters that say what was signed, and how.
const PUBLIC: [&[u8]; 5] = [b"SignedHeaders", b"headers", b"algorithm", b"oauth_signature_method", b"oauth_version"];
/// Parameters that say when a request was signed, in seconds or milliseconds.
const TIMES: [&[u8]; 3] = [b"oauth_timestamp", b"ts", b"timestamp"];
/// Algorithms of a signature of mail (RFC 6376 section 3.3, RFC 8463).
const ALGORITHMS: [&[u8]; 3] = [b"a=rsa-sha256", b"a=rsa-sha1", b"a=ed25519-sha256"];

/// Where the parameters of credentials begin, if they are such a list.
pub fn parameters(value: &[u8]) -> Option<usize> {
    let scheme = SCHEMES
        .iter()
        .find(|scheme| value.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme)))?;
    value[scheme.len()..].contains(&b'=').then_some(scheme.len())
}

/// Reports every parameter's value but for the time, and for what was signed and how: what is no pair goes as a whole.
pub fn secrets(value: &[u8], mut found: impl FnMut(usize, usize)) {
    let mut start = 0;
    for part in value.split(|byte| *byte == b',') {
        let mark = |byte: &&u8| matches!(**byte, b'"' | b'\\' | b'\'' | b' ');
        let equals = part.iter().position(|byte| *byte == b'=');
        let name = equals.map_or(&b""[..], |equals| part[..equals].trim_ascii());
        let value = equals.map_or(0, |equals| equals + 1);
        let from = value + part[value..].iter().take_while(mark).count();
        let to = part.len() - part[from..].iter().rev().take_while(mark).count();
        let inner = &part[from..to];
        let is_time = matches!(inner.len(), 10 | 13)
            && inner.iter().all(u8::is_ascii_digit)
            && TIMES.iter().any(|known| name.eq_ignore_ascii_case(known));
        // Names of header fields and of algorithms, and nothing else.
        let is_public = PUBLIC.iter().any(|known| name.eq_ignore_ascii_case(known))
            && inner
                .iter()
                .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b';' | b' ' | b'(' | b')' | b'.'));
        if !is_time && !is_public && !is_nothing(inner) {
            found(start + from, start + from + scoped(inner).unwrap_or(to - from));
        }
        start += part.len() + 1;
    }
}

/// `AKID/20261122/eu-west-1/s3/aws4_request`: how long the id of the key is before the scope, which says when and for what
/// a request was signed. The slashes may be those of a URL.
pub fn scoped(credential: &[u8]) -> Option<usize> {
    const TERMINATIONS: [&[u8]; 2] = [b"aws4_request", b"goog4_request"];
    if !TERMINATIONS.iter().any(|end| credential.ends_with(end)) {
        return None;
    }
    let slash = credential.iter().position(|byte| matches!(byte, b'/' | b'%'))?;
    let gap = match &credential[slash..] {
        [b'/', ..] => 1,
        [b'%', b'2', b'F' | b'f', ..] => 3,
        _ => return None,
    };
    let day = credential.get(slash + gap..slash + gap + 8)?;
    day.iter().all(u8::is_ascii_digit).then_some(slash)
}

/// A signature of DKIM or ARC (RFC 6376 section 3.5, RFC 8617): tags that say which domain signed what. It proves a
/// message and opens nothing; whoever the tag `i` names is found as any other address is.
pub fn is_of_mail(value: &[u8]) -> bool {
    let tag = |known: &[u8]| value.split(|byte| *byte == b';').any(|part| part.trim_ascii().starts_with(known));
    value.contains(&b';')
        && value.split(|byte| *byte == b';').any(|part| ALGORITHMS.contains(&part.trim_ascii()))
        && tag(b"d=")
        && tag(b"s=")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_signed_request_the_time_stays() {
        let value = b"Hawk id=\"a1b2\", ts=\"1760000000\", nonce=\"9z\", mac=\"x+/=\", rest";
        let from = parameters(value).expect("a list of parameters");
        let mut gone = Vec::new();
        secrets(&value[from..], |start, end| gone.push(value[from + start..from + end].to_vec()));
        assert_eq!(gone, [&b"a1b2"[..], b"9z", b"x+/=", b"rest"]);
        let value = b"AWS4-HMAC-SHA256 Credential=AKID/20261122/eu-west-1/x/aws4_request, SignedHeaders=host;x-amz-date, Signature=71";
        let from = parameters(value).expect("a list of parameters");
        gone.clear();
        secrets(&value[from..], |start, end| gone.push(value[from + start..from + end].to_vec()));
        assert_eq!(gone, [&b"AKID"[..], b"71"]);
        assert_eq!(parameters(b"OAuth 8f2c71d09a"), None);
        assert_eq!(parameters(b"Bearer a=b"), None);
    }

    #[test]
    fn what_signs_mail_is_known_by_its_tags() {
        assert!(is_of_mail(b"v=1; a=ed25519-sha256; d=mail.example; s=k2; h=from; b=Zm9v"));
        assert!(!is_of_mail(b"keyId=\"k\",algorithm=\"rsa-sha256\",signature=\"Zm9v\""));
        assert!(!is_of_mail(b"t=1760000000,v1=5257a869e7"));
    }
}
