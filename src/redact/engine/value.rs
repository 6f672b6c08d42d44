//! Replacing: what of a value goes, and what stands beside what was found.

use crate::redact::Kind;
use crate::redact::detect::text::{at, run, run_back};
use crate::redact::detect::{TABLE, Trigger, is_private, keep, names, parsed, street};
use crate::redact::lexicon::{self, Meaning};
use crate::redact::structure::{self, Key, sql, xml};

use super::Quote;
use super::announced::html_table;
use super::frame::Frame;
use super::sweep::Sweep;
use super::whose::nobodys::{is_nobodys, is_telephone};
use super::whose::{doubt, programs, signature, special};

/// Bytes of a part of a form in which its content is sought.
const MAX_NEAR: usize = 4096;

/// What stands for the end of a line where lines are joined.
const BAR: &[u8] = b" | ";

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
            // A login in a URL is found where it stands, and the host stays.
            Kind::Secret | Kind::Password if special::has_login(inner) => {}
            Kind::Token | Kind::Password | Kind::Secret => {
                if let Some(list) = signature::parameters(inner) {
                    return signature::secrets(&inner[list..], |from, to| {
                        self.add(kind, start + list + from, start + list + to, Quote::default());
                    });
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
        self.logins.push((start, end));
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
            26 => self.spoken_to(from),
            27 => self.taken(from + b"Key (".len()),
            29 => self.payee(from + 3),
            30 => {
                self.password_flag(from + b"sshpass".len());
            }
            28 => self.truncated(from + b"Truncated value: '".len()),
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
        let meaning = cell.column.map(|(from, to)| self.state.known.look_up(&text[from..to.max(from)], None).meaning);
        match meaning {
            Some(Meaning::Personal(kind) | Meaning::Secret(kind) | Meaning::FreeText(kind)) => {
                let column = cell.column.map_or(&b""[..], |(from, to)| &text[from..to]);
                self.replace(column, kind, start, end, Quote::default());
            }
            Some(Meaning::Doubtful(_) | Meaning::Unknown) if goods => {}
            Some(Meaning::Doubtful(Kind::Name)) if cell.quoted || doubt::is_full_name(inner) => {
                self.add(Kind::Name, start, end, Quote::default());
            }
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
        // Lines that somebody joined by bars: the next one has the content.
        let behind = end + text[end..].iter().take_while(|byte| matches!(byte, b'"' | b'\'')).count();
        if text[behind..].starts_with(BAR) && !text[behind + BAR.len()..].starts_with(b"Content-") {
            let begin = behind + BAR.len();
            let close = memchr::memmem::find(&text[begin..], BAR).map_or(text.len(), |found| begin + found);
            return self.content(meaning, begin, close);
        }
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
                self.content(meaning, begin, close);
            }
            None if self.view.level == 0 => self.state.carry.open_part(meaning),
            None => {}
        }
    }

    /// The content of a part of a form.
    fn content(&mut self, meaning: Meaning, start: usize, end: usize) {
        let inner = &self.view.text[start..end];
        if let Meaning::Personal(kind) | Meaning::Secret(kind) | Meaning::FreeText(kind) = meaning
            && !special::is_nothing(inner)
        {
            self.replace(b"", kind, start, end, Quote::default());
        } else if matches!(meaning, Meaning::Doubtful(Kind::Name)) && doubt::is_full_name(inner) {
            self.add(Kind::Name, start, end, Quote::default());
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
        if matches!(&text[from..from + length], b"user" | b"proxy-user") {
            return self.account(value);
        }
        let meaning = lexicon::meaning(&text[from..from + length], None);
        if let Meaning::Secret(kind) | Meaning::Personal(kind) | Meaning::Doubtful(kind @ Kind::Name) = meaning
            && !programs::is_metavariable(&text[value..])
        {
            let key = Key { start: from, end: from + length, outer: from, quote: None };
            let (start, end, _) = self.extent(key, from + length, value, Kind::Value);
            let clear = !matches!(meaning, Meaning::Doubtful(_)) || doubt::is_full_name(&text[start..end]);
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
        if self.markup(&text[name.0..name.1], start, end) {
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
        let clear = match meaning {
            Meaning::Personal(kind) | Meaning::Secret(kind) | Meaning::FreeText(kind) => Some(kind),
            Meaning::Doubtful(Kind::Name) if doubt::is_full_name(inner) => Some(Kind::Name),
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
                self.kept = (start, end);
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
