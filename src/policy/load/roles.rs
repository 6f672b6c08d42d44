//! `roles:`

use std::collections::{HashMap, HashSet};

use super::decode::Decoder;
use super::generic::Excuses;
use super::suggest::did_you_mean;
use crate::policy::fault::{Code, Fault, quote};
use crate::policy::roles::{MAX_ROLES, RoleIndex, Roles};
use crate::policy::settings::CallerMethod;
use crate::policy::shape;
use crate::policy::source::Span;
use crate::policy::yaml::{Node, Value};
use crate::redact::Name;

/// Members of all roles together.
const MAX_MEMBERS: usize = 100_000;

/// The role that everybody has, whoever it is.
pub(super) const ANYONE: &str = "anyone";

const PREFIXES: &[&str] = &["user:", "group:", "cert:", "key:"];
const RIGHTS: &[(&str, ())] =
    &[("view", ()), ("quarantine", ()), ("unlock", ()), ("reload", ()), ("export", ()), ("erase", ())];

/// Roles by name, with what the checks on routes need to know of them.
#[derive(Default)]
pub(super) struct RoleBook<'t> {
    roles: Vec<Role<'t>>,
    by_name: HashMap<&'t str, RoleIndex>,
}

struct Role<'t> {
    name: Name,
    span: Span,
    members: Vec<&'t str>,
    admin: bool,
}

impl<'t> RoleBook<'t> {
    /// A role's place in the policy.
    pub(super) fn find(&self, name: &str) -> Option<RoleIndex> {
        self.by_name.get(name).copied()
    }

    /// All names, for suggestions.
    pub(super) fn names(&self) -> impl Iterator<Item = &'t str> {
        self.by_name.keys().copied()
    }

    /// The running form.
    pub(super) fn compile(self) -> Roles {
        Roles::new(self.roles.into_iter().map(|role| (role.name, role.members)))
    }

    /// Notes roles that no route allows.
    pub(super) fn report_unused(&self, d: &mut Decoder<'_>, used: &HashSet<RoleIndex>) {
        for role in self.roles.iter().filter(|role| !role.admin) {
            if self.find(role.name.as_str()).is_some_and(|index| !used.contains(&index)) {
                let fault =
                    Fault::new(Code::NobodyNeeds, role.span, format!("no route allows {}", quote(role.name.as_str())))
                        .label("opens nothing")
                        .help("allow it on a route, or take it out: what nobody needs nobody should have (ID-3)");
                d.fault(fault.warning());
            }
        }
    }
}

/// Decodes the section. `methods` are those of `callers:`, to find members that can never prove who they are.
pub(super) fn roles<'t>(
    d: &mut Decoder<'_>,
    node: &'t Node,
    methods: &[CallerMethod],
    excuses: &mut Excuses<'_>,
) -> RoleBook<'t> {
    let mut book = RoleBook::default();
    let Some(entries) = d.entries(node, "roles") else { return book };
    if entries.len() > MAX_ROLES {
        d.fault(Fault::new(Code::Bound, node.span, format!("more than {MAX_ROLES} roles")));
    }
    let mut total = 0;
    for (index, entry) in (0..=u8::MAX).zip(entries) {
        let Some(name) = role_name(d, &entry.key, entry.key_span) else { continue };
        let Some(fields) = d.fields(&entry.value, &shape::ROLE) else { continue };
        let members = match fields.get("members") {
            Some(node) => members(d, node, methods, &mut total, excuses),
            None => Vec::new(),
        };
        let admin = fields.get("admin");
        if let Some(node) = admin {
            rights(d, node);
            d.part("roles.admin", fields.entry("admin").map_or(node.span, |entry| entry.key_span));
        }
        if members.is_empty()
            && fields.get("members").is_none_or(|node| matches!(&node.value, Value::List(l) if l.is_empty()))
        {
            let fault =
                Fault::new(Code::NobodyHas, entry.key_span, format!("nobody has the role {}", quote(&entry.key)))
                    .label("no members")
                    .help("give it members (`user:…`, `group:…`, `cert:…`, `key:…`), or take it out");
            d.fault(fault);
        }
        book.by_name.insert(&entry.key, RoleIndex(index));
        book.roles.push(Role { name, span: entry.key_span, members, admin: admin.is_some() });
    }
    if total > MAX_MEMBERS {
        let fault =
            Fault::new(Code::Bound, node.span, format!("more than {MAX_MEMBERS} members in all roles together"));
        d.fault(fault.help("use groups"));
    }
    book
}

