//! Keys whose value may be personal or not: the value's shape and the keys beside it decide.

use crate::redact::Kind;
use crate::redact::detect::text::{Listed, at, before, has_word_before, run, run_back};
use crate::redact::detect::{boilerplate, cell, given, is_reason, names};
use crate::redact::engine::announced::{beside, sibling};
use crate::redact::lexicon::{self, Meaning};
use crate::redact::structure::Key;

use super::logins::is_login;
use super::shapes::{
    is_account, is_degrees, is_device, is_flat, is_granted, is_id, is_number, is_position, is_prefixed_code,
};
use super::{programs, protocol, special};
use crate::redact::engine::Quote;
use crate::redact::engine::sweep::Sweep;
use crate::redact::engine::view::Way;

/// What is sent to telephones, and how.
static CARRIED: Listed = Listed::new(&["sms", "mms", "smpp", "whatsapp", "viber", "rcs"]);

impl Sweep<'_> {
    /// Replaces the value if it is personal; says where the search goes on.
    pub fn doubt(&mut self, key: Key, separator: usize, value: usize, kind: Kind) -> usize {
        let text = self.view.text;
        let (start, mut end, mut next) = self.extent_near(key, separator, value, kind);
        // `vies: DE123456789 valid=true`: a number is one word.
        if matches!(kind, Kind::Tax | Kind::Identity) && start == value {
            end = start + run(text, start, end - start, |byte| byte > b' ');
            next = next.min(end);
        }
        let inner = &text[start..end];
        let name = &text[key.start..key.end];
        if special::is_nothing(inner) || inner.len() > 512 {
            return value;
        }
        // `extra input: Operation timed out`, `get_extension: bad length`
        let said = start == value && key.quote.is_none() && text[separator] == b':';
        if said && (is_reason(inner) || programs::is_function(name) || kind == Kind::Text && programs::is_demand(inner))
            || programs::is_bus_call(text, key.start)
        {
            return value;
        }
        // `"to": "222943639", "body": …`: whom a message was sent to.
        if kind == Kind::Name && is_dialled(inner) {
            // `SMS-MT [from:Shop] [to:915…]`
            let is_sent = || inner.len() >= 9 && has_word_before(text, key.outer, 192, &CARRIED);
            if inner[0] != b'+' && !is_sent() && !self.about(start, end).message {
                return value;
            }
            self.add(Kind::Phone, start, end, Quote::default());
            return next;
        }
        if !self.looks_personal(kind, key, separator, (start, end))
            || kind == Kind::Name && is_sender(inner) && self.about(start, end).message
        {
            return value;
        }
        if kind == Kind::Name && (self.is_nobody(name, start, end) || is_bare_name(name) && is_named_so(text, key)) {
            self.quiet.keep(start, end);
            return value;
        }
        let quote = if start == value && key.quote.is_some() && text[separator] == b':' {
            key.quote.unwrap_or_default()
        } else {
            Quote::default()
        };
        let before = self.state.spans.len();
        self.replace(name, kind, start, end, quote);
        if self.state.spans.len() > before {
            return next;
        }
        self.quiet.keep(start, end);
        value
    }

    /// Whether the value at `start..end` looks like a person's datum of the kind that its key may be of.
    fn looks_personal(&mut self, kind: Kind, key: Key, separator: usize, (start, end): (usize, usize)) -> bool {
        let text = self.view.text;
        let (name, inner) = (&text[key.start..key.end], &text[start..end]);
        match kind {
            // `From=28 45 95 04`: who called.
            Kind::Name if is_like(Kind::Phone, inner) && !inner.iter().all(u8::is_ascii_digit) => true,
            Kind::Name => self.is_person(name, key, start, inner),
            Kind::Token => {
                (is_random(inner) || is_granted(text, start, end, name))
                    && !protocol::is_of_protocol(text, key.outer, name)
            }
            Kind::Geo => is_position(inner) || is_degrees(inner),
            Kind::Postcode => {
                let compared = name.starts_with(b"verify") || name.starts_with(b"validate");
                (self.personal || compared) && (cell::is_postcode(inner) || is_prefixed_code(inner))
            }
            // `serial=04a1b2…`: a certificate's, in small letters.
            Kind::Device if lexicon::is_bare_id(name) => is_id(inner),
            Kind::Device => is_device(inner) && !(inner.len() >= 30 && name.ends_with(b"serial")),
            Kind::Password => {
                inner.len() >= 4 && !special::is_complaint(inner) && !inner.iter().all(u8::is_ascii_digit)
            }
            Kind::Phone if self.is_subscriber(key, separator) => true,
            Kind::Postal if beside::is_unit(name) => is_flat(&special::said(inner)) || is_like(kind, inner),
            Kind::Phone | Kind::Postal => is_like(kind, inner),
            Kind::Tax | Kind::Identity => is_number(inner),
            Kind::Account if name == b"acct" && is_login(inner) && !inner.contains(&b' ') => true,
            Kind::Card | Kind::Account => is_account(inner),
            Kind::Text => self.is_told(name, inner),
            _ => false,
        }
    }

    /// Whether a text under `name` is somebody's: of a few words or more, and not a reason that a program gives.
    fn is_told(&self, name: &[u8], inner: &[u8]) -> bool {
        let told = !lexicon::is_reason(name)
            || (self.personal || boilerplate::is_personal(inner)) && !boilerplate::is_boilerplate(inner);
        told && memchr::memchr_iter(b' ', inner).count() >= 2
            && !special::is_structured(inner)
            // `552 5.2.2 mailbox full`: a machine's.
            && !inner[0].is_ascii_digit()
    }

    /// Whether what looks like a name at `start..end` is a thing's, by what stands around it.
    fn is_nobody(&mut self, name: &[u8], start: usize, end: usize) -> bool {
        let text = self.view.text;
        let inner = &text[start..end];
        // `'\x4a\x61\x6e\x65'`: nobody spells a thing's name letter by letter.
        if self.is_spelled(start, end) && names::is_name_of_words(inner) {
            return false;
        }
        // `{"name": "…", "sku": "…", "qty": 1}`: an article's, and a machine's beside a port.
        if may_be_thing(name) && self.is_of_things(name, start, end) {
            return true;
        }
        // `"sections": [{"name": "Hero Banner"}]`: nothing says that this is somebody, but perhaps the name itself.
        if is_bare_name(name) && inner.is_ascii() && !given::sounds_known(&special::said(inner)) {
            let about = self.about(start, end);
            let of_person = about.parent.is_none_or(|(from, to)| lexicon::is_person(&text[from..to]));
            if !about.person && !of_person {
                return true;
            }
        }
        // `dispatchedFrom`: a place of the shop's, unless it is called as people are.
        name.len() > 6 && sibling::ends_in_place(name) && !special::is_mail(name) && !given::is_name(inner)
    }

    /// Whether each letter of `start..end` was an escape of its own.
    fn is_spelled(&self, start: usize, end: usize) -> bool {
        let escaped = self.view.origin.as_ref().is_some_and(|origin| matches!(origin.way, Way::Escapes(..)));
        let source = || self.view.source(start, end);
        escaped && source().1 - source().0 >= 3 * (end - start)
    }

    /// A name under `user`, `name` and the like.
    fn is_person(&mut self, name: &[u8], key: Key, start: usize, inner: &[u8]) -> bool {
        if inner.contains(&b'@') {
            // The detector finds what is an address and leaves `git@host`.
            return false;
        }
        // A key that begins its line is one of YAML or a header.
        let text = self.view.text;
        let indent = key.outer - run_back(text, key.outer, 16, |byte| byte == b' ');
        let heads = indent > 0 && text[indent - 1] == b'\n';
        let prose = start > 0 && text[start - 1] == b' ' && key.quote.is_none() && !heads;
        if inner.starts_with(b"Team ") {
            return false;
        }
        // `"from": "Lager Süd"`
        let first = inner.split(|byte| *byte == b' ').next().unwrap_or_default();
        if first.len() < inner.len() && lexicon::is_of_site(first) {
            return false;
        }
        if is_full_name(inner) {
            return !prose || !special::is_complaint(inner);
        }
        // `"gift": {"to": "Jan"}`
        if is_word_of_name(inner) && self.frames.parent().is_some_and(|(from, to)| lexicon::is_of_gift(&text[from..to]))
        {
            return true;
        }
        if heads && inner.contains(&b' ') {
            return false;
        }
        if may_be_half(name) && self.is_half_of_name(start, start + inner.len()) {
            return true;
        }
        if prose {
            // `Nom : Doe / Prénom : Jane`
            return is_word_of_name(inner) && self.has_label_behind(start + inner.len());
        }
        // `child=zebra_conn_71`, `profile=picker-de`, `origin=web`: whatever has one, nobody logs in by it.
        let slug = inner.iter().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
            && (!inner.iter().any(u8::is_ascii_uppercase)
                || !inner.iter().any(u8::is_ascii_lowercase) && inner.iter().any(u8::is_ascii_digit));
        if (slug || cell::has_thing(inner)) && !lexicon::logs_in(name) {
            return false;
        }
        if name == b"by" || self.state.known.look_up(name, None).about_person && !is_bare_name(name) {
            return is_login(inner);
        }
        let beside = self.frames.top().personal && self.frames.is_nested();
        (beside || self.is_in_form(key, start + inner.len()) || self.has_person_beside(start + inner.len()))
            && is_word_of_name(inner)
    }

    /// Whether a label of a person's follows behind a mark: ` / Vorname: `.
    fn has_label_behind(&self, end: usize) -> bool {
        let text = self.view.text;
        let marks = [&b" / "[..], b" | ", b"; ", b", "];
        let Some(mark) = marks.into_iter().find(|mark| text[end..].starts_with(mark)) else { return false };
        let start = end + mark.len();
        let length = run(text, start, 32, |byte| byte.is_ascii_alphabetic() || byte >= 0x80);
        let colon = start + length + usize::from(at(text, start + length) == b' ');
        length > 2
            && matches!(at(text, colon), b':' | b'=')
            && matches!(
                lexicon::meaning(&text[start..start + length], None),
                Meaning::Personal(Kind::Name | Kind::Postal | Kind::Postcode | Kind::Phone | Kind::Email | Kind::Birth)
            )
    }

    /// Whether a form's other fields, before or after, are a person's.
    fn is_in_form(&self, key: Key, end: usize) -> bool {
        let text = self.view.text;
        let follows = at(text, end) == b'&';
        if !follows && !matches!(before(text, key.outer), b'&' | b'?') {
            return false;
        }
        let near = &text[end..text.len().min(end + 300)];
        let form = near.split(|byte| *byte <= b' ' || *byte == b'"').next().unwrap_or_default();
        let keys = form.split(|byte| *byte == b'&').skip(1).take(8);
        self.personal
            || keys.filter_map(|pair| pair.split(|byte| *byte == b'=').next()).any(|key| {
                matches!(lexicon::meaning(key, None), Meaning::Personal(kind) if !matches!(kind, Kind::Value | Kind::Document | Kind::Place))
            })
    }

    /// Whether a personal key follows in the same object, near by.
    fn has_person_beside(&self, from: usize) -> bool {
        if !self.frames.is_nested() {
            return false;
        }
        let text = self.view.text;
        let near = &text[from..text.len().min(from + 200)];
        let near =
            &near[..near.iter().position(|byte| matches!(byte, b'{' | b'}' | b'[' | b']')).unwrap_or(near.len())];
        let keys = near.split(|byte| matches!(byte, b':' | b'=')).filter_map(|part| {
            let word = part.rsplit(|byte| matches!(byte, b',' | b' ' | b'{' | b'(')).find(|word| !word.is_empty())?;
            Some(word.trim_ascii())
        });
        keys.take(8).any(|key| {
            let key: smallvec::SmallVec<[u8; 48]> = key.iter().copied().filter(|byte| !matches!(byte, b'"' | b'\'' | b'\\')).collect();
            matches!(lexicon::meaning(&key, None), Meaning::Personal(kind) if !matches!(kind, Kind::Value | Kind::Document | Kind::Place))
        })
    }
}

