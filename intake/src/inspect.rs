//! From the first bytes of a file to its shape, or to the reason why it is no list.

use std::borrow::Cow;

use crate::aliases;
use crate::content;
use crate::dialect::{self, Delimiter, Terminator};
use crate::encoding::{self, Detected, Encoding, Wide};
use crate::error::ReadError;
use crate::field::Field;
use crate::mapping::{self, Columns};
use crate::record::{Found, Scanner, State, is_blank, split_cells};
use crate::reject::REJECT_COLUMNS;
use crate::shape::{FileShape, MappedBy, ReadOptions, ReadWarning};
use crate::signature;

/// How much of a file `inspect` wants to see; less is fine if the file is smaller.
pub const HEAD_BYTES: usize = 1 << 20;

/// Rows above the header that are passed over at most: titles, dates, notes.
const PREAMBLE: usize = 20;
/// Rows whose values help to map columns.
const SAMPLE: usize = 200;

/// Finds out how a file is to be read. `head` is its beginning, at best [`HEAD_BYTES`]; `object_size` its whole
/// size in bytes.
///
/// # Errors
/// Says what the file is instead of a list, which columns are needed, or where its text breaks.
pub fn inspect(head: &[u8], object_size: u64, options: &ReadOptions) -> Result<FileShape, ReadError> {
    let whole = head.len() as u64 >= object_size;
    if head.is_empty() {
        return Err(ReadError::Empty);
    }
    signature::refuse(head)?;
    let detected = encoding::detect(head, options.encoding, whole);
    let body = &head[detected.mark..];
    check_encoding(body, options, &detected)?;
    let text = decode(body, detected.encoding, whole);
    check_text(&text, &detected)?;

    let mut warnings = Vec::new();
    if detected.damaged {
        warnings.push(ReadWarning::new("damaged_text", "some rows are not valid UTF-8 and will be rejected"));
    }
    let terminator = Terminator::detect(text.as_bytes());
    let hint = dialect::excel_hint(&text);
    let from = hint.map_or(0, |(_, len)| len);
    let delimiter = options
        .delimiter
        .or(hint.map(|(delimiter, _)| delimiter))
        .unwrap_or_else(|| dialect::vote(&text[from..], terminator));

    let legacy = (detected.encoding == Encoding::Windows1252).then_some(body);
    let head = Head { text: &text, legacy, from, delimiter, terminator, whole, options };
    let rows = head.first_rows()?;
    let header = head.header(&rows)?;
    if header.index > 0 {
        let count = header.index;
        warnings.push(ReadWarning::new(
            "preamble_skipped",
            format!("{count} rows above the header are passed over"),
        ));
    }
    let row = &rows[header.index];
    let sample: Vec<Vec<String>> = rows[header.index + 1..].iter().map(|row| row.cells.clone()).collect();
    if sample.is_empty() && whole {
        return Err(ReadError::NoRows);
    }
    let names = unique_names(&row.cells, &mut warnings);
    let columns = Columns { headers: &row.cells, sample: &sample };
    let mapping = mapping::map_columns(&columns, &names, options, &mut warnings);
    let shape = FileShape {
        encoding: detected.encoding,
        byte_order_mark: detected.mark > 0,
        ascii_so_far: detected.ascii && options.encoding.is_none(),
        delimiter,
        terminator,
        headers: names,
        header_line: row.line,
        data_offset: detected.mark as u64 + detected.encoding.original_len(&text.as_bytes()[..row.after]),
        data_line: row.next_line,
        mapping,
        required_fields: options.required_fields.clone(),
        warnings,
    };
    check_columns(&shape, &row.cells)?;
    Ok(shape)
}

