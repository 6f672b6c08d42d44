//! ECS 9.4 (Elastic Common Schema): a document for a data stream. It is made for searching, and for the rules and
//! dashboards that know ECS; the record itself stands in `event.original`, byte for byte, so that an export of that field
//! can be verified, also where the cluster rebuilds documents (synthetic `_source`) and keeps no order of members.
//!
//! ECS has no place for some of what a record tells: that stands under `portcullis`.

mod fields;
mod sort;

pub use sort::{Sort, sort};

use super::super::index::{Path, View};
use super::super::members::{items, member, number};
use super::parts::{Actor, Source};
use crate::audit::proof::Leaf;
use fields::Fields;
use sort::threat;

/// `ecs.version`
pub const VERSION: &str = "9.4.0";
/// `event.dataset`
pub const DATASET: &str = "portcullis.audit";

/// A record that a document can be made of.
#[derive(Clone, Copy, Debug)]
pub struct Record<'l> {
    view: View<'l>,
    /// `metadata.event_code` without its quotes, `metadata.log_name` and `metadata.uid` with theirs.
    code: &'l [u8],
    chain: &'l [u8],
    uid: &'l [u8],
    source: Source<'l>,
    actor: Actor<'l>,
    time: u64,
}

impl<'l> Record<'l> {
    /// Of a line; `None` if it is no record.
    pub fn read(view: View<'l>) -> Option<Self> {
        let text =
            |path| view.at(path).filter(|text| text.len() > 2 && text.starts_with(b"\"") && text.ends_with(b"\""));
        let code = text(Path::MetadataCode)?;
        let code = &code[1..code.len() - 1];
        let (chain, uid) = (text(Path::MetadataChain)?, text(Path::MetadataUid)?);
        let time = number(view.at(Path::Time)?)?;
        view.at(Path::Class)?;
        Some(Self { view, code, chain, uid, source: Source::of(&view), actor: Actor::of(&view), time })
    }

