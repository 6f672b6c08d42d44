//! Forms that text has in a policy: durations, rates, addresses and the like.

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

/// A file that is read.
pub static FILE: Form = Form {
    name: "file",
    doc: "A file, relative to the directory of the policy's file, or if it is not there, to the current one.",
    pattern: "",
    example: "certs/gate.pem",
};

/// A file or directory that is written.
pub static OUTPUT: Form = Form {
    name: "path",
    doc: "A file or directory that the gate writes; its directory is made.",
    pattern: "",
    example: "var/log/portcullis.jsonl",
};

/// An address and port to listen on.
pub static LISTEN: Form = Form {
    name: "listening address",
    doc: "An IP address and a port: `0.0.0.0:8443`, `[::]:8443`.",
    pattern: "^(\\[[0-9A-Fa-f:.%]+\\]|[0-9.]+):[0-9]{1,5}$",
    example: "0.0.0.0:8443",
};

/// Where the app is.
pub static APP: Form = Form {
    name: "address of the app",
    doc: "`http://` on loopback, `unix:/path`, or `https://host:port`; without path and user.",
    pattern: "^(https?://[^/?#@\\s]+/?|unix:/.+)$",
    example: "http://127.0.0.1:8080",
};

/// A syslog receiver.
pub static SYSLOG_ADDRESS: Form = Form {
    name: "syslog address",
    doc: "`tls://host:port`; `tcp://` on loopback only.",
    pattern: "^(tls|tcp)://[^@\\s]+$",
    example: "tls://siem.example:6514",
};

/// Where a Redis or Valkey is.
pub static REDIS: Form = Form {
    name: "Redis address",
    doc: "`rediss://host:6379`; `redis://` on loopback or `unix:/path` on this machine.",
    pattern: "^(rediss?://[^/?#@\\s]+/?|unix:/.+)$",
    example: "rediss://redis.example:6379",
};

/// A web address.
pub static HTTPS: Form = Form {
    name: "https address",
    doc: "`https://host:port`, without user names; `http://` on loopback only.",
    pattern: "^https?://[^@\\s]+$",
    example: "https://splunk.example:8088",
};

/// A sink's name.
pub static SINK_NAME: Form = Form {
    name: "name of a sink",
    doc: "1 to 64 letters, digits, `.`, `_` and `-`, no `.` first.",
    pattern: "^[A-Za-z0-9_-][A-Za-z0-9._-]{0,63}$",
    example: "siem",
};

/// One of some.
pub static ONE_OF: Form =
    Form { name: "one of some", doc: "`1/10` is one of ten.", pattern: "^1/[1-9][0-9]{0,6}$", example: "1/10" };

/// Where an issuer's keys are.
pub static KEY_SET: Form = Form {
    name: "key set",
    doc: "A file; an https address (`http://` on loopback only); or `discover`, for what the issuer's metadata names.",
    pattern: "",
    example: "discover",
};

/// A host and its port.
pub static ORIGIN: Form = Form {
    name: "host and port",
    doc: "`host` or `host:port`; 443 is the port of those without.",
    pattern: "^[A-Za-z0-9._:\\[\\]-]+$",
    example: "idp.internal:8443",
};

/// A host name.
pub static HOST: Form = Form {
    name: "host name",
    doc: "A name or an IP address, without scheme and port.",
    pattern: "^[A-Za-z0-9._:\\[\\]-]+$",
    example: "gate.seller.example",
};

/// A network.
pub static NETWORK: Form = Form {
    name: "network",
    doc: "An address and a prefix length, or an address alone: `10.0.0.0/8`, `fd00::/8`, `192.0.2.7`.",
    pattern: "^[0-9A-Fa-f:.]+(/[0-9]{1,3})?$",
    example: "10.0.0.0/8",
};

/// A span of time.
pub static DURATION: Form = Form {
    name: "duration",
    doc: "A whole number and one of ms, s, m, h, d: `500ms`, `2s`, `15m`, `1h`, `400d`.",
    pattern: "^[0-9]+(ms|s|m|h|d)$",
    example: "15m",
};

