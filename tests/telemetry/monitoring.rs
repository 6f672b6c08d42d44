//! The shipped monitoring content, held against real tools.
