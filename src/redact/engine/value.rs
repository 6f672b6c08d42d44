//! Replacing: what of a value goes, and what stands beside what was found.

use crate::redact::Kind;
use crate::redact::detect::{TABLE, Trigger, is_private, keep, names, parsed, street};
use crate::redact::lexicon::Meaning;
use crate::redact::structure::{Key, xml};

use super::Quote;
use super::announced::{gift_message, html_table};
use super::frame::Frame;
use super::sweep::Sweep;
use super::whose::nobodys::{is_nobodys, is_telephone};
use super::whose::{doubt, shapes, signature, special};

impl Sweep<'_> {
    /// Replaces `start..end`, which `key` says is of `kind`.
    pub(super) fn replace(&mut self, key: &[u8], kind: Kind, start: usize, end: usize, quote: Quote) {
        let text = self.view.text;
        let inner = &text[start..end];
        // When it was written is nobody's, whatever it is a part of; a day alone may be a birthday.
        let dated = matches!(
            kind,
            Kind::Address | Kind::Postal | Kind::Place | Kind::Name | Kind::Phone | Kind::Text | Kind::Value
        ) && end - start > 10
            && keep::date(text, start).is_some_and(|stop| matches!(&text[stop..end], b"" | b"Z"));
        if dated || is_nobodys(key, kind, inner) || self.is_of_business(key, kind, start, end) {
            return;
        }
        match kind {
            Kind::Session if contains(key, b"cookie") && inner.contains(&b'=') => {
                special::cookies(inner, |from, to| self.add(Kind::Session, start + from, start + to, Quote::default()));
            }
            Kind::Address => self.addresses(start, end),
            // `https://pod.carrier.example/p/29f1….jpg`: where the document is, and which it is.
            Kind::Document if inner.starts_with(b"http") => {
                self.add(kind, start + shapes::document(inner), end, quote);
            }
            // A login in a URL is found where it stands, and the host stays.
            Kind::Secret | Kind::Password if special::has_login(inner) => {}
            Kind::Token | Kind::Password | Kind::Secret => {
                if let Some(list) = signature::parameters(inner) {
                    return signature::secrets(&inner[list..], |from, to| {
                        self.add(kind, start + list + from, start + list + to, Quote::default());
                    });
                }
                if let Some(id) = signature::scoped(inner) {
                    return self.add(kind, start, start + id, Quote::default());
                }
                let scheme = special::scheme(inner);
                if inner[..scheme].eq_ignore_ascii_case(b"Digest ") {
                    return special::digest(&inner[scheme..], |from, to| {
                        self.add(kind, start + scheme + from, start + scheme + to, Quote::default());
                    });
                }
                self.add(kind, start + scheme, end, quote);
            }
            Kind::Postal | Kind::Name if is_address(inner) => self.addresses(start, end),
            Kind::Name | Kind::Value | Kind::Text if self.is_email(start, end) => {
                self.add(Kind::Email, start, end, quote);
            }
            // `contact=+91 98555 01985`
            Kind::Name if is_telephone(inner) => self.add(Kind::Phone, start, end, quote),
            // A name has a letter; what has none is an id.
            Kind::Name if !inner.iter().any(|byte| byte.is_ascii_alphabetic() || *byte >= 0x80) => {}
            _ => self.add(kind, start, end, quote),
        }
    }

    fn addresses(&mut self, start: usize, end: usize) {
        let text = self.view.text;
        let inner = &text[start..end];
        let keep = self.engine.options.keep_private_addresses;
        special::addresses(inner, |address, from, to| {
            let stays = match address {
                Some(address) => keep && is_private(address),
                None => special::is_nothing(&inner[from..to]) || special::is_host(&inner[from..to]),
            };
            if !stays {
                self.add(Kind::Address, start + from, start + to, Quote::default());
            }
        });
    }

    fn is_email(&self, start: usize, end: usize) -> bool {
        let text = self.view.text;
        let Some(sign) = memchr::memchr(b'@', &text[start..end]) else { return false };
        let find = TABLE.iter().find(|row| row.trigger == Trigger::At).map(|row| row.find);
        find.is_some_and(|find| find(text, start + sign) == Some((start, end)))
    }

    pub(super) fn is_kept_address(&self, slice: &[u8]) -> bool {
        let bare = slice.split(|byte| *byte == b'%').next().unwrap_or(slice);
        self.engine.options.keep_private_addresses && parsed(bare).is_some_and(is_private)
    }

    /// What a literal proved.
    pub(super) fn literal(&mut self, kind: Kind, start: usize, end: usize) {
        let text = self.view.text;
        if text[start..].starts_with(b"://") {
            return self.login(start + 3, end - 1);
        }
        if text[start..].starts_with(b"-----BEGIN")
            && self.view.level == 0
            && memchr::memmem::find(&text[start..end], b"-----END").is_none()
        {
            self.state.carry.open_key();
        }
        self.add(kind, start, end, Quote::default());
    }

    /// `alice:secret`
    pub(super) fn login(&mut self, start: usize, end: usize) {
        let text = self.view.text;
        // The sign behind it belongs to it.
        self.logins.add(start, end + 1);
        let colon = text[start..end].iter().position(|byte| *byte == b':').map_or(end, |place| start + place);
        let is_service = matches!(
            &text[start..colon],
            b"git"
                | b"app"
                | b"root"
                | b"admin"
                | b"postgres"
                | b"redis"
                | b"mongo"
                | b"default"
                | b"x-access-token"
                | b"oauth2"
                | b"x-token-auth"
                | b"gitlab-ci-token"
                | b"token"
                | b"apikey"
                | b"api"
                | b"AWS"
                | b"_json_key"
        );
        if !is_service {
            self.add(Kind::Name, start, colon, Quote::default());
        }
        if colon < end {
            self.add(Kind::Password, colon + 1, end, Quote::default());
        }
    }

    /// A `<`: an element and its text.
    pub(super) fn angle_bracket(&mut self, from: usize) -> usize {
        let text = self.view.text;
        if let Some(end) = self.buffer(from) {
            return end;
        }
        let shown = self.object_of_python(from + 1);
        if shown > from + 1 {
            return shown;
        }
        match xml::tag(text, from) {
            None => from + 1,
            Some(xml::Tag::Close) => {
                self.frames.pop(true);
                from + 2
            }
            Some(xml::Tag::Open { name, end, .. }) if xml::is_operand(text, from, name.1, end) => end,
            // A list of HTML, and no street of Poland's.
            Some(xml::Tag::Open { name, .. }) if matches!(&text[name.0..name.1], b"ul" | b"ol" | b"li") => {
                self.frames.push(Frame { element: true, ..Frame::default() });
                name.1
            }
            Some(xml::Tag::Open { name, text: (start, end), end: close }) => {
                self.element(name, start, end, close);
                name.1
            }
        }
    }

    fn element(&mut self, name: (usize, usize), start: usize, end: usize, close: usize) {
        let text = self.view.text;
        if self.html_cell(&text[name.0..name.1], start, end) {
            return self.frames.push(Frame { key: name, element: true, ..Frame::default() });
        }
        let key = html_table::attribute(&text[name.1..close]).map_or(name, |(from, to)| (name.1 + from, name.1 + to));
        let parent = self.frames.parent().map(|(from, to)| &text[from..to]);
        let mut meaning = self.state.known.look_up(&text[key.0..key.1], parent).meaning;
        // `<member><name>zip</name><value>…` of XML-RPC: a pair, and no member of anything.
        if parent == Some(b"member") && &text[key.0..key.1] == b"name" && meaning == Meaning::Personal(Kind::Name) {
            meaning = Meaning::Doubtful(Kind::Name);
        }
        if let (Meaning::Unknown | Meaning::Doubtful(_), Some(inherited)) = (meaning, self.frames.top().meaning) {
            meaning = inherited;
        }
        let inner = &text[start..end];
        if gift_message::is_on_card(&text[key.0..key.1], inner) {
            meaning = Meaning::FreeText(Kind::Gift);
        }
        let clear = match meaning {
            Meaning::Personal(kind) | Meaning::Secret(kind) | Meaning::FreeText(kind) => Some(kind),
            Meaning::Doubtful(Kind::Name) if doubt::is_full_name(inner) || self.is_half_of_name(start, end) => {
                Some(Kind::Name)
            }
            _ => None,
        };
        let place = Key { start: key.0, end: key.1, outer: key.0, quote: None };
        if let Some(kind) = clear
            && !special::is_nothing(inner)
            && !special::is_structured(inner)
        {
            self.replace(&text[key.0..key.1], kind, start, end, Quote::default());
        } else if self.is_behind_street(start, end) {
            self.add(Kind::Postal, start, end, Quote::default());
        } else if start < end {
            self.half_element(place, start, end);
            if meaning == Meaning::Keep {
                self.quiet.keep(start, end);
            }
        }
        // A body is a person's own words only where it is text.
        let meaning = clear.map(|_| meaning).filter(|meaning| {
            start < end || matches!(meaning, Meaning::Personal(Kind::Postal | Kind::Name) | Meaning::Secret(_))
        });
        self.frames.push(Frame { key, meaning, element: true, ..Frame::default() });
    }
}

impl Sweep<'_> {
    /// `<p>12 Example Street</p><p>12345 Town</p>`
    fn is_behind_street(&self, start: usize, end: usize) -> bool {
        let beside =
            self.found.last().is_some_and(|(_, to, kind)| *kind == Kind::Postal && *to < start && start - *to < 96);
        beside && end - start < 64 && street::is_code_and_place(&self.view.text[start..end])
    }
}

fn contains(key: &[u8], word: &[u8]) -> bool {
    key.windows(word.len()).any(|window| window.eq_ignore_ascii_case(word))
}

/// Addresses under a key that would say more: `address=203.0.113.9:80`.
fn is_address(value: &[u8]) -> bool {
    let mut any = false;
    let mut all = true;
    special::addresses(value, |address, _, _| {
        any |= address.is_some();
        all &= address.is_some();
    });
    any && all
}

/// Several words, or letters beyond ASCII.
pub(super) fn is_human(value: &[u8]) -> bool {
    names::is_script(value)
        || value.contains(&b' ') && value.iter().any(u8::is_ascii_alphabetic) && !value[0].is_ascii_digit()
        || crate::redact::detect::postal::is_address(value)
}
