//! The ways in which a text says that a value is somebody's: a key before it, a row above it, a neighbour, a word.

pub mod beside;
pub mod clause;
pub mod columns;
pub mod extent;
pub mod forms;
pub mod halves;
pub mod inline;
pub mod list;
pub mod markup;
pub mod matrix;
pub mod meaning;
pub mod neighbour;
pub mod pair;
pub mod quoted;
pub mod sibling;
pub mod speech;
pub mod spoken;
pub mod statement;
pub mod told;
pub mod wish;
