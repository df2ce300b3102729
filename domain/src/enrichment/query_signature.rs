//! What makes two questions to a vendor's list the same.

use std::fmt;

use serde_json::Value;
use sha2::{Digest, Sha256};

/// SHA-256 of `{filters, sort, zip_codes}` as canonical JSON: no spaces, keys in order, ZIP codes once and in order. So
/// the same question has one bookmark, in whatever order it was written. 64 hex digits, as `source_bookmarks.query_sig`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct QuerySignature(String);

impl QuerySignature {
    /// The signature of a question. Numbers count as they are written: `1` and `1.0` are two questions.
    pub fn of(zip_codes: &[String], filters: &Value, sort: &Value) -> Self {
        let mut zips: Vec<&str> = zip_codes.iter().map(|zip| zip.trim()).collect();
        zips.sort_unstable();
        zips.dedup();
        let mut text = String::from("{\"filters\":");
        write_canonical(filters, &mut text);
        text.push_str(",\"sort\":");
        write_canonical(sort, &mut text);
        text.push_str(",\"zip_codes\":");
        write_canonical(&Value::from(zips), &mut text);
        text.push('}');
        Self(hex::encode(Sha256::digest(text)))
    }

    /// A signature as it was stored; `None` where that is not 64 hex digits.
    pub fn read(stored: &str) -> Option<Self> {
        let digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        (stored.len() == 64 && stored.bytes().all(digit)).then(|| Self(stored.to_owned()))
    }

    /// 64 hex digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for QuerySignature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Whatever order `serde_json` keeps keys in, they are sorted here.
fn write_canonical(value: &Value, text: &mut String) {
    match value {
        Value::Object(map) => {
            let mut keys: Vec<&String> = map.keys().collect();
            keys.sort_unstable();
            text.push('{');
            for (at, key) in keys.into_iter().enumerate() {
                if at > 0 {
                    text.push(',');
                }
                text.push_str(&Value::from(key.as_str()).to_string());
                text.push(':');
                write_canonical(&map[key.as_str()], text);
            }
            text.push('}');
        }
        Value::Array(items) => {
            text.push('[');
            for (at, item) in items.iter().enumerate() {
                if at > 0 {
                    text.push(',');
                }
                write_canonical(item, text);
            }
            text.push(']');
        }
        plain => text.push_str(&plain.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn zips(codes: &[&str]) -> Vec<String> {
        codes.iter().map(|code| (*code).to_owned()).collect()
    }

    #[test]
    fn the_order_in_which_a_question_is_written_does_not_matter() {
        let one = QuerySignature::of(
            &zips(&["46601", "10001", "46601"]),
            &json!({"equity": {"min": 1, "max": 2}, "type": ["house", "condo"]}),
            &json!("value"),
        );
        let other = QuerySignature::of(
            &zips(&["10001", "46601"]),
            &json!({"type": ["house", "condo"], "equity": {"max": 2, "min": 1}}),
            &json!("value"),
        );
        assert_eq!(one, other);
        assert_ne!(one, QuerySignature::of(&zips(&["10001"]), &json!({}), &json!("value")));
        assert_ne!(
            one,
            QuerySignature::of(
                &zips(&["10001", "46601"]),
                &json!({"type": ["condo", "house"], "equity": {"max": 2, "min": 1}}),
                &json!("value"),
            ),
            "the order of a list is part of the question"
        );
    }

    /// `printf '{"filters":{"a":"é","b":1},"sort":null,"zip_codes":["46601"]}' | sha256sum`.
    #[test]
    fn it_is_what_anybody_would_compute() {
        let signature = QuerySignature::of(&zips(&["46601"]), &json!({"b": 1, "a": "é"}), &Value::Null);
        assert_eq!(QuerySignature::read(signature.as_str()).as_ref(), Some(&signature));
        assert_eq!(QuerySignature::read("ab"), None);
        assert_eq!(signature.as_str(), EXPECTED);
    }

    const EXPECTED: &str = "64d201ce80035a0a10478cba5ad4f1873d4b3a7368a3a01c43584285b760c028";
}