fn check_encoding(body: &[u8], options: &ReadOptions, detected: &Detected) -> Result<(), ReadError> {
    let Some(wanted) = options.encoding else { return Ok(()) };
    let wrong =
        |byte: usize| ReadError::WrongEncoding { encoding: wanted, byte: (detected.mark + byte) as u64 };
    if !wanted.is_bytewise() && !body.contains(&0) {
        return Err(wrong(0));
    }
    if wanted == Encoding::Utf8
        && detected.damaged
        && encoding::detect(body, None, true).encoding == Encoding::Windows1252
    {
        return Err(wrong(std::str::from_utf8(body).map_or_else(|error| error.valid_up_to(), str::len)));
    }
    Ok(())
}

/// The head as text. Broken UTF-8 becomes one byte of `?` each, so that places stay.
fn decode(body: &[u8], encoding: Encoding, whole: bool) -> Cow<'_, str> {
    match encoding {
        Encoding::Utf16Le | Encoding::Utf16Be => Cow::Owned(Wide::decode(body, encoding, whole).text),
        Encoding::Utf8 | Encoding::Windows1252 => match std::str::from_utf8(body) {
            Ok(text) => Cow::Borrowed(text),
            Err(_) => {
                let mut text = String::with_capacity(body.len());
                for chunk in body.utf8_chunks() {
                    text.push_str(chunk.valid());
                    text.extend(std::iter::repeat_n('?', chunk.invalid().len()));
                }
                Cow::Owned(text)
            }
        },
    }
}

fn check_text(text: &str, detected: &Detected) -> Result<(), ReadError> {
    if text.bytes().all(|byte| byte.is_ascii_whitespace() || byte == 0x1A) {
        return Err(ReadError::Empty);
    }
    let bytes = text.as_bytes();
    let control = bytes.iter().filter(|byte| **byte < 0x20 && !b"\t\r\n\x0b\x0c\x1a".contains(byte)).count();
    if control * 20 > bytes.len() && control > 8 {
        let advice = "export the list as CSV and upload that";
        return Err(ReadError::NotAList { what: "a binary file", advice });
    }
    if let Some(at) = memchr::memchr(0, bytes) {
        let before = &bytes[..at];
        return Err(ReadError::NulByte {
            byte: detected.mark as u64 + detected.encoding.original_len(before),
            line: before.iter().filter(|byte| **byte == b'\n').count() as u64 + 1,
        });
    }
    Ok(())
}

/// A row of the head.
struct HeadRow {
    line: u64,
    next_line: u64,
    /// Offset in the text where the next row begins.
    after: usize,
    cells: Vec<String>,
    flaw_column: Option<u32>,
}

/// Where the header is.
struct Header {
    index: usize,
}

struct Head<'a> {
    text: &'a str,
    /// The original bytes of a Windows-1252 file, of which `text` has the same places but not all characters.
    legacy: Option<&'a [u8]>,
    /// Offset of what the vote and the rows begin with.
    from: usize,
    delimiter: Delimiter,
    terminator: Terminator,
    whole: bool,
    options: &'a ReadOptions,
}

