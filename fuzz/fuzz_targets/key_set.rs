//! Key sets of token issuers (RFC 7517).

#![no_main]

use std::sync::{Arc, LazyLock};

use libfuzzer_sys::fuzz_target;
use portcullis::identity::{Identifier, Providers};
use portcullis::policy::roles::Roles;
use portcullis::policy::settings::{CallerMethod, TokenAlgorithm, TokenSettings};
use portcullis::redact::CallerForm;

static DIRECTORY: LazyLock<tempfile::TempDir> = LazyLock::new(|| tempfile::tempdir().expect("a directory"));

fuzz_target!(|set: &[u8]| {
    let keys = DIRECTORY.path().join("jwks.json");
    std::fs::write(&keys, set).expect("written");
    let algorithms = [TokenAlgorithm::Es256, TokenAlgorithm::Rs256, TokenAlgorithm::EdDsa];
    let settings = TokenSettings::local("https://idp.example", "seller-app", keys, &algorithms);
    let methods = [CallerMethod::Token(Arc::new(settings))];
    match Identifier::load(&methods, &Roles::default(), None, CallerForm::Id, &Providers::default()) {
        Ok(identifier) => drop(identifier.warnings()),
        Err(fault) => drop(fault.to_string()),
    }
});
