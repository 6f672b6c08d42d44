//! Every record that the gate can write is valid OCSF 1.5.0, and 1.8.0 too. The schemas lie in `tests/ocsf`.

pub mod detected;
pub mod events;

use std::fs;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock};

use jsonschema::Validator;
use portcullis::audit::ocsf::{Gap, Own, Recovered, Scribe, Tally};
use portcullis::audit::{
    Access, Author, Blame, CallerKind, CallerRecord, Change, ConnectionEnd, ConnectionRecord, CredentialRecord, End,
    Event, HttpVersion, Lookup, MethodWord, Outcome, OutcomeRow, PolicyRecord, Producer, RequestId, RouteRecord, Stage,
    Subject, TlsRecord, Watched,
};
use portcullis::clock::UnixMillis;
use portcullis::policy::roles::Standing;
use portcullis::policy::settings::Commit;
use portcullis::redact::{AddressForm, Kind, Name, Part, PseudonymKey, Redacted, Redactor};
use proptest::prelude::*;
use serde_json::Value;

const NOW: UnixMillis = UnixMillis(1_767_225_600_000);

static ALLOWED: OutcomeRow = OutcomeRow {
    code: "allowed",
    event_code: "HTTP.ALLOW",
    category: "authz",
    action_id: 1,
    disposition_id: 1,
    severity_id: 1,
    blame: Blame::None,
    text: "the policy lets it through",
};

static REFUSED: OutcomeRow = OutcomeRow {
    code: "role_missing",
    event_code: "HTTP.DENY.AUTHZ",
    category: "authz",
    action_id: 2,
    disposition_id: 2,
    severity_id: 3,
    blame: Blame::Client,
    text: "the caller has none of the route's roles",
};

static SCHEMAS: LazyLock<Vec<(u64, Validator)>> = LazyLock::new(|| {
    let mut schemas = Vec::new();
    for version in ["1.5.0", "1.8.0"] {
        for class in [1008, 2004, 3001, 3002, 3004, 4002, 6002] {
            let text = fs::read(here("ocsf").join(format!("{version}-{class}.json"))).unwrap();
            schemas.push((class, jsonschema::validator_for(&serde_json::from_slice(&text).unwrap()).unwrap()));
        }
    }
    schemas
});

/// Attributes that a class has only with a profile, with that profile.
const OF_PROFILES: [(&str, &str); 8] = [
    ("/action_id", "security_control"),
    ("/authorizations", "security_control"),
    ("/disposition_id", "security_control"),
    ("/firewall_rule", "security_control"),
    ("/policy", "security_control"),
    ("/actor", "host"),
    ("/device", "host"),
    ("/metadata/data_classifications", "data_classification"),
];

fn here(directory: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests").join(directory)
}

fn name(text: &str) -> Name {
    Name::configured(text).unwrap()
}

/// A fixed id, so that samples stay the same.
pub fn id(text: &str) -> RequestId {
    RequestId::parse(text).unwrap()
}

fn policy() -> Arc<PolicyRecord> {
    Arc::new(PolicyRecord { digest: name(&"5e884898da28047151d0e56f8dc62927".repeat(2)), enforced: true })
}

pub fn producer() -> Producer {
    let epoch = id("019b76da-a800-7000-8000-0000000000e0");
    Producer { instance: name("gate-0"), epoch, policy: policy() }
}

fn redactor() -> Redactor {
    Redactor::new(PseudonymKey::new(1, b"a pseudonym key of 32 bytes, or more").unwrap())
}

fn connection() -> ConnectionRecord {
    ConnectionRecord {
        id: id("019b76da-a800-7000-8000-0000000000c0"),
        source: redactor().address(IpAddr::from([203, 0, 113, 9]), AddressForm::Keyed),
        source_port: Some(50_123),
        tls: Some(TlsRecord {
            version: "TLSv1.3",
            cipher: "TLS13_AES_256_GCM_SHA384",
            group: "X25519MLKEM768",
            sni: Some(Redacted::from(&name("gate.seller.example"))),
            client_certificate: false,
        }),
        listener: name("gate"),
    }
}

