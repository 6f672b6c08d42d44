//! Files of API keys' digests.

#![no_main]

use std::path::Path;

use libfuzzer_sys::fuzz_target;
use portcullis::identity::api_key_edit::KeyFile;

fuzz_target!(|text: &str| {
    match KeyFile::parse(Path::new("api-keys.yaml"), text.to_owned()) {
        Ok(file) => assert!((1..=text.lines().count()).contains(&file.keys().count())),
        Err(fault) => drop(fault.to_string()),
    }
});
