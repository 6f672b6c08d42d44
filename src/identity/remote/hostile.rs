//! What fuzzers reach.

use std::path::Path;

use super::{fetch, kept};
use crate::policy::http_address::HttpAddress;

/// What an issuer's metadata calls the address of its keys, if it says so as it may.
pub fn address_of_keys(metadata: &[u8], base: &HttpAddress, issuer: &str) -> Option<HttpAddress> {
    fetch::address_of_keys(metadata, base, issuer).ok()
}

/// The key set of a file that an earlier process kept for an issuer.
pub fn kept_keys(path: &Path, issuer: &str) -> Option<String> {
    kept::read(path, issuer).ok().flatten().map(|kept| kept.text)
}
