//! Names of people in the names of files that are about one of them, and in the folders that they are kept in:
//! `invoice_Jane_Doe.pdf`, `/customers/jane.doe/scan.jpg`.

use super::text::{Listed, at, before, is_word, run_back, split_words};
use super::{given, goods, keep, names, signer};

/// Longest path that is looked at, in bytes.
const MAX_PATH: usize = 200;
/// Most words of a name in a file's.
const MAX_WORDS: usize = 4;

/// Words that files are called by which are about one order or one person.
pub(super) static PAPERS: Listed = Listed::new(&[
    "invoice",
    "receipt",
    "label",
    "statement",
    "reminder",
    "quote",
    "contract",
    "rechnung",
    "quittung",
    "mahnung",
    "lieferschein",
    "angebot",
    "vertrag",
    "facture",
    "devis",
    "contrat",
    "factura",
    "recibo",
    "albaran",
    "fattura",
    "ricevuta",
    "contratto",
    "factuur",
    "pakbon",
    "faktura",
    "kvitto",
    "paragon",
    "umowa",
    "fatura",
    "gutschrift",
    "retoure",
    "avoir",
    "bon",
    "return",
    "refund",
    "letter",
    "brief",
    "cv",
    "attest",
    "passport",
    "ausweis",
    "personalausweis",
    "reisepass",
    "id",
    "idcard",
    "passeport",
    "pasaporte",
    "passaporto",
    "paspoort",
    "paszport",
    "dowod",
    "lebenslauf",
    "widerruf",
    "reklamation",
    "vollmacht",
    "unterschrift",
    "signature",
    "rezept",
    "prescription",
    "complaint",
    "consent",
    "selfie",
    "portrait",
    "return-label",
    "retourenschein",
    "retour",
    "reso",
    "zwrot",
    "devolucion",
    "lettre",
    "lettera",
    "carta",
    "brev",
    "bestellung",
    "order",
    "commande",
    "pedido",
    "ordine",
    "kundenakte",
    "customer",
    "kunde",
    "proof",
    "pod",
]);

/// Those that files of programs and of departments are called by, too.
static COMMON: Listed = Listed::new(&[
    "order",
    "orders",
    "bestellung",
    "commande",
    "pedido",
    "ordine",
    "customer",
    "kunde",
    "letter",
    "brief",
    "lettre",
    "lettera",
    "carta",
    "brev",
    "bon",
    "id",
    "label",
    "return",
    "refund",
    "statement",
    "contract",
    "quote",
    "reminder",
    "signature",
    "proof",
    "pod",
    "portrait",
    "consent",
    "complaint",
    "order",
    "angebot",
    "vertrag",
]);

/// Words beside those, which say how far a paper has come and what sort it is.
static STAGES: Listed = Listed::new(&[
    "template",
    "vorlage",
    "draft",
    "entwurf",
    "final",
    "copy",
    "kopie",
    "scan",
    "policy",
    "original",
    "signed",
    "front",
    "back",
    "page",
    "seite",
    "summary",
    "overview",
    "test",
    "sample",
    "batch",
    "example",
    "large",
    "small",
    "thumb",
    "preview",
    "print",
    "printed",
    "archive",
    "backup",
    "attachment",
    "document",
    "image",
    "photo",
    "foto",
    "anleitung",
    "manual",
    "guide",
    "terms",
    "conditions",
    "instructions",
    "en",
    "de",
    "fr",
    "es",
    "it",
    "nl",
    "pl",
    "zebra",
    "queue",
]);

/// Folders in which each has one of somebody.
static OWNERS: Listed = Listed::new(&[
    "customer",
    "customers",
    "user",
    "users",
    "buyer",
    "buyers",
    "client",
    "clients",
    "member",
    "members",
    "people",
    "kunde",
    "kunden",
    "clientes",
    "utenti",
    "klanten",
    "klienci",
    "kunder",
    "employees",
    "mitarbeiter",
    "patients",
]);

