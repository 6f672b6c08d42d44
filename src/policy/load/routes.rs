//! `routes:`

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use super::audit::COMMITS;
use super::decode::{Decoder, Fields};
use super::gate::body;
use super::limits::LimitBook;
use super::roles::{ANYONE, RoleBook};
use super::suggest::did_you_mean;
use super::template::{self, TemplateFault};
use crate::policy::fault::{Code, Fault, quote};
use crate::policy::roles::RoleSet;
use crate::policy::route::Route;
use crate::policy::settings::{Limit, Mode, PathProfile};
use crate::policy::shape;
use crate::policy::source::Span;
use crate::policy::yaml::{Entry, Node, Value};
use crate::redact::Name;

/// Routes of a policy: the marketplace's whole interface has some four hundred.
const MAX_ROUTES: usize = 10_000;

/// The marketplace's own wide definition of personal data, as words.
const PII_KINDS: &[&str] = &[
    "name",
    "address",
    "email",
    "phone",
    "gift_message",
    "survey",
    "payment",
    "purchase",
    "cookie",
    "fingerprint",
    "ip_address",
    "location",
    "device",
    "tax_id",
    "id_number",
    "document",
    "customization",
    "free_text",
    "image",
    "health",
];

/// What routes refer to.
pub(super) struct Book<'b> {
    pub(super) roles: &'b RoleBook<'b>,
    pub(super) limits: &'b LimitBook,
    pub(super) profile: PathProfile,
    pub(super) mode: Mode,
    /// Some caller method can show a second factor.
    pub(super) has_token: bool,
    /// There are devices.
    pub(super) has_devices: bool,
}

/// A route and the places that checks across routes point at.
pub(super) struct Placed {
    pub(super) route: Route,
    pub(super) path: Span,
    pub(super) allow: Span,
    pub(super) pii: Option<Span>,
}

/// Decodes the section.
pub(super) fn routes(d: &mut Decoder<'_>, node: &Node, book: &Book<'_>) -> Vec<Placed> {
    let items = d.filled_list(node, "routes").unwrap_or_default();
    if items.len() > MAX_ROUTES {
        d.fault(Fault::new(Code::Bound, node.span, format!("more than {MAX_ROUTES} routes")));
    }
    let mut names: HashMap<&str, Span> = HashMap::new();
    let mut routes = Vec::new();
    for item in items.iter().take(MAX_ROUTES) {
        let Some(fields) = d.fields(item, &shape::ROUTE) else { continue };
        if let Some(Node { value: Value::Scalar(name), span }) = fields.get("name")
            && let Some(first) = names.insert(name, *span)
        {
            d.twice("routes", name, *span, first);
        }
        routes.extend(route(d, &fields, routes.len(), book));
    }
    routes
}

fn route(d: &mut Decoder<'_>, fields: &Fields<'_>, index: usize, book: &Book<'_>) -> Option<Placed> {
    let name = d.required(fields, "name").and_then(|node| d.name(node, "a route's name"));
    let path = d.required(fields, "path");
    let template = path.and_then(|node| path_template(d, node, book.profile));
    let methods = fields.get("methods").map(|node| methods(d, node)).unwrap_or_default();
    let allow_node = d.required(fields, "allow");
    let allow = allow_node.and_then(|node| allow(d, node, book.roles));
    let pii = fields.get("pii").map(|node| pii(d, node)).unwrap_or_default();
    let (mfa, device) = fields.get("require").map(|node| require(d, node, book)).unwrap_or_default();
    let limits = fields.get("limits").map(|node| limits(d, node, book.limits)).unwrap_or_default();
    let controls = fields.get("controls").map(|node| controls(d, node)).unwrap_or_default();
    let log_query = fields.get("log").map(|node| log(d, node)).unwrap_or_default();
    if let Some(entry) = fields.entry("mask") {
        mask(d, &entry.value, book.roles);
        d.part("routes.mask", entry.key_span);
    }
    let mode = fields.get("mode").and_then(|node| mode(d, node, "a route's mode")).unwrap_or_default();
    let network = fields.get("network").map(|node| d.network_rule(node, &shape::ROUTE_NETWORK)).unwrap_or_default();
    let slashes = &[("reject", false), ("keep", true)];
    let keep_encoded_slash = fields.get("encoded_slash").and_then(|node| d.word(node, "encoded_slash", slashes));
    let body = fields.get("body").and_then(|node| body(d, node, "a route's body"));
    let upgrades = fields.get("upgrade").map_or_else(default_upgrades, |node| upgrades(d, node));
    let commit = fields.get("commit").and_then(|node| d.word(node, "a route's commit", COMMITS));
    let (allow, anyone) = allow?;
    let route = Route {
        name: name?,
        index,
        template: template?,
        methods,
        allow,
        anyone,
        pii,
        mfa,
        device,
        limits,
        controls,
        log_query,
        mode: if book.mode == Mode::Shadow { Mode::Shadow } else { mode },
        network,
        keep_encoded_slash: keep_encoded_slash.unwrap_or(false),
        body,
        upgrades,
        commit,
    };
    Some(Placed {
        route,
        path: path?.span,
        allow: allow_node?.span,
        pii: fields.entry("pii").map(|entry| entry.key_span),
    })
}

