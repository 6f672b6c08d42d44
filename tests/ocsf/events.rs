//! One of each event, and any of each: valid, chained, and free of what the last guard knows.

use std::sync::Arc;

use portcullis::audit::ocsf::{Aborted, Exported, Gap, Own, Recovered, Scribe, SealedFile, Space, Tally};
use portcullis::audit::proof::{Checkpoint, CheckpointSigner, Hash, Judged, Leaf, Note, Origin, Tree, VerifierKey};
use portcullis::audit::{
    Access, AdminCall, AdminOperation, AdminOutcome, Alarm, AlarmKind, Authentication, AuthenticationStep, Author,
    Behaviour, CallerKind, CallerRecord, Change, ConnectionRecord, Detected, Event, Factor, KillScope, KillSwitch,
    Lockout, LockoutSubject, Measure, MethodWord, Protocol, RequestId, SinkEvent, SinkMatter, Stage, Step, Subject,
};
use portcullis::clock::UnixMillis;
use portcullis::identity::{dev, secret_file};
use portcullis::redact::{Name, Part, Redacted};
use proptest::prelude::*;
use serde_json::Value;

use super::detected;
use super::{
    NOW, access, any_access, any_text, change, checked, connection, connection_end, id, name, policy, producer,
};

const KINDS: [AlarmKind; 12] = [
    AlarmKind::Canary,
    AlarmKind::Rate,
    AlarmKind::Volume,
    AlarmKind::Unauthorised,
    AlarmKind::CertificateExpiry,
    AlarmKind::SideDoor,
    AlarmKind::StateLost,
    AlarmKind::SharedState,
    AlarmKind::SinkLag,
    AlarmKind::SinkBacklog,
    AlarmKind::SinkHeld,
    AlarmKind::SinkLoss,
];

const MATTERS: [SinkMatter; 7] = [
    SinkMatter::Rejected { sequences: (4, 4), count: 1, cause: "http_400" },
    SinkMatter::Rejected { sequences: (4, 9), count: 2, cause: "partial_success" },
    SinkMatter::Undelivered { sequences: (4, 9) },
    SinkMatter::LeftOut { sequences: (10, 19), count: 7 },
    SinkMatter::Replayed { from: 3, before: 20 },
    SinkMatter::Rebuilt { from: 1 },
    SinkMatter::Resumed,
];
const FACTORS: [&[Factor]; 4] =
    [&[], &[Factor::Otp], &[Factor::Password, Factor::WebAuthn], &[Factor::Password, Factor::Other]];
const PROTOCOLS: [Protocol; 6] =
    [Protocol::OpenId, Protocol::Saml, Protocol::OAuth2, Protocol::Basic, Protocol::ApiKey, Protocol::Certificate];
const SCOPES: [KillScope; 5] =
    [KillScope::Gate, KillScope::Route, KillScope::Role, KillScope::Caller, KillScope::Address];

pub fn uid(number: u64) -> RequestId {
    id(&format!("019b76da-a800-7000-8000-{number:012x}"))
}

fn caller(record: Redacted) -> CallerRecord {
    CallerRecord {
        record,
        kind: CallerKind::User,
        is_mfa: true,
        mfa_age: None,
        standing: Arc::default(),
        credential: None,
    }
}

fn authentication() -> Authentication {
    Authentication {
        id: uid(0xb0),
        request: uid(0xa0),
        at: NOW,
        step: AuthenticationStep::Logon,
        refused: None,
        text: "the token is valid",
        caller: Some(caller(Redacted::literal("caller:1:abc"))),
        protocol: Protocol::OAuth2,
        factors: &[Factor::Otp],
        connection: Arc::new(connection()),
        policy: policy(),
    }
}

