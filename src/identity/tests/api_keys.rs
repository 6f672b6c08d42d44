//! API keys, and several credentials at once.

use super::*;
use crate::policy::roles::PrincipalKind;

fn load(file: &str) -> Result<Identifier, String> {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("api-keys.yaml");
    fs::write(&path, file).expect("written");
    load_with(&path, "x-api-key")
}

fn load_with(path: &std::path::Path, header: &str) -> Result<Identifier, String> {
    let settings = ApiKeySettings { header: name(header), file: path.to_owned() };
    let method = CallerMethod::ApiKey(Arc::new(settings));
    Identifier::load(&[method], &Roles::default(), None, CallerForm::Id, &Providers::default())
        .map_err(|fault| fault.to_string())
}

fn fault(file: &str) -> String {
    load(file).err().unwrap_or_else(|| panic!("accepted: {file}"))
}

fn verdict(gate: &Gate, key: &str) -> IdentityRefusal {
    refusal(gate.identify(&[("x-api-key", key)], NOW))
}

#[test]
fn api_key_that_is_not_ours_is_refused() {
    let gate = Gate::new();
    let other = dev::api_key(&name("other"), None, &[]).expect("a key");
    assert_eq!(verdict(&gate, &other.key), IdentityRefusal::ApiKeyUnknown);
    let key: &str = &gate.api_key.key;
    assert!(key.starts_with("pcl_") && key.len() == 53);
    for bad in [
        "",
        "pcl_",
        "secret",
        &key[1..],
        &key[..52],
        &format!("{key}A"),
        &format!("{key} "),
        &format!("PCL_{}", &key[4..]),
        &format!("{}AAAAAA", &key[..47]),
        &"a".repeat(100_000),
    ] {
        assert_eq!(verdict(&gate, bad), IdentityRefusal::ApiKeyMalformed, "{bad}");
    }
}

#[test]
fn api_key_with_one_character_changed_is_refused() {
    let gate = Gate::new();
    let key: &str = &gate.api_key.key;
    for place in 0..key.len() {
        let other = if &key[place..=place] == "A" { "B" } else { "A" };
        let changed = format!("{}{other}{}", &key[..place], &key[place + 1..]);
        assert_eq!(verdict(&gate, &changed), IdentityRefusal::ApiKeyMalformed, "{place}");
    }
}

#[test]
fn api_key_is_compared_to_the_last_byte_of_its_digest() {
    let made = dev::api_key(&name("sync"), None, &[]).expect("a key");
    let other = if made.entry.trim_end().ends_with('0') { "1\n" } else { "0\n" };
    let twin = format!("keys:\n{}{other}", &made.entry[..made.entry.len() - 2]);
    let keys = load(&twin).unwrap_or_else(|fault| panic!("{fault}"));
    let verdict = keys.identify(&Presented::fields(&header_map(&[("x-api-key", &made.key)])), NOW);
    assert_eq!(refusal(verdict), IdentityRefusal::ApiKeyUnknown);
}

#[test]
fn api_key_expires_at_midnight() {
    let date = "2026-01-02".parse().expect("a date");
    let made = dev::api_key(&name("sync"), Some(date), &[]).expect("a key");
    let keys = load(&format!("keys:\n{}", made.entry)).unwrap_or_else(|fault| panic!("{fault}"));
    let at = |now| keys.identify(&Presented::fields(&header_map(&[("x-api-key", &made.key)])), now);
    assert!(at(NOW + 86_399).is_ok_and(|caller| caller.is_some_and(|caller| caller.kind == PrincipalKind::Key)));
    assert_eq!(refusal(at(NOW + 86_400)), IdentityRefusal::ApiKeyExpired);
}

#[test]
fn api_key_header_stands_once() {
    let gate = Gate::new();
    let key: &str = &gate.api_key.key;
    for headers in [
        vec![("x-api-key", key), ("x-api-key", key)],
        vec![("x-api-key", key), ("x-api-key", "")],
        vec![("x-api-key", "other"), ("x-api-key", key)],
    ] {
        assert_eq!(refusal(gate.identify(&headers, NOW)), IdentityRefusal::CredentialRepeated);
    }
    assert_eq!(verdict(&gate, &format!("{key}, {key}")), IdentityRefusal::CredentialRepeated);
    assert_eq!(verdict(&gate, &format!("other,{key}")), IdentityRefusal::CredentialRepeated);
}

