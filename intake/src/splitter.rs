//! The walk over the rows of one chunk: what is a row, what is set aside, and where the next chunk begins.

use std::borrow::Cow;
use std::ops::Range;

use domain::FailureCode;
use memchr::memchr;

use crate::chunk::{Chunk, ChunkLimits, Span};
use crate::encoding::{self, Encoding};
use crate::error::ReadError;
use crate::record::{Found, Machine, Record, Scanner, State, is_blank};
use crate::reject::{RejectedRow, RowReject};
use crate::resync::next_good_row;
use crate::shape::{FileShape, Position, Skipping};

/// Bytes of an over-long row that a reject keeps.
const KEPT_OF_LONG: usize = 4096;
/// Lines inside an over-long quoted cell from which on it is taken for a quote that was never closed.
const MANY_LINES: u64 = 1000;

pub(crate) struct Splitter<'s, 'f> {
    source: &'s [u8],
    shape: &'f FileShape,
    scanner: Scanner<'s>,
    is_last: bool,
    has_nul: bool,
    /// An offset in the source and the byte of the original it stands for.
    known: (usize, u64),
    line: u64,
    row: u64,
    skipping: Option<Skipping>,
    spans: Vec<Span>,
    rejects: Vec<RejectedRow>,
    blank_lines: u64,
}

impl<'s, 'f> Splitter<'s, 'f> {
    pub(crate) fn new(
        source: &'s [u8],
        shape: &'f FileShape,
        at: Position,
        is_last: bool,
        limits: ChunkLimits,
    ) -> Self {
        let scanner = Scanner::new(source, shape.delimiter, shape.terminator, is_last)
            .with_max_record(limits.record_bytes.min(usize::MAX - 2));
        Self {
            source,
            shape,
            scanner,
            is_last,
            has_nul: memchr(0, source).is_some(),
            known: (0, at.byte),
            line: at.line,
            row: at.row,
            skipping: at.skipping,
            spans: Vec::with_capacity((source.len() / 160).min(limits.rows)),
            rejects: Vec::new(),
            blank_lines: 0,
        }
    }

    pub(crate) fn run(&mut self, max_rows: usize) -> Result<(), ReadError> {
        self.pass_over()?;
        while self.skipping.is_none() && self.spans.len() + self.rejects.len() < max_rows {
            match self.scanner.find() {
                Found::Record(record) => self.record(record),
                Found::TooLong(machine) => {
                    self.too_long(machine)?;
                    self.pass_over()?;
                }
                Found::Unfinished(machine) if self.is_last => self.unclosed(machine)?,
                Found::Unfinished(_) | Found::End => break,
            }
        }
        Ok(())
    }

    fn record(&mut self, record: Record) {
        let Record { start, end, after, quotes, flaw } = record;
        let lines = if quotes {
            self.scanner.borders.lines(&self.source[start..after])
        } else {
            u64::from(end < after)
        };
        if let Some(flaw) = flaw {
            self.scanner.at = start;
            if lines > 1 && self.resume_behind(start, end, flaw.opened - start, true) {
                return;
            }
            self.scanner.at = after;
            let byte = self.byte_of(start) + self.original_len(start..flaw.at);
            self.reject(
                start..end,
                byte,
                Some(flaw.column + 1),
                "a delimiter or the end of the row behind the closing quote; a quote inside a quoted cell is written twice",
                "other text",
            );
        } else if is_blank(&self.source[start..end], self.shape.delimiter.byte()) {
            self.blank_lines += 1;
        } else if let Some(nul) = self.nul_in(start..end) {
            let byte = self.byte_of(start) + self.original_len(start..nul);
            self.reject(start..end, byte, None, "text", "a NUL byte");
        } else {
            let byte = self.byte_of(start);
            self.spans.push(Span { row: self.row, line: self.line, byte, text: start..end });
            self.row += 1;
        }
        self.line += lines;
    }

    fn nul_in(&self, row: Range<usize>) -> Option<usize> {
        if !self.has_nul {
            return None;
        }
        memchr(0, &self.source[row.clone()]).map(|at| row.start + at)
    }

