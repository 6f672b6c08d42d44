//! Throw-away authorities, certificates, keys and tokens: made once per process, written into each gate's directory.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use portcullis::identity::dev::{self, DevPki, TokenRequest};
use portcullis::redact::Name;
use rcgen::{BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, SanType};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

/// The issuer and audience of tokens, as [`super::Policy`] has them.
pub const ISSUER: &str = "https://idp.example";
/// See [`ISSUER`].
pub const AUDIENCE: &str = "seller-app";

/// A certificate and its key, both PEM.
#[derive(Clone)]
pub struct Person {
    pub certificate: String,
    pub key: String,
}

/// An API key's text and its entry in the file of digests.
#[derive(Clone)]
pub struct Key {
    pub text: String,
    pub entry: String,
}

/// All of a process's throw-away credentials.
pub struct Credentials {
    pub pki: DevPki,
    /// Another authority of clients, for certificates that `certs dev` does not make; the gate trusts it too.
    clients: (String, Issuer<'static, KeyPair>),
    /// An authority that nobody trusts.
    strangers: (String, Issuer<'static, KeyPair>),
    /// Of `robot`, who may what the role `support` may.
    pub robot: Key,
    /// A key whose last day has passed.
    pub expired: Key,
}

/// The process's credentials.
pub fn credentials() -> &'static Credentials {
    static CREDENTIALS: OnceLock<Credentials> = OnceLock::new();
    CREDENTIALS.get_or_init(|| {
        let names = ["gate.test", "other.test"].map(str::to_owned);
        Credentials {
            pki: dev::dev_pki(&names).expect("a PKI"),
            clients: authority("Clients of the tests"),
            strangers: authority("Strangers"),
            robot: api_key("robot", None),
            expired: api_key("robot", Some(jiff::civil::date(2020, 1, 1))),
        }
    })
}

fn authority(name: &str) -> (String, Issuer<'static, KeyPair>) {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, name);
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    let key = KeyPair::generate().expect("a key");
    let pem = params.self_signed(&key).expect("a certificate").pem();
    (pem, Issuer::new(params, key))
}

/// A new API key of a caller.
pub fn api_key(caller: &str, expires: Option<jiff::civil::Date>) -> Key {
    let made = dev::api_key(&Name::configured(caller).expect("a name"), expires, &[]).expect("an API key");
    Key { text: made.key.to_string(), entry: made.entry }
}

fn person(issuer: &Issuer<'static, KeyPair>, name: SanType, life: Duration) -> Person {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, "A client of the tests");
    params.subject_alt_names = vec![name];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
    let now = SystemTime::now();
    params.not_before = (now - Duration::from_secs(3600)).into();
    params.not_after = (now + life).into();
    let key = KeyPair::generate().expect("a key");
    let certificate = params.signed_by(&key, issuer).expect("a certificate").pem();
    Person { certificate, key: key.serialize_pem() }
}

const DAY: Duration = Duration::from_secs(86_400);

impl Person {
    /// `spiffe://seller/picker`, who has the role `fulfilment`.
    pub fn picker() -> Self {
        let client = &credentials().pki.client;
        Self { certificate: client.certificate.clone(), key: client.key.to_string() }
    }

    /// A caller without any role.
    pub fn passer_by() -> Self {
        Self::named("spiffe://seller/passer-by", DAY)
    }

    /// A caller by its URI, for so long.
    pub fn named(uri: &str, life: Duration) -> Self {
        person(&credentials().clients.1, SanType::URI(uri.try_into().expect("ASCII")), life)
    }

    /// A certificate in which the policy finds no name.
    pub fn nameless() -> Self {
        person(&credentials().clients.1, SanType::DnsName("picker.example".try_into().expect("ASCII")), DAY)
    }

    /// A certificate that chains to nobody the gate trusts.
    pub fn stranger() -> Self {
        let name = SanType::URI("spiffe://seller/picker".try_into().expect("ASCII"));
        person(&credentials().strangers.1, name, DAY)
    }

    pub(super) fn chain(&self) -> (Vec<CertificateDer<'static>>, PrivateKeyDer<'static>) {
        let chain = CertificateDer::pem_slice_iter(self.certificate.as_bytes()).map(|one| one.expect("PEM")).collect();
        (chain, PrivateKeyDer::from_pem_slice(self.key.as_bytes()).expect("a key"))
    }
}

/// The authorities that a client trusts.
pub(super) fn trusted() -> Arc<rustls::RootCertStore> {
    let mut roots = rustls::RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(credentials().pki.ca.as_bytes()) {
        roots.add(certificate.expect("PEM")).expect("an authority");
    }
    Arc::new(roots)
}

/// Writes all that a policy may name under `directory`, as `portcullis certs dev` does, and `api-keys.yaml`.
pub fn write(directory: &Path) {
    let all = credentials();
    let certs = directory.join("certs");
    fs::create_dir_all(&certs).expect("a directory");
    let clients = format!("{}{}", all.pki.clients_ca, all.clients.0);
    for (name, contents) in [
        ("ca.pem", all.pki.ca.as_str()),
        ("gate.pem", &all.pki.gate.certificate),
        ("gate.key", &all.pki.gate.key),
        ("clients-ca.pem", &clients),
        ("client.pem", &all.pki.client.certificate),
        ("client.key", &all.pki.client.key),
        ("jwks.json", &all.pki.idp.jwks),
        ("assertion.key", &all.pki.assertion_key),
        ("pseudonym.key", &all.pki.pseudonym_key),
    ] {
        let path = certs.join(name);
        fs::write(&path, contents).expect("written");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).expect("a mode");
    }
    let keys = format!("keys:\n{}\n{}\n", all.robot.entry, all.expired.entry);
    fs::write(directory.join("api-keys.yaml"), keys).expect("written");
}

/// Now, in Unix seconds.
pub fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_secs()
}

/// A token of the identity provider that [`super::Policy`] trusts, good for ten minutes.
pub fn token(subject: &str, groups: &[&str], mfa: bool) -> String {
    minted(|request| request, subject, groups, mfa)
}

/// A token with something changed before it is signed.
pub fn minted(
    change: impl for<'a> FnOnce(TokenRequest<'a>) -> TokenRequest<'a>,
    subject: &str,
    groups: &[&str],
    mfa: bool,
) -> String {
    let groups: Vec<String> = groups.iter().map(|group| (*group).to_owned()).collect();
    let request =
        TokenRequest { issuer: ISSUER, audience: AUDIENCE, subject, groups: &groups, mfa, now: now(), lifetime: 600 };
    dev::mint_token(&credentials().pki.idp.key, &change(request)).expect("a token")
}
