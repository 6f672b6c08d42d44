//! Output that goes in again comes out as it is.

use std::fs;
use std::path::Path;

use serde_json::Value;

use super::{key, through};

/// All lines of the sets, through one stream, with the pseudonyms of a key and without one; and the same lines with a part
/// cut out of each.
#[test]
fn redacting_again_changes_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let key = key(directory.path());
    for set in ["third", "fourth", "fifth", "sixth", "seventh", "eighth"] {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/redact").join(format!("{set}.jsonl"));
        let rows = fs::read_to_string(path).unwrap();
        let lines: Vec<String> = rows
            .lines()
            .map(|row| serde_json::from_str::<Value>(row).unwrap()["input"].as_str().unwrap().to_owned())
            .collect();
        let cut = lines.iter().enumerate().map(|(index, line)| {
            let letters: Vec<char> = line.chars().collect();
            let (from, length) = (index * 7 % letters.len(), 1 + index % 9);
            letters[..from].iter().chain(letters.iter().skip(from + length)).collect::<String>()
        });
        let whole = lines.join("\n") + "\n";
        let broken: String = cut.map(|line| line + "\n").collect();
        for (input, arguments) in [(&whole, &["--key", &key][..]), (&whole, &[]), (&broken, &[])] {
            let once = through(arguments, input.as_bytes()).stdout;
            let twice = through(arguments, &once).stdout;
            for (first, second) in once.split(|byte| *byte == b'\n').zip(twice.split(|byte| *byte == b'\n')) {
                assert_eq!(String::from_utf8_lossy(first), String::from_utf8_lossy(second), "{set}");
            }
            assert_eq!(once.len(), twice.len(), "{set}");
        }
    }
}
