//! Held against published vectors, against another implementation, and against what should not pass.

mod note;
mod tree;
