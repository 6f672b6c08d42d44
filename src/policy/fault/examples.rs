//! An example of wrong and right for each code: what `portcullis explain CODE` shows. A test loads both.

use super::Code;

/// Wrong, and right.
#[derive(Clone, Copy, Debug)]
pub struct Example {
    /// The code.
    pub code: Code,
    /// A part of a policy that has the fault.
    pub wrong: &'static str,
    /// The same part without it.
    pub right: &'static str,
}

/// The example of a code.
pub fn example(code: Code) -> Option<Example> {
    EXAMPLES.iter().find(|(of, ..)| *of == code).map(|&(code, wrong, right)| Example { code, wrong, right })
}

/// Codes with what is wrong and what is right. A line that starts with `$` is of a shell: such a fault is not one of
/// text.
const EXAMPLES: &[(Code, &str, &str)] = &[
    (Code::Unreadable, "$ portcullis check nowhere.yaml", "$ portcullis check policies/quickstart.yaml"),
    (Code::NoPolicy, "$ portcullis check a-directory-of-notes/", "$ portcullis check policies/quickstart.yaml"),
    (Code::TooLarge, "$ ls -l policy.yaml    # 5 MiB", "$ ls -l policies/       # several files, 4 MiB each at most"),
    (Code::NotText, "$ file policy.yaml     # ISO-8859 text", "$ file policy.yaml     # UTF-8 text"),
    (Code::TooMany, "$ portcullis check Cargo.lock", "$ portcullis check policies/quickstart.yaml"),
    (Code::Syntax, "roles:\n  picker: { members: [\"cert:x\" ]", "roles:\n  picker: { members: [\"cert:x\"] }"),
    (Code::DuplicateKey, "mode: enforce\nmode: shadow", "mode: enforce"),
    (
        Code::Anchor,
        "limits:\n  - &calm { name: calm, per: caller, requests: 10/s }\n  - *calm",
        "limits:\n  - { name: calm, per: caller, requests: 10/s }",
    ),
    (Code::Tag, "mode: !!str enforce", "mode: enforce"),
    (Code::Documents, "mode: enforce\n---\nmode: enforce", "mode: enforce"),
    (Code::Bound, "$ portcullis check 10001-routes.yaml", "$ portcullis check policies/sp-api.yaml"),
    (Code::KeyType, "roles:\n  [picker]: { members: [\"cert:x\"] }", "roles:\n  picker: { members: [\"cert:x\"] }"),
    (Code::Merge, "$ grep '^mode:' policies/*.yaml    # in two files", "$ grep '^mode:' policies/*.yaml    # in one"),
    (
        Code::UnknownKey,
        "limits:\n  - { name: calm, per: caller, reqests: 10/s }",
        "limits:\n  - { name: calm, per: caller, requests: 10/s }",
    ),
    (
        Code::MissingKey,
        "routes:\n  - { path: /orders, allow: [picker] }",
        "routes:\n  - { name: orders, path: /orders, allow: [picker] }",
    ),
    (
        Code::Type,
        "routes:\n  - { name: orders, path: /orders, allow: picker }",
        "routes:\n  - { name: orders, path: /orders, allow: [picker] }",
    ),
    (Code::Word, "mode: enforced", "mode: enforce"),
    (
        Code::Number,
        "upstream: { url: \"http://127.0.0.1:8080\", idle_connections: many }",
        "upstream: { url: \"http://127.0.0.1:8080\", idle_connections: 64 }",
    ),
    (
        Code::Duration,
        "upstream: { url: \"http://127.0.0.1:8080\", timeouts: { connect: 2 seconds } }",
        "upstream: { url: \"http://127.0.0.1:8080\", timeouts: { connect: 2s } }",
    ),
    (
        Code::Size,
        "routes:\n  - { name: orders, path: /orders, allow: [picker], body: 64K }",
        "routes:\n  - { name: orders, path: /orders, allow: [picker], body: 64KiB }",
    ),
    (
        Code::Rate,
        "limits:\n  - { name: calm, per: caller, requests: 10 per second }",
        "limits:\n  - { name: calm, per: caller, requests: 10/s }",
    ),
    (Code::Network, "network: { allow: [10.1.2.3/8] }", "network: { allow: [10.0.0.0/8] }"),
    (Code::Address, "upstream: { url: \"127.0.0.1:8080\" }", "upstream: { url: \"http://127.0.0.1:8080\" }"),
    (
        Code::Name,
        "routes:\n  - { name: the orders, path: /orders, allow: [picker] }",
        "routes:\n  - { name: the-orders, path: /orders, allow: [picker] }",
    ),
    (Code::Version, "version: 2", "version: 1"),
    (Code::Empty, "routes: []", "routes:\n  - { name: orders, path: /orders, allow: [picker] }"),
    (
        Code::Header,
        "callers:\n  - certificate: { subject: san_uri }\n  - api_key: { header: Authorization, file: files/any }",
        "callers:\n  - certificate: { subject: san_uri }\n  - api_key: { header: x-api-key, file: files/any }",
    ),
    (
        Code::Method,
        "routes:\n  - { name: orders, path: /orders, methods: [get], allow: [picker] }",
        "routes:\n  - { name: orders, path: /orders, methods: [GET], allow: [picker] }",
    ),
    (
        Code::Date,
        "revoked:\n  - { caller: \"user:bob\", reason: left the company, date: 21.11.2026 }",
        "revoked:\n  - { caller: \"user:bob\", reason: left the company, date: 2026-11-21 }",
    ),
    (
        Code::Digest,
        "revoked:\n  - { certificate_sha256: \"0A:1B\", reason: key compromise, date: 2026-11-21 }",
        "revoked:\n  - { serial: \"0A:1B:C3\", reason: key compromise, date: 2026-11-21 }",
    ),
    (
        Code::Pattern,
        "redaction: { key: files/any, keep: { order_id: \".*\" } }",
        "redaction: { key: files/any, keep: { order_id: '\\d{3}-\\d{7}-\\d{7}' } }",
    ),
    (
        Code::DuplicateName,
        "routes:\n  - { name: orders, path: /a, allow: [picker] }\n  - { name: orders, path: /b, allow: [picker] }",
        "routes:\n  - { name: one, path: /a, allow: [picker] }\n  - { name: two, path: /b, allow: [picker] }",
    ),
    (
        Code::UnknownRole,
        "routes:\n  - { name: orders, path: /orders, allow: [piker] }",
        "routes:\n  - { name: orders, path: /orders, allow: [picker] }",
    ),
    (
        Code::UnknownLimit,
        "routes:\n  - { name: orders, path: /orders, allow: [picker], limits: [clam] }",
        "routes:\n  - { name: orders, path: /orders, allow: [picker], limits: [calm] }",
    ),
    (
        Code::UnknownRoute,
        "alarms:\n  - { name: scraping, when: { distinct: path.orderid, over: 200/10m }, then: [alarm] }\nroutes:\n  - { \
         name: order, path: \"/orders/{order_id}\", allow: [picker] }",
        "alarms:\n  - { name: scraping, when: { distinct: path.order_id, over: 200/10m }, then: [alarm] }\nroutes:\n  - { \
         name: order, path: \"/orders/{order_id}\", allow: [picker] }",
    ),
    (Code::NobodyHas, "roles:\n  picker: { members: [] }", "roles:\n  picker: { members: [\"cert:x\"] }"),
    (
        Code::NobodyNeeds,
        "roles:\n  picker: { members: [\"cert:x\"] }\n  guest: { members: [\"cert:y\"] }",
        "roles:\n  picker: { members: [\"cert:x\"] }",
    ),
    (Code::Member, "roles:\n  picker: { members: [alice] }", "roles:\n  picker: { members: [\"cert:alice\"] }"),
    (
        Code::Unproven,
        "roles:\n  picker: { members: [\"user:alice\"] }    # `callers` has no `token`",
        "roles:\n  picker: { members: [\"cert:alice\"] }",
    ),
    (
        Code::Generic,
        "roles:\n  picker: { members: [\"cert:spiffe://seller/admin\"] }",
        "roles:\n  picker: { members: [\"cert:spiffe://seller/picker\"] }",
    ),
    (
        Code::Reserved,
        "roles:\n  picker: { members: [\"cert:x\"] }\n  anyone: { members: [\"cert:y\"] }",
        "roles:\n  picker: { members: [\"cert:x\", \"cert:y\"] }",
    ),
    (
        Code::Generic,
        "roles:\n  picker: { members: [\"cert:spiffe://seller/test\"] }",
        "roles:\n  picker: { members: [\"cert:spiffe://seller/picker-7\"] }",
    ),
    (
        Code::Template,
        "routes:\n  - { name: orders, path: \"/orders/{id\", allow: [picker] }",
        "routes:\n  - { name: orders, path: \"/orders/{id}\", allow: [picker] }",
    ),
    (
        Code::Canonical,
        "routes:\n  - { name: orders, path: \"/%7Eorders\", allow: [picker] }",
        "routes:\n  - { name: orders, path: \"/~orders\", allow: [picker] }",
    ),
    (
        Code::Unreachable,
        "routes:\n  - { name: one, path: \"/orders/{id}\", allow: [picker] }\n  - { name: two, path: \"/orders/*\", \
         allow: [picker] }",
        "routes:\n  - { name: one, path: \"/orders/{id}\", allow: [picker] }",
    ),
    (
        Code::Pii,
        "routes:\n  - { name: orders, path: /orders, methods: [GET], allow: [anyone], pii: [address] }\n  - { name: \
         other, path: /other, allow: [picker] }",
        "routes:\n  - { name: orders, path: /orders, methods: [GET], allow: [picker], pii: [address] }",
    ),
    (
        Code::NobodyAllowed,
        "routes:\n  - { name: orders, path: /orders, allow: [anyone, picker] }",
        "routes:\n  - { name: orders, path: /orders, allow: [picker] }",
    ),
    (
        Code::PiiKind,
        "routes:\n  - { name: orders, path: /orders, methods: [GET], allow: [picker], pii: [adress] }",
        "routes:\n  - { name: orders, path: /orders, methods: [GET], allow: [picker], pii: [address] }",
    ),
    (
        Code::Plaintext,
        "upstream: { url: \"http://app.internal:8080\" }",
        "upstream: { url: \"https://app.internal:8443\", tls: { ca: files/any } }",
    ),
    (Code::Secret, "redaction: { key: q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQ }", "redaction: { key: files/any }"),
    (
        Code::Trust,
        "gate:\n  listen: \"127.0.0.1:8443\"\n  tls: { certificate: files/any, key: files/any, client_ca: files/any }\n  \
         trusted_proxies: [0.0.0.0/0]",
        "gate:\n  listen: \"127.0.0.1:8443\"\n  tls: { certificate: files/any, key: files/any, client_ca: files/any }\n  \
         trusted_proxies: [10.0.0.7]",
    ),
    (Code::NoAudit, "audit: off", "audit: { sinks: [stdout] }"),
    (Code::Shadow, "mode: shadow", "mode: enforce"),
    (Code::PseudonymKey, "redaction: { caller: pseudonym }", "redaction: { caller: pseudonym, key: files/any }"),
    (
        Code::Retention,
        "audit:\n  spool: { path: var/audit, key: files/any, retention: 30d }\n  sinks: [stdout]",
        "audit:\n  spool: { path: var/audit, key: files/any, retention: 400d }\n  sinks: [stdout]",
    ),
    (
        Code::Unsigned,
        "audit:\n  spool: { path: var/audit, key: files/any }",
        "audit:\n  spool: { path: var/audit, key: files/any }\n  signing_key: files/any",
    ),
    (Code::File, "redaction: { key: files/none }", "redaction: { key: files/any }"),
    (
        Code::Variable,
        "upstream: { url: \"http://127.0.0.1:${PORT_THAT_IS_NOT_SET}\" }",
        "upstream: { url: \"http://127.0.0.1:${PORT_THAT_IS_NOT_SET:-8080}\" }",
    ),
    (Code::Include, "mode: !file files/none", "mode: !file files/mode"),
    (
        Code::CaseCaller,
        "$ caller: picker                 # in a file of cases",
        "$ caller: cert:spiffe://seller/picker",
    ),
    (Code::CaseRequest, "$ request: /orders/1             # in a file of cases", "$ request: GET /orders/1"),
    (
        Code::CaseRoute,
        "$ expect: { decision: allow, route: ordres }    # in a file of cases",
        "$ expect: { decision: allow, route: orders }",
    ),
    (
        Code::CaseContradiction,
        "$ expect: { decision: allow, code: role_missing }    # in a file of cases",
        "$ expect: { decision: refuse, code: role_missing }",
    ),
    (
        Code::Overlap,
        "routes:\n  - { name: one, path: \"/{tenant}/orders\", allow: [picker] }\n  - { name: two, path: \
         \"/shop/{item}\", allow: [picker] }    # and /shop/orders?",
        "routes:\n  - { name: one, path: \"/{tenant}/orders\", allow: [picker] }\n  - { name: two, path: \
         \"/shop/items/{item}\", allow: [picker] }",
    ),
    (
        Code::PiiWide,
        "routes:\n  - { name: orders, path: \"/orders/**\", allow: [picker], pii: [address] }",
        "routes:\n  - { name: orders, path: \"/orders/{id}/address\", methods: [GET], allow: [picker], pii: [address] }",
    ),
    (
        Code::PersonalParameter,
        "routes:\n  - { name: orders, path: /orders, allow: [picker], log: { query: [buyerEmail] } }",
        "routes:\n  - { name: orders, path: /orders, allow: [picker], log: { query: [createdAfter] } }",
    ),
    (
        Code::SharedRole,
        "routes:\n  - { name: address, path: /address, methods: [GET], allow: [picker], pii: [address] }\n  - { name: \
         stock, path: /stock, allow: [picker] }",
        "routes:\n  - { name: address, path: /address, methods: [GET], allow: [picker], pii: [address] }",
    ),
    (
        Code::NeverBinds,
        "limits:\n  - { name: calm, per: caller, requests: 10/s }\n  - { name: calmer, per: caller, requests: 100/s }",
        "limits:\n  - { name: calm, per: caller, requests: 10/s }\n  - { name: day, per: caller, requests: 1000/d }",
    ),
    (
        Code::Expiry,
        "$ openssl x509 -enddate -noout -in certs/gate.pem    # last week",
        "$ openssl x509 -enddate -noout -in certs/gate.pem    # next quarter",
    ),
    (
        Code::NotBuilt,
        "$ portcullis run --policy policy.yaml    # with a key that this build does not enforce",
        "$ portcullis run --policy policy.yaml    # without it",
    ),
];
