//! Keys, certificates and revocation, as they are used: what is taken back is refused at once, and a device is more than
//! a caller (controls ID-7, ID-8, KEY-2).

mod api_keys;
mod devices;
mod headers;
mod lists;
mod revoked;

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;

use crate::support::Person;

fn get(path: &str, fields: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n{fields}\r\n")
}

/// The DER of a person's certificate.
fn der(person: &Person) -> CertificateDer<'static> {
    CertificateDer::from_pem_slice(person.certificate.as_bytes()).expect("PEM")
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Verifies a JWT (ES256) by a public JWK, and that its `kid` is the key's thumbprint (RFC 7638).
#[track_caller]
fn assert_signed_by(jwt: &str, jwk: &serde_json::Value) {
    use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey};
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    let part = |name: &str| jwk[name].as_str().expect("text");
    let decode = |text: &str| URL_SAFE_NO_PAD.decode(text).expect("base64");
    let point = [vec![4], decode(part("x")), decode(part("y"))].concat();
    let (signed, signature) = jwt.rsplit_once('.').expect("a JWT");
    let key = UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point);
    key.verify(signed.as_bytes(), &decode(signature)).expect("the signature verifies");
    let header: serde_json::Value =
        serde_json::from_slice(&decode(jwt.split('.').next().expect("a header"))).expect("JSON");
    let canonical = format!(r#"{{"crv":"P-256","kty":"EC","x":"{}","y":"{}"}}"#, part("x"), part("y"));
    let thumbprint = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, canonical.as_bytes());
    assert_eq!(header["kid"], URL_SAFE_NO_PAD.encode(thumbprint.as_ref()));
    assert_eq!((header["kid"].as_str(), header["alg"].as_str()), (jwk["kid"].as_str(), Some("ES256")));
}

fn sha256(bytes: &[u8]) -> String {
    hex(aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, bytes).as_ref())
}