    /// The row at the scanner's place has no end within the allowance.
    fn too_long(&mut self, machine: Machine) -> Result<(), ReadError> {
        let start = self.scanner.at;
        let (window, _) = self.scanner.window();
        let opened = match (machine.flaw, machine.state) {
            (Some(flaw), _) => Some(flaw.opened),
            (None, State::Quoted) => Some(machine.opened),
            _ => None,
        };
        if let Some(opened) = opened
            && self.resume_behind(start, start + window.len(), opened, false)
        {
            return Ok(());
        }
        if machine.state == State::Quoted
            && self.scanner.borders.lines(&window[machine.opened..]) > MANY_LINES
        {
            return Err(self.unclosed_error(machine));
        }
        let begins = Skipping { state: machine.state, line: self.line, byte: self.byte_of(start) };
        let expected = format!("a row of at most {} bytes", self.scanner.max_record);
        self.reject(
            start..start + window.len().min(KEPT_OF_LONG),
            begins.byte,
            Some(machine.column + 1),
            &expected,
            "a longer one",
        );
        self.move_to(start + machine.consumed);
        self.skipping = Some(begins);
        Ok(())
    }

    /// Passes over the rest of an over-long row.
    fn pass_over(&mut self) -> Result<(), ReadError> {
        let Some(begins) = self.skipping else { return Ok(()) };
        let from = self.scanner.at;
        let mut machine = Machine::at(begins.state);
        match self.scanner.borders.advance(self.source, from, &mut machine, self.is_last) {
            Some((_, after)) => {
                self.move_to(after);
                self.skipping = None;
            }
            None if self.is_last => {
                return Err(ReadError::UnclosedQuote { line: begins.line, column: 0, byte: begins.byte });
            }
            None => {
                self.move_to(machine.consumed);
                self.skipping = Some(Skipping { state: machine.state, ..begins });
            }
        }
        Ok(())
    }

    /// The file ends inside quotes.
    fn unclosed(&mut self, machine: Machine) -> Result<(), ReadError> {
        let start = self.scanner.at;
        let opened = machine.flaw.map_or(machine.opened, |flaw| flaw.opened);
        if self.resume_behind(start, self.source.len(), opened, true) {
            return Ok(());
        }
        Err(self.unclosed_error(machine))
    }

    fn unclosed_error(&mut self, machine: Machine) -> ReadError {
        let start = self.scanner.at;
        let before = &self.source[start..start + machine.opened];
        ReadError::UnclosedQuote {
            line: self.line + self.scanner.borders.lines(before),
            column: machine.column + 1,
            byte: self.byte_of(start) + self.shape.encoding.original_len(before),
        }
    }

    /// If a good row begins behind the line of the broken quote, rejects what is before it and goes on there.
    fn resume_behind(&mut self, start: usize, end: usize, opened: usize, is_last: bool) -> bool {
        let borders = self.scanner.borders;
        let columns = self.shape.headers.len();
        let Some(found) = next_good_row(&self.source[start..end], opened, columns, borders, is_last) else {
            return false;
        };
        let mut row_end = start + found;
        while row_end > start && matches!(self.source[row_end - 1], b'\n' | b'\r') {
            row_end -= 1;
        }
        let column = Machine::column_of(borders, &self.source[start..start + opened]);
        let byte = self.byte_of(start) + self.original_len(start..start + opened);
        self.reject(start..row_end, byte, Some(column), "a closing quote", "the end of the line without one");
        self.move_to(start + found);
        true
    }

    fn reject(&mut self, row: Range<usize>, byte: u64, column: Option<u32>, expected: &str, got: &str) {
        let raw = self.raw(row);
        self.rejects
            .push(RejectedRow { reject: reject(self.row, self.line, byte, column, expected, got), raw });
        self.row += 1;
    }

    /// A row as text without NUL, whatever it holds.
    fn raw(&self, row: Range<usize>) -> String {
        let bytes = &self.source[row];
        let text = match self.shape.encoding {
            Encoding::Windows1252 => encoding::windows_1252(bytes),
            _ => String::from_utf8_lossy(bytes),
        };
        text.replace('\0', "\u{fffd}")
    }

