//! Where something is: files, addresses, hosts, networks.

use super::Form;

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

/// A service that spans are sent to.
pub static OTLP: Form = Form {
    name: "OTLP address",
    doc: "An https address with its path; `http://` on loopback only.",
    pattern: "^https?://[^@#\\s]+$",
    example: "https://otel.example/v1/traces",
};

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
