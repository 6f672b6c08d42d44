//! Faults of a receiver that no answer tells of: certificates, connections that are reset, answers that never end, and
//! storms of refusals.

use std::net::TcpListener;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use super::{ask, home, in_spool, policy, private, wait_for_all};
use crate::support::pki::{Authority, Leaf};
use crate::support::siem::{Siem, Then};
use crate::support::{Gate, Upstream, answer, wait_for};

#[test]
fn a_certificate_that_has_run_out_or_names_another_host_proves_nothing() {
    let app = Upstream::start(answer("hello"));
    let authority = Authority::new("Authority of the SIEM");
    let here = || Leaf::server(&["127.0.0.1"]);
    let [expired, early, other] =
        [here().valid(-7200, -3600), here().valid(3600, 7200), Leaf::server(&["siem.example"])]
            .map(|leaf| Siem::over_tls(authority.issue(&leaf).serves(None, &["http/1.1"])));
    let home = home();
    private(&home.path().join("siem-ca.pem"), &authority.pem);
    let sink = |name: &str, siem: &Siem| {
        format!("webhook: {{ name: {name}, url: \"{}\", ca: \"{{dir}}/siem-ca.pem\" }}", siem.url())
    };
    let all = policy(&app, &sink("expired", &expired)).sink(&sink("early", &early)).sink(&sink("other", &other));
    let gate = Gate::start_in(home, &all);
    ask(&gate, 5);
    let held = || gate.log().matches("a sink takes no records until a setting is changed").count();
    wait_for("all three are held", || (held() >= 3).then_some(()));
    assert_eq!(expired.seen() + early.seen() + other.seen(), 0, "nothing was said to any of them");
}

#[test]
fn one_that_answers_a_byte_at_a_time_is_given_up_at_the_dead_line() {
    let app = Upstream::start(answer("hello"));
    let siem = Siem::answering(|_, number| if number < 2 { Then::Drip } else { Then::Take(200) });
    let sink = format!("webhook: {{ url: \"{}\", timeout: 1s, batch: {{ time: 20ms }} }}", siem.url());
    let gate = Gate::start_in(home(), &policy(&app, &sink));
    ask(&gate, 6);
    wait_for_all(gate.directory(), &siem);
    assert!(siem.seen() > 2);
    gate.says("timeout");
}

#[test]
fn one_that_resets_connections_before_it_reads_gets_everything_later() {
    let app = Upstream::start(answer("hello"));
    let siem = Siem::start();
    siem.go_down();
    let address = siem.url().trim_start_matches("http://").trim_end_matches("/in").to_owned();
    let listener = wait_for("its port", || TcpListener::bind(&address).ok());
    let gate = Gate::start_in(home(), &policy(&app, &format!("webhook: {{ url: \"{}\" }}", siem.url())));
    ask(&gate, 6);
    for _ in 0..3 {
        let (stream, _) = listener.accept().unwrap();
        rustix::net::sockopt::set_socket_linger(&stream, Some(Duration::ZERO)).unwrap();
    }
    drop(listener);
    let siem = siem.come_up();
    wait_for_all(gate.directory(), &siem);
    assert_eq!(siem.sequences()[0], 1);
}

#[test]
fn a_storm_of_refusals_is_waited_out_as_the_receiver_asks() {
    let app = Upstream::start(answer("hello"));
    let times: Arc<Mutex<Vec<Instant>>> = Arc::default();
    let seen = Arc::clone(&times);
    let siem = Siem::answering(move |_, number| {
        seen.lock().unwrap().push(Instant::now());
        match number {
            0 | 2 => Then::Refuse(429, "Retry-After: 2\r\n"),
            1 => {
                let at = jiff::Timestamp::now() + Duration::from_secs(3);
                Then::Refuse(429, format!("Retry-After: {}\r\n", at.strftime("%a, %d %b %Y %H:%M:%S GMT")).leak())
            }
            _ => Then::Take(200),
        }
    });
    siem.go_down();
    let gate = Gate::start_in(
        home(),
        &policy(&app, &format!("webhook: {{ url: \"{}\", batch: {{ time: 20ms }} }}", siem.url())),
    );
    ask(&gate, 6);
    gate.says("a sink does not take records");
    let siem = siem.come_up();
    wait_for_all(gate.directory(), &siem);
    let times = times.lock().unwrap();
    // A date has whole seconds, so that three may be little more than two.
    let waits: Vec<Duration> = times.windows(2).map(|pair| pair[1] - pair[0]).collect();
    assert!(waits[..3].iter().all(|wait| *wait >= Duration::from_millis(1_900)), "{waits:?}");
    let had = siem.sequences();
    assert!(had.is_sorted() && had.len() >= in_spool(gate.directory()).len(), "in order, and all of it: {had:?}");
}
