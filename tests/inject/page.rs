//! The commands of docs/kubernetes.md, run as they stand. Where they would talk to a cluster, what they would send is
//! kept and judged by the schemas.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;

use super::{home, validator};
use crate::support::has_tool;

/// Stands in front of `kubectl`: what only makes manifests is done by the real one, what is applied is kept.
const KUBECTL: &str = r#"#!/bin/bash
set -euo pipefail
case " $* " in
*" apply -k "*) "$KUBECTL" kustomize "${@: -1}" > "$APPLIED/$(date +%s%N).yaml" ;;
*" apply -f - ") cat > "$APPLIED/$(date +%s%N).yaml" ;;
*" apply -f "*) cp "${@: -1}" "$APPLIED/$(date +%s%N).yaml" ;;
*" --dry-run=client "*) "$KUBECTL" "$@" ;;
*) echo "a cluster would be needed: $*" >&2; exit 1 ;;
esac
"#;

#[test]
fn the_page_of_kubernetes_can_be_followed() {
    if !["bash", "kubectl", "cmp", "diff"].into_iter().all(has_tool) {
        return;
    }
    let page = fs::read_to_string(home("docs/kubernetes.md")).unwrap();
    let blocks: Vec<&str> = page.split("```sh\n").skip(1).map(|rest| rest.split("```").next().unwrap()).collect();
    assert!(blocks.len() >= 5);
    let directory = tempfile::tempdir().unwrap();
    let place = directory.path();
    for (from, to) in [("deployment.yaml", "deployment.yaml"), ("list.yaml", "stateful-set.yaml")] {
        fs::copy(home("tests/inject").join(from), place.join(to)).unwrap();
    }
    for made in ["policies", "applied", "bin"] {
        fs::create_dir(place.join(made)).unwrap();
    }
    let policy = "deploy/kubernetes/overlays/sidecar/policies/shop.yaml";
    fs::copy(home(policy), place.join("policies/shop.yaml")).unwrap();
    std::os::unix::fs::symlink(home("deploy"), place.join("deploy")).unwrap();
    let wrapper = place.join("bin/kubectl");
    fs::write(&wrapper, KUBECTL).unwrap();
    fs::set_permissions(&wrapper, fs::Permissions::from_mode(0o755)).unwrap();
    let real = Command::new("bash").args(["-c", "command -v kubectl"]).output().unwrap().stdout;
    let program = Path::new(env!("CARGO_BIN_EXE_portcullis")).parent().unwrap().display().to_string();
    let paths = format!("{}:{program}:{}", place.join("bin").display(), std::env::var("PATH").unwrap());
    let output = Command::new("bash")
        .args(["-euo", "pipefail", "-c", &blocks.concat()])
        .current_dir(place)
        .env("PATH", paths)
        .env("KUBECTL", String::from_utf8(real).unwrap().trim())
        .env("APPLIED", place.join("applied"))
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{told}");
    let applied: Vec<_> = fs::read_dir(place.join("applied")).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert!(applied.len() >= 8, "{applied:?}");
    let Some(validate) = validator("kubernetes-validate") else { return };
    let output = Command::new(validate).args(["--strict", "-k", "1.33"]).args(&applied).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
}
