//! What is sound and may not be what was meant: warnings, and notes for who asks. Nothing here keeps a policy from
//! running.

use std::collections::HashMap;

use super::decode::{Decoder, Fields};
use super::routes::Placed;
use crate::policy::fault::{Code, Fault, quote};
use crate::policy::roles::{RoleIndex, Roles};
use crate::policy::route::{Part, Template};
use crate::policy::yaml::{Node, Value};

/// Words in a parameter's name that speak of a person.
const PERSONAL: &[&str] = &[
    "email",
    "mail",
    "phone",
    "telephone",
    "mobile",
    "fax",
    "address",
    "street",
    "postcode",
    "zip",
    "zipcode",
    "surname",
    "firstname",
    "lastname",
    "fullname",
    "username",
    "birthday",
    "birthdate",
    "dob",
    "ssn",
    "iban",
    "card",
    "passport",
    "buyer",
    "customer",
    "recipient",
    "password",
    "secret",
    "token",
    "gift",
    "latitude",
    "longitude",
    "ip",
];

/// Words that speak of a person together.
const PERSONAL_PAIRS: &[(&str, &str)] = &[
    ("postal", "code"),
    ("first", "name"),
    ("last", "name"),
    ("full", "name"),
    ("user", "name"),
    ("tax", "id"),
    ("date", "birth"),
];

/// Words that take the meaning away: `addressVerified` shows no address, `buyerCount` no buyer.
const HARMLESS: &[&str] = &["count", "verified", "has", "is", "type", "status", "format", "sort", "order"];

/// Routes for personal data that take more than they need.
pub(super) fn wide(d: &mut Decoder<'_>, routes: &[Placed]) {
    for placed in routes.iter().filter(|placed| placed.route.is_pii()) {
        let rest = placed.route.template.as_str().ends_with("/**");
        let (what, label, help) = if rest {
            ("every path below it", "`**` takes what nobody has listed", "name the paths that carry personal data")
        } else if placed.route.methods.is_empty() {
            ("every method", "no `methods`", "list the methods that are needed: `methods: [GET]`")
        } else {
            continue;
        };
        let message = format!("{} gives personal data by {what} (ACC-2)", quote(placed.route.name.as_str()));
        let mut fault = Fault::new(Code::PiiWide, placed.path, message).label(label).help(help).warning();
        if let Some(pii) = placed.pii {
            fault = fault.also(pii, "personal data");
        }
        d.fault(fault);
    }
}

/// Roles that open routes with personal data and routes without: a note for each, at one route of either kind.
pub(super) fn shared_roles(d: &mut Decoder<'_>, routes: &[Placed], roles: &Roles) {
    if !d.options.notes {
        return;
    }
    let mut by_role: HashMap<RoleIndex, [Vec<&Placed>; 2]> = HashMap::new();
    for placed in routes {
        for role in placed.route.allow.iter() {
            by_role.entry(role).or_default()[usize::from(placed.route.is_pii())].push(placed);
        }
    }
    let mut shared: Vec<_> = by_role.into_iter().collect();
    shared.sort_by_key(|(role, _)| role.0);
    for (role, [plain, pii]) in shared {
        let (Some(first), Some(guarded), Some(name)) = (plain.first(), pii.first(), roles.name(role)) else { continue };
        let message = format!(
            "the role {} opens {} routes with personal data and {} without (ACC-2)",
            quote(name.as_str()),
            pii.len(),
            plain.len()
        );
        let fault = Fault::new(Code::SharedRole, first.allow, message)
            .label("without personal data")
            .also(guarded.allow, "with personal data")
            .help("a role of its own for personal data, if not all who have this one need them");
        d.fault(fault.note());
    }
}

/// What the tree itself shows: parameters.
pub(super) fn texts(d: &mut Decoder<'_>, fields: &Fields<'_>) {
    for route in fields.get("routes").map(items).unwrap_or_default() {
        let query = child(route, "log").and_then(|log| child(log, "query")).map(items).unwrap_or_default();
        for item in query {
            if let Value::Scalar(name) = &item.value
                && sounds_personal(name)
            {
                let message = format!("records would show the values of {} (LOG-2)", quote(name));
                let fault = Fault::new(Code::PersonalParameter, item.span, message).label("sounds personal");
                d.fault(fault.help("leave it out: what `log.query` does not list is hidden, and counted").warning());
            }
        }
    }
}

