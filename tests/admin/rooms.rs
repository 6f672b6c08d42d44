//! What operators see of sinks, alarms, shared state, the sandbox and side doors; by the API and by the commands.

use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

use super::{House, json_of, portcullis};
use crate::sinks;
use crate::support::credentials::credentials;
use crate::support::gate::records_of;
use crate::support::redis::Redis;
use crate::support::siem::{Siem, Then};
use crate::support::{Gate, Policy, Upstream, answer, has_tool, wait_for};
use crate::watch::canary::{ORDER, planted};

const SOCKET: &str = "admin: { socket: \"{dir}/run/admin.sock\" }";
const DIGGING: &str =
    "{ name: digging, when: { count: refusals, over: 3/10m }, then: [alarm, lock], for: 10m, incident: 24h }";

fn status(gate: &Gate, what: &[&str]) -> String {
    let admin = format!("unix:{}", gate.directory().join("run/admin.sock").display());
    let mut command = Command::new(portcullis());
    let output = command.arg("status").args(what).args(["--admin", &admin]).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn parsed(gate: &Gate, what: &[&str]) -> Value {
    serde_json::from_str(&status(gate, &[what, &["--format", "json"]].concat())).unwrap()
}

fn dig(gate: &Gate) {
    let mut client = gate.connect();
    let robot = &credentials().robot.text;
    for _ in 0..4 {
        let ask = format!("GET /admin HTTP/1.1\r\nHost: localhost\r\nX-Api-Key: {robot}\r\n\r\n");
        assert_eq!(client.ask(&ask).status, 403);
    }
}

#[test]
fn admin_shows_open_alarms_as_records_do_and_when_an_incident_is_due() {
    let house = House::start_with(|policy| policy.top(&format!("alarms: [{DIGGING}]")));
    assert_eq!(json_of(&house.call("viewer", "/v1/alarms", None))["alarms"], json!([]));
    dig(&house.gate);
    let open = wait_for("an open alarm", || {
        let answer = json_of(&house.call("viewer", "/v1/alarms", None));
        (answer["count"] == 1).then_some(answer)
    });
    let alarm = &open["alarms"][0];
    let record = wait_for("its record", || {
        records_of(&house.gate.trail()).into_iter().find(|one| one.event() == "ALARM.UNAUTHZ")
    });
    let record = &record.0;
    assert_eq!((&alarm["rule"], &alarm["behaviour"]), (&json!("digging"), &json!("ALARM.UNAUTHZ")));
    assert_eq!(alarm["id"], record["finding_info"]["uid"]);
    assert_eq!(alarm["title"], record["finding_info"]["title"]);
    assert_eq!(alarm["caller"], record["evidences"][0]["actor"]["user"]["uid"], "{record}");
    assert_eq!(alarm["actions"], json!(["lock"]));
    let since = alarm["since"].as_u64().unwrap();
    assert_eq!(alarm["due"].as_u64(), Some(since + 86_400_000));
    let summary = json_of(&house.call("viewer", "/v1/status", None));
    assert_eq!((&summary["alarms"]["open"], &summary["alarms"]["incidents"]), (&json!(1), &json!(1)));
    assert_eq!(summary["alarms"]["first_due"], alarm["due"]);
    assert_eq!(summary["alarms"]["opened"], json!({ "digging": 1 }));
    assert_eq!(summary["sanctions"]["lock"], 1);
    assert!(!open.to_string().contains("robot") && !summary.to_string().contains("robot"), "{open}");
    // Who has no right to look sees none of it.
    assert_eq!(house.call("nobody", "/v1/alarms", None).status, 403);
    assert_eq!(house.call("nobody", "/v1/sinks", None).status, 403);
}

#[test]
fn admin_commands_show_alarms_and_canaries() {
    let app = Upstream::start(answer("fine"));
    let canary = "{ name: planted, when: { canary: \"{dir}/canaries.yaml\" }, then: [alarm] }";
    let alarms = format!("alarms: [{DIGGING}, {canary}]");
    let gate = Gate::start_in(planted(), &Policy::new(&app).top(SOCKET).top(&alarms));
    assert_eq!(status(&gate, &["alarms"]), "no alarm is open\n");
    dig(&gate);
    gate.connect().ask(format!("GET /open?x={ORDER} HTTP/1.1\r\nHost: localhost\r\n\r\n"));
    let said = wait_for("an open alarm", || Some(status(&gate, &["alarms"])).filter(|said| said.contains("digging")));
    assert!(said.starts_with("digging  ALARM.UNAUTHZ  since "), "{said}");
    assert!(
        said.contains("where 3 are allowed  caller pii_caller_") && said.contains("then lock  INCIDENT, due "),
        "{said}"
    );
    assert!(said.ends_with("canaries of planted: seen 1 times since the start\n"), "{said}");
    let whole = status(&gate, &[]);
    assert!(whole.contains("\nalarms       1 open, 1 incidents, the first due "), "{whole}");
    for secret in [ORDER, "robot"] {
        assert!(!said.contains(secret) && !whole.contains(secret), "{said}{whole}");
    }
}

#[test]
fn admin_shows_how_far_sinks_have_come_and_why_one_is_held() {
    let (app, good) = (Upstream::start(answer("hello")), Siem::start());
    let bad = Siem::answering(|_, _| Then::Take(401));
    let hook = |name: &str, siem: &Siem| {
        format!("webhook: {{ name: {name}, url: \"{}\", batch: {{ time: 50ms }} }}", siem.url())
    };
    let policy = sinks::policy(&app, &hook("good", &good)).sink(&hook("bad", &bad)).top(SOCKET);
    let gate = Gate::start_in(sinks::home(), &policy);
    sinks::ask(&gate, 4);
    let shown = wait_for("one delivers and one is held", || {
        let shown = parsed(&gate, &["sinks"]);
        let done = shown["sinks"][0]["delivered"].as_u64()? > 4 && shown["sinks"][1]["state"] == "held";
        done.then_some(shown)
    });
    let [good, bad] = [&shown["sinks"][0], &shown["sinks"][1]];
    assert_eq!((&good["name"], &good["kind"], &good["cause"]), (&json!("good"), &json!("webhook"), &json!(null)));
    assert_eq!((&bad["name"], &bad["cause"], &bad["delivered"]), (&json!("bad"), &json!("http_401"), &json!(0)));
    assert!(bad["lag_records"].as_u64() > Some(4), "{bad}");
    let said = status(&gate, &["sinks"]);
    assert!(said.contains("bad (webhook)  held (http_401)  delivered 0, lacks "), "{said}");
    assert!(status(&gate, &[]).contains("\nsink         bad (webhook)  held (http_401)"), "in the whole, too");
}

#[test]
fn admin_shows_the_sandbox_side_doors_and_that_nothing_is_shared() {
    let app = Upstream::start(answer("hello"));
    let gate = Gate::start(&Policy::new(&app).top(SOCKET));
    let shown = wait_for("a first look for side doors", || {
        Some(parsed(&gate, &[])).filter(|shown| shown["side_door"]["looked"].is_u64())
    });
    assert_eq!((&shown["side_door"]["wanted"], &shown["side_door"]["count"]), (&json!("report"), &json!(0)));
    assert_eq!(shown["sandbox"]["wanted"], "best-effort");
    let log = gate.log();
    let line = log.lines().find(|line| line.contains("\"sandbox\"")).expect("the log tells of the sandbox");
    let line: Value = serde_json::from_str(line).unwrap();
    let enforced = &shown["sandbox"]["enforced"];
    for (part, key) in [("files", "files"), ("calls", "system_calls"), ("privileges", "no_new_privileges")] {
        assert_eq!(enforced[part] == true, line[key] == "enforced", "{part}: {enforced} {line}");
    }
    assert_eq!((&shown["shared"], &shown["sinks"]), (&json!(null), &json!([])));
    let said = status(&gate, &[]);
    assert!(said.contains("side door    none found\n") && said.contains("sandbox      best-effort: "), "{said}");
    assert!(!said.contains("shared state"), "{said}");
    assert_eq!(status(&gate, &["sinks"]), "the policy has no sink on the network\n");
}

#[test]
fn admin_shows_a_side_door() {
    // Whoever connects is answered, beyond loopback, too.
    let door = std::net::TcpListener::bind("0.0.0.0:0").expect("a socket");
    let port = door.local_addr().expect("an address").port();
    std::thread::spawn(move || while door.accept().is_ok() {});
    let gate = Gate::start(&Policy::at(&format!("http://127.0.0.1:{port}")).top(SOCKET));
    let shown = wait_for("the door is found", || {
        Some(parsed(&gate, &[])["side_door"].clone()).filter(|door| door["count"].as_u64() > Some(0))
    });
    assert!(shown["found"][0]["what"].as_str().unwrap().contains("open beyond loopback"), "{shown}");
    assert!(status(&gate, &[]).contains("side door    OPEN: the app's port is open beyond loopback"));
}

#[test]
fn admin_shows_whether_replicas_count_together() {
    if !has_tool("redis-server") {
        return;
    }
    let (app, mut server) = (Upstream::start(answer("hello")), Redis::start(&[]));
    let once = "  - { name: once, per: address, requests: 1/m }\n";
    let home = tempfile::tempdir().unwrap();
    write_key(home.path());
    let shared = format!(
        "shared: {{ redis: [\"redis://127.0.0.1:{}\"], key: \"{{dir}}/shared.key\", name: seller-app }}",
        server.port
    );
    let policy = Policy::new(&app)
        .swap(once, &format!("{once}  - {{ name: together, per: address, scope: shared, requests: 100/m }}\n"))
        .route("{ name: shared, path: /shared/**, allow: [anyone], limits: [together] }")
        .top(&shared)
        .top(SOCKET);
    let gate = Gate::start_in(home, &policy);
    gate.says("replicas count together");
    let said = status(&gate, &[]);
    assert!(said.contains("\nshared state linked; 1 replicas\n"), "{said}");
    server.kill();
    wait_for("it is gone", || {
        gate.connect().ask("GET /shared/a HTTP/1.1\r\nHost: localhost\r\n\r\n");
        (parsed(&gate, &[])["shared"]["linked"] == false).then_some(())
    });
    assert!(parsed(&gate, &[])["shared"]["exchanges"]["failed"].as_u64() > Some(0));
    assert!(status(&gate, &[]).contains("\nshared state NOT LINKED, each replica keeps its own share"));
}

fn write_key(home: &Path) {
    sinks::private(&home.join("shared.key"), "5f3c1d9a4b8e7f60123456789abcdef0fedcba98765432100f1e2d3c4b5a6978");
}
