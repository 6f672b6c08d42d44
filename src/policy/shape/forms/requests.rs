//! Parts of requests and answers: headers, paths, watched values, fields.

use super::Form;

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
