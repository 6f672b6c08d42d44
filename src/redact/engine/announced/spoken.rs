//! What people wrote to a shop, under a bare key for messages that programs have as well.

use crate::redact::detect::boilerplate;
use crate::redact::detect::text::{Listed, at, digits, is_word, run, split_words};
use crate::redact::structure::{self, Key};

use crate::redact::engine::sweep::Sweep;
use crate::redact::engine::whose::special;

/// Bytes of a line in which it speaks of who writes to a shop, and how.
const SPOKEN: usize = 80;
/// Ways by which people's own words come in, and nothing else does.
static WAYS: Listed = Listed::new(&[
    "chat",
    "livechat",
    "review",
    "feedback",
    "survey",
    "form",
    "kontaktformular",
    "formular",
    "inbound",
    "wrote",
    "whatsapp",
    "complaint",
    "inquiry",
    "enquiry",
    "testimonial",
    "rating",
    "stars",
    "sterne",
    "bewertung",
    "rezension",
    "umfrage",
    "avis",
    "enquête",
    "étoiles",
    "reseña",
    "opinión",
    "encuesta",
    "recensione",
    "sondaggio",
    "beoordeling",
    "opinia",
    "ankieta",
    "recension",
    "anmeldelse",
    "avaliação",
    "yorum",
    "beschwerde",
    "reklamation",
    "réclamation",
    "reclamo",
]);
/// Who writes, or what is opened then; programs write of them as well.
static WRITERS: Listed = Listed::new(&[
    "customer",
    "buyer",
    "client",
    "ticket",
    "case",
    "rma",
    "return",
    "refund",
    "kunde",
    "kundin",
    "käufer",
    "retoure",
    "anfrage",
    "acheteur",
    "cliente",
    "comprador",
    "acquirente",
    "klant",
    "koper",
    "klient",
    "kupujący",
    "kund",
    "müşteri",
]);

/// What speaks of messages by telephone beside a number.
static MESSAGING: Listed = Listed::new(&[
    "sms", "smpp", "smsc", "esme", "msisdn", "sm", "dlr", "mt", "mo", "pdu", "smsgw", "imsi", "whatsapp", "rcs", "mms",
]);
/// Bytes on either side in which it does.
const BESIDE: usize = 96;

impl Sweep<'_> {
    /// `submit_sm dst=4915155501234`: whether a key for one end of anything has a subscriber's number under it.
    pub fn is_subscriber(&self, key: Key, separator: usize) -> bool {
        const ENDS: [&[u8]; 10] = [
            b"dst",
            b"src",
            b"dest",
            b"da",
            b"oa",
            b"dest_addr",
            b"source_addr",
            b"destination_addr",
            b"src_addr",
            b"dst_addr",
        ];
        let text = self.view.text;
        if !ENDS.contains(&&text[key.start..key.end]) {
            return false;
        }
        let value = super::extent::value_start(text, separator, 1);
        let value = value + run(text, value, 2, |byte| matches!(byte, b'"' | b'+'));
        let count = digits(text, value);
        let near = &text[key.outer.saturating_sub(BESIDE)..text.len().min(value + BESIDE)];
        (9..=15).contains(&count)
            && !is_word(at(text, value + count))
            && !matches!(at(text, value + count), b'.' | b':')
            && split_words(near).any(|word| MESSAGING.has(word))
    }

    /// `review 118 stars 2 text: the box was crushed`, `contact form message="please call me"`: whether what is under a bare
    /// key for messages is what somebody wrote to the shop.
    pub fn is_spoken(&self, key: Key, separator: usize) -> bool {
        let text = self.view.text;
        let name = &text[key.start..key.end];
        let texts = [&b"text"[..], b"texte", b"texto", b"testo", b"tekst"];
        let own = texts.iter().any(|known| name.eq_ignore_ascii_case(known));
        if !own && (key.quote.is_some() || !name.eq_ignore_ascii_case(b"message")) {
            return false;
        }
        let value = super::extent::value_start(text, separator, 1);
        let near = &text[value..text.len().min(value + 256)];
        let (quoted, ends): (usize, fn(&u8) -> bool) = match structure::opening(text, value) {
            Some((_, length)) => (length, |byte| matches!(byte, b'"' | b'\'' | b'\\')),
            None => (0, |byte| matches!(byte, b'"' | b'=' | b'{' | b'|')),
        };
        let inner = near.get(quoted..).unwrap_or_default();
        let inner = &inner[..inner.iter().position(ends).unwrap_or(inner.len())];
        if !special::is_sentence(inner) || special::is_template(inner) {
            return false;
        }
        let near = &text[key.outer.saturating_sub(SPOKEN)..key.outer];
        let of_self = || boilerplate::speaks_of_self(inner);
        let way = tells(near, &WAYS);
        way && (own || of_self()) || of_self() && tells(near, &WRITERS)
    }
}

/// Whether a word of a line is one of `words`, and no part of a program's name: `service=chat`, `review-api`.
fn tells(near: &[u8], words: &Listed) -> bool {
    static PROGRAMS: Listed =
        Listed::new(&["service", "svc", "app", "component", "logger", "module", "pod", "job", "source", "name"]);
    near.split(|byte| matches!(byte, b' ' | b'"' | b',' | b'{' | b'[' | b']' | b'(')).any(|token| {
        let equals = token.iter().position(|byte| matches!(byte, b'=' | b':')).filter(|place| place + 1 < token.len());
        let (key, value) = equals.map_or((&b""[..], token), |place| (&token[..place], &token[place + 1..]));
        !PROGRAMS.has(key) && !value.contains(&b'-') && split_words(token).any(|word| words.has(word))
    })
}