fn lockout() -> Lockout {
    Lockout {
        id: uid(0xb1),
        request: Some(uid(0xa0)),
        at: NOW,
        measure: Measure::Lock,
        locked: true,
        subject: LockoutSubject::Caller(caller(Redacted::literal("caller:1:abc"))),
        rule: name("failures"),
        failures: 5,
        until: Some(UnixMillis(NOW.0 + 900_000)),
        by: None,
        policy: policy(),
    }
}

pub fn alarm(kind: AlarmKind) -> Alarm {
    Alarm {
        id: uid(0xb2),
        at: NOW,
        kind,
        rule: name("canary-orders"),
        first: UnixMillis(NOW.0 - 5),
        last: NOW,
        observed: 7,
        allowed: Some(3),
        caller: Some(caller(Redacted::literal("caller:1:abc"))),
        source: Some(Redacted::literal("203.0.113.9")),
        route: access().route,
        subject: None,
        requests: [uid(0xa0), uid(0xa1)].into_iter().collect(),
        policy: policy(),
    }
}

fn kill_switch() -> KillSwitch {
    KillSwitch {
        id: uid(0xb3),
        at: NOW,
        engaged: true,
        scope: KillScope::Route,
        name: Some(name("order-address")),
        by: Some(caller(Redacted::literal("caller:1:def"))),
        reason: Some(name("INC-42")),
    }
}

static OPERATION: AdminOperation =
    AdminOperation { name: "quarantine", path: "/v1/quarantine", activity: 8, severity: 5, right: Some("quarantine") };
static NOTHING: AdminOperation = AdminOperation { name: "unknown", path: "/", activity: 99, severity: 3, right: None };

fn admin_call() -> AdminCall {
    AdminCall {
        id: uid(0xb4),
        at: NOW,
        duration_micros: 1_234,
        method: MethodWord::Post,
        operation: &OPERATION,
        by: Some(CallerRecord { kind: CallerKind::System, ..caller(Redacted::literal("uid:1000")) }),
        source: None,
        subject: Some(Redacted::literal("order-address")),
        reason: Some(Redacted::literal("ticket INC-42")),
        outcome: AdminOutcome { status: 200, code: "done", text: "Done.", done: true },
    }
}

fn signer() -> CheckpointSigner {
    let pem = dev::ed25519_key().unwrap();
    let der = secret_file::pkcs8_from_pem(pem.as_bytes()).unwrap();
    CheckpointSigner::from_pkcs8(&der, Origin::new(&name("gate-0"), producer().epoch)).unwrap()
}

fn sealed() -> SealedFile {
    let root = Some(Hash([7; 32]));
    SealedFile { name: name("019b-3.seg"), bytes: 1_000, sha256: Some(Hash([0xab; 32])), first: 11, last: 20, root }
}

