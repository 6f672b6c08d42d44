//! Records in the words of others: each a pure function of the record's line.

pub mod cef;
pub mod ecs;
pub mod otel;
mod parts;
mod protobuf;
pub(in crate::delivery) mod time;