/// Digits of a telephone number, perhaps after a plus.
fn is_dialled(value: &[u8]) -> bool {
    let digits = value.strip_prefix(b"+").unwrap_or(value);
    (7..=15).contains(&digits.len()) && digits.iter().all(u8::is_ascii_digit)
}

/// `name` itself, which says nothing of whose it is.
fn is_bare_name(key: &[u8]) -> bool {
    let word = key.rsplit(|byte| !byte.is_ascii_alphabetic()).next().unwrap_or(key);
    [&b"name"[..], b"nom", b"nombre", b"nome", b"naam", b"isim", b"namn"]
        .iter()
        .any(|known| word.eq_ignore_ascii_case(known))
}

/// A key for one half of a name, or for all of it.
fn may_be_half(key: &[u8]) -> bool {
    let word = key.rsplit(|byte| !byte.is_ascii_alphabetic()).next().unwrap_or(key);
    is_bare_name(key)
        || [
            &b"nazwa"[..],
            b"ad",
            b"adi",
            b"navn",
            b"nimi",
            b"jmeno",
            b"meno",
            b"nev",
            b"nume",
            b"ime",
            b"first",
            b"last",
        ]
        .iter()
        .any(|known| word.eq_ignore_ascii_case(known))
}

/// `campaign name="Summer"`: the word before the key says whose name it is.
fn is_named_so(text: &[u8], key: Key) -> bool {
    let end = key.outer - usize::from(before(text, key.outer) == b' ');
    let length = run_back(text, end, 24, |byte| byte.is_ascii_alphabetic());
    key.quote.is_none() && end < key.outer && length > 0 && lexicon::is_thing(&text[end - length..end])
}

