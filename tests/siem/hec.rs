//! Splunk's event collector, as a strict one of our own: acknowledgements late, lost and refused, partial refusals, a
//! collector that is full, wrong tokens, connections that end in the middle.

use std::time::Duration;

use portcullis::delivery::splunk::{AckPatience, Splunk};
use portcullis::delivery::{Answer, Batch, Receiver as _, Sent};
use portcullis::policy::http_address::HttpAddress;
use portcullis::policy::settings::{Compression, HttpSettings, SplunkSettings};

use super::rsyslog::{tools, verify};
use crate::ocsf::events::{long_samples, samples};
use crate::support::hec::{Hec, Next, TOKEN};
use crate::support::pki::{Authority, Files, Leaf};

struct Bench {
    files: Files,
    hec: Hec,
    settings: SplunkSettings,
}

impl Bench {
    fn start(acks: bool) -> Self {
        let (files, authority) = (Files::new(), Authority::new("Authority of the SIEM"));
        let ca = files.write("ca.pem", &authority.pem);
        let token = files.write("hec.token", TOKEN);
        let hec = Hec::start(&authority.issue(&Leaf::server(&["127.0.0.1"])), acks);
        let http = HttpSettings {
            address: HttpAddress::parse(&format!("https://{}", hec.address)).unwrap(),
            ca: Some(ca.into()),
            client: None,
            compression: Compression::Gzip,
            timeout: Duration::from_secs(5),
        };
        Self { files, hec, settings: SplunkSettings { http, token: token.into(), index: None, acks } }
    }

    fn splunk(&self) -> Splunk {
        let patience = AckPatience {
            first: Duration::from_millis(2),
            most: Duration::from_millis(8),
            total: Duration::from_millis(300),
        };
        Splunk::load(&self.settings, &tools()).unwrap().patient(patience)
    }
}

fn batch(lines: &[Vec<u8>], first: u64) -> Batch {
    let mut batch = Batch::default();
    for (line, sequence) in lines.iter().zip(first..) {
        batch.push(Sent { sequence, line });
    }
    batch
}

fn run<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}

#[test]
fn what_was_delivered_is_a_copy_that_can_be_verified() {
    let mut bench = Bench::start(false);
    bench.settings.index = Some("audit".to_owned());
    bench.hec.index("audit");
    let lines = samples();
    let mut splunk = bench.splunk();
    run(async {
        assert_eq!(splunk.deliver(&batch(&lines, 1)).await, Answer::Taken);
        splunk.close().await;
    });
    let state = bench.hec.state.lock().unwrap();
    assert_eq!(state.requests, 1);
    let copy: String = state.indexed.iter().map(|(_, event)| format!("{event}\n")).collect();
    drop(state);
    bench.hec.assert_kept();
    assert_eq!(copy.as_bytes(), [lines.join(&b'\n'), b"\n".to_vec()].concat());
    let path = bench.files.write("copy.jsonl", &copy);
    let (code, said) = verify(&[path.as_ref()]);
    // The samples are records of every kind, of a gap too.
    assert!(said.contains("records"), "{code:?} {said}");
    assert!(!said.contains("changed"), "{said}");
}

#[test]
fn no_request_is_larger_than_a_collector_takes() {
    let bench = Bench::start(false);
    let lines = long_samples();
    let many: Vec<_> = lines.iter().cycle().take(300).cloned().collect();
    let bytes: usize = many.iter().map(Vec::len).sum();
    assert!(bytes > 3 << 20);
    // The longest record alone is below the bound.
    let mut whole = Batch::default();
    many.iter().for_each(|line| whole.push(Sent { sequence: sequence(line), line }));
    assert_eq!(run(async { bench.splunk().deliver(&whole).await }), Answer::Taken);
    bench.hec.assert_kept();
    let state = bench.hec.state.lock().unwrap();
    assert!(state.requests > 3 && state.indexed.len() == 300, "{}", state.requests);
}

fn sequence(line: &[u8]) -> u64 {
    serde_json::from_slice::<serde_json::Value>(line).unwrap()["metadata"]["sequence"].as_u64().unwrap()
}

