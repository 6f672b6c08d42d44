//! Formatting: what it gives back says the same, and stays as it is; or the text is refused.

#![no_main]

use std::path::Path;

use libfuzzer_sys::fuzz_target;
use portcullis::policy::diff::Diff;
use portcullis::policy::format::format;
use portcullis::policy::{LoadOptions, Loaded, load_text};

fn load(text: &str) -> Option<Loaded> {
    load_text("policy.yaml", text, Path::new("/nonexistent"), &LoadOptions::check()).ok()
}

fuzz_target!(|text: &str| {
    let Ok(once) = format(text) else { return };
    assert_eq!(format(&once).as_deref(), Ok(once.as_str()));
    match (load(text), load(&once)) {
        (Some(before), Some(after)) => {
            assert!(Diff::between(&before.policy, &after.policy).is_empty(), "it means something else:\n{once}");
        }
        (None, None) => {}
        (before, _) => panic!("sound {}, formatted {}:\n{once}", before.is_some(), before.is_none()),
    }
});
