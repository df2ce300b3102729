//! A row set aside, and the file of such rows that can be corrected and uploaded again.

use domain::FailureCode;
use serde::{Deserialize, Serialize};

use crate::dialect::Delimiter;
use crate::record::{Borders, Machine, State, split_cells};
use crate::shape::{FileShape, MappedBy};

/// Why one row was set aside, and where it is. Says nothing of what its cells say.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RowReject {
    /// Number of the data row, from 1.
    pub row: u64,
    /// Physical line in which the row begins, from 1.
    pub line: u64,
    /// Byte of the original object: of the row, or of the character at fault where there is one.
    pub byte: u64,
    /// Column at fault, from 1.
    pub column: Option<u32>,
    /// The stable code.
    pub code: FailureCode,
    /// What should have been there.
    pub expected: String,
    /// What was there.
    pub got: String,
}

/// A reject with the row as text.
#[derive(Clone, PartialEq, Eq)]
pub struct RejectedRow {
    /// Why and where.
    pub reject: RowReject,
    /// The row as it stood in the file, without its end, as UTF-8 without NUL; the first part only of an
    /// over-long one. Personal data.
    pub raw: String,
}

impl std::fmt::Debug for RejectedRow {
    /// Why and where, never what the row says.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.reject.fmt(f)
    }
}

/// The columns that stand before the original ones in `rejects.csv`. `inspect` knows and ignores them.
pub const REJECT_COLUMNS: [&str; 6] = ["_line", "_byte", "_column", "_code", "_expected", "_got"];

/// Writes `rejects.csv`: why, then the row in its original columns and with its original delimiter, so that the
/// corrected file can be uploaded as it is. Always well-formed, whatever the rows were.
#[derive(Debug, Clone)]
pub struct RejectsCsv {
    delimiter: Delimiter,
    headers: Vec<String>,
    /// Columns in front of the row's own when the rejected file was a `rejects.csv` itself.
    skip: usize,
}

impl RejectsCsv {
    /// A writer for rejects of a file of this shape.
    pub fn new(shape: &FileShape) -> Self {
        let skip = shape.mapping.iter().filter(|column| column.how == MappedBy::RejectReport).count();
        Self { delimiter: shape.delimiter, headers: shape.headers[skip..].to_vec(), skip }
    }

    /// The header, with its line end.
    pub fn header(&self) -> String {
        let mut out = String::new();
        for name in REJECT_COLUMNS.iter().copied().chain(self.headers.iter().map(String::as_str)) {
            self.cell(&mut out, name);
        }
        Self::end(&mut out);
        out
    }

    /// Appends one row, with its line end. `raw` is the row as text.
    pub fn push(&self, out: &mut String, reject: &RowReject, raw: &str) {
        let column = reject.column.map(|column| column.to_string()).unwrap_or_default();
        self.cell(out, &reject.line.to_string());
        self.cell(out, &reject.byte.to_string());
        self.cell(out, &column);
        self.cell(out, reject.code.as_str());
        self.cell(out, &reject.expected);
        self.cell(out, &reject.got);
        for cell in self.cells(raw).iter().skip(self.skip) {
            self.cell(out, cell);
        }
        Self::end(out);
    }

    /// The cells as the parser sees them; with a broken quote, cut at every delimiter and line end instead.
    fn cells<'a>(&self, raw: &'a str) -> Vec<std::borrow::Cow<'a, str>> {
        let borders = Borders { delimiter: self.delimiter.byte(), cr: false };
        let mut machine = Machine::at(State::CellStart);
        let whole = borders.advance(raw.as_bytes(), 0, &mut machine, true);
        if whole.is_some_and(|(_, after)| after == raw.len()) && machine.flaw.is_none() {
            return split_cells(raw, self.delimiter);
        }
        raw.split(char::from(self.delimiter.byte())).map(std::borrow::Cow::Borrowed).collect()
    }

    /// Appends a cell and a delimiter, quoted where it must be.
    fn cell(&self, out: &mut String, cell: &str) {
        let delimiter = char::from(self.delimiter.byte());
        let quoted = cell.contains([delimiter, '"', '\n', '\r']) || cell.starts_with([' ', '\t']);
        if quoted {
            out.push('"');
            out.push_str(&cell.replace('"', "\"\""));
            out.push('"');
        } else {
            out.push_str(cell);
        }
        out.push(delimiter);
    }

    /// Puts a line end in place of the last delimiter.
    fn end(out: &mut String) {
        out.pop();
        out.push('\n');
    }
}
