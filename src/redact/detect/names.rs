//! Names of people in running text: what follows a title, a role, or an act done to somebody, and looks like a name.

use std::sync::LazyLock;

use super::name_introduced::{is_by, is_done, is_matter, is_of_amount, verb};
use super::name_shape;
use super::name_words::{ACTS, FILLERS, OTHERS, PARTICLES, PREPOSITIONS, ROLES, TITLES};
use super::signer;
use super::text::{at, before, is_word, run, run_back, through, with};
use super::title;
use super::words::Words;

/// The name that begins with the capital, or the letter beyond ASCII, at `from`, if the words before announce one.
pub fn find(text: &[u8], from: usize) -> Option<(usize, usize)> {
    // Most words announce nothing and are no part of a name.
    let Some((word, begin)) = word_before(text, from) else {
        return title::follows_inner(text, from).then(|| tokens(text, from)).flatten().map(|(end, _)| (from, end));
    };
    if WORDS.lists(word) & !OTHER == 0
        && !title::is_dotted(text, begin, begin + word.len())
        && !matches!(
            word,
            b"M" | b"Sr"
                | b"Sra"
                | b"D"
                | b"Tag"
                | b"Morgen"
                | b"Abend"
                | b"dag"
                | b"morning"
                | b"evening"
                | b"afternoon"
        )
    {
        return None;
    }
    let (start, least) = match announced(text, from) {
        Some(least) => (from, least),
        None => (before_particles(text, from)?, 1),
    };
    let (end, count) = tokens(text, from)?;
    // `Customer Supplied Package`, `Colour "Lady Pink"`
    let titled = is(word, TITLE) || super::given::begins(&text[start..end]);
    let called = || is(word, ROLE) && super::cell::is_called(&text[start..end]);
    let goods = count >= 2 && super::cell::has_thing(&text[start..end]) && !titled && !called()
        || word_before(text, from).is_some_and(|(_, title)| super::goods::is_article(text, title));
    let enough = (count >= least || is_one_word(&text[start..end]))
        && !name_shape::is_technical(text, word, (start, end), (count, WORDS.lists(word) & ACT != 0));
    // `Anfrage von Amazon-Käufer`: small words, and one that a shop writes.
    let goods = goods
        || start < from
            && super::boilerplate::is_boilerplate(&text[start..end])
            && word_before(text, start).is_none_or(|(word, _)| !is(word, TITLE));
    // `["M", "L"]`: sizes.
    (enough && end - from > 1 && !goods && !super::goods::is_brand(&text[start..end])).then_some((start, end))
}

/// `한태현`, `田中太郎`: two to four characters of a script that writes a whole name as one word.
pub fn is_one_word(name: &[u8]) -> bool {
    matches!(name.first(), Some(0xe3..=0xed)) && matches!(name.len(), 6 | 9 | 12) && is_script(name)
}

/// `M. de la Tour`: where the small words before the capital begin, if a title or role stands before them.
fn before_particles(text: &[u8], from: usize) -> Option<usize> {
    let mut start = from;
    for _ in 0..3 {
        let Some((word, begin)) = word_before(text, start) else { break };
        let small = word.len() >= 2 && word[0].is_ascii_lowercase() && start - begin == word.len() + 1;
        if !small || !is(word, PARTICLE) {
            break;
        }
        start = begin;
    }
    (start < from).then(|| announced(text, start).map(|_| start)).flatten()
}

/// Whether a word stands before names, or is one of grammar.
pub fn announces(word: &[u8]) -> bool {
    is(word, TITLE | ROLE | ACT | PREPOSITION | FILLER)
}

/// Whether a word is a role of people in the shop's life.
pub fn is_role(word: &[u8]) -> bool {
    is(word, ROLE)
}

/// Two to five words of a name and nothing else.
pub fn is_name_of_words(text: &[u8]) -> bool {
    tokens(text, 0).is_some_and(|(end, count)| end == text.len() && (2..=4).contains(&count))
}

/// Words of a name and nothing else, be it one.
pub fn is_words(text: &[u8]) -> bool {
    tokens(text, 0).is_some_and(|(end, count)| end == text.len() && (1..=5).contains(&count))
}

/// Two to five words of a name of which one has letters beyond ASCII: in a log that is a person, or a place.
pub fn is_foreign_name(text: &[u8]) -> bool {
    !text.is_ascii() && is_name_of_words(text)
}