fn events() -> Vec<Event> {
    let mut events = vec![
        Event::Access(Box::new(access())),
        Event::Access(Box::new(Access { stage: Stage::Decided, ..access() })),
        Event::Access(Box::new(Access { stage: Stage::Ended(uid(0xa9)), ..access() })),
        Event::Connection(Box::new(connection_end())),
        Event::Authentication(Box::new(authentication())),
        Event::Authentication(Box::new(Authentication {
            refused: Some("token_expired"),
            caller: None,
            ..authentication()
        })),
        Event::Authentication(Box::new(Authentication { step: AuthenticationStep::Logoff, ..authentication() })),
        Event::Lockout(Box::new(lockout())),
        Event::Lockout(Box::new(Lockout {
            locked: false,
            subject: LockoutSubject::Address(Redacted::literal("203.0.113.0/24")),
            by: Some(caller(Redacted::literal("caller:1:def"))),
            request: None,
            until: None,
            ..lockout()
        })),
        Event::AdminCall(Box::new(admin_call())),
        Event::AdminCall(Box::new(AdminCall {
            method: MethodWord::Patch,
            operation: &NOTHING,
            by: Some(caller(Redacted::literal("caller:1:def"))),
            source: Some(Redacted::literal("203.0.113.0/24")),
            subject: None,
            reason: None,
            outcome: AdminOutcome { status: 0, code: "unknown", text: "It is not known.", done: false },
            ..admin_call()
        })),
        Event::AdminCall(Box::new(AdminCall { by: None, ..admin_call() })),
        Event::Lockout(Box::new(Lockout { measure: Measure::StepUp, ..lockout() })),
        Event::Lockout(Box::new(Lockout { measure: Measure::StepUp, locked: false, ..lockout() })),
        Event::Lockout(Box::new(Lockout { measure: Measure::Throttle, ..lockout() })),
        Event::Lockout(Box::new(Lockout { measure: Measure::Throttle, locked: false, ..lockout() })),
        Event::KillSwitch(Box::new(kill_switch())),
        Event::KillSwitch(Box::new(KillSwitch {
            engaged: false,
            scope: KillScope::Gate,
            name: None,
            by: None,
            reason: None,
            ..kill_switch()
        })),
        Event::Change(Box::new(Change {
            author: Author::File(Some(1000)),
            ..change(Subject::Policy, Some(name("bb")))
        })),
        Event::Change(Box::new(change(Subject::Certificate, None))),
    ];
    events.extend(KINDS.map(|kind| Event::Alarm(Box::new(alarm(kind)))));
    let told = |matter| SinkEvent {
        id: uid(0xb4),
        at: NOW,
        sink: name("siem"),
        epoch: (matter != SinkMatter::Resumed).then(|| uid(0xe0)),
        matter,
    };
    events.extend(MATTERS.map(|matter| Event::Sink(Box::new(told(matter)))));
    events
}

/// Renders with one scribe, and holds each record against the schemas and its place in the chain.
pub fn render(events: &[Event], scribe: &mut Scribe) -> Vec<Value> {
    let mut records = Vec::new();
    for event in events {
        let (before, mut line) = (scribe.chain().clone(), Vec::new());
        let leaf = scribe.event(event, NOW, &mut line);
        records.push(chained(scribe, before.last(), before.size(), leaf, &line));
    }
    records
}

fn chained(scribe: &Scribe, prev: Leaf, size: u64, leaf: Leaf, line: &[u8]) -> Value {
    let record = checked(line);
    assert_eq!(leaf, Leaf::of(&line[..line.len() - 1]));
    assert_eq!(scribe.chain().last(), leaf);
    assert_eq!(record["metadata"]["sequence"], size + 1);
    assert_eq!(record["unmapped"]["portcullis"]["prev"], prev.to_string());
    record
}

