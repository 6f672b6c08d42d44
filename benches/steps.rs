//! What the steps of the gate cost on one core: `cargo bench`. Each figure is the best of many rounds, for others share
//! the machine; the figures that count are kept in `bench/README.md`.

#![expect(
    clippy::disallowed_methods,
    clippy::disallowed_macros,
    clippy::print_stdout,
    clippy::panic,
    reason = "a bench measures real time, prints what it finds, and ends at the first fault"
)]

#[path = "behaviour/mod.rs"]
mod behaviour;
#[path = "redaction/mod.rs"]
mod redaction;
#[path = "siem/mod.rs"]
mod siem;
#[path = "telemetry/mod.rs"]
mod telemetry;

use std::fmt::Write as _;
use std::hint::black_box;
use std::net::{IpAddr, Ipv4Addr};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::header::{AUTHORIZATION, HeaderMap, HeaderValue};
use http::{Method, Uri};
use portcullis::audit::event::{
    Access, Blame, CallerKind, CallerRecord, ConnectionRecord, CredentialRecord, End, Event, HttpVersion, MethodWord,
    Outcome, OutcomeRow, PolicyRecord, RouteRecord, Stage as Part, TlsRecord,
};
use portcullis::audit::ocsf::Scribe;
use portcullis::audit::spool::disk::RealDisk;
use portcullis::audit::spool::{Group, Limits as SegmentLimits, Spool, WrappingKey};
use portcullis::audit::{Producer, RequestId, Trail};
use portcullis::clock::{Clock, Ticks, UnixMillis};
use portcullis::gate::{Current, Stage, Terms};
use portcullis::identity::{Identifier, Presented, Providers, dev};
use portcullis::limits::Limits;
use portcullis::policy::decide::{CallerFacts, DeviceFact, Facts, decide};
use portcullis::policy::diff::Diff;
use portcullis::policy::path::CanonicalPath;
use portcullis::policy::roles::{RoleIndex, RoleSet, Standing};
use portcullis::policy::settings::{CallerMethod, Commit, PathProfile, TokenAlgorithm, TokenSettings};
use portcullis::policy::{LoadOptions, Policy, load_text};
use portcullis::redact::{self, AddressForm, CallerForm, Kind, Name, PseudonymKey, Redacted, Redactor};
use portcullis::upstream::Connector;
use portcullis::watch::{Brief, Keys, Lens, Lookout, Sanctions};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;

const NOW: u64 = 1_767_225_600;

fn main() {
    let shipped = include_str!("../policies/sp-api.yaml");
    let steps: [(&str, &dyn Fn()); 11] = [
        ("decisions", &|| {
            let path = "/orders/v0/orders/902-3159896-1390916/address";
            decisions("policies/sp-api.yaml", &policy(shipped), path);
            let path = "/service-871/v1/items/902-3159896-1390916/address";
            decisions("1,000 routes", &policy(&thousand_routes()), path);
        }),
        ("loads", &|| {
            loads("load and compile policies/sp-api.yaml", shipped);
            loads("load and compile 1,000 routes, 10,000 members", &many_members());
            formats("format policies/sp-api.yaml", shipped);
            changes();
        }),
        ("terms", &|| in_force(policy(shipped))),
        ("limits", &limits),
        ("behaviour", &|| behaviour::run(&policy(shipped))),
        ("identify", &|| {
            identify();
            keys_and_certificates();
        }),
        ("query", &query),
        ("record", &|| {
            record();
            spool();
        }),
        ("redaction", &redaction::run),
        ("siem", &siem::run),
        ("telemetry", &|| telemetry::run(&policy(shipped))),
    ];
    // Those that are named, or all.
    let named: Vec<String> = std::env::args().skip(1).filter(|argument| !argument.starts_with('-')).collect();
    for (name, step) in steps {
        if named.is_empty() || named.iter().any(|named| named == name) {
            step();
        }
    }
}

/// One figure.
fn say(name: &str, figure: &str) {
    println!("{name:<44} {figure:>9}");
}

