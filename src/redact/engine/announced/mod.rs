//! The ways in which a text says that a value is somebody's: a key before it, a row above it, a neighbour, a word.

pub mod beside;
pub mod clause;
pub mod database;
pub mod extent;
pub mod fixed_width;
pub mod formats;
pub mod gift_message;
pub mod headerless_row;
pub mod html_table;
pub mod inline_table;
pub mod json_table;
pub mod labelled;
pub mod list;
pub mod meaning;
pub mod name_value;
pub mod pair;
pub mod phrase;
pub mod positional;
pub mod quotation;
pub mod quote_context;
pub mod sent;
pub mod sibling;
pub mod visit;