fn child<'t>(node: &'t Node, key: &str) -> Option<&'t Node> {
    let Value::Map(entries) = &node.value else { return None };
    entries.iter().find(|entry| entry.key == key).map(|entry| &entry.value)
}

fn items(node: &Node) -> &[Node] {
    if let Value::List(items) = &node.value { items } else { &[] }
}

fn sounds_personal(name: &str) -> bool {
    let words = words(name);
    let has = |wanted: &str| words.iter().any(|word| word == wanted || word.strip_suffix('s') == Some(wanted));
    if HARMLESS.iter().any(|word| has(word)) {
        return false;
    }
    words == ["name"]
        || PERSONAL.iter().any(|word| has(word))
        || PERSONAL_PAIRS.iter().any(|(one, other)| has(one) && has(other))
}

/// `buyerEmail`, `buyer_email` and `BUYER-EMAIL` as words.
fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut lower = false;
    for c in name.chars() {
        if !c.is_alphanumeric() || (c.is_uppercase() && lower) {
            words.push(String::new());
        }
        lower = c.is_lowercase();
        if let Some(word) = words.last_mut().filter(|_| c.is_alphanumeric()) {
            word.extend(c.to_lowercase());
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

/// Routes that cross: each is the more specific one in another segment, so that the first difference decides.
pub(super) fn overlaps(d: &mut Decoder<'_>, routes: &[Placed]) {
    let parsed: Vec<(usize, Vec<Part<'_>>)> = routes
        .iter()
        .enumerate()
        .filter_map(|(at, placed)| Some((at, Template::parse(placed.route.template.as_str()).ok()?.into_parts())))
        .collect();
    let all: Vec<_> = parsed.iter().map(|(at, parts)| (*at, parts.as_slice())).collect();
    let mut crossed = Vec::new();
    alike(&all, 0, &mut crossed);
    crossed.sort_unstable();
    for (winner, loser) in crossed {
        let (winner, loser) = (&routes[winner], &routes[loser]);
        let path = both(winner.route.template.as_str(), loser.route.template.as_str());
        let message = format!(
            "{} and {} both take {}",
            quote(loser.route.name.as_str()),
            quote(winner.route.name.as_str()),
            quote(&path)
        );
        let fault = Fault::new(Code::Overlap, loser.path, message)
            .label("loses there")
            .also(winner.path, "wins there: it is literal where the two first differ")
            .help("if that is what you want, say it with a route for exactly that path");
        d.fault(fault.warning());
    }
}

type Rows<'p> = [(usize, &'p [Part<'p>])];
type Group<'p> = Vec<(usize, &'p [Part<'p>])>;

/// Most crossings that are looked for: more than are shown.
const MAX_CROSSED: usize = 600;

/// Templates that agree in all segments before `place`.
fn alike(rows: &Rows<'_>, place: usize, crossed: &mut Vec<(usize, usize)>) {
    if rows.len() < 2 || crossed.len() >= MAX_CROSSED {
        return;
    }
    let (literals, wild) = split(rows, place);
    for group in literals.values() {
        alike(group, place + 1, crossed);
        cross(group, &wild, place + 1, crossed);
    }
    // A `**` ends a template: nothing is more specific behind it.
    let going_on: Vec<_> = wild.into_iter().filter(|(_, parts)| parts.get(place) != Some(&Part::Rest)).collect();
    alike(&going_on, place + 1, crossed);
}

/// `winners` were literal where `losers` were not; a crossing is where it is the other way round.
fn cross(winners: &Rows<'_>, losers: &Rows<'_>, place: usize, crossed: &mut Vec<(usize, usize)>) {
    if winners.is_empty() || losers.is_empty() || crossed.len() >= MAX_CROSSED {
        return;
    }
    let (first, first_wild) = split(winners, place);
    let (second, second_wild) = split(losers, place);
    for (literal, group) in &first {
        if let Some(others) = second.get(literal) {
            cross(group, others, place + 1, crossed);
        }
        cross(group, &second_wild, place + 1, crossed);
    }
    for (winner, parts) in &first_wild {
        for (loser, others) in second.values().flatten() {
            if crossed.len() < MAX_CROSSED && meet(&parts[place.min(parts.len() - 1)..], &others[place..]) {
                crossed.push((*winner, *loser));
            }
        }
    }
    // Two templates that both end in `**` here differ no more.
    let (resting, going_on) = by_rest(first_wild, place);
    cross(&going_on, &second_wild, place + 1, crossed);
    cross(&resting, &by_rest(second_wild, place).1, place + 1, crossed);
}

/// Templates that are in their `**` at a place, and the others.
fn by_rest<'p>(rows: Group<'p>, place: usize) -> (Group<'p>, Group<'p>) {
    rows.into_iter().partition(|(_, parts)| at(parts, place) == Some(Part::Rest))
}

/// The part at a place; a `**` goes on for ever.
fn at<'p>(parts: &[Part<'p>], place: usize) -> Option<Part<'p>> {
    parts.get(place).or_else(|| parts.last().filter(|last| **last == Part::Rest)).copied()
}

type Groups<'p> = (HashMap<&'p str, Group<'p>>, Group<'p>);

