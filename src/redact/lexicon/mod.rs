//! What a key means: whether the value under `customer_email`, `Nachname` or `郵便番号` is personal, a secret, a person's
//! own words, or something that an operator needs.
//!
//! A key is split into words and judged by its end: the longest run of last words that [`words`] knows decides, the
//! words before it and the key around it say whose it is. `product_name` is no name, `email_count` no address, and
//! `name` within `buyer` is one.
//!
//! `split` parts keys, `table` looks words up in `words`, `more_languages`, `classes`; where none decides, `inferred` does.

mod business;
mod classes;
mod delivery_notes;
mod east_asian;
pub(super) mod goods;
mod inferred;
mod more_languages;
mod pairs;
mod predicate;
pub mod schema;
mod split;
mod split_key;
mod table;
mod words;
mod words_to;

#[cfg(test)]
mod tests;

pub use self::business::{
    Business, is_of_order, is_of_scans, is_of_site, is_of_stock, is_plain_name, is_reason, is_remark, is_search,
    is_trading, logs_in,
};
use self::classes::Class;
use self::inferred::{is_address_word, is_correspondence, is_line, is_line_word, is_ordinal, surmised, words_of};
pub use self::inferred::{is_bare_id, is_of_app, is_of_gift, is_of_goods, is_of_thing, is_thing};
pub use self::pairs::Pair;
use self::split::Words;
pub use self::split_key::{SplitKey, is_person, pair};
use self::words::Sense;
use super::Kind;

/// What the value under a key is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Meaning {
    /// Personal: the whole value goes, in whatever language or form it is.
    Personal(Kind),
    /// A secret: the whole value goes.
    Secret(Kind),
    /// A person's own words. The whole value goes, unless it is structured itself (a JSON text, a form), when what is
    /// in it is judged key by key.
    FreeText(Kind),
    /// The log's own message, or one whose author is not known: it is searched like a line.
    Message,
    /// Personal or not: the value's shape and the keys beside it decide. `name` beside `email` is a person's, beside
    /// `sku` it is not; `code` beside `grant_type` is a secret.
    Doubtful(Kind),
    /// What operators look for. Detectors that prove what they find (an e-mail address, a card, an IBAN, a token) still
    /// apply, those that guess (a bare run of digits, a word with a capital) do not.
    Keep,
    /// Nothing is known: all detectors apply.
    Unknown,
}

/// The meaning of `key`, which stands in `parent` if that is known. Both are decoded already (no percent signs, no
/// escapes); a key may be a path (`buyer.name`, `order[buyer][name]`), when its own last segment but one counts as the
/// parent. Keys in any writing: `buyerEmail`, `BUYER_EMAIL`, `buyer-email`, `buyeremail`.
pub fn meaning(key: &[u8], parent: Option<&[u8]>) -> Meaning {
    let key = predicate::subject(key);
    if is_unknown(key, parent) { Meaning::Unknown } else { meaning_of(&split::path(key), parent) }
}

/// Whether the meaning of `key` is unknown at first sight.
fn is_unknown(key: &[u8], parent: Option<&[u8]>) -> bool {
    // `ip-10-70-145-57`: a machine's own name in a cloud.
    let machine = key.strip_prefix(b"ip-").and_then(<[u8]>::first).is_some_and(u8::is_ascii_digit);
    machine || !table::may_end(key) && parent.is_none() && !key.contains(&b'.') && !key.contains(&b'[')
}

fn meaning_of(path: &split::Path, parent: Option<&[u8]>) -> Meaning {
    let around = if path.within.is_none() {
        parent.map(predicate::subject).map(split::last).filter(|words| words.len() > 0)
    } else {
        None
    };
    let within = path.within.as_ref().or(around.as_ref());
    if path.key.len() == 0 {
        return within.map_or(Meaning::Unknown, |within| own(within, None));
    }
    own(&path.key, within)
}

/// Whether no word of the lexicon can be the end of `key`: [`meaning`] without a parent is [`Meaning::Unknown`]. Cheap.
pub fn is_strange(key: &[u8]) -> bool {
    !table::may_end(predicate::subject(key))
}

