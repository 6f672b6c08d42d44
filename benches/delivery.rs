//! What it costs to deliver the spool to sinks of each kind: `cargo bench --bench delivery -- 1000000 elastic` for a
//! backlog of a million records and one kind, `four` for four sinks at once; without a kind, each in its turn.
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

use std::fmt::Write as _;
use std::fs;
use std::io::{Read as _, Write as _};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener, TcpStream};
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

/// As the gate has it: memory is what is measured.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

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

/// Kinds of sinks, as they stand in a policy.
const KINDS: &[&str] = &["webhook", "splunk", "elastic", "otlp", "syslog", "cef"];
/// Four at once.
const FOUR: &[&str] = &["splunk", "elastic", "otlp", "syslog"];

fn main() {
    let records = std::env::args().filter_map(|argument| argument.parse().ok()).next_back().unwrap_or(USUAL);
    let named: Vec<String> = std::env::args().filter(|one| KINDS.contains(&one.as_str()) || one == "four").collect();
    let home = tempfile::tempdir().expect("a directory");
    let place = home.path();
    let audit = settings(place, &[]);
    let policy = Arc::new(PolicyRecord { digest: name("bench"), enforced: true });
    let producer =
        Producer { instance: name("bench"), epoch: RequestId::new(UnixMillis(0)), policy: Arc::clone(&policy) };
    let clock = Clock::system();
    let trail = Trail::start(&audit.without_network(), clock.clone(), producer).expect("a trail");
    fill(&trail, records, &policy);
    while trail.durable() < records {
        thread::sleep(Duration::from_millis(5));
    }
    let outfit = || Outfit {
        spool: audit.spool().expect("a spool").clone(),
        trail: trail.clone(),
        tools: Tools {
            provider: Arc::new(rustls::crypto::aws_lc_rs::default_provider()),
            clock: clock.clone(),
            instance: name("bench"),
        },
        policy: Arc::clone(&policy),
    };
    println!("{records} records of requests, without TLS and compression");
    println!(
        "{:<10} {:>12} {:>16} {:>18} {:>12}",
        "sink", "records/s", "CPU a record", "records/s of CPU", "memory, more"
    );
    for kind in KINDS.iter().map(|kind| vec![*kind]).chain([FOUR.to_vec()]) {
        let what = if kind.len() > 1 { "four" } else { kind[0] };
        if named.is_empty() || named.iter().any(|named| named == what) {
            deliver(place, what, &kind, outfit(), records);
        }
    }
    trail.close(Duration::from_secs(1));
}

/// Delivers the whole spool to sinks of these kinds, and says what it took.
fn deliver(home: &Path, what: &str, kinds: &[&str], outfit: Outfit, records: u64) {
    let sinks: Vec<Sink> = kinds.iter().map(|kind| Sink::start(kind)).collect();
    let audit = settings(home, &sinks);
    let before = resident();
    let began = Instant::now();
    let deliveries = Deliveries::start(outfit, audit.network().cloned().collect()).expect("deliveries");
    let mut most = before;
    while sinks.iter().any(|sink| sink.last.load(Ordering::SeqCst) < records) {
        most = most.max(resident());
        thread::sleep(Duration::from_millis(10));
    }
    let (wall, cpu) = (began.elapsed(), thread_cpu("delivery"));
    assert!(sinks.iter().all(|sink| sink.in_order.load(Ordering::SeqCst)), "out of order");
    let each = cpu.as_secs_f64() / (records * sinks.len() as u64) as f64;
    println!(
        "{what:<10} {:>12.0} {:>13.2} us {:>18.0} {:>9.1} MB",
        records as f64 / wall.as_secs_f64(),
        each * 1e6,
        1.0 / each,
        (most.saturating_sub(before)) as f64 / 1e6
    );
    deliveries.close(Duration::from_secs(1));
    // The next ones of these names begin anew.
    for chain in fs::read_dir(home.join("spool")).expect("a spool").flatten() {
        let _ = fs::remove_dir_all(chain.path().join("sinks"));
    }
}

/// A receiver that reads as fast as it can and holds the order of what comes against the sequence.
struct Sink {
    kind: &'static str,
    address: SocketAddr,
    last: Arc<AtomicU64>,
    in_order: Arc<AtomicBool>,
}

impl Sink {
    fn start(kind: &str) -> Self {
        let kind = KINDS.iter().find(|known| **known == kind).expect("a kind");
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address");
        let sink = Self { kind, address, last: Arc::default(), in_order: Arc::new(AtomicBool::new(true)) };
        let (last, in_order) = (Arc::clone(&sink.last), Arc::clone(&sink.in_order));
        thread::spawn(move || {
            for stream in listener.incoming() {
                let stream = stream.expect("a connection");
                if kind.ends_with("syslog") || *kind == "cef" {
                    frames(stream, &last, &in_order);
                } else {
                    requests(stream, kind, &last, &in_order);
                }
            }
        });
        sink
    }
}

/// A number behind a word: sequence numbers stand in every record's bytes.
fn behind(bytes: &[u8], at: usize) -> u64 {
    let digits = bytes[at..].iter().take_while(|byte| byte.is_ascii_digit());
    digits.fold(0, |number, digit| number * 10 + u64::from(digit - b'0'))
}

/// Bytes that a receiver reads at once: it is in the same process, and its memory is not to be measured.
const PIECE: usize = 64 * 1024;
/// The begin of a record that stands at the end of a piece.
const SEAM: usize = 64;

