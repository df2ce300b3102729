//! Taking rows apart into cells and giving the cells their meaning.

use csv_async::{AsyncReaderBuilder, StringRecord, Terminator};
use domain::FailureCode;
use domain::listing::{Listing, ListingField};
use futures::FutureExt;

use crate::chunk::RawRow;
use crate::error::{ParserFault, ReadError};
use crate::feed::Feed;
use crate::field::Field;
use crate::record::{Borders, Machine, State};
use crate::reject::RowReject;
use crate::shape::{FileShape, MappedBy};

/// A row in front of all others, read and dropped.
const SHIELD: &str = "-";
const NO_COLUMN: u32 = u32::MAX;
/// Bytes csv-async reads at once.
const BUFFER: usize = 1 << 16;

/// The columns of a shape, ready for looking up cells.
#[derive(Debug, Clone)]
struct Plan<'s> {
    headers: &'s [String],
    /// Column by field.
    columns: [u32; Field::COUNT],
    /// Columns with a place in a [`Listing`].
    listed: Vec<(u32, ListingField)>,
    /// Columns without: kept under their header.
    extras: Vec<u32>,
}

impl<'s> Plan<'s> {
    fn new(shape: &'s FileShape) -> Self {
        let mut plan = Self {
            headers: &shape.headers,
            columns: [NO_COLUMN; Field::COUNT],
            listed: Vec::new(),
            extras: Vec::new(),
        };
        for column in shape.mapping.iter().filter(|column| column.how != MappedBy::RejectReport) {
            let index = column.index as u32;
            if let Some(field) = column.field {
                plan.columns[field.index()] = index;
            }
            match column.field.and_then(Field::listed) {
                Some(field) => plan.listed.push((index, field)),
                None => plan.extras.push(index),
            }
        }
        plan
    }
}

#[derive(Debug)]
enum Outcome {
    Cells { first: u32, count: u32, text: usize },
    Reject(Box<RowReject>),
}

#[derive(Debug)]
struct Parsed {
    row: u64,
    line: u64,
    byte: u64,
    outcome: Outcome,
}

/// Many rows, taken apart. One buffer holds all their cells.
pub struct ParsedRows<'s> {
    plan: Plan<'s>,
    text: String,
    /// End of each cell in `text`, counted from the begin of its row.
    ends: Vec<u32>,
    rows: Vec<Parsed>,
}

impl std::fmt::Debug for ParsedRows<'_> {
    /// How many, never what.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ParsedRows").field("rows", &self.rows.len()).finish_non_exhaustive()
    }
}

/// A row by the meaning of its cells.
#[derive(Clone, Copy)]
pub struct MappedRow<'a> {
    /// Number of the data row, from 1.
    pub row: u64,
    /// Physical line in which it begins, from 1.
    pub line: u64,
    /// Byte of the original object at which it begins.
    pub byte: u64,
    /// The row has fewer cells than the header; the missing ones count as blank.
    pub is_short: bool,
    plan: &'a Plan<'a>,
    text: &'a str,
    ends: &'a [u32],
}

impl std::fmt::Debug for MappedRow<'_> {
    /// Where, never what.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MappedRow")
            .field("row", &self.row)
            .field("line", &self.line)
            .field("cells", &self.ends.len())
            .finish_non_exhaustive()
    }
}

