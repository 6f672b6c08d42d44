//! Policies: loaded or refused, and every fault can be shown, to people and to machines.

#![no_main]

use std::path::Path;

use libfuzzer_sys::fuzz_target;
use portcullis::policy::{LoadOptions, load_text};

fuzz_target!(|text: &str| {
    let faults = match load_text("policy.yaml", text, Path::new("/nonexistent"), &LoadOptions::check()) {
        Ok(loaded) => loaded.warnings,
        Err(faults) => {
            assert!(!faults.is_empty(), "refused without a reason");
            faults
        }
    };
    drop((faults.render(false), faults.to_json()));
});
