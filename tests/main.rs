mod ocsf;
//! The gate, seen from outside.

mod faults;
mod trail;
