//! Why a file as a whole cannot be read, and what to do about it.

use domain::FailureCode;

use crate::encoding::Encoding;

/// A file that cannot be read as a list.
///
/// `Display` is fit for logs: it never repeats what a cell says. [`ReadError::got`] may quote the header, for
/// the person who uploaded the file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ReadError {
    /// Nothing, or nothing but blanks.
    #[error("the file is empty")]
    Empty,
    /// A header and nothing below it.
    #[error("the file has a header but no rows")]
    NoRows,
    /// Not a text file with delimiters at all.
    #[error("this is {what}, not a list: {advice}")]
    NotAList {
        /// What it is, with its article.
        what: &'static str,
        /// What to do.
        advice: &'static str,
    },
    /// A zero byte, which text does not have.
    #[error("a NUL byte at byte {byte}, line {line}: the file is damaged or not text; export it again")]
    NulByte {
        /// Its place in the file.
        byte: u64,
        /// Its line.
        line: u64,
    },
    /// The first rows are data.
    #[error("no header: line {line} holds data, not names of columns; put a row with the names above it")]
    NoHeader {
        /// Line of the first row.
        line: u64,
        /// The kinds of its cells, not what they say.
        kinds: Vec<&'static str>,
    },
    /// The header row has a broken quote.
    #[error(
        "the header in line {line} cannot be read: a quote in column {column} is not closed or not doubled"
    )]
    BrokenHeader {
        /// Line of the header.
        line: u64,
        /// Column, from 1.
        column: u32,
    },
    /// The header names nothing by which anybody could be reached, or not what the mapping profile requires.
    #[error("none of the {} columns is what is needed ({needed}); rename a column or use a mapping profile", seen.len())]
    MissingColumns {
        /// The header.
        seen: Vec<String>,
        /// What is needed.
        needed: String,
        /// Line of the header.
        line: u64,
    },
    /// A row without an end: it would have swallowed the rest of the file.
    #[error(
        "the quote opened in line {line}, column {column} (byte {byte}) is never closed; close or double it"
    )]
    UnclosedQuote {
        /// Line of the row with the quote.
        line: u64,
        /// Column of the quote, from 1; 0 when it lies in an earlier chunk.
        column: u32,
        /// Place of the row in the file.
        byte: u64,
    },
    /// The header does not end within what was read.
    #[error(
        "the header does not end within the first {read} bytes: this is no list, or its row ends are missing"
    )]
    EndlessHeader {
        /// Bytes read.
        read: usize,
    },
    /// The file is not in the encoding its mapping profile names.
    #[error("the file is not {encoding}: byte {byte} cannot be; leave the encoding out to have it detected")]
    WrongEncoding {
        /// The encoding asked for.
        encoding: Encoding,
        /// The first byte that does not fit.
        byte: u64,
    },
    /// The parser failed on memory, which it must not.
    #[error("the parser stopped in row {row}; this is a defect of ours")]
    Parser {
        /// The row.
        row: u64,
        /// The parser's own words.
        #[source]
        source: ParserFault,
    },
}

/// What the CSV parser said.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct ParserFault(pub(crate) String);

impl ReadError {
    /// The stable code.
    pub fn code(&self) -> FailureCode {
        match self {
            Self::MissingColumns { .. } => FailureCode::UploadMissingColumns,
            Self::Parser { .. } => FailureCode::SystemInternal,
            _ => FailureCode::UploadCsvParseError,
        }
    }

    /// Line of the fault, from 1, where it has one.
    pub fn line(&self) -> Option<u64> {
        match self {
            Self::NulByte { line, .. }
            | Self::NoHeader { line, .. }
            | Self::BrokenHeader { line, .. }
            | Self::MissingColumns { line, .. }
            | Self::UnclosedQuote { line, .. } => Some(*line),
            _ => None,
        }
    }

    /// Byte of the fault, from 0, where it has one.
    pub fn byte(&self) -> Option<u64> {
        match self {
            Self::NulByte { byte, .. }
            | Self::UnclosedQuote { byte, .. }
            | Self::WrongEncoding { byte, .. } => Some(*byte),
            _ => None,
        }
    }

    /// Column of the fault, from 1, where it has one.
    pub fn column(&self) -> Option<u32> {
        match self {
            Self::BrokenHeader { column, .. } | Self::UnclosedQuote { column, .. } => {
                Some(*column).filter(|column| *column > 0)
            }
            _ => None,
        }
    }

    /// What should have been there.
    pub fn expected(&self) -> String {
        match self {
            Self::Empty | Self::NoRows => "a header and at least one row".to_owned(),
            Self::NotAList { .. } | Self::NulByte { .. } => "text with one row per line".to_owned(),
            Self::NoHeader { .. } => {
                "a first row with the names of the columns, such as Company Name, Phone".to_owned()
            }
            Self::BrokenHeader { .. } | Self::UnclosedQuote { .. } => "a closing quote".to_owned(),
            Self::MissingColumns { needed, .. } => needed.clone(),
            Self::EndlessHeader { .. } => "the end of the header row".to_owned(),
            Self::WrongEncoding { encoding, .. } => format!("{encoding} text"),
            Self::Parser { .. } => "a row".to_owned(),
        }
    }

    /// What was there instead. May quote the header; not for logs.
    pub fn got(&self) -> String {
        match self {
            Self::Empty => "an empty file".to_owned(),
            Self::NoRows => "a header and nothing below it".to_owned(),
            Self::NotAList { what, .. } => (*what).to_owned(),
            Self::NulByte { .. } => "a NUL byte".to_owned(),
            Self::NoHeader { kinds, .. } => format!("{} cells: {}", kinds.len(), kinds.join(", ")),
            Self::MissingColumns { seen, .. } => format!("the columns {}", quote(seen)),
            Self::BrokenHeader { .. } | Self::UnclosedQuote { .. } => "the end without one".to_owned(),
            Self::EndlessHeader { read } => format!("{read} bytes without one"),
            Self::WrongEncoding { .. } => "other bytes".to_owned(),
            Self::Parser { source, .. } => source.to_string(),
        }
    }

    /// What a person can do.
    pub fn advice(&self) -> &'static str {
        match self {
            Self::Empty | Self::NoRows => "Check the export: the list has no rows.",
            Self::NotAList { advice, .. } => advice,
            Self::NulByte { .. } => "Export the list again; if it comes from Excel, save it as CSV UTF-8.",
            Self::NoHeader { .. } => "Put a row with the names of the columns above the first row.",
            Self::BrokenHeader { .. } => "Close the quote in the header, or write it twice.",
            Self::MissingColumns { .. } => {
                "Rename a column to one of the names needed, or upload with a mapping profile that says what the columns mean."
            }
            Self::UnclosedQuote { .. } => {
                "Close the quote in the line named, or write it twice if it belongs to the text."
            }
            Self::EndlessHeader { .. } => "Check that this is a text file with one row per line.",
            Self::WrongEncoding { .. } => {
                "Leave the encoding out of the mapping profile, or save the file in it."
            }
            Self::Parser { .. } => "Report it with the id of the upload.",
        }
    }
}

/// At most forty names, quoted.
fn quote(names: &[String]) -> String {
    let mut text = names.iter().take(40).map(|name| format!("{name:?}")).collect::<Vec<_>>().join(", ");
    if names.len() > 40 {
        text.push_str(&format!(" and {} more", names.len() - 40));
    }
    text
}
