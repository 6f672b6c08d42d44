//! Files of API keys' digests.

#![no_main]

use std::path::Path;

use libfuzzer_sys::fuzz_target;
use portcullis::identity::dev;

fuzz_target!(|text: &str| {
    match dev::count_api_keys(Path::new("api-keys.yaml"), text) {
        Ok(count) => assert!(count > 0 && count <= text.lines().count(), "{count} keys"),
        Err(fault) => drop(fault.to_string()),
    }
});