/// The best of 50 rounds of 20,000 calls, in CPU time of the thread: what others do meanwhile matters less.
fn measure(name: &str, mut call: impl FnMut()) {
    const CALLS: u32 = 20_000;
    let best = (0..50)
        .map(|_| {
            let start = cpu_of_thread();
            (0..CALLS).for_each(|_| call());
            cpu_of_thread().saturating_sub(start)
        })
        .min()
        .unwrap_or(Duration::ZERO);
    println!("{name:<44} {:>6} ns", best.as_nanos() / u128::from(CALLS));
}

fn policy(text: &str) -> Policy {
    match load_text("bench.yaml", text, Path::new("."), &LoadOptions::check()) {
        Ok(loaded) => loaded.policy,
        Err(faults) => panic!("{faults}"),
    }
}

/// The best of 20 rounds.
fn once(name: &str, mut call: impl FnMut()) {
    let round = |_| {
        let start = Instant::now();
        call();
        start.elapsed()
    };
    println!("{name:<44} {:>9.1?}", (0..20).map(round).min().unwrap_or(Duration::ZERO));
}

fn loads(name: &str, text: &str) {
    once(name, || drop(black_box(policy(text))));
}

fn formats(name: &str, text: &str) {
    once(name, || drop(black_box(portcullis::policy::format::format(text))));
}

fn many_members() -> String {
    let mut text = thousand_routes();
    let (head, routes) = text.split_once("routes:").expect("routes");
    let (head, _) = head.split_once("roles:").expect("roles");
    let mut roles = String::from("roles:\n  picker:\n    members:\n");
    for member in 0..10_000 {
        let _ = writeln!(roles, "      - \"cert:spiffe://seller.example/service/{member}\"");
    }
    text = format!("{head}{roles}routes:{routes}");
    text
}

fn thousand_routes() -> String {
    let mut text = String::from(
        "version: 1\ngate: { listen: \"127.0.0.1:0\", tls: { certificate: a.pem, key: a.key } }\n\
         upstream: { url: \"http://127.0.0.1:1\" }\naudit: off\n\
         callers: [ certificate: { subject: san_uri } ]\nroles: { picker: { members: [\"cert:spiffe://a/b\"] } }\n\
         routes:\n",
    )
    .replace("key: a.key }", "key: a.key, client_ca: ca.pem }");
    for number in 500..1000 {
        for (kind, path) in [("a", "v1/items/{id}/address"), ("b", "v2/**")] {
            let _ =
                writeln!(text, "  - {{ name: r{number}{kind}, path: \"/service-{number}/{path}\", allow: [picker] }}");
        }
    }
    text
}

/// 1,000 routes, and 10,000 members in 20 roles.
fn ten_thousand_members() -> String {
    let mut roles = String::from("roles:\n");
    for role in 0..20 {
        let name = if role == 0 { "picker".to_owned() } else { format!("role-{role}") };
        let members: Vec<_> = (0..500).map(|member| format!("\"cert:spiffe://seller/{role}/{member}\"")).collect();
        let _ = writeln!(roles, "  {name}: {{ members: [{}] }}", members.join(", "));
    }
    let text = thousand_routes().replace("roles: { picker: { members: [\"cert:spiffe://a/b\"] } }\n", &roles);
    (1..20).fold(text, |text, role| {
        let (from, to) = (format!("r{}a,", 500 + role), format!("r{}a, mode: enforce,", 500 + role));
        text.replace(&from, &to).replacen("allow: [picker]", &format!("allow: [role-{role}]"), 1)
    })
}

/// What a change of a large policy costs, off the workers' threads.
fn changes() {
    let text = ten_thousand_members();
    let best = |name: &str, mut call: Box<dyn FnMut()>| {
        let best = (0..20).map(|_| {
            let start = Instant::now();
            call();
            start.elapsed()
        });
        println!("{name:<44} {:>9.1?}", best.min().unwrap_or_default());
    };
    let (old, new) = (policy(&text), policy(&text.replace("/v2/**", "/v3/**")));
    best("policy compile, 1,000 routes, 10,000 members", Box::new(move || drop(black_box(policy(&text)))));
    best("difference of two of these", Box::new(move || drop(black_box(Diff::between(&old, &new).sentences()))));
}

