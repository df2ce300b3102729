//! A dry run over the first rows of a file, for a person to look at before uploading it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::chunk::{ChunkLimits, split_chunk};
use crate::error::ReadError;
use crate::field::Field;
use crate::inspect::inspect;
use crate::parse::parse_rows;
use crate::reject::RowReject;
use crate::shape::{FileShape, ReadOptions};

/// One row as it would be read. Personal data.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PreviewRow {
    /// Number of the data row, from 1.
    pub row: u64,
    /// Physical line, from 1.
    pub line: u64,
    /// Filled cells by meaning.
    pub fields: BTreeMap<Field, String>,
    /// Filled cells without a meaning, by header.
    pub extras: BTreeMap<String, String>,
    /// The row has fewer cells than the header.
    pub is_short: bool,
}

/// What would come of the first rows.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct Preview {
    /// How the file would be read: encoding, delimiter, mapping with confidence, warnings.
    pub shape: FileShape,
    /// The first good rows.
    pub rows: Vec<PreviewRow>,
    /// Rows among the first that would be set aside.
    pub rejects: Vec<RowReject>,
}

/// Reads at most `rows` rows from the beginning of a file, which is `object_size` bytes long as a whole.
///
/// # Errors
/// As [`inspect`], and a quote among these rows that is never closed.
pub fn preview(
    head: &[u8],
    object_size: u64,
    options: &ReadOptions,
    rows: usize,
) -> Result<Preview, ReadError> {
    let shape = inspect(head, object_size, options)?;
    let start = shape.start();
    let from = usize::try_from(start.byte).map_or(head.len(), |byte| byte.min(head.len()));
    let whole = head.len() as u64 >= object_size;
    let chunk = split_chunk(&head[from..], &shape, start, whole, ChunkLimits::rows(rows))?;
    let parsed = parse_rows(&shape, chunk.rows())?;
    let mut good = Vec::new();
    let mut rejects: Vec<RowReject> = chunk.rejects.iter().map(|rejected| rejected.reject.clone()).collect();
    for outcome in parsed.iter() {
        match outcome {
            Err(reject) => rejects.push(reject.clone()),
            Ok(row) => good.push(PreviewRow {
                row: row.row,
                line: row.line,
                fields: Field::ALL
                    .iter()
                    .map(|field| (*field, row.get(*field).to_owned()))
                    .filter(|(_, cell)| !cell.is_empty())
                    .collect(),
                extras: shape
                    .mapping
                    .iter()
                    .filter(|column| column.field.is_none())
                    .filter_map(|column| row.extras().find(|(header, _)| *header == column.header))
                    .map(|(header, cell)| (header.to_owned(), cell.to_owned()))
                    .collect(),
                is_short: row.is_short,
            }),
        }
    }
    rejects.sort_by_key(|reject| reject.row);
    drop(parsed);
    Ok(Preview { shape, rows: good, rejects })
}