fn path_template(d: &mut Decoder<'_>, node: &Node, profile: PathProfile) -> Option<Name> {
    const FORM: &str = "`/orders/v0/orders/{order_id}/address`: literal segments, `{name}`, `*`, and `**` at the end";
    let text = d.text(node, "a route's path")?;
    match template::judge(text, profile) {
        Ok(()) => d.name(node, "a route's path"),
        Err(TemplateFault::Malformed(why)) => {
            d.fault(
                Fault::new(Code::Template, node.span, format!("{} is not a path template", quote(text)))
                    .label(why)
                    .help(FORM),
            );
            None
        }
        Err(TemplateFault::NotCanonical(canonical)) => {
            let fault = Fault::new(Code::Canonical, node.span, format!("no request can match {}", quote(text)))
                .label("requests are matched in canonical form, and this is not it")
                .maybe_help(canonical.map(|canonical| format!("write {}", quote(&canonical))));
            d.fault(fault);
            None
        }
    }
}

fn methods(d: &mut Decoder<'_>, node: &Node) -> Vec<http::Method> {
    const COMMON: &[&str] = &["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
    let mut methods: Vec<http::Method> = Vec::new();
    let items = d.filled_list(node, "methods").unwrap_or_default();
    for item in items {
        let Some(text) = d.text(item, "a method") else { continue };
        let upper = text.to_ascii_uppercase();
        let method = http::Method::from_bytes(text.as_bytes()).ok();
        let help = if matches!(upper.as_str(), "CONNECT" | "TRACE") {
            "CONNECT would make a tunnel past the gate, and TRACE sends headers back: neither is ever forwarded"
                .to_owned()
        } else if method.is_none() {
            "a method is a token (RFC 9110 section 5.6.2): `GET`, `POST`".to_owned()
        } else if upper != text && COMMON.contains(&upper.as_str()) {
            format!("methods are case-sensitive: did you mean `{upper}`?")
        } else if !COMMON.contains(&text)
            && let Some(help) = did_you_mean(text, COMMON.iter().copied())
        {
            help
        } else {
            let Some(method) = method else { continue };
            if methods.contains(&method) {
                d.listed_twice("methods", text, item.span, items);
            } else {
                methods.push(method);
            }
            continue;
        };
        d.fault(Fault::new(Code::Method, item.span, format!("{} cannot be allowed", quote(text))).help(help));
    }
    methods
}

/// Roles, and whether anyone may pass.
fn allow(d: &mut Decoder<'_>, node: &Node, roles: &RoleBook<'_>) -> Option<(RoleSet, bool)> {
    let items = d.list(node, "allow")?;
    if items.is_empty() {
        let fault = Fault::new(Code::NobodyAllowed, node.span, "a route that allows nobody")
            .help("leave the route out: what no route allows is refused");
        d.fault(fault);
        return None;
    }
    let mut set = RoleSet::default();
    let mut anyone = false;
    let mut sound = true;
    for item in items {
        let Some(text) = d.text(item, "a role") else { continue };
        match roles.find(text) {
            Some(role) if set.contains(role) => d.listed_twice("allow", text, item.span, items),
            Some(role) => set.insert(role),
            None if text == ANYONE => anyone = true,
            None => {
                sound = false;
                unknown_role(d, item, text, roles);
            }
        }
    }
    if anyone && items.len() > 1 {
        let fault = Fault::new(Code::NobodyAllowed, node.span, "`anyone` beside other roles")
            .label("the others change nothing")
            .help("either `[anyone]` alone, or the roles");
        d.fault(fault);
    }
    (sound && (anyone || !set.is_empty())).then_some((set, anyone))
}

fn unknown_role(d: &mut Decoder<'_>, item: &Node, name: &str, roles: &RoleBook<'_>) {
    let help = did_you_mean(name, roles.names().chain([ANYONE]));
    let fault =
        Fault::new(Code::UnknownRole, item.span, format!("there is no role {}", quote(name))).label("unknown role");
    d.fault(fault.help(help.unwrap_or_else(|| "define it under `roles`".to_owned())));
}

fn pii(d: &mut Decoder<'_>, node: &Node) -> Vec<Name> {
    let kinds = d.names(node, "pii");
    for (kind, item) in kinds.iter().zip(d.list(node, "pii").unwrap_or_default()) {
        if !PII_KINDS.contains(&kind.as_str()) {
            let help = did_you_mean(kind.as_str(), PII_KINDS.iter().copied())
                .unwrap_or_else(|| format!("the vocabulary: {}", PII_KINDS.join(", ")));
            let message = format!("{} is not a known kind of personal data", quote(kind.as_str()));
            d.fault(Fault::new(Code::PiiKind, item.span, message).help(help).warning());
        }
    }
    kinds
}

/// A second factor not older than this, and whether a device is needed.
fn require(d: &mut Decoder<'_>, node: &Node, book: &Book<'_>) -> (Option<Duration>, bool) {
    let Some(fields) = d.fields(node, &shape::REQUIRE) else { return (None, false) };
    let device = fields.entry("device").and_then(|entry| {
        let needed = d.word(&entry.value, "require.device", &[("true", true), ("false", false)])?;
        if needed && !book.has_devices {
            let fault = Fault::new(Code::Unproven, entry.key_span, "no certificate is a device's")
                .label("nobody could ever pass")
                .help("say under `devices:` whose certificates are, and who may call from them");
            d.fault(fault);
        }
        Some(needed)
    });
    (fields.entry("mfa").and_then(|entry| second_factor(d, entry, book)), device.unwrap_or(false))
}

fn second_factor(d: &mut Decoder<'_>, entry: &Entry, book: &Book<'_>) -> Option<Duration> {
    let inner = d.fields(&entry.value, &shape::MFA)?;
    if !book.has_token {
        let fault = Fault::new(Code::Unproven, entry.key_span, "nobody can show a second factor")
            .label("only tokens say when and how somebody logged in")
            .help("add a `token` entry to `callers`");
        d.fault(fault.warning());
    }
    let longest = Duration::from_secs(30 * 86_400);
    d.required(&inner, "max_age")
        .and_then(|node| d.duration(node, "require.mfa.max_age", Duration::from_secs(1), longest))
}

fn limits(d: &mut Decoder<'_>, node: &Node, book: &LimitBook) -> Vec<Arc<Limit>> {
    let mut limits: Vec<Arc<Limit>> = Vec::new();
    let items = d.list(node, "a route's limits").unwrap_or_default();
    for item in items {
        let Some(text) = d.text(item, "a limit") else { continue };
        match book.find(text) {
            None => {
                let help = did_you_mean(text, book.names()).unwrap_or_else(|| "define it under `limits`".to_owned());
                let fault = Fault::new(Code::UnknownLimit, item.span, format!("there is no limit {}", quote(text)));
                d.fault(fault.label("unknown limit").help(help));
            }
            Some(Some(limit)) if limits.iter().any(|known| known.name == limit.name) => {
                d.listed_twice("a route's limits", text, item.span, items);
            }
            Some(limit) => limits.extend(limit.cloned()),
        }
    }
    limits
}

fn controls(d: &mut Decoder<'_>, node: &Node) -> Vec<Name> {
    let names = d.names(node, "controls");
    let items = d.list(node, "controls").unwrap_or_default();
    for item in items {
        if let Value::Scalar(text) = &item.value
            && !is_control(text)
        {
            let fault = Fault::new(Code::Name, item.span, format!("{} is not a control", quote(text)));
            d.fault(fault.help("a family and a number: `ACC-2`, `ID-5`"));
        }
    }
    names
}

fn is_control(text: &str) -> bool {
    text.split_once('-').is_some_and(|(family, number)| {
        !family.is_empty() && family.bytes().all(|byte| byte.is_ascii_uppercase()) && number.parse::<u16>().is_ok()
    })
}

fn log(d: &mut Decoder<'_>, node: &Node) -> Vec<Name> {
    let Some(fields) = d.fields(node, &shape::LOG) else { return Vec::new() };
    fields.get("query").map(|node| d.names(node, "log.query")).unwrap_or_default()
}

/// `enforce` or `shadow`.
pub(super) fn mode(d: &mut Decoder<'_>, node: &Node, what: &str) -> Option<Mode> {
    let mode = d.word(node, what, &[("enforce", Mode::Enforce), ("shadow", Mode::Shadow)]);
    if mode == Some(Mode::Shadow) {
        let fault = Fault::new(Code::Shadow, node.span, "refusals are recorded and not enforced")
            .label("lets everything through");
        d.fault(fault.help("`enforce` once the records show that nobody is refused wrongly").warning());
    }
    mode
}

fn mask(d: &mut Decoder<'_>, node: &Node, roles: &RoleBook<'_>) {
    for entry in d.entries(node, "mask").unwrap_or_default() {
        if roles.find(&entry.key).is_none() {
            let item = Node { span: entry.key_span, value: Value::Null };
            unknown_role(d, &item, &entry.key, roles);
        }
        for item in d.filled_list(&entry.value, "mask").unwrap_or_default() {
            d.field_path(item, "mask");
        }
    }
}

fn default_upgrades() -> Vec<Name> {
    Name::configured("websocket").into_iter().collect()
}

fn upgrades(d: &mut Decoder<'_>, node: &Node) -> Vec<Name> {
    let items = d.list(node, "upgrade").unwrap_or_default();
    // h2c and the like would carry requests that nobody authorises.
    let known = items.iter().filter(|item| d.word(item, "upgrade", &[("websocket", ())]).is_some()).count();
    if known > 0 { default_upgrades() } else { Vec::new() }
}
