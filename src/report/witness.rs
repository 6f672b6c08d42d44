//! Paths that stand for those which a record does not show. A record names its route's template and never the path, so a
//! replay asks about one path for each way in which the new policy could tell the paths of that template apart.

use std::collections::BTreeSet;

use crate::policy::Policy;
use crate::policy::route::{Part, Template};

/// A segment that is nobody's literal: no route of a policy can be told by it.
const ANY: &str = "~any";

/// Paths that are tried for one template. A policy that cuts one template into more pieces is answered by "it depends".
const MOST: usize = 64;

/// Paths that a request of `template` may have had. `known` are templates that the records' own policy had: a path
/// that one of them claims would have been recorded under it. `None` if there are too many, or if the text is no
/// template.
pub(super) fn paths(template: &str, policy: &Policy, known: &BTreeSet<&str>) -> Option<Vec<String>> {
    let old = Template::parse(template).ok()?;
    let templates = || policy.routes.routes().iter().map(|route| route.template.as_str()).chain(known.iter().copied());
    let parsed: Vec<Template<'_>> = templates().filter_map(|text| Template::parse(text).ok()).collect();
    let depth = parsed.iter().map(|template| template.parts().len()).max().unwrap_or_default();
    let claimed = |path: &str| {
        let rivals = known.iter().filter(|other| **other != template);
        rivals.filter_map(|other| Template::parse(other).ok()).any(|other| is_claimed(path, &old, &other))
    };
    let mut paths: Vec<String> = Vec::new();
    for other in std::iter::once(&old).chain(&parsed) {
        for path in shared(old.parts(), other.parts(), depth) {
            if !paths.contains(&path) && !claimed(&path) {
                paths.push(path);
            }
        }
        if paths.len() > MOST {
            return None;
        }
    }
    Some(paths)
}

/// Whether a path of `template` belongs to `other` all the same, which is more specific.
fn is_claimed(path: &str, template: &Template<'_>, other: &Template<'_>) -> bool {
    let rank = |template: &Template<'_>| -> Vec<u8> {
        let rank = |part: &Part<'_>| match part {
            Part::Literal(_) => 0,
            Part::Named(_) => 1,
            Part::Any => 2,
            Part::Rest => 3,
        };
        template.parts().iter().map(rank).collect()
    };
    matches(other, path) && rank(other) < rank(template)
}

fn matches(template: &Template<'_>, path: &str) -> bool {
    let mut segments = path.split('/').filter(|segment| !segment.is_empty());
    for part in template.parts() {
        match part {
            Part::Rest => return true,
            Part::Literal(text) if segments.next() != Some(text) => return false,
            Part::Named(_) | Part::Any if segments.next().is_none() => return false,
            Part::Literal(_) | Part::Named(_) | Part::Any => {}
        }
    }
    segments.next().is_none()
}

/// Paths of both templates, if there can be any; of tails that both leave open, one for each length up to `depth`.
fn shared(old: &[Part<'_>], new: &[Part<'_>], depth: usize) -> Vec<String> {
    let mut segments = Vec::new();
    for place in 0.. {
        match (old.get(place), new.get(place)) {
            // `**` stands for no segments, too.
            (None, None | Some(Part::Rest)) | (Some(Part::Rest), None) => return vec![rendered(&segments)],
            (Some(Part::Rest), Some(Part::Rest)) => return tails(&segments, depth),
            (Some(Part::Rest), Some(_)) => return rest(segments, &new[place..], depth),
            (Some(_), Some(Part::Rest)) => return rest(segments, &old[place..], depth),
            (Some(Part::Literal(one)), Some(Part::Literal(other))) if one != other => return Vec::new(),
            (Some(Part::Literal(one)), Some(_)) => segments.push(*one),
            (Some(_), Some(other)) => segments.push(text(*other)),
            _ => return Vec::new(),
        }
    }
    Vec::new()
}

/// One template's `**` meets the further parts of the other.
fn rest<'t>(mut segments: Vec<&'t str>, parts: &[Part<'t>], depth: usize) -> Vec<String> {
    for part in parts {
        if *part == Part::Rest {
            return tails(&segments, depth);
        }
        segments.push(text(*part));
    }
    vec![rendered(&segments)]
}

fn tails(segments: &[&str], depth: usize) -> Vec<String> {
    let longest = (depth + 1).saturating_sub(segments.len()).max(1);
    let tail = |length| rendered(&[segments, &vec![ANY; length]].concat());
    // One segment first: it is what a request most likely had.
    std::iter::once(1).chain(std::iter::once(0)).chain(2..=longest).map(tail).collect()
}

const fn text<'t>(part: Part<'t>) -> &'t str {
    match part {
        Part::Literal(text) => text,
        Part::Named(_) | Part::Any | Part::Rest => ANY,
    }
}

fn rendered(segments: &[&str]) -> String {
    if segments.is_empty() { "/".to_owned() } else { format!("/{}", segments.join("/")) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::testing::{policy, route};

    fn of(template: &str, routes: &[&str], known: &[&str]) -> Option<Vec<String>> {
        let routes: Vec<_> =
            routes.iter().enumerate().map(|(place, template)| route(&format!("r{place}"), template).anyone()).collect();
        paths(template, &policy(routes), &known.iter().copied().collect())
    }

    #[test]
    fn a_template_is_cut_where_the_new_policy_cuts_it() {
        let same = of("/o/{id}/address", &["/o/{id}/address", "/healthz"], &[]).expect("paths");
        assert_eq!(same, ["/o/~any/address"]);
        let cut = of("/o/{id}/address", &["/o/{id}/address", "/o/export/address", "/o/*/{part}"], &[]).expect("paths");
        assert_eq!(cut, ["/o/~any/address", "/o/export/address"]);
        let rest = of("/o/**", &["/o/**", "/o", "/o/{id}/address", "/p/**"], &[]).expect("paths");
        assert_eq!(rest, ["/o/~any", "/o", "/o/~any/~any", "/o/~any/~any/~any", "/o/~any/address"]);
        assert_eq!(of("/", &["/**"], &[]).expect("paths"), ["/"]);
    }

    #[test]
    fn what_the_old_policy_told_apart_already_is_left_out() {
        let known = ["/o/**", "/o/{id}/address"];
        assert_eq!(of("/o/**", &known, &known).expect("paths"), ["/o/~any", "/o", "/o/~any/~any", "/o/~any/~any/~any"]);
    }

    #[test]
    fn too_many_pieces_are_no_answer() {
        let routes: Vec<String> = (0..100).map(|number| format!("/o/{number}")).collect();
        let routes: Vec<&str> = routes.iter().map(String::as_str).collect();
        assert_eq!(of("/o/**", &routes, &[]), None);
    }
}