#[test]
fn one_of_each_event_is_valid_and_says_what_it_is() {
    let mut scribe = Scribe::new(producer());
    let records = render(&events(), &mut scribe);
    let codes: Vec<_> = records
        .iter()
        .map(|record| (record["metadata"]["event_code"].as_str().unwrap(), record["type_uid"].as_u64().unwrap()))
        .collect();
    assert_eq!(
        codes,
        [
            ("HTTP.ALLOW", 400_203),
            ("HTTP.ALLOW", 400_203),
            ("HTTP.END", 400_203),
            ("HTTP.DENY.AUTHZ", 400_299),
            ("AUTHN.OK", 300_201),
            ("AUTHN.FAIL", 300_201),
            ("AUTHN.END", 300_202),
            ("ACCOUNT.LOCK", 300_109),
            ("ACCOUNT.UNLOCK", 300_112),
            ("ADMIN.CALL", 300_408),
            ("ADMIN.DENY", 300_499),
            ("ADMIN.CALL", 300_408),
            ("ACCOUNT.STEP_UP", 300_199),
            ("ACCOUNT.STEP_UP_END", 300_199),
            ("ACCOUNT.THROTTLE", 300_199),
            ("ACCOUNT.THROTTLE_END", 300_199),
            ("CONFIG.KILLSWITCH", 300_408),
            ("CONFIG.KILLSWITCH", 300_409),
            ("CONFIG.POLICY", 300_403),
            ("CONFIG.CERT", 300_403),
            ("ALARM.CANARY", 200_401),
            ("ALARM.RATE", 200_401),
            ("ALARM.VOLUME", 200_401),
            ("ALARM.UNAUTHZ", 200_401),
            ("ALARM.CERT_EXPIRY", 200_401),
            ("ALARM.SIDE_DOOR", 200_401),
            ("ALARM.STATE_LOST", 200_401),
            ("ALARM.SHARED_STATE", 200_401),
            ("ALARM.SINK_LAG", 200_401),
            ("ALARM.SINK_BACKLOG", 200_401),
            ("ALARM.SINK_HELD", 200_401),
            ("ALARM.SINK_LOSS", 200_401),
            ("LOG.REJECTED", 100_899),
            ("LOG.REJECTED", 100_899),
            ("LOG.UNDELIVERED", 100_899),
            ("LOG.SAMPLED", 100_899),
            ("LOG.REPLAY", 100_899),
            ("LOG.CURSOR", 100_899),
            ("LOG.DELIVERY", 100_899),
        ]
    );
    let (decided, ended) = (&records[1], &records[2]);
    assert_eq!(decided["metadata"]["uid"], ended["metadata"]["correlation_uid"]);
    assert_ne!(decided["metadata"]["uid"], ended["metadata"]["uid"]);
    for member in ["http_response", "traffic", "duration", "end_time"] {
        assert!(decided.get(member).is_none(), "{member}");
        assert!(ended.get(member).is_some(), "{member}");
    }
    assert_eq!(records[18]["unmapped"]["portcullis"]["changes"][0], "1 route added: orders");
    assert!(records[18]["unmapped"]["portcullis"]["changes"][0].is_string());
    assert_eq!(records[20]["finding_info"]["related_events"][1]["uid"], uid(0xa1).to_string());
    assert_eq!(records[20]["unmapped"]["portcullis"]["suspected_breach"], true);
    assert_eq!(records[5]["status_id"], 2);
}

/// Calls `each` with one of each record that the writer itself makes, and its code.
fn owns(mut each: impl FnMut(&Own<'_>, &'static str)) {
    let (file, before, after) = (sealed(), signer(), signer());
    let exported = Exported { name: name("siem"), first: 1, last: 9, count: 9, cause: "sent again by hand" };
    let owns = [
        (Own::Start(Recovered { bytes_cut: 12, clean: false }), "PROC.START"),
        (Own::Gap(Gap { count: 3, first: NOW, last: NOW, cause: "the queue was full" }), "LOG.GAP"),
        (Own::Rotated(&file), "LOG.ROTATE"),
        (Own::Purged(&file), "LOG.PURGE"),
        (Own::Exported(&exported), "LOG.EXPORT"),
        (Own::Aborted(Aborted { request: uid(0xa0), decided: NOW, sequence: 17 }), "HTTP.ABORTED"),
        (Own::Key { before: None, after: before.public() }, "CONFIG.KEY"),
        (Own::Key { before: Some(before.public()), after: after.public() }, "CONFIG.KEY"),
        (Own::Unknown, "LOG.GAP"),
        (Own::Hold(true), "LOG.HOLD"),
        (Own::Hold(false), "LOG.RELEASE"),
        (Own::Space(Space { percent: 81, closed: false, relieved: false }), "LOG.SPACE"),
        (Own::Space(Space { percent: 97, closed: true, relieved: false }), "LOG.SPACE"),
        (Own::Space(Space { percent: 70, closed: false, relieved: true }), "LOG.SPACE"),
        (Own::Withheld(2), "ALARM.LOG_PII"),
        (Own::Stop(Tally::default()), "PROC.STOP"),
    ];
    owns.iter().for_each(|(own, code)| each(own, code));
}

