//! Telephone numbers, as people write them in the marketplaces' countries.

use smallvec::SmallVec;

use super::keep;
use super::phone_words::{COUNTRIES, DOCUMENTS, NUMBERS, RUN_ON, STEMS, WORDS};
use super::text::{at, before, digits, has_word_before, is_word, run, run_back};

/// Digits and groups of a number, at most.
const MAX_DIGITS: usize = 16;
const MAX_GROUPS: usize = 12;

struct Run {
    digits: [u8; MAX_DIGITS],
    count: usize,
    /// After each group: digits so far, and the place in the text.
    ends: [(usize, usize); MAX_GROUPS],
    groups: usize,
}

impl Run {
    /// Digits of group `index`.
    fn group(&self, index: usize) -> usize {
        self.ends[index].0 - index.checked_sub(1).map_or(0, |last| self.ends[last].0)
    }
}

/// The number with a country's code, after `+`, that begins with the digit at `from`, or a mark before it.
pub fn international(text: &[u8], from: usize) -> Option<(usize, usize)> {
    // Most digits have no mark before them.
    if !matches!(before(text, from), b'+' | b'(' | 0x80..) {
        return None;
    }
    let start = lead(text, from);
    let plus = text[start..from].iter().any(|byte| matches!(byte, b'+' | 0x80..));
    if !plus || !begins(text, start) {
        return None;
    }
    // `'+5563998188'`: alone in its quotes it is a number, whatever the country's are like.
    let mark = before(text, start);
    let end = from + digits(text, from);
    if matches!(mark, b'"' | b'\'') && at(text, end) == mark && start + 1 == from && (9..=15).contains(&(end - from)) {
        return Some((start, end));
    }
    let run = read(text, from)?;
    longest(text, start, &run, |count, _, _| is_international(&run.digits[..count]))
        .map(|found| unbracketed(text, found))
}

/// The number without a country's code that begins with the digit at `from`, or with the bracket before it.
pub fn national(text: &[u8], from: usize) -> Option<(usize, usize)> {
    let start = lead(text, from);
    if text[start..from].contains(&b'+') || !begins(text, start) {
        return None;
    }
    let run = read(text, from)?;
    let bracketed = start < from;
    // `(11.482201 sec)`: a length of time.
    if run.groups == 2 && at(text, run.ends[0].1) == b'.' && is_timed(text, run.ends[1].1) {
        return None;
    }
    // `(30+20221128-1)`: a version and its day.
    let (first, second) = (run.ends[0].1, run.ends[usize::from(run.groups > 1)].1);
    if at(text, first) == b'+' && second - first == 9 && text[first + 1..].starts_with(b"20") {
        return None;
    }
    // `200 200 892 1344`: numbers of an access log, each a column.
    if !bracketed
        && before(text, start) == b' '
        && start > 1
        && text[start - 2].is_ascii_digit()
        && at(text, from) != b'0'
    {
        return None;
    }
    // `081109 203615 148 INFO`: a day and a time, at a line's start.
    if start == 0 && first == 6 && second == 13 && keep::is_day_and_time(&text[..13]) {
        return None;
    }
    // `signal-handler (1795364320)`: seconds since the epoch.
    // `used (8192/1024)`: two counts, and no number without a zero closes its bracket so late.
    if bracketed
        && run.groups == 2
        && second - from <= 10
        && at(text, second) == b')'
        && text[from] != b'0'
        && !is_told(text, start)
    {
        return None;
    }
    let epoch = bracketed && matches!(text[from..], [b'1', b'5'..=b'9', ..]) && first == from + 10;
    if epoch && at(text, first) == b')' {
        return None;
    }
    // `261114:0931+…`, `MAWB 020-66521150`: a time, a number of something else.
    if before(text, start) == b':' && start > 1 && text[start - 2].is_ascii_digit() || is_of_document(text, start) {
        return None;
    }
    // `[20.11.26, 13:23:01] 615851994: Hello`: who wrote in a chat.
    let wrote = |end: usize| {
        text[..start].ends_with(b"] ") && text[end..].starts_with(b": ") && at(text, end + 2).is_ascii_uppercase()
    };
    // Of each run of groups the same is asked.
    let said = std::cell::OnceCell::new();
    let told = || *said.get_or_init(|| !is_answered(text, start) && is_told(text, start));
    longest(text, start, &run, |count, index, end| {
        // `0044 …` in groups; without any it may be an id with zeros before it.
        let double_zero = index > 0 && matches_double_zero(text, from) && is_international(&run.digits[..count]);
        let fits = double_zero
            || is_national(&run, index, bracketed)
            || (7..=13).contains(&count) && is_grouped(&run, index) && (told() || count >= 9 && wrote(end));
        fits && plain(text, start, end)
    })
    .map(|found| unbracketed(text, found))
}

