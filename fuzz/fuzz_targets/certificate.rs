//! Certificates and revocation lists: any bytes are read or refused, and a name that proves somebody is one.

#![no_main]

use std::sync::{Arc, LazyLock};

use libfuzzer_sys::fuzz_target;
use portcullis::identity::RevocationLists;
use portcullis::identity::hostile::certificate;
use portcullis::policy::settings::CertificateSubject;

static DIRECTORY: LazyLock<tempfile::TempDir> = LazyLock::new(|| tempfile::tempdir().expect("a directory"));

fuzz_target!(|der: &[u8]| {
    let spiffe = CertificateSubject::Spiffe(Arc::new(["seller.example".into(), "seller".into()]));
    let subjects = [
        spiffe,
        CertificateSubject::SanUri,
        CertificateSubject::SanDns,
        CertificateSubject::SanEmail,
        CertificateSubject::CommonName,
    ];
    for subject in &subjects {
        let Some(name) = certificate(der, std::slice::from_ref(subject)) else { continue };
        assert!(!name.is_empty() && !name.chars().any(char::is_control), "{name:?}");
        if let CertificateSubject::Spiffe(_) = subject {
            assert!(name.starts_with("spiffe://seller/") || name.starts_with("spiffe://seller.example/"), "{name}");
        }
    }
    let path = DIRECTORY.path().join("list.crl");
    std::fs::write(&path, der).expect("written");
    match RevocationLists::load(&[path]) {
        Ok(lists) => assert!(!lists.ders.is_empty()),
        Err(fault) => drop(fault.to_string()),
    }
});
