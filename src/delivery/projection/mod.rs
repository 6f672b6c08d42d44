//! Records in the words of others: each a pure function of the record's line.

pub mod cef;
