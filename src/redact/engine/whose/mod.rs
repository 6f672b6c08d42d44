//! Whose a value is: a person's, the business's own, a machine's, or nobody's.

pub mod about;
pub mod around;
pub mod business;
pub mod carve;
pub mod doubt;
pub mod logins;
pub mod nobodys;
pub mod series;
pub mod signed;
pub mod sought;
pub mod special;
pub mod wording;
