//! Internet and hardware addresses.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::text::{at, before, digits, has_word_before, is_hex, is_word, matches, run, run_back, split_words};
use super::{version_step, version_word};

/// The IPv4 address that begins with the digit at `from`, unless it is a version or a network.
pub fn v4(text: &[u8], from: usize) -> Option<(usize, usize)> {
    let (address, end) = read_v4(text, from)?;
    if matches!(before(text, from), b'.' | b'_') || is_word(before(text, from)) {
        return None;
    }
    (!is_version(text, from) && !is_network(text, address, end)).then_some((from, end))
}

fn read_v4(text: &[u8], from: usize) -> Option<(Ipv4Addr, usize)> {
    let (octets, end) = octets(text, from, true)?;
    let next = at(text, end);
    let goes_on = is_word(next)
        || next == b'_'
        || next == b'.' && is_word(at(text, end + 1))
        || next == b'-' && at(text, end + 1).is_ascii_alphabetic();
    (!goes_on).then_some((octets.into(), end))
}

/// Four numbers with dots between, and where they end. `zeros`: a number may begin with one.
pub(super) fn octets(text: &[u8], from: usize, zeros: bool) -> Option<([u8; 4], usize)> {
    let mut octets = [0; 4];
    let mut end = from;
    for (index, octet) in octets.iter_mut().enumerate() {
        if index > 0 {
            if at(text, end) != b'.' {
                return None;
            }
            end += 1;
        }
        let start = end;
        let mut value = 0;
        while let digit @ b'0'..=b'9' = at(text, end) {
            value = value * 10 + u32::from(digit - b'0');
            end += 1;
            if end - start > 3 {
                return None;
            }
        }
        if start == end || !zeros && at(text, start) == b'0' && end - start > 1 {
            return None;
        }
        *octet = u8::try_from(value).ok()?;
    }
    Some((octets, end))
}

/// The address that `slice` is and nothing else.
pub fn parsed(slice: &[u8]) -> Option<IpAddr> {
    if !slice.contains(&b':') {
        return octets(slice, 0, false).filter(|(_, end)| *end == slice.len()).map(|(octets, _)| octets.into());
    }
    std::str::from_utf8(slice).ok()?.parse().ok()
}

/// A version has four numbers too: after `v`, after a word that says so, or after a product's name and a slash.
fn is_version(text: &[u8], from: usize) -> bool {
    if from == 0 {
        return false;
    }
    if let Some(told) = by_mark(text, from) {
        return told;
    }
    version_word::tells(text, from)
}

/// Ends of the files of a program for browsers.
const ASSETS: [&[u8]; 8] = [b".js", b".mjs", b".css", b".js.map", b".css.map", b".woff", b".woff2", b".wasm"];
/// Ends of the files of packages.
const PACKAGES: [&[u8]; 16] = [
    b".tgz",
    b".tar.gz",
    b".tar.xz",
    b".tar.zst",
    b".jar",
    b".war",
    b".pom",
    b".whl",
    b".deb",
    b".rpm",
    b".gem",
    b".nupkg",
    b".apk",
    b".msi",
    b".dmg",
    b".exe",
];

/// Whether the path that goes on at `rest` ends in a file of what may be released under the number at `from`.
fn is_of_release(text: &[u8], from: usize, rest: usize) -> bool {
    ends_in(text, rest, &ASSETS) || ends_in(text, rest, &PACKAGES) && version_word::may_be_release(text, from)
}

