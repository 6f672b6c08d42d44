//! Names at fixed places of formats: the file of a contact, the text of a link to somebody's mail box, the words before
//! a caller's number, the parties of a payment, the login in a proxy's log.

use super::text::{at, before, is_word, run, run_back};
use super::{file_name, given, goods, names};

/// What each of them is found by.
pub(super) const MARKS: &[&str] = &[
    ".vcf",
    ".pdf",
    ".PDF",
    ".jpg",
    ".jpeg",
    ".png",
    ".doc",
    "filename=",
    "href=\"mailto:",
    "href=\"tel:",
    "\" <+",
    "\" <sip:",
    "\" <tel:",
    ":50K:/",
    ":50F:/",
    ":50H:/",
    ":59:/",
    ":59F:/",
    " HIER_",
    " DIRECT/",
    "_PARENT/",
];

/// Longest text that is looked at.
const MAX_NAME: usize = 70;

/// The name that the mark at `from` leads to.
pub fn name(text: &[u8], from: usize) -> Option<(usize, usize)> {
    match text[from] {
        b'.' if text[from..].starts_with(b".vcf") => contact(text, from),
        b'.' => file_name::find(text, from),
        b'f' => paper(text, from),
        b'h' => link(text, from),
        b'"' => display(text, from),
        b':' => party(text, from),
        _ => proxied(text, from),
    }
    .filter(|(start, end)| !crate::redact::engine::is_marker(&text[*start..*end]))
}

/// `Jane%20Doe.vcf`: two words or more, each with a capital.
fn contact(text: &[u8], dot: usize) -> Option<(usize, usize)> {
    let is_letter = |byte: u8| is_word(byte) || byte == b'%';
    let least = dot.saturating_sub(3 * MAX_NAME);
    let (mut start, mut end, mut words) = (dot, dot, 0);
    while end > least {
        let word = end - run_back(text, end, end - least, is_letter);
        let word = memchr::memmem::rfind(&text[word..end], b"%20").map_or(word, |space| word + space + 3);
        if word == end || !(at(text, word).is_ascii_uppercase() || matches!(at(text, word), b'%' | 0x80..)) {
            break;
        }
        (start, words) = (word, words + 1);
        end = match before(text, word) {
            b' ' | b'_' | b'-' | b'.' => word - 1,
            _ if text[..word].ends_with(b"%20") => word - 3,
            _ => break,
        };
    }
    (words >= 2 && !is_word(at(text, dot + 4))).then_some((start, dot))
}

/// `filename="Invoice_Doe_123-1234567-1234567.pdf"`: the words between what the paper is and the number it is about.
fn paper(text: &[u8], from: usize) -> Option<(usize, usize)> {
    let start = from + b"filename=".len();
    let start = start + run(text, start, 2, |byte| matches!(byte, b'"' | b'\\'));
    let end = start + run(text, start, 160, |byte| byte > b' ' && !matches!(byte, b'"' | b'\\' | b';' | b'/'));
    let separator = *text[start..end].iter().find(|byte| matches!(byte, b'_' | b'-'))?;
    let first = start + run(text, start, end - start, |byte| byte != separator);
    if !file_name::PAPERS.has(&text[start..first]) {
        return None;
    }
    let begin = first + 1;
    let mut last = begin;
    for word in text[begin..end].split(|byte| *byte == separator) {
        let named = word.len() >= 2
            && (word[0].is_ascii_uppercase() || word[0] >= 0x80 || word[0] == b'%')
            && word.iter().all(|byte| is_word(*byte) && !byte.is_ascii_digit() || matches!(byte, b'\'' | b'%' | b'-'))
            && word.iter().any(|byte| byte.is_ascii_lowercase() || *byte >= 0x80);
        if !named {
            break;
        }
        last += word.len() + 1;
    }
    // The last word has no separator behind it.
    let behind = text.get(last..end).unwrap_or_default();
    let digits = behind.iter().filter(|byte| byte.is_ascii_digit()).count();
    let inner = &text[begin..last.saturating_sub(1).max(begin)];
    let other = file_name::PAPERS.has(inner) || given::is_other(inner) || goods::is_brand(inner);
    (!inner.is_empty() && digits >= 7 && !other).then_some((begin, last - 1))
}

/// `<a href="mailto:jane@…">Jane Doe</a>`
fn link(text: &[u8], from: usize) -> Option<(usize, usize)> {
    let close = from + run(text, from, 256, |byte| byte >= b' ' && byte != b'>');
    let start = close + 1;
    let end = start + run(text, start, MAX_NAME, |byte| byte >= b' ' && byte != b'<');
    (at(text, close) == b'>' && at(text, end) == b'<').then_some(())?;
    words(text, start, end)
}

