//! What is left as it is, and what its owner is told.

use super::*;

#[test]
fn what_cannot_be_spliced_safely_is_refused_with_its_line() {
    let body = "metadata: {name: p}\nspec:\n";
    let head = format!("apiVersion: v1\nkind: Pod\n{body}");
    let containers = "  containers:\n  - name: app\n    ports: [{containerPort: 80}]\n";
    for (text, line, what) in [
        (r#"{"apiVersion":"v1","kind":"Pod"}"#.to_owned(), 1, "brackets"),
        (format!("{head}  containers: [{{name: app}}]\n"), 5, "brackets"),
        (format!("{head}{containers}  volumes: []\n"), 8, "brackets"),
        (format!("{head}{containers}").replace("spec:", "spec: &s"), 5, "anchor"),
        (format!("x: &x {{}}\n{head}  containers: *x\n"), 6, "alias"),
        (format!("x: &x {{}}\n{head}{containers}  <<: *x\n"), 9, "merge key"),
        (
            format!("{head}{containers}    livenessProbe: &p {{tcpSocket: {{port: 80}}}}\n    readinessProbe: *p\n"),
            8,
            "anchor",
        ),
        (format!("{head}{containers}    <<: *x\n"), 8, "merge key"),
        (format!("{head}{containers}  hostNetwork: true\n"), 8, "hostNetwork"),
        (format!("{head}{containers}  - name: portcullis\n"), 8, "gate's own"),
        (format!("{head}{containers}    livenessProbe:\n      httpGet: {{port: web}}\n"), 9, "no port named `web`"),
        (format!("{head}{containers}    livenessProbe:\n      httpGet: {{port: 80, scheme: HTTPS}}\n"), 9, "HTTPS"),
        (format!("{head}{containers}").replace("80", "8443"), 6, "gate's"),
        (format!("{head}{containers}").replace("    ports: [{containerPort: 80}]\n", ""), 4, "no TCP port"),
        (format!("{head}{containers}").replace("  containers:", "  initContainers:"), 4, "no containers"),
        (head.clone(), 4, "not a map"),
        ("a: b: c\n".to_owned(), 1, "not YAML"),
        ("a: {{ .Values.x }}\n".to_owned(), 1, ""),
        (format!("{head}{containers}kind: Pod\n"), 8, "twice"),
    ] {
        // `metadata` in brackets is refused last of all.
        let text = text.replace("metadata: {name: p}\n", "metadata:\n  name: p\n");
        match inject(&text, &options()) {
            Ok(injected) => assert_eq!(what, "", "{}", injected.text),
            Err(fault) => {
                assert!(fault.what.contains(what), "{fault}\n{text}");
                assert!(!fault.help.is_empty(), "{fault}");
                assert!(fault.line.abs_diff(line) <= 1, "{fault} is not in line {line}\n{text}");
            }
        }
    }
    let text = pod("").replace("metadata:\n  name: p\n", "metadata: {name: p}\n");
    assert!(inject(&text, &options()).unwrap_err().what.contains("`metadata` stands in brackets"));
}

#[test]
fn a_claim_needs_a_group_that_may_write_to_it() {
    let claim = Options { spool: Spool::Claim("spool".to_owned()), ..options() };
    assert!(inject(&pod(""), &claim).unwrap_err().help.contains("fsGroup"));
    let text = pod("").replace("spec:\n", "spec:\n  securityContext: {fsGroup: 65532}\n");
    assert!(there_and_back(&text, &claim).text.contains("claimName: spool"));
}

#[test]
fn a_damaged_annotation_is_no_licence_to_guess() {
    let injected = inject(&pod(""), &options()).unwrap().text;
    let damaged = injected.replace("'{\"made\"", "'{{\"made\"");
    assert_ne!(damaged, injected);
    assert!(remove(&damaged).unwrap_err().what.contains("damaged"));
}

#[test]
fn bounds_hold() {
    let deep = format!("a: {}{}\n", "[".repeat(100), "]".repeat(100));
    assert!(inject(&deep, &options()).is_err());
    assert!(inject(&format!("a: [{}]\n", "b,".repeat(200_001)), &options()).is_err());
}
