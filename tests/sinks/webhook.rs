//! The webhook sink.

use std::collections::BTreeSet;
use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use aws_lc_rs::hmac;
use serde_json::Value;

use super::command::status;
use super::{OPEN, ask, home, in_spool, policy, private, verified, wait_for_all};
use crate::support::pki::{Authority, Leaf};
use crate::support::siem::{Siem, Then};
use crate::support::{Gate, Person, Upstream, answer, wait_for};

/// A sink that tries again soon.
fn hook(siem: &Siem, more: &str) -> String {
    format!("webhook: {{ url: \"{}\", batch: {{ time: 50ms }}{more} }}", siem.url())
}

#[test]
fn every_record_comes_in_order_and_the_copy_stands_on_its_own() {
    let (app, siem) = (Upstream::start(answer("hello")), Siem::start());
    let gate = Gate::start_in(home(), &policy(&app, &hook(&siem, "")));
    ask(&gate, 40);
    wait_for_all(gate.directory(), &siem);
    let stopped = gate.stop();
    assert_eq!(stopped.status.code(), Some(0));
    let records = siem.records();
    let last = records.last().unwrap();
    assert_eq!(last["metadata"]["event_code"], "LOG.CHECKPOINT", "the last record came, too");
    assert!(records.iter().any(|record| record["metadata"]["event_code"] == "PROC.STOP"));
    assert_eq!(siem.sequences(), (1..=records.len() as u64).collect::<Vec<_>>());
    let (code, said) = verified(&siem.lines(), &[]);
    assert_eq!(code, Some(0), "{said}");
    let post = siem.kept().remove(0);
    assert_eq!(post.line, "POST /in HTTP/1.1");
    assert_eq!(post.fields["content-type"], "application/x-ndjson");
    assert!(post.fields["idempotency-key"].contains(":1-"), "{post:?}");
}

#[test]
fn a_body_is_signed_packed_and_an_array_where_the_policy_says_so() {
    let (app, siem, home) = (Upstream::start(answer("hello")), Siem::start(), home());
    private(&home.path().join("hmac.key"), "a key for tests only\n");
    private(&home.path().join("hook.token"), "not-a-secret\n");
    let more = ", format: array, compression: gzip, content_type: application/json, hmac_key_file: \"{dir}/hmac.key\", \
                token_file: \"{dir}/hook.token\"";
    let gate = Gate::start_in(home, &policy(&app, &hook(&siem, more)));
    ask(&gate, 4);
    let posts = wait_for("posts", || Some(siem.kept()).filter(|posts| !posts.is_empty()));
    let key = hmac::Key::new(hmac::HMAC_SHA256, b"a key for tests only");
    for post in posts {
        assert_eq!(post.fields["content-encoding"], "gzip");
        assert_eq!(post.fields["content-type"], "application/json");
        assert_eq!(post.fields["authorization"], "Bearer not-a-secret");
        let (time, tag) = post.fields["x-portcullis-signature"].split_once(",v1=").unwrap();
        let signed = [time.strip_prefix("t=").unwrap().as_bytes(), b".", &post.body].concat();
        let tag: Vec<u8> = (0..64).step_by(2).map(|at| u8::from_str_radix(&tag[at..at + 2], 16).unwrap()).collect();
        hmac::verify(&key, &signed, &tag).expect("the signature");
        assert!(serde_json::from_slice::<Vec<Value>>(&post.body).is_ok_and(|records| !records.is_empty()));
    }
    gate.stop().assert_never_said("not-a-secret");
}

#[test]
fn whatever_a_receiver_does_every_record_comes() {
    let app = Upstream::start(answer("hello"));
    // Every way to fail, one after the other, and in between it takes some.
    let siem = Siem::answering(|_, number| match number / 2 % 8 {
        _ if number % 2 == 1 => Then::Take(202),
        0 => Then::Refuse(503, ""),
        1 => Then::Refuse(429, "Retry-After: 0\r\n"),
        2 => Then::TakeAndReset,
        3 => Then::ResetInAnswer,
        4 => Then::HalfClose,
        5 => Then::TakeAndTalk,
        6 => Then::Refuse(500, "Retry-After: Sun, 06 Nov 1994 08:49:37 GMT\r\n"),
        _ => Then::Refuse(413, ""),
    });
    let more = ", batch: { records: 10, time: 10ms }";
    let sink = format!("webhook: {{ url: \"{}\"{more} }}", siem.url());
    let gate = Gate::start_in(home(), &policy(&app, &sink));
    ask(&gate, 120);
    wait_for("all of the ways to fail", || (siem.seen() > 16).then_some(()));
    // From here on it is well, so that the test ends.
    siem.go_down();
    let siem = siem.come_up_answering(|_, _| Then::Take(200));
    wait_for_all(gate.directory(), &siem);
    let (code, said) = verified(&siem.lines(), &[]);
    assert!(code == Some(0), "{said}");
}

