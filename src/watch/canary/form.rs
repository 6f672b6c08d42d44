//! How a planted value may be spelt where it is met.

use unicode_normalization::UnicodeNormalization as _;

/// Shortest spelling, in bytes: shorter ones are met by chance.
pub const MIN_BYTES: usize = 9;
/// Longest spelling, in bytes: an e-mail address has at most 254.
pub const MAX_BYTES: usize = 254;

/// What a planted value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// An order's id: groups of letters and digits.
    OrderId,
    /// An e-mail address.
    Email,
    /// A person's name.
    Name,
    /// Any other text.
    Text,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::OrderId, Self::Email, Self::Name, Self::Text];

    /// As files and arguments spell it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::OrderId => "order_id",
            Self::Email => "email",
            Self::Name => "name",
            Self::Text => "text",
        }
    }
}

/// Why a value cannot be a canary.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FormFault {
    /// Fewer than [`MIN_BYTES`].
    #[error("is too short: a canary has at least {MIN_BYTES} bytes, or it would be met by chance")]
    Short,
    /// More than [`MAX_BYTES`].
    #[error("is too long: a canary has at most {MAX_BYTES} bytes")]
    Long,
    /// A control character, quote or backslash.
    #[error("holds a control character, a quote or a backslash, which answers spell in many ways")]
    Character,
    /// Not of its kind.
    #[error("is not of this kind: an order id is letters and digits in groups, an e-mail address has one `@`")]
    Kind,
}

/// Every spelling under which a value is looked for. Letters A to Z and those of Latin-1 differ from their capitals in
/// one bit and are met in any case; others (as in `Željko`) are met small, each word with a capital, and all capitals, and
/// each of these is a spelling.
pub fn forms(kind: Kind, value: &str) -> Result<Vec<String>, FormFault> {
    if value.chars().any(|letter| letter.is_control() || matches!(letter, '"' | '\\')) {
        return Err(FormFault::Character);
    }
    let text = folded(value);
    let mut forms = match kind {
        Kind::OrderId => order_id(&text)?,
        Kind::Email => email(&text)?,
        Kind::Name => name(&text),
        Kind::Text => vec![text],
    };
    let cased: Vec<String> = forms.iter().flat_map(|form| [capitalised(form), form.to_uppercase()]).collect();
    for form in cased {
        if !forms.iter().any(|known| is_alike(known, &form)) {
            forms.push(form);
        }
    }
    // The first is the value itself; of the others, what is too short is not looked for.
    let first = forms.first().map_or(0, String::len);
    if first < MIN_BYTES {
        return Err(FormFault::Short);
    }
    if forms.iter().any(|form| form.len() > MAX_BYTES) {
        return Err(FormFault::Long);
    }
    let mut kept: Vec<String> = Vec::with_capacity(forms.len());
    for form in forms {
        if form.len() >= MIN_BYTES && !kept.contains(&form) {
            kept.push(form);
        }
    }
    Ok(kept)
}

/// Whether two spellings differ in nothing but the bit that tells lower from upper case.
fn is_alike(one: &str, other: &str) -> bool {
    one.len() == other.len() && one.bytes().zip(other.bytes()).all(|(one, other)| one | 0x20 == other | 0x20)
}

/// Each word with a capital.
fn capitalised(text: &str) -> String {
    let mut begins = true;
    let letters = text.chars().flat_map(|letter| {
        let capital = std::mem::replace(&mut begins, !letter.is_alphanumeric());
        let upper = letter.to_uppercase().take(if capital { 3 } else { 0 });
        upper.chain(Some(letter).filter(|_| !capital))
    });
    letters.collect()
}

/// Composed (NFC), in lower case, one space between words and none around them.
pub(super) fn folded(text: &str) -> String {
    let composed: String = text.nfc().flat_map(char::to_lowercase).collect();
    composed.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// With hyphens between the groups, and with nothing.
fn order_id(text: &str) -> Result<Vec<String>, FormFault> {
    let groups: Vec<&str> = text.split(is_separator).collect();
    let is_group = |group: &&str| !group.is_empty() && group.bytes().all(|byte| byte.is_ascii_alphanumeric());
    if !groups.iter().all(is_group) {
        return Err(FormFault::Kind);
    }
    Ok(vec![groups.join("-"), groups.concat()])
}

/// What stands between the groups of an order's id.
pub(super) const fn is_separator(letter: char) -> bool {
    matches!(letter, '-' | '_' | '.' | ' ' | '/')
}

/// As it is, and without what follows a `+`: both reach the same mailbox.
fn email(text: &str) -> Result<Vec<String>, FormFault> {
    let (local, domain) = text.split_once('@').ok_or(FormFault::Kind)?;
    if local.is_empty() || domain.is_empty() || domain.contains('@') || text.contains(' ') {
        return Err(FormFault::Kind);
    }
    let plain = local.split('+').next().unwrap_or(local);
    Ok(vec![text.to_owned(), format!("{plain}@{domain}")])
}

/// As it is, and with the last word first.
fn name(text: &str) -> Vec<String> {
    let mut forms = vec![text.to_owned()];
    if let Some((first, last)) = text.rsplit_once(' ') {
        forms.push(format!("{last}, {first}"));
        forms.push(format!("{last} {first}"));
    }
    forms
}
