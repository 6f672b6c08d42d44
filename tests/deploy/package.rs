//! What is shipped, made from the binary of the tests: the packaging is the same for the static one.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::support::has_tool;

fn build(out: &Path, what: &str) -> String {
    // What is shipped has no debug information either; with it, copies of it would take a minute.
    let binary = out.join("portcullis");
    run("strip", &["-o", binary.to_str().expect("text"), env!("CARGO_BIN_EXE_portcullis")]);
    let done = Command::new(concat!(env!("CARGO_MANIFEST_DIR"), "/deploy/package/build.sh"))
        .args([binary.as_os_str(), out.as_os_str(), what.as_ref()])
        .env("SOURCE_DATE_EPOCH", "1700000000")
        .output()
        .expect("a shell");
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    String::from_utf8(done.stdout).expect("text").trim().to_owned()
}

fn run(program: &str, arguments: &[&str]) -> String {
    let done = Command::new(program).args(arguments).output().expect("runs");
    assert!(done.status.success(), "{program}: {}", String::from_utf8_lossy(&done.stderr));
    String::from_utf8_lossy(&done.stdout).into_owned()
}

#[test]
fn the_debian_package_has_what_it_should_and_unpacks() {
    if !has_tool("dpkg-deb") || !has_tool("strip") {
        return;
    }
    let out = tempfile::tempdir().expect("a directory");
    let package = build(out.path(), "deb");
    let list = run("dpkg-deb", &["-c", &package]);
    for (mode, path) in [
        ("-rwxr-xr-x root/root", "./usr/bin/portcullis"),
        ("-rw-r--r-- root/root", "./usr/lib/systemd/system/portcullis.service"),
        ("-rw-r--r-- root/root", "./usr/lib/systemd/system/portcullis.socket"),
        ("-rw-r--r-- root/root", "./usr/lib/sysusers.d/portcullis.conf"),
        ("-rw-r--r-- root/root", "./usr/share/doc/portcullis/copyright"),
        ("drwx------ root/root", "./etc/portcullis/keys/"),
    ] {
        let line =
            list.lines().find(|line| line.ends_with(&format!(" {path}"))).unwrap_or_else(|| panic!("{path}: {list}"));
        assert!(line.starts_with(mode), "{line}");
    }
    assert_eq!(run("dpkg-deb", &["-f", &package, "Version"]).trim(), env!("CARGO_PKG_VERSION"));
    let root = out.path().join("root");
    run("dpkg-deb", &["-x", &package, root.to_str().expect("text")]);
    let said = run(root.join("usr/bin/portcullis").to_str().expect("text"), &["--version"]);
    assert_eq!(said.trim(), concat!("portcullis ", env!("CARGO_PKG_VERSION")));
}

#[test]
fn the_shipped_policy_is_sound() {
    let done = Command::new(env!("CARGO_BIN_EXE_portcullis"))
        .args(["check", concat!(env!("CARGO_MANIFEST_DIR"), "/deploy/package/policy.yaml")])
        .env("CREDENTIALS_DIRECTORY", "/run/credentials/portcullis.service")
        .output()
        .expect("runs");
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stdout));
}

#[test]
fn the_image_has_one_program_and_a_user_without_rights() {
    if !has_tool("buildah") || !has_tool("strip") {
        return;
    }
    let out = tempfile::tempdir().expect("a directory");
    let archive = build(out.path(), "image");
    let layout = out.path().join("layout");
    fs::create_dir(&layout).expect("a directory");
    let at = layout.to_str().expect("text");
    run("tar", &["-C", at, "-xf", &archive]);
    let read =
        |path: &str| -> Value { serde_json::from_slice(&fs::read(layout.join(path)).expect("a file")).expect("JSON") };
    let blob = |descriptor: &Value| {
        format!("blobs/sha256/{}", descriptor["digest"].as_str().expect("a digest").trim_start_matches("sha256:"))
    };
    let manifest = read(&blob(&read("index.json")["manifests"][0]));
    let config = &read(&blob(&manifest["config"]))["config"];
    assert_eq!(config["User"], "65532:65532");
    assert_eq!(config["Entrypoint"], serde_json::json!(["/portcullis"]));
    let mut programs = Vec::new();
    for layer in manifest["layers"].as_array().expect("layers") {
        let list = run("tar", &["-tvf", layout.join(blob(layer)).to_str().expect("text")]);
        programs
            .extend(list.lines().filter(|line| line.starts_with('-') && line[..10].contains('x')).map(str::to_owned));
    }
    assert_eq!(programs.len(), 1, "{programs:?}");
    assert!(programs[0].ends_with("portcullis"), "{programs:?}");
}