/// The same without quotes around it: the run that begins at `from`.
pub fn foreign(text: &[u8], from: usize) -> Option<(usize, usize)> {
    // Most capitals are asked in vain: letters beyond ASCII stand in the first words or nowhere.
    if from == 0 || text[from..text.len().min(from + 40)].is_ascii() {
        return None;
    }
    // `Kundin Дмитрий …`: the role stands before the name.
    let first = run(text, from, 32, |byte| byte.is_ascii_alphabetic() || byte >= 0x80);
    if is(&text[from..from + first], TITLE | ROLE) {
        return None;
    }
    let (end, count) = tokens(text, from)?;
    // `received at FC Poznań`, `Filiale München Ost`: nobody is a place.
    let placed = |word: &[u8]| matches!(word, b"at" | b"in" | b"im") || super::goods::is_shop(word);
    if word_before(text, from).is_some_and(|(word, start)| start + word.len() + 1 == from && placed(word)) {
        return None;
    }
    // `Πλατεία Κάνιγγος 5`
    let is_lead = super::residence::leads_to_number(&text[from..], end - from);
    if is_lead {
        return None;
    }
    if super::street::is_street(text, from, end) {
        return None;
    }
    let name = &text[from..end];
    let initial = name[0] >= 0x80 || name.get(1).is_some_and(|byte| byte.is_ascii_lowercase() || *byte >= 0x80);
    // Scripts without spaces write whole sentences so.
    let spaced = !String::from_utf8_lossy(name).chars().any(
        |character| matches!(character, '\u{2e80}'..='\u{9fff}' | '\u{ac00}'..='\u{d7af}' | '\u{ff00}'..='\u{ffef}'),
    );
    let thing =
        super::cell::has_thing(name) || super::firms::has_legal_form(name) || super::goods::is_quoted_brand(text, from);
    (initial
        && !thing
        && !super::goods::is_of_goods(text, from, end)
        && spaced
        && !name.is_ascii()
        && (2..=5).contains(&count))
    .then_some((from, end))
}

/// How many words a name needs here: none are announced, one after a title or role, two after an act.
fn announced(text: &[u8], from: usize) -> Option<usize> {
    let (word, start) = word_before(text, from)?;
    // `"message":"Gateway Timeout"`: a pair, of which the key's meaning decides.
    let gap = &text[start + word.len()..from];
    if gap.contains(&b':') && gap.ends_with(b"\"") {
        return None;
    }
    // Milliseconds; `MS Compiler`.
    if word == b"ms" || word == b"MS" && at(text, from + 1).is_ascii_lowercase() {
        return None;
    }
    let lists = WORDS.lists(word);
    if lists & ROLE != 0
        && let Some(trades) = signer::trades(text, word, start)
    {
        return trades.then_some(1);
    }
    if lists & (TITLE | ROLE) != 0 {
        // `Provider name: SUN`: a thing's.
        let earlier = || word_before(text, start).filter(|(_, begin)| text[*begin..start].ends_with(b" "));
        if word.eq_ignore_ascii_case(b"name")
            && earlier().is_some_and(|(word, _)| crate::redact::lexicon::is_thing(word))
        {
            return None;
        }
        // `after the variable name. Only …`: another sentence.
        return Some(1 + usize::from(lists & TITLE == 0 && word.len() > 3 && gap == b". "));
    }
    if title::is_dotted(text, start, start + word.len()) {
        let other = tokens(text, from).is_some_and(|(end, _)| super::given::is_other(&text[from..end]));
        return (!other).then_some(1);
    }
    // `Guten Tag`, `god dag`
    if matches!(word, b"Tag" | b"Morgen" | b"Abend" | b"dag" | b"morning" | b"evening" | b"afternoon") {
        let (earlier, _) = word_before(text, start)?;
        let greets = [&b"guten"[..], b"god", b"goede", b"good"].iter().any(|known| earlier.eq_ignore_ascii_case(known));
        return greets.then_some(1);
    }
    if matches!(word, b"M" | b"Sr" | b"Sra") || word == b"D" && before(text, from - 1) == b'.' {
        return Some(1);
    }
    if lists & ACT != 0 {
        return Some(if signer::is_one(text, word, start, from) { 1 } else { 2 });
    }
    if lists & FILLER != 0 {
        return verb(text, word, start);
    }
    if lists & PREPOSITION != 0 { after_preposition(text, from, word, start) } else { None }
}