/// Records of every kind that the code can build, one chain, with a checkpoint at its end: lines without their ends.
pub fn samples() -> Vec<Vec<u8>> {
    let mut scribe = Scribe::new(producer());
    let mut lines = Vec::new();
    let mut take = |write: &mut dyn FnMut(&mut Scribe, &mut Vec<u8>)| {
        let mut line = Vec::new();
        write(&mut scribe, &mut line);
        assert_eq!(line.pop(), Some(b'\n'));
        lines.push(line);
    };
    owns(|own, code| {
        if code == "PROC.START" {
            take(&mut |scribe, line| _ = scribe.own(own, NOW, line));
        }
    });
    let mut events = events();
    events.push(Event::Lookup(Box::new(super::lookup())));
    events.extend(Behaviour::ALL.map(|kind| detected::event(detected::detected(kind))));
    let shadow = Detected { step: Step::Closed, shadow: true, due: None, ..detected::detected(Behaviour::Rate) };
    events.push(detected::event(shadow));
    events.push(Event::Change(Box::new(change(Subject::Keys, Some(name("bb"))))));
    // Behind a proxy, with the client's address as it is.
    events.push(Event::Access(Box::new(Access { client: Some(Redacted::literal("203.0.113.9")), ..access() })));
    let network = Some(Redacted::literal("203.0.113.0/24"));
    events.push(Event::Alarm(Box::new(Alarm { source: network, ..alarm(AlarmKind::Rate) })));
    let plain = ConnectionRecord { source: Redacted::literal("203.0.113.9"), ..connection() };
    events.push(Event::Access(Box::new(Access { connection: Arc::new(plain), ..access() })));
    for event in &events {
        take(&mut |scribe, line| _ = scribe.event(event, NOW, line));
    }
    owns(|own, code| {
        if code != "PROC.START" {
            take(&mut |scribe, line| _ = scribe.own(own, NOW, line));
        }
    });
    let signer = signer();
    take(&mut |scribe, line| _ = scribe.checkpoint(&signer, "ten seconds have passed", NOW, line));
    lines
}

/// A chain of records that are longer than most sinks take: what a client can fill of them tries to be a record, a frame
/// or a line of its own. They stand between short ones.
pub fn long_samples() -> Vec<Vec<u8>> {
    let forged =
        "\n231 <106>1 2026-01-01T00:00:00.000Z gate-0 portcullis 1 HTTP.ALLOW - {\"time\":1}\r\n\u{0}\u{feff}\\\"]";
    let mut scribe = Scribe::new(producer());
    let mut lines = Vec::new();
    for times in [0, 1, 20, 40, 50, 60, 200, 1, 900] {
        let value = Redacted::literal(forged.repeat(times).leak());
        let query = (0..3).map(|_| (name("q"), value.clone())).collect();
        let mut line = Vec::new();
        scribe.event(&Event::Access(Box::new(Access { query, ..access() })), NOW, &mut line);
        line.pop();
        lines.push(line);
    }
    assert_eq!(scribe.withheld(), 0);
    lines
}

#[test]
fn records_of_the_writer_are_valid_and_chained() {
    let mut scribe = Scribe::new(producer());
    owns(|own, code| {
        let (chain, mut line) = (scribe.chain().clone(), Vec::new());
        let leaf = scribe.own(own, NOW, &mut line);
        let record = chained(&scribe, chain.last(), chain.size(), leaf, &line);
        assert_eq!(record["metadata"]["event_code"], code);
        let extras = &record["unmapped"]["portcullis"];
        match code {
            "PROC.START" => {
                assert_eq!(extras["recovered_size"], 0);
                assert_eq!(extras["recovered_root"], Hash::empty().to_string());
                assert_eq!((&extras["bytes_cut"], &extras["clean"]), (&12.into(), &false.into()));
            }
            "LOG.PURGE" => {
                assert_eq!(record["file"]["hashes"][0]["value"], "ab".repeat(32));
                assert_eq!((&record["file"]["size"], &record["count"]), (&1_000.into(), &10.into()));
                assert_eq!(record["type_uid"], 100_802);
            }
            _ => {}
        }
    });
    assert_eq!(scribe.withheld(), 0);
}