fn own(words: &Words, within: Option<&Words>) -> Meaning {
    let count = words.len();
    if count > 1
        && let Some(found) = words_to::addressed(words)
    {
        return found;
    }
    if count > 1 && is_question(words) && known(words).is_none() {
        return words_to::asked_for(words);
    }
    if delivery_notes::is_told(words, within) {
        return Meaning::FreeText(Kind::Text);
    }
    if let Some((from, sense)) = ending(words, count) {
        let device = inferred::id_of_device(words, within);
        return device.unwrap_or_else(|| decide(words, from, sense, within));
    }
    // A last word that says nothing of its own.
    let (before, class) = (count - 1, table::class(undigited(words.word(count - 1))));
    match class {
        Some(Class::Clear | Class::Number) => {
            // `address_field_one`
            for before in (1..=before).rev() {
                if let Some((from, sense)) = ending(words, before) {
                    return decide(words, from, sense, within);
                }
                let clear = matches!(table::class(words.word(before - 1)), Some(Class::Clear | Class::Number));
                if !clear && words.word(before - 1) != "field" {
                    break;
                }
            }
        }
        Some(Class::Measure) if before > 0 => return Meaning::Keep,
        _ => {}
    }
    if count == 1
        && let Some(found) = run_together(words.joined())
    {
        return found;
    }
    match inherited(words, class, within) {
        Meaning::Unknown if class.is_none() => surmised(words),
        meaning => meaning,
    }
}

/// `has_address`, `num_emails`
fn is_question(words: &Words) -> bool {
    match table::class(words.word(0)) {
        Some(Class::Question) => true,
        Some(Class::Number) => words.joined().ends_with('s'),
        _ => false,
    }
}

/// A sense of all words together.
fn known(words: &Words) -> Option<Sense> {
    table::sense(words.joined()).or_else(|| table::sense(undigited(words.joined())))
}

/// The longest run of words before `end` that has a sense, and where it begins.
fn ending(words: &Words, end: usize) -> Option<(usize, Sense)> {
    // Numbers at the end: `address_2`.
    let mut end = end;
    while end > 1 && words.word(end - 1).bytes().all(|byte| byte.is_ascii_digit()) {
        let found = (0..end).find_map(|from| table::sense(words.between(from, end)).map(|sense| (from, sense)));
        if found.is_some() {
            return found;
        }
        end -= 1;
    }
    (0..end).find_map(|from| {
        let run = words.between(from, end);
        let stem = undigited(run);
        let sense = table::sense(run)
            .or_else(|| table::sense(stem))
            .or_else(|| stem.strip_suffix('s').filter(|one| one.len() > 3).and_then(table::sense));
        sense.map(|sense| (from, sense))
    })
}

fn undigited(word: &str) -> &str {
    let stem = word.trim_end_matches(|character: char| character.is_ascii_digit());
    if stem.is_empty() { word } else { stem }
}

