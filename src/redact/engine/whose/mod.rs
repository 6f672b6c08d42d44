//! Whose a value is: a person's, the business's own, a machine's, or nobody's.

pub mod about;
pub mod around;
pub mod business;
pub mod carve_out;
pub mod doubt;
pub mod logins;
pub mod nobodys;
pub mod programs;
pub mod search_terms;
pub mod signature;
pub mod special;
pub mod wording;
