//! What a stream has shown, so that it is not worked out once more.

pub mod alike;
pub mod calm;
pub mod known;
pub mod repeated;
pub mod silent;
