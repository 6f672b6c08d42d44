//! The last good policy on disk: its texts, authenticated, for a start that finds a policy at fault. Files that the policy
//! names are not copied, so that no secret leaves its place.
//!
//! One line of ASCII, `portcullis-last-good-v1 ` and the HMAC-SHA256 (RFC 2104) of the rest in hexadecimal digits; then
//! a JSON object: `{"files":[{"directory":…,"name":…,"text":…}],"merged":…}`.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use aws_lc_rs::hmac;
use serde_json::{Value, json};

use crate::identity::{IdentityFault, secret_file};
use crate::policy::fault::Faults;
use crate::policy::settings::LastGoodSettings;
use crate::policy::{LoadOptions, Loaded, Text, Texts, load_texts};
use crate::redact::Name;

const MARK: &str = "portcullis-last-good-v1 ";
/// More than the texts of a policy may be, JSON's escapes included.
const MOST: u64 = 64 * 1024 * 1024;

/// Why there is no last good policy.
#[derive(Debug, thiserror::Error)]
pub enum LastGoodFault {
    /// Its key.
    #[error("{0}")]
    Key(#[from] IdentityFault),
    /// The system.
    #[error("{}: {fault}", path.display())]
    System {
        /// The file.
        path: PathBuf,
        /// What the system says.
        fault: io::Error,
    },
    /// Not what was written, or not under this key.
    #[error("{}: is not what this gate wrote under this key; it is not used", .0.display())]
    Tampered(PathBuf),
    /// The policy in it is not fit to run here and now.
    #[error("{0}")]
    Unfit(Faults),
}

impl LastGoodFault {
    /// What is wrong, without a word of what was read.
    pub const fn what(&self) -> &'static str {
        match self {
            Self::Key(_) => "its key is not in order",
            Self::System { .. } => "the file cannot be read or written",
            Self::Tampered(_) => "it was changed, or written under another key",
            Self::Unfit(_) => "its policy is not fit to run",
        }
    }
}

/// Writes the texts of what is in force: beside the file, then in its place, so that there is always a whole one.
pub(super) fn save(settings: &LastGoodSettings, texts: &Texts) -> Result<(), LastGoodFault> {
    let body = render(texts);
    let tag = hmac::sign(&key(settings)?, body.as_bytes());
    let text = format!("{MARK}{}\n{body}", Name::digest(tag.as_ref()));
    replace(&settings.path, text.as_bytes())
        .map_err(|fault| LastGoodFault::System { path: settings.path.clone(), fault })
}

/// Reads the last good policy, and compiles it as a start does.
pub fn recover(settings: &LastGoodSettings) -> Result<Loaded, LastGoodFault> {
    let system = |fault| LastGoodFault::System { path: settings.path.clone(), fault };
    let tampered = || LastGoodFault::Tampered(settings.path.clone());
    let mut text = String::new();
    File::open(&settings.path).map_err(system)?.take(MOST).read_to_string(&mut text).map_err(system)?;
    let (first, body) = text.split_once('\n').ok_or_else(tampered)?;
    let tag = first.strip_prefix(MARK).and_then(bytes).ok_or_else(tampered)?;
    hmac::verify(&key(settings)?, body.as_bytes(), &tag).map_err(|_| tampered())?;
    let texts = parse(body).ok_or_else(tampered)?;
    load_texts(&texts, &LoadOptions::run()).map_err(LastGoodFault::Unfit)
}

fn key(settings: &LastGoodSettings) -> Result<hmac::Key, LastGoodFault> {
    Ok(hmac::Key::new(hmac::HMAC_SHA256, &secret_file::symmetric(&settings.key)?[..]))
}

fn render(texts: &Texts) -> String {
    let absolute = |path: &Path| std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let files: Vec<Value> = texts
        .files
        .iter()
        .map(|file| json!({ "directory": absolute(&file.directory), "name": file.name, "text": file.text }))
        .collect();
    json!({ "files": files, "merged": texts.merged }).to_string()
}

fn parse(body: &str) -> Option<Texts> {
    let whole: Value = serde_json::from_str(body).ok()?;
    let file = |file: &Value| {
        let text = |key: &str| file[key].as_str().map(str::to_owned);
        Some(Text { directory: text("directory")?.into(), name: text("name")?, text: text("text")? })
    };
    let files = whole["files"].as_array()?.iter().map(file).collect::<Option<Vec<_>>>()?;
    Some(Texts { merged: whole["merged"].as_bool()?, files })
}

fn bytes(hex: &str) -> Option<Vec<u8>> {
    if hex.len() != 64 || !hex.is_ascii() {
        return None;
    }
    (0..32).map(|place| u8::from_str_radix(&hex[place * 2..place * 2 + 2], 16).ok()).collect()
}

fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let directory = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    fs::create_dir_all(directory)?;
    let mut beside = path.as_os_str().to_owned();
    beside.push(".new");
    let beside = PathBuf::from(beside);
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&beside)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&beside, path)?;
    File::open(directory)?.sync_all()
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;
    use crate::policy::load_text;

    const POLICY: &str = include_str!("../../../tests/faults/base.yaml");

    #[test]
    fn what_was_kept_comes_back_unless_a_byte_of_it_or_the_key_is_another() {
        let directory = tempfile::tempdir().expect("a directory");
        let key = directory.path().join("a.key");
        fs::write(&key, [7; 32]).expect("written");
        fs::set_permissions(&key, fs::Permissions::from_mode(0o600)).expect("a mode");
        let settings = LastGoodSettings { path: directory.path().join("var/last-good"), key: key.clone(), start: true };
        let files = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/faults");
        let loaded = load_text("p.yaml", POLICY, &files, &LoadOptions::run()).expect("a sound policy");
        save(&settings, &loaded.texts).expect("kept");
        assert_eq!(recover(&settings).expect("it is there").policy.digest, loaded.policy.digest);

        let kept = fs::read(&settings.path).expect("read");
        for place in (0..kept.len()).step_by(7) {
            let mut other = kept.clone();
            other[place] ^= 1;
            fs::write(&settings.path, &other).expect("written");
            let fault = recover(&settings).expect_err("refused");
            assert!(matches!(fault, LastGoodFault::Tampered(_) | LastGoodFault::System { .. }), "{place}: {fault}");
        }
        fs::write(&settings.path, &kept).expect("written");
        fs::write(&key, [8; 32]).expect("written");
        assert!(matches!(recover(&settings), Err(LastGoodFault::Tampered(_))));
    }
}
