//! Where keys and their values stand, in whatever format a line is: one tolerant reading for pairs of all sorts, and
//! one each for SQL, tables of columns, XML and paths.
//!
//! | file | what it reads | for example |
//! |---|---|---|
//! | `key` | the key before a separator | `"buyer.email"`, `["email"]` |
//! | `quoted` | where a quoted value begins and ends | `\"Jane \\"D\\" Doe\"` |
//! | `bare` | where a value without quotes ends, by what is around it | `name=Jane Doe plan=gold` |
//! | `ends` | the same of kinds that have spaces in them | `tel: 0151 555 0123 ext 7` |
//! | `query` | values of URLs and forms | `?name=Jane+Doe&page=2` |
//! | `header` | values of header fields | `X-Forwarded-For: …` |
//! | `path` | words of people in paths | `/customers/Jane%20Doe` |
//! | `rows` | tables whose first line names the columns | `name;zip` |
//! | `sql` | values of a statement | `INSERT INTO t (a, b) VALUES (…)` |
//! | `xml` | elements and their text | `<name>Jane Doe</name>` |

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

pub(super) use bare::{Style, bare, bare_read, is_pair, json_scalar, style};
pub(super) use ends::position_end;
pub(super) use key::{Key, before as key_before, phrases};
pub(super) use path::human_segments;
pub(super) use quoted::{closing, opening};
