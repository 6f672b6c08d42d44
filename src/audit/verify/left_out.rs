//! What a sink did not get by the policy, as LOG.SAMPLED declares it: a copy that lacks just that is whole as a copy.

use std::collections::BTreeMap;

use super::facts::{number_after, text_after};

/// Records between two sequence numbers that a sink did not get.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LeftOut {
    /// They are not before this one.
    pub first: u64,
    /// Nor after this one.
    pub last: u64,
    /// How many, of those that are not yet accounted for.
    pub count: u64,
}

impl LeftOut {
    /// Reads it from a record whose code is LOG.SAMPLED, and puts it to what its sink did not get before: spans that touch
    /// are one. What is said twice, after a crash, counts twice and excuses no more than what is missing. What is said of
    /// another epoch's numbers excuses nothing in `epoch`.
    pub fn read(record: &[u8], epoch: Option<&str>, all: &mut BTreeMap<String, Vec<Self>>) {
        let mut rest = record;
        let named = text_after(&mut { record }, b"\"epoch\":\"");
        if named.is_some() && named != epoch {
            return;
        }
        let mut read = || {
            let count = number_after(&mut rest, b"\"count\":")?;
            let first = number_after(&mut rest, b"\"first_sequence\":")?;
            let last = number_after(&mut rest, b"\"last_sequence\":")?;
            Some((Self { first, last, count }, text_after(&mut rest, b"\"sink\":\"")?))
        };
        let Some((span, sink)) = read().filter(|(span, _)| span.first <= span.last) else { return };
        let spans = all.entry(sink.to_owned()).or_default();
        match spans.last_mut() {
            Some(before) if span.first <= before.last.saturating_add(1) => {
                before.first = before.first.min(span.first);
                before.last = before.last.max(span.last);
                before.count = before.count.saturating_add(span.count);
            }
            _ => spans.push(span),
        }
    }

    /// Whether a sink did not get just these records; they are accounted for then.
    pub fn explain(all: &mut BTreeMap<String, Vec<Self>>, first: u64, last: u64) -> bool {
        let count = last - first + 1;
        let fits = |span: &&mut Self| span.first <= first && last <= span.last && count <= span.count;
        all.values_mut().flatten().find(fits).map(|span| span.count -= count).is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sample_explains_as_many_records_as_it_says_and_no_more() {
        let record = |first: u64, last: u64, count: u64, sink: &str| {
            format!(
                r#"{{"count":{count},"unmapped":{{"portcullis":{{"first_sequence":{first},"last_sequence":{last},"prev":"","sink":"{sink}"}}}}}}"#
            )
        };
        let mut all = BTreeMap::new();
        for (first, last, count, sink) in [(10, 19, 6, "a"), (20, 29, 3, "a"), (10, 12, 1, "b"), (40, 49, 2, "a")] {
            LeftOut::read(record(first, last, count, sink).as_bytes(), Some("e"), &mut all);
        }
        LeftOut::read(b"{}", None, &mut all);
        let other = record(10, 19, 9, "a").replace("\"first", "\"epoch\":\"f\",\"first");
        LeftOut::read(other.as_bytes(), Some("e"), &mut all);
        assert_eq!(all["a"], [LeftOut { first: 10, last: 29, count: 9 }, LeftOut { first: 40, last: 49, count: 2 }]);
        assert!(LeftOut::explain(&mut all, 17, 22));
        assert!(!LeftOut::explain(&mut all, 23, 27), "only three are left");
        assert!(!LeftOut::explain(&mut all, 39, 40) && !LeftOut::explain(&mut all, 28, 30));
        assert!(LeftOut::explain(&mut all, 40, 41) && !LeftOut::explain(&mut all, 43, 43));
    }
}
