//! Header names by which the gate tells the app who calls. A client must not get any of them through, in any spelling
//! that some framework would take for it: CGI and WSGI read `X_Portcullis-Caller` and `X-Portcullis_Caller` alike.

pub use crate::policy::settings::headers::{ASSERTION, CALLER, ROLES};

/// Every identity header that the gate sets, unless the policy names others.
pub const ALL: [&str; 3] = [CALLER, ROLES, ASSERTION];

/// What all of them begin with once only letters and digits are left. The whole family is ours, so that a header of a
/// later version cannot be forged through an older gate.
const FOLDED_PREFIX: &[u8] = b"xportcullis";

/// Whether a header name is one of ours once case and everything but ASCII letters and digits is taken away.
pub fn is_protected(name: &[u8]) -> bool {
    if name.len() < FOLDED_PREFIX.len() {
        return false;
    }
    let mut expected = FOLDED_PREFIX.iter();
    for byte in name {
        if byte.is_ascii_alphanumeric() {
            match expected.next() {
                None => return true,
                Some(wanted) if byte.to_ascii_lowercase() == *wanted => {}
                Some(_) => return false,
            }
        }
    }
    expected.next().is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn header_spellings_of_an_identity_header_are_all_ours() {
        for name in ALL {
            assert!(is_protected(name.as_bytes()));
            for separator in b"!#$%&'*+-.^_`|~ \t:\0/\\\xff" {
                let spelt: Vec<u8> = name.bytes().map(|byte| if byte == b'-' { *separator } else { byte }).collect();
                assert!(is_protected(&spelt), "{spelt:?}");
                assert!(is_protected(&spelt.to_ascii_uppercase()), "{spelt:?}");
                assert!(is_protected(&[&[*separator; 3][..], &spelt, &[*separator]].concat()));
            }
        }
        assert!(is_protected(b"XPortcullis"));
        assert!(is_protected(b"x-portcullis-anything-new"));
    }

    #[test]
    fn header_names_of_others_are_not_ours() {
        for name in
            ["", "x", "host", "x-portculli", "x-portcullix-caller", "my-x-portcullis-caller", "portcullis-caller"]
        {
            assert!(!is_protected(name.as_bytes()), "{name}");
        }
    }
}
