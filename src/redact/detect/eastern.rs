//! Postal addresses in Japanese and Chinese.

use super::text::{at, digits, run, run_back};

/// Signs of an address in Japanese and Chinese.
const SIGNS: [&str; 18] =
    ["都", "道", "府", "県", "省", "市", "区", "區", "縣", "町", "村", "丁目", "番", "号", "路", "街", "镇", "郡"];

/// Japanese and Chinese: characters with signs of places, and numbers among them.
pub fn find(text: &[u8], from: usize) -> Option<(usize, usize)> {
    let start = from - run_back(text, from, 120, |byte| byte >= 0x80);
    let lead = &text[start..from];
    let signs = SIGNS.iter().filter(|sign| memchr::memmem::find(lead, sign.as_bytes()).is_some()).count();
    if signs < 2 || digits(text, from) > 5 {
        return None;
    }
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