    fn at(&self, path: Path) -> Option<&'l [u8]> {
        self.view.at(path)
    }

    fn number(&self, path: Path) -> Option<u64> {
        self.view.at(path).and_then(number)
    }

    /// The leaf that this record, `following`, names as the one before it, if it follows `record` in its chain: what the
    /// gate hashed when it wrote them need not be hashed for each sink. The spool has sealed both.
    fn named_leaf(following: &Self, record: &Self) -> Option<&'l [u8]> {
        let sequence = |record: &Self| record.number(Path::MetadataSequence);
        let follows = following.chain == record.chain && sequence(following)? == sequence(record)?.checked_add(1)?;
        let leaf = following.at(Path::OursPrev)?.strip_prefix(b"\"")?.strip_suffix(b"\"")?;
        (follows && leaf.len() == 64).then_some(leaf)
    }

    /// `metadata.uid`, as JSON: the document's id.
    pub const fn id(&self) -> &'l [u8] {
        self.uid
    }

    /// Appends the document. `stream` is the value of `data_stream`, as JSON; `following` another record, which may be
    /// the next one of the same chain.
    pub fn document(&self, stream: Option<&[u8]>, following: Option<&Self>, out: &mut Vec<u8>) {
        out.reserve(2 * self.view.line.len() + 2048);
        Fields::write(out, |fields| {
            fields.time("@timestamp", Some(self.time));
            fields.json("data_stream", stream);
            fields.object("ecs", |ecs| ecs.word("version", VERSION));
            fields.object("event", |event| self.event(following, event));
            self.http(fields);
            fields.json("message", self.view.either(&[Path::FindingTitle, Path::StatusDetail]));
            self.places(fields);
            self.who(fields);
            self.rule(fields);
            self.file(fields);
            fields.object("portcullis", |ours| self.ours(ours));
        });
    }

    fn event(&self, following: Option<&Self>, event: &mut Fields<'_>) {
        let sort =
            sort(self.at(Path::Class).unwrap_or_default(), self.code, self.unnamed_activity(), self.at(Path::Action));
        event.action("action", self.code);
        event.json("category", Some(sort.category));
        event.json("code", self.at(Path::MetadataCode));
        event.time("created", self.number(Path::MetadataLogged));
        event.word("dataset", DATASET);
        if let Some(nanos) = self.nanos() {
            event.number("duration", nanos);
        }
        event.time("end", self.number(Path::End));
        // Hexadecimal digits.
        match following.and_then(|following| Self::named_leaf(following, self)) {
            Some(leaf) => event.quoted("hash", leaf, None),
            None => event.quoted("hash", &Leaf::of(self.view.line).hex(), None),
        }
        event.json("id", Some(self.uid));
        // What a detector sees in shadow is no alert.
        event.word("kind", if self.at(Path::IsAlert) == Some(b"false") { "event" } else { sort.kind });
        event.word("module", "portcullis");
        event.quoted("original", self.view.line, self.view.quotes());
        // The status of a finding is how far it has come.
        match self.at(Path::Status).filter(|_| self.at(Path::Finding).is_none()) {
            Some(b"1") => event.word("outcome", "success"),
            Some(b"2") => event.word("outcome", "failure"),
            _ => {}
        }
        event.word("provider", "portcullis");
        event.json("reason", self.at(Path::StatusCode));
        event.json("sequence", self.at(Path::MetadataSequence));
        event.json("severity", self.at(Path::Severity));
        event.time("start", self.number(Path::Start));
        event.json("type", Some(sort.r#type));
    }

    /// The activity; of HTTP, `99` only where there was a connection and no request.
    fn unnamed_activity(&self) -> Option<&'l [u8]> {
        let is_request = || self.at(Path::RequestVersion).is_some();
        let is_http = || self.at(Path::Class) == Some(b"4002");
        self.at(Path::Activity).filter(|activity| *activity != b"99" || !is_http() || !is_request())
    }

    fn nanos(&self) -> Option<u64> {
        let of = |path, nanos: u64| self.number(path).map(|count| count.saturating_mul(nanos));
        of(Path::OursDurationMicros, 1_000).or_else(|| of(Path::Duration, 1_000_000))
    }

    fn http(&self, fields: &mut Fields<'_>) {
        let has_url = self.at(Path::RequestUrl).is_some();
        let method = self.at(Path::RequestMethod).or_else(|| self.at(Path::ActivityName).filter(|_| has_url));
        let has_tls = self.at(Path::Tls).is_some();
        fields.object("http", |http| {
            http.object("request", |request| {
                request.object("body", |body| body.json("bytes", self.at(Path::TrafficIn)));
                request.json("id", self.at(Path::RequestUid));
                request.json("method", method);
            });
            http.object("response", |response| {
                response.object("body", |body| body.json("bytes", self.at(Path::TrafficOut)));
                response.json("status_code", self.at(Path::ResponseCode));
            });
            http.json("version", self.at(Path::RequestVersion));
        });
        fields.object("url", |fields| {
            fields.json("domain", self.at(Path::TlsSni));
            fields.json("path", self.at(Path::RequestPath));
            if self.at(Path::Class) == Some(b"4002") {
                fields.word("scheme", if has_tls { "https" } else { "http" });
            }
        });
        if has_tls {
            fields.object("tls", |fields| {
                fields.json("cipher", self.at(Path::TlsCipher));
                fields.object("client", |client| client.json("server_name", self.at(Path::TlsSni)));
                fields.json("curve", self.at(Path::OursTlsGroup));
                fields.json("established", Some(b"true"));
                let version = self.at(Path::TlsVersion).and_then(|version| version.strip_prefix(b"\"TLSv"));
                if let Some(version) = version.and_then(|version| version.strip_suffix(b"\"")) {
                    fields.quoted("version", version, None);
                    fields.word("version_protocol", "tls");
                }
            });
        }
        fields.object("trace", |trace| trace.json("id", self.at(Path::OursTrace)));
    }

    /// Whether the one whom something happens to is an address.
    fn is_address(&self) -> bool {
        self.at(Path::UserType) == Some(b"\"Address\"")
    }

    /// From where, and where it was seen.
    fn places(&self, fields: &mut Fields<'_>) {
        let source = &self.source;
        fields.object("source", |fields| {
            let locked = || self.at(Path::UserUid).filter(|_| self.is_address());
            fields.json("address", source.ip.or(source.uid).or_else(locked));
            fields.json("ip", source.ip);
            fields.json("port", source.port);
        });
        let instance = self.instance();
        let version = self.at(Path::MetadataVersion);
        fields.object("observer", |observer| {
            observer.object("ingress", |ingress| {
                ingress.object("interface", |fields| fields.json("name", self.at(Path::Listener)));
            });
            observer.text_of("name", instance);
            observer.word("product", "Portcullis");
            observer.word("type", "proxy");
            observer.word("vendor", "Portcullis");
            observer.json("version", version);
        });
        fields.object("service", |service| {
            service.word("name", "portcullis");
            service.object("node", |node| node.text_of("name", instance));
            service.word("type", "portcullis");
            service.json("version", version);
        });
    }

    /// Of `<instance>/<epoch>`, as JSON text without its quotes: neither half is cut within an escape, which would hold a
    /// backslash.
    fn instance(&self) -> &'l [u8] {
        let chain = &self.chain[1..self.chain.len() - 1];
        memchr::memrchr(b'/', chain).map_or(chain, |cut| &chain[..cut])
    }

    /// Who acts, and whom something happens to.
    fn who(&self, fields: &mut Fields<'_>) {
        let of = self.at(Path::UserUid).filter(|_| !self.is_address());
        let is_login = self.at(Path::Class) == Some(b"3002");
        let (acts, target) = if is_login { (of, None) } else { (self.actor.uid, of) };
        fields.object("user", |user| {
            user.json("id", acts);
            user.json("name", self.actor.name);
            match self.at(Path::OursRoles) {
                Some(roles) => user.json("roles", Some(roles)),
                None => user.array("roles", self.at(Path::Role)),
            }
            user.object("target", |fields| fields.json("id", target));
        });
        fields.object("related", |related| {
            related.array("ip", self.source.ip);
            related.array("user", acts.into_iter().chain(target.filter(|target| Some(*target) != acts)));
        });
    }

    fn rule(&self, fields: &mut Fields<'_>) {
        let policy = self.at(Path::Policy);
        fields.object("rule", |rule| {
            rule.json("category", self.view.either(&[Path::RuleCategory, Path::FindingType]));
            rule.json("id", self.view.either(&[Path::RuleUid, Path::FindingAnalytic]));
            rule.json("name", self.view.either(&[Path::RuleName, Path::OursRule]));
            if policy.is_some() {
                rule.word("ruleset", "policy");
            }
            rule.json("version", policy);
        });
        if let Some(threat) = threat(self.code) {
            let pair = |fields: &mut Fields<'_>, (id, name): (&str, &str)| {
                fields.array("id", [format!("\"{id}\"").as_bytes()]);
                fields.array("name", [format!("\"{name}\"").as_bytes()]);
            };
            fields.object("threat", |fields| {
                fields.word("framework", "MITRE ATT&CK");
                fields.object("tactic", |fields| pair(fields, threat.tactic));
                fields.object("technique", |fields| threat.technique.into_iter().for_each(|one| pair(fields, one)));
            });
        }
    }

    fn file(&self, fields: &mut Fields<'_>) {
        fields.object("file", |fields| {
            fields.object("hash", |fields| fields.json("sha256", self.at(Path::FileHash)));
            fields.json("name", self.at(Path::FileName));
            fields.json("size", self.at(Path::FileSize));
        });
    }

    /// What ECS has no place for.
    fn ours(&self, ours: &mut Fields<'_>) {
        let entity = |ours: &mut Fields<'_>, key, [name, kind, uid]: [Path; 3]| {
            ours.object(key, |fields| {
                fields.json("name", self.at(name));
                fields.json("type", self.at(kind));
                fields.json("uid", self.at(uid));
            });
        };
        ours.json("activity_id", self.at(Path::Activity));
        ours.json("allowed", self.at(Path::SeenAllowed));
        ours.json("auth_protocol", self.at(Path::AuthProtocol));
        ours.json("chain", Some(self.chain));
        ours.json("class_uid", self.at(Path::Class));
        ours.json("comment", self.at(Path::Comment));
        ours.json("confidence_id", self.at(Path::Confidence));
        ours.json("connection_id", self.at(Path::Connection));
        ours.json("count", self.at(Path::Count));
        ours.json("details", self.at(Path::Ours));
        ours.json("disposition_id", self.at(Path::Disposition));
        entity(ours, "entity", [Path::EntityName, Path::EntityType, Path::EntityUid]);
        entity(ours, "entity_result", [Path::ResultName, Path::ResultType, Path::ResultUid]);
        ours.json("finding_id", self.at(Path::FindingUid));
        ours.json("is_alert", self.at(Path::IsAlert));
        ours.json("mfa", self.view.either(&[Path::IsMfa, Path::ActorMfa, Path::SeenActorMfa]));
        ours.json("observed", self.at(Path::SeenObserved));
        let kinds = self.at(Path::MetadataKinds).into_iter().flat_map(items);
        ours.array("pii", kinds.filter_map(|kind| member(kind, "type")));
        ours.object("proxy", |fields| {
            fields.json("address", self.view.either(&[Path::SourceProxyIp, Path::SourceProxyUid]));
            fields.json("port", self.at(Path::SourceProxyPort));
        });
        ours.json("request_id", self.at(Path::MetadataCorrelation));
        ours.json("role", self.at(Path::Role));
        ours.json("route", self.view.either(&[Path::RuleName, Path::SeenOperation]));
        ours.json("subject", self.at(Path::SeenSubject));
        ours.json("type_uid", self.at(Path::Type));
        ours.json("window_seconds", self.at(Path::SeenWindow));
    }
}
