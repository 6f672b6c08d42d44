//! Sanctions that replicas have together, as edits that each has seen up to a number.

use super::call::Call;
use super::fault::LinkFault;
use super::link::Link;
use crate::watch::Edit;

/// Tells and hears of edits.
pub(super) const NOTICES: &str = include_str!("notices.lua");
/// Edits of one call, each way.
pub const MOST: usize = 512;

/// What others did.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Heard {
    /// The number of the last edit there is.
    pub last: u64,
    /// The number up to which all is known with this.
    pub seen: u64,
    /// Fields, what they hold now, and since how many milliseconds.
    pub fields: Vec<(String, Option<String>, u64)>,
}

impl Link {
    /// Tells of edits, and hears of those after `seen`.
    pub async fn notices(&mut self, edits: &[Edit], seen: u64) -> Result<Heard, LinkFault> {
        let mut connection = self.connection().await?;
        let mut call = Call::new(&self.notices, NOTICES, 4);
        for key in ["sanctions", "edits", "edit", "times"] {
            call.arg(format!("{}{{0}}:{key}", self.reach.name));
        }
        call.arg(seen.to_string());
        call.arg(MOST.to_string());
        for Edit { field, value, before } in edits {
            call.arg(field.clone());
            call.arg(value.clone().unwrap_or_default());
            call.arg(before.clone().unwrap_or_default());
        }
        let answer = tokio::time::timeout(self.reach.timeout * 2, call.of::<Vec<String>>(&mut connection)).await;
        let heard = answer.unwrap_or(Err(LinkFault::Timeout)).and_then(|words| read(&words, seen));
        self.ended(heard)
    }
}

fn read(words: &[String], seen: u64) -> Result<Heard, LinkFault> {
    let number = |word: &String| word.parse::<u64>().map_err(|_| LinkFault::Malformed);
    let (last, edits) = words.split_first().ok_or(LinkFault::Malformed)?;
    let mut heard = Heard { last: number(last)?, seen, fields: Vec::new() };
    let (edits, []) = edits.as_chunks::<4>() else { return Err(LinkFault::Malformed) };
    for [place, field, value, age] in edits {
        heard.seen = number(place)?;
        let value = Some(value.clone()).filter(|value| !value.is_empty());
        heard.fields.push((field.clone(), value, number(age)?));
    }
    Ok(heard)
}
