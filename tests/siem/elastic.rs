//! Elasticsearch and OpenSearch, as a strict cluster of our own with the shipped mappings: outcomes document by document,
//! storms, duplicates, and a gate that is killed.

use std::collections::BTreeSet;
use std::time::Duration;

use portcullis::delivery::elastic::Elastic;
use portcullis::delivery::{Answer, Batch, Item, Receiver as _, Sent};
use portcullis::policy::http_address::HttpAddress;
use portcullis::policy::settings::{Compression, ElasticScheme, ElasticSettings, HttpSettings};

use super::rsyslog::{tools, verify};
use super::whole::{OPEN, home, long_request, policy, sequences};
use crate::ocsf::events::{long_samples, samples};
use crate::support::elastic::{API_KEY, Cluster, Next, STREAM};
use crate::support::pki::{Authority, Files, Leaf};
use crate::support::{Gate, Upstream, answer, wait_for};

struct Bench {
    files: Files,
    cluster: Cluster,
    settings: ElasticSettings,
}

impl Bench {
    fn start() -> Self {
        let (files, authority) = (Files::new(), Authority::new("Authority of the SIEM"));
        let ca = files.write("ca.pem", &authority.pem);
        let token = files.write("elastic.key", API_KEY);
        let cluster = Cluster::start(&authority.issue(&Leaf::server(&["127.0.0.1"])));
        let http = HttpSettings {
            address: HttpAddress::parse(&format!("https://{}", cluster.address)).unwrap(),
            ca: Some(ca.into()),
            client: None,
            compression: Compression::Gzip,
            timeout: Duration::from_secs(5),
        };
        let settings = ElasticSettings {
            http,
            data_stream: STREAM.to_owned(),
            token: Some(token.into()),
            scheme: ElasticScheme::ApiKey,
        };
        Self { files, cluster, settings }
    }