/// Hexadecimal digits.
pub static HEX: Form = Form {
    name: "hexadecimal digits",
    doc: "Hexadecimal digits, perhaps with colons between pairs.",
    pattern: "^[0-9A-Fa-f]{1,2}(:?[0-9A-Fa-f]{1,2})*$",
    example: "0FA7",
};

/// A day.
pub static DAY: Form = Form {
    name: "day",
    doc: "A day, or a day and a time in UTC: `2026-11-21`, `2026-11-21T14:30:00Z`.",
    pattern: "^[0-9]{4}-[0-9]{2}-[0-9]{2}([T ].*)?$",
    example: "2026-11-21",
};

/// A share.
pub static PERCENT: Form =
    Form { name: "share", doc: "Points of a hundred, 0% to 100%.", pattern: "^(100|[0-9]{1,2})%$", example: "20%" };

/// One in so many.
pub static SAMPLE: Form = Form {
    name: "sample",
    doc: "One in so many: `1/100`; `0` for none.",
    pattern: "^(0|1/[1-9][0-9]{0,8})$",
    example: "1/100",
};

/// A service that spans are sent to.
pub static OTLP: Form = Form {
    name: "OTLP address",
    doc: "An https address with its path; `http://` on loopback only.",
    pattern: "^https?://[^@#\\s]+$",
    example: "https://otel.example/v1/traces",
};

/// An amount of bytes.
pub static SIZE: Form = Form {
    name: "size",
    doc: "A whole number of bytes, or with one of B, kB, MB, GB (by 1000), KiB, MiB, GiB (by 1024): `16MiB`.",
    pattern: "^[0-9]+(B|kB|KB|MB|GB|KiB|MiB|GiB)?$",
    example: "1MiB",
};

/// An amount in a period.
pub static RATE: Form = Form {
    name: "rate",
    doc: "An amount above 0 for each s, m, h or d, or for several: `50/s`, `200/10m`.",
    pattern: "^[0-9]+/([smhd]|[0-9]+(ms|s|m|h|d))$",
    example: "50/s",
};

/// Bytes in a period.
pub static BYTE_RATE: Form = Form {
    name: "byte rate",
    doc: "A size for each s, m, h or d: `20MB/h`.",
    pattern: "^[0-9]+(B|kB|KB|MB|GB|KiB|MiB|GiB)?/([smhd]|[0-9]+(ms|s|m|h|d))$",
    example: "20MB/h",
};

/// Failures in a period.
pub static FAILURE_RATE: Form = Form {
    name: "failure rate",
    doc: "Failures in a period: `5 failures/10m`.",
    pattern: "^[0-9]+ *failures? */([smhd]|[0-9]+(ms|s|m|h|d))$",
    example: "5 failures/10m",
};

/// A factor.
pub static FACTOR: Form =
    Form { name: "factor", doc: "A factor from `1x` to `10x`.", pattern: "^([1-9]|10)x?$", example: "2x" };

/// What is too much.
pub static THRESHOLD: Form = Form {
    name: "threshold",
    doc: "A rate or a byte rate, `200/10m`, `20MB/h`; beside `baseline` a factor, `4x`.",
    pattern: "^([0-9]+(B|kB|KB|MB|GB|KiB|MiB|GiB)?/([smhd]|[0-9]+(ms|s|m|h|d))|[0-9]+x)$",
    example: "200/10m",
};

/// What is never too much.
pub static FLOOR: Form = Form {
    name: "floor",
    doc: "A rate or a byte rate by the hour or by the day: `200/h`, `2000/d`, `5MB/h`.",
    pattern: "^[0-9]+(B|kB|KB|MB|GB|KiB|MiB|GiB)?/(1?h|1?d|24h)$",
    example: "200/h",
};

/// A value of requests that is watched.
pub static WATCHED: Form = Form {
    name: "watched value",
    doc: "`path.NAME` for a segment `{NAME}`, `query.NAME` for a parameter, `path`, `address`, or `network` (IPv4 by /24, \
          IPv6 by /48).",
    pattern: "^(path|address|network|(path|query)\\.[!#-&(-\\[\\]-~]+)$",
    example: "path",
};