/// The same after a preposition that begins at `start`: what was done to, for or by somebody.
fn after_preposition(text: &[u8], from: usize, word: &[u8], start: usize) -> Option<usize> {
    let by = is_by(word);
    // `parcel 1Z7OV7PJ7571468257 for …`: an id between.
    let code = run_back(text, start.saturating_sub(1), 40, |byte| byte > b' ');
    let token = &text[start.saturating_sub(1) - code..start.saturating_sub(1)];
    let numbers = token.iter().filter(|byte| byte.is_ascii_digit()).count();
    let is_code = (numbers >= 6 || by && numbers >= 2)
        && token.iter().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'#'))
        || token.len() == 10 && token.starts_with(b"B0") && token.iter().all(u8::is_ascii_alphanumeric);
    let start = if is_code { start - 1 - code } else { start };
    let (mut earlier, mut start) = word_before(text, start)?;
    // `signed for by`
    if earlier == b"for"
        && let Some(act) = signer::act_before(text, start)
    {
        (earlier, start) = act;
    }
    if signer::is_one(text, earlier, start, from) {
        return Some(1);
    }
    // `received a STREAM message`, `signed by a Trusted Responder`: an article, before a thing.
    if matches!(word, b"a" | b"an")
        && (earlier.ends_with(b"ed") || matches!(earlier, b"by" | b"sent" | b"Send" | b"send"))
    {
        return None;
    }
    let lists = WORDS.lists(earlier);
    let clear = || tokens(text, from).is_some_and(|(end, _)| !super::given::is_other(&text[from..end])).then_some(2);
    if by && !is_code && is_matter(earlier) {
        return clear();
    }
    if by && is_code && is_matter(earlier) {
        return Some(2);
    }
    if by && is_done(earlier) && lists & (ACT | ROLE) == 0 {
        return clear();
    }
    let act = lists & ACT != 0
        || matches!(earlier, b"printed" | b"packed")
        || is_of_amount(text, start, earlier)
        || lists & PREPOSITION != 0 && word_before(text, start).is_some_and(|(act, _)| is(act, ACT));
    act.then_some(2)
}

/// The word before `from` with its start, over a space and a mark.
pub(super) fn word_before(text: &[u8], from: usize) -> Option<(&[u8], usize)> {
    let mut end = from;
    // `Hallo <b>Jane Doe</b>`
    if before(text, end) == b'>' && is_word(at(text, from)) {
        let tag = run_back(text, end - 1, 40, |byte| byte != b'<' && byte != b'>' && byte >= b' ');
        let open = end - 1 - tag;
        if before(text, open) == b'<' && at(text, open) != b'/' && before(text, open - 1) == b' ' {
            end = open - 1;
        }
    }
    end -= run_back(text, end, 3, |byte| {
        matches!(byte, b' ' | b'.' | b':' | b',' | b'"' | b'\'' | b'(' | b'[' | b'#' | b'*')
    });
    if end == from {
        return None;
    }
    let length =
        run_back(text, end, 24, |byte| byte.is_ascii_alphabetic() || byte >= 0x80 || matches!(byte, b'/' | b'-'));
    let mut start = end - length;
    // `l’acheteuse`, `dall’acquirente`: an article before an apostrophe that is not of ASCII.
    if let Some(mark) = text[start..end].iter().take(6).position(|byte| *byte == 0xe2)
        && text[start + mark..end].starts_with("’".as_bytes())
    {
        start += mark + "’".len();
        return (start < end).then(|| (&text[start..end], start));
    }
    // Not the end of a longer word: `com.acme.Buyer`, `on_customer`.
    let alone = length > 0
        && !matches!(before(text, start), b'.' | b'_' | b'$' | b'\\')
        && !before(text, start).is_ascii_digit();
    alone.then(|| (&text[start..end], start))
}

const TITLE: u8 = 1;
pub(super) const ROLE: u8 = 2;
pub(super) const ACT: u8 = 4;
const PREPOSITION: u8 = 8;
const FILLER: u8 = 16;
const PARTICLE: u8 = 32;
const OTHER: u8 = 64;

/// The lists of this file, in the order of their bits.
static WORDS: LazyLock<Words> =
    LazyLock::new(|| Words::new(&[TITLES, ROLES, ACTS, PREPOSITIONS, FILLERS, PARTICLES, OTHERS]));

