//! Honest credentials get their caller.

use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject;

use super::*;
use crate::policy::roles::PrincipalKind;

#[test]
fn an_honest_token_gives_its_caller() {
    let gate = Gate::new();
    let token = gate.token("alice@seller.example", &["warehouse"], true);
    let alice = gate.bearer(&token, NOW).unwrap_or_else(|refusal| panic!("{}", refusal.code()));
    assert_eq!(alice.subject(), "alice@seller.example");
    assert_eq!(alice.caller_header, "user:alice@seller.example");
    assert_eq!(alice.roles_header, "fulfilment,support");
    assert_eq!(alice.mfa_at, Some(NOW));
    assert_eq!(alice.expires, Some(NOW + 3600));
    // No key was configured, so the caller is not shown at all.
    assert_eq!(alice.record.as_str(), "hidden");
}

#[test]
fn an_honest_certificate_gives_its_caller() {
    let gate = Gate::new();
    let leaf = CertificateDer::from_pem_slice(gate.pki.client.certificate.as_bytes()).expect("a certificate");
    let picker = gate.identifier.certificate(&leaf).unwrap_or_else(|refusal| panic!("{}", refusal.code()));
    let picker = picker.expect("a caller");
    assert_eq!(picker.kind, PrincipalKind::Certificate);
    assert_eq!(picker.caller_header, "cert:spiffe://seller/picker");
    assert_eq!(picker.roles_header, "fulfilment");
}

#[test]
fn an_honest_api_key_gives_its_caller() {
    let gate = Gate::new();
    let caller = gate.identify(&[("x-api-key", &gate.api_key.key)], NOW);
    let caller = caller.unwrap_or_else(|refusal| panic!("{}", refusal.code())).expect("a caller");
    assert_eq!(caller.caller_header, "key:warehouse-sync");
    assert_eq!(caller.roles_header, "fulfilment");
}

#[test]
fn no_credential_is_no_caller() {
    let gate = Gate::new();
    assert!(matches!(gate.identify(&[("accept", "*/*")], NOW), Ok(None)));
}
