//! Fixed phrases of programs after or before which somebody's data stand.

use crate::redact::Kind;
use crate::redact::detect::cell;
use crate::redact::detect::text::{at, before, run, run_back};
use crate::redact::lexicon::{self, Meaning};

use crate::redact::engine::Quote;
use crate::redact::engine::sweep::Sweep;
use crate::redact::engine::whose::{logins, special};

/// Longest value.
const MAX_VALUE: usize = 512;
/// Bytes before a phrase in which its subject is sought.
const MAX_NEAR: usize = 256;

impl Sweep<'_> {
    /// `CALLERID(all)=Jane Doe <4915555501990>`, `CALLERID(num)=…` (Asterisk)
    pub fn caller(&mut self, from: usize) {
        let text = self.view.text;
        let word = run(text, from, 12, |byte| byte.is_ascii_alphabetic() || byte == b'-');
        let gap = [&b")="[..], b")\", \"", b"), "].into_iter().find(|gap| text[from + word..].starts_with(gap));
        let Some(gap) = gap else { return };
        let start = from + word + gap.len();
        let end = start + run(text, start, 128, |byte| byte >= b' ' && !matches!(byte, b'"' | b')' | b'\\' | b','));
        let inner = &text[start..end];
        let open = inner.iter().position(|byte| *byte == b'<').unwrap_or(inner.len());
        let name = inner[..open].trim_ascii();
        if name.iter().any(|byte| byte.is_ascii_alphabetic() || *byte >= 0x80) && !special::is_nothing(name) {
            self.add(Kind::Name, start, start + name.len(), Quote::default());
        } else if name.len() >= 6 {
            self.add(Kind::Phone, start, start + name.len(), Quote::default());
        }
        let number = start + (open + 1).min(inner.len());
        let close = number + run(text, number, 24, |byte| byte.is_ascii_digit() || byte == b'+');
        if close - number >= 6 {
            self.add(Kind::Phone, number, close, Quote::default());
        }
    }

    /// `data.password Xk2!f9 -> (known after apply)`, `password = "Xk2!f9" -> "…"`: a secret, and what it becomes.
    pub fn replaced_secret(&mut self, from: usize) {
        let text = self.view.text;
        let after = from + b" -> ".len();
        let is_mark = |byte: u8| matches!(byte, b'"' | b'\'');
        let is_value =
            |byte: u8| byte > b' ' && !matches!(byte, b'"' | b'\'' | b'(' | b')' | b'[' | b']' | b'{' | b'}');
        let quote = usize::from(is_mark(before(text, from)));
        let last = from - quote;
        let start = last - run_back(text, last, 128, is_value);
        if start == last || quote > 0 && !is_mark(before(text, start)) {
            return;
        }
        let lead = start - quote;
        let gap = run_back(text, lead, 4, |byte| matches!(byte, b' ' | b'=' | b':'));
        let end = lead - gap;
        let key =
            end - run_back(text, end, 64, |byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-'));
        let name = &text[key..end];
        // `# aws_ssm_parameter.smtp will be updated ~ value = "…" -> "…"`: what such a thing holds.
        let kind = if matches!(name, b"value" | b"secret_string" | b"secret_value") && is_in_vault(&text[..key]) {
            Kind::Secret
        } else {
            if gap == 0 || name.len() < 3 || lexicon::is_strange(name) {
                return;
            }
            let Meaning::Secret(kind) = self.state.known.look_up(name, None).meaning else { return };
            kind
        };
        let new = after + usize::from(is_mark(at(text, after)));
        let close = new + run(text, new, 128, is_value);
        for (first, last) in [(start, last), (new, close)] {
            let value = &text[first..last];
            if value.len() >= 4 && special::fits(kind, value) && !special::is_nothing(value) {
                self.add(kind, first, last, Quote::default());
            }
        }
    }

    /// `identity 'jane'`: by which somebody asks for a network (EAP).
    pub fn network_identity(&mut self, from: usize) {
        let text = self.view.text;
        let start = from + run(text, from, 2, |byte| matches!(byte, b'"' | b'\''));
        let end = start + run(text, start, 128, |byte| byte > b' ' && !matches!(byte, b'"' | b'\'' | b'\\'));
        if matches!(at(text, end), b'"' | b'\'' | b'\\') && logins::is_login(&text[start..end]) {
            self.add(Kind::Name, start, end, Quote::default());
        }
    }

    /// `Login OK: [jane/<via Auth-Type = eap>]` (RADIUS), at the slash.
    pub fn radius_login(&mut self, slash: usize) {
        let text = self.view.text;
        let start = slash - run_back(text, slash, 96, |byte| byte > b' ' && !matches!(byte, b'[' | b']' | b'"'));
        if before(text, start) == b'[' && logins::is_login(&text[start..slash]) {
            self.add(Kind::Name, start, slash, Quote::default());
        }
    }

    /// ` - USER jane: Login successful` (ProFTPD)
    pub fn command_login(&mut self, start: usize) {
        let text = self.view.text;
        let end = start + run(text, start, 64, |byte| byte > b' ' && !matches!(byte, b':' | b'"' | b'('));
        if matches!(at(text, end), b':' | b' ') && logins::is_login(&text[start..end]) {
            self.add(Kind::Name, start, end, Quote::default());
        }
    }

    /// `machine api.example login jane password geheim123`: a line of a file of logins (`.netrc`), at the space before the
    /// last key.
    pub fn machine_password(&mut self, space: usize) {
        let text = self.view.text;
        let word = |end: usize| end - run_back(text, end, 128, |byte| byte > b' ' && !matches!(byte, b'"' | b'\''));
        let login = word(space);
        let lead = &text[login.saturating_sub(MAX_NEAR)..login];
        let Some(lead) = lead.strip_suffix(b" login ") else { return };
        let machine = lead.len() - run_back(lead, lead.len(), 128, |byte| byte > b' ');
        if !lead[..machine].ends_with(b"machine ") && !lead.ends_with(b"default") {
            return;
        }
        let start = space + b" password ".len();
        let end = start + run(text, start, MAX_VALUE, |byte| byte > b' ' && !matches!(byte, b'"' | b'\''));
        if !special::is_nothing(&text[start..end]) {
            self.add(Kind::Password, start, end, Quote::default());
        }
        if logins::is_login(&text[login..space]) {
            self.add(Kind::Name, login, space, Quote::default());
        }
    }

    /// `[pid 16320] [jane] OK UPLOAD`: who moved a file.
    pub fn file_login(&mut self, bracket: usize) {
        let text = self.view.text;
        let start = bracket - run_back(text, bracket, 64, |byte| byte > b' ' && !matches!(byte, b'[' | b']' | b'"'));
        let lead = &text[..start];
        let Some(lead) = lead.strip_suffix(b"] [") else { return };
        let number = run_back(lead, lead.len(), 10, |byte| byte.is_ascii_digit());
        if lead[..lead.len() - number].ends_with(b"[pid ") && logins::is_login(&text[start..bracket]) {
            self.add(Kind::Name, start, bracket, Quote::default());
        }
    }

    /// `failed to parse field [shipping.phone] of type [long] … Preview of field's value: '01 99 00 15 05'`
    pub fn field_value(&mut self, start: usize) {
        let text = self.view.text;
        let end = start + run(text, start, MAX_VALUE, |byte| byte != b'\'' && byte >= b' ');
        let near = &text[start.saturating_sub(MAX_NEAR)..start];
        let Some(found) = memchr::memmem::rfind(near, b"field [") else { return };
        let name = near[found + 7..].split(|byte| *byte == b']').next().unwrap_or_default();
        self.by_name(name, start, end);
    }

    /// ``Cannot deserialize value of type `shop.PostalCode` from String "79-013": …["postalCode"])``
    pub fn type_value(&mut self, from: usize) {
        let text = self.view.text;
        let start = from + b" from String \"".len();
        let end = start + run(text, start, MAX_VALUE, |byte| byte != b'"' && byte >= b' ');
        let is_name = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'$');
        let close = from - usize::from(matches!(before(text, from), b'`' | b'\''));
        let kind = &text[close - run_back(text, close, 128, is_name)..close];
        let before = self.state.spans.len();
        self.by_name(kind.rsplit(|byte| matches!(byte, b'.' | b'$')).next().unwrap_or(kind), start, end);
        if self.state.spans.len() > before {
            return;
        }
        // `(through reference chain: shop.Order["address"]->shop.Address["zip"])`
        let rest = &text[end..text.len().min(end + 1024)];
        let Some(open) = memchr::memmem::rfind(rest, b"[\"") else { return };
        let name = rest[open + 2..].split(|byte| *byte == b'"').next().unwrap_or_default();
        self.by_name(name, start, end);
    }

    /// `expected ',' before: 'Jane Doe","jane@mail.example"'`: a piece of a file that could not be read, cell by cell.
    pub fn excerpt(&mut self, start: usize) {
        let text = self.view.text;
        let end = start + run(text, start, MAX_VALUE, |byte| byte != b'\'' && byte >= b' ');
        let mut from = start;
        for cell in text[start..end].split(|byte| matches!(byte, b',' | b';')) {
            let lead = run(cell, 0, cell.len(), |byte| matches!(byte, b'"' | b' ' | b'\\'));
            let trail = run_back(cell, cell.len(), cell.len() - lead, |byte| matches!(byte, b'"' | b' ' | b'\\'));
            let (first, last) = (from + lead, from + cell.len() - trail);
            if let Some(guess) = cell::guess(&text[first..last]).filter(|guess| !guess.weak) {
                self.add(guess.kind, first, last, Quote::default());
            }
            from += cell.len() + 1;
        }
    }

    /// What a field means whose label another one has: `cs1Label=Session cs1=…` of CEF, before or after it.
    pub fn labelled_elsewhere(&mut self, name: &[u8]) -> Meaning {
        let stem = &name[..name.len() - run_back(name, name.len(), 2, |byte| byte.is_ascii_digit())];
        let is_custom = matches!(stem, b"cs" | b"cn" | b"cfp" | b"flexString" | b"flexNumber" | b"flexDate")
            || name.starts_with(b"c6a")
            || stem.starts_with(b"deviceCustom");
        if !is_custom {
            return Meaning::Unknown;
        }
        let text = self.view.text;
        let label: smallvec::SmallVec<[u8; 48]> = name.iter().chain(b"Label").copied().collect();
        let Some(found) = memchr::memmem::find(text, &label) else { return Meaning::Unknown };
        let start = found + label.len();
        let start = start + run(text, start, 4, |byte| matches!(byte, b'=' | b':' | b'"' | b' '));
        let end = start + run(text, start, 48, |byte| byte >= b' ' && !matches!(byte, b'=' | b'"' | b'|' | b','));
        // The next field's key is no word of it.
        let said = match at(text, end) {
            b'=' => &text[start..end - run_back(text, end, end - start, |byte| byte != b' ')],
            _ => &text[start..end],
        };
        let said = said.trim_ascii();
        match lexicon::meaning(said, None) {
            Meaning::Unknown | Meaning::Message => {}
            meaning => return meaning,
        }
        // `Session Identifier`
        match said.iter().rposition(|byte| *byte == b' ').map(|space| (&said[..space], &said[space + 1..])) {
            Some((first, b"Identifier" | b"identifier" | b"Value" | b"String" | b"Text" | b"Hash")) => {
                lexicon::meaning(first, None)
            }
            _ => Meaning::Unknown,
        }
    }
}

/// Whether a plan of changes speaks of a thing that holds a secret, right before.
fn is_in_vault(lead: &[u8]) -> bool {
    const THINGS: [&[u8]; 6] =
        [b"_ssm_parameter.", b"_secret.", b"_secret_version.", b"_secretsmanager_", b"vault_", b"_key_vault_"];
    let near = &lead[lead.len().saturating_sub(MAX_NEAR)..];
    THINGS.iter().any(|thing| memchr::memmem::find(near, thing).is_some())
}
