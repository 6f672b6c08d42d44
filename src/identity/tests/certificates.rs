//! Certificates whose names two parsers could read differently.

use rcgen::{CertificateParams, CustomExtension, DnType, DnValue, KeyPair, OtherNameValue, SanType};

use super::*;

/// The subject that a certificate of `params` proves.
fn subject_of(params: &CertificateParams, wanted: &[CertificateSubject]) -> Result<String, IdentityRefusal> {
    let key = KeyPair::generate().expect("a key");
    let certificate = params.self_signed(&key).expect("a certificate");
    let methods: Vec<CallerMethod> = wanted.iter().cloned().map(CallerMethod::Certificate).collect();
    let identity = identifier(&methods).certificate(certificate.der())?;
    Ok(identity.expect("certificates are configured").subject().to_owned())
}

fn with_names(names: Vec<SanType>) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.subject_alt_names = names;
    params
}

/// A certificate whose `subjectAltName` has these entries, of whatever bytes: context tag and contents.
fn with_raw_names(names: &[(u8, &[u8])]) -> CertificateParams {
    let mut entries = Vec::new();
    for (tag, contents) in names {
        entries.extend([*tag, u8::try_from(contents.len()).expect("short")]);
        entries.extend_from_slice(contents);
    }
    let mut der = vec![0x30, u8::try_from(entries.len()).expect("short")];
    der.extend(entries);
    let mut params = CertificateParams::default();
    params.custom_extensions = vec![CustomExtension::from_oid_content(&[2, 5, 29, 17], der)];
    params
}

const EMAIL: u8 = 0x81;
const DNS: u8 = 0x82;
const URI: u8 = 0x86;
const ADDRESS: u8 = 0x87;

fn raw(tag: u8, contents: &[u8], wanted: CertificateSubject) -> Result<String, IdentityRefusal> {
    subject_of(&with_raw_names(&[(tag, contents)]), &[wanted])
}

#[track_caller]
fn refused(verdict: Result<String, IdentityRefusal>) {
    assert_eq!(verdict, Err(IdentityRefusal::CertificateName));
}

#[test]
fn tls_names_of_the_wanted_type_are_taken() {
    use CertificateSubject::{SanDns, SanEmail, SanUri};
    assert_eq!(raw(URI, b"spiffe://seller/picker", SanUri).as_deref(), Ok("spiffe://seller/picker"));
    assert_eq!(raw(DNS, b"Worker-1.seller.example", SanDns).as_deref(), Ok("worker-1.seller.example"));
    assert_eq!(raw(EMAIL, b"a.b+c@seller.example", SanEmail).as_deref(), Ok("a.b+c@seller.example"));
}

#[test]
fn tls_name_with_a_nul_is_refused() {
    refused(raw(DNS, b"good.example\0.evil.example", CertificateSubject::SanDns));
    refused(raw(URI, b"spiffe://seller/picker\0", CertificateSubject::SanUri));
    refused(raw(EMAIL, b"alice@seller.example\0@evil.example", CertificateSubject::SanEmail));
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, DnValue::Utf8String("sync\0evil".into()));
    refused(subject_of(&params, &[CertificateSubject::CommonName]));
}

#[test]
fn tls_name_must_be_one() {
    use CertificateSubject::{SanDns, SanUri};
    let two = with_raw_names(&[(URI, b"spiffe://seller/picker"), (URI, b"spiffe://seller/sre")]);
    refused(subject_of(&two, &[SanUri]));
    let same = with_raw_names(&[(URI, b"spiffe://seller/picker"), (URI, b"spiffe://seller/picker")]);
    refused(subject_of(&same, &[SanUri]));
    refused(subject_of(&with_names(Vec::new()), &[SanUri]));
    let other = with_raw_names(&[(DNS, b"worker.example"), (URI, b"spiffe://seller/picker")]);
    assert_eq!(subject_of(&other, &[SanUri]).as_deref(), Ok("spiffe://seller/picker"));
    // The first configured type that the certificate has; a type of which it has two is not passed over.
    assert_eq!(subject_of(&other, &[SanDns, SanUri]).as_deref(), Ok("worker.example"));
    refused(subject_of(&two, &[SanUri, SanDns]));
}

#[test]
fn tls_name_twice_as_an_extension_is_refused() {
    let mut params = with_raw_names(&[(URI, b"spiffe://seller/picker")]);
    params.custom_extensions.push(params.custom_extensions[0].clone());
    refused(subject_of(&params, &[CertificateSubject::SanUri]));
}

#[test]
fn tls_other_names_and_addresses_name_nobody() {
    use CertificateSubject::{SanDns, SanEmail, SanUri};
    let upn = SanType::OtherName((
        vec![1, 3, 6, 1, 4, 1, 311, 20, 2, 3],
        OtherNameValue::Utf8String("alice@seller.example".into()),
    ));
    let address = SanType::IpAddress("10.0.0.1".parse().expect("an address"));
    for wanted in [SanUri, SanDns, SanEmail] {
        refused(subject_of(&with_names(vec![upn.clone()]), std::slice::from_ref(&wanted)));
        refused(subject_of(&with_names(vec![address.clone()]), std::slice::from_ref(&wanted)));
        refused(raw(ADDRESS, b"good.example.com", wanted));
    }
}

