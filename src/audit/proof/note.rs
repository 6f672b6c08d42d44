//! Signed notes (C2SP `signed-note`) with Ed25519, the only algorithm that is asked for here.

use std::fmt;

use aws_lc_rs::signature::{ED25519, UnparsedPublicKey};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::tree::sha256;

/// Longest note: room for sixteen signatures of 5 KiB, which any verifier must accept, in base64.
const MAX_BYTES: usize = 128 * 1024;
/// Most signatures: a log, its witnesses, and as many again.
const MAX_SIGNATURES: usize = 100;
/// Length of a key id in bytes.
const ID_BYTES: usize = 4;
/// Signature type of Ed25519.
const ED25519_TYPE: u8 = 1;
/// Length of an Ed25519 public key in bytes.
const PUBLIC_BYTES: usize = 32;

/// A text and the signatures under it. What it says counts for nothing before [`Note::judge`] did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// The signed text, with its last line's end.
    pub text: String,
    /// Signatures, in order.
    pub signatures: Vec<Signature>,
}

/// One signature under a note.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signature {
    /// The key's name.
    pub name: String,
    /// The key's id.
    pub id: [u8; ID_BYTES],
    /// The signature itself.
    pub bytes: Vec<u8>,
}

/// What came of a note's signatures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Judged<'keys> {
    /// This key signed it, and no signature of a known key is wrong.
    Signed(&'keys VerifierKey),
    /// A signature under a known key's name and id is wrong.
    Forged(&'keys VerifierKey),
    /// No known key signed it.
    Unknown,
}

/// Why a text is not a signed note.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoteFault {
    /// More than 128 KiB or 100 signatures.
    #[error("the note is too long")]
    TooLong,
    /// A control character other than the line's end, or not UTF-8.
    #[error("the note holds a control character")]
    Character,
    /// No empty line, or nothing before it.
    #[error("the note has no text followed by an empty line")]
    Text,
    /// A line below the text that is no signature.
    #[error("the note has a signature line that is not `— name base64`")]
    Signature,
}

impl Note {
    /// Reads a note. Signatures are not yet looked at.
    pub fn parse(note: &str) -> Result<Self, NoteFault> {
        if note.len() > MAX_BYTES {
            return Err(NoteFault::TooLong);
        }
        if note.bytes().any(|byte| byte < b' ' && byte != b'\n') {
            return Err(NoteFault::Character);
        }
        // The last empty line divides: the text may hold others.
        let at = note.rfind("\n\n").ok_or(NoteFault::Text)?;
        let (text, lines) = (&note[..=at], &note[at + 2..]);
        let lines = lines.strip_suffix('\n').ok_or(NoteFault::Signature)?;
        let mut signatures = Vec::new();
        for line in lines.split('\n') {
            if signatures.len() == MAX_SIGNATURES {
                return Err(NoteFault::TooLong);
            }
            signatures.push(Signature::parse(line).ok_or(NoteFault::Signature)?);
        }
        Ok(Self { text: text.to_owned(), signatures })
    }

    /// Holds the signatures against `keys`. A wrong one of a known key spoils the note, whatever else is under it.
    pub fn judge<'keys>(&self, keys: impl IntoIterator<Item = &'keys VerifierKey> + Clone) -> Judged<'keys> {
        let mut judged = Judged::Unknown;
        for signature in &self.signatures {
            let mut theirs = keys.clone().into_iter().filter(|key| key.signs_as(signature));
            let Some(first) = theirs.next() else { continue };
            match std::iter::once(first).chain(theirs).find(|key| key.verify(&self.text, &signature.bytes)) {
                Some(key) if judged == Judged::Unknown => judged = Judged::Signed(key),
                Some(_) => {}
                None => return Judged::Forged(first),
            }
        }
        judged
    }
}

impl Signature {
    fn parse(line: &str) -> Option<Self> {
        let (name, text) = line.strip_prefix("\u{2014} ")?.split_once(' ')?;
        if !is_key_name(name) {
            return None;
        }
        let bytes = STANDARD.decode(text).ok()?;
        let (id, signature) = bytes.split_first_chunk()?;
        (!signature.is_empty()).then(|| Self { name: name.to_owned(), id: *id, bytes: signature.to_vec() })
    }
}