/// What a request pays to know the terms in force.
/// All limits that a route has: of each kind, with a million keys in their tables.
fn limits() {
    const MILLION: u32 = 1_000_000;
    let text = "version: 1\ngate: { listen: \"127.0.0.1:0\", tls: { certificate: a.pem, key: a.key } }\n\
                upstream: { url: \"http://127.0.0.1:1\" }\naudit: off\nroutes: [{ name: all, path: '/**', allow: [anyone] }]\n\
                limits:\n  - { name: calls, per: address, requests: 1000000000/s }\n  - { name: route, per: route, requests: \
                1000000000/s, concurrent: 100, headers: true }\n  - { name: reads, per: caller+route, bytes: 900GB/h, records: { \
                count: 100000000/d, at: \"$.payload.Orders[*]\" } }\n";
    let policy = policy(text);
    let held = policy.routes.routes()[0].limits.clone();
    let counted = Limits::new(&policy);
    let subject = |number: u32| portcullis::limits::Subject {
        caller: None,
        address: IpAddr::from(number.to_be_bytes()),
        role: None,
        route: 0,
    };
    let orders: Vec<_> =
        (0..100).map(|order| format!("{{\"AmazonOrderId\":\"902-{order:07}\",\"Total\":[1,2]}}")).collect();
    let answer = Bytes::from(format!("{{\"payload\":{{\"Orders\":[{}]}}}}", orders.join(",")));
    let now = Ticks(1_000_000);
    let charge = |number: u32, answer: &Bytes| {
        let mut grant = counted.admit(&held, &subject(number), now).map_err(drop).expect("room");
        let mut piece = answer.clone();
        grant.pass(&counted, &mut piece, true, now).expect("room");
        black_box(piece);
    };
    let small = Bytes::from_static(b"{\"payload\":{\"Orders\":[1]}}");
    (0..MILLION).for_each(|number| charge(number, &small));
    let mut number = 0_u32;
    let mut next = || {
        number = number.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        number % MILLION
    };
    measure("three limits, five counts, a million keys", || charge(next(), &small));
    measure(&format!("the same, and 100 records in {} bytes", answer.len()), || charge(next(), &answer));
    let calls = &held[..1];
    measure("one limit of requests, a million keys", || {
        black_box(counted.admit(calls, &subject(next()), now).is_ok());
    });
}

fn in_force(policy: Policy) {
    let clock = Clock::system();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let policy = Arc::new(policy);
    let redactor = Arc::new(redactor());
    let lens = Arc::new(Lens::new(&policy, &redactor));
    let record = Arc::new(PolicyRecord { digest: policy.digest.clone(), enforced: true });
    let brief = Brief::new(&policy, Arc::clone(&lens), Arc::clone(&record), Vec::new(), Arc::clone(&redactor));
    let terms = Terms {
        generation: 1,
        policy_record: record,
        route_records: Vec::new(),
        identifier: Arc::new(
            Identifier::load(&[], &policy.roles, None, CallerForm::Pseudonym, &Providers::default())
                .expect("no keys to read"),
        ),
        signer: None,
        redactor,
        brief: Arc::new(brief),
        lens,
        limits: Arc::new(Limits::new(&policy)),
        connector: Connector::load(&policy.upstream, &provider).expect("an app on loopback"),
        canaries: Vec::new(),
        meters: None,
        tracing: None,
        policy,
    };
    let (publish, terms) = tokio::sync::watch::channel(Arc::new(terms));
    let (_stage, stage) = tokio::sync::watch::channel(Stage::Serving);
    let sanctions = Sanctions::new(Keys::random(), clock.clone(), Trail::off());
    let current =
        Current::new(terms, Trail::off(), (Arc::new(sanctions), Lookout::new()), clock, Arc::default(), stage);
    measure("the terms in force, at a request's begin", || {
        black_box(current.gate());
    });
    drop(publish);
}

