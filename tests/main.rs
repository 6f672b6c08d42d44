//! The gate, seen from outside.

mod faults;
mod ocsf;
mod outside;
mod support;
mod trail;
