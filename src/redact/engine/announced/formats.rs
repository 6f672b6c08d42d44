//! Pairs that are written unlike any others: PHP's serialised arrays, vCards, labels of printers, complaints of form
//! binders, logins on a command line.

use crate::redact::Kind;
use crate::redact::detect::text::{at, before, digits, matches, run, run_back};
use crate::redact::detect::{after_street, cell, names};
use crate::redact::lexicon::{self, Meaning};
use crate::redact::structure::{self, Key, Style};

use crate::redact::engine::Quote;
use crate::redact::engine::sweep::{MAX_FOUND, Sweep};
use crate::redact::engine::value;
use crate::redact::engine::view::{Origin, View, Way};
use crate::redact::engine::whose::{doubt, search_terms, special};

/// Properties of a vCard that say who somebody is (RFC 6350), and what they are.
const CARD: [(&[u8], Kind); 11] = [
    (b"FN", Kind::Name),
    (b"N", Kind::Name),
    (b"NICKNAME", Kind::Name),
    (b"ORG", Kind::Name),
    (b"ADR", Kind::Postal),
    (b"LABEL", Kind::Postal),
    (b"TEL", Kind::Phone),
    (b"EMAIL", Kind::Email),
    (b"BDAY", Kind::Birth),
    (b"GEO", Kind::Geo),
    (b"NOTE", Kind::Text),
];

/// Bytes in which the end of a value is sought whose length is wrong, or a plus sign.
const MAX_NEAR: usize = 4096;