#[test]
fn a_receiver_that_is_down_or_hangs_keeps_no_request_waiting() {
    let app = Upstream::start(answer("hello"));
    let siem = Siem::answering(|_, _| Then::Hang);
    let gate = Gate::start_in(home(), &policy(&app, &hook(&siem, "")));
    ask(&gate, 10);
    wait_for("it hangs", || (siem.seen() > 0).then_some(()));
    let began = Instant::now();
    ask(&gate, 200);
    // Ten times what it takes on a machine under load: a sink's time-out is thirty seconds.
    assert!(began.elapsed() < Duration::from_secs(15), "{:?}", began.elapsed());
    siem.go_down();
    ask(&gate, 20);
    let siem = siem.come_up_answering(|_, _| Then::Take(200));
    wait_for_all(gate.directory(), &siem);
    assert_eq!(siem.sequences().iter().collect::<BTreeSet<_>>().len(), in_spool(gate.directory()).len());
}

#[test]
fn one_dead_sink_keeps_no_other_waiting() {
    let (app, siem) = (Upstream::start(answer("hello")), Siem::start());
    let dead = "webhook: { name: dead, url: \"http://127.0.0.1:9/\" }";
    let gate = Gate::start_in(home(), &policy(&app, &hook(&siem, "")).sink(dead));
    ask(&gate, 20);
    wait_for_all(gate.directory(), &siem);
    gate.says("a sink does not take records");
    let stopped = gate.stop();
    assert_eq!(stopped.status.code(), Some(0));
    assert!(stopped.log.contains("a sink lacks records"), "{}", stopped.log);
}

#[test]
fn a_record_that_is_poison_is_refused_alone_and_the_trail_says_so() {
    let app = Upstream::start(answer("hello"));
    let siem = Siem::answering(|post, _| {
        let text = String::from_utf8_lossy(&post.body);
        if text.contains("\"sequence\":7,") || text.contains("\"sequence\":12,") {
            Then::Refuse(400, "")
        } else {
            Then::Take(200)
        }
    });
    let gate = Gate::start_in(home(), &policy(&app, &hook(&siem, "")));
    ask(&gate, 20);
    let told = wait_for("both are told of", || {
        let records = siem.records().into_iter();
        let told: Vec<_> = records.filter(|record| record["metadata"]["event_code"] == "LOG.REJECTED").collect();
        (told.len() == 2).then_some(told)
    });
    for (record, sequence) in told.iter().zip([7, 12]) {
        let ours = &record["unmapped"]["portcullis"];
        assert_eq!((&ours["rejected_sequence"], &ours["cause"]), (&sequence.into(), &"http_400".into()));
        assert_eq!(ours["sink"], "webhook");
    }
    wait_for("all others come", || {
        let mut missing = in_spool(gate.directory());
        siem.sequences().iter().for_each(|sequence| _ = missing.remove(sequence));
        (missing == BTreeSet::from([7, 12])).then_some(())
    });
}

#[test]
fn a_wrong_token_holds_everything_until_the_file_has_the_right_one() {
    let app = Upstream::start(answer("hello"));
    let siem = Siem::answering(|post, _| {
        if post.fields.get("authorization").is_some_and(|value| value == "Bearer right") {
            Then::Take(200)
        } else {
            Then::Refuse(401, "")
        }
    });
    let home = home();
    private(&home.path().join("hook.token"), "wrong\n");
    let gate = Gate::start_in(home, &policy(&app, &hook(&siem, ", token_file: \"{dir}/hook.token\"")));
    ask(&gate, 5);
    gate.says("a sink takes no records until a setting is changed");
    assert!(siem.kept().is_empty());
    // A sink that is held is tried every minute, and at once when a file changes that the policy names.
    gate.put("hook.token", "right\n");
    gate.hang_up();
    wait_for_all(gate.directory(), &siem);
}