fn split<'p>(rows: &Rows<'p>, place: usize) -> Groups<'p> {
    let (mut literals, mut wild): Groups<'p> = Default::default();
    for row in rows {
        match at(row.1, place) {
            Some(Part::Literal(text)) => literals.entry(text).or_default().push(*row),
            Some(Part::Named(_) | Part::Any | Part::Rest) => wild.push(*row),
            None => {}
        }
    }
    (literals, wild)
}

/// Whether one path can match both.
fn meet(one: &[Part<'_>], other: &[Part<'_>]) -> bool {
    match (one.split_first(), other.split_first()) {
        (None, None) | (Some((Part::Rest, _)), _) | (_, Some((Part::Rest, _))) => true,
        (None, _) | (_, None) => false,
        (Some((Part::Literal(a), _)), Some((Part::Literal(b), _))) if a != b => false,
        (Some((_, one)), Some((_, other))) => meet(one, other),
    }
}

/// A path that both templates take.
fn both(one: &str, other: &str) -> String {
    let (mut path, mut place) = (String::new(), 0);
    let (one, other) = (Template::parse(one), Template::parse(other));
    let parts = |template: &Result<Template<'_>, _>| template.as_ref().map(|t| t.parts().len()).unwrap_or_default();
    let length = parts(&one).max(parts(&other));
    while place < length {
        let literal =
            [&one, &other].into_iter().find_map(|template| match at(template.as_ref().ok()?.parts(), place) {
                Some(Part::Literal(text)) => Some(text),
                _ => None,
            });
        let ends = [&one, &other].iter().all(|template| {
            template.as_ref().is_ok_and(|template| matches!(at(template.parts(), place), Some(Part::Rest) | None))
        });
        if ends && literal.is_none() {
            break;
        }
        path = format!("{path}/{}", literal.unwrap_or("x"));
        place += 1;
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn personal_names_are_known_in_every_spelling() {
        for personal in ["buyerEmail", "email", "PHONE_NUMBER", "postal-code", "name", "shippingAddress", "buyers"] {
            assert!(sounds_personal(personal), "{personal}");
        }
        for other in ["MarketplaceIds", "CreatedAfter", "reportTypes", "sortOrder", "pageSize", "addressVerified"] {
            assert!(!sounds_personal(other), "{other}");
        }
    }

    #[test]
    fn crossings_are_found_with_their_winner() {
        let crossed = |templates: &[&'static str]| {
            let parsed: Vec<_> = templates
                .iter()
                .enumerate()
                .map(|(at, text)| (at, Template::parse(text).expect("a template").into_parts()))
                .collect();
            let rows: Vec<_> = parsed.iter().map(|(at, parts)| (*at, parts.as_slice())).collect();
            let mut crossed = Vec::new();
            alike(&rows, 0, &mut crossed);
            crossed
        };
        assert_eq!(crossed(&["/{a}/orders", "/shop/{b}"]), [(1, 0)]);
        assert_eq!(crossed(&["/shop/**", "/{a}/orders"]), [(0, 1)]);
        assert_eq!(crossed(&["/shop/**", "/{a}/x/orders"]), [(0, 1)]);
        assert_eq!(crossed(&["/x/{b}/z", "/{a}/y/z"]), [(0, 1)]);
        assert!(crossed(&["/{a}/orders", "/shop/items", "/shop/{b}/c"]).is_empty());
        assert!(crossed(&["/shop/**", "/shop/{a}", "/shop/a", "/**", "/{x}/**"]).is_empty());
        assert!(crossed(&["/x/{b}/z", "/{a}/y/q"]).is_empty());
        assert_eq!(both("/shop/**", "/{a}/x/orders"), "/shop/x/orders");
    }
}