/// The number in a link that begins with the literal at `from`: `https://wa.me/4917155501982`, `tel:+49-30-5550198`.
pub fn link(text: &[u8], from: usize) -> Option<(usize, usize)> {
    if is_word(before(text, from)) {
        return None;
    }
    let start = from + run(text, from, 24, |byte| !byte.is_ascii_digit() && !matches!(byte, b'+' | b'"' | b' '));
    let start = if at(text, start) == b'%' { text.len().min(start + 3) } else { start };
    let length = run(text, start, 24, |byte| byte.is_ascii_digit() || matches!(byte, b'+' | b'-' | b'.' | b'(' | b')'));
    let end = start + length - run_back(text, start + length, 2, |byte| !byte.is_ascii_digit());
    let count = text[start..end.max(start)].iter().filter(|byte| byte.is_ascii_digit()).count();
    ((6..=15).contains(&count) && !is_word(at(text, end))).then_some((start, end))
}

/// ` sec`, ` ms)`: a unit of time behind a number.
fn is_timed(text: &[u8], end: usize) -> bool {
    let gap = usize::from(at(text, end) == b' ');
    let word = run(text, end + gap, 8, |byte| byte.is_ascii_alphabetic());
    matches!(
        &text[end + gap..end + gap + word],
        b"s" | b"ms"
            | b"us"
            | b"ns"
            | b"sec"
            | b"secs"
            | b"second"
            | b"seconds"
            | b"msec"
            | b"usec"
            | b"min"
            | b"minutes"
    )
}

/// Groups of two digits or more, but for one area of a single digit: `06 1 494 0088`.
fn is_grouped(run: &Run, last: usize) -> bool {
    let single = (0..=last).filter(|group| run.group(*group) < 2).count();
    single == 0 || single == 1 && run.ends[last].0 >= 9 && run.group(0) >= 2
}

/// Whether words before the number announce it.
fn is_told(text: &[u8], start: usize) -> bool {
    // `tel=347.558.8618&cmp=6957003`: what another parameter says is not said of this one.
    let near = &text[start.saturating_sub(28)..start];
    let near = memchr::memrchr(b'&', near).map_or(28, |mark| near.len() - mark - 1);
    // `COPY buyers (id, name, tel) FROM stdin; 2614026`: the row begins with another column.
    if text[..start].trim_ascii_end().ends_with(b"FROM stdin;") {
        return false;
    }
    if has_word_before(text, start, near, &WORDS) {
        return true;
    }
    // Words of other languages in whatever case: `telefonszáma`, `τηλεφώνου`. Scripts without spaces run into the number.
    let near = &text[start.saturating_sub(40)..start];
    let near = &near[near.iter().rposition(|byte| *byte == b'_').map_or(0, |mark| mark + 1)..];
    let lead = near.trim_ascii_end();
    let lead = lead.strip_suffix("：".as_bytes()).or_else(|| lead.strip_suffix(b":")).unwrap_or(lead);
    let runs_on = lead.last().is_some_and(|byte| *byte >= 0x80);
    runs_on && RUN_ON.iter().any(|word| lead.ends_with(word.as_bytes()))
        || super::text::split_words(near).any(|word| word.len() > 3 && STEMS.iter().any(|stem| begins_with(word, stem)))
}

/// Whether a word begins with `stem`, whatever the case of its ASCII letters.
fn begins_with(word: &[u8], stem: &str) -> bool {
    word[0] | 0x20 == stem.as_bytes()[0] | 0x20
        && word.get(..stem.len()).is_some_and(|start| start.eq_ignore_ascii_case(stem.as_bytes()))
}

/// Whether the word right before says that the number is a document's.
fn is_of_document(text: &[u8], start: usize) -> bool {
    let gap = run_back(text, start, 3, |byte| matches!(byte, b' ' | b'#' | b'=' | b':' | b'"'));
    let word = run_back(text, start - gap, 16, |byte| byte.is_ascii_alphabetic() || byte >= 0x80);
    gap > 0 && (DOCUMENTS.has(&text[start - gap - word..start - gap]) || is_numbered(text, start - gap))
}

/// `NF-e`, `nota fiscal nº`, `{"retoure":{"nummer":"`: words that end at `end` and lead to a document's number.
fn is_numbered(text: &[u8], end: usize) -> bool {
    let mut end = end;
    for _ in 0..3 {
        // `nr. `: only such a word has a dot here.
        let dot = usize::from(before(text, end) == b'.');
        end -= dot;
        let length = run_back(text, end, 16, |byte| is_word(byte) || byte == b'-');
        let word = &text[end - length..end];
        if dot == 0 && DOCUMENTS.has(word) {
            return true;
        }
        if !NUMBERS.has(word) && !word.eq_ignore_ascii_case("nº".as_bytes()) {
            return false;
        }
        end -= length;
        end -= run_back(text, end, 4, |byte| matches!(byte, b' ' | b'#' | b'.' | b'_' | b'"' | b'{' | b':'));
    }
    false
}