/// A key that articles and machines have as well as people.
fn may_be_thing(key: &[u8]) -> bool {
    let word = key.rsplit(|byte| !byte.is_ascii_alphabetic()).next().unwrap_or(key);
    is_bare_name(key)
        || sibling::ends_in_place(key)
        || [&b"handle"[..], b"to", b"alias", b"author", b"location", b"names"]
            .iter()
            .any(|known| word.eq_ignore_ascii_case(known))
}

/// Two words of a name or more, or a name in another script.
pub fn is_full_name(value: &[u8]) -> bool {
    // One word without escapes is no two, and most of what is asked is that.
    let is_word = || value.is_ascii() && !value.iter().any(|byte| matches!(byte, b' ' | b'+' | b'%'));
    if value.len() > 400 || is_word() {
        return false;
    }
    let spaced = special::said(value);
    let value = &spaced[..];
    let whole = names::tokens(&spaced, 0).filter(|(end, _)| *end == spaced.len());
    whole.is_some_and(|(_, count)| count >= 2) && value.len() <= 80
        || value.len() <= 96
            && names::is_script(value)
            // `FC Poznań 2`: people have no numbers.
            && !(value[0] < 0xc8 && value.iter().any(u8::is_ascii_digit))
            && !value.iter().any(|byte| matches!(byte, b'=' | b'/' | b':' | b'{' | b'<' | b'@' | b'_'))
}