pub fn access() -> Access {
    let (name_of, value) = (name("MarketplaceIds"), "ATVPDKIKX0DER");
    let value = redactor().parameter(&name_of, value);
    Access {
        id: id("019b76da-a800-7000-8000-0000000000a0"),
        stage: Stage::Whole,
        started: NOW,
        duration_micros: 12_345,
        upstream_micros: Some(11_000),
        connection: Arc::new(connection()),
        method: MethodWord::Get,
        version: HttpVersion::Http2,
        route: Some(Arc::new(RouteRecord {
            name: name("order-address"),
            template: name("/orders/v0/orders/{order_id}/address"),
            pii: vec![name("name"), name("address"), name("phone")],
            controls: vec![name("ACC-2"), name("ID-5")],
            commit: Commit::BeforeResponse,
        })),
        query: [(name_of, value)].into_iter().collect(),
        hidden_parameters: 1,
        watched: [Watched { name: name("path.order_id"), what: 7, value: 0x5a5a_0102_0304_0506, next: 0 }]
            .into_iter()
            .collect(),
        records: Some(3),
        trace: None,
        issuer: Some(name("https://idp.example")),
        limit: None,
        rule: None,
        caller: Some(CallerRecord {
            record: redactor().pseudonym(Kind::Caller, "alice"),
            kind: CallerKind::User,
            is_mfa: true,
            mfa_age: Some(240),
            standing: Arc::new(Standing { roles: vec![name("fulfilment")], groups: vec![name("warehouse")] }),
            credential: Some(Arc::new(CredentialRecord {
                kind: "certificate",
                id: Some(Redacted::hex(&[0x5a; 16])),
                serial: Some(Redacted::hex(&[0x0f, 0xa7])),
            })),
        }),
        role: Some(name("fulfilment")),
        client: None,
        outcome: Outcome { row: &ALLOWED, shadow: None },
        status: 200,
        bytes_in: 0,
        bytes_out: 4_096,
        end: End::Complete,
        cut: None,
        policy: policy(),
    }
}

fn connection_end() -> ConnectionEnd {
    ConnectionEnd {
        id: id("019b76da-a800-7000-8000-0000000000a1"),
        started: NOW,
        duration_micros: 900,
        connection: Arc::new(ConnectionRecord { tls: None, ..connection() }),
        outcome: Outcome { row: &REFUSED, shadow: None },
        policy: policy(),
    }
}

fn change(subject: Subject, after: Option<Name>) -> Change {
    let id = id("019b76da-a800-7000-8000-0000000000a2");
    let changes =
        vec![Redacted::sentence(&[Part::Count(1), Part::Text(" route added: "), Part::Name(&name("orders"))])];
    Change {
        id,
        at: NOW,
        subject,
        before: name("aa"),
        after,
        text: "read anew",
        author: Author::Signal,
        changes,
        generation: 2,
    }
}

pub fn change_event() -> Event {
    Event::Change(Box::new(change(Subject::Policy, Some(name("bb")))))
}

fn lookup() -> Lookup {
    let redactor = redactor();
    Lookup {
        id: id("019b76da-a800-7000-8000-0000000000a3"),
        at: NOW,
        kind: "email",
        token: redactor.pseudonym(Kind::Email, "alice@seller.example"),
        user: Some(name("alice")),
        uid: 1000,
        login_uid: Some(1001),
        reason: Redacted::literal("ticket SUP-1182, access request"),
    }
}

fn rendered(event: &Event) -> Vec<u8> {
    let mut line = Vec::new();
    Scribe::new(producer()).event(event, NOW, &mut line);
    line
}