#[test]
fn tls_address_as_a_host_name_is_refused() {
    for name in ["10.0.0.1", "::1", "127.1", "0x7f.0.0.1", "2130706433", "1.2.3.4.", "[::1]", "::ffff:10.0.0.1"] {
        refused(raw(DNS, name.as_bytes(), CertificateSubject::SanDns));
    }
}

#[test]
fn tls_host_names_have_one_spelling() {
    let long = format!("{}.example", "a".repeat(64));
    for name in [
        "",
        ".",
        "a..b",
        ".example",
        "example.",
        "*.example",
        "a b",
        "-a.example",
        "a-.example",
        "a/b",
        "a@b",
        "exa\u{fc}mple",
        &long,
    ] {
        refused(raw(DNS, name.as_bytes(), CertificateSubject::SanDns));
    }
    refused(raw(DNS, b"\xff\xfe.example", CertificateSubject::SanDns));
}

#[test]
fn tls_uri_and_mailbox_have_their_shape() {
    for name in [
        "",
        "spiffe",
        "spiffe:seller",
        "spiffe://",
        "://seller",
        "1a://x",
        "sp iffe://x",
        "spiffe://a b",
        "spiffe:///x",
        "spiffe://a\\b",
        "spiffe://a\r\nb",
        "spiffe://ü",
        "spiffe://<a>",
    ] {
        refused(raw(URI, name.as_bytes(), CertificateSubject::SanUri));
    }
    for name in [
        "",
        "@",
        "a@",
        "@b.example",
        "a@b@c.example",
        "a.example",
        "a @b.example",
        "\"a\"@b.example",
        "a..b@c.example",
        ".a@b.example",
        "a@10.0.0.1",
        "a@[10.0.0.1]",
        "a@b.example\n",
        "ä@b.example",
        "a,b@c.example",
    ] {
        refused(raw(EMAIL, name.as_bytes(), CertificateSubject::SanEmail));
    }
}

#[test]
fn tls_common_name_is_one_and_plain() {
    let common = |values: Vec<DnValue>| {
        let mut params = CertificateParams::default();
        params.distinguished_name = rcgen::DistinguishedName::new();
        for (position, value) in values.into_iter().enumerate() {
            // A second attribute of the type, which `push` would have replaced.
            let kind = if position == 0 { DnType::CommonName } else { DnType::CustomDnType(vec![2, 5, 4, 3]) };
            params.distinguished_name.push(kind, value);
        }
        subject_of(&params, &[CertificateSubject::CommonName])
    };
    let text = |text: &str| DnValue::Utf8String(text.into());
    assert_eq!(common(vec![text("Warehouse Sync")]).as_deref(), Ok("Warehouse Sync"));
    for bad in ["", " ", "sync ", "sync\n", "sync\u{7f}", "s\u{fc}nc", "\u{202e}sync"] {
        refused(common(vec![text(bad)]));
    }
    refused(common(vec![text(&"a".repeat(257))]));
    refused(common(Vec::new()));
    refused(common(vec![text("one"), text("two")]));
    refused(common(vec![DnValue::BmpString("sync".try_into().expect("a string"))]));
}

#[test]
fn tls_name_beside_one_that_cannot_be_read_is_refused() {
    let names = [(URI, &b"spiffe://seller/picker"[..]), (DNS, b"\xff\xfe.example")];
    refused(subject_of(&with_raw_names(&names), &[CertificateSubject::SanUri]));
}

#[test]
fn tls_garbage_is_no_certificate() {
    let gate = Gate::new();
    let key = KeyPair::generate().expect("a key");
    let whole = with_raw_names(&[(URI, b"spiffe://seller/picker")]).self_signed(&key).expect("a certificate");
    assert!(gate.identifier.certificate(whole.der()).is_ok());
    let longer = [whole.der(), &[0][..]].concat();
    assert_eq!(refusal(gate.identifier.certificate(&longer)), IdentityRefusal::CertificateName);
    assert!(gate.identifier.certificate(&whole.der()[..whole.der().len() - 1]).is_err());
    let leaf = gate.pki.client.certificate.as_bytes();
    for bytes in [&[][..], b"garbage", leaf, &[0x30, 0x80], &[0x30, 0x03, 0x02, 0x01, 0x01]] {
        assert_eq!(refusal(gate.identifier.certificate(bytes)), IdentityRefusal::CertificateName);
    }
}

#[test]
fn tls_certificate_ends_while_the_connection_stands() {
    let key = KeyPair::generate().expect("a key");
    let mut params = with_raw_names(&[(URI, b"spiffe://seller/picker")]);
    params.not_after = rcgen::date_time_ymd(2026, 1, 2);
    let certificate = params.self_signed(&key).expect("a certificate");
    let gate = identifier(&[CallerMethod::Certificate(CertificateSubject::SanUri)]);
    let picker = gate.certificate(certificate.der()).unwrap_or_else(|why| panic!("{}", why.code()));
    let verdict = |now| gate.identify(&presented(&HeaderMap::new(), picker.as_ref()), now);
    assert!(matches!(verdict(NOW), Ok(Some(_))));
    assert_eq!(refusal(verdict(NOW + 86_401)), IdentityRefusal::CertificateExpired);
}
