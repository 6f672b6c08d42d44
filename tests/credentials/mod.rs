//! Keys, certificates and revocation, as they are used: what is taken back is refused at once, and a device is more than
//! a caller (controls ID-7, ID-8, KEY-2).

mod api_keys;
mod devices;
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

fn sha256(bytes: &[u8]) -> String {
    hex(aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, bytes).as_ref())
}