fn requests(mut stream: TcpStream, kind: &str, last: &AtomicU64, in_order: &AtomicBool) {
    // Of the record itself, and not of one that stands in another as text.
    const WORD: &[u8] = b",\"sequence\":";
    let mut buffer = vec![0; PIECE + 2 * SEAM];
    let mut answer = String::new();
    while let Some(mut length) = head(&mut stream) {
        let (mut first, mut newest, mut kept) = (None, 0, 0);
        while length > 0 {
            let wanted = length.min(PIECE);
            stream.read_exact(&mut buffer[kept..kept + wanted]).expect("a body");
            length -= wanted;
            let piece = &buffer[..kept + wanted];
            let whole = if length > 0 { piece.len().saturating_sub(SEAM) } else { piece.len() };
            if first.is_none() {
                first = memchr::memmem::find(&piece[..whole], WORD).map(|at| behind(piece, at + WORD.len()));
            }
            if let Some(at) = memchr::memmem::rfind(&piece[..whole], WORD) {
                newest = behind(piece, at + WORD.len());
            }
            // A word may begin in front of what was looked at, and end behind it.
            let seam = piece.len().saturating_sub(2 * SEAM);
            kept = piece.len() - seam;
            buffer.copy_within(seam..seam + kept, 0);
        }
        let first = first.expect("a record");
        in_order.fetch_and(first == last.load(Ordering::SeqCst) + 1, Ordering::SeqCst);
        let said = match kind {
            "splunk" => r#"{"text":"Success","code":0}"#.to_owned(),
            "elastic" => {
                let item = r#"{"create":{"status":201}}"#;
                let items = vec![item; usize::try_from(newest + 1 - first).expect("a number")];
                format!(r#"{{"errors":false,"items":[{}]}}"#, items.join(","))
            }
            _ => String::new(),
        };
        last.store(newest, Ordering::SeqCst);
        // In one piece: a second one would wait until the first is acknowledged.
        answer.clear();
        let length = said.len();
        let _ = write!(answer, "HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n{said}");
        stream.write_all(answer.as_bytes()).expect("an answer");
    }
}

/// Frames of syslog: sequence numbers count up, a piece at a time.
fn frames(mut stream: TcpStream, last: &AtomicU64, in_order: &AtomicBool) {
    const WORD: &[u8] = b" seq=\"";
    let (mut buffer, mut had) = (vec![0; 256 * 1024], 0);
    loop {
        let read = stream.read(&mut buffer[had..]).unwrap_or(0);
        if read == 0 {
            return;
        }
        had += read;
        // The last bytes may be the begin of a number.
        let whole = had.saturating_sub(64);
        let mut most = last.load(Ordering::SeqCst);
        for at in memchr::memmem::find_iter(&buffer[..had], WORD).filter(|at| *at < whole.max(1)) {
            let number = behind(&buffer, at + WORD.len());
            // A new connection begins with what may be lost of the one before.
            in_order.fetch_and(number <= most + 1, Ordering::SeqCst);
            most = most.max(number);
        }
        last.store(most, Ordering::SeqCst);
        buffer.copy_within(whole..had, 0);
        had -= whole;
    }
}

/// The length of a request's body.
fn head(stream: &mut TcpStream) -> Option<usize> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        stream.read_exact(&mut byte).ok()?;
        head.push(byte[0]);
    }
    let head = String::from_utf8(head).expect("ASCII");
    head.lines().find_map(|line| line.strip_prefix("content-length: "))?.parse().ok()
}

/// A sink as a policy names it.
fn entry(home: &Path, sink: &Sink) -> String {
    let (address, kind) = (sink.address, sink.kind);
    match kind {
        "splunk" => format!("    - splunk: {{ url: \"http://{address}/\", token_file: {}/token }}\n", home.display()),
        "syslog" => format!("    - syslog: {{ address: \"tcp://{address}\" }}\n"),
        "cef" => format!("    - syslog: {{ address: \"tcp://{address}\", name: cef, format: cef }}\n"),
        _ => format!("    - {kind}: {{ url: \"http://{address}/\" }}\n"),
    }
}

fn settings(home: &Path, sinks: &[Sink]) -> AuditSettings {
    for file in ["audit.key", "gate.pem", "token"] {
        let path = home.join(file);
        if path.exists() {
            continue;
        }
        fs::write(path, dev::symmetric_key().expect("a key").as_bytes()).expect("written");
        let mode = std::os::unix::fs::PermissionsExt::from_mode(0o600);
        fs::set_permissions(home.join(file), mode).expect("a mode");
    }
    let sinks: String = sinks.iter().map(|sink| entry(home, sink)).collect();
    let sinks = if sinks.is_empty() { String::new() } else { format!("  sinks:\n{sinks}") };
    let home = home.display();
    let text = format!(
        "version: 1\ngate:\n  listen: \"127.0.0.1:0\"\n  tls: {{ certificate: {home}/gate.pem, key: {home}/gate.pem, \
         client_ca: {home}/gate.pem }}\nupstream: {{ url: \"http://127.0.0.1:9\" }}\nroutes:\n  - {{ name: all, path: \
         /**, allow: [anyone] }}\nredaction: {{ key: {home}/audit.key }}\naudit:\n  spool: {{ path: {home}/spool, key: \
         {home}/audit.key }}\n{sinks}"
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
