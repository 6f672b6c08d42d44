//! Queries of metrics and of log streams (PromQL, LogQL): what a dashboard or an operator asked, and no words of a buyer.
//! They are searched like a line, for what they compare with may be somebody's.

use crate::redact::detect::text::{Listed, run};

/// Functions and aggregations that stand before a bracket.
static FUNCTIONS: Listed = Listed::new(&[
    "sum",
    "avg",
    "min",
    "max",
    "count",
    "stddev",
    "stdvar",
    "topk",
    "bottomk",
    "quantile",
    "group",
    "rate",
    "irate",
    "increase",
    "delta",
    "idelta",
    "deriv",
    "changes",
    "resets",
    "absent",
    "ceil",
    "floor",
    "round",
    "clamp",
    "clamp_min",
    "clamp_max",
    "scalar",
    "vector",
    "sort",
    "sort_desc",
    "time",
    "timestamp",
    "hour",
    "minute",
    "label_replace",
    "label_join",
    "histogram_quantile",
    "predict_linear",
    "holt_winters",
    "count_values",
    "abs",
    "sqrt",
    "exp",
    "bytes_rate",
    "label_values",
    "unwrap",
]);

/// Signs and words between what is asked of two series.
const OPERATORS: [&[u8]; 17] = [
    b"==", b"!=", b">=", b"<=", b">", b"<", b"+", b"-", b"*", b"/", b"%", b"^", b"and", b"or", b"unless", b"by",
    b"without",
];

/// Whether `value` is a query of metrics or of log streams.
pub fn is_query(value: &[u8]) -> bool {
    let value = value.trim_ascii();
    let value = &value[run(value, 0, 8, |byte| byte == b'(')..];
    // `100 - (…)`
    let number = run(value, 0, 16, |byte| byte.is_ascii_digit() || byte == b'.');
    if number > 0 && value.get(number) == Some(&b' ') {
        return is_joined(&value[number..]) && value.contains(&b'(') && is_query(&value[number + 3..]);
    }
    let name = run(value, 0, 96, |byte| {
        byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte.is_ascii_uppercase() || matches!(byte, b'_' | b':')
    });
    let rest = &value[name..];
    match rest.first() {
        Some(b'(') => is_function(&value[..name]),
        Some(b'{') => is_selector(&rest[1..]),
        Some(b'[') => name > 0 && is_range(&rest[1..]),
        // `sum by (pod) (…)`
        Some(b' ') if FUNCTIONS.has(&value[..name]) => {
            [&b" by ("[..], b" without ("].iter().any(|by| rest.starts_with(by))
        }
        // `up == 0`, `a_total / b_total`
        Some(b' ') => {
            is_series(&value[..name])
                && value.trim_ascii_end().split(|byte| *byte == b' ').count() == 3
                && is_joined(rest)
        }
        None => value[..name].contains(&b'_') && is_series(&value[..name]) && is_counted(&value[..name]),
        _ => false,
    }
}

fn is_function(name: &[u8]) -> bool {
    FUNCTIONS.has(name) || [&b"_over_time"[..], b"_quantile"].iter().any(|end| name.ends_with(end))
}

/// `job="checkout",code=~"5.."}`
fn is_selector(rest: &[u8]) -> bool {
    let label = run(rest, 0, 48, |byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_');
    rest.first() == Some(&b'}')
        || label > 0
            && matches!(rest[label..], [b'=' | b'!'] | [b'=', ..] | [b'!', b'=' | b'~', ..])
            && matches!(rest.get(label + 1), None | Some(b'"' | b'\'' | b'~' | b'=' | b'\\' | b'`'))
}

/// `5m]`
fn is_range(rest: &[u8]) -> bool {
    let digits = run(rest, 0, 6, |byte| byte.is_ascii_digit());
    digits > 0 && matches!(rest.get(digits), Some(b'm' | b's' | b'h' | b'd' | b'w'))
}

/// A name of a series: small letters, and most often underscores.
fn is_series(name: &[u8]) -> bool {
    name.len() >= 2
        && name[0].is_ascii_lowercase()
        && name.iter().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'_' | b':'))
}

/// `http_requests_total`: what a series counts, as its last word says (the conventions of Prometheus).
fn is_counted(name: &[u8]) -> bool {
    [&b"_total"[..], b"_seconds", b"_bytes", b"_count", b"_sum", b"_bucket", b"_ratio", b"_info", b"_created"]
        .iter()
        .any(|end| name.ends_with(end))
}

/// A sign between two things, and a number or a series behind it.
fn is_joined(rest: &[u8]) -> bool {
    let rest = rest.trim_ascii_start();
    let length = run(rest, 0, 8, |byte| byte > b' ');
    let behind = rest.get(length + 1..).unwrap_or_default();
    let word = run(behind, 0, 96, |byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b':' | b'.'));
    OPERATORS.contains(&&rest[..length])
        && (behind.first() == Some(&b'(')
            || word > 0 && (behind[0].is_ascii_digit() || is_function(&behind[..word]) || is_counted(&behind[..word])))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_dashboards_ask_is_known() {
        for query in [
            r#"sum(rate(http_requests_total{job="checkout"}[5m])) by (pod)"#,
            r#"{app="shop"} |= "timeout" | json"#,
            r#"kube_pod_status_ready{condition="true"} == 0"#,
            "up == 0",
            "node_load1 > 4",
            "a_total / b_total",
            "100 - (avg by (instance) (irate(x[5m])) * 100)",
            "http_requests_total",
            "process_cpu_seconds_total[5m]",
            r#"count_over_time({app="shop"} |~ "error" [5m])"#,
            "histogram_quantile(0.99, x)",
        ] {
            assert!(is_query(query.as_bytes()), "{query}");
        }
        for words in [
            "where is my parcel",
            "petra beispiel",
            "jane_doe",
            "up",
            "chair (oak)",
            "chair(oak)",
            "lego > 5 years",
            "100 - 200 euro",
            "{name}",
            "",
        ] {
            assert!(!is_query(words.as_bytes()), "{words}");
        }
    }
}