/// Holds a record that was cut against the schema that knows of such.
pub fn assert_valid_stub(record: &Value) {
    let class = record["class_uid"].as_u64().unwrap();
    let path = here("ocsf").join(format!("1.8.0-{class}.json"));
    let schema: Value = serde_json::from_slice(&fs::read(path).unwrap()).unwrap();
    let schema = jsonschema::validator_for(&schema).unwrap();
    let faults: Vec<_> =
        schema.iter_errors(record).map(|fault| format!("{}: {fault}", fault.instance_path())).collect();
    assert!(faults.is_empty(), "{faults:#?}\n{record:#}");
    assert_canonical(record);
}

/// Parses a line, and holds it against the schemas and our own promises.
fn checked(line: &[u8]) -> Value {
    let (last, body) = line.split_last().unwrap();
    assert_eq!(*last, b'\n');
    assert!(body.iter().all(|byte| matches!(byte, b' '..=b'~')), "{}", String::from_utf8_lossy(body));
    let record: Value = serde_json::from_slice(body).unwrap();
    let class = record["class_uid"].as_u64().unwrap();
    for (of, schema) in SCHEMAS.iter().filter(|(of, _)| *of == class) {
        let faults: Vec<_> =
            schema.iter_errors(&record).map(|fault| format!("{}: {fault}", fault.instance_path())).collect();
        assert!(faults.is_empty(), "{of}: {faults:#?}\n{record:#}");
    }
    let profiles = record["metadata"]["profiles"].as_array().unwrap();
    for (attribute, profile) in OF_PROFILES {
        assert!(record.pointer(attribute).is_none() || profiles.contains(&profile.into()), "{attribute}");
    }
    assert_eq!(record["type_uid"].as_u64(), Some(class * 100 + record["activity_id"].as_u64().unwrap()));
    assert_eq!(record["category_uid"].as_u64(), Some(class / 1000));
    assert_canonical(&record);
    assert!(body.len() < 16 * 1024, "{} bytes", body.len());
    record
}

/// Members in order, integers below 2^53.
fn assert_canonical(value: &Value) {
    match value {
        Value::Object(members) => {
            assert!(members.keys().is_sorted(), "{members:?}");
            members.values().for_each(assert_canonical);
        }
        Value::Array(items) => items.iter().for_each(assert_canonical),
        Value::Number(number) => assert!(number.as_u64().is_some_and(|number| number < 1 << 53), "{number}"),
        _ => {}
    }
}

#[test]
fn a_sample_record_is_as_documented() {
    let record = checked(&rendered(&Event::Access(Box::new(access()))));
    let golden = here("golden").join("access.json");
    let found = format!("{record:#}\n");
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        fs::write(&golden, &found).unwrap();
    }
    assert_eq!(found, fs::read_to_string(&golden).unwrap_or_default(), "UPDATE_GOLDEN=1 writes the file anew");
}

#[test]
fn every_class_is_valid() {
    checked(&rendered(&Event::Connection(Box::new(connection_end()))));
    let answered = ConnectionEnd { connection: Arc::new(connection()), ..connection_end() };
    checked(&rendered(&Event::Connection(Box::new(answered))));
    for subject in [Subject::Policy, Subject::Certificate] {
        checked(&rendered(&Event::Change(Box::new(change(subject, Some(name("bb")))))));
        let refused = checked(&rendered(&Event::Change(Box::new(change(subject, None)))));
        assert_eq!(refused["status_id"], 2);
    }
    let asked = checked(&rendered(&Event::Lookup(Box::new(lookup()))));
    assert_eq!(asked["actor"]["user"]["uid"], "1000");
    assert_eq!(asked["comment"], "ticket SUP-1182, access request");
    let nameless = Lookup { user: None, login_uid: None, reason: Redacted::literal("Bearer abc"), ..lookup() };
    assert_eq!(checked(&rendered(&Event::Lookup(Box::new(nameless))))["comment"], "withheld");
    let gap = Gap { count: 3, first: NOW, last: UnixMillis(NOW.0 + 9), cause: "the queue was full" };
    let mut scribe = Scribe::new(producer());
    for (sequence, own) in [Own::Start(Recovered::NEW), Own::Gap(gap), Own::Stop(Tally::default())].iter().enumerate() {
        let mut line = Vec::new();
        scribe.own(own, NOW, &mut line);
        let record = checked(&line);
        assert_eq!(record["metadata"]["sequence"], sequence as u64 + 1);
        assert_eq!(record["metadata"]["log_name"], "gate-0/019b76da-a800-7000-8000-0000000000e0");
    }
}

