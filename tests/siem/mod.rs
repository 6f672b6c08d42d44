//! What SIEMs are given, held against those who read it: parsers, schemas, real receivers and strict ones.

mod cef;
mod content;
mod ecs;
mod elastic;
mod frames;
mod hec;
mod otel;
mod rsyslog;
mod shipped;
mod syslog;
mod whole;

/// A Python that has the packages of the tests, `target/python`, as `make readers` installs it.
fn python() -> Option<std::path::PathBuf> {
    let python = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("target/python/bin/python");
    crate::support::has_tool(python.to_str().unwrap()).then_some(python)
}
