//! Where keys and their values stand, in whatever format a line is: one tolerant reading for pairs of all sorts, and
//! one each for SQL, tables of columns, XML and paths.

mod bare;
mod ends;
mod header;
mod key;
mod path;
mod query;
mod quoted;
pub(super) mod rows;
pub(super) mod sql;
pub(super) mod xml;

pub(super) use bare::{Style, bare, is_pair, json_scalar, style};
pub(super) use ends::position_end;
pub(super) use key::{Key, before as key_before, phrases};
pub(super) use path::human_segments;
pub(super) use quoted::{closing, opening};