fn decisions(name: &str, policy: &Policy, path: &str) {
    let mut roles = RoleSet::default();
    (0..policy.routes.routes().len().min(256))
        .for_each(|role| roles.insert(RoleIndex(u8::try_from(role).unwrap_or(0))));
    measure(&format!("canonical path and decision, {name}"), || {
        let path = CanonicalPath::parse(black_box(path), PathProfile::Default).ok();
        let facts = path.as_ref().map(|path| Facts {
            method: &Method::GET,
            path,
            address: IpAddr::V4(Ipv4Addr::LOCALHOST),
            caller: Some(CallerFacts { roles, mfa_at: Some(NOW), device: DeviceFact::None }),
            now: NOW,
        });
        black_box(facts.map(|facts| decide(policy, &facts).passes()));
    });
}

fn identify() {
    let keys = tempfile::tempdir().expect("a directory");
    let pair = dev::signing_pair().expect("a key pair");
    let path = keys.path().join("jwks.json");
    std::fs::write(&path, &pair.jwks).expect("a file");
    let request = dev::TokenRequest {
        issuer: "https://idp.example",
        audience: "seller-app",
        subject: "u-1001",
        groups: &["warehouse".to_owned()],
        mfa: true,
        now: NOW,
        lifetime: 3600,
    };
    let token = dev::mint_token(&pair.key, &request).expect("a token");
    let settings = TokenSettings {
        roles: Some("roles".to_owned()),
        ..TokenSettings::local(request.issuer, request.audience, path, &[TokenAlgorithm::Es256])
    };
    let methods = [CallerMethod::Token(Arc::new(settings))];
    let identifier =
        Identifier::load(&methods, &Default::default(), None, CallerForm::Pseudonym, &Providers::default())
            .expect("a sound key set");
    let mut fields = HeaderMap::new();
    fields.insert(AUTHORIZATION, HeaderValue::try_from(format!("Bearer {token}")).expect("a value"));
    measure("a caller by a token that was seen before", || {
        black_box(identifier.identify(&Presented::fields(black_box(&fields)), NOW).is_ok());
    });
}

/// With 10,000 API keys in the file and 10,000 revocations in the policy.
fn keys_and_certificates() {
    const MANY: usize = 10_000;
    let directory = tempfile::tempdir().expect("a directory");
    let file = directory.path().join("api-keys.yaml");
    let made: Vec<_> = (0..MANY)
        .map(|number| dev::api_key(&name(&format!("sync-{number}")), None, &[name("warehouse")]).expect("a key"))
        .collect();
    let entries: String = made.iter().map(|key| key.entry.as_str()).collect();
    std::fs::write(&file, format!("keys:\n{entries}")).expect("a file");
    let mut text = format!(
        "version: 1\ngate: {{ listen: \"127.0.0.1:0\", tls: {{ certificate: a.pem, key: a.key, client_ca: ca.pem }} }}\n\
         upstream: {{ url: \"http://127.0.0.1:1\" }}\naudit: off\n\
         callers: [ certificate: {{ subject: san_uri }}, api_key: {{ header: x-api-key, file: \"{}\" }} ]\n\
         roles: {{ picker: {{ members: [\"cert:spiffe://seller/picker\", \"group:warehouse\"] }} }}\n\
         routes: [ {{ name: all, path: /**, allow: [picker] }} ]\nrevoked:\n",
        file.display()
    );
    for number in 1..=MANY {
        let _ = writeln!(text, "  - {{ serial: \"{number:06x}\", reason: a lost laptop, date: 2026-11-21 }}");
    }
    let start = Instant::now();
    let policy = policy(&text);
    let identifier = Identifier::for_policy(&policy, Arc::new(redactor()), &Providers::default()).expect("sound files");
    println!("{:<44} {:>9.1?}", "load 10,000 API keys and 10,000 revocations", start.elapsed());
    let mut fields = HeaderMap::new();
    fields.insert("x-api-key", HeaderValue::from_str(&made[MANY / 2].key).expect("a value"));
    measure("a caller by an API key, of 10,000", || {
        black_box(identifier.identify(&Presented::fields(black_box(&fields)), NOW).is_ok());
    });
    let pki = dev::dev_pki(&[]).expect("a PKI");
    let leaf = CertificateDer::from_pem_slice(pki.client.certificate.as_bytes()).expect("a certificate");
    measure("a connection's certificate, 10,000 revoked", || {
        black_box(identifier.peer(black_box(std::slice::from_ref(&leaf))).caller.is_ok());
    });
}