impl fmt::Display for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bytes = [&self.id[..], &self.bytes].concat();
        write!(f, "\u{2014} {} {}", self.name, STANDARD.encode(bytes))
    }
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.text)?;
        self.signatures.iter().try_for_each(|signature| writeln!(f, "{signature}"))
    }
}

/// A public key under its name. Its text is `name+hex key id+base64(0x01 and the key)`.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct VerifierKey {
    name: String,
    id: [u8; ID_BYTES],
    public: [u8; PUBLIC_BYTES],
}

/// Why a text is not a verifier key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum VerifierKeyFault {
    /// Not three parts, or one that does not decode.
    #[error("a verifier key is `name+key id+base64`, such as `portcullis/gate-0+8dc7bf01+AV…`")]
    Form,
    /// Another algorithm.
    #[error("the verifier key is not an Ed25519 key (signature type 0x01)")]
    Algorithm,
    /// The id is not the key's.
    #[error("the verifier key's id is not that of its name and key")]
    Id,
}

impl VerifierKey {
    /// A key under a name; `None` if the name has a space or a `+`, or is empty.
    pub fn new(name: &str, public: [u8; PUBLIC_BYTES]) -> Option<Self> {
        is_key_name(name).then(|| Self { id: key_id(name, &public), name: name.to_owned(), public })
    }

    /// Reads a key's text.
    pub fn parse(text: &str) -> Result<Self, VerifierKeyFault> {
        let mut parts = text.splitn(3, '+');
        let (Some(name), Some(id), Some(key)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(VerifierKeyFault::Form);
        };
        let key = STANDARD.decode(key).map_err(|_| VerifierKeyFault::Form)?;
        let public = match key.split_first() {
            Some((&ED25519_TYPE, public)) => public.try_into().map_err(|_| VerifierKeyFault::Form)?,
            Some(_) => return Err(VerifierKeyFault::Algorithm),
            None => return Err(VerifierKeyFault::Form),
        };
        let verifier = Self::new(name, public).ok_or(VerifierKeyFault::Form)?;
        if verifier.id_text() == id { Ok(verifier) } else { Err(VerifierKeyFault::Id) }
    }

    /// The key's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The key's id, eight lower-case hexadecimal digits.
    pub fn id_text(&self) -> String {
        format!("{:08x}", u32::from_be_bytes(self.id))
    }

    /// The key's id.
    pub const fn id(&self) -> [u8; ID_BYTES] {
        self.id
    }

    /// The key itself.
    pub const fn public(&self) -> &[u8; PUBLIC_BYTES] {
        &self.public
    }

    fn signs_as(&self, signature: &Signature) -> bool {
        self.id == signature.id && self.name == signature.name
    }

    fn verify(&self, text: &str, signature: &[u8]) -> bool {
        UnparsedPublicKey::new(&ED25519, &self.public).verify(text.as_bytes(), signature).is_ok()
    }
}

impl fmt::Display for VerifierKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let key = [&[ED25519_TYPE][..], &self.public].concat();
        write!(f, "{}+{}+{}", self.name, self.id_text(), STANDARD.encode(key))
    }
}

impl fmt::Debug for VerifierKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// SHA-256 of the name, a line's end, the signature type and the key, of which the first four bytes.
fn key_id(name: &str, public: &[u8; PUBLIC_BYTES]) -> [u8; ID_BYTES] {
    let hash = sha256(&[name.as_bytes(), b"\n", &[ED25519_TYPE], public]).0;
    [hash[0], hash[1], hash[2], hash[3]]
}

/// Not empty, no Unicode space, no `+`; control characters were never of use in a name either.
fn is_key_name(name: &str) -> bool {
    !name.is_empty() && !name.chars().any(|letter| letter == '+' || letter.is_whitespace() || letter.is_control())
}
