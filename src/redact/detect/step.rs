//! Steps from one version to another, which look like addresses.

use super::address::octets;
use super::text::{Listed, has_word_before, run, run_back};

/// What is done with versions.
static DEPLOYS: Listed = Listed::new(&[
    "deploy",
    "deployed",
    "deploying",
    "deployment",
    "tag",
    "image",
    "rollout",
    "rollback",
    "release",
    "released",
    "upgrade",
    "upgraded",
    "upgrading",
    "downgrade",
    "update",
    "bump",
    "bumped",
    "promote",
    "promoted",
    "canary",
    "helm",
    "version",
    "versions",
]);

/// What has an address.
static MACHINES: Listed = Listed::new(&[
    "ip",
    "client",
    "peer",
    "host",
    "addr",
    "address",
    "remote",
    "source",
    "user",
    "moved",
    "session",
    "node",
    "endpoint",
    "connection",
    "dns",
    "record",
    "failover",
    "proxy",
    "gateway",
    "server",
    "a",
]);

/// `v7.15.8-rc1 -> 1.2.1.80`, `1.2.1.80 → 1.2.1.81 (deploy)`: from one version to another, the other of which is no
/// address, or of something that is deployed.
pub fn is_step(text: &[u8], from: usize) -> bool {
    const ARROWS: [&str; 7] = [" -> ", "->", " → ", " => ", "..", " to ", "→"];
    let token = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_' | b'+');
    let is_other = |word: &[u8]| {
        let rest = word.strip_prefix(b"v").unwrap_or(word);
        let dots = memchr::memchr_iter(b'.', rest).count();
        rest.first().is_some_and(u8::is_ascii_digit)
            && dots >= 1
            && (rest.len() < word.len() || octets(rest, 0, true).is_none_or(|(_, end)| end < rest.len()))
    };
    let told = || has_word_before(text, from, 64, &DEPLOYS) && !has_word_before(text, from, 48, &MACHINES);
    for arrow in ARROWS.map(str::as_bytes) {
        if text[..from].ends_with(arrow) {
            let end = from - arrow.len();
            let word = &text[end - run_back(text, end, 32, token)..end];
            if is_other(word) || !word.is_empty() && octets(word, 0, true).is_some() && told() {
                return true;
            }
        }
    }
    let end = from + run(text, from, 15, |byte| byte.is_ascii_digit() || byte == b'.');
    ARROWS.map(str::as_bytes).into_iter().filter(|arrow| text[end..].starts_with(arrow)).any(|arrow| {
        let next = end + arrow.len();
        let word = &text[next..next + run(text, next, 32, token)];
        is_other(word) || !word.is_empty() && octets(word, 0, true).is_some() && told()
    })
}
