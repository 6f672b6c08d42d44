//! What somebody sought, where it says nothing of anybody: goods in a catalogue, words that a shop pays for.

use crate::redact::detect::boilerplate::{is_of_self, is_personal};
use crate::redact::detect::text::{at, before, run_back};
use crate::redact::detect::{given, goods, names};
use crate::redact::lexicon::{self, Meaning};

use super::special;

/// Bytes of a query on either side of a value.
const MAX_QUERY: usize = 256;
/// Pairs of a query that are asked.
const MAX_PAIRS: usize = 16;

/// `/catalog?q=garden+chair&sort=price_asc`: words that are sought among goods, as the other parameters say; what is
/// called as people are, or numbered as they are, is not.
pub fn is_search_of_goods(text: &[u8], key: (usize, usize), start: usize, end: usize) -> bool {
    let inside = matches!(before(text, key.0), b'?' | b'&') || at(text, end) == b'&';
    if !inside {
        return false;
    }
    let said = special::said(&text[start..end]);
    if said.len() > 80
        || said.contains(&b'@')
        || said.split(|byte| !byte.is_ascii_digit()).any(|digits| digits.len() > 4)
    {
        return false;
    }
    let somebody = is_somebody(&said) && !goods::is_brand(&said);
    // `Alexander Wang Tasche schwarz`: people are not sought with small words.
    if somebody && !has_small_word(&said) {
        return false;
    }
    let edge = |byte: u8| matches!(byte, b'"' | b'\n' | b'\t' | b'\\');
    let from = start - run_back(text, start, MAX_QUERY, |byte| byte > b' ' && !edge(byte));
    let rest = &text[end..text.len().min(end + MAX_QUERY)];
    let to = end + rest.iter().position(|byte| edge(*byte)).unwrap_or(rest.len());
    let mut goods = false;
    for pair in text[from..to].split(|byte| matches!(byte, b'?' | b'&')).take(MAX_PAIRS) {
        let mut halves = pair.splitn(2, |byte| *byte == b'=');
        let (name, Some(value)) = (halves.next().unwrap_or_default(), halves.next()) else { continue };
        // Somebody is sought beside whom his number stands.
        if matches!(lexicon::meaning(name, None), Meaning::Personal(_) | Meaning::Secret(_)) {
            return false;
        }
        // Whoever is called by two words may be a buyer, whatever shop is asked.
        goods |= is_of_catalogue(name, value)
            || is_of_maker(name) && (!names::is_name_of_words(&said) || has_small_word(&said));
    }
    goods
}

/// Whether a word is written small that is none of those that names have.
fn has_small_word(said: &[u8]) -> bool {
    said.iter().any(u8::is_ascii_uppercase)
        && !is_of_self(said)
        && said
            .split(|byte| *byte == b' ')
            .any(|word| word.len() >= 4 && word.iter().all(u8::is_ascii_lowercase) && !names::begins_particle(word, 0))
}

/// Whether a parameter says whose goods are sought.
fn is_of_maker(name: &[u8]) -> bool {
    [&b"brand"[..], b"brands", b"marke", b"marque", b"marca", b"merk", b"marka", b"manufacturer", b"hersteller"]
        .iter()
        .any(|known| name.eq_ignore_ascii_case(known))
}

/// Whether a name stands in it, or in small letters a part of one, or somebody speaks of himself.
fn is_somebody(said: &[u8]) -> bool {
    if !said.iter().any(u8::is_ascii_uppercase) {
        return is_personal(said);
    }
    is_of_self(said) || (0..said.len()).any(|at| before(said, at) <= b' ' && given::find(said, at).is_some())
}

/// Whether a parameter is one of a catalogue's: a price, a category, an order by price.
fn is_of_catalogue(name: &[u8], value: &[u8]) -> bool {
    let sorts = matches!(name, b"sort" | b"order" | b"orderby" | b"sort_by" | b"sortierung" | b"tri" | b"orden");
    lexicon::is_of_goods(name)
        || [&b"kat"[..], b"cat", b"categoria", b"categorie", b"kategorie", b"kategoria", b"rayon"].contains(&name)
        || sorts && [&b"pri"[..], b"prei", b"prec", b"prez", b"cena"].iter().any(|word| value.starts_with(word))
}

/// Whether what was sought is what a shop pays for to be found by: clicks and bids stand beside it.
pub fn is_of_adverts(text: &[u8], start: usize, end: usize) -> bool {
    let near = &text[start.saturating_sub(160)..text.len().min(end + 160)];
    !is_personal(&text[start..end])
        && [&b"clicks"[..], b"impressions", b"adgroup", b"ad_group", b"adGroup", b"acos", b"bid=", b"\"bid\""]
            .iter()
            .any(|word| memchr::memmem::find(near, word).is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_search_is_of_goods_where_its_other_parameters_are() {
        let asked = |text: &str| {
            let key = text.find("q=").unwrap();
            let start = key + 2;
            let end = text[start..].find(['&', ' ']).map_or(text.len(), |length| start + length);
            is_search_of_goods(text.as_bytes(), (key, key + 1), start, end)
        };
        assert!(asked("/catalog?q=garden+chair+set&sort=price_asc 200"));
        assert!(asked("/suche?kat=7715&q=Mixer+Serie+5000&seite=19"));
        assert!(asked("q=abat-jour+en+verre&ean=4006381333931"));
        assert!(!asked("/customers?q=garden+chair&page=2"));
        assert!(!asked("/search?q=abat-jour+en+verre&phone=0&asin=B0CXYZ1234"));
        assert!(!asked("/suche?q=Petra+Beispiel&sort=preis_auf"));
        assert!(!asked("/suche?q=0176+55501234&sort=preis_auf"));
    }
}
