//! `docs/metrics.md`, made of the families.

use std::fmt::Write as _;

use super::{ALL, APP_BOUNDS, COMMIT_BOUNDS, MOST_LIMITS, MOST_ROUTES, MOST_RULES, MOST_SERIES, OWN_BOUNDS, Row};

/// The reference, in Markdown.
pub fn reference() -> String {
    let mut text = String::from(
        "# Metrics\n\nThis page is made of `src/telemetry/metrics.rs`; a test holds the two together.\n\n\
         With `metrics: { listen: \"127.0.0.1:9090\" }` in the policy, Prometheus scrapes the gate at `/metrics`, in the \
         text format of version 0.0.4. Without that key nothing is counted and nothing listens. [`deploy/monitoring`]\
         (../deploy/monitoring) has a scrape configuration, alert rules and a dashboard; [operations](operations.md) says \
         what to do when one of them speaks up.\n\n\
         Label values are names of the policy and words of the program, never text of a request: no person stands in \
         them, and no client can add to them.\n\n",
    );
    // Writing to a String cannot fail.
    let _ = writeln!(
        text,
        "A gate shows at most {MOST_SERIES} series. The first {MOST_ROUTES} routes, {MOST_LIMITS} limits and {MOST_RULES} rules of \
         alarms of the policy have series of their own; what comes after them is counted together as `(other)`. Requests that no route was \
         found for are counted as `(none)`. Series of a route, limit or rule end with the reload that removes it, and go on \
         through one that keeps it. Codes have a series from their first count on.\n",
    );
    text.push_str("| metric | type | labels | meaning |\n|---|---|---|---|\n");
    for Row { name, kind, labels, help } in ALL {
        let labels: Vec<String> = labels.iter().map(|label| format!("`{label}`")).collect();
        let _ = writeln!(text, "| `{name}` | {kind} | {} | {help} |", labels.join(", "));
    }
    text.push_str("\n## Buckets\n\nUpper bounds in seconds.\n\n| metric | bounds |\n|---|---|\n");
    for (name, bounds) in [
        (super::GATE_SECONDS.name, OWN_BOUNDS),
        (super::REQUEST_SECONDS.name, APP_BOUNDS),
        (super::UPSTREAM_SECONDS.name, APP_BOUNDS),
        (super::COMMIT_SECONDS.name, COMMIT_BOUNDS),
    ] {
        let bounds: Vec<String> = bounds
            .iter()
            .map(|micros| {
                let text = format!("{}.{:06}", micros / 1_000_000, micros % 1_000_000);
                text.trim_end_matches('0').trim_end_matches('.').to_owned()
            })
            .collect();
        let _ = writeln!(text, "| `{name}` | {} |", bounds.join(", "));
    }
    text
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    #[test]
    fn the_reference_is_up_to_date() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/metrics.md");
        let text = super::reference();
        if std::env::var_os("UPDATE_GOLDEN").is_some() {
            std::fs::write(&path, &text).expect("written");
        }
        let written = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(written == text, "docs/metrics.md is old: run `UPDATE_GOLDEN=1 cargo test --lib metrics::`");
    }
}