fn is_word_of_name(value: &[u8]) -> bool {
    names::tokens(value, 0).is_some_and(|(end, _)| end == value.len())
}

/// Letters of both cases and digits without order.
fn is_random(value: &[u8]) -> bool {
    let has = |fits: fn(&u8) -> bool| value.iter().any(fits);
    value.len() >= 16
        && value.iter().all(|byte| {
            byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~' | b'+' | b'/' | b'=' | b'%')
        })
        && has(u8::is_ascii_lowercase)
        && has(u8::is_ascii_uppercase)
        && has(u8::is_ascii_digit)
        && !value.contains(&b'/')
}

/// What looks like the kind, whatever its key is.
fn is_like(kind: Kind, value: &[u8]) -> bool {
    let said = special::said(value);
    let is = |value: &[u8]| cell::guess(value).is_some_and(|guess| guess.kind == kind);
    // A plus is a space in a form, and a number's beginning elsewhere.
    is(&said) || value.first() == Some(&b'+') && is(value)
}

/// `"from": "AcmeShop"`: by what name a shop sends its messages.
fn is_sender(value: &[u8]) -> bool {
    value.len() <= 11
        && value.iter().all(u8::is_ascii_alphanumeric)
        && value.iter().filter(|byte| byte.is_ascii_uppercase()).count() >= 2
}
