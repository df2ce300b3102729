//! Finding the next good row behind a broken quote, so that one stray quote costs one row and not the file.

use crate::record::{Borders, Machine};

/// Lines that are tried.
const TRIES: usize = 16;
/// Bytes within which a tried row has to end.
const REACH: usize = 1 << 16;
/// With fewer columns than this a line of prose could pass for a row.
const LEAST_COLUMNS: usize = 4;

/// Looks in `row`, the bytes that the broken row would cover, behind the quote at `opened`, for a line that is
/// by itself a whole row of exactly `columns` columns without a flaw. `is_last`: nothing follows `row`.
///
/// Only `row` is looked at, so the answer does not depend on how a file was cut into chunks.
pub(crate) fn next_good_row(
    row: &[u8],
    opened: usize,
    columns: usize,
    borders: Borders,
    is_last: bool,
) -> Option<usize> {
    if columns < LEAST_COLUMNS {
        return None;
    }
    let mut at = opened;
    for _ in 0..TRIES {
        let end = at + row[at..].iter().position(|byte| *byte == b'\n' || (borders.cr && *byte == b'\r'))?;
        at = borders.behind_row(row, end, true)?;
        if at >= row.len() {
            return None;
        }
        let reach = row.len().min(at + REACH);
        let mut machine = Machine::counting();
        let whole = borders.advance(&row[..reach], at, &mut machine, is_last && reach == row.len());
        if whole.is_some() && machine.flaw.is_none() && machine.column as usize + 1 == columns {
            return Some(at);
        }
    }
    None
}
