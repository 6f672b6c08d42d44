//! How much and when: durations, sizes, rates, hours.

use super::Form;

/// A span of time.
pub static DURATION: Form = Form {
    name: "duration",
    doc: "A whole number and one of ms, s, m, h, d: `500ms`, `2s`, `15m`, `1h`, `400d`.",
    pattern: "^[0-9]+(ms|s|m|h|d)$",
    example: "15m",
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

/// Hours of a week.
pub static HOURS: Form = Form {
    name: "hours of a week",
    doc: "Days and a time from and to: `mon-fri 07:00-19:00`, `sun 22:00-06:00`.",
    pattern: "^(mon|tue|wed|thu|fri|sat|sun)(-(mon|tue|wed|thu|fri|sat|sun))? [0-9]{2}:[0-9]{2}-[0-9]{2}:[0-9]{2}$",
    example: "mon-fri 07:00-19:00",
};

/// A time zone.
pub static ZONE: Form = Form { name: "time zone", doc: "A name of the IANA database.", pattern: "", example: "UTC" };

/// One of some.
pub static ONE_OF: Form =
    Form { name: "one of some", doc: "`1/10` is one of ten.", pattern: "^1/[1-9][0-9]{0,6}$", example: "1/10" };
