//! Counts as real numbers and back.

/// A count for arithmetic: exact below 2^53, which no count comes near.
#[expect(clippy::cast_precision_loss, reason = "exact below 2^53")]
pub(super) const fn real(count: u64) -> f64 {
    count as f64
}

/// The whole number below; 0 for what is none.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a cast of a float saturates")]
pub(super) const fn whole(number: f64) -> u64 {
    number as u64
}
