//! Reading key files: bounded, regular, and closed to strangers (control KEY-1). What is read is wiped when dropped.

use std::fs::File;
use std::io::{ErrorKind, Read};
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use rustls_pki_types::pem::{PemObject, SectionKind};
use zeroize::Zeroizing;

use super::IdentityFault;

/// Longest private key file: an RSA-8192 key in PEM is below 7 KiB.
pub const MAX_KEY_BYTES: usize = 16 * 1024;

/// Others (neither owner nor group) may do something with the file.
const OTHERS_ANY: u32 = 0o007;
/// Others may write.
const OTHERS_WRITE: u32 = 0o002;

/// A secret of at most `max` bytes. Group-readable is fine, since Kubernetes mounts Secrets as 0440 or 0640 with an
/// `fsGroup`; anything for others is not.
pub fn read(path: &Path, max: usize) -> Result<Zeroizing<Vec<u8>>, IdentityFault> {
    read_checked(
        path,
        max,
        OTHERS_ANY,
        "is open to every user of this machine; run `chmod o=` on it, or set `defaultMode: 0440` on its Kubernetes volume",
    )
}

/// A public file that decides whom we trust: anybody may read it, strangers may not write it.
pub fn read_public(path: &Path, max: usize) -> Result<Zeroizing<Vec<u8>>, IdentityFault> {
    read_checked(path, max, OTHERS_WRITE, "can be changed by every user of this machine; run `chmod o-w` on it")
}

/// A symmetric key of 256 bits: 64 hexadecimal digits, as `portcullis keys new` writes them, or 32 raw bytes.
pub fn symmetric(path: &Path) -> Result<Zeroizing<[u8; 32]>, IdentityFault> {
    let bytes = read(path, MAX_KEY_BYTES)?;
    let mut key = Zeroizing::new([0; 32]);
    let text = bytes.strip_suffix(b"\n").unwrap_or(&bytes);
    let digits = text.strip_suffix(b"\r").unwrap_or(text);
    if bytes.len() == key.len() {
        key.copy_from_slice(&bytes);
    } else if decode_hex(digits, &mut *key).is_none() {
        return Err(IdentityFault::file(
            path,
            "is not a 256-bit key: 64 hexadecimal digits or 32 raw bytes; make one with `portcullis keys new`",
        ));
    }
    Ok(key)
}

/// The DER of the one PKCS#8 private key in a PEM file.
pub fn pkcs8(path: &Path) -> Result<Zeroizing<Vec<u8>>, IdentityFault> {
    pkcs8_from_pem(&read(path, MAX_KEY_BYTES)?).ok_or_else(|| {
        IdentityFault::file(
            path,
            "holds no single PKCS#8 key in PEM (`-----BEGIN PRIVATE KEY-----`); make one with `portcullis keys new`, \
             or convert with `openssl pkcs8 -topk8 -nocrypt`",
        )
    })
}

/// As [`pkcs8`], from memory. `None` unless there is exactly one PEM section and it is a PKCS#8 key.
pub fn pkcs8_from_pem(pem: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let mut found = None;
    for section in <(SectionKind, Vec<u8>)>::pem_slice_iter(pem) {
        let (kind, der) = section.ok()?;
        let der = Zeroizing::new(der);
        if kind != SectionKind::PrivateKey || found.replace(der).is_some() {
            return None;
        }
    }
    found
}

/// Decodes exactly as many hexadecimal digits as fill `out`.
pub(super) fn decode_hex(digits: &[u8], out: &mut [u8]) -> Option<()> {
    if digits.len() != out.len() * 2 {
        return None;
    }
    for (pair, byte) in digits.chunks_exact(2).zip(out) {
        let [high, low] = [char::from(pair[0]).to_digit(16)?, char::from(pair[1]).to_digit(16)?];
        *byte = u8::try_from(high * 16 + low).ok()?;
    }
    Some(())
}

fn read_checked(path: &Path, max: usize, forbidden: u32, complaint: &str) -> Result<Zeroizing<Vec<u8>>, IdentityFault> {
    let fault = |what: String| IdentityFault::file(path, what);
    let file = File::open(path).map_err(|error| match error.kind() {
        ErrorKind::NotFound if forbidden == OTHERS_ANY => {
            fault("is not there; make it with `portcullis keys new` or `portcullis certs dev`".into())
        }
        // Many commands make such files: whoever asks for one knows which.
        ErrorKind::NotFound => fault("is not there".into()),
        _ => fault(format!("cannot be opened: {error}")),
    })?;
    // Of the open file, not of the path: what is checked is what is read.
    let metadata = file.metadata().map_err(|error| fault(format!("cannot be examined: {error}")))?;
    if !metadata.is_file() {
        return Err(fault("is not a regular file".into()));
    }
    if metadata.mode() & forbidden != 0 {
        return Err(fault(format!("{complaint} (its mode is {:04o})", metadata.mode() & 0o7777)));
    }
    let bound = u64::try_from(max).unwrap_or(u64::MAX);
    // Reserved at once: a vector that grows leaves copies of the secret behind.
    let mut bytes = Zeroizing::new(Vec::with_capacity(max.min(usize::try_from(metadata.len()).unwrap_or(max)) + 1));
    file.take(bound.saturating_add(1))
        .read_to_end(&mut bytes)
        .map_err(|error| fault(format!("cannot be read: {error}")))?;
    if bytes.len() > max {
        return Err(fault(format!("is longer than {max} bytes")));
    }
    if bytes.is_empty() {
        return Err(fault("is empty".into()));
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn a_symmetric_key_has_exactly_256_bits_in_either_form() {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("a.key");
        let load = |bytes: &[u8]| {
            fs::write(&path, bytes).expect("written");
            fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).expect("changed");
            symmetric(&path).map(|key| *key).map_err(|fault| fault.to_string())
        };
        let hex = "07".repeat(32);
        for good in [vec![7; 32], hex.clone().into_bytes(), format!("{hex}\n").into(), format!("{hex}\r\n").into()] {
            assert_eq!(load(&good), Ok([7; 32]));
        }
        let bad = [&[7; 31][..], &[7; 33], &hex.as_bytes()[1..], &[b'g'; 64], b"\n", &[b'0'; 65], &[7; 20_000]];
        for bad in bad {
            assert!(load(bad).expect_err("refused").contains("a.key"), "{bad:?}");
        }
        assert!(load(b"").expect_err("refused").contains("empty"));
    }

    #[test]
    fn a_key_behind_a_symbolic_link_is_judged_by_the_file_itself() {
        // Kubernetes mounts every Secret behind two links, whose own modes are always 0777.
        let directory = tempfile::tempdir().expect("a directory");
        let (file, link) = (directory.path().join("data"), directory.path().join("a.key"));
        fs::write(&file, [7; 32]).expect("written");
        std::os::unix::fs::symlink(&file, &link).expect("linked");
        fs::set_permissions(&file, fs::Permissions::from_mode(0o440)).expect("changed");
        assert!(symmetric(&link).is_ok());
        fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).expect("changed");
        assert!(symmetric(&link).is_err());
    }
}
