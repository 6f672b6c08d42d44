//! Fields of protobuf messages (proto3), written one behind the other.

/// How many bytes a number takes.
const fn length_of(value: usize) -> usize {
    let bits = (usize::BITS - (value | 1).leading_zeros()) as usize;
    bits.div_ceil(7)
}

fn varint(mut value: u64, out: &mut Vec<u8>) {
    while value > 0x7f {
        out.push(value.to_le_bytes()[0] | 0x80);
        value >>= 7;
    }
    out.push(value.to_le_bytes()[0]);
}

/// Field number and wire type: below 16, one byte.
const fn tag(field: u8, wire: u8) -> u8 {
    field << 3 | wire
}

/// `fixed64`
pub fn fixed64(field: u8, value: u64, out: &mut Vec<u8>) {
    out.push(tag(field, 1));
    out.extend_from_slice(&value.to_le_bytes());
}

/// `int32`, `int64` that are not negative, and enumerations.
pub fn number(field: u8, value: u64, out: &mut Vec<u8>) {
    out.push(tag(field, 0));
    varint(value, out);
}

/// `string` and `bytes`, in one or more pieces.
pub fn bytes(field: u8, pieces: &[&[u8]], out: &mut Vec<u8>) {
    out.push(tag(field, 2));
    varint(pieces.iter().map(|piece| piece.len() as u64).sum(), out);
    for piece in pieces {
        out.extend_from_slice(piece);
    }
}

/// A message of about `guess` bytes: where the guess has as many digits as the length, nothing is moved.
pub fn message<T>(field: u8, guess: usize, out: &mut Vec<u8>, write: impl FnOnce(&mut Vec<u8>) -> T) -> T {
    out.push(tag(field, 2));
    let (at, room) = (out.len(), length_of(guess));
    out.resize(at + room, 0);
    let written = write(out);
    let length = out.len() - at - room;
    let needs = length_of(length);
    if needs != room {
        out.resize(at + length + room.max(needs), 0);
        out.copy_within(at + room..at + room + length, at + needs);
        out.truncate(at + needs + length);
    }
    let mut left = length;
    for (place, digit) in out[at..at + needs].iter_mut().enumerate() {
        *digit = left.to_le_bytes()[0] & 0x7f | if place + 1 < needs { 0x80 } else { 0 };
        left >>= 7;
    }
    written
}

/// `AnyValue.string_value` in a `KeyValue`.
pub fn pair(field: u8, key: &str, value: &[u8], out: &mut Vec<u8>) {
    let any = 1 + length_of(value.len()) + value.len();
    key_of(field, key, any, out);
    bytes(1, &[value], out);
}

/// `AnyValue.int_value` in a `KeyValue`.
pub fn count(field: u8, key: &str, value: u64, out: &mut Vec<u8>) {
    key_of(field, key, 1 + length_of(usize::try_from(value).unwrap_or(usize::MAX)), out);
    number(3, value, out);
}

/// A `KeyValue` up to its value, which has `any` bytes.
pub fn key_of(field: u8, key: &str, any: usize, out: &mut Vec<u8>) {
    out.push(tag(field, 2));
    varint((2 + length_of(key.len()) + key.len() + length_of(any) + any) as u64, out);
    bytes(1, &[key.as_bytes()], out);
    out.push(tag(2, 2));
    varint(any as u64, out);
}

/// How many bytes a field of `length` bytes takes.
pub const fn size_of(length: usize) -> usize {
    1 + length_of(length) + length
}

#[cfg(test)]
mod tests {
    use opentelemetry_proto::tonic::common::v1::any_value::Value;
    use opentelemetry_proto::tonic::common::v1::{AnyValue, KeyValue};
    use proptest::prelude::*;
    use prost::Message as _;

    use super::*;

    proptest! {
        #[test]
        fn others_write_the_same(key in "[a-z.]{1,200}", text in "[ -~]{0,300}", value in 0u64..=i64::MAX as u64) {
            let of = |value| KeyValue { key: key.clone(), value: Some(AnyValue { value: Some(value) }), ..KeyValue::default() };
            let mut out = Vec::new();
            pair(6, &key, text.as_bytes(), &mut out);
            count(6, &key, value, &mut out);
            message(6, text.len(), &mut out, |out| {
                bytes(1, &[key.as_bytes()], out);
                message(2, 1, out, |out| bytes(1, &[text.as_bytes(), b"x"], out));
            });
            let log = opentelemetry_proto::tonic::logs::v1::LogRecord {
                attributes: vec![
                    of(Value::StringValue(text.clone())),
                    of(Value::IntValue(i64::try_from(value).unwrap())),
                    of(Value::StringValue(text.clone() + "x")),
                ],
                ..Default::default()
            };
            prop_assert_eq!(out, log.encode_to_vec());
        }
    }
}
