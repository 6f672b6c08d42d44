//! `admin:` and `health:`

use std::path::PathBuf;

use super::decode::{Decoder, Fields};
use super::gate;
use crate::policy::fault::{Code, Fault};
use crate::policy::rights::{Right, Rights};
use crate::policy::settings::{
    AdminSettings, AdminSocket, AdminTls, CertificateSubject, GateSettings, HealthSettings, TlsSettings,
};
use crate::policy::shape;
use crate::policy::yaml::{Entry, Node, Value};

/// Longest path of a Unix socket, its terminating zero left out (`sun_path`), less what a name beside it takes.
const MAX_SOCKET_PATH: usize = 107 - 8;

/// Decodes `admin:`; what it leaves open is as in `gate.tls`. Every key is read wherever operators are to connect, so that
/// all faults come out at once.
pub(super) fn admin(d: &mut Decoder<'_>, entry: &Entry, own: Option<&GateSettings>) -> Option<AdminSettings> {
    let fields = d.fields(&entry.value, &shape::ADMIN)?;
    let subjects = &[
        ("san_uri", CertificateSubject::SanUri),
        ("san_dns", CertificateSubject::SanDns),
        ("san_email", CertificateSubject::SanEmail),
        ("common_name", CertificateSubject::CommonName),
    ];
    let listen = fields.get("listen").map(|node| d.listen(node, "admin.listen"));
    let tls = fields.get("tls").map(|node| tls(d, node));
    let subject = fields.get("subject").map(|node| d.word(node, "admin.subject", subjects));
    let hosts = fields.get("hosts").map(|node| gate::hosts(d, node, "admin.hosts")).unwrap_or_default();
    let path = fields.get("socket").map(|node| socket(d, node));
    let owner = fields.get("owner").map_or_else(Rights::all, |node| owner(d, node));
    match (listen, path) {
        (Some(listen), None) => {
            unused(d, &fields, "owner", "it is about the socket; over TLS roles alone decide");
            let tls = match tls {
                Some(tls) => tls,
                None => as_the_gate(d, entry, own?),
            };
            let subject = subject.unwrap_or(Some(CertificateSubject::SanUri));
            Some(AdminSettings::Tls(Box::new(AdminTls { listen: listen?, tls: tls?, subject: subject?, hosts })))
        }
        (None, Some(path)) => {
            for key in ["tls", "subject", "hosts"] {
                unused(d, &fields, key, "it is about TLS; on a socket the kernel says who calls");
            }
            Some(AdminSettings::Socket(AdminSocket { path: path?, owner }))
        }
        (listen, _) => {
            let what = if listen.is_some() { "one place alone" } else { "at one place" };
            let fault = Fault::new(Code::MissingKey, fields.at, format!("admin listens {what}"));
            d.fault(fault.help("`listen: \"127.0.0.1:9443\"` for TLS, or `socket: /run/portcullis/admin.sock`"));
            None
        }
    }
}

fn tls(d: &mut Decoder<'_>, node: &Node) -> Option<TlsSettings> {
    let fields = d.fields(node, &shape::ADMIN_TLS)?;
    let pair = d.certificate_files(&fields, "admin.tls");
    let client_ca = d.required(&fields, "client_ca").and_then(|node| {
        let make = "`portcullis certs dev` makes a development authority for clients";
        let path = d.existing(node, "admin.tls.client_ca", make)?;
        d.dates(node, "admin.tls.client_ca", &path);
        Some(path)
    });
    let (crl, crl_stale) = gate::revocation_lists(d, &fields, "admin.tls");
    let certificates = vec![pair?];
    Some(TlsSettings { certificates, allow_tls12: false, client_ca: Some(client_ca?), crl, crl_stale })
}

/// The gate's own certificate, and the authorities of its callers.
fn as_the_gate(d: &mut Decoder<'_>, entry: &Entry, own: &GateSettings) -> Option<TlsSettings> {
    if own.tls.client_ca.is_none() {
        let fault =
            Fault::new(Code::Unproven, entry.key_span, "no operator can prove who it is: `admin.tls` is missing");
        let help = "name certificate, key and the authority of operators under `admin.tls`, or use `admin.socket`";
        d.fault(fault.help(help));
        return None;
    }
    Some(TlsSettings { allow_tls12: false, ..own.tls.clone() })
}

fn socket(d: &mut Decoder<'_>, node: &Node) -> Option<PathBuf> {
    let path = d.path(node, "admin.socket")?;
    if path.as_os_str().len() > MAX_SOCKET_PATH {
        let message = format!("the path of a Unix socket has at most {MAX_SOCKET_PATH} bytes here");
        d.fault(Fault::new(Code::Bound, node.span, message).help("a shorter one: `/run/portcullis/admin.sock`"));
    }
    Some(path)
}

fn owner(d: &mut Decoder<'_>, node: &Node) -> Rights {
    let words = Right::ALL.map(|right| (right.word(), right));
    let items = d.list(node, "admin.owner").unwrap_or_default();
    items.iter().filter_map(|item| d.word(item, "admin.owner", &words)).collect()
}

/// Notes a key that means nothing here: whoever wrote it relies on it.
fn unused(d: &mut Decoder<'_>, fields: &Fields<'_>, key: &'static str, why: &'static str) {
    let Some(entry) = fields.entry(key) else { return };
    let fault = Fault::new(Code::UnknownKey, entry.key_span, format!("`admin.{key}` has no effect here"));
    d.fault(fault.label("without effect").help(why));
}

/// Decodes `health:`.
pub(super) fn health(d: &mut Decoder<'_>, node: &Node) -> Option<HealthSettings> {
    let fields = d.fields(node, &shape::HEALTH)?;
    let listen = d.required(&fields, "listen").and_then(|node| d.listen(node, "health.listen"));
    Some(HealthSettings { listen: listen? })
}

/// How members of roles can prove themselves to the operators' API.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct OperatorsProve {
    /// By a certificate: `cert:`.
    pub certificate: bool,
    /// By the kernel's word: `uid:` and `gid:`.
    pub peer: bool,
}

impl OperatorsProve {
    /// As far as the tree says so.
    pub(super) fn of(node: Option<&Node>) -> Self {
        let Some(Value::Map(entries)) = node.map(|node| &node.value) else { return Self::default() };
        let has = |key: &str| entries.iter().any(|entry| entry.key == key);
        Self { certificate: has("listen"), peer: has("socket") }
    }
}