#[test]
fn only_the_receiver_that_the_certificate_proves_gets_anything() {
    let app = Upstream::start(answer("hello"));
    let (right, wrong) = (Authority::new("The right one"), Authority::new("Another one"));
    let impostor = Siem::over_tls(wrong.issue(&Leaf::server(&["127.0.0.1"])).serves(None, &["http/1.1"]));
    let home = home();
    private(&home.path().join("siem-ca.pem"), &right.pem);
    // In its sandbox the gate could not call another port: a change of that needs a restart.
    let free = |siem: &Siem| policy(&app, &hook(siem, ", ca: \"{dir}/siem-ca.pem\"")).top("sandbox: off");
    let gate = Gate::start_in(home, &free(&impostor));
    ask(&gate, 5);
    gate.says("a sink takes no records until a setting is changed");
    assert_eq!(impostor.seen(), 0);
    let siem = Siem::over_tls(right.issue(&Leaf::server(&["127.0.0.1"])).serves(None, &["http/1.1"]));
    // A sink that changes is taken up without a restart.
    gate.change(&free(&siem));
    gate.hang_up();
    wait_for_all(gate.directory(), &siem);
}

#[test]
fn a_redirect_is_not_followed() {
    let (app, other) = (Upstream::start(answer("hello")), Siem::start());
    let to: &'static str = format!("Location: {}\r\n", other.url()).leak();
    let siem = Siem::answering(move |_, _| Then::Refuse(307, to));
    let gate = Gate::start_in(home(), &policy(&app, &hook(&siem, "")));
    gate.says("a sink takes no records until a setting is changed");
    gate.says("http_redirect");
    assert_eq!(other.seen(), 0);
}

#[test]
fn a_gate_that_is_killed_again_and_again_delivers_every_record() {
    let (app, mut home) = (Upstream::start(answer("hello")), home());
    let flip = Arc::new(AtomicUsize::new(0));
    let turns = Arc::clone(&flip);
    let siem = Siem::answering(move |_, _| match turns.fetch_add(1, Ordering::SeqCst) % 4 {
        3 => Then::TakeAndReset,
        _ => Then::Take(200),
    });
    let policy = policy(&app, &format!("webhook: {{ url: \"{}\", batch: {{ records: 7, time: 10ms }} }}", siem.url()));
    for round in 0..6 {
        let gate = Gate::start_in(home, &policy);
        ask(&gate, 10 + round * 3);
        home = gate.kill();
    }
    let gate = Gate::start_in(home, &policy);
    wait_for_all(gate.directory(), &siem);
    let (code, said) = verified(&siem.lines(), &["--any-order"]);
    assert_eq!(code, Some(0), "{said}");
}

#[test]
fn a_receiver_that_goes_down_and_up_gets_what_came_meanwhile() {
    let (app, siem) = (Upstream::start(answer("hello")), Siem::start());
    let gate = Gate::start_in(home(), &policy(&app, &hook(&siem, "")));
    let mut siem = siem;
    for _ in 0..3 {
        ask(&gate, 6);
        siem.go_down();
        ask(&gate, 6);
        siem = siem.come_up();
    }
    wait_for_all(gate.directory(), &siem);
    let (code, said) = verified(&siem.lines(), &["--any-order"]);
    assert_eq!(code, Some(0), "{said}");
}

#[test]
fn a_cursor_that_is_lost_begins_anew_and_says_so() {
    let (app, siem) = (Upstream::start(answer("hello")), Siem::start());
    let policy = policy(&app, &hook(&siem, ""));
    let gate = Gate::start_in(home(), &policy);
    ask(&gate, 6);
    wait_for_all(gate.directory(), &siem);
    let home = gate.kill();
    let before = siem.sequences().len();
    let chain = portcullis::audit::spool::chains(&home.path().join("spool")).unwrap().remove(0);
    fs::write(chain.join("sinks/webhook.cursor"), "what nobody wrote").unwrap();
    let gate = Gate::start_in(home, &policy);
    gate.says("a sink's cursor is lost");
    wait_for("all come again", || (siem.sequences().len() >= 2 * before).then_some(()));
    wait_for("it is told", || siem.lines().iter().any(|line| line.contains("\"LOG.CURSOR\"")).then_some(()));
}