impl<'a> MappedRow<'a> {
    /// The cell of a field without blanks around it; `""` where the cell is blank or the column absent.
    pub fn get(&self, field: Field) -> &'a str {
        self.cell(self.plan.columns[field.index()])
    }

    /// The row as `domain` wants it.
    pub fn listing(&self) -> Listing<'a> {
        let mut listing = Listing::default();
        for (column, field) in &self.plan.listed {
            listing.set(*field, self.cell(*column));
        }
        listing
    }

    /// Filled cells that have no place in a [`Listing`], by their header.
    pub fn extras(&self) -> impl Iterator<Item = (&'a str, &'a str)> + use<'a> {
        let row = *self;
        row.plan.extras.iter().filter_map(move |column| {
            let cell = row.cell(*column);
            (!cell.is_empty()).then(|| (row.plan.headers[*column as usize].as_str(), cell))
        })
    }

    /// The extras as a JSON object, `None` without any.
    pub fn extras_json(&self) -> Option<serde_json::Map<String, serde_json::Value>> {
        let map: serde_json::Map<_, _> =
            self.extras().map(|(header, cell)| (header.to_owned(), cell.to_owned().into())).collect();
        (!map.is_empty()).then_some(map)
    }

    fn cell(&self, column: u32) -> &'a str {
        let column = column as usize;
        let Some(end) = self.ends.get(column) else { return "" };
        let start = if column == 0 { 0 } else { self.ends[column - 1] };
        trimmed(&self.text[start as usize..*end as usize])
    }
}

/// The cell without blanks around it; most cells have none, which the first and last byte tell.
fn trimmed(cell: &str) -> &str {
    match cell.as_bytes() {
        [] => cell,
        [first, .., last] if first.is_ascii_graphic() && last.is_ascii_graphic() => cell,
        _ => cell.trim(),
    }
}

impl<'s> ParsedRows<'s> {
    /// Every row in the order given: its cells, or why it is set aside.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = Result<MappedRow<'_>, &RowReject>> {
        self.rows.iter().map(|parsed| match &parsed.outcome {
            Outcome::Reject(reject) => Err(reject.as_ref()),
            Outcome::Cells { first, count, text } => {
                let ends = &self.ends[*first as usize..(*first + *count) as usize];
                let len = ends.last().map_or(0, |end| *end as usize);
                Ok(MappedRow {
                    row: parsed.row,
                    line: parsed.line,
                    byte: parsed.byte,
                    is_short: ends.len() < self.plan.headers.len(),
                    plan: &self.plan,
                    text: &self.text[*text..*text + len],
                    ends,
                })
            }
        })
    }

    /// How many rows there are.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }
}

/// Takes rows of a file of this shape apart. Every row given is in the answer.
///
/// A row with fewer cells than the header is taken, the missing cells blank ([`MappedRow::is_short`]), unless
/// it has no delimiter at all; one with more is rejected unless the surplus is blank, for an unquoted delimiter
/// has moved its cells.
///
/// # Errors
/// Only if csv-async fails on memory, which is a defect.
pub fn parse_rows<'s, 'r>(
    shape: &'s FileShape,
    rows: impl IntoIterator<Item = RawRow<'r>>,
) -> Result<ParsedRows<'s>, ReadError> {
    let plan = Plan::new(shape);
    let borders = Borders::new(shape.delimiter, shape.terminator);
    let rows = rows.into_iter();
    let mut parsed = Vec::with_capacity(rows.size_hint().0);
    // csv-async strips a byte order mark at the begin of its stream; a row that begins with one must keep it.
    let mut fed = vec![SHIELD];
    fed.reserve(rows.size_hint().0);
    let mut bytes = 0;
    for raw in rows {
        let outcome = match unfit(&raw, borders) {
            Some(reject) => Outcome::Reject(Box::new(reject)),
            None => {
                fed.push(raw.text);
                bytes += raw.text.len();
                Outcome::Cells { first: 0, count: 0, text: 0 }
            }
        };
        parsed.push(Parsed { row: raw.row, line: raw.line, byte: raw.byte, outcome });
    }
    let mut out = ParsedRows {
        text: String::with_capacity(bytes),
        ends: Vec::with_capacity(fed.len() * plan.headers.len()),
        rows: parsed,
        plan,
    };
    // The feed is always ready, so the future is done at the first poll.
    match read(shape, fed, &mut out).now_or_never() {
        Some(result) => result.map(|()| out),
        None => Err(fault(0, "the parser waits on rows that lie in memory".to_owned())),
    }
}

