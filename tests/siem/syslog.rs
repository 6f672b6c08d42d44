//! Receivers of syslog as they should not be: they close, refuse, stand still, and say nothing of it.

use std::net::{SocketAddr, TcpListener};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use std::{io, thread};

use portcullis::delivery::syslog::Syslog;
use portcullis::delivery::{Answer, Batch, Receiver as _, Sent};
use portcullis::policy::http_address::{HttpPlace, Origin};
use portcullis::policy::settings::{CertificateFiles, RewindSettings, SyslogSettings};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite};
use tokio::runtime::Builder;
use tokio_rustls::TlsAcceptor;

use super::frames::messages;
use super::rsyslog::tools;
use crate::ocsf::events::samples;
use crate::support::pki::{Authority, Files, Leaf};
use crate::support::{Person, wait_for};

const NO_REWIND: RewindSettings = RewindSettings { records: 0, time: Duration::ZERO };

/// What a receiver does with its connections, one after the other.
#[derive(Clone, Copy, Debug)]
enum Does {
    /// Reads to the end.
    Read,
    /// Reads so many bytes, and closes.
    Take(usize),
    /// Closes before it has read anything.
    Close,
    /// Closes its own side, and goes on to read.
    HalfClose,
    /// Does nothing, ever.
    Stand,
}

/// What it has read on each connection, and how that ended.
type Heard = Arc<Mutex<Vec<(Vec<u8>, Option<io::Result<()>>)>>>;

trait Line: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Line for T {}

/// A receiver over TLS, or in plain text.
fn receiver(server: Option<(&Person, Option<&Authority>)>, script: &'static [Does]) -> (SocketAddr, Heard) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let (address, heard) = (listener.local_addr().unwrap(), Heard::default());
    let acceptor = server.map(|(person, clients)| TlsAcceptor::from(Arc::new(person.serves(clients, &[]))));
    let all = Arc::clone(&heard);
    thread::spawn(move || {
        Builder::new_current_thread().enable_all().build().unwrap().block_on(async move {
            let listener = tokio::net::TcpListener::from_std(listener).unwrap();
            let mut script = script.iter().copied();
            while let Ok((socket, _)) = listener.accept().await {
                let does = script.next().unwrap_or(Does::Read);
                let stream: Box<dyn Line> = match &acceptor {
                    None => Box::new(socket),
                    Some(acceptor) => match acceptor.accept(socket).await {
                        Ok(stream) => Box::new(stream),
                        Err(_) => continue,
                    },
                };
                let mut all_of = all.lock().unwrap();
                all_of.push((Vec::new(), None));
                let number = all_of.len() - 1;
                tokio::spawn(serve(stream, does, Arc::clone(&all), number));
            }
        });
    });
    (address, heard)
}

async fn serve(mut stream: Box<dyn Line>, does: Does, heard: Heard, number: usize) {
    use tokio::io::AsyncWriteExt as _;
    let most = match does {
        Does::Close => return,
        Does::Stand => return std::future::pending().await,
        Does::Take(most) => most,
        Does::HalfClose => {
            stream.shutdown().await.unwrap();
            usize::MAX
        }
        Does::Read => usize::MAX,
    };
    let mut bytes = vec![0; 16 * 1024];
    let mut taken = 0;
    while taken < most {
        let room = bytes.len().min(most - taken);
        let read = stream.read(&mut bytes[..room]).await;
        let mut heard = heard.lock().unwrap();
        match read {
            Ok(0) => return heard[number].1 = Some(Ok(())),
            Err(fault) => return heard[number].1 = Some(Err(fault)),
            Ok(count) => heard[number].0.extend_from_slice(&bytes[..count]),
        }
        taken += room;
    }
}

struct Bench {
    files: Files,
    authority: Authority,
    server: Person,
}

impl Bench {
    fn new() -> Self {
        let (files, authority) = (Files::new(), Authority::new("Authority of the SIEM"));
        files.write("ca.pem", &authority.pem);
        let server = authority.issue(&Leaf::server(&["siem.example", "127.0.0.1"]));
        Self { files, authority, server }
    }