    fn original_len(&self, text: Range<usize>) -> u64 {
        self.shape.encoding.original_len(&self.source[text])
    }

    /// The byte of the original for an offset in the source; offsets must not fall.
    fn byte_of(&mut self, offset: usize) -> u64 {
        self.known = (offset, self.known.1 + self.original_len(self.known.0..offset));
        self.known.1
    }

    /// Moves the scanner, counting lines.
    fn move_to(&mut self, offset: usize) {
        self.line += self.scanner.borders.lines(&self.source[self.scanner.at..offset]);
        self.scanner.at = offset;
    }

    /// Rejects rows with half surrogates in them.
    pub(crate) fn reject_broken(&mut self, text: &str, broken: &[usize]) {
        if broken.is_empty() {
            return;
        }
        let (encoding, spans) = (self.shape.encoding, std::mem::take(&mut self.spans));
        for span in spans {
            let at = broken[broken.partition_point(|at| *at < span.text.start)..].first();
            match at.filter(|at| **at < span.text.end) {
                None => self.spans.push(span),
                Some(at) => {
                    let byte = span.byte + encoding.original_len(&text.as_bytes()[span.text.start..*at]);
                    let why = reject(span.row, span.line, byte, None, "UTF-16 text", "half a character");
                    self.rejects
                        .push(RejectedRow { reject: why, raw: text[span.text].replace('\0', "\u{fffd}") });
                }
            }
        }
        self.rejects.sort_by_key(|rejected| rejected.reject.row);
    }

    /// Turns bytewise rows into text: in place where all of it is UTF-8, row by row where not.
    pub(crate) fn decoded(mut self, bytes: &'s [u8]) -> Chunk<'s> {
        let consumed = &bytes[..self.scanner.at];
        let plain = self.shape.encoding == Encoding::Utf8 || consumed.is_ascii();
        if plain && let Ok(text) = std::str::from_utf8(consumed) {
            return self.finish(Cow::Borrowed(text));
        }
        let legacy = self.shape.encoding == Encoding::Windows1252;
        let mut legacy_rows = 0;
        let mut text = String::with_capacity(consumed.len() + consumed.len() / 16);
        let spans = std::mem::take(&mut self.spans);
        for mut span in spans {
            let row = &bytes[span.text.clone()];
            let start = text.len();
            match std::str::from_utf8(row) {
                _ if legacy => text.push_str(&encoding::windows_1252(row)),
                Ok(row) => text.push_str(row),
                Err(_) if self.shape.ascii_so_far => {
                    legacy_rows += 1;
                    text.push_str(&encoding::windows_1252(row));
                }
                Err(error) => {
                    let at = error.valid_up_to();
                    let column = Machine::column_of(self.scanner.borders, &row[..at]);
                    let got = format!("the byte {:#04x}", row[at]);
                    let why =
                        reject(span.row, span.line, span.byte + at as u64, Some(column), "UTF-8 text", &got);
                    self.rejects.push(RejectedRow { reject: why, raw: self.raw(span.text) });
                    continue;
                }
            }
            span.text = start..text.len();
            self.spans.push(span);
        }
        self.rejects.sort_by_key(|rejected| rejected.reject.row);
        let mut chunk = self.finish(Cow::Owned(text));
        chunk.legacy_rows = legacy_rows;
        chunk
    }

    pub(crate) fn finish<'a>(mut self, text: Cow<'a, str>) -> Chunk<'a> {
        let byte = self.byte_of(self.scanner.at);
        Chunk {
            text,
            spans: self.spans,
            next: Position { byte, line: self.line, row: self.row, skipping: self.skipping },
            blank_lines: self.blank_lines,
            legacy_rows: 0,
            rejects: self.rejects,
        }
    }
}

fn reject(row: u64, line: u64, byte: u64, column: Option<u32>, expected: &str, got: &str) -> RowReject {
    RowReject {
        row,
        line,
        byte,
        column,
        code: FailureCode::UploadRowUnreadable,
        expected: expected.to_owned(),
        got: got.to_owned(),
    }
}
