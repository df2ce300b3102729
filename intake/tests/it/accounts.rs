//! Reading a whole file the way the import does, and the account of it.

use intake::{
    ChunkLimits, FileShape, MAX_RECORD_BYTES, Position, ReadError, ReadOptions, RejectedRow, inspect,
    parse_rows, split_chunk,
};

/// A good row: number, line, byte, text.
pub(crate) type Row = (u64, u64, u64, String);

/// What came of a file.
#[derive(Debug, PartialEq)]
pub(crate) struct Account {
    pub(crate) rows: Vec<Row>,
    pub(crate) rejects: Vec<RejectedRow>,
    pub(crate) blank_lines: u64,
    pub(crate) end: Position,
}

/// Splits a file in pieces of `size` bytes, growing a piece that holds no whole row.
pub(crate) fn split_all(
    bytes: &[u8],
    shape: &FileShape,
    size: usize,
    record_bytes: usize,
    rows: usize,
) -> Result<Account, ReadError> {
    let mut at = shape.start();
    let mut account = Account { rows: Vec::new(), rejects: Vec::new(), blank_lines: 0, end: at };
    let mut grown = size;
    loop {
        let from = usize::try_from(at.byte).expect("a small file");
        let to = bytes.len().min(from + grown);
        let is_last = to == bytes.len();
        let chunk = split_chunk(&bytes[from..to], shape, at, is_last, ChunkLimits { rows, record_bytes })?;
        assert_eq!(chunk.next.row - at.row, chunk.rows_seen(), "every number is given once");
        account.rows.extend(chunk.rows().map(|row| (row.row, row.line, row.byte, row.text.to_owned())));
        account.rejects.extend(chunk.rejects.iter().cloned());
        account.blank_lines += chunk.blank_lines;
        if chunk.next.byte as usize == bytes.len() && is_last {
            account.end = chunk.next;
            return Ok(account);
        }
        if chunk.next.byte == at.byte {
            assert!(!is_last, "the last piece is read to its end");
            assert!(grown <= 4 * (record_bytes + 8) || size > grown / 2, "a piece of {grown} bytes moves on");
            grown *= 2;
        } else {
            grown = size;
        }
        at = chunk.next;
    }
}

/// Inspects and splits in one piece.
pub(crate) fn read(bytes: &[u8]) -> Result<(FileShape, Account), ReadError> {
    let shape = inspect(bytes, bytes.len() as u64, &ReadOptions::default())?;
    let account = split_all(bytes, &shape, usize::MAX / 4, MAX_RECORD_BYTES, usize::MAX)?;
    Ok((shape, account))
}

/// The cells of every row that can be taken apart, by header.
pub(crate) fn cells(shape: &FileShape, account: &Account) -> Vec<Vec<(String, String)>> {
    let rows = account.rows.iter().map(|(row, line, byte, text)| intake::RawRow {
        row: *row,
        line: *line,
        byte: *byte,
        text,
    });
    let parsed = parse_rows(shape, rows).expect("the parser works");
    assert_eq!(parsed.len(), account.rows.len());
    parsed
        .iter()
        .filter_map(Result::ok)
        .map(|row| {
            shape
                .mapping
                .iter()
                .map(|column| {
                    let extra =
                        || row.extras().find(|(header, _)| *header == column.header).map(|(_, cell)| cell);
                    let cell = column.field.map_or_else(|| extra().unwrap_or(""), |field| row.get(field));
                    (column.header.clone(), cell.to_owned())
                })
                .collect()
        })
        .collect()
}

/// The texts of the good rows.
pub(crate) fn texts(account: &Account) -> Vec<&str> {
    account.rows.iter().map(|row| row.3.as_str()).collect()
}
