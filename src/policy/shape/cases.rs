//! Files of cases, which `portcullis test` reads.

use super::forms::{FILE, NAME, TEXT};
use super::{Form, Key, Kind, Section};

static REQUEST: Form = Form {
    name: "request",
    doc: "A method and a target: `GET /orders/v0/orders/1?x=y`.",
    pattern: "^[A-Z-]+ /\\S*$",
    example: "GET /orders/v0/orders/1",
};

static CALLER: Form = Form {
    name: "caller of a case",
    doc: "`user:NAME`, `cert:NAME`, `key:NAME` or `anonymous`.",
    pattern: "^(anonymous|(user|cert|key):.+)$",
    example: "cert:spiffe://seller/picker",
};

static AGE: Form = Form {
    name: "age",
    doc: "How long ago: a duration, with or without `ago`: `5m ago`.",
    pattern: "^[0-9]+(ms|s|m|h|d)( ago)?$",
    example: "5m ago",
};

static IP: Form =
    Form { name: "IP address", doc: "An IPv4 or IPv6 address.", pattern: "^[0-9A-Fa-f:.]+$", example: "10.1.2.3" };

/// The whole file.
pub static FILE_OF_CASES: Section = Section {
    what: "a file of cases",
    doc: "What a policy must decide: requests, and what is to become of them.",
    keys: &[
        Key::required(
            "policy",
            Kind::Text(&FILE),
            "The policy: a file, or a directory whose files merge; relative to this file.",
        ),
        Key::required("cases", Kind::Filled(&Kind::Map(&CASE)), "The cases."),
    ],
};

/// `cases[]`
pub static CASE: Section = Section {
    what: "a case",
    doc: "A request, and what is to become of it.",
    keys: &[
        Key::required("name", Kind::Text(&TEXT), "What the case is about, in words; one of its own."),
        Key::optional("caller", Kind::Text(&CALLER), "Who calls.").or("anonymous"),
        Key::optional("groups", Kind::List(&Kind::Text(&NAME)), "Groups that the caller is in.").or("[]"),
        Key::optional("mfa", Kind::Text(&AGE), "When the caller showed a second factor; never, if left out."),
        Key::optional("address", Kind::Text(&IP), "The client's address.").or("127.0.0.1"),
        Key::required("request", Kind::Text(&REQUEST), "What is asked."),
        Key::required("expect", Kind::Map(&EXPECT), EXPECT.doc),
    ],
};

/// `cases[].expect:`
pub static EXPECT: Section = Section {
    what: "expect",
    doc: "What is to become of the request. What is not said is not looked at.",
    keys: &[
        Key::required(
            "decision",
            Kind::Words(&["allow", "refuse", "shadow"]),
            "`shadow` is a refusal that shadow mode lets through.",
        ),
        Key::optional("code", Kind::Text(&TEXT), "Why it is refused, as records say it: `role_missing`."),
        Key::optional("route", Kind::Text(&NAME), "The route that decides; `none` if no route matches."),
        Key::optional("role", Kind::Text(&NAME), "The role that lets it through; `anyone` if none is needed."),
        Key::optional("limits", Kind::List(&Kind::Text(&NAME)), "Limits that hold, among others."),
    ],
};
