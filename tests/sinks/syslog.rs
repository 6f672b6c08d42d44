//! The syslog sink under the real gate: what is written may be lost by whoever reads it, and comes again.

use std::collections::BTreeSet;
use std::io::{BufRead as _, BufReader, Read as _};
use std::net::{SocketAddr, TcpListener};
use std::sync::{Arc, Mutex};
use std::thread;

use super::{ask, home, in_spool, policy};
use crate::support::{Gate, Upstream, answer, wait_for};

/// Reads frames (RFC 6587, octet counting), and breaks every connection but the last after so many.
fn receiver(breaks: usize) -> (SocketAddr, Arc<Mutex<BTreeSet<u64>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let came: Arc<Mutex<BTreeSet<u64>>> = Arc::default();
    let kept = Arc::clone(&came);
    thread::spawn(move || {
        for (connection, stream) in listener.incoming().enumerate() {
            let mut wire = BufReader::new(stream.unwrap());
            for frame in 0_usize.. {
                let mut length = Vec::new();
                if !matches!(wire.read_until(b' ', &mut length), Ok(1..)) || (connection < breaks && frame == 5) {
                    break;
                }
                let length: usize = str::from_utf8(&length).unwrap().trim().parse().expect("a length");
                let mut message = vec![0; length];
                wire.read_exact(&mut message).unwrap();
                let message = String::from_utf8(message).unwrap();
                let (_, rest) = message.split_once("\"sequence\":").expect("a record");
                let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
                kept.lock().unwrap().insert(digits.parse().unwrap());
            }
        }
    });
    (address, came)
}

#[test]
fn every_record_comes_over_connections_that_break() {
    let app = Upstream::start(answer("hello"));
    let (address, came) = receiver(4);
    let sink = format!("syslog: {{ address: \"tcp://{address}\", batch: {{ records: 10, time: 20ms }} }}");
    let gate = Gate::start_in(home(), &policy(&app, &sink));
    for _ in 0..4 {
        ask(&gate, 10);
    }
    wait_for("every record comes", || in_spool(gate.directory()).is_subset(&came.lock().unwrap()).then_some(()));
    let home = {
        gate.terminate();
        gate.ended()
    };
    let missing: Vec<u64> = in_spool(home.path()).difference(&came.lock().unwrap()).copied().collect();
    assert!(missing.is_empty(), "PROC.STOP came, too: {missing:?}");
}