#[test]
fn an_address_is_an_ip_only_where_it_is_one() {
    for (form, member) in [
        (AddressForm::Full, "ip"),
        (AddressForm::Prefix, "uid"),
        (AddressForm::Keyed, "uid"),
        (AddressForm::None, "uid"),
    ] {
        for address in ["203.0.113.9", "2001:db8:1:2::3", "::1", "::ffff:10.0.0.1"] {
            let address = redactor().address(address.parse().unwrap(), form);
            let direct = ConnectionRecord { source: address.clone(), ..connection() };
            let direct = Access { connection: Arc::new(direct), ..access() };
            let record = checked(&rendered(&Event::Access(Box::new(direct))));
            assert_eq!(record["src_endpoint"][member], address.as_str());
            let behind = Access { client: Some(address.clone()), ..access() };
            let record = checked(&rendered(&Event::Access(Box::new(behind))));
            assert_eq!(record["src_endpoint"][member], address.as_str());
            assert_eq!(record["src_endpoint"]["proxy_endpoint"]["port"], 50_123);
        }
    }
}

#[test]
fn the_last_guard_withholds_what_should_never_have_come_so_far() {
    let mut leaking = access();
    leaking.query[0].1 = Redacted::literal("jane@mail.example");
    let mut scribe = Scribe::new(producer());
    let mut line = b"the line before\n".to_vec();
    let before = line.len();
    scribe.event(&Event::Access(Box::new(leaking)), NOW, &mut line);
    let record = checked(&line[before..]);
    assert_eq!(record["unmapped"]["portcullis"]["query"][0]["value"], "withheld");
    assert_eq!(record["actor"]["user"]["uid"], "withheld");
    assert_eq!(scribe.withheld(), 1);
    // A policy may say that callers' ids stand as they are.
    let known = CallerRecord {
        record: Redacted::literal("bob@seller.example"),
        kind: CallerKind::User,
        is_mfa: false,
        mfa_age: None,
        standing: Arc::default(),
        credential: None,
    };
    let mut line = Vec::new();
    scribe.event(&Event::Access(Box::new(Access { caller: Some(known), ..access() })), NOW, &mut line);
    assert_eq!(checked(&line)["actor"]["user"]["uid"], "bob@seller.example");
}

/// Any text at all, as a redaction rule with a hole might let it through.
fn any_text() -> impl Strategy<Value = Redacted> {
    let odd =
        prop::sample::select(vec!["\u{2028}", "\u{1b}[31m", "\"", "\\", "\0", "\u{1f600}", "</script>", "\r\n", "é"]);
    prop_oneof![any::<String>(), odd.prop_map(str::to_owned)].prop_map(|text| Redacted::literal(text.leak()))
}

