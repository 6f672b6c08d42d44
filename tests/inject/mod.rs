//! `portcullis inject` and what is shipped for Kubernetes: expected outputs, schemas, and the findings of a scanner.

mod kubelet;
mod manifest;
mod page;
mod pod;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::cli::portcullis;
use crate::support::has_tool;

/// Manifests of this directory, with the arguments that they are injected with.
const CASES: &[(&str, &[&str])] = &[
    ("deployment.yaml", &[]),
    ("job.yaml", &["--loopback-env", "HOST=127.0.0.1"]),
    (
        "list.yaml",
        &["--app-port", "8080", "--open-port", "9100", "--spool-claim", "ledger-records", "--gate-port", "9443"],
    ),
];

/// How the example of `deploy/kubernetes` was made.
const SHIPPED: &[&str] = &["--loopback-env", "HOST=127.0.0.1", "--image", "portcullis"];

/// The versions of Kubernetes whose schemas must hold: the first with native sidecars, the one that promises them, and
/// the newest that the validator knows.
const VERSIONS: &[&str] = &["1.29", "1.33", "1.37"];

/// What the scanner finds in manifests that are shipped, and why it stays.
const STAYS: &[(&str, &str)] = &[
    ("CKV_K8S_43", "digests belong to the registry that an image is pushed to, which is the reader's own"),
    (
        "CKV_K8S_15",
        "the gate's image is as likely loaded into a node as pulled; where it has a digest, either is the same",
    ),
];

/// What the scanner finds in the init container that closes ports, and why it stays: it has ended before the app starts,
/// and `--close loopback` does without.
const STAYS_WITH_NFT: &[(&str, &str)] =
    &[("CKV_K8S_25", "NET_ADMIN, added for the rules of the pod's own network namespace")];