/// A bracket that opens before the number and closes behind it is not its own.
fn unbracketed(text: &[u8], (start, end): (usize, usize)) -> (usize, usize) {
    let own = text[start] != b'(' || text[start..end].contains(&b')');
    (start + usize::from(!own), end)
}

/// `GET /callers?type=caller 200 1305`: a status after a request's path.
fn is_answered(text: &[u8], start: usize) -> bool {
    let end = start - run_back(text, start, 1, |byte| byte == b' ');
    let length = run_back(text, end, 256, |byte| byte > b' ');
    matches!(at(text, start), b'1'..=b'5') && text[end - length..end].contains(&b'/')
}

/// The longest run of groups that fits: its digits, its last group and its end are asked for.
fn longest(text: &[u8], start: usize, run: &Run, fits: impl Fn(usize, usize, usize) -> bool) -> Option<(usize, usize)> {
    (0..run.groups).rev().find_map(|index| {
        let (count, end) = run.ends[index];
        ((is_cell(text, start, end) || !goes_on(text, end)) && fits(count, index, end))
            .then(|| (start, end + extension(text, end)))
    })
}

fn lead(text: &[u8], from: usize) -> usize {
    let mut start = from;
    // `Some(01 4596 957)`: a call's bracket is no number's.
    let is_call =
        |bracket: usize| text[bracket] == b'(' && is_word(before(text, bracket)) && before(text, bracket) < 0x80;
    while start > 0 && from - start < 3 && matches!(text[start - 1], b'+' | b'(') && !is_call(start - 1) {
        start -= 1;
    }
    if text[start..from].is_empty() && text[..from].ends_with("＋".as_bytes()) {
        return from - 3;
    }
    start
}

fn matches_double_zero(text: &[u8], from: usize) -> bool {
    text[from..].starts_with(b"00") && matches!(at(text, from + 2), b'1'..=b'9')
}

/// A number begins where a word would.
fn begins(text: &[u8], start: usize) -> bool {
    match before(text, start) {
        b'.' | b'-' | b'/' | b'_' | b'%' | b'#' | b'$' | b',' | b'+' => {
            start < 2
                || matches!(text[start - 1], b'/' | b',') && !text[start - 2].is_ascii_digit()
                || text[start - 2] <= b' '
        }
        // Of other scripts, a word may run into a number.
        byte => !is_word(byte) || byte >= 0x80,
    }
}

fn read(text: &[u8], from: usize) -> Option<Run> {
    let mut found = Run { digits: [0; MAX_DIGITS], count: 0, ends: [(0, 0); MAX_GROUPS], groups: 0 };
    let (mut at_end, mut spaced) = (from, false);
    while found.groups < MAX_GROUPS {
        let length = run(text, at_end, 20, |byte| byte.is_ascii_digit());
        if length == 0 || found.count + length > MAX_DIGITS {
            break;
        }
        found.digits[found.count..found.count + length].copy_from_slice(&text[at_end..at_end + length]);
        found.count += length;
        at_end += length;
        found.ends[found.groups] = (found.count, at_end);
        found.groups += 1;
        let gap = run(text, at_end, 3, |byte| matches!(byte, b' ' | b'-' | b'.' | b'/' | b'(' | b')' | b'+'));
        let slice = &text[at_end..at_end + gap];
        let fits = match slice {
            [b' ' | b'-' | b'.' | b'/' | b')' | b'(' | b'+'] => true,
            [b' ' | b'-' | b'+', b'('] | [b')', b' ' | b'-' | b'.' | b'/' | b'+'] => true,
            [b' ', b'-' | b'/'] | [b' ', b'-' | b'/', b' '] => true,
            [] if text[at_end..].starts_with("‑".as_bytes()) || text[at_end..].starts_with("–".as_bytes()) => {
                at_end += 3;
                continue;
            }
            _ => false,
        };
        // `/phone/+491715550198 200`: a number without spaces, and something else behind one.
        if !fits || slice == b" " && !spaced && found.count >= 9 {
            break;
        }
        spaced |= slice.contains(&b' ');
        at_end += gap;
    }
    (found.count >= 7).then_some(found)
}

