//! What of the policy's contract this build does not enforce. Building a part means deleting its line.

/// Keys and what they stand for.
const UNBUILT: &[(&str, &str)] = &[
    ("routes.mask", "masking of response fields"),
    ("roles.admin.export", "the right to export records"),
    ("roles.admin.erase", "the right to erase records"),
];

/// What a part is, if this build lacks it.
pub(super) fn missing(part: &str) -> Option<&'static str> {
    UNBUILT.iter().find(|(key, _)| *key == part).map(|(_, what)| *what)
}