/// What a sense comes to, with the words before it and the key around it.
fn decide(words: &Words, from: usize, sense: Sense, within: Option<&Words>) -> Meaning {
    let before = (0..from).rev().find_map(|index| {
        table::class(undigited(words.word(index))).filter(|class| matches!(class, Class::Person | Class::Thing))
    });
    let whose = before.or_else(|| if from == 0 { within.and_then(standing) } else { None });
    match sense {
        Sense::Secret(kind) => Meaning::Secret(kind),
        Sense::FreeText(kind) => Meaning::FreeText(kind),
        // `depot_city`
        Sense::Personal(Kind::Place) if (0..from).any(|index| business::is_site(words.word(index))) => Meaning::Keep,
        Sense::Personal(kind) => Meaning::Personal(kind),
        Sense::Doubtful(kind @ Kind::Name) if words.joined() == "displayname" && whose == Some(Class::Person) => {
            Meaning::Personal(kind)
        }
        Sense::Doubtful(kind) => doubtful(kind, before, within),
        Sense::Name => match whose {
            Some(Class::Person) => Meaning::Personal(Kind::Name),
            Some(_) => Meaning::Keep,
            None if from > 0 => Meaning::Unknown,
            None => Meaning::Doubtful(Kind::Name),
        },
        Sense::Address => match (before, whose) {
            (Some(Class::Thing), _) => Meaning::Unknown,
            (None, _) if from > 0 => address_of(words.word(from - 1)),
            _ if from == 0 => within.map_or(Meaning::Personal(Kind::Postal), address_within),
            _ => Meaning::Personal(Kind::Postal),
        },
        Sense::Place => match (before, within) {
            (Some(Class::Person), _) => Meaning::Personal(Kind::Place),
            (None, Some(within)) if from == 0 && is_address(within) => Meaning::Personal(Kind::Place),
            // The state of an authorisation, which is a secret, or of a machine.
            (None, None) if from == 0 && words.joined() == "state" => Meaning::Doubtful(Kind::Token),
            _ => Meaning::Unknown,
        },
        Sense::Message => match whose {
            Some(Class::Person) => Meaning::FreeText(Kind::Text),
            _ if within.is_some_and(|within| from == 0 && is_correspondence(within)) => Meaning::FreeText(Kind::Text),
            _ if from > 0 && table::class(words.word(from - 1)).is_none() => words_of(words.word(from - 1)),
            _ => Meaning::Message,
        },
        // `recipient[unit]`: a flat, or what something is measured in.
        Sense::Keep if words.joined() == "unit" && within.is_some_and(is_address) => Meaning::Doubtful(Kind::Postal),
        // `id` and its like after a word that is more: `address.id` is kept, `passport_id` is in the lexicon itself.
        Sense::Keep if is_line(words) && within.is_some_and(is_address) => Meaning::Personal(Kind::Postal),
        // `street_line`, `address_text`
        Sense::Keep if from > 0 && is_line_word(words.word(from)) && is_address_word(words.word(from - 1)) => {
            Meaning::Personal(Kind::Postal)
        }
        // `first_line`: of an address, or of a file.
        Sense::Keep if from > 0 && is_line_word(words.word(from)) && is_ordinal(words.word(from - 1)) => {
            Meaning::Doubtful(Kind::Postal)
        }
        // `cac:PartyTaxScheme/cbc:CompanyID` of UBL.
        Sense::Keep
            if words.joined() == "companyid" && within.is_some_and(|within| within.joined().contains("tax")) =>
        {
            Meaning::Personal(Kind::Tax)
        }
        Sense::Keep => Meaning::Keep,
    }
}

fn doubtful(kind: Kind, before: Option<Class>, within: Option<&Words>) -> Meaning {
    match (kind, before) {
        (Kind::Name, Some(Class::Person)) => Meaning::Personal(kind),
        (_, Some(Class::Thing)) => Meaning::Unknown,
        _ => match within.and_then(|within| ending(within, within.len())) {
            // `card.code`, `session.key`
            Some((_, Sense::Secret(secret))) if kind == Kind::Token => Meaning::Secret(secret),
            _ => Meaning::Doubtful(kind),
        },
    }
}

fn address_of(word: &str) -> Meaning {
    match word {
        "remote" | "peer" | "source" | "src" | "dst" | "dest" | "local" | "downstream" | "forwarded" | "net" => {
            Meaning::Personal(Kind::Address)
        }
        _ => Meaning::Personal(Kind::Postal),
    }
}

/// `email.address`, `mac.address`
fn address_within(within: &Words) -> Meaning {
    match ending(within, within.len()) {
        Some((_, Sense::Personal(kind @ (Kind::Email | Kind::Address)))) => Meaning::Personal(kind),
        Some((_, Sense::Doubtful(kind @ Kind::Device))) => Meaning::Personal(kind),
        _ => Meaning::Personal(Kind::Postal),
    }
}

/// Whether what stands in it is a postal address.
fn is_address(words: &Words) -> bool {
    (0..words.len()).any(|index| {
        matches!(table::sense(undigited(words.word(index))), Some(Sense::Address | Sense::Personal(Kind::Postal)))
    }) || matches!(known(words), Some(Sense::Personal(Kind::Postal | Kind::Place) | Sense::Address))
        || matches!(
            words.joined(),
            "location"
                | "loc"
                | "shipping"
                | "billing"
                | "recipient"
                | "buyer"
                | "customer"
                | "consignee"
                | "shipto"
                | "billto"
                | "destination"
        )
}

/// What a surrounding key is about: by its last word that says so.
fn standing(words: &Words) -> Option<Class> {
    let relevant = |word: &str| {
        let stem = undigited(word);
        table::class(stem)
            .or_else(|| stem.strip_suffix('s').and_then(table::class))
            .filter(|class| matches!(class, Class::Person | Class::Thing))
    };
    let within = |count: usize| (0..count).rev().find_map(|index| relevant(words.word(index)));
    let whole = relevant(words.joined()).or_else(|| within(words.len()));
    // `BuyerRef`, `CustomerModel`: what a program holds somebody in.
    let last = words.len().saturating_sub(1);
    if whole == Some(Class::Thing) && last > 0 && classes::is_holder(words.word(last)) {
        return within(last).or(whole);
    }
    whole
}

