//! Formatting: what it gives back says the same, and stays as it is; or the text is refused.

#![no_main]

use libfuzzer_sys::fuzz_target;
use portcullis::policy::format::format;

fuzz_target!(|text: &str| {
    if let Ok(once) = format(text) {
        assert_eq!(format(&once).as_deref(), Ok(once.as_str()));
    }
});
