//! ECS 9.4 (Elastic Common Schema): a document for a data stream. It is made for searching, and for the rules and
//! dashboards that know ECS; the record itself stands in `event.original`, byte for byte, so that an export of that field
//! can be verified, also where the cluster rebuilds documents (synthetic `_source`) and keeps no order of members.
//!
//! ECS has no place for some of what a record tells: that stands under `portcullis`.

mod fields;
mod sort;

pub use sort::{Sort, sort};

use super::super::members::{first, inner, items, member, members, number};
use super::parts::{Details, Endpoint, Metadata, Parts, Request, of};
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
    line: &'l [u8],
    parts: Parts<'l>,
    metadata: Metadata<'l>,
    /// `metadata.event_code` without its quotes, `metadata.log_name` and `metadata.uid` with theirs.
    code: &'l [u8],
    chain: &'l [u8],
    uid: &'l [u8],
    /// `unmapped.portcullis`
    unmapped: Option<&'l [u8]>,
    details: Details<'l>,
    request: Request<'l>,
    source: Endpoint<'l>,
    /// Of alarms: the first item of `evidences`.
    evidence: Option<&'l [u8]>,
    time: u64,
}

impl<'l> Record<'l> {
    /// Reads a record's line; `None` if it is no record.
    pub fn read(line: &'l [u8]) -> Option<Self> {
        let parts: Parts<'l> = of(line);
        let metadata = parts.metadata?;
        let is_text = |value: &&[u8]| value.len() > 2 && value.starts_with(b"\"") && value.ends_with(b"\"");
        let chain = metadata.chain.filter(is_text)?;
        let uid = metadata.uid.filter(is_text)?;
        let code = metadata.code.filter(is_text)?;
        let code = &code[1..code.len() - 1];
        let time = number(parts.time?)?;
        parts.class?;
        let evidence = parts.evidences.and_then(first);
        let details = parts.unmapped.and_then(|unmapped| unmapped.portcullis).unwrap_or_default();
        let unmapped = parts.unmapped.and_then(|unmapped| unmapped.bytes);
        let request = parts.request.unwrap_or_default();
        let seen = || inner(evidence, &["src_endpoint"]).map(of);
        let source = parts.source.or_else(seen).unwrap_or_default();
        Some(Self { line, parts, metadata, code, chain, uid, unmapped, details, request, source, evidence, time })
    }