#[test]
fn a_checkpoint_signs_what_came_before_it_and_shows_the_edge() {
    let (signer, mut scribe) = (signer(), Scribe::new(producer()));
    for round in 0..9u64 {
        render(&events()[..1], &mut scribe);
        let (chain, mut line) = (scribe.chain().clone(), Vec::new());
        let (note, leaf) = scribe.checkpoint(&signer, "ten seconds have passed", NOW, &mut line);
        let record = chained(&scribe, chain.last(), chain.size(), leaf, &line);
        let extras = &record["unmapped"]["portcullis"];
        assert_eq!(extras["note"], note);
        let parsed = Note::parse(&note).unwrap();
        assert_eq!(parsed.judge([signer.public()]), Judged::Signed(signer.public()));
        let checkpoint = Checkpoint::parse(&parsed.text).unwrap();
        assert_eq!((checkpoint.size, checkpoint.root), (2 * round + 1, chain.root()));
        assert_eq!(checkpoint.origin.log_name(), record["metadata"]["log_name"]);
        let nodes = extras["frontier"].as_array().unwrap().iter();
        let nodes: Vec<_> = nodes.map(|node| Hash::parse_hex(node.as_str().unwrap().as_bytes()).unwrap()).collect();
        assert_eq!(Tree::resume(checkpoint.size, &nodes).unwrap().root(), checkpoint.root);
    }
}

#[test]
fn a_configured_name_that_looks_like_an_address_is_withheld_too() {
    let mut scribe = Scribe::new(producer());
    let odd = KillSwitch { name: Some(name("jane@mail.example")), by: None, ..kill_switch() };
    let records = render(&[Event::KillSwitch(Box::new(odd))], &mut scribe);
    assert_eq!(records[0]["entity"]["uid"], "withheld");
    assert_eq!(scribe.withheld(), 1);
}

#[test]
fn two_callers_may_both_be_addresses() {
    let mut scribe = Scribe::new(producer());
    let both = Lockout {
        subject: LockoutSubject::Caller(caller(Redacted::literal("alice@seller.example"))),
        by: Some(caller(Redacted::literal("bob@seller.example"))),
        ..lockout()
    };
    let records = render(&[Event::Lockout(Box::new(both))], &mut scribe);
    assert_eq!(records[0]["user"]["uid"], "alice@seller.example");
    assert_eq!(records[0]["actor"]["user"]["uid"], "bob@seller.example");
    assert_eq!(scribe.withheld(), 0);
}

#[test]
fn the_longest_change_stays_below_the_bound_of_a_record() {
    let long = Name::configured(&"x".repeat(256)).unwrap();
    let line = Redacted::sentence(&[Part::Text("route removed: "), Part::Name(&long), Part::Name(&long)]);
    let change = Change { changes: vec![line; 100], ..change(Subject::Policy, Some(long)) };
    let records = render(&[Event::Change(Box::new(change))], &mut Scribe::new(producer()));
    assert_eq!(records[0]["unmapped"]["portcullis"]["hidden_changes"], 85);
}

fn any_caller() -> impl Strategy<Value = Option<CallerRecord>> {
    let kinds = prop::sample::select(vec![CallerKind::User, CallerKind::Certificate, CallerKind::Key]);
    prop::option::of((any_text(), kinds, any::<bool>()).prop_map(|(record, kind, is_mfa)| CallerRecord {
        kind,
        is_mfa,
        ..caller(record)
    }))
}

fn any_name() -> impl Strategy<Value = Name> {
    "[!#-&(-\\[\\]-~]{1,60}".prop_map(|text| Name::configured(&text).unwrap())
}

