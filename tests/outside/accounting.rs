//! What came in comes out: every request, and every connection without one, leaves exactly one record, wherever it was
//! broken off.

use std::collections::{BTreeMap, HashSet};
use std::io::Write as _;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::support::client::tcp;
use crate::support::frames::{DATA, END_STREAM, Fate, Frames, RST_STREAM, head};
use crate::support::upstream::say;
use crate::support::{
    Client, Gate, Latch, Person, Policy, Record, Request, Then, Upstream, answer, has_tool, wait_for,
};

/// Ends that there are to be, by whether they are requests' or connections'.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Ends {
    requests: usize,
    connections: usize,
}

const ONE: Ends = Ends { requests: 1, connections: 0 };
const NONE: Ends = Ends { requests: 0, connections: 1 };

const fn requests(requests: usize) -> Ends {
    Ends { requests, connections: 0 }
}

/// The stage of the tests: a gate, the app, and a way to tell one's own requests from others'.
struct Scene<'s> {
    gate: &'s Gate,
    app: &'s Upstream,
    counter: &'s AtomicUsize,
}

impl Scene<'_> {
    /// A target that nobody else asks for; what the app does is in its name.
    fn target(&self, what: &str) -> String {
        format!("/public/{what}/{}", self.counter.fetch_add(1, Ordering::SeqCst))
    }

    fn get(&self, what: &str) -> (String, String) {
        let target = self.target(what);
        let request = format!("GET {target} HTTP/1.1\r\nHost: localhost\r\n\r\n");
        (request, target)
    }

    /// Waits until the app has a request.
    fn arrived(&self, target: &str) {
        wait_for("the request arrives", || {
            self.app.requests().iter().any(|seen| seen.target() == target).then_some(())
        });
    }

    fn frames(&self) -> Frames {
        Frames::connect(self.gate, None)
    }
}

