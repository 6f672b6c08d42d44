//! `roles:`

use std::collections::{HashMap, HashSet};

use super::admin::OperatorsProve;
use super::decode::Decoder;
use super::generic::Excuses;
use super::suggest::did_you_mean;
use crate::policy::fault::{Code, Fault, quote};
use crate::policy::rights::{Right, Rights};
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

const PREFIXES: &[&str] = &["user:", "group:", "cert:", "key:", "uid:", "gid:"];

/// A right, or the part that is not built of what it would allow.
const RIGHTS: &[(&str, Result<Right, &str>)] = &[
    ("view", Ok(Right::View)),
    ("quarantine", Ok(Right::Quarantine)),
    ("unlock", Ok(Right::Unlock)),
    ("reload", Ok(Right::Reload)),
    ("drain", Ok(Right::Drain)),
    ("log", Ok(Right::Log)),
    ("export", Err("roles.admin.export")),
    ("erase", Err("roles.admin.erase")),
];

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
    admin: Option<Rights>,
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
        let rights = self.roles.iter().map(|role| role.admin.unwrap_or_default()).collect();
        Roles::new(self.roles.into_iter().map(|role| (role.name, role.members))).with_rights(rights)
    }

    /// Notes roles that no route allows.
    pub(super) fn report_unused(&self, d: &mut Decoder<'_>, used: &HashSet<RoleIndex>) {
        for role in self.roles.iter().filter(|role| role.admin.is_none()) {
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

/// Decodes the section. `methods` are those of `callers:`, and `operators` how operators do it, to find members that can
/// never prove who they are.
pub(super) fn roles<'t>(
    d: &mut Decoder<'_>,
    node: &'t Node,
    methods: &[CallerMethod],
    operators: OperatorsProve,
    excuses: &mut Excuses<'_>,
) -> RoleBook<'t> {
    let mut book = RoleBook::default();
    let Some(entries) = d.entries(node, "roles") else { return book };
    if entries.len() > MAX_ROLES {
        d.fault(Fault::new(Code::Bound, node.span, format!("more than {MAX_ROLES} roles")));
    }
    let provers = Provers { methods, operators };
    let mut total = 0;
    for (index, entry) in (0..=u8::MAX).zip(entries) {
        let Some(name) = role_name(d, &entry.key, entry.key_span) else { continue };
        let Some(fields) = d.fields(&entry.value, &shape::ROLE) else { continue };
        let members = match fields.get("members") {
            Some(node) => members(d, node, &provers, &mut total, excuses),
            None => Vec::new(),
        };
        let admin = fields.get("admin").map(|node| rights(d, node));
        if admin.is_some() && operators == OperatorsProve::default() {
            let span = fields.entry("admin").map_or(entry.key_span, |entry| entry.key_span);
            let fault = Fault::new(Code::NobodyNeeds, span, "rights of operators without `admin:` open nothing");
            d.fault(fault.help("add `admin:` with `listen` or `socket`, or take the rights out").warning());
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
        book.roles.push(Role { name, span: entry.key_span, members, admin });
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

fn rights(d: &mut Decoder<'_>, node: &Node) -> Rights {
    let mut rights = Vec::new();
    for item in d.filled_list(node, "roles.admin").unwrap_or_default() {
        match d.word(item, "roles.admin", RIGHTS) {
            Some(Ok(right)) => rights.push(right),
            Some(Err(part)) => d.part(part, item.span),
            None => {}
        }
    }
    rights.into_iter().collect()
}

/// How somebody can prove who it is.
struct Provers<'m> {
    methods: &'m [CallerMethod],
    operators: OperatorsProve,
}

fn members<'t>(
    d: &mut Decoder<'_>,
    node: &'t Node,
    provers: &Provers<'_>,
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
            report_unproven(d, item, text, provers);
            excuses.check(d, text, item.span);
            members.push(text);
        }
    }
    members
}

fn is_member(d: &mut Decoder<'_>, item: &Node, text: &str) -> bool {
    let prefix = PREFIXES.iter().find(|prefix| text.starts_with(**prefix));
    // The kernel knows users and groups by number.
    let fits = |prefix: &str, rest: &str| !matches!(prefix, "uid:" | "gid:") || rest.parse::<u32>().is_ok();
    if prefix.is_some_and(|prefix| text.len() > prefix.len() && fits(prefix, &text[prefix.len()..])) {
        return true;
    }
    let help = match text.split_once(':') {
        Some((prefix, _)) => did_you_mean(&format!("{prefix}:"), PREFIXES.iter().copied()),
        None => None,
    };
    let help = help.unwrap_or_else(|| {
        "say how it proves its name: `user:` a token's subject, `group:` a token's group, \
         `cert:` a certificate's name, `key:` an API key's owner, `uid:` or `gid:` a number on `admin.socket`"
            .to_owned()
    });
    let message = format!("{} is no user, group, certificate or key", quote(text));
    d.fault(Fault::new(Code::Member, item.span, message).label("unknown kind of member").help(help));
    false
}

fn report_unproven(d: &mut Decoder<'_>, item: &Node, member: &str, provers: &Provers<'_>) {
    let has = |wanted: fn(&CallerMethod) -> bool| provers.methods.iter().any(wanted);
    let token = has(|method| matches!(method, CallerMethod::Token(_)));
    let key = has(|method| matches!(method, CallerMethod::ApiKey(_)));
    let (provable, needs) = match member.split_once(':').map_or("", |(prefix, _)| prefix) {
        "user" => (token, "token"),
        "group" => (token || key, "token"),
        "cert" => (
            provers.operators.certificate || has(|method| matches!(method, CallerMethod::Certificate(_))),
            "certificate",
        ),
        "uid" | "gid" => {
            if !provers.operators.peer {
                let message = format!("nobody can prove to be {}", quote(member));
                let fault = Fault::new(Code::Unproven, item.span, message).label("there is no `admin.socket`");
                d.fault(fault.help("add `admin: { socket: … }`, or take the member out").warning());
            }
            return;
        }
        _ => (key, "api_key"),
    };
    if !provable {
        let fault = Fault::new(Code::Unproven, item.span, format!("nobody can prove to be {}", quote(member)))
            .label(format!("`callers` has no `{needs}`"))
            .help(format!("add a `{needs}` entry to `callers`, or take the member out"));
        d.fault(fault.warning());
    }
}