fn fault(row: u64, words: String) -> ReadError {
    ReadError::Parser { row, source: ParserFault(words) }
}

async fn read(shape: &FileShape, rows: Vec<&str>, out: &mut ParsedRows<'_>) -> Result<(), ReadError> {
    let mut reader = AsyncReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(shape.delimiter.byte())
        .terminator(Terminator::Any(b'\n'))
        .buffer_capacity(BUFFER)
        .create_reader(Feed::new(rows));
    let mut record = StringRecord::new();
    let ParsedRows { plan, text, ends, rows } = out;
    reader.read_record(&mut record).await.map_err(|error| fault(0, error.to_string()))?;
    for parsed in rows {
        if matches!(parsed.outcome, Outcome::Reject(_)) {
            continue;
        }
        match reader.read_record(&mut record).await {
            Ok(true) => {}
            Ok(false) => return Err(fault(parsed.row, "it ended early".to_owned())),
            Err(error) => return Err(fault(parsed.row, error.to_string())),
        }
        if let Some(reject) = ill_shaped(parsed, &record, plan.headers.len(), shape) {
            parsed.outcome = Outcome::Reject(Box::new(reject));
            continue;
        }
        let count = record.len().min(plan.headers.len());
        parsed.outcome = Outcome::Cells { first: ends.len() as u32, count: count as u32, text: text.len() };
        ends.extend((0..count).filter_map(|i| record.range(i)).map(|range| range.end as u32));
        text.push_str(record.as_slice());
    }
    Ok(())
}

/// What would not be one record to the parser.
fn unfit(raw: &RawRow<'_>, borders: Borders) -> Option<RowReject> {
    let bytes = raw.text.as_bytes();
    let reject = |column: Option<u32>, at: usize, expected: &str, got: &str| RowReject {
        row: raw.row,
        line: raw.line,
        byte: raw.byte + at as u64,
        column,
        code: FailureCode::UploadRowUnreadable,
        expected: expected.to_owned(),
        got: got.to_owned(),
    };
    if bytes.is_empty() {
        return Some(reject(None, 0, "a row", "an empty line"));
    }
    memchr::memchr2(b'"', b'\n', bytes)?;
    let mut machine = Machine::at(State::CellStart);
    let whole = Borders { cr: false, ..borders }.advance(bytes, 0, &mut machine, true);
    if let Some(flaw) = machine.flaw {
        let expected = "a delimiter behind the closing quote; a quote inside a quoted cell is written twice";
        return Some(reject(Some(flaw.column + 1), flaw.at, expected, "other text"));
    }
    match whole {
        None => {
            Some(reject(Some(machine.column + 1), machine.opened, "a closing quote", "the end of the row"))
        }
        Some((_, after))
            if after < bytes.len() || bytes.ends_with(b"\n") && machine.state != State::Quoted =>
        {
            Some(reject(None, after, "one row", "several lines"))
        }
        Some(_) => None,
    }
}

fn ill_shaped(
    parsed: &Parsed,
    record: &StringRecord,
    columns: usize,
    shape: &FileShape,
) -> Option<RowReject> {
    let got = record.len();
    let reject = |column: usize| RowReject {
        row: parsed.row,
        line: parsed.line,
        byte: parsed.byte,
        column: Some(column as u32),
        code: FailureCode::UploadRowUnreadable,
        expected: format!("{columns} columns, as the header has"),
        got: if got == 1 { "1 column, no delimiter".to_owned() } else { format!("{got} columns") },
    };
    if got > columns && (columns..got).any(|i| record.get(i).is_some_and(|cell| !cell.trim().is_empty())) {
        return Some(reject(columns + 1));
    }
    let own = columns - shape.mapping.iter().filter(|column| column.how == MappedBy::RejectReport).count();
    (got == 1 && own >= 3).then(|| reject(2))
}
