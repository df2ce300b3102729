//! Rows in PostgreSQL's text COPY format, made as fast as they are written.
//!
//! Text beats the binary format for rows that are mostly text: less to send, less for the server to do.

use std::io;

use serde::Serialize;
use serde_json::ser::{CharEscape, CompactFormatter, Formatter};
use uuid::Uuid;

/// What follows the backslash for a byte that must be escaped; 0 for the others. NUL is among the escaped
/// ones, though it has no escape: PostgreSQL's text cannot hold it, and U+FFFD is written in its place.
const ESCAPES: [u8; 256] = {
    let mut table = [0; 256];
    table[b'\\' as usize] = b'\\';
    table[b'\t' as usize] = b't';
    table[b'\n' as usize] = b'n';
    table[b'\r' as usize] = b'r';
    table[0] = b'?';
    table
};

/// How many bytes are looked at together for anything to escape.
const BLOCK: usize = 16;

/// Rows on their way to COPY. Keep one per connection and [`CopyBuffer::clear`] it between chunks: it keeps
/// its memory.
///
/// Values are appended in the order of the columns, and [`CopyBuffer::end_row`] closes a row:
///
/// ```
/// let mut rows = entities::CopyBuffer::new();
/// rows.i32(1).text("tab\there").null().end_row();
/// assert_eq!(rows.as_bytes(), b"1\ttab\\there\t\\N\n");
/// ```
#[derive(Debug, Default)]
pub struct CopyBuffer {
    bytes: Vec<u8>,
    scratch: Vec<u8>,
    rows: u64,
}

impl CopyBuffer {
    /// An empty buffer.
    pub fn new() -> Self {
        Self::default()
    }

    /// An empty buffer with room for this many bytes.
    pub fn with_capacity(bytes: usize) -> Self {
        Self { bytes: Vec::with_capacity(bytes), ..Self::default() }
    }

    /// Forgets all rows and keeps the memory.
    pub fn clear(&mut self) {
        self.bytes.clear();
        self.rows = 0;
    }

    /// How many rows are complete.
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// How many bytes the rows take.
    pub fn len(&self) -> usize {
        self.bytes.len()
    }

    /// Whether nothing was appended since it was made or cleared.
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// The rows as COPY reads them.
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// A text. A NUL character in it becomes U+FFFD: PostgreSQL cannot store it.
    #[inline]
    pub fn text(&mut self, text: &str) -> &mut Self {
        escape_into(&mut self.bytes, text.as_bytes());
        self.end_value()
    }

    /// A text, or NULL.
    #[inline]
    pub fn opt_text(&mut self, text: Option<&str>) -> &mut Self {
        match text {
            Some(text) => self.text(text),
            None => self.null(),
        }
    }

    /// A text, or NULL where it is empty.
    #[inline]
    pub fn text_or_null(&mut self, text: &str) -> &mut Self {
        self.opt_text((!text.is_empty()).then_some(text))
    }

    /// A `text[]`.
    pub fn text_array<T: AsRef<str>>(&mut self, texts: &[T]) -> &mut Self {
        self.scratch.clear();
        self.scratch.push(b'{');
        for (index, text) in texts.iter().enumerate() {
            if index > 0 {
                self.scratch.push(b',');
            }
            self.scratch.push(b'"');
            for &byte in text.as_ref().as_bytes() {
                if byte == b'"' || byte == b'\\' {
                    self.scratch.push(b'\\');
                }
                self.scratch.push(byte);
            }
            self.scratch.push(b'"');
        }
        self.scratch.push(b'}');
        escape_into(&mut self.bytes, &self.scratch);
        self.end_value()
    }

    /// A `smallint`.
    #[inline]
    pub fn i16(&mut self, number: i16) -> &mut Self {
        self.i64(i64::from(number))
    }

    /// An `integer`.
    #[inline]
    pub fn i32(&mut self, number: i32) -> &mut Self {
        self.i64(i64::from(number))
    }

    /// An `integer`, or NULL.
    #[inline]
    pub fn opt_i32(&mut self, number: Option<i32>) -> &mut Self {
        self.opt_i64(number.map(i64::from))
    }

