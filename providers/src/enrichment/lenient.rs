//! Reads vendors' JSON field by field: what does not have the shape it should is not there, and spoils nothing beside
//! it. Vendors send `{}` for no address, `"1"` for 1, `""` for nothing and nulls anywhere.
//!
//! For `#[serde(default, deserialize_with = "…")]`: a missing field is not there either.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};
use serde_json::Value;

/// A `T`, if that is what the object there is. serde would read a struct from an array too, by place.
pub(super) fn read<T: DeserializeOwned>(value: Value) -> Option<T> {
    if value.is_array() { None } else { T::deserialize(value).ok() }
}

/// See [`read`].
pub(super) fn maybe<'de, D: Deserializer<'de>, T: DeserializeOwned>(from: D) -> Result<Option<T>, D::Error> {
    Ok(read(Value::deserialize(from)?))
}

/// What stands in an array, in its order and with its nulls; `None` where there is no array.
pub(super) fn array<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Vec<Value>>, D::Error> {
    match Value::deserialize(from)? {
        Value::Array(items) => Ok(Some(items)),
        _ => Ok(None),
    }
}

/// Those of an array that are a `T`. Loses their places, so only for lists whose order means nothing but rank.
pub(super) fn list<'de, D: Deserializer<'de>, T: DeserializeOwned>(from: D) -> Result<Vec<T>, D::Error> {
    Ok(array(from)?.unwrap_or_default().into_iter().filter_map(read).collect())
}

/// A text without the space around it, or a number as text; an empty one is none.
pub(super) fn text<'de, D: Deserializer<'de>>(from: D) -> Result<Option<String>, D::Error> {
    Ok(text_of(&Value::deserialize(from)?))
}

/// A truth: `true`, or as text or number `true yes y 1` and `false no n 0`, in any case. Anything else is none:
/// an absent flag is not a false one.
pub(super) fn flag<'de, D: Deserializer<'de>>(from: D) -> Result<Option<bool>, D::Error> {
    Ok(flag_of(&Value::deserialize(from)?))
}

/// A whole number, also as text (`"1,200"`, `"$85000.00"`); fractions are cut off.
pub(super) fn whole<'de, D: Deserializer<'de>>(from: D) -> Result<Option<i64>, D::Error> {
    Ok(whole_of(&Value::deserialize(from)?))
}

/// See [`text`].
pub(super) fn text_of(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.trim()).filter(|text| !text.is_empty()).map(str::to_owned),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// See [`flag`].
pub(super) fn flag_of(value: &Value) -> Option<bool> {
    if let Value::Bool(flag) = value {
        return Some(*flag);
    }
    match text_of(value)?.to_ascii_lowercase().as_str() {
        "true" | "yes" | "y" | "1" => Some(true),
        "false" | "no" | "n" | "0" => Some(false),
        _ => None,
    }
}

/// See [`whole`].
pub(super) fn whole_of(value: &Value) -> Option<i64> {
    if let Some(number) = value.as_i64() {
        return Some(number);
    }
    let number: f64 = match value {
        Value::Number(number) => number.as_f64()?,
        Value::String(text) => text.trim().trim_start_matches('$').replace(',', "").parse().ok()?,
        _ => return None,
    };
    // Beyond 2^53 a float is no exact whole number, and nothing that is counted here is that large.
    #[expect(clippy::cast_possible_truncation, reason = "checked to be small enough")]
    (number.abs() < 9.0e15).then(|| number.trunc() as i64)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[derive(Debug, Default, PartialEq, Deserialize)]
    #[serde(default)]
    struct Inner {
        a: i32,
    }

    #[derive(Debug, Default, PartialEq, Deserialize)]
    #[serde(default)]
    struct Sample {
        #[serde(deserialize_with = "maybe")]
        inner: Option<Inner>,
        #[serde(deserialize_with = "list")]
        many: Vec<Inner>,
        #[serde(deserialize_with = "text")]
        text: Option<String>,
        #[serde(deserialize_with = "flag")]
        flag: Option<bool>,
        #[serde(deserialize_with = "whole")]
        whole: Option<i64>,
    }

    fn read(value: Value) -> Sample {
        serde_json::from_value(value).expect("an object always reads")
    }

    #[test]
    fn a_wrong_field_is_not_there_and_spoils_nothing() {
        let sample = read(
            json!({"inner": [], "many": [{"a": 1}, null, "x", [7], {"a": 2}], "text": {}, "flag": "", "whole": "x"}),
        );
        assert_eq!(sample, Sample { many: vec![Inner { a: 1 }, Inner { a: 2 }], ..Sample::default() });
        assert_eq!(read(json!({"many": {}, "inner": null})), Sample::default());
    }

    #[test]
    fn an_absent_flag_is_not_false() {
        assert_eq!(read(json!({})).flag, None);
        assert_eq!(read(json!({"flag": "unknown"})).flag, None);
        for (value, expected) in
            [(json!(false), false), (json!("No"), false), (json!(1), true), (json!("TRUE"), true)]
        {
            assert_eq!(read(json!({"flag": value})).flag, Some(expected));
        }
    }

    #[test]
    fn numbers_come_as_texts_too() {
        for value in [json!(1200), json!("1200"), json!("$1,200.00"), json!(1200.9), json!(" 1200 ")] {
            assert_eq!(read(json!({"whole": value})).whole, Some(1200));
        }
        for value in [json!("NaN"), json!(1e300), json!("inf"), json!(true)] {
            assert_eq!(read(json!({"whole": value})).whole, None);
        }
        assert_eq!(read(json!({"text": 17})).text.as_deref(), Some("17"));
        assert_eq!(read(json!({"text": "  "})).text, None);
    }
}