#[test]
fn api_key_file_is_read_to_the_letter() {
    let digest = format!("sha256:{}", "ab".repeat(32));
    assert!(
        load(&format!("# ours\nkeys:\n- {{caller: a, digest: '{digest}', groups: [x, y], expires: 2027-01-01}}\n"))
            .is_ok()
    );
    let entry = format!("  - caller: a\n    digest: {digest}\n");
    for (file, line, words) in [
        (String::new(), "", "empty"),
        ("# nothing\n".into(), "", "no key"),
        ("keys:\n".into(), "", "list"),
        ("keys: []\n".into(), "", "no key"),
        ("- a\n".into(), ":1:", "keys"),
        ("kyes: []\n".into(), ":1:", "keys"),
        ("keys: [\n".into(), "", "YAML"),
        ("keys:\n  - a\n".into(), ":2:", "caller"),
        ("keys:\n  - caller: a\n".into(), ":2:", "digest"),
        (format!("keys:\n  - digest: {digest}\n"), ":2:", "caller"),
        (format!("keys:\n{entry}    color: red\n"), ":4:", "only"),
        (format!("keys:\n{entry}    caller: b\n"), ":4:", "twice"),
        (format!("keys:\n{entry}{entry}"), ":", "already"),
        (format!("keys:\n{entry}other: x\n"), ":4:", "nothing but"),
        (format!("keys:\n{entry}keys: []\n"), ":4:", "nothing but"),
        (format!("keys:\n{entry}---\nkeys:\n{entry}"), "", "one document"),
        (format!("keys:\n{entry}    expires: tomorrow\n"), ":4:", "2027-01-01"),
        (format!("keys:\n{entry}    expires: 2027-02-30\n"), ":4:", "2027-01-01"),
        (format!("keys:\n{entry}    expires: 2027-01-01T12:00\n"), ":4:", "2027-01-01"),
        (format!("keys:\n{entry}    groups: warehouse\n"), ":4:", "list"),
        (format!("keys:\n{entry}    groups: [[a]]\n"), ":4:", "group"),
        ("keys:\n  - caller: ''\n    digest: x\n".into(), ":2:", "caller"),
        (format!("keys:\n  - caller: &a x\n    digest: {digest}\n"), ":2:", "anchor"),
        (format!("keys:\n  - caller: !!str x\n    digest: {digest}\n"), ":2:", "tag"),
        (format!("keys: &k\n{entry}"), "", "list"),
    ] {
        let fault = fault(&file);
        assert!(fault.contains("api-keys.yaml") && fault.contains(line) && fault.contains(words), "{file}\n{fault}");
    }
}

#[test]
fn api_key_pasted_for_its_digest_is_refused_and_not_repeated() {
    let made = dev::api_key(&name("sync"), None, &[]).expect("a key");
    for digest in [
        &*made.key,
        "sha256:",
        "md5:00",
        &"ab".repeat(32),
        &format!("sha256:{}", "ab".repeat(31)),
        &format!("sha256:{}", "zz".repeat(32)),
    ] {
        let fault = fault(&format!("keys:\n  - caller: a\n    digest: {digest}\n"));
        assert!(fault.contains(":3:") && fault.contains("digest"), "{fault}");
        assert!(!fault.contains(&*made.key), "{fault}");
    }
}

#[test]
fn api_key_header_cannot_be_one_with_another_meaning() {
    let gate = Gate::new();
    let file = gate.directory.path().join("keys.yaml");
    assert!(load_with(&file, "x-api-key").is_ok());
    for header in [
        "authorization",
        "Cookie",
        "host",
        "x-portcullis-caller",
        "X_Portcullis_Key",
        "transfer-encoding",
        "a:b",
        "a/b",
    ] {
        assert!(load_with(&file, header).is_err(), "{header}");
    }
    open_to_all(&file);
    assert!(load_with(&file, "x-api-key").is_err_and(|fault| fault.contains("chmod")));
}

#[test]
fn credentials_of_two_callers_are_a_conflict() {
    let gate = Gate::new();
    let alice = format!("Bearer {}", gate.token("alice", &[], false));
    let sync = format!("Bearer {}", gate.token("warehouse-sync", &[], false));
    let key: &str = &gate.api_key.key;
    let both = |bearer: &str, key: &str| gate.identify(&[("authorization", bearer), ("x-api-key", key)], NOW);
    assert_eq!(refusal(both(&alice, key)), IdentityRefusal::CredentialConflict);
    // The same subject by two methods: the first configured one wins.
    assert!(both(&sync, key).is_ok_and(|caller| caller.is_some_and(|caller| caller.kind == PrincipalKind::User)));
    // One that does not hold is never passed over for one that does.
    assert_eq!(refusal(both(&alice, "pcl_wrong")), IdentityRefusal::ApiKeyMalformed);
    assert_eq!(refusal(both("Bearer a.b.c", key)), IdentityRefusal::TokenMalformed);
    assert_eq!(refusal(both("Basic YTpi", key)), IdentityRefusal::UnsupportedScheme);
}

#[test]
fn credentials_of_another_caller_than_the_certificate_are_a_conflict() {
    use rustls_pki_types::CertificateDer;
    use rustls_pki_types::pem::PemObject;
    let gate = Gate::new();
    let leaf = CertificateDer::from_pem_slice(gate.pki.client.certificate.as_bytes()).expect("a certificate");
    let picker = gate.identifier.certificate(&leaf).unwrap_or_else(|why| panic!("{}", why.code()));
    let verdict = |subject: &str| {
        let bearer = format!("Bearer {}", gate.token(subject, &[], false));
        gate.identifier.identify(&presented(&header_map(&[("authorization", &bearer)]), picker.as_ref()), NOW)
    };
    assert_eq!(refusal(verdict("alice")), IdentityRefusal::CredentialConflict);
    let both = verdict("spiffe://seller/picker").unwrap_or_else(|why| panic!("{}", why.code()));
    assert!(both.is_some_and(|caller| caller.kind == PrincipalKind::Certificate));
}
