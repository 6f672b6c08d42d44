//! Checks that need all routes at once: which can never match, and whether personal data has a role of its own.

use std::collections::{HashMap, HashSet};

use super::decode::Decoder;
use super::routes::Placed;
use super::template;
use crate::policy::fault::{Code, Fault, quote};
use crate::policy::roles::RoleIndex;
use crate::policy::settings::PathProfile;

/// Notes routes that another one hides: one template and a shared method, or a template that always loses.
pub(super) fn unreachable(d: &mut Decoder<'_>, routes: &[Placed], profile: PathProfile) {
    let mut by_shape: HashMap<String, Vec<&Placed>> = HashMap::new();
    for placed in routes {
        by_shape.entry(template::shape(placed.route.template.as_str(), profile)).or_default().push(placed);
    }
    let mut by_reach: HashMap<String, Vec<&str>> = HashMap::new();
    for (shape, group) in &by_shape {
        same_template(d, group);
        by_reach.entry(template::reach(shape)).or_default().push(shape);
    }
    for mut shapes in by_reach.into_values() {
        shapes.sort_by_key(|shape| template::precedence(shape));
        let Some((winner, losers)) = shapes.split_first() else { continue };
        let Some(winner) = by_shape.get(*winner).and_then(|group| group.first()) else { continue };
        for placed in losers.iter().filter_map(|shape| by_shape.get(*shape)).flatten() {
            let fault = Fault::new(
                Code::Unreachable,
                placed.path,
                format!("{} can never match", quote(placed.route.name.as_str())),
            )
            .label("`*` where the other has a parameter")
            .also(winner.path, "always wins: the more specific template is taken, whatever the method")
            .help("write both templates alike");
            d.fault(fault);
        }
    }
}

/// Routes of one template must differ by method.
fn same_template(d: &mut Decoder<'_>, group: &[&Placed]) {
    // The first route without a list of methods takes them all.
    let mut taken: HashMap<&str, &Placed> = HashMap::new();
    let mut all: Option<&Placed> = None;
    for placed in group {
        let methods = &placed.route.methods;
        let other = match all {
            Some(other) => Some((other, "every method".to_owned())),
            None if methods.is_empty() => {
                taken.values().min_by_key(|p| p.route.index).map(|p| (*p, "every method".to_owned()))
            }
            None => methods.iter().find_map(|m| taken.get(m.as_str()).map(|p| (*p, m.as_str().to_owned()))),
        };
        if let Some((other, method)) = other {
            let message = format!(
                "{} has the template of {}, and both take {method}",
                quote(placed.route.name.as_str()),
                quote(other.route.name.as_str())
            );
            let fault = Fault::new(Code::Unreachable, placed.path, message)
                .label("the same paths again")
                .also(other.path, "the other one")
                .help("make them one route, or give them different methods");
            d.fault(fault);
            continue;
        }
        if methods.is_empty() {
            all = Some(placed);
        }
        for method in methods {
            taken.insert(method.as_str(), placed);
        }
    }
}

/// ACC-2: a route for personal data is for some, not for all. Somebody must be allowed, not `anyone`; and where there
/// is more than one role that opens any route, at least one of them must not open this one.
pub(super) fn personal_data(d: &mut Decoder<'_>, routes: &[Placed], used: &HashSet<RoleIndex>) {
    for placed in routes.iter().filter(|placed| placed.route.is_pii()) {
        let name = quote(placed.route.name.as_str());
        let everybody = used.len() > 1 && used.iter().all(|role| placed.route.allow.contains(*role));
        let (message, label) = if placed.route.anyone {
            (format!("{name} gives personal data to anyone (ACC-2)"), "no identity needed")
        } else if everybody {
            (format!("{name} gives personal data to every role that there is (ACC-2)"), "all roles")
        } else {
            continue;
        };
        let mut fault = Fault::new(Code::Pii, placed.allow, message).label(label).help(
            "allow only the roles that need these data for their work; give the others a role of their own, \
             and a route without personal data",
        );
        if let Some(pii) = placed.pii {
            fault = fault.also(pii, "personal data");
        }
        d.fault(fault);
    }
}
