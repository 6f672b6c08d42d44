//! An identity provider's metadata: no other issuer's word counts, and none opens a socket that the policy did not.

#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use portcullis::identity::hostile::{address_of_keys, kept_keys};
use portcullis::policy::http_address::{HttpAddress, HttpPlace};

const ISSUER: &str = "https://idp.example";

static DIRECTORY: LazyLock<tempfile::TempDir> = LazyLock::new(|| tempfile::tempdir().expect("a directory"));
static BASES: LazyLock<[HttpAddress; 2]> =
    LazyLock::new(|| [ISSUER, "http://127.0.0.1:8080/realm"].map(|text| HttpAddress::parse(text).expect("an address")));

fuzz_target!(|metadata: &[u8]| {
    for base in &*BASES {
        let Some(address) = address_of_keys(metadata, base, ISSUER) else { continue };
        let said: serde_json::Value = serde_json::from_slice(metadata).expect("what was read is JSON");
        assert_eq!(said["issuer"], ISSUER, "another issuer's word");
        match address.place {
            HttpPlace::Tls(_) => {}
            HttpPlace::Loopback(_) => assert!(matches!(base.place, HttpPlace::Loopback(_)), "a socket on this machine"),
            HttpPlace::Unix(_) => panic!("a socket on this machine"),
        }
        assert!(address.target.starts_with('/') && !address.target.contains([' ', '\r', '\n']), "{}", address.target);
    }
    let path = DIRECTORY.path().join("kept.json");
    std::fs::write(&path, metadata).expect("written");
    if kept_keys(&path, ISSUER).is_some() {
        let said: serde_json::Value = serde_json::from_slice(metadata).expect("what was read is JSON");
        assert_eq!(said["issuer"], ISSUER, "another issuer's keys");
    }
});
