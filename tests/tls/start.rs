//! Files that are not what they should be: the gate does not start, and says which.

use crate::support::pki::{Authority, Files, Leaf};
use crate::support::{Gate, Policy};

const NOWHERE: &str = "http://127.0.0.1:9";

/// Has a policy refused at the start, with the name of the file at fault.
#[track_caller]
fn refused(what: &str, policy: &Policy, file: &str) {
    let (status, said) = Gate::refuses_to_start(policy);
    assert_eq!(status.code(), Some(1), "{what}: {said}");
    assert!(said.contains(file), "{what}: {file} is not named: {said}");
    assert!(!said.contains("panicked") && !said.contains("listening"), "{what}: {said}");
    // What stands in a key's file is never repeated.
    assert!(!said.contains("MIGH") && !said.contains("what is this"), "{what}: {said}");
}

#[test]
fn tls_files_at_fault_stop_the_start_and_are_named() {
    let (files, ours) = (Files::new(), Authority::new("Ours"));
    let (one, other) = (ours.issue(&Leaf::server(&["localhost"])), ours.issue(&Leaf::server(&["localhost"])));
    let (certificate, key) = files.person("sound", &one);
    let (_, other_key) = files.person("other", &other);
    let empty = files.write("empty.pem", "");
    let garbage = files.write("garbage.pem", "what is this\n");
    let torn = files.write("torn.pem", &one.certificate[..one.certificate.len() / 2]);
    let not_base64 = files.write("not-base64.pem", "-----BEGIN CERTIFICATE-----\n!!!!\n-----END CERTIFICATE-----\n");
    let not_der = files.write("not-der.pem", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
    let torn_key = files.write("torn.key", &one.key[..one.key.len() / 2]);
    let missing = files.path("missing.pem").display().to_string();
    let directory = files.path("").display().to_string();

    let base = || Policy::at(NOWHERE);
    for file in [&missing, &empty, &garbage, &torn, &not_base64, &not_der, &directory] {
        refused("certificate", &base().swap("certs/gate.pem", file).swap("certs/gate.key", &key), file);
        refused("client CA", &base().swap("certs/clients-ca.pem", file), file);
    }
    for file in [&missing, &empty, &garbage, &torn_key, &certificate, &directory] {
        refused("key", &base().swap("certs/gate.pem", &certificate).swap("certs/gate.key", file), file);
    }
    let mismatched = base().swap("certs/gate.pem", &certificate).swap("certs/gate.key", &other_key);
    refused("mismatched key", &mismatched, &certificate);
    for file in [&missing, &empty, &garbage] {
        refused("key set", &base().swap("certs/jwks.json", file), file);
        refused("API keys", &base().swap("api-keys.yaml", file), file);
        refused("pseudonym key", &base().swap("certs/pseudonym.key", file), file);
        let assertion = format!("assertion: {{ key: {file}, audience: app }}");
        refused("assertion key", &base().gate(&assertion), file);
    }
}

#[test]
fn tls_files_of_the_way_to_the_app_stop_the_start_and_are_named() {
    let (files, ours) = (Files::new(), Authority::new("Ours"));
    let (certificate, key) = files.person("sound", &ours.issue(&Leaf::client(&["spiffe://seller/gate"])));
    let (_, other_key) = files.person("other", &ours.issue(&Leaf::client(&["spiffe://seller/gate"])));
    let ca = files.write("ca.pem", &ours.pem);
    let garbage = files.write("garbage.pem", "what is this\n");
    let empty = files.write("empty.pem", "");
    let not_der = files.write("not-der.pem", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
    let missing = files.path("missing.pem").display().to_string();
    let base = || Policy::at("https://app.example:8443");
    for file in [&missing, &empty, &garbage, &not_der] {
        refused("CA", &base().upstream(&format!("tls: {{ ca: {file} }}")), file);
        let client = format!("tls: {{ ca: {ca}, certificate: {file}, key: {key} }}");
        refused("client certificate", &base().upstream(&client), file);
    }
    for file in [&missing, &empty, &garbage, &certificate] {
        let client = format!("tls: {{ ca: {ca}, certificate: {certificate}, key: {file} }}");
        refused("client key", &base().upstream(&client), file);
    }
    let client = format!("tls: {{ ca: {ca}, certificate: {certificate}, key: {other_key} }}");
    refused("mismatched client key", &base().upstream(&client), &certificate);
}