fn any_authentication() -> impl Strategy<Value = Event> {
    let words = (prop::sample::select(PROTOCOLS.to_vec()), prop::sample::select(FACTORS.to_vec()));
    (any_caller(), words, any::<[bool; 2]>(), any_text()).prop_map(|(caller, words, switches, source)| {
        let steps = [AuthenticationStep::Logon, AuthenticationStep::Logoff];
        Event::Authentication(Box::new(Authentication {
            step: steps[usize::from(switches[0])],
            refused: switches[1].then_some("token_expired"),
            caller,
            protocol: words.0,
            factors: words.1,
            connection: Arc::new(ConnectionRecord { source, ..connection() }),
            ..authentication()
        }))
    })
}

fn any_lockout() -> impl Strategy<Value = Event> {
    let number = 0u64..1 << 50;
    let texts = (any_caller(), any_caller(), any_text(), any_name());
    (texts, any::<bool>(), number.clone(), prop::option::of(number)).prop_map(|(texts, locked, failures, until)| {
        let (subject, by, address, rule) = texts;
        let subject = subject.map_or(LockoutSubject::Address(address), LockoutSubject::Caller);
        let until = until.map(UnixMillis);
        Event::Lockout(Box::new(Lockout { locked, subject, rule, failures, until, by, ..lockout() }))
    })
}

fn any_alarm() -> impl Strategy<Value = Event> {
    let number = 0u64..1 << 50;
    let texts = (any_caller(), prop::option::of(any_text()), any_name(), prop::option::of(any_name()));
    let requests = prop::collection::vec(0u64..1 << 40, 0..20);
    let kinds = prop::sample::select(KINDS.to_vec());
    (texts, kinds, number.clone(), prop::option::of(number), requests, any::<bool>()).prop_map(
        |((caller, source, rule, subject), kind, observed, allowed, requests, has_route)| {
            let base = alarm(kind);
            Event::Alarm(Box::new(Alarm {
                caller,
                source,
                rule,
                subject,
                observed,
                allowed,
                requests: requests.into_iter().map(uid).collect(),
                route: base.route.filter(|_| has_route),
                ..base
            }))
        },
    )
}

fn any_change() -> impl Strategy<Value = Event> {
    let line = any_name().prop_map(|name| Redacted::sentence(&[Part::Text("1 limit changed: "), Part::Name(&name)]));
    let authors = prop_oneof![
        Just(Author::Start),
        Just(Author::Signal),
        Just(Author::Rollback),
        prop::option::of(any::<u32>()).prop_map(Author::File),
        any_name().prop_map(|name| Author::Operator(Redacted::from(&name))),
    ];
    let subjects = prop::sample::select(vec![Subject::Policy, Subject::Certificate, Subject::Keys]);
    let changes = prop::collection::vec(line, 0..40);
    (authors, prop::option::of(any_name()), changes, subjects).prop_map(|(author, after, changes, subject)| {
        Event::Change(Box::new(Change { author, changes, ..change(subject, after) }))
    })
}

fn any_kill_switch() -> impl Strategy<Value = Event> {
    let names = (prop::option::of(any_name()), prop::option::of(any_name()));
    (any_caller(), names, prop::sample::select(SCOPES.to_vec()), any::<bool>()).prop_map(
        |(by, (name, reason), scope, engaged)| {
            Event::KillSwitch(Box::new(KillSwitch { engaged, scope, name, by, reason, ..kill_switch() }))
        },
    )
}

