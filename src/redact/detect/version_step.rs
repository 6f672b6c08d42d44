//! Steps from one version to another, which look like addresses.

use super::address::{is_package, octets};
use super::text::{Listed, at, before, has_word_before, run, run_back};
use super::version_word::is_of_host;

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
            let packaged = || end > word.len() && is_package(text, end - word.len() - 1);
            if is_other(word) || !word.is_empty() && octets(word, 0, true).is_some() && (told() || packaged()) {
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

/// `kubelet v1.29.98 runc 12.9.7.185 cni 10.1.0`: names with their versions, of which the one before the number at `from`
/// has a version before it that is no address, and a name and a version or nothing behind it.
pub fn is_listed(text: &[u8], from: usize) -> bool {
    let token = |byte: u8| byte > b' ' && byte != b',';
    let space = from - 1;
    let name = &text[space - run_back(text, space, 32, token)..space];
    let plain =
        name.iter().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'-' | b'_'));
    if name.len() < 2 || !plain || !name[0].is_ascii_lowercase() || is_of_host(name) || MACHINES.has(name) {
        return false;
    }
    let Some(end) = space.checked_sub(name.len() + 1).filter(|end| text[*end] == b' ') else { return false };
    // `redis 7.4.1, agent 7.2.8.67, driver 42.7.4`
    let listed = usize::from(before(text, end) == b',');
    let end = end - listed;
    let version = &text[end - run_back(text, end, 48, token)..end];
    let number = &version[version.iter().rposition(|byte| matches!(byte, b'/' | b'v')).map_or(0, |place| place + 1)..];
    let released = number.first().is_some_and(u8::is_ascii_digit)
        && memchr::memchr_iter(b'.', number).count() >= 2
        && number.iter().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'+'))
        && octets(number, 0, true).is_none();
    let end = from + run(text, from, 15, |byte| byte.is_ascii_digit() || byte == b'.');
    let end = end + usize::from(listed > 0 && at(text, end) == b',');
    let word = run(text, end + 1, 32, |byte| byte.is_ascii_lowercase() || byte == b'-');
    let behind = end == text.len()
        || at(text, end) == b' '
            && word > 0
            && at(text, end + 1 + word) == b' '
            && at(text, end + 2 + word).is_ascii_digit();
    released && behind
}
