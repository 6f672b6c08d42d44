//! What is left as it is, and what its owner is told.

use super::*;

#[test]
fn what_cannot_be_spliced_safely_is_refused_with_its_line() {
    let body = "metadata:\n  name: p\nspec:\n";
    let head = format!("apiVersion: v1\nkind: Pod\n{body}");
    let containers = "  containers:\n  - name: app\n    ports: [{containerPort: 80}]\n";
    for (text, line, what) in [
        (r#"{"apiVersion":"v1","kind":"Pod"}"#.to_owned(), 1, "brackets"),
        (format!("{head}  containers: []\n").replace("spec:\n  ", "spec: {").replace(']', "]}"), 5, "brackets"),
        (format!("{head}{containers}  volumes:\n"), 9, "not a list"),
        (format!("{head}{containers}  nodeSelector: {{ kubernetes.io/os: windows }}\n"), 9, "for Windows"),
        (format!("{head}{containers}").replace("spec:", "spec: &s"), 6, "anchor"),
        (format!("x: &x {{}}\n{head}  containers: *x\n"), 7, "alias"),
        (format!("x: &x {{}}\n{head}{containers}  <<: *x\n"), 10, "merge key"),
        (
            format!("{head}{containers}    livenessProbe: &p {{tcpSocket: {{port: 80}}}}\n    readinessProbe: *p\n"),
            9,
            "anchor",
        ),
        (format!("{head}{containers}    <<: *x\n"), 9, "merge key"),
        (format!("{head}{containers}  hostNetwork: true\n"), 9, "hostNetwork"),
        (format!("{head}{containers}  - name: portcullis\n"), 9, "gate's own"),
        (format!("{head}{containers}    livenessProbe:\n      httpGet: {{port: web}}\n"), 10, "no port named `web`"),
        (format!("{head}{containers}    livenessProbe:\n      httpGet: {{port: 80, scheme: HTTPS}}\n"), 10, "HTTPS"),
        (format!("{head}{containers}").replace("80", "8443"), 7, "gate's"),
        (format!("{head}{containers}").replace("  containers:", "  initContainers:"), 5, "no containers"),
        (head.clone(), 5, "not a map"),
        (format!("{head}  containers: []\n"), 6, "no containers"),
        (format!("{head}  containers:\n"), 6, "not a list"),
        ("a: b: c\n".to_owned(), 1, "not YAML"),
        ("a: {{ .Values.x }}\n".to_owned(), 1, ""),
        (format!("{head}{containers}kind: Pod\n"), 9, "twice"),
    ] {
        match inject(&text, &options()) {
            Ok(injected) => assert_eq!(what, "", "{}", injected.text),
            Err(fault) => {
                assert!(fault.what.contains(what), "{fault}\n{text}");
                assert!(!fault.help.is_empty(), "{fault}");
                assert!(fault.line == line, "{fault} is not in line {line}\n{text}");
            }
        }
    }
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