impl Head<'_> {
    /// The first rows that are not blank.
    fn first_rows(&self) -> Result<Vec<HeadRow>, ReadError> {
        let bytes = self.text.as_bytes();
        let mut scanner = Scanner::new(bytes, self.delimiter, self.terminator, self.whole);
        scanner.at = self.from;
        let mut rows = Vec::new();
        let mut line = 1;
        while rows.len() < SAMPLE + PREAMBLE {
            let record = match scanner.find() {
                Found::Record(record) => record,
                Found::Unfinished(machine) | Found::TooLong(machine) if rows.is_empty() => {
                    return Err(if machine.state == State::Quoted && self.whole {
                        ReadError::BrokenHeader { line, column: machine.column + 1 }
                    } else {
                        ReadError::EndlessHeader { read: self.text.len() }
                    });
                }
                Found::Unfinished(_) | Found::TooLong(_) | Found::End => break,
            };
            let next_line = line + scanner.borders.lines(&bytes[record.start..record.after]);
            if !is_blank(&bytes[record.start..record.end], self.delimiter.byte()) {
                let range = record.start..record.end;
                let row = self.legacy.map_or(Cow::Borrowed(&self.text[range.clone()]), |bytes| {
                    encoding::windows_1252(&bytes[range])
                });
                let cells = split_cells(&row, self.delimiter);
                rows.push(HeadRow {
                    line,
                    next_line,
                    after: record.after,
                    cells: cells
                        .iter()
                        .map(|cell| cell.split_whitespace().collect::<Vec<_>>().join(" "))
                        .collect(),
                    flaw_column: record.flaw.map(|flaw| flaw.column + 1),
                });
            }
            line = next_line;
        }
        if rows.is_empty() { Err(ReadError::Empty) } else { Ok(rows) }
    }

    /// The row that names columns: the first, unless only a later one does.
    fn header(&self, rows: &[HeadRow]) -> Result<Header, ReadError> {
        let later = || {
            rows.iter()
                .take(PREAMBLE)
                .position(|row| self.known(row) >= 2 && !row.cells.iter().any(|cell| content::is_value(cell)))
        };
        let first = &rows[0];
        let known = self.known(first);
        let index =
            if known >= 2 || (known == 1 && first.cells.len() >= 2) { 0 } else { later().unwrap_or(0) };
        let row = &rows[index];
        if let Some(column) = row.flaw_column {
            return Err(ReadError::BrokenHeader { line: row.line, column });
        }
        let values = row.cells.iter().filter(|cell| content::is_value(cell)).count();
        if values > self.known(row) {
            let kinds = row.cells.iter().map(|cell| content::kind(cell)).collect();
            return Err(ReadError::NoHeader { line: row.line, kinds });
        }
        Ok(Header { index })
    }

    /// How many cells of a row are known names of columns.
    fn known(&self, row: &HeadRow) -> usize {
        let profile = self.options.mapping.as_ref();
        row.cells
            .iter()
            .filter(|cell| {
                let named = || {
                    profile.is_some_and(|profile| {
                        profile.keys().any(|name| aliases::compact(name) == aliases::compact(cell))
                    })
                };
                aliases::knows(cell) || REJECT_COLUMNS.contains(&cell.as_str()) || named()
            })
            .count()
    }
}

/// Headers made unique: blank ones by their position, repeated ones with a number behind.
fn unique_names(cells: &[String], warnings: &mut Vec<ReadWarning>) -> Vec<String> {
    let mut names: Vec<String> = Vec::with_capacity(cells.len());
    let mut taken = std::collections::HashSet::new();
    for (index, cell) in cells.iter().enumerate() {
        let base = if cell.is_empty() { format!("column_{}", index + 1) } else { cell.clone() };
        let mut name = base.clone();
        let mut number = 2;
        while !taken.insert(name.clone()) {
            name = format!("{base}_{number}");
            number += 1;
        }
        if name != base {
            warnings.push(ReadWarning::new(
                "duplicate_header",
                format!("column {base:?} is there twice; the later one is called {name:?}"),
            ));
        }
        names.push(name);
    }
    names
}

fn check_columns(shape: &FileShape, seen: &[String]) -> Result<(), ReadError> {
    let missing = |needed: String| ReadError::MissingColumns {
        seen: seen.iter().filter(|cell| !cell.is_empty()).cloned().collect(),
        needed,
        line: shape.header_line,
    };
    let absent: Vec<&str> = shape
        .required_fields
        .iter()
        .filter(|field| shape.column_of(**field).is_none())
        .map(|field| field.as_str())
        .collect();
    if !absent.is_empty() {
        return Err(missing(format!("columns for {}, as the mapping profile requires", absent.join(", "))));
    }
    let reachable = |column: &crate::shape::ColumnMapping| {
        column.how != MappedBy::RejectReport
            && column.field.is_some_and(|field| Field::REACHABLE.contains(&field))
    };
    if shape.mapping.iter().any(reachable) {
        Ok(())
    } else {
        Err(missing("at least one of company name, contact name, e-mail, phone".to_owned()))
    }
}