    /// A `smallint`, or NULL.
    #[inline]
    pub fn opt_i16(&mut self, number: Option<i16>) -> &mut Self {
        self.opt_i64(number.map(i64::from))
    }

    /// A `bigint`.
    #[inline]
    pub fn i64(&mut self, number: i64) -> &mut Self {
        let mut digits = [0u8; 20];
        let mut at = digits.len();
        let mut rest = number.unsigned_abs();
        loop {
            at -= 1;
            digits[at] = b'0' + (rest % 10) as u8;
            rest /= 10;
            if rest == 0 {
                break;
            }
        }
        if number < 0 {
            self.bytes.push(b'-');
        }
        self.bytes.extend_from_slice(&digits[at..]);
        self.end_value()
    }

    /// A `bigint`, or NULL.
    #[inline]
    pub fn opt_i64(&mut self, number: Option<i64>) -> &mut Self {
        match number {
            Some(number) => self.i64(number),
            None => self.null(),
        }
    }

    /// A `uuid`.
    #[inline]
    pub fn uuid(&mut self, uuid: Uuid) -> &mut Self {
        let mut hex = [0u8; uuid::fmt::Simple::LENGTH];
        uuid.as_simple().encode_lower(&mut hex);
        self.bytes.extend_from_slice(&hex);
        self.end_value()
    }

    /// A `uuid`, or NULL.
    #[inline]
    pub fn opt_uuid(&mut self, uuid: Option<Uuid>) -> &mut Self {
        match uuid {
            Some(uuid) => self.uuid(uuid),
            None => self.null(),
        }
    }

    /// A `boolean`.
    #[inline]
    pub fn bool(&mut self, truth: bool) -> &mut Self {
        self.bytes.push(if truth { b't' } else { b'f' });
        self.end_value()
    }

    /// A `json` or `jsonb`. A NUL character in it becomes U+FFFD: `jsonb` cannot store it.
    ///
    /// # Errors
    /// Where `value` cannot be JSON, as a map whose keys are not texts; nothing is appended then.
    pub fn json<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<&mut Self, serde_json::Error> {
        self.scratch.clear();
        let mut serializer = serde_json::Serializer::with_formatter(&mut self.scratch, WithoutNul);
        value.serialize(&mut serializer)?;
        escape_into(&mut self.bytes, &self.scratch);
        Ok(self.end_value())
    }

    /// NULL.
    #[inline]
    pub fn null(&mut self) -> &mut Self {
        self.bytes.extend_from_slice(b"\\N");
        self.end_value()
    }

    /// Closes the row. A row without values is a row of one empty text, as COPY has it.
    #[inline]
    pub fn end_row(&mut self) {
        match self.bytes.last_mut() {
            Some(last) if *last == b'\t' => *last = b'\n',
            _ => self.bytes.push(b'\n'),
        }
        self.rows += 1;
    }

    #[inline]
    fn end_value(&mut self) -> &mut Self {
        self.bytes.push(b'\t');
        self
    }
}

/// Appends `text` escaped. Long clean stretches, which is nearly all of it, are copied as they are.
fn escape_into(out: &mut Vec<u8>, text: &[u8]) {
    let mut rest = text;
    loop {
        let clean = clean_prefix(rest);
        out.extend_from_slice(&rest[..clean]);
        let Some(&byte) = rest.get(clean) else { return };
        if byte == 0 {
            out.extend_from_slice("\u{FFFD}".as_bytes());
        } else {
            out.extend_from_slice(&[b'\\', ESCAPES[usize::from(byte)]]);
        }
        rest = &rest[clean + 1..];
    }
}

/// How many bytes at the beginning need no escape.
#[inline]
fn clean_prefix(text: &[u8]) -> usize {
    let mut clean = 0;
    for block in text.chunks_exact(BLOCK) {
        // Coarser than the table, so that the compiler makes one comparison of the whole block.
        if block.iter().fold(false, |dirty, &byte| dirty | (byte < b' ') | (byte == b'\\')) {
            break;
        }
        clean += BLOCK;
    }
    let rest = &text[clean..];
    clean + rest.iter().position(|&byte| ESCAPES[usize::from(byte)] != 0).unwrap_or(rest.len())
}

