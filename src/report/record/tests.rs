use super::*;

const ALLOWED: &str = include_str!("../../../tests/golden/access.json");

fn line(text: &str) -> Line<'_> {
    serde_json::from_str(text).expect("a record")
}

#[test]
fn a_record_gives_back_what_the_policy_was_asked() {
    let line = line(ALLOWED);
    assert!(line.is_ours());
    let past = line.request().expect("a request");
    assert_eq!(past.route, Some(("order-address", "/orders/v0/orders/{order_id}/address")));
    assert_eq!((past.method, past.outcome, past.address), (Some("GET"), Outcome::Passed, None));
    let caller = past.caller.expect("a caller");
    assert_eq!((caller.roles, caller.groups, caller.mfa_age), (vec!["fulfilment"], vec!["warehouse"], Some(240)));
}

#[test]
fn refusals_are_told_apart_by_who_refused() {
    let with = |code: &str, category: &str, shadow: &str| {
        let text = ALLOWED
            .replace("\"status_code\": \"allowed\"", &format!("\"status_code\": \"{code}\""))
            .replace("\"category\": \"authz\"", &format!("\"category\": \"{category}\""))
            .replace("\"blame\": \"none\"", &format!("\"blame\": \"none\", \"shadow\": {shadow}"));
        match line(&text).request().expect("a request").outcome {
            Outcome::Passed => "passed".to_owned(),
            Outcome::Shadowed(code) => format!("shadowed {code}"),
            Outcome::Refused(code) => format!("refused {code}"),
            Outcome::NotAsked(code) => format!("not asked {code}"),
        }
    };
    assert_eq!(with("role_missing", "authz", "null"), "refused role_missing");
    assert_eq!(with("caller_required", "authn", "null"), "refused caller_required");
    assert_eq!(with("token_expired", "authn", "null"), "not asked token_expired");
    assert_eq!(with("limit_reached", "rate", "null"), "passed");
    assert_eq!(with("allowed", "authz", "{\"status_code\": \"mfa_required\"}"), "shadowed mfa_required");
}

#[test]
fn other_events_and_second_records_are_no_requests() {
    for (from, to) in [("4002,", "6002,"), ("HTTP.ALLOW", "HTTP.END"), ("HTTP.ALLOW", "HTTP.ABORTED")] {
        assert!(line(&ALLOWED.replace(from, to)).request().is_none(), "{to}");
    }
    let foreign = ALLOWED.replace("\"log_provider\": \"portcullis\"", "\"log_provider\": \"other\"");
    assert!(!line(&foreign).is_ours());
}
