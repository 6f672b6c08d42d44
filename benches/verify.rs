//! How fast a trail is verified: `cargo bench --bench verify`.
#![allow(
    clippy::expect_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    clippy::disallowed_macros,
    clippy::cast_precision_loss,
    reason = "a bench measures real time, prints, and panics when it cannot be prepared"
)]

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use portcullis::audit::ocsf::Scribe;
use portcullis::audit::proof::{CheckpointSigner, Origin, Roster};
use portcullis::audit::verify::{Options, Verdict, verify};
use portcullis::audit::{
    Blame, ConnectionEnd, ConnectionRecord, Event, Outcome, OutcomeRow, PolicyRecord, Producer, RequestId, TlsRecord,
};
use portcullis::clock::UnixMillis;
use portcullis::identity::{dev, secret_file};
use portcullis::redact::{Name, Redacted};

const RECORDS: u64 = 300_000;
const BEGIN: u64 = 1_767_225_600_000;

static ROW: OutcomeRow = OutcomeRow {
    code: "tls_failed",
    event_code: "HTTP.DENY.TLS",
    category: "protocol",
    action_id: 2,
    disposition_id: 2,
    severity_id: 3,
    blame: Blame::Client,
    text: "the handshake did not come to its end",
};

fn main() {
    let home = tempfile::tempdir().expect("a directory");
    let (lines, roster) = trail();
    let options = || Options { roster: Some(roster.clone()), ..Options::default() };
    let bytes = lines.len();
    println!("{RECORDS} records, {} bytes each, a checkpoint for every 1,000", bytes as u64 / RECORDS);
    measure("as written", home.path(), &lines, options());
    measure("written anew by a parser", home.path(), &spaced(&lines), options());
}

fn measure(name: &str, home: &Path, lines: &[u8], options: Options) {
    let path: PathBuf = home.join("trail.jsonl");
    fs::write(&path, lines).expect("written");
    let best = (0..5)
        .map(|_| {
            let start = Instant::now();
            let report = verify(std::slice::from_ref(&path), options.clone(), None).expect("verified");
            assert!(report.verdict() == Verdict::Whole, "{}", report.text());
            start.elapsed()
        })
        .min()
        .unwrap_or_default();
    println!("{name:<28} {:>10.0} records/s", RECORDS as f64 / best.as_secs_f64());
}

/// A space behind every colon and comma that stands before a key: what most parsers write.
fn spaced(lines: &[u8]) -> Vec<u8> {
    let text = String::from_utf8(lines.to_vec()).expect("ASCII");
    text.replace("\":", "\": ").replace(",\"", ", \"").into_bytes()
}

fn trail() -> (Vec<u8>, Roster) {
    let name = |text| Name::configured(text).expect("a name");
    let policy = Arc::new(PolicyRecord { digest: name("digest"), enforced: true });
    let producer =
        Producer { instance: name("bench"), epoch: RequestId::new(UnixMillis(BEGIN)), policy: Arc::clone(&policy) };
    let pem = dev::ed25519_key().expect("a key");
    let der = secret_file::pkcs8_from_pem(pem.as_bytes()).expect("a key");
    let origin = Origin::new(&producer.instance, producer.epoch);
    let signer = CheckpointSigner::from_pkcs8(&der, origin).expect("a signer");
    let connection = Arc::new(ConnectionRecord {
        id: RequestId::new(UnixMillis(BEGIN)),
        source: Redacted::literal("pii_ip_k1_304b4d48e2bcbec3"),
        source_port: Some(50_123),
        tls: Some(TlsRecord {
            version: "TLSv1.3",
            cipher: "TLS13_AES_256_GCM_SHA384",
            group: "X25519MLKEM768",
            sni: None,
            client_certificate: false,
        }),
        listener: name("https"),
    });
    let (mut scribe, mut lines) = (Scribe::new(producer), Vec::new());
    for number in 0..RECORDS {
        let now = UnixMillis(BEGIN + number);
        if number % 1000 == 999 {
            scribe.checkpoint(&signer, "so many records", now, &mut lines);
            continue;
        }
        let end = ConnectionEnd {
            id: RequestId::new(now),
            started: now,
            duration_micros: number,
            connection: Arc::clone(&connection),
            outcome: Outcome { row: &ROW, shadow: None },
            policy: Arc::clone(&policy),
        };
        scribe.event(&Event::Connection(Box::new(end)), now, &mut lines);
    }
    (lines, Roster::of_keys([signer.public().clone()]))
}