/// Whether the path that goes on at `from` has one of `ends`.
fn ends_in(text: &[u8], from: usize, ends: &[&[u8]]) -> bool {
    let length =
        run(text, from, 128, |byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_' | b'/' | b'~'));
    ends.iter().any(|end| text[from..from + length].ends_with(end))
}

/// What the mark right before the number at `from` says, if it says anything.
fn by_mark(text: &[u8], from: usize) -> Option<bool> {
    let left = before(text, from);
    if left == b'/' {
        let word =
            run_back(text, from - 1, 40, |byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'));
        let start = from - 1 - word;
        // `jdoe/203.0.113.9:51820`: a port follows an address and no version.
        let ends = octets(text, from, true).map_or(from, |(_, end)| end);
        if at(text, ends) == b':' && at(text, ends + 1).is_ascii_digit() {
            return Some(false);
        }
        // `/app/4.12.0.7/main.js`: a program's files stand in a folder of their version.
        let folder = word > 0 && before(text, start) == b'/' && !text[..start].ends_with(b"//");
        if folder && at(text, ends) == b'/' && is_of_release(text, from, ends + 1) {
            return Some(true);
        }
        return Some(word > 0 && before(text, start) != b'/' && text[start..from].iter().any(u8::is_ascii_alphabetic));
    }
    // `registry.example/mailer:7.2.3.124`
    if left == b':' {
        let image = run_back(text, from - 1, 96, |byte| {
            byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'-' | b'_' | b'.' | b'/')
        });
        let image = &text[from - 1 - image..from - 1];
        if image.iter().skip(1).any(|byte| *byte == b'/') && !image.starts_with(b"/") {
            return Some(true);
        }
    }
    if version_step::is_step(text, from) || left == b' ' && version_word::is_built(text, from) {
        return Some(true);
    }
    if left == b'-' || left == b'@' {
        // `agent-1.2.3.4`, `release: pkg@1.2.3.4`; but not `ip-…`, and not a login.
        let released = left == b'@' && has_word_before(text, from, 48, &version_word::WORDS);
        return Some(
            released
                || left == b'-' && before(text, from - 1).is_ascii_alphabetic() && !text[..from - 1].ends_with(b"ip"),
        );
    }
    // `CEF:0|Vendor|Product|4.1.0.2|…`, `LEEF:2.0|…`
    if left == b'|' {
        let near = &text[from.saturating_sub(120)..from];
        let head = memchr::memmem::find(near, b"CEF:").or_else(|| memchr::memmem::find(near, b"LEEF:"));
        if head.is_some_and(|head| memchr::memchr_iter(b'|', &near[head..]).count() == 3) {
            return Some(true);
        }
    }
    // `topology-conf (1.2.5.1-2)`, `<none> 1.2.5.1-2`, `KB29~~6.1.1.2`: a version and its revision, one of Windows.
    let end = octets(text, from, true).map_or(from, |(_, end)| end);
    let revision = if at(text, end) == b'-' { digits(text, end + 1) } else { 0 };
    let small = || octets(text, from, true).is_some_and(|(octets, _)| octets.iter().all(|octet| *octet < 100));
    let ends = matches!(at(text, end + 1 + revision), b' ' | 0 | b'~' | b'+' | b'\n' | b'.');
    if left == b'~' || left == b'(' && revision > 0 || left == b' ' && (1..=2).contains(&revision) && ends && small() {
        return Some(true);
    }
    // `<key>bundleVersion</key><string>4.1.0.2`: the element before names it.
    if left == b'>' {
        let tag = text[from.saturating_sub(24)..from - 1].iter().rposition(|byte| *byte == b'<')?;
        let open = from.saturating_sub(24) + tag;
        let key = text[..open].strip_suffix(b"</key>")?;
        return split_words(&key[key.len().saturating_sub(32)..])
            .any(|word| version_word::WORDS.has(word))
            .then_some(true);
    }
    // `upgrade libssl3:amd64 14.1.5.197`, `Microsoft.AspNetCore.App.Ref 8.0.11.2`
    if left == b' ' && (is_package(text, from - 1) || version_step::is_listed(text, from)) {
        return Some(true);
    }
    None
}

/// Whether the word that ends at `end` is a package's name, or the version after one, from which it was upgraded.
pub(super) fn is_package(text: &[u8], end: usize) -> bool {
    let word = |end: usize| {
        let fits = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_' | b'+' | b':');
        &text[end - run_back(text, end, 64, fits)..end]
    };
    let name = word(end);
    if is_package_name(name) {
        return true;
    }
    // One step back and no more: in a list of addresses each has another before it.
    let space = (end - name.len()).checked_sub(1).filter(|space| text[*space] == b' ');
    octets(name, 0, true).is_some() && space.is_some_and(|space| is_package_name(word(space)))
}

/// `libssl3:amd64`, `Microsoft.AspNetCore.App.Ref`: with its architecture, or of words with dots between.
fn is_package_name(name: &[u8]) -> bool {
    const MACHINES: [&[u8]; 9] =
        [b":amd64", b":arm64", b":i386", b":armhf", b":all", b":any", b".x86_64", b".noarch", b".aarch64"];
    if MACHINES.iter().any(|machine| name.ends_with(machine)) {
        return name.len() > 7;
    }
    memchr::memchr_iter(b'.', name).count() >= 2
        && name
            .split(|byte| *byte == b'.')
            .all(|word| word.len() >= 2 && word[0].is_ascii_uppercase() && word.iter().all(u8::is_ascii_alphanumeric))
}

/// `203.0.113.0/24`: the bits of the host are zero.
fn is_network(text: &[u8], address: Ipv4Addr, end: usize) -> bool {
    let length = digits(text, end + 1);
    if at(text, end) != b'/' || !(1..=2).contains(&length) || is_word(at(text, end + 1 + length)) {
        return false;
    }
    let bits = super::text::number(&text[end + 1..end + 1 + length]);
    bits < 32 && u32::from(address) & (u32::MAX >> bits) == 0
}

/// The IPv6 address around the colon at `colon`.
pub fn v6(text: &[u8], colon: usize) -> Option<(usize, usize)> {
    let mut start = colon - run_back(text, colon, 45, |byte| is_hex(byte) || byte == b':');
    let mut end = colon + run(text, colon, 48, |byte| is_hex(byte) || matches!(byte, b':' | b'.'));
    while end > colon && text[end - 1] == b'.' {
        end -= 1;
    }
    let colons = memchr::memchr_iter(b':', &text[start..end]).count();
    if colons < 7 && memchr::memmem::find(&text[start..end], b"::").is_none() && colons < 6 {
        return None;
    }
    // A key and its colon before the address, and a colon after it.
    if text[start..].starts_with(b":") && !text[start..].starts_with(b"::") {
        start += 1;
    }
    if end > start && text[end - 1] == b':' && !text[..end].ends_with(b"::") {
        end -= 1;
    }
    if start >= end
        || is_word(before(text, start))
        || is_word(at(text, end))
        || matches!(before(text, start), b'_' | b'.')
    {
        return None;
    }
    let slice = &text[start..end];
    let groups = slice.split(|byte| *byte == b':').filter(|group| !group.is_empty()).count();
    let told = slice.iter().any(u8::is_ascii_digit) || groups >= 4;
    // `04:a1:b2:c3:d4:e5:f6:07`: a serial number, which nobody writes an address like.
    if colons == 7 && slice.split(|byte| *byte == b':').all(|group| group.len() == 2) {
        return None;
    }
    // `18-Nov-2026::05:50:10`: a moment, as Erlang writes it.
    let is_year = slice.len() == 14 && slice.get(4..6) == Some(b"::") && before(text, start) == b'-';
    if is_year && text[..start - 1].last().is_some_and(u8::is_ascii_alphabetic) {
        return None;
    }
    let address: Ipv6Addr = std::str::from_utf8(slice).ok()?.parse().ok()?;
    if !told || address.is_unspecified() {
        return None;
    }
    if at(text, end) == b'%' {
        let zone = run(text, end + 1, 16, |byte| byte.is_ascii_alphanumeric());
        end += if zone > 0 { zone + 1 } else { 0 };
    }
    Some((start, end))
}

/// Six pairs of hexadecimal digits around the first separator at `from`: `00:1b:44:11:3a:b7`, `00-1B-44-11-3A-B7`.
/// All zeros are nobody's, and all ones everybody's (IEEE 802).
pub fn mac(text: &[u8], from: usize) -> Option<(usize, usize)> {
    let separator = at(text, from);
    let shape: [u8; 17] = std::array::from_fn(|index| if index % 3 == 2 { separator } else { b'h' });
    let start = from.checked_sub(2)?;
    let end = start + 17;
    let bounded = |byte: u8| !is_word(byte) && byte != separator;
    (matches(text, start, &shape)
        && bounded(before(text, start))
        && bounded(at(text, end))
        && !text[start..end].iter().all(|byte| matches!(byte, b'0' | b':' | b'-'))
        && !text[start..end].iter().all(|byte| matches!(byte, b'f' | b'F' | b':' | b'-')))
    .then_some((start, end))
}

/// Whether an address says nothing of a person: one's own machine, network or nobody.
pub fn is_private(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(v4) => {
            let [a, b, ..] = v4.octets();
            v4.is_private()
                || v4.is_loopback()
                || v4.is_link_local()
                || v4.is_unspecified()
                || v4.is_multicast()
                || v4.is_broadcast()
                || a == 0
                || a == 255
                || a == 100 && (64..128).contains(&b)
        }
        IpAddr::V6(v6) => {
            v6.is_loopback()
                || v6.is_unspecified()
                || v6.is_multicast()
                || v6.is_unique_local()
                || v6.is_unicast_link_local()
        }
    }
}
