//! Paths to values of a JSON document: a part of RFC 9535 that a scanner can follow without looking back.
//!
//! ```text
//! path = "$" *step
//! step = "." name / "['" name "']" / "[" index "]" / "[*]" / ".*" / ".." name
//! name = what a key says once its escapes are read: letters, digits, "_", "-" and all beyond ASCII;
//!        in brackets anything but a quote, a backslash and controls
//! ```

/// Steps of a path: each is a bit of a scanner's state.
pub const MAX_STEPS: usize = 31;
/// Bytes of a name. A scanner keeps no more of a key than this.
pub const MAX_NAME: usize = 256;

/// One step from a value to some of what it holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// An object's member of this name.
    Member(Box<str>),
    /// An array's element at this place, from 0.
    Element(u64),
    /// All members or elements.
    All,
    /// Members of this name at any depth.
    Descendants(Box<str>),
}

/// A path from the document's root.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JsonPath {
    steps: Box<[Step]>,
}

impl JsonPath {
    /// Reads a path; what is wrong with it otherwise, to be shown behind `it`.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut rest = text.strip_prefix('$').ok_or("does not start at the document's root, `$`")?;
        let mut steps = Vec::new();
        while !rest.is_empty() {
            if steps.len() == MAX_STEPS {
                return Err(format!("has more than {MAX_STEPS} steps"));
            }
            let (step, after) = step(rest)?;
            steps.push(step);
            rest = after;
        }
        Ok(Self { steps: steps.into() })
    }

    /// Its steps.
    pub const fn steps(&self) -> &[Step] {
        &self.steps
    }
}

fn step(text: &str) -> Result<(Step, &str), String> {
    if let Some(rest) = text.strip_prefix("..") {
        let (name, rest) = shorthand(rest)?;
        return Ok((Step::Descendants(name), rest));
    }
    if let Some(rest) = text.strip_prefix(".*").or_else(|| text.strip_prefix("[*]")) {
        return Ok((Step::All, rest));
    }
    if let Some(rest) = text.strip_prefix('.') {
        let (name, rest) = shorthand(rest)?;
        return Ok((Step::Member(name), rest));
    }
    let Some(inner) = text.strip_prefix('[') else {
        return Err(format!("has `{}` where a step begins", text.chars().next().unwrap_or_default().escape_default()));
    };
    if let Some(quote @ ('\'' | '"')) = inner.chars().next() {
        let inner = &inner[1..];
        let end = inner.find([quote, '\\']).filter(|end| inner[*end..].starts_with(quote));
        let end = end.ok_or("has a quoted name without its end, or with a backslash")?;
        let name = named(&inner[..end])?;
        let rest = inner[end + 1..].strip_prefix(']').ok_or("has a quoted name that no `]` follows")?;
        return Ok((Step::Member(name), rest));
    }
    let (index, rest) = inner.split_once(']').ok_or("has a `[` without its `]`")?;
    let sound = !index.is_empty() && index.bytes().all(|byte| byte.is_ascii_digit());
    let index = index.parse().ok().filter(|_| sound && (index == "0" || !index.starts_with('0')));
    Ok((
        Step::Element(index.ok_or("has brackets with something other than `*`, a place from 0, or a quoted name")?),
        rest,
    ))
}

/// A name without quotes (RFC 9535 section 2.5.1), digits and hyphens allowed everywhere.
fn shorthand(text: &str) -> Result<(Box<str>, &str), String> {
    let part_of_name = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-' || !c.is_ascii();
    let end = text.find(|c| !part_of_name(c)).unwrap_or(text.len());
    let (name, rest) = text.split_at(end);
    Ok((named(name)?, rest))
}

fn named(name: &str) -> Result<Box<str>, String> {
    match name {
        "" => Err("has a step without a name".to_owned()),
        name if name.len() > MAX_NAME => Err(format!("has a name of more than {MAX_NAME} bytes")),
        name if name.chars().any(char::is_control) => Err("has a name with a control character".to_owned()),
        name => Ok(name.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_steps_that_are_built_are_read() {
        let steps = |text: &str| JsonPath::parse(text).expect(text).steps().to_vec();
        let member = |name: &str| Step::Member(name.into());
        assert_eq!(steps("$"), []);
        assert_eq!(steps("$.payload.Orders[*]"), [member("payload"), member("Orders"), Step::All]);
        assert_eq!(steps("$['a b'][\"c'd\"].*[0][12]").len(), 5);
        assert_eq!(steps("$..Order_Id[3]"), [Step::Descendants("Order_Id".into()), Step::Element(3)]);
        assert_eq!(steps("$.größe"), [member("größe")]);
    }

    #[test]
    fn what_is_not_built_is_not_accepted() {
        let many = format!("${}", ".a".repeat(MAX_STEPS + 1));
        let long = format!("$.{}", "a".repeat(MAX_NAME + 1));
        for bad in [
            "",
            "payload",
            "$payload",
            "$.",
            "$..",
            "$..*",
            "$..['a']",
            "$[",
            "$[]",
            "$[-1]",
            "$[01]",
            "$[1:2]",
            "$[0,1]",
            "$[?@.a]",
            "$['a'",
            "$['a\\'b']",
            "$['']",
            "$[a]",
            "$.a b",
            "$ .a",
            "$[+1]",
            "$[99999999999999999999]",
            &many,
            &long,
        ] {
            assert!(JsonPath::parse(bad).is_err(), "{bad}");
        }
    }
}