fn any_access() -> impl Strategy<Value = Access> {
    let methods = [
        MethodWord::Get,
        MethodWord::Head,
        MethodWord::Post,
        MethodWord::Put,
        MethodWord::Patch,
        MethodWord::Delete,
        MethodWord::Options,
        MethodWord::Trace,
        MethodWord::Connect,
        MethodWord::Other,
    ];
    let ends = [End::Complete, End::ClientGone, End::UpstreamBroken, End::TimedOut, End::Drained, End::UpgradeClosed];
    let versions = [HttpVersion::Http10, HttpVersion::Http11, HttpVersion::Http2];
    let kinds = [CallerKind::User, CallerKind::Certificate, CallerKind::Key];
    let closed = (
        prop::sample::select(methods.to_vec()),
        prop::sample::select(ends.to_vec()),
        prop::sample::select(versions.to_vec()),
        prop::sample::select(kinds.to_vec()),
    );
    let number = 0u64..1 << 50;
    let numbers =
        (number.clone(), prop::option::of(number.clone()), number.clone(), number, any::<u32>(), any::<u16>());
    let texts = (prop::collection::vec(any_text(), 0..5), prop::option::of(any_text()), any_text(), any_text());
    let switches = any::<[bool; 7]>();
    (closed, numbers, texts, switches).prop_map(|(closed, numbers, texts, switches)| {
        let [has_route, has_caller, has_role, has_tls, refused, shadowed, is_mfa] = switches;
        let base = access();
        let (query, client, caller, source) = texts;
        let tls = connection().tls.filter(|_| has_tls);
        let credential = (numbers.4 % 3 > 0).then(|| CredentialRecord {
            kind: ["token", "api_key"][usize::from(is_mfa)],
            id: (numbers.4 % 3 == 1).then(|| Redacted::hex(&numbers.2.to_be_bytes())),
            serial: is_mfa.then(|| Redacted::hex(&numbers.3.to_be_bytes())),
        });
        let caller = CallerRecord {
            record: caller,
            kind: closed.3,
            is_mfa,
            mfa_age: None,
            standing: Arc::default(),
            credential: credential.map(Arc::new),
        };
        Access {
            method: closed.0,
            end: closed.1,
            version: closed.2,
            duration_micros: numbers.0,
            upstream_micros: numbers.1,
            bytes_in: numbers.2,
            bytes_out: numbers.3,
            hidden_parameters: numbers.4,
            watched: [Watched { name: name("path.order_id"), what: 7, value: numbers.0, next: numbers.1.unwrap_or(0) }]
                .into_iter()
                .collect(),
            records: Some(numbers.0),
            trace: None,
            limit: (numbers.4 % 2 == 1).then(|| name("pii-reads")),
            rule: numbers.4.is_multiple_of(3).then(|| name("lockout")),
            status: numbers.5,
            query: query.into_iter().map(|value| (name("p"), value)).collect(),
            client,
            caller: has_caller.then_some(caller),
            connection: Arc::new(ConnectionRecord { source, tls, source_port: None, ..connection() }),
            route: base.route.filter(|_| has_route),
            role: base.role.filter(|_| has_role),
            outcome: Outcome { row: if refused { &REFUSED } else { &ALLOWED }, shadow: shadowed.then_some(&REFUSED) },
            ..base
        }
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn every_access_record_is_valid_and_says_what_it_was_given(access in any_access()) {
        let mut scribe = Scribe::new(producer());
        let mut line = Vec::new();
        scribe.event(&Event::Access(Box::new(access.clone())), NOW, &mut line);
        let record = checked(&line);
        if scribe.withheld() == 0 {
            let extras = &record["unmapped"]["portcullis"];
            for (index, (_, value)) in access.query.iter().enumerate() {
                prop_assert_eq!(extras["query"][index]["value"].as_str(), Some(value.as_str()));
            }
            let caller = access.caller.map(|caller| caller.record.as_str().to_owned());
            prop_assert_eq!(record["actor"]["user"]["uid"].as_str(), caller.as_deref());
        }
        prop_assert_eq!(&record["traffic"]["bytes_out"], access.bytes_out);
        prop_assert_eq!(record["status_id"] == 1, record["status_code"] == "allowed");
    }
}

#[test]
fn the_schemas_do_find_faults() {
    let mut record: Value = serde_json::from_slice(&rendered(&Event::Access(Box::new(access())))).unwrap();
    record["http_request"]["body"] = "x".into();
    let (_, schema) = SCHEMAS.iter().find(|(class, _)| *class == 4002).unwrap();
    assert!(!schema.is_valid(&record));
}
