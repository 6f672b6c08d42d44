//! `routes:` and `limits:`

use super::forms::{
    BYTE_RATE, CONTROL, DURATION, FIELD_PATH, LIMIT as LIMIT_FORM, METHOD, NAME, PII_KIND, RATE, RECORD_PATH, ROLE,
    SIZE, TEMPLATE,
};
use super::gate::NETWORK_KEYS;
use super::{Key, Kind, MODE, PER, Section};

/// `routes[]`
pub static ROUTE: Section = Section {
    what: "a route",
    doc: "What may be called, by whom.",
    keys: &[
        Key::required("name", Kind::Text(&NAME), "Its name, as records show it; one of its own."),
        Key::required("path", Kind::Text(&TEMPLATE), "The paths that it takes."),
        Key::optional("methods", Kind::Filled(&Kind::Text(&METHOD)), "Methods that it takes. HEAD is not GET.")
            .or("all but CONNECT and TRACE"),
        Key::required(
            "allow",
            Kind::Filled(&Kind::Text(&ROLE)),
            "Roles that may pass, or `[anyone]` where no identity is needed (ACC-1).",
        ),
        Key::optional(
            "pii",
            Kind::List(&Kind::Text(&PII_KIND)),
            "Personal data in its answers. It makes the route one of personal data: a role of its own (ACC-2), and \
             answers that no cache may keep.",
        ),
        Key::optional("require", Kind::Map(&REQUIRE), REQUIRE.doc),
        Key::optional(
            "limits",
            Kind::List(&Kind::Text(&LIMIT_FORM)),
            "Limits that hold here, beside those that no route names.",
        ),
        Key::optional("controls", Kind::List(&Kind::Text(&CONTROL)), "Controls that the route answers for."),
        Key::optional("log", Kind::Map(&LOG), LOG.doc),
        Key::optional(
            "commit",
            super::audit::COMMIT,
            "When its records are on the disk; by default as `audit.commit` says with personal data, otherwise soon.",
        ),
        Key::optional(
            "mask",
            Kind::Named(&Kind::Filled(&Kind::Text(&FIELD_PATH))),
            "Fields of answers that a role does not get to see, by role. Not built yet: `check` says so (PC0901), and `run` \
             refuses a policy that has it.",
        ),
        Key::optional("mode", MODE, "`shadow` records what the route would refuse and lets it through.").or("enforce"),
        Key::optional("network", Kind::Map(&ROUTE_NETWORK), ROUTE_NETWORK.doc),
        Key::optional(
            "encoded_slash",
            Kind::Words(&["reject", "keep"]),
            "`keep` takes `%2F` for data within a segment, and forwards it as it is.",
        )
        .or("reject"),
        Key::optional("body", Kind::Text(&SIZE), "Bytes of a request's body, 0 to 64GiB.").or("`gate.bounds.body`"),
        Key::optional("upgrade", Kind::List(&Kind::Words(&["websocket"])), "Protocols that a request may change to.")
            .or("[websocket]"),
    ],
};

/// `routes[].require:`
pub static REQUIRE: Section = Section {
    what: "require",
    doc: "What a caller must show beyond its identity.",
    keys: &[
        Key::optional("mfa", Kind::Map(&MFA), MFA.doc),
        Key::optional(
            "device",
            Kind::Words(&["true", "false"]),
            "The connection's certificate must be that of a device that is bound to the caller (ID-8).",
        )
        .or("false"),
    ],
};

/// `routes[].require.mfa:`
pub static MFA: Section = Section {
    what: "require.mfa",
    doc: "A second factor (ID-5), as tokens report it.",
    keys: &[Key::required("max_age", Kind::Text(&DURATION), "How long ago it may have been shown, 1s to 30d.")],
};

/// `routes[].log:`
pub static LOG: Section = Section {
    what: "log",
    doc: "What records may show of a request.",
    keys: &[Key::optional(
        "query",
        Kind::List(&Kind::Text(&NAME)),
        "Query parameters whose values may be shown; all others are hidden.",
    )
    .or("[]")],
};

/// `routes[].network:`
pub static ROUTE_NETWORK: Section = Section {
    what: "a route's network",
    doc: "Who may connect to this route, beyond `network` of the policy: `deny` wins.",
    keys: NETWORK_KEYS,
};

/// `limits[]`
pub static LIMIT: Section = Section {
    what: "a limit",
    doc: "How much in how long, or at a time; `requests`, `bytes`, `records` or `concurrent` says of what, and all that is \
          said holds.",
    keys: &[
        Key::required("name", Kind::Text(&NAME), "Its name, as routes refer to it and refusals report it."),
        Key::required("per", PER, "What it counts by. Callers without identity are counted by address."),
        Key::optional("requests", Kind::Text(&RATE), "Requests in a period."),
        Key::optional("burst", Kind::Number(1, 1_000_000_000), "Requests that may come at once.")
            .or("the amount of `requests`"),
        Key::optional("bytes", Kind::Text(&BYTE_RATE), "Bytes of answers in a period. They are counted while an answer runs, and the \
             answer ends with the last byte that is left; a tenth of the period later requests pass again."),
        Key::optional("records", Kind::Map(&RECORDS), RECORDS.doc),
        Key::optional("concurrent", Kind::Number(1, 1_000_000), "Requests that may be in progress at a time."),
        Key::optional("mode", MODE, "`shadow` records what the limit would refuse or end, and lets it pass.").or("enforce"),
        Key::optional(
            "headers",
            Kind::Words(&["true", "false"]),
            "`true` tells callers with every answer what is left, in `RateLimit-Policy` and `RateLimit`. Refusals tell it \
             always.",
        )
        .or("false"),
        Key::optional("scope", Kind::Words(&["local", "shared"]), "`shared` counts across replicas.").or("local"),
    ],
};

/// `limits[].records:`
pub static RECORDS: Section = Section {
    what: "limits.records",
    doc: "Records in answers in a period, counted while an answer runs. The route answers with JSON that is not \
          compressed: the app is asked for it, and what cannot be counted is not passed on.",
    keys: &[
        Key::required("count", Kind::Text(&RATE), "How many in how long."),
        Key::required("at", Kind::Text(&RECORD_PATH), "Where they are in an answer."),
    ],
};
