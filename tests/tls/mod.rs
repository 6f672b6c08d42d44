//! Handshakes with clients and with the app (classes D 39 to 48 of the attacks on other gates).

mod app;
mod clients;
mod hello;
mod start;

use std::process::{Command, Stdio};

use crate::support::{Gate, Record};

/// What a record says of the handshake.
fn agreed(record: &Record) -> (String, String) {
    let text = |path: &str| record.0.pointer(path).and_then(|value| value.as_str()).unwrap_or_default().to_owned();
    (text("/tls/version"), text("/unmapped/portcullis/tls_group"))
}

/// Runs `openssl s_client` against a gate with no input; all that it said, and whether it was content.
fn s_client(gate: &Gate, arguments: &[&str]) -> (bool, String) {
    let output = Command::new("openssl")
        .args(["s_client", "-servername", "localhost", "-connect", &gate.address().to_string()])
        .args(arguments)
        .current_dir(gate.directory())
        .stdin(Stdio::null())
        .output()
        .expect("openssl runs");
    let text = [output.stdout, output.stderr].concat();
    (output.status.success(), String::from_utf8_lossy(&text).into_owned())
}
