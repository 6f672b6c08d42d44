//! The demo's directory: keys, tokens, policy and records, for its owner alone, and gone when the demo ends.

use std::fs::{self, DirBuilder};
use std::net::SocketAddr;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};

use super::Complaint;
use crate::audit::RequestId;
use crate::cli::certs::write_pki;
use crate::cli::files::{self, PUBLIC, SECRET};
use crate::clock::Clock;
use crate::identity::dev::{self, DevPki, TokenRequest, dev_pki, mint_token};

const POLICY: &str = include_str!("../../../policies/demo.yaml");
/// Seconds that the tokens are valid.
const TOKEN_LIFE: u64 = 3600;

/// Somebody who calls.
#[derive(Clone, Copy, Debug)]
pub(super) struct Person {
    /// The file of the token, and what the demo calls them.
    pub role: &'static str,
    /// `sub` of the token. The planted text that records must not hold.
    pub subject: &'static str,
    group: &'static str,
}

/// Packs parcels.
pub(super) const PICKER: Person = Person { role: "picker", subject: "mia@seller.example", group: "warehouse" };
/// Answers customers.
pub(super) const SUPPORT: Person = Person { role: "support", subject: "tom@seller.example", group: "support" };

/// The directory. Dropped, it is removed.
pub(super) struct Home {
    path: PathBuf,
    pki: DevPki,
}

impl Home {
    /// Makes everything, for a gate at `listen` and an app at `app`.
    pub fn make(listen: SocketAddr, app: SocketAddr) -> Result<Self, Complaint> {
        let id = RequestId::new(Clock::system().wall()).text();
        // Of such an id, the end is random.
        let random = id.as_str().rsplit('-').next().unwrap_or_default();
        let path = std::env::temp_dir().join(format!("portcullis-demo-{random}"));
        let fault = |error: std::io::Error| format!("{} cannot be made: {error}", path.display());
        // Fails if it is there: nobody else made it, and nobody else can look into it.
        DirBuilder::new().mode(0o700).create(&path).map_err(fault)?;
        let pki = dev_pki(&[]).map_err(|fault| fault.to_string());
        let home = Self { pki: pki.inspect_err(|_| remove(&path))?, path };
        home.fill(listen, app)?;
        Ok(home)
    }

    fn fill(&self, listen: SocketAddr, app: SocketAddr) -> Result<(), Complaint> {
        let text = |fault: files::FileFault| fault.to_string();
        write_pki(&self.pki, &self.path.join("certs"), false).map_err(text)?;
        let policy = POLICY.replace("127.0.0.1:8443", &listen.to_string()).replace("127.0.0.1:8080", &app.to_string());
        for (name, key) in [("audit.key", dev::symmetric_key()), ("audit-sign.key", dev::ed25519_key())] {
            let key = key.map_err(|fault| fault.to_string())?;
            files::create(&self.path.join("certs").join(name), &key, SECRET).map_err(text)?;
        }
        files::create(&self.policy(), &policy, PUBLIC).map_err(text)?;
        files::create(&self.records(), "", SECRET).map_err(text)?;
        files::directory(&self.path.join("tokens")).map_err(text)?;
        files::directory(&self.path.join("spool")).map_err(text)?;
        for person in [PICKER, SUPPORT] {
            // As `curl -H @file` reads it.
            let header = format!("Authorization: Bearer {}\n", self.token(person)?);
            files::create(&self.path.join("tokens").join(person.role), &header, SECRET).map_err(text)?;
        }
        Ok(())
    }

    /// A token that is valid from now on.
    pub fn token(&self, person: Person) -> Result<String, Complaint> {
        let request = TokenRequest {
            issuer: "https://idp.example",
            audience: "seller-app",
            subject: person.subject,
            groups: &[person.group.to_owned()],
            mfa: false,
            now: Clock::system().wall().seconds(),
            lifetime: TOKEN_LIFE,
        };
        mint_token(&self.pki.idp.key, &request).map_err(|fault| fault.to_string())
    }

    /// The directory.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The certificates and keys.
    pub const fn pki(&self) -> &DevPki {
        &self.pki
    }

    /// The policy.
    pub fn policy(&self) -> PathBuf {
        self.path.join("policy.yaml")
    }

    /// The records.
    pub fn records(&self) -> PathBuf {
        self.path.join("records.jsonl")
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        remove(&self.path);
    }
}

fn remove(path: &Path) {
    if let Err(error) = fs::remove_dir_all(path) {
        eprintln!("portcullis: {} holds the demo's keys and could not be removed: {error}", path.display());
    }
}