type Play = fn(&Scene<'_>) -> Ends;

/// Every way to come and to go, each on connections of its own.
const PLAYS: &[Play] = &[
    // Before the handshake's end.
    |scene| {
        drop(tcp(scene.gate.address()));
        NONE
    },
    |scene| {
        tcp(scene.gate.address()).write_all(b"\x16\x03\x01\x02\x00\x01\x00").expect("sent");
        NONE
    },
    |scene| {
        tcp(scene.gate.address()).write_all(b"GET / HTTP/1.1\r\n\r\n").expect("sent");
        NONE
    },
    |scene| {
        assert!(scene.gate.connect_as(&Person::stranger()).send("GET").answer().is_none());
        NONE
    },
    // After it, before a request.
    |scene| {
        scene.gate.connect().handshake().expect("a handshake");
        NONE
    },
    |scene| {
        scene.gate.connect().send("GET /open HTT").finish();
        NONE
    },
    |scene| {
        let mut client = scene.gate.connect();
        client.send("GET /open HTT");
        client.reset();
        NONE
    },
    |scene| {
        let mut frames = scene.frames();
        assert!(matches!(frames.data(1, b"x", 0).fate(1), Fate::GoneAway(_)));
        NONE
    },
    // Served and refused.
    |scene| {
        let (request, _) = scene.get("fine");
        assert_eq!(scene.gate.connect().ask(request).status, 200);
        ONE
    },
    |scene| {
        let mut client = scene.gate.connect();
        client.send([scene.get("fine").0, scene.get("fine").0, scene.get("fine").0].concat());
        (0..3).for_each(|_| assert_eq!(client.answer().expect("an answer").status, 200));
        requests(3)
    },
    |scene| {
        let mut client = scene.gate.connect();
        assert_eq!(client.ask("GET /nowhere HTTP/1.1\r\nHost: localhost\r\n\r\n").status, 403);
        assert_eq!(client.ask(scene.get("fine").0).status, 200);
        assert_eq!(client.ask("GET /open HTTP/1.1\r\nBad Header\r\n\r\n").status, 400);
        requests(3)
    },
    |scene| {
        let mut client = scene.gate.connect();
        client.send(scene.get("fine").0);
        assert_eq!(client.answer().expect("an answer").status, 200);
        client.send("GET /open HTTP/1.1\r\nHost").finish();
        Ends { requests: 1, connections: 1 }
    },
    // Broken off while the app works, or while it answers.
    |scene| {
        let (request, target) = scene.get("wait");
        let mut client = scene.gate.connect();
        client.send(request);
        scene.arrived(&target);
        client.reset();
        ONE
    },
    |scene| {
        let mut client = scene.gate.connect();
        client.send(scene.get("long").0);
        assert!(!client.read_some().is_empty());
        client.reset();
        ONE
    },
    |scene| {
        let target = scene.target("fine");
        let mut client = scene.gate.connect();
        client.send(format!("POST {target} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\nabc"));
        scene.gate.records_when("nothing yet", |_| true);
        client.finish();
        ONE
    },
    |scene| {
        let target = scene.target("fine");
        let mut client = scene.gate.connect();
        client.send(format!("POST {target} HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nzz"));
        assert_eq!(client.answer().expect("an answer").status, 400);
        ONE
    },
    // An app that errs.
    |scene| {
        assert_eq!(scene.gate.connect().ask(scene.get("close").0).status, 502);
        ONE
    },
    |scene| {
        assert!(!scene.gate.connect().ask(scene.get("short").0).whole);
        ONE
    },
    |scene| {
        assert_eq!(scene.gate.connect().ask(scene.get("bad").0).status, 502);
        ONE
    },
    // Upgraded streams.
    |scene| {
        let mut client = upgraded(scene);
        client.send("x").finish();
        client.read_to_end();
        ONE
    },
    |scene| {
        upgraded(scene).reset();
        ONE
    },
    // HTTP/2.
    |scene| {
        let mut frames = scene.frames();
        for stream in [1, 3, 5] {
            frames.headers(stream, &head("GET", &scene.target("fine")), END_STREAM);
        }
        (0..3).for_each(|_| while frames.next().expect("a frame").kind != DATA {});
        requests(3)
    },
    |scene| {
        let mut frames = scene.frames();
        let targets = [scene.target("wait"), scene.target("wait"), scene.target("wait")];
        for (stream, target) in [1, 3, 5].into_iter().zip(&targets) {
            frames.headers(stream, &head("GET", target), END_STREAM);
            scene.arrived(target);
            frames.frame(RST_STREAM, 0, stream, &[0, 0, 0, 8]);
        }
        requests(3)
    },
    |scene| {
        let mut frames = scene.frames();
        let targets = [scene.target("wait"), scene.target("wait")];
        for (stream, target) in [1, 3].into_iter().zip(&targets) {
            frames.headers(stream, &head("GET", target), END_STREAM);
            scene.arrived(target);
        }
        requests(2)
    },
    |scene| {
        let mut frames = scene.frames();
        let target = scene.target("wait");
        frames.headers(1, &head("GET", &target), END_STREAM);
        scene.arrived(&target);
        // The whole connection breaks under an open stream.
        frames.data(9, b"x", 0);
        while frames.next().is_some() {}
        ONE
    },
    |scene| {
        let mut frames = scene.frames();
        frames.headers(1, &head("POST", &scene.target("fine")), 0).data(1, b"abc", 0);
        frames.headers(3, &head("GET", "/nowhere"), END_STREAM);
        assert!(matches!(frames.fate(3), Fate::Answered(_)));
        requests(2)
    },
];

fn upgraded(scene: &Scene<'_>) -> Client {
    let target = scene.target("upgrade");
    let mut client = scene.gate.connect();
    client
        .send(format!("GET {target} HTTP/1.1\r\nHost: localhost\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n"));
    assert_eq!(client.answer().expect("an answer").status, 101);
    client
}

fn app(told: Latch) -> Upstream {
    Upstream::start(move |request: &Request, wire| {
        match request.target().split('/').nth(2).unwrap_or_default() {
            "wait" => {
                told.wait();
                return Then::Close;
            }
            "long" => {
                say(wire, "HTTP/1.1 200 OK\r\nContent-Length: 5000000\r\n\r\n");
                say(wire, vec![b'x'; 5_000_000]);
            }
            "close" => return Then::Close,
            "short" => {
                say(wire, "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc");
                return Then::Close;
            }
            "bad" => {
                say(wire, "HTTP/1.1 200 OK\nX: y\n\n");
                return Then::Close;
            }
            "upgrade" => {
                say(wire, "HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n");
                return Then::Echo;
            }
            _ => return answer("fine")(request, wire),
        }
        Then::Keep
    })
}

#[test]
fn accounting_every_request_and_every_connection_without_one_leaves_one_record() {
    const ROUNDS: usize = 3;
    let told = Latch::new();
    let app = app(told.clone());
    let gate = Gate::start(&Policy::new(&app).workers(2).gate("timeouts: { body_idle: 2s }"));
    let counter = AtomicUsize::new(0);
    let expected: Vec<Ends> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..ROUNDS)
            .map(|round| {
                let (gate, app, counter) = (&gate, &app, &counter);
                scope.spawn(move || {
                    let scene = Scene { gate, app, counter };
                    let mut plays: Vec<_> = PLAYS.iter().collect();
                    plays.rotate_left(round * 7);
                    plays.into_iter().map(|play| play(&scene)).collect::<Vec<_>>()
                })
            })
            .collect();
        threads.into_iter().flat_map(|thread| thread.join().expect("a play")).collect()
    });
    let requests: usize = expected.iter().map(|ends| ends.requests).sum();
    let connections: usize = expected.iter().map(|ends| ends.connections).sum();
    let records = gate.records_when("all records", |records| records.len() >= requests + connections);
    told.open();
    let stopped = gate.stop();
    let mut codes: BTreeMap<String, usize> = BTreeMap::new();
    for record in stopped.ends() {
        *codes.entry(format!("{} {}", record.code(), record.end())).or_default() += 1;
    }
    let of_connections = records.iter().filter(|record| record.is_connection()).count();
    assert_eq!((records.len() - of_connections, of_connections), (requests, connections), "{codes:#?}");
    assert_eq!(stopped.records.len(), requests + connections + 2, "start and stop, and no more: {codes:#?}");

    let ids: HashSet<_> = stopped.records.iter().map(Record::id).collect();
    assert_eq!(ids.len(), stopped.records.len(), "an id is used once");
    let numbers: Vec<_> = stopped.records.iter().map(|record| record.0["metadata"]["sequence"].as_u64()).collect();
    assert_eq!(numbers, (1..=stopped.records.len() as u64).map(Some).collect::<Vec<_>>(), "none is missing");
    let tally = &stopped.records.last().expect("a stop").0["unmapped"]["portcullis"];
    assert_eq!(tally["records_lost"], 0, "{tally}");
    assert_eq!(tally["records_written"], requests + connections + 1, "{tally}");
}

#[test]
fn accounting_holds_under_load() {
    if !has_tool("h2load") {
        return;
    }
    const REQUESTS: usize = 2000;
    let app = app(Latch::new());
    let gate = Gate::start(&Policy::new(&app).workers(2));
    for protocol in ["h2", "http/1.1"] {
        let before = gate.records_so_far().len();
        let out = std::process::Command::new("h2load")
            .args(["-n", &REQUESTS.to_string(), "-c", "8", "-m", "16", &format!("--npn-list={protocol}")])
            .arg(format!("https://localhost:{}/public/fine", gate.address().port()))
            .output()
            .expect("h2load");
        let said = String::from_utf8_lossy(&out.stdout);
        assert!(said.contains(&format!("{REQUESTS} succeeded")), "{said}");
        let records = gate.records(before + REQUESTS);
        let sound = |record: &Record| (record.code(), record.end(), record.bytes().1) == ("allowed", "complete", 4);
        assert!(records.iter().all(sound), "{protocol}");
    }
    assert_eq!(gate.stop().records.len(), 2 * REQUESTS + 2);
}