    fn elastic(&self) -> Elastic {
        Elastic::load(&self.settings, &tools()).unwrap()
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

const fn later(after: Option<u64>, cause: &'static str) -> Answer {
    let after = match after {
        Some(seconds) => Some(Duration::from_secs(seconds)),
        None => None,
    };
    Answer::Later { after, cause }
}

/// Each event has an id of its own in a trail; of the samples, some have one in common.
fn distinct(lines: Vec<Vec<u8>>) -> Vec<Vec<u8>> {
    let mut ids = BTreeSet::new();
    let id = |line: &Vec<u8>| {
        let record: serde_json::Value = serde_json::from_slice(line).unwrap();
        record["metadata"]["uid"].as_str().unwrap().to_owned()
    };
    lines.into_iter().filter(|line| ids.insert(id(line))).collect()
}

#[test]
fn every_kind_of_record_fits_the_shipped_mappings_and_stays_what_it_was() {
    let bench = Bench::start();
    let lines = [samples(), long_samples()].concat();
    // Some samples have their id in common: of these, the first one is there.
    let answer = run(async { bench.elastic().deliver(&batch(&lines, 1)).await });
    assert!(matches!(&answer, Answer::Each(items) if items.iter().all(|item| *item == Item::Taken)), "{answer:?}");
    bench.cluster.assert_kept();
    let expected = distinct(lines);
    assert!(bench.cluster.originals().iter().map(String::as_bytes).eq(expected.iter().map(|line| &line[..])));
}

#[test]
fn what_was_delivered_is_a_copy_that_can_be_verified_whatever_comes_twice() {
    let bench = Bench::start();
    let lines = distinct(samples());
    let mut elastic = bench.elastic();
    run(async {
        bench.cluster.then([Next::HalfClosed]);
        assert_eq!(elastic.deliver(&batch(&lines, 1)).await, later(None, "connect"));
        // All of it is there already.
        let taken = elastic.deliver(&batch(&lines, 1)).await;
        assert_eq!(taken, Answer::Each(vec![Item::Taken; lines.len()]));
        elastic.close().await;
    });
    bench.cluster.assert_kept();
    assert_eq!(bench.cluster.state.lock().unwrap().conflicts, lines.len() as u64);
    let originals = bench.cluster.originals();
    assert!(originals.iter().map(String::as_bytes).eq(lines.iter().map(|line| &line[..])), "byte for byte, in order");
}

#[test]
fn a_cluster_says_no_in_many_ways() {
    let bench = Bench::start();
    let lines = distinct(samples());
    let expected = [
        (Next::Say(429, "", Some("30")), later(Some(30), "http_429")),
        (Next::Say(429, "", None), later(None, "http_429")),
        (Next::Say(502, "<html>", None), later(None, "http_502")),
        (Next::Say(503, "", Some("7")), later(Some(7), "http_503")),
        (Next::Say(504, "", None), later(None, "http_504")),
        (Next::Say(500, "", None), later(None, "http_500")),
        (Next::Say(401, "", None), Answer::Misconfigured { cause: "http_401" }),
        (Next::Say(403, "", None), Answer::Misconfigured { cause: "http_403" }),
        (Next::Say(404, "", None), Answer::Misconfigured { cause: "http_404" }),
        (Next::Say(413, "", None), Answer::TooLarge),
        (Next::Say(400, "", None), Answer::Refused { at: None, cause: "http_400" }),
        (Next::Say(200, "<html>log in</html>", None), Answer::Misconfigured { cause: "no_cluster" }),
        (Next::Say(200, "{}", None), Answer::Misconfigured { cause: "no_cluster" }),
        (Next::Items(1, 400, "strict_dynamic_mapping_exception"), Answer::Misconfigured { cause: "mapper_strict" }),
    ];
    let mut elastic = bench.elastic();
    run(async {
        for (next, answer) in expected {
            bench.cluster.then([next.clone()]);
            assert_eq!(elastic.deliver(&batch(&lines, 1)).await, answer, "{next:?}");
        }
        assert_eq!(bench.cluster.sequences(), [] as [u64; 0]);
        bench.cluster.then([Next::Items(3, 429, "es_rejected_execution_exception")]);
        let Answer::Each(items) = elastic.deliver(&batch(&lines[..6], 1)).await else { panic!("each") };
        let (busy, taken) = (Item::Later("queue_full"), Item::Taken);
        assert_eq!(items, [busy, taken, taken, busy, taken, taken]);
    });
    bench.cluster.assert_kept();
}

#[test]
fn a_credential_is_read_again_and_sent_as_the_policy_says() {
    let mut bench = Bench::start();
    let lines = distinct(samples());
    let deliver =
        |bench: &Bench, at: usize| run(async { bench.elastic().deliver(&batch(&lines[at..=at], at as u64 + 1)).await });
    bench.cluster.authorization("ApiKey another");
    assert_eq!(deliver(&bench, 0), Answer::Misconfigured { cause: "http_401" });
    bench.files.write("elastic.key", "another\n");
    assert_eq!(deliver(&bench, 0), Answer::Taken);
    bench.settings.scheme = ElasticScheme::Basic;
    bench.files.write("elastic.key", "gate:not-a-secret\n");
    bench.cluster.authorization("Basic Z2F0ZTpub3QtYS1zZWNyZXQ=");
    assert_eq!(deliver(&bench, 1), Answer::Taken);
    bench.settings.scheme = ElasticScheme::Bearer;
    bench.cluster.authorization("Bearer gate:not-a-secret");
    assert_eq!(deliver(&bench, 2), Answer::Taken);
    // Another data stream, behind a path.
    bench.settings.data_stream = "audit".to_owned();
    bench.settings.http.address = HttpAddress::parse(&format!("https://{}/es/", bench.cluster.address)).unwrap();
    bench.cluster.path("/es/audit/_bulk");
    assert_eq!(deliver(&bench, 3), Answer::Taken);
    assert!(bench.cluster.state.lock().unwrap().documents[3].get("data_stream").is_none());
    let other = Authority::new("Somebody else");
    bench.settings.http.ca = Some(bench.files.write("other.pem", &other.pem).into());
    assert_eq!(deliver(&bench, 4), Answer::Misconfigured { cause: "tls" });
}

/// The sink of a policy.
fn sink(cluster: &Cluster, files: &Files, authority: &Authority) -> String {
    let (ca, token) = (files.write("ca.pem", &authority.pem), files.write("elastic.key", API_KEY));
    format!(
        "elastic: {{ url: \"https://{}\", token_file: \"{token}\", ca: \"{ca}\", compression: gzip, batch: {{ records: \
         20, time: 20ms }} }}",
        cluster.address
    )
}

#[test]
fn the_index_has_every_record_once_though_the_gate_is_killed() {
    let (files, authority) = (Files::new(), Authority::new("Authority of the SIEM"));
    let cluster = Cluster::start(&authority.issue(&Leaf::server(&["127.0.0.1"])));
    let app = Upstream::start(answer("hello"));
    let policy = policy(&app, &sink(&cluster, &files, &authority));
    let mut place = home();
    for round in 0..3 {
        cluster.then([
            Next::Say(503, "", Some("0")),
            Next::Items(2, 429, "es_rejected_execution_exception"),
            Next::Say(429, "", Some("0")),
            Next::HalfClosed,
        ]);
        let before = cluster.sequences().len();
        let gate = Gate::start_in(place, &policy);
        let mut anybody = gate.connect();
        for number in 0..40 {
            assert_eq!(anybody.ask(&if number % 10 == 0 { long_request() } else { OPEN.to_owned() }).status, 200);
        }
        wait_for(&format!("some of round {round}: {}", gate.log()), || {
            (cluster.sequences().len() > before + 5).then_some(())
        });
        place = gate.kill();
    }
    let gate = Gate::start_in(place, &policy);
    gate.connect().ask(OPEN);
    let stopped = gate.stop();
    let all = sequences(&stopped.trail);
    let had = cluster.sequences();
    let had_once: BTreeSet<u64> = had.iter().copied().collect();
    cluster.assert_kept();
    assert_eq!(had.len(), had_once.len(), "each of them once");
    // What a kill left in no file may be in the spool, and so in the index.
    assert!(all.is_subset(&had_once), "it lacks {:?}: {}", all.difference(&had_once), stopped.log);
    assert_eq!(had_once, (1..=had.len() as u64).collect());
    let copy: String = cluster.originals().iter().map(|line| format!("{line}\n")).collect();
    let path = files.write("copy.jsonl", &copy);
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_portcullis"))
        .args(["verify", "--any-order"])
        .arg(&path)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
    assert_eq!(output.status.code(), Some(0), "{said}");
    stopped.assert_never_said(API_KEY);
}

#[test]
fn a_document_that_the_mapper_refuses_is_told_of_once_and_holds_nothing_up() {
    let (files, authority) = (Files::new(), Authority::new("Authority of the SIEM"));
    let cluster = Cluster::start(&authority.issue(&Leaf::server(&["127.0.0.1"])));
    cluster.state.lock().unwrap().poison.insert(7);
    cluster.state.lock().unwrap().most_bytes = Some(60_000);
    let app = Upstream::start(answer("hello"));
    let gate = Gate::start_in(home(), &policy(&app, &sink(&cluster, &files, &authority)));
    let mut anybody = gate.connect();
    for number in 0..60 {
        assert_eq!(anybody.ask(&if number % 4 == 0 { long_request() } else { OPEN.to_owned() }).status, 200);
    }
    wait_for(&format!("what was asked: {}", gate.log()), || (cluster.sequences().len() >= 61).then_some(()));
    let told = || -> Vec<serde_json::Value> {
        let records = cluster.originals().into_iter().map(|line| serde_json::from_str(&line).unwrap());
        records.filter(|record: &serde_json::Value| record["metadata"]["event_code"] == "LOG.REJECTED").collect()
    };
    let first = wait_for("the rejection", || told().pop());
    let details = &first["unmapped"]["portcullis"];
    assert_eq!((&details["rejected_sequence"], &details["cause"]), (&7.into(), &"mapper".into()));
    let stopped = gate.stop();
    let had: BTreeSet<u64> = cluster.sequences().into_iter().collect();
    let lacks: Vec<_> = sequences(&stopped.trail).difference(&had).copied().collect();
    assert_eq!((lacks, told().len()), (vec![7], 1));
    cluster.assert_kept();
    let (code, _) = verify(&[files.write("copy.jsonl", &(cluster.originals().join("\n") + "\n")).as_ref()]);
    assert_ne!(code, Some(0), "a copy that lacks a record is not whole");
}
