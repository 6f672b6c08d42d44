//! Forms that text has in a policy: durations, rates, addresses and the like.

mod amounts;
mod places;
mod requests;

pub use amounts::{
    BYTE_RATE, DAY, DURATION, FACTOR, FAILURE_RATE, FLOOR, HOURS, ONE_OF, PERCENT, RATE, SAMPLE, SIZE, THRESHOLD, ZONE,
};
pub use places::{APP, FILE, HOST, HTTPS, KEY_SET, LISTEN, NETWORK, ORIGIN, OTLP, OUTPUT, REDIS, SYSLOG_ADDRESS};
pub use requests::{FIELD_PATH, HEADER, MEASURED, METHOD, NUMBERED, RECORD_PATH, TEMPLATE, WATCHED};

/// Text of one form.
#[derive(Debug)]
pub struct Form {
    /// What it is called, in the reference.
    pub name: &'static str,
    /// How it is written, in a sentence.
    pub doc: &'static str,
    /// A regular expression (ECMA 262, as JSON Schema has it) that all such text matches; the decoder may know more.
    pub pattern: &'static str,
    /// Text of this form.
    pub example: &'static str,
}

/// Some text.
pub static TEXT: Form = Form { name: "text", doc: "Any text that is not empty.", pattern: "", example: "seller-app" };

/// A name that may stand in records.
pub static NAME: Form = Form {
    name: "name",
    doc: "1 to 256 printable ASCII characters without space, quotes and backslash.",
    pattern: "^[!#-&(-\\[\\]-~]{1,256}$",
    example: "orders",
};

/// Devices by name.
pub static DEVICE: Form = Form {
    name: "device",
    doc: "A device's name without spaces, or its begin and one `*` at the end for one segment more.",
    pattern: "^[!#-&()+-\\[\\]-~]{1,255}\\*?$",
    example: "spiffe://seller/device/*",
};

/// Who may call from a device.
pub static DEVICE_CALLER: Form = Form {
    name: "caller of a device",
    doc: "`user:` a token's subject, `group:` a group, or `key:` an API key's owner.",
    pattern: "^(user|group|key):.+$",
    example: "user:alice@seller.example",
};

/// A sink's name.
pub static SINK_NAME: Form = Form {
    name: "name of a sink",
    doc: "1 to 64 letters, digits, `.`, `_` and `-`, no `.` first.",
    pattern: "^[A-Za-z0-9_-][A-Za-z0-9._-]{0,63}$",
    example: "siem",
};

/// Hexadecimal digits.
pub static HEX: Form = Form {
    name: "hexadecimal digits",
    doc: "Hexadecimal digits, perhaps with colons between pairs.",
    pattern: "^[0-9A-Fa-f]{1,2}(:?[0-9A-Fa-f]{1,2})*$",
    example: "0FA7",
};

/// A role that the policy defines.
pub static ROLE: Form = Form {
    name: "role",
    doc: "A role of `roles`; `anyone`, alone, stands for callers without any identity.",
    pattern: "",
    example: "fulfilment",
};

/// A limit that the policy defines.
pub static LIMIT: Form = Form { name: "limit", doc: "A limit of `limits`.", pattern: "", example: "pii-reads" };

/// Who has a role.
pub static MEMBER: Form = Form {
    name: "member",
    doc: "`user:` a token's subject, `group:` a token's group, `cert:` a certificate's name, `key:` an API key's owner; \
          on `admin.socket`, `uid:` and `gid:` a user's and a group's number.",
    pattern: "^(user|group|cert|key):.+$|^(uid|gid):[0-9]{1,10}$",
    example: "group:warehouse",
};

/// A control of a written policy.
pub static CONTROL: Form = Form {
    name: "control",
    doc: "The id of a control that the route answers for: a family and a number, `ACC-2`.",
    pattern: "^[A-Z]+-[0-9]+$",
    example: "ACC-2",
};

/// A regular expression.
pub static PATTERN: Form = Form {
    name: "pattern",
    doc: "A regular expression that the whole value must match.",
    pattern: "",
    example: "\\d{3}-\\d{7}-\\d{7}",
};

/// A kind of personal data.
pub static PII_KIND: Form = Form {
    name: "kind of personal data",
    doc: "A word of the marketplace's vocabulary: `name`, `address`, `email`, `phone`, `payment` and so on.",
    pattern: NAME.pattern,
    example: "address",
};