    fn settings(&self, address: SocketAddr) -> SyslogSettings {
        let origin = Origin { host: "127.0.0.1".to_owned(), port: address.port() };
        SyslogSettings {
            ca: Some(self.files.path("ca.pem")),
            timeout: Duration::from_secs(2),
            rewind: NO_REWIND,
            ..SyslogSettings::to(HttpPlace::Tls(origin))
        }
    }
}

fn batch(first: u64, count: usize) -> Batch {
    let (mut batch, lines) = (Batch::default(), samples());
    for (line, sequence) in lines.iter().cycle().zip(first..).take(count) {
        batch.push(Sent { sequence, line });
    }
    batch
}

fn run<T>(future: impl Future<Output = T>) -> T {
    Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}

#[test]
fn what_was_sent_arrives_before_the_end_of_the_connection() {
    let bench = Bench::new();
    let (address, heard) = receiver(Some((&bench.server, None)), &[]);
    let mut syslog = Syslog::load(&bench.settings(address), &tools()).unwrap();
    run(async {
        for first in [1, 401, 801] {
            assert_eq!(syslog.deliver(&batch(first, 400)).await, Answer::Taken);
        }
        syslog.close().await;
    });
    let heard = heard.lock().unwrap();
    assert_eq!(heard.len(), 1, "one connection");
    // close_notify came: without it the end is an error.
    assert!(matches!(heard[0].1, Some(Ok(()))), "{:?}", heard[0].1);
    let messages = messages(&heard[0].0);
    assert_eq!(messages.len(), 1_200);
    for (message, sequence) in messages.iter().zip(1..) {
        assert!(message.contains(&format!("seq=\"{sequence}\"")), "{sequence}: {message}");
    }
}

#[test]
fn plain_text_goes_to_this_machine() {
    let bench = Bench::new();
    let (address, heard) = receiver(None, &[]);
    let settings = SyslogSettings { place: HttpPlace::Loopback(address), ..bench.settings(address) };
    let mut syslog = Syslog::load(&settings, &tools()).unwrap();
    run(async {
        assert_eq!(syslog.deliver(&batch(1, 10)).await, Answer::Taken);
        syslog.close().await;
    });
    assert_eq!(messages(&heard.lock().unwrap()[0].0).len(), 10);
}

#[test]
fn a_certificate_that_the_receiver_does_not_take_is_a_setting_at_fault() {
    let bench = Bench::new();
    let clients = Authority::new("Authority of the gates");
    let (address, heard) = receiver(Some((&bench.server, Some(&clients))), &[]);
    let stranger = bench.authority.issue(&Leaf::client(&["spiffe://seller/gate"]));
    let known = clients.issue(&Leaf::client(&["spiffe://seller/gate"]));
    run(async {
        for (name, person) in [("none", None), ("stranger", Some(&stranger))] {
            let client = person.map(|person| {
                let (certificate, key) = bench.files.person(name, person);
                CertificateFiles { certificate: certificate.into(), key: key.into() }
            });
            let settings = SyslogSettings { client, ..bench.settings(address) };
            let mut syslog = Syslog::load(&settings, &tools()).unwrap();
            let refused = Answer::Misconfigured { cause: "certificate_refused" };
            assert_eq!(syslog.deliver(&batch(1, 10)).await, refused, "{name}");
            if person.is_some() {
                // Its files are read again for the next connection.
                bench.files.person(name, &known);
                assert_eq!(syslog.deliver(&batch(1, 10)).await, Answer::Taken);
                syslog.close().await;
            }
        }
    });
    assert_eq!(heard.lock().unwrap().len(), 1);
}

