//! Words before four numbers that say whether they are a version or a machine's address.

use super::address::octets;
use super::text::{Listed, at, digits, has_word_before, is_word, last_word, run, run_back, split_words};

/// Words that say that what follows is a version.
pub(super) static WORDS: Listed = Listed::new(&[
    "v",
    "ver",
    "version",
    "versione",
    "versie",
    "wersja",
    "verze",
    "fw",
    "firmware",
    "build",
    "release",
    "rev",
    "revision",
    "chrome",
    "sdk",
    "patch",
    "upgrade",
    "driver",
    "kernel",
    "dotnet",
    "versão",
    "versión",
    "versiune",
    "wersji",
    "wersję",
    "verzió",
    "verzia",
    "verzi",
    "versiota",
    "versio",
    "sürüm",
    "sürümü",
    "fassung",
    "версия",
    "версии",
    "版本",
    "バージョン",
    "patchlevel",
    "hotfix",
]);

/// Those that say it of a key, whatever stands before them: `client_version`.
static RELEASES: Listed = Listed::new(&["version", "ver", "release", "firmware", "build", "revision", "sdk", "patch"]);

/// Words of programs and their machines: what follows is a version, unless no program has come to such a number.
static PROGRAMS: Listed = Listed::new(&[
    "app",
    "os",
    "ios",
    "ipados",
    "macos",
    "watchos",
    "android",
    "windows",
    "bios",
    "uefi",
    "rom",
    "ota",
    "apk",
    "ipa",
    "msi",
    "runtime",
    "webview",
    "bundle",
    "scanner",
    "deploy",
    "deployed",
    "deploying",
    "deployment",
    "rollout",
    "rollback",
]);

/// Words before a program's name.
static PACKAGES: Listed = Listed::new(&["plugin", "module", "package", "library", "addon", "extension", "connector"]);

/// What the word or the key before the number at `from` says.
pub(super) fn tells(text: &[u8], from: usize) -> bool {
    let start = from.saturating_sub(24);
    let near = &text[start..from];
    // The nearest key or word only: `version=1 ip=…` speaks of the address.
    let cut = near
        .iter()
        .rposition(|byte| matches!(byte, b'&' | b',' | b';' | b'|' | b'{' | b'('))
        .map_or(0, |place| place + 1);
    let is_key =
        near.iter().rev().take_while(|byte| !byte.is_ascii_alphabetic()).any(|byte| matches!(byte, b'=' | b':'));
    if is_key {
        // All words of the key, and none before it.
        let key = near[cut..].iter().rposition(|byte| byte.is_ascii_alphanumeric()).map_or(0, |last| {
            cut + last + 1
                - run_back(&near[cut..], last + 1, 24, |byte| {
                    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.')
                })
        });
        // `agent_version=…`, but not `driver_ip=…`.
        let words = || split_words(&near[key..]);
        let tagged = |word: &[u8]| matches!(word, b"tag" | b"image" | b"chart" | b"Tag" | b"Image");
        // `X-Client-Version`: the last word says what it is, whatever it is of.
        let last = words().last().is_some_and(|word| RELEASES.has(word));
        let program = || {
            words().last().is_some_and(|word| PROGRAMS.has(word) || word.eq_ignore_ascii_case(b"agent"))
                && !is_no_release(text, from)
        };
        return last || (words().any(|word| WORDS.has(word) || tagged(word)) || program()) && !words().any(is_of_host);
    }
    // A word by itself, not letters within a token.
    let gap = run_back(near, near.len(), 3, |byte| !byte.is_ascii_alphanumeric());
    let token = run_back(near, near.len() - gap, 24, |byte| byte.is_ascii_alphanumeric() || byte >= 0x80);
    let token = &near[near.len() - gap - token..near.len() - gap];
    let is_word = token.iter().all(|byte| byte.is_ascii_alphabetic() || *byte >= 0x80);
    // `plugin woo-connector 19.9.0.61`
    if gap == 1
        && !is_of_host(token)
        && token.iter().all(u8::is_ascii_lowercase)
        && has_word_before(text, from, 40, &PACKAGES)
    {
        return true;
    }
    // `ShopScanner 4.2.0.17`: the name of a program, written as programs are.
    if gap == 1 && (is_program(token) || PROGRAMS.has(token)) {
        return !is_no_release(text, from);
    }
    // A word in small letters is the last one as it stands.
    let may = WORDS.has(token) || token.is_empty() || !token.iter().all(u8::is_ascii_lowercase);
    is_word && may && last_word(&near[cut..]).is_some_and(|word| WORDS.has(word))
}

/// Words run together with capitals between, of which none speaks of an address.
fn is_program(token: &[u8]) -> bool {
    let capitals = token.windows(2).filter(|two| two[0].is_ascii_lowercase() && two[1].is_ascii_uppercase()).count();
    token.len() >= 6 && capitals > 0 && token.iter().all(u8::is_ascii_alphabetic) && !split_words(token).any(is_of_host)
}

/// `AuthFailed 203.0.113.9`, `ConnOpen 198.51.100.7 40112`: no program has come to a release with such numbers, and none
/// has a port.
fn is_no_release(text: &[u8], from: usize) -> bool {
    let Some((octets, end)) = octets(text, from, true) else { return false };
    let port = digits(text, end + 1);
    octets[0] >= 100 && octets[2..] != [0, 0]
        || at(text, end) == b' ' && matches!(port, 4 | 5) && !is_word(at(text, end + 1 + port))
}

/// `label-renderer 3.5.8.186 (commit 6c80d559c2bf, …)`: what the bracket behind the number says was built.
pub(super) fn is_built(text: &[u8], from: usize) -> bool {
    static BUILT: Listed =
        Listed::new(&["commit", "build", "built", "rev", "revision", "git", "sha", "release", "compiled", "branch"]);
    let Some((_, end)) = octets(text, from, true) else { return false };
    if !text[end..].starts_with(b" (") && !text[end..].starts_with(b" [") {
        return false;
    }
    let word = end + 2;
    let length = run(text, word, 12, |byte| byte.is_ascii_alphabetic());
    BUILT.has(&text[word..word + length]) && matches!(at(text, word + length), b' ' | b':' | b'=' | b'-' | b'_')
}

/// `/raw/6.2.1.46/relay.tgz`: whether a number may be the release that a file in its folder is of.
pub(super) fn may_be_release(text: &[u8], from: usize) -> bool {
    !is_no_release(text, from)
}

/// Whether a word speaks of a machine's address.
pub(super) fn is_of_host(word: &[u8]) -> bool {
    static HOSTS: Listed = Listed::new(&[
        "addr", "address", "ip", "host", "client", "peer", "remote", "source", "target", "server", "node", "from",
        "for", "to",
    ]);
    HOSTS.has(word)
}
