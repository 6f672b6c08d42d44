//! Pairs whose name and value are pairs themselves: `{"name": "email", "value": "…"}`, in whichever order.

use crate::redact::Kind;
use crate::redact::detect::{firms, given, names, party, signer};
use crate::redact::lexicon::{Meaning, Pair};
use crate::redact::structure::Key;

use super::pair::MAX_NEAR;
use crate::redact::engine::Quote;
use crate::redact::engine::sweep::Sweep;
use crate::redact::engine::whose::special;

impl Sweep<'_> {
    /// An element whose text is one of the two halves: `<name>email</name><value>…</value>`.
    pub fn half_element(&mut self, key: Key, start: usize, end: usize) {
        let text = self.view.text;
        let name = &text[key.start..key.end];
        // `<key>email</key><string>…</string>` of property lists.
        let half = if name == b"string" { Some(Pair::Value) } else { self.state.known.look_up(name, None).half };
        // There the name always stands first: what stands before one is another's.
        if matches!(name, b"key" | b"string") {
            let frame = self.frames.top();
            frame.waiting = None;
            frame.named = frame.named.filter(|_| name == b"string");
        }
        if let Some(half) = half {
            self.half_of(half, start, end);
        }
    }

    /// The two halves of `{"name": "email", "value": "…"}`.
    pub fn half(&mut self, half: Pair, key: Key, separator: usize, value: usize) {
        let text = self.view.text;
        // `"loc": ["body", "recipient", "phone"]`: the last of a path.
        if half == Pair::Name && text.get(value) == Some(&b'[') {
            let near = &text[value..text.len().min(value + 160)];
            let close = near.iter().position(|byte| *byte == b']').unwrap_or_default();
            let last = near[..close].iter().rposition(|byte| matches!(byte, b'"' | b'\''));
            if let Some(last) = last {
                let first = near[..last].iter().rposition(|byte| *byte == near[last]).map_or(last, |quote| quote + 1);
                self.half_of(half, value + first, value + last);
            }
            return;
        }
        let (start, end, _) = self.extent_near(key, separator, value, Kind::Value);
        // `… for Recipient postcode … input_value='1234'`
        if half == Pair::Value
            && self.frames.top().named.is_none()
            && text[key.start..key.end].ends_with(b"_value")
            && let Some(kind) = Self::complained(text, key.start, &text[start..end])
        {
            return self.replace_named(kind, start, end);
        }
        // What is cut is taken whole where it goes, or up to the end if that is not known yet.
        let is_cut = half == Pair::Value && end >= value + MAX_NEAR;
        let end = match self.frames.top().named {
            Some(_) if is_cut => self.extent(key, separator, value, Kind::Value).1,
            None if is_cut => text.len(),
            _ => end,
        };
        // `{"field": "street", "old": "…", "new": "…"}`: two values of one name.
        let named = self.frames.top().named.filter(|_| half == Pair::Value && is_state(&text[key.start..key.end]));
        self.half_of(half, start, end);
        if named.is_some() {
            self.frames.top().named = named;
        }
    }

    fn half_of(&mut self, half: Pair, start: usize, end: usize) {
        let text = self.view.text;
        match half {
            Pair::Name if end - start <= 96 => {
                let meaning = match self.state.phrases.meaning(&text[start..end]) {
                    // `"title": "Customer"`: a person as the label itself.
                    Meaning::Unknown | Meaning::Doubtful(_) | Meaning::Keep if party::is_label(&text[start..end]) => {
                        Meaning::Doubtful(Kind::Name)
                    }
                    Meaning::Doubtful(_) => Meaning::Unknown,
                    meaning => meaning,
                };
                if matches!(
                    meaning,
                    Meaning::Personal(_) | Meaning::Secret(_) | Meaning::FreeText(_) | Meaning::Doubtful(_)
                ) {
                    let frame = self.frames.top();
                    frame.named = Some(meaning);
                    if let Some((start, end)) = frame.waiting.take() {
                        self.replace_by_label(meaning, start, end);
                    }
                }
            }
            Pair::Name => {}
            Pair::Value => {
                let frame = self.frames.top();
                match frame.named.take() {
                    Some(meaning) => self.replace_by_label(meaning, start, end),
                    None => {
                        frame.waiting = Some((start, end));
                        if self.personal && special::is_sentence(&text[start..end]) {
                            self.add(Kind::Text, start, end, Quote::default());
                        }
                    }
                }
            }
        }
    }

    fn replace_by_label(&mut self, meaning: Meaning, start: usize, end: usize) {
        let inner = &self.view.text[start..end];
        match meaning {
            Meaning::Doubtful(kind) if names::is_words(inner) && !is_nobody(inner) => {
                self.replace_named(kind, start, end);
            }
            // `{"title": "Contact", "text": "Support Desk"}`
            Meaning::Personal(Kind::Name) if is_nobody(inner) => {}
            // `{"title": "Phone", "text": "You can call us from nine to five"}`
            Meaning::Personal(Kind::Name | Kind::Phone | Kind::Email | Kind::Postcode | Kind::Place)
                if special::is_sentence(inner) => {}
            Meaning::Personal(kind @ Kind::Phone) if !special::fits(kind, inner) => {}
            Meaning::Personal(kind) | Meaning::Secret(kind) | Meaning::FreeText(kind) => {
                self.replace_named(kind, start, end);
            }
            _ => {}
        }
    }

    fn replace_named(&mut self, kind: Kind, start: usize, end: usize) {
        self.personal = true;
        let text = self.view.text;
        if !special::is_nothing(&text[start..end]) && !matches!(text[start], b'{' | b'[') {
            self.replace(b"", kind, start, end, Quote::default());
        }
    }
}

/// What something was, or what it became.
fn is_state(key: &[u8]) -> bool {
    [&b"old"[..], b"new", b"before", b"after", b"from", b"to", b"previous", b"current"]
        .iter()
        .any(|word| key.get(..word.len()).is_some_and(|first| first.eq_ignore_ascii_case(word)))
}

/// A desk, a program or a firm, where a label says that somebody is meant.
fn is_nobody(value: &[u8]) -> bool {
    firms::has_legal_form(value)
        || !given::begins(value)
            && value
                .split(|byte| *byte == b' ')
                .any(|word| word.first().is_some_and(u8::is_ascii_uppercase) && signer::is_other(word))
}