#[test]
fn nothing_is_sent_to_one_that_closes_at_once() {
    let bench = Bench::new();
    let (address, heard) = receiver(Some((&bench.server, None)), &[Does::Close, Does::HalfClose, Does::Read]);
    let mut syslog = Syslog::load(&bench.settings(address), &tools()).unwrap();
    run(async {
        for _ in 0..2 {
            assert_eq!(syslog.deliver(&batch(1, 10)).await, Answer::Later { after: None, cause: "closed" });
        }
        assert_eq!(syslog.deliver(&batch(1, 10)).await, Answer::Taken);
        syslog.close().await;
    });
    let heard = heard.lock().unwrap();
    assert_eq!(heard.iter().map(|(bytes, _)| bytes.is_empty()).collect::<Vec<_>>(), [true, true, false]);
}

#[test]
fn what_a_connection_carried_last_is_asked_for_again_when_it_broke() {
    let bench = Bench::new();
    let (address, heard) = receiver(Some((&bench.server, None)), &[Does::Take(40_000)]);
    let rewind = RewindSettings { records: 30, time: Duration::ZERO };
    let settings = SyslogSettings { rewind, ..bench.settings(address) };
    let mut syslog = Syslog::load(&settings, &tools()).unwrap();
    run(async {
        let began = syslog.deliver(&batch(1, 10)).await;
        assert_eq!(began, Answer::Again { records: 30, cause: "process_began" }, "of the process before");
        let (mut delivered, mut broken) = (0, None);
        while broken.is_none() {
            match syslog.deliver(&batch(delivered + 1, 10)).await {
                Answer::Taken => delivered += 10,
                other => broken = Some(other),
            }
            assert!(delivered < 1_000_000);
        }
        let Some(Answer::Again { records, .. }) = broken else { panic!("{broken:?}") };
        assert_eq!(records, delivered.min(30));
        assert_eq!(syslog.look().await, None, "it was said once");
        // On the next connection nothing is in doubt yet.
        assert_eq!(syslog.deliver(&batch(delivered + 1 - records, 10)).await, Answer::Taken);
        syslog.close().await;
    });
    wait_for("both connections", || (heard.lock().unwrap().len() == 2).then_some(()));
}

#[test]
fn one_that_stands_still_is_given_up() {
    let bench = Bench::new();
    let (address, _) = receiver(Some((&bench.server, None)), &[Does::Stand]);
    let settings = SyslogSettings { timeout: Duration::from_millis(300), ..bench.settings(address) };
    let mut syslog = Syslog::load(&settings, &tools()).unwrap();
    run(async {
        loop {
            match syslog.deliver(&batch(1, 400)).await {
                Answer::Taken => {}
                Answer::Later { cause, .. } | Answer::Again { cause, .. } => break assert_eq!(cause, "write_timeout"),
                other => panic!("{other:?}"),
            }
        }
        // Nobody there, then somebody again.
        let nobody = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let mut syslog = Syslog::load(&bench.settings(nobody), &tools()).unwrap();
        assert_eq!(syslog.deliver(&batch(1, 1)).await, Answer::Later { after: None, cause: "connect" });
    });
}

#[test]
fn a_connection_that_ends_while_nothing_is_sent_is_missed_too() {
    let bench = Bench::new();
    let all = batch(1, 10);
    let (address, _) = receiver(Some((&bench.server, None)), &[Does::Take(1_000)]);
    let rewind = RewindSettings { records: 30, time: Duration::ZERO };
    let mut syslog = Syslog::load(&SyslogSettings { rewind, ..bench.settings(address) }, &tools()).unwrap();
    run(async {
        assert_eq!(syslog.look().await, None, "there is no connection yet");
        assert!(matches!(syslog.deliver(&all).await, Answer::Again { .. }));
        if syslog.deliver(&all).await == Answer::Taken {
            let asked = tokio::time::timeout(Duration::from_secs(10), async {
                loop {
                    tokio::time::sleep(Duration::from_millis(2)).await;
                    if let Some(answer) = syslog.look().await {
                        return answer;
                    }
                }
            });
            let answer = asked.await.unwrap();
            assert!(matches!(answer, Answer::Again { records: 10, .. }), "{answer:?}");
        }
    });
}
