//! Paths: a canonical path is its own canonical form, whatever the app's profile.

#![no_main]

use libfuzzer_sys::fuzz_target;
use portcullis::policy::path::CanonicalPath;
use portcullis::policy::settings::PathProfile;

fuzz_target!(|raw: &str| {
    for profile in [PathProfile::Default, PathProfile::Tomcat, PathProfile::Iis, PathProfile::Php] {
        let Ok(path) = CanonicalPath::parse(raw, profile) else { continue };
        let text = path.as_str();
        assert!(text.starts_with('/') && text.is_ascii());
        assert!(!text.split('/').any(|segment| matches!(segment, "." | "..")), "{text}");
        let again = CanonicalPath::parse(text, profile).expect("a canonical path is sound");
        assert!(again.is_unchanged(), "{text} became {}", again.as_str());
    }
});