/// Whether `word` is on one of `lists`.
pub(super) fn is(word: &[u8], lists: u8) -> bool {
    WORDS.lists(word) & lists != 0
}

/// Words of a name from `from` on: where they end, and how many there are, particles aside.
pub fn tokens(text: &[u8], from: usize) -> Option<(usize, usize)> {
    if from > text.len() {
        return None;
    }
    let mut end = from;
    let mut next = from;
    let mut count = 0;
    for index in 0..8 {
        let length = run(text, next, 64, is_letter);
        let mut word = &text[next..next + length];
        while let Some(trimmed) =
            word.strip_suffix(b"'").or_else(|| word.strip_suffix(b"-")).or_else(|| word.strip_suffix(b"."))
        {
            if word.ends_with(b".") && (word.len() <= 3 || is(trimmed, TITLE) || title::is_dotted_word(trimmed)) {
                break;
            }
            word = trimmed;
        }
        let is_particle = index > 0 && is(word, PARTICLE);
        if !is_particle
            && (!is_name(word)
                || is(word, OTHER)
                || text[..next + length].ends_with(b"-") && at(text, next + length).is_ascii_digit()
                || matches!(at(text, next + length), b'=' | b'_' | b'(' | b'/' | b'@' | b'\\' | b'+' | b'0'..=b'9'))
        {
            break;
        }
        if !is_particle {
            count += 1;
            end = next + word.len();
        }
        // A word that ends in a mark ends the name, an initial's dot aside.
        if !is_particle && word.len() < length || at(text, next + length) != b' ' {
            break;
        }
        next += length + 1;
    }
    (count > 0).then_some((end, count))
}

/// A byte of a word of a name.
#[inline]
pub fn is_letter(byte: u8) -> bool {
    LETTERS[usize::from(byte)]
}

static LETTERS: [bool; 256] =
    with(through(through(through([false; 256], b'A', b'Z'), b'a', b'z'), 0x80, 0xff), b"'-.`");

/// Whether one of the small words of names begins at `from`: `van der Berg`.
pub fn begins_particle(text: &[u8], from: usize) -> bool {
    let length = run(text, from, 8, is_letter);
    length > 0 && (is(&text[from..from + length], PARTICLE) || text[from + 1..].starts_with(b"'"))
}

/// A capital and small letters, an initial, several capitals, or a word in another script.
fn is_name(word: &[u8]) -> bool {
    match word {
        [first, rest @ ..] if first.is_ascii_uppercase() => {
            let dotted = rest.iter().position(|byte| *byte == b'.');
            // `Foo.bar` is code, `J.` and `J.R.` are initials.
            let is_code = dotted.is_some_and(|dot| dot + 1 < rest.len() && rest[dot + 1].is_ascii_lowercase());
            !is_code && !name_shape::is_identifier(word) && (!rest.is_empty() || word.len() == 1)
        }
        [first, ..] if *first >= 0x80 => is_script(word) && !begins_small(word),
        // `d'Aubigny`, `dell'Orto`
        _ => word.iter().position(|byte| *byte == b'\'').is_some_and(|mark| {
            (1..=4).contains(&mark) && word.get(mark + 1).is_some_and(|byte| byte.is_ascii_uppercase() || *byte >= 0x80)
        }),
    }
}

/// `übergeben`: no name begins so, and many a word does.
pub fn begins_small(word: &[u8]) -> bool {
    let first = &word[..word.len().min(4)];
    let first = first.utf8_chunks().next().map_or("", |chunk| chunk.valid());
    first.chars().next().is_some_and(char::is_lowercase)
}

/// Letters beyond ASCII, not the marks, arrows and pictures that logs are adorned with.
pub fn is_script(word: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(word) else { return false };
    let beyond = || text.chars().filter(|character| !character.is_ascii());
    let adorns =
        |character: char| matches!(character, '\u{2010}'..='\u{2bff}' | '\u{fffd}' | '\u{1f000}'..='\u{1faff}');
    // `Ã‡orlu`: UTF-8 that was read as Windows-1252, where a mark is the second half of a letter.
    let mut before = ' ';
    let mut marked = |character: char| {
        let half = matches!(std::mem::replace(&mut before, character), 'Â'..='Å' | 'Ð' | 'Ñ');
        adorns(character) && !half
    };
    !word.is_ascii() && beyond().any(char::is_alphabetic) && !text.chars().any(&mut marked)
}
