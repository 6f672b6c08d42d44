//! The gate, seen from outside.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::disallowed_methods,
    clippy::disallowed_macros,
    clippy::too_many_lines,
    clippy::cognitive_complexity,
    clippy::unused_result_ok,
    clippy::case_sensitive_file_extension_comparisons,
    clippy::verbose_bit_mask,
    clippy::struct_field_names,
    clippy::format_collect,
    clippy::format_push_string,
    clippy::needless_for_each,
    reason = "tests panic when they fail, live in real time, and say what they measured"
)]

mod admin;
mod architecture;
mod cases;
mod cli;
mod credentials;
mod demo;
mod deploy;
mod detectors;
mod dos;
mod drain;
mod faults;
mod identity;
mod inject;
mod leak;
mod limits;
mod losses;
mod ocsf;
mod outside;
mod pages;
mod policies;
mod redact;
mod reload;
mod replay;
mod sabotage;
mod shared;
mod siem;
mod sinks;
mod spool;
mod streams;
mod support;
mod telemetry;
mod tls;
mod tokens;
mod trail;
mod walkthrough;
mod watch;
