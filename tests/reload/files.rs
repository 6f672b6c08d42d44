//! Ways in which files change.

use std::fs;
use std::os::unix::fs::symlink;
use std::process::Command;

use super::{GET, closed};
use crate::support::credentials::{Key, credentials};
use crate::support::{Gate, Policy, Upstream, answer, wait_for};

#[test]
fn reload_follows_an_edit_in_place() {
    let app = Upstream::start(answer("hello"));
    let gate = Gate::start(&Policy::new(&app));
    let path = gate.directory().join("policy.yaml");
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, text.replace("path: /small, allow: [anyone]", "path: /small, allow: [support]")).unwrap();
    let change = gate.changes(1).remove(0);
    assert_eq!(gate.connect().ask(GET).status, 401);
    let uid = rustix::process::getuid().as_raw();
    assert_eq!(change.0["unmapped"]["portcullis"]["author"], format!("uid:{uid}"));
}

#[test]
fn reload_follows_the_swap_of_a_mounted_volume() {
    let app = Upstream::start(answer("hello"));
    let policy = Policy::new(&app);
    let volume = tempfile::tempdir().unwrap();
    let put = |data: &str, policy: &Policy, directory: &str| {
        fs::create_dir(volume.path().join(data)).unwrap();
        fs::write(volume.path().join(data).join("policy.yaml"), policy.text().replace("{dir}", directory)).unwrap();
    };
    let gate = Gate::start_at(&policy, |directory| {
        put("..1", &policy, directory);
        symlink("..1", volume.path().join("..data")).unwrap();
        symlink("..data/policy.yaml", volume.path().join("policy.yaml")).unwrap();
        volume.path().join("policy.yaml")
    });
    assert_eq!(gate.connect().ask(GET).status, 200);
    put("..2", &closed(policy.clone()), &gate.directory().display().to_string());
    symlink("..2", volume.path().join("..data_tmp")).unwrap();
    fs::rename(volume.path().join("..data_tmp"), volume.path().join("..data")).unwrap();
    fs::remove_dir_all(volume.path().join("..1")).unwrap();
    gate.changes(1);
    assert_eq!(gate.connect().ask(GET).status, 403);
    // And once more: the watch has followed the link.
    put("..3", &policy, &gate.directory().display().to_string());
    symlink("..3", volume.path().join("..data_tmp")).unwrap();
    fs::rename(volume.path().join("..data_tmp"), volume.path().join("..data")).unwrap();
    gate.changes(2);
    assert_eq!(gate.connect().ask(GET).status, 200);
}

#[test]
fn reload_follows_a_file_whose_content_stands_in_the_policy() {
    let app = Upstream::start(answer("hello"));
    let policy = Policy::new(&app).swap("path: /small, allow: [anyone]", "path: !file small.path, allow: [anyone]");
    let gate = Gate::start_at(&policy, |directory| {
        let path = std::path::Path::new(directory).join("policy.yaml");
        fs::write(&path, policy.text().replace("{dir}", directory)).unwrap();
        fs::write(path.with_file_name("small.path"), "/small\n").unwrap();
        path
    });
    assert_eq!(gate.connect().ask(GET).status, 200);
    fs::write(gate.directory().join("small.path"), "/little\n").unwrap();
    gate.changes(1);
    assert_eq!(gate.connect().ask(GET).status, 403);
}

#[test]
fn reload_takes_up_new_keys_and_leaves_out_old_ones() {
    let app = Upstream::start(answer("hello"));
    let gate = Gate::start(&Policy::new(&app));
    let ask = |key: &Key| format!("GET /support/x HTTP/1.1\r\nHost: localhost\r\nX-API-Key: {}\r\n\r\n", key.text);
    let robot = &credentials().robot;
    assert_eq!(gate.connect().ask(ask(robot)).status, 200);
    let other = crate::support::credentials::api_key("robot", None);
    gate.put("api-keys.yaml", &format!("keys:\n{}\n", other.entry));
    let change = gate.changes(1).remove(0);
    assert_eq!((change.event(), change.code()), ("CONFIG.KEYS", "changed"));
    assert_eq!(gate.connect().ask(ask(robot)).status, 401);
    assert_eq!(gate.connect().ask(ask(&other)).status, 200);
    // An empty file is no reason to let nobody in, nor to let the old keys in again.
    gate.put("api-keys.yaml", "keys:\n");
    let change = gate.changes(2).remove(1);
    assert_eq!((change.event(), change.code()), ("CONFIG.KEYS", "change_refused"));
    assert_eq!(gate.connect().ask(ask(&other)).status, 200);
    assert_eq!(gate.connect().ask(ask(robot)).status, 401);
}

#[test]
fn reload_looks_at_contents_where_the_kernel_tells_nothing() {
    let app = Upstream::start(answer("hello"));
    let policy = Policy::new(&app).top("reload: { poll: 100ms }");
    let hidden = tempfile::tempdir().unwrap();
    let gate = Gate::start_at(&policy, |directory| {
        let path = hidden.path().join("policy.yaml");
        fs::write(&path, policy.text().replace("{dir}", directory)).unwrap();
        path
    });
    // A write by another name of the same file is told to those who watch that name's directory.
    let elsewhere = tempfile::tempdir_in(hidden.path()).unwrap();
    let path = elsewhere.path().join("other-name");
    fs::hard_link(hidden.path().join("policy.yaml"), &path).unwrap();
    let text = fs::read_to_string(&path).unwrap().replace("path: /small,", "path: /smaller,");
    fs::write(&path, text).unwrap();
    gate.changes(1);
    assert_eq!(gate.connect().ask(GET).status, 403);
}

#[test]
fn reload_under_load_fails_no_request() {
    if !crate::support::has_tool("h2load") {
        return;
    }
    let app = Upstream::start(answer("hello"));
    let policy = Policy::new(&app).workers(2).gate("connections: { max: 100 }");
    let gate = Gate::start(&policy);
    for version in [&["--h1"][..], &[]] {
        let url = format!("https://{}/small", gate.address());
        let load = Command::new("h2load")
            .args(version)
            .args(["-n", "6000", "-c", "8", "-m", "4", &url])
            .stdout(std::process::Stdio::piped())
            .stderr(std::process::Stdio::null())
            .spawn()
            .unwrap();
        let before = gate.records_so_far().len();
        for turn in 0..6 {
            gate.records_when("requests come", |records| records.len() >= before + 800 * turn);
            gate.change(
                &policy
                    .clone()
                    .route(&format!("{{ name: turn-{turn}-{}, path: /turn, allow: [anyone] }}", version.len())),
            );
            gate.hang_up();
        }
        let said = String::from_utf8(load.wait_with_output().unwrap().stdout).unwrap();
        assert!(said.contains("6000 succeeded, 0 failed, 0 errored"), "{said}");
        assert!(said.contains("status codes: 6000 2xx"), "{said}");
    }
    wait_for("several changes", || (gate.changes(1).len() > 3).then_some(()));
}
