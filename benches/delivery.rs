//! What it costs to deliver the spool to one sink over HTTP: `cargo bench --bench delivery`, with `-- 1000000` for a
//! backlog of a million records.
#![allow(
    clippy::expect_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    clippy::disallowed_macros,
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a bench measures real time, prints, and panics when it cannot be prepared"
)]

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::{IpAddr, Ipv4Addr, TcpListener, TcpStream};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use portcullis::audit::event::{
    Access, Blame, CallerKind, CallerRecord, ConnectionRecord, End, Event, HttpVersion, MethodWord, Outcome,
    OutcomeRow, PolicyRecord, RouteRecord, Stage, TlsRecord,
};
use portcullis::audit::{Producer, RequestId, Trail};
use portcullis::clock::{Clock, UnixMillis};
use portcullis::delivery::{Deliveries, Outfit, Tools};
use portcullis::identity::dev;
use portcullis::policy::roles::Standing;
use portcullis::policy::settings::{AuditSettings, Commit};
use portcullis::policy::{LoadOptions, load_text};
use portcullis::redact::{AddressForm, Kind, Name, PseudonymKey, Redactor};

const USUAL: u64 = 200_000;

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

fn main() {
    let records = std::env::args().filter_map(|argument| argument.parse().ok()).next_back().unwrap_or(USUAL);
    let home = tempfile::tempdir().expect("a directory");
    let sink = Sink::start();
    let audit = settings(home.path(), &sink.url);
    let policy = Arc::new(PolicyRecord { digest: name("bench"), enforced: true });
    let producer =
        Producer { instance: name("bench"), epoch: RequestId::new(UnixMillis(0)), policy: Arc::clone(&policy) };
    let clock = Clock::system();
    let trail = Trail::start(&audit.without_network(), clock.clone(), producer).expect("a trail");
    fill(&trail, records, &policy);
    while trail.durable() < records {
        thread::sleep(Duration::from_millis(5));
    }
    let last = trail.durable();
    let outfit = Outfit {
        spool: audit.spool().expect("a spool").clone(),
        trail: trail.clone(),
        tools: Tools {
            provider: Arc::new(rustls::crypto::aws_lc_rs::default_provider()),
            clock,
            instance: name("bench"),
        },
        policy,
    };
    let before = resident();
    let began = Instant::now();
    let deliveries = Deliveries::start(outfit, audit.network().cloned().collect()).expect("deliveries");
    let mut most = before;
    while sink.last.load(Ordering::SeqCst) < last {
        most = most.max(resident());
        thread::sleep(Duration::from_millis(10));
    }
    let (wall, cpu) = (began.elapsed(), thread_cpu("delivery"));
    assert!(sink.in_order.load(Ordering::SeqCst), "out of order");
    println!("{last} records, {} MB of JSON, in order", sink.bytes.load(Ordering::SeqCst) / 1_000_000);
    println!("{:>9.0} records/s over {:.1} s", last as f64 / wall.as_secs_f64(), wall.as_secs_f64());
    println!("{:>9.2} us CPU a record, of the thread that delivers", cpu.as_secs_f64() * 1e6 / last as f64);
    println!("{:>9.1} MB more memory at most", (most.saturating_sub(before)) as f64 / 1e6);
    deliveries.close(Duration::from_secs(1));
    trail.close(Duration::from_secs(1));
}

/// A receiver that reads as fast as it can and holds the order of what comes against the sequence.
struct Sink {
    url: String,
    last: Arc<AtomicU64>,
    bytes: Arc<AtomicU64>,
    in_order: Arc<AtomicBool>,
}

impl Sink {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let url = format!("http://{}/", listener.local_addr().expect("an address"));
        let sink = Self { url, last: Arc::default(), bytes: Arc::default(), in_order: Arc::new(AtomicBool::new(true)) };
        let (last, bytes, in_order) = (Arc::clone(&sink.last), Arc::clone(&sink.bytes), Arc::clone(&sink.in_order));
        thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = stream.expect("a connection");
                let mut buffer = vec![0; 256 * 1024];
                while let Some((from, to, length)) = head(&mut stream) {
                    in_order.fetch_and(from == last.load(Ordering::SeqCst) + 1, Ordering::SeqCst);
                    let mut left = length;
                    while left > 0 {
                        let most = left.min(buffer.len());
                        left -= stream.read(&mut buffer[..most]).expect("a body");
                    }
                    bytes.fetch_add(length as u64, Ordering::SeqCst);
                    last.store(to, Ordering::SeqCst);
                    stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").expect("an answer");
                }
            }
        });
        sink
    }
}

/// The records of a request by its idempotency key, and the length of its body.
fn head(stream: &mut TcpStream) -> Option<(u64, u64, usize)> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        stream.read_exact(&mut byte).ok()?;
        head.push(byte[0]);
    }
    let head = String::from_utf8(head).expect("ASCII");
    let field = |name: &str| head.lines().find_map(|line| line.strip_prefix(name)).expect("a field").to_owned();
    let (_, span) =
        field("idempotency-key: ").trim_matches('"').rsplit_once(':').map(|(a, b)| (a.to_owned(), b.to_owned()))?;
    let (from, to) = span.split_once('-')?;
    Some((from.parse().ok()?, to.parse().ok()?, field("content-length: ").parse().ok()?))
}

