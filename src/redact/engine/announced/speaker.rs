//! Who speaks in a chat: `Jane → agent: …`, `Jane (customer): …`, `[12:01] Jane: …`. What follows are that person's own
//! words.

use crate::redact::Kind;
use crate::redact::detect::text::{Listed, at, has_word_before, run, run_back};
use crate::redact::detect::{given, names};
use crate::redact::structure::Key;

use crate::redact::engine::Quote;
use crate::redact::engine::sweep::Sweep;
use crate::redact::engine::whose::special;

/// Bytes of a line's head in which it says when something was said.
const MAX_HEAD: usize = 64;
/// Bytes of a line in which it speaks of a chat.
const REACH: usize = 96;

/// Those who buy, as chats call them.
static CUSTOMERS: Listed = Listed::new(&[
    "customer",
    "buyer",
    "client",
    "visitor",
    "guest",
    "shopper",
    "user",
    "requester",
    "kunde",
    "kundin",
    "käufer",
    "käuferin",
    "besucher",
    "gast",
    "acheteur",
    "acheteuse",
    "cliente",
    "visiteur",
    "comprador",
    "compradora",
    "visitante",
    "acquirente",
    "visitatore",
    "klant",
    "koper",
    "bezoeker",
    "klient",
    "klientka",
    "kupujący",
    "kund",
    "kunden",
    "besökare",
    "müşteri",
    "alıcı",
    "asiakas",
    "zákazník",
    "vásárló",
]);
/// Those whom they write to.
static AGENTS: Listed = Listed::new(&[
    "agent",
    "support",
    "bot",
    "seller",
    "shop",
    "helpdesk",
    "operator",
    "service",
    "team",
    "cs",
    "mitarbeiter",
    "kundenservice",
    "kundendienst",
    "verkäufer",
    "händler",
    "vendeur",
    "conseiller",
    "agente",
    "vendedor",
    "soporte",
    "venditore",
    "operatore",
    "assistenza",
    "verkoper",
    "klantenservice",
    "medewerker",
    "sprzedawca",
    "konsultant",
    "säljare",
    "kundtjänst",
    "satıcı",
    "temsilci",
    "destek",
]);
/// What a line of a chat is called.
static CHATS: Listed =
    Listed::new(&["chat", "livechat", "webchat", "whatsapp", "messenger", "conversation", "transcript", "dialog"]);

impl Sweep<'_> {
    /// Deals with the words behind the colon at `colon` if `key` before it ends who says them to whom; where they end.
    #[inline]
    pub fn speaker(&mut self, key: Key, colon: usize) -> Option<usize> {
        let text = self.view.text;
        if at(text, colon + 1) != b' ' || key.quote.is_some() || key.start < 3 || text[key.start - 1] != b' ' {
            return None;
        }
        match text[key.start - 2] {
            // `→`, `->`
            b'>' | 0x92 => self.speaker_to(key, colon),
            _ if key.start < MAX_HEAD && matches!(text[0], b'[' | b'0'..=b'9') => self.speaker_at(key, colon),
            _ => None,
        }
    }

    /// `Jane → agent: …`
    fn speaker_to(&mut self, key: Key, colon: usize) -> Option<usize> {
        let text = self.view.text;
        let lead = &text[..key.start - 1];
        let lead = ["→", "->", "=>", ">>"].iter().find_map(|arrow| lead.strip_suffix(arrow.as_bytes()))?;
        if !AGENTS.has(&text[key.start..key.end]) {
            return None;
        }
        let end = lead.trim_ascii_end().len();
        let start = end - run_back(text, end, 48, names::is_letter);
        let word = &text[start..end];
        let role = CUSTOMERS.has(word);
        let known = || {
            (given::sounds_known(word) || !word.is_ascii() || has_word_before(text, start, REACH, &CHATS))
                && names::tokens(text, start).is_some_and(|(close, _)| close == end)
        };
        if !role && !known() {
            return None;
        }
        if !role {
            self.name_ending_at(end, 1);
        }
        Some(self.own_words(colon + 2))
    }

    /// `Jane (customer): …`, at the colon.
    pub fn speaker_in_brackets(&mut self, colon: usize) -> Option<usize> {
        let text = self.view.text;
        let close = colon.checked_sub(1).filter(|close| text[*close] == b')' && at(text, colon + 1) == b' ')?;
        let open = close - run_back(text, close, 24, |byte| names::is_letter(byte) || byte == b' ');
        if open < 3 || text[open - 1] != b'(' || text[open - 2] != b' ' || !CUSTOMERS.has(&text[open..close]) {
            return None;
        }
        self.name_ending_at(open - 2, 1);
        Some(self.own_words(colon + 2))
    }

    /// `[12:01] Jane: …`, `20.11.26, 13:23 - Jane Doe: …`
    fn speaker_at(&mut self, key: Key, colon: usize) -> Option<usize> {
        let text = self.view.text;
        let lead = &text[..key.end];
        let start = [&b"] "[..], b" - "]
            .iter()
            .filter_map(|mark| Some(memchr::memmem::rfind(lead, mark)? + mark.len()))
            .max()?;
        let (end, words) = names::tokens(text, start)?;
        let is_time = |byte: &u8| {
            matches!(
                byte,
                b'0'..=b'9' | b'[' | b']' | b':' | b'.' | b',' | b'/' | b'-' | b' ' | b'A' | b'P' | b'M' | b'T' | b'Z'
            )
        };
        let timed = text[..start].iter().all(is_time) && text[..start].contains(&b':');
        let name = &text[start..end];
        let rest = &text[colon + 2..];
        let known = given::sounds_known(name) || words > 1 && special::is_sentence(rest);
        if end != key.end || words > 3 || !timed || !known {
            return None;
        }
        self.add(Kind::Name, start, end, Quote::default());
        Some(self.own_words(colon + 2))
    }

    /// Replaces what somebody says from `start` on.
    fn own_words(&mut self, start: usize) -> usize {
        let text = self.view.text;
        let end = start + run(text, start, usize::MAX, |byte| byte >= b' ' && byte != b'"');
        let end = end - run_back(text, end, end - start, |byte| byte == b'\\');
        special::carve(&text[start..end], |from, to| {
            self.add(Kind::Text, start + from, start + to, Quote::default());
        });
        end
    }
}