    /// The leaf that this record, `following`, names as the one before it, if it follows `record` in its chain: what the
    /// gate hashed when it wrote them need not be hashed for each sink. The spool has sealed both.
    fn named_leaf(following: &Self, record: &Self) -> Option<&'l [u8]> {
        let sequence = |record: &Self| record.metadata.sequence.and_then(number);
        let follows = following.chain == record.chain && sequence(following)? == sequence(record)?.checked_add(1)?;
        let leaf = following.details.prev?.strip_prefix(b"\"")?.strip_suffix(b"\"")?;
        (follows && leaf.len() == 64).then_some(leaf)
    }

    /// `metadata.uid`, as JSON: the document's id.
    pub const fn id(&self) -> &'l [u8] {
        self.uid
    }

    /// Appends the document. `stream` is the value of `data_stream`, as JSON; `following` another record, which may be
    /// the next one of the same chain.
    pub fn document(&self, stream: Option<&[u8]>, following: Option<&Self>, out: &mut Vec<u8>) {
        out.reserve(2 * self.line.len() + 2048);
        Fields::write(out, |fields| {
            fields.time("@timestamp", Some(self.time));
            fields.json("data_stream", stream);
            fields.object("ecs", |ecs| ecs.word("version", VERSION));
            fields.object("event", |event| self.event(following, event));
            self.http(fields);
            fields.json("message", inner(self.parts.finding, &["title"]).or(self.parts.detail));
            self.places(fields);
            self.who(fields);
            self.rule(fields);
            self.file(fields);
            fields.object("portcullis", |ours| self.ours(ours));
        });
    }

    fn event(&self, following: Option<&Self>, event: &mut Fields<'_>) {
        let (parts, metadata, code) = (&self.parts, &self.metadata, self.code);
        let sort = sort(parts.class.unwrap_or_default(), code, self.unnamed_activity(), parts.action);
        let action: Vec<u8> = code.iter().map(|byte| action(*byte)).collect();
        event.quoted("action", &action);
        event.json("category", Some(sort.category));
        event.json("code", metadata.code);
        event.time("created", metadata.logged.and_then(number));
        event.word("dataset", DATASET);
        if let Some(nanos) = self.nanos() {
            event.number("duration", nanos);
        }
        event.time("end", parts.end.and_then(number));
        // Hexadecimal digits.
        match following.and_then(|following| Self::named_leaf(following, self)) {
            Some(leaf) => event.quoted("hash", leaf),
            None => event.quoted("hash", &Leaf::of(self.line).hex()),
        }
        event.json("id", Some(self.uid));
        // What a detector sees in shadow is no alert.
        event.word("kind", if parts.is_alert == Some(b"false") { "event" } else { sort.kind });
        event.word("module", "portcullis");
        event.quoted("original", self.line);
        // The status of a finding is how far it has come.
        match parts.status.filter(|_| parts.finding.is_none()) {
            Some(b"1") => event.word("outcome", "success"),
            Some(b"2") => event.word("outcome", "failure"),
            _ => {}
        }
        event.word("provider", "portcullis");
        event.json("reason", parts.code);
        event.json("sequence", metadata.sequence);
        event.json("severity", parts.severity);
        event.time("start", parts.start.and_then(number));
        event.json("type", Some(sort.r#type));
    }

    /// The activity; of HTTP, `99` only where there was a connection and no request.
    fn unnamed_activity(&self) -> Option<&'l [u8]> {
        let is_request = || self.request.version.is_some();
        self.parts.activity.filter(|activity| *activity != b"99" || self.parts.class != Some(b"4002") || !is_request())
    }

    fn nanos(&self) -> Option<u64> {
        let micros = self.details.duration_micros.and_then(number);
        micros
            .map(|micros| micros.saturating_mul(1_000))
            .or_else(|| self.parts.duration.and_then(number).map(|millis| millis.saturating_mul(1_000_000)))
    }

    fn http(&self, fields: &mut Fields<'_>) {
        let parts = &self.parts;
        let Request { method, uid, url, version } = self.request;
        let method = method.or(parts.activity_name.filter(|_| url.is_some()));
        let [bytes_in, bytes_out] = members(parts.traffic, ["bytes_in", "bytes_out"]);
        let tls = parts.tls.unwrap_or_default();
        let is_http = parts.class == Some(b"4002");
        fields.object("http", |http| {
            http.object("request", |request| {
                request.object("body", |body| body.json("bytes", bytes_in));
                request.json("id", uid);
                request.json("method", method);
            });
            http.object("response", |response| {
                response.object("body", |body| body.json("bytes", bytes_out));
                response.json("status_code", inner(parts.response, &["code"]));
            });
            http.json("version", version);
        });
        fields.object("url", |fields| {
            fields.json("domain", tls.sni);
            fields.json("path", inner(url, &["path"]));
            if is_http {
                fields.word("scheme", if parts.tls.is_some() { "https" } else { "http" });
            }
        });
        if parts.tls.is_some() {
            fields.object("tls", |fields| {
                fields.json("cipher", tls.cipher);
                fields.object("client", |client| client.json("server_name", tls.sni));
                fields.json("curve", self.details.tls_group);
                fields.json("established", Some(b"true"));
                let version = tls.version.and_then(|version| version.strip_prefix(b"\"TLSv"));
                if let Some(version) = version.and_then(|version| version.strip_suffix(b"\"")) {
                    fields.quoted("version", version);
                    fields.word("version_protocol", "tls");
                }
            });
        }
        fields.object("trace", |trace| trace.json("id", self.details.trace_id));
    }

    /// From where, and where it was seen.
    fn places(&self, fields: &mut Fields<'_>) {
        let (parts, source, ip) = (&self.parts, &self.source, self.source.ip);
        fields.object("source", |fields| {
            let locked = parts.user.filter(|user| member(user, "type") == Some(b"\"Address\""));
            fields.json("address", ip.or(source.uid).or_else(|| inner(locked, &["uid"])));
            fields.json("ip", ip);
            fields.json("port", source.port);
        });
        let instance = self.instance();
        let version = inner(self.metadata.product, &["version"]);
        fields.object("observer", |observer| {
            observer.object("ingress", |ingress| {
                ingress.object("interface", |fields| fields.json("name", inner(parts.destination, &["svc_name"])));
            });
            observer.json("name", Some(&instance));
            observer.word("product", "Portcullis");
            observer.word("type", "proxy");
            observer.word("vendor", "Portcullis");
            observer.json("version", version);
        });
        fields.object("service", |service| {
            service.word("name", "portcullis");
            service.object("node", |node| node.json("name", Some(&instance)));
            service.word("type", "portcullis");
            service.json("version", version);
        });
    }

    /// Of `<instance>/<epoch>`, as JSON text: neither half is cut within an escape, which would hold a backslash.
    fn instance(&self) -> Vec<u8> {
        let chain = self.chain;
        let cut = chain.iter().rposition(|byte| *byte == b'/').unwrap_or(chain.len() - 1);
        [&chain[..cut], b"\""].concat()
    }

    /// Who acts, and whom something happens to.
    fn who(&self, fields: &mut Fields<'_>) {
        let parts = &self.parts;
        let actor = parts.actor.or_else(|| inner(self.evidence, &["actor"]));
        let acts = inner(actor, &["user", "uid"]);
        let of =
            parts.user.filter(|user| member(user, "type") != Some(b"\"Address\"")).and_then(|user| member(user, "uid"));
        let (acts, target) = if parts.class == Some(b"3002") { (of, None) } else { (acts, of) };
        let role = inner(parts.authorizations.and_then(first), &["policy", "name"]);
        let roles = inner(self.details.caller, &["roles"]);
        fields.object("user", |user| {
            user.json("id", acts);
            user.json("name", inner(actor, &["user", "name"]));
            match roles {
                Some(roles) => user.json("roles", Some(roles)),
                None => user.array("roles", role),
            }
            user.object("target", |fields| fields.json("id", target));
        });
        fields.object("related", |related| {
            related.array("ip", self.source.ip);
            related.array("user", acts.into_iter().chain(target.filter(|target| Some(*target) != acts)));
        });
    }

    fn rule(&self, fields: &mut Fields<'_>) {
        let parts = &self.parts;
        let (analytic, policy) = (inner(parts.finding, &["analytic"]), inner(parts.policy, &["uid"]));
        let [category, name, uid] = members(parts.rule, ["category", "name", "uid"]);
        fields.object("rule", |rule| {
            rule.json("category", category.or_else(|| inner(analytic, &["type"])));
            rule.json("id", uid.or_else(|| inner(analytic, &["uid"])));
            rule.json("name", name.or(self.details.rule));
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
        let Some(file) = self.parts.file else { return };
        fields.object("file", |fields| {
            let hash = member(file, "hashes").and_then(first);
            fields.object("hash", |fields| fields.json("sha256", inner(hash, &["value"])));
            fields.json("name", member(file, "name"));
            fields.json("size", member(file, "size"));
        });
    }

    /// What ECS has no place for.
    fn ours(&self, ours: &mut Fields<'_>) {
        let (parts, metadata) = (&self.parts, &self.metadata);
        let data = inner(self.evidence, &["data"]);
        let entity = |ours: &mut Fields<'_>, key, entity: Option<&[u8]>| {
            ours.object(key, |fields| {
                for key in ["name", "type", "uid"] {
                    fields.json(key, inner(entity, &[key]));
                }
            });
        };
        ours.json("activity_id", parts.activity);
        ours.json("allowed", inner(data, &["allowed"]));
        ours.json("auth_protocol", parts.auth_protocol);
        ours.json("chain", Some(self.chain));
        ours.json("class_uid", parts.class);
        ours.json("comment", parts.comment);
        ours.json("confidence_id", parts.confidence);
        ours.json("connection_id", inner(parts.connection, &["uid"]));
        ours.json("count", parts.count);
        ours.json("details", self.unmapped);
        ours.json("disposition_id", parts.disposition);
        entity(ours, "entity", parts.entity);
        entity(ours, "entity_result", parts.entity_result);
        ours.json("finding_id", inner(parts.finding, &["uid"]));
        ours.json("is_alert", parts.is_alert);
        let mfa = || inner(parts.actor, &["session", "is_mfa"]);
        ours.json("mfa", parts.is_mfa.or_else(mfa).or_else(|| inner(self.evidence, &["actor", "session", "is_mfa"])));
        ours.json("observed", inner(data, &["observed"]));
        let kinds = metadata.classifications.and_then(first).and_then(|item| member(item, "discovery_details"));
        ours.array("pii", kinds.into_iter().flat_map(items).filter_map(|kind| member(kind, "type")));
        let proxy = parts.source.and_then(|source| source.proxy);
        ours.object("proxy", |fields| {
            fields.json("address", inner(proxy, &["ip"]).or_else(|| inner(proxy, &["uid"])));
            fields.json("port", inner(proxy, &["port"]));
        });
        ours.json("request_id", metadata.correlation);
        ours.json("role", inner(parts.authorizations.and_then(first), &["policy", "name"]));
        ours.json("route", inner(parts.rule, &["name"]).or_else(|| inner(self.evidence, &["api", "operation"])));
        ours.json("subject", inner(data, &["subject"]));
        ours.json("type_uid", parts.kind);
        ours.json("window_seconds", inner(data, &["window_seconds"]));
    }
}

/// `HTTP.DENY.AUTHZ` is the action `http-deny-authz`.
const fn action(byte: u8) -> u8 {
    match byte {
        b'.' | b'_' => b'-',
        other => other.to_ascii_lowercase(),
    }
}