fn settings(home: &Path, url: &str) -> AuditSettings {
    for (file, text) in [("audit.key", dev::symmetric_key()), ("gate.pem", dev::symmetric_key())] {
        fs::write(home.join(file), text.expect("a key").as_bytes()).expect("written");
        let mode = std::os::unix::fs::PermissionsExt::from_mode(0o600);
        fs::set_permissions(home.join(file), mode).expect("a mode");
    }
    let home = home.display();
    let text = format!(
        "version: 1\ngate:\n  listen: \"127.0.0.1:0\"\n  tls: {{ certificate: {home}/gate.pem, key: {home}/gate.pem, \
         client_ca: {home}/gate.pem }}\nupstream: {{ url: \"http://127.0.0.1:9\" }}\nroutes:\n  - {{ name: all, path: \
         /**, allow: [anyone] }}\nredaction: {{ key: {home}/audit.key }}\naudit:\n  spool: {{ path: {home}/spool, key: \
         {home}/audit.key }}\n  sinks:\n    - webhook: {{ url: \"{url}\" }}\n"
    );
    load_text("bench", &text, Path::new("."), &LoadOptions::check())
        .map_err(|faults| faults.render(false))
        .expect("a policy")
        .policy
        .audit
}

/// Records of requests, each another one.
#[expect(clippy::too_many_lines, reason = "one record, field by field")]
fn fill(trail: &Trail, records: u64, policy: &Arc<PolicyRecord>) {
    let redactor = Redactor::new(PseudonymKey::new(1, &[7; 32]).expect("a key"));
    let route = Arc::new(RouteRecord {
        name: name("order-address"),
        template: name("/orders/v0/orders/{order_id}/address"),
        pii: vec![name("name"), name("address")],
        controls: vec![name("ACC-2")],
        commit: Commit::Batched,
    });
    let standing = Arc::new(Standing { roles: vec![name("fulfilment")], groups: vec![name("warehouse")] });
    for number in 0..records {
        let scattered = number.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let at = UnixMillis(1_767_225_600_000 + number);
        let address = IpAddr::V4(Ipv4Addr::new(192, 0, 2, (scattered >> 56) as u8));
        let tls = TlsRecord {
            version: "TLSv1.3",
            cipher: "TLS13_AES_256_GCM_SHA384",
            group: "X25519MLKEM768",
            sni: None,
            client_certificate: false,
        };
        let connection = ConnectionRecord {
            id: RequestId::new(at),
            source: redactor.address(address, AddressForm::Keyed),
            source_port: Some((scattered >> 48) as u16),
            tls: Some(tls),
            listener: name("https"),
        };
        let caller = CallerRecord {
            record: redactor.pseudonym(Kind::Caller, "user:alice"),
            kind: CallerKind::User,
            is_mfa: true,
            mfa_age: Some(240),
            standing: Arc::clone(&standing),
            credential: None,
        };
        let access = Access {
            records: None,
            watched: Default::default(),
            id: RequestId::new(at),
            stage: Stage::Whole,
            started: at,
            duration_micros: 3_000 + scattered % 50_000,
            upstream_micros: Some(2_900 + scattered % 50_000),
            connection: Arc::new(connection),
            method: MethodWord::Get,
            version: HttpVersion::Http2,
            route: Some(Arc::clone(&route)),
            query: Default::default(),
            hidden_parameters: 1,
            issuer: None,
            limit: None,
            rule: None,
            trace: None,
            caller: Some(caller),
            role: Some(name("fulfilment")),
            client: None,
            outcome: Outcome { row: &ALLOWED, shadow: None },
            status: 200,
            bytes_in: 0,
            bytes_out: scattered % 10_000,
            end: End::Complete,
            cut: None,
            policy: Arc::clone(policy),
        };
        // What the writer has in hand has a bound, beyond which records are lost.
        while number > trail.durable() + 8_192 {
            thread::sleep(Duration::from_millis(1));
        }
        let slot = loop {
            if let Some(slot) = trail.reserve() {
                break slot;
            }
            thread::sleep(Duration::from_millis(1));
        };
        slot.write(Event::Access(Box::new(access)));
    }
}

fn name(text: &str) -> Name {
    Name::configured(text).expect("a name")
}

/// Resident bytes of this process.
fn resident() -> u64 {
    let text = fs::read_to_string("/proc/self/statm").expect("memory");
    text.split(' ').nth(1).and_then(|pages| pages.parse::<u64>().ok()).expect("pages") * 4096
}

/// User and system time of the thread of this name.
fn thread_cpu(wanted: &str) -> Duration {
    for task in fs::read_dir("/proc/self/task").expect("threads").flatten() {
        let stat = fs::read_to_string(task.path().join("stat")).expect("a thread");
        let (before, after) = stat.rsplit_once(") ").expect("a name");
        if before.ends_with(&format!("({wanted}")) {
            let fields: Vec<&str> = after.split(' ').collect();
            let hundredths = |field: usize| fields[field].parse::<u64>().expect("a number");
            // utime and stime: fields 14 and 15 of proc(5), of which the first two stand before the split.
            return Duration::from_millis((hundredths(11) + hundredths(12)) * 10);
        }
    }
    Duration::ZERO
}
