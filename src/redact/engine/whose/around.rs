//! What stands around something that was found, and objects as programs show them.

use crate::redact::Kind;
use crate::redact::detect::text::{at, before, run, run_back};
use crate::redact::detect::{cell, firms, given, names};
use crate::redact::lexicon;

use crate::redact::engine::Quote;
use crate::redact::engine::sweep::Sweep;

/// Words between an account and whose it is: `DE89… von Jane Doe`.
const OF: [&[u8]; 9] = [b" von ", b" of ", b" de ", b" di ", b" van ", b" for ", b" du ", b" od ", b" da "];

impl Sweep<'_> {
    /// `<User: jdoe>`, `<Customer: Jane Doe>`: an object as Python shows it.
    pub fn object_of_python(&mut self, from: usize) -> usize {
        let text = self.view.text;
        let word = run(text, from, 32, |byte| byte.is_ascii_alphanumeric() || byte == b'_');
        if word < 3 || !text[from + word..].starts_with(b": ") || !lexicon::is_person(&text[from..from + word]) {
            return from;
        }
        let start = from + word + 2;
        let end = start + run(text, start, 96, |byte| byte >= b' ' && !matches!(byte, b'>' | b'<' | b'"'));
        let inner = &text[start..end];
        if at(text, end) != b'>' || !(super::logins::is_login(inner) || super::doubt::is_full_name(inner)) {
            return from;
        }
        self.add(Kind::Name, start, end, Quote::default());
        end
    }

    /// `Address(Largo Augusto 6,80133,Napoli)`: an object as Scala shows it, at its bracket.
    pub fn object_of_scala(&mut self, bracket: usize) -> Option<usize> {
        let text = self.view.text;
        if !text[..bracket].ends_with(b"Address") {
            return None;
        }
        let end = bracket
            + 1
            + run(text, bracket + 1, 200, |byte| byte >= b' ' && !matches!(byte, b'=' | b':' | b'(' | b')' | b'"'));
        let inner = &text[bracket + 1..end];
        let fits = at(text, end) == b')'
            && inner.contains(&b',')
            && inner.iter().any(u8::is_ascii_digit)
            && inner.iter().any(|byte| byte.is_ascii_uppercase() || *byte >= 0x80);
        fits.then(|| {
            self.add(Kind::Postal, bracket + 1, end, Quote::default());
            end
        })
    }

    /// `Jane Doe <jane@…>`, `DE89… (Jane Doe)`: a name in brackets after what was found, or before it in brackets.
    pub fn beside(&mut self, start: usize, end: usize) {
        let text = self.view.text;
        let gap = run(text, end, 2, |byte| byte == b' ' || byte == b'>');
        let open = at(text, end + gap);
        if matches!(open, b'(' | b'[')
            && let Some((close, _)) = names::tokens(text, end + gap + 1)
            && matches!(at(text, close + usize::from(at(text, close) == b'.')), b')' | b']')
        {
            self.add(Kind::Name, end + gap + 1, close, Quote::default());
        }
        // `jane@… / 655 50 19 51`
        if text[start..end].contains(&b'@')
            && let Some(mark) = [&b" / "[..], b" | ", b", ", b" - "].iter().find(|mark| text[end..].starts_with(mark))
        {
            let begin = end + mark.len();
            let length = run(text, begin, 24, |byte| {
                byte.is_ascii_digit() || matches!(byte, b'+' | b' ' | b'-' | b'.' | b'(' | b')')
            });
            let number = text[begin..begin + length].trim_ascii_end();
            let guess = cell::guess(number);
            if guess.is_some_and(|guess| guess.kind == Kind::Phone) {
                self.add(Kind::Phone, begin, begin + number.len(), Quote::default());
            }
        }
        self.party_beside(start, end);
        self.owner_beside(start, end);
        if let Some(word) = OF.iter().find(|word| text[end..].starts_with(word))
            && let Some((close, count)) = names::tokens(text, end + word.len())
            && count >= 2
            && !given::is_other(&text[end + word.len()..close])
        {
            self.add(Kind::Name, end + word.len(), close, Quote::default());
        }
        // `Jane Doe (tel. +47 …)`
        let word = run_back(text, start, 10, |byte| byte.is_ascii_alphabetic() || matches!(byte, b'.' | b':' | b' '));
        let start = if word > 0 && before(text, start - word) == b'(' && text[start - 1] == b' ' {
            start - word
        } else {
            start
        };
        let opens = matches!(before(text, start), b'<' | b'(' | b'[');
        if !opens || start < 3 {
            return;
        }
        let mut right = start - 1 - run_back(text, start - 1, 2, |byte| byte == b' ');
        if right > 0 && matches!(text[right - 1], b'"' | b'\'') {
            let mark = text[right - 1];
            right -= 1;
            let length = run_back(text, right, 96, |byte| byte != mark && byte != b'\\' && byte >= b' ');
            // `"InternetMessageId":"<…`: a pair, and no name.
            if !text[right - length..right].iter().any(|byte| byte.is_ascii_alphabetic() || *byte >= 0x80) {
                return;
            }
            self.add(Kind::Name, right - length, right, Quote::default());
            return;
        }
        self.name_ending_at(right, 1);
    }

    /// `cliente CPF 529.982.247-25 Jane Doe`, `bonifico a Jane Doe IBAN DE89…`: a name behind or before a number and the
    /// capitals that say which one it is.
    pub fn owner_beside(&mut self, start: usize, end: usize) {
        let text = self.view.text;
        let Some(label_end) = start.checked_sub(1).filter(|space| matches!(text[*space], b' ' | b':')) else { return };
        let label_end = label_end - usize::from(before(text, label_end) == b':');
        let label = run_back(text, label_end, 6, |byte| byte.is_ascii_uppercase());
        let before_label = label_end - label;
        if label < 2 || before(text, before_label) != b' ' || text[start..end].contains(&b'@') {
            return;
        }
        let named = |from: usize| {
            names::tokens(text, from)
                .filter(|(close, count)| (2..=5).contains(count) && !given::is_other(&text[from..*close]))
                .filter(|(close, _)| {
                    !cell::has_thing(&text[from..*close]) && !firms::has_legal_form(&text[from..*close])
                })
        };
        let word = run_back(text, before_label - 1, 24, |byte| byte.is_ascii_alphabetic() || byte >= 0x80);
        let word = &text[before_label - 1 - word..before_label - 1];
        if names::is_role(word) {
            if at(text, end) == b' '
                && let Some((close, _)) = named(end + 1)
            {
                self.add(Kind::Name, end + 1, close, Quote::default());
            }
        } else if word.first().is_some_and(|byte| byte.is_ascii_uppercase() || *byte >= 0x80) {
            self.name_ending_at(before_label - 1, 2);
        }
    }

    /// The party of an account, as banks write it.
    fn party_beside(&mut self, start: usize, end: usize) {
        let text = self.view.text;
        // `?31DE89…?32Jane Doe?34…`
        if text[end..].starts_with(b"?32") {
            let close = end + 3 + run(text, end + 3, 96, |byte| byte >= b' ' && !matches!(byte, b'?' | b'"'));
            self.add(Kind::Name, end + 3, close, Quote::default());
        }
        // `:50K:/DE89…` and the party's name in the next line (SWIFT MT).
        let line = usize::from(at(text, end) == b'\n') + 2 * usize::from(text[end..].starts_with(b"\\n"));
        if line > 0
            && before(text, start) == b'/'
            && let Some((close, 2..=5)) = names::tokens(text, end + line)
        {
            self.add(Kind::Name, end + line, close, Quote::default());
        }
        // `BCD … Jane Doe\nDE89…`: the party of a payment's code (EPC069-12).
        if before(text, start) == b'\n' && !text[start..end].contains(&b'@') {
            self.name_ending_at(start - 1, 2);
        }
    }

    /// `jdoe/203.0.113.9:51820`: the login before the slash at `slash`.
    pub fn login_before(&mut self, slash: usize) {
        let text = self.view.text;
        let length =
            run_back(text, slash, 48, |byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-'));
        let start = slash - length;
        if matches!(before(text, start), 0 | b' ' | b'[' | b'(' | b'"') && super::logins::is_login(&text[start..slash])
        {
            self.add(Kind::Name, start, slash, Quote::default());
        }
    }

    /// `443 jdoe 203.0.113.9 Mozilla/5.0+(…`: the login between a port and the address behind the space at `space`, which
    /// ends at `end`, as W3C's extended log has them.
    pub fn login_in_row(&mut self, space: usize, end: usize) {
        let text = self.view.text;
        let agent =
            end + 1 + run(text, end + 1, 32, |byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
        if at(text, end) != b' ' || agent == end + 1 || at(text, agent) != b'/' {
            return;
        }
        let start =
            space - run_back(text, space, 128, |byte| byte > b' ' && !matches!(byte, b'"' | b'=' | b'/' | b'['));
        let login = &text[start..space];
        let port = run_back(text, start.saturating_sub(1), 6, |byte| byte.is_ascii_digit());
        let fits = before(text, start) == b' '
            && (2..=5).contains(&port)
            && before(text, start - 1 - port) == b' '
            && login.iter().any(|byte| byte.is_ascii_alphabetic() || *byte >= 0x80)
            && !login.iter().any(u8::is_ascii_control);
        if fits {
            self.add(Kind::Name, start, space, Quote::default());
        }
    }

    /// `<b>Jane Doe</b><br>12 Example Street`: the name in the line before the address that begins at `start`.
    pub fn name_above(&mut self, start: usize) {
        let text = self.view.text;
        let (mut end, mut breaks) = (start, false);
        for _ in 0..4 {
            if before(text, end) != b'>' {
                break;
            }
            let tag = run_back(text, end - 1, 48, |byte| byte >= b' ' && !matches!(byte, b'<' | b'>'));
            let open = end - 1 - tag;
            if before(text, open) != b'<' {
                return;
            }
            breaks |= [&b"br"[..], b"/p", b"/div", b"/td", b"/li"].iter().any(|tag| text[open..].starts_with(tag));
            end = open - 1;
        }
        let start = end - run_back(text, end, 96, |byte| byte >= b' ' && !matches!(byte, b'<' | b'>' | b'"'));
        let name = &text[start..end];
        let own = || cell::has_thing(name) || firms::has_legal_form(name) || given::is_other(name);
        if breaks && before(text, start) == b'>' && names::is_name_of_words(name) && !own() {
            self.add(Kind::Name, start, end, Quote::default());
        }
    }

    /// How many words a name has that ends at `end` before a street: one after `bei `, `Fam. `.
    pub fn least_words(&self, end: usize) -> usize {
        const BEFORE: [&str; 16] = [
            "bij", "presso", "u", "kod", "hjá", "pri", "bei", "chez", "hos", "Familie", "familie", "Fam.", "fam.",
            "Fru", "famille", "família",
        ];
        let text = self.view.text;
        let start = end - run_back(text, end, 32, |byte| byte.is_ascii_alphabetic() || byte >= 0x80 || byte == b'-');
        let word = &text[start..end];
        let told = BEFORE
            .iter()
            .any(|known| text[..start].strip_suffix(b" ").is_some_and(|lead| lead.ends_with(known.as_bytes())));
        let fits = word.len() >= 3 && !given::is_other(word) && !firms::is_carrier(word);
        if told && fits { 1 } else { 2 }
    }

    /// Adds the longest run of words that ends at `right` and is a name of `least` words or more.
    pub fn name_ending_at(&mut self, right: usize, least: usize) {
        let text = self.view.text;
        let length = run_back(text, right, 96, |byte| {
            byte.is_ascii_alphabetic() || byte >= 0x80 || matches!(byte, b' ' | b'.' | b'-' | b'\'')
        });
        let mut from = right - length;
        while from < right {
            if text[from] != b' '
                && names::tokens(text, from).is_some_and(|(close, count)| close == right && count >= least)
            {
                return self.add(Kind::Name, from, right, Quote::default());
            }
            from += run(text, from, right - from, |byte| byte != b' ') + 1;
        }
    }
}
