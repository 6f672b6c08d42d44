//! Splunk's HTTP event collector.

pub mod codes;
pub mod envelope;