fn redactor() -> Redactor {
    Redactor::new(PseudonymKey::new(1, &[7; 32]).expect("32 bytes"))
}

fn query() {
    let uri: Uri =
        "/orders/v0/orders?buyerEmail=jane.doe%40example.com&MarketplaceIds=A1F83G8C2ARO7P".parse().expect("a target");
    let (allowed, redactor) = ([name("MarketplaceIds")], redactor());
    measure("a query, one value shown and one hidden", || {
        black_box(redact::query(black_box(uri.query().unwrap_or_default()), &allowed, &redactor));
    });
}

fn name(text: &str) -> Name {
    Name::configured(text).expect("a name")
}

static ALLOWED: OutcomeRow = OutcomeRow {
    code: "allowed",
    event_code: "HTTP.ALLOW",
    category: "authz",
    action_id: 1,
    disposition_id: 1,
    severity_id: 1,
    blame: Blame::None,
    text: "The request was let through.",
};

/// Records on their way to the disk: rendered, chained, compressed, sealed and appended, and how long one sync takes.
fn spool() {
    const GROUP: usize = 128;
    const GROUPS: usize = 64;
    let home = tempfile::tempdir().expect("a directory");
    let (key, now) = (WrappingKey::new(&[7; 32]).expect("a key"), UnixMillis(NOW * 1000));
    let (mut spool, recovered) =
        Spool::open(Arc::new(RealDisk), home.path(), &name("bench"), key, SegmentLimits::default(), now)
            .expect("a spool");
    let (event, policy) = sample();
    let events: Vec<Event> = (0..4096).map(|number| varied(&event, number)).collect();
    let mut events = events.iter().cycle();
    let producer = Producer { instance: name("bench"), epoch: recovered.epoch, policy };
    let mut scribe = Scribe::resume(producer, recovered.chain);
    let mut groups = |groups: usize, count: usize| {
        let group = |_| {
            let mut lines = Vec::with_capacity(count * 2048);
            let before = scribe.chain().clone();
            let leaves = events.by_ref().take(count).map(|event| scribe.event(event, now, &mut lines)).collect();
            Group { lines, before, leaves, at: Some(now) }
        };
        (0..groups).map(group).collect::<Vec<_>>()
    };
    for (count, what) in [(1, "one sync for 1 record"), (128, "one sync for 128 records")] {
        let mut best = Duration::MAX;
        for _ in 0..200 {
            let group = groups(1, count);
            let start = Instant::now();
            spool.write(&group, Ticks(0), now).expect("written");
            best = best.min(start.elapsed());
        }
        println!("{what:<44} {:>6} us", best.as_micros());
    }
    let (mut best, mut bytes) = (Duration::MAX, 0);
    for _ in 0..20 {
        let start = cpu();
        let written = groups(GROUPS, GROUP);
        spool.write(&written, Ticks(0), now).expect("written");
        best = best.min(cpu().saturating_sub(start));
        bytes += written.iter().map(|group| group.lines.len()).sum::<usize>();
    }
    let each = best.as_nanos() / (GROUP * GROUPS) as u128;
    println!("{:<44} {each:>6} ns CPU", "a record, rendered to appended, groups of 128");
    let records = 20 * GROUP * GROUPS;
    let stored: u64 = std::fs::read_dir(spool.directory())
        .expect("files")
        .filter_map(|entry| entry.ok()?.metadata().ok())
        .map(|metadata| metadata.len())
        .sum();
    println!("{:<44} {:>6} of {} bytes", "", usize::try_from(stored).unwrap_or(0) / records, bytes / records);
}