/// Whether a digit or letter right after says that this is part of something longer.
fn goes_on(text: &[u8], end: usize) -> bool {
    let next = at(text, end);
    next.is_ascii_alphanumeric() && !is_extension(text, end)
        || matches!(next, b'_' | b'%' | b'@')
        || matches!(next, b':' | b',' | b'.' | b'-') && at(text, end + 1).is_ascii_digit()
        || next == b'-' && at(text, end + 1).is_ascii_alphanumeric()
}

fn is_extension(text: &[u8], end: usize) -> bool {
    at(text, end) == b'x' && at(text, end + 1).is_ascii_digit()
}

fn extension(text: &[u8], end: usize) -> usize {
    let space = run(text, end, 2, |byte| matches!(byte, b' ' | b'+' | b',' | b';'));
    let word = run(text, end + space, 9, |byte| byte.is_ascii_alphabetic());
    let name = &text[end + space..end + space + word];
    if name.is_empty()
        || ![&b"ext"[..], b"x", b"extension", b"poste", b"dw"].iter().any(|known| name.eq_ignore_ascii_case(known))
    {
        return 0;
    }
    let gap = run(text, end + space + word, 3, |byte| matches!(byte, b'.' | b' ' | b'+' | b':' | b'='));
    let count = run(text, end + space + word + gap, 7, |byte| byte.is_ascii_digit());
    if (1..=6).contains(&count) { space + word + gap + count } else { 0 }
}

/// After `+` or `00`: the digits of a known country, or 8 to 15 of another.
fn is_international(digits: &[u8]) -> bool {
    let digits = digits.strip_prefix(b"00").unwrap_or(digits);
    if !matches!(digits.first(), Some(b'1'..=b'9')) {
        return false;
    }
    // A zero for calls within the country, in brackets after the code.
    match COUNTRIES.iter().find(|(code, ..)| digits.starts_with(code.as_bytes())) {
        Some((code, least, most)) => {
            let most = most + usize::from(digits.get(code.len()) == Some(&b'0'));
            (*least..=most).contains(&digits.len())
        }
        None => (8..=15).contains(&digits.len()),
    }
}

/// Groupings that tell a number without a country's code.
fn is_national(run: &Run, last: usize, bracketed: bool) -> bool {
    if last == 0 {
        return false;
    }
    let count = run.ends[last].0;
    let groups: SmallVec<[usize; 12]> = (0..=last).map(|index| run.group(index)).collect();
    let digits = &run.digits[..count];
    let american = |area: usize| matches!(digits[area], b'2'..=b'9') && matches!(digits[area + 3], b'2'..=b'9');
    if bracketed {
        return (8..=12).contains(&count) && (2..=5).contains(&groups[0]) && last > 0 && last <= 4;
    }
    match *groups {
        [3, 3, 4] => american(0) || digits[0] == b'0' && digits[1] != b'0',
        [1, 3, 3, 4] => digits[0] == b'1' && american(1),
        // Russia's, with the eight that is dialled before them.
        [1, 3, 3, 2, 2] => digits[0] == b'8',
        [2, 5, 4] | [2, 4, 4, ..] if last < 3 && digits[0] != b'0' => count == 11,
        // Within a country a number begins with a zero, whatever the groups are, and never with three.
        _ => {
            digits[0] == b'0'
                && !digits.starts_with(b"000")
                && (2..=5).contains(&groups.len())
                && (9..=12).contains(&count)
                && groups.iter().all(|group| *group >= 2)
        }
    }
}

/// Not a date, an order, an address, a fraction or a list of numbers.
fn plain(text: &[u8], start: usize, end: usize) -> bool {
    let slice = &text[start..end];
    let first = slice.iter().position(u8::is_ascii_digit).map_or(start, |place| start + place);
    let dots = memchr::memchr_iter(b'.', slice).count();
    let is_decimal = dots == 1 && !slice.iter().any(|byte| matches!(byte, b' ' | b'-' | b'('));
    let text = if is_cell(text, start, end) { &text[..end] } else { text };
    !is_decimal && keep::claims(text, first, digits(text, first)).is_none() && !keep::is_within_word(text, start, end)
}

/// `[…,010-4121-3696,1244.45]`: groups that are a cell among others, whose comma is no fraction's.
fn is_cell(text: &[u8], start: usize, end: usize) -> bool {
    at(text, end) == b','
        && matches!(before(text, start), b',' | b'[' | b'(' | b';')
        && text[start..end].iter().any(|byte| matches!(byte, b'-' | b' '))
}

/// `<+14155550199>`: a number between the marks of an address.
pub fn caller(text: &[u8], from: usize) -> Option<(usize, usize)> {
    let count = digits(text, from + 2);
    let end = from + 2 + count;
    ((8..=15).contains(&count) && at(text, end) == b'>').then_some((from + 1, end))
}
