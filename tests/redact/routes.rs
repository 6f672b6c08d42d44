//! `portcullis redact --policy`: a request in a line, to a route of the policy, is shown as the policy says.

use std::fs;
use std::path::Path;

use super::{key, through};

/// The routes of a policy whose certificates are nobody's here.
fn redacted(routes: &str, input: &str) -> String {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("portcullis.yaml");
    let text = format!(
        "version: 1\n\
         gate: {{ listen: \"127.0.0.1:8443\", tls: {{ certificate: c.pem, key: k.pem, client_ca: ca.pem }} }}\n\
         upstream: {{ url: \"http://127.0.0.1:8080\" }}\n\
         callers: [ {{ certificate: {{ subject: san_uri }} }} ]\n\
         roles: {{ picker: {{ members: [\"cert:spiffe://seller/picker\"] }} }}\n\
         routes:\n{routes}\
         audit: {{ sinks: [ stdout ] }}\n\
         redaction: {{ key: pseudonym.key }}\n"
    );
    fs::write(&path, text).unwrap();
    key(directory.path());
    untagged(&run(&path, input))
}

/// Which pseudonym it is depends on the key.
fn untagged(text: &str) -> String {
    let mut parts = text.split("_k1_");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |text, part| text + "_hidden" + &part[16..])
}

fn run(policy: &Path, input: &str) -> String {
    let output = through(&["--policy", policy.to_str().unwrap()], input.as_bytes());
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

const ROUTES: &str = "  - { name: person, path: \"/people/{surname}\", methods: [GET], allow: [picker], pii: [name], log: { query: [page, stand] } }\n\
                      \x20 - { name: static, path: \"/static/**\", allow: [picker] }\n\
                      \x20 - { name: order, path: \"/orders/{order_id}\", allow: [picker], log: { query: [phone_model] } }\n";

#[test]
fn a_segment_is_what_its_template_calls_it() {
    let line = "took 3 ms: GET /people/qwertz?page=2 200, GET https://api.shop.example/people/qwertz 404\n";
    let shown =
        "took 3 ms: GET /people/pii_name_hidden?page=2 200, GET https://api.shop.example/people/pii_name_hidden 404\n";
    assert_eq!(redacted(ROUTES, line), shown);
    // Another method, another path, and a route that names nothing personal.
    let line =
        "POST /people/qwertz 405\nGET /people/qwertz/x 404\nGET /orders/qwertz 200\nGET /static/people/qwertz 200\n";
    assert_eq!(redacted(ROUTES, line), line);
}

#[test]
fn a_parameter_that_is_not_listed_goes_where_answers_are_personal() {
    let line = "\"GET /people/q?page=2&ref=9a8b7c6d5e4f3a2b1c0d9e8f7a6b&stand=A12 HTTP/1.1\" 200\n";
    let shown = "\"GET /people/pii_name_hidden?page=2&ref=pii_value_hidden&stand=A12 HTTP/1.1\" 200\n";
    assert_eq!(redacted(ROUTES, line), shown);
    let line = line.replace("people/q", "static/q");
    assert_eq!(redacted(ROUTES, &line), line);
}

#[test]
fn a_parameter_that_is_listed_stays_unless_it_is_personal() {
    let line = "GET /orders/7?phone_model=X-200 200\nGET /orders/7?phone_model=0151-555-0123 200\n";
    let output = redacted(ROUTES, line);
    let lines: Vec<&str> = output.lines().collect();
    assert_eq!(lines[0], "GET /orders/7?phone_model=X-200 200");
    assert!(!lines[1].contains("555"), "{}", lines[1]);
}

#[test]
fn the_marketplaces_operations_are_known() {
    let route = "  - { name: orders, path: /orders/v0/orders, allow: [picker], log: { query: [MarketplaceIds, BuyerEmail] } }\n";
    let line = "GET /orders/v0/orders?MarketplaceIds=ATVPDKIKX0DER&BuyerEmail=qwertz 200\n";
    assert_eq!(
        redacted(route, line),
        "GET /orders/v0/orders?MarketplaceIds=ATVPDKIKX0DER&BuyerEmail=pii_email_hidden 200\n"
    );
}
