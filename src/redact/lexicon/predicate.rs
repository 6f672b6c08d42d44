//! What a key asks of a field: `lastname_cont`, `lastname__icontains`, `filter[lastname][like]`, `lastName.keyword`. How a
//! value is compared says nothing of what it is, so the field before it decides.

/// Comparisons that a search's key ends in, behind an underscore (Ransack, Hasura, json-server).
const COMPARED: [&[u8]; 18] = [
    b"_cont",
    b"_not_cont",
    b"_i_cont",
    b"_cont_any",
    b"_cont_all",
    b"_eq",
    b"_not_eq",
    b"_eq_any",
    b"_like",
    b"_ilike",
    b"_contains",
    b"_icontains",
    b"_startswith",
    b"_istartswith",
    b"_endswith",
    b"_starts_with",
    b"_equals",
    b"_i18n",
];
/// The same that are words of other keys as well: only in brackets, or after a name.
const AMBIGUOUS: [&[u8]; 6] = [b"_start", b"_end", b"_matches", b"_start_any", b"_end_any", b"_matches_any"];
/// Look-ups behind two underscores (Django).
const LOOKED_UP: [&[u8]; 14] = [
    b"__exact",
    b"__iexact",
    b"__contains",
    b"__icontains",
    b"__startswith",
    b"__istartswith",
    b"__endswith",
    b"__iendswith",
    b"__regex",
    b"__iregex",
    b"__in",
    b"__like",
    b"__ilike",
    b"__search",
];
/// Other forms of a field in an index.
const FORMS: [&[u8]; 7] = [b".keyword", b".raw", b".exact", b".ngram", b".lowercase", b".normalized", b".folded"];
/// Comparisons that stand in brackets or behind a dot and a dollar sign.
const OPERATORS: [&[u8]; 22] = [
    b"contains",
    b"icontains",
    b"like",
    b"ilike",
    b"eq",
    b"ne",
    b"in",
    b"exact",
    b"equals",
    b"partial",
    b"starts_with",
    b"startsWith",
    b"start",
    b"ends_with",
    b"endsWith",
    b"$eq",
    b"$in",
    b"$regex",
    b"$contains",
    b"$containsi",
    b"$startsWith",
    b"$eqi",
];

/// The key without what it asks, and without the suffix of a field that a customer of Salesforce made
/// (`Order_Origin__c`).
#[inline]
pub(super) fn subject(key: &[u8]) -> &[u8] {
    match key {
        [name @ .., b'_', b'_', b'c'] if !name.is_empty() => name,
        [_, .., b']'] => bracketed(key),
        // `cont any all eq like contains startswith equals …`: most keys end otherwise.
        [_, .., first, last] => match &[*first, *last] {
            b"nt" | b"ny" | b"ll" | b"eq" | b"ke" | b"ns" | b"th" | b"ls" | b"8n" | b"rt" | b"nd" | b"es" | b"ct"
            | b"ex" | b"in" | b"ch" | b"rd" | b"aw" | b"am" | b"se" | b"ed" => asked(key),
            _ => key,
        },
        _ => key,
    }
}

fn asked(key: &[u8]) -> &[u8] {
    // A predicate begins with a mark, and is short.
    let near = &key[key.len().saturating_sub(14)..];
    if !near.iter().any(|byte| matches!(byte, b'_' | b'.')) {
        return key;
    }
    let ends = [&LOOKED_UP[..], &COMPARED, &FORMS];
    let end = ends.into_iter().flatten().find(|end| key.len() > end.len() && key.ends_with(end));
    let end = end.or_else(|| {
        AMBIGUOUS.iter().find(|end| {
            key.strip_suffix(**end).is_some_and(|stem| {
                stem.contains(&b'[') || stem.ends_with(b"name") || stem.ends_with(b"mail") || stem.ends_with(b"phone")
            })
        })
    });
    match end {
        Some(end) => &key[..key.len() - end.len()],
        None => key,
    }
}

/// `filter[lastname][like]`, `q[lastname_cont]`
fn bracketed(key: &[u8]) -> &[u8] {
    let Some(open) = memchr::memrchr(b'[', key).filter(|open| *open > 0) else { return key };
    let inner = &key[open + 1..key.len() - 1];
    if OPERATORS.contains(&inner) {
        return &key[..open];
    }
    let stem = asked(&key[..key.len() - 1]);
    if stem.len() + 1 < key.len() && stem.len() > open + 1 { stem } else { key }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_key_asks_is_not_what_it_is_of() {
        for (key, of) in [
            ("bill_address_lastname_cont", "bill_address_lastname"),
            ("q[bill_address_lastname_start]", "q[bill_address_lastname"),
            ("lastname_start", "lastname"),
            ("buyer__lastname__icontains", "buyer__lastname"),
            ("filter[lastname][like]", "filter[lastname]"),
            ("lastName.keyword", "lastName"),
            ("filters[email][$eqi]", "filters[email]"),
            ("Order_Origin__c", "Order_Origin"),
        ] {
            assert_eq!(subject(key.as_bytes()), of.as_bytes(), "{key}");
        }
        for key in ["session_start", "_eq", "email_count", "buyer[name]", "content", "window_end", "__in", "cont"] {
            assert_eq!(subject(key.as_bytes()), key.as_bytes(), "{key}");
        }
    }
}
