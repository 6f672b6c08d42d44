//! Replacing: what of a value goes, and what stands beside what was found.

use crate::redact::Kind;
use crate::redact::detect::text::{at, before, run, run_back};
use crate::redact::detect::{TABLE, Trigger, firms, is_private, keep, names, parsed};
use crate::redact::lexicon::{self, Meaning};
use crate::redact::structure::{self, Key, sql, xml};

use super::frame::Frame;
use super::nobodys::{is_day, is_reference};
use super::sweep::Sweep;
use super::{Quote, special};

/// Bytes of a part of a form in which its content is sought.
const MAX_NEAR: usize = 4096;

/// Words between an account and whose it is: `DE89… von Jane Doe`.
const OF: [&[u8]; 9] = [b" von ", b" of ", b" de ", b" di ", b" van ", b" for ", b" du ", b" od ", b" da "];

impl Sweep<'_> {
    /// Replaces `start..end`, which `key` says is of `kind`.
    pub(super) fn replace(&mut self, key: &[u8], kind: Kind, start: usize, end: usize, quote: Quote) {
        let text = self.view.text;
        let inner = &text[start..end];
        match kind {
            // When it was written is nobody's, whatever it is a part of; a day alone may be a birthday.
            Kind::Address | Kind::Postal | Kind::Place | Kind::Name | Kind::Phone | Kind::Text | Kind::Value
                if end - start > 10
                    && keep::date(text, start).is_some_and(|stop| matches!(&text[stop..end], b"" | b"Z")) => {}
            Kind::Session if contains(key, b"cookie") && inner.contains(&b'=') => {
                special::cookies(inner, |from, to| self.add(Kind::Session, start + from, start + to, Quote::default()));
            }
            Kind::Address => self.addresses(start, end),
            // `PWD=/srv/shop`: where a program was started.
            Kind::Password if matches!(key, b"PWD" | b"OLDPWD" | b"pwd" | b"cwd") && inner.first() == Some(&b'/') => {}
            // `"signature": "Outdated library of a server found"`: words, and no token.
            Kind::Token if special::is_sentence(inner) => {}
            // A login in a URL is found where it stands, and the host stays.
            Kind::Secret | Kind::Password if special::has_login(inner) => {}
            Kind::Token | Kind::Password | Kind::Secret => {
                let scheme = special::scheme(inner);
                if inner[..scheme].eq_ignore_ascii_case(b"Digest ") {
                    return special::digest(&inner[scheme..], |from, to| {
                        self.add(kind, start + scheme + from, start + scheme + to, Quote::default());
                    });
                }
                self.add(kind, start + scheme, end, quote);
            }
            Kind::Postal | Kind::Place if is_amount(inner) => {}
            // `addr:48213`: the key of a cache, and no house's number.
            Kind::Postal if end - start >= 5 && inner.iter().all(u8::is_ascii_digit) && key.len() <= 7 => {}
            // `_MACHINE_ID`: the journal's own, of the house's machine.
            Kind::Device
                if key.first() == Some(&b'_') && key.iter().all(|byte| byte.is_ascii_uppercase() || *byte == b'_') => {}
            // `Via: 1.1 varnish` is a header of HTTP, and a street in Italy.
            Kind::Postal if key.eq_ignore_ascii_case(b"via") && inner.first().is_some_and(u8::is_ascii_digit) => {}
            Kind::Postal | Kind::Name if is_address(inner) => self.addresses(start, end),
            Kind::Name | Kind::Value | Kind::Text if self.is_email(start, end) => {
                self.add(Kind::Email, start, end, quote);
            }
            // `dsn=4.7.1`: what became of a delivery (RFC 3463).
            Kind::Device if inner.len() < 8 && inner.iter().all(|byte| byte.is_ascii_digit() || *byte == b'.') => {}
            Kind::Agent if special::is_program(inner) => {}
            // `serial=2026111801`: of a zone, the day and a number.
            Kind::Device if inner.len() == 10 && is_day(inner) => {}
            Kind::Text if is_reference(inner) || inner.len() <= 4 && inner.iter().all(u8::is_ascii_digit) => {}
            // A copy's receiver and a country's code share a key.
            Kind::Email if matches!(inner, [b'A'..=b'Z', b'A'..=b'Z']) => {}
            // `#team-search`: a channel, a group.
            Kind::Name if inner.first() == Some(&b'#') => {}
            Kind::Name | Kind::Postal if firms::is_carrier(inner) => {}
            // `datasource.username=shop_rw`
            Kind::Name if is_account(key) && super::doubt::is_of_house(inner) => {}
            // `sender=Example Trading GmbH`: the shop itself.
            Kind::Name if is_shipper(key) && firms::is_company(inner) => {}
            // `server.address: orders.svc`
            Kind::Postal if is_host_name(inner) => {}
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
        self.logins.push((start, end));
        let colon = text[start..end].iter().position(|byte| *byte == b':').map_or(end, |place| start + place);
        let is_service = matches!(
            &text[start..colon],
            b"git" | b"app" | b"root" | b"admin" | b"postgres" | b"redis" | b"mongo" | b"default"
        );
        if !is_service {
            self.add(Kind::Name, start, colon, Quote::default());
        }
        if colon < end {
            self.add(Kind::Password, colon + 1, end, Quote::default());
        }
    }

    /// A text that structure asked for.
    pub(super) fn mark(&mut self, index: usize, from: usize) {
        let text = self.view.text;
        match index {
            0..=3 if from >= self.marked => {
                let mut cells: smallvec::SmallVec<[sql::Cell; 16]> = smallvec::SmallVec::new();
                self.marked = sql::cells(text, from, |cell| cells.push(cell));
                self.statement = cells.iter().all(|cell| cell.column.is_some());
                let about = self.columns(&cells);
                for cell in cells {
                    self.cell(cell, about);
                }
            }
            0..=3 => {}
            4 if from >= self.marked => self.part(from),
            4 => {}
            5 => self.flag(from + 3),
            8 => self.account(from + 4),
            9 => self.party(from),
            10 => self.serialised(from),
            11 => self.rejected(from),
            12 => self.row(from + b"row contains (".len()),
            13 => self.field(from + 3),
            14 => self.bind(from),
            15 | 16 => self.complaint(from),
            17 | 18 => self.segment(from),
            19 => self.contact(from),
            20..=24 => self.printable = true,
            25 => self.typed(from),
            _ => {
                // `user:password@tcp(host)`: Go's names of data sources.
                let length = run_back(text, from, 128, |byte| byte > b' ' && !matches!(byte, b'"' | b'\'' | b'='));
                let colon = text[from - length..from].iter().position(|byte| *byte == b':');
                if let Some(colon) = colon {
                    self.add(Kind::Password, from - length + colon + 1, from, Quote::default());
                }
            }
        }
    }

    /// Whether the columns of a statement are an article's and nobody's.
    fn columns(&self, cells: &[sql::Cell]) -> bool {
        let text = self.view.text;
        let names = || cells.iter().take(64).filter_map(|cell| cell.column).map(|(from, to)| &text[from..to.max(from)]);
        names().any(lexicon::is_of_goods)
            && !names().any(|name| matches!(lexicon::meaning(name, None), Meaning::Personal(_)))
    }

    fn cell(&mut self, cell: sql::Cell, goods: bool) {
        let text = self.view.text;
        let (start, end) = cell.value;
        let inner = &text[start..end.max(start)];
        if special::is_nothing(inner) {
            return;
        }
        let meaning = cell.column.map(|(from, to)| self.state.known.say(&text[from..to.max(from)], None).meaning);
        match meaning {
            Some(Meaning::Personal(kind) | Meaning::Secret(kind) | Meaning::FreeText(kind)) => {
                let column = cell.column.map_or(&b""[..], |(from, to)| &text[from..to]);
                self.replace(column, kind, start, end, Quote::default());
            }
            Some(Meaning::Doubtful(_) | Meaning::Unknown) if goods => {}
            Some(Meaning::Doubtful(Kind::Name)) if cell.quoted => self.add(Kind::Name, start, end, Quote::default()),
            // A column that nobody knows, with what looks personal.
            Some(Meaning::Unknown)
                if cell.quoted && !cell.column.is_some_and(|(from, to)| lexicon::is_of_thing(&text[from..to])) =>
            {
                if let Some(guess) = crate::redact::detect::cell::guess(inner).filter(|guess| !guess.weak) {
                    self.add(guess.kind, start, end, Quote::default());
                }
            }
            // Without columns whatever is human goes.
            None if cell.quoted && is_human(inner) => self.add(Kind::Text, start, end, Quote::default()),
            _ => {}
        }
    }

    /// `form-data; name="email"` and its content, here or in the next lines.
    fn part(&mut self, from: usize) {
        let text = self.view.text;
        let most = text.len().min(from + 512);
        let Some(found) = memchr::memmem::find(&text[from..most], b"name=") else { return };
        let Some((quote, length)) = structure::opening(text, from + found + 5) else { return };
        let start = from + found + 5 + length;
        let end = structure::closing(text, start, quote, true);
        let meaning = lexicon::meaning(&text[start..end], None);
        // Other header fields of the part may stand between.
        let near = &text[end..text.len().min(end + MAX_NEAR)];
        let near = &near[..memchr::memmem::find(near, b"\n--").unwrap_or(near.len())];
        let head =
            [&b"\r\n\r\n"[..], b"\n\n"].iter().find_map(|gap| Some(memchr::memmem::find(near, gap)? + gap.len()));
        match head {
            Some(gap) => {
                let begin = end + gap;
                let close = memchr::memmem::find(&text[begin..], b"\n--").map_or(text.len(), |found| begin + found);
                self.marked = close;
                let close = if close > begin && text[close - 1] == b'\r' { close - 1 } else { close };
                if let Meaning::Personal(kind) | Meaning::Secret(kind) | Meaning::FreeText(kind) = meaning
                    && !special::is_nothing(&text[begin..close])
                {
                    self.replace(b"", kind, begin, close, Quote::default());
                } else if matches!(meaning, Meaning::Doubtful(Kind::Name))
                    && super::doubt::is_full_name(&text[begin..close])
                {
                    self.add(Kind::Name, begin, close, Quote::default());
                }
            }
            None if self.view.level == 0 => self.state.carry.open_part(meaning),
            None => {}
        }
    }

    /// `--password secret`
    fn flag(&mut self, from: usize) {
        let text = self.view.text;
        let length = run(text, from, 48, |byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
        let value = from + length + 1;
        if length < 2 || at(text, from + length) != b' ' || matches!(at(text, value), b'-' | b' ') {
            return;
        }
        let meaning = lexicon::meaning(&text[from..from + length], None);
        if let Meaning::Secret(kind) | Meaning::Personal(kind) | Meaning::Doubtful(kind @ Kind::Name) = meaning {
            let key = Key { start: from, end: from + length, outer: from, quote: None };
            let (start, end, _) = self.extent(key, from + length, value, Kind::Value);
            let clear = !matches!(meaning, Meaning::Doubtful(_)) || super::doubt::is_full_name(&text[start..end]);
            if clear && !special::is_nothing(&text[start..end]) {
                self.replace(b"", kind, start, end, Quote::default());
            }
        }
    }

    /// A `<`: an element and its text.
    pub(super) fn less(&mut self, from: usize) -> usize {
        let text = self.view.text;
        let shown = self.shown(from + 1);
        if shown > from + 1 {
            return shown;
        }
        match xml::tag(text, from) {
            None => from + 1,
            Some(xml::Tag::Close) => {
                self.frames.pop(true);
                from + 2
            }
            Some(xml::Tag::Open { name, text: (start, end), end: close }) => {
                self.element(name, start, end, close);
                name.1
            }
        }
    }

    /// `<User: jdoe>`, `<Customer: Jane Doe>`: an object as Python shows it.
    fn shown(&mut self, from: usize) -> usize {
        let text = self.view.text;
        let word = run(text, from, 32, |byte| byte.is_ascii_alphanumeric() || byte == b'_');
        if word < 3 || !text[from + word..].starts_with(b": ") || !lexicon::is_person(&text[from..from + word]) {
            return from;
        }
        let start = from + word + 2;
        let end = start + run(text, start, 96, |byte| byte >= b' ' && !matches!(byte, b'>' | b'<' | b'"'));
        let inner = &text[start..end];
        if at(text, end) != b'>' || !(super::doubt::is_login(inner) || super::doubt::is_full_name(inner)) {
            return from;
        }
        self.add(Kind::Name, start, end, Quote::default());
        end
    }

    fn element(&mut self, name: (usize, usize), start: usize, end: usize, close: usize) {
        let text = self.view.text;
        if self.markup(&text[name.0..name.1], start, end) {
            return self.frames.push(Frame { key: name, element: true, ..Frame::default() });
        }
        let key =
            super::markup::attribute(&text[name.1..close]).map_or(name, |(from, to)| (name.1 + from, name.1 + to));
        let parent = self.frames.parent().map(|(from, to)| &text[from..to]);
        let mut meaning = self.state.known.say(&text[key.0..key.1], parent).meaning;
        if let (Meaning::Unknown | Meaning::Doubtful(_), Some(inherited)) = (meaning, self.frames.top().meaning) {
            meaning = inherited;
        }
        let inner = &text[start..end];
        let clear = match meaning {
            Meaning::Personal(kind) | Meaning::Secret(kind) | Meaning::FreeText(kind) => Some(kind),
            Meaning::Doubtful(Kind::Name) if super::doubt::is_full_name(inner) => Some(Kind::Name),
            _ => None,
        };
        let place = Key { start: key.0, end: key.1, outer: key.0, quote: None };
        if let Some(kind) = clear
            && !special::is_nothing(inner)
            && !special::is_structured(inner)
        {
            self.replace(&text[key.0..key.1], kind, start, end, Quote::default());
        } else if start < end {
            self.half_element(place, start, end);
            if meaning == Meaning::Keep {
                self.kept = (start, end);
            }
        }
        // A body is a person's own words only where it is text.
        let meaning = clear.map(|_| meaning).filter(|meaning| {
            start < end || matches!(meaning, Meaning::Personal(Kind::Postal | Kind::Name) | Meaning::Secret(_))
        });
        self.frames.push(Frame { key, meaning, element: true, ..Frame::default() });
    }

    /// `Jane Doe <jane@…>`, `DE89… (Jane Doe)`: a name in brackets after what was found, or before it in brackets.
    pub(super) fn beside(&mut self, start: usize, end: usize) {
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
            let guess = crate::redact::detect::cell::guess(number);
            if guess.is_some_and(|guess| guess.kind == Kind::Phone) {
                self.add(Kind::Phone, begin, begin + number.len(), Quote::default());
            }
        }
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
        if let Some(word) = OF.iter().find(|word| text[end..].starts_with(word))
            && let Some((close, count)) = names::tokens(text, end + word.len())
            && count >= 2
            && !crate::redact::detect::given::is_other(&text[end + word.len()..close])
        {
            self.add(Kind::Name, end + word.len(), close, Quote::default());
        }
        let opens = matches!(before(text, start), b'<' | b'(' | b'[');
        if !opens || start < 3 {
            return;
        }
        let mut right = start - 1 - run_back(text, start - 1, 2, |byte| byte == b' ');
        if right > 0 && matches!(text[right - 1], b'"' | b'\'') {
            let mark = text[right - 1];
            right -= 1;
            let length = run_back(text, right, 96, |byte| byte != mark && byte != b'\\' && byte >= b' ');
            self.add(Kind::Name, right - length, right, Quote::default());
            return;
        }
        self.name_ending_at(right, 1);
    }

    /// `jdoe/203.0.113.9:51820`: the login before the slash at `slash`.
    pub(super) fn login_before(&mut self, slash: usize) {
        let text = self.view.text;
        let length =
            run_back(text, slash, 48, |byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-'));
        let start = slash - length;
        if matches!(before(text, start), 0 | b' ' | b'[' | b'"') && super::doubt::is_login(&text[start..slash]) {
            self.add(Kind::Name, start, slash, Quote::default());
        }
    }

    /// Adds the longest run of words that ends at `right` and is a name of `least` words or more.
    pub(super) fn name_ending_at(&mut self, right: usize, least: usize) {
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

/// A number with a fraction: `floor=8.50` is a least price.
fn is_amount(value: &[u8]) -> bool {
    let marks = value.iter().filter(|byte| matches!(byte, b'.' | b',')).count();
    marks > 0
        && parsed(value).is_none()
        && value.iter().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b','))
        && value.iter().rev().take_while(|byte| byte.is_ascii_digit()).count() <= 3
}

/// A key under which programs log in as well.
fn is_account(key: &[u8]) -> bool {
    [&b"user"[..], b"username", b"login", b"usr", b"uname"]
        .iter()
        .any(|end| key.len() >= end.len() && key[key.len() - end.len()..].eq_ignore_ascii_case(end))
}

/// A key of who sends a parcel.
fn is_shipper(key: &[u8]) -> bool {
    [
        &b"sender"[..],
        b"shipper",
        b"absender",
        b"expediteur",
        b"remitente",
        b"mittente",
        b"nadawca",
        b"afzender",
        b"shipfrom",
    ]
    .iter()
    .any(|known| key.eq_ignore_ascii_case(known))
}

/// `orders.svc`, `db-1.internal:5432`
fn is_host_name(value: &[u8]) -> bool {
    value.contains(&b'.')
        && value.iter().any(u8::is_ascii_lowercase)
        && value
            .iter()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'.' | b'-' | b'_' | b':'))
        && value.split(|byte| *byte == b'.').all(|label| !label.is_empty())
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