#[test]
fn a_collector_says_no_in_many_ways() {
    let bench = Bench::start(false);
    let lines = samples();
    let later = |after, cause| Answer::Later { after: Option::map(after, Duration::from_secs), cause };
    let expected = [
        (Next::Refuse(503, 9, None), later(None, "server_busy")),
        (Next::Refuse(503, 23, Some("7")), later(Some(7), "shutting_down")),
        (Next::Refuse(429, 26, Some("30")), later(Some(30), "queue_full")),
        (Next::Refuse(429, 27, None), later(Some(5), "acks_full")),
        (Next::Refuse(500, 8, None), later(None, "internal_error")),
        (Next::Refuse(400, 7, None), Answer::Misconfigured { cause: "index_incorrect" }),
        (Next::Refuse(403, 1, None), Answer::Misconfigured { cause: "token_disabled" }),
        (Next::Refuse(400, 6, None), Answer::Refused { at: None, cause: "data_format" }),
        (Next::Strange(503, "<html>upstream</html>"), later(None, "http_503")),
        (Next::Strange(200, "<html>log in</html>"), Answer::Misconfigured { cause: "no_collector" }),
        (Next::Strange(413, ""), Answer::TooLarge),
    ];
    let mut splunk = bench.splunk();
    run(async {
        for (next, answer) in expected {
            bench.hec.then([next.clone()]);
            assert_eq!(splunk.deliver(&batch(&lines, 1)).await, answer, "{next:?}");
        }
        assert_eq!(bench.hec.indexed(), [] as [u64; 0]);
        bench.hec.then([Next::HalfClosed]);
        assert_eq!(splunk.deliver(&batch(&lines, 1)).await, later(None, "connect"));
        assert_eq!(splunk.deliver(&batch(&lines, 1)).await, Answer::Taken);
    });
    // What the collector had when the connection ended is there twice, and nothing is missing.
    assert_eq!(bench.hec.indexed().len(), 2 * lines.len());
    bench.hec.assert_kept();
}

#[test]
fn an_event_that_is_refused_is_the_one_that_the_collector_names() {
    let bench = Bench::start(false);
    let lines = samples();
    bench.hec.then([Next::Invalid(5)]);
    let answer = run(async { bench.splunk().deliver(&batch(&lines, 1)).await });
    assert_eq!(answer, Answer::Refused { at: Some(4), cause: "data_format" });
    assert_eq!(bench.hec.indexed(), [1, 2, 3, 4]);
}

#[test]
fn a_token_is_read_again_when_its_file_changes() {
    let bench = Bench::start(false);
    let lines = samples();
    let mut splunk = bench.splunk();
    run(async {
        assert_eq!(splunk.deliver(&batch(&lines[..1], 1)).await, Answer::Taken);
        bench.hec.token("another");
        let answer = splunk.deliver(&batch(&lines[1..2], 2)).await;
        assert_eq!(answer, Answer::Misconfigured { cause: "token_invalid" });
        std::fs::remove_file(bench.files.path("hec.token")).unwrap();
        let answer = splunk.deliver(&batch(&lines[1..2], 2)).await;
        assert_eq!(answer, Answer::Misconfigured { cause: "credential_file" });
        bench.files.write("hec.token", "another\n");
        assert_eq!(splunk.deliver(&batch(&lines[1..2], 2)).await, Answer::Taken);
    });
    assert_eq!(bench.hec.indexed(), [1, 2]);
}

#[test]
fn nothing_is_delivered_before_the_indexers_say_so() {
    let bench = Bench::start(true);
    let lines = samples();
    bench.hec.state.lock().unwrap().ack_delay = 3;
    let mut splunk = bench.splunk();
    run(async {
        assert_eq!(splunk.deliver(&batch(&lines[..4], 1)).await, Answer::Taken);
        assert_eq!(bench.hec.indexed(), [1, 2, 3, 4], "taken means indexed");
        // One that is lost on the way to the indexers is sent again.
        bench.hec.state.lock().unwrap().lose = 1;
        let answer = splunk.deliver(&batch(&lines[4..6], 5)).await;
        assert_eq!(answer, Answer::Later { after: None, cause: "ack_timeout" });
        assert_eq!(bench.hec.indexed(), [1, 2, 3, 4]);
        assert_eq!(splunk.deliver(&batch(&lines[4..6], 5)).await, Answer::Taken);
    });
    assert_eq!(bench.hec.indexed(), [1, 2, 3, 4, 5, 6]);
    bench.hec.assert_kept();
}

#[test]
fn a_token_without_acknowledgements_is_a_setting_at_fault() {
    let mut bench = Bench::start(false);
    bench.settings.acks = true;
    let answer = run(async { bench.splunk().deliver(&batch(&samples()[..1], 1)).await });
    assert_eq!(answer, Answer::Misconfigured { cause: "acks_disabled" });
}

#[test]
fn a_collector_that_is_nearly_full_is_left_in_peace() {
    let bench = Bench::start(false);
    bench.hec.then([Next::NearlyFull]);
    let mut splunk = bench.splunk();
    let lines = samples();
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
        assert_eq!(splunk.deliver(&batch(&lines[..1], 1)).await, Answer::Taken);
        // It asked for some seconds; how long they take is not waited for here.
        let next = batch(&lines[1..2], 2);
        assert!(tokio::time::timeout(Duration::from_millis(200), splunk.deliver(&next)).await.is_err());
        assert_eq!(bench.hec.indexed(), [1]);
    });
}

#[test]
fn a_collector_with_another_certificate_is_not_spoken_to() {
    let mut bench = Bench::start(false);
    let other = Authority::new("Somebody else");
    bench.settings.http.ca = Some(bench.files.write("other.pem", &other.pem).into());
    let answer = run(async { bench.splunk().deliver(&batch(&samples()[..1], 1)).await });
    assert_eq!(answer, Answer::Misconfigured { cause: "tls" });
    assert_eq!(bench.hec.state.lock().unwrap().requests, 0);
}
