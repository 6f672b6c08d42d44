//! Where things go, in manifests as people write them.

use super::*;

fn lines_kept(before: &str, after: &str) {
    let mut after = after.lines();
    for line in before.lines() {
        assert!(after.any(|other| other == line), "lost or moved: {line}");
    }
}

#[test]
fn comments_order_and_quotes_stay() {
    let text = "# head\nkind: Pod   # first\napiVersion: 'v1'\nspec:\n\n    # of the pod\n    volumes:   # two\n    # of the first\n    - {name: a, emptyDir: {}}\n    containers:\n        # of the app\n        -   name: \"app\"\n            # of its ports\n            ports:\n            - containerPort: 8080   # closed\nmetadata:\n    # of its name\n    name: p\n# foot\n";
    let injected = there_and_back(text, &options());
    lines_kept(text, &injected.text);
    assert_eq!(injected.workloads, ["Pod/p"]);
    let roots = tree::read(&injected.text).unwrap();
    let volumes: Vec<_> = roots[0]
        .at(&["spec", "volumes"])
        .unwrap()
        .items()
        .iter()
        .map(|item| item.node.get("name").unwrap().text().unwrap())
        .collect();
    assert_eq!(volumes, ["portcullis-policies", "portcullis-keys", "portcullis-state", "a"]);
}

#[test]
fn files_without_a_last_newline_and_with_two_byte_ones_stay_so() {
    let text = pod("    image: x");
    assert!(!text.ends_with('\n'));
    there_and_back(&text, &options());
    let text = text.replace('\n', "\r\n");
    let injected = there_and_back(&text, &options());
    assert_eq!(injected.text.matches('\n').count(), injected.text.matches("\r\n").count());
}

#[test]
fn every_kind_that_runs_pods_gets_the_gate_and_nothing_else_changes() {
    let template = "template:\n  spec:\n    containers:\n      - name: app\n        ports: [{containerPort: 80}]\n";
    let indent = |text: &str, by: usize| {
        let lines: Vec<String> = text.lines().map(|line| format!("{}{line}\n", " ".repeat(by))).collect();
        lines.concat()
    };
    for (kind, version) in
        [("Deployment", "apps/v1"), ("StatefulSet", "apps/v1"), ("DaemonSet", "apps/v1"), ("Job", "batch/v1")]
    {
        let text =
            format!("apiVersion: {version}\nkind: {kind}\nmetadata: {{name: w}}\nspec:\n{}", indent(template, 2));
        assert_eq!(there_and_back(&text, &options()).workloads, [format!("{kind}/w")]);
    }
    let text = format!(
        "apiVersion: batch/v1\nkind: CronJob\nmetadata: {{name: w}}\nspec:\n  schedule: '@daily'\n  jobTemplate:\n    spec:\n{}",
        indent(template, 6)
    );
    assert_eq!(there_and_back(&text, &options()).workloads, ["CronJob/w"]);
    let list = format!(
        "apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: Service\n  metadata: {{name: s}}\n- apiVersion: apps/v1\n  kind: Deployment\n  spec:\n{}",
        indent(template, 4)
    );
    assert_eq!(there_and_back(&list, &options()).workloads.len(), 1);
    for other in [
        "kind: ConfigMap\napiVersion: v1\n",
        "kind: Deployment\napiVersion: example.com/v1\n",
        "a: &b 1\nc: *b\n",
        "",
        "# nothing\n",
        "---\n---\n",
        "kind: Pod\napiVersion: v2\n",
    ] {
        assert_eq!(there_and_back(other, &options()).text, other);
    }
}