impl Sweep<'_> {
    /// `cn:: RmVrZXRlIELDoWxpbnQ=`: a value in base64 (RFC 2849).
    pub fn encoded(&mut self, separator: usize) -> usize {
        let text = self.view.text;
        let start = separator + 3;
        let end = start + run(text, start, MAX_NEAR, crate::redact::detect::text::is_base64);
        let end = end + run(text, end, 2, |byte| byte == b'=');
        let Some(key) = structure::key_before(text, separator).filter(|_| end - start >= 4) else {
            return separator + 2;
        };
        let name = &text[key.start..key.end];
        let kind = match self.state.known.look_up(name, None).meaning {
            Meaning::Personal(kind) | Meaning::Secret(kind) | Meaning::FreeText(kind) => kind,
            Meaning::Doubtful(kind @ Kind::Name) => kind,
            _ if matches!(name, b"cn" | b"sn" | b"gn") => Kind::Name,
            _ => return separator + 2,
        };
        self.add(kind, start, end, Quote::default());
        end
    }

    /// A value with `+` for spaces: searched once more without them.
    pub fn spaces_for_plus(&mut self, key: Key, separator: usize, value: usize) {
        let text = self.view.text;
        let near = &text[value..text.len().min(value + MAX_NEAR)];
        // A value within one that was searched so was searched with it.
        if !self.mask.has(b'+')
            || value < self.spaced
            || text[separator] != b'='
            || memchr::memchr(b'+', near).is_none()
        {
            return;
        }
        if structure::style(text, key, b'=', value, false) != Style::Query {
            return;
        }
        let end = structure::bare(text, value, Style::Query, Kind::Value);
        let sought = || {
            lexicon::is_search(&text[key.start..key.end])
                && search_terms::is_search_of_goods(text, (key.outer, key.end), value, end)
        };
        if memchr::memchr(b'+', &text[value..end]).is_none() || sought() {
            return;
        }
        self.spaced = end;
        let mut buffer = self.state.buffers.text();
        buffer.extend(text[value..end].iter().map(|byte| if *byte == b'+' { b' ' } else { *byte }));
        let view = View {
            text: &buffer,
            origin: Some(Origin { outer: self.view, way: Way::Shifted(value) }),
            level: self.view.level,
        };
        let found = Sweep::new(self.engine, self.literals, self.state, &view).run();
        // What is personal here makes the form somebody's.
        let left = MAX_FOUND.saturating_sub(self.found.len());
        self.found.extend(found.into_iter().take(left).map(|(start, end, kind)| (value + start, value + end, kind)));
        self.state.buffers.give_text(buffer);
    }

    /// `s:4:"name";s:8:"Jane Doe";`, at the second `;s:`'s semicolon.
    pub fn serialised(&mut self, from: usize) {
        let text = self.view.text;
        let Some(close) = from.checked_sub(1).filter(|place| text[*place] == b'"') else { return };
        let length = run_back(text, close, 64, |byte| byte != b'"' && byte >= b' ');
        let count = digits(text, from + 3);
        let begin = from + 3 + count + 2;
        if count == 0 || begin > text.len() || !text[from + 3 + count..].starts_with(b":\"") {
            return;
        }
        let size = crate::redact::detect::text::number(&text[from + 3..from + 3 + count]) as usize;
        let end = Some(begin + size).filter(|end| at(text, *end) == b'"').unwrap_or_else(|| {
            let near = &text[begin..text.len().min(begin + MAX_NEAR)];
            memchr::memmem::find(near, b"\";").map_or(text.len(), |found| begin + found)
        });
        let name = &text[close - length..close];
        self.by_name(name, begin, end.min(text.len()));
    }

    /// Replaces `start..end` if a key called `name` would be personal.
    pub fn by_name(&mut self, name: &[u8], start: usize, end: usize) {
        let text = self.view.text;
        if start >= end || special::is_nothing(&text[start..end]) {
            return;
        }
        match lexicon::meaning(name, None) {
            Meaning::Personal(kind) | Meaning::Secret(kind) | Meaning::FreeText(kind) => {
                self.replace(name, kind, start, end, Quote::default());
            }
            Meaning::Doubtful(Kind::Name) if doubt::is_full_name(&text[start..end]) => {
                self.add(Kind::Name, start, end, Quote::default());
            }
            _ => {}
        }
    }

    /// `field 'plz': rejected value [12345]`
    pub fn rejected(&mut self, from: usize) {
        let text = self.view.text;
        let begin = from + b"rejected value [".len();
        let end = begin + run(text, begin, 512, |byte| byte != b']');
        let near = &text[from.saturating_sub(96)..from];
        let Some(found) = memchr::memmem::rfind(near, b"field '") else { return };
        let name = near[found + 7..].split(|byte| *byte == b'\'').next().unwrap_or_default();
        self.by_name(name, begin, end);
    }

    /// `Failing row contains (71, Jane Doe, null).`: whatever is human in it. Says where it ends.
    pub fn failing_row(&mut self, from: usize) -> usize {
        let text = self.view.text;
        let mut start = from;
        let end = from + run(text, from, 4096, |byte| byte != b')' && byte != b'\n');
        for cell in text[from..end].split(|byte| *byte == b',') {
            let lead = usize::from(cell.first() == Some(&b' '));
            let human =
                cell.iter().any(|byte| byte.is_ascii_alphabetic() || *byte >= 0x80) && !special::is_nothing(cell);
            // `FR`, `t`: a country's code, a yes or no.
            let code =
                cell[lead..].len() == 1 || cell[lead..].len() == 2 && cell[lead..].iter().all(u8::is_ascii_uppercase);
            if human && !code && cell.len() > lead {
                self.add(Kind::Text, start + lead, start + cell.len(), Quote::default());
            }
            start += cell.len() + 1;
        }
        end
    }

    /// A printed field of a label: `^FDJane Doe^FS`.
    pub fn label_field(&mut self, from: usize) {
        let text = self.view.text;
        let end = from + run(text, from, 512, |byte| byte != b'^' && byte >= b' ');
        if !self.is_for_somebody() {
            return;
        }
        let field = &text[from..end];
        if value::is_human(field) || after_street::is_town(field) || cell::guess(field).is_some() {
            self.add(Kind::Text, from, end, Quote::default());
        }
    }

    /// Whether a field of the label is a street, a post code or a telephone number: else it is a product's.
    fn is_for_somebody(&self) -> bool {
        let text = self.view.text;
        let mut named = false;
        memchr::memmem::find_iter(text, b"^FD").take(32).any(|place| {
            let start = place + 3;
            let field = &text[start..start + run(text, start, 512, |byte| byte != b'^' && byte >= b' ')];
            let guess = cell::guess(field);
            let follows = std::mem::replace(&mut named, guess.is_some_and(|guess| guess.kind == Kind::Name));
            guess
                .is_some_and(|guess| guess.kind != Kind::Name && (!guess.weak || follows && guess.kind == Kind::Postal))
                || after_street::is_town(field)
        })
    }

    /// `-u user:password`
    pub fn account(&mut self, from: usize) {
        let text = self.view.text;
        let quote = structure::opening(text, from).map_or(0, |(_, length)| length);
        let start = from + quote;
        let end = start + run(text, start, 256, |byte| byte > b' ' && !matches!(byte, b'"' | b'\''));
        if text[start..end].contains(&b':') && memchr::memmem::find(&text[start..end], b"://").is_none() {
            self.login(start, end);
        }
        // `-u jane -p geheim123`
        if self.password_flag(end) && crate::redact::engine::is_login(&text[start..end]) {
            self.add(Kind::Name, start, end, Quote::default());
        }
    }

    /// The password in a flag behind `end`, if there is one.
    pub fn password_flag(&mut self, end: usize) -> bool {
        let text = self.view.text;
        let quote = usize::from(matches!(at(text, end), b'"' | b'\''));
        let Some(rest) = text[end + quote..].strip_prefix(b" -p") else {
            // Its value is found by its own name.
            return text[end + quote..].starts_with(b" --password");
        };
        let value = text.len() - rest.len();
        let value = value + run(text, value, 2, |byte| matches!(byte, b' ' | b'"' | b'\'' | b'='));
        let last = value + run(text, value, 256, |byte| byte > b' ' && !matches!(byte, b'"' | b'\''));
        let inner = &text[value..last];
        // A port, another flag, a path.
        let told = inner.len() >= 4 && !matches!(inner[0], b'-' | b'/') && !inner.iter().all(u8::is_ascii_digit);
        let is_password = told && !special::is_nothing(inner);
        if is_password {
            self.add(Kind::Password, value, last, Quote::default());
        }
        is_password
    }

    /// The user in an access log, before the time at the bracket: `203.0.113.9 - alice [10/Oct/2026:…`.
    pub fn remote_user(&mut self, bracket: usize) {
        let text = self.view.text;
        if !matches(text, bracket + 1, b"dd/") || before(text, bracket) != b' ' {
            return;
        }
        let end = bracket - 1;
        let start = end - run_back(text, end, 64, |byte| byte > b' ' && !matches!(byte, b'"' | b']' | b'['));
        let follows =
            start >= 2 && text[start - 1] == b' ' && (text[start - 2] == b'-' || text[start - 2].is_ascii_digit());
        // `… owner bucket [time]` of an object store: nobody's name is the second word of a line.
        let third = text[start.saturating_sub(256)..start].trim_ascii_end().contains(&b' ');
        if follows
            && third
            && !special::is_nothing(&text[start..end])
            && text[start..end].iter().any(|byte| byte.is_ascii_alphabetic() || *byte >= 0x80)
        {
            self.add(Kind::Name, start, end, Quote::default());
        }
    }

    /// A line of a vCard or of a calendar, at its colon: what it says of somebody, and where the line ends.
    pub fn card(&mut self, colon: usize) -> Option<usize> {
        let text = self.view.text;
        let start = colon - run_back(text, colon, 96, |byte| byte > b' ' && !matches!(byte, b'\\' | b'"' | b'|'));
        // No property's name has a space, and in prose one is near.
        if before(text, start) == b' ' && colon - start < 96 {
            return None;
        }
        let head = &text[start..colon];
        let name = head.split(|byte| matches!(byte, b';' | b'.')).next().unwrap_or_default();
        let (_, kind) = CARD.iter().find(|(known, _)| *known == name)?;
        let begins = start > 0 || self.view.level == 0 && start == 0 && name.len() > 1;
        if !begins {
            return None;
        }
        let bar = if before(text, start) == b'|' { b'|' } else { b'"' };
        let end =
            colon + 1 + run(text, colon + 1, 1024, |byte| byte >= b' ' && !matches!(byte, b'\\' | b'"') && byte != bar);
        let value = &text[colon + 1..end];
        let fits = special::fits(*kind, value) || matches!(kind, Kind::Birth | Kind::Text | Kind::Name);
        if !fits || special::is_nothing(value) || value.first() == Some(&b' ') {
            return None;
        }
        self.add(*kind, colon + 1, end, Quote::default());
        Some(end)
    }

    /// Places for values (`$1`, `@p0`), of whose values only the shape tells.
    pub fn placeholder_value(&mut self, key: Key, separator: usize, value: usize) -> bool {
        let text = self.view.text;
        let lead = before(text, key.start);
        let name = &text[key.start..key.end];
        let is_place =
            matches!(lead, b'$' | b'@' | b':') || matches!(name.first(), Some(b'$' | b'@')) || is_binding(name);
        // `"@mt": …`, `"$type": …`: members of an object.
        let is_member = key.quote.is_some() && !name.iter().any(u8::is_ascii_digit);
        if !is_place || is_member || structure::opening(text, value).is_none() {
            return false;
        }
        let (start, end, _) = self.extent_near(key, separator, value, Kind::Value);
        let inner = &text[start..end];
        let known = self.placeholders.iter().find(|((from, to), _)| {
            let place = &text[*from..*to];
            let bare = place.strip_prefix(&[place[0]]).unwrap_or(place);
            place == name || bare == name.strip_prefix(&[place[0]]).unwrap_or(name)
        });
        if let Some((_, kind)) = known.copied() {
            self.replace(b"", kind, start, end, Quote::default());
            return true;
        }
        if special::is_nothing(inner) || !(value::is_human(inner) || names::is_script(inner)) {
            // A post code stands beside a street or a place.
            let beside = self.found.last().is_some_and(|(from, to, kind)| {
                matches!(kind, Kind::Postal | Kind::Place | Kind::Text | Kind::Name)
                    && *to < start
                    && start - *from < 160
            });
            if beside && cell::is_postcode(inner) {
                self.add(Kind::Postcode, start, end, Quote::default());
                return true;
            }
            self.bound_value(start, end, true);
            return false;
        }
        self.add(Kind::Text, start, end, Quote::default());
        true
    }
}

/// `bind[0]`, `param_3`, `:b1`: a place by its number alone.
fn is_binding(name: &[u8]) -> bool {
    let word = run(name, 0, 16, |byte| byte.is_ascii_alphabetic());
    let number = &name[word..];
    let plain = number.iter().all(|byte| byte.is_ascii_digit() || matches!(byte, b'[' | b']' | b'_' | b'.' | b'#'));
    plain
        && number.iter().any(u8::is_ascii_digit)
        && [&b"bind"[..], b"binding", b"bindvar", b"param", b"parameter", b"placeholder", b"bindvalue"]
            .iter()
            .any(|known| name[..word].eq_ignore_ascii_case(known))
}