fn any_event() -> impl Strategy<Value = Event> {
    let stage = prop::sample::select(vec![Stage::Whole, Stage::Decided, Stage::Ended(uid(0xa9))]);
    prop_oneof![
        (any_access(), stage).prop_map(|(access, stage)| Event::Access(Box::new(Access { stage, ..access }))),
        any_authentication(),
        any_lockout(),
        any_alarm(),
        any_change(),
        any_kill_switch(),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn any_events_are_valid_and_chained(events in prop::collection::vec(any_event(), 1..4)) {
        let mut scribe = Scribe::new(producer());
        render(&events, &mut scribe);
        prop_assert_eq!(scribe.chain().size(), events.len() as u64);
    }

    #[test]
    fn personal_data_passes_in_no_field(event in any_event(), mark in prop::sample::select(vec![
        "jane@mail.example", "Bearer abcdefgh", "eyJhbGciOiJub25lIn0", "Atza|IwEBIJ",
    ])) {
        let marked = mark_texts(event, mark);
        let mut line = Vec::new();
        Scribe::new(producer()).event(&marked, NOW, &mut line);
        checked(&line);
        prop_assert!(!String::from_utf8(line).unwrap().contains(mark));
    }
}

/// The event with `mark` in every text that could come from a request, callers aside, who may be addresses.
fn mark_texts(event: Event, mark: &'static str) -> Event {
    let text = Redacted::literal(mark);
    let connection = Arc::new(ConnectionRecord { source: text.clone(), ..connection() });
    match event {
        Event::Access(mut access) => {
            access.client = Some(text.clone());
            access.connection = connection;
            access.query = [(name("p"), text)].into_iter().collect();
            access.caller = None;
            Event::Access(access)
        }
        Event::Authentication(mut attempt) => {
            attempt.connection = connection;
            attempt.caller = None;
            Event::Authentication(attempt)
        }
        Event::Lockout(mut lockout) => {
            lockout.subject = LockoutSubject::Address(text);
            lockout.by = None;
            Event::Lockout(lockout)
        }
        Event::Alarm(mut alarm) => {
            alarm.source = Some(text);
            alarm.caller = None;
            Event::Alarm(alarm)
        }
        other => other,
    }
}

#[test]
fn a_verifier_key_in_a_record_can_be_put_together_again() {
    let signer = signer();
    let mut line = Vec::new();
    Scribe::new(producer()).own(&Own::Key { before: None, after: signer.public() }, NOW, &mut line);
    let record = checked(&line);
    let entity = &record["entity_result"];
    let public = Hash::parse_hex(entity["data"]["ed25519"].as_str().unwrap().as_bytes()).unwrap();
    let key = VerifierKey::new(entity["name"].as_str().unwrap(), public.0).unwrap();
    assert_eq!(&key, signer.public());
    assert_eq!(entity["uid"], key.id_text());
}

/// Names of all members at the top level of any record.
pub fn members() -> std::collections::BTreeSet<String> {
    let (mut scribe, mut lines, signer) = (Scribe::new(producer()), Vec::new(), signer());
    for event in &events() {
        scribe.event(event, NOW, &mut lines);
    }
    let patched = Access { method: MethodWord::Patch, ..access() };
    scribe.event(&Event::Access(Box::new(patched)), NOW, &mut lines);
    let (file, key) = (sealed(), signer.public());
    let exported = Exported { name: name("siem"), first: 1, last: 9, count: 9, cause: "sent again by hand" };
    let owns = [
        Own::Start(Recovered::NEW),
        Own::Gap(Gap { count: 3, first: NOW, last: NOW, cause: "the queue was full" }),
        Own::Purged(&file),
        Own::Exported(&exported),
        Own::Aborted(Aborted { request: uid(0xa0), decided: NOW, sequence: 17 }),
        Own::Key { before: None, after: key },
        Own::Withheld(2),
        Own::Stop(Tally::default()),
    ];
    for own in &owns {
        scribe.own(own, NOW, &mut lines);
    }
    scribe.checkpoint(&signer, "a heartbeat", NOW, &mut lines);
    let records =
        lines.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).map(|line| checked(&[line, b"\n"].concat()));
    let names = records.flat_map(|record| record.as_object().unwrap().keys().cloned().collect::<Vec<_>>());
    names.collect()
}
