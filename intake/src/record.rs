//! Finding where rows end, quotes respected, without taking cells apart.
//!
//! The rules are those of csv-async's parser (a quote opens a quoted cell only as the first character of the
//! cell; a doubled quote inside is one quote), so that a row found here is exactly one record there. What that
//! parser forgives silently (text behind a closing quote) is reported here as a [`Flaw`].

use std::borrow::Cow;

use memchr::{memchr, memchr2, memchr3};
use serde::{Deserialize, Serialize};

use crate::dialect::{Delimiter, Terminator};

/// Where in a row the reader is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Before the first character of a cell.
    CellStart,
    /// In a cell without quotes, or behind a broken one.
    Plain,
    /// Inside quotes.
    Quoted,
    /// Behind a quote that may close the cell or be the first of two.
    AfterQuote,
}

/// Text behind a closing quote: usually a quote inside a quoted cell that was not doubled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Flaw {
    /// Offset of the character that should not be there.
    pub(crate) at: usize,
    /// Its column, from 0.
    pub(crate) column: u32,
    /// Offset of the quote that opened the cell.
    pub(crate) opened: usize,
}

/// The reader within one row.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Machine {
    pub(crate) state: State,
    /// Column the reader is in, from 0.
    pub(crate) column: u32,
    /// Offset of the last quote that opened a cell.
    pub(crate) opened: usize,
    /// The first flaw met.
    pub(crate) flaw: Option<Flaw>,
    /// Bytes that need not be seen again.
    pub(crate) consumed: usize,
    /// Whether `column` has to be right at the end of a row; else cells behind the last quote are not visited.
    pub(crate) counts: bool,
}

impl Machine {
    pub(crate) fn at(state: State) -> Self {
        Self { state, column: 0, opened: 0, flaw: None, consumed: 0, counts: false }
    }

    /// A machine at the begin of a row that counts its columns.
    pub(crate) fn counting() -> Self {
        Self { counts: true, ..Self::at(State::CellStart) }
    }

    /// The column, from 1, in which the byte behind `before`, the begin of a row, stands.
    pub(crate) fn column_of(borders: Borders, before: &[u8]) -> u32 {
        let mut machine = Self::counting();
        borders.advance(before, 0, &mut machine, false);
        machine.column + 1
    }
}

/// The two characters that matter.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Borders {
    pub(crate) delimiter: u8,
    /// Whether a carriage return alone ends a row.
    pub(crate) cr: bool,
}

impl Borders {
    pub(crate) fn new(delimiter: Delimiter, terminator: Terminator) -> Self {
        Self { delimiter: delimiter.byte(), cr: terminator.is_cr() }
    }

    /// Runs the machine over `bytes` from `from` to the end of the row: its end, and the begin of the next.
    /// `None` when the row does not end in `bytes`; with `is_last` only an open quote can cause that.
    pub(crate) fn advance(
        self,
        bytes: &[u8],
        from: usize,
        machine: &mut Machine,
        is_last: bool,
    ) -> Option<(usize, usize)> {
        let mut i = from;
        // Whether it is still worth looking if the row ends before another quote comes.
        let mut may_be_last = !machine.counts;
        loop {
            machine.consumed = i;
            if machine.state == State::Quoted {
                let Some(found) = memchr(b'"', bytes.get(i..)?) else {
                    // A carriage return at the border may be half of a pair, which counts as one line.
                    let half = self.cr && bytes.last() == Some(&b'\r');
                    machine.consumed = bytes.len() - usize::from(half);
                    return None;
                };
                i += found + 1;
                machine.state = State::AfterQuote;
                continue;
            }
            let Some(&byte) = bytes.get(i) else {
                return is_last.then_some((self.without_cr(bytes, from, i), i));
            };
            match machine.state {
                State::CellStart if byte == b'"' => {
                    machine.opened = i;
                    machine.state = State::Quoted;
                    i += 1;
                    continue;
                }
                State::AfterQuote if byte == b'"' => {
                    machine.state = State::Quoted;
                    i += 1;
                    continue;
                }
                State::AfterQuote => {
                    let blank = byte == b' ' || byte == b'\t' || (byte == b'\r' && !self.cr);
                    if byte != self.delimiter && !self.ends(byte) && !blank && machine.flaw.is_none() {
                        machine.flaw = Some(Flaw { at: i, column: machine.column, opened: machine.opened });
                    }
                    // Blanks behind the quote keep the state, so that text behind them is still a flaw.
                    if blank && byte != self.delimiter {
                        i = self.behind_blanks(bytes, i, machine);
                        continue;
                    }
                    machine.state = State::Plain;
                }
                _ => machine.state = State::Plain,
            }
            let rest = &bytes[i..];
            if std::mem::take(&mut may_be_last)
                && let Some(end) = self.row_end(rest)
                && memchr(b'"', &rest[..end]).is_none()
            {
                i += end;
                machine.consumed = i;
                let after = self.behind_row(bytes, i, is_last)?;
                return Some((self.without_cr(bytes, from, i), after));
            }
            let found = if self.cr {
                memchr3(self.delimiter, b'\n', b'\r', rest)
            } else {
                memchr2(self.delimiter, b'\n', rest)
            };
            i += found.unwrap_or(rest.len());
            match bytes.get(i) {
                Some(byte) if *byte == self.delimiter => {
                    machine.state = State::CellStart;
                    machine.column += 1;
                    i += 1;
                }
                Some(_) => {
                    machine.consumed = i;
                    let after = self.behind_row(bytes, i, is_last)?;
                    return Some((self.without_cr(bytes, from, i), after));
                }
                None => {}
            }
        }
    }