/// The name in the file's name whose ending begins with the dot at `dot`, or in the folder around it.
pub fn find(text: &[u8], dot: usize) -> Option<(usize, usize)> {
    let ending = dot + 1 + super::text::run(text, dot + 1, 6, |byte| byte.is_ascii_alphabetic());
    if is_word(at(text, ending)) || at(text, ending) == b'_' {
        return None;
    }
    let part = |byte: u8| is_word(byte) || matches!(byte, b'_' | b'-' | b'.' | b'+' | b'\'');
    let mut start = dot - run_back(text, dot, MAX_PATH, part);
    // `"Widerruf Jane Doe.docx"`
    if before(text, start) == b' ' {
        let spaced = start - run_back(text, start, 80, |byte| part(byte) || byte == b' ');
        if matches!(before(text, spaced), b'"' | b'\'' | b'/' | b'=') {
            start = spaced;
        }
    }
    // `filename*=UTF-8''Invoice-Jane%20Doe.pdf` (RFC 8187): the name begins behind its character set and language.
    if let Some(mark) = memchr::memchr(b'\'', &text[start..dot])
        && let Some(next) = memchr::memchr(b'\'', &text[start + mark + 1..dot]).filter(|next| *next <= 5)
        && before(text, start) == b'='
    {
        start += mark + next + 2;
    }
    let image = !matches!(text[dot + 1] | 0x20, b'p' | b'd' | b'e') || text[dot..].starts_with(b".png");
    in_file(text, start, dot, image).or_else(|| in_folder(text, start))
}

/// `Retoure-Sandnes-2026`: words that are no paper's, beside one that is, or called as people are.
///
/// An `image` without such a word is more often of goods, which are called as people are.
fn in_file(text: &[u8], start: usize, end: usize, image: bool) -> Option<(usize, usize)> {
    let (mut from, mut to, mut count) = (end, start, 0);
    let (mut paper, mut common, mut known) = (false, false, false);
    let mut next = start;
    for word in text[start..end].split(|byte| matches!(byte, b'_' | b'-' | b'.' | b'+' | b' ')) {
        let begin = next;
        next += word.len() + 1;
        let numbered = word.iter().any(u8::is_ascii_digit);
        if word.is_empty() || numbered {
            // `028-0340236-1234567_Jane Doe.pdf`: a paper of that order.
            paper |= word.len() == 3 && keep::order_id(text, begin).is_some();
            continue;
        }
        // `returnLabel_…`
        if PAPERS.has(word) || split_words(word).all(|part| PAPERS.has(part)) {
            paper |= !COMMON.has(word);
            common = true;
            continue;
        }
        if !may_be_name(word) || to > start && to + 1 != begin {
            return None;
        }
        (from, to, count) = (from.min(begin), begin + word.len(), count + 1);
        known |= if word[0].is_ascii_lowercase() { given::is_given(word) } else { given::sounds_known(word) };
    }
    let capital = text[from.min(end)..].first().is_some_and(|byte| byte.is_ascii_uppercase() || *byte >= 0x80);
    let told = paper && (capital || known) || known && (common || count >= 2 && !image);
    let inner = text.get(from..to)?;
    let said: smallvec::SmallVec<[u8; 64]> =
        inner.iter().map(|byte| if matches!(byte, b'_' | b'-' | b'.' | b'+') { b' ' } else { *byte }).collect();
    (told && (1..=MAX_WORDS).contains(&count) && !goods::is_brand(&said) && !goods::is_sought(&said))
        .then_some((from, to))
}

/// `/customers/jane.doe/scan.jpg`: the folder before the file that begins at `start`, if it is one of somebody's.
fn in_folder(text: &[u8], start: usize) -> Option<(usize, usize)> {
    let mut end = start;
    for _ in 0..3 {
        end = end.checked_sub(1).filter(|slash| text[*slash] == b'/')?;
        let length = run_back(text, end, 64, |byte| is_word(byte) || matches!(byte, b'_' | b'-' | b'.' | b'+'));
        let folder = end - length;
        let above = folder.checked_sub(1).filter(|slash| text[*slash] == b'/')?;
        let owner = &text[above - run_back(text, above, 24, |byte| byte.is_ascii_alphabetic())..above];
        if OWNERS.has(owner) {
            let words = || text[folder..end].split(|byte| matches!(byte, b'_' | b'-' | b'.' | b'+'));
            let named = (2..=3).contains(&words().count())
                && words()
                    .all(|word| word.len() >= 2 && word.iter().all(|byte| byte.is_ascii_alphabetic() || *byte >= 0x80))
                && words().any(given::sounds_known);
            return named.then_some((folder, end));
        }
        end = folder;
    }
    None
}

/// A word that nobody but a person is called by, as far as the lists go.
fn may_be_name(word: &[u8]) -> bool {
    word.len() >= 2
        && word.iter().all(|byte| byte.is_ascii_alphabetic() || *byte >= 0x80 || *byte == b'\'')
        && (!word[0].is_ascii_uppercase() || names::is_words(word))
        && !STAGES.has(word)
        && (!signer::is_nobody(word) || given::is_given(word))
}
