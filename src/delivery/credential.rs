//! What a sink proves the gate with: a token or key from a file of its own, read again when the file changes.

use std::os::unix::fs::MetadataExt as _;
use std::path::PathBuf;

use http::HeaderValue;
use zeroize::Zeroizing;

use super::receiver::Answer;
use crate::identity::secret_file;

/// Longest credential; tokens of a cloud's identity provider have some 2 KiB.
const MOST_BYTES: usize = 8 * 1024;

/// A credential that lies in a file, closed to other users of the machine.
pub struct Credential {
    path: PathBuf,
    /// What tells the file from the one that was read: inode, size, mode, and when it was changed.
    stamp: Option<Stamp>,
    secret: Zeroizing<Vec<u8>>,
}

type Stamp = (u64, u64, u32, i64, i64);

impl Credential {
    /// Of a file that need not be there yet.
    pub fn new(path: PathBuf) -> Self {
        Self { path, stamp: None, secret: Zeroizing::default() }
    }

    /// The credential as the file has it now, without a line's end. A file that cannot be used is a setting that
    /// somebody has to change.
    pub fn current(&mut self) -> Result<&[u8], Answer> {
        let unusable = Answer::Misconfigured { cause: "credential_file" };
        let Ok(file) = std::fs::metadata(&self.path) else { return Err(unusable) };
        let stamp = (file.ino(), file.size(), file.mode(), file.ctime(), file.ctime_nsec());
        if self.stamp != Some(stamp) {
            self.stamp = None;
            let Ok(mut secret) = secret_file::read(&self.path, MOST_BYTES) else { return Err(unusable) };
            let length = secret.trim_ascii_end().len();
            secret.truncate(length);
            if secret.is_empty() {
                return Err(unusable);
            }
            (self.secret, self.stamp) = (secret, Some(stamp));
        }
        Ok(&self.secret)
    }

    /// The value of `Authorization`, such as `Bearer` and the credential. Never shown by `Debug`.
    pub fn header(&mut self, scheme: &str) -> Result<HeaderValue, Answer> {
        let secret = self.current()?;
        let value = Zeroizing::new([scheme.as_bytes(), b" ", secret].concat());
        let mut value =
            HeaderValue::from_bytes(&value).map_err(|_| Answer::Misconfigured { cause: "credential_file" })?;
        value.set_sensitive(true);
        Ok(value)
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn a_credential_is_the_files_content_of_now_and_closed_to_others() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("token");
        let mut credential = Credential::new(path.clone());
        let unusable = Err(Answer::Misconfigured { cause: "credential_file" });
        assert_eq!(credential.current().map(<[u8]>::to_vec), unusable);
        let put = |text: &str, mode| {
            let other = home.path().join("new");
            fs::write(&other, text).unwrap();
            fs::set_permissions(&other, fs::Permissions::from_mode(mode)).unwrap();
            fs::rename(&other, &path).unwrap();
        };
        put("one\n", 0o600);
        assert_eq!(credential.current(), Ok(&b"one"[..]));
        put("two\r\n", 0o640);
        assert_eq!(credential.header("Bearer").unwrap(), "Bearer two");
        assert_eq!(format!("{:?}", credential.header("Bearer").unwrap()), "Sensitive");
        // What lies open to everybody is not used, and neither is what was read before.
        put("three", 0o644);
        assert_eq!(credential.current().map(<[u8]>::to_vec), unusable);
        put("\n", 0o600);
        assert_eq!(credential.current().map(<[u8]>::to_vec), unusable);
        put("four", 0o600);
        assert_eq!(credential.current(), Ok(&b"four"[..]));
    }
}