    /// Offset of the first byte that could end a row.
    fn row_end(self, bytes: &[u8]) -> Option<usize> {
        if self.cr { memchr2(b'\n', b'\r', bytes) } else { memchr(b'\n', bytes) }
    }

    fn ends(self, byte: u8) -> bool {
        byte == b'\n' || (self.cr && byte == b'\r')
    }

    /// Passes blanks behind a closing quote. A quote behind blanks is a flaw, not an escape.
    fn behind_blanks(self, bytes: &[u8], mut i: usize, machine: &mut Machine) -> usize {
        while let Some(byte) = bytes.get(i)
            && (*byte == b' ' || *byte == b'\t' || (*byte == b'\r' && !self.cr))
            && *byte != self.delimiter
        {
            i += 1;
        }
        if let Some(byte) = bytes.get(i) {
            machine.state = State::Plain;
            if *byte != self.delimiter && !self.ends(*byte) && machine.flaw.is_none() {
                machine.flaw = Some(Flaw { at: i, column: machine.column, opened: machine.opened });
            }
        } else {
            machine.state = State::Plain;
        }
        i
    }

    /// Offset of the next row, given the first byte of a row end; `None` when the byte behind a carriage
    /// return has to be seen first.
    pub(crate) fn behind_row(self, bytes: &[u8], end: usize, is_last: bool) -> Option<usize> {
        if bytes[end] == b'\r' {
            return match bytes.get(end + 1) {
                Some(b'\n') => Some(end + 2),
                Some(_) => Some(end + 1),
                None => is_last.then_some(end + 1),
            };
        }
        Some(end + 1)
    }

    fn without_cr(self, bytes: &[u8], from: usize, end: usize) -> usize {
        if end > from && !self.cr && bytes[end - 1] == b'\r' { end - 1 } else { end }
    }

    /// Physical lines that end in `bytes`.
    pub(crate) fn lines(self, bytes: &[u8]) -> u64 {
        let feeds = memchr::memchr_iter(b'\n', bytes).count();
        if !self.cr {
            return feeds as u64;
        }
        let returns = memchr::memchr_iter(b'\r', bytes).count();
        let pairs = memchr::memmem::find_iter(bytes, b"\r\n").count();
        (feeds + returns - pairs) as u64
    }
}

/// One row, as offsets into the bytes scanned.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Record {
    pub(crate) start: usize,
    /// Behind the last character of the row.
    pub(crate) end: usize,
    /// Where the next row begins.
    pub(crate) after: usize,
    /// Whether there may be quotes in it.
    pub(crate) quotes: bool,
    pub(crate) flaw: Option<Flaw>,
}

/// What was found at the scanner's place.
pub(crate) enum Found {
    /// A whole row.
    Record(Record),
    /// The row is longer than allowed; the machine stands at the end of the allowance.
    TooLong(Machine),
    /// The row does not end here. If these are the last bytes, a quote was never closed.
    Unfinished(Machine),
    /// Nothing is left.
    End,
}

/// Walks over the rows of a slice.
pub(crate) struct Scanner<'a> {
    bytes: &'a [u8],
    pub(crate) borders: Borders,
    pub(crate) at: usize,
    next_quote: usize,
    is_last: bool,
    pub(crate) max_record: usize,
}