/// Words without a break: `customeremail`, `productname`, `shiptoname`.
fn run_together(word: &str) -> Option<Meaning> {
    const SHORTEST: usize = 3;
    if !word.is_ascii() {
        return east_asian::run_together(word);
    }
    if word.len() < 2 * SHORTEST - 1 {
        return None;
    }
    let stem = undigited(word);
    // `telefonocontacto`, `emailkunde`: what it is before whose it is.
    let reversed = (SHORTEST..stem.len().saturating_sub(2)).find_map(|at| {
        let (first, rest) = stem.split_at(at);
        let rest = ["de", "del", "des", "du", "di", "do", "da", "van", "von", "der"]
            .iter()
            .find_map(|small| rest.strip_prefix(small).filter(|rest| table::class(rest) == Some(Class::Person)))
            .unwrap_or(rest);
        match table::sense(first) {
            Some(Sense::Personal(kind))
                if table::class(rest) == Some(Class::Person) || kind == Kind::Phone && rest == "contacto" =>
            {
                Some(Meaning::Personal(kind))
            }
            Some(Sense::Address) if table::class(rest) == Some(Class::Person) => Some(Meaning::Personal(Kind::Postal)),
            Some(Sense::Name) if table::class(rest) == Some(Class::Person) => Some(Meaning::Personal(Kind::Name)),
            _ => None,
        }
    });
    if reversed.is_some() {
        return reversed;
    }
    (SHORTEST..stem.len().saturating_sub(1)).find_map(|at| {
        let (first, rest) = stem.split_at(at);
        let class =
            table::class(first).filter(|class| matches!(class, Class::Person | Class::Thing | Class::Question))?;
        let sense = table::sense(rest).or_else(|| rest.strip_suffix('s').and_then(table::sense));
        let Some(sense) = sense else {
            // `customershippingaddress`
            let inner = run_together(rest)?;
            return Some(inner);
        };
        let person = class == Class::Person;
        Some(match sense {
            _ if class == Class::Question => Meaning::Keep,
            Sense::Name if person => Meaning::Personal(Kind::Name),
            Sense::Address if person => Meaning::Personal(Kind::Postal),
            Sense::Place if person => Meaning::Personal(Kind::Place),
            Sense::Message if person => Meaning::FreeText(Kind::Text),
            Sense::Message => Meaning::Message,
            Sense::Name | Sense::Keep => Meaning::Keep,
            Sense::Address | Sense::Place | Sense::Doubtful(_) => Meaning::Unknown,
            Sense::Personal(kind) => Meaning::Personal(kind),
            Sense::Secret(kind) => Meaning::Secret(kind),
            Sense::FreeText(kind) => Meaning::FreeText(kind),
        })
    })
}

/// Parts of what the key around them says: `phone.number`, `name.first`, `email.value`, and whatever stands in an
/// address.
fn inherited(words: &Words, class: Option<Class>, within: Option<&Words>) -> Meaning {
    let single = words.len() == 1;
    if single
        && matches!(class, Some(Class::Measure | Class::Question))
        && !matches!(class, Some(Class::Question) if words.joined().len() < 3)
    {
        return Meaning::Keep;
    }
    let Some(within) = within else { return Meaning::Unknown };
    let part =
        single && (matches!(class, Some(Class::Clear | Class::Number | Class::Person)) || words.joined().len() <= 2);
    match ending(within, within.len()).map(|(from, sense)| decide(within, from, sense, None)) {
        Some(Meaning::Personal(kind)) if part || kind == Kind::Postal => Meaning::Personal(kind),
        Some(Meaning::Doubtful(Kind::Name)) if class == Some(Class::Person) => Meaning::Personal(Kind::Name),
        Some(Meaning::Doubtful(Kind::Name)) if part => Meaning::Doubtful(Kind::Name),
        Some(Meaning::Secret(kind)) if part => Meaning::Secret(kind),
        Some(Meaning::FreeText(kind)) if part => Meaning::FreeText(kind),
        _ => Meaning::Unknown,
    }
}
