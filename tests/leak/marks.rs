//! The marks, and the search for them.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use percent_encoding::percent_decode_str;

use crate::support::Gate;
use crate::support::credentials::credentials;
use crate::support::pki::Authority;

/// What every mark begins with: no word, and eight letters, so that a part of it is in every base64 of it.
pub const STEM: &str = "zqxvwjkz";

/// Where marked requests go, and who signs marked certificates.
pub struct Marked<'a> {
    pub gate: &'a Gate,
    pub servers: &'a Authority,
    pub clients: &'a Authority,
}

/// A mark for a place.
pub fn mark(place: &str) -> String {
    format!("{STEM}{place}")
}

/// The lines of an output in which a mark or a credential stands in any form.
pub fn found(output: &str) -> Vec<String> {
    let all = credentials();
    let secrets = [all.robot.text.as_str(), &all.expired.text, &all.robot.text[4..24], "eyJhbGciOi"];
    let mut needles: Vec<String> = vec![STEM.to_owned(), STEM.chars().rev().collect()];
    needles.push(STEM.bytes().map(|byte| format!("{byte:02x}")).collect());
    let encoded: Vec<String> = (0..3).map(|shift| core_of_base64(&STEM.as_bytes()[(3 - shift) % 3..])).collect();
    let holds = |line: &str| {
        let lower = line.to_lowercase();
        needles.iter().any(|needle| lower.contains(needle))
            || secrets.iter().any(|secret| line.contains(secret))
            || encoded.iter().any(|core| line.contains(core))
    };
    let mut lines = Vec::new();
    for line in output.lines() {
        let mut reading = line.replace("\\u00", "%");
        let mut readings = vec![line.to_owned(), reading.clone()];
        while reading.contains('%') {
            let next = percent_decode_str(&reading).decode_utf8_lossy().into_owned();
            if next == reading {
                break;
            }
            readings.push(next.clone());
            reading = next;
        }
        if readings.iter().any(|reading| holds(reading)) {
            lines.push(line.to_owned());
        }
    }
    lines
}

/// The characters of a base64 text that depend on these bytes alone.
fn core_of_base64(bytes: &[u8]) -> String {
    let whole = bytes.len() / 3 * 3;
    STANDARD.encode(&bytes[..whole])
}

/// Panics if an output holds a character that a terminal or another reader takes for more than text.
pub fn assert_one_reading(name: &str, output: &str) {
    let odd = |letter: char| {
        letter.is_control() && letter != '\n'
            || matches!(letter, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}' | '\u{fffd}')
    };
    let found = output.char_indices().find(|(_, letter)| odd(*letter));
    if let Some((at, letter)) = found {
        let start = output[..at].rfind('\n').map_or(0, |end| end + 1);
        panic!("{letter:?} in the {name}: {}", output[start..].lines().next().unwrap_or_default());
    }
}
