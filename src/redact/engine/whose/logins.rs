//! Words that people log in with, and those that programs and teams do.

use crate::redact::detect::firms;
use crate::redact::detect::text::Listed;

/// What people log in with: letters, perhaps with digits; not an id, and not one of the house's own.
pub fn is_login(value: &[u8]) -> bool {
    const OWN: [&[u8]; 26] = [
        b"root",
        b"admin",
        b"administrator",
        b"system",
        b"service",
        b"app",
        b"api",
        b"www-data",
        b"nginx",
        b"postgres",
        b"mysql",
        b"redis",
        b"nobody",
        b"anonymous",
        b"guest",
        b"daemon",
        b"ubuntu",
        b"jenkins",
        b"deploy",
        b"git",
        b"worker",
        b"cron",
        b"bot",
        b"default",
        b"public",
        b"internal",
    ];
    let letters = value.iter().filter(|byte| byte.is_ascii_alphabetic() || **byte >= 0x80).count();
    let plain = value.iter().all(|byte| {
        byte.is_ascii_alphanumeric() || *byte >= 0x80 || matches!(byte, b'.' | b'_' | b'-' | b' ' | b'\'' | b'+' | b'%')
    });
    let is_id = value.iter().filter(|byte| byte.is_ascii_digit()).count() * 2 > value.len()
        || value.iter().all(u8::is_ascii_hexdigit) && value.len() >= 12
        || value.len() == 36;
    let is_code = value.len() >= 10
        && value.iter().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || matches!(byte, b'_' | b'-'))
        // `com.example.Driver`
        || memchr::memchr_iter(b'.', value).count() >= 2;
    letters >= 2
        && plain
        && !is_id
        && !is_code
        && value.len() <= 64
        && !NO_LOGINS.has(value.strip_suffix(b".").unwrap_or(value))
        && !OWN.iter().any(|own| value.eq_ignore_ascii_case(own))
        && !value.windows(3).any(|three| three.eq_ignore_ascii_case(b"svc"))
        && !value.split(|byte| matches!(byte, b'-' | b'_' | b'.')).any(is_house)
        && !value.windows(7).any(|seven| seven.eq_ignore_ascii_case(b"service"))
}

/// Whether a login is a program's or a team's: `shop_rw`, `svc-export`.
pub fn is_of_house(value: &[u8]) -> bool {
    !value.contains(&b' ') && value.split(|byte| matches!(byte, b'-' | b'_' | b'.')).any(is_house)
}

/// What stands behind the colon of a permission or of a package's name: `orders:read`, `libssl3:amd64`.
static NO_LOGINS: Listed = Listed::new(&[
    "read", "write", "create", "update", "delete", "list", "view", "edit", "manage", "all", "any", "amd64", "arm64",
    "i386", "armhf", "x86_64", "noarch", "aarch64",
]);

/// Words of logins that a group or a machine of the house has.
static HOUSE: Listed = Listed::new(&[
    "team",
    "squad",
    "ops",
    "devops",
    "sre",
    "bot",
    "worker",
    "svc",
    "service",
    "system",
    "daemon",
    "cron",
    "etl",
    "sync",
    "batch",
    "job",
    "runner",
    "ci",
    "cd",
    "app",
    "api",
    "db",
    "rw",
    "ro",
    "readonly",
    "admin",
    "root",
    "batch",
    "queue",
    "group",
    "oncall",
    "platform",
    "backend",
    "frontend",
    "prod",
    "staging",
    "dev",
    "test",
    "migration",
    "replica",
    "monitoring",
    "exporter",
    "integration",
    "webhook",
    "scheduler",
    "default",
    "export",
    "import",
    "shop",
    "store",
    "web",
    "feed",
    "erp",
    "wms",
    "pim",
    "sales",
    "marketing",
    "support",
    "finance",
    "accounting",
    "returns",
    "logistics",
    "orders",
    "warehouse",
    "inbound",
    "outbound",
    "ui",
    "gui",
    "cli",
    "sdk",
    "scanner",
    "terminal",
    "kiosk",
    "portal",
    "dashboard",
    "console",
    "android",
    "ios",
    "checkout",
    "producer",
    "consumer",
    "gateway",
    "mobile",
    "desktop",
    "browser",
    "printer",
    "batchusr",
    "batchuser",
    "elastic",
    "kibana",
    "zookeeper",
    "hadoop",
    "kafka",
]);

/// A word of a login that says that a group or a machine of the house has it: `team-payments`, `etl_worker`.
fn is_house(word: &[u8]) -> bool {
    HOUSE.has(word) || firms::is_program(word)
}
