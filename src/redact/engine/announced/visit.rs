//! Parameters of URLs whose keys are a letter or two: who visits a shop, and what lets somebody through without a
//! password. What they are the rest of the URL says.

use crate::redact::Kind;
use crate::redact::detect::text::{at, before, digits, run, run_back};
use crate::redact::structure::Key;

use crate::redact::engine::Quote;
use crate::redact::engine::sweep::Sweep;

/// Longest path that is looked at.
const MAX_PATH: usize = 512;
/// Least letters of a token in a link.
const LEAST: usize = 16;

/// Keys of one or two letters under which links have what lets somebody through, wherever they lead.
const BEARERS: [&[u8]; 10] = [b"t", b"k", b"c", b"h", b"s", b"x", b"tk", b"tok", b"ot", b"at"];

/// Parts of paths at which whoever has the link is let in, or let out, in whatever language.
const LINKS: [&[u8]; 24] = [
    b"unsubscribe",
    b"optout",
    b"opt-out",
    b"opt_out",
    b"abmelde",
    b"abbestell",
    b"austragen",
    b"desabonn",
    b"desinscri",
    b"baja",
    b"disiscri",
    b"afmeld",
    b"uitschrijv",
    b"wypisz",
    b"avregistrer",
    b"reset",
    b"confirm",
    b"verify",
    b"activate",
    b"magic",
    b"invite",
    b"recover",
    b"preferences",
    b"double-opt",
];

impl Sweep<'_> {
    /// Replaces the value at `value` of a short key of a URL, if it tells one visitor from all others or lets somebody in.
    pub fn visit(&mut self, key: Key, value: usize) -> bool {
        let text = self.view.text;
        let name = &text[key.start..key.end];
        if name.len() > 9 || !matches!(before(text, key.outer), b'?' | b'&' | b';' | b' ') {
            return false;
        }
        // `cid=1764187120.1749055275`: a random number and when it was made (Google Analytics).
        if matches!(name, b"cid" | b"clientId" | b"client_id" | b"_cid" | b"gacid" | b"ga_cid") {
            let first = digits(text, value);
            let second = digits(text, value + first + 1);
            let end = value + first + 1 + second;
            if (6..=10).contains(&first) && at(text, value + first) == b'.' && second == 10 {
                self.add(Kind::Device, value, end, Quote::default());
                return true;
            }
        }
        let end = value + run(text, value, 256, |byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
        let inner = &text[value..end];
        // `idsite=3&_id=ae09076b5318fa9f` (Matomo)
        if matches!(name, b"_id" | b"cid" | b"visitorId")
            && inner.len() == 16
            && inner.iter().all(u8::is_ascii_hexdigit)
        {
            let near = &text[value.saturating_sub(2048)..text.len().min(end + 256)];
            if memchr::memmem::find(near, b"idsite=").is_some() {
                self.add(Kind::Device, value, end, Quote::default());
                return true;
            }
        }
        if name.len() <= 5
            && inner.len() >= LEAST
            && is_random(inner)
            && (is_bearer(name, inner) || is_link(text, key.outer))
        {
            self.add(Kind::Token, value, end, Quote::default());
            return true;
        }
        false
    }
}

/// Letters of both cases and digits under a short key: nobody counts or names things so.
fn is_bearer(name: &[u8], word: &[u8]) -> bool {
    BEARERS.contains(&name) && word.iter().any(u8::is_ascii_uppercase) && word.iter().any(u8::is_ascii_lowercase)
}

/// Letters and digits without order: no `autumn_2026_sale`, of which each part is a word or a number.
fn is_random(word: &[u8]) -> bool {
    let is_plain = |part: &[u8]| {
        part.iter().all(u8::is_ascii_alphabetic) || part.len() <= 8 && part.iter().all(u8::is_ascii_digit)
    };
    let parts = || word.split(|byte| matches!(byte, b'-' | b'_'));
    !(parts().count() > 1 && parts().all(is_plain))
        && word.iter().filter(|byte| byte.is_ascii_digit()).count() >= 3
        && word.iter().any(u8::is_ascii_alphabetic)
}

/// Whether the path before the parameter at `from` is one that a link in a mail leads to.
fn is_link(text: &[u8], from: usize) -> bool {
    let length = run_back(text, from, MAX_PATH, |byte| byte > b' ' && !matches!(byte, b'"' | b'\'' | b'<'));
    let url = &text[from - length..from];
    let Some(path) = url.iter().position(|byte| *byte == b'?') else { return false };
    let path = url[..path].to_ascii_lowercase();
    LINKS.iter().any(|word| memchr::memmem::find(&path, word).is_some())
}