fn role_name(d: &mut Decoder<'_>, key: &str, span: Span) -> Option<Name> {
    if key == ANYONE {
        let fault = Fault::new(Code::Reserved, span, "`anyone` is not a role that can be given out")
            .label("reserved")
            .help("it stands for callers without any identity, in `allow: [anyone]`");
        d.fault(fault);
        return None;
    }
    match Name::configured(key) {
        Ok(name) => Some(name),
        Err(why) => {
            d.fault(Fault::new(Code::Name, span, format!("the role's name {why}")));
            None
        }
    }
}

fn rights(d: &mut Decoder<'_>, node: &Node) {
    for item in d.filled_list(node, "roles.admin").unwrap_or_default() {
        d.word(item, "roles.admin", RIGHTS);
    }
}

fn members<'t>(
    d: &mut Decoder<'_>,
    node: &'t Node,
    methods: &[CallerMethod],
    total: &mut usize,
    excuses: &mut Excuses<'_>,
) -> Vec<&'t str> {
    let mut seen: HashMap<&str, Span> = HashMap::new();
    let mut members = Vec::new();
    for item in d.list(node, "members").unwrap_or_default() {
        *total += 1;
        let Some(text) = d.text(item, "a member") else { continue };
        if let Some(first) = seen.insert(text, item.span) {
            d.twice("members", text, item.span, first);
            continue;
        }
        if is_member(d, item, text) {
            report_unproven(d, item, text, methods);
            excuses.check(d, text, item.span);
            members.push(text);
        }
    }
    members
}

fn is_member(d: &mut Decoder<'_>, item: &Node, text: &str) -> bool {
    let prefix = PREFIXES.iter().find(|prefix| text.starts_with(**prefix));
    if prefix.is_some_and(|prefix| text.len() > prefix.len()) {
        return true;
    }
    let help = match text.split_once(':') {
        Some((prefix, _)) => did_you_mean(&format!("{prefix}:"), PREFIXES.iter().copied()),
        None => None,
    };
    let help = help.unwrap_or_else(|| {
        "say how it proves its name: `user:` a token's subject, `group:` a token's group, \
         `cert:` a certificate's name, `key:` an API key's owner"
            .to_owned()
    });
    let message = format!("{} is no user, group, certificate or key", quote(text));
    d.fault(Fault::new(Code::Member, item.span, message).label("unknown kind of member").help(help));
    false
}

fn report_unproven(d: &mut Decoder<'_>, item: &Node, member: &str, methods: &[CallerMethod]) {
    let has = |wanted: fn(&CallerMethod) -> bool| methods.iter().any(wanted);
    let token = has(|method| matches!(method, CallerMethod::Token(_)));
    let key = has(|method| matches!(method, CallerMethod::ApiKey(_)));
    let (provable, needs) = match member.split_once(':').map_or("", |(prefix, _)| prefix) {
        "user" => (token, "token"),
        "group" => (token || key, "token"),
        "cert" => (has(|method| matches!(method, CallerMethod::Certificate(_))), "certificate"),
        _ => (key, "api_key"),
    };
    if !provable {
        let fault = Fault::new(Code::Unproven, item.span, format!("nobody can prove to be {}", quote(member)))
            .label(format!("`callers` has no `{needs}`"))
            .help(format!("add a `{needs}` entry to `callers`, or take the member out"));
        d.fault(fault.warning());
    }
}
