//! Lines of servers, compilers and tools, whose words are those of people's data as well.

use super::samples::wrong;

/// What must go stands between `⟦` and `⟧`; all else must stay as it is.
const LINES: &[&str] = &[
    "Duplicate entry 'A-1001' for key 'products.uk_sku'",
    "incompatible join fields 8192, 1024",
    // Words of programs under keys that people have as well.
    r#"level=info msg="Retype the new password:" component=login"#,
    r#"{"msg":"Keep this mode for future sessions:","pid":412}"#,
    "PASS: net/dial.exp: refused twice",
    "confusing state in second pass: 42",
    "cvc-elt.1: Cannot find the declaration of element 'beans'.",
    "CC='gcc' LDSHARED='gcc -shared' make",
    "-p, --password PASSWORD     use that one; --tpm-signature=PATH",
    "usage: git repack [--git-dir <dir>] [--bare] [--addr <addr>] [len]",
    "<html><body><h1>502 Bad Gateway</h1>",
    r#"<ul style="margin-top: 0.25em;"><li>Item 1</li>"#,
    "ts=42 epoch=3 cpu=8192 lat=1024 tail=60000123 cookie=4812 sessions: 21",
    "interface=org.freedesktop.login1.Manager member=Inhibit cookie=22",
    r#"{"errorStr":"output buffer too short","evalStr":"True is only supported with it"}"#,
    r#"{"tlsDetails":{"cipherSuite":"ECDHE-RSA-AES128-GCM-SHA256"},"userAgent":"autoscaling.amazonaws.com"}"#,
    r#"{"authorizationInfo":[{"permission":"compute.instances.create","granted":true}]}"#,
    r#"{"user":{"username":"system:serviceaccount:shop:runner"},"authorization.k8s.io/reason":"RBAC: allowed by it"}"#,
    "Last State:     Terminated",
    "could not bind to address 'web-01': it is in use",
    "see RFC: https://rfc.example/rfc4511#section-4",
    "Assertion `fd >= 0' failed; rustc -C debug-assertions=off",
    "install topology-conf:all <none> 1.2.5.1-2",
    "081109 203615 148 INFO dfs.DataNode: terminating",
    "link/loopback 00:00:00:00:00:00 brd ff:ff:ff:ff:ff:ff",
    "= note: expected struct `String` found reference `&str`",
    r#"query="sum(rate({app=\"checkout\"}[5m]))" query_type=metric"#,
    "trace: run_command: GIT_DIR=.git git remote-http http://127.0.0.1:17302/x",
    r#"{"msg":"endpoint started","address":"localhost:2019"}"#,
    "net.ipv6.conf.eth0.max_addresses = 16",
    "net.ipv6.conf.eth0.seg6_require_hmac = 0",
    "31747:signal-handler (1795364320) Received SIGTERM",
    "        ca:0c:cb:1f:cf:e1:5e:b8:2e:44:6e:5a:b3:30:41:c0:6e:36:",
    "main.c:2:59: note: each undeclared identifier is reported only once for its function",
    "  + address = (known after apply)",
    "'context': {'client_region': 'eu-west-1'}",
    "      --tlskey string      Path to the key of the client",
    "        Subject: CN = shop.example",
    "Invalid object entry item (8192/1024); TX bytes 443 (3.1 KiB)",
    "passwd: password updated successfully; len=3 cap=8",
    "It is valid to pass \"detached_payload\" here",
    "Invalid input: Must specify at least one of size, type",
    "Version '10' is not accepted. Supported Versions: 9",
    "DHCPv6 client: Ignoring 12 invalid bytes; CLIENT: Mechanism 'x' says it is done",
    "Unknown MS Compiler version",
    "refunded ⟦Zdenka Novotna⟧; call (⟦0171 5550123⟧)",
    // Why a call of the system failed, behind a word for people.
    "Failed to fork the agent: Too many open files",
    "Invalid unit name: Connection refused; could not read the token: Permission denied",
    "could not translate the host to address: Network is unreachable; extra input: Operation timed out",
    "set_raw: ioctl failed; recvmsg: expected 1 got 443",
    // What programs call their parts.
    "TLS 1.3, client CertificateVerify; the SSL client CA chain",
    "TCP User Timeout value; Backend Client Host Name Buffer",
    "sending MQTT CONNECT request; received a STREAM PREPARE message",
    "agent: Checking it now; imap-login: Disconnected (auth failed)",
    "do not add it after the variable name. Only set-var does",
    "Provider name: SUN; java.runtime.name = OpenJDK Runtime Environment",
    "Files opened for reading only; cache lookup failed for user mapping 8192",
    r#"msg="Received ACK for block 60000, expecting 42""#,
    r#"msg="Failed to kill process 3 via kill(), ignoring: tcp""#,
    // And people who stand where they do.
    "client: ⟦Kowalski⟧ called about his refund",
    "User ⟦Dupont⟧ logged in; MODIFY USER ⟦KOWALSKI⟧",
    "name: ⟦Zdenka Novotna⟧ phoned",
    "Invalid user ⟦jdoe⟧ from ⟦203.0.113.9⟧ port 51234",
    "userAgent=⟦Mozilla/5.0⟧",
    "session opened for ⟦jdoe⟧ by root",
    "password: ⟦hunter2x⟧",
    "lat=⟦52.52001⟧ lon=⟦13.40495⟧",
];

#[test]
fn what_programs_say_stays() {
    let wrong = wrong(LINES);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
