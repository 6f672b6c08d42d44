//! What a stream has shown, so that it is not worked out once more.

pub mod alike;
pub mod check;
pub mod known;
pub mod lines;
pub mod seen;
pub mod silent;
