//! Postal addresses in Japanese and Chinese.

use super::text::{at, digits, run, run_back};

/// `마포구 월드컵로 53길 4`, `강남구 테헤란로 1`: the number at `from` behind a Korean street's name.
pub fn korean(text: &[u8], from: usize) -> Option<(usize, usize)> {
    const STREETS: [&str; 5] = ["로", "길", "동", "리", "가"];
    let name = &text[..from - 1];
    if !STREETS.iter().any(|end| name.ends_with(end.as_bytes())) || digits(text, from) > 5 {
        return None;
    }
    // Places and the street, with spaces between; nothing else is in the script of Korea.
    let start = from - run_back(text, from, 90, |byte| byte >= 0x80 || byte == b' ');
    let mut start = start + run(text, start, 4, |byte| byte == b' ');
    // A particle of the word before, which something else than this script stands in.
    while start + 4 < from && run(text, start, 4, |byte| byte >= 0x80) == 3 && at(text, start + 3) == b' ' {
        start += 4;
    }
    let words = text[start..from - 1].split(|byte| *byte == b' ').filter(|word| word.len() >= 6).count();
    let hangul = matches!(at(text, start), 0xea..=0xed);
    if words < 2 || !hangul {
        return None;
    }
    let mut end = from;
    for _ in 0..5 {
        let count = run(text, end, 10, |byte| byte.is_ascii_digit() || byte == b'-');
        let sign = run(text, end + count, 12, |byte| byte >= 0x80);
        // `010-5550-1990`: a telephone number behind the street.
        let phone = memchr::memchr_iter(b'-', &text[end..end + count]).count() > 1 || digits(text, end) > 5;
        if count == 0 || phone {
            break;
        }
        end += count + sign;
        let next = end + usize::from(at(text, end) == b',') + 1;
        if at(text, next - 1) != b' ' || !at(text, next).is_ascii_digit() {
            break;
        }
        end = next;
    }
    Some((start, end))
}

/// Signs of an address in Japanese and Chinese.
const SIGNS: [&str; 18] =
    ["都", "道", "府", "県", "省", "市", "区", "區", "縣", "町", "村", "丁目", "番", "号", "路", "街", "镇", "郡"];

/// Japanese and Chinese: characters with signs of places, and numbers among them.
pub fn find(text: &[u8], from: usize) -> Option<(usize, usize)> {
    let start = from - run_back(text, from, 120, |byte| byte >= 0x80);
    let lead = &text[start..from];
    let signs = SIGNS.iter().filter(|sign| memchr::memmem::find(lead, sign.as_bytes()).is_some()).count();
    let told = lead.strip_suffix("：".as_bytes()).unwrap_or(lead);
    let counted = ["番号", "号码", "編號", "编号"].iter().any(|word| told.ends_with(word.as_bytes()));
    if signs < 2 || counted || digits(text, from) > 5 {
        return None;
    }
    // `〒154-0006 横浜市…`
    let code = start.saturating_sub(9);
    let start = if super::text::matches(text, code, b"ddd-dddd ") && code + 9 == start { code } else { start };
    let mut end = from;
    loop {
        let length = run(text, end, 24, |byte| byte.is_ascii_digit() || byte == b'-' || byte.is_ascii_uppercase());
        end += length;
        let sign = ["丁目", "番地", "番", "号", "室", "楼", "栋", "单元", "弄", "階", "の", "−", "ー"]
            .iter()
            .find(|sign| text[end..].starts_with(sign.as_bytes()));
        let Some(sign) = sign else { break };
        end += sign.len();
    }
    // The house's name and its room: ` パークビル502`.
    let name = run(text, end + 1, 60, |byte| byte >= 0x80);
    let room = digits(text, end + 1 + name);
    if at(text, end) == b' ' && name > 0 && room > 0 {
        end += 1 + name + room;
    }
    Some((start, end))
}
