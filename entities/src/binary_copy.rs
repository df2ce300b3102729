//! Rows in PostgreSQL's binary COPY format, read as fast as they come.
//!
//! The format: <https://www.postgresql.org/docs/18/sql-copy.html#SQL-COPY-FILE-FORMATS-BINARY>. Binary is right for
//! reading back: a text arrives as its bytes, with nothing to unescape.

use crate::{DbError, Result};

const SIGNATURE: &[u8] = b"PGCOPY\n\xff\r\n\0";

/// A cursor over the whole answer of `COPY … TO STDOUT (FORMAT binary)`.
#[derive(Debug)]
pub(crate) struct BinaryCopy<'a> {
    rest: &'a [u8],
}

impl<'a> BinaryCopy<'a> {
    /// Reads the header.
    pub(crate) fn of(answer: &'a [u8]) -> Result<Self> {
        let rest = answer.strip_prefix(SIGNATURE).ok_or_else(broken)?;
        let mut copy = Self { rest };
        copy.take(4)?;
        let extension = usize::try_from(copy.number::<4>().map(i32::from_be_bytes)?).map_err(|_| broken())?;
        copy.take(extension)?;
        Ok(copy)
    }

    /// Goes on to the next row, of `columns` values; false at the end.
    pub(crate) fn next_row(&mut self, columns: i16) -> Result<bool> {
        match i16::from_be_bytes(self.number()?) {
            -1 => Ok(false),
            found if found == columns => Ok(true),
            _ => Err(broken()),
        }
    }

    /// An `integer` that is not NULL.
    pub(crate) fn i32(&mut self) -> Result<i32> {
        self.value()?.try_into().map(i32::from_be_bytes).map_err(|_| broken())
    }

    /// A `bigint` that is not NULL.
    pub(crate) fn i64(&mut self) -> Result<i64> {
        self.value()?.try_into().map(i64::from_be_bytes).map_err(|_| broken())
    }

    /// A `text` that is not NULL.
    pub(crate) fn text(&mut self) -> Result<&'a str> {
        std::str::from_utf8(self.value()?).map_err(|_| broken())
    }

    /// A `text`, or NULL.
    pub(crate) fn opt_text(&mut self) -> Result<Option<&'a str>> {
        let length = i32::from_be_bytes(self.number()?);
        if length == -1 {
            return Ok(None);
        }
        let bytes = self.take(usize::try_from(length).map_err(|_| broken())?)?;
        std::str::from_utf8(bytes).map(Some).map_err(|_| broken())
    }

    /// A `uuid` that is not NULL.
    pub(crate) fn uuid(&mut self) -> Result<uuid::Uuid> {
        self.value()?.try_into().map(uuid::Uuid::from_bytes).map_err(|_| broken())
    }

    fn value(&mut self) -> Result<&'a [u8]> {
        let length = i32::from_be_bytes(self.number()?);
        self.take(usize::try_from(length).map_err(|_| broken())?)
    }

    fn number<const N: usize>(&mut self) -> Result<[u8; N]> {
        self.take(N)?.try_into().map_err(|_| broken())
    }

    fn take(&mut self, bytes: usize) -> Result<&'a [u8]> {
        let (taken, rest) = self.rest.split_at_checked(bytes).ok_or_else(broken)?;
        self.rest = rest;
        Ok(taken)
    }
}

/// Only another version of the protocol, or an answer cut short, reads like this.
fn broken() -> DbError {
    DbError::Unreadable { what: "rows", detail: "the server's answer is not COPY's binary format".to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(rows: &[(i32, &str)]) -> Vec<u8> {
        let mut bytes = SIGNATURE.to_vec();
        bytes.extend([0; 8]);
        for (number, text) in rows {
            bytes.extend(2_i16.to_be_bytes());
            bytes.extend(4_i32.to_be_bytes());
            bytes.extend(number.to_be_bytes());
            bytes.extend(i32::try_from(text.len()).unwrap().to_be_bytes());
            bytes.extend(text.as_bytes());
        }
        bytes.extend((-1_i16).to_be_bytes());
        bytes
    }

    #[test]
    fn reads_what_the_server_writes() {
        let bytes = answer(&[(7, "a\tb"), (-1, "")]);
        let mut rows = BinaryCopy::of(&bytes).unwrap();
        assert!(rows.next_row(2).unwrap());
        assert_eq!((rows.i32().unwrap(), rows.text().unwrap()), (7, "a\tb"));
        assert!(rows.next_row(2).unwrap());
        assert_eq!((rows.i32().unwrap(), rows.text().unwrap()), (-1, ""));
        assert!(!rows.next_row(2).unwrap());
    }

    #[test]
    fn an_answer_cut_anywhere_is_an_error() {
        let whole = answer(&[(7, "text")]);
        for end in 0..whole.len() {
            let read = || -> Result<()> {
                let mut rows = BinaryCopy::of(&whole[..end])?;
                while rows.next_row(2)? {
                    rows.i32()?;
                    rows.text()?;
                }
                Ok(())
            };
            assert!(read().is_err(), "cut at {end}");
        }
    }
}