/// Compact JSON in which a NUL character is U+FFFD.
struct WithoutNul;

impl Formatter for WithoutNul {
    fn write_char_escape<W: ?Sized + io::Write>(
        &mut self,
        out: &mut W,
        escape: CharEscape,
    ) -> io::Result<()> {
        match escape {
            CharEscape::AsciiControl(0) => out.write_all("\u{FFFD}".as_bytes()),
            other => CompactFormatter.write_char_escape(out, other),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Reads the text COPY format as PostgreSQL's manual describes it.
    fn decode(bytes: &[u8]) -> Vec<Vec<Option<String>>> {
        let text = std::str::from_utf8(bytes).expect("COPY text is UTF-8");
        let rows = text.strip_suffix('\n').expect("the last row is closed").split('\n');
        rows.map(|row| row.split('\t').map(decode_value).collect()).collect()
    }

    fn decode_value(value: &str) -> Option<String> {
        if value == "\\N" {
            return None;
        }
        let mut chars = value.chars();
        let mut out = String::new();
        while let Some(char) = chars.next() {
            assert_ne!(char, '\r', "a bare carriage return ends the row for COPY");
            out.push(match char {
                '\\' => match chars.next().expect("an escape is two characters") {
                    't' => '\t',
                    'n' => '\n',
                    'r' => '\r',
                    other => other,
                },
                plain => plain,
            });
        }
        Some(out)
    }

    #[test]
    fn numbers_ids_and_truth() {
        let mut rows = CopyBuffer::new();
        rows.i64(i64::MIN).i32(0).i16(-7).bool(true).uuid(Uuid::from_u128(0xab)).opt_i32(None).end_row();
        assert_eq!(
            decode(rows.as_bytes())[0],
            ["-9223372036854775808", "0", "-7", "t", "000000000000000000000000000000ab"]
                .map(|text| Some(text.to_owned()))
                .into_iter()
                .chain([None])
                .collect::<Vec<_>>()
        );
    }

    #[test]
    fn a_text_that_looks_like_null_is_not_null() {
        let mut rows = CopyBuffer::new();
        rows.text("\\N").text_or_null("").text("").end_row();
        assert_eq!(decode(rows.as_bytes())[0], [Some("\\N".to_owned()), None, Some(String::new())]);
    }

    #[test]
    fn an_array_quotes_twice() {
        let mut rows = CopyBuffer::new();
        rows.text_array(&["a\"b", "c\\d", ""]).end_row();
        assert_eq!(decode(rows.as_bytes())[0], [Some(r#"{"a\"b","c\\d",""}"#.to_owned())]);
    }

    #[test]
    fn json_keeps_everything_but_nul() {
        let mut rows = CopyBuffer::new();
        let value = serde_json::json!({"fax\t": "a\nb\\u0000\u{0}"});
        rows.json(&value).expect("a value is JSON").end_row();
        let read = decode(rows.as_bytes())[0][0].clone().expect("not null");
        let expected = serde_json::json!({"fax\t": "a\nb\\u0000\u{FFFD}"});
        assert_eq!(serde_json::from_str::<serde_json::Value>(&read).expect("JSON"), expected);
    }

    proptest! {
        #[test]
        fn every_text_comes_back(rows in prop::collection::vec(
            prop::collection::vec(prop::option::of("[\\t\\n\\r\\\\ -~é\u{FFFF}N]{0,40}"), 1..4), 1..5)
        ) {
            let mut buffer = CopyBuffer::new();
            for row in &rows {
                for value in row {
                    buffer.opt_text(value.as_deref());
                }
                buffer.end_row();
            }
            prop_assert_eq!(buffer.rows(), rows.len() as u64);
            prop_assert_eq!(decode(buffer.as_bytes()), rows);
        }

        #[test]
        fn any_text_at_all_stays_one_value(text in any::<String>()) {
            let mut buffer = CopyBuffer::new();
            buffer.text(&text).end_row();
            let expected = Some(text.replace('\0', "\u{FFFD}"));
            prop_assert_eq!(decode(buffer.as_bytes()), vec![vec![expected]]);
        }
    }
}
