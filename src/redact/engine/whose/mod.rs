//! Whose a value is: a person's, the business's own, a machine's, or nobody's.
//!
//! | file | what it asks | for example |
//! |---|---|---|
//! | `about` | what the record around a value is about | `name` beside `sku` is an article's |
//! | `doubt` | whether a value that may be anybody's is a person's | `user=jdoe`, `user=svc-export` |
//! | `shapes` | whether a value has the shape of what its key may say | `Apt. 619`, a granted code |
//! | `business` | whether it is the business's own | `city` beside `depot`, a firm, a subject |
//! | `nobodys` | whether it is nobody's, whatever its key says | `addr=0x7f1d2c0b` |
//! | `special` | whether there is a value at all, and which part of it may go | `null`, the digest in `Authorization` |
//! | `carve_out` | what an operator needs within a person's own words | `where is order 028-1…?` |
//! | `search_terms` | whether what was sought is goods | `/catalog?q=garden+chair` |
//! | `wording` | what a text is written in: a template, a statement, a subject | `Hello {name}` |
//! | `logins` | whether people or programs log in with it | `jdoe`, `shop_rw` |
//! | `signature` | the parameters of a signature | `OAuth oauth_signature="…"` |
//! | `around` | names and logins right beside what was found | `Jane Doe <jane@…>` |

pub mod about;
pub mod around;
pub mod business;
pub mod carve_out;
pub mod doubt;
pub mod logins;
pub mod name_halves;
pub mod nobodys;
pub mod programs;
pub mod protocol;
pub mod search_terms;
pub mod series;
pub mod shapes;
pub mod signature;
pub mod special;
pub mod wording;
