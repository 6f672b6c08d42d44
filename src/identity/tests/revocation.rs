//! Callers of one policy under another: with its roles, or refused by it.

use std::path::Path;

use proptest::prelude::*;
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject as _;

use super::*;
use crate::identity::{Credential, RevocationLists};
use crate::policy::Policy;
use crate::policy::revocation::{Revocations, Revoked, token_digest};
use crate::policy::testing;
use crate::redact::{PseudonymKey, Redactor};

/// A policy with the files of a gate and something changed.
fn policy(gate: &Gate, change: impl FnOnce(&mut Policy)) -> Identifier {
    let file = |name: &str| gate.directory.path().join(name);
    let mut policy = testing::policy([]);
    policy.callers = vec![
        CallerMethod::Certificate(CertificateSubject::SanUri),
        token_method(file("jwks.json")),
        CallerMethod::ApiKey(Arc::new(ApiKeySettings { header: name("x-api-key"), file: file("keys.yaml") })),
    ];
    change(&mut policy);
    let redactor = Redactor::new(PseudonymKey::new(1, &[7; 32]).expect("long enough"));
    Identifier::for_policy(&policy, Arc::new(redactor), &Providers::default()).unwrap_or_else(|fault| panic!("{fault}"))
}

fn revoking(gate: &Gate, revoked: Revoked) -> Identifier {
    policy(gate, |policy| {
        policy.revoked = Revocations::default();
        policy.revoked.add(revoked);
    })
}

/// A caller by certificate, by token and by key.
fn callers(gate: &Gate) -> [Arc<Identity>; 3] {
    let leaf = CertificateDer::from_pem_slice(gate.pki.client.certificate.as_bytes()).expect("a certificate");
    let certificate = gate.identifier.certificate(&leaf).unwrap_or_else(|why| panic!("{why}")).expect("a caller");
    let token = gate.token("alice@seller.example", &["warehouse"], true);
    let token = gate.bearer(&token, NOW).unwrap_or_else(|why| panic!("{why}"));
    let key = gate.identify(&[("x-api-key", &gate.api_key.key)], NOW).unwrap_or_else(|why| panic!("{why}"));
    [certificate, token, key.expect("a caller")]
}

fn refusals(identifier: &Identifier, callers: &[Arc<Identity>]) -> Vec<Option<&'static str>> {
    callers.iter().map(|caller| identifier.again(caller).err().map(IdentityRefusal::code)).collect()
}

#[test]
fn callers_have_the_roles_of_the_new_policy() {
    let gate = Gate::new();
    let other = policy(&gate, |policy| {
        policy.roles = Roles::new([
            (name("night"), vec!["group:warehouse"]),
            (name("day"), vec!["cert:spiffe://seller/picker", "user:alice@seller.example"]),
        ]);
    });
    let roles: Vec<String> = callers(&gate)
        .iter()
        .map(|caller| other.again(caller).unwrap_or_else(|why| panic!("{why}")))
        .map(|caller| caller.roles_header.to_str().expect("ASCII").to_owned())
        .collect();
    assert_eq!(roles, ["day", "night,day", "night"]);
    let [_, alice, _] = callers(&gate);
    let again = other.again(&alice).unwrap_or_else(|why| panic!("{why}"));
    assert_eq!((again.mfa_at, again.expires, again.id()), (alice.mfa_at, alice.expires, alice.id()));
}

#[test]
fn callers_that_the_new_policy_revokes_are_nobody_any_more() {
    let gate = Gate::new();
    let callers = callers(&gate);
    assert_eq!(refusals(&policy(&gate, |_| ()), &callers), [None; 3]);
    let by_name = revoking(&gate, Revoked::Caller("user:alice@seller.example".into()));
    assert_eq!(refusals(&by_name, &callers), [None, Some("caller_revoked"), None]);
    let Credential::Certificate(marks) = &callers[0].credential else { panic!("a certificate") };
    for revoked in [
        Revoked::Serial(marks.serial.clone(), None),
        Revoked::Serial(marks.serial.clone(), Some("Portcullis development client CA".into())),
        Revoked::Certificate(marks.certificate),
        Revoked::PublicKey(marks.public_key),
    ] {
        assert_eq!(refusals(&revoking(&gate, revoked), &callers), [Some("certificate_revoked"), None, None]);
    }
    let Credential::Token { id: Some(id), .. } = &callers[1].credential else { panic!("a token with an id") };
    assert_eq!(refusals(&revoking(&gate, Revoked::Token(*id)), &callers), [None, Some("token_revoked"), None]);
    assert_eq!(refusals(&revoking(&gate, Revoked::Token(token_digest("other"))), &callers), [None; 3]);
    let Credential::ApiKey { id, .. } = &callers[2].credential else { panic!("a key") };
    let by_key = revoking(&gate, Revoked::ApiKey(id.clone()));
    assert_eq!(refusals(&by_key, &callers), [None, None, Some("api_key_revoked")]);
}

#[test]
fn callers_whose_way_to_prove_themselves_is_gone_are_nobody_any_more() {
    let gate = Gate::new();
    let callers = callers(&gate);
    let none = policy(&gate, |policy| policy.callers.clear());
    let withdrawn = Some("credential_withdrawn");
    assert_eq!(refusals(&none, &callers), [withdrawn, withdrawn, Some("api_key_unknown")]);
    // The key's own entry says that it is revoked.
    let entry = format!("keys:\n{}    revoked: 2025-12-31\n", gate.api_key.entry);
    fs::write(gate.directory.path().join("keys.yaml"), entry).expect("written");
    assert_eq!(refusals(&policy(&gate, |_| ()), &callers), [None, None, Some("api_key_revoked")]);
}

proptest! {
    #[test]
    fn revocation_lists_of_any_bytes_do_not_panic(bytes in prop::collection::vec(any::<u8>(), 1..300), der in any::<bool>()) {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("any.crl");
        let bytes = if der { [&[0x30, 0x82][..], &bytes].concat() } else { bytes };
        fs::write(&path, bytes).expect("written");
        prop_assert!(RevocationLists::load(&[path]).is_err());
    }
}

#[test]
fn a_revocation_list_that_is_not_there_is_a_fault_of_its_file() {
    let fault = RevocationLists::load(&[Path::new("/nowhere/any.crl").to_owned()]).err().expect("a fault");
    assert_eq!(fault.path(), Some(Path::new("/nowhere/any.crl")));
}
