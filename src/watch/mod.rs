//! What watches behaviour.

pub mod detect;
pub mod key;