fn home(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

fn inject(file: &str, arguments: &[&str]) -> String {
    let output = portcullis().args(["inject", "-f", file]).args(arguments).output().unwrap();
    assert!(output.status.success(), "{file}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// The expected output's file: `job.yaml` to `job.injected.yaml`.
fn expected(file: &str) -> String {
    format!("tests/inject/{}", file.replace(".yaml", ".injected.yaml"))
}

#[test]
fn outputs_are_as_written_down_and_lead_back() {
    for (file, arguments) in CASES {
        let before = format!("tests/inject/{file}");
        let after = inject(&before, arguments);
        let golden = home(&expected(file));
        if std::env::var_os("UPDATE_GOLDEN").is_some() {
            fs::write(&golden, &after).unwrap();
        }
        assert_eq!(after, fs::read_to_string(&golden).unwrap_or_default(), "{file}");
        assert_eq!(inject(golden.to_str().unwrap(), arguments), after, "twice is once");
        assert_eq!(inject(golden.to_str().unwrap(), &["--remove"]), fs::read_to_string(home(&before)).unwrap());
    }
}

#[test]
fn check_and_write_say_and_do_what_would_change() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("job.yaml");
    fs::copy(home("tests/inject/job.yaml"), &file).unwrap();
    let run = |arguments: &[&str]| {
        let output = portcullis().arg("inject").arg("-f").arg(&file).args(arguments).output().unwrap();
        assert!(output.stdout.is_empty());
        output.status.code()
    };
    assert_eq!(run(&["--check"]), Some(1));
    assert_eq!(run(&["--write"]), Some(0));
    assert_eq!(run(&["--check"]), Some(0));
    assert_eq!(run(&["--check", "--image", "other:1"]), Some(1));
    assert_eq!(run(&["--check", "--remove"]), Some(1));
    assert_eq!(run(&["--write", "--remove"]), Some(0));
    assert_eq!(fs::read(&file).unwrap(), fs::read(home("tests/inject/job.yaml")).unwrap());
    fs::write(&file, "kind: Pod\napiVersion: v1\nmetadata: {name: p}\nspec: {containers: []}\n").unwrap();
    let output = portcullis().arg("inject").arg("-f").arg(&file).output().unwrap();
    assert_eq!((output.status.code(), output.stdout.len()), (Some(1), 0));
    let told = String::from_utf8(output.stderr).unwrap();
    assert!(told.contains("job.yaml:4:7: `spec` stands in brackets") && told.contains("help: "), "{told}");
    let missing = portcullis().args(["inject", "-f", "/nowhere.yaml"]).output().unwrap();
    assert_eq!(missing.status.code(), Some(2));
}

#[test]
fn the_shipped_sidecar_is_what_inject_makes() {
    let file = "deploy/kubernetes/overlays/sidecar/deployment.yaml";
    let now = inject(file, SHIPPED);
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        fs::write(home(file), &now).unwrap();
    }
    assert!(fs::read_to_string(home(file)).unwrap() == now, "inject makes another one: UPDATE_GOLDEN=1 writes it");
}

#[test]
fn the_shipped_policies_are_sound() {
    let directory = tempfile::tempdir().unwrap();
    let keys = directory.path().join("certs");
    let run = |arguments: &[&str]| {
        let output = portcullis().args(arguments).current_dir(directory.path()).output().unwrap();
        let told = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{arguments:?}: {told}");
    };
    run(&["certs", "dev", "--dir", keys.to_str().unwrap()]);
    run(&["keys", "new", "audit", "certs/audit.key"]);
    run(&["keys", "new", "signing", "certs/audit-sign.key"]);
    for overlay in ["sidecar", "gateway"] {
        let policies = home("deploy/kubernetes/overlays").join(overlay).join("policies");
        run(&["check", "--deny", "warnings", policies.to_str().unwrap()]);
    }
}

/// Every manifest that is shipped or made, by name: overlays as `kubectl` renders them.
fn manifests(directory: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for overlay in ["sidecar", "gateway"] {
        let rendered =
            Command::new("kubectl").arg("kustomize").arg(home("deploy/kubernetes/overlays").join(overlay)).output();
        let rendered = rendered.expect("kubectl runs");
        assert!(rendered.status.success(), "{overlay}: {}", String::from_utf8_lossy(&rendered.stderr));
        let file = directory.join(format!("overlay-{overlay}.yaml"));
        fs::write(&file, rendered.stdout).unwrap();
        files.push(file);
    }
    for (name, _) in CASES {
        let file = directory.join(name);
        fs::copy(home(&expected(name)), &file).unwrap();
        files.push(file);
    }
    files
}

/// A validator of `make validators`, if it is there.
fn validator(name: &str) -> Option<PathBuf> {
    let path = home("target/validators/bin").join(name);
    has_tool(path.to_str().unwrap()).then_some(path)
}

#[test]
fn every_manifest_is_valid_by_the_schemas() {
    let Some(validate) = validator("kubernetes-validate").filter(|_| has_tool("kubectl")) else { return };
    let directory = tempfile::tempdir().unwrap();
    let files = manifests(directory.path());
    for version in VERSIONS {
        let output = Command::new(&validate).args(["--strict", "-k", version]).args(&files).output().unwrap();
        let told = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{version}: {told}");
        assert!(told.matches(" passed ").count() >= 17, "{told}");
    }
    // It is the schema that passes them, not the validator's patience.
    let wrong = directory.path().join("wrong.yaml");
    fs::write(&wrong, inject("tests/inject/job.yaml", &[]).replace("mountPath:", "mountpath:")).unwrap();
    assert!(!Command::new(&validate).args(["--strict", "-k", "1.33"]).arg(&wrong).output().unwrap().status.success());
}

/// What the scanner finds, by file and check.
fn findings(checkov: &Path, files: &[PathBuf]) -> BTreeMap<String, BTreeSet<String>> {
    let output = Command::new(checkov)
        .args(["--framework", "kubernetes", "--skip-download", "--quiet", "--compact", "-o", "json", "-f"])
        .args(files)
        .output()
        .unwrap();
    let report: serde_json::Value = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&output.stderr)));
    assert!(report["summary"]["passed"].as_u64() > Some(100), "{}", report["summary"]);
    let mut found: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for check in report["results"]["failed_checks"].as_array().expect("checks") {
        let file = Path::new(check["file_path"].as_str().unwrap()).file_name().unwrap().to_str().unwrap().to_owned();
        found.entry(file).or_default().insert(check["check_id"].as_str().unwrap().to_owned());
    }
    found
}

#[test]
fn the_scanner_finds_nothing_that_has_no_reason() {
    let Some(checkov) = validator("checkov").filter(|_| has_tool("kubectl")) else { return };
    let directory = tempfile::tempdir().unwrap();
    let files = manifests(directory.path());
    let before: Vec<PathBuf> = CASES.iter().map(|(name, _)| home("tests/inject").join(name)).collect();
    // What an app brings with it is its own matter.
    let (own, found) = (findings(&checkov, &before), findings(&checkov, &files));
    let stays: BTreeSet<&str> = STAYS.iter().map(|(check, _)| *check).collect();
    let with_nft: BTreeSet<&str> = STAYS_WITH_NFT.iter().map(|(check, _)| *check).collect();
    let mut used = BTreeSet::new();
    for (name, checks) in &found {
        let is_closed = fs::read_to_string(directory.path().join(name)).unwrap().contains("portcullis-close");
        for check in checks.iter().filter(|check| !own.get(name).is_some_and(|own| own.contains(*check))) {
            let known = stays.get(check.as_str()).or_else(|| with_nft.get(check.as_str()).filter(|_| is_closed));
            used.insert(*known.unwrap_or_else(|| panic!("{name}: {check}")));
        }
    }
    let listed: BTreeSet<&str> = stays.union(&with_nft).copied().collect();
    assert_eq!(used, listed, "a reason for what is not found any more");
}