/// A value of requests that may be a number.
pub static NUMBERED: Form = Form {
    name: "numbered value",
    doc: "`path.NAME` for a segment `{NAME}`, `query.NAME` for a parameter.",
    pattern: "^(path|query)\\.[!#-&(-\\[\\]-~]+$",
    example: "query.page",
};

/// What has a baseline.
pub static MEASURED: Form = Form {
    name: "measure",
    doc: "`requests`, `bytes`, `records`, or a watched value, of which different ones count.",
    pattern: "^(requests|bytes|records|path|address|network|(path|query)\\.[!#-&(-\\[\\]-~]+)$",
    example: "requests",
};

/// Hours of a week.
pub static HOURS: Form = Form {
    name: "hours of a week",
    doc: "Days and a time from and to: `mon-fri 07:00-19:00`, `sun 22:00-06:00`.",
    pattern: "^(mon|tue|wed|thu|fri|sat|sun)(-(mon|tue|wed|thu|fri|sat|sun))? [0-9]{2}:[0-9]{2}-[0-9]{2}:[0-9]{2}$",
    example: "mon-fri 07:00-19:00",
};

/// A time zone.
pub static ZONE: Form = Form { name: "time zone", doc: "A name of the IANA database.", pattern: "", example: "UTC" };

/// A header's name.
pub static HEADER: Form = Form {
    name: "header",
    doc: "The name of a header field without a meaning of its own: `x-api-key`.",
    pattern: "^[!#$%&'*+.^_`|~0-9A-Za-z-]+$",
    example: "x-api-key",
};

/// A path with places for what varies.
pub static TEMPLATE: Form = Form {
    name: "path template",
    doc: "Literal segments, `{name}` and `*` for one segment each, `**` at the end for the rest.",
    pattern: "^/[^?#;\\s]*$",
    example: "/orders/v0/orders/{order_id}/address",
};

/// A method.
pub static METHOD: Form = Form {
    name: "method",
    doc: "A method (RFC 9110) in capitals; never CONNECT or TRACE.",
    pattern: "^(?!(?:CONNECT|TRACE)$)[!#$%&'*+.^_`|~0-9A-Za-z-]+$",
    example: "GET",
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

/// A place in a JSON document.
pub static FIELD_PATH: Form = Form {
    name: "path to fields",
    doc: "From the document's root: `$.payload.Orders[*]`, `$..ShippingAddress.*`.",
    pattern: "^\\$($|[.\\[])",
    example: "$.payload.Orders[*]",
};

/// A path that a limit of records follows.
pub static RECORD_PATH: Form = Form {
    name: "path to records",
    doc: "From the document's root, in steps of `.name`, `['name']`, `[*]`, `[0]` and `..name`: `$.payload.Orders[*]`.",
    pattern: "^\\$((\\.\\.?)[^.\\[\\]*'\"\\s]+|\\.\\*|\\[(\\*|[0-9]+|'[^'\\\\]+'|\"[^\"\\\\]+\")\\])*$",
    example: "$.payload.Orders[*]",
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

/// All of them, for the reference.
pub static ALL: &[&Form] = &[
    &TEXT,
    &NAME,
    &FILE,
    &OUTPUT,
    &LISTEN,
    &APP,
    &SYSLOG_ADDRESS,
    &REDIS,
    &HTTPS,
    &SINK_NAME,
    &ONE_OF,
    &HOST,
    &NETWORK,
    &DURATION,
    &SIZE,
    &SAMPLE,
    &OTLP,
    &RATE,
    &BYTE_RATE,
    &FAILURE_RATE,
    &FACTOR,
    &THRESHOLD,
    &FLOOR,
    &WATCHED,
    &NUMBERED,
    &MEASURED,
    &HOURS,
    &ZONE,
    &HEADER,
    &TEMPLATE,
    &METHOD,
    &ROLE,
    &LIMIT,
    &MEMBER,
    &DEVICE,
    &DEVICE_CALLER,
    &CONTROL,
    &FIELD_PATH,
    &RECORD_PATH,
    &PATTERN,
    &PII_KIND,
];
