//! How a particular file is to be read: found once by `inspect`, stored, and given to every later step.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::dialect::{Delimiter, Terminator};
use crate::encoding::Encoding;
use crate::field::Field;

/// What a mapping profile says about a file; everything not said is detected.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ReadOptions {
    /// The character between cells.
    pub delimiter: Option<Delimiter>,
    /// The encoding.
    pub encoding: Option<Encoding>,
    /// Column name → field. Names are compared without case, blanks and punctuation; columns that are not
    /// named here are mapped by alias.
    pub mapping: Option<BTreeMap<String, Field>>,
    /// Fields without which neither the file nor a row of it may go on.
    pub required_fields: Vec<Field>,
}

/// A place in the original object from which reading can go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Position {
    /// Byte of the original object, from 0.
    pub byte: u64,
    /// Physical line, from 1.
    pub line: u64,
    /// Number of the next data row, from 1.
    pub row: u64,
    /// Set while the rest of an over-long row is being passed over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub skipping: Option<Skipping>,
}

/// Where in an over-long, already rejected row a chunk ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Skipping {
    /// The state of the reader at the border.
    pub state: crate::record::State,
    /// Line in which the row began.
    pub line: u64,
    /// Byte at which the row began.
    pub byte: u64,
}

/// Why a column has the field it has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MappedBy {
    /// The header is a known name of the field.
    Alias,
    /// The mapping profile says so.
    Profile,
    /// The header resembles a known name.
    Fuzzy,
    /// The values tell.
    Content,
    /// It has none: the column is kept under its header.
    Nothing,
    /// A column that a `rejects.csv` of ours put in front; not part of the row.
    RejectReport,
}

/// What one column means.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ColumnMapping {
    /// Column, from 0.
    pub index: usize,
    /// Its header, made unique.
    pub header: String,
    /// Its meaning, if it has one.
    pub field: Option<Field>,
    /// 0 (none) to 1 (certain).
    pub confidence: f32,
    /// Where the meaning comes from.
    pub how: MappedBy,
}

/// Something a person should know about a file that can be read all the same.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReadWarning {
    /// Stable name in snake case.
    pub code: String,
    /// The same in words; quotes column names, never cells.
    pub message: String,
}

impl ReadWarning {
    pub(crate) fn new(code: &str, message: impl Into<String>) -> Self {
        Self { code: code.to_owned(), message: message.into() }
    }
}

/// How a file is to be read. Small; stored as JSON with the source.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FileShape {
    /// The encoding.
    pub encoding: Encoding,
    /// The file opens with a byte order mark.
    pub byte_order_mark: bool,
    /// The inspected part was pure ASCII, so that a later row which is not UTF-8 is read as Windows-1252
    /// rather than refused.
    pub ascii_so_far: bool,
    /// The character between cells.
    pub delimiter: Delimiter,
    /// What ends a row.
    pub terminator: Terminator,
    /// Column names as in the file, blank ones named by position, repeated ones with a suffix.
    pub headers: Vec<String>,
    /// Line of the header.
    pub header_line: u64,
    /// Byte of the original object where the first row begins.
    pub data_offset: u64,
    /// Line of the first row.
    pub data_line: u64,
    /// What each column means.
    pub mapping: Vec<ColumnMapping>,
    /// Fields without which a row is rejected.
    pub required_fields: Vec<Field>,
    /// What a person should know.
    pub warnings: Vec<ReadWarning>,
}

impl FileShape {
    /// Where the first row begins.
    pub fn start(&self) -> Position {
        Position { byte: self.data_offset, line: self.data_line, row: 1, skipping: None }
    }

    /// The column of a field, from 0.
    pub fn column_of(&self, field: Field) -> Option<usize> {
        self.mapping.iter().find(|column| column.field == Some(field)).map(|column| column.index)
    }
}