#[test]
fn a_sink_that_is_added_later_gets_what_was_before_it() {
    let (app, siem) = (Upstream::start(answer("hello")), Siem::start());
    let gate = Gate::start_in(home(), &policy(&app, "file: { path: \"{dir}/other.jsonl\" }"));
    ask(&gate, 6);
    let home = gate.kill();
    let late = Siem::start();
    let now = format!("webhook: {{ name: now, from: now, url: \"{}\", batch: {{ time: 20ms }} }}", late.url());
    let policy = policy(&app, "file: { path: \"{dir}/other.jsonl\" }").sink(&hook(&siem, "")).sink(&now);
    let gate = Gate::start_in(home, &policy);
    wait_for_all(gate.directory(), &siem);
    ask(&gate, 3);
    let newest = wait_for("what came since", || late.sequences().first().copied());
    assert!(newest > 12, "{newest}");
    let stopped = gate.stop();
    assert_eq!(stopped.status.code(), Some(0));
}

#[test]
fn a_filter_and_a_sample_leave_out_what_they_say_and_nothing_else() {
    let (app, siem, alarms) = (Upstream::start(answer("hello")), Siem::start(), Siem::start());
    let only = format!(
        "webhook: {{ name: alarms, url: \"{}\", only: {{ severity: high }}, batch: {{ time: 20ms }} }}",
        alarms.url()
    );
    let policy = policy(&app, &hook(&siem, ", sample: { allowed: 1/10 }")).sink(&only);
    let gate = Gate::start_in(home(), &policy);
    ask(&gate, 60);
    let mut stranger = gate.connect();
    (0..10).for_each(|_| {
        assert_eq!(stranger.ask("GET /orders/1/address HTTP/1.1\r\nHost: localhost\r\n\r\n").status, 401);
    });
    let all = |told: &Value| told["sinks"].as_array().unwrap().iter().all(|sink| sink["lag_records"] == 0);
    wait_for("both have all that they are to have", || all(&status(gate.directory())).then_some(()));
    gate.terminate();
    let home = gate.ended();
    let came: BTreeSet<u64> = siem.sequences().into_iter().collect();
    let left_out = in_spool(home.path()).difference(&came).count() as u64;
    let refused = siem.records().iter().filter(|record| record["action_id"] == 2).count();
    assert_eq!(refused, 10);
    let plain = siem.records().iter().filter(|record| record["firewall_rule"]["name"] == "open").count();
    assert!(plain < 30, "{plain} of 30 plain requests");
    let sampled: Vec<_> =
        siem.records().into_iter().filter(|record| record["metadata"]["event_code"] == "LOG.SAMPLED").collect();
    let of = |sink: &str| -> u64 {
        let told = sampled.iter().filter(|record| record["unmapped"]["portcullis"]["sink"] == sink);
        told.map(|record| record["count"].as_u64().unwrap()).sum()
    };
    assert!(plain > 0 || left_out == 30);
    assert_eq!((of("webhook"), left_out + plain as u64), (left_out, 30));
    let (code, said) = verified(&siem.lines(), &[]);
    assert_eq!(code, Some(5), "whole, but for what the trail declares: {said}");
    for record in alarms.records() {
        let class = record["class_uid"].as_u64().unwrap();
        assert!(class == 1008 || record["severity_id"].as_u64().unwrap() >= 4, "{record}");
    }
    assert!(of("alarms") > 60, "{}", of("alarms"));
}

#[test]
fn requests_proceed_while_everything_about_a_sink_is_wrong() {
    let app = Upstream::start(answer("hello"));
    let stormy = Arc::new(AtomicBool::new(true));
    let storm = Arc::clone(&stormy);
    let siem = Siem::answering(move |_, number| match number % 3 {
        _ if !storm.load(Ordering::SeqCst) => Then::Take(200),
        0 => Then::Refuse(503, "Retry-After: 1\r\n"),
        1 => Then::TakeAndReset,
        _ => Then::Refuse(429, ""),
    });
    let gate = Gate::start_in(home(), &policy(&app, &hook(&siem, "")));
    let mut client = gate.connect_as(&Person::picker());
    (0..100).for_each(|_| assert_eq!(client.ask(OPEN).status, 200));
    stormy.store(false, Ordering::SeqCst);
    wait_for_all(gate.directory(), &siem);
}