#[test]
fn probes_are_led_through_the_gate_and_exec_stays() {
    let text = pod(concat!(
        "    startupProbe: {tcpSocket: {port: 8080}}\n",
        "    livenessProbe:\n      grpc:\n        service: shop   # named\n        port: 9000\n",
        "    readinessProbe:\n      exec:\n        command: [cat, /ready]\n",
        "    lifecycle:\n      preStop:\n        httpGet:\n          port: 8080\n          path: /down?$(NOT)=1\n",
    ));
    let injected = there_and_back(&text, &options());
    assert!(
        injected.text.contains("startupProbe: {httpGet: {path: /probe/app/startup, port: 9080}}"),
        "{}",
        injected.text
    );
    assert!(
        injected.text.contains("      httpGet:\n        path: /probe/app/liveness   # named\n        port: 9080\n")
    );
    assert!(injected.text.contains("command: [cat, /ready]"));
    assert!(
        injected.text.contains(r#"'--probe={"path":"/probe/app/liveness","grpc":{"port":9000,"service":"shop"}}'"#)
    );
    assert!(injected.text.contains(r#""path":"/down?$$(NOT)=1""#));
}

#[test]
fn a_port_by_name_is_the_gates_from_now_on() {
    let text = "apiVersion: v1\nkind: Pod\nmetadata:\n  name: p\nspec:\n  containers:\n  - name: app\n    ports:\n    - containerPort: 8080\n      name: \"http\"\n    - {containerPort: 9100, name: metrics}\n    readinessProbe:\n      httpGet:\n        port: http\n  - name: exporter\n    livenessProbe:\n      httpGet: {port: 9200}\n";
    let unnamed = text.replace("      name: \"http\"\n", "");
    assert!(inject(&unnamed, &options()).unwrap_err().what.contains("8080, 9100"));
    assert_eq!(inject(text, &options()), inject(text, &Options { app_port: Some(8080), ..options() }));
    let injected = there_and_back(text, &Options { app_port: Some(8080), ..options() });
    assert!(injected.text.contains("    - name: \"http\"\n      containerPort: 8443\n"), "{}", injected.text);
    assert!(injected.text.contains("      name: behind-gate\n"));
    assert!(injected.text.contains(r#""http":{"port":8080,"path":"/"}"#));
    assert!(injected.text.contains("/probe/exporter/liveness"));
    assert!(injected.notes.iter().any(|note| note.contains("9100")));
}

#[test]
fn loopback_by_a_variable_needs_no_privilege() {
    for env in
        ["", "    env:\n    # why\n    - name: A\n      value: b\n", "    env:\n    - {name: HOST, value: 127.0.0.1}\n"]
    {
        let injected = there_and_back(&pod(env), &loopback());
        assert!(!injected.text.contains("NET_ADMIN") && injected.text.matches("HOST").count() >= 1);
    }
    let fault = inject(&pod("    env:\n    - name: HOST\n      value: 0.0.0.0\n"), &loopback()).unwrap_err();
    assert_eq!((fault.line, fault.what.contains("HOST")), (10, true), "{fault}");
}

#[test]
fn time_to_end_is_only_ever_longer() {
    let with =
        |grace: &str| pod("").replace("spec:\n", &format!("spec:\n  terminationGracePeriodSeconds:  {grace}  # why\n"));
    assert!(there_and_back(&with("10"), &options()).text.contains("terminationGracePeriodSeconds: 45  # why"));
    assert!(there_and_back(&with("600"), &options()).text.contains("terminationGracePeriodSeconds:  600  # why"));
}

#[test]
fn other_options_replace_those_of_before() {
    let text = pod("");
    let first = inject(&text, &options()).unwrap().text;
    let second = inject(&first, &loopback()).unwrap().text;
    assert_eq!(second, inject(&text, &loopback()).unwrap().text);
    // What people add meanwhile stays.
    let edited = first.replace("  containers:\n", "  hostAliases: []\n  containers:\n");
    assert_eq!(remove(&edited).unwrap(), text.replace("  containers:\n", "  hostAliases: []\n  containers:\n"));
}

#[test]
fn what_stands_in_brackets_gets_its_part_in_brackets() {
    let text = "apiVersion: v1\nkind: Pod\nmetadata: { name: p, annotations: {} } # one\nspec:\n  volumes: [ ]\n  initContainers: [{name: a, image: b}]\n  containers: [{name: app, image: c, ports: [{containerPort: 80, name: web}]}]\n";
    let injected = there_and_back(text, &options());
    let roots = tree::read(&injected.text).unwrap();
    let spec = roots[0].get("spec").unwrap();
    assert_eq!((spec.get("volumes").unwrap().items().len(), spec.get("initContainers").unwrap().items().len()), (3, 3));
    let closer = &spec.get("initContainers").unwrap().items()[0].node;
    assert!(closer.get("args").unwrap().items()[0].node.text().unwrap().contains("redirect to :8443\n"));
    assert_eq!(injected.text.lines().count(), text.lines().count() + 1);
}

#[test]
fn a_manifest_without_a_port_is_told_where_the_app_is_expected() {
    let injected = there_and_back(&pod("").replace("    ports: [{ containerPort: 8080 }]\n", ""), &options());
    assert!(
        injected.text.contains("tcp dport 8080 redirect") && injected.notes[1].contains("8080"),
        "{:?}",
        injected.notes
    );
}
