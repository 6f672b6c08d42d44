//! JSON objects whose member names are unique. `serde_json` keeps the last of two equal names, other parsers keep the
//! first; a token that reads differently in two places is refused (RFC 7519 section 4, RFC 8725 section 2.4).

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::Value;

/// Most members of an object: tokens and keys have some twenty. Each name is compared with those before it, and 8 KiB of
/// two-letter names would cost a stranger nothing and the gate a millisecond.
const MAX_MEMBERS: usize = 128;

/// The members of a JSON object, in order, each name once. In the objects below them too.
pub(super) struct Members(Vec<(String, Value)>);

impl Members {
    /// Reads exactly one object, and nothing after it.
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        let mut reader = serde_json::Deserializer::from_slice(bytes);
        let members = reader.deserialize_map(ObjectVisitor).ok()?;
        reader.end().ok()?;
        Some(Self(members))
    }

    /// The member of that name.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.0.iter().find(|(member, _)| member == name).map(|(_, value)| value)
    }

    /// The names.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(name, _)| name.as_str())
    }
}

/// A whole number as RFC 7519's `NumericDate` should be: an integer that a double holds exactly, above 0. `Err` for
/// anything else, `Ok(None)` for absence.
pub(super) fn seconds(members: &Members, name: &str) -> Result<Option<u64>, NotSeconds> {
    const EXACT: u64 = 1 << 53;
    match members.get(name) {
        None => Ok(None),
        Some(value) => value.as_u64().filter(|&at| 0 < at && at < EXACT).map(Some).ok_or(NotSeconds),
    }
}

/// A claim that should hold a moment holds something else.
pub(super) struct NotSeconds;

struct ObjectVisitor;

impl<'de> Visitor<'de> for ObjectVisitor {
    type Value = Vec<(String, Value)>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object with unique names")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut members: Vec<(String, Value)> = Vec::new();
        while let Some(name) = map.next_key::<String>()? {
            if members.len() == MAX_MEMBERS {
                return Err(A::Error::custom("too many members"));
            }
            if members.iter().any(|(other, _)| *other == name) {
                return Err(A::Error::custom("a name twice"));
            }
            let value = map.next_value_seed(StrictValue)?;
            members.push((name, value));
        }
        Ok(members)
    }
}

/// Any JSON value, with the same rule for the objects in it.
struct StrictValue;

impl<'de> DeserializeSeed<'de> for StrictValue {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for StrictValue {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E: Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_string<E: Error>(self, value: String) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Value, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = seq.next_element_seed(StrictValue)? {
            items.push(item);
        }
        Ok(Value::Array(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Value, A::Error> {
        Ok(Value::Object(ObjectVisitor.visit_map(map)?.into_iter().collect()))
    }
}
