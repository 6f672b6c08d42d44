//! Honest credentials get their caller.

use rustls::client::ClientConnection;
use rustls::crypto::aws_lc_rs::default_provider;
use rustls::server::{ServerConnection, WebPkiClientVerifier};
use rustls::{ClientConfig, RootCertStore, ServerConfig};
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer, ServerName};

use super::*;
use crate::policy::roles::PrincipalKind;
use crate::redact::{PseudonymKey, Redactor};

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

#[test]
fn a_caller_stands_in_records_as_the_policy_says() {
    let gate = Gate::new();
    let record = |form| {
        let redactor = Arc::new(Redactor::new(PseudonymKey::new(1, &[7; 32]).expect("long enough")));
        let methods = [token_method(gate.directory.path().join("jwks.json"))];
        let made = Identifier::load(&methods, &Roles::default(), Some(redactor), form, &Providers::default())
            .unwrap_or_else(|fault| panic!("{fault}"));
        let bearer = format!("Bearer {}", gate.token("alice@seller.example", &[], false));
        let caller = made.identify(&Presented::fields(&header_map(&[("authorization", &bearer)])), NOW);
        caller.unwrap_or_else(|why| panic!("{why}")).expect("a caller").record.as_str().to_owned()
    };
    let pseudonym = record(CallerForm::Pseudonym);
    assert!(pseudonym.starts_with("pii_caller_k1_") && !pseudonym.contains("alice"), "{pseudonym}");
    assert_eq!(record(CallerForm::Id), "user:alice@seller.example");
}

#[test]
fn a_development_pki_serves_mutual_tls() {
    let gate = Gate::new();
    let pki = &gate.pki;
    let picker = handshake(pki, &pki.client).expect("a handshake");
    let picker = gate.identifier.certificate(&picker).unwrap_or_else(|why| panic!("{why}")).expect("a caller");
    assert_eq!(picker.subject(), "spiffe://seller/picker");
    let other = pki.issue_client("spiffe://seller/other").expect("a client");
    assert!(handshake(pki, &other).is_ok());
    // Neither a stranger's certificate nor the gate's own makes a caller.
    assert!(handshake(pki, &dev::dev_pki(&[]).expect("a PKI").client).is_err());
    assert!(handshake(pki, &pki.gate).is_err());
}

/// A TLS handshake in memory, as the gate would do it; the client's leaf as the gate saw it.
fn handshake(pki: &DevPki, client: &dev::Certified) -> Result<Vec<u8>, rustls::Error> {
    let roots = |pem: &str| {
        let mut roots = RootCertStore::empty();
        roots.add(certificate(pem)).expect("an authority");
        Arc::new(roots)
    };
    let key = |pem: &str| PrivateKeyDer::from_pem_slice(pem.as_bytes()).expect("a key");
    let provider = Arc::new(default_provider());
    let verifier = WebPkiClientVerifier::builder_with_provider(roots(&pki.clients_ca), Arc::clone(&provider));
    let server = ServerConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()?
        .with_client_cert_verifier(verifier.build().expect("a verifier"))
        .with_single_cert(vec![certificate(&pki.gate.certificate)], key(&pki.gate.key))?;
    let client = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots(&pki.ca))
        .with_client_auth_cert(vec![certificate(&client.certificate)], key(&client.key))?;
    let mut server = ServerConnection::new(Arc::new(server))?;
    let mut client = ClientConnection::new(Arc::new(client), ServerName::try_from("localhost").expect("a name"))?;
    while client.is_handshaking() || server.is_handshaking() {
        let mut wire = Vec::new();
        while client.wants_write() {
            client.write_tls(&mut wire).expect("written");
        }
        server.read_tls(&mut &wire[..]).expect("read");
        server.process_new_packets()?;
        wire.clear();
        while server.wants_write() {
            server.write_tls(&mut wire).expect("written");
        }
        client.read_tls(&mut &wire[..]).expect("read");
        client.process_new_packets()?;
    }
    Ok(server.peer_certificates().expect("a certificate")[0].to_vec())
}

fn certificate(pem: &str) -> CertificateDer<'static> {
    CertificateDer::from_pem_slice(pem.as_bytes()).expect("a certificate")
}