impl<'a> Scanner<'a> {
    pub(crate) fn new(bytes: &'a [u8], delimiter: Delimiter, terminator: Terminator, is_last: bool) -> Self {
        Self {
            bytes,
            borders: Borders::new(delimiter, terminator),
            at: 0,
            next_quote: 0,
            is_last,
            max_record: usize::MAX - 2,
        }
    }

    pub(crate) fn with_max_record(mut self, bytes: usize) -> Self {
        self.max_record = bytes;
        self
    }

    /// The bytes that decide about the row at the scanner's place: the allowance and room for its end.
    pub(crate) fn window(&self) -> (&'a [u8], bool) {
        let rest = &self.bytes[self.at..];
        match self.max_record.checked_add(2) {
            Some(limit) if rest.len() > limit => (&rest[..limit], false),
            _ => (rest, self.is_last),
        }
    }

    /// Finds the row at the scanner's place and, if it is whole, moves behind it.
    pub(crate) fn find(&mut self) -> Found {
        let start = self.at;
        let (window, is_last) = self.window();
        if window.is_empty() {
            return Found::End;
        }
        if self.next_quote < start || start == 0 {
            self.next_quote = memchr(b'"', &self.bytes[start..]).map_or(usize::MAX, |found| start + found);
        }
        let line_end = self.borders.row_end(window);
        let plain_until = line_end.unwrap_or(window.len());
        let mut machine = Machine::at(State::CellStart);
        let quotes = self.next_quote < start + plain_until;
        let found = if quotes {
            self.borders.advance(window, 0, &mut machine, is_last)
        } else {
            machine.consumed = plain_until;
            if line_end.is_some() || window.last() != Some(&self.borders.delimiter) {
                machine.state = State::Plain;
            }
            match line_end {
                Some(end) => self
                    .borders
                    .behind_row(window, end, is_last)
                    .map(|after| (self.borders.without_cr(window, 0, end), after)),
                None if is_last => Some((self.borders.without_cr(window, 0, window.len()), window.len())),
                None => None,
            }
        };
        match found {
            Some((end, after)) if end <= self.max_record => {
                self.at = start + after;
                let moved = |flaw: Flaw| Flaw { at: start + flaw.at, opened: start + flaw.opened, ..flaw };
                let flaw = machine.flaw.map(moved);
                Found::Record(Record { start, end: start + end, after: self.at, quotes, flaw })
            }
            Some(_) => Found::TooLong(machine),
            None if window.len() < self.bytes.len() - start || window.len() > self.max_record + 1 => {
                Found::TooLong(machine)
            }
            None => Found::Unfinished(machine),
        }
    }

    /// The next whole row.
    pub(crate) fn next_record(&mut self) -> Option<Record> {
        match self.find() {
            Found::Record(record) => Some(record),
            Found::TooLong(_) | Found::Unfinished(_) | Found::End => None,
        }
    }
}

/// Takes a row apart without complaint: for looking at a file before its shape is known, and for rows that are
/// reported as unreadable.
pub(crate) fn split_cells(row: &str, delimiter: Delimiter) -> Vec<Cow<'_, str>> {
    let borders = Borders { delimiter: delimiter.byte(), cr: false };
    let bytes = row.as_bytes();
    let mut cells = Vec::new();
    let mut i = 0;
    loop {
        let start = i;
        if bytes.get(i) == Some(&b'"') {
            let mut value = String::new();
            i += 1;
            loop {
                let end = memchr(b'"', &bytes[i..]).map_or(bytes.len(), |found| i + found);
                value.push_str(&row[i..end]);
                i = (end + 1).min(bytes.len());
                if bytes.get(i) != Some(&b'"') {
                    break;
                }
                value.push('"');
                i += 1;
            }
            let end = memchr(borders.delimiter, &bytes[i..]).map_or(bytes.len(), |found| i + found);
            value.push_str(&row[i..end]);
            i = end;
            cells.push(Cow::Owned(value));
        } else {
            i = memchr(borders.delimiter, &bytes[i..]).map_or(bytes.len(), |found| i + found);
            cells.push(Cow::Borrowed(&row[start..i]));
        }
        if i >= bytes.len() {
            return cells;
        }
        i += 1;
    }
}

/// Whether a row holds nothing but blanks, delimiters and quotes: a line, not a row.
pub(crate) fn is_blank(row: &[u8], delimiter: u8) -> bool {
    row.iter().all(|byte| *byte == delimiter || b" \t\r\n\"\x1a".contains(byte))
}