/// The record of another request: what differs from one to the next does, since it is what does not compress.
fn varied(event: &Event, number: u64) -> Event {
    let Event::Access(access) = event else { panic!("a request") };
    let mut access = access.clone();
    let scattered = number.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    access.id = RequestId::new(UnixMillis(NOW * 1000 + number));
    access.started = UnixMillis(NOW * 1000 + number);
    (access.duration_micros, access.upstream_micros) = (3_000 + scattered % 50_000, Some(2_900 + scattered % 50_000));
    access.bytes_out = scattered % 10_000;
    let mut connection = (*access.connection).clone();
    connection.id = RequestId::new(UnixMillis(NOW * 1000 + number / 8));
    connection.source_port = Some(u16::try_from(scattered >> 48).unwrap_or(0));
    connection.source = redactor()
        .address(IpAddr::V4(Ipv4Addr::new(192, 0, 2, (scattered >> 56).to_le_bytes()[0])), AddressForm::Keyed);
    access.connection = Arc::new(connection);
    Event::Access(access)
}

/// User and system time of this process.
fn cpu() -> Duration {
    cpu_by(rustix::time::ClockId::ProcessCPUTime)
}

/// User and system time of this thread.
fn cpu_of_thread() -> Duration {
    cpu_by(rustix::time::ClockId::ThreadCPUTime)
}

fn cpu_by(clock: rustix::time::ClockId) -> Duration {
    let used = rustix::time::clock_gettime(clock);
    Duration::new(u64::try_from(used.tv_sec).unwrap_or(0), u32::try_from(used.tv_nsec).unwrap_or(0))
}

fn record() {
    let (event, policy) = sample();
    let now = UnixMillis(NOW * 1000);
    let mut scribe = Scribe::new(Producer { instance: name("bench"), epoch: RequestId::new(now), policy });
    let mut line = Vec::with_capacity(4096);
    measure("a record, from fields to a chained line", || {
        line.clear();
        scribe.event(black_box(&event), now, &mut line);
    });
    println!("{:<44} {:>6} bytes", "", line.len());
}

fn sample() -> (Event, Arc<PolicyRecord>) {
    let (redactor, now) = (redactor(), UnixMillis(NOW * 1000));
    let policy = Arc::new(PolicyRecord { digest: name(&"a".repeat(64)), enforced: true });
    let tls = TlsRecord {
        version: "TLSv1_3",
        cipher: "TLS13_AES_256_GCM_SHA384",
        group: "X25519MLKEM768",
        sni: Some(Redacted::literal("other")),
        client_certificate: false,
    };
    let access = Access {
        id: RequestId::new(now),
        stage: Part::Whole,
        started: now,
        duration_micros: 1234,
        upstream_micros: Some(1000),
        connection: Arc::new(ConnectionRecord {
            id: RequestId::new(now),
            source: redactor.pseudonym(Kind::Address, "203.0.113.9"),
            source_port: Some(4711),
            tls: Some(tls),
            listener: name("https"),
        }),
        method: MethodWord::Get,
        version: HttpVersion::Http2,
        route: Some(Arc::new(RouteRecord {
            name: name("order-address"),
            template: name("/orders/v0/orders/{order_id}/address"),
            pii: vec![name("name"), name("address")],
            controls: vec![name("ACC-2")],
            commit: Commit::Batched,
        })),
        query: [(name("MarketplaceIds"), Redacted::literal("A1F83G8C2ARO7P"))].into_iter().collect(),
        hidden_parameters: 1,
        watched: smallvec::SmallVec::new(),
        records: None,
        trace: None,
        issuer: None,
        limit: None,
        rule: None,
        caller: Some(CallerRecord {
            record: redactor.pseudonym(Kind::Caller, "user:alice"),
            kind: CallerKind::User,
            is_mfa: true,
            mfa_age: Some(240),
            standing: Arc::new(Standing { roles: vec![name("fulfilment")], groups: vec![name("warehouse")] }),
            credential: Some(Arc::new(CredentialRecord { kind: "token", id: None, serial: None })),
        }),
        role: Some(name("fulfilment")),
        client: None,
        outcome: Outcome { row: &ALLOWED, shadow: None },
        status: 200,
        bytes_in: 0,
        bytes_out: 4096,
        end: End::Complete,
        cut: None,
        policy: Arc::clone(&policy),
    };
    (Event::Access(Box::new(access)), policy)
}