/// `"Jane Doe" <+1…>`, `"""Jane Doe"" <+1…>"`: the words before a caller's number (RFC 3261, 20.10).
fn display(text: &[u8], quote: usize) -> Option<(usize, usize)> {
    let end = quote - run_back(text, quote, 3, |byte| matches!(byte, b'"' | b'\\'));
    let start = end - run_back(text, end, MAX_NAME, |byte| byte >= b' ' && !matches!(byte, b'"' | b'<' | b'>'));
    (before(text, start) == b'"').then_some(())?;
    words(text, start, end)
}

/// `:59:/DE89370400440532013000 Jane Doe :70:…`: the party behind its account (SWIFT MT 103).
fn party(text: &[u8], from: usize) -> Option<(usize, usize)> {
    let account = from + run(text, from, 8, |byte| byte != b'/') + 1;
    let account = account + run(text, account, 40, |byte| byte > b' ' && byte != b'\\');
    let gap = run(text, account, 4, |byte| byte <= b' ') + 2 * usize::from(text[account..].starts_with(b"\\n"));
    let start = account + gap;
    // `1/JANE DOE`: a line's number of the form F.
    let start = start + 2 * usize::from(text[start..].starts_with(b"1/"));
    let end = start + run(text, start, MAX_NAME, |byte| byte >= b' ' && !matches!(byte, b':' | b'\\' | b'"' | b'/'));
    let end = end - run_back(text, end, end - start, |byte| byte == b' ');
    (gap > 0 && text[start..end].iter().any(|byte| byte.is_ascii_alphabetic() || *byte >= 0x80)).then_some((start, end))
}

/// `GET https://… jane HIER_DIRECT/192.0.2.1`: the login before how a proxy got it.
fn proxied(text: &[u8], from: usize) -> Option<(usize, usize)> {
    let end = from - run_back(text, from, 40, |byte| byte.is_ascii_uppercase() || byte == b'_');
    let end = if text[from] == b'_' { end.checked_sub(1)? } else { from };
    let start = end - run_back(text, end, 64, |byte| byte > b' ' && !matches!(byte, b'"' | b'/'));
    let told = at(text, end) == b' ' && before(text, start) == b' ';
    (told && crate::redact::engine::is_login(&text[start..end])).then_some((start, end))
}

/// What is called as people are.
fn words(text: &[u8], start: usize, end: usize) -> Option<(usize, usize)> {
    let inner = text.get(start..end)?;
    let named = names::is_foreign_name(inner)
        || (6..=30).contains(&inner.len()) && inner.iter().all(|byte| *byte >= 0x80 || *byte == b' ')
        || names::is_name_of_words(inner) && !given::is_other(inner) && !goods::is_brand(inner);
    named.then_some((start, end))
}

/// Texts in which it finds what is marked.
pub(super) const HITS: &[&str] = &[
    "filename*=UTF-8''⟦Jorid%20Sandnes⟧.vcf; x",
    "saved ⟦Jorid_Sandnes⟧.vcf",
    "uploaded invoice_⟦Jorid_Sandnes⟧.pdf (22 kB)",
    "GET /files/Retoure-⟦Sandnes⟧-2026.pdf 200",
    "/uploads/customers/⟦petra.sandnes⟧/scan.jpg",
    "attachment \"Widerruf ⟦Petra Sandnes⟧.docx\"",
    "attachment; filename=\"Invoice_⟦Sandnes⟧_7001-2002-3003.pdf\"",
    "<a href=\"mailto:jorid@shop.example\">⟦Jorid Sandnes⟧</a>",
    "\"⟦Jorid Sandnes⟧\" <+4755501990>",
    "1,\"\"\"⟦Jorid Sandnes⟧\"\" <+4755501990>\",x",
    ":59:/DE89370400440532013000 ⟦JORID SANDNES⟧ :70:RFB",
    ":50K:/DE89370400440532013000\n⟦JORID SANDNES⟧\nBERGEN",
    "GET https://shop.example/x ⟦jorid⟧ HIER_DIRECT/192.0.2.7 text/html",
    "GET https://shop.example/x ⟦jorid⟧ FIRSTUP_PARENT/192.0.2.7 text/html",
];
/// Texts in which it finds nothing.
pub(super) const MISSES: &[&str] = &[
    "filename=\"contacts.vcf\"",
    "GET /static/Price_List_2026.pdf 200",
    "invoice_RE-2026-118.pdf",
    "Terms-And-Conditions.pdf",
    "Return_Policy.pdf",
    "Invoice_Template_Final.docx",
    "/customers/default/logo.png",
    "products/Otto_Kern_Slipper.jpg",
    "filename=\"Invoice_2026_11.pdf\"",
    "filename=\"Invoice_7001-2002-3003.pdf\"",
    "<a href=\"mailto:help@shop.example\">write to us</a>",
    "GET https://shop.example/x - HIER_NONE/- text/html",
];
