//! The gate, seen from outside.

mod faults;
mod ocsf;
mod trail;
