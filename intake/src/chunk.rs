//! Cutting a piece of a file into rows, each with its place in the original object.

use std::borrow::Cow;
use std::ops::Range;

use crate::encoding::{Encoding, Wide};
use crate::error::ReadError;
use crate::reject::RejectedRow;
use crate::shape::{FileShape, Position};
use crate::splitter::Splitter;

/// The longest row that is read. A longer one is rejected and passed over without being kept in memory.
pub const MAX_RECORD_BYTES: usize = 1 << 20;

/// Bounds of one call of [`split_chunk`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ChunkLimits {
    /// Rows, good and rejected, after which to stop.
    pub rows: usize,
    /// Bytes of the longest row; [`MAX_RECORD_BYTES`] unless testing. Must be the same for all chunks of a file.
    pub record_bytes: usize,
}

impl Default for ChunkLimits {
    fn default() -> Self {
        Self { rows: usize::MAX, record_bytes: MAX_RECORD_BYTES }
    }
}

impl ChunkLimits {
    /// At most so many rows.
    pub fn rows(rows: usize) -> Self {
        Self { rows, ..Self::default() }
    }
}

/// One row as it stands in the file.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct RawRow<'a> {
    /// Number of the data row, from 1.
    pub row: u64,
    /// Physical line in which it begins, from 1.
    pub line: u64,
    /// Byte of the original object at which it begins.
    pub byte: u64,
    /// Its text without the row end, as UTF-8. Personal data.
    pub text: &'a str,
}

impl std::fmt::Debug for RawRow<'_> {
    /// Where, never what.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RawRow")
            .field("row", &self.row)
            .field("line", &self.line)
            .field("byte", &self.byte)
            .finish_non_exhaustive()
    }
}

/// A good row as a range of its chunk's text.
#[derive(Debug)]
pub(crate) struct Span {
    pub(crate) row: u64,
    pub(crate) line: u64,
    pub(crate) byte: u64,
    pub(crate) text: Range<usize>,
}

/// The rows of a piece of a file.
pub struct Chunk<'a> {
    pub(crate) text: Cow<'a, str>,
    pub(crate) spans: Vec<Span>,
    /// Where the next chunk begins. Equal to where this one began: it held no whole row, give more bytes.
    pub next: Position,
    /// Lines with nothing in them but blanks and delimiters; they are no rows.
    pub blank_lines: u64,
    /// Rows read as Windows-1252 because they are not UTF-8 and nothing in the head of the file was.
    pub legacy_rows: u64,
    /// Rows set aside, in order.
    pub rejects: Vec<RejectedRow>,
}

impl std::fmt::Debug for Chunk<'_> {
    /// Counts and places, never what rows say.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Chunk")
            .field("rows", &self.spans.len())
            .field("rejects", &self.rejects.len())
            .field("next", &self.next)
            .finish_non_exhaustive()
    }
}

impl Chunk<'_> {
    /// The good rows, in order.
    pub fn rows(&self) -> impl ExactSizeIterator<Item = RawRow<'_>> {
        self.spans.iter().map(|span| RawRow {
            row: span.row,
            line: span.line,
            byte: span.byte,
            text: &self.text[span.text.clone()],
        })
    }

    /// Rows seen, good and rejected.
    pub fn rows_seen(&self) -> u64 {
        (self.spans.len() + self.rejects.len()) as u64
    }
}

/// Cuts `bytes`, the original object from `at.byte` on, into rows. The last row is left to the next chunk if
/// its end is not in `bytes`, unless `is_last` says that the object ends with them.
///
/// Give at least twice [`MAX_RECORD_BYTES`] (four times for UTF-16) or all that is left: then every call moves
/// on, and the rows are the same wherever the file is cut.
///
/// # Errors
/// A quote that is never closed and would swallow the rest of the file.
pub fn split_chunk<'a>(
    bytes: &'a [u8],
    shape: &FileShape,
    at: Position,
    is_last: bool,
    limits: ChunkLimits,
) -> Result<Chunk<'a>, ReadError> {
    match shape.encoding {
        Encoding::Utf8 | Encoding::Windows1252 => {
            let mut splitter = Splitter::new(bytes, shape, at, is_last, limits);
            splitter.run(limits.rows)?;
            Ok(splitter.decoded(bytes))
        }
        Encoding::Utf16Le | Encoding::Utf16Be => {
            let Wide { text, broken } = Wide::decode(bytes, shape.encoding, is_last);
            let mut splitter = Splitter::new(text.as_bytes(), shape, at, is_last, limits);
            splitter.run(limits.rows)?;
            splitter.reject_broken(&text, &broken);
            let end = at.byte + bytes.len() as u64;
            let mut chunk = splitter.finish(String::new().into());
            chunk.next.byte = chunk.next.byte.min(end);
            chunk.text = Cow::Owned(text);
            Ok(chunk)
        }
    }
}
