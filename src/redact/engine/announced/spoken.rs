//! What people wrote to a shop, under a bare key for messages that programs have as well.

use crate::redact::detect::boilerplate;
use crate::redact::detect::text::{Listed, has_word_before};
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

impl Sweep<'_> {
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
        let value = super::pair::value_start(text, separator, 1);
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
        let of_self = || boilerplate::is_of_self(inner) && memchr::memmem::find(inner, b"I/O").is_none();
        let way = has_word_before(text, key.outer, SPOKEN, &WAYS);
        way && (own || of_self()) || has_word_before(text, key.outer, SPOKEN, &WRITERS) && of_self()
    }
}
